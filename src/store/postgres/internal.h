/* store/postgres/internal.h: what the files of postgres/ share. */
#ifndef CLERKWORK_STORE_POSTGRES_INTERNAL_H
#define CLERKWORK_STORE_POSTGRES_INTERNAL_H

#include <stdatomic.h>

#include "store/database_kind.h"
#include "store/postgres/libpq.h"

enum { KEPT_SLOTS = 512, PENDING_MOST = 16, KEYED_TABLES = 64 };

/* PostgreSQL's numbers of types. */
enum { TYPE_BOOL = 16, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_TEXT = 25 };
enum { TYPE_UNKNOWN = 705, TYPE_NUMERIC = 1700 };

/* An answer that is to come: pipeline.c. */
typedef struct Owed Owed;

/* Keys of a table that were drawn from its sequence: keys.c. */
typedef struct DrawnKeys {
    Str table; /* part of a constant */
    int64_t *drawn;
    int n, next;
    int used, used_before; /* by this transaction; by the last one that used any */
} DrawnKeys;

/* A statement of ours that this connection may know by a name. */
typedef struct Kept {
    const char *sql; /* the constant's address; NULL: the slot is free */
    DrawnKeys *keys; /* it inserts one row with a key from there; NULL for any other */
    bool prepared;
} Kept;

/* One Query's parameters and rows. */
struct Statement {
    Statement *next_free;
    Kept *kept;  /* NULL: known by no name */
    int64_t key; /* of the row that it inserted, where kept->keys are */
    Buf sql;     /* as PostgreSQL spells it, ends with \0; empty when it is prepared already */
    int n, cap;  /* parameters */
    const char **values;
    int *lengths, *formats;
    Oid *types;
    int64_t *numbers; /* in network order: what values of numbers point to */
    PGresult *result;
    int row;
    Error err;
};

struct Database {
    const DatabaseKind *kind; /* first: database_kind.h */
    char *url;
    DatabaseRole role;
    PGconn *link; /* in pipeline mode; NULL for a checkpointer that has not looked yet */
    bool lost;    /* the connection is cut */
    bool writes;  /* holds a lock: of the one process that writes, or of one that shares */
    DatabaseUse use;
    bool hurries;      /* a reader's: connects aside rather than waits */
    struct Dial *dial; /* a connection that is being made aside; NULL for none */
    bool deaf;         /* of the lease: what was told since it last listened is lost */
    Buf telling;       /* the statement that tells others, with the commit */
    int64_t answer_us; /* how long an answer may take before the connection is taken for cut */
    int64_t retry_us;  /* no attempt to connect before this time of the monotonic clock */
    /* pipeline.c: answers that nobody has read yet; statements that ran ahead and have not left yet */
    Owed *owed;
    int n_owed, cap_owed, ungrouped;
    size_t ungrouped_bytes, bytes_ahead;
    /* statistics.c */
    int64_t next_look_us, look_pause_us;
    /* The transaction. */
    bool begun;
    bool sent;                         /* PostgreSQL has heard of it */
    const char *pending[PENDING_MOST]; /* small statements that travel with the next one */
    int n_pending;
    char timeout_sql[64];
    char transaction_id[24];   /* of the writer's: to ask about it later */
    bool runs_ahead, stumbled; /* database.h */
    bool disk_failed, outcome_unknown;
    int64_t deadline_us;
    int64_t changes;
    Kept kept[KEPT_SLOTS];
    DrawnKeys keys[KEYED_TABLES];
    int n_keys;
    Statement *free_statements;
    _Atomic int calls_to_failure;
};

/* connection.c */
MUST_USE bool link_open(Database *database, Error *err);
void link_adopt(Database *database, PGconn *link); /* a new connection that is set up: now the database's */
/* Connects anew when the connection is cut. UNAVAILABLE when PostgreSQL does not answer. */
MUST_USE bool link_ready(Database *database, Error *err);
void link_close(Database *database);
/* Becomes the only one that writes, or one of those that share. FAILED_PRECONDITION when somebody is in the way.
 * `out_alone`: the database is nobody else's, even when it is to be shared. */
MUST_USE bool link_take_lock(Database *database, int64_t patience_us, bool *out_alone, Error *err);
/* From the only one to one of those that share. */
MUST_USE bool link_share_lock(Database *database, Error *err);
/* database_hear, but for its connection, which must be there. */
MUST_USE bool link_hear(Database *database, int bell, int64_t until_us, void (*heard)(void *self, const char *news),
                        void *self, Error *err);

/* pipeline.c */
/* Sends what is pending, then `statement` (or `sql`, which has no parameters), and reads all answers that are owed. The
 * result of the last, with rows in binary form, is the caller's; NULL with `err` set. */
MUST_USE PGresult *link_exchange(Database *database, Statement *statement, const char *sql, Error *err);
/* Sends both and leaves the answers to whoever reads next: a refusal then means that the transaction has stumbled. */
MUST_USE bool link_run_ahead(Database *database, const Statement *statement, Error *err);
/* Whether the last statement changed one row. True as well when nobody has read that yet: else it will have stumbled.
 */
bool link_changed_one(Database *database);
/* Sends without waiting for the answer, which nobody asks for. */
void link_send(Database *database, const char *sql);
/* Reads all answers that are owed. False: the connection is cut. */
MUST_USE bool link_settle(Database *database);

/* keys.c: a writer's, for INSERT … VALUES … RETURNING key */
DrawnKeys *keys_of(Database *database, Str sql); /* NULL for any other statement */
MUST_USE bool keys_draw(Database *database, DrawnKeys *keys, int64_t *out, Error *err);
void keys_begin(Database *database); /* a transaction: with none left over */
void keys_free(Database *database);

/* dial.c: a connection that is made aside, by a thread of its own */
typedef struct Dial Dial;
/* Ready when the connection was made: it moves into `database`. Otherwise UNAVAILABLE, after a moment at most: it is
 * still being made, or could not be. */
MUST_USE bool dial_ready(Database *database, Error *err);
void dial_abandon(Dial *dial); /* NULL is accepted */

/* statistics.c: a checkpointer's, now and then; the look is over when it returns. `out_all`: nothing has grown for so
 * long that nobody needs to look before the next commit. */
MUST_USE bool statistics_keep(Database *database, bool *out_all, Error *err);

/* failure.c: what PostgreSQL's refusals mean to us. Both return false. */
bool failure_of_result(Database *database, const PGresult *result, Error *err);
bool failure_of_link(Database *database, Error *err);

/* spelling.c */
void postgres_spell_statement(Buf *out, Str sql); /* ends with \0 */
void postgres_spell_keyed(Buf *out, Str sql);     /* INSERT … RETURNING key, with the key as its last parameter */
void postgres_spell_definition(Buf *out, Str sql);
/* Functions that the spelling names; made once. */
extern const char *const postgres_functions;

/* number.c: a column as a whole number; 0 for NULL. */
int64_t column_i64(const PGresult *result, int row, int column);

#endif
