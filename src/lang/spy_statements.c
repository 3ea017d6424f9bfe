/* lang/spy_statements.c: what fills one line: assignments, return, calls; several with semicolons between them. */
#include "lang/spy_reader.h"

/* ---- assignments ---- */

static bool is_target(const Node *node)
{
    if (node->kind != NODE_TUPLE)
        return node->kind == NODE_NAME || node->kind == NODE_FIELD || node->kind == NODE_INDEX;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (node->kids[i]->kind == NODE_TUPLE || !is_target(node->kids[i]))
            return false;
    }
    return true;
}

static bool check_target(SpyReader *reader, const Node *target)
{
    if (reader->failed || is_target(target))
        return !reader->failed;
    const char *hint = target->kind == NODE_SLICE ? "make a new list and set the fact to it"
                       : target->kind == NODE_LITERAL
                           ? "to compare, write =="
                           : "on the left of = stands a name, record[\"field\"], list[0], or several with commas";
    spy_fail_with_hint(reader, "bad-target", target->spy, "this cannot be set", hint);
    return false;
}

static Node *copy_node(Arena *arena, const Node *node)
{
    Node *copy = node_new(arena, (NodeKind)node->kind);
    *copy = *node;
    copy->kids = NULL;
    copy->n_kids = 0;
    for (uint32_t i = 0; i < node->n_kids; i++)
        node_add(arena, copy, copy_node(arena, node->kids[i]));
    return copy;
}

/* x += 1 is x = x + 1. */
static Node *read_augmented(SpyReader *reader, Node *target, ArithmeticOp op, uint32_t first)
{
    Node *node = spy_node(reader, NODE_ASSIGN);
    if (target->kind == NODE_TUPLE && !reader->failed)
        spy_fail_with_hint(reader, "bad-target", target->spy, "only one value is changed at a time",
                           "write a line for each");
    uint32_t value_first = reader->at;
    Node *change = spy_read_expressions(reader);
    Node *value = spy_node(reader, NODE_ARITHMETIC);
    value->op = (uint8_t)op;
    node_add(reader->arena, value, copy_node(reader->arena, target));
    node_add(reader->arena, value, change);
    value = spy_done(reader, value, value_first);
    value->spy = (Span){target->spy.start, value->spy.end};
    node_add(reader->arena, node, target);
    node_add(reader->arena, node, value);
    return spy_done(reader, node, first);
}

static bool take_augmented(SpyReader *reader, ArithmeticOp *out)
{
    static const struct {
        const char *sign;
        ArithmeticOp op;
    } rows[] = {{"+=", OP_ADD},           {"-=", OP_SUBTRACT}, {"*=", OP_MULTIPLY}, {"/=", OP_DIVIDE},
                {"//=", OP_FLOOR_DIVIDE}, {"%=", OP_MODULO},   {"**=", OP_POWER}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (spy_take_sign(reader, rows[i].sign)) {
            *out = rows[i].op;
            return true;
        }
    }
    return false;
}

static Node *read_assigned(SpyReader *reader, Node *target, bool at_top, uint32_t first)
{
    if (spy_at_call_of(reader, "read_input"))
        return spy_read_input(reader, target, at_top, first);
    Node *node = spy_node(reader, NODE_ASSIGN);
    node_add(reader->arena, node, target);
    node_add(reader->arena, node,
             spy_at_call_of(reader, "ask") ? spy_read_ask(reader, target) : spy_read_expressions(reader));
    if (!reader->failed && token_is_sign(token_now(reader), "="))
        spy_fail_with_hint(reader, "chained-assignment", token_now(reader)->span, "one line sets one fact",
                           "write a line for each");
    return reader->failed ? node : spy_done(reader, node, first);
}

void spy_skip_annotation(SpyReader *reader)
{
    uint32_t first = reader->at++;
    (void)spy_read_expression(reader);
    if (reader->failed)
        return;
    Span span = {reader->text->tokens[first].span.start, reader->text->tokens[reader->at - 1].span.end};
    Diagnostic *d =
        diagnose(reader->all, SEVERITY_WARNING, "no-annotation", span, "types of facts are found out, not written");
    diagnose_hint(reader->all, d, "leave it out");
}

/* ---- any of them ---- */

static Node *read_expression_statement(SpyReader *reader, Node *value, uint32_t first)
{
    Node *node = spy_node(reader, NODE_EXPRESSION);
    bool action = value->kind == NODE_CALL && functions[value->function].style == STYLE_ACTION;
    if (!action && value->kind != NODE_BOOK_CALL && value->kind != NODE_PROCEDURE_CALL) {
        const Token *next = token_now(reader);
        if (value->kind == NODE_NAME && next->kind != TOKEN_END && next->kind != TOKEN_SIGN) {
            spy_fail_with_hint(reader, "unexpected", value->spy, "this begins no statement of SPy",
                               str_eq(value->name, S("match")) || str_eq(value->name, S("case"))
                                   ? "choose with if and elif"
                                   : "as in: total = 5; plain English stands in a file whose name ends in .english");
            return node;
        }
        const char *hint = value->kind == NODE_COMPARE ? "to set a fact, write one =; to check, write ensure(…)"
                                                       : "give it a name: result = …, or take it out";
        spy_fail_with_hint(reader, "useless-expression", value->spy, "this value is not used for anything", hint);
        return node;
    }
    node_add(reader->arena, node, value);
    return spy_done(reader, node, first);
}

