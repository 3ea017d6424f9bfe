#include "value/type.h"

#include <string.h>

#include "base/check.h"
#include "value/calendar.h"
#include "value/procedure.h"

static const Type list_of_files = {.kind = TYPE_LIST, .inner = &type_file};
static const Type list_of_numbers = {.kind = TYPE_LIST, .inner = &type_number};
static const Type optional_number = {.kind = TYPE_OPTIONAL, .inner = &type_number};
static const Type optional_text = {.kind = TYPE_OPTIONAL, .inner = &type_text};
static const TypeField order_fields[] = {{S_INIT("number"), &type_text}, {S_INIT("total"), &type_number}};
static const Type order_type = {.kind = TYPE_RECORD, .fields = order_fields, .n_fields = 2};
static const Type order_table = {.kind = TYPE_TABLE, .fields = order_fields, .n_fields = 2};

typedef struct Case {
    const Type *type;
    const char *text;     /* given as text */
    const char *expected; /* as value_print prints it; NULL when it is refused */
    const char *message;  /* a part of the refusal */
} Case;

static const Case cases[] = {
    {&type_number, "1250", "1250", NULL},
    {&type_number, "1,250.00", "1250.00", NULL},
    {&type_number, " $120.20 ", "120.20", NULL},
    {&type_number, "twelve", NULL, "twelve"},
    {&type_boolean, "yes", "yes", NULL},
    {&type_boolean, " No ", "no", NULL},
    {&type_boolean, "TRUE", "yes", NULL},
    {&type_boolean, "false", "no", NULL},
    {&type_boolean, "1", NULL, "\"1\" is not yes or no: say yes or no"},
    {&type_date, "2026-04-14", "2026-04-14", NULL},
    {&type_date, "14.04.2026", "2026-04-14", NULL},
    {&type_date, "14 April 2026", "2026-04-14", NULL},
    {&type_date, "April 14th, 2026", "2026-04-14", NULL},
    {&type_date, "the 14th of April 2026", "2026-04-14", NULL},
    {&type_date, "14-Apr-2026", "2026-04-14", NULL},
    {&type_date, "Tuesday, 14 April 2026", "2026-04-14", NULL},
    {&type_date, "04/14/2026", "2026-04-14", NULL},
    {&type_date, "14/04/2026", "2026-04-14", NULL},
    {&type_date, "04/04/2026", "2026-04-04", NULL},
    {&type_date, "20260414", "2026-04-14", NULL},
    {&type_date, "2026-04-14T00:00:00Z", "2026-04-14", NULL},
    {&type_date, "2026-04-14T09:30:00Z", NULL, "has a time of day"},
    {&type_date, "03/04/2026", NULL, "may be 3 April or 4 March: write it like 2026-04-03"},
    {&type_date, "Monday, 14 April 2026", NULL, "that day is a Tuesday"},
    {&type_date, "30 February 2026", NULL, "no such day"},
    {&type_date, "14.04.26", NULL, "two digits"},
    {&type_date, "soon", NULL, "\"soon\" is not a date: write it like 2026-04-14"},
    {&type_date, "", NULL, "is not a date"},
    {&type_time, "09:30", "09:30", NULL},
    {&type_time, "2:30 pm", "14:30", NULL},
    {&type_time, "12:05 am", "00:05", NULL},
    {&type_time, "9 am", "09:00", NULL},
    {&type_time, "25:10", NULL, "\"25:10\" is not a time of day: hours go from 0 to 23"},
    {&type_time, "08:75", NULL, "minutes to 59"},
    {&type_time, "13:00 pm", NULL, "with am or pm from 1 to 12"},
    {&type_time, "9", NULL, "is not a time of day: write it like 09:30"},
    {&type_duration, "0:45", "45 minutes", NULL},
    {&type_duration, "38:30:15", "1 day 14 hours 30 minutes 15 seconds", NULL},
    {&type_duration, "1:75", NULL, "is not a duration"},
    {&type_datetime, "2026-04-14T09:30:00Z", "2026-04-14 09:30 +00:00", NULL},
    {&type_datetime, "2026-04-14 09:30", "2026-04-14 09:30", NULL},
    {&type_datetime, "14 April 2026 at 2:30 pm", "2026-04-14 14:30", NULL},
    {&type_datetime, "2026-04-14T09:30:00+02:00", "2026-04-14 09:30 +02:00", NULL},
    {&type_datetime, "2026-04-14T09:30:00+25:00", NULL, "is not a time of day"},
    {&type_zone, "Europe/Berlin", "Europe/Berlin", NULL},
    {&type_zone, "../../etc/passwd", NULL, "is not a time zone"},
    {&type_zone, "Berlin time", NULL, "is not a time zone"},
    {&type_text, "PO-4711", "PO-4711", NULL},
    {&list_of_numbers, "[1, 2.50]", "1 and 2.50", NULL},
    {&list_of_numbers, "[1, \"x\"]", NULL, "x"},
    {&list_of_numbers, "[1, 2", NULL, "is not a list of numbers"},
    {&list_of_numbers, "1, 2", NULL, "is not a list of numbers"},
    {&optional_number, "", "", NULL},
    {&optional_number, "12", "12", NULL},
    {&optional_text, "", "", NULL},
};

