/* books/dates.c: the calendar on the wall: today, business days, written dates, time zones. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "books/book.h"
#include "value/calendar.h"
#include "value/zone.h"

#define BUSINESS_DAYS_MAX 100000 /* some 380 years */
#define SECONDS_PER_DAY 86400

static const Type dates_type = {.kind = TYPE_LIST, .inner = &type_date};
static const Type texts_type = {.kind = TYPE_LIST, .inner = &type_text};

static int64_t days_of(Value date)
{
    return days_from_civil(date.date.year, date.date.month, date.date.day);
}

static bool date_of_days(int64_t days, Value *out, Error *err)
{
    int64_t year = 0;
    int month = 0, day = 0;
    civil_from_days(days, &year, &month, &day);
    if (!date_is_valid(year, month, day))
        return error_set(err, OUT_OF_RANGE, "", "the date lies outside the years 1 to 9999");
    *out = value_date((int)year, month, day);
    return true;
}

/* ---- the present ---- */
enum { NOW_ZONE };
static const Parameter now_parameters[] = {
    [NOW_ZONE] = {S_INIT("zone"), &type_zone, false, S_INIT("like \"Europe/Berlin\"; the workspace's when not given")},
};

static Str zone_or_own(const BookContext *context, Value zone)
{
    return argument_given(zone) ? value_str(zone) : context->locale.time_zone;
}

static bool now(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    return zone_local(arena, zone_or_own(context, arguments[NOW_ZONE]), context->now_us(context->self), out, err) ||
           error_within(err, "zone");
}

static bool today(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    Value local;
    if (!now(context, arena, arguments, &local, err))
        return false;
    *out = value_date(local.datetime->year, local.datetime->month, local.datetime->day);
    return true;
}

enum { CONVERT_MOMENT, CONVERT_ZONE };
static const Parameter convert_parameters[] = {
    [CONVERT_MOMENT] = {S_INIT("moment"), &type_datetime, true,
                        S_INIT("a date and time; without an offset it is in the workspace's time zone")},
    [CONVERT_ZONE] = {S_INIT("zone"), &type_zone, true, S_INIT("like \"America/New_York\"")},
};

static bool convert(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    int64_t us = 0;
    return (zone_instant(arguments[CONVERT_MOMENT], context->locale.time_zone, &us, err) ||
            error_within(err, "moment")) &&
           (zone_local(arena, value_str(arguments[CONVERT_ZONE]), us, out, err) || error_within(err, "zone"));
}

/* ---- business days ---- */
typedef struct Week {
    bool free[8];            /* by ISO weekday, 1 is Monday */
    const int64_t *holidays; /* in order */
    uint32_t n_holidays;
} Week;

