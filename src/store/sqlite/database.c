/* store/sqlite/database.c: database.h on SQLite: connections, kept statements, and what SQLite's failures mean to us.
 */
#include "store/database_kind.h"

#include <sqlite3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/sqlite/copy.h"
#include "store/sqlite/functions.h"

enum {
    KEPT_BY_ADDRESS = 512, /* slots, a power of two; more than there are statements in the folder */
    KEPT_BY_TEXT = 32,
    STEPS_BETWEEN_DEADLINE_CHECKS = 2000,
    BUSY_MS = 10000,
};

/* Memory of each connection. Nobody looks at pages in place (mmap): SQLite gives the whole mapping back whenever
 * anything was committed, and making it anew for the next read costs more than copying the pages that it needs. */
typedef struct RoleSettings {
    const char *pragmas;
    int flags;
} RoleSettings;

static const RoleSettings role_settings[] = {
    [DATABASE_WRITER] = {"PRAGMA cache_size = -4096; PRAGMA mmap_size = 0; PRAGMA secure_delete = FAST;",
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE},
    [DATABASE_READER] = {"PRAGMA cache_size = -2048; PRAGMA mmap_size = 0; PRAGMA query_only = ON;",
                         SQLITE_OPEN_READWRITE},
    [DATABASE_CHECKPOINTER] = {"PRAGMA cache_size = -64; PRAGMA mmap_size = 0;", SQLITE_OPEN_READWRITE},
};

struct Statement {
    sqlite3_stmt *handle;
    const char *sql; /* the constant's address, or our copy of the text */
    size_t sql_len;
    uint64_t hash; /* of the text, for those kept by text */
    bool busy;     /* a Query uses it */
    bool keyed;    /* it was prepared without its RETURNING key */
    bool passing;  /* not kept: ends with its Query */
};

struct Database {
    const DatabaseKind *kind;
    sqlite3 *handle;
    DatabaseRole role;
    Statement by_address[KEPT_BY_ADDRESS];
    Statement by_text[KEPT_BY_TEXT];
    unsigned next_by_text; /* the slot to be given up next */
    int last_failure;      /* extended result code of the newest failure */
    bool sync_failed;
    int log_pages;
    int64_t deadline_us; /* 0: none */
    _Atomic int calls_to_failure;
};

/* ---- what failures mean ---- */

