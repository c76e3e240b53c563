/* scan.c - the text passes through a window; what begins at each character is asked of every kind. */
#include "scan/scan.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "scan/scan_int.h"

/* Bytes behind the cells. Marks of no width make a cell long, and it must end somewhere: what is kept
 * while text comes in, and a window of new bytes, have room in any case. */
#define CELL_MAX 64u
#define RAW_MAX ((KEPT_SCAN_BEHIND + KEPT_SCAN_AHEAD + 1) * (CELL_MAX + 4) + KEPT_SCAN_CELLS)

struct kept_scan {
    struct kept_scan_to to;
    struct kept_window window;
    uint8_t raw[RAW_MAX]; /* the bytes of the cells, and behind them what is not decoded yet */
    size_t raw_n;
    size_t decoded;       /* bytes of raw that have cells */
    size_t pos;           /* the cell looked at next */
    size_t pos_raw;       /* its byte in raw */
    size_t told_raw;      /* bytes of raw that were handed on as text */
    uint64_t base;        /* bytes of text before raw */
    uint64_t line;
};

int kept_scan_new(const struct kept_scan_to *to, struct kept_scan **ret_scan)
{
    struct kept_scan *scan = kept_alloc(1, sizeof *scan);
    if (scan == NULL)
        return KEPT_E_NOMEM;
    scan->to = *to;
    scan->line = 1;
    *ret_scan = scan;
    return 0;
}

void kept_scan_free(struct kept_scan *scan)
{
    if (scan != NULL)
        kept_wipe(scan, sizeof *scan);
    kept_free(scan);
}

/* ---- bytes to characters -------------------------------------------------------------------------*/

static uint32_t fold(uint32_t c)
{
    if (c >= 0xff01 && c <= 0xff5e)
        return c - 0xfee0;
    if (c == 0x3000 || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f)
        return ' ';
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xfe63)
        return '-';
    return c == 0xffe5 ? 0xa5 : c;
}

static bool has_no_width(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || c == 0x2060 || c == 0xfeff || c == 0xad ||
           (c >= 0x202a && c <= 0x202e);
}

static unsigned hex_of(uint8_t c)
{
    return kept_is_digit(c) ? c - (unsigned)'0' : kept_is_hex(c) ? (c | 32u) - 'a' + 10u : 16;
}

/* %3D as in the query of a URL: punctuation, which ends a word. Letters and digits are never written
 * so by anybody who does not hide them. */
static bool is_escape(const uint8_t *p, uint32_t *ret)
{
    unsigned high = hex_of(p[1]), low = hex_of(p[2]);
    uint32_t c = high << 4 | low;
    *ret = c;
    return high < 16 && low < 16 && c >= ' ' && c < 0x7f && !kept_is_alnum(c);
}

/* The character at the head of n bytes; its length, or 0: more bytes are needed. */
static size_t decode(const uint8_t *p, size_t n, bool last, uint32_t *ret)
{
    if (p[0] == '%' && n < 3 && !last)
        return 0;
    if (p[0] == '%' && n >= 3 && is_escape(p, ret))
        return 3;
    size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 1;
    size_t at = 0;
    if (p[0] < 0x80) {
        *ret = p[0] == 0 ? KEPT_SCAN_ODD : p[0];
        return 1;
    }
    if (length > n) {
        bool may = true;
        for (size_t i = 1; i < n; i++)
            may = may && (p[i] & 0xc0) == 0x80;
        if (!last && may)
            return 0;
        *ret = KEPT_SCAN_ODD;
        return 1;
    }
    struct kept_span s = {p, length};
    if (length == 1 || !kept_utf8_valid(s)) {
        *ret = KEPT_SCAN_ODD;
        return 1;
    }
    *ret = fold(kept_utf8_next(s, &at));
    return length;
}

