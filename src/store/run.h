/* store/run.h: runs, their snapshots, timers and journals. The engine alone decides what a run may become
 * (engine/run.h); these functions only write it down. */
#ifndef CLERKWORK_STORE_RUN_H
#define CLERKWORK_STORE_RUN_H

#include "store/automation.h"

typedef enum RunState {
    RUN_PENDING,
    RUN_EXECUTING,
    RUN_AWAITING_GUIDANCE,
    RUN_STOPPING,
    RUN_STOPPED,
    RUN_COMPLETED,
    RUN_FAILED,
    RUN_N_STATES
} RunState;
typedef enum Stage { STAGE_UNSPECIFIED, STAGE_DRAFT, STAGE_PUBLISHED } Stage;
typedef enum InvocationSource {
    SOURCE_UNSPECIFIED,
    SOURCE_MANUAL,
    SOURCE_TRIGGER,
    SOURCE_SCHEDULE,
    SOURCE_TEST
} InvocationSource;

typedef struct RunRow {
    int64_t key;
    Scope scope;
    Str id, execution_id;
    int64_t automation, revision; /* keys; the revision is what the run began with, for ever. 0 and 0: executions:run */
    Str automation_id;
    RunState state;
    Stage stage;
    Version version;
    InvocationSource source;
    Str user_id, trigger_id;
    Str previous_run;                       /* id of the earlier run of the chain, or "" */
    Str inputs;                             /* JSON object name → commonV1Value, as the API shows user_inputs */
    Str outputs;                            /* JSON object, once completed */
    Str reason;                             /* stopping, stopped: why */
    Str error_id;                           /* failed */
    Str description;                        /* awaiting_guidance: the question; failed: the error */
    int64_t location_start, location_end;   /* in the SPy; -1, -1 for none */
    Str exception_id;                       /* awaiting_guidance of a published run: the open exception */
    int64_t create_us, update_us, state_us; /* state_us: when it entered the state */
    int64_t timer_us;                       /* stopped by `wait` or retry with delay: when to go on; 0 for none */
    bool timer_parked;                      /* executing in the API's eyes, but parked on a timer */
    int64_t deadline_us;                    /* by when it must have ended; 0 for none */
    Str code;                               /* executions:run only: the SPy itself */
    int64_t node; /* the process that carries it out (lease.h); 0: none, or there is but one */
    Str locale;   /* preferences as they were at the beginning (locale_pack) */
    /* A child run, which works on one item of a loop at the same time; 0 and "" for a run that is nobody's child. */
    int64_t parent, top;   /* keys of the run whose loop it is, and of the outermost one */
    Str parent_run;        /* the parent's id */
    int64_t parent_effect; /* which of the parent's effects it will be */
    int64_t parent_item;   /* the item's place in the loop, from 1 */
    bool in_pool;          /* it is one of those that the loop works on at a time */
    bool children_open;    /* of any run: it waits for children that have not come to their end */
} RunRow;

MUST_USE bool store_run_insert(Tx *tx, RunRow *run, Error *err); /* fills key */
/* `automation` 0 takes the run wherever it is in the workspace. */
MUST_USE bool store_run_get(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, Str id, RunRow *out,
                            Error *err);
MUST_USE bool store_run_get_by_key(Tx *tx, Arena *arena, int64_t key, RunRow *out, Error *err);
MUST_USE bool store_run_get_by_execution(Tx *tx, Arena *arena, const Scope *scope, Str execution_id, RunRow *out,
                                         Error *err);
/* Writes state, outputs, reason, error_id, description, location, exception_id, times, timer, deadline, in_pool,
 * children_open, node (by key). */
MUST_USE bool store_run_update(Tx *tx, const RunRow *run, Error *err);
bool store_run_differs(const RunRow *one, const RunRow *other); /* in what store_run_update writes */
/* Newest first, without child runs. `automation` 0 lists the whole workspace. Fields of filters: state, stage, version
 * ("1.0"), source, create_time, update_time, automation (resource). */
MUST_USE bool store_run_list(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ListQuery *query,
                             RunRow **out, int *out_n, ListEnd *end, Error *err);
/* The child runs of one run, in the order in which they began; filters as above. */
MUST_USE bool store_run_list_children(Tx *tx, Arena *arena, const Scope *scope, int64_t parent, ListQuery *query,
                                      RunRow **out, int *out_n, ListEnd *end, Error *err);
/* Runs that should be going and that no process carries out are this transaction's (tx_node) from now on: at most
 * `limit`, those that wait longest for their hour first. */
MUST_USE bool store_run_claim(Tx *tx, int64_t now_us, int limit, int64_t *out_keys, int *out_n, Error *err);
/* Everything that should be going: pending, executing and stopping runs whose timer is not in the future and whose
 * children have come to their end; oldest first. For recovery after a start. */
MUST_USE bool store_run_list_unfinished(Tx *tx, Arena *arena, int64_t after_key, int limit, RunRow **out, int *out_n,
                                        Error *err);
typedef struct RunTimer {
    int64_t due_us, run;
} RunTimer;
/* Runs with a timer, earliest first, of the same time by key: those behind `after`, at most `limit`. */
MUST_USE bool store_run_list_timers(Tx *tx, Arena *arena, RunTimer after, int limit, RunTimer **out, int *out_n,
                                    Error *err);
/* Deadlines of runs that have not ended. */
MUST_USE bool store_run_deadline_soonest(Tx *tx, int64_t after_us, int64_t *out_us, Error *err); /* 0 for none */
/* Those that have passed, earliest first. */
MUST_USE bool store_run_list_overdue(Tx *tx, Arena *arena, int64_t now_us, int limit, RunRow **out, int *out_n,
                                     Error *err);
