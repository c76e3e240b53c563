/* test_partitions.c - compartments: who reaches which, what is found wrong with them, and how they are
 * shown and explained. Keys: tests/vault; decisions at random: test_policy_drawn.c. */
#include "policy_aid.h"

#include "policy/explain.h"

static const char head[] =
    "kept: 1\napp: parts\nversion: 1\nissued: 2026-01-01\neffective: 2026-01-01\n"
    "app_type: other\njurisdiction: CN\ntime_zone: UTC\nlanguages: {authority: en}\n"
    "controller: {name: N, contact: a@example.org}\nnotice: {sentences: [{text: Read this.}]}\n"
    "withdrawal: {effect: delete}\nregions: {stored: [CN]}\n"
    "rotation: 1 day\nbackup_window: 1 day\nevidence: 4 years\n"
    "purposes:\n  care: {text: care}\n"
    "functions:\n"
    "  keep: {text: keeps, kind: basic, consent: notice, purposes: [care], optional: [mail, note], "
    "refusing_costs: All.}\n";
#define MAIL(more) "  mail: {text: mail, kind: mail, information: basic, source: user, retain: account" more "}\n"
#define NOTE "  note: {text: note, kind: text, information: content, source: user, retain: account, clause: A-9}\n"
#define WHO "partitions:\n  who: {text: who they are, clause: A-7}\n"
#define APP "roles:\n  app: {operations: all}\n"
#define ROLE(name, more) "  " name ": {operations: [use, collect, subject_find], purposes: all, clause: A-8" more "}\n"

static char text[8192];

static struct kept_policy *policy_of(const char *rest)
{
    (void)snprintf(text, sizeof text, "%s%s", head, rest);
    return read_policy(text);
}

/* Exactly these findings, in this order. */
static void finds(const char *rest, const char *codes)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    char all[1024] = "";
    (void)snprintf(text, sizeof text, "%s%s", head, rest);
    int rc = kept_policy_read(span_of(text), &policy, &findings, NULL);
    assert_true(rc == 0 || rc == KEPT_E_POLICY);
    for (size_t i = 0, n = 0; i < findings.count && n < sizeof all; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i > 0 ? " " : "", findings.rows[i].code);
    assert_string_equal(all, codes);
    kept_findings_release(&findings);
    kept_policy_free(policy);
}

static struct kept_verdict may(const struct kept_policy *p, const char *role, const char *item)
{
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_READ);
    q.item = index_of(p, KEPT_K_ITEM, item);
    q.purpose = index_of(p, KEPT_K_PURPOSE, "care");
    q.role = role[0] != 0 ? index_of(p, KEPT_K_ROLE, role) : KEPT_NO_INDEX;
    assert_true(role[0] == 0 || q.role != KEPT_NO_INDEX);
    return kept_decide(p, &c, &q);
}

static void says(const struct kept_policy *p, const char *role, const char *item,
                 enum kept_reason reason, const char *clause)
{
    struct kept_verdict v = may(p, role, item);
    if (v.reason != reason)
        fail_msg("%s of %s: %s", item, role, kept_reason_name(v.reason));
    assert_string_equal(v.clause, clause);
}

static void a_role_gets_nothing_of_a_partition_it_does_not_name(void **state)
{
    (void)state;
    struct kept_policy *p = policy_of(
        "items:\n" MAIL(", partition: who") NOTE WHO APP
        ROLE("inside", ", masked: all, partitions: [who]") ROLE("outside", ", masked: all")
        ROLE("given", ", raw: [mail, note]") ROLE("both", ", raw: [mail, note], partitions: [default, who]")
        ROLE("nowhere", ", masked: all, partitions: []"));
    says(p, "inside", "mail", KEPT_R_MASKED, "A-8");
    says(p, "inside", "note", KEPT_R_PARTITION, "A-8"); /* the default one has no rule: the role's */
    says(p, "outside", "mail", KEPT_R_PARTITION, "A-7");
    says(p, "outside", "note", KEPT_R_MASKED, "A-8");
    says(p, "given", "mail", KEPT_R_PARTITION, "A-7");
    says(p, "given", "note", KEPT_R_NONE, "");
    says(p, "both", "mail", KEPT_R_NONE, "");
    says(p, "both", "note", KEPT_R_NONE, "");
    says(p, "nowhere", "mail", KEPT_R_PARTITION, "A-7");
    says(p, "nowhere", "note", KEPT_R_PARTITION, "A-8");
    says(p, "", "mail", KEPT_R_NONE, ""); /* the app itself */
    kept_policy_free(p);
}

