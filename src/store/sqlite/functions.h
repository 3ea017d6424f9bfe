/* store/sqlite/functions.h: functions that PostgreSQL has and SQLite lacks, so that the SQL can be the same. */
#ifndef CLERKWORK_STORE_SQLITE_FUNCTIONS_H
#define CLERKWORK_STORE_SQLITE_FUNCTIONS_H

#include <sqlite3.h>

/* lower(text): for all of Unicode. strpos(text, part): where `part` begins, from 1; 0 when it does not occur. Gives
 * SQLite's code. */
int functions_register(sqlite3 *handle);

#endif
