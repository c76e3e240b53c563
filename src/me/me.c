/* me.c - sentences, languages, dates, and the frame of every page. */
#include "me/me_int.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "words.inc"

struct kept_me_words {
    struct kept_words *of[sizeof files / sizeof files[0]];
};
#define LANGUAGES (sizeof files / sizeof files[0])
#define VALUES 4u
#define PARTS 12u

static const struct kept_sentence rows[] = {
#define SAID(id, name, values) {name, values},
#include "me/sentences.def"
#undef SAID
};

int kept_me_words_new(struct kept_me_words **ret_words, struct kept_err *err)
{
    static const char *const open[] = {"said.", "bad.", "level.", "source.", "information.", "op.", NULL};
    struct kept_me_words *words = kept_alloc(1, sizeof *words);
    int rc = words == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory") : 0;
    for (size_t i = 0; rc == 0 && i < LANGUAGES; i++)
        rc = kept_words_read((struct kept_span){files[i].text, files[i].n}, files[i].file, rows, KEPT_ME_SENTENCES, open,
                             &words->of[i], err);
    if (rc == 0)
        *ret_words = words;
    else
        kept_me_words_free(words);
    return rc;
}

void kept_me_words_free(struct kept_me_words *words)
{
    for (size_t i = 0; words != NULL && i < LANGUAGES; i++)
        kept_words_free(words->of[i]);
    kept_free(words);
}

/* Of "zh-CN", "zh". */
static const char *known(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < LANGUAGES; i++) {
        size_t m = strlen(files[i].language);
        if (n >= m && kept_bytes_equal(p, files[i].language, m) && (n == m || p[m] == '-'))
            return files[i].language;
    }
    return NULL;
}

const char *kept_me_language(const struct kept_me_words *words, struct kept_span wanted, struct kept_span accept)
{
    const char *found = known(wanted.p, wanted.n);
    (void)words;
    for (size_t i = 0, n = 0; found == NULL && i < accept.n; i += n + 1) {
        for (n = 0; i + n < accept.n && accept.p[i + n] != ','; n++)
            continue;
        size_t skip = i < accept.n && accept.p[i] == ' ', to = skip;
        while (to < n && accept.p[i + to] != ';' && accept.p[i + to] != ' ')
            to++;
        found = known(accept.p + i + skip, to - skip);
    }
    return found != NULL ? found : files[0].language;
}

static const struct kept_words *words_of(const struct kept_me_view *v)
{
    size_t i = 0;
    while (i + 1 < LANGUAGES && strcmp(files[i].language, v->me->language) != 0)
        i++;
    return v->me->words->of[i];
}

/* ---- sentences ---- */

const char *kept_me_say(struct kept_me_view *v, enum kept_me_sentence sentence, ...)
{
    struct kept_value values[VALUES];
    size_t n = 0;
    va_list list;
    va_start(list, sentence);
    const char *name = rows[sentence].values[0] != 0 ? va_arg(list, const char *) : NULL;
    for (; name != NULL && n < VALUES; name = va_arg(list, const char *))
        values[n++] = (struct kept_value){name, va_arg(list, const char *)};
    va_end(list);
    kept_buf_clear(&v->text);
    kept_words_say(words_of(v), sentence, values, n, &v->text);
    if (v->text.failed != 0)
        v->page.out->failed = v->text.failed;
    return v->text.failed != 0 || v->text.p == NULL ? "" : (const char *)v->text.p;
}

const char *kept_me_word(const struct kept_me_view *v, const char *group, const char *name)
{
    const char *word = kept_words_of(words_of(v), group, name);
    return word != NULL ? word : name;
}

const char *kept_me_get(const json_t *of, const char *key)
{
    const char *text = json_string_value(json_object_get(of, key));
    return text != NULL ? text : "";
}

const char *kept_me_text(const struct kept_me_view *v, const json_t *of, const char *key)
{
    const json_t *texts = json_object_get(of, key);
    const char *text = kept_me_get(texts, v->me->language);
    if (text[0] == 0)
        text = kept_me_get(texts, kept_me_get(v->me->policy, "language"));
    return text;
}

const json_t *kept_me_row(const json_t *policy, const char *list, const char *name)
{
    const json_t *all = json_object_get(policy, list), *row = NULL;
    size_t i;
    json_array_foreach(all, i, row)
        if (strcmp(kept_me_get(row, "name"), name) == 0)
            return row;
    return NULL;
}

const char *kept_me_named(const struct kept_me_view *v, const char *list, const char *name)
{
    const char *text = kept_me_text(v, kept_me_row(v->me->policy, list, name), "text");
    return text[0] != 0 ? text : name;
}

const char *kept_me_comma(const struct kept_me_view *v)
{
    return strcmp(v->me->language, "zh") == 0 ? "、" : ", ";
}

void kept_me_list(struct kept_me_view *v, const json_t *names, const char *list, struct kept_buf *out)
{
    const json_t *name = NULL;
    size_t i;
    json_array_foreach(names, i, name) {
        if (out->n > 0)
            kept_buf_text(out, kept_me_comma(v));
        kept_buf_text(out, kept_me_named(v, list, json_string_value(name) != NULL ? json_string_value(name) : ""));
    }
}

/* ---- dates ---- */

