/* consent.c - acknowledging, granting, refusing, withdrawing. */
#include "consent/consent.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/utf8.h"

/* Index of a language in a policy, and the hash of what it says on the row's scope. */
static int bind_text(const struct kept_shown *shown, struct kept_consent_row *row,
                     struct kept_err *err)
{
    const struct kept_policy_info *info = kept_policy_info(shown->policy);
    const char *language = shown->language != NULL && shown->language[0] != 0 ? shown->language
                                                                              : info->language;
    for (size_t i = 0; i < info->languages; i++)
        if (strcmp(kept_policy_language(shown->policy, i), language) == 0)
            row->language = (uint16_t)i;
    if (!kept_policy_text_hash(shown->policy, language, row->text_hash))
        return kept_fail(err, KEPT_E_USAGE,
                         "version %u of the policy has no text in that language: see `kept policy "
                         "show`",
                         info->version);
    row->policy_version = info->version;
    row->at = shown->now;
    return 0;
}

static struct kept_consent_row *own_whole(struct kept_subject *subject)
{
    return kept_subject_consent(subject, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_EXPLICIT);
}

/* Rows and papers go together: what shows the former answer goes with it. */
static int put_row(struct kept_subject *subject, const struct kept_consent_row *row,
                   struct kept_err *err)
{
    const struct kept_consent_row *old =
        kept_subject_consent(subject, row->scope_kind, row->scope, row->kind);
    const struct kept_paper gone = {.kind = KEPT_P_EVIDENCE,
                                    .scope_kind = row->scope_kind,
                                    .by = old != NULL ? old->by : 0,
                                    .scope = row->scope};
    int rc = 0;
    if (old != NULL && (old->flags & KEPT_CF_EVIDENCE) != 0 &&
        (row->flags & KEPT_CF_EVIDENCE) == 0)
        rc = kept_paper_drop(subject, &gone, err);
    return rc != 0 ? rc : kept_subject_add_consent(subject, row, err);
}

int kept_consent_acknowledge(struct kept_subject *subject, const struct kept_shown *shown,
                             enum kept_origin origin, kept_ms at, struct kept_err *err)
{
    struct kept_consent_row row = {.scope_kind = KEPT_K_NONE,
                                   .kind = KEPT_C_ACKNOWLEDGEMENT,
                                   .state = KEPT_CS_GRANTED,
                                   .origin = (uint8_t)origin};
    int rc = bind_text(shown, &row, err);
    row.at = at;
    if (rc == 0)
        rc = kept_subject_add_consent(subject, &row, err);
    if (rc != 0)
        return rc;
    subject->context.notice_version = row.policy_version;
    subject->context.policy_version = row.policy_version;
    if (origin == KEPT_O_DEEMED)
        return 0;
    if (subject->context.state == KEPT_S_REFUSED)
        subject->context.state = KEPT_S_LIVE;
    /* Who refused everything and now agrees to go on has refused nothing more than before. */
    struct kept_consent_row *whole = own_whole(subject);
    if (whole != NULL && whole->state == KEPT_CS_REFUSED)
        kept_subject_drop_consent(subject, whole);
    return 0;
}

int kept_consent_shown(struct kept_subject *subject, const struct kept_shown *shown,
                       struct kept_err *err)
{
    const struct kept_paper paper = {.kind = KEPT_P_SHOWN,
                                     .scope = kept_policy_info(shown->policy)->version,
                                     .at = shown->now};
    return kept_paper_put(subject, &paper, err);
}

bool kept_consent_was_shown(const struct kept_subject *subject, uint32_t version)
{
    const struct kept_paper like = {.kind = KEPT_P_SHOWN, .scope = version};
    struct kept_paper paper;
    return kept_paper_find(subject, &like, &paper);
}

/* ---- evidence -------------------------------------------------------------------------------- */

