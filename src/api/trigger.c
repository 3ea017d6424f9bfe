/* api/trigger.c: with which part of an automation an outside trigger has to do, and what it passes on. */
#include "api/check.h"
#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/list.h"
#include "api/name.h"
#include "store/trigger.h"

static_assert((int)PHASE_POST == (int)WIRE_PHASE_TYPE_POST && (int)TRIGGER_API == (int)WIRE_PHASE_SUB_TYPE_API,
              "the contract's phases are the store's");

static void trigger_to_json(ApiRequest *request, Str automation, const TriggerRow *row)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("trigger_id"), row->id);
    json_member_str(out, S("automation"), automation);
    json_key(out, S("input_mapping"));
    json_raw(out, row->input_mapping);
    json_member_str(out, S("phase_type"), contract_enum_text(ENUM_PHASE_TYPE, (unsigned)row->phase));
    json_member_str(out, S("phase_sub_type"), contract_enum_text(ENUM_PHASE_SUB_TYPE, (unsigned)row->source));
    json_key(out, S("is_active"));
    json_bool(out, row->active);
    json_close_object(out);
}

static bool find_automation(ApiRequest *request, bool show_deleted, Automation *out, Str *out_name, Error *err)
{
    if (!store_automation_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION],
                              show_deleted, out, err))
        return false;
    *out_name = name_automation(request->arena, &request->scope, out->id);
    return true;
}

static unsigned enum_of(const ApiRequest *request, Str field, EnumId id)
{
    const Json *given = json_get(request->body, field);
    return given ? (unsigned)contract_enum_find(id, given->text, false) : 0;
}

static Str mapping_of(ApiRequest *request)
{
    const Json *given = json_get(request->body, S("input_mapping"));
    Buf text = buf_in(request->arena);
    JsonOut out = json_out(&text);
    if (!given)
        return S("{}");
    json_write(&out, given);
    return buf_view(&text);
}

static bool create_trigger(ApiRequest *request, Error *err)
{
    Automation automation;
    Str name;
    if (!find_automation(request, false, &automation, &name, err))
        return false;
    Repeat repeat = idempotent_begin(request, err);
    if (repeat != REPEAT_NO)
        return repeat == REPEAT_YES;
    const Json *active = json_get(request->body, S("is_active"));
    TriggerRow row = {
        .automation = automation.key,
        .id = json_text(json_get(request->body, S("trigger_id"))),
        .phase = (TriggerPhase)enum_of(request, S("phase_type"), ENUM_PHASE_TYPE),
        .source = (TriggerSource)enum_of(request, S("phase_sub_type"), ENUM_PHASE_SUB_TYPE),
        .active = !active || active->boolean,
        .input_mapping = mapping_of(request),
    };
    if (!store_trigger_put(request->tx, &request->scope, &row, err))
        return false;
    trigger_to_json(request, name, &row);
    return idempotent_end(request, err);
}

static bool list_triggers(ApiRequest *request, Error *err)
{
    ApiList list;
    Automation automation;
    TriggerRow *rows;
    Str name;
    int n;
    if (!list_begin(request, &list, err) || !find_automation(request, true, &automation, &name, err) ||
        !store_trigger_list(request->tx, request->arena, &request->scope, automation.key, &list.query, &rows, &n,
                            &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("automation_triggers"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        trigger_to_json(request, name, &rows[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

const Handler trigger_handlers[] = {
    {OP_CREATE_AUTOMATION_TRIGGER, ON_WRITER, create_trigger},
    {OP_LIST_AUTOMATION_TRIGGERS, ON_READER, list_triggers},
    HANDLERS_END,
};
