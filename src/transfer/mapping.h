/* mapping.h - the file that says what the columns of a foreign file mean. PURE: text in, values out.
 *
 * The language is described in docs/import.md. Mistakes are reported as a policy's are: all in one run,
 * each with line, column and how to mend it. Nothing here knows the policy: what it declares, and what may
 * come in, is decided as each row is collected.
 * A mapping is immutable and may be read by any number of threads. */
#ifndef KEPT_TRANSFER_MAPPING_H
#define KEPT_TRANSFER_MAPPING_H

#include "policy/policy.h"

#define KEPT_NO_COLUMN SIZE_MAX
#define KEPT_MAX_MAPPED 1024u /* items, or consents, of one mapping */

enum kept_rows_format { KEPT_ROWS_CSV = 1, KEPT_ROWS_JSONL };

/* Where something comes from: a column, or a value that is the same for all. */
struct kept_from {
    size_t column;      /* into columns, or KEPT_NO_COLUMN */
    const char *value;  /* NULL: the column's */
    const char *date;   /* how a day or an instant is written there, or NULL: as kept writes it */
    bool given;         /* false: the mapping says nothing of it */
};

struct kept_mapped_item {
    const char *item;
    struct kept_from from;
};

/* One collection of a row: a function, what for, and what it takes. */
struct kept_mapped_collect {
    const char *function, *purpose; /* purpose: NULL, the function's first */
    uint32_t facts;                 /* KEPT_F_*; KEPT_F_IMPORTED among them */
    struct kept_mapped_item *items;
    size_t count;
};

/* A consent that a row brings. */
struct kept_mapped_consent {
    const char *name; /* what a report calls it: "acknowledgement", "explicit feedback" */
    enum kept_consent_kind kind;
    const char *function, *purpose, *item, *recipient; /* one of them at most */
    struct kept_from given, version, text_sha256, language, expires, evidence;
    struct kept_from when; /* only where this column ... */
    const char *is;        /* ... holds this */
};

struct kept_mapping {
    const char *source; /* what the file is, for the ledger */
    enum kept_rows_format format; /* 0: not said */
    char separator;
    const char **columns; /* every column it names, once */
    size_t column_count, column_cap;
    struct kept_from subject, birth_date, region;
    const char *key;    /* the item by whose value a person is found; NULL: each row is somebody new */
    size_t key_collect, key_item; /* where it is collected */
    struct kept_mapped_collect *collects;
    size_t collect_count;
    struct kept_mapped_consent *consents;
    size_t consent_count;
    uint8_t hash[32];   /* SHA-256 of the file's bytes */
    void *memory;       /* owns all of it */
};

/* kept_mapping_read(text, ret_mapping, findings, err): findings as of kept_policy_read.
 * Returns 0, KEPT_E_POLICY (it has mistakes), KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_mapping_read(struct kept_span text, struct kept_mapping **ret_mapping,
                                    struct kept_findings *findings, struct kept_err *err);
void kept_mapping_free(struct kept_mapping *mapping);

/* kept_date_read(pattern, text, ret, err): a day ("2027-01-31") or instant ("2027-01-31T12:00:00Z", when
 * the pattern has a time of day) out of text that is written as pattern says: YYYY MM DD hh mm ss stand for
 * digits, everything else for itself. ret: 32 bytes. NULL: YYYY-MM-DD or RFC 3339. KEPT_E_USAGE: it is not
 * written so, or there is no such day. */
#define KEPT_DATE_TEXT 32u
KEPT_MUST_USE int kept_date_read(const char *pattern, struct kept_span text,
                                 char ret[KEPT_DATE_TEXT]);
/* Has the pattern year, month and day? */
bool kept_date_pattern_valid(const char *pattern);

#endif
