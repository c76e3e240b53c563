/* test_versions.c - several versions of a policy govern at once: who went on, who agreed, who did not. */
#include "shown.h"

/* Version 2 of the world's policy, with one piece replaced, in force now. */
static void second(struct world *w, const char *old, const char *new)
{
    char *text = aid_edit(aid_policy(w->app), "\nversion: 1\n", "\nversion: 2\n");
    text = aid_edit(text, old, new);
    (void)aid_need(w, aid_publish_text(w, text));
    free(text);
}

static uint32_t governs(struct world *w, struct kept_id p)
{
    char words[40];
    for (uint32_t v = 1; v <= 3; v++) {
        (void)snprintf(words, sizeof words, "\"policy_version\":%u,\"notice_version\"", v);
        if (aid_shows(w, p, words))
            return v;
    }
    return 0;
}

#define GO_ON(p_) ASK(w, CONSENT_ACKNOWLEDGE, OF(p_), .consent = KEPT_C_IMPLIED)

/* Going on accepts what takes nothing more, and is on record as such; else it accepts nothing. */
static void going_on(struct world *w, const char *narrow, const char *narrowed, const char *wide,
                     const char *widened, const char *clause, const char *row)
{
    struct kept_id p = aid_person(w), stranger = aid_stranger(w);
    second(w, narrow, narrowed);
    const struct kept_reply *r = GO_ON(stranger); /* who never agreed to anything goes on with nothing */
    aid_verdict(r, KEPT_DENY, KEPT_R_NEEDS_CONSENT, clause, row, __LINE__);
    r = GO_ON(p);
    aid_done(w, r, row, __LINE__);
    aid_ledgered(w, r, row, __LINE__);
    aid_claim(governs(w, p) == 2 && aid_shows(w, p, "\"origin\":\"deemed\""), row, __LINE__,
              "going on is not on record as what it is");
    char *text = aid_edit(aid_policy(w->app), "\nversion: 1\n", "\nversion: 3\n");
    text = aid_edit(text, wide, widened);
    (void)aid_need(w, aid_publish_text(w, text));
    free(text);
    r = GO_ON(p);
    aid_verdict(r, KEPT_DENY, KEPT_R_NEEDS_CONSENT, clause, row, __LINE__);
    aid_ledgered(w, r, row, __LINE__);
    aid_claim(governs(w, p) == 2, row, __LINE__, "somebody is bound to more by going on");
    aid_seen(w, p);
    aid_claim(governs(w, p) == 3, row, __LINE__, "who agreed is not governed by what they agreed to");
}

static void clause_S0_11_2(void **state)
{
    going_on(*state, "  settings:", "  settings:", "retain: 180 days", "retain: 360 days", "S0-11.2",
             __func__);
}

static void clause_S1_6_7(void **state)
{
    going_on(*state, "retain: 180 days", "retain: 90 days", "retain: 180 days", "retain: 360 days",
             "S1-6.7", __func__);
}

static void clause_S4_15_4(void **state)
{
    going_on(*state, "retain: 1 year", "retain: 300 days", "retain: 180 days", "retain: 360 days",
             "S4-15.4", __func__);
}

/* A change that takes more binds nobody who did not agree to it: the old rules go on for them, and
 * consents given before do not reach what was added. */
static void no_less(struct world *w, const char *function, const char *item, const char *clause,
                    const char *old, const char *new, const char *row)
{
    struct kept_id p = aid_person(w), q = aid_person(w);
    const struct kept_field value = {.name = item, .value = {(const uint8_t *)"Dou", 3}};
#define PUT(who) ASK(w, COLLECT, OF(who), .function = function, .fields = &value, .field_count = 1)
    GRANT(w, p, EXPLICIT, .function = function);
    GRANT(w, q, EXPLICIT, .function = function);
    second(w, old, new);
    aid_claim(governs(w, p) == 1, row, __LINE__, "somebody is governed by what they never saw");
    const struct kept_reply *r = PUT(p);
    aid_verdict(r, KEPT_ALLOW, KEPT_R_NONE, clause, row, __LINE__);
    aid_claim(r != NULL && r->policy_version == 1, row, __LINE__, "the old rules do not go on");
    aid_seen(w, q);
    r = PUT(q);
    aid_verdict(r, KEPT_DENY, KEPT_R_CONSENT_STALE, clause, row, __LINE__);
    aid_ledgered(w, r, row, __LINE__);
    GRANT(w, q, EXPLICIT, .function = function);
    r = PUT(q);
    aid_verdict(r, KEPT_ALLOW, KEPT_R_NONE, clause, row, __LINE__);
    aid_claim(r != NULL && r->policy_version == 2, row, __LINE__, "who agreed stays under the old rules");
#undef PUT
}

static void clause_S1_6_1(void **state)
{
    struct world *w = *state;
    char *text = aid_policy("messenger"), *at = strstr(text, "\n  profile:"), *end = NULL;
    char old[256], new[300];
    at = at != NULL ? strstr(at, "purposes: [") : NULL;
    end = at != NULL ? strchr(at, ']') : NULL;
    if (end == NULL)
        aid_setup_failed("no such function", "profile");
    /* The line with what follows it, so that it is this function's. */
    char *next = strchr(end, '\n') + 1, *stop = strchr(next, '\n');
    (void)snprintf(old, sizeof old, "%.*s", (int)(stop - at), at);
    (void)snprintf(new, sizeof new, "%.*s, experience%.*s", (int)(end - at), at, (int)(stop - end), end);
    free(text);
    no_less(w, "profile", "nickname", "S1-1.14", old, new, __func__);
}

