/* policy_int.h - inside the policy room: the model that says what the file
 * says, and the tables that decide. Only src/policy and its tests include this.
 *
 * Text -> tree (yaml.c) -> model (read*.c) -> findings (check.c) -> tables (compile.c) -> decide.c.
 * Strings and lists of a policy live in its arena and die with it. */
#ifndef KEPT_POLICY_INT_H
#define KEPT_POLICY_INT_H

#include "base/clock.h"
#include "base/limits.h"
#include "policy/language.h"
#include "policy/policy.h"
#include "policy/profile.h"
#include "policy/tree.h"

/* ---- the model -------------------------------------------------------------------------------- */

struct rule { /* where a rule stands, and which clause it carries ("" when none) */
    const char *clause;
    int line;
    bool highlight; /* people are to see that it weighs much */
};
struct list {
    uint32_t *v;
    size_t n;
};
static inline bool kept_list_has(const struct list *list, uint32_t value)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i] == value)
            return true;
    return false;
}
struct text { /* one string for each language of the policy; all NULL when absent */
    const char **v;
};

enum basis { BASIS_CONSENT = 0, BASIS_CONTRACT, BASIS_LEGAL_OBLIGATION };
enum band_mode { BAND_BLOCK = 1, BAND_GUARDIAN, BAND_SELF_AND_GUARDIAN, BAND_SELF };
enum export_mode { EXPORT_NEVER = 0, EXPORT_CONDITIONAL };
enum recipient_role { RECIPIENT_PROCESSOR = 1, RECIPIENT_JOINT, RECIPIENT_INDEPENDENT,
                      RECIPIENT_AUTHORITY };
enum self_start { SELF_START_NEVER = 0, SELF_START_CONSENT };
enum function_kind { FUNCTION_BASIC = 1, FUNCTION_EXTENDED };

/* What is owed beside decisions: read_rights.c, read_duties.c, read_cookies.c (duties.h, duties_int.h). */
struct fee_rule {
    struct rule rule;
    bool said;
    uint32_t free;   /* 0: all are */
    kept_ms window;
};
struct right_rule {
    struct kept_right pub;
    struct fee_rule fee;
    int column;
};
struct refusal_rule {
    struct rule rule;
    const char *code;
    struct text text;
    uint32_t requests; /* bits */
    bool discretionary, unreasoned; /* reasons need not be given */
};
struct precondition_rule {
    struct rule rule;
    const char *name;
    struct text text;
};
struct cancellation_rule {
    struct rule rule;
    uint32_t triggers; /* bits */
    kept_ms cooling_off; /* takes effect so long after the request */
    struct kept_deadline within; /* done at the latest */
    enum kept_disposition disposition;
    bool as_asked; /* the person chooses the disposition */
    struct precondition_rule *open;
    size_t open_count;
    int column;
};
struct account_rule {
    struct rule rule;
    uint32_t ways;
    enum kept_real_name real_name;
    struct text statute;
    uint32_t function;
    bool self_service;
    int column;
};
struct telling_rule { /* how people are told of a change, or of the end */
    struct rule rule;
    uint32_t triggers, channels;
    struct kept_length lead;
    const char *filled; /* who says the lead, where the policy does not */
    enum kept_consent_kind consent;
    enum kept_disposition disposition;
    bool said;
    int column;
};
struct message_rule {
    struct rule rule;
    uint32_t channels;
    bool said, can_switch_off;
    uint32_t from_age; /* 0: any */
    int column;
};
struct incident_rule {
    struct rule rule;
    struct kept_deadline deadline;
    uint32_t channels, fields;
    int fallback; /* enum kept_channel, or -1 */
    const char *filled; /* the law that tells them, where the policy does not */
    bool said;
    int column;
};
struct category_rule { /* of trackers */
    struct rule rule;
    bool said, necessary;
    enum kept_consent_kind consent;
    int column;
};
struct tracker_rule {
    struct rule rule;
    const char *name;
    struct text text;
    int category; /* -1: lost */
    enum kept_tracker_kind kind;
    uint32_t recipient;
    kept_ms lifetime;
    int column;
};
struct client_rule { /* on which clients a function is offered */
    bool said;
    uint32_t systems, surfaces; /* bits; 0: any */
    const char **os_from;       /* by system; NULL: any version */
    const char *app_from, *app_below;
};
struct showing_rule {
    bool advertising, personalised, nothing, same_count;
};
struct log_book {
    struct kept_log pub;
    struct text text;
    struct list purposes;
    int column;
};
enum log_rule { LOG_UNSAID = 0, LOG_NEVER, LOG_DECLARED };
struct duties {
    struct rule rights;
    struct right_rule asked[KEPT_ASK_COUNT];
    struct refusal_rule *refusals;
    size_t refusal_count;
    struct cancellation_rule cancellation;
    struct account_rule account;
    struct telling_rule material, minor, cessation;
    struct message_rule messages[KEPT_MESSAGE_CLASSES];
    struct incident_rule incidents[KEPT_TOLD_COUNT];
    uint32_t on_discovery;
    struct rule log;
    enum log_rule log_personal;
    struct log_book *logs;
    size_t log_count;
    struct rule cookies;
    enum kept_opt_out opt_out;
    struct category_rule categories[KEPT_TRACKER_CATEGORY_COUNT];
    struct tracker_rule *trackers;
    size_t tracker_count;
};

