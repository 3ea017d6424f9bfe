/* lang/ast.c: making, comparing, numbering and checking the tree. */
#include "lang/ast.h"

#include <string.h>

#include "base/clock.h"
#include "lang/function.h"
#include "value/decimal.h"

/* ---- making ---- */

Node *node_new(Arena *arena, NodeKind kind)
{
    Node *node = NEW(arena, Node);
    node->kind = (uint8_t)kind;
    return node;
}

/* Room is always the next power of two, so that a node need not remember how much it has. */
void node_add(Arena *arena, Node *node, Node *kid)
{
    uint32_t n = node->n_kids;
    if ((n & (n - 1)) == 0) {
        uint32_t room = n ? 2 * n : 1;
        node->kids = arena_grow(arena, node->kids, n * sizeof(Node *), room * sizeof(Node *), _Alignof(Node *));
    }
    node->kids[node->n_kids++] = kid;
}

/* ---- asking ---- */

const char *node_kind_name(NodeKind kind)
{
    static const char *const names[NODE_N_KINDS] = {
#define X(name, spelled) [NODE_##name] = (spelled),
        AST_KINDS(X)
#undef X
    };
    return kind < NODE_N_KINDS ? names[kind] : "Unknown";
}

bool node_is_statement(const Node *node)
{
    return node->kind >= NODE_COMMENT && node->kind <= NODE_FAIL && node->kind != NODE_PARAMETER;
}

bool node_is_expression(const Node *node)
{
    return node->kind >= NODE_LITERAL && node->kind <= NODE_TUPLE && node->kind != NODE_ARGUMENT &&
           node->kind != NODE_PAIR;
}

bool node_is_text(const Node *node)
{
    return node->kind == NODE_LITERAL && node->value.kind == VALUE_TEXT;
}

bool node_goes_on(const Node *node)
{
    const Node *element = node->kind == NODE_COLLECT ? node_kid(node, 0) : NULL;
    return element && element->kind == NODE_COLLECT && element->op == COLLECT_MORE;
}

const Node *node_last_for(const Node *node)
{
    while (node_goes_on(node))
        node = node->kids[0];
    return node;
}

/* Dates and times of day that a literal may hold lie in `low` whole; so do a number's first 64 bits. */
static bool literals_equal(Value a, Value b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case VALUE_NUMBER: return a.low == b.low && a.high == b.high && a.scale == b.scale && a.negative == b.negative;
    case VALUE_TEXT: return str_eq(value_str(a), value_str(b));
    case VALUE_BOOL: return (a.low != 0) == (b.low != 0);
    default: return value_equals(a, b);
    }
}

static bool types_equal(const Type *a, const Type *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind || a->n_fields != b->n_fields || a->open != b->open)
        return false;
    for (uint32_t i = 0; i < a->n_fields; i++) {
        if (!str_eq(a->fields[i].name, b->fields[i].name) || !types_equal(a->fields[i].type, b->fields[i].type))
            return false;
    }
    return types_equal(a->inner, b->inner);
}

bool ast_equal(const Node *a, const Node *b)
{
    if (a->kind != b->kind || a->op != b->op || a->flags != b->flags || a->function != b->function ||
        a->n_kids != b->n_kids || memcmp(a->ops, b->ops, sizeof a->ops) != 0)
        return false;
    if (!str_eq(a->name, b->name) || !str_eq(a->text, b->text) || !str_eq(a->alias, b->alias) ||
        !str_eq(a->trailing, b->trailing) || !types_equal(a->type, b->type) || !literals_equal(a->value, b->value))
        return false;
    for (uint32_t i = 0; i < a->n_kids; i++) {
        if (!ast_equal(a->kids[i], b->kids[i]))
            return false;
    }
    return true;
}

static void number_from(Node *node, uint32_t *count)
{
    node->id = ++*count;
    for (uint32_t i = 0; i < node->n_kids; i++)
        number_from(node->kids[i], count);
}

