/* lang/spy_reader.c: looking at tokens, taking them, refusing them, and making nodes of them. */
#include <stdarg.h>
#include <string.h>

#include "lang/spy_reader.h"

/* ---- taking ---- */

bool spy_take_sign(SpyReader *reader, const char *sign)
{
    if (!token_is_sign(token_now(reader), sign))
        return false;
    reader->at++;
    return true;
}

bool spy_take_word(SpyReader *reader, SpyWord word)
{
    if (!token_is_word(token_now(reader), word))
        return false;
    reader->at++;
    return true;
}

/* ---- refusing ---- */

static Diagnostic *fail_with(SpyReader *reader, const char *code, Span span, const char *format, va_list args)
{
    Buf message = buf_in(reader->arena);
    buf_vprintf(&message, format, args);
    reader->failed = true;
    return diagnose(reader->all, SEVERITY_ERROR, code, span, "%.*s", STR_ARG(buf_view(&message)));
}

Diagnostic *spy_fail(SpyReader *reader, const char *code, Span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diagnostic *d = fail_with(reader, code, span, format, args);
    va_end(args);
    return d;
}

void spy_fail_with_hint(SpyReader *reader, const char *code, Span span, const char *message, const char *hint)
{
    Diagnostic *d = spy_fail(reader, code, span, "%s", message);
    diagnose_hint(reader->all, d, "%s", hint);
}

Str spy_token_shown(const SpyReader *reader, const Token *token)
{
    if (token->kind == TOKEN_END)
        return S("the end of the line");
    Str text = str_slice(reader->text->source, token->span.start, token->span.end);
    const char *cut = text.len > 30 ? "…" : "";
    return str_printf(reader->arena, "%.*s%s", STR_ARG(str_slice(text, 0, 30)), cut);
}

/* x++ and x-- at the end of a line. */
static bool counts_by_signs(const SpyReader *reader)
{
    const Token *tokens = reader->text->tokens;
    uint32_t at = reader->at;
    return at >= 2 && ((token_is_sign(&tokens[at - 1], "+") && token_is_sign(&tokens[at - 2], "+")) ||
                       (token_is_sign(&tokens[at - 1], "-") && token_is_sign(&tokens[at - 2], "-")));
}

void spy_fail_expected(SpyReader *reader, const char *expected)
{
    if (reader->failed)
        return;
    const Token *token = token_now(reader);
    Diagnostic *d = spy_fail(reader, "unexpected", token->span, "expected %s, found %.*s", expected,
                             STR_ARG(spy_token_shown(reader, token)));
    if (counts_by_signs(reader))
        diagnose_hint(reader->all, d, "to count, write: x += 1, or x -= 1");
    else if (token_is_sign(token, "=") && strstr(expected, "a name"))
        diagnose_hint(reader->all, d, "a word of Python's cannot name a fact");
}

bool spy_fail_if_lost(SpyReader *reader, Str name)
{
    bool lost = map_get(&reader->lost, name) != NULL;
    if (!lost || reader->failed)
        return lost;
    reader->failed = true;
    if (reader->all->n_lost < COUNT_OF(reader->all->lost))
        reader->all->lost[reader->all->n_lost++] = token_now(reader)->span.start;
    return true;
}

void spy_expect_sign(SpyReader *reader, const char *sign, const char *where)
{
    if (reader->failed || spy_take_sign(reader, sign))
        return;
    const Token *token = token_now(reader);
    Diagnostic *d = spy_fail(reader, "unexpected", token->span, "expected %s %s, found %.*s", sign, where,
                             STR_ARG(spy_token_shown(reader, token)));
    if (token_is_sign(token, "="))
        diagnose_hint(reader->all, d, "to compare, write ==");
    else if (token_is_word(token, WORD_IF))
        diagnose_hint(reader->all, d, "else if is one word: elif");
    else if (str_eq(str_from_c(sign), S(":")))
        diagnose_hint(reader->all, d, "the head of a block ends with a colon");
}

/* ---- making ---- */

Node *spy_node(SpyReader *reader, NodeKind kind)
{
    return node_new(reader->arena, kind);
}

void spy_refuse_misplaced(SpyReader *reader, const Node *parent, const Node *kid)
{
    if (kid->kind == NODE_COLLECT && kid->op == COLLECT_LAZY && parent->kind != NODE_CALL)
        spy_fail_with_hint(reader, "lone-generator", kid->spy, "a generator stands only as the argument of a function",
                           "make it a list: [ … for … in … ]");
    if (kid->kind == NODE_CALL && functions[kid->function].style == STYLE_ACTION && parent->kind != NODE_EXPRESSION) {
        Diagnostic *d = spy_fail(reader, "action-as-value", kid->spy, "%s changes something and gives no value",
                                 functions[kid->function].spy);
        diagnose_hint(reader->all, d, "give it a line of its own");
    }
}

Node *spy_done(SpyReader *reader, Node *node, uint32_t first)
{
    const Token *tokens = reader->text->tokens;
    uint32_t last = reader->at > first ? reader->at - 1 : first;
    node->spy = (Span){tokens[first].span.start, tokens[last].span.end};
    uint32_t height = 0;
    for (uint32_t i = 0; i < node->n_kids && !reader->failed; i++) {
        height = MAX_OF(height, node->kids[i]->id);
        spy_refuse_misplaced(reader, node, node->kids[i]);
    }
    node->id = height + 1;
    if (node->id > AST_EXPRESSION_MAX && node_is_expression(node) && !reader->failed)
        spy_fail_with_hint(reader, "too-deep", node->spy, "this expression is nested too deeply",
                           "give its parts names on lines of their own");
    return node;
}

Node *spy_failed_node(SpyReader *reader)
{
    return spy_node(reader, NODE_NOTHING);
}

Node *spy_literal(SpyReader *reader, Value value)
{
    Node *node = spy_node(reader, NODE_LITERAL);
    node->value = value;
    return node;
}

Node *spy_call_node(SpyReader *reader, uint16_t function)
{
    Node *node = spy_node(reader, NODE_CALL);
    node->function = function;
    return node;
}
