/* number.c - numbers of people in text: phone, landline, identity card, bank card, IMEI.
 *
 * Digits come in groups with one space, hyphen or dot between them. What begins at a group is held
 * against the shapes that people write; then the digits must pass their kind's check, and what stands
 * around them must not say that they are something else. */
#include <string.h>

#include "scan/scan_int.h"

#define MAX_GROUPS 6u
#define MAX_GROUP 20u /* digits; longer is no number of a person */
#define FEWEST 10u    /* digits of the shortest shape */

/* Groups of digits from some cell on. */
struct groups {
    size_t from[MAX_GROUPS], n[MAX_GROUPS];
    uint32_t between[MAX_GROUPS]; /* separator behind group i; 0: none, or no digit follows */
    size_t count;
};

/* How each kind is written: sizes of groups, the separators that may stand between them. Longer ones
 * first; of two as long the one that checks more. */
struct shape {
    enum kept_item_kind kind;
    uint8_t size[MAX_GROUPS];
    const char *between;
};
static const struct shape shapes[] = {
    {KEPT_KIND_BANK_CARD, {19}, ""},           {KEPT_KIND_BANK_CARD, {4, 4, 4, 4, 3}, " -"},
    {KEPT_KIND_BANK_CARD, {6, 13}, " "},       {KEPT_KIND_ID_CARD, {18}, ""},
    {KEPT_KIND_ID_CARD, {6, 8, 4}, " -"},      {KEPT_KIND_ID_CARD, {4, 4, 4, 4, 2}, " "},
    {KEPT_KIND_ID_CARD, {6, 4, 4, 4}, " -"},   {KEPT_KIND_BANK_CARD, {18}, ""},
    {KEPT_KIND_BANK_CARD, {4, 4, 4, 4, 2}, " -"}, {KEPT_KIND_BANK_CARD, {17}, ""},
    {KEPT_KIND_BANK_CARD, {4, 4, 4, 4, 1}, " -"}, {KEPT_KIND_BANK_CARD, {16}, ""},
    {KEPT_KIND_BANK_CARD, {4, 4, 4, 4}, " -"}, {KEPT_KIND_BANK_CARD, {15}, ""},
    {KEPT_KIND_BANK_CARD, {4, 6, 5}, " -"},    {KEPT_KIND_IMEI, {15}, ""},
    {KEPT_KIND_IMEI, {2, 6, 6, 1}, " -"},      {KEPT_KIND_IMEI, {6, 2, 6, 1}, " -"},
    {KEPT_KIND_IMEI, {8, 6, 1}, " -"},         {KEPT_KIND_BANK_CARD, {14}, ""},
    {KEPT_KIND_BANK_CARD, {4, 6, 4}, " -"},    {KEPT_KIND_LANDLINE, {4, 8}, " -"},
    {KEPT_KIND_LANDLINE, {4, 4, 4}, " -"},     {KEPT_KIND_PHONE, {11}, ""},
    {KEPT_KIND_PHONE, {3, 4, 4}, " -."},       {KEPT_KIND_PHONE, {3, 8}, " -"},
    {KEPT_KIND_PHONE, {4, 3, 4}, " -"},        {KEPT_KIND_PHONE, {4, 4, 3}, " -"},
    {KEPT_KIND_PHONE, {7, 4}, " -"},           {KEPT_KIND_LANDLINE, {3, 8}, " -"},
    {KEPT_KIND_LANDLINE, {4, 7}, " -"},        {KEPT_KIND_LANDLINE, {3, 4, 4}, " -"},
    {KEPT_KIND_LANDLINE, {4, 3, 4}, " -"},
};

/* Landlines behind +86: the area code without its 0. */
static const struct shape abroad[] = {
    {KEPT_KIND_LANDLINE, {3, 8}, " -"},    {KEPT_KIND_LANDLINE, {3, 4, 4}, " -"},
    {KEPT_KIND_LANDLINE, {2, 8}, " -"},    {KEPT_KIND_LANDLINE, {3, 7}, " -"},
    {KEPT_KIND_LANDLINE, {2, 4, 4}, " -"}, {KEPT_KIND_LANDLINE, {3, 3, 4}, " -"},
};

