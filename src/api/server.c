/* api/server.c: the life of a request: route, admit, check, run at its place, answer. */
#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/admit.h"
#include "api/check.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/parameters.h"
#include "api/respond.h"
#include "api/route.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/inline.h"
#include "http/response.h"

/* Parsing a larger body would hold up everybody else on the loop. */
#define LOOP_BODY_MAX (64u << 10)
/* More requests than this waiting for a reader: the server says so instead of taking minutes. */
#define WAITING_MAX 20000
/* A database that is silent stops the loop for no longer. */
#define LOOP_READ_US 1000000
enum { EVALUATORS = INLINE_COMPUTING };
enum { CALLERS = 64 }; /* threads that wait for other servers: the network has room for no more calls at a time */

/* ---- from one type to the one that it is embedded in ---- */

static ApiRequest *request_of_command(Command *command)
{
    return (ApiRequest *)((char *)command - offsetof(ApiRequest, command));
}

static ApiRequest *request_of_letter(HttpLetter *letter)
{
    HttpRequest *http = (HttpRequest *)((char *)letter - offsetof(HttpRequest, letter));
    return http->context;
}

/* ---- answering, on the loop ---- */

static void reset_answer(ApiRequest *request)
{
    request->status = 200;
    request->out.len = 0;
    request->out.arena = request->arena;
    request->json = json_out(&request->out);
    request->n_headers = request->n_kept_headers;
}

void api_header(ApiRequest *request, Str name, Str value)
{
    assert(request->n_headers < COUNT_OF(request->headers));
    request->headers[request->n_headers++] = (HttpHeader){name, value};
}

bool api_only_validates(const ApiRequest *request)
{
    return request->query[QUERY_VALIDATE_ONLY].number;
}

static bool has_header(const ApiRequest *request, Str name)
{
    for (size_t i = 0; i < request->n_headers; i++) {
        if (str_eq_fold(request->headers[i].name, name))
            return true;
    }
    return false;
}

/* In tests and debug builds an answer that breaks the contract ends the process: nobody can overlook it. */
void api_check_answer(Api *api, const ContractOperation *operation, SchemaId schema, Str body)
{
    if (!api->options.check_responses)
        return;
    AUTO(arena_done)
    Arena arena = {0};
    Violations wrong = {.arena = &arena};
    const Json *json;
    Error err;
    if (!json_parse(&arena, body, API_ANSWER_DEPTH, &json, &err))
        violation_add(&wrong, S(""), "%s", err.message);
    else
        check_response(schema, json, &wrong);
    if (wrong.count == 0)
        return;
    fprintf(stderr, "the answer of %.*s is not what the contract says:\n", STR_ARG(operation->id));
    for (uint32_t i = 0; i < wrong.count; i++)
        fprintf(stderr, "  %.*s: %.*s\n", STR_ARG(wrong.items[i].field), STR_ARG(wrong.items[i].description));
    fprintf(stderr, "%.*s\n", STR_ARG(str_slice(body, 0, 4000)));
    abort();
}

static void send_json(ApiRequest *request)
{
    if (!has_header(request, S("Content-Type")))
        api_header(request, S("Content-Type"), S("application/json"));
    http_respond(request->http, request->status, request->headers, request->n_headers, buf_view(&request->out));
}

void api_answer(ApiRequest *request)
{
    uint16_t schema = request->operation->response;
    if (schema != CONTRACT_NO_SCHEMA)
        api_check_answer(request->api, request->operation, schema, buf_view(&request->out));
    send_json(request);
}

/* A refusal that the contract does not list for the operation would surprise its callers. */
static void check_refusal(const ApiRequest *request, const Error *err)
{
    if (!request->operation || !request->api->options.check_responses)
        return;
    if ((request->operation->errors | CONTRACT_COMMON_ERRORS) & BIT(err->code))
        return;
    fprintf(stderr, "%.*s gives %s (%s), which the contract does not list\n", STR_ARG(request->operation->id),
            error_code_name(err->code), err->message);
    abort();
}

