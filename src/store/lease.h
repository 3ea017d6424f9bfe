/* store/lease.h: several server processes at work on one database.
 *
 * Each process of a shared store has a number, never given to another, and a lease on it that it renews by the
 * database's clock. A run that is to be carried out names the process that does it (RunRow.node). When a lease has run
 * out, another process buries the number: it is gone for ever, and its runs are free, in one transaction. The process
 * that lost it takes a new number as soon as it notices; what it still writes of its old runs is refused, because they
 * no longer name the number under which it took them up (the number is the fencing token).
 *
 * The process with the lowest number whose lease holds leads: it alone does what must be done once.
 *
 * A store that is not shared has one process: its number is 0, its lease always holds, it leads, and nothing is told.
 */
#ifndef CLERKWORK_STORE_LEASE_H
#define CLERKWORK_STORE_LEASE_H

#include "store/store.h"

#define LEASE_BEAT_US 1000000 /* leases are renewed as often, or thrice in their time if that is more often */

bool store_is_shared(const Store *store);
int64_t store_node(Store *store); /* the number under which this process takes up runs now */
/* True as long as nobody can have buried that number. Asked before something is done that others can see. */
bool store_lease_holds(Store *store, int64_t node);
bool store_leads(Store *store);

/* ---- what processes tell each other ---- */
typedef enum News {
    NEWS_RUN_CHANGED,     /* key: a run of which something new is stored; as watchers name it */
    NEWS_RUN_INTERRUPTED, /* key: a run that somebody pauses or cancels */
    NEWS_RUNS_FREE,       /* a process has ended and left its runs */
    NEWS_SCHEDULE_DUE,    /* key: when, in microseconds */
    NEWS_PURGE_DUE,       /* key: when */
    NEWS_DEADLINE_DUE,    /* key: when */
    NEWS_DELIVERY_DUE,
    NEWS_MISSED, /* some of the above was not heard: anything may have changed */
    NEWS_N
} News;
/* Inside apply: the other processes are told once the command's changes are on disk; this one is not. One too many is
 * told when the command is refused. */
void tx_tell(Tx *tx, News news, int64_t key);

typedef struct LeaseBeat {
    bool leads;
    bool buries; /* leads, and a lease has run out: store_node_bury is due */
    bool claims; /* runs are free that could go on: store_run_claim is due */
} LeaseBeat;
/* Both are called on the lease's own thread and must hand over and return. */
typedef struct LeaseListener {
    void *self;
    int64_t (*now_us)(void *self); /* by which timers are due */
    void (*news)(void *self, News news, int64_t key);
    void (*beat)(void *self, const LeaseBeat *beat);
} LeaseListener;
/* Renews the lease, listens, and tells the listener, which must outlive store_lease_stop. Nothing to do when the store
 * is not shared. */
MUST_USE bool store_lease_start(Store *store, const LeaseListener *listener, Error *err);
/* Gives the lease up and the process's runs free. */
void store_lease_stop(Store *store);

/* ---- inside apply ---- */
/* The number under which this transaction may take up runs; 0 when it was buried and in a store that is not shared.
 * Asks the database once a transaction. */
MUST_USE bool tx_node(Tx *tx, int64_t *out, Error *err);
/* Numbers whose lease has run out are gone, and their runs free. */
MUST_USE bool store_node_bury(Tx *tx, int *out_n, Error *err);

#endif
