/* Does a file of sentences say what it holds, and is every mistake in one found, with its line? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page/page.h"
#include "page/words.h"

static const struct kept_sentence rows[] = {
    {"greeting", "name"}, {"kept", "time law?"}, {"plain", ""}, {"kind.sdk", ""}};
static const char *const open_groups[] = {"region.", NULL};
#define ROWS (sizeof rows / sizeof rows[0])

#define WHOLE "# for a lawyer\n[greeting]\nDear {Name},\nwelcome.\n[kept]\n{if law}By {law}: {else}Ours: {end}{time.}\n" \
              "[plain]\n中文\n一行\n[kind.sdk]\nkit\n[region.CN]\nChina\n"

static int read_rc(const char *text, struct kept_words **words, struct kept_err *err)
{
    struct kept_span span = {(const uint8_t *)text, strlen(text)};
    return kept_words_read(span, "en.txt", rows, ROWS, open_groups, words, err);
}

static void says(const struct kept_words *words, size_t row, const struct kept_value *values, size_t n,
                 const char *want)
{
    struct kept_buf out;
    kept_buf_init(&out, 1000);
    kept_words_say(words, row, values, n, &out);
    kept_buf_u8(&out, 0);
    assert_int_equal(out.failed, 0);
    assert_string_equal((const char *)out.p, want);
    kept_buf_release(&out);
}

static void sentences_are_said(void **state)
{
    (void)state;
    struct kept_words *words = NULL;
    struct kept_err err = {0};
    assert_int_equal(read_rc(WHOLE, &words, &err), 0);
    struct kept_value name = {"name", "ada"}, time = {"time", "3 days"};
    struct kept_value law[] = {{"time", "3 days!"}, {"law", "Art. 1"}};
    says(words, 0, &name, 1, "Dear Ada, welcome.");
    says(words, 1, &time, 1, "Ours: 3 days.");
    says(words, 1, law, 2, "By Art. 1: 3 days!");
    says(words, 2, NULL, 0, "中文一行");
    assert_string_equal(kept_words_of(words, "region", "CN"), "China");
    assert_string_equal(kept_words_of(words, "kind", "sdk"), "kit");
    assert_null(kept_words_of(words, "region", "XX"));
    /* a value that must be there and is not, is the caller's mistake */
    struct kept_buf out;
    kept_buf_init(&out, 1000);
    kept_words_say(words, 0, NULL, 0, &out);
    assert_int_equal(out.failed, KEPT_E_BUG);
    kept_buf_clear(&out);
    kept_words_say(words, 99, NULL, 0, &out);
    assert_int_equal(out.failed, KEPT_E_BUG);
    kept_buf_release(&out);
    kept_words_free(words);
}

/* One place of the file put another way, and what is said of it. */
static const struct {
    const char *from, *to, *says;
} mistakes[] = {
    {"{Name}", "{Nome}", "en.txt:2: this sentence has no value of the name 'Nome'"},
    {"{Name}", "you", "en.txt:2: the sentence leaves out a value it must speak of"},
    {"{Name}", "{Name", "en.txt:2: a brace is not closed"},
    {"{Name}", "{}", "en.txt:2: a brace is not closed, or empty"},
    {"{end}", "", "en.txt:5: {if} without {end}"},
    {"{else}", "{if law}", "out of order"},
    {"{if law}", "", "out of order"},
    {"{else}", "{else}{else}", "out of order"},
    {"[plain]\n中文\n一行\n", "", "a sentence is missing; add [...] with 'plain'"},
    {"[plain]", "[plane]", "en.txt:7: there is no sentence of the name 'plane' (the first of 2 mistakes)"},
    {"[plain]\n中文\n一行", "[plain]", "en.txt:7: nothing is said under 'plain'"},
    {"[kind.sdk]", "[plain]", "en.txt:10: this sentence stands twice"},
    {"# for a lawyer", "hello", "en.txt:1: begin with a name in brackets, before 'hello'"},
    {"China", "{name}", "en.txt:12: this sentence has no value of the name 'name'"},
    {"[region.CN]", "[region.]", "there is no sentence of the name 'region.'"},
    {"Dear", "\xff", "not UTF-8"},
};

