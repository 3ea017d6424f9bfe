/* lang/spy_tokens.h: SPy's text as tokens in logical lines. Inside lang only.
 *
 * A logical line is a statement's text: it ends at a line end outside brackets. Lines of nothing but a comment are
 * lines too, so that comments stay where they stand. What cannot be a token is reported here and spoils its line.
 * Linear in the text. */
#ifndef CLERKWORK_LANG_SPY_TOKENS_H
#define CLERKWORK_LANG_SPY_TOKENS_H

#include "lang/diagnostic.h"

typedef enum TokenKind {
    TOKEN_END,  /* of the logical line */
    TOKEN_NAME, /* name: lower case, Python's reserved words without the "_" that we spell them with */
    TOKEN_WORD, /* word: a reserved word of Python */
    TOKEN_NUMBER,
    TOKEN_TEXT,           /* text: decoded */
    TOKEN_SIGN,           /* sign */
    TOKEN_TEMPLATE_START, /* f" … then TEMPLATE_TEXT, or { tokens }, any number of them, then TEMPLATE_END */
    TOKEN_TEMPLATE_TEXT,
    TOKEN_TEMPLATE_END
} TokenKind;

typedef enum SpyWord {
    WORD_AND,
    WORD_AS,
    WORD_ASSERT,
    WORD_ASYNC,
    WORD_AWAIT,
    WORD_BREAK,
    WORD_CLASS,
    WORD_CONTINUE,
    WORD_DEF,
    WORD_DEL,
    WORD_ELIF,
    WORD_ELSE,
    WORD_EXCEPT,
    WORD_FALSE,
    WORD_FINALLY,
    WORD_FOR,
    WORD_FROM,
    WORD_GLOBAL,
    WORD_IF,
    WORD_IMPORT,
    WORD_IN,
    WORD_IS,
    WORD_LAMBDA,
    WORD_NONE,
    WORD_NONLOCAL,
    WORD_NOT,
    WORD_OR,
    WORD_PASS,
    WORD_RAISE,
    WORD_RETURN,
    WORD_TRUE,
    WORD_TRY,
    WORD_WHILE,
    WORD_WITH,
    WORD_YIELD,
    WORD_N_WORDS
} SpyWord;

/* A sign's characters, packed: sign("//=") is one number that a switch can name. */
static inline uint32_t sign_of(const char *s)
{
    uint32_t packed = 0;
    for (int i = 0; i < 3 && s[i]; i++)
        packed |= (uint32_t)(unsigned char)s[i] << (8 * i);
    return packed;
}

typedef struct Token {
    TokenKind kind;
    SpyWord word;
    uint32_t sign;
    Span span;
    Str text; /* NAME: the name as the tree keeps it; NUMBER: without "_"; TEXT, TEMPLATE_TEXT: decoded */
} Token;

typedef struct SpyComment {
    Str text;
    bool on_first_line; /* of a statement's physical lines */
} SpyComment;

typedef struct Line {
    uint32_t first;  /* token; a TOKEN_END ends the line */
    uint32_t indent; /* columns; a tab goes to the next multiple of eight */
    uint32_t first_comment, n_comments;
    uint32_t next_code; /* this line, or the next one that is no comment; n_lines without one */
    Span span;
    bool is_comment; /* nothing but its one comment */
    bool blank_before;
    bool spoiled; /* reported already */
} Line;

typedef struct SpyText {
    Str source;
    Token *tokens;
    uint32_t n_tokens;
    Line *lines;
    uint32_t n_lines;
    SpyComment *comments;
    uint32_t n_comments;
} SpyText;

/* The texts live in `arena` and in `source`. */
SpyText *spy_tokens(Arena *arena, Str source, Diagnostics *all);

/* ---- names ---- */

bool spy_word_find(Str text, SpyWord *out);
/* Python's reserved words cannot be names there: the fact `class` is spelled `class_` (and `class_` as `class__`). */
void spy_name_print(Buf *out, Str name);
Str spy_name_read(Arena *arena, Str spelled);
/* The same for procedures, whose names must also differ from the functions': `first` is defined and called as `first_`.
 */
bool spy_call_is_taken(Str name);
void spy_procedure_print(Buf *out, Str name);
Str spy_procedure_read(Str name); /* of a name that is not taken itself */

#endif
