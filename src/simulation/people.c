/* simulation/people.c: clients, and persons who answer. */
#include <stdio.h>

#include "aip/page.h"
#include "simulation/internal.h"

/* ---- clients ---- */

typedef struct Invoke {
    Command command;
    Universe *universe;
    Arena *arena;
    Invocation invocation;
    RunRow out;
} Invoke;

static bool invoke_apply(Tx *tx, Command *command, Error *err)
{
    Invoke *invoke = (Invoke *)command;
    return run_invoke(tx, invoke->universe->engine, invoke->arena, &invoke->universe->scope, &invoke->invocation,
                      &invoke->out, err);
}

/* False without an acknowledgement; the power may have gone, which is no error. */
static bool send(Universe *universe, int number, RunRow *out, Error *err)
{
    const SimulationPlan *plan = universe->plan;
    AUTO(arena_done)
    Arena arena = {0};
    const Json *inputs;
    Str text = plan->inputs(plan->self, &arena, number);
    if (!json_parse(&arena, text, 64, &inputs, err))
        return false;
    Invoke invoke = {.command.apply = invoke_apply,
                     .universe = universe,
                     .arena = &universe->arena,
                     .invocation = {.automation_id = universe->automation_id,
                                    .stage = STAGE_PUBLISHED,
                                    .inputs = inputs,
                                    .source = SOURCE_MANUAL,
                                    .user_id = S("u1"),
                                    .request_id = universe->requests[number].request_id,
                                    .request_hash = str_hash(text),
                                    .has_deadline = plan->deadline_us > 0 && number % 3 == 2,
                                    .deadline_us = plan->deadline_us}};
    bool ok = store_execute(universe->store, &invoke.command, err);
    if (universe_is_dark(universe)) {
        *err = (Error){0};
        return false;
    }
    *out = invoke.out;
    return ok;
}

bool people_send(Universe *universe, Error *err)
{
    for (int i = 0; i < universe->plan->n_runs; i++) {
        Request *request = &universe->requests[i];
        RunRow run;
        if (request->run_id.len > 0)
            continue;
        if (!send(universe, i, &run, err))
            return err->code == OK;
        request->run_id = run.id;
        request->run = run.key;
        universe_tell(universe, "run %d is accepted", i + 1);
        return true;
    }
    return true;
}

bool people_send_twice(Universe *universe, Error *err)
{
    int number = (int)random_below(&universe->random, (uint64_t)universe->plan->n_runs);
    const Request *request = &universe->requests[number];
    RunRow run;
    if (request->run_id.len == 0)
        return true;
    universe->tally->duplicates++;
    if (!send(universe, number, &run, err))
        return err->code == OK;
    if (!str_eq(run.id, request->run_id))
        universe_blame(universe, "run %d was accepted, and the same request then gave another run", number + 1);
    return true;
}

/* ---- persons ---- */

/* What a person finds out who looks whether it happened. */
static bool look(Universe *universe, Arena *arena, const ExceptionRow *question, Answer *out, Error *err)
{
    EffectRow *effects;
    int n = 0;
    Tx *tx;
    if (!tx_begin_read(universe->reader, &tx, err))
        return false;
    bool ok = store_effect_list(tx, arena, question->run, 0, &effects, &n, err);
    tx_end(tx);
    if (!ok)
        return false;
    const Deed *deed = n > 0 ? universe_deed(universe, effects[n - 1].key) : NULL;
    if (!deed || deed->err.code != OK)
        *out = (Answer){.kind = ANSWER_RETRY, .text = S("retry")};
    else if (deed->result.kind == VALUE_NULL)
        *out = (Answer){.kind = ANSWER_SKIP, .text = S("skip")};
    else
        *out = (Answer){.kind = ANSWER_USE, .value = deed->result, .text = S("use what the other system says")};
    return true;
}

static bool put_answer(Universe *universe, Arena *arena, const ExceptionRow *question, AnswerRequest *request,
                       Error *err)
{
    AnswerResult result;
    request->exception_id = question->id;
    request->actor = S("users/u1");
    request->user_id = S("users/u1");
    bool ok = exception_answer(universe->engine, universe->reader, arena, &universe->scope, request, &result, err);
    if (universe_is_dark(universe)) {
        *err = (Error){0};
        return true;
    }
    if (!ok && (err->code == ABORTED || err->code == FAILED_PRECONDITION)) { /* its deadline came first */
        *err = (Error){0};
        return true;
    }
    if (!ok)
        return false;
    universe->tally->questions++;
    universe->answered = *question;
    universe->answered.id = str_copy(&universe->arena, question->id);
    return true;
}

static bool answer(Universe *universe, Arena *arena, const ExceptionRow *question, bool *out, Error *err)
{
    AnswerRequest request = {0};
    Answer looked;
    Str sentence;
    if (is_simulated_trouble(question)) {
        if (!look(universe, arena, question, &looked, err))
            return false;
        universe->tally->doubts++;
        request.typed = &looked;
        sentence = looked.text;
    } else if (universe->plan->answer(universe->plan->self, arena, question, &sentence)) {
        request.sentence = sentence;
    } else {
        return true;
    }
    *out = true;
    universe_tell(universe, "“%.*s” is answered: %.*s", STR_ARG(str_clip(question->description, 100)),
                  STR_ARG(str_clip(sentence, 60)));
    return put_answer(universe, arena, question, &request, err);
}

bool people_answer(Universe *universe, bool *out, Error *err)
{
    enum { LOOKED_AT = 32 };
    AUTO(arena_done)
    Arena arena = {0};
    ExceptionRow *open;
    int n = 0;
    int64_t total;
    Tx *tx;
    *out = false;
    if (!tx_begin_read(universe->reader, &tx, err))
        return false;
    bool ok =
        store_exception_find(tx, &arena, &universe->scope, EXCEPTION_PENDING, NULL, LOOKED_AT, &open, &n, &total, err);
    tx_end(tx);
    if (!ok)
        return false;
    uint64_t first = random_below(&universe->random, (uint64_t)MAX_OF(n, 1));
    for (int i = 0; i < n && !*out; i++)
        if (!answer(universe, &arena, &open[((uint64_t)i + first) % (uint64_t)n], out, err))
            return false;
    return true;
}
