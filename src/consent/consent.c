/* consent.c - acknowledging, granting, refusing, withdrawing. */
#include "consent/consent.h"

#include <string.h>

#include "base/error.h"

/* Index of a language in a policy, its text hash in row. */
static int bind_text(const struct kept_shown *shown, struct kept_consent_row *row,
                     struct kept_err *err)
{
    const struct kept_policy_info *info = kept_policy_info(shown->policy);
    const char *language = shown->language != NULL && shown->language[0] != 0 ? shown->language
                                                                              : info->language;
    for (size_t i = 0; i < info->languages; i++)
        if (strcmp(kept_policy_language(shown->policy, i), language) == 0)
            row->language = (uint32_t)i;
    if (!kept_policy_text_hash(shown->policy, language, row->text_hash))
        return kept_fail(err, KEPT_E_USAGE,
                         "version %u of the policy has no text in that language: see `kept policy "
                         "show`",
                         info->version);
    row->policy_version = info->version;
    row->at = shown->given != 0 ? shown->given : shown->now;
    row->origin = (uint8_t)shown->origin;
    return 0;
}

const struct kept_consent_row *kept_consent_overtakes(struct kept_subject *subject,
                                                      enum kept_consent_kind kind,
                                                      enum kept_kind scope_kind, uint32_t scope,
                                                      kept_ms given)
{
    const struct kept_consent_row *whole =
        kept_subject_consent(subject, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_EXPLICIT);
    if (whole != NULL && whole->state != KEPT_CS_GRANTED)
        return whole;
    const struct kept_consent_row *row =
        kept_subject_consent(subject, (uint8_t)scope_kind, scope, (uint8_t)kind);
    return row != NULL && row->at >= given ? row : NULL;
}

int kept_consent_acknowledge(struct kept_subject *subject, const struct kept_shown *shown,
                             struct kept_err *err)
{
    struct kept_consent_row row = {.scope_kind = KEPT_K_NONE,
                                   .kind = KEPT_C_ACKNOWLEDGEMENT,
                                   .state = KEPT_CS_GRANTED};
    int rc = bind_text(shown, &row, err);
    if (rc == 0)
        rc = kept_subject_add_consent(subject, &row, err);
    if (rc != 0)
        return rc;
    subject->context.notice_version = row.policy_version;
    subject->context.policy_version = row.policy_version;
    if (subject->context.state == KEPT_S_REFUSED)
        subject->context.state = KEPT_S_LIVE;
    /* Who refused everything and now agrees to go on has refused nothing more than before. */
    struct kept_consent_row *whole =
        kept_subject_consent(subject, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_EXPLICIT);
    if (whole != NULL && whole->state == KEPT_CS_REFUSED)
        kept_subject_drop_consent(subject, whole);
    return 0;
}

int kept_consent_grant(struct kept_subject *subject, const struct kept_shown *shown,
                       enum kept_consent_kind kind, enum kept_kind scope_kind, uint32_t scope,
                       kept_ms expires, struct kept_err *err)
{
    struct kept_consent_row row = {.scope_kind = (uint8_t)scope_kind,
                                   .kind = (uint8_t)kind,
                                   .state = KEPT_CS_GRANTED,
                                   .scope = scope,
                                   .expires = expires};
    if (kind != KEPT_C_EXPLICIT && kind != KEPT_C_SEPARATE)
        return kept_fail(err, KEPT_E_USAGE,
                         "consent is granted as explicit or separate; implied consent follows from "
                         "use and is never recorded as an act");
    if (kind == KEPT_C_SEPARATE && scope_kind == KEPT_K_NONE)
        return kept_fail(err, KEPT_E_USAGE,
                         "separate consent names what it is for: a function, purpose, item or "
                         "recipient");
    const struct kept_consent_row *whole =
        kept_subject_consent(subject, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_EXPLICIT);
    if (subject->context.state == KEPT_S_REFUSED)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "the person refused the whole policy: they must agree to go on "
                         "(acknowledge the notice) before a consent can count");
    if (scope_kind != KEPT_K_NONE && whole != NULL && whole->state == KEPT_CS_WITHDRAWN)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "the person withdrew everything: grant without a scope first, so that they "
                         "agree to go on");
    if (expires != 0 && expires <= shown->now)
        return kept_fail(err, KEPT_E_USAGE, "the consent would have expired before it began");
    if (subject->context.notice_version < kept_policy_info(shown->policy)->version)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "the notice of version %u was not acknowledged: acknowledge first",
                         kept_policy_info(shown->policy)->version);
    int rc = bind_text(shown, &row, err);
    return rc != 0 ? rc : kept_subject_add_consent(subject, &row, err);
}

