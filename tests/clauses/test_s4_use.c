/* test_s4_use.c - S4, purposes, cookies, advertising, correction, withdrawal. */
#include "shown.h"

#define NUMBER "13900000005"
#define PLACE "39.9042,116.4074"

static struct kept_id viewer(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    HOLD(w, p, VALUE("profile", "nickname", "Lei"));
    HOLD(w, p, VALUE("history", "play-history", "a film"));
    return p;
}

/* A number that only recognises a device is a personal item like any other: asked for, on the list
 * of what is held, deleted on request, and found no more. */
static void clause_S4_D_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    DENIED(TAKE("device-recognition", "device-id", "ABCDEF0123456789", NOW), NEEDS_CONSENT,
           "S4-D.7");
    GRANT(w, p, EXPLICIT, .function = "device-recognition");
    ALLOWED(TAKE("device-recognition", "device-id", "ABCDEF0123456789", NOW), "S4-D.7");
    CLAIM(aid_shows(w, p, "\"device-id\":1"), "a pseudonym is not on the list of what is held");
    ABSENT(w, "abcdef0123456789");
    ABSENT(w, "ABCDEF0123456789");
    const struct kept_reply *r = READ("device-id", "security", NOW);
    DENIED(r, NO_VALUE, "S4-D.7");
    LEDGERED(w, r);
    r = ASK(w, SUBJECT_FIND, ITEM("device-id", "ABCDEF0123456789"));
    CLAIM(r != NULL && memcmp(&r->subject, &p, sizeof p) == 0, "the device is not known again");
    DONE(w, ASK(w, ERASE_RECORD, OF(p), .item = "device-id"));
    DENIED(ASK(w, SUBJECT_FIND, ITEM("device-id", "ABCDEF0123456789")), NO_VALUE, "S4-D.7");
}

/* ---- purposes -------------------------------------------------------------------------------- */

/* Each value serves the purposes listed for it, and none that is not. */
static void clause_S4_4_1(void **state)
{
    static const char *const others[] = {"advertising", "analysis", "mailings", "surveys",
                                         "payment",     "resale",   ""};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("playing", "device-settings", "24h"));
    GRANT(w, p, EXPLICIT, .purpose = "advertising");
    GRANT(w, p, EXPLICIT, .function = "advertising");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        DENIED(READ("device-settings", others[i], NOW), PURPOSE, "S4-2.1");
    const struct kept_reply *r = TAKE("playing", "device-settings", "12h", .purpose = "analysis");
    DENIED(r, PURPOSE, "S4-2.1");
    LEDGERED(w, r);
    ALLOWED(READ("device-settings", "service", NOW), "S4-2.1");
    ALLOWED(READ("device-settings", "security", NOW), "S4-2.1");
    ALLOWED(READ("device-settings", "software", NOW), "S4-2.1");
}

/* Questions are answered by who likes: by consent to both, by one's own action, and only that. */
static void clause_S4_4_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "survey");
    const struct kept_reply *r = TAKE("survey", "survey-answer", "good", BY_THE_PERSON);
    DENIED(r, NEEDS_CONSENT, "S4-4.2");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .purpose = "surveys");
    DENIED(TAKE("survey", "survey-answer", "good", IN_USE), USER_ACTION, "S4-4.2");
    ALLOWED(TAKE("survey", "survey-answer", "good", BY_THE_PERSON), "S4-4.2");
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "survey"));
    DENIED(TAKE("survey", "survey-answer", "bad", BY_THE_PERSON), REFUSED, "S4-4.2");
    ALLOWED(TAKE("playing", "os-version", "11", NOW), "S4-2.1");
}

/* What one service knows serves another by consent; opted out, the other sees nothing of it. */
static void clause_S4_4_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    const struct kept_reply *r = READ("play-history", "cross-service", NOW);
    DENIED(r, NEEDS_CONSENT, "S4-4.4");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .function = "cross-service");
    GRANT(w, p, EXPLICIT, .purpose = "cross-service");
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    ALLOWED(READ("play-history", "cross-service", NOW), "S4-4.4");
    ALLOWED(GIVE("affiliate", "play-history", "cross-service", NOW), "S4-6.1");
    WITHDRAW(w, p, .purpose = "cross-service");
    DENIED(READ("play-history", "cross-service", NOW), WITHDRAWN, "S4-4.4");
    DENIED(GIVE("affiliate", "play-history", "cross-service", NOW), WITHDRAWN, "S4-4.4");
    ALLOWED(READ("play-history", "service", NOW), "S4-2.2");
}

