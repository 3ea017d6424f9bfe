/* api/admit.h: who calls, how often, and whether they may. */
#ifndef CLERKWORK_API_ADMIT_H
#define CLERKWORK_API_ADMIT_H

#include "api/request.h"

/* Before any handler: asks auth/ who the token stands for, counts the call against the token's rate (without a
 * valid one: the address's; good tokens of that address go on), and asks auth/ whether the operation's permission holds
 * in the organization and workspace of the path (which become request->scope). Needs request->tx. UNAUTHENTICATED,
 * RESOURCE_EXHAUSTED with request->retry_after_s, PERMISSION_DENIED, NOT_FOUND. Asked again, it does nothing. */
MUST_USE bool admit(ApiRequest *request, Error *err);

#endif
