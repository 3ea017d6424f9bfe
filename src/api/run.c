/* api/run.c: runs: started, looked at, paused, continued, cancelled. */
#include "api/run.h"

#include "api/automation.h"
#include "api/check.h"
#include "api/duration.h"
#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/list.h"
#include "api/name.h"
#include "aip/name.h"
#include "base/clock.h"
#include "engine/run.h"
#include "value/wire.h"

#include <stdio.h>

/* ---- as JSON ---- */

static const unsigned wire_stages[] = {
    [STAGE_UNSPECIFIED] = WIRE_AUTOMATION_STAGE_UNSPECIFIED,
    [STAGE_DRAFT] = WIRE_AUTOMATION_STAGE_DRAFT,
    [STAGE_PUBLISHED] = WIRE_AUTOMATION_STAGE_PUBLISHED,
};
static const unsigned wire_sources[] = {
    [SOURCE_UNSPECIFIED] = WIRE_INVOCATION_SOURCE_UNSPECIFIED,
    [SOURCE_MANUAL] = WIRE_INVOCATION_SOURCE_MANUAL,
    [SOURCE_TRIGGER] = WIRE_INVOCATION_SOURCE_TRIGGER,
    [SOURCE_SCHEDULE] = WIRE_INVOCATION_SOURCE_SCHEDULE,
    [SOURCE_TEST] = WIRE_INVOCATION_SOURCE_TEST,
};

static void invocation_to_json(JsonOut *out, const RunRow *run)
{
    json_key(out, S("invocation_details"));
    json_open_object(out);
    if (run->trigger_id.len > 0)
        json_member_str(out, S("trigger_id"), run->trigger_id);
    if (run->user_id.len > 0)
        json_member_str(out, S("user_id"), run->user_id);
    json_member_str(out, S("invocation_source"), contract_enum_text(ENUM_INVOCATION_SOURCE, wire_sources[run->source]));
    json_close_object(out);
}

static void steps_to_json(JsonOut *out, const Revision *revision)
{
    json_key(out, S("executable_steps"));
    json_open_object(out);
    json_key(out, S("inputs"));
    json_raw(out, S("{}"));
    json_key(out, S("executables"));
    json_open_array(out);
    json_open_object(out);
    json_member_str(out, S("code"), revision->code);
    json_key(out, S("book_connections"));
    json_raw(out, revision->connections.len > 0 ? revision->connections : S("{}"));
    json_member_str(out, S("phase_type"),
                    contract_enum_text(ENUM_AUTOMATION_PHASE_TYPE, WIRE_AUTOMATION_PHASE_TYPE_MAIN));
    json_close_object(out);
    json_close_array(out);
    json_close_object(out);
}

static void members_to_json(ApiRequest *request, const RunRow *run, Str state)
{
    JsonOut *out = &request->json;
    Arena *arena = request->arena;
    json_member_str(out, S("name"), name_run(arena, &request->scope, run->automation_id, run->id));
    json_member_time_us(out, S("create_time"), run->create_us);
    json_member_time_us(out, S("update_time"), run->update_us);
    if (run->deadline_us > 0)
        json_member_time_us(out, S("deadline_time"), run->deadline_us);
    json_key(out, S("state"));
    if (state.len > 0)
        json_raw(out, state);
    else
        run_state_to_json(out, run);
    if (run->previous_run.len > 0)
        json_member_str(out, S("previous_run"),
                        name_run(arena, &request->scope, run->automation_id, run->previous_run));
    if (run->parent > 0) {
        json_member_str(out, S("parent_run"), name_run(arena, &request->scope, run->automation_id, run->parent_run));
        json_key(out, S("parent_item"));
        json_i64(out, run->parent_item);
    }
    json_member_str(out, S("stage"), contract_enum_text(ENUM_AUTOMATION_STAGE, wire_stages[run->stage]));
    json_member_str(out, S("stage_version"), version_text(arena, run->version));
    invocation_to_json(out, run);
    json_key(out, S("user_inputs"));
    json_raw(out, run->inputs.len > 0 ? run->inputs : S("{}"));
}

void run_to_json(ApiRequest *request, const RunRow *run, Str state)
{
    json_open_object(&request->json);
    members_to_json(request, run, state);
    json_close_object(&request->json);
}

/* ---- reading ---- */

bool run_of_path(ApiRequest *request, RunRow *out, Error *err)
{
    Str automation = request->path[PATH_AUTOMATION], id = request->path[PATH_RUN];
    if (!store_run_get(request->tx, request->arena, &request->scope, 0, id, out, err))
        return false;
    if (str_eq(automation, S("-")) || str_eq(automation, out->automation_id))
        return true;
    return error_set(err, NOT_FOUND, "", "the automation \"%.*s\" has no run \"%.*s\"",
                     STR_ARG(str_slice(automation, 0, 60)), STR_ARG(str_slice(id, 0, 60)));
}

