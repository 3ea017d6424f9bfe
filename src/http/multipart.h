/* http/multipart.h: multipart/form-data (RFC 7578), read as it streams in: a gigabyte passes through in pieces, and
 * nothing is kept but the head of the present part. Strict about structure, forgiving about the ways in which clients
 * write file names. */
#ifndef CLERKWORK_HTTP_MULTIPART_H
#define CLERKWORK_HTTP_MULTIPART_H

#include "base/error.h"
#include "base/str.h"

#define MULTIPART_MAX_PARTS 64
#define MULTIPART_MAX_HEAD 4096     /* bytes of one part's headers */
#define MULTIPART_MAX_PREAMBLE 1024 /* bytes before the first part */
#define MULTIPART_MAX_BOUNDARY 70   /* RFC 2046 */

typedef struct MultipartPart {
    Str name;         /* of the form field */
    Str filename;     /* without directories; data == NULL when the part is no file */
    Str content_type; /* as it came; empty when the client did not say */
} MultipartPart;

/* Each returns false, with err set, to end the parse. Texts of the part live in the parser's arena. */
typedef struct MultipartHooks {
    void *self;
    bool (*part_begin)(void *self, const MultipartPart *part, Error *err);
    bool (*part_data)(void *self, Str piece, Error *err); /* never empty; gone afterwards */
    bool (*part_end)(void *self, Error *err);
} MultipartHooks;

typedef struct Multipart {
    MultipartHooks hooks;
    Arena *arena;
    char delimiter[4 + MULTIPART_MAX_BOUNDARY]; /* CR LF - - boundary */
    size_t delimiter_len;
    size_t matched; /* bytes of the delimiter that stand at the end of the input so far */
    int state;
    size_t n_parts, preamble, padding, head_len;
    char head[MULTIPART_MAX_HEAD];
} Multipart;

/* From the Content-Type header. Refuses with INVALID_ARGUMENT what is not multipart/form-data with a sane boundary. */
MUST_USE bool multipart_init(Multipart *multipart, Arena *arena, Str content_type, MultipartHooks hooks, Error *err);
/* The next piece of the body. After false the parser must not be used any more. */
MUST_USE bool multipart_feed(Multipart *multipart, Str piece, Error *err);
/* The body is over: true when the last part was closed. */
MUST_USE bool multipart_finish(const Multipart *multipart, Error *err);

/* The value of a parameter of a header such as `form-data; name="a"` or `text/csv; charset=utf-8`: quoted-string or
 * token, escapes resolved into `arena`. data == NULL when absent. */
Str header_parameter(Arena *arena, Str header, Str name);

#endif
