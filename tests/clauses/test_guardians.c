/* test_guardians.c - S0, S4: minors, their guardians, the birthday to the second. */
#include "shown.h"

#define HOUR (DAY / 24)
static const struct kept_evidence paper = {.reference = "archive 2026/118"};

/* A guardian by name begins to speak. */
#define SPEAK(...)                                                                                 \
    ASK(w, GUARDIAN_ADD, OF(p), .evidence = &paper,                                                \
        .guardian = &(const struct kept_guardian){.contact = "Li Hong, 13900001111", __VA_ARGS__})
#define PARENT .relation = "parent", .method = "document"

/* Sixteen: nothing without a guardian's written word, shown by a document; with it, to the birthday. */
static void clause_S0_8_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_born(w, "2008-03-03"); /* eighteen sixteen hours after the start */
    aid_seen(w, p);
    const struct kept_reply *r = TAKE("device-adaptation", "os-version", "11", NOW);
    DENIED(r, NEEDS_GUARDIAN, "S0-8.1");
    LEDGERED(w, r);
    DENIED(SPEAK(PARENT), NEEDS_GUARDIAN, "S0-8.1"); /* not in writing */
    DENIED(SPEAK(.relation = "parent", .method = "a call", .written = 1), NEEDS_GUARDIAN, "S0-8.1");
    DENIED(SPEAK(.relation = "aunt", .method = "document", .written = 1), NEEDS_GUARDIAN, "S0-8.1");
    DENIED(ASK(w, GUARDIAN_ADD, OF(p),
               .guardian = &(const struct kept_guardian){.contact = "Li", PARENT, .written = 1}),
           NEEDS_GUARDIAN, "S0-8.1"); /* without the paper */
    DENIED(TAKE("device-adaptation", "os-version", "11", NOW), NEEDS_GUARDIAN, "S0-8.1");
    r = SPEAK(PARENT, .written = 1);
    DONE(w, r);
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "archive 2026/118") && aid_shows(w, p, "\"form\":\"written\""),
          "the evidence of the guardian's word is not shown");
    ALLOWED(TAKE("device-adaptation", "os-version", "11", NOW), "S0-1.1");
    GRANT(w, p, GUARDIAN, .function = "feedback");
    w->now += 16 * HOUR - 1000; /* 23:59:59 in the policy's time zone */
    ALLOWED(TAKE("feedback", "message", "hello", BY_THE_PERSON), "S0-12.2");
    w->now += 1000;
    r = TAKE("feedback", "message", "more", BY_THE_PERSON); /* of age: their own word is needed */
    DENIED(r, NEEDS_CONSENT, "S0-12.2");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    ALLOWED(TAKE("feedback", "message", "more", BY_THE_PERSON), "S0-12.2");
}

/* Under fourteen the guardian agrees, and the child's yes alone opens nothing. */
static void clause_S4_14_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_born(w, "2016-02-29");
    aid_seen(w, p);
    GRANT(w, p, EXPLICIT, .function = "profile");
    const struct kept_reply *r = TAKE("profile", "nickname", "Dou", NOW);
    DENIED(r, NEEDS_GUARDIAN, "S4-14.1");
    LEDGERED(w, r);
    DONE(w, SPEAK(PARENT));
    ALLOWED(TAKE("playing", "os-version", "11", NOW), "S4-2.1");
    DENIED(TAKE("profile", "nickname", "Dou", NOW), NEEDS_GUARDIAN, "S4-1.4");
    GRANT(w, p, GUARDIAN, .function = "profile");
    ALLOWED(TAKE("profile", "nickname", "Dou", NOW), "S4-1.4");
    r = ASK(w, CONSENT_WITHDRAW, OF(p), .function = "profile", .consent = KEPT_C_GUARDIAN);
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(TAKE("profile", "nickname", "Dou", NOW), WITHDRAWN, "S4-1.4");
    ALLOWED(TAKE("playing", "os-version", "11", NOW), "S4-2.1");
    r = ASK(w, GUARDIAN_REVOKE, OF(p));
    DONE(w, r);
    LEDGERED(w, r);
    for (int again = 0; again <= 1; again++) {
        DENIED(TAKE("playing", "os-version", "11", NOW), WITHDRAWN, "S4-14.1");
        aid_shut(w); /* and it stays so */
        aid_open(w);
    }
}

/* From fourteen both have to agree; a policy that lets the person decide alone asks no guardian. */
static void clause_S4_14_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_born(w, "2010-03-03"), q = aid_born(w, "2010-03-03");
    aid_seen(w, p);
    DENIED(TAKE("playing", "os-version", "11", NOW), NEEDS_GUARDIAN, "S4-14.2");
    DONE(w, SPEAK(PARENT));
    GRANT(w, p, GUARDIAN, .function = "profile");
    const struct kept_reply *r = TAKE("profile", "nickname", "Dou", NOW);
    DENIED(r, NEEDS_CONSENT, "S4-1.4"); /* the guardian alone */
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .function = "profile");
    ALLOWED(TAKE("profile", "nickname", "Dou", NOW), "S4-1.4");
    WITHDRAW(w, p, .function = "profile", .consent = KEPT_C_GUARDIAN);
    DENIED(TAKE("profile", "nickname", "Dou", NOW), WITHDRAWN, "S4-1.4"); /* the person alone */
    char *text = aid_edit(aid_policy("media"), "\napp: media\n", "\napp: media-alone\n");
    text = aid_edit(text, "mode: self_and_guardian, form: express", "mode: self");
    w->app = "media-alone";
    (void)aid_need(w, ASK(w, POLICY_PUBLISH, .text = text));
    free(text);
    q = aid_born(w, "2010-03-03");
    aid_seen(w, q);
    GRANT(w, q, EXPLICIT, .function = "profile");
    p = q;
    ALLOWED(TAKE("profile", "nickname", "Dou", NOW), "S4-1.4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLAUSE_S0(8_1), CLAUSE_S4(14_1), CLAUSE_S4(14_2)};
    return RUN(tests);
}
