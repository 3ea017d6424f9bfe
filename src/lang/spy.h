/* lang/spy.h: the tree's SPy spelling (a subset of Python 3): reader and printer. */
#ifndef CLERKWORK_LANG_SPY_H
#define CLERKWORK_LANG_SPY_H

#include "lang/diagnostic.h"

/* Always gives a tree (of what could be read). What SPy leaves out (import, try, class, lambda, …) is refused with line
 * and hint. */
Node *spy_read(Arena *arena, Str source, const Catalog *catalog, Diagnostics *all);
/* Prints (four spaces, double quotes, at most 100 columns where a call can be broken) and sets every node's `spy` span.
 */
Str spy_print(Arena *arena, Node *program, const Catalog *catalog);
Str spy_print_node(Arena *arena, const Node *node, const Catalog *catalog);

#endif
