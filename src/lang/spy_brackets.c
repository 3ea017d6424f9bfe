/* lang/spy_brackets.c: what stands in brackets: lists, sets, records, tuples, and what they comprehend. */
#include "lang/spy_reader.h"

Node *spy_refuse_star(SpyReader *reader)
{
    spy_fail_with_hint(reader, "no-star", token_now(reader)->span, "SPy unpacks nothing with a star",
                       "add lists with +, and set the fields of records one by one");
    return spy_failed_node(reader);
}

static Node *read_items(SpyReader *reader, Node *node, Node *item, const char *closing, uint32_t first)
{
    node_add(reader->arena, node, item);
    while (!reader->failed && spy_take_sign(reader, ",") && !token_is_sign(token_now(reader), closing))
        node_add(reader->arena, node, spy_read_expression(reader));
    spy_expect_sign(reader, closing, "after the items");
    return reader->failed ? spy_failed_node(reader) : spy_done(reader, node, first);
}

static Node *read_list(SpyReader *reader, uint32_t first)
{
    reader->at++;
    if (spy_take_sign(reader, "]"))
        return spy_done(reader, spy_node(reader, NODE_LIST), first);
    Node *item = spy_read_expression(reader);
    if (reader->failed || !token_is_word(token_now(reader), WORD_FOR))
        return read_items(reader, spy_node(reader, NODE_LIST), item, "]", first);
    Node *node = spy_read_generator(reader, item, first, COLLECT_LIST);
    spy_expect_sign(reader, "]", "after the comprehension");
    return spy_done(reader, node, first);
}

static Node *read_pair(SpyReader *reader, Node *key, uint32_t first)
{
    Node *pair = spy_node(reader, NODE_PAIR);
    node_add(reader->arena, pair, key);
    spy_expect_sign(reader, ":", "after the key");
    node_add(reader->arena, pair, spy_read_expression(reader));
    return spy_done(reader, pair, first);
}

static Node *read_record(SpyReader *reader, Node *key, uint32_t first, uint32_t pair_first)
{
    Node *pair = read_pair(reader, key, pair_first);
    if (!reader->failed && token_is_word(token_now(reader), WORD_FOR)) {
        Node *node = spy_read_generator(reader, pair, first, COLLECT_RECORD);
        spy_expect_sign(reader, "}", "after the comprehension");
        return spy_done(reader, node, first);
    }
    Node *record = spy_node(reader, NODE_RECORD);
    node_add(reader->arena, record, pair);
    while (!reader->failed && spy_take_sign(reader, ",") && !token_is_sign(token_now(reader), "}")) {
        if (token_is_sign(token_now(reader), "**"))
            return spy_refuse_star(reader);
        pair_first = reader->at;
        node_add(reader->arena, record, read_pair(reader, spy_read_expression(reader), pair_first));
    }
    spy_expect_sign(reader, "}", "after the fields");
    return reader->failed ? spy_failed_node(reader) : spy_done(reader, record, first);
}

static Node *read_braces(SpyReader *reader, uint32_t first)
{
    reader->at++;
    if (spy_take_sign(reader, "}"))
        return spy_done(reader, spy_node(reader, NODE_RECORD), first);
    if (token_is_sign(token_now(reader), "**"))
        return spy_refuse_star(reader);
    uint32_t item_first = reader->at;
    Node *item = spy_read_expression(reader);
    if (reader->failed)
        return item;
    if (token_is_sign(token_now(reader), ":"))
        return read_record(reader, item, first, item_first);
    if (!token_is_word(token_now(reader), WORD_FOR))
        return read_items(reader, spy_node(reader, NODE_SET), item, "}", first);
    Node *node = spy_read_generator(reader, item, first, COLLECT_SET);
    spy_expect_sign(reader, "}", "after the comprehension");
    return spy_done(reader, node, first);
}

static Node *read_parentheses(SpyReader *reader, uint32_t first)
{
    reader->at++;
    if (token_is_sign(token_now(reader), ")")) {
        spy_fail_with_hint(reader, "empty-tuple", token_now(reader)->span, "nothing stands between these parentheses",
                           "an empty list is []");
        return spy_failed_node(reader);
    }
    uint32_t inner = reader->at;
    Node *node = spy_read_expression(reader);
    if (reader->failed)
        return node;
    if (token_is_word(token_now(reader), WORD_FOR)) {
        node = spy_read_generator(reader, node, inner, COLLECT_LAZY);
        spy_expect_sign(reader, ")", "after the generator");
        return spy_done(reader, node, first);
    }
    if (!token_is_sign(token_now(reader), ",")) {
        if (token_is_sign(token_now(reader), ":="))
            spy_fail_with_hint(reader, "no-walrus", token_now(reader)->span, "SPy sets no facts inside an expression",
                               "give it a line of its own before");
        spy_expect_sign(reader, ")", "after the expression");
        return node;
    }
    if (token_is_sign(token_ahead(reader, 1), ")")) {
        spy_fail_with_hint(reader, "short-tuple", token_now(reader)->span, "a tuple has at least two items",
                           "leave the comma out, or use a list: [x]");
        return spy_failed_node(reader);
    }
    return read_items(reader, spy_node(reader, NODE_TUPLE), node, ")", first);
}

Node *spy_read_brackets(SpyReader *reader, uint32_t first)
{
    if (token_is_sign(token_now(reader), "("))
        return read_parentheses(reader, first);
    return token_is_sign(token_now(reader), "[") ? read_list(reader, first) : read_braces(reader, first);
}
