/* clock.c - the only file that asks the system for the time. */
#define KEPT_MAY_ASK_TIME
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static kept_ms system_now(void *arg)
{
    struct timespec t;
    (void)arg;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0)
        return 0;
    return (kept_ms)t.tv_sec * 1000 + (kept_ms)(t.tv_nsec / 1000000);
}

struct kept_clock kept_clock_system(void)
{
    return (struct kept_clock){system_now, NULL};
}

kept_ms kept_now(const struct kept_clock *clock)
{
    return clock->now(clock->arg);
}

static int leap(int y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int month_days(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return m == 2 && leap(y) ? 29 : days[m - 1];
}

/* Civil date to day number, after Howard Hinnant's "chrono-compatible low-level date algorithms". */
static int32_t to_days(int y, int m, int d)
{
    int yy = m <= 2 ? y - 1 : y;
    int era = (yy >= 0 ? yy : yy - 399) / 400;
    int yoe = yy - era * 400;
    int doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void kept_date_split(int32_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int32_t z = days + 719468;
    int32_t era = (z >= 0 ? z : z - 146096) / 146097;
    int32_t doe = z - era * 146097;
    int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int32_t mp = (5 * doy + 2) / 153;
    *ret_day = doy - (153 * mp + 2) / 5 + 1;
    *ret_month = mp < 10 ? mp + 3 : mp - 9;
    *ret_year = yoe + era * 400 + (*ret_month <= 2);
}

static int number(const char *p, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

int kept_date_parse(const char *text, size_t n, int32_t *ret_days)
{
    if (n != 10 || text[4] != '-' || text[7] != '-')
        return KEPT_E_USAGE;
    int y = number(text, 4);
    int m = number(text + 5, 2);
    int d = number(text + 8, 2);
    if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
        return KEPT_E_USAGE;
    *ret_days = to_days(y, m, d);
    return 0;
}

int32_t kept_day_of(kept_ms at, int offset_minutes)
{
    kept_ms local = at + offset_minutes * KEPT_MINUTE;
    kept_ms day = local / KEPT_DAY;
    return (int32_t)(local % KEPT_DAY < 0 ? day - 1 : day);
}

/* ---- zones ------------------------------------------------------------------------------------ */

static const char *const zone_names[] = {
    "Europe/Lisbon",    "Europe/Dublin",     "Europe/Amsterdam",  "Europe/Berlin",
    "Europe/Bratislava", "Europe/Brussels",  "Europe/Budapest",   "Europe/Copenhagen",
    "Europe/Ljubljana", "Europe/Luxembourg", "Europe/Madrid",     "Europe/Malta",
    "Europe/Paris",     "Europe/Prague",     "Europe/Rome",       "Europe/Stockholm",
    "Europe/Vienna",    "Europe/Warsaw",     "Europe/Zagreb",     "Europe/Athens",
    "Europe/Bucharest", "Europe/Helsinki",   "Europe/Riga",       "Europe/Sofia",
    "Europe/Tallinn",   "Europe/Vilnius",    "Asia/Nicosia",      "Asia/Shanghai",
    "Asia/Hong_Kong",   NULL};
#define WESTERN 2u  /* of the names, in this order: on UTC in winter */
#define CENTRAL 19u /* behind UTC's, up to here one hour east */
#define EASTERN 27u /* two; the rest eight, without summer time */

const char *const *kept_zone_names(void)
{
    return zone_names;
}

static bool distance_parse(const char *text, struct kept_zone *ret_zone)
{
    int hours = -1, minutes = -1;
    if (strlen(text) == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':') {
        hours = number(text + 1, 2);
        minutes = number(text + 4, 2);
    }
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return false;
    int offset = hours * 60 + minutes;
    *ret_zone = (struct kept_zone){text[0] == '-' ? -offset : offset, false};
    return true;
}

bool kept_zone_parse(const char *text, struct kept_zone *ret_zone)
{
    if (strcmp(text, "UTC") == 0) {
        *ret_zone = (struct kept_zone){0, false};
        return true;
    }
    for (unsigned i = 0; zone_names[i] != NULL; i++)
        if (strcmp(zone_names[i], text) == 0) {
            int hours = i < WESTERN ? 0 : i < CENTRAL ? 1 : i < EASTERN ? 2 : 8;
            *ret_zone = (struct kept_zone){hours * 60, i < EASTERN};
            return true;
        }
    return distance_parse(text, ret_zone);
}

/* 01:00 UTC on the last Sunday of a month that has 31 days. Day 0, 1970-01-01, was a Thursday. */
static kept_ms last_sunday(int year, int month)
{
    int32_t day = to_days(year, month, 31);
    int weekday = (int)(((day % 7) + 7 + 4) % 7); /* 0: Sunday */
    return (kept_ms)(day - weekday) * KEPT_DAY + KEPT_HOUR;
}

static int offset_at(const struct kept_zone *zone, kept_ms at)
{
    int year, month, day;
    if (!zone->summer)
        return zone->offset_minutes;
    kept_date_split(kept_day_of(at, 0), &year, &month, &day);
    bool summer = at >= last_sunday(year, 3) && at < last_sunday(year, 10);
    return zone->offset_minutes + (summer ? 60 : 0);
}

int32_t kept_zone_day(const struct kept_zone *zone, kept_ms at)
{
    return kept_day_of(at, offset_at(zone, at));
}

/* No zone here changes its distance at midnight: the one that holds an hour before does. */
kept_ms kept_zone_start(const struct kept_zone *zone, int32_t day)
{
    kept_ms utc = (kept_ms)day * KEPT_DAY;
    kept_ms at = utc - zone->offset_minutes * KEPT_MINUTE;
    return utc - offset_at(zone, at - KEPT_HOUR) * KEPT_MINUTE;
}

int kept_age_years(int32_t birth_days, int32_t today_days)
{
    int by, bm, bd, ty, tm, td;
    kept_date_split(birth_days, &by, &bm, &bd);
    kept_date_split(today_days, &ty, &tm, &td);
    return ty - by - (tm < bm || (tm == bm && td < bd) ? 1 : 0);
}

static char *digits(char *to, int number, int count)
{
    for (int i = count; i-- > 0; number /= 10)
        to[i] = (char)('0' + number % 10);
    return to + count;
}

/* By hand: it stands in every reply, twice. */
void kept_time_text(kept_ms at, char ret_text[KEPT_TIME_TEXT])
{
    int32_t day = kept_day_of(at, 0);
    int y, m, d, s = (int)((at - (kept_ms)day * KEPT_DAY) / 1000);
    char *to = ret_text;
    kept_date_split(day, &y, &m, &d);
    if (y < 0 || y > 9999) { /* no time that kept writes */
        (void)snprintf(ret_text, KEPT_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d, s / 3600, s / 60 % 60, s % 60);
        return;
    }
    const int parts[] = {y, m, d, s / 3600, s / 60 % 60, s % 60};
    for (unsigned i = 0; i < 6; i++) {
        to = digits(to, parts[i], i == 0 ? 4 : 2);
        *to++ = "--T::Z"[i];
    }
    *to = 0;
}

/* "Z", "+08:00": minutes east of UTC at p, to the end of the text. */
static bool offset_read(const char *p, int *ret_minutes)
{
    *ret_minutes = 0;
    if (strcmp(p, "Z") == 0 || strcmp(p, "z") == 0)
        return true;
    if (strlen(p) != 6 || (p[0] != '+' && p[0] != '-') || p[3] != ':')
        return false;
    int hour = number(p + 1, 2), minute = number(p + 4, 2);
    *ret_minutes = (hour * 60 + minute) * (p[0] == '-' ? -1 : 1);
    return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

int kept_time_parse(const char *text, kept_ms *ret_at)
{
    int32_t day = 0;
    size_t n = strnlen(text, KEPT_TIME_TEXT + 8);
    if (n < 10 || n > KEPT_TIME_TEXT || kept_date_parse(text, 10, &day) != 0)
        return KEPT_E_USAGE;
    if (n == 10) {
        *ret_at = day * KEPT_DAY;
        return 0;
    }
    if (n < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
        return KEPT_E_USAGE;
    int hour = number(text + 11, 2), minute = number(text + 14, 2), second = number(text + 17, 2), east = 0;
    kept_ms parts = 0;
    const char *p = text + 19;
    if (*p == '.') {
        size_t digits = strspn(p + 1, "0123456789");
        for (size_t i = 0; i < 3; i++)
            parts = parts * 10 + (i < digits ? p[1 + i] - '0' : 0);
        if (digits == 0)
            return KEPT_E_USAGE;
        p += 1 + digits;
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || !offset_read(p, &east))
        return KEPT_E_USAGE;
    *ret_at = day * KEPT_DAY + hour * KEPT_HOUR + (minute - east) * KEPT_MINUTE + second * KEPT_SECOND + parts;
    return 0;
}
