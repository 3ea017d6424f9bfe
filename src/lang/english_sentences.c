/* lang/english_sentences.c: tokens → statements: one function a kind of sentence, chosen by its first word. */
#include <string.h>

#include "lang/english_internal.h"

/* ---- ends ---- */

bool end_sentence(EnglishReader *reader)
{
    if (reader->failed)
        return false;
    if (sign_at(reader, reader->at, ".") && token_at(reader, reader->at + 1)->kind == TOKEN_END)
        reader->at++;
    if (token_now(reader)->kind != TOKEN_END) {
        fail_expected(reader, "the end of the sentence");
        return false;
    }
    reader->last_end = reader->at > 0 ? token_at(reader, reader->at - 1)->end : token_now(reader)->end;
    return true;
}

/* A statement reaches from its first token to the end of its last line. */
static Node *statement(EnglishReader *reader, Node *node, uint32_t start)
{
    if (reader->failed)
        return NULL;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        Node *kid = node->kids[i];
        if (kid->kind == NODE_COLLECT && kid->op == COLLECT_LAZY)
            kid->op = COLLECT_LIST;
    }
    node->english = (Span){start, reader->last_end};
    return node;
}

static uint32_t start_of(const EnglishReader *reader)
{
    return token_at(reader, 0)->start;
}

/* A sentence of one line that holds these kids. */
static Node *simple(EnglishReader *reader, NodeKind kind, Node *one, Node *two)
{
    if (!end_sentence(reader))
        return NULL;
    Node *node = node_new(reader->arena, kind);
    if (one)
        node_add(reader->arena, node, one);
    if (two)
        node_add(reader->arena, node, two);
    return statement(reader, node, start_of(reader));
}

/* ---- facts ---- */

void remember_fact(EnglishReader *reader, const Node *target)
{
    if (reader->trial)
        return;
    if (target->kind == NODE_NAME)
        map_put(&reader->facts, target->name, (void *)target);
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        remember_fact(reader, target->kids[i]);
}

/* After `are`: several items are a list, one value is itself. */
static Node *read_after_are(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *first = read_sum(reader);
    if (!first)
        return NULL;
    bool several = sign_at(reader, reader->at, ",") || word_at(reader, reader->at, "and");
    reader->at = from;
    return several ? read_list(reader, NODE_LIST) : read_value(reader);
}

/* is V · are V, W and X */
static Node *read_what_it_is(EnglishReader *reader)
{
    if (take_word(reader, "are"))
        return read_after_are(reader);
    if (!take_word(reader, "is"))
        return fail_expected(reader, "“is” or “are”");
    Node *value = read_value(reader);
    if (value && sign_at(reader, reader->at, ","))
        return fail_at(reader, reader->at, reader->at + 1, "unexpected-word", "a list follows “are”: the regions are …",
                       "expected the end of the sentence, but found “,”");
    return value;
}

static bool is_target(const Node *node)
{
    return node->kind == NODE_NAME || node->kind == NODE_FIELD || node->kind == NODE_INDEX;
}

static Node *read_target(EnglishReader *reader)
{
    uint32_t from = reader->at;
    reader->setting = true;
    Node *target = read_primary(reader);
    reader->setting = false;
    if (!target || is_target(target))
        return target;
    return fail_at(reader, from, reader->at, "not-settable",
                   "only a fact, a field or one item can be set: set the first "
                   "item with “the entry at 0 of …”",
                   "this is a calculation, which cannot be set");
}

static Node *assign(EnglishReader *reader, Node *target, Node *value)
{
    if (!target || !value)
        return NULL;
    Node *node = simple(reader, NODE_ASSIGN, target, value);
    if (node)
        remember_fact(reader, target);
    return node;
}

