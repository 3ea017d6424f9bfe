/* api/run_aggregate.c: how many runs each automation had, and each day. */
#include "aip/name.h"
#include "api/handlers.h"
#include "api/name.h"
#include "api/spelling.h"
#include "api/window.h"
#include "base/clock.h"
#include "store/rollup.h"

/* ---- which automations ---- */

typedef struct Chosen {
    const Str *ids; /* n of them; all when n is 0 and `all` */
    uint32_t n;
    bool all;
} Chosen;

static bool is_chosen(const Chosen *chosen, Str id)
{
    for (uint32_t i = 0; i < chosen->n; i++) {
        if (str_eq(chosen->ids[i], id))
            return true;
    }
    return chosen->all;
}

/* The contract knows one field and OR. */
static bool choose(ApiRequest *request, Chosen *out, Error *err)
{
    const ContractOperation *operation = request->operation;
    const Filter *filter;
    *out = (Chosen){.all = true};
    if (!filter_parse(request->arena, request->query[QUERY_FILTER].text, operation->filter_fields,
                      operation->n_filter_fields, &filter, err))
        return false;
    if (!filter)
        return true;
    Filter *one = NULL;
    uint32_t n = filter->kind == FILTER_OR ? filter->n_kids : 1;
    Filter *const *terms = filter->kind == FILTER_OR ? filter->kids : &one;
    Str *ids = NEW_ARRAY(request->arena, Str, n);
    for (uint32_t i = 0; i < n; i++) {
        const Filter *term = filter->kind == FILTER_OR ? terms[i] : filter;
        if (term->kind != FILTER_TERM)
            return error_set(err, INVALID_ARGUMENT, "filter", "comparisons of automation_id can be joined by OR only");
        ids[i] = term->text;
    }
    *out = (Chosen){.ids = ids, .n = n};
    return true;
}

/* ---- per automation ---- */

static void write_entry(const Spelled *out, Str name, const RunCounts *counts)
{
    json_open_object(out->json);
    spelled_text(out, "automation_id", name);
    spelled_key(out, "stats");
    json_open_object(out->json);
    spelled_count(out, "total_runs", counts->total);
    spelled_count(out, "completed_runs", counts->completed);
    json_close_object(out->json);
    json_close_object(out->json);
}

/* Clients read either spelling: this one answer has both. */
static bool write_automations(ApiRequest *request, const Chosen *chosen, Error *err)
{
    Arena *arena = request->arena;
    AutomationRuns *rows;
    int n;
    if (!store_automation_runs(request->tx, arena, &request->scope, &rows, &n, err))
        return false;
    json_open_object(&request->json);
    for (int camel = 0; camel < 2; camel++) {
        const Spelled out = {.json = &request->json, .arena = arena, .camel = camel};
        spelled_key(&out, "automation_run_aggregates");
        json_open_array(out.json);
        for (int i = 0; i < n; i++) {
            if (is_chosen(chosen, rows[i].automation_id))
                write_entry(&out, name_automation(arena, &request->scope, rows[i].automation_id), &rows[i].counts);
        }
        json_close_array(out.json);
    }
    json_close_object(&request->json);
    return true;
}

static bool query_automations(ApiRequest *request, Error *err)
{
    return write_automations(request, &(Chosen){.all = true}, err);
}

/* ---- per day ---- */

typedef struct Daily {
    const Days *days;
    const int64_t *automations; /* keys of those that are chosen, sorted by nothing */
    int n_automations;
    bool all;
    int64_t *totals;
} Daily;

static void count_run(void *self, const RunSum *sum)
{
    Daily *daily = self;
    int day = days_find(daily->days, sum->at_us);
    bool counts = daily->all;
    for (int i = 0; !counts && i < daily->n_automations; i++)
        counts = daily->automations[i] == sum->automation;
    if (day >= 0 && counts)
        daily->totals[day] += sum->counts.total;
}

/* Runs of a deleted automation count where all are meant, as they are still listed. */
static bool keys_of(ApiRequest *request, const Chosen *chosen, Daily *daily, Error *err)
{
    int64_t *keys = NEW_ARRAY(request->arena, int64_t, chosen->n);
    for (uint32_t i = 0; i < chosen->n; i++) {
        Automation automation;
        Error unknown = {0};
        if (store_automation_get(request->tx, request->arena, &request->scope, chosen->ids[i], true, &automation,
                                 &unknown))
            keys[daily->n_automations++] = automation.key;
        else if (unknown.code != NOT_FOUND) {
            *err = unknown;
            return false;
        }
    }
    daily->automations = keys;
    daily->all = chosen->all;
    return true;
}

