/* store/internal.h: what the files of store/ share: the store, its transactions, files' bytes. Not for others. */
#ifndef CLERKWORK_STORE_INTERNAL_H
#define CLERKWORK_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/backup.h"
#include "store/database.h"
#include "store/file.h"
#include "store/lease.h"

/* Something that may only be done to a file's bytes once the transaction is on disk. */
typedef enum BlobChange { BLOB_INSERTED, BLOB_DELETED, BLOB_FORGOTTEN } BlobChange;
typedef struct FileChange FileChange;
struct FileChange {
    FileChange *next;
    unsigned char hash[32];
    BlobChange change;
};

typedef struct AfterCommit AfterCommit;
struct AfterCommit {
    AfterCommit *next;
    void (*then)(void *self, int64_t key);
    void *self;
    int64_t key;
};

typedef struct RollupChange RollupChange;       /* rollup.c */
typedef struct ExceptionChange ExceptionChange; /* exception_sum.c */

struct Tx {
    Store *store;
    Database *database;
    int64_t now_us;
    /* The writer's only; emptied with each transaction. */
    Arena *arena;
    FileChange *file_changes; /* newest first */
    AfterCommit *after;       /* newest first */
    /* Newest first; written with the commit. */
    RollupChange *rollup_changes;
    ExceptionChange *exception_changes;
    bool tenancy_changed;
    int64_t node; /* lease.h, once it is known */
    bool node_is_known;
    /* A reader's only. */
    uint64_t tenancy_generation;
    bool tenancy_is_known;
};

struct StoreReader {
    Store *store;
    Database *database;
    Tx tx;
    bool reading;
    TxMemory memory;
};

/* A file on disk whose bytes were found to be those of its name; whatever touches it changes its times. */
typedef struct IntactFile {
    unsigned char hash[32];
    int64_t inode, size, modified_ns, changed_ns;
} IntactFile;
enum { INTACT_FILES = 1024 }; /* found by the first bytes of the hash; 64 KiB */

struct Store {
    /* Set by store_open, constant afterwards. */
    char *directory; /* NULL on a simulated disk */
    char *path;      /* the file, or PostgreSQL's URL */
    int lock_fd;
    DatabaseUse use;
    int64_t organization_file_bytes;
    bool stepped;
    int64_t (*now_us)(void *clock);
    void *clock;
    int schema_version;
    unsigned char secret[32];
    Inbox *inbox;
    Inbox *checkpoint_bell;
    pthread_t writer_thread, checkpoint_thread;
    bool threads_started;
    /* The writer's thread alone (store_open and store_close when it does not run). */
    Database *writer;
    Arena batch;
    int64_t last_us;
    int checkpoint_at_pages;
    Buf news; /* of this transaction, for other processes */
    bool too_much_news;
    /* The checkpointer's thread alone. */
    Database *checkpointer;
    /* The lease's thread alone (store_open and store_close when it does not run). */
    Database *lease; /* NULL: not shared */
    LeaseListener listener;
    pthread_t lease_thread;
    bool lease_started;
    int lease_bell;
    /* Held while copying the log: at most one of writer and checkpointer does it. */
    pthread_mutex_t checkpoint_lock;
    /* Any thread. */
    _Atomic bool stopping, checkpoint_stopping;
    _Atomic bool log_waits; /* the checkpointer has been told that there is something to copy */
    _Atomic uint64_t tenancy_generation;
    _Atomic uint64_t tenancy_unknown; /* how often it could not be read */
    _Atomic int64_t node, lease_until_us;
    _Atomic bool leads, lease_stopping;
    _Atomic uint64_t commits, commands, refused, commit_micros;
    pthread_mutex_t health_lock;
    bool writable;              /* under health_lock */
    char problem[256];          /* under health_lock */
    pthread_mutex_t files_lock; /* held while a file's bytes get or lose their name */
    pthread_mutex_t intact_lock;
    IntactFile intact[INTACT_FILES]; /* under intact_lock */
    int files_fd;                    /* locked meanwhile when other processes share the folder */
};

/* store.c: one process a folder, or those that share: a second writer would know nothing of what the first one keeps in
 * memory. The lock is held until `*out_fd` is closed, which is the caller's, failed or not; -1 for none. */
MUST_USE bool store_lock_folder(const char *folder, bool shared, int *out_fd, Error *err);

