/* fuzz.c - what the fuzz targets share. */
#include "fuzz.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"

_Noreturn void fuzz_broken(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, what);
    abort();
}

uint16_t fuzz_u16(struct fuzz *f)
{
    uint16_t high = fuzz_u8(f);
    return (uint16_t)(high << 8 | fuzz_u8(f));
}

uint32_t fuzz_u32(struct fuzz *f)
{
    uint32_t high = fuzz_u16(f);
    return high << 16 | fuzz_u16(f);
}

uint64_t fuzz_u64(struct fuzz *f)
{
    uint64_t high = fuzz_u32(f);
    return high << 32 | fuzz_u32(f);
}

uint32_t fuzz_below(struct fuzz *f, uint32_t below)
{
    return below <= 1 ? 0 : (below <= 256 ? fuzz_u8(f) : fuzz_u32(f)) % below;
}

struct kept_span fuzz_bytes(struct fuzz *f, size_t n)
{
    struct kept_span s = {f->p, n < f->n ? n : f->n};
    f->p += s.n;
    f->n -= s.n;
    return s;
}

struct kept_span fuzz_rest(struct fuzz *f)
{
    return fuzz_bytes(f, f->n);
}

uint64_t fuzz_number(struct fuzz *f)
{
    static const uint64_t edges[] = {0, 1, 2, 127, 128, 255, 256, 65535, 65536, INT32_MAX,
                                     (uint64_t)INT32_MAX + 1, UINT32_MAX, (uint64_t)UINT32_MAX + 1,
                                     INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    uint8_t which = fuzz_u8(f);
    if (which < sizeof edges / sizeof edges[0])
        return edges[which];
    return which < 128 ? fuzz_u8(f) : which < 192 ? fuzz_u32(f) : fuzz_u64(f);
}

static void insert(struct kept_buf *buf, size_t at, struct kept_span what)
{
    if (kept_buf_room(buf, what.n) == NULL)
        return;
    memmove(buf->p + at + what.n, buf->p + at, buf->n - what.n - at);
    memcpy(buf->p + at, what.p, what.n);
}

void fuzz_edit(struct fuzz *f, struct kept_buf *buf)
{
    while (f->n >= 4) {
        uint8_t what = fuzz_u8(f);
        size_t at = buf->n == 0 ? 0 : fuzz_u16(f) % (buf->n + 1), left = buf->n - at;
        struct kept_span s = fuzz_bytes(f, fuzz_u8(f) % 64u + 1);
        if (s.n == 0)
            return;
        if (what % 4 == 0) {
            memcpy(buf->p == NULL ? (uint8_t *)&left : buf->p + at, s.p, left < s.n ? left : s.n);
        } else if (what % 4 == 1) {
            insert(buf, at, s);
        } else if (what % 4 == 2) {
            size_t gone = left < s.n ? left : s.n;
            if (gone != 0)
                memmove(buf->p + at, buf->p + at + gone, left - gone);
            buf->n -= gone;
        } else if (left != 0) {
            buf->p[at] ^= (uint8_t)(1u << (s.p[0] & 7));
        }
    }
}

/* ---- around ---- */

static char folder[64];
static uint8_t public_key[KEPT_SIGN_PUBLIC_BYTES];

const uint8_t *fuzz_key(void)
{
    static const uint8_t key[32] = "a key that everybody has known.";
    return key;
}

const uint8_t *fuzz_public(void)
{
    return public_key;
}

static void tidy(void)
{
    fuzz_remove(folder);
}

void fuzz_start(void)
{
    if (folder[0] != 0)
        return;
    FUZZ_MUST(kept_crypto_init() == 0);
    kept_sign_public(fuzz_key(), public_key);
    (void)snprintf(folder, sizeof folder, "%s/kept-fuzz-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    FUZZ_MUST(mkdtemp(folder) != NULL);
    FUZZ_MUST(atexit(tidy) == 0);
}

const char *fuzz_folder(void)
{
    return folder;
}

void fuzz_path(char *out, size_t size, const char *name)
{
    int n = snprintf(out, size, "%s/%s", folder, name);
    FUZZ_MUST(n > 0 && (size_t)n < size);
}

void fuzz_put(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    FUZZ_MUST(f != NULL && fchmod(fileno(f), 0600) == 0);
    FUZZ_MUST(n == 0 || fwrite(p, 1, n, f) == n);
    FUZZ_MUST(fclose(f) == 0);
}

uint8_t *fuzz_get(const char *path, size_t *ret_n)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    FUZZ_MUST(fstat(fileno(f), &st) == 0);
    uint8_t *p = malloc((size_t)st.st_size + 1);
    FUZZ_MUST(p != NULL);
    *ret_n = fread(p, 1, (size_t)st.st_size, f);
    (void)fclose(f);
    return p;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

void fuzz_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void fuzz_said(int rc, const struct kept_err *err, struct kept_span secret)
{
    size_t n = strnlen(err->text, sizeof err->text);
    FUZZ_MUST(rc <= 0 && rc >= -64 && rc != KEPT_E_BUG);
    FUZZ_MUST(n < sizeof err->text);
    FUZZ_MUST(secret.n < 6 || memmem(err->text, n, secret.p, secret.n) == NULL);
}
