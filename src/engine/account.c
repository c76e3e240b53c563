/* account.c - somebody shows who they are: a code is sent, and comes back. What is answered to who asks for a
 * code does not depend on who has the address: nobody is looked up until the code is there. */
#include <string.h>

#include "account/account.h"
#include "base/error.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/minor_int.h"
#include "policy/render.h"

struct kept_desk kept_desk_of(const struct call *call)
{
    return (struct kept_desk){call->kept->store, call->app->keyring, call->app->number, call->now};
}

/* ---- the address -------------------------------------------------------------------------------- */

/* Where a code goes: the item of the request's one field, and its value, given or on file. */
struct goal {
    const struct kept_item *item;
    uint32_t index;
    bool given;              /* the value came with the request */
    struct kept_buf value;   /* normal form, secret; empty: nothing is on file */
};

static struct kept_address address_of(const struct goal *goal)
{
    return (struct kept_address){goal->item->ref, kept_buf_span(&goal->value)};
}

static bool deny(struct call *call, enum kept_reason reason, const char *clause, int line)
{
    kept_verdict(call, KEPT_DENY, reason, clause, line);
    return false;
}

/* Does the policy let people register by an address of this kind? What is on file serves in any mode. */
static bool has_way(struct call *call, const struct goal *goal)
{
    const struct kept_account account = kept_policy_account(call->policy);
    enum kept_account_way way = strcmp(goal->item->kind, "mail") == 0 ? KEPT_WAY_MAIL : KEPT_WAY_PHONE;
    if (!goal->given || (account.ways >> way & 1) != 0)
        return true;
    return deny(call, KEPT_R_NO_ACCOUNTS, account.said ? account.clause : "", account.line);
}

/* A person whose number comes in is decided about as in any collection: nothing before the notice. */
static bool may_take(struct call *call, const struct goal *goal)
{
    const struct kept_account account = kept_policy_account(call->policy);
    struct kept_question q = call->question;
    if (!goal->given || !call->opened)
        return true;
    q.use = KEPT_USE_COLLECT;
    q.item = goal->index;
    q.facts |= KEPT_F_USER_ACTION | KEPT_F_IN_USE;
    if (q.function == KEPT_NO_INDEX && !q.unknown_function)
        q.function = account.function;
    const struct kept_verdict v = kept_decide(call->policy, &call->subject->context, &q);
    return v.decision != KEPT_DENY || deny(call, v.reason, v.clause, v.line);
}

