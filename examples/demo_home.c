/* demo_home.c - the smart-home half: age, mandatory items, locked items, roles, kits. */
#include "demo.h"

#include <string.h>

static struct ask asks[PEOPLE];

/* Whose birth date is not known; who is a child. */
enum { UNKNOWN = 2 };

static bool grown(unsigned i)
{
    return i != MINOR && i != UNKNOWN;
}

static bool registers(unsigned i)
{
    return grown(i) && i % 2 == 1;
}

static bool complains(unsigned i)
{
    return registers(i) && i % 3 == 0;
}

static unsigned number(bool (*picks)(unsigned))
{
    unsigned n = 0;
    for (unsigned i = 0; i < PEOPLE; i++)
        n += picks(i);
    return n;
}

static void arrive(struct world *w)
{
    struct tally t = {0};
    tell_step("%u people, the notice in Chinese; one is a child, one of unknown age", PEOPLE);
    (void)ask_all(w, asks, NULL, KEPT_OP_SUBJECT_NEW);
    for (unsigned i = 0; i < PEOPLE; i++) {
        asks[i].r.region = "CN";
        asks[i].r.birth_date = i == UNKNOWN ? NULL : i == MINOR ? "2012-09-01" : w->people[i].birth;
    }
    tell_many(w, asks, PEOPLE, NULL);
    (void)ask_all(w, asks, NULL, KEPT_OP_CONSENT_ACKNOWLEDGE);
    for (unsigned i = 0; i < PEOPLE; i++)
        asks[i].r.language = w->language;
    tell_many(w, asks, PEOPLE, NULL);
    (void)ask_all(w, asks, NULL, KEPT_OP_COLLECT);
    for (unsigned i = 0; i < PEOPLE; i++) {
        asks[i].r.function = "operation";
        with(&asks[i], "hardware-model", w->people[i].model);
        with(&asks[i], "os-version", w->people[i].os);
        with(&asks[i], "imei", w->people[i].imei);
        with(&asks[i], "text-messages", "all of them");
    }
    tell_many(w, asks, PEOPLE, &t);
    tally_print(&t);
    hold(tally_count(&t, "hardware-model", KEPT_ALLOW, KEPT_R_NONE) == number(grown),
         "%u grown people are served", number(grown));
    hold(tally_count(&t, "hardware-model", KEPT_DENY, KEPT_R_AGE) == 1 &&
             tally_count(&t, "hardware-model", KEPT_DENY, KEPT_R_AGE_UNKNOWN) == 1,
         "neither the child nor whoever might be one");
    hold(tally_count(&t, "imei", KEPT_ALLOW, KEPT_R_NONE) == 0 && t.stripped == PEOPLE,
         "mere operation gets no number of the phone; text messages are stripped");
}

static void accounts(struct world *w)
{
    struct tally t = {0};
    unsigned count = number(registers);
    tell_step("%u people make an account; one leaves the number out", count);
    size_t n = ask_all(w, asks, registers, KEPT_OP_COLLECT);
    for (size_t i = 0; i < n; i++) {
        const struct person *p = &w->people[asks[i].who];
        asks[i].r.function = "register";
        asks[i].r.facts = KEPT_F_USER_ACTION;
        with(&asks[i], "user-name", p->mail);
        if (asks[i].who != 5)
            with(&asks[i], "phone", p->phone);
    }
    tell_many(w, asks, n, &t);
    tally_print(&t);
    hold(tally_count(&t, "phone", KEPT_ALLOW, KEPT_R_NONE) == count - 1 &&
             tally_count(&t, "user-name", KEPT_DENY, KEPT_R_MANDATORY_MISSING) == 1,
         "the law wants the number: without it no account, and nothing of it is kept");
    struct ask again = ask(w, KEPT_OP_COLLECT, PATIENT);
    again.r.function = "register";
    again.r.facts = KEPT_F_USER_ACTION;
    with(&again, "phone", "19900000000");
    hold(tell_line(w, &again, "the app writes another number over it") == KEPT_R_LOCKED,
         "a number that was checked is changed by the support only");
    struct ask find = ask(w, KEPT_OP_SUBJECT_FIND, PEOPLE);
    with(&find, "phone", w->people[PATIENT].phone);
    struct kept_reply *found = tell_one(w, &find);
    hold(memcmp(&found->subject, &w->ids[PATIENT], sizeof found->subject) == 0,
         "a person is found by their number, through a keyed token");
    kept_reply_free(found);
}

