/* lang/eval_answer.c: an answer applied to the run that asked: the hole filled, the sentence tried again, left out or
 * replaced. */
#include <stdlib.h>

#include "lang/english.h"
#include "lang/eval_state.h"

/* ---- moving on ---- */

static void stack_cut(Evaluation *evaluation, const Frame *frame, uint32_t height)
{
    evaluation->top = frame->operands + height;
}

/* The value goes where the instruction in hand misses one: among its operands, or as its result. */
void hole_fill(Evaluation *evaluation, int hole, Value value)
{
    Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    uint32_t pops = op_pops(frame->code, frame->pc);
    if (hole >= 0) {
        evaluation->stack[evaluation->top - pops + (uint32_t)hole] = value;
        return;
    }
    if (in->op == OP_CODE_INPUT) {
        evaluation->inputs[in->b] = value;
        return;
    }
    evaluation->top -= pops;
    evaluation->stack[evaluation->top++] = value;
    frame->pc++;
}

bool hole_holds(const Evaluation *evaluation, int hole, Value value)
{
    const Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    Value there = {0};
    if (hole >= 0)
        there = evaluation->stack[evaluation->top - op_pops(frame->code, frame->pc) + (uint32_t)hole];
    else if (in->op == OP_CODE_INPUT)
        there = evaluation->inputs[in->b];
    return there.low == value.low && there.high == value.high && there.kind == value.kind &&
           there.scale == value.scale && there.negative == value.negative;
}

void sentence_restart(Evaluation *evaluation)
{
    if (children_failed(evaluation)) {
        children_again(evaluation);
        return;
    }
    Frame *frame = frame_top(evaluation);
    const Sentence *sentence = frame_sentence(frame);
    if (!sentence) {
        frame->pc = frame->code->routines[frame->routine].start;
        stack_cut(evaluation, frame, 0);
        return;
    }
    frame->pc = sentence->start + 1;
    stack_cut(evaluation, frame, sentence->height);
}

static void unset_target(Evaluation *evaluation, const Frame *frame, const Sentence *sentence, const Node *target)
{
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        if (target->kids[i]->kind == NODE_NAME)
            unset_target(evaluation, frame, sentence, target->kids[i]);
    for (uint32_t i = 0; target->kind == NODE_NAME && i < sentence->n_writes; i++)
        if (str_eq(sentence->writes[i].name, target->name) && !sentence->writes[i].global)
            evaluation->stack[frame->base + sentence->writes[i].slot] = (Value){0};
}

void sentence_leave(Evaluation *evaluation, bool unset_facts)
{
    if (children_failed(evaluation)) {
        children_without(evaluation);
        return;
    }
    Frame *frame = frame_top(evaluation);
    const Sentence *sentence = frame_sentence(frame);
    if (!sentence &&
        frame->fragment != 0) { /* an expression that was to stand in: the question behind it is open again */
        uint32_t base = frame->base;
        frame_pop(evaluation);
        frame = frame_top(evaluation);
        assert(frame->base == base);
        stack_cut(evaluation, frame, frame->code->heights[frame->pc]);
        sentence_restart(evaluation);
        return;
    }
    if (!sentence) {
        sentence_restart(evaluation);
        return;
    }
    if (unset_facts && sentence->node->kind == NODE_ASSIGN)
        unset_target(evaluation, frame, sentence, sentence->node->kids[0]);
    if (unset_facts && sentence->node->kind == NODE_INPUT)
        evaluation
            ->stack[frame->base + evaluation->code->input_slots[frame->code->instructions[sentence->start + 1].b]] =
            (Value){0};
    memory_forget(evaluation, evaluation->n_frames - 1);
    frame->pc = sentence->end;
    frame->patched = false;
    frame->sentence = NO_INDEX;
    stack_cut(evaluation, frame, sentence->height);
}

/* The loop statement around the sentence in hand, in this procedure or the ones that called it; NULL outside all loops.
 */
static const Loop *enclosing_loop(const Evaluation *evaluation, uint32_t *out_frame)
{
    for (uint32_t i = evaluation->n_frames; i-- > 0;) {
        const Frame *frame = &evaluation->frames[i];
        const Sentence *sentence = frame_sentence(frame);
        if (sentence && sentence->loop != NO_INDEX) {
            *out_frame = i;
            return &frame->code->loops[sentence->loop];
        }
    }
    return NULL;
}

static void frames_cut(Evaluation *evaluation, uint32_t n)
{
    while (evaluation->n_frames > n)
        frame_pop(evaluation);
}

