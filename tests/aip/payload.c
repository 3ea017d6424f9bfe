/* Tests of src/aip/payload.c: filters over JSON that came from outside. */
#include "aip/payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static Arena arena;
static const Json *order;

static int begin(void **state)
{
    (void)state;
    Error err;
    arena = (Arena){0};
    assert_true(json_parse(&arena,
                           S("{\"type\":\"order.paid\",\"id\":9007199254740993,\"total\":12.50,\"test\":false,"
                             "\"note\":null,\"at\":\"2026-04-14T11:00:00+02:00\",\"a.b\":{\"c\":\"dotted\"},"
                             "\"tags\":[\"red\",\"green\"],\"customer\":{\"name\":\"Ada Lovelace\",\"vip\":true},"
                             "\"items\":[{\"sku\":\"A-1\",\"n\":2},{\"sku\":\"B-2\",\"n\":30}]}"),
                           20, &order, &err));
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const struct {
    const char *filter;
    bool holds;
} cases[] = {
    {"", true},
    {"type = \"order.paid\"", true},
    {"type = order.paid", true},
    {"type = \"order.sent\"", false},
    {"type != \"order.sent\"", true},
    {"type = \"order.*\"", true},
    {"type = \"*.paid\"", true},
    {"type != \"order.*\"", false},
    {"type:PAID", true},
    {"total > 12", true},
    {"total >= 12.5", true},
    {"total = 12.5", true},
    {"total < 12.5", false},
    {"total = abc", false},
    {"id = 9007199254740993", true},
    {"id = 9007199254740992", false}, /* the same double */
    {"test = false", true},
    {"test", false},
    {"customer.vip = true", true},
    {"note = null", true},
    {"note:*", false},
    {"type:*", true},
    {"nothing:*", false},
    {"nothing = 1", false},
    {"nothing != 1", false},
    {"NOT nothing = 1", true},
    {"at = \"2026-04-14T09:00:00Z\"", true},
    {"at < \"2026-04-14T10:00:00Z\"", true},
    {"customer.name:love", true},
    {"customer:vip", true},
    {"customer:age", false},
    {"tags:red", true},
    {"tags:re", false},
    {"tags = green", true},
    {"tags.1 = green", true},
    {"tags.2 = green", false},
    {"items.sku = \"B-2\"", true},
    {"items.n > 10", true},
    {"items.n > 30", false},
    {"items.0.n = 2", true},
    {"a.b.c = dotted", true},
    {"a.\"b\".c = dotted", true},
    {"type = \"order.paid\" AND total > 100", false},
    {"type = \"order.sent\" OR total > 10", true},
    {"type IN [\"order.paid\", \"order.sent\"]", true},
    {"total > 1 (test = true OR customer.vip = true)", true},
};

static void test_filters__hold_or_do_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Filter *filter;
        Error err;
        bool is_alone = str_eq(str_from_c(cases[i].filter), S("test"));
        bool ok = filter_parse_open(&arena, str_from_c(cases[i].filter), &filter, &err);
        if (ok == is_alone)
            fail_msg("%s: %s", cases[i].filter, err.message);
        if (ok && payload_matches(filter, order) != cases[i].holds)
            fail_msg("%s %s", cases[i].filter, cases[i].holds ? "does not hold" : "holds");
    }
}

static void test_wrong_filters__say_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *says;
    } wrong[] = {
        {"paid", "compare a member of the payload"},
        {"type =", "expected a value"},
        {"(type = a", "is not closed"},
        {"lower(type) = a", "no function"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        const Filter *filter;
        Error err;
        assert_false(filter_parse_open(&arena, str_from_c(wrong[i].filter), &filter, &err));
        if (!str_contains(str_from_c(err.message), str_from_c(wrong[i].says)))
            fail_msg("%s: %s", wrong[i].filter, err.message);
        assert_string_equal(err.field, "filter");
    }
}

static void test_paths__find_members_and_items(void **state)
{
    (void)state;
    assert_ptr_equal(payload_at(order, S("")), order);
    assert_ptr_equal(payload_at(order, S("$")), order);
    assert_true(str_eq(json_text(payload_at(order, S("items.1.sku"))), S("B-2")));
    assert_true(str_eq(json_text(payload_at(order, S("a.b.c"))), S("dotted")));
    assert_null(payload_at(order, S("items.2.sku")));
    assert_null(payload_at(order, S("items.-1")));
    assert_null(payload_at(order, S("customer.name.first")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_filters__hold_or_do_not, begin, end),
        cmocka_unit_test_setup_teardown(test_wrong_filters__say_what_is_wrong, begin, end),
        cmocka_unit_test_setup_teardown(test_paths__find_members_and_items, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
