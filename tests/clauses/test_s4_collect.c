/* test_s4_collect.c - S4, visitors, items, functions, devices, cookies: what is collected, for what. */
#include "shown.h"

#define NUMBER "13900000004"
#define CARD "11010519491231002X"          /* an identity number with a true check digit */
#define BANK_CARD "4242424242424242"       /* a card number with a true check digit */
#define PLACE "39.9042,116.4074"

/* A visitor, without account or day of birth, has a place, a state and the same protection. */
static void clause_S4_0_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_born(w, "");
    const struct kept_reply *r = TAKE("playing", "ip-address", "192.0.2.4", NOW);
    DENIED(r, NO_NOTICE, "S4-0.1");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"state\":\"live\"") && aid_shows(w, p, "\"consents\":[]"),
          "a visitor has no state of their own");
    aid_seen(w, p);
    ALLOWED(TAKE("playing", "ip-address", "192.0.2.4", NOW), "S4-2.1");
    ALLOWED(TAKE("history", "search-terms", "opera", NOW), "S4-2.2");
    DENIED(TAKE("profile", "nickname", "Lei", NOW), NEEDS_CONSENT, "S4-1.4");
    CLAIM(aid_shows(w, p, "\"acknowledgement\""), "what a visitor has seen is not on record");
}

/* Who does not agree stops here, and nothing is collected. */
static void clause_S4_0_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .language = "en"));
    const struct kept_reply *r = TAKE("playing", "os-version", "11", NOW);
    DENIED(r, REFUSED, "S4-0.2");
    LEDGERED(w, r);
    DENIED(TAKE("register", "phone", NUMBER, NOW), REFUSED, "S4-0.2");
    CLAIM(aid_shows(w, p, "\"state\":\"refused\"") && aid_shows(w, p, "\"records\":{}"),
          "the refusal is not on record, or something personal is");
    aid_seen(w, p);
    ALLOWED(TAKE("playing", "os-version", "11", NOW), "S4-2.1");
}

/* Using agrees to what needs the notice only: to nothing that asks, and to no sharing. */
static void clause_S4_0_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    ALLOWED(TAKE("history", "play-history", "a film", NOW), "S4-2.2");
    const struct kept_reply *r = TAKE("uploading", "post", "hello", BY_THE_PERSON);
    DENIED(r, NEEDS_CONSENT, "S4-1.4");
    LEDGERED(w, r);
    DENIED(TAKE("calls", "call-record", "10:00, 3 min", NOW), NEEDS_SEPARATE_CONSENT, "S4-2.4");
    DENIED(GIVE("affiliate", "play-history", "service", NOW), NEEDS_SEPARATE_CONSENT, "S4-6.1");
    CLAIM(ASK(w, CONSENT_GRANT, OF(p), .consent = KEPT_C_IMPLIED, .function = "calls") == NULL,
          "implied consent was recorded as if the person had acted");
    GRANT(w, p, EXPLICIT, .function = "uploading");
    ALLOWED(TAKE("uploading", "post", "hello", BY_THE_PERSON), "S4-1.4");
}

/* The catalogue: what counts as personal here is declared, with its class, and goes to its function;
 * of a password there is a verifier only. */
static void clause_S4_D_2(void **state)
{
    static const char *const items[][2] = {
        {"account-name", "basic"},        {"nickname", "basic"},
        {"mail", "basic"},                {"password-verifier", "identity"},
        {"answer-verifier", "identity"},  {"phone", "basic"},
        {"bill", "property"},             {"pages-seen", "preference"},
        {"play-history", "preference"}};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        CLAIM(shown_is("media", "items", items[i][0], "information", items[i][1]),
              "%s is not declared, or not as %s", items[i][0], items[i][1]);
    GRANT(w, p, SEPARATE, .function = "password");
    const struct kept_reply *r = TAKE("password", "password", "planted-password", NOW);
    DENIED(r, UNDECLARED, "S4-2.15");
    LEDGERED(w, r);
    ABSENT(w, "planted-password");
    ALLOWED(TAKE("password", "password-verifier", "planted-verifier", NOW), "S4-D.2");
    r = READ("password-verifier", "authentication", AS("officer"));
    MASKED(r, "S4-7.8");
    CLAIM(aid_value(r, "****"), "somebody was shown a verifier");
}

