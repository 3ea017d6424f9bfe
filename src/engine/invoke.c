/* engine/invoke.c: the beginning of a run: of which version, with which inputs, once for a request id. */
#include "base/id.h"
#include "engine/internal.h"
#include "engine/run.h"
#include "store/preferences.h"
#include "value/wire.h"

static bool is_known_input(const Program *program, Str name)
{
    for (uint32_t i = 0; i < program->n_inputs; i++)
        if (name_alike(program->inputs[i].name, name))
            return true;
    return false;
}

bool input_refuse_unknown(Arena *arena, const Program *program, const char *what, Str name, Error *err)
{
    Buf known = buf_in(arena);
    for (uint32_t i = 0; i < program->n_inputs; i++)
        buf_printf(&known, "%s\"%.*s\"", i ? ", " : "", STR_ARG(program->inputs[i].name));
    Str field = str_printf(arena, "%s.%.*s", what, STR_ARG(str_clip(name, 80)));
    if (program->n_inputs == 0)
        return error_set(err, INVALID_ARGUMENT, str_to_c(arena, field),
                         "the automation takes no inputs, but \"%.*s\" was given", STR_ARG(str_clip(name, 80)));
    return error_set(err, INVALID_ARGUMENT, str_to_c(arena, field),
                     "the automation has no input \"%.*s\"; its inputs are %.*s", STR_ARG(str_clip(name, 80)),
                     STR_ARG(buf_view(&known)));
}

static bool is_given(const Json *inputs, Str name)
{
    for (uint32_t i = 0; inputs && i < inputs->count; i++)
        if (name_alike(inputs->items[i].key, name))
            return true;
    return false;
}

static bool write_input(Arena *arena, JsonOut *out, Str name, const Json *json, Error *err)
{
    Value value;
    const char *field = str_to_c(arena, str_printf(arena, "inputs.%.*s", STR_ARG(name)));
    if (!value_from_json(arena, json, field, &value, err))
        return false;
    json_key(out, name);
    value_to_json(out, value);
    return true;
}

/* What the client gave, in canonical wire form, and the automation's default inputs where it gave nothing. */
bool run_inputs_text(Arena *arena, const Program *program, const Json *given, Str default_inputs, Str *out, Error *err)
{
    const Json *defaults = NULL;
    if (default_inputs.len > 2 && !json_parse(arena, default_inputs, 64, &defaults, err))
        return false;
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    json_open_object(&json);
    for (uint32_t i = 0; given && i < given->count; i++) {
        const Json *item = &given->items[i];
        if (!is_known_input(program, item->key))
            return input_refuse_unknown(arena, program, "inputs", item->key, err);
        if (!write_input(arena, &json, item->key, item, err))
            return false;
    }
    for (uint32_t i = 0; defaults && i < defaults->count; i++) {
        const Json *item = &defaults->items[i];
        if (!is_given(given, item->key) && is_known_input(program, item->key) &&
            !write_input(arena, &json, item->key, item, err))
            return false;
    }
    json_close_object(&json);
    *out = buf_view(&text);
    return true;
}

static const Json *known_alone(Arena *arena, const Program *program, const Json *given)
{
    if (!json_is(given, JSON_OBJECT))
        return NULL;
    Json *known = NEW(arena, Json);
    *known = *given;
    known->items = NEW_ARRAY(arena, Json, given->count + 1);
    known->count = 0;
    for (uint32_t i = 0; i < given->count; i++)
        if (is_known_input(program, given->items[i].key))
            known->items[known->count++] = given->items[i];
    return known;
}

bool run_pick_revision(const Automation *automation, Stage stage, int64_t *out, Error *err)
{
    if (stage == STAGE_UNSPECIFIED)
        return error_set(err, INVALID_ARGUMENT, "stage",
                         "say which version to run: AUTOMATION_STAGE_DRAFT or AUTOMATION_STAGE_PUBLISHED");
    if (stage == STAGE_DRAFT) {
        *out = automation->draft_revision;
        return true;
    }
    if (automation->published_revision == 0)
        return error_set(err, FAILED_PRECONDITION, "stage",
                         "Automation not published: publish it first, or run its draft with AUTOMATION_STAGE_DRAFT");
    if (automation->activation == ACTIVATION_DEACTIVATED)
        return error_set(err, FAILED_PRECONDITION, "stage",
                         "the automation is deactivated: activate it to run its published version");
    *out = automation->published_revision;
    return true;
}

bool run_of_request(Tx *tx, Arena *arena, const Scope *scope, const Invocation *invocation, bool *out_found,
                    RunRow *out, Error *err)
{
    uint64_t hash = 0;
    Str run_id = {0};
    *out_found = false;
    if (invocation->request_id.len == 0)
        return true;
    bool found;
    if (!store_request_get(tx, arena, scope, invocation->request_id, &found, &hash, &run_id, err))
        return false;
    if (!found)
        return true;
    if (hash != invocation->request_hash)
        return error_set(err, ALREADY_EXISTS, "request_id",
                         "it was used before with another request; use a new one, or repeat the same request");
    *out_found = true;
    return store_run_get(tx, arena, scope, 0, run_id, out, err);
}

