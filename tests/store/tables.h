/* tests/store/tables.h: the tables of a database as the database itself lists them, filled with made-up rows and read
 * again, whatever the store's functions know of them. A table that a migration adds comes along by itself. */
#ifndef CLERKWORK_TESTS_STORE_TABLES_H
#define CLERKWORK_TESTS_STORE_TABLES_H

#include "store/fixture.h"

#include "store/internal.h"

/* A key is a number that the database hands out where none is given. */
typedef enum ColumnKind { COLUMN_KEY, COLUMN_NUMBER, COLUMN_TEXT, COLUMN_BYTES } ColumnKind;
typedef struct StoredColumn {
    Str name;
    ColumnKind kind;
} StoredColumn;
enum { TABLES_MOST = 64 };
typedef struct StoredTable {
    Str name;
    StoredColumn columns[64];
    int n_columns;
} StoredTable;
typedef struct Tables {
    StoredTable rows[TABLES_MOST];
    int n;
} Tables;

/* All tables by name but schema_version, of the database that was opened at `place`. Fails on a column of a type that
 * no migration may use. */
void tables_list(Database *database, Str place, Arena *arena, Tables *out);
/* Each holds `n` rows afterwards and no others: every column of each row has a value of its own, among them the least,
 * the greatest and the empty. One row more, with the greatest key, has been there and is gone. */
void tables_fill(Database *database, Arena *arena, const Tables *tables, int n);
/* Every row as text, each column by its name, in the order of the rows' values. */
Str *table_read(Database *database, Arena *arena, const StoredTable *table, int *out_n);
/* The database hands out keys called `key`. */
bool table_has_key(const StoredTable *table);
/* The key that a new row gets. */
int64_t table_next_key(Database *database, Arena *arena, const StoredTable *table);

#endif