/* Identity, bank card, calls and bills are sensitive: apart, sealed as such; under 14 not at all. */
static void clause_S4_D_3(void **state)
{
    static const char *const items[] = {"id-number", "bank-card", "call-record", "bill"};
    struct world *w = *state;
    struct kept_id p = aid_person(w), child = aid_born(w, "2014-01-01");
    for (size_t i = 0; i < 4; i++)
        CLAIM(shown_is("media", "items", items[i], "retention_class", "sensitive"),
              "%s is not sealed as sensitive", items[i]);
    GRANT(w, p, EXPLICIT, .function = "payment");
    const struct kept_reply *r = TAKE("payment", "bank-card", BANK_CARD, BY_THE_PERSON);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-1.2");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .function = "payment");
    ALLOWED(TAKE("payment", "bank-card", BANK_CARD, BY_THE_PERSON), "S4-1.2");
    ABSENT(w, BANK_CARD);
    aid_seen(w, child);
    GRANT(w, child, SEPARATE, .function = "payment");
    DENIED(ASK(w, COLLECT, OF(child), VALUE("payment", "bank-card", BANK_CARD), BY_THE_PERSON), NEEDS_GUARDIAN,
           "S4-14.1");
}

/* Agreeing to the policy is no consent to what is sensitive, and a policy that says so is refused. */
static void clause_S4_D_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .language = "en"); /* to the whole policy */
    const struct kept_reply *r = TAKE("calls", "call-record", "10:00, 3 min", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-2.4");
    LEDGERED(w, r);
    CLAIM(ASK(w, CONSENT_GRANT, OF(p), .consent = KEPT_C_SEPARATE) == NULL,
          "a separate consent to everything at once was taken");
    CLAIM(shown_refused(w, "    text: lets you call each other\n    kind: extended\n    consent: separate\n",
                        "    text: lets you call each other\n    kind: extended\n    consent: implied\n"),
          "a policy that takes calls as agreed to by use was published");
    GRANT(w, p, SEPARATE, .function = "calls");
    ALLOWED(TAKE("calls", "call-record", "10:00, 3 min", NOW), "S4-2.4");
}

/* What not giving costs is said of each function, and it is that function. */
static void clause_S4_1_0(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    CLAIM(shown_everywhere("media", "functions", "refusing_costs"),
          "what refusing costs is not said of every function");
    CLAIM(shown_refused(w, "    refusing_costs: You watch without an account.\n", ""),
          "a policy that does not say what refusing costs was published");
    const struct kept_reply *r = TAKE("register", "account-name", "lilei", NOW);
    DENIED(r, MANDATORY_MISSING, "S4-1.1");
    LEDGERED(w, r);
    ALLOWED(TAKE("playing", "os-version", "11", NOW), "S4-2.1");
}

/* Signing up takes a number, because a law says so, and a name if one likes; all else is for later. */
static void clause_S4_1_1(void **state)
{
    static const struct kept_field form[] = {
        FIELD("phone", NUMBER),   FIELD("account-name", "lilei"), FIELD("real-name", "Li Lei"),
        FIELD("nickname", "Lei"), FIELD("sex", "m"),              FIELD("mail", "li.lei@example.org")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = TAKE("register", "account-name", "lilei", NOW);
    DENIED(r, MANDATORY_MISSING, "S4-1.1");
    LEDGERED(w, r);
    r = ASK(w, COLLECT, OF(p), .function = "register", SEVERAL(form));
    CLAIM(aid_taken(r) == 2 && aid_field_is(r, "real-name", KEPT_DENY, KEPT_R_FUNCTION) &&
              aid_field_is(r, "mail", KEPT_DENY, KEPT_R_FUNCTION),
          "signing up took more than it needs");
    ALLOWED(r, "S4-1.1");
    DENIED(TAKE("profile", "nickname", "Lei", NOW), NEEDS_CONSENT, "S4-1.4");
    GRANT(w, p, EXPLICIT, .function = "profile");
    ALLOWED(TAKE("profile", "nickname", "Lei", NOW), "S4-1.4");
}

/* Paying needs a card; card and identity ask apart, by the person's action, for paying only. */
static void clause_S4_1_2(void **state)
{
    static const struct kept_field both[] = {FIELD("bank-card", BANK_CARD),
                                             FIELD("id-number", CARD)};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "payment");
    DENIED(ASK(w, COLLECT, OF(p), .function = "payment", SEVERAL(both), IN_USE), USER_ACTION,
           "S4-1.2");
    DENIED(TAKE("payment", "id-number", CARD, BY_THE_PERSON), MANDATORY_MISSING, "S4-1.2");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), .function = "payment", SEVERAL(both), BY_THE_PERSON);
    ALLOWED(r, "S4-1.2");
    CLAIM(aid_taken(r) == 2, "card and identity were not taken");
    r = READ("bank-card", "advertising", NOW);
    DENIED(r, PURPOSE, "S4-1.2");
    LEDGERED(w, r);
    WITHDRAW(w, p, .function = "payment");
    DENIED(TAKE("payment", "bank-card", BANK_CARD, BY_THE_PERSON), WITHDRAWN, "S4-1.2");
}

