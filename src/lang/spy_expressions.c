/* lang/spy_expressions.c: SPy's expressions by precedence. */
#include "lang/spy_reader.h"
#include "value/decimal.h"

/* ---- atoms ---- */

static Node *read_number(SpyReader *reader, uint32_t first)
{
    const Token *token = token_now(reader);
    Node *node = spy_node(reader, NODE_LITERAL);
    Error err;
    Str digits = token->text;
    if (str_starts(digits, S(".")))
        digits = str_printf(reader->arena, "0%.*s", STR_ARG(digits));
    if (str_ends(digits, S(".")))
        digits = str_slice(digits, 0, digits.len - 1);
    if (!decimal_parse(digits, &node->value, &err)) {
        spy_fail_with_hint(reader, "bad-number", token->span, "this number has more digits than a number can keep",
                           "numbers have up to 28 digits; longer ones are texts: put it in quotes");
        return node;
    }
    reader->at++;
    return spy_done(reader, node, first);
}

static Node *read_word(SpyReader *reader, uint32_t first)
{
    const Token *token = token_now(reader);
    switch (token->word) {
    case WORD_NONE: reader->at++; return spy_done(reader, spy_literal(reader, value_null()), first);
    case WORD_TRUE: reader->at++; return spy_done(reader, spy_literal(reader, value_bool(true)), first);
    case WORD_FALSE: reader->at++; return spy_done(reader, spy_literal(reader, value_bool(false)), first);
    case WORD_LAMBDA:
        if (reader->at > 1 && token_is_sign(token - 1, "=") && token[-2].kind == TOKEN_NAME)
            map_put(&reader->lost, token[-2].text, reader);
        spy_fail_with_hint(reader, "no-lambda", token->span, "SPy has no lambda", spy_hint_for_lambda(reader, token));
        break;
    case WORD_AWAIT:
    case WORD_YIELD:
        spy_fail_with_hint(reader, "no-such-word", token->span, "SPy has neither await nor yield",
                           "call it plainly: a run waits by itself until the call is done");
        break;
    default: spy_fail_expected(reader, "a value"); break;
    }
    return spy_failed_node(reader);
}

static Node *read_atom(SpyReader *reader, uint32_t first)
{
    const Token *token = token_now(reader);
    switch (token->kind) {
    case TOKEN_NAME: return spy_read_name(reader, first);
    case TOKEN_WORD: return read_word(reader, first);
    case TOKEN_NUMBER: return read_number(reader, first);
    case TOKEN_TEXT:
    case TOKEN_TEMPLATE_START: return spy_read_text(reader, first);
    default: break;
    }
    if (token_is_sign(token, "(") || token_is_sign(token, "[") || token_is_sign(token, "{"))
        return spy_read_brackets(reader, first);
    if (token_is_sign(token, "*"))
        return spy_refuse_star(reader);
    spy_fail_expected(reader, "a value");
    return spy_failed_node(reader);
}

/* ---- operators, tightest first ---- */

static Node *read_unary(SpyReader *reader);

static Node *binary(SpyReader *reader, ArithmeticOp op, Node *left, Node *right, uint32_t first)
{
    Node *node = spy_node(reader, NODE_ARITHMETIC);
    node->op = (uint8_t)op;
    node_add(reader->arena, node, left);
    node_add(reader->arena, node, right);
    return spy_done(reader, node, first);
}

static Node *read_power(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *base = spy_read_postfix(reader, read_atom(reader, first), first);
    if (reader->failed || !spy_take_sign(reader, "**"))
        return base;
    return binary(reader, OP_POWER, base, read_unary(reader), first);
}

/* Counts what is open around an expression: brackets, signs before a value, powers. */
static bool enter(SpyReader *reader)
{
    if (++reader->depth <= EXPRESSION_NESTING_MAX)
        return true;
    if (!reader->failed)
        spy_fail_with_hint(reader, "too-deep", token_now(reader)->span, "this expression is nested too deeply",
                           "give its parts names on lines of their own");
    return false;
}

