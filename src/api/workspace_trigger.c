/* api/workspace_trigger.c: what starts runs from outside: messages and files. The address of a webhook and its secret
 * are shown once, by the answers that make them; a trigger that watches a folder has neither. */
#include "api/workspace_trigger.h"

#include "api/automation.h"
#include "api/check.h"
#include "api/duration.h"
#include "api/folder.h"
#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/internal.h"
#include "api/list.h"
#include "api/mask.h"
#include "api/name.h"
#include "base/id.h"
#include "http/signature.h"
#include "store/run.h"

#define PATH_MOST 1000
/* Proxies and senders give up at about this. */
#define WAIT_MOST_US ((int64_t)60 * 1000000)

/* ---- as JSON ---- */

static Str trigger_name(Arena *arena, const WorkspaceTrigger *trigger)
{
    return name_in_workspace(arena, &trigger->scope, S("triggers"), trigger->id);
}

static Str etag_of(Arena *arena, const WorkspaceTrigger *trigger)
{
    return str_printf(arena, "\"%lld\"", (long long)trigger->version);
}

Str trigger_outcome_text(TriggerOutcome outcome)
{
    static const unsigned wire[TRIGGER_N_OUTCOMES] = {
        [TRIGGER_STARTED] = WIRE_TRIGGER_OUTCOME_STARTED,
        [TRIGGER_FILTERED] = WIRE_TRIGGER_OUTCOME_FILTERED,
        [TRIGGER_INACTIVE] = WIRE_TRIGGER_OUTCOME_INACTIVE,
        [TRIGGER_REFUSED] = WIRE_TRIGGER_OUTCOME_REFUSED,
    };
    return contract_enum_text(ENUM_TRIGGER_OUTCOME, wire[outcome]);
}

/* Where messages are posted, and with what they are signed. */
static bool secrets_to_json(ApiRequest *request, const WorkspaceTrigger *trigger, Error *err)
{
    unsigned char secret[32];
    Str token;
    if (!store_workspace_trigger_token(request->tx, request->arena, trigger, &token, err) ||
        !store_workspace_trigger_secret(request->tx, trigger, secret, err))
        return false;
    json_member_str(&request->json, S("path"), str_printf(request->arena, "/api/v1/hooks/%.*s", STR_ARG(token)));
    json_member_str(&request->json, S("secret"),
                    signature_secret_text(request->arena, str_of((const char *)secret, sizeof secret)));
    return true;
}

static bool watches_folder(const WorkspaceTrigger *trigger)
{
    return trigger->folder.len > 0;
}

static void folder_to_json(Arena *arena, JsonOut *out, const WorkspaceTrigger *trigger)
{
    json_member_str(out, S("folder"), trigger->folder);
    json_member_str(out, S("pattern"), trigger->pattern);
    json_key(out, S("keep_files"));
    json_bool(out, trigger->keeps_files);
    json_member_str(out, S("watched_path"),
                    str_printf(arena, "%.*s/%.*s", STR_ARG(trigger->scope.workspace_id), STR_ARG(trigger->folder)));
}

static bool trigger_to_json(ApiRequest *request, const WorkspaceTrigger *trigger, bool with_secrets, Error *err)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("name"), trigger_name(request->arena, trigger));
    json_member_str(out, S("display_name"), trigger->display_name);
    json_member_str(out, S("automation"), name_automation(request->arena, &trigger->scope, trigger->automation_id));
    json_key(out, S("require_signature"));
    json_bool(out, trigger->is_signed);
    json_member_str(out, S("filter"), trigger->filter);
    json_key(out, S("input_mapping"));
    json_raw(out, trigger->input_mapping);
    json_key(out, S("enabled"));
    json_bool(out, trigger->enabled);
    if (trigger->wait_us > 0)
        json_member_str(out, S("wait"), str_printf(request->arena, "%llds", (long long)(trigger->wait_us / 1000000)));
    if (watches_folder(trigger))
        folder_to_json(request->arena, out, trigger);
    if (with_secrets && !watches_folder(trigger) && !secrets_to_json(request, trigger, err))
        return false;
    json_key(out, S("event_count"));
    json_i64_text(out, trigger->number);
    json_member_str(out, S("etag"), etag_of(request->arena, trigger));
    json_member_time_us(out, S("create_time"), trigger->create_us);
    json_member_time_us(out, S("update_time"), trigger->update_us);
    json_close_object(out);
    return true;
}