struct purpose_rule {
    struct rule rule;
    const char *name;
    uint32_t ref;
    struct text text;
    struct list related;            /* purposes directly related to this one */
    enum kept_consent_kind consent; /* NONE, EXPLICIT, SEPARATE or WRITTEN: asked for on the purpose */
    bool law;                       /* a purpose a law imposes: may read what is kept by law */
    bool advertises;                /* for people whom marketing reaches by their age */
};
struct item_rule {
    struct kept_item pub;
    struct rule rule; /* the same clause and line as in pub */
    struct text text;
    const char *information, *mask, *source, *statute; /* statute: in the language of authority */
    struct text statutes;
    struct list purposes; /* empty: those of its functions */
    struct text *choice_texts; /* parallel to pub.limits->choices */
    const char *held_in;    /* of place external */
    uint32_t partition;     /* index */
    bool separate_consent, retain_said, retain_account;
    const char *filled; /* who says how long it is kept, where the policy does not */
    bool lost; /* of every rule: part of it could not be read, so its sense is not judged */
    bool from_others; /* source third_party: comes in through a party that gives it, or not at all */
    int column;
};
struct function_rule {
    struct rule rule;
    const char *name;
    uint32_t ref;
    struct text text, cost;
    enum function_kind kind;
    struct list purposes, mandatory, optional, permissions;
    enum kept_consent_kind consent;
    enum basis basis;
    enum kept_withdrawal effect; /* of withdrawing this function */
    bool once_per_launch, in_use, user_action, needs_case, lost;
    bool each_launch; /* its consent holds for the launch in which it was given */
    kept_ms observed_until; /* its denials are observed before this instant; 0: always enforced */
    int32_t observe_day;    /* the last day of that */
    int column;
    struct client_rule client;
    struct showing_rule showing;
};
struct partition_rule { /* the first is the default one, declared or not */
    struct rule rule;
    const char *name;
    uint32_t ref; /* of the default one none: its values are sealed under a person's key itself */
    struct text text;
    int column;
};
struct permission_rule {
    struct rule rule;
    const char *name;
    uint32_t ref;
    struct text text;
    int column;
};
struct recipient_rule {
    struct rule rule;
    const char *name;
    uint32_t ref;
    struct text text;
    enum recipient_role role;
    const char *kind, *link, *onward, *mechanism;
    struct list items, gives, masked, purposes, permissions;
    bool masked_all;           /* gets nothing as it is */
    struct text lawful_source; /* why what it gives was lawfully obtained */
    uint32_t region; /* ref */
    enum kept_consent_kind consent;
    struct rule agreement; /* line 0: there is none */
    kept_ms signed_at, expires_at;
    bool checked, aggregate_only, sdk, lost;
    enum self_start self_start;
    int column;
};
struct approval_rule {
    struct rule rule; /* line 0: there is none */
    bool minors;      /* of their data alone */
};
struct role_rule {
    struct rule rule;
    const char *name; /* "" is the app itself */
    uint32_t ref;
    struct text text;
    uint64_t operations; /* bit per enum kept_op */
    uint64_t not_open;   /* listed, and not open to a role like this whatever the policy says */
    struct list purposes, sees, raw;
    struct list partitions; /* those it reaches */
    bool all_purposes, sees_all, law;
    struct rule required[KEPT_ATTESTATIONS]; /* line 0: not */
    struct kept_alarm alarm;
    struct approval_rule approval;
    int column;
};
struct exemption_rule {
    struct rule rule;
    const char *code;
    struct text text;
    unsigned uses; /* bit per enum kept_use */
    bool spares_notice, spares_age, deidentified;
    struct approval_rule approval;
};
struct band_rule {
    struct rule rule;
    int from, below; /* whole years; below is exclusive */
    enum band_mode mode;
    const char *form; /* how a guardian agrees; NULL where no guardian is asked */
    bool written;     /* form is "written" */
    int column;
};
struct guardian_rule { /* how a guardian is shown to be one */
    struct rule rule;
    const char **relations, **methods; /* words */
    size_t relation_count, method_count;
    bool evidence; /* a paper is asked for */
};
struct region_rule {
    const char *name;
    uint32_t ref;
};

