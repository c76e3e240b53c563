/* ledger.h - the tamper-evident log of one app: entries, segments, Merkle tree, checkpoints, proofs.
 *
 * RFC 6962 tree over SHA-256; a checkpoint is a C2SP signed note (tlog-checkpoint, Ed25519); entries
 * live in append-only segment files, the source of truth; hash tiles are a view and an export
 * (C2SP tlog-tiles).
 * Invariants: 1. An entry's bytes never change once appended.  2. A checkpoint covers only entries
 * that are durable.  3. Signing happens at most once a second unless forced.  4. Every checkpoint is
 * handed to the anchor callback, durably, before it counts as published.
 * Threads: appends, checkpoints and reads come from one thread; kept_ledger_sync may run on another
 * thread at the same time as appends (that is the overlap which makes reads cheap). */
#ifndef KEPT_LEDGER_H
#define KEPT_LEDGER_H

#include <stdbool.h>

#include "base/buf.h"
#include "kept.h"

/* ---- entries: versioned canonical bytes ---------------------------------------------------------
 * Layout of version 1 (integers big-endian; varint: LEB128 shortest form):
 *   u8 version=1 | id[16] | u48 at_ms | u8 event | u8 decision | u8 reason | u8 actor_kind |
 *   varint policy_version | varint subject_version | u8 suite |
 *   actor part:   varint n | commit[16] | sealed bytes n        (n = 0: no part, no commit)
 *   subject part: varint n | commit[16] | sealed bytes n
 * Parts are sealed with nonce = the entry's id (random, unique; zeros behind it for suite 2) with byte
 * 11 XORed with the part number (actor 1, subject 2), cut to the suite's length, so that one key never
 * meets one nonce twice; AAD = the public bytes before the parts plus the one-byte part number, so a
 * part cannot move to another entry.
 * commit = first 16 bytes of SHA-256("commit" | key | id): names the key without revealing it,
 * and makes the seal key-committing. RFC 6962 leaf = SHA-256(0x00 | entry bytes). */

enum kept_actor_kind { KEPT_ACTOR_NONE = 0, KEPT_ACTOR_APP, KEPT_ACTOR_STAFF, KEPT_ACTOR_PERSON,
                       KEPT_ACTOR_ENGINE };

struct kept_entry {
    struct kept_id id;
    kept_ms at;
    uint8_t event;           /* enum kept_op of the operation; from 128 on: acts of administrators */
    uint8_t decision;        /* enum kept_decision */
    uint8_t reason;          /* enum kept_reason */
    uint8_t actor_kind;      /* enum kept_actor_kind */
    uint32_t policy_version;
    uint64_t subject_version;
    uint8_t suite;
    struct kept_span actor;    /* ciphertext with tag, or empty */
    struct kept_span subject;  /* ciphertext with tag, or empty */
    uint8_t actor_commit[16];
    uint8_t subject_commit[16];
};

/* Seal the parts (each may be empty: no part) and append the canonical bytes to out. entry's public
 * fields are set by the caller. actor_key may be NULL iff actor is empty; likewise subject_key. */
KEPT_MUST_USE int kept_entry_encode(const struct kept_entry *entry, const uint8_t *actor_key,
                                    struct kept_span actor, const uint8_t *subject_key,
                                    struct kept_span subject, struct kept_buf *out);
/* Spans borrow from bytes. KEPT_E_CORRUPT: not canonical, trailing bytes, unknown suite.
 * KEPT_E_FORMAT: a newer version. */
KEPT_MUST_USE int kept_entry_decode(struct kept_span bytes, struct kept_entry *ret_entry);
/* Open a part into out (appended; out should be secret). KEPT_E_NOTFOUND: no such part, or sealed
 * under another key (commit differs); KEPT_E_CRYPTO: commit fits, seal does not open. */
KEPT_MUST_USE int kept_entry_open_actor(struct kept_span bytes, const uint8_t *key,
                                        struct kept_buf *out);
KEPT_MUST_USE int kept_entry_open_subject(struct kept_span bytes, const uint8_t *key,
                                          struct kept_buf *out);

void kept_leaf_hash(struct kept_span entry, uint8_t ret_hash[32]);

/* ---- tags: finding one person's entries ----------------------------------------------------------
 * An entry about a person carries the first 8 bytes of kept_tag(tag key, era), where an era is
 * KEPT_ERA_SEGMENTS segments: as many as one list of the highest level covers, which shows by itself
 * which of its entries belong together. Lists of closed segments are sorted by tag; sixteen lists of one
 * level merge into one of the next. Without the tag key tags are random numbers, and those of two eras
 * are not to be linked. Entries without a subject carry none. */
#define KEPT_LIST_LEVELS 3
#define KEPT_ERA_SEGMENTS 256u

