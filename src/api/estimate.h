/* api/estimate.h: US dollars as text, exact to a millionth. */
#ifndef CLERKWORK_API_ESTIMATE_H
#define CLERKWORK_API_ESTIMATE_H

#include "base/error.h"
#include "base/macros.h"
#include "value/value.h"

/* "12.50": two digits after the point, or up to six where they are needed. */
Str dollars_text(Arena *arena, Uint128 micros);
/* The other way; INVALID_ARGUMENT on `field` for what is negative, above a thousand million or finer than a millionth.
 */
MUST_USE bool dollars_parse(Str text, const char *field, int64_t *out_micros, Error *err);

#endif
