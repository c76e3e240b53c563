/* fuzz_base.c - dates, UTF-8, hex, base64 and integers: what is read, and what is written again, agree. */
#include <strings.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "crypto/crypto.h"
#include "fuzz.h"

static void dates(struct kept_span s)
{
    int32_t days = 0;
    int y = 0, m = 0, d = 0;
    char text[40];
    if (s.n == 10 && kept_date_parse((const char *)s.p, s.n, &days) == 0) {
        kept_date_split(days, &y, &m, &d);
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, d);
        FUZZ_MUST(memcmp(text, s.p, 10) == 0);
        FUZZ_MUST(kept_day_of((kept_ms)days * KEPT_DAY, 0) == days);
        FUZZ_MUST(kept_age_years(days, days) == 0);
        FUZZ_MUST(kept_age_years(days, days + 400) == 1);
    }
}

static void utf8(struct kept_span s)
{
    size_t at = 0, count = 0;
    if (!kept_utf8_valid(s))
        return;
    while (at < s.n) {
        uint32_t c = kept_utf8_next(s, &at);
        FUZZ_MUST(c != 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff));
        count++;
        FUZZ_MUST(kept_utf8_offset(s, count) == at);
    }
    FUZZ_MUST(at == s.n && kept_utf8_length(s) == count);
}

static void spellings(struct kept_span s)
{
    uint8_t raw[64], again[64];
    char text[200];
    size_t n = 0;
    char *word = kept_strndup((const char *)s.p, s.n);
    struct kept_id id;
    FUZZ_MUST(word != NULL);
    if (kept_id_parse(word, &id) == 0) {
        char hex[2 * KEPT_ID_BYTES + 1];
        kept_id_hex(&id, hex);
        FUZZ_MUST(strcasecmp(hex, word) == 0);
    }
    if (strlen(word) == 16 && kept_unhex(word, 8, raw) == 0) {
        kept_hex(raw, 8, text);
        FUZZ_MUST(kept_unhex(text, 8, again) == 0 && memcmp(raw, again, 8) == 0);
    }
    kept_free(word);
    if (kept_unbase64((const char *)s.p, s.n, raw, sizeof raw, &n) == 0) {
        FUZZ_MUST(n <= sizeof raw);
        kept_base64((struct kept_span){raw, n}, text);
        FUZZ_MUST(strlen(text) == s.n && memcmp(text, s.p, s.n) == 0); /* one spelling only */
    }
    if (s.n <= sizeof raw) {
        kept_base64(s, text);
        FUZZ_MUST(kept_unbase64(text, strlen(text), raw, sizeof raw, &n) == 0 && n == s.n &&
                  memcmp(raw, s.p, n) == 0);
    }
}

static void integers(struct kept_span s)
{
    struct kept_cursor c = kept_cursor(s);
    struct kept_buf out;
    kept_buf_init(&out, 64);
    while (!c.bad && c.n > 0) {
        const uint8_t *from = c.p;
        uint64_t v = kept_get_varint(&c, UINT64_MAX);
        if (c.bad)
            break;
        kept_buf_clear(&out);
        kept_buf_varint(&out, v);
        FUZZ_MUST(out.n == (size_t)(c.p - from) && memcmp(out.p, from, out.n) == 0);
        struct kept_cursor less = kept_cursor(kept_buf_span(&out));
        if (v > 0) {
            (void)kept_get_varint(&less, v - 1);
            FUZZ_MUST(less.bad);
        }
    }
    (void)kept_get_u64(&c);
    (void)kept_get_id(&c);
    FUZZ_MUST(kept_get_bytes(&c, s.n + 1).n == 0 && c.bad);
    kept_buf_release(&out);
}

void fuzz_base(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    char text[KEPT_TIME_TEXT];
    uint8_t what = fuzz_u8(&f);
    if (what % 5 == 4) { /* any instant has a text */
        kept_time_text((kept_ms)fuzz_u64(&f) % ((kept_ms)1 << 48), text);
        FUZZ_MUST(strlen(text) >= 20);
        return;
    }
    struct kept_span s = fuzz_rest(&f);
    if (what % 5 == 0)
        dates(s);
    else if (what % 5 == 1)
        utf8(s);
    else if (what % 5 == 2)
        spellings(s);
    else
        integers(s);
}

void seeds_base(fuzz_give_fn *give)
{
    static const char *const seeds[] = {"\0" "2024-02-29", "\0" "0001-01-01", "\1" "\xe4\xbd\xa0 caf\xc3\xa9 \xf0\x9f\x98\x80",
                                        "\2" "00112233445566778899aabbccddeeff", "\2" "0011aabbccddeeff",
                                        "\2" "a2VwdA==", "\3" "\x81\x01\xff\xff\x03\x7f", "\4" "\0\0\1\2\3\4\5\6"};
    static const size_t sizes[] = {11, 11, 16, 33, 17, 9, 7, 9};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        give(seeds[i], sizes[i]);
}