static Node *read_fact(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    if (take_words(reader, "the result is")) {
        Node *value = read_value(reader);
        return value ? simple(reader, NODE_RETURN, value, NULL) : NULL;
    }
    Node *target = read_target_name(reader);
    if (!target)
        return NULL;
    TokenKind next = token_now(reader)->kind;
    if (next == TOKEN_POSSESSIVE || next == TOKEN_PLURAL || word_at(reader, reader->at, "of")) {
        reader->at = 0;
        target = read_target(reader);
    }
    return target ? assign(reader, target, read_what_it_is(reader)) : NULL;
}

static Node *read_set(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    uint32_t from = reader->at;
    Node *target = read_target(reader);
    if (target && (word_at(reader, reader->at, "and") || sign_at(reader, reader->at, ","))) {
        Node *tuple = node_new(reader->arena, NODE_TUPLE);
        node_add(reader->arena, tuple, target);
        while (target && take_separator(reader)) {
            target = read_target(reader);
            if (target)
                node_add(reader->arena, tuple, target);
        }
        target = target ? made(reader, tuple, from) : NULL;
    }
    if (!target)
        return NULL;
    if (!take_word(reader, "to"))
        return fail_expected(reader, "“to” and the new value");
    return assign(reader, target, read_value(reader));
}

static Node *copy_of(EnglishReader *reader, const Node *node)
{
    Node *copy = NEW(reader->arena, Node);
    *copy = *node;
    copy->kids = NULL;
    copy->n_kids = 0;
    for (uint32_t i = 0; i < node->n_kids; i++)
        node_add(reader->arena, copy, copy_of(reader, node->kids[i]));
    return copy;
}

static Node *read_change(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    bool down = word_at(reader, 0, "decrease");
    uint32_t from = ++reader->at;
    Node *target = read_target(reader);
    if (!target)
        return NULL;
    if (!take_word(reader, "by"))
        return fail_expected(reader, "“by” and how much");
    Node *amount = read_value(reader);
    if (!amount)
        return NULL;
    Node *sum = node_new(reader->arena, NODE_ARITHMETIC);
    sum->op = down ? OP_SUBTRACT : OP_ADD;
    node_add(reader->arena, sum, copy_of(reader, target));
    node_add(reader->arena, sum, amount);
    return assign(reader, target, made(reader, sum, from));
}

/* find the invoice's due date as the due date */
static Node *read_find(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    uint32_t from = ++reader->at;
    Node *field = read_primary(reader);
    if (!field)
        return NULL;
    if (field->kind != NODE_FIELD)
        return fail_at(reader, from, reader->at, "unexpected-word",
                       "as in: find the invoice's due date as the due date", "expected a field that may be missing");
    Node *key = node_new(reader->arena, NODE_LITERAL);
    key->value = value_text(field->text);
    key->id = 1;
    key->english = field->english;
    Node *call = make_call(reader, FN_FIND, field->kids[0], key, from);
    if (!take_word(reader, "as"))
        return fail_expected(reader, "“as” and the name of the fact");
    Node *target = call ? read_target_name(reader) : NULL;
    return assign(reader, target, call);
}

/* ---- people ---- */

static bool read_type(EnglishReader *reader, const Type **out_type, bool *out_optional)
{
    take_word(reader, "a");
    take_word(reader, "an");
    *out_optional = take_word(reader, "optional");
    uint32_t from = reader->at;
    Buf words = buf_in(reader->arena);
    for (; token_now(reader)->kind == TOKEN_WORD; reader->at++) {
        if (reader->at > from)
            buf_char(&words, ' ');
        buf_str(&words, token_now(reader)->text);
    }
    if (reader->at == from) {
        fail_expected(reader, "a type, such as “number”, “text”, “date”, “file” or “table”");
        return false;
    }
    if (type_from_word(buf_view(&words), out_type) && (*out_type)->kind != TYPE_NULL)
        return true;
    fail_at(reader, from, reader->at, "unknown-type",
            "the types are: number, text, yes or no, date, time, date and time, duration, file, list, record, table, "
            "anything",
            "“%.*s” is no type", STR_ARG(buf_view(&words)));
    return false;
}