MUST_USE bool store_run_deadlines_drop(Tx *tx, Error *err); /* of all runs: none has one any more */
MUST_USE bool store_run_count_by_state(Tx *tx, int64_t out[RUN_N_STATES], Error *err); /* for /metrics */

/* ---- loops at the same time whose children have not all come to their end: one a run ---- */
typedef struct ChildLoop {
    int64_t run;
    int64_t first_effect, first_item; /* of the first child; the others follow */
    int64_t total, started, running, ended;
} ChildLoop;
MUST_USE bool store_child_loop_get(Tx *tx, int64_t run, bool *out_found, ChildLoop *out, Error *err);
MUST_USE bool store_child_loop_put(Tx *tx, const ChildLoop *loop, Error *err); /* inserts or writes the counts */
MUST_USE bool store_child_loop_delete(Tx *tx, int64_t run, Error *err);
/* Children of a run that have not come to their end, up to `limit`. */
MUST_USE bool store_child_loop_open(Tx *tx, Arena *arena, int64_t run, int limit, RunRow **out, int *out_n, Error *err);
/* Loops of runs that have come to their end, up to `limit`: their children are to be ended, too. */
MUST_USE bool store_child_loop_abandoned(Tx *tx, Arena *arena, int limit, int64_t **out_runs, int *out_n, Error *err);

/* ---- snapshot: the evaluator's state at the last park; empty for none ---- */
/* `effects`: how many effects stand before it. "" removes it. */
MUST_USE bool store_snapshot_put(Tx *tx, int64_t run, Str bytes, int64_t effects, Error *err);
MUST_USE bool store_snapshot_get(Tx *tx, Arena *arena, int64_t run, Str *out, int64_t *out_effects, Error *err);

/* ---- journal: packed batches of trace entries (lang/trace.h), in order, each with a checksum ---- */
typedef struct JournalBatch {
    int64_t sequence;    /* 0, 1, … within the run */
    int64_t first_entry; /* number of its first entry within the run, from 0 */
    int32_t n_entries;
    int64_t time_us; /* of the flush */
    Str bytes;
} JournalBatch;
MUST_USE bool store_journal_append(Tx *tx, int64_t run, Str bytes, int32_t n_entries, Error *err);
/* The same for the last batch of a run that has ended: all of them are settled, many as one. (One may still be
 * appended.) */
MUST_USE bool store_journal_close(Tx *tx, int64_t run, Str bytes, int32_t n_entries, Error *err);
/* How many entries the journal holds: the number of the next one. */
MUST_USE bool store_journal_end(Tx *tx, int64_t run, int64_t *out_entries, Error *err);
/* Batches that hold entries ≥ first_entry, in order, up to about `max_bytes`. DATA_LOSS when a checksum does not fit.
 */
MUST_USE bool store_journal_read(Tx *tx, Arena *arena, int64_t run, int64_t first_entry, size_t max_bytes,
                                 JournalBatch **out, int *out_n, Error *err);

/* ---- effects: all that a run ever heard from outside, in order: with its inputs they reproduce it ---- */
typedef enum EffectKind {
    HEARD_RESULT, /* of a call: a packed value */
    HEARD_ERROR,  /* of a call: a packed error */
    HEARD_DOUBT,  /* of a call that had begun before a crash: nobody knows */
    HEARD_ANSWER, /* a packed answer to a question, a person's or a guide's */
    HEARD_TIMER,  /* that a `wait` is over */
    HEARD_CHILD,  /* what a child run gave back */
    HEARD_N_KINDS
} EffectKind;
typedef struct EffectRow {
    int64_t number; /* 0, 1, … within the run */
    bool finished;  /* false: begun, and perhaps done: in doubt */
    EffectKind kind;
    uint64_t site; /* hash of what was asked for: a result never stands in for another call's. 0: not known */
    Str key;       /* idempotency key, or "" */
    int tries;     /* of a call that is tried again later: how many failed */
    Str result;
} EffectRow;
/* ALREADY_EXISTS when it has begun already. */
MUST_USE bool store_effect_begin(Tx *tx, int64_t run, int64_t number, uint64_t site, Str key, Error *err);
/* Not finished: it is tried again later. Writes site and tries; inserts with its key when it was not begun. */
MUST_USE bool store_effect_retry(Tx *tx, int64_t run, const EffectRow *effect, Error *err);
/* Writes kind, site and result; inserts when it was not begun. */
MUST_USE bool store_effect_finish(Tx *tx, int64_t run, const EffectRow *effect, Error *err);
/* Nothing is written any more to those below number `below`: they are settled, many as one. A snapshot behind many of
 * them does it, too. */
MUST_USE bool store_effect_settle(Tx *tx, int64_t run, int64_t below, Error *err);
/* From number `from` on, in order. */
MUST_USE bool store_effect_list(Tx *tx, Arena *arena, int64_t run, int64_t from, EffectRow **out, int *out_n,
                                Error *err);
/* The first `n` effects of one run become those of another, which has none yet. Both lie in the scope. */
MUST_USE bool store_effect_copy(Tx *tx, const Scope *scope, int64_t from_run, int64_t to_run, int64_t n, Error *err);

/* ---- request ids (AIP-155): the same id and body give the same answer ---- */
/* found: out_hash and out_response are what was kept. Kept for at least 24 hours. */
MUST_USE bool store_request_get(Tx *tx, Arena *arena, const Scope *scope, Str request_id, bool *found,
                                uint64_t *out_hash, Str *out_response, Error *err);
MUST_USE bool store_request_put(Tx *tx, const Scope *scope, Str request_id, uint64_t hash, Str response, Error *err);

#endif
