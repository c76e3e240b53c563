/* test_s2_protect.c - S2, sealing, roles, correction, backups, withdrawal, age, places. */
#include "aid.h"

/* ---- at rest, and who may -------------------------------------------------------------------- */

/* Nothing that was collected can be read in any file, open or closed; through kept it can. */
static void clause_S2_4_1_2(void **state)
{
    static const struct kept_field planted[] = {
        FIELD("nickname", "planted-nickname"), FIELD("city", "种下的城市名"),
        FIELD("avatar", "planted-avatar-bytes\x01\x02\x03"), FIELD("signature", "planted-motto")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    HOLD(w, p, .function = "profile", SEVERAL(planted));
    HOLD(w, p, VALUE("register", "phone", "13900000006"));
    (void)ASK(w, USE, OF(p), WHAT("nickname"), .purpose = "operation");
    for (int closed = 0; closed <= 1; closed++) {
        ABSENT(w, "planted-nickname");
        ABSENT(w, "种下的城市名");
        ABSENT(w, "planted-avatar-bytes");
        ABSENT(w, "planted-motto");
        ABSENT(w, "13900000006");
        aid_shut(w);
    }
    aid_open(w);
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("city"), .purpose = "operation");
    ALLOWED(r, "S2-1.4.2.2");
    CLAIM(aid_value(r, "种下的城市名"), "what was sealed does not come back whole");
    LEDGERED(w, r);
}

#define READ(role_, item, purpose_)                                                                \
    ASK(w, USE, OF(p), WHAT(item), .purpose = (purpose_), .role = (role_), .actor = "clerk-7")

/* A role does what it was given, for the purposes it was given, with the items it was given. */
static void clause_S2_4_1_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("register", "phone", "13900000006"));
    GRANT(w, p, SEPARATE, .function = "support");
    const struct kept_reply *r = READ("support", "phone", "compliance");
    DENIED(r, ROLE, "S2-4.1.6");
    LEDGERED(w, r);
    DENIED(READ("support", "bank-account", "support"), ROLE, "S2-4.1.6");
    DENIED(READ("auditor", "phone", "support"), OPERATION, "S2-4.1.6");
    DENIED(READ("intruder", "phone", "support"), OPERATION, "S2-4.3a");
    r = ASK(w, ERASE_SUBJECT, OF(p), .role = "support");
    DENIED(r, OPERATION, "S2-4.1.6");
    LEDGERED(w, r);
    MASKED(READ("support", "phone", "support"), "S2-4.1.6");
    r = READ("officer", "phone", "compliance");
    ALLOWED(r, "S2-1.3a");
    CLAIM(aid_value(r, "13900000006"), "the officer does not see the number");
    r = ASK(w, AUDIT, .role = "auditor", .actor = "auditor-1", .text = "clerk-7");
    CLAIM(r != NULL && r->json != NULL && strstr(r->json, "\"reason\":\"ROLE\"") != NULL &&
              strstr(r->json, "\"reason\":\"OPERATION\"") != NULL,
          "the auditor does not see what the clerk tried");
}

/* Everyone who can see clear values stands on one page; who left is not on it; who manages access has none. */
static void clause_S2_4_1_6(void **state)
{
    const struct kept_caller desk = {.name = "desk", .roles = "officer"}, both = {.name = "both", .operations = "caller.revoke,use"};
    struct world *w = *state;
    aid_need(w, ASK(w, CALLER_ADD, .caller = &desk, .actor = "owner"));
    const struct kept_reply *r = ASK(w, CALLER_REVIEW, .actor = "owner");
    DONE(w, r);
    const char *officer = r->json != NULL ? strstr(r->json, "\"role\":\"officer\",\"callers\":[\"desk\"]") : NULL;
    CLAIM(officer != NULL && strstr(officer, "\"phone\"") != NULL, "the review does not say that the desk sees phone numbers");
    CLAIM(strstr(r->json, "\"role\":\"auditor\"") == NULL, "it names a role that sees nothing");
    CLAIM(ASK(w, CALLER_ADD, .caller = &both) == NULL, "one caller manages access and has it");
    DENIED(ASK(w, CALLER_REVIEW, .role = "support", .actor = "clerk-7"), OPERATION, "S2-4.1.6");
    aid_need(w, ASK(w, CALLER_REVOKE, .caller = &desk, .actor = "owner"));
    r = ASK(w, CALLER_REVIEW, .actor = "owner");
    CLAIM(r != NULL && r->json != NULL && strstr(r->json, "desk") == NULL, "who left is still on it");
    r = ASK(w, AUDIT, .role = "auditor", .actor = "auditor-1", .text = "owner");
    CLAIM(r != NULL && r->json != NULL && strstr(r->json, "caller.revoke") != NULL && strstr(r->json, "caller.review") != NULL,
          "who was given access, who lost it, who looked: it is not on record");
}

