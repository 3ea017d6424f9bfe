/* lang/english_show.c: expressions → text: operators, literals, names.
 *
 * The short form of a thing is chosen where the reader takes it for the same thing; english_print.c checks every
 * sentence and prints it again, guarded, where that fails. */
#include <string.h>

#include "lang/english_internal.h"
#include "value/calendar.h"
#include "value/decimal.h"

void show_words(EnglishPrinter *printer, const char *text)
{
    buf_add(&printer->out, text, strlen(text));
}

void show_mark_start(EnglishPrinter *printer, Node *node)
{
    if (printer->spans)
        node->english.start = (uint32_t)printer->out.len;
}

void show_mark_end(EnglishPrinter *printer, Node *node)
{
    if (printer->spans)
        node->english.end = (uint32_t)printer->out.len;
}

void show_mark_like(EnglishPrinter *printer, Node *node, const Node *other)
{
    if (printer->spans)
        node->english = other->english;
}

/* ---- literals ---- */

static void show_escaped(EnglishPrinter *printer, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        switch (c) {
        case '"': show_words(printer, "\\\""); break;
        case '\\': show_words(printer, "\\\\"); break;
        case '\n': show_words(printer, "\\n"); break;
        case '\r': show_words(printer, "\\r"); break;
        case '\t': show_words(printer, "\\t"); break;
        case '{': show_words(printer, "{{"); break;
        case '}': show_words(printer, "}}"); break;
        default:
            if (c < ' ')
                buf_printf(&printer->out, "\\u%04x", c);
            else
                buf_char(&printer->out, (char)c);
        }
    }
}

void show_text(EnglishPrinter *printer, Str text)
{
    show_words(printer, "\"");
    show_escaped(printer, text);
    show_words(printer, "\"");
}

