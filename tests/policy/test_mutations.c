/* Does something notice each mutation of each rule of the five policies: a decision, a value that is taken, a
 * mask, an end, a due date, what follows an end, a recipient, a finding? What nothing notices is a text, and
 * those are listed here by name. made.yaml and made-shop.yaml say what none of the five says.
 *
 * What was found is docs/policy-mutations.md, which KEPT_WRITE=1 writes. Some places of each key in each file,
 * and some other values at each; KEPT_LONG=1: all of them. KEPT_SHOW=1 prints what nothing noticed. */
#include "probe_duties.h"

#include "../aid/sampled.h"
#include "mutants.h"
#include "policy/difference.h"
#include "policy/findings.h"
#include "policy/overlay.h"

#define TABLE "docs/policy-mutations.md"

static const struct {
    const char *name, *path;
    const char *base; /* which it extends */
    bool joined;      /* what is mutated is the text that both become */
} files[] = {{"widgets", "policies/widgets.yaml", NULL, false},
             {"messenger", "policies/messenger.yaml", NULL, false},
             {"smart-home", "policies/smart-home.yaml", NULL, false},
             {"wallpaper", "policies/wallpaper.yaml", NULL, false},
             {"media", "policies/media.yaml", NULL, false},
             {"made", "tests/policy/made.yaml", NULL, false},
             {"made-shop", "tests/policy/made-shop.yaml", "tests/policy/made.yaml", false},
             {"made-both", "tests/policy/made-shop.yaml", "tests/policy/made.yaml", true}};

/* Keys that nothing acts on, by their names: what they say, people and auditors read. */
static const char *const texts[] = {
    "*.clause", "*.text", "*.highlight", "POLICY.app", "POLICY.title", "POLICY.issued", "POLICY.refusal", "POLICY.undeclared",
    "POLICY.origins", "CONTROLLER.address", "CONTROLLER.phone", "NOTICE.sentences", "FUNCTION.refusing_costs",
    "RECIPIENT.link", "TRACKER.kind", "ORIGINS.files", "ORIGINS.lines"};

static const char *const names[BY_COUNT] = {"decision", "value", "mask", "end", "due date", "disposition", "recipient",
                                            "finding", "form"};

#define TABLE_TOP \
    "# What notices a mutation of a policy\n\n"                                                     \
    "Written by `KEPT_WRITE=1 build/release/tests/policy/test_mutations`, which holds it against what it finds.\n"        \
    "Each key of the language, in each of the five policies (and, where none of them says it, in `tests/policy/made.yaml`\n" \
    "or in `made-shop.yaml`, which extends that), is taken away, and becomes another word, number, length, date or name;\n"  \
    "lists lose and gain an element. A number under a heading counts the mutations that it noticed:\n\n"                   \
    "decision: kept decides otherwise, or for another reason - value: another value is taken, or is held otherwise - mask:\n" \
    "less or more of a value is seen - end: it is kept longer or shorter - due date: something is owed on another day, or\n" \
    "not at all - disposition: something else follows its end - recipient: somebody else gets or is told something, or is\n" \
    "asked otherwise - finding: `kept policy check` says something else - form: the value cannot be missing, or is none -\n" \
    "nothing: the other value comes to the same here (a second officer's role, a mask of what is hidden anyway, what the\n" \
    "law fills in).\n\n"                                                                                  \
    "%zu mutations of %zu keys; %zu of rules come to the same.\n"

struct tally {
    size_t tried, unseen, by[BY_COUNT];
    unsigned files;
};
static struct tally tallies[KEY_COUNT];
static struct kept_calendar calendar;

struct run {
    size_t file;
    struct mutator mutator;
    struct kept_policy *former, *was;
    struct kept_findings found; /* of the file itself */
    struct kept_buf text, joined;
    struct kept_buf plain; /* what was is read of */
    char *base; /* what the file extends; NULL: nothing */
};

/* ---- one mutant --------------------------------------------------------------------------------------- */

/* Findings that say no more than that a value is not there, or is none. */
static bool of_form(const char *code)
{
    static const enum finding_code codes[] = {CODE_MISSING_KEY, CODE_EMPTY_VALUE, CODE_WRONG_TYPE, CODE_BAD_VALUE,
                                              CODE_BAD_NAME, CODE_BAD_NUMBER, CODE_BAD_DATE, CODE_BAD_DURATION,
                                              CODE_BAD_DEADLINE, CODE_BAD_VERSION, CODE_TOO_SHORT, CODE_TEXT_MISSING,
                                              CODE_DUPLICATE_ENTRY, CODE_BAD_ORIGINS};
    for (size_t i = 0; i < COUNT(codes); i++)
        if (strcmp(kept_finding_row(codes[i])->code, code) == 0)
            return true;
    return false;
}

