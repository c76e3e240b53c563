/* policy.h - a policy read, checked and compiled; and what it says.
 *
 * PURE: no clock, no store, no log, no globals, no files: text in, values out.
 * A compiled policy is immutable and may be read by any number of threads.
 * Terms: README.md. index - position in the compiled tables of one policy; never reaches
 * the disk. ref - stable reference of a name (kept_ref), does. */
#ifndef KEPT_POLICY_H
#define KEPT_POLICY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "kept.h"
#include "policy/duties.h" /* what is owed beside decisions */

/* ---- reading ---------------------------------------------------------------------------------- */

enum kept_severity { KEPT_WARNING = 1, KEPT_ERROR = 2 };

/* One finding: file:line:column, what is wrong, why it matters, how to mend it. Stable code. */
struct kept_finding {
    enum kept_severity severity;
    const char *code;  /* "UNKNOWN_KEY", "DANGLING_REFERENCE" ...: static text */
    int line, column;  /* from 1 */
    char file[64];     /* of two that became one policy (overlay.h); "": there is one */
    char text[320];    /* what is wrong and why it matters */
    char mend[200];    /* how to mend it */
};
struct kept_findings {
    struct kept_finding *rows;
    size_t count, cap;
    size_t errors;     /* rows with severity error, also those beyond KEPT_MAX_POLICY_ERRORS */
};
void kept_findings_release(struct kept_findings *findings);

struct kept_policy;

/* kept_policy_read(text, ret_policy, findings, err): read, check, compile; every mistake in one run.
 * findings: initialised to {0} by the caller, released by the caller, filled in any case.
 * Returns 0; KEPT_E_POLICY (there are errors; *ret_policy is NULL); KEPT_E_LIMIT; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_policy_read(struct kept_span text, struct kept_policy **ret_policy,
                                   struct kept_findings *findings, struct kept_err *err);
/* kept_policy_examine(text, findings, err): a policy as somebody published it: the same findings, what it is
 * silent on, and where it is below the floors of its law, which are not applied. Nothing is ever loaded.
 * Returns 0 (also when there are errors), KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_policy_examine(struct kept_span text, struct kept_findings *findings,
                                      struct kept_err *err);
void kept_policy_free(struct kept_policy *policy);

/* ---- what it says ------------------------------------------------------------------------------ */

/* Where data rests, and which of a person's keys seals it (design.md "retention class"). */
enum kept_class { KEPT_CLASS_ORDINARY = 0, KEPT_CLASS_SENSITIVE, KEPT_CLASS_LAW, KEPT_CLASSES };
enum kept_place { KEPT_PLACE_STORE = 0, KEPT_PLACE_DEVICE, KEPT_PLACE_TRANSIENT,
                  KEPT_PLACE_EXTERNAL };
/* What withdrawing stops: collection; use as well; and what rests on nothing else is deleted. */
enum kept_withdrawal { KEPT_WITHDRAW_COLLECT_ONLY = 0, KEPT_WITHDRAW_COLLECT_AND_USE,
                       KEPT_WITHDRAW_DELETE };

struct kept_policy_info {
    const char *app;
    const char *language;         /* of authority */
    uint32_t version;
    kept_ms issued, effective;
    uint8_t hash[32];             /* SHA-256 of the file's bytes */
    struct kept_zone zone;        /* where days begin */
    kept_ms rotation;             /* R: interval between epochs */
    kept_ms window;               /* W: how long a backup may live */
    kept_ms evidence;             /* trace keys live this long after erasure */
    enum kept_withdrawal withdrawal;
    bool implied_by_use;          /* S0-0.3: using counts as implied consent once the notice was seen */
    size_t items, functions, purposes, permissions, recipients, roles, languages;
    size_t partitions;            /* the default one is the first, and always there */
};
const struct kept_policy_info *kept_policy_info(const struct kept_policy *policy);
const char *kept_policy_language(const struct kept_policy *policy, size_t index);
/* SHA-256 of everything people read in a language (each text of the file in order, a NUL behind
 * each), and of what the rules on purposes, items, functions and recipients come to: to this consents
 * are bound. false: no such language. */
