/* lang/eval_sentences.c: the sentences that reach outside: inputs, outputs, messages, waits, checks and questions. */
#include <stdlib.h>

#include "lang/eval_state.h"

static Value operand(const Evaluation *evaluation, uint32_t from_top)
{
    return evaluation->stack[evaluation->top - from_top];
}

/* The instruction in hand has done its work and takes n operands with it. */
static StepEnd done(Evaluation *evaluation, uint32_t n)
{
    evaluation->top -= n;
    frame_top(evaluation)->pc++;
    return STEP_ELSEWHERE;
}

static const Node *node_now(const Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    return frame->code->nodes[frame->pc];
}

/* ---- inputs ---- */

static bool take_input(Evaluation *evaluation, uint32_t input, bool *out_given)
{
    const Code *code = evaluation->code;
    const Node *node = code->inputs[input];
    Value given = evaluation->inputs[input], converted;
    const Type *type = node->type ? node->type : &type_any;
    bool has_default = node->n_kids > 0 && node->kids[0]->kind != NODE_NOTHING;
    bool may_be_absent = (node->flags & NODE_OPTIONAL) || type->kind == TYPE_OPTIONAL;
    *out_given = true;
    if (given.kind == VALUE_UNSET || (given.kind == VALUE_NULL && has_default)) {
        if (has_default) {
            *out_given = false;
            return true;
        }
        if (!may_be_absent) {
            problem_note(evaluation, "missing-input", HOLE_RESULT, type, (Value){0}, "The input \"%.*s\" was not given",
                         STR_ARG(node->text));
            evaluation->problem.missing = node->text;
            evaluation->problem.group = "missing_values";
            return false;
        }
        given = value_null();
    }
    Error err = {0};
    if (given.kind == VALUE_NULL && may_be_absent)
        converted = given;
    else if (!type_convert(&evaluation->heap, type, given, evaluation->options.reading, "", &converted, &err)) {
        problem_note(evaluation, "bad-input", HOLE_RESULT, type, given, "The input \"%.*s\": %s", STR_ARG(node->text),
                     err.message);
        evaluation->problem.missing = node->text;
        return false;
    }
    evaluation->stack[code->input_slots[input]] = converted;
    return true;
}

StepEnd step_input(Evaluation *evaluation, uint32_t input, uint32_t target)
{
    bool given;
    if (!take_input(evaluation, input, &given))
        return STEP_ASKS;
    Frame *frame = frame_top(evaluation);
    frame->pc = given ? target : frame->pc + 1;
    return STEP_ELSEWHERE;
}

static bool take_default(Evaluation *evaluation, uint32_t input, Value value)
{
    const Node *node = evaluation->code->inputs[input];
    const Type *type = node->type ? node->type : &type_any;
    Value converted = value;
    Error err = {0};
    if (value.kind != VALUE_NULL &&
        !type_convert(&evaluation->heap, type, value, evaluation->options.reading, "", &converted, &err))
        return problem_set(evaluation, "bad-input", 0, type, value,
                           "What the input \"%.*s\" usually is does not fit: %s", STR_ARG(node->text), err.message);
    evaluation->stack[evaluation->code->input_slots[input]] = converted;
    return true;
}

StepEnd step_input_default(Evaluation *evaluation, uint32_t input)
{
    return take_default(evaluation, input, operand(evaluation, 1)) ? done(evaluation, 1) : STEP_ASKS;
}

/* ---- outputs and messages ---- */

