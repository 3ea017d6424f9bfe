/* store/postgres/database.c: database.h on PostgreSQL: transactions and statements. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/postgres/internal.h"

static const int64_t LOCK_PATIENCE_US = 3LL * 1000 * 1000;
static const int64_t ANSWER_WITHIN_US = 60LL * 1000 * 1000;
static const int64_t RESOLVE_WITHIN_US = 10LL * 1000 * 1000;

/* Counts one call down; true when this is the one that must fail. */
static bool fault_is_due(Database *database, Error *err)
{
    if (atomic_load_explicit(&database->calls_to_failure, memory_order_relaxed) < 0 ||
        atomic_fetch_sub(&database->calls_to_failure, 1) != 0)
        return false;
    database->disk_failed = true;
    error_set(err, UNAVAILABLE, "", "the disk is full: a fault that was asked for");
    return true;
}

/* ---- life ---- */

static bool check_url(const char *url, Error *err)
{
    char *reason = NULL; /* not told: it may quote the password */
    if (!libpq_load(err))
        return false;
    PQconninfoOption *options = libpq.PQconninfoParse(url, &reason);
    libpq.PQfreemem(reason);
    if (!options)
        return error_set(err, INVALID_ARGUMENT, "database",
                         "the database's URL cannot be read; expected postgresql://USER@HOST:PORT/DATABASE, with "
                         "special characters of names and passwords written as %%XX");
    libpq.PQconninfoFree(options);
    return true;
}

static bool postgres_open(const char *url, DatabaseRole role, Database **out, Error *err)
{
    if (!check_url(url, err))
        return false;
    Database *database = calloc(1, sizeof *database);
    if (!database)
        return error_set(err, RESOURCE_EXHAUSTED, "", "no memory for a database connection");
    database->kind = &database_postgres;
    database->url = strdup(url);
    database->role = role;
    database->answer_us = ANSWER_WITHIN_US;
    atomic_store(&database->calls_to_failure, -1);
    if (role != DATABASE_CHECKPOINTER && !link_open(database, err)) {
        database_close(database);
        return false;
    }
    *out = database;
    return true;
}

static void statement_free(Statement *statement)
{
    libpq.PQclear(statement->result);
    buf_done(&statement->sql);
    free(statement->values);
    free(statement->lengths);
    free(statement->formats);
    free(statement->types);
    free(statement->numbers);
    free(statement);
}

static void postgres_close(Database *database)
{
    for (Statement *statement = database->free_statements, *next; statement; statement = next) {
        next = statement->next_free;
        statement_free(statement);
    }
    dial_abandon(database->dial);
    link_close(database);
    buf_done(&database->telling);
    free(database->owed);
    keys_free(database);
    free(database->url);
    free(database);
}

static bool ask_number(Database *database, const char *sql, int64_t *out, Error *err)
{
    PGresult *result = link_exchange(database, NULL, sql, err);
    if (!result)
        return false;
    *out = column_i64(result, 0, 0);
    libpq.PQclear(result);
    return true;
}

static bool execute(Database *database, const char *sql, Error *err)
{
    PGresult *result = link_exchange(database, NULL, sql, err);
    libpq.PQclear(result);
    return result != NULL;
}

static bool postgres_is_empty(Database *database, bool *out, Error *err)
{
    int64_t n;
    if (!ask_number(database, "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()", &n, err))
        return false;
    *out = n == 0;
    return true;
}

static bool postgres_has_table(Database *database, const char *name, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database,
                    "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1", err))
        return false;
    bind_text(&query, str_from_c(name));
    if (query_next(&query))
        *out = next_i64(&query) > 0;
    return query_end(&query, err);
}

static bool make_functions(Database *database, Error *err)
{
    int64_t there;
    const char *sql = "SELECT count(*) FROM pg_proc WHERE proname = 'clerkwork_lower' AND pronamespace = "
                      "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())";
    return ask_number(database, sql, &there, err) && (there > 0 || execute(database, postgres_functions, err));
}

