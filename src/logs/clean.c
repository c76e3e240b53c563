/* clean.c - lines of a log, cleaned: fields that are declared, each as far as the policy keeps it, and what is found of personal
 * data in the text of all of them, in one scan, replaced. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "logs/logs.h"
#include "scan/scan.h"

#define PIECE_FULL (KEPT_MAX_LOG_PIECE / 8u)
#define GAP "\n\n" /* between values: nothing is found across it */

/* ---- one value ---------------------------------------------------------------------------------------- */

void kept_log_token(const uint8_t key[KEPT_KEY_BYTES], const char *kind, struct kept_span value, char ret_text[KEPT_LOG_TOKEN_TEXT])
{
    uint8_t own[KEPT_KEY_BYTES], token[KEPT_TOKEN_BYTES];
    kept_derive(key, "kept log token", (struct kept_span){(const uint8_t *)kind, strlen(kind)}, own);
    kept_token(own, value, token);
    ret_text[0] = '~';
    kept_hex(token, 8, ret_text + 1);
    kept_wipe(own, sizeof own);
}

static struct kept_span trimmed(struct kept_span v)
{
    while (v.n > 0 && v.p[0] <= ' ') {
        v.p++;
        v.n--;
    }
    while (v.n > 0 && v.p[v.n - 1] <= ' ')
        v.n--;
    return v;
}

/* A text of at most 63 bytes with its NUL. */
static bool short_text(struct kept_span value, char ret[64])
{
    value = trimmed(value);
    if (value.n == 0 || value.n > 63 || memchr(value.p, 0, value.n) != NULL)
        return false;
    memcpy(ret, value.p, value.n);
    ret[value.n] = 0;
    return true;
}

static bool network(struct kept_span value, struct kept_buf *out)
{
    uint8_t byte[16];
    char text[64];
    if (!short_text(value, text))
        return false;
    const bool v4 = inet_pton(AF_INET, text, byte) == 1;
    if (!v4 && inet_pton(AF_INET6, text, byte) != 1)
        return false;
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!v4 && kept_bytes_equal(byte, mapped, sizeof mapped)) {
        kept_buf_printf(out, "%u.%u.%u.0/24", byte[12], byte[13], byte[14]);
        return true;
    }
    memset(byte + (v4 ? 3 : 6), 0, v4 ? 1 : 10);
    if (inet_ntop(v4 ? AF_INET : AF_INET6, byte, text, sizeof text) == NULL)
        return false;
    kept_buf_printf(out, "%s/%d", text, v4 ? 24 : 48);
    return true;
}

static bool number(struct kept_span value, struct kept_buf *out)
{
    const struct kept_span v = trimmed(value);
    size_t digits = 0, points = 0;
    for (size_t i = v.n > 0 && v.p[0] == '-' ? 1 : 0; i < v.n; i++) {
        const bool digit = v.p[i] >= '0' && v.p[i] <= '9';
        digits += digit;
        points += v.p[i] == '.';
        if (!digit && v.p[i] != '.')
            return false;
    }
    if (digits == 0 || digits > 20 || points > 1)
        return false;
    kept_buf_bytes(out, v.p, v.n);
    return true;
}

static bool instant(struct kept_span value, struct kept_buf *out)
{
    char text[64];
    kept_ms at = 0;
    if (!short_text(value, text) || kept_time_parse(text, &at) != 0)
        return false;
    kept_time_text(at, text);
    kept_buf_text(out, text);
    return true;
}

