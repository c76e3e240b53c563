/* keys_int.h - what the files of this room share. Nobody else includes it. */
#ifndef KEPT_KEYS_INT_H
#define KEPT_KEYS_INT_H

#include "keys/keys.h"

#define KEPT_ROOT_NAME_BYTES 4

/* Lives whole in guarded memory. */
struct kept_root {
    uint8_t key[KEPT_KEY_BYTES];
    uint8_t name[KEPT_ROOT_NAME_BYTES];
};

/* The file of a keyring folder, or of a mirror, that says who has the root key. No app has its name. */
#define KEPT_PROVIDER_FILE "root.provider"

/* ---- guarded memory for many keys: pages of 64, so that a keyring locks few pages ------------- */

#define KEPT_POOL_BLOCKS 16u
#define KEPT_POOL_KEYS 64u
struct kept_pool {
    uint8_t *blocks[KEPT_POOL_BLOCKS];
    bool used[KEPT_POOL_BLOCKS * KEPT_POOL_KEYS];
};
/* A place for one key, that stays where it is; NULL when there is none. */
uint8_t *kept_pool_take(struct kept_pool *pool) KEPT_MUST_USE;
void kept_pool_give(struct kept_pool *pool, uint8_t *key); /* wipes; NULL is a no-op */
void kept_pool_release(struct kept_pool *pool);

/* ---- key files --------------------------------------------------------------------------------- */

enum kept_key_kind { KEPT_KEY_EPOCH = 1, KEPT_KEY_AUDIT, KEPT_KEY_TOKEN, KEPT_KEY_SIGNING };
#define KEPT_KEY_KINDS 3u           /* those with numbers: epoch, audit, token */
#define KEPT_MAX_KEYS KEPT_MAX_EPOCHS /* living keys of one kind */
#define KEPT_KEY_NAME 24u           /* "epoch-4294967295" */

/* The folder of a mirror, and its journal. */
struct kept_mirror {
    char folder[KEPT_MAX_PATH];     /* of the app */
    int journal;
    bool broken;                    /* a write failed: it may be a step behind, and no more */
};

/* Where an app's key files are, and what seals them. */
struct kept_keyplace {
    char folder[KEPT_MAX_PATH];     /* of the app */
    char app[KEPT_MAX_NAME + 1];
    uint8_t *seal;                  /* guarded: derived from the root key and the app's name */
    uint8_t root_name[KEPT_ROOT_NAME_BYTES];
    struct kept_mirror *mirror;     /* NULL: none */
};
KEPT_MUST_USE int kept_keyplace_init(struct kept_keyplace *place, const char *folder,
                                     const char *app, const struct kept_root *root,
                                     struct kept_err *err);
void kept_keyplace_release(struct kept_keyplace *place);

/* One key file, opened. */
struct kept_keyfile {
    enum kept_key_kind kind;
    uint32_t number;
    enum kept_suite suite;
    kept_ms created;
    uint8_t *key;                   /* guarded, the caller's: KEPT_KEY_BYTES */
    struct kept_epoch *retired;     /* epoch files: older epochs alive when this one began */
    size_t retired_count;           /* reading: retired has room for KEPT_MAX_KEYS */
};

void kept_key_name(enum kept_key_kind kind, uint32_t number, char ret_name[KEPT_KEY_NAME]);
/* 0: a key's name. KEPT_E_NOTFOUND: something else. KEPT_E_CORRUPT: like a key's, but not one. */
KEPT_MUST_USE int kept_key_parse(const char *name, enum kept_key_kind *ret_kind,
                                 uint32_t *ret_number);

/* Put content in place, atomically; what stood under the name before is overwritten. */
KEPT_MUST_USE int kept_keyfile_put(const char *folder, const char *name, struct kept_span content,
                                   const char *why, struct kept_err *err);
#define KEPT_ROOT_NAME_AT 12u       /* where a key file names the root it is sealed under */

/* Seal file into out. KEPT_E_NOMEM, KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_keyfile_encode(const struct kept_keyplace *place,
                                      const struct kept_keyfile *file, struct kept_buf *out,
                                      struct kept_err *err);
#define KEPT_KEYFILE_MAX 8192u      /* bytes of one; keyfile.c says why */
/* Seal and put in place, atomically. What stood under the name before is overwritten. */
KEPT_MUST_USE int kept_keyfile_write(const struct kept_keyplace *place,
                                     const struct kept_keyfile *file, struct kept_err *err);
/* kind and number say which; retired may be NULL. KEPT_E_NOTFOUND, _FORMAT, _CORRUPT, _CRYPTO. */
KEPT_MUST_USE int kept_keyfile_read(const struct kept_keyplace *place, struct kept_keyfile *file,
                                    struct kept_err *err);
/* The name of the root key a file is sealed under. */
KEPT_MUST_USE int kept_keyfile_root(const struct kept_keyplace *place, enum kept_key_kind kind,
                                    uint32_t number, uint8_t ret_name[KEPT_ROOT_NAME_BYTES],
                                    struct kept_err *err);
/* Destroy the file, and what a crash may have left beside it. The key is renamed before it is
 * overwritten; a crash leaves a dying file, which the next opening destroys. */
#define KEPT_DYING "dying-"
KEPT_MUST_USE int kept_keyfile_destroy(const struct kept_keyplace *place, enum kept_key_kind kind,
                                       uint32_t number, struct kept_err *err);