static void read_ask_line(EnglishReader *reader, Node *ask)
{
    bool optional;
    if (take_words(reader, "the choices")) {
        Node *choices = read_what_it_is(reader);
        if (ask->n_kids > 1)
            fail_at(reader, 0, reader->at, "repeated-line", "", "the choices are given twice");
        if (choices && end_sentence(reader))
            node_add(reader->arena, ask, choices);
    } else if (take_words(reader, "the answer is")) {
        if (read_type(reader, &ask->type, &optional))
            end_sentence(reader);
    } else {
        fail_expected(reader, "“the choices are …” or “the answer is a …”");
    }
}

static Node *read_ask(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = start_of(reader);
    reader->at++;
    Node *question = read_value(reader), *target;
    if (!question)
        return NULL;
    if (take_word(reader, "as"))
        target = read_target_name(reader);
    else {
        target = node_new(reader->arena, NODE_NAME);
        target->name = S("answer");
        target->english = (Span){start, start + 3};
        target->id = 1;
    }
    if (!target || !end_sentence(reader))
        return NULL;
    Node *ask = node_new(reader->arena, NODE_ASK);
    ask->type = &type_any;
    node_add(reader->arena, ask, question);
    while (!reader->failed && deeper_line_follows(reader, indent)) {
        next_sentence(reader);
        keep_comment(reader);
        read_ask_line(reader, ask);
    }
    if (reader->failed)
        return NULL;
    made(reader, ask, 0);
    ask->english = (Span){start, reader->last_end};
    Node *node = node_new(reader->arena, NODE_ASSIGN);
    node_add(reader->arena, node, target);
    node_add(reader->arena, node, ask);
    remember_fact(reader, target);
    return statement(reader, node, start);
}

/* ---- blocks ---- */

static Node *with_block(EnglishReader *reader, Node *node, uint32_t start, uint32_t indent)
{
    Node *block = read_block(reader, indent);
    if (!block)
        return NULL;
    node_add(reader->arena, node, block);
    return statement(reader, node, start);
}

/* “if … then”, with or without `then`. */
static Node *read_if_condition(EnglishReader *reader)
{
    Node *condition = read_value(reader);
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

static Node *read_if(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = start_of(reader);
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
    return failed ? NULL : statement(reader, node, start);
}

/* Reads the block even when the first line failed, so that all problems are told at once. */
static Node *block_anyway(EnglishReader *reader, uint32_t indent)
{
    read_block(reader, indent);
    reader->failed = true;
    return NULL;
}

static Node *read_for(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = start_of(reader);
    reader->at++;
    if (!take_word(reader, "each") && !take_word(reader, "every")) {
        fail_expected(reader, "“each”");
        return block_anyway(reader, indent);
    }
    Node *node = node_new(reader->arena, NODE_FOR);
    Node *target = read_targets(reader);
    if (target && !take_word(reader, "in"))
        fail_expected(reader, "“in” and a list");
    Node *over = reader->failed ? NULL : read_condition(reader);
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

static Node *read_repeat(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = start_of(reader);
    bool is_while = word_at(reader, 0, "while") || word_at(reader, 1, "while");
    reader->at += is_while && !word_at(reader, 0, "while") ? 2 : 1;
    Node *node = node_new(reader->arena, is_while ? NODE_WHILE : NODE_REPEAT);
    reader->stop_word = is_while ? S("") : S("times");
    Node *value = is_while ? read_value(reader) : read_sum(reader);
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
            return fail_at(reader, at, reader->at, "not-constant", "",
                           "what a parameter usually is must be a plain value");
        node_add(reader->arena, parameter, value);
    } else if (closing) {
        return fail_expected(reader, "“usually” and a value");
    }
    if (closing && !take_sign(reader, ")"))
        return fail_expected(reader, "“)”");
    return made(reader, parameter, from);
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
            fail_at(reader, from, reader->at, "parameter-order", "", "parameters that usually have a value come last");
            return false;
        }
        node_add(reader->arena, define, parameter);
    } while (take_separator(reader));
    return true;
}

