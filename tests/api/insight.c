/* Tests of insights and estimates through the real server, against a count of the runs themselves. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "store/exception.h"
#include "store/run.h"

static const char simple[] = "output 1 as \"n\"\n";

#define N_PLACES 3 /* automations: two in the fixture's workspace, one in another */
#define N_RUNS 300
#define DAY_US (INT64_C(86400) * 1000000)
#define START (INT64_C(1767225600) * 1000000) /* 2026-01-01 */
#define DAYS 60

typedef struct Sample {
    Command command;
    Fixture *f;
    uint64_t random;
    const char *elsewhere;             /* the other workspace, as a path */
    const char *automations[N_PLACES]; /* as paths */
    RunRow runs[N_RUNS];
    int place[N_RUNS];
    bool manual[N_RUNS];
} Sample;

static uint64_t next_random(Sample *sample, uint64_t below)
{
    sample->random = sample->random * 6364136223846793005u + 1442695040888963407u;
    return (sample->random >> 33) % below;
}

static Str leaf(const char *path)
{
    return str_from_c(strrchr(path, '/') + 1);
}

static Str new_id(Fixture *f)
{
    Id id = id_new();
    return str_copy(&f->arena, id_str(&id));
}

static bool insert_one(Tx *tx, Sample *sample, int i, const Scope *scope, const Automation *automation, Error *err)
{
    static const RunState ends[] = {RUN_COMPLETED, RUN_COMPLETED, RUN_FAILED, RUN_AWAITING_GUIDANCE};
    RunRow *run = &sample->runs[i];
    *run = (RunRow){.scope = *scope,
                    .id = new_id(sample->f),
                    .execution_id = new_id(sample->f),
                    .automation = automation->key,
                    .revision = automation->published_revision,
                    .automation_id = automation->id,
                    .stage = STAGE_PUBLISHED,
                    .version = {1, 0},
                    .source = SOURCE_MANUAL,
                    .inputs = S("{}"),
                    .state = RUN_STOPPED,
                    .create_us = START + (int64_t)next_random(sample, (uint64_t)DAYS * 86400) * 1000000};
    if (!store_run_insert(tx, run, err))
        return false;
    ExceptionRow exception = {.scope = *scope,
                              .id = new_id(sample->f),
                              .run = run->key,
                              .automation = run->automation,
                              .run_id = run->id,
                              .state = EXCEPTION_RESOLVED,
                              .create_us = run->create_us + 1000000,
                              .resolve_us = run->create_us + (i + 2) * INT64_C(1000000),
                              .stage = STAGE_PUBLISHED,
                              .resolver = S("users/u1")};
    sample->manual[i] = next_random(sample, 3) == 0;
    run->state = ends[next_random(sample, COUNT_OF(ends))];
    return (!sample->manual[i] || store_exception_insert(tx, &exception, err)) && store_run_update(tx, run, err);
}

static bool insert_runs(Tx *tx, Command *command, Error *err)
{
    Sample *sample = (Sample *)command;
    Arena *arena = &sample->f->arena;
    Organization organization;
    if (!store_organization_get(tx, arena, leaf(sample->f->organization), &organization, err))
        return false;
    for (int i = 0; i < N_RUNS; i++) {
        int place = sample->place[i] = (int)next_random(sample, N_PLACES);
        Str id = leaf(place == 2 ? sample->elsewhere : sample->f->workspace);
        Workspace workspace;
        Automation automation;
        if (!store_workspace_get(tx, arena, organization.key, id, &workspace, err))
            return false;
        Scope scope = {organization.key, workspace.key, organization.id, workspace.id};
        if (!store_automation_get(tx, arena, &scope, leaf(sample->automations[place]), false, &automation, err) ||
            !insert_one(tx, sample, i, &scope, &automation, err))
            return false;
    }
    return true;
}

static Sample *sample_open(Fixture *f)
{
    Error err = {0};
    Sample *sample = calloc(1, sizeof *sample);
    *sample = (Sample){.command.apply = insert_runs, .f = f, .random = 815};
    fixture_open(f);
    Reply other = fixture_call(f, "POST", "{\"title\":\"Elsewhere\"}", "%s/workspaces", f->organization);
    assert_status(other, 200);
    sample->elsewhere = str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/%s", text_at(f, other.json, "name")));
    sample->automations[0] = fixture_automation(f, "First", simple);
    sample->automations[1] = fixture_automation(f, "Second", simple);
    const char *home = f->workspace;
    f->workspace = sample->elsewhere;
    sample->automations[2] = fixture_automation(f, "Third", simple);
    f->workspace = home;
    if (!store_execute(f->store, &sample->command, &err))
        fail_msg("%s", err.message);
    return sample;
}

