/* lang/english_values.c: tokens → expressions: texts, lists, arguments, and the operators from the tightest to `plus`.
 *
 * Every function takes as much as it can and gives NULL once the sentence has failed. */
#include <string.h>

#include "lang/english_internal.h"
#include "value/decimal.h"

enum { ARGUMENTS_MAX = 250 };

/* ---- text ---- */

static Node *literal_text(EnglishReader *reader, Str text, uint32_t from)
{
    Node *node = node_new(reader->arena, NODE_LITERAL);
    node->value = value_text(text);
    return finish_node(reader, node, from);
}

static void add_to_template(EnglishReader *reader, Node *all, Node *part)
{
    if (part->kind == NODE_TEMPLATE) {
        for (uint32_t i = 0; i < part->n_kids; i++)
            add_to_template(reader, all, part->kids[i]);
        return;
    }
    Node *last = all->n_kids > 0 ? all->kids[all->n_kids - 1] : NULL;
    if (node_is_text(part) && part->value.high == 0)
        return;
    if (last && node_is_text(last) && node_is_text(part)) {
        Str a = value_str(last->value), b = value_str(part->value);
        last->value = value_text(str_printf(reader->arena, "%.*s%.*s", STR_ARG(a), STR_ARG(b)));
        last->english.end = part->english.end;
        return;
    }
    node_add(reader->arena, all, part);
}

static void add_chunk(EnglishReader *reader, Node *all, const Token *token)
{
    Node *chunk = node_new(reader->arena, NODE_LITERAL);
    chunk->value = value_text(token->text);
    chunk->id = 1;
    uint32_t end_mark =
        token->kind == TOKEN_CLOSE && (unsigned char)reader->source.data[token->end - 1] >= 0x80 ? 3 : 1;
    uint32_t start_mark =
        token->kind == TOKEN_TEMPLATE && (unsigned char)reader->source.data[token->start] >= 0x80 ? 3 : 1;
    chunk->english = (Span){token->start + start_mark, token->end - end_mark};
    add_to_template(reader, all, chunk);
}

Node *read_text(EnglishReader *reader)
{
    uint32_t from = reader->at;
    const Token *token = token_now(reader);
    if (token->kind == TOKEN_TEXT) {
        reader->at++;
        return literal_text(reader, token->text, from);
    }
    if (token->kind != TOKEN_TEMPLATE)
        return fail_expected(reader, "a text in double quotation marks");
    Node *all = node_new(reader->arena, NODE_TEMPLATE);
    const PatternNode *stops = reader->stops;
    Str stop_word = reader->stop_word;
    reader->stops = NULL;
    reader->stop_word = S("");
    for (;;) {
        add_chunk(reader, all, token_now(reader));
        if (token_now(reader)->kind == TOKEN_CLOSE)
            break;
        reader->at++;
        Node *part = read_value(reader);
        if (!part)
            return NULL;
        if (token_now(reader)->kind != TOKEN_MIDDLE && token_now(reader)->kind != TOKEN_CLOSE)
            return fail_expected(reader, "“}”");
        add_to_template(reader, all, part);
    }
    reader->at++;
    reader->stops = stops;
    reader->stop_word = stop_word;
    if (all->n_kids == 1 && node_is_text(all->kids[0]))
        return literal_text(reader, value_str(all->kids[0]->value), from);
    return all->n_kids > 0 ? finish_node(reader, all, from) : literal_text(reader, S(""), from);
}

/* ---- lists and arguments ---- */

/* A further list to go through: … for each invoice in the invoices and for each line in the invoice's lines. */
bool at_further_each(const EnglishReader *reader, uint32_t at)
{
    return words_at(reader, at, "and for each") || words_at(reader, at, "and for every");
}

/* Between two items: “,”, “and” or both; the comma before “or else” and “at the same time” ends them. */
bool take_separator(EnglishReader *reader)
{
    if (sign_at(reader, reader->at, ",") &&
        (words_at(reader, reader->at + 1, "or else") || words_at(reader, reader->at + 1, "at the same time")))
        return false;
    if (at_further_each(reader, reader->at))
        return false;
    const PatternNode *kid = reader->stops ? pattern_kid(reader->stops, S("and")) : NULL;
    if (kid && word_at(reader, reader->at, "and") && phrase_stands(reader, kid, reader->at))
        return false; /* the sentence goes on: and the body "…" */
    bool comma = take_sign(reader, ",");
    return take_word(reader, "and") || comma;
}

Node *read_list(EnglishReader *reader, NodeKind kind)
{
    uint32_t from = reader->at;
    Node *list = node_new(reader->arena, kind);
    do {
        Node *item = read_sum(reader);
        if (!item)
            return NULL;
        node_add(reader->arena, list, item);
    } while (take_separator(reader));
    return finish_node(reader, list, from);
}