static bool write_days(ApiRequest *request, const Chosen *chosen, Str zone, int64_t first, int64_t last, Error *err)
{
    JsonOut *out = &request->json;
    Days days;
    Daily daily = {.days = &days};
    if (!days_between(request->arena, zone, first, last, &days, err) || !keys_of(request, chosen, &daily, err))
        return false;
    daily.totals = NEW_ARRAY(request->arena, int64_t, (size_t)days.n);
    const SumWindow window = {days.starts[0], days.starts[days.n], days.starts, days.n};
    if (!store_run_sums(request->tx, &request->scope, &window, count_run, &daily, err))
        return false;
    json_open_object(out);
    json_key(out, S("daily_run_aggregates"));
    json_open_array(out);
    for (int i = 0; i < days.n; i++) {
        json_open_object(out);
        json_member_str(out, S("date"), day_text(request->arena, days.first + i));
        json_key(out, S("stats"));
        json_open_object(out);
        json_key(out, S("total_runs"));
        json_i64(out, MIN_OF(daily.totals[i], INT32_MAX));
        json_close_object(out);
        json_close_object(out);
    }
    json_close_array(out);
    json_close_object(out);
    return true;
}

/* A google.type.Date: without a day it is the whole month, without a month the whole year, without a year no date. */
static bool date_of_parts(const ApiParameter *year, const ApiParameter *month, const ApiParameter *day, bool at_end,
                          const char *field, int64_t fallback, int64_t *out, Error *err)
{
    int64_t y = year->number, m = month->number, d = day->number;
    if (y == 0 && (m || d))
        return error_set(err, INVALID_ARGUMENT, field, "has no year");
    if (m == 0 && d)
        return error_set(err, INVALID_ARGUMENT, field, "has a day but no month");
    if (y && m && d > days_in_month(y, (int)m))
        return error_set(err, INVALID_ARGUMENT, field, "the month has only %d days", days_in_month(y, (int)m));
    if (y == 0) {
        *out = fallback;
        return true;
    }
    m = m ? m : (at_end ? 12 : 1);
    d = d ? d : (at_end ? days_in_month(y, (int)m) : 1);
    *out = days_from_civil(y, (int)m, (int)d);
    return true;
}

#define DAYS_UNLESS_SAID 30

static bool query_days(ApiRequest *request, Error *err)
{
    const ApiParameter *query = request->query;
    Str zone = query[QUERY_TIME_ZONE].text;
    int64_t today, first, last;
    Chosen chosen;
    return day_at(request->arena, zone, clock_now_us(), &today, err) &&
           date_of_parts(&query[QUERY_END_DATE_YEAR], &query[QUERY_END_DATE_MONTH], &query[QUERY_END_DATE_DAY], true,
                         "end_date", today, &last, err) &&
           date_of_parts(&query[QUERY_START_DATE_YEAR], &query[QUERY_START_DATE_MONTH], &query[QUERY_START_DATE_DAY],
                         false, "start_date", last - DAYS_UNLESS_SAID + 1, &first, err) &&
           choose(request, &chosen, err) && write_days(request, &chosen, zone, first, last, err);
}

/* ---- the guides' one path for both ---- */

static bool query_stats(ApiRequest *request, Error *err)
{
    const ApiParameter *query = request->query;
    Str id = name_leaf(query[QUERY_AUTOMATION_ID].text), zone = query[QUERY_TIME_ZONE].text;
    Chosen chosen = {.ids = &id, .n = id.len > 0, .all = id.len == 0};
    int64_t first, last;
    if (!query[QUERY_DAILY].number)
        return write_automations(request, &chosen, err);
    if (!day_at(request->arena, zone, clock_now_us(), &last, err) ||
        (query[QUERY_END_DATE].present && !day_parse(query[QUERY_END_DATE].text, "end_date", &last, err)))
        return false;
    first = last - DAYS_UNLESS_SAID + 1;
    if (query[QUERY_START_DATE].present && !day_parse(query[QUERY_START_DATE].text, "start_date", &first, err))
        return false;
    return write_days(request, &chosen, zone, first, last, err);
}

const Handler run_aggregate_handlers[] = {
    {OP_QUERY_AUTOMATION_RUN_AGGREGATES, ON_READER, query_automations},
    {OP_QUERY_DAILY_RUN_AGGREGATES, ON_READER, query_days},
    {OP_QUERY_RUN_STATS, ON_READER, query_stats},
    HANDLERS_END,
};
