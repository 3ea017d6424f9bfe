/* tests/store/same/keys.c */
#include "store/same/keys.h"

#include "store/internal.h"
#include "store/migrations.h"

static void find_table(Keys *keys, Str statement)
{
    static const Str create = S_INIT("CREATE TABLE ");
    ptrdiff_t at = str_find(statement, create);
    if (at < 0)
        return;
    Str columns = str_skip(statement, (size_t)at + create.len);
    Str table = str_trim(str_cut(&columns, '('));
    Str first = str_trim(str_cut(&columns, ','));
    bool grows = str_eq(first, S("key GROWING_KEY"));
    if (!grows && !str_eq(first, S("key ROW_KEY")))
        return;
    assert_true(keys->n < (int)COUNT_OF(keys->tables));
    keys->tables[keys->n++] = (KeyTable){.name = table, .grows = grows};
}

Keys keys_of_schema(void)
{
    Keys keys = {0};
    for (int i = 0; i < n_migrations; i++) {
        for (size_t j = 0; j < migrations[i].n_statements; j++)
            find_table(&keys, str_from_c(migrations[i].statements[j]));
    }
    assert_true(keys.n > 0);
    return keys;
}

/* Of each table its greatest key; of one that grows, the greatest that it ever had. */
static bool read_greatest(Tx *tx, Arena *arena, Keys *keys, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    Buf sql = buf_in(arena);
    for (int i = 0; i < keys->n; i++)
        buf_printf(&sql, "%sSELECT %d, coalesce(max(key), 0) FROM %.*s", i ? " UNION ALL " : "", i,
                   STR_ARG(keys->tables[i].name));
    if (!query_open_text(&query, tx->database, buf_view(&sql), err))
        return false;
    while (query_next(&query)) {
        KeyTable *table = &keys->tables[next_i64(&query)];
        int64_t greatest = next_i64(&query);
        table->last = table->grows ? MAX_OF(table->last, greatest) : greatest;
    }
    return query_end(&query, err);
}

bool keys_level(Tx *tx, Arena *arena, Keys *keys, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    Buf sql = buf_in(arena);
    if (!read_greatest(tx, arena, keys, err))
        return false;
    for (int i = 0; i < keys->n; i++) {
        const KeyTable *table = &keys->tables[i];
        buf_printf(&sql, "%s setval('%.*s_key_seq', %lld, %s)", i ? "," : "SELECT", STR_ARG(table->name),
                   (long long)MAX_OF(table->last, 1), table->last ? "true" : "false");
    }
    if (!query_open_text(&query, tx->database, buf_view(&sql), err))
        return false;
    while (query_next(&query)) {
    }
    return query_end(&query, err);
}
