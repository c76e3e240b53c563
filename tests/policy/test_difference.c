/* Is every key of the language compared, each change named with its rule and lines, and what it sets off
 * told; are who is told and who is asked again what compare.c decides? */
#include "base/mem.h"
#include "policy/difference_int.h"
#include "policy_aid.h"

/* ---- every key of the table, once ---------------------------------------------------------------- */

/* What the text that is written has at one key: as all have it, another value, or nothing. */
enum variant { AS_IS = 0, OTHER, ABSENT };
struct writing {
    struct kept_buf out;
    enum key key; /* that differs */
    enum variant variant;
};

static const char *scalar(enum key key, bool other)
{
    const struct key_need *need = &kept_key_row(key)->need;
    switch (kept_key_type(key)->kind) {
    case TYPE_LENGTH:
        return other ? "11 days" : "10 days";
    case TYPE_WORD: { /* never the default, so that taking it away is a change */
        const char *a = kept_key_word(key, 0), *b = kept_key_word(key, kept_key_words(key) - 1);
        bool first = need->otherwise == NULL || strcmp(need->otherwise, a) != 0;
        return first != other ? a : b;
    }
    case TYPE_FLAG:
        return (need->otherwise == NULL || strcmp(need->otherwise, "false") == 0) != other ? "true" : "false";
    case TYPE_WORDS:
    case TYPE_NAMES:
    case TYPE_NEW_NAMES:
    case TYPE_REGIONS:
    case TYPE_LANGUAGES:
        return other ? "[one, three]" : "[one, two]";
    case TYPE_CHOICES:
        return other ? "{one: this, two: other}" : "{one: this, two: that}";
    default:
        return other ? "two" : "one";
    }
}

static void indent(struct writing *w, unsigned depth)
{
    kept_buf_u8(&w->out, '\n');
    for (unsigned i = 0; i < depth; i++)
        kept_buf_text(&w->out, "  ");
}

static void write_section(struct writing *w, enum section section, unsigned depth)
{
    for (enum key key = kept_section_row(section)->first; key < kept_section_end(section); key++) {
        const struct key_type *type = kept_key_type(key);
        if (key == w->key && w->variant == ABSENT)
            continue;
        indent(w, depth);
        kept_buf_printf(&w->out, "%s: ", kept_key_row(key)->name);
        if (type->kind == TYPE_MAP) {
            write_section(w, type->section, depth + 1);
        } else if (type->kind == TYPE_NAMED) {
            indent(w, depth + 1);
            kept_buf_text(&w->out, "thing: ");
            write_section(w, type->section, depth + 2);
        } else if (type->kind == TYPE_LIST) {
            indent(w, depth + 1);
            kept_buf_text(&w->out, "-");
            write_section(w, type->section, depth + 2);
        } else {
            kept_buf_text(&w->out, scalar(key, key == w->key && w->variant == OTHER));
        }
    }
}

static struct kept_difference *walk(const char *then, const char *now)
{
    struct kept_difference *d = kept_alloc(1, sizeof *d);
    struct kept_err err = {0};
    assert_non_null(d);
    if (kept_difference_walk(d, span_of(then), span_of(now), &err) != 0)
        fail_msg("%s in\n%s", err.text, now);
    return d;
}

/* How many places the key has in the text: sections may be used by several keys. */
static size_t places_of(enum section section, enum key of)
{
    size_t n = 0;
    for (enum key key = kept_section_row(section)->first; key < kept_section_end(section); key++) {
        enum type_kind kind = kept_key_type(key)->kind;
        n += key == of;
        if (kind == TYPE_MAP || kind == TYPE_NAMED || kind == TYPE_LIST)
            n += places_of(kept_key_type(key)->section, of);
    }
    return n;
}

