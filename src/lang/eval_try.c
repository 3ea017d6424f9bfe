/* lang/eval_try.c: expressions tried out while the run stands still: the conditions of kept answers, and what questions
 * tell of lists. */
#include <stdlib.h>

#include "lang/eval_state.h"

/* Values in use outside the run's roots must stay where they are: nothing is compacted meanwhile, and what needs more
 * than a sixteenth of the run's memory is not known. */
static Value fragment_try(Evaluation *evaluation, Fragment *fragment)
{
    enum { TRY_FUEL = 1000000 };
    Problem problem = evaluation->problem;
    EvalStatus status = evaluation->status;
    uint64_t fuel = evaluation->fuel_used;
    uint32_t n_frames = evaluation->n_frames, top = evaluation->top, n_memory = evaluation->n_memory;
    size_t heap_trigger = evaluation->heap_trigger;
    bool compact_always = evaluation->compact_always;
    char failure[sizeof evaluation->failure];
    memcpy(failure, evaluation->failure, sizeof failure);
    fragment_enter(evaluation, fragment_add(evaluation, fragment));
    evaluation->testing = true;
    evaluation->tested = false;
    evaluation->test_result = (Value){0};
    evaluation->heap_trigger = evaluation->heap.used + evaluation->options.budget.memory_bytes / 16;
    evaluation->compact_always = false;
    evaluation->status = EVAL_READY;
    evaluation_steps(evaluation, fuel + TRY_FUEL);
    evaluation->testing = evaluation->tested = false;
    while (evaluation->n_frames > n_frames)
        frame_pop(evaluation);
    evaluation->top = top;
    evaluation->n_memory = n_memory;
    evaluation->problem = problem;
    evaluation->fuel_used = fuel;
    evaluation->status = status;
    evaluation->heap_trigger = heap_trigger;
    evaluation->compact_always = compact_always;
    memcpy(evaluation->failure, failure, sizeof failure);
    return evaluation->test_result;
}

static Fragment *fragment_new(void)
{
    Fragment *fragment = calloc(1, sizeof *fragment);
    if (!fragment)
        abort();
    fragment->end = FRAGMENT_CONDITION;
    fragment->expected = &type_any;
    return fragment;
}

static void fragment_free(Fragment *fragment)
{
    arena_done(&fragment->arena);
    free(fragment);
}

Value evaluation_try(Evaluation *evaluation, const Node *expression)
{
    Error ignored;
    Fragment *fragment = fragment_new();
    if (answer_may_test(expression) && fragment_compile(evaluation, fragment, expression, &ignored))
        return fragment_try(evaluation, fragment);
    fragment_free(fragment);
    return (Value){0};
}

bool evaluation_condition(Evaluation *evaluation, Str english, bool *out_holds, Error *err)
{
    if (evaluation->status != EVAL_QUESTION)
        return error_set(err, FAILED_PRECONDITION, "condition", "nothing is asked at the moment");
    AUTO(arena_done)
    Arena scratch = {0};
    if (!answer_condition_check(&scratch, english, evaluation->program->catalog, err))
        return false;
    Fragment *fragment = fragment_new();
    fragment->text = str_copy(&fragment->arena, english);
    if (!fragment_make(evaluation, fragment, err)) {
        fragment_free(fragment);
        return false;
    }
    Value result = fragment_try(evaluation, fragment);
    *out_holds = result.kind != VALUE_UNSET && value_truth(result);
    return true;
}
