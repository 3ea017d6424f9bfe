/* lang/functions_dates.c: dates, times of day, date-times and lengths of time. There is no "now" here: the present
 * comes from a book. */
#include "lang/functions.h"

#include "base/clock.h"
#include "value/calendar.h"
#include "value/decimal.h"

__extension__ typedef __int128 Nanos; /* differences of moments, to the nanosecond */

#define NANOS_A_SECOND INT64_C(1000000000)
#define SECONDS_A_DAY INT64_C(86400)
#define NANOS_A_DAY (SECONDS_A_DAY * NANOS_A_SECOND)
/* Durations stay within ten thousand years, so that sums of seconds and nanoseconds cannot overflow. */
#define SECONDS_MAX (INT64_C(10000) * 366 * SECONDS_A_DAY)

static bool out_of_calendar(Evaluation *evaluation)
{
    return problem_set(evaluation, "too-large", HOLE_RESULT, &type_date, (Value){0},
                       "Dates go from the year 1 to the year 9999");
}

/* ---- lengths of time ---- */

Value number_of_duration(Value duration)
{
    Value seconds = value_int(duration.seconds), fraction = value_int(duration.high), sum;
    fraction.scale = 9;
    Error err;
    if (!decimal_add(seconds, fraction, &sum, &err))
        return seconds;
    return decimal_strip_zeros(sum);
}

bool duration_of_number(Value seconds, Value *out)
{
    Value whole, rest, nanos, scaled;
    Error err;
    int64_t whole_seconds, whole_nanos;
    if (!decimal_round(seconds, 0, ROUND_FLOOR, &whole, &err) || !decimal_subtract(seconds, whole, &rest, &err) ||
        !decimal_multiply(rest, value_int(NANOS_A_SECOND), &scaled, &err) ||
        !decimal_round(scaled, 0, ROUND_DOWN, &nanos, &err) || !value_to_int(whole, &whole_seconds) ||
        !value_to_int(nanos, &whole_nanos) || whole_seconds > SECONDS_MAX || whole_seconds < -SECONDS_MAX)
        return false;
    *out = value_duration(whole_seconds, (int32_t)whole_nanos);
    return true;
}

static bool length_of(Evaluation *evaluation, Value count, int64_t unit_seconds, Value *out)
{
    Value number, seconds;
    Error err;
    if (!need_number(evaluation, 0, count, &number))
        return false;
    if (!decimal_multiply(number, value_int(unit_seconds), &seconds, &err))
        return problem_error(evaluation, HOLE_RESULT, &err);
    return duration_of_number(seconds, out) ||
           problem_set(evaluation, "too-large", 0, &type_number, count, "This length of time is too large");
}

FUNCTION(SECONDS)
{
    return length_of(evaluation, arguments[0], 1, out);
}
FUNCTION(MINUTES)
{
    return length_of(evaluation, arguments[0], 60, out);
}
FUNCTION(HOURS)
{
    return length_of(evaluation, arguments[0], 3600, out);
}
FUNCTION(DAYS)
{
    return length_of(evaluation, arguments[0], SECONDS_A_DAY, out);
}
FUNCTION(WEEKS)
{
    return length_of(evaluation, arguments[0], 7 * SECONDS_A_DAY, out);
}

/* ---- reading ---- */

static DateOrder date_order(const Evaluation *evaluation)
{
    return evaluation->options.reading.date_order;
}

static bool unreadable(Evaluation *evaluation, int hole, const Type *expected, Value value, const char *otherwise,
                       const Error *err)
{
    if (value_is_blank(value))
        return problem_missing(evaluation, hole, expected, value);
    return problem_set(evaluation, "not-a-date", hole, expected, value, "%s",
                       err->message[0] ? err->message : otherwise);
}

bool need_date(Evaluation *evaluation, int hole, Value value, Value *out)
{
    Error err = {0};
    if (value.kind == VALUE_DATE) {
        *out = value;
        return true;
    }
    if (value.kind == VALUE_DATETIME) {
        *out = value_date(value.datetime->year, value.datetime->month, value.datetime->day);
        return true;
    }
    if (value.kind == VALUE_TEXT && date_parse_written(str_trim(value_str(value)), date_order(evaluation), out, &err))
        return true;
    return unreadable(evaluation, hole, &type_date, value, "A date is needed here", &err);
}

/* 25:10 is meant as a time of day; 2026-13-01 08:00 is not. */
static bool starts_as_clock(Str text)
{
    ptrdiff_t colon = str_find_char(text, ':');
    return colon == 1 || colon == 2;
}

