/* logs.h - logs of servers and apps: lines taken apart, what the policy declares of them, cleaned of personal data,
 * and kept in sealed pieces until the log's own end.
 *
 * Nobody's: a piece is bound to no person. Its key is drawn for one log and one day (of logs kept less than 30 days:
 * one hour), sealed under the app's epoch key, and sealed anew at each rotation (kept_desk_reseal). All that was taken
 * in such a span ends together, at its beginning + the log's `retain`: then the key goes, and with the epoch key it was
 * last sealed under every backup of it. Tokens are made under that key: they tell two things of one span apart, lead
 * nowhere back, and nothing here turns one into what it was made of.
 * Invariants: 1. What a policy does not declare of a line is in no piece.  2. Text is scanned before it is in a piece, and what
 * is found is replaced (scan/scan.h).  3. No error, count or reason holds a byte of a line.  4. A piece opens at its own place
 * and under its own key alone: its AAD is app, and its name, which holds its log, place and end.
 * Ownership: borrowed for each call. Threads: none of its own. What writes needs an open write transaction.
 * Clauses: S0-1.4, S0-1.6, S1-1.4, S1-1.5, S2-1.4.2.4, S2-1.4.2.4x, S4-2.1. */
#ifndef KEPT_LOGS_LOGS_H
#define KEPT_LOGS_LOGS_H

#include "account/account.h"
#include "vault/kind.h"

/* ---- a line taken apart (line.c, json.c) --------------------------------------------------------- */

/* What each declared field has in a line; p NULL: nothing. */
struct kept_log_line {
    struct kept_span *value; /* as many as the log has fields; of the maker */
    uint32_t dropped;        /* fields of the line that the log does not declare */
};
/* Take a line (without its end) apart. Values point into line or scratch, which is emptied first, and are UTF-8. Of common and
 * combined: address, ident, user, time (RFC 3339), method, path, query, protocol, status, bytes, referrer, agent; of JSON the
 * keys, those of a map in a map behind a dot, an array of texts as lines of one. ret_why: static text, why it is a bad line.
 * Returns 0; KEPT_E_USAGE: bad; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_log_parse(const struct kept_log *log, struct kept_span line, struct kept_buf *scratch,
                                 struct kept_log_line *ret_line, const char **ret_why);
KEPT_MUST_USE int kept_log_parse_json(const struct kept_log *log, struct kept_span line, struct kept_buf *scratch,
                                      struct kept_log_line *ret_line, const char **ret_why);
/* The field that is called that in a line, and has no value yet; else it counts as dropped. */
void kept_log_give(const struct kept_log *log, struct kept_log_line *line, const char *name, struct kept_span value);

/* ---- the key of a span (key.c) --------------------------------------------------------------------- */

struct kept_log_key {
    struct kept_id name;              /* of its row */
    uint8_t key[KEPT_KEY_BYTES];      /* to be wiped */
    kept_ms end;                      /* of everything under it */
    uint64_t lines, bad, dropped, redacted, unfit, bytes; /* of the span, since its beginning */
};
/* The key for lines that come now, made if there is none. KEPT_E_LIMIT (KEPT_MAX_LOG_KEYS), and those of a desk. */
KEPT_MUST_USE int kept_log_key_now(const struct kept_desk *desk, const struct kept_log *log, struct kept_log_key *ret_key,
                                   struct kept_err *err);
/* Put it back, with its counts. */
KEPT_MUST_USE int kept_log_key_put(const struct kept_desk *desk, const struct kept_log_key *key, struct kept_err *err);
/* What a log's living spans count together. */
KEPT_MUST_USE int kept_log_sum(const struct kept_desk *desk, const char *log, struct kept_log_key *ret_sum, struct kept_err *err);
/* Delete what is past its end, keys first, at most KEPT_SLIPS_A_TICK rows; *deleted grows. */
KEPT_MUST_USE int kept_logs_due(const struct kept_desk *desk, uint32_t *deleted, struct kept_err *err);

/* ---- cleaning (clean.c) ---------------------------------------------------------------------------- */

/* What was done with a batch; numbers only. */
struct kept_log_tally {
    uint64_t lines, kept, bad, dropped, unfit, redacted;
    uint64_t found[KEPT_KIND_COUNT]; /* redacted, by kind */
};
struct kept_log_bad {
    uint64_t line;  /* of the batch, from 1 */
    const char *why;
};
#define KEPT_LOG_BAD_TOLD 20u
struct kept_log_batch {
    struct kept_log_tally tally;
    struct kept_log_bad bad[KEPT_LOG_BAD_TOLD]; /* the first of them */
};
/* Take the lines of text for a log: each cleaned as the policy says, in pieces of at most KEPT_MAX_LOG_PIECE bytes handed to put.
 * key: of the span. An empty line is none. KEPT_E_NOMEM, KEPT_E_LIMIT, what put returned. */
KEPT_MUST_USE int kept_log_clean(const struct kept_log *log, const struct kept_log_key *key, struct kept_span text,
                                 int (*put)(void *arg, struct kept_span piece), void *arg,
                                 struct kept_log_batch *ret_batch, struct kept_err *err);
/* One value, as `keep` says, but for text, whose findings are replaced later. Appended to out; false: it does not fit, and nothing is. */
bool kept_log_fit(enum kept_log_keep keep, const uint8_t key[KEPT_KEY_BYTES], struct kept_span value, struct kept_buf *out);
/* "~" and 16 hex digits: the token of a value. */
#define KEPT_LOG_TOKEN_TEXT 18u
void kept_log_token(const uint8_t key[KEPT_KEY_BYTES], const char *kind, struct kept_span value, char ret_text[KEPT_LOG_TOKEN_TEXT]);

/* ---- pieces (piece.c) ------------------------------------------------------------------------------ */

/* Plain: u8 1 | varint n, n names of fields | lines, each varint count and count of (varint field, value). Names and values
 * are varint n and bytes. */
struct kept_log_seen {
    const char *field; /* its name */
    struct kept_span value;
};
/* Each line of a piece, its values in a row. KEPT_E_CORRUPT, what visit returned. */
KEPT_MUST_USE int kept_log_each(struct kept_span piece, int (*visit)(void *arg, const struct kept_log_seen *values, size_t count),
                                void *arg, struct kept_err *err);
/* Seal and put, at a place of its own: *place is the last one used, and grows. */
KEPT_MUST_USE int kept_log_put(const struct kept_desk *desk, const struct kept_log_key *key, uint64_t *place,
                               struct kept_span piece, struct kept_err *err);
/* The next piece of a log behind *place, or at it, that has not ended; *place is then behind it, *ret_at when it was taken. One that
 * opens no more is passed by and counted. KEPT_E_NOTFOUND: there is none. plain: secret, appended to. */
KEPT_MUST_USE int kept_log_next(const struct kept_desk *desk, const char *log, uint64_t *place, kept_ms *ret_at, struct kept_buf *plain,
                                uint64_t *unreadable, struct kept_err *err);
/* The place at which what was taken at an instant begins. */
static inline uint64_t kept_log_place(kept_ms at)
{
    return at > 0 ? (uint64_t)at << 8 : 0;
}

#endif
