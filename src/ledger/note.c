/* note.c - checkpoints as signed notes: C2SP signed-note and tlog-checkpoint, Ed25519 (type 0x01). */
#include <string.h>

#include "base/id.h"
#include "base/utf8.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

#define TYPE_ED25519 1u
#define SIGNATURE_RAW (4u + KEPT_SIGNATURE_BYTES) /* key id, signature */
#define MAX_SIGNATURES 64u                        /* signed-note asks for 16 at least */
static const char DASH[] = "\xe2\x80\x94 ";       /* em dash, space */
#define DASH_BYTES 4u

/* Unicode white space (signed-note: key names hold none, and no plus). */
static bool is_space(uint32_t c)
{
    return c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool kept_origin_valid(const char *origin)
{
    if (origin == NULL)
        return false;
    struct kept_span text = {(const uint8_t *)origin, strlen(origin)};
    if (text.n == 0 || text.n >= sizeof ((struct kept_checkpoint *)0)->origin ||
        !kept_utf8_valid(text))
        return false;
    for (size_t at = 0; at < text.n;) {
        uint32_t c = kept_utf8_next(text, &at);
        if (c < 0x20 || c == 0x7f || c == '+' || is_space(c))
            return false;
    }
    return true;
}

/* key ID = SHA-256(key name || 0x0A || signature type || public key)[:4] */
static void key_id(const char *name, const uint8_t public_key[32], uint8_t ret_id[4])
{
    static const uint8_t between[2] = {'\n', TYPE_ED25519};
    uint8_t hash[32];
    const struct kept_span parts[] = {
        {(const uint8_t *)name, strlen(name)}, {between, 2}, {public_key, KEPT_SIGN_PUBLIC_BYTES}};
    kept_sha256_parts(parts, 3, hash);
    memcpy(ret_id, hash, 4);
}

int kept_note_sign(const struct kept_checkpoint *checkpoint, const uint8_t seed[32],
                   struct kept_buf *out)
{
    char text[128];
    uint8_t public_key[KEPT_SIGN_PUBLIC_BYTES], raw[SIGNATURE_RAW];
    size_t start = out->n;
    if (!kept_origin_valid(checkpoint->origin))
        return KEPT_E_USAGE;
    kept_base64((struct kept_span){checkpoint->root, 32}, text);
    kept_buf_printf(out, "%s\n%llu\n%s\n", checkpoint->origin,
                    (unsigned long long)checkpoint->size, text);
    if (out->failed != 0) {
        out->n = start;
        return out->failed;
    }
    kept_sign_public(seed, public_key);
    key_id(checkpoint->origin, public_key, raw);
    kept_sign(seed, (struct kept_span){out->p + start, out->n - start}, raw + 4);
    kept_base64((struct kept_span){raw, sizeof raw}, text);
    kept_buf_printf(out, "\n%s%s %s\n", DASH, checkpoint->origin, text);
    if (out->failed != 0)
        out->n = start;
    return out->failed;
}

/* The next line without its newline; false at the end or when there is no newline. */
static bool next_line(struct kept_span *text, struct kept_span *ret_line)
{
    const uint8_t *end = text->n == 0 ? NULL : memchr(text->p, '\n', text->n);
    if (end == NULL)
        return false;
    *ret_line = (struct kept_span){text->p, (size_t)(end - text->p)};
    text->n -= ret_line->n + 1;
    text->p = end + 1;
    return true;
}

static bool parse_size(struct kept_span line, uint64_t *ret_size)
{
    uint64_t v = 0;
    if (line.n == 0 || (line.n > 1 && line.p[0] == '0'))
        return false;
    for (size_t i = 0; i < line.n; i++) {
        uint64_t digit = (uint64_t)line.p[i] - '0';
        if (line.p[i] < '0' || digit > 9 || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *ret_size = v;
    return true;
}

static bool parse_body(struct kept_span body, struct kept_checkpoint *ret_checkpoint)
{
    struct kept_span line;
    size_t n = 0;
    if (!next_line(&body, &line)) /* no test: a body ends with the end of a line */
        return false;                  /* no test: nor this */
    if (line.n == 0 || line.n >= sizeof ret_checkpoint->origin)
        return false;
    memcpy(ret_checkpoint->origin, line.p, line.n);
    ret_checkpoint->origin[line.n] = 0;
    if (!kept_origin_valid(ret_checkpoint->origin) || !next_line(&body, &line) ||
        !parse_size(line, &ret_checkpoint->size) || !next_line(&body, &line) || line.n != 44 ||
        kept_unbase64((const char *)line.p, line.n, ret_checkpoint->root, 32, &n) != 0 || n != 32)
        return false;
    while (body.n != 0) { /* extension lines are opaque, but not empty */
        if (!next_line(&body, &line)) /* no test: a body ends with the end of a line */
            return false;              /* no test: nor this */
        if (line.n == 0)
            return false;
    }
    return true;
}

/* One signature line: 1 good, 0 of another key, KEPT_E_*. */
static int check_signature(struct kept_span line, const struct kept_checkpoint *checkpoint,
                           struct kept_span body, const uint8_t public_key[32])
{
    uint8_t raw[SIGNATURE_RAW], id[4];
    size_t name_n = strlen(checkpoint->origin), n = 0;
    if (line.n < DASH_BYTES + 3 || !kept_bytes_equal(line.p, DASH, DASH_BYTES))
        return KEPT_E_CORRUPT;
    line.p += DASH_BYTES;
    line.n -= DASH_BYTES;
    const uint8_t *space = memchr(line.p, ' ', line.n);
    if (space == NULL || space == line.p)
        return KEPT_E_CORRUPT;
    struct kept_span name = {line.p, (size_t)(space - line.p)};
    struct kept_span text = {space + 1, line.n - name.n - 1};
    if (name.n != name_n || !kept_bytes_equal(name.p, checkpoint->origin, name_n) ||
        kept_unbase64((const char *)text.p, text.n, raw, sizeof raw, &n) != 0 || n != sizeof raw)
        return 0;
    key_id(checkpoint->origin, public_key, id);
    if (!kept_bytes_equal(raw, id, 4))
        return 0;
    return kept_sign_verify(public_key, body, raw + 4) ? 1 : KEPT_E_CRYPTO;
}

int kept_note_open(struct kept_span note, const uint8_t public_key[32],
                   struct kept_checkpoint *ret_checkpoint)
{
    struct kept_checkpoint checkpoint = {.size = 0};
    struct kept_span line;
    bool good = false;
    size_t split = 0;
    if (note.n == 0 || note.n > MAX_NOTE || !kept_utf8_valid(note))
        return KEPT_E_CORRUPT;
    for (size_t i = 0; i < note.n; i++)
        if (note.p[i] < 0x20 && note.p[i] != '\n')
            return KEPT_E_CORRUPT;
    for (size_t i = 1; i < note.n; i++) /* the last empty line parts text and signatures */
        if (note.p[i] == '\n' && note.p[i - 1] == '\n')
            split = i;
    struct kept_span body = {note.p, split};
    struct kept_span signatures = {note.p + split + 1, note.n - split - 1};
    if (split == 0 || !parse_body(body, &checkpoint))
        return KEPT_E_CORRUPT;
    for (size_t i = 0; signatures.n != 0; i++) {
        if (i == MAX_SIGNATURES || !next_line(&signatures, &line))
            return KEPT_E_CORRUPT;
        int rc = check_signature(line, &checkpoint, body, public_key);
        if (rc < 0)
            return rc;
        good = good || rc == 1;
    }
    if (!good)
        return KEPT_E_CRYPTO;
    *ret_checkpoint = checkpoint;
    return 0;
}

int kept_note_verifier(const char *name, const uint8_t public_key[32], struct kept_buf *out)
{
    uint8_t raw[1 + KEPT_SIGN_PUBLIC_BYTES], id[4];
    char hex[9], text[64];
    if (!kept_origin_valid(name))
        return KEPT_E_USAGE;
    raw[0] = TYPE_ED25519;
    memcpy(raw + 1, public_key, KEPT_SIGN_PUBLIC_BYTES);
    key_id(name, public_key, id);
    kept_hex(id, 4, hex);
    kept_base64((struct kept_span){raw, sizeof raw}, text);
    kept_buf_printf(out, "%s+%s+%s", name, hex, text);
    return out->failed;
}
