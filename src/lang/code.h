/* lang/code.h: a program in the evaluator's own form: flat instructions on a stack of values.
 *
 * Made once from a tree that has no errors, then constant: shared by all runs and threads. Every fact has a numbered
 * slot in its routine's frame, every jump is resolved, and for every instruction it is known how many operands stand on
 * the stack before it; so any instruction can be the one at which a run is parked, saved and resumed.
 *
 * A routine's frame on the value stack: slots (parameters, facts, hidden ones), then operands. An iterator is three
 * operands: what is iterated, the position, and a cursor.
 *
 * A fragment is what a person answered (sentences or an expression), compiled to run inside the frame that asked: it
 * shares that frame's slots and keeps its own hidden ones above that frame's operands. */
#ifndef CLERKWORK_LANG_CODE_H
#define CLERKWORK_LANG_CODE_H

#include "lang/function.h"
#include "lang/program.h"

/*     op          what it does to the stack (top on the right)               a, b, c */
/* clang-format off */
#define OPS(X)                                                                                                         \
    X(STATEMENT)   /* begins sentence c */                                                                             \
    X(DONE)        /* sentence c has done its own part */                                                              \
    X(LOAD)        /* → value; asks when unset              c: slot */                                               \
    X(LOAD_GLOBAL) /* the same in the main routine's frame  c: slot */                                                 \
    X(LOAD_IF_SET) /* → value, null when unset              a: 1 global, c: slot */                                  \
    X(STORE)       /* value →                               c: slot */                                               \
    X(CONSTANT)    /* → value                               c: constant */                                           \
    X(POP)         /* value → */                                                                                     \
    X(FIELD)       /* object → value                        c: constant with the key */                              \
    X(INDEX)       /* object index → value */                                                                        \
    X(SLICE)       /* object from to step → value */                                                                 \
    X(NEGATE)      /* value → value */                                                                               \
    X(ADD)                                                                                                             \
    X(SUBTRACT) X(MULTIPLY) X(DIVIDE) X(FLOOR_DIVIDE) X(MODULO) X(POWER) /* left right → value */                    \
        X(COMPARE)       /* left right → boolean     a: CompareOp, b: place in the chain, c: of `in`: lookup + 1 */  \
        X(COMPARE_CHAIN) /* left right → right, or false and jump a: CompareOp, b: place, c: target */               \
        X(NOT)           /* value → boolean */                                                                       \
        X(JUMP)          /*                                       c: target */                                         \
        X(JUMP_IF_FALSE) X(JUMP_IF_TRUE) /* value →               c: target */                                       \
        X(AND) X(OR)                     /* value → value and jump, or nothing    c: target */                       \
        X(JUMP_IF_SET)                   /*                                       b: slot, c: target */                \
        X(TEMPLATE)                      /* n values → text                       c: n */                            \
        X(MAKE_LIST) X(MAKE_SET)         /* n values → one                c: n */                                    \
        X(MAKE_RECORD)                   /* n pairs → record                      c: n pairs */                      \
        X(CALL)               /* n values → value  a: n, b: FunctionId, c: of `contains`: lookup + 1 */              \
        X(CALL_PROCEDURE)                /* n values → value                     c: site */                          \
        X(RETURN)                        /* value → (in the caller) value */                                         \
        X(BOOK_CALL)                     /* n values → value                      c: site */                         \
        X(ASK)                           /* question [choices] → value            a: 1 with choices */               \
        X(ITERATE)        /* value → iterator; range arguments → iterator  a: how many of these, 0 for a value */  \
        X(NEXT)           /* iterator → iterator item, or → and jump  c: target */                                 \
        X(JUMP_IF_ENDED)  /* iterator → iterator                   c: target when nothing is left */                 \
        X(SEEK)           /* iterator → iterator, at the next candidate  c: lookup */                                \
        X(END_LOOP)       /* iterator → */                                                                           \
        X(LEAVE_LOOP)     /* iterator value → value */                                                               \
        X(COLLECT)        /* collection iterator [key] value → collection iterator  a: CollectOp */                  \
        X(UNPACK)         /* value → last … first                  c: n */                                         \
        X(SET_FIELD)      /* value object →                        c: constant with the key */                       \
        X(SET_INDEX)      /* value object index → */                                                                 \
        X(INPUT)          /* asks when it is needed and absent     b: input, c: where to go on when given */           \
        X(INPUT_DEFAULT)  /* value →, the default of input b       b: input */                                       \
        X(OUTPUT)         /* name value → */                                                                         \
        X(SAY)            /* value → */                                                                              \
        X(WAIT)           /* value →                               a: 1 until */                                     \
        X(FINISH) X(FAIL) /* value → */                                                                              \
        X(ENSURE)         /* [message] → ; asks                    a: 1 with a message */                            \
        X(VALIDATE_ADD)   /* list [message] → list                 a: 1 with a message */                            \
        X(VALIDATE)       /* list → ; asks when it holds anything */                                                 \
        X(NO_MATCH)       /* → value; always asks */                                                                 \
        X(NEED_KEY)       /* value → value; asks when it is an empty cell */                                         \
        X(NEED_NUMBER)    /* value → number; converts figures, asks for others */                                    \
        X(NEED_VALUE)     /* value → value; asks when it is nothing */                                               \
        X(COUNT_ROUND)    /* slot c counts the rounds of a `while` */                                                  \
        X(ZERO_ROUNDS)    /* slot c is 0 */                                                                            \
        X(TOO_DEEP)       /* fails: the program is nested too deeply */                                                \
        X(END_FRAGMENT)   /* [value] → ; back to the frame that asked    a: FragmentEnd */                           \
        X(SPLIT)          /* iterator → three words: the items of a loop at the same time */                           \
        X(CHILDREN)       /* three words →, once all items are back; a child: three words item, and its end  c: target */