static void show_time(EnglishPrinter *printer, int64_t nanos)
{
    int64_t seconds = nanos / 1000000000, fraction = nanos % 1000000000;
    buf_printf(&printer->out, "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    if (seconds % 60 || fraction)
        buf_printf(&printer->out, ":%02d", (int)(seconds % 60));
    if (fraction) {
        char digits[10];
        int n = 9;
        for (int i = 8; i >= 0; i--, fraction /= 10)
            digits[i] = (char)('0' + fraction % 10);
        while (digits[n - 1] == '0')
            n--;
        buf_printf(&printer->out, ".%.*s", n, digits);
    }
}

static void show_literal(EnglishPrinter *printer, const Node *node)
{
    Value v = node->value;
    char digits[32];
    switch (v.kind) {
    case VALUE_BOOL: show_words(printer, v.low ? "yes" : "no"); break;
    case VALUE_NUMBER: buf_add(&printer->out, digits, decimal_format(v, digits)); break;
    case VALUE_TEXT: show_text(printer, value_str(v)); break;
    case VALUE_DATE: buf_printf(&printer->out, "%04d-%02d-%02d", (int)v.date.year, v.date.month, v.date.day); break;
    case VALUE_TIME: show_time(printer, v.nanos); break;
    default: show_words(printer, "nothing");
    }
}

static void show_template(EnglishPrinter *printer, Node *node)
{
    show_words(printer, "\"");
    for (uint32_t i = 0; i < node->n_kids; i++) {
        Node *kid = node->kids[i];
        if (node_is_text(kid)) {
            show_mark_start(printer, kid);
            show_escaped(printer, value_str(kid->value));
            show_mark_end(printer, kid);
        } else {
            show_words(printer, "{");
            show_value(printer, kid, LEVEL_OPEN);
            show_words(printer, "}");
        }
    }
    show_words(printer, "\"");
}

/* ---- names and fields ---- */

/* Whether it reads back as a name after “the”: an ordinal in front belongs only to facts that have been met. */
bool name_is_plain(EnglishPrinter *printer, Str name)
{
    if (printer->guarded || !name_is_regular(name))
        return false;
    Str words = name_to_words(printer->arena, name), rest = words;
    Str first = str_cut(&rest, ' ');
    if (rest.data && word_ordinal(first) != -2 && !map_find(&printer->facts, name))
        return false;
    return words_are_free(printer->patterns, words);
}

void show_name(EnglishPrinter *printer, Node *node)
{
    if (name_is_plain(printer, node->name)) {
        show_words(printer, "the ");
        buf_str(&printer->out, name_to_words(printer->arena, node->name));
    } else {
        show_words(printer, "the fact ");
        show_text(printer, node->name);
    }
}

void show_target_name(EnglishPrinter *printer, Node *node, bool article)
{
    Str words = name_to_words(printer->arena, node->name);
    bool plain = !printer->guarded && name_is_regular(node->name) && words_are_free(printer->patterns, words);
    show_mark_start(printer, node);
    if (article)
        show_words(printer, plain ? "the " : "the fact ");
    if (plain)
        buf_str(&printer->out, words);
    else
        show_text(printer, node->name);
    show_mark_end(printer, node);
}

void show_key(EnglishPrinter *printer, Str key)
{
    if (!printer->guarded && words_are_free(printer->patterns, key))
        buf_str(&printer->out, key);
    else
        show_text(printer, key);
}

/* In `whose`: a field of the element stands without article where no other word of the grammar looks like it. */
bool is_bare_field(EnglishPrinter *printer, const Node *node)
{
    if (printer->guarded || printer->element.len == 0 || node->kids[0]->kind != NODE_NAME ||
        !str_eq(node->kids[0]->name, printer->element))
        return false;
    return words_need_no_marks(printer->patterns, node->text);
}

/* What may stand before 's without parentheses. */
static bool is_noun(EnglishPrinter *printer, const Node *node)
{
    return node->kind == NODE_NAME || node->kind == NODE_FIELD || is_ordinal(printer, node);
}

void show_possessive(EnglishPrinter *printer, Node *object, Str key)
{
    bool noun = is_noun(printer, object);
    if (!noun)
        show_words(printer, "(");
    show_value(printer, object, LEVEL_OPEN);
    show_words(printer, noun ? "'s " : ")'s ");
    show_key(printer, key);
}

static void show_field(EnglishPrinter *printer, Node *node)
{
    if (!is_bare_field(printer, node)) {
        show_possessive(printer, node->kids[0], node->text);
        return;
    }
    show_mark_start(printer, node->kids[0]);
    buf_str(&printer->out, node->text);
    show_mark_end(printer, node->kids[0]);
}

bool noun_is_plural(EnglishPrinter *printer, const Node *node)
{
    if (node->kind == NODE_COLLECT)
        return form_of_collect(printer, node) != COLLECT_IN_GENERAL;
    Str noun = noun_of(printer->arena, node);
    return noun.len > 0 && words_are_plural(printer->arena, noun);
}

/* ---- operators ---- */

static void show_series(EnglishPrinter *printer, Node *const *items, uint32_t n, const char *last_joint)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            show_words(printer, i + 1 == n ? last_joint : ", ");
        show_value(printer, items[i], LEVEL_SUM);
    }
}

void show_items(EnglishPrinter *printer, Node *const *items, uint32_t n)
{
    Node *last = n > 1 ? items[n - 1] : NULL;
    if (!last || !english_one_in_order(printer->arena, last)) {
        show_series(printer, items, n, " and ");
        return;
    }
    show_series(printer, items, n - 1, ", ");
    show_words(printer, " and ");
    show_closed(printer, last);
}

static const struct Sign {
    const char *words;
    Level own, left, right;
} signs[] = {
    [OP_ADD] = {" plus ", LEVEL_SUM, LEVEL_SUM, LEVEL_TERM},
    [OP_SUBTRACT] = {" minus ", LEVEL_SUM, LEVEL_SUM, LEVEL_TERM},
    [OP_MULTIPLY] = {" times ", LEVEL_TERM, LEVEL_TERM, LEVEL_UNARY},
    [OP_DIVIDE] = {" divided by ", LEVEL_TERM, LEVEL_TERM, LEVEL_UNARY},
    [OP_FLOOR_DIVIDE] = {" floor divided by ", LEVEL_TERM, LEVEL_TERM, LEVEL_UNARY},
    [OP_MODULO] = {" modulo ", LEVEL_TERM, LEVEL_TERM, LEVEL_UNARY},
    [OP_POWER] = {" to the power of ", LEVEL_POWER, LEVEL_LOOSE, LEVEL_UNARY},
};

