/* lang/eval.c: an evaluation's life: made, carried on, asked and told. */
#include "lang/eval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/eval_state.h"

static const Budget budget_defaults = {
    .fuel = 1000000000,
    .depth = 1000,
    .memory_bytes = (uint64_t)512 << 20,
    .output_bytes = (uint64_t)64 << 20,
    .trace_events = 10000,
};

static Budget budget_with_defaults(Budget budget)
{
    if (!budget.fuel)
        budget.fuel = budget_defaults.fuel;
    if (!budget.depth)
        budget.depth = budget_defaults.depth;
    if (!budget.memory_bytes)
        budget.memory_bytes = budget_defaults.memory_bytes;
    if (!budget.output_bytes)
        budget.output_bytes = budget_defaults.output_bytes;
    if (!budget.trace_events)
        budget.trace_events = budget_defaults.trace_events;
    return budget;
}

static void *zeroed(size_t n, size_t size)
{
    void *memory = calloc(n ? n : 1, size);
    if (!memory)
        abort();
    return memory;
}

/* ---- stack and frames ---- */

void stack_reserve(Evaluation *evaluation, uint32_t more)
{
    uint64_t need = (uint64_t)evaluation->top + more + 8;
    if (need <= evaluation->cap_stack)
        return;
    uint64_t cap = evaluation->cap_stack ? evaluation->cap_stack : 256;
    while (cap < need)
        cap *= 2;
    evaluation->stack = reallocarray(evaluation->stack, cap, sizeof(Value));
    if (!evaluation->stack || cap > UINT32_MAX)
        abort();
    evaluation->cap_stack = (uint32_t)cap;
    heap_grown_outside(evaluation);
}

void frame_push(Evaluation *evaluation, Frame frame)
{
    if (evaluation->n_frames == evaluation->cap_frames) {
        evaluation->cap_frames = evaluation->cap_frames ? 2 * evaluation->cap_frames : 16;
        evaluation->frames = reallocarray(evaluation->frames, evaluation->cap_frames, sizeof(Frame));
        if (!evaluation->frames)
            abort();
        heap_grown_outside(evaluation);
    }
    const Routine *routine = &frame.code->routines[frame.routine];
    frame.operands = frame.base + routine->n_slots;
    stack_reserve(evaluation, routine->n_slots + routine->max_height);
    while (evaluation->top < frame.operands)
        evaluation->stack[evaluation->top++] = (Value){0};
    evaluation->frames[evaluation->n_frames++] = frame;
    if (frame.fragment == 0)
        evaluation->depth++;
}

void frame_pop(Evaluation *evaluation)
{
    Frame *frame = frame_top(evaluation);
    memory_forget(evaluation, evaluation->n_frames - 1);
    buf_done(&frame->kept);
    if (frame->fragment == 0)
        evaluation->depth--;
    else
        fragment_retire(evaluation, frame->fragment);
    evaluation->n_frames--;
}

const Code *frame_code(const Evaluation *evaluation, uint32_t fragment)
{
    return fragment == 0 ? evaluation->code : evaluation->fragments[fragment - 1]->code;
}

const Sentence *frame_sentence(const Frame *frame)
{
    return frame->sentence == NO_INDEX ? NULL : &frame->code->sentences[frame->sentence];
}

Frame *asking_frame(const Evaluation *evaluation)
{
    uint32_t i = evaluation->n_frames;
    while (i > 1 && evaluation->frames[i - 1].fragment != 0)
        i--;
    return &evaluation->frames[i - 1];
}

