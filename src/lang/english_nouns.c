/* lang/english_nouns.c: tokens → expressions: nouns with their possessives, ordinals and filters. */
#include <string.h>

#include "lang/english_internal.h"

/* ---- whose ---- */

static Node *read_whose_part(EnglishReader *reader)
{
    reader->at++;
    bool outer = reader->deciding;
    reader->deciding = true;
    Node *part = read_comparison(reader, false);
    reader->deciding = outer;
    return part;
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
            return finish_node(reader, all, from);
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
    Str outer = reader->element, hiding = reader->hiding;
    Str variable = variable_of(reader->arena, list, false);
    reader->element = reader->hiding = variable;
    Node *condition = read_whose_condition(reader);
    reader->element = outer;
    reader->hiding = hiding;
    if (!condition)
        return NULL;
    Node *node = node_new(reader->arena, NODE_COLLECT);
    node->op = (uint8_t)op;
    node_add(reader->arena, node, derived_name(reader, variable, list->english));
    node_add(reader->arena, node, derived_name(reader, variable, list->english));
    node_add(reader->arena, node, list);
    node_add(reader->arena, node, condition);
    return finish_node(reader, node, from);
}

static bool is_fact_met(EnglishReader *reader, Str words)
{
    return map_find(&reader->facts, name_from_words(reader->arena, str_lower(reader->arena, words))) != NULL;
}

/* the stock whose …, the last month whose …: of a table whose name is no plural, no rows can be picked. */
static Node *fail_singular_table(EnglishReader *reader, Str words, Str rows, uint32_t from)
{
    const char *hint =
        str_to_c(reader->arena, str_printf(reader->arena, "where it is set, call it the %.*s; then: the %.*s whose …",
                                           STR_ARG(rows), STR_ARG(rows)));
    return fail_at(reader, from, reader->at + 1, "ambiguous", hint,
                   "rows are picked from a fact whose name is a plural, and “the %.*s” is none", STR_ARG(words));
}

/* “the invoice whose …”: one of them, or all? */
static Node *one_or_all(EnglishReader *reader, Str words, uint32_t from)
{
    if (reader->failed)
        return NULL;
    Str plural = plural_of(reader->arena, words);
    if (is_fact_met(reader, words) && !is_fact_met(reader, plural))
        return fail_singular_table(reader, words, str_printf(reader->arena, "%.*s rows", STR_ARG(words)), from);
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
    return finish_node(reader, node, from);
}

/* the orders' amounts whose status is "open": of which orders, or which amounts? */
static Node *fields_or_rows(EnglishReader *reader, Node *fields, uint32_t from)
{
    uint32_t whose = reader->at;
    Node *rows = read_whose(reader, fields->kids[2], COLLECT_LIST, from);
    if (!rows)
        return NULL;
    Node *of_rows = node_new(reader->arena, NODE_COLLECT);
    of_rows->op = COLLECT_LIST;
    node_add(reader->arena, of_rows, fields->kids[0]);
    node_add(reader->arena, of_rows, fields->kids[1]);
    node_add(reader->arena, of_rows, rows);
    finish_node(reader, of_rows, from);
    reader->at = whose;
    Node *picked = read_whose(reader, fields, COLLECT_LIST, from);
    return fail_ambiguous(reader, from, of_rows, picked);
}

