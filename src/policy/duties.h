/* duties.h - what a policy owes people beside decisions: answers and their days, the end of accounts and
 * of the service, messages, trackers, incidents, how changes are told. policy.h includes it.
 *
 * PURE, as policy.h: no clock (instants and calendars come from the caller), no store, values out. What a
 * policy does not say comes back as not said, never as a guess; a jurisdiction's profile fills it in.
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
    KEPT_DUE_UNSAID = 0,         /* the policy has no deadline for this */
    KEPT_DUE_WAITS,              /* what it counts from has not happened yet */
    KEPT_DUE_NO_CALENDAR,        /* the calendar ends before the deadline does: get the next year's */
    KEPT_DUE_SET
};
struct kept_due {
    enum kept_due_state state;
    int32_t last_day;            /* SET: the last day on which it is in time, in the policy's zone */
    kept_ms before;              /* SET: done before this instant is in time */
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
    bool said;                   /* the policy offers this request */
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

#endif