uint32_t op_pops(const Code *code, uint32_t pc)
{
    const Instruction *in = &code->instructions[pc];
    switch (in->op) {
    case OP_CODE_FIELD:
    case OP_CODE_NEGATE:
    case OP_CODE_UNPACK:
    case OP_CODE_WAIT:
    case OP_CODE_NEED_KEY:
    case OP_CODE_NEED_NUMBER:
    case OP_CODE_NEED_VALUE:
    case OP_CODE_VALIDATE:
    case OP_CODE_SAY:
    case OP_CODE_FAIL:
    case OP_CODE_INPUT_DEFAULT: return 1;
    case OP_CODE_INDEX:
    case OP_CODE_ADD:
    case OP_CODE_SUBTRACT:
    case OP_CODE_MULTIPLY:
    case OP_CODE_DIVIDE:
    case OP_CODE_FLOOR_DIVIDE:
    case OP_CODE_MODULO:
    case OP_CODE_POWER:
    case OP_CODE_COMPARE:
    case OP_CODE_COMPARE_CHAIN:
    case OP_CODE_SET_FIELD:
    case OP_CODE_OUTPUT: return 2;
    case OP_CODE_SET_INDEX: return 3;
    case OP_CODE_SLICE: return 4;
    case OP_CODE_ITERATE: return in->a == 0 ? 1 : in->a;
    case OP_CODE_TEMPLATE:
    case OP_CODE_MAKE_LIST:
    case OP_CODE_MAKE_SET: return in->c;
    case OP_CODE_MAKE_RECORD: return 2 * in->c;
    case OP_CODE_CALL:
    case OP_CODE_ENSURE: return in->a;
    case OP_CODE_ASK: return 1u + in->a;
    case OP_CODE_COLLECT: return in->a == COLLECT_RECORD ? 2 : 1;
    case OP_CODE_BOOK_CALL:
    case OP_CODE_CALL_PROCEDURE: return code->sites[in->c].n;
    default: return 0;
    }
}

/* ---- memory ---- */

/* Where the comprehensions around the instruction in hand stand: the same read in another round is another read. */
static uint64_t rounds_now(const Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    uint64_t rounds = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < frame->code->n_loops; i++) {
        const Loop *loop = &frame->code->loops[i];
        if (loop->is_statement || frame->pc < loop->start || frame->pc >= loop->end)
            continue;
        const Value *position = &evaluation->stack[frame->operands + loop->height + 1];
        rounds = (rounds ^ position->low) * 0x100000001b3u;
    }
    return rounds;
}

static uint32_t memory_index(const Evaluation *evaluation, int hole)
{
    if (evaluation->n_memory == 0)
        return NO_INDEX;
    uint32_t frame = evaluation->n_frames - 1, pc = frame_top(evaluation)->pc;
    uint64_t rounds = rounds_now(evaluation);
    for (uint32_t i = evaluation->n_memory; i-- > 0;) {
        const Memory *memory = &evaluation->memory[i];
        if (memory->frame == frame && memory->pc == pc && memory->hole == hole && memory->rounds == rounds)
            return i;
    }
    return NO_INDEX;
}

const Value *memory_find(const Evaluation *evaluation, int hole)
{
    uint32_t i = memory_index(evaluation, hole);
    return i == NO_INDEX ? NULL : &evaluation->memory[i].value;
}

void memory_add(Evaluation *evaluation, int hole, Value value)
{
    if (evaluation->n_memory == evaluation->cap_memory) {
        evaluation->cap_memory = evaluation->cap_memory ? 2 * evaluation->cap_memory : 8;
        evaluation->memory = reallocarray(evaluation->memory, evaluation->cap_memory, sizeof(Memory));
        if (!evaluation->memory)
            abort();
    }
    evaluation->memory[evaluation->n_memory++] = (Memory){.frame = evaluation->n_frames - 1,
                                                          .pc = frame_top(evaluation)->pc,
                                                          .hole = hole,
                                                          .rounds = rounds_now(evaluation),
                                                          .value = value};
}

void memory_drop(Evaluation *evaluation, int hole)
{
    uint32_t i = memory_index(evaluation, hole);
    if (i == NO_INDEX)
        return;
    evaluation->n_memory--;
    memmove(&evaluation->memory[i], &evaluation->memory[i + 1], (evaluation->n_memory - i) * sizeof(Memory));
}

void memory_forget(Evaluation *evaluation, uint32_t frame)
{
    while (evaluation->n_memory > 0 && evaluation->memory[evaluation->n_memory - 1].frame >= frame)
        evaluation->n_memory--;
}

