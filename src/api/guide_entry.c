/* api/guide_entry.c: answers that were kept, to be given again by themselves. */
#include "api/automation.h"
#include "api/check.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/name.h"
#include "store/exception.h"

static const unsigned wire_states[] = {
    [GUIDE_UNSPECIFIED] = WIRE_GUIDE_ENTRY_STATE_UNSPECIFIED,
    [GUIDE_PENDING_APPROVAL] = WIRE_GUIDE_ENTRY_STATE_PENDING_APPROVAL,
    [GUIDE_APPROVED] = WIRE_GUIDE_ENTRY_STATE_APPROVED,
    [GUIDE_REJECTED] = WIRE_GUIDE_ENTRY_STATE_REJECTED,
    [GUIDE_ARCHIVED] = WIRE_GUIDE_ENTRY_STATE_ARCHIVED,
};

/* "always when <condition>, <answer>", as a person would have said it. */
static Str steps_of(Arena *arena, const GuideEntry *entry)
{
    if (entry->condition.len == 0)
        return entry->answer;
    return str_printf(arena, "when %.*s, %.*s", STR_ARG(entry->condition), STR_ARG(entry->answer));
}

static void sources_to_json(ApiRequest *request, const GuideEntry *entry)
{
    JsonOut *out = &request->json;
    if (entry->source_exception_id.len > 0)
        json_member_str(
            out, S("source_exception"),
            name_in_workspace(request->arena, &request->scope, S("exceptions"), entry->source_exception_id));
    if (entry->source_run_id.len > 0)
        json_member_str(out, S("source_run"),
                        name_run(request->arena, &request->scope, entry->automation_id, entry->source_run_id));
}

static void guide_to_json(ApiRequest *request, const GuideEntry *entry)
{
    JsonOut *out = &request->json;
    Arena *arena = request->arena;
    Str steps = steps_of(arena, entry);
    json_open_object(out);
    json_member_str(out, S("name"),
                    name_in_automation(arena, &request->scope, entry->automation_id, S("guideEntries"), entry->id));
    json_member_str(out, S("title"), entry->title);
    json_member_str(out, S("automation"), name_automation(arena, &request->scope, entry->automation_id));
    json_member_str(out, S("root_cause"), entry->root_cause);
    json_member_str(out, S("resolution_steps"), steps);
    json_member_str(out, S("resolution_code"), S(""));
    json_member_str(out, S("resolution_notes"), entry->notes);
    json_member_str(out, S("content"), steps);
    sources_to_json(request, entry);
    json_member_str(out, S("state"), contract_enum_text(ENUM_GUIDE_ENTRY_STATE, wire_states[entry->state]));
    json_member_str(out, S("version"), version_text(arena, entry->version));
    json_member_time_us(out, S("create_time"), entry->create_us);
    json_member_time_us(out, S("update_time"), entry->update_us);
    if (entry->delete_us)
        json_member_time_us(out, S("delete_time"), entry->delete_us);
    json_close_object(out);
}

static bool get_guide_entry(ApiRequest *request, Error *err)
{
    int64_t automation;
    GuideEntry entry;
    if (!automation_of_path(request, &automation, err) ||
        !store_guide_get(request->tx, request->arena, &request->scope, automation, request->path[PATH_GUIDE_ENTRY],
                         &entry, err))
        return false;
    guide_to_json(request, &entry);
    return true;
}

static bool list_guide_entries(ApiRequest *request, Error *err)
{
    ApiList list;
    int64_t automation;
    GuideEntry *entries;
    int n;
    if (!list_begin(request, &list, err) || !automation_of_path(request, &automation, err))
        return false;
    list.query.want_total = true;
    if (!store_guide_list(request->tx, request->arena, &request->scope, automation, &list.query, &entries, &n,
                          &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("guide_entries"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        guide_to_json(request, &entries[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

const Handler guide_entry_handlers[] = {
    {OP_GET_GUIDE_ENTRY, ON_LOOP, get_guide_entry},
    {OP_LIST_GUIDE_ENTRIES, ON_READER, list_guide_entries},
    HANDLERS_END,
};