static void test_type_convert__reads_what_people_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Error err = {0};
        Value out = {0};
        bool done = type_convert(&arena, cases[i].type, value_text(str_from_c(cases[i].text)), READING_DEFAULT,
                                 "inputs.x", &out, &err);
        if (!cases[i].expected) {
            if (done || !strstr(err.message, cases[i].message))
                print_error("\"%s\": %s\n", cases[i].text, done ? "was accepted" : err.message);
            assert_false(done);
            assert_non_null(strstr(err.message, cases[i].message));
            assert_int_equal(strncmp(err.field, "inputs.x", 8), 0);
            assert_int_equal(err.code, INVALID_ARGUMENT);
            continue;
        }
        assert_fine(done, &err);
        Buf printed = buf_in(&arena);
        if (out.kind != VALUE_NULL)
            value_print(&printed, out);
        assert_str_equal(buf_view(&printed), str_from_c(cases[i].expected));
    }
}

static void test_type_convert__follows_the_decimal_comma(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Value out;
    assert_fine(type_convert(&arena, &type_number, value_text(S("1.250,00")), (Reading){.decimal_comma = true}, "x",
                             &out, &err),
                &err);
    assert_true(value_equals(out, value_int(1250)));
}

static void test_type_convert__reads_back_a_time_with_either_symbol(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Value point, comma;
    assert_fine(type_convert(&arena, &type_time, value_text(S("14:30:05.5")), READING_DEFAULT, "x", &point, &err),
                &err);
    assert_fine(type_convert(&arena, &type_time, value_text(S("14:30:05,5")), READING_DEFAULT, "x", &comma, &err),
                &err);
    assert_true(value_equals(point, comma));
    assert_true(comma.nanos % 1000000000 == 500000000);
    assert_false(type_convert(&arena, &type_time, value_text(S("14:30:05,")), READING_DEFAULT, "x", &comma, &err));
    assert_false(type_convert(&arena, &type_time, value_text(S("14:30,5")), READING_DEFAULT, "x", &comma, &err));
}

static void test_type_convert__takes_the_one_file_of_a_list(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Value file = value_file(&arena, (FileRef){.name = S("organizations/o/files/F")}), out;
    Value list = value_list_new(&arena, 2);
    assert_false(type_convert(&arena, &type_file, list, READING_DEFAULT, "inputs.f", &out, &err));
    assert_string_equal(err.message, "a list is not a file");
    list_add(&arena, list.list, file);
    assert_fine(type_convert(&arena, &type_file, list, READING_DEFAULT, "inputs.f", &out, &err), &err);
    assert_true(out.kind == VALUE_FILE && out.file == file.file);
    assert_fine(type_convert(&arena, &list_of_files, file, READING_DEFAULT, "inputs.f", &out, &err), &err);
    assert_int_equal(out.list->count, 1);
    list_add(&arena, list.list, file);
    assert_false(type_convert(&arena, &type_file, list, READING_DEFAULT, "inputs.f", &out, &err));
    assert_string_equal(err.message, "2 files were given where one file is expected");
}

