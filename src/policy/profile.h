/* profile.h - what a law fills in where a policy is silent, the floors that no policy can weaken, and the
 * lists that change with it: profiles/NAME.yaml, which are compiled in, so that no file is needed. Each
 * entry says where it comes from, and whether that was read. They are no legal advice, and say so.
 *
 * PURE, as policy.h. Strings of a profile live in the arena it was read into. Threads: as for the arena. */
#ifndef KEPT_POLICY_PROFILE_H
#define KEPT_POLICY_PROFILE_H

#include "policy/tree.h"

/* The entries that `values` and `floors` can have. A value is what holds where a policy is silent: fill.c. */
#define PROFILE_VALUES(X)                                                                          \
    X(RIGHTS, rights) X(ANSWER, answer) X(CANCELLATION, cancellation) X(CESSATION, cessation)      \
    X(INCIDENT_AUTHORITY, incident_authority) X(INCIDENT_PERSONS, incident_persons)                \
    X(GUARDIAN_BELOW, guardian_below) X(EVIDENCE, evidence)
#define PROFILE_FLOORS(X)                                                                          \
    X(ANSWER, answer) X(INCIDENT_AUTHORITY, incident_authority) X(GUARDIAN_BELOW, guardian_below)  \
    X(WITHDRAW_REFUSED, withdraw_refused) X(WITHDRAWAL_KEEPS, withdrawal_keeps)
enum profile_value {
#define X(name, word) PROFILE_VALUE_##name,
    PROFILE_VALUES(X)
#undef X
    PROFILE_VALUE_COUNT
};
enum profile_floor {
#define X(name, word) PROFILE_FLOOR_##name,
    PROFILE_FLOORS(X)
#undef X
    PROFILE_FLOOR_COUNT
};

struct profile_entry {           /* of values and floors */
    bool said;
    struct kept_deadline within; /* .within.n 0: it is no length */
    uint32_t age;                /* 0: it is none */
    uint32_t requests;           /* the requests that it is for; bits */
    uint32_t fields;             /* what a notice of an incident must say; bits */
    kept_ms at_least;            /* 0: it is no such length */
    bool law;                    /* of a floor: an error; else practice, a warning */
    const char *source;          /* law and article */
    const char *profile;         /* whose entry it is */
    const char *clause;          /* of a value that decides: a name for verdicts, at most 64 bytes */
    bool seen;                   /* its text was read; else from memory */
};
struct profile_row {             /* of a list */
    const char *name;
    const char *information, *kind; /* sensitive: by one of them; the other is NULL */
    const char *law;             /* retention: how a statute is named */
    kept_ms at_least;
    uint32_t persons_below, sensitive_below; /* export; 0: any number */
    const char *mechanism;
    const char *article;
    bool seen;
};
struct profile_rows {
    struct profile_row *v;
    size_t n;
};
struct profile_app {             /* what a kind of app may demand */
    const char *type;
    uint32_t article;            /* Art. 5(n) */
    size_t items;
    bool phone_only;
};
struct profile {
    const char *name, *jurisdiction, *lawyer; /* lawyer: when one last read it; "never" */
    struct profile_entry values[PROFILE_VALUE_COUNT], floors[PROFILE_FLOOR_COUNT];
    struct profile_rows sensitive, retention, export;
    struct profile_app *apps;
    size_t app_count;
};

#define KEPT_MAX_PROFILES 2u /* that one policy can be under */
/* The profile that is compiled in for a jurisdiction, as text; .n 0: there is none. */
struct kept_span kept_profile_text(const char *jurisdiction);
/* kept_profile_read(text, arena, ret, findings): findings as of kept_policy_read, their place in the profile.
 * Returns 0, KEPT_E_POLICY (it has errors), KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_profile_read(struct kept_span text, struct arena *arena, struct profile *ret,
                                    struct kept_findings *findings);

/* 0: a basic function of this kind of app may demand nothing; 1: a phone number; 2: more, or no list
 * says. profile may be NULL. */
KEPT_MUST_USE int kept_profile_demands(const struct profile *profile, const char *app_type);
/* What data of so many persons, so many of them with sensitive data, leaving in a year needs: the row of
 * `export` that fits, or NULL. */
const struct profile_row *kept_profile_export(const struct profile *profile, uint32_t persons,
                                              uint32_t sensitive);

#endif
