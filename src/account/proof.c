/* proof.c - what somebody has shown of who they are: one row a person, each level with its own end. */
#include <string.h>

#include "account/account.h"
#include "base/error.h"

#define LIFE ((kept_ms)KEPT_PROOF_MINUTES * KEPT_MINUTE)
#define LEVELS ((size_t)KEPT_IDENTITY_DOCUMENT + 1)
#define BODY (8 * LEVELS + 4 + KEPT_TOKEN_BYTES + 8)

static void address_of(const struct kept_desk *desk, const struct kept_address *address,
                       uint8_t ret[KEPT_TOKEN_BYTES])
{
    struct kept_id name;
    kept_desk_name(desk, "kept address", address->item, address->value, &name);
    memcpy(ret, name.b, KEPT_TOKEN_BYTES);
}

int kept_proof_get(const struct kept_desk *desk, const struct kept_id *subject,
                   struct kept_proof *ret_proof, struct kept_err *err)
{
    struct kept_slip slip;
    struct kept_buf plain;
    *ret_proof = (struct kept_proof){.item = 0};
    kept_buf_init(&plain, 2 * BODY);
    int rc = kept_desk_get(desk, KEPT_SLIP_PROOF, subject, &slip, &plain, err);
    if (rc == 0 && plain.n != BODY)
        rc = kept_fail(err, KEPT_E_CORRUPT, "a proof is damaged");
    if (rc == 0) {
        const uint8_t *p = plain.p;
        for (size_t i = 0; i < LEVELS; i++, p += 8)
            ret_proof->until[i] = (kept_ms)kept_be64(p);
        ret_proof->item = kept_be32(p);
        memcpy(ret_proof->address, p + 4, KEPT_TOKEN_BYTES);
        ret_proof->address_until = (kept_ms)kept_be64(p + 4 + KEPT_TOKEN_BYTES);
    }
    kept_buf_release(&plain);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

static int put(const struct kept_desk *desk, const struct kept_id *subject, uint64_t person,
               const struct kept_proof *proof, struct kept_err *err)
{
    struct kept_slip slip = {.kind = KEPT_SLIP_PROOF, .id = *subject, .key = person};
    uint8_t body[BODY], *p = body;
    for (size_t i = 0; i < LEVELS; i++, p += 8) {
        kept_put_be64(p, (uint64_t)proof->until[i]);
        slip.at = proof->until[i] > slip.at ? proof->until[i] : slip.at;
    }
    kept_put_be32(p, proof->item);
    memcpy(p + 4, proof->address, KEPT_TOKEN_BYTES);
    kept_put_be64(p + 4 + KEPT_TOKEN_BYTES, (uint64_t)proof->address_until);
    slip.body = (struct kept_span){body, sizeof body};
    return kept_desk_put(desk, &slip, err);
}

int kept_proof_add(const struct kept_desk *desk, const struct kept_id *subject, uint64_t person,
                   enum kept_identity level, const struct kept_address *address, kept_ms *ret_until,
                   struct kept_err *err)
{
    struct kept_proof proof;
    int rc = kept_proof_get(desk, subject, &proof, err);
    if (rc != 0)
        return rc;
    *ret_until = proof.until[level] = desk->now + LIFE;
    if (address != NULL) {
        proof.item = address->item;
        address_of(desk, address, proof.address);
        proof.address_until = desk->now + LIFE;
    }
    return put(desk, subject, person, &proof, err);
}

int kept_proof_drop(const struct kept_desk *desk, const struct kept_id *subject, struct kept_err *err)
{
    return kept_slip_delete(desk->store, KEPT_SLIP_PROOF, desk->app, subject, err);
}

enum kept_identity kept_proof_level(const struct kept_proof *proof, kept_ms now)
{
    for (size_t i = LEVELS; i-- > 1;)
        if (proof->until[i] > now)
            return (enum kept_identity)i;
    return KEPT_IDENTITY_NONE;
}

bool kept_proof_has(const struct kept_desk *desk, const struct kept_proof *proof,
                    const struct kept_address *address)
{
    uint8_t wanted[KEPT_TOKEN_BYTES];
    address_of(desk, address, wanted);
    return proof->address_until > desk->now && proof->item == address->item &&
           kept_secret_equal(wanted, proof->address, sizeof wanted);
}