static bool is_duration(const Node *node)
{
    return node->kind == NODE_CALL && node->function >= FN_SECONDS && node->function <= FN_WEEKS;
}

/* 8 hours: of a bare number */
static bool is_unit(const Node *node)
{
    return is_duration(node) && node->kids[0]->kind == NODE_LITERAL && node->kids[0]->value.kind == VALUE_NUMBER &&
           !node->kids[0]->value.negative;
}

/* 8 hours 30 minutes: a sum of units */
static bool is_units(const EnglishPrinter *printer, const Node *node)
{
    if (printer->guarded || node->kind != NODE_ARITHMETIC || node->op != OP_ADD || !is_unit(node->kids[1]))
        return false;
    return is_unit(node->kids[0]) || is_units(printer, node->kids[0]);
}

/* 3 days after the due date */
static bool is_after(EnglishPrinter *printer, const Node *node)
{
    const Node *left = node->kids[0];
    return !printer->guarded && node->kind == NODE_ARITHMETIC && node->op <= OP_SUBTRACT &&
           (is_duration(node->kids[1]) || is_units(printer, node->kids[1])) && !is_duration(left) &&
           left->kind != NODE_LITERAL && level_of(printer, left) == LEVEL_PRIMARY;
}

/* 3 days before the due date */
static bool is_before(EnglishPrinter *printer, const Node *node)
{
    bool by_calendar =
        node->kind == NODE_CALL && (node->function == FN_MONTHS_BEFORE || node->function == FN_YEARS_BEFORE);
    return by_calendar || (node->kind == NODE_ARITHMETIC && node->op == OP_SUBTRACT && is_after(printer, node));
}

static bool is_rounding(const Node *node)
{
    return node->kind == NODE_CALL && function_is_rounding((FunctionId)node->function);
}

static void show_arithmetic(EnglishPrinter *printer, Node *node)
{
    Node *left = node->kids[0], *right = node->kids[1];
    if (is_after(printer, node)) {
        show_value(printer, right, LEVEL_LOOSE);
        show_words(printer, node->op == OP_ADD ? " after " : " before ");
        show_value(printer, left, LEVEL_PRIMARY);
        return;
    }
    if (is_units(printer, node)) {
        show_value(printer, left, LEVEL_LOOSE);
        show_words(printer, " ");
        show_value(printer, right, LEVEL_LOOSE);
        return;
    }
    const struct Sign *sign = &signs[node->op];
    show_value(printer, left, sign->left);
    show_words(printer, sign->words);
    /* “a plus b rounded to 2 decimals” could be either: the reader would ask. */
    show_value(printer, right, is_rounding(right) ? LEVEL_PRIMARY : sign->right);
}

static bool is_short_literal(const Node *node)
{
    return node->kind == NODE_LITERAL && node->value.kind != VALUE_BOOL && node->value.kind != VALUE_NULL;
}

static bool is_one_of(EnglishPrinter *printer, const Node *node)
{
    const Node *list = node->kids[1];
    if (printer->guarded || node->n_kids != 2 || node->ops[0] < CMP_IN || list->kind != NODE_LIST || list->n_kids == 0)
        return false;
    for (uint32_t i = 0; i < list->n_kids; i++) {
        if (!is_short_literal(list->kids[i]))
            return false;
    }
    return true;
}

/* The fixed words between two values; “not” behind the verb “is”. */
static void show_comparison_words(EnglishPrinter *printer, uint16_t id, uint8_t op, bool plural, bool negated)
{
    const Pattern *pattern = printer->patterns->of_function[id];
    while (pattern && !(pattern->op == op && pattern->is_plural == plural))
        pattern = pattern->next;
    for (uint8_t i = 1; pattern && pattern->pieces[i].gap == GAP_WORD; i++) {
        show_words(printer, " ");
        buf_str(&printer->out, pattern->pieces[i].word);
        show_words(printer, i == 1 && negated ? " not" : "");
    }
    show_words(printer, " ");
}

/* “more than 3 days before” could mean earlier or later than that: the checker would ask. */
static void show_compared(EnglishPrinter *printer, uint8_t op, Node *right)
{
    if (op >= CMP_LESS && op <= CMP_GREATER_EQUAL && is_before(printer, right))
        show_closed(printer, right);
    else
        show_value(printer, right, LEVEL_SUM);
}

