/* test_s1_collect.c - S1, what is collected: core and extra functions, device, log, phone, camera */
#include "shown.h"
#include "policy/render.h"

#define NUMBER "13900000001"
#define PHONE_NUMBER_OF_DEVICE "490154203237518" /* an IMEI with a true check digit */

/* What is sensitive here asks apart, is sealed as such, and a policy that asks less is refused. */
static void clause_S1_D_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .language = "en");
    GRANT(w, p, EXPLICIT, .function = "communicate");
    const struct kept_reply *r = TAKE("communicate", "message", "hello", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S1-1.2");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .function = "communicate");
    ALLOWED(TAKE("communicate", "message", "hello", NOW), "S1-1.2");
    GRANT(w, p, EXPLICIT, .function = "disputes");
    DENIED(TAKE("disputes", "id-number", "11010519491231002X", .text = "case 1"),
           NEEDS_SEPARATE_CONSENT, "S1-2.5");
    CLAIM(shown_is("messenger", "items", "message", "retention_class", "sensitive") &&
              shown_is("messenger", "items", "id-number", "retention_class", "sensitive"),
          "a sensitive item is graded as any other");
    CLAIM(shown_refused(w, "    consent: separate\n    basis: contract\n",
                        "    consent: explicit\n    basis: contract\n"),
          "a policy that takes messages without separate consent was published");
}

/* For the purposes listed and no other, whatever else was agreed to. */
static void clause_S1_1_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("basic-operation", "language", "en"));
    GRANT(w, p, EXPLICIT, .purpose = "improvement");
    GRANT(w, p, EXPLICIT, .function = "improvement");
    const struct kept_reply *r = READ("language", "improvement", NOW);
    DENIED(r, PURPOSE, "S1-1.3");
    LEDGERED(w, r);
    DENIED(READ("language", "resale", NOW), PURPOSE, "S1-1.3");
    DENIED(READ("language", "", NOW), PURPOSE, "S1-1.3");
    DENIED(TAKE("basic-operation", "language", "fr", .purpose = "improvement"), PURPOSE, "S1-1.3");
    r = READ("language", "operation", NOW);
    ALLOWED(r, "S1-1.3");
    CLAIM(aid_value(r, "en"), "the value read is not the one collected");
    ALLOWED(READ("language", "account-safety", NOW), "S1-1.3");
}

/* Refusing the core function costs that function; what it costs is said of each, beforehand. */
static void clause_S1_1_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "communicate"));
    const struct kept_reply *r = TAKE("communicate", "message", "hello", NOW);
    DENIED(r, REFUSED, "S1-1.2");
    LEDGERED(w, r);
    ALLOWED(TAKE("basic-operation", "os-version", "11", NOW), "S1-1.3");
    ALLOWED(TAKE("service-log", "browser-type", "One", NOW), "S1-1.4");
    CLAIM(shown_everywhere("messenger", "functions", "refusing_costs"),
          "what refusing costs is not said of every function");
    CLAIM(shown_refused(w, "    refusing_costs: You cannot send messages; all else works.\n", ""),
          "a policy that does not say what refusing costs was published");
    GRANT(w, p, SEPARATE, .function = "communicate");
    ALLOWED(TAKE("communicate", "message", "hello", NOW), "S1-1.2");
}

/* Device and connection: four items and no fifth; the phone's own numbers ask first. */
static void clause_S1_1_3(void **state)
{
    static const struct kept_field device[] = {
        FIELD("hardware-model", "Model Three"), FIELD("os-version", "11"),
        FIELD("carrier", "Example Mobile"),     FIELD("language", "en"),
        FIELD("imei", PHONE_NUMBER_OF_DEVICE),  FIELD("sensor-list", "planted-sensors")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), .function = "basic-operation", SEVERAL(device));
    CLAIM(r != NULL && r->stripped == 1 && aid_taken(r) == 4,
          "not the four declared fields were taken, or the sixth was not dropped");
    CLAIM(aid_field_is(r, "imei", KEPT_DENY, KEPT_R_FUNCTION),
          "the number of the phone came in with the rest");
    ALLOWED(r, "S1-1.3");
    LEDGERED(w, r);
    ABSENT(w, "planted-sensors");
    ALLOWED(READ("carrier", "account-safety", NOW), "S1-1.3");
}

