/* lang/english_values.c: tokens → expressions, from `for each` down to what binds tightest.
 *
 * Every function takes as much as it can and gives NULL once the sentence has failed. While a text is read, a node's
 * `id` holds how deep it is; ast_number overwrites it. */
#include <stdarg.h>
#include <string.h>

#include "lang/english_internal.h"

enum { OPERANDS_MAX = 6, ARGUMENTS_MAX = 250 };

/* ---- looking and taking ---- */

bool word_at(const EnglishReader *reader, uint32_t at, const char *word)
{
    const Token *token = token_at(reader, at);
    return token->kind == TOKEN_WORD && str_eq(token->text, str_from_c(word));
}

bool sign_at(const EnglishReader *reader, uint32_t at, const char *sign)
{
    const Token *token = token_at(reader, at);
    return token->kind == TOKEN_SIGN && str_eq(token->text, str_from_c(sign));
}

static uint32_t count_words(const char *words)
{
    uint32_t n = 1;
    for (; *words; words++)
        n += *words == ' ';
    return n;
}

bool words_at(const EnglishReader *reader, uint32_t at, const char *words)
{
    Str rest = str_from_c(words);
    while (rest.data && rest.len > 0) {
        const Token *token = token_at(reader, at++);
        if (token->kind != TOKEN_WORD || !str_eq(token->text, str_cut(&rest, ' ')))
            return false;
    }
    return true;
}

bool take_word(EnglishReader *reader, const char *word)
{
    bool found = word_at(reader, reader->at, word);
    reader->at += found;
    return found;
}

bool take_words(EnglishReader *reader, const char *words)
{
    bool found = words_at(reader, reader->at, words);
    reader->at += found ? count_words(words) : 0;
    return found;
}

bool take_sign(EnglishReader *reader, const char *sign)
{
    bool found = sign_at(reader, reader->at, sign);
    reader->at += found;
    return found;
}

/* ---- refusing: once a sentence ---- */

static Str clip(Str text, size_t most)
{
    if (text.len <= most)
        return text;
    while (most > 0 && ((unsigned char)text.data[most] & 0xC0) == 0x80)
        most--;
    return str_slice(text, 0, most);
}

static Span span_of(const EnglishReader *reader, uint32_t from, uint32_t to)
{
    const Token *first = token_at(reader, from), *last = token_at(reader, to > from ? to - 1 : from);
    return (Span){first->start, MAX_OF(last->end, first->start)};
}

Node *fail_at(EnglishReader *reader, uint32_t from, uint32_t to, const char *code, const char *hint, const char *format,
              ...)
{
    if (reader->failed)
        return NULL;
    reader->failed = true;
    va_list args;
    va_start(args, format);
    Buf text = buf_in(reader->arena);
    buf_vprintf(&text, format, args);
    va_end(args);
    Diagnostic *about =
        diagnose(reader->all, SEVERITY_ERROR, code, span_of(reader, from, to), "%.*s", STR_ARG(buf_view(&text)));
    if (hint && *hint)
        diagnose_hint(reader->all, about, "%s", hint);
    return NULL;
}

/* Words that stand between values: what a misspelled word may have been meant to be. */
static const Str joints[] = {
    S_INIT("is"),      S_INIT("are"),      S_INIT("then"),   S_INIT("otherwise"), S_INIT("greater"), S_INIT("less"),
    S_INIT("least"),   S_INIT("most"),     S_INIT("plus"),   S_INIT("minus"),     S_INIT("times"),   S_INIT("divided"),
    S_INIT("between"), S_INIT("contains"), S_INIT("starts"), S_INIT("matches"),   S_INIT("whose"),   S_INIT("rounded"),
    S_INIT("sorted"),  S_INIT("joined"),   S_INIT("empty"),  S_INIT("missing"),   S_INIT("and"),     S_INIT("the"),
    S_INIT("with"),    S_INIT("from"),     S_INIT("until"),  S_INIT("while"),     S_INIT("each"),
};

static const char *hint_for(const EnglishReader *reader, const Token *token)
{
    if (token->kind != TOKEN_WORD || token->text.len < 3)
        return "";
    Str near = nearest_spelling(token->text, joints, COUNT_OF(joints));
    if (near.len == 0 || str_eq(near, token->text))
        return "";
    return str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)));
}

