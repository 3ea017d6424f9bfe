/* lang/functions_numbers.c: rounding, conversion to numbers and truth. */
#include "lang/functions.h"
#include "value/decimal.h"

FUNCTION(ABS)
{
    if (arguments[0].kind == VALUE_DURATION)
        return duration_of_number(decimal_abs(number_of_duration(arguments[0])), out) ||
               problem_set(evaluation, "too-large", HOLE_RESULT, &type_duration, arguments[0],
                           "This length of time is too large");
    if (!need_number(evaluation, 0, arguments[0], out))
        return false;
    *out = decimal_abs(*out);
    return true;
}

/* Without places the result is a whole number, as Python's round gives. */
static bool round_to(Evaluation *evaluation, const Value *arguments, uint32_t n, Rounding how, Value *out)
{
    Value number;
    int64_t places = 0;
    if (!need_number(evaluation, 0, arguments[0], &number))
        return false;
    if (n > 1 && arguments[1].kind != VALUE_NULL && !need_int(evaluation, 1, arguments[1], &places))
        return false;
    Error err;
    if (places < -28 || places > 28)
        return problem_set(evaluation, "not-a-whole-number", 1, &type_number, arguments[1], "Decimals go from 0 to 28");
    return decimal_round(number, (int)places, how, out, &err) || problem_error(evaluation, HOLE_RESULT, &err);
}

FUNCTION(ROUND)
{
    return round_to(evaluation, arguments, n, ROUND_HALF_EVEN, out);
}

FUNCTION(ROUND_HALF_UP)
{
    return round_to(evaluation, arguments, n, ROUND_HALF_UP, out);
}

FUNCTION(ROUND_UP)
{
    return round_to(evaluation, arguments, n, ROUND_UP, out);
}

FUNCTION(ROUND_DOWN)
{
    return round_to(evaluation, arguments, n, ROUND_DOWN, out);
}

FUNCTION(PERCENT_OF)
{
    Value percent, whole, product;
    Error err;
    if (!need_number(evaluation, 0, arguments[0], &percent) || !need_number(evaluation, 1, arguments[1], &whole))
        return false;
    return (decimal_multiply(percent, whole, &product, &err) && decimal_divide(product, value_int(100), out, &err)) ||
           problem_error(evaluation, HOLE_RESULT, &err);
}

FUNCTION(INT)
{
    Value number;
    Error err;
    if (!need_number(evaluation, 0, arguments[0], &number))
        return false;
    return decimal_round(number, 0, ROUND_DOWN, out, &err) || problem_error(evaluation, HOLE_RESULT, &err);
}

FUNCTION(NUMBER)
{
    return need_number(evaluation, 0, arguments[0], out);
}

FUNCTION(BOOL)
{
    *out = value_bool(value_truth(arguments[0]));
    return true;
}

FUNCTION(FLOAT)
{
    return need_number(evaluation, 0, arguments[0], out);
}
