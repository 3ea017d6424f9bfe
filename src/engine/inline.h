/* engine/inline.h: executions:run: SPy that is evaluated at once, for a client that waits for the answer. Nothing is
 * asked and nothing is parked; the execution is kept as a run without an automation, so that its outputs can be read
 * again.
 *
 * Other servers are called through the workspace's connections that the request gives to the code's aliases, and
 * through no others. What goes outside is carried out at most once and never tried again: the client hears of it. */
#ifndef CLERKWORK_ENGINE_INLINE_H
#define CLERKWORK_ENGINE_INLINE_H

#include "base/json.h"
#include "engine/engine.h"

/* So many executions compute at a time; any number waits for other servers. */
enum { INLINE_COMPUTING = 4 };

/* What the code calls a connection, and which of the workspace's it is. */
typedef struct InlineConnection {
    Str alias;
    Str name;
    Str book; /* "": the workspace has none of that name */
} InlineConnection;

typedef struct InlineRequest { /* lent until the end */
    const Scope *scope;
    const Locale *locale;
    Str code;
    const Json *inputs; /* object name → commonV1Value, or NULL */
    const InlineConnection *connections;
    uint32_t n_connections;
    Str user_id;
    const _Atomic bool *gone; /* nobody waits any more */
} InlineRequest;

typedef struct Inline Inline;

/* Reads and checks the code; the result lives in `arena`. False for bad inputs alone: what is wrong with the code or
 * its connections becomes the execution's failure. */
MUST_USE bool inline_load(Engine *engine, Arena *arena, const InlineRequest *request, Inline **out, Error *err);
/* Whether the code, as it stands, may ask another server: then inline_run may wait for one. */
bool inline_calls_out(const Inline *execution);
/* Evaluates and keeps it, on the caller's thread (not the loop's, not the writer's), within `timeout_us`. How it ended
 * is in out->state. False, nothing kept, with CANCELLED once the client is gone. */
MUST_USE bool inline_run(Inline *execution, int64_t timeout_us, RunRow *out, Error *err);

#endif
