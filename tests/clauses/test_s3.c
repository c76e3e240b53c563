/* test_s3.c - S3, an app that says little: what is not said is not done. */
#include "shown.h"

/* Read first; using is agreeing to what needs the notice only, and to nothing that asks. */
static void clause_S3_0_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_stranger(w);
    const struct kept_reply *r = TAKE("legal-records", "access-log", "10:00 /", NOW);
    DENIED(r, NO_NOTICE, "S3-0.1");
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"records\":{}"), "something was stored before the notice was seen");
    aid_seen(w, p);
    ALLOWED(TAKE("legal-records", "access-log", "10:00 /", NOW), "S3-4.1");
    DENIED(TAKE("feedback", "message", "hello", BY_THE_PERSON), NEEDS_CONSENT, "S3-0.3");
    DENIED(TAKE("account", "account-name", "lilei", NOW), NEEDS_SEPARATE_CONSENT, "S3-2.2");
    CLAIM(ASK(w, CONSENT_GRANT, OF(p), .consent = KEPT_C_IMPLIED, .function = "feedback") == NULL,
          "implied consent was recorded as if the person had acted");
    GRANT(w, p, EXPLICIT, .function = "feedback");
    ALLOWED(TAKE("feedback", "message", "hello", BY_THE_PERSON), "S3-0.3");
}

/* Who does not agree is left alone, and may come back. */
static void clause_S3_0_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(p), .language = "en"));
    const struct kept_reply *r = TAKE("legal-records", "access-log", "10:00 /", NOW);
    DENIED(r, REFUSED, "S3-0.2");
    LEDGERED(w, r);
    DENIED(TAKE("feedback", "message", "hello", BY_THE_PERSON), REFUSED, "S3-0.2");
    CLAIM(aid_shows(w, p, "\"state\":\"refused\"") && aid_shows(w, p, "\"records\":{}"),
          "the refusal is not on record, or something personal is");
    aid_seen(w, p);
    ALLOWED(TAKE("legal-records", "access-log", "10:00 /", NOW), "S3-4.1");
}

/* What pictures do not need may not be demanded for them: such a policy is refused. */
static void clause_S3_1_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    CLAIM(shown_refused(w, "  account:\n    text: keeps what you bought for you\n    kind: extended\n",
                        "  account:\n    text: keeps what you bought for you\n    kind: basic\n"),
          "a wallpaper app may demand a name for showing pictures");
    CLAIM(shown_refused(w, "    purposes: [support]\n    mandatory: [message]",
                        "    purposes: []\n    mandatory: [message]"),
          "a function may serve nothing");
    GRANT(w, p, EXPLICIT, .function = "feedback");
    const struct kept_reply *r = TAKE("feedback", "contact-mail", "li.lei@example.org",
                                      BY_THE_PERSON);
    DENIED(r, MANDATORY_MISSING, "S3-0.3"); /* a mail address alone answers nothing */
    LEDGERED(w, r);
    ALLOWED(TAKE("feedback", "message", "hello", BY_THE_PERSON), "S3-0.3");
}

/* Nothing listed, nothing collected: of a whole device not one field comes in. */
static void clause_S3_1_4(void **state)
{
    static const struct kept_field device[] = {
        FIELD("device-model", "planted-model"), FIELD("imei", "490154203237518"),
        FIELD("location", "39.9,116.4"),        FIELD("app-list", "planted.app"),
        FIELD("access-log", "10:00 /")};
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = ASK(w, COLLECT, OF(p), .function = "legal-records",
                                     SEVERAL(device));
    CLAIM(r != NULL && r->stripped == 4 && aid_taken(r) == 1,
          "something that is not listed was taken, or what is was not");
    LEDGERED(w, r);
    DENIED(TAKE("legal-records", "device-model", "planted-model", NOW), UNDECLARED, "S3-1.4");
    DENIED(READ("location", "support", NOW), UNDECLARED, "S3-1.4");
    DENIED(TAKE("adapting", "access-log", "10:00 /", NOW), FUNCTION, "S3-1.4");
    ABSENT(w, "planted-model");
    ABSENT(w, "planted.app");
}

