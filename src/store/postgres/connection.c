/* store/postgres/connection.c: one connection: opened, kept alive, made anew, and listened to. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/postgres/internal.h"

static const int64_t RETRY_EVERY_US = 500 * 1000;
enum { OLDEST_VERSION = 130000 }; /* xid8 */

/* ---- opening ---- */

static void no_notices(void *self, const char *message)
{
    (void)self, (void)message;
}

static PGconn *connect_to(const char *url)
{
    /* What the URL says wins over these. */
    const char *const names[] = {
        "fallback_application_name", "connect_timeout",  "keepalives_idle", "keepalives_interval",
        "keepalives_count",          "tcp_user_timeout", "dbname",          NULL};
    const char *const values[] = {"clerkwork", "3", "5", "2", "3", "10000", url, NULL};
    PGconn *link = libpq.PQconnectdbParams(names, values, 1);
    if (link)
        libpq.PQsetNoticeProcessor(link, no_notices, NULL);
    return link;
}

/* libpq's text ends with a line break and may hold several lines; it never holds the password. */
static bool refuse_connection(Database *database, PGconn *link, Error *err)
{
    char reason[400];
    snprintf(reason, sizeof reason, "%s", link ? libpq.PQerrorMessage(link) : "no memory");
    for (size_t n = strlen(reason); n > 0 && reason[n - 1] == '\n';)
        reason[--n] = '\0';
    for (char *c = reason; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    database->disk_failed = true;
    return error_set(err, UNAVAILABLE, "database", "PostgreSQL cannot be reached: %s", reason);
}

static bool is_suitable(const PGconn *link, Error *err)
{
    const char *encoding = libpq.PQparameterStatus(link, "server_encoding");
    if (libpq.PQserverVersion(link) < OLDEST_VERSION)
        return error_set(err, FAILED_PRECONDITION, "database",
                         "PostgreSQL must be of version 13 or newer; this one says %d",
                         libpq.PQserverVersion(link) / 10000);
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return error_set(err, FAILED_PRECONDITION, "database",
                         "the PostgreSQL database must be encoded in UTF8, not %s: create one with ENCODING 'UTF8'",
                         encoding ? encoding : "an unknown way");
    return true;
}

static const char *const session_settings[] = {
    [DATABASE_WRITER] = ("SET client_encoding = 'UTF8'; SET jit = off; SET tcp_user_timeout = 10000; "
                         "SET default_transaction_isolation = 'read committed'; "
                         "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3"),
    [DATABASE_READER] = ("SET client_encoding = 'UTF8'; SET jit = off; SET default_transaction_read_only = on; "
                         "SET default_transaction_isolation = 'repeatable read'"),
    [DATABASE_CHECKPOINTER] = "SET client_encoding = 'UTF8'; SET jit = off; SET lock_timeout = 1000",
    [DATABASE_LEASE] =
        "SET client_encoding = 'UTF8'; SET jit = off; SET default_transaction_isolation = 'read committed'",
};

static bool say_settings(Database *database, PGconn *link, Error *err)
{
    PGresult *result = libpq.PQexec(link, session_settings[database->role]);
    bool ok = libpq.PQresultStatus(result) == PGRES_COMMAND_OK || failure_of_result(database, result, err);
    libpq.PQclear(result);
    return ok;
}

bool link_open(Database *database, Error *err)
{
    PGconn *link = connect_to(database->url);
    bool ok = link && libpq.PQstatus(link) == CONNECTION_OK;
    if (!ok)
        refuse_connection(database, link, err);
    ok = ok && is_suitable(link, err) && say_settings(database, link, err);
    if (ok && (libpq.PQsetnonblocking(link, 1) != 0 || libpq.PQenterPipelineMode(link) != 1))
        ok = refuse_connection(database, link, err);
    if (!ok) {
        libpq.PQfinish(link);
        return false;
    }
    link_adopt(database, link);
    return true;
}

void link_adopt(Database *database, PGconn *link)
{
    database->link = link;
    database->lost = false;
    database->n_owed = database->ungrouped = 0;
    database->ungrouped_bytes = database->bytes_ahead = 0;
    database->deaf = true;
    database->begun = database->sent = false;
    database->n_pending = 0;
    for (size_t i = 0; i < KEPT_SLOTS; i++)
        database->kept[i].prepared = false;
}

/* ---- those that write ---- */

static bool say(Database *database, const char *sql, Error *err)
{
    PGresult *result = link_exchange(database, NULL, sql, err);
    libpq.PQclear(result);
    return result != NULL;
}

/* One that stands still in the middle of a transaction, stopped or cut off, must not keep the others from their turns:
 * PostgreSQL ends its session. */
static bool say_manners(Database *database, Error *err)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SET idle_in_transaction_session_timeout = %d", database->use.lease_s * 1000 / 2);
    return say(database,
               database->use.synchronous_normal ? "SET synchronous_commit = off" : "SET synchronous_commit = on",
               err) &&
           (!database->use.shared || say(database, sql, err));
}

#define LOCK_KEY "(hashtext('clerkwork'), hashtext(current_schema()))"