static void refuse(ApiRequest *request, const Error *err, int status)
{
    reset_answer(request);
    request->status = status;
    error_to_json(&request->json, err, status, &request->wrong, (int)request->retry_after_s);
    if (request->retry_after_s > 0)
        api_header(request, S("Retry-After"), str_printf(request->arena, "%lld", (long long)request->retry_after_s));
    if (status == 401)
        api_header(request, S("WWW-Authenticate"), S("Bearer"));
    if (request->operation)
        api_check_answer(request->api, request->operation, SCHEMA_ERROR, buf_view(&request->out));
    send_json(request);
}

void api_refuse_as(ApiRequest *request, const Error *err, int status)
{
    check_refusal(request, err);
    if (err->code == UNAVAILABLE && request->retry_after_s == 0)
        request->retry_after_s = 1;
    refuse(request, err, status);
}

void api_refuse(ApiRequest *request, const Error *err)
{
    int own = request->handler && err->code == FAILED_PRECONDITION ? request->handler->precondition_status : 0;
    api_refuse_as(request, err, own ? own : error_code_http(err->code));
}

static void answer_or_refuse(ApiRequest *request)
{
    if (request->failed)
        api_refuse(request, &request->failure);
    else if (request->handler->finish)
        request->handler->finish(request);
    else
        api_answer(request);
}

/* ---- what every place does ---- */

static bool takes(const ContractOperation *operation, QueryParameter query)
{
    for (uint32_t i = 0; i < operation->n_parameters; i++) {
        if (operation->parameters[i].id == query)
            return true;
    }
    return false;
}

/* In the body, too, where proto's clients put it: a change must not be made because the wish to only try it stood in an
 * unexpected place. */
static void read_validate_only(ApiRequest *request, const Json *body)
{
    const Json *said = json_get_any_case(body, S("validate_only"));
    if (!said || said->kind == JSON_NULL || !takes(request->operation, QUERY_VALIDATE_ONLY))
        return;
    if (said->kind != JSON_BOOL)
        violation_add(&request->wrong, S("validate_only"), "true or false is expected");
    else if (said->boolean)
        request->query[QUERY_VALIDATE_ONLY].number = 1;
}

static bool read_body(ApiRequest *request, Error *err)
{
    HttpRequest *http = request->http;
    const Json *body = NULL;
    if (request->operation->body == CONTRACT_NO_SCHEMA || request->handler->begin)
        return true;
    if (str_trim(http->body).len > 0 && !json_parse(request->arena, http->body, CONTRACT_BODY_DEPTH, &body, err))
        return error_within(err, "body");
    read_validate_only(request, body);
    request->body = check_body(request->arena, request->operation, body, &request->wrong);
    return true;
}

/* Who calls, whether they may, and whether what they say makes sense: all of it before a handler runs. */
static bool prepare_call(ApiRequest *request, Tx *tx, Error *err)
{
    request->tx = tx;
    if (!admit(request, err))
        return false;
    parameters_read(request->arena, request->operation, request->http->query, request->query, &request->wrong);
    return read_body(request, err) && violations_none(&request->wrong, err);
}

static int64_t loop_deadline_us(void)
{
    return clock_monotonic_us() + LOOP_READ_US;
}

static bool run_reading(ApiRequest *request, StoreReader *reader, HandlerFunction work, Error *err)
{
    Tx *tx = NULL;
    request->reader = reader;
    bool on_loop = reader == request->api->loop_reader;
    store_reader_deadline(reader, on_loop ? MIN_OF(request->http->deadline_us, loop_deadline_us())
                                          : request->http->deadline_us);
    if (!tx_begin_read(reader, &tx, err))
        return false;
    bool by_itself = request->handler->place == BY_ITSELF;
    bool ok = prepare_call(request, tx, err) && (!work || work(request, err));
    tx_end(tx);
    if (!ok || !by_itself) /* one that took itself over may be gone by now */
        request->tx = NULL;
    return ok;
}

/* ---- the writer ---- */

static bool writer_apply(Tx *tx, Command *command, Error *err)
{
    ApiRequest *request = request_of_command(command);
    reset_answer(request);
    request->wrong.count = 0;
    request->tx = tx;
    request->reader = NULL;
    request->validated = false;
    if (!request->handler->work(request, err))
        return false;
    request->validated = api_only_validates(request);
    /* Refused to the writer, so that nothing is kept; the caller gets the answer all the same. */
    return !request->validated || error_set(err, CANCELLED, "", "only validated");
}

