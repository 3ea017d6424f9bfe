/* aip/payload.h: JSON that came from outside: members by their paths, and filters held against it.
 *
 * A path is names with dots between ("order.customer.email"); a whole number takes an array's item, from 0. A member
 * whose own name has dots is found too. */
#ifndef CLERKWORK_AIP_PAYLOAD_H
#define CLERKWORK_AIP_PAYLOAD_H

#include "aip/filter.h"
#include "base/json.h"

/* What stands at the path; the payload itself at "" and "$"; NULL when there is nothing. */
const Json *payload_at(const Json *payload, Str path);

/* Whether the filter (of filter_parse_open; NULL lets everything pass) holds.
 *
 * The value in the payload says how it is compared: a number with a literal that is one, by its size; true, false and
 * null by their names; a text by its bytes, times in RFC 3339 by the hour that they mean. `:` finds a part of a text
 * without case, an item of an array, a member of an object; `path:*` asks whether it is there and not null. What is not
 * there fulfils nothing, not even `!=`; NOT turns that round. A path that comes to an array on its way, or ends at one,
 * holds when it holds for one of the items. */
bool payload_matches(const Filter *filter, const Json *payload);

#endif