static void fill_window(struct kept_scan *scan, bool last)
{
    struct kept_window *w = &scan->window;
    while (scan->decoded < scan->raw_n) {
        uint32_t c = 0;
        size_t n = decode(scan->raw + scan->decoded, scan->raw_n - scan->decoded, last, &c);
        if (n == 0)
            return;
        if (has_no_width(c) && w->count > 0 && w->cell[w->count - 1].n < CELL_MAX)
            w->cell[w->count - 1].n += (uint32_t)n;
        else
            w->cell[w->count++] = (struct kept_cell){c, (uint32_t)n};
        scan->decoded += n;
    }
}

/* Four stars in a row: what stands right beside them belongs to a mask. (Fewer may be of a text that is set
 * in bold.) */
static bool is_masked(const struct kept_window *w, size_t at)
{
    return kept_at(w, at) == '*' && kept_at(w, at + 1) == '*' && kept_at(w, at + 2) == '*' &&
           kept_at(w, at + 3) == '*';
}

/* ---- findings ------------------------------------------------------------------------------------*/

void kept_hit_add(struct kept_hit *hit, uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if (hit->n + n >= sizeof hit->value)
        return; /* longer than anything that fits: the check refuses it */
    if (n == 1)
        hit->value[hit->n] = (char)c;
    for (size_t i = 0; n > 1 && i < n; i++) {
        uint32_t bits = c >> (6 * (n - 1 - i));
        hit->value[hit->n + i] = (char)(uint8_t)(i > 0 ? 0x80 | (bits & 0x3f)
                                                       : (0xf00u >> n & 0xffu) | bits);
    }
    hit->n += n;
    hit->value[hit->n] = 0;
}

bool kept_hit_fits(struct kept_hit *hit, enum kept_item_kind kind)
{
    hit->kind = kind;
    return kept_kind_check(kind, (struct kept_span){(const uint8_t *)hit->value, hit->n}, NULL) == 0;
}

static bool look(const struct kept_window *w, size_t at, struct kept_hit *hit)
{
    static kept_match_fn *const matches[] = {kept_match_mail, kept_match_mac, kept_match_ipv6,
                                             kept_match_ipv4, kept_match_number};
    uint32_t c = kept_at(w, at), before = kept_at(w, at - 1);
    if (c >= 0x4e00)
        return kept_match_plate(w, at, hit);
    /* Within a number or a word nothing begins. */
    if (kept_is_digit(c) ? kept_is_digit(before)
        : kept_is_letter(c) ? kept_is_alnum(before)
                            : c != '+' && c != '(' && c != '_')
        return false;
    if (is_masked(w, at - 4))
        return false;
    for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++)
        if (matches[i](w, at, hit) && !is_masked(w, hit->end))
            return true;
    return false;
}

/* Hand on the text up to a byte of raw. */
static int tell_text(struct kept_scan *scan, size_t until)
{
    int rc = 0;
    if (scan->to.text != NULL && until > scan->told_raw)
        rc = scan->to.text(scan->to.arg, (struct kept_span){scan->raw + scan->told_raw,
                                                           until - scan->told_raw});
    scan->told_raw = until;
    return rc;
}

static int tell_finding(struct kept_scan *scan, const struct kept_hit *hit, size_t n)
{
    struct kept_buf value, masked;
    kept_buf_init_secret(&value, sizeof hit->value);
    kept_buf_init(&masked, 2 * sizeof hit->value);
    int rc = tell_text(scan, scan->pos_raw);
    if (rc == 0)
        rc = kept_kind_normal(hit->kind, (struct kept_span){(const uint8_t *)hit->value, hit->n},
                              &value);
    struct kept_finding finding = {hit->kind, scan->base + scan->pos_raw, scan->line, n,
                                   kept_buf_span(&value)};
    if (rc == 0 && scan->to.found != NULL)
        rc = scan->to.found(scan->to.arg, &finding);
    if (rc == 0 && scan->to.text != NULL &&
        (rc = kept_kind_mask(hit->kind, finding.value, &masked)) == 0)
        rc = scan->to.text(scan->to.arg, kept_buf_span(&masked));
    scan->told_raw = scan->pos_raw + n;
    kept_buf_release(&masked);
    kept_buf_release(&value);
    return rc;
}

