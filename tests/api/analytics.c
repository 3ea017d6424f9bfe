/* Tests of sums over runs through the real server. */
#include "fixture.h"

#include <string.h>
#include <time.h>

static const char simple[] = "output 1 as \"n\"\n";
static const char failing[] = "inputs\n"
                              "  the order is a dictionary\n"
                              "\n"
                              "the number is the order's PO number\n"
                              "output the number as \"number\"\n";
#define EMPTY_ORDER "{\"order\":{\"dictionary\":{\"entries\":[]}}}"

/* Two runs of the first automation, which complete; one of the second, which asks. */
typedef struct Ran {
    Fixture f;
    const char *first, *second;
} Ran;

static void ran_open(Ran *all)
{
    fixture_open(&all->f);
    all->first = fixture_automation(&all->f, "First", simple);
    all->second = fixture_automation(&all->f, "Second", failing);
    fixture_run(&all->f, all->first, "{}");
    fixture_run(&all->f, all->first, "{}");
    fixture_run(&all->f, all->second, EMPTY_ORDER);
}

static void test_automation_aggregates__count_runs_and_ends(void **state)
{
    (void)state;
    Ran all;
    ran_open(&all);
    Fixture *f = &all.f;
    Reply reply = fixture_call(f, "GET", NULL, "%s:automationRunAggregates", f->workspace);
    assert_status(reply, 200);
    assert_text(f, reply.json, "automation_run_aggregates.0.automation_id", all.first + strlen("/api/v1/"));
    assert_text(f, reply.json, "automation_run_aggregates.0.stats.total_runs", "2");
    assert_text(f, reply.json, "automation_run_aggregates.0.stats.completed_runs", "2");
    assert_text(f, reply.json, "automation_run_aggregates.1.stats.total_runs", "1");
    assert_text(f, reply.json, "automation_run_aggregates.1.stats.completed_runs", "0");
    Reply same = fixture_call(f, "GET", NULL, "%s/analytics/run_stats", f->workspace);
    assert_true(str_eq(same.body, reply.body));
    Reply one = fixture_call(f, "GET", NULL, "%s/analytics/run_stats?automation_id=%s", f->workspace,
                             strrchr(all.second, '/') + 1);
    assert_int_equal(json_at(one.json, "automation_run_aggregates")->count, 1);
    fixture_close(f);
}

/* Days that surely hold the present in any zone. */
static void days_around_now(Fixture *f, struct tm *from, struct tm *until)
{
    (void)f;
    time_t yesterday = time(NULL) - 86400, tomorrow = time(NULL) + 86400;
    gmtime_r(&yesterday, from);
    gmtime_r(&tomorrow, until);
}

static int64_t sum_of_days(const Json *json, uint32_t *out_days)
{
    const Json *days = json_at(json, "daily_run_aggregates");
    int64_t sum = 0, n;
    for (uint32_t i = 0; i < days->count; i++) {
        assert_true(json_to_i64(json_at(&days->items[i], "stats.total_runs"), &n));
        sum += n;
    }
    *out_days = days->count;
    return sum;
}

static void test_daily_aggregates__count_the_days_of_a_zone(void **state)
{
    (void)state;
    Ran all;
    ran_open(&all);
    Fixture *f = &all.f;
    struct tm from, until;
    days_around_now(f, &from, &until);
    const char *range = str_to_c(
        &f->arena,
        str_printf(
            &f->arena,
            "start_date.year=%d&start_date.month=%d&startDate.day=%d&end_date.year=%d&end_date.month=%d&end_date."
            "day=%d",
            from.tm_year + 1900, from.tm_mon + 1, from.tm_mday, until.tm_year + 1900, until.tm_mon + 1, until.tm_mday));
    static const char *const zones[] = {"UTC", "America/New_York", "Asia/Kathmandu"};
    uint32_t days;
    for (size_t i = 0; i < COUNT_OF(zones); i++) {
        Reply reply =
            fixture_call(f, "GET", NULL, "%s:dailyRunAggregates?%s&time_zone=%s", f->workspace, range, zones[i]);
        assert_status(reply, 200);
        assert_int_equal(sum_of_days(reply.json, &days), 3);
        assert_int_equal(days, 3);
    }
    Reply of_second =
        fixture_call(f, "GET", NULL, "%s:dailyRunAggregates?%s&timeZone=UTC&filter=automation_id=%%22%s%%22",
                     f->workspace, range, strrchr(all.second, '/') + 1);
    assert_int_equal(sum_of_days(of_second.json, &days), 1);
    Reply either =
        fixture_call(f, "GET", NULL,
                     "%s:dailyRunAggregates?%s&timeZone=UTC&filter=automation_id=%%22%s%%22+OR+automation_id="
                     "%%22nosuch%%22",
                     f->workspace, range, strrchr(all.first, '/') + 1);
    assert_int_equal(sum_of_days(either.json, &days), 2);
    Reply month = fixture_call(f, "GET", NULL,
                               "%s:dailyRunAggregates?time_zone=UTC&start_date.year=2024&start_date.month=2&end_date."
                               "year=2024&end_date.month=2",
                               f->workspace);
    assert_int_equal(sum_of_days(month.json, &days), 0);
    assert_int_equal(days, 29);
    assert_text(f, month.json, "daily_run_aggregates.28.date", "2024-02-29");
    Reply stats =
        fixture_call(f, "GET", NULL, "%s/analytics/run_stats?daily=true&time_zone=Europe/Berlin&automation_id=%s",
                     f->workspace, strrchr(all.first, '/') + 1);
    assert_int_equal(sum_of_days(stats.json, &days), 2);
    assert_int_equal(days, 30);
    fixture_close(f);
}

static void test_every_call__is_guarded_and_checked(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const struct {
        const char *parent, *path, *good, *bad;
    } rows[] = {
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC", ""},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC", "?time_zone=Mars"},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC", "?time_zone=UTC&start_date.month=2"},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC",
         "?time_zone=UTC&end_date.year=2023&end_date.month=2&end_date.day=29"},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC", "?time_zone=UTC&start_date.year=1"},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC", "?time_zone=UTC&start_date.year=9999"},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC", "?time_zone=UTC&start_date.year=x"},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC", "?time_zone=UTC&filter=colour=red"},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC",
         "?time_zone=UTC&filter=automation_id=a+AND+automation_id=b"},
        {f.workspace, ":dailyRunAggregates", "?time_zone=UTC", "?time_zone=UTC&filter=NOT+automation_id=a"},
        {f.workspace, ":automationRunAggregates", "", NULL},
        {f.workspace, "/analytics/run_stats", "", "?daily=true&start_date=yesterday"},
        {f.workspace, "/analytics/run_stats", "", "?daily=true&start_date=2024-02-30"},
        {f.workspace, "/analytics/run_stats", "", "?daily=maybe"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
#define CALL(query) fixture_call(&f, "GET", NULL, "%s%s%s", rows[i].parent, rows[i].path, query)
        f.as = f.viewer_token;
        assert_status(CALL(rows[i].good), 200);
        f.as = f.other_token;
        assert_in_range(CALL(rows[i].good).status, 403, 404);
        f.as = NULL;
        assert_status(CALL(rows[i].good), 401);
        f.as = f.token;
        if (rows[i].bad && CALL(rows[i].bad).status != 400)
            fail_msg("%s%s is not refused", rows[i].path, rows[i].bad);
#undef CALL
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_automation_aggregates__count_runs_and_ends),
        cmocka_unit_test(test_daily_aggregates__count_the_days_of_a_zone),
        cmocka_unit_test(test_every_call__is_guarded_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
