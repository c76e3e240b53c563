/* export.c - people page by page, each read like anyone else's, into a file that appears when it is whole;
 * behind each page a mark, from which an export that was cut short goes on. */
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "transfer/csv.h"
#include "transfer/export_int.h"

#define PEOPLE_A_PAGE 1000u
#define READ_AT_ONCE 512u    /* people whose values are in flight */
#define OUT_BYTES (1u << 20) /* written at a time */

/* ---- writing ---------------------------------------------------------------------------------- */

static int flush(struct export *w)
{
    int rc = w->out.failed;
    if (rc != 0)
        return kept_fail(w->err, rc, "no memory for a row");
    if (w->fd >= 0)
        rc = kept_file_write(w->fd, w->s->bytes, w->out.p, w->out.n, w->err);
    else
        rc = w->o->write(w->o->arg, kept_buf_span(&w->out), w->err);
    w->s->bytes += rc == 0 ? w->out.n : 0;
    kept_buf_clear(&w->out);
    return rc;
}

static void put_heading(struct export *w)
{
    if (w->o->format != KEPT_ROWS_CSV)
        return;
    kept_buf_text(&w->out, "subject");
    for (size_t i = 0; i < w->o->item_count; i++) {
        kept_buf_u8(&w->out, ',');
        kept_buf_text(&w->out, w->o->items[i]);
    }
    kept_buf_text(&w->out, "\r\n");
}

/* A field that goes out. */
static bool goes(const struct kept_field *f)
{
    return f->decision != KEPT_DENY && kept_utf8_valid(f->value);
}

static void count(struct export *w, const struct kept_reply *reply)
{
    for (size_t i = 0; i < w->o->item_count; i++)
        w->many[i] = 0;
    for (size_t k = 0; k < reply->field_count; k++) {
        const struct kept_field *f = &reply->fields[k];
        size_t i = 0;
        while (i < w->o->item_count && strcmp(w->o->items[i], f->name) != 0)
            i++;
        if (i == w->o->item_count) { /* undeclared: it has no name */
            continue;
        }
        struct kept_tally *t = &w->s->tallies[i];
        t->accepted += goes(f);
        t->refused[f->reason] += f->decision == KEPT_DENY && f->reason != KEPT_R_NO_VALUE;
        w->s->masked += f->decision == KEPT_MASK;
        w->s->no_text += f->decision != KEPT_DENY && !goes(f);
        if (goes(f) && w->many[i]++ == 0)
            w->at[i] = k;
    }
}

/* The next value of an item behind k that goes out. */
static const struct kept_field *value(const struct kept_reply *reply, size_t first, size_t nth)
{
    for (size_t k = first; k < reply->field_count; k++)
        if (strcmp(reply->fields[k].name, reply->fields[first].name) == 0 &&
            goes(&reply->fields[k]) && nth-- == 0)
            return &reply->fields[k];
    return NULL;
}

/* As many rows as the item with the most values has: what has one stands in each, so that each row says
 * whose it is. */
static void put_csv(struct export *w, const struct kept_reply *reply, const char *hex)
{
    size_t rows = 0;
    for (size_t i = 0; i < w->o->item_count; i++)
        rows = w->many[i] > rows ? w->many[i] : rows;
    for (size_t r = 0; r < rows; r++) {
        kept_buf_text(&w->out, hex);
        for (size_t i = 0; i < w->o->item_count; i++) {
            const struct kept_field *f =
                w->many[i] == 0 ? NULL : value(reply, w->at[i], w->many[i] == 1 ? 0 : r);
            kept_buf_u8(&w->out, ',');
            if (f != NULL)
                kept_csv_put(&w->out, ',', f->value);
        }
        kept_buf_text(&w->out, "\r\n");
        w->s->rows++;
    }
}

int kept_export_append(const char *text, size_t n, void *arg)
{
    struct kept_buf *out = arg;
    kept_buf_bytes(out, text, n);
    return out->failed == 0 ? 0 : -1;
}

static int put_text(struct export *w, struct kept_span text)
{
    json_t *json = json_stringn_nocheck((const char *)text.p, text.n);
    int rc = json == NULL || json_dump_callback(json, kept_export_append, &w->out, JSON_ENCODE_ANY) != 0
                 ? KEPT_E_NOMEM
                 : 0;
    if (json != NULL)
        kept_wipe((void *)(uintptr_t)json_string_value(json), text.n);
    json_decref(json);
    return rc == 0 ? 0 : kept_fail(w->err, rc, "no memory for a row");
}

static int put_jsonl(struct export *w, const struct kept_reply *reply, const char *hex)
{
    bool any = false;
    int rc = 0;
    for (size_t i = 0; i < w->o->item_count; i++)
        any = any || w->many[i] > 0;
    if (!any)
        return 0;
    kept_buf_printf(&w->out, "{\"subject\":\"%s\"", hex);
    for (size_t i = 0; rc == 0 && i < w->o->item_count; i++) {
        if (w->many[i] == 0)
            continue;
        kept_buf_printf(&w->out, ",\"%s\":%s", w->o->items[i], w->many[i] > 1 ? "[" : "");
        for (size_t k = 0; rc == 0 && k < w->many[i]; k++) {
            if (k > 0)
                kept_buf_u8(&w->out, ',');
            rc = put_text(w, value(reply, w->at[i], k)->value);
        }
        if (w->many[i] > 1)
            kept_buf_u8(&w->out, ']');
    }
    kept_buf_text(&w->out, "}\n");
    w->s->rows++;
    return rc;
}

