/* aip/filter.c: the grammar of filters, by recursive descent. What literals mean to their fields: filter_bind.c.
 *
 *     expression  sequence { AND sequence }
 *     sequence    factor { factor }                 a blank is an AND
 *     factor      term { OR term }                  so OR binds tighter than AND
 *     term        [ NOT | - ] simple
 *     simple      restriction | ( expression )
 *     restriction member [ operator argument ] | function
 *     member      name { . name }                 a name behind a dot may stand in quotes
 *     function    name { . name } ( [ argument { , argument } ] )
 *     argument    literal | ( expression of literals ) | [ literal, … ]
 *
 * In an argument's parentheses the same rules hold with literals in the place of restrictions. */
#include "aip/filter.h"

#include <stdio.h>
#include <string.h>

#include "aip/filter_parser.h"
#include "base/buf.h"

/* The left side, when literals stand alone: field = (a OR b). */
typedef struct Target {
    const FilterField *field;
    FilterOp op;
} Target;

typedef struct Kids {
    Filter **items;
    uint32_t n, cap;
} Kids;

static bool parse_expression(FilterParser *parser, const Target *target, Filter **out);

bool filter_refuse(FilterParser *parser, size_t at, const char *format, ...)
{
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return error_set(parser->err, INVALID_ARGUMENT, "filter", "at character %zu: %s", at + 1, what);
}

static void add_kid(FilterParser *parser, Kids *kids, Filter *kid)
{
    if (kids->n == kids->cap) {
        uint32_t cap = kids->cap ? 2 * kids->cap : 4;
        kids->items = arena_grow(parser->arena, kids->items, kids->cap * sizeof(Filter *), cap * sizeof(Filter *),
                                 _Alignof(Filter *));
        kids->cap = cap;
    }
    kids->items[kids->n++] = kid;
}

/* ---- characters and words ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Ends a bare word on the left side. */
static bool is_mark(char c)
{
    return is_blank(c) || memchr("\"'()[],<>=!:", c, 13) != NULL;
}

/* Ends a bare literal: times and names hold colons, so those do not. */
static bool ends_literal(char c)
{
    return is_blank(c) || memchr("\"'()[],<>=!", c, 12) != NULL;
}

static char peek(const FilterParser *parser)
{
    return parser->at < parser->text.len ? parser->text.data[parser->at] : '\0';
}

static bool at_end(const FilterParser *parser)
{
    return parser->at >= parser->text.len;
}

static void skip_blanks(FilterParser *parser)
{
    while (!at_end(parser) && is_blank(parser->text.data[parser->at]))
        parser->at++;
}

/* For messages: what stands at the parser's place. */
static Str found_here(const FilterParser *parser)
{
    Str rest = str_skip(parser->text, parser->at);
    size_t len = 0;
    while (len < rest.len && len < 24 && !is_blank(rest.data[len]))
        len++;
    return rest.len == 0 ? S("the end") : str_clip(rest, len);
}

static bool word_is(const FilterParser *parser, Str upper, Str lower)
{
    Str rest = str_skip(parser->text, parser->at);
    if (!str_starts(rest, upper) && !str_starts(rest, lower))
        return false;
    return rest.len == upper.len || is_mark(rest.data[upper.len]);
}

static bool take_word(FilterParser *parser, Str upper, Str lower)
{
    skip_blanks(parser);
    if (!word_is(parser, upper, lower))
        return false;
    parser->at += upper.len;
    return true;
}

static bool take(FilterParser *parser, char c)
{
    skip_blanks(parser);
    if (at_end(parser) || peek(parser) != c)
        return false;
    parser->at++;
    return true;
}

/* ---- literals ---- */

static char unescaped(char c)
{
    switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    default: return c;
    }
}

/* A star counts as a wildcard unless a backslash stands before it; a star alone is one at the end. */
static void note_star(FilterLiteral *literal, Buf *text)
{
    bool second = literal->star;
    literal->leading_star |= second && text->len == 0;
    literal->inner_star |= second && text->len > 0;
    if (second && text->len > 0)
        buf_char(text, '*');
    literal->star = true;
}

