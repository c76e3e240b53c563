/* duties_aid.h - what the tests of duties share: a small policy with any section added, and the working
 * days of China in 2025 and 2026 (notices of the General Office of the State Council of 2024-11-12 and
 * 2025-11-04). */
#ifndef KEPT_TESTS_DUTIES_AID_H
#define KEPT_TESTS_DUTIES_AID_H

#include "policy_aid.h"

static inline int32_t day(const char *text)
{
    int32_t days = 0;
    assert_int_equal(kept_date_parse(text, strlen(text), &days), 0);
    return days;
}

/* Noon in China. */
static inline kept_ms noon(const char *text)
{
    return (kept_ms)day(text) * KEPT_DAY + 4 * KEPT_HOUR;
}

static const struct {
    const char *from, *until; /* both included */
    bool working;
} china_days[] = {
    {"2025-01-01", "2025-01-01", false}, {"2025-01-28", "2025-02-04", false},
    {"2025-04-04", "2025-04-06", false}, {"2025-05-01", "2025-05-05", false},
    {"2025-05-31", "2025-06-02", false}, {"2025-10-01", "2025-10-08", false},
    {"2025-01-26", "2025-01-26", true},  {"2025-02-08", "2025-02-08", true},
    {"2025-04-27", "2025-04-27", true},  {"2025-09-28", "2025-09-28", true},
    {"2025-10-11", "2025-10-11", true},  {"2026-01-01", "2026-01-03", false},
    {"2026-02-15", "2026-02-23", false}, {"2026-04-04", "2026-04-06", false},
    {"2026-05-01", "2026-05-05", false}, {"2026-06-19", "2026-06-21", false},
    {"2026-09-25", "2026-09-27", false}, {"2026-10-01", "2026-10-07", false},
    {"2026-01-04", "2026-01-04", true},  {"2026-02-14", "2026-02-14", true},
    {"2026-02-28", "2026-02-28", true},  {"2026-05-09", "2026-05-09", true},
    {"2026-09-20", "2026-09-20", true},  {"2026-10-10", "2026-10-10", true},
};
static struct kept_calendar_day china_rows[128];

static inline struct kept_calendar china(void)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT(china_days); i++)
        for (int32_t d = day(china_days[i].from); d <= day(china_days[i].until); d++)
            china_rows[n++] =
                (struct kept_calendar_day){.day = d, .working = china_days[i].working};
    return (struct kept_calendar){.days = china_rows, .count = n, .from = day("2025-01-01"),
                                  .below = day("2027-01-01")};
}

static const char small_head[] =
    "kept: 1\napp: demo\nversion: 1\nissued: 2026-01-01\neffective: 2026-02-01\n"
    "app_type: other\njurisdiction: CN\ntime_zone: \"+08:00\"\nlanguages: {authority: en}\n"
    "controller: {name: We, contact: a@example.org}\n"
    "notice: {sentences: [{text: Read this.}]}\nwithdrawal: {effect: collect_and_use}\n"
    "regions: {stored: [CN]}\nrotation: 7 days\nbackup_window: 30 days\nevidence: 4 years\n"
    "purposes:\n  work: {text: work}\n  ads: {text: advertise}\n";
static const char small_items[] =
    "items:\n  note: {text: a note, kind: text, information: content, source: user, retain: account}\n"
    "  phone: {text: phone, kind: phone, information: basic, source: user, retain: account}\n";
static const char small_functions[] =
    "functions:\n"
    "  keep: {text: keeps, kind: extended, consent: explicit, purposes: [work], optional: [note, phone], "
    "refusing_costs: nothing}\n";
static const char small_roles[] = "roles:\n  app: {operations: all}\n";

/* The small policy with sections added at its end. */
static inline char *small_text(const char *sections)
{
    size_t n = sizeof small_head + sizeof small_items + sizeof small_functions +
               sizeof small_roles + strlen(sections);
    char *text = malloc(n);
    assert_non_null(text);
    (void)snprintf(text, n, "%s%s%s%s%s", small_head, small_items, small_functions, small_roles,
                   sections);
    return text;
}

static inline struct kept_policy *small(const char *sections)
{
    char *text = small_text(sections);
    struct kept_policy *policy = read_policy(text);
    free(text);
    return policy;
}

/* The same under the law of a country that no profile speaks of: nothing is filled in. */
static inline struct kept_policy *lawless(const char *sections)
{
    char *text = small_text(sections);
    memcpy(strstr(text, "jurisdiction: CN"), "jurisdiction: XX", sizeof "jurisdiction: XX" - 1);
    struct kept_policy *policy = read_policy(text);
    free(text);
    return policy;
}

/* Does reading this text find this code (of any severity)? */
static inline bool finds_in(const char *text, const char *code)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    int rc = kept_policy_read(span_of(text), &policy, &findings, &err);
    bool found = false;
    assert_true((rc == 0) == (findings.errors == 0));
    for (size_t i = 0; i < findings.count; i++) {
        found = found || strcmp(findings.rows[i].code, code) == 0;
        assert_true(findings.rows[i].text[0] != 0 && findings.rows[i].mend[0] != 0);
    }
    kept_findings_release(&findings);
    kept_policy_free(policy);
    return found;
}

/* The small policy with sections, and with one place of its text replaced (NULL: none). */
static inline bool finds(const char *sections, const char *code)
{
    char *text = small_text(sections);
    bool found = finds_in(text, code);
    free(text);
    return found;
}

/* The same where no profile fills anything in. */
static inline bool finds_lawless(const char *sections, const char *code)
{
    char *text = small_text(sections);
    memcpy(strstr(text, "jurisdiction: CN"), "jurisdiction: XX", sizeof "jurisdiction: XX" - 1);
    bool found = finds_in(text, code);
    free(text);
    return found;
}

/* The first occurrence of old becomes new. */
static inline char *changed(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    assert_non_null(at);
    size_t n = strlen(text) + strlen(new) + 1;
    char *out = malloc(n);
    assert_non_null(out);
    (void)snprintf(out, n, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return out;
}

#endif
