/* lang/eval_children.c: loops whose items are worked on at the same time, each by an evaluation of its own.
 *
 * The loop's three words on the parent's stack: a list with the loop's state (below), and two that say where it stands
 * when it asks about an item. On a child's stack they are those of a loop in its only round: what holds the item, its
 * place, and nothing.
 *
 * Nothing that children give back is taken in before all of it is there: so the parent is the same for every child, and
 * what comes of it does not depend on which child ended first. */
#include <stdlib.h>

#include "lang/eval_state.h"
#include "value/pack.h"

enum { ITEMS_MAX = 100000 };

/* The loop's state: what stands in the list. */
enum {
    STATE_ITEMS,    /* all items, in order */
    STATE_WANTED,   /* places of those that are worked on now */
    STATE_GIVEN,    /* what these gave back, until the last one is told */
    STATE_FAILURES, /* a pair for each item that failed: its place, and why */
    STATE_TARGET,   /* what the loop's name stood for before the loop asked about an item */
    STATE_N
};

static Value *loop_words(const Evaluation *evaluation)
{
    return &evaluation->stack[evaluation->top - 3];
}

static Value *loop_state(const Evaluation *evaluation)
{
    return loop_words(evaluation)[0].list->items;
}

static const Loop *loop_in_hand(const Frame *frame)
{
    for (uint32_t i = frame->code->n_loops; i-- > 0;)
        if (frame->code->loops[i].is_statement && frame->code->loops[i].next == frame->pc)
            return &frame->code->loops[i];
    return NULL;
}

/* ---- what comes back, in bytes that may be damaged ---- */

static bool is_container(Value value)
{
    return value.kind == VALUE_LIST || value.kind == VALUE_SET || value.kind == VALUE_RECORD ||
           value.kind == VALUE_TABLE || value.kind == VALUE_ROW;
}

static bool is_given(Value item, Value given)
{
    if (given.kind == VALUE_TEXT)
        return true;
    if (given.kind != VALUE_LIST || given.list->count != 2 || given.list->items[1].kind != VALUE_LIST)
        return false;
    uint8_t kind = item.kind == VALUE_ROW ? VALUE_RECORD : is_container(item) ? item.kind : VALUE_NULL;
    Value back = given.list->items[0];
    for (uint32_t i = 0; item.kind == VALUE_ROW && back.kind == VALUE_RECORD && i < back.record->count; i++)
        if (back.record->entries[i].key.kind != VALUE_TEXT)
            return false;
    return back.kind == kind;
}

/* ---- the parent's side ---- */

void children_split(Evaluation *evaluation, Value words[3])
{
    Arena *heap = &evaluation->heap;
    Value state = value_list_new(heap, STATE_N), item;
    for (int i = 0; i < STATE_N; i++)
        list_add(heap, state.list, i == STATE_TARGET ? (Value){0} : value_list_new(heap, 0));
    List *items = state.list->items[STATE_ITEMS].list, *wanted = state.list->items[STATE_WANTED].list;
    while (items->count <= ITEMS_MAX && operate_next(evaluation, words, &item)) {
        list_add(heap, wanted, value_int(items->count));
        list_add(heap, items, item);
    }
    evaluation->fuel_used += items->count;
    words[0] = state;
    words[1] = (Value){.kind = KIND_POSITION};
    words[2] = (Value){.kind = KIND_CURSOR};
}

static void replace_content(Value item, Value given)
{
    switch (item.kind) {
    case VALUE_LIST: *item.list = *given.list; break;
    case VALUE_SET: *item.set = *given.set; break;
    case VALUE_RECORD: *item.record = *given.record; break;
    case VALUE_TABLE: *item.table = *given.table; break;
    default: break; /* what cannot be changed has not been */
    }
}

static void take_item(Evaluation *evaluation, Value item, Value given)
{
    if (item.kind != VALUE_ROW) {
        replace_content(item, given);
        return;
    }
    for (uint32_t i = 0; i < given.record->count; i++) {
        Str name = value_str(given.record->entries[i].key);
        Column *column = table_column(item.table, name);
        if (!column)
            column = table_add_column(&evaluation->heap, item.table, name);
        column->cells[item.high] = given.record->entries[i].value;
    }
}