static int put_person(struct export *w, const struct kept_reply *reply)
{
    char hex[33];
    int rc = 0;
    w->s->people++;
    kept_id_hex(&reply->subject, hex);
    count(w, reply);
    if (w->o->format == KEPT_ROWS_CSV)
        put_csv(w, reply, hex);
    else
        rc = put_jsonl(w, reply, hex);
    return rc == 0 && w->out.n >= OUT_BYTES / 2 ? flush(w) : rc;
}

/* ---- reading ---------------------------------------------------------------------------------- */

static int reap(struct export *w, size_t in_flight)
{
    struct kept_reply *replies[KEPT_MAX_BATCH];
    size_t n = 0;
    int rc = 0;
    while (in_flight > 0) {
        int reaped = kept_reap(w->kept, replies, KEPT_MAX_BATCH, 1, &n, w->err);
        if (reaped != 0)
            return reaped;
        for (size_t i = 0; i < n; i++) {
            if (rc == 0 && (rc = replies[i]->error) != 0 && w->err != NULL)
                *w->err = replies[i]->err;
            if (rc == 0)
                rc = put_person(w, replies[i]);
            kept_reply_free(replies[i]);
        }
        in_flight -= n;
        if (n == 0)
            return kept_fail(w->err, KEPT_E_BUG, "operations in flight got lost");
    }
    return rc;
}

static int read_page(struct export *w)
{
    int rc = 0;
    for (size_t from = 0; rc == 0 && from < w->count; from += READ_AT_ONCE) {
        size_t n = w->count - from < READ_AT_ONCE ? w->count - from : READ_AT_ONCE, sent = 0;
        for (; rc == 0 && sent < n; sent += rc == 0) {
            struct kept_request *r = &w->requests[sent];
            *r = (struct kept_request){.op = KEPT_OP_USE, .app = w->o->app, .actor = w->o->actor,
                                       .role = w->o->role, .function = w->o->function,
                                       .purpose = w->o->purpose, .subject = w->people[from + sent],
                                       .fields = w->fields, .field_count = w->o->item_count};
            rc = kept_submit(w->kept, r, w->err);
        }
        int reaped = reap(w, sent);
        rc = rc != 0 ? rc : reaped;
        if (w->o->progress != NULL)
            w->o->progress(w->o->arg, w->s);
    }
    return rc;
}

static int take_ids(struct export *w, const char *text)
{
    json_t *root = json_loads(text, 0, NULL), *id = NULL;
    size_t i = 0;
    w->count = 0;
    w->next = (uint64_t)json_integer_value(json_object_get(root, "next"));
    int rc = root == NULL ? KEPT_E_NOMEM : 0;
    json_array_foreach(json_object_get(root, "subjects"), i, id) if (rc == 0 && i < PEOPLE_A_PAGE)
        rc = kept_id_parse(json_string_value(id), &w->people[w->count++]);
    json_decref(root);
    return rc == 0 ? 0 : kept_fail(w->err, rc, "a page of people cannot be read");
}

/* A page of people; the one that was named is a page of its own. */
static int list_people(struct export *w, uint64_t from, uint32_t limit)
{
    if (w->o->subject != NULL) {
        w->people[0] = *w->o->subject;
        w->count = 1;
        w->next = 0;
        return 0;
    }
    struct kept_request r = {.op = KEPT_OP_SUBJECT_LIST, .app = w->o->app, .actor = w->o->actor,
                             .role = w->o->role, .from = from, .limit = limit};
    struct kept_reply *reply = NULL;
    int rc = kept_call(w->kept, &r, &reply, w->err);
    if (rc == 0 && reply->decision == KEPT_DENY)
        rc = kept_fail(w->err, KEPT_E_DENIED,
                       "this role may not list people: the policy's `operations` lack "
                       "`subject_list`");
    if (rc == 0)
        rc = take_ids(w, reply->json);
    kept_reply_free(reply);
    return rc;
}