/* clang-format on */

typedef enum Op {
#define X(name) OP_CODE_##name,
    OPS(X)
#undef X
        OP_CODE_N
} Op;

typedef enum FragmentEnd {
    FRAGMENT_USE,        /* the value stands in for the missing one */
    FRAGMENT_RETRY,      /* sentences done: the asking sentence starts again */
    FRAGMENT_REPLACE,    /* sentences done: on behind the asking sentence */
    FRAGMENT_NEXT_ITEM,  /* `go to the next one` in a replacement */
    FRAGMENT_LEAVE_LOOP, /* `stop the loop` in a replacement */
    FRAGMENT_RETURN,     /* `the result is …` in a replacement */
    FRAGMENT_CONDITION   /* the value of an `always when` */
} FragmentEnd;

typedef struct Instruction {
    uint8_t op, a;
    uint16_t b;
    uint32_t c;
} Instruction;

typedef struct SlotRef {
    Str name;
    uint32_t slot;
    bool global; /* in the main routine's frame */
} SlotRef;

#define NO_INDEX UINT32_MAX
typedef struct Sentence {
    const Node *node;
    uint32_t start, end;     /* first instruction, and where to go on when it is left out */
    uint32_t height;         /* operands before it */
    uint32_t loop;           /* the loop it stands in, or NO_INDEX */
    SlotRef *reads, *writes; /* for the journal */
    uint32_t n_reads, n_writes;
    bool writes_what_it_reads; /* then what it read is kept while it runs */
} Sentence;

typedef struct Loop { /* a loop or a comprehension while its iterator is on the stack */
    const Node *node;
    uint32_t start, end;  /* instructions with the iterator on the stack */
    uint32_t next;        /* where the next item is fetched */
    uint32_t height;      /* operands below the iterator */
    uint32_t rounds_slot; /* `while`: the hidden slot that counts; else NO_INDEX */
    uint32_t target_slot; /* of the item, or NO_INDEX */
    bool is_statement;
    bool has_iterator;
} Loop;

typedef struct Lookup { /* a condition that starts with <element's field> = <something outside>, or a search for an item
                         */
    Str key;
    uint32_t key_slot; /* hidden: the outside value; NO_INDEX: the items themselves are looked for */
    uint32_t place;    /* an instruction of the sentence that looks */
} Lookup;

typedef struct CallSite {
    const Node *node;
    uint32_t routine;     /* of a procedure */
    uint32_t *parameters; /* procedure: the slot of each argument; book: the parameter of each */
    uint32_t n;
    const Procedure *procedure;
} CallSite;

typedef struct Routine {
    Str name;
    uint32_t start, end;
    uint32_t n_parameters;
    uint32_t n_slots;    /* parameters, facts, hidden ones */
    uint32_t max_height; /* the most operands that ever stand above them */
    Str *slot_names;     /* "" for hidden ones */
} Routine;

typedef struct Code {
    Instruction *instructions;
    const Node **nodes; /* the node of each instruction */
    uint32_t *heights;  /* operands before each instruction; NO_INDEX where it is never reached */
    uint32_t n_instructions;
    Value *constants;
    uint32_t n_constants;
    Sentence *sentences;
    uint32_t n_sentences;
    Loop *loops; /* inner ones after the outer ones that hold them */
    uint32_t n_loops;
    Lookup *lookups;
    uint32_t n_lookups;
    CallSite *sites;
    uint32_t n_sites;
    Routine *routines; /* [0] is the main one, or the fragment */
    uint32_t n_routines;
    const Node **inputs; /* INPUT nodes */
    uint32_t *input_slots;
    uint32_t n_inputs;
    uint64_t hash; /* of the instructions: a snapshot fits only the code that it was taken from */
} Code;

/* The form of a program without errors. Lives in `arena`, points into the tree. */
const struct Code *code_compile(Arena *arena, const Program *program);

/* What an answer's fragment sees: the routine that asked and what stands above its slots. */
typedef struct FragmentScope {
    const Code *main; /* procedures are found there */
    const Code *code; /* of the frame that asked */
    uint32_t routine;
    uint32_t first_free_slot; /* counted from the frame's base */
    uint32_t asking;          /* the instruction that asked: comprehension variables in scope are seen */
    FragmentEnd end;          /* USE or CONDITION: `tree` is an expression; else a BLOCK */
    const Catalog *catalog;
} FragmentScope;
/* INVALID_ARGUMENT names what the answer uses and the program does not know. */
MUST_USE bool code_compile_fragment(Arena *arena, const Node *tree, const FragmentScope *scope, const Code **out,
                                    Error *err);

/* The innermost loop or comprehension whose iterator is on the stack at `pc`, or NO_INDEX. */
uint32_t code_loop_at(const Code *code, uint32_t pc);
uint32_t code_routine_at(const Code *code, uint32_t pc);

#endif
