/* clock.h - time comes from outside: the system's clock, or a test's.
 * The rest of kept never asks the system for the time; one operation takes it once. */
#ifndef KEPT_BASE_CLOCK_H
#define KEPT_BASE_CLOCK_H

#include <stdbool.h>

#include "kept.h"

#define KEPT_SECOND ((kept_ms)1000)
#define KEPT_MINUTE (60 * KEPT_SECOND)
#define KEPT_HOUR (60 * KEPT_MINUTE)
#define KEPT_DAY (24 * KEPT_HOUR)

/* The system's clock (UTC). */
struct kept_clock kept_clock_system(void);

kept_ms kept_now(const struct kept_clock *clock);

/* Days since 1970-01-01 of a proleptic Gregorian date; KEPT_E_USAGE when there is no such day.
 * Text form: exactly YYYY-MM-DD, years 1 to 9999. */
KEPT_MUST_USE int kept_date_parse(const char *text, size_t n, int32_t *ret_days);
void kept_date_split(int32_t days, int *ret_year, int *ret_month, int *ret_day);

/* The day on which an instant falls, offset_minutes east of UTC. */
int32_t kept_day_of(kept_ms at, int offset_minutes);

/* Where days begin: a fixed distance from UTC, or one that moves with the European Union's summer time
 * (an hour more from the last Sunday of March, 01:00 UTC, to that of October; since 1996). */
struct kept_zone {
    int offset_minutes; /* east of UTC, in winter */
    bool summer;
};
/* UTC, "+08:00", or a name ("Europe/Berlin"; those of kept_zone_names). false: none of these. */
bool kept_zone_parse(const char *text, struct kept_zone *ret_zone);
const char *const *kept_zone_names(void); /* NULL at the end */
int32_t kept_zone_day(const struct kept_zone *zone, kept_ms at); /* the day on which an instant falls */
kept_ms kept_zone_start(const struct kept_zone *zone, int32_t day); /* the instant at which a day begins */

/* Whole years from birth to today; 29 February counts on 1 March in other years. */
int kept_age_years(int32_t birth_days, int32_t today_days);

/* RFC 3339 in UTC with seconds: "2026-11-22T04:45:23Z". ret_text: 21 bytes or more. */
#define KEPT_TIME_TEXT 32
void kept_time_text(kept_ms at, char ret_text[KEPT_TIME_TEXT]);
/* And back: RFC 3339 with "Z" or an offset, seconds whole or in parts; or a date alone, its midnight in UTC. KEPT_E_USAGE. */
KEPT_MUST_USE int kept_time_parse(const char *text, kept_ms *ret_at);

#endif
