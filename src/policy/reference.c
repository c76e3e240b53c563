/* reference.c - the page on the language, made of the tables: nothing in it is said by hand. */
#include "policy/reference.h"

#include <inttypes.h>
#include <string.h>

#include "policy/findings.h"
#include "policy/kinds.h"
#include "policy/language.h"
#include "policy/policy_int.h"

/* Text in a cell of a table. */
static void cell(struct kept_buf *out, const char *text)
{
    for (; *text != 0; text++)
        kept_buf_printf(out, *text == '|' ? "\\%c" : "%c", *text); /* no test: no text of the table has one yet */
}

static void type_words(struct kept_buf *out, enum key key)
{
    static const char *const plain[] = {
        [TYPE_TEXT] = "text", [TYPE_STRING] = "string", [TYPE_CLAUSE] = "clause id",
        [TYPE_MAIL] = "mail address", [TYPE_LANGUAGE] = "language",
        [TYPE_LANGUAGES] = "list of languages", [TYPE_REGION] = "region",
        [TYPE_REGIONS] = "list of regions", [TYPE_ZONE] = "time zone", [TYPE_WORD] = "word",
        [TYPE_WORDS] = "list of words", [TYPE_FLAG] = "`true` or `false`", [TYPE_NUMBER] = "number",
        [TYPE_DECIMAL] = "decimal number", [TYPE_DATE] = "date", [TYPE_LENGTH] = "length of time",
        [TYPE_NEW_NAME] = "name", [TYPE_NEW_NAMES] = "list of names", [TYPE_NAME] = "",
        [TYPE_NAMES] = "list of ", [TYPE_CHOICES] = "map of names to texts", [TYPE_MAP] = "map",
        [TYPE_LIST] = "list of maps", [TYPE_NAMED] = "names, each with a map"};
    const struct key_type *type = kept_key_type(key);
    kept_buf_text(out, type->one ? "text, or one string" : plain[type->kind]);
    if (type->kind == TYPE_NUMBER && type->max == type->min)
        kept_buf_printf(out, " %" PRId64, type->min);
    else if (type->kind == TYPE_NUMBER && type->max < UINT32_MAX - 1)
        kept_buf_printf(out, " from %" PRId64 " to %" PRId64, type->min, type->max);
    else if (type->kind == TYPE_NUMBER)
        kept_buf_printf(out, " from %" PRId64, type->min);
    else if (type->kind == TYPE_NAME || type->kind == TYPE_NAMES)
        kept_buf_printf(out, "%s%s", kept_named_kind(type->kind_of_name), type->kind == TYPE_NAMES ? "s" : "");
    else if (type->kind >= TYPE_MAP)
        kept_buf_printf(out, ": [%s](#%s)", kept_section_row(type->section)->heading,
                        kept_section_row(type->section)->name);
    if (type->or != NULL)
        kept_buf_printf(out, ", or `%s`", type->or);
}

static void need_words(struct kept_buf *out, const struct key_row *row)
{
    const struct key_need *need = &row->need;
    if (need->when != NULL)
        kept_buf_printf(out, "needed where %s", need->when);
    else if (need->why != NULL)
        kept_buf_text(out, "**needed**");
    else if (need->otherwise != NULL)
        kept_buf_printf(out, row->type.kind == TYPE_NEW_NAMES ? "`[%s]`" : "`%s`", need->otherwise);
    else if (need->otherwise_in_words != NULL)
        kept_buf_text(out, need->otherwise_in_words);
    else if (need->number != 0)
        kept_buf_printf(out, "`%u`", need->number);
    else
        kept_buf_text(out, "none");
}

static const char *feed_words(enum feed feed)
{
    static const char *const words[] = {
        [FEEDS_DECISION] = "decision", [FEEDS_VALUE] = "which values come in", [FEEDS_MASK] = "mask",
        [FEEDS_END] = "retention", [FEEDS_DUE] = "what is due", [FEEDS_RECIPIENT] = "recipient",
        [FEEDS_FINDING] = "finding", [FEEDS_TEXT] = "text"};
    return words[feed];
}

