/* sql_wipe.c - no remnant of a deleted cell in store.db.
 *
 * secure_delete zeroes a cell where it is deleted, but not the copies that page splits and merges
 * leave behind: SQLite rebuilds a page by writing its cells from the end, and the old bytes stay in
 * the gap in front of them. Measured: 100 000 cells written in random order, 20 000 of them deleted,
 * log cut; 96 of the deleted were still in the file. A page reaches store.db through one door, the
 * checkpoint's write; there the unused space is zeroed, at the price of copying the page. Pages in
 * the log carry a checksum and stay as they are; scrubbing cuts the log.
 *
 * The door: a copy of the file's methods with our xWrite, and the file pointed at the copy. */
#include "store/sql_int.h"

#include <string.h>

#define HEADER_FIRST 100 /* page 1 starts with the database header */
#define LOCK_PAGE ((1u << 30) / KEPT_STORE_PAGE + 1) /* the page of the lock byte at 1 GiB holds nothing */

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

/* Pages that say where the others belong (auto_vacuum) stand at fixed places. Their first byte can
 * look like a b-tree page's. */
static bool is_pointer_map(uint32_t number)
{
    const uint32_t per = KEPT_STORE_PAGE / 5 + 1;
    if (number < 2)
        return false;
    uint32_t map = (number - 2) / per * per + 2;
    return number == (map == LOCK_PAGE ? map + 1 : map);
}

/* Other pages (overflow, free) start with a page number, and a store has fewer than 2^25 pages
 * (max_page_count), so their first byte is 0 or 1. */
static bool is_tree(uint8_t type)
{
    return type == 2 || type == 5 || type == 10 || type == 13;
}

void kept_wipe_page(uint8_t page[KEPT_STORE_PAGE], uint32_t number)
{
    uint8_t *header = page + (number == 1 ? HEADER_FIRST : 0);
    if (is_pointer_map(number) || !is_tree(header[0]))
        return;
    uint32_t start = (uint32_t)(header - page) + (header[0] < 8 ? 12 : 8) + 2 * be16(header + 3);
    uint32_t end = be16(header + 5);
    if (start > end || end > KEPT_STORE_PAGE)
        return; /* damaged: not ours to judge */
    memset(page + start, 0, end - start);
    /* Free blocks: next (2), size (2), then nothing. They are in ascending order. */
    uint32_t at = be16(header + 1);
    while (at >= end && at + 4 <= KEPT_STORE_PAGE) {
        uint32_t size = be16(page + at + 2), next = be16(page + at);
        if (size < 4 || at + size > KEPT_STORE_PAGE)
            return;
        memset(page + at + 4, 0, size - 4);
        if (next <= at)
            return;
        at = next;
    }
}

static int write_wiped(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
    const struct kept_wipe_file *wipe = (const void *)file->pMethods;
    uint8_t page[KEPT_STORE_PAGE];
    if (n == KEPT_STORE_PAGE && at % KEPT_STORE_PAGE == 0) {
        memcpy(page, p, sizeof page);
        kept_wipe_page(page, (uint32_t)(at / KEPT_STORE_PAGE) + 1);
        p = page;
    }
    return wipe->below->xWrite(file, p, n, at);
}

int kept_wipe_install(struct kept_store *store, struct kept_err *err)
{
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(store->sql->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK || file == NULL || file->pMethods == NULL)
        return kept_fail(err, KEPT_E_IO, "cannot reach the file of the store");
    store->sql->wipe.below = file->pMethods;
    store->sql->wipe.methods = *file->pMethods;
    store->sql->wipe.methods.xWrite = write_wiped;
    file->pMethods = &store->sql->wipe.methods;
    return 0;
}
