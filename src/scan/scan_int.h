/* scan_int.h - the window over the text, and who looks into it. */
#ifndef KEPT_SCAN_INT_H
#define KEPT_SCAN_INT_H

#include "scan/scan.h"

/* A character as it is compared: full-width forms, spaces and hyphens brought to ASCII; what is not
 * UTF-8 is KEPT_SCAN_ODD. Marks of no width belong to the character before them. */
struct kept_cell {
    uint32_t c;
    uint32_t n; /* bytes */
};
#define KEPT_SCAN_ODD 0xfffdu

#define KEPT_SCAN_CELLS 4096u
#define KEPT_SCAN_BEHIND 64u /* cells kept before the place looked at: words and boundaries */
#define KEPT_SCAN_AHEAD 400u /* ... and after it: longer than anything that is found */

struct kept_window {
    struct kept_cell cell[KEPT_SCAN_CELLS];
    size_t count;
    size_t last_end; /* where the last finding ended; 0: none in the window */
};

/* The character at i, or 0 outside of the text. i - 1 of i = 0 is outside. */
static inline uint32_t kept_at(const struct kept_window *w, size_t i)
{
    return i < w->count ? w->cell[i].c : 0;
}

struct kept_hit {
    enum kept_item_kind kind;
    size_t end;      /* behind its last cell */
    char value[320]; /* what kept_kind_normal takes */
    size_t n;
};

/* Does something begin at this cell? Fills the hit when it does. */
typedef bool kept_match_fn(const struct kept_window *w, size_t at, struct kept_hit *ret_hit);
kept_match_fn kept_match_mail, kept_match_mac, kept_match_ipv6, kept_match_ipv4, kept_match_plate,
    kept_match_number;

/* Is hit->value one of kind? */
bool kept_hit_fits(struct kept_hit *hit, enum kept_item_kind kind);
void kept_hit_add(struct kept_hit *hit, uint32_t c);

/* ---- words.c: what the words around a number say it is ---- */

enum kept_hint { KEPT_HINT_NONE, KEPT_HINT_OTHER, KEPT_HINT_PHONE, KEPT_HINT_CARD, KEPT_HINT_ID,
                 KEPT_HINT_IMEI, KEPT_HINT_NET };

/* The nearest word before the cell, over punctuation and words like `number`. */
enum kept_hint kept_hint_before(const struct kept_window *w, size_t at);
/* A unit behind it: it is a quantity. */
bool kept_unit_behind(const struct kept_window *w, size_t at);

/* ---- characters ---- */

static inline bool kept_is_digit(uint32_t c)
{
    return c - '0' < 10u;
}
static inline bool kept_is_letter(uint32_t c)
{
    return (c | 32u) - 'a' < 26u;
}
static inline bool kept_is_alnum(uint32_t c)
{
    return kept_is_digit(c) || kept_is_letter(c);
}
static inline bool kept_is_hex(uint32_t c)
{
    return kept_is_digit(c) || (c | 32u) - 'a' < 6u;
}

#endif
