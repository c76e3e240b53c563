/* test_s4_share.c - S4, what others pass in, what leaves for others, and where it may go. */
#include "shown.h"

#define PLACE "39.9042,116.4074"

/* ---- from others ----------------------------------------------------------------------------- */

#define FROM(who, function_, item, text) TAKE(function_, item, text, .recipient = (who))

/* Signing in by another platform: what was asked for there comes in, what goes beyond is dropped,
 * and refusing costs that way in. */
static void clause_S4_1_6(void **state)
{
    static const struct kept_field given[] = {
        FIELD("social-id", "SQUARE-0001"), FIELD("social-nickname", "Lei"),
        FIELD("mail", "li.lei@example.org"), FIELD("friends", "planted-friend")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "social-login");
    GRANT(w, p, EXPLICIT, .function = "profile");
    GRANT(w, p, SEPARATE, .recipient = "social-platform");
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "social-login",
                                     .recipient = "social-platform", SEVERAL(given));
    CLAIM(r != NULL && r->stripped == 1 && aid_taken(r) == 2 &&
              aid_field_is(r, "mail", KEPT_DENY, KEPT_R_FUNCTION),
          "the platform passed in what nobody asked for");
    LEDGERED(w, r);
    DENIED(FROM("social-platform", "profile", "mail", "li.lei@example.org"),
           ITEM_NOT_IN_AGREEMENT, "S4-1.6");
    ABSENT(w, "planted-friend");
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .function = "social-login"));
    DENIED(FROM("social-platform", "social-login", "social-nickname", "Lei"), REFUSED, "S4-1.9");
    ALLOWED(TAKE("register", "phone", "13900000007", NOW), "S4-1.1");
}

/* A partner passes data in with the person's authority, or it stays outside. */
static void clause_S4_1_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "partner-service");
    const struct kept_reply *r =
        FROM("partner-service", "partner-service", "partner-activity", "planted-activity");
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-1.8");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"records\":{}"), "something came in without authority");
    GRANT(w, p, SEPARATE, .recipient = "partner-service");
    ALLOWED(FROM("partner-service", "partner-service", "partner-activity", "saw half a film"),
            "S4-1.8");
    WITHDRAW(w, p, .recipient = "partner-service");
    DENIED(FROM("partner-service", "partner-service", "partner-activity", "planted-activity"),
           WITHDRAWN, "S4-1.8");
    ABSENT(w, "planted-activity");
}

/* Where it came from is named, agreed and lawful, each time; and a policy that cannot say so is
 * refused. */
static void clause_S4_1_10(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "partner-service");
    GRANT(w, p, SEPARATE, .recipient = "partner-service");
    const struct kept_reply *r = TAKE("partner-service", "partner-activity", "a film", NOW);
    DENIED(r, RECIPIENT, "S4-1.8"); /* from whom? */
    LEDGERED(w, r);
    DENIED(FROM("a-data-dealer", "partner-service", "partner-activity", "a film"), RECIPIENT,
           "S4-2.15");
    DENIED(FROM("affiliate", "partner-service", "partner-activity", "a film"),
           ITEM_NOT_IN_AGREEMENT, "S4-6.1");
    r = FROM("partner-service", "partner-service", "partner-activity", "a film");
    ALLOWED(r, "S4-1.8");
    CLAIM(strstr(aid_need(w, ASK(w, TRAIL, OF(p)))->json, "\"recipient\":\"partner-service\""),
          "where it came from is not on record");
    CLAIM(shown_refused(w, "    lawful_source: your account there, with your authority to pass it on\n",
                        ""),
          "a policy that does not say why a source is lawful was published");
    CLAIM(shown_refused(w, "    gives: [partner-activity]\n", ""),
          "a policy with data from nobody in particular was published");
    w->now += 324 * DAY; /* 2027-01-20: the agreement has ended */
    DENIED(FROM("partner-service", "partner-service", "partner-activity", "a film"),
           AGREEMENT_EXPIRED, "S4-1.10");
}