static void collecting_is_behind_the_wall_too(void **state)
{
    (void)state;
    struct kept_policy *p = policy_of("items:\n" MAIL(", partition: who") NOTE WHO APP
                                      ROLE("inside", ", masked: all, partitions: [who]")
                                      ROLE("outside", ", masked: all"));
    struct kept_context c = live(p);
    struct kept_question q = ask(KEPT_USE_COLLECT);
    q.item = index_of(p, KEPT_K_ITEM, "mail");
    q.function = index_of(p, KEPT_K_FUNCTION, "keep");
    q.role = index_of(p, KEPT_K_ROLE, "outside");
    assert_int_equal(kept_decide(p, &c, &q).reason, KEPT_R_PARTITION);
    q.role = index_of(p, KEPT_K_ROLE, "inside");
    assert_int_equal(kept_decide(p, &c, &q).decision, KEPT_ALLOW);
    kept_policy_free(p);
}

static void without_partitions_all_is_in_the_default_one(void **state)
{
    (void)state;
    struct kept_policy *p =
        policy_of("items:\n" MAIL("") NOTE APP ROLE("staff", ", raw: [mail, note]")
                  ROLE("named", ", raw: [mail], partitions: [default]"));
    assert_int_equal(kept_policy_info(p)->partitions, 1);
    assert_int_equal(kept_policy_item(p, 0)->partition, KEPT_REF_NONE);
    says(p, "staff", "mail", KEPT_R_NONE, "");
    says(p, "named", "mail", KEPT_R_NONE, "");
    says(p, "named", "note", KEPT_R_ROLE, "A-8");
    kept_policy_free(p);
}

/* The default one may have words and a clause as any other. */
static void the_default_one_can_be_described(void **state)
{
    (void)state;
    struct kept_policy *p = policy_of("items:\n" MAIL(", partition: who") NOTE WHO
                                      "  default: {text: the rest, clause: A-6}\n" APP
                                      ROLE("inside", ", masked: all, partitions: [who]"));
    assert_int_equal(kept_policy_info(p)->partitions, 2);
    says(p, "inside", "note", KEPT_R_PARTITION, "A-6");
    assert_int_equal(kept_policy_item(p, index_of(p, KEPT_K_ITEM, "note"))->partition, KEPT_REF_NONE);
    assert_int_equal(kept_policy_item(p, index_of(p, KEPT_K_ITEM, "mail"))->partition,
                     kept_ref(KEPT_K_PARTITION, "who"));
    assert_int_equal(index_of(p, KEPT_K_PARTITION, "who"), 1);
    assert_string_equal(kept_policy_name(p, KEPT_K_PARTITION, 0), "default");
    assert_null(kept_policy_name(p, KEPT_K_PARTITION, 2));
    kept_policy_free(p);
}

static void who_reaches_what_can_be_asked(void **state)
{
    (void)state;
    int line = 0;
    size_t items = 0, roles = 0;
    struct kept_policy *p = policy_of("items:\n" MAIL(", partition: who") NOTE WHO APP
                                      ROLE("inside", ", raw: [mail], partitions: [who]")
                                      ROLE("outside", ", masked: all"));
    uint32_t mail = index_of(p, KEPT_K_ITEM, "mail"), inside = index_of(p, KEPT_K_ROLE, "inside"),
             outside = index_of(p, KEPT_K_ROLE, "outside");
    assert_true(kept_policy_role_reaches(p, inside, mail));
    assert_false(kept_policy_role_reaches(p, outside, mail));
    assert_true(kept_policy_role_reaches(p, KEPT_NO_INDEX, mail));
    assert_false(kept_policy_role_reaches(p, 4000, mail));
    /* What is not declared any more is in the default one. */
    assert_false(kept_policy_role_reaches(p, inside, KEPT_NO_INDEX));
    assert_true(kept_policy_role_reaches(p, outside, KEPT_NO_INDEX));
    assert_false(kept_policy_role_sees(p, outside, mail));
    assert_true(kept_policy_role_sees(p, inside, mail));
    assert_string_equal(kept_policy_partition_rule(p, outside, mail, &line), "A-7");
    assert_true(line > 0);
    assert_string_equal(kept_policy_partition_rule(p, inside, mail, &line), "");
    assert_int_equal(line, 0);
    kept_policy_partition_counts(p, 1, &items, &roles);
    assert_int_equal(items, 1);
    assert_int_equal(roles, 1);
    kept_policy_partition_counts(p, 0, &items, &roles);
    assert_int_equal(items, 1);
    assert_int_equal(roles, 1);
    kept_policy_free(p);
}

