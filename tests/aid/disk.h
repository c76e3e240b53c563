/* disk.h - a disk for tests: everything the program under test does to the files below a folder is
 * recorded, and can be lost the way a power cut loses it; and any of it can be made to fail.
 *
 * disk.c defines write, pwrite, fsync, rename and so on, in front of the C library's, so that it
 * sees SQLite's calls and kept's alike (tests are linked with -rdynamic). A test that defines one of
 * them itself keeps its own. Files opened before recording begins are not seen; neither is memory
 * mapping (SQLite's -shm file, which is rebuilt after a crash and is in no image).
 *
 * What counts as durable: the bytes of a file when that file was synced after they were written; a
 * name (made, renamed, removed) when its folder was synced afterwards. Nothing else: a synced file
 * whose name was not synced is not there. A sync covers what was done before it began.
 *
 * Every sync has a name. kept's own carry the words given to kept_file_sync and its relatives, with
 * " (folder)" behind it for a folder; the programs that need them are linked with --wrap (see the
 * Makefile). SQLite's are called "sqlite NAME-OF-FILE" and "sqlite (folder)".
 *
 * Threads: any; failures of the recorder itself abort. */
#ifndef KEPT_TESTS_DISK_H
#define KEPT_TESTS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- recording ---------------------------------------------------------------------------------*/

/* From now on, record what happens below root (an absolute path). What is there already is durable.
 * One recording at a time. */
void disk_record(const char *root);
void disk_stop(void);       /* record no more; images can still be made */
void disk_forget(void);     /* stop, and free everything */
size_t disk_events(void);   /* so far; note it when an operation is acknowledged */
/* One line of what event index was, for a failing test to print. */
void disk_describe(size_t index, char *ret_text, size_t size);

/* The distinct names of the syncs so far. */
size_t disk_sync_count(void);
const char *disk_sync_name(size_t index);
/* How often a sync of that name happened among the first cut events. */
size_t disk_sync_times(const char *name, size_t cut);
/* The event of the nth such sync (from 0); SIZE_MAX when there is none. */
size_t disk_sync_event(const char *name, size_t nth);

enum disk_loss {
    DISK_SYNCED, /* only what is durable */
    DISK_SUBSET, /* and any subset of the rest: file by file none, all or some of it */
    DISK_TORN    /* and of the writes among them any 512-byte sectors */
};

struct disk_image {
    size_t cut;       /* the power goes after so many events */
    enum disk_loss loss;
    uint64_t seed;    /* which subset */
    const char *drop; /* NULL, or the name of a sync that never happened */
    const char *lost; /* NULL, or a folder for the files that no name leads to any more: a look at
                       * the bare disk, where only overwriting removes anything */
};

/* Make what a disk would hold in folder to, which is there and empty. */
void disk_build(const struct disk_image *image, const char *to);

/* ---- failing -----------------------------------------------------------------------------------*/

enum {
    DISK_OPEN = 1u << 0,     /* of what exists, to write */
    DISK_CREATE = 1u << 1,
    DISK_WRITE = 1u << 2,
    DISK_TRUNCATE = 1u << 3,
    DISK_SYNC = 1u << 4,
    DISK_RENAME = 1u << 5,
    DISK_UNLINK = 1u << 6,
    DISK_MKDIR = 1u << 7,
    DISK_ALL = (1u << 8) - 1, /* of what changes something */
    DISK_READ = 1u << 8,      /* and opening to read */
    DISK_LOOK = 1u << 9       /* at an open file: fstat */
};

/* The nth call (from 0) of these kinds below root fails with an errno; with lasting, all that come
 * after it too. nth < 0: none fails, they are only counted. Replaces what was set before. */
void disk_fail(const char *root, unsigned kinds, long nth, int error, bool lasting);
void disk_fail_off(void);
long disk_calls(void);  /* calls of these kinds since disk_fail */
long disk_failed(void); /* how many of them failed */

#endif
