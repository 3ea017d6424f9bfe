/* api/admit.h: who calls, how often, and whether they may. */
#ifndef CLERKWORK_API_ADMIT_H
#define CLERKWORK_API_ADMIT_H

#include "api/rate.h"
#include "api/request.h"

/* Before any handler: asks auth/ who the token stands for, counts the call against the token's rate (without a
 * valid one: the address's; good tokens of that address go on), and asks auth/ whether the operation's permission holds
 * in the organization and workspace of the path (which become request->scope). Needs request->tx. UNAUTHENTICATED,
 * RESOURCE_EXHAUSTED with request->retry_after_s, PERMISSION_DENIED, NOT_FOUND. Asked again, it does nothing. */
MUST_USE bool admit(ApiRequest *request, Error *err);
/* Counts the call against a bucket of `limiter`: in that of tokens these are the tokens' keys, and negative numbers for
 * what is called without one. `who` is the word for it in the refusal, RESOURCE_EXHAUSTED with
 * request->retry_after_s. */
MUST_USE bool admit_count(ApiRequest *request, RateLimiter *limiter, int64_t bucket, const char *who, Error *err);

#endif
