#include "value/arrow.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "value/arrow_tables.h"

static Str text_of(Value v, Buf *buf)
{
    buf->len = 0;
    value_print(buf, v);
    return buf_view(buf);
}

static void assert_cell(const Table *table, Str column, uint32_t row, const char *expected)
{
    AUTO(buf_done)
    Buf buf = {0};
    const Column *found = table_column(table, column);
    assert_non_null(found);
    assert_true(row < table->n_rows);
    assert_str_equal(text_of(found->cells[row], &buf), str_from_c(expected));
}

static Table *read_back(Arena *arena, const Buf *bytes)
{
    Table *table = NULL;
    Error err = {0};
    assert_fine(arrow_read(arena, buf_view(bytes), &table, &err), &err);
    return table;
}

/* ---- round trips ---- */

static void test_arrow__a_table_comes_back_as_it_was(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf bytes = {0};
    Table *table = sample_table(&arena), *back;
    arrow_write(&bytes, table);
    assert_int_equal(bytes.len % 8, 0);
    back = read_back(&arena, &bytes);
    assert_int_equal(back->n_rows, 3);
    assert_int_equal(back->n_columns, 6);
    for (uint32_t i = 0; i < back->n_columns; i++) {
        if (str_eq(back->columns[i].name, S("mixed")))
            continue;
        for (uint32_t row = 0; row < back->n_rows; row++) {
            assert_int_equal(back->columns[i].cells[row].kind, table->columns[i].cells[row].kind);
            assert_true(value_equals(back->columns[i].cells[row], table->columns[i].cells[row]));
        }
    }
    assert_cell(back, S("total"), 0, "1250.00");
    assert_int_equal(table_column(back, S("mixed"))->cells[0].kind, VALUE_TEXT);
    assert_cell(back, S("mixed"), 0, "1.50");
}

static Table *large_table(Arena *arena)
{
    Table *table = value_table_new(arena, 40000).table;
    Value *n = table_add_column(arena, table, S("n"))->cells, *text = table_add_column(arena, table, S("text"))->cells;
    for (uint32_t i = 0; i < table->n_rows; i++) {
        n[i] = (Value){.low = i * 100 + 25, .scale = 2, .kind = VALUE_NUMBER};
        if (i % 3 != 0)
            text[i] = value_text(str_printf(arena, "row %u", i));
    }
    return table;
}

static void test_arrow__tables_of_several_batches(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf bytes = {0};
    Table *table = large_table(&arena);
    arrow_write(&bytes, table);
    assert_true(value_equals((Value){.table = table, .kind = VALUE_TABLE},
                             (Value){.table = read_back(&arena, &bytes), .kind = VALUE_TABLE}));
}

static void test_arrow__random_tables(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 200; round++) {
        AUTO(arena_done)
        Arena arena = {0};
        AUTO(buf_done)
        Buf bytes = {0};
        Table *table = value_table_new(&arena, (uint32_t)rand() % 40).table;
        for (int i = rand() % 6; i > 0; i--) {
            Value *cells = table_add_column(&arena, table, str_printf(&arena, "column %d", i))->cells;
            int form = rand() % 4;
            for (uint32_t row = 0; row < table->n_rows; row++) {
                if (rand() % 4 == 0)
                    continue;
                cells[row] = form == 0   ? value_bool(rand() % 2)
                             : form == 1 ? (Value){.low = (uint64_t)rand() * (uint64_t)rand(),
                                                   .high = (uint32_t)rand(),
                                                   .scale = (uint8_t)(rand() % 29),
                                                   .negative = 1,
                                                   .kind = VALUE_NUMBER}
                             : form == 2 ? value_date(1 + rand() % 9999, 1 + rand() % 12, 1 + rand() % 28)
                                         : value_text(str_printf(&arena, "%.*s", rand() % 10, "abcdefghijk"));
            }
        }
        arrow_write(&bytes, table);
        assert_true(value_equals((Value){.table = table, .kind = VALUE_TABLE},
                                 (Value){.table = read_back(&arena, &bytes), .kind = VALUE_TABLE}));
    }
}

static void test_arrow__no_rows_and_no_columns(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf bytes = {0};
    Table *table = value_table_new(&arena, 0).table;
    arrow_write(&bytes, table);
    assert_int_equal(read_back(&arena, &bytes)->n_columns, 0);
    bytes.len = 0;
    table_add_column(&arena, table, S("a"));
    arrow_write(&bytes, table);
    assert_int_equal(read_back(&arena, &bytes)->n_columns, 1);
    assert_int_equal(read_back(&arena, &bytes)->n_rows, 0);
}

/* ---- hostile bytes ---- */

static void expect_no_crash(const char *data, size_t len)
{
    AUTO(arena_done)
    Arena arena = {0};
    char *exact = test_malloc(len + 1); /* so that a sanitizer sees reads past the end */
    memcpy(exact, data, len);
    Table *table = NULL;
    Error err = {0};
    if (!arrow_read(&arena, str_of(exact, len), &table, &err)) {
        assert_int_equal(err.code, INVALID_ARGUMENT);
        assert_true(strlen(err.message) > 10);
        assert_null(table);
    }
    test_free(exact);
}