/* What the bank tells of an application comes from the bank, asks apart, and stays with that. */
static void clause_S4_2_13(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .recipient = "bank");
    GRANT(w, p, EXPLICIT, .function = "cards");
    const struct kept_reply *r = FROM("bank", "cards", "card-application", "approved");
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-2.13");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .function = "cards");
    DENIED(TAKE("cards", "card-application", "approved", NOW), RECIPIENT, "S4-2.13");
    DENIED(FROM("social-platform", "cards", "card-application", "approved"), ITEM_NOT_IN_AGREEMENT,
           "S4-1.6");
    ALLOWED(FROM("bank", "cards", "card-application", "approved"), "S4-2.13");
    ALLOWED(FROM("bank", "cards", "card-customer-number", "B-77"), "S4-2.13");
    DENIED(READ("card-application", "advertising", NOW), PURPOSE, "S4-2.13");
    ALLOWED(READ("card-application", "card-products", NOW), "S4-2.13");
}

/* ---- where ----------------------------------------------------------------------------------- */

/* Stored in mainland China; Hong Kong, Macao and Taiwan are other places, and so is Singapore. */
static void clause_S4_3_1(void **state)
{
    static const char *const outside[] = {"HK", "MO", "TW", "SG"};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    for (size_t i = 0; i < 4; i++) {
        const struct kept_reply *r = TAKE("playing", "os-version", "11", .region = outside[i]);
        DENIED(r, REGION, "S4-3.1");
        LEDGERED(w, r);
        DENIED(GIVE("affiliate", "play-history", "service", .region = outside[i]), REGION,
               "S4-3.1");
    }
    CLAIM(aid_shows(w, p, "\"records\":{}"), "a value for a store elsewhere was stored");
    ALLOWED(TAKE("playing", "os-version", "11", .region = "CN"), "S4-2.1");
}

static struct kept_id traveller(struct world *w)
{
    struct kept_id p = aid_person(w);
    TURN(w, p, "location", 1);
    GRANT(w, p, SEPARATE, .function = "location-service");
    return p;
}

/* Abroad asks again: by separate consent to whom it goes, there and nowhere else. */
static void clause_S4_3_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = traveller(w);
    const struct kept_reply *r = GIVE("map-abroad", "location", "service", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-3.2");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .recipient = "map-abroad");
    DENIED(GIVE("map-abroad", "location", "service", NOW), NEEDS_SEPARATE_CONSENT, "S4-3.2");
    GRANT(w, p, SEPARATE, .recipient = "map-abroad");
    r = GIVE("map-abroad", "location", "service", NOW);
    ALLOWED(r, "S4-3.2");
    LEDGERED(w, r);
    DENIED(GIVE("map-abroad", "location", "service", .region = "US"), REGION, "S4-3.1");
    WITHDRAW(w, p, .recipient = "map-abroad");
    DENIED(GIVE("map-abroad", "location", "service", NOW), WITHDRAWN, "S4-3.2");
}

/* Providers get the item of their task; one abroad needs mechanism, check, consent and agreement. */
static void clause_S4_6_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = traveller(w);
    GRANT(w, p, SEPARATE, .recipient = "map-abroad");
    ALLOWED(GIVE("map-abroad", "location", "service", NOW), "S4-3.2");
    const struct kept_reply *r = GIVE("map-abroad", "profile-region", "service", NOW);
    DENIED(r, ITEM_NOT_IN_AGREEMENT, "S4-3.2");
    LEDGERED(w, r);
    CLAIM(shown_refused(w, "    export_mechanism: contract\n", ""),
          "a provider abroad without a mechanism was published");
    CLAIM(shown_refused(w, "checked: 2026-01-25, ", ""),
          "a provider abroad that nobody checked was published");
    CLAIM(shown_refused(w, "    items: [mail]\n    purposes: [mailings]\n    region: CN\n",
                        "    items: [mail]\n    purposes: [mailings]\n    region: HK\n"),
          "a provider in Hong Kong passed as one inside");
    w->now += 324 * DAY; /* 2027-01-20: the agreement has ended */
    DENIED(GIVE("map-abroad", "location", "service", NOW), REGION, "S4-3.1");
}