/* Rows of one bit per thing, in words of 64. */
struct bits {
    uint64_t *words;
    size_t row; /* words in a row */
};
static inline bool kept_bit(const struct bits *bits, size_t row, size_t column)
{
    return (bits->words[row * bits->row + column / 64] >> (column % 64) & 1u) != 0;
}

struct origin { /* line `flat` of this text was line `line` of a file */
    int flat, line;
    unsigned file;
};
struct said {
    const char *path, *text; /* "items.phone.retain", "30 days"; text "" of a list */
    int line;
};

struct slot { /* of the table from (kind, ref) to index */
    uint32_t ref, index;
    uint32_t kind; /* 0: free */
};

struct kept_policy {
    struct arena arena;
    struct kept_policy_info info;
    const char **languages;
    uint8_t (*text_hashes)[32];
    const char *app_type, *jurisdiction;
    struct profile *profiles[KEPT_MAX_PROFILES]; /* of its laws, its jurisdiction's first */
    size_t profile_count;
    struct kept_fill fills[KEPT_MAX_FILLS]; /* what they filled in */
    size_t fill_count;
    uint32_t rights_by_law; /* requests that a law gives to everybody: bits */
    struct kept_right right_by_law; /* each of them, where the policy does not speak of it */
    struct incident_rule told_by_law[KEPT_TOLD_COUNT]; /* the same, of who is told */
    struct text title, controller;
    struct rule controller_rule;
    const char *contact, *officer, *phone;
    struct text address;
    struct rule notice, refusal, cessation, undeclared, consent, withdrawal, changes, stored, served, age;
    struct text *sentences;
    struct rule *sentence_rules;
    size_t sentence_count;
    struct text refusal_text, cessation_text;
    bool ask_again;   /* consent to another text is stale */
    bool continued_use; /* going on accepts a version that takes nothing more */
    bool high_risk;   /* an assessment found one in what this version changes */
    bool shown_first; /* a version that takes more is shown before anything else */
    struct former *formers; /* what consents to other versions cover here */
    size_t former_count;
    bool age_unknown_allowed, age_gated;
    struct band_rule *bands;
    size_t band_count;
    struct guardian_rule guardian;
    struct region_rule *regions; /* every region the policy names */
    size_t region_count;
    struct list stored_in, served_in; /* refs */
    bool served_said;
    enum export_mode export;
    struct purpose_rule *purposes;
    struct item_rule *items;
    struct function_rule *functions;
    struct permission_rule *permissions;
    struct recipient_rule *recipients;
    struct role_rule *roles;
    struct partition_rule *partitions;
    struct exemption_rule *exemptions;
    size_t exemption_count;
    struct origin *origins; /* of a policy made of two files; by line */
    size_t origin_count;
    const char *origin_files[2];
    struct said *values; /* each that was said, if there are origins */
    size_t value_count;
    uint32_t app_role; /* index of the role "" or KEPT_NO_INDEX */
    struct duties duties;
    /* compiled */
    struct slot *slots;
    size_t slot_mask;
    struct bits function_items, function_mandatory, function_purposes, item_purposes,
        role_purposes, role_sees, role_raw, recipient_items, recipient_gives, recipient_masked,
        recipient_purposes;
    struct list *item_functions;
    int32_t grown_days; /* this many days after birth no gated band can apply */
};

