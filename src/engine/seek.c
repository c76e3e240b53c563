/* seek.c - who is found by a value: look-up tokens lead to a person, whose sealed record confirms it. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "engine/engine_int.h"

struct seeker {
    struct call *call;
    const struct kept_item *item;
    uint32_t number; /* of the token key */
    uint8_t token[KEPT_TOKEN_BYTES];
    uint64_t key, below; /* of the record that was found; only those before the other one are looked at */
    struct kept_err *err;
    int rc;
    bool found;
};

/* Is the record behind a token what the token says? Somebody may have turned it to another person. */
static int confirm(struct seeker *s, const struct kept_dir_row *row)
{
    struct kept_stamp stamp = {0};
    struct kept_buf value;
    uint8_t token[KEPT_TOKEN_BYTES];
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    int rc = kept_vault_get(s->call->kept->store, s->call->subject, row, &stamp, &value, s->err);
    bool same = false;
    if (rc == 0 && (rc = kept_token_of(s->call->app, s->number, s->item->ref,
                                       kept_buf_span(&value), token, s->err)) == 0)
        same = kept_secret_equal(token, s->token, sizeof token);
    kept_buf_release(&value);
    if (rc == 0 && !same)
        return kept_fail(s->err, KEPT_E_CORRUPT,
                         "a look-up token leads to another value: the store was changed outside "
                         "kept");
    s->found = rc == 0 && (stamp.until == 0 || stamp.until > s->call->now);
    return rc;
}

/* A token leads through the living row: the head must open and its directory know the record. */
static int seek(void *arg, uint64_t key)
{
    struct seeker *s = arg;
    struct call *call = s->call;
    struct kept_head head;
    struct kept_span body;
    struct kept_dir_row row;
    uint64_t home = key & ~(uint64_t)KEPT_MAX_RECORDS;
    uint32_t slot = (uint32_t)(key & KEPT_MAX_RECORDS);
    if (key >= s->below)
        return 1;
    s->key = key;
    s->rc = kept_cell_get(call->kept->store, home, &body, s->err);
    if (s->rc == KEPT_E_NOTFOUND) {
        s->rc = 0;
        return 0;
    }
    if (s->rc == 0 && (s->rc = kept_head_decode(home, body, &head)) != 0)
        s->rc = kept_fail(s->err, s->rc, "a person's row is damaged");
    if (s->rc != 0 || head.state == KEPT_S_ERASED || head.state == KEPT_S_KEPT_BY_LAW)
        return s->rc;
    s->rc = kept_load(call, &head, home, s->err);
    if (s->rc == 0) {
        s->rc = kept_vault_find(call->kept->store, call->subject, s->item->ref, slot, &row, s->err);
        s->rc = s->rc == 0 ? confirm(s, &row) : s->rc == KEPT_E_NOTFOUND ? 0 : s->rc;
    }
    if (!s->found) {
        call->opened = false;
        call->box->reply.subject = (struct kept_id){{0}};
        call->box->reply.version = 0;
    }
    return s->rc != 0 ? s->rc : s->found;
}

/* The first record that is living and has the value, by its token under one key. */
static int under(struct seeker *s, uint32_t number, struct kept_span stored, uint64_t below)
{
    const struct app *app = s->call->app;
    s->number = number;
    s->below = below;
    s->found = false;
    int rc = kept_token_of(app, number, s->item->ref, stored, s->token, s->err);
    if (rc == 0)
        rc = kept_token_find(s->call->kept->store, app->number, s->token, seek, s, s->err);
    return rc > 0 ? 0 : rc; /* the visitor stopped the search */
}

/* Under the newest token key, and while a rotation is under way under the former one. Of several who share a value it is the
 * first, also when only a later one's token was made anew yet. */
static int look_up(struct seeker *s, struct kept_span normal)
{
    const struct app *app = s->call->app;
    const uint32_t newest = kept_keyring_token(app->keyring);
    char hex[KEPT_HASHED_BYTES + 1];
    struct kept_span stored = normal;
    bool stale = false;
    int rc = 0;
    if (s->item->hashed) {
        rc = kept_hashed(app, s->item->ref, normal, hex, s->err);
        stored = (struct kept_span){(const uint8_t *)hex, sizeof hex - 1};
    }
    if (rc == 0)
        rc = under(s, newest, stored, UINT64_MAX);
    if (rc == 0 && kept_token_lives(app, newest - 1)) {
        const uint64_t later = s->found ? s->key : UINT64_MAX;
        rc = under(s, newest - 1, stored, later);
        if (rc == 0 && !s->found && later != UINT64_MAX)
            rc = under(s, newest, stored, UINT64_MAX);
    }
    if (rc == 0 && !s->found)
        rc = kept_tokens_stale(s->call->kept, app, &stale, s->err);
    return rc == 0 && stale ? kept_fail(s->err, KEPT_E_CONFLICT,
                                        "this store is older than the key of its look-up tokens: "
                                        "tick makes them anew, then look again")
                            : rc;
}

