/* Do two policies become one as they say, in either order - and does each value know where it stood? */
#include "duties_aid.h"

#include "base/error.h"
#include "policy/overlay.h"

static const char group[] =
    /*  1 */ "kept: 1\n"
    /*  2 */ "app: group\n"
    /*  3 */ "version: 7\n"
    /*  4 */ "issued: 2025-01-01\n"
    /*  5 */ "effective: 2025-02-01\n"
    /*  6 */ "app_type: other\n"
    /*  7 */ "jurisdiction: CN\n"
    /*  8 */ "time_zone: \"+08:00\"\n"
    /*  9 */ "languages: {authority: en, also: [zh]}\n"
    /* 10 */ "controller: {name: {en: We, zh: 我们}, contact: a@example.org}\n"
    /* 11 */ "notice: {sentences: [{text: {en: Read, zh: 读}}]}\n"
    /* 12 */ "withdrawal: {effect: collect_and_use}\n"
    /* 13 */ "regions: {stored: [CN]}\n"
    /* 14 */ "rotation: 7 days\n"
    /* 15 */ "backup_window: 30 days\n"
    /* 16 */ "evidence: 4 years\n"
    /* 17 */ "purposes:\n"
    /* 18 */ "  work: {text: {en: work, zh: 运行}}\n"
    /* 19 */ "items:\n"
    /* 20 */ "  note:\n"
    /* 21 */ "    text: {en: a note, zh: 笔记}\n"
    /* 22 */ "    kind: text\n"
    /* 23 */ "    information: content\n"
    /* 24 */ "    source: user\n"
    /* 25 */ "    retain: 90 days\n"
    /* 26 */ "    clause: G-1\n"
    /* 27 */ "functions:\n"
    /* 28 */ "  keep: {text: {en: keeps, zh: 保存}, kind: extended, consent: explicit, purposes: [work], optional: [note], refusing_costs: {en: \"a \\\"quoted\\\" word\", zh: 无}}\n"
    /* 29 */ "roles:\n"
    /* 30 */ "  app: {operations: all}\n"
    /* 31 */ "rights:\n"
    /* 32 */ "  deadline: {within: 15 working days, from: verified, rest_day: moves}\n"
    /* 33 */ "  channels: [mail]\n"
    /* 34 */ "  requests: {access: {}, copy: {}}\n";

static const char shop[] =
    /*  1 */ "extends: group.yaml\n"
    /*  2 */ "precedence: product\n"
    /*  3 */ "kept: 1\n"
    /*  4 */ "app: shop\n"
    /*  5 */ "version: 1\n"
    /*  6 */ "issued: 2026-01-01\n"
    /*  7 */ "effective: 2026-02-01\n"
    /*  8 */ "items:\n"
    /*  9 */ "  note:\n"
    /* 10 */ "    text: {en: an order, zh: 订单}\n"
    /* 11 */ "    retain: 30 days\n"
    /* 12 */ "    clause: P-1\n"
    /* 13 */ "  size: {text: {en: size, zh: 尺码}, kind: number, information: basic, source: user, retain: account}\n"
    /* 14 */ "functions:\n"
    /* 15 */ "  measure: {text: {en: measures, zh: 测量}, kind: extended, consent: explicit, purposes: [work], optional: [size], refusing_costs: {en: none, zh: 无}}\n"
    /* 16 */ "rights:\n"
    /* 17 */ "  deadline: {within: 30 days, from: received}\n";

struct joined {
    struct kept_buf text;
    struct kept_findings findings;
    struct kept_err err;
    int rc;
};

static struct joined join(const char *product, const char *base)
{
    struct joined j = {0};
    const struct kept_policy_file over = {"shop.yaml", span_of(product)};
    const struct kept_policy_file under = {"group.yaml", span_of(base)};
    kept_buf_init(&j.text, 1 << 20);
    j.rc = kept_policy_overlay(&over, &under, &j.text, &j.findings, &j.err);
    return j;
}

static void release(struct joined *j)
{
    kept_buf_release(&j->text);
    kept_findings_release(&j->findings);
}

static struct kept_policy *read_joint(const char *product)
{
    struct joined j = join(product, group);
    if (j.rc != 0)
        fail_msg("%s", j.err.text);
    struct kept_policy *p = read_policy((const char *)j.text.p);
    release(&j);
    return p;
}

static void stands(const struct kept_policy *p, int line, const char *file, int want)
{
    int where = 0;
    assert_string_equal(kept_policy_origin(p, line, &where), file);
    assert_int_equal(where, want);
}

