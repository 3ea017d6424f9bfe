/* engine/purge.c: automations whose purge time has come, a piece a command: others' commands come in between.
 *
 * A run that cannot be removed is set aside, and with it the end of its automation; the automations behind it are not
 * held up. */
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

/* What was done to one automation. */
typedef struct Piece {
    int n;     /* runs that were removed or told to end */
    int kept;  /* of them: told to end */
    bool left; /* runs are there yet */
} Piece;

static bool purge_run(Tx *tx, AlarmCommand *command, const Purge *purge, const PurgeRun *run, Piece *piece, Error *err)
{
    bool in_memory = active_has(command->engine, run->key);
    command->try.at = (Aside){ASIDE_RUN, run->key};
    if (in_memory ? !end_run(tx, command, run, err) : !store_purge_run(tx, purge, run, err))
        return false;
    if (!in_memory)
        engine_tell_changed(tx, command->engine, run->key);
    piece->n++;
    piece->kept += in_memory;
    return true;
}

static bool purge_runs(Tx *tx, AlarmCommand *command, const Purge *purge, Piece *piece, Error *err)
{
    PurgeRun *runs;
    int n;
    if (!store_purge_runs(tx, &command->arena, purge, RUNS_AT_ONCE + set_aside_count(&command->try), &runs, &n, err))
        return false;
    piece->left = n > 0;
    for (int i = 0; i < n; i++) {
        if (!set_aside_has(&command->try, ASIDE_RUN, runs[i].key) &&
            !purge_run(tx, command, purge, &runs[i], piece, err))
            return false;
    }
    return true;
}

/* *out_done: there was something to do. */
static bool purge_piece(Tx *tx, AlarmCommand *command, const Purge *purge, bool *out_done, Piece *piece, Error *err)
{
    *piece = (Piece){0};
    command->try.at = (Aside){ASIDE_AUTOMATION, purge->automation};
    if ((!purge->begun && !store_purge_begin(tx, purge, err)) || !purge_runs(tx, command, purge, piece, err))
        return false;
    command->try.at = (Aside){ASIDE_AUTOMATION, purge->automation};
    *out_done = piece->n > 0 || !piece->left || !purge->begun;
    return piece->left || store_purge_finish(tx, purge, err);
}

/* The first automation that something can be done to: each of those before it has something that was set aside. */
static bool apply_purge(Tx *tx, AlarmCommand *command, Error *err)
{
    Purge *due;
    Piece piece = {0};
    int n;
    int64_t next_us = 0;
    bool done = false;
    if (!store_purge_due(tx, &command->arena, command->now_us, 1 + set_aside_count(&command->try), &due, &n, err))
        return false;
    for (int i = 0; i < n && !done; i++) {
        if (!set_aside_has(&command->try, ASIDE_AUTOMATION, due[i].automation) &&
            !purge_piece(tx, command, &due[i], &done, &piece, err))
            return false;
    }
    command->try.at = (Aside){0};
    if (piece.kept > 0)
        next_us = command->now_us + LOOK_AGAIN_US;
    else if (done)
        next_us = command->now_us;
    else if (!store_purge_soonest(tx, n > 0 ? command->now_us : STORE_PURGE_ANY, &next_us, err))
        return false;
    alarm_come_back(command, next_us);
    return true;
}

const AlarmAnswer purge_answer = {
    .size = sizeof(AlarmCommand),
    .apply = apply_purge,
    .trouble = "what was to be purged could not be removed; it is tried again",
};
