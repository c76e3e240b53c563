/* legacy.c - consents that were given before, to another system: what was shown, when, and whether that
 * still counts. A person's newer no is never overridden by an older yes. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "engine/engine_int.h"

/* The entry says no, as a value: the rest of the unit goes on and is decided without this consent. */
static int refuse(struct call *call, enum kept_reason reason, bool *ret_counts)
{
    kept_verdict(call, KEPT_DENY, reason, "", 0);
    *ret_counts = false;
    return 0;
}

static int check(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    const char *evidence = r->evidence != NULL ? r->evidence : "";
    if (r->origin != KEPT_ORIGIN_LEGACY)
        return kept_fail(err, KEPT_E_USAGE, "there is no origin number %d of a consent",
                         (int)r->origin);
    if (r->at <= 0 || r->at > call->now)
        return kept_fail(err, KEPT_E_USAGE,
                         "a consent of before was given at an instant of the past: say when");
    if (evidence[0] == 0)
        return kept_fail(err, KEPT_E_USAGE,
                         "a consent of before needs evidence: where its proof lies");
    if (strlen(evidence) > KEPT_MAX_EVIDENCE)
        return kept_fail(err, KEPT_E_LIMIT, "the evidence is longer than %u bytes",
                         KEPT_MAX_EVIDENCE);
    return 0;
}

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
        *ret = (struct kept_shown){.policy = v->policy, .language = language, .now = call->now,
                                   .given = r->at, .origin = KEPT_ORIGIN_LEGACY};
        call->box->reply.policy_version = v->number;
        for (uint32_t l = 0; l < kept_policy_info(v->policy)->languages; l++)
            if (strcmp(kept_policy_language(v->policy, l), language) == 0)
                call->shown_language = l + 1;
        return true;
    }
    return false;
}

static int begin(struct call *call, enum kept_consent_kind kind, struct kept_shown *ret,
                 bool *ret_counts, struct kept_err *err)
{
    int rc = check(call, err);
    if (rc != 0)
        return rc;
    call->given_at = call->request->at;
    if (!find_shown(call, ret))
        return refuse(call, KEPT_R_CONSENT_STALE, ret_counts);
    const struct kept_consent_row *newer = kept_consent_overtakes(
        call->subject, kind, call->scope_kind, call->scope, call->request->at);
    if (newer == NULL && call->subject->context.state == KEPT_S_REFUSED)
        return refuse(call, KEPT_R_REFUSED, ret_counts);
    if (newer == NULL)
        return 0;
    *ret_counts = false;
    return newer->state == KEPT_CS_GRANTED ? 0 /* and nothing to do */
           : newer->state == KEPT_CS_REFUSED
               ? refuse(call, KEPT_R_REFUSED, ret_counts)
               : refuse(call, KEPT_R_WITHDRAWN, ret_counts);
}

int kept_legacy_acknowledge(struct call *call, struct kept_shown *ret, bool *ret_counts,
                            struct kept_err *err)
{
    int rc = begin(call, KEPT_C_ACKNOWLEDGEMENT, ret, ret_counts, err);
    if (rc == 0 && *ret_counts &&
        kept_policy_info(ret->policy)->version < call->subject->context.notice_version)
        *ret_counts = false; /* they have seen a newer one */
    return rc;
}

int kept_legacy_grant(struct call *call, struct kept_shown *ret, bool *ret_counts,
                      struct kept_err *err)
{
    const struct kept_request *r = call->request;
    int rc = begin(call, KEPT_C_EXPLICIT, ret, ret_counts, err);
    if (rc != 0 || !*ret_counts)
        return rc;
    if (r->expires != 0 && r->expires <= call->now)
        return refuse(call, KEPT_R_CONSENT_EXPIRED, ret_counts);
    if (call->subject->context.notice_version < kept_policy_info(ret->policy)->version)
        return refuse(call, KEPT_R_NO_NOTICE, ret_counts);
    return 0;
}