static void every_key_is_compared(void **state)
{
    (void)state;
    struct writing one = {.key = KEY_NONE};
    kept_buf_init(&one.out, 1 << 20);
    write_section(&one, SECTION_POLICY, 0);
    const char *then = (const char *)one.out.p;
    struct kept_difference *same = walk(then, then);
    assert_int_equal(same->count, 0);
    kept_difference_free(same);
    for (enum key key = KEY_NONE + 1; key < KEY_COUNT; key++) {
        if (key == POLICY_origins || kept_key_row(key)->section == SECTION_ORIGINS)
            continue; /* of what kept joined: it follows from all the rest */
        const struct key_row *row = kept_key_row(key);
        enum type_kind kind = kept_key_type(key)->kind;
        bool holds = kind == TYPE_MAP || kind == TYPE_NAMED || kind == TYPE_LIST;
        size_t places = places_of(SECTION_POLICY, key);
        for (enum variant variant = OTHER; variant <= ABSENT; variant++) {
            struct writing two = {.key = key, .variant = variant};
            if (holds && variant == OTHER)
                continue;
            kept_buf_init(&two.out, 1 << 20);
            write_section(&two, SECTION_POLICY, 0);
            struct kept_difference *d = walk(then, (const char *)two.out.p);
            if (places == 0 || d->count < places || (!holds && d->count != places))
                fail_msg("%s.%s: %zu changes of %zu places", kept_section_row(row->section)->name,
                         row->name, d->count, places);
            for (size_t i = 0; !holds && i < d->count; i++) {
                assert_int_equal(d->changes[i].key, key);
                assert_true(d->changes[i].then.line > 0 || kind == TYPE_LENGTH);
                assert_string_equal(d->changes[i].then.value[0] != 0 ? "said" : "", "said");
            }
            kept_difference_free(d);
            kept_buf_release(&two.out);
        }
    }
    kept_buf_release(&one.out);
}

/* What holds without a key, said: no change. */
static void defaults_are_no_change(void **state)
{
    (void)state;
    size_t tried = 0;
    struct kept_difference *d = walk("kept: 1\nitems:\n  a: {text: b, sensitive: false, place: store}\n"
                                     "backup_window: 30 days\n",
                                     "kept: 1\nitems:\n  a: {text: b}\nbackup_window: 1 month\n");
    tried += d->count;
    kept_difference_free(d);
    d = walk("withdrawal: {effect: delete}\nconsent: {}\n", "withdrawal: {effect: delete}\nconsent: {other_versions: valid}\n");
    tried += d->count;
    kept_difference_free(d);
    assert_int_equal(tried, 0);
}

static void entries_without_names_are_paired(void **state)
{
    (void)state;
    const char *then = "notice:\n  sentences:\n    - text: a\n    - text: b\n    - text: c\n";
    struct kept_difference *d = walk(then, "notice:\n  sentences:\n    - text: a\n    - text: c\n");
    assert_int_equal(d->count, 1);
    assert_int_equal(d->changes[0].what, KEPT_WHAT_REMOVED);
    assert_string_equal(d->changes[0].rule, "notice.sentences[2]");
    kept_difference_free(d);
    d = walk(then, "notice:\n  sentences:\n    - text: x\n    - text: a\n    - text: b\n    - text: c\n");
    assert_int_equal(d->count, 1);
    assert_int_equal(d->changes[0].what, KEPT_WHAT_ADDED);
    kept_difference_free(d);
    d = walk(then, "notice:\n  sentences:\n    - text: b\n    - text: a\n    - text: c\n");
    assert_int_equal(d->count, 2);
    kept_difference_free(d);
}

/* ---- whole policies ------------------------------------------------------------------------------ */

/* text with from, which is there once at least, written as to; the caller frees it. */
static char *with(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (at == NULL)
        fail_msg("no such words: %s", from);
    size_t before = (size_t)(at - text), n = strlen(text) + strlen(to) + 1;
    char *out = malloc(n);
    assert_non_null(out);
    (void)snprintf(out, n, "%.*s%s%s", (int)before, text, to, at + strlen(from));
    return out;
}

static struct kept_difference *compare(const char *then, const char *now)
{
    struct kept_difference *d = NULL;
    struct kept_err err = {0};
    if (kept_policy_difference(span_of(then), span_of(now), &d, &err) != 0)
        fail_msg("%s", err.text);
    return d;
}

static const struct kept_edit *change_of(const struct kept_difference *d, const char *rule,
                                           const char *key)
{
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->changes[i].rule, rule) == 0 &&
            strcmp(kept_key_row(d->changes[i].key)->name, key) == 0)
            return &d->changes[i];
    fail_msg("no change of %s: %s", rule, key);
    return NULL;
}