static bool children_to_json(ApiRequest *request, const RunRow *run, Error *err)
{
    bool found;
    ChildLoop loop;
    if (!run->children_open)
        return true;
    if (!store_child_loop_get(request->tx, run->key, &found, &loop, err))
        return false;
    if (!found)
        return true;
    json_key(&request->json, S("child_runs"));
    json_open_object(&request->json);
    json_key(&request->json, S("total_count"));
    json_i64(&request->json, loop.total);
    json_key(&request->json, S("ended_count"));
    json_i64(&request->json, loop.ended);
    json_close_object(&request->json);
    return true;
}

bool run_whole_to_json(ApiRequest *request, const RunRow *run, Str state, Error *err)
{
    Revision revision;
    if (!store_revision_get(request->tx, request->arena, run->revision, &revision, err))
        return false;
    json_open_object(&request->json);
    members_to_json(request, run, state);
    steps_to_json(&request->json, &revision);
    if (state.len == 0 && !children_to_json(request, run, err))
        return false;
    json_close_object(&request->json);
    return true;
}

bool run_answer(ApiRequest *request, const RunRow *run, Error *err)
{
    if (!tx_begin_read(request->reader, &request->tx, err))
        return false;
    bool ok = run_whole_to_json(request, run, (Str){0}, err);
    tx_end(request->tx);
    request->tx = NULL;
    return ok;
}

static bool get_run(ApiRequest *request, Error *err)
{
    RunRow run;
    Str read_time = request->query[QUERY_READ_TIME].text, state = {0};
    return run_of_path(request, &run, err) &&
           (read_time.len == 0 || run_as_of(request, &run, read_time, &state, &run.update_us, err)) &&
           run_whole_to_json(request, &run, state, err);
}

static bool read_runs(ApiRequest *request, int64_t automation, ApiList *list, RunRow **out, int *out_n, Error *err)
{
    Str parent_id = name_leaf(request->query[QUERY_PARENT_RUN].text);
    RunRow parent;
    if (parent_id.len == 0)
        return store_run_list(request->tx, request->arena, &request->scope, automation, &list->query, out, out_n,
                              &list->end, err);
    return store_run_get(request->tx, request->arena, &request->scope, automation, parent_id, &parent, err) &&
           store_run_list_children(request->tx, request->arena, &request->scope, parent.key, &list->query, out, out_n,
                                   &list->end, err);
}

