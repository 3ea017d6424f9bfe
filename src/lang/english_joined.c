/* lang/english_joined.c: tokens → expressions: what “and” and “or” join.
 *
 * They join what is yes or no. Read as Python reads them, “append 5 and 6 to the amounts” would append 6, and “the name
 * or the email is empty” would ask whether there is a name. So a part that is never yes or no, and a bare fact beside a
 * comparison that it may belong to, are refused, with what would be right; parentheses around the part say that it is
 * meant as it stands, and the printer puts them there. */
#include <string.h>

#include "lang/english_joined.h"

static Node *read_not(EnglishReader *reader)
{
    uint32_t from = reader->at;
    if (!take_word(reader, "not"))
        return read_comparison(reader, true);
    if (!enter_nesting(reader))
        return NULL;
    Node *operand = read_not(reader);
    reader->nesting--;
    return operand ? make_operation(reader, NODE_NOT, 0, operand, NULL, from) : NULL;
}

/* ---- kinds of parts ---- */

static bool is_closed(const Joined *all, uint32_t i)
{
    return all->places && all->places[i].closed;
}

static bool is_fact(const Joined *all, uint32_t i)
{
    const Node *node = all->nodes[i];
    bool picks = node->kind == NODE_CALL && (node->function == FN_FIRST || node->function == FN_LAST);
    return !is_closed(all, i) &&
           (node->kind == NODE_NAME || node->kind == NODE_FIELD || node->kind == NODE_INDEX || picks);
}

Node *joined_comparison(const Joined *all, uint32_t i)
{
    Node *node = all->nodes[i];
    if (node->kind == NODE_NOT)
        node = node->kids[0];
    FunctionStyle style = node->kind == NODE_CALL ? functions[node->function].style : STYLE_CALL;
    bool compares = node->kind == NODE_COMPARE || style == STYLE_CONDITION || style == STYLE_METHOD_CONDITION;
    return compares && !is_closed(all, i) ? node : NULL;
}

Node *joined_compared_with(const Joined *all, uint32_t i)
{
    const Node *comparison = joined_comparison(all, i);
    return comparison && comparison->n_kids == 2 ? comparison->kids[1] : NULL;
}

static bool call_may_decide(const Node *call)
{
    FunctionStyle style = functions[call->function].style;
    bool gives = call->function == FN_FIRST || call->function == FN_LAST || call->function == FN_GET ||
                 call->function == FN_FIND;
    bool quantifies = (call->function == FN_ANY || call->function == FN_ALL) && call->kids[0]->kind == NODE_COLLECT;
    return gives || quantifies || style == STYLE_CONDITION || style == STYLE_METHOD_CONDITION;
}

static bool never_decides(const Node *node)
{
    switch (node->kind) {
    case NODE_NAME:
    case NODE_FIELD:
    case NODE_INDEX:
    case NODE_COMPARE:
    case NODE_AND:
    case NODE_OR:
    case NODE_CHOOSE:
    case NODE_ASK:
    case NODE_PROCEDURE_CALL: return false;
    case NODE_LITERAL: return node->value.kind != VALUE_BOOL;
    case NODE_NOT: return never_decides(node->kids[0]);
    case NODE_CALL: return !call_may_decide(node);
    default: return true;
    }
}

/* the nickname or "none": the last of several stands in where there is nothing. */
static bool stands_in(const Joined *all, uint32_t i)
{
    bool may = !all->has_and && i + 1 == all->n;
    for (uint32_t before = 0; may && before < i; before++)
        may = is_closed(all, before) || !(never_decides(all->nodes[before]) || joined_comparison(all, before));
    return may;
}

static bool is_wrong(const Joined *all, uint32_t i)
{
    bool filter_goes_on = all->places && i + 1 < all->n && all->places[i].filter && !all->places[i + 1].quantified;
    return filter_goes_on || (!is_closed(all, i) && never_decides(all->nodes[i]) && !stands_in(all, i));
}

/* Which part's comparison a bare fact may belong to: the next one behind it, or else before it; all->n for none. */
static uint32_t comparison_beside(const Joined *all, uint32_t i)
{
    if (!is_fact(all, i))
        return all->n;
    for (uint32_t at = i + 1; at < all->n; at++) {
        if (joined_comparison(all, at))
            return at;
    }
    for (uint32_t at = i; at > 0; at--) {
        if (joined_comparison(all, at - 1))
            return at - 1;
    }
    return all->n;
}