static bool take_outputs(Evaluation *evaluation, const List *outputs)
{
    for (uint32_t i = 0; i + 1 < outputs->count; i += 2)
        if (!evaluation_output(evaluation, outputs->items[i], outputs->items[i + 1]))
            return false;
    return true;
}

/* False when the run has failed: its outputs are too large. */
static bool take_in(Evaluation *evaluation)
{
    Value *state = loop_state(evaluation);
    List *wanted = state[STATE_WANTED].list, *given = state[STATE_GIVEN].list;
    for (uint32_t i = 0; i < evaluation->n_lookups; i++)
        lookups_drop(&evaluation->lookups[i]);
    for (uint32_t i = 0; i < wanted->count; i++) {
        Value place = wanted->items[i], one = given->items[i];
        if (one.kind == VALUE_TEXT) {
            Value failure = value_list_new(&evaluation->heap, 2);
            list_add(&evaluation->heap, failure.list, place);
            list_add(&evaluation->heap, failure.list, one);
            list_add(&evaluation->heap, state[STATE_FAILURES].list, failure);
            continue;
        }
        take_item(evaluation, state[STATE_ITEMS].list->items[place.low], one.list->items[0]);
        if (!take_outputs(evaluation, one.list->items[1].list))
            return false;
    }
    wanted->count = given->count = 0;
    return true;
}

static const Value *first_failure(const Evaluation *evaluation)
{
    const List *failures = loop_state(evaluation)[STATE_FAILURES].list;
    return failures->count > 0 ? failures->items[0].list->items : NULL;
}

/* Answers may speak of the item by the loop's name for it. */
static void name_item(Evaluation *evaluation, const Loop *loop, Value item)
{
    if (loop->target_slot != NO_INDEX)
        evaluation->stack[frame_top(evaluation)->base + loop->target_slot] = item;
}

static bool ask_about_failure(Evaluation *evaluation, const Loop *loop)
{
    const Value *failure = first_failure(evaluation);
    Value *words = loop_words(evaluation);
    Frame *frame = frame_top(evaluation);
    words[1].low = words[1].high = (uint32_t)failure[0].low + 1;
    name_item(evaluation, loop, loop_state(evaluation)[STATE_ITEMS].list->items[failure[0].low]);
    for (uint32_t i = 0; i < frame->code->n_sentences; i++)
        if (frame->code->sentences[i].node == loop->node && frame->code->sentences[i].start < frame->pc)
            frame->sentence = i;
    problem_note(evaluation, "item-failed", HOLE_NONE, &type_any, failure[1], "An item could not be worked out");
    evaluation->problem.group = "user_system_error";
    return false;
}

bool children_step(Evaluation *evaluation, bool *out_over)
{
    Value *state = loop_state(evaluation);
    const Loop *loop = loop_in_hand(frame_top(evaluation));
    *out_over = false;
    if (state[STATE_ITEMS].list->count > ITEMS_MAX) {
        evaluation_fail(evaluation, "a loop at the same time takes at most %d items; work in smaller parts", ITEMS_MAX);
        return true;
    }
    if (state[STATE_GIVEN].list->count < state[STATE_WANTED].list->count) {
        if (loop->target_slot != NO_INDEX && state[STATE_FAILURES].list->count == 0)
            state[STATE_TARGET] = evaluation->stack[frame_top(evaluation)->base + loop->target_slot];
        evaluation->status = EVAL_CHILDREN;
        return true;
    }
    if (!take_in(evaluation))
        return true;
    if (first_failure(evaluation))
        return ask_about_failure(evaluation, loop);
    name_item(evaluation, loop, state[STATE_TARGET]);
    frame_top(evaluation)->sentence = NO_INDEX;
    *out_over = true;
    return true;
}

bool children_failed(const Evaluation *evaluation)
{
    const Frame *frame = frame_top(evaluation);
    return frame->code->instructions[frame->pc].op == OP_CODE_CHILDREN &&
           !child_is_at_end(evaluation, frame, frame->pc) && first_failure(evaluation);
}