/* The next cells were looked at. */
static void step(struct kept_scan *scan, size_t cells)
{
    for (; cells > 0; cells--) {
        scan->line += scan->window.cell[scan->pos].c == '\n';
        scan->pos_raw += scan->window.cell[scan->pos].n;
        scan->pos++;
    }
}

static int look_on(struct kept_scan *scan, bool last)
{
    struct kept_window *w = &scan->window;
    struct kept_hit hit;
    int rc = 0;
    while (rc == 0 && scan->pos < w->count && (last || scan->pos + KEPT_SCAN_AHEAD < w->count)) {
        if (!look(w, scan->pos, &hit)) {
            step(scan, 1);
            continue;
        }
        size_t n = 0;
        for (size_t i = scan->pos; i < hit.end; i++)
            n += w->cell[i].n;
        rc = tell_finding(scan, &hit, n);
        step(scan, hit.end - scan->pos);
        w->last_end = scan->pos;
    }
    kept_wipe(&hit, sizeof hit);
    return rc;
}

/* Drop what lies too far behind; its text has been told. */
static int move_on(struct kept_scan *scan)
{
    struct kept_window *w = &scan->window;
    int rc = tell_text(scan, scan->pos_raw);
    if (rc != 0 || scan->pos <= KEPT_SCAN_BEHIND)
        return rc;
    size_t cells = scan->pos - KEPT_SCAN_BEHIND, bytes = 0;
    for (size_t i = 0; i < cells; i++)
        bytes += w->cell[i].n;
    memmove(w->cell, w->cell + cells, (w->count - cells) * sizeof w->cell[0]);
    memmove(scan->raw, scan->raw + bytes, scan->raw_n - bytes);
    w->count -= cells;
    w->last_end = w->last_end > cells ? w->last_end - cells : 0;
    scan->pos -= cells;
    scan->raw_n -= bytes;
    scan->decoded -= bytes;
    scan->pos_raw -= bytes;
    scan->told_raw -= bytes;
    scan->base += bytes;
    return 0;
}

int kept_scan_feed(struct kept_scan *scan, struct kept_span text)
{
    int rc = 0;
    while (rc == 0 && text.n > 0) {
        /* No byte makes more than one cell, and after each round most cells are free. */
        size_t room = KEPT_SCAN_CELLS - scan->window.count - (scan->raw_n - scan->decoded);
        size_t n = room < text.n ? room : text.n;
        KEPT_INVARIANT(n > 0 && n <= RAW_MAX - scan->raw_n);
        memcpy(scan->raw + scan->raw_n, text.p, n);
        scan->raw_n += n;
        text = (struct kept_span){text.p + n, text.n - n};
        fill_window(scan, false);
        if ((rc = look_on(scan, false)) == 0)
            rc = move_on(scan);
    }
    return rc;
}

int kept_scan_end(struct kept_scan *scan)
{
    fill_window(scan, true);
    int rc = look_on(scan, true);
    return rc == 0 ? tell_text(scan, scan->pos_raw) : rc;
}

/* ---- redact --------------------------------------------------------------------------------------*/

static int append(void *arg, struct kept_span piece)
{
    struct kept_buf *out = arg;
    kept_buf_bytes(out, piece.p, piece.n);
    return out->failed;
}

int kept_scan_redact(struct kept_span text, struct kept_buf *out)
{
    struct kept_scan *scan = NULL;
    const struct kept_scan_to to = {.arg = out, .text = append};
    int rc = kept_scan_new(&to, &scan);
    if (rc == 0)
        rc = kept_scan_feed(scan, text);
    if (rc == 0)
        rc = kept_scan_end(scan);
    kept_scan_free(scan);
    return rc;
}
