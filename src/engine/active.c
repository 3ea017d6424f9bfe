/* engine/active.c: the runs that are in memory, by key, and the queue of those that can go on. */
#include "engine/internal.h"

#include <stdlib.h>

static size_t slot_of(int64_t key)
{
    return (size_t)((uint64_t)key * 0x9E3779B97F4A7C15u >> 52);
}

ActiveRun *active_find_locked(Engine *engine, int64_t key)
{
    ActiveRun *active = engine->active[slot_of(key)];
    while (active && active->key != key)
        active = active->next_in_table;
    return active;
}

ActiveRun *active_add_locked(Engine *engine, int64_t key)
{
    assert(!active_find_locked(engine, key));
    ActiveRun *active = calloc(1, sizeof *active);
    if (!active)
        abort();
    active->key = key;
    active->engine = engine;
    active->phase = PHASE_CLAIM;
    active->effects_end = &active->effects_done;
    ActiveRun **slot = &engine->active[slot_of(key)];
    active->next_in_table = *slot;
    *slot = active;
    engine->n_active++;
    return active;
}

void active_forget(ActiveRun *active)
{
    evaluation_free(active->evaluation);
    active->evaluation = NULL;
    program_cache_release(active->engine->programs, active->program);
    active->program = NULL;
    active->known = NULL;
    active->n_known = 0;
    active->timer_over = false;
    active->effects_done = NULL;
    active->effects_end = &active->effects_done;
    active->next_effect = 0;
    active->trace_to_skip = 0;
    active->stays = active->has_no_snapshot = false;
    arena_done(&active->arena);
}

void active_remove_locked(ActiveRun *active)
{
    Engine *engine = active->engine;
    ActiveRun **link = &engine->active[slot_of(active->key)];
    while (*link != active)
        link = &(*link)->next_in_table;
    *link = active->next_in_table;
    engine->n_active--;
    if (engine->waiting.count > 0) /* there is a place again for one that waited for it */
        engine->n_to_wake++;
    if (active->errand)
        engine->world->drop(engine->world->self, active->errand);
    door_give_back_locked(active);
    free(active);
}

void active_ready_locked(ActiveRun *active)
{
    Engine *engine = active->engine;
    active->next_ready = NULL;
    if (engine->ready_last)
        engine->ready_last->next_ready = active;
    else
        engine->ready_first = active;
    engine->ready_last = active;
    engine->n_to_wake++;
}

bool active_has(Engine *engine, int64_t run)
{
    pthread_mutex_lock(&engine->lock);
    bool has = active_find_locked(engine, run) != NULL;
    engine_unlock(engine);
    return has;
}