int kept_evidence_check(const struct kept_evidence *evidence, kept_ms now, struct kept_err *err)
{
    size_t n = evidence->reference != NULL ? strlen(evidence->reference) : 0;
    struct kept_span text = {(const uint8_t *)evidence->reference, n};
    if (n > KEPT_MAX_REFERENCE || (n > 0 && !kept_utf8_valid(text)))
        return kept_fail(err, KEPT_E_USAGE,
                         "a reference to evidence is text of at most %u bytes: say where the "
                         "document is kept, not what is in it", KEPT_MAX_REFERENCE);
    if (evidence->sha256.n != 0 && (evidence->sha256.n != 32 || evidence->sha256.p == NULL))
        return kept_fail(err, KEPT_E_USAGE, "the hash of a document is a SHA-256: 32 bytes");
    if (n == 0 && evidence->sha256.n == 0)
        return kept_fail(err, KEPT_E_USAGE,
                         "evidence is a reference to the document, its SHA-256, or both");
    if (evidence->signed_at < 0 || evidence->signed_at > now)
        return kept_fail(err, KEPT_E_USAGE, "a document was signed in the past, not before 1970");
    return 0;
}

static struct kept_span span(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, text != NULL ? strlen(text) : 0};
}

static struct kept_paper evidence_paper(const struct kept_evidence *evidence, const char *recorder,
                                        kept_ms now)
{
    struct kept_paper paper = {.kind = KEPT_P_EVIDENCE,
                               .sha256 = evidence->sha256.n != 0 ? evidence->sha256.p : NULL,
                               .at = evidence->signed_at != 0 ? evidence->signed_at : now};
    paper.text[KEPT_PT_REFERENCE] = span(evidence->reference);
    paper.text[KEPT_PT_RECORDER] = span(recorder);
    return paper;
}

/* ---- granting -------------------------------------------------------------------------------- */

static int check_kind(const struct kept_grant *g, struct kept_err *err)
{
    if (g->kind < KEPT_C_EXPLICIT || g->kind > KEPT_C_GUARDIAN)
        return kept_fail(err, KEPT_E_USAGE,
                         "consent is granted as explicit, separate, written or guardian's; implied "
                         "consent follows from use and is never recorded as an act");
    if ((g->kind == KEPT_C_SEPARATE || g->kind == KEPT_C_WRITTEN) && g->scope_kind == KEPT_K_NONE)
        return kept_fail(err, KEPT_E_USAGE,
                         "separate consent names what it is for: a function, purpose, item or "
                         "recipient");
    if ((g->kind == KEPT_C_WRITTEN || g->origin == KEPT_O_LEGACY) && g->evidence == NULL)
        return kept_fail(err, KEPT_E_USAGE,
                         "consent in writing, and consent given before kept was there, needs "
                         "evidence of the document");
    if (g->origin != KEPT_O_ASKED && g->origin != KEPT_O_LEGACY)
        return kept_fail(err, KEPT_E_USAGE, "a consent was asked for here, or is a legacy");
    return 0;
}

/* May it count now? */
static int check_state(struct kept_subject *subject, const struct kept_shown *shown,
                       const struct kept_grant *g, struct kept_err *err)
{
    const struct kept_consent_row *whole = own_whole(subject);
    const bool refused = whole != NULL && whole->state == KEPT_CS_REFUSED && subject->context.state == KEPT_S_RESTRICTED;
    if (subject->context.state == KEPT_S_REFUSED || refused)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "the person refused the whole policy: they must agree to go on "
                         "(acknowledge the notice) before a consent can count");
    if (g->scope_kind != KEPT_K_NONE && whole != NULL && whole->state == KEPT_CS_WITHDRAWN)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "the person withdrew everything: grant without a scope first, so that they "
                         "agree to go on");
    if (g->expires != 0 && g->expires <= shown->now)
        return kept_fail(err, KEPT_E_USAGE, "the consent would have expired before it began");
    if (subject->context.notice_version < kept_policy_info(shown->policy)->version)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "the notice of version %u was not acknowledged: acknowledge first",
                         kept_policy_info(shown->policy)->version);
    return 0;
}

/* What was given before kept was there never overrules what the person did since. */
static int check_legacy(struct kept_subject *subject, const struct kept_grant *g,
                        struct kept_err *err)
{
    const struct kept_consent_row *old =
        kept_subject_consent(subject, (uint8_t)g->scope_kind, g->scope, (uint8_t)g->kind);
    const struct kept_consent_row *whole = own_whole(subject);
    kept_ms at = g->evidence->signed_at;
    if (g->origin == KEPT_O_LEGACY &&
        ((old != NULL && old->at >= at) ||
         (whole != NULL && whole->state != KEPT_CS_GRANTED && whole->at >= at)))
        return kept_fail(err, KEPT_E_CONFLICT,
                         "a later answer on this scope stands: an earlier consent cannot replace it");
    return 0;
}

