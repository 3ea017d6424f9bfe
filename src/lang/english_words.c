/* lang/english_words.c: where the words of a name end, and the names and keys that they make. */
#include <string.h>

#include "lang/english_internal.h"

enum { NAME_WORDS_MAX = 64 };

/* ---- where words end ---- */

bool phrase_stands(const EnglishReader *reader, const PatternNode *kid, uint32_t at)
{
    uint32_t n = 1;
    for (; !pattern_value(kid); n++) {
        const Token *token = token_at(reader, at + n);
        kid = token->kind == TOKEN_WORD ? pattern_kid(kid, token->text) : NULL;
        if (!kid)
            return false;
    }
    return n > 1 && starts_value(reader, at + n);
}

bool word_is_stop(const EnglishReader *reader, uint32_t at)
{
    const Token *token = token_at(reader, at);
    if (token->kind != TOKEN_WORD && token->kind != TOKEN_SIGN)
        return false;
    if (reader->stop_word.len > 0 && str_eq(reader->stop_word, token->text))
        return true;
    const PatternNode *kid = reader->stops ? pattern_kid(reader->stops, token->text) : NULL;
    return kid &&
           (!kid->swapped || phrase_stands(reader, kid, at)); /* sorted by total: the “by” of one swapped is not */
}

bool starts_value(const EnglishReader *reader, uint32_t at)
{
    const Token *token = token_at(reader, at);
    switch (token->kind) {
    case TOKEN_NUMBER:
    case TOKEN_DATE:
    case TOKEN_TIME:
    case TOKEN_MOMENT:
    case TOKEN_TEXT:
    case TOKEN_TEMPLATE:
    case TOKEN_BAD: return true;
    case TOKEN_SIGN: return str_eq(token->text, S("(")) || str_eq(token->text, S("-"));
    case TOKEN_WORD: break;
    default: return false;
    }
    if (word_is_hard(token->text))
        return str_eq(token->text, S("the")) || str_eq(token->text, S("a")) || str_eq(token->text, S("an")) ||
               str_eq(token->text, S("minus")) || str_eq(token->text, S("not"));
    bool bare = reader->element.len > 0 && (at == 0 || word_ordinal(token_at(reader, at - 1)->text) == -2);
    return bare || word_is_literal(token->text) || str_eq(token->text, S("every")) ||
           pattern_kid(&reader->patterns->phrase, token->text);
}

/* A word that another sentence part waits for belongs to it, unless a figure shows the pattern in hand to go on:
 * append the total rounded to 2 decimals to the totals. */
static bool is_anothers(const EnglishReader *reader, const PatternNode *kid, uint32_t at)
{
    if (!word_is_stop(reader, at))
        return false;
    const PatternNode *value = pattern_value(kid);
    return !(value && token_at(reader, at + 1)->kind == TOKEN_NUMBER &&
             pattern_kid(value, token_at(reader, at + 2)->text));
}

bool starts_key(const EnglishReader *reader, uint32_t at)
{
    const Token *token = token_at(reader, at);
    return token->kind == TOKEN_WORD && !word_is_hard(token->text) && !word_is_literal(token->text) &&
           !pattern_kid(&reader->patterns->phrase, token->text);
}

/* The longest run of a pattern's fixed words from token `at` on after which the pattern ends or a value follows. */
const PatternNode *walk_words(EnglishReader *reader, const PatternNode *root, uint32_t at, uint32_t *out_at)
{
    const PatternNode *best = NULL, *node = root;
    for (;; at++) {
        const Token *token = token_at(reader, at);
        node = token->kind == TOKEN_WORD || token->kind == TOKEN_SIGN ? pattern_kid(node, token->text) : NULL;
        if (!node || is_anothers(reader, node, at) || words_at(reader, at, "to the power of"))
            return best;
        const PatternNode *value = pattern_value(node);
        bool goes_on = value && (starts_value(reader, at + 1) || (value->key && starts_key(reader, at + 1)));
        if (node->pattern || goes_on || pattern_result(node)) {
            best = node;
            *out_at = at + 1;
        }
    }
}

/* Whether the word at `at` ends the name before it. */
static bool ends_name(EnglishReader *reader, uint32_t at)
{
    Str word = token_at(reader, at)->text;
    uint32_t behind;
    if (word_is_hard(word) || word_is_stop(reader, at))
        return true;
    if (str_eq(word, S("times")))
        return starts_value(reader, at + 1);
    if (str_eq(word, S("does")) || str_eq(word, S("do")))
        return word_at(reader, at + 1, "not");
    if (words_at(reader, at, "floor divided by") || words_at(reader, at, "multiplied by"))
        return true;
    const PatternNode *node = walk_words(reader, &reader->patterns->postfix, at, &behind);
    return (node && !node->closed) || walk_words(reader, &reader->patterns->condition, at, &behind);
}

uint32_t words_end(EnglishReader *reader, uint32_t from)
{
    uint32_t at = from;
    while (token_at(reader, at)->kind == TOKEN_WORD &&
           (at == from ? word_may_begin_name(token_at(reader, at)->text) : !ends_name(reader, at)))
        at++;
    return at;
}

