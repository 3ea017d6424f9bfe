/* api/execution.c: executions by their own id, texts that are run at once, and answers to runs without exceptions. */
#include "api/answer.h"
#include "api/handlers.h"
#include "api/name.h"
#include "api/run.h"
#include "engine/inline.h"
#include "store/connection.h"
#include "store/preferences.h"
#include "value/type.h"
#include "value/wire.h"

/* What executions:run may take: less than the time after which its client would be told that the server is slow. */
#define INLINE_TIMEOUT_US ((int64_t)30 * 1000000)
/* Who may not write automations gets no further than to run those that others wrote. */
#define CALLS_OUT_TEXT "update:Automation"
#define CALLS_OUT S(CALLS_OUT_TEXT)

static bool output_to_json(ApiRequest *request, const Json *json, Error *err)
{
    JsonOut *out = &request->json;
    Value value;
    if (!value_from_json(request->arena, json, "outputs", &value, err))
        return false;
    json_key(out, json->key);
    json_open_object(out);
    json_key(out, S("value"));
    value_to_json(out, value);
    json_key(out, S("type"));
    type_to_json(out, type_of(request->arena, value));
    json_close_object(out);
    return true;
}

static bool get_execution_outputs(ApiRequest *request, Error *err)
{
    RunRow run;
    const Json *outputs;
    if (!store_run_get_by_execution(request->tx, request->arena, &request->scope, request->path[PATH_EXECUTION], &run,
                                    err))
        return false;
    Str text = run.outputs.len > 0 ? run.outputs : S("{}");
    if (!json_parse(request->arena, text, API_ANSWER_DEPTH, &outputs, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("outputs"));
    json_open_object(&request->json);
    for (uint32_t i = 0; i < outputs->count; i++) {
        if (!output_to_json(request, &outputs->items[i], err))
            return false;
    }
    json_close_object(&request->json);
    json_close_object(&request->json);
    return true;
}

/* ---- executions:run ---- */

typedef struct Executing {
    InlineRequest asked;
    Preferences preferences;
    bool may_call_out;
    Inline *execution;
    bool answered;
} Executing;

static void outcome_to_json(JsonOut *out, const RunRow *run)
{
    json_open_object(out);
    json_member_str(out, S("execution_id"), run->execution_id);
    json_key(out, S("execution_status"));
    json_open_object(out);
    bool completed = run->state == RUN_COMPLETED;
    json_key(out, completed ? S("completed") : S("failed"));
    json_open_object(out);
    json_key(out, completed ? S("outputs") : S("error"));
    if (completed) {
        json_raw(out, run->outputs.len > 0 ? run->outputs : S("{}"));
    } else {
        json_open_object(out);
        json_member_str(out, S("id"), run->error_id);
        json_member_str(out, S("description"), run->description);
        json_close_object(out);
    }
    json_close_object(out);
    json_close_object(out);
    json_close_object(out);
}

/* By its id or its full name; one of another workspace is not there. */
static Str connection_id(const ApiRequest *request, Str said)
{
    Str prefix =
        str_printf(request->arena, "%.*s/connections/", STR_ARG(name_workspace(request->arena, &request->scope)));
    return str_starts(said, prefix) ? str_skip(said, prefix.len) : said;
}

static bool find_connection(const ApiRequest *request, InlineConnection *connection, Error *err)
{
    ConnectionRow row;
    Error absent = {0};
    if (store_connection_get(request->tx, request->arena, &request->scope, connection->name, &row, &absent))
        connection->book = row.book;
    else if (absent.code != NOT_FOUND) {
        *err = absent;
        return false;
    }
    return true;
}

/* An alias that is given no connection is not given at all. */
static bool read_connections(const ApiRequest *request, const Json *given, InlineRequest *out, Error *err)
{
    uint32_t n = given ? given->count : 0;
    InlineConnection *connections = NEW_ARRAY(request->arena, InlineConnection, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        Str said = json_text(json_get(&given->items[i], S("connection_id")));
        if (said.len == 0)
            continue;
        InlineConnection *connection = &connections[out->n_connections++];
        *connection = (InlineConnection){.alias = given->items[i].key, .name = connection_id(request, said)};
        if (!find_connection(request, connection, err))
            return false;
    }
    out->connections = connections;
    return true;
}

static bool prepare_run_execution(ApiRequest *request, Error *err)
{
    const Json *start = json_get(request->body, S("start_execution"));
    Executing *executing = NEW(request->arena, Executing);
    executing->asked = (InlineRequest){.scope = &request->scope,
                                       .locale = &executing->preferences.locale,
                                       .code = json_text(json_get(start, S("code"))),
                                       .inputs = json_get(start, S("inputs")),
                                       .user_id = request->principal->user_id,
                                       .gone = &request->http->gone};
    executing->may_call_out = api_may(request, CALLS_OUT);
    request->state = executing;
    return store_preferences_effective(request->tx, request->arena, &request->scope, &executing->preferences, err) &&
           read_connections(request, json_get(start, S("connections")), &executing->asked, err);
}

static bool run_and_tell(ApiRequest *request, Error *err)
{
    Executing *executing = request->state;
    RunRow run;
    if (!inline_run(executing->execution, INLINE_TIMEOUT_US, &run, err))
        return false;
    outcome_to_json(&request->json, &run);
    executing->answered = true;
    return true;
}

static bool run_execution(ApiRequest *request, Error *err)
{
    Executing *executing = request->state;
    if (!inline_load(api_engine(request->api), request->arena, &executing->asked, &executing->execution, err))
        return error_within(err, "start_execution");
    if (!inline_calls_out(executing->execution))
        return run_and_tell(request, err);
    return executing->may_call_out ||
           error_set(err, PERMISSION_DENIED, "start_execution.code",
                     "code that calls other servers needs the permission " CALLS_OUT_TEXT ", as writing an automation "
                     "does; ask for it, or invoke an automation that makes the call");
}

static void run_outside(ApiRequest *request)
{
    request->failed = !run_and_tell(request, &request->failure);
}

static void outside_ended(ApiRequest *request)
{
    if (request->failed)
        api_refuse(request, &request->failure);
    else
        api_answer(request);
}

static void finish_execution(ApiRequest *request)
{
    const Executing *executing = request->state;
    if (executing->answered)
        api_answer(request);
    else
        api_call_out(request, run_outside, outside_ended);
}

/* ---- answers to runs without exceptions ---- */

/* With a view: whether the run is the path's own, and what the caller may do. */
static bool prepare_resolve_run(ApiRequest *request, Error *err)
{
    RunRow run;
    AnswerRequest *answer = NEW(request->arena, AnswerRequest);
    request->state = answer;
    if (!run_of_path(request, &run, err) || !answer_of_body(request, answer, err))
        return false;
    answer->run_id = run.id;
    answer->automation = run.automation;
    return true;
}

/* Without one: answering waits for the writer. */
static bool resolve_run(ApiRequest *request, Error *err)
{
    AnswerResult result;
    return exception_answer(api_engine(request->api), request->reader, request->arena, &request->scope, request->state,
                            &result, err) &&
           run_answer(request, &result.run, err);
}

const Handler execution_handlers[] = {
    {OP_GET_EXECUTION_OUTPUTS, ON_READER, get_execution_outputs},
    {OP_RUN_EXECUTION, ON_EVALUATOR, run_execution, prepare_run_execution, .finish = finish_execution},
    {OP_RESOLVE_RUN, ON_POOL, resolve_run, prepare_resolve_run},
    HANDLERS_END,
};
