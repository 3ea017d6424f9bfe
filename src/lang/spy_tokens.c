/* lang/spy_tokens.c: see spy_tokens.h. */
#include "lang/spy_tokens.h"

#include <string.h>

#include "base/codec.h"

/* ---- the lexer ---- */

enum { TEMPLATE_NESTING_MAX = AST_EXPRESSION_MAX, BRACKETS_MAX = 4 * AST_EXPRESSION_MAX };

typedef struct Lexer {
    Arena *arena;
    Diagnostics *all;
    Str source;
    SpyText *text;
    uint32_t at;
    uint32_t cap_tokens, cap_lines, cap_comments;
    Line *line;                      /* the one being read */
    uint32_t first_line_end;         /* where its first physical line ends; UINT32_MAX while still on it */
    uint32_t brackets[BRACKETS_MAX]; /* where those still open stand */
    unsigned n_brackets;
    unsigned templates; /* f-strings around the present place */
    bool careful;       /* a bracket was never closed: from here on, less indented lines close all */
    bool no_long_texts; /* a triple quote was never closed: from here on, they end with their line */
} Lexer;

static int peek(const Lexer *lexer, uint32_t ahead)
{
    size_t at = (size_t)lexer->at + ahead;
    return at < lexer->source.len ? (unsigned char)lexer->source.data[at] : -1;
}

static bool is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static Token *add_token(Lexer *lexer, TokenKind kind, uint32_t start)
{
    SpyText *text = lexer->text;
    if (text->n_tokens == lexer->cap_tokens) {
        uint32_t cap = lexer->cap_tokens * 2;
        text->tokens = arena_grow(lexer->arena, text->tokens, text->n_tokens * sizeof(Token), cap * sizeof(Token),
                                  _Alignof(Token));
        lexer->cap_tokens = cap;
    }
    Token *token = &text->tokens[text->n_tokens++];
    *token = (Token){.kind = kind, .span = {start, lexer->at}};
    return token;
}

static Diagnostic *complain(Lexer *lexer, const char *code, uint32_t start, uint32_t end, const char *message)
{
    lexer->line->spoiled = true;
    return diagnose(lexer->all, SEVERITY_ERROR, code, (Span){start, end}, "%s", message);
}

/* ---- texts ---- */

typedef struct Quote {
    char mark;
    bool three, raw;
    uint32_t start; /* of the prefix */
} Quote;

/* Whether the text ends here; moves behind its end. */
static bool at_quote_end(Lexer *lexer, Quote quote)
{
    if (peek(lexer, 0) != quote.mark)
        return false;
    if (quote.three && (peek(lexer, 1) != quote.mark || peek(lexer, 2) != quote.mark))
        return false;
    lexer->at += quote.three ? 3 : 1;
    return true;
}

