#include "value/wire.h"

#include <string.h>

#include "value/arrow_tables.h"

static const Json *parse(Arena *arena, const char *text)
{
    const Json *json = NULL;
    Error err = {0};
    assert_fine(json_parse(arena, str_from_c(text), 100, &json, &err), &err);
    return json;
}

static Value read(Arena *arena, const char *text)
{
    Value v = {0};
    Error err = {0};
    assert_fine(value_from_json(arena, parse(arena, text), "inputs.x", &v, &err), &err);
    return v;
}

static void assert_written(Value v, const char *expected)
{
    AUTO(buf_done)
    Buf buf = {0};
    JsonOut out = json_out(&buf);
    value_to_json(&out, v);
    assert_str_equal(buf_view(&buf), str_from_c(expected));
}

static void assert_plain(Value v, const char *expected)
{
    AUTO(buf_done)
    Buf buf = {0};
    JsonOut out = json_out(&buf);
    value_to_plain_json(&out, v);
    assert_str_equal(buf_view(&buf), str_from_c(expected));
}

/* What is read, what is written for it (NULL: the same), and its plain form. */
static const char *const forms[][3] = {
    {"{\"null_value\":\"NULL_VALUE\"}", NULL, "null"},
    {"{\"null_value\":null}", "{\"null_value\":\"NULL_VALUE\"}", "null"},
    {"{\"nullValue\":null}", "{\"null_value\":\"NULL_VALUE\"}", "null"},
    {"null", "{\"null_value\":\"NULL_VALUE\"}", "null"},
    {"{\"bool_value\":true}", NULL, "true"},
    {"{\"boolValue\":false}", "{\"bool_value\":false}", "false"},
    {"{\"number\":{\"lo\":12345,\"mid\":0,\"hi\":0,\"flags\":131072}}", NULL, "123.45"},
    {"{\"number\":{\"lo\":85,\"mid\":0,\"hi\":0,\"flags\":2147614720}}", NULL, "-0.85"},
    {"{\"number\":{\"lo\":85,\"flags\":-2147352576}}",
     "{\"number\":{\"lo\":85,\"mid\":0,\"hi\":0,\"flags\":2147614720}}", "-0.85"},
    {"{\"number\":{\"lo\":5}}", "{\"number\":{\"lo\":5,\"mid\":0,\"hi\":0,\"flags\":0}}", "5"},
    {"{\"number\":{\"lo\":\"5\",\"mid\":null}}", "{\"number\":{\"lo\":5,\"mid\":0,\"hi\":0,\"flags\":0}}", "5"},
    {"{\"number\":{}}", "{\"number\":{\"lo\":0,\"mid\":0,\"hi\":0,\"flags\":0}}", "0"},
    {"{\"number\":12.50}", "{\"number\":{\"lo\":1250,\"mid\":0,\"hi\":0,\"flags\":131072}}", "12.50"},
    {"{\"number\":{\"lo\":4294967295,\"mid\":4294967295,\"hi\":4294967295,\"flags\":1835008}}", NULL,
     "7.9228162514264337593543950335"},
    {"{\"text\":\"a\\\"é\"}", NULL, "\"a\\\"é\""},
    {"{\"text\":\"\"}", NULL, "\"\""},
    {"{\"text\":\"a\",\"unknown\":1}", "{\"text\":\"a\"}", "\"a\""},
    {"{\"text\":\"a\",\"number\":null}", "{\"text\":\"a\"}", "\"a\""},
    {"{\"date\":{\"year\":2026,\"month\":4,\"day\":14}}", NULL, "\"2026-04-14\""},
    {"{\"date\":{\"month\":2,\"day\":29}}", "{\"date\":{\"year\":0,\"month\":2,\"day\":29}}", "\"02-29\""},
    {"{\"timeofday\":{\"hours\":9,\"minutes\":5,\"seconds\":0,\"nanos\":0}}", NULL, "\"09:05:00\""},
    {"{\"timeofday\":{\"hours\":9,\"nanos\":5}}",
     "{\"timeofday\":{\"hours\":9,\"minutes\":0,\"seconds\":0,\"nanos\":5}}", "\"09:00:00.000000005\""},
    {"{\"datetime\":{\"year\":2026,\"month\":4,\"day\":14,\"hours\":9,\"minutes\":0,\"seconds\":1,\"nanos\":0,"
     "\"utc_offset\":\"-18000s\"}}",
     NULL, "\"2026-04-14T09:00:01-05:00\""},
    {"{\"datetime\":{\"year\":2026,\"month\":4,\"day\":14,\"hours\":9,\"minutes\":0,\"seconds\":0,\"nanos\":5000000,"
     "\"time_zone\":{\"id\":\"America/New_York\"}}}",
     NULL, "\"2026-04-14T09:00:00.005[America/New_York]\""},
    {"{\"datetime\":{\"year\":2026,\"month\":4,\"day\":14,\"utcOffset\":\"0s\"}}",
     "{\"datetime\":{\"year\":2026,\"month\":4,\"day\":14,\"hours\":0,\"minutes\":0,\"seconds\":0,\"nanos\":0,"
     "\"utc_offset\":\"0s\"}}",
     "\"2026-04-14T00:00:00Z\""},
    {"{\"time_zone\":{\"id\":\"Europe/Berlin\"}}", NULL, "\"Europe/Berlin\""},
    {"{\"timeZone\":{\"id\":\"Europe/Berlin\",\"version\":\"2019a\"}}", "{\"time_zone\":{\"id\":\"Europe/Berlin\"}}",
     "\"Europe/Berlin\""},
    {"{\"duration\":\"3.5s\"}", NULL, "\"3.5s\""},
    {"{\"duration\":\"-0.000000001s\"}", NULL, "\"-0.000000001s\""},
    {"{\"duration\":\"-3.500s\"}", "{\"duration\":\"-3.5s\"}", "\"-3.5s\""},
    {"{\"list\":{\"items\":[{\"text\":\"a\"},{\"list\":{\"items\":[]}}]}}", NULL, "[\"a\",[]]"},
    {"{\"list\":{}}", "{\"list\":{\"items\":[]}}", "[]"},
    {"{\"set\":{\"items\":[{\"text\":\"a\"},{\"text\":\"a\"}]}}", "{\"set\":{\"items\":[{\"text\":\"a\"}]}}",
     "[\"a\"]"},
    {"{\"dictionary\":{\"entries\":[{\"key\":{\"text\":\"total\"},\"value\":{\"bool_value\":true}}]}}", NULL,
     "{\"total\":true}"},
    {"{\"dictionary\":{\"entries\":[{\"key\":{\"number\":{\"lo\":1}},\"value\":{\"text\":\"a\"}},"
     "{\"key\":{\"number\":{\"lo\":10,\"flags\":65536}},\"value\":{\"text\":\"b\"}}]}}",
     "{\"dictionary\":{\"entries\":[{\"key\":{\"number\":{\"lo\":1,\"mid\":0,\"hi\":0,\"flags\":0}},"
     "\"value\":{\"text\":\"b\"}}]}}",
     "{\"1\":\"b\"}"},
    {"{\"file\":{\"remote\":\"organizations/o/files/F\"}}", NULL, "\"organizations/o/files/F\""},
    {"{\"file\":{\"name\":\"organizations/o/files/F--a.pdf\"}}",
     "{\"file\":{\"remote\":\"organizations/o/files/F--a.pdf\"}}", "\"organizations/o/files/F--a.pdf\""},
    {"{\"file\":{\"inline\":{\"file_name\":\"a.csv\",\"content\":\"YSxi\"}}}", NULL, "\"a.csv\""},
    {"{\"file\":{\"inline\":{\"fileName\":\"a.csv\"}}}",
     "{\"file\":{\"inline\":{\"file_name\":\"a.csv\",\"content\":\"\"}}}", "\"a.csv\""},
    {"{\"list_value\":{\"values\":[{\"text_value\":\"a\"},{\"number_value\":1.5},{\"boolean_value\":true}]}}",
     "{\"list\":{\"items\":[{\"text\":\"a\"},{\"number\":{\"lo\":15,\"mid\":0,\"hi\":0,\"flags\":65536}},"
     "{\"bool_value\":true}]}}",
     "[\"a\",1.5,true]"},
    {"{\"dictionary_value\":{\"fields\":[{\"key\":\"a\",\"value\":{\"sensitive_value\":{\"value\":{\"text_value\":"
     "\"b\"}}}}]}}",
     "{\"dictionary\":{\"entries\":[{\"key\":{\"text\":\"a\"},\"value\":{\"text\":\"b\"}}]}}", "{\"a\":\"b\"}"},
    {"{\"datetime_value\":\"2026-04-14T09:30:00.25+02:00\"}",
     "{\"datetime\":{\"year\":2026,\"month\":4,\"day\":14,\"hours\":7,\"minutes\":30,\"seconds\":0,\"nanos\":250000000,"
     "\"utc_offset\":\"0s\"}}",
     "\"2026-04-14T07:30:00.25Z\""},
};

