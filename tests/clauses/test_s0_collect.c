/* test_s0_collect.c - S0, what is collected, for what and when: notice, purposes, functions. */
#include "aid.h"

/* Fresh person: everything is denied until the notice was seen; then what needs no consent goes. */
static void clause_S0_0_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_stranger(w);
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("device-adaptation", "device-model", "Model One"));
    DENIED(r, NO_NOTICE, "S0-0.1");
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("service-log", "browser-type", "Browser One")), NO_NOTICE,
           "S0-0.1");
    DENIED(ASK(w, USE, OF(p), WHAT("device-model"), .purpose = "adaptation"), NO_NOTICE, "S0-0.1");
    DENIED(ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .purpose = "improvement",
               .recipient = "data-service"),
           NO_NOTICE, "S0-0.1");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "something was stored before the notice was seen");
    aid_seen(w, p);
    r = ASK(w, COLLECT, OF(p), VALUE("device-adaptation", "device-model", "Model One"));
    ALLOWED(r, "S0-1.1");
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("feedback", "message", "hello"), BY_THE_PERSON),
           NEEDS_CONSENT, "S0-12.2");
}

/* Refusing the whole policy: nothing is collected, nothing personal is stored, and it is no trap */
static void clause_S0_0_2(void **state)
{
    static const struct kept_field all[] = {FIELD("device-model", "Model Two"),
                                            FIELD("os-version", "11.2"),
                                            FIELD("device-id", "ABCDEF0123456789")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .language = "en"));
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), .function = "device-adaptation", SEVERAL(all));
    DENIED(r, REFUSED, "S0-0.2");
    LEDGERED(w, r);
    CLAIM(r->field_count == 3 && aid_taken(r) == 0, "a field of someone who refused was taken");
    DENIED(ASK(w, COLLECT, OF(p), VALUE("access-records", "access-log", "10:00 /")), REFUSED,
           "S0-0.2");
    CLAIM(aid_shows(w, p, "\"state\":\"refused\""), "the person's state does not say 'refused'");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "personal values of someone who refused are stored");
    aid_seen(w, p);
    ALLOWED(ASK(w, COLLECT, OF(p), .function = "device-adaptation", SEVERAL(all)), "S0-1.1");
}

/* Using the app, and even agreeing to all of it at once, is no separate consent. */
static void clause_S0_0_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "location", 1);
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("location-assist", "location", "39.9,116.4"), IN_USE);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S0-3.1");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .language = "en"); /* to the whole policy */
    DENIED(ASK(w, COLLECT, OF(p), VALUE("location-assist", "location", "39.9,116.4"), IN_USE),
           NEEDS_SEPARATE_CONSENT, "S0-3.1");
    CLAIM(ASK(w, CONSENT_GRANT, OF(p), .consent = KEPT_C_IMPLIED, .function = "location-assist") ==
              NULL,
          "implied consent was recorded as if the person had acted");
    CLAIM(ASK(w, CONSENT_GRANT, OF(p), .consent = KEPT_C_SEPARATE) == NULL,
          "a separate consent to everything at once was taken");
    GRANT(w, p, SEPARATE, .function = "location-assist");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("location-assist", "location", "39.9,116.4"), IN_USE),
            "S0-3.1");
}

static const struct kept_field device[] = {FIELD("device-name", "Phone of One"),
                                           FIELD("device-model", "Model One"),
                                           FIELD("device-id", "ABCDEF0123456789"),
                                           FIELD("os-version", "11.2"),
                                           FIELD("app-version", "1.0"),
                                           FIELD("language", "en"),
                                           FIELD("screen-resolution", "1080x2400"),
                                           FIELD("plmn", "46000"),
                                           FIELD("wallpaper-colour", "planted-colour")};

/* The eight named items come in; the ninth, which nobody declared, is dropped and counted. */
static void clause_S0_1_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), .function = "device-adaptation", SEVERAL(device));
    CLAIM(r != NULL && r->stripped == 1, "the undeclared field was not stripped and counted");
    CLAIM(aid_taken(r) == 8, "%zu of the 8 declared fields were taken", aid_taken(r));
    CLAIM(r->fields[8].decision == KEPT_DENY && r->fields[8].reason == KEPT_R_UNDECLARED &&
              strcmp(r->fields[8].clause, "S0-0.6") == 0,
          "the undeclared field was not refused as undeclared");
    CLAIM(!aid_shows(w, p, "wallpaper-colour"), "the undeclared field is among the records");
    ALLOWED(r, "S0-1.1");
    LEDGERED(w, r);
    ALLOWED(ASK(w, USE, OF(p), WHAT("plmn"), .purpose = "adaptation"), "S0-1.1");
}