static bool read_code(Lexer *lexer, unsigned digits, uint32_t *out)
{
    uint32_t code = 0;
    for (unsigned i = 0; i < digits; i++) {
        int c = peek(lexer, i);
        int digit = is_digit(c)            ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return false;
        code = code * 16 + (uint32_t)digit;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return false;
    lexer->at += digits;
    *out = code;
    return true;
}

/* \x41 \u00e4 \U0001f642 */
static void read_coded_escape(Lexer *lexer, Buf *out, int c)
{
    uint32_t code = 0, start = lexer->at - 2;
    unsigned digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
    if (read_code(lexer, digits, &code)) {
        utf8_add(out, code);
        return;
    }
    Diagnostic *d =
        complain(lexer, "bad-escape", start, lexer->at, "after this escape the digits of a character are missing");
    diagnose_hint(lexer->all, d, "write the character itself, or \\u and four hexadecimal digits");
}

/* \7 \012: one to three octal digits. */
static void read_octal_escape(Lexer *lexer, Buf *out, int c)
{
    uint32_t code = (uint32_t)(c - '0');
    for (int i = 0; i < 2 && peek(lexer, 0) >= '0' && peek(lexer, 0) <= '7'; i++)
        code = code * 8 + (uint32_t)(lexer->source.data[lexer->at++] - '0');
    utf8_add(out, code);
}

/* Behind a backslash. What Python does not know it keeps with its backslash; so do we. */
static void read_escape(Lexer *lexer, Buf *out)
{
    static const char letters[] = "abfnrtv\\'\"", meanings[] = "\a\b\f\n\r\t\v\\'\"";
    int c = peek(lexer, 0);
    if (c < 0)
        return;
    lexer->at++;
    const char *found = strchr(letters, c);
    if (c && found)
        buf_char(out, meanings[found - letters]);
    else if (c == '\r' && peek(lexer, 0) == '\n')
        lexer->at++;
    else if (c >= '0' && c <= '7')
        read_octal_escape(lexer, out, c);
    else if (c == 'x' || c == 'u' || c == 'U')
        read_coded_escape(lexer, out, c);
    else if (c != '\n') {
        buf_char(out, '\\');
        buf_char(out, (char)c);
    }
}

/* One character of a text; false where the text cannot go on. */
static bool read_text_char(Lexer *lexer, Quote quote, Buf *out)
{
    int c = peek(lexer, 0);
    if (c < 0 || (c == '\n' && !quote.three))
        return false;
    lexer->at++;
    if (c == '\\' && !quote.raw)
        read_escape(lexer, out);
    else if (c == '\\') { /* in raw texts a backslash still keeps a quote from ending the text */
        buf_char(out, '\\');
        int next = peek(lexer, 0);
        if (next == quote.mark || next == '\\') {
            buf_char(out, (char)next);
            lexer->at++;
        }
    } else if (c == '\r' && peek(lexer, 0) == '\n')
        return read_text_char(lexer, quote, out);
    else
        buf_char(out, (char)c);
    return true;
}

/* Gives up on a text that has no end: the line is lost, the next one is not. */
static void text_without_end(Lexer *lexer, Quote quote)
{
    uint32_t from = quote.start;
    const char *end = memchr(lexer->source.data + from, '\n', lexer->source.len - from);
    lexer->at = end ? (uint32_t)(end - lexer->source.data) : (uint32_t)lexer->source.len;
    lexer->no_long_texts |= quote.three;
    Diagnostic *d = complain(lexer, "unclosed-text", from, lexer->at, "this text has no end");
    const char *mark = quote.mark == '"' ? "\"" : "'";
    diagnose_hint(lexer->all, d, "close it with %s%s%s; a text over several lines stands between \"\"\" and \"\"\"",
                  mark, quote.three ? mark : "", quote.three ? mark : "");
}

static void read_plain_text(Lexer *lexer, Quote quote)
{
    Buf out = buf_in(lexer->arena);
    if (quote.three && lexer->no_long_texts) {
        text_without_end(lexer, quote);
        return;
    }
    while (!at_quote_end(lexer, quote)) {
        if (!read_text_char(lexer, quote, &out)) {
            text_without_end(lexer, quote);
            return;
        }
    }
    add_token(lexer, TOKEN_TEXT, quote.start)->text = buf_view(&out);
}

static void read_code_until(Lexer *lexer, unsigned brackets);

static void add_template_text(Lexer *lexer, Buf *out, uint32_t start)
{
    if (out->len > 0)
        add_token(lexer, TOKEN_TEMPLATE_TEXT, start)->text = buf_view(out);
    *out = buf_in(lexer->arena);
}

/* What stands behind the colon, up to the }: a colon and a text; nothing for {x:}. Values within a format are not ours.
 */
static bool read_template_format(Lexer *lexer)
{
    uint32_t start = lexer->at++;
    if (peek(lexer, 0) == '}')
        return true;
    add_token(lexer, TOKEN_SIGN, start)->sign = sign_of(":");
    uint32_t first = lexer->at;
    Buf spec = buf_in(lexer->arena);
    for (int c = peek(lexer, 0); c >= ' ' && c != '{' && c != '}' && c != '"' && c != '\'' && c != '\\';
         c = peek(lexer, 0)) {
        buf_char(&spec, (char)c);
        lexer->at++;
    }
    if (peek(lexer, 0) != '}') {
        Diagnostic *d = complain(lexer, "bad-format", first, lexer->at + 1, "this format cannot be read");
        diagnose_hint(lexer->all, d, "a format is written in full: {total:,.2f}, {due_date:%%d.%%m.%%Y}, {name:>10}");
        return false;
    }
    add_token(lexer, TOKEN_TEXT, first)->text = buf_view(&spec);
    return true;
}

/* What stands between { and }: tokens like any others, and a format. A conversion !s is what happens anyway; others are
 * not ours. */
static bool read_template_part(Lexer *lexer)
{
    uint32_t start = lexer->at++;
    add_token(lexer, TOKEN_SIGN, start)->sign = sign_of("{");
    unsigned outside = lexer->n_brackets;
    lexer->brackets[lexer->n_brackets++] = start;
    read_code_until(lexer, outside);
    if (!lexer->line->spoiled && peek(lexer, 0) == '!' && peek(lexer, 1) == 's' && peek(lexer, 2) == '}')
        lexer->at += 2;
    if (lexer->line->spoiled || (peek(lexer, 0) == ':' && !read_template_format(lexer)))
        return false;
    if (peek(lexer, 0) == '}') {
        lexer->at++;
        lexer->n_brackets = outside;
        add_token(lexer, TOKEN_SIGN, lexer->at - 1)->sign = sign_of("}");
        return true;
    }
    Diagnostic *d = complain(lexer, "no-conversion", lexer->at, lexer->at + 1,
                             "{ } in a text holds a value and perhaps a format, without a conversion");
    diagnose_hint(lexer->all, d, "leave the ! and what follows it out: values print as people read them");
    return false;
}

static bool read_template_piece(Lexer *lexer, Quote quote, Buf *out, uint32_t *piece_start)
{
    int c = peek(lexer, 0);
    if ((c == '{' || c == '}') && peek(lexer, 1) == c) {
        buf_char(out, (char)c);
        lexer->at += 2;
        return true;
    }
    if (c == '{') {
        add_template_text(lexer, out, *piece_start);
        if (lexer->n_brackets + 1 >= BRACKETS_MAX || !read_template_part(lexer))
            return false;
        *piece_start = lexer->at;
        return true;
    }
    if (c == '}') {
        Diagnostic *d = complain(lexer, "lone-brace", lexer->at, lexer->at + 1, "this } closes nothing");
        diagnose_hint(lexer->all, d, "write }} for the character itself");
        return false;
    }
    return read_text_char(lexer, quote, out);
}

static void skip_to_line_end(Lexer *lexer)
{
    while (peek(lexer, 0) >= 0 && peek(lexer, 0) != '\n')
        lexer->at++;
}

static void read_template(Lexer *lexer, Quote quote)
{
    if (lexer->templates >= TEMPLATE_NESTING_MAX || (quote.three && lexer->no_long_texts)) {
        text_without_end(lexer, quote);
        return;
    }
    lexer->templates++;
    add_token(lexer, TOKEN_TEMPLATE_START, quote.start);
    Buf out = buf_in(lexer->arena);
    uint32_t piece_start = lexer->at, end = lexer->at;
    while (!at_quote_end(lexer, quote)) {
        if (!read_template_piece(lexer, quote, &out, &piece_start)) {
            if (!lexer->line->spoiled)
                text_without_end(lexer, quote);
            skip_to_line_end(lexer);
            lexer->templates--;
            return;
        }
        end = lexer->at;
    }
    uint32_t after = lexer->at;
    lexer->at = end;
    add_template_text(lexer, &out, piece_start);
    lexer->at = after;
    add_token(lexer, TOKEN_TEMPLATE_END, end);
    lexer->templates--;
}

/* r" b' rf""" …: whether a text begins here, behind at most two letters. */
static bool text_begins(const Lexer *lexer, uint32_t *out_prefix)
{
    uint32_t n = 0;
    while (n < 2 && peek(lexer, n) > 0 && strchr("rRfFbBuU", peek(lexer, n)))
        n++;
    *out_prefix = n;
    return peek(lexer, n) == '"' || peek(lexer, n) == '\'';
}

static void read_text(Lexer *lexer, uint32_t prefix)
{
    Quote quote = {.start = lexer->at};
    bool template = false, bytes = false;
    for (; prefix > 0; prefix--, lexer->at++) {
        int c = peek(lexer, 0) | 0x20;
        quote.raw |= c == 'r';
        template |= c == 'f';
        bytes |= c == 'b';
    }
    quote.mark = (char)peek(lexer, 0);
    quote.three = peek(lexer, 1) == quote.mark && peek(lexer, 2) == quote.mark;
    lexer->at += quote.three ? 3 : 1;
    if (bytes) {
        Diagnostic *d = complain(lexer, "no-bytes", quote.start, lexer->at, "SPy has text, no bytes");
        diagnose_hint(lexer->all, d, "leave the b out");
        skip_to_line_end(lexer);
    } else if (template)
        read_template(lexer, quote);
    else
        read_plain_text(lexer, quote);
}

/* ---- names, numbers, signs ---- */

/* Whether a letter beyond ASCII stands at the cursor, and how long it is. */
static bool at_foreign_letter(const Lexer *lexer, uint32_t *out_bytes)
{
    size_t at = lexer->at;
    uint32_t code = utf8_next(lexer->source, &at);
    *out_bytes = (uint32_t)(at - lexer->at);
    return code != 0xFFFD && code >= 0xC0 && !(code >= 0x2000 && code <= 0x2BFF) && code != 0xD7 && code != 0xF7 &&
           !(code >= 0x3000 && code <= 0x303F) && code != 0xFEFF && !(code >= 0xFF00 && code <= 0xFF0F);
}

static void read_name(Lexer *lexer)
{
    uint32_t start = lexer->at, bytes;
    while (is_name_start(peek(lexer, 0)) || is_digit(peek(lexer, 0))) {
        bool plain = peek(lexer, 0) < 0x80;
        if (!plain && !at_foreign_letter(lexer, &bytes))
            break;
        lexer->at += plain ? 1 : bytes;
    }
    Str spelled = str_slice(lexer->source, start, lexer->at);
    SpyWord word;
    if (spy_word_find(spelled, &word)) {
        Token *token = add_token(lexer, TOKEN_WORD, start);
        token->word = word;
        token->text = spelled;
        return;
    }
    add_token(lexer, TOKEN_NAME, start)->text = spy_name_read(lexer->arena, spelled);
}

static void skip_digits(Lexer *lexer)
{
    while (is_digit(peek(lexer, 0)) || (peek(lexer, 0) == '_' && is_digit(peek(lexer, 1))))
        lexer->at++;
}

static Str without_underscores(Lexer *lexer, Str digits)
{
    if (str_find_char(digits, '_') < 0)
        return digits;
    Buf out = buf_in(lexer->arena);
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] != '_')
            buf_char(&out, digits.data[i]);
    }
    return buf_view(&out);
}

