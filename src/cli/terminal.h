/* cli/terminal.h: values and questions as a person at a terminal reads them. */
#ifndef CLERKWORK_CLI_TERMINAL_H
#define CLERKWORK_CLI_TERMINAL_H

#include "lang/eval.h"

/* A table, or the table that a list of rows or records makes; false for all else. */
bool terminal_as_table(Arena *arena, Value value, Value *out);
/* A table in aligned columns, everything else in one line; ends in a line end. */
void terminal_print_value(Buf *out, Value value);
void terminal_print_question(Buf *out, const Question *question, const Program *program);
/* One line, trimmed. False at the end of the input. */
MUST_USE bool terminal_read_line(Arena *arena, Str *out);
/* One answer from standard input; after "replace with" all lines up to an empty one belong to it. False at the end of
 * the input. */
MUST_USE bool terminal_read_answer(Arena *arena, Str *out);

#endif