/* The log has five fields. */
static void clause_S1_1_4(void **state)
{
    static const struct kept_field log[] = {
        FIELD("browser-type", "One"),     FIELD("browser-language", "en"),
        FIELD("system-type", "phone"),    FIELD("access-time", "10:00"),
        FIELD("referrer", "example.org"), FIELD("nickname", "Lei"),
        FIELD("form-fields", "planted-form")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile"); /* where the nickname would be welcome */
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "service-log", SEVERAL(log));
    CLAIM(aid_field_is(r, "nickname", KEPT_DENY, KEPT_R_FUNCTION), "the log took in the nickname");
    CLAIM(r->stripped == 1 && aid_taken(r) == 5, "%zu fields of the log were taken, %u stripped",
          aid_taken(r), r->stripped);
    ALLOWED(r, "S1-1.4");
    LEDGERED(w, r);
    ABSENT(w, "planted-form");
    CLAIM(!aid_shows(w, p, "\"nickname\""), "the nickname is among the records");
    DENIED(READ("referrer", "improvement", NOW), PURPOSE, "S1-1.4");
}

/* The log lies sealed, while the store is open and when it is closed. */
static void clause_S1_1_6(void **state)
{
    static const struct kept_field log[] = {FIELD("browser-type", "planted-browser"),
                                            FIELD("access-time", "planted-time"),
                                            FIELD("referrer", "planted.example.org")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, .function = "service-log", SEVERAL(log));
    HOLD(w, p, VALUE("legal-records", "access-log", "planted-access"));
    for (int closed = 0; closed <= 1; closed++) {
        ABSENT(w, "planted-browser");
        ABSENT(w, "planted-time");
        ABSENT(w, "planted.example.org");
        ABSENT(w, "planted-access");
        aid_shut(w);
    }
    aid_open(w);
    DENIED(READ("referrer", "communication", NOW), PURPOSE, "S1-1.4");
    const struct kept_reply *r = READ("referrer", "security", NOW);
    ALLOWED(r, "S1-1.4");
    CLAIM(aid_value(r, "planted.example.org"), "what was sealed does not come back whole");
}

/* Somebody whose receipts are on: consent and permission. */
static struct kept_id buyer(struct world *w)
{
    struct kept_id p = aid_person(w);
    TURN(w, p, "storage", 1);
    GRANT(w, p, EXPLICIT, .function = "receipts");
    return p;
}

/* Receipts stay on the phone: kept takes none in, and none is there to give out. */
static void clause_S1_1_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = buyer(w);
    const struct kept_reply *r = TAKE("receipts", "receipt", "planted-receipt", BY_THE_PERSON);
    DENIED(r, ON_DEVICE, "S1-1.7");
    LEDGERED(w, r);
    DENIED(READ("receipt", "orders", NOW), ON_DEVICE, "S1-1.7");
    DENIED(GIVE("affiliate", "receipt", "orders", NOW), ON_DEVICE, "S1-1.7");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "a receipt is among the records");
    ABSENT(w, "planted-receipt");
    ALLOWED(TAKE("receipts", "receipt-shown", "R-7", BY_THE_PERSON), "S1-1.9");
}

/* Does the notice say this of that item, in the row that is made of its rule? */
static bool is_told(const char *app, const char *item, const char *how)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    struct kept_buf out;
    char *text = aid_policy(app);
    kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
    if (kept_policy_read((struct kept_span){(const uint8_t *)text, strlen(text)}, &policy, &findings, NULL) != 0 ||
        kept_policy_render(policy, KEPT_RENDER_NOTICE, NULL, NULL, &out, NULL) != 0)
        aid_setup_failed("the notice is not rendered", app);
    const char *row = strstr((const char *)out.p, item), *end = row != NULL ? strstr(row, "</tr>") : NULL, *said = row != NULL ? strstr(row, how) : NULL;
    const bool told = end != NULL && said != NULL && said < end;
    kept_buf_release(&out);
    kept_findings_release(&findings);
    kept_policy_free(policy);
    free(text);
    return told;
}

/* What lies on the phone is theirs to change and delete there: what is given to them lists it, the notice says how, and no
 * erasure here claims to have reached it. */
