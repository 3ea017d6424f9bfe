/* lang/eval_watch.h: an evaluation watched from outside, sentence by sentence: for whoever goes through a run by hand.
 * Watching changes nothing of what comes of it. */
#ifndef CLERKWORK_LANG_EVAL_WATCH_H
#define CLERKWORK_LANG_EVAL_WATCH_H

#include "lang/eval.h"

/* Goes on until a sentence of the program is about to begin (EVAL_READY), or the run needs something, or ends.
 * Sentences of answers are passed over. */
EvalStatus evaluation_run_sentence(Evaluation *evaluation);
/* The statement that is about to begin or in hand: its node's id, 0 where there is none. */
uint32_t evaluation_sentence(const Evaluation *evaluation);
/* How many procedures deep the run is: 0 in the program itself. */
uint32_t evaluation_depth(const Evaluation *evaluation);
/* The facts that have a value now, as the sentence in hand sees them: a procedure's own first, then the program's. The
 * values are the run's own, good until the next evaluation_* call that changes it; the array lives in `arena`. */
const Argument *evaluation_facts(const Evaluation *evaluation, Arena *arena, uint32_t *out_n);

#endif