static const Loop *loop_to_leave(Evaluation *evaluation)
{
    uint32_t index;
    const Loop *loop = enclosing_loop(evaluation, &index);
    const Frame *top = frame_top(evaluation);
    if (loop) {
        frames_cut(evaluation, index + 1);
    } else {
        uint32_t inner = code_loop_at(top->code, top->pc);
        if (inner == NO_INDEX || top->code->loops[inner].is_statement)
            return NULL;
        loop = &top->code->loops[inner];
    }
    memory_forget(evaluation, evaluation->n_frames - 1);
    return loop;
}

bool loop_next_item(Evaluation *evaluation)
{
    if (children_failed(evaluation)) {
        children_without(evaluation);
        return true;
    }
    const Loop *loop = loop_to_leave(evaluation);
    if (!loop)
        return false;
    Frame *frame = frame_top(evaluation);
    frame->pc = loop->next;
    frame->patched = false;
    if (loop->is_statement)
        frame->sentence = NO_INDEX; /* none is in hand between two rounds */
    stack_cut(evaluation, frame, loop->height + (loop->has_iterator ? 3 : 0));
    return true;
}

bool loop_leave(Evaluation *evaluation)
{
    uint32_t index;
    const Loop *loop = enclosing_loop(evaluation, &index);
    if (!loop)
        return false;
    frames_cut(evaluation, index + 1);
    Frame *frame = frame_top(evaluation);
    memory_forget(evaluation, evaluation->n_frames - 1);
    frame->patched = false;
    frame->sentence = NO_INDEX;
    if (child_loop(evaluation) == loop) { /* the other items are none of its business */
        frame->pc = loop->next;
        stack_cut(evaluation, frame, loop->height + 3);
        return true;
    }
    frame->pc = loop->end;
    stack_cut(evaluation, frame, loop->height);
    return true;
}

/* ---- fragments ---- */

bool fragment_compile(Evaluation *evaluation, Fragment *fragment, const Node *tree, Error *err)
{
    const Frame *frame = frame_top(evaluation);
    FragmentScope scope = {.main = evaluation->code,
                           .code = frame->code,
                           .routine = frame->routine,
                           .first_free_slot = evaluation->top - frame->base,
                           .asking = frame->pc,
                           .end = fragment->end,
                           .catalog = evaluation->program->catalog};
    return code_compile_fragment(&fragment->arena, tree, &scope, &fragment->code, err);
}

bool fragment_make(Evaluation *evaluation, Fragment *fragment, Error *err)
{
    Answer answer;
    bool is_condition = fragment->end == FRAGMENT_CONDITION;
    Str text = is_condition ? str_printf(&fragment->arena, "use %.*s", STR_ARG(fragment->text)) : fragment->text;
    if (!answer_read(&fragment->arena, text, evaluation->program, NULL, &answer, err))
        return false;
    const Node *tree = answer.block ? answer.block : answer.expression;
    if (!tree) { /* a literal where an expression was expected: a condition such as `true` */
        Node *literal = node_new(&fragment->arena, NODE_LITERAL);
        literal->value = answer.value.kind == VALUE_UNSET ? value_null() : answer.value;
        tree = literal;
    }
    return fragment_compile(evaluation, fragment, tree, err);
}

uint32_t fragment_add(Evaluation *evaluation, Fragment *fragment)
{
    if (evaluation->n_fragments == evaluation->cap_fragments) {
        evaluation->cap_fragments = evaluation->cap_fragments ? 2 * evaluation->cap_fragments : 4;
        evaluation->fragments = reallocarray(evaluation->fragments, evaluation->cap_fragments, sizeof(Fragment *));
        if (!evaluation->fragments)
            abort();
    }
    evaluation->fragments[evaluation->n_fragments++] = fragment;
    return evaluation->n_fragments;
}

void fragment_enter(Evaluation *evaluation, uint32_t fragment)
{
    const Frame *asking = frame_top(evaluation);
    frame_push(evaluation, (Frame){.code = evaluation->fragments[fragment - 1]->code,
                                   .fragment = fragment,
                                   .base = asking->base,
                                   .sentence = NO_INDEX});
}

void fragment_retire(Evaluation *evaluation, uint32_t number)
{
    assert(number == evaluation->n_fragments);
    Fragment *fragment = evaluation->fragments[number - 1];
    evaluation->retired = reallocarray(evaluation->retired, evaluation->n_retired + 1, sizeof(Arena));
    if (!evaluation->retired)
        abort();
    evaluation->retired[evaluation->n_retired++] = fragment->arena;
    free(fragment);
    evaluation->n_fragments--;
}

/* The stack as the frame that asked left it. */
static void fragment_pop(Evaluation *evaluation)
{
    frame_pop(evaluation);
    const Frame *frame = frame_top(evaluation);
    stack_cut(evaluation, frame, frame->code->heights[frame->pc]);
}

