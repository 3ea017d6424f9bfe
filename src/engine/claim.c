/* engine/claim.c: which runs this process carries out, when several share the store (store/lease.h).
 *
 * A run is taken up by the process that invokes it, answers it or continues it. What nobody carries out (a timer is
 * due, a process has ended) is claimed by whoever finds it first. Timers are watched by the process that parked the
 * run, to the moment, and by all of them at each beat, in case that one is gone. */
#include <stdlib.h>

#include "base/log.h"
#include "engine/internal.h"

#define CLAIM_AT_ONCE 256

static int64_t now_of(void *self)
{
    const Engine *engine = self;
    return engine->world->now_us(engine->world->self);
}

bool claim_settle(Tx *tx, RunRow *run, Error *err)
{
    bool is_parked =
        run->state == RUN_AWAITING_GUIDANCE || run->state == RUN_STOPPED || run->timer_parked || run->children_open;
    if (is_parked || run_is_final(run->state)) {
        run->node = 0;
        return true;
    }
    return run->node != 0 || tx_node(tx, &run->node, err);
}

/* ---- commands ---- */

typedef struct Claiming {
    Command command;
    Engine *engine;
    int64_t now_us;
    int limit, n;
    int64_t keys[CLAIM_AT_ONCE];
} Claiming;

/* For one command of those below at a time, and none once the engine stops. */
static bool begin(Engine *engine, _Atomic bool *busy)
{
    pthread_mutex_lock(&engine->lock);
    bool begins = !engine->stopping && !atomic_exchange(busy, true);
    engine->n_commits += begins;
    engine_unlock(engine);
    return begins;
}

/* The others may take some too: no more than can be carried out soon. */
static int room_of(Engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    int64_t queued = (int64_t)(engine->waiting.count + engine->at_door.count);
    int64_t room = 2LL * engine->options.max_active - engine->n_active - queued;
    engine_unlock(engine);
    return (int)MIN_OF(MAX_OF(room, 0), CLAIM_AT_ONCE);
}

static bool claiming_apply(Tx *tx, Command *command, Error *err)
{
    Claiming *claiming = (Claiming *)command;
    return store_run_claim(tx, claiming->now_us, claiming->limit, claiming->keys, &claiming->n, err);
}

static void claiming_done(Command *command, bool ok, const Error *err)
{
    Claiming *claiming = (Claiming *)command;
    Engine *engine = claiming->engine;
    bool more = ok && claiming->n == CLAIM_AT_ONCE;
    for (int i = 0; i < claiming->n; i++) /* also when nobody knows whether they are ours: a worker looks */
        engine_wake(engine, claiming->keys[i]);
    if (!ok)
        LOG(LOG_WARN, "runs that nobody carries out could not be claimed; it is tried again",
            LOG_STR("reason", str_from_c(err->message)));
    free(claiming);
    atomic_store(&engine->claiming, false);
    if (more)
        claim_free_runs(engine);
    engine_commit_ended(engine);
}

void claim_free_runs(Engine *engine)
{
    int room = room_of(engine);
    if (room == 0 || !begin(engine, &engine->claiming))
        return;
    Claiming *claiming = calloc(1, sizeof *claiming);
    if (!claiming)
        abort();
    claiming->command = (Command){.apply = claiming_apply, .done = claiming_done};
    claiming->engine = engine;
    claiming->now_us = now_of(engine);
    claiming->limit = room;
    store_submit(engine->store, &claiming->command);
}

typedef struct Burying {
    Command command;
    Engine *engine;
    int n;
} Burying;

/* A run that ended before its children left them to its process. */
static bool take_abandoned(Tx *tx, Engine *engine, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    int64_t *runs;
    int n;
    if (!store_child_loop_abandoned(tx, &arena, CLAIM_AT_ONCE, &runs, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        tx_after_commit(tx, engine_wake, engine, runs[i]);
    return true;
}

static bool burying_apply(Tx *tx, Command *command, Error *err)
{
    Burying *burying = (Burying *)command;
    return store_node_bury(tx, &burying->n, err) && (burying->n == 0 || take_abandoned(tx, burying->engine, err));
}

static void burying_done(Command *command, bool ok, const Error *err)
{
    Burying *burying = (Burying *)command;
    Engine *engine = burying->engine;
    if (!ok)
        LOG(LOG_WARN, "the runs of a process that is gone could not be freed; it is tried again",
            LOG_STR("reason", str_from_c(err->message)));
    else if (burying->n > 0)
        LOG(LOG_WARN, "the lease of another process ran out: its runs are taken up", LOG_NUM("processes", burying->n));
    atomic_store(&engine->burying, false);
    if (ok && burying->n > 0)
        claim_free_runs(engine);
    free(burying);
    engine_commit_ended(engine);
}

static void bury(Engine *engine)
{
    if (!begin(engine, &engine->burying))
        return;
    Burying *burying = calloc(1, sizeof *burying);
    if (!burying)
        abort();
    burying->command = (Command){.apply = burying_apply, .done = burying_done};
    burying->engine = engine;
    store_submit(engine->store, &burying->command);
}

/* ---- what the lease's thread says ---- */

static void on_beat(void *self, const LeaseBeat *beat)
{
    Engine *engine = self;
    engine_lead(engine, beat->leads);
    if (beat->buries)
        bury(engine);
    if (beat->claims)
        claim_free_runs(engine);
}

static void on_news(void *self, News news, int64_t key)
{
    Engine *engine = self;
    switch (news) {
    case NEWS_RUN_CHANGED: engine_changed(engine, key); break;
    case NEWS_RUN_INTERRUPTED: engine_interrupt(engine, key); break;
    case NEWS_RUNS_FREE: claim_free_runs(engine); break;
    case NEWS_SCHEDULE_DUE: engine_schedules_due(engine, key); break;
    case NEWS_PURGE_DUE: engine_purge_due(engine, key); break;
    case NEWS_DEADLINE_DUE: engine_deadline_due(engine, key); break;
    case NEWS_DELIVERY_DUE: outbox_wake(engine); break;
    case NEWS_MISSED:
        engine_changed_all(engine);
        engine_schedules_due(engine, now_of(engine));
        engine_purge_due(engine, now_of(engine));
        engine_deadline_due(engine, now_of(engine));
        outbox_wake(engine);
        claim_free_runs(engine);
        break;
    case NEWS_N: break;
    }
}

bool claim_start(Engine *engine, Error *err)
{
    LeaseListener listener = {.self = engine, .now_us = now_of, .news = on_news, .beat = on_beat};
    return store_lease_start(engine->store, &listener, err);
}

void claim_stop(Engine *engine)
{
    store_lease_stop(engine->store);
}

/* ---- telling ---- */

void claim_tell_interrupt(Tx *tx, Engine *engine, int64_t run)
{
    tx_after_commit(tx, engine_interrupt, engine, run);
    tx_tell(tx, NEWS_RUN_INTERRUPTED, run);
}

void claim_tell_schedule(Tx *tx, Engine *engine, int64_t due_us)
{
    tx_after_commit(tx, engine_schedules_due, engine, due_us);
    tx_tell(tx, NEWS_SCHEDULE_DUE, due_us);
}

void claim_tell_purge(Tx *tx, Engine *engine, int64_t due_us)
{
    tx_after_commit(tx, engine_purge_due, engine, due_us);
    tx_tell(tx, NEWS_PURGE_DUE, due_us);
}

void claim_tell_deadline(Tx *tx, Engine *engine, int64_t due_us)
{
    tx_after_commit(tx, engine_deadline_due, engine, due_us);
    tx_tell(tx, NEWS_DEADLINE_DUE, due_us);
}
