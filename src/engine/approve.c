/* approve.c - approval by two: where the policy says so, values go to a member of staff, or out on the ground of an exemption,
 * only after another looked at exactly this - who asks, whose data, which items, for what, to whom, until when - and said yes to
 * all of it or a part. Asking, granting and refusing are entries of the person's own trail. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/approve_int.h"

#define NOTE_BYTES 1024u

static const char *text_of(const char *text)
{
    return text != NULL ? text : "";
}

/* ---- is it approved? --------------------------------------------------------------------------- */

/* By one version of the policy: the one that governs the person, or the one in force. */
static bool asks_for_it(const struct call *call, const struct kept_policy *policy, const char **ret_clause, int *ret_line)
{
    const int32_t born = call->subject->context.birth_day;
    const bool out = call->row->op == KEPT_OP_USE || call->row->op == KEPT_OP_DISCLOSE;
    if (out && call->actor_kind == KEPT_ACTOR_STAFF &&
        kept_policy_role_approval(policy, kept_policy_index(policy, KEPT_K_ROLE, call->role_ref), born, call->now, ret_clause, ret_line))
        return true;
    return (out || call->row->op == KEPT_OP_COLLECT) &&
           kept_policy_exemption_approval(policy, text_of(call->request->exemption), born, call->now, ret_clause, ret_line);
}

static bool grants(const struct approval *a, uint32_t item)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (a->items[i] == item && (a->granted >> i & 1u) != 0)
            return true;
    return false;
}

static bool covers(const struct call *call, const struct approval *a)
{
    const struct kept_request *r = call->request;
    bool all = a->state == APPROVAL_GRANTED && call->now < a->until && kept_id_equal(&a->subject, &call->subject->id) &&
               strcmp(a->asker, call->actor) == 0 && a->role == call->role_ref && a->purpose == call->purpose_ref &&
               a->recipient == call->recipient_ref && strcmp(a->exemption, text_of(r->exemption)) == 0 &&
               (call->by == NULL || a->asked >= call->by->added); /* else it was another of that name */
    for (size_t i = 0; all && i < r->field_count; i++)
        all = grants(a, kept_field_ref(&r->fields[i]));
    return all;
}

bool kept_approved(struct call *call)
{
    const char *clause = "";
    int line = 0;
    if (!call->opened || (call->actor_kind != KEPT_ACTOR_STAFF && text_of(call->request->exemption)[0] == 0))
        return true; /* the app, on no such ground */
    if (!asks_for_it(call, kept_app_in_force(call->app, call->now), &clause, &line) &&
        !asks_for_it(call, call->policy, &clause, &line))
        return true;
    for (size_t i = 0; i < call->app->approval_count; i++)
        if (covers(call, call->app->approvals[i]))
            return true;
    kept_verdict(call, KEPT_DENY, KEPT_R_APPROVAL, clause, line);
    return false;
}

/* ---- as JSON ----------------------------------------------------------------------------------- */

static const char *state_word(const struct approval *a)
{
    return a->state == APPROVAL_GRANTED ? "granted" : a->state == APPROVAL_REFUSED ? "refused" : "asked";
}

static void names_json(struct call *call, json_t *root, const struct approval *a)
{
    json_t *items = json_array(), *granted = json_array();
    for (uint32_t i = 0; i < a->count; i++) {
        const char *name = kept_ref_name(call->app, KEPT_K_ITEM, a->items[i]);
        add(call, items, json_string(name));
        if ((a->granted >> i & 1u) != 0)
            add(call, granted, json_string(name));
    }
    set(call, root, "items", items);
    set(call, root, "granted", granted);
}