static void show_compare(EnglishPrinter *printer, Node *node)
{
    bool one_of = is_one_of(printer, node);
    show_value(printer, node->kids[0], LEVEL_SUM);
    for (uint32_t i = 1; i < node->n_kids; i++) {
        bool plural = noun_is_plural(printer, node->kids[i - 1]);
        show_comparison_words(printer, one_of ? CORE_ONE_OF : CORE_COMPARE, node->ops[i - 1], plural, false);
        if (one_of) {
            show_mark_start(printer, node->kids[i]);
            show_series(printer, node->kids[i]->kids, node->kids[i]->n_kids, " or ");
            show_mark_end(printer, node->kids[i]);
        } else {
            show_compared(printer, node->ops[i - 1], node->kids[i]);
        }
    }
}

/* The comparison that `not` stands inside of: is not between, does not contain, is not less than. */
static bool is_inner_not(EnglishPrinter *printer, const Node *node)
{
    const Node *inner = node->kids[0];
    if (printer->guarded)
        return false;
    if (inner->kind == NODE_COMPARE)
        return inner->n_kids == 2 && inner->ops[0] >= CMP_LESS && inner->ops[0] <= CMP_GREATER_EQUAL;
    if (inner->kind != NODE_CALL || (inner->function >= FN_IS_EMPTY && inner->function <= FN_IS_NOT_MISSING))
        return false;
    FunctionStyle style = functions[inner->function].style;
    return style == STYLE_CONDITION || style == STYLE_METHOD_CONDITION;
}

/* Prints the comparison and puts the negation behind its first value, where its verb starts. */
static void show_inner_not(EnglishPrinter *printer, Node *inner)
{
    bool plural = noun_is_plural(printer, inner->kids[0]);
    show_mark_start(printer, inner);
    show_value(printer, inner->kids[0], LEVEL_SUM);
    if (inner->kind == NODE_COMPARE) {
        show_comparison_words(printer, CORE_COMPARE, inner->ops[0], plural, true);
        show_compared(printer, inner->ops[0], inner->kids[1]);
    } else {
        show_negated_pattern(printer, inner, plural);
    }
    show_mark_end(printer, inner);
}

static void show_not(EnglishPrinter *printer, Node *node)
{
    if (is_inner_not(printer, node)) {
        show_inner_not(printer, node->kids[0]);
        return;
    }
    bool compares = level_of(printer, node->kids[0]) == LEVEL_COMPARE;
    show_words(printer, "not ");
    show_value(printer, node->kids[0], compares ? LEVEL_PRIMARY : LEVEL_NOT);
}

static bool is_atom(const Node *node)
{
    return node->kind == NODE_LITERAL || node->kind == NODE_TEMPLATE || node->kind == NODE_NAME;
}

static void show_joined(EnglishPrinter *printer, Node *node, const char *joint)
{
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (i > 0)
            show_words(printer, joint);
        Node *kid = node->kids[i];
        bool loose = kid->kind == NODE_CALL && (kid->function == FN_ANY || kid->function == FN_ALL) &&
                     !is_quantified(printer, kid);
        bool goes_on = i + 1 < node->n_kids && !is_quantified(printer, node->kids[i + 1]);
        loose |= goes_on && is_quantified(printer, kid) && ends_in_whose(printer, kid);
        bool marked = loose || joined_needs_marks(node, i, printer->deciding) || (printer->guarded && is_atom(kid));
        show_words(printer, marked ? "(" : "");
        show_value(printer, kid, marked ? LEVEL_OPEN : LEVEL_NOT);
        show_words(printer, marked ? ")" : "");
    }
}

static void show_choose(EnglishPrinter *printer, Node *node)
{
    show_value(printer, node->kids[0], LEVEL_OR);
    show_words(printer, " if ");
    show_deciding(printer, node->kids[1], LEVEL_OR);
    show_words(printer, " otherwise ");
    show_value(printer, node->kids[2], LEVEL_CHOOSE);
}

static void show_negation(EnglishPrinter *printer, Node *node)
{
    bool number = node->kids[0]->kind == NODE_LITERAL && node->kids[0]->value.kind == VALUE_NUMBER;
    show_words(printer, number ? "-" : "minus ");
    show_value(printer, node->kids[0], LEVEL_UNARY);
}

