/* Numbers read from any text keep their value through text and wire, and arithmetic keeps its laws. */
#include <stdlib.h>

#include "value/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool law)
{
    if (!law)
        abort();
}

static void check_forms(Value v)
{
    char text[32];
    Value back;
    Error err = {0};
    require(v.kind == VALUE_NUMBER && v.scale <= 28 && !(v.negative && decimal_is_zero(v)));
    require(decimal_parse(str_of(text, decimal_format(v, text)), &back, &err));
    require(decimal_compare(v, back) == 0 && back.scale == v.scale);
    require(decimal_from_wire(decimal_to_wire(v), &back, &err) && decimal_compare(v, back) == 0);
    require(value_hash(v) == value_hash(decimal_strip_zeros(v)));
}

static void check_division(Value a, Value b)
{
    Value quotient, product, rest, sum;
    Error err = {0};
    if (decimal_is_zero(b) || !decimal_floor_divide(a, b, &quotient, &err) || !decimal_modulo(a, b, &rest, &err))
        return;
    require(decimal_is_zero(rest) || rest.negative == b.negative);
    require(decimal_compare(decimal_abs(rest), decimal_abs(b)) <= 0); /* equal only where it was rounded */
    bool exact = quotient.high == 0 && b.high == 0 && a.high == 0 && a.scale + b.scale < 9;
    if (exact && decimal_multiply(quotient, b, &product, &err) && decimal_add(product, rest, &sum, &err) &&
        sum.scale < 20)
        require(decimal_compare(sum, a) == 0);
    if (decimal_divide(a, b, &quotient, &err))
        check_forms(quotient);
}

static void check_pair(Value a, Value b)
{
    Value c, d;
    Error err = {0};
    if (decimal_add(a, b, &c, &err)) {
        check_forms(c);
        require(decimal_add(b, a, &d, &err) && decimal_compare(c, d) == 0);
    }
    if (decimal_multiply(a, b, &c, &err)) {
        check_forms(c);
        require(decimal_multiply(b, a, &d, &err) && decimal_compare(c, d) == 0);
    }
    if (decimal_subtract(a, b, &c, &err) && c.scale == (a.scale > b.scale ? a.scale : b.scale))
        require(decimal_compare(a, b) == (c.negative ? -1 : !decimal_is_zero(c)));
    check_division(a, b);
    if (decimal_power(a, b, &c, &err))
        check_forms(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str second = str_of((const char *)data, size), first = str_cut(&second, '|');
    Value a, b;
    Error err = {0};
    for (int comma = 0; comma < 2; comma++) {
        if (decimal_parse_figure(first, comma, &a, &err))
            check_forms(a);
    }
    if (!decimal_parse(first, &a, &err))
        return 0;
    check_forms(a);
    for (int how = ROUND_HALF_EVEN; how <= ROUND_CEILING; how++) {
        if (decimal_round(a, (int)(size % 57) - 28, (Rounding)how, &b, &err))
            check_forms(b);
    }
    if (decimal_parse(second, &b, &err))
        check_pair(a, b);
    return 0;
}
