/* api/metric_query.c: how many runs, automations, files and pages there were in each period, by what they are tagged
 * with.
 *
 * A record belongs to the period in which it was created. Its value is 1, of a file its size in bytes. */
#include <stdlib.h>

#include "api/handlers.h"
#include "api/list.h"
#include "api/period.h"
#include "api/reach.h"
#include "aip/order.h"
#include "base/map.h"
#include "store/estimate.h"
#include "store/file.h"
#include "store/rollup.h"

/* No document is read by a page yet, so that of pages there is no record. */
typedef enum Metric { METRIC_RUNS, METRIC_FILES, METRIC_AUTOMATIONS, METRIC_PAGES, N_METRICS } Metric;
static const Str metric_names[N_METRICS] = {S_INIT("runs"), S_INIT("files"), S_INIT("automations"), S_INIT("pages")};

typedef enum Tag { TAG_STATUS, TAG_WORKSPACE, TAG_AUTOMATION, N_TAGS } Tag;
/* In the order of the contract's filter fields. */
static const Str tag_names[N_TAGS] = {S_INIT("status"), S_INIT("workspace_id"), S_INIT("automation_id")};

/* In the order of the contract's MetricStatus; of a file there is none. */
typedef enum Status {
    STATUS_SUCCESS,
    STATUS_FAILED,
    STATUS_PENDING,
    STATUS_EXECUTING,
    STATUS_AWAITING_GUIDANCE,
    STATUS_STOPPING,
    STATUS_STOPPED,
    STATUS_ACTIVE,
    STATUS_DEACTIVATED,
    STATUS_DRAFT,
    STATUS_NONE,
    N_STATUSES
} Status;
static_assert(STATUS_DRAFT == (int)WIRE_METRIC_STATUS_DRAFT && STATUS_NONE == (int)WIRE_METRIC_STATUS_N,
              "statuses are numbered as the contract does");
static const Str status_names[N_STATUSES] = {
    S_INIT("success"),           S_INIT("failed"),   S_INIT("pending"), S_INIT("executing"),
    S_INIT("awaiting_guidance"), S_INIT("stopping"), S_INIT("stopped"), S_INIT("active"),
    S_INIT("deactivated"),       S_INIT("draft"),    S_INIT("")};
static const Status status_of_run[RUN_N_STATES] = {[RUN_PENDING] = STATUS_PENDING,
                                                   [RUN_EXECUTING] = STATUS_EXECUTING,
                                                   [RUN_AWAITING_GUIDANCE] = STATUS_AWAITING_GUIDANCE,
                                                   [RUN_STOPPING] = STATUS_STOPPING,
                                                   [RUN_STOPPED] = STATUS_STOPPED,
                                                   [RUN_COMPLETED] = STATUS_SUCCESS,
                                                   [RUN_FAILED] = STATUS_FAILED};

static const Str interval_names[] = {[PERIOD_HOUR] = S_INIT("METRIC_INTERVAL_HOUR"),
                                     [PERIOD_DAY] = S_INIT("METRIC_INTERVAL_DAY"),
                                     [PERIOD_WEEK] = S_INIT("METRIC_INTERVAL_WEEK"),
                                     [PERIOD_MONTH] = S_INIT("METRIC_INTERVAL_MONTH")};
static const Str aggregation_names[] = {[WIRE_AGGREGATION_FUNCTION_COUNT] = S_INIT("AGGREGATION_FUNCTION_COUNT"),
                                        [WIRE_AGGREGATION_FUNCTION_SUM] = S_INIT("AGGREGATION_FUNCTION_SUM"),
                                        [WIRE_AGGREGATION_FUNCTION_AVG] = S_INIT("AGGREGATION_FUNCTION_AVG"),
                                        [WIRE_AGGREGATION_FUNCTION_MIN] = S_INIT("AGGREGATION_FUNCTION_MIN"),
                                        [WIRE_AGGREGATION_FUNCTION_MAX] = S_INIT("AGGREGATION_FUNCTION_MAX")};

/* ---- what is asked ---- */

typedef struct Point {
    int64_t n, sum, least, most;
} Point;

typedef struct Series {
    Str tags[N_TAGS]; /* "" where it is not grouped by */
    Point *points;    /* one for each period */
} Series;

/* Points of all series of an answer; an answer of more would be no chart. */
#define POINTS_MOST 500000