static void clause_S4_15_1(void **state)
{
    no_less(*state, "profile", "nickname", "S4-1.4", "    purposes: [service, authentication]\n",
            "    purposes: [service, authentication, analysis]\n", __func__);
}

/* Nothing reaches back: a version published for the past is refused, as none may begin before people were
 * told; and what came in before stays under the rules of then. */
static void clause_S1_6_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *before = TAKE("basic-operation", "hardware-model", "X1", NOW);
    ALLOWED(before, "S1-1.3");
    char *text = aid_edit(aid_policy("messenger"), "\nversion: 1\n", "\nversion: 2\n");
    text = aid_edit(text, "retain: 180 days", "retain: 90 days"); /* of hardware-model, the first */
    w->now += DAY;
    CLAIM(ASK(w, POLICY_PUBLISH, .text = text, .at = START - 30 * DAY) == NULL && w->rc == KEPT_E_CONFLICT,
          "a version took effect in the past");
    (void)aid_need(w, aid_publish_text(w, text));
    free(text);
    CLAIM(strstr(aid_need(w, ASK(w, POLICY_SHOW, .role = ""))->json,
                 "\"version\":2,\"published\":\"2026-03-03T00:00:00Z\",\"effective\":"
                 "\"2026-03-11T00:00:00Z\"") != NULL,
          "a version took effect before it was published");
    aid_seen(w, p); /* agreeing does not reach back either */
    const struct kept_reply *r = ASK(w, WHY, OF(p), .item = "hardware-model");
    CLAIM(r != NULL && strstr(r->json, "\"policy_version\":1,\"until\":\"2026-08-29") != NULL,
          "a value of before came under the new version");
    LEDGERED(w, before);
    HOLD(w, p, VALUE("basic-operation", "hardware-model", "X2"));
    r = ASK(w, WHY, OF(p), .item = "hardware-model");
    CLAIM(r != NULL && strstr(r->json, "\"policy_version\":2,\"until\":\"2026-06-09") != NULL,
          "a value of after came under the former version");
}

/* What takes more is shown first: until then nothing at all; shown, the former rules go on. */
static void clause_S2_8_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    ALLOWED(TAKE("operation", "os-version", "11", NOW), "S2-1.4.1a");
    second(w, "retain: 180 days", "retain: 360 days");
    const struct kept_reply *r = TAKE("operation", "os-version", "11", NOW);
    DENIED(r, NO_NOTICE, "S2-8.1");
    LEDGERED(w, r);
    DENIED(READ("os-version", "operation", NOW), NO_NOTICE, "S2-8.1");
    r = ASK(w, CONSENT_ACKNOWLEDGE, OF(p), .consent = KEPT_C_ACKNOWLEDGEMENT, .language = "zh");
    DONE(w, r);
    LEDGERED(w, r);
    r = TAKE("operation", "os-version", "11", NOW);
    ALLOWED(r, "S2-1.4.1a");
    CLAIM(r->policy_version == 1 && governs(w, p) == 1, "being shown a text was taken for agreeing");
}

/* Going on accepts a change only once it was shown, and never one that takes more. */
static void clause_S2_8_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    second(w, "retain: 180 days", "retain: 90 days");
    const struct kept_reply *r = GO_ON(p);
    DENIED(r, NEEDS_CONSENT, "S2-8.1");
    LEDGERED(w, r);
    DONE(w, ASK(w, CONSENT_ACKNOWLEDGE, OF(p), .consent = KEPT_C_ACKNOWLEDGEMENT));
    CLAIM(governs(w, p) == 1, "being shown a text was taken for agreeing");
    DONE(w, GO_ON(p));
    CLAIM(governs(w, p) == 2, "who went on after it was shown is not governed by it");
    DONE(w, ASK(w, CONSENT_REFUSE, OF(p))); /* who disagrees stops */
    DENIED(TAKE("operation", "os-version", "11", NOW), REFUSED, "S2-0.4");
}

/* An affiliate that is to serve another purpose: the consent of before does not carry it. */
static void clause_S2_3_1_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("operation", "operation-log", "opened"));
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    ALLOWED(GIVE("affiliate", "operation-log", "security", NOW), "S2-3.1.4.1");
    second(w, "    items: [android-id, user-name, operation-log]\n    purposes: [security]\n",
           "    items: [android-id, user-name, operation-log]\n    purposes: [security, operation]\n");
    aid_seen(w, p);
    const struct kept_reply *r = GIVE("affiliate", "operation-log", "operation", NOW);
    DENIED(r, CONSENT_STALE, "S2-3.1.4.1");
    LEDGERED(w, r);
    DENIED(GIVE("affiliate", "operation-log", "security", NOW), CONSENT_STALE, "S2-3.1.4.1");
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    ALLOWED(GIVE("affiliate", "operation-log", "operation", NOW), "S2-3.1.4.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S0(11_2), CLAUSE_S1(6_1), CLAUSE_S1(6_6), CLAUSE_S1(6_7), CLAUSE_S2(3_1_3),
        CLAUSE_S2(8_1),  CLAUSE_S2(8_2), CLAUSE_S4(15_1), CLAUSE_S4(15_4),
    };
    return RUN(tests);
}
