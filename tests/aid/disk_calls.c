/* disk_calls.c - the calls that change or read a disk, in front of the C library's: count, perhaps fail,
 * do, record. All are weak: a test may bring its own. They go to the kernel directly, because they run
 * before anything is set up, a sanitizer's included. */
#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "disk_int.h"
#include "kept.h"

/* Exported, so that the libraries the test is linked with find them first. */
#define WEAK __attribute__((weak, visibility("default")))
#define MAX_FD 4096
#define NO_NODE SIZE_MAX

static struct {
    size_t node;    /* one more than it is; 0: not recorded */
    char path[256]; /* empty: closed, or not opened by name */
} fds[MAX_FD];

static struct {
    char root[1024]; /* empty: nothing fails */
    unsigned kinds;
    long nth, calls, failed;
    int error;
    bool lasting;
} fault;

static _Thread_local const char *why; /* what kept calls the sync it is doing */

/* ---- failing -----------------------------------------------------------------------------------*/

static bool below(const char *path, const char *root)
{
    size_t n = strlen(root);
    return n > 0 && strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == 0);
}

/* With the lock held: does this call fail? */
static bool fails(unsigned kind, bool here)
{
    if (!here || fault.root[0] == 0 || (fault.kinds & kind) == 0)
        return false;
    long call = fault.calls++;
    if (fault.nth < 0 || (fault.lasting ? call < fault.nth : call != fault.nth))
        return false;
    fault.failed++;
    return true;
}

static bool fails_path(unsigned kind, const char *path)
{
    return fails(kind, below(path, fault.root));
}

static bool fails_fd(unsigned kind, int fd)
{
    return fd >= 0 && fd < MAX_FD && fails_path(kind, fds[fd].path);
}

void disk_fail(const char *root, unsigned kinds, long nth, int error, bool lasting)
{
    disk_lock();
    (void)snprintf(fault.root, sizeof fault.root, "%s", root);
    fault.kinds = kinds;
    fault.nth = nth;
    fault.error = error;
    fault.lasting = lasting;
    fault.calls = fault.failed = 0;
    disk_unlock();
}

void disk_fail_off(void)
{
    disk_lock();
    fault.root[0] = 0;
    disk_unlock();
}

long disk_calls(void)
{
    return fault.calls;
}

long disk_failed(void)
{
    return fault.failed;
}

/* ---- descriptors -------------------------------------------------------------------------------*/

static size_t node_of(int fd)
{
    return fd >= 0 && fd < MAX_FD && fds[fd].node != 0 ? fds[fd].node - 1 : NO_NODE;
}

void disk_drop_fds(void)
{
    for (size_t i = 0; i < MAX_FD; i++)
        fds[i].node = 0;
}

/* ---- opening and closing -----------------------------------------------------------------------*/

static int do_open(int at, const char *path, int flags, unsigned mode)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    struct stat st;
    if (at != AT_FDCWD && path[0] != '/') /* not used by anything under test */
        return (int)syscall(SYS_openat, at, path, flags, mode);
    disk_lock();
    bool there = (flags & O_CREAT) == 0 || lstat(path, &st) == 0;
    if (fails_path(!there ? DISK_CREATE : writes ? DISK_OPEN : DISK_READ, path)) {
        disk_unlock();
        errno = fault.error;
        return -1;
    }
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    int saved = errno;
    if (fd >= 0 && fd < MAX_FD) {
        size_t node = disk_see_open(path, (flags & O_TRUNC) != 0);
        fds[fd].node = node == NO_NODE ? 0 : node + 1;
        (void)snprintf(fds[fd].path, sizeof fds[fd].path, "%.*s", (int)sizeof fds[fd].path - 1,
                       path);
    }
    disk_unlock();
    errno = saved;
    return fd;
}

#define MODE_OF(flags, mode)                                                                       \
    unsigned mode = 0;                                                                             \
    if (((flags)&O_CREAT) != 0) {                                                                  \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        mode = va_arg(list, unsigned);                                                             \
        va_end(list);                                                                              \
    }

int open(const char *path, int flags, ...);
int open64(const char *path, int flags, ...);
int openat(int at, const char *path, int flags, ...);
int openat64(int at, const char *path, int flags, ...);

WEAK int open(const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    return do_open(AT_FDCWD, path, flags, mode);
}

WEAK int open64(const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    return do_open(AT_FDCWD, path, flags, mode);
}

