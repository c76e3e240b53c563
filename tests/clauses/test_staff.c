/* test_staff.c - people of staff: who they are is shown before anything else, and their role says the rest. */
#include "codes.h"

#include "../aid/staff.h"
#include "engine/serve.h"

#define FRESH "a sentence nobody says"
#define TOKEN 78

static const struct kept_reply *by(struct world *w, const struct kept_caller_row *who, struct kept_request r)
{
    const struct kept_request *all[] = {&r};
    struct kept_reply *reply = NULL;
    char actor[KEPT_ACTOR_ROOM];
    size_t n = 0;
    if (kept_caller_complete(who, &r, actor, &w->err) != 0 || kept_submit_all(w->kept, who, all, 1, &w->err) != 0 ||
        kept_reap(w->kept, &reply, 1, 1, &n, &w->err) != 0 || n != 1 || w->reply_count == MAX_REPLIES)
        aid_setup_failed("asking as staff", w->err.text);
    w->replies[w->reply_count++] = reply;
    return reply;
}

static const struct kept_reply *login(struct world *w, const char *name, const char *password, const char *code)
{
    struct kept_caller_row *visitor = NULL;
    if (kept_self_visit(w->kept, w->app, KEPT_OP_SESSION_OPEN, &visitor, &w->err) != 0)
        aid_setup_failed("coming to log in", w->err.text);
    const struct kept_reply *r = by(w, visitor, (struct kept_request){
        .op = KEPT_OP_SESSION_OPEN, .app = w->app, .secret = code, .source = "192.0.2.1",
        .caller = &(struct kept_caller){.name = name, .password = password, .new_password = FRESH}});
    kept_self_free(visitor);
    return r;
}

static const struct kept_caller_row *shown(struct world *w, const char *token)
{
    const struct kept_caller_row *row = NULL;
    struct kept_err none = {0};
    return kept_caller_judge(w->kept, (struct kept_span){(const uint8_t *)token, strlen(token)}, 0, &row, &none) == 0 ? row : NULL;
}

/* Password and code, both; then what the role may, and nothing else; and the ledger says who it was. */
static void clause_S4_7_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    uint8_t secret[KEPT_TOTP_SECRET];
    char first[KEPT_FIRST_PASSWORD], code[7], wrong[7], token[TOKEN] = "";
    const struct kept_reply *r = aid_need(w, ASK(w, CALLER_ADD, .actor = "owner", .caller = &(struct kept_caller){
                                                     .name = "ann", .roles = "support", .staff = 1}));
    staff_told(r->json, secret, first);
    if (kept_totp(secret, (uint64_t)(w->now / 30000), code) != 0)
        aid_setup_failed("a code", "no memory");
    (void)snprintf(wrong, sizeof wrong, "%s", code);
    wrong[5] = wrong[5] == '0' ? '1' : '0';
    CLAIM(shown(w, "kses_nobody") == NULL, "who shows nothing is somebody");
    r = login(w, "ann", first, wrong);
    CLAIM(r->decision == KEPT_DENY && r->reason == KEPT_R_LOGIN, "a password is enough");
    r = login(w, "ann", "not it", code);
    CLAIM(r->decision == KEPT_DENY && r->reason == KEPT_R_LOGIN, "a code is enough");
    r = login(w, "ann", first, code);
    CLAIM(r->decision == KEPT_ALLOW && r->json != NULL && strstr(r->json, "kses_") != NULL, "both are not");
    (void)snprintf(token, sizeof token, "%.77s", strstr(r->json, "kses_"));
    const struct kept_caller_row *ann = shown(w, token);
    CLAIM(ann != NULL, "a session is nobody's");
    r = by(w, ann, (struct kept_request){.op = KEPT_OP_ERASE_SUBJECT, OF(p)});
    DENIED(r, OPERATION, "S4-7.8");
    LEDGERED(w, r);
    r = by(w, ann, (struct kept_request){.op = KEPT_OP_USE, OF(p), .purpose = "support", WHAT("message")});
    CLAIM(r->reason != KEPT_R_OPERATION && r->reason != KEPT_R_CALLER, "what the role may is refused");
    r = aid_need(w, ASK(w, AUDIT, .role = "officer", .text = "ann"));
    CLAIM(strstr(r->json, "erase.subject") != NULL && strstr(r->json, "session.open") != NULL, "the ledger does not say who it was");
}

