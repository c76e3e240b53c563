/* test_s2_share.c - S2, what leaves for others: kits inside the app, partners, campaigns, codes. */
#include "shown.h"


/* ---- kits inside the app --------------------------------------------------------------------- */

static struct kept_id pushed(struct world *w)
{
    struct kept_id p = aid_person(w);
    TURN(w, p, "notifications", 1);
    GRANT(w, p, EXPLICIT, .function = "push");
    GRANT(w, p, EXPLICIT, .purpose = "messages");
    GRANT(w, p, EXPLICIT, .function = "usage-statistics");
    return p;
}

/* The push kit: on the register, for messages, with two identifiers, while messages are wanted. */
static void clause_S2_2_3_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = pushed(w), stranger = aid_person(w);
    CLAIM(shown_registered("smart-home", "push-sdk"), "the register's row on the push kit is not whole");
    const struct kept_reply *r = GIVE("push-sdk", "android-id", "messages", NOW);
    ALLOWED(r, "S2-2.3.1");
    LEDGERED(w, r);
    r = GIVE("push-sdk", "android-id", "statistics", NOW);
    DENIED(r, PURPOSE, "S2-2.3.1");
    LEDGERED(w, r);
    DENIED(GIVE("push-sdk", "location", "operation", NOW), ITEM_NOT_IN_AGREEMENT, "S2-2.3.1");
    TURN(w, p, "notifications", 0);
    DENIED(GIVE("push-sdk", "android-id", "messages", NOW), WITHDRAWN, "S2-2.3.1");
    DENIED(ASK(w, DISCLOSE, OF(stranger), WHAT("android-id"), .recipient = "push-sdk",
               .purpose = "messages"),
           PERMISSION, "S2-2.3.1");
}

/* No kit starts by itself without consent to that, and one that never may does not with it. */
static void clause_S2_2_3_1x(void **state)
{
    struct world *w = *state;
    struct kept_id p = pushed(w);
    ALLOWED(GIVE("push-sdk", "android-id", "messages", NOW), "S2-2.3.1");
    const struct kept_reply *r = GIVE("push-sdk", "android-id", "messages", BEHIND_THEIR_BACK);
    DENIED(r, NEEDS_CONSENT, "S2-2.3.1");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .recipient = "push-sdk");
    ALLOWED(GIVE("push-sdk", "android-id", "messages", BEHIND_THEIR_BACK), "S2-2.3.1");
    WITHDRAW(w, p, .recipient = "push-sdk");
    DENIED(GIVE("push-sdk", "android-id", "messages", BEHIND_THEIR_BACK), WITHDRAWN, "S2-2.3.1");
    GRANT(w, p, EXPLICIT, .recipient = "share-sdk");
    DENIED(GIVE("share-sdk", "carrier", "operation", BEHIND_THEIR_BACK), USER_ACTION, "S2-2.3.2");
}

/* The sharing kit gets the four items on its row, for its purpose. */
static void clause_S2_2_3_2(void **state)
{
    static const char *const items[] = {"hardware-model", "carrier", "network-type", "os-version"};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    CLAIM(shown_registered("smart-home", "share-sdk"), "the register's row on the sharing kit is not whole");
    for (size_t i = 0; i < 4; i++)
        ALLOWED(GIVE("share-sdk", items[i], "operation", NOW), "S2-2.3.2");
    const struct kept_reply *r = GIVE("share-sdk", "app-version", "operation", NOW);
    DENIED(r, ITEM_NOT_IN_AGREEMENT, "S2-2.3.2");
    LEDGERED(w, r);
    DENIED(GIVE("share-sdk", "carrier", "campaign", NOW), PURPOSE, "S2-1.4.1a");
}

