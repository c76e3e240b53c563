/* code.c - one-time codes: drawn evenly, kept as a keyed hash, good once, for a while, for few tries. */
#include <string.h>

#include "account/account.h"
#include "base/error.h"
#include "base/mem.h"

#define LIFE ((kept_ms)KEPT_CODE_MINUTES * KEPT_MINUTE)
#define BODY (1 + 8 + KEPT_TOKEN_BYTES + KEPT_TOKEN_BYTES) /* tries, end, salt, hash */

static void name_of(const struct kept_desk *desk, const struct kept_address *to, struct kept_id *ret)
{
    kept_desk_name(desk, "kept code", to->item, to->value, ret);
}

static void hash_of(const struct kept_desk *desk, const struct kept_id *name, const uint8_t *salt,
                    struct kept_span code, uint8_t ret_hash[KEPT_TOKEN_BYTES])
{
    uint8_t key[KEPT_KEY_BYTES], bytes[KEPT_ID_BYTES + KEPT_TOKEN_BYTES];
    memcpy(bytes, name->b, KEPT_ID_BYTES);
    memcpy(bytes + KEPT_ID_BYTES, salt, KEPT_TOKEN_BYTES);
    kept_derive(kept_keyring_hash_key(desk->keyring), "kept code hash",
                (struct kept_span){bytes, sizeof bytes}, key);
    kept_token(key, code, ret_hash);
    kept_wipe(key, sizeof key);
}

static int put(const struct kept_desk *desk, struct kept_slip *slip, uint8_t body[BODY],
               struct kept_err *err)
{
    slip->body = (struct kept_span){body, BODY};
    slip->at = (kept_ms)kept_be64(body + 1);
    return kept_desk_put(desk, slip, err);
}

int kept_code_make(const struct kept_desk *desk, const struct kept_address *to, uint64_t person,
                   char ret_code[KEPT_CODE_DIGITS + 1], struct kept_err *err)
{
    struct kept_slip slip = {.kind = KEPT_SLIP_CODE, .key = person};
    uint8_t body[BODY] = {0};
    for (size_t i = 0; i < KEPT_CODE_DIGITS; i++)
        ret_code[i] = (char)('0' + kept_random_below(10));
    ret_code[KEPT_CODE_DIGITS] = 0;
    name_of(desk, to, &slip.id);
    kept_put_be64(body + 1, (uint64_t)(desk->now + LIFE));
    kept_random(body + 9, KEPT_TOKEN_BYTES);
    hash_of(desk, &slip.id, body + 9, (struct kept_span){(const uint8_t *)ret_code, KEPT_CODE_DIGITS},
            body + 9 + KEPT_TOKEN_BYTES);
    return put(desk, &slip, body, err);
}

/* The code of an address, or zeros, which no code has for its hash. */
static int look(const struct kept_desk *desk, const struct kept_address *to, struct kept_slip *ret_slip,
                uint8_t ret_body[BODY], bool *ret_there, struct kept_err *err)
{
    struct kept_buf plain;
    struct kept_id name;
    name_of(desk, to, &name);
    kept_buf_init_secret(&plain, 2 * BODY);
    *ret_there = false;
    *ret_slip = (struct kept_slip){.kind = KEPT_SLIP_CODE, .id = name};
    memset(ret_body, 0, BODY);
    int rc = kept_desk_get(desk, KEPT_SLIP_CODE, &name, ret_slip, &plain, err);
    if (rc == 0 && plain.n != BODY)
        rc = kept_fail(err, KEPT_E_CORRUPT, "a code is damaged");
    if (rc == 0) {
        memcpy(ret_body, plain.p, BODY);
        *ret_there = true;
    }
    kept_buf_release(&plain);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

int kept_code_try(const struct kept_desk *desk, const struct kept_address *to, struct kept_span code,
                  bool spend, bool *ret_right, struct kept_err *err)
{
    struct kept_slip slip;
    uint8_t body[BODY], hash[KEPT_TOKEN_BYTES];
    bool there = false;
    int rc = look(desk, to, &slip, body, &there, err);
    if (rc != 0)
        return rc;
    hash_of(desk, &slip.id, body + 9, code, hash);
    bool same = kept_secret_equal(hash, body + 9 + KEPT_TOKEN_BYTES, sizeof hash);
    bool alive = there && (kept_ms)kept_be64(body + 1) > desk->now && body[0] < KEPT_CODE_TRIES;
    *ret_right = same && alive;
    if (!there || (*ret_right && !spend))
        return 0;
    if (*ret_right || !alive || ++body[0] >= KEPT_CODE_TRIES)
        return kept_slip_delete(desk->store, KEPT_SLIP_CODE, desk->app, &slip.id, err);
    return put(desk, &slip, body, err);
}

int kept_code_spend(const struct kept_desk *desk, const struct kept_address *to, struct kept_err *err)
{
    struct kept_id name;
    name_of(desk, to, &name);
    return kept_slip_delete(desk->store, KEPT_SLIP_CODE, desk->app, &name, err);
}
