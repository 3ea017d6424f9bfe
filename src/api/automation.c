/* api/automation.c: automations: what is to be done, from the first draft to its deletion. */
#include "api/automation.h"

#include "api/check.h"
#include "api/duration.h"
#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/list.h"
#include "api/mask.h"
#include "aip/name.h"
#include "base/clock.h"
#include "api/name.h"
#include "api/run.h"
#include "store/preferences.h"
#include "value/wire.h"

/* ---- as JSON ---- */

static void raw_member(JsonOut *out, Str key, Str json, Str empty)
{
    json_key(out, key);
    json_raw(out, json.len > 0 ? json : empty);
}

static void optional_time(JsonOut *out, Str key, int64_t us)
{
    if (us)
        json_member_time_us(out, key, us);
}

static void optional_text(JsonOut *out, Str key, Str text)
{
    if (text.len > 0)
        json_member_str(out, key, text);
}

static void content_to_json(JsonOut *out, const Revision *revision)
{
    json_member_str(out, S("display_name"), revision->display_name);
    json_member_str(out, S("description"), revision->description);
    json_member_str(out, S("english_code"), revision->english);
    json_member_str(out, S("code"), revision->code);
    raw_member(out, S("artifacts"), revision->artifacts, S("{}"));
    raw_member(out, S("connections"), revision->connections, S("{}"));
    raw_member(out, S("input_specs"), revision->input_specs, S("[]"));
    raw_member(out, S("default_inputs"), revision->default_inputs, S("{}"));
    raw_member(out, S("marked_outputs"), revision->marked_outputs, S("[]"));
    raw_member(out, S("code_mapping"), revision->code_mapping, S("{\"entries\":[]}"));
}

static void restoration_to_json(JsonOut *out, Arena *arena, const Revision *revision)
{
    if (!revision->restore_us)
        return;
    json_member_time_us(out, S("restore_time"), revision->restore_us);
    json_member_str(out, S("restore_version"), version_text(arena, revision->restored_from));
    optional_text(out, S("restore_user_id"), revision->restore_user_id);
}

/* By its presence clients tell a published automation from a draft: before the first publish there is nothing to say.
 */
static void publication_to_json(JsonOut *out, Arena *arena, const Automation *automation)
{
    static const unsigned states[] = {
        [ACTIVATION_UNSPECIFIED] = WIRE_AUTOMATION_ACTIVATION_STATE_UNSPECIFIED,
        [ACTIVATION_ACTIVE] = WIRE_AUTOMATION_ACTIVATION_STATE_ACTIVE,
        [ACTIVATION_DEACTIVATED] = WIRE_AUTOMATION_ACTIVATION_STATE_DEACTIVATED,
    };
    if (!automation->published_revision)
        return;
    json_member_str(out, S("latest_published_version"), version_text(arena, automation->published_version));
    json_member_str(out, S("activation_state"),
                    contract_enum_text(ENUM_AUTOMATION_ACTIVATION_STATE, states[automation->activation]));
    optional_time(out, S("publish_time"), automation->publish_us);
    optional_text(out, S("publish_user_id"), automation->publish_user_id);
}

void automation_to_json(ApiRequest *request, const Automation *automation, const Revision *revision)
{
    JsonOut *out = &request->json;
    Arena *arena = request->arena;
    json_open_object(out);
    json_member_str(out, S("name"), name_automation(arena, &request->scope, automation->id));
    content_to_json(out, revision);
    json_member_str(out, S("version"), version_text(arena, revision->version));
    publication_to_json(out, arena, automation);
    json_member_time_us(out, S("create_time"), automation->create_us);
    json_member_time_us(out, S("update_time"), automation->update_us);
    optional_time(out, S("delete_time"), automation->delete_us);
    optional_time(out, S("purge_time"), automation->purge_us);
    if (automation->keep_runs_us > 0)
        json_member_str(out, S("run_retention"),
                        str_printf(arena, "%llds", (long long)(automation->keep_runs_us / 1000000)));
    if (automation->run_deadline_us > 0)
        json_member_str(out, S("run_deadline"),
                        str_printf(arena, "%llds", (long long)(automation->run_deadline_us / 1000000)));
    optional_text(out, S("author_id"), automation->author_id);
    optional_text(out, S("update_user_id"), automation->update_user_id);
    restoration_to_json(out, arena, revision);
    optional_text(out, S("etag"), automation->etag);
    json_close_object(out);
}