static void add_character(FilterLiteral *literal, Buf *text, char c)
{
    if (literal->star && text->len == 0)
        literal->leading_star = true;
    else if (literal->star) {
        literal->inner_star = true;
        buf_char(text, '*');
    }
    literal->star = false;
    buf_char(text, c);
}

static bool quoted_literal(FilterParser *parser, FilterLiteral *out)
{
    char quote = peek(parser);
    *out = (FilterLiteral){.quoted = true, .at = parser->at++};
    Buf text = buf_in(parser->arena);
    for (;;) {
        if (at_end(parser))
            return filter_refuse(parser, out->at, "the text that begins here has no closing %c", quote);
        char c = parser->text.data[parser->at++];
        if (c == quote)
            break;
        if (c == '\\' && !at_end(parser))
            add_character(out, &text, unescaped(parser->text.data[parser->at++]));
        else if (c == '*')
            note_star(out, &text);
        else
            add_character(out, &text, c);
    }
    out->text = buf_view(&text);
    return true;
}

static bool bare_literal(FilterParser *parser, FilterLiteral *out)
{
    *out = (FilterLiteral){.at = parser->at};
    Buf text = buf_in(parser->arena);
    while (!at_end(parser) && !ends_literal(peek(parser))) {
        char c = parser->text.data[parser->at++];
        if (c == '*')
            note_star(out, &text);
        else
            add_character(out, &text, c);
    }
    if (parser->at == out->at) {
        Str found = found_here(parser);
        return filter_refuse(parser, parser->at, "expected a value, found %.*s", STR_ARG(found));
    }
    out->text = buf_view(&text);
    return true;
}

static bool deeper(FilterParser *parser)
{
    return ++parser->depth <= FILTER_DEPTH_MOST ||
           filter_refuse(parser, parser->at, "nested more than %d deep", FILTER_DEPTH_MOST);
}

static bool parse_function(FilterParser *parser, Str name, size_t at);

static bool parse_literal(FilterParser *parser, FilterLiteral *out)
{
    skip_blanks(parser);
    char c = peek(parser);
    bool ok = c == '"' || c == '\'' ? quoted_literal(parser, out) : bare_literal(parser, out);
    if (ok && peek(parser) == '(' && !out->quoted)
        return parse_function(parser, out->text, out->at);
    return ok;
}

static bool is_argument(FilterParser *parser)
{
    FilterLiteral argument;
    return parse_literal(parser, &argument);
}

/* The call is read to its end, so that what is wrong within it is told first. Always false: there are no functions. */
static bool parse_function(FilterParser *parser, Str name, size_t at)
{
    size_t opened = parser->at;
    if (!take(parser, '(') || !deeper(parser))
        return false;
    if (!take(parser, ')')) {
        do {
            if (!is_argument(parser))
                return false;
        } while (take(parser, ','));
        if (!take(parser, ')'))
            return filter_refuse(parser, opened, "this ( is not closed");
    }
    parser->depth--;
    return filter_refuse(parser, at, "there is no function \"%.*s\"; lists have none: compare a field with a value",
                         STR_ARG(str_clip(name, 64)));
}

/* ---- restrictions ---- */

typedef struct Comparator {
    Str sign;
    FilterOp op;
} Comparator;

static const Comparator comparators[] = {
    /* the longer ones first */
    {S_INIT("<="), FILTER_LE}, {S_INIT(">="), FILTER_GE}, {S_INIT("!="), FILTER_NE}, {S_INIT("<"), FILTER_LT},
    {S_INIT(">"), FILTER_GT},  {S_INIT("="), FILTER_EQ},  {S_INIT(":"), FILTER_HAS},
};

static bool take_comparator(FilterParser *parser, FilterOp *out)
{
    skip_blanks(parser);
    Str rest = str_skip(parser->text, parser->at);
    for (size_t i = 0; i < COUNT_OF(comparators); i++) {
        if (!str_starts(rest, comparators[i].sign))
            continue;
        parser->at += comparators[i].sign.len;
        *out = comparators[i].op;
        return true;
    }
    *out = FILTER_HAS;
    return take_word(parser, S("CONTAINS"), S("contains"));
}

