/* http/range.c: see the header. */
#include "http/range.h"

/* Digits alone; beyond 64 bits they mean the end of any file. */
static bool parse_offset(Str text, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text.data[i] - '0');
        n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
    }
    *out = n;
    return text.len > 0;
}

/* "-500": the last 500 bytes. */
static RangeAnswer parse_suffix(Str digits, uint64_t size, ByteRange *out)
{
    uint64_t last;
    if (!parse_offset(digits, &last))
        return RANGE_WHOLE;
    if (last == 0 || size == 0)
        return RANGE_UNSATISFIABLE;
    uint64_t length = MIN_OF(last, size);
    *out = (ByteRange){size - length, length};
    return RANGE_PART;
}

RangeAnswer range_parse(Str header, uint64_t size, ByteRange *out)
{
    *out = (ByteRange){0, size};
    Str rest = header;
    Str unit = str_cut(&rest, '=');
    if (!str_eq_fold(str_trim(unit), S("bytes")))
        return RANGE_WHOLE;
    Str last = str_trim(rest);
    if (str_find_char(last, '-') < 0)
        return RANGE_WHOLE;
    Str first = str_cut(&last, '-');
    if (first.len == 0)
        return parse_suffix(last, size, out);
    uint64_t from, to = UINT64_MAX;
    if (!parse_offset(first, &from) || (last.len > 0 && (!parse_offset(last, &to) || to < from)))
        return RANGE_WHOLE;
    if (from >= size)
        return RANGE_UNSATISFIABLE;
    *out = (ByteRange){from, MIN_OF(to, size - 1) - from + 1};
    return RANGE_PART;
}

Str range_content_range(Arena *arena, ByteRange range, uint64_t size)
{
    return str_printf(arena, "bytes %llu-%llu/%llu", (unsigned long long)range.offset,
                      (unsigned long long)(range.offset + range.length - 1), (unsigned long long)size);
}

Str range_content_range_none(Arena *arena, uint64_t size)
{
    return str_printf(arena, "bytes */%llu", (unsigned long long)size);
}
