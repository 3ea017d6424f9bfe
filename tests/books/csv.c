#include "books/csv.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "value/duration.h"
#include "value/wire.h"

typedef struct Case {
    const char *text;
    const char *json;    /* the table as plain JSON, or */
    const char *refusal; /* a part of the message */
} Case;

static const Case cases[] = {
    /* dialects */
    {"a,b\n1,2\n", "[{\"a\":1,\"b\":2}]", NULL},
    {"a;b\r\n1;2\r\n", "[{\"a\":1,\"b\":2}]", NULL},
    {"a\tb\n1\t2", "[{\"a\":1,\"b\":2}]", NULL},
    {"a|b\r1|2\r", "[{\"a\":1,\"b\":2}]", NULL},
    {"sep=;\r\na,x;b\r\n1;2\r\n", "[{\"a,x\":1,\"b\":2}]", NULL},
    {"name;place\nMiller, Ann;York, UK\nSmith, Bob;Bath, UK\n",
     "[{\"name\":\"Miller, Ann\",\"place\":\"York, UK\"},{\"name\":\"Smith, Bob\",\"place\":\"Bath, UK\"}]", NULL},
    {"name\nx\n", "[{\"name\":\"x\"}]", NULL},
    {"name\nSmith, John\n", NULL, "row 1 (line 2) of t.csv has more cells than the 1 column: \""},
    /* quotes */
    {"a,b\n\"x, y\",\"he said \"\"no\"\"\"\n", "[{\"a\":\"x, y\",\"b\":\"he said \\\"no\\\"\"}]", NULL},
    {"a,b\n\"line one\nline two\",z\n", "[{\"a\":\"line one\\nline two\",\"b\":\"z\"}]", NULL},
    {"a,b\n \"x\" , \"y\" \n", "[{\"a\":\"x\",\"b\":\"y\"}]", NULL},
    {"a,b\n5\" pipe,y\n", "[{\"a\":\"5\\\" pipe\",\"b\":\"y\"}]", NULL},
    {"a,b\n\"\",\"\"\n\"\",x\n", "[{\"a\":null,\"b\":\"x\"}]", NULL},
    {"a,b\n1,2\n\"open,3\n4,5\n", NULL, "in row 2 (line 3) of t.csv, the a begins with a quote that is never closed"},
    {"a,b\n\"x\"y,2\n", NULL, "in row 1 (line 2) of t.csv, the a goes on after its closing quote"},
    /* spaces, names, shapes */
    {" Total Amount , b\n  x  ,\ty \n", "[{\"Total Amount\":\"x\",\"b\":\"y\"}]", NULL},
    {"a,b\n\xC2\xA0x\xC2\xA0,y\n", "[{\"a\":\"x\",\"b\":\"y\"}]", NULL},
    {"\"Purchase\norder\",b\nx,y\n", "[{\"Purchase order\":\"x\",\"b\":\"y\"}]", NULL},
    {"total,total,total\nx,y,z\n", "[{\"total 1\":\"x\",\"total 2\":\"y\",\"total 3\":\"z\"}]", NULL},
    {"total,total,total 2\nx,y,z\n", "[{\"total 1\":\"x\",\"total 3\":\"y\",\"total 2\":\"z\"}]", NULL},
    {"a,,b\nx,y,z\n", "[{\"a\":\"x\",\"column 2\":\"y\",\"b\":\"z\"}]", NULL},
    {"a,b,\nx,y,\n", "[{\"a\":\"x\",\"b\":\"y\"}]", NULL},
    {"a,b\nx,y,,\n", "[{\"a\":\"x\",\"b\":\"y\"}]", NULL},
    {"\n\na,b\n\n,\nx,y\n\n", "[{\"a\":\"x\",\"b\":\"y\"}]", NULL},
    {"a,b\nx,\n,y\n", "[{\"a\":\"x\",\"b\":null},{\"a\":null,\"b\":\"y\"}]", NULL},
    {"a,b\n", "[]", NULL},
    {"a,b,c\nx,y\n", NULL,
     "row 1 (line 2) of t.csv has 2 cells, but there are 3 columns: the first cell missing is the c"},
    {"a,b\nx,y\n\"p\nq\",r\nx,y,z\n", NULL, "row 3 (line 5) of t.csv has more cells than the 2 columns: \""},
    {"", NULL, "t.csv is empty"},
    {"\n \n", NULL, "t.csv is empty"},
    /* figures */
    {"total,b\n1250.00,x\n-3,y\n", "[{\"total\":1250.00,\"b\":\"x\"},{\"total\":-3,\"b\":\"y\"}]", NULL},
    {"total;b\n1,250.00;x\n17;y\n", "[{\"total\":1250.00,\"b\":\"x\"},{\"total\":17,\"b\":\"y\"}]", NULL},
    {"total;b\n1.250,00;x\n17;y\n", "[{\"total\":1250.00,\"b\":\"x\"},{\"total\":17,\"b\":\"y\"}]", NULL},
    {"total;b\n1,250;x\n1,300;y\n", "[{\"total\":1250,\"b\":\"x\"},{\"total\":1300,\"b\":\"y\"}]", NULL},
    {"total;b\n1,250;x\n12,5;y\n", "[{\"total\":1.250,\"b\":\"x\"},{\"total\":12.5,\"b\":\"y\"}]", NULL},
    {"sum;b\n1,250.00;x\n1.250,00;y\n", "[{\"sum\":\"1,250.00\",\"b\":\"x\"},{\"sum\":\"1.250,00\",\"b\":\"y\"}]",
     NULL},
    {"paid\n$120.20\n\"$ 1,000.00\"\n(17.50)\n", "[{\"paid\":120.20},{\"paid\":1000.00},{\"paid\":-17.50}]", NULL},
    {"paid\n12.00 EUR\n10.00 USD\n", "[{\"paid\":\"12.00 EUR\"},{\"paid\":\"10.00 USD\"}]", NULL},
    {"paid;x\n12.00 EUR;1\n;2\n", "[{\"paid\":12.00,\"x\":1},{\"paid\":null,\"x\":2}]", NULL},
    {"share\n15%\n", "[{\"share\":\"15%\"}]", NULL},
    /* identifiers */
    {"customer\n00123\n4711\n", "[{\"customer\":\"00123\"},{\"customer\":\"4711\"}]", NULL},
    {"parcel\n1234567890123456\n", "[{\"parcel\":\"1234567890123456\"}]", NULL},
    {"Invoice No.\n4711\n", "[{\"Invoice No.\":\"4711\"}]", NULL},
    {"purchase order number\n4711\n", "[{\"purchase order number\":\"4711\"}]", NULL},
    {"document\nINV 1001\nINV 1002\n", "[{\"document\":\"INV 1001\"},{\"document\":\"INV 1002\"}]", NULL},
    {"order\nPO-4711\n", "[{\"order\":\"PO-4711\"}]", NULL},
    /* a stray cell in a column of amounts leaves the others numbers; in another column all stay text */
    {"Total (EUR)\n\"1,250.00\"\nn/a\n", "[{\"Total (EUR)\":1250.00},{\"Total (EUR)\":\"n/a\"}]", NULL},
    {"remark\n12\nn/a\n", "[{\"remark\":\"12\"},{\"remark\":\"n/a\"}]", NULL},
    /* dates */
    {"due\n2026-04-14\n\n2026-02-28\n", "[{\"due\":\"2026-04-14\"},{\"due\":\"2026-02-28\"}]", NULL},
    {"due\n2026-04-14\n2026-02-30\n", "[{\"due\":\"2026-04-14\"},{\"due\":\"2026-02-30\"}]", NULL},
};

