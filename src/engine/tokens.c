/* tokens.c - look-up tokens, and the turning over of their key.
 *
 * A token is a keyed hash of a value as it is stored, so it can be made anew from the record. While a
 * rotation is under way two keys live: what is written gets a token under the newer, a look-up
 * tries both, and each tick makes the tokens of some people anew. When all are made, the older key is
 * destroyed. How far it came is a row of the store, with the key it is about: so a store that was
 * put back from before a rotation makes its tokens anew as well, and until then a look-up that
 * finds nobody is an error and not a no. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/values_int.h"

#define BITES_A_TICK 2u
#define PEOPLE_A_BITE 512u
#define RECORDS_A_BITE 2048u

/* App, item and value under a key. */
static int keyed(const struct app *app, const uint8_t *key, uint32_t item, struct kept_span value,
                 uint8_t ret_token[KEPT_TOKEN_BYTES], struct kept_err *err)
{
    struct kept_buf data;
    kept_buf_init_secret(&data, KEPT_MAX_VALUE_BYTES + 16);
    kept_buf_u32(&data, app->number);
    kept_buf_u32(&data, item);
    kept_buf_bytes(&data, value.p, value.n);
    int rc = data.failed;
    if (rc == 0)
        kept_token(key, kept_buf_span(&data), ret_token);
    kept_buf_release(&data);
    return rc == 0 ? 0 : kept_fail(err, rc, "no memory for a look-up token");
}

int kept_hashed(const struct app *app, uint32_t item, struct kept_span normal,
                char ret_hex[KEPT_HASHED_BYTES + 1], struct kept_err *err)
{
    uint8_t hash[KEPT_TOKEN_BYTES];
    int rc = keyed(app, kept_keyring_hash_key(app->keyring), item, normal, hash, err);
    if (rc == 0)
        kept_hex(hash, sizeof hash, ret_hex);
    return rc;
}

int kept_token_of(const struct app *app, uint32_t number, uint32_t item, struct kept_span stored,
                  uint8_t ret_token[KEPT_TOKEN_BYTES], struct kept_err *err)
{
    const uint8_t *key = kept_keyring_token_key(app->keyring, number);
    return key == NULL ? kept_fail(err, KEPT_E_BUG, "there is no such token key")
                       : keyed(app, key, item, stored, ret_token, err);
}

int kept_tokens_put(struct kept *kept, const struct app *app, const struct kept_item *item,
                    struct kept_span stored, uint64_t key, struct kept_err *err)
{
    uint8_t token[KEPT_TOKEN_BYTES];
    int rc = kept_token_of(app, kept_keyring_token(app->keyring), item->ref, stored, token, err);
    if (rc == 0)
        rc = kept_token_put(kept->store, app->number, token, key, err);
    if (rc == 0 && item->matched &&
        (rc = kept_contact_token(app, item->ref, stored, token, err)) == 0)
        rc = kept_token_put(kept->store, app->number, token, key, err);
    return rc;
}

bool kept_token_lives(const struct app *app, uint32_t number)
{
    return kept_keyring_token_key(app->keyring, number) != NULL;
}

/* ---- turning over ---------------------------------------------------------------------------- */

int kept_tokens_stale(struct kept *kept, const struct app *app, bool *ret_stale,
                      struct kept_err *err)
{
    struct turn turn;
    *ret_stale = false;
    if (kept_keyring_token(app->keyring) == 1)
        return 0;
    int rc = kept_turn_get(kept, app, KEPT_TURN_TOKEN, &turn, err);
    *ret_stale = rc == 0 && kept_turn_left(&turn) && !kept_token_lives(app, turn.done);
    return rc;
}

int kept_tokens_turn(struct kept *kept, struct app *app, struct kept_err *err)
{
    struct turn turn;
    uint32_t told = 0;
    int rc = kept_intent_finish(kept, app, &told, err);
    if (rc == 0)
        rc = kept_turn_get(kept, app, KEPT_TURN_TOKEN, &turn, err);
    if (rc != 0)
        return rc;
    uint32_t newest = kept_keyring_token(app->keyring);
    if (kept_turn_left(&turn) || kept_token_lives(app, newest - 1))
        return kept_fail(err, KEPT_E_CONFLICT,
                         "the look-up tokens of %s are being made anew already: each tick does "
                         "some, and the last destroys the former key",
                         app->name);
    return kept_intent_begin(kept, app, KEPT_INTENT_TOKEN_BEGIN, newest + 1, &told, err);
}

/* ---- making anew ----------------------------------------------------------------------------- */

struct remake {
    struct call *call;
    struct upkeep *work;
    uint32_t number;       /* of the key */
    uint32_t from;         /* the first record that counts */
    uint32_t next;         /* where it stopped; 0: it did not */
    uint32_t left;         /* records this bite may still look at */
    struct kept_buf value; /* secret scratch */
    struct kept_err *err;
    int rc;
};

/* The item under the version that governs the person; NULL: it declares none. *ret_ever: it has, or
 * had under some version, tokens. */
static const struct kept_item *item_of(const struct call *call, uint32_t ref, bool *ret_ever)
{
    const struct app *app = call->app;
    const struct kept_item *item = NULL;
    *ret_ever = false;
    for (size_t i = 0; i < app->version_count; i++) {
        const struct version *v = &app->versions[i];
        uint32_t index = kept_policy_index(v->policy, KEPT_K_ITEM, ref);
        if (index == KEPT_NO_INDEX)
            continue;
        *ret_ever = *ret_ever || kept_policy_item(v->policy, index)->token;
        if (v->number == call->subject->context.policy_version)
            item = kept_policy_item(v->policy, index);
    }
    return item;
}