static uint32_t drop_failure(Evaluation *evaluation)
{
    List *failures = loop_state(evaluation)[STATE_FAILURES].list;
    uint32_t place = (uint32_t)failures->items[0].list->items[0].low;
    failures->count--;
    memmove(failures->items, failures->items + 1, failures->count * sizeof(Value));
    loop_words(evaluation)[1].low = loop_words(evaluation)[1].high = 0;
    return place;
}

void children_again(Evaluation *evaluation)
{
    list_add(&evaluation->heap, loop_state(evaluation)[STATE_WANTED].list, value_int(drop_failure(evaluation)));
}

void children_without(Evaluation *evaluation)
{
    (void)drop_failure(evaluation);
}

uint32_t evaluation_children(const Evaluation *evaluation)
{
    return evaluation->status == EVAL_CHILDREN ? loop_state(evaluation)[STATE_WANTED].list->count : 0;
}

uint32_t evaluation_children_told(const Evaluation *evaluation)
{
    return evaluation->status == EVAL_CHILDREN ? loop_state(evaluation)[STATE_GIVEN].list->count : 0;
}

static bool is_place(const List *items, Value place)
{
    return place.kind == VALUE_NUMBER && place.scale == 0 && place.high == 0 && place.low < items->count;
}

static bool state_fits(const Value *state)
{
    for (int i = 0; i < STATE_TARGET; i++)
        if (state[i].kind != VALUE_LIST)
            return false;
    const List *items = state[STATE_ITEMS].list, *wanted = state[STATE_WANTED].list, *given = state[STATE_GIVEN].list,
               *failures = state[STATE_FAILURES].list;
    if (given->count > wanted->count)
        return false;
    for (uint32_t i = 0; i < wanted->count; i++)
        if (!is_place(items, wanted->items[i]) ||
            (i < given->count && !is_given(items->items[wanted->items[i].low], given->items[i])))
            return false;
    for (uint32_t i = 0; i < failures->count; i++) {
        Value pair = failures->items[i];
        if (pair.kind != VALUE_LIST || pair.list->count != 2 || !is_place(items, pair.list->items[0]) ||
            pair.list->items[1].kind != VALUE_TEXT)
            return false;
    }
    return true;
}

bool children_words_fit(bool own, const Value words[3])
{
    if (own)
        return words[0].kind == VALUE_TABLE ? words[0].table->n_rows == 1
                                            : words[0].kind == VALUE_LIST && words[0].list->count == 1;
    return words[0].kind == VALUE_LIST &&
           (words[0].list->count == 0 || (words[0].list->count == STATE_N && state_fits(words[0].list->items)));
}

uint32_t evaluation_children_first(const Evaluation *evaluation)
{
    const List *wanted = loop_state(evaluation)[STATE_WANTED].list;
    return evaluation->status == EVAL_CHILDREN ? (uint32_t)wanted->items[0].low + 1 : 0;
}

/* ---- which facts the items use ---- */

typedef struct Uses {
    const Code *code;
    bool *slots; /* by place on the stack */
    bool *routines;
    uint32_t *pending; /* routines whose instructions have not been looked at */
    uint32_t n_pending;
} Uses;

static void uses_of(Uses *uses, uint32_t from, uint32_t to, const uint32_t *base)
{
    for (uint32_t pc = from; pc < to; pc++) {
        const Instruction *in = &uses->code->instructions[pc];
        bool own = in->op == OP_CODE_LOAD || (in->op == OP_CODE_LOAD_IF_SET && in->a == 0);
        if (own && base)
            uses->slots[*base + in->c] = true;
        if (in->op == OP_CODE_LOAD_GLOBAL || (in->op == OP_CODE_LOAD_IF_SET && in->a != 0))
            uses->slots[in->c] = true;
        if (in->op != OP_CODE_CALL_PROCEDURE || uses->routines[uses->code->sites[in->c].routine])
            continue;
        uses->routines[uses->code->sites[in->c].routine] = true;
        uses->pending[uses->n_pending++] = uses->code->sites[in->c].routine;
    }
}

