/* api/insight.c: what automations were worth in a stretch of time: runs, how they ended, what that saved.
 *
 * Runs count in the period in which they were created. What is saved is the estimate of the automation for each of its
 * completed runs. Runs of deleted automations count. */
#include <stdlib.h>

#include "api/estimate.h"
#include "api/handlers.h"
#include "api/name.h"
#include "api/period.h"
#include "api/reach.h"
#include "api/spelling.h"
#include "api/window.h"
#include "base/clock.h"
#include "store/estimate.h"
#include "store/exception.h"
#include "store/rollup.h"

#define MINUTE_US INT64_C(60000000)

/* ---- what is asked ---- */

typedef struct Asked {
    const ApiParameter *workspaces, *automations; /* NULL for all */
    int64_t from_us, until_us;
    Str zone;
} Asked;

/* ---- counting ---- */

typedef struct Sum {
    int64_t runs, completed, manual, saved_s;
    Uint128 saved_micros;
} Sum;

typedef struct Insight {
    Arena *arena;
    Reach reach;
    Periods periods;
    int64_t before_us;                /* the stretch that this one is compared with: from then until this one begins */
    Str compared_with;                /* its name */
    EstimatedAutomation *automations; /* by key, ascending */
    int n_automations;
    bool *chosen; /* of them; NULL: all */
    Sum *of_automation;
    Sum *of_period; /* for each workspace of the reach, its periods */
    int64_t *waiting;
    int64_t n_waiting;
    Sum total, before;
} Insight;

static int by_key(const void *a, const void *b)
{
    const EstimatedAutomation *x = a, *y = b;
    return (x->automation > y->automation) - (x->automation < y->automation);
}

static int find_automation(const Insight *insight, int64_t key)
{
    const EstimatedAutomation *found =
        insight->n_automations ? bsearch(&(EstimatedAutomation){.automation = key}, insight->automations,
                                         (size_t)insight->n_automations, sizeof *insight->automations, by_key)
                               : NULL;
    return found ? (int)(found - insight->automations) : -1;
}

/* Whether a sum is of what was asked for, and where it belongs. */
static bool belongs(const Insight *insight, const RunSum *sum, int *out_workspace, int *out_automation)
{
    *out_workspace = reach_find(&insight->reach, sum->workspace);
    *out_automation = find_automation(insight, sum->automation);
    return *out_workspace >= 0 && (!insight->chosen || (*out_automation >= 0 && insight->chosen[*out_automation]));
}

static void sum_add(Sum *into, const RunCounts *counts, const Estimate *estimate)
{
    into->runs += counts->total;
    into->completed += counts->completed;
    into->manual += counts->manual;
    if (estimate) {
        into->saved_s += estimate->time_saved_s * counts->completed;
        into->saved_micros += (Uint128)estimate->cost_micros * (Uint128)counts->completed;
    }
}

static void count_run(void *self, const RunSum *sum)
{
    Insight *insight = self;
    int workspace, automation, period = periods_find(&insight->periods, sum->at_us);
    if (period < 0 || !belongs(insight, sum, &workspace, &automation))
        return;
    const Estimate *estimate = automation >= 0 ? &insight->automations[automation].estimate : NULL;
    sum_add(&insight->total, &sum->counts, estimate);
    sum_add(&insight->of_period[workspace * insight->periods.n + period], &sum->counts, estimate);
    if (automation >= 0)
        sum_add(&insight->of_automation[automation], &sum->counts, estimate);
}

static void count_before(void *self, const RunSum *sum)
{
    Insight *insight = self;
    int workspace, automation;
    if (belongs(insight, sum, &workspace, &automation))
        sum_add(&insight->before, &sum->counts, NULL);
}

static void count_waiting(void *self, const RunSum *sum)
{
    Insight *insight = self;
    int workspace, automation, period = periods_find(&insight->periods, sum->at_us);
    if (period < 0 || !belongs(insight, sum, &workspace, &automation))
        return;
    insight->waiting[period] += sum->counts.total;
    insight->n_waiting += sum->counts.total;
}

static bool choose_automation(Insight *insight, const ApiRequest *request, Str asked, Error *err)
{
    for (int i = 0; i < insight->n_automations; i++) {
        const EstimatedAutomation *row = &insight->automations[i];
        int w = reach_find(&insight->reach, row->workspace);
        if (w < 0)
            continue;
        Str name = str_find_char(asked, '/') < 0
                       ? row->automation_id
                       : name_automation(request->arena, &insight->reach.workspaces[w], row->automation_id);
        if (str_eq(asked, name)) {
            insight->chosen[i] = true;
            return true;
        }
    }
    return error_set(err, NOT_FOUND, "", "automation \"%.*s\" was not found in the workspaces that are asked for",
                     STR_ARG(str_clip(asked, 200)));
}

