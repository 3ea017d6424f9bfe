/* value/duration.c: a duration is kept rounded down; what is printed is its size with a sign in front. */
#include "value/duration.h"

/* The fraction's digits as nanoseconds: 1-9 of them. */
static bool parse_nanos(Str digits, int32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < 9; i++) {
        int digit = i < digits.len ? digits.data[i] - '0' : 0;
        if (digit < 0 || digit > 9)
            return false;
        *out = *out * 10 + digit;
    }
    return digits.len >= 1 && digits.len <= 9;
}

bool duration_value_parse(Str text, Value *out)
{
    static const int64_t seconds_most = INT64_C(315576000000); /* protobuf's: 10,000 years */
    if (!str_ends(text, S("s")))
        return false;
    Str rest = str_slice(text, 0, text.len - 1);
    bool negative = str_starts(rest, S("-"));
    Str fraction = str_skip(rest, negative), whole = str_cut(&fraction, '.');
    int64_t seconds;
    int32_t nanos = 0;
    if (str_starts(whole, S("-")) || !str_to_i64(whole, &seconds) || seconds > seconds_most)
        return false;
    if (fraction.data && !parse_nanos(fraction, &nanos))
        return false;
    *out = negative ? value_duration(-seconds, -nanos) : value_duration(seconds, nanos);
    return true;
}

typedef struct Size {
    bool negative;
    uint64_t seconds;
    uint32_t nanos;
} Size;

static Size size_of(Value duration)
{
    bool negative = duration.seconds < 0;
    uint64_t seconds = negative ? -(uint64_t)duration.seconds : (uint64_t)duration.seconds;
    uint32_t nanos = duration.high;
    if (negative && nanos > 0) {
        seconds--;
        nanos = 1000000000 - nanos;
    }
    return (Size){negative, seconds, nanos};
}

void nanos_print(Buf *out, uint32_t nanos)
{
    if (nanos == 0)
        return;
    int digits = 9;
    for (; nanos % 10 == 0; nanos /= 10)
        digits--;
    buf_printf(out, ".%0*u", digits, nanos);
}

void duration_value_print(Buf *out, Value duration)
{
    Size size = size_of(duration);
    buf_printf(out, "%s%llu", size.negative ? "-" : "", (unsigned long long)size.seconds);
    nanos_print(out, size.nanos);
    buf_char(out, 's');
}

void duration_clock_print(Buf *out, Value duration)
{
    Size size = size_of(duration);
    buf_printf(out, "%s%llu:%02u", size.negative ? "-" : "", (unsigned long long)(size.seconds / 3600),
               (unsigned)(size.seconds / 60 % 60));
    if (size.seconds % 60 > 0 || size.nanos > 0)
        buf_printf(out, ":%02u", (unsigned)(size.seconds % 60));
    nanos_print(out, size.nanos);
}