static void read_number(Lexer *lexer)
{
    uint32_t start = lexer->at;
    skip_digits(lexer);
    if (peek(lexer, 0) == '.' && !is_name_start(peek(lexer, 1))) {
        lexer->at++;
        skip_digits(lexer);
    }
    bool sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-';
    if ((peek(lexer, 0) | 0x20) == 'e' && is_digit(peek(lexer, sign ? 2 : 1))) {
        lexer->at += sign ? 2 : 1;
        skip_digits(lexer);
    }
    Str digits = str_slice(lexer->source, start, lexer->at);
    if (is_name_start(peek(lexer, 0))) {
        while (is_name_start(peek(lexer, 0)) || is_digit(peek(lexer, 0)))
            lexer->at++;
        Diagnostic *d = complain(lexer, "bad-number", start, lexer->at, "this is neither a number nor a name");
        diagnose_hint(lexer->all, d, "numbers are decimal: 1250.00, 1_000_000, 1e-3; names begin with a letter");
        return;
    }
    if (digits.len > 1 && digits.data[0] == '0' && is_digit((unsigned char)digits.data[1])) {
        Diagnostic *d = complain(lexer, "bad-number", start, lexer->at, "a number does not begin with 0");
        diagnose_hint(lexer->all, d, "write it without the 0, or as the text \"%.*s\"", STR_ARG(digits));
        return;
    }
    add_token(lexer, TOKEN_NUMBER, start)->text = without_underscores(lexer, digits);
}

