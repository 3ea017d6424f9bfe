/* lang/code.c: statements as instructions. Expressions are made by code_expression.c. */
#include "lang/code.h"

#include <stdio.h>

#include "lang/code_make.h"

/* ---- growing ---- */

#define GROW(maker, array, count, cap)                                                                                 \
    do {                                                                                                               \
        if ((count) == (cap)) {                                                                                        \
            uint32_t grown = (cap) ? (cap)*2 : 16;                                                                     \
            (array) = arena_grow((maker)->arena, (array), (cap) * sizeof *(array), grown * sizeof *(array),            \
                                 _Alignof(max_align_t));                                                               \
            (cap) = grown;                                                                                             \
        }                                                                                                              \
    } while (0)

uint32_t emit(Maker *maker, Op op, uint32_t a, uint32_t b, uint32_t c, uint32_t pops, uint32_t pushes)
{
    Code *code = maker->code;
    if (code->n_instructions == maker->cap_instructions) {
        uint32_t cap = maker->cap_instructions ? maker->cap_instructions * 2 : 64, old = maker->cap_instructions;
        code->instructions = arena_grow(maker->arena, code->instructions, old * sizeof *code->instructions,
                                        cap * sizeof *code->instructions, _Alignof(Instruction));
        code->nodes = arena_grow(maker->arena, code->nodes, old * sizeof *code->nodes, cap * sizeof *code->nodes,
                                 _Alignof(Node *));
        code->heights = arena_grow(maker->arena, code->heights, old * sizeof *code->heights,
                                   cap * sizeof *code->heights, _Alignof(uint32_t));
        maker->cap_instructions = cap;
    }
    uint32_t at = code->n_instructions++;
    code->instructions[at] = (Instruction){.op = (uint8_t)op, .a = (uint8_t)a, .b = (uint16_t)b, .c = c};
    code->nodes[at] = maker->node;
    code->heights[at] = maker->height;
    assert(maker->height >= pops);
    maker->height = maker->height - pops + pushes;
    maker->max_height = MAX_OF(maker->max_height, maker->height);
    return at;
}

void patches_add(Maker *maker, Patches *patches, uint32_t at)
{
    GROW(maker, patches->at, patches->count, patches->cap);
    patches->at[patches->count++] = at;
}

void patches_aim(Maker *maker, const Patches *patches, uint32_t target)
{
    for (uint32_t i = 0; i < patches->count; i++)
        maker->code->instructions[patches->at[i]].c = target;
}

uint32_t maker_constant(Maker *maker, Value value)
{
    Code *code = maker->code;
    GROW(maker, code->constants, code->n_constants, maker->cap_constants);
    code->constants[code->n_constants] = value;
    return code->n_constants++;
}

static uint32_t slot_add(Maker *maker, Str name)
{
    GROW(maker, maker->slot_names, maker->n_slots, maker->cap_slots);
    maker->slot_names[maker->n_slots] = name;
    return maker->n_slots++;
}

uint32_t maker_hidden_slot(Maker *maker)
{
    return slot_add(maker, S(""));
}

static Map *names_in_hand(Maker *maker)
{
    return maker->in_main ? &maker->globals : &maker->locals;
}

/* Slots in a Map are stored with one added, so that slot 0 is not NULL. */
static uint32_t map_slot(const Map *map, Str name)
{
    uintptr_t found = (uintptr_t)map_get(map, name);
    return found ? (uint32_t)(found - 1) : NO_INDEX;
}

static void map_set_slot(Map *map, Str name, uint32_t slot)
{
    (void)map_put(map, name, (void *)((uintptr_t)slot + 1));
}

uint32_t maker_slot(Maker *maker, Str name)
{
    uint32_t slot = map_slot(names_in_hand(maker), name);
    if (slot != NO_INDEX)
        return slot;
    slot = slot_add(maker, name);
    map_set_slot(names_in_hand(maker), name, slot);
    return slot;
}

bool maker_resolve(Maker *maker, Str name, uint32_t *out_slot, bool *out_global)
{
    *out_global = false;
    for (Variable *variable = maker->variables; variable; variable = variable->outer)
        if (str_eq(variable->name, name)) {
            *out_slot = variable->slot;
            return true;
        }
    *out_slot = map_slot(names_in_hand(maker), name);
    if (*out_slot != NO_INDEX)
        return true;
    *out_slot = map_slot(&maker->globals, name);
    *out_global = *out_slot != NO_INDEX;
    if (*out_global)
        return true;
    if (maker->fragment) {
        if (!maker->unknown[0])
            snprintf(maker->unknown, sizeof maker->unknown, "%.*s", STR_ARG(name));
        *out_slot = 0;
        return false;
    }
    *out_slot = maker_slot(maker, name);
    return true;
}

