/* api/trigger_inputs.h: what an event from outside gives to the automation that it starts. */
#ifndef CLERKWORK_API_TRIGGER_INPUTS_H
#define CLERKWORK_API_TRIGGER_INPUTS_H

#include "base/error.h"
#include "base/json.h"

/* `mapping` is a JSON object name of an input → path into the payload (aip/payload.h). An empty one passes the
 * payload's own members by their names. `file` is the name of a file that came with it, found at the path "file"; ""
 * for none. A path with nothing at its end gives nothing. The result is an object name → commonV1Value in `arena`.
 * INVALID_ARGUMENT for what no value can hold. */
MUST_USE bool trigger_inputs(Arena *arena, Str mapping, const Json *payload, Str file, const Json **out, Error *err);

#endif
