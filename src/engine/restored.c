/* engine/restored.c: stops what was under way when a backup was taken. */
#include "engine/restored.h"

#include "base/log.h"
#include "engine/internal.h"
#include "engine/timetable.h"
#include "store/backup.h"

enum { HELD_AT_ONCE = 256 };

typedef struct Hold {
    Command command;
    Engine *engine;
    Arena arena;
    int64_t keys[HELD_AT_ONCE];
    int n;
    bool more_schedules;
} Hold;

static bool hold_run(Tx *tx, Hold *hold, int64_t key, Error *err)
{
    static const Str reason = S_INIT("Restored from a backup: what became of this run afterwards is not known. "
                                     "Look, then let it go on or cancel it");
    RunRow run;
    if (!store_run_get_by_key(tx, &hold->arena, key, &run, err))
        return false;
    run.reason = reason;
    if (run.state != RUN_STOPPING && !run_become(tx, hold->engine, &run, RUN_STOPPING, (Str){0}, err))
        return false;
    return run_become(tx, hold->engine, &run, RUN_STOPPED, (Str){0}, err);
}

static bool apply_hold_runs(Tx *tx, Command *command, Error *err)
{
    Hold *hold = (Hold *)command;
    arena_reset(&hold->arena);
    for (int i = 0; i < hold->n; i++) {
        if (!hold_run(tx, hold, hold->keys[i], err))
            return false;
    }
    return true;
}

static bool apply_hold_schedules(Tx *tx, Command *command, Error *err)
{
    Hold *hold = (Hold *)command;
    arena_reset(&hold->arena);
    return timetable_let_go(tx, hold->engine, &hold->arena, S("the server was restored from a backup"),
                            &hold->more_schedules, err);
}

static bool apply_done(Tx *tx, Command *command, Error *err)
{
    (void)command; /* who lets a run go on decides anew; until then nothing ends by itself either */
    return store_run_deadlines_drop(tx, err) && store_restored_done(tx, err);
}

static bool carry_out(Hold *hold, bool (*apply)(Tx *tx, Command *command, Error *err), Error *err)
{
    hold->command = (Command){.apply = apply};
    return store_execute(hold->engine->store, &hold->command, err);
}

/* The keys of the next ones, after those that were held before. */
static bool find_runs(Hold *hold, StoreReader *reader, Error *err)
{
    Tx *tx;
    RunRow *runs;
    int64_t after = hold->n > 0 ? hold->keys[hold->n - 1] : 0;
    if (!tx_begin_read(reader, &tx, err))
        return false;
    arena_reset(&hold->arena);
    bool ok = store_run_list_unfinished(tx, &hold->arena, after, HELD_AT_ONCE, &runs, &hold->n, err);
    for (int i = 0; ok && i < hold->n; i++)
        hold->keys[i] = runs[i].key;
    tx_end(tx);
    return ok;
}

static bool hold_runs(Hold *hold, StoreReader *reader, int64_t *out_n, Error *err)
{
    do {
        if (!find_runs(hold, reader, err) || !carry_out(hold, apply_hold_runs, err))
            return false;
        *out_n += hold->n;
    } while (hold->n == HELD_AT_ONCE);
    return true;
}

static bool hold_schedules(Hold *hold, Error *err)
{
    do {
        if (!carry_out(hold, apply_hold_schedules, err))
            return false;
    } while (hold->more_schedules);
    return true;
}

static bool was_restored(StoreReader *reader, bool *out, Error *err)
{
    Tx *tx;
    int64_t when_us = 0;
    if (!tx_begin_read(reader, &tx, err))
        return false;
    bool ok = store_restored_get(tx, &when_us, err);
    tx_end(tx);
    *out = when_us != 0;
    return ok;
}

static bool hold_all(Hold *hold, StoreReader *reader, Error *err)
{
    bool restored = false;
    int64_t n = 0;
    if (!was_restored(reader, &restored, err))
        return false;
    if (!restored)
        return true;
    if (!hold_runs(hold, reader, &n, err) || !hold_schedules(hold, err) || !carry_out(hold, apply_done, err))
        return false;
    LOG(LOG_WARN, "restored from a backup: runs that were under way then are stopped until somebody lets them go on",
        LOG_NUM("runs", n));
    return true;
}

bool restored_hold(Engine *engine, Error *err)
{
    StoreReader *reader;
    if (!store_reader_open(engine->store, &reader, err))
        return false;
    Hold hold = {.engine = engine};
    bool ok = hold_all(&hold, reader, err);
    arena_done(&hold.arena);
    store_reader_close(reader);
    return ok;
}
