/* tests/store/same/keys.h: PostgreSQL hands out the keys that SQLite would.
 *
 * A refused insert uses up a key in PostgreSQL alone, and SQLite gives the key of a newest row that was removed once
 * more (ROW_KEY). Nobody promises more (store/database.h); but behind the first such key all rows would differ, and
 * what else differs would not be seen. */
#ifndef CLERKWORK_TESTS_STORE_SAME_KEYS_H
#define CLERKWORK_TESTS_STORE_SAME_KEYS_H

#include "store/fixture.h"

typedef struct KeyTable {
    Str name;
    bool grows; /* GROWING_KEY */
    int64_t last;
} KeyTable;
typedef struct Keys {
    KeyTable tables[40];
    int n;
} Keys;

/* All tables whose keys the database hands out. */
Keys keys_of_schema(void);
/* Before each operation, in PostgreSQL. */
MUST_USE bool keys_level(Tx *tx, Arena *arena, Keys *keys, Error *err);

#endif
