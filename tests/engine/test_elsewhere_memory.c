/* test_elsewhere_memory.c - accounts elsewhere while memory runs out at the N-th allocation, for every N: done, or a clean error, or a
 * token that is taken for none; the person is as they were or bound, and the next login goes through. */
#include "../aid/sampled.h"
#include "../aid/scarce.h"
#include "elsewhere_aid.h"

#define STRIDE (SAMPLED ? 7u : 1u)

static const struct kept_id nobody = {{0}};

struct scene {
    struct world w;
    struct idp idp;
    struct kept_id id;
};

static void up(struct scene *s)
{
    elsewhere_up(&s->w, &s->idp, "any", "");
    s->id = elsewhere_person(&s->w);
    world_put(&s->w, s->id, "account", "phone", "13800138000");
}

static void down(struct scene *s)
{
    idp_down(&s->idp);
    world_down(&s->w);
}

/* Asked while the n-th allocation fails. Returns 0 when it was done, -1 when not; *ret_over: none failed any more. */
static int scarcely(struct scene *s, const struct kept_request *request, long n, bool once, bool *ret_over)
{
    struct kept_reply *reply = NULL;
    struct kept_request r = *request;
    struct kept_err err = {0};
    r.app = "shop";
    scarce_begin(n, once);
    const int rc = kept_call(s->w.kept, &r, &reply, &err);
    scarce_end();
    *ret_over = scarce_failed() == 0;
    if (rc != 0 && rc != KEPT_E_NOMEM && rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED)
        fail_msg("%s, allocation %ld: %d %s", kept_op_name(r.op), n, rc, err.text);
    const bool done = rc == 0 && reply->decision == KEPT_ALLOW;
    if (rc == 0 && !done && reply->reason != KEPT_R_ID_TOKEN)
        fail_msg("%s, allocation %ld: %s", kept_op_name(r.op), n, kept_reason_name(reply->reason));
    kept_reply_free(reply);
    return done ? 0 : -1;
}

static void logins(struct scene *s, bool once)
{
    unsigned refused = 0;
    bool over = false;
    for (long n = 0; !over; n += once ? STRIDE : 11 * STRIDE) {
        char token[IDP_MAX];
        (void)snprintf(token, sizeof token, "%s", elsewhere_login(&s->w, &s->idp, nobody, "lei"));
        const int rc = scarcely(s, &(struct kept_request){SHOW_TOKEN(token)}, n, once, &over);
        refused += rc != 0;
        world_reopen(&s->w);
        s->w.now += KEPT_MINUTE;
    }
    assert_true(refused > 0);
    ALLOWS(&s->w, SHOW_TOKEN(elsewhere_login(&s->w, &s->idp, nobody, "lei")));
}

static void bindings(struct scene *s, bool once)
{
    unsigned refused = 0;
    bool over = false;
    for (long n = 0; !over; n += once ? STRIDE : 11 * STRIDE) {
        char token[IDP_MAX];
        s->w.now += KEPT_HOUR; /* a person begins so many an hour */
        (void)snprintf(token, sizeof token, "%s", elsewhere_login(&s->w, &s->idp, s->id, "lei"));
        const struct kept_request r = {BIND(token), .subject = s->id};
        const int rc = scarcely(s, &r, n, once, &over);
        refused += rc != 0;
        world_reopen(&s->w);
        if (!world_shows(&s->w, s->id, "\"town-id\"")) /* all or nothing: what was not done spent nothing */
            ALLOWS(&s->w, BIND(token), .subject = s->id);
        const int gone = scarcely(s, &(struct kept_request){.op = KEPT_OP_ACCOUNT_UNBIND, .recipient = "town", .subject = s->id}, n, once, &over);
        world_reopen(&s->w);
        if (gone != 0 && world_shows(&s->w, s->id, "\"town-id\""))
            ALLOWS(&s->w, .op = KEPT_OP_ACCOUNT_UNBIND, .recipient = "town", .subject = s->id);
        assert_false(world_shows(&s->w, s->id, "\"town-id\""));
        over = over && rc == 0;
    }
    assert_true(refused > 0);
}

static void providers(struct scene *s, bool once)
{
    static const enum kept_op ops[] = {KEPT_OP_PROVIDER_LIST, KEPT_OP_ACCOUNT_BEGIN, KEPT_OP_ACCOUNT_SHOW};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        unsigned refused = 0;
        bool over = false;
        for (long n = 0; !over; n += STRIDE) {
            const struct kept_request r = {.op = ops[i], .recipient = ops[i] == KEPT_OP_ACCOUNT_SHOW ? NULL : "town",
                                           .subject = ops[i] == KEPT_OP_PROVIDER_LIST ? nobody : s->id};
            s->w.now += KEPT_HOUR;
            refused += scarcely(s, &r, n, once, &over) != 0;
            world_reopen(&s->w);
        }
        assert_true(refused > 0);
    }
}

static void test_memory_runs_out(void **state)
{
    struct scene s;
    (void)state;
    up(&s);
    for (unsigned once = 0; once < 2; once++) {
        bindings(&s, once != 0);
        providers(&s, once != 0);
    }
    ALLOWS(&s.w, BIND(elsewhere_login(&s.w, &s.idp, s.id, "lei")), .subject = s.id);
    for (unsigned once = 0; once < 2; once++)
        logins(&s, once != 0);
    world_check(&s.w);
    down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_runs_out)};
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