static void clause_S1_1_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = buyer(w);
    CLAIM(aid_shows(w, p, "\"on_device\":[\"receipt\"]"), "what lies on the device is not listed");
    DENIED(TAKE("receipts", "receipt", "planted-receipt", BY_THE_PERSON), ON_DEVICE, "S1-1.7");
    const struct kept_reply *r = aid_need(w, ASK(w, ERASE_SUBJECT, OF(p)));
    LEDGERED(w, r);
    CLAIM(strstr(r->json, "\"on_device\":[\"receipt\"]") != NULL, "the certificate does not say what it cannot reach");
    CLAIM(is_told(w->app, "\"items/receipt\"", "You change or delete it there, in the app"),
          "nobody is told how what lies on the device is changed and deleted");
    ABSENT(w, "planted-receipt");
}

/* What lies on the phone is read when the person does something, and never behind their back. */
static void clause_S1_1_9(void **state)
{
    struct world *w = *state;
    struct kept_id p = buyer(w);
    const struct kept_reply *r = TAKE("receipts", "receipt-shown", "R-7", IN_USE);
    DENIED(r, USER_ACTION, "S1-1.9");
    LEDGERED(w, r);
    DENIED(TAKE("receipts", "receipt-shown", "R-7", BEHIND_THEIR_BACK), USER_ACTION, "S1-1.9");
    DENIED(TAKE("receipts", "receipt-shown", "R-7",
                .facts = KEPT_F_USER_ACTION | KEPT_F_BACKGROUND),
           USER_ACTION, "S1-1.9");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "something was read without the person's action");
    ALLOWED(TAKE("receipts", "receipt-shown", "R-7", BY_THE_PERSON), "S1-1.9");
}

/* The clipboard fills in the feedback and is never stored; no other function may ask for it. */
static void clause_S1_1_10(void **state)
{
    static const struct kept_field pasted[] = {FIELD("feedback-text", "it does not ring"),
                                               FIELD("clipboard", "planted-clipboard")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), .function = "feedback", SEVERAL(pasted), BY_THE_PERSON);
    CLAIM(aid_field_is(r, "clipboard", KEPT_DENY, KEPT_R_TRANSIENT), "the clipboard was taken in");
    ALLOWED(r, "S1-1.10");
    LEDGERED(w, r);
    DENIED(TAKE("feedback", "clipboard", "planted-clipboard", BY_THE_PERSON), TRANSIENT, "S1-1.10");
    CLAIM(!aid_shows(w, p, "\"clipboard\""), "the clipboard is among the records");
    ABSENT(w, "planted-clipboard");
    CLAIM(aid_value(READ("feedback-text", "support", NOW), "it does not ring"),
          "the feedback itself was lost");
}

/* The phone's numbers are hashes that find it and nobody reads; what is sensitive is sealed. */
static void clause_S1_1_11(void **state)
{
    static const struct kept_field account[] = {FIELD("account-name", "lilei"),
                                                FIELD("phone", NUMBER)};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "phone-state", 1);
    DENIED(TAKE("device-recognition", "imei", PHONE_NUMBER_OF_DEVICE, NOW), NEEDS_CONSENT,
           "S1-1.11");
    GRANT(w, p, EXPLICIT, .function = "device-recognition");
    ALLOWED(TAKE("device-recognition", "imei", PHONE_NUMBER_OF_DEVICE, NOW), "S1-1.11");
    ALLOWED(TAKE("device-recognition", "mac-address", "02:00:00:00:00:07", NOW), "S1-1.11");
    HOLD(w, p, .function = "register", SEVERAL(account));
    const struct kept_reply *r = READ("imei", "account-safety", NOW);
    DENIED(r, NO_VALUE, "S1-1.11");
    LEDGERED(w, r);
    DENIED(READ("mac-address", "account-safety", NOW), NO_VALUE, "S1-1.11");
    r = ASK(w, SUBJECT_FIND, ITEM("imei", PHONE_NUMBER_OF_DEVICE));
    CLAIM(r != NULL && memcmp(&r->subject, &p, sizeof p) == 0, "the device is not known again");
    for (int closed = 0; closed <= 1; closed++) {
        ABSENT(w, PHONE_NUMBER_OF_DEVICE);
        ABSENT(w, "02:00:00:00:00:07");
        ABSENT(w, NUMBER);
        aid_shut(w);
    }
    aid_open(w);
}

