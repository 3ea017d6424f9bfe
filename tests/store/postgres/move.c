/* clerkwork move, held against the whole schema: every row of every table, column by column, from SQLite to PostgreSQL
 * and back, and the keys that new rows get there. What is moved here is what the databases list, so a migration that
 * adds what a move does not bring along fails here. */
#include "store/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/move.h"

enum { ROWS = 300 }; /* more than a page of each table */

/* One database as it lies; no Store works on it. */
typedef struct Place {
    Arena *arena;
    Str name; /* as store_move takes it */
    Database *database;
    Tables tables;
} Place;

static void place_open(Place *place)
{
    Error err = {0};
    bool alone;
    const DatabaseUse use = {0};
    Str path = place->name, sqlite = S("sqlite:");
    if (str_starts(path, sqlite))
        path = str_printf(place->arena, "%.*s/clerkwork.db", STR_ARG(str_skip(path, sqlite.len)));
    if (!database_open(str_to_c(place->arena, path), DATABASE_WRITER, &place->database, &err) ||
        !database_prepare_writing(place->database, &use, &alone, &err) || !database_begin_write(place->database, &err))
        fail_msg("%.*s: %s", STR_ARG(path), err.message);
    tables_list(place->database, path, place->arena, &place->tables);
}

static void place_close(Place *place, bool keep)
{
    Error err = {0};
    if (!keep)
        database_rollback(place->database);
    else if (!database_commit(place->database, &err))
        fail_msg("%s", err.message);
    database_close(place->database);
}

static void begin_empty(Fixture *f)
{
    *f = (Fixture){0};
    snprintf(f->directory, sizeof f->directory, "/tmp/clerkwork-store-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    fixture_open(f);
    fixture_close(f);
}

/* ---- comparing ---- */

static void assert_same_tables(const Tables *a, const Tables *b)
{
    assert_int_equal(a->n, b->n);
    for (int i = 0; i < a->n; i++) {
        const StoredTable *one = &a->rows[i], *other = &b->rows[i];
        assert_true(str_eq(one->name, other->name));
        assert_int_equal(one->n_columns, other->n_columns);
        for (int k = 0; k < one->n_columns; k++) {
            if (!str_eq(one->columns[k].name, other->columns[k].name) || one->columns[k].kind != other->columns[k].kind)
                fail_msg("%.*s.%.*s", STR_ARG(one->name), STR_ARG(one->columns[k].name));
        }
    }
}

static void assert_same_rows(const Place *a, const Place *b, const StoredTable *table)
{
    AUTO(arena_done)
    Arena arena = {0};
    int n[2];
    const Str *one = table_read(a->database, &arena, table, &n[0]),
              *other = table_read(b->database, &arena, table, &n[1]);
    assert_int_equal(n[0], ROWS);
    if (n[0] != n[1])
        fail_msg("%.*s: %d rows came to be %d", STR_ARG(table->name), n[0], n[1]);
    for (int i = 0; i < ROWS; i++) {
        Str before = one[i], after = other[i];
        while (before.len > 0 || after.len > 0) {
            Str was = str_cut(&before, '\n'), is = str_cut(&after, '\n');
            if (!str_eq(was, is))
                fail_msg("%.*s, row %d\nwas %.*s\nis  %.*s", STR_ARG(table->name), i, STR_ARG(was), STR_ARG(is));
        }
    }
}

static void assert_same_next_keys(const Place *a, const Place *b, const StoredTable *table)
{
    int64_t one = table_next_key(a->database, a->arena, table), other = table_next_key(b->database, b->arena, table);
    if (one != other)
        fail_msg("%.*s: the next key was %" PRId64 " and is %" PRId64, STR_ARG(table->name), one, other);
}

static void compare(Place *a, Place *b)
{
    place_open(a);
    place_open(b);
    assert_same_tables(&a->tables, &b->tables);
    for (int i = 0; i < a->tables.n; i++) {
        const StoredTable *table = &a->tables.rows[i];
        assert_same_rows(a, b, table);
        if (table_has_key(table))
            assert_same_next_keys(a, b, table);
    }
    place_close(a, false);
    place_close(b, false);
}

/* ---- moving ---- */

typedef struct Told {
    const Tables *tables;
    int n;
} Told;

static void note_moved(void *self, const MovedTable *moved)
{
    Told *told = self;
    Str expected = told->n < told->tables->n ? told->tables->rows[told->n++].name : S("nothing more");
    if (!str_eq(moved->name, expected) || moved->rows != ROWS)
        fail_msg("moved %" PRId64 " rows of %.*s, not %d of %.*s", moved->rows, STR_ARG(moved->name), ROWS,
                 STR_ARG(expected));
}

static void move(const Place *from, const Place *to, const Tables *tables)
{
    Error err = {0};
    Told told = {.tables = tables};
    const Moving moving = {note_moved, &told};
    if (!store_move(from->name, to->name, &moving, &err))
        fail_msg("%s", err.message);
    assert_int_equal(told.n, tables->n);
}

static void test_move__brings_every_row_of_every_table_and_goes_on_with_the_keys(void **state)
{
    (void)state;
    Fixture f;
    char url[SCHEMA_URL_MOST];
    begin_empty(&f);
    schema_make(url);
    Place here = {.arena = &f.arena, .name = str_printf(&f.arena, "sqlite:%s", f.directory)};
    Place there = {.arena = &f.arena, .name = str_from_c(url)};
    Place back = {.arena = &f.arena, .name = str_printf(&f.arena, "sqlite:%s/back", f.directory)};
    place_open(&here);
    tables_fill(here.database, &f.arena, &here.tables, ROWS);
    place_close(&here, true);
    move(&here, &there, &here.tables);
    move(&there, &back, &here.tables);
    compare(&here, &there);
    compare(&here, &back);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_move__brings_every_row_of_every_table_and_goes_on_with_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
