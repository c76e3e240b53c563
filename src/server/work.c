/* work.c - calls in flight: queued as neighbours or not at all, answered whole. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/note.h"
#include "engine/admin.h"
#include "engine/serve.h"
#include "server/server_int.h"

#define OWN 16u       /* of KEPT_MAX_IN_FLIGHT, for the holder's own */
#define REAP 512u     /* replies taken at once */
#define MAX_SPARE 4096u
#define TICK_PAUSE 50 /* ms between two pieces of a long upkeep, for everybody else */

/* ---- memory ------------------------------------------------------------------------------------- */

static struct kept_work *work_new(struct kept_server *server, size_t count)
{
    struct kept_work *work = count == 1 ? server->spare : NULL;
    if (work != NULL) {
        server->spare = work->next;
        server->spares--;
    } else if ((work = kept_alloc(1, sizeof *work + count * sizeof work->slots[0])) == NULL) {
        return NULL;
    }
    work->count = count;
    work->left = 0;
    work->large = 0;
    work->conn = NULL;
    work->repeat = NULL;
    work->who = NULL;
    work->own = NULL;
    for (size_t i = 0; i < count; i++)
        work->slots[i].work = work;
    return work;
}

static void work_free(struct kept_server *server, struct kept_work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        kept_reply_free(work->slots[i].reply);
        work->slots[i].reply = NULL;
    }
    kept_self_free(work->own);
    work->own = NULL;
    kept_wipe(work->body, work->n);
    kept_free(work->body);
    work->body = NULL;
    work->n = 0;
    server->large -= work->large;
    if (work->count == 1 && server->spares < MAX_SPARE) {
        work->next = server->spare;
        server->spare = work;
        server->spares++;
        return;
    }
    for (size_t i = 0; i < work->count; i++)
        kept_wire_request_release(&work->slots[i].wire);
    kept_free(work);
}

void kept_works_free(struct kept_server *server)
{
    while (server->spare != NULL) {
        struct kept_work *work = server->spare;
        server->spare = work->next;
        kept_wire_request_release(&work->slots[0].wire);
        kept_free(work);
    }
    server->spares = 0;
}

/* ---- in ----------------------------------------------------------------------------------------- */

/* Who shows nothing asks one thing, of the app that it names. */
static int visit(struct kept_server *server, struct kept_work *work, struct kept_err *err)
{
    const struct kept_request *request = &work->slots[0].wire.request;
    int rc = work->count > 1 ? kept_fail(err, KEPT_E_DENIED, "nothing was shown that says who asks")
                             : kept_server_visit(server, request->app, request->op, &work->own, err);
    work->who = work->own;
    return rc;
}

/* Decode all of them, and let each be judged. */
static int read_requests(struct kept_server *server, struct kept_conn *conn, struct kept_work *work,
                         struct kept_err *err)
{
    struct kept_wire_calls calls;
    const struct kept_span body = {work->body, work->n};
    int rc = kept_wire_calls_begin(body, &calls);
    const bool visits = rc == 0 && kept_server_is_visit(conn, &calls.credential);
    if (rc == 0 && !visits && (rc = kept_server_admit(server, conn, &calls.credential, &work->who, &work->own, err)) != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < work->count; i++) {
        struct kept_slot *slot = &work->slots[i];
        rc = kept_wire_calls_next(&calls, &slot->wire) == 1 ? 0 : KEPT_E_FORMAT;
        if (rc == 0 && visits && (rc = visit(server, work, err)) != 0)
            return rc;
        if (rc == 0 && work->who != NULL && (rc = kept_caller_complete(work->who, &slot->wire.request, slot->actor, err)) != 0)
            return rc;
        slot->wire.request.tag = slot;
    }
    if (rc == 0 && kept_wire_calls_next(&calls, &work->slots[0].wire) != 0)
        rc = KEPT_E_FORMAT;
    return rc == 0 ? 0 : kept_fail(err, rc, "this message cannot be read");
}

