/* test_ends.c - S0 to S4: how long a value stays, what says so, and what outlives a deletion. */
#include "shown.h"

/* Held while its time lasts; one day later gone from what is given out, and after the upkeep from every
 * file. What has no time of its own stays. */
static void ends(struct world *w, struct kept_id p, const char *function, const char *item,
                 const char *purpose, int days, const char *clause, const char *row)
{
    const struct kept_field value = {.name = item, .value = {(const uint8_t *)"planted-value", 13}};
    const struct kept_field what = {.name = item};
#define ASK_FOR()                                                                                  \
    ASK(w, USE, OF(p), .fields = &what, .field_count = 1, .purpose = purpose)
    (void)aid_need(w, ASK(w, COLLECT, OF(p), .function = function, .fields = &value,
                          .field_count = 1, BY_THE_PERSON));
    w->now += (days - 1) * DAY;
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    aid_verdict(ASK_FOR(), KEPT_ALLOW, KEPT_R_NONE, clause, row, __LINE__);
    w->now += 2 * DAY;
    const struct kept_reply *r = ASK_FOR();
    aid_claim(r != NULL && r->decision == KEPT_DENY && r->reason == KEPT_R_NO_VALUE, row, __LINE__,
              "a value is given out past its end");
    aid_ledgered(w, r, row, __LINE__);
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    char held[80];
    (void)snprintf(held, sizeof held, "\"%s\":", item);
    aid_claim(!aid_shows(w, p, held), row, __LINE__, "a value past its end is held");
    r = ASK(w, TRAIL, OF(p));
    aid_claim(r != NULL && strstr(r->json, "the time to keep it has passed") != NULL, row, __LINE__,
              "the end of a value is not on record");
#undef ASK_FOR
}

/* A law keeps its records longer than the person stays, and not longer than it says. */
static void outlives(struct world *w, struct kept_id p, const char *function, const char *item,
                     const char *purpose, int days, const char *clause, const char *row)
{
    const struct kept_field value = {.name = item, .value = {(const uint8_t *)"planted-record", 14}};
    const struct kept_field what = {.name = item};
#define ASK_FOR()                                                                                  \
    ASK(w, USE, OF(p), .fields = &what, .field_count = 1, .purpose = purpose, .role = "officer",   \
        .actor = "officer-1")
    (void)aid_need(w, ASK(w, COLLECT, OF(p), .function = function, .fields = &value,
                          .field_count = 1, BY_THE_PERSON, .text = "case 1"));
    aid_done(w, ASK(w, ERASE_SUBJECT, OF(p)), row, __LINE__);
    w->now += (days - 1) * DAY;
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    const struct kept_reply *r = ASK_FOR();
    aid_verdict(r, KEPT_ALLOW, KEPT_R_NONE, clause, row, __LINE__);
    aid_claim(aid_value(r, "planted-record"), row, __LINE__, "what the law keeps is lost");
    w->now += 2 * DAY;
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    r = ASK_FOR();
    aid_claim(r != NULL && r->decision == KEPT_DENY, row, __LINE__, "the law's time is over");
    aid_ledgered(w, r, row, __LINE__);
    aid_claim(aid_shows(w, p, "\"records\":{}"), row, __LINE__, "a record outlived the law's time");
#undef ASK_FOR
}

static void clause_S0_6_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w), q = aid_person(w);
    ends(w, p, "device-adaptation", "os-version", "adaptation", 180, "S0-1.1", __func__);
    outlives(w, q, "access-records", "access-log", "legal-duty", 184, "S0-12.1", __func__);
}

static void clause_S1_4_3(void **state)
{
    struct world *w = *state;
    ends(w, aid_person(w), "basic-operation", "os-version", "operation", 180, "S1-1.3", __func__);
}

static void clause_S1_4_4(void **state)
{
    struct world *w = *state;
    outlives(w, aid_person(w), "legal-records", "access-log", "compliance", 184, "S1-4.13", __func__);
}