/* After-sales sees account and bills for a case that is named. */
static void clause_S4_1_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("register", "phone", NUMBER));
    GRANT(w, p, SEPARATE, .function = "after-sales");
    const struct kept_reply *r = READ("phone", "support", AS("support"));
    DENIED(r, JUSTIFICATION, "S4-1.3");
    LEDGERED(w, r);
    DENIED(TAKE("after-sales", "message", "the film stopped", NOW), JUSTIFICATION, "S4-1.3");
    MASKED(READ("phone", "support", AS("support"), .text = "case 12"), "S4-7.8");
    ALLOWED(TAKE("after-sales", "message", "the film stopped", .text = "case 12"), "S4-1.3");
    DENIED(READ("phone", "advertising", AS("support"), .text = "case 12"), ROLE, "S4-7.8");
}

/* Nobody owes an upload: refusing it costs uploading. */
static void clause_S4_1_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "uploading"));
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "profile"));
    const struct kept_reply *r = TAKE("uploading", "picture", "a picture", BY_THE_PERSON);
    DENIED(r, REFUSED, "S4-1.4");
    LEDGERED(w, r);
    DENIED(TAKE("profile", "avatar", "a picture", NOW), REFUSED, "S4-1.4");
    ALLOWED(TAKE("playing", "os-version", "11", NOW), "S4-2.1");
    ALLOWED(TAKE("register", "phone", NUMBER, NOW), "S4-1.1");
    ALLOWED(TAKE("history", "play-history", "a film", NOW), "S4-2.2");
    CLAIM(shown_refused(w, "    purposes: [service, security, software]\n    optional: [device-settings,",
                        "    purposes: [service, security, software]\n    mandatory: [post]\n"
                        "    optional: [device-settings,"),
          "a policy that demands an upload for playing was published");
}

/* ---- what a device tells --------------------------------------------------------------------- */

/* The log has three items, and the number of the device is not one of them. */
static void clause_S4_2_1(void **state)
{
    static const struct kept_field log[] = {
        FIELD("device-settings", "24h"), FIELD("ip-address", "192.0.2.5"),
        FIELD("os-version", "11"),       FIELD("device-id", "ABCDEF0123456789"),
        FIELD("clipboard", "planted-clipboard")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "playing", SEVERAL(log));
    CLAIM(r->stripped == 1 && aid_taken(r) == 3 &&
              aid_field_is(r, "device-id", KEPT_DENY, KEPT_R_FUNCTION),
          "the log took more or less than its three items");
    ALLOWED(r, "S4-2.1");
    LEDGERED(w, r);
    ABSENT(w, "planted-clipboard");
    DENIED(READ("ip-address", "advertising", NOW), PURPOSE, "S4-2.1");
}

/* What one searched for and looked at is seen and cleared by oneself, piece by piece or whole. */
static void clause_S4_2_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("history", "search-terms", "opera"));
    HOLD(w, p, VALUE("history", "search-terms", "circus"));
    HOLD(w, p, VALUE("history", "pages-seen", "example.org/opera"));
    const struct kept_reply *r = READ("search-terms", "service", NOW);
    CLAIM(r != NULL && r->field_count == 2, "what was searched for is not shown whole");
    uint32_t first = r->fields[0].record;
    DONE(w, ASK(w, ERASE_RECORD, OF(p), .item = "search-terms", .record = first));
    r = READ("search-terms", "service", NOW);
    CLAIM(r != NULL && r->field_count == 1 && r->fields[0].record != first,
          "one search could not be cleared alone");
    r = ASK(w, ERASE_RECORD, OF(p), .item = "search-terms");
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(READ("search-terms", "service", NOW), NO_VALUE, "S4-2.2");
    ALLOWED(READ("pages-seen", "service", NOW), "S4-2.2");
    DENIED(READ("pages-seen", "mailings", NOW), PURPOSE, "S4-2.2");
}