static const struct extra {
    const char *function, *item, *value, *clause;
} extras[] = {{"camera", "scanned-code", "a code", "S1-1.15"},
              {"avatar", "avatar", "a picture", "S1-1.16"},
              {"profile", "nickname", "Lei", "S1-1.14"},
              {"improvement", "survey-answer", "good", "S1-1.17"},
              {"device-link", "linked-device", "TABLET-0001", "S1-1.18"},
              {"feedback", "feedback-text", "hello", "S1-1.10"}};
#define EXTRAS (sizeof extras / sizeof extras[0])

static const struct kept_reply *use_extra(struct world *w, struct kept_id p, const struct extra *e)
{
    const struct kept_field f = {
        .name = e->item, .value = {(const uint8_t *)e->value, strlen(e->value)}};
    return ASK(w, COLLECT, OF(p), .function = e->function, .fields = &f, .field_count = 1,
               BY_THE_PERSON);
}

/* Of six services each asks for itself: refusing one closes that one, and five go on. */
static void clause_S1_1_12(void **state)
{
    struct world *w = *state;
    for (size_t refused = 0; refused < EXTRAS; refused++) {
        struct kept_id p = aid_person(w);
        TURN(w, p, "camera", 1);
        TURN(w, p, "gallery", 1);
        for (size_t i = 0; i < EXTRAS; i++)
            if (i != refused)
                GRANT(w, p, SEPARATE, .function = extras[i].function);
        (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = extras[refused].function));
        for (size_t i = 0; i < EXTRAS; i++) {
            const struct kept_reply *r = use_extra(w, p, &extras[i]);
            if (i != refused)
                ALLOWED(r, extras[i].clause);
            else
                DENIED(r, REFUSED, extras[i].clause);
        }
    }
}

/* An account needs a name and a number because a law says so; without one of them there is none. */
static void clause_S1_1_13(void **state)
{
    static const struct kept_field both[] = {FIELD("account-name", "lilei"),
                                             FIELD("phone", "+86 139 0000 0001")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = TAKE("register", "account-name", "lilei", NOW);
    DENIED(r, MANDATORY_MISSING, "S1-1.13");
    LEDGERED(w, r);
    DENIED(TAKE("register", "phone", NUMBER, NOW), MANDATORY_MISSING, "S1-1.13");
    DENIED(TAKE("register", "phone", "12900000001", NOW), INVALID, "S1-1.13");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "half an account was stored");
    r = ASK(w, COLLECT, OF(p), .function = "register", SEVERAL(both));
    ALLOWED(r, "S1-1.13");
    CLAIM(aid_taken(r) == 2, "a whole account was not taken whole");
    CLAIM(aid_value(READ("phone", "compliance", NOW), NUMBER), "the number is not in normal form");
}

/* Every extra declined: what the app is for goes on. */
static void clause_S1_1_14(void **state)
{
    static const struct kept_field account[] = {FIELD("account-name", "lilei"),
                                                FIELD("phone", NUMBER)};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "camera", 1);
    TURN(w, p, "gallery", 1);
    for (size_t i = 0; i < EXTRAS; i++)
        (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = extras[i].function));
    for (size_t i = 0; i < EXTRAS; i++)
        DENIED(use_extra(w, p, &extras[i]), REFUSED, extras[i].clause);
    GRANT(w, p, SEPARATE, .function = "communicate");
    ALLOWED(TAKE("communicate", "message", "hello", NOW), "S1-1.2");
    ALLOWED(TAKE("basic-operation", "os-version", "11", NOW), "S1-1.3");
    ALLOWED(ASK(w, COLLECT, OF(p), .function = "register", SEVERAL(account)), "S1-1.13");
}

