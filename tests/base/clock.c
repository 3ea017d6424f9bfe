#include "base/clock.h"

#include <string.h>

#include "base/check.h"

static void test_clock_parse__rfc_3339(void **state)
{
    (void)state;
    /* What is read, and how it is written again (NULL: refused). */
    static const char *const cases[][2] = {
        {"2026-03-27T16:05:38.640382Z", "2026-03-27T16:05:38.640382Z"},
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"},
        {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
        {"2026-03-27T16:05:38.5Z", "2026-03-27T16:05:38.500000Z"},
        {"2026-03-27T16:05:38.123456789Z", "2026-03-27T16:05:38.123456Z"},
        {"2026-03-27T16:05:38+02:00", "2026-03-27T14:05:38.000000Z"},
        {"2026-01-01T00:30:00-01:30", "2026-01-01T02:00:00.000000Z"},
        {"2026-03-27t16:05:38z", "2026-03-27T16:05:38.000000Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
        {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"2023-02-29T00:00:00Z", NULL},
        {"1900-02-29T00:00:00Z", NULL},
        {"2026-13-01T00:00:00Z", NULL},
        {"2026-00-01T00:00:00Z", NULL},
        {"2026-01-00T00:00:00Z", NULL},
        {"2026-04-31T00:00:00Z", NULL},
        {"2026-01-01T24:00:00Z", NULL},
        {"2026-01-01T00:60:00Z", NULL},
        {"2026-01-01T00:00:61Z", NULL},
        {"2026-01-01T00:00:00", NULL},
        {"2026-01-01T00:00:00.Z", NULL},
        {"2026-01-01T00:00:00.1234567890Z", NULL},
        {"2026-01-01T00:00:00+2:00", NULL},
        {"2026-01-01T00:00:00+24:00", NULL},
        {"2026-01-01T00:00:00+02:60", NULL},
        {"2026-01-01 00:00:00Z", NULL},
        {"2026-1-01T00:00:00Z", NULL},
        {"0000-01-01T00:00:00Z", NULL},
        {"0001-01-01T00:00:00+00:01", NULL},
        {"9999-12-31T23:59:59-00:01", NULL},
        {"2026-01-01T00:00:00Zx", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t us = 77;
        bool fine = clock_parse(str_from_c(cases[i][0]), &us);
        if (fine != (cases[i][1] != NULL))
            print_error("%s\n", cases[i][0]);
        assert_int_equal(fine, cases[i][1] != NULL);
        if (!fine)
            continue;
        char text[CLOCK_TEXT_LEN];
        clock_format(us, text);
        assert_str_equal(str_of(text, sizeof text), str_from_c(cases[i][1]));
    }
}

static void test_duration_parse__protobuf(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fine;
        int64_t us;
    } cases[] = {
        {"30s", true, 30000000},
        {"0s", true, 0},
        {"1.5s", true, 1500000},
        {"-1.5s", true, -1500000},
        {"0.000001s", true, 1},
        {"0.0000019s", true, 1},
        {"315576000000s", true, INT64_C(315576000000000000)},
        {"315576000001s", false, 0},
        {"99999999999999999999s", false, 0},
        {"30", false, 0},
        {"s", false, 0},
        {"-s", false, 0},
        {".5s", false, 0},
        {"1.s", false, 0},
        {"1.0000000000s", false, 0},
        {"30m", false, 0},
        {"+1s", false, 0},
        {" 1s", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t us = 77;
        assert_int_equal(duration_parse(str_from_c(cases[i].text), &us), cases[i].fine);
        assert_true(us == (cases[i].fine ? cases[i].us : 77));
    }
}

static void test_days__there_and_back_for_ten_thousand_years(void **state)
{
    (void)state;
    assert_int_equal(days_from_civil(1970, 1, 1), 0);
    assert_int_equal(days_from_civil(2000, 3, 1), 11017);
    int64_t days = days_from_civil(0, 1, 1);
    for (int64_t year = 0; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= days_in_month(year, month); day++, days++) {
                int64_t found_year;
                int found_month, found_day;
                civil_from_days(days, &found_year, &found_month, &found_day);
                assert_true(days_from_civil(year, month, day) == days && found_year == year && found_month == month &&
                            found_day == day);
            }
        }
    }
}

static void test_clock__goes_forward(void **state)
{
    (void)state;
    assert_true(clock_now_us() > INT64_C(1700000000000000));
    int64_t before = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_parse__rfc_3339),
        cmocka_unit_test(test_duration_parse__protobuf),
        cmocka_unit_test(test_days__there_and_back_for_ten_thousand_years),
        cmocka_unit_test(test_clock__goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
