/* lang/question_internal.h: between the files that word questions. All of it looks at a run that stands still, and
 * changes nothing of it but the question. */
#ifndef CLERKWORK_LANG_QUESTION_INTERNAL_H
#define CLERKWORK_LANG_QUESTION_INTERNAL_H

#include "lang/eval_state.h"

typedef struct Subject { /* "Row 17 of the invoices", "The invoice" */
    Str text;            /* capitalised; "" when nothing is known */
    Str table;           /* in words, or "" */
    uint32_t row;        /* from 1; 0 for none */
} Subject;

/* ---- question.c: where values are ---- */
/* An item of a list by its number, from 1. */
Subject subject_of_number(Evaluation *evaluation, const Node *list, Value item, uint32_t number);
/* As a question shows it, cut where it is long: "12oo", a table of 3 rows. */
Str value_shown(Arena *arena, Value value);
/* The loop or comprehension under way whose item `name` is, or NULL. */
const Loop *loop_over(const Frame *frame, Str name);
/* What a name, a field, an item or a literal is now; UNSET where that is not known without carrying anything out. */
Value node_value(const Evaluation *evaluation, const Frame *frame, const Node *node, uint32_t depth);

/* ---- question_origin.c ---- */
/* The field that a fact certainly has its value from, which is `found`: the tenant's rent, where “the rent is the
 * tenant's rent” came before. NULL where `name` is no fact, or nothing is certain. */
const Node *question_origin(const Evaluation *evaluation, const Node *name, Value found);

/* ---- question_items.c ---- */
/* "row 3 of the leases has the rent -5, row 7 of the leases has no rent": the items that break a check of all of them;
 * "" for other checks, and where nothing is certain. */
Str question_breaking_items(Evaluation *evaluation, const Node *condition, Subject *out_first);

#endif
