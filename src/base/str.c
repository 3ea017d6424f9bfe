/* base/str.c: comparing, searching and cutting views of text. */
#include "base/str.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"

Str str_from_c(const char *text)
{
    return text ? (Str){text, strlen(text)} : (Str){0};
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_fold(Str a, Str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    }
    return true;
}

int str_compare(Str a, Str b)
{
    size_t common = MIN_OF(a.len, b.len);
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Two multiplications a sixteen bytes, each folded to 64 bits: every input bit reaches every output bit. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    Uint128 product = (Uint128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load_le(const char *data, size_t len)
{
    uint64_t n = 0;
    if (len >= 8)
        memcpy(&n, data, 8);
    else if (len > 0)
        memcpy(&n, data, len);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    n = __builtin_bswap64(n);
#endif
    return n;
}

static uint64_t hash_bytes(Str s, uint64_t seed)
{
    static const uint64_t odd_1 = 0xa0761d6478bd642fu, odd_2 = 0xe7037ed1a0b428dbu;
    uint64_t hash = seed ^ fold(s.len ^ odd_1, odd_2);
    for (; s.len > 16; s = str_skip(s, 16))
        hash = fold(load_le(s.data, 8) ^ odd_1 ^ hash, load_le(s.data + 8, 8) ^ odd_2 ^ seed);
    uint64_t low = load_le(s.data, s.len);
    uint64_t high = s.len > 8 ? load_le(s.data + 8, s.len - 8) : 0;
    return fold(fold(low ^ odd_1 ^ hash, high ^ odd_2 ^ seed), odd_1);
}

uint64_t str_hash(Str s)
{
    return hash_bytes(s, 0);
}

/* Drawn once a process, so that nobody outside can choose keys that all fall into one slot. */
static uint64_t hash_secret;
static void draw_hash_secret(void)
{
    hash_secret = random_u64();
}

uint64_t str_hash_secret(Str s)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, draw_hash_secret);
    return hash_bytes(s, hash_secret);
}

bool str_ends(Str s, Str suffix)
{
    return s.len >= suffix.len && str_eq(str_skip(s, s.len - suffix.len), suffix);
}

bool str_contains(Str s, Str part)
{
    return str_find(s, part) >= 0;
}

ptrdiff_t str_find(Str s, Str part)
{
    if (part.len == 0)
        return 0;
    const char *found = s.len >= part.len ? memmem(s.data, s.len, part.data, part.len) : NULL;
    return found ? found - s.data : -1;
}

ptrdiff_t str_find_char(Str s, char c)
{
    const char *found = s.len > 0 ? memchr(s.data, c, s.len) : NULL;
    return found ? found - s.data : -1;
}

ptrdiff_t str_find_last_char(Str s, char c)
{
    const char *found = s.len > 0 ? memrchr(s.data, c, s.len) : NULL;
    return found ? found - s.data : -1;
}

Str str_slice(Str s, size_t from, size_t to)
{
    to = MIN_OF(to, s.len);
    from = MIN_OF(from, to);
    return s.data ? str_of(s.data + from, to - from) : (Str){0};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Str str_trim(Str s)
{
    while (s.len > 0 && is_space(s.data[0]))
        s = str_skip(s, 1);
    while (s.len > 0 && is_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

Str str_after(Str s, const char *inside)
{
    assert(inside >= s.data && inside < s.data + s.len);
    return str_skip(s, (size_t)(inside - s.data) + 1);
}

Str str_cut(Str *rest, char separator)
{
    Str all = *rest;
    ptrdiff_t at = str_find_char(all, separator);
    *rest = at < 0 ? (Str){0} : str_skip(all, (size_t)at + 1);
    return at < 0 ? all : str_slice(all, 0, (size_t)at);
}

bool str_to_i64(Str s, int64_t *out)
{
    bool negative = s.len > 0 && s.data[0] == '-';
    Str digits = negative ? str_skip(s, 1) : s;
    if (digits.len == 0)
        return false;
    int64_t n = 0; /* built below zero, where there is room for the smallest */
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digits.data[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, (int64_t)10, &n) ||
            __builtin_sub_overflow(n, (int64_t)digit, &n))
            return false;
    }
    if (!negative && n == INT64_MIN)
        return false;
    *out = negative ? n : -n;
    return true;
}

Str str_copy(Arena *arena, Str s)
{
    if (s.len == 0)
        return (Str){"", 0};
    return (Str){memcpy(arena_alloc_bytes(arena, s.len), s.data, s.len), s.len};
}

const char *str_to_c(Arena *arena, Str s)
{
    char *copy = arena_alloc_bytes(arena, s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.data, s.len);
    copy[s.len] = '\0';
    return copy;
}

Str str_printf(Arena *arena, const char *format, ...)
{
    Buf buf = buf_in(arena);
    va_list args;
    va_start(args, format);
    buf_vprintf(&buf, format, args);
    va_end(args);
    return buf_view(&buf);
}

Str str_lower(Arena *arena, Str s)
{
    char *data = arena_alloc_bytes(arena, s.len);
    for (size_t i = 0; i < s.len; i++)
        data[i] = lower(s.data[i]);
    return str_of(data, s.len);
}