static const bool *slots_used(Arena *arena, const Evaluation *parent, const Loop *loop)
{
    const Code *code = parent->code;
    Uses uses = {.code = code,
                 .slots = NEW_ARRAY(arena, bool, parent->top),
                 .routines = NEW_ARRAY(arena, bool, code->n_routines),
                 .pending = NEW_ARRAY(arena, uint32_t, code->n_routines)};
    uses_of(&uses, loop->next + 1, loop->end, &frame_top(parent)->base);
    while (uses.n_pending > 0) {
        const Routine *routine = &code->routines[uses.pending[--uses.n_pending]];
        uses_of(&uses, routine->start, routine->end, NULL);
    }
    if (loop->target_slot != NO_INDEX) /* what it was before is nothing to the item */
        uses.slots[frame_top(parent)->base + loop->target_slot] = false;
    return uses.slots;
}

/* ---- a child's beginning ---- */

static bool is_slot(const Evaluation *evaluation, uint32_t place)
{
    for (uint32_t i = 0; i < evaluation->n_frames; i++)
        if (evaluation->frames[i].base <= place && place < evaluation->frames[i].operands)
            return true;
    return false;
}

/* Facts that are used are copied together, so that two that name one list go on naming one. Single values are copied
 * whether they are used or not: they cost nothing, and an answer may speak of them. */
static void copy_stack(Evaluation *child, const Evaluation *parent, const bool *used)
{
    stack_reserve(child, parent->top + 1);
    Value together = value_list_new(&child->heap, 0);
    for (uint32_t i = 0; i < parent->top; i++)
        if (used[i] && is_container(parent->stack[i]) && is_slot(parent, i))
            list_add(&child->heap, together.list, parent->stack[i]);
    together = value_copy_deep(&child->heap, together);
    for (uint32_t i = 0, next = 0; i < parent->top; i++) {
        Value value = parent->stack[i];
        if (!is_container(value))
            value = value.kind >= VALUE_N_KINDS ? value : value_copy_deep(&child->heap, value);
        else if (!is_slot(parent, i)) /* what a loop further out goes through */
            value = value_list_new(&child->heap, 0);
        else
            value = used[i] ? together.list->items[next++] : (Value){0};
        child->stack[i] = value;
    }
    child->top = parent->top;
}

static uint32_t copy_fragment(Evaluation *child, const Fragment *from)
{
    const Frame *asking = frame_top(child);
    Fragment *fragment = calloc(1, sizeof *fragment);
    if (!fragment)
        abort();
    fragment->text = str_copy(&fragment->arena, from->text);
    fragment->end = from->end;
    fragment->hole = from->hole;
    fragment->expected = expected_type(asking, from->expected->kind);
    uint32_t top = child->top;
    child->top = asking->operands + asking->code->heights[asking->pc];
    Error err;
    bool made = fragment_make(child, fragment, &err);
    assert(made); /* it was compiled for the parent */
    (void)made;
    child->top = top;
    return fragment_add(child, fragment);
}

static void copy_frames(Evaluation *child, const Evaluation *parent)
{
    for (uint32_t i = 0; i < parent->n_frames; i++) {
        Frame frame = parent->frames[i];
        frame.kept = (Buf){0};
        frame.patched = false;
        if (frame.fragment != 0) {
            frame.fragment = copy_fragment(child, parent->fragments[frame.fragment - 1]);
            frame.code = frame_code(child, frame.fragment);
        }
        frame_push(child, frame);
    }
}

static uint64_t hash_of(Value value)
{
    AUTO(arena_done)
    Arena scratch = {0};
    AUTO(buf_done)
    Buf packed = {0};
    pack_value(packer_new(&scratch, &packed), value);
    return str_hash(buf_view(&packed));
}

static void note_outside(Evaluation *child, const bool *used)
{
    child->outside = calloc(child->top + 1, sizeof(Outside));
    if (!child->outside)
        abort();
    for (uint32_t i = 0; i < child->top; i++)
        if (used[i] && is_container(child->stack[i]) && is_slot(child, i))
            child->outside[child->n_outside++] = (Outside){i, hash_of(child->stack[i])};
}