static size_t count_of(const struct kept_findings *findings, const char *code)
{
    size_t n = 0;
    for (size_t i = 0; i < findings->count; i++)
        n += strcmp(findings->rows[i].code, code) == 0;
    return n;
}

static void compare_findings(struct pair *pair, const struct kept_findings *was, const struct kept_findings *is)
{
    static const char *const broken[] = {"YAML_SYNTAX", "UNKNOWN_KEY", "DUPLICATE_KEY", "BAD_LANGUAGE", "BAD_REGION"};
    for (size_t i = 0; i < is->count; i++) {
        const char *code = is->rows[i].code;
        for (size_t k = 0; k < COUNT(broken); k++)
            if (strcmp(code, broken[k]) == 0)
                fail_msg("the mutant is none: %d: %s", is->rows[i].line, is->rows[i].text);
        if (count_of(is, code) != count_of(was, code))
            notice(pair, of_form(code) ? BY_FORM : BY_FINDING, true);
    }
    for (size_t i = 0; i < was->count; i++)
        notice(pair, BY_FINDING, count_of(is, was->rows[i].code) != count_of(was, was->rows[i].code));
}

static void focus_of(const struct kept_policy *p, const struct mutation *m, struct focus *f)
{
    *f = (struct focus){.any = false};
    f->head = true;
    const struct key_type *type = kept_key_type(m->key);
    for (const struct spot *at = m->spot; at != NULL; at = at->above) {
        focus_on(f, p, at->kind, at->name);
        f->head = f->head && at->kind == KEPT_K_NONE;
        f->exemption = f->exemption || strcmp(at->name, "exemptions") == 0;
    }
    if (m->change.text != NULL && (type->kind == TYPE_NAME || type->kind == TYPE_NAMES))
        focus_on(f, p, type->kind_of_name, m->change.text);
    if (m->change.at->kind == NODE_SCALAR && (type->kind == TYPE_NAME || type->kind == TYPE_NAMES))
        focus_on(f, p, type->kind_of_name, m->change.at->text);
}

/* run->text, which may extend another, as a policy. */
static int read_whole_policy(struct run *run, struct kept_policy **ret, struct kept_findings *found)
{
    char extends[KEPT_MAX_POLICY_FILE] = "";
    int rc = 0;
    kept_buf_clear(&run->joined);
    if (run->base != NULL)
        rc = kept_policy_extends(kept_buf_span(&run->text), extends, NULL);
    if (rc == 0 && run->base != NULL && strcmp(extends, "made.yaml") == 0) {
        const struct kept_policy_file product = {"made-shop.yaml", kept_buf_span(&run->text)};
        const struct kept_policy_file base = {"made.yaml", span_of(run->base)};
        rc = kept_policy_overlay(&product, &base, &run->joined, found, NULL);
    }
    if (rc == 0) /* one that extends what is not there is read alone, which is a finding */
        rc = kept_policy_read(kept_buf_span(run->joined.n > 0 ? &run->joined : &run->text), ret, found, NULL);
    assert_true(rc == 0 || rc == KEPT_E_POLICY);
    return rc;
}

static struct kept_difference *said_again(struct kept_span text)
{
    struct kept_difference *d = NULL;
    assert_int_equal(kept_policy_difference(text, text, &d, NULL), 0);
    return d;
}

/* What publishing the same once more sets off: more than nothing only where its own rule on changes says so. */
static void compare_publishing(struct run *run, struct pair *pair)
{
    struct kept_difference *was = said_again(kept_buf_span(&run->plain));
    struct kept_difference *is = said_again(kept_buf_span(run->joined.n > 0 ? &run->joined : &run->text));
    notice(pair, BY_RECIPIENT, was->material != is->material || was->triggers != is->triggers ||
                                   was->promised.channels != is->promised.channels ||
                                   was->promised.consent != is->promised.consent);
    kept_difference_free(was);
    kept_difference_free(is);
}