static bool answer_with(ApiRequest *request, const Automation *automation, int64_t revision_key, Error *err)
{
    Revision revision;
    if (!store_revision_get(request->tx, request->arena, revision_key, &revision, err))
        return false;
    automation_to_json(request, automation, &revision);
    return true;
}

static bool answer_with_draft(ApiRequest *request, const Automation *automation, Error *err)
{
    return answer_with(request, automation, automation->draft_revision, err);
}

/* ---- reading ---- */

bool automation_of_path(ApiRequest *request, int64_t *out_key, Error *err)
{
    Automation automation;
    *out_key = 0;
    if (str_eq(request->path[PATH_AUTOMATION], S("-")))
        return true;
    if (!store_automation_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], true,
                              &automation, err))
        return false;
    *out_key = automation.key;
    return true;
}

bool automation_of_text(ApiRequest *request, Str text, Automation *out, Error *err)
{
    Str id = name_leaf(text);
    if (str_find_char(text, '/') >= 0 && !str_eq(text, name_automation(request->arena, &request->scope, id)))
        return error_set(err, INVALID_ARGUMENT, "automation", "\"%.*s\" is not an automation of this workspace",
                         STR_ARG(str_clip(text, 200)));
    if (!store_automation_get(request->tx, request->arena, &request->scope, id, false, out, err))
        return err->code == NOT_FOUND ? error_set(err, NOT_FOUND, "automation", "there is no automation \"%.*s\" here",
                                                  STR_ARG(str_clip(id, 100)))
                                      : false;
    return true;
}

static bool get_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    return store_automation_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], true,
                                &automation, err) &&
           answer_with_draft(request, &automation, err);
}

static bool query_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    if (!store_automation_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], false,
                              &automation, err))
        return false;
    if (request->query[QUERY_STAGE].number == WIRE_AUTOMATION_STAGE_DRAFT)
        return answer_with_draft(request, &automation, err);
    if (!automation.published_revision)
        return error_set(err, FAILED_PRECONDITION, "",
                         "Automation not published: publish it first, or ask for AUTOMATION_STAGE_DRAFT");
    return answer_with(request, &automation, automation.published_revision, err);
}

