/* test_s2_collect.c - S2, what is collected: consent by use, purposes, registering, devices, log */
#include "aid.h"

/* Using the app carries what needs the notice only: nothing sensitive, nothing that asks. */
static void clause_S2_0_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "query-packages", 1);
#define APPS ASK(w, COLLECT, OF(p), VALUE("anti-malware", "installed-apps", "org.example.a"))
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11")), "S2-1.4.1a");
    const struct kept_reply *r = APPS;
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S2-1.4.1b");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .language = "zh"); /* to the whole policy */
    DENIED(APPS, NEEDS_SEPARATE_CONSENT, "S2-1.4.1b");
    CLAIM(ASK(w, CONSENT_GRANT, OF(p), .consent = KEPT_C_IMPLIED, .function = "anti-malware") ==
              NULL,
          "implied consent was recorded as if the person had acted");
    GRANT(w, p, SEPARATE, .function = "anti-malware");
    ALLOWED(APPS, "S2-1.4.1b");
#undef APPS
}

/* A mail address is sensitive here and ordinary in the other policy: one store, two answers. */
static void clause_S2_1_1_3(void **state)
{
    static const struct kept_field letter[] = {FIELD("contact-mail", "li.lei@example.org"),
                                               FIELD("message", "hello")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "support");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("support", "mail", "li.lei@example.org"));
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S2-5.10");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .function = "support");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("support", "mail", "li.lei@example.org")), "S2-5.10");
    aid_publish(w, "widgets");
    p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    ALLOWED(ASK(w, COLLECT, OF(p), .function = "feedback", SEVERAL(letter), BY_THE_PERSON),
            "S0-12.2");
}

/* Each of the four purposes serves; a fifth does not, although the person agreed to it elsewhere */
static void clause_S2_1_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .purpose = "campaign");
    HOLD(w, p, VALUE("operation", "network-type", "wlan"));
    HOLD(w, p, VALUE("security", "service-log", "10:00 start"));
    HOLD(w, p, VALUE("legal-records", "access-log", "10:00 /"));
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("network-type"), .purpose = "campaign");
    DENIED(r, PURPOSE, "S2-1.4.1a");
    LEDGERED(w, r);
    DENIED(ASK(w, USE, OF(p), WHAT("network-type"), .purpose = "resale"), PURPOSE, "S2-1.4.1a");
    DENIED(
        ASK(w, COLLECT, OF(p), VALUE("operation", "network-type", "wlan"), .purpose = "campaign"),
        PURPOSE, "S2-1.4.1a");
    ALLOWED(ASK(w, USE, OF(p), WHAT("network-type"), .purpose = "operation"), "S2-1.4.1a");
    ALLOWED(ASK(w, USE, OF(p), WHAT("network-type"), .purpose = "software-management"),
            "S2-1.4.1a");
    ALLOWED(ASK(w, USE, OF(p), WHAT("service-log"), .purpose = "security"), "S2-1.4.3");
    ALLOWED(ASK(w, USE, OF(p), WHAT("access-log"), .purpose = "compliance"), "S2-7.2");
}

/* Collected to keep the service working; counting with it is another purpose and asks first. */
static void clause_S2_1_2_x(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("usage-log", "usage-frequency", "12 minutes"));
    ALLOWED(ASK(w, USE, OF(p), WHAT("usage-frequency"), .purpose = "operation"), "S2-1.4.2.4");
    const struct kept_reply *r =
        ASK(w, USE, OF(p), WHAT("usage-frequency"), .purpose = "statistics");
    DENIED(r, NEEDS_CONSENT, "S2-3.1.4.2");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .function = "usage-statistics");
    ALLOWED(ASK(w, USE, OF(p), WHAT("usage-frequency"), .purpose = "statistics"), "S2-3.1.4.2");
}

/* A mainland mobile number and no other registers; the law asks for it, so no consent is asked. */
static void clause_S2_1_3a(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), VALUE("register", "phone", "85291234567"));
    DENIED(r, INVALID, "S2-1.3a"); /* Hong Kong */
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("register", "phone", "12900000003")), INVALID, "S2-1.3a");
    DENIED(ASK(w, COLLECT, OF(p), VALUE("register", "phone", "1390000000")), INVALID, "S2-1.3a");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "a number that is none was stored");
    r = ASK(w, COLLECT, OF(p), VALUE("register", "phone", "+86 139 0000 0003"));
    ALLOWED(r, "S2-1.3a");
    CLAIM(aid_value(ASK(w, USE, OF(p), WHAT("phone"), .purpose = "compliance"), "13900000003"),
          "the number is not stored in its normal form");
}

