/* render.c - the door of rendering: which language, which sentences, which document. */
#include "policy/render.h"

#include <string.h>

#include "base/error.h"
#include "policy/render_int.h"

const char *const *kept_rendering_words(void)
{
    static const char *const words[] = {"notice", "text", "collected", "recipients", "cookies", "summary",
                                        "ropa-json", "ropa-csv", "dpv", NULL};
    _Static_assert(sizeof words / sizeof words[0] == KEPT_RENDERINGS + 1, "every rendering is named");
    return words;
}

static int find_language(const struct kept_policy *p, const char *language, size_t *ret_index,
                         struct kept_err *err)
{
    char all[160] = "";
    size_t used = 0;
    for (size_t i = 0; i < p->info.languages; i++) {
        if (language == NULL || strcmp(p->languages[i], language) == 0) {
            *ret_index = i;
            return 0;
        }
        (void)snprintf(all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", p->languages[i]); /* the first of many */
        used += strlen(all + used);
    }
    if (!kept_language_valid(language)) /* whatever somebody sent: that is not said again */
        return kept_fail(err, KEPT_E_NOTFOUND, "that is the name of no language; the policy has texts in %s", all);
    return kept_fail(err, KEPT_E_NOTFOUND,
                     "the policy has no texts in '%.40s'; it has %s. To have it in %.40s, write "
                     "'also: [%.40s]' under 'languages', and each text in both: text: {%.40s: ..., %.40s: ...}; "
                     "kept policy check names each text that is not",
                     language, all, language, language, p->languages[0], language);
}

/* The sentences of a language: of zh for zh-Hans, too. */
static const struct kept_template *find_template(const char *language)
{
    for (const struct kept_template *t = kept_templates; t->language != NULL; t++) {
        size_t n = strlen(t->language);
        if (strncmp(language, t->language, n) == 0 && (language[n] == 0 || language[n] == '-'))
            return t;
    }
    return NULL;
}

static int read_sentences(struct render *r, const struct kept_sentences *sentences,
                          struct kept_words **ret_words, struct kept_err *err)
{
    const struct kept_template *t = find_template(r->language);
    if (sentences != NULL && sentences->text.p != NULL)
        return kept_render_words(sentences->text, sentences->file, ret_words, err);
    if (t == NULL)
        return kept_fail(err, KEPT_E_NOTFOUND,
                         "kept brings no sentences in '%.40s': write them (docs/notice.md)", r->language);
    return kept_render_words((struct kept_span){t->p, t->n}, t->file, ret_words, err);
}

static const char *title_of(struct render *r, enum kept_rendering as)
{
    const char *title = kept_text_of(r, &r->p->title);
    struct kept_value controller = {"controller", kept_text_of(r, &r->p->controller)};
    if (as == KEPT_RENDER_COLLECTED)
        return kept_saying(r, SAY_D_COLLECTED, &controller, 1);
    if (as == KEPT_RENDER_RECIPIENTS)
        return kept_saying(r, SAY_D_RECIPIENTS, &controller, 1);
    if (as == KEPT_RENDER_COOKIES)
        return kept_saying(r, SAY_D_COOKIES, &controller, 1);
    if (as == KEPT_RENDER_SUMMARY)
        return kept_saying(r, SAY_D_SUMMARY, &controller, 1);
    return title[0] != 0 ? title : kept_saying(r, SAY_TITLE, &controller, 1);
}

/* A list by itself: its dates, and the table. */
static void one_list(struct render *r, const char *id, enum saying title, void (*write)(struct render *r))
{
    kept_render_dates(r);
    kept_page_contents(&r->page, "", NULL, NULL, 0);
    kept_page_section(&r->page, id, kept_plain(r, title));
    write(r);
    kept_page_section_end(&r->page);
}

static void write_page(struct render *r, enum kept_rendering as, struct kept_buf *out)
{
    struct kept_page_head head = {.language = r->language, .title = title_of(r, as),
                                  .skip = kept_plain(r, SAY_SKIP),
                                  .brief = as == KEPT_RENDER_SUMMARY};
    kept_page_begin(&r->page, out, as != KEPT_RENDER_TEXT, &head);
    if (as == KEPT_RENDER_COLLECTED)
        one_list(r, "items", SAY_S_ITEMS, kept_render_items);
    else if (as == KEPT_RENDER_RECIPIENTS)
        one_list(r, "recipients", SAY_S_RECIPIENTS, kept_render_recipients);
    else if (as == KEPT_RENDER_COOKIES)
        one_list(r, "cookies", SAY_S_COOKIES, kept_render_cookies);
    else if (as == KEPT_RENDER_SUMMARY)
        kept_render_summary(r);
    else
        kept_render_notice(r);
    kept_page_end(&r->page);
}

static int write_as(struct render *r, enum kept_rendering as, struct kept_buf *out)
{
    int rc = 0;
    if (as == KEPT_RENDER_ROPA_CSV)
        kept_render_ropa_csv(r, out);
    else if (as == KEPT_RENDER_ROPA_JSON)
        rc = kept_render_ropa_json(r, out);
    else if (as == KEPT_RENDER_DPV)
        rc = kept_render_dpv(r, out);
    else
        write_page(r, as, out);
    return rc != 0 ? rc : r->arena.nomem ? KEPT_E_NOMEM : out->failed;
}

int kept_policy_render(const struct kept_policy *policy, enum kept_rendering as, const char *language,
                       const struct kept_sentences *sentences, struct kept_buf *out,
                       struct kept_err *err)
{
    struct render r = {.p = policy};
    struct kept_words *words = NULL;
    int rc = find_language(policy, language, &r.index, err);
    if (rc != 0)
        return rc;
    r.language = policy->languages[r.index];
    r.page.out = out;
    rc = read_sentences(&r, sentences, &words, err);
    r.words = words;
    if (rc == 0 && (rc = write_as(&r, as, out)) != 0)
        rc = kept_fail(err, rc, "the policy could not be rendered");
    kept_arena_release(&r.arena);
    kept_words_free(words);
    return rc;
}

/* ---- messages ---------------------------------------------------------------------------------- */

static size_t index_of(const struct kept_policy *p, const char *language)
{
    for (size_t i = 0; language != NULL && i < p->info.languages; i++)
        if (strcmp(p->languages[i], language) == 0)
            return i;
    return 0;
}

int kept_policy_code_message(const struct kept_policy *policy, const char *language, const char *code,
                             unsigned minutes, struct kept_buf *title, struct kept_buf *text,
                             struct kept_err *err)
{
    struct render r = {.p = policy, .index = index_of(policy, language)};
    struct kept_words *words = NULL;
    char number[16];
    r.language = policy->languages[r.index];
    int rc = read_sentences(&r, NULL, &words, err);
    if (rc == 0) {
        r.words = words;
        (void)snprintf(number, sizeof number, "%u", minutes);
        const struct kept_value values[] = {{"controller", kept_text_of(&r, &policy->controller)},
                                            {"code", code}, {"minutes", number}};
        kept_words_say(words, SAY_CODE_TITLE, values, 1, title);
        kept_words_say(words, SAY_CODE_TEXT, values, 3, text);
        rc = title->failed != 0 ? title->failed : text->failed;
        if (rc != 0)
            rc = kept_fail(err, rc, "a message could not be written");
    }
    kept_arena_release(&r.arena);
    kept_words_free(words);
    return rc;
}