/* What the cells of one column are, after a slash for each; a text stands in quotation marks. */
static const struct ClockCase {
    const char *text, *kinds;
    bool twelve_hours;
} clock_cases[] = {
    {"shift\n08:00\n17:30:15\n\n5:05 pm\n", "time 08:00/time 17:30:15/time 17:05", false},
    {"shift\n08:00\nsoon\n", "\"08:00\"/\"soon\"", false},
    {"Shift Start\n08:00\n25:10\nill\n", "time 08:00/\"25:10\"/\"ill\"", false},
    {"shift no\n08:00\n", "\"08:00\"", false},
    {"Clock In (local)\n5:30\n17:00\n", "time 05:30/time 17:00", true},
    {"end\n5:30\n05:10\n", "time 05:30/time 05:10", true},
    {"end\n5:30\n4:15 PM\n", "\"5:30\"/time 16:15", true},
    {"shift\n5:30\n4:15 PM\n", "\"5:30\"/\"4:15 PM\"", true},
    {"Break\n0:45\n45 min\n1h 30m\n-0:15\nlong\n", "length 0:45/length 0:45/length 1:30/length -0:15/\"long\"", false},
    {"hours\n38:30\n7:45\n", "length 38:30/length 7:45", true},
    {"break\n30\n45\n", "number 30/number 45", false},
    {"stamp\n2026-04-14 09:30\n2026-04-14T09:30:05Z\n", "moment 2026-04-14 09:30/moment 2026-04-14 09:30:05 +00:00",
     false},
    {"stamp\n2026-04-14 10:30\n", "moment 2026-04-14 10:30", true},
    {"stamp\n2026-04-14 09:30\n2026-02-30 09:30\n", "\"2026-04-14 09:30\"/\"2026-02-30 09:30\"", false},
    {"from\nBerlin\nYork\n", "\"Berlin\"/\"York\"", false},
};

