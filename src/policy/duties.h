/* duties.h - what a policy owes people beside decisions: answers and their days, the end of accounts and
 * of the service, messages, trackers, incidents, how changes are told. policy.h includes it.
 *
 * PURE, as policy.h: no clock (instants and calendars come from the caller), no store, values out. What a
 * policy does not say, the profile of its law says (profile.h), and `filled` names profile and article; what
 * neither says comes back as not said, never as a guess.
 * Every answer names the clause and line of the rule behind it (clause never NULL; line 0: no rule).
 * Text is borrowed from the policy. Threads: as for the policy. */
#ifndef KEPT_POLICY_DUTIES_H
#define KEPT_POLICY_DUTIES_H

#include <stdbool.h>

#include "base/clock.h"
#include "kept.h"

struct kept_policy;

/* ---- days -------------------------------------------------------------------------------------- */

enum kept_unit { KEPT_UNIT_NONE = 0, KEPT_UNIT_HOURS, KEPT_UNIT_DAYS, KEPT_UNIT_WORKING_DAYS,
                 KEPT_UNIT_MONTHS };
/* What a deadline counts from: the request came; who asks was verified; the matter was checked; we came
 * to know of it. */
enum kept_anchor { KEPT_ANCHOR_RECEIVED = 0, KEPT_ANCHOR_VERIFIED, KEPT_ANCHOR_CHECKED,
                   KEPT_ANCHOR_AWARE, KEPT_ANCHORS };
struct kept_length {
    uint32_t n;                  /* 0: not said */
    enum kept_unit unit;         /* months are the calendar's: 31 January and a month is 28 February */
};
struct kept_deadline {
    struct kept_length within;
    enum kept_anchor from;
    const char *filled;          /* who says so where the policy does not; NULL: the policy does */
    bool moves;                  /* a last day that is no working day moves to the next one that is */
};

/* A day that differs from the plain week (Monday to Friday are working days). */
struct kept_calendar_day {
    int32_t day;                 /* days since 1970-01-01 */
    bool working;
};
/* Which days of [from, below) are working days. Outside it nothing is known, and nothing is guessed. */
struct kept_calendar {
    const struct kept_calendar_day *days;
    size_t count;
    int32_t from, below;
};

enum kept_due_state {
    KEPT_DUE_UNSAID = 0,         /* neither the policy nor its law has a deadline for this */
    KEPT_DUE_WAITS,              /* what it counts from has not happened yet */
    KEPT_DUE_NO_CALENDAR,        /* the calendar ends before the deadline does: get the next year's */
    KEPT_DUE_SET
};
struct kept_due {
    enum kept_due_state state;
    int32_t last_day;            /* SET: the last day on which it is in time, in the policy's zone */
    kept_ms before;              /* SET: done before this instant is in time */
    const char *filled;          /* of the deadline */
    const char *clause;
    int line;
};
/* The deadline, counted from an instant (0: not yet). The day it falls on is not counted, the last day
 * counts whole (Civil Code 201, 203); hours run from the instant itself. calendar may be NULL where
 * no working day matters. clause "" and line 0. */
struct kept_due kept_due(const struct kept_zone *zone, const struct kept_deadline *deadline,
                         kept_ms anchor, const struct kept_calendar *calendar);

/* ---- words ------------------------------------------------------------------------------------- */

/* How people are reached, and how they reach us; sets are bits (1u << channel). */
#define KEPT_CHANNELS(X)                                                                           \
    X(SETTINGS, "settings") X(APP, "app") X(POPUP, "popup") X(PUSH, "push") X(SMS, "sms")          \
    X(MAIL, "mail") X(PHONE, "phone") X(LETTER, "letter") X(SITE, "site")                          \
    X(ANNOUNCEMENT, "announcement")
enum kept_channel {
#define X(name, word) KEPT_CH_##name,
    KEPT_CHANNELS(X)
#undef X
    KEPT_CH_COUNT
};
const char *kept_channel_word(enum kept_channel channel); /* "?" for none of them */

/* What becomes of data when its time is over. */
enum kept_disposition { KEPT_DISPOSE_NONE = 0, KEPT_DISPOSE_ERASE, KEPT_DISPOSE_ANONYMISE,
                        KEPT_DISPOSE_ARCHIVE };

/* ---- rights ------------------------------------------------------------------------------------ */

