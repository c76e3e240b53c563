/* fuzz_cell.c - records, their chunks and the pages of a directory, read from a real store: as they
 * come, and with any bytes under the right seal. What opens can be sealed anew, and is the same. */
#include "base/file.h"
#include "base/mem.h"
#include "fuzz.h"
#include "vault/vault_int.h"

#define APP 1u
#define ITEM 0x01020304u
#define CLASS KEPT_CLASS_SENSITIVE

static struct kept_store *store;
static struct kept_subject_keys *keys;
static struct kept_subject subject;

static void start(void)
{
    char folder[200];
    const struct kept_id id = {{7}};
    if (store != NULL)
        return;
    fuzz_path(folder, sizeof folder, "cell.store");
    FUZZ_MUST(kept_dir_make(folder, false, NULL) == 0);
    const struct kept_store_options options = {.folder = folder, .cache_kib = 256};
    FUZZ_MUST(kept_store_create(&options, &id, NULL) == 0);
    FUZZ_MUST(kept_store_open(&options, &store, NULL) == 0);
    FUZZ_MUST((keys = kept_secret_new(sizeof *keys)) != NULL);
    kept_subject_init(&subject, keys);
}

/* The same person before every input. */
static void person(void)
{
    FUZZ_MUST(kept_subject_make(&subject, APP, 3, 1000, NULL) == 0);
    memcpy(keys->data[KEPT_CLASS_ORDINARY], fuzz_key(), 32);
    memcpy(keys->data[CLASS], fuzz_key(), 32);
    keys->generation[CLASS] = 2;
    memcpy(keys->former[CLASS], fuzz_key() + 1, 31);
    keys->former_generation[CLASS] = 1;
    subject.next_slot = 2000;
}

/* The AADs that vault.h and directory.c write down. */
static struct kept_span value_aad(uint8_t *aad, enum kept_suite suite, const struct kept_dir_row *row,
                                  uint32_t generation, uint32_t chunk)
{
    size_t n = kept_aad_head(aad, suite, APP, &subject.id);
    aad[n] = 'V';
    aad[n + 1] = (uint8_t)row->class;
    kept_put_be32(aad + n + 2, generation);
    kept_put_be32(aad + n + 6, row->item);
    kept_put_be32(aad + n + 10, row->slot);
    kept_put_be32(aad + n + 14, row->version);
    kept_put_be32(aad + n + 18, chunk);
    return (struct kept_span){aad, n + 22};
}

static void seal(struct kept_buf *out, const struct kept_dir_row *row, uint32_t chunk,
                 struct kept_span plain)
{
    uint8_t aad[64];
    enum kept_suite suite = kept_suite_default();
    if (chunk == 0) {
        kept_buf_u8(out, (uint8_t)(1 << 4 | suite));
        kept_buf_varint(out, 2);
    } else {
        kept_buf_u8(out, (uint8_t)suite);
    }
    uint8_t *to = kept_buf_room(out, plain.n + kept_seal_overhead(suite));
    FUZZ_MUST(to != NULL);
    FUZZ_MUST(kept_seal(suite, fuzz_key(), value_aad(aad, suite, row, 2, chunk), plain, to) == 0);
}

/* Chunks of any bytes, under the seal of their number, or of another. */
static void chunks(struct fuzz *f, const struct kept_dir_row *row)
{
    uint8_t count = fuzz_u8(f) % 4;
    for (uint32_t i = 0; i < count; i++) {
        struct kept_buf body;
        kept_buf_init(&body, 1 << 17);
        uint8_t how = fuzz_u8(f);
        if (how == 255)
            kept_buf_bytes(&body, f->p, f->n);
        else
            seal(&body, row, how < 240 ? i + 1 : how, fuzz_bytes(f, how));
        FUZZ_MUST(kept_chunk_put(store, subject.key | row->slot, i, kept_buf_span(&body), NULL) == 0);
        kept_buf_release(&body);
    }
}

static bool same_stamp(const struct kept_stamp *a, const struct kept_stamp *b)
{
    return a->at == b->at && a->until == b->until && a->policy_version == b->policy_version &&
           a->function == b->function && a->source == b->source;
}

/* Stored again, in place of itself, it says the same. */
static void again(const struct kept_dir_row *row, const struct kept_stamp *stamp, struct kept_span value)
{
    struct kept_dir_row now = *row;
    struct kept_stamp back;
    struct kept_buf out;
    kept_buf_init_secret(&out, KEPT_MAX_VALUE_BYTES);
    FUZZ_MUST(kept_vault_put(store, &subject, row, row->item, (enum kept_class)row->class, stamp, value,
                             &now, NULL) == 0);
    FUZZ_MUST(now.slot == row->slot && now.version == row->version + 1);
    FUZZ_MUST(kept_vault_get(store, &subject, &now, &back, &out, NULL) == 0);
    FUZZ_MUST(same_stamp(stamp, &back) && out.n == value.n && (out.n == 0 || memcmp(out.p, value.p, out.n) == 0));
    kept_buf_clear(&out);
    FUZZ_MUST(kept_vault_get(store, &subject, row, &back, &out, NULL) == KEPT_E_CORRUPT); /* the old version */
    FUZZ_MUST(kept_vault_reseal(store, &subject, &now, NULL, NULL) == 0);
    FUZZ_MUST(kept_vault_delete(store, &subject, &now, NULL) == 0);
    FUZZ_MUST(kept_vault_get(store, &subject, &now, &back, &out, NULL) == KEPT_E_CORRUPT && out.n == 0);
    kept_buf_release(&out);
}

