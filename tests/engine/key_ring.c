/* tests/engine/key_ring.c: first in, first out, also around the ring's end and while it grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "engine/key_ring.h"

static void test_keys__leave_in_the_order_they_came(void **state)
{
    (void)state;
    KeyRing ring = {0};
    int64_t in = 0, out = 0;
    for (int round = 0; round < 200; round++) { /* seven in, three out: it grows wherever its first one stands */
        for (int i = 0; i < 7; i++)
            key_ring_push(&ring, in++);
        for (int i = 0; i < 3; i++)
            assert_int_equal(key_ring_pop(&ring), out++);
    }
    for (; ring.count > 100; out++)
        assert_int_equal(key_ring_pop(&ring), out);
    for (int i = 0; i < 3000; i++) { /* and goes round several times without growing */
        key_ring_push(&ring, in++);
        assert_int_equal(key_ring_pop(&ring), out++);
    }
    while (ring.count > 0)
        assert_int_equal(key_ring_pop(&ring), out++);
    assert_int_equal(out, in);
    key_ring_done(&ring);
}

static void test_to_front__exchanges_two(void **state)
{
    (void)state;
    KeyRing ring = {0};
    for (int64_t key = 1; key <= 4; key++)
        key_ring_push(&ring, key);
    key_ring_to_front(&ring, 2);
    key_ring_to_front(&ring, 0);
    static const int64_t expected[] = {3, 2, 1, 4};
    for (int i = 0; i < 4; i++)
        assert_int_equal(key_ring_pop(&ring), expected[i]);
    key_ring_done(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys__leave_in_the_order_they_came),
        cmocka_unit_test(test_to_front__exchanges_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