static void open_bracket(Lexer *lexer)
{
    if (lexer->n_brackets == BRACKETS_MAX) {
        complain(lexer, "too-deep", lexer->at - 1, lexer->at,
                 "brackets are nested too deeply here: split the expression");
        lexer->n_brackets = 0;
        skip_to_line_end(lexer);
        return;
    }
    lexer->brackets[lexer->n_brackets++] = lexer->at - 1;
}

static void close_bracket(Lexer *lexer, int c)
{
    uint32_t at = lexer->at - 1;
    char opener = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (lexer->n_brackets == 0) {
        complain(lexer, "lone-bracket", at, at + 1, "this bracket closes nothing: take it away, or open it before");
        return;
    }
    char found = lexer->source.data[lexer->brackets[--lexer->n_brackets]];
    if (found != opener) {
        Diagnostic *d = complain(lexer, "wrong-bracket", at, at + 1, "this bracket closes one of another kind");
        diagnose_hint(lexer->all, d, "a %c was opened last: close it first", found);
    }
}

static void refuse_character(Lexer *lexer)
{
    uint32_t start = lexer->at;
    size_t end = start;
    uint32_t code = utf8_next(lexer->source, &end);
    lexer->at = (uint32_t)end;
    bool quote = (code >= 0x2018 && code <= 0x201F) || code == 0xAB || code == 0xBB;
    bool dash = (code >= 0x2010 && code <= 0x2015) || code == 0x2212;
    Diagnostic *d =
        complain(lexer, "strange-character", start, lexer->at, "SPy has no use for this character outside a text");
    if (quote)
        diagnose_hint(lexer->all, d, "texts stand between straight quotes: \"…\"");
    else if (dash)
        diagnose_hint(lexer->all, d, "minus is the plain sign -");
    else if (code == 0xA0 || code == 0x202F || code == 0x2007)
        diagnose_hint(lexer->all, d, "this blank is not a plain one: type it again");
    else if (code == '?')
        diagnose_hint(lexer->all, d, "a choice is written: a if condition else b");
    else if (code == '$' || code == '`')
        diagnose_hint(lexer->all, d, "put it into a text: \"%c\"", (char)code);
    else
        diagnose_hint(lexer->all, d, "take it away");
}

