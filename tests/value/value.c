#include "value/value.h"

#include <stdlib.h>
#include <string.h>

#include "value/arrow_tables.h"

static void assert_prints(Value v, const char *expected)
{
    AUTO(buf_done)
    Buf buf = {0};
    value_print(&buf, v);
    assert_str_equal(buf_view(&buf), str_from_c(expected));
}

static Value text(const char *s)
{
    return value_text(str_from_c(s));
}

static Value list_of(Arena *arena, size_t n, const Value *items)
{
    Value list = value_list_new(arena, 0);
    for (size_t i = 0; i < n; i++)
        list_add(arena, list.list, items[i]);
    return list;
}
#define LIST(arena, ...) list_of(arena, COUNT_OF(((Value[]){__VA_ARGS__})), (Value[]){__VA_ARGS__})

static Value set_of(Arena *arena, size_t n, const Value *items)
{
    Value set = value_set_new(arena);
    for (size_t i = 0; i < n; i++)
        set_add(arena, set.set, items[i]);
    return set;
}
#define SET(arena, ...) set_of(arena, COUNT_OF(((Value[]){__VA_ARGS__})), (Value[]){__VA_ARGS__})

static Value record_of(Arena *arena, const char *key, Value value)
{
    Value record = value_record_new(arena);
    record_set(arena, record.record, text(key), value);
    return record;
}

static Value moment(Arena *arena, int hour, bool has_offset, int offset, const char *zone)
{
    return value_datetime(arena, (DateTime){
                                     .year = 2026,
                                     .month = 4,
                                     .day = 14,
                                     .hour = (uint8_t)hour,
                                     .has_offset = has_offset,
                                     .offset_seconds = offset,
                                     .zone = str_from_c(zone),
                                 });
}

/* ---- printing, truth ---- */

static void test_value_print_data__says_true_where_people_say_yes(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf buf = {0};
    Value list = value_list_new(&arena, 2);
    list_add(&arena, list.list, value_bool(true));
    list_add(&arena, list.list, value_bool(false));
    value_print_data(&buf, list);
    assert_str_equal(buf_view(&buf), S("true and false"));
    value_print(&buf, list);
    assert_str_equal(buf_view(&buf), S("true and falseyes and no"));
}

static void test_value_print__as_people_read(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    assert_prints(value_null(), "nothing");
    assert_prints(value_bool(true), "yes");
    assert_prints(value_bool(false), "no");
    assert_prints(number_of("-1250.00"), "-1250.00");
    assert_prints(text("a, b"), "a, b");
    assert_prints(value_date(2026, 4, 14), "2026-04-14");
    assert_prints(value_date(0, 4, 14), "04-14");
    assert_prints(value_date(2026, 0, 0), "2026");
    assert_prints(value_date(2026, 4, 0), "2026-04");
    assert_prints(value_time(INT64_C(9) * 3600000000000), "09:00");
    assert_prints(value_time(INT64_C(86399999000000)), "23:59:59.999");
    assert_prints(moment(&arena, 9, false, 0, ""), "2026-04-14 09:00");
    assert_prints(moment(&arena, 9, true, -12600, ""), "2026-04-14 09:00 -03:30");
    assert_prints(moment(&arena, 9, false, 0, "Europe/Berlin"), "2026-04-14 09:00 Europe/Berlin");
    assert_prints(value_duration(0, 0), "0 seconds");
    assert_prints(value_duration(90061, 0), "1 day 1 hour 1 minute 1 second");
    assert_prints(value_duration(7200, 0), "2 hours");
    assert_prints(value_duration(-1, -500000000), "minus 1.5 seconds");
    assert_prints(value_duration(60, 250000000), "1 minute 0.25 seconds");
    assert_prints(value_zone(S("Europe/Berlin")), "Europe/Berlin");
    assert_prints(value_list_new(&arena, 0), "");
    assert_prints(LIST(&arena, text("north")), "north");
    assert_prints(LIST(&arena, text("north"), text("south")), "north and south");
    assert_prints(LIST(&arena, text("north"), text("south"), text("west")), "north, south and west");
    assert_prints(LIST(&arena, LIST(&arena, value_int(1), value_int(2)), value_int(3)), "[1 and 2] and 3");
    assert_prints(SET(&arena, value_int(2), value_int(1), number_of("2.0")), "2 and 1");
    assert_prints(record_of(&arena, "total", value_int(5)), "total: 5");
    Table *table = sample_table(&arena);
    assert_prints((Value){.table = table, .kind = VALUE_TABLE}, "a table of 3 rows and 6 columns");
    assert_prints(value_row(table, 0),
                  "Claim ID: C-1, total: 1250.00, paid: yes, due date: 2026-04-14, mixed: 1.50, empty: nothing");
    assert_prints(value_file(&arena, (FileRef){.name = S("organizations/o/files/F--a.pdf"), .filename = S("a.pdf")}),
                  "a.pdf");
    assert_prints(value_file(&arena, (FileRef){.name = S("organizations/o/files/F")}), "F");
}