/* Registering without the number is refused whole; what serves convenience is not demanded. */
static void clause_S2_1_3b(void **state)
{
    static const struct kept_field both[] = {FIELD("user-name", "lilei"),
                                             FIELD("phone", "13900000003")};
    struct world *w = *state;
    struct kept_id p = aid_person(w), q = aid_person(w);
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), VALUE("register", "user-name", "lilei"));
    DENIED(r, MANDATORY_MISSING, "S2-1.3a");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"records\":{}"), "half a registration was stored");
    r = ASK(w, COLLECT, OF(p), .function = "register", SEVERAL(both));
    ALLOWED(r, "S2-1.3a");
    CLAIM(aid_taken(r) == 2, "a whole registration was not taken whole");
    ALLOWED(ASK(w, COLLECT, OF(q), VALUE("register", "phone", "13900000004")), "S2-1.3a");
    ALLOWED(ASK(w, COLLECT, OF(q), VALUE("register", "user-name", "hanmei")), "S2-1.3a");
}

static size_t count_of(const char *text, const char *words)
{
    size_t n = 0;
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words))
        n++;
    return n;
}

/* Consent lasts as long as the use, or to the day it was given for; the end of use ends them all */
static void clause_S2_1_3d(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    GRANT(w, p, SEPARATE, .function = "support", .expires = w->now + 30 * DAY);
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("support", "message", "hello")), "S2-5.10");
    w->now += 31 * DAY;
    DENIED(ASK(w, COLLECT, OF(p), VALUE("support", "message", "hello")), CONSENT_EXPIRED,
           "S2-5.10");
    w->now += 900 * DAY;
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei")), "S2-1.4.2.2");
    const struct kept_reply *r = ASK(w, CONSENT_WITHDRAW, OF(p)); /* from everything */
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei")), WITHDRAWN, "S2-5.4");
    DENIED(ASK(w, USE, OF(p), WHAT("nickname"), .purpose = "operation"), WITHDRAWN, "S2-5.4");
    CLAIM(count_of(aid_shown(w, p), "\"state\":\"granted\"") == 1, /* the notice was seen */
          "a consent outlived the end of use");
    DONE(w, ASK(w, ERASE_SUBJECT, OF(p)));
    DENIED(ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei")), ERASED, "");
}

/* What the service needs of a device comes in; what nobody declared is dropped and counted; a
 * reading of a sensor is never stored. */
static void clause_S2_1_4_1a(void **state)
{
    static const struct kept_field device[] = {FIELD("hardware-model", "Model Two"),
                                               FIELD("os-version", "11"),
                                               FIELD("app-version", "3.1"),
                                               FIELD("device-settings", "24h"),
                                               FIELD("ip-address", "192.0.2.9"),
                                               FIELD("access-method", "app"),
                                               FIELD("network-type", "wlan"),
                                               FIELD("network-state", "up"),
                                               FIELD("network-quality", "4"),
                                               FIELD("carrier", "Example Mobile"),
                                               FIELD("operation-log", "opened"),
                                               FIELD("service-log", "started"),
                                               FIELD("home-device", "LAMP-0000-0001"),
                                               FIELD("clipboard", "planted-clipboard")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "operation", SEVERAL(device));
    CLAIM(r != NULL && r->stripped == 1, "the undeclared field was not stripped and counted");
    CLAIM(aid_taken(r) == 13, "%zu of the 13 declared fields were taken", aid_taken(r));
    CLAIM(aid_field_is(r, "", KEPT_DENY, KEPT_R_UNDECLARED),
          "the undeclared field was not refused");
    ALLOWED(r, "S2-1.4.1a");
    LEDGERED(w, r);
    ABSENT(w, "planted-clipboard");
    TURN(w, p, "bluetooth", 1);
    TURN(w, p, "nfc", 1);
    TURN(w, p, "wifi", 1);
    GRANT(w, p, EXPLICIT, .function = "find-devices");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("find-devices", "bluetooth-device", "02:00:00:00:00:07"),
                IN_USE),
            "S2-1.4.1a");
    DENIED(ASK(w, COLLECT, OF(p), VALUE("find-devices", "accelerometer", "0 0 1"), IN_USE),
           TRANSIENT, "S2-1.4.1a");
}

