/* Tests of the small ones: src/aip/name.c, order.c, field_mask.c. */
#include "base/check.h"

#include <string.h>

#include "aip/field_mask.h"
#include "aip/name.h"
#include "aip/order.h"
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
    assert_fine(order_parse(S("title ASC"), orders, 2, terms, 2, &n, &err), &err);
    static const char *const bad[] = {"colour",      "title up",        "title,", ",title", "title,,create_time",
                                      "title,title", "title desc desc", "Title"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (order_parse(str_from_c(bad[i]), orders, 2, terms, 2, &n, &err))
            fail_msg("%s was taken", bad[i]);
        assert_string_equal(err.field, "order_by");
    }
}

static const Str changeable[] = {S_INIT("display_name"), S_INIT("config")};

static void test_field_mask__knows_its_paths(void **state)
{
    (void)state;
    Arena arena = {0};
    FieldMask mask;
    Error err = {0};
    assert_fine(field_mask_parse(&arena, S("displayName, config.start_time,config"), changeable, 2, &mask, &err), &err);
    assert_true(mask.given && !mask.all);
    assert_int_equal(mask.n, 2);
    assert_true(field_mask_has(&mask, S("display_name")) && field_mask_has(&mask, S("config")));
    assert_fine(field_mask_parse(&arena, S("display_name"), changeable, 2, &mask, &err), &err);
    assert_false(field_mask_has(&mask, S("config")));
    assert_fine(field_mask_parse(&arena, S("*"), changeable, 2, &mask, &err), &err);
    assert_true(mask.all && field_mask_has(&mask, S("config")));
    assert_fine(field_mask_parse(&arena, S(""), changeable, 2, &mask, &err), &err);
    assert_false(mask.given);
    static const char *const bad[] = {"name", "display_name.x,", "configure", "display_name,,config", "*x"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (field_mask_parse(&arena, str_from_c(bad[i]), changeable, 2, &mask, &err))
            fail_msg("%s was taken", bad[i]);
        assert_string_equal(err.field, "update_mask");
    }
    arena_done(&arena);
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
        cmocka_unit_test(test_field_mask__knows_its_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