static bool list_runs(ApiRequest *request, Error *err)
{
    ApiList list;
    RunRow *runs;
    int64_t automation;
    int n;
    if (!list_begin(request, &list, err) || !automation_of_path(request, &automation, err) ||
        !read_runs(request, automation, &list, &runs, &n, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("runs"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++) {
        if (runs[i].automation) /* executions:run keeps its execution as a run of no automation */
            run_to_json(request, &runs[i], (Str){0});
    }
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* ---- outputs as plain JSON ---- */

bool run_plain_outputs(ApiRequest *request, Str outputs, Error *err)
{
    const Json *values;
    JsonOut *out = &request->json;
    if (!json_parse(request->arena, outputs.len > 0 ? outputs : S("{}"), API_ANSWER_DEPTH, &values, err))
        return false;
    json_key(out, S("outputs"));
    json_open_object(out);
    for (uint32_t i = 0; i < values->count; i++) {
        Value value;
        if (!value_from_json(request->arena, &values->items[i], "outputs", &value, err))
            return false;
        json_key(out, values->items[i].key);
        value_to_plain_json(out, value);
    }
    json_close_object(out);
    return true;
}

static bool get_run_outputs(ApiRequest *request, Error *err)
{
    RunRow run;
    if (!run_of_path(request, &run, err))
        return false;
    if (run.state != RUN_COMPLETED)
        return error_set(err, FAILED_PRECONDITION, "", "the run is %s; it has outputs once it is completed (see :wait)",
                         run_state_names[run.state]);
    json_open_object(&request->json);
    if (!run_plain_outputs(request, run.outputs, err))
        return false;
    json_close_object(&request->json);
    return true;
}

/* ---- starting ---- */

Stage stage_of_wire(Str name)
{
    switch (contract_enum_find(ENUM_AUTOMATION_STAGE, name, false)) {
    case WIRE_AUTOMATION_STAGE_DRAFT: return STAGE_DRAFT;
    case WIRE_AUTOMATION_STAGE_PUBLISHED: return STAGE_PUBLISHED;
    default: return STAGE_UNSPECIFIED;
    }
}

/* `body`: an InvokeAutomationRequest. A request id belongs to its caller and operation, and what it must be repeated
 * with is the path and the body. */
static bool invocation_of(const ApiRequest *request, const Json *body, Str request_id, Invocation *out, Error *err)
{
    *out = (Invocation){
        .automation_id = request->path[PATH_AUTOMATION],
        .stage = stage_of_wire(json_text(json_get(body, S("stage")))),
        .inputs = json_get(body, S("inputs")),
        .source = SOURCE_MANUAL,
        .user_id = request->principal->user_id,
        .request_id = idempotent_id(request, request_id),
        .request_hash = idempotent_hash_of(request, body),
        .has_deadline = json_text(json_get(body, S("deadline"))).len > 0,
    };
    return duration_of_body(body, "deadline", 1, "no deadline", &out->deadline_us, err);
}

static void write_started(ApiRequest *request, const RunRow *run)
{
    json_open_object(&request->json);
    json_member_str(&request->json, S("run_id"),
                    name_run(request->arena, &request->scope, run->automation_id, run->id));
    json_close_object(&request->json);
}

static bool invoke_automation(ApiRequest *request, Error *err)
{
    Str own = request->query[QUERY_REQUEST_ID].text;
    Str in_body = json_text(json_get(request->body, S("request_id")));
    RunRow run;
    Invocation invocation;
    if (!invocation_of(request, request->body, own.len > 0 ? own : in_body, &invocation, err) ||
        !run_invoke(request->tx, api_engine(request->api), request->arena, &request->scope, &invocation, &run, err))
        return false;
    write_started(request, &run);
    return true;
}

/* The field says which of many; that the automation is not there concerns them all. */
static bool in_request(size_t i, Error *err)
{
    char which[32];
    if (err->code == NOT_FOUND)
        return false;
    snprintf(which, sizeof which, "requests[%zu]", i);
    return error_within(err, which);
}

static bool invoke_many(ApiRequest *request, Error *err)
{
    const Json *bodies = json_get(request->body, S("requests"));
    size_t n = bodies->count, refused;
    Invocation *invocations = NEW_ARRAY(request->arena, Invocation, n);
    RunRow *runs = NEW_ARRAY(request->arena, RunRow, n);
    for (size_t i = 0; i < n; i++) {
        const Json *body = &bodies->items[i];
        if (!invocation_of(request, body, json_text(json_get(body, S("request_id"))), &invocations[i], err))
            return in_request(i, err);
    }
    if (!run_invoke_all(request->tx, api_engine(request->api), request->arena, &request->scope, invocations, n, runs,
                        &refused, err))
        return in_request(refused, err);
    json_open_object(&request->json);
    json_key(&request->json, S("responses"));
    json_open_array(&request->json);
    for (size_t i = 0; i < n; i++)
        write_started(request, &runs[i]);
    json_close_array(&request->json);
    json_close_object(&request->json);
    return true;
}

/* ---- changing ---- */

static bool pause_run(ApiRequest *request, Error *err)
{
    RunRow run;
    return run_of_path(request, &run, err) &&
           run_pause(request->tx, api_engine(request->api), request->arena, &request->scope, 0, request->path[PATH_RUN],
                     json_text(json_get(request->body, S("reason"))), &run, err) &&
           run_whole_to_json(request, &run, (Str){0}, err);
}

static bool continue_run(ApiRequest *request, Error *err)
{
    RunRow run;
    return run_of_path(request, &run, err) &&
           run_continue(request->tx, api_engine(request->api), request->arena, &request->scope, 0,
                        request->path[PATH_RUN], &run, err) &&
           run_whole_to_json(request, &run, (Str){0}, err);
}

static bool cancel_run(ApiRequest *request, Error *err)
{
    RunRow run;
    return run_of_path(request, &run, err) &&
           run_cancel(request->tx, api_engine(request->api), request->arena, &request->scope, 0,
                      request->path[PATH_RUN], json_text(json_get(request->body, S("reason"))), &run, err) &&
           run_whole_to_json(request, &run, (Str){0}, err);
}

const Handler run_handlers[] = {
    {OP_GET_RUN, ON_LOOP, get_run, .queries_are_long = true},
    {OP_LIST_RUNS, ON_READER, list_runs},
    {OP_GET_RUN_OUTPUTS, ON_READER, get_run_outputs},
    {OP_INVOKE_AUTOMATION, ON_WRITER, invoke_automation},
    {OP_BATCH_INVOKE_AUTOMATION, ON_WRITER, invoke_many},
    {OP_PAUSE_RUN, ON_WRITER, pause_run},
    {OP_CONTINUE_RUN, ON_WRITER, continue_run},
    {OP_CANCEL_RUN, ON_WRITER, cancel_run},
    HANDLERS_END,
};