/* ---- life ---- */

Evaluation *evaluation_empty(const Program *program, EvalOptions options)
{
    assert(program->code);
    Evaluation *evaluation = zeroed(1, sizeof *evaluation);
    evaluation->program = program;
    evaluation->code = program->code;
    evaluation->options = options;
    evaluation->options.budget = budget_with_defaults(options.budget);
    evaluation->inputs = zeroed(evaluation->code->n_inputs, sizeof(Value));
    evaluation->n_lookups = evaluation->code->n_lookups;
    evaluation->lookups = zeroed(evaluation->n_lookups, sizeof(LookupState));
    evaluation->hints = zeroed(evaluation->code->n_instructions, sizeof(FieldHint));
    evaluation->trace_left = evaluation->options.budget.trace_events;
    return evaluation;
}

static const Argument *input_find(const Argument *inputs, uint32_t n, Str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(inputs[i].name, name))
            return &inputs[i];
    for (uint32_t i = 0; i < n; i++)
        if (name_alike(inputs[i].name, name))
            return &inputs[i];
    return NULL;
}

Evaluation *evaluation_new(const Program *program, const Argument *inputs, uint32_t n_inputs, EvalOptions options)
{
    Evaluation *evaluation = evaluation_empty(program, options);
    for (uint32_t i = 0; i < evaluation->code->n_inputs; i++) {
        const Argument *given = input_find(inputs, n_inputs, evaluation->code->inputs[i]->text);
        if (given && given->value.kind != VALUE_UNSET)
            evaluation->inputs[i] = value_copy_deep(&evaluation->heap, given->value);
    }
    frame_push(evaluation, (Frame){.code = evaluation->code, .sentence = NO_INDEX});
    return evaluation;
}

void evaluation_free(Evaluation *evaluation)
{
    if (!evaluation)
        return;
    for (uint32_t i = 0; i < evaluation->n_frames; i++)
        buf_done(&evaluation->frames[i].kept);
    for (uint32_t i = 0; i < evaluation->n_fragments; i++)
        if (evaluation->fragments[i]) {
            arena_done(&evaluation->fragments[i]->arena);
            free(evaluation->fragments[i]);
        }
    for (uint32_t i = 0; i < evaluation->n_lookups; i++)
        lookups_drop(&evaluation->lookups[i]);
    for (uint32_t i = 0; i < evaluation->n_retired; i++)
        arena_done(&evaluation->retired[i]);
    free(evaluation->retired);
    arena_done(&evaluation->heap);
    arena_done(&evaluation->question_arena);
    buf_done(&evaluation->trace);
    free(evaluation->stack);
    free(evaluation->frames);
    free(evaluation->inputs);
    free(evaluation->outputs);
    free(evaluation->memory);
    free(evaluation->fragments);
    free(evaluation->lookups);
    free(evaluation->hints);
    free(evaluation->call_arguments);
    free(evaluation->output_view);
    free(evaluation->outside);
    Evaluation *parent = evaluation->parent;
    free(evaluation);
    evaluation_free(parent); /* as deep as loops at the same time are nested */
}

EvalStatus evaluation_run(Evaluation *evaluation, uint64_t fuel_slice)
{
    if (evaluation->status != EVAL_READY)
        return evaluation->status;
    if (!evaluation->started) {
        evaluation->started = true;
        journal_started(evaluation);
    }
    uint64_t used = evaluation->fuel_used;
    evaluation_steps(evaluation, fuel_slice > UINT64_MAX - used ? UINT64_MAX : used + fuel_slice);
    return evaluation->status;
}

EvalStatus evaluation_status(const Evaluation *evaluation)
{
    return evaluation->status;
}

void evaluation_fail(Evaluation *evaluation, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(evaluation->failure, sizeof evaluation->failure, format, args);
    va_end(args);
    evaluation->failure_node = journal_node_id(evaluation, frame_top(evaluation));
    evaluation->status = EVAL_FAILED;
    journal_ended(evaluation, TRACE_FAILED, str_from_c(evaluation->failure));
}