static void complaints(struct world *w)
{
    struct tally t = {0};
    tell_step("%u write to the support, which asks for consent apart", number(complains));
    size_t n = ask_all(w, asks, complains, KEPT_OP_CONSENT_GRANT);
    for (size_t i = 0; i < n; i++)
        asks[i] = ask_grant(w, asks[i].who, "support", KEPT_C_SEPARATE);
    tell_many(w, asks, n, NULL);
    n = ask_all(w, asks, complains, KEPT_OP_COLLECT);
    for (size_t i = 0; i < n; i++) {
        const struct person *p = &w->people[asks[i].who];
        asks[i].r.function = "support";
        asks[i].r.facts = KEPT_F_USER_ACTION;
        with(&asks[i], "message", p->message);
        with(&asks[i], "real-name", p->name);
        with(&asks[i], "mail", p->mail);
    }
    tell_many(w, asks, n, &t);
    tally_print(&t);
    hold(tally_count(&t, "real-name", KEPT_ALLOW, KEPT_R_NONE) == n, "%zu complaints are here", n);
}

static bool shown(struct world *w, unsigned who, const char *role, const char *item,
                  enum kept_reason expected)
{
    char what[96];
    struct ask a = ask(w, KEPT_OP_USE, who);
    a.r.role = role;
    a.r.actor = strcmp(role, "support") == 0 ? "clerk-8" : "officer-1";
    a.r.purpose = "support";
    with(&a, item, NULL);
    (void)snprintf(what, sizeof what, "%s: %s", role, item);
    return tell_line(w, &a, what) == expected;
}

static void roles(struct world *w)
{
    static const char *const masked[] = {"real-name", "phone", "mail"};
    tell_step("Who sees what of %s", w->people[PATIENT].name);
    bool held = shown(w, PATIENT, "support", "message", KEPT_R_NONE);
    for (size_t i = 0; i < sizeof masked / sizeof masked[0]; i++)
        held &= shown(w, PATIENT, "support", masked[i], KEPT_R_MASKED);
    hold(held, "the clerk reads the message; everything that names the person is masked");
    held = shown(w, PATIENT, "officer", "real-name", KEPT_R_NONE);
    hold(held, "the officer may see the name");
    hold(shown(w, PATIENT, "support", "hardware-model", KEPT_R_ROLE) ||
             shown(w, PATIENT, "support", "hardware-model", KEPT_R_PURPOSE),
         "the device is none of the support's business");
}

static void kits(struct world *w)
{
    struct ask a = ask(w, KEPT_OP_DISCLOSE, PATIENT);
    tell_step("The kits built into the app, and the partners of a campaign");
    a.r.purpose = "operation";
    a.r.recipient = "share-sdk";
    with(&a, "phone", NULL);
    bool held = tell_line(w, &a, "number to the sharing kit") == KEPT_R_ITEM_NOT_IN_AGREEMENT;
    a = ask(w, KEPT_OP_DISCLOSE, PATIENT);
    a.r.purpose = "campaign";
    a.r.recipient = "campaign-partner";
    with(&a, "real-name", NULL);
    held &= tell_line(w, &a, "name to the campaign's partner") == KEPT_R_NEEDS_SEPARATE_CONSENT;
    hold(held, "a kit gets what its agreement names; a partner nothing without separate consent");
    a = ask(w, KEPT_OP_DISCLOSE, PATIENT);
    a.r.purpose = "statistics";
    a.r.recipient = "research-institute";
    with(&a, "usage-frequency", NULL);
    hold(tell_line(w, &a, "usage to the research institute") == KEPT_R_AGGREGATE_ONLY,
         "research gets numbers, no people");
}

static void withdrawal(struct world *w)
{
    struct ask a = ask(w, KEPT_OP_CONSENT_WITHDRAW, KEEPER);
    tell_step("%s takes the consent to support back", w->people[KEEPER].name);
    bool before = shown(w, KEEPER, "support", "message", KEPT_R_NONE);
    a.r.function = "support";
    tell_quietly(w, a);
    tell("withdrawn; from the next moment on:");
    hold(before && shown(w, KEEPER, "support", "message", KEPT_R_WITHDRAWN),
         "the withdrawal stops the clerk at once");
}

void demo_smart_home(struct world *w)
{
    arrive(w);
    accounts(w);
    complaints(w);
    roles(w);
    kits(w);
    withdrawal(w);
}