static void test_wire__every_kind_in_and_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Value v = read(&arena, forms[i][0]);
        assert_written(v, forms[i][1] ? forms[i][1] : forms[i][0]);
        assert_plain(v, forms[i][2]);
    }
}

/* The value, the field that the error names, and a part of its text. */
static const char *const refusals[][3] = {
    {"{}", "inputs.x", "an object with its kind"},
    {"5", "inputs.x", "an object with its kind"},
    {"\"a\"", "inputs.x", "an object with its kind"},
    {"{\"string\":\"a\"}", "inputs.x", "an object with its kind"},
    {"{\"text\":\"a\",\"bool_value\":true}", "inputs.x", "both `bool_value` and `text`"},
    {"{\"text\":5}", "inputs.x.text", "a JSON string"},
    {"{\"bool_value\":\"true\"}", "inputs.x.bool_value", "true or false"},
    {"{\"number\":\"5\"}", "inputs.x.number", "lo, mid, hi and flags"},
    {"{\"number\":{\"lo\":-1}}", "inputs.x.number.lo", "lo is -1"},
    {"{\"number\":{\"lo\":4294967296}}", "inputs.x.number.lo", "4294967295"},
    {"{\"number\":{\"lo\":1.5}}", "inputs.x.number.lo", "lo is 1.5"},
    {"{\"number\":{\"lo\":1,\"flags\":1900544}}", "inputs.x.number.flags", "0-28"},
    {"{\"number\":{\"lo\":1,\"flags\":1}}", "inputs.x.number.flags", "must be zero"},
    {"{\"number\":1e40}", "inputs.x.number", "does not fit"},
    {"{\"date\":{\"year\":2026,\"month\":2,\"day\":30}}", "inputs.x.date.day", "no day 30"},
    {"{\"date\":{\"year\":2026,\"month\":13,\"day\":1}}", "inputs.x.date.month", "0 to 12"},
    {"{\"date\":{\"month\":4}}", "inputs.x.date", "a date is"},
    {"{\"date\":{}}", "inputs.x.date", "a date is"},
    {"{\"date\":\"2026-04-14\"}", "inputs.x.date", "year, month and day"},
    {"{\"timeofday\":{\"hours\":24}}", "inputs.x.timeofday.hours", "0 to 23"},
    {"{\"datetime\":{\"year\":2026,\"month\":4}}", "inputs.x.datetime", "needs a month and a day"},
    {"{\"datetime\":{\"year\":2026,\"month\":4,\"day\":1,\"utc_offset\":\"90000s\"}}", "inputs.x.datetime.utc_offset",
     "64800s"},
    {"{\"datetime\":{\"year\":2026,\"month\":4,\"day\":1,\"time_zone\":{}}}", "inputs.x.datetime.time_zone", "IANA"},
    {"{\"duration\":\"3.5\"}", "inputs.x.duration", "3.5s"},
    {"{\"duration\":\"--3s\"}", "inputs.x.duration", "3.5s"},
    {"{\"duration\":\"1.s\"}", "inputs.x.duration", "3.5s"},
    {"{\"list\":[]}", "inputs.x.list", "an object"},
    {"{\"list\":{\"items\":[{\"text\":\"a\"},{\"text\":1}]}}", "inputs.x.list.items[1].text", "a JSON string"},
    {"{\"set\":{\"items\":[{\"list\":{}}]}}", "inputs.x.set.items[0]", "a list cannot be a key"},
    {"{\"dictionary\":{\"entries\":[{\"value\":{\"text\":\"a\"}}]}}", "inputs.x.dictionary.entries[0]",
     "key and value"},
    {"{\"dictionary\":{\"entries\":[{\"key\":{\"file\":{\"remote\":\"f\"}}}]}}", "inputs.x.dictionary.entries[0].key",
     "a file cannot be a key"},
    {"{\"file\":{}}", "inputs.x.file", "a file as"},
    {"{\"file\":{\"inline\":{\"content\":\"*\"}}}", "inputs.x.file.inline.content", "not base64"},
    {"{\"table\":{}}", "inputs.x.table", "a table as"},
    {"{\"table\":{\"remote\":\"https://x\"}}", "inputs.x.table.remote", "not fetched"},
    {"{\"table\":{\"inline\":{\"data\":\"*\"}}}", "inputs.x.table.inline.data", "not base64"},
    {"{\"table\":{\"inline\":{\"data\":\"YWJj\"}}}", "inputs.x.table.inline.data", "Arrow"},
    {"{\"table\":{\"inline\":{\"columns\":[{\"values\":[]}]}}}", "inputs.x.table.inline.columns[0]", "a column as"},
    {"{\"table\":{\"inline\":{\"columns\":[{\"name\":\"a\",\"values\":[]},{\"name\":\"a\",\"values\":[]}]}}}",
     "inputs.x.table.inline.columns[1].name", "two columns"},
    {"{\"table\":{\"inline\":{\"columns\":[{\"name\":\"a\",\"values\":[]},{\"name\":\"b\",\"values\":[{\"text_value\":"
     "\"x\"}]}]}}}",
     "inputs.x.table.inline.columns[1].values", "make them equal"},
};

