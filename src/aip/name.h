/* aip/name.h: resource names (AIP-122): "organizations/{organization}/workspaces/{workspace}/…". */
#ifndef CLERKWORK_AIP_NAME_H
#define CLERKWORK_AIP_NAME_H

#include "base/error.h"

enum { NAME_PARTS_MOST = 8 };

/* The values of a pattern's {parts}, in order; views into the name. */
typedef struct NameParts {
    Str values[NAME_PARTS_MOST];
    int n;
} NameParts;

/* A name against a pattern: literal segments must be equal, each {part} takes one segment that is not empty. A leading
 * "/", "/api/v1/" or "//host/" is not part of a name and is refused. INVALID_ARGUMENT on `field`, showing the pattern.
 */
MUST_USE bool name_parse(Str name, Str pattern, const char *field, NameParts *out, Error *err);
bool name_matches(Str name, Str pattern);
/* The pattern with its {parts} filled in, in order; there must be as many as the pattern has. */
Str name_format(Arena *arena, Str pattern, const Str *values, int n);

/* The last segment; the whole if there is no slash. Takes ids and full names alike. */
Str name_leaf(Str name);
/* Everything before the last two segments: the parent of a resource; "" when there is none. */
Str name_parent(Str name);
/* The id of a file, given as id, "id--readable name" or the full name of either. Ids may hold "--" themselves, so only
 * a tail behind a whole id counts. */
Str name_file_id(Str text);
/* Letters, digits, "_" and "-", 1 to 63 of them: what may stand for a segment that a client chooses. */
bool name_id_is_valid(Str id);

#endif