static bool is_sync_failure(int code)
{
    return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

typedef struct FailureMeaning {
    int code; /* primary or extended */
    ErrorCode meaning;
    const char *text;
} FailureMeaning;

static const FailureMeaning failure_meanings[] = {
    {SQLITE_FULL, UNAVAILABLE,
     "the disk is full: free some space where the database lies; reading goes on, and writing resumes by itself"},
    {SQLITE_CONSTRAINT_UNIQUE, ALREADY_EXISTS, "one with this name or id is there already"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, ALREADY_EXISTS, "one with this name or id is there already"},
    {SQLITE_CONSTRAINT_NOTNULL, FAILED_PRECONDITION, "what this belongs to is not there (any more)"},
    {SQLITE_INTERRUPT, DEADLINE_EXCEEDED,
     "the database took longer than the request may; ask for less, or narrow the filter"},
    {SQLITE_CORRUPT, DATA_LOSS, "the database file is damaged; stop the server and restore a backup"},
    {SQLITE_NOTADB, DATA_LOSS, "the database file is not a database, or is damaged; restore a backup"},
    {SQLITE_IOERR, UNAVAILABLE, "the disk reported an error; look at the system's log and at the disk"},
    {SQLITE_CANTOPEN, UNAVAILABLE,
     "the database file cannot be opened; check that its folder exists and may be written"},
    {SQLITE_READONLY, FAILED_PRECONDITION,
     "the database may only be read; check the owner and permissions of its file"},
    {SQLITE_PERM, FAILED_PRECONDITION, "the database may not be accessed; check the owner and permissions of its file"},
    {SQLITE_BUSY, UNAVAILABLE, "the database is in use by another program"},
    {SQLITE_LOCKED, UNAVAILABLE, "the database is in use by another program"},
    {SQLITE_TOOBIG, INVALID_ARGUMENT, "too large for one database row"},
};

static bool failure_set(Database *database, int code, Error *err)
{
    database->last_failure = code;
    if (is_sync_failure(code))
        database->sync_failed = true;
    for (size_t i = 0; i < COUNT_OF(failure_meanings); i++) {
        const FailureMeaning *row = &failure_meanings[i];
        if (row->code == code || row->code == (code & 0xff))
            return error_set(err, row->meaning, "", "%s (%s)", row->text, sqlite3_errstr(code));
    }
    return error_set(err, INTERNAL, "", "the database refused a statement: %s", sqlite3_errmsg(database->handle));
}

static bool sqlite_sync_failed(const Database *database)
{
    return database->sync_failed;
}

static bool sqlite_disk_failed(const Database *database)
{
    int primary = database->last_failure & 0xff;
    return primary == SQLITE_FULL || primary == SQLITE_IOERR;
}

static bool sqlite_outcome_unknown(const Database *database)
{
    (void)database; /* a commit that failed was rolled back; one whose sync failed stops the process */
    return false;
}

static void sqlite_fail_after(Database *database, int calls)
{
    atomic_store(&database->calls_to_failure, calls);
}

/* Counts one call down; true when this is the one that must fail. */
static bool fault_is_due(Database *database)
{
    if (atomic_load_explicit(&database->calls_to_failure, memory_order_relaxed) < 0)
        return false;
    return atomic_fetch_sub(&database->calls_to_failure, 1) == 0;
}

/* ---- connections ---- */

static void configure_process(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* its counters are one lock that all connections would share */
    sqlite3_initialize();
}

static int deadline_passed(void *context)
{
    const Database *database = context;
    return database->deadline_us != 0 && clock_monotonic_us() >= database->deadline_us;
}

static int note_log_pages(void *context, sqlite3 *handle, const char *schema, int pages)
{
    (void)handle, (void)schema;
    Database *database = context;
    database->log_pages = pages;
    return SQLITE_OK;
}

static bool connection_setup(Database *database, Error *err)
{
    sqlite3_extended_result_codes(database->handle, 1);
    sqlite3_busy_timeout(database->handle, BUSY_MS);
    /* Closing must not touch a database that we may yet refuse. */
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(database->handle, SQLITE_LIMIT_ATTACHED, 0);
    if (database->role == DATABASE_READER)
        sqlite3_progress_handler(database->handle, STEPS_BETWEEN_DEADLINE_CHECKS, deadline_passed, database);
    int code = functions_register(database->handle);
    if (code == SQLITE_OK)
        code = sqlite3_exec(database->handle, role_settings[database->role].pragmas, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(database->handle, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
    return code == SQLITE_OK || failure_set(database, code, err);
}

static bool sqlite_open(const char *path, DatabaseRole role, Database **out, Error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_process);
    Database *database = calloc(1, sizeof *database);
    if (!database)
        return error_set(err, RESOURCE_EXHAUSTED, "", "no memory for a database connection");
    database->kind = &database_sqlite;
    database->role = role;
    atomic_store(&database->calls_to_failure, -1);
    int flags = role_settings[role].flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    const char *disk = database_place_is_simulated(str_from_c(path)) ? path : NULL;
    int code = sqlite3_open_v2(path, &database->handle, flags, disk);
    if (code != SQLITE_OK)
        failure_set(database, database->handle ? sqlite3_extended_errcode(database->handle) : code, err);
    if (code != SQLITE_OK || !connection_setup(database, err)) {
        database_close(database);
        return false;
    }
    *out = database;
    return true;
}

static void statement_forget(Statement *statement)
{
    sqlite3_finalize(statement->handle);
    *statement = (Statement){0};
}

static void sqlite_close(Database *database)
{
    for (size_t i = 0; i < KEPT_BY_ADDRESS; i++)
        statement_forget(&database->by_address[i]);
    for (size_t i = 0; i < KEPT_BY_TEXT; i++) {
        free((char *)database->by_text[i].sql);
        statement_forget(&database->by_text[i]);
    }
    int code = sqlite3_close(database->handle);
    assert(code == SQLITE_OK);
    (void)code;
    free(database);
}

static bool execute(Database *database, const char *sql, Error *err)
{
    int code = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK || failure_set(database, code, err);
}

static bool sqlite_is_empty(Database *database, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "SELECT count(*) FROM sqlite_master", err))
        return false;
    if (query_next(&query))
        *out = next_i64(&query) == 0;
    return query_end(&query, err);
}