Node *fail_expected(EnglishReader *reader, const char *expected)
{
    const Token *token = token_now(reader);
    if (token->kind == TOKEN_BAD)
        return fail_at(reader, reader->at, reader->at + 1, "unreadable-text", "", "%.*s", STR_ARG(token->text));
    uint32_t start = token_at(reader, 0)->start, end = reader->at > 0 ? token_at(reader, reader->at - 1)->end : start;
    Str before = str_slice(reader->source, start, end);
    size_t skip = before.len > 60 ? before.len - 60 : 0;
    while (skip > 0 && skip < before.len && before.data[skip - 1] != ' ')
        skip++;
    before = str_skip(before, skip);
    Str found = clip(str_slice(reader->source, token->start, token->end), 40);
    const char *after = before.len > 0 ? skip > 0 ? " after “… " : " after “" : "";
    if (token->kind == TOKEN_END)
        return fail_at(reader, reader->at, reader->at + 1, "unfinished-sentence", "",
                       "expected %s%s%.*s%s, where the sentence ends", expected, after, STR_ARG(before),
                       before.len > 0 ? "”" : "");
    return fail_at(reader, reader->at, reader->at + 1, "unexpected-word", hint_for(reader, token),
                   "expected %s%s%.*s%s, but found “%.*s”", expected, after, STR_ARG(before), before.len > 0 ? "”" : "",
                   STR_ARG(found));
}

Node *fail_too_deep(EnglishReader *reader, uint32_t from, uint32_t to)
{
    return fail_at(reader, from, to, "nested-too-deep", "give a part of it a name in a sentence of its own",
                   "this is nested more than %d levels deep", AST_EXPRESSION_MAX);
}

/* Two readings of the tokens from `from` on: the reader of the text must choose, not we. */
Node *ambiguous(EnglishReader *reader, uint32_t from, Node *one, Node *other)
{
    if (reader->failed || !one || !other)
        return NULL;
    reader->failed = true;
    Span span = span_of(reader, from, reader->at);
    Diagnostic *about = diagnose(reader->all, SEVERITY_ERROR, "ambiguous", span,
                                 "this can be understood in two ways; parentheses say which is meant");
    if (about == &reader->all->spare || reader->trial)
        return NULL;
    about->choices[0] = english_print_node(reader->arena, one, reader->catalog);
    about->choices[1] = english_print_node(reader->arena, other, reader->catalog);
    about->n_choices = 2;
    return NULL;
}

/* ---- making ---- */

Node *made(EnglishReader *reader, Node *node, uint32_t from)
{
    if (!node || reader->failed)
        return NULL;
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        Node *kid = node->kids[i];
        deepest = MAX_OF(deepest, kid->id);
        if (kid->kind == NODE_COLLECT && kid->op == COLLECT_LAZY && node->kind != NODE_CALL)
            kid->op = COLLECT_LIST; /* one by one makes a difference to functions alone */
    }
    node->id = deepest + 1;
    if (reader->at > from) /* a part that stands nowhere in the text has the span that its maker gives it */
        node->english = (Span){token_at(reader, from)->start, token_at(reader, reader->at - 1)->end};
    if (node->id > AST_EXPRESSION_MAX)
        return fail_too_deep(reader, from, reader->at);
    return node;
}

Node *make_name(EnglishReader *reader, Str name, uint32_t from)
{
    Node *node = node_new(reader->arena, NODE_NAME);
    node->name = name;
    return made(reader, node, from);
}

Node *make_call(EnglishReader *reader, FunctionId function, Node *one, Node *two, uint32_t from)
{
    Node *node = node_new(reader->arena, NODE_CALL);
    node->function = (uint16_t)function;
    if (one)
        node_add(reader->arena, node, one);
    if (two)
        node_add(reader->arena, node, two);
    return made(reader, node, from);
}

static Node *make_pair_of(EnglishReader *reader, NodeKind kind, uint8_t op, Node *left, Node *right, uint32_t from)
{
    Node *node = node_new(reader->arena, kind);
    node->op = op;
    node_add(reader->arena, node, left);
    if (right)
        node_add(reader->arena, node, right);
    return made(reader, node, from);
}

/* ---- text ---- */