static void come_back(HttpLetter *letter)
{
    answer_or_refuse(request_of_letter(letter));
}

static void send_back(ApiRequest *request)
{
    request->http->letter.run = come_back;
    http_post(request->http, &request->http->letter);
}

static void writer_done(Command *command, bool ok, const Error *err)
{
    ApiRequest *request = request_of_command(command);
    request->tx = NULL;
    request->failed = !ok && !request->validated;
    if (request->failed)
        request->failure = *err;
    send_back(request);
}

static void submit(ApiRequest *request)
{
    request->command = (Command){.apply = writer_apply, .done = writer_done};
    store_submit(request->api->options.store, &request->command);
}

/* ---- pool threads ---- */

/* The view must be over before the work blocks: a writer that waits for old readers would wait for us. */
static bool run_blocking(ApiRequest *request, StoreReader *reader, Error *err)
{
    return run_reading(request, reader, request->handler->prepare, err) && request->handler->work(request, err);
}

static void job_returned(HttpLetter *letter)
{
    ApiRequest *request = request_of_letter(letter);
    request->job_back(request);
}

static void run_job(ApiRequest *request, StoreReader *reader)
{
    void (*job)(ApiRequest *) = request->job;
    request->job = NULL;
    request->reader = reader;
    job(request);
    request->http->letter.run = job_returned;
    http_post(request->http, &request->http->letter);
}

static void send_job(ApiRequest *request, Pool *pool, void (*job)(ApiRequest *), void (*back)(ApiRequest *))
{
    request->job = job;
    request->job_back = back;
    if (pool_send(pool, request))
        return;
    request->job = NULL;
    request->failed = true;
    (void)error_set(&request->failure, UNAVAILABLE, "", "too many requests are waiting; try again in a second");
    back(request);
}

void api_run_job(ApiRequest *request, void (*job)(ApiRequest *request), void (*back)(ApiRequest *request))
{
    send_job(request, request->api->blockers, job, back);
}

void api_call_out(ApiRequest *request, void (*job)(ApiRequest *request), void (*back)(ApiRequest *request))
{
    send_job(request, request->api->callers, job, back);
}

static void pool_run(ApiRequest *request, StoreReader *reader)
{
    if (request->job) {
        run_job(request, reader);
        return;
    }
    const Handler *handler = request->handler;
    Error err;
    bool ok;
    if (request->http->gone)
        ok = error_set(&err, CANCELLED, "", "the client left before its call was begun");
    else if (handler->place == ON_POOL || handler->place == ON_EVALUATOR)
        ok = run_blocking(request, reader, &err);
    else
        ok = run_reading(request, reader, handler->place == ON_WRITER ? handler->prepare : handler->work, &err);
    if (ok && handler->place == ON_WRITER) {
        submit(request);
        return;
    }
    request->failed = !ok;
    if (!ok)
        request->failure = err;
    send_back(request);
}

static void send_to_pool(ApiRequest *request, Pool *pool)
{
    if (pool_send(pool, request))
        return;
    Error err;
    (void)error_set(&err, UNAVAILABLE, "", "too many requests are waiting; try again in a second");
    api_refuse(request, &err);
}

/* ---- the loop ---- */

/* What is open to all must answer even when the store does not. */
static void run_on_loop(ApiRequest *request)
{
    HandlerFunction work = request->handler->work;
    if (request->operation->open_to_all)
        request->failed = !prepare_call(request, NULL, &request->failure) || !work(request, &request->failure);
    else
        request->failed = !run_reading(request, request->api->loop_reader, work, &request->failure);
    answer_or_refuse(request);
}

/* A change without anything to prepare goes to the writer straight from the loop. */
static void run_change(ApiRequest *request)
{
    Error err;
    if (request->handler->prepare || request->http->body.len > LOOP_BODY_MAX)
        send_to_pool(request, request->api->readers);
    else if (!run_reading(request, request->api->loop_reader, NULL, &err))
        api_refuse(request, &err);
    else
        submit(request);
}