/* ---- to others ------------------------------------------------------------------------------- */

static struct kept_id viewer(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "profile");
    GRANT(w, p, EXPLICIT, .function = "improving");
    HOLD(w, p, VALUE("profile", "nickname", "Lei"));
    HOLD(w, p, VALUE("history", "play-history", "a film"));
    HOLD(w, p, VALUE("history", "pages-seen", "example.org/opera"));
    return p;
}

/* Who counts for us counts as we ordered: for no purpose of its own, and no longer than agreed. */
static void clause_S4_4_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    ALLOWED(GIVE("analyst", "pages-seen", "analysis", NOW), "S4-4.5");
    const struct kept_reply *r = GIVE("analyst", "pages-seen", "improvement", NOW);
    DENIED(r, PURPOSE, "S4-4.5");
    LEDGERED(w, r);
    DENIED(GIVE("analyst", "play-history", "analysis", NOW), ITEM_NOT_IN_AGREEMENT, "S4-4.5");
    WITHDRAW(w, p, .function = "improving");
    DENIED(GIVE("analyst", "pages-seen", "analysis", NOW), WITHDRAWN, "S4-4.5");
    GRANT(w, p, EXPLICIT, .function = "improving");
    w->now += 689 * DAY; /* 2028-01-20: the agreement has ended */
    DENIED(GIVE("analyst", "pages-seen", "analysis", NOW), AGREEMENT_EXPIRED, "S4-6.4");
}

/* A person may have what they keep here used elsewhere: where they say so, and only there. */
static void clause_S4_4_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    const struct kept_reply *r = GIVE("partner-service", "play-history", "service", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-1.8");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .recipient = "partner-service");
    r = GIVE("partner-service", "play-history", "service", NOW);
    ALLOWED(r, "S4-1.8");
    LEDGERED(w, r);
    DENIED(GIVE("partner-service", "pages-seen", "service", NOW), ITEM_NOT_IN_AGREEMENT, "S4-1.8");
    DENIED(GIVE("affiliate", "play-history", "service", NOW), NEEDS_SEPARATE_CONSENT, "S4-6.1");
    WITHDRAW(w, p, .recipient = "partner-service");
    DENIED(GIVE("partner-service", "play-history", "service", NOW), WITHDRAWN, "S4-1.8");
}

/* A general agreement gives affiliates nothing; and a policy that says otherwise is refused. */
static void clause_S4_6_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    GRANT(w, p, EXPLICIT, .language = "en"); /* to the whole policy */
    const struct kept_reply *r = GIVE("affiliate", "play-history", "service", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-6.1");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .recipient = "affiliate");
    ALLOWED(GIVE("affiliate", "play-history", "service", NOW), "S4-6.1");
    DENIED(GIVE("affiliate", "pages-seen", "service", NOW), ITEM_NOT_IN_AGREEMENT, "S4-6.1");
    CLAIM(shown_refused(w,
                        "    purposes: [service, cross-service]\n    region: CN\n    consent: separate",
                        "    purposes: [service, cross-service]\n    region: CN\n    consent: explicit"),
          "a policy that shares with affiliates without separate consent was published");
}

/* Nobody else gets anything without consent: not who is unknown, not who is known. */
static void clause_S4_6_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    const struct kept_reply *r = GIVE("somebody", "nickname", "service", NOW);
    DENIED(r, RECIPIENT, "S4-2.15");
    LEDGERED(w, r);
    DENIED(GIVE("", "nickname", "service", NOW), RECIPIENT, "S4-2.15");
    DENIED(GIVE("partner-service", "nickname", "service", NOW), NEEDS_SEPARATE_CONSENT, "S4-1.8");
    DENIED(GIVE("authority", "phone", "authentication", NOW), JUSTIFICATION, "S4-6.6");
    GRANT(w, p, SEPARATE, .recipient = "affiliate"); /* is none to the partner */
    DENIED(GIVE("partner-service", "nickname", "service", NOW), NEEDS_SEPARATE_CONSENT, "S4-1.8");
    ALLOWED(GIVE("affiliate", "nickname", "service", NOW), "S4-6.1");
}

