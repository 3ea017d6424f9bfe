/* value/wire.h: values as the API writes them (commonV1Value), tables as base64 Arrow IPC.
 *
 * Numbers leave with all four members lo, mid, hi, flags as JSON numbers. Tables leave as
 * {"table":{"inline":{"data":"<base64 Arrow IPC stream>"}}}, rows as dictionaries. On input snake_case and
 * camelCase, missing mid/hi/flags, signed flags, a plain JSON number for `number`, file.name beside file.remote, and
 * table columns (of bdkV1Value) are accepted. */
#ifndef CLERKWORK_VALUE_WIRE_H
#define CLERKWORK_VALUE_WIRE_H

#include "base/json.h"
#include "value/value.h"

/* A JSON text is a tree: what is cyclic, nested deeper than 100 levels, or has more than 4 million values or 256 MB of
 * text once every shared list is written out, cannot leave. FAILED_PRECONDITION says which; ask before writing what an
 * automation computed. */
MUST_USE bool value_may_leave(Value v, Error *err);
/* Writes null for what value_may_leave refuses. */
void value_to_json(JsonOut *out, Value v);
/* `field` is the path for error messages ("inputs.tolerance"). Texts are views into the JSON tree. Depth and size were
 * bounded by json_parse. */
MUST_USE bool value_from_json(Arena *arena, const Json *json, const char *field, Value *out, Error *err);
/* Plain JSON, for people and for `:getOutputs`: numbers as numbers, records as objects, tables as arrays of objects. */
void value_to_plain_json(JsonOut *out, Value v);
/* Plain JSON read back: numbers exact, objects as records, arrays as lists. */
MUST_USE bool value_from_plain_json(Arena *arena, const Json *json, Value *out, Error *err);

#endif
