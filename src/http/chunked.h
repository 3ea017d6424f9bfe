/* http/chunked.h: the chunked transfer coding of HTTP/1.1 (RFC 9112, 7.1), read strictly: CRLF and nothing else ends a
 * line, sizes are hexadecimal digits alone, extensions are short, trailers are bounded and dropped. */
#ifndef CLERKWORK_HTTP_CHUNKED_H
#define CLERKWORK_HTTP_CHUNKED_H

#include "base/str.h"
#include "http/refusal.h"

#define CHUNK_EXTENSION_MAX 256   /* bytes of one chunk's extensions */
#define CHUNK_EXTENSIONS_MAX 4096 /* of all extensions of a body */
#define CHUNK_TRAILER_MAX 4096    /* bytes of all trailers together */

typedef struct Chunked {
    uint8_t state;
    uint8_t digits;      /* of the present size */
    uint16_t extension;  /* bytes of the present extension */
    uint16_t extensions; /* bytes of all of them */
    uint16_t trailer;    /* bytes of all trailers */
    uint64_t left;       /* of the present chunk */
} Chunked;

/* Reads on at *at. Gives the next piece of content, empty when the input ends first or the body is over. On refusal
 * *out_refusal is set and the body is lost. A zeroed Chunked is at the beginning. */
Str chunked_next(Chunked *chunked, Str input, size_t *at, Refusal *out_refusal);
bool chunked_is_over(const Chunked *chunked);

#endif