/* The longest sign that stands here. */
static bool read_sign(Lexer *lexer)
{
    static const char *const signs[] = {"**=", "//=", "<<=", ">>=", "...", "**", "//", "==", "!=", "<=", ">=", "->",
                                        ":=",  "+=",  "-=",  "*=",  "/=",  "%=", "<<", ">>", "|=", "&=", "^=", "@="};
    static const char singles[] = "+-*/%=<>()[]{}.,:;@|&^~!";
    uint32_t start = lexer->at;
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        Str sign = str_from_c(signs[i]);
        if (sign.data[0] == peek(lexer, 0) && str_starts(str_skip(lexer->source, start), sign)) {
            lexer->at += (uint32_t)sign.len;
            add_token(lexer, TOKEN_SIGN, start)->sign = sign_of(signs[i]);
            return true;
        }
    }
    int c = peek(lexer, 0);
    if (c <= 0 || !strchr(singles, c))
        return false;
    lexer->at++;
    add_token(lexer, TOKEN_SIGN, start)->sign = (uint32_t)c;
    if (strchr("([{", c))
        open_bracket(lexer);
    else if (strchr(")]}", c))
        close_bracket(lexer, c);
    return true;
}

/* ---- lines ---- */

static void read_comment(Lexer *lexer)
{
    uint32_t start = ++lexer->at;
    skip_to_line_end(lexer);
    Str comment = str_slice(lexer->source, start, lexer->at);
    if (str_starts(comment, S(" ")))
        comment = str_skip(comment, 1);
    while (comment.len > 0 && strchr(" \t\r\f", comment.data[comment.len - 1]))
        comment.len--;
    for (size_t i = 0; i < comment.len; i++) {
        if ((unsigned char)comment.data[i] < ' ' && comment.data[i] != '\t')
            complain(lexer, "strange-character", start, lexer->at,
                     "this comment holds a character that cannot be shown: take it away");
    }
    SpyText *text = lexer->text;
    if (text->n_comments == lexer->cap_comments) {
        uint32_t cap = lexer->cap_comments * 2;
        text->comments = arena_grow(lexer->arena, text->comments, text->n_comments * sizeof(SpyComment),
                                    cap * sizeof(SpyComment), _Alignof(SpyComment));
        lexer->cap_comments = cap;
    }
    bool first = lexer->first_line_end == UINT32_MAX;
    text->comments[text->n_comments++] = (SpyComment){.text = comment, .on_first_line = first};
    lexer->line->n_comments++;
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

/* The indentation of the line at `at`; moves `at` to its first character. */
static uint32_t measure_indent(const Lexer *lexer, uint32_t *at)
{
    uint32_t column = 0;
    for (; *at < lexer->source.len && is_blank(lexer->source.data[*at]); (*at)++) {
        char c = lexer->source.data[*at];
        column = c == '\t' ? (column / 8 + 1) * 8 : c == ' ' ? column + 1 : column;
    }
    return column;
}

static void bracket_without_end(Lexer *lexer)
{
    uint32_t at = lexer->brackets[lexer->n_brackets - 1];
    complain(lexer, "unclosed-bracket", at, at + 1, "this bracket is never closed");
    lexer->n_brackets = 0;
}

/* At the start of a physical line: whether it looks like more of the statement before it: deeper, or a closing bracket.
 */
static bool looks_continued(const Lexer *lexer)
{
    uint32_t at = lexer->at;
    while (at < lexer->source.len) {
        uint32_t column = measure_indent(lexer, &at);
        int c = at < lexer->source.len ? lexer->source.data[at] : -1;
        if (c == '\n') {
            at++;
            continue;
        }
        return c == ')' || c == ']' || c == '}' || column > lexer->line->indent;
    }
    return false;
}

/* At a line end inside brackets: whether the statement goes on. Once a bracket was never closed, lines that are
 * indented no deeper than the statement end it, so that one slip does not swallow the rest of the text. */
static bool goes_on(const Lexer *lexer)
{
    return !lexer->careful || looks_continued(lexer);
}

/* The rest of a statement that was lost inside brackets. */
static void skip_lost_lines(Lexer *lexer)
{
    do {
        skip_to_line_end(lexer);
        if (peek(lexer, 0) < 0)
            return;
        lexer->at++;
    } while (looks_continued(lexer));
    lexer->at--;
}

static void read_line_end(Lexer *lexer)
{
    if (lexer->first_line_end == UINT32_MAX)
        lexer->first_line_end = lexer->at;
    lexer->at++;
}

/* One token. False where the logical line ends. */
static bool read_token(Lexer *lexer)
{
    int c = peek(lexer, 0);
    uint32_t prefix;
    if (is_blank(c))
        lexer->at++;
    else if (c == '#') {
        if (lexer->templates > 0)
            return false;
        read_comment(lexer);
    } else if (c == '\\' && (peek(lexer, 1) == '\n' || (peek(lexer, 1) == '\r' && peek(lexer, 2) == '\n'))) {
        lexer->at += peek(lexer, 1) == '\n' ? 1 : 2;
        read_line_end(lexer);
    } else if (text_begins(lexer, &prefix))
        read_text(lexer, prefix);
    else if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1))))
        read_number(lexer);
    else if (c >= 0x80) {
        uint32_t bytes;
        at_foreign_letter(lexer, &bytes) ? read_name(lexer) : refuse_character(lexer);
    } else if (is_name_start(c))
        read_name(lexer);
    else if (!read_sign(lexer))
        refuse_character(lexer);
    return true;
}

