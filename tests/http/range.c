/* Tests of http/range.h. */
#include "base/check.h"
#include "base/arena.h"
#include "http/range.h"

static void test_range_parse__by_table(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        uint64_t size;
        RangeAnswer answer;
        uint64_t offset, length;
    } rows[] = {
        {"", 100, RANGE_WHOLE, 0, 100},
        {"bytes=0-9", 100, RANGE_PART, 0, 10},
        {"bytes=0-0", 100, RANGE_PART, 0, 1},
        {"bytes=90-", 100, RANGE_PART, 90, 10},
        {"bytes=-10", 100, RANGE_PART, 90, 10},
        {"bytes=-1000", 100, RANGE_PART, 0, 100},
        {"bytes=50-1000", 100, RANGE_PART, 50, 50},
        {"Bytes = 5-6 ", 100, RANGE_PART, 5, 2},
        {"bytes=0-99999999999999999999999999", 100, RANGE_PART, 0, 100},
        {"bytes=100-", 100, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=99999999999999999999999999-", 100, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-0", 100, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-5", 0, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=9-5", 100, RANGE_WHOLE, 0, 100},
        {"bytes=0-1,5-6", 100, RANGE_WHOLE, 0, 100},
        {"bytes=a-b", 100, RANGE_WHOLE, 0, 100},
        {"bytes=-", 100, RANGE_WHOLE, 0, 100},
        {"bytes=5", 100, RANGE_WHOLE, 0, 100},
        {"lines=0-5", 100, RANGE_WHOLE, 0, 100},
        {"bytes", 100, RANGE_WHOLE, 0, 100},
        {"bytes=+1-5", 100, RANGE_WHOLE, 0, 100},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ByteRange range;
        RangeAnswer answer = range_parse(str_from_c(rows[i].header), rows[i].size, &range);
        if (answer != rows[i].answer)
            fail_msg("\"%s\": %d, expected %d", rows[i].header, answer, rows[i].answer);
        if (answer == RANGE_UNSATISFIABLE)
            continue;
        assert_int_equal(range.offset, rows[i].offset);
        assert_int_equal(range.length, rows[i].length);
    }
}

static void test_range_content_range(void **state)
{
    (void)state;
    Arena arena = {0};
    assert_str_equal(range_content_range(&arena, (ByteRange){10, 5}, 100), S("bytes 10-14/100"));
    assert_str_equal(range_content_range_none(&arena, 100), S("bytes */100"));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_range_parse__by_table),
        cmocka_unit_test(test_range_content_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
