/* test_s0_consent.c - S0, permissions, consent by function, withdrawal, the end of the service. */
#include "aid.h"

#define PLACE "39.9042,116.4074"
#define PHONE_NUMBER_OF_DEVICE "490154203237518" /* an IMEI with a true check digit */

/* The place needs the phone's own permission for it, besides the consent. */
static void clause_S0_3_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "location-assist");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("location-assist", "location", PLACE), IN_USE);
    DENIED(r, PERMISSION, "S0-3.1");
    LEDGERED(w, r);
    TURN(w, p, "storage", 1); /* another permission is not this one */
    DENIED(ASK(w, COLLECT, OF(p), VALUE("location-assist", "location", PLACE), IN_USE), PERMISSION,
           "S0-3.1");
    TURN(w, p, "location", 1);
    r = ASK(w, COLLECT, OF(p), VALUE("location-assist", "location", PLACE), IN_USE);
    ALLOWED(r, "S0-3.1");
    LEDGERED(w, r);
    TURN(w, p, "location", 0);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("location-assist", "location", PLACE), IN_USE), PERMISSION,
           "S0-3.1");
}

/* The device's number recognises the device and nothing else: found by it, never read back. */
static void clause_S0_3_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "phone-state", 1);
    GRANT(w, p, EXPLICIT, .function = "device-recognition");
    ALLOWED(
        ASK(w, COLLECT, OF(p), VALUE("device-recognition", "imei", PHONE_NUMBER_OF_DEVICE), IN_USE),
        "S0-3.2");
    const struct kept_reply *r =
        ASK(w, SUBJECT_FIND, ITEM("imei", PHONE_NUMBER_OF_DEVICE), .role = "");
    CLAIM(r != NULL && r->decision == KEPT_ALLOW && memcmp(&r->subject, &p, sizeof p) == 0,
          "the device is not recognised by its number");
    r = ASK(w, USE, OF(p), WHAT("imei"), .purpose = "account-security");
    DENIED(r, NO_VALUE, "S0-3.2");
    CLAIM(r->field_count == 0 || r->fields[0].value.n == 0, "the hash itself came back");
    LEDGERED(w, r);
    ABSENT(w, PHONE_NUMBER_OF_DEVICE);
    aid_shut(w);
    ABSENT(w, PHONE_NUMBER_OF_DEVICE);
    aid_open(w);
}

/* Quick launch needs leave to see what is installed; other functions do not get the list by it. */
static void clause_S0_3_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "quick-launch");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("quick-launch", "app-list", "org.example.a"), IN_USE);
    DENIED(r, PERMISSION, "S0-3.4");
    LEDGERED(w, r);
    TURN(w, p, "query-packages", 1);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("widget-display", "app-list", "org.example.a"), IN_USE,
               .launch = 1),
           FUNCTION, "S0-1.5");
    r = ASK(w, COLLECT, OF(p), VALUE("quick-launch", "app-list", "org.example.a"), IN_USE);
    ALLOWED(r, "S0-3.4");
    LEDGERED(w, r);
}

/* For someone new every function behind a permission is off, even with all consents given. */
static void clause_S0_3_5(void **state)
{
    static const struct {
        const char *function, *item, *value, *clause;
    } rows[] = {
        {"wireless-display", "bluetooth-state", "on", "S0-2.5"},
        {"environment-safety", "app-list", "org.example.a", "S0-1.5"},
        {"location-assist", "location", PLACE, "S0-3.1"},
        {"device-recognition", "imei", PHONE_NUMBER_OF_DEVICE, "S0-3.2"},
        {"quick-launch", "app-list", "org.example.a", "S0-3.4"},
    };
    static const char *const all[] = {"wifi", "bluetooth", "query-packages", "location",
                                      "phone-state"};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    CLAIM(aid_shows(w, p, "\"permissions\":{}"), "a permission of someone new is on");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        GRANT(w, p, SEPARATE, .function = rows[i].function);
    for (int on = 0; on <= 1; on++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            const struct kept_field f = {
                .name = rows[i].item,
                .value = {(const uint8_t *)rows[i].value, strlen(rows[i].value)}};
            const struct kept_reply *r =
                ASK(w, COLLECT, OF(p), .function = rows[i].function, .fields = &f, .field_count = 1,
                    BY_THE_PERSON, .launch = 1);
            if (on)
                ALLOWED(r, rows[i].clause);
            else
                DENIED(r, PERMISSION, rows[i].clause);
        }
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            TURN(w, p, all[i], 1);
    }
}

