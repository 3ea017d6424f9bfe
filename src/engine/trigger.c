/* engine/trigger.c: runs that something outside starts. */
#include "engine/trigger.h"

#include "base/id.h"
#include "engine/internal.h"

/* Codes that tell of the message and the automation. The others tell of the store: then nothing is written. */
static bool is_refusal(ErrorCode code)
{
    return code == FAILED_PRECONDITION || code == NOT_FOUND || code == INVALID_ARGUMENT || code == ALREADY_EXISTS ||
           code == DATA_LOSS || code == OUT_OF_RANGE || code == RESOURCE_EXHAUSTED;
}

static void refuse(Arena *arena, TriggerReceipt *out, const Error *why)
{
    out->event.outcome = TRIGGER_REFUSED;
    out->event.reason = str_copy(arena, str_from_c(why->message));
    out->why = *why;
}

static Invocation invocation_of(Arena *arena, const WorkspaceTrigger *trigger, const TriggerMessage *message)
{
    Invocation invocation = {.automation_id = trigger->automation_id,
                             .stage = STAGE_PUBLISHED,
                             .source = SOURCE_TRIGGER,
                             .trigger_id = trigger->id,
                             .inputs = message->inputs,
                             .known_inputs_alone = true,
                             .request_hash = message->hash};
    if (message->unique.len > 0)
        invocation.request_id = str_printf(arena, "trigger/%.*s/%.*s", STR_ARG(trigger->id), STR_ARG(message->unique));
    return invocation;
}

/* What happens whenever an automation is not to run by itself. */
bool trigger_is_inactive(Tx *tx, Arena *arena, const WorkspaceTrigger *trigger, bool *out, Str *out_reason, Error *err)
{
    Automation automation;
    *out = !trigger->enabled;
    *out_reason = S("the trigger is disabled: enable it first");
    if (*out)
        return true;
    if (!store_automation_get(tx, arena, &trigger->scope, trigger->automation_id, false, &automation, err))
        return false;
    *out = automation.activation == ACTIVATION_DEACTIVATED;
    *out_reason = S("the automation is deactivated: activate it first");
    return true;
}

static bool start(Tx *tx, Engine *engine, Arena *arena, const WorkspaceTrigger *trigger, const Invocation *invocation,
                  TriggerReceipt *out, Error *err)
{
    bool inactive;
    Str reason;
    RunRow run;
    if (!trigger_is_inactive(tx, arena, trigger, &inactive, &reason, err))
        return false;
    if (inactive) {
        out->event.outcome = TRIGGER_INACTIVE;
        out->event.reason = reason;
        return true;
    }
    if (!run_invoke(tx, engine, arena, &trigger->scope, invocation, &run, err))
        return false;
    out->event.outcome = TRIGGER_STARTED;
    out->event.run_id = run.id;
    out->run = run.key;
    return true;
}

static bool judge(Tx *tx, Engine *engine, Arena *arena, const WorkspaceTrigger *trigger, const TriggerMessage *message,
                  TriggerReceipt *out, Error *err)
{
    if (message->problem) {
        refuse(arena, out, message->problem);
        return true;
    }
    Invocation invocation = invocation_of(arena, trigger, message);
    RunRow run;
    if (run_of_request(tx, arena, &trigger->scope, &invocation, &out->repeated, &run, err)) {
        if (out->repeated) {
            out->event.run_id = run.id;
            out->run = run.key;
            return true;
        }
        if (!message->passes) {
            out->event.outcome = TRIGGER_FILTERED;
            return true;
        }
        if (start(tx, engine, arena, trigger, &invocation, out, err))
            return true;
    }
    if (!is_refusal(err->code))
        return false;
    refuse(arena, out, err);
    error_clear(err);
    return true;
}

bool trigger_receive(Tx *tx, Engine *engine, Arena *arena, const WorkspaceTrigger *trigger,
                     const TriggerMessage *message, TriggerReceipt *out, Error *err)
{
    Id id = id_new();
    *out = (TriggerReceipt){.event = {.id = str_copy(arena, id_str(&id)),
                                      .origin = str_clip(message->origin, 300),
                                      .size_bytes = message->size_bytes}};
    return judge(tx, engine, arena, trigger, message, out, err) &&
           (out->repeated || store_trigger_event_add(tx, trigger, &out->event, err));
}
