/* lang/eval_calls.c: into procedures and out of them, and what books are asked to do. */
#include <stdlib.h>

#include "lang/eval_state.h"

/* ---- procedures ---- */

StepEnd step_call_procedure(Evaluation *evaluation, const CallSite *site)
{
    if (evaluation->depth >= evaluation->options.budget.depth) {
        evaluation_fail(
            evaluation,
            "\"%.*s\" was called %u calls deep, the most that a run may nest; does it call itself without end?",
            STR_ARG(evaluation->code->routines[site->routine].name), evaluation->depth);
        return STEP_STOPS;
    }
    const Routine *routine = &evaluation->code->routines[site->routine];
    uint32_t arguments = evaluation->top - site->n;
    frame_push(evaluation, (Frame){.code = evaluation->code,
                                   .routine = site->routine,
                                   .pc = routine->start,
                                   .base = evaluation->top,
                                   .sentence = NO_INDEX});
    Value *slots = evaluation->stack + frame_top(evaluation)->base;
    for (uint32_t i = 0; i < site->n; i++)
        if (site->parameters[i] < routine->n_parameters)
            slots[site->parameters[i]] = evaluation->stack[arguments + i];
    return STEP_ELSEWHERE;
}

/* The callee's frame is gone; its value takes the place of the arguments. */
static void return_value(Evaluation *evaluation, Value value)
{
    evaluation->top = frame_top(evaluation)->base;
    frame_pop(evaluation);
    hole_fill(evaluation, HOLE_RESULT, value);
}

StepEnd step_return(Evaluation *evaluation)
{
    Value value = evaluation->stack[--evaluation->top];
    if (evaluation->n_frames == 1 || child_is_outmost(evaluation))
        return STEP_FINISHES;
    return_value(evaluation, value);
    return STEP_ELSEWHERE;
}

StepEnd step_end_fragment(Evaluation *evaluation, FragmentEnd end)
{
    fragment_leave(evaluation, end);
    return evaluation->status == EVAL_READY && !evaluation->tested ? STEP_ELSEWHERE : STEP_STOPS;
}

/* ---- books ---- */

void call_arguments_view(Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    const CallSite *site = &frame->code->sites[frame->code->instructions[frame->pc].c];
    const Value *values = evaluation->stack + evaluation->top - site->n;
    uint32_t n = 0;
    for (uint32_t i = 0; i < site->n; i++)
        evaluation->call_arguments[n++] = (Argument){site->procedure->parameters[site->parameters[i]].name, values[i]};
    evaluation->call.arguments = evaluation->call_arguments;
    evaluation->call.n_arguments = n;
}

void want_call(Evaluation *evaluation, const CallSite *site)
{
    evaluation->call = (EvalCall){.procedure = site->procedure, .alias = site->node->alias};
    if (evaluation->cap_call_arguments < site->n) {
        evaluation->call_arguments = reallocarray(evaluation->call_arguments, site->n, sizeof(Argument));
        if (!evaluation->call_arguments)
            abort();
        evaluation->cap_call_arguments = site->n;
    }
    evaluation->call.node_id = journal_node_id(evaluation, frame_top(evaluation));
    call_arguments_view(evaluation);
    evaluation->status = EVAL_CALL;
}

StepEnd step_book_call(Evaluation *evaluation, const CallSite *site)
{
    const Value *known = memory_find(evaluation, HOLE_RESULT);
    if (!known) {
        want_call(evaluation, site);
        return STEP_STOPS;
    }
    evaluation->top -= site->n;
    evaluation->stack[evaluation->top++] = *known;
    frame_top(evaluation)->pc++;
    return STEP_ELSEWHERE;
}
