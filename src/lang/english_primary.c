/* lang/english_primary.c: tokens → expressions: literals, parentheses, and which phrase begins here. */
#include <string.h>

#include "base/clock.h"
#include "lang/english_internal.h"
#include "value/calendar.h"
#include "value/decimal.h"

/* ---- values that stand by themselves ---- */

/* 19% and 19 percent, where they are of nothing: 0.19. A value behind the sign makes it a remainder: 10 % 3; but 100% -
 * 5% takes one from the other, since the sign stands at its figure. */
static bool at_percent(const EnglishReader *reader)
{
    uint32_t at = reader->at;
    bool sign = sign_at(reader, at, "%"), minus = sign_at(reader, at + 1, "-") || word_at(reader, at + 1, "minus");
    bool attached = token_at(reader, at)->start == token_at(reader, at - 1)->end;
    return (sign || word_at(reader, at, "percent")) && !word_at(reader, at + 1, "of") &&
           !(sign && starts_value(reader, at + 1) && !(minus && attached));
}

Node *read_number(EnglishReader *reader)
{
    static const Value hundredth = {.low = 1, .scale = 2, .kind = VALUE_NUMBER};
    uint32_t from = reader->at++;
    Node *node = node_new(reader->arena, NODE_LITERAL);
    Error err;
    if (!decimal_parse(token_at(reader, from)->text, &node->value, &err))
        return fail_at(reader, from, from + 1, "bad-number", "", "%s", err.message);
    if (at_percent(reader)) {
        reader->at++;
        if (!decimal_multiply(node->value, hundredth, &node->value, &err))
            return fail_at(reader, from, reader->at, "bad-number", "", "%s", err.message);
    }
    return finish_node(reader, node, from);
}

/* 2026-04-14T10:00:00Z stands for "2026-04-14T10:00:00Z" as a date and time. */
static Node *read_moment(EnglishReader *reader)
{
    uint32_t from = reader->at++;
    Str text = token_at(reader, from)->text;
    Value moment;
    Error err;
    if (!datetime_parse_written(reader->arena, text, DATE_ORDER_UNKNOWN, false, &moment, &err))
        return fail_at(reader, from, from + 1, "bad-date", "moments are written as in 2026-04-14T10:00:00Z",
                       "there is no such date and time");
    Node *written = node_new(reader->arena, NODE_LITERAL);
    written->value = value_text(text);
    return make_call(reader, FN_DATETIME, finish_node(reader, written, from), NULL, from);
}

static Node *read_date(EnglishReader *reader)
{
    uint32_t from = reader->at++;
    Str text = token_at(reader, from)->text;
    int64_t year, month, day;
    bool fits = str_to_i64(str_slice(text, 0, 4), &year) && str_to_i64(str_slice(text, 5, 7), &month) &&
                str_to_i64(str_slice(text, 8, 10), &day);
    if (!fits || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, (int)month))
        return fail_at(reader, from, from + 1, "bad-date",
                       fits && month >= 1 && month <= 12
                           ? str_to_c(reader->arena, str_printf(reader->arena, "this month has %d days",
                                                                days_in_month(year, (int)month)))
                           : "dates are written year, month, day, as in 2026-04-14",
                       "there is no such date");
    Node *node = node_new(reader->arena, NODE_LITERAL);
    node->value = value_date((int)year, (int)month, (int)day);
    return finish_node(reader, node, from);
}

