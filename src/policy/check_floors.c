/* check_floors.c - where a policy is weaker than the law it is under lets it be. The floors are those of the
 * profile (profile.h); here is what each of them is held against. */
#include <stdio.h>
#include <string.h>

#include "policy/duties_int.h"
#include "policy/show_int.h"

static void check_answers(struct reader *r, const struct profile_entry *floor)
{
    for (unsigned i = 0; floor->said && i < KEPT_ASK_COUNT; i++) {
        const struct right_rule *right = &r->policy->duties.asked[i];
        if ((floor->requests >> i & 1u) == 0 || !right->pub.said ||
            kept_longest(right->pub.deadline.within) <= kept_longest(floor->within.within))
            continue;
        char mend[MEND_TEXT];
        (void)snprintf(mend, sizeof mend, "answer within %u %s", floor->within.within.n,
                       kept_show_unit(floor->within.within.unit));
        kept_find(r, floor->law ? CODE_FLOOR_ANSWER : CODE_SLOW_ANSWER, right->pub.line, right->column, mend,
                  "'%s' is answered later than %s (%s)", kept_asked_word((enum kept_asked)i),
                  floor->law ? "the law allows" : "authorities expect",
                  floor->source);
    }
}

static void check_incident(struct reader *r, const struct profile_entry *floor)
{
    const struct incident_rule *told = &r->policy->duties.incidents[KEPT_TOLD_AUTHORITY];
    if (floor->said && told->said && kept_longest(told->deadline.within) > kept_longest(floor->within.within))
        kept_find(r, CODE_FLOOR_INCIDENT, told->rule.line, told->column, "shorten 'within'",
                  "the authority is told later than within %u %s (%s)", floor->within.within.n,
                  kept_show_unit(floor->within.within.unit), floor->source);
}

static void check_children(struct reader *r, const struct profile_entry *floor)
{
    const struct kept_policy *p = r->policy;
    for (size_t i = 0; floor->said && i < p->band_count && !r->ages_lost; i++)
        if (p->bands[i].mode == BAND_SELF && p->bands[i].from < (int)floor->age)
            kept_find(r, CODE_FLOOR_AGE, p->bands[i].rule.line, p->bands[i].column,
                      "let 'mode' be guardian, self_and_guardian or block",
                      "somebody of %d decides alone: below %u a guardian consents (%s)", p->bands[i].from,
                      floor->age, floor->source);
}

/* A withdrawal is never refused. A ground that names no requests is for all the others. */
static void check_withdrawals(struct reader *r, const struct profile *profile)
{
    struct kept_policy *p = r->policy;
    const struct profile_entry *never = &profile->floors[PROFILE_FLOOR_WITHDRAW_REFUSED],
                               *keeps = &profile->floors[PROFILE_FLOOR_WITHDRAWAL_KEEPS];
    const uint32_t all = (1u << KEPT_ASK_COUNT) - 1, withdraw = 1u << KEPT_ASK_WITHDRAW;
    for (size_t i = 0; never->said && i < p->duties.refusal_count; i++) {
        struct refusal_rule *refusal = &p->duties.refusals[i];
        if (refusal->requests == all)
            refusal->requests = all & ~withdraw;
        else if ((refusal->requests & withdraw) != 0)
            kept_find(r, CODE_FLOOR_WITHDRAWAL_REFUSED, refusal->rule.line, 1,
                      "remove withdraw from its 'requests'",
                      "a withdrawal of consent could be refused on '%s': it can never be (%s)",
                      refusal->code, never->source);
    }
    if (keeps->said && p->info.withdrawal == KEPT_WITHDRAW_COLLECT_ONLY)
        kept_find(r, CODE_WITHDRAWAL_KEEPS, p->withdrawal.line, 1,
                  "let 'effect' be collect_and_use, or delete",
                  "what is held is used on after a withdrawal, and it is to be deleted (%s)",
                  keeps->source);
}

/* Who leaves waits no longer than who asks to be deleted. */
static void check_leaving(struct reader *r, const struct profile_entry *floor)
{
    const struct cancellation_rule *c = &r->policy->duties.cancellation;
    if (floor->said && (floor->requests >> KEPT_ASK_CANCEL & 1u) != 0 && c->rule.line > 0 &&
        kept_longest(c->within.within) > kept_longest(floor->within.within))
        kept_find(r, floor->law ? CODE_FLOOR_ANSWER : CODE_SLOW_ANSWER, c->rule.line, c->column,
                  "shorten 'within'", "an account is cancelled later than within %u %s (%s)",
                  floor->within.within.n, kept_show_unit(floor->within.within.unit), floor->source);
}

bool kept_names_law(const struct kept_policy *p, const struct item_rule *item, const char *law)
{
    for (size_t i = 0; i < p->info.languages; i++)
        if (item->statutes.v[i] != NULL && strstr(item->statutes.v[i], law) != NULL)
            return true;
    return false;
}

static void check_item(struct reader *r, const struct profile *profile, const struct item_rule *item)
{
    for (size_t i = 0; i < profile->sensitive.n && !item->pub.sensitive; i++) {
        const struct profile_row *row = &profile->sensitive.v[i];
        if ((row->kind != NULL && strcmp(row->kind, item->pub.kind) == 0) ||
            (row->information != NULL && strcmp(row->information, item->information) == 0))
            kept_find(r, CODE_FLOOR_SENSITIVE, item->pub.line, item->column, "add 'sensitive: true'",
                      "'%s' is sensitive whatever a policy calls it (%s)", item->pub.name, row->article);
    }
    for (size_t i = 0; i < profile->retention.n && item->statute != NULL; i++) {
        const struct profile_row *row = &profile->retention.v[i];
        if (kept_names_law(r->policy, item, row->law) && item->pub.retain > 0 &&
            item->pub.retain < row->at_least)
            kept_find(r, CODE_FLOOR_RETENTION, item->pub.line, item->column,
                      "let 'retain' be as long as the law says",
                      "'%s' ends before the law that it names lets it: %lld days (%s)", item->pub.name,
                      (long long)(row->at_least / KEPT_DAY), row->article);
    }
}

static void check_profile(struct reader *r, const struct profile *profile)
{
    const struct kept_policy *p = r->policy;
    check_answers(r, &profile->floors[PROFILE_FLOOR_ANSWER]);
    check_leaving(r, &profile->floors[PROFILE_FLOOR_ANSWER]);
    check_incident(r, &profile->floors[PROFILE_FLOOR_INCIDENT_AUTHORITY]);
    check_children(r, &profile->floors[PROFILE_FLOOR_GUARDIAN_BELOW]);
    check_withdrawals(r, profile);
    for (size_t i = 0; i < p->info.items; i++)
        if (!p->items[i].lost)
            check_item(r, profile, &p->items[i]);
}

void kept_check_floors(struct reader *r)
{
    for (size_t i = 0; i < r->policy->profile_count; i++)
        check_profile(r, r->policy->profiles[i]);
}