static void read_groups(const struct kept_window *w, size_t at, struct groups *ret)
{
    *ret = (struct groups){.count = 0};
    while (ret->count < MAX_GROUPS && kept_is_digit(kept_at(w, at))) {
        size_t i = ret->count++;
        ret->from[i] = at;
        while (kept_is_digit(kept_at(w, at)) && at - ret->from[i] <= MAX_GROUP)
            at++;
        ret->n[i] = at - ret->from[i];
        /* The check character of an identity card counts as a digit; its check knows better. */
        if ((kept_at(w, at) | 32u) == 'x' && !kept_is_alnum(kept_at(w, at + 1))) {
            ret->n[i]++;
            break;
        }
        uint32_t c = kept_at(w, at);
        if ((c != ' ' && c != '-' && c != '.') || !kept_is_digit(kept_at(w, at + 1)))
            break;
        ret->between[i] = c;
        at++;
    }
}

/* ---- what stands around --------------------------------------------------------------------------*/

static bool is_currency(uint32_t c)
{
    return c == '$' || c == 0xa5 || c == 0x20ac || c == 0xa3;
}

/* May a number begin at this cell? named: a word before it says that it is one of its kind. */
static bool begins(const struct kept_window *w, size_t at, bool named)
{
    uint32_t c = kept_at(w, at - 1), before = kept_at(w, at - 2);
    if (w->last_end != 0 && w->last_end + 1 == at && (c == '/' || c == '-'))
        return true; /* two numbers, one after the other */
    if (kept_is_digit(c) || c == '_' || c == '%' || is_currency(c == ' ' ? before : c))
        return false;
    if (kept_is_letter(c) || c == '#' || c == '&')
        return named;
    if (c == '-' || c == '/' || c == '.' || c == ':' || c == '+')
        return named || !(c == '.' || c == ':' || c == '+' ? kept_is_digit(before)
                                                           : kept_is_alnum(before));
    return true;
}

/* May a number end before this cell? */
static bool finishes(const struct kept_window *w, size_t end)
{
    uint32_t c = kept_at(w, end), next = kept_at(w, end + 1);
    if (kept_is_alnum(c) || c == '_' || c == '%' || c == 0x2030)
        return false;
    if (c == '.' || c == ':')
        return !kept_is_digit(next);
    if (c == '-')
        return !kept_is_alnum(next);
    if (c == '/')
        return !kept_is_letter(next);
    return true;
}

/* Is there a group before the first one, as in a table of numbers? Its sign: a word of its own with a
 * digit in it, not a date or a time. */
static bool comes_from(const struct kept_window *w, size_t from)
{
    size_t n = 0;
    bool digit = false;
    for (; kept_is_alnum(kept_at(w, from - 2 - n)) && n < 8; n++)
        digit = digit || kept_is_digit(kept_at(w, from - 2 - n));
    uint32_t c = kept_at(w, from - 2 - n);
    return digit && n >= 3 && c != '.' && c != ':' && c != '-' && c != '/';
}

/* Part of a longer row of groups written alike? A month or a date behind it is not. */
static bool goes_on(const struct kept_window *w, size_t from, const struct groups *g, size_t count)
{
    uint32_t sep = g->between[0];
    if (count < 2)
        return false;
    if (kept_at(w, from - 1) == sep && comes_from(w, from))
        return true;
    uint32_t after = kept_at(w, g->from[count] + g->n[count]);
    return g->between[count - 1] == sep && g->n[count] <= 4 && after != '/' && after != ':' &&
           (after != '-' || sep == '-');
}

/* 0755-87654321-801: it is the number of an office all the same. */
static bool has_extension(const struct kept_window *w, size_t end)
{
    size_t n = 0;
    while (n < 6 && kept_is_digit(kept_at(w, end + 1 + n)))
        n++;
    uint32_t c = kept_at(w, end + 1 + n);
    return kept_at(w, end) == '-' && n > 0 && n < 6 && !kept_is_alnum(c) && c != '-' && c != '_';
}

/* ---- kinds ---------------------------------------------------------------------------------------*/

/* Segments of mobile numbers that are given out (130 to 199); others are taken only from people who
 * say that it is one. */
static bool is_segment(const char *d)
{
    static const char given[] = "1111111111" "0000011111" "1111011111" "0010011100" "1111011110"
                                "1111111111" "1111011111";
    return d[0] == '1' && d[1] >= '3' && given[(d[1] - '3') * 10 + (d[2] - '0')] == '1';
}