bool kept_policy_text_hash(const struct kept_policy *policy, const char *language,
                           uint8_t ret_hash[32]);

/* What a number or a choice may be. Text is borrowed from the policy. */
struct kept_limits {
    const char *unit;             /* NULL: none */
    const char *min, *max;        /* decimal numbers (base/decimal.h), inclusive; NULL: no bound */
    uint32_t decimals;            /* at most so many */
    const char *const *choices;   /* names, which are what is stored */
    size_t choice_count;
};

struct kept_item {
    const char *name;
    const char *kind;             /* "phone", "mail" ...: see vault/kind.h; checked there too */
    const struct kept_limits *limits; /* of a choice, and of a number that has some; else NULL */
    const char *source;           /* "user", "generated", "third_party", "derived" */
    uint32_t ref;
    enum kept_class class;
    uint32_t partition;           /* kept_ref; 0: the default one */
    enum kept_place place;
    kept_ms retain;               /* after collection; 0: while the account lives */
    kept_ms at_least;             /* a statute's minimum, after collection; 0: none */
    enum kept_disposition then;   /* what follows its end (kept_policy_end) */
    kept_ms archive;              /* then: ARCHIVE: so long, and no longer */
    bool sensitive;
    bool many;                    /* several values */
    bool token;                   /* found by look-up */
    bool hashed;                  /* only the keyed token is stored, never the value (S0-3.2) */
    bool locked;                  /* after verification only support may change it */
    bool by_code;                 /* the person changes it with a code that was sent to the new value (S1-5.3) */
    uint32_t match;               /* an address book: its entries meet this item's values; ref, or 0 */
    uint32_t found_through;       /* of it: the function that members are found through; ref */
    uint32_t match_limit;         /* of it: entries a person and day */
    bool matched;                 /* some address book's entries meet its values */
    bool mask_whole;              /* masked: nothing of it is shown (else: as its kind masks) */
    const char *clause;           /* "" when none is named */
    int line;
};
const struct kept_item *kept_policy_item(const struct kept_policy *policy, size_t index);

/* Is it worked out from other values (source: derived)? Does this recipient pass it in? */
bool kept_policy_derived(const struct kept_policy *policy, uint32_t item);
/* May a value of this item end before its person does: by its time, or with a consent? */
bool kept_policy_may_end(const struct kept_policy *policy, uint32_t item);
bool kept_policy_gives(const struct kept_policy *policy, uint32_t recipient, uint32_t item);
/* Does a scope of consent touch this item: its function has it, its purpose is one of the item's, it is
 * the item, its recipient gets it; KEPT_K_NONE touches all? */
bool kept_policy_touches(const struct kept_policy *policy, enum kept_kind scope_kind, uint32_t scope,
                         uint32_t item);

/* Index of a name by its ref, or KEPT_NO_INDEX. */
#define KEPT_NO_INDEX UINT32_MAX
uint32_t kept_policy_index(const struct kept_policy *policy, enum kept_kind kind, uint32_t ref);
/* Name by index, or NULL. */
const char *kept_policy_name(const struct kept_policy *policy, enum kept_kind kind, uint32_t index);
/* Operations that no policy can give to a role of staff, or to the app itself, a bit each: `all` is
 * without them. The table of operations (engine) is held to it as it is compiled. */