/* A yes to one function is no yes to another, not even with the same permission and item. */
static void clause_S0_3_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "query-packages", 1);
    TURN(w, p, "phone-state", 1);
    GRANT(w, p, SEPARATE, .function = "quick-launch");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("quick-launch", "app-list", "org.example.a"), IN_USE),
            "S0-3.4");
    DENIED(ASK(w, COLLECT, OF(p), VALUE("environment-safety", "app-list", "org.example.a"), IN_USE),
           NEEDS_SEPARATE_CONSENT, "S0-1.5");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("device-recognition", "imei", PHONE_NUMBER_OF_DEVICE), IN_USE);
    DENIED(r, NEEDS_CONSENT, "S0-3.2");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .function = "device-recognition");
    ALLOWED(
        ASK(w, COLLECT, OF(p), VALUE("device-recognition", "imei", PHONE_NUMBER_OF_DEVICE), IN_USE),
        "S0-3.2");
}

/* Taking back takes fewer facts than giving, works at once, and ends use as well as collection. */
static void clause_S0_3_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "location", 1);
    DONE(w,
         ASK(w, CONSENT_GRANT, OF(p), .function = "location-assist", .consent = KEPT_C_SEPARATE));
    HOLD(w, p, VALUE("location-assist", "location", PLACE), IN_USE);
    ALLOWED(ASK(w, USE, OF(p), WHAT("location"), .purpose = "display"), "S0-3.1");
    const struct kept_reply *r = ASK(w, CONSENT_WITHDRAW, OF(p), .function = "location-assist");
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("location-assist", "location", PLACE), IN_USE), WITHDRAWN,
           "S0-3.1");
    r = ASK(w, USE, OF(p), WHAT("location"), .purpose = "display");
    DENIED(r, WITHDRAWN, "S0-3.1");
    LEDGERED(w, r);
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("preferences", "settings", "dark")), "S0-2.2");
    GRANT(w, p, SEPARATE, .function = "location-assist");
    ALLOWED(ASK(w, USE, OF(p), WHAT("location"), .purpose = "display"), "S0-3.1");
}

/* Allowed, and still silent while the function is not in use. */
static void clause_S0_3_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "query-packages", 1);
    GRANT(w, p, SEPARATE, .function = "quick-launch");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("quick-launch", "app-list", "org.example.a"));
    DENIED(r, NOT_IN_USE, "S0-3.4");
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("quick-launch", "app-list", "org.example.a"),
               BEHIND_THEIR_BACK),
           NOT_IN_USE, "S0-3.4");
    CLAIM(aid_shows(w, p, "\"records\":{}"),
          "something was stored while the function was not in use");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("quick-launch", "app-list", "org.example.a"), IN_USE),
            "S0-3.4");
}

/* The service ends: from that moment no function takes anything from anybody. */
static void clause_S0_6_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w), other = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("feedback", "message", "hello"), BY_THE_PERSON),
            "S0-12.2");
    DONE(w, ASK(w, SERVICE_CEASE, .role = ""));
    for (int again = 0; again <= 1; again++) {
        const struct kept_reply *r =
            ASK(w, COLLECT, OF(p), VALUE("feedback", "message", "more"), BY_THE_PERSON);
        DENIED(r, CEASED, "S0-6.2");
        LEDGERED(w, r);
        DENIED(ASK(w, COLLECT, OF(other), VALUE("device-adaptation", "os-version", "11")), CEASED,
               "S0-6.2");
        DENIED(ASK(w, COLLECT, OF(p), VALUE("access-records", "access-log", "10:00")), CEASED,
               "S0-6.2");
        DENIED(ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .purpose = "improvement",
                   .recipient = "data-service"),
               CEASED, "S0-6.2");
        aid_shut(w); /* and it stays so */
        aid_open(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S0(3_1), CLAUSE_S0(3_2), CLAUSE_S0(3_4), CLAUSE_S0(3_5),
        CLAUSE_S0(3_6), CLAUSE_S0(3_7), CLAUSE_S0(3_8), CLAUSE_S0(6_2),
    };
    return RUN(tests);
}
