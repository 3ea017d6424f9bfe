/* base/deflate.c: DEFLATE, by zlib. */
#include "base/deflate.h"

#include <stdlib.h>
#define ZLIB_CONST /* its next_in points to bytes that it does not change */
#include <zlib.h>

enum { LEVEL = 6, SMALLEST_WINDOW = 9, LARGEST_WINDOW = 15, LARGEST_MEMORY = 8 };

/* The smallest window that sees all of it, as a power of two: what is set up for each call is then as small as that. */
static int window_of(size_t len)
{
    int bits = SMALLEST_WINDOW;
    while (bits < LARGEST_WINDOW && (size_t)1 << bits < len)
        bits++;
    return bits;
}

void deflate_add(Buf *out, Str bytes)
{
    z_stream stream = {0};
    int window = window_of(bytes.len);
    int memory = MIN_OF(window - SMALLEST_WINDOW + 3, LARGEST_MEMORY);
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, -window, memory, Z_DEFAULT_STRATEGY) != Z_OK)
        abort(); /* the only reason is memory */
    size_t bound = deflateBound(&stream, bytes.len);
    buf_reserve(out, bound);
    stream.next_in = (const Bytef *)bytes.data;
    stream.avail_in = (uInt)bytes.len;
    stream.next_out = (Bytef *)out->data + out->len;
    stream.avail_out = (uInt)bound;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort(); /* deflateBound promises room */
    out->len += stream.total_out;
    deflateEnd(&stream);
}

bool inflate_exactly(Arena *arena, Str bytes, size_t size, Str *out)
{
    z_stream stream = {0};
    if (inflateInit2(&stream, -LARGEST_WINDOW) != Z_OK)
        abort();
    char *to = arena_alloc(arena, size + 1, 1); /* one more: whoever says too little is found out */
    stream.next_in = (const Bytef *)bytes.data;
    stream.avail_in = (uInt)bytes.len;
    stream.next_out = (Bytef *)to;
    stream.avail_out = (uInt)size + 1;
    bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == size && stream.avail_in == 0;
    inflateEnd(&stream);
    *out = str_of(to, size);
    return whole;
}