int kept_consent_refuse(struct kept_subject *subject, const struct kept_shown *shown,
                        enum kept_kind scope_kind, uint32_t scope, struct kept_err *err)
{
    struct kept_consent_row row = {.scope_kind = (uint8_t)scope_kind,
                                   .kind = KEPT_C_EXPLICIT,
                                   .state = KEPT_CS_REFUSED,
                                   .scope = scope};
    int rc = bind_text(shown, &row, err);
    if (rc == 0)
        rc = kept_subject_add_consent(subject, &row, err);
    if (rc == 0 && scope_kind == KEPT_K_NONE)
        subject->context.state = KEPT_S_REFUSED;
    return rc;
}

int kept_consent_withdraw(struct kept_subject *subject, enum kept_kind scope_kind, uint32_t scope,
                          kept_ms now, struct kept_err *err)
{
    struct kept_consent_row row = {.scope_kind = (uint8_t)scope_kind, .kind = KEPT_C_EXPLICIT};
    const struct kept_consent_row *old =
        kept_subject_consent(subject, (uint8_t)scope_kind, scope, KEPT_C_EXPLICIT);
    if (scope_kind == KEPT_K_NONE)
        for (size_t i = 0; i < subject->context.consent_count; i++)
            if (subject->consents[i].kind != KEPT_C_ACKNOWLEDGEMENT) {
                subject->consents[i].state = KEPT_CS_WITHDRAWN;
                subject->consents[i].at = now;
            }
    if (old != NULL)
        row = *old; /* keeps what was shown when it was granted */
    row.scope = scope;
    row.state = KEPT_CS_WITHDRAWN;
    row.at = now;
    row.expires = 0;
    return kept_subject_add_consent(subject, &row, err);
}

int kept_consent_replay(struct kept_subject *subject, const struct kept_journal_row *row,
                        bool *ret_changed, struct kept_err *err)
{
    const struct kept_consent_row *old =
        kept_subject_consent(subject, row->scope_kind, row->scope, KEPT_C_EXPLICIT);
    bool refused = row->kind == KEPT_J_REFUSE;
    /* Two acts of one millisecond are told apart by the version. */
    bool known = row->version <= subject->context.version;
    *ret_changed = false;
    if (old != NULL && (old->at > row->at ||
                        (old->at == row->at && (known || old->state != KEPT_CS_GRANTED))))
        return 0;
    if (refused && row->scope_kind == KEPT_K_NONE) {
        const struct kept_consent_row *seen =
            kept_subject_consent(subject, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_ACKNOWLEDGEMENT);
        if (seen != NULL && (seen->at > row->at || (seen->at == row->at && known)))
            return 0; /* agreed to go on afterwards */
        subject->context.state = KEPT_S_REFUSED;
    }
    int rc = kept_consent_withdraw(subject, row->scope_kind, row->scope, row->at, err);
    if (rc != 0)
        return rc;
    if (refused)
        kept_subject_consent(subject, row->scope_kind, row->scope, KEPT_C_EXPLICIT)->state =
            KEPT_CS_REFUSED;
    *ret_changed = true;
    return 0;
}
