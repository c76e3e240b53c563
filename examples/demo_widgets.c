/* demo_widgets.c - the widgets' half: notice, collection, permission, roles, partners. */
#include "demo.h"

#include <string.h>

static struct ask asks[PEOPLE];

static bool refuses(unsigned i)
{
    return i % REFUSERS == REFUSERS - 1;
}

static bool agrees(unsigned i)
{
    return !refuses(i);
}

static bool grown(unsigned i)
{
    return agrees(i) && i != MINOR;
}

static bool writes(unsigned i) /* to the support */
{
    return i % 3 == 0;
}

static bool travels(unsigned i)
{
    return i % 5 == 0 && agrees(i);
}

static unsigned number(bool (*picks)(unsigned))
{
    unsigned n = 0;
    for (unsigned i = 0; i < PEOPLE; i++)
        n += picks(i);
    return n;
}

static void before_notice(struct world *w)
{
    struct tally t = {0};
    tell_step("%u people open the app; it tries to collect at once", PEOPLE);
    (void)ask_all(w, asks, NULL, KEPT_OP_SUBJECT_NEW);
    for (unsigned i = 0; i < PEOPLE; i++) {
        asks[i].r.region = "CN";
        asks[i].r.birth_date = i == MINOR ? "2013-06-01" : NULL;
    }
    tell_many(w, asks, PEOPLE, NULL);
    (void)ask_all(w, asks, NULL, KEPT_OP_COLLECT);
    for (unsigned i = 0; i < PEOPLE; i++) {
        asks[i].r.function = "device-adaptation";
        with(&asks[i], "device-model", w->people[i].model);
    }
    tell_many(w, asks, PEOPLE, &t);
    tally_print(&t);
    hold(tally_count(&t, "device-model", KEPT_DENY, KEPT_R_NO_NOTICE) == PEOPLE,
         "before the notice was seen, nothing of anyone is taken");
}

static void notice(struct world *w)
{
    struct tally t = {0};
    unsigned refusers = number(refuses), others = number(grown);
    tell_step("%u read the notice, %u refuse the policy; one of them is twelve years old",
              PEOPLE - refusers, refusers);
    size_t n = ask_all(w, asks, agrees, KEPT_OP_CONSENT_ACKNOWLEDGE);
    for (size_t i = 0; i < n; i++)
        asks[i].r.language = w->language;
    tell_many(w, asks, n, NULL);
    tell_many(w, asks, ask_all(w, asks, refuses, KEPT_OP_CONSENT_REFUSE), NULL);
    tell("The app sends two fields of the device, and an address book that no policy knows:");
    (void)ask_all(w, asks, NULL, KEPT_OP_COLLECT);
    for (unsigned i = 0; i < PEOPLE; i++) {
        asks[i].r.function = "device-adaptation";
        with(&asks[i], "device-model", w->people[i].model);
        with(&asks[i], "os-version", w->people[i].os);
        with(&asks[i], "address-book", "everyone they know");
    }
    tell_many(w, asks, PEOPLE, &t);
    tally_print(&t);
    hold(tally_count(&t, "device-model", KEPT_ALLOW, KEPT_R_NONE) == others &&
             tally_count(&t, "os-version", KEPT_ALLOW, KEPT_R_NONE) == others,
         "what the function declares is collected, from %u people", others);
    hold(t.stripped == PEOPLE,
         "the address book is stripped %u times and counted; the rest goes on", t.stripped);
    hold(tally_count(&t, "device-model", KEPT_DENY, KEPT_R_REFUSED) == refusers,
         "of the %u who refused, nothing", refusers);
    hold(tally_count(&t, "device-model", KEPT_DENY, KEPT_R_NEEDS_GUARDIAN) == 1,
         "of the child, nothing without a guardian");
}

