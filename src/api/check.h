/* api/check.h: whether JSON is what the contract says, and JSON in the contract's own spelling.
 *
 * A request's body is read generously: camelCase keys are as good as snake_case ones, 64-bit integers may be numbers or
 * strings, unknown members and read-only fields are dropped, null means absent. What is known must be right, and
 * everything that is wrong is told at once. The result holds only known members under their snake_case names,
 * so handlers need no second look. A response is held to the letter. */
#ifndef CLERKWORK_API_CHECK_H
#define CLERKWORK_API_CHECK_H

#include "api/contract.h"
#include "api/violation.h"
#include "base/json.h"

/* Reads `body` as the operation's request; a missing or empty body becomes an empty object. NULL without violations
 * when the operation takes no body. The result lives in `arena`. */
const Json *check_body(Arena *arena, const ContractOperation *operation, const Json *body, Violations *wrong);
/* The same for one schema; `partial` waives required fields (PATCH). */
const Json *check_object(Arena *arena, SchemaId schema, const Json *body, bool partial, Violations *wrong);

/* Whether a response says what the contract promises: no unknown member, no missing one, right types. */
void check_response(SchemaId schema, const Json *body, Violations *wrong);

/* The value's number in the enum; with or without the enum's prefix, ASCII case ignored when `any_case`; -1 when it is
 * none. */
int contract_enum_find(EnumId id, Str text, bool any_case);
static inline Str contract_enum_text(EnumId id, unsigned value)
{
    return contract_enums[id].values[value];
}

#endif
