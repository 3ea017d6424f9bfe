/* store/database.h: what a database must be able to do for us: connections, statements, transactions. Internal to
 * store/.
 *
 * SQL is written once, in the dialect that SQLite and PostgreSQL share; parameters are $1, $2, … and appear in that
 * order. Two implementations are linked (sqlite/, postgres/), each a table of functions (database_kind.h); the place
 * that database_open is given says which is meant. Nothing else includes a database's own header. A Database is one
 * connection and belongs to one thread at a time.
 *
 * What the shared dialect asks of a statement:
 *   - a column is bigint, text or bytea and never NULL; a condition compares (`enabled = 1`), a number alone is none
 *   - in ON CONFLICT … DO UPDATE SET, columns of the row that is there are named with their table (`guide_entry.hits`)
 *   - INSERT … VALUES … RETURNING key, spelled so, gives the key of the one row that it inserts
 *   - after a statement that failed, the command ends: its transaction takes no other statement. Ask first
 *     (SELECT, ON CONFLICT DO NOTHING) where going on is wanted
 *   - database_now_us() is the database's own clock, in microseconds since 1970
 *   - text compares by its bytes (collation C); lower() and strpos() know Unicode on both */
#ifndef CLERKWORK_STORE_DATABASE_H
#define CLERKWORK_STORE_DATABASE_H

#include "base/buf.h"
#include "store/store.h"

typedef struct Database Database;
typedef struct Statement Statement;
struct Query;

typedef enum DatabaseRole { DATABASE_WRITER, DATABASE_READER, DATABASE_CHECKPOINTER, DATABASE_LEASE } DatabaseRole;

typedef struct DatabaseUse {
    bool synchronous_normal;
    bool shared; /* other processes may write to it as well, each transaction in its turn */
    int lease_s; /* of those: nobody keeps the others waiting for longer */
} DatabaseUse;

/* A URL, postgresql://…; any other place is a file. */
bool database_place_is_postgres(Str place);
bool database_place_is_simulated(Str place); /* a disk of simulated_disk.h */
/* Opens the database at `place`; the writer makes a file that is not there. Changes nothing in it before
 * database_prepare_writing. No message holds a password. */
MUST_USE bool database_open(const char *place, DatabaseRole role, Database **out, Error *err);
void database_close(Database *database); /* NULL is accepted */
/* True when nothing was ever stored in it. */
MUST_USE bool database_is_empty(Database *database, bool *out, Error *err);
MUST_USE bool database_has_table(Database *database, const char *name, bool *out, Error *err);
/* Sets up journalling and durability; once, after the version was found good. FAILED_PRECONDITION when another process
 * writes to it and not both share. `out_alone`: nobody else is at work, and nobody begins before database_share. */
MUST_USE bool database_prepare_writing(Database *database, const DatabaseUse *use, bool *out_alone, Error *err);
/* Lets others in, which want to share as well. */
MUST_USE bool database_share(Database *database, Error *err);
/* Statements that change the schema, with the words that databases spell differently:
 * GROWING_KEY and ROW_KEY (a key the database hands out, above all that are there; the first never gives one twice),
 * CLUSTERED (rows lie in the primary key's order). The tables of words stand in sqlite/database.c and
 * postgres/spelling.c. */
MUST_USE bool database_define(Database *database, const char *sql, Error *err);

/* ---- transactions ---- */
MUST_USE bool database_begin_read(Database *database, Error *err);
MUST_USE bool database_begin_write(Database *database, Error *err);
MUST_USE bool database_commit(Database *database, Error *err);
void database_rollback(Database *database);
bool database_in_transaction(const Database *database);
/* From now on to the end of the transaction query_run does not wait where an answer costs a round trip: its statement
 * is taken to have worked. All answers are read before the commit is sent. If one of them says otherwise, the
 * transaction has stumbled: every later call fails, nothing is kept, and whoever began it does it again without running
 * ahead, where each refusal comes to the statement that it is for. */
void database_run_ahead(Database *database);
bool database_stumbled(const Database *database);
void database_settle(Database *database); /* reads the answers that are owed: then database_stumbled tells */
/* Said to every connection that listens, at the commit; once a transaction, at most 7,500 bytes of printable ASCII
 * without quotes. */
MUST_USE bool database_tell(Database *database, const char *news, Error *err);
/* For a connection of DATABASE_LEASE on a shared database: hears what is told until `until_us` of the monotonic clock
 * or until `bell` can be read. `out_missed`: it listens anew, and what was told before is lost. UNAVAILABLE at once
 * when the database does not answer. */