#define KEPT_REQUESTS(X)                                                                           \
    X(ACCESS, "access") X(COPY, "copy") X(CORRECT, "correct") X(DELETE, "delete") X(PORT, "port")  \
    X(WITHDRAW, "withdraw") X(CANCEL, "cancel") X(EXPLAIN, "explain") X(RESTRICT, "restrict")      \
    X(OBJECT, "object") X(COMPLAINT, "complaint") X(QUESTION, "question")                          \
    X(RELATIVES, "relatives") /* of somebody who died */
enum kept_asked {
#define X(name, word) KEPT_ASK_##name,
    KEPT_REQUESTS(X)
#undef X
    KEPT_ASK_COUNT
};
const char *kept_asked_word(enum kept_asked asked); /* "?" for none of them */
/* The request of that name, or KEPT_ASK_COUNT. */
enum kept_asked kept_asked_of(const char *word);

/* How sure we must be of who asks; each includes those before it: nothing; the account or device it
 * comes from; a code sent to what is on file; a document. */
enum kept_identity { KEPT_IDENTITY_NONE = 0, KEPT_IDENTITY_ACCOUNT, KEPT_IDENTITY_CODE,
                     KEPT_IDENTITY_DOCUMENT };

struct kept_right {
    bool said;                   /* the policy offers this request, or its law does */
    const char *filled;          /* the law that does where the policy does not; else NULL */
    struct kept_deadline deadline; /* .within.n 0: no deadline is said */
    struct kept_length extension; /* once, with reasons, from the last day on; n 0: none */
    uint32_t channels;           /* bits */
    enum kept_identity identity;
    const char *clause;
    int line;
};
struct kept_right kept_policy_right(const struct kept_policy *policy, enum kept_asked asked);

/* When what a deadline can count from happened; 0: not yet. */
struct kept_anchors {
    kept_ms at[KEPT_ANCHORS];
};
/* When a request must be answered (extended: the extension was used). */
struct kept_due kept_policy_due(const struct kept_policy *policy, enum kept_asked asked,
                                const struct kept_anchors *anchors, bool extended,
                                const struct kept_calendar *calendar);

/* May a request be refused on this ground? */
enum kept_refusal {
    KEPT_REFUSAL_UNKNOWN = 0,    /* no such code: the request is answered */
    KEPT_REFUSAL_OTHER,          /* the code is not for this kind of request */
    KEPT_REFUSAL_UNREASONED,     /* reasons are owed, and none were given */
    KEPT_REFUSAL_MAY,            /* at our discretion */
    KEPT_REFUSAL_MUST            /* the law forbids to answer it */
};
struct kept_refusal_answer {
    enum kept_refusal refusal;
    const char *clause;
    int line;
};
struct kept_refusal_answer kept_policy_refuse(const struct kept_policy *policy,
                                              enum kept_asked asked, const char *code,
                                              bool reasoned);
/* The codes in the order of the file; NULL behind the last. What is said to people: in a language. */
const char *kept_policy_refusal_code(const struct kept_policy *policy, size_t index);
const char *kept_policy_refusal_text(const struct kept_policy *policy, const char *code,
                                     size_t language);

/* Does the nth request of this kind (from 1) by one person within the window cost something? */
struct kept_fee {
    bool said;
    bool owed;                   /* what it costs us */
    uint32_t free;               /* so many within the window are free; 0: all are */
    kept_ms window;              /* requests are counted over this time; 0: none is counted */
    const char *clause;
    int line;
};
struct kept_fee kept_policy_fee(const struct kept_policy *policy, enum kept_asked asked,
                                uint32_t nth);

/* ---- accounts and their end -------------------------------------------------------------------- */

#define KEPT_ACCOUNT_WAYS(X) X(PHONE, "phone") X(MAIL, "mail") X(THIRD_PARTY, "third_party")
enum kept_account_way {
#define X(name, word) KEPT_WAY_##name,
    KEPT_ACCOUNT_WAYS(X)
#undef X
    KEPT_WAY_COUNT
};
enum kept_real_name { KEPT_REAL_NAME_NONE = 0, KEPT_REAL_NAME_CONSENT, KEPT_REAL_NAME_CONTRACT,
                      KEPT_REAL_NAME_LEGAL_OBLIGATION };
struct kept_account {
    bool said;
    uint32_t ways;               /* bits: how somebody may register; 0: there are no accounts */
    enum kept_real_name real_name; /* on what ground the name must be the real one */
    uint32_t function;           /* that registers, or UINT32_MAX */
    bool self_service;           /* people show by themselves who they are, without a service */
    const char *clause;
    int line;
};
struct kept_account kept_policy_account(const struct kept_policy *policy);

