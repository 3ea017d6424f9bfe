/* store/move.c: everything that is stored, from one database to another. */
#include "store/move.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/internal.h"
#include "store/migrations.h"

/* ---- the two sides ---- */

typedef struct Side {
    Arena arena;
    const char *place;  /* as database_open takes it */
    const char *folder; /* of SQLite */
    int lock_fd;
    Database *database;
} Side;

static void side_close(Side *side)
{
    database_close(side->database);
    if (side->lock_fd >= 0)
        close(side->lock_fd);
    arena_done(&side->arena);
}

static bool side_name(Side *side, Str place, Error *err)
{
    side->lock_fd = -1;
    if (place.len == 0 || memchr(place.data, '\0', place.len))
        return error_set(err, INVALID_ARGUMENT, "", "the place of a database is sqlite:DIR or postgresql://…");
    if (database_place_is_postgres(place)) {
        side->place = str_to_c(&side->arena, place);
        return true;
    }
    if (!str_starts(place, S("sqlite:")) || place.len == S("sqlite:").len)
        return error_set(err, INVALID_ARGUMENT, "",
                         "\"%.*s\" is no place of a database: expected sqlite:DIR, a data directory, or "
                         "postgresql://USER@HOST/DATABASE",
                         STR_ARG(str_clip(place, 200)));
    Str folder = str_skip(place, S("sqlite:").len);
    side->folder = str_to_c(&side->arena, folder);
    side->place = str_to_c(&side->arena, str_printf(&side->arena, "%.*s/clerkwork.db", STR_ARG(folder)));
    return true;
}

/* PostgreSQL's own lock is taken with database_prepare_writing. */
static bool side_lock(Side *side, Error *err)
{
    if (!side->folder)
        return true;
    return store_lock_folder(side->folder, false, &side->lock_fd, err);
}

static bool source_open(Side *side, Error *err)
{
    if (side->folder && access(side->place, R_OK) != 0)
        return error_set(err, NOT_FOUND, "", "there is no database in %s: it has no clerkwork.db", side->folder);
    const DatabaseUse use = {0};
    int64_t version;
    bool alone;
    int known = migrations[n_migrations - 1].version;
    if (!side_lock(side, err) || !database_open(side->place, DATABASE_WRITER, &side->database, err) ||
        !database_version(side->database, &version, err))
        return false;
    if (version == 0)
        return error_set(err, NOT_FOUND, "", "nothing was ever stored in the database that is to be moved");
    if (version != known)
        return error_set(
            err, FAILED_PRECONDITION, "",
            "the database that is to be moved is of version %lld, this program's is %d: start the server on "
            "it once, which brings it there",
            (long long)version, known);
    return database_prepare_writing(side->database, &use, &alone, err) && database_begin_write(side->database, err);
}

static bool target_open(Side *side, Error *err)
{
    const DatabaseUse use = {0};
    int version;
    bool alone;
    if (side->folder && mkdir(side->folder, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, side->folder);
    return side_lock(side, err) && database_open(side->place, DATABASE_WRITER, &side->database, err) &&
           migrate(side->database, &use, &version, &alone, err) && database_begin_write(side->database, err);
}

/* ---- the schema ---- */

typedef enum ColumnKind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_BYTES } ColumnKind;
typedef struct Column {
    Str name;
    ColumnKind kind;
    int64_t key; /* its place in the primary key, from 1; 0: not in it */
} Column;
typedef struct Table {
    Str name;
    Column *columns;
    int n, cap, n_keys;
} Table;
typedef struct Schema {
    Table *tables;
    int n, cap;
} Schema;

static ColumnKind kind_of(Str text)
{
    return str_eq(text, S("number")) ? COLUMN_NUMBER : str_eq(text, S("bytes")) ? COLUMN_BYTES : COLUMN_TEXT;
}

static void add_column(Schema *schema, Arena *arena, Str table, Column column)
{
    if (schema->n == 0 || !str_eq(schema->tables[schema->n - 1].name, table)) {
        schema->tables = rows_with_room(arena, schema->tables, schema->n, &schema->cap, sizeof(Table), _Alignof(Table));
        schema->tables[schema->n++] = (Table){.name = table};
    }
    Table *last = &schema->tables[schema->n - 1];
    last->columns = rows_with_room(arena, last->columns, last->n, &last->cap, sizeof(Column), _Alignof(Column));
    last->columns[last->n++] = column;
    last->n_keys += column.key > 0;
}

