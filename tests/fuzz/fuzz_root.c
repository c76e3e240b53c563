/* fuzz_root.c - a root key's file, and its copy on paper with its checks made right or left as they
 * are: what is taken says the same when it is written again. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "fuzz.h"
#include "keys/root_int.h"

/* The check of each line that looks like one, put right: four digits at its end. */
static uint16_t check_of(unsigned line, const uint8_t *p)
{
    unsigned crc = 0xffff;
    for (size_t i = 0; i <= 4; i++) {
        crc ^= (i == 0 ? line : (unsigned)p[i - 1]) << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
    }
    return (uint16_t)crc;
}

/* A copy of a key made of 32 bytes of the input, then edited. */
static void paper(struct fuzz *f, struct kept_buf *out)
{
    struct kept_root *root = kept_root_new(NULL);
    FUZZ_MUST(root != NULL);
    struct kept_span key = fuzz_bytes(f, 32);
    memset(root->key, 1, sizeof root->key);
    if (key.n != 0)
        memcpy(root->key, key.p, key.n);
    if (kept_root_settle(root) == 0) {
        FUZZ_MUST(kept_root_recovery(root, out) == 0);
        for (unsigned i = 0; i < 8; i++) { /* the check of the lines is CRC-16/CCITT */
            char want[8];
            (void)snprintf(want, sizeof want, "%04x\n", check_of(i + 1, root->key + 4 * i));
            FUZZ_MUST(memmem(out->p, out->n, want, 5) != NULL);
        }
    }
    kept_root_free(root);
    fuzz_edit(f, out);
}

static void load(const char *path, const char *text)
{
    struct kept_root *root = NULL;
    struct kept_buf copy;
    char again[200];
    FUZZ_MUST(kept_root_load(path, &root, NULL) == 0);
    kept_buf_init_secret(&copy, 4096);
    FUZZ_MUST(kept_root_recovery(root, &copy) == 0);
    fuzz_path(again, sizeof again, "root.again");
    (void)unlink(again);
    FUZZ_MUST(kept_root_from_recovery((const char *)copy.p, again, NULL) == 0);
    size_t n = 0, m = 0;
    uint8_t *a = fuzz_get(path, &n), *b = fuzz_get(again, &m);
    FUZZ_MUST(n >= 64 && m >= 64 && strncasecmp((char *)a, (char *)b, 64) == 0);
    free(a);
    free(b);
    (void)text;
    kept_buf_release(&copy);
    kept_root_free(root);
}

/* Who has the root key: the words of it, and the file that keeps them. */
static void words(struct kept_span s)
{
    struct kept_provider a, b;
    char text[KEPT_MAX_WHERE + 100], again[KEPT_MAX_WHERE + 32];
    struct kept_err err = {.code = 0};
    (void)snprintf(text, sizeof text, "%.*s", (int)(s.n > KEPT_MAX_WHERE + 90 ? KEPT_MAX_WHERE + 90 : s.n),
                   (const char *)s.p);
    int rc = kept_provider_parse(text, &a, &err);
    if (rc != 0) {
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
        return;
    }
    kept_provider_words(&a, again);
    if (a.words == KEPT_WORDS_FD && a.kind == KEPT_BY_PASSPHRASE) /* its number is not told */
        return;
    FUZZ_MUST(kept_provider_parse(again, &b, NULL) == 0);
    FUZZ_MUST(a.kind == b.kind && a.words == b.words && strcmp(a.path, b.path) == 0);
}

/* Saving writes where a file really lies, so that it is found from another folder: another text, and the same file. */
static bool same_file(const char *a, const char *b)
{
    char of_a[KEPT_MAX_PATH], of_b[KEPT_MAX_PATH];
    return strcmp(a, b) == 0 || (realpath(a, of_a) != NULL && realpath(b, of_b) != NULL && strcmp(of_a, of_b) == 0);
}

static void provider(struct kept_span s)
{
    struct kept_provider a, b;
    struct kept_err err = {.code = 0};
    char folder[200], path[300];
    fuzz_path(folder, sizeof folder, "provider");
    FUZZ_MUST(kept_dir_make(folder, true, NULL) == 0);
    FUZZ_MUST(kept_path(path, sizeof path, folder, KEPT_PROVIDER_FILE, NULL) == 0);
    fuzz_put(path, s.p, s.n);
    int rc = kept_provider_load(folder, &a, &err);
    if (rc != 0) {
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
        return;
    }
    FUZZ_MUST(kept_provider_save(folder, &a, NULL) == 0);
    FUZZ_MUST(kept_provider_load(folder, &b, NULL) == 0);
    FUZZ_MUST(a.kind == b.kind && a.words == b.words && same_file(a.path, b.path) && a.rounds == b.rounds &&
              a.bytes == b.bytes && memcmp(a.salt, b.salt, sizeof a.salt) == 0 && strcmp(a.root, b.root) == 0);
}

