/* file.h - files that must survive a crash: every write outside SQLite goes through here.
 *
 * Durable means: the bytes were written, the file was synced, and where a name changed the folder
 * was synced too. Every sync names in a word what would be lost without it; the crash tests drop
 * each of them in turn and expect to see that loss. Thread-safe on different descriptors. */
#ifndef KEPT_BASE_FILE_H
#define KEPT_BASE_FILE_H

#include <stdbool.h>

#include "base/buf.h"

/* Join folder and name; KEPT_E_LIMIT when the path is longer than KEPT_MAX_PATH. */
KEPT_MUST_USE int kept_path(char *ret_path, size_t size, const char *folder, const char *name,
                            struct kept_err *err);

/* Make a folder (mode 0700) and sync its parent; existing is fine when may_exist. KEPT_E_CONFLICT. */
KEPT_MUST_USE int kept_dir_make(const char *path, bool may_exist, struct kept_err *err);

/* Make the names in a folder durable. */
KEPT_MUST_USE int kept_dir_sync(const char *path, const char *why, struct kept_err *err);

/* List the plain names in a folder that start with prefix, sorted; the caller frees each and the
 * array with kept_free. */
KEPT_MUST_USE int kept_dir_list(const char *path, const char *prefix, char ***ret_names,
                                size_t *ret_count, struct kept_err *err);
void kept_names_free(char **names, size_t count);

enum kept_file_mode {
    KEPT_FILE_READ,   /* must exist */
    KEPT_FILE_WRITE,  /* must exist; read and write */
    KEPT_FILE_CREATE  /* must not exist; mode 0600; the folder is not synced yet */
};

/* Descriptors are close-on-exec. KEPT_E_NOTFOUND, KEPT_E_CONFLICT (CREATE), KEPT_E_IO. */
KEPT_MUST_USE int kept_file_open(const char *path, enum kept_file_mode mode, int *ret_fd,
                                 struct kept_err *err);
void kept_file_close(int fd); /* fd < 0 is a no-op */

KEPT_MUST_USE int kept_file_write(int fd, uint64_t at, const void *p, size_t n,
                                  struct kept_err *err);
KEPT_MUST_USE int kept_file_sync(int fd, const char *why, struct kept_err *err);
KEPT_MUST_USE int kept_file_truncate(int fd, uint64_t size, struct kept_err *err);
KEPT_MUST_USE int kept_file_size(int fd, uint64_t *ret_size, struct kept_err *err);

/* Read exactly n bytes at an offset; KEPT_E_CORRUPT when the file is shorter. */
KEPT_MUST_USE int kept_file_read(int fd, uint64_t at, void *p, size_t n, struct kept_err *err);

/* Append a whole file to buf (its max is the limit). KEPT_E_NOTFOUND, KEPT_E_IO, KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_file_load(const char *path, struct kept_buf *buf, struct kept_err *err);

/* Replace (or create) folder/name atomically and durably: temporary file, sync, rename, sync of the
 * folder. After a crash the name holds the old content or the new, whole. */
KEPT_MUST_USE int kept_file_replace(const char *folder, const char *name, struct kept_span content,
                                    const char *why, struct kept_err *err);

/* Overwrite with zeros, sync, unlink, sync the folder. Absent is success. */
KEPT_MUST_USE int kept_file_destroy(const char *folder, const char *name, struct kept_err *err);

/* Give a whole and synced file its name, durably. KEPT_E_CONFLICT: somebody has that name. */
KEPT_MUST_USE int kept_file_name(const char *from, const char *to, const char *why,
                                 struct kept_err *err);

bool kept_file_exists(const char *path);

/* What group and others may not have of a folder or file. */
#define KEPT_CLOSED 077u           /* anything */
#define KEPT_CLOSED_BUT_READ 027u  /* the group may read, for backups */
#define KEPT_NOT_WRITTEN 022u      /* writing: for files in a folder that is closed itself; root's will do, too */
/* kept_dir_guard(path, forbidden, what, err), kept_file_guard: is it ours, of its kind, and without
 * these bits? A file may be no link. KEPT_E_USAGE: it is not; err says what ("the keyring"), where and
 * how to mend it. KEPT_E_NOTFOUND, KEPT_E_IO. */
KEPT_MUST_USE int kept_dir_guard(const char *path, unsigned forbidden, const char *what,
                                 struct kept_err *err);
KEPT_MUST_USE int kept_file_guard(const char *path, unsigned forbidden, const char *what,
                                  struct kept_err *err);

/* Own path (created if need be) with an exclusive lock that dies with the process.
 * KEPT_E_BUSY: another process, or another handle of this one, has it. Release: kept_file_close. */
KEPT_MUST_USE int kept_file_lock(const char *path, int *ret_fd, struct kept_err *err);

#endif
