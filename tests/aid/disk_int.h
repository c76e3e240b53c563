/* disk_int.h - between the recorder (disk.c) and the calls it sits in front of (disk_calls.c).
 * disk_see_* and the rest are called with the lock held. */
#ifndef KEPT_TESTS_DISK_INT_H
#define KEPT_TESTS_DISK_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void disk_lock(void);
void disk_unlock(void);

size_t disk_see_open(const char *path, bool cut); /* the file's node; SIZE_MAX: not recorded */
void disk_see_write(size_t node, uint64_t at, const void *p, size_t n);
void disk_see_truncate(size_t node, uint64_t size);
void disk_see_sync(size_t node, size_t begun, const char *name);
void disk_see_rename(const char *from, const char *to);
void disk_see_link(const char *from, const char *to);
void disk_see_unlink(const char *path);
void disk_see_mkdir(const char *path);
bool disk_is_folder(size_t node);
size_t disk_events_locked(void);

/* In disk_calls.c: forget which descriptor is which file; plain reading and writing past the
 * recorder; the names in a folder (the caller frees each and the list). */
void disk_drop_fds(void);
void disk_read(const char *path, uint8_t *p, size_t n);
void disk_write(const char *path, const uint8_t *p, size_t n);
size_t disk_list(const char *path, char ***ret_list);

#endif