enum { REDUCES = 1, MORE = 2, WORDS = 4, ASSESS = 8 };
static const struct mutation {
    const char *from, *to;
    const char *rule, *key;
    enum kept_material trigger;
    unsigned marks;
} mutations[] = {
    {"retain: 90 days, clause: S0-1.3", "retain: 120 days, clause: S0-1.3", "items.ip-address", "retain",
     KEPT_MATERIAL_PROCESSING, MORE},
    {"retain: 90 days, clause: S0-1.3", "retain: 30 days, clause: S0-1.3", "items.ip-address", "retain",
     KEPT_MATERIAL_PROCESSING, 0},
    {"mask: whole, clause: S0-3.2", "clause: S0-3.2", "items.imei", "mask", KEPT_MATERIAL_PROCESSING, 0},
    {"kind: text, information: preference, sour", "kind: text, information: log, sour", "items.settings",
     "information", KEPT_MATERIAL_PROCESSING, 0},
    {"{text: your name, ", "{text: your own name, ", "items.contact-name", "text", KEPT_MATERIAL_NONE, WORDS},
    {"retain: 30 days, clause: S0-2.5", "retain: 30 days, sensitive: true, clause: S0-2.5",
     "items.advertising-id", "sensitive", KEPT_MATERIAL_PROCESSING, ASSESS},
    {"  support: {text: answer", "  games: {text: play}\n  support: {text: answer", "purposes.games",
     "purposes", KEPT_MATERIAL_PROCESSING, MORE},
    {"  user-request:\n", "  other: {text: another case, for: [share]}\n  user-request:\n",
     "exemptions.other", "exemptions", KEPT_MATERIAL_RIGHTS, REDUCES | MORE},
    {"{text: fit the app to your device, clause: S0-1.1}", "{text: fit the app to your device, related: [support], clause: S0-1.1}",
     "purposes.adaptation", "related", KEPT_MATERIAL_PROCESSING, MORE},
    {"consent: explicit, clause: S0-2.3}", "clause: S0-2.3}", "purposes.personalisation", "consent",
     KEPT_MATERIAL_RIGHTS, REDUCES | MORE},
    {"consent: explicit, clause: S0-2.3}", "consent: separate, clause: S0-2.3}", "purposes.personalisation",
     "consent", KEPT_MATERIAL_RIGHTS, 0},
    {"optional: [settings, cookie-id]", "optional: [settings, cookie-id, habits]", "functions.preferences",
     "optional", KEPT_MATERIAL_PROCESSING, MORE},
    {"optional: [settings, cookie-id]", "optional: [cookie-id, settings]", "functions.preferences",
     "optional", KEPT_MATERIAL_NONE, WORDS},
    {"permissions: [location]", "permissions: [location, camera]", "functions.location-assist",
     "permissions", KEPT_MATERIAL_PROCESSING, MORE},
    {"    consent: explicit\n    purposes: [personalisation]", "    consent: notice\n    purposes: [personalisation]",
     "functions.profiling", "consent", KEPT_MATERIAL_RIGHTS, REDUCES | MORE},
    {"basis: contract\n    purposes: [normal-use]", "basis: consent\n    purposes: [normal-use]",
     "functions.preferences", "basis", KEPT_MATERIAL_PROCESSING, 0},
    {"refusing_costs: You are not warned.", "refusing_costs: Nothing.", "functions.environment-safety",
     "refusing_costs", KEPT_MATERIAL_NONE, WORDS},
    {"items: [device-model, os-version,", "items: [device-model, language, os-version,",
     "recipients.data-service", "items", KEPT_MATERIAL_RECIPIENTS, MORE | ASSESS},
    {"agreement: {signed: 2026-01-10, expires: 2028", "agreement: {signed: 2026-01-10, expires: 2029",
     "recipients.data-service.agreement", "expires", KEPT_MATERIAL_NONE, 0},
    {"aggregate_only: true\n", "onward: never\n", "recipients.crash-statistics", "aggregate_only",
     KEPT_MATERIAL_RECIPIENTS, MORE},
    {"    masked: [contact-name, contact-phone,", "    masked: [contact-phone,", "roles.support", "masked",
     KEPT_MATERIAL_PROCESSING, 0},
    {"{from: 0, below: 18, mode: guardian, form: written,", "{from: 0, below: 18, mode: guardian,",
     "age.bands[1]", "form", KEPT_MATERIAL_RIGHTS, REDUCES},
    {"  unknown: allow\n", "  unknown: deny\n", "age", "unknown", KEPT_MATERIAL_RIGHTS, 0},
    {"for: [share]\n    clause: S0-5.2", "for: [share, use]\n    clause: S0-5.2", "exemptions.user-request",
     "for", KEPT_MATERIAL_RIGHTS, REDUCES | MORE},
    {"effect: collect_and_use", "effect: collect_only", "withdrawal", "effect", KEPT_MATERIAL_RIGHTS, REDUCES | MORE},
    {"effect: collect_and_use", "effect: delete", "withdrawal", "effect", KEPT_MATERIAL_RIGHTS, 0},
    {"continued_use: accepts", "continued_use: never", "changes", "continued_use", KEPT_MATERIAL_RIGHTS, 0},
    {"export: never", "export: conditional", "regions", "export", KEPT_MATERIAL_PROCESSING, MORE | ASSESS},
    {"contact: privacy@", "contact: help@", "controller", "contact", KEPT_MATERIAL_CONTACT, MORE},
    {"officer: officer@", "officer: dpo@", "controller", "officer", KEPT_MATERIAL_CONTACT, MORE},
    {"name: Box Widgets", "name: Crate Widgets", "controller", "name", KEPT_MATERIAL_OWNERSHIP, MORE},
    {"backup_window: 30 days", "backup_window: 60 days", "", "backup_window", KEPT_MATERIAL_PROCESSING, MORE},
    {"deadline: {within: 15 working", "deadline: {within: 30 working", "rights.deadline", "within",
     KEPT_MATERIAL_RIGHTS, REDUCES},
    {"deadline: {within: 15 working", "deadline: {within: 10 working", "rights.deadline", "within",
     KEPT_MATERIAL_RIGHTS, 0},
    {"deadline: {within: 15 working days", "deadline: {within: 10 days", "rights.deadline", "within",
     KEPT_MATERIAL_RIGHTS, REDUCES},
    {"    question: {clause: S0-12.2}\n", "    question: {clause: S0-12.2}\n    restrict: {}\n",
     "rights.requests.restrict", "restrict", KEPT_MATERIAL_RIGHTS, 0},
    {"    question: {clause: S0-12.2}\n", "", "rights.requests.question", "question",
     KEPT_MATERIAL_RIGHTS, REDUCES},
    {"  channels: [mail]\n", "  channels: [phone]\n", "rights", "channels", KEPT_MATERIAL_CONTACT, 0},
    {"lifetime: 90 days}", "lifetime: 91 days}", "cookies.trackers.trend-cookie", "lifetime",
     KEPT_MATERIAL_PROCESSING, 0},
    {"personal: declared", "personal: never", "log", "personal", KEPT_MATERIAL_PROCESSING, 0},
    {"camera: {text: take a picture", "camera: {text: take a photo", "permissions.camera", "text",
     KEPT_MATERIAL_NONE, WORDS},
};