#define KEPT_TRIGGERS(X)                                                                           \
    X(SELF_SERVICE, "self_service") X(UNINSTALL, "uninstall") X(SUPPORT, "support")
enum kept_trigger {
#define X(name, word) KEPT_TRIGGER_##name,
    KEPT_TRIGGERS(X)
#undef X
    KEPT_TRIGGER_COUNT
};
/* What is known of somebody who wants to leave. */
struct kept_leaving {
    enum kept_trigger trigger;
    kept_ms at;                  /* of the request */
    enum kept_disposition asked; /* what they asked for; NONE: nothing */
    const char *const *open;     /* names of what is still open (a balance, a share ...) */
    size_t open_count;
};
struct kept_cancellation {
    bool said;
    bool accepted;               /* this trigger cancels, and nothing open stands in the way */
    const char *blocked_by;      /* the first precondition that is open; NULL: none */
    kept_ms effective;           /* takes effect; before it, it can be taken back (cooling-off) */
    struct kept_due due;         /* done at the latest */
    enum kept_disposition disposition;
    const char *clause;          /* of the precondition, where one blocks */
    int line;
};
struct kept_cancellation kept_policy_cancellation(const struct kept_policy *policy,
                                                  const struct kept_leaving *leaving,
                                                  const struct kept_calendar *calendar);
/* What must be settled first, by index: the name, and what people are told; NULL behind the last. */
const char *kept_policy_precondition(const struct kept_policy *policy, size_t index, size_t language,
                                     const char **ret_text);

/* What is done about somebody who turns out to be too young (bits, 1u << kept_discovery). */
enum kept_discovery { KEPT_DISCOVERY_RESTRICT = 0, KEPT_DISCOVERY_CANCEL, KEPT_DISCOVERY_DELETE };
uint32_t kept_policy_on_discovery(const struct kept_policy *policy);
/* The clause and line of the rule on ages; "" and 0: there is none. */
const char *kept_policy_age_rule(const struct kept_policy *policy, int *ret_line);
/* The day from which a person decides alone, in the policy's zone; false: does already, never will, or nobody knows. */
bool kept_policy_ages_out(const struct kept_policy *policy, int32_t birth_day, kept_ms now, int32_t *ret_day);

/* ---- the end of the service, and changes ------------------------------------------------------- */

struct kept_ending {
    bool said;
    struct kept_due earliest;    /* .before: the service may end from then on; UNSAID: no lead time */
    uint32_t channels;
    enum kept_disposition disposition;
    const char *clause;
    int line;
};
/* told: when people were told that the service ends; 0: not yet. */
struct kept_ending kept_policy_cessation(const struct kept_policy *policy, kept_ms told,
                                         const struct kept_calendar *calendar);

/* What makes a change material; each has a code, which notices and findings name. */
#define KEPT_MATERIALS(X)                                                                          \
    X(REDUCTION, "reduction", "M0")   /* rights are less than before */                            \
    X(PROCESSING, "processing", "M1") /* purposes, kinds of data, manner of use */                 \
    X(OWNERSHIP, "ownership", "M2")   /* who owns or runs it */                                    \
    X(RECIPIENTS, "recipients", "M3") /* the main recipients */                                    \
    X(RIGHTS, "rights", "M4")         /* rights, and how they are used */                          \
    X(CONTACT, "contact", "M5")       /* who answers, and the way to complain */                   \
    X(RISK, "risk", "M6")             /* an assessment finds a high risk */
enum kept_material {
#define X(name, word, code) KEPT_MATERIAL_##name,
    KEPT_MATERIALS(X)
#undef X
    KEPT_MATERIAL_COUNT
};
const char *kept_material_code(enum kept_material material); /* "M1"; "?" for none of them */
struct kept_change {
    bool said;
    bool material;
    uint32_t channels;
    struct kept_length lead;     /* n 0: none */
    struct kept_due earliest;    /* .before: the version may take effect from then on */
    enum kept_consent_kind consent; /* asked for anew; KEPT_C_NONE: going on is enough */
    const char *clause;
    int line;
};
/* what: bits of kept_material that the change touches; told: when people were told, 0: not yet. */
struct kept_change kept_policy_change(const struct kept_policy *policy, uint32_t what, kept_ms told,
                                      const struct kept_calendar *calendar);

