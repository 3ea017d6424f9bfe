/* books/encoding.h: from the bytes of a text file to UTF-8.
 *
 * A byte order mark decides. Without one: zero bytes in every other place mean UTF-16; valid UTF-8 is UTF-8; anything
 * else is read as Windows-1252, in which every byte means something. UTF-8 is not copied: the result is a view of the
 * bytes. */
#ifndef CLERKWORK_BOOKS_ENCODING_H
#define CLERKWORK_BOOKS_ENCODING_H

#include "base/arena.h"
#include "base/error.h"

typedef enum Encoding {
    ENCODING_DETECT,
    ENCODING_UTF_8,
    ENCODING_UTF_16_LE,
    ENCODING_UTF_16_BE,
    ENCODING_WINDOWS_1252,
    ENCODING_N
} Encoding;

Str encoding_name(Encoding encoding); /* "utf-8" */
/* "utf-8", "UTF8", "utf-16le", "windows-1252", "cp1252", "latin-1", "iso-8859-1"; INVALID_ARGUMENT lists what is known.
 */
MUST_USE bool encoding_from_name(Str name, Encoding *out, Error *err);
Encoding encoding_detect(Str bytes);
/* Without the byte order mark. INVALID_ARGUMENT says at which byte the text breaks `encoding`'s rules. */
MUST_USE bool encoding_decode(Arena *arena, Str bytes, Encoding encoding, Str *out, Error *err);

#endif