/* ---- what is on file of them --------------------------------------------------------------------- */

/* A member of staff in a session of theirs. */
static const struct kept_caller_row *on_duty(struct world *w, const char *name, const char *role)
{
    uint8_t secret[KEPT_TOTP_SECRET];
    char first[KEPT_FIRST_PASSWORD], code[7], token[TOKEN] = "";
    const struct kept_reply *r = aid_need(w, ASK(w, CALLER_ADD, .actor = "owner", .caller = &(struct kept_caller){
                                                     .name = name, .roles = role, .staff = 1}));
    staff_told(r->json, secret, first);
    if (kept_totp(secret, (uint64_t)(w->now / 30000), code) != 0)
        aid_setup_failed("a code", "no memory");
    r = aid_need(w, login(w, name, first, code));
    (void)snprintf(token, sizeof token, "%.77s", strstr(r->json, "kses_"));
    const struct kept_caller_row *row = shown(w, token);
    if (row == NULL)
        aid_setup_failed("a session", "is nobody's");
    return row;
}

#define ON_FILE(by_, name_, what, ...)                                                              \
    by(w, by_, (struct kept_request){.op = KEPT_OP_STAFF_ATTEST, .caller = &(struct kept_caller){.name = (name_)}, .text = (what), \
                                     __VA_ARGS__})
#define PAPER(words) .on = 1, .evidence = &(struct kept_evidence){.reference = (words)}
#define READS(by_, item, purpose_)                                                                  \
    by(w, by_, (struct kept_request){.op = KEPT_OP_USE, OF(p), .purpose = (purpose_), WHAT(item)})

/* Somebody who wrote to us, support's to read. */
static struct kept_id writer(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    HOLD(w, p, VALUE("feedback", "feedback-text", "it hums"), BY_THE_PERSON);
    return p;
}

/* Who signed reads; who has not, or whose signature was taken back, does not, from the next request on. */
static void clause_S1_4_12(void **state)
{
    struct world *w = *state;
    struct kept_id p = writer(w);
    const struct kept_caller_row *ann = on_duty(w, "ann", "support"), *boss = on_duty(w, "boss", "officer");
    aid_need(w, ON_FILE(boss, "ann", "training", PAPER("course 7")));
    const struct kept_reply *r = READS(ann, "feedback-text", "support");
    DENIED(r, ATTESTATION, "S1-4.12");
    CLAIM(r->json != NULL && strstr(r->json, "[\"confidentiality\"]") != NULL, "it is not said what is missing");
    LEDGERED(w, r);
    r = ON_FILE(boss, "boss", "confidentiality", PAPER("file 1"));
    CLAIM(r->decision == KEPT_DENY, "somebody vouches for themselves");
    DONE(w, ON_FILE(boss, "ann", "confidentiality", PAPER("file 2026/12")));
    CLAIM(READS(ann, "feedback-text", "support")->decision == KEPT_ALLOW, "who has signed is refused");
    r = aid_need(w, ASK(w, CALLER_REVIEW, .actor = "owner"));
    CLAIM(strstr(r->json, "file 2026/12") != NULL, "the register does not say what was signed");
    DONE(w, ON_FILE(boss, "ann", "confidentiality", .on = 0));
    DENIED(READS(ann, "feedback-text", "support"), ATTESTATION, "S1-4.12");
}

static bool alarmed(struct world *w, const char *who)
{
    const struct kept_reply *r = aid_need(w, ASK(w, AUDIT, .role = "auditor", .actor = "auditor-1", .text = "kept"));
    char words[64];
    (void)snprintf(words, sizeof words, "%s read of people more than 100 times", who);
    const char *at = strstr(r->json, words);
    CLAIM(at == NULL || (strstr(r->json, "\"alarm\"") != NULL && strstr(at + 1, words) == NULL), "the alarm is no event, or told twice");
    return at != NULL;
}