static void test_type_convert__says_what_is_missing(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Value out;
    assert_false(type_convert(&arena, &type_number, value_null(), READING_DEFAULT, "inputs.tolerance", &out, &err));
    assert_string_equal(err.message, "nothing was given where a number is needed, like 1250.00");
    assert_string_equal(err.field, "inputs.tolerance");
    assert_false(type_convert(&arena, &type_text, value_list_new(&arena, 0), READING_DEFAULT, "x", &out, &err));
    assert_string_equal(err.message, "a list is not a text");
}

static Value order(Arena *arena, const char *number_key, Value number, Value total)
{
    Value record = value_record_new(arena);
    record_set(arena, record.record, value_text(str_from_c(number_key)), number);
    record_set(arena, record.record, value_text(S("Total")), total);
    return record;
}

static void test_type_convert__converts_inside_of_records_and_tables(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Value out, field;
    Value record = order(&arena, "Number", value_int(7), value_text(S("1,250.00")));
    assert_fine(type_convert(&arena, &order_type, record, READING_DEFAULT, "o", &out, &err), &err);
    assert_int_equal(value_field_get(out, S("total"), &field), FIELD_FOUND);
    assert_int_equal(field.kind, VALUE_NUMBER);
    assert_int_equal(value_field_get(out, S("number"), &field), FIELD_FOUND);
    assert_int_equal(field.kind, VALUE_TEXT);

    Value list = value_list_new(&arena, 2);
    list_add(&arena, list.list, record);
    list_add(&arena, list.list, order(&arena, "number", value_int(8), value_text(S("none"))));
    assert_false(type_convert(&arena, &order_table, list, READING_DEFAULT, "o", &out, &err));
    assert_string_equal(err.field, "o[0].number"); /* two spellings of one name make two columns */
    list.list->items[1] = order(&arena, "Number", value_int(8), value_text(S("none")));
    assert_false(type_convert(&arena, &order_table, list, READING_DEFAULT, "o", &out, &err));
    assert_string_equal(err.field, "o[1].total");
    list.list->items[1] = order(&arena, "Number", value_int(8), value_int(3));
    assert_fine(type_convert(&arena, &order_table, list, READING_DEFAULT, "o", &out, &err), &err);
    assert_int_equal(out.table->n_rows, 2);
    assert_true(type_accepts(&order_table, out));
    assert_false(type_convert(&arena, &order_type, value_record_new(&arena), READING_DEFAULT, "o", &out, &err));
    assert_string_equal(err.field, "o.number");
}

static void test_type_convert__leaves_what_it_was_given(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Value out, record = order(&arena, "number", value_int(7), value_int(1));
    assert_fine(type_convert(&arena, &order_type, record, READING_DEFAULT, "o", &out, &err), &err);
    assert_int_equal(record.record->entries[0].value.kind, VALUE_NUMBER);
}

/* ---- words ---- */
static void test_type_words__are_read_back(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    static const Type *const plain[] = {&type_any,  &type_null, &type_boolean,  &type_number, &type_text,
                                        &type_date, &type_time, &type_datetime, &type_zone,   &type_duration,
                                        &type_file, &type_list, &type_set,      &type_record, &type_table};
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        const Type *read = NULL;
        assert_true(type_from_word(type_english(&arena, plain[i]), &read) && read == plain[i]);
        assert_true(type_from_word(type_spy(plain[i]), &read) && read == plain[i]);
    }
    static const struct {
        const char *word;
        const Type *type;
    } words[] = {{"str", &type_text},    {"int", &type_number},    {"float", &type_number},    {"bool", &type_boolean},
                 {"dict", &type_record}, {"Number", &type_number}, {"time of day", &type_time}};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const Type *read = NULL;
        assert_true(type_from_word(str_from_c(words[i].word), &read) && read == words[i].type);
    }
    const Type *read = NULL;
    assert_false(type_from_word(S("amount"), &read));
    assert_str_equal(type_english(&arena, type_optional(&arena, &type_date)), S("optional date"));
    assert_str_equal(type_english(&arena, &list_of_numbers), S("list of numbers"));
}