static void test_value_print__ends_for_cycles_depth_and_sharing(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value cycle = LIST(&arena, value_int(1));
    list_add(&arena, cycle.list, cycle);
    assert_prints(cycle, "1 and […]");
    AUTO(buf_done)
    Buf buf = {0};
    Value doubling = LIST(&arena, text("x"));
    for (int i = 0; i < 45; i++)
        doubling = LIST(&arena, doubling, doubling);
    value_print(&buf, doubling);
    assert_true(buf.len < 17 << 20);
}

static void test_value_truth__as_python(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    assert_false(value_truth((Value){.kind = VALUE_UNSET}));
    assert_false(value_truth(value_null()));
    assert_false(value_truth(value_bool(false)));
    assert_false(value_truth(number_of("0.00")));
    assert_false(value_truth(text("")));
    assert_false(value_truth(value_duration(0, 0)));
    assert_false(value_truth(value_list_new(&arena, 3)));
    assert_false(value_truth(value_set_new(&arena)));
    assert_false(value_truth(value_record_new(&arena)));
    assert_false(value_truth(value_table_new(&arena, 0)));
    assert_true(value_truth(value_bool(true)));
    assert_true(value_truth(number_of("-0.01")));
    assert_true(value_truth(text("0")));
    assert_true(value_truth(value_time(0)));
    assert_true(value_truth(value_date(2026, 1, 1)));
    assert_true(value_truth(value_duration(0, 1)));
    assert_true(value_truth(LIST(&arena, value_null())));
    assert_true(value_truth(value_table_new(&arena, 1)));
}

static void test_value_to_int__whole_numbers_that_fit(void **state)
{
    (void)state;
    int64_t n = 0;
    assert_true(value_to_int(number_of("5.00"), &n));
    assert_int_equal(n, 5);
    assert_true(value_to_int(number_of("-9223372036854775808"), &n));
    assert_true(n == INT64_MIN);
    assert_true(value_to_int(number_of("9223372036854775807"), &n));
    assert_true(n == INT64_MAX);
    assert_true(value_to_int(value_int(INT64_MIN), &n));
    assert_true(n == INT64_MIN);
    assert_true(value_to_int(number_of("0"), &n));
    assert_int_equal(n, 0);
    assert_false(value_to_int(number_of("9223372036854775808"), &n));
    assert_false(value_to_int(number_of("-9223372036854775809"), &n));
    assert_false(value_to_int(number_of("18446744073709551616"), &n));
    assert_false(value_to_int(number_of("5.5"), &n));
    assert_false(value_to_int(value_bool(true), &n));
    assert_false(value_to_int(text("5"), &n));
}

/* ---- equality, order, hashes ---- */

static void assert_equal_values(Value a, Value b, bool expected)
{
    assert_int_equal(value_equals(a, b), expected);
    assert_int_equal(value_equals(b, a), expected);
    if (expected && value_is_hashable(a))
        assert_int_equal(value_hash(a), value_hash(b));
}

