/* render_say.c - a policy's rules as words of one language: texts, lists, times, dates, names. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "policy/render_int.h"
#include "policy/show_int.h"

static const struct kept_sentence rows[] = {
#define SENTENCE(id, key, values) {key, values},
#define WORD(group, word)
#include "policy/sentences.def"
#undef SENTENCE
#undef WORD
#define SENTENCE(id, key, values)
#define WORD(group, word) {group "." word, ""},
#include "policy/sentences.def"
#undef SENTENCE
#undef WORD
};

int kept_render_words(struct kept_span text, const char *file, struct kept_words **ret_words,
                      struct kept_err *err)
{
    /* Groups whose names the policy, the calendar or ISO give. */
    static const char *const open[] = {"region.", "language.", "month.", "guardian.", NULL};
    return kept_words_read(text, file, rows, sizeof rows / sizeof rows[0], open, ret_words, err);
}

const char *kept_taken(struct render *r, struct kept_buf *text)
{
    char *copy = kept_arena_alloc(&r->arena, text->n + 1, 1);
    for (size_t i = 0; copy != NULL && i < text->n; i++)
        copy[i] = (char)text->p[i];
    if (text->failed != 0)
        r->page.out->failed = text->failed;
    kept_buf_release(text);
    return copy != NULL ? copy : "";
}

const char *kept_saying(struct render *r, enum saying id, const struct kept_value *values, size_t count)
{
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_JSON_BYTES);
    kept_words_say(r->words, (size_t)id, values, count, &text);
    return kept_taken(r, &text);
}

const char *kept_plain(struct render *r, enum saying id)
{
    return kept_saying(r, id, NULL, 0);
}

void kept_tell(struct render *r, const struct kept_mark *mark, const char *text)
{
    kept_page_say(&r->page, mark, text);
}

void kept_cell(struct render *r, const struct kept_mark *mark, const char *text)
{
    kept_page_cell(&r->page, mark);
    kept_page_say(&r->page, NULL, text);
    kept_page_cell_end(&r->page);
}

const char *kept_group(struct render *r, const char *group, const char *word)
{
    const char *words = kept_words_of(r->words, group, word);
    return words != NULL ? words : word;
}

const char *kept_effect(struct render *r, enum kept_withdrawal effect)
{
    return kept_group(r, "effect", kept_key_word(WITHDRAWAL_effect, (size_t)effect));
}

const char *kept_text_of(const struct render *r, const struct text *text)
{
    return text->v != NULL && text->v[r->index] != NULL ? text->v[r->index] : "";
}

const char *kept_number_text(struct render *r, unsigned long long n)
{
    struct kept_buf text;
    kept_buf_init(&text, 32);
    kept_buf_printf(&text, "%llu", n);
    return kept_taken(r, &text);
}

const char *kept_time_of(struct render *r, kept_ms length)
{
    static const struct {
        kept_ms unit;
        enum saying say;
    } units[] = {{365 * KEPT_DAY, SAY_YEARS}, {KEPT_DAY, SAY_DAYS}, {KEPT_HOUR, SAY_HOURS}};
    size_t i = length % units[0].unit == 0 ? 0 : length % units[1].unit == 0 ? 1 : 2; /* a policy counts in hours */
    unsigned long long n = (unsigned long long)(length / units[i].unit);
    return kept_saying(r, units[i].say, KEPT_WITH({"n", kept_number_text(r, n)}, {"one", kept_if(n == 1)}));
}

const char *kept_length_of(struct render *r, const struct kept_length *length)
{
    static const enum saying units[] = {SAY_HOURS, SAY_HOURS, SAY_DAYS, SAY_WORKING_DAYS, SAY_MONTHS};
    if (length->n == 0)
        return "";
    return kept_saying(r, units[length->unit],
                       KEPT_WITH({"n", kept_number_text(r, length->n)}, {"one", kept_if(length->n == 1)}));
}

const char *kept_due_of(struct render *r, const struct kept_deadline *deadline)
{
    return kept_saying(r, SAY_DUE,
                       KEPT_WITH({"time", kept_length_of(r, &deadline->within)},
                                 {"from", kept_group(r, "due-from", kept_show_anchor(deadline->from))},
                                 {"moves", kept_if(deadline->moves)}));
}

const char *kept_disposed(struct render *r, enum kept_disposition disposition)
{
    return kept_group(r, "disposition", kept_show_disposition(disposition));
}

const char *kept_words_of_bits(struct render *r, const char *group, enum key key, uint32_t bits)
{
    const char *words[32];
    size_t n = 0;
    KEPT_INVARIANT(kept_key_words(key) <= 32); /* as many as there are bits */
    for (size_t i = 0; i < kept_key_words(key); i++)
        if ((bits >> i & 1u) != 0)
            words[n++] = kept_group(r, group, kept_key_word(key, i));
    return kept_listed(r, words, n);
}

const char *kept_channels_of(struct render *r, uint32_t channels)
{
    return kept_words_of_bits(r, "channel", RIGHTS_channels, channels);
}

