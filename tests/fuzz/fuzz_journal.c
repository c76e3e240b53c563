/* fuzz_journal.c - a journal of appends of kept's own, anchored somewhere, then changed: what opens is a
 * beginning of what was written, never shorter than the anchor knows; and frames of any rows, chained
 * as they must be. */
#include <unistd.h>

#include "base/file.h"
#include "fuzz.h"
#include "keys/keys_int.h"

#define HEAD 44u
#define FRAME 102u
#define ROWS 24u

static char folder[200], path[220];
static struct kept_mirror *no_mirror;

struct written {
    struct kept_journal_row rows[ROWS];
    size_t count, anchored, seen;
};

static void keyring_of(struct kept_keyring *k)
{
    memset(k, 0, sizeof *k);
    (void)snprintf(k->place.folder, sizeof k->place.folder, "%s", folder);
    (void)snprintf(k->place.app, sizeof k->place.app, "widgets");
    k->place.mirror = no_mirror;
    k->journal.fd = -1;
    k->journal.key = (uint8_t *)(uintptr_t)fuzz_key();
}

/* Appends of the input's rows; the anchor stands behind one of them. */
static void write_rows(struct fuzz *f, struct kept_keyring *k, struct written *w)
{
    unsigned appends = fuzz_u8(f) % 5, anchor = fuzz_u8(f) % 5;
    for (unsigned a = 0; a < appends; a++) {
        size_t count = fuzz_u8(f) % 6, from = w->count;
        for (size_t i = 0; i < count && w->count < ROWS; i++) {
            struct kept_journal_row *r = &w->rows[w->count++];
            *r = (struct kept_journal_row){.kind = (enum kept_obligation)(1 + fuzz_u8(f) % 10),
                                           .at = (kept_ms)fuzz_u32(f), .version = fuzz_u8(f),
                                           .scope = fuzz_u8(f), .record = (uint32_t)w->count};
            memset(r->op.b, (int)w->count, sizeof r->op.b);
            memset(r->subject.b, fuzz_u8(f), sizeof r->subject.b);
        }
        FUZZ_MUST(kept_journal_append(k, w->rows + from, w->count - from, NULL) == 0);
        if (a == anchor) {
            w->anchored = w->count;
            k->anchor.rows = w->count;
            kept_journal_hash(k, k->anchor.hash);
        }
    }
}

static int visit(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    struct written *w = arg;
    const struct kept_journal_row *want = &w->rows[number];
    FUZZ_MUST(number == w->seen && number < w->count);
    FUZZ_MUST(row->kind == want->kind && row->at == want->at && row->version == want->version &&
              row->record == want->record && memcmp(row->op.b, want->op.b, 16) == 0 &&
              memcmp(row->subject.b, want->subject.b, 16) == 0);
    w->seen++;
    return 0;
}

static int ignore(void *arg, uint64_t number, const struct kept_journal_row *row)
{
    uint64_t *next = arg;
    FUZZ_MUST(number == *next && (int)row->kind >= 1 && (int)row->kind <= KEPT_J_CALLER_REVOKED);
    (*next)++;
    return 0;
}

static void changed(struct fuzz *f)
{
    static struct kept_keyring k;
    struct written w = {.count = 0};
    struct kept_err err = {.code = 0};
    struct kept_buf bytes;
    keyring_of(&k);
    FUZZ_MUST(kept_journal_create(folder, "widgets", fuzz_key(), k.journal.hash, NULL) == 0);
    memcpy(k.anchor.hash, k.journal.hash, 32);
    FUZZ_MUST(kept_file_open(path, KEPT_FILE_WRITE, &k.journal.fd, NULL) == 0);
    write_rows(f, &k, &w);
    kept_file_close(k.journal.fd);
    kept_buf_init(&bytes, 1 << 20);
    FUZZ_MUST(kept_file_load(path, &bytes, NULL) == 0);
    bool untouched = f->n < 4;
    fuzz_edit(f, &bytes);
    fuzz_put(path, bytes.p, bytes.n);
    k.journal.fd = -1;
    int rc = kept_journal_open(&k, &err);
    FUZZ_MUST(!untouched || rc == 0);
    if (rc == 0) {
        FUZZ_MUST(kept_journal_length(&k) >= w.anchored && kept_journal_length(&k) <= w.count);
        FUZZ_MUST(!untouched || kept_journal_length(&k) == w.count);
        FUZZ_MUST(kept_journal_each(&k, 0, visit, &w, NULL) == 0);
        FUZZ_MUST(w.seen == kept_journal_length(&k));
        const struct kept_journal_row row = {.kind = KEPT_J_WITHDRAW, .op = {{9}}};
        uint64_t next = kept_journal_length(&k), last = 0;
        FUZZ_MUST(kept_journal_last(&k, &last, NULL) == 0);
        FUZZ_MUST(kept_journal_append(&k, &row, 1, NULL) == 0);
        FUZZ_MUST(kept_journal_each(&k, next, ignore, &next, NULL) == 0 && next == kept_journal_length(&k));
    } else {
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
        FUZZ_MUST(rc == KEPT_E_CORRUPT || rc == KEPT_E_ROLLBACK || rc == KEPT_E_FORMAT);
    }
    kept_file_close(k.journal.fd);
    kept_buf_release(&bytes);
}

