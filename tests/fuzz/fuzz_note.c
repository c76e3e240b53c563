/* fuzz_note.c - signed notes: as they come, and with a body of any bytes signed by the right key. Only
 * what says the same in kept's own spelling is one. */
#include "base/id.h"
#include "crypto/crypto.h"
#include "fuzz.h"
#include "ledger/ledger.h"

#define ORIGIN "kept.example/fuzz/log"

/* What opened is a checkpoint: kept signs the same one, and its text begins the note. */
static void check(struct kept_span note, const struct kept_checkpoint *c)
{
    struct kept_buf own;
    struct kept_checkpoint again;
    kept_buf_init(&own, 65536);
    FUZZ_MUST(kept_note_sign(c, fuzz_key(), &own) == 0);
    FUZZ_MUST(kept_note_open(kept_buf_span(&own), fuzz_public(), &again) == 0);
    FUZZ_MUST(strcmp(again.origin, c->origin) == 0 && again.size == c->size &&
              memcmp(again.root, c->root, 32) == 0);
    const uint8_t *blank = memmem(own.p, own.n, "\n\n", 2);
    size_t n = (size_t)(blank - own.p) + 1;
    FUZZ_MUST(note.n > n && memcmp(note.p, own.p, n) == 0);
    kept_buf_release(&own);
}

/* key ID, then the signature, as C2SP signed-note says. */
static void sign(const char *name, struct kept_span body, struct kept_buf *out)
{
    uint8_t raw[68], hash[32];
    char text[100];
    const struct kept_span parts[] = {{(const uint8_t *)name, strlen(name)},
                                      {(const uint8_t *)"\n\1", 2}, {fuzz_public(), 32}};
    kept_sha256_parts(parts, 3, hash);
    memcpy(raw, hash, 4);
    kept_sign(fuzz_key(), body, raw + 4);
    kept_base64((struct kept_span){raw, sizeof raw}, text);
    kept_buf_bytes(out, body.p, body.n);
    kept_buf_printf(out, "\n\xe2\x80\x94 %s %s\n", name, text);
}

void fuzz_note(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    struct kept_checkpoint c;
    struct kept_buf note;
    char name[256];
    kept_buf_init(&note, 1 << 18);
    if (fuzz_u8(&f) % 2 == 0) {
        struct kept_span s = fuzz_rest(&f);
        kept_buf_bytes(&note, s.p, s.n);
    } else { /* the name is the first line */
        struct kept_span body = fuzz_rest(&f);
        const uint8_t *end = body.n == 0 ? NULL : memchr(body.p, '\n', body.n);
        size_t length = end == NULL ? 0 : (size_t)(end - body.p);
        (void)snprintf(name, sizeof name, "%.*s", (int)(length > 255 ? 255 : length), (const char *)body.p);
        sign(name, body, &note);
    }
    int rc = kept_note_open(kept_buf_span(&note), fuzz_public(), &c);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT || rc == KEPT_E_CRYPTO);
    if (rc == 0)
        check(kept_buf_span(&note), &c);
    kept_buf_release(&note);
}

void seeds_note(fuzz_give_fn *give)
{
    static const uint64_t sizes[] = {0, 7, 123456789, UINT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        struct kept_checkpoint c = {.origin = ORIGIN, .size = sizes[i]};
        struct kept_buf seed;
        memset(c.root, (int)i, 32);
        kept_buf_init(&seed, 4096);
        kept_buf_u8(&seed, 0);
        FUZZ_MUST(kept_note_sign(&c, fuzz_key(), &seed) == 0);
        give(seed.p, seed.n);
        seed.p[0] = 1;
        give(seed.p, (size_t)((uint8_t *)memmem(seed.p, seed.n, "\n\n", 2) - seed.p) + 1);
        kept_buf_release(&seed);
    }
}