/* Text as it comes; only tabs and new lines stay of what steers a terminal. */
static void text_of(struct kept_span value, struct kept_buf *out)
{
    for (size_t i = 0; i < value.n; i++) {
        const uint8_t c = value.p[i];
        kept_buf_u8(out, (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? ' ' : c);
    }
}

/* Without query, fragment, and the name before an @ in front of the host. */
static void page(struct kept_span value, struct kept_buf *out)
{
    struct kept_span v = trimmed(value);
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] == '?' || v.p[i] == '#')
            v.n = i;
    for (size_t i = 0; i + 2 < v.n; i++)
        if (v.p[i] == ':' && v.p[i + 1] == '/' && v.p[i + 2] == '/') {
            const size_t host = i + 3;
            size_t end = host, at = host;
            for (; end < v.n && v.p[end] != '/'; end++)
                at = v.p[end] == '@' ? end + 1 : at;
            text_of((struct kept_span){v.p, host}, out);
            text_of((struct kept_span){v.p + at, v.n - at}, out);
            return;
        }
    text_of(v, out);
}

bool kept_log_fit(enum kept_log_keep keep, const uint8_t key[KEPT_KEY_BYTES], struct kept_span value, struct kept_buf *out)
{
    char token[KEPT_LOG_TOKEN_TEXT];
    switch (keep) {
    case KEPT_LOG_TEXT:
    case KEPT_LOG_TOKENS:
        text_of(value, out);
        return true;
    case KEPT_LOG_PAGE:
        page(value, out);
        return true;
    case KEPT_LOG_NUMBER:
        return number(value, out);
    case KEPT_LOG_TIME:
        return instant(value, out);
    case KEPT_LOG_NETWORK:
        return network(value, out);
    case KEPT_LOG_TOKEN:
        value = trimmed(value);
        if (value.n == 0)
            return false;
        kept_log_token(key, "value", value, token);
        kept_buf_text(out, token);
        return true;
    }
    return false;
}

static bool scanned(enum kept_log_keep keep)
{
    return keep != KEPT_LOG_NETWORK && keep != KEPT_LOG_TIME && keep != KEPT_LOG_TOKEN;
}

/* ---- a batch ------------------------------------------------------------------------------------------- */

struct part { /* a value: where it stands in text, whose it is */
    uint32_t from, n;
    uint8_t field;
    bool last; /* of its line */
};
struct hit { /* what was found in text */
    uint32_t from, n;
    uint8_t kind;
    char token[KEPT_LOG_TOKEN_TEXT];
};
struct batch {
    const struct kept_log *log;
    const struct kept_log_key *key;
    struct kept_log_batch *ret;
    struct kept_buf text;   /* secret: all values, with gaps between */
    struct kept_buf view;   /* secret: the same as it is scanned: a number between slashes stands alone in a log */
    struct kept_buf scratch, parts, hits, piece;
    struct kept_span value[KEPT_MAX_LOG_FIELDS];
    uint64_t line;          /* of the batch, empty ones too */
    int (*put)(void *arg, struct kept_span piece);
    void *arg;
};

static int failed(const struct batch *b)
{
    const struct kept_buf *const all[] = {&b->text, &b->view, &b->scratch, &b->parts, &b->hits, &b->piece};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i]->failed != 0)
            return all[i]->failed;
    return 0;
}

static void add_part(struct batch *b, struct kept_span value, size_t field)
{
    struct part part = {.from = (uint32_t)b->text.n, .field = (uint8_t)field};
    if (!kept_log_fit(b->log->fields[field].keep, b->key->key, value, &b->text)) {
        b->ret->tally.unfit++;
        return;
    }
    part.n = (uint32_t)(b->text.n - part.from);
    kept_buf_text(&b->text, GAP);
    kept_buf_bytes(&b->parts, &part, sizeof part);
}

static void bad_line(struct batch *b, const char *why)
{
    struct kept_log_tally *t = &b->ret->tally;
    if (t->bad < KEPT_LOG_BAD_TOLD)
        b->ret->bad[t->bad] = (struct kept_log_bad){b->line, why};
    t->bad++;
}