MUST_USE bool database_hear(Database *database, int bell, int64_t until_us, void (*heard)(void *self, const char *news),
                            void *self, bool *out_missed, Error *err);
/* A reader's: rather fails than waits for a new connection. For threads that must not stand still. */
void database_hurry(Database *database);
/* One savepoint at a time. */
MUST_USE bool database_savepoint(Database *database, Error *err);
MUST_USE bool database_savepoint_keep(Database *database, Error *err);
MUST_USE bool database_savepoint_drop(Database *database, Error *err);

/* ---- conditions ---- */
/* A sync failed on this connection: what the disk holds is unknown, the process must stop. */
bool database_sync_failed(const Database *database);
/* The last failure was the disk's (full, or an input/output error) or the connection's, not the statement's. */
bool database_disk_failed(const Database *database);
/* The connection was cut while the last transaction was being committed, and what became of it could not be found out:
 * it must not simply be repeated. */
bool database_outcome_unknown(const Database *database);
void database_deadline(Database *database, int64_t monotonic_us);
/* Test aid: the n-th statement from now on fails as on a full disk; < 0 never. Any thread. */
void database_fail_after(Database *database, int calls);
/* Gives back cached memory. */
void database_shrink(Database *database);
/* Pages that wait in the log to be copied into the database proper, as of this writer's last commit. */
int database_log_pages(const Database *database);
/* Copies what it can without making anybody wait. `out_all`: nothing is left to copy. PostgreSQL copies by itself;
 * there its planner is told of tables that have grown. */
MUST_USE bool database_checkpoint(Database *database, bool *out_all, Error *err);

/* ---- whole databases ---- */
/* store_give_back, inside a transaction. */
MUST_USE bool database_give_back(Database *database, bool *out_more, Error *err);
/* Writes what a reader sees at this moment to a new file, synced; writers go on meanwhile. UNIMPLEMENTED for
 * PostgreSQL, which has tools of its own. */
MUST_USE bool database_copy(Database *database, const char *path, Error *err);
/* Looks at the database's own structure, every page of it, and tells what is wrong. Nothing for PostgreSQL. */
MUST_USE bool database_inspect(Database *database, void (*found)(void *self, Str problem), void *self, Error *err);

/* ---- the schema, as the database itself knows it ---- */
/* Each column of each table, tables by name: rows of (table, column, "number", "text" or "bytes", its place in the
 * primary key from 1, or 0). Run, and ended, as any query. */
MUST_USE bool database_columns(struct Query *query, Database *database, Error *err);
/* The last key that GROWING_KEY handed out in a table; 0 where none was, or there is no such key. */
MUST_USE bool database_last_key(Database *database, Str table, int64_t *out, Error *err);
/* It goes on behind `last`; nothing where the table has no such key. */
MUST_USE bool database_continue_keys(Database *database, Str table, int64_t last, Error *err);

/* ---- statements ----
 *     AUTO(query_done) Query query = {0};
 *     if (!query_open(&query, database, sql, err))
 *         return false;
 *     bind_i64(&query, key);
 *     while (query_next(&query))
 *         … next_i64(&query), next_text(&query, arena) …
 *     return query_end(&query, err); */
typedef struct Query {
    Database *database;
    Statement *statement;
    int n_bound;  /* parameters bound so far */
    int n_column; /* columns of this row read so far */
    int failure;  /* the database's own code, 0 for none */
    bool stepped;
} Query;

/* `sql` must be a constant: prepared statements are kept by its address. */
MUST_USE bool query_open(Query *query, Database *database, const char *sql, Error *err);
/* For text made at run time: kept by content, the newest few. */
MUST_USE bool query_open_text(Query *query, Database *database, Str sql, Error *err);
void query_done(Query *query); /* accepts the empty one */
/* The next parameter. Bytes must live until the query is done. */
void bind_i64(Query *query, int64_t n);
void bind_text(Query *query, Str text);
void bind_bytes(Query *query, Str bytes);
bool query_next(Query *query); /* a row is there */
MUST_USE bool query_end(Query *query, Error *err);
/* Runs a statement that gives no rows. ALREADY_EXISTS when a unique index refuses. */
MUST_USE bool query_run(Query *query, Error *err);
int64_t query_changes(const Query *query); /* rows that the last statement changed; waits for its answer */
/* Whether it changed one row. One that ran ahead is taken to have, and has stumbled otherwise. */
bool query_changed_one(const Query *query);
/* The next column of the row. */
int64_t next_i64(Query *query);
Str next_text(Query *query, Arena *arena);

#endif