uint32_t maker_loop_begin(Maker *maker, const Node *node, bool has_iterator, bool is_statement)
{
    Code *code = maker->code;
    GROW(maker, code->loops, code->n_loops, maker->cap_loops);
    code->loops[code->n_loops] = (Loop){.node = node,
                                        .start = maker_here(maker),
                                        .end = NO_INDEX,
                                        .next = maker_here(maker),
                                        .height = maker->height - (has_iterator ? 3 : 0),
                                        .rounds_slot = NO_INDEX,
                                        .target_slot = NO_INDEX,
                                        .is_statement = is_statement,
                                        .has_iterator = has_iterator};
    return code->n_loops++;
}

/* ---- which facts a sentence reads and writes: for the journal ---- */

typedef struct Facts {
    SlotRef items[24];
    uint32_t count;
} Facts;

static void facts_add(Facts *facts, Str name, uint32_t slot, bool global)
{
    for (uint32_t i = 0; i < facts->count; i++)
        if (facts->items[i].slot == slot && facts->items[i].global == global)
            return;
    if (facts->count < COUNT_OF(facts->items))
        facts->items[facts->count++] = (SlotRef){name, slot, global};
}

static bool is_comprehension_variable(const Node *target, Str name)
{
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        if (str_eq(target->kids[i]->name, name))
            return true;
    return target->kind == NODE_NAME && str_eq(target->name, name);
}

typedef struct Bound { /* comprehensions around the expression in hand */
    const Node *target;
    const struct Bound *outer;
} Bound;

static void facts_read(Maker *maker, Facts *facts, const Node *node, const Bound *bound, uint32_t depth)
{
    if (!node || depth > MAKER_DEPTH_MAX || node->kind == NODE_BLOCK)
        return;
    if (node->kind == NODE_NAME) {
        for (const Bound *inner = bound; inner; inner = inner->outer)
            if (is_comprehension_variable(inner->target, node->name))
                return;
        uint32_t slot;
        bool global;
        if (maker_resolve(maker, node->name, &slot, &global))
            facts_add(facts, node->name, slot, global);
        return;
    }
    if (node->kind == NODE_COLLECT && node->n_kids >= 3) {
        Bound inner = {node->kids[1], bound};
        facts_read(maker, facts, node->kids[2], bound, depth + 1);
        facts_read(maker, facts, node->kids[0], &inner, depth + 1);
        facts_read(maker, facts, node_kid(node, 3), &inner, depth + 1);
        return;
    }
    for (uint32_t i = 0; i < node->n_kids; i++)
        facts_read(maker, facts, node->kids[i], bound, depth + 1);
}

static void facts_written(Maker *maker, Facts *reads, Facts *writes, const Node *target)
{
    const Node *root = target;
    if (target->kind == NODE_TUPLE) {
        for (uint32_t i = 0; i < target->n_kids; i++)
            if (target->kids[i]->kind != NODE_TUPLE)
                facts_written(maker, reads, writes, target->kids[i]);
        return;
    }
    while ((root->kind == NODE_FIELD || root->kind == NODE_INDEX) && root->n_kids > 0) {
        if (root->kind == NODE_INDEX && root->n_kids > 1)
            facts_read(maker, reads, root->kids[1], NULL, 0);
        root = root->kids[0];
    }
    if (root->kind != NODE_NAME)
        return;
    uint32_t slot;
    bool global = false;
    if (root == target)
        slot = maker_slot(maker, root->name);
    else if (!maker_resolve(maker, root->name, &slot, &global))
        return;
    facts_add(writes, root->name, slot, global);
}

static SlotRef *facts_copy(Maker *maker, const Facts *facts)
{
    SlotRef *copy = NEW_ARRAY(maker->arena, SlotRef, facts->count);
    memcpy(copy, facts->items, facts->count * sizeof *copy);
    return copy;
}