static void test_value_equals__as_python(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    assert_equal_values(value_int(1), number_of("1.00"), true);
    assert_equal_values(value_bool(true), value_int(1), true);
    assert_equal_values(value_bool(false), number_of("0.0"), true);
    assert_equal_values(value_int(1), text("1"), false);
    assert_equal_values(value_int(100), number_of("100.000"), true);
    assert_equal_values(number_of("0.10"), number_of("0.1"), true);
    assert_equal_values(value_null(), value_bool(false), false);
    assert_equal_values(text("a"), value_zone(S("a")), false);
    assert_equal_values(value_date(2026, 4, 14), value_date(2026, 4, 14), true);
    assert_equal_values(value_date(2026, 4, 14), moment(&arena, 0, false, 0, ""), false);
    assert_equal_values(moment(&arena, 9, true, 7200, ""), moment(&arena, 7, true, 0, ""), true);
    assert_equal_values(moment(&arena, 9, true, 7200, ""), moment(&arena, 9, false, 0, ""), false);
    assert_equal_values(moment(&arena, 9, false, 0, "A/B"), moment(&arena, 9, false, 0, "A/C"), false);
    assert_equal_values(value_duration(-2, 500000000), value_duration(-1, -500000000), true);
    assert_equal_values(LIST(&arena, value_int(1), text("a")), LIST(&arena, number_of("1.0"), text("a")), true);
    assert_equal_values(LIST(&arena, value_int(1)), LIST(&arena, value_int(1), value_int(1)), false);
    assert_equal_values(SET(&arena, value_int(1), value_int(2)), SET(&arena, value_int(2), value_int(1)), true);
    assert_equal_values(SET(&arena, value_int(1)), LIST(&arena, value_int(1)), false);
    Value a = record_of(&arena, "x", value_int(1)), b = record_of(&arena, "y", value_int(2));
    record_set(&arena, a.record, text("y"), value_int(2));
    record_set(&arena, b.record, text("x"), value_int(1));
    assert_equal_values(a, b, true);
    record_set(&arena, b.record, text("x"), value_int(3));
    assert_equal_values(a, b, false);
    Table *table = value_table_new(&arena, 2).table;
    table_add_column(&arena, table, S("x"))->cells[1] = value_int(1);
    table_add_column(&arena, table, S("y"))->cells[1] = value_int(2);
    assert_equal_values(value_row(table, 1), a, true);
    assert_equal_values(value_row(table, 0), a, false);
    assert_equal_values(value_row(table, 1), value_row(table, 1), true);
}

static void test_value_equals__cycles_and_depth_end(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value a = LIST(&arena, value_int(1)), b = LIST(&arena, value_int(1));
    list_add(&arena, a.list, a);
    list_add(&arena, b.list, b);
    assert_equal_values(a, b, true);
    b.list->items[0] = value_int(2);
    assert_equal_values(a, b, false);
    Value deep_a = LIST(&arena, value_int(1)), deep_b = LIST(&arena, value_int(1));
    for (int i = 0; i < 100000; i++) {
        deep_a = LIST(&arena, deep_a);
        deep_b = LIST(&arena, deep_b);
    }
    assert_equal_values(deep_a, deep_a, true);
    assert_equal_values(deep_a, deep_b, false);
    int order;
    Error err = {0};
    assert_false(value_compare(deep_a, LIST(&arena, deep_a), &order, &err) && order == 0);
}

static void test_value_compare__as_python_orders(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    const Value ascending[][2] = {
        {value_int(-2), number_of("-1.5")},
        {value_bool(false), value_int(1)},
        {text("Z"), text("a")},
        {text("a"), text("ab")},
        {text("z"), text("é")},
        {value_date(2025, 12, 31), value_date(2026, 1, 1)},
        {value_time(1), value_time(2)},
        {value_duration(-1, 0), value_duration(0, -1)},
        {moment(&arena, 9, true, 7200, ""), moment(&arena, 8, true, 0, "")},
        {LIST(&arena, value_int(1), value_int(2)), LIST(&arena, value_int(1), value_int(3))},
        {LIST(&arena, value_int(1)), LIST(&arena, value_int(1), value_int(0))},
        {LIST(&arena, text("a"), value_int(1)), LIST(&arena, text("b"), value_null())},
    };
    for (size_t i = 0; i < COUNT_OF(ascending); i++) {
        int order;
        Error err = {0};
        assert_fine(value_compare(ascending[i][0], ascending[i][1], &order, &err), &err);
        assert_true(order < 0);
        assert_fine(value_compare(ascending[i][1], ascending[i][0], &order, &err), &err);
        assert_true(order > 0);
        assert_fine(value_compare(ascending[i][0], ascending[i][0], &order, &err), &err);
        assert_int_equal(order, 0);
    }
    const Value unordered[][2] = {
        {value_int(1), text("1")},
        {value_null(), value_null()},
        {value_null(), value_int(0)},
        {value_date(2026, 4, 14), moment(&arena, 0, false, 0, "")},
        {moment(&arena, 0, true, 0, ""), moment(&arena, 0, false, 0, "")},
        {SET(&arena, value_int(1)), SET(&arena, value_int(2))},
        {value_record_new(&arena), value_record_new(&arena)},
        {LIST(&arena, value_int(1)), LIST(&arena, text("a"))},
    };
    for (size_t i = 0; i < COUNT_OF(unordered); i++) {
        int order = 7;
        Error err = {0};
        assert_false(value_compare(unordered[i][0], unordered[i][1], &order, &err));
        assert_int_equal(err.code, INVALID_ARGUMENT);
        assert_int_equal(order, 7);
    }
}

/* ---- records, sets, tables ---- */