static bool sqlite_has_table(Database *database, const char *name, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1", err))
        return false;
    bind_text(&query, str_from_c(name));
    if (query_next(&query))
        *out = next_i64(&query) > 0;
    return query_end(&query, err);
}

static bool sqlite_prepare_writing(Database *database, const DatabaseUse *use, bool *out_alone, Error *err)
{
    *out_alone = true; /* the store's own lock sees to it */
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    /* Before the first table, or it is left as it is: then space that is given up stays in the file for later. */
    if (!execute(database, "PRAGMA auto_vacuum = INCREMENTAL", err) ||
        !execute(database, "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864", err) ||
        !execute(database, use->synchronous_normal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", err))
        return false;
    sqlite3_wal_hook(database->handle, note_log_pages, database); /* ours instead of SQLite's own checkpoints */
    return true;
}

static const SqlWord words[] = {
    {S_INIT("GROWING_KEY"), S_INIT("INTEGER PRIMARY KEY AUTOINCREMENT")},
    {S_INIT("ROW_KEY"), S_INIT("INTEGER PRIMARY KEY")},
    {S_INIT("CLUSTERED"), S_INIT("WITHOUT ROWID")},
};

static bool sqlite_define(Database *database, const char *sql, Error *err)
{
    Buf text = {0};
    sql_spell(&text, str_from_c(sql), words, COUNT_OF(words));
    buf_char(&text, '\0');
    bool ok = execute(database, text.data, err);
    buf_done(&text);
    return ok;
}

static void sqlite_shrink(Database *database)
{
    sqlite3_db_release_memory(database->handle);
}

static void sqlite_deadline(Database *database, int64_t monotonic_us)
{
    database->deadline_us = monotonic_us;
}

static int sqlite_log_pages(const Database *database)
{
    return database->log_pages;
}

static bool sqlite_checkpoint(Database *database, bool *out_all, Error *err)
{
    int in_log = -1, copied = -1;
    int code = sqlite3_wal_checkpoint_v2(database->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
    *out_all = code == SQLITE_OK && in_log == copied;
    if (code == SQLITE_OK || code == SQLITE_BUSY) /* busy: the other one of writer and checkpointer is at it */
        return true;
    return failure_set(database, code, err);
}

static bool pragma_number(Database *database, const char *sql, int64_t *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, sql, err))
        return false;
    *out = query_next(&query) ? next_i64(&query) : 0;
    return query_end(&query, err);
}

/* Pages that are free are used for the next rows; only what is more than an eighth of the file is worth moving pages
 * for. */
static bool sqlite_give_back(Database *database, bool *out_more, Error *err)
{
    enum { FREE_AT_LEAST = 64 };
    int64_t mode = 0, free_pages = 0, pages = 0;
    *out_more = false;
    if (!pragma_number(database, "PRAGMA auto_vacuum", &mode, err) ||
        !pragma_number(database, "PRAGMA freelist_count", &free_pages, err) ||
        !pragma_number(database, "PRAGMA page_count", &pages, err))
        return false;
    if (mode != 2 || free_pages < FREE_AT_LEAST || free_pages < pages / 8) /* 2: incremental; not so in files of old */
        return true;
    *out_more = true;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "PRAGMA incremental_vacuum(128)", err))
        return false;
    while (query_next(&query))
        continue;
    return query_end(&query, err);
}