/* Consent lasts for years of use, or to its day, or till refused in the settings. */
static void clause_S4_4_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    GRANT(w, p, EXPLICIT, .function = "uploading", .expires = w->now + 30 * DAY);
    ALLOWED(TAKE("uploading", "post", "hello", BY_THE_PERSON), "S4-1.4");
    w->now += 31 * DAY;
    const struct kept_reply *r = TAKE("uploading", "post", "hello", BY_THE_PERSON);
    DENIED(r, CONSENT_EXPIRED, "S4-1.4");
    LEDGERED(w, r);
    w->now += 900 * DAY;
    ALLOWED(TAKE("profile", "nickname", "Lei Lei", NOW), "S4-1.4");
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "profile"));
    DENIED(TAKE("profile", "nickname", "Lei", NOW), REFUSED, "S4-1.4");
    DONE(w, ASK(w, ERASE_SUBJECT, OF(p)));
    DENIED(TAKE("playing", "os-version", "11", NOW), ERASED, "");
}

/* ---- the person's own hands ------------------------------------------------------------------ */

/* Histories are seen and cleared class by class; what a law keeps is not. */
static void clause_S4_5_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    HOLD(w, p, VALUE("history", "search-terms", "opera"));
    HOLD(w, p, VALUE("legal-records", "access-log", "10:00 /"));
    ALLOWED(READ("search-terms", "service", NOW), "S4-2.2");
    const struct kept_reply *r = ASK(w, ERASE_RECORD, OF(p), .item = "play-history");
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(READ("play-history", "service", NOW), NO_VALUE, "S4-2.2");
    ALLOWED(READ("search-terms", "service", NOW), "S4-2.2");
    DENIED(ASK(w, ERASE_RECORD, OF(p), .item = "access-log"), KEPT_BY_LAW, "");
    CLAIM(!aid_shows(w, p, "\"play-history\"") && aid_shows(w, p, "\"search-terms\":1"),
          "more or less than the class asked for was cleared");
}

/* Most is corrected by oneself; the number that was verified only for a case, by support. */
static void clause_S4_5_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    HOLD(w, p, VALUE("register", "phone", NUMBER));
    GRANT(w, p, SEPARATE, .function = "after-sales");
    ALLOWED(TAKE("profile", "nickname", "Lei Lei", BY_THE_PERSON), "S4-1.4");
    CLAIM(aid_value(READ("nickname", "service", NOW), "Lei Lei"), "one's own change did not last");
    const struct kept_reply *r = TAKE("register", "phone", "13900000006", BY_THE_PERSON);
    DENIED(r, LOCKED, "S4-1.1");
    LEDGERED(w, r);
    DENIED(TAKE("after-sales", "phone", "13900000006", AS("support")), JUSTIFICATION, "S4-1.3");
    CLAIM(aid_value(READ("phone", "authentication", NOW), NUMBER), "a locked number changed");
    ALLOWED(TAKE("after-sales", "phone", "13900000006", AS("support"), .text = "case 3: proved"),
            "S4-1.3");
    CLAIM(aid_value(READ("phone", "authentication", NOW), "13900000006"),
          "support's change did not last");
}

/* In the settings of the device, or in ours: either stops it. */
static void clause_S4_5_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "camera", 1);
    TURN(w, p, "location", 1);
    GRANT(w, p, EXPLICIT, .function = "scan");
    GRANT(w, p, SEPARATE, .function = "location-service");
    ALLOWED(TAKE("scan", "scanned-code", "a code", IN_USE), "S4-2.12");
    ALLOWED(TAKE("location-service", "location", PLACE, IN_USE), "S4-2.7");
    TURN(w, p, "camera", 0);
    const struct kept_reply *r = TAKE("scan", "scanned-code", "a code", IN_USE);
    DENIED(r, PERMISSION, "S4-2.12");
    LEDGERED(w, r);
    r = ASK(w, CONSENT_WITHDRAW, OF(p), .function = "location-service");
    DONE(w, r);
    DENIED(TAKE("location-service", "location", PLACE, IN_USE), WITHDRAWN, "S4-2.7");
    TURN(w, p, "camera", 1);
    ALLOWED(TAKE("scan", "scanned-code", "a code", IN_USE), "S4-2.12");
}

/* Taking back ends collection and sharing; here what is held is read on, until its deletion. */
static void clause_S4_5_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    ALLOWED(GIVE("affiliate", "nickname", "service", NOW), "S4-6.1");
    WITHDRAW(w, p, .function = "profile");
    const struct kept_reply *r = TAKE("profile", "nickname", "Lei Lei", NOW);
    DENIED(r, WITHDRAWN, "S4-1.4");
    LEDGERED(w, r);
    DENIED(GIVE("affiliate", "nickname", "service", NOW), WITHDRAWN, "S4-1.4");
    ALLOWED(READ("nickname", "service", NOW), "S4-1.4");
    DONE(w, ASK(w, ERASE_RECORD, OF(p), .item = "nickname"));
    DENIED(READ("nickname", "service", NOW), NO_VALUE, "S4-1.4");
    CLAIM(!aid_shows(w, p, "\"nickname\":"), "a value whose deletion was asked for is held");
}

