/* store/migrate.c: brings a database to this program's version, in one transaction, or refuses it untouched. */
#include "store/internal.h"

#include "store/migrations.h"

static bool stored_version(Database *database, int64_t *out, Error *err)
{
    bool empty = false, ours = false;
    if (!database_is_empty(database, &empty, err) || !database_has_table(database, "schema_version", &ours, err))
        return false;
    if (empty) {
        *out = 0;
        return true;
    }
    if (!ours)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the database file holds another program's tables; choose another folder");
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    if (!query_open(&query, database, "SELECT max(version) FROM schema_version", err) ||
        !query_one_i64(&query, &found, out, err))
        return false;
    return *out > 0 || error_set(err, DATA_LOSS, "", "the database does not say its version; restore a backup");
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

static bool apply(Database *database, int from, Error *err)
{
    if (from == 0 &&
        !database_define(database, "CREATE TABLE schema_version (version bigint NOT NULL PRIMARY KEY)", err))
        return false;
    for (int at = from; at < n_migrations; at++) {
        for (size_t i = 0; i < migrations[at].n_statements; i++) {
            if (!database_define(database, migrations[at].statements[i], err))
                return false;
        }
        if (!write_version(database, at + 1, err))
            return false;
    }
    return true;
}

bool database_version(Database *database, int64_t *out, Error *err)
{
    int64_t version = 0;
    if (!stored_version(database, &version, err))
        return false;
    if (version > n_migrations)
        return error_set(
            err, FAILED_PRECONDITION, "",
            "the database is of version %d, made by a newer clerkwork; this one knows versions up to %d. It was "
            "left as it is: install the newer program, or restore a backup",
            (int)version, n_migrations);
    *out = version;
    return true;
}

bool migrate(Database *database, bool synchronous_normal, int *out_version, Error *err)
{
    int64_t version = 0;
    if (!database_version(database, &version, err))
        return false;
    if (!database_prepare_writing(database, synchronous_normal, err))
        return false;
    *out_version = n_migrations;
    if (version == n_migrations)
        return true;
    if (!database_begin_write(database, err))
        return false;
    if (apply(database, (int)version, err) && database_commit(database, err))
        return true;
    database_rollback(database);
    return false;
}
