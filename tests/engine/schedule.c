/* Tests of the calendar of schedules: against what schedule_cases.py found without our code, then what it says. */
#include "engine/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"

static const Json *json_of(Arena *arena, Str text)
{
    const Json *json = NULL;
    Error err = {0};
    assert_fine(json_parse(arena, text, 32, &json, &err), &err);
    return json;
}

static int64_t us_of(const char *text)
{
    int64_t us = 0;
    assert_true(clock_parse(str_from_c(text), &us));
    return us;
}

/* 2026-04-14, a Tuesday. */
static const char now_text[] = "2026-04-14T12:00:00Z";

static Schedule schedule_of(Arena *arena, const char *config)
{
    Schedule schedule;
    Error err = {0};
    assert_fine(schedule_read(arena, json_of(arena, str_from_c(config)), us_of(now_text), &schedule, &err), &err);
    return schedule;
}

/* ---- against the brute force ---- */

static void check_case(Arena *arena, Str line, int number)
{
    const Json *row = json_of(arena, line), *times = json_get(row, S("times"));
    int64_t until, expected = 0;
    assert_true(json_to_i64(json_get(row, S("until")), &until));
    Schedule schedule;
    Error err = {0};
    bool read = schedule_read(arena, json_get(row, S("config")), 0, &schedule, &err);
    if (times->count == 0) { /* such a schedule is refused as one that never runs */
        assert_false(read);
        assert_string_equal(err.field, "config");
        return;
    }
    assert_fine(read, &err);
    int64_t *found = NEW_ARRAY(arena, int64_t, times->count + 1);
    int n = schedule_upcoming(&schedule, -1000000, (int)times->count + 1, found);
    assert_true(n >= (int)times->count);
    for (uint32_t i = 0; i < times->count; i++) {
        assert_true(json_to_i64(&times->items[i], &expected));
        if (found[i] != expected * 1000000)
            fail_msg("case %d, time %u: %lld instead of %lld: %.*s", number, i, (long long)(found[i] / 1000000),
                     (long long)expected, STR_ARG(str_slice(line, 0, 500)));
    }
    if (n > (int)times->count && found[n - 1] < until * 1000000)
        fail_msg("case %d: one too many, %lld: %.*s", number, (long long)(found[n - 1] / 1000000),
                 STR_ARG(str_slice(line, 0, 500)));
    assert_int_equal(schedule_next_us(&schedule, found[times->count / 2] - 1), found[times->count / 2]);
}

static void test_next__is_what_brute_force_finds_in_twenty_years_of_six_zones(void **state)
{
    (void)state;
    FILE *file = fopen(getenv("CLERKWORK_SCHEDULE_CASES"), "r");
    assert_non_null(file);
    char *line = NULL;
    size_t cap = 0;
    int number = 0;
    for (ssize_t len; (len = getline(&line, &cap, file)) > 0;) {
        Arena arena = {0};
        check_case(&arena, str_of(line, (size_t)len), ++number);
        arena_done(&arena);
    }
    free(line);
    fclose(file);
    assert_true(number >= 200);
}

/* ---- what the clocks do, in plain sight ---- */

static void test_next__reads_a_skipped_time_as_the_first_after_and_a_doubled_one_once(void **state)
{
    (void)state;
    Arena arena = {0};
    Schedule schedule = schedule_of(
        &arena,
        "{\"start\":{\"start_date\":{\"year\":2026,\"month\":1,\"day\":1},\"time\":{\"hours\":2,\"minutes\":30},"
        "\"time_zone\":\"Europe/Berlin\"},\"repeat_interval\":{\"unit\":\"FREQUENCY_UNIT_DAY\"}}");
    int64_t gap[2], overlap[2];
    assert_int_equal(schedule_upcoming(&schedule, us_of("2026-03-28T12:00:00Z"), 2, gap), 2);
    assert_int_equal(gap[0], us_of("2026-03-29T03:00:00+02:00"));
    assert_int_equal(gap[1], us_of("2026-03-30T02:30:00+02:00"));
    assert_int_equal(schedule_upcoming(&schedule, us_of("2026-10-24T12:00:00Z"), 2, overlap), 2);
    assert_int_equal(overlap[0], us_of("2026-10-25T02:30:00+02:00"));
    assert_int_equal(overlap[1], us_of("2026-10-26T02:30:00+01:00"));
    arena_done(&arena);
}

