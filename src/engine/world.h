/* engine/world.h: the one door to the outside. The evaluator cannot read a clock, draw a random number or open a
 * socket; the engine asks the World and journals the answer, so that a replay sees what the first run saw. cli/ fills
 * in the real one, tests their own. */
#ifndef CLERKWORK_ENGINE_WORLD_H
#define CLERKWORK_ENGINE_WORLD_H

#include "lang/eval.h"
#include "store/tenant.h"

typedef struct WorldCall {
    const Scope *scope;   /* whose files and connections it may see */
    const Locale *locale; /* how the run reads and writes */
    const EvalCall *call;
    Str idempotency_key; /* of EFFECT_KEYED procedures: the same for every try of this call */
} WorldCall;

typedef struct World {
    void *self;
    int64_t (*now_us)(void *self);
    /* Carries a procedure out, from any worker thread. The result lives in `arena`. An error is the book's own, in a
     * reader's words. */
    bool (*call)(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err);
} World;

#endif
