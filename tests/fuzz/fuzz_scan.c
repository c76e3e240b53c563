/* fuzz_scan.c - free text: findings come in order and apart, however the text is cut into pieces; what
 * was masked is not found again: whatever is found in the redacted text stands apart from four stars in
 * a row. (With a neighbour hidden, what was part of something longer can be a finding of its own.) */
#include "base/error.h"
#include "fuzz.h"
#include "scan/scan.h"

struct told {
    uint64_t end, line, hash;
    size_t count;
    struct kept_span all;
    struct kept_buf text;
    bool redacted; /* the text is one */
};

static int found(void *arg, const struct kept_finding *finding)
{
    struct told *t = arg;
    if (t->redacted) {
        const uint8_t *p = t->all.p + finding->at;
        FUZZ_MUST(memmem(p, finding->n, "****", 4) == NULL);
        FUZZ_MUST(finding->at < 4 || memcmp(p - 4, "****", 4) != 0);
        FUZZ_MUST(t->all.n - finding->at - finding->n < 4 || memcmp(p + finding->n, "****", 4) != 0);
    }
    FUZZ_MUST(finding->at >= t->end && finding->n > 0 && finding->line >= t->line);
    FUZZ_MUST(finding->at + finding->n <= t->all.n);
    FUZZ_MUST(kept_kind_check(finding->kind, finding->value, NULL) == 0);
    t->end = finding->at + finding->n;
    t->line = finding->line;
    t->count++;
    t->hash = (t->hash ^ finding->at ^ (uint64_t)finding->kind << 48 ^ finding->n << 40) * 0x9e3779b97f4a7c15u;
    return 0;
}

static int text(void *arg, struct kept_span piece)
{
    struct told *t = arg;
    kept_buf_bytes(&t->text, piece.p, piece.n);
    return 0;
}

static void scan(struct told *t, struct kept_span s, size_t step, bool redacted)
{
    struct kept_scan *scan = NULL;
    const struct kept_scan_to to = {t, found, text};
    *t = (struct told){.line = 1, .all = s, .redacted = redacted};
    kept_buf_init_secret(&t->text, 1 << 24);
    FUZZ_MUST(kept_scan_new(&to, &scan) == 0);
    for (size_t at = 0; at < s.n; at += step) {
        size_t n = s.n - at < step ? s.n - at : step;
        FUZZ_MUST(kept_scan_feed(scan, (struct kept_span){s.p + at, n}) == 0);
    }
    FUZZ_MUST(kept_scan_end(scan) == 0);
    kept_scan_free(scan);
}

void fuzz_scan(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    struct told whole, cut, again;
    size_t step = (size_t)fuzz_u8(&f) + 1;
    struct kept_span s = fuzz_rest(&f);
    scan(&whole, s, s.n + 1, false);
    scan(&cut, s, step, false);
    FUZZ_MUST(whole.count == cut.count && whole.hash == cut.hash && whole.text.n == cut.text.n);
    FUZZ_MUST(whole.text.n == 0 || memcmp(whole.text.p, cut.text.p, cut.text.n) == 0);
    if (whole.count == 0)
        FUZZ_MUST(whole.text.n == s.n && (s.n == 0 || memcmp(whole.text.p, s.p, s.n) == 0));
    scan(&again, kept_buf_span(&whole.text), 1 << 20, s.n == 0 || memchr(s.p, '*', s.n) == NULL);
    kept_buf_release(&whole.text);
    kept_buf_release(&cut.text);
    kept_buf_release(&again.text);
}

void seeds_scan(fuzz_give_fn *give)
{
    static const char *const texts[] = {
        "call 138 0013 8000 or (010) 1234-5678, tel:+86-13800138000",
        "\xe6\x89\x8b\xe6\x9c\xba\xef\xbc\x9a\xef\xbc\x91\xef\xbc\x93\xef\xbc\x98" "00138000\xef\xbc\x8c",
        "id 11010519491231002X card 4111-1111-1111-1111 imei 490154203237518",
        "mail zhang.san@example.org?to=a%40example.org mac 00-1b-44-11-3a-b7",
        "from 192.168.1.10:80 to [2001:db8::1]/64, plate \xe4\xba\xac" "A\xc2\xb7" "12345\n",
        "order no. 13812345678, 13812345678 \xe5\x85\x83; \xe8\xae\xa2\xe5\x8d\x95\xe5\x8f\xb7 490154203237518"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t seed[200] = {(uint8_t)(i * 7)};
        memcpy(seed + 1, texts[i], strlen(texts[i]));
        give(seed, strlen(texts[i]) + 1);
    }
}
