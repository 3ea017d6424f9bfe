/* lang/spy_comprehensions.c: what goes through items: the names they get, and comprehensions. */
#include "lang/spy_reader.h"

static Node *read_target_name(SpyReader *reader)
{
    const Token *token = token_now(reader);
    uint32_t first = reader->at;
    Node *node = spy_node(reader, NODE_NAME);
    if (token_is_sign(token, "(")) {
        spy_fail_with_hint(reader, "nested-names", token->span, "a loop's items are taken apart once",
                           "give the pair a name and take it apart on a line of its own: for i, pair in "
                           "enumerate(pairs): first, second = pair");
        return node;
    }
    if (token->kind != TOKEN_NAME) {
        spy_fail_expected(reader, "a name for the items");
        return node;
    }
    node->name = token->text;
    reader->at++;
    return spy_done(reader, node, first);
}

Node *spy_read_loop_target(SpyReader *reader)
{
    uint32_t first = reader->at;
    bool bracket = spy_take_sign(reader, "(");
    Node *name = read_target_name(reader);
    if (!token_is_sign(token_now(reader), ",")) {
        if (bracket)
            spy_expect_sign(reader, ")", "after the name");
        return name;
    }
    Node *tuple = spy_node(reader, NODE_TUPLE);
    node_add(reader->arena, tuple, name);
    while (!reader->failed && spy_take_sign(reader, ","))
        node_add(reader->arena, tuple, read_target_name(reader));
    if (bracket)
        spy_expect_sign(reader, ")", "after the names");
    return spy_done(reader, tuple, first);
}

/* if a if b is if a and b. */
static Node *read_filters(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *filter = spy_read_without_choice(reader);
    if (reader->failed || !token_is_word(token_now(reader), WORD_IF))
        return filter;
    Node *both = spy_node(reader, NODE_AND);
    spy_add_flat(reader, both, filter);
    while (!reader->failed && spy_take_word(reader, WORD_IF))
        spy_add_flat(reader, both, spy_read_without_choice(reader));
    return spy_done(reader, both, first);
}

/* One `for` with its `if`s; what its element is, the caller knows. */
static Node *read_for(SpyReader *reader, Node *element, CollectOp op)
{
    Node *node = spy_node(reader, NODE_COLLECT);
    node->op = (uint8_t)op;
    node_add(reader->arena, node, element);
    reader->at++;
    node_add(reader->arena, node, spy_read_loop_target(reader));
    if (!reader->failed && !spy_take_word(reader, WORD_IN))
        spy_fail_expected(reader, "\"in\" and what to go through");
    node_add(reader->arena, node, spy_read_without_choice(reader));
    if (!reader->failed && spy_take_word(reader, WORD_IF))
        node_add(reader->arena, node, read_filters(reader));
    return node;
}

/* The last `for` is the element of the one before it, and so on: finished from the inside out. */
Node *spy_read_generator(SpyReader *reader, Node *element, uint32_t first, CollectOp op)
{
    Node *all[AST_EXPRESSION_MAX];
    uint32_t n = 0;
    all[n++] = read_for(reader, element, op);
    while (!reader->failed && token_is_word(token_now(reader), WORD_FOR)) {
        if (n == COUNT_OF(all)) {
            spy_fail(reader, "too-deep", token_now(reader)->span, "a comprehension has at most %d loops", (int)n);
            break;
        }
        all[n] = read_for(reader, element, COLLECT_MORE);
        all[n - 1]->kids[0] = all[n];
        n++;
    }
    uint32_t begins = element->spy.start;
    while (!reader->failed && --n > 0) {
        (void)spy_done(reader, all[n], first);
        all[n]->spy.start = begins;
    }
    return reader->failed ? spy_failed_node(reader) : spy_done(reader, all[0], first);
}
