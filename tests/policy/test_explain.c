/* Is a supposed decision kept_decide's, traced to its rule; and do the needs it names make it one that is
 * allowed, for every function and item of every policy, or say that nothing does? */
#include "policy/explain.h"
#include "policy_aid.h"

static const char *const files[] = {"policies/widgets.yaml", "policies/messenger.yaml",
                                    "policies/smart-home.yaml", "policies/wallpaper.yaml",
                                    "policies/media.yaml"};

static struct kept_explanation explain(const struct kept_policy *p, struct kept_supposed of)
{
    static struct kept_explanation e;
    of.now = NOON_2026;
    assert_int_equal(kept_policy_explain(p, &of, &e), 0);
    return e;
}

static bool has_need(const struct kept_explanation *e, enum kept_need_kind kind)
{
    for (size_t i = 0; i < e->need_count; i++)
        if (e->needs[i].kind == kind)
            return true;
    return false;
}

/* Whatever is declared to be collected by a function can be, once what is needed is there. */
static void what_is_declared_can_be_had(void **state)
{
    (void)state;
    size_t asked = 0, allowed = 0;
    for (size_t f = 0; f < COUNT(files); f++) {
        struct kept_policy *p = load_policy(files[f]);
        for (size_t i = 0; i < p->info.functions; i++)
            for (size_t k = 0; k < p->info.items; k++) {
                const struct kept_item *item = &p->items[k].pub;
                struct kept_explanation e = explain(
                    p, (struct kept_supposed){.use = KEPT_USE_COLLECT, .item = item->name,
                                              .function = p->functions[i].name, .age = 30});
                bool has = kept_bit(&p->function_items, i, k);
                bool comes = has && item->place == KEPT_PLACE_STORE && !p->items[k].from_others;
                bool fits = e.then.decision != KEPT_DENY;
                asked++;
                allowed += fits;
                if (!has && (e.verdict.decision != KEPT_DENY || fits || e.step != 8) &&
                    item->place == KEPT_PLACE_STORE)
                    fail_msg("%s: %s has no %s, step %u", files[f], p->functions[i].name, item->name, e.step);
                if (comes && !fits)
                    fail_msg("%s: %s of %s: %s", files[f], item->name, p->functions[i].name,
                             kept_reason_name(e.then.reason));
                assert_true(e.step > 0);
                assert_int_equal(e.verdict.decision == KEPT_DENY, e.step < 16);
                for (int zh = 0; zh < 2; zh++) {
                    struct kept_buf out;
                    kept_buf_init(&out, 1 << 16);
                    assert_int_equal(kept_explanation_text(&e, zh ? "zh" : "en", &out), 0);
                    assert_null(strstr((const char *)out.p, "{1}"));
                    kept_buf_release(&out);
                }
            }
        kept_policy_free(p);
    }
    assert_true(asked > 1000 && allowed > 100);
}

/* One thing less than is needed, and it is denied: the needs are no more than what is asked. */
static void the_verdict_is_that_of_the_engine(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/widgets.yaml");
    struct kept_supposed of = {.use = KEPT_USE_COLLECT, .item = "location", .function = "location-assist",
                               .age = 30};
    struct kept_explanation e = explain(p, of);
    assert_int_equal(e.verdict.reason, KEPT_R_PERMISSION);
    assert_int_equal(e.step, 13);
    assert_true(has_need(&e, KEPT_NEED_PERMISSION) && has_need(&e, KEPT_NEED_CONSENT) &&
                has_need(&e, KEPT_NEED_IN_USE));
    assert_int_equal(e.need_count, 3);
    struct kept_rule_at at;
    const char *text = NULL, *costs = NULL;
    assert_true(kept_policy_rule_at(p, e.verdict.line, "en", &at, &text, &costs));
    assert_string_equal(at.kind, "function");
    assert_string_equal(at.name, "location-assist");
    assert_string_equal(text, "finds the place for weather and time zone");
    assert_string_equal(costs, "You choose the place by hand.");
    assert_false(kept_policy_rule_at(p, 1, "en", &at, &text, &costs));
    assert_null(text);
    of.age = 12;
    e = explain(p, of);
    assert_int_equal(e.step, 6);
    assert_true(has_need(&e, KEPT_NEED_GUARDIAN));
    of.age = 30;
    of.role = "nobody";
    e = explain(p, of);
    assert_int_equal(e.step, 7);
    assert_int_equal(e.need_count, 0);
    assert_int_equal(e.then.decision, KEPT_DENY);
    kept_policy_free(p);
}

static void authorities_need_an_exemption(void **state)
{
    (void)state;
    struct kept_policy *p = load_policy("policies/widgets.yaml");
    struct kept_supposed of = {.use = KEPT_USE_DISCLOSE, .item = "access-log", .purpose = "legal-duty",
                               .recipient = "court", .age = -1};
    struct kept_explanation e = explain(p, of);
    assert_int_equal(e.step, 12);
    assert_true(has_need(&e, KEPT_NEED_EXEMPTION));
    assert_int_equal(e.then.decision, KEPT_ALLOW);
    of.exemption = "legal-demand";
    e = explain(p, of);
    assert_true(has_need(&e, KEPT_NEED_JUSTIFIED));
    assert_int_equal(e.then.decision, KEPT_ALLOW);
    of.exemption = "because-we-can";
    e = explain(p, of);
    assert_int_equal(e.then.decision, KEPT_DENY);
    of.exemption = "legal-demand";
    of.justified = true;
    assert_int_equal(explain(p, of).verdict.decision, KEPT_ALLOW);
    kept_policy_free(p);
}

static void every_reason_has_words(void **state)
{
    (void)state;
    for (int i = 0; i < KEPT_R_COUNT; i++) {
        assert_string_equal(kept_explanation_reason((enum kept_reason)i, "en"),
                            kept_reason_text((enum kept_reason)i));
        assert_string_not_equal(kept_explanation_reason((enum kept_reason)i, "zh"),
                                kept_reason_text((enum kept_reason)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_declared_can_be_had),
        cmocka_unit_test(the_verdict_is_that_of_the_engine),
        cmocka_unit_test(authorities_need_an_exemption),
        cmocka_unit_test(every_reason_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