typedef struct Asked {
    Arena *arena;
    Reach reach;
    Scope scope;
    Periods periods;
    int64_t from_us, until_us;
    WireAggregationFunction aggregation;
    const Filter *filter;
    bool grouped[N_TAGS];
    OrderTerm order[N_TAGS + 1]; /* fields: the tags, then the value */
    int n_order;
    EstimatedAutomation *automations; /* by key, ascending */
    int n_automations;
    int64_t n_points;
    bool too_many;
} Asked;

/* One metric while it is counted. */
typedef struct Count {
    Asked *asked;
    Map by_tags;    /* the tags together → Series */
    Series **known; /* by automation and status, once it was looked up; &left_out when the filter leaves it out */
} Count;
static Series left_out;

static int find_name(const Str *names, int n, Str name)
{
    for (int i = 0; i < n; i++) {
        if (str_eq(names[i], name))
            return i;
    }
    return -1;
}

static bool read_groups(const ApiParameter *given, bool grouped[N_TAGS], Error *err)
{
    for (uint32_t i = 0; i < given->n; i++) {
        int tag = find_name(tag_names, N_TAGS, given->texts[i]);
        if (tag < 0)
            return error_set(err, INVALID_ARGUMENT, "group_by",
                             "cannot group by \"%.*s\"; possible here: status, workspace_id, automation_id",
                             STR_ARG(str_clip(given->texts[i], 64)));
        grouped[tag] = true;
    }
    return true;
}

static bool read_order(const ApiRequest *request, Asked *asked, Error *err)
{
    Str fields[N_TAGS + 1];
    int of_field[N_TAGS + 1], n = 0;
    for (int tag = 0; tag < N_TAGS; tag++) {
        if (asked->grouped[tag]) {
            fields[n] = tag_names[tag];
            of_field[n++] = tag;
        }
    }
    fields[n] = S("value");
    of_field[n++] = N_TAGS;
    if (!order_parse(request->query[QUERY_ORDER_BY].text, fields, (size_t)n, asked->order, N_TAGS + 1, &asked->n_order,
                     err))
        return false;
    for (int i = 0; i < asked->n_order; i++)
        asked->order[i].field = of_field[asked->order[i].field];
    return true;
}

#define HOUR_US (INT64_C(3600) * 1000000)
#define HOURS_CUT 4 /* more than clocks that jump by half an hour cut in two */

/* The interval that is asked for, or the next one that gives no more periods than an answer may have. */
static PeriodUnit unit_of(int64_t interval, int64_t from_us, int64_t until_us)
{
    int64_t hours = (until_us - from_us) / HOUR_US + 2;
    if (interval == WIRE_METRIC_INTERVAL_UNSPECIFIED)
        return hours <= 50 ? PERIOD_HOUR : period_unit_for(from_us, until_us);
    if (interval == WIRE_METRIC_INTERVAL_HOUR && hours + HOURS_CUT <= PERIODS_MOST)
        return PERIOD_HOUR;
    if (interval <= WIRE_METRIC_INTERVAL_DAY && hours / 24 + 2 <= PERIODS_MOST)
        return PERIOD_DAY;
    return interval <= WIRE_METRIC_INTERVAL_WEEK && hours / (24 * 7) + 2 <= PERIODS_MOST ? PERIOD_WEEK : PERIOD_MONTH;
}

static bool read_asked(ApiRequest *request, const ApiList *list, Asked *out, Error *err)
{
    const ApiParameter *query = request->query;
    int64_t from = query[QUERY_START_TIME].number, until = query[QUERY_END_TIME].number;
    *out = (Asked){.arena = request->arena,
                   .from_us = from,
                   .until_us = until,
                   .filter = list->query.filter,
                   .aggregation = (WireAggregationFunction)query[QUERY_AGGREGATION].number};
    if (out->aggregation == WIRE_AGGREGATION_FUNCTION_UNSPECIFIED)
        out->aggregation = WIRE_AGGREGATION_FUNCTION_COUNT;
    if (!read_groups(&query[QUERY_GROUP_BY], out->grouped, err) || !read_order(request, out, err) ||
        !periods_between(request->arena, query[QUERY_TIME_ZONE].text,
                         unit_of(query[QUERY_INTERVAL].number, from, until), from, until, &out->periods, err) ||
        !reach_read(request, NULL, &out->reach, err))
        return false;
    out->scope = reach_scope(request, &out->reach);
    return store_estimated_automations(request->tx, request->arena, &out->scope, &out->automations, &out->n_automations,
                                       err);
}

/* ---- the filter ---- */