static int submit(struct kept_server *server, struct kept_work *work, struct kept_err *err)
{
    const struct kept_request *few[8] = {NULL}, **all = few;
    if (work->count > sizeof few / sizeof few[0] && (all = kept_alloc(work->count, sizeof *all)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for %zu requests", work->count);
    for (size_t i = 0; i < work->count; i++)
        all[i] = &work->slots[i].wire.request;
    int rc = kept_submit_all(server->kept, work->who, all, work->count, err);
    if (all != few)
        kept_free(all);
    if (rc != 0)
        return rc;
    work->left = work->count;
    server->in_flight += work->count;
    return 0;
}

static int begin(struct kept_server *server, struct kept_conn *conn, struct kept_work *work,
                 struct kept_span body, struct kept_err *err)
{
    work->body = kept_memdup(body.p, body.n);
    if (work->body == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a message");
    work->n = body.n;
    int rc = read_requests(server, conn, work, err);
    return rc == 0 ? submit(server, work, err) : rc;
}

/* What came with a key: 0: it is new, and *ret_repeat remembers it. 1: it is answered, as before. KEPT_E_DENIED: nobody is told
 * what was answered to somebody. */
static int take_key(struct kept_server *server, struct kept_conn *conn, uint64_t id, const struct kept_wire_key *key,
                    const struct kept_credential *credential, struct kept_repeat **ret_repeat, struct kept_err *err)
{
    const struct kept_caller_row *who = NULL;
    struct kept_caller_row *own = NULL;
    int rc = kept_server_admit(server, conn, credential, &who, &own, err);
    kept_self_free(own);
    if (rc != 0)
        return rc;
    rc = kept_repeats_take(&server->repeats, key, server->now, ret_repeat);
    if (rc == 0)
        return 0;
    if (rc == KEPT_E_LIMIT)
        return kept_fail(err, KEPT_E_BUSY, "too many requests with keys of idempotency are under way");
    const struct kept_buf *answer = rc == 1 ? &(*ret_repeat)->answer : NULL;
    const bool there = answer != NULL && answer->n > 0;
    kept_wire_put_again(&conn->out, id,
                        there                     ? KEPT_AGAIN_ANSWERED
                        : rc == 1               ? KEPT_AGAIN_LARGE
                        : rc == KEPT_E_CONFLICT ? KEPT_AGAIN_OTHER
                                                : KEPT_AGAIN_UNDER_WAY,
                        there ? (struct kept_span){answer->p + KEPT_WIRE_HEAD, answer->n - KEPT_WIRE_HEAD}
                              : (struct kept_span){NULL, 0});
    kept_conn_appended(server, conn, id, "it was done before");
    return 1;
}

enum kept_taken kept_work_take(struct kept_server *server, struct kept_conn *conn, const struct kept_wire_head *head,
                               struct kept_span body)
{
    struct kept_wire_calls calls;
    struct kept_wire_key key;
    struct kept_repeat *repeat = NULL;
    struct kept_err err = {0};
    const bool keyed = head->kind == KEPT_WIRE_KEYED;
    if ((keyed && kept_wire_key_read(body, &key, &body) != 0) || kept_wire_calls_begin(body, &calls) != 0) {
        kept_conn_fault(server, conn, head->id, KEPT_E_FORMAT, "this message cannot be read");
        return KEPT_TAKEN;
    }
    size_t most = conn->worker ? KEPT_MAX_IN_FLIGHT - OWN : KEPT_MAX_OF_PEER;
    if (server->in_flight + calls.left > KEPT_MAX_IN_FLIGHT - OWN ||
        (conn->requests > 0 && conn->requests + calls.left > most))
        return KEPT_NOT_YET;
    int rc = keyed ? take_key(server, conn, head->id, &key, &calls.credential, &repeat, &err) : 0;
    if (rc == 1)
        return KEPT_TAKEN;
    struct kept_work *work = rc == 0 ? work_new(server, calls.left) : NULL;
    if (rc == 0)
        rc = work == NULL ? kept_fail(&err, KEPT_E_NOMEM, "no memory for %zu requests", calls.left)
                          : begin(server, conn, work, body, &err);
    if (rc != 0) {
        if (repeat != NULL)
            kept_repeats_forget(&server->repeats, repeat);
        if (work != NULL)
            work_free(server, work);
        kept_conn_fault(server, conn, head->id, rc, err.text);
        return KEPT_TAKEN;
    }
    work->conn = conn;
    work->repeat = repeat;
    work->id = head->id;
    work->large = conn->large;
    conn->large = 0;
    conn->works++;
    conn->requests += work->count;
    return KEPT_TAKEN;
}

/* ---- out ---------------------------------------------------------------------------------------- */

/* Failed for want of something that may be there the next time, or asked too often: and nothing was done. */
static bool may_come_again(const struct kept_work *work)
{
    static const int passing[] = {KEPT_E_IO, KEPT_E_BUSY, KEPT_E_NOMEM, KEPT_E_CRYPTO, KEPT_E_CORRUPT, KEPT_E_CLOCK, KEPT_E_BUG};
    const struct kept_reply *reply = work->slots[0].reply;
    bool again = reply->reason == KEPT_R_TOO_OFTEN;
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        again |= reply->error == passing[i];
    return again && work->count == 1;
}

/* all: the replies; NULL: there was no memory to gather them. Also if who asked has gone: they will come again. */
static void remember(struct kept_server *server, struct kept_work *work, struct kept_reply *const *all)
{
    if (work->repeat == NULL)
        return;
    if (may_come_again(work))
        kept_repeats_forget(&server->repeats, work->repeat);
    else
        kept_repeats_answer(&server->repeats, work->repeat, all, work->count);
    work->repeat = NULL;
}

static void send_replies(struct kept_server *server, struct kept_conn *conn, const struct kept_work *work,
                         struct kept_reply *const *all)
{
    kept_wire_answer(&conn->out, work->id, all, work->count);
    kept_conn_appended(server, conn, work->id, "it was done, but the answer is too large to be sent: ask for less "
                       "at a time, or by stream");
}

static void answer(struct kept_server *server, struct kept_work *work)
{
    struct kept_conn *conn = work->conn;
    struct kept_reply *few[8], **all = few;
    conn->works--;
    conn->requests -= work->count;
    if (conn->broken && work->repeat == NULL)
        return;
    if (work->count > sizeof few / sizeof few[0] && (all = kept_alloc(work->count, sizeof *all)) == NULL) {
        remember(server, work, NULL);
        if (!conn->broken)
            kept_conn_fault(server, conn, work->id, KEPT_E_NOMEM, "no memory for an answer");
        return;
    }
    for (size_t i = 0; i < work->count; i++)
        all[i] = work->slots[i].reply;
    remember(server, work, all);
    if (!conn->broken)
        send_replies(server, conn, work, all);
    if (all != few)
        kept_free(all);
}

static void count(struct kept_server *server, const struct kept_slot *slot)
{
    const struct kept_reply *reply = slot->reply;
    unsigned op = slot->wire.request.op < KEPT_OP_COUNT ? slot->wire.request.op : KEPT_OP_NONE;
    server->done[op][reply->error != 0                   ? KEPT_O_ERROR
                     : reply->decision == KEPT_ALLOW ? KEPT_O_ALLOW
                     : reply->decision == KEPT_MASK  ? KEPT_O_MASK
                                                     : KEPT_O_DENY]++;
    for (size_t i = 0; i < reply->field_count; i++)
        server->observed += reply->fields[i].observed != 0;
    if (reply->error == KEPT_E_UNSETTLED && server->failed == 0) {
        kept_note(KEPT_GRAVE, "store.unsettled", "%s: start again, which mends it", reply->err.text);
        server->failed = KEPT_E_UNSETTLED;
    }
}

/* ---- upkeep ------------------------------------------------------------------------------------- */

/* Is there more of the same to be done at once? Reports are the engine's own, and hold numbers only. */
static bool is_left(const char *json)
{
    return strstr(json, "\"rewrap_left\":true") != NULL || strstr(json, "\"tokens_left\":true") != NULL ||
           (strstr(json, "\"people_with_ends_left\":0,") == NULL && strstr(json, "\"records_ended\":0,") == NULL);
}

static bool did_something(const char *json)
{
    return strstr(json, "\"swept\":0,") == NULL || strstr(json, "\"people_rewrapped\":0,") == NULL ||
           strstr(json, "\"epochs_destroyed\":0,") == NULL || strstr(json, "\"records_ended\":0,") == NULL ||
           strstr(json, "\"people_retokened\":0,") == NULL;
}

static void ticked(struct kept_server *server, const struct kept_slot *slot)
{
    const struct kept_reply *reply = slot->reply;
    const char *json = reply->json != NULL ? reply->json : "";
    bool left = reply->error == 0 && json[0] != 0 && is_left(json);
    server->ticking = false;
    server->ticks++;
    if (reply->error != 0)
        kept_note(KEPT_WARN, "upkeep.failed", "%s: %s", slot->wire.request.app, reply->err.text);
    else if (json[0] != 0 && did_something(json))
        kept_note(KEPT_INFO, "upkeep", "%s: %s", slot->wire.request.app, json);
    server->tick_app += left ? 0 : 1;
    server->tick_at = server->now + TICK_PAUSE;
    if (kept_admin_app(server->kept, server->tick_app) == NULL) {
        server->tick_app = 0;
        server->tick_at = server->now + KEPT_TICK_SECONDS * KEPT_SECOND;
    }
}

void kept_work_tick(struct kept_server *server)
{
    struct kept_err err = {0};
    if (server->ticking || server->stopping || kept_questions_first(server) || server->now < server->tick_at)
        return;
    const char *app = kept_admin_app(server->kept, server->tick_app);
    struct kept_work *work = app != NULL ? work_new(server, 1) : NULL;
    server->tick_at = server->now + KEPT_TICK_SECONDS * KEPT_SECOND;
    if (work == NULL)
        return; /* no app yet */
    struct kept_slot *slot = &work->slots[0];
    slot->wire.request = (struct kept_request){.op = KEPT_OP_TICK, .app = app, .actor = "kept", .tag = slot};
    if (submit(server, work, &err) == 0)
        server->ticking = true;
    else
        work_free(server, work);
}

/* ---- the engine --------------------------------------------------------------------------------- */

void kept_work_reap(struct kept_server *server, bool wait)
{
    struct kept_reply *replies[REAP];
    struct kept_err err = {0};
    size_t n = 0;
    int rc = kept_reap(server->kept, replies, REAP, wait, &n, &err);
    if (rc != 0 && server->failed == 0) {
        kept_note(KEPT_GRAVE, "store.failed", "%s", err.text);
        server->failed = rc;
    }
    for (size_t i = 0; i < n; i++) {
        struct kept_slot *slot = replies[i]->tag;
        struct kept_work *work = slot->work;
        slot->reply = replies[i];
        server->in_flight--;
        count(server, slot);
        if (--work->left > 0)
            continue;
        if (work->conn != NULL)
            answer(server, work);
        else
            ticked(server, slot);
        work_free(server, work);
    }
}
