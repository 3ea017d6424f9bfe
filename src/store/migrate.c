/* store/migrate.c: brings a database to this program's version, in one transaction, or refuses it untouched. */
#include "store/internal.h"

#include "store/migrations.h"

/* What a database says of itself. */
typedef struct Version {
    int64_t newest; /* 0: it is empty */
    int64_t n;      /* how many of the migrations it has seen */
} Version;

static bool ask_version(Database *database, Version *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "SELECT max(version), count(*) FROM schema_version", err))
        return false;
    if (query_next(&query)) {
        out->newest = next_i64(&query);
        out->n = next_i64(&query);
    }
    return query_end(&query, err);
}

static bool read_version(Database *database, Version *out, Error *err)
{
    bool empty = false, ours = false;
    *out = (Version){0};
    if (!database_is_empty(database, &empty, err) || !database_has_table(database, "schema_version", &ours, err))
        return false;
    if (empty)
        return true;
    if (!ours)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the database file holds another program's tables; choose another folder");
    if (!ask_version(database, out, err))
        return false;
    if (out->newest <= 0)
        return error_set(err, DATA_LOSS, "", "the database does not say its version; restore a backup");
    int known = migrations[n_migrations - 1].version;
    return out->newest <= known ||
           error_set(err, FAILED_PRECONDITION, "",
                     "the database is of version %d, made by a newer clerkwork; this one knows versions up to %d. It "
                     "was left as it is: install the newer program, or restore a backup",
                     (int)out->newest, known);
}

bool database_version(Database *database, int64_t *out, Error *err)
{
    Version version;
    if (!read_version(database, &version, err))
        return false;
    *out = version.newest;
    return true;
}

static bool is_applied(Database *database, int version, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    int64_t there;
    if (!query_open(&query, database, "SELECT version FROM schema_version WHERE version = $1", err))
        return false;
    bind_i64(&query, version);
    return query_one_i64(&query, out, &there, err);
}

static bool write_version(Database *database, int version, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "INSERT INTO schema_version (version) VALUES ($1)", err))
        return false;
    bind_i64(&query, version);
    return query_run(&query, err);
}

static bool apply_one(Database *database, const Migration *migration, Error *err)
{
    bool applied = false;
    if (!is_applied(database, migration->version, &applied, err))
        return false;
    for (size_t i = 0; !applied && i < migration->n_statements; i++) {
        if (!database_define(database, migration->statements[i], err))
            return false;
    }
    return applied || write_version(database, migration->version, err);
}

static bool apply(Database *database, bool is_empty, Error *err)
{
    if (is_empty &&
        !database_define(database, "CREATE TABLE schema_version (version bigint NOT NULL PRIMARY KEY)", err))
        return false;
    for (int at = 0; at < n_migrations; at++) {
        if (!apply_one(database, &migrations[at], err))
            return false;
    }
    return true;
}

bool migrate(Database *database, const DatabaseUse *use, int *out_version, bool *out_alone, Error *err)
{
    Version version;
    if (!read_version(database, &version, err) || !database_prepare_writing(database, use, out_alone, err))
        return false;
    /* Once more: another process that shares may have brought it to a new version meanwhile. */
    if (use->shared && !read_version(database, &version, err))
        return false;
    *out_version = migrations[n_migrations - 1].version;
    if (version.n == n_migrations)
        return true;
    if (!*out_alone)
        return error_set(err, FAILED_PRECONDITION, "database",
                         "other processes of an older clerkwork are at work on this database; stop all of them, then "
                         "start this one");
    if (!database_begin_write(database, err))
        return false;
    if (apply(database, version.newest == 0, err) && database_commit(database, err))
        return true;
    database_rollback(database);
    return false;
}