static Node *literal_text(EnglishReader *reader, Str text, uint32_t from)
{
    Node *node = node_new(reader->arena, NODE_LITERAL);
    node->value = value_text(text);
    return made(reader, node, from);
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
    return all->n_kids > 0 ? made(reader, all, from) : literal_text(reader, S(""), from);
}

/* ---- lists and arguments ---- */

/* Between two items: “,”, “and” or both. */
bool take_separator(EnglishReader *reader)
{
    if (sign_at(reader, reader->at, ",") && words_at(reader, reader->at + 1, "or else"))
        return false;
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
    return made(reader, list, from);
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
    return made(reader, argument, from);
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

/* 3 days after the due date */
static Node *read_after(EnglishReader *reader, Node *duration, uint32_t from)
{
    bool before = word_at(reader, reader->at, "before");
    if (!before && !word_at(reader, reader->at, "after"))
        return duration;
    reader->at++;
    Node *moment = read_primary(reader);
    return moment ? make_pair_of(reader, NODE_ARITHMETIC, before ? OP_SUBTRACT : OP_ADD, moment, duration, from) : NULL;
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
            value = read_after(reader, value, from);
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
    return exponent ? make_pair_of(reader, NODE_ARITHMETIC, OP_POWER, base, exponent, from) : NULL;
}

bool enter(EnglishReader *reader)
{
    if (reader->failed)
        return false;
    if (reader->nesting++ < NESTING_MAX)
        return true;
    fail_too_deep(reader, reader->at, reader->at + 1);
    return false;
}

static Node *read_unary(EnglishReader *reader)
{
    uint32_t from = reader->at;
    if (!take_sign(reader, "-") && !take_word(reader, "minus"))
        return read_power(reader);
    if (!enter(reader))
        return NULL;
    Node *operand = read_unary(reader);
    reader->nesting--;
    return operand ? make_pair_of(reader, NODE_NEGATE, 0, operand, NULL, from) : NULL;
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
    Node *inner = make_pair_of(reader, NODE_ARITHMETIC, op, left, right->kids[0], from);
    Node *outer = node_new(reader->arena, NODE_CALL);
    outer->function = right->function;
    for (uint32_t i = 0; i < right->n_kids; i++)
        node_add(reader->arena, outer, i == 0 ? inner : right->kids[i]);
    if (!inner)
        return NULL;
    return ambiguous(reader, from, made(reader, outer, from),
                     make_pair_of(reader, NODE_ARITHMETIC, op, left, right, from));
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
        left = make_pair_of(reader, NODE_ARITHMETIC, op, left, right, from);
    }
    return left;
}

Node *read_sum(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *left = read_term(reader);
    uint8_t op;
    while (left && take_operator(reader, sum_operators, COUNT_OF(sum_operators), &op)) {
        Node *right = read_term(reader);
        if (!right)
            return NULL;
        if (ends_in_rounding(reader, right))
            return rounding_is_unclear(reader, op, left, right, from);
        left = make_pair_of(reader, NODE_ARITHMETIC, op, left, right, from);
    }
    return left;
}

/* ---- comparisons ---- */

static bool is_literal_token(const Token *token)
{
    return token->kind == TOKEN_TEXT || token->kind == TOKEN_NUMBER || token->kind == TOKEN_DATE ||
           token->kind == TOKEN_TIME;
}

/* What follows `one of`: literals go on being items as long as nothing compares them with something. */
static Node *read_one_of(EnglishReader *reader)
{
    uint32_t from = reader->at, behind;
    if (!is_literal_token(token_now(reader)))
        return read_sum(reader);
    Node *list = node_new(reader->arena, NODE_LIST);
    for (;;) {
        Node *item = read_primary(reader);
        if (!item)
            return NULL;
        node_add(reader->arena, list, item);
        uint32_t next = reader->at;
        next += sign_at(reader, next, ",");
        next += word_at(reader, next, "and") || word_at(reader, next, "or");
        bool another = next > reader->at && is_literal_token(token_at(reader, next)) &&
                       !walk_words(reader, &reader->patterns->condition, next + 1, &behind);
        if (!another)
            return made(reader, list, from);
        reader->at = next;
    }
}

