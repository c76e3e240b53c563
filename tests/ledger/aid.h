/* aid.h - what the ledger's tests share: folders, entries, a slow tree to compare with. */
#ifndef KEPT_TESTS_LEDGER_AID_H
#define KEPT_TESTS_LEDGER_AID_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

#define ORIGIN "kept.example/test/log"
#define AT ((kept_ms)1700000000000)
#define NOTHING ((struct kept_span){NULL, 0})

static const uint8_t SEED[32] = {1, 2, 3, 4, 5, 6, 7, 8};

/* ---- folders ---- */

static inline int aid_remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

static inline void aid_remove(const char *path)
{
    (void)nftw(path, aid_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void aid_put(const char *folder, const char *name, const void *p, size_t n)
{
    char path[512];
    assert_int_equal(kept_path(path, sizeof path, folder, name, NULL), 0);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static inline void aid_get(const char *folder, const char *name, struct kept_buf *ret_bytes)
{
    char path[512];
    assert_int_equal(kept_path(path, sizeof path, folder, name, NULL), 0);
    kept_buf_init(ret_bytes, KEPT_MAX_FILE_BYTES);
    assert_int_equal(kept_file_load(path, ret_bytes, NULL), 0);
}

static inline void aid_copy(const char *from, const char *to)
{
    char **names = NULL;
    size_t count = 0;
    aid_remove(to);
    assert_int_equal(mkdir(to, 0700), 0);
    assert_int_equal(kept_dir_list(from, "", &names, &count, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        struct kept_buf bytes;
        aid_get(from, names[i], &bytes);
        aid_put(to, names[i], bytes.p == NULL ? (const uint8_t *)"" : bytes.p, bytes.n);
        kept_buf_release(&bytes);
    }
    kept_names_free(names, count);
}

/* ---- a log ---- */

struct aid {
    char root[64];                 /* a folder of this test's own */
    char folder[96];               /* the ledger */
    struct kept_ledger_options options;
    struct kept_ledger *ledger;
    uint8_t public_key[32];
    struct kept_buf anchor;        /* newest anchored note */
    int anchor_fails;
};

static inline int aid_anchor(void *arg, struct kept_span note, struct kept_err *err)
{
    struct aid *a = arg;
    if (a->anchor_fails)
        return kept_fail(err, KEPT_E_IO, "the anchor is not there");
    kept_buf_clear(&a->anchor);
    kept_buf_bytes(&a->anchor, note.p, note.n);
    return 0;
}

static inline void aid_open(struct aid *a)
{
    struct kept_err err = {.code = 0};
    int rc = kept_ledger_open(&a->options, kept_buf_span(&a->anchor), &a->ledger, &err);
    if (rc != 0)
        fail_msg("open: %d %s", rc, err.text);
}

static inline int aid_try_open(struct aid *a)
{
    return kept_ledger_open(&a->options, kept_buf_span(&a->anchor), &a->ledger, NULL);
}

static inline void aid_start(struct aid *a, uint32_t segment_bytes)
{
    struct kept_err err = {.code = 0};
    assert_int_equal(kept_crypto_init(), 0);
    *a = (struct aid){.ledger = NULL};
    (void)snprintf(a->root, sizeof a->root, "/tmp/kept-ledger-XXXXXX");
    assert_non_null(mkdtemp(a->root));
    (void)snprintf(a->folder, sizeof a->folder, "%s/log", a->root);
    kept_buf_init(&a->anchor, MAX_NOTE);
    kept_sign_public(SEED, a->public_key);
    a->options = (struct kept_ledger_options){.folder = a->folder, .origin = ORIGIN, .seed = SEED,
                                              .segment_bytes = segment_bytes,
                                              .anchor = aid_anchor, .anchor_arg = a};
    int rc = kept_ledger_create(&a->options, &err);
    if (rc != 0)
        fail_msg("create: %d %s", rc, err.text);
    aid_open(a);
}

static inline void aid_close(struct aid *a)
{
    kept_ledger_close(a->ledger);
    a->ledger = NULL;
}

static inline void aid_reopen(struct aid *a)
{
    aid_close(a);
    aid_open(a);
}

static inline void aid_end(struct aid *a)
{
    aid_close(a);
    kept_buf_release(&a->anchor);
    aid_remove(a->root);
}

static inline struct kept_id aid_id(uint64_t i)
{
    struct kept_id id = {{0x77}};
    kept_put_be64(id.b + 8, i * 0x9e3779b97f4a7c15u + 1);
    return id;
}

/* Entry number i, of 17 to 76 bytes; not sealed, which the log does not look at. */
static inline size_t aid_entry(uint64_t i, uint8_t out[128])
{
    const struct kept_id id = aid_id(i);
    size_t n = 17 + (size_t)(i * 13 % 60);
    memset(out, (int)(i & 0xff), 128);
    out[0] = 1;
    memcpy(out + 1, id.b, 16);
    return n;
}

/* Person p's tag key; persons 0..9; entry i belongs to person i % 11, and 10 is nobody. */
static inline void aid_key(unsigned person, uint8_t ret_key[16])
{
    memset(ret_key, 0, 16);
    ret_key[0] = 0xa0;
    ret_key[1] = (uint8_t)person;
}

static inline void aid_append(struct aid *a, uint64_t i)
{
    uint8_t bytes[128], key[16], leaf[32], want[32];
    uint64_t index = 0;
    struct kept_span entry = {bytes, aid_entry(i, bytes)};
    aid_key((unsigned)(i % 11), key);
    assert_int_equal(kept_ledger_append(a->ledger, entry, i % 11 == 10 ? NULL : key, &index, leaf,
                                        NULL), 0);
    assert_int_equal(index, i);
    kept_leaf_hash(entry, want);
    assert_memory_equal(leaf, want, 32);
}

static inline void aid_sync(struct aid *a)
{
    assert_int_equal(kept_ledger_sync(a->ledger, kept_ledger_flush(a->ledger), NULL), 0);
    assert_int_equal(kept_ledger_durable(a->ledger), kept_ledger_size(a->ledger));
}

/* Entries up to n, a sync every batch of them. */
static inline void aid_fill(struct aid *a, uint64_t n, uint64_t batch)
{
    for (uint64_t i = kept_ledger_size(a->ledger); i < n; i++) {
        aid_append(a, i);
        if ((i + 1) % batch == 0)
            aid_sync(a);
    }
    aid_sync(a);
}

static inline void aid_checkpoint(struct aid *a)
{
    assert_int_equal(kept_ledger_checkpoint(a->ledger, AT, 1, NULL), 0);
}

/* A visitor that counts. */
static inline int aid_count(void *arg, uint64_t index, struct kept_span entry)
{
    (void)index;
    (*(uint64_t *)arg)++;
    return entry.n == 0;
}

/* How many entries of a person a trail visits. */
static inline uint64_t aid_trail(struct aid *a, unsigned person, int *ret_rc)
{
    uint8_t key[16];
    uint64_t n = 0;
    aid_key(person, key);
    *ret_rc = kept_ledger_trail(a->ledger, key, aid_count, &n, NULL);
    return n;
}

/* ---- what somebody does to the files ---- */

static inline void aid_path(const struct aid *a, const char *name, char ret_path[512])
{
    assert_int_equal(kept_path(ret_path, 512, a->folder, name, NULL), 0);
}

static inline void aid_unlink(const struct aid *a, const char *name)
{
    char path[512];
    aid_path(a, name, path);
    assert_int_equal(unlink(path), 0);
}

static inline bool aid_there(const struct aid *a, const char *name)
{
    char path[512];
    aid_path(a, name, path);
    return kept_file_exists(path);
}

/* Make a file so long; what is behind its end is a hole. */
static inline void aid_stretch(const struct aid *a, const char *name, uint64_t bytes)
{
    char path[512];
    aid_path(a, name, path);
    assert_int_equal(truncate(path, (off_t)bytes), 0);
}

static inline void aid_flip(const struct aid *a, const char *name, size_t at)
{
    struct kept_buf bytes;
    aid_get(a->folder, name, &bytes);
    assert_true(at < bytes.n);
    bytes.p[at] ^= 0x10;
    aid_put(a->folder, name, bytes.p, bytes.n);
    kept_buf_release(&bytes);
}

/* Where an entry's frame stands in its segment, and how long it is. */
static inline struct kept_place aid_place(struct aid *a, uint64_t index, uint32_t *ret_bytes)
{
    struct kept_walk *walk = &a->ledger->point;
    assert_int_equal(kept_ledger_seek(a->ledger, walk, index, NULL), 0);
    assert_int_equal(kept_ledger_next(a->ledger, walk, NULL), 1);
    assert_int_equal(walk->was.index, index);
    *ret_bytes = walk->frame.bytes;
    return walk->was;
}

static inline int aid_verify_at(const struct aid *a, const char *folder,
                                struct kept_verify_report *report)
{
    struct kept_err err = {.code = 0};
    return kept_ledger_verify(folder, ORIGIN, a->public_key, kept_buf_span(&a->anchor), report,
                              &err);
}

static inline void aid_verify(const struct aid *a)
{
    struct kept_verify_report report;
    int rc = aid_verify_at(a, a->folder, &report);
    if (rc != 0)
        fail_msg("verify: %d %s", rc, report.what);
}

/* ---- MTH(D[lo:hi]) by its definition (RFC 6962, 2.1) ---- */

static inline void slow_leaf(uint64_t i, uint8_t ret_hash[32])
{
    uint8_t bytes[128];
    const struct kept_span entry = {bytes, aid_entry(i, bytes)};
    kept_leaf_hash(entry, ret_hash);
}

static inline void slow_root(uint64_t lo, uint64_t hi, uint8_t ret_hash[32])
{
    uint8_t left[32], right[32], both[65] = {1};
    uint64_t k = 1;
    if (hi == lo) {
        kept_sha256((struct kept_span){both, 0}, ret_hash);
        return;
    }
    if (hi - lo == 1) {
        slow_leaf(lo, ret_hash);
        return;
    }
    while (k * 2 < hi - lo)
        k *= 2;
    slow_root(lo, lo + k, left);
    slow_root(lo + k, hi, right);
    memcpy(both + 1, left, 32);
    memcpy(both + 33, right, 32);
    kept_sha256((struct kept_span){both, 65}, ret_hash);
}

#endif