/* The camera takes pictures and scans, with its permission, while it is in use. */
static void clause_S1_1_15(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "camera");
    GRANT(w, p, EXPLICIT, .function = "avatar");
    TURN(w, p, "gallery", 1);
    const struct kept_reply *r = TAKE("camera", "photo", "a picture", IN_USE);
    DENIED(r, PERMISSION, "S1-1.15");
    LEDGERED(w, r);
    TURN(w, p, "camera", 1);
    DENIED(TAKE("camera", "photo", "a picture", BEHIND_THEIR_BACK), NOT_IN_USE, "S1-1.15");
    DENIED(TAKE("avatar", "photo", "a picture", IN_USE), FUNCTION, "S1-1.15");
    ALLOWED(TAKE("camera", "photo", "a picture", IN_USE), "S1-1.15");
    ALLOWED(TAKE("camera", "scanned-code", "a code", IN_USE), "S1-1.15");
}

/* A picture of oneself comes from the gallery, by its permission and for that function. */
static void clause_S1_1_16(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "avatar");
    TURN(w, p, "camera", 1);
    const struct kept_reply *r = TAKE("avatar", "avatar", "a picture", IN_USE);
    DENIED(r, PERMISSION, "S1-1.16");
    LEDGERED(w, r);
    TURN(w, p, "gallery", 1);
    DENIED(TAKE("profile", "avatar", "a picture", IN_USE), FUNCTION, "S1-1.16");
    ALLOWED(TAKE("avatar", "avatar", "a picture", IN_USE), "S1-1.16");
    DENIED(READ("avatar", "improvement", NOW), PURPOSE, "S1-1.16");
}

/* Answers improve the service and do nothing else; what a supplier says comes from that supplier,
 * with the person's leave, or not at all. */
static void clause_S1_1_17(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "improvement");
    ALLOWED(TAKE("improvement", "survey-answer", "good", NOW), "S1-1.17");
    const struct kept_reply *r = READ("survey-answer", "experience", NOW);
    DENIED(r, PURPOSE, "S1-1.17");
    LEDGERED(w, r);
    ALLOWED(READ("survey-answer", "improvement", NOW), "S1-1.17");
#define NOTE(...) TAKE("improvement", "supplier-note", "sent twice", __VA_ARGS__)
    r = NOTE(NOW);
    DENIED(r, RECIPIENT, "S1-1.17");
    LEDGERED(w, r);
    DENIED(NOTE(.recipient = "supplier"), NEEDS_SEPARATE_CONSENT, "S1-1.17");
    GRANT(w, p, SEPARATE, .recipient = "supplier");
    DENIED(NOTE(.recipient = "affiliate"), ITEM_NOT_IN_AGREEMENT, "S1-2.3");
    ALLOWED(NOTE(.recipient = "supplier"), "S1-1.17");
    DENIED(READ("supplier-note", "experience", NOW), PURPOSE, "S1-1.17");
#undef NOTE
}

/* A second device is linked with separate consent, found by its number, and unlinked for good. */
static void clause_S1_1_18(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "device-link");
    const struct kept_reply *r = TAKE("device-link", "linked-device", "TABLET-0001", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S1-1.18");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .function = "device-link");
    ALLOWED(TAKE("device-link", "linked-device", "TABLET-0001", NOW), "S1-1.18");
    DENIED(READ("linked-device", "account-safety", NOW), PURPOSE, "S1-1.18");
    r = ASK(w, SUBJECT_FIND, ITEM("linked-device", "TABLET-0001"));
    CLAIM(r != NULL && memcmp(&r->subject, &p, sizeof p) == 0, "a linked device is not known");
    DONE(w, ASK(w, ERASE_RECORD, OF(p), .item = "linked-device"));
    DENIED(ASK(w, SUBJECT_FIND, ITEM("linked-device", "TABLET-0001")), NO_VALUE, "S1-1.18");
    DENIED(READ("linked-device", "continuity", NOW), NO_VALUE, "S1-1.18");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S1(D_2),  CLAUSE_S1(1_1),  CLAUSE_S1(1_2),  CLAUSE_S1(1_3),  CLAUSE_S1(1_4),
        CLAUSE_S1(1_6),  CLAUSE_S1(1_7),  CLAUSE_S1(1_8),  CLAUSE_S1(1_9),  CLAUSE_S1(1_10), CLAUSE_S1(1_11),
        CLAUSE_S1(1_12), CLAUSE_S1(1_13), CLAUSE_S1(1_14), CLAUSE_S1(1_15), CLAUSE_S1(1_16),
        CLAUSE_S1(1_17), CLAUSE_S1(1_18),
    };
    return RUN(tests);
}
