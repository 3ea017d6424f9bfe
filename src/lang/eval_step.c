/* lang/eval_step.c: the instructions, one after the other; what each does stands in eval_step_*.h and, where it is
 * rare, in eval_sentences.c and eval_calls.c. */
#include "lang/eval_step_loops.h"
#include "lang/eval_step_numbers.h"
#include "lang/eval_step_values.h"

enum { SENTENCE_SHOWN = 80 };

void evaluation_spent(Evaluation *evaluation)
{
    if (evaluation->fuel_used < evaluation->options.budget.fuel)
        return;
    evaluation_fail(evaluation,
                    "the run took %llu steps, the most that it may take, and was at \"%.*s\"; is there a loop without "
                    "end?",
                    (unsigned long long)evaluation->options.budget.fuel,
                    STR_ARG(str_clip(sentence_text(evaluation), SENTENCE_SHOWN)));
}

/* ---- where sentences begin and end ---- */

STEP step_statement(Place *at, uint32_t number)
{
    Evaluation *evaluation = at->evaluation;
    const Sentence *sentence = &at->code->sentences[number];
    if (!place_pays(at))
        return STEP_STOPS;
    if (evaluation->n_lookups > 0 && evaluation->n_frames == 1 && sentence->loop == NO_INDEX)
        lookups_pass(evaluation, at->pc);
    at->frame->sentence = number;
    at->frame->patched = false;
    if (evaluation->n_memory > 0)
        memory_forget(evaluation, evaluation->n_frames - 1);
    if (evaluation->trace_left > 0 && sentence->writes_what_it_reads)
        journal_sentence_begun(place_keep(at), at->frame);
    at->pc++;
    return STEP_ON;
}

STEP step_done(Place *at, uint32_t number)
{
    Evaluation *evaluation = at->evaluation;
    if (evaluation->trace_left > 0 || at->frame->patched)
        journal_sentence_done(place_keep(at), at->frame);
    else {
        evaluation->trace_omitted++;
        evaluation->trace_last_node = at->code->sentences[number].node->id;
    }
    at->frame->sentence = NO_INDEX;
    at->pc++;
    return STEP_ON;
}

/* ---- all of them ---- */

