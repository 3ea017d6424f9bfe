/* engine/schedule_summary.c: a schedule in one English sentence. */
#include "engine/schedule.h"

#include "base/clock.h"
#include "value/calendar.h"

#define WORKDAYS 0x3eu

static const char *const unit_names[] = {"", "minute", "hour", "day", "week", "month", "year"};
static const char *const ordinal_names[] = {"", "1st", "2nd", "3rd", "4th", "5th", "last"};

static void say_time(Buf *out, int32_t seconds)
{
    int hour = seconds / 3600, twelve = hour % 12 == 0 ? 12 : hour % 12;
    buf_printf(out, "%d:%02d", twelve, seconds / 60 % 60);
    if (seconds % 60)
        buf_printf(out, ":%02d", seconds % 60);
    buf_str(out, hour < 12 ? S(" AM") : S(" PM"));
}

static void say_date(Buf *out, int64_t days)
{
    int64_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    buf_printf(out, "%.*s %d, %d", STR_ARG(month_name(month)), day, (int)year);
}

/* "Monday", "Monday and Friday", "Monday, Tuesday and Friday"; the last word joins the last two. */
static void say_weekdays(Buf *out, unsigned set, Str joint)
{
    for (int day = 1; day <= 7; day++) {
        if (!(set & BIT(day)))
            continue;
        buf_str(out, weekday_name(day));
        unsigned rest = set & ~(BIT(day + 1) - 1);
        if (rest)
            buf_str(out, rest & (rest - 1) ? S(", ") : joint);
    }
}

static void say_day_number(Buf *out, int number)
{
    int last = number % 10;
    bool teen = number / 10 == 1;
    buf_printf(out, "%d%s", number, teen || last == 0 || last > 3 ? "th" : last == 1 ? "st" : last == 2 ? "nd" : "rd");
}

static void say_every(Buf *out, const Schedule *schedule)
{
    if (schedule->interval == 1)
        buf_printf(out, "Every %s", unit_names[schedule->unit]);
    else
        buf_printf(out, "Every %d %ss", schedule->interval, unit_names[schedule->unit]);
}

static void say_ordinal(Buf *out, const Schedule *schedule)
{
    buf_printf(out, "%s %.*s", ordinal_names[schedule->ordinal], STR_ARG(weekday_name(schedule->weekday)));
}

static void say_week(Buf *out, const Schedule *schedule)
{
    if (schedule->interval > 1) {
        say_every(out, schedule);
        buf_str(out, S(" on "));
        say_weekdays(out, schedule->weekdays, S(" and "));
    } else if (schedule->weekdays == WEEKDAYS_ALL) {
        buf_str(out, S("Every day"));
    } else if (schedule->weekdays == WORKDAYS) {
        buf_str(out, S("Every weekday"));
    } else {
        buf_str(out, S("Every "));
        say_weekdays(out, schedule->weekdays, S(" and "));
    }
}

static void say_month(Buf *out, const Schedule *schedule)
{
    if (schedule->interval == 1)
        buf_str(out, S("Monthly"));
    else
        say_every(out, schedule);
    buf_str(out, S(" on the "));
    if (schedule->ordinal)
        say_ordinal(out, schedule);
    else
        say_day_number(out, schedule->day_number);
    if (!schedule->ordinal && schedule->day_number > 28)
        buf_str(out, S(" (or the last day)"));
}

static void say_year(Buf *out, const Schedule *schedule)
{
    say_every(out, schedule);
    if (schedule->ordinal) {
        buf_str(out, S(" on the "));
        say_ordinal(out, schedule);
        buf_printf(out, " of %.*s", STR_ARG(month_name(schedule->month)));
    } else {
        buf_printf(out, " on %.*s %d", STR_ARG(month_name(schedule->month)), schedule->day_number);
    }
}

static void say_pattern(Buf *out, const Schedule *schedule)
{
    switch (schedule->unit) {
    case FREQUENCY_ONCE:
        buf_str(out, S("Once on "));
        say_date(out, schedule->start_days);
        return;
    case FREQUENCY_WEEK: say_week(out, schedule); return;
    case FREQUENCY_MONTH: say_month(out, schedule); return;
    case FREQUENCY_YEAR: say_year(out, schedule); return;
    case FREQUENCY_MINUTE:
    case FREQUENCY_HOUR:
    case FREQUENCY_DAY: break;
    }
    say_every(out, schedule);
    if (schedule->weekdays == WEEKDAYS_ALL)
        return;
    buf_str(out, schedule->unit == FREQUENCY_DAY ? S(" if it is a ") : S(" on "));
    if (schedule->weekdays == WORKDAYS)
        buf_str(out, schedule->unit == FREQUENCY_DAY ? S("weekday") : S("weekdays"));
    else
        say_weekdays(out, schedule->weekdays, schedule->unit == FREQUENCY_DAY ? S(" or ") : S(" and "));
}

static void say_window(Buf *out, const Schedule *schedule)
{
    char text[CLOCK_TEXT_LEN];
    if (schedule->has_hours) {
        buf_str(out, S(", between "));
        say_time(out, schedule->hours_from);
        buf_str(out, S(" and "));
        say_time(out, schedule->hours_to);
        if (!str_eq(schedule->hours_zone, schedule->zone))
            buf_printf(out, " (%.*s)", STR_ARG(schedule->hours_zone));
    }
    if (schedule->bound_from_us != INT64_MIN) {
        clock_format(schedule->bound_from_us, text);
        buf_printf(out, ", not before %.19sZ", text);
    }
    if (schedule->bound_to_us != INT64_MAX) {
        clock_format(schedule->bound_to_us, text);
        buf_printf(out, ", not after %.19sZ", text);
    }
}

static void say_end(Buf *out, const Schedule *schedule)
{
    if (schedule->end == SCHEDULE_ENDS_ON_DATE) {
        buf_str(out, S(", until "));
        say_date(out, schedule->end_days);
    }
    if (schedule->end == SCHEDULE_ENDS_AFTER)
        buf_printf(out, ", %d time%s", schedule->max_occurrences, schedule->max_occurrences == 1 ? "" : "s");
}

Str schedule_summary(Arena *arena, const Schedule *schedule)
{
    Buf out = buf_in(arena);
    bool elapsed = schedule->unit == FREQUENCY_MINUTE || schedule->unit == FREQUENCY_HOUR;
    say_pattern(&out, schedule);
    buf_str(&out, elapsed ? S(" from ") : S(" at "));
    say_time(&out, schedule->start_seconds);
    buf_printf(&out, " (%.*s)", STR_ARG(schedule->zone));
    say_window(&out, schedule);
    say_end(&out, schedule);
    return buf_view(&out);
}
