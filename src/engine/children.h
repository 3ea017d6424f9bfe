/* engine/children.h: child runs: one for each item of a loop at the same time.
 *
 * A parent stands still in the store while it has children; they are runs of their own, a few at a time. What one gives
 * back when it ends is written into what the parent hears, at the place of its item, in the same transaction: so the
 * parent hears all of it in the order of the items, whichever ended first. A child that waits for a person or a timer
 * makes room for the next one. Children of a run that has come to its end are ended, too. */
#ifndef CLERKWORK_ENGINE_CHILDREN_H
#define CLERKWORK_ENGINE_CHILDREN_H

#include "engine/run.h"
#include "engine/set_aside.h"
#include "lang/eval.h"

/* All three belong to a transaction that also writes `parent`, which they change. */
/* Begins the loop's children: as many as are worked on at a time, if the parent is executing. */
MUST_USE bool children_begin(Tx *tx, Engine *engine, Arena *arena, RunRow *parent, ChildLoop *loop, Error *err);
/* Goes on beginning them, after a pause. */
MUST_USE bool children_continue(Tx *tx, Engine *engine, Arena *arena, const RunRow *parent, Error *err);
/* The parent has ended: ends some of its children, but for those set aside; all when children_open is false afterwards.
 */
MUST_USE bool children_end(Tx *tx, Engine *engine, Arena *arena, RunRow *parent, AsideTry *try, Error *err);

/* What a child that ends tells its parent. */
typedef struct ChildResult {
    Str bytes; /* evaluation_give_back; "" for a failure that the run's description tells */
    uint64_t site;
} ChildResult;
/* To be called whenever a child run is written, before its row is: it may have ended, or stand still. */
MUST_USE bool child_written(Tx *tx, Engine *engine, RunRow *child, bool has_ended, const ChildResult *result,
                            Error *err);

#endif