static void clause_S2_7_2(void **state)
{
    struct world *w = *state;
    struct kept_id q = aid_person(w);
    ends(w, aid_person(w), "operation", "os-version", "operation", 180, "S2-1.4.1a", __func__);
    outlives(w, q, "legal-records", "access-log", "compliance", 184, "S2-4.1.6", __func__);
}

static void clause_S3_2_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    ends(w, p, "feedback", "message", "support", 365, "S3-0.3", __func__);
}

/* While the account lives it stays, however long; with the account it goes, to the last file. */
static void clause_S3_2_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "account");
    HOLD(w, p, VALUE("account", "account-name", "planted-account"));
    w->now += 4000 * DAY;
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    ALLOWED(READ("account-name", "account", NOW), "S3-2.2");
    const struct kept_reply *r = ASK(w, ERASE_SUBJECT, OF(p));
    DONE(w, r);
    LEDGERED(w, r);
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    DENIED(READ("account-name", "account", NOW), ERASED, "");
    CLAIM(aid_shows(w, p, "\"records\":{}"), "something outlived the account");
    ABSENT(w, "planted-account");
}

static void clause_S4_7_1(void **state)
{
    struct world *w = *state;
    struct kept_id q = aid_person(w);
    ends(w, aid_person(w), "playing", "os-version", "service", 180, "S4-2.1", __func__);
    outlives(w, q, "legal-records", "access-log", "compliance", 184, "S4-7.8", __func__);
}

/* Kept for its time, unless the person asks for its deletion before: then at once. */
static void clause_S4_3_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w), q = aid_person(w);
    HOLD(w, p, VALUE("history", "search-terms", "planted-search"));
    HOLD(w, q, VALUE("history", "search-terms", "dogs"));
    w->now += 100 * DAY;
    ALLOWED(READ("search-terms", "service", NOW), "S4-2.2");
    const struct kept_reply *r = ASK(w, ERASE_RECORD, OF(p), .item = "search-terms");
    DONE(w, r);
    LEDGERED(w, r);
    DENIED(READ("search-terms", "service", NOW), NO_VALUE, "S4-2.2");
    p = q;
    ALLOWED(READ("search-terms", "service", NOW), "S4-2.2");
    w->now += 81 * DAY;
    DENIED(READ("search-terms", "service", NOW), NO_VALUE, "S4-2.2");
}

/* Deletion on request: one thing, or all; what a law demands stays, and the answer says that it does. */
static void clause_S4_5_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    HOLD(w, p, VALUE("history", "search-terms", "planted-search"));
    HOLD(w, p, VALUE("playing", "os-version", "11"));
    HOLD(w, p, VALUE("legal-records", "access-log", "10:00"));
    DONE(w, ASK(w, ERASE_RECORD, OF(p), .item = "search-terms"));
    DENIED(READ("search-terms", "service", NOW), NO_VALUE, "S4-2.2");
    ALLOWED(READ("os-version", "service", NOW), "S4-2.1");
    DENIED(ASK(w, ERASE_RECORD, OF(p), .item = "access-log"), KEPT_BY_LAW, "");
    const struct kept_reply *r = ASK(w, ERASE_SUBJECT, OF(p));
    DONE(w, r);
    LEDGERED(w, r);
    CLAIM(strstr(r->json, "\"records_kept_by_law\":1") != NULL,
          "the answer does not say what stays");
    DENIED(READ("os-version", "service", NOW), KEPT_BY_LAW, "");
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    ABSENT(w, "planted-search");
}

/* The archive outlives a deletion that was asked for, and the answer says what stays and until when. */
static void clause_S3_2_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "purchase");
    HOLD(w, p, VALUE("purchase", "purchase-record", "a picture, 12.00"), BY_THE_PERSON);
    DENIED(ASK(w, ERASE_RECORD, OF(p), .item = "purchase-record"), KEPT_BY_LAW, "");
    const struct kept_reply *r = ASK(w, ERASE_SUBJECT, OF(p));
    DONE(w, r);
    LEDGERED(w, r);
    CLAIM(strstr(r->json, "\"kept\":[{\"item\":\"purchase-record\",\"until\":\"2029-03-02T") != NULL,
          "the answer does not say what stays and until when");
    DENIED(READ("purchase-record", "orders", NOW), KEPT_BY_LAW, "");
    ALLOWED(READ("purchase-record", "claims", AS("officer")), "S3-2.3");
}