static json_t *approval_json(struct call *call, const struct approval *a)
{
    json_t *root = json_object();
    set(call, root, "approval", json_integer(a->number));
    set(call, root, "state", json_string(state_word(a)));
    set(call, root, "subject", id_json(&a->subject));
    set(call, root, "asker", json_string(a->asker));
    if (a->role != KEPT_REF_NONE)
        set(call, root, "role", json_string(kept_ref_name(call->app, KEPT_K_ROLE, a->role)));
    set(call, root, "purpose", json_string(kept_ref_name(call->app, KEPT_K_PURPOSE, a->purpose)));
    if (a->recipient != KEPT_REF_NONE)
        set(call, root, "recipient", json_string(kept_ref_name(call->app, KEPT_K_RECIPIENT, a->recipient)));
    if (a->exemption[0] != 0)
        set(call, root, "exemption", json_string(a->exemption));
    set(call, root, "because", json_string(a->because));
    names_json(call, root, a);
    set(call, root, "asked", time_json(a->asked));
    set(call, root, "until", time_json(a->until));
    if (a->decided != 0) {
        set(call, root, "decided", time_json(a->decided));
        set(call, root, "decider", json_string(a->decider));
    }
    return root;
}

/* ---- what its entry says ----------------------------------------------------------------------- */

/* The number, so that asking and deciding are found together; the words of who does it; and each item, denied until it is granted. */
static int tell(struct call *call, const struct approval *a, struct kept_err *err)
{
    struct kept_buf text;
    int rc = 0;
    kept_buf_init(&text, NOTE_BYTES);
    kept_buf_printf(&text, "approval %" PRIu32 " of %s: %s", a->number, a->asker, state_word(a));
    if (a->exemption[0] != 0)
        kept_buf_printf(&text, ", %s", a->exemption);
    if (text_of(call->request->text)[0] != 0)
        kept_buf_printf(&text, "; %s", call->request->text);
    call->note = call->noted = kept_buf_take(&text);
    for (uint32_t i = 0; rc == 0 && i < a->count; i++) {
        const bool granted = (a->granted >> i & 1u) != 0;
        rc = kept_call_touch(call, a->items[i], 0, 0, granted ? KEPT_ALLOW : KEPT_DENY, granted ? KEPT_R_NONE : KEPT_R_APPROVAL);
    }
    return rc == 0 && call->note != NULL ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
}

static int finish(struct call *call, const struct approval *a, struct kept_err *err)
{
    int rc = kept_approval_put(call, a, err);
    if (rc == 0)
        rc = tell(call, a, err);
    return rc == 0 ? kept_report_finish(call, approval_json(call, a), err) : rc;
}

/* ---- approval.ask ------------------------------------------------------------------------------ */

static int read_items(const struct call *call, struct approval *a, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    if (r->field_count == 0 || r->field_count > KEPT_APPROVAL_ITEMS)
        return kept_fail(err, KEPT_E_USAGE, "an approval is of 1 to %u items", KEPT_APPROVAL_ITEMS);
    for (size_t i = 0; i < r->field_count; i++) {
        a->items[i] = kept_field_ref(&r->fields[i]);
        if (kept_policy_index(call->policy, KEPT_K_ITEM, a->items[i]) == KEPT_NO_INDEX)
            return kept_fail(err, KEPT_E_NOTFOUND, "the policy of %s has no item of the name that is number %zu", call->app->name, i + 1);
    }
    a->count = (uint32_t)r->field_count;
    return 0;
}

static int check_ask(const struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    const char *because = text_of(r->text);
    if (call->question.purpose == KEPT_NO_INDEX || (call->question.unknown_recipient && text_of(r->recipient)[0] != 0))
        return kept_fail(err, KEPT_E_USAGE, "for what, and to whom? Name a purpose, and where it leaves a recipient, of the policy");
    if (because[0] == 0 || strlen(because) > KEPT_MAX_APPROVAL_BECAUSE)
        return kept_fail(err, KEPT_E_USAGE, "who is to approve it must know why: 1 to %u bytes (because)", KEPT_MAX_APPROVAL_BECAUSE);
    if (r->expires != 0 && (r->expires <= call->now || r->expires > call->now + (kept_ms)KEPT_APPROVAL_DAYS * KEPT_DAY))
        return kept_fail(err, KEPT_E_USAGE, "an approval ends after now, and within %u days", KEPT_APPROVAL_DAYS);
    return 0;
}

