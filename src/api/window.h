/* api/window.h: stretches of time as people name them: days of a zone. */
#ifndef CLERKWORK_API_WINDOW_H
#define CLERKWORK_API_WINDOW_H

#include "base/arena.h"
#include "base/error.h"

/* Days beyond this are refused: an answer has one line for each. */
#define WINDOW_DAYS_MOST 3700

typedef struct Days {
    int64_t first; /* days since 1970-01-01 */
    int n;
    const int64_t *starts; /* n + 1 instants: midnights in the zone, the last being the end */
} Days;

/* Days of a zone, the first and the last included. INVALID_ARGUMENT for an unknown zone, and for too many or less than
 * one day. */
MUST_USE bool days_between(Arena *arena, Str zone, int64_t first, int64_t last, Days *out, Error *err);
/* Which of them an instant falls on; -1 for none. */
int days_find(const Days *days, int64_t us);
/* The midnight with which a day of the zone begins. */
MUST_USE bool day_start(Arena *arena, Str zone, int64_t day, int64_t *out, Error *err);
/* The day that it is at an instant. */
MUST_USE bool day_at(Arena *arena, Str zone, int64_t us, int64_t *out, Error *err);
/* "2026-04-14" → days since 1970-01-01; INVALID_ARGUMENT on `field`. */
MUST_USE bool day_parse(Str text, const char *field, int64_t *out, Error *err);
Str day_text(Arena *arena, int64_t day);

#endif