const char *kept_me_date(struct kept_me_view *v, kept_ms at, bool clock, char ret_text[KEPT_ME_DATE_ROOM])
{
    const json_int_t offset = json_integer_value(json_object_get(v->me->policy, "utc_offset_minutes"));
    char text[KEPT_TIME_TEXT], year[5], month[3], day[3], hours[6];
    kept_time_text(at + offset * KEPT_MINUTE, text); /* 2026-11-22T04:45:23Z */
    (void)snprintf(year, sizeof year, "%.4s", text);
    (void)snprintf(month, sizeof month, "%.2s", text + 5);
    (void)snprintf(day, sizeof day, "%.2s", text + 8);
    (void)snprintf(hours, sizeof hours, "%.5s", text + 11);
    (void)snprintf(ret_text, KEPT_ME_DATE_ROOM, "%s", kept_me_say(v, KEPT_ME_DATE, "year", year, "month", month, "day", day, "clock",
                                                             clock ? hours : "", KEPT_ME_END));
    return ret_text;
}

const char *kept_me_date_of(struct kept_me_view *v, const char *rfc3339, bool clock, char ret_text[KEPT_ME_DATE_ROOM])
{
    kept_ms at = 0;
    ret_text[0] = 0;
    return kept_time_parse(rfc3339, &at) != 0 ? ret_text : kept_me_date(v, at, clock, ret_text);
}

/* ---- the frame ---- */

/* A link to this page in each language; on the home page also to the notice, and the way out. */
static void put_ways(struct kept_me_view *v)
{
    static const char *const names[] = {"English", "中文"};
    char target[KEPT_ME_PATH + 16];
    for (size_t i = 0; i < LANGUAGES; i++) {
        (void)snprintf(target, sizeof target, "%s?in=%s", v->path, files[i].language);
        kept_page_way(&v->page, target, names[i], files[i].language, strcmp(files[i].language, v->me->language) == 0);
    }
    const json_int_t version = json_integer_value(json_object_get(v->me->policy, "version"));
    if (version > 0) {
        char number[24], at[KEPT_ME_PATH + 32];
        (void)snprintf(number, sizeof number, "%lld", (long long)version);
        const json_t *languages = json_object_get(v->me->policy, "languages"), *one = NULL;
        const char *in = kept_me_get(v->me->policy, "language");
        size_t i;
        json_array_foreach(languages, i, one)
            in = json_string_value(one) != NULL && strcmp(json_string_value(one), v->me->language) == 0 ? v->me->language : in;
        (void)snprintf(at, sizeof at, "/v1/policies/%.64s/current?as=notice&in=%.16s", v->me->app, in);
        kept_page_way(&v->page, at, kept_me_say(v, KEPT_ME_NOTICE_LINK, "version", number, KEPT_ME_END), NULL, false);
    }
    kept_page_par_end(&v->page);
}

static void put_said(struct kept_me_view *v)
{
    static const char *const bad[] = {"over", "code", "often", "address"};
    bool is_bad = false;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_bad |= strcmp(bad[i], v->me->said) == 0;
    kept_page_notice(&v->page, is_bad, kept_me_word(v, "said", v->me->said));
}

void kept_me_begin(struct kept_me_view *v, struct kept_buf *out, enum kept_me_sentence title, const struct kept_me_part *parts,
                   size_t count)
{
    const char *ids[PARTS], *titles[PARTS];
    char names[PARTS][128], skip[128], top[512], contents[64];
    kept_buf_init_secret(&v->text, 64u << 10);
    v->page.out = out;
    (void)snprintf(v->path, sizeof v->path, v->me->app != NULL ? "/me/%.64s" : "/me", v->me->app);
    (void)snprintf(skip, sizeof skip, "%s", kept_me_say(v, KEPT_ME_SKIP));
    (void)snprintf(contents, sizeof contents, "%s", kept_me_say(v, KEPT_ME_CONTENTS));
    const char *controller = kept_me_text(v, v->me->policy, "controller");
    (void)snprintf(top, sizeof top, "%s", title == KEPT_ME_TITLE ? kept_me_say(v, title, "app", controller, KEPT_ME_END)
                                                                 : kept_me_say(v, title));
    const struct kept_page_head head = {.language = v->me->language, .title = top, .skip = skip, .forms = true};
    kept_page_begin(&v->page, out, true, &head);
    put_ways(v);
    for (size_t i = 0; i < count && i < PARTS; i++) {
        ids[i] = parts[i].id;
        (void)snprintf(names[i], sizeof names[i], "%s", kept_me_say(v, parts[i].title));
        titles[i] = names[i];
    }
    kept_page_contents(&v->page, contents, ids, titles, count);
    if (v->me->said != NULL)
        put_said(v);
}

void kept_me_end(struct kept_me_view *v)
{
    kept_page_end(&v->page);
    kept_buf_release(&v->text);
}

void kept_me_part(struct kept_me_view *v, const struct kept_me_part *part)
{
    kept_page_section(&v->page, part->id, kept_me_say(v, part->title));
}

/* ---- forms ---- */

void kept_me_form(struct kept_me_view *v, bool row, const char *name, const char *value)
{
    const struct kept_page_pair hidden[] = {{"form", v->me->form}, {"in", v->me->language}, {name, value}};
    kept_page_form(&v->page, v->path, row, hidden, name != NULL ? 3 : 2);
}

void kept_me_press(struct kept_me_view *v, const char *does, enum kept_page_weight weight, const char *text, const char *about)
{
    kept_page_button(&v->page, &(struct kept_page_pair){"do", does}, weight, text, about);
}

void kept_me_needs(struct kept_me_view *v, enum kept_me_sentence sentence, const char *level)
{
    kept_page_say(&v->page, NULL, kept_me_say(v, sentence, "level", kept_me_word(v, "level", level), "contact",
                                              kept_me_get(v->me->policy, "contact"), KEPT_ME_END));
    kept_page_par_end(&v->page);
}

void kept_me_style(struct kept_buf *out)
{
    kept_page_style(out, true);
}
