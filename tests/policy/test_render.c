/* Is what a policy renders what its rules say, each where it should be, and nothing but text? */
#include "render_aid.h"

#include <jansson.h>

#include "page/page.h"
#include "policy/language.h"

/* The rule has its mark in this section, and in no other. */
static void stands_in(const char *html, const char *id, const char *rule, bool once)
{
    char mark[256];
    char *part = section(html, id);
    (void)snprintf(mark, sizeof mark, "data-rule=\"%s\"", rule);
    size_t here = count_of(part, mark), all = count_of(html, mark);
    if (here == 0 || here != all || (once && here != 1))
        fail_msg("%s: %zu times in %s, %zu in all", rule, here, id, all);
    free(part);
}

static void stands(const char *html, const char *id, const char *kind, const char *name, bool once)
{
    char rule[160];
    (void)snprintf(rule, sizeof rule, "%s/%s", kind, name);
    stands_in(html, id, rule, once);
}

static void every_rule(const struct kept_policy *p, const char *html)
{
    char number[32];
    for (size_t i = 0; i < p->info.items; i++) {
        char retain[96];
        (void)snprintf(retain, sizeof retain, "%s/retain", p->items[i].pub.name);
        stands(html, "items", "items", p->items[i].pub.name, true);
        stands(html, "items", "items", retain, true);
    }
    for (size_t i = 0; i < p->info.purposes; i++)
        stands(html, "purposes", "purposes", p->purposes[i].name, true);
    for (size_t i = 0; i < p->info.functions; i++)
        stands(html, "functions", "functions", p->functions[i].name, false);
    for (size_t i = 0; i < p->info.permissions; i++)
        stands(html, "permissions", "permissions", p->permissions[i].name, true);
    for (size_t i = 0; i < p->info.recipients; i++)
        stands(html, "recipients", "recipients", p->recipients[i].name, true);
    for (size_t i = 0; i < p->info.roles; i++)
        if (p->roles[i].name[0] != 0)
            stands(html, "roles", "roles", p->roles[i].name, true);
    for (size_t i = 0; i < p->exemption_count; i++)
        stands(html, "exemptions", "exemptions", p->exemptions[i].code, true);
    for (size_t i = 0; i < p->band_count; i++) {
        (void)snprintf(number, sizeof number, "%d", p->bands[i].from);
        stands(html, "ages", "age", number, true);
    }
    for (size_t i = 0; i < p->sentence_count; i++) {
        (void)snprintf(number, sizeof number, "%zu", i + 1);
        stands(html, "first", "notice", number, true);
    }
    stands(html, "places", "regions", "stored", true);
    stands(html, "places", "regions", "export", true);
    stands_in(html, "times", "rotation", true);
    stands_in(html, "times", "backup_window", true);
    stands_in(html, "times", "evidence", true);
    stands_in(html, "choices", "withdrawal", true);
    stands_in(html, "changes", "changes", false);
    stands_in(html, "items", "undeclared", true);
}

/* The same of what is owed beside decisions. */
static void every_duty(const struct kept_policy *p, const char *html)
{
    const struct duties *d = &p->duties;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        if (d->asked[i].pub.said)
            stands(html, "rights", "rights", kept_asked_word((enum kept_asked)i), true);
    for (size_t i = 0; i < d->refusal_count; i++)
        stands(html, "rights", "refusals", d->refusals[i].code, true);
    for (size_t i = 0; i < d->cancellation.open_count; i++)
        stands(html, "account", "cancellation", d->cancellation.open[i].name, true);
    for (size_t i = 0; i < d->tracker_count; i++)
        stands(html, "cookies", "trackers", d->trackers[i].name, true);
    for (size_t i = 0; i < KEPT_TRACKER_CATEGORY_COUNT; i++)
        if (d->categories[i].said)
            stands(html, "cookies", "cookies", kept_key_word(TRACKER_category, i), true);
    for (unsigned i = 0; i < KEPT_MESSAGE_CLASSES; i++)
        if (d->messages[i].said)
            stands(html, "messages", "messages", kept_key_row((enum key)(MESSAGES_marketing + i))->name, true);
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++)
        if (d->incidents[i].said)
            stands(html, "incidents", "incident", kept_key_row((enum key)(INCIDENT_persons + i))->name, true);
    if (d->account.rule.line != 0)
        stands_in(html, "account", "account", false);
    if (d->cancellation.rule.line != 0)
        stands_in(html, "account", "cancellation", false);
    if (d->cessation.said)
        stands_in(html, "end", "cessation", false);
    if (d->log_personal != LOG_UNSAID)
        stands_in(html, "items", "log", true);
}

