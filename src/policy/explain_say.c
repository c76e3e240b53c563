/* explain_say.c - an explanation as people read it. */
#include <string.h>

#include "policy/explain.h"
#include "policy/phrases.h"
#include "policy/policy_int.h"

static const struct {
    const char *kind;
    enum phrase phrase;
} kinds[] = {{"item", P_K_ITEM}, {"function", P_K_FUNCTION}, {"purpose", P_K_PURPOSE},
             {"recipient", P_K_RECIPIENT}, {"permission", P_K_PERMISSION}, {"role", P_K_ROLE},
             {"partition", P_K_PARTITION},
             {"band", P_K_BAND}, {"exemption", P_K_EXEMPTION}, {"agreement", P_K_AGREEMENT},
             {"section", P_K_SECTION}};

static const char *kind_text(const char *kind, const char *language)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kept_phrase(kinds[i].phrase, language);
    return kind;
}

static const char *consent_text(enum kept_consent_kind consent, const char *language)
{
    return kept_phrase((enum phrase)(P_C_EXPLICIT + (consent - KEPT_C_EXPLICIT)), language);
}

void kept_explanation_step(unsigned step, const char *language, struct kept_buf *out)
{
    kept_buf_text(out, kept_phrase((enum phrase)(P_S_0 + (step <= 16 ? step : 0)), language));
}

const char *kept_explanation_reason(enum kept_reason reason, const char *language)
{
    return kept_phrase_reason(reason, language);
}

void kept_explanation_need(const struct kept_need *need, const char *language, struct kept_buf *out)
{
    static const enum phrase phrases[] = {
        [KEPT_NEED_CONSENT] = P_N_CONSENT,         [KEPT_NEED_GUARDIAN] = P_N_GUARDIAN,
        [KEPT_NEED_PERMISSION] = P_N_PERMISSION,   [KEPT_NEED_IN_USE] = P_N_IN_USE,
        [KEPT_NEED_USER_ACTION] = P_N_USER_ACTION, [KEPT_NEED_LAUNCH] = P_N_LAUNCH,
        [KEPT_NEED_ASKED_NOW] = P_N_ASKED_NOW,     [KEPT_NEED_JUSTIFIED] = P_N_JUSTIFIED,
        [KEPT_NEED_EXEMPTION] = P_N_EXEMPTION,     [KEPT_NEED_AGE] = P_N_AGE,
        [KEPT_NEED_CLIENT] = P_N_CLIENT,         [KEPT_NEED_SOURCE] = P_N_SOURCE};
    bool written = need->consent == KEPT_C_WRITTEN;
    if (need->kind == KEPT_NEED_CONSENT)
        KEPT_SAY(out, P_N_CONSENT, language, consent_text(need->consent, language),
                 kind_text(need->rule_kind, language), need->name);
    else if (need->kind == KEPT_NEED_GUARDIAN)
        KEPT_SAY(out, P_N_GUARDIAN, language, written ? kept_phrase(P_N_GUARDIAN_WRITTEN, language) : "");
    else
        KEPT_SAY(out, phrases[need->kind], language, need->name);
}

static void put_verdict(const struct kept_explanation *e, const struct kept_verdict *v,
                        const char *language, struct kept_buf *out)
{
    struct kept_rule_at at;
    struct phrase_number line;
    const char *text = NULL, *costs = NULL;
    char clause[KEPT_MAX_NAME + 8];
    const char *decision = kept_phrase((enum phrase)(P_D_DENY + v->decision), language);
    if (v->reason == KEPT_R_NONE)
        kept_buf_text(out, decision);
    else
        KEPT_SAY(out, P_VERDICT, language, decision, kept_phrase_reason(v->reason, language));
    kept_buf_text(out, "\n");
    bool there = kept_policy_rule_at(e->policy, v->line, language, &at, &text, &costs);
    (void)snprintf(clause, sizeof clause, "%s%.64s", v->clause[0] != 0 ? ", " : "", v->clause);
    if (!there && v->clause[0] != 0) /* what a profile filled in */
        KEPT_SAY(out, P_BY_LAW, language, v->clause);
    else
        KEPT_SAY(out, there ? P_BY_RULE : P_BY_NO_RULE, language, kind_text(at.kind, language), at.name,
                 kept_phrase_number(&line, v->line), clause);
    kept_buf_text(out, "\n");
    if (text != NULL)
        KEPT_SAY(out, P_RULE_SAYS, language, text);
    if (text != NULL)
        kept_buf_text(out, "\n");
    if (costs != NULL && v->decision == KEPT_DENY) {
        KEPT_SAY(out, P_REFUSING_COSTS, language, costs);
        kept_buf_text(out, "\n");
    }
}