/* ---- the log ------------------------------------------------------------------------------------*/

struct kept_ledger;

struct kept_ledger_options {
    const char *folder;        /* this app's ledger folder; made by kept_ledger_create */
    const char *origin;        /* checkpoint origin, schema-less URL form, e.g. "kept.example/ab12/widgets" */
    const uint8_t *seed;       /* Ed25519 seed, guarded memory, borrowed for the handle's life */
    uint32_t segment_bytes;    /* close a segment at this size; 0: 8 MiB */
    /* Called with every new signed note before it is published. NULL: no anchor. */
    int (*anchor)(void *arg, struct kept_span note, struct kept_err *err);
    void *anchor_arg;
};

/* Make a log, and publish (and anchor) the checkpoint of no entries. A creation that was interrupted
 * can be done again. KEPT_E_CONFLICT: there is a log already. KEPT_E_USAGE, KEPT_E_IO. */
KEPT_MUST_USE int kept_ledger_create(const struct kept_ledger_options *options,
                                     struct kept_err *err);
/* Open, cut a torn tail, rebuild the tree. anchored: newest note known to the anchor (may be empty).
 * KEPT_E_ROLLBACK: the anchored checkpoint is not a prefix of what is here. KEPT_E_CORRUPT: a whole
 * frame inside what is read does not check, or a checkpoint does not fit; reads the last segment and
 * what no index covers (kept_ledger_verify reads all). KEPT_E_NOTFOUND: no log, or its creation was
 * interrupted. KEPT_E_CONFLICT: of another origin. KEPT_E_CRYPTO: signed by another key. */
KEPT_MUST_USE int kept_ledger_open(const struct kept_ledger_options *options,
                                   struct kept_span anchored, struct kept_ledger **ret_ledger,
                                   struct kept_err *err);
void kept_ledger_close(struct kept_ledger *ledger);

/* Give an entry its place: buffered, not yet durable. tag_key: 16 bytes, or NULL without a subject.
 * ret_index, ret_leaf may be NULL. Cheap (no system call until the buffer is taken by a sync). */
KEPT_MUST_USE int kept_ledger_append(struct kept_ledger *ledger, struct kept_span entry,
                                     const uint8_t *tag_key, uint64_t *ret_index,
                                     uint8_t ret_leaf[32], struct kept_err *err);
/* Hand over what is buffered: returns a ticket (entries so far). Then kept_ledger_sync(ticket), on
 * any one thread, writes and syncs it; while it runs the owner may append more.
 * A failed sync is final for the handle: later calls return KEPT_E_IO (nothing may be released).
 * kept_ledger_append gives KEPT_E_LIMIT when 256 MiB wait for a sync. */
uint64_t kept_ledger_flush(struct kept_ledger *ledger);
KEPT_MUST_USE int kept_ledger_sync(struct kept_ledger *ledger, uint64_t ticket,
                                   struct kept_err *err);
/* Entries known to be durable. Thread-safe. */
uint64_t kept_ledger_durable(const struct kept_ledger *ledger);
uint64_t kept_ledger_size(const struct kept_ledger *ledger);   /* with the buffered ones */
void kept_ledger_root(const struct kept_ledger *ledger, uint8_t ret_root[32]);

/* Ids of the entries behind the newest published checkpoint, for the recovery of the queue: calls
 * seen(arg, id) for each. */
KEPT_MUST_USE int kept_ledger_since_checkpoint(struct kept_ledger *ledger,
                                               void (*seen)(void *arg, const struct kept_id *id),
                                               void *arg, struct kept_err *err);

/* Sign a checkpoint over all durable entries, anchor it, publish it (file `checkpoint`). Nothing is
 * signed when nothing is new, or (force 0) when the last is younger than a second. Also makes the
 * derived files that are due: a bounded bite, or with force all of them. A failure of the anchor or of
 * publishing is returned and may be tried again; it does not end the handle. */
KEPT_MUST_USE int kept_ledger_checkpoint(struct kept_ledger *ledger, kept_ms now, int force,
                                         struct kept_err *err);
/* The newest published note; borrowed until the next checkpoint. Empty when there is none. */
struct kept_span kept_ledger_note(const struct kept_ledger *ledger);

/* One entry's bytes appended to out. KEPT_E_NOTFOUND, KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_ledger_entry(struct kept_ledger *ledger, uint64_t index,
                                    struct kept_buf *out, struct kept_err *err);
/* Index of an entry by id: scans. KEPT_E_NOTFOUND. */
KEPT_MUST_USE int kept_ledger_find(struct kept_ledger *ledger, const struct kept_id *id,
                                   uint64_t *ret_index, struct kept_err *err);
