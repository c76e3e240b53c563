/* test_s1_share.c - S1, what leaves for others, where it lies, who sees it, what a law keeps. */
#include "shown.h"

#define NUMBER "13900000003"
#define CARD "11010519491231002X" /* an identity number with a true check digit */

static const struct kept_field account[] = {FIELD("account-name", "lilei"), FIELD("phone", NUMBER)};

/* Somebody with an account and a nickname, who agreed to linked accounts, though not yet to whom. */
static struct kept_id linked(struct world *w)
{
    struct kept_id p = aid_person(w);
    HOLD(w, p, .function = "register", SEVERAL(account));
    GRANT(w, p, EXPLICIT, .function = "profile");
    HOLD(w, p, VALUE("profile", "nickname", "Lei"));
    HOLD(w, p, VALUE("basic-operation", "carrier", "Example Mobile"));
    GRANT(w, p, EXPLICIT, .function = "linked-accounts");
    return p;
}

/* Another platform has words of its own, of which the register gives the place; it gets two items,
 * from who agreed to that by name. A page that is merely reached gets nothing. */
static void clause_S1_0_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    CLAIM(shown_registered("messenger", "other-platform"), "the register's row is not whole");
    CLAIM(shown_is("messenger", "recipients", "other-platform", "role", "independent") &&
              shown_is("messenger", "recipients", "other-platform", "link",
                       "https://square.example.org/privacy"),
          "the register does not say whose words hold there");
    TURN(w, p, "third-party-platform", 1);
    GRANT(w, p, SEPARATE, .function = "partner-login");
    const struct kept_reply *r = GIVE("other-platform", "nickname", "login", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S1-0.4");
    LEDGERED(w, r);
    DENIED(GIVE("a-linked-page", "nickname", "login", NOW), RECIPIENT, "S1-1.20");
    GRANT(w, p, SEPARATE, .recipient = "other-platform");
    ALLOWED(GIVE("other-platform", "nickname", "login", NOW), "S1-0.4");
    DENIED(GIVE("other-platform", "account-name", "login", NOW), PURPOSE, "S1-1.13");
    DENIED(GIVE("other-platform", "nickname", "experience", NOW), PURPOSE, "S1-0.4");
}

/* What leaves is masked where that will do, and the verdict says so. */
static void clause_S1_1_28(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    GRANT(w, p, SEPARATE, .function = "linked-number");
    DENIED(GIVE("affiliate", "account-name", "experience", NOW), NEEDS_SEPARATE_CONSENT, "S1-2.3");
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    const struct kept_reply *r = GIVE("affiliate", "account-name", "experience", NOW);
    MASKED(r, "S1-2.3");
    LEDGERED(w, r);
    MASKED(GIVE("affiliate", "phone", "linked-safety", NOW), "S1-2.3");
    ALLOWED(GIVE("affiliate", "nickname", "experience", NOW), "S1-2.3");
}

/* Nobody outside gets anything without consent that was given before and names them. */
static void clause_S1_2_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    const struct kept_reply *r = GIVE("affiliate", "nickname", "experience", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S1-2.3");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .language = "en"); /* to the whole policy: no consent to share */
    DENIED(GIVE("affiliate", "nickname", "experience", NOW), NEEDS_SEPARATE_CONSENT, "S1-2.3");
    GRANT(w, p, EXPLICIT, .recipient = "affiliate");
    DENIED(GIVE("affiliate", "nickname", "experience", NOW), NEEDS_SEPARATE_CONSENT, "S1-2.3");
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    r = GIVE("affiliate", "nickname", "experience", NOW);
    ALLOWED(r, "S1-2.3");
    LEDGERED(w, r);
    CLAIM(strstr(aid_need(w, ASK(w, TRAIL, OF(p)))->json, "\"recipient\":\"affiliate\""),
          "the person's trail does not name who got it");
    DENIED(GIVE("somebody", "nickname", "experience", NOW), RECIPIENT, "S1-1.20");
    WITHDRAW(w, p, .recipient = "affiliate");
    DENIED(GIVE("affiliate", "nickname", "experience", NOW), WITHDRAWN, "S1-2.3");
}

/* Affiliates get the items listed for the purposes stated, and no item and no purpose more. */
static void clause_S1_2_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    const struct kept_reply *r = GIVE("affiliate", "carrier", "experience", NOW);
    DENIED(r, ITEM_NOT_IN_AGREEMENT, "S1-2.3");
    LEDGERED(w, r);
    DENIED(GIVE("affiliate", "hardware-model", "operation", NOW), PURPOSE, "S1-2.3");
    ALLOWED(GIVE("affiliate", "hardware-model", "experience", NOW), "S1-2.3");
    ALLOWED(GIVE("affiliate", "nickname", "linked-safety", NOW), "S1-2.3");
}

/* What is sensitive asks apart even then; and when the affiliate's purposes change, so do the words,
 * and consent to the old ones carries no more. */
