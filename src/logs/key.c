/* key.c - the keys of logs: one for each log and span of time, which ends with all that was taken in it. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "logs/logs_int.h"

#define VERSION 1u
#define LONG (30 * KEPT_DAY) /* from here on a span is a day */

/* First half of the names of a log's rows: tells nobody which log it is. */
void kept_log_prefix(const struct kept_desk *desk, const char *log, uint8_t ret[4])
{
    struct kept_id name;
    kept_desk_name(desk, "kept log", 0, (struct kept_span){(const uint8_t *)log, strlen(log)}, &name);
    memcpy(ret, name.b, 4);
}

/* What is taken now ends then. */
static kept_ms end_of(const struct kept_log *log, kept_ms now)
{
    const kept_ms span = log->retain >= LONG ? KEPT_DAY : KEPT_HOUR;
    return (now / span) * span + log->retain;
}

static struct kept_id name_of(const struct kept_desk *desk, const char *log, kept_ms end)
{
    struct kept_id name = {{0}};
    kept_log_prefix(desk, log, name.b);
    kept_put_be64(name.b + 4, (uint64_t)(end / KEPT_HOUR));
    return name;
}

/* Body: u8 1 | key | u64 end, lines, bad, dropped, redacted, unfit, bytes. */
static int decode(struct kept_span body, struct kept_log_key *key)
{
    struct kept_cursor c = kept_cursor(body);
    const uint8_t version = kept_get_u8(&c);
    const struct kept_span bytes = kept_get_bytes(&c, KEPT_KEY_BYTES);
    uint64_t *const counts[] = {&key->lines, &key->bad, &key->dropped, &key->redacted, &key->unfit, &key->bytes};
    key->end = (kept_ms)kept_get_u64(&c);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        *counts[i] = kept_get_u64(&c);
    if (version != VERSION || c.bad || c.n != 0)
        return KEPT_E_CORRUPT;
    memcpy(key->key, bytes.p, KEPT_KEY_BYTES);
    return 0;
}

/* The one of that name. */
int kept_log_key_get(const struct kept_desk *desk, const struct kept_id *name, struct kept_log_key *ret_key, struct kept_err *err)
{
    struct kept_slip slip;
    struct kept_buf plain;
    *ret_key = (struct kept_log_key){.name = *name};
    kept_buf_init_secret(&plain, 256);
    int rc = kept_desk_get(desk, KEPT_SLIP_LOG_KEY, name, &slip, &plain, err);
    if (rc == 0 && decode(kept_buf_span(&plain), ret_key) != 0)
        rc = kept_fail(err, KEPT_E_CORRUPT, "the key of a log is damaged");
    kept_buf_release(&plain);
    return rc;
}

int kept_log_key_put(const struct kept_desk *desk, const struct kept_log_key *key, struct kept_err *err)
{
    struct kept_slip slip = {.kind = KEPT_SLIP_LOG_KEY, .id = key->name, .at = key->end};
    struct kept_buf body;
    kept_buf_init_secret(&body, 256);
    kept_buf_u8(&body, VERSION);
    kept_buf_bytes(&body, key->key, KEPT_KEY_BYTES);
    kept_buf_u64(&body, (uint64_t)key->end);
    const uint64_t counts[] = {key->lines, key->bad, key->dropped, key->redacted, key->unfit, key->bytes};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        kept_buf_u64(&body, counts[i]);
    slip.body = kept_buf_span(&body);
    int rc = body.failed != 0 ? kept_fail(err, body.failed, "no memory for the key of a log")
                              : kept_desk_put(desk, &slip, err);
    kept_buf_release(&body);
    return rc;
}

int kept_log_key_now(const struct kept_desk *desk, const struct kept_log *log, struct kept_log_key *ret_key,
                     struct kept_err *err)
{
    const kept_ms end = end_of(log, desk->now);
    const struct kept_id name = name_of(desk, log->name, end);
    uint64_t living = 0;
    int rc = kept_log_key_get(desk, &name, ret_key, err);
    if (rc != KEPT_E_NOTFOUND)
        return rc;
    rc = kept_slip_count(desk->store, KEPT_SLIP_LOG_KEY, desk->app, INT64_MAX, &living, err);
    if (rc == 0 && living >= KEPT_MAX_LOG_KEYS)
        rc = kept_fail(err, KEPT_E_LIMIT, "logs of more than %u spans are kept: keep them for a shorter time", KEPT_MAX_LOG_KEYS);
    if (rc != 0)
        return rc;
    *ret_key = (struct kept_log_key){.name = name, .end = end};
    kept_random(ret_key->key, KEPT_KEY_BYTES);
    return 0;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

int kept_log_sum(const struct kept_desk *desk, const char *log, struct kept_log_key *ret_sum, struct kept_err *err)
{
    struct kept_id name = {{0}};
    struct kept_slip slip;
    int rc = 0;
    *ret_sum = (struct kept_log_key){.end = 0};
    kept_log_prefix(desk, log, name.b);
    const uint32_t prefix = kept_be32(name.b);
    while ((rc = kept_slip_from(desk->store, KEPT_SLIP_LOG_KEY, desk->app, &name, &slip, err)) == 0 &&
           kept_be32(slip.id.b) == prefix) {
        struct kept_log_key key;
        name = slip.id;
        if (kept_log_key_get(desk, &name, &key, err) == 0 && key.end > desk->now) {
            ret_sum->lines += key.lines;
            ret_sum->bad += key.bad;
            ret_sum->dropped += key.dropped;
            ret_sum->redacted += key.redacted;
            ret_sum->unfit += key.unfit;
            ret_sum->bytes += key.bytes;
        }
        kept_wipe(&key, sizeof key);
        (void)kept_id_next(&name);
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

int kept_logs_due(const struct kept_desk *desk, uint32_t *deleted, struct kept_err *err)
{
    static const enum kept_slip_kind kinds[] = {KEPT_SLIP_LOG_KEY, KEPT_SLIP_LOG};
    return kept_desk_due_of(desk, kinds, sizeof kinds / sizeof kinds[0], deleted, err);
}
