/* http/refusal.h: everything the server refuses by itself, and in which words. One row a reason; the tests walk the
 * table. */
#ifndef CLERKWORK_HTTP_REFUSAL_H
#define CLERKWORK_HTTP_REFUSAL_H

#include "base/buf.h"
#include "base/error.h"

typedef enum Refusal {
    REFUSE_NOT,
    REFUSE_REQUEST_LINE,
    REFUSE_METHOD,
    REFUSE_VERSION,
    REFUSE_TARGET,
    REFUSE_TARGET_ESCAPE,
    REFUSE_TARGET_FORM,
    REFUSE_TARGET_LENGTH,
    REFUSE_BARE_LF,
    REFUSE_BARE_CR,
    REFUSE_HEADER_FOLDED,
    REFUSE_HEADER_BLANK,
    REFUSE_HEADER_SYNTAX,
    REFUSE_HEADERS_TOO_LARGE,
    REFUSE_HEADERS_TOO_MANY,
    REFUSE_HOST_MISSING,
    REFUSE_HOST_DOUBLED,
    REFUSE_HOST_BAD,
    REFUSE_HOST_DIFFERS,
    REFUSE_LENGTH_BAD,
    REFUSE_LENGTH_AND_CODING,
    REFUSE_LENGTH_MISSING,
    REFUSE_CODING_UNKNOWN,
    REFUSE_CODING_OLD,
    REFUSE_EXPECTATION,
    REFUSE_CHUNK_SIZE,
    REFUSE_CHUNK_FRAMING,
    REFUSE_CHUNK_EXTENSION,
    REFUSE_TRAILERS,
    REFUSE_BODY_TOO_LARGE,
    REFUSE_BODIES_TOO_LARGE,
    REFUSE_HEAD_TIMEOUT,
    REFUSE_BODY_TIMEOUT,
    REFUSE_HANDLER_TIMEOUT,
    REFUSE_HANDLER_SILENT,
    REFUSE_CONNECTIONS,
    REFUSE_N
} Refusal;

typedef struct RefusalFact {
    int status;
    ErrorCode code;
    const char *message;
} RefusalFact;
extern const RefusalFact refusals[REFUSE_N];

/* {"code":3,"message":"…","details":[],"error":{"code":400,"message":"…","status":"INVALID_ARGUMENT"}} */
void error_body(Buf *out, int status, ErrorCode code, Str message);

#endif
