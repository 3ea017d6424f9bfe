/* api/period.h: the hours, days, weeks or months of a zone that a stretch of time touches, as charts show them. */
#ifndef CLERKWORK_API_PERIOD_H
#define CLERKWORK_API_PERIOD_H

#include "base/arena.h"
#include "base/error.h"

/* More than these are refused: an answer has one entry for each. */
#define PERIODS_MOST 3700

typedef enum PeriodUnit { PERIOD_HOUR, PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH } PeriodUnit;

typedef struct Periods {
    Str zone;
    PeriodUnit unit;
    int n;
    const int64_t *starts; /* n + 1 instants, the last being the end; the first period may begin before the stretch */
} Periods;

/* Those that [from_us, until_us) touches; weeks begin on Monday. INVALID_ARGUMENT for an unknown zone, a stretch that
 * is empty or outside of the years 1 to 9999, and for too many periods. The result lives in `arena`. */
MUST_USE bool periods_between(Arena *arena, Str zone, PeriodUnit unit, int64_t from_us, int64_t until_us, Periods *out,
                              Error *err);
/* Which of them an instant falls into; -1 for none. */
int periods_find(const Periods *periods, int64_t us);
/* The unit that gives a chart of this stretch a readable number of periods. */
PeriodUnit period_unit_for(int64_t from_us, int64_t until_us);
/* Of each of them: "Jan 15, 2025 10:00 AM", "January 15, 2025", "Week of Jan 13, 2025", "January 2025". */
MUST_USE bool period_labels(Arena *arena, const Periods *periods, Str **out, Error *err);

#endif