static void each_change_sets_off_what_it_must(void **state)
{
    (void)state;
    size_t n = 0;
    char *text = read_whole("policies/widgets.yaml", &n);
    for (size_t i = 0; i < COUNT(mutations); i++) {
        const struct mutation *m = &mutations[i];
        char *now = with(text, m->from, m->to);
        struct kept_difference *d = compare(text, now);
        const struct kept_edit *c = change_of(d, m->rule, m->key);
        unsigned marks = (d->reduces_rights ? REDUCES : 0u) | (d->takes_more ? MORE : 0u) |
                         (d->words ? WORDS : 0u) | (d->assessment_owed ? ASSESS : 0u);
        if (c->trigger != m->trigger || marks != m->marks)
            fail_msg("%s.%s: M%d, marks %u, not M%d, %u", m->rule, m->key, (int)c->trigger, marks,
                     (int)m->trigger, m->marks);
        assert_int_equal(d->material, m->trigger != KEPT_MATERIAL_NONE || (m->marks & MORE) != 0);
        assert_true(c->now.line > 0);
        for (int zh = 0; zh < 2; zh++) {
            struct kept_buf out;
            kept_buf_init(&out, 1 << 20);
            assert_int_equal(kept_difference_text(d, zh ? "zh" : "en", &out), 0);
            assert_non_null(strstr((const char *)out.p, m->key));
            assert_non_null(strstr((const char *)out.p, m->rule));
            assert_null(strchr((const char *)out.p, '{'));
            assert_int_equal(strstr((const char *)out.p, zh ? "\n重大变更：" : "MATERIAL: ") != NULL,
                             d->material);
            kept_buf_release(&out);
        }
        kept_difference_free(d);
        free(now);
    }
    free(text);
}

