/* lang/eval.h: carries a program out, one node at a time, on a stack of its own.
 *
 * An Evaluation is a run's whole state: facts, stack, journal not yet taken. It has no clock, no randomness, no I/O and
 * no threads: whatever comes from outside it asks for (EVAL_CALL) and is told (evaluation_supply). The same program,
 * inputs and replies give the same states, byte for byte. It never recurses on the C stack over data or program depth.
 * Facts live in the evaluation's own arena, which is compacted between statements when more than half of it is garbage;
 * budgets bound steps, depth, memory and output. */
#ifndef CLERKWORK_LANG_EVAL_H
#define CLERKWORK_LANG_EVAL_H

#include "lang/program.h"

typedef struct Evaluation Evaluation;

typedef struct Budget {    /* passing one ends the run with a clear text; 0 takes the default */
    uint64_t fuel;         /* steps;            default 1,000,000,000 */
    uint32_t depth;        /* procedure calls;  default 1,000 */
    uint64_t memory_bytes; /* live and garbage; default 512 MiB */
    uint64_t output_bytes; /* outputs and says; default 64 MiB */
    uint32_t trace_events; /* node events kept in the journal; then only effects, questions, patches and ends; default
                              10,000 */
} Budget;

/* Why a run cannot go on, in the reader's words. Lives in the evaluation until the next evaluation_* call. */
typedef struct Question {
    const char *kind;     /* stable kebab-case: "missing-field", "missing-input", "not-a-number", "failed-check",
                             "book-error", "ask", … */
    const char *group;    /* "missing_values", "user_system_error" or "internal_error" */
    uint32_t node_id;     /* the node that cannot go on */
    uint32_t sentence_id; /* the statement it stands in */
    Str call_path;        /* which call and which rounds of which loops, printable: "main/12#17" */
    Str message;          /* exact and short, for engineers */
    Str description;      /* "Row 17 of the invoices has no purchase order number. What is it?" */
    Str missing;          /* name of the missing or failing thing ("purchase order number"), or "" */
    const Type *expected; /* what an answer should be; type_any when anything */
    Reading reading;      /* how figures and dates in a bare answer are read: as the run reads them in files */
    Str suggestions[8];   /* certain ones only, as answers could be written; order never changes */
    uint32_t n_suggestions;
    Argument extra[8]; /* texts: "row", "column", "value", "table", "fact" … for Exception.extra */
    uint32_t n_extra;
} Question;

typedef enum EvalStatus {
    EVAL_READY,     /* out of its slice of fuel: call evaluation_run again */
    EVAL_CALL,      /* a book procedure is wanted: evaluation_call */
    EVAL_QUESTION,  /* a person is wanted: evaluation_question */
    EVAL_TIMER,     /* `wait`: evaluation_timer */
    EVAL_COMPLETED, /* evaluation_outputs */
    EVAL_FAILED,    /* evaluation_failure: `fail`, a passed budget, `stop the run` */
    EVAL_CHILDREN   /* `at the same time`: evaluation_children */
} EvalStatus;

typedef struct EvalCall {
    const Procedure *procedure;
    Str alias; /* connection, or "" */
    uint32_t node_id;
    const Argument *arguments; /* in the procedure's order; those left out are absent */
    uint32_t n_arguments;
} EvalCall;

typedef struct EvalTimer {
    bool until; /* wait until `moment`; else for seconds */
    int64_t seconds;
    Value moment; /* a date, time or date-time; whoever knows the workspace's zone resolves it */
} EvalTimer;

/* ---- life ---- */
typedef struct EvalOptions {
    Budget budget;
    Reading reading; /* the workspace's: what it leaves open becomes a question */
} EvalOptions;
/* `inputs` are converted to the types of the program's inputs; the first that does not fit, or is missing without a
 * default, becomes the run's first question, not an error. The program must be free of errors and outlive the
 * evaluation. */
Evaluation *evaluation_new(const Program *program, const Argument *inputs, uint32_t n_inputs, EvalOptions options);
void evaluation_free(Evaluation *evaluation);                           /* NULL is accepted */
EvalStatus evaluation_run(Evaluation *evaluation, uint64_t fuel_slice); /* goes on until it needs something */
EvalStatus evaluation_status(const Evaluation *evaluation);

