/* store/postgres/libpq.h: libpq, loaded when a database of PostgreSQL is opened. Linked in the ordinary way it and the
 * two dozen libraries that it brings (LDAP, Kerberos, GnuTLS …) would cost every start of a server on SQLite more than
 * the server itself takes, and megabytes of memory. */
#ifndef CLERKWORK_STORE_POSTGRES_LIBPQ_H
#define CLERKWORK_STORE_POSTGRES_LIBPQ_H

#include <libpq-fe.h>

#include "base/error.h"

/* All that is used of it. */
#define LIBPQ_FUNCTIONS(X)                                                                                             \
    X(PQclear)                                                                                                         \
    X(PQcmdStatus)                                                                                                     \
    X(PQcmdTuples)                                                                                                     \
    X(PQconnectdbParams)                                                                                               \
    X(PQconninfoFree)                                                                                                  \
    X(PQconninfoParse)                                                                                                 \
    X(PQconsumeInput)                                                                                                  \
    X(PQenterPipelineMode)                                                                                             \
    X(PQerrorMessage)                                                                                                  \
    X(PQexec)                                                                                                          \
    X(PQfinish)                                                                                                        \
    X(PQflush)                                                                                                         \
    X(PQfreemem)                                                                                                       \
    X(PQftype)                                                                                                         \
    X(PQgetResult)                                                                                                     \
    X(PQgetisnull)                                                                                                     \
    X(PQgetlength)                                                                                                     \
    X(PQgetvalue)                                                                                                      \
    X(PQisBusy)                                                                                                        \
    X(PQnotifies)                                                                                                      \
    X(PQntuples)                                                                                                       \
    X(PQparameterStatus)                                                                                               \
    X(PQpipelineSync)                                                                                                  \
    X(PQresultErrorField)                                                                                              \
    X(PQresultStatus)                                                                                                  \
    X(PQsendPrepare)                                                                                                   \
    X(PQsendQueryParams)                                                                                               \
    X(PQsendQueryPrepared)                                                                                             \
    X(PQserverVersion)                                                                                                 \
    X(PQsetNoticeProcessor)                                                                                            \
    X(PQsetnonblocking)                                                                                                \
    X(PQsocket)                                                                                                        \
    X(PQstatus)

typedef struct Libpq {
#define LIBPQ_MEMBER(name) __typeof__(name) *(name);
    LIBPQ_FUNCTIONS(LIBPQ_MEMBER)
#undef LIBPQ_MEMBER
} Libpq;

/* Filled by libpq_load, which must have succeeded before any use. */
extern Libpq libpq;
/* From any thread, any number of times; UNAVAILABLE when the library is not installed. */
MUST_USE bool libpq_load(Error *err);

#endif