static void each_rule_stands_where_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct kept_policy *p = policy_of(names[i]);
        for (size_t l = 0; l < p->info.languages; l++) {
            char *html = render(p, KEPT_RENDER_NOTICE, p->languages[l]);
            every_rule(p, html);
            every_duty(p, html);
            assert_int_equal(count_of(html, "data-rule=\"languages\""), p->info.languages > 1);
            free(html);
        }
        kept_policy_free(p);
    }
}

/* One place of a policy's text put another way: what is said under the rule changes, and says it. */
struct change {
    const char *from, *to, *section, *says;
};

static void a_rule_that_changes_says_so(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"source: generated, retain: 180 days, clause: S0-1.1}", "source: generated, retain: 77 days, clause: S0-1.1}", "items", ">77 days."},
        {"kind: device-id, information: network-id", "kind: device-id, information: education", "items", "Information on education"},
        {"sensitive: true, source: generated, retain: 30 days", "source: generated, retain: 30 days", "items", NULL},
        {"consent: separate, clause: S0-4.5}", "consent: written, clause: S0-4.5}", "purposes", "Yes, in writing"},
        {"text: find and mend faults", "text: count clouds", "purposes", ">Count clouds<"},
        {"    frequency: once_per_launch\n", "", "functions", NULL},
        {"refusing_costs: Faults on your device stay unknown to us.", "refusing_costs: It rains", "functions", "If you refuse: It rains.<"},
        {"stored: [CN], export: never", "stored: [CN, HK], export: conditional", "places", "mainland China and Hong Kong"},
        {"export: never", "export: conditional", "places", "Nothing of it goes elsewhere but"},
        {"rotation: 7 days", "rotation: 36 hours", "times", "every 36 hours"},
        {"backup_window: 30 days", "backup_window: 1 day", "times", "at the latest 1 day after"},
        {"evidence: 1100 days", "evidence: 4 years", "times", "for 4 years after"},
        {"effect: collect_and_use", "effect: delete", "choices", "delete what nothing else needs"},
        {"below: 18, mode: guardian, form: written", "below: 18, mode: block", "ages", "the service is not for you"},
        {"unknown: allow", "unknown: deny", "ages", "We ask your day of birth first"},
        {"for: [share]\n    clause: S0-5.2", "for: [use, share]\n    clause: S0-5.2", "exemptions", "use and share"},
        {"masked: all\n", "masked: [message]\n", "roles", "sees masked what you wrote"},
        {"continued_use: accepts", "continued_use: never", "changes", "Going on never counts"},
        {"expires: 2027-01-10", "expires: 2026-12-24", "recipients", "24 December 2026"},
        {"    aggregate_only: true\n", "", "recipients", NULL},
        {"storage: {text: pictures on the phone", "storage: {text: drawers", "permissions", ">Drawers: for"},
        {"officer: officer@example.org", "officer: other@example.org", "contact", "other@example.org"},
    };
    char *text = policy_text("widgets");
    struct kept_policy *p = read_policy(text);
    char *was = render(p, KEPT_RENDER_NOTICE, "en");
    for (size_t i = 0; i < COUNT(changes); i++) {
        char *other = put_so(text, changes[i].from, changes[i].to);
        struct kept_policy *q = read_policy(other);
        char *is = render(q, KEPT_RENDER_NOTICE, "en");
        char *before = section(was, changes[i].section), *after = section(is, changes[i].section);
        if (strcmp(before, after) == 0)
            fail_msg("%s: nothing changes in %s", changes[i].to, changes[i].section);
        if (changes[i].says != NULL && (strstr(after, changes[i].says) == NULL ||
                                        count_of(after, changes[i].says) <= count_of(before, changes[i].says)))
            fail_msg("%s: %s does not say '%s'", changes[i].to, changes[i].section, changes[i].says);
        free(before);
        free(after);
        free(is);
        free(other);
        kept_policy_free(q);
    }
    free(was);
    free(text);
    kept_policy_free(p);
}

/* ---- hostile texts -------------------------------------------------------------------------------- */