/* What is installed and running serves the guard against malware and nothing else. */
static void clause_S2_1_4_1b(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "query-packages", 1);
    GRANT(w, p, SEPARATE, .function = "anti-malware");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("anti-malware", "installed-apps", "org.example.a")),
            "S2-1.4.1b");
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("installed-apps"), .purpose = "operation");
    DENIED(r, PURPOSE, "S2-1.4.1b");
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("usage-log", "installed-apps", "org.example.a")), FUNCTION,
           "S2-1.4.1b");
    r = ASK(w, USE, OF(p), WHAT("installed-apps"), .purpose = "security");
    ALLOWED(r, "S2-1.4.1b");
    CLAIM(aid_value(r, "org.example.a"), "the list read is not the one collected");
}

/* Refusing the picture and the nickname costs the picture and the nickname. */
static void clause_S2_1_4_2_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "profile"));
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei"));
    DENIED(r, REFUSED, "S2-1.4.2.2");
    LEDGERED(w, r);
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11")), "S2-1.4.1a");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("register", "phone", "13900000003")), "S2-1.3a");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("security", "service-log", "10:00")), "S2-1.4.3");
    GRANT(w, p, EXPLICIT, .function = "profile");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei")), "S2-1.4.2.2");
}

/* The log of use has a list of fields; what is not on it stays out, declared elsewhere or not. */
static void clause_S2_1_4_2_4(void **state)
{
    static const struct kept_field log[] = {
        FIELD("usage-frequency", "daily"), FIELD("crash-report", "segfault at 0"),
        FIELD("performance", "60 fps"),    FIELD("language", "zh"),
        FIELD("time-zone", "+08:00"),      FIELD("isp", "Example Net"),
        FIELD("referrer", "example.org"),  FIELD("click-stream", "home,lamp"),
        FIELD("os-version", "11"),         FIELD("ip-address", "192.0.2.10"),
        FIELD("city", "Hangzhou"),         FIELD("keystrokes", "planted-keystrokes")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile"); /* where the city would be welcome */
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "usage-log", SEVERAL(log));
    CLAIM(aid_field_is(r, "city", KEPT_DENY, KEPT_R_FUNCTION), "the log took in the city");
    CLAIM(r->stripped == 1 && aid_taken(r) == 10, "%zu fields of the log were taken, %u stripped",
          aid_taken(r), r->stripped);
    ALLOWED(r, "S2-1.4.2.4");
    LEDGERED(w, r);
    ABSENT(w, "planted-keystrokes");
    CLAIM(!aid_shows(w, p, "\"city\""), "the city is among the records");
}

/* What keeps accounts safe does not advertise. */
static void clause_S2_1_4_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .purpose = "campaign");
    HOLD(w, p, VALUE("security", "service-log", "10:00 login"));
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("service-log"), .purpose = "campaign");
    DENIED(r, PURPOSE, "S2-1.4.1a");
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("security", "service-log", "x"), .purpose = "campaign"),
           PURPOSE, "S2-1.4.1a");
    r = ASK(w, USE, OF(p), WHAT("service-log"), .purpose = "security");
    ALLOWED(r, "S2-1.4.3");
    CLAIM(aid_value(r, "10:00 login"), "the log read is not the one written");
}

/* A related purpose rests on what was told already; an unrelated one asks again. */
static void clause_S2_1_4_3_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "phone-state", 1);
    HOLD(w, p, VALUE("operation", "hardware-model", "Model Two"));
    HOLD(w, p, VALUE("operation", "network-quality", "4"));
    ALLOWED(ASK(w, USE, OF(p), WHAT("network-quality"), .purpose = "operation"), "S2-1.4.1a");
    ALLOWED(ASK(w, USE, OF(p), WHAT("network-quality"), .purpose = "software-management"),
            "S2-1.4.1a");
    DENIED(ASK(w, USE, OF(p), WHAT("network-quality"), .purpose = "statistics"), PURPOSE,
           "S2-1.4.1a");
    const struct kept_reply *r =
        ASK(w, USE, OF(p), WHAT("hardware-model"), .purpose = "statistics");
    DENIED(r, NEEDS_CONSENT, "S2-1.4.2.3a");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .function = "device-stats");
    ALLOWED(ASK(w, USE, OF(p), WHAT("hardware-model"), .purpose = "statistics"), "S2-1.4.2.3a");
}

