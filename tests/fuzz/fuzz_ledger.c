/* fuzz_ledger.c - a whole log of many segments, with indexes, tag lists and checkpoint, some of whose
 * files are changed. What verifies holds every entry unchanged; with whole segments no damage to what
 * is derived from them changes an answer. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "fuzz.h"
#include "ledger/ledger_int.h"

#define ORIGIN "kept.example/fuzz/log"
#define ENTRIES 600u
#define PERSONS 5u
#define FILES 96u

static char original[200], copy[200];
static char **names;
static struct kept_buf contents[FILES];
static size_t files;
static struct kept_buf newest; /* note */

static size_t entry_of(uint64_t i, uint8_t out[64])
{
    memset(out, (int)(i & 0xff), 64);
    out[0] = 1;
    kept_put_be64(out + 1, i * 0x9e3779b97f4a7c15u + 1);
    return 17 + (size_t)(i * 13 % 40);
}

static void person_of(uint64_t i, uint8_t ret_key[16])
{
    memset(ret_key, 0, 16);
    ret_key[0] = (uint8_t)(0xa0 + i % PERSONS);
}

static const struct kept_ledger_options *options_of(const char *folder)
{
    static struct kept_ledger_options o;
    o = (struct kept_ledger_options){.folder = folder, .origin = ORIGIN, .seed = fuzz_key(), .segment_bytes = 2048};
    return &o;
}

static void start(void)
{
    struct kept_ledger *ledger = NULL;
    if (files != 0)
        return;
    fuzz_path(original, sizeof original, "ledger.whole");
    fuzz_path(copy, sizeof copy, "ledger.copy");
    FUZZ_MUST(kept_ledger_create(options_of(original), NULL) == 0);
    FUZZ_MUST(kept_ledger_open(options_of(original), (struct kept_span){NULL, 0}, &ledger, NULL) == 0);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint8_t bytes[64], key[16];
        person_of(i, key);
        const struct kept_span entry = {bytes, entry_of(i, bytes)};
        FUZZ_MUST(kept_ledger_append(ledger, entry, i % 3 == 2 ? NULL : key, NULL, NULL, NULL) == 0);
        if (i % 8 == 7)
            FUZZ_MUST(kept_ledger_sync(ledger, kept_ledger_flush(ledger), NULL) == 0);
        if (i == ENTRIES - 40)
            FUZZ_MUST(kept_ledger_checkpoint(ledger, 1000, 1, NULL) == 0);
    }
    kept_buf_init(&newest, 65536);
    struct kept_span note = kept_ledger_note(ledger);
    kept_buf_bytes(&newest, note.p, note.n);
    kept_ledger_close(ledger);
    FUZZ_MUST(mkdir(copy, 0700) == 0);
    FUZZ_MUST(kept_dir_list(original, "", &names, &files, NULL) == 0 && files <= FILES && files > 20);
    for (size_t i = 0; i < files; i++) {
        char path[300];
        kept_buf_init(&contents[i], 1 << 20);
        FUZZ_MUST(kept_path(path, sizeof path, original, names[i], NULL) == 0);
        FUZZ_MUST(kept_file_load(path, &contents[i], NULL) == 0);
    }
}

/* Files are put with the time 0: whatever writes them sets another. */
static bool is_as_put(const char *path)
{
    struct stat now;
    return stat(path, &now) == 0 && now.st_mtim.tv_sec == 0;
}

/* Put back what the last input changed, and only that: copying it all would be most of the work. */
static void put_back(void)
{
    char path[300];
    size_t found = 0;
    for (size_t i = 0; i < files; i++) {
        FUZZ_MUST(kept_path(path, sizeof path, copy, names[i], NULL) == 0);
        const struct timespec zero[2] = {{0, 0}, {0, 0}};
        if (is_as_put(path))
            continue;
        fuzz_put(path, contents[i].p, contents[i].n);
        FUZZ_MUST(utimensat(AT_FDCWD, path, zero, 0) == 0);
    }
    DIR *dir = opendir(copy);
    FUZZ_MUST(dir != NULL);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        bool known = e->d_name[0] == '.' && (e->d_name[1] == 0 || e->d_name[1] == '.');
        for (size_t i = 0; !known && i < files; i++)
            known = strcmp(e->d_name, names[i]) == 0;
        FUZZ_MUST(kept_path(path, sizeof path, copy, e->d_name, NULL) == 0);
        if (!known)
            fuzz_remove(path);
        found++;
    }
    (void)closedir(dir);
    FUZZ_MUST(found >= files);
}

