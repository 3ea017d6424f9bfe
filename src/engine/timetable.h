/* engine/timetable.h: automations that run by themselves: what people do to a schedule, and what happens when it is
 * due.
 *
 * The timekeeper looks after the one time at which the next schedule of all is due; everything else stands in the
 * store, so a restart forgets nothing. A due time becomes a run, a note of what became of it, and the next time, all in
 * one transaction: no time starts two runs. The published version runs, with the automation's default inputs; not in a
 * workspace that was deleted. */
#ifndef CLERKWORK_ENGINE_TIMETABLE_H
#define CLERKWORK_ENGINE_TIMETABLE_H

#include "engine/engine.h"
#include "engine/schedule.h"
#include "store/schedule.h"

/* A time that comes up later than this after its hour was missed (MissedPolicy). */
#define SCHEDULE_GRACE_US (60LL * 1000000)
/* MISSED_ALL makes up for times of this long, not for older ones. */
#define SCHEDULE_MAKE_UP_US (7LL * 86400 * 1000000)

/* ALREADY_EXISTS when the automation has one, NOT_FOUND when there is no such automation. */
MUST_USE bool timetable_create(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str automation_id,
                               const Schedule *schedule, ScheduleRow *out, Error *err);
MUST_USE bool timetable_get(Tx *tx, Arena *arena, const Scope *scope, Str automation_id, ScheduleRow *out, Error *err);
/* Runs that it started stay counted; whether it is enabled stays. Times that were missed are not made up for. */
MUST_USE bool timetable_change(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str automation_id,
                               const Schedule *schedule, ScheduleRow *out, Error *err);
/* Enabled again it goes on with the next time from now. */
MUST_USE bool timetable_enable(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str automation_id,
                               bool enabled, ScheduleRow *out, Error *err);
MUST_USE bool timetable_delete(Tx *tx, Arena *arena, const Scope *scope, Str automation_id, Error *err);

/* The schedule in a row. */
MUST_USE bool timetable_schedule(Arena *arena, const ScheduleRow *row, Schedule *out, Error *err);
/* How many runs it may still start; INT64_MAX without such an end. */
int64_t timetable_remaining(const ScheduleRow *row, const Schedule *schedule);
/* Its next times, at most `limit`: none while it is disabled or when it has ended. */
int timetable_upcoming(const ScheduleRow *row, const Schedule *schedule, int limit, int64_t *out_us);

/* Notes what is due by now as missed, for that reason, and goes on with the next time; some at once: `out_more`. */
MUST_USE bool timetable_let_go(Tx *tx, Engine *engine, Arena *arena, Str reason, bool *out_more, Error *err);

#endif