static void show_collection(EnglishPrinter *printer, Node *node, const char *opening)
{
    show_words(printer, opening);
    show_items(printer, node->kids, node->n_kids);
}

/* datetime("2026-04-14T10:00:00Z"), in exactly the spelling that is read without quotation marks. */
static bool is_moment(const Node *node)
{
    if (node->kind != NODE_CALL || node->function != FN_DATETIME || !node_is_text(node->kids[0]))
        return false;
    static const char form[] = "dddd-dd-ddTdd:dd";
    Str text = value_str(node->kids[0]->value);
    if (text.len < sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == 'd' ? text.data[i] < '0' || text.data[i] > '9' : text.data[i] != form[i])
            return false;
    Arena arena = {0};
    Sentence sentence = {0};
    english_tokens(&arena, text, 0, (uint32_t)text.len, &sentence);
    Value moment;
    Error err;
    bool whole = sentence.count == 2 && sentence.tokens[0].kind == TOKEN_MOMENT &&
                 str_eq(sentence.tokens[0].text, text) && !sentence.has_comment &&
                 datetime_parse_written(&arena, text, DATE_ORDER_UNKNOWN, false, &moment, &err);
    arena_done(&arena);
    return whole;
}

static void show_moment(EnglishPrinter *printer, Node *node)
{
    show_mark_start(printer, node->kids[0]);
    buf_str(&printer->out, value_str(node->kids[0]->value));
    show_mark_end(printer, node->kids[0]);
}

/* the smallest of the price and the limit */
static bool is_extreme_of_several(const EnglishPrinter *printer, const Node *node)
{
    if (printer->guarded || node->kind != NODE_CALL || node->n_kids < 2 ||
        (node->function != FN_MIN && node->function != FN_MAX))
        return false;
    return is_one_value(printer->arena, node->kids[0]);
}

static void show_extreme_of_several(EnglishPrinter *printer, Node *node)
{
    show_words(printer, node->function == FN_MIN ? "the smallest of " : "the largest of ");
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (i > 0)
            show_words(printer, i + 1 == node->n_kids ? " and " : ", ");
        show_value(printer, node->kids[i], LEVEL_PRIMARY);
    }
}

static bool is_empty_set(const Node *node)
{
    return node->kind == NODE_CALL && node->function == FN_SET && node->n_kids == 0;
}

static void show_call(EnglishPrinter *printer, Node *node)
{
    if (is_extreme_of_several(printer, node)) {
        show_extreme_of_several(printer, node);
        return;
    }
    if (is_empty_set(node)) {
        show_words(printer, "an empty set");
        return;
    }
    const Pattern *pattern = pattern_of(printer, node);
    if (pattern) {
        show_pattern(printer, pattern, node, NULL);
        return;
    }
    show_words(printer, "the result of ");
    show_call_in_words(printer, node, false);
}

/* ---- levels ---- */

/* A phrase ends with a value of its own, which decides what may follow. */
static Level level_of_pattern(EnglishPrinter *printer, const Pattern *pattern, const Node *node)
{
    const Piece *first = &pattern->pieces[0], *last = &pattern->pieces[pattern->n_pieces - 1];
    bool condition = pattern->id < FN_N_FUNCTIONS && (functions[pattern->id].style == STYLE_CONDITION ||
                                                      functions[pattern->id].style == STYLE_METHOD_CONDITION);
    if (condition)
        return LEVEL_COMPARE;
    Level own = LEVEL_PRIMARY;
    if (first->gap >= 0)
        own = first->plural && first->gap == 0 ? LEVEL_TIGHT : LEVEL_LOOSE;
    if (last->gap < 0)
        return own;
    if (last->plural)
        own = MIN_OF(own, LEVEL_LOOSE);
    if (pattern->id >= CORE_PROCEDURE || (uint32_t)last->gap >= node->n_kids)
        return LEVEL_OPEN;
    Level trailing = level_of(printer, node->kids[last->gap]);
    return trailing == LEVEL_OPEN ? LEVEL_OPEN : own;
}