/* Held, and still only for the six purposes it was taken for. */
static void clause_S0_1_2(void **state)
{
    static const char *const six[] = {"adaptation",  "normal-use", "bug-analysis",
                                      "improvement", "security",   "account-security"};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("device-adaptation", "plmn", "46000"));
    GRANT(w, p, SEPARATE, .purpose = "marketing");
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("plmn"), .purpose = "marketing");
    DENIED(r, PURPOSE, "S0-1.1");
    LEDGERED(w, r);
    DENIED(ASK(w, USE, OF(p), WHAT("plmn"), .purpose = "advertising"), PURPOSE, "S0-1.1");
    DENIED(ASK(w, USE, OF(p), WHAT("plmn"), .role = ""), PURPOSE, "S0-1.1");
    DENIED(
        ASK(w, COLLECT, OF(p), VALUE("device-adaptation", "plmn", "46001"), .purpose = "marketing"),
        PURPOSE, "S0-1.1");
    for (size_t i = 0; i < sizeof six / sizeof six[0]; i++) {
        r = ASK(w, USE, OF(p), WHAT("plmn"), .purpose = six[i]);
        ALLOWED(r, "S0-1.1");
        CLAIM(aid_value(r, "46000"), "the value did not come back for %s", six[i]);
    }
}

/* Logs serve security, not marketing, and end by a clock of their own. */
static void clause_S0_1_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("service-log", "ip-address", "192.0.2.7"));
    HOLD(w, p, VALUE("preferences", "settings", "dark"));
    GRANT(w, p, SEPARATE, .purpose = "marketing");
    DENIED(ASK(w, COLLECT, OF(p), VALUE("service-log", "ip-address", "192.0.2.8"),
               .purpose = "marketing"),
           PURPOSE, "S0-1.3");
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("ip-address"), .purpose = "marketing");
    DENIED(r, PURPOSE, "S0-1.3");
    LEDGERED(w, r);
    w->now += 89 * DAY;
    r = ASK(w, USE, OF(p), WHAT("ip-address"), .purpose = "security");
    ALLOWED(r, "S0-1.3");
    CLAIM(aid_value(r, "192.0.2.7"), "the address logged is not the one read");
    w->now += 2 * DAY;
    DENIED(ASK(w, USE, OF(p), WHAT("ip-address"), .purpose = "security"), NO_VALUE, "S0-1.3");
    ALLOWED(ASK(w, USE, OF(p), WHAT("settings"), .purpose = "normal-use"), "S0-2.2");
}

/* The list of apps goes to the two functions that need it, and to no other however willing. */
static void clause_S0_1_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "query-packages", 1);
    TURN(w, p, "location", 1);
    GRANT(w, p, SEPARATE, .function = "environment-safety");
    GRANT(w, p, SEPARATE, .function = "quick-launch");
    GRANT(w, p, SEPARATE, .function = "location-assist");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("location-assist", "app-list", "org.example.map"), IN_USE);
    DENIED(r, FUNCTION, "S0-1.5");
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("device-adaptation", "app-list", "org.example.map")),
           FUNCTION, "S0-1.5");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("environment-safety", "app-list", "org.example.map")),
            "S0-1.5");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("quick-launch", "app-list", "org.example.clock"), IN_USE),
            "S0-3.4");
}

/* Settings are kept per person, and the person clears them: gone, and on record. */
static void clause_S0_2_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w), other = aid_person(w);
    HOLD(w, p, VALUE("preferences", "settings", "dark"));
    HOLD(w, other, VALUE("preferences", "settings", "light"));
    CLAIM(aid_value(ASK(w, USE, OF(p), WHAT("settings"), .purpose = "normal-use"), "dark"),
          "the settings are not remembered");
    const struct kept_reply *r = ASK(w, ERASE_RECORD, OF(p), .item = "settings");
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(ASK(w, USE, OF(p), WHAT("settings"), .purpose = "normal-use"), NO_VALUE, "S0-2.2");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "cleared settings are still among the records");
    CLAIM(aid_value(ASK(w, USE, OF(other), WHAT("settings"), .purpose = "normal-use"), "light"),
          "another person's settings went, too");
}

/* A widget asks again at each launch, once. */
static void clause_S0_2_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
#define BATTERY(level, launch_)                                                                    \
    ASK(w, COLLECT, OF(p), VALUE("widget-display", "battery-level", level), IN_USE,                \
        .launch = (launch_))
    DENIED(BATTERY("80", 1), NEEDS_CONSENT, "S0-2.4");
    GRANT(w, p, EXPLICIT, .function = "widget-display");
    ALLOWED(BATTERY("80", 1), "S0-2.4");
    const struct kept_reply *r = BATTERY("79", 1);
    DENIED(r, FREQUENCY, "S0-2.4");
    LEDGERED(w, r);
    DENIED(BATTERY("79", 0), FREQUENCY, "S0-2.4"); /* which launch is not said */
    ALLOWED(BATTERY("60", 2), "S0-2.4");
    WITHDRAW(w, p, .function = "widget-display");
    DENIED(BATTERY("50", 3), WITHDRAWN, "S0-2.4");
#undef BATTERY
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S0(0_1), CLAUSE_S0(0_2), CLAUSE_S0(0_3), CLAUSE_S0(1_1), CLAUSE_S0(1_2),
        CLAUSE_S0(1_3), CLAUSE_S0(1_5), CLAUSE_S0(2_2), CLAUSE_S0(2_4),
    };
    return RUN(tests);
}