static int on_file(struct call *call, struct goal *goal, struct kept_err *err)
{
    struct kept_stamp stamp = {0};
    struct kept_dir_row row;
    int rc = kept_vault_find(call->kept->store, call->subject, goal->item->ref, 0, &row, err);
    if (rc == 0)
        rc = kept_vault_get(call->kept->store, call->subject, &row, &stamp, &goal->value, err);
    if (rc == 0 && stamp.until != 0 && stamp.until <= call->now)
        kept_buf_clear(&goal->value);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* *ret_go false: denied, and the verdict says why. */
static int find_goal(struct call *call, struct goal *goal, bool *ret_go, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    *ret_go = false;
    if (r->field_count != 1)
        return kept_fail(err, KEPT_E_USAGE, "a code goes to one address: an item, and its value or a subject");
    uint32_t ref = kept_field_ref(&r->fields[0]);
    goal->index = kept_policy_index(call->policy, KEPT_K_ITEM, ref);
    goal->given = r->fields[0].value.n > 0;
    if (goal->index == KEPT_NO_INDEX)
        return deny(call, KEPT_R_UNDECLARED, "", 0);
    goal->item = kept_policy_item(call->policy, goal->index);
    if (kept_call_touch(call, ref, 0, 0, KEPT_ALLOW, KEPT_R_NONE) != 0)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    if (strcmp(goal->item->kind, "phone") != 0 && strcmp(goal->item->kind, "mail") != 0)
        return kept_fail(err, KEPT_E_USAGE, "a code goes to an item of kind phone or mail, and %s is another",
                         goal->item->name);
    if (!goal->given && !call->opened)
        return kept_fail(err, KEPT_E_USAGE, "a code goes to a value, or to what a subject has on file: neither is given");
    if (!has_way(call, goal) || !may_take(call, goal))
        return 0;
    int rc = goal->given ? kept_item_normal(goal->item, r->fields[0].value, &goal->value, err)
                         : on_file(call, goal, err);
    if (goal->given && (rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT))
        return deny(call, KEPT_R_INVALID, goal->item->clause, goal->item->line);
    *ret_go = rc == 0;
    return rc;
}

static struct kept_span source_of(const struct call *call)
{
    const char *source = call->request->source;
    return (struct kept_span){(const uint8_t *)source, source != NULL ? strlen(source) : 0};
}

static int check_words(const struct kept_request *r, struct kept_err *err)
{
    if (r->source != NULL && strlen(r->source) > KEPT_MAX_SOURCE)
        return kept_fail(err, KEPT_E_USAGE, "the source is longer than %u bytes", KEPT_MAX_SOURCE);
    if (r->secret != NULL && strlen(r->secret) > KEPT_MAX_CODE)
        return kept_fail(err, KEPT_E_USAGE, "a code is no longer than %u bytes", KEPT_MAX_CODE);
    if (r->op == KEPT_OP_ACCOUNT_PROVE && r->on != 0 && r->role != NULL && r->role[0] != 0)
        return kept_fail(err, KEPT_E_USAGE, "a session is the person's own: in a role nobody gets one for them");
    if (r->channel != NULL && r->channel[0] != 0 && strcmp(r->channel, "voice") != 0)
        return kept_fail(err, KEPT_E_USAGE, "the channel is voice, or not said");
    return 0;
}

/* ---- how often ---------------------------------------------------------------------------------- */

/* An address with its item, as what is counted. */
static int counted_address(const struct goal *goal, struct kept_buf *out)
{
    kept_buf_u32(out, goal->item->ref);
    kept_buf_bytes(out, goal->value.p, goal->value.n);
    return out->failed;
}

#define MOST_TALLIES 4u

/* All are asked, and then all are counted: or none. *ret_over: one is full. */
static int count_all(const struct call *call, const struct kept_tally *tallies, size_t n, bool add,
                     bool *ret_over, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    int rc = 0;
    *ret_over = false;
    for (size_t i = 0; rc == 0 && !*ret_over && i < n; i++)
        rc = kept_tally_over(&desk, &tallies[i], ret_over, err);
    for (size_t i = 0; rc == 0 && add && !*ret_over && i < n; i++)
        rc = kept_tally_add(&desk, &tallies[i], err);
    return rc;
}

/* Codes sent. Who has nothing on file is counted as well: the answer is the same. */
static int count_codes(struct call *call, const struct goal *goal, bool *ret_over, struct kept_err *err)
{
    struct kept_buf whose;
    kept_buf_init_secret(&whose, KEPT_MAX_VALUE_BYTES);
    int rc = counted_address(goal, &whose);
    const struct kept_span to = kept_buf_span(&whose);
    const struct kept_span person = {call->opened ? call->subject->id.b : NULL, call->opened ? KEPT_ID_BYTES : 0};
    const struct kept_tally tallies[] = {
        {"kept code pause", to, 1, KEPT_CODE_PAUSE_SECONDS * KEPT_SECOND},
        {"kept codes to", to, KEPT_CODES_OF_ADDRESS, KEPT_HOUR},
        {"kept codes of", person, KEPT_CODES_OF_PERSON, KEPT_HOUR},
        {"kept codes from", source_of(call), KEPT_CODES_OF_SOURCE, KEPT_HOUR}};
    _Static_assert(sizeof tallies / sizeof tallies[0] == MOST_TALLIES, "each is counted");
    if (rc == 0)
        rc = count_all(call, tallies, MOST_TALLIES, true, ret_over, err);
    else
        (void)kept_fail(err, rc, "no memory to count codes");
    kept_buf_release(&whose);
    return rc;
}

/* Wrong ones: asked before a code is looked at, counted after it was wrong. */
static int count_wrong(struct call *call, const struct goal *goal, bool add, bool *ret_over,
                       struct kept_err *err)
{
    struct kept_buf whose;
    kept_buf_init_secret(&whose, KEPT_MAX_VALUE_BYTES);
    int rc = counted_address(goal, &whose);
    const struct kept_tally tallies[] = {
        {"kept wrong to", kept_buf_span(&whose), KEPT_WRONG_OF_ADDRESS, KEPT_DAY},
        {"kept wrong from", source_of(call), KEPT_WRONG_OF_SOURCE, KEPT_HOUR}};
    if (rc == 0)
        rc = count_all(call, tallies, sizeof tallies / sizeof tallies[0], add, ret_over, err);
    else
        (void)kept_fail(err, rc, "no memory to count codes");
    kept_buf_release(&whose);
    return rc;
}

/* ---- account.begin ------------------------------------------------------------------------------ */

static enum kept_carrier carrier_of(const struct call *call, const struct goal *goal)
{
    const char *channel = call->request->channel;
    if (strcmp(goal->item->kind, "mail") == 0)
        return KEPT_BY_MAIL;
    return channel != NULL && channel[0] != 0 ? KEPT_BY_VOICE : KEPT_BY_SMS;
}

static int send_code(struct call *call, const struct goal *goal, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const struct kept_address to = address_of(goal);
    const uint64_t person = call->opened ? call->subject->key : 0;
    char code[KEPT_CODE_DIGITS + 1];
    struct kept_buf title, text;
    kept_buf_init_secret(&title, KEPT_MAX_POST_BYTES);
    kept_buf_init_secret(&text, KEPT_MAX_POST_BYTES);
    int rc = kept_code_make(&desk, &to, person, code, err);
    if (rc == 0)
        rc = kept_policy_code_message(call->policy, call->request->language, code, KEPT_CODE_MINUTES, &title,
                                      &text, err);
    const struct kept_letter letter = {.carrier = carrier_of(call, goal), .to = to.value,
                                       .title = kept_buf_span(&title), .text = kept_buf_span(&text),
                                       .expires = call->now + KEPT_CODE_MINUTES * KEPT_MINUTE};
    if (rc == 0)
        rc = kept_letter_owe(&desk, person, &letter, err);
    kept_wipe(code, sizeof code);
    kept_buf_release(&title);
    kept_buf_release(&text);
    return rc;
}

static int say_sent(struct call *call, struct kept_err *err)
{
    json_t *root = json_object();
    set(call, root, "digits", json_integer(KEPT_CODE_DIGITS));
    set(call, root, "until", time_json(call->now + KEPT_CODE_MINUTES * KEPT_MINUTE));
    set(call, root, "again", time_json(call->now + KEPT_CODE_PAUSE_SECONDS * KEPT_SECOND));
    return kept_report_finish(call, root, err);
}

int kept_act_ACCOUNT_BEGIN(struct call *call, struct kept_err *err)
{
    struct goal goal = {.index = KEPT_NO_INDEX};
    bool go = true, over = false;
    kept_buf_init_secret(&goal.value, KEPT_MAX_VALUE_BYTES);
    int rc = check_words(call->request, err);
    if (rc == 0)
        rc = find_goal(call, &goal, &go, err);
    if (rc == 0 && go)
        rc = count_codes(call, &goal, &over, err);
    if (rc == 0 && over)
        go = deny(call, KEPT_R_TOO_OFTEN, goal.item->clause, goal.item->line);
    if (rc == 0 && go && goal.value.n > 0)
        rc = send_code(call, &goal, err);
    if (rc == 0 && go)
        rc = say_sent(call, err);
    kept_buf_release(&goal.value);
    return rc;
}

/* ---- account.prove ------------------------------------------------------------------------------ */

const char *kept_level_word(enum kept_identity level)
{
    static const char *const words[] = {"none", "account", "code", "document"};
    return level <= KEPT_IDENTITY_DOCUMENT ? words[level] : "?";
}

/* A session of theirs, by which they stay known: its token is told this once. */
static int add_session(struct call *call, json_t *root, kept_ms code, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    uint8_t hash[KEPT_HASH_BYTES];
    char token[KEPT_CALLER_TOKEN];
    kept_ms until = 0;
    kept_caller_token(KEPT_TOKEN_PERSON, token, hash);
    int rc = kept_session_begin(&desk, hash, &call->subject->id, call->subject->key, code, &until, err);
    if (rc == 0) {
        json_t *session = json_object();
        set(call, session, "token", json_string(token));
        set(call, session, "until", time_json(until));
        set(call, root, "session", session);
    }
    kept_wipe(token, sizeof token);
    kept_wipe(hash, sizeof hash);
    return rc;
}

static int say_proved(struct call *call, enum kept_identity level, kept_ms until, struct kept_err *err)
{
    json_t *root = json_object();
    set(call, root, "subject", id_json(&call->subject->id));
    set(call, root, "level", json_string(kept_level_word(level)));
    set(call, root, "until", time_json(until));
    int rc = call->request->on != 0 && level == KEPT_IDENTITY_CODE ? add_session(call, root, until, err) : 0;
    if (rc == 0)
        return kept_report_finish(call, root, err);
    kept_json_free(root);
    return rc;
}

/* An address that was shown is marked in the person's context, for as long as they are there: proofs end.
 * No function has the reference 0: the row is nobody's launch. */
static uint32_t mark_of(const struct call *call, const struct goal *goal)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_id name;
    kept_desk_name(&desk, "kept shown address", goal->item->ref, kept_buf_span(&goal->value), &name);
    uint32_t mark = kept_be32(name.b);
    return mark != 0 ? mark : 1;
}

