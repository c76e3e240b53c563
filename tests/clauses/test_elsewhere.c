/* test_elsewhere.c - S4, accounts at another platform: bound after both consents, and away with the account here. */
#include "../aid/idp.h"
#include "shown.h"

static struct idp idp;

static int up(void **state)
{
    if (aid_media(state) != 0)
        return 1;
    struct world *w = *state;
    idp_up(&idp);
    const struct kept_field said = {.name = "social-id", .value = {(const uint8_t *)idp.provider, strlen(idp.provider)}};
    (void)aid_need(w, ASK(w, PROVIDER_ADD, .recipient = "social-platform", .fields = &said, .field_count = 1));
    return 0;
}

static int end(void **state)
{
    idp_down(&idp);
    return aid_end(state);
}

/* Somebody logs in there, begun here by this person or by nobody yet: what the platform signed. */
static const char *login(struct world *w, struct kept_id p, const char *who)
{
    char nonce[64];
    const struct kept_reply *r = aid_need(w, ASK(w, ACCOUNT_BEGIN, OF(p), .recipient = "social-platform"));
    json_t *root = json_loads(r->json, 0, NULL);
    const char *said = json_string_value(json_object_get(root, "nonce"));
    (void)snprintf(nonce, sizeof nonce, "%s", said != NULL ? said : "");
    json_decref(root);
    return idp_token(&idp, who, nonce, w->now);
}

#define NOBODY (struct kept_id){{0}}
#define BIND(token) ASK(w, ACCOUNT_BIND, OF(p), .recipient = "social-platform", .function = "social-login", .secret = (token))
#define PROVE(token) ASK(w, ACCOUNT_PROVE, .recipient = "social-platform", .secret = (token))

/* Is it this person who logs in by that account there? */
static bool is_in(struct world *w, const char *who, struct kept_id p)
{
    const struct kept_reply *r = PROVE(login(w, NOBODY, who));
    return r != NULL && r->decision == KEPT_ALLOW && memcmp(&r->subject, &p, sizeof p) == 0;
}

static struct kept_id agreed(struct world *w, const char *phone)
{
    struct kept_id p = aid_person(w);
    const struct kept_field field = {.name = "phone", .value = {(const uint8_t *)phone, strlen(phone)}};
    HOLD(w, p, .function = "register", .fields = &field, .field_count = 1);
    GRANT(w, p, SEPARATE, .recipient = "social-platform");
    GRANT(w, p, EXPLICIT, .function = "social-login");
    return p;
}

/* Logging in there is the consent there; without the one here nothing is bound, and nothing of it comes in. */
static void clause_S4_1_9(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_field number = {.name = "social-id", .value = {(const uint8_t *)"SQUARE-0001", 11}};
    GRANT(w, p, SEPARATE, .recipient = "social-platform");
    const char *token = login(w, p, "planted-lei");
    const struct kept_reply *r = BIND(token);
    DENIED(r, NEEDS_CONSENT, "S4-1.9"); /* there, and not yet here */
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .function = "social-login");
    r = BIND(token);
    ALLOWED(r, "S4-1.9");
    LEDGERED(w, r);
    CLAIM(is_in(w, "planted-lei", p), "a bound account does not show the same person");
    DENIED(BIND(token), ID_TOKEN, "S4-5.12"); /* each login once */
    DENIED(PROVE(login(w, NOBODY, "planted-mei")), ID_TOKEN, "S4-5.12");
    ALLOWED(TAKE("social-login", "social-nickname", "Lei", .recipient = "social-platform"), "S4-1.9");
    DENIED(ASK(w, COLLECT, OF(p), .function = "social-login", .recipient = "social-platform", .fields = &number, .field_count = 1),
           ID_TOKEN, "S4-1.9"); /* what nobody signed */
    struct kept_id first = p;
    p = agreed(w, "13900000008");
    DENIED(BIND(login(w, p, "planted-lei")), BOUND, "S4-5.12");
    CLAIM(is_in(w, "planted-lei", first), "an account went to whoever asked next");
    p = first;
    HOLD(w, p, VALUE("register", "phone", "13900000007"));
    DONE(w, ASK(w, ACCOUNT_UNBIND, OF(p), .recipient = "social-platform"));
    DENIED(PROVE(login(w, NOBODY, "planted-lei")), ID_TOKEN, "S4-5.12");
    ABSENT(w, "planted-lei");
}

/* Who ends the account here is told where the one there is ended: it is not ours. */
static void clause_S4_5_12(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .recipient = "social-platform");
    GRANT(w, p, EXPLICIT, .function = "social-login");
    ALLOWED(BIND(login(w, p, "lei")), "S4-1.9");
    const struct kept_reply *r = ASK(w, ACCOUNT_UNBIND, OF(p), .recipient = "social-platform");
    DENIED(r, ONLY_WAY, "S4-5.12");
    LEDGERED(w, r);
    CLAIM(is_in(w, "lei", p), "the only way in is shut");
    r = ASK(w, ERASE_SUBJECT, OF(p));
    DONE(w, r);
    CLAIM(strstr(r->json, "\"unbound\":[{\"provider\":\"social-platform\"") != NULL, "nobody was told from where they were unbound: %s", r->json);
    CLAIM(strstr(r->json, "\"leave\":\"" IDP_LEAVE "\"") != NULL, "nobody was told where it ends there: %s", r->json);
    DENIED(PROVE(login(w, NOBODY, "lei")), ID_TOKEN, "S4-5.12");
    p = agreed(w, "13900000009");
    ALLOWED(BIND(login(w, p, "lei")), "S4-1.9"); /* nothing of the one before is left */
    CLAIM(is_in(w, "lei", p), "an account that was let go of binds nobody else");
    r = ASK(w, ACCOUNT_UNBIND, OF(p), .recipient = "social-platform");
    DONE(w, r);
    CLAIM(strstr(r->json, "\"leave\":\"" IDP_LEAVE "\"") != NULL, "nobody was told where it ends there");
}

#define CLAUSE(row) cmocka_unit_test_setup_teardown(clause_S4_##row, up, end)

int main(void)
{
    const struct CMUnitTest tests[] = {CLAUSE(1_9), CLAUSE(5_12)};
    return RUN(tests);
}
