/* lang/check_internal.h: what the parts of the checker share. Inside lang only. */
#ifndef CLERKWORK_LANG_CHECK_INTERNAL_H
#define CLERKWORK_LANG_CHECK_INTERNAL_H

#include "base/map.h"
#include "lang/check.h"
#include "lang/check_shape.h"
#include "lang/function.h"

typedef struct Fact {
    Str name;
    uint32_t index;     /* in the scope's sets */
    const Node *set_at; /* the first statement that sets it */
    const Type *type;   /* of all its values together; NULL while none is known */
    bool is_input, is_loop,
        keeps_call; /* how it is set first: unused ones are no warning where the setting is the point */
    bool used, warned;
    bool of_items;    /* set for each item of a loop at the same time on its own */
    Str part_of;      /* there: the fact of all items that it is part of, or "" */
    bool holds_parts; /* … it is a list of its own, and only its items are part of that */
} Fact;

/* The program's facts, or a procedure's own: every name that it sets is its own, as in Python. */
typedef struct Scope {
    Map facts;           /* name → Fact */
    struct Scope *outer; /* of a procedure: the program's; else NULL */
    const Node *define;
    const Type *result; /* of a procedure: of all its results together; NULL while none is known */
    bool always_gives;  /* no way through the procedure ends without a result */
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

struct Checker {
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
    bool quiet;     /* finding out types: nothing is reported */
    bool changed;   /* this round found out more than the one before */
    bool unsettled; /* rounds ran out before types stood still: facts are taken to be anything */
    Shape **shapes; /* by the id of the node that makes the value; NULL where none does */
    uint32_t n_nodes;
    struct Pending *pending;
    uint32_t n_pending, cap_pending, held;
    Node *statement;      /* at hand */
    Map procedures;       /* name → DEFINE */
    Map procedure_scopes; /* name → Scope */
    Map called;           /* procedures that are called */
    Map connections;      /* alias → CONNECTION */
    Map used_connections;
    Scope *scope;
    Flow *flow; /* NULL while quiet */
    Local *locals;
    unsigned loops;
    bool same_time;     /* the innermost loop is */
    const Items *items; /* of the innermost loop at the same time around, or NULL */
    OutputSpec *outputs;
    uint32_t n_outputs, cap_outputs;
};

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
const Type *check_book_call(Checker *checker, Node *call);
const Type *check_procedure_call(Checker *checker, Node *call);
void check_connections(Checker *checker, const Node *program);

/* ---- check_types.c ---- */
/* The type of an expression, as far as it is sure, after checking all that is in it; never NULL. */
const Type *check_expression(Checker *checker, Node *node);
bool check_is_known(const Type *type);
const Type *check_item_type(const Type *type); /* of what a loop over it gives */
/* What a loop goes through. Where its rounds give lists of known parts (the entries of a record), they are the type's
 * fields. */
const Type *check_iterable(Checker *checker, Node *node);
const Type *check_round(Checker *checker, const Type *type);               /* of what a round gives */
const Type *check_part(const Type *type, uint32_t part, uint32_t n_parts); /* of a round's part of so many */
Str check_type_shown(Checker *checker, const Type *type);                  /* "a list of texts" */
void check_wait(Checker *checker, const Node *wait, const Type *type);
void check_input_default(Checker *checker, const Node *input);

/* ---- check_repeated.c ---- */
/* the amounts times 2: in English nobody means the list twice over. Who does says so: (the amounts as a list) times 2.
 */
void check_repeated(Checker *checker, Node *product, Node *list);
/* append the late orders to the results: each of them is meant, and not a list within the list. Who means that writes
 * append (the late orders) to the results. */
void check_list_as_item(Checker *checker, const Node *call, Node *value, const Type *type);
/* the list of the first name and the last name joined with " ": both are meant, and not the last alone. Who means that
 * puts it in parentheses. */
void check_last_item(Checker *checker, Node *list);
/* append (the late orders) to the results: it is meant as it stands. */
bool check_in_parentheses(const Checker *checker, const Node *node);
/* append 5 to the orders' amounts: no order would be changed by it. */
void check_lost_change(Checker *checker, const Node *call);
/* check_before.c: the due date is more than 3 days before the end: earlier than that, or later? `i` is the comparison's
 * left value. */
void check_time_before(Checker *checker, const Node *compare, uint32_t i);
/* What stands for an item of the list: of the orders' amounts the element, else the singular's name. */
Node *check_item_of(Checker *checker, Node *list);
/* `element`, made of that item, for each of them. */
Node *check_each_item(Checker *checker, Node *list, Node *element);

/* ---- check_contained.c ---- */
/* the leases contain "Bob": no row is a text. `node`: the whole comparison. */
void check_contained(Checker *checker, Node *node, Node *rows, Node *wanted, const Type *of_rows,
                     const Type *of_wanted);

/* ---- check_items.c: outside loops at the same time they do nothing ---- */
/* What is known to be part of something: the target is set to the value, or to what a list holds, round for round. */
void check_item_part(Checker *checker, const Node *target, const Node *value);
void check_item_round(Checker *checker, const Node *target, const Node *list);
/* Refused where it is not the item's own: the target is set anew; `changed` stays the same value and becomes another.
 */
void check_item_set(Checker *checker, const Node *at, const Node *target);
void check_item_change(Checker *checker, const Node *at, const Node *changed);

/* ---- check_order.c ---- */
bool check_names(const Node *tree, Str name); /* somewhere in it stands that name */
/* Nothing sets the name at `use` but a later `for` of the comprehension that it stands in: false where that is not so.
 */
bool check_hint_order(Checker *checker, Diagnostic *about, const Node *use);

/* ---- check_fields.c ---- */
const Type *check_field(Checker *checker, Node *field);                /* that is read */
void check_set_part(Checker *checker, Node *target, const Type *type); /* a FIELD or INDEX is given a value */
/* The names of columns in a text or a list of texts: they must be there. */
void check_columns(Checker *checker, Node *names, Shape *rows);
/* Counts a sentence that names the field; `use`: FIELD, text LITERAL or PAIR. */
void check_note_use(Checker *checker, Shape *shape, Str name, Node *use);
/* Names that one sentence alone uses, and that are one letter away from another's. */
void check_lone_fields(Checker *checker);
/* The type of a field that need not be there, nothing where it is not. */
const Type *check_find(Checker *checker, Node *call, const Type *record);
/* The part of a program in the spelling of the text that was read. */
Str check_printed(Checker *checker, const Node *node);
/* The line of the statement at hand that reads otherwise with `right` in the place of its part; "" where none does. */
Str check_sentence_with(Checker *checker, Node *part, Node right);

/* ---- check_results.c ---- */
/* What a function gives for arguments of these types. */
const Type *check_function_result(Checker *checker, Node *call, const Type *const *types);
/* What a book's procedure gives; `types` stand beside the call's arguments. */
const Type *check_book_result(Checker *checker, Node *call, const Type *const *types);

/* ---- check.c ---- */
void check_set_fact(Checker *checker, Fact *fact, const Type *type); /* it may have a value of this type */
const Type *check_fact_use(Checker *checker, const Node *name);

#endif
