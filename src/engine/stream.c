/* stream.c - values of any size, a piece at a time: in flat memory, decided as everything else is.
 *
 *   begin --allowed--> writing --append--> ... --finish: judged again, entry--> a record
 *        \--denied: entry              \--close, crash: chunks deleted, nothing ever seen
 *   open  --allowed, entry durable--> reading --read--> ... --end
 *        \--denied: entry          \--the person's context moved: asked again, with a new entry
 *
 * Writing takes a slot, and puts its chunks under a key that stands nowhere yet; each few of them are a
 * transaction of their own, so that other work goes on in between. The slot is on a list
 * (KEPT_TODO_CHUNKS) until the record is made in one transaction with the entry; what is on the list
 * when a store is opened belongs to nobody. Before every piece that goes either way the person's
 * version is looked at again. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/values_int.h"

#define BITE (KEPT_CHUNKS_A_BITE * KEPT_CHUNK_BYTES)
#define NEVER INT64_MAX /* when the chunks of a value that is being written are due */

enum step { BEGINS, WRITES, ENDS, OPENS, READS };

struct kept_stream {
    struct kept *kept; /* NULL: it was closed */
    struct kept_stream *next;
    const struct kept_request *request;
    enum step step;
    int failed;              /* a KEPT_E_* after which nothing goes through it any more */
    bool reserved;           /* chunks may stand in the store that belong to no record */
    bool unfit;              /* the value is not of its kind: the rest is not stored */
    struct sight sight;      /* what the verdict was made on */
    struct kept_blob *blob;  /* guarded */
    kept_ms until;           /* end of a value that is read; 0: none */
    struct kept_buf buffer;  /* secret: bytes on their way */
    size_t taken;            /* of the buffer, by the reader */
    uint64_t size;           /* of a value that is read */
    uint32_t chunk;          /* next to be read */
    enum kept_item_kind kind;
    uint8_t head[KEPT_KIND_HEAD]; /* of a value that is written */
    size_t head_n;
};

/* The handle to ourselves, without reads that go on behind it. */
static void take(struct kept *kept)
{
    (void)pthread_mutex_lock(&kept->mutex);
    kept_flight_settle(kept);
}

/* ---- steps of the pipeline ------------------------------------------------------------------- */

bool kept_stream_begins(const struct call *call)
{
    return call->stream != NULL && call->stream->step != ENDS;
}

int kept_stream_reserve(struct call *call, const struct kept_item *item, struct kept_err *err)
{
    struct kept_stream *s = call->stream;
    int rc = 0;
    if (!s->reserved) {
        rc = kept_vault_reserve(call->subject, item->ref, item->class, s->blob, err);
        if (rc == 0)
            rc = kept_put_head(call, err);
        if (rc == 0)
            rc = kept_todo_put(call->kept->store, KEPT_TODO_CHUNKS, s->blob->key, NEVER, err);
    }
    if (rc != 0)
        return rc;
    call->quiet = true;
    call->box->reply.version = call->subject->context.version;
    s->sight = (struct sight){call->app, call->subject->id, call->subject->context.version,
                              call->kept->change_seq, call->app->generation};
    const struct kept_field field = {
        .item = item->ref, .name = item->name, .decision = KEPT_ALLOW, .clause = ""};
    return kept_box_field(call->box, &field, (struct kept_span){NULL, 0}, err);
}

int kept_stream_check(struct call *call, const struct kept_item *item, bool *ret_fits,
                      struct kept_err *err)
{
    struct kept_stream *s = call->stream;
    s->kind = kept_kind_named(item->kind);
    if (!kept_kind_can_stream(s->kind))
        return kept_fail(err, KEPT_E_USAGE, "item %s is of kind %s, whose values come whole",
                         item->name, item->kind);
    if (item->place != KEPT_PLACE_STORE)
        return kept_fail(err, KEPT_E_USAGE, "item %s is not stored here: nothing of it comes in",
                         item->name);
    *ret_fits = s->step != ENDS ||
                kept_kind_check(s->kind, (struct kept_span){s->head, s->head_n}, NULL) == 0;
    return 0;
}

