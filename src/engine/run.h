/* engine/run.h: what a run may become, and who may say so. One table, one door, one transaction with the journal entry.
 */
#ifndef CLERKWORK_ENGINE_RUN_H
#define CLERKWORK_ENGINE_RUN_H

#include "base/json.h"
#include "engine/engine.h"

extern const char *const run_state_names[RUN_N_STATES]; /* "awaiting_guidance": the member of the API's state */
bool run_may_become(RunState from, RunState to);
bool run_is_final(RunState state);
bool run_is_at_rest(RunState state); /* final, or nothing happens until somebody does something */

/* The one door: FAILED_PRECONDITION when the table forbids it. Sets state and times, writes the row, journals a run
 * update, tells watchers. The caller has filled in what belongs to the new state (reason, description, outputs,
 * exception_id …). `before` are packed trace entries that come before the update, or "". */
MUST_USE bool run_become(Tx *tx, Engine *engine, RunRow *run, RunState state, Str before, Error *err);

typedef struct Invocation {
    Str automation_id;
    Stage stage;             /* which version: newest draft or newest published. UNSPECIFIED is refused */
    const Json *inputs;      /* object name → commonV1Value, or NULL */
    bool known_inputs_alone; /* unknown names are left out of them instead of refused */
    InvocationSource source;
    Str user_id, trigger_id;
    Str request_id; /* "" for none: the same id and body give the same run, the same id and another body are refused */
    uint64_t request_hash;
    bool has_deadline;   /* else its automation's holds */
    int64_t deadline_us; /* after its beginning it must have ended; 0: it may take any time */
} Invocation;
/* Commits to a run in state pending; a worker takes it up after the commit. FAILED_PRECONDITION "Automation not
 * published…" for the published stage of a never published one, for a deactivated one, and for a draft with problems.
 * Inputs of the wrong wire form are INVALID_ARGUMENT with their field; missing ones and wrong types become the run's
 * first question. Unknown input names are refused naming the known ones. */
MUST_USE bool run_invoke(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, const Invocation *invocation,
                         RunRow *out, Error *err);
/* The same for n of one automation in one transaction, so all or none; `out` has n. When one is refused, it is number
 * *out_refused, from 0. */
MUST_USE bool run_invoke_all(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, const Invocation *invocations,
                             size_t n, RunRow *out, size_t *out_refused, Error *err);
/* All three give the run as it is afterwards. */
MUST_USE bool run_pause(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id,
                        Str reason, RunRow *out, Error *err);
MUST_USE bool run_continue(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id,
                           RunRow *out, Error *err);
MUST_USE bool run_cancel(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id,
                         Str reason, RunRow *out, Error *err);
/* {"awaiting_guidance":{…},"update_time":"…"}: the set member first (semantics.md 0, rule 8). */
void run_state_to_json(JsonOut *out, const RunRow *run);

#endif
