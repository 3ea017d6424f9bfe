/* lang/eval_state.h: an evaluation from the inside: for the files eval*.c, question*.c, answer.c and functions_*.c.
 *
 * All of the run's values stand in `stack`, `inputs`, `outputs`, `memory` and `lookups`: these are the roots of
 * compaction and of snapshots. An instruction that cannot go on leaves its operands where they are and describes the
 * problem; a hole says which value an answer would stand in for: one of the operands, or the result. */
#ifndef CLERKWORK_LANG_EVAL_STATE_H
#define CLERKWORK_LANG_EVAL_STATE_H

#include "lang/answer.h"
#include "lang/code.h"
#include "lang/trace.h"

/* Iterators on the stack: kinds that no value of a program has. */
enum {
    KIND_RANGE = VALUE_N_KINDS, /* first word of a range's iterator: low is the step */
    KIND_POSITION,              /* second word: low is the position (of a range: the next number), high counts rounds */
    KIND_CURSOR,                /* third word: of a range: where it ends; else the last candidate plus one */
};

enum { HOLE_RESULT = -1, HOLE_NONE = -2 };

typedef struct Problem { /* why an instruction cannot go on */
    const char *kind;
    const char *group;
    int hole; /* an operand's number, HOLE_RESULT or HOLE_NONE */
    const Type *expected;
    Value found;    /* the value at fault; UNSET for none */
    Str missing;    /* a name; a view into something that lives on */
    Str suggestion; /* an answer that is certainly meant, or "" */
    char text[512]; /* what is wrong, a sentence without its end */
} Problem;

typedef struct Frame {
    const Code *code;
    uint32_t fragment; /* 0, or the number of the fragment whose code it is, from 1 */
    uint32_t routine;
    uint32_t pc;       /* the instruction in hand */
    uint32_t base;     /* its slots on the stack */
    uint32_t operands; /* its operands on the stack */
    uint32_t sentence; /* in hand, or NO_INDEX */
    bool patched;      /* the sentence in hand was patched by an answer */
    Buf kept;          /* packed facts that the sentence in hand reads and writes, as they were before it */
} Frame;

typedef struct Memory { /* an answer's value, or an effect's result, for as long as its sentence lasts */
    uint32_t frame;
    uint32_t pc;
    int hole;
    uint64_t rounds; /* of the comprehensions around it */
    Value value;
} Memory;

typedef struct Fragment { /* an answer that was compiled: lives as long as its frame */
    Str text;             /* canonical English of the answer: snapshots keep it and compile it again */
    FragmentEnd end;
    int hole; /* USE: where the value goes */
    const Type *expected;
    const Code *code;
    Arena arena; /* tree, code and texts */
} Fragment;

typedef struct LookupState { /* a hash index over one collection */
    Value container;         /* UNSET when none */
    uint32_t uses;
    uint32_t covered; /* items in the index */
    uint32_t
        stop; /* the first item that cannot be in an index, or NO_INDEX: from there on items are looked at one by one */
    uint32_t *lasts; /* by hash: the last item of a chain + 1 */
    uint32_t n_chains;
    uint32_t *next; /* by item: the next one of its chain + 1, ascending; behind the last stands the first */
    uint16_t *tags; /* by item: of its hash */
    uint32_t cap;
} LookupState;

typedef struct FieldHint { /* where a field was found last time */
    const void *shape;
    const char *name;
    uint32_t count, index;
} FieldHint;

typedef struct Output {
    Value name, value;
} Output;

typedef struct Outside { /* a fact of all items, as a child began with it */
    uint32_t slot;       /* on the stack */
    uint64_t hash;
} Outside;

struct Evaluation {
    const Program *program;
    const Code *code;
    EvalOptions options; /* budgets with their defaults */
    EvalStatus status;
    bool started; /* the journal's first entry is written */

    Arena heap;     /* all values of the run */
    Arena *retired; /* of fragments that have ended: texts in them may be in use until the next compaction */
    uint32_t n_retired;
    size_t live;         /* bytes in it after the last compaction */
    size_t heap_trigger; /* bytes at which to look whether to compact again */
    bool compact_always; /* tests: at every sentence */

