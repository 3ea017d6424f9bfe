/* lang/english_blocks.c: tokens → statements: those that hold indented sentences, and checks. */
#include <string.h>

#include "lang/english_internal.h"

/* ---- blocks ---- */

static Node *with_block(EnglishReader *reader, Node *node, uint32_t start, uint32_t indent)
{
    Node *block = read_block(reader, indent);
    if (!block)
        return NULL;
    node_add(reader->arena, node, block);
    return finish_statement(reader, node, start);
}

/* “if … then”, with or without `then`. */
static Node *read_if_condition(EnglishReader *reader)
{
    Node *condition = read_deciding(reader, read_value);
    if (!condition)
        return NULL;
    if (!take_word(reader, "then"))
        take_sign(reader, ":");
    else if (token_now(reader)->kind != TOKEN_END)
        return fail_at(reader, reader->at, reader->at + 1, "unexpected-word",
                       "indent it by two blanks on the next line", "what “then” leads to stands on lines of its own");
    return end_sentence(reader) ? condition : NULL;
}

/* A comment behind `otherwise` opens its block. */
static void put_first(EnglishReader *reader, Node *block, Str comment, Span span)
{
    Node *all = node_new(reader->arena, NODE_BLOCK), *first = node_new(reader->arena, NODE_COMMENT);
    first->text = comment;
    first->english = span;
    node_add(reader->arena, all, first);
    for (uint32_t i = 0; i < block->n_kids; i++)
        node_add(reader->arena, all, block->kids[i]);
    block->kids = all->kids;
    block->n_kids = all->n_kids;
    block->english.start = MIN_OF(block->english.start, span.start);
}

static Node *read_branch(EnglishReader *reader, Node *node, uint32_t indent)
{
    Node *outer = reader->owner;
    reader->owner = node->kids[node->n_kids - 1];
    next_sentence(reader);
    reader->owner = outer;
    Str comment = reader->sentence.comment;
    Span span = reader->sentence.comment_span;
    bool has_comment = reader->sentence.has_comment;
    bool is_last = !words_at(reader, 0, "otherwise if");
    reader->at = is_last ? 1 : 2;
    Node *condition = is_last ? NULL : read_if_condition(reader);
    if (is_last) {
        take_sign(reader, ":");
        end_sentence(reader);
    }
    bool failed = reader->failed;
    Node *block = read_block(reader, indent);
    reader->failed |= failed;
    if (!block || reader->failed)
        return NULL;
    if (has_comment)
        put_first(reader, block, comment, span);
    if (condition)
        node_add(reader->arena, node, condition);
    node_add(reader->arena, node, block);
    return is_last ? NULL : node;
}

Node *read_if(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = sentence_start(reader);
    reader->at++;
    Node *node = node_new(reader->arena, NODE_IF);
    Node *condition = read_if_condition(reader);
    bool failed = !condition;
    Node *block = read_block(reader, indent);
    failed |= reader->failed || !block;
    node_add(reader->arena, node, condition ? condition : node_new(reader->arena, NODE_NOTHING));
    node_add(reader->arena, node, block ? block : node_new(reader->arena, NODE_BLOCK));
    while (otherwise_follows(reader, indent)) {
        bool goes_on = read_branch(reader, node, indent);
        failed |= reader->failed;
        if (!goes_on && !reader->failed)
            break;
    }
    reader->failed = failed;
    return failed ? NULL : finish_statement(reader, node, start);
}

/* Reads the block even when the first line failed, so that all problems are told at once. */
static Node *block_anyway(EnglishReader *reader, uint32_t indent)
{
    read_block(reader, indent);
    reader->failed = true;
    return NULL;
}

Node *read_for(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = sentence_start(reader);
    reader->at++;
    if (!take_word(reader, "each") && !take_word(reader, "every")) {
        fail_expected(reader, "“each”");
        return block_anyway(reader, indent);
    }
    Node *node = node_new(reader->arena, NODE_FOR);
    Node *target = read_targets(reader);
    if (target && !take_word(reader, "in"))
        fail_expected(reader, "“in” and a list");
    Node *over = reader->failed ? NULL : read_goes_through(reader);
    if (over && take_sign(reader, ",")) {
        if (take_words(reader, "at the same time"))
            node->flags |= NODE_SAME_TIME;
        else
            fail_expected(reader, "“at the same time”");
    }
    take_sign(reader, ":");
    if (!over || !end_sentence(reader))
        return block_anyway(reader, indent);
    remember_fact(reader, target);
    bool counts = target->kind == NODE_NAME && str_eq(target->name, S("_")) && over->kind == NODE_CALL &&
                  over->function == FN_RANGE && over->n_kids == 1 && !(node->flags & NODE_SAME_TIME);
    if (counts) {
        node->kind = NODE_REPEAT;
        node_add(reader->arena, node, over->kids[0]);
    } else {
        node_add(reader->arena, node, target);
        node_add(reader->arena, node, over);
    }
    return with_block(reader, node, start, indent);
}