/* The reason is that of the kind that the text looks like. */
bool moment_of_text(Evaluation *evaluation, Str text, Value *out, Error *err)
{
    Error other;
    Reading reading = evaluation->options.reading;
    bool clock = starts_as_clock(text);
    if (clock ? time_parse_written(text, reading.twelve_hours, out, err)
              : date_parse_written(text, reading.date_order, out, err))
        return true;
    if (datetime_parse_written(&evaluation->heap, text, reading.date_order, reading.twelve_hours, out, &other))
        return true;
    if (!clock && str_contains(text, S(":")))
        *err = other;
    return !clock && time_parse_written(text, reading.twelve_hours, out, &other);
}

/* What would do beside `other`. */
static const Type *type_of_moment(Value value, Value other)
{
    if (other.kind == VALUE_TIME || (value.kind == VALUE_TEXT && starts_as_clock(str_trim(value_str(value)))))
        return &type_time;
    return other.kind == VALUE_DATETIME ? &type_datetime : &type_date;
}

bool need_moment_beside(Evaluation *evaluation, int hole, Value value, Value other, Value *out)
{
    Error err = {0};
    if (value.kind == VALUE_DATE || value.kind == VALUE_TIME || value.kind == VALUE_DATETIME) {
        *out = value;
        return true;
    }
    return (value.kind == VALUE_TEXT && moment_of_text(evaluation, str_trim(value_str(value)), out, &err)) ||
           unreadable(evaluation, hole, type_of_moment(value, other), value, "A date or time is needed here", &err);
}

bool need_moment(Evaluation *evaluation, int hole, Value value, Value *out)
{
    return need_moment_beside(evaluation, hole, value, value_null(), out);
}

bool need_duration(Evaluation *evaluation, int hole, Value value, Value *out)
{
    Error err = {0};
    if (value.kind == VALUE_DURATION) {
        *out = value;
        return true;
    }
    if (value.kind == VALUE_TEXT && duration_parse_written(str_trim(value_str(value)), out, &err))
        return true;
    return unreadable(evaluation, hole, &type_duration, value, "A length of time is needed here, as in 3 days", &err);
}