/* Each read is on record with its purpose; whoever reads more than the policy says sets off an alarm, once, and nobody else does. */
static void clause_S1_4_13(void **state)
{
    struct world *w = *state;
    struct kept_id p = writer(w);
    const struct kept_reply *r = READ("feedback-text", "support", AS("support"));
    CLAIM(r->decision == KEPT_ALLOW, "support does not read what was written to it");
    LEDGERED(w, r);
    r = aid_need(w, ASK(w, AUDIT, .role = "auditor", .actor = "auditor-1", .text = "clerk-7"));
    CLAIM(strstr(r->json, "\"purpose\":\"support\"") != NULL && strstr(r->json, "feedback-text") != NULL, "what for, and what of, is not on record");
    for (unsigned i = 1; i < 100; i++)
        (void)READ("feedback-text", "support", AS("support"));
    CLAIM(!alarmed(w, "clerk-7"), "the alarm goes off too early");
    (void)READ("feedback-text", "support", .role = "support", .actor = "clerk-8");
    CLAIM(READ("feedback-text", "support", AS("support"))->decision == KEPT_ALLOW, "the alarm holds up work");
    CLAIM(alarmed(w, "clerk-7"), "a hundred people and more are read of, and nothing happens");
    CLAIM(!alarmed(w, "clerk-8"), "it goes off for another");
    (void)READ("feedback-text", "support", AS("support"));
    r = aid_need(w, ASK(w, STAT, .role = "auditor", .actor = "auditor-1"));
    CLAIM(alarmed(w, "clerk-7") && strstr(r->json, "\"who\":\"clerk-7\"") != NULL && strstr(r->json, "\"alarms_told\":1") != NULL,
          "the numbers do not show it");
}

/* Training holds until its end, and no longer. */
static void clause_S1_4_14(void **state)
{
    struct world *w = *state;
    struct kept_id p = writer(w);
    const struct kept_caller_row *ann = on_duty(w, "ann", "support"), *boss = on_duty(w, "boss", "officer");
    aid_need(w, ON_FILE(boss, "ann", "confidentiality", PAPER("file 2026/12")));
    DENIED(READS(ann, "feedback-text", "support"), ATTESTATION, "S1-4.14");
    DONE(w, ON_FILE(boss, "ann", "training", PAPER("course 7, 92 of 100"), .expires = w->now + 10 * MINUTE));
    const struct kept_reply *r = aid_need(w, ASK(w, CALLER_REVIEW, .actor = "owner"));
    CLAIM(strstr(r->json, "92 of 100") != NULL && strstr(r->json, "\"until\"") != NULL, "course, score and end are not on file");
    w->now += 10 * MINUTE - 1;
    CLAIM(READS(ann, "feedback-text", "support")->decision == KEPT_ALLOW, "who was trained is refused");
    w->now += 1;
    DENIED(READS(ann, "feedback-text", "support"), ATTESTATION, "S1-4.14");
    DONE(w, ON_FILE(boss, "ann", "training", PAPER("course 8, 70 of 100"), .expires = w->now + DAY));
    CLAIM(READS(ann, "feedback-text", "support")->decision == KEPT_ALLOW, "who was trained again is refused");
}

/* ---- two of them --------------------------------------------------------------------------------- */

#define DEMAND .purpose = "support", .recipient = "court", .exemption = "legal-demand", .text = "order 12/2026", .role = "officer"
#define GIVEN(by_, item) ASK(w, DISCLOSE, OF(p), WHAT(item), DEMAND, .actor = (by_))

