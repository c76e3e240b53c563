/* approvals.c - what was asked for and what became of it: a table in memory, each row in the store as well.
 *
 * A row's bytes, as a slip (account.h): u8 format 1 | u8 state | u32 number | u32 role | u32 purpose | u32 recipient | u64 asked |
 * u64 until | u64 decided | u32 granted | subject[16] | varint n, text: asker, decider, exemption, because | varint n, u32 items. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/approve_int.h"

#define ROW_FORMAT 1u
#define ROW_BYTES 1024u

/* ---- as bytes ---------------------------------------------------------------------------------- */

static void put_text(struct kept_buf *out, const char *text)
{
    const size_t n = strlen(text);
    kept_buf_varint(out, n);
    kept_buf_bytes(out, text, n);
}

static void encode(const struct approval *a, struct kept_buf *out)
{
    kept_buf_u8(out, ROW_FORMAT);
    kept_buf_u8(out, a->state);
    kept_buf_u32(out, a->number);
    kept_buf_u32(out, a->role);
    kept_buf_u32(out, a->purpose);
    kept_buf_u32(out, a->recipient);
    kept_buf_u64(out, (uint64_t)a->asked);
    kept_buf_u64(out, (uint64_t)a->until);
    kept_buf_u64(out, (uint64_t)a->decided);
    kept_buf_u32(out, a->granted);
    kept_buf_bytes(out, a->subject.b, KEPT_ID_BYTES);
    put_text(out, a->asker);
    put_text(out, a->decider);
    put_text(out, a->exemption);
    put_text(out, a->because);
    kept_buf_varint(out, a->count);
    for (uint32_t i = 0; i < a->count; i++)
        kept_buf_u32(out, a->items[i]);
}

static void get_text(struct kept_cursor *c, char *to, size_t max)
{
    struct kept_span text = kept_get_bytes(c, kept_get_varint(c, max));
    if (!c->bad && text.n > 0)
        memcpy(to, text.p, text.n);
}

static bool decode(struct kept_span plain, struct approval *a)
{
    struct kept_cursor c = kept_cursor(plain);
    const uint8_t format = kept_get_u8(&c);
    a->state = kept_get_u8(&c);
    a->number = kept_get_u32(&c);
    a->role = kept_get_u32(&c);
    a->purpose = kept_get_u32(&c);
    a->recipient = kept_get_u32(&c);
    a->asked = (kept_ms)kept_get_u64(&c);
    a->until = (kept_ms)kept_get_u64(&c);
    a->decided = (kept_ms)kept_get_u64(&c);
    a->granted = kept_get_u32(&c);
    struct kept_span subject = kept_get_bytes(&c, KEPT_ID_BYTES);
    if (!c.bad)
        memcpy(a->subject.b, subject.p, KEPT_ID_BYTES);
    get_text(&c, a->asker, KEPT_MAX_NAME);
    get_text(&c, a->decider, KEPT_MAX_NAME);
    get_text(&c, a->exemption, KEPT_MAX_NAME);
    get_text(&c, a->because, KEPT_MAX_APPROVAL_BECAUSE);
    a->count = (uint32_t)kept_get_varint(&c, KEPT_APPROVAL_ITEMS);
    for (uint32_t i = 0; !c.bad && i < a->count; i++)
        a->items[i] = kept_get_u32(&c);
    return !c.bad && c.n == 0 && format == ROW_FORMAT && a->state >= APPROVAL_ASKED && a->state <= APPROVAL_REFUSED;
}

int kept_approval_put(struct call *call, const struct approval *a, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_slip slip = {.kind = KEPT_SLIP_APPROVAL, .key = call->subject->key, .at = a->until};
    struct kept_buf body;
    uint8_t number[4];
    kept_put_be32(number, a->number);
    kept_desk_name(&desk, "kept approval", 0, (struct kept_span){number, sizeof number}, &slip.id);
    kept_buf_init_secret(&body, ROW_BYTES);
    encode(a, &body);
    slip.body = kept_buf_span(&body);
    int rc = body.failed != 0 ? kept_fail(err, body.failed, "no memory for an approval") : kept_desk_put(&desk, &slip, err);
    kept_buf_release(&body);
    return rc;
}

/* ---- the table --------------------------------------------------------------------------------- */

static int take(struct app *app, struct approval *a)
{
    int rc = kept_grow(&app->approvals, &app->approval_cap, app->approval_count + 1, KEPT_MAX_APPROVALS, sizeof *app->approvals);
    if (rc == 0)
        app->approvals[app->approval_count++] = a;
    return rc;
}

