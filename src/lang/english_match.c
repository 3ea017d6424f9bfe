/* lang/english_match.c: tokens → expressions: what stands in the gaps of a pattern. */
#include <string.h>

#include "lang/english_internal.h"

enum { VALUES_MAX = 16 };

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
        return finish_node(reader, node, from);
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
        return finish_node(reader, node, from);
    default:
        node->function = pattern->id;
        for (uint32_t i = 0; i < most; i++)
            node_add(reader->arena, node, by_gap[i]);
        return finish_node(reader, node, from);
    }
}

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
    return finish_node(reader, node, from);
}

/* A sentence of a book or a phrase that names columns, where texts with “and” between them are a list, as long as
 * nothing else is joined to them: "a" and "b" are never yes or no. */
static bool at_texts(EnglishReader *reader, const PatternNode *gap)
{
    const PatternNode *end = gap;
    while (end && !end->pattern)
        end = end->kids;
    if (!end || !(end->pattern->procedure || end->pattern->id == FN_SELECT_COLUMNS))
        return false;
    uint32_t at = reader->at, n = 0;
    for (; token_at(reader, at)->kind == TOKEN_TEXT; n++) {
        uint32_t next = at + 1;
        next += sign_at(reader, next, ",");
        next += word_at(reader, next, "and");
        if (next == at + 1)
            return n > 0 && !word_at(reader, next, "or") && !word_at(reader, next, "for") &&
                   !word_at(reader, next, "if");
        at = next;
    }
    return n > 1 && pattern_kid(gap, S("and")); /* the last “and” is the pattern's own */
}

/* Whether the pattern goes on from `and` on: on "number" and "total" within 0.05. */
static bool and_is_the_patterns(const EnglishReader *reader, const PatternNode *gap)
{
    const PatternNode *joint = word_at(reader, reader->at, "and") ? pattern_kid(gap, S("and")) : NULL;
    const PatternNode *value = joint ? pattern_value(joint) : NULL;
    return (value && pattern_kid(value, token_at(reader, reader->at + 2)->text)) ||
           (joint && phrase_stands(reader, joint, reader->at));
}

static Node *read_texts(EnglishReader *reader, const PatternNode *gap)
{
    uint32_t from = reader->at;
    Node *list = node_new(reader->arena, NODE_LIST);
    do {
        Node *item = read_text(reader);
        if (!item)
            return NULL;
        node_add(reader->arena, list, item);
    } while (!and_is_the_patterns(reader, gap) && take_separator(reader));
    return list->n_kids == 1 ? list->kids[0] : finish_node(reader, list, from);
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
    else if (family != FAMILY_CONDITION && at_texts(reader, gap))
        value = read_texts(reader, gap);
    else if (family == FAMILY_SENTENCE)
        value = read_value(reader);
    else if (family == FAMILY_CONDITION || !gap->pattern)
        value = read_sum(reader);
    else if (sign_at(reader, reader->at, "-"))
        value = read_negative(reader);
    else
        value = gap->plural ? read_tight(reader) : read_primary(reader);
    reader->stops = outer;
    return value;
}

/* the smallest of the price and the limit; the largest of 3, 5 and 9 */
static Node *read_extreme_of_several(EnglishReader *reader, Node *call, uint32_t from)
{
    uint32_t next = reader->at;
    next += sign_at(reader, next, ",");
    next += word_at(reader, next, "and");
    bool several = call && (call->function == FN_MIN || call->function == FN_MAX) && next > reader->at &&
                   starts_value(reader, next) && !word_is_stop(reader, reader->at) &&
                   is_one_value(reader->arena, call->kids[0]);
    if (!several)
        return call;
    while (!word_is_stop(reader, reader->at) && take_separator(reader)) {
        Node *value = read_primary(reader);
        if (!value)
            return NULL;
        if (call->n_kids == functions[call->function].max)
            return fail_at(reader, from, reader->at, "too-many-values", "make a list of them first",
                           "at most %d values are compared here", functions[call->function].max);
        node_add(reader->arena, call, value);
    }
    return finish_node(reader, call, from);
}

static Node *fail_in_pattern(EnglishReader *reader, const PatternNode *node)
{
    Buf words = buf_in(reader->arena);
    uint32_t n = 0;
    for (const PatternNode *kid = node->kids; kid && n < 3; kid = kid->next) {
        if (kid->kind == 'w') {
            buf_printf(&words, "%s“%.*s", n ? " or " : "", STR_ARG(kid->word));
            /* All that must follow, up to the value. */
            const PatternNode *next = kid;
            while (!next->pattern && next->kids && !next->kids->next && next->kids->kind == 'w') {
                next = next->kids;
                buf_printf(&words, " %.*s", STR_ARG(next->word));
            }
            buf_str(&words, next->kids && !next->pattern ? S(" …”") : S("”"));
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
    if (node->rival) {
        Node *one = node_of_pattern(reader, node->pattern, values, from);
        return fail_ambiguous(reader, from, one, node_of_pattern(reader, node->rival, values, from));
    }
    Node *made = node_of_pattern(reader, node->pattern, values, from);
    return made && made->kind == NODE_CALL && family == FAMILY_PHRASE ? read_extreme_of_several(reader, made, from)
                                                                      : made;
}