static void test_type_to_json__writes_the_contracts_types(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    static const struct {
        const Type *type;
        const char *json;
    } rows[] = {
        {&type_file, "{\"scalar_type\":\"VALUE_SCALAR_TYPE_FILE\"}"},
        {&optional_number, "{\"optional_type\":{\"inner\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_NUMBER\"}}}"},
        {&list_of_files, "{\"list_type\":{\"inner\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_FILE\"}}}"},
        {&type_list, "{\"list_type\":{\"inner\":{\"any_type\":{}}}}"},
        {&type_table, "{\"table_type\":{\"columns\":[]}}"},
        {&order_table,
         "{\"table_type\":{\"columns\":[{\"key\":\"number\",\"value\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_TEXT\"}},"
         "{\"key\":\"total\",\"value\":{\"scalar_type\":\"VALUE_SCALAR_TYPE_NUMBER\"}}]}}"},
        {&type_any, "{\"any_type\":{}}"},
        {&type_zone, "{\"opaque_type\":{\"is_a\":\"time zone\"}}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Buf buf = buf_in(&arena);
        JsonOut out = json_out(&buf);
        type_to_json(&out, rows[i].type);
        assert_str_equal(buf_view(&buf), str_from_c(rows[i].json));
    }
}

/* ---- of values ---- */
static void test_type_of__is_as_exact_as_the_value_shows(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value table = value_table_new(&arena, 2);
    Column *number = table_add_column(&arena, table.table, S("number"));
    number->cells[0] = value_text(S("PO-1"));
    number->cells[1] = value_text(S("PO-2"));
    table_add_column(&arena, table.table, S("total"))->cells[1] = value_int(3);
    Column *mixed = table_add_column(&arena, table.table, S("mixed"));
    mixed->cells[0] = value_int(1);
    mixed->cells[1] = value_text(S("x"));
    const Type *type = type_of(&arena, table);
    assert_int_equal(type->kind, TYPE_TABLE);
    assert_int_equal(type->fields[0].type->kind, TYPE_TEXT);
    assert_int_equal(type->fields[1].type->kind, TYPE_OPTIONAL);
    assert_int_equal(type->fields[1].type->inner->kind, TYPE_NUMBER);
    assert_int_equal(type->fields[2].type->kind, TYPE_ANY);
    assert_true(type_accepts(type, table));
    Value list = value_list_new(&arena, 1);
    assert_int_equal(type_of(&arena, list)->kind, TYPE_LIST);
    list_add(&arena, list.list, list); /* a list that contains itself has a type too */
    assert_int_equal(type_of(&arena, list)->kind, TYPE_LIST);
}

static void test_type_accepts__converts_nothing(void **state)
{
    (void)state;
    assert_true(type_accepts(&type_number, value_int(1)));
    assert_false(type_accepts(&type_number, value_text(S("1"))));
    assert_false(type_accepts(&type_number, value_null()));
    assert_true(type_accepts(&optional_number, value_null()));
    assert_true(type_accepts(&type_any, value_null()));
    assert_false(type_accepts(&type_any, (Value){0}));
}

static void test_duration_parse_written__adds_up_its_parts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
        uint32_t nanos;
    } rows[] = {{"3 days", 259200, 0},          {"1 hour 30 minutes", 5400, 0}, {"2 hours and 15 seconds", 7215, 0},
                {"1.5s", 1, 500000000},         {"1.5 weeks", 907200, 0},       {"-90 minutes", -5400, 0},
                {"-1.5 seconds", -2, 500000000}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Error err = {0};
        Value out;
        assert_fine(duration_parse_written(str_from_c(rows[i].text), &out, &err), &err);
        assert_int_equal(out.seconds, rows[i].seconds);
        assert_int_equal(out.high, rows[i].nanos);
    }
    static const char *const bad[] = {"", "3", "days", "3 moons", "3 days and", "- 3", "99999999999 days"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Error err = {0};
        Value out;
        assert_false(duration_parse_written(str_from_c(bad[i]), &out, &err));
    }
}

