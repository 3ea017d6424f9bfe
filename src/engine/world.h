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
    Str place;           /* of calls that go outside: run, sentence and rounds of loops; the same however often it is
                            tried, by a person's word too */
    int64_t run;         /* key of the run, or of the outermost one for whose items it works; 0 for none */
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

/* A call that is under way outside: the World's. */
typedef struct WorldErrand WorldErrand;

typedef struct World {
    void *self;
    int64_t (*now_us)(void *self);
    /* Carries a procedure out, from any worker thread. The result lives in `arena`. An error is the book's own, in a
     * reader's words. Procedures that go outside (value/procedure.h) take the four functions below instead: such a
     * call is prepared, sent and, once it has arrived, taken; or dropped, where nobody asks about it any more. */
    bool (*call)(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err);
    /* Makes such a call ready to be sent; `call` is only lent. False, with no errand, when it cannot even be begun. */
    bool (*prepare)(void *self, const WorldCall *call, void (*arrived)(void *context), void *context, WorldErrand **out,
                    Error *err);
    /* Sends it on its way without waiting for it: `arrived` is called once, from any thread, perhaps before this
     * returns, and must hand over and return. */
    void (*send)(void *self, WorldErrand *errand);
    /* What came of an errand that has arrived, told as `call` tells it; the errand ends. */
    bool (*take)(void *self, const WorldCall *call, WorldErrand *errand, Arena *arena, Value *out, Error *err);
    /* Ends an errand that nobody asks about any more: one that has arrived, or was never sent. */
    void (*drop)(void *self, WorldErrand *errand);
    /* Begins to hand a message over; `done` is called once, from any thread, perhaps before this returns. NULL: nobody
     * is told anything. */
    void (*deliver)(void *self, const WorldDelivery *delivery,
                    void (*done)(void *context, const WorldDelivered *delivered), void *context);
} World;

#endif
