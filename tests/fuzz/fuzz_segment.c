/* fuzz_segment.c - one segment: frames and marks as the input says, some of them wrong, then changed;
 * under a checkpoint of some of them. A log that opens is mended: it verifies, goes on, and holds what
 * the checkpoint covered. */
#include <sys/stat.h>

#include "base/file.h"
#include "fuzz.h"
#include "ledger/ledger_int.h"

#define ORIGIN "kept.example/fuzz/log"
#define ENTRIES 48u

static char folder[200];

struct made {
    struct kept_buf bytes;
    struct kept_tree tree;
    size_t count;                  /* whole frames in a row */
    struct kept_checkpoint covers;
    uint8_t leaf[ENTRIES][32];
};

static void cover(struct made *m)
{
    m->covers.size = m->tree.n;
    kept_tree_root(&m->tree, m->covers.root);
}

static void frame(struct fuzz *f, struct made *m, struct kept_place *place, uint8_t how)
{
    uint8_t entry[512] = {1}, tag[TAG_BYTES], leaf[32];
    size_t n = MIN_ENTRY + (size_t)fuzz_u8(f);
    struct kept_span s = fuzz_bytes(f, n - 1);
    if (s.n != 0)
        memcpy(entry + 1, s.p, s.n);
    memset(tag, how, sizeof tag);
    const struct kept_span bytes = {entry, n};
    bool tagged = (how & 1) != 0;
    kept_leaf_hash(bytes, leaf);
    uint8_t *to = kept_buf_room(&m->bytes, kept_frame_bytes(n, tagged));
    FUZZ_MUST(to != NULL);
    kept_frame_put(to, place, bytes, tagged ? tag : NULL, leaf);
    memcpy(m->leaf[m->count++], leaf, 32);
    (void)kept_tree_add(&m->tree, leaf, NULL);
    place->index++;
}

/* A script: what stands behind the header. */
static void make(struct fuzz *f, struct made *m)
{
    struct kept_header header = {.segment = 0, .first = 0};
    struct kept_place place = {.offset = HEADER_BYTES};
    uint8_t hash[32], steps = fuzz_u8(f) % 64;
    *m = (struct made){.count = 0};
    kept_buf_init(&m->bytes, 1 << 20);
    (void)snprintf(m->covers.origin, sizeof m->covers.origin, "%s", ORIGIN);
    kept_origin_hash(ORIGIN, hash);
    place.salt = kept_be64(hash);
    kept_tree_root(&m->tree, header.root);
    cover(m);
    kept_header_put(kept_buf_room(&m->bytes, HEADER_BYTES), hash, &header);
    while (steps-- > 0 && f->n > 0) {
        uint8_t how = fuzz_u8(f), *to;
        place.offset = (uint32_t)m->bytes.n;
        if (how < 150 && m->count < ENTRIES) {
            frame(f, m, &place, how);
        } else if (how < 220) {
            FUZZ_MUST((to = kept_buf_room(&m->bytes, MARK_BYTES)) != NULL);
            kept_mark_put(to, &place);
        } else if (how < 240) {
            cover(m);
        } else {
            struct kept_span s = fuzz_bytes(f, fuzz_u8(f));
            kept_buf_bytes(&m->bytes, s.p, s.n);
            place.index += how == 255;
        }
    }
}

static int visit(void *arg, uint64_t index, struct kept_span entry)
{
    struct made *m = arg;
    uint8_t leaf[32];
    kept_leaf_hash(entry, leaf);
    if (index < m->covers.size)
        FUZZ_MUST(memcmp(leaf, m->leaf[index], 32) == 0);
    return 0;
}

static int verify(struct kept_span anchored)
{
    struct kept_verify_report report;
    struct kept_err err = {.code = 0};
    int rc = kept_ledger_verify(folder, ORIGIN, fuzz_public(), anchored, &report, &err);
    FUZZ_MUST(strnlen(report.what, sizeof report.what) < sizeof report.what);
    FUZZ_MUST(rc == 0 || err.code == rc);
    return rc;
}

