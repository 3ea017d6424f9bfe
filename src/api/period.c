#include "api/period.h"

#include "api/window.h"
#include "base/clock.h"
#include "value/calendar.h"
#include "value/zone.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)
#define YEAR_1_US (INT64_C(-62135596800) * 1000000)
#define YEAR_9999_US (INT64_C(253402300800) * 1000000)

/* ---- hours ---- */

/* Seconds since the clock on the wall began its hour. */
static int64_t past_hour(Zone *zone, int64_t utc_seconds)
{
    int64_t past = zone_wall_seconds(zone, utc_seconds) % 3600;
    return past < 0 ? past + 3600 : past;
}

/* Hours of the clock on the wall, which in some zones begin at half past of UTC's; one that jumps by half an hour
 * cuts an hour in two. */
static bool hours(Arena *arena, Str zone, int64_t from_us, int64_t until_us, Periods *out, Error *err)
{
    AUTO(zone_let_go)
    Zone *held = zone_hold(zone);
    if (!held)
        return error_set(err, INVALID_ARGUMENT, "time_zone", "\"%.*s\" is not a zone such as Europe/Berlin",
                         STR_ARG(str_clip(zone, 60)));
    int64_t *starts = NEW_ARRAY(arena, int64_t, PERIODS_MOST + 1);
    int64_t utc = from_us / SECOND_US - (from_us % SECOND_US < 0);
    int n = 0;
    for (utc -= past_hour(held, utc); utc * SECOND_US < until_us && n < PERIODS_MOST;
         utc += 3600 - past_hour(held, utc))
        starts[n++] = utc * SECOND_US;
    starts[n] = utc * SECOND_US;
    out->starts = starts;
    out->n = n;
    return starts[n] >= until_us ||
           error_set(err, INVALID_ARGUMENT, "interval", "more than %d hours are asked for", PERIODS_MOST);
}

/* ---- days, weeks, months ---- */

static int64_t begin_of(PeriodUnit unit, int64_t day)
{
    int64_t year;
    int month, date;
    if (unit == PERIOD_WEEK)
        return day - (weekday_of_days(day) - 1);
    civil_from_days(day, &year, &month, &date);
    return unit == PERIOD_MONTH ? day - (date - 1) : day;
}

static int64_t next_of(PeriodUnit unit, int64_t day)
{
    int64_t year;
    int month, date;
    if (unit != PERIOD_MONTH)
        return day + (unit == PERIOD_WEEK ? 7 : 1);
    civil_from_days(day, &year, &month, &date);
    return day + days_in_month(year, month);
}

static bool calendar(Arena *arena, Str zone, PeriodUnit unit, int64_t from_us, int64_t until_us, Periods *out,
                     Error *err)
{
    AUTO(zone_let_go)
    Zone *held = zone_hold(zone);
    int64_t first, last;
    int n = 0;
    (void)held; /* read from the disk once, not for each day */
    if (!day_at(arena, zone, from_us, &first, err) || !day_at(arena, zone, until_us - 1, &last, err))
        return false;
    first = begin_of(unit, first);
    for (int64_t day = first; day <= last; day = next_of(unit, day)) {
        if (++n > PERIODS_MOST)
            return error_set(err, INVALID_ARGUMENT, "end_time", "more than %d periods are asked for", PERIODS_MOST);
    }
    int64_t *starts = NEW_ARRAY(arena, int64_t, (size_t)n + 1);
    int64_t day = first;
    for (int i = 0; i <= n; i++, day = next_of(unit, day)) {
        if (!day_start(arena, zone, day, &starts[i], err))
            return false;
    }
    out->starts = starts;
    out->n = n;
    return true;
}

bool periods_between(Arena *arena, Str zone, PeriodUnit unit, int64_t from_us, int64_t until_us, Periods *out,
                     Error *err)
{
    Periods found = {.zone = zone, .unit = unit};
    if (from_us >= until_us)
        return error_set(err, INVALID_ARGUMENT, "end_time", "lies before start_time");
    if (from_us < YEAR_1_US + 400 * DAY_US || until_us > YEAR_9999_US - 400 * DAY_US)
        return error_set(err, INVALID_ARGUMENT, "start_time", "years from 3 to 9997 can be asked for");
    bool made = unit == PERIOD_HOUR ? hours(arena, zone, from_us, until_us, &found, err)
                                    : calendar(arena, zone, unit, from_us, until_us, &found, err);
    if (made)
        *out = found;
    return made;
}

int periods_find(const Periods *periods, int64_t us)
{
    return days_find(&(Days){.n = periods->n, .starts = periods->starts}, us);
}

PeriodUnit period_unit_for(int64_t from_us, int64_t until_us)
{
    int64_t days = (until_us - from_us) / DAY_US;
    return days <= 31 ? PERIOD_DAY : (days <= 184 ? PERIOD_WEEK : PERIOD_MONTH);
}

static const char *const month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};

static Str label(Arena *arena, PeriodUnit unit, const DateTime *start)
{
    const char *month = month_names[start->month - 1];
    int year = (int)start->year, day = start->day, hour = start->hour;
    switch (unit) {
    case PERIOD_HOUR:
        return str_printf(arena, "%.3s %d, %04d %d:%02d %s", month, day, year, hour % 12 ? hour % 12 : 12,
                          start->minute, hour < 12 ? "AM" : "PM");
    case PERIOD_DAY: return str_printf(arena, "%s %d, %04d", month, day, year);
    case PERIOD_WEEK: return str_printf(arena, "Week of %.3s %d, %04d", month, day, year);
    case PERIOD_MONTH: break;
    }
    return str_printf(arena, "%s %04d", month, year);
}

bool period_labels(Arena *arena, const Periods *periods, Str **out, Error *err)
{
    AUTO(zone_let_go)
    Zone *held = zone_hold(periods->zone);
    (void)held; /* read from the disk once, not for each day */
    Str *labels = NEW_ARRAY(arena, Str, (size_t)periods->n);
    for (int p = 0; p < periods->n; p++) {
        Value start;
        if (!zone_local(arena, periods->zone, periods->starts[p], &start, err))
            return false;
        labels[p] = label(arena, periods->unit, start.datetime);
    }
    *out = labels;
    return true;
}
