/* engine/schedule.h: the calendar of a schedule: when it runs, and what that is in English. Pure: it knows no clock and
 * no store.
 *
 * Minutes and hours are elapsed time, counted from the start: a change of the clocks moves them on the wall. Days and
 * longer are dates, and the start's time is read off the wall in the schedule's zone: a time that the clocks skip is
 * the first moment after the jump, one that comes twice is the earlier, so that each date counts once. Weeks begin on
 * Monday and are counted from the start's own; months and years from the start's. A day number that the month lacks is
 * its last day; a fifth weekday that it lacks is left out. Nothing happens before the start. */
#ifndef CLERKWORK_ENGINE_SCHEDULE_H
#define CLERKWORK_ENGINE_SCHEDULE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"

typedef enum FrequencyUnit {
    FREQUENCY_ONCE, /* at the start and never again */
    FREQUENCY_MINUTE,
    FREQUENCY_HOUR,
    FREQUENCY_DAY,
    FREQUENCY_WEEK,
    FREQUENCY_MONTH,
    FREQUENCY_YEAR
} FrequencyUnit;

typedef enum ScheduleEnd { SCHEDULE_ENDS_NEVER, SCHEDULE_ENDS_ON_DATE, SCHEDULE_ENDS_AFTER } ScheduleEnd;

/* What becomes of times that passed while nobody looked: the server was down, or the database would not write. */
typedef enum MissedPolicy { MISSED_ONCE, MISSED_SKIP, MISSED_ALL } MissedPolicy;
/* Whether a run begins while the one before, of the same schedule, is not at its end. */
typedef enum OverlapPolicy { OVERLAP_ALLOW, OVERLAP_SKIP } OverlapPolicy;

#define WEEKDAYS_ALL 0xfeu /* bits 1 to 7: Monday to Sunday */
#define ORDINAL_LAST 6

typedef struct Schedule {
    Str zone;           /* IANA id */
    int64_t start_days; /* the start's date: days since 1970-01-01 */
    int32_t start_seconds;
    FrequencyUnit unit;
    int32_t interval;
    /* MINUTE to WEEK: days on which it may run, WEEKDAYS_ALL for no such rule. WEEK has at least one. */
    uint8_t weekdays;
    /* MONTH and YEAR: a day number, or an ordinal (1 to 5, or last) and its weekday; YEAR: in this month. */
    uint8_t day_number, ordinal, weekday, month;
    /* Hours of the day in a zone of their own, both ends within; an end before its beginning is on the next day. */
    bool has_hours;
    int32_t hours_from, hours_to; /* seconds since midnight */
    Str hours_zone;
    /* Between these two instants, both within; INT64_MIN and INT64_MAX for no bound. */
    int64_t bound_from_us, bound_to_us;
    ScheduleEnd end;
    int64_t end_days;        /* ON_DATE: the last date, in the schedule's zone */
    int32_t max_occurrences; /* AFTER: that many runs; whoever starts them counts */
    MissedPolicy missed;
    OverlapPolicy overlap;
} Schedule;

#define SCHEDULE_NEVER INT64_MAX

/* Reads a v1ScheduleConfig whose types are the contract's. What is left out is filled in: the start's date is `now_us`
 * in the zone, its time midnight, the zone UTC, the interval 1, the hours' zone the schedule's. INVALID_ARGUMENT with
 * the field ("config.weekly_pattern") for what is wrong, and for a schedule that would never run after its start. */
MUST_USE bool schedule_read(Arena *arena, const Json *config, int64_t now_us, Schedule *out, Error *err);
/* The whole of it as a v1ScheduleConfig, which schedule_read gives back as the same schedule. */
void schedule_write(JsonOut *out, const Schedule *schedule);

/* The first time after `after_us`, or SCHEDULE_NEVER. Looks ahead twenty years, for months and years four hundred; does
 * not know how many runs there have been. */
int64_t schedule_next_us(const Schedule *schedule, int64_t after_us);
/* The next ones, at most `limit`; gives how many there are. */
int schedule_upcoming(const Schedule *schedule, int64_t after_us, int limit, int64_t *out_us);

/* "Every 2 weeks on Monday and Friday at 9:00 AM (America/New_York), 10 times". */
Str schedule_summary(Arena *arena, const Schedule *schedule);

#endif
