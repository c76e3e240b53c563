/* test_s0_share.c - S0, what leaves for others: consent, codes, agreements, items, purposes. */
#include "aid.h"

#define NUMBER "13900000001"

/* Somebody who wrote to us and left a number. */
static struct kept_id writer(struct world *w)
{
    static const struct kept_field said[] = {FIELD("message", "please call"),
                                             FIELD("contact-name", "Zhang San"),
                                             FIELD("contact-phone", NUMBER)};
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    HOLD(w, p, .function = "feedback", SEVERAL(said), BY_THE_PERSON);
    return p;
}

/* Agrees to be advertised to, though not yet to whom. */
static struct kept_id customer(struct world *w)
{
    struct kept_id p = writer(w);
    GRANT(w, p, SEPARATE, .function = "marketing-contact");
    GRANT(w, p, SEPARATE, .purpose = "marketing");
    return p;
}

static const struct kept_reply *advertise(struct world *w, struct kept_id p)
{
    return ASK(w, DISCLOSE, OF(p), WHAT("contact-phone"), .purpose = "marketing",
               .recipient = "marketing-partner");
}

/* Sharing with a stranger needs separate consent that names the stranger. */
static void clause_S0_4_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = customer(w);
    const struct kept_reply *r = advertise(w, p);
    DENIED(r, NEEDS_SEPARATE_CONSENT, "S0-4.5");
    LEDGERED(w, r);
    GRANT(w, p, EXPLICIT, .language = "en");
    DENIED(advertise(w, p), NEEDS_SEPARATE_CONSENT, "S0-4.5");
    GRANT(w, p, EXPLICIT, .recipient = "marketing-partner");
    DENIED(advertise(w, p), NEEDS_SEPARATE_CONSENT, "S0-4.5");
    GRANT(w, p, SEPARATE, .recipient = "marketing-partner");
    r = advertise(w, p);
    ALLOWED(r, "S0-4.5");
    LEDGERED(w, r);
    CLAIM(strstr(aid_need(w, ASK(w, TRAIL, OF(p)))->json, "\"recipient\":\"marketing-partner\""),
          "the person's trail does not name who got it");
}

/* An exception spares the consent only with its code, its reasons and a registered recipient. */
static void clause_S0_4_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = customer(w);
#define SHARE(to, ...)                                                                             \
    ASK(w, DISCLOSE, OF(p), WHAT("contact-phone"), .purpose = "marketing", .recipient = (to),      \
        __VA_ARGS__)
    DENIED(advertise(w, p), NEEDS_SEPARATE_CONSENT, "S0-4.5");
    const struct kept_reply *r = SHARE("marketing-partner", .exemption = "contract");
    DENIED(r, JUSTIFICATION, "S0-4.2");
    LEDGERED(w, r);
    DENIED(SHARE("marketing-partner", .exemption = "contract", .text = ""), JUSTIFICATION,
           "S0-4.2");
    DENIED(SHARE("marketing-partner", .exemption = "business", .text = "we need it"), JUSTIFICATION,
           "S0-0.6");
    DENIED(SHARE("somebody", .exemption = "contract", .text = "order 7"), RECIPIENT, "S0-0.6");
    r = SHARE("marketing-partner", .exemption = "contract", .text = "order 7 asks for a call");
    ALLOWED(r, "S0-4.5");
    LEDGERED(w, r);
    r = ASK(w, AUDIT, .role = "auditor", .actor = "auditor-1", .text = "app");
    CLAIM(r != NULL && r->json != NULL && strstr(r->json, "order 7 asks for a call") != NULL,
          "the reasons given are not on record");
#undef SHARE
}

/* A service that counts for us gets device and log items, and no phone number. */
static void clause_S0_4_3(void **state)
{
    struct world *w = *state;
    struct kept_id p = writer(w);
    const struct kept_reply *r = ASK(w, DISCLOSE, OF(p), WHAT("contact-phone"),
                                     .purpose = "support", .recipient = "data-service");
    DENIED(r, ITEM_NOT_IN_AGREEMENT, "S0-4.3");
    LEDGERED(w, r);
    r = ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .purpose = "improvement",
            .recipient = "data-service");
    ALLOWED(r, "S0-4.3");
    LEDGERED(w, r);
    ALLOWED(ASK(w, DISCLOSE, OF(p), WHAT("crash-report"), .purpose = "bug-analysis",
                .recipient = "data-service"),
            "S0-4.3");
}