static void mistakes_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        const char *at = strstr(WHOLE, mistakes[i].from);
        char text[1024];
        struct kept_words *words = NULL;
        struct kept_err err = {0};
        assert_non_null(at);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - WHOLE), WHOLE, mistakes[i].to,
                       at + strlen(mistakes[i].from));
        assert_int_equal(read_rc(text, &words, &err), KEPT_E_POLICY);
        assert_null(words);
        if (strstr(err.text, mistakes[i].says) == NULL)
            fail_msg("%s: '%s', not '%s'", mistakes[i].to, err.text, mistakes[i].says);
    }
}

/* Any bytes are answered, and what was read can be said. */
static void any_bytes_are_answered(void **state)
{
    (void)state;
    static const char *const pieces[] = {"[greeting]\n", "[kept]\n", "{name}", "{if law}", "{else}", "{end}", "{",
                                         "}", "\n", "[", "]", "x", "中", "{if ", "{.}", "{time.}", "#", "[region.X]\n"};
    uint64_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        char text[512] = "";
        size_t n = 0;
        struct kept_words *words = NULL;
        struct kept_err err = {0};
        for (int k = 0; k < 24; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            n += (size_t)snprintf(text + n, sizeof text - n, "%s",
                                  pieces[(seed >> 33) % (sizeof pieces / sizeof pieces[0])]);
        }
        int rc = read_rc(text, &words, &err);
        assert_true(rc == 0 || rc == KEPT_E_POLICY);
        kept_words_free(words);
    }
}

static void cells_cannot_be_formulas(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cell;
    } cells[] = {{"plain", "\"plain\""},  {"=1+1", "\"'=1+1\""},    {"+1", "\"'+1\""},  {"-1", "\"'-1\""},
                 {"@x", "\"'@x\""},       {"\t=1", "\"'\t=1\""},    {"\n=1", "\"'\n=1\""},
                 {"a\"b", "\"a\"\"b\""}, {"", "\"\""},             {"a,b\r\nc", "\"a,b\r\nc\""}};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        struct kept_buf out;
        kept_buf_init(&out, 100);
        kept_page_csv(&out, true, cells[i].text);
        kept_buf_u8(&out, 0);
        assert_string_equal((const char *)out.p, cells[i].cell);
        kept_buf_release(&out);
    }
}

static void text_means_itself(void **state)
{
    (void)state;
    struct kept_buf out;
    kept_buf_init(&out, 100);
    kept_page_escape(&out, "<a href=\"x\" b='y'>&\t\x7f中");
    kept_buf_u8(&out, 0);
    assert_string_equal((const char *)out.p, "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;  中");
    kept_buf_release(&out);
}

static void lines_end_where_they_may(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t room;
        bool cut;
        size_t end, next;
    } lines[] = {{"one two three", 8, false, 7, 8},
                 {"unbreakable thing", 5, false, 11, 12},
                 {"unbreakable thing", 5, true, 5, 5},
                 {"中文，中文", 4, false, 3, 3},  /* a comma begins no line */
                 {"中文中文", 4, false, 6, 6},
                 {"short", 10, false, 5, 5}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct kept_span span = {(const uint8_t *)lines[i].text, strlen(lines[i].text)};
        size_t next = 0;
        size_t end = kept_page_line(span, 0, lines[i].room, lines[i].cut, &next);
        if (end != lines[i].end || next != lines[i].next)
            fail_msg("%s: %zu, %zu", lines[i].text, end, next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_said),       cmocka_unit_test(mistakes_are_found),
        cmocka_unit_test(any_bytes_are_answered),   cmocka_unit_test(cells_cannot_be_formulas),
        cmocka_unit_test(text_means_itself),        cmocka_unit_test(lines_end_where_they_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
