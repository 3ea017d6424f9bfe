/* base/buf.c: bytes that grow, and their reading back. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

static void *heap_grow(void *old, size_t size)
{
    void *data = realloc(old, size);
    if (!data) {
        fprintf(stderr, "clerkwork: the system refused %zu bytes of memory; stopping\n", size);
        abort();
    }
    return data;
}

void buf_reserve(Buf *buf, size_t more)
{
    if (buf->cap - buf->len >= more)
        return;
    size_t least;
    if (__builtin_add_overflow(buf->len, more, &least) || least > SIZE_MAX / 2)
        least = SIZE_MAX; /* refused below, with the reason said */
    size_t cap = least == SIZE_MAX ? least : MAX_OF(MAX_OF(2 * buf->cap, least), (size_t)64);
    buf->data = buf->arena ? arena_grow(buf->arena, buf->data, buf->cap, cap, 1) : heap_grow(buf->data, cap);
    buf->cap = cap;
}

void buf_vprintf(Buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int len = vsnprintf(room > 0 ? buf->data + buf->len : NULL, room, format, args);
    assert(len >= 0);
    if ((size_t)len >= room) {
        buf_reserve(buf, (size_t)len + 1);
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
    }
    va_end(again);
    buf->len += (size_t)len;
}

void buf_printf(Buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

static void add_little_endian(Buf *buf, uint64_t n, size_t width)
{
    buf_reserve(buf, width);
    for (size_t i = 0; i < width; i++)
        buf->data[buf->len++] = (char)(n >> (8 * i));
}

void buf_u32(Buf *buf, uint32_t n)
{
    add_little_endian(buf, n, 4);
}

void buf_u64(Buf *buf, uint64_t n)
{
    add_little_endian(buf, n, 8);
}

void buf_varint(Buf *buf, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_char(buf, (char)(n | 0x80));
    buf_char(buf, (char)n);
}

Str buf_end(Buf *buf)
{
    if (buf->arena)
        arena_shrink(buf->arena, buf->data, buf->cap, buf->len);
    buf->cap = buf->len;
    return buf_view(buf);
}

void buf_done(Buf *buf)
{
    if (!buf->arena)
        free(buf->data);
    *buf = (Buf){0};
}

static const unsigned char *advance(Reader *reader, size_t len)
{
    if (reader->failed || (size_t)(reader->end - reader->next) < len) {
        reader->failed = true;
        reader->next = reader->end;
        return NULL;
    }
    const unsigned char *from = reader->next;
    reader->next += len;
    return from;
}

uint8_t read_u8(Reader *reader)
{
    const unsigned char *from = advance(reader, 1);
    return from ? *from : 0;
}

static uint64_t read_little_endian(Reader *reader, size_t width)
{
    const unsigned char *from = advance(reader, width);
    uint64_t n = 0;
    for (size_t i = 0; from && i < width; i++)
        n |= (uint64_t)from[i] << (8 * i);
    return n;
}

uint32_t read_u32(Reader *reader)
{
    return (uint32_t)read_little_endian(reader, 4);
}

uint64_t read_u64(Reader *reader)
{
    return read_little_endian(reader, 8);
}

uint64_t read_varint(Reader *reader)
{
    uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint64_t byte = read_u8(reader);
        if (shift == 63 && byte > 1)
            break;
        n |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            return reader->failed ? 0 : n;
    }
    reader->failed = true;
    reader->next = reader->end;
    return 0;
}

Str read_bytes(Reader *reader, size_t len)
{
    const unsigned char *from = advance(reader, len);
    return from ? (Str){(const char *)from, len} : (Str){0};
}