/* A cookie finds settings again and guards the account; nothing else reads it. */
static void clause_S2_2_1d(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .purpose = "campaign");
    HOLD(w, p, VALUE("cookies", "cookie-id", "C00KIE0001"));
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("cookie-id"), .purpose = "campaign");
    DENIED(r, PURPOSE, "S2-2.1a");
    LEDGERED(w, r);
    DENIED(ASK(w, USE, OF(p), WHAT("cookie-id"), .purpose = "statistics"), PURPOSE, "S2-2.1a");
    ALLOWED(ASK(w, USE, OF(p), WHAT("cookie-id"), .purpose = "operation"), "S2-2.1a");
    ALLOWED(ASK(w, USE, OF(p), WHAT("cookie-id"), .purpose = "security"), "S2-2.1a");
}

/* What is counted of devices is there on two systems only, from a version on that a later policy names: another
 * system, an older one, or one that the app does not say, gives nothing. Another function goes on anywhere. */
static void clause_S2_9_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
#define COUNT(...) ASK(w, COLLECT, OF(p), VALUE("device-stats", "hardware-model", "X1"), __VA_ARGS__)
    TURN(w, p, "phone-state", 1);
    GRANT(w, p, EXPLICIT, .function = "device-stats");
    const struct kept_reply *r = COUNT(.os = NULL);
    DENIED(r, OS_UNKNOWN, "S2-1.4.2.3a");
    LEDGERED(w, r);
    r = COUNT(.os = "windows", .os_version = "11");
    DENIED(r, CLIENT, "S2-1.4.2.3a");
    LEDGERED(w, r);
    DENIED(COUNT(.os = "plan9"), CLIENT, "S2-1.4.2.3a");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "a client that gives nothing gave something");
    ALLOWED(COUNT(.os = "ios"), "S2-1.4.2.3a");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("operation", "hardware-model", "X1"), .os = "windows"), "S2-1.4.1a");
    ALLOWED(ASK(w, USE, OF(p), WHAT("hardware-model"), .purpose = "statistics"), "S2-1.4.2.3a"); /* behind it there is no client */
    char *text = aid_edit(aid_policy(w->app), "\nversion: 1\n", "\nversion: 2\n");
    text = aid_edit(text, "client: {os: {android: any, ios: any}}",
                    "client: {os: {android: \"12\"}, app_from: \"2.1\", surfaces: [phone]}");
    DONE(w, aid_publish_text(w, text));
    free(text);
    p = aid_person(w);
    TURN(w, p, "phone-state", 1);
    GRANT(w, p, EXPLICIT, .function = "device-stats");
    DENIED(COUNT(.os = "android", .app_version = "2.1", .surface = "phone"), OS_UNKNOWN, "S2-1.4.2.3a");
    DENIED(COUNT(.os = "android", .os_version = "twelve", .app_version = "2.1", .surface = "phone"), OS_UNKNOWN,
           "S2-1.4.2.3a");
    DENIED(COUNT(.os = "android", .os_version = "12", .surface = "phone"), APP_VERSION_UNKNOWN, "S2-1.4.2.3a");
    DENIED(COUNT(.os = "android", .os_version = "12", .app_version = "2.1"), SURFACE_UNKNOWN, "S2-1.4.2.3a");
    DENIED(COUNT(.os = "android", .os_version = "11.9", .app_version = "2.1", .surface = "phone"), CLIENT,
           "S2-1.4.2.3a");
    DENIED(COUNT(.os = "android", .os_version = "12", .app_version = "2.0.9", .surface = "phone"), CLIENT,
           "S2-1.4.2.3a");
    DENIED(COUNT(.os = "android", .os_version = "12", .app_version = "2.1", .surface = "tv"), CLIENT,
           "S2-1.4.2.3a");
    ALLOWED(COUNT(.os = "android", .os_version = "12.0.1", .app_version = "10.0", .surface = "phone"),
            "S2-1.4.2.3a");
#undef COUNT
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S2(0_5),     CLAUSE_S2(1_1_3),   CLAUSE_S2(1_2),     CLAUSE_S2(1_2_x),
        CLAUSE_S2(1_3a),    CLAUSE_S2(1_3b),    CLAUSE_S2(1_3d),    CLAUSE_S2(1_4_1a),
        CLAUSE_S2(1_4_1b),  CLAUSE_S2(1_4_2_2), CLAUSE_S2(1_4_2_4), CLAUSE_S2(1_4_3),
        CLAUSE_S2(1_4_3_1), CLAUSE_S2(2_1d),   CLAUSE_S2(9_2),
    };
    return RUN(tests);
}