int kept_stream_keep(struct call *call, const struct kept_item *item, const struct kept_stamp *stamp,
                     const struct kept_dir_row *replace, struct kept_dir_row *ret_row,
                     struct kept_err *err)
{
    struct kept_stream *s = call->stream;
    struct kept_store *store = call->kept->store;
    if (!kept_id_equal(&s->blob->id, &call->subject->id) || s->blob->row.item != item->ref ||
        s->blob->row.class != (uint32_t)item->class)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "the policy's rule for %s changed while it was written: begin again",
                         item->name);
    int rc = kept_blob_append(store, s->blob, kept_buf_span(&s->buffer), err);
    if (rc == 0 && replace != NULL)
        rc = kept_vault_delete(store, call->subject, replace, err);
    if (rc == 0)
        rc = kept_vault_adopt(store, call->subject, s->blob, stamp, err);
    if (rc == 0)
        rc = kept_todo_delete(store, KEPT_TODO_CHUNKS, s->blob->key, err);
    if (rc == 0)
        *ret_row = s->blob->row;
    return rc;
}

/* Take hold of a record that may be read. *v denies it when its end has come. */
static int take_hold(struct call *call, const struct kept_dir_row *row, const struct kept_item *item, bool archive,
                     struct kept_verdict *v, struct kept_err *err)
{
    bool said = false;
    kept_ms until = 0;
    if (v->decision == KEPT_MASK) { /* of that there is no more than one field holds */
        int masked = kept_say_masked(call, item, row, v, &said, err);
        if (masked == 0 && !said)
            *v = (struct kept_verdict){KEPT_DENY, KEPT_R_NO_VALUE, v->clause, v->line};
        return masked != 0 || said ? masked : KEPT_E_NOTFOUND;
    }
    struct kept_stream *s = call->stream;
    struct kept_store *store = call->kept->store;
    struct kept_stamp stamp = {0};
    struct kept_buf value;
    kept_buf_init_secret(&value, KEPT_CHUNK_BYTES);
    bool again = s->step == READS;
    if (again && (row->slot != s->blob->row.slot || row->version != s->blob->row.version))
        return kept_fail(err, KEPT_E_CONFLICT,
                         "another value came in place of the one that is read: begin again");
    int rc = kept_vault_blob(store, call->subject, row, &stamp, s->blob, again ? NULL : &value, err);
    if (rc == 0 && s->blob->generation != 0)
        for (uint32_t i = 0; rc == 0 && i < s->blob->chunks; i++, kept_buf_clear(&value)) {
            rc = kept_blob_get(store, s->blob, i, &value, err); /* its size is told nowhere */
            s->blob->size += value.n;
        }
    if (rc == 0 && kept_time_allows(call, row->item, &stamp, archive, v, &until)) {
        s->until = until;
        if (!again && s->blob->chunks == 0) {
            kept_buf_clear(&s->buffer);
            kept_buf_bytes(&s->buffer, value.p, value.n);
            s->blob->size = value.n;
        }
        s->size = s->blob->size;
    }
    kept_buf_release(&value);
    if (rc == 0 && (rc = kept_say(call, row, item->name, v, (struct kept_span){NULL, 0}, err)) == 0)
        kept_say_stamp(call, &stamp);
    return rc;
}