/* The tokens inside { } of a text, up to its } or to what may not stand there. */
static void read_code_until(Lexer *lexer, unsigned brackets)
{
    for (;;) {
        int c = peek(lexer, 0);
        bool inside = lexer->n_brackets == brackets + 1;
        if (c < 0 || c == '\n' || c == '#' || (inside && (c == '}' || c == ':' || (c == '!' && peek(lexer, 1) != '='))))
            return;
        if (!read_token(lexer) || lexer->n_brackets <= brackets || lexer->line->spoiled)
            return;
    }
}

static void read_logical_line(Lexer *lexer)
{
    for (;;) {
        int c = peek(lexer, 0);
        if (c < 0 || lexer->line->spoiled)
            break;
        if (c != '\n') {
            if (!read_token(lexer))
                break;
        } else if (lexer->n_brackets > 0 && !lexer->line->is_comment) {
            read_line_end(lexer);
            if (!goes_on(lexer))
                break;
        } else
            break;
    }
}

static Line *add_line(Lexer *lexer, uint32_t indent, bool blank_before)
{
    SpyText *text = lexer->text;
    if (text->n_lines == lexer->cap_lines) {
        uint32_t cap = lexer->cap_lines * 2;
        text->lines =
            arena_grow(lexer->arena, text->lines, text->n_lines * sizeof(Line), cap * sizeof(Line), _Alignof(Line));
        lexer->cap_lines = cap;
    }
    Line *line = &text->lines[text->n_lines++];
    *line = (Line){.first = text->n_tokens,
                   .indent = indent,
                   .first_comment = text->n_comments,
                   .blank_before = blank_before,
                   .is_comment = peek(lexer, 0) == '#',
                   .span = {lexer->at, lexer->at}};
    lexer->line = line;
    lexer->first_line_end = UINT32_MAX;
    return line;
}

