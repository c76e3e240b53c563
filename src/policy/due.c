/* due.c - days that are counted: from an instant, over a calendar that the caller brings. */
#include <stdio.h>

#include "policy/duties_int.h"

enum day_kind { DAY_UNKNOWN = -1, DAY_REST = 0, DAY_WORKING = 1 };

static enum day_kind kind_of(const struct kept_calendar *calendar, int32_t day)
{
    if (calendar == NULL || day < calendar->from || day >= calendar->below)
        return DAY_UNKNOWN;
    for (size_t i = 0; i < calendar->count; i++)
        if (calendar->days[i].day == day)
            return calendar->days[i].working ? DAY_WORKING : DAY_REST;
    int weekday = ((day % 7) + 7 + 3) % 7; /* 1970-01-01 was a Thursday; Monday is 0 */
    return weekday < 5 ? DAY_WORKING : DAY_REST;
}

/* n working days after a day, which is not counted. false: the calendar does not reach that far. */
static bool add_working(const struct kept_calendar *calendar, int32_t day, uint32_t n,
                        int32_t *ret_day)
{
    while (n > 0) {
        enum day_kind kind = kind_of(calendar, ++day);
        if (kind == DAY_UNKNOWN)
            return false;
        n -= kind == DAY_WORKING ? 1 : 0;
    }
    *ret_day = day;
    return true;
}

/* The same day of a later month, or its last day where it has no such day. */
static int32_t add_months(int32_t day, uint32_t n)
{
    int year = 0, month = 0, date = 0;
    kept_date_split(day, &year, &month, &date);
    long months = (long)year * 12 + (month - 1) + (long)n;
    int32_t found = day;
    for (int last = date; last >= 28 || last == date; last--) { /* no test: the 28th is a day of every month */
        char text[KEPT_TIME_TEXT];
        int length = snprintf(text, sizeof text, "%04ld-%02ld-%02d", months / 12, months % 12 + 1,
                              last);
        if (kept_date_parse(text, (size_t)length, &found) == 0)
            break;
    }
    return found;
}

/* The last day of a length that begins behind a day. */
static bool add_length(const struct kept_calendar *calendar, int32_t day, struct kept_length length,
                       int32_t *ret_day)
{
    switch (length.unit) { /* no test: hours are added by the instant, a length has a unit */
    case KEPT_UNIT_WORKING_DAYS: return add_working(calendar, day, length.n, ret_day);
    case KEPT_UNIT_MONTHS: *ret_day = add_months(day, length.n); return true;
    case KEPT_UNIT_DAYS: *ret_day = day + (int32_t)length.n; return true;
    case KEPT_UNIT_HOURS: /* no test: nor this */
    case KEPT_UNIT_NONE: break; /* no test: nor this */
    }
    return false; /* no test: nor this */
}

static struct kept_due day_due(const struct kept_zone *zone, const struct kept_deadline *deadline,
                               int32_t from, const struct kept_calendar *calendar)
{
    struct kept_due due = {.state = KEPT_DUE_NO_CALENDAR, .filled = deadline->filled, .clause = ""};
    int32_t day = from;
    if (!add_length(calendar, from, deadline->within, &day))
        return due;
    while (deadline->moves && kind_of(calendar, day) == DAY_REST)
        day++;
    if (deadline->moves && kind_of(calendar, day) == DAY_UNKNOWN)
        return due;
    due.state = KEPT_DUE_SET;
    due.last_day = day;
    due.before = kept_zone_start(zone, day + 1);
    return due;
}

struct kept_due kept_due(const struct kept_zone *zone, const struct kept_deadline *deadline,
                         kept_ms anchor, const struct kept_calendar *calendar)
{
    struct kept_due due = {.state = KEPT_DUE_UNSAID, .filled = deadline->filled, .clause = ""};
    if (deadline->within.n == 0 || deadline->within.unit == KEPT_UNIT_NONE)
        return due;
    if (anchor == 0) {
        due.state = KEPT_DUE_WAITS;
        return due;
    }
    if (deadline->within.unit != KEPT_UNIT_HOURS)
        return day_due(zone, deadline, kept_zone_day(zone, anchor), calendar);
    due.state = KEPT_DUE_SET;
    due.before = anchor + (kept_ms)deadline->within.n * KEPT_HOUR;
    due.last_day = kept_zone_day(zone, due.before - 1);
    return due;
}

/* The extension begins where the deadline ended. */
static struct kept_due prolong(const struct kept_zone *zone, const struct kept_right *right,
                               const struct kept_due *first, const struct kept_calendar *calendar)
{
    struct kept_deadline more = {.within = right->extension, .moves = right->deadline.moves};
    return right->extension.unit == KEPT_UNIT_HOURS
               ? kept_due(zone, &more, first->before, calendar)
               : day_due(zone, &more, first->last_day, calendar);
}

struct kept_due kept_policy_due(const struct kept_policy *policy, enum kept_asked asked,
                                const struct kept_anchors *anchors, bool extended,
                                const struct kept_calendar *calendar)
{
    struct kept_right right = kept_policy_right(policy, asked);
    struct kept_due due =
        kept_due(&policy->info.zone, &right.deadline, anchors->at[right.deadline.from], calendar);
    if (due.state == KEPT_DUE_SET && extended && right.extension.n > 0)
        due = prolong(&policy->info.zone, &right, &due, calendar);
    due.clause = right.clause;
    due.line = right.line;
    return due;
}
