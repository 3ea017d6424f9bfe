/* api/violation.h: everything that is wrong with a request, so that the caller can mend all of it at once. */
#ifndef CLERKWORK_API_VIOLATION_H
#define CLERKWORK_API_VIOLATION_H

#include "base/arena.h"
#include "base/error.h"

typedef struct Violation {
    Str field;       /* "inputs.tolerance", "page_size" */
    Str description; /* what was found, what was expected */
} Violation;

typedef struct Violations {
    Arena *arena;
    Violation *items;
    uint32_t count, cap;
} Violations;

/* More than this many are not told: whoever made so many has another problem. */
#define VIOLATIONS_MAX 100

void violation_add(Violations *all, Str field, const char *format, ...) PRINTF_LIKE(3, 4);
/* True when there are none; else false with INVALID_ARGUMENT that names the first and says how many there are. */
MUST_USE bool violations_none(const Violations *all, Error *err);

#endif