static int mark_shown(struct call *call, const struct goal *goal, struct kept_err *err)
{
    const struct kept_launch_row row = {KEPT_REF_NONE, goal->item->ref, mark_of(call, goal)};
    call->changed = true;
    return kept_subject_set_launch(call->subject, &row, err);
}

static int prove(struct call *call, enum kept_identity level, const struct kept_address *address,
                 struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    kept_ms until = 0;
    int rc = kept_proof_add(&desk, &call->subject->id, call->subject->key, level, address, &until, err);
    if (rc == 0 && level == KEPT_IDENTITY_CODE && kept_by_self(call) && call->by->kind == KEPT_CALLER_PERSON)
        rc = kept_session_renew(&desk, &call->by->id, until, err);
    return rc == 0 ? say_proved(call, level, until, err) : rc;
}

/* A document that staff saw: the entry says who, and where it is filed. */
static int prove_by_document(struct call *call, struct kept_err *err)
{
    if (call->actor_kind != KEPT_ACTOR_STAFF)
        return kept_fail(err, KEPT_E_USAGE, "a document is seen by staff: in which role?");
    if (!call->opened)
        return kept_fail(err, KEPT_E_USAGE, "whose document was it? Name the subject");
    int rc = kept_evidence_check(call->request->evidence, call->now, err);
    return rc == 0 ? prove(call, KEPT_IDENTITY_DOCUMENT, NULL, err) : rc;
}

