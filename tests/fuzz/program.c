/* tests/fuzz/program.c: hostile programs, checked and carried out under small budgets; saved and restored after every
 * slice they come to the same state, byte for byte. The first byte chooses the spelling. */
#include <stdlib.h>

#include "base/buf.h"
#include "lang/answer.h"
#include "lang/eval.h"
#include "run_program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SLICE = 50, SLICES = 40 };

static const EvalOptions options = {
    .budget = {.fuel = SLICE * SLICES, .depth = 50, .memory_bytes = 16 << 20, .output_bytes = 1 << 16}};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static Evaluation *restored(Arena *arena, const Program *program, Evaluation *evaluation)
{
    Buf bytes = buf_in(arena), again = buf_in(arena);
    Evaluation *copy = NULL;
    Error err;
    evaluation_save_all(evaluation, &bytes);
    evaluation_free(evaluation);
    must(evaluation_restore_all(program, buf_view(&bytes), options, &copy, &err));
    evaluation_save_all(copy, &again);
    must(str_eq(buf_view(&bytes), buf_view(&again)));
    return copy;
}

/* Every question gets the same answer, which fits some; a call gives its first argument back. */
static bool go_on(Arena *arena, const Program *program, Evaluation **in_hand)
{
    if (evaluation_turn(in_hand))
        return true;
    Evaluation *evaluation = *in_hand;
    Answer answer;
    Error err;
    switch (evaluation_status(evaluation)) {
    case EVAL_READY: return true;
    case EVAL_CALL: {
        const EvalCall *call = evaluation_call(evaluation);
        evaluation_supply(evaluation, NULL, call->n_arguments > 0 ? call->arguments[0].value : value_int(1));
        return true;
    }
    case EVAL_TIMER: evaluation_timer_fired(evaluation); return true;
    case EVAL_QUESTION:
        return answer_read(arena, S("use 3"), program, evaluation_question(evaluation), &answer, &err) &&
               evaluation_answer(evaluation, &answer, &err);
    default: return false;
    }
}

static Str carried_out(Arena *arena, const Program *program, bool restoring)
{
    Evaluation *evaluation = evaluation_new(program, NULL, 0, options);
    for (int turn = 0; turn < 4 * SLICES; turn++) {
        (void)evaluation_run(evaluation, SLICE);
        evaluation_trace_clear(evaluation);
        if (restoring)
            evaluation = restored(arena, program, evaluation);
        if (!go_on(arena, program, &evaluation))
            break;
    }
    Buf state = buf_in(arena);
    evaluation_save_all(evaluation, &state);
    evaluation_free(evaluation);
    return buf_view(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Arena arena = {0};
    Program *program = program_load(&arena, str_of((const char *)data + 1, size - 1),
                                    data[0] & 1 ? SPELLING_SPY : SPELLING_ENGLISH, probe_catalog());
    if (program->diagnostics.n_errors == 0 && program->code) {
        Str plain = carried_out(&arena, program, false);
        must(str_eq(plain, carried_out(&arena, program, true)));
    }
    arena_done(&arena);
    return 0;
}
