/* engine/schedule_wire.c: a schedule as the API writes it, read and written. */
#include "engine/schedule.h"

#include "base/clock.h"
#include "value/calendar.h"
#include "value/zone.h"

#define US_PER_SECOND 1000000LL
#define YEAR_MAX 9000
#define OCCURRENCES_MAX 1000000

/* The names by their values' numbers; the first stands for nothing said. */
typedef struct Names {
    const Str *texts;
    int n;
} Names;
#define NAMES(table)                                                                                                   \
    (Names)                                                                                                            \
    {                                                                                                                  \
        table, COUNT_OF(table)                                                                                         \
    }

static const Str units[] = {
    S_INIT("FREQUENCY_UNIT_UNSPECIFIED"), S_INIT("FREQUENCY_UNIT_MINUTE"), S_INIT("FREQUENCY_UNIT_HOUR"),
    S_INIT("FREQUENCY_UNIT_DAY"),         S_INIT("FREQUENCY_UNIT_WEEK"),   S_INIT("FREQUENCY_UNIT_MONTH"),
    S_INIT("FREQUENCY_UNIT_YEAR"),
};
static const Str days[] = {
    S_INIT("DAY_OF_WEEK_UNSPECIFIED"), S_INIT("DAY_OF_WEEK_MONDAY"),   S_INIT("DAY_OF_WEEK_TUESDAY"),
    S_INIT("DAY_OF_WEEK_WEDNESDAY"),   S_INIT("DAY_OF_WEEK_THURSDAY"), S_INIT("DAY_OF_WEEK_FRIDAY"),
    S_INIT("DAY_OF_WEEK_SATURDAY"),    S_INIT("DAY_OF_WEEK_SUNDAY"),
};
static const Str ordinals[] = {
    S_INIT("ORDINAL_UNSPECIFIED"), S_INIT("ORDINAL_FIRST"), S_INIT("ORDINAL_SECOND"), S_INIT("ORDINAL_THIRD"),
    S_INIT("ORDINAL_FOURTH"),      S_INIT("ORDINAL_FIFTH"), S_INIT("ORDINAL_LAST"),
};
static const Str months[] = {
    S_INIT("MONTH_UNSPECIFIED"), S_INIT("MONTH_JANUARY"),   S_INIT("MONTH_FEBRUARY"), S_INIT("MONTH_MARCH"),
    S_INIT("MONTH_APRIL"),       S_INIT("MONTH_MAY"),       S_INIT("MONTH_JUNE"),     S_INIT("MONTH_JULY"),
    S_INIT("MONTH_AUGUST"),      S_INIT("MONTH_SEPTEMBER"), S_INIT("MONTH_OCTOBER"),  S_INIT("MONTH_NOVEMBER"),
    S_INIT("MONTH_DECEMBER"),
};
static const Str ends[] = {S_INIT("SCHEDULE_END_TYPE_NEVER"), S_INIT("SCHEDULE_END_TYPE_ON_DATE"),
                           S_INIT("SCHEDULE_END_TYPE_AFTER_OCCURRENCES")};
static const Str missed_policies[] = {S_INIT("MISSED_POLICY_ONCE"), S_INIT("MISSED_POLICY_SKIP"),
                                      S_INIT("MISSED_POLICY_ALL")};
static const Str overlap_policies[] = {S_INIT("OVERLAP_POLICY_ALLOW"), S_INIT("OVERLAP_POLICY_SKIP")};

/* A year's worth of minutes or hours, ten years of the rest. */
static const int32_t interval_max[] = {
    [FREQUENCY_ONCE] = 1,   [FREQUENCY_MINUTE] = 525600, [FREQUENCY_HOUR] = 8760, [FREQUENCY_DAY] = 3650,
    [FREQUENCY_WEEK] = 520, [FREQUENCY_MONTH] = 120,     [FREQUENCY_YEAR] = 10,
};

/* ---- reading ---- */

