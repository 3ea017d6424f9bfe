/* store/postgres/pipeline.c: what is said over a connection, and what is answered.
 *
 * A connection is always in pipeline mode: what a transaction begins with (BEGIN, SAVEPOINT) travels with its first
 * statement, so that a command costs as many round trips as it has statements. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "store/postgres/internal.h"

static const int64_t AFTER_DEADLINE_US = 2LL * 1000 * 1000; /* PostgreSQL itself keeps the deadline */
static const int64_t AFTER_DEADLINE_IN_HASTE_US = 100 * 1000;

static int64_t answer_by_us(const Database *database)
{
    if (database->deadline_us != 0)
        return MAX_OF(database->deadline_us, clock_monotonic_us()) +
               (database->hurries ? AFTER_DEADLINE_IN_HASTE_US : AFTER_DEADLINE_US);
    return clock_monotonic_us() + database->answer_us;
}

/* Waits until there is something to read, writing what remains to be written. False: the connection is cut. */
static bool wait_for_input(Database *database, int64_t by_us)
{
    int unsent = libpq.PQflush(database->link);
    int64_t left_us = by_us - clock_monotonic_us();
    if (unsent < 0 || left_us <= 0)
        return false;
    struct pollfd wait = {.fd = libpq.PQsocket(database->link), .events = (short)(POLLIN | (unsent ? POLLOUT : 0))};
    int n = poll(&wait, 1, (int)(left_us / 1000 + 1));
    if (n < 0)
        return errno == EINTR;
    return n == 0 || !(wait.revents & ~POLLOUT) || libpq.PQconsumeInput(database->link) == 1;
}

static bool next_result(Database *database, int64_t by_us, PGresult **out)
{
    while (libpq.PQisBusy(database->link)) {
        if (!wait_for_input(database, by_us))
            return false;
    }
    *out = libpq.PQgetResult(database->link);
    return libpq.PQstatus(database->link) == CONNECTION_OK;
}

/* The answer to one statement: its result and the NULL behind it. */
static bool read_answer(Database *database, int64_t by_us, PGresult **out)
{
    PGresult *end = NULL;
    if (!next_result(database, by_us, out) || !*out)
        return false;
    if (!next_result(database, by_us, &end) || end) {
        libpq.PQclear(end);
        return false;
    }
    return true;
}

static bool read_sync(Database *database, int64_t by_us)
{
    PGresult *sync = NULL;
    bool ok = next_result(database, by_us, &sync) && libpq.PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
    libpq.PQclear(sync);
    return ok;
}

/* Reads what link_send left. */
static bool settle(Database *database, int64_t by_us)
{
    for (; database->owed > 0; database->owed--) {
        PGresult *result = NULL;
        bool ok = read_answer(database, by_us, &result);
        libpq.PQclear(result);
        if (!ok || !read_sync(database, by_us))
            return false;
    }
    return true;
}

static int send_plain(PGconn *link, const char *sql)
{
    return libpq.PQsendQueryParams(link, sql, 0, NULL, NULL, NULL, NULL, 1);
}

static bool send_statement(PGconn *link, const Database *database, const Statement *statement, bool *out_prepares)
{
    *out_prepares = false;
    if (!statement->kept)
        return libpq.PQsendQueryParams(link, statement->sql.data, statement->n, statement->types, statement->values,
                                       statement->lengths, statement->formats, 1) == 1;
    char name[16];
    snprintf(name, sizeof name, "s%d", (int)(statement->kept - database->kept));
    *out_prepares = !statement->kept->prepared;
    if (*out_prepares && libpq.PQsendPrepare(link, name, statement->sql.data, statement->n, statement->types) != 1)
        return false;
    return libpq.PQsendQueryPrepared(link, name, statement->n, statement->values, statement->lengths,
                                     statement->formats, 1) == 1;
}

static bool send_all(Database *database, const Statement *statement, const char *sql, bool *out_prepares)
{
    *out_prepares = false;
    for (int i = 0; i < database->n_pending; i++) {
        if (send_plain(database->link, database->pending[i]) != 1)
            return false;
    }
    if (!(statement ? send_statement(database->link, database, statement, out_prepares)
                    : send_plain(database->link, sql) == 1))
        return false;
    return libpq.PQpipelineSync(database->link) == 1;
}

bool link_settle(Database *database)
{
    return settle(database, answer_by_us(database));
}

static bool is_good(const PGresult *result)
{
    ExecStatusType status = libpq.PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* A statement that travels along and gives a row: the transaction's number. */
static void note_transaction(Database *database, const PGresult *result)
{
    if (libpq.PQresultStatus(result) == PGRES_TUPLES_OK && libpq.PQntuples(result) == 1 &&
        libpq.PQgetlength(result, 0, 0) > 0)
        snprintf(database->transaction_id, sizeof database->transaction_id, "%.*s", libpq.PQgetlength(result, 0, 0),
                 libpq.PQgetvalue(result, 0, 0));
}

/* Reads n answers and their sync. `out` is the last one's, or NULL: then `err` says which refusal was the first. */
static bool read_all(Database *database, int n, int prepare_at, Statement *statement, int64_t by_us, PGresult **out,
                     Error *err)
{
    bool refused = false;
    *out = NULL;
    for (int i = 0; i < n; i++) {
        PGresult *result = NULL;
        bool read = read_answer(database, by_us, &result);
        bool good = read && is_good(result);
        if (read && !good && !refused)
            refused = !failure_of_result(database, result, err);
        if (good && i == prepare_at)
            statement->kept->prepared = true;
        if (good && i == n - 1)
            *out = result;
        else {
            if (good && i < database->n_pending)
                note_transaction(database, result);
            libpq.PQclear(result);
        }
        if (!read)
            return false;
    }
    return read_sync(database, by_us);
}

PGresult *link_exchange(Database *database, Statement *statement, const char *sql, Error *err)
{
    if (database->lost || !database->link) {
        failure_of_link(database, err);
        return NULL;
    }
    int64_t by_us = answer_by_us(database);
    int n_pending = database->n_pending;
    bool prepares = false;
    PGresult *result = NULL;
    database->sent |= database->begun;
    bool ok = settle(database, by_us) && send_all(database, statement, sql, &prepares) &&
              read_all(database, n_pending + prepares + 1, prepares ? n_pending : -1, statement, by_us, &result, err);
    database->n_pending = 0;
    if (ok)
        return result; /* NULL when it was refused */
    libpq.PQclear(result);
    failure_of_link(database, err);
    return NULL;
}

void link_send(Database *database, const char *sql)
{
    if (database->lost || !settle(database, answer_by_us(database)) || send_plain(database->link, sql) != 1 ||
        libpq.PQpipelineSync(database->link) != 1 || libpq.PQflush(database->link) < 0)
        database->lost = true;
    else
        database->owed++;
}