static void fragment_use(Evaluation *evaluation, Value value)
{
    const Fragment *fragment = evaluation->fragments[frame_top(evaluation)->fragment - 1];
    const Type *expected = fragment->expected;
    int hole = fragment->hole;
    Value converted;
    Error err;
    bool fits =
        type_convert(&evaluation->heap, expected, value, evaluation->options.reading, "answer", &converted, &err);
    fragment_pop(evaluation);
    if (fits) {
        memory_add(evaluation, hole, converted);
        hole_fill(evaluation, hole, converted);
        return;
    }
    problem_note(evaluation, "bad-answer", hole, expected, value, "The answer does not fit: %s", err.message);
    question_ask(evaluation);
}

static void fragment_return(Evaluation *evaluation, Value value)
{
    while (frame_top(evaluation)->fragment != 0)
        fragment_pop(evaluation);
    if (evaluation->n_frames == 1 || child_is_outmost(evaluation)) {
        evaluation_complete(evaluation);
        return;
    }
    evaluation->top = frame_top(evaluation)->base;
    frame_pop(evaluation);
    hole_fill(evaluation, HOLE_RESULT, value);
}

void fragment_leave(Evaluation *evaluation, FragmentEnd end)
{
    Value value = evaluation->top > 0 ? evaluation->stack[evaluation->top - 1] : (Value){0};
    switch (end) {
    case FRAGMENT_USE: fragment_use(evaluation, value); break;
    case FRAGMENT_CONDITION:
        evaluation->test_result = value;
        evaluation->tested = true;
        break;
    case FRAGMENT_RETRY:
        fragment_pop(evaluation);
        sentence_restart(evaluation);
        break;
    case FRAGMENT_REPLACE:
        fragment_pop(evaluation);
        sentence_leave(evaluation, false);
        break;
    case FRAGMENT_NEXT_ITEM:
        fragment_pop(evaluation);
        if (!loop_next_item(evaluation))
            sentence_leave(evaluation, false);
        break;
    case FRAGMENT_LEAVE_LOOP:
        fragment_pop(evaluation);
        if (!loop_leave(evaluation))
            sentence_leave(evaluation, false);
        break;
    case FRAGMENT_RETURN: fragment_return(evaluation, value); break;
    }
}

static bool answer_by_fragment(Evaluation *evaluation, const Answer *answer, FragmentEnd end, Error *err)
{
    Fragment *fragment = calloc(1, sizeof *fragment);
    if (!fragment)
        abort();
    fragment->end = end;
    fragment->hole = evaluation->hole;
    fragment->text = str_copy(&fragment->arena, answer->text);
    fragment->expected = evaluation->question.expected ? evaluation->question.expected : &type_any;
    if (!fragment_make(evaluation, fragment, err)) {
        arena_done(&fragment->arena);
        free(fragment);
        return false;
    }
    fragment_enter(evaluation, fragment_add(evaluation, fragment));
    return true;
}

/* ---- answering ---- */

static const Node *asking_node(const Evaluation *evaluation)
{
    return evaluation->program->nodes[evaluation->question.sentence_id];
}

static bool no_hole(const Evaluation *evaluation, Error *err)
{
    NodeKind asking = asking_node(evaluation)->kind;
    if (asking == NODE_ENSURE || asking == NODE_VALIDATE)
        return error_set(err, INVALID_ARGUMENT, "answer",
                         "a check wants no value: say skip if it may stay as it is, set what is wrong to what is "
                         "right, or say skip this one or stop the run");
    return error_set(err, INVALID_ARGUMENT, "answer",
                     "no single value is missing here, so that `use` has nothing to stand in for; say skip, skip this "
                     "one, retry after "
                     "setting a fact, replace with …, or stop the run");
}

static bool is_among_choices(const Evaluation *evaluation, Value value)
{
    const Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    if (in->op != OP_CODE_ASK || !in->a)
        return true;
    Value choices = evaluation->stack[evaluation->top - 1];
    if (choices.kind != VALUE_LIST)
        return true;
    for (uint32_t i = 0; i < choices.list->count; i++)
        if (value_equals(choices.list->items[i], value))
            return true;
    return false;
}

/* A value for a column that the table has not is the value of every row. */
static bool fill_column(Evaluation *evaluation, Value value)
{
    Value row;
    Str key;
    if (strcmp(evaluation->question.kind, "missing-field") != 0 || !question_missing_column(evaluation, &row, &key))
        return true;
    for (uint32_t i = 0; i < row.table->n_rows; i++)
        if (!operate_set_field(evaluation, value_copy_deep(&evaluation->heap, value), value_row(row.table, i), key))
            return false;
    return true;
}

