/* store/postgres/failure.c: SQLSTATEs and cut connections, as errors of ours. */
#include <string.h>

#include "store/postgres/internal.h"

/* Whose failure it was. */
typedef enum Fault { FAULT_STATEMENT, FAULT_DISK, FAULT_LINK } Fault;

typedef struct FailureMeaning {
    const char *state; /* an SQLSTATE or how a class of them begins */
    ErrorCode meaning;
    Fault fault;
    const char *text;
} FailureMeaning;

static const FailureMeaning failure_meanings[] = {
    {"23505", ALREADY_EXISTS, FAULT_STATEMENT, "one with this name or id is there already"},
    {"23502", FAILED_PRECONDITION, FAULT_STATEMENT, "what this belongs to is not there (any more)"},
    {"57014", DEADLINE_EXCEEDED, FAULT_STATEMENT,
     "the database took longer than the request may; ask for less, or narrow the filter"},
    {"22021", INVALID_ARGUMENT, FAULT_STATEMENT, "text must be UTF-8 and must not hold the character U+0000"},
    {"22P05", INVALID_ARGUMENT, FAULT_STATEMENT, "text must be UTF-8 and must not hold the character U+0000"},
    {"54", INVALID_ARGUMENT, FAULT_STATEMENT, "too large for one database row or statement"},
    {"42501", FAILED_PRECONDITION, FAULT_STATEMENT,
     "the PostgreSQL user may not do that; make it the owner of the database or of the schema"},
    {"3F000", FAILED_PRECONDITION, FAULT_STATEMENT, "the schema in which tables are to lie is not there; create it"},
    {"40", UNAVAILABLE, FAULT_STATEMENT, "another transaction stood in the way; try again"},
    {"53100", UNAVAILABLE, FAULT_DISK,
     "the disk is full: free some space where PostgreSQL's data lies; writing resumes by itself"},
    {"53", UNAVAILABLE, FAULT_DISK, "PostgreSQL lacks memory, connections or disk; look at its log"},
    {"58", UNAVAILABLE, FAULT_DISK, "PostgreSQL's disk reported an error; look at its log and at the disk"},
    {"25006", UNAVAILABLE, FAULT_DISK, "this PostgreSQL takes no writes: it is a standby, or set to be read only"},
    {"57P", UNAVAILABLE, FAULT_LINK, "PostgreSQL is stopping or starting; writing resumes by itself"},
    {"08", UNAVAILABLE, FAULT_LINK, "the connection to PostgreSQL was cut; it is made anew by itself"},
    {"XX001", DATA_LOSS, FAULT_STATEMENT, "PostgreSQL's data is damaged; restore a backup"},
    {"XX002", DATA_LOSS, FAULT_STATEMENT, "an index of PostgreSQL's is damaged; see REINDEX in its manual"},
};

bool failure_of_result(Database *database, const PGresult *result, Error *err)
{
    const char *state = libpq.PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = libpq.PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!state) /* libpq's own: it lost the connection */
        return failure_of_link(database, err);
    for (size_t i = 0; i < COUNT_OF(failure_meanings); i++) {
        const FailureMeaning *row = &failure_meanings[i];
        if (strncmp(row->state, state, strlen(row->state)) != 0)
            continue;
        database->disk_failed = row->fault != FAULT_STATEMENT;
        if (row->fault == FAULT_LINK)
            database->lost = true;
        return error_set(err, row->meaning, "", "%s (%s, SQLSTATE %s)", row->text, primary ? primary : "", state);
    }
    return error_set(err, INTERNAL, "", "the database refused a statement: %s (SQLSTATE %s)", primary ? primary : "",
                     state);
}

bool failure_of_link(Database *database, Error *err)
{
    database->lost = true;
    database->disk_failed = true;
    return error_set(err, UNAVAILABLE, "", "the connection to PostgreSQL was cut; it is made anew by itself");
}