static void clause_S1_2_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    GRANT(w, p, EXPLICIT, .function = "linked-number");
    const struct kept_reply *r = GIVE("affiliate", "phone", "linked-safety", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S1-2.4");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .function = "linked-number");
    MASKED(GIVE("affiliate", "phone", "linked-safety", NOW), "S1-2.3");
    DENIED(GIVE("affiliate", "nickname", "account", NOW), PURPOSE, "S1-2.3");
    char *text = aid_edit(aid_policy("messenger"), "\nversion: 1\n", "\nversion: 2\n");
    text = aid_edit(text, "    purposes: [experience, linked-safety]\n    region",
                    "    purposes: [experience, linked-safety, account]\n    region");
    text = aid_edit(text, "(example), an affiliate", "(example), an affiliate that shows who you are");
    DONE(w, aid_publish_text(w, text));
    free(text);
    aid_seen(w, p);
    r = GIVE("affiliate", "nickname", "account", NOW);
    DENIED(r, CONSENT_STALE, "S1-1.14");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .function = "profile");
    DENIED(GIVE("affiliate", "nickname", "account", NOW), CONSENT_STALE, "S1-2.3");
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    ALLOWED(GIVE("affiliate", "nickname", "account", NOW), "S1-2.3");
}

/* Advisers get what belongs to a case that is named, from their own lists. */
static void clause_S1_2_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    GRANT(w, p, SEPARATE, .function = "disputes");
    GRANT(w, p, SEPARATE, .recipient = "law-firm");
    GRANT(w, p, SEPARATE, .recipient = "accountants");
    DENIED(TAKE("disputes", "id-number", CARD, NOW), JUSTIFICATION, "S1-2.5");
    ALLOWED(TAKE("disputes", "id-number", CARD, .text = "case 2026-17"), "S1-2.5");
    const struct kept_reply *r = GIVE("law-firm", "id-number", "disputes", NOW);
    DENIED(r, JUSTIFICATION, "S1-2.5");
    LEDGERED(w, r);
    r = GIVE("law-firm", "id-number", "disputes", .text = "case 2026-17");
    ALLOWED(r, "S1-2.5");
    LEDGERED(w, r);
    DENIED(GIVE("accountants", "id-number", "disputes", .text = "case 2026-17"),
           ITEM_NOT_IN_AGREEMENT, "S1-2.5");
    ALLOWED(GIVE("accountants", "account-name", "disputes", .text = "case 2026-17"), "S1-2.5");
    DENIED(GIVE("law-firm", "account-name", "account", .text = "case 2026-17"), PURPOSE, "S1-2.5");
}

/* Identity documents lie sealed, in a partition of their own that support does not reach. */
static void clause_S1_4_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    GRANT(w, p, SEPARATE, .function = "disputes");
    ALLOWED(TAKE("disputes", "id-number", CARD, .text = "case 2026-17"), "S1-2.5");
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("id-number"), .purpose = "disputes",
                                     .role = "support", .text = "case 2026-17");
    DENIED(r, PARTITION, "S1-4.8");
    LEDGERED(w, r);
    r = ASK(w, USE, OF(p), WHAT("id-number"), .purpose = "disputes", .role = "officer",
            .text = "case 2026-17");
    ALLOWED(r, "S1-2.5");
    CLAIM(aid_value(r, CARD), "the officer does not see the number");
    ABSENT(w, CARD);
}

/* Stored in the country: a store elsewhere takes nothing. */
static void clause_S1_4_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = TAKE("basic-operation", "os-version", "11", .region = "SG");
    DENIED(r, REGION, "S1-4.1");
    LEDGERED(w, r);
    DENIED(TAKE("basic-operation", "os-version", "11", .region = "HK"), REGION, "S1-4.1");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "a value for a store abroad was stored");
    ALLOWED(TAKE("basic-operation", "os-version", "11", .region = "CN"), "S1-1.3");
}

/* Nothing goes abroad: no consent opens that gate, no code, and no policy with somebody behind it. */
static void clause_S1_4_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    const struct kept_reply *r = GIVE("affiliate", "nickname", "experience", .region = "SG");
    DENIED(r, REGION, "S1-4.1");
    LEDGERED(w, r);
    DENIED(GIVE("authority", "account-name", "account", .region = "US", .exemption = "legal-demand",
                .text = "letter of a foreign court"),
           REGION, "S1-4.1");
    ALLOWED(GIVE("authority", "account-name", "account", .exemption = "legal-demand",
                 .text = "letter 7 of the court"),
            "S1-2.2");
    CLAIM(shown_refused(w,
                        "    region: CN\n    consent: separate\n"
                        "    agreement: {signed: 2026-01-10, expires: 2028-01-10, clause: S1-2.3}",
                        "    region: SG\n    consent: separate\n    export_mechanism: contract\n"
                        "    agreement: {signed: 2026-01-10, checked: 2026-01-11, "
                        "expires: 2028-01-10, clause: S1-2.3}"),
          "a policy with somebody abroad was published, although it says never");
    ALLOWED(GIVE("affiliate", "nickname", "experience", .region = "CN"), "S1-2.3");
}

/* What a law does not let go is set apart: the rest is gone, and only the law's own reader, for the
 * law's own purpose, sees it; a backup put back changes nothing of that. */
