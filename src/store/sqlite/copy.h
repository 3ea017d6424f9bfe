/* store/sqlite/copy.h: a database as a file of its own. */
#ifndef CLERKWORK_STORE_SQLITE_COPY_H
#define CLERKWORK_STORE_SQLITE_COPY_H

#include <sqlite3.h>

/* Writes what `source` sees at this moment to a new file at `path`, without a log beside it. Gives an SQLite result
 * code. */
int copy_to_file(sqlite3 *source, const char *path);

#endif