static const char *const hostile[] = {
    "<script>alert(1)</script>", "\\\"><img src=x onerror=alert(1)>", "' onmouseover='x", "</style></svg>&amp;",
    "=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "-2+3", "{text} {if law}x{end} {", "\\u202E\\u2066 back",
    "]]>--><!--", "\\t=1", "a,b\\n\\\"c\\\"", "javascript:alert(1)"};

/* A small policy with one text everywhere ($), in a language (~). */
static char *poisoned(const char *text, const char *language)
{
    static const char form[] =
        "kept: 1\napp: notebook\ntitle: \"$\"\nversion: 1\nissued: 2026-01-15\neffective: 2026-02-01\n"
        "app_type: other\njurisdiction: \"$\"\ntime_zone: UTC\nlanguages: {authority: ~}\n"
        "controller: {name: \"$\", contact: privacy@example.org, address: \"$\", phone: \"$\"}\n"
        "notice: {sentences: [{text: \"$\"}]}\nrefusal: {text: \"$\"}\ncessation: {text: \"$\"}\n"
        "withdrawal: {effect: delete}\nregions: {stored: [CN]}\nrotation: 7 days\nbackup_window: 30 days\n"
        "evidence: 3 years\npurposes:\n  notes: {text: \"$\"}\nitems:\n"
        "  mail: {text: \"$\", clause: \"$\", kind: mail, information: basic, source: user, retain: 1 day, "
        "retention_class: law, statute: \"$\"}\n"
        "  file: {text: \"$\", kind: choice, choices: {a: \"$\"}, information: content, source: user, "
        "place: device}\n"
        "permissions:\n  one: {text: \"$\"}\n"
        "functions:\n  account: {text: \"$\", clause: \"$\", kind: basic, consent: explicit, purposes: [notes], "
        "mandatory: [mail], optional: [file], refusing_costs: \"$\", permissions: [one]}\n"
        "recipients:\n  them: {text: \"$\", role: independent, kind: partner, items: [mail], "
        "gives: [mail], lawful_source: \"$\", purposes: [notes], region: CN, link: \"$\", "
        "agreement: {signed: 2026-01-01, expires: 2027-01-01}}\n"
        "roles:\n  app: {operations: all}\n  helper: {text: \"$\", operations: [use], purposes: [notes], "
        "masked: [mail]}\nexemptions:\n  danger: {text: \"$\", for: [use]}\n"
        "rights: {deadline: {within: 15 days, from: received}, channels: [mail], requests: {access: {}, copy: {}}, "
        "refusals: {bad-faith: {text: \"$\"}}}\n"
        "account: {mode: mail, real_name: legal_obligation, statute: \"$\", function: account}\n"
        "cancellation: {triggers: [support], preconditions: {money: {text: \"$\"}}}\n"
        "cookies: {categories: {security: {}}, trackers: {one: {text: \"$\", category: security, kind: cookie, "
        "party: them, lifetime: session}}}\n";
    size_t n = 0, most = sizeof form + 40 * strlen(text);
    char *all = malloc(most);
    assert_non_null(all);
    for (const char *at = form; *at != 0; at++) {
        char self[2] = {*at, 0};
        n += (size_t)snprintf(all + n, most - n, "%s", *at == '$' ? text : *at == '~' ? language : self);
    }
    return all;
}

/* Every tag and attribute is one that the page writers write: with all texts of a policy harmless, the
 * skeleton (the document without its texts) is the same. */
static char *skeleton(const char *html)
{
    char *bare = malloc(strlen(html) + 1);
    size_t n = 0;
    bool tag = false, quoted = false;
    assert_non_null(bare);
    for (const char *at = html; *at != 0; at++) {
        if (*at == '<')
            tag = true;
        if (tag && *at == '"')
            quoted = !quoted;
        if (tag && (!quoted || *at == '"'))
            bare[n++] = *at;
        if (*at == '>' && !quoted)
            tag = false;
    }
    bare[n] = 0;
    return bare;
}

static void no_text_is_markup(void **state)
{
    (void)state;
    static const enum kept_rendering pages[] = {KEPT_RENDER_NOTICE, KEPT_RENDER_COLLECTED,
                                                KEPT_RENDER_RECIPIENTS, KEPT_RENDER_COOKIES};
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < COUNT(hostile); i++)
            for (size_t k = 0; k < COUNT(pages); k++) {
                const char *language = l == 0 ? "en" : "zh";
                char *bad = poisoned(hostile[i], language), *good = poisoned("plain", language);
                struct kept_policy *p = read_policy(bad), *q = read_policy(good);
                char *html = render(p, pages[k], NULL), *other = render(q, pages[k], NULL);
                char *a = skeleton(html), *b = skeleton(other);
                assert_string_equal(a, b);
                free(a);
                free(b);
                free(html);
                free(other);
                free(bad);
                free(good);
                kept_policy_free(p);
                kept_policy_free(q);
            }
}

