/* store/purge.h: automations past their purge time, for the timekeeper.
 *
 * From then on nobody finds them. What they had goes a piece at a time, so that no command is long: runs with their
 * journals, questions and conversations first; then revisions, threads, guides. Left are their keys, and with them the
 * sums of analytics. Files are the workspace's and stay. Whole workspaces: tenant_purge.h. */
#ifndef CLERKWORK_STORE_PURGE_H
#define CLERKWORK_STORE_PURGE_H

#include "store/automation.h"

typedef struct Purge {
    int64_t automation, organization, workspace;
    bool begun;
} Purge;
typedef struct PurgeRun {
    int64_t key;
    Str id;
    int64_t create_us;
} PurgeRun;

/* When the next purge time after `after_us` comes; 0 for never. With STORE_PURGE_ANY: 1 while something that was begun
 * is left to remove. */
#define STORE_PURGE_ANY AUTOMATION_PURGED
MUST_USE bool store_purge_soonest(Tx *tx, int64_t after_us, int64_t *out_us, Error *err);
/* Those that are due by `now_us`, or were begun and are not finished, at most `limit`. */
MUST_USE bool store_purge_due(Tx *tx, Arena *arena, int64_t now_us, int limit, Purge **out, int *out_n, Error *err);
/* The automation is gone for everybody, and nothing starts it any more. */
MUST_USE bool store_purge_begin(Tx *tx, const Purge *purge, Error *err);
/* Some of its runs, at most `limit`. */
MUST_USE bool store_purge_runs(Tx *tx, Arena *arena, const Purge *purge, int limit, PurgeRun **out, int *out_n,
                               Error *err);
/* The run and all that hangs on it. No thread may have it in memory. */
MUST_USE bool store_purge_run(Tx *tx, const Purge *purge, const PurgeRun *run, Error *err);
/* Once no run is left. */
MUST_USE bool store_purge_finish(Tx *tx, const Purge *purge, Error *err);

/* ---- runs that were kept as long as they are to be ---- */
/* A look at all that there is, a step at a time. Begins zeroed, but for keep_us. */
typedef struct Sweep {
    int64_t keep_us; /* runs of automations that say nothing themselves, and executions; 0: for ever */
    /* How far it has come: the automation (then, for executions, the workspace) and its runs up to that time. */
    bool executions;
    int64_t key, create_us;
    int64_t run; /* of that time: many runs may have begun at once */
} Sweep;
/* Goes to the automation or the workspace that is next, or stays at the one that it is not through with; unless
 * `out_found`, the look is at its end. `out_keep_us` as keep_us. */
MUST_USE bool store_sweep_next(Tx *tx, Sweep *sweep, Purge *out, int64_t *out_keep_us, bool *out_found, Error *err);
/* Some runs of it which ended before `before_us`, at most `limit`; often none. Goes behind them. */
MUST_USE bool store_sweep_runs(Tx *tx, Arena *arena, int64_t before_us, int limit, Sweep *sweep, const Purge *purge,
                               PurgeRun **out, int *out_n, Error *err);
/* Goes behind the one that it is at. */
void store_sweep_pass(Sweep *sweep);
/* Removes child runs, of all depths, of a run that has ended, at most `limit`. */
MUST_USE bool store_purge_below(Tx *tx, Arena *arena, const Purge *purge, int64_t run, int limit, int *out_n,
                                Error *err);
/* Gives space that is free in the database's file back to the disk, a little a call, when there is more of it than new
 * rows will soon need. `out_more`: there is. PostgreSQL does that by itself. */
MUST_USE bool store_give_back(Tx *tx, bool *out_more, Error *err);

#endif
