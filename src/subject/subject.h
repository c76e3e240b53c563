/* subject.h - one person: the head row with their keys and their context.
 *
 * A head is the cell at slot 0 of the person's key range. Format 1:
 *   u8 format=1 | u8 suite | u8 state | random tail of the id[10] | u32 epoch | varint version |
 *   varint n | keybox (sealed under the epoch key) | varint n | context (sealed under a data key) |
 *   pack: the person's small values, each sealed by itself (pack.c)
 * keybox: the person's keys, each `u8 slot | varint generation | bytes`; context: who agreed to what,
 * facts, and the directory of records with the version each must have. AAD of the keybox: suite, app,
 * id, 'K', epoch; of the context: suite, app, id, 'C', state, version. So nobody with a disk editor
 * can grant a consent, move a retention date or bring back an old value: the directory says which
 * version of a record is the living one, and it is sealed with the subject's version.
 * The id: 43 bits of app and subject number (where the row lies), 80 random bits; never reused.
 * Invariants: 1. The version grows with every change of head, never shrinks.  2. Keys stand in the
 * guarded kept_subject_keys only, for one operation.  3. An erased person's box holds the trace key
 * and what a law keeps, nothing else.
 * Threads: a kept_subject belongs to one thread. Clauses: S0-7.3, S0-6.4, S2-4.1.2. */
#ifndef KEPT_SUBJECT_H
#define KEPT_SUBJECT_H

#include "base/buf.h"
#include "crypto/crypto.h"
#include "keys/keys.h"
#include "policy/policy.h"

#define KEPT_TRACE_BYTES 48 /* 32 seal the subject part of entries, 16 make the tags */

/* Guarded memory, wiped between operations (kept_secret_new). */
struct kept_subject_keys {
    uint8_t data[KEPT_CLASSES][KEPT_KEY_BYTES];
    uint8_t former[KEPT_CLASSES][KEPT_KEY_BYTES]; /* while a re-seal is under way */
    uint8_t trace[KEPT_TRACE_BYTES];
    uint32_t generation[KEPT_CLASSES];        /* 0: no such key */
    uint32_t former_generation[KEPT_CLASSES]; /* 0: none */
    bool has_trace;
    /* The one partition whose key is at hand, made of a class's key and the partition's name. */
    uint8_t apart[KEPT_KEY_BYTES];
    uint32_t apart_ref, apart_class, apart_generation; /* ref KEPT_REF_NONE: none is */
};

/* One living record: which item, where, and the only version that counts. */
struct kept_dir_row {
    uint32_t item;    /* kept_ref */
    uint32_t slot;    /* of the row key; the record number people see */
    uint32_t version;
    uint32_t class;   /* enum kept_class */
};

/* Records beyond the first KEPT_DIR_PAGE slots have their rows in pages of their own, sealed under the
 * ordinary key; those of class law stay in the context, so that an erasure need not open the pages. */
#define KEPT_DIR_PAGE 512u
#define KEPT_MAX_LAW_ROWS 4096u
struct kept_dir_page {
    uint32_t version;  /* 0: no page yet */
    uint32_t rows;
    uint64_t items;    /* bloom: bit (ref & 63) of every item in it */
};

struct kept_subject {
    struct kept_id id;
    uint32_t app;
    uint64_t key;                      /* of the head cell */
    uint32_t epoch;                    /* the box is sealed under */
    struct kept_subject_keys *keys;    /* borrowed, guarded */
    struct kept_nonces *nonces;        /* borrowed, or NULL */
    bool keys_changed;                 /* the box must be sealed anew */
    struct kept_buf box;               /* as stored */
    struct kept_span pack;             /* as stored: sealed records */
    struct kept_buf pack_own;          /* where they stand, but when the shell borrows */
    bool borrows;                      /* set for good: the pack stays in the body it was opened from, */
                                       /* and goes with it (but kept_pack_hold); nobody changes it */
    struct kept_buf papers;            /* evidence, guardians, what is owed (consent.h); secret */
    struct kept_context context;       /* its arrays point at those below */
    struct kept_consent_row *consents;
    size_t consent_cap;
    struct kept_permission_row *permissions;
    size_t permission_cap;
    struct kept_launch_row *launches;
    size_t launch_cap;
    struct kept_dir_row *dir;          /* slots below KEPT_DIR_PAGE, and class law; ascending */
    size_t dir_count, dir_cap;
    struct kept_dir_page *pages;       /* pages[p]: slots p * KEPT_DIR_PAGE .. */
    size_t page_count, page_cap;       /* pages[0] is unused: its rows are dir */
    uint32_t next_slot;
    uint64_t seals;                    /* under the present data keys: at most KEPT_MAX_SEALS */
    kept_ms created;
    kept_ms erased_at;                 /* 0: not */
    uint32_t erased_epoch;             /* its destruction makes the erasure final */
    bool spread;                       /* their small values have outgrown the pack: rows of their own */
    bool marked;                       /* a record was erased: a new key at the next rotation */
    kept_ms swept_at;                  /* rows and tokens gone from every file; 0: not yet */
};

/* The clear part of a head, borrowed from its body. */
struct kept_head {
    enum kept_suite suite;
    enum kept_subject_state state;
    uint64_t version;
    uint32_t epoch;
    struct kept_id id; /* whole */
    struct kept_span box, context, pack;
};

