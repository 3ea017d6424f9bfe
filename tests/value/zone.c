#include "value/zone.h"

#include "base/check.h"
#include "base/clock.h"

static void test_zone_local__knows_summer_time(void **state)
{
    (void)state;
    static const struct {
        const char *utc, *zone, *local;
    } rows[] = {
        {"2026-01-15T11:00:00Z", "Europe/Berlin", "2026-01-15T12:00:00+01:00"},
        {"2026-07-15T11:00:00Z", "Europe/Berlin", "2026-07-15T13:00:00+02:00"},
        {"2026-01-01T03:00:00Z", "America/New_York", "2025-12-31T22:00:00-05:00"},
        {"2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29T01:59:59+01:00"},
        {"2026-03-29T01:00:00Z", "Europe/Berlin", "2026-03-29T03:00:00+02:00"},
        {"1969-12-31T23:59:59Z", "", "1969-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Error err = {0};
        int64_t us = 0, expected = 0, back = 0;
        Value local;
        assert_true(clock_parse(str_from_c(rows[i].utc), &us));
        assert_fine(zone_local(&arena, str_from_c(rows[i].zone), us, &local, &err), &err);
        const DateTime *at = local.datetime;
        Str text = str_printf(&arena, "%04d-%02d-%02dT%02d:%02d:%02d", at->year, at->month, at->day, at->hour,
                              at->minute, at->second);
        assert_str_equal(text, str_slice(str_from_c(rows[i].local), 0, 19));
        assert_true(clock_parse(str_from_c(rows[i].local), &expected));
        assert_fine(zone_instant(local, S(""), &back, &err), &err);
        assert_int_equal(back, us);
        assert_int_equal(expected, us);
    }
}

static void test_zone_instant__of_skipped_and_doubled_hours(void **state)
{
    (void)state;
    static const struct {
        DateTime local;
        const char *utc;
    } rows[] = {
        {{.year = 2026, .month = 3, .day = 29, .hour = 2, .minute = 30}, "2026-03-29T01:00:00Z"},
        {{.year = 2026, .month = 10, .day = 25, .hour = 2, .minute = 30}, "2026-10-25T00:30:00Z"},
        {{.year = 2026, .month = 7, .day = 1, .hour = 8}, "2026-07-01T06:00:00Z"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Error err = {0};
        int64_t us = 0, expected = 0;
        assert_fine(zone_instant(value_datetime(&arena, rows[i].local), S("Europe/Berlin"), &us, &err), &err);
        assert_true(clock_parse(str_from_c(rows[i].utc), &expected));
        assert_int_equal(us, expected);
    }
}

static void test_zone_moment__is_the_next_one_in_the_zone(void **state)
{
    (void)state;
    int64_t half_past_nine = ((int64_t)9 * 3600 + 30 * 60) * 1000000000;
    const struct {
        Value moment;
        const char *now, *utc;
    } rows[] = {
        {value_date(2026, 7, 1), "2026-01-01T00:00:00Z", "2026-06-30T22:00:00Z"},
        {value_time(half_past_nine), "2026-07-01T07:00:00Z", "2026-07-01T07:30:00Z"},
        {value_time(half_past_nine), "2026-07-01T07:30:00Z", "2026-07-01T07:30:00Z"},
        {value_time(half_past_nine), "2026-07-01T07:30:01Z", "2026-07-02T07:30:00Z"},
        {value_time(half_past_nine), "2026-12-31T23:30:00Z",
         "2027-01-01T08:30:00Z"}, /* there it is next year already */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Error err = {0};
        int64_t us = 0, now = 0, expected = 0;
        assert_true(clock_parse(str_from_c(rows[i].now), &now));
        assert_true(clock_parse(str_from_c(rows[i].utc), &expected));
        assert_fine(zone_moment(&arena, rows[i].moment, S("Europe/Berlin"), now, &us, &err), &err);
        assert_int_equal(us, expected);
    }
}

static void test_zone_is_known__refuses_paths(void **state)
{
    (void)state;
    assert_true(zone_is_known(S("")));
    assert_true(zone_is_known(S("America/New_York")));
    assert_true(zone_is_known(S("Etc/GMT+5")));
    assert_true(zone_is_known(S("+02:00")));
    static const char *const bad[] = {"zone.tab",     "tzdata.zi",   "leapseconds",         "right/UTC",
                                      "Mars/Olympus", "/etc/passwd", "../../../etc/passwd", "Europe"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(zone_is_known(str_from_c(bad[i])));
    assert_false(zone_is_known(str_of("UTC\0x", 5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zone_local__knows_summer_time),
        cmocka_unit_test(test_zone_instant__of_skipped_and_doubled_hours),
        cmocka_unit_test(test_zone_moment__is_the_next_one_in_the_zone),
        cmocka_unit_test(test_zone_is_known__refuses_paths),
    };
    return cmocka_run_group_tests_name("value/zone", tests, NULL, NULL);
}
