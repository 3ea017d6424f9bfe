/* agents/model.h: who turns descriptions into sentences of the language, if anybody does. A model is asked and answers
 * with a text; nothing that it says is believed before the checker has read it. cli/ fills in the real one. */
#ifndef CLERKWORK_AGENTS_MODEL_H
#define CLERKWORK_AGENTS_MODEL_H

#include "base/error.h"
#include "base/str.h"

typedef struct ModelMessage {
    const char *role; /* "system", "user", "assistant" */
    Str content;
} ModelMessage;

/* Lent for the call of `done`. */
typedef struct ModelAnswer {
    Str text; /* with err.code OK; never empty, UTF-8, at most MODEL_ANSWER_MOST bytes */
    Error err;
    bool retryable; /* asking once more later may help */
} ModelAnswer;

#define MODEL_ANSWER_MOST (64 << 10)

typedef struct Model {
    void *self;
    int64_t timeout_us; /* an answer, or that there is none, comes within it */
    /* Begins to ask; all of `messages` is only lent for the call. `done` is called once, from any thread, perhaps
     * before this returns; it must hand over and return. Gives a ticket to cancel by. */
    uint64_t (*ask)(void *self, const ModelMessage *messages, int n,
                    void (*done)(void *context, const ModelAnswer *answer), void *context);
    /* Asks for the end of it, from any thread: `done` comes soon, with CANCELLED. Whatever has ended is let be. */
    void (*cancel)(void *self, uint64_t ticket);
} Model;

#endif