/* Who opted out is in no marketing feed; who never agreed is in none either. */
static void clause_S0_4_5(void **state)
{
    struct world *w = *state;
    struct kept_id willing = customer(w), never = customer(w), out[3];
    GRANT(w, willing, SEPARATE, .recipient = "marketing-partner");
    for (size_t i = 0; i < 3; i++) {
        out[i] = customer(w);
        GRANT(w, out[i], SEPARATE, .recipient = "marketing-partner");
        ALLOWED(advertise(w, out[i]), "S0-4.5");
    }
    WITHDRAW(w, out[0], .purpose = "marketing");
    WITHDRAW(w, out[1], .recipient = "marketing-partner");
    WITHDRAW(w, out[2], .function = "marketing-contact");
    for (size_t i = 0; i < 3; i++)
        DENIED(advertise(w, out[i]), WITHDRAWN, "S0-4.5");
    LEDGERED(w, advertise(w, out[0]));
    DENIED(advertise(w, never), NEEDS_SEPARATE_CONSENT, "S0-4.5");
    ALLOWED(advertise(w, willing), "S0-4.5");
}

/* Nobody gets anything by a phrase: only who is registered, with items and purposes. */
static void clause_S0_4_7(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r = ASK(w, DISCLOSE, OF(p), WHAT("device-model"),
                                     .purpose = "improvement", .recipient = "handy-helper");
    DENIED(r, RECIPIENT, "S0-0.6");
    LEDGERED(w, r);
    DENIED(ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .purpose = "improvement"), RECIPIENT,
           "S0-0.6");
    ALLOWED(ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .purpose = "improvement",
                .recipient = "data-service"),
            "S0-4.3");
    char *open_ended =
        aid_edit(aid_policy("widgets"), "    items: [contact-phone, advertising-id]\n", "");
    r = ASK(w, POLICY_PUBLISH, .text = open_ended);
    free(open_ended);
    CLAIM(r == NULL && w->rc == KEPT_E_POLICY,
          "a policy with an open-ended recipient was published");
}

/* Each sharing says what for, and it is something the recipient was registered for. */
static void clause_S0_4_8(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    const struct kept_reply *r =
        ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .recipient = "data-service");
    DENIED(r, PURPOSE, "S0-1.1");
    LEDGERED(w, r);
    DENIED(ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .purpose = "whatever-helps",
               .recipient = "data-service"),
           PURPOSE, "S0-1.1");
    DENIED(ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .purpose = "adaptation",
               .recipient = "data-service"),
           PURPOSE, "S0-4.3");
    r = ASK(w, DISCLOSE, OF(p), WHAT("device-model"), .purpose = "improvement",
            .recipient = "data-service");
    ALLOWED(r, "S0-4.3");
    LEDGERED(w, r);
    const char *trail = aid_need(w, ASK(w, TRAIL, OF(p)))->json;
    CLAIM(strstr(trail, "\"purpose\":\"improvement\"") &&
              strstr(trail, "\"recipient\":\"data-service\""),
          "purpose and recipient of a sharing are not on record");
    struct kept_id q = customer(w); /* and without a ground, none */
    DENIED(advertise(w, q), NEEDS_SEPARATE_CONSENT, "S0-4.5");
}

/* An agreement ends, and with it what rests on it. */
static void clause_S0_4_9(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
#define COUNT                                                                                      \
    ASK(w, DISCLOSE, OF(p), WHAT("os-version"), .purpose = "improvement",                          \
        .recipient = "data-service")
    ALLOWED(COUNT, "S0-4.3");
    w->now += 678 * DAY; /* 2028-01-09, the last day */
    ALLOWED(COUNT, "S0-4.3");
    w->now += DAY;
    const struct kept_reply *r = COUNT;
    DENIED(r, AGREEMENT_EXPIRED, "S0-4.9");
    LEDGERED(w, r);
#undef COUNT
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S0(4_1), CLAUSE_S0(4_2), CLAUSE_S0(4_3), CLAUSE_S0(4_5),
        CLAUSE_S0(4_7), CLAUSE_S0(4_8), CLAUSE_S0(4_9),
    };
    return RUN(tests);
}
