/* lang/spy_define.c: def name(parameters): and its block. */
#include "lang/spy_reader.h"

static Node *read_parameter(SpyReader *reader)
{
    Node *parameter = spy_node(reader, NODE_PARAMETER);
    uint32_t first = reader->at;
    const Token *token = token_now(reader);
    if (token_is_sign(token, "*") || token_is_sign(token, "**"))
        spy_fail_with_hint(reader, "no-star", token->span, "a procedure has a fixed number of parameters",
                           "name each of them");
    else if (token->kind != TOKEN_NAME)
        spy_fail_expected(reader, "the name of a parameter");
    if (reader->failed)
        return parameter;
    parameter->name = token->text;
    reader->at++;
    if (token_is_sign(token_now(reader), ":"))
        spy_skip_annotation(reader);
    if (!reader->failed && spy_take_sign(reader, "=")) {
        Node *value = spy_read_expression(reader);
        if (!reader->failed && !node_is_constant(value))
            spy_fail_with_hint(reader, "bad-default", value->spy, "a default is a constant",
                               "write a number, a text in quotes, a date(…), a list or a record of these");
        node_add(reader->arena, parameter, value);
    }
    return spy_done(reader, parameter, first);
}

static void read_parameters(SpyReader *reader, Node *define)
{
    Map names = {.arena = reader->arena};
    spy_expect_sign(reader, "(", "before the parameters");
    while (!reader->failed && !token_is_sign(token_now(reader), ")")) {
        Node *parameter = read_parameter(reader);
        const Node *last = define->n_kids ? define->kids[define->n_kids - 1] : NULL;
        if (!reader->failed && last && last->n_kids > parameter->n_kids)
            spy_fail_with_hint(reader, "parameter-order", parameter->spy,
                               "a parameter without a default follows one with a default", "put it first");
        if (!reader->failed && map_put(&names, parameter->name, parameter))
            spy_fail(reader, "doubled-parameter", parameter->spy, "two parameters are called %.*s",
                     STR_ARG(parameter->name));
        node_add(reader->arena, define, parameter);
        if (reader->failed || !spy_take_sign(reader, ","))
            break;
    }
    spy_expect_sign(reader, ")", "after the parameters");
}

Node *spy_read_define(SpyReader *reader, BlockPlace place)
{
    Node *node = spy_node(reader, NODE_DEFINE);
    uint32_t indent = spy_line_now(reader)->indent;
    reader->at++;
    const Token *name = token_now(reader);
    if (place.nesting > 0 || reader->in_define)
        spy_fail_with_hint(reader, "inner-define", name->span, "a procedure is defined inside another block",
                           "move it out, to the left margin");
    else if (name->kind != TOKEN_NAME)
        spy_fail_expected(reader, "the procedure's name");
    else if (spy_call_is_taken(name->text)) {
        Diagnostic *d = spy_fail(reader, "taken-name", name->span, "%.*s is a function of the language already",
                                 STR_ARG(name->text));
        diagnose_hint(reader->all, d, "choose another name, or define and call it as %.*s_", STR_ARG(name->text));
    }
    node->name = spy_procedure_read(name->text);
    if (!reader->failed) {
        reader->at++;
        read_parameters(reader, node);
        if (reader->failed) /* nobody knows then what its calls may give */
            map_put(&reader->lost, name->text, node);
    }
    if (!reader->failed && token_is_sign(token_now(reader), "->"))
        spy_skip_annotation(reader);
    bool outer = reader->in_define;
    reader->in_define = true;
    node_add(reader->arena, node, spy_read_block(reader, indent, place.nesting, S("")));
    reader->in_define = outer;
    return node;
}
