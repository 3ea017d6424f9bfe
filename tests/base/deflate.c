#include "base/deflate.h"

#include <string.h>

#include "base/check.h"
#include "base/random.h"

static Str some_bytes(Arena *arena, Random *random, size_t len, uint64_t letters)
{
    char *bytes = arena_alloc_bytes(arena, len + 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(random_next(random) % letters);
    return str_of(bytes, len);
}

static void test_deflate__bytes_of_any_length_come_back(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 2, 257, 511, 512, 513, 4096, 32767, 32768, 32769, 100000, 1000000};
    Random random = random_of(7);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        for (uint64_t letters = 1; letters <= 256; letters *= 16) {
            AUTO(arena_done)
            Arena arena = {0};
            Buf small = buf_in(&arena);
            buf_str(&small, S("before"));
            Str bytes = some_bytes(&arena, &random, lengths[i], letters), back;
            deflate_add(&small, bytes);
            assert_true(str_starts(buf_view(&small), S("before")));
            assert_true(inflate_exactly(&arena, str_skip(buf_view(&small), 6), bytes.len, &back));
            assert_true(str_eq(back, bytes));
        }
    }
}

static void test_deflate__what_repeats_itself_becomes_small(void **state)
{
    (void)state;
    AUTO(buf_done)
    Buf bytes = {0};
    AUTO(buf_done)
    Buf small = {0};
    for (int i = 0; i < 100; i++)
        buf_printf(&bytes, "the order %d is paid;", i);
    deflate_add(&small, buf_view(&bytes));
    assert_true(small.len * 6 < bytes.len);
}

static void test_inflate_exactly__refuses_another_size_and_damage(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Buf small = buf_in(&arena);
    Str bytes = S("the total of the orders is 1,250.00, the total of the payments is 1,200.00"), back;
    deflate_add(&small, bytes);
    assert_true(inflate_exactly(&arena, buf_view(&small), bytes.len, &back));
    assert_false(inflate_exactly(&arena, buf_view(&small), bytes.len - 1, &back));
    assert_false(inflate_exactly(&arena, buf_view(&small), bytes.len + 1, &back));
    for (size_t len = 0; len < small.len; len++)
        assert_false(inflate_exactly(&arena, str_of(small.data, len), bytes.len, &back));
    buf_char(&small, 'x');
    assert_false(inflate_exactly(&arena, buf_view(&small), bytes.len, &back));
    /* Any other bytes: no crash, no more memory than was asked for. */
    Random random = random_of(11);
    for (int i = 0; i < 2000; i++) {
        Str noise = some_bytes(&arena, &random, 40, 256);
        if (inflate_exactly(&arena, noise, 100, &back))
            assert_int_equal(back.len, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deflate__bytes_of_any_length_come_back),
        cmocka_unit_test(test_deflate__what_repeats_itself_becomes_small),
        cmocka_unit_test(test_inflate_exactly__refuses_another_size_and_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