static void clause_S1_4_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    GRANT(w, p, SEPARATE, .function = "order");
    HOLD(w, p, VALUE("order", "order-record", "order 9"), BY_THE_PERSON);
    aid_shut(w);
    aid_copy(w, "store/store.db", "backup.db");
    aid_open(w);
    const struct kept_reply *r = ASK(w, ERASE_SUBJECT, OF(p));
    DONE(w, r);
    CLAIM(strstr(r->json, "\"records_kept_by_law\":1") != NULL,
          "the certificate does not say what a law keeps");
    for (int restored = 0; restored <= 1; restored++) {
        r = READ("order-record", "orders", NOW);
        DENIED(r, KEPT_BY_LAW, "");
        DENIED(READ("nickname", "account", AS("officer")), KEPT_BY_LAW, "");
        DENIED(READ("order-record", "disputes", AS("officer")), KEPT_BY_LAW, "");
        DENIED(GIVE("law-firm", "order-record", "disputes", .text = "case 1"), KEPT_BY_LAW, "");
        r = READ("order-record", "compliance", AS("officer"));
        ALLOWED(r, "S1-4.13");
        CLAIM(aid_value(r, "order 9"), "what the law keeps is not there");
        LEDGERED(w, r);
        aid_shut(w);
        aid_copy(w, "backup.db", "store/store.db");
        aid_open(w);
    }
}

/* Support sees the number masked; who looks after personal data sees it; both find by it. */
static void clause_S1_4_9(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    const struct kept_reply *r = READ("phone", "account", AS("support"));
    MASKED(r, "S1-4.9");
    LEDGERED(w, r);
    CLAIM(r->field_count == 1 && r->fields[0].value.n == 11 && !aid_value(r, NUMBER) &&
              memchr(r->fields[0].value.p, '*', 11) != NULL,
          "the number is not masked");
    DENIED(READ("carrier", "account", AS("support")), ROLE, "S1-4.9");
    r = READ("phone", "account", AS("officer"));
    ALLOWED(r, "S1-1.13");
    CLAIM(aid_value(r, NUMBER), "the officer does not see the number");
    r = ASK(w, SUBJECT_FIND, ITEM("phone", NUMBER), AS("support"));
    CLAIM(r != NULL && memcmp(&r->subject, &p, sizeof p) == 0, "the number does not find its owner");
}

/* Each item has its class and its grade; a policy where one is missing or too low is refused. */
static void clause_S1_4_10(void **state)
{
    struct world *w = *state;
    CLAIM(shown_everywhere("messenger", "items", "information") &&
              shown_everywhere("messenger", "items", "retention_class"),
          "an item has no class, or no grade");
    CLAIM(shown_is("messenger", "items", "phone", "retention_class", "sensitive") &&
              shown_is("messenger", "items", "contact-account", "retention_class", "sensitive") &&
              shown_is("messenger", "items", "nickname", "retention_class", "ordinary") &&
              shown_is("messenger", "items", "access-log", "retention_class", "law"),
          "an item has another grade than its class asks for");
    CLAIM(shown_refused(w, "kind: text, information: communication, source", "kind: text, source"),
          "a policy with an item without a class was published");
    CLAIM(shown_refused(w, "source: user, sensitive: true, retain: 7 days",
                        "source: user, sensitive: true, retention_class: ordinary, retain: 7 days"),
          "a policy that seals a sensitive item as an ordinary one was published");
}

/* A deletion reaches the backups when they are renewed, and the day is told. */
static void clause_S1_5_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = linked(w);
    aid_shut(w);
    aid_copy(w, "store/store.db", "backup.db");
    aid_open(w);
    const struct kept_reply *r = ASK(w, ERASE_SUBJECT, OF(p));
    DONE(w, r);
    CLAIM(strstr(r->json, "\"final\":\"2026-0") != NULL &&
              strstr(r->json, "\"backup_window_days\":30") != NULL,
          "the answer does not say when backups are renewed");
    aid_shut(w);
    aid_copy(w, "backup.db", "store/store.db");
    aid_open(w);
    r = READ("nickname", "account", NOW);
    DENIED(r, ERASED, "");
    LEDGERED(w, r);
    w->now += 8 * DAY; /* a rotation later, and a backup window after it */
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    CLAIM(strstr(aid_need(w, ASK(w, WHY, OF(p)))->json, "\"final\":\"reached\"") == NULL,
          "the erasure is called final while a backup still opens");
    w->now += 31 * DAY;
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    CLAIM(strstr(aid_need(w, ASK(w, WHY, OF(p)))->json, "\"final\":\"reached\"") != NULL,
          "the erasure does not become final");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S1(0_4), CLAUSE_S1(1_28), CLAUSE_S1(2_1), CLAUSE_S1(2_3),
        CLAUSE_S1(2_4), CLAUSE_S1(2_5),  CLAUSE_S1(4_1), CLAUSE_S1(4_2), CLAUSE_S1(4_8),
        CLAUSE_S1(4_6), CLAUSE_S1(4_9),  CLAUSE_S1(4_10), CLAUSE_S1(5_6),
    };
    return RUN(tests);
}