WEAK int openat(int at, const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    return do_open(at, path, flags, mode);
}

WEAK int openat64(int at, const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    return do_open(at, path, flags, mode);
}

WEAK int close(int fd)
{
    disk_lock();
    if (fd >= 0 && fd < MAX_FD) {
        fds[fd].node = 0;
        fds[fd].path[0] = 0;
    }
    disk_unlock();
    return (int)syscall(SYS_close, fd);
}

/* ---- writing -----------------------------------------------------------------------------------*/

static ssize_t do_write(int fd, const void *p, size_t n, off_t at, bool placed)
{
    disk_lock();
    if (fails_fd(DISK_WRITE, fd)) {
        disk_unlock();
        errno = fault.error;
        return -1;
    }
    ssize_t done = placed ? syscall(SYS_pwrite64, fd, p, n, at) : syscall(SYS_write, fd, p, n);
    int saved = errno;
    size_t node = node_of(fd);
    if (done > 0 && node != NO_NODE) {
        if (!placed)
            at = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) - done;
        disk_see_write(node, (uint64_t)at, p, (size_t)done);
    }
    disk_unlock();
    errno = saved;
    return done;
}

WEAK ssize_t write(int fd, const void *p, size_t n)
{
    return do_write(fd, p, n, 0, false);
}

WEAK ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return do_write(fd, p, n, at, true);
}

WEAK ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    return do_write(fd, p, n, at, true);
}

/* ---- reading -----------------------------------------------------------------------------------*/

static ssize_t do_read(int fd, void *p, size_t n, off_t at, bool placed)
{
    disk_lock();
    bool no = fails_fd(DISK_READ, fd);
    disk_unlock();
    if (no) {
        errno = fault.error;
        return -1;
    }
    return placed ? syscall(SYS_pread64, fd, p, n, at) : syscall(SYS_read, fd, p, n);
}

WEAK ssize_t read(int fd, void *p, size_t n)
{
    return do_read(fd, p, n, 0, false);
}

WEAK ssize_t pread(int fd, void *p, size_t n, off_t at)
{
    return do_read(fd, p, n, at, true);
}

WEAK ssize_t pread64(int fd, void *p, size_t n, off64_t at)
{
    return do_read(fd, p, n, at, true);
}

/* As what is built with _FORTIFY_SOURCE calls it. */
ssize_t __pread_chk(int fd, void *p, size_t n, off_t at, size_t room);
WEAK ssize_t __pread_chk(int fd, void *p, size_t n, off_t at, size_t room)
{
    return n > room ? -1 : do_read(fd, p, n, at, true);
}

/* ---- looking -----------------------------------------------------------------------------------*/

WEAK int fstat(int fd, struct stat *ret)
{
    disk_lock();
    bool no = fails_fd(DISK_LOOK, fd);
    disk_unlock();
    if (no) {
        errno = fault.error;
        return -1;
    }
    return (int)syscall(SYS_fstat, fd, ret);
}

/* ---- cutting -----------------------------------------------------------------------------------*/

static int do_truncate(int fd, off_t size)
{
    disk_lock();
    if (fails_fd(DISK_TRUNCATE, fd)) {
        disk_unlock();
        errno = fault.error;
        return -1;
    }
    int rc = (int)syscall(SYS_ftruncate, fd, size);
    int saved = errno;
    if (rc == 0 && node_of(fd) != NO_NODE)
        disk_see_truncate(node_of(fd), (uint64_t)size);
    disk_unlock();
    errno = saved;
    return rc;
}

WEAK int ftruncate(int fd, off_t size)
{
    return do_truncate(fd, size);
}

WEAK int ftruncate64(int fd, off64_t size)
{
    return do_truncate(fd, size);
}

/* ---- syncing -----------------------------------------------------------------------------------*/

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int do_sync(int fd, long call)
{
    char name[160];
    disk_lock();
    if (fails_fd(DISK_SYNC, fd)) {
        disk_unlock();
        errno = fault.error;
        return -1;
    }
    size_t node = node_of(fd), begun = disk_events_locked();
    if (node == NO_NODE) {
        disk_unlock();
        return (int)syscall(call, fd);
    }
    if (disk_is_folder(node))
        (void)snprintf(name, sizeof name, "%s (folder)", why == NULL ? "sqlite" : why);
    else
        (void)snprintf(name, sizeof name, "%s%s", why == NULL ? "sqlite " : why,
                       why == NULL ? last_part(fds[fd].path) : "");
    /* Recorded files live on the recorder's disk: what the machine's own disk holds is all one. */
    disk_see_sync(node, begun, name);
    disk_unlock();
    return 0;
}

