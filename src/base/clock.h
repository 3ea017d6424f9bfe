/* base/clock.h: time in whole microseconds since 1970 (UTC), and its RFC 3339 text.
 * Only the edges (cli, http, store, engine's World) may ask for the present; the evaluator may not. */
#ifndef CLERKWORK_BASE_CLOCK_H
#define CLERKWORK_BASE_CLOCK_H

#include "base/buf.h"

int64_t clock_now_us(void);       /* wall clock */
int64_t clock_monotonic_us(void); /* for deadlines and durations */

/* "2026-03-27T16:05:38.640382Z": always six digits, always Z. Years 1-9999. */
#define CLOCK_TEXT_LEN 27
void clock_format(int64_t us, char out[CLOCK_TEXT_LEN]);
/* RFC 3339 with Z or an offset, 0-9 fraction digits (beyond microseconds they are cut). */
MUST_USE bool clock_parse(Str text, int64_t *out_us);
/* "30s", "1.5s" (protobuf Duration), in microseconds; negative allowed. */
MUST_USE bool duration_parse(Str text, int64_t *out_us);

/* The proleptic Gregorian calendar: days since 1970-01-01 and back. */
int64_t days_from_civil(int64_t year, int month, int day);
void civil_from_days(int64_t days, int64_t *out_year, int *out_month, int *out_day);
int days_in_month(int64_t year, int month);

#endif
