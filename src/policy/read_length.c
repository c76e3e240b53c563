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

const char *const *kept_incident_words(void)
{
    static const char *const words[] = {
#define X(name, word) word,
        KEPT_INCIDENT_FIELDS(X)
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

void kept_read_length(struct reader *r, const struct node *node, struct kept_length *ret)
{
    static const struct {
        const char *word;
        enum kept_unit unit;
    } units[] = {{"hour", KEPT_UNIT_HOURS}, {"day", KEPT_UNIT_DAYS},
                 {"working day", KEPT_UNIT_WORKING_DAYS}, {"month", KEPT_UNIT_MONTHS}};
    const char *text = kept_string(r, node);
    if (text == NULL)
        return;
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
            return;
        }
    }
    kept_find(r, CODE_BAD_DEADLINE, node->line, node->column,
              "write a count up to 1000 and a unit: '72 hours', '30 days', '15 working days', "
              "'1 month'",
              "'%.64s' cannot be counted: nobody could say on which day it ends", text);
    r->lost++;
}

void kept_read_deadline(struct reader *r, const struct node *node, struct kept_deadline *deadline)
{
    if (node == NULL || !kept_keys_of(r, node, SECTION_DEADLINE))
        return;
    kept_read_length(r, kept_at(r, node, DEADLINE_within), &deadline->within);
    int from = kept_word_at(r, node, DEADLINE_from);
    if (from >= 0)
        deadline->from = (enum kept_anchor)from;
    deadline->moves = kept_word_at(r, node, DEADLINE_rest_day) == 1;
}

uint32_t kept_read_words(struct reader *r, const struct node *map, enum key key)
{
    const struct node *list = kept_list_at(r, map, key);
    uint32_t bits = 0;
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE;
         i = r->tree.nodes[i].next) {
        const struct node *node = &r->tree.nodes[i];
        int word = kept_word_in(r, node, kept_key_type(key)->words, 2);
        if (word >= 0 && (bits >> word & 1u) != 0)
            kept_find(r, CODE_DUPLICATE_ENTRY, node->line, node->column, "remove one of them",
                      "'%s' stands twice in this list", kept_key_word(key, (size_t)word));
        if (word >= 0)
            bits |= 1u << word;
    }
    if (list != NULL && list->first == NO_NODE)
        kept_find(r, CODE_EMPTY_VALUE, list->line, list->column, "name at least one",
                  "'%s' is an empty list", kept_key_row(key)->name);
    return bits;
}
