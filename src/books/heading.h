/* books/heading.h: the names of columns as files give them. */
#ifndef CLERKWORK_BOOKS_HEADING_H
#define CLERKWORK_BOOKS_HEADING_H

#include "base/map.h"
#include "value/value.h"

/* Without spaces, tabs, line ends and no-break spaces at both ends: a view. */
Str cell_trim(Str cell);
/* Line ends and runs of blanks inside a name are one space. */
Str heading_clean(Arena *arena, Str name);
/* The name itself, or "name 2", "name 3", … whichever is free first; "column 3" without a name. `taken` belongs to the
 * table and remembers what was given. */
Str heading_free(Map *taken, Str name, uint32_t index);
/* Leaves out the columns that have neither a name (as found in the file, in the order of the columns) nor content. */
void drop_phantom_columns(Table *table, const Str *found_names);

#endif
