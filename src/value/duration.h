/* value/duration.h: protobuf's text of durations and offsets, "-3.5s", exact to the nanosecond. */
#ifndef CLERKWORK_VALUE_DURATION_H
#define CLERKWORK_VALUE_DURATION_H

#include "value/value.h"

MUST_USE bool duration_value_parse(Str text, Value *out);
void duration_value_print(Buf *out, Value duration);

#endif
