/* Does the notice tell every key of the language? told.yaml says each once; told.def says where it is told, or
 * why it need not be. */
#include "render_aid.h"

static const struct told {
    enum key key;
    const char *from, *to, *section; /* section NULL: it need not be told */
} told[] = {
#define TOLD(key, from, to, section) {key, from, to, section},
#define UNTOLD(key, reason) {key, reason, NULL, NULL},
#include "told.def"
#undef TOLD
#undef UNTOLD
};

static char *everything(const char *language)
{
    size_t n = 0;
    char *form = read_whole("tests/policy/told.yaml", &n), *mark = strstr(form, ": ~}");
    char with[16];
    assert_non_null(mark);
    (void)snprintf(with, sizeof with, ": %s}", language);
    char *text = put_so(form, ": ~}", with);
    free(form);
    return text;
}

static bool is_clause(enum key key)
{
    return strcmp(kept_key_row(key)->name, "clause") == 0;
}

/* Several keys whose values are maps of this section would be told by any of them. */
static bool only_way_in(enum section section)
{
    size_t n = 0;
    for (unsigned key = 1; key < KEY_COUNT; key++)
        n += kept_key_type((enum key)key)->section == section &&
             kept_key_type((enum key)key)->kind >= TYPE_MAP;
    return n == 1;
}

static bool is_told(enum key key)
{
    const struct key_type *type = kept_key_type(key);
    for (size_t i = 0; i < COUNT(told); i++)
        if (told[i].key == key)
            return true;
    return is_clause(key) || (type->kind >= TYPE_MAP && only_way_in(type->section));
}

static void every_key_is_told_or_need_not_be(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SECTION_COUNT; i++)
        for (enum key key = kept_section_row((enum section)i)->first;
             key < kept_section_end((enum section)i); key = (enum key)(key + 1))
            if (!is_told(key))
                fail_msg("tests/policy/told.def does not say where %s.%s is told",
                         kept_section_row((enum section)i)->name, kept_key_row(key)->name);
    for (size_t i = 0; i < COUNT(told); i++)
        for (size_t k = 0; k < i; k++)
            if (told[i].key == told[k].key)
                fail_msg("%s stands twice in told.def", kept_key_row(told[i].key)->name);
}

/* What the section says, and what of it stands out; its rules left out: a clause or a name that changes is no
 * sentence. "": the head. */
static char *sentences(const char *html, const char *id)
{
    const char *main = strstr(html, "<main");
    assert_non_null(main);
    char *part = id[0] != 0 ? section_or_none(html, id) : strndup(html, (size_t)(main - html));
    size_t n = 0;
    bool tag = false;
    if (part == NULL)
        return strdup("");
    for (const char *at = part; *at != 0; at++) {
        const char *href = strncmp(at, " href=\"", 7) == 0 ? at : NULL;
        if (strncmp(at, "<strong", 7) == 0)
            part[n++] = '*';
        tag = *at == '<' || (tag && *at != '>');
        for (; href != NULL && *at != '>'; at++)
            part[n++] = *at; /* where a link leads is said, too */
        if (!tag && *at != '>')
            part[n++] = *at;
        tag = tag && *at != '>';
    }
    part[n] = 0;
    return part;
}

static bool tells(const char *was, const char *other, const struct told *t)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    const char *name = kept_key_row(t->key)->name;
    if (kept_policy_read(span_of(other), &policy, &findings, &err) != 0) {
        print_error("%s, '%s': %s\n", name, t->to, err.text);
        kept_findings_release(&findings);
        return false;
    }
    char *is = render(policy, KEPT_RENDER_NOTICE, NULL);
    char *before = sentences(was, t->section), *after = sentences(is, t->section);
    bool differ = strcmp(before, after) != 0;
    if (!differ)
        print_error("%s.%s: '%s' and '%s' read alike in '%s'\n",
                    kept_section_row(kept_key_row(t->key)->section)->name, name, t->from, t->to,
                    t->section);
    free(before);
    free(after);
    free(is);
    kept_findings_release(&findings);
    kept_policy_free(policy);
    return differ;
}

static void a_key_that_changes_is_told(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    size_t lost = 0;
    for (size_t l = 0; l < COUNT(languages); l++) {
        char *text = everything(languages[l]);
        struct kept_policy *p = read_policy(text);
        char *was = render(p, KEPT_RENDER_NOTICE, NULL);
        for (size_t i = 0; i < COUNT(told); i++) {
            if (told[i].section == NULL || (told[i].key == LANGUAGES_authority && l > 0))
                continue;
            char *other = put_so(text, told[i].from, told[i].to);
            lost += tells(was, other, &told[i]) ? 0 : 1;
            free(other);
        }
        free(was);
        free(text);
        kept_policy_free(p);
    }
    assert_int_equal(lost, 0);
}

/* Every clause that the file names leads to a sentence. */
static void every_clause_has_a_sentence(void **state)
{
    (void)state;
    char *text = everything("en");
    struct kept_policy *p = read_policy(text);
    char *html = render(p, KEPT_RENDER_NOTICE, NULL);
    size_t seen = 0, lost = 0;
    for (const char *at = strstr(text, "clause: C-"); at != NULL; at = strstr(at + 1, "clause: C-"), seen++) {
        char mark[64];
        (void)snprintf(mark, sizeof mark, "data-clause=\"%.*s\"", (int)strspn(at + 8, "C-0123456789"), at + 8);
        if (strstr(html, mark) == NULL && ++lost > 0)
            print_error("no sentence has %s\n", mark);
    }
    assert_true(seen > 30);
    assert_int_equal(lost, 0);
    free(html);
    free(text);
    kept_policy_free(p);
}

/* A section of the notice is there when the policy says something for it, and only then. */
static void a_section_is_there_when_it_says_something(void **state)
{
    (void)state;
    static const struct {
        const char *id, *key;
    } some[] = {{"permissions", "\npermissions:"}, {"cookies", "\ncookies:"},   {"rights", "\nrights:"},
                {"account", "\naccount:"},         {"ages", "\nage:"},          {"messages", "\nmessages:"},
                {"exemptions", "\nexemptions:"},   {"incidents", "\nincident:"}, {"end", "\ncessation:"}};
    for (size_t i = 0; i < COUNT(names); i++) {
        char *text = policy_text(names[i]);
        struct kept_policy *p = read_policy(text);
        char *html = render(p, KEPT_RENDER_NOTICE, NULL);
        for (size_t k = 0; k < COUNT(some); k++) {
            char *part = section_or_none(html, some[k].id);
            if ((part != NULL) != (strstr(text, some[k].key) != NULL))
                fail_msg("%s: section %s", names[i], some[k].id);
            free(part);
        }
        free(html);
        free(text);
        kept_policy_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_told_or_need_not_be),
        cmocka_unit_test(a_key_that_changes_is_told),
        cmocka_unit_test(every_clause_has_a_sentence),
        cmocka_unit_test(a_section_is_there_when_it_says_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
