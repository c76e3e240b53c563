/* What one version and another are to each other: does a policy take more than its former one, and by
 * what; which consents given there cover which scopes here; and does a value collected under the former
 * one serve a purpose that came later? One edit a row. */
#include "duties_aid.h"

static const char former[] =
    "languages: {authority: en}\n"
    "kept: 1\napp: demo\nversion: 1\nissued: 2026-01-01\neffective: 2026-02-01\n"
    "app_type: other\njurisdiction: XX\ntime_zone: \"+08:00\"\n"
    "controller: {name: We, contact: a@example.org, officer: o@example.org}\n"
    "notice: {sentences: [{text: Read this.}]}\nconsent: {other_versions: ask_again}\n"
    "changes: {wider_version: shown_first}\nwithdrawal: {effect: collect_and_use}\n"
    "regions: {stored: [CN, HK], export: never}\nrotation: 7 days\nbackup_window: 30 days\nevidence: 4 years\n"
    "age: {bands: [{from: 0, below: 14, mode: block}, {from: 14, below: 18, mode: guardian}, {from: 18, mode: self}]}\n"
    "purposes:\n"
    "  work: {text: work, related: [care]}\n"
    "  care: {text: care}\n"
    "  ads: {text: advertise, consent: separate}\n"
    "permissions:\n"
    "  camera: {text: camera}\n"
    "  files: {text: files}\n"
    "items:\n"
    "  note: {text: a note, kind: text, information: content, source: user, retain: 90 days}\n"
    "  phone: {text: phone, kind: phone, information: basic, source: user, retain: account}\n"
    "  mail: {text: mail, kind: mail, information: basic, source: user, retain: 30 days, store: hash, token: true}\n"
    "  diary: {text: a diary, kind: text, information: content, source: user, retain: 9 days, separate_consent: true}\n"
    "  pulse: {text: a pulse, kind: number, information: health, source: user, retain: 9 days, sensitive: true}\n"
    "  case: {text: a case, kind: text, information: content, source: user, retain: 9 days, retention_class: law, values: many, then: archive, archive: 90 days, statute: a law}\n"
    "functions:\n"
    "  keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], optional: [note, mail, case], permissions: [camera], refusing_costs: nothing}\n"
    "  find: {text: finds, kind: extended, consent: explicit, purposes: [work], optional: [phone], permissions: [files], in_use: required, refusing_costs: nothing}\n"
    "  tell: {text: tells, kind: extended, consent: explicit, purposes: [ads], optional: [phone], refusing_costs: nothing}\n"
    "  watch: {text: watches, kind: extended, consent: separate, purposes: [work], optional: [pulse, diary], in_use: required, "
    "trigger: user_action, frequency: once_per_launch, case: required, asked: each_launch, refusing_costs: nothing}\n"
    "recipients:\n"
    "  host: {text: host, role: processor, kind: data-service, items: [note, phone], masked: [phone], purposes: [work], region: CN, onward: never, consent: separate, agreement: {signed: 2026-01-01, expires: 2028-01-01}}\n"
    "roles:\n"
    "  app: {operations: all}\n"
    "exemptions:\n"
    "  law: {text: law, for: [share]}\n";

/* takes: what kept_policy_takes_more names; NULL: no more. covered: "kind/name" of a scope whose consents
 * are asked for again; NULL: each covers. */
