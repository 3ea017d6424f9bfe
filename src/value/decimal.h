/* value/decimal.h: exact decimal arithmetic on VALUE_NUMBER (96-bit magnitude, scale 0-28, sign).
 *
 * Results are exact when they fit; else rounded half-even to the largest scale ≤ 28 whose magnitude fits 96 bits.
 * Trailing zeros: add and subtract keep the larger scale of the two, multiply the sum of scales (reduced only as far
 * as needed to fit), divide gives the shortest exact quotient when there is one.
 * Overflow (more than 96 bits at scale 0) and division by zero fail with OUT_OF_RANGE and INVALID_ARGUMENT. */
#ifndef CLERKWORK_VALUE_DECIMAL_H
#define CLERKWORK_VALUE_DECIMAL_H

#include "value/value.h"

/* The whole way, for operands of different scales or more than 64 bits; callers use the functions below. */
MUST_USE bool decimal_add_wide(Value a, Value b, Value *out, Error *err);
MUST_USE bool decimal_multiply_wide(Value a, Value b, Value *out, Error *err);
int decimal_compare_wide(Value a, Value b);

/* Most sums of a program are of whole numbers, or of amounts with equally many places, and fit 64 bits. */
static inline bool decimal_is_quick_pair(Value a, Value b)
{
    return a.scale == b.scale && (a.high | b.high) == 0;
}

static inline Value decimal_negate(Value a)
{
    a.negative = (a.low | a.high) != 0 && !a.negative;
    return a;
}

MUST_USE static inline bool decimal_add(Value a, Value b, Value *out, Error *err)
{
    if (!decimal_is_quick_pair(a, b))
        return decimal_add_wide(a, b, out, err);
    uint64_t low;
    if (a.negative == b.negative) {
        uint32_t carry = __builtin_add_overflow(a.low, b.low, &low);
        value_put_number(out, low, carry, a.scale, a.negative);
    } else {
        bool borrow = __builtin_sub_overflow(a.low, b.low, &low);
        low = borrow ? -low : low;
        value_put_number(out, low, 0, a.scale, low != 0 && (borrow ? b.negative : a.negative));
    }
    return true;
}

MUST_USE static inline bool decimal_subtract(Value a, Value b, Value *out, Error *err)
{
    return decimal_add(a, decimal_negate(b), out, err);
}

MUST_USE static inline bool decimal_multiply(Value a, Value b, Value *out, Error *err)
{
    Uint128 product = (Uint128)a.low * b.low;
    if ((a.high | b.high | (uint32_t)(product >> 96)) != 0 || a.scale + b.scale > 28)
        return decimal_multiply_wide(a, b, out, err);
    value_put_number(out, (uint64_t)product, (uint32_t)(product >> 64), (uint8_t)(a.scale + b.scale),
                     a.negative != b.negative && product != 0);
    return true;
}

static inline int decimal_compare(Value a, Value b)
{
    if (!decimal_is_quick_pair(a, b) || a.negative != b.negative)
        return decimal_compare_wide(a, b);
    int order = (a.low > b.low) - (a.low < b.low);
    return a.negative ? -order : order;
}

MUST_USE bool decimal_divide(Value a, Value b, Value *out, Error *err);
/* Python's // and %: floor division, the remainder has the divisor's sign. */
MUST_USE bool decimal_floor_divide(Value a, Value b, Value *out, Error *err);
MUST_USE bool decimal_modulo(Value a, Value b, Value *out, Error *err);
/* Whole exponents, |b| ≤ 999. A power that does not fit exactly has 24 right digits at least: each of its at most
 * twenty multiplications rounds. */
MUST_USE bool decimal_power(Value a, Value b, Value *out, Error *err);
Value decimal_abs(Value a);
static inline bool decimal_is_zero(Value a)
{
    return (a.low | a.high) == 0;
}
bool decimal_is_whole(Value a); /* 5.00 is */

typedef enum Rounding { ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN, ROUND_UP, ROUND_FLOOR, ROUND_CEILING } Rounding;
/* To `places` digits after the point, -28 to 28 (negative rounds to tens, hundreds, …). Fewer digits are filled with
 * zeros as far as they fit: 1.5 to 2 places is 1.50. */
MUST_USE bool decimal_round(Value a, int places, Rounding how, Value *out, Error *err);
Value decimal_strip_zeros(Value a); /* 1.500 → 1.5 */

/* A plain number literal: -?digits[.digits][e±digits], as in SPy and JSON. Refuses what does not fit exactly. */
MUST_USE bool decimal_parse(Str text, Value *out, Error *err);
/* "1250.00", "-0.5"; at most 32 bytes. */
size_t decimal_format(Value a, char out[32]);

/* Money and figures as people write them in files: "1,250.00", "$120.20", "(17.50)", "1.250,00 EUR", " 99 ".
 * `decimal_comma` says which of , and . the workspace reads as the decimal symbol. INVALID_ARGUMENT with the reason
 * when it is not clearly a number (a lone separator followed by exactly three digits is a thousands separator only
 * where it is not the decimal symbol). */
MUST_USE bool decimal_parse_figure(Str text, bool decimal_comma, Value *out, Error *err);
/* Which currency a figure names, if any: padded with NULs. "€" is EUR, "£" GBP, "$" and "US$" USD; other signs stay. */
#define FIGURE_CURRENCY 8
bool figure_currency(Str text, char out[FIGURE_CURRENCY]);

/* The wire's lo/mid/hi/flags (semantics.md 5): flags holds the scale in bits 16-23 and the sign in bit 31. */
typedef struct DecimalWire {
    uint32_t lo, mid, hi, flags;
} DecimalWire;
DecimalWire decimal_to_wire(Value a);
MUST_USE bool decimal_from_wire(DecimalWire wire, Value *out, Error *err);

#endif