/* Networks of bank cards by their first digits, and the lengths of their numbers (ISO/IEC 7812). */
static bool is_network(const char *d, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < 4; i++)
        v = v * 10 + (unsigned)(d[i] - '0');
    return (v / 100 == 62 && n >= 16) ||                          /* UnionPay */
           (v / 1000 == 4 && (n == 16 || n == 19)) ||             /* Visa, older ones of Chinese banks */
           (n == 16 && ((v >= 5100 && v <= 5599) || (v >= 2221 && v <= 2720) || /* Mastercard */
                        (v >= 3528 && v <= 3589) || v == 6011 || v / 100 == 65)) || /* JCB, Discover */
           (n == 15 && (v / 100 == 34 || v / 100 == 37)) ||       /* American Express */
           (n == 14 && (v / 100 == 36 || v / 100 == 38 || v / 100 == 30)) || /* Diners */
           (n == 19 && (v / 100 == 95 || v == 6013 || v / 100 == 60 || v / 100 == 68 || v / 100 == 69));
}

/* Bodies that give out type numbers of phones. */
static bool is_reporting_body(const char *d)
{
    static const char bodies[] = "01 10 30 33 35 44 45 49 50 51 52 53 54 86 91 98 99";
    const char body[3] = {d[0], d[1], 0};
    return strstr(bodies, body) != NULL;
}

/* An area code, and a number behind it that does not begin with 0. */
static bool is_area(const char *d, size_t area, size_t n)
{
    if (d[area] == '0')
        return false;
    if (area == 3)
        return d[0] == '0' && (d[1] == '2' || (d[1] == '1' && d[2] == '0')) && n == 11;
    return d[0] == '0' && d[1] >= '3' && d[1] <= '9';
}

/* What is known of the kind beyond its check: hint overrides it where a word names the kind. */
static bool is_likely(const struct kept_hit *hit, enum kept_item_kind kind, size_t first_group,
                      enum kept_hint hint)
{
    switch ((int)kind) {
    case KEPT_KIND_PHONE: return hint == KEPT_HINT_PHONE || is_segment(hit->value);
    case KEPT_KIND_BANK_CARD: return is_network(hit->value, hit->n) ||
                                     (hint == KEPT_HINT_CARD && hit->n >= 16);
    case KEPT_KIND_IMEI: return hint == KEPT_HINT_IMEI || is_reporting_body(hit->value);
    case KEPT_KIND_LANDLINE: return is_area(hit->value, first_group, hit->n);
    default: return true;
    }
}

static enum kept_hint name_of(enum kept_item_kind kind)
{
    return kind == KEPT_KIND_BANK_CARD ? KEPT_HINT_CARD
           : kind == KEPT_KIND_ID_CARD ? KEPT_HINT_ID
           : kind == KEPT_KIND_IMEI    ? KEPT_HINT_IMEI
                                       : KEPT_HINT_PHONE;
}

/* Digits of the first groups of g into the hit, if their sizes and separators are the shape's. */
static bool has_shape(const struct kept_window *w, const struct groups *g, const struct shape *shape,
                      size_t *ret_count, struct kept_hit *hit)
{
    size_t count = 0;
    hit->n = 0;
    for (; count < MAX_GROUPS && shape->size[count] != 0; count++) {
        if (count >= g->count || g->n[count] != shape->size[count])
            return false;
        if (count > 0 && (g->between[count - 1] != g->between[0] ||
                          strchr(shape->between, (int)g->between[0]) == NULL))
            return false;
        for (size_t i = 0; i < g->n[count]; i++)
            kept_hit_add(hit, kept_at(w, g->from[count] + i));
    }
    *ret_count = count;
    return true;
}

/* What begins at group 0 of g, if anything. from: where the whole begins; with a prefix it is
 * phone_only, and whoever found the prefix saw that something may begin there. */
static bool match_groups(const struct kept_window *w, size_t from, const struct groups *g,
                         bool phone_only, struct kept_hit *hit)
{
    enum kept_hint hint = KEPT_HINT_NONE;
    bool looked = false;
    size_t digits = 0;
    for (size_t i = 0; i < g->count; i++)
        digits += g->n[i];
    if (digits < FEWEST)
        return false;
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        const struct shape *shape = &shapes[s];
        size_t count = 0;
        if (shape->size[0] != g->n[0] || (phone_only && shape->kind != KEPT_KIND_PHONE) ||
            !has_shape(w, g, shape, &count, hit) || !kept_hit_fits(hit, shape->kind))
            continue;
        size_t end = g->from[count - 1] + g->n[count - 1];
        if (!looked)
            hint = kept_hint_before(w, from);
        looked = true;
        bool named = hint == name_of(shape->kind);
        /* An identity number checks itself so well, and +86 says so much, that no word speaks
         * against them. */
        bool sure = named || shape->kind == KEPT_KIND_ID_CARD ||
                    (phone_only && kept_at(w, from) != '8');
        if (!phone_only && !begins(w, from, named))
            continue;
        bool alone = (finishes(w, end) && !goes_on(w, from, g, count)) ||
                     (shape->kind == KEPT_KIND_LANDLINE && has_extension(w, end));
        if (!alone || !is_likely(hit, shape->kind, g->n[0], phone_only ? KEPT_HINT_PHONE : hint))
            continue;
        if (!sure && (hint == KEPT_HINT_OTHER || kept_unit_behind(w, end)))
            continue;
        hit->end = end;
        return true;
    }
    return false;
}