static void test_next__keeps_to_bounds_and_both_ends_are_within(void **state)
{
    (void)state;
    Arena arena = {0};
    Schedule schedule =
        schedule_of(&arena, "{\"start\":{\"start_date\":{\"year\":2020,\"month\":1,\"day\":1}},\"repeat_interval\":"
                            "{\"unit\":\"FREQUENCY_UNIT_HOUR\"},\"active_window\":{\"start_time\":"
                            "\"2026-05-01T10:00:00Z\",\"end_time\":\"2026-05-01T12:00:00Z\"}}");
    int64_t times[5];
    assert_int_equal(schedule_upcoming(&schedule, us_of(now_text), 5, times), 3);
    assert_int_equal(times[0], us_of("2026-05-01T10:00:00Z"));
    assert_int_equal(times[2], us_of("2026-05-01T12:00:00Z"));
    arena_done(&arena);
}

static void test_next__runs_once_without_an_interval(void **state)
{
    (void)state;
    Arena arena = {0};
    Schedule schedule = schedule_of(&arena, "{\"start\":{\"time\":{\"hours\":18},\"time_zone\":\"Asia/Tokyo\"}}");
    int64_t times[2];
    assert_int_equal(schedule_upcoming(&schedule, 0, 2, times), 1);
    assert_int_equal(times[0], us_of("2026-04-14T18:00:00+09:00"));
    arena_done(&arena);
}

/* ---- English, and JSON back again ---- */

#define START "\"start\":{\"start_date\":{\"year\":2026,\"month\":4,\"day\":14},\"time\":{\"hours\":9},"
#define NEW_YORK START "\"time_zone\":\"America/New_York\"}"
#define EVERY(unit, n) ",\"repeat_interval\":{\"unit\":\"FREQUENCY_UNIT_" unit "\",\"interval\":" n "}"
#define ON(days) ",\"weekly_pattern\":{\"days\":[" days "]}"
#define D(day) "\"DAY_OF_WEEK_" day "\""

