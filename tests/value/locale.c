/* Tests of src/value/locale.c. */
#include "value/locale.h"

#include "base/check.h"

static const Locale german = {
    .time_zone = S_INIT("Europe/Berlin"),
    .date_format = DATE_FORMAT_DD_MM_YYYY_DOT,
    .decimal_symbol = DECIMAL_COMMA,
    .places_set = true,
};

static void test_locale_over__inherits_what_is_not_set(void **state)
{
    (void)state;
    Locale both = locale_over(german, locale_default);
    assert_str_equal(both.time_zone, S("Europe/Berlin"));
    assert_int_equal(both.date_format, DATE_FORMAT_DD_MM_YYYY_DOT);
    assert_int_equal(both.decimal_symbol, DECIMAL_COMMA);
    assert_int_equal(both.decimal_places, 0); /* none is a choice */
    assert_int_equal(both.time_format, TIME_FORMAT_24_HOUR);
    assert_int_equal(both.measurement, MEASUREMENT_METRIC);
}

static void test_locale_write_date__in_every_format(void **state)
{
    (void)state;
    static const char *const written[DATE_FORMATS] = {
        "2024-01-05", "05/01/2024", "01/05/2024", "2024-01-05",  "05-01-2024",   "01-05-2024",      "2024/01/05",
        "05.01.2024", "01.05.2024", "2024.01.05", "05 Jan 2024", "Jan 05, 2024", "05 January 2024", "January 05, 2024",
    };
    for (int format = 0; format < DATE_FORMATS; format++) {
        AUTO(arena_done)
        Arena arena = {0};
        Buf text = buf_in(&arena);
        locale_write_date(&text, &(Locale){.date_format = (DateFormat)format}, value_date(2024, 1, 5));
        assert_str_equal(buf_view(&text), str_from_c(written[format]));
    }
    AUTO(arena_done)
    Arena arena = {0};
    Buf text = buf_in(&arena);
    locale_write_date(&text, &german, value_date(2024, 2, 0));
    assert_str_equal(buf_view(&text), S("2024-02"));
}

static void test_locale_write_time__with_and_without_halves(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds, nanos;
        const char *of_24, *of_12;
    } rows[] = {
        {0, 0, "00:00", "12:00 AM"},
        {9 * 3600 + 5 * 60, 0, "09:05", "9:05 AM"},
        {12 * 3600, 0, "12:00", "12:00 PM"},
        {13 * 3600 + 7, 0, "13:00:07", "1:00:07 PM"},
        {23 * 3600 + 59 * 60 + 59, 250000000, "23:59:59.25", "11:59:59.25 PM"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Buf whole = buf_in(&arena), halves = buf_in(&arena);
        Value time = value_time(rows[i].seconds * 1000000000 + rows[i].nanos);
        locale_write_time(&whole, &locale_default, time);
        locale_write_time(&halves, &(Locale){.time_format = TIME_FORMAT_12_HOUR}, time);
        assert_str_equal(buf_view(&whole), str_from_c(rows[i].of_24));
        assert_str_equal(buf_view(&halves), str_from_c(rows[i].of_12));
    }
}

static void test_locale_pack__comes_back(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Locale back;
    assert_int_equal(locale_pack(&arena, &locale_default).len, 0);
    assert_int_equal(locale_pack(&arena, &(Locale){0}).len, 0);
    assert_fine(locale_unpack(&arena, S(""), &back, &err), &err);
    assert_str_equal(back.time_zone, S("UTC"));
    Str text = locale_pack(&arena, &german);
    assert_fine(locale_unpack(&arena, text, &back, &err), &err);
    assert_str_equal(back.time_zone, S("Europe/Berlin"));
    assert_int_equal(back.date_format, DATE_FORMAT_DD_MM_YYYY_DOT);
    assert_int_equal(back.decimal_symbol, DECIMAL_COMMA);
    assert_int_equal(back.decimal_places, 0);
    assert_int_equal(locale_reading(&back).date_order, DATE_ORDER_DAY_FIRST);
    assert_true(locale_reading(&back).decimal_comma);
    static const char *const damaged[] = {"x",          "1 2 3",         "1 99 1 2 1 UTC", "9 1 1 2 1 UTC",
                                          "1 1 1 2 1 ", "1 1 1 99 1 UTC"};
    for (size_t i = 0; i < COUNT_OF(damaged); i++) {
        assert_false(locale_unpack(&arena, str_from_c(damaged[i]), &back, &err));
        assert_int_equal(err.code, DATA_LOSS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locale_over__inherits_what_is_not_set),
        cmocka_unit_test(test_locale_write_date__in_every_format),
        cmocka_unit_test(test_locale_write_time__with_and_without_halves),
        cmocka_unit_test(test_locale_pack__comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
