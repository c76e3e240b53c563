/* test_minors.c - S1 and S4, children who were found out: reported, settled, erased. */
#include "codes.h"

#define NUMBER "13900000002"
#define OFFICER .role = "officer", .actor = "officer-1"
#define WHY .text = "case 12"

static const struct kept_field account[] = {FIELD("account-name", "lilei"), FIELD("phone", NUMBER)};

static const struct kept_reply *make_account(struct world *w, struct kept_id p)
{
    return ASK(w, COLLECT, OF(p), .function = "register", SEVERAL(account));
}

/* Somebody with an account, who turns out to be a child. */
static struct kept_id registered(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    (void)aid_need(w, make_account(w, p));
    HOLD(w, p, VALUE("profile", "nickname", "planted-child"));
    return p;
}

static bool says(const struct kept_reply *r, const char *words)
{
    return r != NULL && r->json != NULL && strstr(r->json, words) != NULL;
}

static bool account_is(struct world *w, struct kept_id p, const char *words)
{
    return says(aid_need(w, ASK(w, ACCOUNT_SHOW, OF(p))), words);
}

/* No account for a child, and none handed to one: whoever reports it, it is shut at once; not all may open it again. */
static void clause_S1_0_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_born(w, "2015-06-01");
    aid_seen(w, p);
    const struct kept_reply *r = make_account(w, p);
    DENIED(r, AGE, "S1-0.5");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"records\":{}"), "something of a child was stored");
    p = registered(w);
    ALLOWED(READ("account-name", "account", NOW), "S1-1.13");
    DENIED(ASK(w, MINOR_REPORT, OF(p), AS("support")), JUSTIFICATION, "S1-0.5");
    r = ASK(w, MINOR_REPORT, OF(p), AS("support"), WHY);
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(READ("account-name", "account", NOW), RESTRICTED, "");
    DENIED(TAKE("profile", "nickname", "Lei", NOW), RESTRICTED, "");
    CLAIM(account_is(w, p, "\"state\":\"restricted\""), "the account is not restricted");
    DENIED(ASK(w, MINOR_SETTLE, OF(p), AS("support"), WHY), OPERATION, "S1-4.9");
    DENIED(ASK(w, SUBJECT_SET, OF(p), .birth_date = "1990-01-01", AS("support")), OPERATION, "S1-4.9");
    r = ASK(w, MINOR_SETTLE, OF(p), OFFICER, WHY); /* of age, after all */
    DONE(w, r);
    LEDGERED(w, r);
    ALLOWED(READ("account-name", "account", NOW), "S1-1.13");
}

/* Reported: nothing goes any more, for nobody. Found out: the account ends at once; nothing cools off. */
static void clause_S1_0_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = registered(w);
    DONE(w, BEGIN(OF(p), ITEM("phone", NUMBER)));
    DONE(w, PROVE(code_of(w), OF(p), ITEM("phone", NUMBER)));
    (void)aid_need(w, ASK(w, MINOR_REPORT, OF(p), AS("support"), WHY));
    DENIED(READ("nickname", "account", NOW), RESTRICTED, "");
    DENIED(READ("nickname", "account", AS("support")), RESTRICTED, "");
    DENIED(GIVE("affiliate", "nickname", "experience", NOW), RESTRICTED, "");
    CLAIM(account_is(w, p, "\"level\":\"code\""), "a report alone ended what somebody had shown");
    const struct kept_reply *r = ASK(w, MINOR_SETTLE, OF(p), OFFICER, WHY, .on = 1, .birth_date = "2015-06-01");
    DONE(w, r);
    LEDGERED(w, r);
    CLAIM(account_is(w, p, "\"level\":\"none\""), "the account of a child goes on");
    (void)aid_need(w, ASK(w, TICK, NOW));
    CLAIM(aid_shows(w, p, "\"state\":\"erased"), "the account of a child was not cancelled");
    DENIED(make_account(w, p), ERASED, "");
    DENIED(ASK(w, SUBJECT_FIND, ITEM("phone", NUMBER)), NO_VALUE, "S1-1.13");
}

/* A report deletes nothing; what was found out does, by a date that is said, with entry and certificate. */
static void clause_S1_0_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = registered(w), q = aid_person(w);
    (void)aid_need(w, ASK(w, MINOR_REPORT, OF(p), AS("support"), WHY, .birth_date = "2015-06-01"));
    w->now += 30 * DAY;
    (void)aid_need(w, ASK(w, TICK, NOW));
    CLAIM(aid_shows(w, p, "\"nickname\":1"), "a report alone deleted what is held");
    DENIED(ASK(w, ERASE_SUBJECT, OF(p), AS("support")), OPERATION, "S1-4.9");
    const struct kept_reply *r = ASK(w, MINOR_SETTLE, OF(p), OFFICER, WHY, .on = 1);
    DONE(w, r);
    CLAIM(says(r, "\"erase_by\":\"2026-04-"), "nobody says by when the data goes: %s", r->json);
    CLAIM(says(aid_need(w, ASK(w, STAT, NOW)), "\"minors_to_erase\":1"), "the work is not counted");
    (void)aid_need(w, ASK(w, TICK, NOW));
    r = ASK(w, TRAIL, OF(p), .newest = 1, .limit = 1);
    CLAIM(says(r, "\"operation\":\"erase.subject\"") && says(r, "\"actor\":\"kept\""), "the trail: %s", r->json);
    r = ASK(w, ERASE_SUBJECT, OF(p), OFFICER);
    CLAIM(says(r, "\"certificate\":\"erasure\"") && says(r, "\"records_kept_by_law\":0") && says(r, "\"final\":\"2026-0"),
          "the certificate does not say what was erased and when it is final");
    CLAIM(aid_shows(w, p, "\"records\":{}") && !aid_shows(w, p, "2015-06-01"), "records of an erased child are held");
    DENIED(READ("nickname", "account", NOW), ERASED, "");
    CLAIM(says(aid_need(w, ASK(w, STAT, NOW)), "\"minors_to_erase\":0"), "the work is counted on");
    ABSENT(w, "planted-child");
    ABSENT(w, NUMBER);
    ALLOWED(make_account(w, q), "S1-1.13"); /* the number is free again */
}

