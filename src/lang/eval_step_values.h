/* lang/eval_step_values.h: facts, fields, collections and what is called for a value; inlined into eval_step.c alone.
 */
#ifndef CLERKWORK_LANG_EVAL_STEP_VALUES_H
#define CLERKWORK_LANG_EVAL_STEP_VALUES_H

#include "lang/eval_place.h"

/* ---- facts ---- */

STEP step_load(Place *at, bool global, uint32_t slot)
{
    const Evaluation *evaluation = at->evaluation;
    Value value = global ? evaluation->stack[slot] : at->slots[slot];
    if (value.kind == VALUE_UNSET) {
        const Routine *routine = global ? evaluation->code->routines : &at->code->routines[at->frame->routine];
        problem_note_fact(place_keep(at), routine->slot_names[slot]);
        return STEP_ASKS;
    }
    return place_gives(at, 0, value);
}

STEP step_load_if_set(Place *at, bool global, uint32_t slot)
{
    Value value = global ? at->evaluation->stack[slot] : at->slots[slot];
    return place_gives(at, 0, value.kind == VALUE_UNSET ? value_null() : value);
}

STEP step_store(Place *at, uint32_t slot)
{
    at->slots[slot] = *--at->sp;
    at->pc++;
    return STEP_ON;
}

STEP step_pop(Place *at, uint32_t n)
{
    at->sp -= n;
    at->pc++;
    return STEP_ON;
}

/* ---- parts ---- */

STEP step_field(Place *at, Value key)
{
    Value result;
    FieldHint *hint = at->frame->fragment ? NULL : &at->evaluation->hints[at->pc];
    if (!operate_field(place_keep(at), at->sp[-1], value_str(key), hint, &result))
        return STEP_ASKS;
    return place_gives(at, 1, result);
}

STEP step_index(Place *at)
{
    Value result;
    if (!operate_index(place_keep(at), at->sp[-2], at->sp[-1], &result))
        return STEP_ASKS;
    return place_gives(at, 2, result);
}

STEP step_slice(Place *at)
{
    Value result;
    if (!operate_slice(place_keep(at), at->sp - 4, &result))
        return STEP_ASKS;
    return place_gives(at, 4, result);
}

STEP step_set_field(Place *at, Value key)
{
    if (!operate_set_field(place_keep(at), at->sp[-2], at->sp[-1], value_str(key)))
        return STEP_ASKS;
    return step_pop(at, 2);
}

STEP step_set_index(Place *at)
{
    if (!operate_set_index(place_keep(at), at->sp[-3], at->sp[-2], at->sp[-1]))
        return STEP_ASKS;
    return step_pop(at, 3);
}

STEP step_unpack(Place *at, uint32_t n)
{
    if (!operate_unpack(place_keep(at), at->sp[-1], n, at->sp - 1))
        return STEP_ASKS;
    at->sp += (int64_t)n - 1;
    at->pc++;
    return STEP_ON;
}

/* ---- made of several ---- */

STEP step_template(Place *at, uint32_t n)
{
    Value result;
    operate_template(place_keep(at), at->sp - n, n, &result);
    return place_gives(at, n, result);
}

STEP step_make_list(Place *at, uint32_t n)
{
    return place_gives(at, n, operate_list(place_keep(at), at->sp - n, n));
}

STEP step_make_set(Place *at, uint32_t n)
{
    Value result;
    if (!operate_set(place_keep(at), at->sp - n, n, &result))
        return STEP_ASKS;
    return place_gives(at, n, result);
}

STEP step_make_record(Place *at, uint32_t n)
{
    Value result;
    if (!operate_record(place_keep(at), at->sp - 2 * (size_t)n, n, &result))
        return STEP_ASKS;
    return place_gives(at, 2 * n, result);
}

STEP step_call(Place *at, FunctionId function, uint32_t n)
{
    Value result;
    if (!function_call(place_keep(at), function, at->sp - n, n, &result))
        return STEP_ASKS;
    return place_gives(at, n, result);
}

/* ---- what must be there ---- */

STEP step_need_key(Place *at)
{
    if (!need_value(place_keep(at), at->sp[-1]))
        return STEP_ASKS;
    at->pc++;
    return STEP_ON;
}

STEP step_need_number(Place *at)
{
    Value *value = at->sp - 1, number = *value;
    bool is_number = value->kind == VALUE_NUMBER || value->kind == VALUE_DURATION;
    if (!is_number && !need_number(place_keep(at), 0, *value, &number))
        return STEP_ASKS;
    if (!is_number && !names_currency(*value)) /* the sum looks whether all are in one */
        *value = number;
    at->pc++;
    return STEP_ON;
}

STEP step_need_value(Place *at)
{
    if (at->sp[-1].kind == VALUE_NULL || at->sp[-1].kind == VALUE_TEXT)
        return step_need_key(at);
    at->pc++;
    return STEP_ON;
}

#endif
