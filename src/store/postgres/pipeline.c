/* store/postgres/pipeline.c: what is said over a connection, and what is answered.
 *
 * A connection is always in pipeline mode: whatever was said is owed an answer, and answers come in the order of what
 * was said. What a transaction begins with (BEGIN, SAVEPOINT) travels with its first statement. A statement that runs
 * ahead is said and left; whoever next waits for an answer of his own takes those before it as well. Behind a refusal
 * PostgreSQL passes over all that was said up to the next sync, so nothing is done on top of what did not work. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/postgres/internal.h"

static const int64_t AFTER_DEADLINE_US = 2LL * 1000 * 1000; /* PostgreSQL itself keeps the deadline */
static const int64_t AFTER_DEADLINE_IN_HASTE_US = 100 * 1000;

enum {
    OWED_MOST = 2048, /* answers that may stand out; then they are waited for */
    BYTES_MOST = 1 << 20,
    GROUP_MOST = 32, /* statements that run ahead leave in groups, so that PostgreSQL works meanwhile */
    GROUP_BYTES_MOST = 32 * 1024,
};

typedef enum OwedKind {
    OWED_ASIDE, /* nobody asks what came of it */
    OWED_ALONG, /* something small that travels with a statement */
    OWED_PREPARE,
    OWED_STATEMENT,
    OWED_SYNC
} OwedKind;

struct Owed {
    OwedKind kind;
    bool ahead;   /* nobody waits for it in particular */
    bool one_row; /* of a statement that runs ahead: it has stumbled unless it changed one row */
    Kept *kept;   /* OWED_PREPARE */
};

/* ---- saying ---- */

static void owe(Database *database, Owed owed)
{
    if (database->n_owed == database->cap_owed) {
        database->cap_owed = MAX_OF(2 * database->cap_owed, 64);
        database->owed = realloc(database->owed, (size_t)database->cap_owed * sizeof *database->owed);
        if (!database->owed)
            abort();
    }
    database->owed[database->n_owed++] = owed;
}

static bool say_plain(Database *database, const char *sql, Owed owed)
{
    owe(database, owed);
    return libpq.PQsendQueryParams(database->link, sql, 0, NULL, NULL, NULL, NULL, 1) == 1;
}

/* It is known by its name for whatever is said behind this. */
static bool say_prepare(Database *database, const Statement *statement, const char *name, bool ahead)
{
    assert(statement->sql.len > 0);
    owe(database, (Owed){.kind = OWED_PREPARE, .ahead = ahead, .kept = statement->kept});
    statement->kept->prepared = true;
    return libpq.PQsendPrepare(database->link, name, statement->sql.data, statement->n, statement->types) == 1;
}

static bool say_statement(Database *database, const Statement *statement, bool ahead)
{
    const Owed owed = {.kind = OWED_STATEMENT, .ahead = ahead};
    if (!statement->kept) {
        owe(database, owed);
        return libpq.PQsendQueryParams(database->link, statement->sql.data, statement->n, statement->types,
                                       statement->values, statement->lengths, statement->formats, 1) == 1;
    }
    char name[16];
    snprintf(name, sizeof name, "s%d", (int)(statement->kept - database->kept));
    if (!statement->kept->prepared && !say_prepare(database, statement, name, ahead))
        return false;
    owe(database, owed);
    return libpq.PQsendQueryPrepared(database->link, name, statement->n, statement->values, statement->lengths,
                                     statement->formats, 1) == 1;
}

static bool say_pending(Database *database, bool ahead)
{
    int n = database->n_pending;
    database->n_pending = 0;
    database->sent |= database->begun;
    for (int i = 0; i < n; i++) {
        if (!say_plain(database, database->pending[i], (Owed){.kind = OWED_ALONG, .ahead = ahead}))
            return false;
    }
    return true;
}

static bool say_sync(Database *database)
{
    if (database->n_owed == 0 || database->owed[database->n_owed - 1].kind == OWED_SYNC)
        return true;
    owe(database, (Owed){.kind = OWED_SYNC});
    return libpq.PQpipelineSync(database->link) == 1;
}

/* ---- reading ---- */

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

static void note_good(Database *database, const Owed *owed, const PGresult *result)
{
    if (owed->kind == OWED_ALONG)
        note_transaction(database, result);
    if (owed->kind != OWED_STATEMENT)
        return;
    database->changes = strtoll(libpq.PQcmdTuples((PGresult *)result), NULL, 10);
    database->stumbled |= owed->one_row && database->changes != 1;
}