static int take_line(struct batch *b, struct kept_span line)
{
    struct kept_log_line taken = {b->value, 0};
    const char *why = "longer than a line may be";
    const size_t before = b->parts.n;
    b->ret->tally.lines++;
    memset(b->value, 0, sizeof b->value);
    int rc = line.n > KEPT_MAX_LOG_LINE ? KEPT_E_USAGE : kept_log_parse(b->log, line, &b->scratch, &taken, &why);
    if (rc == KEPT_E_USAGE)
        bad_line(b, why);
    if (rc != 0)
        return rc == KEPT_E_USAGE ? 0 : rc;
    for (size_t i = 0; i < b->log->field_count; i++)
        if (b->value[i].p != NULL)
            add_part(b, b->value[i], i);
    b->ret->tally.dropped += taken.dropped;
    if (b->parts.n == before) { /* nothing that is declared: nothing to keep, but the line is none that is bad */
        const struct part none = {.from = (uint32_t)b->text.n, .n = 0, .field = UINT8_MAX};
        kept_buf_bytes(&b->parts, &none, sizeof none);
    }
    if (b->parts.failed == 0)
        ((struct part *)(void *)(b->parts.p + b->parts.n))[-1].last = true;
    b->ret->tally.kept++;
    return failed(b);
}

/* The version of a program ("Chrome/120.0.0.0"): a name of some letters, begun by itself, and a slash before it. */
static bool version(const struct batch *b, size_t at)
{
    size_t n = 0;
    if (at < 2 || b->text.p[at - 1] != '/')
        return false;
    for (at--; at > 0 && ((b->text.p[at - 1] | 0x20) >= 'a' && (b->text.p[at - 1] | 0x20) <= 'z'); at--)
        n++;
    return n >= 3 && (at == 0 || b->text.p[at - 1] == ' ' || b->text.p[at - 1] == '\n');
}

static int found(void *arg, const struct kept_finding *finding)
{
    struct batch *b = arg;
    struct hit hit = {.from = (uint32_t)finding->at, .n = (uint32_t)finding->n, .kind = (uint8_t)finding->kind};
    if (finding->kind == KEPT_KIND_IPV4 && version(b, hit.from))
        return 0;
    kept_log_token(b->key->key, kept_kind_name(finding->kind), finding->value, hit.token);
    kept_buf_bytes(&b->hits, &hit, sizeof hit);
    return b->hits.failed;
}

static int scan(struct batch *b)
{
    const struct kept_scan_to to = {.arg = b, .found = found};
    struct kept_scan *scan = NULL;
    kept_buf_bytes(&b->view, b->text.p, b->text.n);
    for (size_t i = 0; i < b->view.n; i++)
        b->view.p[i] = b->view.p[i] == '/' ? '\n' : b->view.p[i];
    int rc = b->view.failed != 0 ? b->view.failed : kept_scan_new(&to, &scan);
    if (rc == 0)
        rc = kept_scan_feed(scan, kept_buf_span(&b->view));
    if (rc == 0)
        rc = kept_scan_end(scan);
    kept_scan_free(scan);
    return rc;
}

/* ---- pieces -------------------------------------------------------------------------------------------- */

static void begin_piece(struct batch *b)
{
    kept_buf_clear(&b->piece);
    kept_buf_u8(&b->piece, 1);
    kept_buf_varint(&b->piece, b->log->field_count);
    for (size_t i = 0; i < b->log->field_count; i++) {
        const size_t n = strlen(b->log->fields[i].name);
        kept_buf_varint(&b->piece, n);
        kept_buf_bytes(&b->piece, b->log->fields[i].name, n);
    }
}

/* In place of what was found: its kind, "[phone]", or that and its token. */
static void replaced(struct batch *b, const struct hit *hit, enum kept_log_keep keep)
{
    kept_buf_printf(&b->scratch, "[%s%s]", kept_kind_name((enum kept_item_kind)hit->kind),
                    keep == KEPT_LOG_TOKENS ? hit->token : "");
    b->ret->tally.redacted++;
    b->ret->tally.found[hit->kind]++;
}

