/* kind_int.h - between kind.c, which has the table, and the files that know one kind each. */
#ifndef KEPT_VAULT_KIND_INT_H
#define KEPT_VAULT_KIND_INT_H

#include "vault/kind.h"

#define KEPT_MIDDLE_DOT 0xb7u

/* The normal form of a value into out, which is empty; NULL: only check. The value is not empty, not
 * longer than its row says, and trimmed unless it is stored as it is. 0, KEPT_E_USAGE, KEPT_E_LIMIT; a
 * failing buffer is left to the caller to see. */
typedef int kept_normal_fn(struct kept_span value, struct kept_buf *out);

/* The masked form into out. The value is a normal form, so it has the shape its kind promises; of
 * a kind with KEPT_KIND_LOOSE, anything. */
typedef void kept_mask_fn(struct kept_span value, struct kept_buf *out);

#define X(constant, name, max, flags, normal, mask, looks)                                         \
    kept_normal_fn kept_normal_##normal;                                                           \
    kept_mask_fn kept_mask_##mask;
KEPT_ITEM_KINDS(X)
#undef X

/* ---- kind_aid.c: what several kinds need ---- */

static inline bool is_digit(unsigned c)
{
    return c - '0' < 10u;
}
static inline bool is_upper(unsigned c)
{
    return c - 'A' < 26u;
}
static inline bool is_letter(unsigned c)
{
    return is_upper(c) || c - 'a' < 26u;
}
static inline uint8_t lower(uint8_t c)
{
    return is_upper(c) ? (uint8_t)(c + 32) : c;
}
static inline uint8_t upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
}
/* The value of a hex digit, or -1. */
static inline int hex_of(uint8_t c)
{
    c = lower(c);
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
/* Nothing happens without an out: it was only a check. */
static inline void put(struct kept_buf *out, const void *p, size_t n)
{
    if (out != NULL)
        kept_buf_bytes(out, p, n);
}

struct kept_span kept_kind_trim(struct kept_span value); /* spaces and tabs */
/* Digits of a value in which spaces and hyphens may stand; 0 when anything else does, or when there
 * are more than max. */
size_t kept_kind_digits(struct kept_span value, uint8_t *ret_digits, size_t max);
/* Put digits out if they fit, and wipe them. 0, KEPT_E_USAGE. */
int kept_kind_give(uint8_t *digits, size_t n, bool fits, struct kept_buf *out);
/* Luhn (ISO/IEC 7812-1): the last digit checks the others. Zeros alone check nothing. */
bool kept_kind_luhn(const uint8_t *digits, size_t n);
void kept_kind_stars(struct kept_buf *out, size_t n);
/* Keep the first and the last so many bytes of plain ASCII, a star for each between. */
void kept_kind_keep(struct kept_buf *out, struct kept_span value, size_t first, size_t last);
/* Labels of letters, digits and inner hyphens (RFC 1123); the last of two or more begins with a letter. */
bool kept_kind_is_domain(struct kept_span domain);
bool kept_kind_is_ipv4(struct kept_span text, uint8_t ret[4]);
bool kept_kind_is_ipv6(struct kept_span text, uint16_t ret[8]);
#define KEPT_IPV6_TEXT 48u /* bytes of the longest, and a NUL */
size_t kept_kind_ipv6_text(const uint16_t group[8], char ret[KEPT_IPV6_TEXT]);
/* Controls, separators of lines, and marks that turn the direction of what follows: they do not
 * belong in one line of text, and hide what stands there. */
bool kept_kind_is_hostile(uint32_t c);
bool kept_kind_is_space(uint32_t c);
bool kept_kind_is_middle_dot(uint32_t c);

#endif
