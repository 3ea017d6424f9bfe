/* base/error.h: why a call failed, said once, where it is known.
 *
 * What can fail returns bool, is MUST_USE and takes `Error *err` last (never NULL). On failure results are
 * not written. Codes are google.rpc.Code, decided where the cause is known and passed up untouched. The text
 * is for a person who must act on it: what was found, what was expected, what to do next. Reporting a failure
 * cannot fail: all text lives inside the struct and is cut when too long. */
#ifndef CLERKWORK_BASE_ERROR_H
#define CLERKWORK_BASE_ERROR_H

#include "base/macros.h"
#include "base/str.h"

typedef enum ErrorCode { /* google.rpc.Code */
                         OK = 0,
                         CANCELLED = 1,
                         INVALID_ARGUMENT = 3,
                         DEADLINE_EXCEEDED = 4,
                         NOT_FOUND = 5,
                         ALREADY_EXISTS = 6,
                         PERMISSION_DENIED = 7,
                         RESOURCE_EXHAUSTED = 8,
                         FAILED_PRECONDITION = 9,
                         ABORTED = 10,
                         OUT_OF_RANGE = 11,
                         UNIMPLEMENTED = 12,
                         INTERNAL = 13,
                         UNAVAILABLE = 14,
                         DATA_LOSS = 15,
                         UNAUTHENTICATED = 16,
} ErrorCode;

typedef struct Error {
    ErrorCode code;
    char field[128];   /* path of the argument at fault ("inputs.tolerance"), or "" */
    char message[640]; /* one or two sentences, UTF-8, no trailing newline */
} Error;

/* Sets all of `err` and returns false, so refusing is one line. `field` may be "". */
bool error_set(Error *err, ErrorCode code, const char *field, const char *format, ...) PRINTF_LIKE(4, 5);
/* The same with errno's text appended; for system calls that failed. Code UNAVAILABLE for ENOSPC and EDQUOT. */
bool error_set_errno(Error *err, const char *what);
/* Puts "prefix." before the field, for errors that come out of a nested value. */
bool error_within(Error *err, const char *prefix);
void error_clear(Error *err);

const char *error_code_name(ErrorCode code); /* "INVALID_ARGUMENT" */
int error_code_http(ErrorCode code);         /* google/rpc/code.proto; FAILED_PRECONDITION is 400 */

#endif
