/* engine/thread.h: what is said about a run's questions, or while an automation is written, as events of a thread. */
#ifndef CLERKWORK_ENGINE_THREAD_H
#define CLERKWORK_ENGINE_THREAD_H

#include "lang/eval.h"
#include "store/exception.h"

/* Adds one event. `exception` is an id or ""; `user` ("users/u") stands only in user messages. `out` lives in `arena`.
 */
MUST_USE bool thread_say(Tx *tx, Arena *arena, int64_t run, Str agent, Str exception, ThreadEventKind kind, Str content,
                         Str user, ThreadEvent *out, Error *err);
/* The payload of an event that says something: {"content": …}, and who said it in user messages. */
Str thread_payload(Arena *arena, ThreadEventKind kind, Str content, Str user);
/* Adds `event`, whose owner, agent, kind and payload are set, with an id and the time of the command. */
MUST_USE bool thread_put(Tx *tx, Arena *arena, ThreadEvent *event, Error *err);
/* The question as the agent says it: suggestions as a numbered list, which clients turn into buttons. */
Str thread_question_text(Arena *arena, const Question *question);

#endif
