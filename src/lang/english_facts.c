/* lang/english_facts.c: tokens → statements: facts, and the questions that become facts. */
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
Node *finish_statement(EnglishReader *reader, Node *node, uint32_t start)
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

uint32_t sentence_start(const EnglishReader *reader)
{
    return token_at(reader, 0)->start;
}

/* A sentence of one line that holds these kids. */
Node *simple_statement(EnglishReader *reader, NodeKind kind, Node *one, Node *two)
{
    if (!end_sentence(reader))
        return NULL;
    Node *node = node_new(reader->arena, kind);
    if (one)
        node_add(reader->arena, node, one);
    if (two)
        node_add(reader->arena, node, two);
    return finish_statement(reader, node, sentence_start(reader));
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
    if (word_at(reader, from, "not"))
        return read_value(reader);
    Node *first = read_sum(reader);
    if (!first)
        return NULL;
    bool several = sign_at(reader, reader->at, ",") || word_at(reader, reader->at, "and");
    reader->at = from;
    return several ? read_list(reader, NODE_LIST) : read_value(reader);
}

/* is V · are V, W and X */
Node *read_what_it_is(EnglishReader *reader)
{
    if (take_word(reader, "are"))
        return read_after_are(reader);
    if (!take_word(reader, "is"))
        return fail_expected(reader, "“is” or “are”");
    uint32_t from = reader->at;
    Node *value = read_value(reader);
    if (!value || !sign_at(reader, reader->at, ","))
        return value;
    reader->at = from; /* a comma makes it a list for certain, whatever the verb */
    return read_list(reader, NODE_LIST);
}

static bool is_target(const Node *node)
{
    return node->kind == NODE_NAME || node->kind == NODE_FIELD || node->kind == NODE_INDEX;
}

/* set the orders' status to "done": in a loop, in every row */
static const char *mend_of_column_set(const EnglishReader *reader, const Node *fields)
{
    Str row = name_to_words(reader->arena, fields->kids[1]->name), column = fields->kids[0]->text;
    Span rows = fields->kids[2]->english;
    return str_to_c(reader->arena, str_printf(reader->arena,
                                              "in every row: for each %.*s in %.*s; on the next line, indented: set "
                                              "the %.*s's %.*s to …",
                                              STR_ARG(row), STR_ARG(str_slice(reader->source, rows.start, rows.end)),
                                              STR_ARG(row), STR_ARG(column)));
}

static Node *read_target(EnglishReader *reader)
{
    uint32_t from = reader->at;
    reader->setting = true;
    Node *target = read_primary(reader);
    reader->setting = false;
    if (!target || is_target(target))
        return target;
    const char *hint = "only a fact, a field or one item can be set: set the first item with “the entry at 0 of …”";
    if (target->kind == NODE_COLLECT && target->n_kids == 3 && target->kids[0]->kind == NODE_FIELD)
        hint = mend_of_column_set(reader, target);
    return fail_at(reader, from, reader->at, "not-settable", hint, "this is a calculation, which cannot be set");
}

static Node *assign(EnglishReader *reader, Node *target, Node *value)
{
    if (!target || !value)
        return NULL;
    Node *node = simple_statement(reader, NODE_ASSIGN, target, value);
    if (node)
        remember_fact(reader, target);
    return node;
}

