/* lang/spy_postfix.c: what follows a value: .name, .method(…), [index], [from:to]. */
#include "lang/spy_reader.h"

/* sep.join(list) is join(sep, list), and moment.strftime(form) strftime(moment, form); xs.insert(0, x) puts x in
 * front. */
static Node *read_special_method(SpyReader *reader, const Token *name, Node *receiver, uint32_t first)
{
    if (token_is_name(name, "join"))
        return spy_read_function_call(reader, FN_JOIN, receiver, first);
    if (token_is_name(name, "strftime"))
        return spy_read_function_call(reader, FN_STRFTIME, receiver, first);
    CallArguments arguments = spy_read_arguments(reader);
    int64_t place = -1;
    if (reader->failed)
        return spy_failed_node(reader);
    if (arguments.n != 2 || arguments.items[0].value->kind != NODE_LITERAL ||
        !value_to_int(arguments.items[0].value->value, &place) || place != 0) {
        spy_fail_with_hint(reader, "wrong-arguments", arguments.span, "insert only puts something at the front",
                           "write .insert(0, x), or .append(x) for the end");
        return spy_failed_node(reader);
    }
    Node *call = spy_call_node(reader, FN_INSERT_FIRST);
    node_add(reader->arena, call, receiver);
    node_add(reader->arena, call, arguments.items[1].value);
    return spy_done(reader, call, first);
}

static Node *read_method(SpyReader *reader, Node *receiver, uint32_t first)
{
    const Token *name = token_now(reader);
    reader->at++;
    FunctionId function = function_find(name->text, true);
    if (function != FN_N_FUNCTIONS)
        return spy_read_function_call(reader, function, receiver, first);
    if (token_is_name(name, "join") || token_is_name(name, "strftime") || token_is_name(name, "insert"))
        return read_special_method(reader, name, receiver, first);
    return spy_refuse_method(reader, name);
}

static Node *read_attribute(SpyReader *reader, Node *object, uint32_t first)
{
    static const FunctionId parts[] = {FN_YEAR, FN_MONTH, FN_DAY, FN_HOUR, FN_MINUTE};
    const Token *name = token_now(reader);
    if (name->kind != TOKEN_NAME && name->kind != TOKEN_WORD) {
        spy_fail_expected(reader, "a name after the dot");
        return spy_failed_node(reader);
    }
    if (token_is_sign(token_ahead(reader, 1), "("))
        return read_method(reader, object, first);
    reader->at++;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!str_eq(str_from_c(functions[parts[i]].spy), name->text))
            continue;
        Node *call = spy_call_node(reader, parts[i]);
        node_add(reader->arena, call, object);
        return spy_done(reader, call, first);
    }
    Diagnostic *d = spy_fail(reader, "no-attribute", name->span, "fields are not read with a dot");
    Str before = str_slice(reader->text->source, object->spy.start, object->spy.end);
    diagnose_hint(reader->all, d, "write %.*s[\"%.*s\"]", STR_ARG(before),
                  STR_ARG(name_to_words(reader->arena, name->text)));
    return spy_failed_node(reader);
}

static Node *nothing_at(SpyReader *reader)
{
    Node *node = spy_node(reader, NODE_NOTHING);
    uint32_t at = token_now(reader)->span.start;
    node->spy = (Span){at, at};
    return node;
}

static bool at_slice_sign(const SpyReader *reader)
{
    return token_is_sign(token_now(reader), ":") || token_is_sign(token_now(reader), "]");
}

static Node *read_slice(SpyReader *reader, Node *object, Node *from, uint32_t first)
{
    Node *node = spy_node(reader, NODE_SLICE);
    node_add(reader->arena, node, object);
    node_add(reader->arena, node, from ? from : nothing_at(reader));
    for (int i = 0; i < 2; i++) {
        bool there = spy_take_sign(reader, ":") && !at_slice_sign(reader);
        node_add(reader->arena, node, there ? spy_read_expression(reader) : nothing_at(reader));
    }
    spy_expect_sign(reader, "]", "after the slice");
    return spy_done(reader, node, first);
}

static Node *read_subscript(SpyReader *reader, Node *object, uint32_t first)
{
    if (token_is_sign(token_now(reader), ":"))
        return read_slice(reader, object, NULL, first);
    Node *index = spy_read_expressions(reader);
    if (token_is_sign(token_now(reader), ":"))
        return read_slice(reader, object, index, first);
    spy_expect_sign(reader, "]", "after the index");
    if (node_is_text(index)) {
        Node *field = spy_node(reader, NODE_FIELD);
        field->text = value_str(index->value);
        node_add(reader->arena, field, object);
        return spy_done(reader, field, first);
    }
    Node *node = spy_node(reader, NODE_INDEX);
    node_add(reader->arena, node, object);
    node_add(reader->arena, node, index);
    return spy_done(reader, node, first);
}

Node *spy_read_postfix(SpyReader *reader, Node *node, uint32_t first)
{
    while (!reader->failed) {
        if (spy_take_sign(reader, "."))
            node = read_attribute(reader, node, first);
        else if (spy_take_sign(reader, "["))
            node = read_subscript(reader, node, first);
        else if (token_is_sign(token_now(reader), "("))
            spy_fail_with_hint(reader, "not-a-function", token_now(reader)->span,
                               "what stands before this ( cannot be called",
                               "only functions, procedures and books are called, by their names");
        else
            break;
    }
    return node;
}
