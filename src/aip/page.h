/* aip/page.h: pages of lists (AIP-158): sizes, and tokens that are opaque and bound to what they were made for.
 *
 * A token carries a keyset position and a keyed hash over the position and the call's arguments: a token of another
 * call, another caller's parent or a changed byte is INVALID_ARGUMENT, never another result. */
#ifndef CLERKWORK_AIP_PAGE_H
#define CLERKWORK_AIP_PAGE_H

#include "base/arena.h"
#include "base/error.h"

typedef struct PageKey { /* the server's secret, made at setup */
    unsigned char bytes[32];
} PageKey;

typedef struct PageCursor { /* where the last page ended; {0} is the beginning */
    bool set;
    int64_t position; /* the sort column's last value */
    int64_t key;      /* the row's key, to break ties */
} PageCursor;

/* 0 or absent gives `fallback`, above `max` gives max, negative is refused. */
MUST_USE bool page_size_check(int64_t asked, int fallback, int max, int *out, Error *err);
/* `arguments` is the canonical text of all that must not change between pages. */
Str page_token_make(Arena *arena, const PageKey *key, Str arguments, PageCursor cursor);
MUST_USE bool page_token_read(const PageKey *key, Str arguments, Str token, PageCursor *out,
                              Error *err); /* "" gives {0} */

#endif
