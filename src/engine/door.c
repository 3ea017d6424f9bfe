/* engine/door.c: how many runs may have a call outside at a time.
 *
 * A call that is under way, or stands in the network's queue, holds its request, and soon its answer, in memory. So a
 * run needs a pass before the record that it begins. Without one it leaves memory and is written down as it stands;
 * only its key waits here. A pass that comes back is handed to the run that has waited longest, together with its place
 * in the table, so nobody who comes later can take it away:
 *
 *     somebody waits at the door  =>  all passes are out
 *
 * That holds after each function of this file, so no wake-up can be missed. A run that turns out to need no pass (it
 * was cancelled meanwhile, or paused) gives it back as it leaves memory. */
#include "engine/internal.h"

static void hand_out_locked(Engine *engine)
{
    while (engine->at_door.count > 0 && engine->n_passes < engine->options.max_outside && !engine->stopping) {
        int64_t key = key_ring_pop(&engine->at_door);
        ActiveRun *active = active_find_locked(engine, key);
        if (active && active->has_pass) /* it stood here twice: it was paused and continued meanwhile */
            continue;
        bool is_new = !active;
        if (is_new)
            active = active_add_locked(engine, key);
        active->has_pass = true;
        engine->n_passes++;
        if (is_new)
            active_ready_locked(active);
    }
}

bool door_pass(ActiveRun *active)
{
    Engine *engine = active->engine;
    pthread_mutex_lock(&engine->lock);
    if (!active->has_pass && engine->n_passes < engine->options.max_outside) {
        active->has_pass = true;
        engine->n_passes++;
    }
    bool has = active->has_pass;
    engine_unlock(engine);
    return has;
}

void door_give_back_locked(ActiveRun *active)
{
    if (!active->has_pass)
        return;
    active->has_pass = false;
    active->engine->n_passes--;
    hand_out_locked(active->engine);
}

void door_give_back(ActiveRun *active)
{
    pthread_mutex_lock(&active->engine->lock);
    door_give_back_locked(active);
    engine_unlock(active->engine);
}

void door_wait_locked(Engine *engine, int64_t key)
{
    key_ring_push(&engine->at_door, key);
    hand_out_locked(engine);
}