static void key_line(struct kept_buf *out, enum key key)
{
    const struct key_row *row = kept_key_row(key);
    kept_buf_printf(out, "| `%s` | ", row->name);
    type_words(out, key);
    kept_buf_text(out, " | ");
    need_words(out, row);
    kept_buf_text(out, " | ");
    cell(out, row->meaning);
    kept_buf_printf(out, " | `%s: ", row->name);
    cell(out, row->example);
    kept_buf_printf(out, "` | %s: %s |\n", feed_words(row->feed), row->feeds);
}

/* The words of a key: those whose meaning is said, and then the others. */
static void word_lines(struct kept_buf *out, enum key key)
{
    const struct key_row *row = kept_key_row(key);
    const struct key_type *type = kept_key_type(key);
    if (row->type.same) {
        const struct key_row *as = kept_key_row(row->type.as);
        kept_buf_printf(out, "\nWords of `%s`: those of `%s` of [%s](#%s).\n", row->name, as->name,
                        kept_section_row(as->section)->heading, kept_section_row(as->section)->name);
        return;
    }
    kept_buf_printf(out, "\nWords of `%s`:\n\n", row->name);
    bool plain = false;
    for (const char *const *word = type->words; *word != NULL; word += 2) {
        plain = plain || word[1][0] == 0;
        if (word[1][0] != 0)
            kept_buf_printf(out, "* `%s`: %s\n", word[0], word[1]);
    }
    if (plain)
        kept_buf_text(out, "* as they say:");
    for (const char *const *word = type->words; *word != NULL; word += 2)
        if (word[1][0] == 0)
            kept_buf_printf(out, " `%s`", word[0]);
    kept_buf_text(out, plain ? "\n" : "");
}

static void section(struct kept_buf *out, enum section id)
{
    const struct section_row *row = kept_section_row(id);
    kept_buf_printf(out, "\n<a id=\"%s\"></a>\n\n### %s\n\n%s\n\n", row->name, row->heading, row->meaning);
    kept_buf_text(out, "| key | type | default | meaning | example | feeds |\n|---|---|---|---|---|---|\n");
    for (enum key key = row->first; key < kept_section_end(id); key++)
        key_line(out, key);
    for (enum key key = row->first; key < kept_section_end(id); key++)
        if (kept_key_words(key) > 0 && key != ITEM_kind)
            word_lines(out, key);
}

static void kinds(struct kept_buf *out)
{
    static const struct {
        const char *name, *looks;
        unsigned flags;
    } rows[] = {
#define X(constant, name, max, flags, normal, mask, looks) {name, looks, flags},
        KEPT_ITEM_KINDS(X)
#undef X
    };
    kept_buf_text(out, "\n## Kinds of item\n\nA value that is not of its kind is refused (`INVALID`). Found: may "
                       "have `token: true` and `store: hash`.\n\n| kind | what fits | found |\n|---|---|---|\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kept_buf_printf(out, "| `%s` | ", rows[i].name);
        cell(out, rows[i].looks);
        kept_buf_printf(out, " | %s |\n", (rows[i].flags & KEPT_KIND_FOUND) != 0 ? "yes" : "");
    }
}

static void findings(struct kept_buf *out)
{
    kept_buf_text(out, "\n## Findings\n\nAn error keeps a policy from being read, a warning does not. Codes are "
                       "stable.\n\n| code | severity | why | behind it |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < CODE_COUNT; i++) {
        const struct finding_row *row = kept_finding_row((enum finding_code)i);
        kept_buf_printf(out, "| `%s` | %s | ", row->code, kept_severity_name(row->severity));
        cell(out, row->why);
        kept_buf_printf(out, " | %s |\n", row->behind);
    }
}

void kept_policy_reference(struct kept_buf *out)
{
    kept_buf_text(out, "## Every key\n\nFrom here on the page is made of the table that the reader uses (`kept policy schema "
                       "--markdown`).\n**Feeds** says what a key changes, with the reasons of verdicts, or the "
                       "findings, that come of it; `text`: it is only read, by people and auditors.\n");
    for (unsigned id = 0; id < SECTION_COUNT; id++)
        section(out, (enum section)id);
    kinds(out);
    findings(out);
}