/* ---- messages ---------------------------------------------------------------------------------- */

enum kept_message_class { KEPT_MESSAGE_MARKETING = 0, KEPT_MESSAGE_SERVICE, KEPT_MESSAGE_SECURITY,
                          KEPT_MESSAGE_CLASSES };
enum kept_message_verdict {
    KEPT_MESSAGE_UNDECLARED = 0, /* no such class here: not sent */
    KEPT_MESSAGE_CHANNEL,        /* not by this channel */
    KEPT_MESSAGE_SWITCHED_OFF,
    KEPT_MESSAGE_AGE,            /* too young, or of unknown age where that counts */
    KEPT_MESSAGE_SEND
};
struct kept_message {
    enum kept_message_verdict verdict;
    bool can_switch_off;         /* it must carry the way to do so */
    const char *clause;
    int line;
};
/* switched_off: this person switched this class off. birth_day: KEPT_BIRTH_UNKNOWN where it is. */
struct kept_message kept_policy_message(const struct kept_policy *policy,
                                        enum kept_message_class class, enum kept_channel channel,
                                        bool switched_off, int32_t birth_day, kept_ms now);

/* ---- incidents --------------------------------------------------------------------------------- */

enum kept_told { KEPT_TOLD_PERSONS = 0, KEPT_TOLD_AUTHORITY, KEPT_TOLD_POLICE, KEPT_TOLD_GUARDIANS,
                 KEPT_TOLD_COUNT };
#define KEPT_INCIDENT_FIELDS(X)                                                                    \
    X(FACTS, "facts") X(CAUSES, "causes") X(CATEGORIES, "categories") X(IMPACT, "impact")          \
    X(MEASURES, "measures") X(ADVICE, "advice") X(REMEDIES, "remedies") X(CONTACT, "contact")
enum kept_incident_field {
#define X(name, word) KEPT_FIELD_##name,
    KEPT_INCIDENT_FIELDS(X)
#undef X
    KEPT_FIELD_COUNT
};
struct kept_incident {
    bool said;                   /* they are told */
    const char *filled;          /* the law that says so where the policy does not; else NULL */
    struct kept_due due;
    uint32_t channels;
    bool falls_back;             /* where single notices are hard, fallback is used */
    enum kept_channel fallback;
    uint32_t fields;             /* bits: a notice without one of them is not sent */
    const char *clause;
    int line;
};
struct kept_incident kept_policy_incident(const struct kept_policy *policy, enum kept_told who,
                                          const struct kept_anchors *anchors,
                                          const struct kept_calendar *calendar);

/* ---- what is held, and where ------------------------------------------------------------------- */

/* When a value's time is over, and what follows. */
struct kept_end {
    kept_ms at;                  /* in use until then; 0: while the account lives */
    enum kept_disposition then;
    kept_ms archived_until;      /* ARCHIVE: until then; 0: no archive */
    const char *filled;          /* the law that says how long, where the policy does not; else NULL */
    const char *clause;
    int line;
};
/* account_ended: 0 while it lives. A statute's minimum prolongs what would end before it. */
struct kept_end kept_policy_end(const struct kept_policy *policy, uint32_t item, kept_ms collected,
                                kept_ms account_ended);
/* Somebody asks for deletion now: what happens, and from when on (ARCHIVE: kept until .archived_until
 * and used for claims only; else .at is now, or the end of what a statute demands). */
struct kept_end kept_policy_deletion(const struct kept_policy *policy, uint32_t item,
                                     kept_ms collected, kept_ms now);
/* The app's own system that holds an item of place external, and is told to delete; NULL: none. */
const char *kept_policy_held_in(const struct kept_policy *policy, uint32_t item);
/* May an item's value stand in a log? */
bool kept_policy_log_may(const struct kept_policy *policy, uint32_t item);

/* ---- logs of servers and apps (read_logs.c) ---------------------------------------------------- */

enum kept_log_format { KEPT_LOG_COMMON = 0, KEPT_LOG_COMBINED, KEPT_LOG_JSON, KEPT_LOG_FORMATS };
/* How much of a field is kept, in the order of the language. */
enum kept_log_keep { KEPT_LOG_TEXT = 0, KEPT_LOG_PAGE, KEPT_LOG_NUMBER, KEPT_LOG_TIME, KEPT_LOG_NETWORK, KEPT_LOG_TOKEN,
                     KEPT_LOG_TOKENS };
