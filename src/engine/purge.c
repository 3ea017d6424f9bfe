/* engine/purge.c: automations whose purge time has come, a piece a command: others' commands come in between. */
#include "engine/alarm.h"
#include "store/purge.h"

/* The largest journals have some thousand batches: a command stays within tens of milliseconds. */
#define RUNS_AT_ONCE 32
#define LOOK_AGAIN_US 1000000

/* A worker that has it in hand would write it down again: it is told to let go. */
static bool end_run(Tx *tx, AlarmCommand *command, const PurgeRun *run, Error *err)
{
    RunRow row;
    if (!store_run_get_by_key(tx, &command->arena, run->key, &row, err))
        return false;
    return run_is_final(row.state) || run_cancel(tx, command->engine, &command->arena, &row.scope, row.automation,
                                                 row.id, S("the automation was purged"), &row, err);
}

static bool purge_runs(Tx *tx, AlarmCommand *command, const Purge *purge, int *out_n, int *out_kept, Error *err)
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

static bool apply_purge(Tx *tx, AlarmCommand *command, Error *err)
{
    Purge purge;
    bool found;
    int n = 0, kept = 0;
    if (!store_purge_due(tx, command->now_us, &found, &purge, err))
        return false;
    if (found && ((!purge.begun && !store_purge_begin(tx, &purge, err)) ||
                  !purge_runs(tx, command, &purge, &n, &kept, err) || (n == 0 && !store_purge_finish(tx, &purge, err))))
        return false;
    command->again_us = command->now_us + LOOK_AGAIN_US;
    return kept > 0 || store_purge_soonest(tx, &command->again_us, err);
}

const AlarmAnswer purge_answer = {
    .size = sizeof(AlarmCommand),
    .apply = apply_purge,
    .trouble = "what was to be purged could not be removed; it is tried again",
};
