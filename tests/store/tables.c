/* tests/store/tables.c */
#include "store/tables.h"

#include <inttypes.h>

static void works(bool ok, const Error *err, Str table)
{
    if (!ok)
        fail_msg("%.*s: %s", STR_ARG(table), err->message);
}

/* ---- the list ---- */

static const char sqlite_columns[] =
    "SELECT t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND "
    "t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid";
static const char postgres_columns[] =
    "SELECT table_name::text COLLATE \"C\", column_name::text, CASE is_identity WHEN 'YES' THEN 'INTEGER' ELSE "
    "data_type::text END FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, "
    "ordinal_position";

static ColumnKind kind_of(Str table, Str column, Str type)
{
    static const struct {
        Str type;
        ColumnKind kind;
    } kinds[] = {{S_INIT("INTEGER"), COLUMN_KEY},
                 {S_INIT("bigint"), COLUMN_NUMBER},
                 {S_INIT("text"), COLUMN_TEXT},
                 {S_INIT("bytea"), COLUMN_BYTES}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (str_eq_fold(kinds[i].type, type))
            return kinds[i].kind;
    }
    fail_msg("%.*s.%.*s is of the type \"%.*s\"; columns are bigint, text or bytea", STR_ARG(table), STR_ARG(column),
             STR_ARG(type));
    return COLUMN_TEXT;
}

static void add_column(Tables *tables, Str table, StoredColumn column)
{
    if (tables->n == 0 || !str_eq(tables->rows[tables->n - 1].name, table)) {
        assert_true(tables->n < (int)COUNT_OF(tables->rows));
        tables->rows[tables->n++] = (StoredTable){.name = table};
    }
    StoredTable *last = &tables->rows[tables->n - 1];
    assert_true(last->n_columns < (int)COUNT_OF(last->columns));
    last->columns[last->n_columns++] = column;
}

void tables_list(Database *database, Str place, Arena *arena, Tables *out)
{
    AUTO(query_done)
    Query query = {0};
    Error err = {0};
    const char *sql = database_place_is_postgres(place) ? postgres_columns : sqlite_columns;
    *out = (Tables){0};
    works(query_open(&query, database, sql, &err), &err, S("the list of tables"));
    while (query_next(&query)) {
        Str table = next_text(&query, arena), column = next_text(&query, arena), type = next_text(&query, arena);
        if (!str_eq(table, S("schema_version")))
            add_column(out, table, (StoredColumn){column, kind_of(table, column, type)});
    }
    works(query_end(&query, &err), &err, S("the list of tables"));
}

/* ---- made-up rows ---- */

static const int64_t greatest_key = INT64_C(1) << 40;

/* Every row's is another one. */
static int64_t number_of(int row)
{
    static const int64_t first[] = {INT64_MIN, INT64_MAX, 0, -1};
    return row < (int)COUNT_OF(first) ? first[row] : (int64_t)((uint64_t)row * UINT64_C(0x9E3779B97F4A7C15));
}

static Str text_of(Arena *arena, const StoredColumn *column, int row)
{
    Buf text = buf_in(arena);
    if (row > 0)
        buf_printf(&text, "%d %.*s 'a' \"b\" \\ %%_ \t\r\n Ärger ΣΑΣ 漢 \xF0\x9F\x98\x80 \x7F", row,
                   STR_ARG(column->name));
    for (int i = 0; row == 1 && i < 900; i++)
        buf_char(&text, ' ');
    return buf_view(&text);
}

static Str bytes_of(Arena *arena, int row)
{
    Buf bytes = buf_in(arena);
    for (int i = 0; row > 0 && i < 256 + 4; i++)
        buf_char(&bytes, (char)(i < 4 ? row >> (8 * i) : i - 4));
    return buf_view(&bytes);
}

static void bind_made_up(Query *query, Arena *arena, const StoredColumn *column, int row, int64_t key)
{
    switch (column->kind) {
    case COLUMN_KEY: bind_i64(query, key); break;
    case COLUMN_NUMBER: bind_i64(query, number_of(row)); break;
    case COLUMN_TEXT: bind_text(query, text_of(arena, column, row)); break;
    case COLUMN_BYTES: bind_bytes(query, bytes_of(arena, row)); break;
    }
}

static Str insert_sql(Arena *arena, const StoredTable *table, bool key_too)
{
    Buf sql = buf_in(arena), values = buf_in(arena);
    buf_printf(&sql, "INSERT INTO %.*s (", STR_ARG(table->name));
    for (int i = 0, n = 0; i < table->n_columns; i++) {
        if (!key_too && table->columns[i].kind == COLUMN_KEY)
            continue;
        buf_printf(&sql, "%s%.*s", n ? ", " : "", STR_ARG(table->columns[i].name));
        buf_printf(&values, "%s$%d", n ? ", " : "", n + 1);
        n++;
    }
    buf_printf(&sql, ") VALUES (%.*s)%s", STR_ARG(buf_view(&values)), key_too ? "" : " RETURNING key");
    return buf_view(&sql);
}