static void sample_close(Sample *sample)
{
    fixture_close(sample->f);
    free(sample);
}

static Reply configure(Fixture *f, const char *workspace, const char *automation, const char *cost, int secs)
{
    Str body = str_printf(
        &f->arena, "{\"automationEstimates\":[{\"automationId\":\"%s\",\"costUsd\":\"%s\",\"timeSavedSecs\":%d}]}",
        automation, cost, secs);
    return fixture_call(f, "POST", str_to_c(&f->arena, body), "%s/dashboards:configureAutomationEstimates", workspace);
}

static int64_t number_at(const Json *json, const char *path)
{
    int64_t n = -1;
    assert_true(json_to_i64(json_at(json, path), &n));
    return n;
}

/* ---- against a count ---- */

typedef struct Expected {
    int64_t runs, completed, manual, waiting, saved_s, saved_micros;
} Expected;

static const int64_t micros_of[N_PLACES] = {12500000, 333333, 0};
static const int64_t seconds_of[N_PLACES] = {900, 7, 0};

/* `places` are bits. Both ends are included. */
static Expected expect(const Sample *sample, unsigned places, int64_t from, int64_t last)
{
    Expected sum = {0};
    for (int i = 0; i < N_RUNS; i++) {
        const RunRow *run = &sample->runs[i];
        if (run->create_us < from || run->create_us > last || !(places & BIT(sample->place[i])))
            continue;
        sum.runs++;
        sum.waiting += run->state == RUN_AWAITING_GUIDANCE;
        if (run->state != RUN_COMPLETED)
            continue;
        sum.completed++;
        sum.manual += sample->manual[i];
        sum.saved_s += seconds_of[sample->place[i]];
        sum.saved_micros += micros_of[sample->place[i]];
    }
    return sum;
}

static void assert_near(const Json *json, const char *path, double expected)
{
    const Json *number = json_at(json, path);
    assert_non_null(number);
    double found = strtod(number->text.data, NULL);
    if (found - expected > 1e-9 || expected - found > 1e-9)
        fail_msg("%s is %.12g, not %.12g", path, found, expected);
}

static void assert_periods(const Sample *sample, const Json *json, unsigned places, int64_t from, int64_t last)
{
    const Json *periods = json_at(json, "completion_insight.completions_per_period");
    const Json *waiting = json_at(json, "awaiting_guidance_insight.runs_per_period");
    assert_int_equal(periods->count, last / DAY_US - from / DAY_US + 1);
    assert_int_equal(waiting->count, periods->count);
    for (uint32_t i = 0; i < periods->count; i++) {
        int64_t day = (from / DAY_US + i) * DAY_US;
        Expected sum = expect(sample, places, MAX_OF(day, from), MIN_OF(day + DAY_US - 1, last));
        assert_int_equal(number_at(&periods->items[i], "auto_completed_count"), sum.completed - sum.manual);
        assert_int_equal(number_at(&periods->items[i], "manually_resolved_count"), sum.manual);
        assert_int_equal(number_at(&waiting->items[i], "runs_awaiting_guidance"), sum.waiting);
    }
}

