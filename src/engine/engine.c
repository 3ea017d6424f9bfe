/* engine/engine.c: threads, the queue of runs that can go on, timers, and those who watch. */
#include "engine/engine.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/inline.h"
#include "engine/internal.h"
#include "engine/restored.h"
#include "store/purge.h"
#include "store/schedule.h"

#define MAX_ACTIVE_DEFAULT 512
#define MAX_OUTSIDE_DEFAULT 256
#define STAYS_BYTES_DEFAULT 65536
#define CHILDREN_AT_ONCE_DEFAULT 8
#define RECOVERY_PAGE 1000
#define TIMERS_IN_MEMORY_DEFAULT 100000

const Catalog *engine_catalog(const Engine *engine)
{
    return engine->catalog;
}
Store *engine_store(const Engine *engine)
{
    return engine->store;
}
const World *engine_world(const Engine *engine)
{
    return engine->world;
}

EvalOptions engine_eval_options(const Engine *engine, const Locale *locale)
{
    return (EvalOptions){.budget = engine->options.budget, .reading = locale_reading(locale)};
}

const Program *engine_program(Engine *engine, Tx *tx, int64_t revision, Error *err)
{
    return program_cache_get(engine->programs, tx, revision, err);
}

void engine_program_release(Engine *engine, const Program *program)
{
    program_cache_release(engine->programs, program);
}

/* ---- the queue ---- */

static void waiting_push_locked(Engine *engine, int64_t run)
{
    key_ring_push(&engine->waiting, run);
    engine->n_to_wake++;
}

void engine_wake(void *self, int64_t run)
{
    Engine *engine = self;
    pthread_mutex_lock(&engine->lock);
    ActiveRun *active = active_find_locked(engine, run);
    if (active)
        active->again = true; /* its worker looks once more when it lets go */
    else
        waiting_push_locked(engine, run);
    engine_unlock(engine);
}

void engine_interrupt(void *self, int64_t run)
{
    Engine *engine = self;
    pthread_mutex_lock(&engine->lock);
    ActiveRun *active = active_find_locked(engine, run);
    if (active)
        atomic_store(&active->interrupted, true);
    else
        waiting_push_locked(engine, run); /* a run that is to stop before it ever began */
    engine_unlock(engine);
}

void engine_unlock(Engine *engine)
{
    int n = engine->n_to_wake;
    engine->n_to_wake = 0;
    pthread_mutex_unlock(&engine->lock);
    if (n == 1)
        pthread_cond_signal(&engine->ready_or_stopping);
    else if (n > 1)
        pthread_cond_broadcast(&engine->ready_or_stopping);
}

void engine_commit_ended(Engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    if (--engine->n_commits == 0) {
        pthread_cond_broadcast(&engine->idle);
        if (engine->stopping)
            pthread_cond_broadcast(&engine->ready_or_stopping);
    }
    engine_unlock(engine);
}

/* ---- watching ---- */

static size_t watch_slot(int64_t run)
{
    return (size_t)run % WATCH_SLOTS;
}

void engine_watch(Engine *engine, Watch *watch)
{
    pthread_mutex_lock(&engine->watch_lock);
    Watch **slot = &engine->watches[watch_slot(watch->run)];
    watch->previous = NULL;
    watch->next = *slot;
    if (*slot)
        (*slot)->previous = watch;
    *slot = watch;
    pthread_mutex_unlock(&engine->watch_lock);
}

void engine_unwatch(Engine *engine, Watch *watch)
{
    pthread_mutex_lock(&engine->watch_lock);
    if (watch->previous)
        watch->previous->next = watch->next;
    else
        engine->watches[watch_slot(watch->run)] = watch->next;
    if (watch->next)
        watch->next->previous = watch->previous;
    pthread_mutex_unlock(&engine->watch_lock);
}