/* A few rows of a large table leave without the others: what a row belongs to is copied with it. In `scratch`. */
static Value rows_alone(Arena *scratch, Value value)
{
    const List *list = value.kind == VALUE_LIST ? value.list : NULL;
    const Table *table = list && list->count > 0 && list->items[0].kind == VALUE_ROW ? list->items[0].table : NULL;
    if (!table || list->count >= table->n_rows)
        return value;
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].kind != VALUE_ROW || list->items[i].table != table)
            return value;
    Value alone = value_table_new(scratch, list->count), rows = value_list_new(scratch, list->count);
    for (uint32_t c = 0; c < table->n_columns; c++) {
        Column *column = table_add_column(scratch, alone.table, table->columns[c].name);
        for (uint32_t i = 0; i < list->count; i++)
            column->cells[i] = table->columns[c].cells[list->items[i].high];
    }
    for (uint32_t i = 0; i < list->count; i++)
        list_add(scratch, rows.list, value_row(alone.table, i));
    return rows;
}

bool evaluation_output(Evaluation *evaluation, Value name, Value value)
{
    AUTO(arena_done)
    Arena scratch = {0};
    value = value.kind == VALUE_ROW ? row_as_record(evaluation, value) : rows_alone(&scratch, value);
    size_t before = evaluation->heap.used;
    Value text = name;
    if (name.kind != VALUE_TEXT) {
        Buf printed = buf_in(&evaluation->heap);
        value_print(&printed, name);
        text = value_text(buf_end(&printed));
    }
    Value copy = value_copy_deep(&evaluation->heap, value);
    evaluation->output_bytes += evaluation->heap.used - before + text.high;
    if (evaluation->output_bytes > evaluation->options.budget.output_bytes) {
        evaluation_fail(evaluation, "the run's outputs and messages take more than %llu MB, the most that it may give",
                        (unsigned long long)(evaluation->options.budget.output_bytes >> 20));
        return false;
    }
    for (uint32_t i = 0; i < evaluation->n_outputs; i++)
        if (value_equals(evaluation->outputs[i].name, text)) {
            evaluation->outputs[i].value = copy;
            return true;
        }
    if (evaluation->n_outputs == evaluation->cap_outputs) {
        evaluation->cap_outputs = evaluation->cap_outputs ? 2 * evaluation->cap_outputs : 8;
        evaluation->outputs = reallocarray(evaluation->outputs, evaluation->cap_outputs, sizeof(Output));
        evaluation->output_view = reallocarray(evaluation->output_view, evaluation->cap_outputs, sizeof(Argument));
        if (!evaluation->outputs || !evaluation->output_view)
            abort();
    }
    evaluation->outputs[evaluation->n_outputs++] = (Output){text, copy};
    return true;
}

StepEnd step_output(Evaluation *evaluation)
{
    bool kept = evaluation_output(evaluation, operand(evaluation, 2), operand(evaluation, 1));
    return kept ? done(evaluation, 2) : STEP_STOPS;
}

static bool take_say(Evaluation *evaluation, const Node *node, Value value)
{
    Buf printed = buf_in(&evaluation->heap);
    value_print(&printed, value);
    evaluation->output_bytes += printed.len;
    if (evaluation->output_bytes > evaluation->options.budget.output_bytes) {
        evaluation_fail(evaluation, "the run's outputs and messages take more than %llu MB, the most that it may give",
                        (unsigned long long)(evaluation->options.budget.output_bytes >> 20));
        return false;
    }
    journal_said(evaluation, node, buf_view(&printed));
    return true;
}

StepEnd step_say(Evaluation *evaluation)
{
    bool said = take_say(evaluation, node_now(evaluation), operand(evaluation, 1));
    return said ? done(evaluation, 1) : STEP_STOPS;
}

/* ---- waiting ---- */

