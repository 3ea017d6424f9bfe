/* lang/functions.h: what the rows of function.h do: between functions.c and the files functions_*.c.
 *
 * A function sees its arguments, of the right number, and either gives a result or sets the evaluation's problem,
 * naming the argument at fault. It changes nothing but what an action is there to change. */
#ifndef CLERKWORK_LANG_FUNCTIONS_H
#define CLERKWORK_LANG_FUNCTIONS_H

#include "lang/eval_state.h"

typedef bool FunctionBody(Evaluation *evaluation, const Value *arguments, uint32_t n, Value *out);

/* One for every row: function_SUM is the body of FN_SUM. */
#define X(id, spy, style, min, max, english) FunctionBody function_##id;
FUNCTIONS(X)
#undef X
#define FUNCTION(id)                                                                                                   \
    bool function_##id(__attribute__((unused)) Evaluation *evaluation, const Value *arguments,                         \
                       __attribute__((unused)) uint32_t n, Value *out)

/* ---- shared by several of them ---- */
Value number_of_duration(Value duration);           /* exact seconds */
bool duration_of_number(Value seconds, Value *out); /* false when out of range */
/* A date, time or date-time plus (or minus) a duration. */
bool moment_add(Evaluation *evaluation, Value moment, Value duration, bool minus, Value *out);
bool moment_between(Evaluation *evaluation, Value later, Value earlier, Value *out); /* a duration */
bool need_date(Evaluation *evaluation, int hole, Value value, Value *out);
bool need_moment(Evaluation *evaluation, int hole, Value value,
                 Value *out); /* date, time or date-time, also written in a text */
bool need_moment_beside(Evaluation *evaluation, int hole, Value value, Value other,
                        Value *out); /* the same; asked for is what goes with `other` */
/* Without a question: what a trimmed text says, or why it says none. */
bool moment_of_text(Evaluation *evaluation, Str text, Value *out, Error *err);
bool need_duration(Evaluation *evaluation, int hole, Value value, Value *out);
bool need_figure(Evaluation *evaluation, int hole, Value value, Value *out); /* need_number, for durations as well */

/* Code points of a text. */
uint32_t text_length(Str s);
size_t text_offset(Str s, uint32_t code_points); /* in bytes; at most its length */

/* Stable, in place; the problem is set when two items have no order. */
bool sort_items(Evaluation *evaluation, Value *keys, Value *items, uint32_t n, bool down);
bool item_field(Evaluation *evaluation, Value item, Str key, uint32_t index, Value *out);

#endif