/* One who looked is not enough: the demand waits, until another says how much of it the court may have; the rest is on record as refused. */
static void clause_S0_5_6(void **state)
{
    static const struct kept_field written[] = {FIELD("message", "it hums"), FIELD("contact-mail", "ada@example.org")};
    static const struct kept_field wanted[] = {{.name = "contact-mail"}, {.name = "contact-phone"}};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    aid_need(w, ASK(w, COLLECT, OF(p), .function = "feedback", SEVERAL(written), BY_THE_PERSON));
    DENIED(GIVEN("kim", "contact-mail"), APPROVAL, "S0-5.6");
    const struct kept_reply *r = ASK(w, APPROVAL_ASK, OF(p), SEVERAL(wanted), DEMAND, .actor = "kim", .expires = w->now + DAY);
    DONE(w, r);
    const uint32_t number = (uint32_t)strtoul(strstr(r->json, "\"approval\":") + 11, NULL, 10);
    DENIED(GIVEN("kim", "contact-mail"), APPROVAL, "S0-5.6");
    r = ASK(w, APPROVAL_GRANT, OF(p), .record = number, .role = "officer", .actor = "kim");
    CLAIM(r != NULL && r->decision == KEPT_DENY && r->reason == KEPT_R_APPROVAL, "one is two");
    r = aid_need(w, ASK(w, APPROVAL_LIST, .role = "officer", .actor = "lee"));
    CLAIM(strstr(r->json, "\"state\":\"asked\"") != NULL && strstr(r->json, "order 12/2026") != NULL, "it does not wait for another");
    DENIED(GIVEN("kim", "contact-mail"), APPROVAL, "S0-5.6");
    r = ASK(w, APPROVAL_GRANT, OF(p), WHAT("contact-mail"), .record = number, .role = "officer", .actor = "lee", .text = "the order names mail only");
    DONE(w, r);
    LEDGERED(w, r);
    ALLOWED(GIVEN("kim", "contact-mail"), "S0-5.3");
    DENIED(GIVEN("kim", "contact-phone"), APPROVAL, "S0-5.6");
    DENIED(GIVEN("lee", "contact-mail"), APPROVAL, "S0-5.6");
    r = aid_need(w, ASK(w, TRAIL, OF(p)));
    CLAIM(strstr(r->json, "{\"item\":\"contact-phone\",\"decision\":\"deny\",\"reason\":\"APPROVAL\"}") != NULL &&
              strstr(r->json, "the order names mail only") != NULL, "what was refused, and why, is not on record");
    w->now += DAY;
    DENIED(GIVEN("kim", "contact-mail"), APPROVAL, "S0-5.6");
}

/* Whoever leaves is nobody in that instant, and what they were reminded of stays on file. */
static void clause_S4_7_10(void **state)
{
    struct world *w = *state;
    const struct kept_caller_row *ann = on_duty(w, "ann", "support");
    char token[TOKEN];
    (void)snprintf(token, sizeof token, "%.77s", strstr(w->replies[w->reply_count - 1]->json, "kses_"));
    CLAIM(ann != NULL && shown(w, token) == ann, "a session is nobody's");
    DONE(w, ASK(w, CALLER_REVOKE, .actor = "owner", .caller = &(struct kept_caller){.name = "ann"},
                .text = "left; reminded of confidentiality, file 2026/31"));
    CLAIM(shown(w, token) == NULL, "a session outlives its owner's leaving");
    const struct kept_reply *r = aid_need(w, ASK(w, CALLER_REVIEW, .actor = "owner"));
    const char *left = strstr(r->json, "\"ann\"");
    CLAIM(left != NULL && strstr(left, "\"revoked\"") != NULL && strstr(left, "file 2026/31") != NULL,
          "when they left, and of what they were reminded, is not on file");
    r = aid_need(w, ASK(w, AUDIT, .role = "officer", .text = "owner"));
    CLAIM(strstr(r->json, "reminded of confidentiality") != NULL, "it is not on record");
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLAUSE_S4(7_8), CLAUSE_S1(4_12), CLAUSE_S1(4_13), CLAUSE_S1(4_14), CLAUSE_S4(7_10), CLAUSE_S0(5_6)};
    return RUN(tests);
}