static bool try_lock(Database *database, const char *sql, bool *out_locked, bool *out_no_schema, Error *err)
{
    PGresult *result = link_exchange(database, NULL, sql, err);
    if (!result)
        return false;
    *out_no_schema = libpq.PQgetisnull(result, 0, 0);
    *out_locked = column_i64(result, 0, 0) != 0;
    libpq.PQclear(result);
    return true;
}

/* Once it writes, a connection that is made anew finds others at work and shares with them at once. */
static bool try_locks(Database *database, bool *out_locked, bool *out_alone, bool *out_no_schema, Error *err)
{
    *out_locked = *out_alone = false;
    if (!(database->use.shared && database->writes)) {
        if (!try_lock(database, "SELECT pg_try_advisory_lock" LOCK_KEY, out_locked, out_no_schema, err))
            return false;
        *out_alone = *out_locked;
    }
    return *out_locked || !database->use.shared ||
           try_lock(database, "SELECT pg_try_advisory_lock_shared" LOCK_KEY, out_locked, out_no_schema, err);
}

/* The lock is the session's: a session that is cut loses it, and can commit nothing any more. */
bool link_take_lock(Database *database, int64_t patience_us, bool *out_alone, Error *err)
{
    int64_t until_us = clock_monotonic_us() + patience_us;
    for (bool locked = false, no_schema = false;;) {
        if (!try_locks(database, &locked, out_alone, &no_schema, err))
            return false;
        if (locked)
            break;
        if (no_schema)
            return error_set(err, FAILED_PRECONDITION, "database",
                             "the schema that the URL names is not there; create it with CREATE SCHEMA");
        if (clock_monotonic_us() >= until_us)
            return error_set(err, FAILED_PRECONDITION, "database",
                             "another clerkwork writes to this PostgreSQL database; stop it first, choose another "
                             "database, or start all of its processes with `processes = many`");
        usleep(50 * 1000); /* a process that was killed: PostgreSQL has yet to notice */
    }
    database->writes = true;
    return say_manners(database, err);
}

bool link_share_lock(Database *database, Error *err)
{
    return say(database, "SELECT pg_advisory_lock_shared" LOCK_KEY, err) &&
           say(database, "SELECT pg_advisory_unlock" LOCK_KEY, err);
}

/* ---- hearing ---- */

static bool hear_what_came(Database *database, void (*heard)(void *self, const char *news), void *self)
{
    bool alive = libpq.PQconsumeInput(database->link) == 1 && libpq.PQstatus(database->link) == CONNECTION_OK;
    for (PGnotify *notice; (notice = libpq.PQnotifies(database->link)) != NULL;) {
        heard(self, notice->extra);
        libpq.PQfreemem(notice);
    }
    return alive;
}

bool link_hear(Database *database, int bell, int64_t until_us, void (*heard)(void *self, const char *news), void *self,
               Error *err)
{
    if (!link_settle(database))
        return failure_of_link(database, err);
    struct pollfd waits[] = {{.fd = libpq.PQsocket(database->link), .events = POLLIN}, {.fd = bell, .events = POLLIN}};
    for (int64_t left_us; (left_us = until_us - clock_monotonic_us()) > 0;) {
        if (!hear_what_came(database, heard, self))
            return failure_of_link(database, err);
        if (poll(waits, COUNT_OF(waits), (int)(left_us / 1000 + 1)) > 0 && waits[1].revents)
            break;
    }
    return true;
}

/* ---- making it anew ---- */

void link_close(Database *database)
{
    if (database->link && !database->lost) /* a COMMIT may be on its way */
        database->lost = !link_settle(database);
    libpq.PQfinish(database->link);
    database->link = NULL;
}

/* Notices what came while nobody listened: mostly PostgreSQL's last words and that the other end is gone. */
static void look_alive(Database *database)
{
    enum { READS_MOST = 16 };
    struct pollfd wait = {.fd = libpq.PQsocket(database->link), .events = POLLIN};
    bool alive = link_settle(database);
    for (int i = 0; alive && i < READS_MOST && poll(&wait, 1, 0) > 0; i++)
        alive = libpq.PQconsumeInput(database->link) == 1 && libpq.PQstatus(database->link) == CONNECTION_OK;
    database->lost = !alive;
}

static bool connect_anew(Database *database, Error *err)
{
    link_close(database);
    bool wrote = database->writes;
    if (!link_open(database, err))
        return false;
    if (!wrote)
        return true;
    bool alone;
    if (link_take_lock(database, 0, &alone, err))
        return true;
    database->lost = true; /* without the lock nothing may be written */
    database->disk_failed = true;
    err->code = UNAVAILABLE;
    return false;
}

bool link_ready(Database *database, Error *err)
{
    if (!database->lost && database->link)
        look_alive(database);
    if (!database->lost && database->link)
        return true;
    if (database->hurries)
        return dial_ready(database, err);
    if (clock_monotonic_us() >= database->retry_us) {
        if (connect_anew(database, err))
            return true;
        database->lost = true;
        database->retry_us = clock_monotonic_us() + RETRY_EVERY_US;
        return false;
    }
    return failure_of_link(database, err);
}