/* What the policy does not name is dropped and counted, and the rest goes on. */
static void clause_S2_4_3a(void **state)
{
    static const struct kept_field mixed[] = {FIELD("os-version", "11"),
                                              FIELD("address-book", "planted-friend"),
                                              FIELD("app-version", "3.1")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "operation", SEVERAL(mixed));
    CLAIM(r != NULL && r->stripped == 1, "the unrelated field was not dropped and counted");
    CLAIM(aid_taken(r) == 2, "the rest did not go on");
    CLAIM(strcmp(r->fields[1].clause, "S2-4.3a") == 0 && r->fields[1].line > 0,
          "the refusal does not name its clause");
    ALLOWED(r, "S2-1.4.1a");
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("operation", "address-book", "planted-friend")), UNDECLARED,
           "S2-4.3a");
    ABSENT(w, "planted-friend");
}

/* ---- rights of the first hour ---------------------------------------------------------------- */

/* The person changes most things; the number that was verified only support changes. */
static void clause_S2_5_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    GRANT(w, p, SEPARATE, .function = "support");
    HOLD(w, p, VALUE("profile", "nickname", "Lei"));
    HOLD(w, p, VALUE("register", "phone", "13900000006"));
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei Lei"), BY_THE_PERSON),
            "S2-1.4.2.2");
    CLAIM(aid_value(ASK(w, USE, OF(p), WHAT("nickname"), .purpose = "operation"), "Lei Lei"),
          "the person's own change did not last");
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("register", "phone", "13900000007"), BY_THE_PERSON);
    DENIED(r, LOCKED, "S2-1.3a");
    LEDGERED(w, r);
    CLAIM(aid_value(ASK(w, USE, OF(p), WHAT("phone"), .purpose = "compliance"), "13900000006"),
          "a locked number changed all the same");
    r = ASK(w, COLLECT, OF(p), VALUE("support", "phone", "13900000007"), .role = "support",
            .actor = "clerk-7");
    ALLOWED(r, "S2-5.10");
    LEDGERED(w, r);
    CLAIM(aid_value(ASK(w, USE, OF(p), WHAT("phone"), .purpose = "compliance"), "13900000007"),
          "support's change did not last");
}

/* An old backup does not bring back who was erased; and a day comes when it cannot any more. */
static void clause_S2_5_3y(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w), other = aid_person(w);
    HOLD(w, p, VALUE("operation", "os-version", "11"));
    HOLD(w, other, VALUE("operation", "os-version", "12"));
    aid_shut(w);
    aid_copy(w, "store/store.db", "backup.db");
    aid_open(w);
    const struct kept_reply *r = ASK(w, ERASE_SUBJECT, OF(p));
    DONE(w, r);
    CLAIM(strstr(r->json, "\"final\":\"2026-0") != NULL,
          "the certificate does not say when it is final");
    DENIED(ASK(w, USE, OF(p), WHAT("os-version"), .purpose = "operation"), ERASED, "");
    aid_shut(w);
    aid_copy(w, "backup.db", "store/store.db");
    aid_open(w);
    r = ASK(w, USE, OF(p), WHAT("os-version"), .purpose = "operation");
    DENIED(r, ERASED, "");
    LEDGERED(w, r);
    CLAIM(aid_value(ASK(w, USE, OF(other), WHAT("os-version"), .purpose = "operation"), "12"),
          "the restored backup lost somebody else's value");
    w->now += 8 * DAY; /* a rotation later, and a backup window after it */
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    CLAIM(strstr(aid_need(w, ASK(w, WHY, OF(p)))->json, "\"final\":\"reached\"") == NULL,
          "the erasure is called final while a backup still opens");
    w->now += 31 * DAY;
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    CLAIM(strstr(aid_need(w, ASK(w, WHY, OF(p)))->json, "\"final\":\"reached\"") != NULL,
          "the erasure does not become final");
}