static const struct step {
    const char *from, *to, *takes;
    enum kept_kind kind;
    const char *name;
} steps[] = {
    {"version: 1", "version: 2", NULL, KEPT_K_NONE, NULL},
    /* Purposes. */
    {"related: [care]", "related: [care, ads]", "work", KEPT_K_PURPOSE, "work"},
    {"related: [care]", "consent: explicit", NULL, KEPT_K_NONE, NULL},
    {"{text: care}", "{text: care, law: true}", "care", KEPT_K_PURPOSE, "care"},
    {"advertise, consent: separate", "advertise", "ads", KEPT_K_NONE, NULL},
    {"  ads: {", "  more: {text: more}\n  ads: {", "more", KEPT_K_PURPOSE, "more"},
    /* Items. */
    {"retain: 90 days", "retain: 91 days", "note", KEPT_K_ITEM, "note"},
    {"retain: 90 days", "retain: account", "note", KEPT_K_ITEM, "note"},
    {"retain: 90 days", "retain: 89 days", NULL, KEPT_K_NONE, NULL},
    {"source: user, retain: account", "source: user, retain: 30 days", NULL, KEPT_K_NONE, NULL},
    {"retain: 90 days", "place: device", NULL, KEPT_K_NONE, NULL},
    {"retain: 90 days", "place: transient", NULL, KEPT_K_NONE, NULL},
    {"retain: 90 days", "retain: 90 days, place: external, held_in: orders", "note", KEPT_K_ITEM, "note"},
    {", store: hash", "", "mail", KEPT_K_ITEM, "mail"},
    {"archive: 90 days", "archive: 91 days", "case", KEPT_K_ITEM, "case"},
    {"retain: 90 days", "retain: 90 days, at_least: 30 days, retention_class: law, statute: a law", "note", KEPT_K_ITEM, "note"},
    {"[work], optional: [note", "[work, care], optional: [note", NULL, KEPT_K_NONE, NULL},
    {"[ads], optional: [phone]", "[ads], optional: [phone, note]", "note", KEPT_K_ITEM, "note"},
    /* Functions. */
    {"[note, mail, case]", "[note, mail, case, phone]", "keep", KEPT_K_FUNCTION, "keep"},
    {"[camera]", "[camera, files]", "keep", KEPT_K_FUNCTION, "keep"},
    {"in_use: required", "in_use: any", "find", KEPT_K_FUNCTION, "find"},
    {"  tell: {text", "  show: {text: shows, kind: extended, consent: explicit, purposes: [ads], optional: [phone], "
     "refusing_costs: nothing}\n  tell: {text", "show", KEPT_K_FUNCTION, "show"},
    {"user_action", "any", "watch", KEPT_K_FUNCTION, "watch"},
    {"once_per_launch", "any", "watch", KEPT_K_FUNCTION, "watch"},
    {"case: required", "case: any", "watch", KEPT_K_FUNCTION, "watch"},
    {"asked: each_launch", "asked: once", "watch", KEPT_K_FUNCTION, "watch"},
    {"consent: separate, purposes: [work], optional: [pulse", "consent: separate, basis: legal_obligation, purposes: [work], optional: [pulse",
     "watch", KEPT_K_NONE, NULL},
    /* Recipients. */
    {"items: [note, phone]", "items: [note, phone, mail]", "host", KEPT_K_RECIPIENT, "host"},
    {"masked: [phone], ", "", "host", KEPT_K_RECIPIENT, "host"},
    {"role: processor", "role: independent", "host", KEPT_K_RECIPIENT, "host"},
    {"region: CN", "region: HK", "host", KEPT_K_RECIPIENT, "host"},
    {"purposes: [work], region", "purposes: [work, ads], region", "host", KEPT_K_RECIPIENT, "host"},
    {"onward: never", "onward: aggregate", "host", KEPT_K_RECIPIENT, "host"},
    {"region: CN", "region: CN, self_start: consent", "host", KEPT_K_RECIPIENT, "host"},
    {"region: CN", "region: CN, aggregate_only: true", NULL, KEPT_K_NONE, NULL},
    {"region: CN", "region: CN, permissions: [files]", "host", KEPT_K_RECIPIENT, "host"},
    {"items: [note, phone], masked: [phone]", "items: [note]", NULL, KEPT_K_NONE, NULL},
    {"items: [note, phone]", "items: [note, phone], gives: [note], lawful_source: a contract", "host", KEPT_K_RECIPIENT, "host"},
    {"masked: [phone]", "masked: [phone, note]", NULL, KEPT_K_NONE, NULL},
    {"  host: {text: host", "  other: {text: other", "other", KEPT_K_RECIPIENT, "other"},
    {"onward: never", "onward: with_consent", "host", KEPT_K_RECIPIENT, "host"},
    /* Items that ask for less, and for more. */
    {", separate_consent: true", "", "diary", KEPT_K_NONE, NULL},
    {", separate_consent: true", ", sensitive: true", NULL, KEPT_K_NONE, NULL},
    {"information: health, source: user, retain: 9 days, sensitive: true", "information: health, source: user, retain: 9 days, separate_consent: true", "pulse",
     KEPT_K_NONE, NULL},
    {", consent: separate, agreement", ", consent: explicit, agreement", "host", KEPT_K_NONE, NULL},
    /* What asks for more: the scopes stay as they are. */
    {"retain: account}", "retain: account, separate_consent: true}", NULL, KEPT_K_NONE, NULL},
    {", consent: separate, agreement", ", consent: written, agreement", NULL, KEPT_K_NONE, NULL},
    {"extended, consent: explicit", "extended, consent: separate", NULL, KEPT_K_NONE, NULL},
    /* What no scope says. */
    {"other_versions: ask_again", "other_versions: valid", "consent", KEPT_K_NONE, NULL},
    {"other_versions: ask_again", "other_versions: ask_again, implied_by_use: true", "consent", KEPT_K_NONE, NULL},
    {"shown_first", "waits", "consent", KEPT_K_NONE, NULL},
    {"age: ", "#", "age", KEPT_K_NONE, NULL},
    {"stored: [CN, HK]", "stored: [CN, MO]", "regions", KEPT_K_NONE, NULL},
    {"stored: [CN, HK]", "stored: [HK, CN]", NULL, KEPT_K_NONE, NULL},
    {"stored: [CN, HK]", "stored: [CN]", NULL, KEPT_K_NONE, NULL},
    {"export: never", "export: conditional", "regions", KEPT_K_NONE, NULL},
    {"below: 14, mode: block}, {from: 14", "below: 12, mode: block}, {from: 12", "age", KEPT_K_NONE, NULL},
    {"mode: block", "mode: guardian", "age", KEPT_K_NONE, NULL},
    {"mode: guardian", "mode: block", NULL, KEPT_K_NONE, NULL},
    {"age: {bands", "age: {unknown: allow, bands", "age", KEPT_K_NONE, NULL},
    {"rotation: 7 days", "rotation: 8 days", "backup_window", KEPT_K_NONE, NULL},
    {"evidence: 4 years", "evidence: 5 years", "evidence", KEPT_K_NONE, NULL},
    {"name: We", "name: They", "controller", KEPT_K_NONE, NULL},
    {"a@example.org", "b@example.org", "controller", KEPT_K_NONE, NULL},
    {", officer: o@example.org", "", "controller", KEPT_K_NONE, NULL},
    {"withdrawal: {effect: collect_and_use}", "withdrawal: {effect: collect_only}", "keep", KEPT_K_FUNCTION, "keep"},
    /* Exemptions. */
    {"for: [share]", "for: [share, use]", "law", KEPT_K_NONE, NULL},
    {"for: [share]", "for: [share], spares_notice: true", "law", KEPT_K_NONE, NULL},
    {"for: [share]", "for: [share], spares_age: true", "law", KEPT_K_NONE, NULL},
    {"for: [share]", "for: [share], deidentified: true", NULL, KEPT_K_NONE, NULL},
    {"  law: {text", "  court: {text: court, for: [share]}\n  law: {text", "court", KEPT_K_NONE, NULL},
};

