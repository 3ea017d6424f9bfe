/* lang/eval_step.c: the instructions, one after the other.
 *
 * What stands in locals is written back before anything that looks at the evaluation. Nothing is popped before an
 * instruction has succeeded: one that cannot go on is found again exactly as it was. */
#include <stdlib.h>

#include "lang/eval_state.h"
#include "value/decimal.h"

enum { SENTENCE_SHOWN = 80 };

/* The frame in hand, unpacked. */
#define ENTER()                                                                                                        \
    do {                                                                                                               \
        frame = frame_top(evaluation);                                                                                 \
        code = frame->code;                                                                                            \
        slots = evaluation->stack + frame->base;                                                                       \
        sp = evaluation->stack + evaluation->top;                                                                      \
        pc = frame->pc;                                                                                                \
    } while (0)
#define SYNC()                                                                                                         \
    do {                                                                                                               \
        frame->pc = pc;                                                                                                \
        evaluation->top = (uint32_t)(sp - evaluation->stack);                                                          \
    } while (0)
#define ARITHMETIC_CASE(NAME, FAST)                                                                                    \
    case OP_CODE_##NAME:                                                                                               \
        if (sp[-2].kind == VALUE_NUMBER && sp[-1].kind == VALUE_NUMBER) {                                              \
            if (!FAST(sp[-2], sp[-1], &result, &err)) {                                                                \
                SYNC();                                                                                                \
                problem_note_error(evaluation, HOLE_RESULT, &err);                                                     \
                goto problem;                                                                                          \
            }                                                                                                          \
        } else {                                                                                                       \
            SYNC();                                                                                                    \
            if (!operate_arithmetic(evaluation, OP_##NAME, sp[-2], sp[-1], &result))                                   \
                goto problem;                                                                                          \
        }                                                                                                              \
        sp -= 1;                                                                                                       \
        sp[-1] = result;                                                                                               \
        pc++;                                                                                                          \
        break;

/* Whole numbers of one word: most divisions of a program. */
static inline bool are_quick(Value a, Value b)
{
    return (a.high | b.high | a.scale | b.scale) == 0 && b.low != 0;
}

static inline bool quick_divide(Value a, Value b, Value *out, Error *err)
{
    if (!are_quick(a, b) || a.low % b.low != 0)
        return decimal_divide(a, b, out, err);
    value_put_number(out, a.low / b.low, 0, 0, a.low != 0 && a.negative != b.negative);
    return true;
}

static inline bool quick_floor_divide(Value a, Value b, Value *out, Error *err)
{
    if (!are_quick(a, b))
        return decimal_floor_divide(a, b, out, err);
    bool is_negative = a.negative != b.negative;
    uint64_t quotient = a.low / b.low;
    quotient += is_negative && a.low % b.low != 0;
    value_put_number(out, quotient, 0, 0, quotient != 0 && is_negative);
    return true;
}

static inline bool quick_modulo(Value a, Value b, Value *out, Error *err)
{
    if (!are_quick(a, b))
        return decimal_modulo(a, b, out, err);
    uint64_t rest = a.low % b.low;
    if (rest != 0 && a.negative != b.negative)
        rest = b.low - rest;
    value_put_number(out, rest, 0, 0, rest != 0 && b.negative);
    return true;
}

static bool compare_numbers(CompareOp op, Value left, Value right)
{
    int order = decimal_compare(left, right);
    switch (op) {
    case CMP_EQUAL: return order == 0;
    case CMP_NOT_EQUAL: return order != 0;
    case CMP_LESS: return order < 0;
    case CMP_LESS_EQUAL: return order <= 0;
    case CMP_GREATER: return order > 0;
    default: return order >= 0;
    }
}

static inline bool compare(Evaluation *evaluation, CompareOp op, Value left, Value right, bool *out)
{
    if (left.kind == VALUE_NUMBER && right.kind == VALUE_NUMBER && op <= CMP_GREATER_EQUAL) {
        *out = compare_numbers(op, left, right);
        return true;
    }
    return operate_compare(evaluation, op, left, right, out);
}

static inline bool truth(Value v)
{
    return v.kind == VALUE_BOOL ? v.low != 0 : value_truth(v);
}

static bool call_procedure(Evaluation *evaluation, const CallSite *site)
{
    if (evaluation->depth >= evaluation->options.budget.depth) {
        evaluation_fail(
            evaluation,
            "\"%.*s\" was called %u calls deep, the most that a run may nest; does it call itself without end?",
            STR_ARG(evaluation->code->routines[site->routine].name), evaluation->depth);
        return false;
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
    return true;
}

/* The callee's frame is gone; its value takes the place of the arguments. */
static void return_value(Evaluation *evaluation, Value value)
{
    evaluation->top = frame_top(evaluation)->base;
    frame_pop(evaluation);
    hole_fill(evaluation, HOLE_RESULT, value);
}

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

/* What the first of some elements is: a record where the condition reads a field of it. */
static const Type *matched_type(const Node *call)
{
    const Node *collect = call->kids[0], *condition = node_kid(collect, 3);
    while (condition && (condition->kind == NODE_AND || condition->kind == NODE_COMPARE))
        condition = condition->kids[0];
    bool is_element = collect->kids[0]->kind == NODE_NAME && collect->kids[1]->kind == NODE_NAME &&
                      str_eq(collect->kids[0]->name, collect->kids[1]->name);
    bool has_fields = condition && condition->kind == NODE_FIELD && condition->kids[0]->kind == NODE_NAME &&
                      str_eq(condition->kids[0]->name, collect->kids[1]->name);
    return is_element && has_fields ? &type_record : &type_any;
}

static void fail_with(Evaluation *evaluation, Value reason)
{
    Buf printed = buf_in(&evaluation->heap);
    value_print(&printed, reason);
    evaluation_fail(evaluation, "%.*s", STR_ARG(buf_view(&printed)));
}

static bool jump_if_ended(const Value *iterator)
{
    Value copy[3] = {iterator[0], iterator[1], iterator[2]}, item;
    return !operate_next(NULL, copy, &item);
}

static bool is_out_of_fuel(Evaluation *evaluation)
{
    if (evaluation->fuel_used < evaluation->options.budget.fuel)
        return false;
    evaluation_fail(evaluation,
                    "the run took %llu steps, the most that it may take, and was at \"%.*s\"; is there a loop without "
                    "end?",
                    (unsigned long long)evaluation->options.budget.fuel,
                    STR_ARG(str_clip(sentence_text(evaluation), SENTENCE_SHOWN)));
    return true;
}

/* A step that may be the last of this slice. Every loop, comprehension and procedure goes through one. */
#define CHECK_STEP()                                                                                                   \
    do {                                                                                                               \
        if (evaluation->fuel_used >= fuel_end) {                                                                       \
            SYNC();                                                                                                    \
            (void)is_out_of_fuel(evaluation);                                                                          \
            return;                                                                                                    \
        }                                                                                                              \
        evaluation->fuel_used++;                                                                                       \
        if (evaluation->heap.used >= evaluation->heap_trigger || evaluation->compact_always) {                         \
            SYNC();                                                                                                    \
            if (!heap_check(evaluation))                                                                               \
                return;                                                                                                \
        }                                                                                                              \
    } while (0)

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
    fuel_end = MIN_OF(fuel_end, evaluation->options.budget.fuel);
    Frame *frame;
    const Code *code;
    Value *slots, *sp, result;
    uint32_t pc;
    bool yes;
    Error err;
    ENTER();
    for (;;) {
        const Instruction *in = &code->instructions[pc];
        switch ((Op)in->op) {
        case OP_CODE_STATEMENT:
            CHECK_STEP();
            if (evaluation->n_lookups > 0 && evaluation->n_frames == 1 && code->sentences[in->c].loop == NO_INDEX)
                lookups_pass(evaluation, pc);
            frame->sentence = in->c;
            frame->patched = false;
            if (evaluation->n_memory > 0)
                memory_forget(evaluation, evaluation->n_frames - 1);
            if (evaluation->trace_left > 0 && code->sentences[in->c].writes_what_it_reads) {
                SYNC();
                journal_sentence_begun(evaluation, frame);
            }
            pc++;
            break;
        case OP_CODE_DONE:
            if (evaluation->trace_left > 0 || frame->patched) {
                SYNC();
                journal_sentence_done(evaluation, frame);
            } else {
                evaluation->trace_omitted++;
                evaluation->trace_last_node = code->sentences[in->c].node->id;
            }
            frame->sentence = NO_INDEX;
            pc++;
            break;
        case OP_CODE_LOAD:
            if (slots[in->c].kind == VALUE_UNSET) {
                SYNC();
                problem_note_fact(evaluation, code->routines[frame->routine].slot_names[in->c]);
                goto problem;
            }
            *sp++ = slots[in->c];
            pc++;
            break;
        case OP_CODE_LOAD_GLOBAL:
            if (evaluation->stack[in->c].kind == VALUE_UNSET) {
                SYNC();
                problem_note_fact(evaluation, evaluation->code->routines[0].slot_names[in->c]);
                goto problem;
            }
            *sp++ = evaluation->stack[in->c];
            pc++;
            break;
        case OP_CODE_LOAD_IF_SET:
            result = in->a ? evaluation->stack[in->c] : slots[in->c];
            *sp++ = result.kind == VALUE_UNSET ? value_null() : result;
            pc++;
            break;
        case OP_CODE_STORE:
            slots[in->c] = *--sp;
            pc++;
            break;
        case OP_CODE_CONSTANT:
            *sp++ = code->constants[in->c];
            pc++;
            break;
        case OP_CODE_POP:
            sp--;
            pc++;
            break;
        case OP_CODE_FIELD:
            SYNC();
            if (!operate_field(evaluation, sp[-1], value_str(code->constants[in->c]),
                               frame->fragment ? NULL : &evaluation->hints[pc], &result))
                goto problem;
            sp[-1] = result;
            pc++;
            break;
        case OP_CODE_INDEX:
            SYNC();
            if (!operate_index(evaluation, sp[-2], sp[-1], &result))
                goto problem;
            sp--;
            sp[-1] = result;
            pc++;
            break;
        case OP_CODE_SLICE:
            SYNC();
            if (!operate_slice(evaluation, sp - 4, &result))
                goto problem;
            sp -= 3;
            sp[-1] = result;
            pc++;
            break;
        case OP_CODE_NEGATE:
            if (sp[-1].kind == VALUE_NUMBER) {
                sp[-1] = decimal_negate(sp[-1]);
            } else {
                SYNC();
                if (!operate_negate(evaluation, sp[-1], &result))
                    goto problem;
                sp[-1] = result;
            }
            pc++;
            break;
            ARITHMETIC_CASE(ADD, decimal_add)
            ARITHMETIC_CASE(SUBTRACT, decimal_subtract)
            ARITHMETIC_CASE(MULTIPLY, decimal_multiply)
            ARITHMETIC_CASE(DIVIDE, quick_divide)
            ARITHMETIC_CASE(FLOOR_DIVIDE, quick_floor_divide)
            ARITHMETIC_CASE(MODULO, quick_modulo)
            ARITHMETIC_CASE(POWER, decimal_power)
        case OP_CODE_COMPARE:
            SYNC();
            if (!compare(evaluation, (CompareOp)in->a, sp[-2], sp[-1], &yes))
                goto problem;
            sp--;
            sp[-1] = value_bool(yes);
            pc++;
            break;
        case OP_CODE_COMPARE_CHAIN:
            SYNC();
            if (!compare(evaluation, (CompareOp)in->a, sp[-2], sp[-1], &yes))
                goto problem;
            sp--;
            sp[-1] = yes ? sp[0] : value_bool(false);
            pc = yes ? pc + 1 : in->c;
            break;
        case OP_CODE_NOT:
            sp[-1] = value_bool(!truth(sp[-1]));
            pc++;
            break;
        case OP_CODE_JUMP: pc = in->c; break;
        case OP_CODE_JUMP_IF_FALSE:
            sp--;
            pc = truth(*sp) ? pc + 1 : in->c;
            break;
        case OP_CODE_JUMP_IF_TRUE:
            sp--;
            pc = truth(*sp) ? in->c : pc + 1;
            break;
        case OP_CODE_AND:
            if (truth(sp[-1])) {
                sp--;
                pc++;
            } else {
                pc = in->c;
            }
            break;
        case OP_CODE_OR:
            if (truth(sp[-1])) {
                pc = in->c;
            } else {
                sp--;
                pc++;
            }
            break;
        case OP_CODE_JUMP_IF_SET: pc = slots[in->b].kind == VALUE_UNSET ? pc + 1 : in->c; break;
        case OP_CODE_TEMPLATE:
            SYNC();
            operate_template(evaluation, sp - in->c, in->c, &result);
            sp -= in->c;
            *sp++ = result;
            pc++;
            break;
        case OP_CODE_MAKE_LIST:
            result = operate_list(evaluation, sp - in->c, in->c);
            sp -= in->c;
            *sp++ = result;
            pc++;
            break;
        case OP_CODE_MAKE_SET:
            SYNC();
            if (!operate_set(evaluation, sp - in->c, in->c, &result))
                goto problem;
            sp -= in->c;
            *sp++ = result;
            pc++;
            break;
        case OP_CODE_MAKE_RECORD:
            SYNC();
            if (!operate_record(evaluation, sp - 2 * in->c, in->c, &result))
                goto problem;
            sp -= 2 * in->c;
            *sp++ = result;
            pc++;
            break;
        case OP_CODE_CALL:
            SYNC();
            if (!function_call(evaluation, (FunctionId)in->b, sp - in->a, in->a, &result))
                goto problem;
            sp -= in->a;
            *sp++ = result;
            pc++;
            break;
        case OP_CODE_CALL_PROCEDURE:
            SYNC();
            if (!call_procedure(evaluation, &code->sites[in->c]))
                return;
            ENTER();
            break;
        case OP_CODE_RETURN:
            sp--;
            SYNC();
            if (evaluation->n_frames == 1 || child_is_outmost(evaluation))
                goto finished;
            return_value(evaluation, *sp);
            ENTER();
            break;
        case OP_CODE_BOOK_CALL: {
            SYNC();
            const Value *known = memory_find(evaluation, HOLE_RESULT);
            if (!known) {
                want_call(evaluation, &code->sites[in->c]);
                return;
            }
            sp -= code->sites[in->c].n;
            *sp++ = *known;
            pc++;
            break;
        }
        case OP_CODE_ASK:
            SYNC();
            problem_note(evaluation, "ask", HOLE_RESULT, code->nodes[pc]->type ? code->nodes[pc]->type : &type_any,
                         sp[-1 - in->a], "A person is asked");
            goto problem;
        case OP_CODE_ITERATE: {
            uint32_t n = in->a ? in->a : 1;
            Value iterator[3];
            SYNC();
            if (!operate_iterate(evaluation, sp - n, in->a, iterator))
                goto problem;
            sp -= n;
            memcpy(sp, iterator, sizeof iterator);
            sp += 3;
            pc++;
            break;
        }
        case OP_CODE_NEXT:
            CHECK_STEP();
            if (operate_next(evaluation, sp - 3, &result)) {
                *sp++ = result;
                pc++;
            } else {
                sp -= 3;
                pc = in->c;
            }
            break;
        case OP_CODE_JUMP_IF_ENDED: pc = jump_if_ended(sp - 3) ? in->c : pc + 1; break;
        case OP_CODE_SEEK:
            SYNC();
            lookup_seek(evaluation, in->c, slots[code->lookups[in->c].key_slot], sp - 3);
            pc++;
            break;
        case OP_CODE_END_LOOP:
            sp -= 3;
            pc++;
            break;
        case OP_CODE_LEAVE_LOOP:
            sp[-4] = sp[-1];
            sp -= 3;
            pc++;
            break;
        case OP_CODE_COLLECT: {
            bool is_pair = in->a == COLLECT_RECORD;
            Value *collection = sp - 5 - (is_pair ? 1 : 0) - (int64_t)in->c; /* c: below the outer iterators */
            SYNC();
            if (!operate_collect(evaluation, (CollectOp)in->a, *collection, sp[-2], sp[-1]))
                goto problem;
            sp -= is_pair ? 2 : 1;
            pc++;
            break;
        }
        case OP_CODE_UNPACK:
            SYNC();
            if (!operate_unpack(evaluation, sp[-1], in->c, sp - 1))
                goto problem;
            sp += (int64_t)in->c - 1;
            pc++;
            break;
        case OP_CODE_SET_FIELD:
            SYNC();
            if (!operate_set_field(evaluation, sp[-2], sp[-1], value_str(code->constants[in->c])))
                goto problem;
            sp -= 2;
            pc++;
            break;
        case OP_CODE_SET_INDEX:
            SYNC();
            if (!operate_set_index(evaluation, sp[-3], sp[-2], sp[-1]))
                goto problem;
            sp -= 3;
            pc++;
            break;
        case OP_CODE_INPUT:
            SYNC();
            if (!take_input(evaluation, in->b, &yes))
                goto problem;
            pc = yes ? in->c : pc + 1;
            break;
        case OP_CODE_INPUT_DEFAULT:
            SYNC();
            if (!take_default(evaluation, in->b, sp[-1]))
                goto problem;
            sp--;
            pc++;
            break;
        case OP_CODE_OUTPUT:
            SYNC();
            if (!evaluation_output(evaluation, sp[-2], sp[-1]))
                return;
            sp -= 2;
            pc++;
            break;
        case OP_CODE_SAY:
            SYNC();
            if (!take_say(evaluation, code->nodes[pc], sp[-1]))
                return;
            sp--;
            pc++;
            break;
        case OP_CODE_WAIT:
            SYNC();
            if (!take_wait(evaluation, sp[-1], in->a, &yes))
                goto problem;
            sp--;
            pc++;
            if (yes) {
                SYNC();
                evaluation->status = EVAL_TIMER;
                return;
            }
            break;
        case OP_CODE_FINISH: SYNC(); goto finished;
        case OP_CODE_FAIL:
            SYNC();
            fail_with(evaluation, sp[-1]);
            return;
        case OP_CODE_ENSURE:
            SYNC();
            problem_note(evaluation, "failed-check", HOLE_NONE, &type_any, in->a ? sp[-1] : (Value){0},
                         "A check failed");
            goto problem;
        case OP_CODE_VALIDATE_ADD:
            SYNC();
            result = in->a ? sp[-1] : check_text(evaluation, code->nodes[pc]);
            sp -= in->a;
            list_add(&evaluation->heap, sp[-1].list, result);
            pc++;
            break;
        case OP_CODE_VALIDATE:
            if (sp[-1].list->count > 0) {
                SYNC();
                problem_note(evaluation, "failed-check", HOLE_NONE, &type_any, sp[-1], "Checks failed");
                goto problem;
            }
            sp--;
            pc++;
            break;
        case OP_CODE_NO_MATCH:
            SYNC();
            problem_note(evaluation, "no-match", HOLE_RESULT, matched_type(code->nodes[pc]), (Value){0},
                         "Nothing matches");
            goto problem;
        case OP_CODE_NEED_KEY:
            SYNC();
            if (!need_value(evaluation, sp[-1]))
                goto problem;
            pc++;
            break;
        case OP_CODE_NEED_NUMBER:
            if (sp[-1].kind != VALUE_NUMBER && sp[-1].kind != VALUE_DURATION) {
                SYNC();
                if (!need_number(evaluation, 0, sp[-1], &result))
                    goto problem;
                if (!names_currency(sp[-1])) /* the sum looks whether all are in one */
                    sp[-1] = result;
            }
            pc++;
            break;
        case OP_CODE_NEED_VALUE:
            if (sp[-1].kind == VALUE_NULL || sp[-1].kind == VALUE_TEXT) {
                SYNC();
                if (!need_value(evaluation, sp[-1]))
                    goto problem;
            }
            pc++;
            break;
        case OP_CODE_ZERO_ROUNDS:
            slots[in->c] = value_int(0);
            pc++;
            break;
        case OP_CODE_COUNT_ROUND:
            slots[in->c].low++;
            pc++;
            break;
        case OP_CODE_TOO_DEEP:
            SYNC();
            evaluation_fail(evaluation,
                            "the automation is nested too deeply here; split the sentence or use procedures");
            return;
        case OP_CODE_END_FRAGMENT:
            SYNC();
            fragment_leave(evaluation, (FragmentEnd)in->a);
            if (evaluation->status != EVAL_READY || evaluation->tested)
                return;
            ENTER();
            break;
        case OP_CODE_SPLIT:
            SYNC();
            children_split(evaluation, sp - 3);
            pc++;
            break;
        case OP_CODE_CHILDREN:
            CHECK_STEP();
            SYNC();
            if (child_is_at_end(evaluation, frame, pc))
                goto finished;
            if (!children_step(evaluation, &yes))
                goto problem;
            if (evaluation->status != EVAL_READY)
                return;
            if (yes) {
                sp -= 3;
                pc = in->c;
            }
            break;
        case OP_CODE_N: assert(false); return;
        }
        continue;
    problem:
        if (!fill_from_memory(evaluation)) {
            question_ask(evaluation);
            return;
        }
        ENTER();
    }
finished:
    evaluation_complete(evaluation);
}
