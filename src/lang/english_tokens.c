/* lang/english_tokens.c: text → lines, a line → words, numbers, texts and signs. */
#include <string.h>

#include "base/codec.h"
#include "lang/english_internal.h"

enum { TEMPLATES_MAX = AST_EXPRESSION_MAX, TAB_COLUMNS = 4 };

/* ---- lines ---- */

static void add_line(Arena *arena, Lines *lines, Line line)
{
    if (lines->count == lines->cap) {
        uint32_t cap = lines->cap ? 2 * lines->cap : 32;
        lines->items = arena_grow(arena, lines->items, lines->cap * sizeof(Line), cap * sizeof(Line), _Alignof(Line));
        lines->cap = cap;
    }
    lines->items[lines->count++] = line;
}

Lines english_lines(Arena *arena, Str source)
{
    Lines lines = {0};
    bool blank = false;
    size_t at = str_starts(source, S("\xef\xbb\xbf")) ? 3 : 0;
    while (at < source.len) {
        const char *newline = memchr(source.data + at, '\n', source.len - at);
        size_t end = newline ? (size_t)(newline - source.data) : source.len, next = end + 1;
        uint32_t indent = 0;
        for (; at < end && (source.data[at] == ' ' || source.data[at] == '\t'); at++)
            indent = source.data[at] == ' ' ? indent + 1 : (indent / TAB_COLUMNS + 1) * TAB_COLUMNS;
        for (; at + 1 < end && (unsigned char)source.data[at] == 0xc2 && (unsigned char)source.data[at + 1] == 0xa0;
             at += 2)
            indent++; /* a blank of word processors */
        while (end > at && strchr(" \t\r", source.data[end - 1]) && source.data[end - 1])
            end--;
        if (at == end)
            blank = true;
        else {
            add_line(arena, &lines, (Line){(uint32_t)at, (uint32_t)end, indent, blank, source.data[at] == '#', 0});
            blank = false;
        }
        at = next;
    }
    for (uint32_t i = lines.count, sentence = lines.count; i-- > 0;) {
        sentence = lines.items[i].is_comment ? sentence : i;
        lines.items[i].next = sentence;
    }
    return lines;
}

Str english_comment(Str source, uint32_t start, uint32_t end)
{
    Str text = str_slice(source, start, end);
    if (text.len > 0 && text.data[0] == ' ')
        text = str_skip(text, 1);
    while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* ---- tokens ---- */

typedef struct Cutter {
    Arena *arena;
    Str source;
    uint32_t at, end;
    Sentence *out;
    const char *closing[TEMPLATES_MAX]; /* of the templates around the place in hand */
    uint32_t n_open;
} Cutter;

static Token *add_token(Cutter *cutter, TokenKind kind, uint32_t start, Str text)
{
    Sentence *out = cutter->out;
    if (out->count == out->cap) {
        uint32_t cap = out->cap ? 2 * out->cap : 32;
        out->tokens =
            arena_grow(cutter->arena, out->tokens, out->cap * sizeof(Token), cap * sizeof(Token), _Alignof(Token));
        out->cap = cap;
    }
    Token *token = &out->tokens[out->count++];
    *token = (Token){kind, start, cutter->at, text};
    return token;
}

static unsigned char peek(const Cutter *cutter, uint32_t ahead)
{
    return cutter->at + ahead < cutter->end ? (unsigned char)cutter->source.data[cutter->at + ahead] : 0;
}

static bool looking_at(const Cutter *cutter, const char *text)
{
    return peek(cutter, 0) == (unsigned char)*text &&
           str_starts(str_slice(cutter->source, cutter->at, cutter->end), str_from_c(text));
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

/* Typographic quotation marks are bytes beyond ASCII too, but no letters. */
static bool at_typographic_mark(const Cutter *cutter)
{
    return peek(cutter, 0) == 0xe2 && peek(cutter, 1) == 0x80 && peek(cutter, 2) >= 0x98 && peek(cutter, 2) <= 0x9f;
}

/* How many bytes of a blank that does not look like one stand here: U+00A0, U+202F and U+2007, which word processors
 * and web pages put in. */
static uint32_t wide_blank(const Cutter *cutter)
{
    return looking_at(cutter, "\xc2\xa0")                                             ? 2
           : looking_at(cutter, "\xe2\x80\xaf") || looking_at(cutter, "\xe2\x80\x87") ? 3
                                                                                      : 0;
}

static bool at_invisible(const Cutter *cutter)
{
    return looking_at(cutter, "\xe2\x80\x8b") || looking_at(cutter, "\xe2\x80\x8c") ||
           looking_at(cutter, "\xe2\x80\x8d") || looking_at(cutter, "\xef\xbb\xbf");
}

static bool at_word_part(const Cutter *cutter)
{
    unsigned char c = peek(cutter, 0);
    if (is_letter(c) || is_digit(c))
        return c < 0x80 || (!at_typographic_mark(cutter) && !wide_blank(cutter) && !at_invisible(cutter));
    unsigned char before = (unsigned char)cutter->source.data[cutter->at - 1];
    return c == '-' && (is_letter(before) || is_digit(before)) && is_letter(peek(cutter, 1)) && peek(cutter, 1) < 0x80;
}

static void cut_word(Cutter *cutter, uint32_t start)
{
    while (cutter->at == start || at_word_part(cutter))
        cutter->at++;
    Str word = str_slice(cutter->source, start, cutter->at);
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] >= 'A' && word.data[i] <= 'Z') {
            word = str_lower(cutter->arena, word);
            break;
        }
    }
    add_token(cutter, TOKEN_WORD, start, word);
}

