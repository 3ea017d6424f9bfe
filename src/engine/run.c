/* engine/run.c: what a run may become, and who may say so. */
#include "engine/run.h"

#include "base/id.h"
#include "engine/internal.h"
#include "store/preferences.h"
#include "value/wire.h"

/*               ┌──────────── pending ───────────┐
 *               │              │                 │
 *               │              v                 v
 *   stopping <──┴────────  executing  ───────> failed <── (cancelled, stopped by an answer)
 *    │   │  └───────────>   │  │  ^               ^
 *    │   └──> stopped ──────│──│──┤ (continue)    │
 *    │          ^ │         │  v  │ (answered)    │
 *    │ (archived) └─> awaiting_guidance ───────────┤
 *    v                      v                     │
 *   completed <─────────────┘        (stopped) ───┘
 */
static const unsigned run_next[RUN_N_STATES] = {
    [RUN_PENDING] = BIT(RUN_EXECUTING) | BIT(RUN_STOPPING) | BIT(RUN_FAILED),
    [RUN_EXECUTING] = BIT(RUN_STOPPING) | BIT(RUN_AWAITING_GUIDANCE) | BIT(RUN_COMPLETED) | BIT(RUN_FAILED),
    [RUN_STOPPING] = BIT(RUN_STOPPED) | BIT(RUN_AWAITING_GUIDANCE) | BIT(RUN_COMPLETED) | BIT(RUN_FAILED),
    [RUN_AWAITING_GUIDANCE] = BIT(RUN_EXECUTING) | BIT(RUN_STOPPED) | BIT(RUN_FAILED),
    [RUN_STOPPED] = BIT(RUN_EXECUTING) | BIT(RUN_AWAITING_GUIDANCE) | BIT(RUN_FAILED),
    [RUN_COMPLETED] = 0,
    [RUN_FAILED] = 0,
};

const char *const run_state_names[RUN_N_STATES] = {
    [RUN_PENDING] = "pending",   [RUN_EXECUTING] = "executing", [RUN_AWAITING_GUIDANCE] = "awaiting_guidance",
    [RUN_STOPPING] = "stopping", [RUN_STOPPED] = "stopped",     [RUN_COMPLETED] = "completed",
    [RUN_FAILED] = "failed",
};

bool run_may_become(RunState from, RunState to)
{
    return (run_next[from] & BIT(to)) != 0;
}

bool run_is_final(RunState state)
{
    return run_next[state] == 0;
}

/* What holds of every run that is written: assert(run_check(run)). */
static bool run_check(const RunRow *run)
{
    assert(run->state < RUN_N_STATES);
    assert(run->exception_id.len == 0 || run->stage == STAGE_PUBLISHED);
    assert(run->exception_id.len == 0 || run->state == RUN_AWAITING_GUIDANCE || run->state == RUN_STOPPED);
    assert(!run->timer_parked || run->state == RUN_EXECUTING);
    assert(run->outputs.len == 0 || run->state == RUN_COMPLETED);
    return true;
}

void journal_draft_add(JournalDraft *draft, const TraceEntry *entry)
{
    trace_add(&draft->bytes, entry);
    draft->n_entries++;
}

void journal_draft_batch(JournalDraft *draft, Str packed)
{
    buf_str(&draft->bytes, packed);
    draft->n_entries += (int32_t)trace_count(packed);
}

/* The journal keeps the state without its outputs: they stand in the run's row, once. */
static void journal_update(JournalDraft *draft, const RunRow *run, int64_t time_us)
{
    AUTO(buf_done)
    Buf text = {0};
    JsonOut json = json_out(&text);
    RunRow shown = *run;
    shown.outputs = (Str){0};
    shown.state_us = time_us;
    run_state_to_json(&json, &shown);
    journal_draft_add(draft, &(TraceEntry){.kind = TRACE_RUN_UPDATE, .time_us = time_us, .text = buf_view(&text)});
}

bool run_move(RunRow *run, RunState state, int64_t now_us, const TraceEntry *entering, JournalDraft *journal,
              Error *err)
{
    if (!run_may_become(run->state, state))
        return error_set(err, FAILED_PRECONDITION, "", "the run is %s and cannot become %s",
                         run_state_names[run->state], run_state_names[state]);
    if (run->state == RUN_PENDING) /* its first entry: that it was asked for */
        journal_update(journal, run, run->create_us);
    if (entering)
        journal_draft_add(journal, entering);
    journal->moved |= BIT(state);
    journal->continued |= state == RUN_EXECUTING && run->state != RUN_PENDING;
    run->state = state;
    run->state_us = run->update_us = now_us;
    run->timer_parked = false;
    if (state != RUN_STOPPING && state != RUN_STOPPED && state != RUN_EXECUTING)
        run->timer_us = 0; /* a timer that was paused keeps its hour */
    if (state != RUN_AWAITING_GUIDANCE && state != RUN_STOPPED)
        run->exception_id = (Str){0};
    if (state == RUN_EXECUTING) {
        run->description = run->reason = (Str){0};
        run->location_start = run->location_end = -1;
    }
    journal_update(journal, run, now_us);
    return true;
}

