/* lang/question_place.c: where values come from: the fact, the field or the row that a question is about.
 *
 * Rows are counted from 1 and without the heading: row 17 is the seventeenth row of data. Where a value came from is
 * not carried along while the run goes well; it is worked out here, from the program's text and the loops that are
 * under way. */
#include "lang/question_internal.h"

const Node *operand_node(const Evaluation *evaluation, int hole)
{
    const Frame *frame = frame_top(evaluation);
    const Instruction *in = &frame->code->instructions[frame->pc];
    const Node *node = frame->code->nodes[frame->pc];
    if (!node || hole < 0)
        return node;
    uint32_t i = (uint32_t)hole;
    switch (in->op) {
    case OP_CODE_COMPARE:
    case OP_CODE_COMPARE_CHAIN: return node_kid(node, in->b + i);
    case OP_CODE_ITERATE: return in->a == 0 ? node : node_kid(node, i);
    case OP_CODE_NEED_KEY:
    case OP_CODE_NEED_NUMBER:
    case OP_CODE_NEED_VALUE: return node;
    case OP_CODE_SET_FIELD: return i == 1 ? node_kid(node, 0) : NULL;
    case OP_CODE_SET_INDEX: return i >= 1 ? node_kid(node, i - 1) : NULL;
    case OP_CODE_UNPACK:
    case OP_CODE_COLLECT: return NULL;
    default: return node_kid(node, i);
    }
}

bool loop_is_on(const Loop *loop, uint32_t pc)
{
    return loop->start <= pc && pc < loop->end;
}

static Value slot_in(const Evaluation *evaluation, const Frame *frame, uint32_t slot)
{
    Value value = frame->base + slot < evaluation->top ? evaluation->stack[frame->base + slot] : (Value){0};
    return value.kind < VALUE_N_KINDS ? value : (Value){0};
}

const Loop *loop_over(const Frame *frame, Str name)
{
    for (uint32_t i = frame->code->n_loops; i-- > 0;) {
        const Loop *loop = &frame->code->loops[i];
        if (!loop->has_iterator || !loop_is_on(loop, frame->pc) || loop->target_slot == NO_INDEX)
            continue;
        const Node *target = loop->node->kind == NODE_COLLECT ? loop->node->kids[1] : loop->node->kids[0];
        if (target->kind == NODE_NAME && str_eq(target->name, name))
            return loop;
    }
    return NULL;
}

static Value fact_value(const Evaluation *evaluation, const Frame *frame, Str name)
{
    const Loop *loop = loop_over(frame, name);
    if (loop)
        return slot_in(evaluation, frame, loop->target_slot);
    const Routine *routine = &frame->code->routines[frame->routine], *main = &evaluation->code->routines[0];
    for (uint32_t i = 0; i < routine->n_slots; i++)
        if (str_eq(routine->slot_names[i], name))
            return slot_in(evaluation, frame, i);
    for (uint32_t i = 0; i < main->n_slots; i++)
        if (str_eq(main->slot_names[i], name))
            return slot_in(evaluation, &evaluation->frames[0], i);
    return (Value){0};
}

static Value item_value(const Evaluation *evaluation, const Frame *frame, const Node *node, uint32_t depth)
{
    Value object = node_value(evaluation, frame, node->kids[0], depth + 1), field;
    Value index = node_value(evaluation, frame, node->kids[1], depth + 1);
    int64_t at;
    if (index.kind == VALUE_TEXT && value_field_get(object, value_str(index), &field) == FIELD_FOUND)
        return field;
    if ((object.kind != VALUE_LIST && object.kind != VALUE_TABLE) || !value_to_int(index, &at))
        return (Value){0};
    uint32_t count = object.kind == VALUE_LIST ? object.list->count : object.table->n_rows;
    at = at < 0 ? at + count : at;
    if (at < 0 || at >= count)
        return (Value){0};
    return object.kind == VALUE_LIST ? object.list->items[at] : value_row(object.table, (uint32_t)at);
}

Value node_value(const Evaluation *evaluation, const Frame *frame, const Node *node, uint32_t depth)
{
    if (node->kind == NODE_NAME)
        return fact_value(evaluation, frame, node->name);
    Value object, field;
    Str key = node->text;
    AUTO(arena_done)
    Arena scratch = {0};
    if (node->kind == NODE_LITERAL)
        return node->value;
    if (node->kind == NODE_INDEX && depth <= 8)
        return item_value(evaluation, frame, node, depth);
    if (node->kind != NODE_FIELD || depth > 8)
        return (Value){0};
    object = node_value(evaluation, frame, node->kids[0], depth + 1);
    if (object.kind == VALUE_UNSET || field_read(&scratch, object, &key, &field) != FIELD_FOUND)
        return (Value){0};
    return field;
}