/* Is it an address by which this person is known: on file, or the first there is? Whoever gives another one has shown
 * that it is theirs, and nothing of who they are. */
static int is_of(struct call *call, const struct goal *goal, bool *ret_is, struct kept_err *err)
{
    bool any = false;
    int rc = 0;
    *ret_is = false;
    for (uint32_t i = 0; rc == 0 && !*ret_is && i < call->info->items; i++) {
        struct goal held = {.item = kept_policy_item(call->policy, i)};
        if (strcmp(held.item->kind, "phone") != 0 && strcmp(held.item->kind, "mail") != 0)
            continue;
        kept_buf_init_secret(&held.value, KEPT_MAX_VALUE_BYTES);
        rc = on_file(call, &held, err);
        any = any || held.value.n > 0;
        *ret_is = held.value.n > 0 && held.item == goal->item && held.value.n == goal->value.n &&
                  kept_secret_equal(held.value.p, goal->value.p, goal->value.n);
        kept_buf_release(&held.value);
    }
    *ret_is = *ret_is || !any;
    return rc;
}

/* The code was right: of whom? */
static int settle(struct call *call, const struct goal *goal, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const struct kept_address address = address_of(goal);
    bool found = call->opened, theirs = false;
    int rc = 0;
    if (!found) /* whoever has the address; the code stays good for who registers now */
        rc = kept_find_by(call, &call->request->fields[0], &found, err);
    if (rc != 0 || !found)
        return rc;
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
    rc = kept_code_spend(&desk, &address, err);
    if (rc == 0)
        rc = mark_shown(call, goal, err);
    if (rc == 0)
        rc = is_of(call, goal, &theirs, err);
    return rc == 0 ? prove(call, theirs ? KEPT_IDENTITY_CODE : KEPT_IDENTITY_ACCOUNT, &address, err) : rc;
}

static int try_code(struct call *call, const struct goal *goal, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const struct kept_address address = address_of(goal);
    const char *secret = call->request->secret;
    const struct kept_span code = {(const uint8_t *)secret, secret != NULL ? strlen(secret) : 0};
    bool over = false, right = false;
    int rc = count_wrong(call, goal, false, &over, err);
    if (rc == 0 && over)
        return deny(call, KEPT_R_TOO_OFTEN, goal->item->clause, goal->item->line);
    if (rc == 0)
        rc = kept_code_try(&desk, &address, code, false, &right, err);
    if (rc != 0 || right)
        return rc != 0 ? rc : settle(call, goal, err);
    (void)deny(call, KEPT_R_CODE, goal->item->clause, goal->item->line);
    return count_wrong(call, goal, true, &over, err);
}