uint32_t ast_number(Node *program)
{
    uint32_t count = 0;
    number_from(program, &count);
    return count;
}

bool ast_date_parts(const Node *call, Value *out)
{
    if (call->kind != NODE_CALL || call->function != FN_DATE || call->n_kids != 3)
        return false;
    int64_t part[3];
    for (int i = 0; i < 3; i++) {
        const Node *kid = call->kids[i];
        if (kid->kind != NODE_LITERAL || kid->value.kind != VALUE_NUMBER || kid->value.scale != 0 ||
            !value_to_int(kid->value, &part[i]))
            return false;
    }
    if (part[0] < 1 || part[0] > 9999 || part[1] < 1 || part[1] > 12 || part[2] < 1 ||
        part[2] > days_in_month(part[0], (int)part[1]))
        return false;
    *out = value_date((int)part[0], (int)part[1], (int)part[2]);
    return true;
}

/* ---- checking: one function a family, each gives the name of the broken rule or NULL ---- */

typedef struct Place { /* where the node stands */
    bool in_program;
    unsigned blocks, expressions; /* around it */
} Place;

static bool name_is_legal(Str name)
{
    if (name.len == 0 || (name.data[0] >= '0' && name.data[0] <= '9'))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80))
            return false;
    }
    return true;
}

/* A comment is one line without blanks at its end. */
static bool comment_is_legal(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.data[i] < ' ' && text.data[i] != '\t')
            return false;
    }
    return text.len == 0 || (text.data[text.len - 1] != ' ' && text.data[text.len - 1] != '\t');
}

static bool is_literal_call(const Node *node);

static bool is_constant(const Node *node)
{
    if (node->kind == NODE_LITERAL || is_literal_call(node))
        return true;
    if (node->kind == NODE_NEGATE)
        return node->kids[0]->kind == NODE_LITERAL && node->kids[0]->value.kind == VALUE_NUMBER;
    if (node->kind != NODE_LIST && node->kind != NODE_RECORD && node->kind != NODE_PAIR)
        return false;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (!is_constant(node->kids[i]))
            return false;
    }
    return true;
}

/* 3 days; a date and time: what has no literal of its own. */
static bool is_literal_call(const Node *node)
{
    bool makes = node->kind == NODE_CALL && node->n_kids == 1 &&
                 ((node->function >= FN_SECONDS && node->function <= FN_WEEKS) || node->function == FN_DATETIME);
    return makes && node->kids[0]->kind == NODE_LITERAL;
}

bool node_is_constant(const Node *node)
{
    return is_constant(node);
}

static const char *check_target(const Node *target, bool names_only, bool in_tuple)
{
    if (target->kind == NODE_TUPLE && !in_tuple) {
        for (uint32_t i = 0; i < target->n_kids; i++) {
            const char *broken = check_target(target->kids[i], names_only, true);
            if (broken)
                return broken;
        }
        return target->n_kids >= 2 ? NULL : "a tuple has at least two items";
    }
    if (target->kind == NODE_NAME)
        return NULL;
    if (!names_only && (target->kind == NODE_FIELD || target->kind == NODE_INDEX))
        return NULL;
    return "a target is a name, a field, an item, or a tuple of these";
}

static const char *check_block(const Node *node)
{
    if (node->kind != NODE_BLOCK)
        return "a block is missing";
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (node->kids[i]->kind != NODE_COMMENT)
            return NULL;
    }
    return "a block has at least one statement that is no comment";
}

static bool plain_type(const Type *type)
{
    return type && type->kind != TYPE_OPTIONAL && type->kind != TYPE_NULL && !type->inner && !type->n_fields;
}

static const char *check_if(const Node *node)
{
    if (node->n_kids < 2)
        return "an if has a condition and a block";
    for (uint32_t i = 0; i + 1 < node->n_kids; i += 2) {
        const char *broken = check_block(node->kids[i + 1]);
        if (broken || !node_is_expression(node->kids[i]))
            return broken ? broken : "a condition is an expression";
    }
    return node->n_kids % 2 ? check_block(node->kids[node->n_kids - 1]) : NULL;
}