/* writer.c */
MUST_USE bool writer_start(Store *store, Error *err);
void writer_stop(Store *store);

/* migrate.c: brings the database to our version, or refuses. */
MUST_USE bool migrate(Database *database, const DatabaseUse *use, int *out_version, bool *out_alone, Error *err);

/* Of run: what the index run_going holds, runs that are in the hands of a process or wait for one. */
#define RUN_IS_GOING "state IN (0, 1, 3) AND children_open = 0"

/* rollup.c: with the commit, each sum once however many of its runs the transaction began and ended */
MUST_USE bool rollup_write_changes(Tx *tx, Error *err);
/* Whether the sums of each level come to those of all time. */
MUST_USE bool rollup_verify(Database *database, Findings *findings, Error *err);
/* exception_sum.c: the same for sums of exceptions; and whether they are what a count gives */
MUST_USE bool exception_sum_write_changes(Tx *tx, Error *err);
MUST_USE bool exception_sum_verify(Database *database, Findings *findings, Error *err);

/* lease.c */
MUST_USE bool lease_take(Store *store, Error *err); /* a number of its own */
/* No process is at work but this one: what is left of others is gone. */
MUST_USE bool lease_forget_all(Store *store, Error *err);
MUST_USE bool lease_tell(Tx *tx, Error *err); /* with the commit */
void lease_forget_news(Store *store);         /* of the transaction before */

/* migrate.c: the version of a database, 0 for an empty one; FAILED_PRECONDITION when it is another program's, or of a
 * newer one of ours. */
MUST_USE bool database_version(Database *database, int64_t *out, Error *err);

/* verify.c: tells one more finding. */
void findings_add(Findings *findings, const char *format, ...) PRINTF_LIKE(2, 3);
/* journal.c: reads all journals of a database of that version and tells gaps and parts whose checksum does not fit. */
MUST_USE bool journal_verify(Database *database, int64_t version, Findings *findings, int64_t *out_entries, Error *err);
/* journal.c: all of a run's */
MUST_USE bool journal_remove(Tx *tx, int64_t run, Error *err);

/* tenant_purge.c, file.c: how what is to be purged is found, for the test that asks the databases what they make of it
 */
extern const char tenant_purge_soonest_sql[], tenant_purge_workspaces_sql[], tenant_purge_organizations_sql[],
    tenant_purge_files_sql[];

/* effect.c: settles a run's effects below that number once there are many: a snapshot stands behind them. */
MUST_USE bool effects_before_snapshot(Tx *tx, int64_t run, int64_t below, Error *err);

/* blob.c: bytes of files */
enum { BLOB_NAME_LEN = 9 + 64 };
void blob_name(const unsigned char hash[32], char out[BLOB_NAME_LEN + 1]); /* "files/ab/<hash>" */
/* Reads from the beginning, wherever the descriptor stands, and leaves it there. */
MUST_USE bool blob_has_hash(int fd, const unsigned char hash[32], bool *out, Error *err);
typedef struct StoredBlob {
    unsigned char hash[32];
    Str file_id; /* of one of the files with these bytes */
    int64_t size_bytes;
} StoredBlob;
/* Each hash that files have, once, until one says false. */
MUST_USE bool blob_each(Database *database, bool (*each)(void *self, const StoredBlob *blob, Error *err), void *self,
                        Error *err);
MUST_USE bool blob_prepare(Store *store, Error *err);             /* makes the folders */
MUST_USE bool blob_sweep(Store *store, Error *err);               /* removes what was never committed */
void blob_apply_changes(Store *store, const FileChange *changes); /* after a commit */

/* What a caller left 0 is the command's own time. */
static inline int64_t time_or_now(const Tx *tx, int64_t us)
{
    return us != 0 ? us : tx->now_us;
}

/* Room for one more row behind the n there are; the array doubles. */
void *rows_with_room(Arena *arena, void *rows, int n, int *cap, size_t size, size_t align);

/* tenant.c and others ask for one number a good deal. False when there is no row. */
MUST_USE bool query_one_i64(Query *query, bool *out_found, int64_t *out, Error *err);
/* A statement that gives no rows, about one key: $1. `sql` must be a constant. */
MUST_USE bool tx_run_with_key(Tx *tx, const char *sql, int64_t key, Error *err);

#endif
