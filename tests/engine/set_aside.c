/* tests/engine/set_aside.c: what could not be seen to is passed over for a minute, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "engine/set_aside.h"

#define MINUTE_US (60LL * 1000000)

/* One command: it comes to `at` and is refused with `code`, or goes through. Gives set_aside_refused's answer. */
static bool refuse(SetAside *aside, Aside at, int64_t now_us, ErrorCode code)
{
    AsideTry try = set_aside_begin(aside, now_us);
    Error err = {0};
    (void)!error_set(&err, code, "", "the page is damaged");
    try.at = at;
    return set_aside_refused(aside, &try, now_us, &err);
}

static void go_through(SetAside *aside, int64_t now_us)
{
    AsideTry try = set_aside_begin(aside, now_us);
    set_aside_kept(aside, &try);
}

static bool has(const SetAside *aside, int64_t now_us, AsideKind kind, int64_t key)
{
    AsideTry try = set_aside_begin(aside, now_us);
    return set_aside_has(&try, kind, key);
}

static void test_each_kind__is_passed_over_for_a_minute(void **state)
{
    (void)state;
    static const AsideKind kinds[] = {ASIDE_RUN, ASIDE_AUTOMATION, ASIDE_WORKSPACE};
    for (size_t i = 0; i < 3; i++) {
        SetAside aside = {0};
        assert_true(refuse(&aside, (Aside){kinds[i], 7}, 1000, DATA_LOSS));
        for (size_t other = 0; other < 3; other++) /* the same number of another kind is something else */
            assert_int_equal(has(&aside, 1000, kinds[other], 7), other == i);
        assert_false(has(&aside, 1000, kinds[i], 8));
        assert_true(has(&aside, 1000 + MINUTE_US - 1, kinds[i], 7));
        assert_false(has(&aside, 1000 + MINUTE_US, kinds[i], 7));
    }
}

static void test_rows__are_tried_again_together_when_the_first_was_aside_for_a_minute(void **state)
{
    (void)state;
    SetAside aside = {0};
    assert_true(refuse(&aside, (Aside){ASIDE_WORKSPACE, 1}, 0, DATA_LOSS));
    assert_true(refuse(&aside, (Aside){ASIDE_RUN, 2}, MINUTE_US / 2, DATA_LOSS));
    AsideTry try = set_aside_begin(&aside, MINUTE_US / 2);
    assert_int_equal(set_aside_count(&try), 2);
    assert_int_equal(set_aside_until_us(&try), MINUTE_US);
    go_through(&aside, MINUTE_US / 2); /* a command that passed them over forgets nothing */
    assert_true(has(&aside, MINUTE_US / 2, ASIDE_WORKSPACE, 1));
    assert_true(refuse(&aside, (Aside){ASIDE_WORKSPACE, 1}, MINUTE_US, DATA_LOSS)); /* still damaged: a minute more */
    assert_true(has(&aside, MINUTE_US, ASIDE_WORKSPACE, 1));
    assert_false(has(&aside, MINUTE_US, ASIDE_RUN, 2));
    assert_true(has(&aside, 2 * MINUTE_US - 1, ASIDE_WORKSPACE, 1));
    go_through(&aside, 2 * MINUTE_US);
    assert_int_equal(aside.n, 0);
}

static void test_trouble_that_says_nothing_of_a_row__sets_none_aside(void **state)
{
    (void)state;
    SetAside aside = {0};
    assert_false(refuse(&aside, (Aside){ASIDE_WORKSPACE, 1}, 0, UNAVAILABLE)); /* the store is not to be had */
    assert_false(refuse(&aside, (Aside){0}, 0, DATA_LOSS));                    /* it came to none */
    assert_int_equal(aside.n, 0);
}

static void test_number__is_bounded(void **state)
{
    (void)state;
    SetAside aside = {0};
    for (int i = 1; i <= SET_ASIDE_MOST; i++)
        assert_true(refuse(&aside, (Aside){ASIDE_AUTOMATION, i}, 0, DATA_LOSS));
    assert_false(refuse(&aside, (Aside){ASIDE_AUTOMATION, SET_ASIDE_MOST + 1}, 0, DATA_LOSS));
    assert_int_equal(aside.n, SET_ASIDE_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind__is_passed_over_for_a_minute),
        cmocka_unit_test(test_rows__are_tried_again_together_when_the_first_was_aside_for_a_minute),
        cmocka_unit_test(test_trouble_that_says_nothing_of_a_row__sets_none_aside),
        cmocka_unit_test(test_number__is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