/* The copy, with changes; true when only derived files have any. */
static bool change(struct fuzz *f)
{
    bool derived = true;
    put_back();
    while (f->n > 4) {
        size_t at = fuzz_u8(f) % files;
        char path[300];
        struct kept_buf bytes;
        uint8_t how = fuzz_u8(f);
        struct kept_span edits = fuzz_bytes(f, 1 + fuzz_u8(f) % 32u);
        struct fuzz inner = fuzz_of(edits.p, edits.n);
        FUZZ_MUST(kept_path(path, sizeof path, copy, names[at], NULL) == 0);
        kept_buf_init(&bytes, 1 << 21);
        kept_buf_bytes(&bytes, contents[at].p, contents[at].n);
        if (how == 255) { /* another file under this name */
            kept_buf_clear(&bytes);
            kept_buf_bytes(&bytes, contents[edits.p[0] % files].p, contents[edits.p[0] % files].n);
        } else if (how == 254) { /* cut */
            bytes.n = bytes.n * edits.p[0] / 256;
        } else {
            fuzz_edit(&inner, &bytes);
        }
        if (bytes.n != contents[at].n || memcmp(bytes.p, contents[at].p, bytes.n) != 0)
            derived = derived && (strncmp(names[at], "index-", 6) == 0 || strncmp(names[at], "tags-", 5) == 0);
        if (how == 253)
            fuzz_remove(path);
        else
            fuzz_put(path, bytes.p, bytes.n);
        derived = derived && (how != 253 || strncmp(names[at], "index-", 6) == 0 || strncmp(names[at], "tags-", 5) == 0);
        kept_buf_release(&bytes);
    }
    return derived;
}

static int same(void *arg, uint64_t index, struct kept_span entry)
{
    uint8_t bytes[64];
    uint64_t *count = arg;
    FUZZ_MUST(index == *count && entry.n == entry_of(index, bytes) && memcmp(entry.p, bytes, entry.n) == 0);
    (*count)++;
    return 0;
}

struct trail {
    unsigned person;
    uint64_t last, count;
};

static int own(void *arg, uint64_t index, struct kept_span entry)
{
    struct trail *t = arg;
    uint8_t bytes[64];
    FUZZ_MUST(index % PERSONS == t->person && index % 3 != 2 && (t->count == 0 || index > t->last));
    FUZZ_MUST(entry.n == entry_of(index, bytes) && memcmp(entry.p, bytes, entry.n) == 0);
    t->last = index;
    t->count++;
    return 0;
}

/* Every answer, from a log whose segments are whole. */
static void answers(struct kept_ledger *ledger, uint8_t seed)
{
    uint64_t count = 0;
    struct kept_buf proof;
    struct kept_checkpoint c;
    uint8_t leaf[32], key[16], bytes[64];
    FUZZ_MUST(kept_ledger_size(ledger) == ENTRIES);
    FUZZ_MUST(kept_ledger_each(ledger, 0, same, &count, NULL) == 0 && count == ENTRIES);
    struct trail t = {.person = seed % PERSONS};
    person_of(t.person, key);
    FUZZ_MUST(kept_ledger_trail(ledger, key, own, &t, NULL) == 0 && t.count == ENTRIES / PERSONS * 2 / 3);
    uint64_t index = seed * 2u;
    kept_buf_init(&proof, 1 << 16);
    FUZZ_MUST(kept_note_open(kept_ledger_note(ledger), fuzz_public(), &c) == 0);
    kept_leaf_hash((struct kept_span){bytes, entry_of(index, bytes)}, leaf);
    int rc = kept_ledger_prove(ledger, index, c.size, &proof, NULL);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT);
    if (rc == 0)
        FUZZ_MUST(kept_verify_inclusion(index, c.size, leaf, kept_buf_span(&proof), c.root));
    kept_buf_release(&proof);
}

void fuzz_ledger(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    struct kept_verify_report report;
    struct kept_err err = {.code = 0};
    struct kept_ledger *ledger = NULL;
    uint64_t count = 0;
    start();
    uint8_t seed = fuzz_u8(&f);
    bool derived = change(&f);
    struct kept_span anchored = (seed & 1) != 0 ? kept_buf_span(&newest) : (struct kept_span){NULL, 0};
    int verified = kept_ledger_verify(copy, ORIGIN, fuzz_public(), anchored, &report, &err);
    int rc = kept_ledger_open(options_of(copy), anchored, &ledger, &err);
    FUZZ_MUST(verified != 0 || rc == 0);
    FUZZ_MUST(!derived || rc == 0);
    if (rc != 0)
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    else if (derived)
        answers(ledger, seed);
    else if (verified == 0)
        FUZZ_MUST(kept_ledger_each(ledger, 0, same, &count, NULL) == 0 && count >= report.checkpoint_size);
    kept_ledger_close(ledger);
}

void seeds_ledger(fuzz_give_fn *give)
{
    uint8_t seed[24] = {1};
    start();
    give(seed, 1);
    for (size_t i = 0; i < files; i++) {
        memcpy(seed, "\1\0\0\7\3\0\60\0\1\0\0\0", 12);
        seed[1] = (uint8_t)i;
        give(seed, 12);
        if (i % 4 != 0)
            continue;
        for (unsigned how = 253; how < 256; how++) {
            memcpy(seed, "\0\0\0\1\200\5", 6);
            seed[1] = (uint8_t)i;
            seed[2] = (uint8_t)how;
            give(seed, 6);
        }
    }
}