/* What opened serves, goes on and verifies. */
static void use(struct kept_ledger *ledger, struct made *m)
{
    uint8_t bytes[64] = {1, 9};
    uint64_t index = 0;
    FUZZ_MUST(kept_ledger_size(ledger) >= m->covers.size);
    FUZZ_MUST(verify((struct kept_span){NULL, 0}) == 0);
    FUZZ_MUST(kept_ledger_each(ledger, 0, visit, m, NULL) == 0);
    FUZZ_MUST(kept_ledger_append(ledger, (struct kept_span){bytes, sizeof bytes}, NULL, &index, NULL, NULL) == 0);
    FUZZ_MUST(kept_ledger_sync(ledger, kept_ledger_flush(ledger), NULL) == 0);
    FUZZ_MUST(kept_ledger_checkpoint(ledger, 5000, 1, NULL) == 0);
    FUZZ_MUST(verify(kept_ledger_note(ledger)) == 0);
    struct kept_buf proof;
    kept_buf_init(&proof, 1 << 16);
    FUZZ_MUST(kept_ledger_prove(ledger, index, index + 1, &proof, NULL) == 0);
    kept_buf_release(&proof);
}

void fuzz_segment(const uint8_t *p, size_t n)
{
    static struct made m;
    struct fuzz f = fuzz_of(p, n);
    char path[300];
    struct kept_buf note;
    struct kept_err err = {.code = 0};
    struct kept_ledger *ledger = NULL;
    fuzz_path(folder, sizeof folder, "segment");
    fuzz_remove(folder);
    FUZZ_MUST(mkdir(folder, 0700) == 0);
    bool anchor = (fuzz_u8(&f) & 1) != 0;
    make(&f, &m);
    fuzz_edit(&f, &m.bytes);
    FUZZ_MUST(kept_path(path, sizeof path, folder, "segment-00000000", NULL) == 0);
    fuzz_put(path, m.bytes.p, m.bytes.n);
    kept_buf_init(&note, 4096);
    FUZZ_MUST(kept_note_sign(&m.covers, fuzz_key(), &note) == 0);
    FUZZ_MUST(kept_path(path, sizeof path, folder, "checkpoint", NULL) == 0);
    fuzz_put(path, note.p, note.n);
    const struct kept_ledger_options options = {.folder = folder, .origin = ORIGIN, .seed = fuzz_key()};
    struct kept_span anchored = anchor ? kept_buf_span(&note) : (struct kept_span){NULL, 0};
    int verified = verify(anchored);
    int rc = kept_ledger_open(&options, anchored, &ledger, &err);
    FUZZ_MUST(verified != 0 || rc == 0);
    FUZZ_MUST((rc == 0) == (ledger != NULL));
    if (rc == 0)
        use(ledger, &m);
    else
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    kept_ledger_close(ledger);
    kept_buf_release(&note);
    kept_buf_release(&m.bytes);
}

void seeds_segment(fuzz_give_fn *give)
{
    static const uint8_t marked[] = {1, 40, 200, 10, 3, 1, 2, 3, 11, 0, 4, 5, 6, 200, 225, 12, 9, 7, 200, 13, 0, 8};
    static const uint8_t torn[] = {0, 5, 200, 2, 1, 1, 200, 3, 5, 250, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const uint8_t skipped[] = {1, 9, 200, 2, 0, 1, 255, 3, 1, 2, 3, 4, 0, 5, 200};
    uint8_t many[2 + 64 * 4] = {1, 63};
    for (size_t i = 0; i < 63; i++) {
        many[2 + i * 4] = (uint8_t)(i % 7 == 0 ? 200 : i % 11 == 0 ? 225 : i);
        many[3 + i * 4] = (uint8_t)(i % 3);
    }
    give(marked, sizeof marked);
    give(torn, sizeof torn);
    give(skipped, sizeof skipped);
    give(many, sizeof many);
    many[0] = 0;
    memcpy(many + 200, "\3\1\0\1\1\0\0\100\1zz", 11);
    give(many, 211);
}