static bool read_schema(Database *database, Arena *arena, Schema *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    *out = (Schema){0};
    if (!database_columns(&query, database, err))
        return false;
    while (query_next(&query)) {
        Str table = next_text(&query, arena);
        Column column = {.name = next_text(&query, arena)};
        column.kind = kind_of(next_text(&query, arena));
        column.key = next_i64(&query);
        if (!str_eq(table, S("schema_version")))
            add_column(out, arena, table, column);
    }
    return query_end(&query, err);
}

static bool has_column(const Table *table, const Column *wanted)
{
    for (int i = 0; i < table->n; i++) {
        if (str_eq(table->columns[i].name, wanted->name))
            return table->columns[i].kind == wanted->kind && table->columns[i].key == wanted->key;
    }
    return false;
}

static bool same_table(const Table *a, const Table *b)
{
    if (!str_eq(a->name, b->name) || a->n != b->n)
        return false;
    for (int i = 0; i < a->n; i++) {
        if (!has_column(b, &a->columns[i]))
            return false;
    }
    return true;
}

/* Both were made by the same migrations; whoever changed a table by hand is told. */
static bool same_schema(const Schema *a, const Schema *b, Error *err)
{
    for (int i = 0; i < MAX_OF(a->n, b->n); i++) {
        if (i >= a->n || i >= b->n || !same_table(&a->tables[i], &b->tables[i]))
            return error_set(err, FAILED_PRECONDITION, "",
                             "the tables of the two databases are not the same: look at %.*s",
                             STR_ARG(i < a->n ? a->tables[i].name : b->tables[i].name));
        if (a->tables[i].n_keys == 0)
            return error_set(err, INTERNAL, "", "the table %.*s has no primary key to go by",
                             STR_ARG(a->tables[i].name));
    }
    return true;
}

/* ---- statements ---- */

/* The columns of the primary key, in its order, between commas. */
static void add_keys(Buf *sql, const Table *table)
{
    for (int place = 1; place <= table->n_keys; place++) {
        for (int i = 0; i < table->n; i++) {
            if (table->columns[i].key == place)
                buf_printf(sql, "%s\"%.*s\"", place > 1 ? ", " : "", STR_ARG(table->columns[i].name));
        }
    }
}

static void add_columns(Buf *sql, const Table *table)
{
    for (int i = 0; i < table->n; i++)
        buf_printf(sql, "%s\"%.*s\"", i ? ", " : "", STR_ARG(table->columns[i].name));
}

/* A page of rows in the order of the primary key: the first one, or the one behind a key. */
static Str page_sql(Arena *arena, const Table *table, bool first, int rows)
{
    Buf sql = buf_in(arena);
    buf_str(&sql, S("SELECT "));
    add_columns(&sql, table);
    buf_printf(&sql, " FROM \"%.*s\"", STR_ARG(table->name));
    if (!first) {
        buf_str(&sql, S(" WHERE ("));
        add_keys(&sql, table);
        buf_str(&sql, S(") > ("));
        for (int i = 1; i <= table->n_keys; i++)
            buf_printf(&sql, "%s$%d", i > 1 ? ", " : "", i);
        buf_char(&sql, ')');
    }
    buf_str(&sql, S(" ORDER BY "));
    add_keys(&sql, table);
    buf_printf(&sql, " LIMIT %d", rows);
    return buf_view(&sql);
}

static Str insert_sql(Arena *arena, const Table *table, int rows)
{
    Buf sql = buf_in(arena);
    int parameter = 0;
    buf_printf(&sql, "INSERT INTO \"%.*s\" (", STR_ARG(table->name));
    add_columns(&sql, table);
    buf_str(&sql, S(") VALUES "));
    for (int row = 0; row < rows; row++) {
        buf_str(&sql, row ? S(", (") : S("("));
        for (int i = 0; i < table->n; i++)
            buf_printf(&sql, "%s$%d", i ? ", " : "", ++parameter);
        buf_char(&sql, ')');
    }
    return buf_view(&sql);
}

