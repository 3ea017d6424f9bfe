/* api/execution.c: executions by their own id, texts that are run at once, and answers to runs without exceptions. */
#include "api/answer.h"
#include "api/handlers.h"
#include "api/run.h"
#include "engine/run.h"
#include "store/preferences.h"
#include "value/type.h"
#include "value/wire.h"

/* What executions:run may take: less than the time after which its client would be told that the server is slow. */
#define INLINE_TIMEOUT_US ((int64_t)30 * 1000000)

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

static void inline_outcome_to_json(JsonOut *out, const RunRow *run)
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

static bool prepare_run_execution(ApiRequest *request, Error *err)
{
    Preferences *preferences = NEW(request->arena, Preferences);
    request->state = preferences;
    return store_preferences_effective(request->tx, request->arena, &request->scope, preferences, err);
}

static bool run_execution(ApiRequest *request, Error *err)
{
    const Json *start = json_get(request->body, S("start_execution"));
    RunRow run;
    const Preferences *preferences = request->state;
    if (!run_inline(api_engine(request->api), request->arena, &request->scope, &preferences->locale,
                    json_text(json_get(start, S("code"))), json_get(start, S("inputs")), request->principal->user_id,
                    INLINE_TIMEOUT_US, &request->http->gone, &run, err))
        return false;
    inline_outcome_to_json(&request->json, &run);
    return true;
}

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
    {OP_RUN_EXECUTION, ON_EVALUATOR, run_execution, prepare_run_execution},
    {OP_RESOLVE_RUN, ON_POOL, resolve_run, prepare_resolve_run},
    HANDLERS_END,
};