static void test_record__keeps_order_through_many_changes(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Record *record = value_record_new(&arena).record;
    for (int i = 0; i < 1000; i++)
        record_set(&arena, record, text(str_to_c(&arena, str_printf(&arena, "k%d", i))), value_int(i));
    record_set(&arena, record, text("k500"), value_int(-500));
    assert_int_equal(record->count, 1000);
    for (int i = 0; i < 1000; i += 2)
        assert_true(record_remove(record, text(str_to_c(&arena, str_printf(&arena, "k%d", i)))));
    assert_false(record_remove(record, text("k0")));
    assert_int_equal(record->count, 500);
    for (int i = 0; i < 1000; i++) {
        const Value *found = record_find(record, text(str_to_c(&arena, str_printf(&arena, "k%d", i))));
        assert_int_equal(found != NULL, i % 2);
        if (found)
            assert_true(value_equals(*found, value_int(i)));
    }
    for (uint32_t i = 0; i < record->count; i++)
        assert_true(value_equals(record->entries[i].value, value_int(2 * i + 1)));
    record_set(&arena, record, value_int(1), text("one"));
    record_set(&arena, record, number_of("1.0"), text("uno"));
    assert_int_equal(record->count, 501);
    assert_prints(*record_find(record, value_bool(true)), "uno");
}

static void test_set_add__once(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value set = value_set_new(&arena);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 100; i++)
            assert_int_equal(set_add(&arena, set.set, value_int(i)), round == 0);
    }
    assert_int_equal(set.set->items.count, 100);
}

static void test_table__rows_and_columns_grow(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Table *table = value_table_new(&arena, 0).table;
    table_add_column(&arena, table, S("a"));
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(table_add_row(&arena, table), i);
        table_column(table, S("a"))->cells[i] = value_int(i);
    }
    for (int i = 0; i < 20; i++)
        table_add_column(&arena, table, str_printf(&arena, "c%d", i));
    assert_int_equal(table_add_row(&arena, table), 100);
    assert_int_equal(table->n_columns, 21);
    assert_true(value_equals(table_column(table, S("a"))->cells[99], value_int(99)));
    assert_int_equal(table_column(table, S("a"))->cells[100].kind, VALUE_NULL);
    assert_int_equal(table_column(table, S("c19"))->cells[100].kind, VALUE_NULL);
    assert_null(table_column(table, S("A")));
}

/* ---- fields ---- */