/* +86, 86, 0086, in parentheses or not: the cell behind it and its separator; 0: there is none. */
static size_t over_prefix(const struct kept_window *w, size_t at)
{
    bool paren = kept_at(w, at) == '(';
    at += paren;
    bool plus = kept_at(w, at) == '+', zeros = false;
    if (plus)
        at++;
    else if ((zeros = kept_at(w, at) == '0' && kept_at(w, at + 1) == '0'))
        at += 2;
    if (kept_at(w, at) != '8' || kept_at(w, at + 1) != '6')
        return 0;
    at += 2;
    if (paren && kept_at(w, at++) != ')')
        return 0;
    if (kept_at(w, at) == ' ' || kept_at(w, at) == '-')
        at++;
    return kept_is_digit(kept_at(w, at)) ? at : 0;
}

/* 10-87654321 behind +86, or behind 86 and a separator. */
static bool match_abroad(const struct kept_window *w, size_t from, const struct groups *g,
                         struct kept_hit *hit)
{
    if (kept_at(w, from) == '8' && kept_is_digit(kept_at(w, g->from[0] - 1)))
        return false;
    for (size_t s = 0; s < sizeof abroad / sizeof abroad[0]; s++) {
        size_t count = 0;
        if (!has_shape(w, g, &abroad[s], &count, hit))
            continue;
        memmove(hit->value + 1, hit->value, ++hit->n);
        hit->value[0] = '0';
        hit->end = g->from[count - 1] + g->n[count - 1];
        if (kept_hit_fits(hit, KEPT_KIND_LANDLINE) && is_area(hit->value, g->n[0] + 1, hit->n) &&
            ((finishes(w, hit->end) && !goes_on(w, from, g, count)) || has_extension(w, hit->end)))
            return true;
    }
    return false;
}

/* (021)87654321: an area code in parentheses, and one or two groups. */
static bool match_area(const struct kept_window *w, size_t at, struct kept_hit *hit)
{
    struct groups g, whole = {.count = 1};
    size_t i = at + 1;
    while (kept_is_digit(kept_at(w, i)) && i - at <= 5)
        i++;
    whole.from[0] = at + 1;
    whole.n[0] = i - at - 1;
    if (kept_at(w, i) != ')' || (whole.n[0] != 3 && whole.n[0] != 4))
        return false;
    i += kept_at(w, i + 1) == ' ' ? 2 : 1;
    read_groups(w, i, &g);
    for (size_t k = 0; k < g.count && k < 2; k++) {
        whole.from[k + 1] = g.from[k];
        whole.n[k + 1] = g.n[k];
        whole.between[k] = '-';
        whole.count++;
    }
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        size_t count = 0;
        if (shapes[s].kind != KEPT_KIND_LANDLINE || !has_shape(w, &whole, &shapes[s], &count, hit) ||
            !kept_hit_fits(hit, KEPT_KIND_LANDLINE) || !is_area(hit->value, whole.n[0], hit->n))
            continue;
        hit->end = whole.from[count - 1] + whole.n[count - 1];
        return finishes(w, hit->end) || has_extension(w, hit->end);
    }
    return false;
}

bool kept_match_number(const struct kept_window *w, size_t at, struct kept_hit *hit)
{
    struct groups g;
    uint32_t c = kept_at(w, at);
    if (c != '+' && c != '(' && (!kept_is_digit(c) || kept_is_digit(kept_at(w, at - 1))))
        return false;
    size_t behind = over_prefix(w, at);
    if (behind != 0 && (c == '+' || c == '(' || begins(w, at, kept_hint_before(w, at) == KEPT_HINT_PHONE))) {
        read_groups(w, behind, &g);
        if (match_groups(w, at, &g, true, hit) || match_abroad(w, at, &g, hit))
            return true;
    }
    if (c == '(')
        return match_area(w, at, hit);
    if (c == '+')
        return false;
    read_groups(w, at, &g);
    return match_groups(w, at, &g, false, hit);
}
