/* tally.c - how often something was done: counts that begin with the first and end with their span. */
#include "account/account.h"
#include "base/error.h"

/* Body: u32 count | u64 end. What does not open counts as too often: somebody was at the store. */
static int look(const struct kept_desk *desk, const struct kept_tally *tally, struct kept_slip *ret_slip,
                uint32_t *ret_count, struct kept_err *err)
{
    struct kept_buf plain;
    struct kept_id name;
    *ret_count = 0;
    kept_desk_name(desk, tally->what, 0, tally->whose, &name);
    kept_buf_init(&plain, 64);
    int rc = kept_desk_get(desk, KEPT_SLIP_TALLY, &name, ret_slip, &plain, err);
    if (rc == 0) {
        struct kept_cursor c = kept_cursor(kept_buf_span(&plain));
        uint32_t count = kept_get_u32(&c);
        kept_ms end = (kept_ms)kept_get_u64(&c);
        if (c.bad)
            rc = kept_fail(err, KEPT_E_CORRUPT, "a count is damaged");
        else if (end > desk->now)
            *ret_count = count;
        ret_slip->at = end;
    }
    kept_buf_release(&plain);
    if (rc == KEPT_E_NOTFOUND || (rc == 0 && *ret_count == 0)) {
        *ret_slip = (struct kept_slip){.kind = KEPT_SLIP_TALLY, .id = name, .at = desk->now + tally->span};
        rc = 0;
    }
    return rc;
}

int kept_tally_over(const struct kept_desk *desk, const struct kept_tally *tally, bool *ret_over,
                    struct kept_err *err)
{
    struct kept_slip slip;
    uint32_t count = 0;
    *ret_over = false;
    if (tally->whose.n == 0)
        return 0;
    int rc = look(desk, tally, &slip, &count, err);
    *ret_over = rc == 0 && count >= tally->most;
    return rc;
}

int kept_tally_add(const struct kept_desk *desk, const struct kept_tally *tally, struct kept_err *err)
{
    struct kept_slip slip;
    uint8_t body[12];
    uint32_t count = 0;
    if (tally->whose.n == 0)
        return 0;
    int rc = look(desk, tally, &slip, &count, err);
    if (rc != 0)
        return rc;
    kept_put_be32(body, count + (count < UINT32_MAX));
    kept_put_be64(body + 4, (uint64_t)slip.at);
    slip.body = (struct kept_span){body, sizeof body};
    return kept_desk_put(desk, &slip, err);
}