/* All entries in order / of one person (by tag, ascending). visit returns nonzero to stop. */
KEPT_MUST_USE int kept_ledger_each(struct kept_ledger *ledger, uint64_t from,
                                   int (*visit)(void *arg, uint64_t index, struct kept_span entry),
                                   void *arg, struct kept_err *err);
KEPT_MUST_USE int kept_ledger_trail(struct kept_ledger *ledger, const uint8_t tag_key[16],
                                    int (*visit)(void *arg, uint64_t index, struct kept_span entry),
                                    void *arg, struct kept_err *err);

/* ---- proofs and verification (verify.c needs no handle and no secret) ---------------------------*/

/* Inclusion proof of index in the tree of the newest checkpoint; count * 32 bytes appended.
 * C2SP tlog-proof text with kept_ledger_prove_text. */
KEPT_MUST_USE int kept_ledger_prove(struct kept_ledger *ledger, uint64_t index, uint64_t size,
                                    struct kept_buf *out, struct kept_err *err);
KEPT_MUST_USE int kept_ledger_prove_consistency(struct kept_ledger *ledger, uint64_t old_size,
                                                uint64_t size, struct kept_buf *out,
                                                struct kept_err *err);
KEPT_MUST_USE int kept_ledger_prove_text(struct kept_ledger *ledger, uint64_t index,
                                         struct kept_buf *out, struct kept_err *err);
bool kept_verify_inclusion(uint64_t index, uint64_t size, const uint8_t leaf[32],
                           struct kept_span proof, const uint8_t root[32]);
bool kept_verify_consistency(uint64_t old_size, uint64_t size, const uint8_t old_root[32],
                             const uint8_t root[32], struct kept_span proof);

/* Signed notes. */
struct kept_checkpoint {
    char origin[256];
    uint64_t size;
    uint8_t root[32];
};
KEPT_MUST_USE int kept_note_sign(const struct kept_checkpoint *checkpoint, const uint8_t seed[32],
                                 struct kept_buf *out);
/* KEPT_E_CORRUPT: not a checkpoint note; KEPT_E_CRYPTO: not signed by this key. */
KEPT_MUST_USE int kept_note_open(struct kept_span note, const uint8_t public_key[32],
                                 struct kept_checkpoint *ret_checkpoint);
/* "name+hash+base64" verifier key, as golang.org/x/mod/sumdb/note reads it. */
KEPT_MUST_USE int kept_note_verifier(const char *name, const uint8_t public_key[32],
                                     struct kept_buf *out);

/* Whole-log verification from files alone: every frame, leaf, the tree, the checkpoint's signature,
 * that anchored (may be empty) is a prefix, and that indexes and tag lists match the frames. Reads the
 * checkpoint first, so the log may grow meanwhile. KEPT_E_CORRUPT, KEPT_E_CRYPTO (signature),
 * KEPT_E_ROLLBACK, KEPT_E_NOTFOUND (no folder); ret_report is filled in all cases. A derived file that
 * is there must be right; a missing one is counted, since opening makes it anew. */
struct kept_verify_report {
    uint64_t entries;          /* whole entries found */
    uint64_t checkpoint_size;  /* covered by the newest checkpoint */
    uint64_t torn_bytes;       /* behind the last whole entry: a crash, mended at the next open */
    bool anchored;             /* compared with an anchor; false: rollback is not excluded */
    uint64_t bad_index;        /* first entry or frame that does not check, when it fails */
    uint32_t derived_missing;  /* indexes and tag lists of closed segments not there: made later */
    char what[160];            /* in words */
};
KEPT_MUST_USE int kept_ledger_verify(const char *folder, const char *origin,
                                     const uint8_t public_key[32], struct kept_span anchored,
                                     struct kept_verify_report *ret_report, struct kept_err *err);

/* C2SP tlog-tiles into a folder: checkpoint, tile/<level>/<n>[.p/w], and with bundles != 0
 * tile/entries/<n>. KEPT_E_CONFLICT when the folder holds another log. */
KEPT_MUST_USE int kept_ledger_export(struct kept_ledger *ledger, const char *folder, int bundles,
                                     struct kept_err *err);
/* One tile of what the newest checkpoint covers, appended to out: hashes of a level, or a bundle of entries
 * (C2SP tlog-tiles). KEPT_E_NOTFOUND: it is not there, or not that wide; KEPT_E_CORRUPT, KEPT_E_LIMIT (out). */
struct kept_tile {
    bool entries;   /* then level does not matter */
    unsigned level;
    uint64_t n;
    uint32_t width; /* 1 to 256: full */
};
KEPT_MUST_USE int kept_ledger_tile(struct kept_ledger *ledger, const struct kept_tile *tile, struct kept_buf *out,
                                   struct kept_err *err);

#endif