/* One message a transaction: of where the run is at its end. Of child runs only that they ask: the rest is their
 * parent's to tell. */
static bool tell(Tx *tx, Engine *engine, const RunRow *run, const JournalDraft *journal, Error *err)
{
    static const WebhookEvent events[RUN_N_STATES] = {
        [RUN_EXECUTING] = EVENT_RUN_CONTINUED, [RUN_AWAITING_GUIDANCE] = EVENT_RUN_AWAITING_GUIDANCE,
        [RUN_STOPPED] = EVENT_RUN_STOPPED,     [RUN_COMPLETED] = EVENT_RUN_COMPLETED,
        [RUN_FAILED] = EVENT_RUN_FAILED,
    };
    bool is_told =
        (journal->moved & BIT(run->state)) &&
        (run->state == RUN_EXECUTING ? journal->continued : run->state > RUN_EXECUTING && events[run->state]) &&
        (run->parent == 0 || run->state == RUN_AWAITING_GUIDANCE);
    return !is_told || outbox_tell(tx, engine, run, events[run->state], err);
}

bool run_write(Tx *tx, Engine *engine, RunRow *run, const JournalDraft *journal, Error *err)
{
    assert(run_check(run));
    bool has_ended = run_is_final(run->state) && (journal->moved & BIT(run->state));
    if (!child_written(tx, engine, run, has_ended, journal->child_result, err) || !claim_settle(tx, run, err) ||
        !store_run_update(tx, run, err))
        return false;
    if (has_ended && run->children_open) /* a worker ends its children */
        tx_after_commit(tx, engine_wake, engine, run->key);
    if (journal->n_entries > 0 &&
        !store_journal_append(tx, run->key, buf_view(&journal->bytes), journal->n_entries, err))
        return false;
    engine_tell_changed(tx, engine, run->key);
    return tell(tx, engine, run, journal, err);
}

void journal_draft_done(JournalDraft *draft)
{
    buf_done(&draft->bytes);
}

bool run_fail(Arena *arena, RunRow *run, Str description, bool told, int64_t now_us, JournalDraft *journal, Error *err)
{
    Id id = id_new();
    run->error_id = str_copy(arena, id_str(&id));
    run->description = description;
    TraceEntry failed = {.kind = TRACE_FAILED, .time_us = now_us, .text = description, .error_id = run->error_id};
    return run_move(run, RUN_FAILED, now_us, told ? NULL : &failed, journal, err);
}

bool run_end(Tx *tx, Engine *engine, Arena *arena, RunRow *run, Str description, Error *err)
{
    AUTO(journal_draft_done)
    JournalDraft journal = {0};
    if (!exception_give_up(tx, arena, run, err) ||
        !run_fail(arena, run, description, false, tx_now_us(tx), &journal, err) ||
        !run_write(tx, engine, run, &journal, err) || !store_snapshot_put(tx, run->key, (Str){0}, 0, err))
        return false;
    claim_tell_interrupt(tx, engine, run->key);
    return true;
}

bool run_become(Tx *tx, Engine *engine, RunRow *run, RunState state, Str before, Error *err)
{
    AUTO(journal_draft_done)
    JournalDraft journal = {0};
    journal_draft_batch(&journal, before);
    return run_move(run, state, tx_now_us(tx), NULL, &journal, err) && run_write(tx, engine, run, &journal, err);
}

/* ---- invoke ---- */

static bool is_known_input(const Program *program, Str name)
{
    for (uint32_t i = 0; i < program->n_inputs; i++)
        if (name_alike(program->inputs[i].name, name))
            return true;
    return false;
}

