/* value/calendar.h: dates, times and durations as people write them.
 *
 * Read are ISO 8601 and the common written forms: 2026-04-14, 14.04.2026, 14 April 2026, April 14th, 2026, 14-Apr-2026,
 * 04/14/2026; 09:30, 2:30 pm; 2026-04-14 09:30, 2026-04-14T09:30:00+02:00; 3 days, 1 hour 30 minutes, 1.5s, 8:30.
 * Years have four digits. Whatever could be read in two ways is refused with both readings: 03/04/2026, unless the
 * order of day and month is known, and 9:30 with neither am nor pm where people count to `twelve_hours`. Refusals are
 * INVALID_ARGUMENT and say what was found and what would be read. */
#ifndef CLERKWORK_VALUE_CALENDAR_H
#define CLERKWORK_VALUE_CALENDAR_H

#include "value/value.h"

typedef enum DateOrder {
    DATE_ORDER_UNKNOWN, /* 03/04/2026 is refused */
    DATE_ORDER_DAY_FIRST,
    DATE_ORDER_MONTH_FIRST,
    DATE_ORDER_MONTH_FIRST_DOTTED, /* the same, and 04.14.2026, which everybody else writes day first */
} DateOrder;

bool date_is_valid(int64_t year, int month, int day); /* of the Gregorian calendar, years 1-9999 */
/* "January" … "December", from 1; "Monday" … "Sunday", from 1. */
Str month_name(int month);
Str weekday_name(int weekday);
int weekday_of_days(int64_t days); /* days since 1970-01-01; 1 is Monday (ISO 8601) */

MUST_USE bool date_parse_written(Str text, DateOrder order, Value *out, Error *err);
MUST_USE bool time_parse_written(Str text, bool twelve_hours, Value *out, Error *err);
MUST_USE bool datetime_parse_written(Arena *arena, Str text, DateOrder order, bool twelve_hours, Value *out,
                                     Error *err);
MUST_USE bool duration_parse_written(Str text, Value *out, Error *err);

#endif