    Value *stack;
    uint32_t top, cap_stack;
    Frame *frames;
    uint32_t n_frames, cap_frames;
    Value *inputs; /* by the program's inputs; UNSET when not given */
    Output *outputs;
    uint32_t n_outputs, cap_outputs;
    Memory *memory;
    uint32_t n_memory, cap_memory;
    Fragment **fragments; /* NULL where one has ended */
    uint32_t n_fragments, cap_fragments;
    LookupState *lookups;
    uint32_t n_lookups;
    FieldHint *hints; /* by instruction of the program's code */

    uint64_t fuel_used, output_bytes;
    uint32_t depth; /* procedure frames */

    Buf trace;
    uint32_t trace_left; /* node events still kept */
    uint32_t trace_omitted;
    uint32_t trace_last_node;

    Problem problem;
    Question question;
    Arena question_arena;
    int hole; /* of the open question */
    EvalCall call;
    Argument *call_arguments;
    uint32_t cap_call_arguments;
    EvalTimer timer;
    char failure[640];
    uint32_t failure_node;
    Argument *output_view; /* for evaluation_outputs */
    uint32_t cap_output_view;
    Evaluation *parent;    /* whose evaluation goes on when this child has ended: evaluation_turn */
    uint32_t child_frames; /* how many frames a child began with; 0: it is none */
    uint32_t child_loop;   /* the loop, in the code of the last of them */
    uint64_t child_site;
    Outside *outside;
    uint32_t n_outside;

    bool testing; /* an expression is tried out: no journal, no questions */
    bool tested;  /* it has its result: */
    Value test_result;
};

/* ---- eval_heap.c ---- */
void heap_compact(Evaluation *evaluation);
/* At a point where every live value is a root. False when the budget is passed (the run has failed then). */
MUST_USE bool heap_check(Evaluation *evaluation);
/* Memory beside the heap (stack, frames, indexes) has grown: where the budget may be passed, the next point looks. */
void heap_grown_outside(Evaluation *evaluation);
/* What a book made, as a value of the run. */
Value heap_take(Evaluation *evaluation, Arena *made, Value result);
/* Whether `bytes` more may be allocated before the next such point; else the problem is set. */
MUST_USE bool heap_admits(Evaluation *evaluation, uint64_t bytes);

/* ---- eval.c ---- */
Evaluation *evaluation_empty(const Program *program, EvalOptions options); /* no frame, no inputs yet */
void evaluation_fail(Evaluation *evaluation, const char *format, ...) PRINTF_LIKE(2, 3);
static inline Frame *frame_top(const Evaluation *evaluation)
{
    return &evaluation->frames[evaluation->n_frames - 1];
}
void stack_reserve(Evaluation *evaluation, uint32_t more);
void frame_push(Evaluation *evaluation, Frame frame); /* takes its slots and sets them to UNSET where they are new */
void frame_pop(Evaluation *evaluation);
const Code *frame_code(const Evaluation *evaluation, uint32_t fragment);
uint32_t op_pops(const Code *code, uint32_t pc); /* operands that an instruction takes */
/* The sentence in hand, as the program (not an answer) has it: for addresses. */
const Sentence *frame_sentence(const Frame *frame);
Frame *asking_frame(const Evaluation *evaluation); /* the top one that is no fragment */

/* ---- memory: values that answers gave, while their sentence lasts ---- */
const Value *memory_find(const Evaluation *evaluation, int hole);
void memory_add(Evaluation *evaluation, int hole, Value value);
void memory_drop(Evaluation *evaluation, int hole);         /* what memory_find finds */
void memory_forget(Evaluation *evaluation, uint32_t frame); /* of this frame and those above */

/* ---- problem.c ---- */
void problem_note(Evaluation *evaluation, const char *kind, int hole, const Type *expected, Value found,
                  const char *format, ...) PRINTF_LIKE(6, 7);
