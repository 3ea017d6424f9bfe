/* engine/state_wire.c: a run's state as the API writes it. */
#include "engine/run.h"

#include <stdio.h>

static void location_to_json(JsonOut *out, const RunRow *run)
{
    json_key(out, S("location"));
    json_open_object(out);
    if (run->location_start >= 0) {
        json_key(out, S("start_byte"));
        json_i64_text(out, run->location_start);
        json_key(out, S("end_byte"));
        json_i64_text(out, run->location_end);
    }
    json_close_object(out);
}

static void exception_name(JsonOut *out, const RunRow *run)
{
    char name[256] = "";
    if (run->exception_id.len > 0)
        snprintf(name, sizeof name, "organizations/%.*s/workspaces/%.*s/exceptions/%.*s",
                 STR_ARG(run->scope.organization_id), STR_ARG(run->scope.workspace_id), STR_ARG(run->exception_id));
    json_member_str(out, S("exception"), str_from_c(name));
}

static void state_members(JsonOut *out, const RunRow *run)
{
    switch (run->state) {
    case RUN_STOPPING:
    case RUN_STOPPED: json_member_str(out, S("reason"), run->reason); break;
    case RUN_AWAITING_GUIDANCE:
        exception_name(out, run);
        json_member_str(out, S("description"), run->description);
        location_to_json(out, run);
        break;
    case RUN_COMPLETED:
        json_key(out, S("outputs"));
        json_raw(out, run->outputs.len > 0 ? run->outputs : S("{}"));
        break;
    case RUN_FAILED:
        json_member_str(out, S("id"), run->error_id);
        json_member_str(out, S("description"), run->description);
        location_to_json(out, run);
        break;
    case RUN_PENDING:
    case RUN_EXECUTING:
    case RUN_N_STATES: break;
    }
}

void run_state_to_json(JsonOut *out, const RunRow *run)
{
    json_open_object(out);
    json_key(out, str_from_c(run_state_names[run->state]));
    json_open_object(out);
    state_members(out, run);
    json_close_object(out);
    json_member_time_us(out, S("update_time"), run->state_us);
    json_close_object(out);
}