static Node *read_assignment_or_call(SpyReader *reader, bool at_top)
{
    uint32_t first = reader->at;
    if (spy_at_call_of(reader, "ask") || spy_at_call_of(reader, "read_input")) {
        spy_fail_with_hint(reader, "useless-expression", token_now(reader)->span, "the answer is not kept",
                           "give it a name: answer = …");
        return spy_node(reader, NODE_NOTHING);
    }
    Node *target = spy_read_expressions(reader);
    ArithmeticOp op;
    if (reader->failed)
        return target;
    if (token_is_sign(token_now(reader), ":") && target->kind == NODE_NAME)
        spy_skip_annotation(reader);
    if (reader->failed)
        return target;
    if (spy_take_sign(reader, "="))
        return check_target(reader, target) ? read_assigned(reader, target, at_top, first) : target;
    if (take_augmented(reader, &op))
        return check_target(reader, target) ? read_augmented(reader, target, op, first) : target;
    return read_expression_statement(reader, target, first);
}

static Node *read_return(SpyReader *reader, uint32_t first)
{
    Node *node = spy_node(reader, NODE_RETURN);
    if (!reader->in_define)
        spy_fail_with_hint(reader, "lone-return", token_now(reader)->span, "return stands outside a procedure",
                           "give results with set_output(\"name\", value=…); end the run with finish()");
    reader->at++;
    if (!reader->failed && token_now(reader)->kind != TOKEN_END && !token_is_sign(token_now(reader), ";"))
        node_add(reader->arena, node, spy_read_expressions(reader));
    return spy_done(reader, node, first);
}

static Node *read_simple(SpyReader *reader, bool at_top)
{
    const Token *token = token_now(reader);
    uint32_t first = reader->at;
    if (token->kind == TOKEN_WORD) {
        switch (token->word) {
        case WORD_BREAK: reader->at++; return spy_done(reader, spy_node(reader, NODE_BREAK), first);
        case WORD_CONTINUE: reader->at++; return spy_done(reader, spy_node(reader, NODE_CONTINUE), first);
        case WORD_RETURN: return read_return(reader, first);
        case WORD_ASSERT:
        case WORD_NONE:
        case WORD_TRUE:
        case WORD_FALSE:
        case WORD_NOT: break;
        default: return spy_refuse_word(reader);
        }
    }
    Node *sentence = spy_read_sentence(reader);
    return sentence ? sentence : read_assignment_or_call(reader, at_top);
}

/* Where inputs and connections may still stand. */
static bool only_inputs(const Node *program, bool connections_too)
{
    for (uint32_t i = 0; i < program->n_kids; i++) {
        int kind = program->kids[i]->kind;
        if (kind != NODE_COMMENT && kind != NODE_INPUT && !(connections_too && kind == NODE_CONNECTION))
            return false;
    }
    return true;
}

static void check_connection_place(SpyReader *reader, BlockPlace place, const Node *statement)
{
    if (reader->failed || statement->kind != NODE_CONNECTION)
        return;
    if (place.node->kind != NODE_PROGRAM || !only_inputs(place.node, true))
        spy_fail_with_hint(reader, "late-connection", statement->spy, "connections stand at the top, after the inputs",
                           "move this line up");
}

void spy_add_simple_statements(SpyReader *reader, Node *block, Str trailing)
{
    bool in_program = block->kind == NODE_PROGRAM;
    do {
        if (token_now(reader)->kind == TOKEN_END)
            break;
        Node *statement = read_simple(reader, in_program && only_inputs(block, false));
        check_connection_place(reader, (BlockPlace){.node = block}, statement);
        if (reader->failed)
            return;
        statement->trailing = trailing;
        trailing = S("");
        spy_add_statement(reader, block, statement);
    } while (spy_take_sign(reader, ";"));
    if (token_now(reader)->kind == TOKEN_END)
        return;
    const Token *token = token_now(reader);
    Diagnostic *d = spy_fail(reader, "unexpected", token->span, "the statement should end before %.*s",
                             STR_ARG(spy_token_shown(reader, token)));
    if (token_is_sign(token, "="))
        diagnose_hint(reader->all, d, "on the left of = stands a name, record[\"field\"] or list[0]");
    else if (token->kind == TOKEN_NAME || token->kind == TOKEN_WORD || token->kind == TOKEN_TEXT ||
             token->kind == TOKEN_NUMBER)
        diagnose_hint(reader->all, d, "a comma, an operator or a new line is missing before it");
    else if (token_is_sign(token, ":"))
        diagnose_hint(reader->all, d, "blocks begin with if, elif, else, for, while or def");
    else if (token_is_sign(token, ":="))
        diagnose_hint(reader->all, d, "to set a fact, write =");
}