/* The map kit learns the place in the scene of the map only: its function, permission, purpose. */
static void clause_S2_2_3_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    CLAIM(shown_registered("smart-home", "map-sdk"), "the register's row on the map kit is not whole");
    GRANT(w, p, SEPARATE, .function = "location-service");
    const struct kept_reply *r = GIVE("map-sdk", "location", "operation", NOW);
    DENIED(r, PERMISSION, "S2-2.3.3");
    LEDGERED(w, r);
    TURN(w, p, "location", 1);
    r = GIVE("map-sdk", "location", "operation", NOW);
    ALLOWED(r, "S2-2.3.3");
    LEDGERED(w, r);
    DENIED(GIVE("map-sdk", "location", "security", NOW), PURPOSE, "S2-2.3.3");
    DENIED(GIVE("map-sdk", "ip-address", "operation", NOW), ITEM_NOT_IN_AGREEMENT, "S2-2.3.3");
    TURN(w, p, "location", 0);
    DENIED(GIVE("map-sdk", "location", "operation", NOW), WITHDRAWN, "S2-2.3.3");
    TURN(w, p, "location", 1);
    WITHDRAW(w, p, .function = "location-service");
    DENIED(GIVE("map-sdk", "location", "operation", NOW), WITHDRAWN, "S2-2.3.3");
}

/* Whoever is not on the register gets nothing, and the attempt is on record. */
static void clause_S2_2_3_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = GIVE("other-sdk", "os-version", "operation", NOW);
    DENIED(r, RECIPIENT, "S2-4.3a");
    LEDGERED(w, r);
    DENIED(GIVE("other-sdk", "os-version", "operation", .exemption = "criminal-process",
                .text = "case 9"),
           RECIPIENT, "S2-4.3a");
    ALLOWED(GIVE("share-sdk", "os-version", "operation", NOW), "S2-2.3.2");
}

/* A permission without a function is not taken, and a policy that lists one is told so. */
static void clause_S2_2_3_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    bool found = false;
    const struct kept_reply *r = ASK(w, PERMISSION_SET, OF(p), .permission = "read-sms", .on = 1);
    DENIED(r, UNDECLARED, "S2-4.3a");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"permissions\":{}"), "a permission nobody declared counts as on");
    DONE(w, ASK(w, PERMISSION_SET, OF(p), .permission = "camera", .on = 1));
    CLAIM(aid_shows(w, p, "\"camera\":\"on\""), "a declared permission that is on is not shown");
    char *text = aid_edit(aid_policy("smart-home"), "\npermissions:\n",
                          "\npermissions:\n  read-logs: {text: {zh: 读取日志, en: read logs}}\n");
    if (kept_policy_read((struct kept_span){(const uint8_t *)text, strlen(text)}, &policy,
                         &findings, &w->err) != 0)
        aid_setup_failed("a policy with an idle permission does not load", w->err.text);
    for (size_t i = 0; i < findings.count; i++)
        found = found || (strcmp(findings.rows[i].code, "PERMISSION_WITHOUT_FUNCTION") == 0 &&
                          strstr(findings.rows[i].text, "read-logs") != NULL);
    CLAIM(found, "nobody is told of a permission without a function");
    kept_findings_release(&findings);
    kept_policy_free(policy);
    free(text);
}

/* ---- partners -------------------------------------------------------------------------------- */

/* The gate opens for a registered partner, an item of its list and one of its purposes only */
static void clause_S2_3_1_0(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "usage-statistics");
    const struct kept_reply *r = GIVE("statistics-sdk", "crash-report", "statistics", NOW);
    DENIED(r, ITEM_NOT_IN_AGREEMENT, "S2-2.3.5");
    LEDGERED(w, r);
    DENIED(GIVE("statistics-sdk", "click-stream", "operation", NOW), PURPOSE, "S2-2.3.5");
    DENIED(GIVE("statistics-sdk", "click-stream", "", NOW), PURPOSE, "S2-1.4.2.4");
    DENIED(GIVE("", "click-stream", "statistics", NOW), RECIPIENT, "S2-4.3a");
    r = GIVE("statistics-sdk", "click-stream", "statistics", NOW);
    ALLOWED(r, "S2-2.3.5");
    LEDGERED(w, r);
    CLAIM(strstr(aid_need(w, ASK(w, TRAIL, OF(p)))->json, "\"recipient\":\"statistics-sdk\""),
          "the person's trail does not name who got it");
}