static void no_text_breaks_a_picture_json_or_a_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        char *bad = poisoned(hostile[i], "en");
        struct kept_policy *p = read_policy(bad);
        char *summary = render(p, KEPT_RENDER_SUMMARY, NULL), *csv = render(p, KEPT_RENDER_ROPA_CSV, NULL);
        static const enum kept_rendering machines[] = {KEPT_RENDER_ROPA_JSON, KEPT_RENDER_DPV};
        for (size_t k = 0; k < COUNT(machines); k++) {
            char *json = render(p, machines[k], NULL);
            json_t *root = json_loads(json, 0, NULL);
            assert_non_null(root);
            json_decref(root);
            free(json);
        }
        assert_null(strstr(summary, "<script"));
        assert_null(strstr(summary, "<img"));
        assert_int_equal(count_of(summary, "<svg"), count_of(summary, "</svg>"));
        assert_int_equal(count_of(summary, "</style>"), 1);
        /* A cell opens with a quote; what follows is never what begins a formula. */
        for (const char *at = csv; (at = strchr(at, '"')) != NULL; at++)
            if (at == csv || at[-1] == ',' || at[-1] == '\n')
                assert_null(at[1] != 0 ? strchr("=+-@", at[1]) : NULL);
        assert_int_equal(count_of(csv, "\r\n"), 2);
        free(summary);
        free(csv);
        free(bad);
        kept_policy_free(p);
    }
}

static void a_link_is_http_or_none(void **state)
{
    (void)state;
    char *bad = poisoned("javascript:alert(1)", "en"), *good = poisoned("https://example.org/a?b=1&c", "en");
    struct kept_policy *p = read_policy(bad), *q = read_policy(good);
    char *html = render(p, KEPT_RENDER_RECIPIENTS, NULL), *other = render(q, KEPT_RENDER_RECIPIENTS, NULL);
    assert_null(strstr(html, "href=\"javascript"));
    assert_non_null(strstr(other, "href=\"https://example.org/a?b=1&amp;c\""));
    free(html);
    free(other);
    free(bad);
    free(good);
    kept_policy_free(p);
    kept_policy_free(q);
}

/* ---- text, languages, terms ------------------------------------------------------------------------ */

static void text_fits_its_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct kept_policy *p = policy_of(names[i]);
        for (size_t l = 0; l < p->info.languages; l++) {
            char *plain = render(p, KEPT_RENDER_TEXT, p->languages[l]);
            for (const char *at = plain; *at != 0; at += strcspn(at, "\n") + 1) {
                struct kept_span line = {(const uint8_t *)at, strcspn(at, "\n")};
                if (kept_page_columns(line) > KEPT_PAGE_COLUMNS && memchr(at, ' ', line.n) != NULL)
                    fail_msg("%s: %.*s", names[i], (int)line.n, at);
            }
            free(plain);
        }
        kept_policy_free(p);
    }
}

static void a_language_there_is_not_is_refused(void **state)
{
    (void)state;
    struct kept_buf out;
    struct kept_err err = {0};
    char *text = policy_text("smart-home"), *french = poisoned("bonjour", "fr");
    struct kept_policy *p = read_policy(text), *q = read_policy(french);
    kept_buf_init(&out, 1u << 20);
    assert_int_equal(kept_policy_render(p, KEPT_RENDER_TEXT, "fr", NULL, &out, &err), KEPT_E_NOTFOUND);
    assert_non_null(strstr(err.text, "zh, en"));
    assert_int_equal(kept_policy_render(q, KEPT_RENDER_TEXT, NULL, NULL, &out, &err), KEPT_E_NOTFOUND);
    assert_non_null(strstr(err.text, "docs/notice.md"));
    assert_int_equal(out.n, 0);
    /* one that names a script or a country takes the sentences of its language */
    char *hans = poisoned("ni hao", "zh-Hans");
    struct kept_policy *r = read_policy(hans);
    assert_int_equal(kept_policy_render(r, KEPT_RENDER_TEXT, NULL, NULL, &out, &err), 0);
    kept_buf_clear(&out);
    /* a document that does not fit is an error, and no half of one */
    kept_buf_release(&out);
    kept_buf_init(&out, 100);
    assert_int_equal(kept_policy_render(p, KEPT_RENDER_NOTICE, "en", NULL, &out, &err), KEPT_E_LIMIT);
    kept_buf_release(&out);
    kept_policy_free(p);
    kept_policy_free(q);
    kept_policy_free(r);
    free(text);
    free(french);
    free(hans);
}

