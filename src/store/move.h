/* store/move.h: everything that is stored, from one database to another: SQLite to PostgreSQL and back. For the command
 * line: nothing here needs a Store. The bytes of files are no database's: they stay in their folder. */
#ifndef CLERKWORK_STORE_MOVE_H
#define CLERKWORK_STORE_MOVE_H

#include "base/error.h"
#include "base/str.h"

typedef struct MovedTable {
    Str name;
    int64_t rows;
    unsigned char checksum[16]; /* of all its rows, in the order of their keys: the same on both sides */
} MovedTable;

typedef struct Moving {
    /* Told each table once it was copied and both sides were found to hold the same. */
    void (*moved)(void *self, const MovedTable *table);
    void *self;
} Moving;

/* Each place is a data directory, "sqlite:DIR", or "postgresql://…". No server may work on either of them, which locks
 * see to. The source stays as it is. The target gets all of it in one transaction: before its commit the rows are read
 * back, and counted and summed as the source's were. Rows pass a page at a time.
 * NOT_FOUND without a database at the source; FAILED_PRECONDITION when a server is at work, or the source is of another
 * version than this program's (starting the server once brings it there); ALREADY_EXISTS when somebody already has an
 * organization or a user in the target; INVALID_ARGUMENT for what the target cannot hold (PostgreSQL: U+0000 in a
 * text); DATA_LOSS when both sides differ. Then the target is as it was, but for empty tables. */
MUST_USE bool store_move(Str from, Str to, const Moving *moving, Error *err);

#endif