void problem_note_missing(Evaluation *evaluation, int hole, const Type *expected, Value found);
void problem_note_fact(Evaluation *evaluation, Str name);
void problem_note_error(Evaluation *evaluation, int hole, const Error *err);
/* Set the evaluation's problem and give false, so that refusing is one line (and compilers see that it is always
 * false). */
#define problem_set(...) (problem_note(__VA_ARGS__), false)
#define problem_missing(...) (problem_note_missing(__VA_ARGS__), false)
#define problem_missing_fact(...) (problem_note_fact(__VA_ARGS__), false)
#define problem_error(...) (problem_note_error(__VA_ARGS__), false) /* of a decimal operation */

/* ---- eval_parts.c: what operations promise: false means that the problem is set, and nothing has changed ---- */
bool operate_field(Evaluation *evaluation, Value object, Str key, FieldHint *hint, Value *out);
FieldResult field_read(Arena *arena, Value object, Str *key, Value *out); /* `key` becomes the name it was found by */
bool operate_index(Evaluation *evaluation, Value object, Value index, Value *out);
bool operate_slice(Evaluation *evaluation, const Value *operands, Value *out);
bool operate_set_field(Evaluation *evaluation, Value value, Value object, Str key);
bool operate_set_index(Evaluation *evaluation, Value value, Value object, Value index);
Value row_as_record(Evaluation *evaluation, Value row);

/* ---- eval_operate.c: of two values one ---- */
bool operate_arithmetic(Evaluation *evaluation, ArithmeticOp op, Value left, Value right, Value *out);
bool operate_negate(Evaluation *evaluation, Value value, Value *out);
bool operate_compare(Evaluation *evaluation, CompareOp op, Value left, Value right, bool *out);

/* ---- eval_collections.c: going through items, and making collections of them ---- */
bool operate_iterate(Evaluation *evaluation, const Value *operands, uint32_t n_range, Value out[3]);
bool operate_next(Evaluation *evaluation, Value *iterator, Value *out_item); /* false at the end */
bool operate_unpack(Evaluation *evaluation, Value value, uint32_t n, Value *out);
void operate_template(Evaluation *evaluation, const Value *pieces, uint32_t n, Value *out);
Value operate_list(Evaluation *evaluation, const Value *items, uint32_t n);
bool operate_set(Evaluation *evaluation, const Value *items, uint32_t n, Value *out);
bool operate_record(Evaluation *evaluation, const Value *pairs, uint32_t n, Value *out); /* key, value, key, value … */
bool operate_collect(Evaluation *evaluation, CollectOp op, Value collection, Value key, Value item);

/* ---- eval_written.c: texts beside times and lengths of time ---- */
/* In place, of + and -: what a text or nothing must be beside a moment or a length. False when it is not. */
bool written_operands(Evaluation *evaluation, ArithmeticOp op, Value *left, Value *right);
/* Two texts from fields, of which one says a moment: then both must. */
bool written_pair(Evaluation *evaluation, Value *left, Value *right);

/* Whether a value is nothing where something is needed: null, and an empty cell that was read from a field. */
bool value_is_blank(Value value);
/* Whether operand `hole` of the instruction in hand was read from a field of a record or a row. */
bool operand_is_field(const Evaluation *evaluation, int hole);
bool need_value(Evaluation *evaluation, Value value); /* of operand 0: not nothing; else the problem is set */
/* A number, out of a number, a boolean or a figure in a text; else the problem is set for that operand. */
bool need_number(Evaluation *evaluation, int hole, Value value, Value *out);
/* A text such as "100.00 EUR": not to be added up as a bare number where others may be in another currency. */
bool names_currency(Value value);
bool problem_several_currencies(Evaluation *evaluation, Value first, Value second); /* gives false */
bool need_int(Evaluation *evaluation, int hole, Value value, int64_t *out);
bool need_text(Evaluation *evaluation, int hole, Value value, Str *out);
/* All items of a list, set, record (its keys), table (its rows) or text, as a list (the list itself when it is one). */
bool need_list(Evaluation *evaluation, int hole, Value value, List **out);
bool need_hashable(Evaluation *evaluation, int hole, Value value);

