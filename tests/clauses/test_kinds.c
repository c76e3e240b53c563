/* test_kinds.c - what every kind of value has in common: where it came from. */
#include "shown.h"

static bool came_from(const struct kept_reply *r, const char *source, kept_ms at)
{
    return r != NULL && r->field_count == 1 && r->fields[0].source != NULL &&
           strcmp(r->fields[0].source, source) == 0 && r->fields[0].collected == at;
}

/* Each value says where it came from, and when: given by the person, made by use, made of other values. */
static void clause_S0_2_1(void **state)
{
    struct world *w = *state;
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    GRANT(w, p, EXPLICIT, .function = "profiling");
    GRANT(w, p, EXPLICIT, .purpose = "personalisation");
    const kept_ms first = w->now;
    HOLD(w, p, VALUE("device-adaptation", "os-version", "14"));
    w->now += DAY;
    HOLD(w, p, VALUE("feedback", "message", "hello"), BY_THE_PERSON);
    HOLD(w, p, VALUE("profiling", "profile", "clocks"));
    const struct kept_reply *r = READ("os-version", "normal-use", .function = "device-adaptation");
    CLAIM(came_from(r, "generated", first), "what use made does not say so");
    r = READ("message", "support", .function = "feedback");
    CLAIM(came_from(r, "user", w->now), "what the person gave does not say so");
    LEDGERED(w, r);
    r = READ("profile", "personalisation", .function = "profiling");
    CLAIM(came_from(r, "derived", w->now), "what was made of other values does not say so");
    CLAIM(r->fields[0].until == w->now + 90 * DAY, "its end is not told");
    /* The refused say nothing of a value. */
    WITHDRAW(w, p, .function = "profiling");
    r = READ("profile", "personalisation", .function = "profiling");
    CLAIM(r != NULL && r->decision == KEPT_DENY && r->fields[0].source == NULL &&
              r->fields[0].collected == 0, "a value that is denied tells where it came from");
    CLAIM(shown_refused(w, "information: preference, source: derived, retain",
                        "information: preference, source: nowhere, retain"),
          "a policy with a source that is none was published");
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLAUSE_S0(2_1)};
    return RUN(tests);
}
