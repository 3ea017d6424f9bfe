/* engine/inline.c */
#include "engine/inline.h"

#include "base/clock.h"
#include "base/id.h"
#include "engine/awaited.h"
#include "engine/internal.h"
#include "value/wire.h"

#define SLICE_FUEL 200000

struct Inline {
    Command command;
    Engine *engine;
    Arena *arena;
    InlineRequest request;
    const Program *program;
    Argument *inputs;
    uint32_t n_inputs;
    bool calls_out;
    Id id;
    RunRow *run;
    Str outputs, failure;
    Str trace;
    bool ok;
    int64_t until_us; /* monotonic */
};

/* ---- connections ---- */

static const InlineConnection *connection_of(const Inline *all, Str alias)
{
    for (uint32_t i = 0; i < all->request.n_connections; i++) {
        if (str_eq(all->request.connections[i].alias, alias))
            return &all->request.connections[i];
    }
    return NULL;
}

/* Which connection a call goes through, as the code calls it: what it says, else what its procedure then takes. */
static Str alias_of(Str said, const Procedure *procedure)
{
    return said.len > 0 || !procedure ? said : procedure->connection;
}

/* Of a call through `alias` to the book: why it cannot be carried out, or "". */
static Str connection_problem(const Inline *all, Str alias, Str book)
{
    const InlineConnection *given = connection_of(all, alias);
    if (!given)
        return str_printf(all->arena, "book connection not provided: %.*s", STR_ARG(alias));
    if (given->book.len == 0)
        return str_printf(all->arena, "connections.%.*s: there is no connection \"%.*s\" in this workspace",
                          STR_ARG(alias), STR_ARG(str_clip(given->name, 60)));
    if (!str_eq(given->book, book))
        return str_printf(all->arena, "connections.%.*s: the connection \"%.*s\" belongs to the book %.*s, not %.*s",
                          STR_ARG(alias), STR_ARG(given->name), STR_ARG(given->book), STR_ARG(book));
    return S("");
}

/* Before anything is carried out. A procedure that reaches nothing outside needs no connection, whatever name it is
 * called by: kognitos.dates.dates.today(). */
static void look_outside(Inline *all)
{
    const Program *program = all->program;
    for (uint32_t i = 1; program->tree && i < program->n_nodes && all->failure.len == 0; i++) {
        const Node *node = program->nodes[i];
        if (node->kind != NODE_BOOK_CALL || (node->procedure && !node->procedure->outside))
            continue;
        Str alias = alias_of(node->alias, node->procedure);
        all->calls_out = true;
        if (alias.len > 0)
            all->failure = connection_problem(all, alias, node->text);
    }
}

/* ---- evaluating ---- */

static void inline_failed(Inline *all, const char *text)
{
    all->failure = str_copy(all->arena, str_from_c(text));
}

/* The key belongs to this one try: nothing is tried again. */
static bool call_outside(Inline *all, const Evaluation *evaluation, Arena *scratch, Value *out, Error *err)
{
    EvalCall call = *evaluation_call(evaluation);
    const InlineConnection *given = connection_of(all, alias_of(call.alias, call.procedure));
    Id key = id_new();
    call.alias = given ? given->name : S("");
    WorldCall world_call = {.scope = all->request.scope,
                            .locale = all->request.locale,
                            .call = &call,
                            .idempotency_key = id_str(&key),
                            .place = str_printf(scratch, "%.*s/%.*s", STR_ARG(id_str(&all->id)),
                                                STR_ARG(evaluation_place(evaluation, scratch)))};
    return awaited_call(all->engine->world, &world_call, all->until_us, all->request.gone, scratch, out, err);
}

static void late_outside(Inline *all, const EvalCall *call)
{
    inline_failed(all, call->procedure->effect >= EFFECT_KEYED
                           ? "the execution took longer than is allowed here, while another server was asked: what was "
                             "asked of it may have been done"
                           : "the execution took longer than is allowed here: another server did not answer in time");
}

/* False when the execution is over. */
static bool supply(Inline *all, Evaluation *evaluation)
{
    const EvalCall *call = evaluation_call(evaluation);
    AUTO(arena_done)
    Arena scratch = {0};
    Value result = value_null();
    Error err = {0};
    const World *world = all->engine->world;
    WorldCall inside = {.scope = all->request.scope, .locale = all->request.locale, .call = call};
    bool outside = call->procedure->outside;
    if (outside ? call_outside(all, evaluation, &scratch, &result, &err)
                : world->call(world->self, &inside, &scratch, &result, &err)) {
        evaluation_supply(evaluation, &scratch, result);
    } else if (outside && clock_monotonic_us() >= all->until_us) {
        late_outside(all, call);
        return false;
    } else {
        evaluation_supply_error(evaluation, &err);
    }
    return true;
}

static EvalStatus evaluate_slice(Engine *engine, Evaluation *evaluation)
{
    while (sem_wait(&engine->inline_computing) != 0)
        continue;
    EvalStatus status = evaluation_run(evaluation, SLICE_FUEL);
    sem_post(&engine->inline_computing);
    return status;
}

