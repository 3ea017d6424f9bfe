/* lang/code_expression.c: expressions as instructions. */
#include "lang/code_make.h"

#include <stdio.h>

static void make_constant(Maker *maker, Value value)
{
    emit(maker, OP_CODE_CONSTANT, 0, 0, maker_constant(maker, value), 0, 1);
}

static void make_kids(Maker *maker, const Node *node)
{
    for (uint32_t i = 0; i < node->n_kids; i++)
        make_expression(maker, node->kids[i]);
    maker->node = node;
}

static void make_name(Maker *maker, const Node *node)
{
    uint32_t slot;
    bool global;
    (void)maker_resolve(maker, node->name, &slot, &global);
    emit(maker, global ? OP_CODE_LOAD_GLOBAL : OP_CODE_LOAD, 0, 0, slot, 0, 1);
}

static void make_field(Maker *maker, const Node *node)
{
    make_expression(maker, node->kids[0]);
    maker->node = node;
    emit(maker, OP_CODE_FIELD, 0, 0, maker_constant(maker, value_text(node->text)), 1, 1);
}

static void make_slice(Maker *maker, const Node *node)
{
    for (uint32_t i = 0; i < 4; i++) {
        const Node *kid = node_kid(node, i);
        if (!kid || kid->kind == NODE_NOTHING)
            make_constant(maker, value_null());
        else
            make_expression(maker, kid);
    }
    maker->node = node;
    emit(maker, OP_CODE_SLICE, 0, 0, 0, 4, 1);
}

static void make_arithmetic(Maker *maker, const Node *node)
{
    static const Op ops[] = {
        [OP_ADD] = OP_CODE_ADD,       [OP_SUBTRACT] = OP_CODE_SUBTRACT,         [OP_MULTIPLY] = OP_CODE_MULTIPLY,
        [OP_DIVIDE] = OP_CODE_DIVIDE, [OP_FLOOR_DIVIDE] = OP_CODE_FLOOR_DIVIDE, [OP_MODULO] = OP_CODE_MODULO,
        [OP_POWER] = OP_CODE_POWER,
    };
    make_kids(maker, node);
    emit(maker, ops[node->op], 0, 0, 0, 2, 1);
}

/* a < b < c: each operand is evaluated once, and none after the first comparison that fails. */
static uint32_t lookup_add(Maker *maker, Lookup lookup)
{
    Code *code = maker->code;
    if (code->n_lookups == maker->cap_lookups) {
        uint32_t cap = maker->cap_lookups ? maker->cap_lookups * 2 : 8;
        code->lookups = arena_grow(maker->arena, code->lookups, maker->cap_lookups * sizeof *code->lookups,
                                   cap * sizeof *code->lookups, _Alignof(Lookup));
        maker->cap_lookups = cap;
    }
    lookup.place = maker_here(maker);
    code->lookups[code->n_lookups] = lookup;
    return code->n_lookups++;
}

/* For an instruction that looks whether a list has an item. */
static uint32_t member_lookup(Maker *maker)
{
    return lookup_add(maker, (Lookup){.key_slot = NO_INDEX}) + 1;
}

static void make_compare(Maker *maker, const Node *node)
{
    Patches ends = {0};
    make_expression(maker, node->kids[0]);
    for (uint32_t i = 1; i < node->n_kids; i++) {
        make_expression(maker, node->kids[i]);
        maker->node = node;
        if (i + 1 == node->n_kids)
            emit(maker, OP_CODE_COMPARE, node->ops[i - 1], i - 1,
                 node->ops[i - 1] == CMP_IN || node->ops[i - 1] == CMP_NOT_IN ? member_lookup(maker) : 0, 2, 1);
        else
            patches_add(maker, &ends, emit(maker, OP_CODE_COMPARE_CHAIN, node->ops[i - 1], i - 1, 0, 2, 1));
    }
    patches_aim(maker, &ends, maker_here(maker));
}

static void make_and_or(Maker *maker, const Node *node, Op op)
{
    Patches ends = {0};
    for (uint32_t i = 0; i < node->n_kids; i++) {
        make_expression(maker, node->kids[i]);
        maker->node = node;
        if (i + 1 < node->n_kids)
            patches_add(maker, &ends, emit(maker, op, 0, 0, 0, 1, 0));
    }
    patches_aim(maker, &ends, maker_here(maker));
}