static void sentence_facts(Maker *maker, Sentence *sentence, const Node *node)
{
    Facts reads = {0}, writes = {0};
    switch (node->kind) {
    case NODE_ASSIGN:
        facts_read(maker, &reads, node->kids[1], NULL, 0);
        facts_written(maker, &reads, &writes, node->kids[0]);
        break;
    case NODE_FOR: facts_read(maker, &reads, node->kids[1], NULL, 0); break;
    case NODE_INPUT: facts_add(&writes, node->name, maker_slot(maker, node->name), false); break;
    case NODE_EXPRESSION:
        facts_read(maker, &reads, node->kids[0], NULL, 0);
        if (node->kids[0]->kind == NODE_CALL && functions[node->kids[0]->function].style == STYLE_ACTION &&
            node->kids[0]->n_kids > 0)
            facts_written(maker, &reads, &writes, node->kids[0]->kids[0]);
        break;
    default:
        for (uint32_t i = 0; i < node->n_kids; i++)
            facts_read(maker, &reads, node->kids[i], NULL, 0);
    }
    for (uint32_t i = 0; i < reads.count; i++)
        for (uint32_t j = 0; j < writes.count; j++)
            if (reads.items[i].slot == writes.items[j].slot && reads.items[i].global == writes.items[j].global)
                sentence->writes_what_it_reads = true;
    sentence->reads = facts_copy(maker, &reads);
    sentence->n_reads = reads.count;
    sentence->writes = facts_copy(maker, &writes);
    sentence->n_writes = writes.count;
}

/* ---- statements ---- */

static void make_block(Maker *maker, const Node *block);

static uint32_t sentence_begin(Maker *maker, const Node *node)
{
    Code *code = maker->code;
    GROW(maker, code->sentences, code->n_sentences, maker->cap_sentences);
    uint32_t index = code->n_sentences++;
    Sentence sentence = {.node = node,
                         .start = maker_here(maker),
                         .height = maker->height,
                         .loop = maker->loop_frame ? maker->loop_frame->loop : NO_INDEX};
    sentence_facts(maker, &sentence, node);
    code->sentences[index] = sentence;
    maker->node = node;
    emit(maker, OP_CODE_STATEMENT, 0, 0, index, 0, 0);
    return index;
}

static void sentence_done(Maker *maker, uint32_t sentence)
{
    maker->node = maker->code->sentences[sentence].node;
    emit(maker, OP_CODE_DONE, 0, 0, sentence, 0, 0);
}

static void sentence_end(Maker *maker, uint32_t sentence)
{
    maker->code->sentences[sentence].end = maker_here(maker);
}

void maker_store(Maker *maker, const Node *target)
{
    switch (target->kind) {
    case NODE_NAME: emit(maker, OP_CODE_STORE, 0, 0, maker_slot(maker, target->name), 1, 0); break;
    case NODE_FIELD:
        make_expression(maker, target->kids[0]);
        maker->node = target;
        emit(maker, OP_CODE_SET_FIELD, 0, 0, maker_constant(maker, value_text(target->text)), 2, 0);
        break;
    case NODE_INDEX:
        make_expression(maker, target->kids[0]);
        make_expression(maker, target->kids[1]);
        maker->node = target;
        emit(maker, OP_CODE_SET_INDEX, 0, 0, 0, 3, 0);
        break;
    case NODE_TUPLE:
        maker->node = target;
        emit(maker, OP_CODE_UNPACK, 0, 0, target->n_kids, 1, target->n_kids);
        for (uint32_t i = 0; i < target->n_kids; i++)
            maker_store(maker, target->kids[i]);
        break;
    default: emit(maker, OP_CODE_POP, 0, 0, 0, 1, 0);
    }
}

static void make_assign(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    make_expression(maker, node->kids[1]);
    maker->node = node;
    maker_store(maker, node->kids[0]);
    sentence_done(maker, sentence);
    sentence_end(maker, sentence);
}

static void make_if(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    Patches ends = {0};
    uint32_t i = 0;
    for (; i + 1 < node->n_kids; i += 2) {
        make_expression(maker, node->kids[i]);
        maker->node = node;
        uint32_t otherwise = emit(maker, OP_CODE_JUMP_IF_FALSE, 0, 0, 0, 1, 0);
        sentence_done(maker, sentence);
        make_block(maker, node->kids[i + 1]);
        patches_add(maker, &ends, emit(maker, OP_CODE_JUMP, 0, 0, 0, 0, 0));
        maker_aim(maker, otherwise);
    }
    sentence_done(maker, sentence);
    if (i < node->n_kids)
        make_block(maker, node->kids[i]);
    patches_aim(maker, &ends, maker_here(maker));
    sentence_end(maker, sentence);
}

