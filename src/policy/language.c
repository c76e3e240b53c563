/* language.c - the table of language.def as data. */
#include "policy/language.h"

#include "base/clock.h"
#include "base/limits.h"
#include "policy/duties.h"
#include "policy/kinds.h"

/* Types: what language.def writes becomes an initialiser. */
#define TEXT {.kind = TYPE_TEXT}
#define ONE_TEXT {.kind = TYPE_TEXT, .one = true}
#define STRING {.kind = TYPE_STRING}
#define CLAUSE_ID {.kind = TYPE_CLAUSE}
#define MAIL {.kind = TYPE_MAIL}
#define LANGUAGE_TAG {.kind = TYPE_LANGUAGE}
#define LANGUAGE_TAGS {.kind = TYPE_LANGUAGES}
#define REGION_CODE {.kind = TYPE_REGION}
#define REGION_CODES {.kind = TYPE_REGIONS}
#define TIME_ZONE {.kind = TYPE_ZONE}
#define FLAG {.kind = TYPE_FLAG}
#define NUMBER(least, most) {.kind = TYPE_NUMBER, .min = (least), .max = (most)}
#define DECIMAL {.kind = TYPE_DECIMAL}
#define DATE {.kind = TYPE_DATE}
#define LENGTH(shortest) {.kind = TYPE_LENGTH, .min = (shortest)}
#define LENGTH_OR_ACCOUNT {.kind = TYPE_LENGTH, .or = "account"}
#define NEW_NAME {.kind = TYPE_NEW_NAME}
#define NEW_NAMES {.kind = TYPE_NEW_NAMES}
#define NAME_OF(of) {.kind = TYPE_NAME, .kind_of_name = KEPT_K_##of}
#define NAMES_OF(of) {.kind = TYPE_NAMES, .kind_of_name = KEPT_K_##of}
#define NAMES_OR_ALL(of) {.kind = TYPE_NAMES, .kind_of_name = KEPT_K_##of, .or = "all"}
#define CHOICES {.kind = TYPE_CHOICES}
#define MAP_OF(of) {.kind = TYPE_MAP, .section = SECTION_##of}
#define LIST_OF(of) {.kind = TYPE_LIST, .section = SECTION_##of}
#define NAMED(of) {.kind = TYPE_NAMED, .section = SECTION_##of}
#define SAME_AS(of, key) {.same = true, .as = of##_##key}
#define W(word, meaning) word, meaning,
#define PAIRS(...) (const char *const[]) { __VA_ARGS__ NULL }
#define ONE_OF(...) {.kind = TYPE_WORD, .words = PAIRS(__VA_ARGS__)}
#define SOME_OF(...) {.kind = TYPE_WORDS, .words = PAIRS(__VA_ARGS__)}
#define SOME_OR_ALL(...) {.kind = TYPE_WORDS, .words = PAIRS(__VA_ARGS__), .or = "all"}
#define ITEM_KIND(constant, name, max, flags, normal, mask, looks) W(name, looks)
#define ITEM_KINDS KEPT_ITEM_KINDS(ITEM_KIND)
#define DEMANDS_NOTHING "a basic function may demand nothing"
#define DEMANDS_A_PHONE "a basic function may demand a phone number only"
#define DEMANDS_ITS_OWN ""
#define APP_TYPE(name, demands) W(name, DEMANDS_##demands)
#define APP_TYPES KEPT_APP_TYPES(APP_TYPE)

#define NAME_OR_FIRST(of) {.kind = TYPE_NAME, .kind_of_name = KEPT_K_##of, .or = "first"}
#define LENGTH_OR_SESSION {.kind = TYPE_LENGTH, .min = KEPT_HOUR, .or = "session"}
#define NAMED_WORD(constant, word) W(word, "")
#define CHANNELS KEPT_CHANNELS(NAMED_WORD)
#define REQUEST_WORDS KEPT_REQUESTS(NAMED_WORD)

/* Needs. */
#define NEEDED(because) {.why = (because)}
#define NEEDED_IF(then, because) {.when = (then), .why = (because)}
#define MAY {.why = NULL}
#define ELSE(word) {.otherwise = (word)}
#define ELSE_NUMBER(n) {.number = (n)}
#define ELSE_AS(words) {.otherwise_in_words = (words)}

/* What keys change. */
#define DECIDES(reasons) FEEDS_DECISION, reasons
#define TAKES(reasons) FEEDS_VALUE, reasons
#define MASKS(reasons) FEEDS_MASK, reasons
#define ENDS(words) FEEDS_END, words
#define DUE(words) FEEDS_DUE, words
#define TELLS(reasons) FEEDS_RECIPIENT, reasons
#define FINDS(codes) FEEDS_FINDING, codes
#define SAYS(where) FEEDS_TEXT, where

static const struct key_row keys[] = {
#define SECTION(id, what, heading, meaning)
#define KEY(section, key, type, need, meaning, example, feeds)                                     \
    [section##_##key] = {SECTION_##section, #key, type, need, meaning, example, feeds},
#include "policy/language.def"
#undef SECTION
#undef KEY
};

static const struct section_row sections[] = {
#define SECTION(id, what, heading, meaning) [SECTION_##id] = {#id, what, heading, meaning, FIRST_##id},
#define KEY(section, key, type, need, meaning, example, feeds)
#include "policy/language.def"
#undef SECTION
#undef KEY
};

const struct key_row *kept_key_row(enum key key)
{
    return &keys[key];
}

const struct key_type *kept_key_type(enum key key)
{
    const struct key_type *type = &keys[key].type;
    return type->same ? &keys[type->as].type : type;
}

const struct section_row *kept_section_row(enum section section)
{
    return &sections[section];
}

enum key kept_section_end(enum section section)
{
    return section + 1 < SECTION_COUNT ? sections[section + 1].first : KEY_COUNT;
}

size_t kept_key_words(enum key key)
{
    const char *const *words = kept_key_type(key)->words;
    size_t n = 0;
    while (words != NULL && words[2 * n] != NULL)
        n++;
    return n;
}

const char *kept_key_word(enum key key, size_t index)
{
    return index < kept_key_words(key) ? kept_key_type(key)->words[2 * index] : "";
}