static void put_supposed(const struct kept_explanation *e, const char *language, struct kept_buf *out)
{
    struct kept_buf more;
    struct phrase_number age;
    kept_buf_init(&more, 4096);
    if (e->supposed.age >= 0)
        KEPT_SAY(&more, P_SUPPOSED_AGE, language, kept_phrase_number(&age, e->supposed.age));
    for (unsigned c = KEPT_C_EXPLICIT; c <= KEPT_C_GUARDIAN; c++)
        if ((e->supposed.consents >> c & 1u) != 0)
            KEPT_SAY(&more, P_SUPPOSED_CONSENT, language, consent_text((enum kept_consent_kind)c, language));
    const char *list = e->supposed.permissions;
    char name[KEPT_MAX_NAME + 1];
    for (bool on = false; list != NULL && kept_supposed_permission(&list, name, &on);)
        KEPT_SAY(&more, on ? P_SUPPOSED_ON : P_SUPPOSED_OFF, language, name);
    KEPT_SAY(out, P_SUPPOSED, language, more.n > 0 ? (const char *)more.p : "");
    kept_buf_text(out, "\n");
    kept_phrase_beside(&more, out);
}

static void put_steps(const struct kept_explanation *e, const char *language, struct kept_buf *out)
{
    struct kept_buf list;
    kept_buf_init(&list, 4096);
    for (unsigned step = 1; step < e->step; step++) {
        kept_buf_printf(&list, "%s%u ", step > 1 ? "; " : "", step);
        kept_explanation_step(step, language, &list);
    }
    if (list.n > 0) {
        KEPT_SAY(out, P_PASSED, language, (const char *)list.p);
        kept_buf_text(out, "\n");
    }
    kept_phrase_beside(&list, out);
    if (e->verdict.decision != KEPT_DENY)
        return;
    kept_buf_printf(&list, "%u ", e->step);
    kept_explanation_step(e->step, language, &list);
    KEPT_SAY(out, P_STOPPED, language, list.n > 0 ? (const char *)list.p : "");
    kept_buf_text(out, "\n");
    kept_phrase_beside(&list, out);
}

static void put_needs(const struct kept_explanation *e, const char *language, struct kept_buf *out)
{
    if (e->verdict.decision != KEPT_DENY)
        return;
    if (e->need_count > 0)
        kept_buf_printf(out, "\n%s\n", kept_phrase(P_NEEDED, language));
    for (size_t i = 0; i < e->need_count; i++) {
        kept_buf_text(out, "  ");
        kept_explanation_need(&e->needs[i], language, out);
        kept_buf_text(out, "\n");
    }
    if (e->need_count > 0) {
        KEPT_SAY(out, P_NEEDED_THEN, language,
                 e->then.decision == KEPT_DENY
                     ? kept_phrase_reason(e->then.reason, language)
                     : kept_phrase((enum phrase)(P_D_DENY + e->then.decision), language));
        kept_buf_text(out, "\n");
    }
    if (e->then.decision == KEPT_DENY)
        kept_buf_printf(out, "%s\n", kept_phrase(P_NEEDED_NEVER, language));
}

static void put_observed(const struct kept_explanation *e, const char *language, struct kept_buf *out)
{
    char until[KEPT_TIME_TEXT];
    if (e->observed_until == 0)
        return;
    kept_time_text(e->observed_until, until);
    KEPT_SAY(out, P_OBSERVED, language, until);
    kept_buf_text(out, "\n");
}

static void put_with(const struct kept_explanation *e, const char *language, struct kept_buf *out)
{
    struct kept_buf list;
    const char *name = e->then.decision != KEPT_DENY ? kept_explanation_with(e, 0) : NULL;
    kept_buf_init(&list, 1u << 20);
    for (size_t i = 1; name != NULL; name = kept_explanation_with(e, i++))
        kept_buf_printf(&list, "%s%s", list.n > 0 ? ", " : "", name);
    if (list.n > 0) {
        KEPT_SAY(out, P_TOGETHER, language, (const char *)list.p);
        kept_buf_text(out, "\n");
    }
    kept_phrase_beside(&list, out);
}

int kept_explanation_text(const struct kept_explanation *e, const char *language, struct kept_buf *out)
{
    put_verdict(e, &e->verdict, language, out);
    put_supposed(e, language, out);
    put_steps(e, language, out);
    put_observed(e, language, out);
    put_needs(e, language, out);
    put_with(e, language, out);
    return out->failed;
}
