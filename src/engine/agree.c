/* agree.c - acknowledging, agreeing, refusing, withdrawing; guardians. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/report_int.h"

/* ---- what was shown --------------------------------------------------------------------------- */

/* Has a version begun? Its row says when, which may be later than its text does. */
static bool begun(const struct app *app, uint32_t number, kept_ms now)
{
    for (size_t i = 0; i < app->version_count; i++)
        if (app->versions[i].number == number)
            return app->versions[i].effective <= now;
    return false;
}

/* The version that was shown: the one named, else the newest in force. */
static int shown(struct call *call, struct kept_shown *ret, struct kept_err *err)
{
    uint32_t number = call->request->policy_version;
    const struct kept_policy *p = number != 0 ? kept_app_policy(call->app, number)
                                              : kept_app_in_force(call->app, call->now);
    if (p == NULL || !begun(call->app, kept_policy_info(p)->version, call->now))
        return kept_fail(err, KEPT_E_NOTFOUND, "version %u of the policy is not in effect: see `kept policy show`",
                         number);
    *ret = (struct kept_shown){p, call->request->language, call->now};
    /* The evidence outlives the context: the entry says which text, by version and language. */
    const char *language = ret->language != NULL && ret->language[0] != 0
                               ? ret->language
                               : kept_policy_info(p)->language;
    for (uint32_t i = 0; i < kept_policy_info(p)->languages; i++)
        if (strcmp(kept_policy_language(p, i), language) == 0)
            call->shown_language = i + 1;
    call->box->reply.policy_version = kept_policy_info(p)->version;
    return 0;
}

/* A scope must be something the policy shown declares. */
static int check_scope(const struct call *call, const struct kept_policy *policy,
                       struct kept_err *err)
{
    if (call->scope_kind != KEPT_K_NONE &&
        kept_policy_index(policy, call->scope_kind, call->scope) == KEPT_NO_INDEX)
        return kept_fail(err, KEPT_E_NOTFOUND, "the policy declares no such scope of consent: see `kept policy show`");
    return 0;
}

/* Is a version in force that takes more than the one that governs, has to be shown first, and was not? */
bool kept_unshown(const struct call *call, uint32_t governing)
{
    return call->info->version > governing && kept_policy_shown_first(call->policy) &&
           kept_policy_takes_more_than(call->policy, governing) &&
           !kept_consent_was_shown(call->subject, call->info->version);
}

/* ---- the person ------------------------------------------------------------------------------- */

/* LEGACY: seen on the day that the evidence says. */
static int legacy_at(const struct call *call, kept_ms *ret_at, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    if (r->origin != KEPT_O_ASKED && r->origin != KEPT_O_LEGACY)
        return kept_fail(err, KEPT_E_USAGE, "a consent was asked for here, or is a legacy");
    *ret_at = call->now;
    if (r->origin == KEPT_O_ASKED)
        return 0;
    if (r->evidence == NULL)
        return kept_fail(err, KEPT_E_USAGE, "what comes from before kept needs its evidence");
    int rc = kept_evidence_check(r->evidence, call->now, err);
    if (rc == 0 && r->evidence->signed_at != 0)
        *ret_at = r->evidence->signed_at;
    return rc;
}

/* Has something come since the version that somebody knows, of which that version promises that they are asked
 * to agree (changes.material.consent)? What was between the two counts as well. */
static bool promised_to_ask(struct call *call, const struct kept_policy *before, uint32_t shown)
{
    const uint32_t known = kept_policy_info(before)->version;
    uint32_t came = 0;
    for (size_t i = 0; i < call->app->version_count; i++)
        if (call->app->versions[i].number > known && call->app->versions[i].number <= shown)
            came |= call->app->versions[i].agreed;
    const struct kept_change promise = kept_policy_change(before, came, 0, NULL);
    if (promise.consent < KEPT_C_EXPLICIT)
        return false;
    kept_verdict(call, KEPT_DENY, KEPT_R_NEEDS_CONSENT, promise.clause, promise.line);
    return true;
}

/* Going on accepts a later version that takes nothing more, where that version lets it count, and of
 * somebody who agreed to the one before; else it accepts nothing, and the former rules go on. */
static bool may_go_on(struct call *call, const struct kept_policy *shown)
{
    const struct kept_context *c = &call->subject->context;
    const struct kept_policy *before = kept_app_policy(call->app, c->policy_version);
    const char *clause = "", *what = NULL;
    int line = 0;
    bool counts = kept_policy_continued_use(shown, &clause, &line);
    if (counts && c->state == KEPT_S_LIVE &&
        (!kept_policy_shown_first(shown) ||
         kept_consent_was_shown(call->subject, kept_policy_info(shown)->version)) && before != NULL && before != shown &&
        c->notice_version == c->policy_version && !kept_policy_takes_more(shown, before, &what))
        return !promised_to_ask(call, before, kept_policy_info(shown)->version);
    kept_verdict(call, KEPT_DENY, KEPT_R_NEEDS_CONSENT, clause, line);
    return false;
}