static void loop_frame_push(Maker *maker, LoopFrame *frame, uint32_t loop)
{
    *frame = (LoopFrame){.outer = maker->loop_frame, .loop = loop};
    maker->loop_frame = frame;
}

static void loop_frame_pop(Maker *maker, const LoopFrame *frame)
{
    maker->loop_frame = frame->outer;
    patches_aim(maker, &frame->breaks, maker_here(maker));
    maker->code->loops[frame->loop].end = maker_here(maker);
}

/* `for a, b in …`: taking the item apart can fail, so it is a sentence of its own, left out by going to the next item.
 */
static void make_unpacked_target(Maker *maker, const Node *node, uint32_t next)
{
    uint32_t hidden = maker_hidden_slot(maker);
    emit(maker, OP_CODE_STORE, 0, 0, hidden, 1, 0);
    uint32_t sentence = sentence_begin(maker, node);
    emit(maker, OP_CODE_LOAD, 0, 0, hidden, 0, 1);
    maker_store(maker, node->kids[0]);
    maker->code->sentences[sentence].end = next;
}

static void make_counted_loop(Maker *maker, const Node *node, const Node *target, const Node *body, uint32_t sentence)
{
    uint32_t loop = maker_loop_begin(maker, node, true, true);
    sentence_done(maker, sentence);
    LoopFrame frame;
    loop_frame_push(maker, &frame, loop);
    uint32_t next = emit(maker, node->flags & NODE_SAME_TIME ? OP_CODE_CHILDREN : OP_CODE_NEXT, 0, 0, 0, 0, 1);
    maker->code->loops[loop].next = next;
    if (!target)
        emit(maker, OP_CODE_POP, 0, 0, 0, 1, 0);
    else if (target->kind == NODE_TUPLE)
        make_unpacked_target(maker, node, next);
    else {
        maker->code->loops[loop].target_slot = maker_slot(maker, target->name);
        maker_store(maker, target);
    }
    make_block(maker, body);
    maker->node = node;
    emit(maker, OP_CODE_JUMP, 0, 0, next, 0, 0);
    maker_aim(maker, next);
    maker->height -= 3;
    loop_frame_pop(maker, &frame);
    sentence_end(maker, sentence);
}

static void make_for(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    make_iterator(maker, node->kids[1]);
    if (node->flags & NODE_SAME_TIME)
        emit(maker, OP_CODE_SPLIT, 0, 0, 0, 3, 3);
    make_counted_loop(maker, node, node->kids[0], node->kids[2], sentence);
}

static void make_repeat(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    make_expression(maker, node->kids[0]);
    maker->node = node;
    emit(maker, OP_CODE_ITERATE, 1, 0, 0, 1, 3);
    make_counted_loop(maker, node, NULL, node->kids[1], sentence);
}

static void make_while(Maker *maker, const Node *node)
{
    uint32_t rounds = maker_hidden_slot(maker);
    maker->node = node;
    emit(maker, OP_CODE_ZERO_ROUNDS, 0, 0, rounds, 0, 0);
    uint32_t loop = maker_loop_begin(maker, node, false, true);
    maker->code->loops[loop].rounds_slot = rounds;
    uint32_t sentence = sentence_begin(maker, node), start = maker->code->loops[loop].next;
    LoopFrame frame;
    loop_frame_push(maker, &frame, loop);
    make_expression(maker, node->kids[0]);
    sentence_done(maker, sentence);
    uint32_t leave = emit(maker, OP_CODE_JUMP_IF_FALSE, 0, 0, 0, 1, 0);
    emit(maker, OP_CODE_COUNT_ROUND, 0, 0, rounds, 0, 0);
    make_block(maker, node->kids[1]);
    maker->node = node;
    emit(maker, OP_CODE_JUMP, 0, 0, start, 0, 0);
    maker_aim(maker, leave);
    loop_frame_pop(maker, &frame);
    sentence_end(maker, sentence);
}