static double percent(int64_t part, int64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void assert_insight(const Sample *sample, const Json *json, unsigned places, int64_t from, int64_t last)
{
    Fixture *f = sample->f;
    Expected sum = expect(sample, places, from, last);
    Expected before = expect(sample, places, from - (last + 1 - from), from - 1);
    assert_int_equal(number_at(json, "run_insight.total_runs_count"), sum.runs);
    assert_int_equal(number_at(json, "runInsight.totalRunsCount"), sum.runs);
    assert_int_equal(number_at(json, "value_insight.total_time_saved_secs"), sum.saved_s);
    assert_int_equal(number_at(json, "valueInsight.totalTimeSavedSecs"), sum.saved_s);
    assert_int_equal(number_at(json, "awaiting_guidance_insight.total_runs_awaiting_guidance"), sum.waiting);
    const char *money = text_at(f, json, "value_insight.total_money_saved_usd");
    assert_near(json, "value_insight.total_money_saved_usd", (double)sum.saved_micros / 1e6);
    assert_text(f, json, "valueInsight.totalMoneySavedUsd", money);
    assert_near(json, "completion_insight.total_percent_completions", percent(sum.completed, sum.runs));
    assert_near(json, "completionInsight.stp", percent(sum.completed - sum.manual, sum.runs));
    double change = before.runs ? percent(sum.runs - before.runs, before.runs) : (sum.runs ? 100 : 0);
    assert_near(json, "run_insight.trend.percent_change", change);
    assert_near(json, "runInsight.trend.percentChange", change);
    assert_periods(sample, json, places, from, last);
}

static void test_insights__are_what_a_count_gives(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = sample_open(&f);
    Str both = str_printf(&f.arena, "filter.workspaceIds=%s&filter.workspace_ids=%s", f.workspace_name,
                          strrchr(sample->elsewhere, '/') + 1);
    Str one = str_printf(&f.arena, "filter.workspaceIds=%s", f.workspace_name);
    Str two = str_printf(&f.arena, "filter.automationIds=%s&filter.automationIds=%s",
                         strrchr(sample->automations[1], '/') + 1, sample->automations[2] + strlen("/api/v1/"));
    const struct {
        Str filter;
        unsigned places;
    } rows[] = {{S(""), 7}, {both, 7}, {one, 3}, {two, 6}};
    assert_status(configure(&f, f.workspace, sample->automations[0] + strlen("/api/v1/"), "12.5", 900), 200);
    assert_status(configure(&f, f.workspace, strrchr(sample->automations[1], '/') + 1, "0.333333", 7), 200);
    for (int round = 0; round < 20; round++) {
        int64_t from = START + (int64_t)next_random(sample, 50 * 86400) * 1000000;
        int64_t last = from + (int64_t)next_random(sample, 25 * 86400) * 1000000;
        char from_text[CLOCK_TEXT_LEN + 1] = {0}, last_text[CLOCK_TEXT_LEN + 1] = {0};
        if (round % 5 == 0) /* the ends count: a run's own moment */
            last = MAX_OF(from, sample->runs[round].create_us);
        if (last - from >= 31 * DAY_US)
            last = from + 30 * DAY_US;
        clock_format(from, from_text);
        clock_format(last, last_text);
        Reply reply = fixture_call(&f, "GET", NULL,
                                   "%s/dashboards:queryInsights?filter.timeWindow.startTime=%s&filter.time_window.end_"
                                   "time=%s&%.*s",
                                   f.organization, from_text, last_text, STR_ARG(rows[round % 4].filter));
        assert_status(reply, 200);
        assert_insight(sample, reply.json, rows[round % 4].places, from, last);
    }
    Reply days = fixture_call(&f, "GET", NULL, "%s/analytics/insights?start_date=2026-01-05&end_date=2026-01-09",
                              f.organization);
    assert_status(days, 200);
    assert_insight(sample, days.json, 7, START + 4 * DAY_US, START + 9 * DAY_US - 1);
    assert_text(&f, days.json, "run_insight.trend.comparison_window", "Previous 5 days");
    assert_text(&f, days.json, "completion_insight.completions_per_period.0.window_label", "January 5, 2026");
    static const struct {
        const char *from, *last, *label;
    } stretches[] = {
        {"2026-01-05T08:30:00.123Z", "2026-02-04T08:30:00.123Z", "Previous 30 days"},
        {"2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z", "Previous day"},
        {"2026-01-05T08:00:00Z", "2026-01-06T09:00:00Z", "Previous 25 hours"},
        {"2026-01-05T08:00:00Z", "2026-01-05T09:30:00Z", "Previous 91 minutes"}, /* the last moment counts */
        {"2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z", "Previous minute"},
    };
    for (size_t i = 0; i < COUNT_OF(stretches); i++) {
        Reply reply = fixture_call(
            &f, "GET", NULL, "%s/dashboards:queryInsights?filter.timeWindow.startTime=%s&filter.timeWindow.endTime=%s",
            f.organization, stretches[i].from, stretches[i].last);
        assert_status(reply, 200);
        assert_text(&f, reply.json, "run_insight.trend.comparison_window", stretches[i].label);
    }
    Reply months =
        fixture_call(&f, "GET", NULL, "%s/analytics/insights?start_date=2025-01-01&end_date=2026-12-31&workspace_id=%s",
                     f.organization, f.workspace_name);
    assert_int_equal(number_at(months.json, "run_insight.total_runs_count"), expect(sample, 3, 0, INT64_MAX - 1).runs);
    assert_int_equal(json_at(months.json, "completion_insight.completions_per_period")->count, 24);
    assert_text(&f, months.json, "completion_insight.completions_per_period.12.window_label", "January 2026");
    sample_close(sample);
}

static void test_exception_insights__give_the_mean_time_to_resolution(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = sample_open(&f);
    int64_t n = 0, seconds = 0;
    for (int i = 0; i < N_RUNS; i++) {
        int64_t raised = sample->runs[i].create_us + 1000000;
        if (sample->place[i] == 2 || !sample->manual[i] || raised < START + 9 * DAY_US || raised >= START + 40 * DAY_US)
            continue;
        n++;
        seconds += i + 1;
    }
    assert_true(n > 0);
    Reply reply = fixture_call(
        &f, "GET", NULL, "%s/analytics/exception_insights?start_date=2026-01-10&end_date=2026-02-09", f.workspace);
    assert_status(reply, 200);
    assert_int_equal(number_at(reply.json, "total_exceptions_count"), n);
    assert_int_equal(number_at(reply.json, "resolved_count"), n);
    assert_int_equal(number_at(reply.json, "pending_count"), 0);
    assert_near(reply.json, "mean_time_to_resolution_secs", (double)seconds / (double)n);
    Reply none = fixture_call(&f, "GET", NULL,
                              "%s/analytics/exception_insights?start_date=2025-01-10&end_date=2025-02-09", f.workspace);
    assert_int_equal(number_at(none.json, "total_exceptions_count"), 0);
    assert_null(json_at(none.json, "mean_time_to_resolution_secs"));
    assert_status(fixture_call(&f, "GET", NULL, "%s/analytics/exception_insights?start_date=x", f.workspace), 400);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/analytics/exception_insights", sample->elsewhere), 403);
    f.as = f.other_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/analytics/exception_insights", f.workspace), 404);
    f.as = NULL;
    assert_status(fixture_call(&f, "GET", NULL, "%s/analytics/exception_insights", f.workspace), 401);
    sample_close(sample);
}

/* ---- metrics ---- */

#define METRICS "metrics:query?metrics=runs&start_time=%s&endTime=%s"

/* 0 to 2 as in insert_one, in the contract's words. */
static const char *status_of(const RunRow *run)
{
    return run->state == RUN_COMPLETED ? "success" : (run->state == RUN_FAILED ? "failed" : "awaiting_guidance");
}

/* Of this status (NULL: any) and the places that are set. */
static int64_t count_runs(const Sample *sample, const char *status, unsigned places, int64_t from, int64_t until)
{
    int64_t n = 0;
    for (int i = 0; i < N_RUNS; i++) {
        const RunRow *run = &sample->runs[i];
        n += run->create_us >= from && run->create_us < until && (places & BIT(sample->place[i])) &&
             (!status || strcmp(status, status_of(run)) == 0);
    }
    return n;
}

static const char *tag_of(Fixture *f, const Json *series, const char *tag)
{
    const Json *value = json_at(series, tag);
    return value ? str_to_c(&f->arena, value->text) : NULL;
}

static unsigned places_of(const Sample *sample, const char *workspace, const char *automation)
{
    unsigned places = 0;
    for (int i = 0; i < N_PLACES; i++) {
        const char *home = i == 2 ? sample->elsewhere : sample->f->workspace;
        if ((!workspace || str_eq(leaf(home), str_from_c(workspace))) &&
            (!automation || str_eq(leaf(sample->automations[i]), str_from_c(automation))))
            places |= BIT(i);
    }
    return places;
}

static void assert_days(const Sample *sample, const Json *series, int64_t from, int64_t until)
{
    Fixture *f = sample->f;
    const char *status = tag_of(f, series, "tags.status");
    unsigned places =
        places_of(sample, tag_of(f, series, "tags.workspace_id"), tag_of(f, series, "tags.automation_id"));
    const Json *points = json_at(series, "points");
    assert_int_equal(points->count, (until - 1) / DAY_US - from / DAY_US + 1);
    for (uint32_t i = 0; i < points->count; i++) {
        int64_t day = (from / DAY_US + i) * DAY_US, start;
        const Json *point = &points->items[i];
        assert_true(clock_parse(json_at(point, "start_time")->text, &start));
        assert_int_equal(start, day);
        assert_near(point, "value",
                    (double)count_runs(sample, status, places, MAX_OF(day, from), MIN_OF(day + DAY_US, until)));
    }
}

static double series_sum(const Json *series)
{
    const Json *points = json_at(series, "points");
    double sum = 0;
    for (uint32_t i = 0; i < points->count; i++)
        sum += strtod(json_at(&points->items[i], "value")->text.data, NULL);
    return sum;
}

static void test_metrics__are_what_a_count_gives(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = sample_open(&f);
    static const struct {
        const char *group, *filter, *status; /* the filter's status */
        unsigned places;
    } rows[] = {
        {"", "", NULL, 7},
        {"&group_by=status", "", NULL, 7},
        {"&groupBy=workspace_id&groupBy=status", "", NULL, 7},
        {"&group_by=automation_id", "&filter=status+%3D+%22success%22", "success", 7},
        {"&group_by=status", "&filter=status+IN+[%22completed%22]", "success", 7},
        {"&group_by=workspace_id", "&filter=NOT+status+!%3D+failed", "failed", 7},
        {"&group_by=status&group_by=automation_id", "&filter=workspace_id+%3D+%22HOME%22", NULL, 3},
    };
    for (int round = 0; round < 21; round++) {
        int64_t from = START + (int64_t)next_random(sample, 50 * 86400) * 1000000;
        int64_t until = from + 1 + (int64_t)next_random(sample, 25 * 86400) * 1000000;
        char from_text[CLOCK_TEXT_LEN + 1] = {0}, until_text[CLOCK_TEXT_LEN + 1] = {0};
        if (round % 5 == 0) /* the end does not count */
            until = MAX_OF(from + 1, sample->runs[round].create_us);
        clock_format(from, from_text);
        clock_format(until, until_text);
        Str filter = str_from_c(rows[round % 7].filter);
        if (rows[round % 7].places == 3)
            filter = str_printf(&f.arena, "&filter=workspace_id+%%3D+%%22%s%%22", f.workspace_name);
        Reply reply = fixture_call(&f, "GET", NULL, "%s/" METRICS "&interval=DAY%s%.*s", f.organization, from_text,
                                   until_text, rows[round % 7].group, STR_ARG(filter));
        assert_status(reply, 200);
        const Json *all = json_at(reply.json, "results.0.series");
        double sum = 0;
        for (uint32_t i = 0; i < all->count; i++) {
            if (rows[round % 7].status && !json_at(&all->items[i], "tags.status"))
                sum += series_sum(&all->items[i]);
            else {
                sum += series_sum(&all->items[i]);
                assert_days(sample, &all->items[i], from, until);
            }
        }
        assert_int_equal((int64_t)sum, count_runs(sample, rows[round % 7].status, rows[round % 7].places, from, until));
    }
    sample_close(sample);
}

static Reply ask_metrics(Fixture *f, const char *more)
{
    return fixture_call(f, "GET", NULL, "%s/" METRICS "%s", f->organization, "2026-01-01T00:00:00Z",
                        "2026-03-02T00:00:00Z", more);
}

static void test_metrics__have_intervals_labels_and_orders(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = sample_open(&f);
    static const struct {
        const char *more, *interval, *label, *start;
        int n;
    } rows[] = {
        {"", "METRIC_INTERVAL_WEEK", "Week of Dec 29, 2025", "2025-12-29T00:00:00.000000Z", 9},
        {"&interval=METRIC_INTERVAL_MONTH", "METRIC_INTERVAL_MONTH", "January 2026", "2026-01-01T00:00:00.000000Z", 3},
        {"&interval=METRIC_INTERVAL_DAY", "METRIC_INTERVAL_DAY", "January 1, 2026", "2026-01-01T00:00:00.000000Z", 60},
        {"&interval=METRIC_INTERVAL_HOUR", "METRIC_INTERVAL_HOUR", "Jan 1, 2026 12:00 AM",
         "2026-01-01T00:00:00.000000Z", 1440},
        {"&interval=DAY&timeZone=Europe/Berlin", "METRIC_INTERVAL_DAY", "January 1, 2026",
         "2025-12-31T23:00:00.000000Z", 61},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Reply reply = ask_metrics(&f, rows[i].more);
        assert_text(&f, reply.json, "results.0.interval", rows[i].interval);
        assert_text(&f, reply.json, "results.0.aggregation", "AGGREGATION_FUNCTION_COUNT");
        assert_text(&f, reply.json, "results.0.series.0.points.0.window_label", rows[i].label);
        assert_text(&f, reply.json, "results.0.series.0.points.0.start_time", rows[i].start);
        assert_int_equal(json_at(reply.json, "results.0.series.0.points")->count, rows[i].n);
        assert_int_equal((int64_t)series_sum(json_at(reply.json, "results.0.series.0")), N_RUNS);
    }
    Reply ordered = ask_metrics(&f, "&group_by=status&interval=MONTH&order_by=status+desc");
    assert_text(&f, ordered.json, "results.0.series.0.tags.status", "success");
    assert_text(&f, ordered.json, "results.0.series.2.tags.status", "awaiting_guidance");
    Reply valued = ask_metrics(&f, "&group_by=automation_id&group_by=status&interval=WEEK&order_by=value+desc,status");
    const Json *series = json_at(valued.json, "results.0.series");
    double before = 1e9;
    for (uint32_t i = 0; i < series->count; i++) {
        const Json *points = json_at(&series->items[i], "points");
        double last = strtod(json_at(&points->items[points->count - 1], "value")->text.data, NULL);
        assert_true(last <= before);
        before = last;
    }
    sample_close(sample);
}

static void test_metrics__are_paged_by_series(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = sample_open(&f);
    static const char grouped[] = "&group_by=automation_id&group_by=status&metrics=automations";
    Reply whole = ask_metrics(&f, grouped);
    const Json *all = json_at(whole.json, "results.0.series");
    assert_int_equal(all->count, 9);
    assert_text(&f, whole.json, "results.1.metric", "automations");
    assert_text(&f, whole.json, "next_page_token", "");
    const char *token = "";
    uint32_t n = 0;
    do {
        Str more = str_printf(&f.arena, "%s&page_size=4&page_token=%s", grouped, token);
        Reply page = ask_metrics(&f, str_to_c(&f.arena, more));
        const Json *some = json_at(page.json, "results.0.series");
        for (uint32_t i = 0; i < some->count; i++, n++)
            assert_text(&f, &some->items[i], "tags.automation_id", text_at(&f, &all->items[n], "tags.automation_id"));
        token = text_at(&f, page.json, "next_page_token");
        if (*token) { /* bound to what was asked for */
            more = str_printf(&f.arena, "&group_by=automation_id&page_size=4&page_token=%s", token);
            assert_status(ask_metrics(&f, str_to_c(&f.arena, more)), 400);
        }
    } while (*token);
    assert_int_equal(n, all->count);
    sample_close(sample);
}

static void test_metrics__measure_files_and_automations(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = sample_open(&f);
    static const char *const bodies[] = {"YWJj", "YWJjZGVmZw==", "eA=="}; /* 3, 7 and 1 bytes */
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        Str body = str_printf(&f.arena, "{\"filename\":\"a.txt\",\"content_base64\":\"%s\"}", bodies[i]);
        assert_status(fixture_call(&f, "POST", str_to_c(&f.arena, body), "%s/files:upload",
                                   i == 2 ? f.organization : f.workspace),
                      200);
    }
    static const struct {
        const char *aggregation;
        double of_files;
    } rows[] = {{"COUNT", 3}, {"SUM", 11}, {"AVG", 11.0 / 3}, {"MIN", 1}, {"MAX", 7}};
    char from[CLOCK_TEXT_LEN + 1] = {0}, until[CLOCK_TEXT_LEN + 1] = {0};
    clock_format(clock_now_us() - 3600 * INT64_C(1000000), from);
    clock_format(clock_now_us() + 3600 * INT64_C(1000000), until);
#define ASK(more)                                                                                                      \
    fixture_call(&f, "GET", NULL,                                                                                      \
                 "%s/metrics:query?metrics=files&metrics=automations&metrics=pages&interval=MONTH&start_time=%s&end_"  \
                 "time=%s%s",                                                                                          \
                 f.organization, from, until, more)
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Reply reply = ASK(str_to_c(&f.arena, str_printf(&f.arena, "&aggregation=%s", rows[i].aggregation)));
        const Json *points = json_at(reply.json, "results.0.series.0.points");
        if (points->count == 1) /* the hour may lie about the end of a month */
            assert_near(reply.json, "results.0.series.0.points.0.value", rows[i].of_files);
    }
    Reply reply = ASK("");
    assert_int_equal((int64_t)series_sum(json_at(reply.json, "results.1.series.0")), N_PLACES);
    assert_int_equal((int64_t)series_sum(json_at(reply.json, "results.2.series.0")), 0);
    reply = ASK("&group_by=workspace_id&group_by=status");
    assert_int_equal(json_at(reply.json, "results.0.series")->count, 2);
    assert_text(&f, reply.json, "results.0.series.0.tags.workspace_id", "");
    assert_text(&f, reply.json, "results.1.series.0.tags.status", "active");
    f.as = f.viewer_token; /* may look at the organization's files, and into one workspace */
    reply = ASK("&group_by=workspace_id");
    assert_int_equal(json_at(reply.json, "results.0.series")->count, 2);
    assert_int_equal(json_at(reply.json, "results.1.series")->count, 1);
    f.as = f.token;
    Str body = str_printf(&f.arena, "{\"display_name\":\"w\",\"workspaces\":[\"%s\"]}", f.workspace_name);
    Reply bound = fixture_call(&f, "POST", str_to_c(&f.arena, body), "/api/v1/me/tokens");
    f.as = text_at(&f, bound.json, "secret"); /* stays in the workspace */
    reply = ASK("&group_by=workspace_id");
    assert_int_equal(json_at(reply.json, "results.0.series")->count, 1);
    assert_text(&f, reply.json, "results.0.series.0.tags.workspace_id", strrchr(f.workspace, '/') + 1);
