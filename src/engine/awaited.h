/* engine/awaited.h: a call outside that the caller's thread waits for, as those of executions that are answered at once
 * are (inline.c). Runs wait for theirs without a thread (call.c). */
#ifndef CLERKWORK_ENGINE_AWAITED_H
#define CLERKWORK_ENGINE_AWAITED_H

#include "engine/world.h"

/* As World's prepare, send and take in one. DEADLINE_EXCEEDED at `until_us` (monotonic), CANCELLED soon after `*gone`
 * is true: then what it comes to is dropped when it arrives. */
MUST_USE bool awaited_call(const World *world, const WorldCall *call, int64_t until_us, const _Atomic bool *gone,
                           Arena *arena, Value *out, Error *err);

#endif