int kept_act_CONSENT_ACKNOWLEDGE(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_shown s;
    kept_ms at = 0;
    bool counts = true;
    int rc = legacy_at(call, &at, err);
    if (rc == 0)
        rc = r->origin == KEPT_O_LEGACY ? kept_legacy_shown(call, &s, &counts, err)
                                        : shown(call, &s, err);
    if (rc != 0 || !counts)
        return rc;
    if (r->consent > KEPT_C_IMPLIED)
        rc = kept_fail(err, KEPT_E_USAGE, "a notice is acknowledged, shown, or accepted by going on");
    if (rc == 0 && kept_policy_info(s.policy)->version < call->subject->context.notice_version)
        rc = kept_fail(err, KEPT_E_CONFLICT, "a newer version was acknowledged already");
    bool by_use = r->consent == KEPT_C_IMPLIED;
    if (rc != 0 || (by_use && !may_go_on(call, s.policy)))
        return rc;
    call->changed = true;
    if (r->consent == KEPT_C_ACKNOWLEDGEMENT)
        return kept_consent_shown(call->subject, &s, err);
    return kept_consent_acknowledge(call->subject, &s, by_use ? KEPT_O_DEEMED : r->origin, at, err);
}

/* Does the person's age ask for a guardian? */
static int check_minor(const struct call *call, const struct kept_policy *policy,
                       struct kept_guardian_need *ret_need, struct kept_err *err)
{
    *ret_need = kept_policy_guardian_need(policy, call->subject->context.birth_day, call->now);
    return ret_need->asked ? 0
                           : kept_fail(err, KEPT_E_CONFLICT,
                                       "at this age the policy asks no guardian: the person decides");
}

/* A consent that is asked for at each launch remembers its launch. */
static int note_launch(struct call *call, const struct kept_policy *policy, struct kept_err *err)
{
    const struct kept_launch_row row = {.function = call->scope, .launch = call->question.launch};
    if (call->scope_kind != KEPT_K_FUNCTION || row.launch == 0 ||
        !kept_policy_each_launch(policy, kept_policy_index(policy, KEPT_K_FUNCTION, call->scope)))
        return 0;
    return kept_subject_set_launch(call->subject, &row, err);
}

int kept_act_CONSENT_GRANT(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_guardian_need need;
    struct kept_shown s;
    struct kept_grant grant = {.kind = r->consent,
                               .scope_kind = call->scope_kind,
                               .scope = call->scope,
                               .expires = r->expires,
                               .origin = r->origin,
                               .guardian = r->guardian_number,
                               .evidence = r->evidence,
                               .recorder = call->actor};
    bool counts = true;
    int rc = r->origin == KEPT_O_LEGACY ? kept_legacy_shown(call, &s, &counts, err)
                                        : shown(call, &s, err);
    if (rc != 0 || !counts)
        return rc;
    rc = check_scope(call, s.policy, err);
    if (rc == 0 && r->consent == KEPT_C_GUARDIAN &&
        (rc = check_minor(call, s.policy, &need, err)) == 0 &&
        (rc = kept_guardian_which(call->subject, r->guardian_number, &grant.guardian, err)) == 0)
        call->guardian = grant.guardian;
    call->changed = true;
    if (rc == 0)
        rc = kept_consent_grant(call->subject, &s, &grant, err);
    return rc != 0 ? rc : note_launch(call, s.policy, err);
}

/* In whose voice: the guardian's own, or the person's. */
static int take_voice(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    return r->consent == KEPT_C_GUARDIAN
               ? kept_guardian_which(call->subject, r->guardian_number, &call->guardian, err)
               : 0;
}

static void owe(struct call *call, enum kept_obligation kind)
{
    call->changed = true;
    call->obligation =
        (struct kept_journal_row){.kind = kind,
                                  .scope_kind = call->scope_kind,
                                  .scope = call->scope,
                                  .record = call->request->consent == KEPT_C_GUARDIAN ? 1 : 0};
}

/* Who says no is told what it costs, in the words of the policy (S2-1.3c). */
static int tell_costs(struct call *call, const struct kept_policy *policy, struct kept_err *err)
{
    bool function = call->scope_kind == KEPT_K_FUNCTION;
    size_t language = call->shown_language != 0 ? call->shown_language - 1 : 0;
    const char *words = NULL;
    if (function || call->scope_kind == KEPT_K_NONE)
        words = kept_policy_costs(policy,
                                  function ? kept_policy_index(policy, KEPT_K_FUNCTION, call->scope)
                                           : KEPT_NO_INDEX,
                                  language);
    if (words == NULL)
        return 0;
    json_t *root = json_object();
    set(call, root, "refusing_costs", json_string(words));
    return kept_report_finish(call, root, err);
}