#undef ASK
    sample_close(sample);
}

static void test_metrics__refuse_what_is_not_measured(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    static const struct {
        const char *more, *field;
    } rows[] = {
        {"&metrics=smiles", "metrics"},      {"&group_by=colour", "group_by"},       {"&order_by=status", "order_by"},
        {"&interval=YEAR", "interval"},      {"&aggregation=MEDIAN", "aggregation"}, {"&filter=colour%3D1", "filter"},
        {"&filter=status%3Dgood", "filter"}, {"&filter=status%3Esuccess", "filter"}, {"&time_zone=Mars", "time_zone"},
        {"&page_size=-1", "page_size"},      {"&page_token=x", "page_token"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Reply reply = ask_metrics(&f, rows[i].more);
        assert_status(reply, 400);
        assert_string_equal(first_violation(&f, &reply), rows[i].field);
    }
    assert_status(fixture_call(&f, "GET", NULL, "%s/metrics:query?metrics=runs", f.organization), 400);
    assert_status(
        fixture_call(&f, "GET", NULL,
                     "%s/metrics:query?metrics=runs&start_time=2026-02-01T00:00:00Z&end_time=2026-02-01T00:00:"
                     "00Z",
                     f.organization),
        400);
    fixture_close(&f);
}

/* ---- who sees what ---- */

#define ALL_TIME "filter.timeWindow.startTime=2026-01-01T00:00:00Z&filter.timeWindow.endTime=2026-12-31T00:00:00Z"

static int64_t runs_seen(Fixture *f, const char *filter)
{
    Reply reply = fixture_call(f, "GET", NULL, "%s/dashboards:queryInsights?" ALL_TIME "%s", f->organization, filter);
    assert_status(reply, 200);
    return number_at(reply.json, "run_insight.total_runs_count");
}

static void test_sums__leave_out_what_the_caller_may_not_enter(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = sample_open(&f);
    int64_t home = expect(sample, 3, 0, INT64_MAX - 1).runs;
    assert_true(home < N_RUNS);
    assert_int_equal(runs_seen(&f, ""), N_RUNS);
    assert_status(configure(&f, sample->elsewhere, strrchr(sample->automations[2], '/') + 1, "1", 1), 200);
    Str body = str_printf(&f.arena, "{\"display_name\":\"w\",\"workspaces\":[\"%s\"]}", f.workspace_name);
    Reply bound = fixture_call(&f, "POST", str_to_c(&f.arena, body), "/api/v1/me/tokens");
    const char *callers[] = {f.viewer_token, text_at(&f, bound.json, "secret")};
    for (size_t i = 0; i < COUNT_OF(callers); i++) {
        f.as = callers[i];
        assert_int_equal(runs_seen(&f, ""), home);
        assert_status(fixture_call(&f, "GET", NULL, "%s/dashboards:queryInsights?" ALL_TIME "&filter.workspaceIds=%s",
                                   f.organization, sample->elsewhere + strlen("/api/v1/")),
                      403);
        assert_status(fixture_call(&f, "GET", NULL, "%s/dashboards:queryInsights?" ALL_TIME "&filter.automationIds=%s",
                                   f.organization, sample->automations[2] + strlen("/api/v1/")),
                      404);
        Reply estimates = fixture_call(&f, "GET", NULL, "%s/dashboards:queryAutomationEstimates", f.organization);
        assert_int_equal(json_at(estimates.json, "workspace_estimates")->count, 0);
    }
    f.as = f.token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/dashboards:queryInsights?" ALL_TIME "&filter.workspaceIds=%s",
                               f.organization, f.other_workspace + strlen("/api/v1/")),
                  404);
    sample_close(sample);
}