static void make_choose(Maker *maker, const Node *node)
{
    make_expression(maker, node->kids[1]);
    maker->node = node;
    uint32_t otherwise = emit(maker, OP_CODE_JUMP_IF_FALSE, 0, 0, 0, 1, 0);
    make_expression(maker, node->kids[0]);
    maker->node = node;
    uint32_t end = emit(maker, OP_CODE_JUMP, 0, 0, 0, 0, 0);
    maker_aim(maker, otherwise);
    maker->height--;
    make_expression(maker, node->kids[2]);
    maker_aim(maker, end);
}

/* ---- calls ---- */

static uint32_t site_add(Maker *maker, CallSite site)
{
    Code *code = maker->code;
    if (code->n_sites == maker->cap_sites) {
        uint32_t cap = maker->cap_sites ? maker->cap_sites * 2 : 8;
        code->sites = arena_grow(maker->arena, code->sites, maker->cap_sites * sizeof *code->sites,
                                 cap * sizeof *code->sites, _Alignof(CallSite));
        maker->cap_sites = cap;
    }
    code->sites[code->n_sites] = site;
    return code->n_sites++;
}

static void make_arguments(Maker *maker, const Node *node)
{
    for (uint32_t i = 0; i < node->n_kids; i++)
        make_expression(maker, node->kids[i]->kind == NODE_ARGUMENT ? node->kids[i]->kids[0] : node->kids[i]);
    maker->node = node;
}

static uint32_t routine_find(const Code *code, Str name)
{
    for (uint32_t i = 1; i < code->n_routines; i++)
        if (str_eq(code->routines[i].name, name))
            return i;
    return NO_INDEX;
}

static void make_procedure_call(Maker *maker, const Node *node)
{
    const Code *code = maker->fragment ? maker->fragment->main : maker->code;
    uint32_t routine = routine_find(code, node->name);
    if (routine == NO_INDEX) {
        if (maker->fragment && !maker->unknown[0])
            snprintf(maker->unknown, sizeof maker->unknown, "%.*s", STR_ARG(node->name));
        make_constant(maker, value_null());
        return;
    }
    make_arguments(maker, node);
    CallSite site = {.node = node, .routine = routine, .n = node->n_kids};
    site.parameters = NEW_ARRAY(maker->arena, uint32_t, node->n_kids);
    emit(maker, OP_CODE_CALL_PROCEDURE, 0, 0, site_add(maker, site), node->n_kids, 1);
}

static void make_book_call(Maker *maker, const Node *node)
{
    const Procedure *procedure = node->procedure;
    if (!procedure && maker->catalog)
        procedure = catalog_find(maker->catalog, node->text, node->name);
    if (!procedure) {
        if (maker->fragment && !maker->unknown[0])
            snprintf(maker->unknown, sizeof maker->unknown, "%.*s.%.*s", STR_ARG(node->text), STR_ARG(node->name));
        make_constant(maker, value_null());
        return;
    }
    make_arguments(maker, node);
    CallSite site = {.node = node, .n = node->n_kids, .procedure = procedure};
    site.parameters = NEW_ARRAY(maker->arena, uint32_t, node->n_kids);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Parameter *parameter = procedure_parameter(procedure, node->kids[i]->name);
        site.parameters[i] = parameter ? (uint32_t)(parameter - procedure->parameters) : i;
    }
    emit(maker, OP_CODE_BOOK_CALL, 0, 0, site_add(maker, site), node->n_kids, 1);
}

static void make_ask(Maker *maker, const Node *node)
{
    make_expression(maker, node->kids[0]);
    bool has_choices = node->n_kids > 1 && node->kids[1]->kind != NODE_NOTHING;
    if (has_choices)
        make_expression(maker, node->kids[1]);
    maker->node = node;
    emit(maker, OP_CODE_ASK, has_choices, 0, 0, 1 + has_choices, 1);
}

/* ---- comprehensions ---- */

/* range stays three numbers where it is only iterated. */
void make_iterator(Maker *maker, const Node *iterable)
{
    bool is_range = iterable->kind == NODE_CALL && iterable->function == FN_RANGE;
    if (is_range)
        make_kids(maker, iterable);
    else
        make_expression(maker, iterable);
    maker->node = iterable;
    emit(maker, OP_CODE_ITERATE, is_range ? iterable->n_kids : 0, 0, 0, is_range ? iterable->n_kids : 1, 3);
}