FUNCTION(DATE)
{
    int64_t year, month, day;
    if (n == 1)
        return need_date(evaluation, 0, arguments[0], out);
    if (!need_int(evaluation, 0, arguments[0], &year) || !need_int(evaluation, 1, arguments[1], &month) ||
        !need_int(evaluation, 2, arguments[2], &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || !date_is_valid(year, (int)month, (int)day))
        return problem_set(evaluation, "not-a-date", HOLE_RESULT, &type_date, (Value){0},
                           "There is no day %lld-%lld-%lld", (long long)year, (long long)month, (long long)day);
    *out = value_date((int)year, (int)month, (int)day);
    return true;
}

static int64_t nanos_of_day(const DateTime *datetime)
{
    return ((datetime->hour * 60 + datetime->minute) * INT64_C(60) + datetime->second) * NANOS_A_SECOND +
           datetime->nanos;
}

FUNCTION(TIME)
{
    Error err = {0};
    if (arguments[0].kind == VALUE_TIME) {
        *out = arguments[0];
        return true;
    }
    if (arguments[0].kind == VALUE_DATETIME) {
        *out = value_time(nanos_of_day(arguments[0].datetime));
        return true;
    }
    if (arguments[0].kind == VALUE_TEXT &&
        time_parse_written(str_trim(value_str(arguments[0])), evaluation->options.reading.twelve_hours, out, &err))
        return true;
    return unreadable(evaluation, 0, &type_time, arguments[0], "A time of day is needed here", &err);
}

FUNCTION(DATETIME)
{
    Error err = {0};
    Value date = arguments[0];
    if (date.kind == VALUE_DATETIME) {
        *out = date;
        return true;
    }
    if (date.kind == VALUE_TEXT &&
        datetime_parse_written(&evaluation->heap, str_trim(value_str(date)), date_order(evaluation),
                               evaluation->options.reading.twelve_hours, out, &err))
        return true;
    if (date.kind != VALUE_DATE && !need_date(evaluation, 0, date, &date))
        return false;
    *out = value_datetime(&evaluation->heap,
                          (DateTime){.year = date.date.year, .month = date.date.month, .day = date.date.day});
    return true;
}

/* ---- arithmetic ---- */

static int64_t days_of(Value date)
{
    return days_from_civil(date.date.year, date.date.month, date.date.day);
}

static bool date_of_days(Evaluation *evaluation, int64_t days, Value *out)
{
    int64_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    if (year < 1 || year > 9999)
        return out_of_calendar(evaluation);
    *out = value_date((int)year, month, day);
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* A moment that was moved keeps its offset. The clock of its zone may show another time then, since it may have been
 * put forward or back meanwhile: the book of dates knows. */
static DateTime moved_from(const DateTime *like)
{
    DateTime moved = *like;
    if (moved.has_offset)
        moved.zone = S("");
    return moved;
}

static bool datetime_of(Evaluation *evaluation, int64_t days, Nanos nanos, const DateTime *like, Value *out)
{
    int64_t carried = (int64_t)(nanos / NANOS_A_DAY) - (nanos % NANOS_A_DAY < 0);
    int64_t rest = (int64_t)(nanos - (Nanos)carried * NANOS_A_DAY);
    Value date;
    if (!date_of_days(evaluation, days + carried, &date))
        return false;
    DateTime moved = moved_from(like);
    moved.year = date.date.year;
    moved.month = date.date.month;
    moved.day = date.date.day;
    moved.hour = (uint8_t)(rest / (3600 * NANOS_A_SECOND));
    moved.minute = (uint8_t)(rest / (60 * NANOS_A_SECOND) % 60);
    moved.second = (uint8_t)(rest / NANOS_A_SECOND % 60);
    moved.nanos = (int32_t)(rest % NANOS_A_SECOND);
    *out = value_datetime(&evaluation->heap, moved);
    return true;
}

bool moment_add(Evaluation *evaluation, Value moment, Value duration, bool minus, Value *out)
{
    Nanos nanos = (Nanos)duration.seconds * NANOS_A_SECOND + duration.high;
    if (minus)
        nanos = -nanos;
    switch (moment.kind) {
    case VALUE_DATE: {
        /* Whole days keep a date a date; anything finer makes it a moment of that day. */
        if (nanos % NANOS_A_DAY == 0)
            return date_of_days(evaluation, days_of(moment) + (int64_t)(nanos / NANOS_A_DAY), out);
        DateTime midnight = {.year = moment.date.year, .month = moment.date.month, .day = moment.date.day};
        return datetime_of(evaluation, days_of(moment), nanos, &midnight, out);
    }
    case VALUE_DATETIME: {
        const DateTime *datetime = moment.datetime;
        int64_t days = days_from_civil(datetime->year, datetime->month, datetime->day);
        return datetime_of(evaluation, days, nanos + nanos_of_day(datetime), datetime, out);
    }
    default: {
        int64_t rest = (int64_t)((nanos + moment.nanos) % NANOS_A_DAY);
        *out = value_time(rest < 0 ? rest + NANOS_A_DAY : rest);
        return true;
    }
    }
}

static Nanos instant_of(Value moment)
{
    if (moment.kind == VALUE_DATE)
        return (Nanos)days_of(moment) * NANOS_A_DAY;
    if (moment.kind == VALUE_TIME)
        return moment.nanos;
    const DateTime *datetime = moment.datetime;
    return (Nanos)days_from_civil(datetime->year, datetime->month, datetime->day) * NANOS_A_DAY +
           nanos_of_day(datetime);
}

bool moment_between(Evaluation *evaluation, Value later, Value earlier, Value *out)
{
    if ((later.kind == VALUE_TIME) != (earlier.kind == VALUE_TIME))
        return problem_set(evaluation, "not-comparable", 1, later.kind == VALUE_TIME ? &type_time : &type_date, earlier,
                           "A time of day and a date have no time between them");
    Nanos nanos = instant_of(later) - instant_of(earlier);
    bool both = later.kind == VALUE_DATETIME && earlier.kind == VALUE_DATETIME && later.datetime->has_offset &&
                earlier.datetime->has_offset;
    if (both)
        nanos -= (Nanos)(later.datetime->offset_seconds - earlier.datetime->offset_seconds) * NANOS_A_SECOND;
    int64_t seconds = (int64_t)(nanos / NANOS_A_SECOND) - (nanos % NANOS_A_SECOND < 0);
    *out = value_duration(seconds, (int32_t)(nanos - (Nanos)seconds * NANOS_A_SECOND));
    return true;
}

/* The same day of another month; its last day where it has no such day. */
static bool months_added(Evaluation *evaluation, const Value *arguments, int64_t unit, int64_t sign, Value *out)
{
    int64_t count;
    Value moment;
    if (!need_int(evaluation, 0, arguments[0], &count) || !need_moment(evaluation, 1, arguments[1], &moment))
        return false;
    if (moment.kind == VALUE_TIME)
        return problem_set(evaluation, "not-a-date", 1, &type_date, arguments[1], "A date is needed here");
    bool is_date = moment.kind == VALUE_DATE;
    int64_t year = is_date ? moment.date.year : moment.datetime->year;
    int64_t month = is_date ? moment.date.month : moment.datetime->month;
    int day = is_date ? moment.date.day : moment.datetime->day;
    if (count > 200000 || count < -200000)
        return out_of_calendar(evaluation);
    int64_t months = year * 12 + month - 1 + sign * unit * count;
    year = floor_div(months, 12);
    month = months - year * 12 + 1;
    if (year < 1 || year > 9999)
        return out_of_calendar(evaluation);
    day = MIN_OF(day, days_in_month(year, (int)month));
    if (is_date) {
        *out = value_date((int)year, (int)month, day);
        return true;
    }
    DateTime moved = moved_from(moment.datetime);
    moved.year = (int32_t)year;
    moved.month = (uint8_t)month;
    moved.day = (uint8_t)day;
    *out = value_datetime(&evaluation->heap, moved);
    return true;
}

FUNCTION(MONTHS_AFTER)
{
    return months_added(evaluation, arguments, 1, 1, out);
}
FUNCTION(MONTHS_BEFORE)
{
    return months_added(evaluation, arguments, 1, -1, out);
}
FUNCTION(YEARS_AFTER)
{
    return months_added(evaluation, arguments, 12, 1, out);
}
FUNCTION(YEARS_BEFORE)
{
    return months_added(evaluation, arguments, 12, -1, out);
}

/* From the first to the second: negative when the second is earlier. */
FUNCTION(DAYS_BETWEEN)
{
    Value from, to;
    if (!need_date(evaluation, 0, arguments[0], &from) || !need_date(evaluation, 1, arguments[1], &to))
        return false;
    *out = value_int(days_of(to) - days_of(from));
    return true;
}

static bool is_moment(Value v)
{
    return v.kind == VALUE_DATE || v.kind == VALUE_TIME || v.kind == VALUE_DATETIME;
}

/* 23:55 and 00:05 are ten minutes apart: a time of day comes round again. */
static Value round_the_clock(Value difference)
{
    Value way = decimal_abs(difference), other;
    Error err;
    if (!decimal_subtract(value_int(SECONDS_A_DAY), way, &other, &err))
        return way;
    return decimal_compare(other, way) < 0 ? other : way;
}

/* WITHIN(a, distance, b): a and b are at most so far apart, whichever is the larger. */
FUNCTION(WITHIN)
{
    Value a = arguments[0], b = arguments[2], difference, distance;
    if (is_moment(a) || is_moment(b) || arguments[1].kind == VALUE_DURATION) {
        if (!need_moment(evaluation, 0, a, &a) || !need_moment(evaluation, 2, b, &b) ||
            !need_duration(evaluation, 1, arguments[1], &distance) || !moment_between(evaluation, a, b, &difference))
            return false;
        difference = number_of_duration(difference);
        if (a.kind == VALUE_TIME)
            difference = round_the_clock(difference);
        distance = number_of_duration(distance);
    } else {
        Error err;
        if (!need_number(evaluation, 0, a, &a) || !need_number(evaluation, 2, b, &b) ||
            !need_number(evaluation, 1, arguments[1], &distance))
            return false;
        if (!decimal_subtract(a, b, &difference, &err))
            return problem_error(evaluation, HOLE_RESULT, &err);
    }
    *out = value_bool(decimal_compare(decimal_abs(difference), distance) <= 0);
    return true;
}

/* BETWEEN(x, low, high): both ends belong to it. From 22:00 to 06:00 is over midnight. */
FUNCTION(BETWEEN)
{
    bool above, below;
    bool overnight =
        arguments[1].kind == VALUE_TIME && arguments[2].kind == VALUE_TIME && arguments[1].nanos > arguments[2].nanos;
    for (int i = 0; i < 3; i++)
        if (arguments[i].kind == VALUE_NULL)
            return problem_missing(evaluation, i, &type_any, arguments[i]);
    if (!operate_compare(evaluation, CMP_GREATER_EQUAL, arguments[0], arguments[1], &above))
        return false;
    if (!operate_compare(evaluation, CMP_LESS_EQUAL, arguments[0], arguments[2], &below)) {
        if (evaluation->problem.hole == 1)
            evaluation->problem.hole = 2;
        return false;
    }
    *out = value_bool(overnight ? above || below : above && below);
    return true;
}

/* ---- parts ---- */

FUNCTION(YEAR)
{
    Value date;
    if (!need_date(evaluation, 0, arguments[0], &date))
        return false;
    *out = value_int(date.date.year);
    return true;
}

FUNCTION(MONTH)
{
    Value date;
    if (!need_date(evaluation, 0, arguments[0], &date))
        return false;
    *out = value_int(date.date.month);
    return true;
}

FUNCTION(DAY)
{
    Value date;
    if (!need_date(evaluation, 0, arguments[0], &date))
        return false;
    *out = value_int(date.date.day);
    return true;
}

/* Its English name, "Monday": nobody agrees on numbers. */
FUNCTION(WEEKDAY)
{
    Value date;
    if (!need_date(evaluation, 0, arguments[0], &date))
        return false;
    *out = value_text(weekday_name(weekday_of_days(days_of(date))));
    return true;
}

static DateTime parts_of(Value moment)
{
    if (moment.kind == VALUE_DATETIME)
        return *moment.datetime;
    if (moment.kind == VALUE_DATE)
        return (DateTime){.year = moment.date.year, .month = moment.date.month, .day = moment.date.day};
    int64_t seconds = moment.nanos / NANOS_A_SECOND;
    return (DateTime){.year = 1900,
                      .month = 1,
                      .day = 1,
                      .hour = (uint8_t)(seconds / 3600),
                      .minute = (uint8_t)(seconds / 60 % 60),
                      .second = (uint8_t)(seconds % 60),
                      .nanos = (int32_t)(moment.nanos % NANOS_A_SECOND)};
}

static bool format_part(Buf *out, char code, const DateTime *at)
{
    int64_t days = days_from_civil(at->year, at->month, at->day);
    int hour = at->hour % 12 ? at->hour % 12 : 12;
    switch (code) {
    case 'Y': buf_printf(out, "%04d", at->year); return true;
    case 'y': buf_printf(out, "%02d", at->year % 100); return true;
    case 'm': buf_printf(out, "%02d", at->month); return true;
    case 'd': buf_printf(out, "%02d", at->day); return true;
    case 'e': buf_printf(out, "%2d", at->day); return true;
    case 'H': buf_printf(out, "%02d", at->hour); return true;
    case 'I': buf_printf(out, "%02d", hour); return true;
    case 'M': buf_printf(out, "%02d", at->minute); return true;
    case 'S': buf_printf(out, "%02d", at->second); return true;
    case 'f': buf_printf(out, "%06d", at->nanos / 1000); return true;
    case 'p': buf_str(out, at->hour < 12 ? S("AM") : S("PM")); return true;
    case 'B': buf_str(out, month_name(at->month)); return true;
    case 'b': buf_str(out, str_slice(month_name(at->month), 0, 3)); return true;
    case 'A': buf_str(out, weekday_name(weekday_of_days(days))); return true;
    case 'a': buf_str(out, str_slice(weekday_name(weekday_of_days(days)), 0, 3)); return true;
    case 'j': buf_printf(out, "%03d", (int)(days - days_from_civil(at->year, 1, 1)) + 1); return true;
    case 'F': buf_printf(out, "%04d-%02d-%02d", at->year, at->month, at->day); return true;
    case '%': buf_char(out, '%'); return true;
    default: return false;
    }
}

FUNCTION(STRFTIME)
{
    Value moment;
    Str format;
    if (!need_moment(evaluation, 0, arguments[0], &moment) || !need_text(evaluation, 1, arguments[1], &format))
        return false;
    DateTime at = parts_of(moment);
    Buf printed = buf_in(&evaluation->heap);
    for (size_t i = 0; i < format.len; i++) {
        if (format.data[i] != '%') {
            buf_char(&printed, format.data[i]);
            continue;
        }
        char code = i + 1 < format.len ? format.data[++i] : '\0';
        if (!format_part(&printed, code, &at))
            return problem_set(evaluation, "bad-format", 1, &type_text, arguments[1],
                               "The format has %%%c; known are %%Y %%y %%m %%d %%e %%H %%I %%M %%S %%f %%p %%B %%b %%A "
                               "%%a %%j %%F %%%%",
                               code ? code : ' ');
    }
    *out = value_text(buf_end(&printed));
    return true;
}
