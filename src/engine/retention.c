/* engine/retention.c: once an hour all automations are looked at, and runs that ended long enough ago go: a few a
 * command, so that others' commands come in between. What cannot be removed is passed over until the next hour. */
#include "engine/alarm.h"

#define RUNS_AT_ONCE 32
#define STEPS_AT_ONCE 64
#define EVERY_US (3600LL * 1000000)

typedef struct SweepCommand {
    AlarmCommand alarm;
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
    if (!store_purge_below(tx, &command->alarm.arena, purge, run->key, RUNS_AT_ONCE, &below, err))
        return false;
    *out_n += below;
    if (below == RUNS_AT_ONCE)
        return true;
    *out_all = true;
    ++*out_n;
    engine_tell_changed(tx, command->alarm.engine, run->key);
    return store_purge_run(tx, purge, run, err);
}

/* Goes on counting *out_n; *out_enough: it was enough for one command, and the sweep is set to go on from there. */
static bool remove_runs(Tx *tx, SweepCommand *command, const Purge *purge, const PurgeRun *runs, int n, int *out_n,
                        bool *out_enough, Error *err)
{
    *out_enough = false;
    for (int i = 0; i < n && !*out_enough; i++) {
        bool all;
        if (active_has(command->alarm.engine,
                       runs[i].key) || /* a worker is about to let go of it: the next look takes it */
            set_aside_has(&command->alarm.try, ASIDE_RUN, runs[i].key))
            continue;
        command->alarm.try.at = (Aside){ASIDE_RUN, runs[i].key};
        if (!remove_run(tx, command, purge, &runs[i], out_n, &all, err))
            return false;
        *out_enough = !all || *out_n >= RUNS_AT_ONCE;
        if (*out_enough) { /* go on with the next one, or with this one */
            command->sweep.key = command->sweep.executions ? purge->workspace : purge->automation;
            command->sweep.create_us = runs[i].create_us;
            command->sweep.run = runs[i].key - !all;
        }
    }
    return true;
}

/* One step; *out_n counts on. */
static bool step(Tx *tx, SweepCommand *command, int *out_n, Error *err)
{
    Purge purge;
    PurgeRun *runs;
    int n;
    int64_t keep_us;
    bool found, enough;
    command->alarm.try.at = (Aside){0};
    if (!store_sweep_next(tx, &command->sweep, &purge, &keep_us, &found, err))
        return false;
    command->end = !found;
    if (!found)
        return true;
    Aside at = {command->sweep.executions ? ASIDE_WORKSPACE : ASIDE_AUTOMATION, command->sweep.key};
    if (keep_us == 0 || set_aside_has(&command->alarm.try, at.kind, at.key)) {
        store_sweep_pass(&command->sweep);
        return true;
    }
    command->alarm.try.at = at;
    return store_sweep_runs(tx, &command->alarm.arena, command->alarm.now_us - keep_us, RUNS_AT_ONCE, &command->sweep,
                            &purge, &runs, &n, err) &&
           remove_runs(tx, command, &purge, runs, n, out_n, &enough, err);
}

static bool apply_sweep(Tx *tx, AlarmCommand *command_, Error *err)
{
    SweepCommand *command = (SweepCommand *)command_;
    int n = 0;
    bool more = false;
    command->sweep = command->alarm.engine->sweep;
    command->end = false;
    for (int i = 0; i < STEPS_AT_ONCE && n < RUNS_AT_ONCE && !command->end; i++) {
        if (!step(tx, command, &n, err))
            return false;
    }
    command->alarm.try.at = (Aside){0};
    if (!store_give_back(tx, &more, err))
        return false;
    command->end = command->end && !more;
    command->alarm.again_us = command->alarm.now_us + (command->end ? EVERY_US : 0);
    return true;
}

static void go_on_from_there(AlarmCommand *command_)
{
    SweepCommand *command = (SweepCommand *)command_;
    Engine *engine = command->alarm.engine;
    engine->sweep = command->end ? (Sweep){.keep_us = engine->options.keep_runs_us} : command->sweep;
}

const AlarmAnswer retention_answer = {
    .size = sizeof(SweepCommand),
    .apply = apply_sweep,
    .done = go_on_from_there,
    .trouble = "runs that were kept long enough could not be removed; it is tried again",
};
