/* lang/eval_step_numbers.h: figures and comparisons, one step each; inlined into eval_step.c alone. */
#ifndef CLERKWORK_LANG_EVAL_STEP_NUMBERS_H
#define CLERKWORK_LANG_EVAL_STEP_NUMBERS_H

#include "lang/eval_place.h"
#include "value/decimal.h"

/* Whole numbers of one word: most divisions of a program. */
static inline bool are_quick(Value a, Value b)
{
    return (a.high | b.high | a.scale | b.scale) == 0 && b.low != 0;
}

static inline bool quick_divide(Value a, Value b, Value *out, Error *err)
{
    if (!are_quick(a, b) || a.low % b.low != 0)
        return decimal_divide(a, b, out, err);
    value_put_number(out, a.low / b.low, 0, 0, a.low != 0 && a.negative != b.negative);
    return true;
}

static inline bool quick_floor_divide(Value a, Value b, Value *out, Error *err)
{
    if (!are_quick(a, b))
        return decimal_floor_divide(a, b, out, err);
    bool is_negative = a.negative != b.negative;
    uint64_t quotient = a.low / b.low;
    quotient += is_negative && a.low % b.low != 0;
    value_put_number(out, quotient, 0, 0, quotient != 0 && is_negative);
    return true;
}

static inline bool quick_modulo(Value a, Value b, Value *out, Error *err)
{
    if (!are_quick(a, b))
        return decimal_modulo(a, b, out, err);
    uint64_t rest = a.low % b.low;
    if (rest != 0 && a.negative != b.negative)
        rest = b.low - rest;
    value_put_number(out, rest, 0, 0, rest != 0 && b.negative);
    return true;
}

/* `quick` is what the operation does to two numbers. */
STEP step_arithmetic(Place *at, ArithmeticOp op, bool (*quick)(Value, Value, Value *, Error *))
{
    Value result, left = at->sp[-2], right = at->sp[-1];
    if (left.kind == VALUE_NUMBER && right.kind == VALUE_NUMBER) {
        Error err;
        if (!quick(left, right, &result, &err)) {
            problem_note_error(place_keep(at), HOLE_RESULT, &err);
            return STEP_ASKS;
        }
    } else if (!operate_arithmetic(place_keep(at), op, left, right, &result))
        return STEP_ASKS;
    return place_gives(at, 2, result);
}

STEP step_negate(Place *at)
{
    Value result;
    if (at->sp[-1].kind == VALUE_NUMBER)
        result = decimal_negate(at->sp[-1]);
    else if (!operate_negate(place_keep(at), at->sp[-1], &result))
        return STEP_ASKS;
    return place_gives(at, 1, result);
}

static bool compare_numbers(CompareOp op, Value left, Value right)
{
    int order = decimal_compare(left, right);
    switch (op) {
    case CMP_EQUAL: return order == 0;
    case CMP_NOT_EQUAL: return order != 0;
    case CMP_LESS: return order < 0;
    case CMP_LESS_EQUAL: return order <= 0;
    case CMP_GREATER: return order > 0;
    default: return order >= 0;
    }
}

static inline bool compare(const Place *at, CompareOp op, bool *out)
{
    Value left = at->sp[-2], right = at->sp[-1];
    if (left.kind == VALUE_NUMBER && right.kind == VALUE_NUMBER && op <= CMP_GREATER_EQUAL) {
        *out = compare_numbers(op, left, right);
        return true;
    }
    return operate_compare(place_keep(at), op, left, right, out);
}

STEP step_compare(Place *at, CompareOp op)
{
    bool yes;
    if (!compare(at, op, &yes))
        return STEP_ASKS;
    return place_gives(at, 2, value_bool(yes));
}

/* a < b < c: the middle one stays, for the next comparison. */
STEP step_compare_chain(Place *at, CompareOp op, uint32_t target)
{
    bool yes;
    if (!compare(at, op, &yes))
        return STEP_ASKS;
    at->sp--;
    at->sp[-1] = yes ? at->sp[0] : value_bool(false);
    at->pc = yes ? at->pc + 1 : target;
    return STEP_ON;
}

#endif
