/* api/handlers.h: who does the work of which operation. Each resource's file has a table; HANDLERS_END ends it. */
#ifndef CLERKWORK_API_HANDLERS_H
#define CLERKWORK_API_HANDLERS_H

#include "api/request.h"

extern const Handler organization_handlers[];
extern const Handler workspace_handlers[];
extern const Handler preferences_handlers[];
extern const Handler role_handlers[];
extern const Handler user_handlers[];
extern const Handler invitation_handlers[];
extern const Handler automation_handlers[];
extern const Handler revision_handlers[];
extern const Handler run_handlers[];
extern const Handler rerun_handlers[];
extern const Handler run_aggregate_handlers[];
extern const Handler insight_handlers[];
extern const Handler metric_query_handlers[];
extern const Handler trigger_handlers[];
extern const Handler visualization_handlers[];
extern const Handler estimate_handlers[];
extern const Handler run_event_handlers[];
extern const Handler run_wait_handlers[];
extern const Handler execution_handlers[];
extern const Handler schedule_handlers[];
extern const Handler exception_handlers[];
extern const Handler exception_count_handlers[];
extern const Handler exception_many_handlers[];
extern const Handler exception_group_handlers[];
extern const Handler agent_event_handlers[];
extern const Handler thread_handlers[];
extern const Handler quill2_handlers[];
extern const Handler thread_artifact_handlers[];
extern const Handler thread_upload_handlers[];
extern const Handler guide_entry_handlers[];
extern const Handler file_handlers[];
extern const Handler webhook_handlers[];
extern const Handler workspace_trigger_handlers[];
extern const Handler hook_handlers[];
extern const Handler delivery_handlers[];
extern const Handler token_handlers[];
extern const Handler operator_handlers[];

/* NULL for an operation that nobody does. */
const Handler *handler_find(uint16_t operation);

#endif