static bool choose(Insight *insight, const ApiRequest *request, const ApiParameter *asked, Error *err)
{
    if (!asked || asked->n == 0)
        return true;
    insight->chosen = NEW_ARRAY(request->arena, bool, (size_t)insight->n_automations);
    for (uint32_t i = 0; i < asked->n; i++) {
        if (!choose_automation(insight, request, asked->texts[i], err))
            return false;
    }
    return true;
}

static Str times(Arena *arena, int64_t n, const char *unit)
{
    return n == 1 ? str_printf(arena, "Previous %s", unit) : str_printf(arena, "Previous %lld %ss", (long long)n, unit);
}

/* The largest unit that the length is a multiple of, give or take a fiftieth: clients ask for thirty days up to now in
 * milliseconds, and both ends count. */
static Str name_of_length(Arena *arena, int64_t length_us)
{
    static const struct {
        int64_t us;
        const char *name;
    } units[] = {{1440 * MINUTE_US, "day"}, {60 * MINUTE_US, "hour"}, {MINUTE_US, "minute"}};
    for (size_t i = 0; i + 1 < COUNT_OF(units); i++) {
        int64_t n = (length_us + units[i].us / 2) / units[i].us, past = length_us - n * units[i].us;
        if (n > 0 && (past < 0 ? -past : past) <= length_us / 50)
            return times(arena, n, units[i].name);
    }
    return times(arena, (length_us + MINUTE_US - 1) / MINUTE_US, "minute");
}

/* Whole days of the zone are compared with as many days before, whatever the clocks did to their length; they may end
 * with the last second or less of a day, as clients put it. Any other stretch is compared with one of its length. */
static bool look_back(const Asked *asked_for, Insight *insight, Error *err)
{
    Arena *arena = insight->arena;
    Str zone = asked_for->zone;
    int64_t from = asked_for->from_us, until = asked_for->until_us, begins, ends, first, end;
    int64_t past = until % MINUTE_US, whole = until - past + (past > 0 ? MINUTE_US : 0);
    if (!day_at(arena, zone, from, &first, err) || !day_at(arena, zone, whole, &end, err) ||
        !day_start(arena, zone, first, &begins, err) || !day_start(arena, zone, end, &ends, err))
        return false;
    if (begins == from && ends == whole) {
        insight->compared_with = times(arena, end - first, "day");
        return day_start(arena, zone, first - (end - first), &insight->before_us, err);
    }
    insight->before_us = from - (until - from);
    insight->compared_with = name_of_length(arena, until - from);
    return true;
}

static bool count_all(ApiRequest *request, const Asked *asked_for, Insight *insight, Error *err)
{
    Arena *arena = request->arena;
    int64_t from = asked_for->from_us, until = asked_for->until_us;
    *insight = (Insight){.arena = arena};
    if (!periods_between(arena, asked_for->zone, period_unit_for(from, until), from, until, &insight->periods, err) ||
        !look_back(asked_for, insight, err) || !reach_read(request, asked_for->workspaces, &insight->reach, err))
        return false;
    Scope scope = reach_scope(request, &insight->reach);
    if (!store_estimated_automations(request->tx, arena, &scope, &insight->automations, &insight->n_automations, err) ||
        !choose(insight, request, asked_for->automations, err))
        return false;
    insight->of_automation = NEW_ARRAY(arena, Sum, (size_t)insight->n_automations);
    insight->of_period = NEW_ARRAY(arena, Sum, (size_t)insight->reach.n * (size_t)insight->periods.n);
    insight->waiting = NEW_ARRAY(arena, int64_t, (size_t)insight->periods.n);
    const SumWindow now = {from, until, insight->periods.starts, insight->periods.n},
                    before = {insight->before_us, from, NULL, 0};
    return store_run_sums(request->tx, &scope, &now, count_run, insight, err) &&
           store_run_sums(request->tx, &scope, &before, count_before, insight, err) &&
           store_runs_awaiting(request->tx, &scope, from, until, count_waiting, insight, err);
}

/* ---- as JSON ---- */