/* The least of everything: what is taken, used and given is what is listed for it. */
static void clause_S4_7_4(void **state)
{
    static const struct kept_field form[] = {FIELD("os-version", "11"),
                                             FIELD("contacts-list", "planted-friend"),
                                             FIELD("nickname", "planted-nickname")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "mailings");
    GRANT(w, p, EXPLICIT, .purpose = "mailings");
    GRANT(w, p, EXPLICIT, .function = "profile");
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "playing", SEVERAL(form));
    CLAIM(r->stripped == 1 && aid_taken(r) == 1, "more was taken than playing needs");
    LEDGERED(w, r);
    ABSENT(w, "planted-friend");
    ABSENT(w, "planted-nickname");
    HOLD(w, p, VALUE("mailings", "mail", "li.lei@example.org"));
    DENIED(READ("os-version", "support", AS("support")), ROLE, "S4-7.8");
    DENIED(GIVE("mail-sender", "nickname", "mailings", NOW), PURPOSE, "S4-1.1");
    DENIED(GIVE("mail-sender", "nickname", "service", NOW), ITEM_NOT_IN_AGREEMENT, "S4-6.3");
    ALLOWED(GIVE("mail-sender", "mail", "mailings", NOW), "S4-6.3");
}

/* ---- cookies --------------------------------------------------------------------------------- */

/* Our own cookies: to know the login, to count, to fit advertising - each to its own purpose. */
static void clause_S4_10_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    ALLOWED(TAKE("login-cookie", "auth-cookie", "C00KIE0001", NOW), "S4-17.4");
    const struct kept_reply *r = READ("auth-cookie", "advertising", NOW);
    DENIED(r, PURPOSE, "S4-10.2");
    LEDGERED(w, r);
    ALLOWED(READ("auth-cookie", "authentication", NOW), "S4-17.4");
    DENIED(TAKE("improving", "analysis-cookie", "C00KIE0002", NOW), NEEDS_CONSENT, "S4-4.5");
    DENIED(TAKE("advertising", "ad-cookie", "C00KIE0003", NOW), NEEDS_CONSENT, "S4-11.1");
    GRANT(w, p, EXPLICIT, .function = "improving");
    ALLOWED(TAKE("improving", "analysis-cookie", "C00KIE0002", NOW), "S4-4.5");
    DENIED(READ("analysis-cookie", "advertising", NOW), PURPOSE, "S4-17.5");
}

/* Tips read and letters chosen are remembered for that, and for half a year. */
static void clause_S4_17_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("preference-cookie", "preference-cookie", "large"));
    const struct kept_reply *r = READ("preference-cookie", "analysis", NOW);
    DENIED(r, PURPOSE, "S4-17.2");
    LEDGERED(w, r);
    w->now += 179 * DAY;
    r = READ("preference-cookie", "preferences", NOW);
    ALLOWED(r, "S4-17.2");
    CLAIM(aid_value(r, "large"), "the letters chosen are forgotten");
    w->now += 2 * DAY;
    DENIED(READ("preference-cookie", "preferences", NOW), NO_VALUE, "S4-17.2");
}

/* Where somebody usually signs in guards the account, and sells nothing. */
static void clause_S4_17_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "advertising");
    GRANT(w, p, EXPLICIT, .purpose = "advertising");
    HOLD(w, p, VALUE("safety-cookie", "security-cookie", "Hangzhou"));
    const struct kept_reply *r = READ("security-cookie", "advertising", NOW);
    DENIED(r, PURPOSE, "S4-17.3");
    LEDGERED(w, r);
    DENIED(TAKE("advertising", "security-cookie", "Hangzhou", NOW), FUNCTION, "S4-17.3");
    DENIED(GIVE("ad-tracker", "security-cookie", "security", NOW), ITEM_NOT_IN_AGREEMENT,
           "S4-10.4");
    ALLOWED(READ("security-cookie", "security", NOW), "S4-17.3");
}

/* A cookie that fills in the account name does that, and is dropped on request. */
static void clause_S4_17_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("login-cookie", "feature-cookie", "lilei"));
    const struct kept_reply *r = READ("feature-cookie", "preferences", NOW);
    DENIED(r, PURPOSE, "S4-17.4");
    LEDGERED(w, r);
    CLAIM(aid_value(READ("feature-cookie", "authentication", NOW), "lilei"),
          "the account name is not filled in");
    DONE(w, ASK(w, ERASE_RECORD, OF(p), .item = "feature-cookie"));
    DENIED(READ("feature-cookie", "authentication", NOW), NO_VALUE, "S4-17.4");
}