/* ---- reading ---- */

static bool trigger_of_path(ApiRequest *request, WorkspaceTrigger *out, Error *err)
{
    return store_workspace_trigger_get(request->tx, request->arena, &request->scope, request->path[PATH_TRIGGER], out,
                                       err);
}

static bool get_trigger(ApiRequest *request, Error *err)
{
    WorkspaceTrigger trigger;
    return trigger_of_path(request, &trigger, err) && trigger_to_json(request, &trigger, false, err);
}

static bool list_triggers(ApiRequest *request, Error *err)
{
    ApiList list;
    WorkspaceTrigger *triggers;
    int n;
    if (!list_begin(request, &list, err) || !store_workspace_trigger_list(request->tx, request->arena, &request->scope,
                                                                          &list.query, &triggers, &n, &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("triggers"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        if (!trigger_to_json(request, &triggers[i], false, err))
            return false;
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

static void event_to_json(ApiRequest *request, const WorkspaceTrigger *trigger, const TriggerEvent *event)
{
    JsonOut *out = &request->json;
    Arena *arena = request->arena;
    json_open_object(out);
    json_member_str(out, S("name"),
                    str_printf(arena, "%.*s/events/%.*s", STR_ARG(trigger_name(arena, trigger)), STR_ARG(event->id)));
    json_member_str(out, S("outcome"), trigger_outcome_text(event->outcome));
    if (event->run_id.len > 0)
        json_member_str(out, S("run"), name_run(arena, &trigger->scope, trigger->automation_id, event->run_id));
    if (event->reason.len > 0)
        json_member_str(out, S("reason"), event->reason);
    if (event->origin.len > 0)
        json_member_str(out, S("origin"), event->origin);
    json_key(out, S("size_bytes"));
    json_i64_text(out, event->size_bytes);
    json_member_time_us(out, S("create_time"), event->create_us);
    json_close_object(out);
}

static bool list_events(ApiRequest *request, Error *err)
{
    ApiList list;
    WorkspaceTrigger trigger;
    TriggerEvent *events;
    int n;
    if (!list_begin(request, &list, err) || !trigger_of_path(request, &trigger, err) ||
        !store_trigger_event_list(request->tx, request->arena, &request->scope, trigger.key, &list.query, &events, &n,
                                  &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("events"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        event_to_json(request, &trigger, &events[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* ---- what may be set ---- */

typedef struct TriggerEdit {
    Mask mask; /* PATCH */
    WorkspaceTrigger row;
    Str etag;
} TriggerEdit;

static bool read_mapping(ApiRequest *request, Str *out, Error *err)
{
    const Json *mapping = json_get(request->body, S("input_mapping"));
    Buf text = buf_in(request->arena);
    JsonOut json = json_out(&text);
    for (uint32_t i = 0; mapping && i < mapping->count; i++) {
        const Json *path = &mapping->items[i];
        if (path->text.len == 0 || path->text.len > PATH_MOST)
            return error_set(err, INVALID_ARGUMENT,
                             str_to_c(request->arena, str_printf(request->arena, "input_mapping.%.*s",
                                                                 STR_ARG(str_clip(path->key, 60)))),
                             "say where in the message the input is found, such as order.total, or $ for all of it");
    }
    if (mapping)
        json_write(&json, mapping);
    *out = mapping ? buf_view(&text) : S("{}");
    return true;
}

static bool is_true(const Json *json)
{
    return json && json->boolean;
}

/* What is said of files has a meaning for triggers that watch a folder alone. */
static bool check_kind(const WorkspaceTrigger *trigger, Error *err)
{
    if (!watches_folder(trigger)) {
        if (trigger->pattern.len > 0)
            return error_set(err, INVALID_ARGUMENT, "pattern", "name the folder whose files it is to choose from");
        return !trigger->keeps_files ||
               error_set(err, INVALID_ARGUMENT, "keep_files", "name the folder whose files are to stay");
    }
    return folder_check_path(trigger->folder, err) && folder_check_pattern(trigger->pattern, err);
}

static bool read_wait(const Json *body, int64_t *out_us, Error *err)
{
    return duration_of_body(body, "wait", 1, "an answer at once", out_us, err) &&
           (*out_us <= WAIT_MOST_US ||
            error_set(err, INVALID_ARGUMENT, "wait", "is longer than senders wait: give at most %llds",
                      (long long)(WAIT_MOST_US / 1000000)));
}

static bool read_body(ApiRequest *request, TriggerEdit *edit, Error *err)
{
    const Json *body = request->body, *enabled = json_get(body, S("enabled"));
    const Filter *filter;
    edit->etag = json_text(json_get(body, S("etag")));
    edit->row = (WorkspaceTrigger){.scope = request->scope,
                                   .display_name = str_trim(json_text(json_get(body, S("display_name")))),
                                   .filter = str_trim(json_text(json_get(body, S("filter")))),
                                   .is_signed = is_true(json_get(body, S("require_signature"))),
                                   .folder = json_text(json_get(body, S("folder"))),
                                   .pattern = json_text(json_get(body, S("pattern"))),
                                   .keeps_files = is_true(json_get(body, S("keep_files"))),
                                   .enabled = !enabled || enabled->boolean};
    return filter_parse_open(request->arena, edit->row.filter, &filter, err) &&
           read_mapping(request, &edit->row.input_mapping, err) && read_wait(body, &edit->row.wait_us, err);
}

static bool check_etag(ApiRequest *request, const WorkspaceTrigger *trigger, Str given, Error *err)
{
    Str etag = etag_of(request->arena, trigger);
    return given.len == 0 || str_eq(given, S("*")) || str_eq(given, etag) ||
           error_set(err, ABORTED, "etag", "the trigger has changed meanwhile: read it again, and send its etag %.*s",
                     STR_ARG(etag));
}

/* ---- making ---- */

static bool check_root(const ApiRequest *request, const WorkspaceTrigger *trigger, Error *err)
{
    return !watches_folder(trigger) || request->api->options.folder_root ||
           error_set(err, FAILED_PRECONDITION, "folder",
                     "this server watches no folders: whoever runs it says with the setting folder-root where they "
                     "lie");
}

static bool prepare_create(ApiRequest *request, Error *err)
{
    TriggerEdit *edit = NEW(request->arena, TriggerEdit);
    Automation automation;
    request->state = edit;
    if (!read_body(request, edit, err) || !check_kind(&edit->row, err) || !check_root(request, &edit->row, err) ||
        !automation_of_text(request, json_text(json_get(request->body, S("automation"))), &automation, err))
        return false;
    edit->row.automation = automation.key;
    edit->row.automation_id = automation.id;
    return true;
}

static int64_t new_salt(void)
{
    return (int64_t)(random_u64() >> 1);
}

/* The answer has secrets, so it is not kept: of a creation with a request id its trigger is, and answered anew. */
static bool repeated_creation(ApiRequest *request, Str request_id, bool *out, Error *err)
{
    uint64_t hash;
    Str id;
    WorkspaceTrigger trigger;
    *out = false;
    if (request_id.len == 0)
        return true;
    if (!store_request_get(request->tx, request->arena, &request->scope, request_id, out, &hash, &id, err))
        return false;
    if (!*out)
        return true;
    if (hash != idempotent_hash(request))
        return error_set(err, ALREADY_EXISTS, "request_id",
                         "it was used before with another request; use a new one, or repeat the same request");
    return store_workspace_trigger_get(request->tx, request->arena, &request->scope, id, &trigger, err) &&
           trigger_to_json(request, &trigger, true, err);
}

static bool create_trigger(ApiRequest *request, Error *err)
{
    const TriggerEdit *edit = request->state;
    WorkspaceTrigger trigger = edit->row;
    Str request_id = idempotent_id(request, request->query[QUERY_REQUEST_ID].text);
    Id id = id_new();
    bool repeated;
    if (!repeated_creation(request, request_id, &repeated, err))
        return false;
    if (repeated)
        return true;
    trigger.id = str_copy(request->arena, id_str(&id));
    trigger.secret_salt = new_salt();
    if (!store_workspace_trigger_insert(request->tx, &trigger, err) ||
        (request_id.len > 0 &&
         !store_request_put(request->tx, &request->scope, request_id, idempotent_hash(request), trigger.id, err)))
        return false;
    return trigger_to_json(request, &trigger, !api_only_validates(request), err);
}

/* ---- changing ---- */

static bool prepare_update(ApiRequest *request, Error *err)
{
    TriggerEdit *edit = NEW(request->arena, TriggerEdit);
    request->state = edit;
    return mask_read(request, &edit->mask, err) && read_body(request, edit, err);
}

static void apply_edit(const ApiRequest *request, const TriggerEdit *edit, WorkspaceTrigger *trigger)
{
    const Mask *mask = &edit->mask;
    if (mask_has(request, mask, S("display_name")))
        trigger->display_name = edit->row.display_name;
    if (mask_has(request, mask, S("require_signature")))
        trigger->is_signed = edit->row.is_signed;
    if (mask_has(request, mask, S("filter")))
        trigger->filter = edit->row.filter;
    if (mask_has(request, mask, S("input_mapping")))
        trigger->input_mapping = edit->row.input_mapping;
    if (mask_has(request, mask, S("enabled")))
        trigger->enabled = edit->row.enabled;
    if (mask_has(request, mask, S("wait")))
        trigger->wait_us = edit->row.wait_us;
    if (mask_has(request, mask, S("folder")))
        trigger->folder = edit->row.folder;
    if (mask_has(request, mask, S("pattern")))
        trigger->pattern = edit->row.pattern;
    if (mask_has(request, mask, S("keep_files")))
        trigger->keeps_files = edit->row.keeps_files;
}

/* An address that was given away is not to become void in passing. */
static bool check_still(bool watched_folder, const WorkspaceTrigger *trigger, Error *err)
{
    return watched_folder == watches_folder(trigger) ||
           error_set(err, INVALID_ARGUMENT, "folder",
                     watched_folder ? "a trigger that watches a folder goes on to watch one: make another trigger for "
                                      "messages"
                                    : "a trigger with an address keeps it: make another trigger for the folder");
}

static bool update_trigger(ApiRequest *request, Error *err)
{
    const TriggerEdit *edit = request->state;
    WorkspaceTrigger trigger;
    if (!trigger_of_path(request, &trigger, err) || !check_etag(request, &trigger, edit->etag, err))
        return false;
    bool watched_folder = watches_folder(&trigger);
    apply_edit(request, edit, &trigger);
    if (!check_still(watched_folder, &trigger, err) || !check_kind(&trigger, err))
        return false;
    return store_workspace_trigger_update(request->tx, &trigger, err) && trigger_to_json(request, &trigger, false, err);
}

static bool rotate_secret(ApiRequest *request, Error *err)
{
    WorkspaceTrigger trigger;
    if (!trigger_of_path(request, &trigger, err))
        return false;
    if (watches_folder(&trigger))
        return error_set(err, INVALID_ARGUMENT, "", "the trigger watches a folder: it has no address and no secret");
    trigger.secret_salt = new_salt();
    return store_workspace_trigger_update(request->tx, &trigger, err) && trigger_to_json(request, &trigger, true, err);
}

static bool delete_trigger(ApiRequest *request, Error *err)
{
    WorkspaceTrigger trigger;
    if (!trigger_of_path(request, &trigger, err) ||
        !check_etag(request, &trigger, request->query[QUERY_ETAG].text, err) ||
        !store_workspace_trigger_delete(request->tx, &request->scope, trigger.id, err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

const Handler workspace_trigger_handlers[] = {
    {OP_LIST_TRIGGERS, ON_READER, list_triggers},     {OP_CREATE_TRIGGER, ON_WRITER, create_trigger, prepare_create},
    {OP_GET_TRIGGER, ON_READER, get_trigger},         {OP_UPDATE_TRIGGER, ON_WRITER, update_trigger, prepare_update},
    {OP_DELETE_TRIGGER, ON_WRITER, delete_trigger},   {OP_ROTATE_TRIGGER_SECRET, ON_WRITER, rotate_secret},
    {OP_LIST_TRIGGER_EVENTS, ON_READER, list_events}, HANDLERS_END,
};