static const struct kept_anew *asked_of(const struct kept_difference *d, const char *name)
{
    for (size_t i = 0; i < d->asked_count; i++)
        if (strcmp(d->asked[i].name, name) == 0)
            return &d->asked[i];
    return NULL;
}

static void who_is_asked_again(void **state)
{
    (void)state;
    size_t n = 0;
    char *text = read_whole("policies/widgets.yaml", &n);
    struct kept_difference *d = compare(text, text);
    assert_int_equal(d->count + d->asked_count + d->material, 0);
    kept_difference_free(d);
    /* One function has an item more: who agreed to it is asked again, and for nothing else. */
    char *now = with(text, "optional: [habits, profile]", "optional: [habits, profile, settings]");
    d = compare(text, now);
    assert_int_equal(asked_of(d, "profiling")->why, KEPT_AGAIN_WIDER);
    assert_null(asked_of(d, "feedback"));
    assert_false(d->binds_by_use);
    kept_difference_free(d);
    free(now);
    now = with(text, "consent: explicit\n    purposes: [support]", "consent: separate\n    purposes: [support]");
    d = compare(text, now);
    assert_int_equal(asked_of(d, "feedback")->why, KEPT_AGAIN_ASKS_MORE);
    assert_int_equal(asked_of(d, "feedback")->consent, KEPT_C_SEPARATE);
    assert_int_equal(d->asked_count, 1);
    assert_true(d->binds_by_use);
    kept_difference_free(d);
    free(now);
    /* Nothing but a word changed: asked only where the policy says so. */
    char *strict = with(text, "other_versions: valid", "other_versions: ask_again");
    now = with(strict, "{text: your name, ", "{text: your own name, ");
    d = compare(strict, now);
    assert_false(d->material);
    assert_int_equal(asked_of(d, "feedback")->why, KEPT_AGAIN_ANY_CHANGE);
    kept_difference_free(d);
    free(now);
    free(strict);
    free(text);
}

static void numbers_and_dates(void **state)
{
    (void)state;
    size_t n = 0;
    char *text = read_whole("policies/widgets.yaml", &n);
    char *two = with(text, "version: 1\n", "version: 2\n");
    struct kept_difference *d = compare(text, two);
    assert_true(d->late);
    assert_false(d->same_number || d->material);
    kept_difference_free(d);
    char *later = with(two, "effective: 2026-02-01", "effective: 2026-05-01");
    d = compare(text, later);
    assert_false(d->late || d->same_number || d->material);
    kept_difference_free(d);
    d = compare(later, text);
    assert_true(d->late && d->same_number);
    kept_difference_free(d);
    free(later);
    free(two);
    free(text);
}

static void a_policy_with_errors_is_not_compared(void **state)
{
    (void)state;
    size_t n = 0;
    char *text = read_whole("policies/widgets.yaml", &n);
    char *bad = with(text, "retain: 180 days", "retian: 180 days");
    struct kept_difference *d = NULL;
    struct kept_err err = {0};
    assert_int_equal(kept_policy_difference(span_of(text), span_of(bad), &d, &err), KEPT_E_POLICY);
    assert_null(d);
    assert_non_null(strstr(err.text, "the later policy: "));
    assert_int_equal(kept_policy_difference(span_of(bad), span_of(text), &d, &err), KEPT_E_POLICY);
    assert_non_null(strstr(err.text, "the former policy: "));
    free(bad);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_compared),
        cmocka_unit_test(defaults_are_no_change),
        cmocka_unit_test(entries_without_names_are_paired),
        cmocka_unit_test(each_change_sets_off_what_it_must),
        cmocka_unit_test(who_is_asked_again),
        cmocka_unit_test(numbers_and_dates),
        cmocka_unit_test(a_policy_with_errors_is_not_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
