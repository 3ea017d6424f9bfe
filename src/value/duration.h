/* value/duration.h: durations as texts that programs read, exact to the nanosecond: protobuf's "-3.5s", and "38:30" in
 * hours and minutes as spreadsheets have it. */
#ifndef CLERKWORK_VALUE_DURATION_H
#define CLERKWORK_VALUE_DURATION_H

#include "value/value.h"

MUST_USE bool duration_value_parse(Str text, Value *out);
void duration_value_print(Buf *out, Value duration);
/* "38:30", "-1:30"; "0:00:15.25" where there are seconds. */
void duration_clock_print(Buf *out, Value duration);
/* The fraction of a second, as short as it is exact: ".25"; nothing for 0. `nanos` < 1,000,000,000. */
void nanos_print(Buf *out, uint32_t nanos);

#endif
