/* api/idempotent.h: request ids of creations (AIP-155): the same id and body within a day give the first answer again.
 */
#ifndef CLERKWORK_API_IDEMPOTENT_H
#define CLERKWORK_API_IDEMPOTENT_H

#include "api/request.h"

typedef enum Repeat { REPEAT_NO, REPEAT_YES, REPEAT_REFUSED } Repeat;

/* On the writer's thread, first of all. REPEAT_YES: the first answer stands in request->out, nothing is left to do.
 * REPEAT_REFUSED: the id belongs to another body (err is set). Without a request_id it is always REPEAT_NO. */
Repeat idempotent_begin(ApiRequest *request, Error *err);
/* Last of all, with the answer written: keeps it under the id. */
MUST_USE bool idempotent_end(ApiRequest *request, Error *err);

/* What tells a repeat from another call: the path, and the body's known members whatever their order and spelling, but
 * for the request id itself. */
uint64_t idempotent_hash(const ApiRequest *request);
/* The same of a part of the body that has a request id of its own. */
uint64_t idempotent_hash_of(const ApiRequest *request, const Json *body);

/* The request id as the store keeps it: one belongs to a caller and an operation. "" stays "". */
Str idempotent_id(const ApiRequest *request, Str request_id);

#endif