/* Who shares is not waited for longer than its lease. */
static void use_with(Database *database, const DatabaseUse *use)
{
    database->use = *use;
    if (use->shared)
        database->answer_us = MIN_OF(database->answer_us, (int64_t)use->lease_s * 1000000);
}

static bool postgres_prepare_writing(Database *database, const DatabaseUse *use, bool *out_alone, Error *err)
{
    use_with(database, use);
    return link_take_lock(database, LOCK_PATIENCE_US, out_alone, err) && make_functions(database, err);
}

static bool postgres_share(Database *database, Error *err)
{
    return link_share_lock(database, err);
}

/* Channels are the database's, not the schema's. */
#define CHANNEL_SQL "'clerkwork_' || to_hex(hashtext(current_schema()))"

static bool listen_now(Database *database, Error *err)
{
    PGresult *result = link_exchange(database, NULL, "SELECT " CHANNEL_SQL, err);
    if (!result)
        return false;
    char sql[64];
    (void)snprintf(sql, sizeof sql, "LISTEN %.*s", libpq.PQgetlength(result, 0, 0), libpq.PQgetvalue(result, 0, 0));
    libpq.PQclear(result);
    return execute(database, sql, err);
}

static bool postgres_hear(Database *database, int bell, int64_t until_us, void (*heard)(void *self, const char *news),
                          void *self, bool *out_missed, Error *err)
{
    *out_missed = false;
    if (!link_ready(database, err))
        return false;
    if (database->deaf) {
        if (!listen_now(database, err))
            return false;
        database->deaf = false;
        *out_missed = true;
        return true;
    }
    return link_hear(database, bell, until_us, heard, self, err);
}

static void postgres_hurry(Database *database)
{
    database->hurries = true;
}

/* Keys that were written by hand are passed over by the ones that are handed out, as SQLite does. */
static bool keys_go_on(Database *database, Str table, Error *err)
{
    char sql[512];
    int64_t n;
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND "
                   "table_name = '%.*s' AND column_name = 'key' AND is_identity = 'YES'",
                   STR_ARG(table));
    if (!ask_number(database, sql, &n, err) || n == 0)
        return n == 0;
    (void)snprintf(sql, sizeof sql,
                   "SELECT setval(pg_get_serial_sequence('%.*s', 'key'), greatest(max(key), 1)) FROM %.*s",
                   STR_ARG(table), STR_ARG(table));
    return execute(database, sql, err);
}

static bool postgres_define(Database *database, const char *sql, Error *err)
{
    Buf text = {0};
    postgres_spell_definition(&text, str_from_c(sql));
    bool ok = execute(database, text.data, err);
    buf_done(&text);
    Str rest = str_from_c(sql), insert = S("INSERT INTO ");
    if (!ok || !str_starts(rest, insert))
        return ok;
    rest = str_skip(rest, insert.len);
    return keys_go_on(database, str_cut(&rest, ' '), err);
}

static void postgres_deadline(Database *database, int64_t monotonic_us)
{
    database->deadline_us = monotonic_us;
}

static void postgres_fail_after(Database *database, int calls)
{
    atomic_store(&database->calls_to_failure, calls);
}

static bool postgres_sync_failed(const Database *database)
{
    (void)database; /* PostgreSQL itself stops after a failed sync, and then the connection is cut */
    return false;
}

static bool postgres_disk_failed(const Database *database)
{
    return database->disk_failed;
}

static bool postgres_outcome_unknown(const Database *database)
{
    return database->outcome_unknown;
}

static void postgres_shrink(Database *database)
{
    (void)database; /* what it remembers is little */
}

static int postgres_log_pages(const Database *database)
{
    (void)database; /* PostgreSQL sees to its own log */
    return 0;
}

/* PostgreSQL copies its log by itself. */
static bool postgres_checkpoint(Database *database, bool *out_all, Error *err)
{
    *out_all = database->role != DATABASE_CHECKPOINTER;
    if (*out_all || clock_monotonic_us() < database->next_look_us)
        return true;
    return statistics_keep(database, out_all, err);
}

/* ---- transactions ---- */