static bool sqlite_copy(Database *database, const char *path, Error *err)
{
    int code = copy_to_file(database->handle, path);
    return code == SQLITE_OK || failure_set(database, code, err);
}

static bool sqlite_inspect(Database *database, void (*found)(void *self, Str problem), void *self, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    AUTO(arena_done)
    Arena arena = {0};
    if (!query_open(&query, database, "PRAGMA integrity_check", err))
        return false;
    while (query_next(&query)) {
        Str lines = next_text(&query, &arena);
        while (lines.len > 0) {
            Str line = str_cut(&lines, '\n');
            if (!str_eq(line, S("ok")) && !str_starts(line, S("***")))
                found(self, str_printf(&arena, "the database file is damaged: %.*s", STR_ARG(line)));
        }
    }
    if (query_end(&query, err))
        return true;
    if (err->code != DATA_LOSS)
        return false;
    found(self, str_from_c(err->message));
    return true;
}

/* ---- transactions ---- */

static bool execute_kept(Database *database, const char *sql, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    return query_open(&query, database, sql, err) && query_run(&query, err);
}

static bool sqlite_begin_read(Database *database, Error *err)
{
    return execute_kept(database, "BEGIN", err);
}

static bool sqlite_begin_write(Database *database, Error *err)
{
    database->last_failure = 0;
    return execute_kept(database, "BEGIN IMMEDIATE", err);
}

static bool sqlite_commit(Database *database, Error *err)
{
    return execute_kept(database, "COMMIT", err);
}

static void sqlite_rollback(Database *database)
{
    /* A failed rollback leaves no transaction behind either: SQLite has then rolled back by itself. */
    if (database_in_transaction(database))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

static bool sqlite_in_transaction(const Database *database)
{
    return !sqlite3_get_autocommit(database->handle);
}

static bool sqlite_savepoint(Database *database, Error *err)
{
    return execute_kept(database, "SAVEPOINT command", err);
}

static bool sqlite_savepoint_keep(Database *database, Error *err)
{
    return execute_kept(database, "RELEASE command", err);
}

static bool sqlite_savepoint_drop(Database *database, Error *err)
{
    return execute_kept(database, "ROLLBACK TO command", err) && execute_kept(database, "RELEASE command", err);
}

/* ---- statements ---- */

/* Parameters are bound in order of appearance; our SQL numbers them, since PostgreSQL does. Both must agree. */
static void assert_numbered_in_order(sqlite3_stmt *handle)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(handle); i++) {
        char name[16];
        snprintf(name, sizeof name, "$%d", i);
        assert(strcmp(sqlite3_bind_parameter_name(handle, i), name) == 0);
    }
}

/* The length of an INSERT without its RETURNING key; 0 for any other statement. For RETURNING SQLite copies each page
 * that the statement changes, and at its end walks along all copies since the savepoint: a thousand rows in one command
 * cost the square of that. The key of a row that was just inserted is known without. */
static size_t length_without_key(Str sql)
{
    Str end = S(" RETURNING key");
    bool keyed = str_starts(sql, S("INSERT ")) && str_ends(sql, end) && !str_contains(sql, S("ON CONFLICT"));
    return keyed ? sql.len - end.len : 0;
}

static bool prepare(Database *database, Str sql, bool keep, Statement *out, Error *err)
{
    unsigned flags = keep ? SQLITE_PREPARE_PERSISTENT : 0;
    size_t without_key = length_without_key(sql);
    int code = sqlite3_prepare_v3(database->handle, sql.data, (int)(without_key ? without_key : sql.len), flags,
                                  &out->handle, NULL);
    if (code != SQLITE_OK)
        return failure_set(database, code, err);
    assert_numbered_in_order(out->handle);
    out->keyed = without_key > 0;
    return true;
}