/* ---- rows ---- */

/* What one statement carries at most: few enough parameters for both databases, and rows for a page. */
enum { PARAMETERS_MOST = 2000, ROWS_MOST = 256 };

typedef struct Cell {
    int64_t number;
    Str bytes;
} Cell;
typedef struct Page {
    Cell *cells; /* row by row */
    int n;       /* rows */
} Page;

static void bind_cell(Query *query, const Column *column, const Cell *cell)
{
    switch (column->kind) {
    case COLUMN_NUMBER: bind_i64(query, cell->number); break;
    case COLUMN_BYTES: bind_bytes(query, cell->bytes); break;
    case COLUMN_TEXT: bind_text(query, cell->bytes); break;
    }
}

static void bind_keys(Query *query, const Table *table, const Cell *row)
{
    for (int place = 1; place <= table->n_keys; place++) {
        for (int i = 0; i < table->n; i++) {
            if (table->columns[i].key == place)
                bind_cell(query, &table->columns[i], &row[i]);
        }
    }
}

static int rows_a_page(const Table *table)
{
    return MAX_OF(1, MIN_OF(ROWS_MOST, PARAMETERS_MOST / table->n));
}

/* `after` is the row before, NULL at the beginning. */
static bool read_page(Database *database, Arena *arena, const Table *table, const Cell *after, Page *out, Error *err)
{
    int most = rows_a_page(table);
    AUTO(query_done)
    Query query = {0};
    *out = (Page){.cells = NEW_ARRAY(arena, Cell, (size_t)most * (size_t)table->n)};
    if (!query_open_text(&query, database, page_sql(arena, table, after == NULL, most), err))
        return false;
    if (after)
        bind_keys(&query, table, after);
    while (query_next(&query)) {
        Cell *row = &out->cells[(size_t)out->n++ * (size_t)table->n];
        for (int i = 0; i < table->n; i++) {
            if (table->columns[i].kind == COLUMN_NUMBER)
                row[i].number = next_i64(&query);
            else
                row[i].bytes = next_text(&query, arena);
        }
    }
    return query_end(&query, err);
}

static bool write_page(Database *database, Arena *arena, const Table *table, const Page *page, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (page->n == 0)
        return true;
    if (!query_open_text(&query, database, insert_sql(arena, table, page->n), err))
        return false;
    for (int row = 0; row < page->n; row++) {
        for (int i = 0; i < table->n; i++)
            bind_cell(&query, &table->columns[i], &page->cells[row * table->n + i]);
    }
    return query_run(&query, err);
}

/* ---- sums ---- */

typedef struct Sum {
    crypto_generichash_state state;
    int64_t rows;
} Sum;

static void sum_begin(Sum *sum)
{
    sum->rows = 0;
    crypto_generichash_init(&sum->state, NULL, 0, sizeof((MovedTable){0}).checksum);
}

static void sum_page(Sum *sum, const Table *table, const Page *page)
{
    for (int i = 0; i < page->n * table->n; i++) {
        const Cell *cell = &page->cells[i];
        const int64_t head[2] = {cell->number, (int64_t)cell->bytes.len};
        crypto_generichash_update(&sum->state, (const unsigned char *)head, sizeof head);
        crypto_generichash_update(&sum->state, (const unsigned char *)cell->bytes.data, cell->bytes.len);
    }
    sum->rows += page->n;
}

/* The number that is the row's primary key, 0 for another kind of key. */
static int64_t key_of(const Table *table, const Cell *row)
{
    for (int i = 0; row && table->n_keys == 1 && i < table->n; i++) {
        if (table->columns[i].key == 1)
            return row[i].number;
    }
    return 0;
}

