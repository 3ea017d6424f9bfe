/* engine/schedule.c: when a schedule runs. What it is in JSON and in English: schedule_wire.c, schedule_summary.c. */
#include "engine/schedule.h"

#include "base/clock.h"
#include "value/calendar.h"
#include "value/zone.h"

#define US_PER_SECOND 1000000LL
#define DAY_SECONDS 86400LL
#define LOOK_AHEAD_DAYS (20 * 366)
#define LOOK_AHEAD_MONTHS (400 * 12)

/* A schedule with its zones open. */
typedef struct Almanac {
    const Schedule *schedule;
    Zone *zone, *hours_zone;
} Almanac;

static void almanac_done(Almanac *almanac)
{
    zone_release(almanac->zone);
    zone_release(almanac->hours_zone);
}

/* False when the system no longer knows a zone: such a schedule does not run. */
static bool almanac_open(Almanac *almanac, const Schedule *schedule)
{
    almanac->schedule = schedule;
    almanac->zone = zone_hold(schedule->zone);
    almanac->hours_zone = schedule->has_hours ? zone_hold(schedule->hours_zone) : NULL;
    return almanac->zone && (!schedule->has_hours || almanac->hours_zone);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t ceiling_divide(int64_t a, int64_t b)
{
    return -floor_divide(-a, b);
}

/* ---- what an instant must fulfil; seconds since 1970 ---- */

static bool is_in_hours(const Almanac *almanac, int64_t at, int64_t *out_again)
{
    const Schedule *schedule = almanac->schedule;
    if (!schedule->has_hours)
        return true;
    int64_t wall = zone_wall_seconds(almanac->hours_zone, at);
    int64_t days = floor_divide(wall, DAY_SECONDS), second = wall - days * DAY_SECONDS;
    bool over_midnight = schedule->hours_to < schedule->hours_from;
    bool from = second >= schedule->hours_from, to = second <= schedule->hours_to;
    if (over_midnight ? from || to : from && to)
        return true;
    int64_t opens = days + (second >= schedule->hours_from);
    *out_again = zone_utc_seconds(almanac->hours_zone, opens * DAY_SECONDS + schedule->hours_from);
    return false;
}

static bool is_in_bounds(const Schedule *schedule, int64_t at)
{
    return at * US_PER_SECOND >= schedule->bound_from_us && at * US_PER_SECOND <= schedule->bound_to_us;
}

static int64_t wall_days(const Almanac *almanac, int64_t at)
{
    return floor_divide(zone_wall_seconds(almanac->zone, at), DAY_SECONDS);
}

/* Nothing later can happen either. */
static bool is_past_end(const Almanac *almanac, int64_t at)
{
    const Schedule *schedule = almanac->schedule;
    if (schedule->bound_to_us != INT64_MAX && at * US_PER_SECOND > schedule->bound_to_us)
        return true;
    return schedule->end == SCHEDULE_ENDS_ON_DATE && wall_days(almanac, at) > schedule->end_days;
}

static bool is_weekday(const Schedule *schedule, int64_t days)
{
    return schedule->weekdays & BIT(weekday_of_days(days));
}

static int64_t start_of(const Almanac *almanac)
{
    return zone_utc_seconds(almanac->zone,
                            almanac->schedule->start_days * DAY_SECONDS + almanac->schedule->start_seconds);
}

/* ---- minutes and hours: elapsed time ---- */

/* On to `again`, where the wall's clock says something better; but when the clocks change before that, wall times may
 * come twice: then only one step. */
static int64_t leap(Zone *zone, int64_t at, int64_t again)
{
    bool even = zone_wall_seconds(zone, again) - again == zone_wall_seconds(zone, at) - at;
    return even && again > at ? again : at + 1;
}

static int64_t next_elapsed(const Almanac *almanac, int64_t from)
{
    const Schedule *schedule = almanac->schedule;
    int64_t start = start_of(almanac);
    int64_t step = (int64_t)schedule->interval * (schedule->unit == FREQUENCY_HOUR ? 3600 : 60);
    int64_t last = MAX_OF(from, start) + LOOK_AHEAD_DAYS * DAY_SECONDS;
    for (int64_t earliest = MAX_OF(from, start); earliest <= last;) {
        int64_t at = start + ceiling_divide(earliest - start, step) * step, again = 0;
        if (is_past_end(almanac, at))
            return SCHEDULE_NEVER;
        int64_t days = wall_days(almanac, at);
        if (!is_weekday(schedule, days)) /* the next midnight, or what the clocks made of it */
            earliest = leap(almanac->zone, at, zone_utc_seconds(almanac->zone, (days + 1) * DAY_SECONDS));
        else if (!is_in_hours(almanac, at, &again))
            earliest = leap(almanac->hours_zone, at, again);
        else if (!is_in_bounds(schedule, at))
            earliest = MAX_OF(at + 1, ceiling_divide(schedule->bound_from_us, US_PER_SECOND));
        else
            return at;
    }
    return SCHEDULE_NEVER;
}

/* ---- days and longer: dates ---- */

/* The date in a month that the pattern means; false when the month has none. */
static bool date_in_month(const Schedule *schedule, int64_t month_index, int64_t *out_days)
{
    int64_t year = floor_divide(month_index, 12);
    int month = (int)(month_index - year * 12) + 1, length = days_in_month(year, month);
    int64_t first = days_from_civil(year, month, 1);
    if (schedule->ordinal == 0) {
        *out_days = first + MIN_OF(schedule->day_number, length) - 1;
        return true;
    }
    int day = (schedule->weekday - weekday_of_days(first) + 7) % 7; /* of the first such weekday, from 0 */
    if (schedule->ordinal == ORDINAL_LAST)
        day += (length - 1 - day) / 7 * 7;
    else
        day += (schedule->ordinal - 1) * 7;
    *out_days = first + day;
    return day < length;
}

static int64_t month_of_days(int64_t days)
{
    int64_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    return year * 12 + month - 1;
}

/* What tells candidates apart: days for DAY and WEEK, months since year 0 for MONTH and YEAR. */
typedef struct Dates {
    int64_t first; /* of the start */
    int64_t step;  /* between candidates */
    int64_t limit; /* how many are looked at */
} Dates;

static Dates dates_of(const Schedule *schedule)
{
    switch (schedule->unit) {
    case FREQUENCY_DAY:
        return (Dates){schedule->start_days, schedule->interval, LOOK_AHEAD_DAYS / schedule->interval + 1};
    case FREQUENCY_WEEK: return (Dates){schedule->start_days, 1, LOOK_AHEAD_DAYS};
    case FREQUENCY_MONTH:
        return (Dates){month_of_days(schedule->start_days), schedule->interval, LOOK_AHEAD_MONTHS / schedule->interval};
    case FREQUENCY_YEAR: {
        int64_t year = floor_divide(month_of_days(schedule->start_days), 12);
        return (Dates){year * 12 + schedule->month - 1, 12LL * schedule->interval,
                       LOOK_AHEAD_MONTHS / 12 / schedule->interval};
    }
    default: return (Dates){schedule->start_days, 1, 1};
    }
}

static int64_t monday_of(int64_t days)
{
    return days - (weekday_of_days(days) - 1);
}

static bool is_date(const Schedule *schedule, int64_t candidate, int64_t *out_days)
{
    *out_days = candidate;
    switch (schedule->unit) {
    case FREQUENCY_DAY: return is_weekday(schedule, candidate);
    case FREQUENCY_WEEK:
        return is_weekday(schedule, candidate) &&
               (monday_of(candidate) - monday_of(schedule->start_days)) / 7 % schedule->interval == 0;
    case FREQUENCY_MONTH:
    case FREQUENCY_YEAR: return date_in_month(schedule, candidate, out_days) && *out_days >= schedule->start_days;
    default: return candidate == schedule->start_days;
    }
}

static int64_t next_date(const Almanac *almanac, int64_t from)
{
    const Schedule *schedule = almanac->schedule;
    Dates dates = dates_of(schedule);
    /* A time that was skipped may lie on the day after its date: begin a little earlier. */
    int64_t near = wall_days(almanac, from) - 2;
    if (schedule->unit == FREQUENCY_MONTH || schedule->unit == FREQUENCY_YEAR)
        near = month_of_days(near);
    int64_t passed = near > dates.first ? ceiling_divide(near - dates.first, dates.step) : 0;
    if (schedule->unit == FREQUENCY_ONCE)
        passed = 0;
    for (int64_t i = 0; i < dates.limit; i++) {
        int64_t days, again;
        if (!is_date(schedule, dates.first + (passed + i) * dates.step, &days))
            continue;
        int64_t at = zone_utc_seconds(almanac->zone, days * DAY_SECONDS + schedule->start_seconds);
        if (at < from)
            continue;
        if (is_past_end(almanac, at))
            return SCHEDULE_NEVER;
        if (is_in_bounds(schedule, at) && is_in_hours(almanac, at, &again))
            return at;
    }
    return SCHEDULE_NEVER;
}

/* ---- asking ---- */

static int64_t next_second(const Almanac *almanac, int64_t after_us)
{
    int64_t from = floor_divide(after_us, US_PER_SECOND) + 1;
    bool elapsed = almanac->schedule->unit == FREQUENCY_MINUTE || almanac->schedule->unit == FREQUENCY_HOUR;
    return elapsed ? next_elapsed(almanac, from) : next_date(almanac, from);
}

int schedule_upcoming(const Schedule *schedule, int64_t after_us, int limit, int64_t *out_us)
{
    AUTO(almanac_done)
    Almanac almanac = {0};
    if (!almanac_open(&almanac, schedule))
        return 0;
    int n = 0;
    for (; n < limit; n++) {
        int64_t at = next_second(&almanac, n == 0 ? after_us : out_us[n - 1]);
        if (at == SCHEDULE_NEVER)
            break;
        out_us[n] = at * US_PER_SECOND;
    }
    return n;
}

int64_t schedule_next_us(const Schedule *schedule, int64_t after_us)
{
    int64_t at;
    return schedule_upcoming(schedule, after_us, 1, &at) == 1 ? at : SCHEDULE_NEVER;
}
