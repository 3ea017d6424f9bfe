/* base/buf.h: bytes that grow.
 *
 * In an arena when `arena` is set, else on the heap (then buf_done gives them back). A zeroed Buf is empty. */
#ifndef CLERKWORK_BASE_BUF_H
#define CLERKWORK_BASE_BUF_H

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"

typedef struct Buf {
    char *data;
    size_t len, cap;
    Arena *arena;
} Buf;

static inline Buf buf_in(Arena *arena)
{
    return (Buf){.arena = arena};
}
void buf_reserve(Buf *buf, size_t more); /* room for `more` bytes past len */
static inline void buf_char(Buf *buf, char c)
{
    if (buf->len == buf->cap)
        buf_reserve(buf, 1);
    buf->data[buf->len++] = c;
}
static inline void buf_add(Buf *buf, const void *data, size_t len)
{
    if (len == 0)
        return;
    if (buf->cap - buf->len < len)
        buf_reserve(buf, len);
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}
static inline void buf_str(Buf *buf, Str s)
{
    buf_add(buf, s.data, s.len);
}
void buf_printf(Buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(Buf *buf, const char *format, va_list args);
void buf_u32(Buf *buf, uint32_t n); /* little endian, 4 bytes */
void buf_u64(Buf *buf, uint64_t n);
void buf_varint(Buf *buf, uint64_t n); /* LEB128 */
static inline Str buf_view(const Buf *buf)
{
    return (Str){buf->data, buf->len};
}
Str buf_end(Buf *buf); /* the content for good: an arena has the room behind it back where that is the newest */
void buf_done(Buf *buf);

/* Reading what was written that way; a reader that ran past its end stays at the end with failed = true. */
typedef struct Reader {
    const unsigned char *next, *end;
    bool failed;
} Reader;
static inline Reader reader_of(Str s)
{
    return (Reader){(const unsigned char *)s.data, (const unsigned char *)s.data + s.len, false};
}
uint8_t read_u8(Reader *reader);
uint32_t read_u32(Reader *reader);
uint64_t read_u64(Reader *reader);
uint64_t read_varint(Reader *reader);
Str read_bytes(Reader *reader, size_t len); /* a view into the source */

#endif