static bool refuse_unknown_input(Arena *arena, const Program *program, Str name, Error *err)
{
    Buf known = buf_in(arena);
    for (uint32_t i = 0; i < program->n_inputs; i++)
        buf_printf(&known, "%s\"%.*s\"", i ? ", " : "", STR_ARG(program->inputs[i].name));
    Str field = str_printf(arena, "inputs.%.*s", STR_ARG(name));
    if (program->n_inputs == 0)
        return error_set(err, INVALID_ARGUMENT, str_to_c(arena, field),
                         "the automation takes no inputs, but \"%.*s\" was given", STR_ARG(name));
    return error_set(err, INVALID_ARGUMENT, str_to_c(arena, field),
                     "the automation has no input \"%.*s\"; its inputs are %.*s", STR_ARG(name),
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
            return refuse_unknown_input(arena, program, item->key, err);
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

static bool insert_run(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, const Automation *automation,
                       const Invocation *invocation, int64_t revision, const Program *program, Str default_inputs,
                       RunRow *out, Error *err)
{
    Str inputs;
    Preferences preferences;
    const Json *given =
        invocation->known_inputs_alone ? known_alone(arena, program, invocation->inputs) : invocation->inputs;
    if (!run_program_fit(program, err) || !run_inputs_text(arena, program, given, default_inputs, &inputs, err) ||
        !store_preferences_effective(tx, arena, scope, &preferences, err))
        return false;
    Id id = id_new(), execution = id_new();
    int64_t now = tx_now_us(tx);
    *out = (RunRow){
        .scope = *scope,
        .id = str_copy(arena, id_str(&id)),
        .execution_id = str_copy(arena, id_str(&execution)),
        .automation = automation->key,
        .automation_id = automation->id,
        .revision = revision,
        .state = RUN_PENDING,
        .stage = invocation->stage,
        .version = invocation->stage == STAGE_PUBLISHED ? automation->published_version : automation->version,
        .source = invocation->source,
        .user_id = invocation->user_id,
        .trigger_id = invocation->trigger_id,
        .inputs = inputs,
        .locale = locale_pack(arena, &preferences.locale),
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

bool run_invoke(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, const Invocation *invocation, RunRow *out,
                Error *err)
{
    bool repeated;
    if (!run_of_request(tx, arena, scope, invocation, &repeated, out, err))
        return false;
    if (repeated)
        return true;
    Automation automation;
    int64_t revision_key = 0;
    if (!store_automation_get(tx, arena, scope, invocation->automation_id, false, &automation, err) ||
        !run_pick_revision(&automation, invocation->stage, &revision_key, err))
        return false;
    const Program *program = engine_program(engine, tx, revision_key, err);
    if (!program)
        return false;
    bool ok = insert_run(tx, engine, arena, scope, &automation, invocation, revision_key, program,
                         program_cache_default_inputs(engine->programs, program), out, err);
    engine_program_release(engine, program);
    return ok;
}

/* ---- pause, continue, cancel ---- */

bool run_pause(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id, Str reason,
               RunRow *out, Error *err)
{
    if (!store_run_get(tx, arena, scope, automation, id, out, err))
        return false;
    if (out->state == RUN_STOPPING || out->state == RUN_STOPPED)
        return true;
    if (!run_may_become(out->state, RUN_STOPPING))
        return error_set(err, FAILED_PRECONDITION, "",
                         "the run is %s and cannot be paused; one that is pending or executing can",
                         run_state_names[out->state]);
    bool parked = out->timer_parked || out->children_open;
    out->reason = reason.len > 0 ? reason : S("Paused from run page");
    if (!run_become(tx, engine, out, RUN_STOPPING, (Str){0}, err))
        return false;
    if (parked) /* no worker has it in hand: it stands still already */
        return run_become(tx, engine, out, RUN_STOPPED, (Str){0}, err);
    claim_tell_interrupt(tx, engine, out->key);
    return true;
}

bool run_continue(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id, RunRow *out,
                  Error *err)
{
    if (!store_run_get(tx, arena, scope, automation, id, out, err))
        return false;
    switch (out->state) {
    case RUN_PENDING:
    case RUN_EXECUTING:
    case RUN_COMPLETED: return true; /* it goes on, or went on, by itself: clients ask after an answer, to be sure */
    case RUN_AWAITING_GUIDANCE:
        return error_set(err, FAILED_PRECONDITION, "",
                         "the run waits for an answer; resolve its exception and it goes on by itself");
    case RUN_STOPPING:
        return error_set(err, FAILED_PRECONDITION, "",
                         "the run is still stopping; continue it once its state is stopped");
    case RUN_FAILED:
        return error_set(err, FAILED_PRECONDITION, "", "the run has failed and cannot be continued; start a new one");
    case RUN_STOPPED: break;
    case RUN_N_STATES: assert(false);
    }
    if (out->exception_id.len > 0)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the run stopped because its exception %.*s was archived; unarchive that, and answer it",
                         STR_ARG(out->exception_id));
    if (!run_become(tx, engine, out, RUN_EXECUTING, (Str){0}, err))
        return false;
    tx_after_commit(tx, engine_wake, engine, out->key);
    return !out->children_open || children_continue(tx, engine, arena, out, err);
}

bool run_cancel(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id, Str reason,
                RunRow *out, Error *err)
{
    if (!store_run_get(tx, arena, scope, automation, id, out, err))
        return false;
    if (run_is_final(out->state))
        return error_set(err, FAILED_PRECONDITION, "", "the run has %s and cannot be cancelled any more",
                         run_state_names[out->state]);
    Str description = reason.len > 0 ? str_printf(arena, "Cancelled: %.*s", STR_ARG(reason)) : S("Cancelled");
    return run_end(tx, engine, arena, out, description, err);
}
