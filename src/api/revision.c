/* api/revision.c: every version of an automation that was ever saved, and texts that are checked without being saved.
 */
#include "api/automation.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/name.h"
#include "engine/defaults.h"
#include "lang/program.h"
#include "store/preferences.h"

/* ---- revisions ---- */

static void alternate_ids_to_json(JsonOut *out, const Automation *automation, const Revision *revision)
{
    json_key(out, S("alternate_ids"));
    json_open_array(out);
    if (revision->key == automation->draft_revision)
        json_str(out, S("latest"));
    if (revision->key == automation->published_revision)
        json_str(out, S("latest-published"));
    json_close_array(out);
}

static void revision_to_json(ApiRequest *request, const Automation *automation, const Revision *revision)
{
    JsonOut *out = &request->json;
    Str version = version_text(request->arena, revision->version);
    json_open_object(out);
    json_member_str(out, S("name"),
                    name_in_automation(request->arena, &request->scope, automation->id, S("revisions"), version));
    json_key(out, S("snapshot"));
    automation_to_json(request, automation, revision);
    json_member_time_us(out, S("create_time"), revision->create_us);
    alternate_ids_to_json(out, automation, revision);
    json_close_object(out);
}

static bool get_automation_row(ApiRequest *request, Automation *out, Error *err)
{
    return store_automation_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], true, out,
                                err);
}

static bool find_revision(ApiRequest *request, const Automation *automation, Revision *out, Error *err)
{
    Str id = request->path[PATH_REVISION];
    Version version;
    if (str_eq(id, S("latest")))
        return store_revision_get(request->tx, request->arena, automation->draft_revision, out, err);
    if (str_eq(id, S("latest-published")) && automation->published_revision)
        return store_revision_get(request->tx, request->arena, automation->published_revision, out, err);
    if (!version_parse(id, &version, err))
        return error_set(err, NOT_FOUND, "", "there is no revision %.*s; revisions are named by version, such as 1.0",
                         STR_ARG(str_slice(id, 0, 60)));
    return store_revision_get_by_version(request->tx, request->arena, automation->key, version, out, err);
}

static bool get_revision(ApiRequest *request, Error *err)
{
    Automation automation;
    Revision revision;
    if (!get_automation_row(request, &automation, err) || !find_revision(request, &automation, &revision, err))
        return false;
    revision_to_json(request, &automation, &revision);
    return true;
}

