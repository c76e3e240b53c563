/* Does a policy to begin with pass check, for every kind of app, law and language, whatever is chosen? Does it
 * demand what its kind may, and no more? Is an answer one value of the file, whatever bytes it has - or
 * refused, with a reason? */
#include "base/utf8.h"
#include "policy/language.h"
#include "policy/sketch_int.h"
#include "policy_aid.h"

static const char *const laws[] = {"CN", "EU"}, *const languages[] = {"en", "zh", "en,zh", "zh,en"},
                  *const minors[] = {"refused", "guardian"};

/* The file that answers come to; it has no finding at all. */
static char *made(const struct kept_answers *answers)
{
    struct kept_buf out;
    struct kept_err err = {0};
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    kept_buf_init(&out, KEPT_MAX_SKETCH);
    const char *type = answers->v[KEPT_ANSWER_TYPE];
    if (kept_sketch(answers, &out, &err) != 0)
        fail_msg("%s: %s", type, err.text);
    assert_int_equal(kept_policy_read(kept_buf_span(&out), &policy, &findings, NULL), 0);
    if (findings.count != 0)
        fail_msg("%s: line %d: %s", type, findings.rows[0].line, findings.rows[0].text);
    kept_policy_free(policy);
    kept_findings_release(&findings);
    char *text = kept_buf_take(&out);
    assert_non_null(text);
    return text;
}

static void every_kind_law_and_language(void **state)
{
    (void)state;
    assert_int_equal(kept_key_words(POLICY_app_type), 40);
    for (size_t i = 0; i < 40 * COUNT(laws) * COUNT(languages) * COUNT(minors); i++) {
        struct kept_answers a = {.today = 20000};
        a.v[KEPT_ANSWER_TYPE] = kept_key_word(POLICY_app_type, i % 40);
        a.v[KEPT_ANSWER_LAW] = laws[i / 40 % 2];
        a.v[KEPT_ANSWER_LANGUAGES] = languages[i / 80 % 4];
        a.v[KEPT_ANSWER_MINORS] = minors[i / 320];
        free(made(&a));
    }
}

/* ---- choices --------------------------------------------------------------------------------------- */

struct rows {
    char words[64][KEPT_MAX_NAME];
    size_t count, usual;
};

static void take(void *arg, const char *word, const char *meaning, int usual)
{
    struct rows *rows = arg;
    (void)meaning;
    rows->usual += usual != 0;
    (void)snprintf(rows->words[rows->count++], KEPT_MAX_NAME, "%s", word);
}

static struct rows choices(const struct kept_answers *a, enum kept_answer which)
{
    struct rows rows = {.count = 0};
    assert_int_equal(kept_sketch_choices(a, which, take, &rows, NULL), 0);
    return rows;
}

static void joined(const struct rows *rows, char ret[1024])
{
    size_t n = 0;
    for (size_t i = 0; i < rows->count; i++)
        n += (size_t)snprintf(ret + n, 1024 - n, "%s%s", i > 0 ? ", " : "", rows->words[i]);
}

/* Each function and each recipient alone, and all together, with every kind. */
static void whatever_is_chosen(void **state)
{
    (void)state;
    char all[2][1024];
    for (size_t i = 0; i < 40; i++) {
        struct kept_answers a = {.today = 20000, .v = {[KEPT_ANSWER_LANGUAGES] = "zh,en"}};
        a.v[KEPT_ANSWER_TYPE] = kept_key_word(POLICY_app_type, i);
        const struct rows functions = choices(&a, KEPT_ANSWER_FUNCTIONS), recipients = choices(&a, KEPT_ANSWER_RECIPIENTS);
        assert_true(functions.count > 10 && recipients.count > 5 && recipients.usual == 0);
        joined(&functions, all[0]);
        joined(&recipients, all[1]);
        a.v[KEPT_ANSWER_FUNCTIONS] = "none";
        for (size_t k = 0; k < recipients.count; k++) {
            a.v[KEPT_ANSWER_RECIPIENTS] = recipients.words[k];
            free(made(&a));
        }
        a.v[KEPT_ANSWER_RECIPIENTS] = NULL;
        for (size_t k = 0; k < functions.count; k++) {
            a.v[KEPT_ANSWER_FUNCTIONS] = functions.words[k];
            free(made(&a));
        }
        a.v[KEPT_ANSWER_FUNCTIONS] = all[0];
        a.v[KEPT_ANSWER_RECIPIENTS] = all[1];
        assert_true(strlen(all[0]) < KEPT_MAX_ANSWER);
        free(made(&a));
    }
}

