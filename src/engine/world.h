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

/* A message for the receiver of a webhook. All of it is only lent for the call. */
typedef struct WorldDelivery {
    Str url, id, body;
    Str secret;      /* to sign with */
    int64_t time_us; /* of this try */
} WorldDelivery;

typedef struct WorldDelivered {
    int status;            /* HTTP status of the answer; 0 when none came */
    int64_t retry_after_s; /* as the answer asks; 0 when it does not */
    const char *problem;   /* why no answer came, else "" */
    bool given_up;         /* the server stops: it counts as no try */
} WorldDelivered;

typedef struct World {
    void *self;
    int64_t (*now_us)(void *self);
    /* Carries a procedure out, from any worker thread. The result lives in `arena`. An error is the book's own, in a
     * reader's words. */
    bool (*call)(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err);
    /* Begins to hand a message over; `done` is called once, from any thread, perhaps before this returns. NULL: nobody
     * is told anything. */
    void (*deliver)(void *self, const WorldDelivery *delivery,
                    void (*done)(void *context, const WorldDelivered *delivered), void *context);
} World;

#endif
