/* lang/check_internal.h: what the parts of the checker share. Inside lang only. */
#ifndef CLERKWORK_LANG_CHECK_INTERNAL_H
#define CLERKWORK_LANG_CHECK_INTERNAL_H

#include "base/map.h"
#include "lang/check.h"
#include "lang/function.h"

typedef struct Fact {
    Str name;
    uint32_t index;     /* in the scope's sets */
    const Node *set_at; /* the first statement that sets it */
    const Type *type;   /* of all its values together; NULL while none is known */
    bool is_input, is_loop,
        keeps_call; /* how it is set first: unused ones are no warning where the setting is the point */
    bool used, warned;
    bool of_items; /* set for each item of a loop at the same time on its own */
    Str part_of;   /* there: the fact of all items that it is part of, or "" */
} Fact;

/* The program's facts, or a procedure's own: every name that it sets is its own, as in Python. */
typedef struct Scope {
    Map facts;           /* name → Fact */
    struct Scope *outer; /* of a procedure: the program's; else NULL */
    const Node *define;
} Scope;

/* Which of a scope's facts are set: on every way to here, on some way. */
typedef struct Flow {
    uint64_t *always, *maybe;
    uint32_t words;
    bool ended; /* break, return, finish …: nothing follows */
} Flow;

typedef struct Local { /* a comprehension's variable */
    Str name;
    const Type *type;
    struct Local *outer;
} Local;

typedef struct Items { /* of a loop at the same time */
    const Node *loop;
    const Flow *start; /* what all of them share */
} Items;

typedef struct Checker {
    Arena *arena;
    const Catalog *catalog;
    Diagnostics *all;
    bool readable;
    /* Of what could not be read, in lower case; empty when all was. */
    Str lost, *lost_words;
    uint32_t n_lost_words;
    Map told;       /* facts that nothing sets: each is told once */
    Scope **scopes; /* of the procedures, by their place in the program; NULL between */
    uint32_t n_scopes;
    bool quiet;      /* finding out types: nothing is reported */
    Map procedures;  /* name → DEFINE */
    Map called;      /* procedures that are called */
    Map connections; /* alias → CONNECTION */
    Map used_connections;
    Scope *scope;
    Flow *flow; /* NULL while quiet */
    Local *locals;
    unsigned loops;
    bool same_time;     /* the innermost loop is */
    const Items *items; /* of the innermost loop at the same time around, or NULL */
    OutputSpec *outputs;
    uint32_t n_outputs, cap_outputs;
} Checker;

/* ---- problems ---- */
Span check_span(const Checker *checker, const Node *node);
Diagnostic *check_error(Checker *checker, const char *code, const Node *node, const char *format, ...)
    PRINTF_LIKE(4, 5);
Diagnostic *check_warning(Checker *checker, const char *code, const Node *node, const char *format, ...)
    PRINTF_LIKE(4, 5);
void check_hint(Checker *checker, Diagnostic *about, const char *format, ...) PRINTF_LIKE(3, 4); /* NULL is accepted */
bool check_in_english(const Checker *checker);
/* A fact's, parameter's or procedure's name as the text that was read spells it. */
Str check_name(Checker *checker, Str name);
bool check_gives_result(const Node *node);                      /* somewhere in it stands “the result is …” */
void check_call_result(Checker *checker, const Node *call);     /* of a call that stands for its result */
Str check_fact_name(Checker *checker, Str name);                /* the due date · due_date */
Str check_function_name(Checker *checker, FunctionId function); /* “the sum of …” · sum */

/* ---- check_lost.c ---- */
enum { LOST_WORDS_MAX = 500 };
/* Notes the sentences in which reading found errors. */
void check_find_lost(Checker *checker);
/* Whether such a sentence may have set this fact: its words, or words almost like them, stand there. Then nothing is
 * said about its absence. */
bool check_may_be_lost(const Checker *checker, Str name);

/* ---- check_calls.c ---- */
void check_book_call(Checker *checker, Node *call);
void check_procedure_call(Checker *checker, Node *call);
void check_connections(Checker *checker, const Node *program);

/* ---- check_types.c ---- */
/* The type of an expression, as far as it is sure, after checking all that is in it; never NULL. */
const Type *check_expression(Checker *checker, Node *node);
const Type *check_join(Checker *checker, const Type *a, const Type *b);
const Type *check_item_type(const Type *type); /* of what a loop over it gives */
const Type *check_iterable(Checker *checker, Node *node);
void check_wait(Checker *checker, const Node *wait, const Type *type);
void check_input_default(Checker *checker, const Node *input);

/* ---- check_items.c: outside loops at the same time they do nothing ---- */
void check_item_part(Checker *checker, const Node *target, const Node *value); /* target is set to value */
/* `changed` is set anew, or something of it is: refused where it is not the item's own. */
void check_item_change(Checker *checker, const Node *at, const Node *changed);

/* ---- check.c ---- */
const Type *check_fact_use(Checker *checker, const Node *name);

#endif