int kept_stream_ask(struct call *call, struct kept_err *err)
{
    const struct kept_field *f = &call->request->fields[0];
    struct kept_dir_row row;
    struct kept_stamp stamp;
    struct kept_verdict v;
    uint32_t ref = kept_field_ref(f);
    bool archive = false;
    const struct kept_item *item = kept_judge_read(call, ref, &v, &archive);
    int rc = KEPT_E_NOTFOUND;
    if (item != NULL && v.decision != KEPT_DENY) {
        rc = kept_vault_find(call->kept->store, call->subject, ref, f->record, &row, err);
        if (rc == KEPT_E_NOTFOUND)
            v = (struct kept_verdict){KEPT_DENY, KEPT_R_NO_VALUE, v.clause, v.line};
        else if (rc == 0)
            rc = kept_vault_stamp(call->kept->store, call->subject, &row, &stamp, err);
        if (rc == 0 && kept_reaches_back(call, KEPT_USE_READ, ref, &stamp, &v))
            rc = KEPT_E_NOTFOUND; /* said below */
        else if (rc == 0)
            rc = take_hold(call, &row, item, archive, &v, err);
    }
    if (rc == KEPT_E_NOTFOUND)
        rc = kept_say(call, &(struct kept_dir_row){.item = ref}, item == NULL ? "" : item->name, &v,
                      (struct kept_span){NULL, 0}, err);
    kept_verdict(call, v.decision, v.reason, v.clause, v.line);
    call->stream->sight = (struct sight){call->app, call->subject->id,
                                         call->subject->context.version, call->change_seq,
                                         call->app_generation};
    return rc;
}

/* ---- making and ending ----------------------------------------------------------------------- */

static void forget(struct kept_stream *s)
{
    kept_secret_free(s->blob);
    s->blob = NULL;
    kept_buf_release(&s->buffer);
    kept_wipe(s->head, sizeof s->head);
}