static void tell_watchers(Engine *engine, int64_t run, bool at_rest)
{
    pthread_mutex_lock(&engine->watch_lock);
    for (Watch *watch = engine->watches[watch_slot(run)], *next; watch; watch = next) {
        next = watch->next;
        if (watch->run == run && (at_rest || !watch->at_rest))
            watch->changed(watch);
    }
    pthread_mutex_unlock(&engine->watch_lock);
}

void engine_changed(void *engine, int64_t run)
{
    tell_watchers(engine, run, true);
}

static void progressed(void *engine, int64_t run)
{
    tell_watchers(engine, run, false);
}

void engine_changed_all(Engine *engine)
{
    pthread_mutex_lock(&engine->watch_lock);
    for (int i = 0; i < WATCH_SLOTS; i++)
        for (Watch *watch = engine->watches[i], *next; watch; watch = next) {
            next = watch->next;
            watch->changed(watch);
        }
    pthread_mutex_unlock(&engine->watch_lock);
    pthread_mutex_lock(&engine->lock);
    for (int i = 0; i < ACTIVE_SLOTS; i++)
        for (ActiveRun *active = engine->active[i]; active; active = active->next_in_table)
            atomic_store(&active->interrupted, true);
    engine_unlock(engine);
}

void engine_tell_changed(Tx *tx, Engine *engine, int64_t run)
{
    tx_after_commit(tx, engine_changed, engine, run);
    tx_tell(tx, NEWS_RUN_CHANGED, run);
}

void engine_tell_progress(Tx *tx, Engine *engine, int64_t run)
{
    tx_after_commit(tx, progressed, engine, run);
    tx_tell(tx, NEWS_RUN_CHANGED, run); /* other processes look whether it is at rest */
}

/* ---- life ---- */

static bool recover_runs(Engine *engine, Tx *tx, Arena *arena, Error *err)
{
    int64_t after = 0;
    for (int n = RECOVERY_PAGE; n == RECOVERY_PAGE;) {
        RunRow *runs;
        if (!store_run_list_unfinished(tx, arena, after, RECOVERY_PAGE, &runs, &n, err))
            return false;
        for (int i = 0; i < n; i++) {
            after = runs[i].key;
            if (runs[i].timer_parked && runs[i].timer_us > engine->world->now_us(engine->world->self))
                continue;
            engine_wake(engine, runs[i].key);
        }
        arena_reset(arena);
    }
    return true;
}

static bool recover_timers(Engine *engine, Tx *tx, Arena *arena, Error *err)
{
    RunTimer *timers;
    int n, piece = engine_timers_piece(engine);
    return store_run_list_timers(tx, arena, engine->horizon, piece, &timers, &n, err) &&
           engine_timers_take(engine, engine->horizon, timers, n, n < piece);
}

