/* world.h - what the tests of the engine share: a store in a folder of its own, a clock that is
 * moved by hand, a small policy (tests/engine/shop.yaml), one-line questions, and a look behind
 * kept's back: raw SQL on the store, bytes in files, copies of folders. */
#ifndef KEPT_TESTS_AID_WORLD_H
#define KEPT_TESTS_AID_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "kept.h"

#define WORLD_PATH 512
#define WORLD_T0 ((kept_ms)1767600000000) /* 2026-01-05T08:00:00Z */

struct world {
    char dir[WORLD_PATH], store[WORLD_PATH], keyring[WORLD_PATH], root[WORLD_PATH];
    kept_ms now;
    struct kept_memory *memory; /* NULL: rows in store.db */
    struct kept *kept;
    const char *app; /* of requests that name none */
    struct kept_err err;
};

/* An empty store, opened; world_shop also publishes version 1 of the shop's policy. */
void world_up(struct world *w);
/* The same with the rows in memory; world_down frees it. */
void world_up_in_memory(struct world *w);
void world_shop(struct world *w);
void world_down(struct world *w);
struct kept_options world_options(struct world *w);
/* 0 or the error, which stands in w->err. */
int world_try_open(struct world *w);
void world_open(struct world *w);
void world_close(struct world *w);
void world_reopen(struct world *w);

/* A file of the project, whole, from wherever the test is run; the caller's (free). */
char *world_load(const char *name);
/* The shop's policy as another app, another version, and with one more change of its text. The
 * result is the caller's (free). */
char *world_policy(const char *app, unsigned version, const char *from, const char *to);
void world_publish(struct world *w, const char *app, unsigned version);

/* ---- questions ---- */

#define ASK(w, ...) world_ask(w, &(struct kept_request){__VA_ARGS__})
/* A reply (the caller's); any error fails the test. */
struct kept_reply *world_ask(struct world *w, const struct kept_request *request);
/* The error of a request that must not succeed; its words are checked to be there. */
#define FAILS(w, code, ...) world_fails(w, code, &(struct kept_request){__VA_ARGS__})
void world_fails(struct world *w, int code, const struct kept_request *request);
/* Asked, and answered like this. */
#define SAYS(w, decision, reason, ...)                                                             \
    world_says(w, decision, reason, __FILE__, __LINE__, &(struct kept_request){__VA_ARGS__})
void world_says(struct world *w, enum kept_decision decision, enum kept_reason reason,
                const char *file, int line, const struct kept_request *request);
#define ALLOWS(w, ...) SAYS(w, KEPT_ALLOW, KEPT_R_NONE, __VA_ARGS__)
/* A reply's JSON holds these words, or does not. */
bool world_json_has(const struct kept_reply *reply, const char *words);
size_t world_json_count(const struct kept_reply *reply, const char *words);

/* How often words stand in the audit; whether the keyring of the shop has a key; what a tick's report
 * must say; whether what is known of a person says so; what a check of the whole store finds, and that it
 * must find nothing. */
size_t world_audit_has(struct world *w, const char *words);
bool world_has_key(struct world *w, const char *name);
void world_tick_says(struct world *w, const char *words);
bool world_shows(struct world *w, struct kept_id id, const char *words);
uint64_t world_problems(struct world *w);
void world_check(struct world *w);
/* Every change of the disk that a rotation makes (disk.h). */
#define WORLD_CHANGES                                                                              \
    (DISK_CREATE | DISK_WRITE | DISK_TRUNCATE | DISK_SYNC | DISK_RENAME | DISK_UNLINK)
/* Open anew and ask, while a change of the disk fails; again: once more on the same handle, if that still works;
 * else open anew. Returns what the first was answered: 0, KEPT_E_IO or KEPT_E_UNSETTLED. *ret_over: n was beyond
 * all changes there are. */
struct world_failure {
    unsigned changes; /* which count */
    long n;
    bool lasting;     /* and all behind it */
    bool again;
};
int world_call_failing(struct world *w, const struct kept_request *request, struct world_failure f, bool *ret_over);
/* Keep the store as it is now; put it back later, with the ledger of then. */
void world_save(struct world *w, const char *name);
void world_put_back(struct world *w, const char *name);

struct kept_span world_text(const char *text);
struct kept_field world_field(const char *item, const char *value);

/* Someone who saw the notice, and agreed to account and notes. */
struct kept_id world_person(struct world *w);
void world_agree(struct world *w, struct kept_id id, const char *function,
                 enum kept_consent_kind kind);
void world_put(struct world *w, struct kept_id id, const char *function, const char *item,
               const char *value);
/* Many values, all alike, at most 2000 in one operation. */
void world_put_many(struct world *w, struct kept_id id, const char *function, const char *item, unsigned count);
void world_put_bytes(struct world *w, struct kept_id id, const char *function, const char *item,
                     struct kept_span value);
/* The first value of an item, for its purpose; text must be it. */
#define READS(w, id, item, purpose, text)                                                          \
    world_reads(w, id, item, purpose, text, __FILE__, __LINE__)
void world_reads(struct world *w, struct kept_id id, const char *item, const char *purpose,
                 const char *text, const char *file, int line);
#define HIDES(w, id, item, purpose, reason)                                                        \
    world_hides(w, id, item, purpose, reason, __FILE__, __LINE__)
void world_hides(struct world *w, struct kept_id id, const char *item, const char *purpose,
                 enum kept_reason reason, const char *file, int line);
/* The error of a read. */
int world_read_error(struct world *w, struct kept_id id, const char *item, const char *purpose);

uint64_t world_key(struct kept_id id);
uint64_t world_number(struct world *w, const char *name); /* of STAT's JSON */

/* ---- behind kept's back ---- */

/* Run statements on store.db with a connection of our own. */
void world_sql(struct world *w, const char *format, ...) KEPT_PRINTF(2, 3);
/* The first column of the first row, as an integer; -1 without a row. */
/* Fill the person's own row with scraps: what is put next gets a cell of its own. Returns how many
 * records they have now, the slot of the last. */
uint32_t world_cram(struct world *w, struct kept_id id);
int64_t world_sql_number(struct world *w, const char *format, ...) KEPT_PRINTF(2, 3);

/* Blobs, copied. */
struct world_blob {
    uint64_t key;
    uint32_t number;
    uint8_t *p;
    size_t n;
};
struct world_blobs {
    struct world_blob *rows;
    size_t count;
};
/* Rows of a query: a blob, and up to two numbers (key, number). */
void world_blobs(struct world *w, struct world_blobs *out, const char *format, ...)
    KEPT_PRINTF(3, 4);
void world_blobs_free(struct world_blobs *blobs);
/* Write a cell back. */
void world_put_cell(struct world *w, uint64_t key, const uint8_t *p, size_t n);

/* In how many files of store, ledger, keyring and root key do these bytes stand? */
size_t world_files_with(struct world *w, const void *p, size_t n);
/* Copy, remove a whole folder. */
void world_copy(const char *from, const char *to);
void world_remove(const char *path);
void world_join(char out[WORLD_PATH], const char *folder, const char *name);
/* A folder beside the store, for a backup. */
void world_beside(struct world *w, char out[WORLD_PATH], const char *name);

#endif
