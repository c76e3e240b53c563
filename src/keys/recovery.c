/* recovery.c - the root key on paper: eight numbered lines of eight digits, each with its own check,
 * so that a slip of the pen is found and its line named. A CRC, not a hash: it finds *every* single
 * wrong digit and every swap of neighbours, and the text is as secret as the key anyway. */
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "keys/root_int.h"

#define LINES 8u
#define LINE_BYTES (KEPT_KEY_BYTES / LINES)
#define TITLE "kept root key "

/* CRC-16/CCITT over the line's number and bytes: finds any burst of up to 16 bits. */
static uint16_t check_of(unsigned line, const uint8_t *p)
{
    unsigned crc = 0xffff;
    for (size_t i = 0; i <= LINE_BYTES; i++) {
        crc ^= (i == 0 ? line : (unsigned)p[i - 1]) << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
    }
    return (uint16_t)crc;
}

int kept_root_recovery(const struct kept_root *root, struct kept_buf *out)
{
    char name[9];
    char *hex = kept_secret_new(2 * LINE_BYTES + 1);
    if (hex == NULL)
        return KEPT_E_NOMEM;
    kept_root_name(root, name);
    kept_buf_printf(out, TITLE "%s - recovery copy: who holds this opens everything\n", name);
    for (unsigned i = 0; i < LINES; i++) {
        const uint8_t *p = root->key + i * LINE_BYTES;
        kept_hex(p, LINE_BYTES, hex);
        kept_buf_printf(out, "%u  ", i + 1);
        kept_buf_bytes(out, hex, 4);
        kept_buf_text(out, " ");
        kept_buf_bytes(out, hex + 4, 4);
        kept_buf_printf(out, "  %04x\n", (unsigned)check_of(i + 1, p));
    }
    kept_secret_free(hex);
    return out->failed;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '-';
}

/* The next n hex digits of the line, blanks skipped, into ret (n / 2 bytes). */
static bool digits(const char **at, unsigned n, uint8_t *ret)
{
    char two[3] = {0, 0, 0};
    bool ok = true;
    for (unsigned i = 0; ok && i < n; i++) {
        while (is_blank(**at))
            (*at)++;
        two[i % 2] = **at;
        ok = **at != 0 && **at != '\n' && (i % 2 == 0 || kept_unhex(two, 1, ret + i / 2) == 0);
        if (ok)
            (*at)++;
    }
    kept_wipe(two, sizeof two);
    return ok;
}

/* Move behind the end of the line; false when something but blanks was left on it. */
static bool end_line(const char **at)
{
    while (is_blank(**at))
        (*at)++;
    if (**at == '\n') {
        (*at)++;
        return true;
    }
    return **at == 0;
}

static bool read_line(const char **at, unsigned line, uint8_t *ret)
{
    uint8_t check[2] = {0, 0};
    while (is_blank(**at) || **at == '\n')
        (*at)++;
    if (**at != (char)('0' + line))
        return false;
    (*at)++;
    if (!is_blank(**at) || !digits(at, 2 * LINE_BYTES, ret) || !digits(at, 4, check) ||
        !end_line(at))
        return false;
    return (check[0] << 8 | check[1]) == check_of(line, ret);
}

int kept_root_read_recovery(const char *text, struct kept_root **ret_root, struct kept_err *err)
{
    uint8_t name[KEPT_ROOT_NAME_BYTES] = {0};
    const char *at = text;
    *ret_root = NULL;
    struct kept_root *root = kept_root_new(err);
    if (root == NULL)
        return KEPT_E_NOMEM;
    int rc = 0;
    while (is_blank(*at) || *at == '\n')
        at++;
    if (strncmp(at, TITLE, strlen(TITLE)) != 0) {
        rc = kept_fail(err, KEPT_E_CORRUPT,
                       "this is no recovery copy: it begins with \"" TITLE "\" and eight digits");
        goto out;
    }
    at += strlen(TITLE);
    bool ok = digits(&at, 2 * KEPT_ROOT_NAME_BYTES, name);
    while (*at != 0 && *at != '\n')
        at++;
    for (unsigned i = 0; i < LINES; i++)
        if (!read_line(&at, i + 1, root->key + (size_t)i * LINE_BYTES)) {
            rc = kept_fail(err, KEPT_E_CORRUPT,
                           "line %u of the recovery copy is mistyped or missing: compare it with "
                           "the paper", i + 1);
            goto out;
        }
    while (is_blank(*at) || *at == '\n')
        at++;
    if (*at != 0) {
        rc = kept_fail(err, KEPT_E_CORRUPT, "something stands behind line 8 of the recovery copy");
        goto out;
    }
    if (!ok || kept_root_settle(root) != 0 || !kept_bytes_equal(root->name, name, sizeof name)) {
        rc = kept_fail(err, KEPT_E_CORRUPT,
                       "the name in the recovery copy's first line does not fit its digits: "
                       "compare it with the paper");
        goto out;
    }
    *ret_root = root;
    root = NULL;
out:
    kept_root_free(root);
    return rc;
}

int kept_root_from_recovery(const char *text, const char *path, struct kept_err *err)
{
    struct kept_root *root = NULL;
    int rc = kept_root_read_recovery(text, &root, err);
    if (rc == 0)
        rc = kept_root_save(root, path, err);
    kept_root_free(root);
    return rc;
}
