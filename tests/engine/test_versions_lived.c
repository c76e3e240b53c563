/* test_versions_lived.c - somebody agreed to version 1, and version 2 comes: what is decided of them, before it
 * takes effect and after, whatever they do about it; and what publishing says and refuses. */
#include "../aid/world.h"

#define LEAD "material: {triggers: [reduction, processing, recipients, rights], channels: [mail], lead: 7 days, "
#define MINOR "minor: {channels: [site], clause: V-3}, clause: V-1}\n"
/* Going on accepts; going on accepts what is not asked for; nothing is accepted by going on; shown first. */
#define ACCEPTS "changes: {continued_use: accepts, " LEAD "consent: none, clause: V-2}, " MINOR
#define ASKS "changes: {continued_use: accepts, " LEAD "consent: explicit, clause: V-2}, " MINOR
#define NEVER "changes: {continued_use: never, " LEAD "consent: none, clause: V-2}, " MINOR
#define FIRST "changes: {continued_use: accepts, wider_version: shown_first, " LEAD "consent: none, clause: V-2}, " MINOR

/* What version 2 changes: nothing; it keeps less long; staff see more; the notes serve care, too. */
#define SAME "time_zone:", "time_zone:"
#define LESS "retain: 1 day, clause", "retain: 12 hours, clause"
#define STAFF "    raw: [note]\n", "    raw: [note, name]\n"
#define MORE "    purposes: [service]\n    optional: [note, scrap", "    purposes: [service, care]\n    optional: [note, scrap"

enum act { NOTHING, GO_ON, SHOWN, SHOWN_GO_ON, ACKNOWLEDGE, AGREE, REFUSE };

static const struct lived {
    const char *says, *changes, *from, *to;
    int days;                   /* after publication; version 2 takes effect on day 10 */
    enum act act;
    enum kept_reason act_reason;/* of going on; NONE: it is accepted */
    uint32_t governs;           /* afterwards */
    enum kept_reason service, care; /* using the note of version 1, for what it came for, for what is new */
} rows[] = {
    {"not in effect: as before", ACCEPTS, MORE, 9, NOTHING, KEPT_R_NONE, 1, KEPT_R_NONE, KEPT_R_PURPOSE},
    {"in effect, not shown: as before", ACCEPTS, MORE, 11, NOTHING, KEPT_R_NONE, 1, KEPT_R_NONE, KEPT_R_PURPOSE},
    {"in effect, small, not shown: as before", ACCEPTS, SAME, 11, NOTHING, KEPT_R_NONE, 1, KEPT_R_NONE,
     KEPT_R_PURPOSE},
    {"to be shown first, and was not: nothing", FIRST, MORE, 11, NOTHING, KEPT_R_NONE, 1, KEPT_R_NO_NOTICE,
     KEPT_R_NO_NOTICE},
    {"to be shown first, not in effect: as before", FIRST, MORE, 9, NOTHING, KEPT_R_NONE, 1, KEPT_R_NONE,
     KEPT_R_PURPOSE},
    {"to be shown first, takes no more: as before", FIRST, LESS, 11, NOTHING, KEPT_R_NONE, 1, KEPT_R_NONE,
     KEPT_R_PURPOSE},
    {"shown, not answered: as before", FIRST, MORE, 11, SHOWN, KEPT_R_NONE, 1, KEPT_R_NONE, KEPT_R_PURPOSE},
    {"shown and going on, takes more: not accepted", FIRST, MORE, 11, SHOWN_GO_ON, KEPT_R_NEEDS_CONSENT, 1,
     KEPT_R_NONE, KEPT_R_PURPOSE},
    {"going on before it is in effect: accepts nothing", ACCEPTS, LESS, 9, GO_ON, KEPT_R_NEEDS_CONSENT, 1,
     KEPT_R_NONE, KEPT_R_PURPOSE},
    {"going on, nothing changed: accepted", ASKS, SAME, 11, GO_ON, KEPT_R_NONE, 2, KEPT_R_NONE, KEPT_R_PURPOSE},
    {"going on, keeps less long: accepted", ASKS, LESS, 11, GO_ON, KEPT_R_NONE, 2, KEPT_R_NONE, KEPT_R_PURPOSE},
    {"going on, material, the policy lets it count: accepted", ACCEPTS, STAFF, 11, GO_ON, KEPT_R_NONE, 2,
     KEPT_R_NONE, KEPT_R_PURPOSE},
    {"going on, material, promised to ask: not accepted", ASKS, STAFF, 11, GO_ON, KEPT_R_NEEDS_CONSENT, 1,
     KEPT_R_NONE, KEPT_R_PURPOSE},
    {"going on where it counts for nothing: not accepted", NEVER, LESS, 11, GO_ON, KEPT_R_NEEDS_CONSENT, 1,
     KEPT_R_NONE, KEPT_R_PURPOSE},
    {"going on, takes more: the law lets it count for nothing", ACCEPTS, MORE, 11, GO_ON, KEPT_R_NEEDS_CONSENT, 1,
     KEPT_R_NONE, KEPT_R_PURPOSE},
    {"acknowledged, takes more: consent is stale", ACCEPTS, MORE, 11, ACKNOWLEDGE, KEPT_R_NONE, 2,
     KEPT_R_CONSENT_STALE, KEPT_R_CONSENT_STALE},
    {"acknowledged, takes no more: consent goes on", ASKS, STAFF, 11, ACKNOWLEDGE, KEPT_R_NONE, 2, KEPT_R_NONE,
     KEPT_R_PURPOSE},
    {"agreed anew: all of it", ACCEPTS, MORE, 11, AGREE, KEPT_R_NONE, 2, KEPT_R_NONE, KEPT_R_NONE},
    {"refused: nothing", ACCEPTS, MORE, 11, REFUSE, KEPT_R_NONE, 1, KEPT_R_REFUSED, KEPT_R_REFUSED},
};