/* Does a consent to the former version, on this scope, cover what the later one does with it? */
static bool covers(const struct kept_policy *later, enum kept_kind kind, uint32_t ref)
{
    const struct kept_consent_row row = {.scope_kind = (uint8_t)kind, .kind = KEPT_C_EXPLICIT,
                                         .state = KEPT_CS_GRANTED, .scope = ref, .policy_version = 1};
    return kept_covered(later, &row);
}

/* Each scope's, but the one that is named. */
static void check_scopes(const struct kept_policy *later, const struct step *step)
{
    uint32_t named = step->name != NULL ? kept_ref(step->kind, step->name) : KEPT_REF_NONE;
    const struct kept_policy_info *n = &later->info;
    for (size_t i = 0; i < n->purposes + n->items + n->functions + n->recipients; i++) {
        size_t at = i;
        enum kept_kind kind = KEPT_K_PURPOSE;
        if (at >= n->purposes) {
            at -= n->purposes;
            kind = KEPT_K_ITEM;
        }
        if (kind == KEPT_K_ITEM && at >= n->items) {
            at -= n->items;
            kind = KEPT_K_FUNCTION;
        }
        if (kind == KEPT_K_FUNCTION && at >= n->functions) {
            at -= n->functions;
            kind = KEPT_K_RECIPIENT;
        }
        const char *name = kept_policy_name(later, kind, (uint32_t)at);
        uint32_t ref = kept_ref(kind, name);
        bool touched = kind == KEPT_K_FUNCTION || kind == KEPT_K_RECIPIENT; /* by their items, too */
        if (kind == step->kind && ref == named)
            assert_false(covers(later, kind, ref));
        else if (!touched && !covers(later, kind, ref) && (step->kind == kind || step->name == NULL))
            fail_msg("'%s' -> '%s': %s is asked for again", step->from, step->to, name);
    }
    assert_false(covers(later, KEPT_K_PERMISSION, kept_ref(KEPT_K_PERMISSION, "camera")));
    assert_false(covers(later, KEPT_K_ITEM, 1));
    assert_int_equal(covers(later, KEPT_K_NONE, 0), step->takes == NULL);
}

