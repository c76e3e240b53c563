/* contacts.c - an address book meets the members who may be found, and nobody else is learnt of.
 *
 *   app: blind each number -> kept: evaluate (F's key never leaves) -> app: finish, F(number)
 *   app: F(number) -> kept: the member whose number that is, if they may be found now
 *
 * The app has no key, so it cannot try numbers by itself: each that it asks costs one of the person's
 * count for the day. kept sees elements that say nothing, and then values of F; of those that lead to no
 * member nothing is kept. A member's own value of F stands among the look-up tokens, hashed under a key,
 * and goes with the record. A member is found while the policy would let their number be read for the
 * function that the rule names (found_through): agreed to it, live, of the age, and so on. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/values_int.h"

#define COUNT_BITS 17u /* of the count of a day: behind the day's number in one u32 */
#define COUNT_MASK ((1u << COUNT_BITS) - 1)

_Static_assert(KEPT_MAX_MATCHES <= COUNT_MASK, "a day's count fits");

/* F's key for an item, or (what "tokens") the key of its hashes: of their own, below the app's. */
static void derive(const struct app *app, const char *label, uint32_t item,
                   uint8_t ret_key[KEPT_KEY_BYTES])
{
    uint8_t bytes[4];
    kept_put_be32(bytes, item);
    kept_derive(kept_keyring_hash_key(app->keyring), label, (struct kept_span){bytes, sizeof bytes},
                ret_key);
}

static int oprf_key(const struct app *app, uint32_t item, uint8_t ret_key[KEPT_OPRF_BYTES],
                    struct kept_err *err)
{
    uint8_t seed[KEPT_KEY_BYTES];
    derive(app, "kept contacts", item, seed);
    int rc = kept_oprf_key(seed, (struct kept_span){(const uint8_t *)"contacts", 8}, ret_key);
    kept_wipe(seed, sizeof seed);
    return rc == 0 ? 0 : kept_fail(err, rc, "no key for address books");
}

static void token_of(const struct app *app, uint32_t item, const uint8_t output[KEPT_OPRF_OUTPUT],
                     uint8_t ret_token[KEPT_TOKEN_BYTES])
{
    uint8_t key[KEPT_KEY_BYTES];
    derive(app, "kept contact tokens", item, key);
    kept_token(key, (struct kept_span){output, KEPT_OPRF_OUTPUT}, ret_token);
    kept_wipe(key, sizeof key);
}

int kept_contact_token(const struct app *app, uint32_t item, struct kept_span stored,
                       uint8_t ret_token[KEPT_TOKEN_BYTES], struct kept_err *err)
{
    uint8_t key[KEPT_OPRF_BYTES], output[KEPT_OPRF_OUTPUT];
    int rc = oprf_key(app, item, key, err);
    if (rc == 0 && (rc = kept_oprf_output(key, stored, output)) != 0)
        rc = kept_fail(err, rc, "a value cannot be made a contact's");
    if (rc == 0)
        token_of(app, item, output, ret_token);
    kept_wipe(key, sizeof key);
    kept_wipe(output, sizeof output);
    return rc;
}

/* ---- the day's count --------------------------------------------------------------------------- */

/* Count n more of today; *ret_over: they would be too many, and none was counted. */
static int count(struct call *call, const struct kept_item *book, size_t n, bool *ret_over,
                 struct kept_err *err)
{
    const struct kept_context *c = &call->subject->context;
    uint32_t day = (uint32_t)kept_zone_day(&call->info->zone, call->now);
    uint32_t today = day << COUNT_BITS, used = 0;
    for (size_t i = 0; i < c->launch_count; i++)
        if (c->launches[i].function == KEPT_REF_NONE && c->launches[i].item == book->ref &&
            (c->launches[i].launch & ~COUNT_MASK) == today)
            used = c->launches[i].launch & COUNT_MASK;
    *ret_over = n > book->match_limit || used > book->match_limit - n;
    if (*ret_over)
        return 0;
    /* No function has the reference 0: the row is nobody's launch. */
    const struct kept_launch_row row = {KEPT_REF_NONE, book->ref, today | (used + (uint32_t)n)};
    call->changed = true;
    return kept_subject_set_launch(call->subject, &row, err);
}

/* ---- who is found ------------------------------------------------------------------------------ */

struct seek {
    struct call *call;
    const struct kept_item *book;
    const uint8_t *token;
    struct kept_id found; /* zero: nobody */
    struct kept_err *err;
    int rc;
};