/* A value, what was found in it replaced: hits from *at on, in order. */
static void write_value(struct batch *b, const struct part *part, size_t *at)
{
    const struct hit *hits = (const void *)b->hits.p;
    const size_t count = b->hits.n / sizeof *hits;
    const enum kept_log_keep keep = b->log->fields[part->field].keep;
    const size_t end = (size_t)part->from + part->n;
    size_t from = part->from;
    kept_buf_clear(&b->scratch);
    while (*at < count && (size_t)hits[*at].from + hits[*at].n <= part->from)
        ++*at;
    for (; *at < count && hits[*at].from < end; ++*at) {
        const size_t hit_end = (size_t)hits[*at].from + hits[*at].n;
        if (!scanned(keep))
            continue;
        if (hits[*at].from > from)
            kept_buf_bytes(&b->scratch, b->text.p + from, hits[*at].from - from);
        replaced(b, &hits[*at], keep);
        from = hit_end < end ? hit_end : end;
    }
    kept_buf_bytes(&b->scratch, b->text.p + from, end - from);
    kept_buf_varint(&b->piece, part->field);
    kept_buf_varint(&b->piece, b->scratch.n);
    kept_buf_bytes(&b->piece, b->scratch.p, b->scratch.n);
}

static int write_lines(struct batch *b)
{
    const struct part *parts = (const void *)b->parts.p;
    const size_t count = b->parts.n / sizeof *parts;
    size_t at = 0;
    int rc = 0;
    begin_piece(b);
    for (size_t i = 0, first = 0; rc == 0 && i < count; i++) {
        if (!parts[i].last)
            continue;
        const bool none = parts[i].field == UINT8_MAX;
        kept_buf_varint(&b->piece, none ? 0 : i + 1 - first);
        for (size_t k = first; !none && k <= i; k++)
            write_value(b, &parts[k], &at);
        first = i + 1;
        if ((b->piece.n < PIECE_FULL && i + 1 < count) || (rc = failed(b)) != 0)
            continue;
        rc = b->put(b->arg, kept_buf_span(&b->piece));
        begin_piece(b);
    }
    return rc != 0 ? rc : failed(b);
}

int kept_log_clean(const struct kept_log *log, const struct kept_log_key *key, struct kept_span text,
                   int (*put)(void *arg, struct kept_span piece), void *arg, struct kept_log_batch *ret_batch,
                   struct kept_err *err)
{
    struct batch b = {.log = log, .key = key, .ret = ret_batch, .put = put, .arg = arg};
    int rc = 0;
    memset(ret_batch, 0, sizeof *ret_batch);
    kept_buf_init_secret(&b.text, 8 * (size_t)KEPT_MAX_LOG_TAKE);
    kept_buf_init_secret(&b.view, 8 * (size_t)KEPT_MAX_LOG_TAKE);
    kept_buf_init_secret(&b.scratch, 8 * (size_t)KEPT_MAX_LOG_TAKE);
    kept_buf_init(&b.parts, 68 * (size_t)KEPT_MAX_LOG_TAKE);
    kept_buf_init(&b.hits, 68 * (size_t)KEPT_MAX_LOG_TAKE);
    kept_buf_init_secret(&b.piece, KEPT_MAX_LOG_PIECE);
    while (rc == 0 && text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        const size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        struct kept_span line = {text.p, n > 0 && text.p[n - 1] == '\r' ? n - 1 : n};
        b.line++;
        if (line.n > 0)
            rc = take_line(&b, line);
        text.p += n + (end != NULL);
        text.n -= n + (end != NULL);
    }
    if (rc == 0)
        rc = scan(&b);
    if (rc == 0)
        rc = write_lines(&b);
    struct kept_buf *const all[] = {&b.text, &b.view, &b.scratch, &b.parts, &b.hits, &b.piece};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        kept_buf_release(all[i]);
    return rc == KEPT_E_NOMEM || rc == KEPT_E_LIMIT ? kept_fail(err, rc, "no room to clean the lines of a log: take fewer at once") : rc;
}