Node *read_fact(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    if (take_words(reader, "the result is")) {
        Node *value = read_value(reader);
        return value ? simple_statement(reader, NODE_RETURN, value, NULL) : NULL;
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

/* set the total equal to 5, where no fact called “total equal” was met before */
static bool ends_in_equal(const EnglishReader *reader)
{
    uint32_t last = reader->at - 1;
    if (!word_at(reader, last, "equal") || !word_at(reader, reader->at, "to") || word_at(reader, last - 1, "the"))
        return false;
    Str words = source_of(reader, 2, last + 1);
    return !map_find(&reader->facts, name_from_words(reader->arena, str_lower(reader->arena, words)));
}

Node *read_set(EnglishReader *reader, uint32_t indent)
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
        target = target ? finish_node(reader, tuple, from) : NULL;
    }
    if (!target)
        return NULL;
    if (ends_in_equal(reader))
        return fail_at(reader, reader->at - 1, reader->at, "unexpected-word",
                       write_sentence(reader, corrected(reader, reader->at - 1, reader->at + 1, S("to"))),
                       "what is set is followed by “to” and the new value");
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

static Node *sum_with(EnglishReader *reader, Node *target, uint8_t op, Node *amount, uint32_t from)
{
    Node *sum = node_new(reader->arena, NODE_ARITHMETIC);
    sum->op = op;
    node_add(reader->arena, sum, copy_of(reader, target));
    node_add(reader->arena, sum, amount);
    return finish_node(reader, sum, from);
}

/* increase the total by 19%: of the total, or by 0.19? */
static Node *change_is_unclear(EnglishReader *reader, Node *target, Node *one, Node *other)
{
    Node *sentences[] = {node_new(reader->arena, NODE_ASSIGN), node_new(reader->arena, NODE_ASSIGN)};
    for (size_t i = 0; i < 2; i++) {
        node_add(reader->arena, sentences[i], target);
        node_add(reader->arena, sentences[i], i == 0 ? one : other);
    }
    return fail_ambiguous(reader, 0, sentences[0], sentences[1]);
}

Node *read_change(EnglishReader *reader, uint32_t indent)
{
    (void)indent;
    bool down = word_at(reader, 0, "decrease");
    uint32_t from = ++reader->at;
    reader->stop_word = S("by");
    Node *target = read_target(reader);
    reader->stop_word = S("");
    if (!target)
        return NULL;
    if (!take_word(reader, "by"))
        return fail_expected(reader, "“by” and how much");
    uint32_t start = reader->at;
    Node *amount = read_value(reader);
    if (!amount)
        return NULL;
    uint8_t op = down ? OP_SUBTRACT : OP_ADD;
    Node *part = percentage_of(reader, amount, start, target);
    Node *sum = sum_with(reader, target, op, amount, from);
    if (part && sum)
        return change_is_unclear(reader, target, sum_with(reader, target, op, part, from), sum);
    return assign(reader, target, sum);
}

/* find the invoice's due date as the due date */
Node *read_find(EnglishReader *reader, uint32_t indent)
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

/* What people call a type; NULL where the word is none of these. */
static const char *type_of_habit(const EnglishReader *reader, Str words)
{
    static const struct {
        const char *words; /* with bars around each */
        const char *type;
    } habits[] = {
        {"|csv file|excel file|csv|spreadsheet|workbook|document|pdf|", "file"},
        {"|amount|money|price|decimal|integer|whole number|percentage|currency|float|", "number"},
        {"|string|word|name|", "text"},
        {"|boolean|yes/no|flag|", "yes or no"},
        {"|day|", "date"},
        {"|datetime|timestamp|moment|", "date and time"},
        {"|array|", "list"},
        {"|dictionary|object|", "record"},
    };
    Str wanted = str_printf(reader->arena, "|%.*s|", STR_ARG(str_lower(reader->arena, words)));
    for (size_t i = 0; i < COUNT_OF(habits); i++) {
        if (str_find(str_from_c(habits[i].words), wanted) >= 0)
            return habits[i].type;
    }
    return NULL;
}

bool read_type(EnglishReader *reader, const Type **out_type, bool *out_optional)
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
    static const Str types[] = {S_INIT("number"), S_INIT("text"),     S_INIT("yes or no"), S_INIT("date"),
                                S_INIT("time"),   S_INIT("duration"), S_INIT("file"),      S_INIT("list"),
                                S_INIT("record"), S_INIT("table"),    S_INIT("anything")};
    Str near = nearest_spelling(buf_view(&words), types, COUNT_OF(types));
    const char *hint = "the types are: number, text, yes or no, date, time, date and time, time zone, duration, file, "
                       "list, set, record, table, anything";
    const char *usual = type_of_habit(reader, buf_view(&words));
    if (usual)
        hint = str_to_c(reader->arena, str_printf(reader->arena, "write: is %s%s",
                                                  str_starts(str_from_c(usual), S("yes")) ? "" : "a ", usual));
    else if (near.len > 0)
        hint = str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)));
    if (str_starts(str_lower(reader->arena, buf_view(&words)), S("list of ")))
        hint = write_sentence(reader, corrected(reader, from, reader->at, S("list")));
    fail_at(reader, from, reader->at, "unknown-type", hint, "“%.*s” is no type", STR_ARG(buf_view(&words)));
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

static Node *read_question(EnglishReader *reader, uint32_t indent)
{
    uint32_t start = sentence_start(reader);
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
    finish_node(reader, ask, 0);
    ask->english = (Span){start, reader->last_end};
    Node *node = node_new(reader->arena, NODE_ASSIGN);
    node_add(reader->arena, node, target);
    node_add(reader->arena, node, ask);
    remember_fact(reader, target);
    return finish_statement(reader, node, start);
}

/* Below a question that cannot be read its choices and its answer are no sentences: one cause, one message. */
Node *read_ask(EnglishReader *reader, uint32_t indent)
{
    Node *node = read_question(reader, indent);
    if (!node)
        skip_deeper_lines(reader, indent);
    return node;
}