#define KEPT_OPS_APP_ALONE                                                                         \
    (1ull << KEPT_OP_PERMISSION_SET | 1ull << KEPT_OP_POLICY_PUBLISH |                             \
     1ull << KEPT_OP_SERVICE_CEASE | 1ull << KEPT_OP_ROTATE | 1ull << KEPT_OP_TICK |             \
     1ull << KEPT_OP_CONTACTS | 1ull << KEPT_OP_POST_TAKE | 1ull << KEPT_OP_POST_TELL |       \
     1ull << KEPT_OP_LOG_TAKE | 1ull << KEPT_OP_ORDER_DONE | 1ull << KEPT_OP_ORDER_SHOW | 1ull << KEPT_OP_PROVIDER_ADD |   \
     1ull << KEPT_OP_PROVIDER_REMOVE | 1ull << KEPT_OP_PROVIDER_LIST | 1ull << KEPT_OP_ACCOUNT_BIND | \
     1ull << KEPT_OP_ACCOUNT_UNBIND)
#define KEPT_OPS_STAFF_ALONE (1ull << KEPT_OP_AUDIT | 1ull << KEPT_OP_APPROVAL_GRANT | 1ull << KEPT_OP_APPROVAL_REFUSE)
/* May this role call this operation (roles.NAME.operations)? KEPT_NO_INDEX is the app itself, which
 * the file calls "app", and whose name is "". */
bool kept_policy_role_may(const struct kept_policy *policy, uint32_t role, enum kept_op op);

/* What a policy may require of staff (roles.NAME.requires), by its number: "confidentiality", "vetting", "training";
 * KEPT_ATTESTATIONS: that is none. Is it required of who asks in this role? ret_clause, ret_line: by which rule. */
const char *kept_attestation_word(size_t attestation);
size_t kept_attestation_named(const char *word);
bool kept_policy_requires(const struct kept_policy *policy, uint32_t role, size_t attestation, const char **ret_clause,
                          int *ret_line);

/* How much one member of staff may read in a role before the ledger is told (roles.NAME.alarm). */
struct kept_alarm {
    uint32_t reads;  /* more than so many; 0: there is none */
    kept_ms within;
    const char *clause;
    int line;
};
struct kept_alarm kept_policy_alarm(const struct kept_policy *policy, uint32_t role);

/* Must another approve of it, one by one (approval): of who asks in this role, of somebody of this birthday; on the ground of
 * this exemption? ret_clause, ret_line: by which rule. Whose age is not known is a minor, unless age: unknown: allow. */
bool kept_policy_role_approval(const struct kept_policy *policy, uint32_t role, int32_t birth_day, kept_ms now,
                               const char **ret_clause, int *ret_line);
bool kept_policy_exemption_approval(const struct kept_policy *policy, const char *code, int32_t birth_day, kept_ms now,
                                    const char **ret_clause, int *ret_line);

/* May this role (KEPT_NO_INDEX: the app itself) see an item at all, masked or not? */
bool kept_policy_role_sees(const struct kept_policy *policy, uint32_t role, uint32_t item);
/* May this role of staff see it as it is? */
bool kept_policy_role_clear(const struct kept_policy *policy, uint32_t role, uint32_t item);
/* Does it reach the partition that the item is in? The app itself reaches all; what this policy does not
 * declare (KEPT_NO_INDEX) is in the default one. */
bool kept_policy_role_reaches(const struct kept_policy *policy, uint32_t role, uint32_t item);
/* The clause and line behind a refusal to reach it: the partition's, or else the role's. Never NULL. */
const char *kept_policy_partition_rule(const struct kept_policy *policy, uint32_t role, uint32_t item,
                                       int *ret_line);
/* How many items are in a partition (by index), and how many roles of staff reach it. */
void kept_policy_partition_counts(const struct kept_policy *policy, uint32_t partition,
                                  size_t *ret_items, size_t *ret_roles);
/* The mode of the age band that a birthday falls in at an instant: "block", "guardian", "self"; "unknown"
 * without a birthday, "none" where the policy has no bands. */
const char *kept_policy_age_band(const struct kept_policy *policy, int32_t birth_day, kept_ms now);
/* What the policy asks of a guardian at this age. */
struct kept_guardian_need {
    bool asked;     /* the band is `guardian` or `self_and_guardian` */
    bool with_self; /* the person's own consent is asked for as well */
    bool written, evidence;
    const char *clause;
    int line;
};
struct kept_guardian_need kept_policy_guardian_need(const struct kept_policy *policy,
                                                    int32_t birth_day, kept_ms now);