/* The entry of a list of the record whose rule is this one. */
static const json_t *entry(const json_t *root, const char *list, const char *rule)
{
    size_t i = 0;
    const json_t *one = NULL;
    json_array_foreach(json_object_get(root, list), i, one) if (strcmp(
        json_string_value(json_object_get(one, "rule")), rule) == 0) return one;
    fail_msg("%s has no %s", list, rule);
    return NULL;
}

static void is_text(const json_t *object, const char *key, const char *text)
{
    const char *is = json_string_value(json_object_get(object, key));
    if (is == NULL || strcmp(is, text) != 0)
        fail_msg("%s is %s, not %s", key, is != NULL ? is : "missing", text);
}

/* The record says what is owed: rights and their days, who is told of an incident, what follows an end. */
static void the_record_holds_what_is_owed(void **state)
{
    (void)state;
    struct kept_policy *p = policy_of("smart-home");
    char *json = render(p, KEPT_RENDER_ROPA_JSON, "en"), *csv = render(p, KEPT_RENDER_ROPA_CSV, "en");
    json_t *root = json_loads(json, 0, NULL);
    const json_t *access = entry(root, "rights", "rights/access");
    is_text(access, "within", "30 days");
    is_text(access, "from", "received");
    is_text(access, "identity", "account");
    is_text(entry(root, "rights", "rights/complaint"), "from", "checked");
    is_text(entry(root, "incidents", "incident/authority"), "within", "4 hours");
    is_text(root, "log", "declared");
    assert_non_null(strstr(json_string_value(json_object_get(root, "safeguards")), "every 7 days"));
    assert_non_null(strstr(json, "\"then\": \"erase\""));
    assert_non_null(strstr(csv, "\"Within 30 working days after you ask.\""));
    json_decref(root);
    free(json);
    free(csv);
    kept_policy_free(p);
}

static void only_terms_of_dpv(void **state)
{
    (void)state;
    size_t n = 0;
    char *terms = read_whole("tests/policy/dpv-terms.txt", &n);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct kept_policy *p = policy_of(names[i]);
        char *json = render(p, KEPT_RENDER_DPV, NULL);
        static const char *const prefixes[] = {"\"dpv:", "\"pd:"};
        size_t seen = 0;
        for (size_t k = 0; k < COUNT(prefixes); k++)
            for (const char *at = strstr(json, prefixes[k]); at != NULL; at = strstr(at + 1, prefixes[k])) {
                char term[80];
                (void)snprintf(term, sizeof term, "\n%.*s\n", (int)strcspn(at + 1, "\""), at + 1);
                if (strstr(terms, term) == NULL)
                    fail_msg("no term of DPV 2.0:%s", term);
                seen++;
            }
        assert_true(seen > 50);
        free(json);
        kept_policy_free(p);
    }
    free(terms);
}

static void every_name_has_words(const struct kept_words *words, const char *group, enum section section)
{
    for (enum key key = kept_section_row(section)->first; key < kept_section_end(section); key = (enum key)(key + 1))
        if (kept_words_of(words, group, kept_key_row(key)->name) == NULL)
            fail_msg("no [%s.%s]", group, kept_key_row(key)->name);
}