/* Gives false when there is a problem; *out_waits tells whether there is anything to wait for. */
static bool take_wait(Evaluation *evaluation, Value value, bool until, bool *out_waits)
{
    bool is_moment = value.kind == VALUE_DATE || value.kind == VALUE_TIME || value.kind == VALUE_DATETIME;
    if (until && is_moment) {
        evaluation->timer = (EvalTimer){.until = true, .moment = value};
        *out_waits = true;
        return true;
    }
    if (until)
        return value_is_blank(value) ? problem_missing(evaluation, 0, &type_datetime, value)
                                     : problem_set(evaluation, "not-a-moment", 0, &type_datetime, value,
                                                   "This is no date or time to wait for");
    if (value.kind != VALUE_DURATION)
        return value_is_blank(value) ? problem_missing(evaluation, 0, &type_duration, value)
                                     : problem_set(evaluation, "not-a-duration", 0, &type_duration, value,
                                                   "This is no length of time, as in 3 days");
    evaluation->timer = (EvalTimer){.seconds = value.seconds + (value.high > 0)};
    *out_waits = evaluation->timer.seconds > 0;
    return true;
}

StepEnd step_wait(Evaluation *evaluation, bool until)
{
    bool waits;
    if (!take_wait(evaluation, operand(evaluation, 1), until, &waits))
        return STEP_ASKS;
    StepEnd end = done(evaluation, 1);
    if (!waits)
        return end;
    evaluation->status = EVAL_TIMER;
    return STEP_STOPS;
}

/* ---- questions ---- */

StepEnd step_ask(Evaluation *evaluation, uint32_t n_choices)
{
    const Node *node = node_now(evaluation);
    problem_note(evaluation, "ask", HOLE_RESULT, node->type ? node->type : &type_any,
                 operand(evaluation, 1 + n_choices), "A person is asked");
    return STEP_ASKS;
}

/* What the first of some elements is: a record where the condition reads a field of it. */
static const Type *matched_type(const Node *call)
{
    const Node *collect = node_last_for(call->kids[0]), *condition = node_kid(collect, 3);
    while (condition && (condition->kind == NODE_AND || condition->kind == NODE_COMPARE))
        condition = condition->kids[0];
    bool is_element = collect->kids[0]->kind == NODE_NAME && collect->kids[1]->kind == NODE_NAME &&
                      str_eq(collect->kids[0]->name, collect->kids[1]->name);
    bool has_fields = condition && condition->kind == NODE_FIELD && condition->kids[0]->kind == NODE_NAME &&
                      str_eq(condition->kids[0]->name, collect->kids[1]->name);
    return is_element && has_fields ? &type_record : &type_any;
}

StepEnd step_no_match(Evaluation *evaluation)
{
    problem_note(evaluation, "no-match", HOLE_RESULT, matched_type(node_now(evaluation)), (Value){0},
                 "Nothing matches");
    return STEP_ASKS;
}

/* ---- checks ---- */

StepEnd step_ensure(Evaluation *evaluation, bool has_message)
{
    problem_note(evaluation, "failed-check", HOLE_NONE, &type_any, has_message ? operand(evaluation, 1) : (Value){0},
                 "A check failed");
    return STEP_ASKS;
}

StepEnd step_validate_add(Evaluation *evaluation, bool has_message)
{
    Value message = has_message ? operand(evaluation, 1) : check_text(evaluation, node_now(evaluation));
    Value failed = operand(evaluation, has_message ? 2 : 1);
    list_add(&evaluation->heap, failed.list, message);
    return done(evaluation, has_message);
}

StepEnd step_validate(Evaluation *evaluation)
{
    Value failed = operand(evaluation, 1);
    if (failed.list->count == 0)
        return done(evaluation, 1);
    problem_note(evaluation, "failed-check", HOLE_NONE, &type_any, failed, "Checks failed");
    return STEP_ASKS;
}

/* ---- the end ---- */

StepEnd step_fail(Evaluation *evaluation)
{
    Buf printed = buf_in(&evaluation->heap);
    value_print(&printed, operand(evaluation, 1));
    evaluation_fail(evaluation, "%.*s", STR_ARG(buf_view(&printed)));
    return STEP_STOPS;
}

StepEnd step_too_deep(Evaluation *evaluation)
{
    evaluation_fail(evaluation, "the automation is nested too deeply here; split the sentence or use procedures");
    return STEP_STOPS;
}