static Node *read_define(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = start_of(reader);
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

static Node *read_ensure(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    Node *condition = read_value(reader), *message = NULL;
    if (!condition)
        return NULL;
    if (take_sign(reader, ",")) {
        if (!take_words(reader, "or else"))
            return fail_expected(reader, "“or else” and what to say");
        message = read_value(reader);
        if (!message)
            return NULL;
    }
    return simple(reader, NODE_ENSURE, condition, message);
}

static Node *read_validate(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = start_of(reader);
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
        Node *ensure = word_at(reader, 0, "ensure") ? read_ensure(reader, indent) : fail_expected(reader, "“ensure”");
        failed |= !ensure;
        if (ensure)
            node_add(reader->arena, node, ensure);
    }
    reader->failed = failed;
    return failed ? NULL : statement(reader, node, start);
}

/* ---- results, traces, time, ends ---- */

static Node *read_output(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    Node *value = read_value(reader);
    if (!value)
        return NULL;
    if (!take_word(reader, "as"))
        return fail_expected(reader, "“as” and the name of the result in quotation marks");
    Node *name = read_text(reader);
    return name ? simple(reader, NODE_OUTPUT, name, value) : NULL;
}

static Node *read_say(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    Node *text = read_value(reader);
    return text ? simple(reader, NODE_SAY, text, NULL) : NULL;
}

static Node *read_wait(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    bool until = take_word(reader, "until");
    if (!until)
        take_word(reader, "for");
    Node *value = read_value(reader);
    Node *node = value ? simple(reader, NODE_WAIT, value, NULL) : NULL;
    if (node && until)
        node->flags |= NODE_UNTIL;
    return node;
}

static Node *read_fail(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    if (!take_word(reader, "with"))
        return fail_expected(reader, "“with” and the reason");
    Node *reason = read_value(reader);
    return reason ? simple(reader, NODE_FAIL, reason, NULL) : NULL;
}

static Str read_quoted_name(EnglishReader *reader, const char *expected)
{
    const Token *token = token_now(reader);
    if (token->kind != TOKEN_TEXT || !text_is_name(token->text)) {
        fail_expected(reader, expected);
        return S("");
    }
    reader->at++;
    return token->text;
}

static Node *read_use(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    Node *node = node_new(reader->arena, NODE_CONNECTION);
    if (!take_words(reader, "use the"))
        return fail_expected(reader, "“use the \"…\" connection of the \"…\" book”");
    node->name = read_quoted_name(reader, "the connection's name, in lower case and quotation marks");
    if (!reader->failed && !take_words(reader, "connection of the"))
        return fail_expected(reader, "“connection of the”");
    node->text =
        reader->failed ? S("") : read_quoted_name(reader, "the book's name, in lower case and quotation marks");
    if (!reader->failed && !take_word(reader, "book"))
        return fail_expected(reader, "“book”");
    for (uint32_t i = 0; i < reader->owner->n_kids && !reader->failed; i++) {
        NodeKind kind = reader->owner->kids[i]->kind;
        if (reader->owner->kind != NODE_PROGRAM ||
            (kind != NODE_COMMENT && kind != NODE_INPUT && kind != NODE_CONNECTION))
            return fail_at(reader, 0, reader->at, "misplaced-sentence", "move it above the first other sentence",
                           "connections stand at the top, behind the inputs");
    }
    if (reader->owner->kind != NODE_PROGRAM)
        return fail_at(reader, 0, reader->at, "misplaced-sentence", "move it above the first other sentence",
                       "connections stand at the top, behind the inputs");
    if (!end_sentence(reader))
        return NULL;
    return statement(reader, node, start_of(reader));
}

