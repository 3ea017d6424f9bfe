/* lang/spy_reader.h: what the parts of the SPy reader share; nobody else includes it.
 *
 * spy_tokens.c          text → lines and tokens
 * spy_outline.c         what the whole text sets and defines, before it is read
 *
 * spy_read.c            lines → the tree; where reading starts
 * spy_reader.c          looking at tokens, taking them, refusing them, making nodes of them
 * spy_comments.c        comments, docstrings and blank lines
 * spy_blocks.c          if, for and while with their lines; def in spy_define.c
 * spy_statements.c      what fills a line: assignments, return, calls; of these,
 * spy_inputs.c          … read_input and ask
 * spy_sentences.c       … print, set_output, ensure, wait and their like
 *
 * spy_expressions.c     operators and what stands between them; of this,
 * spy_texts.c           … texts and f-strings
 * spy_brackets.c        … lists, sets, records and tuples
 * spy_comprehensions.c  … what goes through items
 * spy_postfix.c         … .name, .method(…) and [index] behind a value
 * spy_calls.c           … names, and the calls of functions, procedures and books
 * spy_arguments.c       … what such a call is given
 * spy_foreign.c         what Python has and SPy has not
 *
 * A problem is reported once and fails the statement it stands in; the reader then goes on with the next line. While a
 * statement has failed, every function gives a node that nobody looks at, never NULL, unless it says so. One that takes
 * `first` makes a node that begins at that token. */
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
/* Whether name( stands here. */
static inline bool spy_at_call_of(const SpyReader *reader, const char *name)
{
    return token_is_name(token_now(reader), name) && token_is_sign(token_ahead(reader, 1), "(");
}
/* The line in hand, NULL behind the last one. */
static inline const Line *spy_line_now(const SpyReader *reader)
{
    return reader->line < reader->text->n_lines ? &reader->text->lines[reader->line] : NULL;
}

/* ---- spy_outline.c ---- */
/* Fills `facts`, `defines` and `connections`: what may be called does not hang on the order of the lines. */
void spy_outline(SpyReader *reader);

/* ---- spy_reader.c: taking ---- */
bool spy_take_sign(SpyReader *reader, const char *sign);
bool spy_take_word(SpyReader *reader, SpyWord word);
/* Reports what stands there instead. */
void spy_expect_sign(SpyReader *reader, const char *sign, const char *where);

/* … refusing: fails the statement */
Diagnostic *spy_fail(SpyReader *reader, const char *code, Span span, const char *format, ...) PRINTF_LIKE(4, 5);
void spy_fail_with_hint(SpyReader *reader, const char *code, Span span, const char *message, const char *hint);
/* Fails the statement in silence when a refused one was to give it this name: one cause, one message. */
bool spy_fail_if_lost(SpyReader *reader, Str name);
/* "expected …, found …" at the present token. */
void spy_fail_expected(SpyReader *reader, const char *expected);
Str spy_token_shown(const SpyReader *reader, const Token *token); /* for a message */

/* … making */
Node *spy_node(SpyReader *reader, NodeKind kind);
Node *spy_literal(SpyReader *reader, Value value);
Node *spy_call_node(SpyReader *reader, uint16_t function);
Node *spy_failed_node(SpyReader *reader); /* what a failed statement is made of */
/* Sets the span from the token `first` to the last one taken, and the height (kept in the id until the tree is
 * numbered). */
Node *spy_done(SpyReader *reader, Node *node, uint32_t first);
/* Refuses a generator and an action where they may not stand; spy_done has asked this of all kids. */
void spy_refuse_misplaced(SpyReader *reader, const Node *parent, const Node *kid);

/* ---- spy_expressions.c ---- */
Node *spy_read_expression(SpyReader *reader);     /* no tuple without parentheses */
Node *spy_read_expressions(SpyReader *reader);    /* a, b is a TUPLE */
Node *spy_read_without_choice(SpyReader *reader); /* stops before an `if` */
/* a and (b and c) is a and b and c; the same with or. */
void spy_add_flat(SpyReader *reader, Node *node, Node *operand);