/* 's fields, s' fields and `whose …` behind a value. */
Node *read_tail(EnglishReader *reader, Node *value, uint32_t from)
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
            if (value->kind == NODE_COLLECT && !sign_at(reader, from, "("))
                return fields_or_rows(reader, value, from);
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
    if (word_at(reader, reader->at, "of") && !word_is_stop(reader, reader->at)) {
        reader->at++;
        Node *owner = read_primary(reader);
        Node *list = owner ? field_of(reader, owner, plural, words_from) : NULL;
        return list ? pick(reader, ordinal, list, from) : NULL;
    }
    Node *list = name_node(reader, plural, words_from, words_from);
    if (list && word_at(reader, reader->at, "whose")) {
        Str whole = str_printf(reader->arena, "%.*s %.*s", STR_ARG(token_at(reader, from + 1)->text), STR_ARG(words));
        if (is_fact_met(reader, whole) && !is_fact_met(reader, plural))
            return fail_singular_table(reader, whole, str_printf(reader->arena, "%.*s rows", STR_ARG(words)), from);
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

/* ---- every, any, no ---- */

bool at_quantified(EnglishReader *reader)
{
    if (!word_at(reader, reader->at, "every") && !word_at(reader, reader->at, "any") &&
        !word_at(reader, reader->at, "no"))
        return false;
    uint32_t at = words_end(reader, reader->at + 1);
    return at > reader->at + 1 && (token_at(reader, at)->kind == TOKEN_POSSESSIVE || word_at(reader, at, "whose") ||
                                   at_comparison(reader, at));
}

/* all(… for invoice in invoices), any(…), not any(…): the list is the noun's plural. */
Node *read_quantified(EnglishReader *reader)
{
    uint32_t from = reader->at++, noun_from = reader->at;
    bool every = word_at(reader, from, "every"), none = word_at(reader, from, "no");
    Str words = read_words(reader);
    if (words.len == 0)
        return NULL;
    bool whose = word_at(reader, reader->at, "whose");
    bool itself = !whose && token_now(reader)->kind != TOKEN_POSSESSIVE; /* every price is at least 1 */
    if (every && whose)
        return fail_at(
            reader, from, reader->at + 1, "unfinished-quantifier",
            str_to_c(reader->arena, str_printf(reader->arena, "write “every %.*s's … is …”", STR_ARG(words))),
            "“every … whose …” does not say what holds of them");
    Str plural = words_are_plural(reader->arena, words) ? words : plural_of(reader->arena, words);
    Node *list = name_node(reader, plural, noun_from, noun_from);
    if (!list)
        return NULL;
    Str outer = reader->element, hiding = reader->hiding, variable = variable_of(reader->arena, list, false);
    reader->hiding = variable;
    if (!itself)
        reader->element = variable;
    Node *condition = whose ? read_whose_condition(reader)
                      : itself
                          ? read_comparison_of(reader, derived_name(reader, variable, list->english), noun_from, false)
                          : read_whose_part(reader);
    reader->element = outer;
    reader->hiding = hiding;
    if (!condition)
        return NULL;
    Node *collect = node_new(reader->arena, NODE_COLLECT);
    collect->op = COLLECT_LAZY;
    node_add(reader->arena, collect, condition);
    node_add(reader->arena, collect, derived_name(reader, variable, list->english));
    node_add(reader->arena, collect, list);
    collect = finish_node(reader, collect, noun_from);
    Node *call = collect ? make_call(reader, every ? FN_ALL : FN_ANY, collect, NULL, none ? noun_from : from) : NULL;
    return call && none ? make_operation(reader, NODE_NOT, 0, call, NULL, from) : call;
}

/* ---- nouns ---- */

/* the tenants whose rent is the tenant's rent, in a loop over the tenants: the variable of `whose` has the name of the
 * fact that is meant. */
static Node *fail_hidden(EnglishReader *reader, Str words, uint32_t from)
{
    uint32_t key = reader->at + 1, end = reader->at;
    bool has_key = token_now(reader)->kind == TOKEN_POSSESSIVE;
    if (has_key)
        end = token_at(reader, key)->kind == TOKEN_TEXT ? key + 1 : words_end(reader, key);
    Str noun = source_of(reader, from, end);
    Str bare = source_of(reader, key, end);
    Str last = has_key && token_at(reader, key)->kind != TOKEN_TEXT ? bare : words;
    Str wanted = str_printf(reader->arena, "the wanted %.*s", STR_ARG(last));
    const char *outside = reader->trial ? NULL : corrected(reader, from, end, wanted);
    const char *inside = outside && has_key && reader->element.len > 0 ? corrected(reader, from, end, bare) : NULL;
    const char *hint = "";
    if (outside)
        hint = str_to_c(reader->arena,
                        str_printf(reader->arena,
                                   "for the one from outside, on a line before it: %.*s is %.*s; then: %s%s%s",
                                   STR_ARG(wanted), STR_ARG(noun), outside, inside ? "; for the one in the list: " : "",
                                   inside ? inside : ""));
    return fail_at(reader, from, reader->at, "hidden-fact", hint,
                   "“the %.*s” could be the one from outside or each one in the list", STR_ARG(words));
}

static Node *read_quoted_fact(EnglishReader *reader, uint32_t from)
{
    Node *name = read_target_name(reader);
    return name ? read_tail(reader, name, from) : NULL;
}

/* the orders, the orders whose status is "open" */
static bool is_many(EnglishReader *reader, const Node *owner)
{
    Str noun = noun_of(reader->arena, owner);
    return (noun.len > 0 && words_are_plural(reader->arena, noun)) ||
           (owner->kind == NODE_COLLECT && owner->op == COLLECT_LIST);
}

/* the amounts of the orders: the orders' amounts */
static Node *map_field(EnglishReader *reader, Node *owner, Str words, uint32_t from)
{
    Str variable = variable_of(reader->arena, owner->kind == NODE_COLLECT ? owner->kids[2] : owner, true);
    Node *node = node_new(reader->arena, NODE_COLLECT);
    node->op = COLLECT_LIST;
    Node *element = derived_name(reader, variable, owner->english);
    element = field_of(reader, element, singular_of(reader->arena, words), from);
    if (!element)
        return NULL;
    node_add(reader->arena, node, element);
    node_add(reader->arena, node, derived_name(reader, variable, owner->english));
    node_add(reader->arena, node, owner);
    return finish_node(reader, node, from);
}

Node *read_noun(EnglishReader *reader, uint32_t from)
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
    if (word_at(reader, reader->at, "of") && !word_is_stop(reader, reader->at)) {
        reader->at++;
        Node *owner = read_primary(reader);
        bool maps = owner && !reader->setting && words_are_plural(reader->arena, words) && is_many(reader, owner);
        return maps ? map_field(reader, owner, words, from) : owner ? field_of(reader, owner, words, from) : NULL;
    }
    Node *name = name_node(reader, words, from + 1, from);
    if (name && str_eq(name->name, reader->hiding) && map_find(&reader->facts, name->name))
        return fail_hidden(reader, words, from);
    return read_tail(reader, name, from);
}

/* In `whose`, a noun without article is a field of the element. */
Node *read_bare_field(EnglishReader *reader)
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