/* Is this one of the relations (else: of the methods of verification) that the policy knows? */
bool kept_policy_guardian_word(const struct kept_policy *policy, bool relation, const char *word);
/* Is somebody of this birthday old enough to decide alone? */
bool kept_policy_of_age(const struct kept_policy *policy, int32_t birth_day, kept_ms now);
/* The clause and line behind a refusal that is not kept_decide's: of a role that may not call an
 * operation (KEPT_NO_INDEX: the app itself), of a name the policy does not declare. Never NULL. */
const char *kept_policy_role_rule(const struct kept_policy *policy, uint32_t role, int *ret_line);
const char *kept_policy_undeclared_rule(const struct kept_policy *policy, int *ret_line);

/* ---- deciding ---------------------------------------------------------------------------------- */

enum kept_subject_state { KEPT_S_NONE = 0, KEPT_S_LIVE, KEPT_S_REFUSED, KEPT_S_RESTRICTED,
                          KEPT_S_ERASED, KEPT_S_KEPT_BY_LAW };
enum kept_consent_state { KEPT_CS_GRANTED = 1, KEPT_CS_REFUSED, KEPT_CS_WITHDRAWN };

enum { KEPT_CF_EVIDENCE = 1, /* there is a paper on it (consent.h) */
       KEPT_CF_WRITTEN = 2 };/* a guardian's, in writing */

/* One row of what a person agreed to; a later row on the same scope replaces the earlier. A guardian's
 * row stands beside the person's own. 64 bytes: a line of the processor's cache. */
struct kept_consent_row {
    uint8_t scope_kind;      /* enum kept_kind; KEPT_K_NONE: the whole policy (notice, use) */
    uint8_t kind;            /* enum kept_consent_kind */
    uint8_t state;           /* enum kept_consent_state */
    uint8_t origin;          /* enum kept_origin */
    uint32_t scope;          /* kept_ref */
    uint32_t policy_version; /* the version that was shown */
    uint16_t language;       /* index into the languages of that version, or 0 */
    uint8_t by;              /* number of the guardian who gave it; 0: the person */
    uint8_t flags;           /* KEPT_CF_* */
    kept_ms at;
    kept_ms expires;         /* 0: with the use of the service */
    uint8_t text_hash[32];
};
struct kept_permission_row {
    uint32_t ref;
    uint8_t on;
    uint8_t reported_by;     /* enum kept_actor_kind of the reporter */
    kept_ms at;
    kept_ms expires;         /* 0: until it is reported off */
};
/* Last launch in which a once-per-launch function collected an item (refs). */
struct kept_launch_row {
    uint32_t function, item, launch;
};

/* All a decision needs to know of a subject. Borrowed arrays. */
struct kept_context {
    enum kept_subject_state state;
    uint64_t version;
    uint32_t policy_version;     /* the governing one: the policy decide is called with */
    uint32_t notice_version;     /* newest version whose notice was acknowledged; 0: none. If newer than
                                  * the governing one, the acknowledgement of that must be a row */
    int32_t birth_day;           /* days since 1970-01-01; KEPT_BIRTH_UNKNOWN */
    uint32_t region;             /* kept_ref(KEPT_K_REGION, "CN"); 0: unknown */
    bool ceased;                 /* the service has ceased (of the app, not the person) */
    bool unshown;                /* a later version takes more, and must be shown first: it was not */
    const struct kept_consent_row *consents;
    size_t consent_count;
    const struct kept_permission_row *permissions;
    size_t permission_count;
    const struct kept_launch_row *launches;
    size_t launch_count;
};
#define KEPT_BIRTH_UNKNOWN INT32_MIN

enum kept_use { KEPT_USE_COLLECT = 1, KEPT_USE_READ, KEPT_USE_DISCLOSE };