/* The kinds that can be answered are those of the language; and each has its defaults. */
static void the_kinds_are_those_of_the_language(void **state)
{
    (void)state;
    const struct rows kinds = choices(&(struct kept_answers){.today = 0}, KEPT_ANSWER_TYPE);
    assert_int_equal(kinds.count, 40);
    for (size_t i = 0; i < 40; i++)
        assert_string_equal(kinds.words[i], kept_key_word(POLICY_app_type, i));
    for (unsigned w = 0; w < KEPT_ANSWER_COUNT; w++)
        assert_true(choices(&(struct kept_answers){.today = 0}, (enum kept_answer)w).usual <=
                    (w == KEPT_ANSWER_FUNCTIONS ? 3 : 1));
    assert_int_equal(kept_sketch_choices(&(struct kept_answers){.v = {[KEPT_ANSWER_TYPE] = "gam"}},
                                         KEPT_ANSWER_FUNCTIONS, take, NULL, NULL), KEPT_E_USAGE);
}

/* ---- the tree of what came out --------------------------------------------------------------------- */

struct read {
    struct arena arena;
    struct kept_findings findings;
    struct reader r;
};

static const struct node *read_tree(struct read *t, struct kept_span text)
{
    *t = (struct read){.findings = {0}};
    t->r = (struct reader){.findings = &t->findings, .arena = &t->arena, .what = "policy", .manual = "", .head = "kept"};
    assert_int_equal(kept_tree_read(&t->r, text), 0);
    return kept_node(&t->r, t->r.tree.root);
}

static void release(struct read *t)
{
    kept_tree_release(&t->r.tree);
    kept_findings_release(&t->findings);
    kept_arena_release(&t->arena);
}

/* How many names the functions of the kind `basic` have in a list. */
static size_t count_of_basic(const struct read *t, const struct node *root, const char *list)
{
    size_t count = 0;
    const struct node *functions = kept_child(&t->r, root, "functions");
    for (const struct node *f = kept_node(&t->r, functions->first); f != NULL; f = kept_node(&t->r, f->next)) {
        const struct node *names = kept_child(&t->r, f, list);
        if (strcmp(kept_child(&t->r, f, "kind")->text, "basic") == 0 && names != NULL)
            count += names->count;
    }
    return count;
}

/* As many as the profile lists, and those of the cases that it marks are not demanded. */
static void demands_what_its_kind_may(void **state)
{
    (void)state;
    struct read list, t;
    const struct node *law = kept_child(&list.r, read_tree(&list, kept_profile_text("CN")), "necessary");
    for (size_t i = 0; i < 40; i++) {
        const char *type = kept_key_word(POLICY_app_type, i);
        struct kept_answers a = {.today = 20000, .v = {[KEPT_ANSWER_TYPE] = type, [KEPT_ANSWER_FUNCTIONS] = "none"}};
        size_t may = 0;
        const struct node *row = kept_child(&list.r, law, type), *items = kept_child(&list.r, row, "items");
        assert_true((row == NULL) == (strcmp(type, "other") == 0));
        for (const struct node *n = items != NULL ? kept_node(&list.r, items->first) : NULL; n != NULL;
             n = kept_node(&list.r, n->next))
            may += strchr(n->text, '?') == NULL;
        char *text = made(&a);
        size_t demanded = count_of_basic(&t, read_tree(&t, span_of(text)), "mandatory");
        if (demanded != may)
            fail_msg("%s demands %zu, and may %zu", type, demanded, may);
        release(&t);
        free(text);
    }
    release(&list);
}