static void add_pending(Database *database, const char *sql)
{
    assert(database->n_pending < PENDING_MOST);
    database->pending[database->n_pending++] = sql;
}

static void transaction_forget(Database *database)
{
    database->begun = database->sent = false;
    database->n_pending = 0;
}

static bool begin(Database *database, Error *err)
{
    database->disk_failed = database->outcome_unknown = false;
    database->runs_ahead = database->stumbled = false;
    if (!link_ready(database, err))
        return false;
    assert(!database->begun && database->n_pending == 0);
    database->begun = true;
    keys_begin(database);
    database->transaction_id[0] = '\0';
    add_pending(database, "BEGIN");
    return true;
}

static bool postgres_begin_read(Database *database, Error *err)
{
    if (!begin(database, err))
        return false;
    if (database->deadline_us != 0) {
        int64_t left_ms = (database->deadline_us - clock_monotonic_us()) / 1000;
        (void)snprintf(database->timeout_sql, sizeof database->timeout_sql, "SET LOCAL statement_timeout = %lld",
                       (long long)MAX_OF(left_ms, 1));
        add_pending(database, database->timeout_sql);
    }
    return true;
}

static bool postgres_begin_write(Database *database, Error *err)
{
    if (fault_is_due(database, err) || !begin(database, err))
        return false;
    if (database->use.shared) /* one process writes at a time: what a command read is still so when it writes */
        add_pending(database, "SELECT pg_advisory_xact_lock(hashtext('clerkwork turn'), hashtext(current_schema()))");
    add_pending(database, "SELECT pg_current_xact_id()::text");
    return true;
}

static void postgres_run_ahead(Database *database)
{
    database->runs_ahead = true;
}

static void postgres_settle(Database *database)
{
    if (database->begun && !database->lost)
        (void)!link_settle(database); /* when it cannot, it is lost */
}

static bool postgres_stumbled(const Database *database)
{
    return database->stumbled;
}

/* What became of the transaction that was being committed when the connection was cut. */
static bool ask_outcome(Database *database, bool *out_known, bool *out_committed, Error *err)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT coalesce(pg_xact_status('%s'::xid8), 'unknown')", database->transaction_id);
    PGresult *result = link_exchange(database, NULL, sql, err);
    if (!result)
        return false;
    Str said = str_of(libpq.PQgetvalue(result, 0, 0), (size_t)libpq.PQgetlength(result, 0, 0));
    *out_committed = str_eq(said, S("committed"));
    *out_known = *out_committed || str_eq(said, S("aborted"));
    libpq.PQclear(result);
    return true;
}

static bool resolve(Database *database, Error *err)
{
    transaction_forget(database);
    for (int64_t until_us = clock_monotonic_us() + RESOLVE_WITHIN_US; clock_monotonic_us() < until_us;) {
        bool known = false, committed = false;
        if (link_ready(database, err) && ask_outcome(database, &known, &committed, err) && known) {
            database->disk_failed = false;
            return committed || error_set(err, UNAVAILABLE, "",
                                          "the connection to PostgreSQL was cut and nothing was written; try again");
        }
        usleep(50 * 1000);
    }
    database->disk_failed = database->outcome_unknown = true;
    return error_set(err, UNAVAILABLE, "",
                     "the connection to PostgreSQL was cut while this was being written; look whether it was before "
                     "you try again (with the same request_id nothing is done twice)");
}

static bool postgres_commit(Database *database, Error *err)
{
    if (fault_is_due(database, err))
        return false;
    if (!database->sent) { /* it did nothing */
        transaction_forget(database);
        return true;
    }
    if (database->role == DATABASE_READER) {
        transaction_forget(database);
        link_send(database, "COMMIT");
        return true;
    }
    /* Every answer comes first: with the commit's a statement that changed nothing would be told too late. */
    bool lost_before = !link_settle(database);
    PGresult *result = link_exchange(database, NULL, "COMMIT", err);
    if (!result)
        return !lost_before && database->lost && database->transaction_id[0] ? resolve(database, err) : false;
    bool committed = strcmp(libpq.PQcmdStatus(result), "COMMIT") == 0;
    libpq.PQclear(result);
    transaction_forget(database);
    return committed || error_set(err, INTERNAL, "", "a statement had failed, so that nothing was written");
}

