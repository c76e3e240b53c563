/* Does something notice each mutation of each rule of the five policies: a decision, a value that is taken, a
 * mask, an end, a due date, what follows an end, a recipient, a finding? What nothing notices is a text, and
 * those are listed here by name. What was found stands in docs/policy-mutations.md: KEPT_WRITE=1 writes it.
 *
 * A few places of each key in each policy; KEPT_LONG=1: all of them. */
#include "probe_duties.h"

#include "mutants.h"
#include "policy/findings.h"

static const char *const files[] = {"policies/widgets.yaml", "policies/messenger.yaml", "policies/smart-home.yaml",
                                    "policies/wallpaper.yaml", "policies/media.yaml", "tests/policy/made.yaml"};

static const char *const names[BY_COUNT] = {"decision", "value", "mask", "end", "due date", "disposition", "recipient",
                                            "finding", "form"};

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
    struct kept_buf text;
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
    const struct key_type *type = kept_key_type(m->key);
    for (const struct spot *at = m->spot; at != NULL; at = at->above) {
        focus_on(f, p, at->kind, at->name);
        f->exemption = f->exemption || strcmp(at->name, "exemptions") == 0;
    }
    if (m->change.text != NULL && (type->kind == TYPE_NAME || type->kind == TYPE_NAMES))
        focus_on(f, p, type->kind_of_name, m->change.text);
    if (m->change.at->kind == NODE_SCALAR && (type->kind == TYPE_NAME || type->kind == TYPE_NAMES))
        focus_on(f, p, type->kind_of_name, m->change.at->text);
    f->any = f->any && !f->exemption;
}

static unsigned what_notices(struct run *run, const struct mutation *m)
{
    static struct focus focus;
    struct pair pair = {.was = run->was};
    struct kept_policy *is = NULL;
    struct kept_findings found = {0};
    struct kept_err err = {0};
    put_mutant(&run->text, &run->mutator, &m->change);
    int rc = kept_policy_read(kept_buf_span(&run->text), &is, &found, &err);
    assert_true(rc == 0 || rc == KEPT_E_POLICY);
    compare_findings(&pair, &run->found, &found);
    if (rc == 0) {
        pair.is = is;
        assert_int_equal(kept_policy_relate(is, run->former), 0);
        focus_of(run->was, m, &focus);
        probe_decisions(&pair, &focus);
        probe_duties(&pair, &focus, &calendar);
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
    if (by == 0 && kept_key_row(m->key)->feed != FEEDS_TEXT && getenv("KEPT_SHOW") != NULL) {
        print_message("%s: ", files[run->file]);
        print_spot(m->spot);
        print_message(": %s %s\n", m->what, m->change.text != NULL ? m->change.text : "");
    }
}

/* ---- a file ------------------------------------------------------------------------------------------- */

static bool wanted(void *to, enum key key, size_t nth)
{
    (void)to;
    (void)key;
    return getenv("KEPT_LONG") != NULL || nth < 2 || (nth * 2654435761u >> 7) % 64 < 1;
}

static void open_run(struct run *run, size_t file)
{
    size_t n = 0;
    char *text = read_whole(files[file], &n);
    *run = (struct run){.file = file};
    run->former = read_policy(text);
    run->mutator = (struct mutator){.words = getenv("KEPT_LONG") != NULL ? 64 : 3, .wanted = wanted, .tell = try_one};
    mutator_open(&run->mutator, span_of(text), run->former);
    run->mutator.to = run;
    kept_buf_init(&run->text, KEPT_MAX_POLICY_BYTES);
    put_mutant(&run->text, &run->mutator, &(struct change){.kind = CHANGE_NOTHING});
    assert_int_equal(kept_policy_read(kept_buf_span(&run->text), &run->was, &run->found, NULL), 0);
    assert_int_equal(kept_policy_relate(run->was, run->former), 0);
    free(text);
}

static void close_run(struct run *run)
{
    kept_buf_release(&run->text);
    kept_findings_release(&run->found);
    kept_policy_free(run->was);
    kept_policy_free(run->former);
    mutator_close(&run->mutator);
}

static void something_notices(void **state)
{
    (void)state;
    calendar = china();
    for (size_t i = 0; i < COUNT(files); i++) {
        static struct run run;
        FILE *there = fopen(files[i], "rb");
        if (there == NULL) continue;
        fclose(there);
        open_run(&run, i);
        const struct reader *r = &run.mutator.reader;
        walk(&run.mutator, SECTION_POLICY, NULL, kept_node(r, r->tree.root));
        close_run(&run);
    }
    size_t all = 0;
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        const struct tally *t = &tallies[key];
        all += t->tried;
        const struct key_row *row = kept_key_row(key);
        print_message("%s.%s %zu tried %zu unseen%s:", kept_section_row(row->section)->name, row->name, t->tried, t->unseen,
                      row->feed == FEEDS_TEXT ? " TEXT" : "");
        for (int i = 0; i < BY_COUNT; i++)
            if (t->by[i] > 0)
                print_message(" %s %zu", names[i], t->by[i]);
        print_message("\n");
    }
    print_message("%zu mutants\n", all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(something_notices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
