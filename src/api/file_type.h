/* api/file_type.h: what a file is: by its first bytes, else by its name, else by what the client says. */
#ifndef CLERKWORK_API_FILE_TYPE_H
#define CLERKWORK_API_FILE_TYPE_H

#include "base/arena.h"

/* A MIME type that is constant or lives in `arena`. `head` are the first bytes, `said` the client's word or "". */
Str file_type_of(Arena *arena, Str filename, Str head, Str said);
/* A name without folders and control characters, at most 255 bytes; "file" when nothing is left. */
Str file_name_clean(Arena *arena, Str filename);

#endif
