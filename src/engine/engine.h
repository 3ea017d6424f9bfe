/* engine/engine.h: brings runs to their end: workers, timers, parking, recovery, and those who watch.
 *
 * Functions that take a Tx are called inside a command's apply, on the writer's thread; after its commit the engine
 * wakes whoever must act. Parked runs (question, timer, pause) hold no thread and no memory: their snapshot lies in the
 * store. */
#ifndef CLERKWORK_ENGINE_ENGINE_H
#define CLERKWORK_ENGINE_ENGINE_H

#include "engine/world.h"
#include "store/run.h"

typedef struct Engine Engine;

typedef struct EngineOptions {
    int workers;     /* threads that evaluate; 0: one a processor, at least two */
    int max_active;  /* runs in memory at once; 0: 512 */
    int max_outside; /* calls of books under way at once, or waiting for the network; 0: 256 */
    int stays_bytes; /* a run of at most so many stays in memory while its call is under way; 0: 64 KiB, < 0: none */
    int children_at_once; /* items of a loop at the same time that are worked on at a time; 0: 8 */
    int timers_in_memory; /* the earliest of those in the store; 0: 100,000, at least 2 */
    int64_t keep_runs_us; /* how long runs that have ended are kept where their automation does not say; 0: for ever */
    Budget budget;        /* of every run; zeros take lang/eval.h's defaults */
    bool stepped;         /* no threads: see engine_step_run. Its store is stepped, too */
} EngineOptions;

/* Starts workers and takes up every run that should be going. All pointers must outlive the engine. */
MUST_USE bool engine_start(Store *store, const World *world, const Catalog *catalog, const EngineOptions *options,
                           Engine **out, Error *err);
/* Evaluations come to a boundary and are parked where they are; then the threads end. What was not parked in time is
 * taken up again by the next start, as after a crash. */
void engine_stop(Engine *engine, int64_t grace_us);
void engine_free(Engine *engine); /* after engine_stop; NULL is accepted */

/* ---- an engine without threads, for whoever decides by himself what happens next: a simulation ---- */
/* Carries one run on until it is put aside, as a worker's thread would: of those that can go on now, the one number
 * `turn`, counted round. False: none can. */
bool engine_step_run(Engine *engine, uint64_t turn);
StoreReader *engine_step_reader(Engine *engine); /* lent between two steps */
/* Does the first thing that is due, as the timekeeper's thread would. False: nothing is before `out_until_us`,
 * INT64_MAX for never. */
bool engine_step_time(Engine *engine, int64_t *out_until_us);

const Catalog *engine_catalog(const Engine *engine);
Store *engine_store(const Engine *engine);
const World *engine_world(const Engine *engine);

/* ---- programs: read, checked and kept while they are in use ---- */
/* The program of a revision; shared. Give it back with engine_program_release. NULL with `err` when it cannot be run.
 */
const Program *engine_program(Engine *engine, Tx *tx, int64_t revision, Error *err);
void engine_program_release(Engine *engine, const Program *program); /* NULL is accepted */

/* ---- watching ---- */
/* `changed` is called on some thread of the engine or the writer, after the commit of anything new about the run
 * (state, journal, thread); it must hand over and return. It may come once more while engine_unwatch is being called,
 * never after that returned. */
typedef struct Watch Watch;
struct Watch {
    int64_t run;
    bool at_rest; /* told of that alone: it has ended, or nothing happens until somebody does something */
    void (*changed)(Watch *watch);
    void *self;
    Watch *next, *previous; /* the engine's */
};
void engine_watch(Engine *engine, Watch *watch);
void engine_unwatch(Engine *engine, Watch *watch);

typedef struct EngineCounters {
    uint64_t started, completed, failed, questions, answers, guided;
    uint64_t active, outside, queued, timers; /* those outside are active, too */
} EngineCounters;
void engine_counters(Engine *engine, EngineCounters *out);

/* ---- for the other files of this folder ---- */
void engine_wake(void *engine, int64_t run); /* the run can go on: a worker takes it up. Fits tx_after_commit. */
void engine_interrupt(void *engine,
                      int64_t run); /* stop or cancel was asked: its worker looks at the row at its next boundary */
void engine_changed(void *engine, int64_t run); /* tells watchers */
/* Inside apply: watchers are told after the commit, in every process. */
void engine_tell_changed(Tx *tx, Engine *engine, int64_t run);
void engine_tell_progress(Tx *tx, Engine *engine, int64_t run); /* the same of a run that goes on: it is not at rest */
/* Wakes the run then. engine_timer: its row says so, too, and is committed; engine_wake_later: nothing else does. */
void engine_timer(Engine *engine, int64_t run, int64_t due_us);
void engine_wake_later(Engine *engine, int64_t run, int64_t due_us);
/* A schedule is due then: the timekeeper looks no later. Fits tx_after_commit. */
void engine_schedules_due(void *engine, int64_t due_us);
/* Likewise of an automation, a workspace or an organization that is to be purged then. */
void engine_purge_due(void *engine, int64_t due_us);
/* Likewise of a run that must have ended by then. */
void engine_deadline_due(void *engine, int64_t due_us);
/* Likewise of the next look at runs that were kept long enough; it comes once an hour by itself. */
void engine_sweep_due(void *engine, int64_t due_us);

#endif