static bool bind_next_literal(FilterParser *parser, const Target *target, Filter **out)
{
    FilterLiteral literal;
    return parse_literal(parser, &literal) && filter_bind(parser, target->field, target->op, &literal, out);
}

/* [a, b, …] or (a, b, …), after IN. */
static bool parse_set(FilterParser *parser, const Target *target, Filter **out)
{
    char closing = take(parser, '[') ? ']' : take(parser, '(') ? ')' : '\0';
    if (!closing)
        return filter_refuse(parser, parser->at, "expected [ after IN, as in state IN [\"PENDING\", \"RESOLVED\"]");
    Kids kids = {0};
    do {
        Filter *kid;
        if (!bind_next_literal(parser, target, &kid))
            return false;
        add_kid(parser, &kids, kid);
    } while (take(parser, ','));
    if (!take(parser, closing)) {
        Str found = found_here(parser);
        return filter_refuse(parser, parser->at, "expected , or %c, found %.*s", closing, STR_ARG(found));
    }
    *out = filter_join(parser, FILTER_OR, kids.items, kids.n);
    return true;
}

/* The inside of parentheses; the opening one has been taken. */
static bool parse_inside(FilterParser *parser, const Target *target, Filter **out)
{
    size_t opened = parser->at - 1;
    if (!deeper(parser) || !parse_expression(parser, target, out))
        return false;
    parser->depth--;
    return take(parser, ')') || filter_refuse(parser, opened, "this ( is not closed");
}

static bool parse_argument(FilterParser *parser, const FilterField *field, FilterOp op, Filter **out)
{
    if (!take(parser, '('))
        return bind_next_literal(parser, &(Target){field, op}, out);
    const Target target = {field, op == FILTER_NE ? FILTER_EQ : op};
    if (!parse_inside(parser, &target, out))
        return false;
    if (op == FILTER_NE)
        *out = filter_negate(parser, *out);
    return true;
}

/* The names of a member with the dots between; what is quoted behind a dot without its quotes. */
static bool left_side(FilterParser *parser, Str *out)
{
    Buf name = buf_in(parser->arena);
    for (;;) {
        size_t from = parser->at;
        while (!at_end(parser) && !is_mark(peek(parser)))
            parser->at++;
        buf_str(&name, str_slice(parser->text, from, parser->at));
        *out = buf_view(&name);
        bool quoted = (peek(parser) == '"' || peek(parser) == '\'') && str_ends(*out, S("."));
        FilterLiteral part;
        if (!quoted)
            return true;
        if (!quoted_literal(parser, &part))
            return false;
        buf_str(&name, part.text);
    }
}

/* A field alone: true or false by itself. */
static bool bind_alone(FilterParser *parser, const FilterField *field, size_t at, Filter **out)
{
    if (field->type != FILTER_BOOLEAN)
        return filter_refuse(parser, at, "%.*s stands alone; compare it, as in %.*s = \"…\"", STR_ARG(field->name),
                             STR_ARG(field->name));
    const FilterLiteral yes = {.text = S("true"), .at = at};
    return filter_bind(parser, field, FILTER_EQ, &yes, out);
}

static bool compares_next(FilterParser *parser)
{
    size_t at = parser->at;
    FilterOp op;
    bool compares = take_comparator(parser, &op) || take_word(parser, S("IN"), S("in"));
    parser->at = at;
    return compares;
}

/* A value where a field could stand, with nothing that compares it behind it. */
static bool parse_bare(FilterParser *parser, Filter **out)
{
    FilterLiteral literal;
    if (!parse_literal(parser, &literal))
        return false;
    if (literal.quoted && compares_next(parser))
        return filter_refuse(parser, literal.at, "expected a field, which stands without quotes");
    return filter_search(parser, &literal, out);
}

static bool is_keyword(Str word)
{
    return str_eq_fold(word, S("AND")) || str_eq_fold(word, S("OR")) || str_eq_fold(word, S("NOT"));
}