#define WRONG(err, field, ...) error_set(err, INVALID_ARGUMENT, field, __VA_ARGS__)

/* UNSPECIFIED, absence and what is not in the table are 0. */
static int name_find(Names names, const Json *json)
{
    for (int i = 0; i < names.n; i++) {
        if (str_eq(names.texts[i], json_text(json)))
            return i;
    }
    return 0;
}

static int64_t number_of(const Json *object, Str key, int64_t absent)
{
    int64_t number;
    const Json *json = json_get(object, key);
    return json && json_to_i64(json, &number) ? number : absent;
}

static bool read_date(const Json *date, const char *field, int64_t *out_days, Error *err)
{
    int64_t year = number_of(date, S("year"), 0), month = number_of(date, S("month"), 0),
            day = number_of(date, S("day"), 0);
    if (year < 1970 || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > 31 ||
        !date_is_valid(year, (int)month, (int)day))
        return WRONG(err, field, "say a whole date that exists, of the years 1970 to %d: {year, month, day}", YEAR_MAX);
    *out_days = days_from_civil(year, (int)month, (int)day);
    return true;
}

static bool read_time(const Json *time, const char *field, int32_t *out_seconds, Error *err)
{
    int64_t hours = number_of(time, S("hours"), 0), minutes = number_of(time, S("minutes"), 0),
            seconds = number_of(time, S("seconds"), 0);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
        return WRONG(err, field, "is no time of the day: hours go from 0 to 23, minutes and seconds from 0 to 59");
    if (number_of(time, S("nanos"), 0) != 0)
        return WRONG(err, field, "schedules know whole seconds: leave nanos out");
    *out_seconds = (int32_t)(hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool read_zone(const Json *object, const char *field, Str absent, Str *out, Error *err)
{
    Str zone = json_text(json_get(object, S("time_zone")));
    *out = zone.len > 0 ? zone : absent;
    return zone_is_known(*out) ||
           WRONG(err, field, "there is no time zone called \"%.*s\": use a name like Europe/Berlin",
                 STR_ARG(str_clip(*out, 64)));
}

static bool read_start(const Json *start, int64_t now_us, Schedule *out, Error *err)
{
    const Json *date = json_get(start, S("start_date")), *time = json_get(start, S("time"));
    if (!start)
        return WRONG(err, "config.start", "say when the schedule begins: {start_date, time, time_zone}");
    if (!read_zone(start, "config.start.time_zone", S("UTC"), &out->zone, err) ||
        !read_time(time, "config.start.time", &out->start_seconds, err))
        return false;
    if (date)
        return read_date(date, "config.start.start_date", &out->start_days, err);
    Zone *zone = zone_hold(out->zone);
    int64_t wall = zone ? zone_wall_seconds(zone, now_us / US_PER_SECOND) : 0;
    zone_release(zone);
    out->start_days = wall / 86400;
    return true;
}

static bool read_repeat(const Json *repeat, Schedule *out, Error *err)
{
    if (!repeat)
        return true;
    out->unit = (FrequencyUnit)name_find(NAMES(units), json_get(repeat, S("unit")));
    if (out->unit == FREQUENCY_ONCE)
        return WRONG(err, "config.repeat_interval.unit",
                     "say minute, hour, day, week, month or year; without repeat_interval the schedule runs once");
    int64_t interval = number_of(repeat, S("interval"), 0);
    if (interval == 0 && !json_get(repeat, S("interval")))
        interval = 1;
    if (interval < 1 || interval > interval_max[out->unit])
        return WRONG(err, "config.repeat_interval.interval", "must be from 1 to %d for this unit",
                     interval_max[out->unit]);
    out->interval = (int32_t)interval;
    return true;
}

static bool read_weekly(const Json *pattern, Schedule *out, Error *err)
{
    out->weekdays = out->unit == FREQUENCY_WEEK ? (uint8_t)BIT(weekday_of_days(out->start_days)) : WEEKDAYS_ALL;
    if (!pattern)
        return true;
    if (out->unit < FREQUENCY_MINUTE || out->unit > FREQUENCY_WEEK)
        return WRONG(err, "config.weekly_pattern", "goes with a repeat_interval of minutes, hours, days or weeks only");
    const Json *list = json_get(pattern, S("days"));
    out->weekdays = 0;
    for (uint32_t i = 0; list && i < list->count; i++) {
        int day = name_find(NAMES(days), &list->items[i]);
        if (day == 0)
            return WRONG(err, "config.weekly_pattern.days", "name days of the week, DAY_OF_WEEK_MONDAY to _SUNDAY");
        out->weekdays |= (uint8_t)BIT(day);
    }
    return out->weekdays != 0 || WRONG(err, "config.weekly_pattern.days", "name at least one day of the week");
}

static bool read_day_pattern(const Json *pattern, const char *field, Schedule *out, Error *err)
{
    const Json *ordinal = json_get(pattern, S("ordinal_day"));
    int64_t number = number_of(pattern, S("day_number"), 0);
    if ((ordinal != NULL) == (number != 0))
        return WRONG(err, field, "say either day_number or ordinal_day");
    if (!ordinal) {
        out->day_number = (uint8_t)number;
        return (number >= 1 && number <= 31) || WRONG(err, field, "day_number goes from 1 to 31");
    }
    out->day_number = 0;
    out->ordinal = (uint8_t)name_find(NAMES(ordinals), json_get(ordinal, S("ordinal")));
    out->weekday = (uint8_t)name_find(NAMES(days), json_get(ordinal, S("day")));
    return (out->ordinal != 0 && out->weekday != 0) ||
           WRONG(err, field, "ordinal_day needs an ordinal (ORDINAL_FIRST to _FIFTH, or _LAST) and a day of the week");
}

static bool read_monthly(const Json *pattern, Schedule *out, Error *err)
{
    if (pattern && out->unit != FREQUENCY_MONTH)
        return WRONG(err, "config.monthly_pattern", "goes with a repeat_interval of months only");
    return !pattern || read_day_pattern(pattern, "config.monthly_pattern", out, err);
}

static bool read_yearly(const Json *pattern, Schedule *out, Error *err)
{
    if (!pattern)
        return true;
    if (out->unit != FREQUENCY_YEAR)
        return WRONG(err, "config.yearly_pattern", "goes with a repeat_interval of years only");
    out->month = (uint8_t)name_find(NAMES(months), json_get(pattern, S("month")));
    if (out->month == 0)
        return WRONG(err, "config.yearly_pattern.month", "name a month, MONTH_JANUARY to MONTH_DECEMBER");
    return read_day_pattern(json_get(pattern, S("day_pattern")), "config.yearly_pattern.day_pattern", out, err);
}

/* Of months and years without a pattern: the start's own day. */
static void day_of_start(Schedule *out)
{
    int64_t year;
    int month, day;
    civil_from_days(out->start_days, &year, &month, &day);
    out->day_number = (uint8_t)day;
    out->month = (uint8_t)month;
}

static bool read_bound(const Json *window, Str key, const char *field, int64_t *out, Error *err)
{
    const Json *json = json_get(window, key);
    return !json || clock_parse(json_text(json), out) ||
           WRONG(err, field, "is no RFC 3339 time such as 2026-04-14T09:00:00Z");
}

static bool read_window(const Json *window, Schedule *out, Error *err)
{
    out->bound_from_us = INT64_MIN;
    out->bound_to_us = INT64_MAX;
    if (!window)
        return true;
    const Json *from = json_get(window, S("window_start")), *to = json_get(window, S("window_end"));
    out->has_hours = from && to;
    if (!from != !to)
        return WRONG(err, "config.active_window", "window_start and window_end go together");
    if (!read_zone(window, "config.active_window.time_zone", out->zone, &out->hours_zone, err) ||
        !read_time(from, "config.active_window.window_start", &out->hours_from, err) ||
        !read_time(to, "config.active_window.window_end", &out->hours_to, err) ||
        !read_bound(window, S("start_time"), "config.active_window.start_time", &out->bound_from_us, err) ||
        !read_bound(window, S("end_time"), "config.active_window.end_time", &out->bound_to_us, err))
        return false;
    bool bounded = out->bound_from_us != INT64_MIN || out->bound_to_us != INT64_MAX;
    if (!out->has_hours && !bounded)
        return WRONG(err, "config.active_window",
                     "say window_start and window_end (times of the day), or start_time and end_time");
    return out->bound_from_us <= out->bound_to_us ||
           WRONG(err, "config.active_window.end_time", "must not be before start_time");
}

static bool read_end(const Json *end, Schedule *out, Error *err)
{
    out->end = (ScheduleEnd)name_find(NAMES(ends), json_get(end, S("end_type")));
    if (out->end == SCHEDULE_ENDS_ON_DATE) {
        if (!read_date(json_get(end, S("end_date")), "config.end.end_date", &out->end_days, err))
            return false;
        return out->end_days >= out->start_days ||
               WRONG(err, "config.end.end_date", "must not be before the schedule's start");
    }
    if (out->end != SCHEDULE_ENDS_AFTER)
        return true;
    int64_t most = number_of(end, S("max_occurrences"), 0);
    out->max_occurrences = (int32_t)most;
    return (most >= 1 && most <= OCCURRENCES_MAX) ||
           WRONG(err, "config.end.max_occurrences", "must be from 1 to %d", OCCURRENCES_MAX);
}

static bool read_all(const Json *config, int64_t now_us, Schedule *out, Error *err)
{
    if (!read_start(json_get(config, S("start")), now_us, out, err) ||
        !read_repeat(json_get(config, S("repeat_interval")), out, err))
        return false;
    day_of_start(out);
    out->missed = (MissedPolicy)name_find(NAMES(missed_policies), json_get(config, S("missed_policy")));
    out->overlap = (OverlapPolicy)name_find(NAMES(overlap_policies), json_get(config, S("overlap_policy")));
    return read_weekly(json_get(config, S("weekly_pattern")), out, err) &&
           read_monthly(json_get(config, S("monthly_pattern")), out, err) &&
           read_yearly(json_get(config, S("yearly_pattern")), out, err) &&
           read_window(json_get(config, S("active_window")), out, err) &&
           read_end(json_get(config, S("end")), out, err);
}

bool schedule_read(Arena *arena, const Json *config, int64_t now_us, Schedule *out, Error *err)
{
    Schedule schedule = {.interval = 1};
    if (!read_all(config, now_us, &schedule, err))
        return false;
    if (schedule_next_us(&schedule, -2 * 86400 * US_PER_SECOND) == SCHEDULE_NEVER)
        return WRONG(err, "config",
                     "such a schedule never runs: no time of it lies within its active_window and before its end");
    schedule.zone = str_copy(arena, schedule.zone);
    schedule.hours_zone = str_copy(arena, schedule.hours_zone);
    *out = schedule;
    return true;
}

/* ---- writing ---- */

static void write_number(JsonOut *out, Str key, int64_t number)
{
    json_key(out, key);
    json_i64(out, number);
}

static void write_date(JsonOut *out, Str key, int64_t since_1970)
{
    int64_t year;
    int month, day;
    civil_from_days(since_1970, &year, &month, &day);
    json_key(out, key);
    json_open_object(out);
    write_number(out, S("year"), year);
    write_number(out, S("month"), month);
    write_number(out, S("day"), day);
    json_close_object(out);
}

static void write_time(JsonOut *out, Str key, int32_t seconds)
{
    json_key(out, key);
    json_open_object(out);
    write_number(out, S("hours"), seconds / 3600);
    write_number(out, S("minutes"), seconds / 60 % 60);
    if (seconds % 60)
        write_number(out, S("seconds"), seconds % 60);
    json_close_object(out);
}

static void write_day_pattern(JsonOut *out, Str key, const Schedule *schedule)
{
    json_key(out, key);
    json_open_object(out);
    if (schedule->ordinal == 0) {
        write_number(out, S("day_number"), schedule->day_number);
    } else {
        json_key(out, S("ordinal_day"));
        json_open_object(out);
        json_member_str(out, S("ordinal"), ordinals[schedule->ordinal]);
        json_member_str(out, S("day"), days[schedule->weekday]);
        json_close_object(out);
    }
    json_close_object(out);
}

static void write_weekly(JsonOut *out, const Schedule *schedule)
{
    json_key(out, S("weekly_pattern"));
    json_open_object(out);
    json_key(out, S("days"));
    json_open_array(out);
    for (int day = 1; day <= 7; day++) {
        if (schedule->weekdays & BIT(day))
            json_str(out, days[day]);
    }
    json_close_array(out);
    json_close_object(out);
}

static void write_repeat(JsonOut *out, const Schedule *schedule)
{
    if (schedule->unit == FREQUENCY_ONCE)
        return;
    json_key(out, S("repeat_interval"));
    json_open_object(out);
    json_member_str(out, S("unit"), units[schedule->unit]);
    write_number(out, S("interval"), schedule->interval);
    json_close_object(out);
    if (schedule->unit == FREQUENCY_MONTH)
        write_day_pattern(out, S("monthly_pattern"), schedule);
    if (schedule->unit == FREQUENCY_WEEK || (schedule->unit < FREQUENCY_WEEK && schedule->weekdays != WEEKDAYS_ALL))
        write_weekly(out, schedule);
    if (schedule->unit != FREQUENCY_YEAR)
        return;
    json_key(out, S("yearly_pattern"));
    json_open_object(out);
    json_member_str(out, S("month"), months[schedule->month]);
    write_day_pattern(out, S("day_pattern"), schedule);
    json_close_object(out);
}

static void write_window(JsonOut *out, const Schedule *schedule)
{
    bool from = schedule->bound_from_us != INT64_MIN, to = schedule->bound_to_us != INT64_MAX;
    if (!schedule->has_hours && !from && !to)
        return;
    json_key(out, S("active_window"));
    json_open_object(out);
    if (schedule->has_hours) {
        write_time(out, S("window_start"), schedule->hours_from);
        write_time(out, S("window_end"), schedule->hours_to);
    }
    if (from)
        json_member_time_us(out, S("start_time"), schedule->bound_from_us);
    if (to)
        json_member_time_us(out, S("end_time"), schedule->bound_to_us);
    json_member_str(out, S("time_zone"), schedule->hours_zone);
    json_close_object(out);
}

static void write_end(JsonOut *out, const Schedule *schedule)
{
    json_key(out, S("end"));
    json_open_object(out);
    json_member_str(out, S("end_type"), ends[schedule->end]);
    if (schedule->end == SCHEDULE_ENDS_ON_DATE)
        write_date(out, S("end_date"), schedule->end_days);
    if (schedule->end == SCHEDULE_ENDS_AFTER)
        write_number(out, S("max_occurrences"), schedule->max_occurrences);
    json_close_object(out);
}

void schedule_write(JsonOut *out, const Schedule *schedule)
{
    json_open_object(out);
    json_key(out, S("start"));
    json_open_object(out);
    write_date(out, S("start_date"), schedule->start_days);
    write_time(out, S("time"), schedule->start_seconds);
    json_member_str(out, S("time_zone"), schedule->zone);
    json_close_object(out);
    write_repeat(out, schedule);
    write_window(out, schedule);
    write_end(out, schedule);
    json_member_str(out, S("missed_policy"), missed_policies[schedule->missed]);
    json_member_str(out, S("overlap_policy"), overlap_policies[schedule->overlap]);
    json_close_object(out);
}
