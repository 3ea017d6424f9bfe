/* api/guide_entry.c: answers that were kept, to be given again by themselves. */
#include "api/automation.h"
#include "api/check.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/mask.h"
#include "api/name.h"
#include "engine/engine.h"
#include "lang/answer.h"
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
    json_key(out, S("hit_count"));
    json_i64_text(out, entry->hits);
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

/* ---- changing ---- */

typedef struct GuideEdit {
    Mask mask;
    Str title, root_cause, steps, notes;
    GuideState state; /* GUIDE_UNSPECIFIED: as it is */
} GuideEdit;

static GuideState state_of(const Json *json)
{
    int wire = json ? contract_enum_find(ENUM_GUIDE_ENTRY_STATE, json->text, false) : -1;
    for (int state = GUIDE_PENDING_APPROVAL; state <= GUIDE_ARCHIVED; state++) {
        if (wire == (int)wire_states[state])
            return (GuideState)state;
    }
    return GUIDE_UNSPECIFIED;
}

static bool prepare_update(ApiRequest *request, Error *err)
{
    GuideEdit *edit = NEW(request->arena, GuideEdit);
    request->state = edit;
    if (!mask_read(request, &edit->mask, err))
        return false;
    edit->title = json_text(json_get(request->body, S("title")));
    edit->root_cause = json_text(json_get(request->body, S("root_cause")));
    edit->steps = str_trim(json_text(json_get(request->body, S("resolution_steps"))));
    edit->notes = json_text(json_get(request->body, S("resolution_notes")));
    if (!mask_has(request, &edit->mask, S("state")))
        return true;
    edit->state = state_of(json_get(request->body, S("state")));
    if (edit->state == GUIDE_UNSPECIFIED)
        return error_set(err, INVALID_ARGUMENT, "state",
                         "must be STATE_PENDING_APPROVAL, STATE_APPROVED, STATE_REJECTED or STATE_ARCHIVED");
    if ((edit->state == GUIDE_APPROVED || edit->state == GUIDE_REJECTED) && !api_may(request, S("approve:GuideEntry")))
        return error_set(err, PERMISSION_DENIED, "state",
                         "to approve or reject needs the permission approve:GuideEntry");
    return true;
}

static bool guide_of_path(ApiRequest *request, Automation *out_automation, GuideEntry *out, Error *err)
{
    return store_automation_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], false,
                                out_automation, err) &&
           store_guide_get(request->tx, request->arena, &request->scope, out_automation->key,
                           request->path[PATH_GUIDE_ENTRY], out, err);
}

/* Steps are an answer to the entry's question, read as a person's would be, with the condition in front or without. */
static bool set_steps(ApiRequest *request, const Automation *automation, Str steps, GuideEntry *entry, Error *err)
{
    Engine *engine = api_engine(request->api);
    int64_t revision = automation->published_revision ? automation->published_revision : automation->draft_revision;
    const Program *program = engine_program(engine, request->tx, revision, err);
    if (!program)
        return false;
    Question question = {
        .kind = str_to_c(request->arena, entry->kind), .group = "", .missing = entry->missing, .expected = &type_any};
    Answer answer;
    Str always = str_starts(steps, S("always ")) ? steps : str_printf(request->arena, "always %.*s", STR_ARG(steps));
    bool ok = answer_read(request->arena, always, program, &question, &answer, err);
    engine_program_release(engine, program);
    if (!ok)
        return error_set(err, INVALID_ARGUMENT, "resolution_steps", "%s",
                         str_to_c(request->arena, str_from_c(err->message)));
    entry->answer = answer.text;
    entry->condition = answer.condition;
    return true;
}

/* A change raises the minor version; approval the major one, as a publication does. What was approved and then says
 * something else waits for approval again, unless whoever changes it may approve. */
static void set_state(ApiRequest *request, GuideState asked, bool says_else, GuideEntry *entry)
{
    GuideState before = entry->state;
    if (asked != GUIDE_UNSPECIFIED)
        entry->state = asked;
    else if (says_else && before == GUIDE_APPROVED && !api_may(request, S("approve:GuideEntry")))
        entry->state = GUIDE_PENDING_APPROVAL;
    if (entry->state == GUIDE_APPROVED && (before != GUIDE_APPROVED || says_else))
        entry->version = (Version){entry->version.major + 1, 0};
    else
        entry->version.minor++;
}

static bool keep_guide(ApiRequest *request, GuideEntry *entry, Error *err)
{
    entry->update_us = tx_now_us(request->tx);
    if (!store_guide_update(request->tx, &request->scope, entry, err))
        return false;
    guide_to_json(request, entry);
    return true;
}

static bool update_guide_entry(ApiRequest *request, Error *err)
{
    const GuideEdit *edit = request->state;
    Automation automation;
    GuideEntry entry;
    if (!guide_of_path(request, &automation, &entry, err))
        return false;
    if (entry.delete_us)
        return error_set(err, FAILED_PRECONDITION, "", "the guide entry was deleted: undelete it first");
    bool says_else = mask_has(request, &edit->mask, S("resolution_steps"));
    if (says_else && !set_steps(request, &automation, edit->steps, &entry, err))
        return false;
    if (mask_has(request, &edit->mask, S("title")))
        entry.title = edit->title;
    if (mask_has(request, &edit->mask, S("root_cause")))
        entry.root_cause = edit->root_cause;
    if (mask_has(request, &edit->mask, S("resolution_notes")))
        entry.notes = edit->notes;
    set_state(request, edit->state, says_else, &entry);
    return keep_guide(request, &entry, err);
}

/* Archived with it (the contract's word for a deleted one's state). */
static bool delete_guide_entry(ApiRequest *request, Error *err)
{
    Automation automation;
    GuideEntry entry;
    if (!guide_of_path(request, &automation, &entry, err))
        return false;
    if (entry.delete_us)
        return error_set(err, NOT_FOUND, "", "guide entry \"%.*s\" was deleted already", STR_ARG(entry.id));
    entry.state = GUIDE_ARCHIVED;
    entry.delete_us = tx_now_us(request->tx);
    return keep_guide(request, &entry, err);
}

static bool undelete_guide_entry(ApiRequest *request, Error *err)
{
    Automation automation;
    GuideEntry entry;
    if (!guide_of_path(request, &automation, &entry, err))
        return false;
    if (!entry.delete_us)
        return error_set(err, ALREADY_EXISTS, "", "guide entry \"%.*s\" is not deleted: there is nothing to undelete",
                         STR_ARG(entry.id));
    entry.delete_us = 0;
    return keep_guide(request, &entry, err);
}

const Handler guide_entry_handlers[] = {
    {OP_GET_GUIDE_ENTRY, ON_LOOP, get_guide_entry},
    {OP_LIST_GUIDE_ENTRIES, ON_READER, list_guide_entries},
    {OP_UPDATE_GUIDE_ENTRY, ON_WRITER, update_guide_entry, prepare_update},
    {OP_DELETE_GUIDE_ENTRY, ON_WRITER, delete_guide_entry},
    {OP_UNDELETE_GUIDE_ENTRY, ON_WRITER, undelete_guide_entry},
    HANDLERS_END,
};