static void record(struct fuzz *f, bool sealed)
{
    const struct kept_dir_row row = {.item = ITEM, .slot = 7, .version = 3, .class = CLASS};
    struct kept_stamp stamp;
    struct kept_err err = {.code = 0};
    struct kept_buf body, out;
    kept_buf_init(&body, 1 << 18);
    kept_buf_init_secret(&out, KEPT_MAX_VALUE_BYTES);
    if (sealed) {
        chunks(f, &row);
        seal(&body, &row, 0, fuzz_rest(f));
    } else {
        kept_buf_bytes(&body, f->p, f->n);
    }
    FUZZ_MUST(kept_cell_put(store, subject.key | row.slot, kept_buf_span(&body), NULL) == 0);
    int rc = kept_vault_get(store, &subject, &row, &stamp, &out, &err);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT);
    if (rc == 0) {
        FUZZ_MUST(stamp.at >= 0 && stamp.until >= 0 && stamp.source < 16 && sealed);
        again(&row, &stamp, kept_buf_span(&out));
    } else {
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    }
    kept_buf_release(&body);
    kept_buf_release(&out);
}

/* ---- the directory ---- */

static int visit(void *arg, const struct kept_dir_row *row)
{
    size_t *count = arg;
    (*count)++;
    struct kept_stamp stamp;
    struct kept_buf out;
    kept_buf_init_secret(&out, KEPT_MAX_VALUE_BYTES);
    (void)!kept_vault_get(store, &subject, row, &stamp, &out, NULL); /* whatever the row says */
    kept_buf_release(&out);
    return 0;
}

static void page(struct fuzz *f)
{
    uint8_t aad[64];
    enum kept_suite suite = kept_suite_default();
    struct kept_dir_row row = {.item = ITEM, .slot = 600, .version = 1, .class = CLASS};
    struct kept_dir_row found;
    struct kept_buf body;
    size_t count = 0;
    uint8_t how = fuzz_u8(f), more = fuzz_u8(f);
    struct kept_span plain = fuzz_rest(f);
    plain.n = plain.n / 16 * 16;
    FUZZ_MUST(kept_grow(&subject.pages, &subject.page_cap, 4, 64, sizeof *subject.pages) == 0);
    memset(subject.pages, 0, 4 * sizeof *subject.pages);
    subject.page_count = 2u + how % 3u;
    subject.pages[1] = (struct kept_dir_page){.version = 4, .rows = (uint32_t)(plain.n / 16) + (how >> 6), .items = UINT64_MAX};
    kept_buf_init(&body, 1 << 20);
    kept_buf_u8(&body, (uint8_t)suite);
    uint8_t *to = kept_buf_room(&body, plain.n + kept_seal_overhead(suite));
    FUZZ_MUST(to != NULL);
    size_t n = kept_aad_head(aad, suite, APP, &subject.id);
    aad[n] = 'D';
    kept_put_be32(aad + n + 1, 1);
    kept_put_be32(aad + n + 5, 4);
    FUZZ_MUST(kept_seal(suite, fuzz_key(), (struct kept_span){aad, n + 9}, plain, to) == 0);
    FUZZ_MUST(kept_chunk_put(store, subject.key, 1, kept_buf_span(&body), NULL) == 0);
    kept_buf_release(&body);
    int rc = kept_vault_each(store, &subject, more % 2 == 0 ? 0 : ITEM, visit, &count, NULL);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT);
    FUZZ_MUST(count <= KEPT_DIR_PAGE);
    rc = kept_vault_find(store, &subject, ITEM, more, &found, NULL);
    FUZZ_MUST(rc != 0 || (found.item == ITEM && (more == 0 || found.slot == more)));
    row.slot = 512 + more * 2u;
    if ((rc = kept_directory_set(store, &subject, &row, NULL)) == 0) {
        FUZZ_MUST(kept_vault_find(store, &subject, ITEM, row.slot, &found, NULL) == 0);
        FUZZ_MUST(kept_directory_reseal(store, &subject, NULL) == 0);
        FUZZ_MUST(kept_directory_drop(store, &subject, &row, NULL) == 0);
    }
    FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT);
}

void fuzz_cell(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    start();
    FUZZ_MUST(kept_store_begin_write(store, NULL) == 0);
    person();
    uint8_t what = fuzz_u8(&f) % 4;
    if (what == 2)
        page(&f);
    else
        record(&f, what != 0);
    kept_store_rollback(store);
    kept_subject_release(&subject);
}

void seeds_cell(fuzz_give_fn *give)
{
    /* Stamps as stamp_encode writes them: source, times, function, chunks; then the value. */
    static const uint8_t plain[] = {1, 0, 17, 5, 1, 'v', 'a', 'l', 'u', 'e'};
    static const uint8_t all[] = {1, 0, 1 | 16 | 32 | 128, 0x80, 1, 0x88, 2, 1, 0, 0, 0, 9, 'v'};
    static const uint8_t two[] = {1, 2, 5, 'h', 'e', 'l', 'l', 'o', 3, 'y', 'o', 'u', 1 | 64, 5, 1, 2};
    uint8_t rows[1 + 2 + 3 * 16] = {2, 0, 44};
    for (unsigned i = 0; i < 3; i++) {
        uint8_t *at = rows + 3 + 16 * i;
        kept_put_be32(at, ITEM);
        kept_put_be32(at + 4, 512 + 44 * i);
        kept_put_be32(at + 8, 1);
        kept_put_be32(at + 12, i);
    }
    static const uint8_t raw[] = {0, 17, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                  21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32};
    give(plain, sizeof plain);
    give(all, sizeof all);
    give(two, sizeof two);
    give(rows, sizeof rows);
    give(raw, sizeof raw);
}