/* ---- inputs ---- */

Node *read_input_line(EnglishReader *reader)
{
    Node *node = node_new(reader->arena, NODE_INPUT);
    if (!take_word(reader, "the"))
        return fail_expected(reader, "an input, as in “the invoice file is a file”");
    if (word_at(reader, 1, "input") && token_at(reader, 2)->kind == TOKEN_TEXT) {
        node->text = token_at(reader, 2)->text;
        reader->at = 3;
        Node *name = take_word(reader, "as") ? read_target_name(reader) : NULL;
        node->name = name ? name->name : name_from_words(reader->arena, node->text);
        if (!text_is_name(node->name))
            return fail_expected(reader, "“as” and the name of the fact");
    } else {
        node->text = read_words(reader);
        node->name = name_from_words(reader->arena, node->text);
        if (!reader->failed && !text_is_name(node->name))
            return fail_at(reader, 1, reader->at, "bad-name", "", "“%.*s” is no name of a fact", STR_ARG(node->text));
    }
    if (!reader->failed && !take_word(reader, "is") && !take_word(reader, "are"))
        return fail_expected(reader, "“is a” and a type");
    bool optional;
    if (reader->failed || !read_type(reader, &node->type, &optional))
        return NULL;
    node->flags |= optional ? NODE_OPTIONAL : 0;
    if (take_sign(reader, ",")) {
        if (!take_word(reader, "usually"))
            return fail_expected(reader, "“usually” and a value");
        uint32_t at = reader->at;
        Node *value = read_value(reader);
        if (!value)
            return NULL;
        if (!node_is_constant(value))
            return fail_at(reader, at, reader->at, "not-constant", "",
                           "what an input usually is must be a plain value");
        node_add(reader->arena, node, value);
    }
    if (!end_sentence(reader))
        return NULL;
    Node *name = node_new(reader->arena, NODE_NAME);
    name->name = node->name;
    remember_fact(reader, name);
    return statement(reader, node, start_of(reader));
}

/* ---- calls ---- */

static void read_parameter_line(EnglishReader *reader, Node *call, const Procedure *procedure)
{
    if (!take_word(reader, "the")) {
        fail_expected(reader, "a line such as “the subject is …”");
        return;
    }
    Node *argument = node_new(reader->arena, NODE_ARGUMENT);
    Node *key = read_key(reader, false);
    if (!key)
        return;
    Str words = value_str(key->value);
    argument->name = text_is_name(words) ? words : name_from_words(reader->arena, words);
    Node *value = read_what_it_is(reader);
    if (!value || !end_sentence(reader))
        return;
    if (!procedure_parameter(procedure, argument->name)) {
        Str *known = NEW_ARRAY(reader->arena, Str, procedure->n_parameters + 1);
        for (uint32_t i = 0; i < procedure->n_parameters; i++)
            known[i] = name_to_words(reader->arena, procedure->parameters[i].name);
        Str near = nearest_spelling(words, known, procedure->n_parameters);
        const char *hint =
            near.len > 0 ? str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)))
                         : "";
        fail_at(reader, 0, reader->at, "unknown-parameter", hint, "“%.*s” is nothing that this sentence takes",
                STR_ARG(words));
        return;
    }
    for (uint32_t i = 0; i < call->n_kids; i++) {
        if (str_eq(call->kids[i]->name, argument->name))
            fail_at(reader, 0, reader->at, "repeated-argument", "", "“%.*s” is given twice", STR_ARG(words));
    }
    node_add(reader->arena, argument, value);
    made(reader, argument, 0);
    if (!reader->failed)
        node_add(reader->arena, call, argument);
}

