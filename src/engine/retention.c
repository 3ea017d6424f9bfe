/* engine/retention.c: once an hour all automations are looked at, and runs that ended long enough ago go: a few a
 * command, so that others' commands come in between. */
#include <stdlib.h>

#include "base/log.h"
#include "engine/internal.h"

#define RUNS_AT_ONCE 32
#define STEPS_AT_ONCE 64
#define EVERY_US (3600LL * 1000000)
#define RETRY_AFTER_US 1000000LL

typedef struct SweepCommand {
    Command command;
    Engine *engine;
    Arena arena;
    int64_t now_us;
    /* Written by apply. */
    Sweep sweep;
    bool end;
} SweepCommand;

/* `out_n` counts what was removed, children too; *out_all: nothing of it is left. */
static bool remove_run(Tx *tx, SweepCommand *command, const Purge *purge, const PurgeRun *run, int *out_n,
                       bool *out_all, Error *err)
{
    int below;
    *out_all = false;
    if (!store_purge_below(tx, &command->arena, purge, run->key, RUNS_AT_ONCE, &below, err))
        return false;
    *out_n += below;
    if (below == RUNS_AT_ONCE)
        return true;
    *out_all = true;
    ++*out_n;
    engine_tell_changed(tx, command->engine, run->key);
    return store_purge_run(tx, purge, run, err);
}

/* One step; *out_n counts on. */
static bool step(Tx *tx, SweepCommand *command, int *out_n, Error *err)
{
    Purge purge;
    PurgeRun *runs;
    int n;
    if (!store_sweep(tx, &command->arena, command->now_us, RUNS_AT_ONCE, &command->sweep, &purge, &runs, &n,
                     &command->end, err))
        return false;
    for (int i = 0; i < n; i++) {
        bool all;
        if (active_has(command->engine, runs[i].key)) /* a worker is about to let go of it: the next look takes it */
            continue;
        if (!remove_run(tx, command, &purge, &runs[i], out_n, &all, err))
            return false;
        if (!all || *out_n >= RUNS_AT_ONCE) { /* enough for one command: go on with the next one, or with this one */
            command->sweep.key = command->sweep.executions ? purge.workspace : purge.automation;
            command->sweep.create_us = runs[i].create_us - !all;
            return true;
        }
    }
    return true;
}

static bool apply_sweep(Tx *tx, Command *command_, Error *err)
{
    SweepCommand *command = (SweepCommand *)command_;
    int n = 0;
    bool more = false;
    arena_reset(&command->arena);
    command->sweep = command->engine->sweep;
    command->end = false;
    for (int i = 0; i < STEPS_AT_ONCE && n < RUNS_AT_ONCE && !command->end; i++) {
        if (!step(tx, command, &n, err))
            return false;
    }
    if (!store_give_back(tx, &more, err))
        return false;
    command->end = command->end && !more;
    return true;
}

static void sweep_done(Command *command_, bool ok, const Error *err)
{
    SweepCommand *command = (SweepCommand *)command_;
    Engine *engine = command->engine;
    int64_t again_us = command->now_us + (!ok ? RETRY_AFTER_US : command->end ? EVERY_US : 0);
    if (!ok)
        LOG(LOG_WARN, "runs that were kept long enough could not be removed; it is tried again",
            LOG_STR("reason", str_from_c(err->message)));
    else
        engine->sweep = command->end ? (Sweep){.keep_us = engine->options.keep_runs_us} : command->sweep;
    arena_done(&command->arena);
    free(command);
    engine_alarm_answered(engine, ALARM_SWEEP, again_us);
    engine_commit_ended(engine);
}

void sweep_fire(Engine *engine)
{
    SweepCommand *command = calloc(1, sizeof *command);
    if (!command)
        abort();
    command->command = (Command){.apply = apply_sweep, .done = sweep_done};
    command->engine = engine;
    command->now_us = engine->world->now_us(engine->world->self);
    pthread_mutex_lock(&engine->lock);
    engine->n_commits++;
    pthread_mutex_unlock(&engine->lock);
    store_submit(engine->store, &command->command);
}