static int make(struct kept *kept, const struct kept_request *request, enum step step,
                struct kept_stream **ret_stream, struct kept_err *err)
{
    const enum kept_op op = step == BEGINS ? KEPT_OP_COLLECT : KEPT_OP_USE;
    if (request == NULL || request->op != op || request->field_count != 1 ||
        request->fields == NULL || request->fields[0].value.n != 0)
        return kept_fail(err, KEPT_E_USAGE, "a stream is %s of one field, whose value is not given",
                         kept_op_name(op));
    if (kept->stream_count == KEPT_MAX_STREAMS)
        return kept_fail(err, KEPT_E_LIMIT, "%u streams are open: close one first",
                         KEPT_MAX_STREAMS);
    struct kept_stream *s = kept_alloc(1, sizeof *s);
    if (s == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a stream");
    s->blob = kept_secret_new(sizeof *s->blob);
    if (s->blob == NULL) {
        kept_free(s);
        return kept_fail(err, KEPT_E_NOMEM, "no memory (or no lockable memory) for a stream");
    }
    s->kept = kept;
    s->request = request;
    s->step = step;
    kept_buf_init_secret(&s->buffer, step == BEGINS ? BITE : KEPT_CHUNK_BYTES);
    s->next = kept->streams;
    kept->streams = s;
    kept->stream_count++;
    *ret_stream = s;
    return 0;
}

/* One bite of a row key's chunks; *ret_left: there are more. Inside a write transaction. */
static int delete_bite(struct kept_store *store, uint64_t key, uint32_t *deleted, bool *ret_left,
                       struct kept_err *err)
{
    uint32_t n = 0;
    int rc = kept_chunk_delete_range(store, key, key, KEPT_CHUNKS_A_BITE, &n, err);
    *ret_left = rc == 0 && n == KEPT_CHUNKS_A_BITE;
    *deleted += n;
    return rc == 0 && !*ret_left ? kept_todo_delete(store, KEPT_TODO_CHUNKS, key, err) : rc;
}

/* What cannot be deleted now is on the list, and goes when the store is opened. */
static void remove_chunks(struct kept_stream *s)
{
    struct kept_store *store = s->kept->store;
    bool left = s->reserved && !s->kept->stopped;
    uint32_t deleted = 0;
    take(s->kept);
    while (left) {
        int rc = kept_store_begin_write(store, NULL);
        if (rc == 0)
            rc = delete_bite(store, s->blob->key, &deleted, &left, NULL);
        if (rc == 0)
            rc = kept_store_commit(store, NULL);
        if (rc != 0) {
            kept_store_rollback(store);
            break;
        }
    }
    (void)pthread_mutex_unlock(&s->kept->mutex);
    s->reserved = false;
}

/* Out of the handle's list. */
static void detach(struct kept_stream *s, bool remove)
{
    struct kept_stream **at = &s->kept->streams;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    s->kept->stream_count--;
    if (remove)
        remove_chunks(s);
    s->kept = NULL;
    forget(s);
}

void kept_streams_end(struct kept *kept, bool remove)
{
    while (kept->streams != NULL)
        detach(kept->streams, remove);
}

void kept_stream_close(struct kept_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->kept != NULL)
        detach(stream, kept_mine(stream->kept, NULL) == 0);
    kept_free(stream);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* The stream may be used: its handle is open and ours, nothing failed. */
static int usable(struct kept_stream *s, bool writes, struct kept_err *err)
{
    if (s == NULL || s->kept == NULL)
        return kept_fail(err, KEPT_E_USAGE, "no stream, or its store was closed");
    int rc = kept_mine(s->kept, err);
    if (rc == 0 && writes != (s->step == WRITES))
        rc = kept_fail(err, KEPT_E_USAGE, "this stream is %s", writes ? "read" : "written");
    if (rc == 0 && s->failed != 0)
        rc = kept_fail(err, s->failed, "this stream ended with an error before (%s): close it",
                       kept_error_name(s->failed));
    if (rc == 0 && (s->kept->stopped || kept_log_failed(s->kept)))
        rc = kept_fail(err, KEPT_E_IO, "a write failed after a commit: open the store again");
    return rc;
}

static int fail(struct kept_stream *s, int rc)
{
    s->failed = rc;
    kept_buf_clear(&s->buffer);
    return rc;
}

/* Does the verdict hold still? If the person's context moved, it is made again. */
static int look_again(struct kept_stream *s, struct kept_err *err)
{
    struct kept *kept = s->kept;
    struct kept_reply *reply = NULL;
    kept_ms now = 0;
    bool moved = false;
    take(kept);
    int rc = kept_take_time(kept, &now, err);
    if (rc == 0)
        rc = kept_moved(kept, &s->sight, &moved, err);
    (void)pthread_mutex_unlock(&kept->mutex);
    moved = moved || (s->until != 0 && s->until <= now);
    if (rc != 0 || !moved)
        return rc;
    rc = kept_flight_call(kept, s->request, s, &reply, err);
    if (rc == KEPT_E_CONFLICT && kept->in_flight != 0)
        return rc; /* reap, and come again */
    if (rc == 0 && reply->decision != KEPT_ALLOW)
        rc = kept_fail(err, KEPT_E_DENIED, "it goes on no longer: %s (%s)",
                       kept_reason_name(reply->reason), kept_reason_text(reply->reason));
    kept_reply_free(reply);
    return rc == 0 ? 0 : fail(s, rc);
}

/* ---- writing --------------------------------------------------------------------------------- */

int kept_stream_begin(struct kept *kept, const struct kept_request *request,
                      struct kept_stream **ret_stream, struct kept_reply **ret_reply,
                      struct kept_err *err)
{
    struct kept_stream *s = NULL;
    *ret_stream = NULL;
    *ret_reply = NULL;
    int rc = kept_mine(kept, err);
    if (rc == 0)
        rc = make(kept, request, BEGINS, &s, err);
    if (rc == 0)
        rc = kept_flight_call(kept, request, s, ret_reply, err);
    if (rc != 0 || (*ret_reply)->decision == KEPT_DENY) {
        kept_stream_close(s);
        return rc;
    }
    s->reserved = true;
    s->step = WRITES;
    *ret_stream = s;
    return 0;
}

/* The buffer is full of whole chunks: into the store with them. */
static int flush(struct kept_stream *s, struct kept_err *err)
{
    struct kept_store *store = s->kept->store;
    int rc = look_again(s, err);
    if (rc != 0)
        return rc;
    take(s->kept);
    rc = kept_store_begin_write(store, err);
    if (rc == 0)
        rc = kept_blob_append(store, s->blob, kept_buf_span(&s->buffer), err);
    if (rc == 0)
        rc = kept_store_commit(store, err);
    if (rc != 0)
        kept_store_rollback(store);
    (void)pthread_mutex_unlock(&s->kept->mutex);
    kept_buf_clear(&s->buffer);
    return rc == 0 ? 0 : fail(s, rc);
}

/* The first bytes tell whether the rest is worth storing; the refusal itself comes at the end. */
static int check_head(struct kept_stream *s, struct kept_span piece, struct kept_err *err)
{
    size_t n = sizeof s->head - s->head_n < piece.n ? sizeof s->head - s->head_n : piece.n;
    if (n == 0)
        return 0;
    memcpy(s->head + s->head_n, piece.p, n);
    s->head_n += n;
    if (s->head_n < sizeof s->head)
        return 0;
    int rc = kept_kind_check(s->kind, (struct kept_span){s->head, s->head_n}, err);
    s->unfit = rc != 0;
    return rc;
}

int kept_stream_append(struct kept_stream *stream, struct kept_span piece, struct kept_err *err)
{
    int rc = usable(stream, true, err);
    if (rc == 0 && piece.p == NULL && piece.n > 0)
        rc = kept_fail(err, KEPT_E_USAGE, "a piece has a length and no bytes");
    if (rc == 0 && stream->unfit)
        rc = kept_fail(err, KEPT_E_USAGE, "the value is not of its kind: finish, or close");
    if (rc == 0)
        rc = check_head(stream, piece, err);
    while (rc == 0 && piece.n > 0) {
        /* Whole bites only, and never the last one: finishing has it. */
        if (stream->buffer.n == BITE && (rc = flush(stream, err)) != 0)
            break;
        size_t n = BITE - stream->buffer.n < piece.n ? BITE - stream->buffer.n : piece.n;
        kept_buf_bytes(&stream->buffer, piece.p, n);
        if ((rc = stream->buffer.failed) != 0)
            return fail(stream, kept_fail(err, rc, "no memory for a piece of a value"));
        piece = (struct kept_span){piece.p + n, piece.n - n};
    }
    return rc;
}

int kept_stream_finish(struct kept_stream *stream, struct kept_reply **ret_reply,
                       struct kept_err *err)
{
    *ret_reply = NULL;
    int rc = usable(stream, true, err);
    if (rc != 0)
        return rc;
    stream->step = ENDS;
    rc = kept_flight_call(stream->kept, stream->request, stream, ret_reply, err);
    if (rc == KEPT_E_CONFLICT && stream->kept->in_flight != 0) {
        stream->step = WRITES; /* reap, and come again */
        return rc;
    }
    if (rc == 0 && (*ret_reply)->decision != KEPT_DENY)
        stream->reserved = false;
    else if (rc == KEPT_E_UNSETTLED)
        stream->reserved = false; /* the record may stand: opening finishes it */
    (void)fail(stream, KEPT_E_USAGE);
    return rc;
}

/* ---- reading --------------------------------------------------------------------------------- */

int kept_stream_open(struct kept *kept, const struct kept_request *request,
                     struct kept_stream **ret_stream, struct kept_reply **ret_reply,
                     struct kept_err *err)
{
    struct kept_stream *s = NULL;
    *ret_stream = NULL;
    *ret_reply = NULL;
    int rc = kept_mine(kept, err);
    if (rc == 0)
        rc = make(kept, request, OPENS, &s, err);
    if (rc == 0)
        rc = kept_flight_call(kept, request, s, ret_reply, err);
    if (rc != 0 || (*ret_reply)->decision != KEPT_ALLOW) {
        kept_stream_close(s);
        return rc;
    }
    s->step = READS;
    *ret_stream = s;
    return 0;
}

uint64_t kept_stream_size(const struct kept_stream *stream)
{
    return stream == NULL ? 0 : stream->size;
}

/* The next chunk into the empty buffer. */
static int fetch(struct kept_stream *s, struct kept_err *err)
{
    struct kept_store *store = s->kept->store;
    kept_buf_clear(&s->buffer);
    s->taken = 0;
    take(s->kept);
    int rc = kept_store_begin_read(store, err);
    if (rc == 0) {
        rc = kept_blob_get(store, s->blob, s->chunk, &s->buffer, err);
        kept_store_end_read(store);
    }
    (void)pthread_mutex_unlock(&s->kept->mutex);
    s->chunk += rc == 0;
    return rc == 0 ? 0 : fail(s, rc);
}

int kept_stream_read(struct kept_stream *stream, uint8_t *out, size_t max, size_t *ret_n,
                     struct kept_err *err)
{
    int rc = usable(stream, false, err);
    if (rc == 0)
        rc = look_again(stream, err);
    if (rc == 0 && stream->taken == stream->buffer.n && stream->chunk < stream->blob->chunks)
        rc = fetch(stream, err);
    if (rc != 0)
        return rc;
    size_t n = stream->buffer.n - stream->taken;
    n = n < max ? n : max;
    if (n > 0)
        memcpy(out, stream->buffer.p + stream->taken, n);
    stream->taken += n;
    *ret_n = n;
    return 0;
}

/* ---- chunks of nobody ------------------------------------------------------------------------ */

/* Does a living record own the chunks under this key? Then the row on the list is not ours. */
static int is_owned(struct call *call, uint64_t key, bool *ret_owned, struct kept_err *err)
{
    struct kept_dir_row row;
    uint64_t home = key & ~(uint64_t)KEPT_MAX_RECORDS;
    int rc = kept_at_home(call, home, err);
    *ret_owned = false;
    if (rc == KEPT_E_NOTFOUND) /* the person is gone, or their keys are */
        return 0;
    if (rc == 0)
        rc = kept_vault_find(call->kept->store, call->subject, 0,
                             (uint32_t)(key & KEPT_MAX_RECORDS), &row, err);
    *ret_owned = rc == 0 || rc == KEPT_E_CORRUPT; /* who is damaged keeps what there is */
    return rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT ? 0 : rc;
}

static int due_bite(struct call *call, uint64_t key, uint32_t *deleted, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    struct kept_err own = {0};
    bool owned = false, left = false;
    int rc = is_owned(call, key, &owned, &own);
    if (rc != 0)
        return kept_fail(err, rc, "%s", own.text);
    return owned ? kept_todo_delete(store, KEPT_TODO_CHUNKS, key, err)
                 : delete_bite(store, key, deleted, &left, err);
}

int kept_chunks_due(struct call *call, kept_ms now, uint32_t *deleted, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    for (;;) {
        uint64_t key = 0;
        kept_ms at = 0;
        int rc = kept_store_begin_write(store, err);
        if (rc == 0)
            rc = kept_todo_next(store, KEPT_TODO_CHUNKS, now, &key, &at, err);
        if (rc == 0 && (rc = due_bite(call, key, deleted, err)) == 0)
            rc = kept_store_commit(store, err);
        if (rc != 0)
            kept_store_rollback(store);
        if (rc != 0)
            return rc == KEPT_E_NOTFOUND ? 0 : rc;
    }
}

int kept_streams_recover(struct kept *kept, struct kept_err *err)
{
    static const struct kept_request nothing = {.op = KEPT_OP_NONE};
    uint64_t count = 0;
    uint32_t deleted = 0;
    int rc = kept_todo_count(kept->store, KEPT_TODO_CHUNKS, &count, err);
    if (rc != 0 || count == 0 || kept->app_count == 0)
        return rc;
    struct call *call = kept_own_begin(kept, kept->apps[0], &nothing);
    if (call == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to delete what was not finished");
    rc = kept_chunks_due(call, INT64_MAX, &deleted, err);
    kept_wipe(kept->shells[0].keys, sizeof *kept->shells[0].keys);
    kept_own_end(call);
    return rc;
}