static void make_break(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    sentence_done(maker, sentence);
    if (!maker->loop_frame) {
        emit(maker, OP_CODE_END_FRAGMENT, FRAGMENT_LEAVE_LOOP, 0, 0, 0, 0);
    } else {
        uint32_t height = maker->height;
        if (maker->code->loops[maker->loop_frame->loop].has_iterator)
            emit(maker, OP_CODE_END_LOOP, 0, 0, 0, 3, 0);
        patches_add(maker, &maker->loop_frame->breaks, emit(maker, OP_CODE_JUMP, 0, 0, 0, 0, 0));
        maker->height = height;
    }
    sentence_end(maker, sentence);
}

static void make_continue(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    sentence_done(maker, sentence);
    if (!maker->loop_frame)
        emit(maker, OP_CODE_END_FRAGMENT, FRAGMENT_NEXT_ITEM, 0, 0, 0, 0);
    else
        emit(maker, OP_CODE_JUMP, 0, 0, maker->code->loops[maker->loop_frame->loop].next, 0, 0);
    sentence_end(maker, sentence);
}

static void make_return(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    if (node->n_kids > 0)
        make_expression(maker, node->kids[0]);
    else
        emit(maker, OP_CODE_CONSTANT, 0, 0, maker_constant(maker, value_null()), 0, 1);
    sentence_done(maker, sentence);
    if (maker->fragment)
        emit(maker, OP_CODE_END_FRAGMENT, FRAGMENT_RETURN, 0, 0, 1, 0);
    else
        emit(maker, OP_CODE_RETURN, 0, 0, 0, 1, 0);
    sentence_end(maker, sentence);
}

static void make_ensure_check(Maker *maker, const Node *ensure, Op op)
{
    make_expression(maker, ensure->kids[0]);
    maker->node = ensure;
    uint32_t good = emit(maker, OP_CODE_JUMP_IF_TRUE, 0, 0, 0, 1, 0);
    bool has_message = ensure->n_kids > 1 && ensure->kids[1]->kind != NODE_NOTHING;
    if (has_message)
        make_expression(maker, ensure->kids[1]);
    maker->node = ensure;
    emit(maker, op, has_message, 0, 0, has_message, 0);
    maker_aim(maker, good);
}

static void make_validate(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    emit(maker, OP_CODE_MAKE_LIST, 0, 0, 0, 0, 1);
    for (uint32_t i = 0; i < node->n_kids; i++)
        if (node->kids[i]->kind == NODE_ENSURE)
            make_ensure_check(maker, node->kids[i], OP_CODE_VALIDATE_ADD);
    maker->node = node;
    emit(maker, OP_CODE_VALIDATE, 0, 0, 0, 1, 0);
    sentence_done(maker, sentence);
    sentence_end(maker, sentence);
}

static void make_input(Maker *maker, const Node *node)
{
    Code *code = maker->code;
    if (code->n_inputs == maker->cap_inputs) {
        uint32_t cap = maker->cap_inputs ? maker->cap_inputs * 2 : 8;
        code->inputs = arena_grow(maker->arena, code->inputs, maker->cap_inputs * sizeof *code->inputs,
                                  cap * sizeof *code->inputs, _Alignof(Node *));
        code->input_slots = arena_grow(maker->arena, code->input_slots, maker->cap_inputs * sizeof(uint32_t),
                                       cap * sizeof(uint32_t), _Alignof(uint32_t));
        maker->cap_inputs = cap;
    }
    uint32_t input = code->n_inputs++;
    code->inputs[input] = node;
    code->input_slots[input] = maker_slot(maker, node->name);
    uint32_t sentence = sentence_begin(maker, node);
    uint32_t given = emit(maker, OP_CODE_INPUT, 0, input, 0, 0, 0);
    if (node->n_kids > 0 && node->kids[0]->kind != NODE_NOTHING) {
        make_expression(maker, node->kids[0]);
        maker->node = node;
        emit(maker, OP_CODE_INPUT_DEFAULT, 0, input, 0, 1, 0);
    }
    maker_aim(maker, given);
    sentence_done(maker, sentence);
    sentence_end(maker, sentence);
}

/* Sentences of one shape: their kids' values, one instruction, done. */
static void make_plain(Maker *maker, const Node *node, Op op, uint32_t a)
{
    uint32_t sentence = sentence_begin(maker, node);
    for (uint32_t i = 0; i < node->n_kids; i++)
        make_expression(maker, node->kids[i]);
    maker->node = node;
    emit(maker, op, a, 0, 0, node->n_kids, 0);
    sentence_done(maker, sentence);
    sentence_end(maker, sentence);
}