static void print_kind(Buf *out, Value cell)
{
    const char *kind = cell.kind == VALUE_TIME       ? "time "
                       : cell.kind == VALUE_DURATION ? "length "
                       : cell.kind == VALUE_DATETIME ? "moment "
                       : cell.kind == VALUE_NUMBER   ? "number "
                                                     : "\"";
    buf_printf(out, "%s%s", out->len > 0 ? "/" : "", kind);
    if (cell.kind == VALUE_DURATION)
        duration_clock_print(out, cell);
    else
        value_print(out, cell);
    if (cell.kind == VALUE_TEXT)
        buf_char(out, '"');
}

static Value read_or_fail(Arena *arena, Str text, CsvOptions options)
{
    Error err = {0};
    Value table = {0};
    assert_fine(csv_read(arena, text, &options, S("t.csv"), &table, &err), &err);
    return table;
}

static Str plain_json(Arena *arena, Value value)
{
    Buf buf = buf_in(arena);
    JsonOut out = json_out(&buf);
    value_to_plain_json(&out, value);
    return buf_view(&buf);
}

static void test_csv_read__what_offices_save(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        CsvOptions options = {.header_row = 1};
        Error err = {0};
        Value table = {0};
        bool done = csv_read(&arena, str_from_c(cases[i].text), &options, S("t.csv"), &table, &err);
        if (cases[i].refusal) {
            if (done || !strstr(err.message, cases[i].refusal))
                print_error("case %zu: %s\n", i, done ? "was read" : err.message);
            assert_false(done);
            assert_non_null(strstr(err.message, cases[i].refusal));
            assert_string_equal(err.field, "file");
            continue;
        }
        assert_fine(done, &err);
        assert_str_equal(plain_json(&arena, table), str_from_c(cases[i].json));
    }
}

static void test_csv_read__times_are_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(clock_cases); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        CsvOptions options = {.header_row = 1, .columns = {.twelve_hours = clock_cases[i].twelve_hours}};
        Value table = read_or_fail(&arena, str_from_c(clock_cases[i].text), options);
        Buf found = buf_in(&arena);
        for (uint32_t row = 0; row < table.table->n_rows; row++)
            print_kind(&found, table.table->columns[0].cells[row]);
        assert_str_equal(buf_view(&found), str_from_c(clock_cases[i].kinds));
    }
}

static void test_csv_write__lengths_of_time_as_spreadsheets_read_them(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value table = read_or_fail(&arena, S("hours,start\n38:30,8:00\n45 min,17:30\n"), (CsvOptions){.header_row = 1});
    Buf out = buf_in(&arena);
    csv_write(&out, table.table, ',', true);
    assert_str_equal(buf_view(&out), S("hours,start\r\n38:30,08:00\r\n0:45,17:30\r\n"));
}

static void test_csv_read__dates_and_texts_are_told_apart(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value table = read_or_fail(&arena, S("due,bad\n2026-04-14,2026-02-30\n"), (CsvOptions){.header_row = 1});
    assert_int_equal(table.table->columns[0].cells[0].kind, VALUE_DATE);
    assert_int_equal(table.table->columns[1].cells[0].kind, VALUE_TEXT);
}