/* as the quantity · as "JobID" · as (the row's number): the key of an entry or the name of an argument */
static Node *read_key_after_as(EnglishReader *reader, bool is_argument)
{
    uint32_t from = reader->at;
    if (!is_argument && take_sign(reader, "(")) {
        Node *key = read_value(reader);
        if (key && !take_sign(reader, ")"))
            return fail_expected(reader, "“)”");
        return key;
    }
    const Token *token = token_now(reader);
    if (token->kind == TOKEN_TEXT) {
        reader->at++;
        return literal_text(reader, token->text, from);
    }
    take_word(reader, "the");
    uint32_t words_from = reader->at;
    Str words = read_words(reader);
    return words.len > 0 ? literal_text(reader, words, words_from) : NULL;
}

static Node *read_argument(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *value = read_sum(reader);
    if (!value)
        return NULL;
    Node *argument = node_new(reader->arena, NODE_ARGUMENT);
    node_add(reader->arena, argument, value);
    if (take_word(reader, "as")) {
        Node *key = read_key_after_as(reader, true);
        if (!key)
            return NULL;
        Str text = value_str(key->value);
        argument->name = text_is_name(text) ? text : name_from_words(reader->arena, text);
    } else if (value->kind == NODE_NAME) {
        argument->name = value->name;
    }
    if (!text_is_name(argument->name))
        return fail_expected(reader, "“as” and the parameter's name");
    return finish_node(reader, argument, from);
}

Node *read_arguments(EnglishReader *reader, Node *call)
{
    if (!take_word(reader, "with"))
        return call;
    do {
        uint32_t from = reader->at;
        Node *argument = read_argument(reader);
        if (!argument)
            return NULL;
        for (uint32_t i = 0; i < call->n_kids; i++) {
            if (str_eq(call->kids[i]->name, argument->name))
                return fail_at(reader, from, reader->at, "repeated-argument", "", "“%.*s” is given twice",
                               STR_ARG(argument->name));
        }
        node_add(reader->arena, call, argument);
        if (call->n_kids > ARGUMENTS_MAX)
            return fail_at(reader, from, reader->at, "too-many-arguments", "", "a call has at most %d values",
                           ARGUMENTS_MAX);
    } while (take_separator(reader));
    return call;
}

/* ---- operators, from the tightest to the loosest ---- */

static bool was_closed(const EnglishReader *reader, uint32_t from)
{
    const Token *last = token_at(reader, reader->at - 1);
    return (last->kind == TOKEN_NUMBER && reader->at == from + 1) ||
           (last->kind == TOKEN_SIGN && last->text.data[0] == ')');
}

static bool is_length(const Node *node)
{
    return node->kind == NODE_CALL && node->function >= FN_SECONDS && node->function <= FN_WEEKS;
}

/* 8 hours 30 minutes is the sum of the two. */
static Node *read_more_units(EnglishReader *reader, Node *sum, uint32_t from)
{
    bool lengths = is_length(sum);
    while (lengths && sum && token_now(reader)->kind == TOKEN_NUMBER) {
        uint32_t start = reader->at, behind;
        const PatternNode *unit = walk_words(reader, &reader->patterns->postfix, start + 1, &behind);
        if (!unit || !unit->pattern || unit->pattern->id < FN_SECONDS || unit->pattern->id > FN_WEEKS)
            return sum;
        Node *number = read_number(reader);
        reader->at = behind;
        Node *part = number ? read_pattern(reader, unit, number, start, FAMILY_PHRASE) : NULL;
        sum = part ? make_operation(reader, NODE_ARITHMETIC, OP_ADD, sum, part, from) : NULL;
    }
    return sum;
}

/* 3 days after the due date */
static Node *read_after(EnglishReader *reader, Node *duration, uint32_t from)
{
    bool before = word_at(reader, reader->at, "before");
    if (!duration || (!before && !word_at(reader, reader->at, "after")))
        return duration;
    reader->at++;
    Node *moment = read_primary(reader);
    return moment ? make_operation(reader, NODE_ARITHMETIC, before ? OP_SUBTRACT : OP_ADD, moment, duration, from)
                  : NULL;
}

static Node *read_postfixes(EnglishReader *reader, Node *value, uint32_t from, bool loose)
{
    bool closed = was_closed(reader, from);
    while (value && !reader->failed) {
        uint32_t behind;
        const PatternNode *node = walk_words(reader, &reader->patterns->postfix, reader->at, &behind);
        if (!node || (node->closed && !closed) || (!loose && !node->tight && !node->closed))
            return value;
        reader->at = behind;
        value = read_pattern(reader, node, value, from, FAMILY_PHRASE);
        if (value && node->closed && value->n_kids == 1)
            value = read_after(reader, read_more_units(reader, value, from), from);
        closed = false;
    }
    return value;
}

Node *read_tight(EnglishReader *reader)
{
    uint32_t from = reader->at;
    return read_postfixes(reader, read_primary(reader), from, false);
}

static Node *read_unary(EnglishReader *reader);

static Node *read_power(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *base = read_postfixes(reader, read_primary(reader), from, true);
    if (!base || !(take_sign(reader, "**") || take_words(reader, "to the power of")))
        return base;
    Node *exponent = read_unary(reader);
    return exponent ? make_operation(reader, NODE_ARITHMETIC, OP_POWER, base, exponent, from) : NULL;
}

