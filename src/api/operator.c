/* api/operator.c: what those who keep the server running ask: health, readiness, metrics, and the contract itself. */
#include "api/handlers.h"
#include "api/internal.h"
#include "base/clock.h"
#include "http/server.h"

static bool get_health(ApiRequest *request, Error *err)
{
    (void)err;
    const Api *api = request->api;
    StoreHealth health;
    store_health(api->options.store, &health);
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("status"), S("ok"));
    json_member_str(out, S("version"), api->options.version);
    json_member_str(out, S("durability"), str_from_c(health.synchronous));
    json_key(out, S("uptime_seconds"));
    json_i64(out, (clock_monotonic_us() - api->started_us) / 1000000);
    json_close_object(out);
    return true;
}

static void readiness_check(JsonOut *out, Str name, bool ok, Str message)
{
    json_open_object(out);
    json_member_str(out, S("name"), name);
    json_key(out, S("ok"));
    json_bool(out, ok);
    if (message.len > 0)
        json_member_str(out, S("message"), message);
    json_close_object(out);
}

static bool get_readiness(ApiRequest *request, Error *err)
{
    (void)err;
    const Api *api = request->api;
    StoreHealth health;
    store_health(api->options.store, &health);
    bool serving = !api->draining, ready = serving && health.writable;
    JsonOut *out = &request->json;
    request->status = ready ? 200 : 503;
    json_open_object(out);
    json_member_str(out, S("status"), ready ? S("ready") : S("not_ready"));
    json_key(out, S("checks"));
    json_open_array(out);
    readiness_check(out, S("store"), health.writable, str_from_c(health.problem));
    readiness_check(out, S("server"), serving, serving ? S("") : S("shutting down"));
    json_close_array(out);
    json_close_object(out);
    return true;
}

/* Counting runs takes a reader; the other numbers are the loop's. */
static bool count_runs(ApiRequest *request, Error *err)
{
    request->state = NEW_ARRAY(request->arena, int64_t, RUN_N_STATES);
    return store_run_count_by_state(request->tx, request->state, err);
}

static void finish_metrics(ApiRequest *request)
{
    Api *api = request->api;
    HttpCounters http;
    StoreCounters store;
    StoreHealth health;
    EngineCounters engine;
    http_server_counters(request->http->server, &http);
    store_counters(api->options.store, &store);
    store_health(api->options.store, &health);
    engine_counters(api->options.engine, &engine);
    MetricsSources sources = {
        .http = &http,
        .store = &store,
        .health = &health,
        .engine = &engine,
        .runs = request->state,
        .waiting = pool_waiting(api->readers) + pool_waiting(api->blockers) + pool_waiting(api->evaluators) +
                   pool_waiting(api->callers),
        .uptime_s = (clock_monotonic_us() - api->started_us) / 1000000,
        .version = api->options.version,
    };
    metrics_print(&request->out, &api->metrics, &sources);
    api_header(request, S("Content-Type"), S("text/plain; version=0.0.4; charset=utf-8"));
    api_answer(request);
}

static bool get_open_api(ApiRequest *request, Error *err)
{
    (void)err;
    buf_add(&request->out, contract_document, contract_document_len);
    return true;
}

const Handler operator_handlers[] = {
    {OP_GET_HEALTH, ON_LOOP, get_health},
    {OP_GET_READINESS, ON_LOOP, get_readiness},
    {.operation = OP_GET_METRICS, .place = ON_READER, .work = count_runs, .finish = finish_metrics},
    {OP_GET_OPEN_API, ON_LOOP, get_open_api},
    HANDLERS_END,
};