static void insert(Database *database, Arena *arena, const StoredTable *table, int row, int64_t key)
{
    AUTO(query_done)
    Query query = {0};
    Error err = {0};
    works(query_open_text(&query, database, insert_sql(arena, table, true), &err), &err, table->name);
    for (int i = 0; i < table->n_columns; i++)
        bind_made_up(&query, arena, &table->columns[i], row, key);
    works(query_run(&query, &err), &err, table->name);
}

static void execute(Database *database, const StoredTable *table, Str sql)
{
    AUTO(query_done)
    Query query = {0};
    Error err = {0};
    works(query_open_text(&query, database, sql, &err) && query_run(&query, &err), &err, table->name);
}

static const StoredColumn *key_of(const StoredTable *table)
{
    for (int i = 0; i < table->n_columns; i++) {
        if (table->columns[i].kind == COLUMN_KEY)
            return &table->columns[i];
    }
    return NULL;
}

void tables_fill(Database *database, Arena *arena, const Tables *tables, int n)
{
    for (int i = 0; i < tables->n; i++) {
        const StoredTable *table = &tables->rows[i];
        const StoredColumn *key = key_of(table);
        execute(database, table, str_printf(arena, "DELETE FROM %.*s", STR_ARG(table->name)));
        for (int row = 0; row < n; row++)
            insert(database, arena, table, row, 2 + 3 * (int64_t)row);
        if (!key)
            continue;
        insert(database, arena, table, n, greatest_key);
        execute(database, table,
                str_printf(arena, "DELETE FROM %.*s WHERE %.*s = %" PRId64, STR_ARG(table->name), STR_ARG(key->name),
                           greatest_key));
    }
}

/* ---- reading ---- */

static void say_value(Buf *out, Query *query, Arena *arena, const StoredColumn *column)
{
    buf_printf(out, "%.*s: ", STR_ARG(column->name));
    if (column->kind == COLUMN_KEY || column->kind == COLUMN_NUMBER) {
        buf_printf(out, "%" PRId64 "\n", next_i64(query));
        return;
    }
    Str value = next_text(query, arena);
    for (size_t i = 0; column->kind == COLUMN_BYTES && i < value.len; i++)
        buf_printf(out, "%02x", (unsigned char)value.data[i]);
    if (column->kind == COLUMN_TEXT)
        buf_str(out, value);
    buf_char(out, '\n');
}

Str *table_read(Database *database, Arena *arena, const StoredTable *table, int *out_n)
{
    AUTO(query_done)
    Query query = {0};
    Error err = {0};
    Str *rows = NULL;
    int cap = 0;
    Buf columns = buf_in(arena), order = buf_in(arena);
    for (int i = 0; i < table->n_columns; i++) {
        buf_printf(&columns, "%s%.*s", i ? ", " : "", STR_ARG(table->columns[i].name));
        buf_printf(&order, "%s%d", i ? ", " : "", i + 1);
    }
    Str sql = str_printf(arena, "SELECT %.*s FROM %.*s ORDER BY %.*s", STR_ARG(buf_view(&columns)),
                         STR_ARG(table->name), STR_ARG(buf_view(&order)));
    works(query_open_text(&query, database, sql, &err), &err, table->name);
    *out_n = 0;
    while (query_next(&query)) {
        Buf row = buf_in(arena);
        for (int i = 0; i < table->n_columns; i++)
            say_value(&row, &query, arena, &table->columns[i]);
        rows = rows_with_room(arena, rows, *out_n, &cap, sizeof *rows, _Alignof(Str));
        rows[(*out_n)++] = buf_view(&row);
    }
    works(query_end(&query, &err), &err, table->name);
    return rows;
}

/* ---- keys ---- */

bool table_has_key(const StoredTable *table)
{
    const StoredColumn *key = key_of(table);
    return key && str_eq(key->name, S("key"));
}

int64_t table_next_key(Database *database, Arena *arena, const StoredTable *table)
{
    AUTO(query_done)
    Query query = {0};
    Error err = {0};
    bool found = false;
    int64_t key = 0;
    works(query_open_text(&query, database, insert_sql(arena, table, false), &err), &err, table->name);
    for (int i = 0; i < table->n_columns; i++) {
        if (table->columns[i].kind != COLUMN_KEY)
            bind_made_up(&query, arena, &table->columns[i], 1 << 20, 0);
    }
    works(query_one_i64(&query, &found, &key, &err) && found, &err, table->name);
    return key;
}