/* The shop's policy with `changes`, as version, with one edit. */
static char *version_of(unsigned version, const char *changes, const char *from, const char *to)
{
    char *text = world_policy("shop", version, from, to), *whole = NULL;
    assert_true(asprintf(&whole, "%s%s", text, changes) > 0);
    free(text);
    return whole;
}

static void lives(struct world *w, const char *changes, const char *from, const char *to)
{
    world_up(w);
    w->app = "shop";
    char *one = version_of(1, changes, NULL, NULL), *two = version_of(2, changes, from, to);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = one);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = two, .at = w->now + 10 * KEPT_DAY);
    free(one);
    free(two);
}

static void act(struct world *w, struct kept_id id, const struct lived *row)
{
    if (row->act == SHOWN || row->act == SHOWN_GO_ON)
        ALLOWS(w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id, .consent = KEPT_C_ACKNOWLEDGEMENT);
    if (row->act == GO_ON || row->act == SHOWN_GO_ON)
        SAYS(w, row->act_reason == KEPT_R_NONE ? KEPT_ALLOW : KEPT_DENY, row->act_reason,
             .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id, .consent = KEPT_C_IMPLIED);
    if (row->act == ACKNOWLEDGE || row->act == AGREE)
        ALLOWS(w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    if (row->act == AGREE)
        world_agree(w, id, "notes", KEPT_C_EXPLICIT);
    if (row->act == REFUSE)
        ALLOWS(w, .op = KEPT_OP_CONSENT_REFUSE, .subject = id);
}

static void uses(struct world *w, struct kept_id id, const char *purpose, enum kept_reason reason,
                 const char *says)
{
    const struct kept_field note = {.name = "note"};
    struct kept_reply *r = ASK(w, .op = KEPT_OP_USE, .subject = id, .purpose = purpose, .fields = &note,
                               .field_count = 1);
    if (r->reason != reason)
        print_error("%s: for %s: %s, not %s\n", says, purpose, kept_reason_name(r->reason),
                    kept_reason_name(reason));
    assert_int_equal(r->reason, reason);
    assert_int_equal(r->decision, reason == KEPT_R_NONE ? KEPT_ALLOW : KEPT_DENY);
    kept_reply_free(r);
}

static void test_whoever_agreed_to_the_version_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct lived *row = &rows[i];
        struct world w;
        char words[64];
        lives(&w, row->changes, row->from, row->to);
        struct kept_id id = world_person(&w);
        world_put(&w, id, "notes", "note", "blue door");
        w.now += row->days * KEPT_DAY;
        act(&w, id, row);
        uses(&w, id, "service", row->service, row->says);
        uses(&w, id, "care", row->care, row->says);
        (void)snprintf(words, sizeof words, "\"policy_version\":%u,\"notice_version\"", row->governs);
        struct kept_reply *shown = ASK(&w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
        if (!world_json_has(shown, words))
            print_error("%s: not governed by version %u\n", row->says, row->governs);
        assert_true(world_json_has(shown, words));
        kept_reply_free(shown);
        world_reopen(&w); /* what came with a version is known again from its text */
        uses(&w, id, "service", row->service, row->says);
        if (row->act == GO_ON && row->act_reason != KEPT_R_NONE)
            SAYS(&w, KEPT_DENY, row->act_reason, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id,
                 .consent = KEPT_C_IMPLIED);
        world_down(&w);
    }
}

