/* test_people.c - people who ask for themselves: what they must have shown first, and how a lost account is taken back. */
#include "codes.h"
#include "engine/serve.h"

#define NUMBER "13900000005"
#define OTHER "13900000006"
#define OWN(token, operation, ...)                                                                 \
    own(w, token, (const struct kept_request){.op = KEPT_OP_##operation, __VA_ARGS__})
#define TOKEN 78

/* What is answered in a session; NULL: who shows this token is nobody. */
static const struct kept_reply *own(struct world *w, const char *token, struct kept_request r)
{
    const struct kept_request *all[] = {&r};
    struct kept_caller_row *who = NULL;
    struct kept_reply *reply = NULL;
    char actor[KEPT_ACTOR_ROOM];
    size_t n = 0;
    const struct kept_span shown = {(const uint8_t *)token, strlen(token)};
    if (kept_self_judge(w->kept, shown, &who, &w->err) != 0)
        return NULL;
    if (kept_caller_complete(who, &r, actor, &w->err) != 0 || kept_submit_all(w->kept, who, all, 1, &w->err) != 0 ||
        kept_reap(w->kept, &reply, 1, 1, &n, &w->err) != 0 || n != 1 || w->reply_count == MAX_REPLIES)
        aid_setup_failed("asking in a session", w->err.text);
    kept_self_free(who);
    w->replies[w->reply_count++] = reply;
    return reply;
}

/* Somebody with a number on file, and a session in which a code was shown just now. */
static struct kept_id signed_in(struct world *w, const struct kept_field *account, size_t count, char ret_token[TOKEN])
{
    struct kept_id p = aid_person(w);
    HOLD(w, p, .function = "register", .fields = account, .field_count = count);
    (void)aid_need(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    const struct kept_reply *r = aid_need(w, PROVE(code_of(w), OF(p), ITEM("phone", NUMBER), .on = 1));
    const char *at = strstr(r->json, "kper_");
    (void)snprintf(ret_token, TOKEN, "%.77s", at != NULL ? at : "");
    return p;
}

static bool is_text(struct kept_span value, const char *text)
{
    return value.n == strlen(text) && memcmp(value.p, text, value.n) == 0;
}

static bool needs(const struct kept_reply *r, const char *level)
{
    char words[48];
    (void)snprintf(words, sizeof words, "\"needs\":\"%s\"", level);
    return r != NULL && r->json != NULL && strstr(r->json, words) != NULL;
}

/* To delete one must have shown a code a while ago at most; to see, the session does. */
static void clause_S1_5_13(void **state)
{
    struct world *w = *state;
    static const struct kept_field account[] = {FIELD("account-name", "lilei"), FIELD("phone", NUMBER)};
    char token[TOKEN];
    struct kept_id p = signed_in(w, account, 2, token);
    w->now += 31 * MINUTE;
    const struct kept_reply *r = OWN(token, ERASE_RECORD, .item = "phone");
    DENIED(r, NEED_VERIFICATION, "S1-5.5");
    LEDGERED(w, r);
    CLAIM(needs(r, "code"), "it does not say what is needed");
    ALLOWED(OWN(token, USE, WHAT("phone")), "S1-5.1");
    CLAIM(aid_value(OWN(token, USE, WHAT("phone")), NUMBER), "their own number is not shown to them");
    DONE(w, OWN(token, ACCOUNT_BEGIN, ITEM("phone", OTHER))); /* a number that is not on file says nothing */
    (void)aid_need(w, OWN(token, ACCOUNT_PROVE, ITEM("phone", OTHER), .secret = code_of(w)));
    DENIED(OWN(token, ERASE_RECORD, .item = "phone"), NEED_VERIFICATION, "S1-5.5");
    DONE(w, OWN(token, ACCOUNT_BEGIN, WHAT("phone")));
    const char *code = code_of(w);
    DENIED(OWN(token, ACCOUNT_PROVE, WHAT("phone"), .secret = "x"), CODE, "S1-1.13");
    DENIED(OWN(token, ERASE_RECORD, .item = "phone"), NEED_VERIFICATION, "S1-5.5");
    DONE(w, OWN(token, ACCOUNT_PROVE, WHAT("phone"), .secret = code));
    DONE(w, OWN(token, ERASE_RECORD, .item = "phone"));
    (void)p;
}

/* A stolen account is reported: every session of it ends, and what was shown counts no more, until it is shown anew. */
static void clause_S1_5_12(void **state)
{
    struct world *w = *state;
    static const struct kept_field account[] = {FIELD("account-name", "lilei"), FIELD("phone", NUMBER)};
    char token[TOKEN], again[TOKEN];
    struct kept_id p = signed_in(w, account, 2, token);
    DONE(w, OWN(token, SUBJECT_SHOW, .launch = 0));
    w->now += 2 * MINUTE;
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    const struct kept_reply *r = PROVE(code_of(w), OF(p), ITEM("phone", NUMBER), .on = 1);
    DONE(w, r);
    const char *at = strstr(r->json, "kper_");
    (void)snprintf(again, TOKEN, "%.77s", at != NULL ? at : "");
    DONE(w, OWN(again, SUBJECT_SHOW, .launch = 0));
    r = ASK(w, ACCOUNT_LEAVE, OF(p), .role = "support", .actor = "clerk-7", .text = "the person called: case 7");
    DONE(w, r);
    LEDGERED(w, r);
    CLAIM(OWN(token, SUBJECT_SHOW, .launch = 0) == NULL, "a session outlived the report");
    CLAIM(OWN(again, SUBJECT_SHOW, .launch = 0) == NULL, "the newest session outlived the report");
    CLAIM(strstr(aid_need(w, ASK(w, ACCOUNT_SHOW, OF(p)))->json, "\"level\":\"none\"") != NULL, "what was shown still counts");
    w->now += 2 * MINUTE;
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    r = PROVE(code_of(w), OF(p), ITEM("phone", NUMBER), .on = 1);
    at = strstr(aid_need(w, r)->json, "kper_");
    (void)snprintf(again, TOKEN, "%.77s", at != NULL ? at : "");
    DONE(w, OWN(again, SUBJECT_SHOW, .launch = 0));
}

/* All that is held of somebody is what they see, and none of it anybody else; they put it right, and delete it. */
static void test_own_data_is_what_is_stored(void **state)
{
    struct world *w = *state;
    static const struct kept_field account[] = {FIELD("account-name", "lilei"), FIELD("phone", NUMBER)};
    static const struct kept_field seen[] = {{.name = "account-name"}, {.name = "phone"}, {.name = "nickname"}};
    static const char *const values[] = {"lilei", NUMBER, "Lei"};
    char token[TOKEN];
    struct kept_id p = signed_in(w, account, 2, token), other = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    GRANT(w, other, EXPLICIT, .function = "profile");
    HOLD(w, p, VALUE("profile", "nickname", "Lei"));
    HOLD(w, other, VALUE("profile", "nickname", "Mei"));
    w->now += 31 * MINUTE; /* the account is enough to see and to correct */
    const struct kept_reply *r = OWN(token, USE, SEVERAL(seen));
    ALLOWED(r, "S1-5.1");
    LEDGERED(w, r);
    CLAIM(r->field_count == 3, "%zu values are shown of the three that are held", r->field_count);
    for (size_t i = 0; i < r->field_count; i++)
        for (size_t k = 0; k < 3; k++)
            CLAIM(strcmp(r->fields[i].name, seen[k].name) != 0 || is_text(r->fields[i].value, values[k]), "%s is shown otherwise than it is stored",
                  seen[k].name);
    r = aid_need(w, OWN(token, SUBJECT_SHOW, .launch = 0));
    CLAIM(strstr(r->json, "\"account-name\":1") != NULL && strstr(r->json, "\"phone\":1") != NULL && strstr(r->json, "\"nickname\":1") != NULL,
          "more is held than is listed: %s", r->json);
    DENIED(OWN(token, USE, .subject = other, WHAT("nickname")), CALLER, "");
    DENIED(OWN(token, COLLECT, .subject = other, ITEM("nickname", "Mei")), CALLER, "");
    r = OWN(token, COLLECT, ITEM("nickname", "Lei Lei"));
    ALLOWED(r, "S1-5.4");
    LEDGERED(w, r);
    CLAIM(aid_value(OWN(token, USE, WHAT("nickname")), "Lei Lei"), "their own correction did not last");
    DENIED(OWN(token, COLLECT, ITEM("phone", OTHER)), NEED_VERIFICATION, "S1-1.13");
    DENIED(OWN(token, ERASE_RECORD, .item = "nickname"), NEED_VERIFICATION, "S1-5.5");
    DONE(w, OWN(token, ACCOUNT_BEGIN, WHAT("phone")));
    DONE(w, OWN(token, ACCOUNT_PROVE, WHAT("phone"), .secret = code_of(w)));
    DONE(w, OWN(token, ERASE_RECORD, .item = "nickname"));
    DENIED(OWN(token, USE, WHAT("nickname")), NO_VALUE, "S1-5.1");
}

/* To correct and delete, staff must have seen a document; a code alone does not do. */
static void clause_S2_5_8a(void **state)
{
    struct world *w = *state;
    static const struct kept_field account[] = {FIELD("phone", NUMBER), FIELD("user-name", "lilei")};
    static const struct kept_evidence paper = {.reference = "counter 4, 2026/9"};
    char token[TOKEN];
    struct kept_id p = signed_in(w, account, 2, token);
    const struct kept_reply *r = OWN(token, COLLECT, ITEM("user-name", "hanmeimei"));
    DENIED(r, NEED_VERIFICATION, "S2-5.2");
    LEDGERED(w, r);
    CLAIM(needs(r, "document"), "it does not say what is needed");
    DENIED(OWN(token, ERASE_RECORD, .item = "user-name"), NEED_VERIFICATION, "S2-5.3");
    ALLOWED(OWN(token, USE, WHAT("user-name")), "S2-5.1b");
    DONE(w, ASK(w, ACCOUNT_PROVE, OF(p), .role = "support", .actor = "clerk-7", .evidence = &paper));
    ALLOWED(OWN(token, COLLECT, ITEM("user-name", "hanmeimei")), "S2-5.2");
    CLAIM(aid_value(OWN(token, USE, WHAT("user-name")), "hanmeimei"), "what was corrected is not there");
    DONE(w, OWN(token, ERASE_RECORD, .item = "user-name"));
}

/* By themselves, in a session, whatever they agreed to: each value as it was stored, their settings, who read it; their own,
 * and nobody else's. */
static void clause_S2_5_1a(void **state)
{
    struct world *w = *state;
    static const struct kept_field account[] = {FIELD("phone", NUMBER), FIELD("user-name", "lilei")};
    static const struct kept_field both[] = {{.name = "phone"}, {.name = "user-name"}};
    char token[TOKEN];
    struct kept_id p = signed_in(w, account, 2, token), other = aid_person(w);
    w->now += 31 * MINUTE;
    const struct kept_reply *r = OWN(token, USE, SEVERAL(both));
    ALLOWED(r, "S2-5.1b");
    LEDGERED(w, r);
    CLAIM(r->field_count == 2 && aid_field_is(r, "phone", KEPT_ALLOW, KEPT_R_NONE) && aid_field_is(r, "user-name", KEPT_ALLOW, KEPT_R_NONE),
          "something of theirs is not shown to them");
    CLAIM(aid_value(OWN(token, USE, WHAT("phone")), NUMBER) && aid_value(OWN(token, USE, WHAT("user-name")), "lilei"),
          "they see something else than what is stored");
    DONE(w, OWN(token, SUBJECT_SHOW, .launch = 0));
    r = OWN(token, TRAIL, .limit = 50);
    DONE(w, r);
    CLAIM(strstr(r->json, "collect") != NULL, "they do not see who did what with it");
    r = OWN(token, USE, OF(other), WHAT("phone"));
    CLAIM(r == NULL || r->decision == KEPT_DENY || r->error != 0, "they see another's");
    (void)p;
}

/* What is held of somebody is given out when a code was shown, and not in the session alone. */
static void clause_S4_5_3(void **state)
{
    struct world *w = *state;
    static const struct kept_field account[] = {FIELD("phone", NUMBER), FIELD("account-name", "lilei")};
    char token[TOKEN];
    struct kept_id p = signed_in(w, account, 2, token);
    ALLOWED(OWN(token, USE, WHAT("account-name")), "S4-5.3");
    w->now += 31 * MINUTE;
    const struct kept_reply *r = OWN(token, USE, WHAT("account-name"));
    DENIED(r, NEED_VERIFICATION, "S4-5.3");
    CLAIM(r->field_count == 0, "and yet a value was given");
    DENIED(OWN(token, TRAIL, .limit = 5), NEED_VERIFICATION, "S4-5.3");
    DONE(w, OWN(token, ACCOUNT_BEGIN, WHAT("phone")));
    DONE(w, OWN(token, ACCOUNT_PROVE, WHAT("phone"), .secret = code_of(w)));
    ALLOWED(OWN(token, USE, WHAT("account-name")), "S4-5.3");
    (void)p;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_own_data_is_what_is_stored, aid_messenger, aid_end),
        CLAUSE_S1(5_12),
        CLAUSE_S1(5_13),
        CLAUSE_S2(5_1a),
        CLAUSE_S2(5_8a),
        CLAUSE_S4(5_3),
    };
    return RUN(tests);
}
