/* lang/eval_step_loops.h: loops, comprehensions and the ways around them; inlined into eval_step.c alone. */
#ifndef CLERKWORK_LANG_EVAL_STEP_LOOPS_H
#define CLERKWORK_LANG_EVAL_STEP_LOOPS_H

#include "lang/eval_place.h"

/* ---- ways ---- */

static inline bool truth(Value v)
{
    return v.kind == VALUE_BOOL ? v.low != 0 : value_truth(v);
}

/* The target is read only where it is jumped to: then the jump is one that a processor foresees. */
STEP step_jump(Place *at, bool jumps, const uint32_t *target)
{
    at->pc = jumps ? *target : at->pc + 1;
    return STEP_ON;
}

STEP step_jump_if(Place *at, bool yes, const uint32_t *target)
{
    at->sp--;
    return step_jump(at, truth(*at->sp) == yes, target);
}

/* `and` ends at what is not true, `or` at what is: then that is the value. */
STEP step_join(Place *at, bool ends_at, const uint32_t *target)
{
    if (truth(at->sp[-1]) == ends_at)
        return step_jump(at, true, target);
    at->sp--;
    return step_jump(at, false, target);
}

/* ---- through items ---- */

STEP step_iterate(Place *at, uint32_t n_range)
{
    uint32_t n = n_range ? n_range : 1;
    Value iterator[3];
    if (!operate_iterate(place_keep(at), at->sp - n, n_range, iterator))
        return STEP_ASKS;
    at->sp -= n;
    memcpy(at->sp, iterator, sizeof iterator);
    at->sp += 3;
    at->pc++;
    return STEP_ON;
}

STEP step_next(Place *at, uint32_t target)
{
    Value item;
    if (!place_pays(at))
        return STEP_STOPS;
    if (operate_next(at->evaluation, at->sp - 3, &item))
        return place_gives(at, 0, item);
    at->sp -= 3;
    at->pc = target;
    return STEP_ON;
}

STEP step_jump_if_ended(Place *at, const uint32_t *target)
{
    Value copy[3] = {at->sp[-3], at->sp[-2], at->sp[-1]}, item;
    return step_jump(at, !operate_next(NULL, copy, &item), target);
}

STEP step_seek(Place *at, uint32_t lookup)
{
    Value key = at->slots[at->code->lookups[lookup].key_slot];
    lookup_seek(place_keep(at), lookup, key, at->sp - 3);
    at->pc++;
    return STEP_ON;
}

STEP step_leave_loop(Place *at)
{
    at->sp[-4] = at->sp[-1];
    at->sp -= 3;
    at->pc++;
    return STEP_ON;
}

STEP step_collect(Place *at, CollectOp op, uint32_t below)
{
    uint32_t n = op == COLLECT_RECORD ? 2 : 1;
    Value *collection = at->sp - 4 - n - below;
    if (!operate_collect(place_keep(at), op, *collection, at->sp[-2], at->sp[-1]))
        return STEP_ASKS;
    at->sp -= n;
    at->pc++;
    return STEP_ON;
}

STEP step_zero_rounds(Place *at, uint32_t slot)
{
    at->slots[slot] = value_int(0);
    at->pc++;
    return STEP_ON;
}

STEP step_count_round(Place *at, uint32_t slot)
{
    at->slots[slot].low++;
    at->pc++;
    return STEP_ON;
}

/* ---- items at the same time ---- */

STEP step_split(Place *at)
{
    children_split(place_keep(at), at->sp - 3);
    at->pc++;
    return STEP_ON;
}

STEP step_children(Place *at, uint32_t target)
{
    bool over;
    if (!place_pays(at))
        return STEP_STOPS;
    if (child_is_at_end(place_keep(at), at->frame, at->pc))
        return STEP_FINISHES;
    if (!children_step(at->evaluation, &over))
        return STEP_ASKS;
    if (at->evaluation->status != EVAL_READY)
        return STEP_STOPS;
    if (over) {
        at->sp -= 3;
        at->pc = target;
    }
    return STEP_ON;
}

#endif