static void test_date_parse_written__follows_the_order_of_the_workspace(void **state)
{
    (void)state;
    Error err = {0};
    Value day_first, month_first;
    assert_fine(date_parse_written(S("03/04/2026"), DATE_ORDER_DAY_FIRST, &day_first, &err), &err);
    assert_fine(date_parse_written(S("03/04/2026"), DATE_ORDER_MONTH_FIRST, &month_first, &err), &err);
    assert_int_equal(day_first.date.month, 4);
    assert_int_equal(month_first.date.month, 3);
    Value dotted;
    assert_fine(date_parse_written(S("03.04.2026"), DATE_ORDER_MONTH_FIRST, &dotted, &err), &err);
    assert_int_equal(dotted.date.month, 4); /* with dots the day comes first … */
    assert_fine(date_parse_written(S("03.04.2026"), DATE_ORDER_MONTH_FIRST_DOTTED, &dotted, &err), &err);
    assert_int_equal(dotted.date.month, 3); /* … unless the workspace itself writes otherwise */
    assert_fine(date_parse_written(S("14.04.2026"), DATE_ORDER_MONTH_FIRST_DOTTED, &dotted, &err), &err);
    assert_int_equal(dotted.date.day, 14);
}

static void test_time_parse_written__asks_which_half_of_the_day(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int minutes; /* where there are 12 hours; -1 where it is asked */
    } rows[] = {{"5:30", -1}, {"12:00", -1},   {"10:15", -1},   {"05:30", 330},     {"5:30 pm", 1050},
                {"0:15", 15}, {"17:30", 1050}, {"12:00 am", 0}, {"12:00 p.m.", 720}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Error err = {0};
        Value out = {0};
        bool read = time_parse_written(str_from_c(rows[i].text), true, &out, &err);
        assert_int_equal(read, rows[i].minutes >= 0);
        if (read)
            assert_int_equal(out.nanos, rows[i].minutes * INT64_C(60000000000));
        else
            assert_non_null(strstr(err.message, "may be in the morning or in the afternoon"));
        assert_true(rows[i].minutes >= 0 || time_parse_written(str_from_c(rows[i].text), false, &out, &err));
    }
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Value out;
    assert_true(datetime_parse_written(&arena, S("2026-04-14 10:15"), DATE_ORDER_UNKNOWN, true, &out, &err));
    assert_false(datetime_parse_written(&arena, S("14 April 2026 at 5:30"), DATE_ORDER_UNKNOWN, true, &out, &err));
}

/* ---- procedures ---- */
static void test_catalog_find__needs_book_and_name(void **state)
{
    (void)state;
    static const Parameter parameters[] = {{S_INIT("file"), &type_file, true, S_INIT("")}};
    static const Procedure read = {
        .book = S_INIT("files"), .name = S_INIT("read_table"), .parameters = parameters, .n_parameters = 1};
    static const Procedure *const all[] = {&read};
    static const Catalog catalog = {all, 1};
    assert_ptr_equal(catalog_find(&catalog, S("files"), S("read_table")), &read);
    assert_null(catalog_find(&catalog, S("text"), S("read_table")));
    assert_null(catalog_find(&catalog, S("files"), S("read")));
    assert_ptr_equal(procedure_parameter(&read, S("file")), &parameters[0]);
    assert_null(procedure_parameter(&read, S("table")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type_convert__reads_what_people_write),
        cmocka_unit_test(test_type_convert__follows_the_decimal_comma),
        cmocka_unit_test(test_type_convert__reads_back_a_time_with_either_symbol),
        cmocka_unit_test(test_type_convert__takes_the_one_file_of_a_list),
        cmocka_unit_test(test_type_convert__says_what_is_missing),
        cmocka_unit_test(test_type_convert__converts_inside_of_records_and_tables),
        cmocka_unit_test(test_type_convert__leaves_what_it_was_given),
        cmocka_unit_test(test_type_words__are_read_back),
        cmocka_unit_test(test_type_to_json__writes_the_contracts_types),
        cmocka_unit_test(test_type_of__is_as_exact_as_the_value_shows),
        cmocka_unit_test(test_type_accepts__converts_nothing),
        cmocka_unit_test(test_duration_parse_written__adds_up_its_parts),
        cmocka_unit_test(test_date_parse_written__follows_the_order_of_the_workspace),
        cmocka_unit_test(test_time_parse_written__asks_which_half_of_the_day),
        cmocka_unit_test(test_catalog_find__needs_book_and_name),
    };
    return cmocka_run_group_tests_name("value/type", tests, NULL, NULL);
}
