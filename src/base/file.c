/* file.c - durable files on POSIX. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"

#define MODE_FILE 0600
#define MODE_DIR 0700
#define MAX_NAMES 100000u

int kept_path(char *ret_path, size_t size, const char *folder, const char *name,
              struct kept_err *err)
{
    int n = snprintf(ret_path, size, "%s/%s", folder, name);
    if (n < 0 || (size_t)n >= size)
        return kept_fail(err, KEPT_E_LIMIT, "the path %.80s/%s is too long", folder, name);
    return 0;
}

/* The folder that holds path, as text of at most size bytes. */
static int parent_of(const char *path, char *ret_parent, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash == NULL ? "." : path;
    size_t n = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
    if (n >= size)
        return KEPT_E_LIMIT;
    memcpy(ret_parent, from, n);
    ret_parent[n] = 0;
    return 0;
}

int kept_dir_sync(const char *path, const char *why, struct kept_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot open folder %s", path);
    int rc = kept_file_sync(fd, why, err);
    kept_file_close(fd);
    return rc;
}

int kept_dir_make(const char *path, bool may_exist, struct kept_err *err)
{
    char parent[KEPT_MAX_PATH];
    if (mkdir(path, MODE_DIR) != 0) {
        if (errno == EEXIST && may_exist)
            return 0;
        if (errno == EEXIST)
            return kept_fail(err, KEPT_E_CONFLICT, "%s exists already", path);
        return kept_fail_errno(err, KEPT_E_IO, "cannot make folder %s", path);
    }
    if (parent_of(path, parent, sizeof parent) != 0)
        return kept_fail(err, KEPT_E_LIMIT, "the path %.80s is too long", path);
    return kept_dir_sync(parent, "a new folder's name", err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void kept_names_free(char **names, size_t count)
{
    for (size_t i = 0; names != NULL && i < count; i++)
        kept_free(names[i]);
    kept_free(names);
}

int kept_dir_list(const char *path, const char *prefix, char ***ret_names, size_t *ret_count,
                  struct kept_err *err)
{
    int rc = KEPT_E_BUG;
    char **names = NULL;
    size_t count = 0, cap = 0;
    *ret_names = NULL;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return kept_fail_errno(err, errno == ENOENT ? KEPT_E_NOTFOUND : KEPT_E_IO,
                               "cannot read folder %s", path);
    for (;;) {
        errno = 0;
        struct dirent *e = readdir(dir);
        if (e == NULL) {
            if (errno != 0) {
                rc = kept_fail_errno(err, KEPT_E_IO, "cannot read folder %s", path);
                goto out;
            }
            break;
        }
        if (e->d_name[0] == '.' || strncmp(e->d_name, prefix, strlen(prefix)) != 0)
            continue;
        if ((rc = kept_grow(&names, &cap, count + 1, MAX_NAMES, sizeof *names)) != 0 ||
            (names[count] = kept_strdup(e->d_name)) == NULL) {
            rc = kept_fail(err, rc != 0 ? rc : KEPT_E_NOMEM, "folder %s has too many names", path);
            goto out;
        }
        count++;
    }
    if (count > 1)
        qsort(names, count, sizeof *names, by_name);
    *ret_names = names;
    *ret_count = count;
    names = NULL;
    rc = 0;
out:
    kept_names_free(names, count);
    (void)closedir(dir);
    return rc;
}

int kept_file_open(const char *path, enum kept_file_mode mode, int *ret_fd, struct kept_err *err)
{
    int flags = mode == KEPT_FILE_READ ? O_RDONLY : O_RDWR | O_NOFOLLOW;
    if (mode == KEPT_FILE_CREATE)
        flags |= O_CREAT | O_EXCL;
    int fd = open(path, flags | O_CLOEXEC, MODE_FILE);
    if (fd < 0)
        return kept_fail_errno(err,
                               errno == ENOENT   ? KEPT_E_NOTFOUND
                               : errno == EEXIST ? KEPT_E_CONFLICT
                                                 : KEPT_E_IO,
                               "cannot open %s", path);
    *ret_fd = fd;
    return 0;
}

void kept_file_close(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

int kept_file_write(int fd, uint64_t at, const void *p, size_t n, struct kept_err *err)
{
    const uint8_t *from = p;
    while (n > 0) {
        ssize_t done = pwrite(fd, from, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return kept_fail_errno(err, KEPT_E_IO, "cannot write");
        from += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return 0;
}

int kept_file_sync(int fd, const char *why, struct kept_err *err)
{
    if (fdatasync(fd) != 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot sync %s", why);
    return 0;
}

int kept_file_truncate(int fd, uint64_t size, struct kept_err *err)
{
    if (ftruncate(fd, (off_t)size) != 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot cut a file");
    return 0;
}

int kept_file_size(int fd, uint64_t *ret_size, struct kept_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot look at a file");
    *ret_size = (uint64_t)st.st_size;
    return 0;
}

int kept_file_read(int fd, uint64_t at, void *p, size_t n, struct kept_err *err)
{
    uint8_t *to = p;
    while (n > 0) {
        ssize_t done = pread(fd, to, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return kept_fail_errno(err, KEPT_E_IO, "cannot read");
        if (done == 0)
            return kept_fail(err, KEPT_E_CORRUPT, "a file ends %zu bytes too early", n);
        to += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return 0;
}

int kept_file_load(const char *path, struct kept_buf *buf, struct kept_err *err)
{
    int fd = -1;
    uint64_t size = 0;
    int rc = kept_file_open(path, KEPT_FILE_READ, &fd, err);
    if (rc == 0)
        rc = kept_file_size(fd, &size, err);
    if (rc == 0) {
        uint8_t *at = size > buf->max ? NULL : kept_buf_room(buf, (size_t)size);
        if (at == NULL)
            rc = kept_fail(err, buf->failed != 0 ? buf->failed : KEPT_E_LIMIT, "%s is too large",
                           path);
        else
            rc = kept_file_read(fd, 0, at, (size_t)size, err);
    }
    kept_file_close(fd);
    return rc;
}

int kept_file_replace(const char *folder, const char *name, struct kept_span content,
                      const char *why, struct kept_err *err)
{
    char path[KEPT_MAX_PATH], temp[KEPT_MAX_PATH];
    int fd = -1;
    int rc = kept_path(path, sizeof path, folder, name, err);
    if (rc != 0)
        return rc;
    int n = snprintf(temp, sizeof temp, "%s/.%s.new", folder, name);
    if (n < 0 || (size_t)n >= sizeof temp)
        return kept_fail(err, KEPT_E_LIMIT, "the path %.80s is too long", path);
    (void)unlink(temp); /* left behind by a crash */
    if ((rc = kept_file_open(temp, KEPT_FILE_CREATE, &fd, err)) != 0)
        return rc;
    if ((rc = kept_file_write(fd, 0, content.p, content.n, err)) == 0)
        rc = kept_file_sync(fd, why, err);
    kept_file_close(fd);
    if (rc == 0 && rename(temp, path) != 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot rename to %s", path);
    if (rc != 0) {
        (void)unlink(temp);
        return rc;
    }
    return kept_dir_sync(folder, why, err);
}

int kept_file_name(const char *from, const char *to, const char *why, struct kept_err *err)
{
    char folder[KEPT_MAX_PATH];
    const char *slash = strrchr(to, '/');
    size_t n = slash == NULL ? 1 : slash == to ? 1 : (size_t)(slash - to);
    if (n >= sizeof folder)
        return kept_fail(err, KEPT_E_LIMIT, "the path %.80s is too long", to);
    memcpy(folder, slash == NULL ? "." : to, n);
    folder[n] = 0;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0)
        return kept_fail_errno(err, errno == EEXIST ? KEPT_E_CONFLICT : KEPT_E_IO,
                               "cannot give %.120s its name", to);
    return kept_dir_sync(folder, why, err);
}

int kept_file_destroy(const char *folder, const char *name, struct kept_err *err)
{
    static const uint8_t zeros[4096];
    char path[KEPT_MAX_PATH];
    int fd = -1;
    uint64_t size = 0;
    int rc = kept_path(path, sizeof path, folder, name, err);
    if (rc != 0)
        return rc;
    rc = kept_file_open(path, KEPT_FILE_WRITE, &fd, err);
    if (rc == KEPT_E_NOTFOUND)
        return 0;
    if (rc == 0)
        rc = kept_file_size(fd, &size, err);
    for (uint64_t at = 0; rc == 0 && at < size; at += sizeof zeros)
        rc = kept_file_write(fd, at, zeros,
                             size - at < sizeof zeros ? (size_t)(size - at) : sizeof zeros, err);
    if (rc == 0)
        rc = kept_file_sync(fd, "the destruction of a key", err);
    kept_file_close(fd);
    if (rc == 0 && unlink(path) != 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot remove %s", path);
    return rc != 0 ? rc : kept_dir_sync(folder, "the removal of a key", err);
}

bool kept_file_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static int guard(const char *path, const struct stat *st, unsigned forbidden, const char *what,
                 struct kept_err *err)
{
    unsigned mode = (unsigned)st->st_mode & 07777;
    if (st->st_uid != geteuid() && (st->st_uid != 0 || forbidden != KEPT_NOT_WRITTEN))
        return kept_fail(err, KEPT_E_USAGE,
                         "%s at %.120s belongs to another user: chown it to %u, or run as its owner",
                         what, path, (unsigned)geteuid());
    if ((mode & forbidden) != 0)
        return kept_fail(err, KEPT_E_USAGE, "%s at %.120s is open to others (mode %04o): chmod %03o it",
                         what, path, mode, S_ISDIR(st->st_mode) ? 0700u : 0600u);
    return 0;
}

static int no_look(const char *path, struct kept_err *err)
{
    return kept_fail_errno(err, errno == ENOENT ? KEPT_E_NOTFOUND : KEPT_E_IO, "cannot look at %s",
                           path);
}

int kept_dir_guard(const char *path, unsigned forbidden, const char *what, struct kept_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return no_look(path, err);
    if (!S_ISDIR(st.st_mode))
        return kept_fail(err, KEPT_E_USAGE, "%s at %.120s is no folder", what, path);
    return guard(path, &st, forbidden, what, err);
}

int kept_file_guard(const char *path, unsigned forbidden, const char *what, struct kept_err *err)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return no_look(path, err);
    if (!S_ISREG(st.st_mode))
        return kept_fail(err, KEPT_E_USAGE, "%s at %.120s is no plain file: put the file itself there",
                         what, path);
    return guard(path, &st, forbidden, what, err);
}

int kept_file_lock(const char *path, int *ret_fd, struct kept_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, MODE_FILE);
    if (fd < 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot open the lock %s", path);
    /* flock, not fcntl: it is per open file, so a second handle in this process is refused too. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int rc = errno == EWOULDBLOCK
                     ? kept_fail(err, KEPT_E_BUSY,
                                 "another process owns the store (lock %s): stop it first", path)
                     : kept_fail_errno(err, KEPT_E_IO, "cannot lock %s", path);
        kept_file_close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}