static void what_does_not_go_together_is_found(void **state)
{
    (void)state;
    finds("items:\n" MAIL(", partition: who") NOTE WHO APP ROLE("r", ", raw: [mail], partitions: [who]"), "");
    finds("items:\n" MAIL(", partition: who") NOTE APP ROLE("r", ""), "DANGLING_REFERENCE");
    finds("items:\n" MAIL("") NOTE APP ROLE("r", ", partitions: [who]"), "DANGLING_REFERENCE");
    /* What is misspelt is read on as what it is near to. */
    finds("items:\n" MAIL(", partition: whoo") NOTE WHO APP ROLE("r", ", raw: [mail], partitions: [who]"),
          "DANGLING_REFERENCE");
    finds("items:\n" MAIL("") NOTE WHO APP ROLE("r", ""), "PARTITION_EMPTY");
    finds("items:\n" MAIL(", partition: who") NOTE WHO APP ROLE("r", ""), "PARTITION_UNREACHED");
    finds("items:\n" MAIL(", partition: who") NOTE WHO APP ROLE("r", ", raw: [mail]")
          ROLE("s", ", masked: [mail, note], partitions: [who]"), "PARTITION_CLOSED PARTITION_CLOSED");
    finds("items:\n" MAIL(", partition: who") NOTE WHO
          "roles:\n  app: {operations: all, partitions: [who]}\n" ROLE("r", ", partitions: [who]"), "APP_ROLE");
    finds("items:\n" MAIL(", partition: who") NOTE "partitions: [who]\n" APP ROLE("r", ""), "WRONG_TYPE");
    finds("items:\n" MAIL(", partition: Who") NOTE "partitions:\n  Who: {text: t}\n" APP
          ROLE("r", ", partitions: [Who]"), "BAD_NAME");
    finds("items:\n" MAIL(", partition: who") NOTE "partitions:\n  who: t\n" APP
          ROLE("r", ", partitions: [who]"), "WRONG_TYPE");
    /* What could not be read is not judged. */
    finds("items:\n  mail: {text: mail, kind: zzz, information: basic, source: user, retain: account, partition: who}\n"
          NOTE WHO APP ROLE("r", ", raw: [mail]") ROLE("s", ", partitions: [who]"), "BAD_VALUE");
    finds("items:\n" MAIL(", partition: who") NOTE "partitions:\n" APP ROLE("r", ""), "DANGLING_REFERENCE");
}

static void contains(const struct kept_buf *out, const char *words)
{
    if (strstr((const char *)out->p, words) == NULL)
        fail_msg("no \"%s\" in:\n%s", words, (const char *)out->p);
}

static void it_is_shown(void **state)
{
    (void)state;
    struct kept_buf out;
    struct kept_policy *p = policy_of("items:\n" MAIL(", partition: who") NOTE WHO APP
                                      ROLE("inside", ", raw: [mail], partitions: [default, who]"));
    kept_buf_init(&out, 1 << 20);
    assert_int_equal(kept_policy_show(p, 0, &out), 0);
    kept_buf_u8(&out, 0);
    contains(&out, "partition who");
    contains(&out, "      partition: who\n");
    contains(&out, "      reaches: default, who\n");
    kept_buf_clear(&out);
    assert_int_equal(kept_policy_show(p, 1, &out), 0);
    kept_buf_u8(&out, 0);
    contains(&out, "\"partition\":\"who\"");
    contains(&out, "\"partitions\":[\"default\",\"who\"]");
    kept_buf_release(&out);
    kept_policy_free(p);
}

static void it_is_explained(void **state)
{
    (void)state;
    struct kept_buf out;
    struct kept_explanation e;
    struct kept_policy *p = policy_of("items:\n" MAIL(", partition: who") NOTE WHO APP
                                      ROLE("outside", ", masked: all"));
    const struct kept_supposed of = {.use = KEPT_USE_READ, .item = "mail", .purpose = "care",
                                     .role = "outside", .age = -1, .now = NOON_2026};
    assert_int_equal(kept_policy_explain(p, &of, &e), 0);
    assert_int_equal(e.verdict.reason, KEPT_R_PARTITION);
    kept_buf_init(&out, 1 << 16);
    assert_int_equal(kept_explanation_text(&e, "en", &out), 0);
    kept_buf_u8(&out, 0);
    contains(&out, "partition who (line ");
    contains(&out, "who they are");
    kept_buf_clear(&out);
    assert_int_equal(kept_explanation_text(&e, "zh", &out), 0);
    kept_buf_u8(&out, 0);
    contains(&out, "分区 who");
    kept_buf_release(&out);
    kept_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_gets_nothing_of_a_partition_it_does_not_name),
        cmocka_unit_test(collecting_is_behind_the_wall_too),
        cmocka_unit_test(without_partitions_all_is_in_the_default_one),
        cmocka_unit_test(the_default_one_can_be_described),
        cmocka_unit_test(who_reaches_what_can_be_asked),
        cmocka_unit_test(what_does_not_go_together_is_found),
        cmocka_unit_test(it_is_shown),
        cmocka_unit_test(it_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