static bool names_variable(const Node *target, Str name)
{
    if (target->kind == NODE_TUPLE) {
        for (uint32_t i = 0; i < target->n_kids; i++)
            if (names_variable(target->kids[i], name))
                return true;
        return false;
    }
    return target->kind == NODE_NAME && str_eq(target->name, name);
}

/* Whether an expression gives the same for every element: nothing in it names the comprehension's variables or can
 * change a fact. Then it may be evaluated once. */
static bool is_invariant(const Node *node, const Node *target, uint32_t depth)
{
    if (depth > 32)
        return false;
    switch (node->kind) {
    case NODE_LITERAL: return true;
    case NODE_NAME: return !names_variable(target, node->name);
    case NODE_FIELD:
    case NODE_INDEX:
    case NODE_TEMPLATE:
    case NODE_ARITHMETIC:
    case NODE_NEGATE: break;
    case NODE_CALL:
        if (functions[node->function].style == STYLE_ACTION)
            return false;
        break;
    default: return false;
    }
    for (uint32_t i = 0; i < node->n_kids; i++)
        if (!is_invariant(node->kids[i], target, depth + 1))
            return false;
    return true;
}

static bool calls_something(const Node *node, uint32_t depth)
{
    if (!node)
        return false;
    if (node->kind == NODE_PROCEDURE_CALL || node->kind == NODE_BOOK_CALL || depth > 64)
        return true;
    for (uint32_t i = 0; i < node->n_kids; i++)
        if (calls_something(node->kids[i], depth + 1))
            return true;
    return false;
}

/* The comparison that a lookup may be answered by: what the condition tests first. */
static const Node *first_test(const Node *condition)
{
    while (condition && condition->kind == NODE_AND)
        condition = condition->kids[0];
    bool is_equality =
        condition && condition->kind == NODE_COMPARE && condition->n_kids == 2 && condition->ops[0] == CMP_EQUAL;
    return is_equality ? condition : NULL;
}

static bool is_element_field(const Node *node, const Node *target)
{
    return node->kind == NODE_FIELD && target->kind == NODE_NAME && node->kids[0]->kind == NODE_NAME &&
           str_eq(node->kids[0]->name, target->name);
}

typedef struct Comprehension {
    const Node *node;             /* COLLECT */
    struct Comprehension *around; /* the `for` before this one, or NULL */
    Variable variables[16];
    Variable *outer_variables;
    Hoisted hoisted;
    Hoisted *outer_hoisted;
    uint32_t loop, next;
    uint32_t lookup; /* or NO_INDEX */
} Comprehension;

/* All `for`s of one comprehension share its variables, as in Python: a name that comes again is set again. */
static uint32_t comprehension_slot(Maker *maker, const Comprehension *self, Str name)
{
    const Comprehension *first = self;
    while (first->around)
        first = first->around;
    for (const Variable *known = self->outer_variables; known != first->outer_variables; known = known->outer)
        if (str_eq(known->name, name))
            return known->slot;
    return maker_hidden_slot(maker);
}

static void comprehension_variables(Maker *maker, Comprehension *self)
{
    const Node *target = self->node->kids[1];
    uint32_t n = target->kind == NODE_TUPLE ? MIN_OF(target->n_kids, (uint32_t)COUNT_OF(self->variables)) : 1;
    for (uint32_t i = 0; i < n; i++) {
        const Node *name = target->kind == NODE_TUPLE ? target->kids[i] : target;
        self->variables[i] = (Variable){name->name, comprehension_slot(maker, self, name->name), maker->variables};
        maker->variables = &self->variables[i];
    }
    if (target->kind == NODE_NAME)
        maker->code->loops[self->loop].target_slot = self->variables[0].slot;
}

/* Evaluates the outside of `element's field = outside` once, before the first element, and asks when it is an empty
 * cell: nobody looks for what has an empty number. */