static void test_arrow_read__cut_and_damaged_bytes(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf bytes = {0};
    arrow_write(&bytes, sample_table(&arena));
    for (size_t len = 0; len < bytes.len; len++)
        expect_no_crash(bytes.data, len);
    for (size_t at = 0; at < bytes.len; at++) {
        static const unsigned char flips[] = {0x01, 0x80, 0xff};
        for (size_t i = 0; i < COUNT_OF(flips); i++) {
            bytes.data[at] = (char)(bytes.data[at] ^ flips[i]);
            expect_no_crash(bytes.data, bytes.len);
            bytes.data[at] = (char)(bytes.data[at] ^ flips[i]);
        }
    }
}

static void expect_refusal(Str bytes, const char *expected)
{
    AUTO(arena_done)
    Arena arena = {0};
    Table *table;
    Error err = {0};
    assert_false(arrow_read(&arena, bytes, &table, &err));
    if (!strstr(err.message, expected))
        print_error("%s\n", err.message);
    assert_non_null(strstr(err.message, expected));
}

static void test_arrow_read__says_what_is_wrong(void **state)
{
    (void)state;
    expect_refusal(S(""), "no schema");
    expect_refusal(S("abc"), "cut off");
    expect_refusal(S("\xff\xff\xff\xff\0\0\0\0"), "no schema");
    expect_refusal(S("ARROW1\0\0\xff\xff\xff\xff\xff\xff\xff\x7f"), "cut off");
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf bytes = {0};
    Table *table = value_table_new(&arena, 1).table;
    table_add_column(&arena, table, S("a"));
    table_add_column(&arena, table, S("a"));
    arrow_write(&bytes, table);
    expect_refusal(buf_view(&bytes), "`a` is there twice");
    bytes.len = 0;
    table->n_columns = 1;
    table->columns[0].cells[0] = value_text(S("\xff"));
    arrow_write(&bytes, table);
    expect_refusal(buf_view(&bytes), "`a` has in row 1");
}

/* ---- the library of our clients ---- */

static void write_file(const char *directory, const char *name, const Table *table)
{
    char path[512];
    AUTO(buf_done)
    Buf bytes = {0};
    arrow_write(&bytes, table);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static Table *read_file(Arena *arena, const char *directory, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    Buf bytes = buf_in(arena);
    buf_reserve(&bytes, 1 << 20);
    bytes.len = fread(bytes.data, 1, bytes.cap, file);
    fclose(file);
    Table *table = NULL;
    Error err = {0};
    assert_fine(arrow_read(arena, buf_view(&bytes), &table, &err), &err);
    return table;
}

static void check_table_of_js(const Table *table)
{
    assert_int_equal(table->n_rows, 3);
    static const char *const expected[][4] = {
        {"whole", "1", "nothing", "-9007199254740993"},
        {"float", "0.1", "nothing", "0.0000000000000000000000000000"},
        {"text", "a", "nothing", "é"},
        {"flag", "yes", "no", "nothing"},
        {"day", "2026-04-14", "nothing", "1969-12-31"},
        {"moment", "2026-04-14 09:30:00.25", "nothing", "1969-12-31 23:59:59.999"},
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        for (uint32_t row = 0; row < 3; row++)
            assert_cell(table, str_from_c(expected[i][0]), row, expected[i][row + 1]);
    }
}

/* Where check.mjs and its node_modules are: the program's argument. */
static const char *javascript;

static void test_arrow__apache_arrow_for_javascript_agrees(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    char directory[] = "/tmp/clerkwork-arrow-XXXXXX", command[1200];
    assert_non_null(mkdtemp(directory));
    write_file(directory, "sample.arrow", sample_table(&arena));
    write_file(directory, "large.arrow", large_table(&arena));
    Table *none = value_table_new(&arena, 0).table;
    table_add_column(&arena, none, S("a"));
    write_file(directory, "none.arrow", none);
    snprintf(command, sizeof command, "cd '%s' && node check.mjs '%s' >&2", javascript, directory);
    assert_int_equal(system(command), 0);
    check_table_of_js(read_file(&arena, directory, "js_stream.arrow"));
    check_table_of_js(read_file(&arena, directory, "js_file.arrow"));
    Table *words = read_file(&arena, directory, "js_dictionary.arrow");
    assert_cell(words, S("word"), 1, "y");
    assert_cell(words, S("word"), 3, "x");
    snprintf(command, sizeof command, "rm -r '%s'", directory);
    assert_int_equal(system(command), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrow__a_table_comes_back_as_it_was),
        cmocka_unit_test(test_arrow__tables_of_several_batches),
        cmocka_unit_test(test_arrow__random_tables),
        cmocka_unit_test(test_arrow__no_rows_and_no_columns),
        cmocka_unit_test(test_arrow_read__cut_and_damaged_bytes),
        cmocka_unit_test(test_arrow_read__says_what_is_wrong),
    };
    const struct CMUnitTest javascript_tests[] = {
        cmocka_unit_test(test_arrow__apache_arrow_for_javascript_agrees),
    };
    if (argc < 2)
        return cmocka_run_group_tests(tests, NULL, NULL);
    javascript = argv[1];
    return cmocka_run_group_tests(javascript_tests, NULL, NULL);
}
