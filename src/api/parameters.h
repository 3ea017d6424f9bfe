/* api/parameters.h: the query string, by the operation's table. */
#ifndef CLERKWORK_API_PARAMETERS_H
#define CLERKWORK_API_PARAMETERS_H

#include "api/request.h"

/* Fills `out[QUERY_COUNT]`: both spellings (page_size, pageSize, filter.time_window.x), '+' as a space, unknown ones
 * ignored, the last of a repeated one taken unless the contract lets it repeat, an empty text as absent. What is wrong
 * goes to `wrong`. */
void parameters_read(Arena *arena, const ContractOperation *operation, Str query, ApiParameter *out, Violations *wrong);

#endif
