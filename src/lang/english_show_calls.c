/* lang/english_show_calls.c: expressions → text: functions by their patterns, calls in words, sentences of the catalog.
 */
#include <string.h>

#include "lang/english_internal.h"
#include "value/decimal.h"

/* ---- which pattern ---- */

static bool is_one(const Node *node)
{
    int64_t n;
    return node && node->kind == NODE_LITERAL && node->value.scale == 0 && value_to_int(node->value, &n) && n == 1;
}

/* 1 day, rounded to 1 decimal; {0} are empty, {0} have {1}: the last alternative that takes as many values. */
static bool wants_last(EnglishPrinter *printer, const Node *node)
{
    FunctionId id = (FunctionId)node->function;
    FunctionStyle style = functions[id].style;
    if (function_is_rounding(id))
        return is_one(node_kid(node, 1));
    if (id >= FN_SECONDS && id <= FN_YEARS_BEFORE)
        return is_one(node_kid(node, 0));
    bool has_verb = style == STYLE_CONDITION || style == STYLE_METHOD_CONDITION || id == FN_COUNT_OF;
    return has_verb && noun_is_plural(printer, node->kids[0]);
}

static const Pattern *pattern_of_function(EnglishPrinter *printer, const Node *node)
{
    const Pattern *found = NULL;
    bool last = node->n_kids > 0 && wants_last(printer, node);
    for (const Pattern *p = printer->patterns->of_function[node->function]; p; p = p->next) {
        if (p->n_gaps == node->n_kids && (!found || last))
            found = p;
    }
    return found;
}

static const Pattern *pattern_of_index(EnglishPrinter *printer, const Node *node)
{
    int64_t n = 0;
    const Node *index = node->kids[1];
    bool whole = index->kind == NODE_LITERAL && index->value.kind == VALUE_NUMBER && index->value.scale == 0 &&
                 value_to_int(index->value, &n);
    for (const Pattern *p = printer->patterns->of_function[CORE_NTH]; p && whole && !printer->guarded; p = p->next) {
        if (p->op == n)
            return p;
    }
    return printer->patterns->of_function[CORE_ENTRY];
}

static const Pattern *pattern_of_slice(EnglishPrinter *printer, const Node *node)
{
    for (const Pattern *p = printer->patterns->of_function[CORE_SLICE]; p; p = p->next) {
        bool given[4] = {false}, fits = true;
        for (uint8_t i = 0; i < p->n_pieces; i++) {
            if (p->pieces[i].gap >= 0)
                given[p->pieces[i].gap] = true;
        }
        for (int i = 0; i < 4; i++)
            fits = fits && given[i] == (node->kids[i]->kind != NODE_NOTHING);
        if (fits)
            return p;
    }
    return NULL;
}

/* Every argument is one of the procedure's, in its order. */
static bool arguments_are_known(const Node *call, const Procedure *procedure)
{
    uint32_t i = 0;
    for (uint32_t p = 0; p < procedure->n_parameters && i < call->n_kids; p++)
        i += str_eq(call->kids[i]->name, procedure->parameters[p].name);
    return i == call->n_kids;
}

static Node *argument_for(const Node *call, const Pattern *pattern, int16_t gap)
{
    for (uint32_t i = 0; i < call->n_kids; i++) {
        if (str_eq(call->kids[i]->name, pattern->procedure->parameters[gap].name))
            return call->kids[i];
    }
    return NULL;
}

static bool pattern_fits(const Pattern *pattern, const Node *call, bool has_result)
{
    bool names = false;
    for (uint8_t i = 0; i < pattern->n_pieces; i++) {
        int16_t gap = pattern->pieces[i].gap;
        names |= gap == GAP_RESULT;
        if (gap >= 0 && !argument_for(call, pattern, gap))
            return false;
    }
    return names == has_result;
}

static uint32_t values_in(const Pattern *pattern)
{
    uint32_t n = 0;
    for (uint8_t i = 0; i < pattern->n_pieces; i++)
        n += pattern->pieces[i].gap >= 0;
    return n;
}

static bool says_all(const Pattern *pattern, const Node *call)
{
    return call->alias.len == 0 && arguments_are_known(call, pattern->procedure) &&
           pattern_fits(pattern, call, false) && values_in(pattern) == call->n_kids;
}

const Pattern *pattern_of_sentence(EnglishPrinter *printer, const Node *call, bool has_result)
{
    if (printer->guarded)
        return NULL;
    if (call->kind == NODE_CALL)
        return pattern_of_function(printer, call);
    for (const Pattern *p = pattern_of_procedure(printer->patterns, call->text, call->name); p; p = p->next) {
        if (p->is_phrase && says_all(p, call))
            return NULL; /* the deadline is today */
        if (!p->is_phrase && arguments_are_known(call, p->procedure) && pattern_fits(p, call, has_result))
            return p;
    }
    return NULL;
}