/* How many there may be, for the progress: a role that may not ask goes without. */
static void ask_size(struct export *w)
{
    struct kept_request r = {.op = KEPT_OP_STAT, .app = w->o->app, .actor = w->o->actor,
                             .role = w->o->role};
    struct kept_reply *reply = NULL;
    if (kept_call(w->kept, &r, &reply, NULL) == 0 && reply->json != NULL) {
        json_t *root = json_loads(reply->json, 0, NULL);
        w->s->size = (uint64_t)json_integer_value(json_object_get(root, "people_ever"));
        json_decref(root);
    }
    kept_reply_free(reply);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static int name_files(struct export *w)
{
    const char *path = w->o->path;
    if (kept_file_exists(path))
        return kept_fail(w->err, KEPT_E_CONFLICT,
                         "%.160s is there already: an export writes over nothing", path);
    int part = snprintf(w->part, sizeof w->part, "%s.part", path);
    int mark = snprintf(w->mark, sizeof w->mark, "%s.mark", path);
    if (part < 0 || mark < 0 || (size_t)part >= sizeof w->part || (size_t)mark >= sizeof w->mark)
        return kept_fail(w->err, KEPT_E_LIMIT, "the path %.80s is too long", path);
    return 0;
}

static int prepare(struct export *w)
{
    const struct kept_export_options *o = w->o;
    w->fields = kept_alloc(o->item_count, sizeof *w->fields);
    w->requests = kept_alloc(READ_AT_ONCE, sizeof *w->requests);
    w->people = kept_alloc(PEOPLE_A_PAGE, sizeof *w->people);
    w->at = kept_alloc(o->item_count, sizeof *w->at);
    w->many = kept_alloc(o->item_count, sizeof *w->many);
    w->s->tallies = kept_alloc(o->item_count, sizeof *w->s->tallies);
    if (w->fields == NULL || w->requests == NULL || w->people == NULL || w->at == NULL ||
        w->many == NULL || w->s->tallies == NULL)
        return kept_fail(w->err, KEPT_E_NOMEM, "no memory for an export");
    w->s->tally_count = o->item_count;
    for (size_t i = 0; i < o->item_count; i++) {
        w->fields[i].name = o->items[i];
        w->s->tallies[i] = (struct kept_tally){.name = o->items[i], .function = o->function};
        for (size_t k = 0; k < i; k++)
            if (strcmp(o->items[i], o->items[k]) == 0)
                return kept_fail(w->err, KEPT_E_USAGE, "item %.64s is named twice", o->items[i]);
    }
    return strcmp(o->path, "-") == 0 ? 0 : name_files(w);
}

/* Behind what a former run wrote, or from the beginning. */
static int open_part(struct export *w)
{
    bool there = false;
    int rc = 0;
    if (w->o->subject == NULL && !w->o->again) {
        if ((rc = list_people(w, 0, 1)) != 0)
            return rc;
        w->next = 0;
        if (w->count > 0) {
            kept_export_of(w, &w->people[0]);
            if ((rc = kept_export_mark_read(w, &there)) != 0 || there)
                return rc;
        }
    }
    kept_export_mark_remove(w);
    (void)unlink(w->part); /* of an export that was cut short before it had a mark */
    return kept_file_open(w->part, KEPT_FILE_CREATE, &w->fd, w->err);
}

/* A page is behind us; what is written of it can be gone on from. */
static int end_page(struct export *w)
{
    if (w->next == 0 || w->fd < 0 || w->o->subject != NULL)
        return 0;
    int rc = flush(w);
    return rc == 0 ? kept_export_mark_write(w) : rc;
}

static int run(struct export *w)
{
    const bool filed = strcmp(w->o->path, "-") != 0;
    int rc = prepare(w);
    if (rc == 0 && filed)
        rc = open_part(w);
    if (rc != 0)
        return rc;
    ask_size(w);
    if (w->s->before == 0)
        put_heading(w);
    do {
        const bool first = w->next == 0;
        rc = list_people(w, w->next, PEOPLE_A_PAGE);
        if (rc == 0 && first && w->count > 0)
            kept_export_of(w, &w->people[0]);
        if (rc == 0)
            rc = read_page(w);
        if (rc == 0)
            rc = end_page(w);
    } while (rc == 0 && w->next != 0);
    if (rc == 0)
        rc = flush(w);
    if (rc == 0 && filed)
        rc = kept_file_sync(w->fd, "what was exported", w->err);
    if (rc == 0 && filed)
        rc = kept_file_name(w->part, w->o->path, "the name of what was exported", w->err);
    if (rc == 0)
        kept_export_mark_remove(w);
    return rc;
}

int kept_export(struct kept *kept, const struct kept_export_options *options,
                struct kept_export_state *ret_state, struct kept_err *err)
{
    *ret_state = (struct kept_export_state){.rows = 0};
    struct export *w = kept_alloc(1, sizeof *w);
    if (w == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an export");
    *w = (struct export){.kept = kept, .o = options, .s = ret_state, .fd = -1, .err = err};
    kept_buf_init_secret(&w->out, SIZE_MAX / 2);
    int rc = run(w);
    kept_file_close(w->fd);
    if (rc != 0 && w->fd >= 0 && ret_state->safe == 0 && !kept_file_exists(w->mark))
        (void)unlink(w->part);
    kept_buf_release(&w->out);
    kept_free(w->fields);
    kept_free(w->requests);
    kept_free(w->people);
    kept_free(w->at);
    kept_free(w->many);
    kept_free(w);
    return rc;
}

void kept_export_release(struct kept_export_state *state)
{
    kept_free(state->tallies);
    state->tallies = NULL;
    state->tally_count = 0;
}
