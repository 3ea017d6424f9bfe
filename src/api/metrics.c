#include "api/metrics.h"

#include "engine/run.h"

static const int64_t bounds_us[METRICS_N_BUCKETS] = {500,   1000,   2500,   5000,    10000,
                                                     50000, 100000, 500000, 1000000, 10000000};

void metrics_count(Metrics *metrics, const ContractOperation *operation, const HttpOutcome *outcome)
{
    OperationMetrics *row = operation ? &metrics->operations[operation - contract_operations] : &metrics->unknown;
    int class = outcome->status >= 100 && outcome->status < 600 ? outcome->status / 100 : 0;
    row->answers[class]++;
    row->duration_us += (uint64_t)MAX_OF(outcome->duration_us, 0);
    int bucket = 0;
    while (bucket < METRICS_N_BUCKETS && outcome->duration_us > bounds_us[bucket])
        bucket++;
    row->buckets[bucket]++;
}

static void head(Buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP clerkwork_%s %s\n# TYPE clerkwork_%s %s\n", name, help, name, type);
}

static void one(Buf *out, const char *name, const char *type, const char *help, int64_t value)
{
    head(out, name, type, help);
    buf_printf(out, "clerkwork_%s %lld\n", name, (long long)value);
}

static uint64_t row_total(const OperationMetrics *row)
{
    uint64_t total = 0;
    for (size_t class = 0; class < COUNT_OF(row->answers); class ++)
        total += row->answers[class];
    return total;
}

static void print_answers(Buf *out, const OperationMetrics *row, Str operation)
{
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    for (size_t class = 0; class < COUNT_OF(classes); class ++) {
        if (row->answers[class])
            buf_printf(out, "clerkwork_http_requests_total{operation=\"%.*s\",status=\"%s\"} %llu\n",
                       STR_ARG(operation), classes[class], (unsigned long long)row->answers[class]);
    }
}

static void print_durations(Buf *out, const OperationMetrics *row, Str operation)
{
    const char *name = "clerkwork_http_request_duration_seconds";
    uint64_t total = row_total(row), below = 0;
    if (total == 0)
        return;
    for (int i = 0; i < METRICS_N_BUCKETS; i++) {
        below += row->buckets[i];
        buf_printf(out, "%s_bucket{operation=\"%.*s\",le=\"%g\"} %llu\n", name, STR_ARG(operation),
                   (double)bounds_us[i] / 1e6, (unsigned long long)below);
    }
    buf_printf(out, "%s_bucket{operation=\"%.*s\",le=\"+Inf\"} %llu\n", name, STR_ARG(operation),
               (unsigned long long)total);
    buf_printf(out, "%s_sum{operation=\"%.*s\"} %.6f\n", name, STR_ARG(operation), (double)row->duration_us / 1e6);
    buf_printf(out, "%s_count{operation=\"%.*s\"} %llu\n", name, STR_ARG(operation), (unsigned long long)total);
}

static void print_operations(Buf *out, const Metrics *metrics)
{
    head(out, "http_requests_total", "counter", "Requests by operation and class of status.");
    for (int i = 0; i < OP_COUNT; i++)
        print_answers(out, &metrics->operations[i], contract_operations[i].id);
    print_answers(out, &metrics->unknown, S("none"));
    head(out, "http_request_duration_seconds", "histogram", "From a request's head to the last byte of its answer.");
    for (int i = 0; i < OP_COUNT; i++)
        print_durations(out, &metrics->operations[i], contract_operations[i].id);
}

static void print_http(Buf *out, const HttpCounters *http)
{
    one(out, "http_connections_total", "counter", "Connections accepted.", (int64_t)http->connections);
    one(out, "http_open_connections", "gauge", "Connections now.", (int64_t)http->open_connections);
    one(out, "http_open_streams", "gauge", "Event streams now.", (int64_t)http->open_streams);
    one(out, "http_refused_requests_total", "counter", "Requests malformed or over a limit.",
        (int64_t)http->refused_requests);
    one(out, "http_aborted_total", "counter", "Clients that left before their answer.", (int64_t)http->aborted);
    one(out, "http_bytes_in_total", "counter", "Bytes read.", (int64_t)http->bytes_in);
    one(out, "http_bytes_out_total", "counter", "Bytes written.", (int64_t)http->bytes_out);
}

static void print_store(Buf *out, const MetricsSources *sources)
{
    one(out, "store_commits_total", "counter", "Transactions committed.", (int64_t)sources->store->commits);
    one(out, "store_commands_total", "counter", "Commands applied.", (int64_t)sources->store->commands);
    one(out, "store_refused_total", "counter", "Commands refused.", (int64_t)sources->store->refused);
    one(out, "store_writable", "gauge", "0 while the store takes no writes.", sources->health->writable);
    one(out, "store_node", "gauge", "This process's number among those that share the database; 0: it is alone.",
        sources->health->node);
    one(out, "store_leads", "gauge", "1 for the process that sees to schedules and webhooks.", sources->health->leads);
}

static void print_engine(Buf *out, const MetricsSources *sources)
{
    const EngineCounters *engine = sources->engine;
    one(out, "runs_started_total", "counter", "Runs begun.", (int64_t)engine->started);
    one(out, "runs_completed_total", "counter", "Runs completed.", (int64_t)engine->completed);
    one(out, "runs_failed_total", "counter", "Runs failed.", (int64_t)engine->failed);
    one(out, "questions_total", "counter", "Questions asked.", (int64_t)engine->questions);
    one(out, "answers_total", "counter", "Questions answered by people.", (int64_t)engine->answers);
    one(out, "guided_total", "counter", "Questions answered by guide entries.", (int64_t)engine->guided);
    one(out, "engine_active", "gauge", "Runs being evaluated.", (int64_t)engine->active);
    one(out, "engine_outside", "gauge", "Runs whose call of a book is under way.", (int64_t)engine->outside);
    one(out, "engine_queued", "gauge", "Runs waiting for a worker, or until they may call out.",
        (int64_t)engine->queued);
    one(out, "engine_timers", "gauge", "Runs waiting for a time, those in memory: the earliest.",
        (int64_t)engine->timers);
    head(out, "runs", "gauge", "Runs by state.");
    for (int state = 0; state < RUN_N_STATES; state++)
        buf_printf(out, "clerkwork_runs{state=\"%s\"} %lld\n", run_state_names[state], (long long)sources->runs[state]);
}

void metrics_print(Buf *out, const Metrics *metrics, const MetricsSources *sources)
{
    head(out, "build_info", "gauge", "The version that runs.");
    buf_printf(out, "clerkwork_build_info{version=\"%.*s\"} 1\n", STR_ARG(sources->version));
    one(out, "uptime_seconds", "gauge", "Since the process began.", sources->uptime_s);
    print_operations(out, metrics);
    print_http(out, sources->http);
    one(out, "readers_waiting", "gauge", "Requests that wait for a reader thread.", sources->waiting);
    print_store(out, sources);
    print_engine(out, sources);
}