/* The words of a comparison from the token in hand on; `out_negated` for “is not between”, “does not contain”. */
static const PatternNode *find_comparison(EnglishReader *reader, uint32_t *out_behind, bool *out_negated)
{
    const PatternNode *root = &reader->patterns->condition;
    uint32_t at = reader->at;
    *out_negated = false;
    if ((word_at(reader, at, "does") || word_at(reader, at, "do")) && word_at(reader, at + 1, "not")) {
        *out_negated = true;
        return walk_words(reader, root, at + 2, out_behind);
    }
    const PatternNode *plain = walk_words(reader, root, at, out_behind);
    bool is = word_at(reader, at, "is") || word_at(reader, at, "are");
    if (!is || !word_at(reader, at + 1, "not") || (plain && *out_behind > at + 2))
        return plain;
    uint32_t behind;
    const PatternNode *verb = pattern_kid(root, token_now(reader)->text);
    const PatternNode *without_not = verb ? walk_words(reader, verb, at + 2, &behind) : NULL;
    if (!without_not)
        return plain;
    *out_negated = true;
    *out_behind = behind;
    return without_not;
}

static uint16_t pattern_ahead(const PatternNode *node, uint8_t *out_op)
{
    const PatternNode *end = pattern_value(node);
    if (!end || !end->pattern)
        return FN_N_FUNCTIONS;
    *out_op = end->pattern->op;
    return end->pattern->id;
}

static Node *negate(EnglishReader *reader, Node *node, bool negated, uint32_t from)
{
    return node && negated ? make_pair_of(reader, NODE_NOT, 0, node, NULL, from) : node;
}

Node *read_comparison(EnglishReader *reader, bool chained)
{
    uint32_t from = reader->at, behind;
    Node *left = read_sum(reader), *chain = NULL;
    bool negated = false;
    while (left && !reader->failed) {
        const PatternNode *node = find_comparison(reader, &behind, &negated);
        uint8_t op = 0;
        uint16_t id = node ? pattern_ahead(node, &op) : 0;
        if (!node && !chain && (word_at(reader, reader->at, "is") || word_at(reader, reader->at, "are"))) {
            reader->at++;
            return fail_expected(reader, "a value or a comparison (“greater than”, “at least”, “between” …)");
        }
        bool compares = node && (id == CORE_COMPARE || id == CORE_ONE_OF);
        if (!node || (chain && (!compares || negated || !chained)))
            break;
        reader->at = behind;
        if (!compares)
            return negate(reader, read_pattern(reader, node, left, from, FAMILY_CONDITION), negated, from);
        Node *right = id == CORE_ONE_OF ? read_one_of(reader) : read_sum(reader);
        if (!right)
            return NULL;
        if (!chain) {
            chain = node_new(reader->arena, NODE_COMPARE);
            node_add(reader->arena, chain, left);
        }
        if (chain->n_kids == OPERANDS_MAX)
            return fail_at(reader, from, reader->at, "too-many-comparisons", "join two comparisons with “and”",
                           "at most %d values are compared in a row", OPERANDS_MAX);
        chain->ops[chain->n_kids - 1] = op;
        node_add(reader->arena, chain, right);
        if (!made(reader, chain, from) || negated)
            break;
    }
    return left ? negate(reader, chain ? (reader->failed ? NULL : chain) : left, negated && chain, from) : NULL;
}

/* ---- not, and, or ---- */

static Node *read_not(EnglishReader *reader)
{
    uint32_t from = reader->at;
    if (!take_word(reader, "not"))
        return read_comparison(reader, true);
    if (!enter(reader))
        return NULL;
    Node *operand = read_not(reader);
    reader->nesting--;
    return operand ? make_pair_of(reader, NODE_NOT, 0, operand, NULL, from) : NULL;
}

static void add_flat(EnglishReader *reader, Node *all, Node *part)
{
    if (part->kind != all->kind) {
        node_add(reader->arena, all, part);
        return;
    }
    for (uint32_t i = 0; i < part->n_kids; i++)
        node_add(reader->arena, all, part->kids[i]);
}