static void run_by_itself(ApiRequest *request)
{
    Error err;
    if (request->handler->begin) { /* admitted and checked when its body began */
        if (!request->handler->work(request, &err))
            api_refuse(request, &err);
    } else if (!run_reading(request, request->api->loop_reader, request->handler->work, &err))
        api_refuse(request, &err);
}

static void on_handle(void *self, HttpRequest *http)
{
    ApiRequest *request = http->context;
    Api *api = self;
    switch (request->handler->place) {
    case ON_LOOP:
        if (request->handler->queries_are_long && request->http->query.len > 0)
            send_to_pool(request, api->readers);
        else
            run_on_loop(request);
        return;
    case ON_READER: send_to_pool(request, api->readers); return;
    case ON_WRITER: run_change(request); return;
    case ON_POOL: send_to_pool(request, api->blockers); return;
    case ON_EVALUATOR: send_to_pool(request, api->evaluators); return;
    case BY_ITSELF: run_by_itself(request); return;
    }
}

static bool begin_stream(ApiRequest *request, Error *err)
{
    Tx *tx = NULL;
    store_reader_deadline(request->api->loop_reader, loop_deadline_us());
    if (!tx_begin_read(request->api->loop_reader, &tx, err))
        return false;
    request->tx = tx;
    bool ok = admit(request, err);
    if (ok)
        parameters_read(request->arena, request->operation, request->http->query, request->query, &request->wrong);
    ok = ok && violations_none(&request->wrong, err) && request->handler->begin(request, err);
    request->tx = NULL;
    tx_end(tx);
    return ok;
}

static void refuse_route(ApiRequest *request, const Route *route, const Error *err)
{
    bool wrong_method = route->allowed != 0;
    if (wrong_method) {
        api_header(request, S("Allow"), route_allow(request->arena, route->allowed));
        request->n_kept_headers = request->n_headers;
    }
    refuse(request, err, wrong_method ? 405 : error_code_http(err->code));
}

static HttpBodyMode on_headers(void *self, HttpRequest *http)
{
    Api *api = self;
    Error err;
    Route route;
    ApiRequest *request = NEW(http->arena, ApiRequest);
    request->api = api;
    request->http = http;
    request->arena = http->arena;
    request->wrong.arena = http->arena;
    http->context = request;
    reset_answer(request);
    if (!route_match(http->arena, http->method, http->path, &route, &err)) {
        refuse_route(request, &route, &err);
        return HTTP_BODY_BUFFER;
    }
    request->operation = route.operation;
    request->handler = api->handlers[route.operation - contract_operations];
    memcpy(request->path, route.path, sizeof request->path);
    http->body_limit = route.operation->body_limit;
    if (!request->handler->begin)
        return HTTP_BODY_BUFFER;
    if (!begin_stream(request, &err)) {
        api_refuse(request, &err);
        return HTTP_BODY_STREAM;
    }
    return http->on_body ? HTTP_BODY_STREAM : HTTP_BODY_BUFFER;
}

/* ---- afterwards ---- */

/* The address of a hook is a secret. */
static Str shown_path(const HttpRequest *http, const ContractOperation *operation)
{
    if (operation == &contract_operations[OP_RECEIVE_HOOK])
        return operation->path;
    return http->path.data ? http->path : S("");
}

static void log_access(const HttpRequest *http, const ContractOperation *operation, const HttpOutcome *outcome)
{
    LogLevel level = outcome->status >= 500 ? LOG_WARN : LOG_INFO;
    LOG(level, "request", LOG_STR("request_id", http->id),
        LOG_STR("method", str_from_c(http_method_names[http->method])), LOG_STR("path", shown_path(http, operation)),
        LOG_STR("operation", operation ? operation->id : S("")), LOG_STR("peer", http->peer),
        LOG_NUM("status", outcome->status), LOG_NUM("duration_us", outcome->duration_us),
        LOG_NUM("bytes_in", (int64_t)outcome->body_in), LOG_NUM("bytes_out", (int64_t)outcome->body_out));
}

static void on_done(void *self, const HttpRequest *http, const HttpOutcome *outcome)
{
    Api *api = self;
    const ApiRequest *request = http->context;
    const ContractOperation *operation = request ? request->operation : NULL;
    metrics_count(&api->metrics, operation, outcome);
    log_access(http, operation, outcome);
}