static bool list_automations(ApiRequest *request, Error *err)
{
    ApiList list;
    Automation *automations;
    int n;
    if (!list_begin(request, &list, err) || !store_automation_list(request->tx, request->arena, &request->scope,
                                                                   &list.query, &automations, &n, &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("automations"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++) {
        if (!answer_with_draft(request, &automations[i], err))
            return false;
    }
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* ---- creating and editing ---- */

static Str json_as_text(Arena *arena, const Json *json, Str empty)
{
    if (!json)
        return empty;
    Buf text = buf_in(arena);
    JsonOut out = json_out(&text);
    json_write(&out, json);
    return buf_view(&text);
}

/* Default inputs are kept in the values' canonical form, so that what was sent oddly is not found out at an invocation.
 */
static bool default_inputs_text(ApiRequest *request, Str *out, Error *err)
{
    const Json *inputs = json_get(request->body, S("default_inputs"));
    Buf text = buf_in(request->arena);
    JsonOut json = json_out(&text);
    json_open_object(&json);
    for (uint32_t i = 0; inputs && i < inputs->count; i++) {
        const Json *item = &inputs->items[i];
        Str field = str_printf(request->arena, "default_inputs.%.*s", STR_ARG(str_slice(item->key, 0, 80)));
        Value value;
        if (!value_from_json(request->arena, item, str_to_c(request->arena, field), &value, err))
            return false;
        json_key(&json, item->key);
        value_to_json(&json, value);
    }
    json_close_object(&json);
    *out = buf_view(&text);
    return true;
}

static bool edit_of_body(ApiRequest *request, const Mask *mask, AutomationEdit *edit, Error *err)
{
    const Json *body = request->body;
    Arena *arena = request->arena;
    *edit = (AutomationEdit){
        .has_display_name = mask_has(request, mask, S("display_name")),
        .has_description = mask_has(request, mask, S("description")),
        .has_english = mask_has(request, mask, S("english_code")),
        .has_code = mask_has(request, mask, S("code")),
        .has_connections = mask_has(request, mask, S("connections")),
        .has_default_inputs = mask_has(request, mask, S("default_inputs")),
        .has_marked_outputs = mask_has(request, mask, S("marked_outputs")),
        .has_artifacts = mask_has(request, mask, S("artifacts")),
        .has_keep_runs = mask_has(request, mask, S("run_retention")),
        .has_run_deadline = mask_has(request, mask, S("run_deadline")),
        .display_name = str_trim(json_text(json_get(body, S("display_name")))),
        .description = json_text(json_get(body, S("description"))),
        .english = json_text(json_get(body, S("english_code"))),
        .code = json_text(json_get(body, S("code"))),
        .connections = json_as_text(arena, json_get(body, S("connections")), S("{}")),
        .marked_outputs = json_as_text(arena, json_get(body, S("marked_outputs")), S("[]")),
        .artifacts = json_as_text(arena, json_get(body, S("artifacts")), S("{}")),
        .etag = json_text(json_get(body, S("etag"))),
    };
    /* A mask that names both spellings, as * does, takes the one that is sent: the other follows it. */
    const Json *english = json_get(body, S("english_code")), *code = json_get(body, S("code"));
    edit->has_english = edit->has_english && (english || !code);
    edit->has_code = edit->has_code && (code || !english);
    if (edit->has_display_name && edit->display_name.len == 0)
        return error_set(err, INVALID_ARGUMENT, "display_name", "must not be empty");
    return duration_of_body(body, "run_retention", 86400, "the server's setting", &edit->keep_runs_us, err) &&
           duration_of_body(body, "run_deadline", 1, "no deadline", &edit->run_deadline_us, err) &&
           (!edit->has_default_inputs || default_inputs_text(request, &edit->default_inputs, err));
}

static bool edit_fits(ApiRequest *request, const AutomationEdit *edit, const Revision *current, Error *err)
{
    Preferences preferences;
    return (!edit->has_default_inputs && !edit->has_marked_outputs) ||
           (store_preferences_effective(request->tx, request->arena, &request->scope, &preferences, err) &&
            automation_fits(api_engine(request->api), request->arena, edit, current,
                            locale_reading(&preferences.locale), err));
}

/* On a reader thread: reading and checking a long text takes milliseconds that the writer should not spend. */
static bool prepare_create(ApiRequest *request, Error *err)
{
    const Mask from_body = {.from_body = true};
    AutomationEdit *edit = NEW(request->arena, AutomationEdit);
    request->state = edit;
    return edit_of_body(request, &from_body, edit, err) &&
           automation_prepare(api_engine(request->api), request->arena, edit, NULL, err) &&
           edit_fits(request, edit, NULL, err);
}

static bool create_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    Revision revision;
    Repeat repeat = idempotent_begin(request, err);
    if (repeat != REPEAT_NO)
        return repeat == REPEAT_YES;
    if (!automation_create(request->tx, request->arena, &request->scope, request->state, request->principal->user_id,
                           &automation, &revision, err))
        return false;
    automation_to_json(request, &automation, &revision);
    return idempotent_end(request, err);
}

static bool prepare_update(ApiRequest *request, Error *err)
{
    Mask mask;
    Automation automation;
    Revision current;
    AutomationEdit *edit = NEW(request->arena, AutomationEdit);
    request->state = edit;
    return mask_read(request, &mask, err) && edit_of_body(request, &mask, edit, err) &&
           store_automation_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], false,
                                &automation, err) &&
           store_revision_get(request->tx, request->arena, automation.draft_revision, &current, err) &&
           automation_prepare(api_engine(request->api), request->arena, edit, &current, err) &&
           edit_fits(request, edit, &current, err);
}