static void skip_digits(Cutter *cutter)
{
    while (is_digit(peek(cutter, 0)))
        cutter->at++;
}

/* How many digits stand from `ahead` on, at most four. */
static uint32_t digits_ahead(const Cutter *cutter, uint32_t ahead)
{
    uint32_t n = 0;
    while (n < 4 && is_digit(peek(cutter, ahead + n)))
        n++;
    return n;
}

static bool at_date(const Cutter *cutter)
{
    return digits_ahead(cutter, 0) == 4 && peek(cutter, 4) == '-' && digits_ahead(cutter, 5) == 2 &&
           peek(cutter, 7) == '-' && digits_ahead(cutter, 8) == 2;
}

static void cut_time(Cutter *cutter, uint32_t start)
{
    skip_digits(cutter);
    while (peek(cutter, 0) == ':' && digits_ahead(cutter, 1) == 2)
        cutter->at += 3;
    if (peek(cutter, 0) == '.' && is_digit(peek(cutter, 1))) {
        cutter->at++;
        skip_digits(cutter);
    }
    add_token(cutter, TOKEN_TIME, start, str_slice(cutter->source, start, cutter->at));
}

/* Behind a date: T10:00, T10:00:15.5Z, 10:00:00+02:00. */
static bool cut_moment(Cutter *cutter, uint32_t start)
{
    bool joined = peek(cutter, 0) == 'T' || peek(cutter, 0) == 't';
    if ((!joined && peek(cutter, 0) != ' ') || digits_ahead(cutter, 1) != 2 || peek(cutter, 3) != ':' ||
        digits_ahead(cutter, 4) != 2)
        return false;
    uint32_t clock = cutter->at + 1;
    cutter->at += 6;
    if (peek(cutter, 0) == ':' && digits_ahead(cutter, 1) == 2) {
        cutter->at += 3;
        if (peek(cutter, 0) == '.' && is_digit(peek(cutter, 1))) {
            cutter->at++;
            skip_digits(cutter);
        }
    }
    unsigned char zone = peek(cutter, 0);
    if (zone == 'Z')
        cutter->at++;
    else if ((zone == '+' || zone == '-') && digits_ahead(cutter, 1) == 2 && peek(cutter, 3) == ':')
        cutter->at += 6;
    Str date = str_slice(cutter->source, start, start + 10), rest = str_slice(cutter->source, clock, cutter->at);
    add_token(cutter, TOKEN_MOMENT, start, str_printf(cutter->arena, "%.*sT%.*s", STR_ARG(date), STR_ARG(rest)));
    return true;
}