/* Which apps one uses goes to the function that advises on them, and to no other. */
static void clause_S4_2_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "improving");
    const struct kept_reply *r = TAKE("app-advice", "apps-used", "org.example.player", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-2.3");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .function = "app-advice");
    DENIED(TAKE("improving", "apps-used", "org.example.player", NOW), FUNCTION, "S4-2.3");
    ALLOWED(TAKE("app-advice", "apps-used", "org.example.player", NOW), "S4-2.3");
    DENIED(READ("apps-used", "analysis", NOW), PURPOSE, "S4-2.3");
}

/* Who called whom is sensitive, and ends after thirty days. */
static void clause_S4_2_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "calls");
    const struct kept_reply *r = TAKE("calls", "call-record", "planted-call", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-2.4");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .function = "calls");
    HOLD(w, p, VALUE("calls", "call-record", "planted-call"));
    ABSENT(w, "planted-call");
    w->now += 29 * DAY;
    ALLOWED(READ("call-record", "security", NOW), "S4-2.4");
    w->now += 2 * DAY;
    DENIED(READ("call-record", "security", NOW), NO_VALUE, "S4-2.4");
}

/* Three items about the line, for the service. */
static void clause_S4_2_6(void **state)
{
    static const struct kept_field line[] = {FIELD("carrier", "Example Mobile"),
                                             FIELD("wifi-signal", "-60"),
                                             FIELD("broadband", "fibre"),
                                             FIELD("neighbours", "planted-neighbour")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "network", SEVERAL(line));
    CLAIM(r->stripped == 1 && aid_taken(r) == 3, "not the three items of the line were taken");
    ALLOWED(r, "S4-2.6");
    LEDGERED(w, r);
    ABSENT(w, "planted-neighbour");
    DENIED(READ("carrier", "analysis", NOW), PURPOSE, "S4-2.6");
    ALLOWED(READ("carrier", "service", NOW), "S4-2.6");
}

static struct kept_id traveller(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "location-service");
    return p;
}

/* The place needs both: switched on, and a service in use that needs it. */
static void clause_S4_2_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = traveller(w);
    const struct kept_reply *r = TAKE("location-service", "location", PLACE, IN_USE);
    DENIED(r, PERMISSION, "S4-2.7");
    LEDGERED(w, r);
    TURN(w, p, "location", 1);
    DENIED(TAKE("location-service", "location", PLACE, NOW), NOT_IN_USE, "S4-2.7");
    DENIED(TAKE("location-service", "location", PLACE, BEHIND_THEIR_BACK), NOT_IN_USE, "S4-2.7");
    DENIED(TAKE("network", "location", PLACE, IN_USE), FUNCTION, "S4-2.7");
    ALLOWED(TAKE("location-service", "location", PLACE, IN_USE), "S4-2.7");
}

/* A place told by a profile or a tag passes the same gate. */
static void clause_S4_2_8(void **state)
{
    static const struct kept_field derived[] = {FIELD("profile-region", "Hangzhou"),
                                                FIELD("place-tag", PLACE)};
    struct world *w = *state;
    struct kept_id p = traveller(w);
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), .function = "location-service", SEVERAL(derived), IN_USE);
    DENIED(r, PERMISSION, "S4-2.7");
    LEDGERED(w, r);
    CLAIM(aid_taken(r) == 0, "a derived place came in with the place switched off");
    DENIED(TAKE("uploading", "place-tag", PLACE, BY_THE_PERSON), FUNCTION, "S4-2.8");
    DENIED(TAKE("profile", "profile-region", "Hangzhou", NOW), FUNCTION, "S4-2.8");
    TURN(w, p, "location", 1);
    r = ASK(w, COLLECT, OF(p), .function = "location-service", SEVERAL(derived), IN_USE);
    ALLOWED(r, "S4-2.7");
    CLAIM(aid_taken(r) == 2, "a derived place was not taken where the place may be");
}

/* Off stops it at once, however often. */
static void clause_S4_2_9(void **state)
{
    struct world *w = *state;
    struct kept_id p = traveller(w);
    for (int round = 0; round < 2; round++) {
        TURN(w, p, "location", 1);
        ALLOWED(TAKE("location-service", "location", PLACE, IN_USE), "S4-2.7");
        TURN(w, p, "location", 0);
        const struct kept_reply *r = TAKE("location-service", "location", PLACE, IN_USE);
        DENIED(r, PERMISSION, "S4-2.7");
        LEDGERED(w, r);
        DENIED(TAKE("location-service", "place-tag", PLACE, IN_USE), PERMISSION, "S4-2.7");
    }
    ALLOWED(TAKE("playing", "os-version", "11", NOW), "S4-2.1");
}

