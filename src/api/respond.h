/* api/respond.h: a refusal as JSON: google.rpc.Status beside AIP-193's `error` object, with every field violation. */
#ifndef CLERKWORK_API_RESPOND_H
#define CLERKWORK_API_RESPOND_H

#include "api/violation.h"
#include "base/json.h"

/* `wrong` may be NULL; without violations, an INVALID_ARGUMENT with a field becomes one. `retry_after_s` > 0 adds
 * RetryInfo. */
void error_to_json(JsonOut *out, const Error *err, int http_status, const Violations *wrong, int retry_after_s);
/* 405 for UNIMPLEMENTED methods is the router's; everything else follows the code. */
int error_http_status(const Error *err, bool wrong_method);

#endif
