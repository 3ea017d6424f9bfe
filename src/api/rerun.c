/* api/rerun.c: runs that repeat an earlier one. */
#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/run.h"
#include "engine/replay.h"

/* Node ids are texts on the wire; the numbers start at 1. */
static bool node_of_body(const ApiRequest *request, uint32_t *out, Error *err)
{
    Str text = json_text(json_get(request->body, S("from_node")));
    int64_t number = 0;
    if (text.len > 0 && (!str_to_i64(text, &number) || number < 1 || number > UINT32_MAX))
        return error_set(err, INVALID_ARGUMENT, "from_node",
                         "\"%.*s\" is not the node_id of one of the run's events; leave it out to start over",
                         STR_ARG(text));
    *out = (uint32_t)number;
    return true;
}

static bool prepare_rerun_run(ApiRequest *request, Error *err)
{
    RunRow run;
    Rerun *rerun = NEW(request->arena, Rerun);
    request->state = rerun;
    if (!run_of_path(request, &run, err) || !node_of_body(request, &rerun->from_node, err))
        return false;
    rerun->run_id = run.id;
    rerun->stage = stage_of_wire(json_text(json_get(request->body, S("stage"))));
    rerun->inputs = json_get(request->body, S("inputs"));
    rerun->user_id = request->principal->user_id;
    rerun->request_id = idempotent_id(request, json_text(json_get(request->body, S("request_id"))));
    rerun->request_hash = idempotent_hash(request);
    return true;
}

static bool rerun_run(ApiRequest *request, Error *err)
{
    RunRow run;
    return run_rerun(api_engine(request->api), request->reader, request->arena, &request->scope, request->state, &run,
                     err) &&
           run_answer(request, &run, err);
}

const Handler rerun_handlers[] = {
    {OP_RERUN_RUN, ON_EVALUATOR, rerun_run, prepare_rerun_run},
    HANDLERS_END,
};
