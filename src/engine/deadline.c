/* engine/deadline.c: runs that have not ended by when they must have, whatever they are at: waiting for a person
 * counts, and so does a pause. Their children end with them, as after a cancel. */
#include <stdlib.h>

#include "base/log.h"
#include "engine/internal.h"
#include "value/value.h"

#define RUNS_AT_ONCE 32
#define RETRY_AFTER_US 1000000

typedef struct DeadlineCommand {
    Command command;
    Engine *engine;
    Arena arena;
    int64_t now_us;
    /* Written by apply. */
    int64_t again_us;
    int n;
} DeadlineCommand;

int64_t deadline_after(int64_t now_us, int64_t within_us)
{
    return within_us ? now_us + within_us : 0;
}

/* Its automation may say otherwise by now, or be gone: then the run alone knows. */
static bool is_from_automation(Tx *tx, Arena *arena, const RunRow *run, int64_t within_us, bool *out, Error *err)
{
    Automation automation;
    Error gone = {0};
    *out = false;
    if (store_automation_get_by_key(tx, arena, run->automation, &automation, &gone))
        *out = automation.run_deadline_us == within_us;
    else if (gone.code != NOT_FOUND)
        *err = gone;
    return gone.code == OK || gone.code == NOT_FOUND;
}

static bool end_overdue(Tx *tx, DeadlineCommand *command, RunRow *run, Error *err)
{
    int64_t within_us = run->deadline_us - run->create_us;
    bool from_automation;
    if (!is_from_automation(tx, &command->arena, run, within_us, &from_automation, err))
        return false;
    Buf text = buf_in(&command->arena);
    buf_str(&text, S("The run did not end within "));
    value_print(&text, value_duration(within_us / 1000000, (int32_t)(within_us % 1000000) * 1000));
    buf_str(&text, from_automation ? S(", which its automation sets (run_deadline)")
                                   : S(", which was set when it was started (deadline)"));
    return run_end(tx, command->engine, &command->arena, run, buf_view(&text), err);
}

static bool apply_deadlines(Tx *tx, Command *command_, Error *err)
{
    DeadlineCommand *command = (DeadlineCommand *)command_;
    RunRow *runs;
    arena_reset(&command->arena);
    if (!store_run_list_overdue(tx, &command->arena, command->now_us, RUNS_AT_ONCE, &runs, &command->n, err))
        return false;
    for (int i = 0; i < command->n; i++) {
        if (!end_overdue(tx, command, &runs[i], err))
            return false;
    }
    return store_run_deadline_soonest(tx, &command->again_us, err);
}

static void deadlines_done(Command *command_, bool ok, const Error *err)
{
    DeadlineCommand *command = (DeadlineCommand *)command_;
    Engine *engine = command->engine;
    int64_t again_us = ok ? command->again_us : command->now_us + RETRY_AFTER_US;
    if (!ok)
        LOG(LOG_WARN, "runs whose deadline has passed could not be ended; it is tried again",
            LOG_STR("reason", str_from_c(err->message)));
    else
        atomic_fetch_add(&engine->failed, (uint64_t)command->n);
    arena_done(&command->arena);
    free(command);
    engine_alarm_answered(engine, ALARM_DEADLINES, again_us);
    engine_commit_ended(engine);
}

void deadline_fire(Engine *engine)
{
    DeadlineCommand *command = calloc(1, sizeof *command);
    if (!command)
        abort();
    command->command = (Command){.apply = apply_deadlines, .done = deadlines_done};
    command->engine = engine;
    command->now_us = engine->world->now_us(engine->world->self);
    pthread_mutex_lock(&engine->lock);
    engine->n_commits++;
    pthread_mutex_unlock(&engine->lock);
    store_submit(engine->store, &command->command);
}
