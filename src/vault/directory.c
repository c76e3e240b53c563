/* directory.c - which records a person has, and the version each must be. */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"
#include "vault/vault_int.h"

#define ROW_BYTES 16u /* in a page: item, slot, version, class */
#define PAGE_BYTES (KEPT_DIR_PAGE * ROW_BYTES)

static struct kept_span page_aad(uint8_t *aad, const struct kept_subject *subject,
                                 enum kept_suite suite, uint32_t page, uint32_t version)
{
    size_t n = kept_aad_head(aad, suite, subject->app, &subject->id);
    aad[n] = 'D';
    kept_put_be32(aad + n + 1, page);
    kept_put_be32(aad + n + 5, version);
    return (struct kept_span){aad, n + 9};
}

/* While a re-seal is under way a page may still be under the former key. */
static int page_open(const struct kept_subject *subject, enum kept_suite suite,
                     struct kept_span aad, struct kept_span sealed, uint8_t *plain)
{
    const struct kept_subject_keys *k = subject->keys;
    int rc = kept_unseal(suite, k->data[KEPT_CLASS_ORDINARY], aad, sealed, plain);
    if (rc != 0 && k->former_generation[KEPT_CLASS_ORDINARY] != 0)
        rc = kept_unseal(suite, k->former[KEPT_CLASS_ORDINARY], aad, sealed, plain);
    return rc;
}

/* Rows of page p (>= 1) into rows, which holds KEPT_DIR_PAGE. Body: u8 suite, sealed rows. */
static int page_load(struct kept_store *store, const struct kept_subject *subject, uint32_t page,
                     struct kept_dir_row *rows, size_t *ret_count, struct kept_err *err)
{
    uint8_t aad[KEPT_AAD_HEAD + 16], plain[PAGE_BYTES];
    const struct kept_dir_page *p = &subject->pages[page];
    struct kept_span body;
    *ret_count = 0;
    if (p->rows == 0)
        return 0;
    int rc = kept_chunk_get(store, subject->key, page, &body, err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, KEPT_E_CORRUPT, "a page of a person's directory is missing");
    if (rc != 0)
        return rc;
    size_t n = (size_t)p->rows * ROW_BYTES;
    enum kept_suite suite = body.n > 0 ? body.p[0] : 0;
    if (p->rows > KEPT_DIR_PAGE || body.n != 1 + n + kept_seal_overhead(suite) ||
        page_open(subject, suite, page_aad(aad, subject, suite, page, p->version),
                  (struct kept_span){body.p + 1, body.n - 1}, plain) != 0)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "a page of a person's directory does not open: changed outside kept");
    struct kept_cursor c = kept_cursor((struct kept_span){plain, n});
    for (uint32_t i = 0; i < p->rows; i++) {
        rows[i].item = kept_get_u32(&c);
        rows[i].slot = kept_get_u32(&c);
        rows[i].version = kept_get_u32(&c);
        rows[i].class = kept_get_u32(&c);
    }
    kept_wipe(plain, sizeof plain);
    *ret_count = p->rows;
    return 0;
}

static int page_store(struct kept_store *store, struct kept_subject *subject, uint32_t page,
                      const struct kept_dir_row *rows, size_t count, struct kept_err *err)
{
    uint8_t aad[KEPT_AAD_HEAD + 16];
    struct kept_dir_page *p = &subject->pages[page];
    enum kept_suite suite = kept_suite_default();
    struct kept_buf plain, body;
    int rc = kept_subject_count(subject, 1, err);
    if (rc != 0)
        return rc;
    kept_buf_init_secret(&plain, PAGE_BYTES);
    kept_buf_init(&body, PAGE_BYTES + 64);
    p->items = 0;
    p->rows = (uint32_t)count;
    p->version++;
    for (size_t i = 0; i < count; i++) {
        p->items |= 1ull << (rows[i].item & 63);
        kept_buf_u32(&plain, rows[i].item);
        kept_buf_u32(&plain, rows[i].slot);
        kept_buf_u32(&plain, rows[i].version);
        kept_buf_u32(&plain, rows[i].class);
    }
    kept_buf_u8(&body, (uint8_t)suite);
    uint8_t *at = kept_buf_room(&body, plain.n + kept_seal_overhead(suite));
    rc = plain.failed != 0 ? plain.failed : at == NULL ? body.failed : 0;
    if (rc == 0)
        rc = kept_seal_ahead(subject->nonces, suite, subject->keys->data[KEPT_CLASS_ORDINARY],
                             page_aad(aad, subject, suite, page, p->version),
                             kept_buf_span(&plain), at);
    rc = rc != 0 ? kept_fail(err, rc, "cannot seal a page of a person's directory")
                 : kept_chunk_put(store, subject->key, page, kept_buf_span(&body), err);
    kept_buf_release(&plain);
    kept_buf_release(&body);
    return rc;
}

/* Rows beyond the first page, for those few people who have so many. */
static int each_page(struct kept_store *store, const struct kept_subject *subject, uint32_t item,
                     int (*visit)(void *arg, const struct kept_dir_row *row), void *arg,
                     struct kept_err *err)
{
    struct kept_dir_row rows[KEPT_DIR_PAGE];
    for (uint32_t page = 1; page < subject->page_count; page++) {
        size_t count = 0;
        if (item != 0 && (subject->pages[page].items >> (item & 63) & 1) == 0)
            continue;
        int rc = page_load(store, subject, page, rows, &count, err);
        if (rc != 0)
            return rc;
        for (size_t i = 0; i < count; i++)
            if ((item == 0 || rows[i].item == item) && visit(arg, &rows[i]) != 0)
                return 0;
    }
    return 0;
}

