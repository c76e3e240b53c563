/* read_length.c - values that the rules on duties share: lengths in days that are counted, deadlines,
 * sets of words. */
#include <string.h>

#include "policy/duties_int.h"

#define MAX_LENGTH 1000u /* more would be a slip; and counting ends */

const char *const *kept_channel_words(void)
{
    static const char *const words[] = {
#define X(name, word) word,
        KEPT_CHANNELS(X)
#undef X
        NULL};
    return words;
}

const char *const *kept_asked_words(void)
{
    static const char *const words[] = {
#define X(name, word) word,
        KEPT_REQUESTS(X)
#undef X
        NULL};
    return words;
}

const char *kept_channel_word(enum kept_channel channel)
{
    return (unsigned)channel < KEPT_CH_COUNT ? kept_channel_words()[channel] : "?";
}

const char *kept_asked_word(enum kept_asked asked)
{
    return (unsigned)asked < KEPT_ASK_COUNT ? kept_asked_words()[asked] : "?";
}

enum kept_asked kept_asked_of(const char *word)
{
    for (unsigned i = 0; word != NULL && i < KEPT_ASK_COUNT; i++)
        if (strcmp(kept_asked_words()[i], word) == 0)
            return (enum kept_asked)i;
    return KEPT_ASK_COUNT;
}

bool kept_read_length(struct reader *r, const struct node *node, struct kept_length *ret)
{
    static const struct {
        const char *word;
        enum kept_unit unit;
    } units[] = {{"hour", KEPT_UNIT_HOURS}, {"day", KEPT_UNIT_DAYS},
                 {"working day", KEPT_UNIT_WORKING_DAYS}, {"month", KEPT_UNIT_MONTHS}};
    const char *text = kept_string(r, node);
    if (text == NULL)
        return false;
    size_t digits = strspn(text, "0123456789");
    uint32_t n = 0;
    for (size_t i = 0; i < digits && digits <= 4; i++)
        n = n * 10 + (uint32_t)(text[i] - '0');
    for (size_t i = 0; n > 0 && n <= MAX_LENGTH && text[digits] == ' ' && i < 4; i++) {
        const char *word = text + digits + 1;
        size_t length = strlen(units[i].word);
        if (strncmp(word, units[i].word, length) == 0 &&
            (word[length] == 0 || (word[length] == 's' && word[length + 1] == 0))) {
            *ret = (struct kept_length){.n = n, .unit = units[i].unit};
            return true;
        }
    }
    kept_find(r, KEPT_ERROR, "BAD_DEADLINE", node->line, node->column,
              "write a count up to 1000 and a unit: '72 hours', '30 days', '15 working days', "
              "'1 month'",
              "'%.64s' cannot be counted: nobody could say on which day it ends", text);
    r->lost++;
    return false;
}

void kept_read_deadline(struct reader *r, const struct node *map, const char *key,
                        struct kept_deadline *deadline)
{
    static const char *const keys[] = {"within", "from", "rest_day", NULL};
    static const char *const anchors[] = {"received", "verified", "checked", "aware", NULL};
    static const char *const rest[] = {"counts", "moves", NULL};
    const struct node *node = kept_child(r, map, key);
    if (node == NULL || !kept_keys(r, node, keys, "a deadline"))
        return;
    const struct node *from =
        kept_need(r, node, "from", "fifteen days from what? a day that nobody can name binds nobody");
    (void)kept_read_length(r, kept_need(r, node, "within", "a deadline has a length"),
                           &deadline->within);
    int word = from != NULL ? kept_word(r, from, anchors) : -1;
    if (word >= 0)
        deadline->from = (enum kept_anchor)word;
    deadline->moves = strcmp(kept_choice(r, node, "rest_day", rest, "counts"), "moves") == 0;
}

uint32_t kept_read_words(struct reader *r, const struct node *map, const char *key,
                         const char *const *words)
{
    const struct node *list = kept_list(r, map, key);
    uint32_t bits = 0;
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE;
         i = r->tree.nodes[i].next) {
        const struct node *node = &r->tree.nodes[i];
        int word = kept_word(r, node, words);
        if (word >= 0 && (bits >> word & 1u) != 0)
            kept_find(r, KEPT_ERROR, "DUPLICATE_ENTRY", node->line, node->column,
                      "remove one of them", "'%s' stands twice in this list", words[word]);
        if (word >= 0)
            bits |= 1u << word;
    }
    if (list != NULL && list->first == NO_NODE)
        kept_find(r, KEPT_ERROR, "EMPTY_VALUE", list->line, list->column, "name at least one",
                  "'%s' is an empty list", key);
    return bits;
}

enum kept_disposition kept_read_disposition(struct reader *r, const struct node *map, const char *key,
                                            const char *third, bool *ret_third)
{
    const char *words[] = {"erase", "anonymise", third, NULL};
    const struct node *node = kept_child(r, map, key);
    int word = node != NULL ? kept_word(r, node, words) : 0;
    *ret_third = word == 2;
    return word == 1 ? KEPT_DISPOSE_ANONYMISE : KEPT_DISPOSE_ERASE;
}