bool run_program_fit(const Program *program, Error *err)
{
    const Diagnostic *first = program->diagnostics.items;
    return program->diagnostics.n_errors == 0 ||
           error_set(err, FAILED_PRECONDITION, "stage",
                     "the draft has %u problem%s and cannot run; the first, in line %u: %.*s",
                     program->diagnostics.n_errors, program->diagnostics.n_errors == 1 ? "" : "s", first->line,
                     STR_ARG(first->message));
}

bool run_start(Tx *tx, Engine *engine, RunRow *run, Str request_id, uint64_t request_hash, Error *err)
{
    if (!claim_settle(tx, run, err) || !store_run_insert(tx, run, err))
        return false;
    if (request_id.len > 0 && !store_request_put(tx, &run->scope, request_id, request_hash, run->id, err))
        return false;
    tx_after_commit(tx, engine_wake, engine, run->key);
    if (run->deadline_us)
        claim_tell_deadline(tx, engine, run->deadline_us);
    return run->parent > 0 || outbox_tell(tx, engine, run, EVENT_RUN_CREATED, err);
}

/* What is started, looked up once for as many as start it together. */
typedef struct Target {
    Stage stage;
    Automation automation;
    int64_t revision;
    const Program *program; /* NULL until it is opened */
    Str default_inputs, locale;
} Target;

static bool target_open(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, const Invocation *invocation,
                        Target *out, Error *err)
{
    Preferences preferences;
    if (!store_automation_get(tx, arena, scope, invocation->automation_id, false, &out->automation, err) ||
        !run_pick_revision(&out->automation, invocation->stage, &out->revision, err) ||
        !store_preferences_effective(tx, arena, scope, &preferences, err))
        return false;
    out->stage = invocation->stage;
    out->locale = locale_pack(arena, &preferences.locale);
    out->program = engine_program(engine, tx, out->revision, err);
    if (!out->program)
        return false;
    out->default_inputs = program_cache_default_inputs(engine->programs, out->program);
    return run_program_fit(out->program, err);
}

static void target_close(Engine *engine, Target *target)
{
    engine_program_release(engine, target->program);
    target->program = NULL;
}

static bool insert_run(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, const Target *target,
                       const Invocation *invocation, RunRow *out, Error *err)
{
    Str inputs;
    const Automation *automation = &target->automation;
    const Json *given =
        invocation->known_inputs_alone ? known_alone(arena, target->program, invocation->inputs) : invocation->inputs;
    if (!run_inputs_text(arena, target->program, given, target->default_inputs, &inputs, err))
        return false;
    int64_t now = tx_now_us(tx);
    Id id = id_new_at(now), execution = id_new_at(now);
    *out = (RunRow){
        .scope = *scope,
        .id = str_copy(arena, id_str(&id)),
        .execution_id = str_copy(arena, id_str(&execution)),
        .automation = automation->key,
        .automation_id = automation->id,
        .revision = target->revision,
        .state = RUN_PENDING,
        .stage = invocation->stage,
        .version = invocation->stage == STAGE_PUBLISHED ? automation->published_version : automation->version,
        .source = invocation->source,
        .user_id = invocation->user_id,
        .trigger_id = invocation->trigger_id,
        .inputs = inputs,
        .locale = target->locale,
        .location_start = -1,
        .location_end = -1,
        .create_us = now,
        .update_us = now,
        .state_us = now,
        .deadline_us =
            deadline_after(now, invocation->has_deadline ? invocation->deadline_us : automation->run_deadline_us),
    };
    return run_start(tx, engine, out, invocation->request_id, invocation->request_hash, err);
}

static bool invoke_one(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Target *target,
                       const Invocation *invocation, RunRow *out, Error *err)
{
    bool repeated;
    if (!run_of_request(tx, arena, scope, invocation, &repeated, out, err))
        return false;
    if (repeated)
        return true;
    if (target->program && target->stage != invocation->stage)
        target_close(engine, target);
    return (target->program || target_open(tx, engine, arena, scope, invocation, target, err)) &&
           insert_run(tx, engine, arena, scope, target, invocation, out, err);
}

bool run_invoke_all(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, const Invocation *invocations, size_t n,
                    RunRow *out, size_t *out_refused, Error *err)
{
    Target target = {0};
    size_t i = 0;
    while (i < n && invoke_one(tx, engine, arena, scope, &target, &invocations[i], &out[i], err))
        i++;
    target_close(engine, &target);
    *out_refused = i;
    return i == n;
}

bool run_invoke(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, const Invocation *invocation, RunRow *out,
                Error *err)
{
    size_t refused;
    return run_invoke_all(tx, engine, arena, scope, invocation, 1, out, &refused, err);
}