static void each_step_takes_what_it_takes(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT(steps); i++) {
        char *text = changed(former, steps[i].from, steps[i].to);
        char *numbered = i > 0 ? changed(text, "version: 1", "version: 2") : strdup(text);
        struct kept_policy *then = read_policy(former), *now = read_policy(numbered);
        const char *what = NULL;
        bool more = kept_policy_takes_more(now, then, &what);
        if (more != (steps[i].takes != NULL) || (more && strcmp(what, steps[i].takes) != 0)) {
            print_message("'%s' -> '%s': %s\n", steps[i].from, steps[i].to, more ? what : "no more");
            wrong++;
        }
        assert_true(kept_policy_takes_more_than(now, 1)); /* nothing was said of it yet */
        assert_int_equal(kept_policy_relate(now, then), 0);
        assert_int_equal(kept_policy_takes_more_than(now, 1), more);
        assert_true(kept_policy_takes_more_than(now, 9));
        if (!wrong)
            check_scopes(now, &steps[i]);
        kept_policy_free(now);
        kept_policy_free(then);
        free(numbered);
        free(text);
    }
    assert_int_equal(wrong, 0);
}

/* The later version has the note for advertising, too. */
static struct kept_policy *later_of(const char *from, const char *to)
{
    char *two = changed(former, "version: 1", "version: 2");
    char *text = changed(two, "[work], optional: [note", "[work, ads], optional: [note");
    char *more = changed(text, from, to);
    struct kept_policy *then = read_policy(former), *now = read_policy(more);
    assert_int_equal(kept_policy_relate(now, then), 0);
    kept_policy_free(then);
    free(more);
    free(text);
    free(two);
    return now;
}

static bool reaches(const struct kept_policy *p, const struct kept_consent_row *row, const struct kept_question *q,
                    uint32_t collected_under)
{
    const struct kept_context c = {.consents = row, .consent_count = row != NULL};
    struct kept_verdict v = {0};
    bool denied = kept_policy_reaches_back(p, &c, q, collected_under, &v);
    if (denied)
        assert_true(v.decision == KEPT_DENY && v.reason == KEPT_R_NEEDS_CONSENT && v.line > 0);
    return denied;
}

static void a_later_purpose_needs_a_later_word(void **state)
{
    (void)state;
    struct kept_policy *p = later_of("law: {text: law", "law: {text: the law");
    struct kept_question q = ask(KEPT_USE_READ);
    q.item = index_of(p, KEPT_K_ITEM, "note");
    q.purpose = index_of(p, KEPT_K_PURPOSE, "ads");
    assert_true(reaches(p, NULL, &q, 1));
    assert_true(reaches(p, NULL, &q, 7));  /* of that version nothing is known */
    assert_false(reaches(p, NULL, &q, 2)); /* collected under this one */
    q.justified = true;
    assert_true(reaches(p, NULL, &q, 1)); /* of no exemption */
    q.exemption = "law";
    assert_false(reaches(p, NULL, &q, 1));
    q.justified = false;
    assert_true(reaches(p, NULL, &q, 1));
    q.exemption = NULL;
    struct kept_question other = q;
    other.purpose = index_of(p, KEPT_K_PURPOSE, "work");
    assert_false(reaches(p, NULL, &other, 1)); /* it was declared for that */
    other.purpose = KEPT_NO_INDEX;
    assert_false(reaches(p, NULL, &other, 1));
    other = q;
    other.item = KEPT_NO_INDEX;
    assert_false(reaches(p, NULL, &other, 1));
    kept_policy_free(p);
    p = later_of("changes: {wider_version: shown_first}\n", "");
    assert_true(reaches(p, NULL, &q, 1));
    kept_policy_free(p);
    p = later_of("advertise, consent: separate", "advertise, law: true");
    assert_false(reaches(p, NULL, &q, 1)); /* the law's own purpose asks nobody */
    kept_policy_free(p);
    p = later_of("changes: {", "changes: {clause: C-9, ");
    struct kept_context nobody = {0};
    struct kept_verdict v = {0};
    assert_true(kept_policy_reaches_back(p, &nobody, &q, 1, &v));
    assert_string_equal(v.clause, "C-9");
    kept_policy_free(p);
}