/* “today”: a procedure that stands for its result, said whole. */
static const Pattern *pattern_of_phrase(EnglishPrinter *printer, const Node *call)
{
    if (printer->guarded)
        return NULL;
    for (const Pattern *p = pattern_of_procedure(printer->patterns, call->text, call->name); p; p = p->next) {
        if (p->is_phrase && says_all(p, call))
            return p;
    }
    return NULL;
}

const Pattern *pattern_of(EnglishPrinter *printer, const Node *node)
{
    switch (node->kind) {
    case NODE_CALL: return pattern_of_function(printer, node);
    case NODE_INDEX: return pattern_of_index(printer, node);
    case NODE_SLICE: return pattern_of_slice(printer, node);
    case NODE_BOOK_CALL: return pattern_of_phrase(printer, node);
    default: return NULL;
    }
}

/* ---- printing by a pattern ---- */

/* A value at the end of a phrase needs no parentheses where it is itself a noun or a phrase. */
static bool trails_freely(EnglishPrinter *printer, const Node *node, bool plural)
{
    if (printer->guarded)
        return false;
    if (node->kind == NODE_NEGATE && node->kids[0]->kind == NODE_LITERAL && node->kids[0]->value.kind == VALUE_NUMBER)
        return true;
    if (level_of(printer, node) >= (plural && !printer->setting ? LEVEL_TIGHT : LEVEL_PRIMARY))
        return true;
    if (node->kind == NODE_COLLECT)
        return form_of_collect(printer, node) == COLLECT_WHOSE;
    if (is_ordinal_whose(printer, node))
        return true;
    const Pattern *pattern = pattern_of(printer, node);
    return pattern && pattern->pieces[0].gap < 0 && pattern->id != CORE_SLICE && pattern->id != CORE_PROCEDURE;
}

void show_closed(EnglishPrinter *printer, Node *kid)
{
    bool number = kid->kind == NODE_LITERAL && kid->value.kind == VALUE_NUMBER;
    show_words(printer, number ? "" : "(");
    show_value(printer, kid, LEVEL_OPEN);
    show_words(printer, number ? "" : ")");
}

/* sorted by due date */
static bool is_bare_key(EnglishPrinter *printer, const Pattern *pattern, const Piece *piece, const Node *kid)
{
    return !printer->guarded && pattern_takes_key(pattern, piece->gap) && node_is_text(kid) &&
           words_need_no_marks(printer->patterns, value_str(kid->value));
}

static void show_bare_key(EnglishPrinter *printer, Node *kid)
{
    show_mark_start(printer, kid);
    buf_str(&printer->out, value_str(kid->value));
    show_mark_end(printer, kid);
}

/* drop the columns "a" and "b" from … */
static bool is_list_of_texts(const Node *node)
{
    for (uint32_t i = 0; i < node->n_kids; i++)
        if (!node_is_text(node->kids[i]))
            return false;
    return node->kind == NODE_LIST && node->n_kids > 1;
}

static void show_list_of_texts(EnglishPrinter *printer, Node *list)
{
    show_mark_start(printer, list);
    show_items(printer, list->kids, list->n_kids);
    show_mark_end(printer, list);
}

static void show_gap(EnglishPrinter *printer, const Pattern *pattern, uint8_t at, Node *kid)
{
    bool is_function = pattern->id < FN_N_FUNCTIONS, last = at + 1 == pattern->n_pieces;
    const Piece *piece = &pattern->pieces[at];
    bool is_sentence = pattern->id == CORE_PROCEDURE && !pattern->is_phrase;
    FunctionStyle style = is_function ? functions[pattern->id].style : STYLE_CALL;
    bool part = kid->kind == NODE_CALL && kid->function == FN_PERCENT_OF;
    if (pattern->id == FN_WITHIN && part && at > 0 && !last)
        show_closed(printer, kid); /* within (30% of the old pay) of the old pay */
    else if (style == STYLE_CONDITION || style == STYLE_METHOD_CONDITION)
        show_value(printer, kid, LEVEL_SUM);
    else if ((pattern->id == CORE_PROCEDURE || (pattern->id == FN_SELECT_COLUMNS && last)) && !printer->guarded &&
             is_list_of_texts(kid))
        show_list_of_texts(printer, kid);
    else if (is_sentence && kid->kind == NODE_AND)
        show_value(printer, kid, LEVEL_NOT); /* without parentheses, texts would be a list */
    else if (style == STYLE_ACTION && piece->gap == 1 && english_names_several(printer->arena, kid))
        show_closed(printer, kid);
    else if (style == STYLE_ACTION || is_sentence)
        show_value(printer, kid, last || kid->kind != NODE_COLLECT ? LEVEL_OPEN : LEVEL_CHOOSE);
    else if (is_bare_key(printer, pattern, piece, kid))
        show_bare_key(printer, kid);
    else if (at == 0 && is_function && function_is_unit((FunctionId)pattern->id))
        show_closed(printer, kid);
    else if (at == 0)
        show_value(printer, kid, piece->plural && piece->gap == 0 ? LEVEL_TIGHT : LEVEL_LOOSE);
    else if (last && trails_freely(printer, kid, piece->plural))
        show_value(printer, kid, LEVEL_OPEN);
    else if (!last && (kid->kind == NODE_CALL || kid->kind == NODE_INDEX) && !is_ordinal(printer, kid))
        show_closed(printer, kid); /* its last word could be taken for the pattern's next */
    else
        show_value(printer, kid, LEVEL_PRIMARY);
}