/* ---- functions.c ---- */
bool function_call(Evaluation *evaluation, FunctionId id, const Value *arguments, uint32_t n, Value *out);

/* ---- eval_lookup.c ---- */
/* Moves the iterator on to the next item that can match. */
void lookup_seek(Evaluation *evaluation, uint32_t lookup, Value key, Value *iterator);
/* Whether a list has an item: through the index of the instruction in hand, where it has one. Pays its fuel. */
bool lookup_has(Evaluation *evaluation, Value list, Value item);
void lookup_built_again(Evaluation *evaluation, uint32_t lookup, uint32_t covered); /* after a restore, unpaid */
void lookups_drop(LookupState *state);
/* Something changed: a field of a record or row, or the order or number of a collection's items. */
void lookups_field_changed(Evaluation *evaluation, Value object, Str key);
void lookups_items_changed(Evaluation *evaluation, Value container);
/* The main program stands at `pc`, in no loop: indexes of sentences before it are of no more use. */
void lookups_pass(Evaluation *evaluation, uint32_t pc);

/* ---- eval_children.c ---- */
void children_split(Evaluation *evaluation, Value words[3]); /* the iterator becomes the loop's three words */
/* The loop at the frame on top: wants its children, takes in what they gave back, or is over. False on a problem. */
bool children_step(Evaluation *evaluation, bool *out_over);
/* The frame on top asks about an item that failed. */
bool children_failed(const Evaluation *evaluation);
void children_again(Evaluation *evaluation);   /* that item is worked on once more */
void children_without(Evaluation *evaluation); /* that item stays as it is */
/* A child's item, by the loop's name for it ("item" where it has several). */
Argument child_argument(const Evaluation *child);
/* The loop whose item a child works on, NULL for an evaluation that is no child. */
const Loop *child_loop(const Evaluation *evaluation);
bool child_is_at_end(const Evaluation *evaluation, const Frame *frame, uint32_t pc);
bool child_is_outmost(const Evaluation *evaluation); /* the frame on top is the one that the loop stands in */
/* Three words from a snapshot: of the loop whose item a child works on (`own`), or of any other at the same time. */
bool children_words_fit(bool own, const Value words[3]);
/* The first fact of all items that is not what it was; "" when all are. */
Str child_changed(const Evaluation *evaluation);

/* ---- eval_snapshot.c ---- */
/* What kind of answer the instruction that `frame` is at takes: its own type where that is of this kind, else the
 * kind's. */
const Type *expected_type(const Frame *frame, TypeKind kind);

/* ---- eval_step.c: the instructions one after the other ---- */
void evaluation_steps(Evaluation *evaluation, uint64_t fuel_end);
void evaluation_spent(Evaluation *evaluation); /* a slice is over: fails the run if that was its last */
void evaluation_complete(Evaluation *evaluation);

/* How one instruction ends. Those in a file of their own find operands on the stack and the instruction in the frame on
 * top, and leave both as the next one finds them. */
typedef enum StepEnd {
    STEP_ON,        /* to the next instruction, in the same frame */
    STEP_ELSEWHERE, /* to where the frame on top says */
    STEP_ASKS,      /* the problem is set; nothing has been taken from the stack */
    STEP_STOPS,     /* for now: the slice is over, something is waited for, or the run has failed */
    STEP_FINISHES,
} StepEnd;

/* ---- eval_calls.c ---- */
StepEnd step_call_procedure(Evaluation *evaluation, const CallSite *site);
StepEnd step_return(Evaluation *evaluation);
StepEnd step_end_fragment(Evaluation *evaluation, FragmentEnd end);
StepEnd step_book_call(Evaluation *evaluation, const CallSite *site);
void want_call(Evaluation *evaluation, const CallSite *site);
void call_arguments_view(Evaluation *evaluation); /* the wanted call's arguments, from the stack */

