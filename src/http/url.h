/* http/url.h: what a request's path and query mean once their escapes are taken apart (RFC 3986). The server has
 * checked the escapes already; what they hide is checked here: UTF-8, and no control characters. */
#ifndef CLERKWORK_HTTP_URL_H
#define CLERKWORK_HTTP_URL_H

#include "base/error.h"
#include "base/str.h"

#define URL_MAX_SEGMENTS 64
#define URL_MAX_PARAMETERS 256

typedef struct UrlPath {
    Str *segments; /* decoded after splitting at '/', so that %2F stays inside its segment */
    size_t n;
} UrlPath;

/* "/a/b%20c" is {"a", "b c"}; "/" is none; one '/' at the end is the same as none. Refuses empty, "." and ".."
 * segments, however they are written: nobody may climb. */
MUST_USE bool url_path_split(Arena *arena, Str path, UrlPath *out, Error *err);

typedef struct UrlParameter {
    Str name;
    Str value;
} UrlParameter;

typedef struct UrlQuery {
    UrlParameter *parameters; /* in order, doubled names included */
    size_t n;
} UrlQuery;

/* "a=1&b=x+y%21&c" is {a: "1", b: "x y!", c: ""}; '+' is a space. Empty parts between '&' are read over. */
MUST_USE bool url_query_parse(Arena *arena, Str query, UrlQuery *out, Error *err);
/* The value of the last parameter of that name; empty with data == NULL when there is none. */
Str url_query_get(const UrlQuery *query, Str name);

/* One piece of text: escapes taken apart, checked for UTF-8 and control characters. */
MUST_USE bool url_decode(Arena *arena, Str text, bool plus_is_space, Str *out, Error *err);

#endif