/* Of a whole table; into `target` too, unless that is NULL. `out_key`: the last row's key_of. */
static bool pass(Database *source, const Table *table, Database *target, MovedTable *out, int64_t *out_key, Error *err)
{
    Arena pages[2] = {{0}, {0}};
    Sum sum;
    const Cell *after = NULL;
    bool ok = true, more = true;
    sum_begin(&sum);
    for (int turn = 0; ok && more; turn ^= 1) { /* a page stays until the next one is there: it ends with the key */
        Page page;
        arena_reset(&pages[turn]);
        ok = read_page(source, &pages[turn], table, after, &page, err) &&
             (!target || write_page(target, &pages[turn], table, &page, err));
        if (!ok)
            break;
        sum_page(&sum, table, &page);
        more = page.n == rows_a_page(table);
        after = page.n > 0 ? &page.cells[(size_t)(page.n - 1) * (size_t)table->n] : after;
    }
    *out_key = key_of(table, after);
    arena_done(&pages[0]);
    arena_done(&pages[1]);
    *out = (MovedTable){.name = table->name, .rows = sum.rows};
    crypto_generichash_final(&sum.state, out->checksum, sizeof out->checksum);
    return ok;
}

/* ---- all of it ---- */

static bool count_rows(Database *database, const char *sql, int64_t *out, Error *err)
{
    bool found;
    AUTO(query_done)
    Query query = {0};
    return query_open(&query, database, sql, err) && query_one_i64(&query, &found, out, err);
}

static bool target_is_free(Database *database, Error *err)
{
    int64_t organizations, users;
    if (!count_rows(database, "SELECT count(*) FROM organization", &organizations, err) ||
        !count_rows(database, "SELECT count(*) FROM account", &users, err))
        return false;
    return (organizations == 0 && users == 0) ||
           error_set(err, ALREADY_EXISTS, "",
                     "the target holds %lld organizations and %lld users already; name a new database or folder",
                     (long long)organizations, (long long)users);
}

/* What the migrations put into an empty database comes from the source instead. */
static bool empty_table(Database *database, Arena *arena, const Table *table, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    return query_open_text(&query, database, str_printf(arena, "DELETE FROM \"%.*s\"", STR_ARG(table->name)), err) &&
           query_run(&query, err);
}

static bool move_table(Side *from, Side *to, const Table *table, const Moving *moving, Error *err)
{
    MovedTable sent, found;
    int64_t last, key, ignored;
    if (!empty_table(to->database, &to->arena, table, err) ||
        !pass(from->database, table, to->database, &sent, &key, err))
        return error_set(err, err->code, "", "the table %.*s: %s", STR_ARG(table->name),
                         str_to_c(&to->arena, str_from_c(err->message)));
    if (!database_last_key(from->database, table->name, &last, err) ||
        !database_continue_keys(to->database, table->name, MAX_OF(last, key), err) ||
        !pass(to->database, table, NULL, &found, &ignored, err))
        return false;
    if (sent.rows != found.rows || memcmp(sent.checksum, found.checksum, sizeof sent.checksum) != 0)
        return error_set(err, DATA_LOSS, "",
                         "the table %.*s came over otherwise than it was sent: %lld rows there, %lld here; nothing was "
                         "kept",
                         STR_ARG(table->name), (long long)sent.rows, (long long)found.rows);
    moving->moved(moving->self, &found);
    return true;
}

static bool move_all(Side *from, Side *to, const Moving *moving, Error *err)
{
    Schema sent, found;
    if (!target_is_free(to->database, err) || !read_schema(from->database, &from->arena, &sent, err) ||
        !read_schema(to->database, &to->arena, &found, err) || !same_schema(&sent, &found, err))
        return false;
    for (int i = 0; i < sent.n; i++) {
        if (!move_table(from, to, &sent.tables[i], moving, err))
            return false;
    }
    return true;
}

bool store_move(Str from, Str to, const Moving *moving, Error *err)
{
    AUTO(side_close)
    Side source = {.lock_fd = -1};
    AUTO(side_close)
    Side target = {.lock_fd = -1};
    if (!side_name(&source, from, err) || !side_name(&target, to, err))
        return false;
    if (strcmp(source.place, target.place) == 0)
        return error_set(err, INVALID_ARGUMENT, "", "both places are the same database");
    if (!source_open(&source, err) || !target_open(&target, err))
        return false;
    bool ok = move_all(&source, &target, moving, err) && database_commit(target.database, err);
    if (!ok)
        database_rollback(target.database);
    database_rollback(source.database); /* nothing was changed there */
    return ok;
}
