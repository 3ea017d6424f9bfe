/* api/duration.h: lengths of time in bodies that are kept as whole seconds: "3600s". */
#ifndef CLERKWORK_API_DURATION_H
#define CLERKWORK_API_DURATION_H

#include "base/error.h"
#include "base/json.h"

/* Microseconds; 0 where the field is absent or "0s". INVALID_ARGUMENT, naming what is accepted, for a part of a second,
 * for less than `least_s` seconds and for more than a hundred years. `zero_means` ends "or 0s for …". */
MUST_USE bool duration_of_body(const Json *body, const char *field, int64_t least_s, const char *zero_means,
                               int64_t *out_us, Error *err);

#endif