static const char *check_for(const Node *node)
{
    if (node->n_kids != 3)
        return "a loop has target, iterable and block";
    const char *broken = check_target(node->kids[0], true, false);
    if (!broken)
        broken = check_block(node->kids[2]);
    if (broken)
        return broken;
    const Node *over = node->kids[1];
    /* SPy spells the two alike. */
    if (str_eq(node->kids[0]->name, S("_")) && over->kind == NODE_CALL && over->function == FN_RANGE &&
        over->n_kids == 1 && !(node->flags & NODE_SAME_TIME))
        return "a loop of _ over range(n) is a REPEAT";
    return node_is_expression(over) ? NULL : "what is iterated is an expression";
}

static const char *check_define(const Node *node, Place place)
{
    if (!place.in_program)
        return "procedures are defined at the top level";
    if (!name_is_legal(node->name))
        return "a procedure has a name";
    if (node->n_kids == 0)
        return "a block is missing";
    for (uint32_t i = 0; i + 1 < node->n_kids; i++) {
        const Node *parameter = node->kids[i];
        if (parameter->kind != NODE_PARAMETER || !name_is_legal(parameter->name) || parameter->n_kids > 1)
            return "a parameter has a name and at most a default";
        if (parameter->n_kids == 1 && !is_constant(parameter->kids[0]))
            return "a default is a constant";
        if (i > 0 && node->kids[i - 1]->n_kids > parameter->n_kids)
            return "parameters with defaults come last";
    }
    return check_block(node->kids[node->n_kids - 1]);
}

static const char *check_validate(const Node *node)
{
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Node *ensure = node->kids[i];
        if (ensure->kind != NODE_ENSURE || ensure->trailing.len > 0 || ensure->flags)
            return "validate holds ensures without comments and blank lines of their own";
    }
    return node->n_kids > 0 ? NULL : "validate holds at least one ensure";
}

static const char *check_input(const Node *node, Place place)
{
    if (!place.in_program || !name_is_legal(node->name) || node->text.len == 0 || !plain_type(node->type))
        return "an input stands at the top and has two names and a plain type";
    if (node->n_kids > 1 || (node->n_kids == 1 && !is_constant(node->kids[0])))
        return "an input's default is a constant";
    return NULL;
}

static const char *check_action(const Node *call)
{
    bool action = call->kind == NODE_CALL && functions[call->function].style == STYLE_ACTION;
    return action || call->kind == NODE_BOOK_CALL || call->kind == NODE_PROCEDURE_CALL
               ? NULL
               : "a sentence of its own is an action or a call";
}

/* How many kids, and whether they are expressions. */
static const char *check_operands(const Node *node, uint32_t least, uint32_t most, const char *rule)
{
    if (node->n_kids < least || node->n_kids > most)
        return rule;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (!node_is_expression(node->kids[i]))
            return rule;
    }
    return NULL;
}