/* Runs that have ended before their children: a worker ends these. */
static bool recover_abandoned(Engine *engine, Tx *tx, Arena *arena, Error *err)
{
    int64_t *runs;
    int n;
    if (!store_child_loop_abandoned(tx, arena, RECOVERY_PAGE, &runs, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        engine_wake(engine, runs[i]);
    return true;
}

static bool recover_webhooks(Engine *engine, Tx *tx, Error *err)
{
    bool any = store_is_shared(engine->store); /* another process may make one at any time */
    if (!any && !store_webhook_any(tx, &any, err))
        return false;
    atomic_store(&engine->has_webhooks, any);
    return true;
}

/* In a shared store what should be going is claimed, with the first beat of the lease. */
static bool recover_work(Engine *engine, Tx *tx, Arena *arena, Error *err)
{
    engine->led = !store_is_shared(engine->store);
    if (store_is_shared(engine->store)) {
        engine->horizon = no_horizon; /* what the others parked is found at a beat */
        return true;
    }
    return recover_timers(engine, tx, arena, err) && recover_runs(engine, tx, arena, err) &&
           store_schedule_soonest(tx, &engine->alarms[ALARM_SCHEDULES].due_us, err) &&
           purge_soonest(tx, STORE_PURGE_ANY, STORE_PURGE_ANY, &engine->alarms[ALARM_PURGE].due_us, err) &&
           store_run_deadline_soonest(tx, 0, &engine->alarms[ALARM_DEADLINES].due_us, err);
}

static bool recover(Engine *engine, Error *err)
{
    StoreReader *own = NULL;
    Tx *tx;
    if (!engine->stepper && !store_reader_open(engine->store, &own, err))
        return false;
    Arena arena = {0};
    bool ok = tx_begin_read(own ? own : engine_step_reader(engine), &tx, err);
    if (ok) {
        ok = recover_work(engine, tx, &arena, err) && recover_abandoned(engine, tx, &arena, err) &&
             recover_webhooks(engine, tx, err);
        tx_end(tx);
    }
    engine->alarms[ALARM_SWEEP].due_us = 1;
    arena_done(&arena);
    store_reader_close(own);
    return ok;
}

static Engine *engine_new(Store *store, const World *world, const Catalog *catalog, const EngineOptions *options)
{
    Engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        abort();
    engine->store = store;
    engine->world = world;
    engine->catalog = catalog;
    engine->options = *options;
    if (engine->options.max_active == 0)
        engine->options.max_active = MAX_ACTIVE_DEFAULT;
    if (engine->options.max_outside == 0)
        engine->options.max_outside = MAX_OUTSIDE_DEFAULT;
    if (engine->options.stays_bytes == 0)
        engine->options.stays_bytes = STAYS_BYTES_DEFAULT;
    if (engine->options.children_at_once == 0)
        engine->options.children_at_once = CHILDREN_AT_ONCE_DEFAULT;
    if (engine->options.timers_in_memory == 0)
        engine->options.timers_in_memory = TIMERS_IN_MEMORY_DEFAULT;
    engine->sweep.keep_us = options->keep_runs_us;
    engine->programs = program_cache_new(catalog);
    engine->outbox = outbox_new(engine);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&engine->lock, NULL);
    pthread_mutex_init(&engine->timer_lock, NULL);
    pthread_mutex_init(&engine->watch_lock, NULL);
    sem_init(&engine->inline_computing, 0, INLINE_COMPUTING);
    pthread_cond_init(&engine->ready_or_stopping, &monotonic);
    pthread_cond_init(&engine->idle, &monotonic);
    pthread_cond_init(&engine->timer_changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return engine;
}

static bool start_threads(Engine *engine, Error *err)
{
    int wanted = engine->options.workers;
    if (engine->stepper)
        return true;
    if (wanted == 0)
        wanted = (int)MAX_OF(sysconf(_SC_NPROCESSORS_ONLN), 2);
    engine->workers = calloc((size_t)wanted, sizeof(pthread_t));
    if (!engine->workers)
        abort();
    for (; engine->n_workers < wanted; engine->n_workers++)
        if (pthread_create(&engine->workers[engine->n_workers], NULL, worker_main, engine) != 0)
            return error_set(err, RESOURCE_EXHAUSTED, "",
                             "the system refused a worker thread; lower the number of workers");
    if (pthread_create(&engine->timekeeper, NULL, timekeeper_main, engine) != 0)
        return error_set(err, RESOURCE_EXHAUSTED, "", "the system refused the timer thread");
    engine->timekeeper_started = true;
    return outbox_start(engine->outbox, err);
}

bool engine_start(Store *store, const World *world, const Catalog *catalog, const EngineOptions *options, Engine **out,
                  Error *err)
{
    Engine *engine = engine_new(store, world, catalog, options);
    if ((options->stepped && !worker_new(engine, &engine->stepper, err)) || !restored_hold(engine, err) ||
        !recover(engine, err) || !start_threads(engine, err) || !claim_start(engine, err)) {
        engine_stop(engine, 0);
        engine_free(engine);
        return false;
    }
    *out = engine;
    return true;
}

static struct timespec deadline_of(int64_t grace_us)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += grace_us / 1000000;
    return until;
}

static void wait_for_commits(Engine *engine, const struct timespec *until)
{
    pthread_mutex_lock(&engine->lock);
    while (engine->n_commits > 0 && pthread_cond_timedwait(&engine->idle, &engine->lock, until) == 0)
        ;
    engine_unlock(engine);
}

/* What is on its way comes back and is recorded; the rest is in doubt, as after a crash. */
static void wait_for_outside(Engine *engine, const struct timespec *until)
{
    pthread_mutex_lock(&engine->lock);
    while (engine->n_outside > 0 && pthread_cond_timedwait(&engine->idle, &engine->lock, until) == 0)
        ;
    engine->outside_given_up = true;
    pthread_cond_broadcast(&engine->ready_or_stopping);
    engine_unlock(engine);
}

void engine_stop(Engine *engine, int64_t grace_us)
{
    struct timespec until = deadline_of(grace_us);
    pthread_mutex_lock(&engine->lock);
    engine->stopping = true;
    for (int i = 0; i < ACTIVE_SLOTS; i++)
        for (ActiveRun *active = engine->active[i]; active; active = active->next_in_table)
            atomic_store(&active->interrupted, true);
    pthread_cond_broadcast(&engine->ready_or_stopping);
    engine_unlock(engine);
    pthread_mutex_lock(&engine->timer_lock);
    engine->timers_stopping = true;
    pthread_cond_broadcast(&engine->timer_changed);
    pthread_mutex_unlock(&engine->timer_lock);
    while (engine->stepper && store_step(engine->store))
        continue;
    wait_for_outside(engine, &until);
    for (int i = 0; i < engine->n_workers; i++)
        pthread_join(engine->workers[i], NULL);
    engine->n_workers = 0;
    if (engine->timekeeper_started)
        pthread_join(engine->timekeeper, NULL);
    engine->timekeeper_started = false;
    outbox_stop(engine->outbox);
    wait_for_commits(engine, &until);
    claim_stop(engine);
}

void engine_free(Engine *engine)
{
    if (!engine)
        return;
    for (int i = 0; i < ACTIVE_SLOTS; i++)
        while (engine->active[i]) {
            ActiveRun *active = engine->active[i];
            active_forget(active);
            active_remove_locked(active);
        }
    worker_free(engine->stepper);
    outbox_free(engine->outbox);
    program_cache_free(engine->programs);
    free(engine->workers);
    key_ring_done(&engine->waiting);
    key_ring_done(&engine->at_door);
    free(engine->timers);
    pthread_mutex_destroy(&engine->lock);
    pthread_mutex_destroy(&engine->timer_lock);
    pthread_mutex_destroy(&engine->watch_lock);
    sem_destroy(&engine->inline_computing);
    pthread_cond_destroy(&engine->ready_or_stopping);
    pthread_cond_destroy(&engine->idle);
    pthread_cond_destroy(&engine->timer_changed);
    free(engine);
}

void engine_counters(Engine *engine, EngineCounters *out)
{
    *out = (EngineCounters){
        .started = atomic_load(&engine->started),
        .completed = atomic_load(&engine->completed),
        .failed = atomic_load(&engine->failed),
        .questions = atomic_load(&engine->questions),
        .answers = atomic_load(&engine->answers),
        .guided = atomic_load(&engine->guided),
    };
    pthread_mutex_lock(&engine->lock);
    out->active = (uint64_t)engine->n_active;
    out->queued = engine->waiting.count + engine->at_door.count;
    out->outside = (uint64_t)engine->n_outside;
    engine_unlock(engine);
    pthread_mutex_lock(&engine->timer_lock);
    out->timers = engine->n_timers;
    pthread_mutex_unlock(&engine->timer_lock);
}
