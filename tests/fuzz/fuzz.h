/* fuzz.h - what the fuzz targets share: bytes of the input taken one after the other, a folder in
 * memory, a promise that must hold, and keys that everybody knows.
 *
 * A target is one function of one input: void fuzz_NAME(bytes, n). It returns, whatever the bytes are;
 * a promise of a header that does not hold is FUZZ_MUST, and aborts. Where a check, a seal or a
 * signature would keep the fuzzer out, the target makes it again, under these keys, so that what lies
 * behind is met, too; a first byte says whether. State is made once and is as it was afterwards.
 * seeds_NAME gives inputs that get past the first checks, made by kept itself.
 * tests/fuzz/targets.def lists them; `make fuzz` makes one libFuzzer program of each, and test_corpus,
 * which needs no fuzzer, runs seeds and corpora. */
#ifndef KEPT_TESTS_FUZZ_H
#define KEPT_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "kept.h"

typedef void fuzz_run_fn(const uint8_t *p, size_t n);
typedef void fuzz_give_fn(const void *p, size_t n);
typedef void fuzz_seeds_fn(fuzz_give_fn *give);
#define X(name)                                                                                    \
    fuzz_run_fn fuzz_##name;                                                                       \
    fuzz_seeds_fn seeds_##name;
#include "targets.def"
#undef X

/* A promise. Says where and aborts. */
#define FUZZ_MUST(cond)                                                                            \
    do {                                                                                           \
        if (!(cond))                                                                               \
            fuzz_broken(__FILE__, __LINE__, #cond);                                                \
    } while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *what);

/* ---- the input, taken from its front; when it is at its end, zeros ---- */

struct fuzz {
    const uint8_t *p;
    size_t n;
};
static inline struct fuzz fuzz_of(const uint8_t *p, size_t n)
{
    return (struct fuzz){p, n};
}
static inline uint8_t fuzz_u8(struct fuzz *f)
{
    if (f->n == 0)
        return 0;
    f->n--;
    return *f->p++;
}
uint16_t fuzz_u16(struct fuzz *f);
uint32_t fuzz_u32(struct fuzz *f);
uint64_t fuzz_u64(struct fuzz *f);
uint32_t fuzz_below(struct fuzz *f, uint32_t below); /* 0 for 0 */
/* At most n bytes, as many as there are. */
struct kept_span fuzz_bytes(struct fuzz *f, size_t n);
struct kept_span fuzz_rest(struct fuzz *f);
/* A number of a few interesting ones, or any. */
uint64_t fuzz_number(struct fuzz *f);

/* Overwrite, cut and insert in buf as the input says: pieces of u8 what, u16 where, u8 how long. */
void fuzz_edit(struct fuzz *f, struct kept_buf *buf);

/* ---- around ---- */

void fuzz_start(void);           /* once; libraries ready, keys made */
const char *fuzz_folder(void);   /* this process's own, in memory where there is such a place */
void fuzz_path(char *out, size_t size, const char *name); /* in it */
/* Replace or create a file; not synced. */
void fuzz_put(const char *path, const void *p, size_t n);
/* A whole file, malloc'ed, or NULL. */
uint8_t *fuzz_get(const char *path, size_t *ret_n);
void fuzz_remove(const char *path); /* a file or a folder with all that is in it */

/* A key for each use: 32 bytes, none of them a secret. */
const uint8_t *fuzz_key(void);
const uint8_t *fuzz_public(void); /* of fuzz_key as a signing seed */

/* An error said something, and nothing of the input. */
void fuzz_said(int rc, const struct kept_err *err, struct kept_span secret);

#endif