static Node *read_signed(SpyReader *reader)
{
    uint32_t first = reader->at;
    if (spy_take_sign(reader, "+"))
        return read_unary(reader);
    if (token_is_sign(token_now(reader), "~")) {
        spy_fail_with_hint(reader, "no-bits", token_now(reader)->span, "SPy has no operators on bits", "write not");
        return spy_failed_node(reader);
    }
    if (!spy_take_sign(reader, "-"))
        return read_power(reader);
    Node *node = spy_node(reader, NODE_NEGATE);
    node_add(reader->arena, node, read_unary(reader));
    return spy_done(reader, node, first);
}

static Node *read_unary(SpyReader *reader)
{
    Node *node = enter(reader) ? read_signed(reader) : spy_failed_node(reader);
    reader->depth--;
    return node;
}

static bool product_op(const Token *token, ArithmeticOp *out)
{
    static const struct {
        const char *sign;
        ArithmeticOp op;
    } rows[] = {{"*", OP_MULTIPLY}, {"/", OP_DIVIDE}, {"//", OP_FLOOR_DIVIDE}, {"%", OP_MODULO}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (token_is_sign(token, rows[i].sign)) {
            *out = rows[i].op;
            return true;
        }
    }
    return false;
}

static Node *read_product(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_unary(reader);
    ArithmeticOp op;
    while (!reader->failed && product_op(token_now(reader), &op)) {
        reader->at++;
        left = binary(reader, op, left, read_unary(reader), first);
    }
    return left;
}

static Node *read_sum(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_product(reader);
    while (!reader->failed) {
        bool plus = token_is_sign(token_now(reader), "+");
        if (!plus && !token_is_sign(token_now(reader), "-"))
            break;
        reader->at++;
        left = binary(reader, plus ? OP_ADD : OP_SUBTRACT, left, read_product(reader), first);
    }
    return left;
}

static void refuse_bits(SpyReader *reader)
{
    const Token *token = token_now(reader);
    static const char *const signs[] = {"&", "|", "^", "<<", ">>", "@"};
    for (size_t i = 0; i < COUNT_OF(signs) && !reader->failed; i++) {
        if (token_is_sign(token, signs[i]))
            spy_fail_with_hint(reader, "no-bits", token->span, "SPy has no operators on bits",
                               "join conditions with \"and\" and \"or\"");
    }
}

/* `is` and `is not` compare with None, True and False only, where they mean what == and != mean. */
static void check_is_operand(SpyReader *reader)
{
    const Token *token = token_now(reader);
    if (!token_is_word(token, WORD_NONE) && !token_is_word(token, WORD_TRUE) && !token_is_word(token, WORD_FALSE))
        spy_fail_with_hint(reader, "is-compares-identity", token->span, "\"is\" only asks for None, True or False",
                           "compare values with == or !=");
}

static bool compare_sign(const Token *token, CompareOp *out)
{
    static const struct {
        const char *sign;
        CompareOp op;
    } rows[] = {{"==", CMP_EQUAL},      {"!=", CMP_NOT_EQUAL}, {"<", CMP_LESS},
                {"<=", CMP_LESS_EQUAL}, {">", CMP_GREATER},    {">=", CMP_GREATER_EQUAL}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (token_is_sign(token, rows[i].sign)) {
            *out = rows[i].op;
            return true;
        }
    }
    return false;
}

static bool take_compare(SpyReader *reader, CompareOp *out)
{
    if (compare_sign(token_now(reader), out)) {
        reader->at++;
        return true;
    }
    if (spy_take_word(reader, WORD_IN)) {
        *out = CMP_IN;
        return true;
    }
    if (token_is_word(token_now(reader), WORD_NOT) && token_is_word(token_ahead(reader, 1), WORD_IN)) {
        reader->at += 2;
        *out = CMP_NOT_IN;
        return true;
    }
    if (!spy_take_word(reader, WORD_IS))
        return false;
    *out = spy_take_word(reader, WORD_NOT) ? CMP_NOT_EQUAL : CMP_EQUAL;
    check_is_operand(reader);
    return true;
}