/* A word that the language has, and no template, would stand in a notice as the policy writes it. */
static void every_word_of_the_language_has_words(void **state)
{
    (void)state;
    static const struct {
        const char *group;
        enum key key;
        size_t first; /* words before it are never said */
    } groups[] = {{"information", ITEM_information, 0},        {"source", ITEM_source, 0},
                  {"purpose-consent", PURPOSE_consent, 0},     {"function-consent", FUNCTION_consent, 0},
                  {"function-basis", FUNCTION_basis, 1},       {"effect", WITHDRAWAL_effect, 0},
                  {"recipient-role", RECIPIENT_role, 0},       {"recipient-kind", RECIPIENT_kind, 0},
                  {"recipient-consent", RECIPIENT_consent, 0}, {"onward", RECIPIENT_onward, 0},
                  {"mechanism", RECIPIENT_export_mechanism, 0}, {"channel", RIGHTS_channels, 0},
                  {"request", REFUSAL_requests, 0},            {"identity", RIGHTS_identity, 0},
                  {"due-from", DEADLINE_from, 0},              {"disposition", CESSATION_disposition, 0},
                  {"trigger", CANCELLATION_triggers, 0},       {"real-name", ACCOUNT_real_name, 0},
                  {"discovery", AGE_on_discovery, 0},          {"incident-field", TOLD_fields, 0},
                  {"change", MATERIAL_triggers, 0},            {"tracker-category", TRACKER_category, 0},
                  {"tracker-kind", TRACKER_kind, 0},           {"opt-out", COOKIES_opt_out, 0},
                  {"surface", CLIENT_surfaces, 0}};
    for (const struct kept_template *t = kept_templates; t->language != NULL; t++) {
        struct kept_words *words = NULL;
        struct kept_err err = {0};
        if (kept_render_words((struct kept_span){t->p, t->n}, t->file, &words, &err) != 0)
            fail_msg("%s", err.text);
        for (size_t g = 0; g < COUNT(groups); g++) {
            assert_true(kept_key_words(groups[g].key) > groups[g].first);
            for (size_t i = groups[g].first; i < kept_key_words(groups[g].key); i++)
                if (kept_words_of(words, groups[g].group, kept_key_word(groups[g].key, i)) == NULL)
                    fail_msg("%s has no [%s.%s]", t->file, groups[g].group, kept_key_word(groups[g].key, i));
        }
        for (size_t i = 1; i + 1 < kept_key_words(ACCOUNT_mode); i++) /* none and any are sentences */
            assert_non_null(kept_words_of(words, "account-way", kept_key_word(ACCOUNT_mode, i)));
        every_name_has_words(words, "system", SECTION_OS);
        every_name_has_words(words, "message", SECTION_MESSAGES);
        kept_words_free(words);
    }
}

/* The sentences of somebody else, who changed one; those that are none are refused, and so is a language that
 * kept brings no sentences in. */
static void sentences_of_ones_own(void **state)
{
    (void)state;
    struct kept_policy *p = policy_of("widgets");
    size_t n = 0;
    char *own = read_whole("templates/en.txt", &n);
    const struct kept_sentences whole = {{(const uint8_t *)own, n}, "own.en"}, cut = {{(const uint8_t *)own, n / 2}, "own.en"};
    const struct kept_sentences none = {.file = "none"};
    struct kept_buf out;
    struct kept_err err = {0};
    kept_buf_init(&out, 64u << 20);
    assert_int_equal(kept_policy_render(p, KEPT_RENDER_TEXT, "en", &whole, &out, &err), 0);
    char *brought = render(p, KEPT_RENDER_TEXT, "en");
    assert_string_equal(brought, (const char *)out.p);
    kept_buf_clear(&out);
    assert_int_equal(kept_policy_render(p, KEPT_RENDER_TEXT, "en", &none, &out, &err), 0);
    assert_string_equal(brought, (const char *)out.p);
    kept_buf_clear(&out);
    assert_int_equal(kept_policy_render(p, KEPT_RENDER_TEXT, "en", &cut, &out, &err), KEPT_E_POLICY);
    assert_non_null(strstr(err.text, "own.en"));
    assert_int_equal(out.n, 0);
    free(brought);
    kept_buf_release(&out);
    free(own);
    kept_policy_free(p);
    const char *const *words = kept_rendering_words();
    for (int i = 0; i < KEPT_RENDERINGS; i++)
        assert_non_null(words[i]);
    assert_null(words[KEPT_RENDERINGS]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_stands_where_it_should),
        cmocka_unit_test(a_rule_that_changes_says_so),
        cmocka_unit_test(no_text_is_markup),
        cmocka_unit_test(no_text_breaks_a_picture_json_or_a_table),
        cmocka_unit_test(a_link_is_http_or_none),
        cmocka_unit_test(text_fits_its_columns),
        cmocka_unit_test(a_language_there_is_not_is_refused),
        cmocka_unit_test(the_record_holds_what_is_owed),
        cmocka_unit_test(only_terms_of_dpv),
        cmocka_unit_test(every_word_of_the_language_has_words),
        cmocka_unit_test(sentences_of_ones_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
