/* nonce.c - nonces of logins elsewhere: drawn here, told once, come back in what the provider says, good once. */
#include <string.h>

#include "account/account.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"

#define LIFE ((kept_ms)KEPT_LOGIN_MINUTES * KEPT_MINUTE)
#define BODY 8u /* end */

static void name_of(const struct kept_desk *desk, uint32_t provider, const char *nonce, struct kept_id *ret_name)
{
    kept_desk_name(desk, "kept nonce", provider, (struct kept_span){(const uint8_t *)nonce, strlen(nonce)}, ret_name);
}

int kept_nonce_make(const struct kept_desk *desk, uint32_t provider, uint64_t person, char ret_nonce[KEPT_NONCE_TEXT],
                    kept_ms *ret_until, struct kept_err *err)
{
    struct kept_slip slip = {.kind = KEPT_SLIP_CODE, .key = person, .at = desk->now + LIFE};
    uint8_t drawn[KEPT_NONCE_BYTES], body[BODY];
    kept_random(drawn, sizeof drawn);
    kept_hex(drawn, sizeof drawn, ret_nonce);
    kept_wipe(drawn, sizeof drawn);
    name_of(desk, provider, ret_nonce, &slip.id);
    kept_put_be64(body, (uint64_t)slip.at);
    slip.body = (struct kept_span){body, sizeof body};
    *ret_until = slip.at;
    return kept_desk_put(desk, &slip, err);
}

int kept_nonce_find(const struct kept_desk *desk, uint32_t provider, const char *nonce, uint64_t *ret_person, struct kept_err *err)
{
    struct kept_slip slip = {.kind = KEPT_SLIP_CODE};
    struct kept_buf plain;
    struct kept_id name;
    name_of(desk, provider, nonce, &name);
    kept_buf_init(&plain, 2 * (size_t)BODY);
    int rc = kept_desk_get(desk, KEPT_SLIP_CODE, &name, &slip, &plain, err);
    if (rc == 0 && plain.n != BODY)
        rc = kept_fail(err, KEPT_E_CORRUPT, "a nonce is damaged");
    if (rc == 0 && (kept_ms)kept_be64(plain.p) <= desk->now)
        rc = kept_fail(err, KEPT_E_NOTFOUND, "that login took too long");
    if (rc == 0)
        *ret_person = slip.key;
    kept_buf_release(&plain);
    return rc;
}

int kept_nonce_spend(const struct kept_desk *desk, uint32_t provider, const char *nonce, struct kept_err *err)
{
    struct kept_id name;
    name_of(desk, provider, nonce, &name);
    return kept_slip_delete(desk->store, KEPT_SLIP_CODE, desk->app, &name, err);
}
