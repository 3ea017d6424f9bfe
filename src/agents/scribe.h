/* agents/scribe.h: turns descriptions into sentences by asking a model, all of them on one thread that nobody waits
 * for.
 *
 * A description is a turn that goes on after its message is stored. The model is told the language, what was said
 * before, the files that were sent along, the draft and the description; its answer goes through the checker, and back
 * to it with the diagnostics, at most three times. What comes of it is a question with the text in it, for a person to
 * take or leave: nothing that a model wrote becomes a draft by itself, and no draft runs by itself. Each step is a
 * transaction of its own, good only while the thread's generating_until_us is what the step before left, so that a turn
 * that was stopped, or lost with its server, cannot come back.
 *
 * Bounded: SCRIBE_MOST turns, SCRIBE_EACH of an organization; the sizes of agents/prompt.h and agents/model.h. */
#ifndef CLERKWORK_AGENTS_SCRIBE_H
#define CLERKWORK_AGENTS_SCRIBE_H

#include "agents/model.h"
#include "agents/prompt.h"
#include "engine/engine.h"
#include "store/authoring.h"

#define SCRIBE_MOST 32
#define SCRIBE_EACH 8
#define SCRIBE_TRIES 4

typedef struct Scribe Scribe;
typedef struct ScribeTurn ScribeTurn;

/* Both must outlive it. Turns that a server before left behind are ended once nobody can be working on them. */
MUST_USE bool scribe_start(Engine *engine, const Model *model, Scribe **out, Error *err);
/* Turns under way end, and say why; then the thread ends. Nobody may begin any more. NULL is accepted. */
void scribe_stop(Scribe *scribe);

/* A place for a description. NULL with `err`: UNAVAILABLE when too many are under way, INVALID_ARGUMENT when it is too
 * long. Ends with scribe_begin or scribe_release. */
ScribeTurn *scribe_reserve(Scribe *scribe, const AuthoringThread *thread, const PromptTask *task, Error *err);
/* The message is stored; `until_us` is what the thread's generating_until_us is now. */
void scribe_begin(ScribeTurn *turn, int64_t until_us);
void scribe_release(ScribeTurn *turn); /* NULL is accepted */
/* Until when a step that begins now has ended. */
int64_t scribe_until_us(const Scribe *scribe, int64_t now_us);
/* The thread's turn was stopped: its model is not waited for. Fits tx_after_commit. */
void scribe_drop(void *scribe, int64_t thread);

#endif