/* ---- asking and telling ---- */
const EvalCall *evaluation_call(const Evaluation *evaluation);
/* Where the evaluation stands: the call path of a question there, and the node, as in "main/12#17/33". In `arena`. */
Str evaluation_place(const Evaluation *evaluation, Arena *arena);
/* The call's result; for a procedure without one, null. Copied; but where `made`, the arena that it was made in, may be
 * had, a long table stays where it is and the arena is taken over and left empty. NULL when it is needed still. Status
 * becomes EVAL_READY. */
void evaluation_supply(Evaluation *evaluation, Arena *made, Value result);
/* The call failed: becomes a question of kind "book-error" with this text (`field` names the parameter at fault). */
void evaluation_supply_error(Evaluation *evaluation, const Error *error);
/* The call may or may not have happened before a crash: becomes a question of kind "in-doubt". */
void evaluation_supply_doubt(Evaluation *evaluation);
const EvalTimer *evaluation_timer(const Evaluation *evaluation);
void evaluation_timer_fired(Evaluation *evaluation);
const Question *evaluation_question(const Evaluation *evaluation);
Str evaluation_failure(const Evaluation *evaluation); /* text for a person */
uint32_t evaluation_failure_node(const Evaluation *evaluation);
const Argument *evaluation_outputs(const Evaluation *evaluation, uint32_t *out_n); /* in the order of first output */
uint64_t evaluation_fuel_used(const Evaluation *evaluation);
size_t evaluation_memory(const Evaluation *evaluation); /* bytes that it holds, live and garbage */

/* ---- children: `for each …, at the same time` ----
 * Wanted items follow one another in the loop. Every one is worked on by an evaluation of its own, made from the
 * parent, which stays as it is meanwhile. What children give back is told in the order of the items; the parent takes
 * it all in at once when the last is told. A child that failed becomes a question of kind "item-failed", asked after
 * all others are taken in. */
uint32_t evaluation_children(const Evaluation *evaluation); /* EVAL_CHILDREN: how many are wanted; else 0 */
uint32_t evaluation_children_told(const Evaluation *evaluation);
uint32_t evaluation_children_first(const Evaluation *evaluation); /* place of the first wanted item, from 1 */
/* The wanted child number `i`, from 0: a copy of its item and of the facts that its sentences use. It keeps nothing of
 * the parent, which may end before it. */
Evaluation *evaluation_child(const Evaluation *parent, uint32_t i, EvalOptions options);
bool evaluation_is_child(const Evaluation *evaluation);
uint32_t evaluation_child_item(const Evaluation *child); /* the item's place in the loop, from 1 */
uint64_t evaluation_child_site(const Evaluation *child); /* of the state that it began with; never 0 */
/* What the item has become and the outputs, of a child that is EVAL_COMPLETED; why not, of one that has failed. */
void evaluation_give_back(Evaluation *child, Buf *out);
void evaluation_give_back_failure(Buf *out, Str failure); /* of a child that was ended from outside */
/* Tells the next child's. DATA_LOSS on bytes that make no sense. Status becomes EVAL_READY with the last one. */
MUST_USE bool evaluation_take_back(Evaluation *parent, Str given, Error *err);
/* Children one after the other, in the hand of one caller: goes over to the next wanted child, or from a child that has
 * ended to its parent, which has been told. False, nothing changed, where neither is to be done. A child that is freed
 * frees the parents that it was entered from. */
bool evaluation_turn(Evaluation **evaluation);
/* As evaluation_save and evaluation_restore, with the parents that it was entered from. */
void evaluation_save_all(Evaluation *evaluation, Buf *out);
MUST_USE bool evaluation_restore_all(const Program *program, Str bytes, EvalOptions options, Evaluation **out,
                                     Error *err);

/* ---- the journal of what happened (lang/trace.h reads it) ---- */
Str evaluation_trace(const Evaluation *evaluation); /* packed entries since the last clear */
void evaluation_trace_clear(Evaluation *evaluation);

/* ---- snapshots ---- */
/* Valid in every status; linear in the live values; the same state gives the same bytes. */
void evaluation_save(Evaluation *evaluation, Buf *out);
/* Of the same program (checked by its hash: FAILED_PRECONDITION) in any process. DATA_LOSS on bytes that make no sense.
 */
MUST_USE bool evaluation_restore(const Program *program, Str bytes, EvalOptions options, Evaluation **out, Error *err);

#endif