static int put_evidence(struct kept_subject *subject, const struct kept_grant *g, uint32_t by,
                        kept_ms now, struct kept_err *err)
{
    struct kept_paper paper = evidence_paper(g->evidence, g->recorder, now);
    paper.scope_kind = (uint8_t)g->scope_kind;
    paper.scope = g->scope;
    paper.by = (uint8_t)by;
    return kept_paper_put(subject, &paper, err);
}

int kept_consent_grant(struct kept_subject *subject, const struct kept_shown *shown,
                       const struct kept_grant *g, struct kept_err *err)
{
    struct kept_consent_row row = {.scope_kind = (uint8_t)g->scope_kind,
                                   .kind = (uint8_t)g->kind,
                                   .state = KEPT_CS_GRANTED,
                                   .origin = (uint8_t)g->origin,
                                   .flags = g->evidence != NULL ? KEPT_CF_EVIDENCE : 0,
                                   .scope = g->scope,
                                   .expires = g->expires};
    uint32_t by = 0;
    if (g->kind == KEPT_C_GUARDIAN && g->evidence != NULL)
        row.flags |= KEPT_CF_WRITTEN;
    int rc = check_kind(g, err);
    if (rc == 0)
        rc = check_state(subject, shown, g, err);
    if (rc == 0 && g->kind == KEPT_C_GUARDIAN)
        rc = kept_guardian_which(subject, g->guardian, &by, err);
    if (rc == 0 && g->evidence != NULL &&
        (rc = kept_evidence_check(g->evidence, shown->now, err)) == 0)
        rc = check_legacy(subject, g, err);
    if (rc == 0)
        rc = bind_text(shown, &row, err);
    row.by = (uint8_t)by;
    if (g->origin == KEPT_O_LEGACY && rc == 0 && g->evidence->signed_at != 0)
        row.at = g->evidence->signed_at;
    if (rc == 0)
        rc = put_row(subject, &row, err);
    if (rc == 0 && g->evidence != NULL)
        rc = put_evidence(subject, g, by, shown->now, err);
    return rc;
}

/* ---- guardians ------------------------------------------------------------------------------- */

int kept_guardian_which(const struct kept_subject *subject, uint32_t number, uint32_t *ret_number,
                        struct kept_err *err)
{
    struct kept_paper p;
    uint32_t only = 0;
    unsigned count = 0;
    for (size_t at = 0; kept_paper_next(subject, &at, &p);)
        if (p.kind == KEPT_P_GUARDIAN && p.state == KEPT_G_SPEAKS &&
            (number == 0 || p.by == number)) {
            only = p.by;
            count++;
        }
    if (count == 0)
        return kept_fail(err, KEPT_E_NOTFOUND,
                         "no such guardian speaks for this person: add one first");
    if (count > 1)
        return kept_fail(err, KEPT_E_CONFLICT, "%u guardians speak for this person: name one by its "
                                               "number", count);
    *ret_number = only;
    return 0;
}

static int check_guardian(const struct kept_guardian *g, const struct kept_evidence *evidence,
                          kept_ms now, struct kept_err *err)
{
    struct kept_span contact = span(g->contact);
    bool person = false;
    for (size_t i = 0; i < sizeof g->subject.b; i++)
        person = person || g->subject.b[i] != 0;
    if (person == (contact.n != 0))
        return kept_fail(err, KEPT_E_USAGE,
                         "a guardian is another person of the app, or a contact: one of the two");
    if (contact.n > KEPT_MAX_CONTACT || (contact.n != 0 && !kept_utf8_valid(contact)))
        return kept_fail(err, KEPT_E_USAGE, "a guardian's contact is text of at most %u bytes",
                         KEPT_MAX_CONTACT);
    return evidence != NULL ? kept_evidence_check(evidence, now, err) : 0;
}

