/* lang/spy_blocks.c: what has lines below it: if, for, while. */
#include "lang/spy_reader.h"

/* ---- a block ---- */

static bool block_has_statement(const Node *block)
{
    for (uint32_t i = 0; i < block->n_kids; i++) {
        if (block->kids[i]->kind != NODE_COMMENT)
            return true;
    }
    return false;
}

Node *spy_read_block(SpyReader *reader, uint32_t outer_indent, unsigned nesting, Str comment)
{
    Node *block = spy_node(reader, NODE_BLOCK);
    const Line *head = spy_line_now(reader);
    spy_expect_sign(reader, ":", "before the block");
    if (nesting >= AST_BLOCKS_MAX && !reader->failed)
        spy_fail_with_hint(reader, "too-deep", token_now(reader)->span, "blocks are nested too deeply",
                           "move the inner ones into a procedure with def");
    bool failed = reader->failed;
    if (!failed && token_now(reader)->kind != TOKEN_END) {
        spy_add_simple_statements(reader, block, comment);
        reader->line++;
        return block;
    }
    Span end = token_now(reader)->span;
    if (comment.len > 0)
        spy_add_statement(reader, block, spy_comment_node(reader, comment, false));
    reader->line++;
    const Line *next = spy_line_now(reader);
    uint32_t code = next ? next->next_code : reader->text->n_lines;
    uint32_t indent = code < reader->text->n_lines ? reader->text->lines[code].indent : 0;
    reader->failed = false;
    bool has_lines = indent > outer_indent; /* those that cannot be read have been told of */
    if (has_lines)
        spy_read_lines(reader, (BlockPlace){indent, nesting + 1, block});
    reader->failed = failed;
    if (!failed && !block_has_statement(block) && (!has_lines || reader->all->n_errors == 0))
        spy_fail_with_hint(reader, "empty-block", end, "nothing stands in this block",
                           "indent what belongs to it by four blanks; a comment alone does nothing");
    else if (!block_has_statement(block))
        reader->failed = true;
    if (head && block->n_kids > 0)
        block->spy = (Span){block->kids[0]->spy.start, block->kids[block->n_kids - 1]->spy.end};
    return block;
}

/* Comments between a block and the elif or else behind it belong to the block. */
static bool at_clause(SpyReader *reader, uint32_t indent, SpyWord word)
{
    const Line *line = spy_line_now(reader);
    if (!line || line->next_code >= reader->text->n_lines)
        return false;
    const Line *code = &reader->text->lines[line->next_code];
    return code->indent == indent && !code->spoiled && token_is_word(&reader->text->tokens[code->first], word);
}

static Str move_to_clause(SpyReader *reader, Node *block)
{
    while (spy_line_now(reader)->is_comment) {
        const Line *line = spy_line_now(reader);
        Str text = reader->text->comments[line->first_comment].text;
        if (line->n_comments > 0)
            spy_add_statement(reader, block, spy_comment_node(reader, text, line->blank_before));
        reader->line++;
    }
    const Line *line = spy_line_now(reader);
    bool blank = false;
    reader->at = line->first + 1;
    return spy_take_comments(reader, line, block, &blank);
}

/* ---- its head ---- */

static Node *read_if(SpyReader *reader, BlockPlace place)
{
    Node *node = spy_node(reader, NODE_IF);
    uint32_t indent = spy_line_now(reader)->indent;
    bool failed = false;
    reader->at++;
    node_add(reader->arena, node, spy_read_expression(reader));
    Node *block = spy_read_block(reader, indent, place.nesting, S(""));
    node_add(reader->arena, node, block);
    while (at_clause(reader, indent, WORD_ELIF)) {
        failed |= reader->failed;
        reader->failed = false;
        Str comment = move_to_clause(reader, block);
        node_add(reader->arena, node, spy_read_expression(reader));
        block = spy_read_block(reader, indent, place.nesting, comment);
        node_add(reader->arena, node, block);
    }
    if (at_clause(reader, indent, WORD_ELSE)) {
        failed |= reader->failed;
        reader->failed = false;
        Str comment = move_to_clause(reader, block);
        node_add(reader->arena, node, spy_read_block(reader, indent, place.nesting, comment));
    }
    reader->failed |= failed;
    return node;
}