/* Reads the logical line that begins at the first character of a physical one. */
static void read_line(Lexer *lexer, uint32_t indent, bool blank_before)
{
    Line *line = add_line(lexer, indent, blank_before);
    uint32_t start = lexer->at, n_tokens = lexer->text->n_tokens, n_comments = lexer->text->n_comments;
    read_logical_line(lexer);
    if (lexer->n_brackets > 0 && !line->spoiled && !lexer->careful && peek(lexer, 0) < 0) {
        /* Only the end of the text ended it: read it again, carefully. */
        lexer->careful = true;
        lexer->at = start;
        lexer->n_brackets = 0;
        lexer->text->n_tokens = n_tokens;
        lexer->text->n_comments = n_comments;
        line->n_comments = 0;
        lexer->first_line_end = UINT32_MAX;
        read_logical_line(lexer);
    }
    if (lexer->n_brackets > 0 && line->spoiled)
        skip_lost_lines(lexer);
    else if (lexer->n_brackets > 0)
        bracket_without_end(lexer);
    else if (line->spoiled)
        skip_to_line_end(lexer);
    lexer->n_brackets = 0;
    uint32_t end = lexer->at;
    if (lexer->text->n_tokens > n_tokens)
        end = lexer->text->tokens[lexer->text->n_tokens - 1].span.end;
    line->span.end = end;
    uint32_t resume = lexer->at;
    lexer->at = end;
    add_token(lexer, TOKEN_END, end);
    lexer->at = resume;
}

static void link_code_lines(SpyText *text)
{
    uint32_t next = text->n_lines;
    for (uint32_t i = text->n_lines; i-- > 0;) {
        if (!text->lines[i].is_comment)
            next = i;
        text->lines[i].next_code = next;
    }
}

SpyText *spy_tokens(Arena *arena, Str source, Diagnostics *all)
{
    Lexer lexer = {.arena = arena, .all = all, .source = source, .cap_tokens = 64, .cap_lines = 16, .cap_comments = 8};
    SpyText *text = lexer.text = NEW(arena, SpyText);
    text->source = source;
    text->tokens = NEW_ARRAY(arena, Token, lexer.cap_tokens);
    text->lines = NEW_ARRAY(arena, Line, lexer.cap_lines);
    text->comments = NEW_ARRAY(arena, SpyComment, lexer.cap_comments);
    if (str_starts(source, S("\xEF\xBB\xBF")))
        lexer.at = 3;
    bool blank = false;
    while (lexer.at < source.len) {
        uint32_t indent = measure_indent(&lexer, &lexer.at);
        if (peek(&lexer, 0) == '\n') {
            lexer.at++;
            blank = true;
        } else if (lexer.at < source.len) {
            read_line(&lexer, indent, blank);
            blank = false;
            if (peek(&lexer, 0) == '\n')
                lexer.at++;
        }
    }
    link_code_lines(text);
    return text;
}