/* Somebody who joined a campaign, with name and number, and agreed to nobody's getting them. */
static struct kept_id player(struct world *w)
{
    static const struct kept_field entry[] = {FIELD("real-name", "Li Lei"),
                                              FIELD("contact-phone", "13900000005")};
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "campaign");
    GRANT(w, p, SEPARATE, .purpose = "campaign");
    HOLD(w, p, .function = "campaign", SEVERAL(entry), BY_THE_PERSON);
    return p;
}

/* Shared with a third party when the person said so in so many words. */
static void clause_S2_3_1_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = player(w);
    const struct kept_reply *r = GIVE("campaign-partner", "contact-phone", "campaign", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S2-3.1.5b");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .recipient = "campaign-partner");
    r = GIVE("campaign-partner", "contact-phone", "campaign", NOW);
    ALLOWED(r, "S2-3.1.5b");
    LEDGERED(w, r);
    DENIED(GIVE("prize-delivery", "contact-phone", "campaign", NOW), NEEDS_SEPARATE_CONSENT,
           "S2-3.1.5b");
    WITHDRAW(w, p, .recipient = "campaign-partner");
    DENIED(GIVE("campaign-partner", "contact-phone", "campaign", NOW), WITHDRAWN, "S2-3.1.5b");
}

/* Affiliates get device, account and log items for security, and no item more. */
static void clause_S2_3_1_4_1(void **state)
{
    static const char *const items[] = {"android-id", "user-name", "operation-log"};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    DENIED(GIVE("affiliate", "user-name", "security", NOW), NEEDS_SEPARATE_CONSENT, "S2-3.1.4.1");
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    for (size_t i = 0; i < 3; i++)
        ALLOWED(GIVE("affiliate", items[i], "security", NOW), "S2-3.1.4.1");
    const struct kept_reply *r = GIVE("affiliate", "service-log", "security", NOW);
    DENIED(r, ITEM_NOT_IN_AGREEMENT, "S2-3.1.4.1");
    LEDGERED(w, r);
    DENIED(GIVE("affiliate", "operation-log", "operation", NOW), PURPOSE, "S2-3.1.4.1");
}

/* Who sends the codes gets the number, because registering cannot go without; and nothing else. */
static void clause_S2_3_1_7(void **state)
{
    static const struct kept_field both[] = {FIELD("user-name", "lilei"),
                                             FIELD("phone", "13900000005")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, .function = "register", SEVERAL(both));
    const struct kept_reply *r = GIVE("sms-gateway", "user-name", "compliance", NOW);
    DENIED(r, ITEM_NOT_IN_AGREEMENT, "S2-1.4.2.1a");
    LEDGERED(w, r);
    DENIED(GIVE("sms-gateway", "phone", "operation", NOW), PURPOSE, "S2-1.4.2.1a");
    DENIED(GIVE("sms-gateway", "phone", "compliance", .function = "profile"), FUNCTION, "S2-1.3a");
    ALLOWED(GIVE("sms-gateway", "phone", "compliance", .function = "register"), "S2-1.4.2.1a");
}

/* A dispute goes to a mediator because the person asked for it, as the case that is named. */
static void clause_S2_3_1_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "mediation");
    ALLOWED(TAKE("mediation", "message", "he broke it", .text = "case 4"), "S2-3.1.8");
    const struct kept_reply *r = GIVE("mediator", "message", "dispute", .text = "case 4");
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S2-3.1.8");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .recipient = "mediator");
    DENIED(GIVE("mediator", "message", "dispute", NOW), JUSTIFICATION, "S2-3.1.8");
    ALLOWED(GIVE("mediator", "message", "dispute", .text = "case 4"), "S2-3.1.8");
    DENIED(GIVE("mediator", "message", "support", .text = "case 4"), PURPOSE, "S2-3.1.8");
    DENIED(GIVE("campaign-partner", "message", "dispute", .text = "case 4"), ITEM_NOT_IN_AGREEMENT,
           "S2-3.1.5b");
}

