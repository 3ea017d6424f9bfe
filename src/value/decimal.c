/* value/decimal.c: arithmetic on 96-bit magnitudes, through 192 bits where that is needed.
 *
 * A magnitude brought to a common scale has at most 96 + 28 · log2(10) < 190 bits, and a product of two has 192: three
 * words hold every intermediate result exactly, so that each operation rounds once, at its end. */
#include "value/decimal.h"

enum { SCALE_MOST = 28 };

#define MAGNITUDE_MOST (((Uint128)1 << 96) - 1)

static const uint64_t powers[] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
    10000000000000000u,
    100000000000000000u,
    1000000000000000000u,
    10000000000000000000u,
};
enum { POWER_MOST = COUNT_OF(powers) - 1 };

static Uint128 magnitude_of(Value v)
{
    return (Uint128)v.high << 64 | v.low;
}

static Value number(Uint128 magnitude, int scale, bool negative)
{
    assert(magnitude <= MAGNITUDE_MOST && scale >= 0 && scale <= SCALE_MOST);
    return (Value){
        .low = (uint64_t)magnitude,
        .high = (uint32_t)(magnitude >> 64),
        .kind = VALUE_NUMBER,
        .scale = (uint8_t)scale,
        .negative = negative && magnitude != 0,
    };
}

static bool too_large(Error *err)
{
    return error_set(err, OUT_OF_RANGE, "",
                     "the result has more than 28 digits before the decimal point, the most that a number holds");
}

static bool zero_divisor(Error *err)
{
    return error_set(err, INVALID_ARGUMENT, "", "a division by zero has no result; check the divisor first");
}

/* ---- 192 bits ---- */

typedef struct Wide {
    uint64_t word[3]; /* lowest first */
} Wide;

static Wide wide_of(Uint128 n)
{
    return (Wide){{(uint64_t)n, (uint64_t)(n >> 64), 0}};
}

static Wide wide_multiply_word(Wide a, uint64_t factor)
{
    Uint128 carry = 0;
    for (int i = 0; i < 3; i++) {
        carry += (Uint128)a.word[i] * factor;
        a.word[i] = (uint64_t)carry;
        carry >>= 64;
    }
    assert(carry == 0);
    return a;
}

static Wide wide_multiply_power(Wide a, int power)
{
    for (; power > POWER_MOST; power -= POWER_MOST)
        a = wide_multiply_word(a, powers[POWER_MOST]);
    return power > 0 ? wide_multiply_word(a, powers[power]) : a;
}

static Wide wide_multiply(Uint128 a, Uint128 b)
{
    Wide low = wide_multiply_word(wide_of(a), (uint64_t)b), high = wide_multiply_word(wide_of(a), (uint64_t)(b >> 64));
    Uint128 middle = (Uint128)low.word[1] + high.word[0];
    Uint128 top = (Uint128)low.word[2] + high.word[1] + (uint64_t)(middle >> 64);
    return (Wide){{low.word[0], (uint64_t)middle, (uint64_t)top}};
}

