/* lang/english.h: the tree's plain-English spelling: reader and printer.
 *
 * One sentence a line, indentation (two spaces when printed; any consistent width when read) for blocks. No types are
 * needed to read it: a verb means one thing. Time is linear in the text: one pass of tokens, sentences chosen by their
 * first words. Book calls are matched against the catalog's English sentences. */
#ifndef CLERKWORK_LANG_ENGLISH_H
#define CLERKWORK_LANG_ENGLISH_H

#include "lang/diagnostic.h"

/* Reads a whole automation. Always gives a tree (of what could be read); problems are in `all`. */
Node *english_read(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all);
/* Reads one sentence or block, as inside an automation (for answers: `replace with …`). */
Node *english_read_block(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all);
/* Reads one expression (for answers: `use "PO-4711"`, `use the order's number`). */
Node *english_read_expression(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all);
/* Prints and sets every node's `english` span. english_read(english_print(t)) equals t. */
Str english_print(Arena *arena, Node *program, const Catalog *catalog);
/* The same of a tree as english_read gave it, out of `source`: what is printed as it stood there has been read already.
 */
Str english_print_read(Arena *arena, Node *program, const Catalog *catalog, Str source);
/* One node as it would be printed, for questions and hints; changes no span. */
Str english_print_node(Arena *arena, const Node *node, const Catalog *catalog);
/* The same for eyes alone: its facts are taken as known, so that one called “first day” stands there as in its own
 * sentence. english_print_node writes `the fact "first_day"`, since “the first day” by itself is read as one of the
 * days. */
Str english_print_words(Arena *arena, const Node *node, const Catalog *catalog);
/* Whether words for this value name several things: the late orders, the orders whose …, the orders sorted by …. Where
 * such a value is one item, `append (the late orders) to …`, the printer puts parentheses around it. */
bool english_names_several(Arena *arena, const Node *value);
/* The one thing that this puts in order, joins or takes for a list: the last name joined with ", ". NULL for any other
 * value. As the last item of a list it stands in parentheses, since the whole list is meant without them. */
const Node *english_one_in_order(Arena *arena, const Node *value);
/* The word between values (plus, whose …) that `word` nearly is, for hints; "" when it is one, or none is near. */
Str english_nearest_joint(Str word);

#endif