static unsigned what_notices(struct run *run, const struct mutation *m)
{
    static struct focus focus;
    struct pair pair = {.was = run->was};
    struct kept_policy *is = NULL;
    struct kept_findings found = {0};
    put_mutant(&run->text, &run->mutator, &m->change);
    int rc = read_whole_policy(run, &is, &found);
    notice(&pair, BY_FINDING, rc != 0 && found.count == 0); /* the name of the base is none */
    compare_findings(&pair, &run->found, &found);
    if (rc == 0) {
        pair.is = is;
        assert_int_equal(kept_policy_relate(is, run->former), 0);
        focus_of(run->was, m, &focus);
        probe_decisions(&pair, &focus);
        probe_duties(&pair, &focus, &calendar);
        if (kept_key_row(m->key)->section == SECTION_CHANGES)
            compare_publishing(run, &pair);
    }
    kept_findings_release(&found);
    kept_policy_free(is);
    return pair.by;
}

static void print_spot(const struct spot *spot)
{
    if (spot->above != NULL)
        print_spot(spot->above);
    print_message("%s%s", spot->above != NULL ? "." : "", spot->name);
}

static void try_one(void *to, const struct mutation *m)
{
    struct run *run = to;
    struct tally *t = &tallies[m->key];
    unsigned by = what_notices(run, m);
    t->tried++;
    t->files |= 1u << run->file;
    t->unseen += by == 0;
    for (int i = 0; i < BY_COUNT; i++)
        t->by[i] += by >> i & 1u;
    if (by != 0 || getenv("KEPT_SHOW") == NULL)
        return;
    print_message("%s: ", files[run->file].name);
    print_spot(m->spot);
    print_message(": %s %s\n", m->what, m->change.text != NULL ? m->change.text : "");
}

/* ---- a file ------------------------------------------------------------------------------------------- */

static bool is_text(enum key key)
{
    return kept_key_row(key)->feed == FEEDS_TEXT;
}

/* Something acts on it: more than that it must be there, unless it is a map, which has its own keys; and more
 * than that the words of a text are held against the rules. */
static bool acted_on(enum key key)
{
    size_t n = kept_key_type(key)->kind == TYPE_MAP ? tallies[key].by[BY_FORM] : 0;
    for (int i = 0; i < (is_text(key) ? BY_FINDING : BY_FORM); i++)
        n += tallies[key].by[i];
    return n > 0;
}

static bool wanted(void *to, enum key key, size_t nth)
{
    (void)to;
    if (SAMPLED)
        return !acted_on(key) && nth < (is_text(key) ? 1 : 12);
    return getenv("KEPT_LONG") != NULL || nth < 2 || (nth * 2654435761u >> 7) % 64 < 1;
}

/* The file as it is mutated: its text, or what it and the one it extends become. */
static void open_text(struct run *run, size_t file)
{
    struct kept_findings found = {0};
    size_t n = 0;
    char *text = read_whole(files[file].path, &n);
    kept_buf_init(&run->text, KEPT_MAX_POLICY_BYTES);
    kept_buf_init(&run->joined, KEPT_MAX_POLICY_BYTES);
    run->base = files[file].base != NULL ? read_whole(files[file].base, &n) : NULL;
    kept_buf_text(&run->text, text);
    assert_int_equal(read_whole_policy(run, &run->former, &found), 0);
    if (files[file].joined) {
        kept_buf_clear(&run->text);
        kept_buf_bytes(&run->text, run->joined.p, run->joined.n);
        free(run->base);
        run->base = NULL;
    }
    kept_findings_release(&found);
    free(text);
}

static void open_run(struct run *run, size_t file)
{
    *run = (struct run){.file = file};
    open_text(run, file);
    run->mutator = (struct mutator){.words = getenv("KEPT_LONG") != NULL ? 64 : 3, .wanted = wanted, .tell = try_one};
    run->mutator.to = run;
    mutator_open(&run->mutator, kept_buf_span(&run->text), run->former);
    put_mutant(&run->text, &run->mutator, &(struct change){.kind = CHANGE_NOTHING});
    assert_int_equal(read_whole_policy(run, &run->was, &run->found), 0);
    const struct kept_buf *whole = run->joined.n > 0 ? &run->joined : &run->text;
    kept_buf_init(&run->plain, KEPT_MAX_POLICY_BYTES);
    kept_buf_bytes(&run->plain, whole->p, whole->n);
    assert_int_equal(kept_policy_relate(run->was, run->former), 0);
}

static void close_run(struct run *run)
{
    kept_buf_release(&run->text);
    kept_buf_release(&run->joined);
    kept_buf_release(&run->plain);
    kept_findings_release(&run->found);
    kept_policy_free(run->was);
    kept_policy_free(run->former);
    mutator_close(&run->mutator);
    free(run->base);
}

