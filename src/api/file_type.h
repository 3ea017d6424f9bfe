/* api/file_type.h: what a file is. Bytes that are no text tell it themselves; of texts, and of containers such as ZIP,
 * first the name's ending tells it, then the client, and only then a look at the bytes. */
#ifndef CLERKWORK_API_FILE_TYPE_H
#define CLERKWORK_API_FILE_TYPE_H

#include "base/arena.h"

/* A MIME type that is constant or lives in `arena`. `head` are the first bytes, `said` the client's word or "". */
Str file_type_of(Arena *arena, Str filename, Str head, Str said);
/* A name without folders and control characters, at most 255 bytes; "file" when nothing is left. */
Str file_name_clean(Arena *arena, Str filename);

#endif