/* S1 and S2: the product's policy holds. */
static void the_product_wins(void **state)
{
    (void)state;
    struct kept_policy *p = read_joint(shop);
    const struct kept_item *note = kept_policy_item(p, index_of(p, KEPT_K_ITEM, "note"));
    assert_true(note->retain == 30 * KEPT_DAY);
    assert_string_equal(note->clause, "P-1");
    stands(p, note->line, "shop.yaml", 9);
    assert_string_equal(p->items[0].text.v[0], "an order");
    struct kept_right right = kept_policy_right(p, KEPT_ASK_ACCESS);
    assert_int_equal(right.deadline.within.n, 30);
    assert_false(right.deadline.moves); /* a deadline is taken whole */
    assert_int_equal(right.channels, 1u << KEPT_CH_MAIL);
    kept_policy_free(p);
}

/* S4: the base holds, whatever the product says; what the product alone says, holds as well. */
static void the_base_wins(void **state)
{
    (void)state;
    char *text = changed(shop, "precedence: product", "precedence: base");
    struct kept_policy *p = read_joint(text);
    const struct kept_item *note = kept_policy_item(p, index_of(p, KEPT_K_ITEM, "note"));
    assert_true(note->retain == 90 * KEPT_DAY);
    assert_string_equal(note->clause, "G-1");
    assert_string_equal(p->items[0].text.v[1], "笔记");
    assert_int_equal(kept_policy_right(p, KEPT_ASK_ACCESS).deadline.within.n, 15);
    assert_true(kept_policy_right(p, KEPT_ASK_ACCESS).deadline.moves);
    assert_int_not_equal(index_of(p, KEPT_K_ITEM, "size"), KEPT_NO_INDEX);
    assert_string_equal(kept_policy_info(p)->app, "shop");
    assert_int_equal(kept_policy_info(p)->version, 1);
    kept_policy_free(p);
    free(text);
}

/* Every value of the joint policy, with the line it was written on. */
static void each_value_knows_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *file;
        int line;
    } rows[] = {
        {"items.note.retain", "30 days", "shop.yaml", 11},
        {"items.note.kind", "text", "group.yaml", 22},
        {"items.note.text.zh", "订单", "shop.yaml", 10},
        {"functions.keep.refusing_costs.en", "a \"quoted\" word", "group.yaml", 28},
        {"functions.measure.kind", "extended", "shop.yaml", 15},
        {"version", "1", "shop.yaml", 5},
        {"rotation", "7 days", "group.yaml", 14},
        {"rights.deadline.within", "30 days", "shop.yaml", 17},
        {"regions.stored", "", "group.yaml", 13},
    };
    struct kept_policy *p = read_joint(shop);
    struct kept_buf out;
    kept_buf_init(&out, 1 << 20);
    assert_int_equal(kept_policy_show(p, 0, &out), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct said *said = NULL;
        for (size_t k = 0; k < p->value_count; k++)
            if (strcmp(p->values[k].path, rows[i].path) == 0)
                said = &p->values[k];
        assert_non_null(said);
        assert_string_equal(said->text, rows[i].text);
        stands(p, said->line, rows[i].file, rows[i].line);
        char line[200];
        (void)snprintf(line, sizeof line, "%s: %s  (%s:%d)\n", rows[i].path,
                       rows[i].text[0] != 0 ? rows[i].text : "a list", rows[i].file, rows[i].line);
        assert_non_null(strstr((const char *)out.p, line));
    }
    kept_buf_release(&out);
    kept_policy_free(p);
    p = read_policy(group);
    int line = 0;
    assert_null(kept_policy_origin(p, 20, &line));
    assert_int_equal(line, 20);
    kept_policy_free(p);
}

/* A mistake is found where it was written, in whichever file. */
static void mistakes_stand_in_their_file(void **state)
{
    (void)state;
    static const struct {
        bool in_base;
        const char *old, *new, *code;
        int line;
    } rows[] = {
        {true, "    kind: text\n", "    kind: texxxt\n", "BAD_VALUE", 22},
        {false, "kind: number", "kind: numbbber", "BAD_VALUE", 13},
        {false, "retain: 30 days", "retain: thirty", "BAD_DURATION", 11},
        {true, "purposes: [work], optional: [note]", "purposes: [werk], optional: [note]",
         "DANGLING_REFERENCE", 28},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = changed(rows[i].in_base ? group : shop, rows[i].old, rows[i].new);
        struct joined j = join(rows[i].in_base ? shop : text, rows[i].in_base ? text : group);
        assert_int_equal(j.rc, 0);
        struct kept_policy *p = NULL;
        struct kept_findings findings = {0};
        assert_int_equal(kept_policy_read(kept_buf_span(&j.text), &p, &findings, NULL),
                         KEPT_E_POLICY);
        assert_int_equal(findings.errors, 1);
        assert_string_equal(findings.rows[0].code, rows[i].code);
        assert_string_equal(findings.rows[0].file, rows[i].in_base ? "group.yaml" : "shop.yaml");
        assert_int_equal(findings.rows[0].line, rows[i].line);
        kept_findings_release(&findings);
        release(&j);
        free(text);
    }
}