static int mutate_all(void **state)
{
    static struct run run;
    (void)state;
    calendar = china();
    for (size_t i = 0; i < COUNT(files); i++) {
        open_run(&run, i);
        const struct reader *r = &run.mutator.reader;
        walk(&run.mutator, SECTION_POLICY, NULL, kept_node(r, r->tree.root));
        close_run(&run);
    }
    return 0;
}

/* ---- what was found ------------------------------------------------------------------------------------ */

static const char *name_of(enum key key, char ret[64])
{
    const struct key_row *row = kept_key_row(key);
    (void)snprintf(ret, 64, "%s.%s", kept_section_row(row->section)->name, row->name);
    return ret;
}

static bool listed(enum key key)
{
    char name[64];
    (void)name_of(key, name);
    for (size_t i = 0; i < COUNT(texts); i++)
        if (strcmp(texts[i], name) == 0 ||
            (texts[i][0] == '*' && strcmp(texts[i] + 1, strchr(name, '.')) == 0))
            return true;
    return false;
}

static void every_key_is_mutated(void **state)
{
    char name[64];
    (void)state;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++)
        if (tallies[key].tried == 0)
            fail_msg("no mutation of %s: say it in tests/policy/made.yaml", name_of(key, name));
}

/* And what is listed is a text: neither does anything notice it, nor does the language say so. */
static void what_nothing_notices_is_a_text(void **state)
{
    size_t wrong = 0;
    char name[64];
    (void)state;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        bool text = is_text(key);
        bool seen = acted_on(key);
        if (listed(key) != seen && text != seen)
            continue;
        wrong++;
        print_message("%s: %s, %s, and language.def says that it %s\n", name_of(key, name),
                      seen ? "something notices it" : "nothing notices it",
                      listed(key) ? "listed as a text" : "not listed as a text", text ? "is one" : "is none");
    }
    assert_int_equal(wrong, 0);
}

static void put_row(struct kept_buf *out, enum key key)
{
    const struct tally *t = &tallies[key];
    char name[64];
    kept_buf_printf(out, "| `%s` | %zu |", name_of(key, name), t->tried);
    for (int i = 0; i < BY_COUNT; i++)
        kept_buf_printf(out, t->by[i] > 0 ? " %zu |" : " |", t->by[i]);
    kept_buf_printf(out, t->unseen > 0 ? " %zu |" : " |", t->unseen);
    for (size_t i = 0; i < COUNT(files); i++)
        if ((t->files >> i & 1u) != 0)
            kept_buf_printf(out, " %s", files[i].name);
    kept_buf_text(out, " |\n");
}

static void put_table(struct kept_buf *out)
{
    size_t tried = 0, unseen = 0;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        tried += tallies[key].tried;
        unseen += acted_on(key) ? tallies[key].unseen : 0;
    }
    kept_buf_printf(out, TABLE_TOP, tried, (size_t)KEY_COUNT - 1, unseen);
    for (int texts_only = 0; texts_only < 2; texts_only++) {
        kept_buf_printf(out, "\n## %s\n\n| key | tried |", texts_only > 0 ? "Texts" : "Rules");
        for (int i = 0; i < BY_COUNT; i++)
            kept_buf_printf(out, " %s |", names[i]);
        kept_buf_text(out, " nothing | in |\n|---|---|");
        for (int i = 0; i < BY_COUNT; i++)
            kept_buf_text(out, "---|");
        kept_buf_text(out, "---|---|\n");
        for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++)
            if (acted_on(key) == (texts_only == 0))
                put_row(out, key);
    }
}

static void the_table_says_what_was_found(void **state)
{
    struct kept_buf out;
    size_t n = 0;
    (void)state;
    if (SAMPLED || getenv("KEPT_LONG") != NULL)
        skip(); /* it is of the ordinary run */
    kept_buf_init(&out, 1 << 20);
    put_table(&out);
    if (getenv("KEPT_WRITE") != NULL) {
        FILE *file = fopen(TABLE, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(out.p, 1, out.n, file), out.n);
        assert_int_equal(fclose(file), 0);
    }
    char *there = read_whole(TABLE, &n);
    if (n != out.n || memcmp(there, out.p, n) != 0)
        fail_msg(TABLE " says something else: look at what changed after KEPT_WRITE=1 "
                       "build/release/tests/policy/test_mutations");
    free(there);
    kept_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_mutated),
        cmocka_unit_test(what_nothing_notices_is_a_text),
        cmocka_unit_test(the_table_says_what_was_found),
    };
    return cmocka_run_group_tests(tests, mutate_all, NULL);
}