/* Advertising cookies are set for who agreed to advertising, and for nobody who refused it. */
static void clause_S4_17_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w), q = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .purpose = "advertising"));
    GRANT(w, p, EXPLICIT, .function = "advertising");
    const struct kept_reply *r = TAKE("advertising", "ad-cookie", "C00KIE0003", NOW);
    DENIED(r, REFUSED, "S4-11.1");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"records\":{}"), "a cookie was set for somebody who refused");
    GRANT(w, q, EXPLICIT, .function = "advertising");
    DENIED(ASK(w, COLLECT, OF(q), VALUE("advertising", "ad-cookie", "C00KIE0003")), NEEDS_CONSENT,
           "S4-11.1");
    GRANT(w, q, EXPLICIT, .purpose = "advertising");
    ALLOWED(ASK(w, COLLECT, OF(q), VALUE("advertising", "ad-cookie", "C00KIE0003")), "S4-11.1");
    DENIED(ASK(w, USE, OF(q), WHAT("ad-cookie"), .purpose = "service"), PURPOSE, "S4-17.6");
}

/* A copy that loads faster serves that, for half a day. */
static void clause_S4_17_10(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("faster-loading", "efficiency-copy", "a page"));
    const struct kept_reply *r = READ("efficiency-copy", "analysis", NOW);
    DENIED(r, PURPOSE, "S4-17.10");
    LEDGERED(w, r);
    w->now += DAY / 2 - 1000;
    ALLOWED(READ("efficiency-copy", "performance", NOW), "S4-17.10");
    w->now += 1000;
    DENIED(READ("efficiency-copy", "performance", NOW), NO_VALUE, "S4-17.10");
}

/* ---- advertising ----------------------------------------------------------------------------- */

static struct kept_id audience(struct world *w)
{
    struct kept_id p = viewer(w);
    GRANT(w, p, EXPLICIT, .function = "advertising");
    GRANT(w, p, EXPLICIT, .purpose = "advertising");
    GRANT(w, p, SEPARATE, .recipient = "ad-tracker");
    HOLD(w, p, VALUE("advertising", "ad-profile", "likes films"));
    HOLD(w, p, VALUE("advertising", "ad-cookie", "C00KIE0003"));
    return p;
}

/* Fitting advertising is a function of its own: asked for, fed by what is listed, used for that. */
static void clause_S4_11_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    const struct kept_reply *r = READ("play-history", "advertising", NOW);
    DENIED(r, NEEDS_CONSENT, "S4-11.1");
    LEDGERED(w, r);
    DENIED(TAKE("advertising", "ad-profile", "likes films", NOW), NEEDS_CONSENT, "S4-11.1");
    p = audience(w);
    ALLOWED(READ("play-history", "advertising", NOW), "S4-11.1");
    ALLOWED(READ("ad-profile", "advertising", NOW), "S4-11.1");
    DENIED(READ("ad-profile", "service", NOW), PURPOSE, "S4-11.1");
    DENIED(TAKE("advertising", "search-terms", "opera", NOW), FUNCTION, "S4-2.2");
}

/* Switched off, all of it stops at once: nothing is collected, used or given for it. */
static void clause_S4_11_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = audience(w);
    ALLOWED(READ("ad-profile", "advertising", NOW), "S4-11.1");
    ALLOWED(GIVE("ad-tracker", "ad-cookie", "advertising", NOW), "S4-10.4");
    const struct kept_reply *r = ASK(w, CONSENT_WITHDRAW, OF(p), .purpose = "advertising");
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(READ("ad-profile", "advertising", NOW), WITHDRAWN, "S4-11.1");
    DENIED(READ("play-history", "advertising", NOW), WITHDRAWN, "S4-11.1");
    DENIED(TAKE("advertising", "ad-profile", "likes opera", NOW), WITHDRAWN, "S4-11.1");
    DENIED(GIVE("ad-tracker", "ad-cookie", "advertising", NOW), WITHDRAWN, "S4-11.1");
    ALLOWED(READ("play-history", "service", NOW), "S4-2.2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S4(D_7),  CLAUSE_S4(4_1),  CLAUSE_S4(4_2),  CLAUSE_S4(4_4),   CLAUSE_S4(4_7),
        CLAUSE_S4(5_2),  CLAUSE_S4(5_4),  CLAUSE_S4(5_7),  CLAUSE_S4(5_8),   CLAUSE_S4(7_4),
        CLAUSE_S4(10_2), CLAUSE_S4(17_2), CLAUSE_S4(17_3), CLAUSE_S4(17_4),  CLAUSE_S4(17_6),
        CLAUSE_S4(17_10), CLAUSE_S4(11_1), CLAUSE_S4(11_3),
    };
    return RUN(tests);
}