/* Travels with the next statement, as long as there is room. */
static bool say_along(Database *database, const char *sql, Error *err)
{
    if (fault_is_due(database, err))
        return false;
    if (database->n_pending + 2 >= PENDING_MOST)
        return execute(database, sql, err);
    add_pending(database, sql);
    return true;
}

static bool postgres_tell(Database *database, const char *news, Error *err)
{
    database->telling.len = 0;
    buf_printf(&database->telling, "SELECT pg_notify(" CHANNEL_SQL ", '%s')", news);
    buf_char(&database->telling, '\0');
    return say_along(database, database->telling.data, err);
}

static void postgres_rollback(Database *database)
{
    bool heard = database->begun && database->sent && !database->lost;
    transaction_forget(database);
    if (heard)
        link_send(database, "ROLLBACK");
}

static bool postgres_in_transaction(const Database *database)
{
    return database->begun && !database->lost && !database->stumbled;
}

static bool postgres_savepoint(Database *database, Error *err)
{
    return say_along(database, "SAVEPOINT command", err);
}

static bool postgres_savepoint_keep(Database *database, Error *err)
{
    return say_along(database, "RELEASE command", err);
}

static bool postgres_savepoint_drop(Database *database, Error *err)
{
    return say_along(database, "ROLLBACK TO command", err) && say_along(database, "RELEASE command", err);
}

/* ---- statements ---- */

static Statement *statement_take(Database *database)
{
    Statement *statement = database->free_statements;
    if (statement) {
        database->free_statements = statement->next_free;
        return statement;
    }
    statement = calloc(1, sizeof *statement);
    if (!statement)
        abort();
    return statement;
}

static Kept *slot_of(Database *database, const char *sql)
{
    size_t at = ((uintptr_t)sql * 0x9E3779B97F4A7C15u) >> 32;
    for (size_t probe = 0; probe < KEPT_SLOTS; probe++, at++) {
        Kept *kept = &database->kept[at & (KEPT_SLOTS - 1)];
        if (kept->sql == sql || !kept->sql)
            return kept;
    }
    return NULL;
}

static void query_begin(Query *query, Database *database)
{
    assert(!query->statement);
    Statement *statement = statement_take(database);
    statement->kept = NULL;
    statement->sql.len = 0;
    statement->n = 0;
    statement->row = -1;
    error_clear(&statement->err);
    *query = (Query){.database = database, .statement = statement};
}

static bool postgres_query_open(Query *query, Database *database, const char *sql, Error *err)
{
    (void)err;
    query_begin(query, database);
    Kept *kept = slot_of(database, sql);
    if (kept && !kept->sql)
        *kept = (Kept){.sql = sql, .keys = keys_of(database, str_from_c(sql))};
    query->statement->kept = kept;
    if (kept && kept->keys && !kept->prepared)
        postgres_spell_keyed(&query->statement->sql, str_from_c(sql));
    else if (!kept || !kept->prepared)
        postgres_spell_statement(&query->statement->sql, str_from_c(sql));
    return true;
}

static bool postgres_query_open_text(Query *query, Database *database, Str sql, Error *err)
{
    (void)err;
    query_begin(query, database);
    postgres_spell_statement(&query->statement->sql, sql);
    return true;
}

static void postgres_query_done(Query *query)
{
    enum { SQL_WORTH_KEEPING = 16384 };
    Statement *statement = query->statement;
    query->statement = NULL;
    libpq.PQclear(statement->result);
    statement->result = NULL;
    if (statement->sql.cap > SQL_WORTH_KEEPING)
        buf_done(&statement->sql);
    statement->next_free = query->database->free_statements;
    query->database->free_statements = statement;
}

static void *grown(void *array, size_t n, size_t size)
{
    array = realloc(array, n * size);
    if (!array)
        abort();
    return array;
}