int kept_act_CONSENT_REFUSE(struct call *call, struct kept_err *err)
{
    struct kept_shown s;
    int rc = shown(call, &s, err);
    if (rc == 0)
        rc = check_scope(call, s.policy, err);
    if (rc == 0)
        rc = take_voice(call, err);
    owe(call, KEPT_J_REFUSE);
    if (rc == 0)
        rc = kept_consent_refuse(call->subject, &s, call->request->consent, call->scope_kind,
                                 call->scope, err);
    return rc != 0 ? rc : tell_costs(call, s.policy, err);
}

int kept_act_CONSENT_WITHDRAW(struct call *call, struct kept_err *err)
{
    int rc = check_scope(call, call->policy, err);
    if (rc == 0)
        rc = take_voice(call, err);
    owe(call, KEPT_J_WITHDRAW);
    if (rc == 0)
        rc = kept_consent_withdraw(call->subject, call->request->consent, call->scope_kind,
                                   call->scope, call->now, err);
    return rc != 0 ? rc : kept_withdrawn(call, call->scope_kind, call->scope, err);
}

/* ---- guardians -------------------------------------------------------------------------------- */

/* A guardian who is a person of the app is somebody living whose own age asks for nobody. */
static int check_person(const struct call *call, const struct kept_id *id, struct kept_err *err)
{
    struct kept_subject *other = &call->kept->shells[1];
    struct kept_head head;
    struct kept_span body = {NULL, 0};
    uint64_t key = 0;
    int rc = kept_subject_key(id, call->app->number, &key);
    if (rc == 0)
        rc = kept_cell_get(call->kept->store, key, &body, err);
    if (rc == 0)
        rc = kept_head_decode(key, body, &head);
    if (rc == KEPT_E_NOTFOUND || (rc == 0 && !kept_id_equal(&head.id, id)))
        return kept_fail(err, KEPT_E_NOTFOUND, "this app has no such guardian");
    if (rc != 0)
        return kept_fail(err, rc, "the guardian's row is damaged");
    if (kept_id_equal(id, &call->subject->id))
        return kept_fail(err, KEPT_E_USAGE, "nobody is their own guardian");
    rc = kept_subject_open(other, call->app->keyring, call->app->number, key, &head, err);
    int32_t born = other->context.birth_day;
    enum kept_subject_state state = other->context.state;
    kept_wipe(other->keys, sizeof *other->keys);
    if (rc == 0 && state != KEPT_S_LIVE)
        rc = kept_fail(err, KEPT_E_CONFLICT, "the guardian is not a living person of the app");
    if (rc == 0 && (born == KEPT_BIRTH_UNKNOWN ||
                    !kept_policy_of_age(call->policy, born, call->now)))
        rc = kept_fail(err, KEPT_E_CONFLICT,
                       "the guardian's own age is not known, or asks for a guardian");
    return rc;
}

/* Relation, method and evidence as the policy asks; a denial is a value. */
static bool as_asked(struct call *call, const struct kept_guardian_need *need)
{
    const struct kept_request *r = call->request;
    const struct kept_guardian *g = r->guardian;
    if (kept_policy_guardian_word(call->policy, true, g->relation) &&
        kept_policy_guardian_word(call->policy, false, g->method) &&
        (!need->evidence || r->evidence != NULL) && (!need->written || g->written))
        return true;
    kept_verdict(call, KEPT_DENY, KEPT_R_NEEDS_GUARDIAN, need->clause, need->line);
    return false;
}

int kept_act_GUARDIAN_ADD(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct kept_guardian_need need;
    struct kept_shown s;
    if (r->guardian == NULL)
        return kept_fail(err, KEPT_E_USAGE, "who is the guardian?");
    int rc = shown(call, &s, err);
    if (rc == 0)
        rc = check_minor(call, call->policy, &need, err);
    if (rc == 0 && !kept_id_is_zero(&r->guardian->subject))
        rc = check_person(call, &r->guardian->subject, err);
    if (rc != 0 || !as_asked(call, &need))
        return rc;
    call->changed = true;
    return kept_guardian_add(call->subject, &s, r->guardian, r->evidence, call->actor,
                             &call->guardian, err);
}

int kept_act_GUARDIAN_REVOKE(struct call *call, struct kept_err *err)
{
    uint32_t number = call->request->guardian_number;
    int rc = number != 0 ? 0 : kept_guardian_which(call->subject, 0, &number, err);
    call->guardian = number;
    call->changed = true;
    call->obligation =
        (struct kept_journal_row){.kind = KEPT_J_GUARDIAN_REVOKED, .record = number};
    if (rc == 0)
        rc = kept_guardian_revoke(call->subject, number, call->now, err);
    return rc != 0 ? rc : kept_withdrawn(call, KEPT_K_NONE, KEPT_REF_NONE, err);
}