static void whose_word_it_is(void **state)
{
    (void)state;
    struct kept_policy *p = later_of("law: {text: law", "law: {text: the law");
    struct kept_question q = ask(KEPT_USE_DISCLOSE);
    q.item = index_of(p, KEPT_K_ITEM, "note");
    q.purpose = index_of(p, KEPT_K_PURPOSE, "ads");
    q.recipient = index_of(p, KEPT_K_RECIPIENT, "host");
    static const struct {
        enum kept_kind kind;
        const char *name;
        bool suffices;
    } words[] = {{KEPT_K_PURPOSE, "ads", true},      {KEPT_K_PURPOSE, "work", false},
                 {KEPT_K_ITEM, "note", true},        {KEPT_K_ITEM, "phone", false},
                 {KEPT_K_FUNCTION, "keep", true},    {KEPT_K_FUNCTION, "tell", false},
                 {KEPT_K_FUNCTION, "find", false},   {KEPT_K_FUNCTION, "gone", false},
                 {KEPT_K_RECIPIENT, "host", true},   {KEPT_K_RECIPIENT, "gone", false}};
    for (size_t i = 0; i < COUNT(words); i++) {
        struct kept_consent_row row = consent_row(words[i].kind, words[i].name, KEPT_C_EXPLICIT, KEPT_CS_GRANTED);
        row.policy_version = 2;
        assert_int_equal(reaches(p, &row, &q, 1), !words[i].suffices);
        if (!words[i].suffices)
            continue;
        row.expires = q.now + 1;
        assert_false(reaches(p, &row, &q, 1));
        row.expires = q.now;
        assert_true(reaches(p, &row, &q, 1));
        row.expires = 0;
        row.policy_version = 1; /* which did not have it */
        assert_true(reaches(p, &row, &q, 1));
        row.policy_version = 2;
        row.kind = KEPT_C_IMPLIED;
        assert_true(reaches(p, &row, &q, 1));
        row.kind = KEPT_C_EXPLICIT;
        row.state = KEPT_CS_WITHDRAWN;
        assert_true(reaches(p, &row, &q, 1));
    }
    kept_policy_free(p);
}

/* Of two that were related with one number the later counts; and each keeps its own. */
static void many_former_versions(void **state)
{
    (void)state;
    struct kept_policy *then = read_policy(former);
    char *text = changed(former, "version: 1", "version: 3");
    char *longer = changed(text, "retain: 90 days", "retain: 99 days");
    char *second = changed(longer, "version: 3", "version: 2");
    struct kept_policy *now = read_policy(longer), *two = read_policy(second);
    assert_int_equal(kept_policy_relate(now, then), 0);
    assert_int_equal(kept_policy_relate(now, two), 0);
    assert_true(kept_policy_takes_more_than(now, 1));
    assert_false(kept_policy_takes_more_than(now, 2));
    assert_false(covers(now, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, "note")));
    const struct kept_consent_row row = {.scope_kind = KEPT_K_ITEM, .kind = KEPT_C_EXPLICIT, .policy_version = 2,
                                         .state = KEPT_CS_GRANTED, .scope = kept_ref(KEPT_K_ITEM, "note")};
    assert_true(kept_covered(now, &row));
    kept_policy_free(two);
    kept_policy_free(now);
    /* An item that the former did not have takes more, whoever has it. */
    char *renamed = changed(text, "  mail: {", "  post: {"), *new = changed(renamed, "[note, mail, case]", "[note, post, case]");
    const char *what = NULL;
    now = read_policy(new);
    assert_true(kept_policy_takes_more(now, then, &what));
    assert_string_equal(what, "post");
    assert_int_equal(kept_policy_relate(now, then), 0);
    assert_false(covers(now, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, "post")));
    assert_false(covers(now, KEPT_K_FUNCTION, kept_ref(KEPT_K_FUNCTION, "keep")));
    assert_true(covers(now, KEPT_K_FUNCTION, kept_ref(KEPT_K_FUNCTION, "tell")));
    kept_policy_free(now);
    free(new);
    free(renamed);
    kept_policy_free(then);
    free(second);
    free(longer);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_takes_what_it_takes),
        cmocka_unit_test(a_later_purpose_needs_a_later_word),
        cmocka_unit_test(whose_word_it_is),
        cmocka_unit_test(many_former_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