/* `use "PO-9"` names the row that a search did not find. */
static bool row_named(Evaluation *evaluation, Value *value, Error *err)
{
    Value row;
    Str field;
    if (value->kind != VALUE_TEXT && value->kind != VALUE_NUMBER && value->kind != VALUE_DATE)
        return true;
    switch (question_row_meant(evaluation, *value, &row, &field)) {
    case ROW_NOT_ASKED: return true;
    case ROW_FOUND: *value = row; return true;
    case ROW_NOT_THERE: break;
    }
    AUTO(buf_done)
    Buf named = {0};
    value_print(&named, *value);
    return error_set(err, INVALID_ARGUMENT, "answer",
                     "none has the %.*s \"%.*s\"; name one that there is, or say: use the first … whose … is …",
                     STR_ARG(field), STR_ARG(str_clip(buf_view(&named), 60)));
}

static bool answer_use(Evaluation *evaluation, const Answer *answer, Error *err)
{
    const Type *expected = evaluation->question.expected ? evaluation->question.expected : &type_any;
    Value value = value_copy_deep(&evaluation->heap, answer->value);
    if (!row_named(evaluation, &value, err) ||
        !type_convert(&evaluation->heap, expected, value, evaluation->options.reading, "answer", &value, err))
        return false;
    if (!is_among_choices(evaluation, value)) {
        Buf choices = {0};
        for (uint32_t i = 0; i < evaluation->question.n_suggestions; i++)
            buf_printf(&choices, "%s%.*s", i ? ", " : "", STR_ARG(evaluation->question.suggestions[i]));
        (void)error_set(err, INVALID_ARGUMENT, "answer", "choose one of %.*s", STR_ARG(buf_view(&choices)));
        buf_done(&choices);
        return false;
    }
    if (!fill_column(evaluation, value))
        return error_set(err, FAILED_PRECONDITION, "answer", "%s", evaluation->problem.text);
    memory_add(evaluation, evaluation->hole, value);
    hole_fill(evaluation, evaluation->hole, value);
    return true;
}

static Str patch_text(Arena *arena, const Evaluation *evaluation, const Answer *answer)
{
    return answer->block ? answer_spy(arena, answer, evaluation->program) : answer->text;
}

static void patched(Evaluation *evaluation, const Answer *answer, const Node *sentence)
{
    AUTO(arena_done)
    Arena scratch = {0};
    journal_patched(evaluation, sentence, patch_text(&scratch, evaluation, answer));
    asking_frame(evaluation)->patched = true;
}

static bool answer_skip_item(Evaluation *evaluation, const Node *sentence, Error *err)
{
    if (!loop_next_item(evaluation))
        return error_set(err, INVALID_ARGUMENT, "answer",
                         "\"skip this one\" goes on with a loop's next item, but this sentence stands in no "
                         "loop; say skip to leave the sentence out");
    journal_skipped(evaluation, sentence);
    return true;
}

static bool answer_retry(Evaluation *evaluation, const Answer *answer)
{
    sentence_restart(evaluation);
    if (answer->delay_seconds > 0) {
        evaluation->timer = (EvalTimer){.seconds = answer->delay_seconds};
        evaluation->status = EVAL_TIMER;
    }
    return true;
}

static bool answer_apply(Evaluation *evaluation, const Answer *answer, Error *err)
{
    const Node *sentence = asking_node(evaluation);
    switch (answer->kind) {
    case ANSWER_USE:
        if (evaluation->hole == HOLE_NONE)
            return no_hole(evaluation, err);
        if (answer->expression ? !answer_by_fragment(evaluation, answer, FRAGMENT_USE, err)
                               : !answer_use(evaluation, answer, err))
            return false;
        patched(evaluation, answer, sentence);
        return true;
    case ANSWER_SENTENCES:
    case ANSWER_REPLACE:
        if (!answer_by_fragment(evaluation, answer, answer->kind == ANSWER_REPLACE ? FRAGMENT_REPLACE : FRAGMENT_RETRY,
                                err))
            return false;
        patched(evaluation, answer, sentence);
        return true;
    case ANSWER_RETRY: return answer_retry(evaluation, answer);
    case ANSWER_SKIP:
        journal_skipped(evaluation, sentence);
        sentence_leave(evaluation, true);
        return true;
    case ANSWER_SKIP_ITEM: return answer_skip_item(evaluation, sentence, err);
    case ANSWER_STOP: evaluation_fail(evaluation, "%.*s", STR_ARG(answer->reason)); return true;
    }
    return error_set(err, INTERNAL, "answer", "an answer of an unknown kind");
}

bool evaluation_answer(Evaluation *evaluation, const Answer *answer, Error *err)
{
    if (evaluation->status != EVAL_QUESTION)
        return error_set(err, FAILED_PRECONDITION, "answer", "nothing is asked at the moment");
    if (!answer_apply(evaluation, answer, err))
        return false;
    if (evaluation->status == EVAL_QUESTION)
        evaluation->status = EVAL_READY;
    return true;
}
