/* fuzz_keyfile.c - files of a keyring: names of keys, key files and anchors, as they come and with any
 * bytes under the right seal. What is read is written again, and reads the same. */
#include "base/file.h"
#include "fuzz.h"
#include "keys/keys_int.h"

static struct kept_keyplace place;

static void start(void)
{
    char folder[200];
    if (place.folder[0] != 0)
        return;
    fuzz_path(folder, sizeof folder, "keyfiles");
    FUZZ_MUST(kept_dir_make(folder, false, NULL) == 0);
    (void)snprintf(place.folder, sizeof place.folder, "%s", folder);
    (void)snprintf(place.app, sizeof place.app, "widgets");
    place.seal = (uint8_t *)(uintptr_t)fuzz_key();
    memcpy(place.root_name, "name", 4);
}

static void name(struct kept_span s)
{
    char text[64], again[KEPT_KEY_NAME];
    enum kept_key_kind kind;
    uint32_t number = 0;
    (void)snprintf(text, sizeof text, "%.*s", (int)(s.n > 60 ? 60 : s.n), (const char *)s.p);
    int rc = kept_key_parse(text, &kind, &number);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT);
    if (rc != 0)
        return;
    kept_key_name(kind, number, again);
    FUZZ_MUST(strcmp(text, again) == 0 && number > 0);
}

/* Magic, format, root name, suite, kind, number, length; the AAD is that, and the app. */
static void seal(struct fuzz *f, enum kept_key_kind kind, uint32_t number, struct kept_buf *out)
{
    struct kept_buf aad;
    enum kept_suite suite = kept_suite_default();
    struct kept_span plain = fuzz_bytes(f, fuzz_u16(f));
    kept_buf_init(&aad, 256);
    kept_buf_bytes(out, "KEPTKEY\n\0\0\0\1name", 16);
    kept_buf_u8(out, (uint8_t)suite);
    kept_buf_u8(out, (uint8_t)kind);
    kept_buf_u32(out, number);
    kept_buf_u32(out, (uint32_t)(plain.n + kept_seal_overhead(suite)));
    kept_buf_bytes(&aad, "kept key", 9);
    kept_buf_bytes(&aad, out->p, 26);
    kept_buf_text(&aad, "widgets");
    uint8_t *to = kept_buf_room(out, plain.n + kept_seal_overhead(suite));
    FUZZ_MUST(to != NULL && kept_seal(suite, fuzz_key(), kept_buf_span(&aad), plain, to) == 0);
    kept_buf_release(&aad);
}

static void again(struct kept_keyfile *one)
{
    static struct kept_epoch epochs[KEPT_MAX_KEYS];
    uint8_t key[32];
    struct kept_keyfile two = {.kind = one->kind, .number = one->number, .key = key, .retired = epochs};
    FUZZ_MUST(kept_keyfile_write(&place, one, NULL) == 0);
    FUZZ_MUST(kept_keyfile_read(&place, &two, NULL) == 0);
    FUZZ_MUST(two.created == one->created && two.retired_count == one->retired_count);
    FUZZ_MUST(memcmp(one->key, key, 32) == 0);
    for (size_t i = 0; i < two.retired_count; i++)
        FUZZ_MUST(two.retired[i].number == one->retired[i].number && two.retired[i].number < two.number &&
                  two.retired[i].destroy_at >= two.retired[i].retired);
}

static void file(struct fuzz *f, bool sealed)
{
    static struct kept_epoch epochs[KEPT_MAX_KEYS];
    static char path[300];
    uint8_t key[32], root[4];
    char word[KEPT_KEY_NAME];
    struct kept_err err = {.code = 0};
    struct kept_buf bytes;
    struct kept_keyfile file = {.kind = (enum kept_key_kind)(1 + fuzz_u8(f) % 4), .key = key, .retired = epochs};
    file.number = file.kind == KEPT_KEY_SIGNING ? 1 : 1u + fuzz_u8(f);
    kept_buf_init(&bytes, 1 << 20);
    if (sealed)
        seal(f, file.kind, file.number, &bytes);
    fuzz_edit(f, &bytes);
    kept_key_name(file.kind, file.number, word);
    FUZZ_MUST(kept_path(path, sizeof path, place.folder, word, NULL) == 0);
    fuzz_put(path, bytes.p, bytes.n);
    (void)!kept_keyfile_root(&place, file.kind, file.number, root, NULL);
    int rc = kept_keyfile_read(&place, &file, &err);
    if (rc == 0)
        again(&file);
    else
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    fuzz_remove(path);
    kept_buf_release(&bytes);
}