static void test_value_from_json__names_the_place_and_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Value v = {.low = 77};
        Error err = {0};
        bool fine = value_from_json(&arena, parse(&arena, refusals[i][0]), "inputs.x", &v, &err);
        if (fine || !strstr(err.message, refusals[i][2]))
            print_error("%s: %s\n", refusals[i][0], fine ? "accepted" : err.message);
        assert_false(fine);
        assert_int_equal(v.low, 77);
        assert_int_equal(err.code, INVALID_ARGUMENT);
        assert_string_equal(err.field, refusals[i][1]);
        assert_non_null(strstr(err.message, refusals[i][2]));
    }
}

static void test_wire__tables_are_arrow_and_rows_dictionaries(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf buf = {0};
    Value table = {.table = sample_table(&arena), .kind = VALUE_TABLE};
    JsonOut out = json_out(&buf);
    value_to_json(&out, table);
    assert_true(str_starts(buf_view(&buf), S("{\"table\":{\"inline\":{\"data\":\"/////")));
    Value back = read(&arena, str_to_c(&arena, buf_view(&buf)));
    assert_int_equal(back.kind, VALUE_TABLE);
    assert_int_equal(back.table->n_columns, 6);
    assert_true(
        value_equals(table_column(back.table, S("total"))->cells[2], number_of("-79228162514264337593543950335")));
    Value columns =
        read(&arena, "{\"table\":{\"inline\":{\"columns\":[{\"name\":\"a b\",\"values\":[{\"number_value\":1.5},"
                     "{\"null_value\":\"NULL_VALUE\"}]},{\"name\":\"c\",\"values\":[{\"text_value\":\"x\"},"
                     "{\"date_value\":{\"year\":2026,\"month\":4,\"day\":14}}]}]}}}");
    assert_plain(columns, "[{\"a b\":1.5,\"c\":\"x\"},{\"a b\":null,\"c\":\"2026-04-14\"}]");
    assert_written(
        value_row(columns.table, 0),
        "{\"dictionary\":{\"entries\":[{\"key\":{\"text\":\"a b\"},\"value\":{\"number\":{\"lo\":15,\"mid\":0,"
        "\"hi\":0,\"flags\":65536}}},{\"key\":{\"text\":\"c\"},\"value\":{\"text\":\"x\"}}]}}");
    assert_plain(value_row(columns.table, 1), "{\"a b\":null,\"c\":\"2026-04-14\"}");
}