static void spot_checks(void **state)
{
    static const struct {
        const char *type, *says, *lacks;
    } rows[] = {
        {"shopping", "mandatory: [receiver-name, receiver-address, receiver-phone, payment]", "location"},
        {"hotel", "mandatory: [name, contact-data, stay, hotel]", "id-number"},
        {"parcels", "mode: none", "  phone:"},
        {"womens-health", "consent: separate", "mandatory: ["},
        {"banking", "id-copy", "sex:"},
        {"game", "mode: guardian", "mode: block"},
        {"event-tickets", "optional: [seat]", "bank-card"},
        {"vehicle", "also mandatory: id-number, driving-licence, location", "also mandatory: <"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_answers a = {.v = {[KEPT_ANSWER_TYPE] = rows[i].type}};
        if (i == 3)
            a.v[KEPT_ANSWER_FUNCTIONS] = "health-diary";
        char *text = made(&a);
        if (strstr(text, rows[i].says) == NULL)
            fail_msg("%s does not say: %s", rows[i].type, rows[i].says);
        if (strstr(text, rows[i].lacks) != NULL)
            fail_msg("%s says: %s", rows[i].type, rows[i].lacks);
        free(text);
    }
}

/* Sections, and keys in them, stand in the order of the page on the language. */
static void in_the_order_of_the_language(void **state)
{
    (void)state;
    struct read t;
    char *text = made(&(struct kept_answers){.v = {[KEPT_ANSWER_FUNCTIONS] = "advertising,feedback,nearby",
                                                   [KEPT_ANSWER_RECIPIENTS] = "hosting"}});
    const struct node *root = read_tree(&t, span_of(text));
    enum key at = kept_section_row(SECTION_POLICY)->first;
    for (const struct node *n = kept_node(&t.r, root->first); n != NULL; n = kept_node(&t.r, n->next)) {
        while (at < kept_section_end(SECTION_POLICY) && strcmp(kept_key_row(at)->name, n->key) != 0)
            at++;
        if (at == kept_section_end(SECTION_POLICY))
            fail_msg("'%s' stands too late", n->key);
    }
    release(&t);
    free(text);
}

/* ---- answers --------------------------------------------------------------------------------------- */

/* Where each answer that is free text comes out. */
static const char *came_out(const struct read *t, const struct node *root, enum kept_answer which)
{
    const struct node *controller = kept_child(&t->r, root, "controller");
    return which == KEPT_ANSWER_TITLE        ? kept_child(&t->r, root, "title")->text
           : which == KEPT_ANSWER_APP        ? kept_child(&t->r, root, "app")->text
           : which == KEPT_ANSWER_CONTROLLER ? kept_child(&t->r, controller, "name")->text
           : which == KEPT_ANSWER_CONTACT    ? kept_child(&t->r, controller, "contact")->text
                                             : NULL;
}

/* Taken as it is, or refused with a reason and nothing written. Returns whether it was taken. */
static bool taken_or_refused(enum kept_answer which, const char *answer, size_t keys)
{
    struct kept_answers a = {.today = 20000};
    struct kept_buf out;
    struct kept_err err = {0};
    struct read t;
    kept_buf_init(&out, KEPT_MAX_SKETCH);
    a.v[which] = answer;
    int rc = kept_sketch(&a, &out, &err);
    if (rc != 0) {
        assert_int_equal(rc, KEPT_E_USAGE);
        assert_true(err.text[0] != 0 && out.n == 0);
    } else {
        const struct node *root = read_tree(&t, kept_buf_span(&out));
        const char *said = came_out(&t, root, which);
        assert_true(said == NULL || strcmp(said, answer) == 0);
        assert_true(root->count <= keys); /* it became no key */
        release(&t);
    }
    kept_buf_release(&out);
    return rc == 0;
}

#define KEYS 33u /* of the policy, with every section that there may be */

static void hostile_answers(void **state)
{
    static const char *const quoted[] = {
        "a: b", "a # b", "# a", "- a", "? a", "'a", "\"a\"", "a\\", "\\n", "&a", "*a", "!a", "!!str a", "|", ">", "%YAML",
        "@a", "`a`", "{a: b}", "[a, b]", "a, b", "yes", "No", "null", "~", "1", "1.5", "0x10", "1e3", "2026-01-01",
        "12:30:45", "=", "<<", "<contact>", "{contact}", "---", "...", "a:", ":a", "a ", " a", "--- a", "\xE4\xB8\xAD: \xE6\x96\x87",
        "\xF0\x9F\x98\x80", "15 working days", "true", "y", "_", "a\xC2\xA0:", "%s%n", "2001-12-14 21:59:43 z", "x\xE2\x80\xA6",
        "a\xCC\x81", "\xEF\xBF\xBD", "\xF3\xB0\x80\x80"};
    static const char *const refused[] = {
        "", " ", "   ", "a\nb", "a\r", "\n", "a\tb", "a\x01", "a\x1B[31m", "a\x7F", "a\xC2\x85", "a\xC2\x9B", "\xFF", "a\xC3", "\xC0\x80",
        "\xED\xA0\x80", "a\xE2\x80\xA8" "b", "a\xE2\x80\xA9", "\xEF\xBB\xBF" "a", "a\xE2\x80\xAE" "b", "a\xE2\x80\x8B", "a\xEF\xBF\xBE",
        "a\xC2\xAD", "a\xE2\x81\xA6", "a\xEF\xBF\xBA", "a\xF3\xA0\x80\x81"};
    (void)state;
    for (size_t i = 0; i < COUNT(quoted); i++)
        for (unsigned w = 0; w < KEPT_ANSWER_COUNT; w++) {
            bool taken = taken_or_refused((enum kept_answer)w, quoted[i], KEYS);
            if ((w == KEPT_ANSWER_TITLE || w == KEPT_ANSWER_CONTROLLER) && !taken)
                fail_msg("'%s' is a name, and was refused", quoted[i]);
        }
    for (size_t i = 0; i < COUNT(refused); i++)
        for (unsigned w = 0; w < KEPT_ANSWER_COUNT; w++)
            if (taken_or_refused((enum kept_answer)w, refused[i], KEYS))
                fail_msg("refused[%zu] was taken as %s", i, kept_answer_word((enum kept_answer)w));
}

static void long_answers(void **state)
{
    static char longer[100001];
    (void)state;
    memset(longer, 'a', sizeof longer - 1);
    for (unsigned w = 0; w < KEPT_ANSWER_COUNT; w++)
        assert_false(taken_or_refused((enum kept_answer)w, longer, KEYS));
    longer[KEPT_MAX_ANSWER + 1] = 0;
    assert_false(taken_or_refused(KEPT_ANSWER_TITLE, longer, KEYS));
    longer[KEPT_MAX_ANSWER] = 0;
    assert_true(taken_or_refused(KEPT_ANSWER_TITLE, longer, KEYS));
}

/* What an answer says is cut between characters. */
static void reasons_are_text(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 3; shift++)
        for (unsigned w = 0; w < KEPT_ANSWER_COUNT; w++) {
            struct kept_answers a = {.today = 20000};
            struct kept_buf answer, out;
            struct kept_err err = {0};
            kept_buf_init(&answer, KEPT_MAX_ANSWER);
            kept_buf_init(&out, KEPT_MAX_SKETCH);
            kept_buf_bytes(&answer, "ab", shift);
            for (size_t i = 0; i < 80; i++)
                kept_buf_text(&answer, "\xE4\xB8\xAD");
            a.v[w] = (const char *)answer.p;
            bool taken = kept_sketch(&a, &out, &err) == 0;
            assert_true(taken == (w == KEPT_ANSWER_TITLE || w == KEPT_ANSWER_CONTROLLER));
            assert_true(taken || (err.text[0] != 0 && kept_utf8_valid(span_of(err.text))));
            kept_buf_release(&answer);
            kept_buf_release(&out);
        }
}

