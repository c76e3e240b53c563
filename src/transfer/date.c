/* date.c - days and instants as other systems write them. */
#include <string.h>

#include "base/clock.h"
#include "transfer/mapping.h"

/* What the pieces of a pattern stand for. */
enum piece { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PIECES };
static const struct {
    const char *word;
    size_t digits;
} pieces[PIECES] = {{"YYYY", 4}, {"MM", 2}, {"DD", 2}, {"hh", 2}, {"mm", 2}, {"ss", 2}};

static int piece_at(const char *pattern)
{
    for (int i = 0; i < PIECES; i++)
        if (strncmp(pattern, pieces[i].word, pieces[i].digits) == 0)
            return i;
    return -1;
}

bool kept_date_pattern_valid(const char *pattern)
{
    unsigned seen = 0;
    while (*pattern != 0) {
        int piece = piece_at(pattern);
        if (piece >= 0 && (seen >> piece & 1u) != 0)
            return false;
        if (piece >= 0)
            seen |= 1u << piece;
        pattern += piece >= 0 ? pieces[piece].digits : 1;
    }
    return (seen & 7u) == 7u && ((seen >> MINUTE & 1u) == 0 || (seen >> HOUR & 1u) != 0) &&
           ((seen >> SECOND & 1u) == 0 || (seen >> MINUTE & 1u) != 0);
}

/* Digits of text into numbers; false: text is not written as pattern says. */
static bool match(const char *pattern, struct kept_span text, int numbers[PIECES], unsigned *seen)
{
    size_t at = 0;
    while (*pattern != 0) {
        int piece = piece_at(pattern);
        size_t n = piece >= 0 ? pieces[piece].digits : 1;
        if (text.n - at < n)
            return false;
        if (piece < 0 && text.p[at] != (uint8_t)*pattern)
            return false;
        for (size_t i = 0; piece >= 0 && i < n; i++) {
            if (text.p[at + i] < '0' || text.p[at + i] > '9')
                return false;
            numbers[piece] = numbers[piece] * 10 + (text.p[at + i] - '0');
        }
        *seen |= piece >= 0 ? 1u << piece : 0;
        at += n;
        pattern += n;
    }
    return at == text.n;
}

int kept_date_read(const char *pattern, struct kept_span text, char ret[KEPT_DATE_TEXT])
{
    int n[PIECES] = {0};
    unsigned seen = 0;
    char day[16];
    int32_t days = 0;
    bool long_form = text.n == 20 && text.p[10] == 'T' && text.p[19] == 'Z';
    if (pattern == NULL)
        pattern = long_form ? "YYYY-MM-DDThh:mm:ssZ" : "YYYY-MM-DD";
    if (!match(pattern, text, n, &seen) || n[HOUR] > 23 || n[MINUTE] > 59 || n[SECOND] > 59)
        return KEPT_E_USAGE;
    int length = snprintf(day, sizeof day, "%04d-%02d-%02d", n[YEAR], n[MONTH], n[DAY]);
    if (length != 10 || kept_date_parse(day, 10, &days) != 0)
        return KEPT_E_USAGE;
    if ((seen >> HOUR & 1u) != 0)
        (void)snprintf(ret, KEPT_DATE_TEXT, "%sT%02d:%02d:%02dZ", day, n[HOUR] % 24,
                       n[MINUTE] % 60, n[SECOND] % 60);
    else
        (void)snprintf(ret, KEPT_DATE_TEXT, "%s", day);
    return 0;
}