static Node *read_unary(EnglishReader *reader)
{
    uint32_t from = reader->at;
    if (!take_sign(reader, "-") && !take_word(reader, "minus"))
        return read_power(reader);
    if (!enter_nesting(reader))
        return NULL;
    Node *operand = read_unary(reader);
    reader->nesting--;
    return operand ? make_operation(reader, NODE_NEGATE, 0, operand, NULL, from) : NULL;
}

static const struct Operator {
    const char *words;
    bool is_sign;
    uint8_t op;
} term_operators[] =
    {
        {"*", true, OP_MULTIPLY},         {"//", true, OP_FLOOR_DIVIDE},
        {"/", true, OP_DIVIDE},           {"%", true, OP_MODULO},
        {"times", false, OP_MULTIPLY},    {"multiplied by", false, OP_MULTIPLY},
        {"divided by", false, OP_DIVIDE}, {"floor divided by", false, OP_FLOOR_DIVIDE},
        {"modulo", false, OP_MODULO},
},
  sum_operators[] = {
      {"+", true, OP_ADD},
      {"-", true, OP_SUBTRACT},
      {"plus", false, OP_ADD},
      {"minus", false, OP_SUBTRACT},
};

static bool take_operator(EnglishReader *reader, const struct Operator *operators, size_t n, uint8_t *out_op)
{
    if (str_eq(reader->stop_word, S("times")) && word_at(reader, reader->at, "times") &&
        !starts_value(reader, reader->at + 1))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool found =
            operators[i].is_sign ? take_sign(reader, operators[i].words) : take_words(reader, operators[i].words);
        if (found) {
            *out_op = operators[i].op;
            return true;
        }
    }
    return false;
}

/* “the price times the rate rounded to 2 decimals”: which of the two is rounded, only the writer knows. */
static Node *rounding_is_unclear(EnglishReader *reader, uint8_t op, Node *left, Node *right, uint32_t from)
{
    Node *inner = make_operation(reader, NODE_ARITHMETIC, op, left, right->kids[0], from);
    Node *outer = node_new(reader->arena, NODE_CALL);
    outer->function = right->function;
    for (uint32_t i = 0; i < right->n_kids; i++)
        node_add(reader->arena, outer, i == 0 ? inner : right->kids[i]);
    if (!inner)
        return NULL;
    return fail_ambiguous(reader, from, finish_node(reader, outer, from),
                          make_operation(reader, NODE_ARITHMETIC, op, left, right, from));
}

static bool ends_in_rounding(const EnglishReader *reader, const Node *node)
{
    return node->kind == NODE_CALL && function_is_rounding((FunctionId)node->function) &&
           !sign_at(reader, reader->at - 1, ")");
}

static Node *read_term(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *left = read_unary(reader);
    uint8_t op;
    while (left && take_operator(reader, term_operators, COUNT_OF(term_operators), &op)) {
        Node *right = read_unary(reader);
        if (!right)
            return NULL;
        if (ends_in_rounding(reader, right))
            return rounding_is_unclear(reader, op, left, right, from);
        left = make_operation(reader, NODE_ARITHMETIC, op, left, right, from);
    }
    return left;
}

/* 19% or 19 percent by itself, from token `from` to the one in hand */
static bool is_percentage(const EnglishReader *reader, const Node *node, uint32_t from)
{
    bool sign = sign_at(reader, from + 1, "%") || word_at(reader, from + 1, "percent");
    return node->kind == NODE_LITERAL && reader->at == from + 2 && token_at(reader, from)->kind == TOKEN_NUMBER && sign;
}

Node *percentage_of(EnglishReader *reader, Node *percentage, uint32_t from, Node *whole)
{
    Node *number = node_new(reader->arena, NODE_LITERAL);
    Error err;
    if (!is_percentage(reader, percentage, from) || node_is_constant(whole) ||
        !decimal_parse(token_at(reader, from)->text, &number->value, &err))
        return NULL;
    return make_call(reader, FN_PERCENT_OF, number, whole, from);
}

/* the total plus 19%: of the total, or 0.19? */
static Node *percentage_is_unclear(EnglishReader *reader, uint8_t op, Node *left, Node *right, Node *part,
                                   uint32_t from)
{
    Node *of = make_operation(reader, NODE_ARITHMETIC, op, left, part, from);
    return fail_ambiguous(reader, from, of, make_operation(reader, NODE_ARITHMETIC, op, left, right, from));
}

Node *read_sum(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *left = read_term(reader);
    uint8_t op;
    while (left && take_operator(reader, sum_operators, COUNT_OF(sum_operators), &op)) {
        uint32_t start = reader->at;
        Node *right = read_term(reader);
        if (!right)
            return NULL;
        if (ends_in_rounding(reader, right))
            return rounding_is_unclear(reader, op, left, right, from);
        Node *part = percentage_of(reader, right, start, left);
        if (part)
            return percentage_is_unclear(reader, op, left, right, part, from);
        left = make_operation(reader, NODE_ARITHMETIC, op, left, right, from);
    }
    return left;
}
