/* engine/thread.h: what is said about a run's questions, as events of its thread. */
#ifndef CLERKWORK_ENGINE_THREAD_H
#define CLERKWORK_ENGINE_THREAD_H

#include "lang/eval.h"
#include "store/exception.h"

/* Adds one event. `exception` is an id or ""; `user` ("users/u") stands only in user messages. `out` lives in `arena`.
 */
MUST_USE bool thread_say(Tx *tx, Arena *arena, int64_t run, Str agent, Str exception, ThreadEventKind kind, Str content,
                         Str user, ThreadEvent *out, Error *err);
/* The question as the agent says it: suggestions as a numbered list, which clients turn into buttons. */
Str thread_question_text(Arena *arena, const Question *question);

#endif