static bool update_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    Revision revision;
    if (!automation_edit(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], request->state,
                         request->principal->user_id, &automation, &revision, err))
        return false;
    automation_to_json(request, &automation, &revision);
    return true;
}

/* ---- the rest of its life ---- */

static bool delete_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    return automation_delete(request->tx, api_engine(request->api), request->arena, &request->scope,
                             request->path[PATH_AUTOMATION], request->query[QUERY_ETAG].text, &automation, err) &&
           answer_with_draft(request, &automation, err);
}

static bool undelete_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    return automation_undelete(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION],
                               &automation, err) &&
           answer_with_draft(request, &automation, err);
}

static bool publish_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    Revision revision;
    if (!automation_publish(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION],
                            request->principal->user_id, &automation, &revision, err))
        return false;
    automation_to_json(request, &automation, &revision);
    return true;
}

static bool set_active(ApiRequest *request, bool active, Error *err)
{
    Automation automation;
    return automation_set_active(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], active,
                                 &automation, err) &&
           answer_with_draft(request, &automation, err);
}

static bool activate_automation(ApiRequest *request, Error *err)
{
    return set_active(request, true, err);
}
static bool deactivate_automation(ApiRequest *request, Error *err)
{
    return set_active(request, false, err);
}

static bool discard_draft(ApiRequest *request, Error *err)
{
    Automation automation;
    return automation_discard_draft(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION],
                                    request->principal->user_id, &automation, err) &&
           answer_with_draft(request, &automation, err);
}

static bool fork_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    Revision revision;
    Repeat repeat = idempotent_begin(request, err);
    if (repeat != REPEAT_NO)
        return repeat == REPEAT_YES;
    if (!automation_fork(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION],
                         str_trim(json_text(json_get(request->body, S("display_name")))), request->principal->user_id,
                         &automation, &revision, err))
        return false;
    automation_to_json(request, &automation, &revision);
    return idempotent_end(request, err);
}

/* A version, or the full name of a revision of this automation. */
static bool revision_of_this(ApiRequest *request, Version *out, Error *err)
{
    Str given = json_text(json_get(request->body, S("revision"))), version = name_leaf(given);
    Str own =
        name_in_automation(request->arena, &request->scope, request->path[PATH_AUTOMATION], S("revisions"), version);
    if (given.len != version.len && !str_eq(given, own))
        return error_set(err, INVALID_ARGUMENT, "revision",
                         "revision: this is no revision of the automation; give a version such as 1.0, or the name of "
                         "one of its revisions");
    return version_parse(version, out, err);
}

static bool restore_automation(ApiRequest *request, Error *err)
{
    Automation automation;
    Revision revision;
    Version version;
    if (!revision_of_this(request, &version, err) ||
        !automation_restore(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], version,
                            request->principal->user_id, &automation, &revision, err))
        return false;
    automation_to_json(request, &automation, &revision);
    return true;
}

const Handler automation_handlers[] = {
    {OP_GET_AUTOMATION, ON_LOOP, get_automation},
    {OP_QUERY_AUTOMATION, ON_LOOP, query_automation},
    {OP_LIST_AUTOMATIONS, ON_READER, list_automations},
    {OP_CREATE_AUTOMATION, ON_WRITER, create_automation, prepare_create},
    {OP_UPDATE_AUTOMATION, ON_WRITER, update_automation, prepare_update},
    {OP_DELETE_AUTOMATION, ON_WRITER, delete_automation},
    {OP_UNDELETE_AUTOMATION, ON_WRITER, undelete_automation},
    {OP_PUBLISH_AUTOMATION, ON_WRITER, publish_automation},
    {OP_ACTIVATE_AUTOMATION, ON_WRITER, activate_automation},
    {OP_DEACTIVATE_AUTOMATION, ON_WRITER, deactivate_automation},
    {OP_DISCARD_AUTOMATION_DRAFT, ON_WRITER, discard_draft},
    {OP_FORK_AUTOMATION, ON_WRITER, fork_automation},
    {OP_RESTORE_AUTOMATION, ON_WRITER, restore_automation},
    HANDLERS_END,
};
