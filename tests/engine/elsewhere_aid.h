/* elsewhere_aid.h - a shop in which people log in by the town's platform, and what that platform says of them. */
#ifndef KEPT_TESTS_ENGINE_ELSEWHERE_AID_H
#define KEPT_TESTS_ENGINE_ELSEWHERE_AID_H

#include "../aid/idp.h"
#include "self_aid.h"

static inline char *elsewhere_edit(char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    const size_t n = strlen(text) + strlen(to) + 1;
    char *out = malloc(n);
    assert_non_null(out);
    (void)snprintf(out, n, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(text);
    return out;
}

#define TOWN_ITEM "    {text: {en: your number there, zh: 您在那里的编号}, kind: device-id, information: network-id, source: third_party, " \
                  "retain: account, token: true, clause: T-50}\n"
#define TOWN_OF(name, items) "  " name ":\n    {text: {en: Town (example), zh: 小镇（示例）}, role: independent, kind: partner, gives: [" items "], " \
    "lawful_source: {en: your account there, zh: 您在那里的账户}, purposes: [service], region: CN, consent: separate, " \
    "agreement: {signed: 2026-01-01, expires: 2036-01-01, clause: T-51}, clause: T-51}\n"

/* The shop, with accounts of this mode, two platforms, and more in front of its items. */
static inline char *elsewhere_policy(unsigned version, const char *mode, const char *more)
{
    char to[1024];
    (void)snprintf(to, sizeof to, "account: {mode: %s, function: account, self_service: true, clause: T-52}\n%sitems:\n  town-id:\n" TOWN_ITEM
                   "  village-id:\n" TOWN_ITEM, mode, more);
    char *text = world_policy("shop", version, "items:\n", to);
    text = elsewhere_edit(text, "\nfunctions:\n", "\nfunctions:\n  town-login:\n    {text: {en: signs you in, zh: 登录}, kind: extended, consent: explicit, "
                          "purposes: [service], optional: [town-id, village-id], refusing_costs: {en: Nothing., zh: 无。}, clause: T-53}\n");
    return elsewhere_edit(text, "\nrecipients:\n", "\nrecipients:\n" TOWN_OF("town", "town-id") TOWN_OF("village", "village-id"));
}

#define PROVIDER(w, op_, name_, item_, text)                                                       \
    .op = KEPT_OP_PROVIDER_##op_, .recipient = (name_), .fields = &(const struct kept_field){.name = (item_), .value = world_text(text)}, \
    .field_count = 1

static inline void elsewhere_up(struct world *w, struct idp *idp, const char *mode, const char *more)
{
    world_up(w);
    char *text = elsewhere_policy(1, mode, more);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    w->app = "shop";
    idp_up(idp);
    ALLOWS(w, PROVIDER(w, ADD, "town", "town-id", idp->provider));
}

/* A member of a reply's JSON, which is freed. */
static inline void elsewhere_said(struct kept_reply *reply, const char *member, char *out, size_t max)
{
    json_t *root = reply != NULL && reply->json != NULL ? json_loads(reply->json, 0, NULL) : NULL;
    const char *text = json_string_value(json_object_get(root, member));
    (void)snprintf(out, max, "%s", text != NULL ? text : "");
    json_decref(root);
    kept_reply_free(reply);
}

/* A login there, begun by the app for somebody (or nobody), and what comes of it: a token. */
static inline const char *elsewhere_login(struct world *w, struct idp *idp, struct kept_id id, const char *sub)
{
    char nonce[64];
    elsewhere_said(ASK(w, .op = KEPT_OP_ACCOUNT_BEGIN, .recipient = "town", .subject = id), "nonce", nonce, sizeof nonce);
    assert_int_equal(strlen(nonce), 32);
    return idp_token(idp, sub, nonce, w->now);
}

#define BIND(token) .op = KEPT_OP_ACCOUNT_BIND, .recipient = "town", .function = "town-login", .secret = (token)
#define SHOW_TOKEN(token) .op = KEPT_OP_ACCOUNT_PROVE, .recipient = "town", .secret = (token)

/* Somebody who agrees to both. */
static inline struct kept_id elsewhere_person(struct world *w)
{
    struct kept_id id = world_person(w);
    world_agree(w, id, "town-login", KEPT_C_EXPLICIT);
    ALLOWS(w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .recipient = "town", .consent = KEPT_C_SEPARATE);
    return id;
}

#endif
