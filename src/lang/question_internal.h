/* lang/question_internal.h: between the files that word questions. All of it looks at a run that stands still, and
 * changes nothing of it but the question. */
#ifndef CLERKWORK_LANG_QUESTION_INTERNAL_H
#define CLERKWORK_LANG_QUESTION_INTERNAL_H

#include "lang/eval_state.h"

/* ---- question.c: where values are ---- */
/* The loop or comprehension under way whose item `name` is, or NULL. */
const Loop *loop_over(const Frame *frame, Str name);
/* What a name, a field, an item or a literal is now; UNSET where that is not known without carrying anything out. */
Value node_value(const Evaluation *evaluation, const Frame *frame, const Node *node, uint32_t depth);

/* ---- question_origin.c ---- */
/* The field that a fact certainly has its value from, which is `found`: the tenant's rent, where “the rent is the
 * tenant's rent” came before. NULL where `name` is no fact, or nothing is certain. */
const Node *question_origin(const Evaluation *evaluation, const Node *name, Value found);

#endif
