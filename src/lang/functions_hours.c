/* lang/functions_hours.c: reckoning with times of day: from one to another, lengths as figures of hours and minutes.
 *
 * A time of day has no day. So from 22:00 to 06:00 it is eight hours, over midnight, while 06:00 minus 22:00 is what
 * the figures say, sixteen hours below nought. */
#include "lang/functions.h"

#include "value/decimal.h"
#include "value/duration.h"

#define NANOS_A_SECOND INT64_C(1000000000)
#define SECONDS_A_DAY INT64_C(86400)
#define NANOS_A_DAY (SECONDS_A_DAY * NANOS_A_SECOND)

static Value duration_of_nanos(int64_t nanos)
{
    return value_duration(nanos / NANOS_A_SECOND, (int32_t)(nanos % NANOS_A_SECOND));
}

/* ---- lengths ---- */

/* Of a time of day the length is the time since midnight: what a spreadsheet makes of 0:45. */
static bool need_length(Evaluation *evaluation, Value value, Value *out)
{
    if (value.kind == VALUE_TIME) {
        *out = duration_of_nanos(value.nanos);
        return true;
    }
    if (value.kind == VALUE_NUMBER)
        return problem_set(evaluation, "not-a-duration", 0, &type_duration, value,
                           "A number is no length of time until one says of what: 30 minutes, 8 hours");
    return need_duration(evaluation, 0, value, out);
}

static bool counted_in(Evaluation *evaluation, Value value, int64_t unit_seconds, Value *out)
{
    Value length;
    Error err;
    if (!need_length(evaluation, value, &length))
        return false;
    return decimal_divide(number_of_duration(length), value_int(unit_seconds), out, &err) ||
           problem_error(evaluation, HOLE_RESULT, &err);
}

FUNCTION(DURATION)
{
    return need_length(evaluation, arguments[0], out);
}
FUNCTION(IN_HOURS)
{
    return counted_in(evaluation, arguments[0], 3600, out);
}
FUNCTION(IN_MINUTES)
{
    return counted_in(evaluation, arguments[0], 60, out);
}
FUNCTION(TOTAL_SECONDS)
{
    return counted_in(evaluation, arguments[0], 1, out);
}

/* 38:30, and 0:00:12.5: nothing is lost. */
FUNCTION(HOURS_AND_MINUTES)
{
    Value length;
    if (!need_length(evaluation, arguments[0], &length))
        return false;
    Buf text = buf_in(&evaluation->heap);
    duration_clock_print(&text, length);
    *out = value_text(buf_end(&text));
    return true;
}

/* ---- from one moment to another ---- */

static bool elapsed(Evaluation *evaluation, const Value *arguments, Value *out)
{
    Value from, to;
    if (!need_moment_beside(evaluation, 0, arguments[0], arguments[1], &from) ||
        !need_moment_beside(evaluation, 1, arguments[1], from, &to))
        return false;
    if (from.kind != VALUE_TIME || to.kind != VALUE_TIME)
        return moment_between(evaluation, to, from, out);
    int64_t nanos = to.nanos - from.nanos;
    *out = duration_of_nanos(nanos < 0 ? nanos + NANOS_A_DAY : nanos);
    return true;
}

FUNCTION(TIME_BETWEEN)
{
    return elapsed(evaluation, arguments, out);
}
FUNCTION(HOURS_BETWEEN)
{
    Value length;
    return elapsed(evaluation, arguments, &length) && counted_in(evaluation, length, 3600, out);
}
FUNCTION(MINUTES_BETWEEN)
{
    Value length;
    return elapsed(evaluation, arguments, &length) && counted_in(evaluation, length, 60, out);
}

/* ---- parts ---- */

static bool need_time(Evaluation *evaluation, int hole, Value value, Value *out)
{
    return function_TIME(evaluation, &value, 1, out) || (evaluation->problem.hole = hole, false);
}

FUNCTION(HOUR)
{
    Value time;
    if (!need_time(evaluation, 0, arguments[0], &time))
        return false;
    *out = value_int(time.nanos / (3600 * NANOS_A_SECOND));
    return true;
}

FUNCTION(MINUTE)
{
    Value time;
    if (!need_time(evaluation, 0, arguments[0], &time))
        return false;
    *out = value_int(time.nanos / (60 * NANOS_A_SECOND) % 60);
    return true;
}

/* A day and a time of day, as Python's datetime.combine: by the clock on the wall, of no zone. */
FUNCTION(COMBINE)
{
    Value date, time;
    if (!need_date(evaluation, 0, arguments[0], &date) || !need_time(evaluation, 1, arguments[1], &time))
        return false;
    Value midnight = value_datetime(&evaluation->heap,
                                    (DateTime){.year = date.date.year, .month = date.date.month, .day = date.date.day});
    return moment_add(evaluation, midnight, duration_of_nanos(time.nanos), false, out);
}