static void make_ensure(Maker *maker, const Node *node)
{
    uint32_t sentence = sentence_begin(maker, node);
    make_ensure_check(maker, node, OP_CODE_ENSURE);
    sentence_done(maker, sentence);
    sentence_end(maker, sentence);
}

static void make_statement(Maker *maker, const Node *node)
{
    if (maker->depth >= MAKER_DEPTH_MAX) {
        emit(maker, OP_CODE_TOO_DEEP, 0, 0, 0, 0, 0);
        return;
    }
    maker->depth++;
    switch (node->kind) {
    case NODE_ASSIGN: make_assign(maker, node); break;
    case NODE_EXPRESSION: make_plain(maker, node, OP_CODE_POP, 0); break;
    case NODE_IF: make_if(maker, node); break;
    case NODE_FOR: make_for(maker, node); break;
    case NODE_REPEAT: make_repeat(maker, node); break;
    case NODE_WHILE: make_while(maker, node); break;
    case NODE_BREAK: make_break(maker, node); break;
    case NODE_CONTINUE: make_continue(maker, node); break;
    case NODE_RETURN: make_return(maker, node); break;
    case NODE_ENSURE: make_ensure(maker, node); break;
    case NODE_VALIDATE: make_validate(maker, node); break;
    case NODE_OUTPUT: make_plain(maker, node, OP_CODE_OUTPUT, 0); break;
    case NODE_SAY: make_plain(maker, node, OP_CODE_SAY, 0); break;
    case NODE_WAIT: make_plain(maker, node, OP_CODE_WAIT, (node->flags & NODE_UNTIL) != 0); break;
    case NODE_FINISH: make_plain(maker, node, OP_CODE_FINISH, 0); break;
    case NODE_FAIL: make_plain(maker, node, OP_CODE_FAIL, 0); break;
    case NODE_INPUT: make_input(maker, node); break;
    case NODE_BLOCK: make_block(maker, node); break;
    default: break; /* comments, connections and definitions do nothing where they stand */
    }
    maker->depth--;
}

static void make_block(Maker *maker, const Node *block)
{
    for (uint32_t i = 0; i < block->n_kids; i++)
        make_statement(maker, block->kids[i]);
}

/* ---- routines ---- */

/* Gives a slot to every name that the statements assign: in Python, too, such a name belongs to the whole routine. */
static void slots_of_target(Maker *maker, const Node *target)
{
    if (target->kind == NODE_NAME)
        (void)maker_slot(maker, target->name);
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        slots_of_target(maker, target->kids[i]);
}

static void slots_of_block(Maker *maker, const Node *node, uint32_t depth)
{
    if (depth > MAKER_DEPTH_MAX)
        return;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Node *kid = node->kids[i];
        if (kid->kind == NODE_ASSIGN || kid->kind == NODE_FOR)
            slots_of_target(maker, kid->kids[0]);
        if (kid->kind == NODE_INPUT)
            (void)maker_slot(maker, kid->name);
        if (kid->kind == NODE_IF || kid->kind == NODE_FOR || kid->kind == NODE_REPEAT || kid->kind == NODE_WHILE ||
            kid->kind == NODE_BLOCK)
            slots_of_block(maker, kid, depth + 1);
    }
}

static uint32_t routine_add(Maker *maker, Str name)
{
    Code *code = maker->code;
    GROW(maker, code->routines, code->n_routines, maker->cap_routines);
    code->routines[code->n_routines] = (Routine){.name = name};
    return code->n_routines++;
}

static void routine_begin(Maker *maker, uint32_t routine)
{
    maker->code->routines[routine].start = maker_here(maker);
    maker->height = 0;
    maker->loop_frame = NULL;
}

static void routine_end(Maker *maker, uint32_t routine)
{
    Routine *done = &maker->code->routines[routine];
    done->end = maker_here(maker);
    done->n_slots = maker->n_slots;
    done->slot_names = maker->slot_names;
    done->max_height = maker->max_height;
    maker->max_height = 0;
    maker->slot_names = NULL;
    maker->n_slots = maker->cap_slots = 0;
}

