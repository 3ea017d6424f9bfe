/* store/postgres/statistics.c: what PostgreSQL's planner knows of our tables.
 *
 * Of a table that was never looked at it believes that it is tiny, takes any index for a good one, and keeps that plan
 * for a prepared statement. Autovacuum looks after a minute; a new database fills faster, and reading one run by its id
 * then reads all runs of its automation. So tables that have doubled are looked at as soon as that is seen. */
#include <stdio.h>

#include "base/clock.h"
#include "store/postgres/internal.h"

static const int64_t PAUSE_US = 1000 * 1000;
static const int64_t PAUSE_MOST_US = 10LL * 1000 * 1000; /* when nothing has grown for a while */

/* What relpages and reltuples say is as of the last look; a look in the middle of a large transaction saw its pages and
 * none of its rows. */
static const char grown_tables[] =
    "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND "
    "relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND "
    "(pg_relation_size(oid) > 2 * greatest(relpages, 4) * current_setting('block_size')::bigint OR "
    "pg_stat_get_mod_since_analyze(oid) > greatest(reltuples, 1000))";

static bool look_at(Database *database, const PGresult *tables, Error *err)
{
    for (int i = 0; i < libpq.PQntuples(tables); i++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql, "ANALYZE %.*s", libpq.PQgetlength(tables, i, 0),
                       libpq.PQgetvalue(tables, i, 0));
        PGresult *result = link_exchange(database, NULL, sql, err);
        libpq.PQclear(result);
        if (!result)
            return false;
    }
    return true;
}

static bool look_around(Database *database, bool *out_grown, Error *err)
{
    PGresult *tables = link_exchange(database, NULL, grown_tables, err);
    if (!tables)
        return false;
    *out_grown = libpq.PQntuples(tables) > 0;
    bool ok = look_at(database, tables, err);
    libpq.PQclear(tables);
    return ok;
}

bool statistics_keep(Database *database, bool *out_all, Error *err)
{
    bool grown = false;
    bool ok = link_ready(database, err) && look_around(database, &grown, err);
    database->look_pause_us = grown ? PAUSE_US : MIN_OF(MAX_OF(2 * database->look_pause_us, PAUSE_US), PAUSE_MOST_US);
    database->next_look_us = clock_monotonic_us() + database->look_pause_us;
    /* PostgreSQL counts what a transaction changed up to ten seconds after it: what has grown is looked at until then.
     */
    *out_all = database->look_pause_us == PAUSE_MOST_US;
    return ok;
}
