/* store/schedule.h: when automations run by themselves. One schedule an automation; beside it what became of the
 * newest times that were due. What a schedule means is the engine's (engine/schedule.h); here it is a text and the next
 * time, by which the due ones are found. */
#ifndef CLERKWORK_STORE_SCHEDULE_H
#define CLERKWORK_STORE_SCHEDULE_H

#include "store/tenant.h"

typedef struct ScheduleRow {
    Scope scope;
    int64_t automation;
    Str automation_id;
    Str config; /* JSON v1ScheduleConfig, complete */
    bool enabled;
    int64_t next_us;  /* 0: not again, or not while disabled */
    int64_t fired;    /* runs it has started */
    int64_t last_run; /* key of the newest of them; 0 for none */
    int64_t create_us, update_us;
} ScheduleRow;

typedef enum FireOutcome {
    FIRE_STARTED,    /* a run began */
    FIRE_MISSED,     /* the time had passed unseen, and the schedule does not make up for it */
    FIRE_OVERLAPPED, /* the run before was not at its end */
    FIRE_REFUSED     /* the automation could not run: deactivated, not published, deleted … */
} FireOutcome;

typedef struct ScheduleFire {
    int64_t due_us;
    FireOutcome outcome;
    Str run_id; /* STARTED */
    Str reason; /* the others: why not */
} ScheduleFire;

#define SCHEDULE_FIRES_KEPT 100

/* ALREADY_EXISTS when the automation has one. Times that are 0 become the command's own. */
MUST_USE bool store_schedule_insert(Tx *tx, ScheduleRow *schedule, Error *err);
MUST_USE bool store_schedule_get(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ScheduleRow *out,
                                 Error *err);
/* Writes config, enabled, next_us, fired, last_run and update_us (by automation). */
MUST_USE bool store_schedule_update(Tx *tx, const ScheduleRow *schedule, Error *err);
/* With all that is known of its past. NOT_FOUND without one. */
MUST_USE bool store_schedule_delete(Tx *tx, const Scope *scope, int64_t automation, Error *err);

/* Of all tenants, for the timekeeper: the one that has been due longest at `now_us`; the scope comes with it. */
MUST_USE bool store_schedule_due(Tx *tx, Arena *arena, int64_t now_us, bool *out_found, ScheduleRow *out, Error *err);
/* When the next one of all is due; 0 for never. */
MUST_USE bool store_schedule_soonest(Tx *tx, int64_t *out_us, Error *err);

/* Whether something is noted of that time already: then it must start nothing. */
MUST_USE bool store_schedule_is_noted(Tx *tx, const ScheduleRow *schedule, int64_t due_us, bool *out, Error *err);
/* ALREADY_EXISTS for a time that is noted. The newest SCHEDULE_FIRES_KEPT are kept. */
MUST_USE bool store_schedule_note(Tx *tx, const ScheduleRow *schedule, const ScheduleFire *fire, Error *err);
/* The newest `limit`, newest first. */
MUST_USE bool store_schedule_fires(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, int limit,
                                   ScheduleFire **out, int *out_n, Error *err);

#endif
