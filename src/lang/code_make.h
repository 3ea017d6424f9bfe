/* lang/code_make.h: between code.c (statements) and code_expression.c: a Code while it is being made. */
#ifndef CLERKWORK_LANG_CODE_MAKE_H
#define CLERKWORK_LANG_CODE_MAKE_H

#include "base/map.h"
#include "lang/code.h"

typedef struct Variable { /* of a comprehension: seen inside it only */
    Str name;
    uint32_t slot;
    struct Variable *outer;
} Variable;

typedef struct Hoisted { /* an expression evaluated before its comprehension: its place takes the slot */
    const Node *node;
    uint32_t slot;
    struct Hoisted *outer;
} Hoisted;

typedef struct Patches { /* jumps whose target is not known yet */
    uint32_t *at;
    uint32_t count, cap;
} Patches;

typedef struct LoopFrame { /* a loop statement being compiled */
    struct LoopFrame *outer;
    uint32_t loop; /* index in code->loops */
    Patches breaks;
} LoopFrame;

typedef struct Maker {
    Arena *arena;
    Code *code;
    const Catalog *catalog;
    const FragmentScope *fragment; /* NULL for a program */
    Map globals;                   /* the main routine's facts: name → slot + 1 */
    Map locals;                    /* of the routine in hand, when it is not the main one */
    Map routines;                  /* name → index + 1 */
    bool in_main;
    Str *slot_names;
    uint32_t n_slots, cap_slots;
    uint32_t cap_instructions, cap_constants, cap_sentences, cap_loops, cap_lookups, cap_sites, cap_routines,
        cap_inputs;
    uint32_t height; /* operands at this point */
    uint32_t max_height;
    uint32_t depth; /* of the tree */
    Variable *variables;
    Hoisted *hoisted;
    LoopFrame *loop_frame;
    const Node *node; /* that instructions now belong to */
    char unknown[96]; /* fragment: the first name that nobody knows */
} Maker;

#define MAKER_DEPTH_MAX 1500

uint32_t emit(Maker *maker, Op op, uint32_t a, uint32_t b, uint32_t c, uint32_t pops, uint32_t pushes);
static inline uint32_t maker_here(const Maker *maker)
{
    return maker->code->n_instructions;
}
static inline void maker_aim(Maker *maker, uint32_t jump)
{
    maker->code->instructions[jump].c = maker_here(maker);
}
void patches_add(Maker *maker, Patches *patches, uint32_t at);
void patches_aim(Maker *maker, const Patches *patches, uint32_t target);
uint32_t maker_constant(Maker *maker, Value value);
uint32_t maker_hidden_slot(Maker *maker);
uint32_t maker_slot(Maker *maker, Str name); /* of the routine in hand; made when it has none */
/* Where a name is read from; false when a fragment names what nobody knows. */
bool maker_resolve(Maker *maker, Str name, uint32_t *out_slot, bool *out_global);
uint32_t maker_loop_begin(Maker *maker, const Node *node, bool has_iterator, bool is_statement);
void maker_store(Maker *maker, const Node *target); /* of a loop or an assignment: value → */

void make_expression(Maker *maker, const Node *node);
/* Emits what puts an iterator over `iterable` on the stack. */
void make_iterator(Maker *maker, const Node *iterable);

#endif