static struct kept_id viewer(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    HOLD(w, p, VALUE("profile", "nickname", "Lei"));
    return p;
}

static const struct kept_reply *note_age(struct world *w, struct kept_id p, const char *day)
{
    return ASK(w, SUBJECT_SET, OF(p), .birth_date = day, OFFICER);
}

/* Below eighteen nothing is collected, used or given, unless a law lets it: with its code, and
 * reasons. */
static void clause_S4_14_3(void **state)
{
    static const char *const days[][2] = {{"2014-01-01", "S4-14.1"}, {"2010-01-01", "S4-14.2"}};
    struct world *w = *state;
    for (size_t i = 0; i < 2; i++) {
        struct kept_id p = viewer(w);
        HOLD(w, p, VALUE("register", "phone", NUMBER));
        DONE(w, note_age(w, p, days[i][0]));
        const struct kept_reply *r = TAKE("playing", "os-version", "11", NOW);
        DENIED(r, NEEDS_GUARDIAN, days[i][1]);
        LEDGERED(w, r);
        DENIED(READ("nickname", "service", NOW), NEEDS_GUARDIAN, days[i][1]);
        DENIED(GIVE("affiliate", "nickname", "service", NOW), NEEDS_GUARDIAN, days[i][1]);
        DENIED(READ("phone", "security", .exemption = "criminal-process", .text = "case"),
               NEEDS_GUARDIAN, days[i][1]);
        DENIED(READ("phone", "authentication", .exemption = "vital-interest"),
               NEEDS_GUARDIAN, days[i][1]);
        ALLOWED(READ("phone", "authentication", .exemption = "vital-interest", .text = "missing"),
                "S4-1.1");
        ALLOWED(GIVE("authority", "phone", "authentication", .exemption = "legal-demand",
                     .text = "letter 7 of the court"),
                "S4-6.6");
    }
}

/* Collected without the guardian: found out, it is not used, and erased by upkeep with a certificate. A guardian who spoke
 * before keeps it; one who comes afterwards does not. */
static void clause_S4_14_4(void **state)
{
    static const struct kept_guardian parent = {.contact = "Li Hong, 13900001111", .relation = "parent", .method = "document"};
    static const struct kept_evidence paper = {.reference = "archive 2026/118"};
    struct world *w = *state;
    struct kept_id p = viewer(w), guarded = viewer(w);
    HOLD(w, p, VALUE("profile", "real-name", "planted child"));
    DONE(w, note_age(w, guarded, "2014-01-01"));
    DONE(w, ASK(w, GUARDIAN_ADD, OF(guarded), .guardian = &parent, .evidence = &paper));
    w->now += 1000;
    DONE(w, ASK(w, MINOR_REPORT, OF(p), AS("support"), WHY));
    DENIED(ASK(w, MINOR_SETTLE, OF(p), AS("support"), WHY, .on = 1), OPERATION, "S4-7.8");
    DENIED(ASK(w, ERASE_SUBJECT, OF(p), AS("support")), OPERATION, "S4-7.8");
    (void)aid_need(w, ASK(w, TICK, NOW));
    ALLOWED(READ("real-name", "service", NOW), "S4-1.4"); /* a report alone is no finding */
    DONE(w, ASK(w, MINOR_SETTLE, OF(guarded), OFFICER, WHY, .on = 1));
    const struct kept_reply *r = ASK(w, MINOR_SETTLE, OF(p), OFFICER, WHY, .on = 1, .birth_date = "2014-01-01");
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(READ("real-name", "service", NOW), RESTRICTED, "");
    DONE(w, ASK(w, GUARDIAN_ADD, OF(p), .guardian = &parent, .evidence = &paper)); /* not before */
    (void)aid_need(w, ASK(w, TICK, NOW));
    DENIED(READ("real-name", "service", NOW), ERASED, "");
    r = ASK(w, ERASE_SUBJECT, OF(p), OFFICER);
    CLAIM(says(r, "\"certificate\":\"erasure\"") && says(r, "\"records_kept_by_law\":0"),
          "there is no certificate of what was erased");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "records of an erased child are held");
    CLAIM(aid_shows(w, guarded, "\"nickname\":1"), "what a guardian agreed to before is gone");
    ABSENT(w, "planted child");
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLAUSE_S1(0_6), CLAUSE_S1(0_7), CLAUSE_S1(0_8), CLAUSE_S4(14_3), CLAUSE_S4(14_4)};
    return RUN(tests);
}