/* ---- amounts of money ---- */

/* How many bytes of a currency's sign stand here, right before a digit. */
static uint32_t currency_sign(const Cutter *cutter)
{
    static const char *const signs[] = {"$", "€", "£", "¥"};
    if (is_letter(peek(cutter, 0)) && peek(cutter, 0) < 0x80)
        return 0;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (looking_at(cutter, signs[i]) && is_digit(peek(cutter, (uint32_t)strlen(signs[i]))))
            return (uint32_t)strlen(signs[i]);
    return 0;
}

static bool is_capital(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}

/* How many bytes from `ahead` on are a blank or none, and a currency's code. */
static uint32_t currency_code(const Cutter *cutter, uint32_t ahead)
{
    static const char codes[][4] = {"EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD",
                                    "SEK", "NOK", "DKK", "PLN", "CZK", "CNY", "INR"};
    uint32_t blank = peek(cutter, ahead) == ' ', at = ahead + blank;
    unsigned char behind = peek(cutter, at + 3);
    if (!is_capital(peek(cutter, at)) || !is_capital(peek(cutter, at + 1)) || !is_capital(peek(cutter, at + 2)) ||
        is_letter(behind) || is_digit(behind))
        return 0;
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (memcmp(cutter->source.data + cutter->at + at, codes[i], 3) == 0)
            return blank + 3;
    return 0;
}

/* EUR 1,250.00: how many bytes of a currency's code and a blank stand here, right before a digit. */
static uint32_t code_before_amount(const Cutter *cutter)
{
    bool code = is_digit(peek(cutter, 4)) && peek(cutter, 3) == ' ' && currency_code(cutter, 0) == 3;
    return code ? 4 : 0;
}

/* How many bytes from the cursor on are an amount: 1250, 1,250.00; 0 where its commas stand elsewhere. */
static uint32_t amount_ahead(const Cutter *cutter)
{
    uint32_t n = 0, first;
    while (is_digit(peek(cutter, n)))
        n++;
    first = n;
    while (peek(cutter, n) == ',' && is_digit(peek(cutter, n + 1))) {
        if (first > 3 || digits_ahead(cutter, n + 1) != 3)
            return 0;
        n += 4;
    }
    if (peek(cutter, n) == '.' && is_digit(peek(cutter, n + 1)))
        for (n++; is_digit(peek(cutter, n));)
            n++;
    return n;
}

/* $1,250.00 · 1,250.00 EUR: the number; what currency it is in, amounts do not keep. */
static bool cut_money(Cutter *cutter, uint32_t sign)
{
    uint32_t start = cutter->at;
    cutter->at += sign;
    uint32_t n = amount_ahead(cutter), code = n > 0 && sign == 0 ? currency_code(cutter, n) : 0;
    if (n == 0 || (sign == 0 && code == 0)) {
        cutter->at = start;
        return false;
    }
    Buf digits = buf_in(cutter->arena);
    for (uint32_t i = 0; i < n; i++)
        if (peek(cutter, i) != ',')
            buf_char(&digits, (char)peek(cutter, i));
    cutter->at += n + code;
    add_token(cutter, TOKEN_NUMBER, start, buf_view(&digits));
    return true;
}

/* ---- dates in words ---- */

/* The month, 1 to 12, whose name or first three letters stand `ahead`; 0 without one. */
static unsigned month_ahead(const Cutter *cutter, uint32_t ahead, uint32_t *out_behind)
{
    static const Str months[] = {S_INIT("january"),   S_INIT("february"), S_INIT("march"),    S_INIT("april"),
                                 S_INIT("may"),       S_INIT("june"),     S_INIT("july"),     S_INIT("august"),
                                 S_INIT("september"), S_INIT("october"),  S_INIT("november"), S_INIT("december")};
    enum { SHORTEST = 3, LONGEST = 9 };
    uint32_t n = 0;
    while (n <= LONGEST && is_letter(peek(cutter, ahead + n)) && peek(cutter, ahead + n) < 0x80)
        n++;
    *out_behind = ahead + n;
    if (n < SHORTEST || n > LONGEST || peek(cutter, ahead + n) != ' ' || !is_digit(peek(cutter, ahead + n + 1)))
        return 0;
    Str word = str_slice(cutter->source, cutter->at + ahead, cutter->at + ahead + n);
    for (unsigned i = 0; i < COUNT_OF(months); i++) {
        if (str_eq_fold(word, str_slice(months[i], 0, n == SHORTEST ? n : months[i].len)))
            return i + 1;
    }
    return 0;
}