static uint32_t next_number(const struct kept_subject *subject)
{
    struct kept_paper p;
    uint32_t last = 0;
    for (size_t at = 0; kept_paper_next(subject, &at, &p);)
        if (p.kind == KEPT_P_GUARDIAN && p.by > last)
            last = p.by;
    return last + 1;
}

int kept_guardian_add(struct kept_subject *subject, const struct kept_shown *shown,
                      const struct kept_guardian *guardian, const struct kept_evidence *evidence,
                      const char *recorder, uint32_t *ret_number, struct kept_err *err)
{
    static const struct kept_evidence none = {.reference = NULL};
    const struct kept_grant general = {.kind = KEPT_C_GUARDIAN, .scope_kind = KEPT_K_NONE};
    struct kept_paper paper = evidence_paper(evidence != NULL ? evidence : &none, recorder,
                                             shown->now);
    struct kept_consent_row row = {.scope_kind = KEPT_K_NONE, .kind = KEPT_C_GUARDIAN,
                                   .state = KEPT_CS_GRANTED,
                                   .flags = guardian->written ? KEPT_CF_WRITTEN : 0};
    uint32_t number = next_number(subject);
    int rc = check_guardian(guardian, evidence, shown->now, err);
    if (rc == 0 && number > KEPT_MAX_GUARDIANS)
        rc = kept_fail(err, KEPT_E_LIMIT, "more than %u guardians ever spoke for this person",
                       KEPT_MAX_GUARDIANS);
    if (rc == 0)
        rc = check_state(subject, shown, &general, err);
    if (rc == 0)
        rc = bind_text(shown, &row, err);
    if (rc != 0)
        return rc;
    row.by = paper.by = (uint8_t)number;
    paper.kind = KEPT_P_GUARDIAN;
    paper.at = shown->now;
    paper.state = KEPT_G_SPEAKS;
    paper.scope = guardian->written ? 1 : 0;
    paper.subject = guardian->subject;
    paper.text[KEPT_PT_CONTACT] = span(guardian->contact);
    paper.text[KEPT_PT_RELATION] = span(guardian->relation);
    paper.text[KEPT_PT_METHOD] = span(guardian->method);
    rc = kept_paper_put(subject, &paper, err);
    if (rc == 0)
        rc = put_row(subject, &row, err);
    if (rc == 0)
        *ret_number = number;
    return rc;
}

/* Every row in a guardian's voice not newer than now; by 0: of all guardians. */
static bool silence(struct kept_subject *subject, uint32_t by, kept_ms now)
{
    bool any = false;
    for (size_t i = 0; i < subject->context.consent_count; i++) {
        struct kept_consent_row *row = &subject->consents[i];
        if (row->kind != KEPT_C_GUARDIAN || (by != 0 && row->by != by) || row->at > now ||
            row->state == KEPT_CS_WITHDRAWN)
            continue;
        row->state = KEPT_CS_WITHDRAWN;
        row->at = now;
        any = true;
    }
    return any;
}

int kept_guardian_revoke(struct kept_subject *subject, uint32_t number, kept_ms now,
                         struct kept_err *err)
{
    struct kept_paper paper;
    const struct kept_paper like = {.kind = KEPT_P_GUARDIAN, .by = (uint8_t)number};
    if (number == 0 || number > KEPT_MAX_GUARDIANS || !kept_paper_find(subject, &like, &paper))
        return kept_fail(err, KEPT_E_NOTFOUND, "this person has no guardian of that number");
    if (paper.state == KEPT_G_REVOKED)
        return 0;
    (void)silence(subject, number, now);
    paper.state = KEPT_G_REVOKED;
    paper.until = now;
    return kept_paper_put(subject, &paper, err);
}

/* ---- no -------------------------------------------------------------------------------------- */

static bool guardians(enum kept_consent_kind voice)
{
    return voice == KEPT_C_GUARDIAN;
}

