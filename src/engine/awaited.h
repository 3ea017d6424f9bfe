/* engine/awaited.h: a call outside that the caller's thread waits for. Runs wait for theirs without a thread
 * (worker.c). */
#ifndef CLERKWORK_ENGINE_AWAITED_H
#define CLERKWORK_ENGINE_AWAITED_H

#include "engine/world.h"

/* As World's begin and take in one. DEADLINE_EXCEEDED at `until_us` (monotonic), CANCELLED soon after `*gone` is true:
 * then what it comes to is dropped when it arrives. */
MUST_USE bool awaited_call(const World *world, const WorldCall *call, int64_t until_us, const _Atomic bool *gone,
                           Arena *arena, Value *out, Error *err);

#endif