/* ---- eval_sentences.c ---- */
StepEnd step_input(Evaluation *evaluation, uint32_t input, uint32_t target); /* on at `target` when it was given */
StepEnd step_input_default(Evaluation *evaluation, uint32_t input);
StepEnd step_output(Evaluation *evaluation);
StepEnd step_say(Evaluation *evaluation);
StepEnd step_wait(Evaluation *evaluation, bool until);
StepEnd step_ask(Evaluation *evaluation, uint32_t n_choices);
StepEnd step_no_match(Evaluation *evaluation);
StepEnd step_ensure(Evaluation *evaluation, bool has_message);
StepEnd step_validate_add(Evaluation *evaluation, bool has_message);
StepEnd step_validate(Evaluation *evaluation);
StepEnd step_fail(Evaluation *evaluation);
StepEnd step_too_deep(Evaluation *evaluation);
bool evaluation_output(Evaluation *evaluation, Value name, Value value); /* false: the run has failed */

/* ---- question.c, question_*.c ---- */
/* Words the problem as a question and parks the run, or fails it when nothing can be asked. */
void question_ask(Evaluation *evaluation);
/* The question in hand is about a column that a row's table has not. */
bool question_missing_column(const Evaluation *evaluation, Value *out_row, Str *out_key);
/* Where the question in hand asks which item of a searched list is meant: the first whose searched field is `named`. */
typedef enum RowMeant { ROW_NOT_ASKED, ROW_FOUND, ROW_NOT_THERE } RowMeant;
RowMeant question_row_meant(Evaluation *evaluation, Value named, Value *out_row, Str *out_field);
/* The part of the program's text that operand `hole` of the instruction in hand came from, or NULL. */
const Node *operand_node(const Evaluation *evaluation, int hole);
Str sentence_text(const Evaluation *evaluation);              /* the first line of the sentence in hand, or "" */
Value check_text(Evaluation *evaluation, const Node *ensure); /* of a check that has no message of its own */

/* ---- answer.c ---- */
void sentence_restart(Evaluation *evaluation);
void sentence_leave(Evaluation *evaluation, bool unset_facts);
bool loop_next_item(Evaluation *evaluation); /* false outside a loop */
bool loop_leave(Evaluation *evaluation);
/* Puts an answer's value where the open hole is. */
void hole_fill(Evaluation *evaluation, int hole, Value value);
/* Whether that very value stands there already. */
bool hole_holds(const Evaluation *evaluation, int hole, Value value);
/* Compiles `tree` for the frame on top. */
MUST_USE bool fragment_compile(Evaluation *evaluation, Fragment *fragment, const Node *tree, Error *err);
/* Reads and compiles fragment->text for the frame on top; the fragment gets a number, from 1. */
MUST_USE bool fragment_make(Evaluation *evaluation, Fragment *fragment, Error *err);
uint32_t fragment_add(Evaluation *evaluation, Fragment *fragment);
void fragment_enter(Evaluation *evaluation, uint32_t fragment);
void fragment_retire(Evaluation *evaluation, uint32_t fragment); /* its frame has ended */
void fragment_leave(Evaluation *evaluation, FragmentEnd end);

/* ---- eval_try.c ---- */
/* What an expression is in the scope of the instruction in hand; UNSET where it would call or ask, or take long. The
 * run stays as it is, and every value where it is. */
Value evaluation_try(Evaluation *evaluation, const Node *expression);

/* ---- eval_journal.c ---- */
void journal_started(Evaluation *evaluation);
void journal_sentence_begun(Evaluation *evaluation, Frame *frame);
void journal_sentence_done(Evaluation *evaluation, Frame *frame);
void journal_skipped(Evaluation *evaluation, const Node *node);
void journal_patched(Evaluation *evaluation, const Node *node, Str patch);
void journal_call(Evaluation *evaluation, Value result);
void journal_said(Evaluation *evaluation, const Node *node, Str text);
void journal_ended(Evaluation *evaluation, TraceKind kind, Str text);
uint32_t journal_node_id(const Evaluation *evaluation, const Frame *frame); /* the program's node that `frame` is at */

/* ---- trace.c ---- */
void trace_pack_arguments(Buf *out, const Argument *arguments, uint32_t n);
/* The same as trace_add with the facts read already packed. */
void trace_add_packed(Buf *out, const TraceEntry *entry, Str packed_inputs);

#endif