WEAK int fsync(int fd)
{
    return do_sync(fd, SYS_fsync);
}

WEAK int fdatasync(int fd)
{
    return do_sync(fd, SYS_fdatasync);
}

/* kept's own syncs say why; programs linked with --wrap pass here. */
#define TELL(name, params, args, words)                                                            \
    WEAK int __real_##name params;                                                                 \
    int __wrap_##name params;                                                                      \
    int __wrap_##name params                                                                       \
    {                                                                                              \
        const char *before = why;                                                                  \
        why = (words);                                                                             \
        int rc = __real_##name args;                                                               \
        why = before;                                                                              \
        return rc;                                                                                 \
    }

TELL(kept_file_sync, (int fd, const char *words, struct kept_err *err), (fd, words, err), words)
TELL(kept_dir_sync, (const char *path, const char *words, struct kept_err *err),
     (path, words, err), words)
TELL(kept_dir_make, (const char *path, _Bool may_exist, struct kept_err *err),
     (path, may_exist, err), "a new folder's name")
TELL(kept_file_replace,
     (const char *folder, const char *name, struct kept_span content, const char *words,
      struct kept_err *err),
     (folder, name, content, words, err), words)
TELL(kept_file_destroy, (const char *folder, const char *name, struct kept_err *err),
     (folder, name, err), "a destruction")

/* ---- names -------------------------------------------------------------------------------------*/

static int fault_code(void)
{
    disk_unlock();
    errno = fault.error;
    return -1;
}

static int finish(long rc)
{
    int saved = errno;
    disk_unlock();
    errno = saved;
    return (int)rc;
}

WEAK int rename(const char *from, const char *to)
{
    disk_lock();
    if (fails_path(DISK_RENAME, to))
        return fault_code();
    long rc = syscall(SYS_rename, from, to);
    if (rc == 0)
        disk_see_rename(from, to);
    return finish(rc);
}

WEAK int link(const char *from, const char *to)
{
    disk_lock();
    if (fails_path(DISK_CREATE, to))
        return fault_code();
    long rc = syscall(SYS_link, from, to);
    if (rc == 0)
        disk_see_link(from, to);
    return finish(rc);
}

WEAK int unlink(const char *path)
{
    disk_lock();
    if (fails_path(DISK_UNLINK, path))
        return fault_code();
    long rc = syscall(SYS_unlink, path);
    if (rc == 0)
        disk_see_unlink(path);
    return finish(rc);
}

WEAK int rmdir(const char *path)
{
    disk_lock();
    if (fails_path(DISK_UNLINK, path))
        return fault_code();
    long rc = syscall(SYS_rmdir, path);
    if (rc == 0)
        disk_see_unlink(path);
    return finish(rc);
}

WEAK int mkdir(const char *path, mode_t mode)
{
    disk_lock();
    if (fails_path(DISK_MKDIR, path))
        return fault_code();
    long rc = syscall(SYS_mkdir, path, mode);
    if (rc == 0)
        disk_see_mkdir(path);
    return finish(rc);
}

/* ---- for the recorder itself -------------------------------------------------------------------*/

void disk_read(const char *path, uint8_t *p, size_t n)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    for (size_t done = 0; done < n;) {
        long got = syscall(SYS_read, fd, p + done, n - done);
        if (got <= 0)
            abort();
        done += (size_t)got;
    }
    (void)syscall(SYS_close, fd);
}

void disk_write(const char *path, const uint8_t *p, size_t n)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        abort();
    for (size_t done = 0; done < n;) {
        long put = syscall(SYS_write, fd, p + done, n - done);
        if (put <= 0)
            abort();
        done += (size_t)put;
    }
    (void)syscall(SYS_close, fd);
}

size_t disk_list(const char *path, char ***ret_list)
{
    size_t n = 0;
    DIR *dir = opendir(path);
    if (dir == NULL)
        abort();
    *ret_list = NULL;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        char **list = realloc(*ret_list, (n + 1) * sizeof **ret_list);
        if (list == NULL || (list[n] = strdup(e->d_name)) == NULL)
            abort();
        *ret_list = list;
        n++;
    }
    (void)closedir(dir);
    return n;
}
