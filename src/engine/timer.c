/* engine/timer.c: the next timers, when those that are in memory are over. The writer looks for them: what is committed
 * before it looks is found, and what is committed afterwards comes to engine_timer once the horizon is the new one. */
#include <stdlib.h>

#include "base/log.h"
#include "engine/internal.h"

#define RETRY_AFTER_US 1000000

typedef struct TimersCommand {
    Command command;
    Engine *engine;
    Arena arena;
    int64_t now_us;
    /* Written by apply. */
    RunTimer after;
    RunTimer *timers;
    int n;
} TimersCommand;

static bool apply_timers(Tx *tx, Command *command_, Error *err)
{
    TimersCommand *command = (TimersCommand *)command_;
    Engine *engine = command->engine;
    arena_reset(&command->arena);
    pthread_mutex_lock(&engine->timer_lock);
    command->after = engine->horizon;
    pthread_mutex_unlock(&engine->timer_lock);
    return store_run_list_timers(tx, &command->arena, command->after, engine_timers_piece(engine), &command->timers,
                                 &command->n, err);
}

static void timers_done(Command *command_, bool ok, const Error *err)
{
    TimersCommand *command = (TimersCommand *)command_;
    Engine *engine = command->engine;
    int64_t again_us = 0;
    if (!ok) {
        again_us = command->now_us + RETRY_AFTER_US;
        LOG(LOG_WARN, "the next timers could not be read; it is tried again",
            LOG_STR("reason", str_from_c(err->message)));
    } else if (!engine_timers_take(engine, command->after, command->timers, command->n,
                                   command->n < engine_timers_piece(engine))) {
        again_us = command->now_us;
    }
    arena_done(&command->arena);
    free(command);
    engine_alarm_answered(engine, ALARM_TIMERS, again_us);
    engine_commit_ended(engine);
}

void timers_fire(Engine *engine)
{
    TimersCommand *command = calloc(1, sizeof *command);
    if (!command)
        abort();
    command->command = (Command){.apply = apply_timers, .done = timers_done};
    command->engine = engine;
    command->now_us = engine->world->now_us(engine->world->self);
    pthread_mutex_lock(&engine->lock);
    engine->n_commits++;
    pthread_mutex_unlock(&engine->lock);
    store_submit(engine->store, &command->command);
}
