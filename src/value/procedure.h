/* value/procedure.h: what a book's procedure is, as data. The language binds calls against it, the engine journals by
 * it, the API lists it; only books/ knows how to carry one out. */
#ifndef CLERKWORK_VALUE_PROCEDURE_H
#define CLERKWORK_VALUE_PROCEDURE_H

#include "value/type.h"

typedef enum Effect {
    EFFECT_PURE, /* same arguments, same result: may run again at any time, needs no journal entry to be right */
    EFFECT_READ, /* looks at the world (clock, randomness, a file): its result is journalled, repeating harms nobody */
    EFFECT_REPEATABLE, /* changes the world, but twice is the same as once */
    EFFECT_KEYED,      /* changes the world; takes an idempotency key, so that twice is once */
    EFFECT_ONCE,       /* changes the world; when in doubt a person is asked */
} Effect;

typedef struct Parameter {
    Str name; /* snake_case */
    const Type *type;
    bool required;
    Str description;
    Str columns_of; /* its text, or list of texts, names columns of the table in this parameter; "" */
} Parameter;

/* Which columns a table has that a procedure gives, by the parameters that are called so. */
typedef enum ResultColumns {
    COLUMNS_OPEN,     /* nobody knows before it runs */
    COLUMNS_SAME,     /* those of `table` */
    COLUMNS_WITHOUT,  /* those of `table` but for `columns` */
    COLUMNS_RENAMED,  /* those of `table`; `column` is called `name` */
    COLUMNS_RUNNING,  /* those of `table`, and `name`, or else "running" and `column` */
    COLUMNS_JOINED,   /* those of `table`, and those of `other` but for its key; "other …" where both have it */
    COLUMNS_TOTALLED, /* `key`, `columns` (or else all numbers of `table`), and "count" */
    COLUMNS_STACKED,  /* those of all `tables` */
} ResultColumns;

typedef struct Procedure {
    Str book; /* "files" */
    Str name; /* "read_table" */
    /* One English sentence: {result} is the fact that the sentence names, {x} the parameter x.
     *   "get {result} from {file}"  →  get the invoices from the invoice file
     * Parameters that the sentence does not place follow as indented lines: `the subject is "…"`. Other sentences that
     * mean the same stand behind "|"; the first is the one that is printed. */
    Str english;
    Str description;
    Str example;
    const Parameter *parameters;
    uint32_t n_parameters;
    const Type *result;    /* NULL: gives nothing */
    ResultColumns columns; /* of a result that is a table */
    Effect effect;
    bool outside;   /* asks another server: while it answers, the run holds no thread */
    Str connection; /* that it takes where a call names none; "" */
} Procedure;

typedef struct Argument { /* a name and its value: inputs, outputs, arguments of a call */
    Str name;
    Value value;
} Argument;

/* All procedures that an automation may call, in a stable order. Owned by whoever wires the program together. */
typedef struct Catalog {
    const Procedure *const *procedures;
    uint32_t n_procedures;
} Catalog;

const Procedure *catalog_find(const Catalog *catalog, Str book, Str name); /* NULL when absent */
const Parameter *procedure_parameter(const Procedure *procedure, Str name);

#endif