/* ---- reading ---------------------------------------------------------------------------------- */

/* value.c: what only a policy has. */
struct rule kept_rule(struct reader *r, const struct node *map, int line);
struct text kept_text(struct reader *r, const struct node *map, const char *key);
/* One name -> index; KEPT_NO_INDEX: nothing declares it. */
uint32_t kept_name_of(struct reader *r, const struct node *node, enum kept_kind kind);
/* "item", "purpose" ...; "name" for what is none that a policy refers to. */
const char *kept_named_kind(enum kept_kind kind);
/* Names of one kind -> indices. */
struct list kept_names(struct reader *r, const struct node *map, const char *key,
                       enum kept_kind kind);

/* keyed.c: the same by the language's keys: types, bounds, words, defaults are looked up there. */
/* A map of that section? What it has beside its keys is reported, and which of the needed it lacks. */
bool kept_keys_of(struct reader *r, const struct node *map, enum section section);
const struct node *kept_at(const struct reader *r, const struct node *map, enum key key);
/* Of a key that is NEEDED_IF, when it is. */
const struct node *kept_need_at(struct reader *r, const struct node *map, enum key key);
const struct node *kept_list_at(struct reader *r, const struct node *map, enum key key);
const char *kept_string_at(struct reader *r, const struct node *map, enum key key);
/* Could this name a language (a tag of RFC 5646)? */
bool kept_language_valid(const char *text);
/* Index of the word, or of the default; -1: neither is there. */
KEPT_MUST_USE int kept_word_at(struct reader *r, const struct node *map, enum key key);
/* The word itself; NULL: as above. */
const char *kept_choice_at(struct reader *r, const struct node *map, enum key key);
bool kept_flag_at(struct reader *r, const struct node *map, enum key key);
/* False when none was read; then ret is the default number, if there is one, or as it was. */
bool kept_number_at(struct reader *r, const struct node *map, enum key key, uint32_t *ret);
/* A length of time, not below the shortest that the language takes (TOO_SHORT); read_head.c. */
void kept_period_at(struct reader *r, const struct node *map, enum key key, kept_ms *ret_ms);
bool kept_date_at(struct reader *r, const struct node *map, enum key key, int32_t *ret_days);
struct text kept_text_at(struct reader *r, const struct node *map, enum key key);
/* Of a text that may be one for all languages: so no language has it for its own. v NULL: it is not there. */
struct text kept_one_text_at(struct reader *r, const struct node *map, enum key key);
/* Does the word stand there that may stand in place of a list or a length ("all", "account")? */
bool kept_or_at(const struct reader *r, const struct node *map, enum key key);
struct list kept_names_at(struct reader *r, const struct node *map, enum key key); /* of "all": none */
uint32_t kept_name_at(struct reader *r, const struct node *map, enum key key);
/* A bit a word of the list; of "all": all of them. */
uint64_t kept_words_at(struct reader *r, const struct node *map, enum key key);

/* read_head.c, read_sections.c, declare.c, read_rules.c, read_parties.c: in this order. */
struct item_rule;
void kept_read_limits(struct reader *r, const struct node *node, struct item_rule *item); /* read_limits.c */
void kept_read_match(struct reader *r, const struct node *node, struct item_rule *item);
void kept_read_head(struct reader *r, const struct node *root);
void kept_read_sections(struct reader *r, const struct node *root);
/* Count and name the entries of every section, so that bodies may refer to each other. */
void kept_declare(struct reader *r, const struct node *root);
void kept_read_rules(struct reader *r, const struct node *root);
void kept_read_parties(struct reader *r, const struct node *root);
uint32_t kept_region(struct reader *r, const struct node *node);

/* check.c, compile.c: references first (they make the table of names), then the tables, and then
 * the checks, which ask the tables. */