static void make_defaults(Maker *maker, const Node *definition)
{
    for (uint32_t i = 0, slot = 0; i < definition->n_kids; i++) {
        const Node *parameter = definition->kids[i];
        if (parameter->kind != NODE_PARAMETER)
            continue;
        if (parameter->n_kids > 0 && parameter->kids[0]->kind != NODE_NOTHING) {
            maker->node = parameter;
            uint32_t given = emit(maker, OP_CODE_JUMP_IF_SET, 0, slot, 0, 0, 0);
            make_expression(maker, parameter->kids[0]);
            emit(maker, OP_CODE_STORE, 0, 0, slot, 1, 0);
            maker_aim(maker, given);
        }
        slot++;
    }
}

static void make_routine(Maker *maker, const Node *definition, uint32_t routine)
{
    maker->in_main = false;
    maker->locals = (Map){.arena = maker->arena};
    const Node *body = definition->kids[definition->n_kids - 1];
    routine_begin(maker, routine);
    for (uint32_t i = 0; i < definition->n_kids; i++)
        if (definition->kids[i]->kind == NODE_PARAMETER) {
            (void)maker_slot(maker, definition->kids[i]->name);
            maker->code->routines[routine].n_parameters++;
        }
    slots_of_block(maker, body, 0);
    make_defaults(maker, definition);
    make_block(maker, body);
    maker->node = definition;
    emit(maker, OP_CODE_CONSTANT, 0, 0, maker_constant(maker, value_null()), 0, 1);
    emit(maker, OP_CODE_RETURN, 0, 0, 0, 1, 0);
    routine_end(maker, routine);
}

typedef struct Definitions {
    const Node **nodes;
    uint32_t count, cap;
} Definitions;

static void definitions_find(Maker *maker, const Node *node, Definitions *all, uint32_t depth)
{
    if (depth > MAKER_DEPTH_MAX)
        return;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Node *kid = node->kids[i];
        if (kid->kind == NODE_DEFINE && kid->n_kids > 0) {
            GROW(maker, all->nodes, all->count, all->cap);
            all->nodes[all->count++] = kid;
            map_set_slot(&maker->routines, kid->name, routine_add(maker, kid->name));
        }
        if (node_is_statement(kid) || kid->kind == NODE_BLOCK)
            definitions_find(maker, kid, all, depth + 1);
    }
}

/* Arguments are written in any order: which parameter each one is. One without a name is the parameter at its place. */
static void bind_arguments(const Code *code, const Code *callee_code)
{
    for (uint32_t i = 0; i < code->n_sites; i++) {
        CallSite *site = &code->sites[i];
        const Routine *callee = site->procedure ? NULL : &callee_code->routines[site->routine];
        for (uint32_t arg = 0; callee && arg < site->n; arg++) {
            Str name = site->node->kids[arg]->name;
            site->parameters[arg] = name.len > 0 ? NO_INDEX : arg;
            for (uint32_t slot = 0; name.len > 0 && slot < callee->n_parameters; slot++)
                if (str_eq(callee->slot_names[slot], name))
                    site->parameters[arg] = slot;
        }
    }
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * 0x100000001b3u;
}

static void code_set_hash(Code *code)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < code->n_instructions; i++) {
        const Instruction *in = &code->instructions[i];
        hash = mix(hash, in->op | (uint64_t)in->a << 8 | (uint64_t)in->b << 16 | (uint64_t)in->c << 32);
    }
    for (uint32_t i = 0; i < code->n_constants; i++)
        hash = mix(hash, value_hash(code->constants[i]));
    for (uint32_t i = 0; i < code->n_routines; i++)
        hash = mix(hash, code->routines[i].n_slots);
    code->hash = hash;
}

const struct Code *code_compile(Arena *arena, const Program *program)
{
    Code *code = NEW(arena, Code);
    Maker maker = {.arena = arena, .code = code, .catalog = program->catalog, .in_main = true};
    maker.globals.arena = maker.routines.arena = arena;
    routine_add(&maker, S("main"));
    Definitions definitions = {0};
    definitions_find(&maker, program->tree, &definitions, 0);
    slots_of_block(&maker, program->tree, 0);
    maker.node = program->tree;
    routine_begin(&maker, 0);
    make_block(&maker, program->tree);
    maker.node = program->tree;
    emit(&maker, OP_CODE_FINISH, 0, 0, 0, 0, 0);
    routine_end(&maker, 0);
    for (uint32_t i = 0; i < definitions.count; i++)
        make_routine(&maker, definitions.nodes[i], i + 1);
    bind_arguments(code, code);
    code_set_hash(code);
    return code;
}