static void anchor(struct fuzz *f)
{
    struct kept_anchor a = {.key = (uint8_t *)(uintptr_t)fuzz_key()}, b = a;
    struct kept_err err = {.code = 0};
    struct kept_buf bytes;
    uint8_t mac[32], how = fuzz_u8(f);
    char path[300];
    struct kept_span s = fuzz_rest(f);
    kept_buf_init(&bytes, 1 << 20);
    if ((how & 1) != 0)
        kept_buf_bytes(&bytes, "KEPTANCH\0\0\0\1", 12);
    kept_buf_bytes(&bytes, s.p, s.n);
    if ((how & 2) != 0) { /* the note as long as there is one */
        if (bytes.n >= 12 + 12 + 8 + 32 + 4)
            kept_put_be32(bytes.p + 64, (uint32_t)(bytes.n - 68));
        kept_derive(fuzz_key(), "kept anchor", kept_buf_span(&bytes), mac);
        kept_buf_bytes(&bytes, mac, sizeof mac);
    }
    int rc = kept_anchor_parse(&a, kept_buf_span(&bytes), &err);
    if (rc == 0) {
        FUZZ_MUST(a.note.n <= bytes.n);
        FUZZ_MUST(kept_anchor_save(&place, &a, NULL) == 0);
        struct kept_buf saved;
        kept_buf_init(&saved, 1 << 20);
        FUZZ_MUST(kept_path(path, sizeof path, place.folder, "anchor", NULL) == 0);
        FUZZ_MUST(kept_file_load(path, &saved, NULL) == 0);
        FUZZ_MUST(saved.n == bytes.n && memcmp(saved.p, bytes.p, saved.n) == 0);
        FUZZ_MUST(kept_anchor_parse(&b, kept_buf_span(&saved), NULL) == 0 && b.rows == a.rows);
        kept_buf_release(&b.note);
        kept_buf_release(&saved);
    } else {
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    }
    kept_buf_release(&a.note);
    kept_buf_release(&bytes);
}

void fuzz_keyfile(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    uint8_t what = fuzz_u8(&f) % 4;
    start();
    if (what == 0)
        name(fuzz_rest(&f));
    else if (what == 3)
        anchor(&f);
    else
        file(&f, what == 1);
}

void seeds_keyfile(fuzz_give_fn *give)
{
    static const char *const names[] = {"epoch-7", "audit-4294967295", "token-01", "signing", "dying-epoch-3"};
    uint8_t seed[160] = {0};
    for (size_t i = 0; i < 5; i++) {
        memcpy(seed + 1, names[i], strlen(names[i]));
        give(seed, 1 + strlen(names[i]));
    }
    memset(seed, 0, sizeof seed);
    seed[0] = 1; /* an epoch's file with one retired epoch */
    seed[2] = 8;
    seed[4] = 70;
    seed[10] = 9;
    memcpy(seed + 13, fuzz_key(), 32);
    seed[46] = 1;
    seed[50] = 3;
    seed[60] = 1;
    seed[68] = 2;
    seed[74] = 3;
    give(seed, 75);
    for (uint8_t kind = 1; kind < 4; kind++) {
        memset(seed + 46, 0, sizeof seed - 46);
        seed[1] = kind;
        seed[4] = 42;
        give(seed, 47);
        memcpy(seed + 47, "\3\0\20\0\5", 5);
        give(seed, 52);
    }
    memset(seed, 0, sizeof seed);
    seed[0] = 3;
    seed[1] = 3;
    seed[5] = seed[9] = seed[13] = 1;
    memcpy(seed + 60, "a note", 6);
    give(seed, 66);
}
