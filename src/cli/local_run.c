/* cli/local_run.c: inputs from the command line, calls of books, timers, answers. */
#include "cli/local_run.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/codec.h"
#include "lang/answer.h"
#include "lang/trace.h"
#include "value/decimal.h"
#include "value/zone.h"

/* ---- inputs ---- */
static bool input_known(const Program *program, Str name, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Str *names = NEW_ARRAY(&arena, Str, program->n_inputs);
    Buf listed = buf_in(&arena);
    for (uint32_t i = 0; i < program->n_inputs; i++) {
        names[i] = program->inputs[i].name;
        if (name_alike(names[i], name))
            return true;
        buf_printf(&listed, "%s%.*s", i ? ", " : "", STR_ARG(names[i]));
    }
    Str near = nearest_spelling(name, names, program->n_inputs);
    if (near.len > 0)
        return error_set(err, INVALID_ARGUMENT, "", "there is no input \"%.*s\": did you mean \"%.*s\"?", STR_ARG(name),
                         STR_ARG(near));
    return error_set(err, INVALID_ARGUMENT, "", "there is no input \"%.*s\"; the inputs are: %.*s", STR_ARG(name),
                     STR_ARG(listed.len ? buf_view(&listed) : S("none")));
}

static Str input_name(const Program *program, Str given)
{
    for (uint32_t i = 0; i < program->n_inputs; i++) {
        if (name_alike(program->inputs[i].name, given))
            return program->inputs[i].name;
    }
    return given;
}

static TypeKind input_type(const Program *program, Str name)
{
    for (uint32_t i = 0; i < program->n_inputs; i++) {
        const Type *type = program->inputs[i].type;
        if (str_eq(program->inputs[i].name, name))
            return type->kind == TYPE_OPTIONAL ? type->inner->kind : type->kind;
    }
    return TYPE_ANY;
}

/* 7% is 0.07, as in the language; in data it is refused, since there it may be of anything. */
static bool is_percentage(Str text, Value *out)
{
    Error ignored;
    Value hundredth = {.low = 1, .scale = 2, .kind = VALUE_NUMBER}, figure;
    text = str_trim(text);
    return str_ends(text, S("%")) && decimal_parse(str_trim(str_slice(text, 0, text.len - 1)), &figure, &ignored) &&
           decimal_multiply(figure, hundredth, out, &ignored);
}

/* "name=text" or "name=@file". */
static bool input_read(LocalRun *run, const char *given, Argument *out, Error *err)
{
    Str rest = str_from_c(given), name = str_trim(str_cut(&rest, '='));
    if (!rest.data)
        return error_set(err, INVALID_ARGUMENT, "",
                         "--input %s says no value: write --input \"name=value\" or \"name=@file\"", given);
    if (!input_known(run->program, name, err))
        return false;
    out->name = input_name(run->program, name);
    if (str_starts(rest, S("@")))
        return local_grant(&run->world, rest.data + 1, &out->value, err);
    if (input_type(run->program, out->name) == TYPE_FILE)
        return error_set(err, INVALID_ARGUMENT, "", "the input \"%.*s\" is a file: write --input \"%.*s=@%.*s\"",
                         STR_ARG(out->name), STR_ARG(out->name), STR_ARG(rest));
    if (!utf8_is_valid(rest))
        return error_set(err, INVALID_ARGUMENT, "", "the input \"%.*s\" is not UTF-8 text", STR_ARG(name));
    if (input_type(run->program, out->name) != TYPE_NUMBER || !is_percentage(rest, &out->value))
        out->value = value_text(rest);
    return true;
}

bool local_run_inputs(LocalRun *run, const char *const *given, int n_given, Argument *out, Error *err)
{
    for (int i = 0; i < n_given; i++) {
        if (!input_read(run, given[i], &out[i], err))
            return false;
        for (int k = 0; k < i; k++) {
            if (str_eq(out[k].name, out[i].name))
                return error_set(err, INVALID_ARGUMENT, "", "the input \"%.*s\" is given twice", STR_ARG(out[i].name));
        }
    }
    return true;
}