/* ---- fragments ---- */

static void fragment_names(Maker *maker, const FragmentScope *scope)
{
    const Routine *main = &scope->main->routines[0], *asking = &scope->code->routines[scope->routine];
    for (uint32_t i = 0; i < main->n_slots; i++)
        if (main->slot_names[i].len > 0)
            map_set_slot(&maker->globals, main->slot_names[i], i);
    for (uint32_t i = 0; i < scope->first_free_slot; i++)
        (void)slot_add(maker, i < asking->n_slots ? asking->slot_names[i] : S(""));
    for (uint32_t i = 0; i < asking->n_slots && i < scope->first_free_slot; i++)
        if (asking->slot_names[i].len > 0)
            map_set_slot(&maker->locals, asking->slot_names[i], i);
    for (uint32_t i = 0; i < scope->code->n_loops; i++) {
        const Loop *loop = &scope->code->loops[i];
        if (!loop->is_statement && loop->start <= scope->asking && scope->asking < loop->end &&
            loop->target_slot != NO_INDEX && loop->node->kids[1]->kind == NODE_NAME)
            map_set_slot(&maker->locals, loop->node->kids[1]->name, loop->target_slot);
    }
    for (uint32_t i = 1; i < scope->main->n_routines; i++)
        map_set_slot(&maker->routines, scope->main->routines[i].name, i);
}

static bool fragment_holds(const Node *node, NodeKind kind, uint32_t depth)
{
    if (node->kind == kind)
        return true;
    for (uint32_t i = 0; i < node->n_kids && depth < MAKER_DEPTH_MAX; i++)
        if (fragment_holds(node->kids[i], kind, depth + 1))
            return true;
    return false;
}

static bool holds_same_time(const Node *node, uint32_t depth)
{
    if (node->kind == NODE_FOR && node->flags & NODE_SAME_TIME)
        return true;
    for (uint32_t i = 0; i < node->n_kids && depth < MAKER_DEPTH_MAX; i++)
        if (holds_same_time(node->kids[i], depth + 1))
            return true;
    return false;
}

bool code_compile_fragment(Arena *arena, const Node *tree, const FragmentScope *scope, const Code **out, Error *err)
{
    if (fragment_holds(tree, NODE_DEFINE, 0) || fragment_holds(tree, NODE_INPUT, 0) ||
        fragment_holds(tree, NODE_CONNECTION, 0))
        return error_set(
            err, INVALID_ARGUMENT, "answer",
            "an answer cannot define a procedure, an input or a connection; change the automation for that");
    if (holds_same_time(tree, 0))
        return error_set(err, INVALID_ARGUMENT, "answer",
                         "an answer works on one item after the other: leave out “at the same time”");
    Code *code = NEW(arena, Code);
    Maker maker = {.arena = arena, .code = code, .catalog = scope->catalog, .fragment = scope};
    maker.globals.arena = maker.locals.arena = maker.routines.arena = arena;
    fragment_names(&maker, scope);
    routine_add(&maker, S("answer"));
    maker.node = tree;
    routine_begin(&maker, 0);
    bool is_expression = scope->end == FRAGMENT_USE || scope->end == FRAGMENT_CONDITION;
    if (is_expression) {
        make_expression(&maker, tree);
    } else {
        slots_of_block(&maker, tree, 0);
        make_block(&maker, tree);
    }
    emit(&maker, OP_CODE_END_FRAGMENT, scope->end, 0, 0, is_expression, 0);
    routine_end(&maker, 0);
    if (maker.unknown[0])
        return error_set(err, INVALID_ARGUMENT, "answer",
                         "the automation knows no fact or procedure called \"%s\" here", maker.unknown);
    code_set_hash(code);
    *out = code;
    return true;
}

/* ---- asking ---- */

uint32_t code_loop_at(const Code *code, uint32_t pc)
{
    for (uint32_t i = code->n_loops; i-- > 0;)
        if (code->loops[i].start <= pc && pc < code->loops[i].end)
            return i;
    return NO_INDEX;
}

uint32_t code_routine_at(const Code *code, uint32_t pc)
{
    for (uint32_t i = 0; i < code->n_routines; i++)
        if (code->routines[i].start <= pc && pc < code->routines[i].end)
            return i;
    return NO_INDEX;
}