void evaluation_complete(Evaluation *evaluation)
{
    Str changed = child_changed(evaluation);
    if (changed.len > 0) {
        evaluation_fail(
            evaluation,
            "working on this item changed \"%.*s\", which belongs to all items; set fields of the item, and "
            "work the rest out after the loop",
            STR_ARG(changed));
        return;
    }
    evaluation->status = EVAL_COMPLETED;
    journal_ended(evaluation, TRACE_COMPLETED, S(""));
}

/* ---- telling ---- */

const EvalCall *evaluation_call(const Evaluation *evaluation)
{
    return evaluation->status == EVAL_CALL ? &evaluation->call : NULL;
}

/* What was done outside is not done again when the sentence is tried again; what was only looked at may be looked at
 * again. */
static bool is_remembered(const Procedure *procedure)
{
    return procedure->effect > EFFECT_READ;
}

void evaluation_supply(Evaluation *evaluation, Arena *made, Value result)
{
    if (evaluation->status != EVAL_CALL)
        return;
    result = heap_take(evaluation, made, result);
    journal_call(evaluation, result);
    evaluation->status = EVAL_READY;
    if (is_remembered(evaluation->call.procedure))
        memory_add(evaluation, HOLE_RESULT, result);
    hole_fill(evaluation, HOLE_RESULT, result);
}

void evaluation_supply_error(Evaluation *evaluation, const Error *error)
{
    if (evaluation->status != EVAL_CALL)
        return;
    const Procedure *procedure = evaluation->call.procedure;
    evaluation->status = EVAL_READY;
    problem_note(evaluation, "book-error", HOLE_RESULT, procedure->result ? procedure->result : &type_any, (Value){0},
                 "%s", error->message);
    evaluation->problem.missing = str_copy(&evaluation->heap, str_from_c(error->field));
    evaluation->problem.group = "user_system_error";
    question_ask(evaluation);
}

void evaluation_supply_doubt(Evaluation *evaluation)
{
    if (evaluation->status != EVAL_CALL)
        return;
    const Procedure *procedure = evaluation->call.procedure;
    evaluation->status = EVAL_READY;
    problem_note(evaluation, "in-doubt", HOLE_RESULT, procedure->result ? procedure->result : &type_any, (Value){0},
                 "The server stopped while %.*s %.*s was being carried out, so it may or may not have happened",
                 STR_ARG(procedure->book), STR_ARG(procedure->name));
    evaluation->problem.group = "internal_error";
    question_ask(evaluation);
}

const EvalTimer *evaluation_timer(const Evaluation *evaluation)
{
    return evaluation->status == EVAL_TIMER ? &evaluation->timer : NULL;
}

void evaluation_timer_fired(Evaluation *evaluation)
{
    if (evaluation->status == EVAL_TIMER)
        evaluation->status = EVAL_READY;
}

const Question *evaluation_question(const Evaluation *evaluation)
{
    return evaluation->status == EVAL_QUESTION ? &evaluation->question : NULL;
}

Str evaluation_failure(const Evaluation *evaluation)
{
    return evaluation->status == EVAL_FAILED ? str_from_c(evaluation->failure) : S("");
}

uint32_t evaluation_failure_node(const Evaluation *evaluation)
{
    return evaluation->status == EVAL_FAILED ? evaluation->failure_node : 0;
}

const Argument *evaluation_outputs(const Evaluation *evaluation, uint32_t *out_n)
{
    for (uint32_t i = 0; i < evaluation->n_outputs; i++)
        evaluation->output_view[i] = (Argument){value_str(evaluation->outputs[i].name), evaluation->outputs[i].value};
    *out_n = evaluation->n_outputs;
    return evaluation->output_view;
}

uint64_t evaluation_fuel_used(const Evaluation *evaluation)
{
    return evaluation->fuel_used;
}
Str evaluation_trace(const Evaluation *evaluation)
{
    return buf_view(&evaluation->trace);
}
void evaluation_trace_clear(Evaluation *evaluation)
{
    evaluation->trace.len = 0;
}
