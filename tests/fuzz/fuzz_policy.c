/* fuzz_policy.c - the policy language: any bytes are answered, with findings in order of place, or with
 * a policy that can be shown, that finds its own names again, and that denies what has no ground. */
#include "fuzz.h"
#include "policy/policy_int.h"
#include "policy/render.h"

static void check_findings(const struct kept_findings *found, int rc, struct kept_span text)
{
    FUZZ_MUST((rc == 0) == (found->errors == 0) || rc == KEPT_E_LIMIT);
    for (size_t i = 0; i < found->count; i++) {
        const struct kept_finding *f = &found->rows[i];
        FUZZ_MUST(f->severity == KEPT_WARNING || f->severity == KEPT_ERROR);
        FUZZ_MUST(f->code != NULL && f->code[0] != 0 && f->line >= 1 && f->column >= 1);
        FUZZ_MUST((size_t)f->line <= text.n + 1);
        FUZZ_MUST(strnlen(f->text, sizeof f->text) < sizeof f->text && f->text[0] != 0);
        FUZZ_MUST(strnlen(f->mend, sizeof f->mend) < sizeof f->mend);
        FUZZ_MUST(i == 0 || found->rows[i - 1].line <= f->line);
    }
}

static void check_names(const struct kept_policy *p)
{
    for (uint32_t i = 0; i < p->info.items; i++) {
        const struct kept_item *item = kept_policy_item(p, i);
        FUZZ_MUST(kept_policy_index(p, KEPT_K_ITEM, item->ref) == i);
        FUZZ_MUST(item->ref == kept_ref(KEPT_K_ITEM, item->name));
        FUZZ_MUST(item->clause != NULL && item->line > 0 && (unsigned)item->class < KEPT_CLASSES);
    }
    for (uint32_t i = 0; i < p->info.functions; i++) {
        FUZZ_MUST(kept_policy_index(p, KEPT_K_FUNCTION, p->functions[i].ref) == i);
        FUZZ_MUST(p->functions[i].purposes.n > 0);
    }
    FUZZ_MUST(kept_policy_index(p, KEPT_K_ITEM, 1) == KEPT_NO_INDEX || p->info.items > 0);
}

/* Nobody saw the notice, nobody is known, nothing is named: nothing is given. */
static void check_denies(const struct kept_policy *p)
{
    struct kept_context c = {.state = KEPT_S_LIVE, .policy_version = p->info.version,
                             .birth_day = KEPT_BIRTH_UNKNOWN};
    for (uint32_t i = 0; i <= p->info.items && i < 64; i++)
        for (int use = 0; use <= 4; use++) {
            struct kept_question q = {.use = (enum kept_use)use, .item = i, .function = 0, .purpose = 0,
                                      .recipient = KEPT_NO_INDEX, .role = KEPT_NO_INDEX, .now = p->info.effective};
            struct kept_verdict v = kept_decide(p, &c, &q);
            FUZZ_MUST(v.decision == KEPT_DENY && v.clause != NULL && v.reason < KEPT_R_COUNT);
            FUZZ_MUST(kept_decide(p, NULL, &q).decision == KEPT_DENY);
        }
}

/* What can be read can be rendered, as anything, where kept has sentences of the language. */
static void check_renders(const struct kept_policy *p)
{
    for (unsigned as = 0; as < KEPT_RENDERINGS; as++) {
        struct kept_buf out;
        kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
        int rc = kept_policy_render(p, (enum kept_rendering)as, NULL, NULL, &out, NULL);
        FUZZ_MUST((rc == 0 && out.n > 0) || rc == KEPT_E_NOTFOUND);
        FUZZ_MUST(out.n == 0 || memmem(out.p, out.n, "<script", 7) == NULL || as == KEPT_RENDER_TEXT ||
                  as >= KEPT_RENDER_ROPA_JSON);
        kept_buf_release(&out);
    }
}

void fuzz_policy(const uint8_t *p, size_t n)
{
    struct kept_policy *policy = NULL;
    struct kept_findings found = {.count = 0};
    struct kept_err err = {.code = 0};
    struct kept_span text = {p, n};
    int rc = kept_policy_read(text, &policy, &found, &err);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_POLICY || rc == KEPT_E_LIMIT);
    FUZZ_MUST((rc == 0) == (policy != NULL));
    check_findings(&found, rc, text);
    for (int json = 0; policy != NULL && json < 2; json++) {
        struct kept_buf out;
        kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
        FUZZ_MUST(kept_policy_show(policy, json, &out) == 0 && out.n > 0);
        kept_buf_release(&out);
    }
    if (policy != NULL) {
        check_names(policy);
        check_denies(policy);
        check_renders(policy);
    }
    kept_policy_free(policy);
    kept_findings_release(&found);
}

/* The smallest that is right, and whole ones. */
void seeds_policy(fuzz_give_fn *give)
{
    static const char *const paths[] = {"tests/engine/shop.yaml", "policies/wallpaper.yaml"};
    static const char small[] =
        "kept: 1\napp: tiny\nversion: 1\nissued: 2026-01-01\neffective: 2026-01-01\n"
        "app_type: other\njurisdiction: CN\ntime_zone: \"+08:00\"\nlanguages: {authority: en}\n"
        "controller: {name: N, contact: a@example.org}\nregions: {stored: [CN], export: never}\n"
        "notice: {sentences: [{text: Read this.}]}\nrotation: 1 day\nbackup_window: 1 day\n"
        "evidence: 4 years\npurposes:\n  p: {text: t}\nitems:\n"
        "  i: {text: t, kind: phone, information: other, retain: 9 days}\nfunctions:\n"
        "  f: {text: t, refusing_costs: c, kind: extended, consent: explicit, purposes: [p], optional: [i]}\n"
        "roles:\n  app: {operations: [collect, use]}\n";
    give(small, sizeof small - 1);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        size_t n = 0;
        uint8_t *p = fuzz_get(paths[i], &n);
        FUZZ_MUST(p != NULL); /* from the top of the tree */
        give(p, n);
        free(p);
    }
}
