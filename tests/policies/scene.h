/* scene.h - one person and one question to one of the five policies, by name. */
#ifndef KEPT_TESTS_POLICIES_SCENE_H
#define KEPT_TESTS_POLICIES_SCENE_H

#include "../policy/policy_aid.h"

static struct kept_policy *widgets, *home, *messenger, *wallpaper, *media;

struct scene { /* one person, one question, by name */
    const struct kept_policy *p;
    struct kept_context context;
    struct kept_consent_row consents[16];
    struct kept_permission_row permissions[8];
    struct kept_launch_row launches[2];
    struct kept_question question;
};

static inline struct scene scene(const struct kept_policy *p, enum kept_use use, const char *item,
                          const char *function, const char *purpose)
{
    struct scene s = {.p = p, .context = live(p), .question = ask(use)};
    s.question.item = index_of(p, KEPT_K_ITEM, item);
    if (function != NULL)
        s.question.function = index_of(p, KEPT_K_FUNCTION, function);
    s.question.unknown_function = function != NULL && s.question.function == KEPT_NO_INDEX;
    if (purpose != NULL)
        s.question.purpose = index_of(p, KEPT_K_PURPOSE, purpose);
    s.question.unknown_purpose = purpose != NULL && s.question.purpose == KEPT_NO_INDEX;
    return s;
}

static inline void consents(struct scene *s, enum kept_kind kind, const char *name,
                     enum kept_consent_kind consent, enum kept_consent_state state)
{
    size_t n = s->context.consent_count++;
    s->consents[n] = consent_row(kind, name, consent, state);
    s->consents[n].at = (kept_ms)n;
}

static inline void turns(struct scene *s, const char *permission, int on)
{
    size_t n = s->context.permission_count++;
    s->permissions[n] = (struct kept_permission_row){
        .ref = kept_ref(KEPT_K_PERMISSION, permission), .on = (uint8_t)on, .at = (kept_ms)n};
}

static inline void to(struct scene *s, const char *recipient)
{
    s->question.recipient = index_of(s->p, KEPT_K_RECIPIENT, recipient);
    s->question.unknown_recipient = s->question.recipient == KEPT_NO_INDEX;
}

static inline void as(struct scene *s, const char *role)
{
    s->question.role = index_of(s->p, KEPT_K_ROLE, role);
    s->question.unknown_role = s->question.role == KEPT_NO_INDEX;
}

static inline struct kept_verdict verdict(struct scene *s)
{
    s->context.consents = s->consents;
    s->context.permissions = s->permissions;
    s->context.launches = s->launches;
    return kept_decide(s->p, &s->context, &s->question);
}

static inline void expect_(struct scene *s, enum kept_decision decision, enum kept_reason reason,
                    const char *clause, int line)
{
    struct kept_verdict v = verdict(s);
    if (v.decision != decision || v.reason != reason || strcmp(v.clause, clause) != 0)
        fail_msg("line %d: decision %d, %s, clause %s (line %d of the policy)", line, v.decision,
                 kept_reason_name(v.reason), v.clause, v.line);
}
#define expect(s, decision, reason, clause) expect_(s, decision, KEPT_R_##reason, clause, __LINE__)

static inline int read_all(void **state)
{
    (void)state;
    messenger = load_policy("policies/messenger.yaml");
    wallpaper = load_policy("policies/wallpaper.yaml");
    media = load_policy("policies/media.yaml");
    widgets = load_policy("policies/widgets.yaml");
    home = load_policy("policies/smart-home.yaml");
    return 0;
}

static inline int free_all(void **state)
{
    (void)state;
    kept_policy_free(messenger);
    kept_policy_free(wallpaper);
    kept_policy_free(media);
    kept_policy_free(widgets);
    kept_policy_free(home);
    return 0;
}

#endif