int kept_act_ACCOUNT_PROVE(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct goal goal = {.index = KEPT_NO_INDEX};
    bool go = true;
    kept_buf_init_secret(&goal.value, KEPT_MAX_VALUE_BYTES);
    int rc = check_words(r, err);
    if (rc == 0 && r->evidence != NULL) {
        rc = prove_by_document(call, err);
        go = false;
    }
    if (rc == 0 && go && (r->secret == NULL || r->secret[0] == 0))
        rc = kept_fail(err, KEPT_E_USAGE, "which code came?");
    if (rc == 0 && go)
        rc = find_goal(call, &goal, &go, err);
    if (rc == 0 && go)
        rc = try_code(call, &goal, err);
    kept_buf_release(&goal.value);
    return rc;
}

bool kept_address_shown(const struct call *call, const struct kept_item *item, struct kept_span normal)
{
    const struct kept_desk desk = kept_desk_of(call);
    const struct kept_address address = {item->ref, normal};
    struct kept_proof proof;
    struct kept_err err = {0};
    return kept_proof_get(&desk, &call->subject->id, &proof, &err) == 0 &&
           kept_proof_has(&desk, &proof, &address);
}

/* ---- account.show ------------------------------------------------------------------------------- */

/* An address on file that people register by: is there one, and was it shown to be theirs? */
static int look_at(struct call *call, const struct kept_item *item, bool *ret_holds, bool *ret_shown,
                   struct kept_err *err)
{
    const struct kept_context *c = &call->subject->context;
    struct goal goal = {.item = item};
    kept_buf_init_secret(&goal.value, KEPT_MAX_VALUE_BYTES);
    int rc = on_file(call, &goal, err);
    const uint32_t mark = goal.value.n > 0 ? mark_of(call, &goal) : 0;
    *ret_holds = *ret_holds || goal.value.n > 0;
    for (size_t i = 0; i < c->launch_count && mark != 0; i++)
        if (c->launches[i].function == KEPT_REF_NONE && c->launches[i].item == item->ref &&
            c->launches[i].launch == mark)
            *ret_shown = true;
    kept_buf_release(&goal.value);
    return rc;
}

/* Registered: by an address that is on file and was shown to be theirs, having agreed to the policy in force
 * (S2-1.4.2.1b). */
static int state_of(struct call *call, const char **ret_state, struct kept_err *err)
{
    const uint32_t ways = kept_policy_account(call->policy).ways;
    const struct kept_context *c = &call->subject->context;
    bool holds = false, shown = false;
    int rc = 0;
    *ret_state = "none";
    if (ways == 0 || c->state == KEPT_S_ERASED || c->state == KEPT_S_KEPT_BY_LAW)
        return 0;
    for (uint32_t i = 0; rc == 0 && i < call->info->items; i++) {
        const struct kept_item *item = kept_policy_item(call->policy, i);
        bool way = (strcmp(item->kind, "phone") == 0 && (ways >> KEPT_WAY_PHONE & 1) != 0) ||
                   (strcmp(item->kind, "mail") == 0 && (ways >> KEPT_WAY_MAIL & 1) != 0);
        if (way && !item->hashed && !item->many)
            rc = look_at(call, item, &holds, &shown, err);
    }
    bool agreed = c->state == KEPT_S_LIVE && c->notice_version >= call->info->version && !c->unshown;
    *ret_state = c->state == KEPT_S_RESTRICTED ? "restricted" : !holds ? "visitor" : shown && agreed ? "active" : "pending";
    return rc;
}

int kept_act_ACCOUNT_SHOW(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_proof proof;
    const char *state = "none";
    int rc = kept_proof_get(&desk, &call->subject->id, &proof, err);
    if (rc == 0)
        rc = state_of(call, &state, err);
    if (rc != 0)
        return rc;
    json_t *root = json_object();
    set(call, root, "state", json_string(state));
    enum kept_identity level = kept_proof_level(&proof, call->now);
    set(call, root, "level", json_string(kept_level_word(level)));
    if (level != KEPT_IDENTITY_NONE)
        set(call, root, "until", time_json(proof.until[level]));
    kept_minor_told(call, root);
    return kept_report_finish(call, root, err);
}