static void comprehension_hoist(Maker *maker, Comprehension *self)
{
    const Node *target = self->node->kids[1], *condition = node_kid(self->node, 3), *test = first_test(condition);
    self->lookup = NO_INDEX;
    if (!test || calls_something(condition, 0) || calls_something(self->node->kids[0], 0))
        return;
    uint32_t side = is_element_field(test->kids[0], target) ? 0 : is_element_field(test->kids[1], target) ? 1 : 2;
    if (side == 2 || !is_invariant(test->kids[1 - side], target, 0))
        return;
    const Node *outside = test->kids[1 - side];
    self->hoisted = (Hoisted){outside, maker_hidden_slot(maker), maker->hoisted};
    uint32_t ended = emit(maker, OP_CODE_JUMP_IF_ENDED, 0, 0, 0, 0, 0);
    make_expression(maker, outside);
    maker->node = outside;
    if (outside->kind == NODE_FIELD)
        emit(maker, OP_CODE_NEED_KEY, 0, 0, 0, 1, 1);
    emit(maker, OP_CODE_STORE, 0, 0, self->hoisted.slot, 1, 0);
    maker_aim(maker, ended);
    self->lookup = lookup_add(maker, (Lookup){.key = test->kids[side]->text, .key_slot = self->hoisted.slot});
    maker->hoisted = &self->hoisted;
}

/* Leaves the stack at: iterator, with the item stored and the condition held. */
static void for_begin(Maker *maker, Comprehension *self, const Node *node)
{
    self->node = node;
    self->outer_variables = maker->variables;
    self->outer_hoisted = maker->hoisted;
    make_iterator(maker, node->kids[2]);
    maker->node = node;
    self->loop = maker_loop_begin(maker, node, true, false);
    comprehension_hoist(maker, self);
    comprehension_variables(maker, self);
    maker->node = node;
    maker->code->loops[self->loop].next = maker_here(maker);
    if (self->lookup != NO_INDEX)
        emit(maker, OP_CODE_SEEK, 0, 0, self->lookup, 0, 0);
    self->next = emit(maker, OP_CODE_NEXT, 0, 0, 0, 0, 1);
    const Node *target = node->kids[1];
    if (target->kind == NODE_TUPLE) {
        maker->node = target;
        emit(maker, OP_CODE_UNPACK, 0, 0, target->n_kids, 1, target->n_kids);
    }
    uint32_t n = target->kind == NODE_TUPLE ? target->n_kids : 1;
    for (uint32_t i = 0; i < n; i++)
        if (i < COUNT_OF(self->variables))
            emit(maker, OP_CODE_STORE, 0, 0, self->variables[i].slot, 1, 0);
        else
            emit(maker, OP_CODE_POP, 0, 0, 0, 1, 0);
    const Node *condition = node_kid(node, 3);
    if (condition && condition->kind != NODE_NOTHING) {
        make_expression(maker, condition);
        maker->node = node;
        emit(maker, OP_CODE_JUMP_IF_FALSE, 0, 0, maker->code->loops[self->loop].next, 1, 0);
    }
}

/* The loop's end: reached by NEXT with the iterator gone. */
static void for_end(Maker *maker, Comprehension *self)
{
    maker_aim(maker, self->next);
    maker->height = maker->code->loops[self->loop].height;
    maker->code->loops[self->loop].end = maker_here(maker);
    maker->variables = self->outer_variables;
    maker->hoisted = self->outer_hoisted;
}

static void go_again(Maker *maker, const Comprehension *self)
{
    maker->node = self->node;
    emit(maker, OP_CODE_JUMP, 0, 0, maker->code->loops[self->loop].next, 0, 0);
}

/* Begins all `for`s; gives the innermost, with the code at its element. */
static Comprehension *comprehension_begin(Maker *maker, const Node *node)
{
    Comprehension *around = NULL;
    for (;; node = node->kids[0]) {
        Comprehension *self = NEW(maker->arena, Comprehension);
        self->around = around;
        for_begin(maker, self, node);
        if (!node_goes_on(node))
            return self;
        around = self;
    }
}

/* Behind an inner `for` the one around it goes on. */
static void comprehension_end(Maker *maker, Comprehension *self)
{
    for_end(maker, self);
    while (self->around) {
        self = self->around;
        go_again(maker, self);
        for_end(maker, self);
    }
}

/* Iterators on the stack above what the comprehension collects in, but for the first one. */
static uint32_t more_iterators(const Comprehension *self)
{
    uint32_t n = 0;
    while ((self = self->around))
        n++;
    return n;
}

