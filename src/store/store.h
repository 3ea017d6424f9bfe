/* store/store.h: everything durable, in the product's words. The other headers of this folder hold a noun each.
 *
 * Reading: a StoreReader belongs to one thread; tx_begin_read gives a consistent view until tx_end.
 * Writing: only the writer begins and commits. A command is submitted from any thread; the writer takes all that wait
 * into one transaction, each under a savepoint so that one refusal undoes nothing else, commits once (group commit),
 * then tells each how it ended: `done(ok)` is called only after the bytes are on disk. After a failed fsync nothing is
 * acknowledged and the process stops. A full disk answers UNAVAILABLE naming the disk; reads go on and writing resumes
 * by itself once there is space. So it is when PostgreSQL does not answer, but for the reads. All text that functions
 * give out lives in the arena that was passed. Keys are the store's own growing 64-bit numbers; ids are outside names.
 */
#ifndef CLERKWORK_STORE_STORE_H
#define CLERKWORK_STORE_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/inbox.h"

typedef struct Store Store;
typedef struct StoreReader StoreReader;
typedef struct Tx Tx; /* a transaction: a reader's view, or the writer's */

typedef struct StoreOptions {
    Str location; /* "sqlite:DIR" or a directory: DIR/clerkwork.db */
    Str database; /* "" for SQLite in that directory; else postgresql://…, and the directory holds files alone; or the
                     place of a simulated_disk.h, with no directory and no files */
    bool shared;  /* other processes may work on the same PostgreSQL database: lease.h */
    int lease_s;  /* of those: how long one that is not heard of keeps its runs; 0: 10 */
    bool synchronous_normal;         /* default is FULL: a commit is on disk before it is acknowledged */
    int64_t organization_file_bytes; /* how much the files of one organization may have together; 0 sets no bound */
    bool stepped;                    /* no threads: see store_step */
    int64_t (*now_us)(void *clock);  /* NULL: the machine's clock */
    void *clock;
} StoreOptions;

/* Opens or makes the database and migrates it. FAILED_PRECONDITION for a database of a newer version (left untouched)
 * or one that another process writes to; DATA_LOSS for a damaged one; UNAVAILABLE when PostgreSQL does not answer. */
MUST_USE bool store_open(const StoreOptions *options, Store **out, Error *err);
void store_close(Store *store); /* waits for the writer to finish what was submitted; NULL is accepted */

/* ---- reading ---- */
MUST_USE bool store_reader_open(Store *store, StoreReader **out, Error *err);
void store_reader_close(StoreReader *reader);
/* Rather refuses with UNAVAILABLE than waits for a new connection to the database. */
void store_reader_hurry(StoreReader *reader);
MUST_USE bool tx_begin_read(StoreReader *reader, Tx **out, Error *err);
void tx_end(Tx *tx); /* a reader's; NULL is accepted */
/* Statements of this reader stop with DEADLINE_EXCEEDED once the monotonic clock passes it; 0 is none. */
void store_reader_deadline(StoreReader *reader, int64_t monotonic_us);

/* Counts up with each commit that changed who may do what (users, members, tenants, tokens). As of the beginning of the
 * transaction, so that what was read in it is true at least until the count changes. 0 within the writer's. In a shared
 * store the database is asked, so that what another process changed is seen at once; a number that never was when it
 * does not answer. */
uint64_t tx_tenancy_generation(Tx *tx);
/* What another module remembers along a reader from one transaction to the next; freed with the reader. NULL within the
 * writer's. */
typedef struct TxMemory {
    void *data;
    void (*free)(void *data);
} TxMemory;
TxMemory *tx_memory(Tx *tx);
Store *tx_store(const Tx *tx);

/* ---- writing ---- */
typedef struct Command Command;
struct Command {
    Letter letter;
    /* On the writer's thread. May be called again after a failed batch: must not keep state of a first try, so it
     * writes its results anew. */
    bool (*apply)(Tx *tx, Command *command, Error *err);
    /* On the writer's thread after the commit (or refusal); must be quick: hand over and return. NULL for nobody to
     * tell. */
    void (*done)(Command *command, bool ok, const Error *err);
};
void store_submit(Store *store, Command *command); /* gives the command away until done */
/* Submits and sleeps until done. Not for the loop's thread. `done` must be NULL. */
MUST_USE bool store_execute(Store *store, Command *command, Error *err);
int64_t tx_now_us(const Tx *tx); /* one time for a whole command, never going back between commands */
/* Inside apply: `then` is called on the writer's thread once this command's changes are on disk, before its `done`;
 * forgotten when the command is refused. For waking workers and watchers. */
void tx_after_commit(Tx *tx, void (*then)(void *self, int64_t key), void *self, int64_t key);

/* ---- a store without threads, for whoever decides by himself what happens next: a simulation ---- */
/* Does what the writer's thread would do now: all commands that wait, in one transaction. False: none waits.
 * store_execute does it by itself. */
bool store_step(Store *store);
void store_step_checkpoint(Store *store); /* what the checkpointer's thread would do now */

/* ---- operators ---- */
typedef struct StoreHealth {
    bool writable;           /* false while the disk is full */
    char problem[256];       /* why not, or "" */
    const char *synchronous; /* "full" or "normal" */
    int schema_version;
    int64_t node; /* of lease.h */
    bool leads;
} StoreHealth;
void store_health(Store *store, StoreHealth *out);
typedef struct StoreCounters {
    uint64_t commits, commands, refused, commit_micros;
} StoreCounters;
void store_counters(Store *store, StoreCounters *out);
/* 32 random bytes made once for this database and kept in it: keys for page tokens and the like are derived from it. */
MUST_USE bool store_secret(Tx *tx, unsigned char out[32], Error *err);
/* Test aid: the n-th database call from now on fails (as a full disk does); < 0 never. */
void store_fail_after(Store *store, int calls);

/* ---- lists ---- */
struct Filter;
struct PageCursor;
typedef struct ListQuery {
    const struct Filter *filter; /* bound; NULL for all */
    struct PageCursor *cursor;   /* in: where to begin; out: where this page ended */
    int limit;
    int64_t skip; /* rows dropped before the first (exceptions) */
    bool show_deleted;
    Str order_by; /* checked against the contract by the caller; "" is the noun's default */
    bool want_total;
} ListQuery;
typedef struct ListEnd {
    bool more;     /* another page follows: query->cursor points at it */
    int64_t total; /* when want_total */
} ListEnd;

#endif
