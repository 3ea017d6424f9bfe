/* base/deflate.h: bytes made small for keeping, and back (DEFLATE, RFC 1951; by zlib). */
#ifndef CLERKWORK_BASE_DEFLATE_H
#define CLERKWORK_BASE_DEFLATE_H

#include "base/buf.h"

/* Adds `bytes` to `out`, compressed. Nothing tells where it ends or how much it was: that is the caller's to keep. */
void deflate_add(Buf *out, Str bytes);
/* The `size` bytes that were compressed to `bytes`, in the arena. False when that is not what comes out: then `bytes`
 * is damaged, or was never made by deflate_add. Takes no more memory than `size`. */
MUST_USE bool inflate_exactly(Arena *arena, Str bytes, size_t size, Str *out);

#endif