/* A row becomes the only one of a table: the rest of its table is not the item's. */
static Value item_copy(Arena *heap, Value item)
{
    if (item.kind != VALUE_ROW)
        return value_copy_deep(heap, item);
    Value table = value_table_new(heap, 1);
    for (uint32_t i = 0; i < item.table->n_columns; i++) {
        const Column *from = &item.table->columns[i];
        table_add_column(heap, table.table, str_copy(heap, from->name))->cells[0] =
            value_copy_deep(heap, from->cells[item.high]);
    }
    return value_row(table.table, 0);
}

static Value item_holder(Arena *heap, Value item)
{
    if (item.kind == VALUE_ROW)
        return (Value){.table = item.table, .kind = VALUE_TABLE};
    Value list = value_list_new(heap, 1);
    list_add(heap, list.list, item);
    return list;
}

static Value child_item(const Evaluation *child)
{
    const Frame *frame = &child->frames[child->child_frames - 1];
    Value holder = child->stack[frame->operands + child_loop(child)->height];
    return holder.kind == VALUE_TABLE ? value_row(holder.table, 0) : holder.list->items[0];
}

/* How long its journal may grow is no part of what it begins with. */
static uint64_t site_of(Arena *scratch, Evaluation *child)
{
    Buf state = buf_in(scratch);
    uint32_t trace_left = child->trace_left;
    child->trace_left = 0;
    evaluation_save(child, &state);
    child->trace_left = trace_left;
    return str_hash(buf_view(&state)) | (uint64_t)1 << 32;
}

Argument child_argument(const Evaluation *child)
{
    const Node *target = child_loop(child)->node->kids[0];
    return (Argument){target->kind == NODE_NAME ? target->name : S("item"), child_item(child)};
}

Evaluation *evaluation_child(const Evaluation *parent, uint32_t i, EvalOptions options)
{
    AUTO(arena_done)
    Arena scratch = {0};
    const Value *state = loop_state(parent);
    const Loop *loop = loop_in_hand(frame_top(parent));
    uint32_t place = (uint32_t)state[STATE_WANTED].list->items[i].low;
    Evaluation *child = evaluation_empty(parent->program, options);
    child->compact_always = parent->compact_always;
    const bool *used = slots_used(&scratch, parent, loop);
    copy_stack(child, parent, used);
    copy_frames(child, parent);
    note_outside(child, used);
    Value item = item_copy(&child->heap, state[STATE_ITEMS].list->items[place]);
    Value *words = loop_words(child);
    words[0] = item_holder(&child->heap, item);
    words[1] = (Value){.low = place + 1, .high = place + 1, .kind = KIND_POSITION};
    child->stack[child->top++] = item;
    child->child_frames = child->n_frames;
    child->child_loop = (uint32_t)(loop - parent->code->loops);
    frame_top(child)->pc = loop->next + 1;
    frame_top(child)->sentence = NO_INDEX;
    child->child_site = site_of(&scratch, child);
    return child;
}

/* ---- a child's side ---- */

bool evaluation_is_child(const Evaluation *evaluation)
{
    return evaluation->child_frames > 0;
}

const Loop *child_loop(const Evaluation *evaluation)
{
    return evaluation->child_frames > 0 ? &evaluation->code->loops[evaluation->child_loop] : NULL;
}

bool child_is_outmost(const Evaluation *evaluation)
{
    return evaluation->child_frames > 0 && evaluation->n_frames == evaluation->child_frames;
}

bool child_is_at_end(const Evaluation *evaluation, const Frame *frame, uint32_t pc)
{
    return evaluation->child_frames > 0 && frame == &evaluation->frames[evaluation->child_frames - 1] &&
           pc == child_loop(evaluation)->next;
}

uint32_t evaluation_child_item(const Evaluation *child)
{
    const Frame *frame = &child->frames[child->child_frames - 1];
    return (uint32_t)child->stack[frame->operands + child_loop(child)->height + 1].low;
}

uint64_t evaluation_child_site(const Evaluation *child)
{
    return child->child_site;
}

