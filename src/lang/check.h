/* lang/check.h: what reading cannot know: whether every name, call and type of a tree makes sense.
 *
 * Names: a fact that is used is set somewhere before; a fact that is set is used. Calls: the book or procedure exists
 * and takes these arguments. Types: what is added, compared, gone through or passed can be; where a type is not known
 * for sure, nothing is said. All problems are reported at once. Sets `procedure` of every BOOK_CALL that the catalog
 * knows. */
#ifndef CLERKWORK_LANG_CHECK_H
#define CLERKWORK_LANG_CHECK_H

#include "lang/program.h"

typedef struct Checked {
    OutputSpec *outputs; /* those with a constant name, in order of first appearance */
    uint32_t n_outputs;
    FactSpec *facts;
    uint32_t n_facts;
} Checked;

/* The tree is numbered, up to `n_nodes`. `readable` is false when reading had errors: then nothing is said about facts
 * that a lost sentence may have set or used: those whose names stand in it. */
Checked check_tree(Arena *arena, Node *program, uint32_t n_nodes, const Catalog *catalog, bool readable,
                   Diagnostics *all);

#endif