void fuzz_root(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    struct kept_err err = {.code = 0};
    struct kept_buf text;
    char path[200];
    uint8_t what = fuzz_u8(&f) % 5;
    if (what == 3) {
        words(fuzz_rest(&f));
        return;
    }
    if (what == 4) {
        provider(fuzz_rest(&f));
        return;
    }
    fuzz_path(path, sizeof path, "root");
    (void)unlink(path);
    kept_buf_init_secret(&text, 1 << 18);
    if (what == 0) { /* a file */
        struct kept_root *root = NULL;
        struct kept_span s = fuzz_rest(&f);
        fuzz_put(path, s.p, s.n);
        int rc = kept_root_load(path, &root, &err);
        if (rc == 0)
            load(path, NULL);
        else /* fewer bytes than half a key has may be words of ours, by chance */
            fuzz_said(rc, &err, s.n < 32 ? (struct kept_span){NULL, 0} : s);
        kept_root_free(root);
        kept_buf_release(&text);
        return;
    }
    if (what == 1) {
        struct kept_span s = fuzz_rest(&f);
        kept_buf_bytes(&text, s.p, s.n);
    } else {
        paper(&f, &text);
    }
    kept_buf_bytes(&text, "", 0);
    const char *words = text.p == NULL ? "" : (const char *)text.p;
    int rc = kept_root_from_recovery(words, path, &err);
    if (rc == 0)
        load(path, words);
    else
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    FUZZ_MUST(rc == 0 || access(path, F_OK) != 0);
    kept_buf_release(&text);
}

/* Every way to say it, as words and as a file that kept wrote. */
static void provider_seeds(fuzz_give_fn *give)
{
    static const char *const where[] = {"/root/key", "file:/root/key", "passphrase", "passphrase:/root/words",
                                        "passphrase:fd:3", "passphrase:command:/bin/words a b", "command:/bin/key -x"};
    char folder[200], path[300];
    uint8_t seed[2000] = {3};
    fuzz_path(folder, sizeof folder, "provider");
    FUZZ_MUST(kept_dir_make(folder, true, NULL) == 0);
    FUZZ_MUST(kept_path(path, sizeof path, folder, KEPT_PROVIDER_FILE, NULL) == 0);
    for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
        struct kept_provider p;
        size_t n = 0;
        seed[0] = 3;
        memcpy(seed + 1, where[i], strlen(where[i]));
        give(seed, 1 + strlen(where[i]));
        FUZZ_MUST(kept_provider_parse(where[i], &p, NULL) == 0);
        memset(p.salt, 7, sizeof p.salt);
        p.rounds = 3;
        p.bytes = 64 << 20;
        memcpy(p.root, "00112233", 9);
        FUZZ_MUST(kept_provider_save(folder, &p, NULL) == 0);
        uint8_t *file = fuzz_get(path, &n);
        FUZZ_MUST(file != NULL && n < sizeof seed);
        seed[0] = 4;
        memcpy(seed + 1, file, n);
        give(seed, n + 1);
        free(file);
    }
}

void seeds_root(fuzz_give_fn *give)
{
    provider_seeds(give);
    char file[1 + 64 + 2] = {0};
    uint8_t seed[4096] = {2};
    size_t n = 0;
    (void)snprintf(file + 1, sizeof file - 1, "%.64s\n",
                   "00112233445566778899aabbccddeeff0123456789abcdefFEDCBA9876543210");
    give(file, sizeof file - 1);
    give(file, sizeof file - 2);
    memcpy(seed + 1, fuzz_key(), 32);
    give(seed, 33);
    memcpy(seed + 33, "\1\0\7\2   \0\0\20\1a", 11);
    give(seed, 44);
    struct kept_buf text;
    struct fuzz f = fuzz_of(fuzz_key(), 32);
    kept_buf_init(&text, 4000);
    paper(&f, &text);
    n = text.n;
    seed[0] = 1;
    memcpy(seed + 1, text.p, n);
    give(seed, n + 1);
    kept_buf_release(&text);
}
