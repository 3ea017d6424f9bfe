/* Tests of the small ones: src/aip/name.c, order.c, spelling.c. */
#include "base/check.h"

#include <string.h>

#include "aip/name.h"
#include "aip/order.h"
#include "aip/spelling.h"
#include "base/arena.h"

static const Str run_pattern = S_INIT("organizations/{organization}/workspaces/{workspace}/runs/{run}");

static void test_name_parse__takes_what_fits_its_pattern(void **state)
{
    (void)state;
    NameParts parts;
    Error err = {0};
    assert_fine(name_parse(S("organizations/o/workspaces/w/runs/r-1_x"), run_pattern, "run", &parts, &err), &err);
    assert_int_equal(parts.n, 3);
    assert_str_equal(parts.values[2], S("r-1_x"));
    static const char *const misfits[] = {"",
                                          "r",
                                          "organizations/o/workspaces/w/runs",
                                          "organizations/o/workspaces/w/runs/",
                                          "organizations//workspaces/w/runs/r",
                                          "/organizations/o/workspaces/w/runs/r",
                                          "organizations/o/workspaces/w/runs/r/x",
                                          "organizations/o/workspaces/w/automations/r",
                                          "organizations/o/workspaces/w/runs/r/"};
    for (size_t i = 0; i < COUNT_OF(misfits); i++) {
        if (name_parse(str_from_c(misfits[i]), run_pattern, "run", &parts, &err))
            fail_msg("%s was taken", misfits[i]);
        assert_string_equal(err.field, "run");
        assert_int_equal(err.code, INVALID_ARGUMENT);
    }
}

static void test_name_format__fills_the_pattern(void **state)
{
    (void)state;
    Arena arena = {0};
    const Str values[] = {S("o"), S("w"), S("r")};
    assert_str_equal(name_format(&arena, run_pattern, values, 3), S("organizations/o/workspaces/w/runs/r"));
    arena_done(&arena);
}

static void test_name_leaf_and_parent__cut_at_slashes(void **state)
{
    (void)state;
    assert_str_equal(name_leaf(S("organizations/o/files/f")), S("f"));
    assert_str_equal(name_leaf(S("f")), S("f"));
    assert_str_equal(name_leaf(S("")), S(""));
    assert_str_equal(name_parent(S("organizations/o/files/f")), S("organizations/o"));
    assert_str_equal(name_parent(S("organizations/o")), S(""));
    assert_str_equal(name_parent(S("o")), S(""));
}

static void test_name_file_id__drops_a_readable_tail_only(void **state)
{
    (void)state;
    const struct {
        const char *text, *id;
    } rows[] = {
        {"V1StGXR8_Z5jdHi6B-myT", "V1StGXR8_Z5jdHi6B-myT"},
        {"V1StGXR8_Z5jdHi6B-myT--invoice.pdf", "V1StGXR8_Z5jdHi6B-myT"},
        {"V1StGXR8_Z5jdHi6B-myT--", "V1StGXR8_Z5jdHi6B-myT"},
        {"V1St--8_Z5jdHi6B-myTx", "V1St--8_Z5jdHi6B-myTx"},
        {"V1St--8_Z5jdHi6B-myT---a--b.csv", "V1St--8_Z5jdHi6B-myT-"},
        {"organizations/o/files/V1StGXR8_Z5jdHi6B-myT--a.pdf", "V1StGXR8_Z5jdHi6B-myT"},
        {"short--x", "short--x"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_str_equal(name_file_id(str_from_c(rows[i].text)), str_from_c(rows[i].id));
}

static void test_name_id_is_valid__knows_the_alphabet(void **state)
{
    (void)state;
    assert_true(name_id_is_valid(S("V1StGXR8_Z5jdHi6B-myT")));
    static const char *const bad[] = {
        "", "a/b", "a b", "a%20", "é", "a.b", "0123456789012345678901234567890123456789012345678901234567890123"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(name_id_is_valid(str_from_c(bad[i])));
}

static const Str orders[] = {S_INIT("title"), S_INIT("create_time")};

static void test_order_parse__reads_fields_and_directions(void **state)
{
    (void)state;
    OrderTerm terms[2];
    int n = -1;
    Error err = {0};
    assert_fine(order_parse(S(""), orders, 2, terms, 2, &n, &err), &err);
    assert_int_equal(n, 0);
    assert_fine(order_parse(S(" create_time  desc ,title"), orders, 2, terms, 2, &n, &err), &err);
    assert_int_equal(n, 2);
    assert_int_equal(terms[0].field, 1);
    assert_true(terms[0].descending);
    assert_int_equal(terms[1].field, 0);
    assert_false(terms[1].descending);
    assert_fine(order_parse(S("createTime"), orders, 2, terms, 2, &n, &err), &err);
    assert_int_equal(terms[0].field, 1);
    assert_fine(order_parse(S("title ASC"), orders, 2, terms, 2, &n, &err), &err);
    static const char *const bad[] = {"colour",      "title up",        "title,", ",title", "title,,create_time",
                                      "title,title", "title desc desc", "Title"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (order_parse(str_from_c(bad[i]), orders, 2, terms, 2, &n, &err))
            fail_msg("%s was taken", bad[i]);
        assert_string_equal(err.field, "order_by");
    }
}

static void test_spelling_matches__takes_either_of_two(void **state)
{
    (void)state;
    static const struct {
        const char *snake, *text;
        bool matches;
    } rows[] = {
        {"create_time", "create_time", true},
        {"create_time", "createTime", true},
        {"title", "title", true},
        {"general.time_zone", "general.timeZone", true},
        {"create_time", "createtime", false},
        {"create_time", "CreateTime", false},
        {"create_time", "createTimes", false},
        {"create_time", "create", false},
        {"general.time_zone", "general", false},
        {"title", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (spelling_matches(str_from_c(rows[i].snake), str_from_c(rows[i].text)) != rows[i].matches)
            fail_msg("%s, %s", rows[i].snake, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_parse__takes_what_fits_its_pattern),
        cmocka_unit_test(test_name_format__fills_the_pattern),
        cmocka_unit_test(test_name_leaf_and_parent__cut_at_slashes),
        cmocka_unit_test(test_name_file_id__drops_a_readable_tail_only),
        cmocka_unit_test(test_name_id_is_valid__knows_the_alphabet),
        cmocka_unit_test(test_order_parse__reads_fields_and_directions),
        cmocka_unit_test(test_spelling_matches__takes_either_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