static Node *read_comparison(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_sum(reader);
    refuse_bits(reader);
    CompareOp op;
    if (reader->failed || !take_compare(reader, &op))
        return left;
    Node *node = spy_node(reader, NODE_COMPARE);
    node_add(reader->arena, node, left);
    do {
        if (node->n_kids == 6) {
            spy_fail_with_hint(reader, "long-comparison", token_now(reader)->span,
                               "a comparison has at most six values", "join two of them with \"and\"");
            return node;
        }
        node->ops[node->n_kids - 1] = (uint8_t)op;
        node_add(reader->arena, node, reader->failed ? spy_failed_node(reader) : read_sum(reader));
        refuse_bits(reader);
    } while (!reader->failed && take_compare(reader, &op));
    return spy_done(reader, node, first);
}

static Node *read_not(SpyReader *reader)
{
    uint32_t first = reader->at;
    if (!token_is_word(token_now(reader), WORD_NOT))
        return read_comparison(reader);
    reader->at++;
    Node *node = spy_node(reader, NODE_NOT);
    node_add(reader->arena, node, enter(reader) ? read_not(reader) : spy_failed_node(reader));
    reader->depth--;
    return spy_done(reader, node, first);
}

void spy_add_flat(SpyReader *reader, Node *node, Node *operand)
{
    if (operand->kind != node->kind) {
        node_add(reader->arena, node, operand);
        return;
    }
    for (uint32_t i = 0; i < operand->n_kids; i++)
        node_add(reader->arena, node, operand->kids[i]);
}

static Node *read_and(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_not(reader);
    if (reader->failed || !token_is_word(token_now(reader), WORD_AND))
        return left;
    Node *node = spy_node(reader, NODE_AND);
    spy_add_flat(reader, node, left);
    while (!reader->failed && spy_take_word(reader, WORD_AND))
        spy_add_flat(reader, node, read_not(reader));
    return spy_done(reader, node, first);
}

Node *spy_read_without_choice(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *left = read_and(reader);
    if (reader->failed || !token_is_word(token_now(reader), WORD_OR))
        return left;
    Node *node = spy_node(reader, NODE_OR);
    spy_add_flat(reader, node, left);
    while (!reader->failed && spy_take_word(reader, WORD_OR))
        spy_add_flat(reader, node, read_and(reader));
    return spy_done(reader, node, first);
}

static Node *read_choice(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *value = spy_read_without_choice(reader);
    if (reader->failed || !spy_take_word(reader, WORD_IF))
        return value;
    Node *node = spy_node(reader, NODE_CHOOSE);
    node_add(reader->arena, node, value);
    node_add(reader->arena, node, spy_read_without_choice(reader));
    if (!reader->failed && !spy_take_word(reader, WORD_ELSE)) {
        spy_fail_expected(reader, "\"else\" and the value otherwise");
        return node;
    }
    node_add(reader->arena, node, spy_read_expression(reader));
    return spy_done(reader, node, first);
}

Node *spy_read_expression(SpyReader *reader)
{
    if (reader->failed)
        return spy_failed_node(reader);
    Node *node = enter(reader) ? read_choice(reader) : spy_failed_node(reader);
    reader->depth--;
    return node;
}

Node *spy_read_expressions(SpyReader *reader)
{
    uint32_t first = reader->at;
    Node *item = spy_read_expression(reader);
    if (reader->failed || !token_is_sign(token_now(reader), ","))
        return item;
    Node *tuple = spy_node(reader, NODE_TUPLE);
    node_add(reader->arena, tuple, item);
    while (!reader->failed && spy_take_sign(reader, ","))
        node_add(reader->arena, tuple, spy_read_expression(reader));
    return reader->failed ? spy_failed_node(reader) : spy_done(reader, tuple, first);
}