static void test_value_may_leave__cycles_depth_and_size(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Value cycle = value_list_new(&arena, 1), list;
    list_add(&arena, cycle.list, cycle);
    assert_false(value_may_leave(cycle, &err));
    assert_int_equal(err.code, FAILED_PRECONDITION);
    assert_non_null(strstr(err.message, "holds itself"));
    assert_written(cycle, "{\"null_value\":\"NULL_VALUE\"}");
    assert_plain(cycle, "null");
    Value nested = value_int(1);
    for (int i = 0; i < 100; i++) {
        list = value_list_new(&arena, 1);
        list_add(&arena, list.list, nested);
        nested = list;
        assert_int_equal(value_may_leave(nested, &err), i + 2 <= 100);
    }
    Value doubled = value_int(1);
    for (int i = 0; i < 60; i++) {
        list = value_list_new(&arena, 2);
        list_add(&arena, list.list, doubled);
        list_add(&arena, list.list, doubled);
        doubled = list;
    }
    assert_false(value_may_leave(doubled, &err));
    assert_non_null(strstr(err.message, "parts"));
    Value text = value_text(str_of(arena_alloc(&arena, 1 << 20, 1), 1 << 20)), texts = value_list_new(&arena, 0);
    for (int i = 0; i < 257; i++) {
        list_add(&arena, texts.list, text);
        assert_int_equal(value_may_leave(texts, &err), i < 256);
    }
}

static void test_plain_json__is_read_back(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value v;
    Error err = {0};
    const char *text = "{\"a\":[1.50,-0.000001,true,null,\"x\"],\"b\":{\"c\":{}},\"d\":12345678901234567890123.45}";
    assert_fine(value_from_plain_json(&arena, parse(&arena, text), &v, &err), &err);
    assert_plain(v, text);
    assert_false(value_from_plain_json(&arena, parse(&arena, "{\"a\":[1,{\"b\":1e99}]}"), &v, &err));
    assert_string_equal(err.field, "a[1].b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wire__every_kind_in_and_out),
        cmocka_unit_test(test_value_from_json__names_the_place_and_the_reason),
        cmocka_unit_test(test_wire__tables_are_arrow_and_rows_dictionaries),
        cmocka_unit_test(test_value_may_leave__cycles_depth_and_size),
        cmocka_unit_test(test_plain_json__is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
