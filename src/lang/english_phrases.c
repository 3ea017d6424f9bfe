/* lang/english_phrases.c: tokens → expressions: nouns with their possessives and filters, and the patterns. */
#include <string.h>

#include "lang/english_internal.h"
#include "base/clock.h"
#include "value/decimal.h"

enum { VALUES_MAX = 16, NAME_WORDS_MAX = 64 };

/* ---- where words end ---- */

static bool is_stop(const EnglishReader *reader, uint32_t at)
{
    const Token *token = token_at(reader, at);
    if (token->kind != TOKEN_WORD && token->kind != TOKEN_SIGN)
        return false;
    if (reader->stop_word.len > 0 && str_eq(reader->stop_word, token->text))
        return true;
    return reader->stops && pattern_kid(reader->stops, token->text);
}

bool starts_value(const EnglishReader *reader, uint32_t at)
{
    const Token *token = token_at(reader, at);
    switch (token->kind) {
    case TOKEN_NUMBER:
    case TOKEN_DATE:
    case TOKEN_TIME:
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
    return reader->element.len > 0 || word_is_literal(token->text) ||
           pattern_kid(&reader->patterns->phrase, token->text);
}

/* A word that another sentence part waits for belongs to it, unless a figure shows the pattern in hand to go on:
 * append the total rounded to 2 decimals to the totals. */
static bool is_anothers(const EnglishReader *reader, const PatternNode *kid, uint32_t at)
{
    if (!is_stop(reader, at))
        return false;
    const PatternNode *value = pattern_value(kid);
    return !(value && token_at(reader, at + 1)->kind == TOKEN_NUMBER &&
             pattern_kid(value, token_at(reader, at + 2)->text));
}

static bool starts_key(const EnglishReader *reader, uint32_t at)
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
        if (!node || is_anothers(reader, node, at))
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
    if (word_is_hard(word) || is_stop(reader, at))
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

Str read_words(EnglishReader *reader)
{
    uint32_t from = reader->at;
    while (token_now(reader)->kind == TOKEN_WORD &&
           (reader->at == from ? word_may_begin_name(token_now(reader)->text) : !ends_name(reader, reader->at)))
        reader->at++;
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

static Node *name_node(EnglishReader *reader, Str words, uint32_t words_from, uint32_t from)
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

Node *read_key(EnglishReader *reader, bool singular)
{
    uint32_t from = reader->at;
    const Token *token = token_now(reader);
    Node *key = node_new(reader->arena, NODE_LITERAL);
    if (token->kind == TOKEN_TEXT) {
        reader->at++;
        key->value = value_text(token->text);
        return made(reader, key, from);
    }
    Str words = read_words(reader);
    if (words.len == 0)
        return NULL;
    key->value = value_text(singular ? singular_of(reader->arena, words) : words);
    return made(reader, key, from);
}

static Node *field_of(EnglishReader *reader, Node *object, Str key, uint32_t from)
{
    Node *field = node_new(reader->arena, NODE_FIELD);
    field->text = key;
    node_add(reader->arena, field, object);
    return made(reader, field, from);
}

static Node *index_of(EnglishReader *reader, Node *object, Node *index, uint32_t from)
{
    if (node_is_text(index))
        return field_of(reader, object, value_str(index->value), from);
    Node *node = node_new(reader->arena, NODE_INDEX);
    node_add(reader->arena, node, object);
    node_add(reader->arena, node, index);
    return made(reader, node, from);
}

/* A node that stands nowhere in the text by itself: `span` is what it was derived from. */
static Node *derived_name(EnglishReader *reader, Str name, Span span)
{
    Node *node = node_new(reader->arena, NODE_NAME);
    node->name = name;
    node->id = 1;
    node->english = span;
    return node;
}

static Node *derived_number(EnglishReader *reader, int64_t n, Span span)
{
    Node *node = node_new(reader->arena, NODE_LITERAL);
    node->value = value_int(n);
    node->id = 1;
    node->english = span;
    return node;
}

/* ---- whose ---- */

static Node *read_whose_part(EnglishReader *reader)
{
    reader->at++;
    return read_comparison(reader, false);
}

static bool at_next_whose(const EnglishReader *reader)
{
    return words_at(reader, reader->at, "and whose") || words_at(reader, reader->at, "or whose");
}

static Node *read_whose_condition(EnglishReader *reader)
{
    uint32_t from = reader->at + 1;
    Node *first = read_whose_part(reader);
    if (!first || !at_next_whose(reader))
        return first;
    bool is_and = word_at(reader, reader->at, "and");
    Node *all = node_new(reader->arena, is_and ? NODE_AND : NODE_OR);
    Node *part = first;
    for (;;) {
        if (!part)
            return NULL;
        if (part->kind == all->kind) {
            for (uint32_t i = 0; i < part->n_kids; i++)
                node_add(reader->arena, all, part->kids[i]);
        } else {
            node_add(reader->arena, all, part);
        }
        if (!at_next_whose(reader))
            return made(reader, all, from);
        if (word_at(reader, reader->at, "and") != is_and)
            return fail_at(reader, reader->at, reader->at + 2, "ambiguous",
                           "put what belongs together in parentheses: whose (… or …) and whose …",
                           "“and whose” and “or whose” together can be understood in two ways");
        reader->at++;
        part = read_whose_part(reader);
    }
}

static Node *read_whose(EnglishReader *reader, Node *list, CollectOp op, uint32_t from)
{
    Str outer = reader->element;
    Str variable = variable_of(reader->arena, list, false);
    reader->element = variable;
    Node *condition = read_whose_condition(reader);
    reader->element = outer;
    if (!condition)
        return NULL;
    Node *node = node_new(reader->arena, NODE_COLLECT);
    node->op = (uint8_t)op;
    node_add(reader->arena, node, derived_name(reader, variable, list->english));
    node_add(reader->arena, node, derived_name(reader, variable, list->english));
    node_add(reader->arena, node, list);
    node_add(reader->arena, node, condition);
    return made(reader, node, from);
}

/* “the invoice whose …”: one of them, or all? */
static Node *one_or_all(EnglishReader *reader, Str words, uint32_t from)
{
    if (reader->failed)
        return NULL;
    Str plural = plural_of(reader->arena, words);
    fail_at(reader, from, reader->at + 1, "ambiguous", "",
            "“the %.*s whose …” does not say whether one or all are meant", STR_ARG(words));
    Diagnostic *about = reader->all->count > 0 ? &reader->all->items[reader->all->count - 1] : &reader->all->spare;
    if (about->span.start == token_at(reader, from)->start) {
        about->choices[0] = str_printf(reader->arena, "the first %.*s whose …", STR_ARG(words));
        about->choices[1] = str_printf(reader->arena, "the %.*s whose …", STR_ARG(plural));
        about->n_choices = 2;
    }
    return NULL;
}

static bool is_list_noun(EnglishReader *reader, Str words)
{
    return words_are_plural(reader->arena, words) || str_eq(plural_of(reader->arena, words), words);
}

/* ---- possessives ---- */

/* the invoices' customers' names: the element's field's field, for each invoice. */
static Node *read_plural_possessive(EnglishReader *reader, Node *list, uint32_t from)
{
    Str variable = variable_of(reader->arena, list, true);
    Node *element = derived_name(reader, variable, list->english);
    uint32_t key_from = reader->at + 1;
    do {
        reader->at++;
        Node *key = read_key(reader, true);
        element = key ? field_of(reader, element, value_str(key->value), key_from) : NULL;
    } while (element && (token_now(reader)->kind == TOKEN_PLURAL || token_now(reader)->kind == TOKEN_POSSESSIVE));
    if (!element)
        return NULL;
    Node *node = node_new(reader->arena, NODE_COLLECT);
    node->op = COLLECT_LIST;
    node_add(reader->arena, node, element);
    node_add(reader->arena, node, derived_name(reader, variable, list->english));
    node_add(reader->arena, node, list);
    return made(reader, node, from);
}

/* 's fields, s' fields and `whose …` behind a value. */
static Node *read_tail(EnglishReader *reader, Node *value, uint32_t from)
{
    while (value && !reader->failed) {
        TokenKind kind = token_now(reader)->kind;
        Str noun = noun_of(reader->arena, value);
        bool plural = kind == TOKEN_PLURAL && noun.len > 0 && words_are_plural(reader->arena, noun);
        if (plural) {
            value = read_plural_possessive(reader, value, from);
        } else if (kind == TOKEN_POSSESSIVE || kind == TOKEN_PLURAL) {
            reader->at++;
            Node *key = read_key(reader, false);
            value = key ? field_of(reader, value, value_str(key->value), from) : NULL;
        } else if (word_at(reader, reader->at, "whose")) {
            if (noun.len > 0 && !is_list_noun(reader, noun))
                return one_or_all(reader, noun, from);
            return read_whose(reader, value, COLLECT_LIST, from);
        } else {
            return value;
        }
    }
    return NULL;
}

/* ---- ordinals: the first purchase order ---- */

static Node *pick(EnglishReader *reader, int ordinal, Node *list, uint32_t from)
{
    if (ordinal > 0)
        return index_of(
            reader, list,
            derived_number(reader, ordinal, (Span){token_at(reader, from + 1)->start, token_at(reader, from + 1)->end}),
            from);
    return make_call(reader, ordinal == 0 ? FN_FIRST : FN_LAST, list, NULL, from);
}

/* `words` are behind the ordinal; `from` is the article's token. */
static Node *read_ordinal(EnglishReader *reader, int ordinal, Str words, uint32_t from)
{
    uint32_t words_from = from + 2;
    Str plural = words_are_plural(reader->arena, words) ? words : plural_of(reader->arena, words);
    if (word_at(reader, reader->at, "of") && !is_stop(reader, reader->at)) {
        reader->at++;
        Node *owner = read_primary(reader);
        Node *list = owner ? field_of(reader, owner, plural, words_from) : NULL;
        return list ? pick(reader, ordinal, list, from) : NULL;
    }
    Node *list = name_node(reader, plural, words_from, words_from);
    if (list && word_at(reader, reader->at, "whose")) {
        list = read_whose(reader, list, ordinal > 0 ? COLLECT_LIST : COLLECT_LAZY, words_from);
        return list ? pick(reader, ordinal, list, from) : NULL;
    }
    return list ? read_tail(reader, pick(reader, ordinal, list, from), from) : NULL;
}

/* The token after `the` is an ordinal that does not belong to the name of a fact met before. */
static bool is_ordinal_phrase(EnglishReader *reader, Str words, uint32_t from)
{
    if (word_ordinal(token_at(reader, from + 1)->text) == -2 || str_find_char(words, ' ') < 0)
        return false;
    if (word_at(reader, reader->at, "whose") || word_at(reader, reader->at, "of"))
        return true;
    if (reader->setting && token_now(reader)->kind != TOKEN_POSSESSIVE && token_now(reader)->kind != TOKEN_PLURAL)
        return false;
    return !map_find(&reader->facts, name_from_words(reader->arena, words));
}

/* ---- nouns ---- */

static Node *read_quoted_fact(EnglishReader *reader, uint32_t from)
{
    Node *name = read_target_name(reader);
    return name ? read_tail(reader, name, from) : NULL;
}

static Node *read_noun(EnglishReader *reader, uint32_t from)
{
    if (words_at(reader, from, "the fact") && token_at(reader, from + 2)->kind == TOKEN_TEXT)
        return read_quoted_fact(reader, from);
    reader->at = from + 1;
    Str words = read_words(reader);
    if (words.len == 0)
        return NULL;
    if (is_ordinal_phrase(reader, words, from)) {
        int ordinal = word_ordinal(token_at(reader, from + 1)->text);
        return read_ordinal(reader, ordinal, str_skip(words, (size_t)str_find_char(words, ' ') + 1), from);
    }
    if (word_at(reader, reader->at, "of") && !is_stop(reader, reader->at)) {
        reader->at++;
        Node *owner = read_primary(reader);
        return owner ? field_of(reader, owner, words, from) : NULL;
    }
    return read_tail(reader, name_node(reader, words, from + 1, from), from);
}

/* In `whose`, a noun without article is a field of the element. */
static Node *read_bare_field(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Str words = read_words(reader);
    if (words.len == 0)
        return NULL;
    Node *element = derived_name(reader, reader->element, (Span){0});
    Node *field = field_of(reader, element, words, from);
    if (!field)
        return NULL;
    element->english = field->english;
    return read_tail(reader, field, from);
}

/* ---- lists, sets, records, calls in words ---- */

/* After `the list of` and the like: items, or one element `for each …`. */
static Node *read_collection(EnglishReader *reader, NodeKind kind, CollectOp op, uint32_t from)
{
    Node *list = read_list(reader, kind);
    if (!list)
        return NULL;
    bool comprehension = words_at(reader, reader->at, "for each") || words_at(reader, reader->at, "for every");
    if (comprehension && list->n_kids == 1 && kind != NODE_TUPLE)
        return read_comprehension(reader, list->kids[0], op, from);
    if (kind == NODE_TUPLE && list->n_kids < 2)
        return fail_expected(reader, "another item, since a tuple has at least two");
    return made(reader, list, from);
}

static Node *read_pair(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *value = read_sum(reader), *key = NULL;
    if (!value)
        return NULL;
    if (!take_word(reader, "as"))
        return fail_expected(reader, "“as” and the name of the field");
    if (take_sign(reader, "(")) {
        key = read_value(reader);
        if (key && !take_sign(reader, ")"))
            return fail_expected(reader, "“)”");
    } else {
        take_word(reader, "the");
        key = read_key(reader, false);
    }
    if (!key)
        return NULL;
    Node *pair = node_new(reader->arena, NODE_PAIR);
    node_add(reader->arena, pair, key);
    node_add(reader->arena, pair, value);
    return made(reader, pair, from);
}

static Node *read_record(EnglishReader *reader, uint32_t from)
{
    Node *record = node_new(reader->arena, NODE_RECORD);
    do {
        Node *pair = read_pair(reader);
        if (!pair)
            return NULL;
        if (record->n_kids == 0 &&
            (words_at(reader, reader->at, "for each") || words_at(reader, reader->at, "for every")))
            return read_comprehension(reader, pair, COLLECT_RECORD, from);
        node_add(reader->arena, record, pair);
    } while (take_separator(reader));
    return made(reader, record, from);
}

static Node *read_empty(EnglishReader *reader, uint32_t from)
{
    if (take_word(reader, "list"))
        return made(reader, node_new(reader->arena, NODE_LIST), from);
    if (take_word(reader, "record"))
        return made(reader, node_new(reader->arena, NODE_RECORD), from);
    if (take_word(reader, "set"))
        return make_call(reader, FN_SET, NULL, NULL, from);
    return fail_expected(reader, "“list”, “record” or “set”");
}

static Node *read_function_call(EnglishReader *reader, FunctionId function, uint32_t from)
{
    Node *call = node_new(reader->arena, NODE_CALL);
    call->function = (uint16_t)function;
    if (take_word(reader, "with")) {
        do {
            Node *argument = read_sum(reader);
            if (!argument)
                return NULL;
            node_add(reader->arena, call, argument);
        } while (take_separator(reader));
    }
    const Function *row = &functions[function];
    if (call->n_kids < row->min || call->n_kids > row->max)
        return fail_at(reader, from, reader->at, "wrong-number-of-values", "", "“%s” takes %u to %u values, not %u",
                       row->spy, row->min, row->max, call->n_kids);
    if (row->style == STYLE_ACTION && !word_at(reader, from, "do"))
        return fail_at(reader, from, reader->at, "action-as-value", "make it a sentence of its own, starting with “do”",
                       "“%s” changes something and has no result", row->spy);
    Value date;
    if (ast_date_parts(call, &date)) {
        Node *literal = node_new(reader->arena, NODE_LITERAL);
        literal->value = date;
        return made(reader, literal, from);
    }
    return made(reader, call, from);
}

/* "price_order" · "files.read_table" · "erp.http.get" */
static Node *read_quoted_call(EnglishReader *reader, uint32_t from)
{
    Str rest = token_now(reader)->text, parts[3];
    uint32_t n = 0;
    while (n < 3 && rest.data)
        parts[n++] = str_cut(&rest, '.');
    bool legal = !rest.data && n > 0;
    for (uint32_t i = 0; i < n; i++)
        legal = legal && text_is_name(parts[i]);
    if (!legal)
        return fail_at(reader, reader->at, reader->at + 1, "bad-name",
                       "as in "
                       "“\"price_order\"”, “\"files.read_table\"” or “\"erp.http.get\"”",
                       "this names no procedure");
    reader->at++;
    Node *call = node_new(reader->arena, n == 1 ? NODE_PROCEDURE_CALL : NODE_BOOK_CALL);
    call->name = parts[n - 1];
    call->text = n > 1 ? parts[n - 2] : S("");
    call->alias = n > 2 ? parts[0] : S("");
    call = read_arguments(reader, call);
    return call ? made(reader, call, from) : NULL;
}

/* The longest run of words from the token in hand that `known` has as a key. */
static void *longest_known(EnglishReader *reader, const Map *known, uint32_t *out_behind, Str *out_words)
{
    Buf words = buf_in(reader->arena);
    void *found = NULL;
    for (uint32_t i = reader->at; token_at(reader, i)->kind == TOKEN_WORD && i - reader->at < NAME_WORDS_MAX; i++) {
        if (i > reader->at)
            buf_char(&words, ' ');
        buf_str(&words, token_at(reader, i)->text);
        MapEntry *entry = map_find(known, buf_view(&words));
        if (entry) {
            found = entry->value;
            *out_behind = i + 1;
            *out_words = str_copy(reader->arena, buf_view(&words));
        }
        if (str_eq(token_at(reader, i)->text, S("with")))
            break;
    }
    return found;
}

static Node *fail_unknown_call(EnglishReader *reader)
{
    uint32_t n = 0, most = reader->patterns->functions.count + reader->procedures.count;
    Str *known = NEW_ARRAY(reader->arena, Str, most + 1), near = S("");
    for (uint32_t i = 0; i < reader->procedures.count; i++)
        known[n++] = reader->procedures.entries[i].key;
    for (uint32_t i = 0; i < reader->patterns->functions.count; i++)
        known[n++] = reader->patterns->functions.entries[i].key;
    uint32_t from = reader->at, to = from;
    while (token_at(reader, to)->kind == TOKEN_WORD && !word_at(reader, to, "with") && to - from < NAME_WORDS_MAX)
        to++;
    if (to == from)
        return fail_expected(reader, "the name of a function or of a procedure");
    Str words = str_slice(reader->source, token_at(reader, from)->start, token_at(reader, to - 1)->end);
    near = nearest_spelling(words, known, n);
    const char *hint = near.len == 0
                           ? "procedures of a book stand in quotation marks: the result of \"files.read_table\""
                           : str_to_c(reader->arena, str_printf(reader->arena, "did you mean “%.*s”?", STR_ARG(near)));
    return fail_at(reader, from, to, "unknown-function", hint,
                   "“%.*s” is neither a function nor a procedure of this text", STR_ARG(words));
}

Node *read_call_by_name(EnglishReader *reader, uint32_t from)
{
    if (token_now(reader)->kind == TOKEN_TEXT)
        return read_quoted_call(reader, from);
    uint32_t behind_function = 0, behind_procedure = 0;
    Str words;
    void *function = longest_known(reader, &reader->patterns->functions, &behind_function, &words);
    void *procedure = longest_known(reader, &reader->procedures, &behind_procedure, &words);
    if (function && behind_function >= behind_procedure) {
        reader->at = behind_function;
        return read_function_call(reader, (FunctionId)((uintptr_t)function - 1), from);
    }
    if (!procedure)
        return fail_unknown_call(reader);
    reader->at = behind_procedure;
    Node *call = node_new(reader->arena, NODE_PROCEDURE_CALL);
    call->name = name_from_words(reader->arena, words);
    call = read_arguments(reader, call);
    return call ? made(reader, call, from) : NULL;
}

/* ---- patterns ---- */

static Node *node_of_pattern(EnglishReader *reader, const Pattern *pattern, Node **values, uint32_t from)
{
    Node *by_gap[VALUES_MAX] = {0};
    uint32_t n = 0, most = 0;
    for (uint8_t i = 0; i < pattern->n_pieces; i++) {
        if (pattern->pieces[i].gap >= 0 && pattern->pieces[i].gap < VALUES_MAX) {
            by_gap[pattern->pieces[i].gap] = values[n++];
            most = MAX_OF(most, (uint32_t)pattern->pieces[i].gap + 1);
        }
    }
    Node *node = node_new(reader->arena, NODE_CALL);
    switch (pattern->id) {
    case CORE_ENTRY: return index_of(reader, by_gap[0], by_gap[1], from);
    case CORE_NTH: {
        const Token *ordinal = token_at(reader, from + 1);
        return index_of(reader, by_gap[0], derived_number(reader, pattern->op, (Span){ordinal->start, ordinal->end}),
                        from);
    }
    case CORE_SLICE:
        node->kind = NODE_SLICE;
        for (int i = 0; i < 4; i++)
            node_add(reader->arena, node, by_gap[i] ? by_gap[i] : node_new(reader->arena, NODE_NOTHING));
        return made(reader, node, from);
    case CORE_PROCEDURE:
        node->kind = NODE_BOOK_CALL;
        node->text = pattern->procedure->book;
        node->name = pattern->procedure->name;
        for (uint32_t i = 0; i < most; i++) {
            if (!by_gap[i])
                continue;
            Node *argument = node_new(reader->arena, NODE_ARGUMENT);
            argument->name = pattern->procedure->parameters[i].name;
            argument->english = by_gap[i]->english;
            node_add(reader->arena, argument, by_gap[i]);
            argument->id = by_gap[i]->id + 1;
            node_add(reader->arena, node, argument);
        }
        return made(reader, node, from);
    default:
        node->function = pattern->id;
        for (uint32_t i = 0; i < most; i++)
            node_add(reader->arena, node, by_gap[i]);
        return made(reader, node, from);
    }
}

static Node *read_number(EnglishReader *reader);

/* -1 at the end of a phrase; of any other value the negative stands in parentheses there. */
static Node *read_negative(EnglishReader *reader)
{
    uint32_t from = reader->at++;
    if (token_now(reader)->kind != TOKEN_NUMBER)
        return fail_expected(reader, "a number");
    Node *node = node_new(reader->arena, NODE_NEGATE), *number = read_number(reader);
    if (!number)
        return NULL;
    node_add(reader->arena, node, number);
    return made(reader, node, from);
}

/* The value of a gap: `gap` tells what may follow it. */
static Node *read_gap(EnglishReader *reader, const PatternNode *gap, Family family)
{
    const PatternNode *outer = reader->stops;
    if (gap->kids)
        reader->stops = gap;
    Node *value;
    if (gap->key && starts_key(reader, reader->at))
        value = read_key(reader, false);
    else if (family == FAMILY_SENTENCE)
        value = read_value(reader);
    else if (family == FAMILY_CONDITION || !gap->pattern)
        value = read_sum(reader);
    else if (!gap->kids && sign_at(reader, reader->at, "-"))
        value = read_negative(reader);
    else
        value = gap->plural ? read_tight(reader) : read_primary(reader);
    reader->stops = outer;
    return value;
}

static Node *fail_in_pattern(EnglishReader *reader, const PatternNode *node)
{
    Buf words = buf_in(reader->arena);
    uint32_t n = 0;
    for (const PatternNode *kid = node->kids; kid && n < 3; kid = kid->next) {
        if (kid->kind == 'w') {
            buf_printf(&words, "%s“%.*s”", n ? " or " : "", STR_ARG(kid->word));
            n++;
        }
    }
    return fail_expected(reader, n ? str_to_c(reader->arena, buf_view(&words)) : "a value");
}

Node *read_pattern(EnglishReader *reader, const PatternNode *node, Node *first, uint32_t from, Family family)
{
    Node *values[VALUES_MAX], *result = NULL;
    uint32_t n = 0;
    if (first)
        values[n++] = first;
    for (;;) {
        const PatternNode *gap = pattern_value(node), *names = pattern_result(node);
        if (names && !result) {
            const PatternNode *outer = reader->stops;
            reader->stops = names;
            result = read_target_name(reader);
            reader->stops = outer;
            if (!result)
                return NULL;
            node = names;
        } else if (gap && n < VALUES_MAX && (!node->pattern || starts_value(reader, reader->at))) {
            values[n] = read_gap(reader, gap, family);
            if (!values[n++])
                return NULL;
            node = gap;
        } else if (node->pattern) {
            break;
        } else {
            return fail_in_pattern(reader, node);
        }
        const PatternNode *outer = reader->stops;
        if (!node->pattern)
            reader->stops = NULL; /* the pattern must go on: its next word is its own */
        uint32_t behind;
        const PatternNode *next = walk_words(reader, node, reader->at, &behind);
        reader->stops = outer;
        if (next) {
            reader->at = behind;
            node = next;
        } else if (!node->pattern && !pattern_value(node)) {
            return fail_in_pattern(reader, node);
        }
        if (node->pattern && !node->kids)
            break;
    }
    reader->named_result = result;
    return node_of_pattern(reader, node->pattern, values, from);
}

/* ---- values that stand by themselves ---- */

static Node *read_number(EnglishReader *reader)
{
    uint32_t from = reader->at++;
    Node *node = node_new(reader->arena, NODE_LITERAL);
    Error err;
    if (!decimal_parse(token_at(reader, from)->text, &node->value, &err))
        return fail_at(reader, from, from + 1, "bad-number", "", "%s", err.message);
    return made(reader, node, from);
}

static Node *read_date(EnglishReader *reader)
{
    uint32_t from = reader->at++;
    Str text = token_at(reader, from)->text;
    int64_t year, month, day;
    bool fits = str_to_i64(str_slice(text, 0, 4), &year) && str_to_i64(str_slice(text, 5, 7), &month) &&
                str_to_i64(str_slice(text, 8, 10), &day);
    if (!fits || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, (int)month))
        return fail_at(reader, from, from + 1, "bad-date", "dates are written as in 2026-04-14",
                       "there is no such date");
    Node *node = node_new(reader->arena, NODE_LITERAL);
    node->value = value_date((int)year, (int)month, (int)day);
    return made(reader, node, from);
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
    return made(reader, node, from);
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
    return made(reader, node, from);
}

static const struct Opening {
    const char *words;
    NodeKind kind;
} openings[] = {
    {"the list of", NODE_LIST},       {"the set of", NODE_SET},   {"the tuple of", NODE_TUPLE},
    {"a list of", NODE_LIST},         {"a set of", NODE_SET},     {"a record with", NODE_RECORD},
    {"the record with", NODE_RECORD}, {"an empty", NODE_NOTHING}, {"the empty list", NODE_NOTHING},
    {"the result of", NODE_CALL},
};

static Node *read_opening(EnglishReader *reader, NodeKind kind, uint32_t from)
{
    switch (kind) {
    case NODE_LIST: return read_collection(reader, kind, COLLECT_LIST, from);
    case NODE_SET: return read_collection(reader, kind, COLLECT_SET, from);
    case NODE_TUPLE: return read_collection(reader, kind, COLLECT_LIST, from);
    case NODE_RECORD: return read_record(reader, from);
    case NODE_CALL: return read_call_by_name(reader, from);
    default: reader->at = from + 2; return read_empty(reader, from);
    }
}

static Node *read_phrase(EnglishReader *reader)
{
    uint32_t from = reader->at, behind;
    bool of_is_anothers = word_at(reader, from + 2, "of") && is_stop(reader, from + 2);
    for (size_t i = 0; i < COUNT_OF(openings) && !of_is_anothers; i++) {
        if (take_words(reader, openings[i].words))
            return read_opening(reader, openings[i].kind, from);
    }
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
    Str shown = str_slice(reader->source, token_at(reader, from)->start, token_at(reader, from)->end);
    const char *hint =
        str_to_c(reader->arena, str_printf(reader->arena, "write “the %.*s” for a fact, “\"%.*s\"” for a text",
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
    case TOKEN_TEXT:
    case TOKEN_TEMPLATE: return read_text(reader);
    case TOKEN_SIGN:
        return sign_at(reader, reader->at, "(") ? read_parenthesis(reader) : fail_expected(reader, "a value");
    case TOKEN_WORD: return word_is_literal(token->text) ? read_literal_word(reader) : read_phrase(reader);
    default: return fail_expected(reader, "a value");
    }
}

Node *read_primary(EnglishReader *reader)
{
    if (!enter(reader))
        return NULL;
    Node *value = read_by_token(reader);
    reader->nesting--;
    return value;
}