static int order_days(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int weekday_from_name(Str name)
{
    for (int i = 1; i <= 7; i++) {
        if (str_eq_fold(str_trim(name), weekday_name(i)))
            return i;
    }
    return 0;
}

static bool week_set_weekend(Week *week, Value weekend, Error *err)
{
    if (!argument_given(weekend)) {
        week->free[6] = week->free[7] = true;
        return true;
    }
    int free_days = 0;
    for (uint32_t i = 0; i < weekend.list->count; i++) {
        Str name = value_str(weekend.list->items[i]);
        int weekday = weekday_from_name(name);
        if (!weekday)
            return error_set(err, INVALID_ARGUMENT, "weekend", "\"%.*s\" is no day of the week: write it like Saturday",
                             STR_ARG(str_slice(name, 0, 40)));
        free_days += !week->free[weekday];
        week->free[weekday] = true;
    }
    if (free_days == 7)
        return error_set(err, INVALID_ARGUMENT, "weekend", "all seven days are free: no business day is left");
    return true;
}

static bool week_make(Arena *arena, Value holidays, Value weekend, Week *out, Error *err)
{
    uint32_t n = argument_given(holidays) ? holidays.list->count : 0;
    int64_t *days = NEW_ARRAY(arena, int64_t, n);
    for (uint32_t i = 0; i < n; i++)
        days[i] = days_of(holidays.list->items[i]);
    if (n > 0)
        qsort(days, n, sizeof *days, order_days);
    *out = (Week){.holidays = days, .n_holidays = n};
    return week_set_weekend(out, weekend, err);
}

static bool is_business_day(const Week *week, int64_t day)
{
    if (week->free[weekday_of_days(day)])
        return false;
    return week->n_holidays == 0 ||
           !bsearch(&day, week->holidays, week->n_holidays, sizeof *week->holidays, order_days);
}

#define HOLIDAYS_PARAMETER                                                                                             \
    {                                                                                                                  \
        S_INIT("holidays"), &dates_type, false, S_INIT("a list of dates on which nobody works")                        \
    }
#define WEEKEND_PARAMETER                                                                                              \
    {                                                                                                                  \
        S_INIT("weekend"), &texts_type, false, S_INIT("a list of weekdays, usually Saturday and Sunday")               \
    }

enum { ADD_DATE, ADD_DAYS, ADD_HOLIDAYS, ADD_WEEKEND };
static const Parameter add_parameters[] = {
    [ADD_DATE] = {S_INIT("date"), &type_date, true, S_INIT("where to begin; not counted itself")},
    [ADD_DAYS] = {S_INIT("days"), &type_number, true, S_INIT("how many business days; below zero goes back")},
    [ADD_HOLIDAYS] = HOLIDAYS_PARAMETER,
    [ADD_WEEKEND] = WEEKEND_PARAMETER,
};

static bool add_business_days(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    Week week;
    int64_t left = 0, day = days_of(arguments[ADD_DATE]);
    if (!argument_whole(arguments[ADD_DAYS], "days", 0, -BUSINESS_DAYS_MAX, BUSINESS_DAYS_MAX, &left, err) ||
        !week_make(arena, arguments[ADD_HOLIDAYS], arguments[ADD_WEEKEND], &week, err))
        return false;
    int64_t step = left < 0 ? -1 : 1;
    for (left *= step; left > 0; left -= is_business_day(&week, day))
        day += step;
    return date_of_days(day, out, err);
}

enum { COUNT_START, COUNT_END, COUNT_HOLIDAYS, COUNT_WEEKEND };
static const Parameter count_parameters[] = {
    [COUNT_START] = {S_INIT("start"), &type_date, true, S_INIT("the day before the first that may count")},
    [COUNT_END] = {S_INIT("end"), &type_date, true, S_INIT("the last day that may count")},
    [COUNT_HOLIDAYS] = HOLIDAYS_PARAMETER,
    [COUNT_WEEKEND] = WEEKEND_PARAMETER,
};

static bool count_business_days(const BookContext *context, Arena *arena, const Value *arguments, Value *out,
                                Error *err)
{
    (void)context;
    Week week;
    if (!week_make(arena, arguments[COUNT_HOLIDAYS], arguments[COUNT_WEEKEND], &week, err))
        return false;
    int64_t start = days_of(arguments[COUNT_START]), end = days_of(arguments[COUNT_END]), count = 0;
    /* Backwards counts the same days with a minus: from the 5th to the 1st is the opposite of from the 1st to the 5th.
     */
    int64_t from = MIN_OF(start, end), to = MAX_OF(start, end);
    for (int64_t day = from + 1; day <= to; day++)
        count += is_business_day(&week, day);
    *out = value_int(end < start ? -count : count);
    return true;
}

/* ---- written dates ---- */
typedef struct Written {
    int year, month, day, hour, minute, second;
    bool has_half, afternoon; /* %p */
} Written;

/* %d and its kin: the most digits, and the range. */
static const struct Directive {
    char letter;
    uint8_t digits;
    int16_t least, most;
    size_t field;
} directives[] = {
    {'Y', 4, 1, 9999, offsetof(Written, year)}, {'m', 2, 1, 12, offsetof(Written, month)},
    {'d', 2, 1, 31, offsetof(Written, day)},    {'H', 2, 0, 23, offsetof(Written, hour)},
    {'I', 2, 1, 12, offsetof(Written, hour)},   {'M', 2, 0, 59, offsetof(Written, minute)},
    {'S', 2, 0, 59, offsetof(Written, second)},
};

static bool take_number(Str *text, int most_digits, int least, int most, int *out)
{
    int digits = 0, number = 0;
    while (digits < most_digits && (size_t)digits < text->len && text->data[digits] >= '0' && text->data[digits] <= '9')
        number = number * 10 + (text->data[digits++] - '0');
    if (digits == 0 || number < least || number > most)
        return false;
    *text = str_skip(*text, (size_t)digits);
    *out = number;
    return true;
}

/* A whole name, or its first three letters; 0 when neither stands there. */
static int take_name(Str *text, Str (*name_of)(int), int count)
{
    for (int i = 1; i <= count; i++) {
        Str whole = name_of(i), brief = str_slice(whole, 0, 3);
        Str found = str_eq_fold(str_slice(*text, 0, whole.len), whole) ? whole
                    : str_eq_fold(str_slice(*text, 0, 3), brief)       ? brief
                                                                       : S("");
        if (found.len > 0) {
            *text = str_skip(*text, found.len);
            return i;
        }
    }
    return 0;
}

static bool take_directive(Str *text, char letter, Written *out)
{
    for (size_t i = 0; i < COUNT_OF(directives); i++) {
        const struct Directive *d = &directives[i];
        if (d->letter == letter)
            return take_number(text, d->digits, d->least, d->most, (int *)((char *)out + d->field));
    }
    int two_digits = 0;
    switch (letter) {
    case 'y': /* as POSIX: 69-99 are 1969-1999 */
        if (!take_number(text, 2, 0, 99, &two_digits))
            return false;
        out->year = two_digits + (two_digits < 69 ? 2000 : 1900);
        return true;
    case 'b':
    case 'B': return (out->month = take_name(text, month_name, 12)) != 0;
    case 'a':
    case 'A': return take_name(text, weekday_name, 7) != 0;
    case 'p':
        out->has_half = str_eq_fold(str_slice(*text, 0, 2), S("am")) || str_eq_fold(str_slice(*text, 0, 2), S("pm"));
        out->afternoon = out->has_half && (text->data[0] | 0x20) == 'p';
        *text = str_skip(*text, 2);
        return out->has_half;
    case '%':
        if (text->len == 0 || text->data[0] != '%')
            return false;
        *text = str_skip(*text, 1);
        return true;
    default: return false;
    }
}

static bool format_check(Str format, Error *err)
{
    for (size_t i = 0; i < format.len; i++) {
        if (format.data[i] != '%')
            continue;
        i++;
        if (i == format.len || !strchr("YmdHIMSybBaAp%", format.data[i]))
            return error_set(err, INVALID_ARGUMENT, "format",
                             "\"%.*s\" is no format: after a %% stands one of Y y m d B b A a H I M S p, as in "
                             "\"%%d.%%m.%%Y\"",
                             STR_ARG(str_slice(format, 0, 60)));
    }
    return true;
}

static bool written_match(Str text, Str format, Written *out)
{
    for (size_t i = 0; i < format.len; i++) {
        char c = format.data[i];
        if (c == '%') {
            if (!take_directive(&text, format.data[++i], out))
                return false;
        } else if (c == ' ') {
            if (text.len == 0 || text.data[0] != ' ')
                return false;
            while (text.len > 0 && text.data[0] == ' ')
                text = str_skip(text, 1);
        } else {
            if (text.len == 0 || text.data[0] != c)
                return false;
            text = str_skip(text, 1);
        }
    }
    if (out->has_half)
        out->hour = out->hour % 12 + (out->afternoon ? 12 : 0);
    return text.len == 0;
}

static bool written_read(Value text_argument, Value format_argument, Written *out, Error *err)
{
    Str text = str_trim(value_str(text_argument)), format = value_str(format_argument);
    *out = (Written){.year = 1900, .month = 1, .day = 1};
    if (!format_check(format, err))
        return false;
    if (!written_match(text, format, out))
        return error_set(err, INVALID_ARGUMENT, "text", "\"%.*s\" is not written as \"%.*s\"",
                         STR_ARG(str_slice(text, 0, 60)), STR_ARG(str_slice(format, 0, 60)));
    if (!date_is_valid(out->year, out->month, out->day))
        return error_set(err, INVALID_ARGUMENT, "text", "\"%.*s\" is no day of the calendar",
                         STR_ARG(str_slice(text, 0, 60)));
    return true;
}

enum { PARSE_TEXT, PARSE_FORMAT };
static const Parameter parse_parameters[] = {
    [PARSE_TEXT] = {S_INIT("text"), &type_text, true, S_INIT("a date as it is written somewhere")},
    [PARSE_FORMAT] =
        {S_INIT("format"), &type_text, true,
         S_INIT("how it is written: %Y year, %y its last two digits, %m month, %B its name, %d day, %A weekday, "
                "%H hour, %I hour of twelve, %p am or pm, %M minute, %S second; all else stands for itself")},
};

static bool parse(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context, (void)arena;
    Written written;
    if (!written_read(arguments[PARSE_TEXT], arguments[PARSE_FORMAT], &written, err))
        return false;
    *out = value_date(written.year, written.month, written.day);
    return true;
}

static bool parse_time(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    Written written;
    if (!written_read(arguments[PARSE_TEXT], arguments[PARSE_FORMAT], &written, err))
        return false;
    *out = value_datetime(arena, (DateTime){.year = written.year,
                                            .month = (uint8_t)written.month,
                                            .day = (uint8_t)written.day,
                                            .hour = (uint8_t)written.hour,
                                            .minute = (uint8_t)written.minute,
                                            .second = (uint8_t)written.second});
    return true;
}

/* ---- parts of the year ---- */
enum { PART_DATE };
static const Parameter part_parameters[] = {
    [PART_DATE] = {S_INIT("date"), &type_date, true, S_INIT("any date")},
};

static bool month_end(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context, (void)arena, (void)err;
    Value date = arguments[PART_DATE];
    *out = value_date(date.date.year, date.date.month, days_in_month(date.date.year, date.date.month));
    return true;
}

static bool quarter(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context, (void)arena, (void)err;
    *out = value_int((arguments[PART_DATE].date.month + 2) / 3);
    return true;
}

/* ISO 8601: a week belongs to the year that its Thursday lies in. */
static bool calendar_week(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context, (void)arena, (void)err;
    int64_t days = days_of(arguments[PART_DATE]), year = 0;
    int month = 0, day = 0;
    int64_t thursday = days - weekday_of_days(days) + 4;
    civil_from_days(thursday, &year, &month, &day);
    *out = value_int((thursday - days_from_civil(year, 1, 1)) / 7 + 1);
    return true;
}

/* ---- dates for people ---- */
enum { WRITE_MOMENT };
static const Parameter write_parameters[] = {
    [WRITE_MOMENT] = {S_INIT("moment"), &type_any, true, S_INIT("a date, a time of day, or a date and time")},
};

/* Texts that say a date or a time are as good as one. */
static Value moment_of(const BookContext *context, Arena *arena, Value given)
{
    static const Type *const types[] = {&type_date, &type_time, &type_datetime};
    for (size_t i = 0; given.kind == VALUE_TEXT && i < COUNT_OF(types); i++) {
        Value moment;
        Error ignored = {0};
        if (type_convert(arena, types[i], given, locale_reading(&context->locale), "moment", &moment, &ignored))
            return moment;
    }
    return given;
}

/* By the workspace's preferences; a date-time's offset is not shown, since readers take it for their own clock. */
static bool write_moment(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    Value moment = moment_of(context, arena, arguments[WRITE_MOMENT]);
    Buf text = buf_in(arena);
    if (moment.kind == VALUE_DATE) {
        locale_write_date(&text, &context->locale, moment);
    } else if (moment.kind == VALUE_TIME) {
        locale_write_time(&text, &context->locale, moment);
    } else if (moment.kind == VALUE_DATETIME) {
        const DateTime *at = moment.datetime;
        int64_t seconds = at->hour * 3600 + at->minute * 60 + at->second;
        locale_write_date(&text, &context->locale, value_date(at->year, at->month, at->day));
        buf_char(&text, ' ');
        locale_write_time(&text, &context->locale, value_time(seconds * 1000000000 + at->nanos));
    } else {
        return error_set(err, INVALID_ARGUMENT, "moment",
                         "%s cannot be written as a date: give a date, a time of day, or a date and time",
                         value_kind_name((ValueKind)moment.kind));
    }
    *out = value_text(buf_view(&text));
    return true;
}

#define DATES(name, parameters, ...) BOOK_PROCEDURE("dates", name, parameters, __VA_ARGS__)

static const BookEntry entries[] = {
    {DATES("add_business_days", add_parameters, .english = S_INIT("move {date} by {days} in business days as {result}"),
           .description = S_INIT("The date so many business days later, or earlier when the number is below zero."),
           .example = S_INIT(
               "move the invoice date by 10 in business days as the due date\n  the holidays are the bank holidays"),
           .result = &type_date, .effect = EFFECT_PURE),
     add_business_days},
    {DATES("calendar_week", part_parameters, .english = S_INIT("take the calendar week of {date} as {result}"),
           .description =
               S_INIT("The number of the week, from 1 to 53, as ISO 8601 counts them: weeks begin on Monday, and the "
                      "first is the one with the year's first Thursday."),
           .example = S_INIT("take the calendar week of the delivery date as the week"), .result = &type_number,
           .effect = EFFECT_PURE),
     calendar_week},
    {DATES("convert", convert_parameters, .english = S_INIT("convert {moment} to the time zone {zone} as {result}"),
           .description = S_INIT("The same moment as clocks show it in another time zone."),
           .example = S_INIT("convert the call time to the time zone \"America/New_York\" as the local call time"),
           .result = &type_datetime, .effect = EFFECT_READ),
     convert},
    {DATES("count_business_days", count_parameters,
           .english = S_INIT("count the business days from {start} to {end} as {result}"),
           .description =
               S_INIT("How many business days lie after the start, up to and with the end; below zero when the end "
                      "comes first."),
           .example = S_INIT("count the business days from the order date to the delivery date as the lead time"),
           .result = &type_number, .effect = EFFECT_PURE),
     count_business_days},
    {DATES("month_end", part_parameters, .english = S_INIT("take the last day of the month of {date} as {result}"),
           .description = S_INIT("The last day of the month that the date lies in."),
           .example = S_INIT("take the last day of the month of the invoice date as the closing date"),
           .result = &type_date, .effect = EFFECT_PURE),
     month_end},
    {DATES("now", now_parameters, .english = S_INIT("now|note the current time as {result}"),
           .description = S_INIT("The date and time at which the run comes to this sentence."),
           .example = S_INIT("the start is now"), .result = &type_datetime, .effect = EFFECT_READ),
     now},
    {DATES("parse", parse_parameters, .english = S_INIT("parse the date in {text} by the format {format} as {result}"),
           .description =
               S_INIT("Reads a date that is written in a known way. Names of months and weekdays are English."),
           .example = S_INIT("parse the date in the row's booked on by the format \"%d.%m.%Y\" as the booking date"),
           .result = &type_date, .effect = EFFECT_PURE),
     parse},
    {DATES("parse_time", parse_parameters,
           .english = S_INIT("parse the time in {text} by the format {format} as {result}"),
           .description = S_INIT("Reads a date and time that are written in a known way."),
           .example = S_INIT("parse the time in the row's stamp by the format \"%d/%m/%Y %I:%M %p\" as the arrival"),
           .result = &type_datetime, .effect = EFFECT_PURE),
     parse_time},
    {DATES("quarter", part_parameters, .english = S_INIT("take the quarter of {date} as {result}"),
           .description = S_INIT("The quarter of the calendar year, from 1 to 4."),
           .example = S_INIT("take the quarter of the invoice date as the quarter"), .result = &type_number,
           .effect = EFFECT_PURE),
     quarter},
    {DATES("today", now_parameters, .english = S_INIT("today|note the current date as {result}"),
           .description = S_INIT("The date on which the run comes to this sentence."),
           .example = S_INIT("the booking date is today"), .result = &type_date, .effect = EFFECT_READ),
     today},
    {DATES("write", write_parameters, .english = S_INIT("write out {moment} as {result}"),
           .description = S_INIT("A date, a time of day, or both, as text in the workspace's date and time format."),
           .example = S_INIT("write out the due date as the due date text"), .result = &type_text,
           .effect = EFFECT_PURE),
     write_moment},
};

const Book dates_book = {
    .name = S_INIT("dates"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("Dates"),
    .summary = S_INIT("Today, business days, written dates and time zones"),
    .description =
        S_INIT("Adding days, months and years belongs to the language itself. This book asks for the present, counts "
               "in business days, reads dates in a stated format and moves between time zones."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};