int kept_find_by(struct call *call, const struct kept_field *f, bool *ret_found, struct kept_err *err)
{
    struct kept_buf normal;
    uint32_t ref = kept_field_ref(f);
    uint32_t index = kept_policy_index(call->policy, KEPT_K_ITEM, ref);
    const struct kept_item *item = index == KEPT_NO_INDEX ? NULL
                                                          : kept_policy_item(call->policy, index);
    *ret_found = false;
    if (item == NULL || !item->token) {
        kept_verdict(call, KEPT_DENY, item == NULL ? KEPT_R_UNDECLARED : KEPT_R_NOT_SEARCHABLE,
                     item == NULL ? "" : item->clause, item == NULL ? 0 : item->line);
        return 0;
    }
    if (call->actor_kind == KEPT_ACTOR_STAFF &&
        !kept_policy_role_sees(call->policy, call->question.role, index)) {
        const uint32_t role = call->question.role;
        bool apart = !kept_policy_role_reaches(call->policy, role, index);
        enum kept_reason reason = apart ? KEPT_R_PARTITION : KEPT_R_ROLE;
        int line = 0;
        const char *clause = apart ? kept_policy_partition_rule(call->policy, role, index, &line)
                                   : kept_policy_role_rule(call->policy, role, &line);
        kept_verdict(call, KEPT_DENY, reason, clause, line);
        return kept_call_touch(call, ref, 0, 0, KEPT_DENY, reason) == 0
                   ? 0
                   : kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    }
    kept_buf_init_secret(&normal, KEPT_MAX_VALUE_BYTES);
    int rc = kept_item_normal(item, f->value, &normal, err);
    struct seeker s = {.call = call, .item = item, .err = err};
    if (rc == 0)
        rc = look_up(&s, kept_buf_span(&normal));
    kept_buf_release(&normal);
    if (rc == 0 && !s.found)
        kept_verdict(call, KEPT_DENY, KEPT_R_NO_VALUE, item->clause, item->line);
    if (rc == 0 && kept_call_touch(call, ref, 0, 0, s.found ? KEPT_ALLOW : KEPT_DENY,
                                   s.found ? KEPT_R_NONE : KEPT_R_NO_VALUE) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    *ret_found = s.found;
    return rc;
}

int kept_act_SUBJECT_FIND(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    bool found = false;
    if (r->field_count != 1)
        return kept_fail(err, KEPT_E_USAGE, "a look-up takes one field: an item and its value");
    return kept_find_by(call, &r->fields[0], &found, err);
}

bool kept_may_also(struct call *call, enum kept_op op)
{
    int line = 0;
    if (call->by != NULL && call->by->operations != 0 && (call->by->operations >> op & 1u) == 0) {
        kept_verdict(call, KEPT_DENY, KEPT_R_CALLER, "", 0);
        return false;
    }
    if (kept_policy_role_may(call->policy, call->question.role, op))
        return true;
    const char *clause = kept_policy_role_rule(call->policy, call->question.role, &line);
    kept_verdict(call, KEPT_DENY, KEPT_R_OPERATION, clause, line);
    return false;
}

int kept_find_or_new(struct call *call, bool *ret_new, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    const struct kept_policy *policy = call->policy;
    bool found = false;
    *ret_new = r->field_count == 0 || r->dry != 0;
    if (*ret_new)
        return 0;
    if (r->field_count != 1)
        return kept_fail(err, KEPT_E_USAGE, "a look-up takes one item and its value");
    if (!kept_may_also(call, KEPT_OP_SUBJECT_FIND))
        return 0;
    int rc = kept_find_by(call, &r->fields[0], &found, err);
    if (rc != 0)
        return rc;
    if (found) { /* the entry says what was done: nobody is new */
        call->row = kept_op_row(KEPT_OP_SUBJECT_FIND);
        return 0;
    }
    struct kept_reply *reply = &call->box->reply;
    *ret_new = reply->reason == KEPT_R_NO_VALUE;
    if (!*ret_new)
        return 0;
    call->policy = policy; /* whoever was looked at on the way may be governed by another */
    call->info = kept_policy_info(policy);
    reply->policy_version = call->info->version;
    call->touched_count = 0;
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
    return 0;
}
