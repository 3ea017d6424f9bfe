/* value/zone.h: time zones: what the clock on the wall says there. Zones are known by their IANA id ("Europe/Berlin"),
 * read from the system's tzdata; "" is UTC. Safe from any thread. */
#ifndef CLERKWORK_VALUE_ZONE_H
#define CLERKWORK_VALUE_ZONE_H

#include "value/value.h"

bool zone_is_known(Str id);
/* The date-time at `us` (since 1970, UTC) in `zone`, with its offset and zone set. INVALID_ARGUMENT names an unknown
 * zone. */
MUST_USE bool zone_local(Arena *arena, Str zone, int64_t us, Value *out_datetime, Error *err);
/* The instant of a date-time: by its own offset, else in its own zone, else in `zone`. A time that the clocks skipped
 * is read as the first one after the jump; of two, the earlier. */
MUST_USE bool zone_instant(Value datetime, Str zone, int64_t *out_us, Error *err);
/* What "until" means in `zone`: a date is its midnight, a time of day comes next after `now_us`. Takes those and
 * date-times. */
MUST_USE bool zone_moment(Arena *arena, Value moment, Str zone, int64_t now_us, int64_t *out_us, Error *err);

/* A zone held open, for whoever asks it often: while it is, the functions above need not read it from the disk again.
 * NULL when there is none of that name. Its clock is asked in seconds:
 * since 1970 in UTC, and as if the wall's clock were UTC. The same rule for skipped and doubled times as above. */
typedef struct Zone Zone;
Zone *zone_hold(Str id);
void zone_release(Zone *zone);              /* NULL is accepted */
static inline void zone_let_go(Zone **zone) /* for AUTO */
{
    zone_release(*zone);
}
int64_t zone_wall_seconds(Zone *zone, int64_t utc_seconds);
int64_t zone_utc_seconds(Zone *zone, int64_t wall_seconds);

#endif