struct kept_log_field {
    const char *name, *from;     /* what it is called here, and in a line */
    uint32_t item;
    enum kept_log_keep keep;
    const char *clause;          /* its log's */
    int line;
};
struct kept_log {
    const char *name;
    enum kept_log_format format;
    kept_ms retain;
    const struct kept_log_field *fields;
    size_t field_count;
    const char *clause;
    int line;
};
/* By index; NULL behind the last. By name; NULL: the policy has no such log. */
const struct kept_log *kept_policy_log_at(const struct kept_policy *policy, size_t index);
const struct kept_log *kept_policy_log(const struct kept_policy *policy, const char *name);
/* May a role (an index, as in a question) read it for this purpose at all? KEPT_R_NONE, or why not: PURPOSE, ROLE; with the rule. */
enum kept_reason kept_policy_log_read(const struct kept_policy *policy, const struct kept_log *log, uint32_t role,
                                      uint32_t purpose, const char **ret_clause, int *ret_line);
/* And one of its fields: DENY, MASK (it is there, and hidden), ALLOW. */
enum kept_decision kept_policy_log_sees(const struct kept_policy *policy, const struct kept_log_field *field, uint32_t role);

/* ---- trackers ---------------------------------------------------------------------------------- */

#define KEPT_TRACKER_CATEGORIES(X)                                                                 \
    X(AUTHENTICATION, "authentication") X(SECURITY, "security") X(PREFERENCES, "preferences")      \
    X(FEATURES, "features") X(PERFORMANCE, "performance") X(ANALYSIS, "analysis")                  \
    X(ADVERTISING, "advertising")
enum kept_tracker_category {
#define X(name, word) KEPT_TRACKER_##name,
    KEPT_TRACKER_CATEGORIES(X)
#undef X
    KEPT_TRACKER_CATEGORY_COUNT
};
enum kept_tracker_kind { KEPT_TRACKER_COOKIE = 0, KEPT_TRACKER_BEACON, KEPT_TRACKER_PIXEL,
                         KEPT_TRACKER_SDK, KEPT_TRACKER_PROXY };
/* What it takes not to be tracked. */
enum kept_opt_out { KEPT_OPT_OUT_PREFERENCE = 0, KEPT_OPT_OUT_LOGOUT, KEPT_OPT_OUT_CANCEL };
enum kept_tracker_verdict {
    KEPT_TRACKER_UNDECLARED = 0, /* registered nowhere: not set, and reported */
    KEPT_TRACKER_REFUSED,
    KEPT_TRACKER_NEEDS_CONSENT,
    KEPT_TRACKER_SET
};
struct kept_tracker {
    enum kept_tracker_verdict verdict;
    enum kept_tracker_category category;
    enum kept_tracker_kind kind;
    uint32_t recipient;          /* whose it is, or UINT32_MAX: ours */
    kept_ms lifetime;            /* 0: until the browser, or the app, is closed */
    enum kept_opt_out opt_out;
    const char *clause;
    int line;
};
/* refused, agreed: bits of categories this person said no, or yes, to. No beats yes; what is strictly
 * necessary cannot be refused. */
struct kept_tracker kept_policy_tracker(const struct kept_policy *policy, const char *name,
                                        uint32_t refused, uint32_t agreed);
/* Categories the policy has trackers for: bits. */
uint32_t kept_policy_tracker_categories(const struct kept_policy *policy);

/* ---- functions: for whom, and how --------------------------------------------------------------- */

/* What runs in somebody's hand; NULL: not known, and then no condition on it is met. */
struct kept_client {
    const char *os, *os_version; /* "android", "12.0.1" */
    const char *app_version;
    const char *surface;         /* "phone", "tv" ... */
};
/* Is this function offered on this client? true where the policy names no condition. kept_decide asks the
 * same, and says what was missing. */
bool kept_policy_offered(const struct kept_policy *policy, uint32_t function,
                         const struct kept_client *client);

/* What a function shows somebody. */
struct kept_showing {
    bool advertising;
    bool shown;                  /* anything at all */
    bool personalised;           /* made of what we know of the person */
    bool same_count;             /* as many when it is not */
    const char *clause;
    int line;
};
/* opted_out: this person switched personalisation off. */
struct kept_showing kept_policy_showing(const struct kept_policy *policy, uint32_t function,
                                        bool opted_out);

#endif
