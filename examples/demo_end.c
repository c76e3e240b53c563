/* demo_end.c - erasure, until the day nothing opens any more; and what the ledger says. */
#include "demo.h"

#include <string.h>

static char erased_on[40], final_on[40];

static void put(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from);
}

static void erase(struct world *w, unsigned who)
{
    struct ask a = ask(w, KEPT_OP_ERASE_SUBJECT, who);
    tell_step("%s asks to be erased (%s)", w->people[who].name, w->app);
    struct kept_reply *reply = tell_one(w, &a);
    put(erased_on, sizeof erased_on, report_text(reply, "keys_destroyed"));
    put(final_on, sizeof final_on, report_text(reply, "final"));
    tell("keys destroyed  %s  in constant time; what they sealed is noise from now on", erased_on);
    tell("final           %s  when the rotation (%s days) and the backup window", final_on,
         report_text(reply, "rotation_days"));
    tell("                                      (%s days) are over: then no old backup opens it",
         report_text(reply, "backup_window_days"));
    if (strcmp(report_text(reply, "records_kept_by_law"), "0") != 0)
        tell("kept by law     %s record, under a key of its own",
             report_text(reply, "records_kept_by_law"));
    kept_reply_free(reply);
}

static void gone(struct world *w, unsigned who, const char *token, enum kept_reason expected)
{
    struct ask use = ask(w, KEPT_OP_USE, who), find = ask(w, KEPT_OP_SUBJECT_FIND, PEOPLE);
    use.r.role = "officer";
    use.r.actor = "officer-1";
    use.r.purpose = "support";
    with(&use, token, NULL);
    bool held = tell_line(w, &use, "the officer looks") == expected;
    with(&find, token, w->people[who].phone);
    held &= tell_line(w, &find, "a look-up by the phone number") == KEPT_R_NO_VALUE;
    demo_tick(w);
    struct ask why = ask(w, KEPT_OP_WHY, who);
    struct kept_reply *reply = tell_one(w, &why);
    tell("rows swept      %s  rows and look-up tokens are in no file any more",
         report_text(reply, "rows_swept"));
    held &= strncmp(report_text(reply, "rows_swept"), "20", 2) == 0;
    kept_reply_free(reply);
    hold(held, "the person is gone at once, and their rows right after");
}

/* What a law demands outlives the person's other data, for whoever the law sends. */
static void kept_by_law(struct world *w, unsigned who)
{
    struct ask use = ask(w, KEPT_OP_USE, who);
    use.r.role = "officer";
    use.r.actor = "officer-1";
    use.r.purpose = "legal-duty";
    with(&use, "access-log", NULL);
    bool held = tell_line(w, &use, "officer: access-log, by law") == KEPT_R_NONE;
    use.r.role = "support";
    held &= tell_line(w, &use, "support: access-log, by law") != KEPT_R_NONE;
    hold(held, "the record the law demands is there, for that purpose alone");
}

static void weeks_later(struct world *w, unsigned who)
{
    char before[40];
    struct ask why = ask(w, KEPT_OP_WHY, who);
    tell_step("A week passes, the keys rotate; a month passes, the former keys are destroyed");
    struct kept_reply *reply = tell_one(w, &why);
    put(before, sizeof before, report_text(reply, "final"));
    kept_reply_free(reply);
    *w->now += 7 * DAY;
    demo_tick(w);
    reply = tell_one(w, &why);
    tell("after the rotation, final on  %s", report_text(reply, "final"));
    kept_reply_free(reply);
    *w->now += 30 * DAY;
    demo_tick(w);
    reply = tell_one(w, &why);
    tell("after the backup window       %s", report_text(reply, "final"));
    hold(strcmp(before, final_on) == 0 &&
             strcmp(report_text(reply, "final"), "reached") == 0,
         "the erasure is final: the key above the person's keys exists nowhere");
    kept_reply_free(reply);
}

static void ends(struct world *widgets)
{
    struct ask a = ask(widgets, KEPT_OP_USE, 0);
    tell_step("What had an end has ended");
    a.r.purpose = "display";
    a.r.function = "location-assist";
    a.r.facts = KEPT_F_IN_USE;
    with(&a, "location", NULL);
    hold(tell_line(widgets, &a, "a place, kept for a day, weeks later") == KEPT_R_NO_VALUE,
         "a value whose time is over is not released");
}

/* How often a word stands in a report. */
static unsigned occurrences(const struct kept_reply *reply, const char *word)
{
    unsigned n = 0;
    for (const char *at = reply->json; at != NULL && (at = strstr(at, word)) != NULL; at++)
        n++;
    return n;
}

static void accounts_given(struct world *w)
{
    struct ask trail = ask(w, KEPT_OP_TRAIL, PATIENT), audit = ask(w, KEPT_OP_AUDIT, PEOPLE);
    tell_step("Who did what: for the person, and for the auditor");
    struct kept_reply *reply = tell_one(w, &trail);
    unsigned reads = occurrences(reply, "\"operation\":\"use\"");
    tell("%s sees %u entries about themselves, %u of them reads by staff",
         w->people[PATIENT].name, occurrences(reply, "\"operation\":"), reads);
    hold(reads >= 6, "every look at this person is in their trail");
    kept_reply_free(reply);
    audit.r.role = "auditor";
    audit.r.actor = "auditor-1";
    audit.r.text = "clerk-7";
    reply = tell_one(w, &audit);
    unsigned by_clerk = occurrences(reply, "\"operation\":");
    tell("the auditor sees %u operations of clerk-7: what kinds of items, for which", by_clerk);
    tell("purpose, of how many people, and never a value");
    hold(by_clerk == 7 && occurrences(reply, w->people[PATIENT].phone) == 0,
         "everything the clerk did, and nothing of what the clerk saw");
    kept_reply_free(reply);
    audit.r.role = "support";
    hold(tell_line(w, &audit, "the clerk audits") == KEPT_R_OPERATION, "only an auditor audits");
}

void demo_end(struct world *widgets, struct world *home)
{
    erase(widgets, LEAVER);
    gone(widgets, LEAVER, "contact-phone", KEPT_R_KEPT_BY_LAW);
    kept_by_law(widgets, LEAVER);
    erase(home, PATIENT);
    gone(home, PATIENT, "phone", KEPT_R_ERASED);
    weeks_later(home, PATIENT);
    demo_tick(widgets);
    ends(widgets);
    accounts_given(widgets);
}