static const struct {
    const char *config, *summary;
} sentences[] = {
    {"{" NEW_YORK "}", "Once on April 14, 2026 at 9:00 AM (America/New_York)"},
    {"{" NEW_YORK EVERY("MINUTE", "1") "}", "Every minute from 9:00 AM (America/New_York)"},
    {"{" NEW_YORK EVERY("DAY", "1") "}", "Every day at 9:00 AM (America/New_York)"},
    {"{" NEW_YORK EVERY("DAY", "3") ON(D("MONDAY") "," D("TUESDAY")) "}",
     "Every 3 days if it is a Monday or Tuesday at 9:00 AM (America/New_York)"},
    {"{" NEW_YORK EVERY("WEEK", "1")
         ON(D("MONDAY") "," D("TUESDAY") "," D("WEDNESDAY") "," D("THURSDAY") "," D("FRIDAY")) "}",
     "Every weekday at 9:00 AM (America/New_York)"},
    {"{" NEW_YORK EVERY("WEEK", "1") "}", "Every Tuesday at 9:00 AM (America/New_York)"},
    {"{" NEW_YORK EVERY("WEEK", "2")
         ON(D("FRIDAY") "," D("MONDAY") "," D("SUNDAY")) ",\"active_window\":{\"window_start\":{\"hours\":9},\"window_"
                                                         "end\":{\"hours\":17,\"minutes\":30},\"time_zone\":\"Europe/"
                                                         "Paris\"},\"end\":{\"end_type\":\"SCHEDULE_END_TYPE_AFTER_"
                                                         "OCCURRENCES\",\"max_occurrences\":10}}",
     "Every 2 weeks on Monday, Friday and Sunday at 9:00 AM (America/New_York), between 9:00 AM and 5:30 PM "
     "(Europe/Paris), 10 times"},
    {"{" NEW_YORK EVERY(
         "MONTH",
         "1") ",\"monthly_pattern\":{\"ordinal_day\":{\"ordinal\":\"ORDINAL_FOURTH\",\"day\":" D("FRIDAY") "}}}",
     "Monthly on the 4th Friday at 9:00 AM (America/New_York)"},
    {"{" NEW_YORK EVERY("MONTH", "2") ",\"monthly_pattern\":{\"day_number\":31}}",
     "Every 2 months on the 31st (or the last day) at 9:00 AM (America/New_York)"},
    {"{" NEW_YORK EVERY(
         "YEAR", "1") ",\"yearly_pattern\":{\"month\":\"MONTH_JULY\",\"day_pattern\":{\"day_number\":30}},\"end\":{"
                      "\"end_type\":\"SCHEDULE_END_TYPE_ON_DATE\",\"end_date\":{\"year\":2030,\"month\":1,\"day\":2}}}",
     "Every year on July 30 at 9:00 AM (America/New_York), until January 2, 2030"},
    {"{" NEW_YORK EVERY("YEAR",
                        "1") ",\"yearly_pattern\":{\"month\":\"MONTH_DECEMBER\",\"day_pattern\":{\"ordinal_day\":"
                             "{\"ordinal\":\"ORDINAL_LAST\",\"day\":" D("FRIDAY") "}}}}",
     "Every year on the last Friday of December at 9:00 AM (America/New_York)"},
};

static Str config_text(Arena *arena, const Schedule *schedule)
{
    Buf text = buf_in(arena);
    JsonOut out = json_out(&text);
    schedule_write(&out, schedule);
    return buf_view(&text);
}

static void test_summary__is_a_sentence_and_the_json_comes_back_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        Arena arena = {0};
        Schedule schedule = schedule_of(&arena, sentences[i].config);
        assert_str_equal(schedule_summary(&arena, &schedule), str_from_c(sentences[i].summary));
        Str text = config_text(&arena, &schedule);
        Schedule again = schedule_of(&arena, str_to_c(&arena, text));
        assert_true(str_eq(config_text(&arena, &again), text));
        assert_str_equal(schedule_summary(&arena, &again), str_from_c(sentences[i].summary));
        arena_done(&arena);
    }
}

