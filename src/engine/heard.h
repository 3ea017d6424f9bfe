/* engine/heard.h: what a run hears from outside: as it is kept (store/run.h, effects), and as it is told again.
 *
 * With its program and inputs, what it heard reproduces a run: recovery, reruns and replays all tell it from here. A
 * record stands only for what it was an answer to: the site is a hash of the call and its arguments, or of the
 * question.
 */
#ifndef CLERKWORK_ENGINE_HEARD_H
#define CLERKWORK_ENGINE_HEARD_H

#include "lang/answer.h"
#include "store/run.h"

#define HEARD_ANYWHERE 1 /* the site of what stands for nothing else: timers and doubts */

uint64_t heard_call_site(const EvalCall *call);
uint64_t heard_question_site(const Program *program, const Question *question);

void heard_pack_error(Buf *out, const Error *error);
void heard_pack_answer(Arena *scratch, Buf *out, const Answer *answer);

/* Whether the record is one of what the evaluation wants now. Records of before sites were kept fit by their kind. */
bool heard_fits(const Evaluation *evaluation, const Program *program, const EffectRow *heard);
/* Tells it; the evaluation goes on. DATA_LOSS when the record makes no sense; an answer that is not taken any more is
 * refused as evaluation_answer refuses. */
MUST_USE bool heard_tell(Evaluation *evaluation, const Program *program, const EffectRow *heard, Error *err);

#endif