/* The day, of one digit or two, that stands `ahead`; 0 without one. */
static unsigned day_ahead(const Cutter *cutter, uint32_t ahead, uint32_t *out_behind)
{
    uint32_t n = digits_ahead(cutter, ahead);
    *out_behind = ahead + n;
    if (n == 0 || n > 2)
        return 0;
    unsigned first = peek(cutter, ahead) - '0';
    return n == 1 ? first : first * 10 + peek(cutter, ahead + 1) - '0';
}

/* 14 April 2026 · April 14, 2026: which day is meant is certain. */
static bool cut_date_in_words(Cutter *cutter)
{
    uint32_t start = cutter->at, behind;
    bool day_first = is_digit(peek(cutter, 0));
    unsigned day = day_first ? day_ahead(cutter, 0, &behind) : 0,
             month = day_first ? 0 : month_ahead(cutter, 0, &behind);
    if ((!day && !month) || peek(cutter, behind) != ' ')
        return false;
    if (day_first)
        month = month_ahead(cutter, behind + 1, &behind);
    else
        day = day_ahead(cutter, behind + 1, &behind);
    behind += !day_first && peek(cutter, behind) == ',';
    unsigned char after = peek(cutter, behind + 5);
    if (!day || !month || peek(cutter, behind) != ' ' || digits_ahead(cutter, behind + 1) != 4 || is_digit(after) ||
        is_letter(after))
        return false;
    Str year = str_slice(cutter->source, start + behind + 1, start + behind + 5);
    cutter->at += behind + 5;
    add_token(cutter, TOKEN_DATE, start, str_printf(cutter->arena, "%.*s-%02u-%02u", STR_ARG(year), month, day));
    return true;
}

static void cut_number(Cutter *cutter)
{
    uint32_t start = cutter->at, digits = digits_ahead(cutter, 0);
    if (cut_date_in_words(cutter))
        return;
    if (at_date(cutter)) {
        cutter->at += 10;
        if (cut_moment(cutter, start))
            return;
        add_token(cutter, TOKEN_DATE, start, str_slice(cutter->source, start, cutter->at));
        return;
    }
    if (digits <= 2 && peek(cutter, digits) == ':' && digits_ahead(cutter, digits + 1) == 2) {
        cut_time(cutter, start);
        return;
    }
    if (cut_money(cutter, 0))
        return;
    skip_digits(cutter);
    uint32_t decimals = peek(cutter, 0) == '.' ? digits_ahead(cutter, 1) : 0; /* 1.250,00 */
    uint32_t comma = decimals > 0 ? decimals + 1 : 0;
    if (peek(cutter, comma) == ',' && is_digit(peek(cutter, comma + 1))) {
        while ((peek(cutter, 0) == ',' && is_digit(peek(cutter, 1))) || peek(cutter, 0) == '.' ||
               is_digit(peek(cutter, 0)))
            cutter->at++;
        add_token(
            cutter, TOKEN_BAD, start,
            S("a number has a decimal point and no thousands separators, as in 1250.00; in a list a blank follows "
              "the comma"));
        return;
    }
    uint32_t second = digits_ahead(cutter, 1);
    if (digits <= 2 && peek(cutter, 0) == '/' && second > 0 && second <= 2 && peek(cutter, 1 + second) == '/' &&
        digits_ahead(cutter, 2 + second) == 4) {
        cutter->at += 2 + second;
        skip_digits(cutter);
        add_token(cutter, TOKEN_BAD, start,
                  S("a date is written year, month, day, as in 2026-04-14: with / it may mean two days; to divide, put "
                    "blanks around the /"));
        return;
    }
    if (peek(cutter, 0) == '.' && is_digit(peek(cutter, 1))) {
        cutter->at++;
        skip_digits(cutter);
    } else if (is_letter(peek(cutter, 0)) && !at_typographic_mark(cutter)) {
        cut_word(cutter, start);
        return;
    }
    add_token(cutter, TOKEN_NUMBER, start, str_slice(cutter->source, start, cutter->at));
}