static const char *check_statement(const Node *node, Place place)
{
    if (!comment_is_legal(node->trailing) || (node->kind == NODE_COMMENT && node->trailing.len > 0))
        return "a comment is one line, trimmed at its end";
    switch (node->kind) {
    case NODE_COMMENT: return comment_is_legal(node->text) ? NULL : "a comment is one line, trimmed at its end";
    case NODE_INPUT: return check_input(node, place);
    case NODE_CONNECTION:
        return place.in_program && name_is_legal(node->name) && name_is_legal(node->text)
                   ? NULL
                   : "a connection stands at the top and names alias and book";
    case NODE_ASSIGN:
        if (node->n_kids != 2 || !node_is_expression(node->kids[1]))
            return "an assignment has target and value";
        return check_target(node->kids[0], false, false);
    case NODE_EXPRESSION: return node->n_kids == 1 ? check_action(node->kids[0]) : "a call is missing";
    case NODE_IF: return check_if(node);
    case NODE_FOR: return check_for(node);
    case NODE_REPEAT:
    case NODE_WHILE:
        if (node->n_kids != 2 || !node_is_expression(node->kids[0]))
            return "a loop has an expression and a block";
        return check_block(node->kids[1]);
    case NODE_DEFINE: return check_define(node, place);
    case NODE_RETURN: return check_operands(node, 0, 1, "a return has at most one value");
    case NODE_ENSURE: return check_operands(node, 1, 2, "an ensure has a condition and at most a message");
    case NODE_VALIDATE: return check_validate(node);
    case NODE_OUTPUT:
        if (node->n_kids == 2 && !node_is_text(node->kids[0]) && node->kids[0]->kind != NODE_TEMPLATE)
            return "an output's name is a text";
        return check_operands(node, 2, 2, "an output has a name and a value");
    case NODE_SAY: return check_operands(node, 1, 1, "say has one text");
    case NODE_WAIT: return check_operands(node, 1, 1, "wait has one duration or moment");
    case NODE_FAIL: return check_operands(node, 1, 1, "fail has one reason");
    default: return node->n_kids == 0 ? NULL : "break, continue and finish stand alone";
    }
}

static const char *check_literal(const Node *node)
{
    const Value *v = &node->value;
    if (node->n_kids > 0)
        return "a literal has no kids";
    switch (v->kind) {
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_TEXT:
    case VALUE_DATE:
    case VALUE_TIME: return NULL;
    case VALUE_NUMBER: return v->negative ? "a number literal is never negative" : NULL;
    default: return "a literal is null, boolean, number, text, date or time of day";
    }
}

static const char *check_template(const Node *node)
{
    bool any = false, was_text = false;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Node *kid = node->kids[i];
        bool text = node_is_text(kid);
        if (!node_is_expression(kid) || kid->kind == NODE_TEMPLATE)
            return "a template holds texts and expressions, no template";
        if (text && (was_text || kid->value.high == 0))
            return "texts in a template are not empty and do not touch";
        any |= !text;
        was_text = text;
    }
    return any ? NULL : "a template holds at least one expression";
}

static const char *check_call(const Node *node)
{
    Value folded;
    if (node->function >= FN_N_FUNCTIONS)
        return "a call is of a known function";
    if (ast_date_parts(node, &folded))
        return "a date of three constants is a literal";
    const char *rule = "a call has as many arguments as its function takes";
    return function_takes((FunctionId)node->function, node->n_kids) ? check_operands(node, 0, node->n_kids, rule)
                                                                    : rule;
}

static const char *check_arguments(const Node *node)
{
    if (!name_is_legal(node->name) || (node->kind == NODE_BOOK_CALL && !name_is_legal(node->text)) ||
        (node->alias.len > 0 && !name_is_legal(node->alias)))
        return "a call has a name";
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Node *argument = node->kids[i];
        if (argument->kind != NODE_ARGUMENT || !name_is_legal(argument->name) || argument->n_kids != 1 ||
            !node_is_expression(argument->kids[0]))
            return "an argument has a name and a value";
        for (uint32_t j = 0; j < i; j++) {
            if (str_eq(node->kids[j]->name, argument->name))
                return "an argument is given once";
        }
    }
    return NULL;
}

static const char *check_collect(const Node *node)
{
    if (node->n_kids < 3 || node->n_kids > 4 || node->op > COLLECT_MORE)
        return "a comprehension has element, target, iterable and at most a condition";
    const Node *element = node_last_for(node)->kids[0];
    bool pair = element->kind == NODE_PAIR;
    bool fits = node->op == COLLECT_MORE || pair == (node->op == COLLECT_RECORD);
    if (!fits || (!pair && !node_is_expression(element)))
        return "a comprehension's element is a pair for records, else an expression";
    for (uint32_t i = 2; i < node->n_kids; i++) {
        if (!node_is_expression(node->kids[i]))
            return "a comprehension iterates over an expression";
    }
    return check_target(node->kids[1], true, false);
}