static bool parse_restriction(FilterParser *parser, Filter **out)
{
    size_t at = parser->at;
    if (peek(parser) == '"' || peek(parser) == '\'')
        return parse_bare(parser, out);
    Str name;
    if (!left_side(parser, &name))
        return false;
    if (name.len == 0) {
        Str found = found_here(parser);
        return filter_refuse(parser, at, "expected a field, found %.*s", STR_ARG(found));
    }
    if (peek(parser) == '(')
        return parse_function(parser, name, at);
    if (!filter_has_field(parser, name) && !is_keyword(name) && !compares_next(parser)) {
        parser->at = at;
        return parse_bare(parser, out);
    }
    const FilterField *field = filter_find_field(parser, name, at);
    if (!field)
        return false;
    if (take_word(parser, S("IN"), S("in")))
        return filter_check_operator(parser, field, FILTER_EQ, at) &&
               parse_set(parser, &(Target){field, FILTER_EQ}, out);
    FilterOp op;
    if (!take_comparator(parser, &op))
        return bind_alone(parser, field, at, out);
    return filter_check_operator(parser, field, op, at) && parse_argument(parser, field, op, out);
}

/* ---- expressions ---- */

static bool parse_simple(FilterParser *parser, const Target *target, Filter **out)
{
    if (take(parser, '('))
        return parse_inside(parser, target, out);
    return target ? bind_next_literal(parser, target, out) : parse_restriction(parser, out);
}

static bool parse_term(FilterParser *parser, const Target *target, Filter **out)
{
    /* Among literals a minus belongs to a number. */
    bool negated = take_word(parser, S("NOT"), S("not")) || (!target && take(parser, '-'));
    if (!negated)
        return parse_simple(parser, target, out);
    if (!deeper(parser) || !parse_term(parser, target, out))
        return false;
    parser->depth--;
    *out = filter_negate(parser, *out);
    return true;
}

static bool parse_factor(FilterParser *parser, const Target *target, Filter **out)
{
    Kids kids = {0};
    do {
        Filter *kid;
        if (!parse_term(parser, target, &kid))
            return false;
        add_kid(parser, &kids, kid);
    } while (take_word(parser, S("OR"), S("or")));
    *out = filter_join(parser, FILTER_OR, kids.items, kids.n);
    return true;
}

/* Sequences and expressions in one: an AND and a blank mean the same. */
static bool parse_expression(FilterParser *parser, const Target *target, Filter **out)
{
    Kids kids = {0};
    do {
        Filter *kid;
        if (!parse_factor(parser, target, &kid))
            return false;
        add_kid(parser, &kids, kid);
        skip_blanks(parser);
    } while (take_word(parser, S("AND"), S("and")) || (!at_end(parser) && peek(parser) != ')'));
    *out = filter_join(parser, FILTER_AND, kids.items, kids.n);
    return true;
}

static bool parse_all(FilterParser *parser, const Filter **out)
{
    if (parser->text.len > FILTER_TEXT_MOST)
        return error_set(parser->err, INVALID_ARGUMENT, "filter", "a filter may have %d bytes, this one has %zu",
                         FILTER_TEXT_MOST, parser->text.len);
    skip_blanks(parser);
    if (at_end(parser)) {
        *out = NULL;
        return true;
    }
    Filter *filter;
    if (!parse_expression(parser, NULL, &filter))
        return false;
    if (!at_end(parser))
        return filter_refuse(parser, parser->at, "this ) was never opened");
    *out = filter;
    return true;
}

bool filter_parse(Arena *arena, Str text, const FilterField *fields, uint32_t n_fields, const Filter **out, Error *err)
{
    FilterParser parser = {.arena = arena, .text = text, .fields = fields, .n_fields = n_fields, .err = err};
    return parse_all(&parser, out);
}

bool filter_parse_open(Arena *arena, Str text, const Filter **out, Error *err)
{
    FilterParser parser = {.arena = arena, .text = text, .open = true, .err = err};
    return parse_all(&parser, out);
}
