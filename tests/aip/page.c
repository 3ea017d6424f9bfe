/* Tests of src/aip/page.c: sizes, and tokens that only their own call takes. */
#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#include "aip/page.h"

static const PageKey key = {{1, 2, 3}};
static const PageKey other_key = {{1, 2, 4}};

static void test_page_size__falls_back_clamps_and_refuses(void **state)
{
    (void)state;
    const struct {
        int64_t asked;
        int expected; /* -1: refused */
    } rows[] = {{0, 50}, {1, 1}, {999, 999}, {1000, 1000}, {1001, 1000}, {INT64_MAX, 1000}, {-1, -1}, {INT64_MIN, -1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Error err = {0};
        int size = -1;
        bool ok = page_size_check(rows[i].asked, 50, 1000, &size, &err);
        assert_int_equal(size, rows[i].expected);
        assert_int_equal(ok, rows[i].expected >= 0);
        if (!ok)
            assert_string_equal(err.field, "page_size");
    }
}

static void test_page_token__comes_back_as_the_cursor_it_was(void **state)
{
    (void)state;
    const PageCursor cursors[] = {
        {true, 0, 0}, {true, 1774627538640382, 42}, {true, INT64_MAX, INT64_MIN}, {true, -1, 1}};
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(cursors); i++) {
        Error err = {0};
        PageCursor read;
        Str token = page_token_make(&arena, &key, S("ListRuns o1 w1"), cursors[i]);
        assert_fine(page_token_read(&key, S("ListRuns o1 w1"), token, &read, &err), &err);
        assert_true(read.set);
        assert_int_equal(read.position, cursors[i].position);
        assert_int_equal(read.key, cursors[i].key);
    }
    arena_done(&arena);
}

static void test_page_token__is_the_beginning_when_empty(void **state)
{
    (void)state;
    Error err = {0};
    PageCursor read = {.set = true};
    assert_fine(page_token_read(&key, S("x"), S(""), &read, &err), &err);
    assert_false(read.set);
}

static void assert_refused(const PageKey *with, Str arguments, Str token)
{
    Error err = {0};
    PageCursor read;
    assert_false(page_token_read(with, arguments, token, &read, &err));
    assert_int_equal(err.code, INVALID_ARGUMENT);
    assert_string_equal(err.field, "page_token");
}

static void test_page_token__is_refused_elsewhere(void **state)
{
    (void)state;
    Arena arena = {0};
    Str token = page_token_make(&arena, &key, S("ListRuns o1 w1 state = PENDING"), (PageCursor){true, 7, 8});
    assert_refused(&key, S("ListRuns o1 w2 state = PENDING"), token);
    assert_refused(&key, S("ListRuns o1 w1 state = PENDINGx"), token);
    assert_refused(&key, S(""), token);
    assert_refused(&other_key, S("ListRuns o1 w1 state = PENDING"), token);
    arena_done(&arena);
}

static void test_page_token__is_refused_with_any_byte_changed(void **state)
{
    (void)state;
    Arena arena = {0};
    Str token = page_token_make(&arena, &key, S("a"), (PageCursor){true, 123456789, 987654321});
    char changed[128];
    for (size_t i = 0; i < token.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(changed, token.data, token.len);
            changed[i] ^= (char)(1 << bit);
            assert_refused(&key, S("a"), str_of(changed, token.len));
        }
        assert_refused(&key, S("a"), str_slice(token, 0, i == 0 ? 1 : i));
    }
    memcpy(changed, token.data, token.len);
    changed[token.len] = 'A';
    assert_refused(&key, S("a"), str_of(changed, token.len + 1));
    assert_refused(&key, S("a"), S("%%%"));
    assert_refused(&key, S("a"), S("=========================================="));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_size__falls_back_clamps_and_refuses),
        cmocka_unit_test(test_page_token__comes_back_as_the_cursor_it_was),
        cmocka_unit_test(test_page_token__is_the_beginning_when_empty),
        cmocka_unit_test(test_page_token__is_refused_elsewhere),
        cmocka_unit_test(test_page_token__is_refused_with_any_byte_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
