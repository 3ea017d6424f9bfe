/* engine/inline.c: executions:run: SPy evaluated at once, for clients that wait for the answer. Nothing is asked and
 * nothing is parked; the execution is kept as a run without an automation, so that its outputs can be read again. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "engine/internal.h"
#include "value/wire.h"

#define SLICE_FUEL 200000

typedef struct Inline {
    Command command;
    const Locale *locale;
    RunRow *run;
    Str outputs, failure;
    Str trace;
    bool ok;
    int64_t until_us;
    const _Atomic bool *gone;
} Inline;

static void inline_failed(Inline *all, Arena *arena, const char *text)
{
    all->failure = str_copy(arena, str_from_c(text));
}

static void supply(Engine *engine, const Scope *scope, const Locale *locale, Evaluation *evaluation)
{
    const EvalCall *call = evaluation_call(evaluation);
    AUTO(arena_done)
    Arena scratch = {0};
    Value result = value_null();
    Error err = {0};
    WorldCall world_call = {scope, locale, call, (Str){0}};
    if (engine->world->call(engine->world->self, &world_call, &scratch, &result, &err))
        evaluation_supply(evaluation, &scratch, result);
    else
        evaluation_supply_error(evaluation, &err);
}

static void evaluate(Engine *engine, Arena *arena, const Scope *scope, Inline *all, Evaluation **in_hand)
{
    while (clock_monotonic_us() < all->until_us && !*all->gone) {
        EvalStatus status = evaluation_run(*in_hand, SLICE_FUEL);
        if (evaluation_turn(in_hand))
            continue;
        Evaluation *evaluation = *in_hand;
        switch (status) {
        case EVAL_READY:
        case EVAL_CHILDREN: break;
        case EVAL_CALL: supply(engine, scope, all->locale, evaluation); break;
        case EVAL_COMPLETED:
            all->outputs = outputs_text(arena, evaluation);
            all->ok = true;
            return;
        case EVAL_FAILED: all->failure = str_copy(arena, evaluation_failure(evaluation)); return;
        case EVAL_QUESTION: all->failure = str_copy(arena, evaluation_question(evaluation)->description); return;
        case EVAL_TIMER:
            inline_failed(all, arena, "`wait` needs a run: publish the code as an automation and invoke it");
            return;
        }
    }
    inline_failed(all, arena,
                  "the execution took longer than is allowed here: publish the code as an automation and invoke it");
}

/* executions:run knows no connections of its own: what the code names must be given. A procedure that reaches nothing
 * outside needs none, whatever name it is called by: kognitos.dates.dates.today(). */
static const Node *missing_connection(const Program *program)
{
    for (uint32_t i = 1; i < program->n_nodes; i++) {
        const Node *node = program->nodes[i];
        if (node->kind == NODE_BOOK_CALL && node->alias.len > 0 && (!node->procedure || node->procedure->outside))
            return node;
    }
    return NULL;
}

static void run_program(Engine *engine, Arena *arena, const Scope *scope, Inline *all, const Program *program,
                        const Argument *inputs, uint32_t n_inputs)
{
    const Node *unconnected = program->tree ? missing_connection(program) : NULL;
    if (unconnected) {
        all->failure = str_printf(arena, "book connection not provided: %.*s", STR_ARG(unconnected->alias));
        return;
    }
    if (program->diagnostics.n_errors > 0) {
        const Diagnostic *first = &program->diagnostics.items[0];
        all->failure =
            str_printf(arena, "line %u, column %u: %.*s", first->line, first->column, STR_ARG(first->message));
        return;
    }
    Evaluation *evaluation = evaluation_new(program, inputs, n_inputs, engine_eval_options(engine, all->locale));
    evaluate(engine, arena, scope, all, &evaluation);
    all->trace = str_copy(arena, evaluation_trace(evaluation));
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
           store_journal_append(tx, run->key, buf_view(&journal.bytes), journal.n_entries, err);
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

bool run_inline(Engine *engine, Arena *arena, const Scope *scope, const Locale *locale, Str code, const Json *given,
                Str user_id, int64_t timeout_us, const _Atomic bool *gone, RunRow *out, Error *err)
{
    Argument *inputs;
    uint32_t n_inputs;
    if (!read_inputs(arena, given, &inputs, &n_inputs, err))
        return false;
    AUTO(arena_done)
    Arena scratch = {0};
    Inline all = {.command.apply = inline_write,
                  .locale = locale,
                  .run = out,
                  .until_us = clock_monotonic_us() + timeout_us,
                  .gone = gone};
    const Program *program = program_load(&scratch, code, SPELLING_SPY, engine->catalog);
    run_program(engine, arena, scope, &all, program, inputs, n_inputs);
    if (*gone)
        return error_set(err, CANCELLED, "", "the client left before the execution ended; nothing is kept of it");
    Id id = id_new(), execution = id_new(), error_id = id_new();
    *out = (RunRow){
        .scope = *scope,
        .id = str_copy(arena, id_str(&id)),
        .execution_id = str_copy(arena, id_str(&execution)),
        .stage = STAGE_DRAFT,
        .source = SOURCE_MANUAL,
        .user_id = user_id,
        .inputs = S("{}"),
        .error_id = all.ok ? (Str){0} : str_copy(arena, id_str(&error_id)),
        .location_start = -1,
        .location_end = -1,
        .code = code,
        .locale = locale_pack(arena, locale),
    };
    return store_execute(engine->store, &all.command, err);
}
