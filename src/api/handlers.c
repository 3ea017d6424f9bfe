#include "api/handlers.h"

static const Handler *const tables[] = {
    organization_handlers,   preferences_handlers,     role_handlers,          user_handlers,
    invitation_handlers,     automation_handlers,      revision_handlers,      run_handlers,
    run_aggregate_handlers,  run_event_handlers,       run_wait_handlers,      execution_handlers,
    exception_handlers,      agent_event_handlers,     file_handlers,          token_handlers,
    guide_entry_handlers,    workspace_handlers,       operator_handlers,      exception_count_handlers,
    exception_many_handlers, exception_group_handlers, schedule_handlers,      insight_handlers,
    estimate_handlers,       webhook_handlers,         delivery_handlers,      rerun_handlers,
    metric_query_handlers,   trigger_handlers,         visualization_handlers, thread_handlers,
    quill2_handlers,         thread_artifact_handlers, thread_upload_handlers, workspace_trigger_handlers,
    hook_handlers,
};

const Handler *handler_find(uint16_t operation)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        for (const Handler *row = tables[i]; row->operation != OP_COUNT; row++) {
            if (row->operation == operation)
                return row;
        }
    }
    return NULL;
}