const char *kept_date_of(struct render *r, kept_ms at)
{
    int year = 0, month = 0, day = 0;
    char word[16];
    kept_date_split(kept_zone_day(&r->p->info.zone, at), &year, &month, &day);
    (void)snprintf(word, sizeof word, "%d", month);
    return kept_saying(r, SAY_DATE,
                    KEPT_WITH({"day", kept_number_text(r, (unsigned)day)},
                              {"month", kept_group(r, "month", word)},
                              {"year", kept_number_text(r, (unsigned)year)}));
}

static bool has_comma(const char *text)
{
    return strchr(text, ',') != NULL || strstr(text, "，") != NULL || strstr(text, "、") != NULL;
}

const char *kept_listed(struct render *r, const char *const *words, size_t count)
{
    bool heavy = false;
    for (size_t i = 0; i < count; i++)
        heavy = heavy || has_comma(words[i]);
    heavy = heavy && count > 1;
    /* Said of two empty values, such a sentence is what stands between them. */
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_JSON_BYTES);
    for (size_t i = 0; i < count; i++) {
        enum saying joint = heavy                    ? SAY_LIST_HEAVY
                            : i + 1 < count          ? SAY_LIST_MORE
                            : count == 2             ? SAY_LIST_TWO
                                                     : SAY_LIST_LAST;
        if (i > 0)
            kept_buf_text(&text, kept_saying(r, joint, KEPT_WITH({"a", ""}, {"b", ""})));
        kept_buf_text(&text, words[i]);
    }
    return kept_taken(r, &text);
}

const char *kept_joined(struct render *r, const char *a, const char *b)
{
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_JSON_BYTES);
    kept_buf_printf(&text, "%s%s%s", a, r->page.packed ? "" : " ", b);
    return kept_taken(r, &text);
}

const char *kept_name_text(const struct render *r, enum kept_kind kind, uint32_t index)
{
    const struct kept_policy *p = r->p;
    const struct text *text = kind == KEPT_K_ITEM         ? &p->items[index].text
                              : kind == KEPT_K_FUNCTION   ? &p->functions[index].text
                              : kind == KEPT_K_PURPOSE    ? &p->purposes[index].text
                              : kind == KEPT_K_PERMISSION ? &p->permissions[index].text
                              : kind == KEPT_K_PARTITION  ? &p->partitions[index].text
                                                          : &p->recipients[index].text;
    return kept_text_of(r, text);
}

const char *kept_names_of(struct render *r, enum kept_kind kind, const struct list *list)
{
    struct listing words = kept_listing_new(r, list->n);
    for (size_t i = 0; i < list->n; i++)
        kept_listing_add(&words, kept_name_text(r, kind, list->v[i]));
    return kept_listed(r, words.v, words.n);
}

const char *kept_region_word(struct render *r, uint32_t ref)
{
    return kept_group(r, "region", kept_show_region(r->p, ref));
}

const char *kept_regions_of(struct render *r, const struct list *refs)
{
    struct listing words = kept_listing_new(r, refs->n);
    for (size_t i = 0; i < refs->n; i++)
        kept_listing_add(&words, kept_region_word(r, refs->v[i]));
    return kept_listed(r, words.v, words.n);
}

struct listing kept_listing_new(struct render *r, size_t most)
{
    return (struct listing){.v = kept_arena_alloc(&r->arena, most + 1, sizeof(char *)), .n = 0};
}

void kept_listing_add(struct listing *words, const char *text)
{
    if (words->v != NULL)
        words->v[words->n++] = text;
}

struct list kept_list_new(struct render *r, size_t most)
{
    return (struct list){.v = kept_arena_alloc(&r->arena, most + 1, sizeof(uint32_t)), .n = 0};
}

void kept_list_add(struct list *list, uint32_t index)
{
    if (list->v != NULL)
        list->v[list->n++] = index;
}

struct list kept_item_purposes(struct render *r, size_t item)
{
    struct list list = kept_list_new(r, r->p->info.purposes);
    for (size_t i = 0; i < r->p->info.purposes; i++)
        if (kept_bit(&r->p->item_purposes, item, i))
            kept_list_add(&list, (uint32_t)i);
    return list;
}

struct list kept_functions_with(struct render *r, enum kept_kind kind, size_t index)
{
    const struct kept_policy *p = r->p;
    struct list list = kept_list_new(r, p->info.functions);
    for (size_t i = 0; i < p->info.functions; i++)
        if (kind == KEPT_K_ITEM         ? kept_bit(&p->function_items, i, index)
            : kind == KEPT_K_PERMISSION ? kept_list_has(&p->functions[i].permissions, (uint32_t)index)
                                        : kept_bit(&p->function_purposes, i, index))
            kept_list_add(&list, (uint32_t)i);
    return list;
}

static bool meet(const struct bits *a, size_t row_a, const struct bits *b, size_t row_b)
{
    for (size_t w = 0; w < a->row; w++) /* b's rows are of the same things */
        if ((a->words[row_a * a->row + w] & b->words[row_b * b->row + w]) != 0)
            return true;
    return false;
}

struct list kept_recipients_of(struct render *r, size_t function)
{
    const struct kept_policy *p = r->p;
    struct list list = kept_list_new(r, p->info.recipients);
    for (size_t i = 0; i < p->info.recipients; i++)
        if (meet(&p->function_items, function, &p->recipient_items, i) &&
            meet(&p->function_purposes, function, &p->recipient_purposes, i))
            kept_list_add(&list, (uint32_t)i);
    return list;
}
