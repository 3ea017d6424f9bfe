/* base/str.h: text that carries its length.
 *
 * A Str is a view: two words, passed by value, never owning. Cutting one copies nothing. The bytes are
 * UTF-8 wherever they came from outside (checked at the door); a trailing NUL exists only at the doorstep
 * of a C library (str_to_c). An empty Str may have data == NULL. */
#ifndef CLERKWORK_BASE_STR_H
#define CLERKWORK_BASE_STR_H

#include <string.h>

#include "base/macros.h"

typedef struct Arena Arena;

typedef struct Str {
    const char *data;
    size_t len;
} Str;

#define S(literal) ((Str){"" literal, sizeof(literal) - 1})
/* For static tables, where a compound literal is not a constant: { S_INIT("name"), … }. */
#define S_INIT(literal)                                                                                                \
    {                                                                                                                  \
        "" literal, sizeof(literal) - 1                                                                                \
    }
/* For printf's "%.*s". Longer than INT_MAX is cut. Its argument is evaluated twice: no str_cut in it. */
#define STR_ARG(s) (int)MIN_OF((s).len, (size_t)INT32_MAX), ((s).data ? (s).data : "")

Str str_from_c(const char *text); /* NULL gives the empty Str */
static inline Str str_of(const char *data, size_t len)
{
    return (Str){data, len};
}

static inline bool str_eq(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || (*a.data == *b.data && memcmp(a.data, b.data, a.len) == 0));
}
bool str_eq_fold(Str a, Str b); /* ASCII letters compare without case */
int str_compare(Str a, Str b);  /* by bytes, as memcmp; a prefix sorts first */
uint64_t str_hash(Str s);       /* same in every process: may be stored */
/* Differs from process to process: for tables in memory whose keys strangers choose. */
uint64_t str_hash_secret(Str s);

static inline bool str_starts(Str s, Str prefix)
{
    return s.len >= prefix.len && str_eq(str_of(s.data, prefix.len), prefix);
}
bool str_ends(Str s, Str suffix);
bool str_contains(Str s, Str part);
ptrdiff_t str_find(Str s, Str part); /* byte offset of the first `part`, -1 without one */
ptrdiff_t str_find_char(Str s, char c);
ptrdiff_t str_find_last_char(Str s, char c);

Str str_slice(Str s, size_t from, size_t to); /* clamps both to the text: never out of bounds */
/* At most `most` bytes of it, never half a character: for messages. */
static inline Str str_clip(Str s, size_t most)
{
    if (s.len <= most)
        return s;
    while (most > 0 && ((unsigned char)s.data[most] & 0xc0) == 0x80)
        most--;
    return (Str){s.data, most};
}
/* Without the first n bytes; empty when shorter. */
static inline Str str_skip(Str s, size_t n)
{
    return str_slice(s, n, s.len);
}
Str str_trim(Str s); /* without ASCII white space at both ends */
/* The part after `inside`, which points into s. */
Str str_after(Str s, const char *inside);
/* Cuts `*rest` at the first `separator`: gives what stands before it and leaves what stands after; when
 * there is none, gives all and leaves `*rest` empty with data == NULL. */
Str str_cut(Str *rest, char separator);

/* Whole decimal numbers with an optional minus; false on anything else or overflow. */
MUST_USE bool str_to_i64(Str s, int64_t *out);

Str str_copy(Arena *arena, Str s);
const char *str_to_c(Arena *arena, Str s); /* a copy that ends in NUL; inner NULs stay */
Str str_printf(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
Str str_lower(Arena *arena, Str s); /* ASCII only */

#endif