/* As the contract has it: statuses are an enum, the other tags are ids. */
static bool term_holds(const Filter *term, Status status, const Str tags[N_TAGS])
{
    if (term->present)
        return tags[term->field].len > 0;
    bool same = term->field == TAG_STATUS ? term->number == (int64_t)status : str_eq(tags[term->field], term->text);
    return term->op == FILTER_NE ? !same : same;
}

/* As deep as the filter, which has its bound. */
static bool holds(const Filter *filter, Status status, const Str tags[N_TAGS])
{
    if (!filter)
        return true;
    if (filter->kind == FILTER_TERM)
        return term_holds(filter, status, tags);
    if (filter->kind == FILTER_NOT)
        return !holds(filter->kids[0], status, tags);
    for (uint32_t i = 0; i < filter->n_kids; i++) {
        if (holds(filter->kids[i], status, tags) == (filter->kind == FILTER_OR))
            return filter->kind == FILTER_OR;
    }
    return filter->kind == FILTER_AND;
}

/* ---- counting ---- */

static Series *series_of(Count *count, Status status, Str workspace_id, Str automation_id)
{
    Asked *asked = count->asked;
    Str tags[N_TAGS] = {status_names[status], workspace_id, automation_id};
    if (!holds(asked->filter, status, tags))
        return &left_out;
    for (int tag = 0; tag < N_TAGS; tag++)
        tags[tag] = asked->grouped[tag] ? tags[tag] : S("");
    Str key = str_printf(asked->arena, "%.*s\n%.*s\n%.*s", STR_ARG(tags[TAG_STATUS]), STR_ARG(tags[TAG_WORKSPACE]),
                         STR_ARG(tags[TAG_AUTOMATION]));
    Series *series = map_get(&count->by_tags, key);
    if (series)
        return series;
    asked->n_points += asked->periods.n;
    if (asked->n_points > POINTS_MOST) {
        asked->too_many = true;
        return &left_out;
    }
    series = NEW(asked->arena, Series);
    *series = (Series){.points = NEW_ARRAY(asked->arena, Point, (size_t)asked->periods.n)};
    for (int tag = 0; tag < N_TAGS; tag++)
        series->tags[tag] = tags[tag];
    map_put(&count->by_tags, key, series);
    return series;
}

static void add(const Asked *asked, const Series *series, int64_t at_us, int64_t n, int64_t value)
{
    int period = periods_find(&asked->periods, at_us);
    if (series == &left_out || n == 0 || period < 0)
        return;
    Point *point = &series->points[period];
    point->least = point->n == 0 ? value : MIN_OF(point->least, value);
    point->most = point->n == 0 ? value : MAX_OF(point->most, value);
    point->n += n;
    point->sum += n * value;
}

static int by_key(const void *a, const void *b)
{
    const EstimatedAutomation *x = a, *y = b;
    return (x->automation > y->automation) - (x->automation < y->automation);
}

static const Series *series_of_automation(Count *count, int64_t key, Status status)
{
    Asked *asked = count->asked;
    const EstimatedAutomation *found = asked->n_automations
                                           ? bsearch(&(EstimatedAutomation){.automation = key}, asked->automations,
                                                     (size_t)asked->n_automations, sizeof *asked->automations, by_key)
                                           : NULL;
    if (!found || reach_find(&asked->reach, found->workspace) < 0)
        return &left_out;
    Series **known = &count->known[(found - asked->automations) * N_STATUSES + status];
    if (!*known)
        *known = series_of(count, status, found->workspace_id, found->automation_id);
    return *known;
}

static void count_run(Count *count, const RunSum *sum, int64_t n, Status status)
{
    if (n > 0)
        add(count->asked, series_of_automation(count, sum->automation, status), sum->at_us, n, 1);
}

static void count_ended(void *self, const RunSum *sum)
{
    count_run(self, sum, sum->counts.completed, STATUS_SUCCESS);
    count_run(self, sum, sum->counts.failed, STATUS_FAILED);
}

static void count_going(void *self, const RunSum *sum, RunState state)
{
    count_run(self, sum, sum->counts.total, status_of_run[state]);
}

static void count_file(void *self, int64_t workspace, int64_t at_us, int64_t size_bytes)
{
    Count *count = self;
    int at = reach_find(&count->asked->reach, workspace);
    if (at >= 0 || workspace == 0) {
        Str id = at >= 0 ? count->asked->reach.workspaces[at].workspace_id : S("");
        add(count->asked, series_of(count, STATUS_NONE, id, S("")), at_us, 1, size_bytes);
    }
}