static uint64_t drawn(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 32;
}

/* Bytes that were drawn: of those that mean something in YAML, and of all. */
static void drawn_answers(void **state)
{
    static const char signs[] = "a:# -?,[]{}\"'\\&*!|>%@`~<=.1e0\xE4\xB8\xAD\n\t";
    uint64_t seed = 88172645463325252u;
    size_t taken = 0, refused = 0;
    (void)state;
    for (size_t round = 0; round < 3000; round++) {
        char answer[24];
        size_t n = 0;
        for (; n < 1 + round % 12; n++) {
            uint64_t any = drawn(&seed);
            unsigned char c = (unsigned char)(round % 4 == 0 ? any : (uint64_t)signs[any % (sizeof signs - 1)]);
            answer[n] = c != 0 ? (char)c : ' ';
        }
        answer[n] = 0;
        bool took = taken_or_refused((enum kept_answer)(round % KEPT_ANSWER_COUNT), answer, KEYS);
        taken += took;
        refused += !took;
    }
    assert_true(taken > 50 && refused > 500);
}

/* A word that is none says what it may have meant. */
static void says_what_was_meant(void **state)
{
    static const struct {
        enum kept_answer which;
        const char *answer, *says;
    } rows[] = {
        {KEPT_ANSWER_TYPE, "shoping", "did you mean 'shopping'?"},
        {KEPT_ANSWER_TYPE, "wombat", "say map, ride-hailing"},
        {KEPT_ANSWER_LAW, "XX", "say CN, EU"},
        {KEPT_ANSWER_LANGUAGES, "en,en", "say en, zh, or both"},
        {KEPT_ANSWER_LANGUAGES, "en,zh,en", "say en, zh, or both"},
        {KEPT_ANSWER_LANGUAGES, ",", "say en, zh, or both"},
        {KEPT_ANSWER_REGION, ",", "say CN, or DE,FR"},
        {KEPT_ANSWER_FUNCTIONS, "feedback,nearbye", "did you mean 'nearby'?"},
        {KEPT_ANSWER_FUNCTIONS, "account", "no function to choose: say sign-in"},
        {KEPT_ANSWER_RECIPIENTS, "hosting basic", "'basic' is no recipient to choose"},
        {KEPT_ANSWER_MINORS, "maybe", "say guardian"},
        {KEPT_ANSWER_APP, "Note Book", "use lower-case letters"},
        {KEPT_ANSWER_CONTACT, "nobody", "write a mail address"},
        {KEPT_ANSWER_REGION, "China", "ISO 3166"},
        {KEPT_ANSWER_RETENTION, "soon", "'90 days'"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_answers a = {.today = 20000, .v = {[KEPT_ANSWER_TYPE] = "news"}}; /* which keeps little */
        struct kept_buf out;
        struct kept_err err = {0};
        kept_buf_init(&out, KEPT_MAX_SKETCH);
        a.v[rows[i].which] = rows[i].answer;
        assert_int_equal(kept_sketch(&a, &out, &err), KEPT_E_USAGE);
        if (strstr(err.text, rows[i].says) == NULL)
            fail_msg("%s: '%s' does not say: %s", rows[i].answer, err.text, rows[i].says);
        kept_buf_release(&out);
    }
}

/* Kept as long as there is an account, in a file that has one; and what has no room is not begun. */
static void kept_with_the_account(void **state)
{
    (void)state;
    const struct kept_answers a = {.today = 20000, .v = {[KEPT_ANSWER_RETENTION] = "account"}};
    const struct kept_answers wrong = {.today = 20000, .v = {[KEPT_ANSWER_REGION] = ","}};
    char *text = made(&a);
    struct kept_buf small;
    struct kept_err err = {0};
    assert_non_null(strstr(text, "retain: account"));
    kept_buf_init(&small, strlen(text) / 2);
    assert_int_equal(kept_sketch(&a, &small, &err), KEPT_E_LIMIT);
    assert_int_equal(small.n, 0);
    assert_string_equal(err.text, "no room for a sketch");
    kept_buf_release(&small);
    /* a warning stands before the error, and is not the reason */
    const struct kept_answers warned = {.today = 20000, .v = {[KEPT_ANSWER_TITLE] = "GB/T 35273-2017", [KEPT_ANSWER_REGION] = "China"}};
    assert_int_equal(kept_sketch(&warned, &small, &err), KEPT_E_USAGE);
    assert_non_null(strstr(err.text, "ISO 3166"));
    assert_int_equal(kept_sketch(&wrong, &small, NULL), KEPT_E_USAGE);
    assert_int_equal(small.n, 0);
    kept_buf_release(&small);
    free(text);
}

static void what_may_be_answered(void **state)
{
    (void)state;
    const struct kept_answers named = {.v = {[KEPT_ANSWER_APP] = "notebook"}};
    const struct kept_answers lawless = {.v = {[KEPT_ANSWER_LAW] = "XX"}};
    struct kept_err err = {0};
    struct rows rows = choices(&named, KEPT_ANSWER_TITLE);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.words[0], "notebook");
    assert_int_equal(choices(&(struct kept_answers){.today = 0}, KEPT_ANSWER_TITLE).count, 0);
    assert_int_equal(choices(&named, (enum kept_answer)(KEPT_ANSWER_COUNT + 1)).count, 0);
    assert_int_equal(kept_sketch_choices(&lawless, KEPT_ANSWER_TYPE, take, &rows, &err), KEPT_E_USAGE);
    assert_non_null(strstr(err.text, "no profile of that law"));
    assert_string_equal(kept_answer_word(KEPT_ANSWER_TYPE), "type");
    assert_string_equal(kept_answer_word(KEPT_ANSWER_RETENTION), "retention");
}

