/* api/rate.h: how often one caller may call: a bucket a key, refilled evenly, as large as one window's worth. Keys are
 * tokens, or what rate_key_of_address gives.
 *
 * Any thread may ask. The table is bounded: the buckets that were full longest ago go first. */
#ifndef CLERKWORK_API_RATE_H
#define CLERKWORK_API_RATE_H

#include "base/macros.h"
#include "base/str.h"

typedef struct RateLimiter RateLimiter;

typedef struct RateAnswer {
    bool allowed;
    int64_t limit; /* calls a window */
    int64_t window_s;
    int64_t remaining; /* calls that would be allowed now */
    int64_t reset_s;   /* until the bucket is full again, rounded up */
    int64_t retry_s;   /* when refused: until the next call is allowed, at least 1 */
} RateAnswer;

/* `limit` 0: everything is allowed. */
RateLimiter *rate_new(int64_t limit, int64_t window_s);
RateAnswer rate_ask(RateLimiter *limiter, int64_t key, int64_t now_us);
/* `peer` as http/request.h writes it. Of IPv6 the first 64 bits count, since a network hands all the rest to one
 * caller; an IPv4 address is the same in either spelling. What `about` says has a bucket of its own. */
int64_t rate_key_of_address(Str peer, uint32_t about);
void rate_free(RateLimiter *limiter); /* NULL is accepted */

#endif