/* Who does not give something is told what that costs, in the language that was shown. */
static void clause_S2_1_3c(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .purpose = "campaign");
    const struct kept_reply *r =
        ASK(w, CONSENT_REFUSE, OF(p), .function = "campaign", .language = "en");
    DONE(w, r);
    LEDGERED(w, r);
    CLAIM(r->json != NULL && strstr(r->json, "it costs the campaign only") != NULL,
          "who refuses is not told what it costs");
    r = ASK(w, CONSENT_REFUSE, OF(p), .function = "campaign", .language = "zh");
    CLAIM(r->json != NULL && strstr(r->json, "只影响该活动") != NULL,
          "who refuses is told in a language that was not shown");
    DENIED(TAKE("campaign", "real-name", "Han Mei", BY_THE_PERSON), REFUSED, "S2-3.1.5a");
    ALLOWED(TAKE("operation", "os-version", "11", NOW), "S2-1.4.1a");
    r = ASK(w, CONSENT_REFUSE, OF(p), .language = "en");
    CLAIM(r->json != NULL && strstr(r->json, "you cannot use the app") != NULL,
          "who refuses everything is not told that it ends here");
}

/* ---- where a value comes from, and what goes with a consent ------------------------------------- */

/* What a campaign collected goes when its consent ends, or is taken back; nothing else does. */
static void clause_S2_3_1_5b(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w), q = aid_person(w);
    const struct kept_id all[] = {p, q};
    for (size_t i = 0; i < 2; i++) {
        GRANT(w, all[i], SEPARATE, .function = "campaign", .expires = START + 30 * DAY);
        GRANT(w, all[i], SEPARATE, .purpose = "campaign");
        GRANT(w, all[i], SEPARATE, .recipient = "prize-delivery", .expires = START + 30 * DAY);
        HOLD(w, all[i], VALUE("campaign", "real-name", "Planted Winner"), BY_THE_PERSON);
        HOLD(w, all[i], VALUE("operation", "os-version", "11"));
    }
    ALLOWED(GIVE("prize-delivery", "real-name", "campaign", NOW), "S2-3.1.5b");
    const struct kept_reply *r = ASK(w, CONSENT_WITHDRAW, OF(p), .function = "campaign");
    DONE(w, r);
    LEDGERED(w, r);
    CLAIM(strstr(r->json, "\"deleted\":{\"real-name\":1}") != NULL &&
              strstr(r->json, "{\"recipient\":\"prize-delivery\",\"item\":\"real-name\","
                              "\"tell\":\"delete\"}") != NULL,
          "the answer does not say what goes and who is to be told");
    CLAIM(aid_shows(w, p, "\"records\":{\"os-version\":1}"), "more or less than the campaign's went");
    p = q;
    w->now += 29 * DAY;
    ALLOWED(READ("real-name", "campaign", NOW), "S2-3.1.5a");
    w->now += 2 * DAY;
    r = GIVE("prize-delivery", "real-name", "campaign", NOW);
    DENIED(r, CONSENT_EXPIRED, "S2-3.1.5a");
    LEDGERED(w, r);
    (void)aid_need(w, ASK(w, TICK, .role = ""));
    CLAIM(aid_shows(w, p, "\"records\":{\"os-version\":1}"), "the campaign is over, its data are not gone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S0(6_1), CLAUSE_S1(4_3), CLAUSE_S1(4_4), CLAUSE_S2(3_1_5b), CLAUSE_S2(1_3c), CLAUSE_S3(2_4),
        CLAUSE_S2(7_2), CLAUSE_S3(2_1), CLAUSE_S3(2_2), CLAUSE_S4(3_3), CLAUSE_S4(5_5),
        CLAUSE_S4(7_1),
    };
    return RUN(tests);
}