/* Whatever stands there alone is that text again, when YAML is read. */
static void in_quotes_where_it_must(void **state)
{
    static const char *const rows[][2] = {
        {"", "\"\""},           {"a", "a"},           {"a b", "a b"},          {"a ", "\"a \""},
        {"yes", "\"yes\""},     {"15 days", "15 days"}, {"15 30", "\"15 30\""}, {"15", "\"15\""},
        {"a@example.org", "a@example.org"}, {"https://a.org/b", "https://a.org/b"}, {"a:", "\"a:\""}, {"-a", "\"-a\""},
        {"\xE4\xB8\xAD", "\xE4\xB8\xAD"}, {"a, b", "\"a, b\""}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kept_buf out;
        kept_buf_init(&out, 64);
        kept_sketch_quote(&out, rows[i][0]);
        assert_string_equal((const char *)out.p, rows[i][1]);
        kept_buf_release(&out);
    }
}

/* ---- a stock of one's own -------------------------------------------------------------------------- */

/* What is written of a stock, in English, where one entry alone was chosen. */
static char *written(const char *stock, const struct sketch_value *values, size_t count, const char *section, const char *name)
{
    struct sketch d = {.minors = "", .languages = {"en"}, .language_count = 1};
    struct kept_buf out;
    d.stock = (struct reader){.findings = &d.findings, .arena = &d.arena, .what = "stock", .manual = "", .head = "stock"};
    d.law = (struct reader){.findings = &d.findings, .arena = &d.arena, .what = "profile", .manual = "", .head = "profile"};
    assert_int_equal(kept_tree_read(&d.stock, span_of(stock)), 0);
    d.chosen = kept_arena_alloc(&d.arena, d.stock.tree.count, sizeof *d.chosen);
    assert_non_null(d.chosen);
    d.chosen[kept_sketch_row(&d, section, name) - d.stock.tree.nodes] = true;
    for (size_t i = 0; i < count; i++)
        d.values[d.value_count++] = values[i];
    kept_buf_init(&out, KEPT_MAX_SKETCH);
    kept_sketch_write(&d, &out);
    kept_sketch_end(&d);
    char *text = kept_buf_take(&out);
    assert_non_null(text);
    return text;
}

