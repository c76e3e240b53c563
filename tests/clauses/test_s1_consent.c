/* test_s1_consent.c - S1, age, permissions, codes, use, withdrawal, no account. */
#include "shown.h"

/* ---- age ------------------------------------------------------------------------------------- */

/* One day short of fourteen: nothing. On the birthday: served. */
static void clause_S1_0_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_born(w, "2012-03-03");
    aid_seen(w, p);
    const struct kept_reply *r = TAKE("basic-operation", "os-version", "11", NOW);
    DENIED(r, AGE, "S1-0.5");
    LEDGERED(w, r);
    DENIED(GIVE("affiliate", "nickname", "experience", NOW), AGE, "S1-0.5");
    w->now += DAY;
    ALLOWED(TAKE("basic-operation", "os-version", "11", NOW), "S1-1.3");
}

/* ---- permissions ----------------------------------------------------------------------------- */

/* A permission that is not declared is not asked for; reporting it is refused, and on record. */
static void clause_S1_1_20(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = ASK(w, PERMISSION_SET, OF(p), .permission = "location", .on = 1);
    DENIED(r, UNDECLARED, "S1-1.20");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"permissions\":{}"), "a permission nobody declared counts as on");
    DONE(w, ASK(w, PERMISSION_SET, OF(p), .permission = "gallery", .on = 1));
    CLAIM(aid_shows(w, p, "\"gallery\":\"on\""), "a declared permission does not count");
}

static struct kept_id photographer(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "camera");
    TURN(w, p, "camera", 1);
    HOLD(w, p, VALUE("camera", "scanned-code", "first"), IN_USE);
    return p;
}

/* On, off, on: each counts from its moment, for its permission. */
static void clause_S1_1_21(void **state)
{
    struct world *w = *state;
    struct kept_id p = photographer(w);
    GRANT(w, p, EXPLICIT, .function = "avatar");
    TURN(w, p, "gallery", 1);
    for (int round = 0; round < 2; round++) {
        TURN(w, p, "camera", 0);
        const struct kept_reply *r = TAKE("camera", "scanned-code", "more", IN_USE);
        DENIED(r, PERMISSION, "S1-1.15");
        LEDGERED(w, r);
        ALLOWED(TAKE("avatar", "avatar", "a picture", IN_USE), "S1-1.16");
        TURN(w, p, "camera", 1);
        ALLOWED(TAKE("camera", "scanned-code", "more", IN_USE), "S1-1.15");
    }
}

/* Off ends collection, and the use of what was collected with it. */
static void clause_S1_1_22(void **state)
{
    struct world *w = *state;
    struct kept_id p = photographer(w);
    ALLOWED(READ("scanned-code", "communication", NOW), "S1-1.15");
    TURN(w, p, "camera", 0);
    DENIED(TAKE("camera", "scanned-code", "more", IN_USE), PERMISSION, "S1-1.15");
    const struct kept_reply *r = READ("scanned-code", "communication", NOW);
    DENIED(r, WITHDRAWN, "S1-1.15");
    LEDGERED(w, r);
    TURN(w, p, "camera", 1);
    CLAIM(aid_value(READ("scanned-code", "communication", NOW), "first"),
          "switching on again does not open what was held");
}

/* Off does not reach back: what was done before stays on record as allowed. */
static void clause_S1_1_23(void **state)
{
    struct world *w = *state;
    struct kept_id p = photographer(w);
    const struct kept_reply *before = READ("scanned-code", "communication", NOW);
    ALLOWED(before, "S1-1.15");
    TURN(w, p, "camera", 0);
    const struct kept_reply *after = READ("scanned-code", "communication", NOW);
    DENIED(after, WITHDRAWN, "S1-1.15");
    LEDGERED(w, before);
    LEDGERED(w, after);
    CLAIM(aid_shows(w, p, "\"scanned-code\":1"), "switching off deleted what it was not asked to");
}

/* ---- codes, use ------------------------------------------------------------------------------ */

/* Ten codes spare the consent, each with reasons that are on record; no other does, and none of
 * them shares. */
static void clause_S1_1_24(void **state)
{
    static const char *const ten[] = {
        "legal-duty",    "national-security", "public-interest", "criminal-process",
        "life-property", "self-published",    "contract",        "public-source",
        "service-safety", "other-law"};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
#define NAME(...) TAKE("profile", "nickname", "Lei", __VA_ARGS__)
    DENIED(NAME(NOW), NEEDS_CONSENT, "S1-1.14");
    for (size_t i = 0; i < 10; i++) {
        DENIED(NAME(.exemption = ten[i]), JUSTIFICATION, "S1-1.24");
        const struct kept_reply *r = NAME(.exemption = ten[i], .text = "order 8 of the court");
        ALLOWED(r, "S1-1.14");
        LEDGERED(w, r);
        DENIED(GIVE("affiliate", "nickname", "experience", .exemption = ten[i], .text = "reasons"),
               JUSTIFICATION, "S1-1.24");
    }
    DENIED(NAME(.exemption = "business", .text = "we need it"), JUSTIFICATION, "S1-1.20");
    const struct kept_reply *r = ASK(w, AUDIT, .role = "auditor", .actor = "auditor-1",
                                     .text = "app");
    CLAIM(r != NULL && r->json != NULL && strstr(r->json, "order 8 of the court") != NULL,
          "the reasons given are not on record");
#undef NAME
}

