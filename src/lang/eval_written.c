/* lang/eval_written.c: times and lengths of time that are still texts, as files write them, beside values that are
 * none: "17:30" minus 08:00, the end minus the start where both are texts of a row, "45 min" less than 1 hour. */
#include "lang/eval_state.h"
#include "lang/functions.h"
#include "value/calendar.h"
#include "value/decimal.h"

static bool is_moment(Value v)
{
    return v.kind == VALUE_DATE || v.kind == VALUE_TIME || v.kind == VALUE_DATETIME;
}

static bool is_written(Value v)
{
    return v.kind == VALUE_TEXT || v.kind == VALUE_NULL;
}

static bool is_length(Value v)
{
    Value ignored;
    Error err;
    return v.kind == VALUE_TEXT && duration_parse_written(value_str(v), &ignored, &err);
}

static bool says_moment(Evaluation *evaluation, Value v)
{
    Value moment;
    Error err;
    return v.kind == VALUE_TEXT && moment_of_text(evaluation, str_trim(value_str(v)), &moment, &err);
}

static bool says_figure(const Evaluation *evaluation, Value v)
{
    Value number;
    Error err;
    return v.kind == VALUE_TEXT &&
           decimal_parse_figure(value_str(v), evaluation->options.reading.decimal_comma, &number, &err);
}

/* A text where a moment or a length may stand. "8:30" may be both: it is the moment. */
static bool need_either(Evaluation *evaluation, int hole, Value value, Value beside, Value *out)
{
    if (is_length(value) && !says_moment(evaluation, value))
        return need_duration(evaluation, hole, value, out);
    return need_moment_beside(evaluation, hole, value, beside, out);
}

static bool added(Evaluation *evaluation, Value *left, Value *right)
{
    Value *text = is_written(*left) ? left : right, other = text == left ? *right : *left;
    int hole = text == left ? 0 : 1;
    if (!is_written(*text))
        return true;
    if (is_moment(other))
        return need_duration(evaluation, hole, *text, text);
    return other.kind != VALUE_DURATION || need_either(evaluation, hole, *text, other, text);
}

static bool subtracted(Evaluation *evaluation, Value *left, Value *right)
{
    if (is_moment(*left) && is_written(*right))
        return need_either(evaluation, 1, *right, *left, right);
    if (is_written(*left) && is_moment(*right))
        return need_moment_beside(evaluation, 0, *left, *right, left);
    if (is_written(*left) && right->kind == VALUE_DURATION)
        return need_either(evaluation, 0, *left, *right, left);
    if (left->kind == VALUE_DURATION && is_written(*right))
        return need_duration(evaluation, 1, *right, right);
    return written_pair(evaluation, left, right);
}

bool written_operands(Evaluation *evaluation, ArithmeticOp op, Value *left, Value *right)
{
    return op == OP_ADD ? added(evaluation, left, right) : subtracted(evaluation, left, right);
}

bool written_pair(Evaluation *evaluation, Value *left, Value *right)
{
    bool fields = left->kind == VALUE_TEXT && right->kind == VALUE_TEXT && operand_is_field(evaluation, 0) &&
                  operand_is_field(evaluation, 1);
    if (!fields || says_figure(evaluation, *left) || says_figure(evaluation, *right) ||
        (!says_moment(evaluation, *left) && !says_moment(evaluation, *right)))
        return true;
    return need_moment(evaluation, 0, *left, left) && need_moment_beside(evaluation, 1, *right, *left, right);
}
