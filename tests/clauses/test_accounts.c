/* test_accounts.c - S1 and S2, accounts: codes, who somebody has shown to be, when they are registered. */
#include "codes.h"

#define NUMBER "13900000003"
#define OTHER "13900000004"

static const char *other_than(const char *code)
{
    return strcmp(code, "000000") == 0 ? "111111" : "000000";
}

static bool state_is(struct world *w, struct kept_id p, const char *state)
{
    char words[64];
    (void)snprintf(words, sizeof words, "\"state\":\"%s\"", state);
    return strstr(aid_need(w, ASK(w, ACCOUNT_SHOW, OF(p)))->json, words) != NULL;
}

/* The person changes the number, with a code that was sent to the new one. */
static void clause_S1_5_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    static const struct kept_field account[] = {FIELD("account-name", "lilei"), FIELD("phone", NUMBER)};
    HOLD(w, p, .function = "register", SEVERAL(account));
    const struct kept_reply *r = TAKE("register", "phone", OTHER, NOW);
    DENIED(r, NEED_VERIFICATION, "S1-1.13");
    LEDGERED(w, r);
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    DONE(w, PROVE(code_of(w), OF(p), ITEM("phone", NUMBER))); /* of the former one: that says nothing */
    DENIED(TAKE("register", "phone", OTHER, NOW), NEED_VERIFICATION, "S1-1.13");
    DONE(w, BEGIN(OF(p), ITEM("phone", OTHER)));
    char code[7];
    (void)snprintf(code, sizeof code, "%s", code_of(w));
    DENIED(PROVE(other_than(code), OF(p), ITEM("phone", OTHER)), CODE, "S1-1.13");
    DENIED(TAKE("register", "phone", OTHER, NOW), NEED_VERIFICATION, "S1-1.13");
    DONE(w, PROVE(code, OF(p), ITEM("phone", OTHER)));
    ALLOWED(TAKE("register", "phone", OTHER, NOW), "S1-1.13");
    CLAIM(aid_value(READ("phone", "compliance", NOW), OTHER), "the new number is not there");
    w->now += 31 * MINUTE; /* what was shown holds for a while */
    DENIED(TAKE("register", "phone", NUMBER, NOW), NEED_VERIFICATION, "S1-1.13");
}

/* A code by text message or voice: good once, ten minutes, five tries, and not asked for without end. */
static void clause_S2_1_4_2_1a(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    char code[7];
    DENIED(BEGIN(OF(p), ITEM("phone", "1390000000")), INVALID, "S2-1.3a");
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    (void)snprintf(code, sizeof code, "%s", code_of(w));
    CLAIM(strlen(code) == 6, "no code was sent");
    ABSENT(w, code);
    ABSENT(w, NUMBER);
    for (int i = 0; i < 5; i++)
        DENIED(PROVE(other_than(code), OF(p), ITEM("phone", NUMBER)), CODE, "S2-1.3a");
    const struct kept_reply *r = PROVE(code, OF(p), ITEM("phone", NUMBER));
    DENIED(r, CODE, "S2-1.3a"); /* five wrong ones, and it is gone */
    LEDGERED(w, r);
    DENIED(BEGIN(OF(p), ITEM("phone", NUMBER)), TOO_OFTEN, "S2-1.3a");
    w->now += MINUTE + SECOND;
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER), .channel = "voice"));
    (void)snprintf(code, sizeof code, "%s", code_of(w));
    DENIED(PROVE(code, OF(p), ITEM("phone", OTHER)), CODE, "S2-1.3a");
    DONE(w, PROVE(code, OF(p), ITEM("phone", NUMBER)));
    DENIED(PROVE(code, OF(p), ITEM("phone", NUMBER)), CODE, "S2-1.3a"); /* once */
    w->now += MINUTE + SECOND;
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    (void)snprintf(code, sizeof code, "%s", code_of(w));
    w->now += 10 * MINUTE;
    DENIED(PROVE(code, OF(p), ITEM("phone", NUMBER)), CODE, "S2-1.3a"); /* too late */
    for (int i = 0; i < 2; i++, w->now += MINUTE + SECOND)
        DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    aid_shut(w);
    aid_open(w);
    DENIED(BEGIN(OF(p), ITEM("phone", NUMBER)), TOO_OFTEN, "S2-1.3a"); /* five an hour, whatever restarts */
    w->now += 60 * MINUTE;
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
}

/* Registered is who proved the number and agreed to the policy: neither alone. */
static void clause_S2_1_4_2_1b(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_stranger(w);
    DENIED(BEGIN(OF(p), ITEM("phone", NUMBER)), NO_NOTICE, "S2-0.4");
    CLAIM(sent(w)[0] == 0, "a code was sent to somebody who saw no notice");
    aid_seen(w, p);
    CLAIM(state_is(w, p, "visitor"), "somebody without a number is more than a visitor");
    HOLD(w, p, VALUE("register", "phone", NUMBER));
    CLAIM(state_is(w, p, "pending"), "a number that nobody proved made an account");
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    CLAIM(state_is(w, p, "pending"), "a code that did not come back made an account");
    DONE(w, PROVE(code_of(w), OF(p), ITEM("phone", NUMBER)));
    CLAIM(state_is(w, p, "active"), "proved and agreed, and yet not registered");
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p)));
    CLAIM(state_is(w, p, "pending"), "proved and not agreed, and yet registered");
    aid_seen(w, p);
    CLAIM(state_is(w, p, "active"), "agreed again, and not registered");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S1(5_3),
        CLAUSE_S2(1_4_2_1a),
        CLAUSE_S2(1_4_2_1b),
    };
    return RUN(tests);
}