static void make_collect(Maker *maker, const Node *node, Op need)
{
    static const Op starts[] = {[COLLECT_LIST] = OP_CODE_MAKE_LIST,
                                [COLLECT_SET] = OP_CODE_MAKE_SET,
                                [COLLECT_RECORD] = OP_CODE_MAKE_RECORD,
                                [COLLECT_LAZY] = OP_CODE_MAKE_LIST};
    emit(maker, starts[node->op], 0, 0, 0, 0, 1);
    Comprehension *innermost = comprehension_begin(maker, node);
    const Node *element = innermost->node->kids[0];
    bool is_pair = element->kind == NODE_PAIR;
    if (is_pair)
        make_kids(maker, element);
    else
        make_expression(maker, element);
    if (need != OP_CODE_N) {
        maker->node = element;
        emit(maker, need, 0, 0, 0, 1, 1);
    }
    maker->node = node;
    emit(maker, OP_CODE_COLLECT, node->op, 0, 3 * more_iterators(innermost), 1 + is_pair, 0);
    go_again(maker, innermost);
    comprehension_end(maker, innermost);
}

/* first(… for …): stops at the first match; without one a person is asked. */
static void make_first(Maker *maker, const Node *call)
{
    Comprehension *innermost = comprehension_begin(maker, call->kids[0]);
    make_expression(maker, innermost->node->kids[0]);
    maker->node = call;
    for (uint32_t n = more_iterators(innermost) + 1; n > 0; n--)
        emit(maker, OP_CODE_LEAVE_LOOP, 0, 0, 0, 4, 1);
    uint32_t found = emit(maker, OP_CODE_JUMP, 0, 0, 0, 0, 0);
    comprehension_end(maker, innermost);
    maker->node = call;
    emit(maker, OP_CODE_NO_MATCH, 0, 0, 0, 0, 1);
    maker_aim(maker, found);
}

/* any(… for …), all(… for …): stop at the first element that decides. */
static void make_any_all(Maker *maker, const Node *call, bool decides)
{
    Comprehension *innermost = comprehension_begin(maker, call->kids[0]);
    make_expression(maker, innermost->node->kids[0]);
    maker->node = call;
    emit(maker, decides ? OP_CODE_JUMP_IF_FALSE : OP_CODE_JUMP_IF_TRUE, 0, 0, maker->code->loops[innermost->loop].next,
         1, 0);
    for (uint32_t n = more_iterators(innermost) + 1; n > 0; n--)
        emit(maker, OP_CODE_END_LOOP, 0, 0, 0, 3, 0);
    make_constant(maker, value_bool(decides));
    uint32_t decided = emit(maker, OP_CODE_JUMP, 0, 0, 0, 0, 0);
    comprehension_end(maker, innermost);
    make_constant(maker, value_bool(!decides));
    maker_aim(maker, decided);
}

/* Asking whether something is missing does not ask a person for it: where it is missing, this reads nothing. */
static void make_softly(Maker *maker, const Node *node)
{
    if (node->kind == NODE_FIELD && maker->depth < MAKER_DEPTH_MAX) {
        maker->depth++;
        make_softly(maker, node->kids[0]);
        maker->depth--;
        maker->node = node;
        make_constant(maker, value_text(node->text));
        emit(maker, OP_CODE_CALL, 2, FN_FIND, 0, 2, 1);
        return;
    }
    uint32_t slot;
    bool global;
    if (node->kind == NODE_NAME && maker_resolve(maker, node->name, &slot, &global)) {
        maker->node = node;
        emit(maker, OP_CODE_LOAD_IF_SET, global, 0, slot, 0, 1);
        return;
    }
    make_expression(maker, node);
}

static bool asks_whether_missing(const Node *node)
{
    return node->n_kids == 1 && (node->function == FN_IS_MISSING || node->function == FN_IS_NOT_MISSING ||
                                 node->function == FN_IS_EMPTY || node->function == FN_IS_NOT_EMPTY);
}