static void test_name_alike__letters_and_digits_count(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    static const struct {
        const char *a, *b;
        bool alike;
        const char *normal;
    } cases[] = {
        {"PO Number", "po_number", true, "po number"},
        {"PO Number", " po--number. ", true, "po number"},
        {"PO Number", "PONumber", false, "po number"},
        {"Total", "Totals", false, "total"},
        {"Straße", "STRASSE", true, "strasse"},
        {"Übersicht",
         "u\xcc\x88"
         "bersicht",
         true, "übersicht"},
        {"Σίσυφος", "ΣΊΣΥΦΟΣ", true, "σίσυφοσ"},
        {"№ 5", "no 5", false, "5"},
        {"東京 2", "東京_2", true, "東京 2"},
        {"", "--", true, ""},
        {"a", "", false, "a"},
        {"item 1", "item1", false, "item 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Str a = str_from_c(cases[i].a), b = str_from_c(cases[i].b);
        assert_int_equal(name_alike(a, b), cases[i].alike);
        assert_int_equal(name_alike(b, a), cases[i].alike);
        assert_str_equal(name_normalise(&arena, a), str_from_c(cases[i].normal));
        assert_int_equal(str_eq(name_normalise(&arena, a), name_normalise(&arena, b)), cases[i].alike);
    }
}

static void test_value_field__exact_first_then_alike(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Value record = record_of(&arena, "PO Number", value_int(1)), v;
    assert_int_equal(value_field_get(record, S("po_number"), &v), FIELD_FOUND);
    assert_true(value_equals(v, value_int(1)));
    assert_int_equal(value_field_get(record, S("total"), &v), FIELD_MISSING);
    assert_int_equal(value_field_get(value_int(1), S("total"), &v), FIELD_NOT_A_RECORD);
    assert_int_equal(value_field_set(&arena, record, S("po number"), value_int(2)), FIELD_FOUND);
    assert_int_equal(record.record->count, 1);
    record_set(&arena, record.record, text("po_number"), value_int(3));
    assert_int_equal(value_field_get(record, S("po number"), &v), FIELD_AMBIGUOUS);
    assert_int_equal(value_field_set(&arena, record, S("po number"), value_int(9)), FIELD_AMBIGUOUS);
    assert_int_equal(value_field_get(record, S("PO Number"), &v), FIELD_FOUND);
    assert_true(value_equals(v, value_int(2)));
    assert_int_equal(value_field_set(&arena, record, S("Due date"), value_int(4)), FIELD_FOUND);
    assert_prints(record.record->entries[2].key, "Due date");
    assert_int_equal(value_field_set(&arena, value_null(), S("a"), value_int(4)), FIELD_NOT_A_RECORD);
}

static void test_value_field__rows_write_their_table(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Table *table = sample_table(&arena);
    Value row = value_row(table, 2), v;
    assert_int_equal(value_field_get(row, S("claim_id"), &v), FIELD_FOUND);
    assert_int_equal(value_field_set(&arena, row, S("CLAIM ID"), text("C-3")), FIELD_FOUND);
    assert_prints(table_column(table, S("Claim ID"))->cells[2], "C-3");
    assert_int_equal(value_field_set(&arena, row, S("status"), text("paid")), FIELD_FOUND);
    assert_prints(table_column(table, S("status"))->cells[2], "paid");
    assert_int_equal(table_column(table, S("status"))->cells[0].kind, VALUE_NULL);
}

/* ---- copies ---- */

static void test_value_copy_deep__keeps_sharing_and_cycles(void **state)
{
    (void)state;
    Arena arena = {0};
    AUTO(arena_done)
    Arena other = {0};
    Value shared = LIST(&arena, text("x")), outer = LIST(&arena, shared, shared);
    list_add(&arena, outer.list, outer);
    Table *table = sample_table(&arena);
    list_add(&arena, outer.list, value_row(table, 0));
    list_add(&arena, outer.list, (Value){.table = table, .kind = VALUE_TABLE});
    list_add(&arena, outer.list,
             record_of(&arena, "f", value_file(&arena, (FileRef){.name = S("n"), .filename = S("f")})));
    list_add(&arena, outer.list, moment(&arena, 9, false, 0, "Europe/Berlin"));
    list_add(&arena, outer.list, SET(&arena, value_int(1), text("s")));
    Value copy = value_copy_deep(&other, outer);
    arena_done(&arena); /* nothing of the copy may point into it */
    const Value *items = copy.list->items;
    assert_ptr_equal(items[0].list, items[1].list);
    assert_ptr_equal(items[2].list, copy.list);
    assert_ptr_equal(items[3].table, items[4].table);
    assert_prints(items[0], "x");
    assert_prints(value_row(items[4].table, 0),
                  "Claim ID: C-1, total: 1250.00, paid: yes, due date: 2026-04-14, mixed: 1.50, empty: nothing");
    assert_prints(items[5], "f: f");
    assert_prints(items[6], "2026-04-14 09:00 Europe/Berlin");
    assert_prints(items[7], "1 and s");
}

static void test_value_copy_deep__any_depth(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(arena_done)
    Arena other = {0};
    Value deep = value_int(7);
    for (int i = 0; i < 300000; i++)
        deep = LIST(&arena, deep);
    Value copy = value_copy_deep(&other, deep);
    for (int i = 0; i < 300000; i++)
        copy = copy.list->items[0];
    assert_true(value_equals(copy, value_int(7)));
}

static void test_value_kind_name__every_kind_has_one(void **state)
{
    (void)state;
    for (int kind = 0; kind < VALUE_N_KINDS; kind++)
        assert_true(strlen(value_kind_name((ValueKind)kind)) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_print__as_people_read),
        cmocka_unit_test(test_value_print_data__says_true_where_people_say_yes),
        cmocka_unit_test(test_value_print__ends_for_cycles_depth_and_sharing),
        cmocka_unit_test(test_value_truth__as_python),
        cmocka_unit_test(test_value_to_int__whole_numbers_that_fit),
        cmocka_unit_test(test_value_equals__as_python),
        cmocka_unit_test(test_value_equals__cycles_and_depth_end),
        cmocka_unit_test(test_value_compare__as_python_orders),
        cmocka_unit_test(test_record__keeps_order_through_many_changes),
        cmocka_unit_test(test_set_add__once),
        cmocka_unit_test(test_table__rows_and_columns_grow),
        cmocka_unit_test(test_name_alike__letters_and_digits_count),
        cmocka_unit_test(test_value_field__exact_first_then_alike),
        cmocka_unit_test(test_value_field__rows_write_their_table),
        cmocka_unit_test(test_value_copy_deep__keeps_sharing_and_cycles),
        cmocka_unit_test(test_value_copy_deep__any_depth),
        cmocka_unit_test(test_value_kind_name__every_kind_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