/* What is asked. Indices of this policy; KEPT_NO_INDEX where the request names none or an unknown
 * one (an unknown name that was given is marked in unknown_*: always deny). */
struct kept_question {
    enum kept_use use;
    uint32_t item, function, purpose, recipient, role;
    bool unknown_function, unknown_purpose, unknown_recipient, unknown_role;
    uint32_t region;             /* DISCLOSE: where it would go; ref, 0: the recipient's own */
    uint32_t launch;
    uint32_t facts;              /* KEPT_F_* */
    const struct kept_client *client; /* NULL: nothing is known of it */
    const char *exemption;       /* code, or NULL; only codes of the policy for this use count */
    bool justified;              /* a justification came with it */
    bool match;                  /* COLLECT: of an address book, met with members' values, not stored */
    bool held;                   /* READ: the value rests on collection under a law class */
    bool archived;               /* READ: its time of use is over, and it is set apart (then: archive) */
    bool own;                    /* by the person: READ what is theirs, COLLECT in place of what is theirs */
    kept_ms now;
};

struct kept_verdict {
    enum kept_decision decision; /* zero is deny */
    enum kept_reason reason;
    const char *clause;          /* borrowed from the policy; never NULL */
    int line;
};

/* kept_decide(policy, context, question): pure and total. Default deny; an unknown name, a missing
 * fact, NULL, a context governed by another version: deny. No allocation; the cost depends on the rows
 * of the context and on how many functions share the item, not on how much is declared.
 *
 * Order of the steps: when several deny, the first gives the reason. The rule in brackets is named.
 *  1. CEASED (collect, disclose) [cessation]
 *  2. state: ERASED, KEPT_BY_LAW, RESTRICTED, REFUSED [refusal]; then the newest consent row on the whole policy:
 *     REFUSED, WITHDRAWN [withdrawal]. A *law read* (READ of a person KEPT_BY_LAW, or of what is
 *     `archived` of one who lives, by a role with `law`, for a purpose with `law`, of a law-class item or a value
 *     `held`) skips that row, 3, 6, 13-15
 *  3. NO_NOTICE: `notice_version` is the governing one, or an acknowledgement of it is among the rows; a later
 *     version that takes more and is to be shown first was shown [changes, notice]; not for an exemption that
 *     `spares_notice`
 *  4. UNDECLARED item
 *  5. ON_DEVICE, TRANSIENT (but for an address book that is met with members); hashed items are never read:
 *     NO_VALUE; what is `archived` but by a law read: KEPT_BY_LAW [item]
 *  6. a purpose that `advertises`, for whom marketing does not reach by age: AGE, AGE_UNKNOWN [messages: marketing];
 *     no exemption spares it. Then AGE (block), NEEDS_GUARDIAN, or what is wrong with the guardian's general word [band]; AGE_UNKNOWN unless
 *     `age.unknown: allow`; not for an exemption that `spares_age`
 *  7. ROLE (unknown), OPERATION [role], PARTITION (it does not reach the one that holds the item; the app itself
 *     reaches all) [partition, or else role], ROLE (the item or purpose is not the role's) [role]
 *  8. FUNCTION: named, must have the item; collection needs one
 *  9. PURPOSE: the item's, and the function's. Collection without a purpose is for the function's first; reading
 *     and disclosing must name one. A purpose covers those it lists as `related`
 * 10. REGION: collect outside `stored`, from outside `served`; disclose outside, unless `conditional` with
 *     mechanism, separate consent, a checked and valid agreement, and the recipient's own region
 * 11. RECIPIENT, ITEM_NOT_IN_AGREEMENT, PURPOSE, AGREEMENT_EXPIRED (signed <= now < expires), AGGREGATE_ONLY. For
 *     collection of what comes from others, or names a recipient that gives: RECIPIENT [item, when nobody is
 *     named], ITEM_NOT_IN_AGREEMENT (it does not give it), PURPOSE, AGREEMENT_EXPIRED
 * 12. JUSTIFICATION: a code named but unknown, not for this use, or without justification denies even where
 *     consent would do; an authority gets nothing without one
 * 13. the client, where the function is offered on some only: CLIENT; to collect, but from a file, what is not
 *     known of it: OS_UNKNOWN, APP_VERSION_UNKNOWN, SURFACE_UNKNOWN; then permissions, all of the function: PERMISSION; off
 *     after on: WITHDRAWN for use (the later row, off on a tie). An exemption spares permissions for use, never
 *     for collection
 * 14. consent: purpose, function, item, recipient (who gets or passes in). A REFUSED or WITHDRAWN row denies even
 *     where none is needed; else NEEDS_CONSENT, NEEDS_SEPARATE_CONSENT, NEEDS_WRITTEN_CONSENT, NEEDS_GUARDIAN,
 *     CONSENT_EXPIRED, CONSENT_STALE. Sensitive, or with `separate_consent`: a separate row on the function or on
 *     the item. A grant on one scope never serves another; one on the whole policy is implied at most. Legal
 *     obligation spares purpose, function, item; an exemption all. Where a guardian has a say: the person's row
 *     first (`guardian`: it must only not object), then the guardian's, scope by scope, wherever more than the
 *     notice is asked for
 * 15. JUSTIFICATION, where the function is for a named case; collection: NOT_IN_USE, USER_ACTION, CONSENT_EXPIRED
 *     (asked for at each launch), FREQUENCY (launch unknown, or not newer than the last)
 * 16. ALLOW [function; recipient when disclosing; role in a law read]; MASK unless the role has it raw [role],
 *     where an exemption gives it `deidentified` only [exemption], where the recipient gets it masked [recipient]
 * 13-15 run for the function named; without one, for each that has the item for the purpose: one suffices, and
 * else the first gives the reason. `collect_only` (of the function, or of the policy) lets READ go on after a
 * WITHDRAWN row on function, item or whole policy and after a permission went off; never for a purpose. Consent to
 * another version stays valid where it covers what this one does with its scope (kept_policy_relate; not told:
 * CONSENT_STALE); with `other_versions: ask_again` its hash must be ours, too. */