int kept_consent_refuse(struct kept_subject *subject, const struct kept_shown *shown,
                        enum kept_consent_kind voice, enum kept_kind scope_kind, uint32_t scope,
                        struct kept_err *err)
{
    struct kept_consent_row row = {.scope_kind = (uint8_t)scope_kind,
                                   .kind = guardians(voice) ? KEPT_C_GUARDIAN : KEPT_C_EXPLICIT,
                                   .state = KEPT_CS_REFUSED,
                                   .scope = scope};
    int rc = bind_text(shown, &row, err);
    if (rc == 0)
        rc = put_row(subject, &row, err);
    if (rc == 0 && scope_kind == KEPT_K_NONE && !guardians(voice) && subject->context.state != KEPT_S_RESTRICTED)
        subject->context.state = KEPT_S_REFUSED;
    return rc;
}

int kept_consent_withdraw(struct kept_subject *subject, enum kept_consent_kind voice,
                          enum kept_kind scope_kind, uint32_t scope, kept_ms now,
                          struct kept_err *err)
{
    struct kept_consent_row row = {.scope_kind = (uint8_t)scope_kind,
                                   .kind = guardians(voice) ? KEPT_C_GUARDIAN : KEPT_C_EXPLICIT};
    const struct kept_consent_row *old =
        kept_subject_consent(subject, (uint8_t)scope_kind, scope, row.kind);
    if (scope_kind == KEPT_K_NONE)
        for (size_t i = 0; i < subject->context.consent_count; i++)
            if (subject->consents[i].kind != KEPT_C_ACKNOWLEDGEMENT &&
                guardians(subject->consents[i].kind) == guardians(voice)) {
                subject->consents[i].state = KEPT_CS_WITHDRAWN;
                subject->consents[i].at = now;
            }
    if (old != NULL)
        row = *old; /* keeps what was shown when it was granted, and what shows it */
    row.scope = scope;
    row.state = KEPT_CS_WITHDRAWN;
    row.at = now;
    row.expires = 0;
    return kept_subject_add_consent(subject, &row, err);
}

/* ---- what no restore may undo ---------------------------------------------------------------- */

/* A guardian the restored person does not know was added after the backup: their rows went with it. */
static int replay_revoked(struct kept_subject *subject, const struct kept_journal_row *row,
                          bool *ret_changed, struct kept_err *err)
{
    struct kept_paper paper;
    const struct kept_paper like = {.kind = KEPT_P_GUARDIAN, .by = (uint8_t)row->record};
    if (!kept_paper_find(subject, &like, &paper) || paper.state == KEPT_G_REVOKED ||
        paper.at > row->at) /* of another guardian, who got the number after a restore */
        return 0;
    *ret_changed = true;
    return kept_guardian_revoke(subject, row->record, row->at, err);
}

int kept_consent_replay(struct kept_subject *subject, const struct kept_journal_row *row,
                        bool *ret_changed, struct kept_err *err)
{
    enum kept_consent_kind voice = row->record != 0 ? KEPT_C_GUARDIAN : KEPT_C_EXPLICIT;
    *ret_changed = false;
    if (row->kind == KEPT_J_GUARDIAN_REVOKED)
        return replay_revoked(subject, row, ret_changed, err);
    const struct kept_consent_row *old =
        kept_subject_consent(subject, row->scope_kind, row->scope, (uint8_t)voice);
    bool refused = row->kind == KEPT_J_REFUSE;
    /* Two acts of one millisecond are told apart by the version. */
    bool known = row->version <= subject->context.version;
    if (old != NULL && (old->at > row->at ||
                        (old->at == row->at && (known || old->state != KEPT_CS_GRANTED))))
        return 0;
    if (refused && row->scope_kind == KEPT_K_NONE && !guardians(voice)) {
        const struct kept_consent_row *seen =
            kept_subject_consent(subject, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_ACKNOWLEDGEMENT);
        if (seen != NULL && (seen->at > row->at || (seen->at == row->at && known)))
            return 0; /* agreed to go on afterwards */
        if (subject->context.state != KEPT_S_RESTRICTED)
            subject->context.state = KEPT_S_REFUSED;
    }
    int rc = kept_consent_withdraw(subject, voice, row->scope_kind, row->scope, row->at, err);
    if (rc != 0)
        return rc;
    if (refused)
        kept_subject_consent(subject, row->scope_kind, row->scope, (uint8_t)voice)->state =
            KEPT_CS_REFUSED;
    *ret_changed = true;
    return 0;
}