static void evaluate(Inline *all, Evaluation **in_hand)
{
    while (clock_monotonic_us() < all->until_us && !*all->request.gone) {
        EvalStatus status = evaluate_slice(all->engine, *in_hand);
        if (evaluation_turn(in_hand))
            continue;
        Evaluation *evaluation = *in_hand;
        switch (status) {
        case EVAL_READY:
        case EVAL_CHILDREN: break;
        case EVAL_CALL:
            if (!supply(all, evaluation))
                return;
            break;
        case EVAL_COMPLETED:
            all->outputs = outputs_text(all->arena, evaluation);
            all->ok = true;
            return;
        case EVAL_FAILED: all->failure = str_copy(all->arena, evaluation_failure(evaluation)); return;
        case EVAL_QUESTION: all->failure = str_copy(all->arena, evaluation_question(evaluation)->description); return;
        case EVAL_TIMER:
            inline_failed(all, "`wait` needs a run: publish the code as an automation and invoke it");
            return;
        }
    }
    inline_failed(all,
                  "the execution took longer than is allowed here: publish the code as an automation and invoke it");
}

/* ---- the whole ---- */

static void look_at_diagnostics(Inline *all)
{
    const Diagnostics *diagnostics = &all->program->diagnostics;
    if (all->failure.len > 0 || diagnostics->n_errors == 0)
        return;
    const Diagnostic *first = &diagnostics->items[0];
    all->failure =
        str_printf(all->arena, "line %u, column %u: %.*s", first->line, first->column, STR_ARG(first->message));
}

static bool read_inputs(Arena *arena, const Json *given, Argument **out, uint32_t *out_n, Error *err)
{
    uint32_t n = given ? given->count : 0;
    Argument *inputs = NEW_ARRAY(arena, Argument, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const char *field = str_to_c(arena, str_printf(arena, "inputs.%.*s", STR_ARG(given->items[i].key)));
        inputs[i].name = given->items[i].key;
        if (!value_from_json(arena, &given->items[i], field, &inputs[i].value, err))
            return false;
    }
    *out = inputs;
    *out_n = n;
    return true;
}

static Id id_of_now(const Engine *engine)
{
    return id_new_at(engine->world->now_us(engine->world->self));
}

bool inline_load(Engine *engine, Arena *arena, const InlineRequest *request, Inline **out, Error *err)
{
    Inline *all = NEW(arena, Inline);
    *all = (Inline){.engine = engine, .arena = arena, .request = *request, .id = id_of_now(engine)};
    if (!read_inputs(arena, request->inputs, &all->inputs, &all->n_inputs, err))
        return false;
    all->program = program_load(arena, request->code, SPELLING_SPY, engine->catalog);
    look_outside(all);
    look_at_diagnostics(all);
    *out = all;
    return true;
}

bool inline_calls_out(const Inline *execution)
{
    return execution->calls_out && execution->failure.len == 0;
}

static void run_program(Inline *all)
{
    Evaluation *evaluation =
        evaluation_new(all->program, all->inputs, all->n_inputs, engine_eval_options(all->engine, all->request.locale));
    evaluate(all, &evaluation);
    all->trace = str_copy(all->arena, evaluation_trace(evaluation));
    evaluation_free(evaluation);
}

static bool inline_write(Tx *tx, Command *command, Error *err)
{
    Inline *all = (Inline *)command;
    RunRow *run = all->run;
    AUTO(journal_draft_done)
    JournalDraft journal = {0};
    run->create_us = run->update_us = run->state_us = tx_now_us(tx);
    run->state = RUN_PENDING;
    if (!store_run_insert(tx, run, err) || !run_move(run, RUN_EXECUTING, tx_now_us(tx), NULL, &journal, err))
        return false;
    journal_draft_batch(&journal, all->trace);
    run->outputs = all->outputs;
    RunState end = all->ok ? RUN_COMPLETED : RUN_FAILED;
    run->description = all->failure;
    return run_move(run, end, tx_now_us(tx), NULL, &journal, err) && store_run_update(tx, run, err) &&
           store_journal_close(tx, run->key, buf_view(&journal.bytes), journal.n_entries, err);
}

bool inline_run(Inline *all, int64_t timeout_us, RunRow *out, Error *err)
{
    const InlineRequest *request = &all->request;
    all->until_us = clock_monotonic_us() + timeout_us;
    if (all->failure.len == 0)
        run_program(all);
    if (*request->gone)
        return error_set(err, CANCELLED, "", "the client left before the execution ended; nothing is kept of it");
    Id id = id_of_now(all->engine), error_id = id_new();
    *out = (RunRow){
        .scope = *request->scope,
        .id = str_copy(all->arena, id_str(&id)),
        .execution_id = str_copy(all->arena, id_str(&all->id)),
        .stage = STAGE_DRAFT,
        .source = SOURCE_MANUAL,
        .user_id = request->user_id,
        .inputs = S("{}"),
        .error_id = all->ok ? (Str){0} : str_copy(all->arena, id_str(&error_id)),
        .location_start = -1,
        .location_end = -1,
        .code = request->code,
        .locale = locale_pack(all->arena, request->locale),
    };
    all->run = out;
    all->command.apply = inline_write;
    return store_execute(all->engine->store, &all->command, err);
}