/* The else behind a loop: its block is read, so that what is wrong in it is told as well. */
static void refuse_loop_else(SpyReader *reader, uint32_t indent, BlockPlace place)
{
    if (!at_clause(reader, indent, WORD_ELSE))
        return;
    reader->failed = false;
    const Line *code = &reader->text->lines[spy_line_now(reader)->next_code];
    spy_fail_with_hint(
        reader, "loop-else", reader->text->tokens[code->first].span, "a loop has no else in SPy",
        "write its lines behind the loop; where the loop has a break, set a fact before it and test it after");
    reader->line = spy_line_now(reader)->next_code;
    reader->at = code->first + 1;
    (void)spy_read_block(reader, indent, place.nesting, S(""));
    reader->failed = true;
}

static Node *read_while(SpyReader *reader, BlockPlace place)
{
    Node *node = spy_node(reader, NODE_WHILE);
    uint32_t indent = spy_line_now(reader)->indent;
    reader->at++;
    node_add(reader->arena, node, spy_read_expression(reader));
    node_add(reader->arena, node, spy_read_block(reader, indent, place.nesting, S("")));
    refuse_loop_else(reader, indent, place);
    return node;
}

/* at_the_same_time(claims) around what is iterated is the loop's, not a function. */
static Node *read_iterable(SpyReader *reader, Node *loop)
{
    if (!spy_at_call_of(reader, "at_the_same_time"))
        return spy_read_expressions(reader);
    reader->at += 2;
    Node *iterable = spy_read_expression(reader);
    spy_expect_sign(reader, ")", "after what is gone through");
    loop->flags |= NODE_SAME_TIME;
    return iterable;
}

static Node *read_for(SpyReader *reader, BlockPlace place)
{
    Node *node = spy_node(reader, NODE_FOR);
    uint32_t indent = spy_line_now(reader)->indent;
    reader->at++;
    Node *target = spy_read_loop_target(reader);
    if (!reader->failed && !spy_take_word(reader, WORD_IN))
        spy_fail_expected(reader, "\"in\" and what to go through");
    Node *iterable = reader->failed ? target : read_iterable(reader, node);
    if (!reader->failed && iterable->kind == NODE_COLLECT && iterable->op == COLLECT_LAZY)
        spy_fail_with_hint(reader, "lone-generator", iterable->spy,
                           "a generator stands only as the argument of a function", "make it a list: [ … for … in … ]");
    bool counted = iterable->kind == NODE_CALL && iterable->function == FN_RANGE && iterable->n_kids == 1 &&
                   str_eq(target->name, S("_")) && !node->flags;
    if (counted)
        node->kind = NODE_REPEAT;
    else
        node_add(reader->arena, node, target);
    node_add(reader->arena, node, counted ? iterable->kids[0] : iterable);
    if (!reader->failed && counted && iterable->kids[0]->kind == NODE_COLLECT && iterable->kids[0]->op == COLLECT_LAZY)
        spy_fail_with_hint(reader, "lone-generator", iterable->spy, "a loop is repeated a number of times",
                           "count it: len([…])");
    node_add(reader->arena, node, spy_read_block(reader, indent, place.nesting, S("")));
    refuse_loop_else(reader, indent, place);
    return node;
}

Node *spy_read_compound(SpyReader *reader, BlockPlace place)
{
    const Token *token = token_now(reader);
    if (token->kind != TOKEN_WORD)
        return NULL;
    switch (token->word) {
    case WORD_IF: return read_if(reader, place);
    case WORD_FOR: return read_for(reader, place);
    case WORD_WHILE: return read_while(reader, place);
    case WORD_DEF: return spy_read_define(reader, place);
    default: return NULL;
    }
}
