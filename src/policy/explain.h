/* explain.h - a decision that nobody asked for in earnest: what kept_decide says to it, by which rule and which
 * words, what was passed before, and what it would need.
 *
 * The person is supposed: there, of the age named, having seen the notice, given the consents and switched the
 * permissions named; every other permission of the system is off until it is needed. What is needed is found by asking: what a denial asks
 * for is supposed, and kept_decide is asked again, until it allows, or nothing that a person or the app does
 * would help. PURE; an explanation is immutable, borrows from the policy, and may be read by any thread. */
#ifndef KEPT_POLICY_EXPLAIN_H
#define KEPT_POLICY_EXPLAIN_H

#include "base/buf.h"
#include "base/limits.h"
#include "policy/policy.h"

#define KEPT_MAX_NEEDS 64u

/* What is asked: names as the policy has them; NULL: not given. */
struct kept_supposed {
    enum kept_use use;
    const char *item, *function, *purpose, *recipient, *role, *exemption, *region;
    bool justified;      /* a justification came with it */
    int age;             /* years; negative: not known */
    const char *permissions; /* of the system: "camera,location=off"; NULL: nobody reported any */
    unsigned consents;   /* bit per enum kept_consent_kind: given to all that the question touches */
    uint32_t facts;      /* KEPT_F_* */
    uint32_t launch;     /* 0: not said */
    struct kept_client client;
    kept_ms now;
};

/* The rule behind a line of the policy. */
struct kept_rule_at {
    const char *kind;    /* "item", "function", ..., "section"; "" when there is none */
    const char *name;
    const char *clause;
    int line;
};
/* text: the rule's own words in a language of the policy, or in that of authority; NULL: it has none.
 * costs: of a function, what refusing it costs; else NULL. Both may be NULL. False: no rule is there. */
bool kept_policy_rule_at(const struct kept_policy *policy, int line, const char *language,
                         struct kept_rule_at *ret_rule, const char **text, const char **costs);

enum kept_need_kind { KEPT_NEED_CONSENT = 1, KEPT_NEED_GUARDIAN, KEPT_NEED_PERMISSION, KEPT_NEED_IN_USE,
                      KEPT_NEED_USER_ACTION, KEPT_NEED_LAUNCH, KEPT_NEED_ASKED_NOW, KEPT_NEED_JUSTIFIED,
                      KEPT_NEED_EXEMPTION, KEPT_NEED_AGE, KEPT_NEED_CLIENT, KEPT_NEED_SOURCE };
struct kept_need {
    enum kept_need_kind kind;
    enum kept_consent_kind consent;
    const char *rule_kind, *name; /* whose consent, which permission, which exemption; "" */
};
struct kept_explanation {
    struct kept_supposed supposed;
    const struct kept_policy *policy;
    struct kept_verdict verdict; /* as things are supposed */
    unsigned step;               /* at which it was denied; 16: it was not. policy.h, "Order of the steps" */
    struct kept_need needs[KEPT_MAX_NEEDS];
    size_t need_count;
    struct kept_verdict then;    /* with all of needs */
    kept_ms observed_until;      /* a denial that keeps the app from nothing before this; 0: it holds */
    uint32_t function;           /* COLLECT: which must be held, or come in the same request, with what */
};
/* The items that this one is collected together with or not at all (MANDATORY_MISSING): each that its function
 * demands, by number; NULL behind the last, and where it is not a question of collecting. */
const char *kept_explanation_with(const struct kept_explanation *e, size_t number);

/* kept_policy_explain(policy, supposed, ret): names that the policy does not declare are denied as such.
 * Returns 0, KEPT_E_NOMEM; KEPT_E_USAGE: `permissions` names one that the policy does not declare, or one twice, or
 * says neither on nor off. */
KEPT_MUST_USE int kept_policy_explain(const struct kept_policy *policy, const struct kept_supposed *supposed,
                                      struct kept_explanation *ret);
/* The next of such a list: its name and whether it is on. False: its end, or what is none (*list is not at its end). */
bool kept_supposed_permission(const char **list, char ret_name[KEPT_MAX_NAME + 1], bool *ret_on);
/* As text for people; language: "zh", or else English. Returns out->failed. */
KEPT_MUST_USE int kept_explanation_text(const struct kept_explanation *e, const char *language,
                                        struct kept_buf *out);
/* One sentence each, without a newline. */
void kept_explanation_step(unsigned step, const char *language, struct kept_buf *out);
void kept_explanation_need(const struct kept_need *need, const char *language, struct kept_buf *out);
const char *kept_explanation_reason(enum kept_reason reason, const char *language);

#endif