static void make_call(Maker *maker, const Node *node)
{
    if (asks_whether_missing(node) || (node->function == FN_FIND && node->n_kids == 2)) {
        make_softly(maker, node->kids[0]);
        if (node->n_kids == 2)
            make_expression(maker, node->kids[1]);
        maker->node = node;
        emit(maker, OP_CODE_CALL, node->n_kids, node->function, 0, node->n_kids, 1);
        return;
    }
    const Node *only = node->n_kids == 1 && node->kids[0]->kind == NODE_COLLECT ? node->kids[0] : NULL;
    bool is_sequence = only && (only->op == COLLECT_LIST || only->op == COLLECT_LAZY);
    if (is_sequence && node->function == FN_FIRST) {
        make_first(maker, node);
        return;
    }
    if (is_sequence && (node->function == FN_ANY || node->function == FN_ALL)) {
        make_any_all(maker, node, node->function == FN_ANY);
        return;
    }
    bool sums = node->function == FN_SUM || node->function == FN_AVERAGE;
    bool picks = node->function == FN_MIN || node->function == FN_MAX;
    if (is_sequence && (sums || picks)) {
        make_collect(maker, only, sums ? OP_CODE_NEED_NUMBER : OP_CODE_NEED_VALUE);
        maker->node = node;
    } else {
        make_kids(maker, node);
    }
    emit(maker, OP_CODE_CALL, node->n_kids, node->function, node->function == FN_CONTAINS ? member_lookup(maker) : 0,
         node->n_kids, 1);
}

void make_expression(Maker *maker, const Node *node)
{
    for (const Hoisted *hoisted = maker->hoisted; hoisted; hoisted = hoisted->outer)
        if (hoisted->node == node) {
            maker->node = node;
            emit(maker, OP_CODE_LOAD, 0, 0, hoisted->slot, 0, 1);
            return;
        }
    if (maker->depth >= MAKER_DEPTH_MAX) {
        emit(maker, OP_CODE_TOO_DEEP, 0, 0, 0, 0, 1);
        return;
    }
    maker->depth++;
    maker->node = node;
    switch (node->kind) {
    case NODE_LITERAL: make_constant(maker, node->value); break;
    case NODE_NAME: make_name(maker, node); break;
    case NODE_FIELD: make_field(maker, node); break;
    case NODE_INDEX:
        make_kids(maker, node);
        emit(maker, OP_CODE_INDEX, 0, 0, 0, 2, 1);
        break;
    case NODE_SLICE: make_slice(maker, node); break;
    case NODE_NEGATE:
        make_kids(maker, node);
        emit(maker, OP_CODE_NEGATE, 0, 0, 0, 1, 1);
        break;
    case NODE_NOT:
        make_kids(maker, node);
        emit(maker, OP_CODE_NOT, 0, 0, 0, 1, 1);
        break;
    case NODE_ARITHMETIC: make_arithmetic(maker, node); break;
    case NODE_COMPARE: make_compare(maker, node); break;
    case NODE_AND: make_and_or(maker, node, OP_CODE_AND); break;
    case NODE_OR: make_and_or(maker, node, OP_CODE_OR); break;
    case NODE_CHOOSE: make_choose(maker, node); break;
    case NODE_TEMPLATE:
        make_kids(maker, node);
        emit(maker, OP_CODE_TEMPLATE, 0, 0, node->n_kids, node->n_kids, 1);
        break;
    case NODE_LIST:
    case NODE_TUPLE:
        make_kids(maker, node);
        emit(maker, OP_CODE_MAKE_LIST, 0, 0, node->n_kids, node->n_kids, 1);
        break;
    case NODE_SET:
        make_kids(maker, node);
        emit(maker, OP_CODE_MAKE_SET, 0, 0, node->n_kids, node->n_kids, 1);
        break;
    case NODE_RECORD:
        for (uint32_t i = 0; i < node->n_kids; i++)
            make_kids(maker, node->kids[i]);
        maker->node = node;
        emit(maker, OP_CODE_MAKE_RECORD, 0, 0, node->n_kids, 2 * node->n_kids, 1);
        break;
    case NODE_CALL: make_call(maker, node); break;
    case NODE_PROCEDURE_CALL: make_procedure_call(maker, node); break;
    case NODE_BOOK_CALL: make_book_call(maker, node); break;
    case NODE_ASK: make_ask(maker, node); break;
    case NODE_COLLECT: make_collect(maker, node, OP_CODE_N); break;
    case NODE_ARGUMENT: make_expression(maker, node->kids[0]); break;
    default: make_constant(maker, value_null());
    }
    maker->depth--;
}
