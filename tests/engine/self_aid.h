/* self_aid.h - people who ask for themselves: a shop that lets them, codes that came, sessions, and what is asked in one. */
#ifndef KEPT_TESTS_ENGINE_SELF_AID_H
#define KEPT_TESTS_ENGINE_SELF_AID_H

#include <ctype.h>
#include <jansson.h>

#include "../aid/staff.h"
#include "../aid/world.h"
#include "caller/caller.h"
#include "engine/serve.h"

#define SELF_ACCOUNT "account: {mode: phone, function: account, self_service: true}\n"
#define SELF_TOKEN 78

/* The shop, with accounts and more of the policy in front of its items. */
static inline char *self_policy(unsigned version, const char *more)
{
    char to[2048];
    (void)snprintf(to, sizeof to, "%s%sitems:", SELF_ACCOUNT, more);
    return world_policy("shop", version, "items:", to);
}

static inline void self_shop(struct world *w, const char *more)
{
    world_up(w);
    char *text = self_policy(1, more);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    w->app = "shop";
}

/* The code of the newest message that is due; all that were are told to be sent. */
static inline void self_code(struct world *w, char ret_code[7])
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_POST_TAKE, .limit = 50);
    json_t *root = json_loads(reply->json, 0, NULL), *one = NULL;
    size_t i = 0, n = 0;
    ret_code[0] = 0;
    json_array_foreach(json_object_get(root, "messages"), i, one) {
        struct kept_id id;
        const char *text = json_string_value(json_object_get(one, "text"));
        for (n = 0; *text != 0 && n < 6; text++)
            n = isdigit((unsigned char)*text) ? n + 1 : 0;
        (void)snprintf(ret_code, 7, "%.6s", n == 6 ? text - 6 : "");
        assert_int_equal(kept_id_parse(json_string_value(json_object_get(one, "id")), &id), 0);
        ALLOWS(w, .op = KEPT_OP_POST_TELL, .subject = id, .text = "sent 250");
    }
    json_decref(root);
    kept_reply_free(reply);
    assert_int_equal(strlen(ret_code), 6);
}

/* The token of a session in a reply, which is freed. */
static inline void self_token(struct kept_reply *reply, char ret_token[SELF_TOKEN])
{
    const char *at = reply->json != NULL ? strstr(reply->json, "kper_") : NULL;
    (void)snprintf(ret_token, SELF_TOKEN, "%s", "");
    if (at != NULL)
        (void)snprintf(ret_token, SELF_TOKEN, "%.77s", at);
    kept_reply_free(reply);
}

/* A session of somebody who has this number on file. */
static inline void self_session(struct world *w, struct kept_id id, const char *number, char ret_token[SELF_TOKEN])
{
    const struct kept_field phone = world_field("phone", number);
    char code[7];
    w->now += KEPT_MINUTE + KEPT_SECOND;
    ALLOWS(w, .op = KEPT_OP_ACCOUNT_BEGIN, .subject = id, .fields = &phone, .field_count = 1);
    self_code(w, code);
    self_token(ASK(w, .op = KEPT_OP_ACCOUNT_PROVE, .subject = id, .fields = &phone, .field_count = 1, .secret = code, .on = 1),
               ret_token);
    assert_int_equal(strlen(ret_token), SELF_TOKEN - 1);
}

/* What is answered to who shows this token, or nothing (NULL). NULL: nobody there; then w->err says so. */
static inline struct kept_reply *self_ask(struct world *w, const char *token, const struct kept_request *request)
{
    struct kept_request r = *request;
    const struct kept_request *all[] = {&r};
    struct kept_caller_row *who = NULL;
    struct kept_reply *reply = NULL;
    char actor[KEPT_ACTOR_ROOM];
    size_t n = 0;
    int rc = token == NULL ? kept_self_visit(w->kept, r.app, r.op, &who, &w->err)
             : kept_self_shows(world_text(token)) ? kept_self_judge(w->kept, world_text(token), &who, &w->err)
                                                  : KEPT_E_DENIED;
    if (rc == 0)
        rc = kept_caller_complete(who, &r, actor, &w->err);
    if (rc == 0 && (rc = kept_submit_all(w->kept, who, all, 1, &w->err)) == 0)
        rc = kept_reap(w->kept, &reply, 1, 1, &n, &w->err);
    kept_self_free(who);
    if (reply == NULL && rc != KEPT_E_DENIED)
        fail_msg("%s: %d %s", kept_op_name(r.op), rc, w->err.text);
    return reply;
}

#define SELF(w, token, ...) self_ask(w, token, &(struct kept_request){__VA_ARGS__})

/* Asked in a session, and answered like this. */
static inline void self_says(struct world *w, const char *token, enum kept_decision decision, enum kept_reason reason,
                             const char *file, int line, const struct kept_request *request)
{
    struct kept_reply *reply = self_ask(w, token, request);
    if (reply == NULL || reply->decision != decision || reply->reason != reason || reply->error != 0)
        fail_msg("%s:%d: %s: %s %s %s", file, line, kept_op_name(request->op), reply == NULL ? "nobody" : "",
                 reply == NULL ? "" : kept_reason_name(reply->reason), reply == NULL ? "" : reply->err.text);
    kept_reply_free(reply);
}
#define SELF_ALLOWS(w, token, ...)                                                                 \
    self_says(w, token, KEPT_ALLOW, KEPT_R_NONE, __FILE__, __LINE__, &(struct kept_request){__VA_ARGS__})
#define SELF_DENIES(w, token, reason, ...)                                                         \
    self_says(w, token, KEPT_DENY, KEPT_R_##reason, __FILE__, __LINE__, &(struct kept_request){__VA_ARGS__})
#define SELF_NOBODY(w, token, ...)                                                                 \
    assert_null(SELF(w, token, __VA_ARGS__))

#endif