struct kept_verdict kept_decide(const struct kept_policy *policy,
                                const struct kept_context *context,
                                const struct kept_question *question);

/* What is `own` is decided by `rights` alone (access, correct), whatever was agreed to: state ERASED, KEPT_BY_LAW, and to
 * correct CEASED; UNDECLARED, ON_DEVICE, TRANSIENT, NO_VALUE (hashed), KEPT_BY_LAW (archived) [item]; DEFAULT: neither
 * policy nor law knows the right [rights]; to correct ROLE: the person never gave it [item]. Else ALLOW [the right].
 * Nothing else is anybody's own: DEFAULT. Whether who asks has shown well enough who they are, the engine knows. */

/* The first mandatory item of a function that is absent from present (bit per item index, words of
 * 64), or KEPT_NO_INDEX. */
uint32_t kept_policy_missing(const struct kept_policy *policy, uint32_t function,
                             const uint64_t *present);

/* Does this function collect each item once in a launch only (S0-2.4)? false for KEPT_NO_INDEX. */
bool kept_policy_once_per_launch(const struct kept_policy *policy, uint32_t function);

/* What withdrawing this function does; KEPT_NO_INDEX: any other scope, or the whole policy. */
enum kept_withdrawal kept_policy_withdrawal(const struct kept_policy *policy, uint32_t function);
/* What refusing this function costs (KEPT_NO_INDEX: refusing the whole policy), in a language; NULL: the
 * policy has no words for it. */
const char *kept_policy_costs(const struct kept_policy *policy, uint32_t function, size_t language);
/* Does a denial in a request for this function keep the app from nothing yet (enforce: observe), at this instant?
 * It stays a denial: kept neither stores nor gives out what is denied. Never observed: a person's no (REFUSED,
 * WITHDRAWN), ERASED, KEPT_BY_LAW, RESTRICTED, CEASED, who may ask (ROLE, PARTITION, OPERATION, CALLER,
 * NEED_VERIFICATION, ATTESTATION, APPROVAL), that nothing is held (NO_VALUE). false for KEPT_NO_INDEX. */
