/* lang/answer.h: what a person replies to a question: a patch of the node that cannot go on.
 *
 *   use "PO-4711" · use the order's number · "PO-4711" · 4711      stands in for the missing or failing value; without
 *                                                                  `use` figures and dates are read as the workspace
 *                                                                  writes them; codes need no quotes: PO-4711
 *   the tolerance is 0.05 · set the invoice's total to 12.50       done first, then the node is tried again
 *   retry · retry in 10 minutes                                    tried again as it is
 *   skip                                                           the sentence is left out, its facts stay unset
 *   skip this one                                                  on with the loop's next item
 *   replace with + indented sentences                              stands in for the whole sentence
 *   stop the run · stop the run because …                          the run ends as failed
 *   always … · always when <condition>, …                          the same, and kept as a guide entry
 */
#ifndef CLERKWORK_LANG_ANSWER_H
#define CLERKWORK_LANG_ANSWER_H

#include "lang/eval.h"

typedef enum AnswerKind {
    ANSWER_USE,
    ANSWER_SENTENCES,
    ANSWER_RETRY,
    ANSWER_SKIP,
    ANSWER_SKIP_ITEM,
    ANSWER_REPLACE,
    ANSWER_STOP
} AnswerKind;

/* Why a run was stopped by an answer that does not say it. */
#define ANSWER_STOP_REASON "stopped by an answer"

typedef struct Answer {
    AnswerKind kind;
    bool remember;         /* "always" */
    Str condition;         /* of "always when …": English, or "" */
    Str text;              /* canonical English of the answer, without "always": what a guide entry keeps */
    Value value;           /* USE with a value known already */
    Node *expression;      /* USE with an expression to evaluate in the run's scope; NULL when `value` holds */
    Node *block;           /* SENTENCES, REPLACE */
    int64_t delay_seconds; /* RETRY */
    Str reason;            /* STOP; never "" */
} Answer;

/* Reads a sentence. INVALID_ARGUMENT tells what was understood and lists what may be said to this question. Lives in
 * `arena`. */
MUST_USE bool answer_read(Arena *arena, Str sentence, const Program *program, const Question *question, Answer *out,
                          Error *err);
/* The SPy of an answer's sentences (the journal's code_patch), or "" for the others. */
Str answer_spy(Arena *arena, const Answer *answer, const Program *program);
/* Applies it; status becomes EVAL_READY, EVAL_TIMER (retry with delay) or EVAL_FAILED (stop). INVALID_ARGUMENT (nothing
 * changed) when the value cannot be used, e.g. text where a date is expected, or `skip this one` outside a loop.
 * FAILED_PRECONDITION when nothing is asked. */
MUST_USE bool evaluation_answer(Evaluation *evaluation, const Answer *answer, Error *err);
/* Whether an expression neither calls nor asks. */
bool answer_may_test(const Node *expression);
/* Whether something can be kept as a condition: it reads as one expression, and neither calls nor asks.
 * INVALID_ARGUMENT otherwise. */
MUST_USE bool answer_condition_check(Arena *arena, Str english, const Catalog *catalog, Error *err);
/* Whether a kept condition holds now, in the scope of the open question. */
MUST_USE bool evaluation_condition(Evaluation *evaluation, Str english, bool *out_holds, Error *err);

#endif