/* the total and the count: both of them, or whether both hold? */
static bool may_be_list(const Joined *all)
{
    bool facts = all->has_and;
    for (uint32_t i = 0; facts && i < all->n; i++)
        facts = is_fact(all, i);
    return facts;
}

bool joined_needs_marks(const Node *joined, uint32_t i, bool deciding)
{
    Joined all = {.nodes = joined->kids, .n = joined->n_kids, .has_and = joined->kind == NODE_AND};
    return is_wrong(&all, i) || comparison_beside(&all, i) < all.n || (!deciding && may_be_list(&all));
}

/* ---- both readings ---- */

static void add_flat(EnglishReader *reader, Node *all, Node *part)
{
    if (part->kind != all->kind) {
        node_add(reader->arena, all, part);
        return;
    }
    for (uint32_t i = 0; i < part->n_kids; i++)
        node_add(reader->arena, all, part->kids[i]);
}

/* The parts, where `outer` binds weaker than the other. */
static Node *group(EnglishReader *reader, const Joined *of, NodeKind outer, uint32_t from)
{
    char weak = outer == NODE_OR ? '|' : '&';
    NodeKind inner_kind = outer == NODE_OR ? NODE_AND : NODE_OR;
    Node *all = node_new(reader->arena, outer), *inner = NULL;
    for (uint32_t i = 0; i < of->n; i++) {
        bool joins_next = i + 1 < of->n && of->places[i].joint != weak;
        if (joins_next && !inner)
            inner = node_new(reader->arena, inner_kind);
        if (inner)
            add_flat(reader, inner, of->nodes[i]);
        if (!joins_next) {
            add_flat(reader, all, inner ? finish_node(reader, inner, from) : of->nodes[i]);
            inner = NULL;
        }
        if (reader->failed)
            return NULL;
    }
    return finish_node(reader, all->n_kids == 1 ? all->kids[0] : all, from);
}

static Node *with_kid(EnglishReader *reader, const Node *node, uint32_t i, Node *kid)
{
    Node *copy = NEW(reader->arena, Node);
    *copy = *node;
    copy->kids = NULL;
    copy->n_kids = 0;
    for (uint32_t k = 0; k < node->n_kids; k++)
        node_add(reader->arena, copy, k == i ? kid : node->kids[k]);
    return copy;
}

/* The fact in the place of what is compared, or of what it is compared with. */
static Node *compared(EnglishReader *reader, const Joined *all, uint32_t fact, uint32_t with)
{
    const Node *whole = all->nodes[with], *comparison = joined_comparison(all, with);
    uint32_t place = with < fact && comparison->n_kids == 2 ? 1 : 0;
    Node *own = with_kid(reader, comparison, place, all->nodes[fact]);
    return whole == comparison ? own : with_kid(reader, whole, 0, own);
}

bool joined_is_negative(const Joined *all, uint32_t i)
{
    const Node *comparison = joined_comparison(all, i);
    return all->nodes[i]->kind == NODE_NOT ||
           (comparison && comparison->kind == NODE_COMPARE &&
            (comparison->ops[0] == CMP_NOT_EQUAL || comparison->ops[0] == CMP_NOT_IN));
}

/* the name or the email is empty: is the email alone compared, or are both? */
static Node *fail_beside(EnglishReader *reader, const Joined *all, Node *as_written, uint32_t from)
{
    if (reader->trial)
        return fail_at(reader, from, reader->at, "ambiguous", "", "ambiguous");
    Joined every = *all;
    every.nodes = NEW_ARRAY(reader->arena, Node *, all->n);
    NodeKind kind = all->has_and ? NODE_AND : NODE_OR;
    for (uint32_t i = 0; i < all->n; i++) {
        uint32_t with = comparison_beside(all, i);
        every.nodes[i] = with < all->n ? compared(reader, all, i, with) : all->nodes[i];
        if (with < i && joined_is_negative(all, with) && all->n == 2)
            kind = NODE_AND; /* is not the limit or the count: neither of them */
    }
    Node *both = node_new(reader->arena, kind);
    for (uint32_t i = 0; i < all->n; i++)
        node_add(reader->arena, both, every.nodes[i]);
    return fail_ambiguous(reader, from, finish_node(reader, both, from), as_written);
}