STEP step(Place *at, const Instruction *in)
{
    switch ((Op)in->op) {
    case OP_CODE_STATEMENT: return step_statement(at, in->c);
    case OP_CODE_DONE: return step_done(at, in->c);

    case OP_CODE_LOAD: return step_load(at, false, in->c);
    case OP_CODE_LOAD_GLOBAL: return step_load(at, true, in->c);
    case OP_CODE_LOAD_IF_SET: return step_load_if_set(at, in->a, in->c);
    case OP_CODE_STORE: return step_store(at, in->c);
    case OP_CODE_CONSTANT: return place_gives(at, 0, at->code->constants[in->c]);
    case OP_CODE_POP: return step_pop(at, 1);

    case OP_CODE_FIELD: return step_field(at, at->code->constants[in->c]);
    case OP_CODE_INDEX: return step_index(at);
    case OP_CODE_SLICE: return step_slice(at);
    case OP_CODE_SET_FIELD: return step_set_field(at, at->code->constants[in->c]);
    case OP_CODE_SET_INDEX: return step_set_index(at);
    case OP_CODE_UNPACK: return step_unpack(at, in->c);

    case OP_CODE_NEGATE: return step_negate(at);
    case OP_CODE_ADD: return step_arithmetic(at, OP_ADD, decimal_add);
    case OP_CODE_SUBTRACT: return step_arithmetic(at, OP_SUBTRACT, decimal_subtract);
    case OP_CODE_MULTIPLY: return step_arithmetic(at, OP_MULTIPLY, decimal_multiply);
    case OP_CODE_DIVIDE: return step_arithmetic(at, OP_DIVIDE, quick_divide);
    case OP_CODE_FLOOR_DIVIDE: return step_arithmetic(at, OP_FLOOR_DIVIDE, quick_floor_divide);
    case OP_CODE_MODULO: return step_arithmetic(at, OP_MODULO, quick_modulo);
    case OP_CODE_POWER: return step_arithmetic(at, OP_POWER, decimal_power);
    case OP_CODE_COMPARE: return step_compare(at, (CompareOp)in->a);
    case OP_CODE_COMPARE_CHAIN: return step_compare_chain(at, (CompareOp)in->a, in->c);

    case OP_CODE_NOT: return place_gives(at, 1, value_bool(!truth(at->sp[-1])));
    case OP_CODE_JUMP: return step_jump(at, true, &in->c);
    case OP_CODE_JUMP_IF_FALSE: return step_jump_if(at, false, &in->c);
    case OP_CODE_JUMP_IF_TRUE: return step_jump_if(at, true, &in->c);
    case OP_CODE_AND: return step_join(at, false, &in->c);
    case OP_CODE_OR: return step_join(at, true, &in->c);
    case OP_CODE_JUMP_IF_SET: return step_jump(at, at->slots[in->b].kind != VALUE_UNSET, &in->c);

    case OP_CODE_TEMPLATE: return step_template(at, in->c);
    case OP_CODE_MAKE_LIST: return step_make_list(at, in->c);
    case OP_CODE_MAKE_SET: return step_make_set(at, in->c);
    case OP_CODE_MAKE_RECORD: return step_make_record(at, in->c);
    case OP_CODE_CALL: return step_call(at, (FunctionId)in->b, in->a);
    case OP_CODE_NEED_KEY: return step_need_key(at);
    case OP_CODE_NEED_NUMBER: return step_need_number(at);
    case OP_CODE_NEED_VALUE: return step_need_value(at);

    case OP_CODE_ITERATE: return step_iterate(at, in->a);
    case OP_CODE_NEXT: return step_next(at, in->c);
    case OP_CODE_JUMP_IF_ENDED: return step_jump_if_ended(at, &in->c);
    case OP_CODE_SEEK: return step_seek(at, in->c);
    case OP_CODE_END_LOOP: return step_pop(at, 3);
    case OP_CODE_LEAVE_LOOP: return step_leave_loop(at);
    case OP_CODE_COLLECT: return step_collect(at, (CollectOp)in->a, in->c);
    case OP_CODE_ZERO_ROUNDS: return step_zero_rounds(at, in->c);
    case OP_CODE_COUNT_ROUND: return step_count_round(at, in->c);
    case OP_CODE_SPLIT: return step_split(at);
    case OP_CODE_CHILDREN: return step_children(at, in->c);

    case OP_CODE_CALL_PROCEDURE: return step_call_procedure(place_keep(at), &at->code->sites[in->c]);
    case OP_CODE_RETURN: return step_return(place_keep(at));
    case OP_CODE_BOOK_CALL: return step_book_call(place_keep(at), &at->code->sites[in->c]);
    case OP_CODE_END_FRAGMENT: return step_end_fragment(place_keep(at), (FragmentEnd)in->a);

    case OP_CODE_INPUT: return step_input(place_keep(at), in->b, in->c);
    case OP_CODE_INPUT_DEFAULT: return step_input_default(place_keep(at), in->b);
    case OP_CODE_OUTPUT: return step_output(place_keep(at));
    case OP_CODE_SAY: return step_say(place_keep(at));
    case OP_CODE_ASK: return step_ask(place_keep(at), in->a);
    case OP_CODE_WAIT: return step_wait(place_keep(at), in->a);
    case OP_CODE_ENSURE: return step_ensure(place_keep(at), in->a);
    case OP_CODE_VALIDATE_ADD: return step_validate_add(place_keep(at), in->a);
    case OP_CODE_VALIDATE: return step_validate(place_keep(at));
    case OP_CODE_NO_MATCH: return step_no_match(place_keep(at));
    case OP_CODE_FINISH: place_keep(at); return STEP_FINISHES;
    case OP_CODE_FAIL: return step_fail(place_keep(at));
    case OP_CODE_TOO_DEEP: return step_too_deep(place_keep(at));
    case OP_CODE_N: break;
    }
    assert(false);
    return STEP_STOPS;
}

/* A sentence that is tried again takes its answers again. One that stands in the hole already and did not do is
 * forgotten, so that the question is asked anew: else the instruction would be tried for ever. */
static bool fill_from_memory(Evaluation *evaluation)
{
    int hole = evaluation->problem.hole;
    const Value *known = hole == HOLE_NONE ? NULL : memory_find(evaluation, hole);
    if (!known)
        return false;
    if (hole_holds(evaluation, hole, *known)) {
        memory_drop(evaluation, hole);
        return false;
    }
    hole_fill(evaluation, hole, *known);
    return true;
}

void evaluation_steps(Evaluation *evaluation, uint64_t fuel_end)
{
    Place at = {.evaluation = evaluation, .fuel_end = MIN_OF(fuel_end, evaluation->options.budget.fuel)};
    place_enter(&at);
    for (;;) {
        StepEnd end = step(&at, &at.code->instructions[at.pc]);
        if (end == STEP_ON)
            continue;
        if (end == STEP_ELSEWHERE || (end == STEP_ASKS && fill_from_memory(evaluation))) {
            place_enter(&at);
            continue;
        }
        if (end == STEP_ASKS)
            question_ask(evaluation);
        else if (end == STEP_FINISHES)
            evaluation_complete(evaluation);
        return;
    }
}
