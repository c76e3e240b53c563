/* outbox.c - messages that are owed: rows of the transaction that causes them, handed out until told that they
 * went, less and less often, and dropped when they are too old. */
#include <string.h>

#include "account/account.h"
#include "base/error.h"

/* Body: u8 carrier | u32 tries | u64 end | to | title | text, each varint n and bytes. */
struct owed {
    struct kept_letter message;
    struct kept_buf plain;
};

const char *kept_carrier_word(enum kept_carrier carrier)
{
    static const char *const words[] = {[KEPT_BY_SMS] = "sms", [KEPT_BY_VOICE] = "voice",
                                        [KEPT_BY_MAIL] = "mail"};
    return carrier >= KEPT_BY_SMS && carrier <= KEPT_BY_MAIL ? words[carrier] : "?";
}

static void put_span(struct kept_buf *out, struct kept_span span)
{
    kept_buf_varint(out, span.n);
    kept_buf_bytes(out, span.p, span.n);
}

static struct kept_span get_span(struct kept_cursor *c)
{
    uint64_t n = kept_get_varint(c, c->n);
    return kept_get_bytes(c, (size_t)n);
}

static int put(const struct kept_desk *desk, const struct kept_letter *m, uint64_t person, kept_ms at,
               struct kept_err *err)
{
    struct kept_slip slip = {.kind = KEPT_SLIP_POST, .id = m->id, .key = person, .at = at};
    struct kept_buf body;
    kept_buf_init_secret(&body, KEPT_MAX_POST_BYTES);
    kept_buf_u8(&body, (uint8_t)m->carrier);
    kept_buf_u32(&body, m->tries);
    kept_buf_u64(&body, (uint64_t)m->expires);
    put_span(&body, m->to);
    put_span(&body, m->title);
    put_span(&body, m->text);
    slip.body = kept_buf_span(&body);
    int rc = body.failed != 0 ? kept_fail(err, body.failed, "a message has at most %u bytes", KEPT_MAX_POST_BYTES)
                              : kept_desk_put(desk, &slip, err);
    kept_buf_release(&body);
    return rc;
}

int kept_letters(const struct kept_desk *desk, uint64_t *ret_count, struct kept_err *err)
{
    return kept_slip_count(desk->store, KEPT_SLIP_POST, desk->app, INT64_MAX, ret_count, err);
}

int kept_letter_owe(const struct kept_desk *desk, uint64_t person, const struct kept_letter *letter,
                     struct kept_err *err)
{
    struct kept_letter m = *letter;
    uint64_t owed = 0;
    int rc = kept_letters(desk, &owed, err);
    if (rc == 0 && owed >= KEPT_MAX_POST)
        rc = kept_fail(err, KEPT_E_LIMIT, "%u messages wait to be sent: does `kept post` run?", KEPT_MAX_POST);
    kept_random_id(&m.id);
    m.tries = 0;
    return rc == 0 ? put(desk, &m, person, desk->now, err) : rc;
}

static int read_message(const struct kept_desk *desk, const struct kept_slip *slip, struct owed *owed,
                        struct kept_err *err)
{
    int rc = kept_desk_open(desk, slip, &owed->plain, err);
    if (rc != 0)
        return rc;
    struct kept_cursor c = kept_cursor(kept_buf_span(&owed->plain));
    owed->message = (struct kept_letter){.id = slip->id};
    owed->message.carrier = (enum kept_carrier)kept_get_u8(&c);
    owed->message.tries = kept_get_u32(&c);
    owed->message.expires = (kept_ms)kept_get_u64(&c);
    owed->message.to = get_span(&c);
    owed->message.title = get_span(&c);
    owed->message.text = get_span(&c);
    return c.bad || c.n != 0 ? kept_fail(err, KEPT_E_CORRUPT, "a message is damaged") : 0;
}

static kept_ms pause_of(uint32_t tries)
{
    return (kept_ms)KEPT_POST_SECONDS * KEPT_SECOND << (tries - 1);
}

/* One that is due: *ret_live is false when it is too old, was tried too often, or opens no more. */
static int look(const struct kept_desk *desk, const struct kept_slip *slip, struct owed *owed,
                bool *ret_live, struct kept_err *err)
{
    int rc = read_message(desk, slip, owed, err);
    *ret_live = rc == 0 && owed->message.expires > desk->now && owed->message.tries < KEPT_POST_TRIES;
    return rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT ? 0 : rc;
}

int kept_letter_take(const struct kept_desk *desk, int (*visit)(void *arg, const struct kept_letter *letter),
                      void *arg, uint32_t *dropped, struct kept_err *err)
{
    bool live = false;
    int rc = 0;
    while (rc == 0 && !live) {
        struct kept_slip slip;
        struct owed owed = {.message = {.carrier = KEPT_BY_SMS}};
        kept_buf_init_secret(&owed.plain, KEPT_MAX_POST_BYTES);
        rc = kept_slip_due(desk->store, KEPT_SLIP_POST, desk->app, desk->now, &slip, err);
        if (rc == 0)
            rc = look(desk, &slip, &owed, &live, err);
        if (rc == 0 && !live && (rc = kept_letter_done(desk, &slip.id, err)) == 0)
            ++*dropped;
        else if (rc == 0) {
            owed.message.tries++;
            rc = put(desk, &owed.message, slip.key, desk->now + pause_of(owed.message.tries), err);
            if (rc == 0)
                rc = visit(arg, &owed.message);
        }
        kept_buf_release(&owed.plain);
    }
    return rc;
}

int kept_letter_done(const struct kept_desk *desk, const struct kept_id *id, struct kept_err *err)
{
    struct kept_slip slip;
    int rc = kept_slip_get(desk->store, KEPT_SLIP_POST, desk->app, id, &slip, err);
    return rc == 0 ? kept_slip_delete(desk->store, KEPT_SLIP_POST, desk->app, id, err) : rc;
}