static Wide wide_add(Wide a, Wide b)
{
    Uint128 carry = 0;
    for (int i = 0; i < 3; i++) {
        carry += (Uint128)a.word[i] + b.word[i];
        a.word[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

/* a ≥ b. */
static Wide wide_subtract(Wide a, Wide b)
{
    bool borrow = false;
    for (int i = 0; i < 3; i++) {
        bool first = __builtin_sub_overflow(a.word[i], b.word[i], &a.word[i]);
        bool second = __builtin_sub_overflow(a.word[i], (uint64_t)borrow, &a.word[i]);
        borrow = first || second;
    }
    assert(!borrow);
    return a;
}

static int wide_compare(Wide a, Wide b)
{
    for (int i = 2; i >= 0; i--) {
        if (a.word[i] != b.word[i])
            return a.word[i] < b.word[i] ? -1 : 1;
    }
    return 0;
}

/* (high · 2^64 + low) / divisor, where high < divisor: the quotient is one word. */
static inline uint64_t divide_word(uint64_t high, uint64_t low, uint64_t divisor, uint64_t *remainder)
{
#if defined(__x86_64__)
    uint64_t quotient;
    __asm__("divq %4" : "=a"(quotient), "=d"(*remainder) : "a"(low), "d"(high), "r"(divisor) : "cc");
    return quotient;
#else
    Uint128 n = (Uint128)high << 64 | low;
    *remainder = (uint64_t)(n % divisor);
    return (uint64_t)(n / divisor);
#endif
}

static uint64_t wide_divide_word(Wide *a, uint64_t divisor)
{
    uint64_t remainder = 0;
    for (int i = 2; i >= 0; i--)
        a->word[i] = divide_word(remainder, a->word[i], divisor, &remainder);
    return remainder;
}

static bool wide_fits(Wide a)
{
    return a.word[2] == 0 && a.word[1] <= UINT32_MAX;
}

static Uint128 wide_low(Wide a)
{
    return (Uint128)a.word[1] << 64 | a.word[0];
}

static int wide_bits(Wide a)
{
    for (int i = 2; i >= 0; i--) {
        if (a.word[i] > 0)
            return 64 * i + 64 - __builtin_clzll(a.word[i]);
    }
    return 0;
}

/* ---- rounding ---- */

/* What was cut off: nothing, less than half a unit, exactly half, more. */
typedef enum Cut { CUT_NOTHING, CUT_LESS, CUT_HALF, CUT_MORE } Cut;

static Cut cut_of(uint64_t remainder, uint64_t divisor, bool more_below)
{
    if (remainder == 0)
        return more_below ? CUT_LESS : CUT_NOTHING;
    uint64_t rest = divisor - remainder;
    if (remainder != rest)
        return remainder < rest ? CUT_LESS : CUT_MORE;
    return more_below ? CUT_MORE : CUT_HALF;
}

static bool rounds_up(Cut cut, Rounding how, bool odd, bool negative)
{
    switch (how) {
    case ROUND_HALF_EVEN: return cut == CUT_MORE || (cut == CUT_HALF && odd);
    case ROUND_HALF_UP: return cut >= CUT_HALF;
    case ROUND_DOWN: return false;
    case ROUND_UP: return cut != CUT_NOTHING;
    case ROUND_FLOOR: return cut != CUT_NOTHING && negative;
    case ROUND_CEILING: return cut != CUT_NOTHING && !negative;
    }
    return false;
}

/* Divides by 10^power, power ≤ 57, and says what was cut off. */
static Cut wide_divide_power(Wide *a, int power)
{
    bool more_below = false;
    for (; power > POWER_MOST; power -= POWER_MOST)
        more_below |= wide_divide_word(a, powers[POWER_MOST]) != 0;
    return power > 0 ? cut_of(wide_divide_word(a, powers[power]), powers[power], more_below) : CUT_NOTHING;
}

/* How many digits must go at least, so that 96 bits hold the rest. Rounding up may ask for one more. */
static int digits_too_many(Wide a)
{
    int bits = wide_bits(a) - 96;
    int power = bits > 0 ? bits * 1233 >> 12 : 0; /* log10(2), rounded down: never too many */
    for (;; power++) {
        Wide rest = a;
        wide_divide_power(&rest, power);
        if (wide_fits(rest))
            return power;
    }
}

/* The value of a · 10^-scale, where scale may exceed 28: rounded half-even once, as little as possible. */
static bool number_from_wide(Wide a, int scale, bool negative, Value *out, Error *err)
{
    int power = MAX_OF(digits_too_many(a), scale - SCALE_MOST);
    for (;; power++) {
        if (power > scale)
            return too_large(err);
        Wide rest = a;
        Cut cut = wide_divide_power(&rest, power);
        if (rounds_up(cut, ROUND_HALF_EVEN, rest.word[0] & 1, negative))
            rest = wide_add(rest, wide_of(1));
        if (wide_fits(rest)) {
            *out = number(wide_low(rest), scale - power, negative);
            return true;
        }
    }
}

/* ---- adding, comparing, multiplying ---- */

static Wide at_scale(Value v, int scale)
{
    return wide_multiply_power(wide_of(magnitude_of(v)), scale - v.scale);
}

bool decimal_add_wide(Value a, Value b, Value *out, Error *err)
{
    int scale = MAX_OF(a.scale, b.scale);
    Wide wide_a = at_scale(a, scale), wide_b = at_scale(b, scale);
    if (a.negative == b.negative)
        return number_from_wide(wide_add(wide_a, wide_b), scale, a.negative, out, err);
    if (wide_compare(wide_a, wide_b) >= 0)
        return number_from_wide(wide_subtract(wide_a, wide_b), scale, a.negative, out, err);
    return number_from_wide(wide_subtract(wide_b, wide_a), scale, b.negative, out, err);
}

int decimal_compare_wide(Value a, Value b)
{
    if (a.negative != b.negative)
        return a.negative ? -1 : 1;
    int scale = MAX_OF(a.scale, b.scale);
    int order = wide_compare(at_scale(a, scale), at_scale(b, scale));
    return a.negative ? -order : order;
}

bool decimal_multiply_wide(Value a, Value b, Value *out, Error *err)
{
    Wide product = wide_multiply(magnitude_of(a), magnitude_of(b));
    return number_from_wide(product, a.scale + b.scale, a.negative != b.negative, out, err);
}

/* ---- dividing ---- */

/* A quotient on its way: quotient · 10^-scale, and remainder / divisor of a unit still to come. */
typedef struct Quotient {
    Uint128 quotient, remainder, divisor;
    int scale; /* may be below zero until enough digits are there */
} Quotient;

/* The next `digits` digits, at most 9: the remainder has less than 96 bits, so that 10^9 times it has less than 128.
 * False, with nothing changed, when the quotient would not fit. */
static bool add_digits(Quotient *q, int digits)
{
    Uint128 extended = q->remainder * powers[digits];
    Uint128 quotient = q->quotient * powers[digits] + extended / q->divisor;
    if (quotient > MAGNITUDE_MOST)
        return false;
    q->quotient = quotient;
    q->remainder = extended % q->divisor;
    q->scale += digits;
    return true;
}

static void add_digits_while_they_fit(Quotient *q)
{
    for (int digits = 9; digits > 0;) {
        bool wanted = q->scale < 0 || (q->remainder > 0 && q->scale < SCALE_MOST);
        if (!wanted)
            return;
        int limit = q->scale < 0 && q->remainder == 0 ? -q->scale : SCALE_MOST - q->scale;
        digits = MIN_OF(digits, limit);
        if (!add_digits(q, digits))
            digits--;
    }
}

static Uint128 strip(Uint128 magnitude, int *scale)
{
    while (*scale > 0 && magnitude % 10 == 0) {
        magnitude /= 10;
        --*scale;
    }
    return magnitude;
}

static Cut cut_of_quotient(const Quotient *q)
{
    Uint128 rest = q->divisor - q->remainder;
    if (q->remainder == 0)
        return CUT_NOTHING;
    return q->remainder < rest ? CUT_LESS : q->remainder == rest ? CUT_HALF : CUT_MORE;
}

static bool round_quotient(const Quotient *q, bool negative, Value *out, Error *err)
{
    if (!rounds_up(cut_of_quotient(q), ROUND_HALF_EVEN, q->quotient & 1, negative)) {
        *out = number(q->quotient, q->scale, negative);
        return true;
    }
    if (q->quotient < MAGNITUDE_MOST) {
        *out = number(q->quotient + 1, q->scale, negative);
        return true;
    }
    /* 2^96 - 1 ends in 5, and something follows it: without that digit it rounds up. */
    if (q->scale == 0)
        return too_large(err);
    *out = number(q->quotient / 10 + 1, q->scale - 1, negative);
    return true;
}

bool decimal_divide(Value a, Value b, Value *out, Error *err)
{
    if (decimal_is_zero(b))
        return zero_divisor(err);
    Uint128 dividend = magnitude_of(a), divisor = magnitude_of(b);
    Quotient q = {
        .quotient = dividend / divisor,
        .remainder = dividend % divisor,
        .divisor = divisor,
        .scale = a.scale - b.scale,
    };
    add_digits_while_they_fit(&q);
    if (q.scale < 0)
        return q.quotient == 0 && q.remainder == 0 ? (*out = value_int(0), true) : too_large(err);
    bool negative = a.negative != b.negative;
    if (q.remainder > 0)
        return round_quotient(&q, negative, out, err);
    q.quotient = strip(q.quotient, &q.scale);
    *out = number(q.quotient, q.scale, negative);
    return true;
}

/* a / b in whole units, bit by bit: rare operands only. */
static Wide wide_divide(Wide a, Wide b, Wide *remainder)
{
    Wide quotient = {0}, rest = {0};
    for (int i = wide_bits(a) - 1; i >= 0; i--) {
        rest = wide_add(rest, rest);
        rest.word[0] |= a.word[i / 64] >> (i % 64) & 1;
        if (wide_compare(rest, b) >= 0) {
            rest = wide_subtract(rest, b);
            quotient.word[i / 64] |= (uint64_t)1 << (i % 64);
        }
    }
    *remainder = rest;
    return quotient;
}

/* Floor division of magnitudes at one scale; b is not zero. */
typedef struct Floored {
    Wide quotient, remainder; /* of the result: the remainder has the divisor's sign */
    int scale;                /* of the remainder */
} Floored;

static Floored divide_floored(Value a, Value b)
{
    Floored result = {.scale = MAX_OF(a.scale, b.scale)};
    Wide wide_a = at_scale(a, result.scale), wide_b = at_scale(b, result.scale);
    if ((wide_b.word[1] | wide_b.word[2]) == 0) {
        result.quotient = wide_a;
        result.remainder = wide_of(wide_divide_word(&result.quotient, wide_b.word[0]));
    } else {
        result.quotient = wide_divide(wide_a, wide_b, &result.remainder);
    }
    bool is_exact = wide_bits(result.remainder) == 0;
    if (a.negative != b.negative && !is_exact) {
        result.quotient = wide_add(result.quotient, wide_of(1));
        result.remainder = wide_subtract(wide_b, result.remainder);
    }
    return result;
}

bool decimal_floor_divide(Value a, Value b, Value *out, Error *err)
{
    if (decimal_is_zero(b))
        return zero_divisor(err);
    return number_from_wide(divide_floored(a, b).quotient, 0, a.negative != b.negative, out, err);
}

bool decimal_modulo(Value a, Value b, Value *out, Error *err)
{
    if (decimal_is_zero(b))
        return zero_divisor(err);
    Floored result = divide_floored(a, b);
    return number_from_wide(result.remainder, result.scale, b.negative, out, err);
}

/* ---- powers ---- */

static bool power_of(Value base, int64_t exponent, Value *out, Error *err)
{
    Value result = value_int(1);
    for (int bit = 9; bit >= 0; bit--) { /* 999 has ten bits */
        if (!decimal_multiply(result, result, &result, err))
            return false;
        if ((exponent >> bit & 1) && !decimal_multiply(result, base, &result, err))
            return false;
    }
    *out = result;
    return true;
}

bool decimal_power(Value a, Value b, Value *out, Error *err)
{
    int64_t exponent;
    if (!value_to_int(b, &exponent) || exponent < -999 || exponent > 999) {
        char text[32];
        return error_set(err, INVALID_ARGUMENT, "", "the exponent is %.*s; it must be a whole number from -999 to 999",
                         (int)decimal_format(b, text), text);
    }
    if (exponent >= 0)
        return power_of(a, exponent, out, err);
    if (decimal_is_zero(a))
        return zero_divisor(err);
    Value below;
    if (power_of(a, -exponent, &below, err)) {
        /* A base below one may have vanished on the way: then its inverse is too large. */
        return decimal_is_zero(below) ? too_large(err) : decimal_divide(value_int(1), below, out, err);
    }
    /* One divided by what is too large for a number is nearer to zero than half of the smallest one. */
    error_clear(err);
    *out = number(0, SCALE_MOST, false);
    return true;
}

/* ---- one operand ---- */

Value decimal_abs(Value a)
{
    a.negative = 0;
    return a;
}

bool decimal_is_whole(Value a)
{
    return a.scale == 0 || decimal_strip_zeros(a).scale == 0;
}

Value decimal_strip_zeros(Value a)
{
    int scale = a.scale;
    if (a.high == 0) { /* one word divides faster */
        uint64_t low = a.low;
        for (; scale > 0 && low % 10 == 0; scale--)
            low /= 10;
        a.low = low;
        a.scale = (uint8_t)scale;
        return a;
    }
    Uint128 magnitude = strip(magnitude_of(a), &scale);
    return number(magnitude, scale, a.negative);
}

static bool widen_to(Value a, int places, Value *out)
{
    Uint128 magnitude = magnitude_of(a);
    int scale = a.scale;
    for (; scale < places && magnitude <= MAGNITUDE_MOST / 10; scale++)
        magnitude *= 10;
    *out = number(magnitude, scale, a.negative);
    return true;
}

/* The compiler divides by each of these constants with a multiplication, some ten times faster than by a variable. */
static uint64_t divide_low_power(uint64_t n, int power)
{
    switch (power) {
    case 1: return n / 10u;
    case 2: return n / 100u;
    case 3: return n / 1000u;
    case 4: return n / 10000u;
    case 5: return n / 100000u;
    case 6: return n / 1000000u;
    default: return n / powers[power];
    }
}

bool decimal_round(Value a, int places, Rounding how, Value *out, Error *err)
{
    assert(places >= -SCALE_MOST && places <= SCALE_MOST);
    int power = a.scale - places;
    if (power <= 0)
        return widen_to(a, places, out);
    if (a.high == 0 && power <= POWER_MOST && places >= 0) {
        uint64_t low = divide_low_power(a.low, power);
        Cut cut = cut_of(a.low - low * powers[power], powers[power], false);
        low += rounds_up(cut, how, low & 1, a.negative);
        value_put_number(out, low, 0, (uint8_t)places, a.negative && low != 0);
        return true;
    }
    Wide rest = wide_of(magnitude_of(a));
    Cut cut = wide_divide_power(&rest, power);
    if (rounds_up(cut, how, rest.word[0] & 1, a.negative))
        rest = wide_add(rest, wide_of(1));
    int tens = places < 0 ? -places : 0;
    return number_from_wide(wide_multiply_power(rest, tens), MAX_OF(places, 0), a.negative, out, err);
}

/* ---- text ---- */

/* Digits on their way to a number: significant · 10^(zeros - scale). Zeros wait until another digit shows that they
 * count. */
typedef struct Literal {
    Uint128 significant;
    int64_t zeros, scale;
    bool negative, too_long;
} Literal;

static void literal_digit(Literal *literal, int digit)
{
    if (digit == 0) {
        literal->zeros += literal->significant != 0;
        return;
    }
    for (; literal->zeros >= 0; literal->zeros--) {
        literal->too_long |= literal->significant > MAGNITUDE_MOST / 10;
        if (literal->too_long)
            return;
        literal->significant *= 10;
    }
    literal->zeros = 0;
    literal->significant += (Uint128)digit;
}

/* Takes digits off the front; how many. */
static size_t take_digits(Literal *literal, Str *rest, bool after_point)
{
    size_t count = 0;
    for (; count < rest->len; count++) {
        int digit = rest->data[count] - '0';
        if (digit < 0 || digit > 9)
            break;
        literal_digit(literal, digit);
    }
    literal->scale += after_point ? (int64_t)count : 0;
    *rest = str_skip(*rest, count);
    return count;
}

static bool take_exponent(Literal *literal, Str rest)
{
    if (rest.len == 0)
        return true;
    if ((rest.data[0] | 0x20) != 'e')
        return false;
    rest = str_skip(rest, 1);
    if (rest.len > 1 && rest.data[0] == '+' && rest.data[1] != '-')
        rest = str_skip(rest, 1);
    int64_t exponent;
    if (rest.len > 6 || !str_to_i64(rest, &exponent))
        return false;
    literal->scale -= exponent;
    return true;
}

static bool read_literal(Str text, Literal *literal)
{
    literal->negative = text.len > 0 && text.data[0] == '-';
    Str rest = literal->negative ? str_skip(text, 1) : text;
    if (take_digits(literal, &rest, false) == 0)
        return false;
    if (rest.len > 0 && rest.data[0] == '.') {
        rest = str_skip(rest, 1);
        if (take_digits(literal, &rest, true) == 0)
            return false;
    }
    return take_exponent(literal, rest);
}

/* The scale as written where it fits, else the nearest that holds all digits. */
static bool number_from_literal(const Literal *literal, Value *out)
{
    int64_t scale = MAX_OF(MIN_OF(literal->scale, SCALE_MOST), 0);
    if (literal->significant == 0) {
        *out = number(0, (int)scale, false);
        return true;
    }
    int64_t power = literal->zeros - literal->scale + scale;
    if (literal->too_long || literal->significant > MAGNITUDE_MOST || power < 0 || power > 200000)
        return false;
    Uint128 magnitude = literal->significant;
    int64_t applied = 0;
    for (; applied < power && magnitude <= MAGNITUDE_MOST / 10; applied++)
        magnitude *= 10;
    if (power - applied > scale)
        return false;
    *out = number(magnitude, (int)(scale - (power - applied)), literal->negative);
    return true;
}

bool decimal_parse(Str text, Value *out, Error *err)
{
    Literal literal = {0};
    if (!read_literal(text, &literal))
        return error_set(err, INVALID_ARGUMENT, "", "`%.*s` is not a number; write digits such as 1250 or -0.5",
                         (int)MIN_OF(text.len, 80u), text.data ? text.data : "");
    if (!number_from_literal(&literal, out))
        return error_set(err, INVALID_ARGUMENT, "",
                         "`%.*s` does not fit a number exactly: at most 28 digits, 28 of them after the point",
                         (int)MIN_OF(text.len, 80u), text.data ? text.data : "");
    return true;
}

size_t decimal_format(Value a, char out[32])
{
    char digits[30];
    int count = 0;
    Uint128 rest = magnitude_of(a);
    while (rest > UINT64_MAX) {
        digits[count++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    for (uint64_t low = (uint64_t)rest; low > 0; low /= 10)
        digits[count++] = (char)('0' + low % 10);
    while (count <= a.scale)
        digits[count++] = '0';
    size_t len = 0;
    if (a.negative)
        out[len++] = '-';
    while (count > 0) {
        if (count == a.scale)
            out[len++] = '.';
        out[len++] = digits[--count];
    }
    return len;
}

/* ---- wire ---- */

DecimalWire decimal_to_wire(Value a)
{
    return (DecimalWire){
        .lo = (uint32_t)a.low,
        .mid = (uint32_t)(a.low >> 32),
        .hi = a.high,
        .flags = (uint32_t)a.scale << 16 | (uint32_t)a.negative << 31,
    };
}

bool decimal_from_wire(DecimalWire wire, Value *out, Error *err)
{
    uint32_t scale = wire.flags >> 16 & 0xff;
    if ((wire.flags & 0x7f00ffffu) != 0 || scale > SCALE_MOST)
        return error_set(err, INVALID_ARGUMENT, "flags",
                         "flags is %u; bits 16-23 hold the scale (0-28), bit 31 the sign, all others must be zero",
                         wire.flags);
    Uint128 magnitude = (Uint128)wire.hi << 64 | (Uint128)wire.mid << 32 | wire.lo;
    *out = number(magnitude, (int)scale, wire.flags >> 31);
    return true;
}
