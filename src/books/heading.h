/* books/heading.h: the names of columns as files give them. */
#ifndef CLERKWORK_BOOKS_HEADING_H
#define CLERKWORK_BOOKS_HEADING_H

#include "base/map.h"
#include "value/value.h"

/* Without spaces, tabs, line ends and no-break spaces at both ends: a view. */
Str cell_trim(Str cell);
/* Line ends and runs of blanks inside a name are one space. */
Str heading_clean(Arena *arena, Str name);
/* Adds a column of that name; "column 3" without a name. A name that comes again is nobody's alone: its columns are
 * "name 1", "name 2" and so on, so that whoever reads "name" is asked which is meant. `taken` belongs to the table,
 * lives in its arena and remembers what was given. */
void heading_add(Map *taken, Table *table, Str name);
/* Leaves out the columns that have neither a name (as found in the file, in the order of the columns) nor content. */
void drop_phantom_columns(Table *table, const Str *found_names);

#endif