static void feedback(struct world *w)
{
    struct tally t = {0};
    unsigned writers = number(writes), unasked = number(grown) - writers;
    tell_step("%u people write to the support; of the others the app tries to collect all the same",
              writers);
    size_t n = ask_all(w, asks, writes, KEPT_OP_CONSENT_GRANT);
    for (size_t i = 0; i < n; i++)
        asks[i] = ask_grant(w, asks[i].who, "feedback", KEPT_C_EXPLICIT);
    tell_many(w, asks, n, NULL);
    n = ask_all(w, asks, grown, KEPT_OP_COLLECT);
    for (size_t i = 0; i < n; i++) {
        const struct person *p = &w->people[asks[i].who];
        asks[i].r.function = "feedback";
        asks[i].r.facts = KEPT_F_USER_ACTION;
        with(&asks[i], "message", p->message);
        with(&asks[i], "contact-name", p->name);
        with(&asks[i], "contact-phone", asks[i].who == 30 ? "12345" : p->phone);
    }
    tell_many(w, asks, n, &t);
    tally_print(&t);
    hold(tally_count(&t, "message", KEPT_ALLOW, KEPT_R_NONE) == writers,
         "%u agreed, and their messages are here", writers);
    hold(tally_count(&t, "message", KEPT_DENY, KEPT_R_NEEDS_CONSENT) == unasked,
         "of the %u who were not asked, none", unasked);
    hold(tally_count(&t, "contact-phone", KEPT_DENY, KEPT_R_INVALID) == 1,
         "what is no phone number is refused, and the rest of that person's form is kept");
}

static void identifiers(struct world *w)
{
    struct ask imei = ask(w, KEPT_OP_COLLECT, PATIENT);
    tell_step("The number of the phone: consent, the phone's own permission, the app in use");
    imei.r.function = "device-recognition";
    imei.r.facts = KEPT_F_IN_USE;
    with(&imei, "imei", w->people[PATIENT].wrong_imei);
    bool held = tell_line(w, &imei, "permission off") == KEPT_R_PERMISSION;
    tell_quietly(w, ask_permission(w, PATIENT, "phone-state"));
    held &= tell_line(w, &imei, "permission on, no consent") == KEPT_R_NEEDS_CONSENT;
    tell_quietly(w, ask_grant(w, PATIENT, "device-recognition", KEPT_C_EXPLICIT));
    imei.r.facts = KEPT_F_BACKGROUND;
    held &= tell_line(w, &imei, "consent, app not in use") == KEPT_R_NOT_IN_USE;
    imei.r.facts = KEPT_F_IN_USE;
    held &= tell_line(w, &imei, "in use, a wrong check digit") == KEPT_R_INVALID;
    imei.r.field_count = 0;
    with(&imei, "imei", w->people[PATIENT].imei);
    held &= tell_line(w, &imei, "the right one; its keyed hash stays") == KEPT_R_NONE;
    hold(held, "each condition alone is enough to refuse");
}

static void place_of_all(struct world *w, struct tally *t)
{
    size_t n = ask_all(w, asks, travels, KEPT_OP_COLLECT);
    for (size_t i = 0; i < n; i++) {
        asks[i].r.function = "location-assist";
        asks[i].r.facts = KEPT_F_IN_USE;
        with(&asks[i], "location", w->people[asks[i].who].place);
    }
    tell_many(w, asks, n, t);
}

static void places(struct world *w)
{
    struct tally before = {0}, after = {0};
    unsigned count = number(travels);
    tell_step("The place of %u people, before and after they agreed to just that", count);
    size_t n = ask_all(w, asks, travels, KEPT_OP_PERMISSION_SET);
    for (size_t i = 0; i < n; i++)
        asks[i] = ask_permission(w, asks[i].who, "location");
    tell_many(w, asks, n, NULL);
    place_of_all(w, &before);
    for (size_t i = 0; i < n; i++)
        asks[i] = ask_grant(w, asks[i].who, "location-assist", KEPT_C_SEPARATE);
    tell_many(w, asks, n, NULL);
    place_of_all(w, &after);
    tally_print(&before);
    tally_print(&after);
    hold(tally_count(&before, "location", KEPT_DENY, KEPT_R_NEEDS_SEPARATE_CONSENT) == count &&
             tally_count(&after, "location", KEPT_ALLOW, KEPT_R_NONE) == count,
         "nobody's place before they agreed to exactly that");
}

/* One item, read by one role for one purpose. */
static enum kept_reason look(struct world *w, unsigned who, const char *item, const char *role,
                             const char *purpose)
{
    char what[96];
    struct ask a = ask(w, KEPT_OP_USE, who);
    a.r.role = role;
    a.r.actor = strcmp(role, "support") == 0 ? "clerk-7" : "officer-1";
    a.r.purpose = purpose;
    with(&a, item, NULL);
    bool other = strcmp(purpose, "support") != 0;
    (void)snprintf(what, sizeof what, "%s: %s%s%s", role, item, other ? ", " : "",
                   other ? purpose : "");
    return tell_line(w, &a, what);
}