/* A campaign is joined by choice, for its time; declining costs the campaign and nothing else. */
static void clause_S2_3_1_5a(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w), q = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "campaign"));
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("register", "phone", "13900000005")), "S2-1.3a");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11")), "S2-1.4.1a");
    GRANT(w, p, EXPLICIT, .function = "profile");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei")), "S2-1.4.2.2");
    GRANT(w, p, SEPARATE, .purpose = "campaign");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("campaign", "real-name", "Li Lei"), BY_THE_PERSON);
    DENIED(r, REFUSED, "S2-3.1.5a");
    LEDGERED(w, r);
#define JOIN(...) ASK(w, COLLECT, OF(q), VALUE("campaign", "real-name", "Han Mei"), __VA_ARGS__)
    GRANT(w, q, SEPARATE, .purpose = "campaign");
    GRANT(w, q, EXPLICIT, .function = "campaign");
    DENIED(JOIN(BY_THE_PERSON), NEEDS_SEPARATE_CONSENT, "S2-3.1.5a");
    GRANT(w, q, SEPARATE, .function = "campaign", .expires = w->now + 14 * DAY);
    DENIED(JOIN(IN_USE), USER_ACTION, "S2-3.1.5a");
    ALLOWED(JOIN(BY_THE_PERSON), "S2-3.1.5a");
    w->now += 14 * DAY;
    DENIED(JOIN(BY_THE_PERSON), CONSENT_EXPIRED, "S2-3.1.5a");
    DENIED(ASK(w, USE, OF(q), WHAT("real-name"), .purpose = "campaign"), CONSENT_EXPIRED,
           "S2-3.1.5a");
#undef JOIN
}

/* Six grounds spare the consent to share, and a ground for collecting is none for sharing. */
static void clause_S2_3_4(void **state)
{
    static const char *const share[] = {"national-security", "public-interest", "criminal-process",
                                        "life-property",     "self-published",  "lawful-source"};
    static const char *const others[] = {"public-emergency", "disclosed",      "contract",
                                         "stability",        "statutory-duty", "other-law"};
    struct world *w = *state;
    struct kept_id p = player(w);
    for (size_t i = 0; i < 6; i++) {
        DENIED(GIVE("campaign-partner", "real-name", "campaign", .exemption = share[i]),
               JUSTIFICATION, "S2-3.4");
        ALLOWED(GIVE("campaign-partner", "real-name", "campaign", .exemption = share[i],
                     .text = "reasons and papers"),
                "S2-3.1.5b");
        const struct kept_reply *r = GIVE("campaign-partner", "real-name", "campaign",
                                          .exemption = others[i], .text = "reasons and papers");
        DENIED(r, JUSTIFICATION, "S2-1.4.3.2");
        LEDGERED(w, r);
    }
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("support", "mail", "li.lei@example.org"), /* good there */
                .exemption = "public-emergency", .text = "evacuation list"),
            "S2-5.10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S2(2_3_1),   CLAUSE_S2(2_3_1x), CLAUSE_S2(2_3_2), CLAUSE_S2(2_3_3),
        CLAUSE_S2(2_3_6),   CLAUSE_S2(2_3_7),  CLAUSE_S2(3_1_0), CLAUSE_S2(3_1_1),
        CLAUSE_S2(3_1_4_1), CLAUSE_S2(3_1_5a), CLAUSE_S2(3_1_7), CLAUSE_S2(3_1_8),
        CLAUSE_S2(3_4),
    };
    return RUN(tests);
}