/* Frames whose 70 bytes are the input's, each with its right hash. */
static void chained(struct fuzz *f)
{
    static struct kept_keyring k;
    struct kept_err err = {.code = 0};
    struct kept_buf bytes;
    uint8_t hash[32];
    uint64_t next = 0;
    keyring_of(&k);
    FUZZ_MUST(kept_journal_create(folder, "widgets", fuzz_key(), hash, NULL) == 0);
    memcpy(k.anchor.hash, hash, 32);
    kept_buf_init(&bytes, 1 << 20);
    FUZZ_MUST(kept_file_load(path, &bytes, NULL) == 0);
    uint8_t anchor = fuzz_u8(f) % 8;
    for (uint64_t row = 0; f->n > 0 && row < 64; row++) {
        uint8_t frame[70] = {0, 58};
        uint8_t how = fuzz_u8(f);
        kept_put_be64(frame + 4, (how & 1) != 0 ? row : fuzz_u8(f));
        frame[3] = (how & 2) != 0 ? 0 : fuzz_u8(f) % 4;
        frame[12] = (uint8_t)(how >> 4);
        struct kept_span s = fuzz_bytes(f, (how & 4) != 0 ? 70 : 4);
        memcpy(frame + ((how & 4) != 0 ? 0 : 60), s.p, s.n);
        const struct kept_span parts[] = {{fuzz_key(), 32}, {hash, 32}, {frame, sizeof frame}};
        kept_sha256_parts(parts, 3, hash);
        kept_buf_bytes(&bytes, frame, sizeof frame);
        kept_buf_bytes(&bytes, hash, 32);
        if (row + 1 == anchor) {
            k.anchor.rows = anchor;
            memcpy(k.anchor.hash, hash, 32);
        }
    }
    fuzz_put(path, bytes.p, bytes.n);
    int rc = kept_journal_open(&k, &err);
    if (rc == 0) {
        FUZZ_MUST(kept_journal_length(&k) >= k.anchor.rows);
        FUZZ_MUST(kept_journal_length(&k) * FRAME + HEAD <= bytes.n);
        rc = kept_journal_each(&k, 0, ignore, &next, &err);
        FUZZ_MUST(rc == KEPT_E_FORMAT || (rc == 0 && next == kept_journal_length(&k)));
    }
    if (rc != 0)
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    kept_file_close(k.journal.fd);
    kept_buf_release(&bytes);
}

void fuzz_journal(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    if (folder[0] == 0) {
        fuzz_path(folder, sizeof folder, "journals");
        (void)snprintf(path, sizeof path, "%s/journal", folder);
        FUZZ_MUST(kept_dir_make(folder, false, NULL) == 0);
    }
    uint8_t what = fuzz_u8(&f) % 2;
    if (what == 0)
        changed(&f);
    else
        chained(&f);
}

void seeds_journal(fuzz_give_fn *give)
{
    uint8_t seed[140];
    for (unsigned appends = 0; appends < 5; appends++)
        for (unsigned anchor = 0; anchor < 5; anchor += 2) {
            for (size_t i = 0; i < sizeof seed; i++)
                seed[i] = (uint8_t)(i % 5);
            seed[0] = 0;
            seed[1] = (uint8_t)appends;
            seed[2] = (uint8_t)anchor;
            give(seed, sizeof seed);
            seed[0] = 1;
            give(seed, sizeof seed);
        }
    static const uint8_t chain[] = {1, 1, 0x13, 1, 2, 3, 4, 0x11, 2, 1, 2, 3, 4, 0x10, 1, 1, 1, 2, 3, 4, 0x10, 1, 0, 5, 6, 7, 8};
    give(chain, sizeof chain);
}