static void test_estimates__are_kept_and_checked(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *path = fixture_automation(&f, "First", simple), *name = path + strlen("/api/v1/");
    Reply reply = configure(&f, f.workspace, name, "1e1", 60);
    assert_text(&f, reply.json, "automation_estimates.0.cost_usd", "10.00");
    reply = configure(&f, f.workspace, name, "0.1234", 61);
    assert_int_equal(json_at(reply.json, "automation_estimates")->count, 1);
    Reply all = fixture_call(&f, "GET", NULL, "%s/dashboards:queryAutomationEstimates", f.organization);
    const Json *mine = json_get(json_at(all.json, "workspace_estimates"), str_from_c(f.workspace_name));
    assert_text(&f, mine, "estimates.0.automation_id", name);
    assert_text(&f, mine, "estimates.0.cost_usd", "0.1234");
    assert_int_equal(number_at(mine, "estimates.0.time_saved_secs"), 61);
    static const char *const wrong[] = {"-1", "much", "0.1234567", "1000000001", ""};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_status(configure(&f, f.workspace, name, wrong[i], 1), 400);
    assert_status(configure(&f, f.workspace, name, "1", -1), 400);
    assert_status(configure(&f, f.workspace, "organizations/o/workspaces/w/automations/a", "1", 1), 400);
    assert_status(configure(&f, f.workspace, "nosuch", "1", 1), 404);
    assert_status(configure(&f, f.other_workspace, name, "1", 1), 404);
    f.as = f.viewer_token;
    assert_status(configure(&f, f.workspace, name, "1", 1), 403);
    f.as = NULL;
    assert_status(configure(&f, f.workspace, name, "1", 1), 401);
    fixture_close(&f);
}