/* Of the engine's own seal, and of a person of this app: else it is none. */
static int load(const struct kept_desk *desk, struct app *app, const struct kept_slip *slip, struct kept_err *err)
{
    struct kept_buf plain;
    struct approval *a = NULL;
    kept_buf_init_secret(&plain, ROW_BYTES);
    int rc = kept_desk_open(desk, slip, &plain, err);
    if (rc == 0 && (a = kept_alloc(1, sizeof *a)) == NULL)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for approvals");
    bool good = rc == 0 && decode(kept_buf_span(&plain), a) && desk->now < a->until;
    if (good)
        rc = take(app, a);
    good = good && rc == 0;
    kept_buf_release(&plain);
    if (!good)
        kept_free(a);
    return rc == KEPT_E_NOMEM ? rc : 0;
}

int kept_app_approvals(struct kept *kept, struct app *app, struct kept_err *err)
{
    const struct kept_desk desk = {kept->store, app->keyring, app->number, kept_now(&kept->clock)};
    struct kept_slip slip;
    struct kept_id id = {{0}};
    int rc = kept_store_begin_read(kept->store, err);
    if (rc != 0)
        return rc;
    while ((rc = kept_slip_from(kept->store, KEPT_SLIP_APPROVAL, app->number, &id, &slip, err)) == 0) {
        id = slip.id;
        if ((rc = load(&desk, app, &slip, err)) != 0 || !kept_id_next(&id))
            break;
    }
    kept_store_end_read(kept->store);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

void kept_approvals_free(struct app *app)
{
    for (size_t i = 0; i < app->approval_count; i++)
        kept_free(app->approvals[i]);
    kept_free(app->approvals);
}

static bool is_over(const struct approval *a, kept_ms now)
{
    return a->state == APPROVAL_UNDONE || now >= a->until;
}

static bool is_taken(const struct app *app, uint32_t number)
{
    for (size_t i = 0; i < app->approval_count; i++)
        if (app->approvals[i]->number == number)
            return true;
    return false;
}

/* Nine digits. */
static uint32_t fresh_number(const struct app *app)
{
    uint32_t number = 0;
    do {
        kept_random((uint8_t *)&number, sizeof number);
        number = 100000000u + number % 900000000u;
    } while (is_taken(app, number));
    return number;
}

int kept_approval_new(struct call *call, struct approval **ret, struct kept_err *err)
{
    struct app *app = call->app;
    struct approval *over = NULL;
    size_t theirs = 0;
    for (size_t i = 0; i < app->approval_count; i++) {
        struct approval *a = app->approvals[i];
        if (is_over(a, call->now) && !a->busy)
            over = a;
        else
            theirs += strcmp(a->asker, call->actor) == 0;
    }
    if (theirs >= KEPT_MAX_APPROVALS_OF)
        return kept_fail(err, KEPT_E_LIMIT, "%u approvals that you asked for are not over: wait", KEPT_MAX_APPROVALS_OF);
    if (over == NULL) {
        if ((over = kept_alloc(1, sizeof *over)) == NULL)
            return kept_fail(err, KEPT_E_NOMEM, "no memory for an approval");
        int rc = take(app, over);
        if (rc != 0) {
            kept_free(over);
            return kept_fail(err, rc, "%u approvals at once, or no memory for one more", KEPT_MAX_APPROVALS);
        }
    }
    *over = (struct approval){.number = fresh_number(app), .state = APPROVAL_PENDING, .busy = true};
    call->approval = *ret = over;
    return 0;
}

struct approval *kept_approval_find(const struct call *call, uint32_t number)
{
    for (size_t i = 0; i < call->app->approval_count; i++) {
        struct approval *a = call->app->approvals[i];
        if (a->number == number && !is_over(a, call->now) && kept_id_equal(&a->subject, &call->subject->id))
            return a;
    }
    return NULL;
}

static void forget(const struct call *call)
{
    for (size_t i = 0; i < call->app->approval_count; i++)
        if (kept_id_equal(&call->app->approvals[i]->subject, &call->box->reply.subject))
            call->app->approvals[i]->state = APPROVAL_UNDONE;
}

void kept_approval_settle(struct call *call, bool done)
{
    struct approval *a = call->approval, *after = call->decided;
    call->approval = call->decided = NULL;
    /* One that failed may never have been looked up. */
    if (done && call->box->reply.error == 0 && call->box->reply.decision == KEPT_ALLOW && call->row->op == KEPT_OP_ERASE_SUBJECT)
        forget(call);
    if (a == NULL)
        return;
    if (after != NULL && done) {
        *a = *after;
        call->app->generation++; /* what waits is decided again */
    } else if (after == NULL) {
        a->state = done ? APPROVAL_ASKED : APPROVAL_UNDONE;
    }
    a->busy = false;
    kept_free(after);
}