void kept_check_references(struct reader *r);
KEPT_MUST_USE int kept_compile(struct kept_policy *policy);
void kept_policy_check(struct reader *r);
void kept_check_partitions(struct reader *r);
/* partition.c: the rule that keeps a role out of an item's partition; NULL: none does. */
const struct rule *kept_wall(const struct kept_policy *policy, const struct role_rule *role, uint32_t item);

/* policy.c: the last day on which it is observed, as it is written: "2026-12-31"; of one that is. */
#define OBSERVE_DAY 16u
const char *kept_observe_day(const struct function_rule *f, char ret_text[OBSERVE_DAY]);
/* policy.c: the band of a birthday, to the day in the policy's zone; NULL: unknown, or none. */
const struct band_rule *kept_band_of(const struct kept_policy *policy, int32_t birth_day,
                                     kept_ms now);
/* The same of somebody of so many years; NULL: no band reaches so far. */
const struct band_rule *kept_band_at(const struct kept_policy *policy, int years);
/* The same on a day of that zone. */
const struct band_rule *kept_band_on(const struct kept_policy *policy, int32_t birth_day, int32_t today);
/* read_duties.c: the age from which data is used for a purpose that advertises; 0: any, or no such purpose. And does it keep
 * this person out? Then why, and by the rule on messages of marketing. */
uint32_t kept_advertised_from(const struct kept_policy *policy, uint32_t purpose);
bool kept_not_advertised(const struct kept_policy *policy, uint32_t purpose, int32_t birth_day, kept_ms now, enum kept_reason *ret_why);
/* May somebody whose age nobody tells pass? A band that the law fills in is for who is known to be a child. */
static inline bool kept_unknown_age_passes(const struct kept_policy *policy)
{
    return policy->age_unknown_allowed || policy->age.line == 0;
}

/* compare.c: consents to a former version, scope by scope: a bit where what was agreed to there covers
 * what is done here. */
struct former {
    uint32_t version;
    bool whole;
    uint64_t *functions, *items, *purposes, *recipients;
    struct bits added; /* item by purpose: declared here and not there */
};
/* Does a row given to another version cover its scope here? What is not known, does not. */
bool kept_covered(const struct kept_policy *policy, const struct kept_consent_row *row);

/* What the rules come to, as bytes: purposes, items, functions, recipients, by reference. */
void kept_policy_sense(const struct kept_policy *p, struct kept_buf *out);

/* standing.c: what the person's consents, and their guardian's, say to one question. */
struct voice {
    const struct kept_consent_row *whole, *purpose, *function, *item, *recipient;
};
struct standing {
    struct voice own, guardian;
    bool acknowledged; /* the notice of this very version was seen */
};
/* The newest row on each scope that the question touches, but for its function: of those there may
 * be several. Acknowledgements are no consent. */
void kept_standing(const struct kept_policy *policy, const struct kept_context *context,
                   const struct kept_question *question, uint32_t purpose,
                   struct standing *standing); /* zeroed before */
void kept_standing_function(const struct kept_context *context, uint32_t ref,
                            struct standing *standing);
/* Does the row satisfy need (KEPT_C_NONE: it must only not object; KEPT_C_GUARDIAN: a guardian's)?
 * KEPT_R_NONE, or why not. */
enum kept_reason kept_satisfies(const struct kept_policy *policy,
                                const struct kept_consent_row *row, enum kept_consent_kind need,
                                const struct kept_question *question);

/* read_client.c: is the function not offered on the client of this question? To collect, every fact that a
 * condition needs must be known; for other uses, and for imports, it is enough that none is known to speak against
 * it. */
bool kept_not_offered(const struct function_rule *f, const struct kept_question *question,
                      enum kept_reason *ret_reason);
/* Some client it is offered on; text of the policy, and static text. */
void kept_client_fitting(const struct function_rule *f, struct kept_client *ret_client);

/* kinds.c: what the policy room knows of kinds of value. */
bool kept_kind_low_entropy(const char *kind);

/* decide_own.c: of what is the asking person's own. */
struct kept_verdict kept_decide_own(const struct kept_policy *p, const struct kept_context *c, const struct kept_question *q);

#endif