static int next_parameter(Query *query)
{
    Statement *statement = query->statement;
    if (statement->n == statement->cap) {
        size_t cap = statement->cap ? 2 * (size_t)statement->cap : 32;
        statement->values = grown((void *)statement->values, cap, sizeof *statement->values);
        statement->lengths = grown(statement->lengths, cap, sizeof *statement->lengths);
        statement->formats = grown(statement->formats, cap, sizeof *statement->formats);
        statement->types = grown(statement->types, cap, sizeof *statement->types);
        statement->numbers = grown(statement->numbers, cap, sizeof *statement->numbers);
        statement->cap = (int)cap;
    }
    query->n_bound++;
    return statement->n++;
}

static void bind_data(Query *query, Oid type, Str data)
{
    int at = next_parameter(query);
    Statement *statement = query->statement;
    statement->types[at] = type;
    statement->formats[at] = 1;
    statement->values[at] = data.data ? data.data : "";
    statement->lengths[at] = (int)data.len;
}

static void postgres_bind_i64(Query *query, int64_t n)
{
    bind_data(query, TYPE_INT8, str_of("", sizeof n)); /* pointed to when it is sent: the array may move */
    query->statement->numbers[query->statement->n - 1] = (int64_t)htobe64((uint64_t)n);
}

static void postgres_bind_text(Query *query, Str text)
{
    bind_data(query, TYPE_TEXT, text);
}

static void postgres_bind_bytes(Query *query, Str bytes)
{
    bind_data(query, TYPE_BYTEA, bytes);
}

static bool may_execute(Query *query)
{
    Database *database = query->database;
    Statement *statement = query->statement;
    if (fault_is_due(database, &statement->err))
        return false;
    return database->deadline_us == 0 || clock_monotonic_us() < database->deadline_us ||
           error_set(&statement->err, DEADLINE_EXCEEDED, "",
                     "the database took longer than the request may; ask for less, or narrow the filter");
}

static DrawnKeys *keys_for(const Statement *statement)
{
    return statement->kept ? statement->kept->keys : NULL;
}

static bool bind_key(Query *query)
{
    Statement *statement = query->statement;
    DrawnKeys *keys = keys_for(statement);
    if (!keys)
        return true;
    if (!keys_draw(query->database, keys, &statement->key, &statement->err))
        return false;
    postgres_bind_i64(query, statement->key);
    return true;
}

/* `rows`: what it gives is wanted. */
static bool execute_query(Query *query, bool rows)
{
    Database *database = query->database;
    Statement *statement = query->statement;
    query->stepped = true;
    if (!may_execute(query) || !bind_key(query))
        return false;
    for (int i = 0; i < statement->n; i++) {
        if (statement->types[i] == TYPE_INT8)
            statement->values[i] = (const char *)&statement->numbers[i];
    }
    if (!rows && database->runs_ahead && database->begun)
        return link_run_ahead(database, statement, &statement->err);
    statement->result = link_exchange(database, statement, NULL, &statement->err);
    return statement->result != NULL;
}

static bool postgres_query_next(Query *query)
{
    Statement *statement = query->statement;
    bool keyed = keys_for(statement);
    if (query->failure != 0)
        return false;
    if (!query->stepped && !execute_query(query, !keyed)) {
        query->failure = 1;
        return false;
    }
    query->n_column = 0;
    return ++statement->row < (keyed ? 1 : libpq.PQntuples(statement->result));
}

static void postgres_query_run(Query *query)
{
    query->failure = execute_query(query, false) ? 0 : 1;
}

static bool postgres_query_end(Query *query, Error *err)
{
    if (query->failure == 0)
        return true;
    *err = query->statement->err;
    return false;
}

static int64_t postgres_query_changes(const Query *query)
{
    return link_settle(query->database) ? query->database->changes : 0; /* cut: whatever comes next says so */
}

static bool postgres_query_changed_one(const Query *query)
{
    return link_changed_one(query->database);
}