/* Into the procedure's order. */
static void sort_arguments(EnglishReader *reader, Node *call, const Procedure *procedure)
{
    Node *sorted = node_new(reader->arena, NODE_BLOCK);
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        for (uint32_t j = 0; j < call->n_kids; j++) {
            if (str_eq(call->kids[j]->name, procedure->parameters[i].name))
                node_add(reader->arena, sorted, call->kids[j]);
        }
    }
    call->kids = sorted->kids;
    call->n_kids = sorted->n_kids;
}

static bool read_connection_of_call(EnglishReader *reader, Node *call)
{
    if (!take_words(reader, "using the"))
        return true;
    call->alias = read_quoted_name(reader, "the connection's name in quotation marks");
    if (!reader->failed && !take_word(reader, "connection"))
        fail_expected(reader, "“connection”");
    return !reader->failed;
}

/* A sentence of the catalog, or an action of the language. */
static Node *read_pattern_sentence(EnglishReader *reader, const PatternNode *node, uint32_t indent)
{
    uint32_t start = start_of(reader);
    Node *call = read_pattern(reader, node, NULL, 0, FAMILY_SENTENCE), *result = reader->named_result;
    if (!call)
        return NULL;
    const Procedure *procedure =
        call->kind == NODE_BOOK_CALL ? catalog_find(reader->catalog, call->text, call->name) : NULL;
    if (procedure && !read_connection_of_call(reader, call))
        return NULL;
    if (sign_at(reader, reader->at, ":") && procedure)
        reader->at++;
    if (!end_sentence(reader))
        return NULL;
    made(reader, call, 0);
    while (procedure && !reader->failed && deeper_line_follows(reader, indent)) {
        next_sentence(reader);
        keep_comment(reader);
        read_parameter_line(reader, call, procedure);
    }
    if (reader->failed)
        return NULL;
    if (procedure)
        sort_arguments(reader, call, procedure);
    made(reader, call, 0);
    call->english = (Span){start, reader->last_end};
    Node *sentence = node_new(reader->arena, result ? NODE_ASSIGN : NODE_EXPRESSION);
    if (result)
        node_add(reader->arena, sentence, result);
    node_add(reader->arena, sentence, call);
    if (result)
        remember_fact(reader, result);
    return statement(reader, sentence, start);
}

static Node *read_do(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    reader->at++;
    Node *call = read_call_by_name(reader, 0);
    if (!call)
        return NULL;
    if (call->kind == NODE_LITERAL || (call->kind == NODE_CALL && functions[call->function].style != STYLE_ACTION))
        return fail_at(reader, 0, reader->at, "no-effect", "as in: the total is the result of …",
                       "this only calculates; give its result a name");
    return simple(reader, NODE_EXPRESSION, call, NULL);
}

/* A procedure of this text, called by all of its words. */
static Node *read_known_procedure(EnglishReader *reader)
{
    Buf words = buf_in(reader->arena);
    for (uint32_t i = 0; token_at(reader, i)->kind == TOKEN_WORD && i < 64; i++) {
        if (word_at(reader, i, "with"))
            break;
        if (i > 0)
            buf_char(&words, ' ');
        buf_str(&words, token_at(reader, i)->text);
        const Token *next = token_at(reader, i + 1);
        bool ends = next->kind == TOKEN_END || word_at(reader, i + 1, "with");
        if (ends && map_find(&reader->procedures, buf_view(&words))) {
            reader->at = i + 1;
            Node *call = node_new(reader->arena, NODE_PROCEDURE_CALL);
            call->name = name_from_words(reader->arena, buf_view(&words));
            call = read_arguments(reader, call);
            call = call ? made(reader, call, 0) : NULL;
            return call ? simple(reader, NODE_EXPRESSION, call, NULL) : NULL;
        }
    }
    return NULL;
}

/* ---- choosing ---- */

static const struct FixedSentence {
    const char *words;
    NodeKind kind;
} fixed_sentences[] = {
    {"finish", NODE_FINISH},
    {"stop the loop", NODE_BREAK},
    {"go to the next one", NODE_CONTINUE},
    {"end the procedure", NODE_RETURN},
};

