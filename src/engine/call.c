/* engine/call.c: what a run asks of the world, and what it hears back: calls of books, beside the worker or outside,
 * their records, and the records that are told again. */
#include "engine/internal.h"
#include "value/pack.h"

/* Between the tries of a call that fails in passing; after the last one a person is asked. */
static const int64_t retry_after_us[] = {1000000, 5000000, 25000000};

/* A run that stays in memory is saved once it has come so far since it was: what a crash makes it compute again. */
enum { SAVE_AFTER_EFFECTS = 32, SAVE_AFTER_FUEL = 100000 };

void call_remember(ActiveRun *active, EffectKind kind, uint64_t site, Str result)
{
    EffectDone *done = NEW(&active->arena, EffectDone);
    *done = (EffectDone){{.number = active->next_effect++,
                          .finished = true,
                          .kind = kind,
                          .site = site,
                          .result = str_copy(&active->arena, result)},
                         NULL};
    *active->effects_end = done;
    active->effects_end = &done->next;
}

/* A passing trouble of a call that may be made twice is waited out, a few times, before a person is asked. */
static bool is_worth_another_try(const EvalCall *call, const Error *err, int tries)
{
    Effect effect = call->procedure->effect;
    return (effect == EFFECT_READ || effect == EFFECT_REPEATABLE || effect == EFFECT_KEYED) &&
           (err->code == UNAVAILABLE || err->code == DEADLINE_EXCEEDED) && tries < (int)COUNT_OF(retry_after_us);
}

static void park_for_retry(ActiveRun *active, Str key, int tries)
{
    int64_t now = active->engine->world->now_us(active->engine->world->self);
    RunCommit *commit = commit_new(active, COMMIT_RETRY);
    commit->begun = (EffectRow){.number = active->next_effect,
                                .site = active->effect_site,
                                .key = str_copy(&commit->arena, key),
                                .tries = tries + 1};
    commit->timer_us = now + retry_after_us[tries];
    commit->timer_seconds = retry_after_us[tries] / 1000000;
    commit->snapshot = active_save(active, &commit->arena);
    active_park(active, commit);
}

/* Tells the evaluation what came of the call (`result`, or `err` when it is set); that is recorded unless the procedure
 * is pure. `made` is as in evaluation_supply. False when the run is out of this worker's hand: the call is tried again
 * later. */
static bool settle(ActiveRun *active, Str key, int tries, Arena *made, Value result, const Error *err)
{
    const EvalCall *call = evaluation_call(active->evaluation);
    bool ok = err->code == OK;
    if (!ok && is_worth_another_try(call, err, tries)) {
        if (!active_put_aside(active)) /* else it is called again once the commit in flight is done */
            park_for_retry(active, key, tries);
        return false;
    }
    if (call->procedure->effect != EFFECT_PURE) {
        AUTO(arena_done)
        Arena scratch = {0};
        AUTO(buf_done)
        Buf packed = {0};
        if (ok)
            pack_value(packer_new(&scratch, &packed), result);
        else
            heard_pack_error(&packed, err);
        call_remember(active, ok ? HEARD_RESULT : HEARD_ERROR, active->effect_site, buf_view(&packed));
    }
    if (ok)
        evaluation_supply(active->evaluation, made, result);
    else
        evaluation_supply_error(active->evaluation, err);
    return true;
}

static WorldCall world_call(const ActiveRun *active, Str key)
{
    return (WorldCall){.scope = &active->row.scope,
                       .locale = &active->locale,
                       .call = evaluation_call(active->evaluation),
                       .idempotency_key = key,
                       .run = active->row.top ? active->row.top : active->key};
}

/* False when the run is out of this worker's hand. */
bool call_carry_out(ActiveRun *active, Str key, int tries)
{
    const World *world = active->engine->world;
    AUTO(arena_done)
    Arena scratch = {0};
    WorldCall call = world_call(active, key);
    Value result = value_null();
    Error err = {0};
    (void)!world->call(world->self, &call, &scratch, &result, &err);
    return settle(active, key, tries, &scratch, result, &err);
}

/* The record of what is wanted next, from before a crash or of the run that this one repeats; NULL for none. */
const EffectRow *call_known(const ActiveRun *active)
{
    int64_t at = active->n_known > 0 ? active->next_effect - active->known[0].number : -1;
    if (at < 0 || at >= active->n_known || active->known[at].number != active->next_effect)
        return NULL;
    return &active->known[at];
}

/* Tells again what is on record. False when the record is of something else: the run is out of this worker's hand. */
bool call_tell_known(ActiveRun *active, const EffectRow *known, uint32_t node_id)
{
    Error err = {0};
    if (heard_fits(active->evaluation, active->program, known) &&
        heard_tell(active->evaluation, active->program, known, &err)) {
        active->next_effect++;
        return true;
    }
    if (!active_put_aside(active))
        active_fail(active, S("the record of what the run heard does not fit it; it cannot be continued safely"),
                    node_id);
    return false;
}

static void record_before_effect(ActiveRun *active)
{
    RunCommit *commit = commit_new(active, COMMIT_EFFECT);
    active->effect_key = id_new();
    commit->begun = (EffectRow){.number = active->next_effect,
                                .site = active->effect_site,
                                .key = str_copy(&commit->arena, id_str(&active->effect_key))};
    active->flushed_us = active->engine->world->now_us(active->engine->world->self);
    active->phase = PHASE_EFFECT;
    commit_submit(commit); /* the run comes back once the record is on disk */
}

/* ---- calls that go outside ----
 * The record that the call begins is on disk before it is sent. Then the run holds no thread until it has come back. A
 * small run stays in memory meanwhile; a larger one leaves it, with a snapshot beside the record, and is claimed anew.
 * How many are outside is bounded, and so is what they hold. */

