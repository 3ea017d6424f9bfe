/* lang/eval_watch.c: where a run stands, and what it knows. */
#include "lang/eval_watch.h"

#include "lang/eval_state.h"

static bool is_at_sentence(const Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    return frame->fragment == 0 && frame->code->instructions[frame->pc].op == OP_CODE_STATEMENT;
}

EvalStatus evaluation_run_sentence(Evaluation *evaluation)
{
    /* A slice ends only before a sentence, in a loop or at a call; one step passes the sentence that the run stands at,
     * none leads to the next place where a slice may end. A run that has not started does not yet stand anywhere. */
    bool stands = evaluation->started && is_at_sentence(evaluation);
    EvalStatus status = evaluation_run(evaluation, stands ? 1 : 0);
    while (status == EVAL_READY && !is_at_sentence(evaluation))
        status = evaluation_run(evaluation, 1);
    return status;
}

uint32_t evaluation_sentence(const Evaluation *evaluation)
{
    if (evaluation->n_frames == 0)
        return 0;
    const Frame *frame = asking_frame(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    if (in->op == OP_CODE_STATEMENT)
        return frame->code->sentences[in->c].node->id;
    const Sentence *sentence = frame_sentence(frame);
    return sentence ? sentence->node->id : 0;
}

uint32_t evaluation_depth(const Evaluation *evaluation)
{
    return evaluation->depth > 0 ? evaluation->depth - 1 : 0;
}

static uint32_t add_facts(const Evaluation *evaluation, const Frame *frame, Argument *out, uint32_t n)
{
    const Routine *routine = &frame->code->routines[frame->routine];
    uint32_t before = n;
    for (uint32_t i = 0; i < routine->n_slots; i++) {
        Value value = evaluation->stack[frame->base + i];
        bool hidden = routine->slot_names[i].len == 0;
        for (uint32_t k = 0; k < before && !hidden; k++)
            hidden = str_eq(out[k].name, routine->slot_names[i]);
        if (!hidden && value.kind != VALUE_UNSET && value.kind < VALUE_N_KINDS)
            out[n++] = (Argument){routine->slot_names[i], value};
    }
    return n;
}

const Argument *evaluation_facts(const Evaluation *evaluation, Arena *arena, uint32_t *out_n)
{
    *out_n = 0;
    if (evaluation->n_frames == 0)
        return NULL;
    const Frame *own = asking_frame(evaluation), *main = evaluation->frames;
    uint32_t n_slots = own->code->routines[own->routine].n_slots + main->code->routines[0].n_slots;
    Argument *facts = NEW_ARRAY(arena, Argument, n_slots);
    uint32_t n = add_facts(evaluation, own, facts, 0);
    if (own != main)
        n = add_facts(evaluation, main, facts, n);
    *out_n = n;
    return facts;
}
