/* fuzz_kind.c - values of every kind: what passes has a normal form, which is its own; a mask is made of
 * anything, and shows less; no error repeats the value. */
#include "base/error.h"
#include "fuzz.h"
#include "vault/kind.h"

/* The words are those of any other value that does not fit: nothing of this one is among them. */
static void said(enum kept_item_kind kind, int rc, const struct kept_err *err)
{
    static uint8_t other[3000] = {1};
    struct kept_err again = {.code = 0};
    fuzz_said(rc, err, (struct kept_span){NULL, 0});
    for (size_t n = 0; n <= sizeof other; n = n * 50 + 1)
        if (kept_kind_check(kind, (struct kept_span){other, n}, &again) == rc &&
            strcmp(again.text, err->text) == 0)
            return;
    FUZZ_MUST(rc == KEPT_E_LIMIT);
}

void fuzz_kind(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    enum kept_item_kind kind = (enum kept_item_kind)(fuzz_u8(&f) % (KEPT_KIND_COUNT + 1));
    struct kept_span value = fuzz_rest(&f);
    struct kept_buf normal, again, mask;
    struct kept_err err = {.code = 0};
    kept_buf_init_secret(&normal, KEPT_MAX_VALUE_BYTES);
    kept_buf_init_secret(&again, KEPT_MAX_VALUE_BYTES);
    kept_buf_init(&mask, KEPT_MAX_VALUE_BYTES);
    int rc = kept_kind_check(kind, value, &err);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT);
    if (rc != 0)
        said(kind, rc, &err);
    FUZZ_MUST(kept_kind_normal(kind, value, &normal) == rc);
    FUZZ_MUST(rc == 0 || normal.n == 0);
    if (rc == 0) {
        struct kept_span s = kept_buf_span(&normal);
        FUZZ_MUST(kept_kind_check(kind, s, NULL) == 0);
        FUZZ_MUST(kept_kind_normal(kind, s, &again) == 0 && again.n == normal.n &&
                  (normal.n == 0 || memcmp(again.p, normal.p, normal.n) == 0));
    }
    FUZZ_MUST(kept_kind_mask(kind, rc == 0 ? kept_buf_span(&normal) : value, &mask) == 0);
    FUZZ_MUST(mask.n > 0);
    /* Something is hidden, unless it was written as stars, or was a place of two decimals already. */
    if (rc == 0 && normal.n > 1 && kind != KEPT_KIND_COORDINATES && mask.n == normal.n && memchr(normal.p, '*', normal.n) == NULL)
        FUZZ_MUST(memcmp(mask.p, normal.p, normal.n) != 0);
    if (kept_kind_can_stream(kind) && value.n > KEPT_KIND_HEAD)
        FUZZ_MUST(kept_kind_check(kind, (struct kept_span){value.p, KEPT_KIND_HEAD}, NULL) == 0 ||
                  rc != 0);
    FUZZ_MUST(kept_kind_named(kept_kind_name(kind)) == kind || kept_kind_name(kind)[0] == 0);
    kept_buf_release(&normal);
    kept_buf_release(&again);
    kept_buf_release(&mask);
}

void seeds_kind(fuzz_give_fn *give)
{
    static const char *const values[] = {
        "13800138000", "+86 138-0013-8000", "010-12345678", "Zhang San", "\xe5\xbc\xa0\xe4\xb8\x89",
        "zhang.san@example.org", "12 Long Street, Beijing", "11010519491231002X", "4111 1111 1111 1111",
        ("\xe4\xba\xac" "A12345"), "-12.50", "2024-02-29", "39.9042,116.4074", "490154203237518",
        "00:1B:44:11:3A:B7", "192.168.1.10", "2001:DB8:0:0::1", "{550e8400-e29b-41d4-a716-446655440000}",
        "HTTPS://Example.org:443/a/../b?x=%7e#y", "\x89PNG\r\n\x1a\n0000", "\xff\xd8\xff\xe0....", "GIF89a..", "RIFF....WEBPVP8 "};
    for (uint8_t kind = 1; kind < KEPT_KIND_COUNT; kind++)
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            uint8_t seed[80] = {kind};
            size_t n = strlen(values[i]);
            memcpy(seed + 1, values[i], n);
            if (kept_kind_check((enum kept_item_kind)kind, (struct kept_span){seed + 1, n}, NULL) == 0)
                give(seed, n + 1);
        }
}
