/* slip.c - names and seals of slips: under the app's epoch key, which their time does not outlive. */
#include <string.h>

#include "account/account.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"

#define AAD_MAX 64u
#define HEAD 4u /* the epoch, in front of what is sealed */
#define LONGEST (KEPT_MAX_ORDER_BYTES + 1024u) /* an order is the longest */

_Static_assert(KEPT_MAX_POST_BYTES <= KEPT_MAX_ORDER_BYTES, "a message fits, too");

void kept_desk_name(const struct kept_desk *desk, const char *label, uint32_t item,
                    struct kept_span whose, struct kept_id *ret_name)
{
    uint8_t key[KEPT_KEY_BYTES], bytes[8];
    kept_put_be32(bytes, desk->app);
    kept_put_be32(bytes + 4, item);
    _Static_assert(sizeof ret_name->b == KEPT_TOKEN_BYTES, "a name is a token");
    kept_derive(kept_keyring_hash_key(desk->keyring), label, (struct kept_span){bytes, sizeof bytes}, key);
    kept_token(key, whose, ret_name->b);
    kept_wipe(key, sizeof key);
}

static struct kept_span aad_of(const struct kept_slip *slip, uint8_t aad[AAD_MAX])
{
    static const char label[] = "kept slip";
    memcpy(aad, label, sizeof label);
    size_t n = sizeof label;
    kept_put_be32(aad + n, slip->kind);
    kept_put_be32(aad + n + 4, slip->app);
    memcpy(aad + n + 8, slip->id.b, KEPT_ID_BYTES);
    kept_put_be64(aad + n + 8 + KEPT_ID_BYTES, slip->key);
    return (struct kept_span){aad, n + 8 + KEPT_ID_BYTES + 8};
}

int kept_desk_put(const struct kept_desk *desk, const struct kept_slip *slip, struct kept_err *err)
{
    struct kept_slip row = *slip;
    struct kept_buf sealed;
    uint8_t aad[AAD_MAX];
    row.app = desk->app;
    const uint32_t epoch = kept_keyring_epoch(desk->keyring);
    kept_buf_init(&sealed, LONGEST);
    kept_buf_u32(&sealed, epoch);
    uint8_t *room = kept_buf_room(&sealed, slip->body.n + kept_keyring_wrap_overhead(desk->keyring));
    int rc = room == NULL ? sealed.failed
                          : kept_keyring_wrap(desk->keyring, epoch, aad_of(&row, aad), slip->body, room);
    if (rc != 0)
        rc = kept_fail(err, rc, "a slip cannot be sealed");
    row.body = kept_buf_span(&sealed);
    if (rc == 0)
        rc = kept_slip_put(desk->store, &row, err);
    kept_buf_release(&sealed);
    return rc;
}

int kept_desk_open(const struct kept_desk *desk, const struct kept_slip *slip, struct kept_buf *plain,
                   struct kept_err *err)
{
    const size_t overhead = HEAD + kept_keyring_wrap_overhead(desk->keyring);
    uint8_t aad[AAD_MAX];
    if (slip->body.n < overhead)
        return kept_fail(err, KEPT_E_CORRUPT, "a slip is cut short");
    const size_t before = plain->n;
    uint8_t *room = kept_buf_room(plain, slip->body.n - overhead);
    if (room == NULL)
        return kept_fail(err, plain->failed, "no memory for a slip");
    int rc = kept_keyring_unwrap(desk->keyring, kept_be32(slip->body.p), aad_of(slip, aad),
                                 (struct kept_span){slip->body.p + HEAD, slip->body.n - HEAD}, room);
    if (rc != 0)
        plain->n = before;
    return rc == 0                 ? 0
           : rc == KEPT_E_NOTFOUND ? kept_fail(err, rc, "the key of a slip is gone")
                                   : kept_fail(err, KEPT_E_CORRUPT, "a slip does not open: the store was "
                                                                    "changed outside kept");
}

int kept_desk_get(const struct kept_desk *desk, enum kept_slip_kind kind, const struct kept_id *name,
                  struct kept_slip *ret_slip, struct kept_buf *plain, struct kept_err *err)
{
    int rc = kept_slip_get(desk->store, kind, desk->app, name, ret_slip, err);
    return rc == 0 ? kept_desk_open(desk, ret_slip, plain, err) : rc;
}

int kept_desk_forget(struct kept_store *store, uint64_t person, struct kept_err *err)
{
    uint32_t n = 0;
    return kept_slip_delete_range(store, person, person | KEPT_MAX_RECORDS, KEPT_SLIPS_A_TICK, &n, err);
}

int kept_desk_due(const struct kept_desk *desk, uint32_t *deleted, struct kept_err *err)
{
    static const enum kept_slip_kind kinds[] = {KEPT_SLIP_CODE, KEPT_SLIP_TALLY, KEPT_SLIP_PROOF, KEPT_SLIP_SESSION,
                                                KEPT_SLIP_APPROVAL};
    return kept_desk_due_of(desk, kinds, sizeof kinds / sizeof kinds[0], deleted, err);
}

int kept_desk_due_of(const struct kept_desk *desk, const enum kept_slip_kind *kinds, size_t count, uint32_t *deleted,
                     struct kept_err *err)
{
    struct kept_slip slip;
    int rc = 0;
    uint32_t n = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        while (n < KEPT_SLIPS_A_TICK && (rc = kept_slip_due(desk->store, kinds[i], desk->app, desk->now, &slip, err)) == 0 &&
               (rc = kept_slip_delete(desk->store, slip.kind, slip.app, &slip.id, err)) == 0)
            n++;
        rc = rc == KEPT_E_NOTFOUND ? 0 : rc;
    }
    *deleted += rc == 0 ? n : 0;
    return rc;
}

/* One that opens no more will not open later: it is passed by. */
static int reseal(const struct kept_desk *desk, const struct kept_slip *found, uint32_t *count, struct kept_err *err)
{
    struct kept_slip slip = *found;
    struct kept_buf plain;
    if (slip.body.n >= HEAD && kept_be32(slip.body.p) == kept_keyring_epoch(desk->keyring))
        return 0;
    kept_buf_init_secret(&plain, LONGEST);
    int rc = kept_desk_open(desk, &slip, &plain, err);
    slip.body = kept_buf_span(&plain);
    if (rc == 0 && (rc = kept_desk_put(desk, &slip, err)) == 0)
        ++*count;
    kept_buf_release(&plain);
    return rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT ? 0 : rc;
}

int kept_desk_reseal(const struct kept_desk *desk, enum kept_slip_kind kind, uint32_t *ret_count, struct kept_err *err)
{
    struct kept_id name = {{0}};
    struct kept_slip slip;
    int rc = 0;
    *ret_count = 0;
    while (rc == 0 && (rc = kept_slip_from(desk->store, kind, desk->app, &name, &slip, err)) == 0) {
        name = slip.id;
        rc = reseal(desk, &slip, ret_count, err);
        (void)kept_id_next(&name);
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}
