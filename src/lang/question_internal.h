/* lang/question_internal.h: between the files that word questions. All of it looks at a run that stands still, and
 * changes nothing of it but the question. */
#ifndef CLERKWORK_LANG_QUESTION_INTERNAL_H
#define CLERKWORK_LANG_QUESTION_INTERNAL_H

#include "lang/eval_state.h"

/* ---- question_place.c ---- */
typedef struct Subject { /* "Row 17 of the invoices", "The invoice" */
    Str text;            /* capitalised; "" when nothing is known */
    Str table;           /* in words, or "" */
    uint32_t row;        /* from 1; 0 for none */
} Subject;

/* What a name, a field or an item stands for. */
Subject subject_of(Evaluation *evaluation, const Node *node);
/* An item of a list by its number, from 1. */
Subject subject_of_number(Evaluation *evaluation, const Node *list, Value item, uint32_t number);
/* The loop or comprehension under way whose item `name` is, or NULL. */
const Loop *loop_over(const Frame *frame, Str name);
bool loop_is_on(const Loop *loop, uint32_t pc);
Str words_of_loop(Arena *arena, const Loop *loop); /* of what it goes through, or "" */
Str table_fact(const Evaluation *evaluation, const Frame *frame, const Table *table); /* that it is known by, or "" */
/* The row that a child works on is the only one of its table there. */
bool is_childs_row(const Evaluation *evaluation, Value row);
/* What a name, a field, an item or a literal is now; UNSET where that is not known without carrying anything out. */
Value node_value(const Evaluation *evaluation, const Frame *frame, const Node *node, uint32_t depth);

/* ---- question_origin.c ---- */
typedef struct Origin { /* of a fact: */
    Subject subject;    /* no text where it is not certain */
    Str column;         /* "" where the fact is the loop's item itself */
} Origin;

/* The field that a fact certainly has its value from, which is `found`: the tenant's rent, where “the rent is the
 * tenant's rent” came before. NULL where `name` is no fact, or nothing is certain. */
const Node *question_origin(const Evaluation *evaluation, const Node *name, Value found);
Origin origin_of(Evaluation *evaluation, const Node *fact, Value found);
/* "from row 17 of the leases"; "the rent of row 17 of the leases", where the fact goes by another name; "item 3 of the
 * amounts"; "" where it is not certain. */
Str origin_told(Arena *arena, const Node *fact, const Origin *origin);

/* ---- question_items.c ---- */
/* "row 3 of the leases has the rent -5, row 7 of the leases has no rent": the items that break a check of all of them;
 * "" for other checks, and where nothing is certain. */
Str question_breaking_items(Evaluation *evaluation, const Node *condition, Subject *out_first);

/* ---- question_words.c ---- */
void question_add_extra(Question *question, const char *name, Str text); /* nothing where the text is "" */
void question_add_subject(Evaluation *evaluation, const Subject *subject, Str column);
void question_add_suggestion(Question *question, Str text);
void question_describe(Evaluation *evaluation, const char *format, ...) PRINTF_LIKE(2, 3);
/* As a question shows it, cut where it is long: "12oo", a table of 3 rows. */
Str value_shown(Arena *arena, Value value);
Str words_of(Arena *arena, Str name); /* purchase_order: purchase order */
Str words_capitalised(Arena *arena, Str text);
Str words_in_parentheses(Arena *arena, Str text); /* with a blank before them; "" of "" */
bool words_name_several(Arena *arena, Str words); /* the sums of the fees, and not the sum of the fees */
const char *words_is_or_are(Arena *arena, Str words);

/* ---- the wordings, by the kind of problem ---- */
void word_missing_value(Evaluation *evaluation); /* question_missing.c */
void word_field_of_node(Evaluation *evaluation);
void word_fact_of_problem(Evaluation *evaluation);
void word_input(Evaluation *evaluation);
void word_ambiguous_field(Evaluation *evaluation);
void word_misfit(Evaluation *evaluation); /* question_misfit.c */
void word_result(Evaluation *evaluation);
void word_no_match(Evaluation *evaluation);     /* question_match.c */
void word_failed_check(Evaluation *evaluation); /* question_check.c */

#endif
