/* tests/lang/lines.c: bytes, lines and UTF-16 columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lang/lines.h"

/* Bytes: a ä(2) €(3) 😀(4) b, CRLF, an empty line, then "z" without an end. */
static const char text[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"
                           "b\r\n\nz";

static void test_lines__from_bytes_to_columns_and_back(void **state)
{
    (void)state;
    static const struct {
        uint32_t byte, line, column;
    } rows[] = {{0, 0, 0}, {1, 0, 1}, {3, 0, 2}, {6, 0, 3}, {10, 0, 5}, {11, 0, 6}, {13, 1, 0}, {14, 2, 0}, {15, 2, 1}};
    Arena arena = {0};
    Lines lines = lines_of(&arena, str_from_c(text));
    assert_int_equal(lines.count, 3);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(lines_at(&lines, rows[i].byte), rows[i].line);
        assert_int_equal(lines_column(&lines, rows[i].byte), rows[i].column);
        assert_int_equal(lines_offset(&lines, rows[i].line, rows[i].column), rows[i].byte);
    }
    arena_done(&arena);
}

static void test_lines__what_lies_beyond_is_the_end(void **state)
{
    (void)state;
    Arena arena = {0};
    Lines lines = lines_of(&arena, str_from_c(text));
    assert_int_equal(lines_offset(&lines, 0, 4), 6); /* between the halves of the emoji */
    assert_int_equal(lines_offset(&lines, 0, 99), 11);
    assert_int_equal(lines_offset(&lines, 1, 99), 13);
    assert_int_equal(lines_offset(&lines, 2, UINT32_MAX), 15);
    assert_int_equal(lines_offset(&lines, UINT32_MAX, 0), 15);
    assert_int_equal(lines_at(&lines, UINT32_MAX), 2);
    assert_int_equal(lines_column(&lines, UINT32_MAX), 1);
    assert_int_equal(lines_span(&lines, 0).end, 11);
    Lines none = lines_of(&arena, (Str){0});
    assert_int_equal(none.count, 1);
    assert_int_equal(lines_offset(&none, 3, 3), 0);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines__from_bytes_to_columns_and_back),
        cmocka_unit_test(test_lines__what_lies_beyond_is_the_end),
    };
    return cmocka_run_group_tests_name("lang/lines", tests, NULL, NULL);
}