/* The fact that a table is known by. */
Str table_fact(const Evaluation *evaluation, const Frame *frame, const Table *table)
{
    for (int pass = 0; pass < 2; pass++) {
        const Frame *where = pass == 0 ? frame : &evaluation->frames[0];
        const Routine *routine = &where->code->routines[where->routine];
        for (uint32_t i = 0; i < routine->n_slots; i++) {
            Value value = slot_in(evaluation, where, i);
            if (value.kind == VALUE_TABLE && value.table == table && routine->slot_names[i].len > 0)
                return routine->slot_names[i];
        }
    }
    return S("");
}

static Str list_words(Arena *arena, const Node *list)
{
    return list->kind == NODE_NAME ? words_of(arena, list->name) : list->kind == NODE_FIELD ? list->text : S("");
}

Str words_of_loop(Arena *arena, const Loop *loop)
{
    return list_words(arena, loop->node->kids[loop->node->kind == NODE_COLLECT ? 2 : 1]);
}

/* The entry at 0 of the rows: item 1 of the rows. */
static void subject_of_item(Evaluation *evaluation, const Node *node, Subject *out)
{
    const Frame *frame = frame_top(evaluation);
    Value container = node_value(evaluation, frame, node->kids[0], 0);
    Value index = node_value(evaluation, frame, node->kids[1], 0);
    int64_t at;
    if (container.kind == VALUE_LIST && value_to_int(index, &at))
        out->row = (uint32_t)(at < 0 ? at + container.list->count : at) + 1;
    if (node->kids[0]->kind == NODE_NAME)
        out->table = words_of(&evaluation->question_arena, node->kids[0]->name);
    else if (node->kids[0]->kind == NODE_FIELD)
        out->table = node->kids[0]->text;
    if (out->row == 0 && index.kind == VALUE_TEXT)
        out->text = str_printf(&evaluation->question_arena, "The %.*s", STR_ARG(value_str(index)));
}

/* The row that a child works on is the only one of its table there. */
bool is_childs_row(const Evaluation *evaluation, Value row)
{
    if (!child_loop(evaluation))
        return false;
    Value item = child_argument(evaluation).value;
    return item.kind == VALUE_ROW && item.table == row.table;
}

static Str numbered(Arena *arena, const Subject *subject, Value item)
{
    const char *what = item.kind == VALUE_RECORD || item.kind == VALUE_ROW ? "Row" : "Item";
    if (subject->table.len == 0)
        return str_printf(arena, "%s %u", what, subject->row);
    return str_printf(arena, "%s %u of the %.*s", what, subject->row, STR_ARG(subject->table));
}

Subject subject_of_number(Evaluation *evaluation, const Node *list, Value item, uint32_t number)
{
    Arena *arena = &evaluation->question_arena;
    Str fact = item.kind == VALUE_ROW ? table_fact(evaluation, frame_top(evaluation), item.table) : S("");
    Subject subject = {.row = number, .table = fact.len > 0 ? words_of(arena, fact) : list_words(arena, list)};
    subject.text = numbered(arena, &subject, item);
    return subject;
}

Subject subject_of(Evaluation *evaluation, const Node *node)
{
    Arena *arena = &evaluation->question_arena;
    const Frame *frame = frame_top(evaluation);
    Subject subject = {0};
    if (!node || (node->kind != NODE_NAME && node->kind != NODE_FIELD && node->kind != NODE_INDEX))
        return subject;
    Value value = node_value(evaluation, frame, node, 0);
    const Loop *loop = node->kind == NODE_NAME ? loop_over(frame, node->name) : NULL;
    if (value.kind == VALUE_ROW && is_childs_row(evaluation, value)) {
        subject.row = evaluation_child_item(evaluation);
        subject.table = words_of_loop(arena, child_loop(evaluation));
    } else if (value.kind == VALUE_ROW) {
        subject.row = value.high + 1;
        Str fact = table_fact(evaluation, frame, value.table);
        subject.table = fact.len > 0 ? words_of(arena, fact) : loop ? words_of_loop(arena, loop) : S("");
    } else if (loop) {
        const Value *iterator = &evaluation->stack[frame->operands + loop->height];
        bool is_list = iterator[0].kind == VALUE_LIST;
        subject.row = is_list ? (uint32_t)iterator[1].low : 0;
        subject.table = words_of_loop(arena, loop);
    } else if (node->kind == NODE_INDEX) {
        subject_of_item(evaluation, node, &subject);
    }
    if (subject.row > 0)
        subject.text = numbered(arena, &subject, value);
    else if (node->kind == NODE_NAME)
        subject.text = str_printf(arena, "The %.*s", STR_ARG(words_of(arena, node->name)));
    else if (node->kind == NODE_FIELD)
        subject.text = str_printf(arena, "The %.*s", STR_ARG(node->text));
    return subject;
}