static void test_csv_read__true_and_false_are_no_texts(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value table = read_or_fail(&arena, S("paid,open,state,flag code\nTRUE,,true,true\nfalse,,late,false\n"),
                               (CsvOptions){.header_row = 1});
    const Column *columns = table.table->columns;
    assert_int_equal(columns[0].cells[0].kind, VALUE_BOOL);
    assert_true(value_truth(columns[0].cells[0]));
    assert_false(value_truth(columns[0].cells[1]));
    assert_int_equal(columns[1].cells[0].kind, VALUE_NULL);
    assert_int_equal(columns[2].cells[0].kind, VALUE_TEXT);
    assert_int_equal(columns[3].cells[0].kind, VALUE_TEXT);
}

static void test_csv_read__follows_its_options(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    static const Str text_columns[] = {S_INIT("A")};
    static const struct {
        CsvOptions options;
        const char *text, *json;
    } rows[] = {
        {{.header_row = 0}, "1,x\n2,y\n", "[{\"column 1\":1,\"column 2\":\"x\"},{\"column 1\":2,\"column 2\":\"y\"}]"},
        {{.header_row = 2}, "Report of May\na,b\n1,2\n", "[{\"a\":1,\"b\":2}]"},
        {{.header_row = 1, .separator = ';'}, "a,b;c\n1,5;2\n", "[{\"a,b\":1.5,\"c\":2}]"},
        {{.header_row = 1, .columns = {.decimal_comma = true}}, "a;b\n1,250;1.250\n", "[{\"a\":1.250,\"b\":1250}]"},
        {{.header_row = 1, .plain = true}, "a,b\n1,2\n", "[{\"a\":\"1\",\"b\":\"2\"}]"},
        {{.header_row = 1, .columns = {.text_columns = text_columns, .n_text_columns = 1}},
         "a,b\n1,2\n",
         "[{\"a\":\"1\",\"b\":2}]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_str_equal(plain_json(&arena, read_or_fail(&arena, str_from_c(rows[i].text), rows[i].options)),
                         str_from_c(rows[i].json));
    }
    Error err = {0};
    Value table;
    CsvOptions missing = {.header_row = 4};
    assert_false(csv_read(&arena, S("a\nb\n"), &missing, S("t.csv"), &table, &err));
    assert_non_null(strstr(err.message, "has no row 4 to take the column names from: it has 2"));
    CsvOptions unknown = {.header_row = 1, .columns = {.text_columns = text_columns, .n_text_columns = 1}};
    assert_false(csv_read(&arena, S("x\nb\n"), &unknown, S("t.csv"), &table, &err));
    assert_string_equal(err.message, "t.csv has no column called \"A\"");
}

static void test_csv_read__keeps_its_bounds(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    CsvOptions options = {.header_row = 1};
    Error err = {0};
    Value table;
    Buf wide = buf_in(&arena);
    for (uint32_t i = 0; i <= CSV_COLUMNS_MAX; i++)
        buf_printf(&wide, "c%u,", i);
    assert_false(csv_read(&arena, buf_view(&wide), &options, S("t.csv"), &table, &err));
    assert_int_equal(err.code, RESOURCE_EXHAUSTED);
    assert_non_null(strstr(err.message, "more than 1000 columns"));

    Buf deep = buf_in(&arena);
    buf_str(&deep, S("a\n"));
    for (uint32_t i = 0; i <= CSV_ROWS_MAX; i++)
        buf_str(&deep, S("x\n"));
    assert_false(csv_read(&arena, buf_view(&deep), &options, S("t.csv"), &table, &err));
    assert_non_null(strstr(err.message, "more than 1000000 rows"));

    Buf big = buf_in(&arena);
    buf_str(&big, S("a,b\nx,"));
    for (uint32_t i = 0; i <= CSV_CELL_BYTES_MAX; i++)
        buf_char(&big, 'y');
    assert_false(csv_read(&arena, buf_view(&big), &options, S("t.csv"), &table, &err));
    assert_non_null(strstr(err.message, "in row 1 (line 2) of t.csv, the b has 1048577 bytes"));
    assert_false(csv_read(&arena, str_of("a,b\0c", 5), &options, S("t.csv"), &table, &err));
    assert_non_null(strstr(err.message, "byte 3 is zero"));
}