static void what_cannot_be_joined_is_refused(void **state)
{
    (void)state;
    static const struct {
        bool in_base;
        const char *old, *new, *code, *file;
    } rows[] = {
        {false, "precedence: product\n", "", "MISSING_KEY", "shop.yaml"},
        {false, "precedence: product", "precedence: mine", "BAD_VALUE", "shop.yaml"},
        {true, "kept: 1\n", "kept: 1\nextends: more.yaml\n", "OVERLAY_CHAIN", "group.yaml"},
        {true, "evidence: 4 years", "evidence: [4 years", "YAML_SYNTAX", "group.yaml"},
        {false, "items:\n", "items: &a\n", "ANCHOR", "shop.yaml"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = changed(rows[i].in_base ? group : shop, rows[i].old, rows[i].new);
        struct joined j = join(rows[i].in_base ? shop : text, rows[i].in_base ? text : group);
        assert_int_equal(j.rc, KEPT_E_POLICY);
        assert_string_equal(j.findings.rows[0].code, rows[i].code);
        assert_string_equal(j.findings.rows[0].file, rows[i].file);
        release(&j);
        free(text);
    }
    const struct kept_policy_file over = {"shop.yaml", span_of(shop)}, under = {"group.yaml", span_of(group)};
    struct kept_findings findings = {0};
    struct kept_buf little;
    kept_buf_init(&little, 100);
    assert_int_equal(kept_policy_overlay(&over, &under, &little, &findings, NULL), KEPT_E_LIMIT);
    kept_buf_release(&little);
    kept_findings_release(&findings);
}

/* Its own name, version and days are the product's, or missing; never the base's. */
static void who_it_is_comes_from_the_product(void **state)
{
    (void)state;
    char *text = changed(shop, "version: 1\n", "");
    struct joined j = join(text, group);
    assert_int_equal(j.rc, 0);
    assert_true(finds_in((const char *)j.text.p, "MISSING_KEY"));
    release(&j);
    free(text);
}

static void a_policy_names_what_it_extends(void **state)
{
    (void)state;
    static const char *const bad[] = {"extends: ../group.yaml\n", "extends: /etc/group.yaml\n",
                                      "extends: .hidden\n", "extends: [a]\n"};
    char name[KEPT_MAX_POLICY_FILE] = "x";
    assert_int_equal(kept_policy_extends(span_of(shop), name, NULL), 0);
    assert_string_equal(name, "group.yaml");
    assert_int_equal(kept_policy_extends(span_of(group), name, NULL), 0);
    assert_string_equal(name, "");
    assert_int_equal(kept_policy_extends(span_of("a: [b"), name, NULL), 0);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(kept_policy_extends(span_of(bad[i]), name, NULL), KEPT_E_POLICY);
    assert_true(finds_in(shop, "OVERLAY_ALONE"));
}

/* Nobody can make up origins that kept would then show as true and trip over. */
static void made_up_origins_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "origins: {files: [a.yaml], lines: [\"1:0:1\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"1:2:1\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"2:0:1 1:0:2\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"1:0:x\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"1:0\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [[]]}\n",
        "origins: {files: [a.yaml, b.yaml]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: []}\n",
        "origins: {files: [a.yaml, b.yaml, c.yaml], lines: [\"1:0:1\"]}\n",
        "origins: {files: [[], b.yaml], lines: [\"1:0:1\"]}\n",
        "origins: {files: [a.yaml, []], lines: [\"1:0:1\"]}\n",
        "origins: {files: [], lines: [\"1:0:1\"]}\n",
        "origins: {lines: [\"1:0:1\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"x\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"1\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"1:0x1\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"1:0:1x\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"9999999999:0:1\"]}\n",
        "origins: {files: [a.yaml, b.yaml], lines: [\"1:0:9999999999\"]}\n",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_true(finds(bad[i], "BAD_ORIGINS"));
    assert_false(finds("origins: {files: [a.yaml, b.yaml], lines: [\"1:0:1 2:1:9\"]}\n", "BAD_ORIGINS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_product_wins),
        cmocka_unit_test(the_base_wins),
        cmocka_unit_test(each_value_knows_its_place),
        cmocka_unit_test(mistakes_stand_in_their_file),
        cmocka_unit_test(what_cannot_be_joined_is_refused),
        cmocka_unit_test(who_it_is_comes_from_the_product),
        cmocka_unit_test(a_policy_names_what_it_extends),
        cmocka_unit_test(made_up_origins_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