static int64_t postgres_next_i64(Query *query)
{
    const Statement *statement = query->statement;
    return keys_for(statement) ? statement->key : column_i64(statement->result, statement->row, query->n_column++);
}

static Str postgres_next_text(Query *query, Arena *arena)
{
    const PGresult *result = query->statement->result;
    int row = query->statement->row, column = query->n_column++;
    return str_copy(arena,
                    str_of(libpq.PQgetvalue(result, row, column), (size_t)libpq.PQgetlength(result, row, column)));
}

static bool postgres_give_back(Database *database, bool *out_more, Error *err)
{
    (void)database, (void)err; /* autovacuum does */
    *out_more = false;
    return true;
}

static bool postgres_copy(Database *database, const char *path, Error *err)
{
    (void)database, (void)path;
    return error_set(err, UNIMPLEMENTED, "database", "a PostgreSQL database is copied with pg_dump or pg_basebackup");
}

static bool postgres_inspect(Database *database, void (*found)(void *self, Str problem), void *self, Error *err)
{
    (void)database, (void)found, (void)self, (void)err; /* pg_amcheck and its page checksums do that */
    return true;
}

const DatabaseKind database_postgres = {
    .name = "postgres",
    .open = postgres_open,
    .close = postgres_close,
    .is_empty = postgres_is_empty,
    .has_table = postgres_has_table,
    .prepare_writing = postgres_prepare_writing,
    .share = postgres_share,
    .tell = postgres_tell,
    .hear = postgres_hear,
    .hurry = postgres_hurry,
    .define = postgres_define,
    .begin_read = postgres_begin_read,
    .begin_write = postgres_begin_write,
    .run_ahead = postgres_run_ahead,
    .stumbled = postgres_stumbled,
    .settle = postgres_settle,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .in_transaction = postgres_in_transaction,
    .savepoint = postgres_savepoint,
    .savepoint_keep = postgres_savepoint_keep,
    .savepoint_drop = postgres_savepoint_drop,
    .sync_failed = postgres_sync_failed,
    .disk_failed = postgres_disk_failed,
    .outcome_unknown = postgres_outcome_unknown,
    .deadline = postgres_deadline,
    .fail_after = postgres_fail_after,
    .shrink = postgres_shrink,
    .log_pages = postgres_log_pages,
    .checkpoint = postgres_checkpoint,
    .give_back = postgres_give_back,
    .copy = postgres_copy,
    .inspect = postgres_inspect,
    .query_open = postgres_query_open,
    .query_open_text = postgres_query_open_text,
    .query_done = postgres_query_done,
    .bind_i64 = postgres_bind_i64,
    .bind_text = postgres_bind_text,
    .bind_bytes = postgres_bind_bytes,
    .query_next = postgres_query_next,
    .query_end = postgres_query_end,
    .query_run = postgres_query_run,
    .query_changes = postgres_query_changes,
    .query_changed_one = postgres_query_changed_one,
    .columns_sql =
        "SELECT c.table_name::text COLLATE \"C\", c.column_name::text, CASE c.data_type WHEN 'bigint' THEN 'number' "
        "WHEN "
        "'bytea' THEN 'bytes' ELSE 'text' END, COALESCE(k.ordinal_position, 0)::bigint FROM information_schema.columns "
        "c "
        "JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
        "LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema AND "
        "p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY' "
        "LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema AND "
        "k.constraint_name = p.constraint_name AND k.table_name = c.table_name AND k.column_name = c.column_name "
        "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position",
    /* Keys that a sequence gives are called key, and PostgreSQL calls the sequence so. */
    .last_key_sql =
        "SELECT COALESCE(max(last_value), 0)::bigint FROM pg_sequences WHERE schemaname = current_schema() AND "
        "sequencename = $1 || '_key_seq'",
    .continue_keys_sql = "SELECT setval(quote_ident(sequencename)::regclass, $1) FROM pg_sequences WHERE "
                         "schemaname = current_schema() AND sequencename = $2 || '_key_seq'",
    .next_i64 = postgres_next_i64,
    .next_text = postgres_next_text,
};