static void roles(struct world *w)
{
    tell_step("Who sees what: %s wrote to the support", w->people[PATIENT].name);
    hold(look(w, PATIENT, "message", "support", "support") == KEPT_R_NONE,
         "the clerk reads the message");
    bool masked = look(w, PATIENT, "contact-name", "support", "support") == KEPT_R_MASKED;
    masked &= look(w, PATIENT, "contact-phone", "support", "support") == KEPT_R_MASKED;
    hold(masked, "name and number are masked for the clerk");
    hold(look(w, PATIENT, "contact-phone", "officer", "support") == KEPT_R_NONE,
         "the officer may see the number whole");
    hold(look(w, PATIENT, "contact-phone", "support", "marketing") == KEPT_R_ROLE,
         "the clerk may not use it for advertising");
    hold(look(w, PATIENT, "imei", "officer", "support") != KEPT_R_NONE,
         "the number of the phone is for no role and no such purpose");
}

static void partners(struct world *w)
{
    struct ask a = ask(w, KEPT_OP_DISCLOSE, PATIENT);
    tell_step("Who else may have it");
    a.r.purpose = "marketing";
    a.r.recipient = "marketing-partner";
    with(&a, "contact-phone", NULL);
    bool held = tell_line(w, &a, "number to marketing-partner") == KEPT_R_NEEDS_SEPARATE_CONSENT;
    struct ask yes = ask_grant(w, PATIENT, NULL, KEPT_C_SEPARATE);
    yes.r.purpose = "marketing";
    tell_quietly(w, yes);
    held &= tell_line(w, &a, "yes to advertising") == KEPT_R_NEEDS_SEPARATE_CONSENT;
    yes.r.purpose = NULL;
    yes.r.recipient = "marketing-partner";
    tell_quietly(w, yes);
    held &= tell_line(w, &a, "yes to this partner, too") == KEPT_R_NEEDS_SEPARATE_CONSENT;
    tell_quietly(w, ask_grant(w, PATIENT, "marketing-contact", KEPT_C_SEPARATE));
    held &= tell_line(w, &a, "yes to being called, too") == KEPT_R_NONE;
    hold(held, "a partner gets a number only after each of three separate yeses");
    a.r.recipient = "data-broker";
    hold(tell_line(w, &a, "number to data-broker") == KEPT_R_RECIPIENT,
         "who is not registered gets nothing");
    a = ask(w, KEPT_OP_DISCLOSE, PATIENT);
    a.r.purpose = "bug-analysis";
    a.r.recipient = "crash-statistics";
    with(&a, "crash-report", NULL);
    hold(tell_line(w, &a, "crash report to crash-statistics") == KEPT_R_AGGREGATE_ONLY,
         "who gets statistics gets no single person");
}

static void withdrawal(struct world *w)
{
    struct ask a = ask(w, KEPT_OP_CONSENT_WITHDRAW, LEAVER);
    tell_step("%s takes the consent to feedback back", w->people[LEAVER].name);
    bool before = look(w, LEAVER, "contact-phone", "support", "support") == KEPT_R_MASKED;
    a.r.function = "feedback";
    tell_quietly(w, a);
    tell("withdrawn; from the next moment on:");
    bool after = look(w, LEAVER, "contact-phone", "support", "support") == KEPT_R_WITHDRAWN;
    struct ask more = ask(w, KEPT_OP_COLLECT, LEAVER);
    more.r.function = "feedback";
    more.r.facts = KEPT_F_USER_ACTION;
    with(&more, "message", "one more");
    after &= tell_line(w, &more, "another message comes in") == KEPT_R_WITHDRAWN;
    hold(before && after, "the withdrawal stops use and collection at once");
    hold(look(w, PATIENT, "contact-phone", "support", "support") == KEPT_R_MASKED,
         "and nobody else's");
}

static void records_of_access(struct world *w)
{
    struct ask a = ask(w, KEPT_OP_COLLECT, LEAVER);
    tell_step("A record of access, which a law demands for 184 days");
    a.r.function = "access-records";
    with(&a, "access-log", "2026-03-02T01:00:00Z 192.0.2.7");
    hold(tell_line(w, &a, "access-log") == KEPT_R_NONE, "kept, sealed under a key of its own");
}

void demo_widgets(struct world *w)
{
    before_notice(w);
    notice(w);
    feedback(w);
    identifiers(w);
    places(w);
    roles(w);
    partners(w);
    withdrawal(w);
    records_of_access(w);
}