static void test_every_call__is_guarded_and_checked(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    static const struct {
        const char *good, *bad;
    } rows[] = {
        {"/dashboards:queryInsights?" ALL_TIME, "/dashboards:queryInsights"},
        {"/dashboards:queryInsights?" ALL_TIME, "/dashboards:queryInsights?" ALL_TIME "&filter.timeWindow.timeZone=M"},
        {"/dashboards:queryInsights?" ALL_TIME,
         "/dashboards:queryInsights?filter.timeWindow.startTime=2026-01-02T00:00:00Z&filter.timeWindow.endTime=2026-01-"
         "01T00:00:00Z"},
        {"/dashboards:queryInsights?" ALL_TIME,
         "/dashboards:queryInsights?filter.timeWindow.startTime=now&filter.timeWindow.endTime=2026-01-01T00:00:00Z"},
        {"/dashboards:queryInsights?" ALL_TIME,
         "/dashboards:queryInsights?filter.timeWindow.startTime=0001-01-01T00:00:00Z&filter.timeWindow.endTime=9999-01-"
         "01T00:00:00Z"},
        {"/analytics/insights", "/analytics/insights?start_date=2026-02-30"},
        {"/analytics/insights?start_date=2026-02-01", "/analytics/insights?start_date=2026-02-02&end_date=2026-02-01"},
        {"/dashboards:queryAutomationEstimates", NULL},
        {"/metrics:query?metrics=runs&start_time=2026-01-01T00:00:00Z&end_time=2026-02-01T00:00:00Z",
         "/metrics:query?metrics=runs&start_time=2026-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
#define CALL(path) fixture_call(&f, "GET", NULL, "%s%s", f.organization, path)
        f.as = f.viewer_token;
        assert_status(CALL(rows[i].good), 200);
        f.as = f.other_token;
        assert_status(CALL(rows[i].good), 404);
        f.as = NULL;
        assert_status(CALL(rows[i].good), 401);
        f.as = f.token;
        if (rows[i].bad && CALL(rows[i].bad).status != 400)
            fail_msg("%s is not refused", rows[i].bad);
#undef CALL
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_insights__are_what_a_count_gives),
        cmocka_unit_test(test_exception_insights__give_the_mean_time_to_resolution),
        cmocka_unit_test(test_metrics__are_what_a_count_gives),
        cmocka_unit_test(test_metrics__have_intervals_labels_and_orders),
        cmocka_unit_test(test_metrics__are_paged_by_series),
        cmocka_unit_test(test_metrics__measure_files_and_automations),
        cmocka_unit_test(test_metrics__refuse_what_is_not_measured),
        cmocka_unit_test(test_sums__leave_out_what_the_caller_may_not_enter),
        cmocka_unit_test(test_estimates__are_kept_and_checked),
        cmocka_unit_test(test_every_call__is_guarded_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