static Level level_of_call(EnglishPrinter *printer, const Node *node)
{
    if (is_quantified(printer, node))
        return LEVEL_COMPARE;
    if (is_ordinal(printer, node) || is_empty_set(node))
        return LEVEL_PRIMARY;
    if (is_ordinal_whose(printer, node))
        return LEVEL_OPEN;
    const Pattern *pattern = pattern_of(printer, node);
    return pattern ? level_of_pattern(printer, pattern, node) : LEVEL_OPEN;
}

Level level_of(EnglishPrinter *printer, const Node *node)
{
    switch (node->kind) {
    case NODE_LITERAL:
    case NODE_TEMPLATE:
    case NODE_NAME:
    case NODE_FIELD: return LEVEL_PRIMARY;
    case NODE_LIST:
    case NODE_RECORD: return node->n_kids == 0 ? LEVEL_PRIMARY : LEVEL_OPEN;
    case NODE_NEGATE: return LEVEL_UNARY;
    case NODE_ARITHMETIC: return is_after(printer, node) || is_units(printer, node) ? LEVEL_LOOSE : signs[node->op].own;
    case NODE_COMPARE: return LEVEL_COMPARE;
    case NODE_NOT: return is_inner_not(printer, node) || is_quantified(printer, node) ? LEVEL_COMPARE : LEVEL_NOT;
    case NODE_AND: return LEVEL_AND;
    case NODE_OR: return LEVEL_OR;
    case NODE_CHOOSE: return LEVEL_CHOOSE;
    case NODE_CALL:
    case NODE_INDEX:
    case NODE_BOOK_CALL: return level_of_call(printer, node);
    case NODE_COLLECT: return form_of_collect(printer, node) == COLLECT_POSSESSIVE ? LEVEL_PRIMARY : LEVEL_OPEN;
    default: return LEVEL_OPEN;
    }
}

void show_raw(EnglishPrinter *printer, Node *node)
{
    switch (node->kind) {
    case NODE_LITERAL: show_literal(printer, node); break;
    case NODE_TEMPLATE: show_template(printer, node); break;
    case NODE_NAME:
        if (!show_itself(printer, node))
            show_name(printer, node);
        break;
    case NODE_FIELD: show_field(printer, node); break;
    case NODE_NEGATE: show_negation(printer, node); break;
    case NODE_ARITHMETIC: show_arithmetic(printer, node); break;
    case NODE_COMPARE: show_compare(printer, node); break;
    case NODE_NOT:
        if (is_quantified(printer, node))
            show_quantified(printer, node);
        else
            show_not(printer, node);
        break;
    case NODE_AND: show_joined(printer, node, " and "); break;
    case NODE_OR: show_joined(printer, node, " or "); break;
    case NODE_CHOOSE: show_choose(printer, node); break;
    case NODE_INDEX:
    case NODE_CALL:
        if (is_ordinal(printer, node) || is_ordinal_whose(printer, node))
            show_ordinal(printer, node);
        else if (is_quantified(printer, node))
            show_quantified(printer, node);
        else if (is_moment(node))
            show_moment(printer, node);
        else
            show_call(printer, node);
        break;
    case NODE_SLICE:
    case NODE_PROCEDURE_CALL:
    case NODE_BOOK_CALL: show_call(printer, node); break;
    case NODE_COLLECT: show_collect(printer, node); break;
    case NODE_LIST: show_collection(printer, node, node->n_kids ? "the list of " : "an empty list"); break;
    case NODE_SET: show_collection(printer, node, "the set of "); break;
    case NODE_TUPLE: show_collection(printer, node, "the tuple of "); break;
    case NODE_RECORD: show_record(printer, node); break;
    default: break;
    }
}

void show_value(EnglishPrinter *printer, Node *node, Level level)
{
    bool closed = printer->guarded ? level != LEVEL_OPEN && !is_atom(node) : level_of(printer, node) < level;
    bool outer = printer->deciding;
    if (closed) {
        printer->deciding = false;
        show_words(printer, "(");
    }
    show_mark_start(printer, node);
    show_raw(printer, node);
    show_mark_end(printer, node);
    if (closed)
        show_words(printer, ")");
    printer->deciding = outer;
}

void show_deciding(EnglishPrinter *printer, Node *condition, Level level)
{
    bool outer = printer->deciding;
    printer->deciding = true;
    show_value(printer, condition, level);
    printer->deciding = outer;
}
