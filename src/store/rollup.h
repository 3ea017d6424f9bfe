/* store/rollup.h: how many runs there were, from sums that are kept in the same transaction as a run's beginning and
 * end (store/run.c does it). Executions without an automation do not count. */
#ifndef CLERKWORK_STORE_ROLLUP_H
#define CLERKWORK_STORE_ROLLUP_H

#include "store/run.h"

/* Sums are kept for each quarter of an hour, on which the days of all zones begin, and for hours, quarters of a day and
 * days of UTC, of which a long time has fewer; the newest quarter of an automation is not in any of them yet. */
#define ROLLUP_US (INT64_C(900) * 1000000)

typedef struct RunCounts {
    int64_t total;
    int64_t completed;
    int64_t manual; /* of the completed: a person had to answer an exception */
    int64_t failed;
} RunCounts;

/* Runs of one automation that were created together: within a day of at_us at most, or at exactly at_us. */
typedef struct RunSum {
    int64_t at_us, workspace, automation; /* keys */
    RunCounts counts;
} RunSum;

/* store/run.c's part: when a run was inserted, and before each later write of its row. */
MUST_USE bool rollup_run_began(Tx *tx, const RunRow *run, Error *err);
MUST_USE bool rollup_run_moves(Tx *tx, const RunRow *run, bool is_new, Error *err);

/* [from_us, until_us), in which no sum reaches across any of the bounds: those of what is to be told apart, ascending.
 * They are taken to the next quarter of an hour. */
typedef struct SumWindow {
    int64_t from_us, until_us;
    const int64_t *bounds;
    int n_bounds;
} SumWindow;

/* Gives each sum of the runs created in the window to `each`, in no certain order; the scope's workspace 0 takes the
 * whole organization. Runs in the quarters of an hour that the window cuts come one by one. */
MUST_USE bool store_run_sums(Tx *tx, const Scope *scope, const SumWindow *window,
                             void (*each)(void *self, const RunSum *sum), void *self, Error *err);

/* Gives the number of runs that await guidance now, by workspace and moment of creation within [from_us, until_us);
 * workspace 0 as above. Of the sums only `counts.total` is set. */
MUST_USE bool store_runs_awaiting(Tx *tx, const Scope *scope, int64_t from_us, int64_t until_us,
                                  void (*each)(void *self, const RunSum *sum), void *self, Error *err);

/* Gives the number of runs in each state that is not an end, as they are now, by workspace, automation and moment of
 * creation within [from_us, until_us); workspace 0 as above. Of the sums only `counts.total` is set. */
MUST_USE bool store_runs_going(Tx *tx, const Scope *scope, int64_t from_us, int64_t until_us,
                               void (*each)(void *self, const RunSum *sum, RunState state), void *self, Error *err);

/* Each automation of the workspace (of the organization: workspace 0) that is not deleted, oldest first, with its runs
 * of all time. */
typedef struct AutomationRuns {
    int64_t workspace, automation; /* keys */
    Str workspace_id, automation_id, display_name;
    RunCounts counts;
} AutomationRuns;
MUST_USE bool store_automation_runs(Tx *tx, Arena *arena, const Scope *scope, AutomationRuns **out, int *out_n,
                                    Error *err);

#endif
