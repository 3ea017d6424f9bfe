/* Tests of http/url.h. */
#include "base/check.h"
#include "base/arena.h"
#include "http/url.h"

static void test_url_path_split__decodes_after_splitting(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t n;
        const char *last;
    } rows[] = {
        {"/", 0, ""},
        {"/a", 1, "a"},
        {"/a/b%20c", 2, "b c"},
        {"/a/", 1, "a"},
        {"/a%2Fb/c", 2, "c"},
        {"/x/a%2Fb", 2, "a/b"},
        {"/a+b", 1, "a+b"},
        {"/%C3%A9", 1, "\xC3\xA9"},
        {"/r/run:pause", 2, "run:pause"},
        {"/.well-known/x", 2, "x"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UrlPath path;
        Error err;
        assert_fine(url_path_split(&arena, str_from_c(rows[i].path), &path, &err), &err);
        assert_int_equal(path.n, rows[i].n);
        if (path.n > 0)
            assert_str_equal(path.segments[path.n - 1], str_from_c(rows[i].last));
    }
    arena_done(&arena);
}

static void test_url_path_split__refuses_tricks(void **state)
{
    (void)state;
    static const char *const paths[] = {"",    "a",    "//",   "/a//b", "/a/../b", "/%2e%2E/b", "/./a", "/%",
                                        "/%4", "/%zz", "/%00", "/%ff",  "/a%0bb",  "/%c0%af",   "/%7f"};
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        UrlPath path;
        Error err;
        if (url_path_split(&arena, str_from_c(paths[i]), &path, &err))
            fail_msg("\"%s\" was accepted", paths[i]);
        assert_int_equal(err.code, INVALID_ARGUMENT);
    }
    Str deep =
        S("/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"
          "/a/a/a/a/a/a/a/a/a/a/a/a/a");
    UrlPath path;
    Error err;
    assert_false(url_path_split(&arena, deep, &path, &err));
    arena_done(&arena);
}

static void test_url_query_parse__reads_forms(void **state)
{
    (void)state;
    Arena arena = {0};
    UrlQuery query;
    Error err;
    assert_fine(url_query_parse(&arena, S("a=1&b=x+y%21&c&&d=%2B%3D&a=2&=e&f=g=h"), &query, &err), &err);
    assert_int_equal(query.n, 7);
    assert_str_equal(url_query_get(&query, S("a")), S("2"));
    assert_str_equal(url_query_get(&query, S("b")), S("x y!"));
    assert_str_equal(url_query_get(&query, S("c")), S(""));
    assert_non_null(url_query_get(&query, S("c")).data);
    assert_str_equal(url_query_get(&query, S("d")), S("+="));
    assert_str_equal(url_query_get(&query, S("")), S("e"));
    assert_str_equal(url_query_get(&query, S("f")), S("g=h"));
    assert_null(url_query_get(&query, S("z")).data);
    assert_fine(url_query_parse(&arena, S(""), &query, &err), &err);
    assert_int_equal(query.n, 0);
    arena_done(&arena);
}

static void test_url_query_parse__refuses(void **state)
{
    (void)state;
    Arena arena = {0};
    UrlQuery query;
    Error err;
    assert_false(url_query_parse(&arena, S("a=%g1"), &query, &err));
    assert_false(url_query_parse(&arena, S("a=%ff"), &query, &err));
    assert_false(url_query_parse(&arena, S("a%00=b"), &query, &err));
    char many[2 * (URL_MAX_PARAMETERS + 1)];
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = i % 2 ? '&' : 'a';
    assert_false(url_query_parse(&arena, str_of(many, sizeof many), &query, &err));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url_path_split__decodes_after_splitting),
        cmocka_unit_test(test_url_path_split__refuses_tricks),
        cmocka_unit_test(test_url_query_parse__reads_forms),
        cmocka_unit_test(test_url_query_parse__refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