/* An item for whose purposes nobody is asked: acknowledging a version does not put what is held to new ones. */
static void test_no_version_reaches_back(void **state)
{
    struct world w;
    (void)state;
    world_up(&w);
    w.app = "shop";
    char *one = version_of(1, ACCEPTS, "    consent: explicit\n    purposes: [service, ads]\n",
                           "    consent: notice\n    purposes: [service, ads]\n");
    char *two = version_of(2, ACCEPTS, "    consent: explicit\n    purposes: [service, ads]\n",
                           "    consent: notice\n    purposes: [service, ads, care]\n");
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = one);
    struct kept_reply *r = ASK(&w, .op = KEPT_OP_SUBJECT_NEW);
    struct kept_id id = r->subject;
    kept_reply_free(r);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    world_put(&w, id, "account", "phone", "13800001111");
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = two, .at = w.now + 10 * KEPT_DAY);
    w.now += 10 * KEPT_DAY;
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    READS(&w, id, "phone", "service", "13800001111");
    HIDES(&w, id, "phone", "care", KEPT_R_NEEDS_CONSENT); /* it came when nobody spoke of care */
    const struct kept_field phone = {.name = "phone"};
    SAYS(&w, KEPT_ALLOW, KEPT_R_NONE, .op = KEPT_OP_DISCLOSE, .subject = id, .recipient = "courier",
         .purpose = "service", .fields = &phone, .field_count = 1);
    world_put(&w, id, "account", "phone", "13800002222"); /* this one comes under version 2 */
    READS(&w, id, "phone", "care", "13800002222");
    world_down(&w);
    /* A consent to what is new reaches what is held: it was asked for. */
    world_up(&w);
    w.app = "shop";
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = one);
    r = ASK(&w, .op = KEPT_OP_SUBJECT_NEW);
    id = r->subject;
    kept_reply_free(r);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    world_put(&w, id, "account", "phone", "13800001111");
    world_agree(&w, id, "account", KEPT_C_EXPLICIT); /* under version 1: it names no care */
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = two, .at = w.now + 10 * KEPT_DAY);
    w.now += 10 * KEPT_DAY;
    ALLOWS(&w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    HIDES(&w, id, "phone", "care", KEPT_R_NEEDS_CONSENT);
    world_agree(&w, id, "account", KEPT_C_EXPLICIT);
    READS(&w, id, "phone", "care", "13800001111");
    world_down(&w);
    free(one);
    free(two);
}

/* A version that is published and waits has promised, too; a small change is at once. */
static void test_publishing_keeps_what_was_promised(void **state)
{
    struct world w;
    (void)state;
    lives(&w, ACCEPTS, SAME);
    char *soon = version_of(3, ACCEPTS, MORE), *small = version_of(3, ACCEPTS, SAME);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_POLICY_PUBLISH, .text = small); /* version 2 comes first */
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = small, .at = w.now + 10 * KEPT_DAY);
    free(soon);
    soon = version_of(4, "changes: {continued_use: accepts, clause: V-1}\n", MORE);
    w.now += 5 * KEPT_DAY;
    struct kept_err err = {0};
    struct kept_reply *r = NULL;
    struct kept_request late = {.op = KEPT_OP_POLICY_PUBLISH, .app = "shop", .text = soon,
                                .at = w.now + 6 * KEPT_DAY};
    assert_int_equal(kept_call(w.kept, &late, &r, &err), KEPT_E_CONFLICT);
    assert_non_null(strstr(err.text, "V-2) promises 7 days' notice"));
    assert_non_null(strstr(err.text, "--at 2026-01-17T16:00:00Z")); /* the day it is told is not counted */
    late.dry = 1;
    r = ASK(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = soon, .at = late.at, .dry = 1);
    assert_true(world_json_has(r, "\"refused\":\"version 4 is a material change"));
    assert_true(world_json_has(r, "\"kind\":\"function\",\"name\":\"notes\""));
    kept_reply_free(r);
    r = ASK(&w, .op = KEPT_OP_POLICY_SHOW);
    assert_false(world_json_has(r, "\"version\":4"));
    kept_reply_free(r);
    r = ASK(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = soon, .at = WORLD_T0 + 13 * KEPT_DAY);
    assert_true(world_json_has(r, "\"change\":\"material\",\"triggers\":[\"M0\",\"M1\",\"M4\"]"));
    kept_reply_free(r);
    assert_int_equal(world_audit_has(&w, "change material M0, M1, M4"), 1);
    assert_int_equal(world_audit_has(&w, "notice 7 days"), 1);
    free(soon);
    free(small);
    world_down(&w);
}

/* Nobody's app is made by a question, and nothing stands in the ledger of it. */
static void test_a_dry_first_version_makes_nothing(void **state)
{
    struct world w;
    (void)state;
    world_up(&w);
    char *one = version_of(1, ACCEPTS, NULL, NULL);
    struct kept_reply *r = ASK(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = one, .dry = 1);
    assert_true(world_json_has(r, "\"change\":\"first\""));
    kept_reply_free(r);
    w.app = "shop";
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_POLICY_SHOW);
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = one);
    assert_int_equal(world_audit_has(&w, "policy.publish"), 1);
    /* The very text, for ever. */
    r = ASK(&w, .op = KEPT_OP_POLICY_SHOW, .policy_version = 1);
    assert_true(world_json_has(r, "\"text\":\"# shop.yaml"));
    kept_reply_free(r);
    FAILS(&w, KEPT_E_NOTFOUND, .op = KEPT_OP_POLICY_SHOW, .policy_version = 2);
    world_close(&w);
    world_sql(&w, "UPDATE policy SET text = replace(text, 'Corner', 'Korner')");
    assert_int_equal(world_try_open(&w), KEPT_E_CORRUPT);
    world_down(&w);
    free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whoever_agreed_to_the_version_before),
        cmocka_unit_test(test_no_version_reaches_back),
        cmocka_unit_test(test_publishing_keeps_what_was_promised),
        cmocka_unit_test(test_a_dry_first_version_makes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