/* Using is decided as collecting is: purpose, role, consent, each time, and each time on record. */
static void clause_S1_1_25(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    HOLD(w, p, VALUE("feedback", "feedback-text", "hello"), BY_THE_PERSON);
    const struct kept_reply *r = READ("feedback-text", "support", AS("support"));
    ALLOWED(r, "S1-1.10");
    LEDGERED(w, r);
    r = READ("feedback-text", "improvement", NOW);
    DENIED(r, PURPOSE, "S1-1.10");
    LEDGERED(w, r);
    DENIED(READ("feedback-text", "disputes", AS("support")), PURPOSE, "S1-1.10");
    DENIED(READ("feedback-text", "support", AS("auditor")), OPERATION, "S1-4.13");
    WITHDRAW(w, p, .function = "feedback");
    DENIED(READ("feedback-text", "support", AS("support")), WITHDRAWN, "S1-1.10");
}

static size_t count_of(const char *text, const char *words)
{
    size_t n = 0;
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words))
        n++;
    return n;
}

/* Consent lasts as long as the use: for years, and not a moment after its end. */
static void clause_S1_1_27(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    GRANT(w, p, SEPARATE, .function = "communicate");
    w->now += 900 * DAY;
    ALLOWED(TAKE("profile", "nickname", "Lei", NOW), "S1-1.14");
    const struct kept_reply *r = ASK(w, CONSENT_WITHDRAW, OF(p)); /* from everything */
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(TAKE("profile", "nickname", "Lei", NOW), WITHDRAWN, "S1-5.11");
    DENIED(TAKE("communicate", "message", "hello", NOW), WITHDRAWN, "S1-5.11");
    CLAIM(count_of(aid_shown(w, p), "\"state\":\"granted\"") == 1, /* the notice was seen */
          "a consent outlived the end of use");
    DONE(w, ASK(w, ERASE_SUBJECT, OF(p)));
    DENIED(TAKE("basic-operation", "os-version", "11", NOW), ERASED, "");
}

/* ---- no account, and taking back ------------------------------------------------------------- */

/* Somebody without name, number and day of birth is served; nobody is asked to register first. */
static void clause_S1_5_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_born(w, "");
    aid_seen(w, p);
    GRANT(w, p, SEPARATE, .function = "communicate");
    GRANT(w, p, EXPLICIT, .function = "feedback");
    GRANT(w, p, SEPARATE, .function = "device-link");
    DENIED(TAKE("profile", "nickname", "Lei", NOW), NEEDS_CONSENT, "S1-1.14"); /* asks, as ever */
    ALLOWED(TAKE("basic-operation", "os-version", "11", NOW), "S1-1.3");
    ALLOWED(TAKE("communicate", "message", "hello", NOW), "S1-1.2");
    ALLOWED(TAKE("feedback", "feedback-text", "hello", BY_THE_PERSON), "S1-1.10");
    ALLOWED(TAKE("device-link", "linked-device", "INSTALL-00000001", NOW), "S1-1.18");
    const struct kept_reply *r = ASK(w, SUBJECT_FIND, ITEM("linked-device", "INSTALL-00000001"));
    CLAIM(r != NULL && memcmp(&r->subject, &p, sizeof p) == 0,
          "an installation without an account is not known again");
    CLAIM(!aid_shows(w, p, "\"account-name\"") && !aid_shows(w, p, "\"phone\""),
          "there is an account all the same");
}

/* Extras are given and taken back one by one; a core function can be taken back, and is off. */
static void clause_S1_5_10(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "gallery", 1);
    GRANT(w, p, SEPARATE, .function = "communicate");
    GRANT(w, p, EXPLICIT, .function = "avatar");
    GRANT(w, p, EXPLICIT, .function = "profile");
    ALLOWED(TAKE("avatar", "avatar", "a picture", IN_USE), "S1-1.16");
    const struct kept_reply *r = ASK(w, CONSENT_WITHDRAW, OF(p), .function = "avatar");
    DONE(w, r);
    DENIED(TAKE("avatar", "avatar", "a picture", IN_USE), WITHDRAWN, "S1-1.16");
    ALLOWED(TAKE("communicate", "message", "hello", NOW), "S1-1.2");
    ALLOWED(TAKE("profile", "nickname", "Lei", NOW), "S1-1.14");
    WITHDRAW(w, p, .function = "communicate");
    r = TAKE("communicate", "message", "hello", NOW);
    DENIED(r, WITHDRAWN, "S1-1.2");
    LEDGERED(w, r);
    ALLOWED(TAKE("profile", "nickname", "Lei", NOW), "S1-1.14");
    GRANT(w, p, EXPLICIT, .function = "avatar");
    ALLOWED(TAKE("avatar", "avatar", "a picture", IN_USE), "S1-1.16");
}

/* After a withdrawal neither collection nor use; what was done before stays lawful, on record. */
static void clause_S1_5_11(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    HOLD(w, p, VALUE("profile", "nickname", "Lei"));
    const struct kept_reply *before = READ("nickname", "account", NOW);
    ALLOWED(before, "S1-1.14");
    WITHDRAW(w, p, .function = "profile");
    DENIED(TAKE("profile", "nickname", "Lei Lei", NOW), WITHDRAWN, "S1-1.14");
    const struct kept_reply *r = READ("nickname", "account", NOW);
    DENIED(r, WITHDRAWN, "S1-1.14");
    LEDGERED(w, r);
    LEDGERED(w, before);
    GRANT(w, p, EXPLICIT, .function = "profile");
    CLAIM(aid_value(READ("nickname", "account", NOW), "Lei"), "a new consent does not restore");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S1(0_5),  CLAUSE_S1(1_20),
        CLAUSE_S1(1_21), CLAUSE_S1(1_22), CLAUSE_S1(1_23), CLAUSE_S1(1_24), CLAUSE_S1(1_25),
        CLAUSE_S1(1_27), CLAUSE_S1(5_7),  CLAUSE_S1(5_10), CLAUSE_S1(5_11),
    };
    return RUN(tests);
}
