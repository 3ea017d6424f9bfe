/* lang/english_conditions.c: tokens → expressions: comparisons, and what stands around conditions. */
#include <string.h>

#include "lang/english_internal.h"

enum { OPERANDS_MAX = 6 };

/* ---- comparisons ---- */

static bool is_literal_token(const Token *token)
{
    return token->kind == TOKEN_TEXT || token->kind == TOKEN_NUMBER || token->kind == TOKEN_DATE ||
           token->kind == TOKEN_TIME;
}

/* Whether token `at` goes on with the literal before it, as an operator does: 5 + 1, "a" in upper case, 3 is 3. */
bool literal_goes_on(EnglishReader *reader, uint32_t at)
{
    static const char *const words[] = {"plus", "minus", "times", "divided", "multiplied", "floor", "modulo", "to"};
    const Token *token = token_at(reader, at);
    uint32_t behind;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (word_at(reader, at, words[i]))
            return !word_is_stop(reader, at);
    }
    bool operates = token->kind == TOKEN_SIGN && token->text.len > 0 && strchr("+-*/%=<>!", token->text.data[0]);
    return operates || walk_words(reader, &reader->patterns->condition, at, &behind) ||
           walk_words(reader, &reader->patterns->postfix, at, &behind);
}

/* Behind a literal: the next one's token, where that one stands by itself; 0 where there is none. */
static uint32_t next_literal(EnglishReader *reader, uint32_t at, bool or_joins)
{
    uint32_t next = at;
    next += sign_at(reader, next, ",");
    next += word_at(reader, next, "and") || (or_joins && word_at(reader, next, "or"));
    bool another = next > at && is_literal_token(token_at(reader, next)) && !literal_goes_on(reader, next + 1);
    return another ? next : 0;
}

static Node *read_literals(EnglishReader *reader, bool or_joins)
{
    uint32_t from = reader->at;
    Node *list = node_new(reader->arena, NODE_LIST);
    for (;;) {
        Node *item = read_primary(reader);
        if (!item)
            return NULL;
        node_add(reader->arena, list, item);
        uint32_t next = next_literal(reader, reader->at, or_joins);
        if (next == 0)
            return finish_node(reader, list, from);
        reader->at = next;
    }
}

/* What follows `one of`: literals go on being items as long as nothing compares them with something. */
static Node *read_one_of(EnglishReader *reader)
{
    bool literals = is_literal_token(token_now(reader)) && !literal_goes_on(reader, reader->at + 1);
    return literals ? read_literals(reader, true) : read_sum(reader);
}

/* for each region in "north" and "south": literals with “and” between them are never yes or no there; what else is
 * joined could be lists or items, which only the writer knows. */
Node *read_goes_through(EnglishReader *reader)
{
    uint32_t from = reader->at;
    if (is_literal_token(token_now(reader)) && next_literal(reader, reader->at + 1, false) > 0)
        return read_literals(reader, false);
    Node *over = read_deciding(reader, read_condition); /* what is joined is told below */
    if (over && (over->kind == NODE_AND || over->kind == NODE_OR) && !sign_at(reader, from, "("))
        return fail_at(reader, from, reader->at, "list-needed",
                       "say what is gone through: “the list of … and …” of single items, or name one list",
                       "“%s” joins what is yes or no, and that cannot be gone through",
                       over->kind == NODE_AND ? "and" : "or");
    return over;
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
    return node && negated ? make_operation(reader, NODE_NOT, 0, node, NULL, from) : node;
}

bool at_comparison(EnglishReader *reader, uint32_t at)
{
    uint32_t before = reader->at, behind;
    bool negated;
    reader->at = at;
    bool is = word_at(reader, at, "is") || word_at(reader, at, "are") || find_comparison(reader, &behind, &negated);
    reader->at = before;
    return is;
}

/* ---- what is compared ---- */

static bool picks_one(const Node *node)
{
    return node->kind == NODE_CALL && (node->function == FN_FIRST || node->function == FN_LAST);
}

/* any of the amounts is 0: the items are meant, and not whether one of them counts as yes. */
static bool at_quantity(const EnglishReader *reader, const Node *left, uint32_t from)
{
    return left->kind == NODE_CALL && (left->function == FN_ANY || left->function == FN_ALL) &&
           (words_at(reader, from, "any of") || words_at(reader, from, "all of"));
}

/* any of the orders' amounts → any order's amount; "" where the list is no plural */
static Str one_of_list(const EnglishReader *reader, uint32_t from, uint32_t to)
{
    Buf words = buf_in(reader->arena);
    from += word_at(reader, from, "the");
    for (uint32_t at = from; at < to; at++) {
        const Token *token = token_at(reader, at);
        bool last = at + 1 == to || token_at(reader, at + 1)->kind == TOKEN_PLURAL;
        if (token->kind != TOKEN_WORD && token->kind != TOKEN_PLURAL)
            return S("");
        if (token->kind == TOKEN_PLURAL)
            buf_str(&words, S("'s"));
        else
            buf_printf(&words, "%s%.*s", at > from ? " " : "",
                       STR_ARG(last ? singular_of(reader->arena, token->text) : token->text));
        if (token->kind == TOKEN_WORD && last && !words_are_plural(reader->arena, token->text))
            return S("");
    }
    return buf_view(&words);
}