/* A file of line ends or of separators may not make us reserve more than a small multiple of its size. */
static void test_csv_read__reserves_in_proportion(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Buf text = buf_in(&arena);
    for (int i = 0; i < 900; i++)
        buf_str(&text, S("c,"));
    for (int i = 0; i < 100000; i++)
        buf_char(&text, '\n');
    size_t before = arena.used;
    (void)read_or_fail(&arena, buf_view(&text), (CsvOptions){.header_row = 1});
    assert_true(arena.used - before < 40 * text.len);
}

static void test_csv_read__equal_names_do_not_take_quadratic_time(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Buf text = buf_in(&arena);
    for (uint32_t i = 0; i < CSV_COLUMNS_MAX; i++)
        buf_str(&text, i ? S(",a") : S("a"));
    Value table = read_or_fail(&arena, buf_view(&text), (CsvOptions){.header_row = 1});
    assert_str_equal(table.table->columns[CSV_COLUMNS_MAX - 1].name, S("a 1000"));
}

static void test_csv_read__a_hundred_thousand_rows(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Buf text = buf_in(&arena);
    buf_str(&text, S("invoice number,vendor,date,purchase order number,total,currency,remark,paid\n"));
    for (int i = 0; i < 100000; i++)
        buf_printf(&text, "INV-%06d,\"Miller, Sons & Co.\",2026-%02d-%02d,PO-%d,\"%d,%03d.%02d\",EUR,,%d.50\n", i,
                   i % 12 + 1, i % 28 + 1, i, i % 9 + 1, i % 1000, i % 100, i % 977);
    int64_t start = clock_monotonic_us();
    Value table = read_or_fail(&arena, buf_view(&text), (CsvOptions){.header_row = 1});
    int64_t took = clock_monotonic_us() - start;
    print_message("# %zu bytes in %lld us\n", text.len, (long long)took);
    assert_int_equal(table.table->n_rows, 100000);
    assert_int_equal(table.table->columns[2].cells[99999].kind, VALUE_DATE);
    assert_int_equal(table.table->columns[4].cells[99999].kind, VALUE_NUMBER);
    assert_true(took < 3000000); /* a bound against quadratic time, kept even under sanitizers */
}

static void test_csv_write__is_read_back(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a,b\n1.50,\"x, y\"\n,\"he said \"\"no\"\"\"\n",
        "a b;c\n\"two\nlines\";2026-04-14\n",
        "x\n-5\n12345\n",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Value table = read_or_fail(&arena, str_from_c(texts[i]), (CsvOptions){.header_row = 1});
        for (size_t k = 0; k < 4; k++) {
            Buf out = buf_in(&arena);
            char separator = ",;\t|"[k];
            csv_write(&out, table.table, separator, false);
            Value again = read_or_fail(&arena, buf_view(&out), (CsvOptions){.header_row = 1, .separator = separator});
            assert_str_equal(plain_json(&arena, again), plain_json(&arena, table));
        }
    }
}

static void test_csv_write__with_a_decimal_comma(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value table = read_or_fail(&arena, S("a,b\n-1.50,x\n"), (CsvOptions){.header_row = 1});
    Buf out = buf_in(&arena);
    csv_write(&out, table.table, ';', true);
    assert_str_equal(buf_view(&out), S("a;b\r\n-1,50;x\r\n"));
    out.len = 0;
    csv_write(&out, table.table, ',', true);
    assert_str_equal(buf_view(&out), S("a,b\r\n\"-1,50\",x\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_read__what_offices_save),
        cmocka_unit_test(test_csv_read__dates_and_texts_are_told_apart),
        cmocka_unit_test(test_csv_read__true_and_false_are_no_texts),
        cmocka_unit_test(test_csv_read__follows_its_options),
        cmocka_unit_test(test_csv_read__keeps_its_bounds),
        cmocka_unit_test(test_csv_read__reserves_in_proportion),
        cmocka_unit_test(test_csv_read__equal_names_do_not_take_quadratic_time),
        cmocka_unit_test(test_csv_read__a_hundred_thousand_rows),
        cmocka_unit_test(test_csv_write__is_read_back),
        cmocka_unit_test(test_csv_write__with_a_decimal_comma),
        cmocka_unit_test(test_csv_read__times_are_times),
        cmocka_unit_test(test_csv_write__lengths_of_time_as_spreadsheets_read_them),
    };
    return cmocka_run_group_tests_name("books/csv", tests, NULL, NULL);
}