/* `parts` joined by `joints` ('&' or '|'), where `outer` binds weaker than the other. */
static Node *group(EnglishReader *reader, const Node *parts, const Str joints_of, NodeKind outer, uint32_t from)
{
    char weak = outer == NODE_OR ? '|' : '&';
    NodeKind inner_kind = outer == NODE_OR ? NODE_AND : NODE_OR;
    Node *all = node_new(reader->arena, outer), *inner = NULL;
    for (uint32_t i = 0; i < parts->n_kids; i++) {
        bool joins_next = i + 1 < parts->n_kids && joints_of.data[i] != weak;
        if (joins_next && !inner)
            inner = node_new(reader->arena, inner_kind);
        if (inner)
            add_flat(reader, inner, parts->kids[i]);
        if (!joins_next) {
            add_flat(reader, all, inner ? made(reader, inner, from) : parts->kids[i]);
            inner = NULL;
        }
        if (reader->failed)
            return NULL;
    }
    return made(reader, all->n_kids == 1 ? all->kids[0] : all, from);
}

/* One part, or parts joined by `and` or `or`; both without parentheses are ambiguous. */
static Node *read_joined(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *first = read_not(reader);
    if (!first || !(word_at(reader, reader->at, "and") || word_at(reader, reader->at, "or")))
        return first;
    Node *parts = node_new(reader->arena, NODE_BLOCK);
    Buf joins = buf_in(reader->arena);
    node_add(reader->arena, parts, first);
    while (word_at(reader, reader->at, "and") || word_at(reader, reader->at, "or")) {
        buf_char(&joins, word_at(reader, reader->at, "and") ? '&' : '|');
        reader->at++;
        Node *part = read_not(reader);
        if (!part)
            return NULL;
        node_add(reader->arena, parts, part);
    }
    Str view = buf_view(&joins);
    bool has_and = str_find_char(view, '&') >= 0, has_or = str_find_char(view, '|') >= 0;
    Node *loose_or = group(reader, parts, view, has_or ? NODE_OR : NODE_AND, from);
    if (!has_and || !has_or)
        return loose_or;
    return ambiguous(reader, from, loose_or, group(reader, parts, view, NODE_AND, from));
}

Node *read_condition(EnglishReader *reader)
{
    uint32_t from = reader->at;
    if (!enter(reader))
        return NULL;
    Node *value = read_joined(reader);
    if (value && take_word(reader, "if")) {
        Node *choose = node_new(reader->arena, NODE_CHOOSE);
        Node *condition = read_joined(reader);
        if (condition && !take_word(reader, "otherwise"))
            return fail_expected(reader, "“otherwise” and the other value");
        Node *other = condition ? read_condition(reader) : NULL;
        if (!other)
            return NULL;
        node_add(reader->arena, choose, value);
        node_add(reader->arena, choose, condition);
        node_add(reader->arena, choose, other);
        value = made(reader, choose, from);
    }
    reader->nesting--;
    return value;
}

/* ---- for each ---- */

Node *read_targets(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *first = read_target_name(reader);
    if (!first || !(word_at(reader, reader->at, "and") || sign_at(reader, reader->at, ",")))
        return first;
    Node *tuple = node_new(reader->arena, NODE_TUPLE);
    node_add(reader->arena, tuple, first);
    while (take_separator(reader)) {
        Node *next = read_target_name(reader);
        if (!next)
            return NULL;
        node_add(reader->arena, tuple, next);
    }
    return made(reader, tuple, from);
}

Node *read_comprehension(EnglishReader *reader, Node *element, CollectOp op, uint32_t from)
{
    bool lazy = word_at(reader, reader->at + 1, "every");
    reader->at += 2;
    Node *node = node_new(reader->arena, NODE_COLLECT);
    node->op = (uint8_t)(lazy && op == COLLECT_LIST ? COLLECT_LAZY : op);
    node_add(reader->arena, node, element);
    Node *target = read_targets(reader);
    if (!target)
        return NULL;
    if (!take_word(reader, "in"))
        return fail_expected(reader, "“in”");
    Node *over = read_condition(reader);
    if (!over)
        return NULL;
    node_add(reader->arena, node, target);
    node_add(reader->arena, node, over);
    if (take_word(reader, "where")) {
        Node *condition = read_condition(reader);
        if (!condition)
            return NULL;
        node_add(reader->arena, node, condition);
    }
    return made(reader, node, from);
}

Node *read_value(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *value = read_condition(reader);
    if (value && (words_at(reader, reader->at, "for each") || words_at(reader, reader->at, "for every")))
        return read_comprehension(reader, value, COLLECT_LIST, from);
    return value;
}
