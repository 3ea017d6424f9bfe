/* engine/purge.c: automations whose purge time has come, a piece a command: others' commands come in between. */
#include <stdlib.h>

#include "base/log.h"
#include "engine/internal.h"
#include "store/purge.h"

/* The largest journals have some thousand batches: a command stays within tens of milliseconds. */
#define RUNS_AT_ONCE 32
#define RETRY_AFTER_US 1000000

typedef struct PurgeCommand {
    Command command;
    Engine *engine;
    Arena arena;
    int64_t now_us, again_us;
} PurgeCommand;

/* A worker that has it in hand would write it down again: it is told to let go. */
static bool end_run(Tx *tx, PurgeCommand *command, const PurgeRun *run, Error *err)
{
    RunRow row;
    if (!store_run_get_by_key(tx, &command->arena, run->key, &row, err))
        return false;
    return run_is_final(row.state) || run_cancel(tx, command->engine, &command->arena, &row.scope, row.automation,
                                                 row.id, S("the automation was purged"), &row, err);
}

static bool purge_runs(Tx *tx, PurgeCommand *command, const Purge *purge, int *out_n, int *out_kept, Error *err)
{
    PurgeRun *runs;
    *out_kept = 0;
    if (!store_purge_runs(tx, &command->arena, purge, RUNS_AT_ONCE, &runs, out_n, err))
        return false;
    for (int i = 0; i < *out_n; i++) {
        bool in_memory = active_has(command->engine, runs[i].key);
        if (in_memory ? !end_run(tx, command, &runs[i], err) : !store_purge_run(tx, purge, &runs[i], err))
            return false;
        if (!in_memory)
            engine_tell_changed(tx, command->engine, runs[i].key);
        *out_kept += in_memory;
    }
    return true;
}

static bool apply_purge(Tx *tx, Command *command_, Error *err)
{
    PurgeCommand *command = (PurgeCommand *)command_;
    Purge purge;
    bool found;
    int n = 0, kept = 0;
    arena_reset(&command->arena);
    if (!store_purge_due(tx, command->now_us, &found, &purge, err))
        return false;
    if (found && ((!purge.begun && !store_purge_begin(tx, &purge, err)) ||
                  !purge_runs(tx, command, &purge, &n, &kept, err) || (n == 0 && !store_purge_finish(tx, &purge, err))))
        return false;
    command->again_us = command->now_us + RETRY_AFTER_US;
    return kept > 0 || store_purge_soonest(tx, &command->again_us, err);
}

static void purge_done(Command *command_, bool ok, const Error *err)
{
    PurgeCommand *command = (PurgeCommand *)command_;
    Engine *engine = command->engine;
    int64_t again_us = ok ? command->again_us : command->now_us + RETRY_AFTER_US;
    if (!ok)
        LOG(LOG_WARN, "what was to be purged could not be removed; it is tried again",
            LOG_STR("reason", str_from_c(err->message)));
    arena_done(&command->arena);
    free(command);
    engine_alarm_answered(engine, ALARM_PURGE, again_us);
    engine_commit_ended(engine);
}

void purge_fire(Engine *engine)
{
    PurgeCommand *command = calloc(1, sizeof *command);
    if (!command)
        abort();
    command->command = (Command){.apply = apply_purge, .done = purge_done};
    command->engine = engine;
    command->now_us = engine->world->now_us(engine->world->self);
    pthread_mutex_lock(&engine->lock);
    engine->n_commits++;
    pthread_mutex_unlock(&engine->lock);
    store_submit(engine->store, &command->command);
}