static struct kept_id audience(struct world *w)
{
    struct kept_id p = viewer(w);
    GRANT(w, p, EXPLICIT, .function = "advertising");
    GRANT(w, p, EXPLICIT, .purpose = "advertising");
    HOLD(w, p, VALUE("advertising", "ad-cookie", "C00KIE0003"));
    return p;
}

/* Advertisers get nothing about one person, whatever that person or a code says. */
static void clause_S4_10_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = audience(w);
    GRANT(w, p, SEPARATE, .recipient = "advertiser");
    const struct kept_reply *r = GIVE("advertiser", "ad-cookie", "advertising", NOW);
    DENIED(r, AGGREGATE_ONLY, "S4-10.3");
    LEDGERED(w, r);
    DENIED(GIVE("advertiser", "ad-profile", "advertising", NOW), AGGREGATE_ONLY, "S4-10.3");
    DENIED(GIVE("advertiser", "ad-cookie", "advertising", .exemption = "public-source",
                .text = "seen in the street"),
           AGGREGATE_ONLY, "S4-10.3");
    DENIED(GIVE("advertiser", "nickname", "service", NOW), ITEM_NOT_IN_AGREEMENT, "S4-10.3");
    ALLOWED(READ("ad-cookie", "advertising", NOW), "S4-11.1");
}

/* A partner's own tracker is on the register with its own words; it sees its cookie, by separate
 * consent, and never by itself. */
static void clause_S4_10_4(void **state)
{
    struct world *w = *state;
    struct kept_id p = audience(w);
    CLAIM(shown_registered("media", "ad-tracker"), "the register's row is not whole");
    const struct kept_reply *r = GIVE("ad-tracker", "ad-cookie", "advertising", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-10.4");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .recipient = "ad-tracker");
    ALLOWED(GIVE("ad-tracker", "ad-cookie", "advertising", NOW), "S4-10.4");
    DENIED(GIVE("ad-tracker", "ad-profile", "advertising", NOW), ITEM_NOT_IN_AGREEMENT, "S4-10.4");
    DENIED(GIVE("ad-tracker", "ad-cookie", "advertising", BEHIND_THEIR_BACK), USER_ACTION,
           "S4-10.4");
    DENIED(GIVE("another-tracker", "ad-cookie", "advertising", NOW), RECIPIENT, "S4-2.15");
}

/* A button of somebody else's is on the register, too: two items, for the service, when pressed. */
static void clause_S4_13_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = viewer(w);
    CLAIM(shown_registered("media", "share-button"), "the register's row is not whole");
    const struct kept_reply *r = GIVE("share-button", "os-version", "service", NOW);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S4-13.1");
    LEDGERED(w, r);
    GRANT(w, p, SEPARATE, .recipient = "share-button");
    ALLOWED(GIVE("share-button", "os-version", "service", NOW), "S4-13.1");
    DENIED(GIVE("share-button", "ip-address", "service", NOW), ITEM_NOT_IN_AGREEMENT, "S4-13.1");
    DENIED(GIVE("share-button", "os-version", "security", NOW), PURPOSE, "S4-13.1");
    DENIED(GIVE("share-button", "os-version", "service", BEHIND_THEIR_BACK), USER_ACTION,
           "S4-13.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S4(1_6),  CLAUSE_S4(1_8),  CLAUSE_S4(1_10), CLAUSE_S4(2_13),
        CLAUSE_S4(3_1),  CLAUSE_S4(3_2),  CLAUSE_S4(6_3), CLAUSE_S4(4_5),  CLAUSE_S4(4_6),
        CLAUSE_S4(6_1),  CLAUSE_S4(6_2),  CLAUSE_S4(10_3), CLAUSE_S4(10_4), CLAUSE_S4(13_1),
    };
    return RUN(tests);
}
