/* engine/children.c: child runs: begun, joined, ended with their parent. */
#include "engine/children.h"

#include "engine/heard.h"
#include "engine/internal.h"

enum { ENDED_AT_ONCE = 100 };

/* ---- beginning ---- */

static bool begin_child(Tx *tx, Engine *engine, Arena *arena, const RunRow *parent, const ChildLoop *loop, Error *err)
{
    int64_t now = tx_now_us(tx);
    Id id = id_new_at(now), execution = id_new_at(now);
    RunRow child = {
        .scope = parent->scope,
        .id = str_copy(arena, id_str(&id)),
        .execution_id = str_copy(arena, id_str(&execution)),
        .automation = parent->automation,
        .automation_id = parent->automation_id,
        .revision = parent->revision,
        .state = RUN_PENDING,
        .stage = parent->stage,
        .version = parent->version,
        .source = parent->source,
        .user_id = parent->user_id,
        .trigger_id = parent->trigger_id,
        .inputs = S("{}"),
        .locale = parent->locale,
        .location_start = -1,
        .location_end = -1,
        .create_us = now,
        .update_us = now,
        .state_us = now,
        .parent = parent->key,
        .top = parent->top ? parent->top : parent->key,
        .parent_run = parent->id,
        .parent_effect = loop->first_effect + loop->started,
        .parent_item = loop->first_item + loop->started,
        .in_pool = true,
    };
    return run_start(tx, engine, &child, (Str){0}, 0, err);
}

static bool fill_pool(Tx *tx, Engine *engine, Arena *arena, const RunRow *parent, ChildLoop *loop, Error *err)
{
    if (parent->state != RUN_EXECUTING)
        return true; /* paused: it goes on when somebody continues it */
    while (loop->running < engine->options.children_at_once && loop->started < loop->total) {
        if (!begin_child(tx, engine, arena, parent, loop, err))
            return false;
        loop->running++;
        loop->started++;
    }
    return true;
}

bool children_begin(Tx *tx, Engine *engine, Arena *arena, RunRow *parent, ChildLoop *loop, Error *err)
{
    parent->children_open = true;
    return fill_pool(tx, engine, arena, parent, loop, err) && store_child_loop_put(tx, loop, err);
}

bool children_continue(Tx *tx, Engine *engine, Arena *arena, const RunRow *parent, Error *err)
{
    bool found;
    ChildLoop loop;
    if (!store_child_loop_get(tx, parent->key, &found, &loop, err))
        return false;
    return !found || (fill_pool(tx, engine, arena, parent, &loop, err) && store_child_loop_put(tx, &loop, err));
}

/* ---- joining ---- */

static bool give_to_parent(Tx *tx, const RunRow *child, const ChildResult *result, Error *err)
{
    AUTO(buf_done)
    Buf failure = {0};
    EffectRow heard = {.number = child->parent_effect,
                       .finished = true,
                       .kind = HEARD_CHILD,
                       .site = result ? result->site : HEARD_ANYWHERE,
                       .result = result ? result->bytes : (Str){0}};
    if (heard.result.len == 0) {
        evaluation_give_back_failure(&failure, child->description);
        heard.result = buf_view(&failure);
    }
    return store_effect_finish(tx, child->parent, &heard, err);
}

/* The last child has ended: the parent goes on, unless it is paused. */
static bool loop_over(Tx *tx, Engine *engine, RunRow *parent, Error *err)
{
    parent->children_open = false;
    tx_after_commit(tx, engine_wake, engine, parent->key);
    return store_child_loop_delete(tx, parent->key, err) && claim_settle(tx, parent, err) &&
           store_run_update(tx, parent, err);
}

static bool child_left(Tx *tx, Engine *engine, Arena *arena, RunRow *parent, const RunRow *child, bool has_ended,
                       bool frees_room, Error *err)
{
    bool found;
    ChildLoop loop;
    if (!store_child_loop_get(tx, parent->key, &found, &loop, err))
        return false;
    if (!found || child->parent_effect < loop.first_effect)
        return error_set(err, DATA_LOSS, "", "a child run belongs to no loop that its parent is at");
    loop.ended += has_ended;
    loop.running -= frees_room;
    if (loop.ended == loop.total)
        return loop_over(tx, engine, parent, err);
    return fill_pool(tx, engine, arena, parent, &loop, err) && store_child_loop_put(tx, &loop, err);
}

static bool stands_still(const RunRow *run)
{
    return run->state == RUN_AWAITING_GUIDANCE || run->state == RUN_STOPPED || run->timer_parked || run->children_open;
}

bool child_written(Tx *tx, Engine *engine, RunRow *child, bool has_ended, const ChildResult *result, Error *err)
{
    bool frees_room = child->in_pool && (has_ended || stands_still(child));
    if (child->parent == 0 || (!has_ended && !frees_room))
        return true;
    child->in_pool = child->in_pool && !frees_room;
    AUTO(arena_done)
    Arena arena = {0};
    RunRow parent;
    Error gone = {0};
    if (!store_run_get_by_key(tx, &arena, child->parent, &parent, &gone)) {
        if (gone.code == NOT_FOUND) /* it was purged before its child */
            return true;
        *err = gone;
        return false;
    }
    if (run_is_final(parent.state)) /* nobody waits for it any more */
        return true;
    engine_tell_changed(tx, engine, parent.key);
    return (!has_ended || give_to_parent(tx, child, result, err)) &&
           child_left(tx, engine, &arena, &parent, child, has_ended, frees_room, err);
}

/* ---- ending with the parent ---- */

bool children_end(Tx *tx, Engine *engine, Arena *arena, RunRow *parent, AsideTry *try, Error *err)
{
    RunRow *children;
    int n, n_aside = 0, limit = ENDED_AT_ONCE + set_aside_count(try);
    if (!store_child_loop_open(tx, arena, parent->key, limit, &children, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        if (set_aside_has(try, ASIDE_RUN, children[i].key)) {
            n_aside++;
            continue;
        }
        try->at = (Aside){ASIDE_RUN, children[i].key};
        if (!run_end(tx, engine, arena, &children[i], S("The run that this item belongs to has ended"), err))
            return false;
    }
    try->at = (Aside){0};
    if (n == limit)
        tx_after_commit(tx, engine_wake, engine, parent->key);
    if (n == limit || n_aside > 0)
        return true;
    parent->children_open = false;
    return store_child_loop_delete(tx, parent->key, err) && store_run_update(tx, parent, err);
}