/* A statement for one Query only: its kept sibling is in use, or there is no room. */
static bool passing_statement(Query *query, Database *database, Str sql, Error *err)
{
    Statement *statement = calloc(1, sizeof *statement);
    if (!statement)
        return error_set(err, RESOURCE_EXHAUSTED, "", "no memory for a database statement");
    if (!prepare(database, sql, false, statement, err)) {
        free(statement);
        return false;
    }
    statement->passing = true;
    query->statement = statement;
    return true;
}

static Statement *slot_by_address(Database *database, const char *sql)
{
    size_t at = ((uintptr_t)sql * 0x9E3779B97F4A7C15u) >> 32;
    for (size_t probe = 0; probe < KEPT_BY_ADDRESS; probe++, at++) {
        Statement *statement = &database->by_address[at & (KEPT_BY_ADDRESS - 1)];
        if (statement->sql == sql || !statement->sql)
            return statement;
    }
    return NULL;
}

static void query_begin(Query *query, Database *database)
{
    assert(!query->statement);
    *query = (Query){.database = database};
}

static bool sqlite_query_open(Query *query, Database *database, const char *sql, Error *err)
{
    query_begin(query, database);
    Statement *statement = slot_by_address(database, sql);
    if (!statement || statement->busy)
        return passing_statement(query, database, str_from_c(sql), err);
    if (!statement->handle) {
        if (!prepare(database, str_from_c(sql), true, statement, err))
            return false;
        statement->sql = sql;
    }
    statement->busy = true;
    query->statement = statement;
    return true;
}

static bool sqlite_query_open_text(Query *query, Database *database, Str sql, Error *err)
{
    query_begin(query, database);
    uint64_t hash = str_hash(sql);
    for (size_t i = 0; i < KEPT_BY_TEXT; i++) {
        Statement *statement = &database->by_text[i];
        if (!statement->handle || statement->busy || statement->hash != hash ||
            !str_eq(str_of(statement->sql, statement->sql_len), sql))
            continue;
        statement->busy = true;
        query->statement = statement;
        return true;
    }
    Statement *slot = &database->by_text[database->next_by_text++ % KEPT_BY_TEXT];
    enum { TEXT_WORTH_KEEPING = 4096 };
    if (slot->busy || sql.len > TEXT_WORTH_KEEPING)
        return passing_statement(query, database, sql, err);
    Statement fresh = {0};
    if (!prepare(database, sql, true, &fresh, err))
        return false;
    free((char *)slot->sql);
    statement_forget(slot);
    char *copy = strndup(sql.data, sql.len);
    fresh.sql = copy;
    fresh.sql_len = copy ? sql.len : 0;
    fresh.hash = hash;
    fresh.busy = true;
    *slot = fresh;
    query->statement = slot;
    return true;
}

static void sqlite_query_done(Query *query)
{
    Statement *statement = query->statement;
    if (!statement)
        return;
    query->statement = NULL;
    if (statement->passing) {
        sqlite3_finalize(statement->handle);
        free(statement);
        return;
    }
    sqlite3_reset(statement->handle);
    statement->busy = false;
}

static void note_bound(Query *query, int code)
{
    if (code != SQLITE_OK && query->failure == 0)
        query->failure = code;
}

static void sqlite_bind_i64(Query *query, int64_t n)
{
    note_bound(query, sqlite3_bind_int64(query->statement->handle, ++query->n_bound, n));
}

static void sqlite_bind_text(Query *query, Str text)
{
    const char *data = text.data ? text.data : "";
    note_bound(query, sqlite3_bind_text64(query->statement->handle, ++query->n_bound, data, text.len, SQLITE_STATIC,
                                          SQLITE_UTF8));
}

