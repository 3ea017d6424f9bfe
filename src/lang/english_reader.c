/* lang/english_reader.c: looking at tokens, taking them, refusing them, and making nodes of them.
 *
 * While a text is read, a node's `id` holds how deep it is; ast_number overwrites it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lang/english_internal.h"

/* ---- looking and taking ---- */

/* Most tokens are told apart by their first letter: what stands at one place is held against many words. */
static bool begins_alike(const Token *token, TokenKind kind, const char *word)
{
    return token->kind == kind && token->text.len > 0 && token->text.data[0] == *word;
}

bool word_at(const EnglishReader *reader, uint32_t at, const char *word)
{
    const Token *token = token_at(reader, at);
    return begins_alike(token, TOKEN_WORD, word) && str_eq(token->text, str_from_c(word));
}

bool sign_at(const EnglishReader *reader, uint32_t at, const char *sign)
{
    const Token *token = token_at(reader, at);
    return begins_alike(token, TOKEN_SIGN, sign) && str_eq(token->text, str_from_c(sign));
}

/* How many tokens the words cover that stand at `at`; 0 where others do. */
static uint32_t words_standing(const EnglishReader *reader, uint32_t at, const char *words)
{
    uint32_t n = 0;
    for (;; n++, words++) {
        const Token *token = token_at(reader, at + n);
        if (!begins_alike(token, TOKEN_WORD, words))
            return 0;
        for (const char *c = token->text.data, *end = c + token->text.len; c < end; c++, words++) {
            if (*c != *words)
                return 0;
        }
        if (*words != ' ')
            return *words == '\0' ? n + 1 : 0;
    }
}

bool words_at(const EnglishReader *reader, uint32_t at, const char *words)
{
    return words_standing(reader, at, words) > 0;
}

bool take_word(EnglishReader *reader, const char *word)
{
    bool found = word_at(reader, reader->at, word);
    reader->at += found;
    return found;
}

bool take_words(EnglishReader *reader, const char *words)
{
    uint32_t n = words_standing(reader, reader->at, words);
    reader->at += n;
    return n > 0;
}

bool take_sign(EnglishReader *reader, const char *sign)
{
    bool found = sign_at(reader, reader->at, sign);
    reader->at += found;
    return found;
}

bool is_among(const EnglishReader *reader, uint32_t at, const char *words)
{
    enum { LONGEST = 22 };
    const Token *token = token_at(reader, at);
    char wanted[LONGEST + 3];
    if (token->kind != TOKEN_WORD || token->text.len > LONGEST)
        return false;
    (void)snprintf(wanted, sizeof wanted, " %.*s ", STR_ARG(token->text));
    return strstr(words, wanted);
}

Str source_of(const EnglishReader *reader, uint32_t from, uint32_t to)
{
    return to > from ? str_slice(reader->source, token_at(reader, from)->start, token_at(reader, to - 1)->end) : S("");
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

Node *fail_expected(EnglishReader *reader, const char *expected)
{
    const Token *token = token_now(reader);
    if (token->kind == TOKEN_BAD)
        return fail_at(reader, reader->at, reader->at + 1, "unreadable-text", slip_of_token(reader, ""), "%.*s",
                       STR_ARG(token->text));
    uint32_t start = token_at(reader, 0)->start, end = reader->at > 0 ? token_at(reader, reader->at - 1)->end : start;
    Str before = str_slice(reader->source, start, end);
    size_t skip = before.len > 60 ? before.len - 60 : 0;
    while (skip > 0 && skip < before.len && before.data[skip - 1] != ' ')
        skip++;
    before = str_skip(before, skip);
    Str found = clip(str_slice(reader->source, token->start, token->end), 40);
    const char *after = before.len > 0 ? skip > 0 ? " after “… " : " after “" : "";
    if (token->kind == TOKEN_END)
        return fail_at(reader, reader->at, reader->at + 1, "unfinished-sentence", mend_of_end(reader, expected),
                       "expected %s%s%.*s%s, where the sentence ends", expected, after, STR_ARG(before),
                       before.len > 0 ? "”" : "");
    return fail_at(reader, reader->at, reader->at + 1, "unexpected-word", slip_of_token(reader, expected),
                   "expected %s%s%.*s%s, but found “%.*s”", expected, after, STR_ARG(before), before.len > 0 ? "”" : "",
                   STR_ARG(found));
}

Node *fail_too_deep(EnglishReader *reader, uint32_t from, uint32_t to)
{
    return fail_at(reader, from, to, "nested-too-deep", "give a part of it a name in a sentence of its own",
                   "this is nested more than %d levels deep", AST_EXPRESSION_MAX);
}

/* Two readings of the tokens from `from` on: the reader of the text must choose, not we. */
Node *fail_ambiguous(EnglishReader *reader, uint32_t from, Node *one, Node *other)
{
    if (reader->failed || !one || !other)
        return NULL;
    reader->failed = true;
    Span span = span_of(reader, from, reader->at);
    Diagnostic *about = diagnose(reader->all, SEVERITY_ERROR, "ambiguous", span,
                                 "this can be understood in two ways; parentheses say which is meant");
    if (about == &reader->all->spare || reader->trial)
        return NULL;
    about->choices[0] = english_print_words(reader->arena, one, reader->catalog);
    about->choices[1] = english_print_words(reader->arena, other, reader->catalog);
    about->n_choices = 2;
    return NULL;
}

/* ---- making ---- */

Node *finish_node(EnglishReader *reader, Node *node, uint32_t from)
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
    return finish_node(reader, node, from);
}

Node *make_call(EnglishReader *reader, FunctionId function, Node *one, Node *two, uint32_t from)
{
    Node *node = node_new(reader->arena, NODE_CALL);
    node->function = (uint16_t)function;
    if (one)
        node_add(reader->arena, node, one);
    if (two)
        node_add(reader->arena, node, two);
    return finish_node(reader, node, from);
}

Node *make_operation(EnglishReader *reader, NodeKind kind, uint8_t op, Node *left, Node *right, uint32_t from)
{
    Node *node = node_new(reader->arena, kind);
    node->op = op;
    node_add(reader->arena, node, left);
    if (right)
        node_add(reader->arena, node, right);
    return finish_node(reader, node, from);
}

bool enter_nesting(EnglishReader *reader)
{
    if (reader->failed)
        return false;
    if (reader->nesting++ < NESTING_MAX)
        return true;
    fail_too_deep(reader, reader->at, reader->at + 1);
    return false;
}