/* The address book: refusing costs finding friends only, and it can be taken back at any time. */
static void clause_S4_2_11(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "find-friends"));
    TURN(w, p, "contacts", 1);
    const struct kept_reply *r = TAKE("find-friends", "address-book", "13900000009", NOW);
    DENIED(r, REFUSED, "S4-2.11");
    LEDGERED(w, r);
    ALLOWED(TAKE("playing", "os-version", "11", NOW), "S4-2.1");
    GRANT(w, p, EXPLICIT, .function = "find-friends");
    DENIED(TAKE("find-friends", "address-book", "13900000009", NOW), NEEDS_SEPARATE_CONSENT,
           "S4-2.11");
    GRANT(w, p, SEPARATE, .function = "find-friends");
    ALLOWED(TAKE("find-friends", "address-book", "13900000009", NOW), "S4-2.11");
    ABSENT(w, "13900000009");
    WITHDRAW(w, p, .function = "find-friends");
    DENIED(TAKE("find-friends", "address-book", "13900000008", NOW), WITHDRAWN, "S4-2.11");
}

/* Microphone and camera: for their function, with their permission, while it is in use. */
static void clause_S4_2_12(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "voice-search");
    GRANT(w, p, EXPLICIT, .function = "scan");
    const struct kept_reply *r = TAKE("voice-search", "voice-query", "a sound", IN_USE);
    DENIED(r, PERMISSION, "S4-2.12");
    LEDGERED(w, r);
    TURN(w, p, "microphone", 1);
    DENIED(TAKE("scan", "scanned-code", "a code", IN_USE), PERMISSION, "S4-2.12");
    DENIED(TAKE("voice-search", "voice-query", "a sound", BEHIND_THEIR_BACK), NOT_IN_USE,
           "S4-2.12");
    ALLOWED(TAKE("voice-search", "voice-query", "a sound", IN_USE), "S4-2.12");
    DENIED(TAKE("scan", "voice-query", "a sound", IN_USE), FUNCTION, "S4-2.12");
    TURN(w, p, "camera", 1);
    ALLOWED(TAKE("scan", "scanned-code", "a code", IN_USE), "S4-2.12");
    WITHDRAW(w, p, .function = "voice-search");
    DENIED(TAKE("voice-search", "voice-query", "a sound", IN_USE), WITHDRAWN, "S4-2.12");
    ALLOWED(TAKE("scan", "scanned-code", "a code", IN_USE), "S4-2.12");
}

/* What is not in the policy waits for a version that names it, and for its being seen. */
static void clause_S4_2_15(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = TAKE("network", "screen-size", "1080x2400", NOW);
    DENIED(r, UNDECLARED, "S4-2.15");
    LEDGERED(w, r);
    char *text = aid_edit(aid_policy("media"), "\nversion: 1\n", "\nversion: 2\n");
    text = aid_edit(text, "\nitems:\n",
                    "\nitems:\n  screen-size: {text: size of the screen, kind: text, information: "
                    "device, source: generated, retain: 90 days, clause: S4-2.6}\n");
    text = aid_edit(text, "optional: [carrier,", "optional: [screen-size, carrier,");
    DONE(w, aid_publish_text(w, text));
    free(text);
    DENIED(TAKE("network", "screen-size", "1080x2400", NOW), UNDECLARED, "S4-2.15"); /* not seen */
    aid_seen(w, p);
    ALLOWED(TAKE("network", "screen-size", "1080x2400", NOW), "S4-2.6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S4(0_1),  CLAUSE_S4(0_2),  CLAUSE_S4(0_3),  CLAUSE_S4(D_2),  CLAUSE_S4(D_3),
        CLAUSE_S4(D_4),  CLAUSE_S4(1_0),  CLAUSE_S4(1_1),  CLAUSE_S4(1_2),  CLAUSE_S4(1_3),
        CLAUSE_S4(1_4),  CLAUSE_S4(2_1),  CLAUSE_S4(2_2),  CLAUSE_S4(2_3),  CLAUSE_S4(2_4),
        CLAUSE_S4(2_6),  CLAUSE_S4(2_7),  CLAUSE_S4(2_8),  CLAUSE_S4(2_9),  CLAUSE_S4(2_11),
        CLAUSE_S4(2_12), CLAUSE_S4(2_15),
    };
    return RUN(tests);
}