HttpHandler api_handler(Api *api)
{
    return (HttpHandler){.self = api, .on_headers = on_headers, .handle = on_handle, .on_done = on_done};
}

/* ---- life ---- */

static bool read_page_key(Api *api, Error *err)
{
    Tx *tx = NULL;
    if (!tx_begin_read(api->loop_reader, &tx, err))
        return false;
    bool ok = store_secret(tx, api->page_key.bytes, err);
    tx_end(tx);
    return ok;
}

static bool find_handlers(Api *api, Error *err)
{
    for (int i = 0; i < OP_COUNT; i++) {
        api->handlers[i] = handler_find(contract_operations[i].canonical);
        if (!api->handlers[i])
            return error_set(err, INTERNAL, "", "nobody does %.*s: api/handlers.c lacks it",
                             STR_ARG(contract_operations[i].id));
        if (takes(&contract_operations[i], QUERY_VALIDATE_ONLY) && api->handlers[i]->place != ON_WRITER)
            return error_set(err, INTERNAL, "", "%.*s takes validate_only, which the writer alone can undo",
                             STR_ARG(contract_operations[i].id));
    }
    return true;
}

static bool start_folders(Api *api, Error *err)
{
    FolderWatchOptions options = {.store = api->options.store,
                                  .engine = api->options.engine,
                                  .root = api->options.folder_root,
                                  .max_bytes = (int64_t)contract_operations[OP_UPLOAD_FILE].body_limit,
                                  .quiet_us = api->options.folder_quiet_us,
                                  .look_us = api->options.folder_look_us};
    return !options.root || folder_watch_start(&options, &api->folders, err);
}

static bool start(Api *api, Error *err)
{
    int readers = api->options.readers > 0 ? api->options.readers : 2;
    int blockers = api->options.blockers > 0 ? api->options.blockers : 8;
    if (!find_handlers(api, err) || !store_reader_open(api->options.store, &api->loop_reader, err))
        return false;
    store_reader_hurry(api->loop_reader);
    return read_page_key(api, err) &&
           pool_start(api->options.store, readers, WAITING_MAX, pool_run, &api->readers, err) &&
           pool_start(api->options.store, blockers, WAITING_MAX, pool_run, &api->blockers, err) &&
           pool_start(api->options.store, EVALUATORS, WAITING_MAX, pool_run, &api->evaluators, err) &&
           pool_start(NULL, CALLERS, WAITING_MAX, pool_run, &api->callers, err) && start_folders(api, err);
}

bool api_open(const ApiOptions *options, Api **out, Error *err)
{
    Api *api = calloc(1, sizeof *api);
    if (!api)
        abort();
    api->options = *options;
    api->started_us = clock_monotonic_us();
    int64_t window_s = options->rate_window_s > 0 ? options->rate_window_s : 60;
    api->rate = rate_new(options->rate_limit, window_s);
    api->strangers = rate_new(options->address_limit, window_s);
    if (!start(api, err)) {
        api_close(api);
        return false;
    }
    *out = api;
    return true;
}

void api_drain(Api *api)
{
    api->draining = true;
}

void api_close(Api *api)
{
    if (!api)
        return;
    folder_watch_stop(api->folders);
    pool_stop(api->readers);
    pool_stop(api->blockers);
    pool_stop(api->evaluators);
    pool_stop(api->callers);
    store_reader_close(api->loop_reader);
    rate_free(api->rate);
    rate_free(api->strangers);
    free(api);
}

Store *api_store(const Api *api)
{
    return api->options.store;
}
Engine *api_engine(const Api *api)
{
    return api->options.engine;
}
Scribe *api_scribe(const Api *api)
{
    return api->options.scribe;
}
const Postman *api_postman(const Api *api)
{
    return api->options.postman;
}
Str api_own_url(const ApiRequest *request)
{
    Str own = request->api->options.public_url;
    while (str_ends(own, S("/")))
        own.len--;
    return own.len > 0 ? own
                       : str_printf(request->arena, "%.*s://%.*s", STR_ARG(request->http->scheme),
                                    STR_ARG(request->http->authority));
}
StoreReader *api_loop_reader(const Api *api)
{
    return api->loop_reader;
}
const PageKey *api_page_key(const Api *api)
{
    return &api->page_key;
}
