/* books/key_index.h: the rows of a table by the values of some of its columns.
 *
 * Values are equal as the language says (1 is 1.00). Rows of one key are chained in the order of the table. A key with
 * a null in it is a key like any other here; whoever asks decides what it means. */
#ifndef CLERKWORK_BOOKS_KEY_INDEX_H
#define CLERKWORK_BOOKS_KEY_INDEX_H

#include "value/value.h"

#define KEY_COLUMNS_MAX 16
#define KEY_NONE UINT32_MAX

typedef struct Key {
    const Column *columns[KEY_COLUMNS_MAX];
    uint32_t n_columns;
} Key;

typedef struct KeyIndex {
    Key key;
    uint32_t n_rows, n_keys, mask;
    uint32_t *slots; /* first row of a key, or KEY_NONE */
    uint32_t *next;  /* by row: the next of the same key, or KEY_NONE */
    uint32_t *last;  /* by first row: the last of its key */
    uint32_t *first; /* by row: the first of its key */
    uint64_t *hashes;
} KeyIndex;

/* Finds the named columns. INVALID_ARGUMENT names the parameter `field` and lists the columns that there are. */
MUST_USE bool key_of(const Table *table, const Str *names, uint32_t n_names, const char *field, Key *out, Error *err);
bool key_has_null(const Key *key, uint32_t row);
/* INVALID_ARGUMENT names the row and column of a cell that cannot be compared (a list or a record). */
MUST_USE bool key_index_new(Arena *arena, const Key *key, uint32_t n_rows, KeyIndex *out, Error *err);
/* The first row whose key equals that of `row` under `key`, or KEY_NONE; key_index.next leads on. `key` has as many
 * columns. */
uint32_t key_index_find(const KeyIndex *index, const Key *key, uint32_t row);

#endif