/* What ran ahead and was refused is nobody's failure yet: database_stumbled. */
static void note_refusal(Database *database, const Owed *owed, const PGresult *result, Error *err)
{
    failure_of_result(database, result, err);
    database->stumbled |= owed->ahead && !database->lost;
}

/* Reads all that is owed, up to the last sync. `out`: the answer to the statement that is waited for; NULL for none, or
 * for a refusal: then `err` holds the first. False: the connection is cut. */
static bool read_owed(Database *database, int64_t by_us, PGresult **out, Error *err)
{
    bool refused = false;
    *out = NULL;
    for (int i = 0; i < database->n_owed; i++) {
        const Owed *owed = &database->owed[i];
        if (owed->kind == OWED_SYNC) {
            if (!read_sync(database, by_us))
                return false;
            continue;
        }
        PGresult *result = NULL;
        bool read = read_answer(database, by_us, &result), good = read && is_good(result);
        if (good)
            note_good(database, owed, result);
        else if (read && !refused && owed->kind != OWED_ASIDE)
            note_refusal(database, owed, result, err);
        refused |= !good && owed->kind != OWED_ASIDE;
        if (owed->kind == OWED_PREPARE)
            owed->kept->prepared = good;
        if (good && owed->kind == OWED_STATEMENT && !owed->ahead)
            *out = result;
        else
            libpq.PQclear(result);
        if (!read)
            return false;
    }
    database->n_owed = 0;
    database->bytes_ahead = 0;
    return true;
}

/* ---- both ---- */

static bool refuse_stumbled(Error *err)
{
    return error_set(err, ABORTED, "", "an earlier statement of this transaction was refused; it is done again");
}

static bool may_speak(Database *database, Error *err)
{
    if (database->lost || !database->link)
        return failure_of_link(database, err);
    return !database->stumbled || refuse_stumbled(err);
}

bool link_settle(Database *database)
{
    PGresult *none = NULL;
    Error stumbled;
    if (database->n_owed > 0 && (!say_sync(database) || !read_owed(database, answer_by_us(database), &none, &stumbled)))
        database->lost = true;
    return !database->lost;
}

PGresult *link_exchange(Database *database, Statement *statement, const char *sql, Error *err)
{
    PGresult *result = NULL;
    if (!may_speak(database, err))
        return NULL;
    int64_t by_us = answer_by_us(database);
    bool ok = say_pending(database, false) &&
              (statement ? say_statement(database, statement, false)
                         : say_plain(database, sql, (Owed){.kind = OWED_STATEMENT})) &&
              say_sync(database) && read_owed(database, by_us, &result, err);
    if (ok && !database->stumbled)
        return result; /* NULL when it was refused */
    libpq.PQclear(result);
    if (ok)
        refuse_stumbled(err);
    else
        failure_of_link(database, err);
    return NULL;
}

static size_t bytes_of(const Statement *statement)
{
    size_t bytes = statement->sql.len;
    for (int i = 0; i < statement->n; i++)
        bytes += (size_t)statement->lengths[i];
    return bytes;
}

/* The sync makes PostgreSQL answer, and take who says nothing more for idle: it ends the session of one that stands
 * still in its turn. */
static bool let_group_go(Database *database)
{
    database->ungrouped = 0;
    database->ungrouped_bytes = 0;
    return say_sync(database) && libpq.PQflush(database->link) >= 0;
}

bool link_run_ahead(Database *database, const Statement *statement, Error *err)
{
    if (!may_speak(database, err))
        return false;
    size_t bytes = bytes_of(statement);
    bool ok = say_pending(database, true) && say_statement(database, statement, true);
    database->bytes_ahead += bytes;
    database->ungrouped_bytes += bytes;
    if (++database->ungrouped >= GROUP_MOST || database->ungrouped_bytes >= GROUP_BYTES_MOST)
        ok = ok && let_group_go(database);
    if (database->n_owed >= OWED_MOST || database->bytes_ahead >= BYTES_MOST)
        ok = ok && link_settle(database);
    return ok ? may_speak(database, err) : failure_of_link(database, err);
}

bool link_changed_one(Database *database)
{
    if (database->n_owed == 0)
        return database->changes == 1;
    Owed *last = &database->owed[database->n_owed - 1];
    last -= last->kind == OWED_SYNC;
    assert(last->kind == OWED_STATEMENT && last->ahead);
    last->one_row = true;
    return true;
}

void link_send(Database *database, const char *sql)
{
    /* The sync before it ends what a refusal has PostgreSQL pass over. */
    if (database->lost || !say_sync(database) || !say_plain(database, sql, (Owed){.kind = OWED_ASIDE}) ||
        !say_sync(database) || libpq.PQflush(database->link) < 0)
        database->lost = true;
}