static Node *fail_list_or_not(EnglishReader *reader, const Joined *all, Node *as_written, uint32_t from)
{
    Node *list = node_new(reader->arena, NODE_LIST);
    for (uint32_t i = 0; i < all->n; i++)
        node_add(reader->arena, list, all->nodes[i]);
    return fail_ambiguous(reader, from, finish_node(reader, list, from), as_written);
}

/* ---- reading ---- */

/* “and” or “or” joins what stands before it, unless the sentence in hand goes on with it: and the body "…". */
static bool at_joint(const EnglishReader *reader)
{
    uint32_t at = reader->at;
    if (!word_at(reader, at, "and"))
        return word_at(reader, at, "or");
    if (at_further_each(reader, at))
        return false;
    const PatternNode *kid = reader->stops ? pattern_kid(reader->stops, S("and")) : NULL;
    return !kid || !phrase_stands(reader, kid, at);
}

static bool stands_in_parentheses(const EnglishReader *reader, uint32_t from, uint32_t to)
{
    uint32_t open = 0;
    while (word_at(reader, from, "not"))
        from++;
    for (uint32_t at = from; at < to; at++) {
        open += sign_at(reader, at, "(");
        open -= open > 0 && sign_at(reader, at, ")");
        if (open == 0)
            return at > from && at + 1 == to;
    }
    return false;
}

/* Whether the part's last words are a condition behind `whose`, which what follows could belong to. */
static bool ends_in_filter(const EnglishReader *reader, const Node *node, uint32_t end)
{
    if (node->english.end != end)
        return false;
    const Node *condition = NULL;
    if (node->kind == NODE_COLLECT)
        condition = node->n_kids > 3 ? node->kids[3] : node->kids[0];
    if (condition && condition->english.end == end) {
        Str before = str_slice(reader->source, sentence_start(reader), condition->english.start);
        if (str_ends(str_lower(reader->arena, str_trim(before)), S("whose")))
            return true;
    }
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (ends_in_filter(reader, node->kids[i], end))
            return true;
    }
    return false;
}

static void add_part(EnglishReader *reader, Joined *all, Node *node, uint32_t from)
{
    if ((all->n & (all->n - 1)) == 0) { /* full at every power of two */
        Node **nodes = NEW_ARRAY(reader->arena, Node *, 2 * all->n + 1);
        Place *places = NEW_ARRAY(reader->arena, Place, 2 * all->n + 1);
        for (uint32_t i = 0; i < all->n; i++) {
            nodes[i] = all->nodes[i];
            places[i] = all->places[i];
        }
        all->nodes = nodes;
        all->places = places;
    }
    all->nodes[all->n] = node;
    bool closed = stands_in_parentheses(reader, from, reader->at);
    bool quantified = word_at(reader, from, "every") || word_at(reader, from, "any") || word_at(reader, from, "no");
    bool filter = !closed && ends_in_filter(reader, node, token_at(reader, reader->at - 1)->end);
    all->places[all->n++] = (Place){from, reader->at, 0, closed, filter, quantified};
}

/* Several parts; both joints without parentheses are ambiguous. */
static Node *join(EnglishReader *reader, const Joined *all, bool has_or, uint32_t from)
{
    for (uint32_t i = 0; i < all->n; i++) {
        if (is_wrong(all, i))
            return fail_no_condition(reader, all, i);
    }
    Node *as_written = group(reader, all, has_or ? NODE_OR : NODE_AND, from);
    if (all->has_and && has_or)
        return fail_ambiguous(reader, from, as_written, group(reader, all, NODE_AND, from));
    for (uint32_t i = 0; i < all->n; i++) {
        if (comparison_beside(all, i) < all->n)
            return fail_beside(reader, all, as_written, from);
    }
    if (!reader->deciding && may_be_list(all))
        return fail_list_or_not(reader, all, as_written, from);
    return as_written;
}

Node *read_joined(EnglishReader *reader)
{
    uint32_t from = reader->at;
    Node *part = read_not(reader);
    if (!part || !at_joint(reader))
        return part;
    Joined all = {0};
    bool has_or = false;
    add_part(reader, &all, part, from);
    while (at_joint(reader)) {
        bool is_and = word_at(reader, reader->at++, "and");
        all.places[all.n - 1].joint = is_and ? '&' : '|';
        all.has_and |= is_and;
        has_or |= !is_and;
        uint32_t start = reader->at;
        part = read_not(reader);
        if (!part)
            return NULL;
        add_part(reader, &all, part, start);
    }
    return join(reader, &all, has_or, from);
}