static double percent_of(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* From nothing to something is 100. */
static double percent_change(double before, double now)
{
    if (before <= 0)
        return now > 0 ? 100 : 0;
    return 100.0 * (now - before) / before;
}

static void write_trend(const Spelled *out, const Insight *insight, double before, double now)
{
    spelled_key(out, "trend");
    json_open_object(out->json);
    spelled_double(out, "percent_change", percent_change(before, now));
    spelled_text(out, "comparison_window", insight->compared_with);
    json_close_object(out->json);
}

typedef void (*WriteSum)(const Spelled *out, const Sum *sum);

static void write_value(const Spelled *out, const Sum *sum)
{
    spelled_count(out, "time_saved_secs", sum->saved_s);
    spelled_text(out, "money_saved_usd", dollars_text(out->arena, sum->saved_micros));
}

static void write_runs(const Spelled *out, const Sum *sum)
{
    spelled_count(out, "runs_count", sum->runs);
}

static void open_workspace(const Spelled *out, const Scope *workspace)
{
    json_key(out->json, name_workspace(out->arena, workspace));
    json_open_object(out->json);
    spelled_key(out, "values");
    json_open_array(out->json);
}

static void close_workspace(const Spelled *out)
{
    json_close_array(out->json);
    json_close_object(out->json);
}

static void write_automations(const Spelled *out, const Insight *insight, int w, WriteSum write)
{
    const Scope *workspace = &insight->reach.workspaces[w];
    open_workspace(out, workspace);
    for (int i = 0; i < insight->n_automations; i++) {
        const EstimatedAutomation *row = &insight->automations[i];
        if (row->workspace != workspace->workspace || (insight->chosen && !insight->chosen[i]) ||
            (row->deleted && insight->of_automation[i].runs == 0))
            continue;
        json_open_object(out->json);
        spelled_text(out, "automation_id", name_automation(out->arena, workspace, row->automation_id));
        spelled_text(out, "display_name", row->display_name);
        write(out, &insight->of_automation[i]);
        json_close_object(out->json);
    }
    close_workspace(out);
}

static void write_periods(const Spelled *out, const Insight *insight, const Str *labels, int w, WriteSum write)
{
    open_workspace(out, &insight->reach.workspaces[w]);
    for (int p = 0; p < insight->periods.n; p++) {
        json_open_object(out->json);
        spelled_text(out, "window_label", labels[p]);
        write(out, &insight->of_period[w * insight->periods.n + p]);
        json_close_object(out->json);
    }
    close_workspace(out);
}

static void write_workspaces(const Spelled *out, const Insight *insight, const Str *labels, WriteSum write)
{
    spelled_key(out, "insights_per_automation_per_workspace");
    json_open_object(out->json);
    for (int w = 0; w < insight->reach.n; w++)
        write_automations(out, insight, w, write);
    json_close_object(out->json);
    spelled_key(out, "insights_per_period_per_workspace");
    json_open_object(out->json);
    for (int w = 0; w < insight->reach.n; w++)
        write_periods(out, insight, labels, w, write);
    json_close_object(out->json);
}

static void write_completions(const Spelled *out, const Insight *insight, const Str *labels)
{
    spelled_key(out, "completions_per_period");
    json_open_array(out->json);
    for (int p = 0; p < insight->periods.n; p++) {
        int64_t completed = 0, manual = 0;
        for (int w = 0; w < insight->reach.n; w++) {
            completed += insight->of_period[w * insight->periods.n + p].completed;
            manual += insight->of_period[w * insight->periods.n + p].manual;
        }
        json_open_object(out->json);
        spelled_text(out, "window_label", labels[p]);
        spelled_count(out, "auto_completed_count", completed - manual);
        spelled_count(out, "manually_resolved_count", manual);
        json_close_object(out->json);
    }
    json_close_array(out->json);
}

static void write_waiting(const Spelled *out, const Insight *insight, const Str *labels)
{
    spelled_key(out, "runs_per_period");
    json_open_array(out->json);
    for (int p = 0; p < insight->periods.n; p++) {
        json_open_object(out->json);
        spelled_text(out, "window_label", labels[p]);
        spelled_count(out, "runs_awaiting_guidance", insight->waiting[p]);
        json_close_object(out->json);
    }
    json_close_array(out->json);
}

static void write_insight(const Spelled *out, const Insight *insight, const Str *labels)
{
    const Sum *total = &insight->total, *before = &insight->before;
    double completed = percent_of(total->completed, total->runs);
    spelled_key(out, "value_insight");
    json_open_object(out->json);
    spelled_text(out, "total_money_saved_usd", dollars_text(out->arena, total->saved_micros));
    spelled_count(out, "total_time_saved_secs", total->saved_s);
    write_workspaces(out, insight, labels, write_value);
    json_close_object(out->json);

    spelled_key(out, "run_insight");
    json_open_object(out->json);
    spelled_count(out, "total_runs_count", total->runs);
    write_workspaces(out, insight, labels, write_runs);
    write_trend(out, insight, (double)before->runs, (double)total->runs);
    json_close_object(out->json);

    spelled_key(out, "completion_insight");
    json_open_object(out->json);
    spelled_double(out, "total_percent_completions", completed);
    write_completions(out, insight, labels);
    write_trend(out, insight, percent_of(before->completed, before->runs), completed);
    spelled_double(out, "stp", percent_of(total->completed - total->manual, total->runs));
    json_close_object(out->json);

    spelled_key(out, "awaiting_guidance_insight");
    json_open_object(out->json);
    spelled_count(out, "total_runs_awaiting_guidance", insight->n_waiting);
    write_waiting(out, insight, labels);
    json_close_object(out->json);
}

/* Clients read either spelling: this one answer has both. */
static bool answer(ApiRequest *request, const Asked *asked_for, Error *err)
{
    Insight insight;
    Str *labels;
    if (!count_all(request, asked_for, &insight, err) || !period_labels(request->arena, &insight.periods, &labels, err))
        return false;
    Spelled out = {.json = &request->json, .arena = request->arena};
    json_open_object(out.json);
    write_insight(&out, &insight, labels);
    out.camel = true;
    write_insight(&out, &insight, labels);
    json_close_object(out.json);
    return true;
}

/* ---- the operations ---- */

static bool query_insights(ApiRequest *request, Error *err)
{
    const ApiParameter *query = request->query;
    Asked asked_for = {
        .workspaces = &query[QUERY_FILTER_WORKSPACE_IDS],
        .automations = &query[QUERY_FILTER_AUTOMATION_IDS],
        .from_us = query[QUERY_FILTER_TIME_WINDOW_START_TIME].number,
        .until_us = query[QUERY_FILTER_TIME_WINDOW_END_TIME].number + 1, /* inclusive */
        .zone = query[QUERY_FILTER_TIME_WINDOW_TIME_ZONE].text,
    };
    return answer(request, &asked_for, err);
}

#define DAYS_UNLESS_SAID 30

/* By days, the first and the last included. */
static bool read_days(ApiRequest *request, Asked *out, Error *err)
{
    const ApiParameter *query = request->query;
    int64_t first, last;
    out->zone = query[QUERY_TIME_ZONE].text;
    if (!day_at(request->arena, out->zone, clock_now_us(), &last, err) ||
        (query[QUERY_END_DATE].present && !day_parse(query[QUERY_END_DATE].text, "end_date", &last, err)))
        return false;
    first = last - DAYS_UNLESS_SAID + 1;
    if (query[QUERY_START_DATE].present && !day_parse(query[QUERY_START_DATE].text, "start_date", &first, err))
        return false;
    if (last < first)
        return error_set(err, INVALID_ARGUMENT, "end_date", "lies before start_date");
    return day_start(request->arena, out->zone, first, &out->from_us, err) &&
           day_start(request->arena, out->zone, last + 1, &out->until_us, err);
}

static bool query_insights_of_days(ApiRequest *request, Error *err)
{
    Asked asked_for = {.workspaces = &request->query[QUERY_WORKSPACE_ID]};
    return read_days(request, &asked_for, err) && answer(request, &asked_for, err);
}

/* How long answers took: of the exceptions that were raised on these days. */
static bool query_exception_insights(ApiRequest *request, Error *err)
{
    Spelled out = {.json = &request->json, .arena = request->arena};
    Asked asked_for = {0};
    ExceptionTimes times;
    if (!read_days(request, &asked_for, err) ||
        !store_exception_times(request->tx, &request->scope, asked_for.from_us, asked_for.until_us, &times, err))
        return false;
    json_open_object(out.json);
    spelled_count(&out, "total_exceptions_count", times.total);
    spelled_count(&out, "pending_count", times.pending);
    spelled_count(&out, "resolved_count", times.resolved);
    spelled_count(&out, "archived_count", times.archived);
    if (times.resolved > 0)
        spelled_double(&out, "mean_time_to_resolution_secs", (double)times.resolved_us / 1e6 / (double)times.resolved);
    json_close_object(out.json);
    return true;
}

const Handler insight_handlers[] = {
    {OP_QUERY_INSIGHTS, ON_READER, query_insights},
    {OP_QUERY_INSIGHTS_OF_DAYS, ON_READER, query_insights_of_days},
    {OP_QUERY_EXCEPTION_INSIGHTS, ON_READER, query_exception_insights},
    HANDLERS_END,
};
