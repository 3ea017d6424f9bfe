#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/check.h"

static void test_arena_alloc__zeroed_and_aligned(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    for (size_t align = 1; align <= 64; align *= 2) {
        for (size_t size = 0; size < 300; size += 37) {
            char *data = arena_alloc(&arena, size, align);
            assert_int_equal((uintptr_t)data % align, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(data[i], 0);
            memset(data, 0xff, size);
        }
    }
}

static void test_arena_reset__memory_is_zeroed_again(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    memset(arena_alloc(&arena, 5000, 8), 0xff, 5000);
    ArenaBlock *block = arena.blocks;
    arena_reset(&arena);
    assert_ptr_equal(arena.blocks, block);
    assert_int_equal(arena.used, 0);
    const char *data = arena_alloc(&arena, 5000, 8);
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(data[i], 0);
}

static void test_arena_reset__does_not_sit_on_large_blocks(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    arena_alloc(&arena, 10, 8);
    arena_alloc(&arena, 10 << 20, 8);
    arena_reset(&arena);
    assert_non_null(arena.blocks);
    assert_true(arena.end - arena.next <= 64 * 1024);
    arena_reset(&arena);
    Arena large = {0};
    arena_alloc(&large, 10 << 20, 8);
    arena_reset(&large);
    assert_null(large.blocks);
}

static void test_arena_release__goes_back_to_the_mark(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    ArenaMark empty = arena_mark(&arena);
    char *first = arena_alloc(&arena, 100, 1);
    ArenaMark mark = arena_mark(&arena);
    const char *second = arena_alloc(&arena, 100, 1);
    arena_alloc(&arena, 1 << 20, 1);
    arena_release(&arena, mark);
    assert_int_equal(arena.used, 100);
    assert_ptr_equal(arena_alloc(&arena, 100, 1), second);
    first[99] = 1;
    arena_release(&arena, empty);
    assert_null(arena.blocks);
    assert_int_equal(arena.used, 0);
    arena_alloc(&arena, 8, 8);
}

static void test_arena_grow__in_place_when_newest(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    char *data = arena_alloc(&arena, 10, 1);
    memset(data, 'x', 10);
    char *grown = arena_grow(&arena, data, 10, 20, 1);
    assert_ptr_equal(grown, data);
    assert_int_equal(grown[19], 0);
    arena_alloc(&arena, 1, 1);
    char *moved = arena_grow(&arena, grown, 20, 40, 1);
    assert_ptr_not_equal(moved, grown);
    assert_memory_equal(moved, "xxxxxxxxxx", 10);
    assert_int_equal(moved[39], 0);
    char *from_nothing = arena_grow(&arena, NULL, 0, 16, 8);
    assert_int_equal(from_nothing[15], 0);
}

static void fill(char *data, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        data[i] = (char)(i % 127);
}

static void expect_filled(const char *data, size_t to)
{
    for (size_t i = 0; i < to; i++)
        assert_int_equal(data[i], i % 127);
}

static void test_arena_grow__a_large_one_keeps_what_it_holds(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    char *first = arena_alloc(&arena, 2 * ARENA_LARGE, 8), *small = arena_alloc(&arena, 100, 1);
    fill(first, 0, 2 * ARENA_LARGE);
    fill(small, 0, 100);
    ArenaMark mark = arena_mark(&arena);
    char *second = arena_grow(&arena, small, 100, 3 * ARENA_LARGE, 8); /* becomes a large one */
    expect_filled(second, 100);
    for (size_t i = 100; i < 3 * ARENA_LARGE; i++)
        assert_int_equal(second[i], 0);
    assert_int_equal(arena.n_large, 2);
    first = arena_grow(&arena, first, 2 * ARENA_LARGE, 64 * ARENA_LARGE, 8);
    expect_filled(first, 2 * ARENA_LARGE);
    for (size_t i = 2 * ARENA_LARGE; i < 64 * ARENA_LARGE; i++)
        assert_int_equal(first[i], 0);
    assert_int_equal(arena.used, 100 + 3 * ARENA_LARGE + 64 * ARENA_LARGE);
    arena_release(&arena, mark); /* it was there before the mark, however it has grown */
    assert_int_equal(arena.n_large, 1);
    assert_ptr_equal(arena.large->data, first);
    arena_reset(&arena);
    assert_null(arena.large);
}

static void test_arena_shrink__gives_back_the_newest_only(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    char *first = arena_alloc(&arena, 100, 1);
    arena_shrink(&arena, first, 100, 40);
    assert_int_equal(arena.used, 40);
    const char *second = arena_alloc(&arena, 10, 1);
    assert_ptr_equal(second, first + 40);
    arena_shrink(&arena, first, 40, 10);
    assert_int_equal(arena.used, 50);
}

static void test_arena_absorb__all_of_the_other_lives_on(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Arena other = {0};
    arena_absorb(&arena, &other);
    assert_int_equal(arena.used, 0);
    for (int round = 0; round < 3; round++) {
        char *small = arena_alloc_bytes(&other, 50), *large = arena_alloc_bytes(&other, 5 * ARENA_LARGE);
        fill(small, 0, 50);
        fill(large, 0, 5 * ARENA_LARGE);
        assert_false(arena_owns(&arena, small) || arena_owns(&arena, large + 7));
        arena_absorb(&arena, &other);
        assert_true(arena_owns(&arena, small) && arena_owns(&arena, large + 7));
        assert_int_equal(other.used, 0);
        arena_done(&other);
        memset(arena_alloc(&arena, 3000, 8), 1, 3000);
        expect_filled(small, 50);
        expect_filled(large, 5 * ARENA_LARGE);
    }
    assert_int_equal(arena.used, 3 * (50 + 5 * ARENA_LARGE + 3000));
}

static void test_arena_move_large__changes_the_arena_only(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena to = {0};
    Arena from = {0};
    char *data[3];
    for (int i = 0; i < 3; i++)
        fill(data[i] = arena_alloc(&from, ARENA_LARGE, 8), 0, ARENA_LARGE);
    arena_move_large(&to, &from, from.large->older);
    assert_int_equal(from.n_large, 2);
    assert_ptr_equal(to.large->data, data[1]);
    arena_done(&from);
    expect_filled(data[1], ARENA_LARGE);
}

typedef struct Wide {
    _Alignas(32) char data[32];
} Wide;

static void test_arena_new__types_and_arrays(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    assert_int_equal((uintptr_t)NEW(&arena, Wide) % 32, 0);
    int *many = NEW_ARRAY(&arena, int, 100000);
    assert_int_equal(many[99999], 0);
    assert_non_null(NEW_ARRAY(&arena, int, 0));
    assert_true(arena.used >= 400000);
}

static void test_arena_done__accepts_the_empty_one(void **state)
{
    (void)state;
    Arena arena = {0};
    arena_done(&arena);
    arena_reset(&arena);
    arena_alloc(&arena, 1, 1);
    arena_done(&arena);
    arena_done(&arena);
    assert_null(arena.blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_alloc__zeroed_and_aligned),
        cmocka_unit_test(test_arena_reset__memory_is_zeroed_again),
        cmocka_unit_test(test_arena_reset__does_not_sit_on_large_blocks),
        cmocka_unit_test(test_arena_release__goes_back_to_the_mark),
        cmocka_unit_test(test_arena_grow__in_place_when_newest),
        cmocka_unit_test(test_arena_grow__a_large_one_keeps_what_it_holds),
        cmocka_unit_test(test_arena_shrink__gives_back_the_newest_only),
        cmocka_unit_test(test_arena_absorb__all_of_the_other_lives_on),
        cmocka_unit_test(test_arena_move_large__changes_the_arena_only),
        cmocka_unit_test(test_arena_new__types_and_arrays),
        cmocka_unit_test(test_arena_done__accepts_the_empty_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
