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
        cmocka_unit_test(test_arena_new__types_and_arrays),
        cmocka_unit_test(test_arena_done__accepts_the_empty_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