static const struct {
    const char *config, *field;
} refusals[] = {
    {"{}", "config.start"},
    {"{\"start\":{\"time_zone\":\"Mars/Base\"}}", "config.start.time_zone"},
    {"{\"start\":{\"time\":{\"hours\":24}}}", "config.start.time"},
    {"{\"start\":{\"time\":{\"nanos\":1}}}", "config.start.time"},
    {"{\"start\":{\"start_date\":{\"year\":2026,\"month\":2,\"day\":30}}}", "config.start.start_date"},
    {"{\"start\":{\"start_date\":{\"month\":2,\"day\":3}}}", "config.start.start_date"},
    {"{\"start\":{},\"repeat_interval\":{\"unit\":\"FREQUENCY_UNIT_UNSPECIFIED\"}}", "config.repeat_interval.unit"},
    {"{\"start\":{}" EVERY("DAY", "0") "}", "config.repeat_interval.interval"},
    {"{\"start\":{}" EVERY("YEAR", "11") "}", "config.repeat_interval.interval"},
    {"{\"start\":{}" EVERY("MONTH", "1") ON(D("MONDAY")) "}", "config.weekly_pattern"},
    {"{\"start\":{}" EVERY("WEEK", "1") ON("") "}", "config.weekly_pattern.days"},
    {"{\"start\":{}" EVERY("WEEK", "1") ON(D("UNSPECIFIED")) "}", "config.weekly_pattern.days"},
    {"{\"start\":{}" EVERY("WEEK", "1") ",\"monthly_pattern\":{\"day_number\":1}}", "config.monthly_pattern"},
    {"{\"start\":{}" EVERY("MONTH", "1") ",\"monthly_pattern\":{\"day_number\":32}}", "config.monthly_pattern"},
    {"{\"start\":{}" EVERY("MONTH", "1") ",\"monthly_pattern\":{}}", "config.monthly_pattern"},
    {"{\"start\":{}" EVERY("MONTH", "1") ",\"monthly_pattern\":{\"ordinal_day\":{\"ordinal\":\"ORDINAL_LAST\"}}}",
     "config.monthly_pattern"},
    {"{\"start\":{}" EVERY("DAY", "1") ",\"yearly_pattern\":{\"month\":\"MONTH_MAY\"}}", "config.yearly_pattern"},
    {"{\"start\":{}" EVERY("YEAR", "1") ",\"yearly_pattern\":{\"day_pattern\":{\"day_number\":1}}}",
     "config.yearly_pattern.month"},
    {"{\"start\":{}" EVERY("YEAR", "1") ",\"yearly_pattern\":{\"month\":\"MONTH_MAY\"}}",
     "config.yearly_pattern.day_pattern"},
    {"{\"start\":{},\"active_window\":{}}", "config.active_window"},
    {"{\"start\":{},\"active_window\":{\"window_start\":{\"hours\":9}}}", "config.active_window"},
    {"{\"start\":{},\"active_window\":{\"start_time\":\"2026-05-01T10:00:00Z\",\"end_time\":\"2026-04-01T10:00:00Z\"}}",
     "config.active_window.end_time"},
    {"{\"start\":{},\"end\":{\"end_type\":\"SCHEDULE_END_TYPE_AFTER_OCCURRENCES\"}}", "config.end.max_occurrences"},
    {"{\"start\":{},\"end\":{\"end_type\":\"SCHEDULE_END_TYPE_ON_DATE\"}}", "config.end.end_date"},
    {"{" NEW_YORK ",\"end\":{\"end_type\":\"SCHEDULE_END_TYPE_ON_DATE\",\"end_date\":{\"year\":2026,\"month\":4,"
     "\"day\":13}}}",
     "config.end.end_date"},
    /* Never: outside the hours for ever. */
    {"{\"start\":{\"time\":{\"hours\":8}}" EVERY(
         "DAY", "1") ",\"active_window\":{\"window_start\":{\"hours\":9},\"window_end\":{\"hours\":17}}}",
     "config"},
    {"{\"start\":{\"time\":{\"hours\":8}}" EVERY(
         "MINUTE", "1440") ",\"active_window\":{\"window_start\":{\"hours\":9},\"window_end\":{\"hours\":17}}}",
     "config"},
};

static void test_read__refuses_naming_the_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        Arena arena = {0};
        Schedule schedule;
        Error err = {0};
        if (schedule_read(&arena, json_of(&arena, str_from_c(refusals[i].config)), us_of(now_text), &schedule, &err))
            fail_msg("not refused: %s", refusals[i].config);
        assert_int_equal(err.code, INVALID_ARGUMENT);
        assert_string_equal(err.field, refusals[i].field);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next__is_what_brute_force_finds_in_twenty_years_of_six_zones),
        cmocka_unit_test(test_next__reads_a_skipped_time_as_the_first_after_and_a_doubled_one_once),
        cmocka_unit_test(test_next__keeps_to_bounds_and_both_ends_are_within),
        cmocka_unit_test(test_next__runs_once_without_an_interval),
        cmocka_unit_test(test_summary__is_a_sentence_and_the_json_comes_back_the_same),
        cmocka_unit_test(test_read__refuses_naming_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