/* Taking back ends that function at once, use included; what was done before stays lawful. */
static void clause_S2_5_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    TURN(w, p, "bluetooth", 1);
    TURN(w, p, "nfc", 1);
    TURN(w, p, "wifi", 1);
    GRANT(w, p, EXPLICIT, .function = "profile");
    GRANT(w, p, EXPLICIT, .function = "find-devices");
    HOLD(w, p, VALUE("profile", "nickname", "Lei"));
    HOLD(w, p, VALUE("find-devices", "bluetooth-device", "02:00:00:00:00:07"), IN_USE);
    const struct kept_reply *before = ASK(w, USE, OF(p), WHAT("nickname"), .purpose = "operation");
    ALLOWED(before, "S2-1.4.2.2");
    DONE(w, ASK(w, CONSENT_WITHDRAW, OF(p), .function = "profile"));
    DENIED(ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei")), WITHDRAWN, "S2-1.4.2.2");
    const struct kept_reply *r = ASK(w, USE, OF(p), WHAT("nickname"), .purpose = "operation");
    DENIED(r, WITHDRAWN, "S2-1.4.2.2");
    LEDGERED(w, r);
    LEDGERED(w, before); /* still on record as allowed */
    ALLOWED(ASK(w, USE, OF(p), WHAT("bluetooth-device"), .purpose = "operation"), "S2-1.4.1a");
    TURN(w, p, "bluetooth", 0); /* the device's own switch does the same */
    DENIED(ASK(w, COLLECT, OF(p), VALUE("find-devices", "bluetooth-device", "02:00:00:00:00:08"),
               IN_USE),
           PERMISSION, "S2-1.4.1a");
    DENIED(ASK(w, USE, OF(p), WHAT("bluetooth-device"), .purpose = "operation"), WITHDRAWN,
           "S2-1.4.1a");
    DONE(w, ASK(w, ERASE_RECORD, OF(p), .item = "nickname"));
    CLAIM(!aid_shows(w, p, "\"nickname\""), "a value the person deleted is still held");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11")), "S2-1.4.1a");
    GRANT(w, p, EXPLICIT, .function = "profile");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("profile", "nickname", "Lei")), "S2-1.4.2.2");
}

/* ---- age and place --------------------------------------------------------------------------- */

/* One day short of eighteen: nothing. On the birthday: served. Age unknown: nothing. */
static void clause_S2_6_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_born(w, "2008-03-03"), unknown = aid_born(w, "");
    aid_seen(w, p);
    aid_seen(w, unknown);
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11"));
    DENIED(r, AGE, "S2-6.1");
    LEDGERED(w, r);
    DENIED(ASK(w, COLLECT, OF(p), VALUE("register", "phone", "13900000008")), AGE, "S2-6.1");
    DENIED(ASK(w, COLLECT, OF(unknown), VALUE("operation", "os-version", "11")), AGE_UNKNOWN,
           "S2-6.1");
    w->now += DAY;
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11")), "S2-1.4.1a");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("register", "phone", "13900000008")), "S2-1.3a");
}

/* The audience of a campaign: grown-ups who agreed. No minor, and nobody who may be one. */
static void clause_S2_6_2(void **state)
{
    struct world *w = *state;
    struct kept_id grown = aid_person(w), child = aid_person(w), unknown = aid_born(w, "");
    const struct kept_id all[] = {grown, child, unknown};
    aid_seen(w, unknown);
    for (size_t i = 0; i < 3; i++) {
        GRANT(w, all[i], SEPARATE, .function = "campaign");
        GRANT(w, all[i], SEPARATE, .purpose = "campaign");
        GRANT(w, all[i], SEPARATE, .recipient = "prize-delivery");
    }
    HOLD(w, child, VALUE("campaign", "real-name", "Xiao Ming"), BY_THE_PERSON);
    (void)aid_need(w, ASK(w, SUBJECT_SET, OF(child), .birth_date = "2012-06-01")); /* found out */
#define AUDIENCE(op, who)                                                                          \
    ASK(w, op, OF(who), WHAT("real-name"), .purpose = "campaign", .recipient = "prize-delivery")
    const struct kept_reply *r = AUDIENCE(USE, child);
    DENIED(r, AGE, "S2-6.2");
    LEDGERED(w, r);
    DENIED(AUDIENCE(DISCLOSE, child), AGE, "S2-6.2");
    DENIED(ASK(w, COLLECT, OF(child), VALUE("campaign", "real-name", "Xiao Ming"), BY_THE_PERSON),
           AGE, "S2-6.2");
    DENIED(ASK(w, COLLECT, OF(unknown), VALUE("campaign", "real-name", "Who"), BY_THE_PERSON),
           AGE_UNKNOWN, "S2-6.2");
    DENIED(AUDIENCE(DISCLOSE, unknown), AGE_UNKNOWN, "S2-6.2");
    (void)aid_need(w, ASK(w, SUBJECT_SET, OF(child), .birth_date = "2008-03-03")); /* eighteen tomorrow */
    DENIED(AUDIENCE(USE, child), AGE, "S2-6.2");
    w->now += DAY;
    ALLOWED(AUDIENCE(USE, child), "S2-3.1.5a");
    HOLD(w, grown, VALUE("campaign", "real-name", "Han Mei"), BY_THE_PERSON);
    ALLOWED(AUDIENCE(USE, grown), "S2-3.1.5a");
    ALLOWED(AUDIENCE(DISCLOSE, grown), "S2-3.1.5b");
#undef AUDIENCE
}