/* On some thread of the World's. */
static void arrived(void *context)
{
    ActiveRun *active = context;
    Engine *engine = active->engine;
    pthread_mutex_lock(&engine->lock);
    active->is_outside = false;
    engine->n_outside--;
    active_ready_locked(active);
    pthread_cond_broadcast(&engine->idle);
    engine_unlock(engine);
}

static bool is_small(const ActiveRun *active)
{
    int64_t held = (int64_t)(evaluation_memory(active->evaluation) + active->arena.used);
    return held <= active->engine->options.stays_bytes;
}

static bool has_come_far(const ActiveRun *active)
{
    return active->next_effect - active->saved_effects >= SAVE_AFTER_EFFECTS ||
           evaluation_fuel_used(active->evaluation) - active->saved_fuel >= SAVE_AFTER_FUEL;
}

static bool prepare(ActiveRun *active, Str key, Error *err)
{
    const World *world = active->engine->world;
    AUTO(arena_done)
    Arena scratch = {0};
    WorldCall call = world_call(active, key);
    call.place = str_printf(&scratch, "%.*s/%.*s", STR_ARG(active->row.id),
                            STR_ARG(evaluation_place(active->evaluation, &scratch)));
    return world->prepare(world->self, &call, arrived, active, &active->errand, err);
}

void call_send_outside(ActiveRun *active, bool goes)
{
    Engine *engine = active->engine;
    const World *world = engine->world;
    WorldErrand *errand = active->errand;
    if (!goes)
        active->errand = NULL;
    pthread_mutex_lock(&engine->lock);
    active->commit_in_flight = false;
    if (goes) {
        active->is_outside = true;
        engine->n_outside++;
        engine->n_to_wake += engine->waiting.count > 0; /* there is a place again */
    } else {
        active->phase = PHASE_DROP;
        active_ready_locked(active);
    }
    engine_unlock(engine);
    if (goes)
        world->send(world->self, errand);
    else
        world->drop(world->self, errand);
}

/* What the run was taken up again for. False when it is out of this worker's hand. */
bool call_take_errand(ActiveRun *active)
{
    const World *world = active->engine->world;
    WorldErrand *errand = active->errand;
    const EffectRow stayed = {.key = active->outside_key, .tries = active->outside_tries};
    const EffectRow *known = active->stays ? &stayed : call_known(active);
    active->errand = NULL;
    active->stays = false;
    if (!known || known->finished || evaluation_status(active->evaluation) != EVAL_CALL) {
        world->drop(world->self, errand); /* somebody else has answered for it meanwhile */
        door_give_back(active);
        return true;
    }
    AUTO(arena_done)
    Arena scratch = {0};
    WorldCall call = world_call(active, known->key);
    Value result = value_null();
    Error err = {0};
    (void)!world->take(world->self, &call, errand, &scratch, &result, &err);
    door_give_back(active);
    active->effect_site = heard_call_site(call.call);
    return settle(active, known->key, known->tries, &scratch, result, &err);
}

/* The call is made ready and the record that it begins, or begins anew with the key that it had, handed over; once that
 * is on disk the writer's thread sends it. False when the run is out of this worker's hand. */
static bool go_outside(ActiveRun *active, const EffectRow *known)
{
    Error err = {0};
    Id fresh = id_new();
    active->outside_key = str_copy(&active->arena, known ? known->key : id_str(&fresh));
    active->outside_tries = known ? known->tries : 0;
    if (!prepare(active, active->outside_key, &err)) {
        door_give_back(active);
        return settle(active, active->outside_key, active->outside_tries, NULL, value_null(), &err);
    }
    RunCommit *commit = commit_new(active, COMMIT_OUTSIDE);
    commit->begun = (EffectRow){.number = active->next_effect,
                                .site = active->effect_site,
                                .key = str_copy(&commit->arena, active->outside_key),
                                .tries = active->outside_tries};
    active->stays = is_small(active);
    active->phase = active->stays ? PHASE_EVALUATE : PHASE_CLAIM;
    if (!active->stays || has_come_far(active))
        commit->snapshot = active_save(active, &commit->arena);
    if (!active->stays)
        active_forget(active);
    commit_submit(commit);
    return false;
}

static void park_at_door(ActiveRun *active)
{
    RunCommit *commit = commit_new(active, COMMIT_AT_DOOR);
    commit->snapshot = active_save(active, &commit->arena);
    active_park(active, commit);
}

/* False when the run is out of this worker's hand. */
bool call_answer(ActiveRun *active)
{
    const EvalCall *call = evaluation_call(active->evaluation);
    Effect effect = call->procedure->effect;
    if (effect == EFFECT_PURE)
        return call_carry_out(active, (Str){0}, 0);
    const EffectRow *known = call_known(active);
    if (known && known->finished)
        return call_tell_known(active, known, call->node_id);
    if (known && effect == EFFECT_ONCE) {
        call_remember(active, HEARD_DOUBT, HEARD_ANYWHERE, (Str){0});
        evaluation_supply_doubt(active->evaluation);
        return true;
    }
    active->effect_site = heard_call_site(call);
    if (call->procedure->outside) {
        if (active_put_aside(active))
            return false;
        if (door_pass(active))
            return go_outside(active, known);
        park_at_door(active);
        return false;
    }
    if (effect == EFFECT_READ || known) /* begun before a crash, or failed: twice is the same as once */
        return call_carry_out(active, known ? known->key : (Str){0}, known ? known->tries : 0);
    if (!active_put_aside(active))
        record_before_effect(active);
    return false;
}
