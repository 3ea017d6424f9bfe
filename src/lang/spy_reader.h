/* lang/spy_reader.h: what the two halves of the SPy reader share. Inside lang only.
 *
 * A problem is reported once and fails the statement it stands in; the reader then goes on with the next line. While a
 * statement has failed, every function gives a node that nobody looks at, never NULL. */
#ifndef CLERKWORK_LANG_SPY_READER_H
#define CLERKWORK_LANG_SPY_READER_H

#include "base/map.h"
#include "lang/function.h"
#include "lang/spy.h"
#include "lang/spy_tokens.h"

/* Of the reader's own calls: at most three for a level of the tree. */
enum { EXPRESSION_NESTING_MAX = 3 * AST_EXPRESSION_MAX };

typedef struct SpyReader {
    Arena *arena;
    const Catalog *catalog;
    Diagnostics *all;
    const SpyText *text;
    uint32_t at; /* token */
    uint32_t line;
    unsigned depth; /* of expressions being read */
    bool failed;    /* the present statement */
    bool in_define;
    Map facts;       /* names that the text sets somewhere: they win over books in name.method(…) */
    Map defines;     /* procedure name → DefineHead */
    Map connections; /* alias → its book (Str *) */
    Map lost;        /* what a refused statement names (class, import …): nothing more is said about it */
    bool in_try;     /* a try was refused: its except is the same problem */
} SpyReader;

typedef struct DefineHead {
    Str *parameters;
    uint32_t n_parameters;
} DefineHead;

/* One argument of any call, as written. */
typedef struct CallArgument {
    Str name; /* "" when by position */
    Node *value;
    Span span;
} CallArgument;
typedef struct CallArguments {
    CallArgument *items;
    uint32_t n;
    Span span; /* with the parentheses */
} CallArguments;

/* ---- tokens ---- */
static inline const Token *token_now(const SpyReader *reader)
{
    return &reader->text->tokens[reader->at];
}
static inline const Token *token_ahead(const SpyReader *reader, uint32_t n)
{
    uint32_t at = reader->at;
    while (n-- > 0 && reader->text->tokens[at].kind != TOKEN_END)
        at++;
    return &reader->text->tokens[at];
}
static inline bool token_is_sign(const Token *token, const char *sign)
{
    return token->kind == TOKEN_SIGN && token->sign == sign_of(sign);
}
static inline bool token_is_word(const Token *token, SpyWord word)
{
    return token->kind == TOKEN_WORD && token->word == word;
}
static inline bool token_is_name(const Token *token, const char *name)
{
    return token->kind == TOKEN_NAME && str_eq(token->text, str_from_c(name));
}
bool spy_take_sign(SpyReader *reader, const char *sign);
bool spy_take_word(SpyReader *reader, SpyWord word);
/* Reports what stands there instead. */
void spy_expect_sign(SpyReader *reader, const char *sign, const char *where);

/* ---- problems: fail the statement ---- */
Diagnostic *spy_fail(SpyReader *reader, const char *code, Span span, const char *format, ...) PRINTF_LIKE(4, 5);
void spy_fail_with_hint(SpyReader *reader, const char *code, Span span, const char *message, const char *hint);
/* Fails the statement in silence when a refused one was to give it this name: one cause, one message. */
bool spy_fail_if_lost(SpyReader *reader, Str name);
/* "expected …, found …" at the present token. */
void spy_fail_expected(SpyReader *reader, const char *expected);

/* ---- nodes ---- */
Node *spy_node(SpyReader *reader, NodeKind kind);
/* Sets the span from the token `first` to the last one taken, and the height (kept in the id until the tree is
 * numbered). */
Node *spy_done(SpyReader *reader, Node *node, uint32_t first);

/* ---- spy_expressions.c ---- */
Node *spy_read_expression(SpyReader *reader);        /* no tuple without parentheses */
Node *spy_read_expressions(SpyReader *reader);       /* a, b is a TUPLE */
Node *spy_read_loop_target(SpyReader *reader);       /* NAME or TUPLE of NAMEs */
CallArguments spy_read_arguments(SpyReader *reader); /* from ( to ) */
/* Puts arguments in the order of `names` (NULL ends them), NULL where one is missing; the first `needed` must be there.
 */
bool spy_bind_arguments(SpyReader *reader, const char *what, const CallArguments *arguments, const char *const *names,
                        uint32_t needed, Node **out);

#endif
