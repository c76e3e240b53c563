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

static const struct kept_reply *login(struct world *w, const char *password, const char *code)
{
    struct kept_caller_row *visitor = NULL;
    if (kept_self_visit(w->kept, w->app, KEPT_OP_SESSION_OPEN, &visitor, &w->err) != 0)
        aid_setup_failed("coming to log in", w->err.text);
    const struct kept_reply *r = by(w, visitor, (struct kept_request){
        .op = KEPT_OP_SESSION_OPEN, .app = w->app, .secret = code, .source = "192.0.2.1",
        .caller = &(struct kept_caller){.name = "ann", .password = password, .new_password = FRESH}});
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
    r = login(w, first, wrong);
    CLAIM(r->decision == KEPT_DENY && r->reason == KEPT_R_LOGIN, "a password is enough");
    r = login(w, "not it", code);
    CLAIM(r->decision == KEPT_DENY && r->reason == KEPT_R_LOGIN, "a code is enough");
    r = login(w, first, code);
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

int main(void)
{
    const struct CMUnitTest tests[] = {CLAUSE_S4(7_8)};
    return RUN(tests);
}