static const char *check_pairs(const Node *node)
{
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (node->kids[i]->kind != NODE_PAIR)
            return "a dictionary holds pairs";
    }
    return NULL;
}

static const char *check_slice(const Node *node)
{
    if (node->n_kids != 4 || !node_is_expression(node->kids[0]))
        return "a slice has object, from, to and step";
    for (int i = 1; i < 4; i++) {
        if (node->kids[i]->kind != NODE_NOTHING && !node_is_expression(node->kids[i]))
            return "a slice has object, from, to and step";
    }
    return NULL;
}

static const char *check_flat(const Node *node)
{
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (node->kids[i]->kind == node->kind)
            return "and holds no and, or holds no or";
    }
    return check_operands(node, 2, UINT32_MAX, "and and or have at least two operands");
}

static const char *check_expression(const Node *node)
{
    switch (node->kind) {
    case NODE_LITERAL: return check_literal(node);
    case NODE_TEMPLATE: return check_template(node);
    case NODE_NAME: return name_is_legal(node->name) && !node->n_kids ? NULL : "a name is snake_case in lower case";
    case NODE_FIELD: return check_operands(node, 1, 1, "a field has an object");
    case NODE_INDEX:
        if (node->n_kids == 2 && node_is_text(node->kids[1]))
            return "an index that is a text is a field";
        return check_operands(node, 2, 2, "an item has object and index");
    case NODE_SLICE: return check_slice(node);
    case NODE_NEGATE:
    case NODE_NOT: return check_operands(node, 1, 1, "negation has one operand");
    case NODE_ARITHMETIC:
        return node->op <= OP_POWER ? check_operands(node, 2, 2, "arithmetic has two operands") : "an unknown sign";
    case NODE_COMPARE: return check_operands(node, 2, 6, "a comparison has two to six operands");
    case NODE_AND:
    case NODE_OR: return check_flat(node);
    case NODE_CHOOSE: return check_operands(node, 3, 3, "a choice has value, condition and other value");
    case NODE_CALL: return check_call(node);
    case NODE_PROCEDURE_CALL:
    case NODE_BOOK_CALL: return check_arguments(node);
    case NODE_ASK:
        return plain_type(node->type) ? check_operands(node, 1, 2, "ask has a question and at most choices")
                                      : "an answer's type is plain";
    case NODE_COLLECT: return check_collect(node);
    case NODE_LIST: return check_operands(node, 0, UINT32_MAX, "a list holds expressions");
    case NODE_SET: return check_operands(node, 1, UINT32_MAX, "a set holds at least one expression");
    case NODE_RECORD: return check_pairs(node);
    case NODE_TUPLE: return check_operands(node, 2, UINT32_MAX, "a tuple has at least two items");
    default: return "an expression is missing";
    }
}

/* What a kid may be because of its parent: rules that the kid alone cannot know. */
static const char *check_place(const Node *parent, const Node *kid)
{
    bool action = kid->kind == NODE_CALL && functions[kid->function].style == STYLE_ACTION;
    if (action && parent->kind != NODE_EXPRESSION)
        return "an action is a sentence of its own";
    if (kid->kind == NODE_ASK && (parent->kind != NODE_ASSIGN || parent->kids[0]->kind != NODE_NAME))
        return "the answer of ask becomes a fact";
    if (kid->kind == NODE_COLLECT && kid->op == COLLECT_LAZY && parent->kind != NODE_CALL)
        return "a generator is an argument of a function";
    bool further = kid->kind == NODE_COLLECT && kid->op == COLLECT_MORE;
    if (further && (parent->kind != NODE_COLLECT || parent->kids[0] != kid))
        return "a second for belongs to a comprehension";
    if (kid->flags & NODE_BLANK_BEFORE && (parent->kids[0] == kid || !node_is_statement(kid)))
        return "a blank line stands between two statements";
    return NULL;
}

