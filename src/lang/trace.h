/* lang/trace.h: what happened in a run, entry by entry: packed by the evaluator and the engine, read by the API.
 *
 * Values in entries are clipped for readers (texts to 1,000 bytes, lists and tables to their first 20 items or rows):
 * the journal shows what happened; outputs are stored whole elsewhere. Entries are oldest first and self-delimiting. */
#ifndef CLERKWORK_LANG_TRACE_H
#define CLERKWORK_LANG_TRACE_H

#include "lang/eval.h"

typedef enum TraceKind { /* members of v1ExecutionJournal, plus run updates */
                         TRACE_STARTED,
                         TRACE_COMPLETED,
                         TRACE_STOPPED,
                         TRACE_FAILED,
                         TRACE_NODE_STARTED,
                         TRACE_NODE_EXECUTED,
                         TRACE_NODE_SKIPPED,
                         TRACE_NODE_PATCHED,
                         TRACE_PATCHED_NODE_STARTED,
                         TRACE_PATCHED_NODE_EXECUTED,
                         TRACE_SAID,      /* a node_executed of kind Say, with its text */
                         TRACE_RUN_UPDATE /* the run's state at that moment, as JSON */
} TraceKind;

typedef struct TraceEntry {
    TraceKind kind;
    int64_t time_us;  /* 0: take the time of the batch it was flushed with (the evaluator has no clock) */
    uint32_t node_id; /* 0 for none */
    Argument *inputs; /* facts read */
    uint32_t n_inputs;
    Argument *outputs; /* facts written */
    uint32_t n_outputs;
    Str book, procedure, alias; /* of a book call, else "" */
    Value result;               /* of a book call; UNSET else */
    /* By kind: error description; said text; patch code; the state's JSON of a run update; of TRACE_STOPPED the member
     * and its detail: "user_stopped", "waiting_on_timer 259200s", "waiting_on_book", "program_stopped why". */
    Str text;
    Str error_id;
    uint32_t repeated; /* entries left out after this one because the budget of events was spent */
} TraceEntry;

void trace_add(Buf *out, const TraceEntry *entry);
/* The next entry of a packed batch; false at its end or (err set) on DATA_LOSS. */
MUST_USE bool trace_next(Arena *arena, Reader *batch, TraceEntry *out, Error *err);
uint32_t trace_count(Str batch); /* entries in it; cheap */

#endif
