/* value/decimal.h: exact decimal arithmetic on VALUE_NUMBER (96-bit magnitude, scale 0-28, sign).
 *
 * Results are exact when they fit; else rounded half-even to the largest scale ≤ 28 whose magnitude fits 96 bits.
 * Trailing zeros: add and subtract keep the larger scale of the two, multiply the sum of scales (reduced only as far
 * as needed to fit), divide gives the shortest exact quotient when there is one, else 28 significant digits as they fit.
 * Overflow (more than 96 bits at scale 0) and division by zero fail with OUT_OF_RANGE and INVALID_ARGUMENT. */
#ifndef CLERKWORK_VALUE_DECIMAL_H
#define CLERKWORK_VALUE_DECIMAL_H

#include "value/value.h"

MUST_USE bool decimal_add(Value a, Value b, Value *out, Error *err);
MUST_USE bool decimal_subtract(Value a, Value b, Value *out, Error *err);
MUST_USE bool decimal_multiply(Value a, Value b, Value *out, Error *err);
MUST_USE bool decimal_divide(Value a, Value b, Value *out, Error *err);
/* Python's // and %: floor division, the remainder has the divisor's sign. */
MUST_USE bool decimal_floor_divide(Value a, Value b, Value *out, Error *err);
MUST_USE bool decimal_modulo(Value a, Value b, Value *out, Error *err);
MUST_USE bool decimal_power(Value a, Value b, Value *out, Error *err); /* whole exponents, |b| ≤ 999 */
Value decimal_negate(Value a);
Value decimal_abs(Value a);
int decimal_compare(Value a, Value b);
bool decimal_is_zero(Value a);
bool decimal_is_whole(Value a);

typedef enum Rounding { ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN, ROUND_UP, ROUND_FLOOR, ROUND_CEILING } Rounding;
/* To `places` digits after the point, 0-28 (negative rounds to tens, hundreds, …). */
MUST_USE bool decimal_round(Value a, int places, Rounding how, Value *out, Error *err);
Value decimal_strip_zeros(Value a); /* 1.500 → 1.5 */

/* A plain number literal: -?digits[.digits][e±digits], as in SPy and JSON. Refuses what does not fit exactly. */
MUST_USE bool decimal_parse(Str text, Value *out, Error *err);
/* "1250.00", "-0.5"; at most 32 bytes. */
size_t decimal_format(Value a, char out[32]);

/* Money and figures as people write them in files: "1,250.00", "$120.20", "(17.50)", "1.250,00 EUR", " 99 ". `decimal_comma` says
 * which of , and . the workspace reads as the decimal symbol. INVALID_ARGUMENT with the reason when it is not clearly a number
 * (a lone separator followed by exactly three digits is a thousands separator only where it is not the decimal symbol). */
MUST_USE bool decimal_parse_figure(Str text, bool decimal_comma, Value *out, Error *err);

/* The wire's lo/mid/hi/flags (semantics.md 5): flags holds the scale in bits 16-23 and the sign in bit 31. */
typedef struct DecimalWire {
    uint32_t lo, mid, hi, flags;
} DecimalWire;
DecimalWire decimal_to_wire(Value a);
MUST_USE bool decimal_from_wire(DecimalWire wire, Value *out, Error *err);

#endif