/* Where the head of an id lies; KEPT_E_NOTFOUND when its app is not this one. */
KEPT_MUST_USE int kept_subject_key(const struct kept_id *id, uint32_t app, uint64_t *ret_key);

/* Parse a body found under key. KEPT_E_CORRUPT, KEPT_E_FORMAT (newer). */
KEPT_MUST_USE int kept_head_decode(uint64_t key, struct kept_span body, struct kept_head *ret_head);

/* An empty shell, reusable; keys: guarded, borrowed for the shell's life. */
void kept_subject_init(struct kept_subject *subject, struct kept_subject_keys *keys);
void kept_subject_release(struct kept_subject *subject);

/* A person who was not there before: keys drawn, state live, version 0. */
KEPT_MUST_USE int kept_subject_make(struct kept_subject *subject, uint32_t app, uint64_t number,
                                    kept_ms now, struct kept_err *err);

/* Unwrap the keys and open the context. KEPT_E_NOTFOUND: the epoch key is destroyed (erased for
 * good); KEPT_E_CORRUPT: a seal does not open - somebody changed the row; KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_subject_open(struct kept_subject *subject, struct kept_keyring *keyring,
                                    uint32_t app, uint64_t key, const struct kept_head *head,
                                    struct kept_err *err);

/* The head's new body, appended to out; the caller has raised context.version. */
KEPT_MUST_USE int kept_subject_seal(struct kept_subject *subject, struct kept_keyring *keyring,
                                    struct kept_buf *out, struct kept_err *err);

/* The key of a class, drawn at first use. */
KEPT_MUST_USE int kept_subject_class(struct kept_subject *subject, enum kept_class class,
                                     struct kept_err *err);

/* The key that seals values of a class in a partition (KEPT_REF_NONE: the default one), of that
 * generation: guarded, borrowed until the next call, which is when the key of another partition goes.
 * NULL: the person has no such key. */
const uint8_t *kept_subject_value_key(const struct kept_subject *subject, uint32_t class,
                                      uint32_t generation, uint32_t partition);

/* Destroy the keys of every class without a ground to keep, and forget the context but for the
 * records of class law. Time does not grow with the number of records. */
void kept_subject_erase(struct kept_subject *subject, kept_ms now);

/* Seal the box under another epoch at the next kept_subject_seal. */
void kept_subject_rewrap(struct kept_subject *subject, uint32_t epoch);

/* The head's body with the box sealed under the current epoch, all else as it is, appended to out.
 * subject was opened from it, and has not changed. KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_subject_rewrap_head(struct kept_subject *subject,
                                           struct kept_keyring *keyring,
                                           const struct kept_head *head, struct kept_span body,
                                           struct kept_buf *out, struct kept_err *err);

/* About to seal this many times under the person's data keys. KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_subject_count(struct kept_subject *subject, uint32_t seals,
                                     struct kept_err *err);

/* Common head of every AAD: suite, app, id. Returns bytes written (KEPT_AAD_HEAD). */
#define KEPT_AAD_HEAD 21u
size_t kept_aad_head(uint8_t *aad, enum kept_suite suite, uint32_t app, const struct kept_id *id);

/* The key the context is sealed under: ordinary while there is one, else the trace key. */
const uint8_t *kept_subject_context_key(const struct kept_subject *subject);

/* ---- the pack: records that lie in the head's row, found by their slot (threads: as the subject) ---- */

/* ret_body is borrowed until the pack changes. */
bool kept_pack_find(const struct kept_subject *subject, uint32_t slot, struct kept_span *ret_body);
/* Put a record's body, in place of the one that is there. false: it has no room here, and nothing
 * changed. The head must be sealed and put afterwards, as after kept_pack_drop. */
KEPT_MUST_USE bool kept_pack_put(struct kept_subject *subject, uint32_t slot,
                                 struct kept_span body);
void kept_pack_drop(struct kept_subject *subject, uint32_t slot);
void kept_pack_clear(struct kept_subject *subject);
/* Copy what is borrowed, to find it also when the body is gone. KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_pack_hold(struct kept_subject *subject);
size_t kept_pack_count(const struct kept_subject *subject);
/* The record at *at, which moves on; false at the end. Begin with 0. */
bool kept_pack_next(const struct kept_subject *subject, size_t *at, uint32_t *ret_slot,
                    struct kept_span *ret_body);

/* ---- rows of the context ---- */

/* The row on a scope, or NULL. kind: of an acknowledgement, a guardian's, or any other: these three
 * stand beside each other. */
struct kept_consent_row *kept_subject_consent(struct kept_subject *subject, uint8_t scope_kind,
                                              uint32_t scope, uint8_t kind);
KEPT_MUST_USE int kept_subject_add_consent(struct kept_subject *subject,
                                           const struct kept_consent_row *row,
                                           struct kept_err *err);
/* A row of the subject's, which goes. */
void kept_subject_drop_consent(struct kept_subject *subject, const struct kept_consent_row *row);
KEPT_MUST_USE int kept_subject_set_permission(struct kept_subject *subject,
                                              const struct kept_permission_row *row,
                                              struct kept_err *err);
/* Forget what was reported of a permission: it is unknown again. */
void kept_subject_drop_permission(struct kept_subject *subject, uint32_t ref);
KEPT_MUST_USE int kept_subject_set_launch(struct kept_subject *subject,
                                          const struct kept_launch_row *row, struct kept_err *err);

#endif