void local_run_begin(LocalRun *run, const Argument *inputs, uint32_t n_inputs)
{
    /* What is said is all that is read of the trace here; one event, since none means the usual many. */
    run->evaluation =
        evaluation_new(run->program, inputs, n_inputs,
                       (EvalOptions){.reading = locale_reading(&run->world.locale), .budget = {.trace_events = 1}});
}

/* ---- what a run may want ---- */
void local_run_tell(LocalRun *run)
{
    Reader batch = reader_of(evaluation_trace(run->evaluation));
    AUTO(arena_done)
    Arena arena = {0};
    TraceEntry entry;
    Error err = {0};
    while (trace_next(&arena, &batch, &entry, &err)) {
        if (entry.kind == TRACE_SAID && run->said)
            run->said(run->self, entry.text);
        arena_reset(&arena);
    }
    evaluation_trace_clear(run->evaluation);
}

static void carry_out_call(LocalRun *run)
{
    AUTO(arena_done)
    Arena arena = {0};
    const EvalCall *call = evaluation_call(run->evaluation);
    BookContext context = local_context(&run->world);
    Value result;
    Error err = {0};
    bool ok =
        call->procedure->outside
            ? local_call_outside(&run->world, call, evaluation_place(run->evaluation, &arena), &arena, &result, &err)
            : books_call(&context, call->procedure, call->arguments, call->n_arguments, &arena, &result, &err);
    if (ok)
        evaluation_supply(run->evaluation, &arena, result);
    else
        evaluation_supply_error(run->evaluation, &err);
}

static bool moment_to_us(LocalRun *run, Value moment, int64_t *out_us, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    return zone_moment(&arena, moment, run->world.locale.time_zone, local_now_us(&run->world), out_us, err);
}

static bool wait_out(LocalRun *run, Error *err)
{
    const EvalTimer *timer = evaluation_timer(run->evaluation);
    int64_t now = local_now_us(&run->world), until = now + timer->seconds * 1000000;
    char text[CLOCK_TEXT_LEN];
    if (timer->until && !moment_to_us(run, timer->moment, &until, err))
        return false;
    if (!run->skip_waits && until > now) {
        clock_format(until, text);
        fprintf(stderr, "waiting until %.19sZ (--skip-waits goes on at once)\n", text);
        struct timespec left = {(until - now) / 1000000, (until - now) % 1000000 * 1000};
        while (nanosleep(&left, &left) != 0)
            continue;
    }
    local_pass_time(&run->world, until);
    evaluation_timer_fired(run->evaluation);
    return true;
}

bool local_run_serve(LocalRun *run, EvalStatus status, Error *err)
{
    if (status == EVAL_CALL)
        carry_out_call(run);
    return status != EVAL_TIMER || wait_out(run, err);
}

bool local_run_go_on(LocalRun *run, EvalStatus *out, Error *err)
{
    for (;;) {
        EvalStatus status = evaluation_run(run->evaluation, LOCAL_RUN_FUEL);
        local_run_tell(run);
        if (evaluation_turn(&run->evaluation))
            continue;
        *out = status;
        if (status == EVAL_QUESTION || status == EVAL_COMPLETED || status == EVAL_FAILED)
            return true;
        if (!local_run_serve(run, status, err))
            return false;
    }
}

bool local_run_answer(LocalRun *run, Arena *arena, Str sentence, bool *out_remember, Error *err)
{
    Answer answer;
    if (!utf8_is_valid(sentence))
        return error_set(err, INVALID_ARGUMENT, "", "the answer is not UTF-8 text");
    if (!answer_read(arena, sentence, run->program, evaluation_question(run->evaluation), &answer, err) ||
        !evaluation_answer(run->evaluation, &answer, err))
        return false;
    *out_remember = answer.remember;
    return true;
}

void local_run_done(LocalRun *run)
{
    evaluation_free(run->evaluation);
    local_done(&run->world);
}