static const struct SentenceForm {
    Str word;
    Node *(*read)(EnglishReader *reader, uint32_t indent);
} sentence_forms[] = {
    {S_INIT("the"), read_fact},
    {S_INIT("set"), read_set},
    {S_INIT("increase"), read_change},
    {S_INIT("decrease"), read_change},
    {S_INIT("find"), read_find},
    {S_INIT("ask"), read_ask},
    {S_INIT("if"), read_if},
    {S_INIT("for"), read_for},
    {S_INIT("repeat"), read_repeat},
    {S_INIT("while"), read_repeat},
    {S_INIT("to"), read_define},
    {S_INIT("ensure"), read_ensure},
    {S_INIT("validate"), read_validate},
    {S_INIT("output"), read_output},
    {S_INIT("say"), read_say},
    {S_INIT("wait"), read_wait},
    {S_INIT("fail"), read_fail},
    {S_INIT("use"), read_use},
    {S_INIT("do"), read_do},
};

static Node *unreadable(EnglishReader *reader)
{
    const Token *first = token_at(reader, 0);
    if (first->kind != TOKEN_WORD)
        return fail_expected(reader, "a sentence");
    Str candidates[COUNT_OF(sentence_forms) + COUNT_OF(fixed_sentences) + 64];
    uint32_t n = 0;
    for (size_t i = 0; i < COUNT_OF(sentence_forms); i++)
        candidates[n++] = sentence_forms[i].word;
    candidates[n++] = S("otherwise");
    candidates[n++] = S("inputs");
    candidates[n++] = S("finish");
    for (const PatternNode *kid = reader->patterns->sentence.kids; kid && n < COUNT_OF(candidates); kid = kid->next)
        candidates[n++] = kid->word;
    Str near = nearest_spelling(first->text, candidates, n);
    const char *hint = "sentences start with “the”, “set”, “if”, “for each”, “output” or another verb of the reference";
    if (word_at(reader, 0, "otherwise"))
        hint = "“otherwise” follows the block of an “if”, at the same indentation";
    else if (near.len > 0 && !str_eq(near, first->text))
        hint = str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)));
    Str shown = str_slice(reader->source, first->start, first->end);
    return fail_at(reader, 0, 1, "unreadable-sentence", hint, "no sentence that I know starts with “%.*s”%s",
                   STR_ARG(shown), near.len > 0 && str_eq(near, first->text) ? " and goes on like this" : "");
}

Node *read_sentence(EnglishReader *reader, uint32_t indent)
{
    for (size_t i = 0; i < COUNT_OF(fixed_sentences); i++) {
        if (words_at(reader, 0, fixed_sentences[i].words)) {
            take_words(reader, fixed_sentences[i].words);
            const Token *next = token_now(reader);
            if (next->kind == TOKEN_END || sign_at(reader, reader->at, "."))
                return simple(reader, fixed_sentences[i].kind, NULL, NULL);
            reader->at = 0;
        }
    }
    Node *call = read_known_procedure(reader);
    if (call || reader->failed)
        return call;
    uint32_t behind = 0;
    const PatternNode *node = walk_words(reader, &reader->patterns->sentence, 0, &behind);
    if (node && behind < 2) { /* one word alone may begin a sentence of the language, too */
        for (size_t i = 0; i < COUNT_OF(sentence_forms); i++)
            node = str_eq(token_at(reader, 0)->text, sentence_forms[i].word) ? NULL : node;
    }
    if (node) {
        reader->at = behind;
        return read_pattern_sentence(reader, node, indent);
    }
    const Token *first = token_at(reader, 0);
    for (size_t i = 0; first->kind == TOKEN_WORD && i < COUNT_OF(sentence_forms); i++) {
        if (str_eq(first->text, sentence_forms[i].word))
            return sentence_forms[i].read(reader, indent);
    }
    return unreadable(reader);
}