int kept_act_APPROVAL_ASK(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct approval a = {.subject = call->subject->id, .role = call->role_ref, .purpose = call->purpose_ref,
                         .recipient = call->recipient_ref, .asked = call->now, .state = APPROVAL_ASKED,
                         .until = r->expires != 0 ? r->expires : call->now + (kept_ms)KEPT_APPROVAL_HOURS * KEPT_HOUR};
    struct approval *row = NULL;
    int rc = check_ask(call, err);
    if (rc == 0)
        rc = read_items(call, &a, err);
    if (rc == 0)
        rc = kept_approval_new(call, &row, err);
    if (rc != 0)
        return rc;
    a.number = row->number;
    (void)snprintf(a.asker, sizeof a.asker, "%s", call->actor);
    (void)snprintf(a.exemption, sizeof a.exemption, "%s", text_of(r->exemption));
    (void)snprintf(a.because, sizeof a.because, "%s", r->text);
    rc = finish(call, &a, err);
    a.state = APPROVAL_PENDING; /* it is asked for when that is committed */
    a.busy = true;
    *row = a;
    return rc;
}

/* ---- approval.grant, approval.refuse ----------------------------------------------------------- */

/* Whoever asked, by their own name or behind a service's. */
static bool is_same(const char *asker, const char *decider)
{
    const char *slash = strrchr(decider, '/');
    return kept_staff_is(asker, decider) || kept_staff_is(decider, asker) || (slash != NULL && kept_staff_is(asker, slash + 1));
}

/* What of it is granted: all, or what the request names. */
static int read_part(const struct call *call, struct approval *a, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    uint32_t part = 0;
    for (size_t i = 0; i < r->field_count; i++) {
        uint32_t k = 0;
        while (k < a->count && a->items[k] != kept_field_ref(&r->fields[i]))
            k++;
        if (k == a->count)
            return kept_fail(err, KEPT_E_USAGE, "item number %zu was not asked for: only what was can be granted", i + 1);
        part |= 1u << k;
    }
    a->granted = r->field_count > 0 ? part : (uint32_t)((1ull << a->count) - 1);
    return 0;
}

static int decide(struct call *call, enum approval_state state, struct kept_err *err)
{
    struct approval *a = kept_approval_find(call, call->request->record);
    if (a == NULL || a->state == APPROVAL_PENDING)
        return kept_fail(err, KEPT_E_NOTFOUND, "nobody asked for an approval of that number about them, or it is over: approval.list");
    if (a->busy)
        return kept_fail(err, KEPT_E_BUSY, "that approval is changing just now: try again");
    if (a->state == APPROVAL_REFUSED || a->state == state)
        return kept_fail(err, KEPT_E_CONFLICT, "it is %s already: ask anew", state_word(a));
    if ((call->by != NULL && call->by->kind != KEPT_CALLER_STAFF) || is_same(a->asker, call->actor)) {
        kept_verdict(call, KEPT_DENY, KEPT_R_APPROVAL, "", 0);
        return 0;
    }
    struct approval *after = kept_memdup(a, sizeof *a);
    if (after == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an approval");
    call->approval = a;
    call->decided = after;
    a->busy = true;
    after->state = (uint8_t)state;
    after->granted = 0;
    after->decided = call->now;
    (void)snprintf(after->decider, sizeof after->decider, "%s", call->actor);
    int rc = state == APPROVAL_GRANTED ? read_part(call, after, err) : 0;
    return rc == 0 ? finish(call, after, err) : rc;
}

int kept_act_APPROVAL_GRANT(struct call *call, struct kept_err *err)
{
    return decide(call, APPROVAL_GRANTED, err);
}

int kept_act_APPROVAL_REFUSE(struct call *call, struct kept_err *err)
{
    return decide(call, APPROVAL_REFUSED, err);
}

/* ---- approval.list ----------------------------------------------------------------------------- */

int kept_act_APPROVAL_LIST(struct call *call, struct kept_err *err)
{
    json_t *root = json_object(), *rows = json_array();
    for (size_t i = 0; i < call->app->approval_count; i++) {
        const struct approval *a = call->app->approvals[i];
        if (a->state != APPROVAL_PENDING && a->state != APPROVAL_UNDONE && call->now < a->until)
            add(call, rows, approval_json(call, a));
    }
    set(call, root, "approvals", rows);
    return kept_report_finish(call, root, err);
}