static const char *check_order(const Node *program)
{
    int stage = 0;
    for (uint32_t i = 0; i < program->n_kids; i++) {
        int kind = program->kids[i]->kind;
        if (kind == NODE_COMMENT)
            continue;
        int now = kind == NODE_INPUT ? 0 : kind == NODE_CONNECTION ? 1 : 2;
        if (now < stage)
            return "inputs come first, then connections";
        stage = now;
    }
    return NULL;
}

static const char *check_kids(const Node *node, Place place);

static const char *check_node(const Node *node, Place place)
{
    place.blocks += node->kind == NODE_BLOCK;
    place.expressions += !node_is_statement(node) && node->kind != NODE_BLOCK && node->kind != NODE_PROGRAM;
    if (place.blocks > AST_BLOCKS_MAX || place.expressions > AST_EXPRESSION_MAX)
        return "a tree is not too deep";
    const char *broken = NULL;
    if (node_is_statement(node))
        broken = check_statement(node, place);
    else if (node_is_expression(node))
        broken = check_expression(node);
    else if (node->kind == NODE_PROGRAM)
        broken = check_order(node);
    else if (node->kind == NODE_PAIR)
        broken = check_operands(node, 2, 2, "a pair has key and value");
    if (broken)
        return broken;
    place.in_program = node->kind == NODE_PROGRAM;
    return check_kids(node, place);
}

static const char *check_kids(const Node *node, Place place)
{
    for (uint32_t i = 0; i < node->n_kids; i++) {
        const Node *kid = node->kids[i];
        if ((node->kind == NODE_PROGRAM || node->kind == NODE_BLOCK) && !node_is_statement(kid))
            return "a block holds statements";
        const char *broken = check_place(node, kid);
        if (!broken)
            broken = check_node(kid, place);
        if (broken)
            return broken;
    }
    return NULL;
}

const char *ast_check(const Node *program)
{
    return check_node(program, (Place){0});
}

/* ---- for whoever is debugging at night ---- */

static void print_literal(Buf *out, Value v)
{
    if (v.kind == VALUE_TEXT)
        buf_printf(out, " \"%.*s\"", STR_ARG(value_str(v)));
    else {
        buf_char(out, ' ');
        value_print(out, v);
    }
}

static void print_node(Buf *out, const Node *node, unsigned depth)
{
    buf_printf(out, "%*s%s", (int)(2 * depth), "", node_kind_name(node->kind));
    if (node->kind == NODE_LITERAL)
        print_literal(out, node->value);
    if (node->kind == NODE_CALL && node->function < FN_N_FUNCTIONS)
        buf_printf(out, " %s", functions[node->function].spy);
    if (node->alias.len > 0)
        buf_printf(out, " alias=%.*s", STR_ARG(node->alias));
    if (node->name.len > 0)
        buf_printf(out, " %.*s", STR_ARG(node->name));
    if (node->text.len > 0)
        buf_printf(out, " '%.*s'", STR_ARG(node->text));
    if (node->type)
        buf_printf(out, " : %.*s", STR_ARG(type_spy(node->type)));
    if (node->op || node->ops[0] || node->ops[1])
        buf_printf(out, " op %d/%d,%d", node->op, node->ops[0], node->ops[1]);
    if (node->flags)
        buf_printf(out, " flags %d", node->flags);
    if (node->trailing.len > 0)
        buf_printf(out, "  # %.*s", STR_ARG(node->trailing));
    buf_printf(out, "  [%u-%u|%u-%u]\n", node->english.start, node->english.end, node->spy.start, node->spy.end);
    for (uint32_t i = 0; i < node->n_kids; i++)
        print_node(out, node->kids[i], depth + 1);
}

void ast_print(Buf *out, const Node *node)
{
    print_node(out, node, 0);
}
