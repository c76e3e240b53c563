/* piece.c - lines that were taken together: their bytes, their seal, their place. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "logs/logs_int.h"

#define VERSION 1u
#define AAD_MAX 48u

/* Name of a piece: prefix of the log | u64 place | u32 hours to its end. */
static struct kept_id name_of(const struct kept_log_key *key, uint64_t place)
{
    struct kept_id name;
    memcpy(name.b, key->name.b, 4);
    kept_put_be64(name.b + 4, place);
    kept_put_be32(name.b + 12, (uint32_t)(key->end / KEPT_HOUR));
    return name;
}

static struct kept_id key_name_of(const struct kept_id *piece)
{
    struct kept_id name = {{0}};
    memcpy(name.b, piece->b, 4);
    kept_put_be64(name.b + 4, kept_be32(piece->b + 12));
    return name;
}

static struct kept_span aad_of(const struct kept_desk *desk, const struct kept_id *name, uint8_t aad[AAD_MAX])
{
    static const char label[] = "kept log piece";
    memcpy(aad, label, sizeof label);
    kept_put_be32(aad + sizeof label, desk->app);
    memcpy(aad + sizeof label + 4, name->b, KEPT_ID_BYTES);
    return (struct kept_span){aad, sizeof label + 4 + KEPT_ID_BYTES};
}

int kept_log_put(const struct kept_desk *desk, const struct kept_log_key *key, uint64_t *place, struct kept_span piece,
                 struct kept_err *err)
{
    const enum kept_suite suite = kept_suite_default();
    const uint64_t now = kept_log_place(desk->now), at = now > *place ? now : *place + 1;
    struct kept_slip slip = {.kind = KEPT_SLIP_LOG, .app = desk->app, .id = name_of(key, at), .at = key->end};
    uint8_t aad[AAD_MAX];
    struct kept_buf sealed;
    kept_buf_init(&sealed, KEPT_MAX_LOG_PIECE + 1024);
    kept_buf_u8(&sealed, (uint8_t)suite);
    uint8_t *room = kept_buf_room(&sealed, piece.n + kept_seal_overhead(suite));
    int rc = room == NULL ? sealed.failed : kept_seal(suite, key->key, aad_of(desk, &slip.id, aad), piece, room);
    if (rc != 0)
        rc = kept_fail(err, rc, "lines of a log cannot be sealed");
    slip.body = kept_buf_span(&sealed);
    if (rc == 0 && (rc = kept_slip_put(desk->store, &slip, err)) == 0)
        *place = at;
    kept_buf_release(&sealed);
    return rc;
}

/* What of a row opens, into plain. KEPT_E_NOTFOUND: it has ended, or its key is gone; KEPT_E_CORRUPT: it does not open. */
static int open_piece(const struct kept_desk *desk, const struct kept_id *name, struct kept_buf *plain, struct kept_err *err)
{
    struct kept_log_key key;
    struct kept_slip slip;
    uint8_t aad[AAD_MAX];
    const struct kept_id key_name = key_name_of(name);
    int rc = kept_log_key_get(desk, &key_name, &key, err);
    if (rc == 0 && key.end <= desk->now)
        rc = KEPT_E_NOTFOUND;
    if (rc == 0)
        rc = kept_slip_get(desk->store, KEPT_SLIP_LOG, desk->app, name, &slip, err);
    if (rc == 0) {
        const size_t over = slip.body.n > 0 ? kept_seal_overhead((enum kept_suite)slip.body.p[0]) : 0;
        uint8_t *room = over == 0 || slip.body.n < 1 + over ? NULL : kept_buf_room(plain, slip.body.n - 1 - over);
        rc = room == NULL ? plain->failed != 0 ? plain->failed : KEPT_E_CORRUPT
                          : kept_unseal((enum kept_suite)slip.body.p[0], key.key, aad_of(desk, name, aad),
                                        (struct kept_span){slip.body.p + 1, slip.body.n - 1}, room);
        rc = rc == KEPT_E_CRYPTO ? KEPT_E_CORRUPT : rc;
    }
    kept_wipe(&key, sizeof key);
    return rc;
}

int kept_log_next(const struct kept_desk *desk, const char *log, uint64_t *place, kept_ms *ret_at, struct kept_buf *plain,
                  uint64_t *unreadable, struct kept_err *err)
{
    struct kept_id name = {{0}};
    struct kept_slip slip;
    kept_log_prefix(desk, log, name.b);
    const uint32_t prefix = kept_be32(name.b);
    for (;;) {
        const size_t before = plain->n;
        kept_put_be64(name.b + 4, *place);
        kept_put_be32(name.b + 12, 0);
        int rc = kept_slip_from(desk->store, KEPT_SLIP_LOG, desk->app, &name, &slip, err);
        if (rc != 0 || kept_be32(slip.id.b) != prefix)
            return rc != 0 ? rc : KEPT_E_NOTFOUND;
        name = slip.id;
        *place = kept_be64(name.b + 4) + 1;
        *ret_at = (kept_ms)((*place - 1) >> 8);
        rc = open_piece(desk, &name, plain, err);
        if (rc == 0)
            return 0;
        plain->n = before;
        if (rc != KEPT_E_NOTFOUND && rc != KEPT_E_CORRUPT)
            return rc;
        *unreadable += rc == KEPT_E_CORRUPT;
    }
}

/* ---- the bytes ----------------------------------------------------------------------------------------- */

struct names {
    char text[KEPT_MAX_LOG_FIELDS][KEPT_MAX_NAME + 1];
    size_t count;
};

static void read_names(struct kept_cursor *c, struct names *names)
{
    if (kept_get_u8(c) != VERSION)
        c->bad = true;
    names->count = (size_t)kept_get_varint(c, KEPT_MAX_LOG_FIELDS);
    for (size_t i = 0; !c->bad && i < names->count; i++) {
        const struct kept_span name = kept_get_bytes(c, (size_t)kept_get_varint(c, KEPT_MAX_NAME));
        if (!c->bad && name.n > 0)
            memcpy(names->text[i], name.p, name.n);
        names->text[i][c->bad ? 0 : name.n] = 0;
    }
}

int kept_log_each(struct kept_span piece, int (*visit)(void *arg, const struct kept_log_seen *values, size_t count), void *arg,
                  struct kept_err *err)
{
    struct names names = {.count = 0};
    struct kept_cursor c = kept_cursor(piece);
    int rc = 0;
    read_names(&c, &names);
    while (rc == 0 && !c.bad && c.n > 0) {
        struct kept_log_seen seen[KEPT_MAX_LOG_FIELDS];
        const size_t count = (size_t)kept_get_varint(&c, KEPT_MAX_LOG_FIELDS);
        for (size_t i = 0; !c.bad && i < count; i++) {
            const size_t field = (size_t)kept_get_varint(&c, KEPT_MAX_LOG_FIELDS);
            c.bad = c.bad || field >= names.count;
            if (!c.bad)
                seen[i] = (struct kept_log_seen){names.text[field], kept_get_bytes(&c, (size_t)kept_get_varint(&c, KEPT_MAX_LOG_PIECE))};
        }
        if (!c.bad)
            rc = visit(arg, seen, count);
    }
    return c.bad ? kept_fail(err, KEPT_E_CORRUPT, "lines of a log are damaged") : rc;
}