static Node *fail_quantity(EnglishReader *reader, const Node *left, uint32_t from)
{
    bool every = left->function == FN_ALL;
    Str one = reader->trial ? S("") : one_of_list(reader, from + 2, reader->at);
    bool are = word_at(reader, reader->at, "are");
    Str instead = str_printf(reader->arena, "%s %.*s%s", every ? "every" : "any", STR_ARG(one), are ? " is" : "");
    const char *hint = one.len > 0 ? write_sentence(reader, corrected(reader, from, reader->at + are, instead)) : NULL;
    return fail_at(reader, from, reader->at, "quantity",
                   hint    ? hint
                   : every ? "write: every order's amount is 0"
                           : "write: any order's amount is 0",
                   "“%s of” a list is yes or no by itself; what is said of its items begins with “%s”",
                   every ? "all" : "any", every ? "every" : "any");
}

Node *read_comparison(EnglishReader *reader, bool chained)
{
    uint32_t from = reader->at;
    return read_comparison_of(reader, read_sum(reader), from, chained);
}

Node *read_comparison_of(EnglishReader *reader, Node *left, uint32_t from, bool chained)
{
    uint32_t behind;
    Node *chain = NULL;
    bool negated = false;
    while (left && !reader->failed) {
        const PatternNode *node = find_comparison(reader, &behind, &negated);
        uint8_t op = 0;
        uint16_t id = node ? pattern_ahead(node, &op) : 0;
        if (!node && !chain && (word_at(reader, reader->at, "is") || word_at(reader, reader->at, "are"))) {
            reader->at++;
            static const char *const whole[] = {
                "greater than", "less than",    "more than",  "at least", "at most", "equal to",     "one of",
                "before",       "earlier than", "later than", "after",    "in",      "no more than", "no less than"};
            for (size_t i = 0; i < COUNT_OF(whole); i++) {
                if (take_words(reader, whole[i]))
                    return fail_expected(reader, "a value");
            }
            return fail_expected(reader, "a value or a comparison (“greater than”, “at least”, “between” …)");
        }
        bool compares = node && (id == CORE_COMPARE || id == CORE_ONE_OF);
        if (node && !chain && at_quantity(reader, left, from))
            return fail_quantity(reader, left, from);
        if (node && id == CORE_COMPARE && op == CMP_IN && word_at(reader, reader->at, "in") && picks_one(left))
            return fail_at(reader, from, reader->at + 1, "unexpected-word",
                           write_sentence(reader, corrected(reader, from + 2, reader->at + 1, S("item of"))),
                           "one of a list stands in front of “of”; “in” asks whether it is there");
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
        if (!finish_node(reader, chain, from) || negated)
            break;
    }
    return left ? negate(reader, chain ? (reader->failed ? NULL : chain) : left, negated && chain, from) : NULL;
}

Node *read_deciding(EnglishReader *reader, Node *(*read)(EnglishReader *reader))
{
    bool outer = reader->deciding;
    reader->deciding = true;
    Node *condition = read(reader);
    reader->deciding = outer;
    return condition;
}

Node *read_condition(EnglishReader *reader)
{
    uint32_t from = reader->at;
    if (!enter_nesting(reader))
        return NULL;
    Node *value = read_joined(reader);
    if (value && take_word(reader, "if")) {
        Node *choose = node_new(reader->arena, NODE_CHOOSE);
        Node *condition = read_deciding(reader, read_joined);
        if (condition && !take_word(reader, "otherwise"))
            return fail_expected(reader, "“otherwise” and the other value");
        Node *other = condition ? read_condition(reader) : NULL;
        if (!other)
            return NULL;
        node_add(reader->arena, choose, value);
        node_add(reader->arena, choose, condition);
        node_add(reader->arena, choose, other);
        value = finish_node(reader, choose, from);
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
    return finish_node(reader, tuple, from);
}

/* One `for each` with its `where`; what its element is, the caller knows. */
static Node *read_each(EnglishReader *reader, Node *element, CollectOp op)
{
    Node *node = node_new(reader->arena, NODE_COLLECT);
    node->op = (uint8_t)op;
    node_add(reader->arena, node, element);
    reader->at += 2;
    Node *target = read_targets(reader);
    if (!target)
        return NULL;
    if (!take_word(reader, "in"))
        return fail_expected(reader, "“in”");
    Node *over = read_goes_through(reader);
    if (!over)
        return NULL;
    node_add(reader->arena, node, target);
    node_add(reader->arena, node, over);
    if (take_word(reader, "where")) {
        Node *condition = read_deciding(reader, read_condition);
        if (!condition)
            return NULL;
        node_add(reader->arena, node, condition);
    }
    return node;
}

/* … and for each line in the invoice's lines: the last one is the element of the one before it, and so on. */
Node *read_comprehension(EnglishReader *reader, Node *element, CollectOp op, uint32_t from)
{
    bool lazy = word_at(reader, reader->at + 1, "every") && op == COLLECT_LIST;
    Node *all[AST_EXPRESSION_MAX];
    uint32_t n = 0;
    if (!(all[n++] = read_each(reader, element, lazy ? COLLECT_LAZY : op)))
        return NULL;
    while (at_further_each(reader, reader->at)) {
        if (n == COUNT_OF(all))
            return fail_at(reader, from, reader->at, "too-deep", "work the inner lists out in sentences before",
                           "at most %d lists are gone through at once", (int)n);
        reader->at++;
        if (!(all[n] = read_each(reader, element, COLLECT_MORE)))
            return NULL;
        all[n - 1]->kids[0] = all[n];
        n++;
    }
    uint32_t begins = element->english.start;
    while (--n > 0) {
        if (!finish_node(reader, all[n], from))
            return NULL;
        all[n]->english.start = begins;
    }
    return finish_node(reader, all[0], from);
}

Node *read_value(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *value = read_condition(reader);
    if (value && (words_at(reader, reader->at, "for each") || words_at(reader, reader->at, "for every")))
        return read_comprehension(reader, value, COLLECT_LIST, from);
    return value;
}