static void count_automations(Count *count)
{
    for (int i = 0; i < count->asked->n_automations; i++) {
        const EstimatedAutomation *row = &count->asked->automations[i];
        Status status = row->activation == ACTIVATION_ACTIVE        ? STATUS_ACTIVE
                        : row->activation == ACTIVATION_DEACTIVATED ? STATUS_DEACTIVATED
                                                                    : STATUS_DRAFT;
        if (!row->deleted && row->create_us >= count->asked->from_us && row->create_us < count->asked->until_us)
            add(count->asked, series_of_automation(count, row->automation, status), row->create_us, 1, 1);
    }
}

/* Files of the organization itself are counted for those who may look at them. */
static bool count_files(ApiRequest *request, Count *count, Error *err)
{
    Asked *asked = count->asked;
    Scope organization;
    Error refusal = {0};
    bool all = principal_authorize(request->tx, request->arena, request->principal, S("read:File"),
                                   request->scope.organization_id, S(""), &organization, &refusal);
    if (!all && refusal.code != PERMISSION_DENIED) {
        *err = refusal;
        return false;
    }
    return store_file_sizes(request->tx, &request->scope, all, asked->from_us, asked->until_us, count_file, count, err);
}

static bool count_metric(ApiRequest *request, Metric metric, Count *count, Error *err)
{
    Asked *asked = count->asked;
    const SumWindow window = {asked->from_us, asked->until_us, asked->periods.starts, asked->periods.n};
    switch (metric) {
    case METRIC_RUNS:
        return store_run_sums(request->tx, &asked->scope, &window, count_ended, count, err) &&
               store_runs_going(request->tx, &asked->scope, asked->from_us, asked->until_us, count_going, count, err);
    case METRIC_FILES: return count_files(request, count, err);
    case METRIC_AUTOMATIONS: count_automations(count); return true;
    case METRIC_PAGES:
    case N_METRICS: break;
    }
    return true;
}

/* ---- the answer ---- */

static double value_of(const Asked *asked, const Point *point)
{
    switch (asked->aggregation) {
    case WIRE_AGGREGATION_FUNCTION_SUM: return (double)point->sum;
    case WIRE_AGGREGATION_FUNCTION_AVG: return point->n ? (double)point->sum / (double)point->n : 0;
    case WIRE_AGGREGATION_FUNCTION_MIN: return (double)point->least;
    case WIRE_AGGREGATION_FUNCTION_MAX: return (double)point->most;
    case WIRE_AGGREGATION_FUNCTION_UNSPECIFIED:
    case WIRE_AGGREGATION_FUNCTION_COUNT:
    case WIRE_AGGREGATION_FUNCTION_N: break;
    }
    return (double)point->n;
}

/* Of nothing there is a count and a sum, but no average, least or greatest. */
static bool is_told(const Asked *asked, const Point *point)
{
    return point->n > 0 || asked->aggregation == WIRE_AGGREGATION_FUNCTION_COUNT ||
           asked->aggregation == WIRE_AGGREGATION_FUNCTION_SUM;
}

/* That of the last point which the series has. */
static double last_value(const Asked *asked, const Series *series)
{
    for (int p = asked->periods.n; p-- > 0;) {
        if (is_told(asked, &series->points[p]))
            return value_of(asked, &series->points[p]);
    }
    return 0;
}

static int compare_field(const Asked *asked, int field, const Series *x, const Series *y)
{
    if (field < N_TAGS)
        return str_compare(x->tags[field], y->tags[field]);
    double p = last_value(asked, x), q = last_value(asked, y);
    return (p > q) - (p < q);
}

static int compare_series(const void *a, const void *b, void *self)
{
    const Series *x = ((const MapEntry *)a)->value, *y = ((const MapEntry *)b)->value;
    const Asked *asked = self;
    for (int i = 0; i < asked->n_order; i++) {
        int sign = compare_field(asked, asked->order[i].field, x, y);
        if (sign != 0)
            return asked->order[i].descending ? -sign : sign;
    }
    for (int tag = 0; tag < N_TAGS; tag++) { /* whatever is asked for, one order */
        int sign = compare_field(asked, tag, x, y);
        if (sign != 0)
            return sign;
    }
    return 0;
}

/* Clients read these names in either spelling. */
static void write_point(JsonOut *out, const Asked *asked, int64_t start_us, const Point *point, Str label)
{
    json_open_object(out);
    json_member_time_us(out, S("start_time"), start_us);
    json_member_time_us(out, S("startTime"), start_us);
    json_key(out, S("value"));
    json_raw(out, str_printf(asked->arena, "%.17g", value_of(asked, point)));
    json_member_str(out, S("window_label"), label);
    json_member_str(out, S("windowLabel"), label);
    json_close_object(out);
}