Str read_words(EnglishReader *reader)
{
    uint32_t from = reader->at;
    reader->at = words_end(reader, from);
    if (reader->at == from) {
        fail_expected(reader, "a name");
        return S("");
    }
    if (reader->at - from > NAME_WORDS_MAX) {
        fail_at(reader, from, reader->at, "name-too-long", "", "a name has at most %d words", NAME_WORDS_MAX);
        return S("");
    }
    Buf words = buf_in(reader->arena);
    for (uint32_t i = from; i < reader->at; i++) {
        if (i > from)
            buf_char(&words, ' ');
        buf_str(&words, token_at(reader, i)->text);
    }
    return buf_view(&words);
}

/* ---- names and keys ---- */

static Str name_of_words(EnglishReader *reader, Str words, uint32_t from)
{
    Str name = text_is_name(words) ? words : name_from_words(reader->arena, words);
    if (text_is_name(name))
        return name;
    fail_at(reader, from, reader->at, "bad-name", "a name has letters, digits and blanks, and starts with a letter",
            "“%.*s” is no name of a fact", STR_ARG(words));
    return S("");
}

Node *name_node(EnglishReader *reader, Str words, uint32_t words_from, uint32_t from)
{
    Str name = words.len > 0 ? name_of_words(reader, words, words_from) : S("");
    return name.len > 0 ? make_name(reader, name, from) : NULL;
}

Node *read_target_name(EnglishReader *reader)
{
    uint32_t from = reader->at;
    take_word(reader, "the");
    if (word_at(reader, reader->at, "fact") && token_at(reader, reader->at + 1)->kind == TOKEN_TEXT)
        reader->at++;
    uint32_t words_from = reader->at;
    if (token_now(reader)->kind == TOKEN_TEXT) {
        reader->at++;
        return name_node(reader, token_at(reader, words_from)->text, words_from, from);
    }
    Str words = read_words(reader);
    return name_node(reader, words, words_from, from);
}

/* “the order's date of birth”: whether little words go on with a name that should stand in quotation marks. Behind a
 * field nothing else begins with such a word and a bare one. */
static bool key_goes_on(EnglishReader *reader, uint32_t *out_end)
{
    static const char *const little[] = {"of", "in", "from", "to", "by", "for", "as", "with", "without"};
    uint32_t at = reader->at, behind;
    bool begins = false;
    for (size_t i = 0; i < COUNT_OF(little); i++)
        begins = begins || word_at(reader, at, little[i]);
    const Token *next = token_at(reader, at + 1);
    if (!begins || next->kind != TOKEN_WORD || word_is_hard(next->text) || word_is_literal(next->text) ||
        word_is_stop(reader, at) || reader->element.len > 0 || (reader->setting && word_at(reader, at, "to")) ||
        words_at(reader, at, "for each") || words_at(reader, at, "for every") ||
        pattern_kid(&reader->patterns->phrase, next->text) ||
        walk_words(reader, &reader->patterns->postfix, at, &behind) ||
        walk_words(reader, &reader->patterns->condition, at, &behind))
        return false;
    for (at++; token_at(reader, at)->kind == TOKEN_WORD && !word_is_hard(token_at(reader, at)->text);)
        at++;
    *out_end = at;
    return true;
}

static Node *fail_key_goes_on(EnglishReader *reader, uint32_t from, uint32_t end)
{
    Str little = token_now(reader)->text;
    Str name = source_of(reader, from, end);
    const char *hint =
        str_to_c(reader->arena, str_printf(reader->arena, "if it is one name, put it in quotation marks: \"%.*s\"",
                                           STR_ARG(str_clip(name, 60))));
    return fail_at(reader, from, end, "name-needs-marks", hint, "the name of a field ends before “%.*s”",
                   STR_ARG(little));
}

Node *read_key(EnglishReader *reader, bool singular)
{
    uint32_t from = reader->at;
    const Token *token = token_now(reader);
    Node *key = node_new(reader->arena, NODE_LITERAL);
    if (token->kind == TOKEN_TEXT) {
        reader->at++;
        key->value = value_text(token->text);
        return finish_node(reader, key, from);
    }
    Str words = read_words(reader);
    uint32_t end;
    if (words.len == 0)
        return NULL;
    if (key_goes_on(reader, &end))
        return fail_key_goes_on(reader, from, end);
    key->value = value_text(singular ? singular_of(reader->arena, words) : words);
    return finish_node(reader, key, from);
}

Node *field_of(EnglishReader *reader, Node *object, Str key, uint32_t from)
{
    Node *field = node_new(reader->arena, NODE_FIELD);
    field->text = key;
    node_add(reader->arena, field, object);
    return finish_node(reader, field, from);
}

Node *index_of(EnglishReader *reader, Node *object, Node *index, uint32_t from)
{
    if (node_is_text(index))
        return field_of(reader, object, value_str(index->value), from);
    Node *node = node_new(reader->arena, NODE_INDEX);
    node_add(reader->arena, node, object);
    node_add(reader->arena, node, index);
    return finish_node(reader, node, from);
}

/* A node that stands nowhere in the text by itself: `span` is what it was derived from. */
Node *derived_name(EnglishReader *reader, Str name, Span span)
{
    Node *node = node_new(reader->arena, NODE_NAME);
    node->name = name;
    node->id = 1;
    node->english = span;
    return node;
}

Node *derived_number(EnglishReader *reader, int64_t n, Span span)
{
    Node *node = node_new(reader->arena, NODE_LITERAL);
    node->value = value_int(n);
    node->id = 1;
    node->english = span;
    return node;
}