static bool list_revisions(ApiRequest *request, Error *err)
{
    ApiList list;
    Automation automation;
    Revision *revisions;
    int n;
    if (!list_begin(request, &list, err) || !get_automation_row(request, &automation, err) ||
        !store_revision_list(request->tx, request->arena, automation.key, &list.query, &revisions, &n, &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("revisions"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        revision_to_json(request, &automation, &revisions[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

static bool list_default_inputs_history(ApiRequest *request, Error *err)
{
    ApiList list;
    Automation automation;
    DefaultInputsChange *changes;
    int n;
    if (!list_begin(request, &list, err) || !get_automation_row(request, &automation, err) ||
        !store_default_inputs_history(request->tx, request->arena, &request->scope, automation.key, &list.query,
                                      &changes, &n, &list.end, err))
        return false;
    JsonOut *out = &request->json;
    json_open_object(out);
    json_key(out, S("default_inputs_history_entries"));
    json_open_array(out);
    for (int i = 0; i < n; i++) {
        json_open_object(out);
        json_key(out, S("default_inputs"));
        json_raw(out, changes[i].default_inputs);
        json_member_time_us(out, S("change_time"), changes[i].change_us);
        json_member_str(out, S("change_actor"), changes[i].user_id);
        json_close_object(out);
    }
    json_close_array(out);
    list_end(request, &list);
    json_close_object(out);
    return true;
}

/* ---- checking ---- */

static void diagnostics_to_json(JsonOut *out, const Diagnostics *diagnostics)
{
    json_key(out, S("diagnostics"));
    json_open_array(out);
    for (uint32_t i = 0; i < diagnostics->count; i++)
        diagnostic_to_json(out, &diagnostics->items[i]);
    json_close_array(out);
}

static void outputs_to_json(JsonOut *out, const Program *program)
{
    json_key(out, S("outputs"));
    json_open_array(out);
    for (uint32_t i = 0; i < program->n_outputs; i++) {
        json_open_object(out);
        json_member_str(out, S("name"), program->outputs[i].name);
        if (program->outputs[i].type) {
            json_key(out, S("type"));
            type_to_json(out, program->outputs[i].type);
        }
        json_close_object(out);
    }
    json_close_array(out);
}

/* The printed spellings where the text could be read; where it could not, the given one as it came. */
static bool check_automation(ApiRequest *request, Error *err)
{
    (void)err;
    const Json *english = json_get(request->body, S("english_code"));
    const Json *spy = json_get(request->body, S("code"));
    const Program *program =
        program_load(request->arena, json_text(english ? english : spy), english ? SPELLING_ENGLISH : SPELLING_SPY,
                     engine_catalog(api_engine(request->api)));
    JsonOut *out = &request->json;
    json_open_object(out);
    diagnostics_to_json(out, &program->diagnostics);
    json_member_str(out, S("english_code"),
                    english && program->english.len == 0 ? json_text(english) : program->english);
    json_member_str(out, S("code"), spy && program->spy.len == 0 ? json_text(spy) : program->spy);
    json_key(out, S("code_mapping"));
    program_mapping_to_json(out, program);
    json_key(out, S("input_specs"));
    program_inputs_to_json(out, program);
    outputs_to_json(out, program);
    json_close_object(out);
    return true;
}

static void warn(Diagnostics *diagnostics, const char *code, const Error *why)
{
    (void)diagnose(diagnostics, SEVERITY_WARNING, code, (Span){0}, "%s: %s", why->field, why->message);
}

/* The text may have changed since they were set. */
static void warn_of_defaults(Arena *arena, const Revision *draft, Program *program, Reading reading)
{
    Error why = {0};
    if (!default_inputs_fit(arena, program, draft->default_inputs, reading, &why))
        warn(&program->diagnostics, "default-input", &why);
    if (!marked_outputs_fit(arena, program, draft->marked_outputs, &why))
        warn(&program->diagnostics, "marked-output", &why);
}

static bool validate_publish(ApiRequest *request, Error *err)
{
    Preferences preferences;
    Automation automation;
    Revision draft;
    if (!store_automation_get(request->tx, request->arena, &request->scope, request->path[PATH_AUTOMATION], false,
                              &automation, err) ||
        !store_revision_get(request->tx, request->arena, automation.draft_revision, &draft, err) ||
        !store_preferences_effective(request->tx, request->arena, &request->scope, &preferences, err))
        return false;
    bool spy = draft.source_spelling == SPELLING_SPY;
    Program *program = program_load(request->arena, spy ? draft.code : draft.english,
                                    spy ? SPELLING_SPY : SPELLING_ENGLISH, engine_catalog(api_engine(request->api)));
    warn_of_defaults(request->arena, &draft, program, locale_reading(&preferences.locale));
    json_open_object(&request->json);
    diagnostics_to_json(&request->json, &program->diagnostics);
    json_close_object(&request->json);
    return true;
}

const Handler revision_handlers[] = {
    {OP_LIST_AUTOMATION_REVISIONS, ON_READER, list_revisions},
    {OP_GET_AUTOMATION_REVISION, ON_LOOP, get_revision},
    {OP_LIST_DEFAULT_INPUTS_HISTORY, ON_READER, list_default_inputs_history},
    {OP_CHECK_AUTOMATION, ON_READER, check_automation},
    {OP_VALIDATE_PUBLISH_AUTOMATION, ON_READER, validate_publish},
    HANDLERS_END,
};