/* \u and four hexadecimal digits, as in JSON; anything else that is no escape stands for itself, so that patterns for
 * `matches` read as they are written. */
static void cut_escape(Cutter *cutter, Buf *text)
{
    static const char *const plain = "\"\\ntr";
    static const char *const means = "\"\\\n\t\r";
    unsigned char c = peek(cutter, 1);
    const char *found = c ? strchr(plain, c) : NULL;
    uint32_t code = 0;
    int digits = 0;
    if (c == 'u') {
        for (; digits < 4; digits++) {
            unsigned char d = peek(cutter, 2 + (uint32_t)digits);
            int value = is_digit(d) ? d - '0' : (d | 32) >= 'a' && (d | 32) <= 'f' ? (d | 32) - 'a' + 10 : -1;
            if (value < 0)
                break;
            code = code * 16 + (uint32_t)value;
        }
    }
    if (found) {
        buf_char(text, means[found - plain]);
        cutter->at += 2;
    } else if (digits == 4 && (code < 0xd800 || code > 0xdfff)) {
        if (code >= 0x800)
            buf_char(text, (char)(0xe0 | code >> 12));
        if (code >= 0x80)
            buf_char(text, (char)(code >= 0x800 ? 0x80 | (code >> 6 & 0x3f) : 0xc0 | code >> 6));
        buf_char(text, (char)(code >= 0x80 ? 0x80 | (code & 0x3f) : code));
        cutter->at += 6;
    } else {
        buf_char(text, '\\');
        cutter->at++;
    }
}

/* From behind the opening mark, or behind the } of a template, up to the closing mark or the next {. */
static void cut_text(Cutter *cutter, uint32_t start, const char *closing, bool inside)
{
    Buf text = buf_in(cutter->arena);
    while (cutter->at < cutter->end) {
        unsigned char c = peek(cutter, 0);
        if (looking_at(cutter, closing)) {
            cutter->at += (uint32_t)strlen(closing);
            cutter->n_open -= inside;
            add_token(cutter, inside ? TOKEN_CLOSE : TOKEN_TEXT, start, buf_view(&text));
            return;
        }
        if ((c == '{' || c == '}') && peek(cutter, 1) == c) {
            buf_char(&text, (char)c);
            cutter->at += 2;
        } else if (c == '{' && !inside && cutter->n_open == TEMPLATES_MAX) {
            break;
        } else if (c == '{') {
            cutter->at++;
            if (!inside)
                cutter->closing[cutter->n_open++] = closing;
            add_token(cutter, inside ? TOKEN_MIDDLE : TOKEN_TEMPLATE, start, buf_view(&text));
            return;
        } else if (c == '\\') {
            cut_escape(cutter, &text);
        } else {
            buf_char(&text, (char)c);
            cutter->at++;
        }
    }
    bool nested = cutter->at < cutter->end;
    cutter->at = cutter->end;
    add_token(cutter, TOKEN_BAD, start,
              nested ? S("texts are nested too deeply here") : S("this text is not closed: a \" is missing"));
}