static void a_stock_of_ones_own(void **state)
{
    (void)state;
    static const struct sketch_value values[] = {{"application", {"no", "no"}, false}, {"function", {"run", "run"}, false}, {"day", {"2026-01-01", ""}, true},
                                                 {"none", {"", ""}, false}, {"app", {"demo", "demo"}, false}};
    static const char stock[] =
        "stock: 1\nlaws: {}\nhead: [{en: written for <app>}]\nfunctions: {feedback: {text: x}, basic: {text: y}}\n"
        "recipients: {host: {text: x}}\nitems: {mail: {text: x}}\npurposes: {}\npermissions: {}\n"
        "policy:\n"
        "  - kept: <app>\n"
        "    since: since <day>\n"
        "    day: <day>\n"
        "    until: <day> at noon\n"
        "    both: <none><app>\n"
        "    either: <app><none>\n"
        "    comma: a, b\n"
        "    empty: []\n"
        "    nested: [[mail], [other, mail]]\n"
        "    items: [mail, letter]\n"
        "    mixed: {list: [a], purposes: [gone], one: {two: x}}\n"
        "    below: {\n      two: x}\n"
        "  - when: feedback\n"
        "    asked: feedback\n"
        "  - when: basic\n"
        "    unasked: basic\n"
        "  - when: host\n"
        "    hosted: host\n";
    char *text = written(stock, values, COUNT(values), "functions", "feedback");
    assert_string_equal(text, "# written for demo\nkept: demo\nsince: since 2026-01-01\nday: 2026-01-01\nuntil: 2026-01-01 at noon\ncomma: \"a, b\"\nempty: []\n"
                              "nested:\n  - [mail]\n  - [other, mail]\nitems: [letter]\n"
                              "mixed: {list: [a], purposes: [gone], one: {two: x}}\nbelow: {two: x}\n\nasked: feedback\n");
    free(text);
    text = written(stock, values, COUNT(values), "recipients", "host");
    assert_non_null(strstr(text, "hosted: host\n"));
    assert_null(strstr(text, "asked:"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_law_and_language), cmocka_unit_test(whatever_is_chosen),
        cmocka_unit_test(the_kinds_are_those_of_the_language), cmocka_unit_test(demands_what_its_kind_may),
        cmocka_unit_test(spot_checks), cmocka_unit_test(in_the_order_of_the_language),
        cmocka_unit_test(kept_with_the_account), cmocka_unit_test(what_may_be_answered),
        cmocka_unit_test(in_quotes_where_it_must), cmocka_unit_test(a_stock_of_ones_own),
        cmocka_unit_test(hostile_answers), cmocka_unit_test(long_answers),
        cmocka_unit_test(reasons_are_text), cmocka_unit_test(drawn_answers), cmocka_unit_test(says_what_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