Node *read_repeat(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = sentence_start(reader);
    bool is_while = word_at(reader, 0, "while") || word_at(reader, 1, "while");
    reader->at += is_while && !word_at(reader, 0, "while") ? 2 : 1;
    Node *node = node_new(reader->arena, is_while ? NODE_WHILE : NODE_REPEAT);
    reader->stop_word = is_while ? S("") : S("times");
    Node *value = is_while ? read_deciding(reader, read_value) : read_sum(reader);
    reader->stop_word = S("");
    if (value && !is_while && !take_word(reader, "times"))
        fail_expected(reader, "“times”");
    take_sign(reader, ":");
    if (!value || !end_sentence(reader))
        return block_anyway(reader, indent);
    node_add(reader->arena, node, value);
    return with_block(reader, node, start, indent);
}

/* ---- procedures ---- */

Str read_procedure_name(EnglishReader *reader)
{
    if (token_now(reader)->kind == TOKEN_TEXT) {
        Str name = token_now(reader)->text;
        reader->at++;
        return text_is_name(name) ? name : name_from_words(reader->arena, name);
    }
    Buf words = buf_in(reader->arena);
    for (; token_now(reader)->kind == TOKEN_WORD && !word_at(reader, reader->at, "with"); reader->at++) {
        if (words.len > 0)
            buf_char(&words, ' ');
        buf_str(&words, token_now(reader)->text);
    }
    return name_from_words(reader->arena, buf_view(&words));
}

/* the rate (usually 0.19) */
static Node *read_parameter(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *name = read_target_name(reader);
    if (!name)
        return NULL;
    Node *parameter = node_new(reader->arena, NODE_PARAMETER);
    parameter->name = name->name;
    remember_fact(reader, name);
    bool closing = sign_at(reader, reader->at, "(");
    reader->at += closing;
    if (take_word(reader, "usually")) {
        uint32_t at = reader->at;
        Node *value = closing ? read_value(reader) : read_sum(reader);
        if (!value)
            return NULL;
        if (!node_is_constant(value))
            return fail_at(reader, at, reader->at, "not-constant",
                           "work it out and write the result, as in: (usually 7)",
                           "what a parameter usually is must be a plain value");
        node_add(reader->arena, parameter, value);
    } else if (closing) {
        return fail_expected(reader, "“usually” and a value");
    }
    if (closing && !take_sign(reader, ")"))
        return fail_expected(reader, "“)”");
    return finish_node(reader, parameter, from);
}

static bool read_parameters(EnglishReader *reader, Node *define)
{
    if (!take_word(reader, "with"))
        return true;
    do {
        uint32_t from = reader->at;
        Node *parameter = read_parameter(reader);
        if (!parameter)
            return false;
        uint32_t n = define->n_kids;
        if (n > 0 && define->kids[n - 1]->n_kids > parameter->n_kids) {
            fail_at(reader, from, reader->at, "parameter-order", "move it before those with “usually”",
                    "parameters that usually have a value come last");
            return false;
        }
        node_add(reader->arena, define, parameter);
    } while (take_separator(reader));
    return true;
}

Node *read_define(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = sentence_start(reader);
    reader->at++;
    Node *node = node_new(reader->arena, NODE_DEFINE);
    node->name = read_procedure_name(reader);
    if (reader->owner->kind != NODE_PROGRAM) {
        fail_at(reader, 0, reader->at, "misplaced-sentence", "move it out of the block it stands in",
                "a procedure stands by itself, not indented");
        return block_anyway(reader, indent);
    }
    if (!text_is_name(node->name))
        fail_expected(reader, "what the procedure does, as in “to price an order”");
    bool parameters = !reader->failed && read_parameters(reader, node);
    take_sign(reader, ":");
    if (!parameters || !end_sentence(reader))
        return block_anyway(reader, indent);
    return with_block(reader, node, start, indent);
}

/* ---- checks ---- */

Node *read_ensure(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    Node *condition = read_deciding(reader, read_value), *message = NULL;
    if (!condition)
        return NULL;
    if (take_sign(reader, ",")) {
        if (!take_words(reader, "or else"))
            return fail_expected(reader, "“or else” and what to say");
        message = read_value(reader);
        if (!message)
            return NULL;
    }
    return simple_statement(reader, NODE_ENSURE, condition, message);
}

Node *read_validate(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = sentence_start(reader);
    if (!take_words(reader, "validate the following"))
        return fail_expected(reader, "“validate the following” and indented checks");
    take_sign(reader, ":");
    if (!end_sentence(reader))
        return NULL;
    Node *node = node_new(reader->arena, NODE_VALIDATE);
    bool failed = !deeper_line_follows(reader, indent);
    if (failed)
        fail_expected(reader, "indented sentences that start with “ensure”");
    while (deeper_line_follows(reader, indent)) {
        next_sentence(reader);
        keep_comment(reader);
        Node *ensure = word_at(reader, 0, "ensure")
                           ? read_ensure(reader, indent)
                           : fail_at(reader, 0, reader->sentence.count - 1, "unexpected-word",
                                     "move it below the checks, to the indentation of “validate”",
                                     "only sentences that start with “ensure” stand here");
        failed |= !ensure;
        if (ensure)
            node_add(reader->arena, node, ensure);
    }
    reader->failed = failed;
    return failed ? NULL : finish_statement(reader, node, start);
}
