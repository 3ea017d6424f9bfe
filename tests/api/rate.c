/* Tests of src/api/rate.c. */
#include "api/rate.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_rate__refuses_beyond_the_limit_and_refills_evenly(void **state)
{
    (void)state;
    RateLimiter *limiter = rate_new(3, 60);
    int64_t now = 1000000000;
    for (int left = 2; left >= 0; left--) {
        RateAnswer answer = rate_ask(limiter, 7, now);
        assert_true(answer.allowed);
        assert_int_equal(answer.limit, 3);
        assert_int_equal(answer.remaining, left);
    }
    RateAnswer refused = rate_ask(limiter, 7, now);
    assert_false(refused.allowed);
    assert_int_equal(refused.retry_s, 20);
    assert_int_equal(refused.reset_s, 60);
    assert_false(rate_ask(limiter, 7, now + 19999999).allowed);
    assert_true(rate_ask(limiter, 7, now + 20000000).allowed);
    assert_false(rate_ask(limiter, 7, now + 20000000).allowed);
    rate_free(limiter);
}

static void test_rate__one_token_does_not_spend_another_ones(void **state)
{
    (void)state;
    RateLimiter *limiter = rate_new(1, 60);
    assert_true(rate_ask(limiter, 1, 1000).allowed);
    assert_false(rate_ask(limiter, 1, 1000).allowed);
    assert_true(rate_ask(limiter, 2, 1000).allowed);
    rate_free(limiter);
}

static void test_rate__zero_means_no_limit(void **state)
{
    (void)state;
    RateLimiter *limiter = rate_new(0, 60);
    for (int i = 0; i < 1000; i++)
        assert_true(rate_ask(limiter, 1, 1).allowed);
    rate_free(limiter);
}

static int64_t key(const char *peer, uint32_t about)
{
    return rate_key_of_address(str_from_c(peer), about);
}

static void test_rate_keys__stand_for_a_network_and_what_it_asks(void **state)
{
    (void)state;
    assert_true(key("203.0.113.9", 1) == key("::ffff:203.0.113.9", 1));
    assert_true(key("203.0.113.9", 1) != key("203.0.113.8", 1));
    assert_true(key("203.0.113.9", 1) != key("203.0.113.9", 2));
    assert_true(key("2001:db8:0:1::1", 1) == key("2001:db8:0:1:ffff::2", 1));
    assert_true(key("2001:db8:0:1::1", 1) != key("2001:db8:0:2::1", 1));
    assert_true(key("", 1) == key("", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate__refuses_beyond_the_limit_and_refills_evenly),
        cmocka_unit_test(test_rate__one_token_does_not_spend_another_ones),
        cmocka_unit_test(test_rate__zero_means_no_limit),
        cmocka_unit_test(test_rate_keys__stand_for_a_network_and_what_it_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
