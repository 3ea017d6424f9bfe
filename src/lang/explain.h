/* lang/explain.h: what a sentence will do, in words that need no programming.
 *
 * Explains a statement of a program that program_read gave: what it does, what it does with what it finds, where the
 * run goes on, and when it will stop and ask a person. Lines are those of the text that was read, which must be
 * readable: the tree of another one has gaps. */
#ifndef CLERKWORK_LANG_EXPLAIN_H
#define CLERKWORK_LANG_EXPLAIN_H

#include "lang/lines.h"
#include "lang/program.h"

/* The statement that begins in this line (from 0), else the innermost one that reaches over it; NULL where none does.
 */
const Node *explain_find(const Program *program, const Lines *lines, uint32_t line);
/* One paragraph of whole sentences, and one sentence a line for everything that can make the run ask. Covers every kind
 * of statement. */
void explain_statement(Buf *out, Arena *arena, const Program *program, const Lines *lines, const Node *statement);
/* The facts that the statement uses, without its blocks' sentences: indexes into program->facts, ascending. */
const uint32_t *explain_facts(Arena *arena, const Program *program, const Node *statement, uint32_t *out_n);
/* Where a node stands in the text that was read. */
Span explain_span(const Program *program, const Node *node);

#endif
