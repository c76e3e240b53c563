/* session.c - by what a person stays known: one row a session, and one that ends all of before. */
#include <string.h>

#include "account/account.h"
#include "base/error.h"

#define LIFE ((kept_ms)KEPT_SESSION_HOURS * KEPT_HOUR)
#define BODY (KEPT_ID_BYTES + 3 * 8u)
#define CUT 8u

static void name_of(const struct kept_desk *desk, const uint8_t hash[KEPT_HASH_BYTES], struct kept_id *ret_name)
{
    kept_desk_name(desk, "kept session", 0, (struct kept_span){hash, KEPT_HASH_BYTES}, ret_name);
}

static void cut_of(const struct kept_desk *desk, const struct kept_id *subject, struct kept_id *ret_name)
{
    kept_desk_name(desk, "kept sessions end", 0, (struct kept_span){subject->b, KEPT_ID_BYTES}, ret_name);
}

static int put(const struct kept_desk *desk, const struct kept_session *session, uint64_t person,
               struct kept_err *err)
{
    uint8_t body[BODY];
    memcpy(body, session->subject.b, KEPT_ID_BYTES);
    kept_put_be64(body + KEPT_ID_BYTES, (uint64_t)session->since);
    kept_put_be64(body + KEPT_ID_BYTES + 8, (uint64_t)session->until);
    kept_put_be64(body + KEPT_ID_BYTES + 16, (uint64_t)session->code);
    const struct kept_slip slip = {.kind = KEPT_SLIP_SESSION, .id = session->name, .key = person,
                                   .at = session->until, .body = {body, sizeof body}};
    return kept_desk_put(desk, &slip, err);
}

/* The session of a name, over or not, and the row key of the person. */
static int get(const struct kept_desk *desk, const struct kept_id *name, struct kept_session *ret,
               uint64_t *ret_person, struct kept_err *err)
{
    struct kept_slip slip;
    struct kept_buf plain;
    kept_buf_init(&plain, 2 * BODY);
    int rc = kept_desk_get(desk, KEPT_SLIP_SESSION, name, &slip, &plain, err);
    if (rc == 0 && plain.n != BODY)
        rc = kept_fail(err, KEPT_E_CORRUPT, "a session is damaged");
    if (rc == 0) {
        *ret = (struct kept_session){.name = *name, .since = (kept_ms)kept_be64(plain.p + KEPT_ID_BYTES),
                                     .until = (kept_ms)kept_be64(plain.p + KEPT_ID_BYTES + 8),
                                     .code = (kept_ms)kept_be64(plain.p + KEPT_ID_BYTES + 16)};
        memcpy(ret->subject.b, plain.p, KEPT_ID_BYTES);
        *ret_person = slip.key;
    }
    kept_buf_release(&plain);
    return rc;
}

/* Sessions that began before this instant are over; 0: no such order was given. */
static int get_cut(const struct kept_desk *desk, const struct kept_id *subject, kept_ms *ret_cut, struct kept_err *err)
{
    struct kept_id name;
    struct kept_slip slip;
    struct kept_buf plain;
    cut_of(desk, subject, &name);
    *ret_cut = 0;
    kept_buf_init(&plain, 2 * BODY);
    int rc = kept_desk_get(desk, KEPT_SLIP_SESSION, &name, &slip, &plain, err);
    if (rc == 0 && plain.n != CUT)
        rc = kept_fail(err, KEPT_E_CORRUPT, "the end of sessions is damaged");
    if (rc == 0)
        *ret_cut = (kept_ms)kept_be64(plain.p);
    kept_buf_release(&plain);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

int kept_session_begin(const struct kept_desk *desk, const uint8_t hash[KEPT_HASH_BYTES], const struct kept_id *subject,
                       uint64_t person, kept_ms code, kept_ms *ret_until, struct kept_err *err)
{
    struct kept_session session = {.subject = *subject, .until = desk->now + LIFE, .code = code};
    name_of(desk, hash, &session.name);
    int rc = get_cut(desk, subject, &session.since, err);
    if (rc != 0)
        return rc;
    if (session.since < desk->now)
        session.since = desk->now;
    *ret_until = session.until;
    return put(desk, &session, person, err);
}

int kept_session_find(const struct kept_desk *desk, const uint8_t hash[KEPT_HASH_BYTES], struct kept_session *ret_session,
                      struct kept_err *err)
{
    struct kept_session session;
    struct kept_id name;
    uint64_t person = 0;
    kept_ms cut = 0;
    name_of(desk, hash, &name);
    int rc = get(desk, &name, &session, &person, err);
    if (rc == 0)
        rc = get_cut(desk, &session.subject, &cut, err);
    if (rc != 0)
        return rc;
    if (session.until <= desk->now || session.since < cut)
        return kept_fail(err, KEPT_E_NOTFOUND, "the session is over");
    *ret_session = session;
    return 0;
}

int kept_session_renew(const struct kept_desk *desk, const struct kept_id *name, kept_ms code, struct kept_err *err)
{
    struct kept_session session;
    uint64_t person = 0;
    int rc = get(desk, name, &session, &person, err);
    if (rc != 0)
        return rc;
    session.code = code;
    return put(desk, &session, person, err);
}

int kept_session_end(const struct kept_desk *desk, const struct kept_id *name, struct kept_err *err)
{
    return kept_slip_delete(desk->store, KEPT_SLIP_SESSION, desk->app, name, err);
}

/* One instant later, so that one of this very instant is over, too; who begins now begins then. */
int kept_sessions_end(const struct kept_desk *desk, const struct kept_id *subject, uint64_t person, struct kept_err *err)
{
    uint8_t body[CUT];
    struct kept_slip slip = {.kind = KEPT_SLIP_SESSION, .key = person, .at = desk->now + LIFE + 1, .body = {body, sizeof body}};
    cut_of(desk, subject, &slip.id);
    kept_put_be64(body, (uint64_t)desk->now + 1);
    return kept_desk_put(desk, &slip, err);
}
