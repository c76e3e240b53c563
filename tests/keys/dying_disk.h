/* dying_disk.h - a disk that dies at step N, for every N. Steps are the system calls that change the disk; they
 * are taken over here, in front of the C library's. */
#ifndef KEPT_TESTS_DYING_DISK_H
#define KEPT_TESTS_DYING_DISK_H

#include "keys_aid.h"

#include <dlfcn.h>
#include <errno.h>

static long steps;          /* taken so far */
static long dies_at = -1;   /* -1: never */
static bool once;           /* only that step fails, and the disk lives on */

static inline bool dead(void)
{
    steps++;
    if (dies_at < 0 || (once ? steps != dies_at : steps < dies_at))
        return false;
    errno = EIO;
    return true;
}

static inline void *real(const char *name)
{
    void *p = dlsym(RTLD_NEXT, name);
    if (p == NULL)
        abort();
    return p;
}

#define CALL(name)                                                                                 \
    __typeof__(&name) call;                                                                        \
    void *at = real(#name);                                                                        \
    memcpy(&call, &at, sizeof call)

ssize_t pwrite(int fd, const void *p, size_t n, off_t at_byte);
ssize_t pwrite(int fd, const void *p, size_t n, off_t at_byte)
{
    CALL(pwrite);
    if (!dead())
        return call(fd, p, n, at_byte);
    if (n > 1 && call(fd, p, n / 2, at_byte) < 0) /* a torn write: half of it arrives */
        abort();
    errno = EIO;
    return -1;
}

int fdatasync(int fd)
{
    CALL(fdatasync);
    return dead() ? -1 : call(fd);
}

int rename(const char *from, const char *to)
{
    CALL(rename);
    return dead() ? -1 : call(from, to);
}

int unlink(const char *path)
{
    CALL(unlink);
    return dead() ? -1 : call(path);
}

int ftruncate(int fd, off_t size)
{
    CALL(ftruncate);
    return dead() ? -1 : call(fd, size);
}

int mkdir(const char *path, mode_t mode)
{
    CALL(mkdir);
    return dead() ? -1 : call(path, mode);
}

static inline void die_at(long n, bool only_once)
{
    steps = 0;
    dies_at = n;
    once = only_once;
}

static inline void revive(void)
{
    dies_at = -1;
}

/* Was the last step beyond everything there is to do? A step may also fail and not matter. */
static inline bool survived(int rc, long n)
{
    if (steps >= n)
        return false;
    assert_int_equal(rc, 0);
    return true;
}

static const char aad_text[] = "aad";
static const uint8_t plain[64] = {7, 7, 7};

struct boxes {
    uint8_t box[4][128];
    size_t n;
};

static inline void wrap(struct kept_keyring *k, uint32_t epoch, struct boxes *b)
{
    b->n = sizeof plain + kept_keyring_wrap_overhead(k);
    assert_int_equal(kept_keyring_wrap(k, epoch, text_of(aad_text), span_of(plain, sizeof plain),
                                       b->box[epoch]), 0);
}

static inline int unwrap(struct kept_keyring *k, uint32_t epoch, struct boxes *b)
{
    uint8_t out[sizeof plain];
    int rc = kept_keyring_unwrap(k, epoch, text_of(aad_text), span_of(b->box[epoch], b->n), out);
    if (rc == 0)
        assert_memory_equal(out, plain, sizeof plain);
    return rc;
}

#endif