static struct kept_id buyer(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, SEPARATE, .function = "purchase");
    GRANT(w, p, SEPARATE, .function = "account");
    HOLD(w, p, VALUE("account", "account-name", "lilei"));
    HOLD(w, p, VALUE("purchase", "purchase-record", "planted-purchase"), BY_THE_PERSON);
    return p;
}

/* Once the relation ends, what proves a contract is an archive: closed to all but the law's reader
 * for claims, each look on record, and to that one when claims have lapsed. */
static void clause_S3_2_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = buyer(w);
    ALLOWED(READ("purchase-record", "orders", NOW), "S3-2.3");
    DENIED(READ("purchase-record", "support", AS("support")), ROLE, "S3-2.6");
    DONE(w, ASK(w, ERASE_SUBJECT, OF(p)));
    const struct kept_reply *r = READ("purchase-record", "orders", NOW);
    DENIED(r, KEPT_BY_LAW, "");
    LEDGERED(w, r);
    DENIED(READ("account-name", "account", AS("officer")), KEPT_BY_LAW, "");
    DENIED(READ("purchase-record", "support", AS("support")), KEPT_BY_LAW, "");
    w->now += 1095 * DAY;
    r = READ("purchase-record", "claims", AS("officer"));
    ALLOWED(r, "S3-2.3");
    CLAIM(aid_value(r, "planted-purchase"), "the archive does not hold what proves the contract");
    LEDGERED(w, r);
    w->now += 2 * DAY;
    DENIED(READ("purchase-record", "claims", AS("officer")), NO_VALUE, "S3-2.3");
}

/* What matters is sealed, open or closed, and shown to nobody but the app itself. */
static void clause_S3_2_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = buyer(w);
    HOLD(w, p, VALUE("account", "password-verifier", "planted-verifier"));
    DENIED(READ("password-verifier", "account", AS("support")), ROLE, "S3-2.6");
    const struct kept_reply *r = READ("password-verifier", "account", AS("officer"));
    MASKED(r, "S3-2.3");
    CLAIM(aid_value(r, "****"), "a verifier of a password was shown to somebody");
    LEDGERED(w, r);
    for (int closed = 0; closed <= 1; closed++) {
        ABSENT(w, "planted-purchase");
        ABSENT(w, "planted-verifier");
        aid_shut(w);
    }
    aid_open(w);
    CLAIM(aid_value(READ("password-verifier", "account", NOW), "planted-verifier"),
          "what was sealed does not come back whole");
}

/* The text breaks off at sharing, so the gate stays shut: nobody is registered, nothing opens it. */
static void clause_S3_3_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = buyer(w);
    GRANT(w, p, SEPARATE, .purpose = "orders");
    const struct kept_reply *r = GIVE("partner", "account-name", "account", NOW);
    DENIED(r, RECIPIENT, "S3-1.4");
    LEDGERED(w, r);
    DENIED(GIVE("", "account-name", "account", NOW), RECIPIENT, "S3-1.4");
    DENIED(GIVE("court", "purchase-record", "claims", .exemption = "legal-demand", .text = "letter"),
           RECIPIENT, "S3-1.4");
    CLAIM(ASK(w, CONSENT_GRANT, OF(p), .consent = KEPT_C_SEPARATE, .recipient = "partner") == NULL,
          "consent to give to nobody in particular was recorded");
    ALLOWED(READ("account-name", "account", NOW), "S3-2.2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S3(0_1), CLAUSE_S3(0_2), CLAUSE_S3(1_3), CLAUSE_S3(1_4),
        CLAUSE_S3(2_3), CLAUSE_S3(2_5), CLAUSE_S3(3_1),
    };
    return RUN(tests);
}