/* The same by folder and name alone. */
KEPT_MUST_USE int kept_keyfile_end(const char *folder, const char *name, struct kept_err *err);
/* Remove what a crash left beside the file; never touches the file. */
KEPT_MUST_USE int kept_keyfile_tidy(const struct kept_keyplace *place, enum kept_key_kind kind,
                                    uint32_t number, struct kept_err *err);
KEPT_MUST_USE int kept_keyfile_tidy_in(const char *folder, enum kept_key_kind kind,
                                       uint32_t number, struct kept_err *err);

/* ---- keys that wait beside the living ones for a change of root to count (next.c) ----------------- */

#define KEPT_NEXT "next-"
/* Put a sealed key file beside the one it is to replace. */
KEPT_MUST_USE int kept_next_put(const char *app_folder, const char *name, struct kept_span content,
                                struct kept_err *err);
/* What waits for a key of an app, or stands there when nothing does; out stays empty without either. */
KEPT_MUST_USE int kept_next_load(const char *folder, const char *app, const char *name,
                                 struct kept_buf *out, struct kept_err *err);
/* After a crash or a change: those under the root key that folder/root.provider names take their places
 * and the former are destroyed; others, of a change that never counted, are destroyed. The app is
 * locked, or its keyring not yet open. */
KEPT_MUST_USE int kept_next_settle(const char *folder, const char *app_folder, struct kept_err *err);
/* Call visit for each app's folder in folder until one fails. */
KEPT_MUST_USE int kept_each_app(const char *folder,
                                int (*visit)(void *arg, const char *app, struct kept_err *err),
                                void *arg, struct kept_err *err);

/* ---- the mirror: each does nothing without one -------------------------------------------------- */

/* KEPT_E_IO: a write to it failed; nothing more may be written to the keyring. */
KEPT_MUST_USE int kept_mirror_usable(const struct kept_keyplace *place, struct kept_err *err);
KEPT_MUST_USE int kept_mirror_put(const struct kept_keyplace *place, const char *name,
                                  struct kept_span content, struct kept_err *err);
KEPT_MUST_USE int kept_mirror_destroy(const struct kept_keyplace *place, const char *name,
                                      struct kept_err *err);
KEPT_MUST_USE int kept_mirror_append(const struct kept_keyplace *place, uint64_t at,
                                     struct kept_span frames, struct kept_err *err);
void kept_mirror_free(struct kept_mirror *mirror);

/* ---- the keyring ------------------------------------------------------------------------------- */

struct kept_key {
    struct kept_epoch info;
    uint8_t *key;                   /* in the pool */
    uint64_t seals;                 /* since open */
};

struct kept_key_list {
    struct kept_key *v;             /* ascending by number */
    size_t n;
    size_t cap;
};

struct kept_journal {
    int fd;
    uint64_t rows;
    uint8_t hash[KEPT_HASH_BYTES];
    uint8_t *key;                   /* in the pool */
    bool broken;                    /* a write failed and could not be taken back: open again */
};

struct kept_anchor {
    uint8_t *key;                   /* in the pool */
    uint64_t rows;
    uint8_t hash[KEPT_HASH_BYTES];
    uint32_t newest[KEPT_KEY_KINDS];
    struct kept_buf note;
};

struct kept_keyring {
    struct kept_keyplace place;
    struct kept_pool pool;
    enum kept_suite suite;          /* of everything this keyring seals */
    int lock;
    uint8_t *seed;                  /* in the pool */
    uint8_t *hash_key;              /* in the pool */
    struct kept_key_list keys[KEPT_KEY_KINDS]; /* by kind - 1 */
    struct kept_journal journal;
    struct kept_anchor anchor;
};

/* Folders and files of an app's keyring are ours and closed to all others. KEPT_E_USAGE: how to mend. */
KEPT_MUST_USE int kept_keyring_guard(const char *folder, const char *app_folder,
                                     struct kept_err *err);
KEPT_MUST_USE int kept_app_name_check(const char *app, struct kept_err *err);
/* The newest key of a kind; every open keyring has one of each. */
struct kept_key *kept_keyring_newest(const struct kept_keyring *keyring, enum kept_key_kind kind);
/* Load every key of the folder. */
KEPT_MUST_USE int kept_keyring_load_keys(struct kept_keyring *keyring, struct kept_err *err);

KEPT_MUST_USE int kept_journal_create(const char *folder, const char *app, const uint8_t *key,
                                      uint8_t ret_hash[KEPT_HASH_BYTES], struct kept_err *err);
/* Check against the anchor and cut a torn tail. */
KEPT_MUST_USE int kept_journal_open(struct kept_keyring *keyring, struct kept_err *err);

/* Where the last append begins in the file; where the file ends when there is none. */
KEPT_MUST_USE int kept_journal_last(const struct kept_keyring *keyring, uint64_t *ret_at,
                                    struct kept_err *err);

KEPT_MUST_USE int kept_anchor_save(const struct kept_keyplace *place,
                                   const struct kept_anchor *anchor, struct kept_err *err);
/* anchor: its key is set; the note is the caller's to release. */
KEPT_MUST_USE int kept_anchor_parse(struct kept_anchor *anchor, struct kept_span bytes,
                                    struct kept_err *err);
KEPT_MUST_USE int kept_anchor_load(struct kept_keyring *keyring, struct kept_err *err);

#endif