/* ---- spy_texts.c, spy_brackets.c, spy_comprehensions.c, spy_postfix.c ---- */
Node *spy_read_text(SpyReader *reader, uint32_t first);     /* "…" and f"…", all that stand side by side */
Node *spy_read_brackets(SpyReader *reader, uint32_t first); /* at ( [ or { */
Node *spy_refuse_star(SpyReader *reader);                   /* *items among items, **record in a record */
Node *spy_read_loop_target(SpyReader *reader);              /* NAME or TUPLE of NAMEs */
/* From `for` on: every `for` and `if` that follows `element`. */
Node *spy_read_generator(SpyReader *reader, Node *element, uint32_t first, CollectOp op);
Node *spy_read_postfix(SpyReader *reader, Node *node, uint32_t first); /* all that follows `node` */

/* ---- spy_arguments.c ---- */
CallArguments spy_read_arguments(SpyReader *reader); /* from ( to ) */
/* Puts arguments in the order of `names` (NULL ends them), NULL where one is missing; the first `needed` must be there.
 */
bool spy_bind_arguments(SpyReader *reader, const char *what, const CallArguments *arguments, const char *const *names,
                        uint32_t needed, Node **out);
/* Of an argument that must be a text written out; "" and a failed statement where it is none. */
Str spy_written_text(SpyReader *reader, const Node *value, const char *what);

/* ---- spy_calls.c ---- */
Node *spy_read_name(SpyReader *reader, uint32_t first); /* a fact's, or the call of what has this name */
/* From ( on. With a `receiver`, which becomes the first argument, it is a method. */
Node *spy_read_function_call(SpyReader *reader, FunctionId function, Node *receiver, uint32_t first);
/* Of the only book that has a procedure of this name: today() is dates.today(). NULL when none has, or several. */
const Procedure *spy_only_procedure(const Catalog *catalog, Str name);

/* ---- spy_foreign.c: each fails the statement, with what to write instead ---- */
Node *spy_refuse_function(SpyReader *reader, const Token *name);
Node *spy_refuse_method(SpyReader *reader, const Token *name);
const char *spy_hint_for_lambda(const SpyReader *reader, const Token *lambda);
/* math.ceil(…): what is imported elsewhere. False where the name is no such module's. */
bool spy_refuse_module(SpyReader *reader, Str name, Span span);
Node *spy_refuse_word(SpyReader *reader); /* one that begins no statement of SPy */

/* ---- statements: of one line ---- */

/* spy_statements.c: all statements of the line from the present token on go into `block`; `trailing` is the comment
 * behind the first one. */
void spy_add_simple_statements(SpyReader *reader, Node *block, Str trailing);
/* x: number = 5: SPy has no use for the type, and says so. */
void spy_skip_annotation(SpyReader *reader);
/* spy_inputs.c: behind the `target` and its = */
Node *spy_read_input(SpyReader *reader, Node *target, bool at_top, uint32_t first);
Node *spy_read_ask(SpyReader *reader, Node *target);
/* spy_sentences.c: NULL when none begins here */
Node *spy_read_sentence(SpyReader *reader);

/* ---- … with a block ---- */

typedef struct BlockPlace { /* where lines go */
    uint32_t indent;
    unsigned nesting;
    Node *node;
} BlockPlace;

/* spy_read.c: the lines from the one in hand on that belong to the block. */
void spy_read_lines(SpyReader *reader, BlockPlace place);
/* spy_blocks.c: a statement with a block and all its lines; NULL when none begins here. */
Node *spy_read_compound(SpyReader *reader, BlockPlace place);
/* `head:` and then lines indented deeper than it, or a statement on the same line. */
Node *spy_read_block(SpyReader *reader, uint32_t outer_indent, unsigned nesting, Str comment);
/* spy_define.c */
Node *spy_read_define(SpyReader *reader, BlockPlace place);

/* ---- spy_comments.c ---- */
Node *spy_comment_node(SpyReader *reader, Str text, bool blank_before);
/* Adds a statement; the first one of a block has no blank line before it. */
void spy_add_statement(SpyReader *reader, Node *block, Node *statement);
/* Gives the one that stays at the end of the statement's first line; those between its later lines become statements
 * before it. */
Str spy_take_comments(SpyReader *reader, const Line *line, Node *block, bool *blank_before);
/* False when the line is none: a text alone on its line, which Python calls a docstring, is a comment. */
bool spy_read_docstring(SpyReader *reader, const Line *line, Node *block, bool blank_before);
void spy_read_comment_line(SpyReader *reader, Node *block);
/* Whether a comment that is indented less than the block belongs to what follows the block. */
bool spy_comment_leaves(const SpyReader *reader, const Line *line, uint32_t indent);

#endif
