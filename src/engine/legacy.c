/* legacy.c - consents that were given before, to another system: what was shown, when, and whether that
 * still counts. A person's newer no is never overridden by an older yes. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "engine/engine_int.h"

/* The language of a version whose text this is; NULL: none of it is. */
static const char *language_of(const struct kept_policy *policy, const struct kept_request *r)
{
    const struct kept_policy_info *info = kept_policy_info(policy);
    const char *named = r->language != NULL && r->language[0] != 0 ? r->language : NULL;
    uint8_t hash[KEPT_HASH_BYTES];
    for (size_t i = 0; i < info->languages; i++) {
        const char *language = kept_policy_language(policy, i);
        const char *want = named != NULL ? named : r->text_sha256 == NULL ? info->language : language;
        if (strcmp(language, want) == 0 && kept_policy_text_hash(policy, language, hash) &&
            (r->text_sha256 == NULL || kept_bytes_equal(hash, r->text_sha256, sizeof hash)))
            return language;
    }
    return NULL;
}

/* The text that was shown must be one that kept knows: the version named, the newest with the hash given,
 * or the one in force. false: it is none of ours. */
static bool find_shown(struct call *call, struct kept_shown *ret)
{
    const struct kept_request *r = call->request;
    const struct app *app = call->app;
    const struct kept_policy *in_force = kept_app_in_force(app, call->now);
    for (size_t i = app->version_count; i > 0; i--) {
        const struct version *v = &app->versions[i - 1];
        const char *language = NULL;
        if (v->effective > call->now || (r->policy_version != 0 && v->number != r->policy_version) ||
            (r->policy_version == 0 && r->text_sha256 == NULL && v->policy != in_force) ||
            (language = language_of(v->policy, r)) == NULL)
            continue;
        *ret = (struct kept_shown){.policy = v->policy, .language = language, .now = call->now};
        call->box->reply.policy_version = v->number;
        for (uint32_t l = 0; l < kept_policy_info(v->policy)->languages; l++)
            if (strcmp(kept_policy_language(v->policy, l), language) == 0)
                call->shown_language = l + 1;
        return true;
    }
    return false;
}

/* The entry says no, as a value: the rest of an imported row goes on and is decided without this consent. */
static int refuse(struct call *call, enum kept_reason reason, bool *ret_counts)
{
    kept_verdict(call, KEPT_DENY, reason, "", 0);
    *ret_counts = false;
    return 0;
}

/* What stands in the way of an answer that was given at an instant of the past: a no to everything, or the
 * newest act on the same scope, if it is not older. A grant is no obstacle, but leaves nothing to do. */
static const struct kept_consent_row *overtakes(struct call *call, enum kept_consent_kind kind,
                                                kept_ms given)
{
    struct kept_subject *s = call->subject;
    const struct kept_consent_row *whole =
        kept_subject_consent(s, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_EXPLICIT);
    if (whole != NULL && whole->state != KEPT_CS_GRANTED)
        return whole;
    const struct kept_consent_row *row =
        kept_subject_consent(s, call->scope_kind, call->scope, (uint8_t)kind);
    return row != NULL && row->at >= given ? row : NULL;
}

static int weigh(struct call *call, uint32_t version, bool *ret_counts)
{
    const struct kept_request *r = call->request;
    const struct kept_context *c = &call->subject->context;
    const bool notice = r->op == KEPT_OP_CONSENT_ACKNOWLEDGE;
    const kept_ms given = r->evidence != NULL && r->evidence->signed_at != 0
                              ? r->evidence->signed_at
                              : call->now;
    const struct kept_consent_row *newer =
        overtakes(call, notice ? KEPT_C_ACKNOWLEDGEMENT : r->consent, given);
    if (newer == NULL && c->state == KEPT_S_REFUSED)
        return refuse(call, KEPT_R_REFUSED, ret_counts);
    if (newer != NULL && newer->state != KEPT_CS_GRANTED)
        return refuse(call, newer->state == KEPT_CS_REFUSED ? KEPT_R_REFUSED : KEPT_R_WITHDRAWN,
                      ret_counts);
    *ret_counts = newer == NULL && !(notice && version < c->notice_version);
    if (!*ret_counts || notice)
        return 0;
    if (r->expires != 0 && r->expires <= call->now)
        return refuse(call, KEPT_R_CONSENT_EXPIRED, ret_counts);
    return c->notice_version < version ? refuse(call, KEPT_R_NO_NOTICE, ret_counts) : 0;
}

int kept_legacy_shown(struct call *call, struct kept_shown *ret, bool *ret_counts,
                      struct kept_err *err)
{
    const bool imported = (call->question.facts & KEPT_F_IMPORTED) != 0;
    if (!find_shown(call, ret) && !imported)
        return kept_fail(err, KEPT_E_NOTFOUND,
                         "no version of the policy in effect has that text: number, language or "
                         "hash");
    if (call->shown_language == 0)
        return refuse(call, KEPT_R_CONSENT_STALE, ret_counts);
    return imported ? weigh(call, kept_policy_info(ret->policy)->version, ret_counts) : 0;
}