bool kept_policy_observed(const struct kept_policy *policy, uint32_t function, enum kept_reason reason, kept_ms now);
/* The instant at which a function that is observed comes to be enforced; 0: it always is. */
kept_ms kept_policy_observed_until(const struct kept_policy *policy, uint32_t function);
/* Does consent to this function hold only for the launch in which it was given? */
bool kept_policy_each_launch(const struct kept_policy *policy, uint32_t function);

/* ---- one version and another -------------------------------------------------------------------- */

/* Tell a policy, before anybody else reads it, that it takes effect at another instant than its file says: so
 * from then on that is its `effective`, and what people are told. */
void kept_policy_takes_effect(struct kept_policy *policy, kept_ms effective);
/* Tell a policy of a former version, before anybody else reads it: from then on a consent given to that
 * version counts where it covers what this one does. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_policy_relate(struct kept_policy *policy, const struct kept_policy *former);
/* Does a later version take more than an earlier one allowed - items, purposes, recipients, time, places,
 * ages, grounds - or ask less, or change who answers for it? Then nobody is bound to it by going on
 * (PIPL 14). *ret_what: the first thing that does, of the later policy. */
bool kept_policy_takes_more(const struct kept_policy *later, const struct kept_policy *earlier,
                            const char **ret_what);
/* The same, of a former version it was told of; one it was not told of: true. */
bool kept_policy_takes_more_than(const struct kept_policy *policy, uint32_t former);
/* Would the question (READ, DISCLOSE) put a value to a purpose that the version it came in under did not
 * declare for its item, and that nobody agreed to since, with a consent to the purpose, a function or the
 * item? Then the rule on changes says no: no version reaches back (PIPL 14). What a law imposes, and what an
 * exemption spared, may. A version it was not told of declared nothing. */
bool kept_policy_reaches_back(const struct kept_policy *policy, const struct kept_context *context,
                              const struct kept_question *question, uint32_t collected_under,
                              struct kept_verdict *ret_verdict);
/* Does this version count going on as accepting it, where it takes no more? And must one that takes
 * more be shown to a person before anything else is done? *ret_line: of the rule. */
bool kept_policy_continued_use(const struct kept_policy *policy, const char **ret_clause,
                               int *ret_line);
bool kept_policy_shown_first(const struct kept_policy *policy);

/* ---- what its law fills in ---------------------------------------------------------------------- */

/* Something this policy says nothing of, and the profile of one of its laws does: it holds as if the policy
 * said it. Of several laws, the strictest. */
#define KEPT_MAX_FILLS 9u
#define KEPT_FILL_TEXT 160u
struct kept_fill {
    const char *what;            /* "answers to requests" */
    char of[KEPT_FILL_TEXT];     /* "access, copy": of these; "": of all of it */
    char value[KEPT_FILL_TEXT];  /* "within 15 working days of when it is received" */
    const char *profile;         /* "cn" */
    const char *source;          /* law and article; both borrowed from the policy */
    bool seen;                   /* that text was read; else it is from memory */
};
/* NULL behind the last, of KEPT_MAX_FILLS at most. How long an item is kept that only names its law, the item
 * says (kept_end.filled). */
const struct kept_fill *kept_policy_fill(const struct kept_policy *policy, size_t index);
/* The names of its profiles, its jurisdiction's first; NULL behind the last. *ret_lawyer: when a lawyer last
 * read it ("never"). */
const char *kept_policy_profile(const struct kept_policy *policy, size_t index, const char **ret_lawyer);

/* The policy as text (names, rules, lines): `kept policy show`, and as JSON. */
KEPT_MUST_USE int kept_policy_show(const struct kept_policy *policy, int json,
                                   struct kept_buf *out);

#endif
