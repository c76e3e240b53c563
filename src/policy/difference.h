/* difference.h - what two versions of a policy differ in, rule by rule, in words; which of the changes are
 * material; and so who is told, how, before when, and who is asked again.
 *
 * The two files are walked along the table of the language (language.h): a key that is added there is
 * compared from that day on. Whether the later version takes more, and which consents still cover what it
 * does, compare.c decides, as it does for the engine. What a key's change sets off stands in
 * difference.def; a key of a section that is not there counts as a change of processing, and so as material.
 *
 * Clauses: S1-6.1 to S1-6.4, S1-6.7, S2-8.1, S2-8.2, S4-15.1 to S4-15.5.
 * PURE. A difference is immutable, and its strings live as long as it does; any thread. */
#ifndef KEPT_POLICY_DIFFERENCE_H
#define KEPT_POLICY_DIFFERENCE_H

#include "base/buf.h"
#include "policy/language.h"
#include "policy/policy.h"

/* What makes a change material is enum kept_material (duties.h; S1-6.4, S4-15.5). RISK: the later version says
 * that an assessment found one (changes.high_risk); kept says when an assessment is owed, and no more. */
#define KEPT_MATERIAL_NONE KEPT_MATERIAL_COUNT

/* What it does to people's rights. A change of rights whose direction is not known counts as REDUCES. */
enum kept_effect { KEPT_EFFECT_NONE = 0, KEPT_EFFECT_REDUCES, KEPT_EFFECT_WIDENS };
enum kept_what { KEPT_WHAT_CHANGED = 0, KEPT_WHAT_ADDED, KEPT_WHAT_REMOVED, KEPT_WHAT_ORDER };

/* One of the two sides of a change. */
struct kept_side {
    const char *value;  /* as it is written, or what holds where the file is silent */
    const char *clause; /* of the rule it stands in; "" */
    int line;           /* of the key, or of the rule that is silent about it; 0: the whole rule is not there */
    bool said;          /* false: the value is the language's default */
};
struct kept_edit {
    enum key key;       /* of a rule that came or went: the key its section stands under ("items") */
    enum kept_what what;
    enum kept_material trigger;
    enum kept_effect effect;
    bool words;         /* only what people read: kept judges no words */
    bool gives;         /* takes nothing from people: nobody has to agree to it */
    const char *rule;   /* "items.contact-phone"; "" for the head of the file */
    struct kept_side then, now;
};

/* Why somebody is asked: the scope is new, does more, asks for more than it did; or any word or rule
 * changed, where `consent.other_versions` is ask_again. */
enum kept_again { KEPT_AGAIN_NEW = 1, KEPT_AGAIN_WIDER, KEPT_AGAIN_ASKS_MORE, KEPT_AGAIN_ANY_CHANGE };
struct kept_anew {
    enum kept_kind kind;
    const char *name;
    enum kept_consent_kind consent;
    enum kept_again why;
};

struct kept_difference {
    struct kept_edit *changes; /* in the order of the language's table */
    size_t count, cap;
    struct kept_anew *asked;
    size_t asked_count, asked_cap;
    uint32_t triggers;           /* bit per enum kept_material; REDUCTION: reduces_rights */
    uint32_t agreed;             /* the same, without changes that only give: what people may have to agree to */
    bool takes_more;             /* kept_policy_takes_more; what: the first that does */
    const char *what;
    bool reduces_rights;
    bool material;               /* some trigger, or takes_more */
    struct kept_change promised; /* what the former version promised for such a change */
    kept_ms tell_before;         /* people must have been told before; 0: only a calendar tells */
    bool words;                  /* some change is of words only, and somebody has to read it */
    bool assessment_owed;        /* sensitive data, recipients, export: PIPL 55 */
    bool late;                   /* takes effect before it is issued, or before the former: nobody was told */
    bool same_number;            /* not a later version than the former */
    bool binds_by_use;           /* going on accepts it (changes.continued_use, and no promise to ask) */
    bool shown_first;            /* nothing is done before a person saw it (changes.wider_version) */
    struct kept_policy *then, *now;
    void *inside;                /* the trees: theirs are the strings */
};

/* kept_policy_difference(then, now, ret, err): compare two policy files.
 * Returns 0; KEPT_E_POLICY (one of them has errors: err says which); KEPT_E_LIMIT; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_policy_difference(struct kept_span then, struct kept_span now,
                                         struct kept_difference **ret, struct kept_err *err);
/* As if the later version took effect at another instant than its text says: `late` and `tell_before`. */
void kept_difference_effective(struct kept_difference *difference, kept_ms effective);
void kept_difference_free(struct kept_difference *difference);

/* Sentences, appended to out; language: "zh", or else English. */
void kept_difference_change(const struct kept_edit *change, const char *language, struct kept_buf *out);
void kept_difference_asked(const struct kept_anew *asked, const char *language, struct kept_buf *out);
/* All of it, as text for people. Returns out->failed. */
KEPT_MUST_USE int kept_difference_text(const struct kept_difference *d, const char *language,
                                       struct kept_buf *out);
/* "M1" ("" for NONE) is kept_material_code; and in words. */
const char *kept_difference_trigger_text(enum kept_material trigger, const char *language);

#endif
