/* agents/astral.h: the guidance agent: what a person says in a run's thread is the answer to the run's open question.
 */
#ifndef CLERKWORK_AGENTS_ASTRAL_H
#define CLERKWORK_AGENTS_ASTRAL_H

#include "engine/exception.h"

typedef struct Remark {
    int64_t automation; /* key, 0 for any */
    Str run_id;
    Str agent_id;     /* as the client addressed it; commonly "astral" */
    Str exception_id; /* optional: the remark is about this one */
    Str content;      /* what was said */
    Str user_id;      /* "users/u" */
    bool may_approve; /* guide entries that come of "always …" are approved at once */
} Remark;

/* Adds the message to the thread and does what it says, in one transaction; the thread ends with a completion_response
 * whether or not it was understood. `out` is the user_message. Blocks until durable. NOT_FOUND for a run or exception
 * that is not there; INVALID_ARGUMENT for an empty remark; a remark while nothing is asked is kept and answered by
 * saying so. */
MUST_USE bool astral_receive(Engine *engine, StoreReader *reader, Arena *arena, const Scope *scope,
                             const Remark *remark, ThreadEvent *out, Error *err);

#endif