int kept_vault_each(struct kept_store *store, const struct kept_subject *subject, uint32_t item,
                    int (*visit)(void *arg, const struct kept_dir_row *row), void *arg,
                    struct kept_err *err)
{
    for (size_t i = 0; i < subject->dir_count; i++)
        if ((item == 0 || subject->dir[i].item == item) && visit(arg, &subject->dir[i]) != 0)
            return 0;
    return subject->page_count > 1 ? each_page(store, subject, item, visit, arg, err) : 0;
}

struct wanted {
    uint32_t record;
    bool found;
    struct kept_dir_row row;
};

static int take_wanted(void *arg, const struct kept_dir_row *row)
{
    struct wanted *w = arg;
    if (w->record != 0 && row->slot != w->record)
        return 0;
    w->row = *row;
    w->found = true;
    return 1;
}

int kept_vault_find(struct kept_store *store, const struct kept_subject *subject, uint32_t item,
                    uint32_t record, struct kept_dir_row *ret_row, struct kept_err *err)
{
    struct wanted w = {.record = record};
    int rc = kept_vault_each(store, subject, item, take_wanted, &w, err);
    if (rc != 0)
        return rc;
    if (!w.found)
        return KEPT_E_NOTFOUND;
    *ret_row = w.row;
    return 0;
}

/* Place of a slot in ascending rows. */
static size_t place_of(const struct kept_dir_row *rows, size_t count, uint32_t slot)
{
    size_t at = count;
    while (at > 0 && rows[at - 1].slot >= slot)
        at--;
    return at;
}

static bool inline_row(const struct kept_dir_row *row)
{
    return row->slot < KEPT_DIR_PAGE || row->class == KEPT_CLASS_LAW;
}

static int inline_set(struct kept_subject *subject, const struct kept_dir_row *row,
                      struct kept_err *err)
{
    size_t at = place_of(subject->dir, subject->dir_count, row->slot);
    if (at == subject->dir_count || subject->dir[at].slot != row->slot) {
        int rc = kept_grow(&subject->dir, &subject->dir_cap, subject->dir_count + 1,
                           KEPT_DIR_PAGE + KEPT_MAX_LAW_ROWS, sizeof *row);
        if (rc != 0)
            return kept_fail(err, rc, "one person has more records kept by law than %u",
                             KEPT_MAX_LAW_ROWS);
        memmove(subject->dir + at + 1, subject->dir + at,
                (subject->dir_count - at) * sizeof *row);
        subject->dir_count++;
    }
    subject->dir[at] = *row;
    return 0;
}

static int page_set(struct kept_store *store, struct kept_subject *subject,
                    const struct kept_dir_row *row, struct kept_err *err)
{
    struct kept_dir_row rows[KEPT_DIR_PAGE];
    size_t count = 0;
    uint32_t page = row->slot / KEPT_DIR_PAGE;
    int rc = kept_grow(&subject->pages, &subject->page_cap, (size_t)page + 1,
                       KEPT_MAX_RECORDS / KEPT_DIR_PAGE + 1, sizeof *subject->pages);
    if (rc != 0)
        return kept_fail(err, rc, "one person has too many records");
    while (subject->page_count <= page)
        subject->pages[subject->page_count++] = (struct kept_dir_page){0};
    if ((rc = page_load(store, subject, page, rows, &count, err)) != 0)
        return rc;
    size_t at = place_of(rows, count, row->slot);
    if (at == count || rows[at].slot != row->slot) {
        if (count == KEPT_DIR_PAGE)
            return kept_fail(err, KEPT_E_CORRUPT, "a page of a person's directory is overfull");
        memmove(rows + at + 1, rows + at, (count - at) * sizeof *rows);
        count++;
    }
    rows[at] = *row;
    return page_store(store, subject, page, rows, count, err);
}

int kept_directory_set(struct kept_store *store, struct kept_subject *subject,
                       const struct kept_dir_row *row, struct kept_err *err)
{
    return inline_row(row) ? inline_set(subject, row, err) : page_set(store, subject, row, err);
}

int kept_directory_drop(struct kept_store *store, struct kept_subject *subject,
                        const struct kept_dir_row *row, struct kept_err *err)
{
    struct kept_dir_row rows[KEPT_DIR_PAGE];
    size_t count = 0;
    if (inline_row(row)) {
        size_t at = place_of(subject->dir, subject->dir_count, row->slot);
        if (at < subject->dir_count && subject->dir[at].slot == row->slot) {
            memmove(subject->dir + at, subject->dir + at + 1,
                    (subject->dir_count - at - 1) * sizeof *row);
            subject->dir_count--;
        }
        return 0;
    }
    uint32_t page = row->slot / KEPT_DIR_PAGE;
    int rc = page < subject->page_count ? page_load(store, subject, page, rows, &count, err)
                                        : KEPT_E_NOTFOUND;
    if (rc != 0)
        return rc;
    size_t at = place_of(rows, count, row->slot);
    if (at == count || rows[at].slot != row->slot)
        return KEPT_E_NOTFOUND;
    memmove(rows + at, rows + at + 1, (count - at - 1) * sizeof *rows);
    return page_store(store, subject, page, rows, count - 1, err);
}

int kept_directory_reseal(struct kept_store *store, struct kept_subject *subject,
                          struct kept_err *err)
{
    struct kept_dir_row rows[KEPT_DIR_PAGE];
    for (uint32_t page = 1; page < subject->page_count; page++) {
        size_t count = 0;
        int rc = page_load(store, subject, page, rows, &count, err);
        if (rc == 0 && count > 0)
            rc = page_store(store, subject, page, rows, count, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}