/* After a word, a closing quotation mark or a parenthesis; anywhere else it opens a text in the wrong marks. */
static void cut_apostrophe(Cutter *cutter, uint32_t width)
{
    uint32_t start = cutter->at;
    unsigned char before = start > 0 ? (unsigned char)cutter->source.data[start - 1] : ' ';
    bool after_noun = is_letter(before) || is_digit(before) || before == '"' || before == ')';
    unsigned char s = peek(cutter, width), behind = peek(cutter, width + 1);
    if (after_noun && (s == 's' || s == 'S') && !is_letter(behind) && !is_digit(behind)) {
        cutter->at += width + 1;
        add_token(cutter, TOKEN_POSSESSIVE, start, S("'s"));
    } else if (after_noun && !is_letter(s) && !is_digit(s)) {
        cutter->at += width;
        add_token(cutter, TOKEN_PLURAL, start, S("'"));
    } else {
        cutter->at += width;
        add_token(cutter, TOKEN_BAD, start, S("a text stands in double quotation marks"));
    }
}

static void cut_sign(Cutter *cutter)
{
    static const char *const signs[] = {"**", "//", "!=", "<>", "<=", ">=", "==", "(", ")", ",", "+", "-",
                                        "*",  "/",  "%",  "=",  "<",  ">",  ".",  ":", ";", "[", "]"};
    uint32_t start = cutter->at;
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (looking_at(cutter, signs[i])) {
            cutter->at += (uint32_t)strlen(signs[i]);
            add_token(cutter, TOKEN_SIGN, start, str_from_c(signs[i]));
            return;
        }
    }
    unsigned char c = peek(cutter, 0);
    cutter->at++;
    add_token(cutter, TOKEN_BAD, start,
              c > ' ' && c < 0x7f
                  ? str_printf(cutter->arena, "the sign %c has no meaning here", c)
                  : str_printf(cutter->arena, "an invisible sign stands here (U+%04X): take it out", c));
}

static void cut_one(Cutter *cutter)
{
    unsigned char c = peek(cutter, 0);
    uint32_t start = cutter->at;
    if (c >= 0x80 && at_invisible(cutter)) {
        cutter->at += 3;
        add_token(cutter, TOKEN_BAD, start,
                  S("an invisible sign stands here, as web pages have it: take it out, or type the words again"));
    } else if (at_typographic_mark(cutter)) {
        unsigned char mark = peek(cutter, 2);
        if (mark == 0x98 || mark == 0x99) {
            cut_apostrophe(cutter, 3);
            return;
        }
        cutter->at += 3;
        cut_text(cutter, start, "\xe2\x80\x9d", false);
    } else if (c == '"') {
        cutter->at++;
        cut_text(cutter, start, "\"", false);
    } else if (c == '}' && cutter->n_open > 0) {
        cutter->at++;
        cut_text(cutter, start, cutter->closing[cutter->n_open - 1], true);
    } else if (c == '\'') {
        cut_apostrophe(cutter, 1);
    } else if (is_digit(c)) {
        cut_number(cutter);
    } else if (currency_sign(cutter) > 0) {
        if (!cut_money(cutter, currency_sign(cutter)))
            cut_sign(cutter);
    } else if (code_before_amount(cutter) == 0 || !cut_money(cutter, code_before_amount(cutter))) {
        if (!is_letter(c))
            cut_sign(cutter);
        else if (!cut_date_in_words(cutter))
            cut_word(cutter, start);
    }
}

void english_tokens(Arena *arena, Str source, uint32_t start, uint32_t end, Sentence *out)
{
    Cutter cutter = {.arena = arena, .source = source, .at = start, .end = end, .out = out};
    out->count = 0;
    out->has_comment = false;
    while (cutter.at < cutter.end) {
        unsigned char c = peek(&cutter, 0);
        if (c == ' ' || c == '\t' || c == '\r') {
            cutter.at++;
        } else if (c >= 0x80 && wide_blank(&cutter)) {
            cutter.at += wide_blank(&cutter);
        } else if (c == '#') {
            out->has_comment = true;
            out->comment = english_comment(source, cutter.at + 1, end);
            out->comment_span = (Span){cutter.at, end};
            break;
        } else {
            cut_one(&cutter);
        }
    }
    uint32_t last = out->count > 0 ? out->tokens[out->count - 1].end : cutter.at;
    cutter.at = last;
    add_token(&cutter, TOKEN_END, last, S(""));
}