/* May the member be found now, by this value? */
static int consider(struct seek *s, struct kept_subject *member, uint32_t slot, bool *ret_may)
{
    const struct app *app = s->call->app;
    const struct kept_policy *policy = kept_app_policy(app, member->context.policy_version);
    struct kept_stamp stamp = {0};
    struct kept_dir_row row;
    struct kept_buf value;
    uint8_t token[KEPT_TOKEN_BYTES];
    if (policy == NULL)
        return 0;
    struct kept_question q = {.use = KEPT_USE_READ, .now = s->call->now};
    q.item = kept_policy_index(policy, KEPT_K_ITEM, s->book->match);
    q.function = kept_policy_index(policy, KEPT_K_FUNCTION, s->book->found_through);
    q.purpose = kept_policy_index(policy, KEPT_K_PURPOSE, s->call->purpose_ref);
    q.role = q.recipient = KEPT_NO_INDEX; /* by the app itself */
    /* Of a version that knows no such function, none is agreed to. */
    if (q.function == KEPT_NO_INDEX || kept_decide(policy, &member->context, &q).decision == KEPT_DENY)
        return 0;
    int rc = kept_vault_find(s->call->kept->store, member, s->book->match, slot, &row, s->err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND ? 0 : rc;
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    rc = kept_vault_get(s->call->kept->store, member, &row, &stamp, &value, s->err);
    if (rc == 0)
        rc = kept_contact_token(app, s->book->match, kept_buf_span(&value), token, s->err);
    kept_buf_release(&value);
    if (rc == 0 && !kept_secret_equal(token, s->token, sizeof token))
        rc = kept_fail(s->err, KEPT_E_CORRUPT, "a look-up token leads to another value: the store was "
                                               "changed outside kept");
    *ret_may = rc == 0 && (stamp.until == 0 || stamp.until > s->call->now);
    return rc;
}

static int visit(void *arg, uint64_t key)
{
    struct seek *s = arg;
    struct kept *kept = s->call->kept;
    struct kept_subject *member = &kept->shells[1]; /* the person who asks is in the first */
    struct kept_head head;
    struct kept_span body;
    uint64_t home = key & ~(uint64_t)KEPT_MAX_RECORDS;
    bool may = false;
    if (home == s->call->subject->key) /* one's own number */
        return 0;
    s->rc = kept_cell_get(kept->store, home, &body, s->err);
    if (s->rc == KEPT_E_NOTFOUND)
        return s->rc = 0;
    if (s->rc == 0 && (s->rc = kept_head_decode(home, body, &head)) != 0)
        return s->rc = kept_fail(s->err, s->rc, "a person's row is damaged");
    if (s->rc != 0 || head.state != KEPT_S_LIVE ||
        kept_debt_unpaid(s->call->app, &head.id, head.version))
        return s->rc;
    s->rc = kept_subject_open(member, s->call->app->keyring, s->call->app->number, home, &head, s->err);
    member->context.ceased = s->call->app->ceased;
    if (s->rc == 0)
        s->rc = consider(s, member, (uint32_t)(key & KEPT_MAX_RECORDS), &may);
    kept_wipe(member->keys, sizeof *member->keys);
    if (may)
        s->found = head.id;
    return s->rc != 0 ? s->rc : may;
}

static int find(struct call *call, const struct kept_item *book, struct kept_span output,
                struct kept_id *ret_found, struct kept_err *err)
{
    uint8_t token[KEPT_TOKEN_BYTES];
    struct seek s = {.call = call, .book = book, .token = token, .err = err};
    token_of(call->app, book->match, output.p, token);
    int rc = kept_token_find(call->kept->store, call->app->number, token, visit, &s, err);
    *ret_found = s.found;
    return s.rc != 0 ? s.rc : rc > 0 ? 0 : rc; /* more than 0: the visitor stopped the search */
}

/* ---- the operation ----------------------------------------------------------------------------- */

static int answer(struct call *call, const struct kept_item *book, struct kept_span value,
                  const uint8_t *key, const struct kept_verdict *v, struct kept_err *err)
{
    const struct kept_dir_row row = {.item = book->ref};
    const struct kept_verdict nobody = {KEPT_DENY, KEPT_R_NO_VALUE, v->clause, v->line};
    uint8_t element[KEPT_OPRF_BYTES];
    struct kept_id found = {{0}};
    int rc = 0;
    if (value.n == KEPT_OPRF_OUTPUT) {
        rc = find(call, book, value, &found, err);
        bool some = !kept_id_is_zero(&found);
        return rc != 0 ? rc
                       : kept_say(call, &row, book->name, some ? v : &nobody,
                                  (struct kept_span){found.b, some ? sizeof found.b : 0}, err);
    }
    if (kept_oprf_evaluate(key, value.p, element) != 0)
        return kept_fail(err, KEPT_E_USAGE, "an entry of an address book is no element of the group");
    return kept_say(call, &row, book->name, v, (struct kept_span){element, sizeof element}, err);
}

/* All are of one item and one step. */
static int check_fields(const struct kept_request *r, struct kept_err *err)
{
    size_t n = r->field_count > 0 ? r->fields[0].value.n : 0;
    if (n != KEPT_OPRF_BYTES && n != KEPT_OPRF_OUTPUT)
        return kept_fail(err, KEPT_E_USAGE,
                         "an address book comes as blinded elements of %d bytes, or then as outputs of "
                         "%d: see kept_contact_blind", KEPT_OPRF_BYTES, KEPT_OPRF_OUTPUT);
    if (r->purpose == NULL || r->purpose[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "for which purpose are members to be found?");
    for (size_t i = 1; i < r->field_count; i++)
        if (r->fields[i].value.n != n || r->fields[i].item != r->fields[0].item ||
            (r->fields[i].name == NULL) != (r->fields[0].name == NULL) ||
            (r->fields[i].name != NULL && strcmp(r->fields[i].name, r->fields[0].name) != 0))
            return kept_fail(err, KEPT_E_USAGE, "the entries of one request are of one item and one step");
    return 0;
}

int kept_act_CONTACTS(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_question q = call->question;
    uint8_t key[KEPT_OPRF_BYTES] = {0};
    bool over = false;
    int rc = check_fields(r, err);
    if (rc != 0)
        return rc;
    const struct kept_field *f = &r->fields[0];
    uint32_t ref = kept_field_ref(f);
    q.use = KEPT_USE_COLLECT;
    q.match = true;
    q.item = kept_policy_index(call->policy, KEPT_K_ITEM, ref);
    struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
    const struct kept_item *book =
        q.item == KEPT_NO_INDEX ? NULL : kept_policy_item(call->policy, q.item);
    if (v.decision != KEPT_DENY && book->match == KEPT_REF_NONE)
        v = (struct kept_verdict){KEPT_DENY, KEPT_R_NOT_SEARCHABLE, book->clause, book->line};
    if (v.decision != KEPT_DENY && f->value.n == KEPT_OPRF_BYTES)
        rc = count(call, book, r->field_count, &over, err);
    if (over)
        v = (struct kept_verdict){KEPT_DENY, KEPT_R_LIMIT, book->clause, book->line};
    kept_verdict(call, v.decision, v.reason, v.clause, v.line);
    if (rc == 0 && v.decision == KEPT_DENY)
        return kept_say(call, &(struct kept_dir_row){.item = ref}, book == NULL ? "" : book->name, &v,
                        (struct kept_span){NULL, 0}, err);
    if (rc == 0)
        rc = oprf_key(call->app, book->match, key, err);
    bool some = false;
    for (size_t i = 0; rc == 0 && i < r->field_count; i++) {
        rc = answer(call, book, r->fields[i].value, key, &v, err);
        some = some || (rc == 0 && call->box->reply.fields[i].decision != KEPT_DENY);
    }
    if (rc == 0 && !some)
        kept_verdict(call, KEPT_DENY, KEPT_R_NO_VALUE, v.clause, v.line);
    kept_wipe(key, sizeof key);
    return rc;
}

/* ---- in the app -------------------------------------------------------------------------------- */

/* As the member's own value is stored, so that two spellings meet. */
static int normal_of(const char *kind, struct kept_span value, struct kept_buf *out,
                     struct kept_err *err)
{
    kept_buf_init_secret(out, KEPT_MAX_VALUE_BYTES);
    int rc = kept_crypto_init();
    if (rc != 0)
        return kept_fail(err, rc, "the cryptographic libraries do not start");
    rc = kept_kind_check(kept_kind_named(kind), value, err);
    return rc != 0 ? rc : kept_kind_normal(kept_kind_named(kind), value, out);
}

int kept_contact_blind(const char *kind, struct kept_span value, uint8_t ret_blind[32],
                       uint8_t ret_element[32], struct kept_err *err)
{
    struct kept_buf normal;
    int rc = normal_of(kind, value, &normal, err);
    if (rc == 0) {
        kept_oprf_draw(ret_blind);
        if (kept_oprf_blind(kept_buf_span(&normal), ret_blind, ret_element) != 0)
            rc = kept_fail(err, KEPT_E_USAGE, "a value of %zu bytes cannot be blinded", normal.n);
    }
    kept_buf_release(&normal);
    return rc;
}

int kept_contact_finish(const char *kind, struct kept_span value, const uint8_t blind[32],
                        const uint8_t evaluated[32], uint8_t ret_output[64], struct kept_err *err)
{
    struct kept_buf normal;
    int rc = normal_of(kind, value, &normal, err);
    if (rc == 0 && kept_oprf_finish(kept_buf_span(&normal), blind, evaluated, ret_output) != 0)
        rc = kept_fail(err, KEPT_E_USAGE, "what came back is no element of the group");
    kept_buf_release(&normal);
    return rc;
}