static int remake_token(struct remake *r, const struct kept_dir_row *row,
                        const struct kept_item *item)
{
    bool wanted = item != NULL && item->token;
    struct kept_store *store = r->call->kept->store;
    const struct kept_subject *s = r->call->subject;
    uint64_t key = s->key | row->slot;
    struct kept_stamp stamp = {0};
    struct kept_err own = {0};
    uint32_t deleted = 0;
    int rc = 0;
    kept_buf_clear(&r->value);
    if (wanted)
        rc = kept_vault_get(store, s, row, &stamp, &r->value, &own);
    if (rc == KEPT_E_CORRUPT) {
        r->work->damaged++; /* nobody can say what it was: it is found no more */
        wanted = false;
    } else if (rc != 0) {
        return kept_fail(r->err, rc, "%s", own.text);
    }
    rc = kept_token_delete_range(store, key, key, UINT32_MAX, &deleted, r->err);
    if (rc == 0 && wanted)
        rc = kept_tokens_put(r->call->kept, r->call->app, item, kept_buf_span(&r->value), key, r->err);
    return rc;
}

static int remake_row(void *arg, const struct kept_dir_row *row)
{
    struct remake *r = arg;
    bool ever = false;
    if (row->slot < r->from)
        return 0;
    const struct kept_item *item = item_of(r->call, row->item, &ever);
    if (!ever)
        return 0;
    if (r->left == 0) {
        r->next = row->slot;
        return 1;
    }
    r->left--;
    r->rc = remake_token(r, row, item);
    return r->rc != 0;
}

/* One person's tokens from the cursor on; moves it. */
static int remake_person(struct remake *r, uint64_t *cursor)
{
    struct call *call = r->call;
    uint64_t head = *cursor & ~(uint64_t)KEPT_MAX_RECORDS;
    struct kept_err own = {0};
    int rc = kept_load_key(call, head, &own);
    r->from = (uint32_t)(*cursor & KEPT_MAX_RECORDS);
    r->next = 0;
    if (rc == 0 && call->subject->context.state != KEPT_S_ERASED &&
        call->subject->context.state != KEPT_S_KEPT_BY_LAW) {
        rc = kept_vault_each(call->kept->store, call->subject, 0, remake_row, r, &own);
        if (rc == 0 && r->rc != 0)
            return r->rc;
        r->work->retokened += rc == 0 && r->next == 0;
    }
    if (rc == KEPT_E_CORRUPT)
        r->work->damaged++;
    else if (rc != 0 && rc != KEPT_E_NOTFOUND)
        return kept_fail(r->err, rc, "%s", own.text);
    *cursor = r->next != 0 ? head | r->next : (head | KEPT_MAX_RECORDS) + 1;
    return 0;
}

/* The person at the cursor, or the next one behind it. *ret_over: there is nobody. */
static int find_person(const struct call *call, uint64_t *cursor, bool *ret_over,
                       struct kept_err *err)
{
    struct kept_err own = {0};
    uint64_t key = 0, end = KEPT_KEY(call->app->number + 1, 0, 0);
    *ret_over = false;
    if ((*cursor & KEPT_MAX_RECORDS) != 0)
        return 0; /* within a person */
    int rc = kept_cell_next(call->kept->store, *cursor, &key, &own);
    *ret_over = rc == KEPT_E_NOTFOUND || (rc == 0 && key >= end);
    if (*ret_over)
        return 0;
    *cursor = key & ~(uint64_t)KEPT_MAX_RECORDS;
    return rc == 0 ? 0 : kept_fail(err, rc, "%s", own.text);
}

static int bite(struct remake *r, struct turn *turn)
{
    struct kept *kept = r->call->kept;
    bool over = false;
    int rc = kept_store_begin_write(kept->store, r->err);
    r->left = RECORDS_A_BITE;
    for (unsigned i = 0; rc == 0 && !over && r->left > 0 && i < PEOPLE_A_BITE; i++)
        if ((rc = find_person(r->call, &turn->cursor, &over, r->err)) == 0 && !over)
            rc = remake_person(r, &turn->cursor);
    if (over)
        *turn = (struct turn){r->number, r->number, 0};
    if (rc == 0)
        rc = kept_turn_put(kept, r->call->app, KEPT_TURN_TOKEN, turn, r->err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, r->err);
    if (rc != 0)
        kept_store_rollback(kept->store);
    return rc;
}

int kept_tokens_remake(struct call *call, struct upkeep *work, bool *ret_left,
                       struct kept_err *err)
{
    struct app *app = call->app;
    struct turn turn;
    struct remake r = {.call = call, .work = work, .number = kept_keyring_token(app->keyring),
                       .err = err};
    int rc = kept_turn_get(call->kept, app, KEPT_TURN_TOKEN, &turn, err);
    *ret_left = false;
    if (rc != 0)
        return rc;
    kept_buf_init_secret(&r.value, KEPT_MAX_VALUE_BYTES);
    for (unsigned i = 0; rc == 0 && kept_turn_left(&turn) && i < BITES_A_TICK; i++)
        rc = bite(&r, &turn);
    kept_buf_release(&r.value);
    *ret_left = rc == 0 && kept_turn_left(&turn);
    if (rc == 0 && turn.done == r.number && kept_token_lives(app, r.number - 1))
        rc = kept_intent_begin(call->kept, app, KEPT_INTENT_TOKEN_END, r.number - 1,
                               &work->destroyed, err);
    return rc;
}
