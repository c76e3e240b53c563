/* keyed.c - values by their keys: what may stand there is looked up in the language, and read by value.c. */
#include <string.h>

#include "policy/policy_int.h"

bool kept_keys_of(struct reader *r, const struct node *map, enum section section)
{
    const struct section_row *row = kept_section_row(section);
    const enum key end = kept_section_end(section);
    const char *names[KEY_COUNT + 1];
    size_t n = 0;
    for (enum key key = row->first; key < end; key++)
        names[n++] = kept_key_row(key)->name;
    names[n] = NULL;
    if (!kept_keys(r, map, names, row->what))
        return false;
    for (enum key key = row->first; key < end; key++) {
        const struct key_need *need = &kept_key_row(key)->need;
        if (need->why != NULL && need->when == NULL)
            (void)kept_need(r, map, kept_key_row(key)->name, need->why);
    }
    return true;
}

const struct node *kept_at(const struct reader *r, const struct node *map, enum key key)
{
    return kept_child(r, map, kept_key_row(key)->name);
}

const struct node *kept_need_at(struct reader *r, const struct node *map, enum key key)
{
    return kept_need(r, map, kept_key_row(key)->name, kept_key_row(key)->need.why);
}

const struct node *kept_list_at(struct reader *r, const struct node *map, enum key key)
{
    return kept_list(r, map, kept_key_row(key)->name);
}

const char *kept_string_at(struct reader *r, const struct node *map, enum key key)
{
    return kept_string(r, kept_at(r, map, key));
}

int kept_word_at(struct reader *r, const struct node *map, enum key key)
{
    const struct node *node = kept_at(r, map, key);
    int word = node != NULL ? kept_word_in(r, node, kept_key_type(key)->words, 2) : -1;
    const char *otherwise = kept_key_row(key)->need.otherwise;
    for (int i = 0; word < 0 && otherwise != NULL; i++)
        if (strcmp(kept_key_word(key, (size_t)i), otherwise) == 0)
            word = i;
    return word;
}

const char *kept_choice_at(struct reader *r, const struct node *map, enum key key)
{
    int word = kept_word_at(r, map, key);
    return word >= 0 ? kept_key_word(key, (size_t)word) : NULL;
}

bool kept_flag_at(struct reader *r, const struct node *map, enum key key)
{
    const struct key_row *row = kept_key_row(key);
    const char *otherwise = row->need.otherwise;
    return kept_flag(r, map, row->name, otherwise != NULL && strcmp(otherwise, "true") == 0); /* no test: none is, today */
}

bool kept_number_at(struct reader *r, const struct node *map, enum key key, uint32_t *ret)
{
    const struct key_type *type = kept_key_type(key);
    const struct node *node = kept_at(r, map, key);
    if (node == NULL && kept_key_row(key)->need.number != 0)
        *ret = kept_key_row(key)->need.number;
    return node != NULL && kept_number(r, node, (uint32_t)type->min, (uint32_t)type->max, ret);
}

bool kept_date_at(struct reader *r, const struct node *map, enum key key, int32_t *ret_days)
{
    return kept_date(r, kept_at(r, map, key), ret_days);
}

struct text kept_text_at(struct reader *r, const struct node *map, enum key key)
{
    return kept_text(r, map, kept_key_row(key)->name); /* kept_keys_of says that it is missing */
}

struct text kept_one_text_at(struct reader *r, const struct node *map, enum key key)
{
    const struct node *node = kept_at(r, map, key);
    struct kept_policy *p = r->policy;
    if (node == NULL)
        return (struct text){NULL};
    if (node->kind == NODE_MAP)
        return kept_text_at(r, map, key);
    const char *value = kept_string(r, node);
    struct text text = {value != NULL ? kept_arena_alloc(&p->arena, p->info.languages + 1, sizeof *text.v) : NULL};
    for (size_t i = 0; text.v != NULL && i < p->info.languages; i++)
        text.v[i] = value;
    return text;
}

bool kept_or_at(const struct reader *r, const struct node *map, enum key key)
{
    const struct node *node = kept_at(r, map, key);
    return node != NULL && node->kind == NODE_SCALAR &&
           strcmp(node->text, kept_key_type(key)->or) == 0;
}

struct list kept_names_at(struct reader *r, const struct node *map, enum key key)
{
    const struct key_type *type = kept_key_type(key);
    struct list none = {0};
    if (type->or != NULL && kept_or_at(r, map, key))
        return none;
    return kept_names(r, map, kept_key_row(key)->name, type->kind_of_name);
}

uint32_t kept_name_at(struct reader *r, const struct node *map, enum key key)
{
    const struct node *node = kept_at(r, map, key);
    return node != NULL ? kept_name_of(r, node, kept_key_type(key)->kind_of_name) : KEPT_NO_INDEX;
}

uint64_t kept_words_at(struct reader *r, const struct node *map, enum key key)
{
    const struct key_type *type = kept_key_type(key);
    uint64_t bits = 0;
    if (type->or != NULL && kept_or_at(r, map, key))
        return ((uint64_t)1 << kept_key_words(key)) - 1;
    const struct node *list = kept_list_at(r, map, key);
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE;
         i = r->tree.nodes[i].next) {
        int word = kept_word_in(r, &r->tree.nodes[i], type->words, 2);
        bits |= word >= 0 ? (uint64_t)1 << word : 0;
    }
    return bits;
}