static void sqlite_bind_bytes(Query *query, Str bytes)
{
    const char *data = bytes.data ? bytes.data : "";
    note_bound(query, sqlite3_bind_blob64(query->statement->handle, ++query->n_bound, data, bytes.len, SQLITE_STATIC));
}

static bool sqlite_query_next(Query *query)
{
    if (query->failure != 0)
        return false;
    assert(query->n_bound == sqlite3_bind_parameter_count(query->statement->handle));
    if (!query->stepped && fault_is_due(query->database)) {
        query->failure = SQLITE_FULL;
        return false;
    }
    bool first = !query->stepped;
    query->stepped = true;
    query->n_column = 0;
    if (query->statement->keyed && !first)
        return false;
    int code = sqlite3_step(query->statement->handle);
    if (code == SQLITE_ROW || (code == SQLITE_DONE && query->statement->keyed))
        return true;
    if (code != SQLITE_DONE)
        query->failure = code;
    return false;
}

static bool sqlite_query_end(Query *query, Error *err)
{
    if (query->failure != 0)
        return failure_set(query->database, query->failure, err);
    sqlite3_reset(query->statement->handle);
    return true;
}

static int64_t sqlite_query_changes(const Query *query)
{
    return sqlite3_changes64(query->database->handle);
}

static int64_t sqlite_next_i64(Query *query)
{
    if (query->statement->keyed)
        return sqlite3_last_insert_rowid(query->database->handle);
    return sqlite3_column_int64(query->statement->handle, query->n_column++);
}

static Str sqlite_next_text(Query *query, Arena *arena)
{
    int column = query->n_column++;
    const char *data = sqlite3_column_blob(query->statement->handle, column);
    size_t len = (size_t)sqlite3_column_bytes(query->statement->handle, column);
    return str_copy(arena, str_of(data, len));
}

const DatabaseKind database_sqlite = {
    .name = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .is_empty = sqlite_is_empty,
    .has_table = sqlite_has_table,
    .prepare_writing = sqlite_prepare_writing,
    .define = sqlite_define,
    .begin_read = sqlite_begin_read,
    .begin_write = sqlite_begin_write,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .in_transaction = sqlite_in_transaction,
    .savepoint = sqlite_savepoint,
    .savepoint_keep = sqlite_savepoint_keep,
    .savepoint_drop = sqlite_savepoint_drop,
    .sync_failed = sqlite_sync_failed,
    .disk_failed = sqlite_disk_failed,
    .outcome_unknown = sqlite_outcome_unknown,
    .deadline = sqlite_deadline,
    .fail_after = sqlite_fail_after,
    .shrink = sqlite_shrink,
    .log_pages = sqlite_log_pages,
    .checkpoint = sqlite_checkpoint,
    .give_back = sqlite_give_back,
    .copy = sqlite_copy,
    .inspect = sqlite_inspect,
    .query_open = sqlite_query_open,
    .query_open_text = sqlite_query_open_text,
    .query_done = sqlite_query_done,
    .bind_i64 = sqlite_bind_i64,
    .bind_text = sqlite_bind_text,
    .bind_bytes = sqlite_bind_bytes,
    .query_next = sqlite_query_next,
    .query_end = sqlite_query_end,
    .query_changes = sqlite_query_changes,
    .columns_sql = "SELECT t.name, c.name, CASE lower(c.type) WHEN 'text' THEN 'text' WHEN 'bytea' THEN 'bytes' ELSE "
                   "'number' END, "
                   "c.pk FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND "
                   "t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid",
    .last_key_sql = "SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = $1",
    .forget_key_sql = "DELETE FROM sqlite_sequence WHERE name = $1",
    .continue_keys_sql =
        "INSERT INTO sqlite_sequence (seq, name) SELECT $1, name FROM sqlite_master WHERE name = $2 AND "
        "sql LIKE '%AUTOINCREMENT%'",
    .next_i64 = sqlite_next_i64,
    .next_text = sqlite_next_text,
};
