/* tests/lang/tree_gen.h: random legal trees for the laws of both spellings: ast_check gives NULL for each.
 *
 * The same seed gives the same tree in every process. All node kinds, all functions, names and texts that are hard to
 * spell, comments and blank lines come up. A tree of `size` has about that many statements; its nesting is bounded. */
#ifndef CLERKWORK_TESTS_LANG_TREE_GEN_H
#define CLERKWORK_TESTS_LANG_TREE_GEN_H

#include "lang/ast.h"

Node *tree_gen(Arena *arena, uint64_t seed, unsigned size);
/* The books that the trees call. */
const Catalog *tree_gen_catalog(void);

#endif