/* Stored in the country; elsewhere is refused; and both languages have to say so. */
static void clause_S2_7_1a(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r =
        ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11"), .region = "SG");
    DENIED(r, REGION, "S2-7.1b");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"records\":{}"), "a value for a store abroad was stored");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11"), .region = "CN"),
            "S2-1.4.1a");
    ALLOWED(ASK(w, COLLECT, OF(p), VALUE("operation", "os-version", "11")), "S2-1.4.1a");
    char *silent = aid_edit(aid_policy("smart-home"), "        en: Information is stored",
                            "        fr: Information is stored");
    r = ASK(w, POLICY_PUBLISH, .text = silent);
    free(silent);
    CLAIM(r == NULL && w->rc == KEPT_E_POLICY, "one language may keep silent about the place");
}

#define PARTNER                                                                                    \
    "    purposes: [campaign]\n    region: CN\n    consent: separate\n"                            \
    "    agreement: {signed: 2026-02-01, expires: 2028-02-01, clause: S2-2.3b}\n"                  \
    "    clause: S2-3.1.5b\n  prize-delivery:"
#define ABROAD(mechanism, consent_, agreement)                                                     \
    "    purposes: [campaign]\n    region: SG\n" mechanism consent_ agreement                      \
    "    clause: S2-3.1.5b\n  prize-delivery:"
#define MECHANISM "    export_mechanism: contract\n"
#define SEPARATELY "    consent: separate\n"
#define PAPERS "    agreement: {signed: 2026-02-01, checked: 2026-02-02, expires: 2028-02-01}\n"
#define UNCHECKED "    agreement: {signed: 2026-02-01, expires: 2028-02-01}\n"

static const struct kept_reply *publish_partner(struct world *w, const char *partner)
{
    char *text = aid_edit(aid_policy("smart-home"), PARTNER, partner);
    text = aid_edit(text, "\nversion: 1\n", "\nversion: 2\n");
    const struct kept_reply *r = ASK(w, POLICY_PUBLISH, .text = text);
    free(text);
    return r;
}

/* Abroad goes nothing, unless a mechanism, separate consent, an agreement and a check are all
 * there. */
static void clause_S2_7_1b(void **state)
{
    static const char *const lacking[] = {
        ABROAD("", SEPARATELY, PAPERS), ABROAD(MECHANISM, "    consent: none\n", PAPERS),
        ABROAD(MECHANISM, SEPARATELY, ""), ABROAD(MECHANISM, SEPARATELY, UNCHECKED)};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "campaign");
    GRANT(w, p, SEPARATE, .purpose = "campaign");
    HOLD(w, p, VALUE("campaign", "real-name", "Han Mei"), BY_THE_PERSON);
#define SEND(...)                                                                                  \
    ASK(w, DISCLOSE, OF(p), WHAT("real-name"), .purpose = "campaign",                              \
        .recipient = "campaign-partner", __VA_ARGS__)
    GRANT(w, p, SEPARATE, .recipient = "campaign-partner");
    ALLOWED(SEND(.region = "CN"), "S2-3.1.5b");
    const struct kept_reply *r = SEND(.region = "SG");
    DENIED(r, REGION, "S2-7.1b");
    LEDGERED(w, r);
    for (size_t i = 0; i < 4; i++)
        CLAIM(publish_partner(w, lacking[i]) == NULL && w->rc == KEPT_E_POLICY,
              "a recipient abroad with a condition missing (number %zu) was published", i + 1);
    CLAIM(publish_partner(w, ABROAD(MECHANISM, SEPARATELY, PAPERS)) != NULL,
          "a recipient abroad with all conditions cannot be published");
    aid_seen(w, p); /* of version 2 */
    DENIED(SEND(.role = ""), CONSENT_STALE, "S2-3.1.5b"); /* agreed to it at home, not abroad */
    GRANT(w, p, SEPARATE, .recipient = "campaign-partner");
    ALLOWED(SEND(.role = ""), "S2-3.1.5b");
    WITHDRAW(w, p, .recipient = "campaign-partner");
    DENIED(SEND(.role = ""), WITHDRAWN, "S2-3.1.5b");
    GRANT(w, p, SEPARATE, .recipient = "campaign-partner");
    ALLOWED(SEND(.role = ""), "S2-3.1.5b");
    DENIED(SEND(.region = "US"), REGION, "S2-7.1b");
    w->now += 701 * DAY; /* the agreement has ended */
    DENIED(SEND(.role = ""), REGION, "S2-7.1b");
#undef SEND
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S2(4_1_2), CLAUSE_S2(4_1_5), CLAUSE_S2(4_1_6), CLAUSE_S2(4_3a), CLAUSE_S2(5_2), CLAUSE_S2(5_3y),
        CLAUSE_S2(5_4),   CLAUSE_S2(6_1),   CLAUSE_S2(6_2),  CLAUSE_S2(7_1a), CLAUSE_S2(7_1b),
    };
    return RUN(tests);
}