static void write_series(JsonOut *out, const Asked *asked, const Series *series, const Str *labels)
{
    json_open_object(out);
    json_key(out, S("tags"));
    json_open_object(out);
    for (int tag = 0; tag < N_TAGS; tag++) {
        if (asked->grouped[tag])
            json_member_str(out, tag_names[tag], series->tags[tag]);
    }
    json_close_object(out);
    json_key(out, S("points"));
    json_open_array(out);
    for (int p = 0; p < asked->periods.n; p++) {
        if (is_told(asked, &series->points[p]))
            write_point(out, asked, asked->periods.starts[p], &series->points[p], labels[p]);
    }
    json_close_array(out);
    json_close_object(out);
}

/* Each metric shows the same page of its own series; `last` becomes the page of one that goes on, if any does. */
static void write_result(JsonOut *out, Asked *asked, Metric metric, Map *series, const ApiList *list, ApiList *last,
                         const Str *labels)
{
    ApiList page = *list;
    int from, to;
    if (series->count > 0)
        qsort_r(series->entries, series->count, sizeof *series->entries, compare_series, asked);
    list_slice(&page, (int)series->count, &from, &to);
    json_open_object(out);
    json_member_str(out, S("metric"), metric_names[metric]);
    json_member_str(out, S("interval"), interval_names[asked->periods.unit]);
    json_member_str(out, S("aggregation"), aggregation_names[asked->aggregation]);
    json_key(out, S("series"));
    json_open_array(out);
    for (int i = from; i < to; i++)
        write_series(out, asked, series->entries[i].value, labels);
    json_close_array(out);
    json_close_object(out);
    if (page.end.more)
        *last = page;
}

static bool read_metrics(const ApiParameter *given, Metric metrics[N_METRICS], int *out_n, Error *err)
{
    int n = 0;
    for (uint32_t i = 0; i < given->n; i++) {
        int metric = find_name(metric_names, N_METRICS, given->texts[i]);
        if (metric < 0)
            return error_set(err, INVALID_ARGUMENT, "metrics",
                             "\"%.*s\" is not measured; possible here: runs, files, automations, pages",
                             STR_ARG(str_clip(given->texts[i], 64)));
        bool again = false;
        for (int k = 0; k < n; k++)
            again |= metrics[k] == (Metric)metric;
        if (!again)
            metrics[n++] = (Metric)metric;
    }
    *out_n = n;
    return true;
}

static bool answer_metric(ApiRequest *request, Asked *asked, Metric metric, const ApiList *list, ApiList *last,
                          const Str *labels, Error *err)
{
    Count count = {.asked = asked, .by_tags = {.arena = asked->arena}};
    count.known = NEW_ARRAY(asked->arena, Series *, (size_t)asked->n_automations * N_STATUSES);
    if (!asked->grouped[TAG_STATUS] && !asked->grouped[TAG_WORKSPACE] && !asked->grouped[TAG_AUTOMATION]) {
        Filter everything = {.kind = FILTER_AND}; /* the one series is there even when it is empty */
        const Filter *filter = asked->filter;
        asked->filter = &everything;
        series_of(&count, STATUS_NONE, S(""), S(""));
        asked->filter = filter;
    }
    if (!count_metric(request, metric, &count, err))
        return false;
    if (asked->too_many)
        return error_set(err, INVALID_ARGUMENT, "group_by",
                         "these are more than %d points; ask for a longer interval, a shorter time or fewer tags",
                         POINTS_MOST);
    write_result(&request->json, asked, metric, &count.by_tags, list, last, labels);
    return true;
}

static bool query_metrics(ApiRequest *request, Error *err)
{
    ApiList list;
    Asked asked;
    Metric metrics[N_METRICS];
    Str *labels;
    int n;
    if (!list_begin(request, &list, err) || !read_metrics(&request->query[QUERY_METRICS], metrics, &n, err) ||
        !read_asked(request, &list, &asked, err) || !period_labels(request->arena, &asked.periods, &labels, err))
        return false;
    ApiList last = list;
    json_open_object(&request->json);
    json_key(&request->json, S("results"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++) {
        if (!answer_metric(request, &asked, metrics[i], &list, &last, labels, err))
            return false;
    }
    json_close_array(&request->json);
    list_end(request, &last);
    json_close_object(&request->json);
    return true;
}

const Handler metric_query_handlers[] = {
    {OP_QUERY_METRICS, ON_READER, query_metrics},
    HANDLERS_END,
};