static void show_piece(EnglishPrinter *printer, const Pattern *pattern, uint8_t at, Node *node, Node *result)
{
    const Piece *piece = &pattern->pieces[at];
    size_t before = printer->out.len;
    if (piece->gap == GAP_WORD) {
        buf_str(&printer->out, piece->word);
        bool ordinal = at == 1 && pattern->id == CORE_NTH && printer->spans;
        if (ordinal)
            node->kids[1]->english = (Span){(uint32_t)before, (uint32_t)printer->out.len};
    } else if (piece->gap == GAP_RESULT) {
        show_target_name(printer, result, true);
    } else {
        Node *kid = pattern->id == CORE_PROCEDURE ? argument_for(node, pattern, piece->gap) : node->kids[piece->gap];
        bool is_argument = kid && kid->kind == NODE_ARGUMENT;
        if (kid)
            show_gap(printer, pattern, at, is_argument ? kid->kids[0] : kid);
        if (is_argument)
            show_mark_like(printer, kid, kid->kids[0]);
    }
}

void show_pattern(EnglishPrinter *printer, const Pattern *pattern, Node *node, Node *result)
{
    for (uint8_t i = 0; i < pattern->n_pieces; i++) {
        bool sign = pattern->pieces[i].gap == GAP_WORD && str_eq(pattern->pieces[i].word, S("%"));
        if (i > 0 && !sign)
            show_words(printer, " ");
        show_piece(printer, pattern, i, node, result);
    }
}

void show_negated_pattern(EnglishPrinter *printer, Node *node, bool plural)
{
    const Pattern *singular_one = printer->patterns->of_function[node->function], *pattern = singular_one;
    bool is = str_eq(singular_one->pieces[1].word, S("is"));
    while (pattern->next && (plural || !is))
        pattern = pattern->next; /* the last alternative has the verb without its s: contain */
    if (!is)
        show_words(printer, plural ? " do not" : " does not");
    for (uint8_t i = 1; i < pattern->n_pieces; i++) {
        show_words(printer, " ");
        show_piece(printer, pattern, i, node, NULL);
        show_words(printer, i == 1 && is ? " not" : "");
    }
}

/* ---- calls in words ---- */

/* Whether the words of a procedure's name read back as that procedure. */
bool procedure_is_plain(EnglishPrinter *printer, Str name)
{
    if (printer->guarded || !name_is_regular(name))
        return false;
    Str words = name_to_words(printer->arena, name), rest = words;
    if (!map_find(&printer->procedures, words) || map_find(&printer->patterns->functions, words))
        return false;
    while (rest.data && rest.len > 0) {
        if (str_eq(str_cut(&rest, ' '), S("with")))
            return false;
    }
    return true;
}

/* A value that is the fact of its own name needs no `as`, unless an `as` of another kind could follow. */
void show_argument(EnglishPrinter *printer, Node *argument, bool may_be_short)
{
    Node *value = argument->kids[0];
    show_mark_start(printer, argument);
    show_value(printer, value, LEVEL_SUM);
    if (!may_be_short || printer->guarded || value->kind != NODE_NAME || !str_eq(value->name, argument->name)) {
        Str words = name_to_words(printer->arena, argument->name);
        show_words(printer, " as ");
        if (!printer->guarded && name_is_regular(argument->name) && words_are_free(printer->patterns, words)) {
            show_words(printer, "the ");
            buf_str(&printer->out, words);
        } else {
            show_text(printer, argument->name);
        }
    }
    show_mark_end(printer, argument);
}

void show_arguments(EnglishPrinter *printer, Node *call, bool ends_line)
{
    for (uint32_t i = 0; i < call->n_kids; i++) {
        show_words(printer, i == 0 ? " with " : i + 1 == call->n_kids ? " and " : ", ");
        show_argument(printer, call->kids[i], ends_line || i + 1 < call->n_kids);
    }
}

void show_call_in_words(EnglishPrinter *printer, Node *call, bool ends_line)
{
    if (call->kind == NODE_CALL) {
        buf_str(&printer->out, name_to_words(printer->arena, str_from_c(functions[call->function].spy)));
        if (call->n_kids > 0)
            show_words(printer, " with ");
        show_items(printer, call->kids, call->n_kids);
        return;
    }
    if (call->kind == NODE_PROCEDURE_CALL && procedure_is_plain(printer, call->name))
        buf_str(&printer->out, name_to_words(printer->arena, call->name));
    else if (call->kind == NODE_PROCEDURE_CALL)
        show_text(printer, call->name);
    else
        buf_printf(&printer->out, "\"%.*s%s%.*s.%.*s\"", STR_ARG(call->alias), call->alias.len ? "." : "",
                   STR_ARG(call->text), STR_ARG(call->name));
    show_arguments(printer, call, ends_line);
}
