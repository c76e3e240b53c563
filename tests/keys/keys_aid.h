/* keys_aid.h - a fresh folder, a root key and a keyring for each test of this room. */
#ifndef TESTS_KEYS_AID_H
#define TESTS_KEYS_AID_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "keys/keys.h"

#define DAY ((kept_ms)86400000)
#define T0 ((kept_ms)1780000000000)

struct ring {
    char dir[64];       /* everything of this test */
    char folder[96];    /* keyrings */
    char app[160];      /* folder/widgets */
    char root_path[96];
    struct kept_root *root;
    struct kept_err err;
};

static inline int rm_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void ring_down(struct ring *r)
{
    kept_root_free(r->root);
    (void)nftw(r->dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A new folder; nothing in it needs to survive: syncs may be cheap. */
static inline void ring_folder(char *ret_dir, size_t size)
{
    (void)snprintf(ret_dir, size, "%s/kept-keys-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(ret_dir));
}

static inline void ring_up(struct ring *r)
{
    memset(r, 0, sizeof *r);
    ring_folder(r->dir, sizeof r->dir);
    (void)snprintf(r->folder, sizeof r->folder, "%s/keyring", r->dir);
    (void)snprintf(r->app, sizeof r->app, "%s/widgets", r->folder);
    (void)snprintf(r->root_path, sizeof r->root_path, "%s/root", r->dir);
    assert_int_equal(kept_crypto_init(), 0);
    assert_int_equal(kept_root_create(r->root_path, &r->err), 0);
    assert_int_equal(kept_root_load(r->root_path, &r->root, &r->err), 0);
}

static inline struct kept_keyring *ring_open(struct ring *r)
{
    struct kept_keyring *k = NULL;
    int rc = kept_keyring_open(r->folder, "widgets", r->root, &k, &r->err);
    if (rc != 0)
        print_message("%s\n", r->err.text);
    assert_int_equal(rc, 0);
    return k;
}

static inline struct kept_keyring *ring_new(struct ring *r)
{
    assert_int_equal(kept_keyring_create(r->folder, "widgets", r->root, T0, &r->err), 0);
    return ring_open(r);
}

/* A change of root between two keys whose place does not matter. */
static inline int ring_change(const char *folder, const struct kept_root *from,
                              const struct kept_root *to, struct kept_err *err)
{
    const struct kept_provider somewhere = {.kind = KEPT_BY_FILE, .path = "/nowhere"};
    const struct kept_root_change change = {.from = from, .to = to, .provider = &somewhere};
    return kept_keyring_change_root(folder, NULL, &change, err);
}

static inline size_t slurp(const char *path, uint8_t *p, size_t max)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return SIZE_MAX;
    size_t n = fread(p, 1, max, f);
    (void)fclose(f);
    return n;
}

static inline void spit(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fchmod(fileno(f), 0600), 0); /* else the keyring is refused for that */
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static inline struct kept_span span_of(const void *p, size_t n)
{
    return (struct kept_span){p, n};
}

static inline struct kept_span text_of(const char *text)
{
    return span_of(text, strlen(text));
}

static inline struct kept_journal_row row_of(unsigned i)
{
    struct kept_journal_row row = {.kind = i % 2 ? KEPT_J_WITHDRAW : KEPT_J_ERASE_SUBJECT,
                                   .at = T0 + (kept_ms)i, .version = i + 7, .scope_kind = 1,
                                   .scope = 0x01020304u + i, .record = i};
    memset(row.op.b, (int)i + 1, sizeof row.op.b);
    memset(row.subject.b, 0x80 + (int)i, sizeof row.subject.b);
    return row;
}

#endif