Str child_changed(const Evaluation *evaluation)
{
    for (uint32_t i = 0; i < evaluation->n_outside; i++) {
        const Outside *outside = &evaluation->outside[i];
        if (hash_of(evaluation->stack[outside->slot]) == outside->hash)
            continue;
        const Frame *own = &evaluation->frames[evaluation->child_frames - 1];
        const Frame *frame = outside->slot >= own->base ? own : evaluation->frames;
        return frame->code->routines[frame->routine].slot_names[outside->slot - frame->base];
    }
    return S("");
}

/* ---- what comes back ---- */

void evaluation_give_back_failure(Buf *out, Str failure)
{
    AUTO(arena_done)
    Arena scratch = {0};
    pack_value(packer_new(&scratch, out), value_text(failure.len > 0 ? failure : S("it failed")));
}

void evaluation_give_back(Evaluation *child, Buf *out)
{
    if (child->status == EVAL_FAILED) {
        evaluation_give_back_failure(out, str_from_c(child->failure));
        return;
    }
    AUTO(arena_done)
    Arena scratch = {0};
    Value item = child_item(child), both = value_list_new(&scratch, 2), outputs = value_list_new(&scratch, 0);
    if (item.kind == VALUE_ROW)
        item = row_as_record(child, item);
    for (uint32_t i = 0; i < child->n_outputs; i++) {
        list_add(&scratch, outputs.list, child->outputs[i].name);
        list_add(&scratch, outputs.list, child->outputs[i].value);
    }
    list_add(&scratch, both.list, is_container(item) ? item : value_null());
    list_add(&scratch, both.list, outputs);
    pack_value(packer_new(&scratch, out), both);
}

bool evaluation_take_back(Evaluation *parent, Str given, Error *err)
{
    Value *state = loop_state(parent), one = {0};
    assert(parent->status == EVAL_CHILDREN);
    List *wanted = state[STATE_WANTED].list, *all = state[STATE_GIVEN].list;
    Reader reader = reader_of(str_copy(&parent->heap, given));
    if (!unpack_value(unpacker_new(&parent->heap, &reader), &one, err))
        return false;
    if (!is_given(state[STATE_ITEMS].list->items[wanted->items[all->count].low], one))
        return error_set(err, DATA_LOSS, "", "what a child run gave back is damaged");
    list_add(&parent->heap, all, one);
    if (all->count == wanted->count)
        parent->status = EVAL_READY;
    return true;
}

/* ---- in one hand ---- */

bool evaluation_turn(Evaluation **evaluation)
{
    Evaluation *now = *evaluation;
    if (now->status == EVAL_CHILDREN) {
        Evaluation *child = evaluation_child(now, evaluation_children_told(now), now->options);
        child->parent = now;
        *evaluation = child;
        return true;
    }
    if (!now->parent || (now->status != EVAL_COMPLETED && now->status != EVAL_FAILED))
        return false;
    AUTO(buf_done)
    Buf given = {0};
    Error err;
    evaluation_give_back(now, &given);
    Evaluation *parent = now->parent;
    now->parent = NULL;
    evaluation_free(now);
    bool told = evaluation_take_back(parent, buf_view(&given), &err);
    assert(told); /* it was given a moment ago */
    (void)told;
    *evaluation = parent;
    return true;
}

void evaluation_save_all(Evaluation *evaluation, Buf *out)
{
    AUTO(buf_done)
    Buf one = {0};
    for (; evaluation; evaluation = evaluation->parent) {
        one.len = 0;
        evaluation_save(evaluation, &one);
        buf_varint(out, one.len);
        buf_str(out, buf_view(&one));
    }
}

bool evaluation_restore_all(const Program *program, Str bytes, EvalOptions options, Evaluation **out, Error *err)
{
    Reader reader = reader_of(bytes);
    Evaluation *first = NULL, **next = &first;
    while (reader.next < reader.end) {
        Str one = read_bytes(&reader, (size_t)read_varint(&reader));
        if (!evaluation_restore(program, one, options, next, err)) {
            evaluation_free(first);
            return false;
        }
        next = &(*next)->parent;
    }
    if (!first)
        return error_set(err, DATA_LOSS, "snapshot", "the saved state is empty");
    *out = first;
    return true;
}