static Node *read_time_of_day(EnglishReader *reader)
{
    uint32_t from = reader->at++;
    Str text = token_at(reader, from)->text, clock = text;
    int64_t parts[3] = {0}, nanos = 0;
    Str seconds = clock, fraction = S("");
    ptrdiff_t point = str_find_char(text, '.');
    if (point >= 0) {
        clock = str_slice(text, 0, (size_t)point);
        fraction = str_skip(text, (size_t)point + 1);
    }
    size_t n = 0;
    bool fits = fraction.len <= 9;
    for (seconds = clock; seconds.data && n < 4; n++) {
        Str part = str_cut(&seconds, ':');
        fits = fits && n < 3 && str_to_i64(part, &parts[n]);
    }
    for (size_t i = 0; i < 9 && fits; i++)
        nanos = nanos * 10 + (i < fraction.len ? fraction.data[i] - '0' : 0);
    if (!fits || parts[0] > 23 || parts[1] > 59 || parts[2] > 59)
        return fail_at(reader, from, from + 1, "bad-time", "times are written as in 14:30 or 14:30:15",
                       "there is no such time");
    Node *node = node_new(reader->arena, NODE_LITERAL);
    node->value = value_time(((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000000000 + nanos);
    return finish_node(reader, node, from);
}

static Node *read_parenthesis(EnglishReader *reader)
{
    uint32_t from = reader->at++;
    const PatternNode *stops = reader->stops;
    Str stop_word = reader->stop_word;
    reader->stops = NULL;
    reader->stop_word = S("");
    Node *value = read_value(reader);
    reader->stops = stops;
    reader->stop_word = stop_word;
    if (value && !take_sign(reader, ")"))
        return fail_expected(reader, "“)”");
    if (!value)
        return NULL;
    bool possessive = token_now(reader)->kind == TOKEN_POSSESSIVE || word_at(reader, reader->at, "whose");
    return possessive ? read_tail(reader, value, from) : value;
}

static Node *read_literal_word(EnglishReader *reader)
{
    uint32_t from = reader->at++;
    Str word = token_at(reader, from)->text;
    Node *node = node_new(reader->arena, NODE_LITERAL);
    if (str_eq(word, S("nothing")))
        node->value = value_null();
    else
        node->value = value_bool(str_eq(word, S("yes")) || str_eq(word, S("true")));
    return finish_node(reader, node, from);
}

static Node *read_phrase(EnglishReader *reader)
{
    uint32_t from = reader->at, behind;
    bool opens;
    Node *opened = read_opening(reader, &opens);
    if (opens)
        return opened;
    const PatternNode *node = walk_words(reader, &reader->patterns->phrase, from, &behind);
    if (node) {
        reader->at = behind;
        return read_pattern(reader, node, NULL, from, FAMILY_PHRASE);
    }
    Str word = token_at(reader, from)->text;
    if (str_eq(word, S("the")))
        return read_noun(reader, from);
    if (reader->element.len > 0 && !word_is_hard(word))
        return read_bare_field(reader);
    if (word_is_hard(word))
        return fail_expected(reader, "a value");
    Str shown = source_of(reader, from, from + 1);
    static const char *const no_names[] = {"this", "that", "my", "our", "your", "their", "times", "percent", "divided"};
    const char *check = mend_of_check(reader);
    for (size_t i = 0; i < COUNT_OF(no_names); i++) {
        if (str_eq(word, str_from_c(no_names[i])))
            return fail_at(reader, from, from + 1, "expected-value",
                           check   ? check
                           : i < 6 ? "a fact begins with “the”"
                                   : "a value is missing before it",
                           "expected a value, but found “%.*s”", STR_ARG(shown));
    }
    const char *hint = slip_of_unquoted(reader, true);
    if (!hint)
        hint = str_to_c(reader->arena, str_printf(reader->arena, "write “the %.*s” for a fact, “\"%.*s\"” for a text",
                                                  STR_ARG(shown), STR_ARG(shown)));
    return fail_at(reader, from, from + 1, "expected-value", hint, "expected a value, but found “%.*s”",
                   STR_ARG(shown));
}

static Node *read_by_token(EnglishReader *reader)
{
    const Token *token = token_now(reader);
    switch (token->kind) {
    case TOKEN_NUMBER: return read_number(reader);
    case TOKEN_DATE: return read_date(reader);
    case TOKEN_TIME: return read_time_of_day(reader);
    case TOKEN_MOMENT: return read_moment(reader);
    case TOKEN_TEXT:
    case TOKEN_TEMPLATE: return read_text(reader);
    case TOKEN_SIGN:
        return sign_at(reader, reader->at, "(") ? read_parenthesis(reader) : fail_expected(reader, "a value");
    case TOKEN_WORD:
        if (at_quantified(reader))
            return read_quantified(reader);
        return word_is_literal(token->text) ? read_literal_word(reader) : read_phrase(reader);
    default: return fail_expected(reader, "a value");
    }
}

Node *read_primary(EnglishReader *reader)
{
    if (!enter_nesting(reader))
        return NULL;
    Node *value = read_by_token(reader);
    reader->nesting--;
    return value;
}
