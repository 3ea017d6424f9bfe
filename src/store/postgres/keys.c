/* store/postgres/keys.c: keys for new rows, drawn before their rows are written.
 *
 * A row whose key is known when it is inserted can be left to itself: what belongs to it is said without waiting for
 * the key to come back. A table's sequence is asked for as many keys as the transaction has used so far, or as the one
 * before it did. What is left over is passed over: keys grow from one commit to the next, whichever process writes. */
#include <stdlib.h>

#include "store/postgres/internal.h"

enum { AT_ONCE_MOST = 1024 };

DrawnKeys *keys_of(Database *database, Str sql)
{
    Str insert = S("INSERT INTO ");
    if (database->role != DATABASE_WRITER || !str_starts(sql, insert) || !str_ends(sql, S(" RETURNING key")) ||
        str_contains(sql, S("ON CONFLICT")))
        return NULL;
    Str rest = str_skip(sql, insert.len), table = str_cut(&rest, ' ');
    for (int i = 0; i < database->n_keys; i++) {
        if (str_eq(database->keys[i].table, table))
            return &database->keys[i];
    }
    assert(database->n_keys < KEYED_TABLES);
    DrawnKeys *keys = &database->keys[database->n_keys++];
    *keys = (DrawnKeys){.table = table, .drawn = calloc(AT_ONCE_MOST, sizeof *keys->drawn)};
    if (!keys->drawn)
        abort();
    return keys;
}

static bool draw_some(Database *database, DrawnKeys *keys, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database,
                    "SELECT nextval((quote_ident($1) || '_key_seq')::regclass)::bigint FROM generate_series(1, $2)",
                    err))
        return false;
    bind_text(&query, keys->table);
    bind_i64(&query, MIN_OF(MAX_OF(MAX_OF(keys->used, keys->used_before), 1), AT_ONCE_MOST));
    keys->next = keys->n = 0;
    while (query_next(&query))
        keys->drawn[keys->n++] = next_i64(&query);
    return query_end(&query, err);
}

bool keys_draw(Database *database, DrawnKeys *keys, int64_t *out, Error *err)
{
    if (keys->next == keys->n && !draw_some(database, keys, err))
        return false;
    keys->used++;
    *out = keys->drawn[keys->next++];
    return true;
}

void keys_begin(Database *database)
{
    for (int i = 0; i < database->n_keys; i++) {
        DrawnKeys *keys = &database->keys[i];
        if (keys->used > 0)
            keys->used_before = keys->used;
        keys->used = 0;
        keys->next = keys->n;
    }
}

void keys_free(Database *database)
{
    for (int i = 0; i < database->n_keys; i++)
        free(database->keys[i].drawn);
}
