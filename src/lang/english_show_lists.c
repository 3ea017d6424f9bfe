/* lang/english_show_lists.c: expressions → text: ordinals, filters, comprehensions, records. */
#include <string.h>

#include "lang/english_internal.h"

/* ---- which form ---- */

static bool is_plain_noun(EnglishPrinter *printer, const Node *list)
{
    Str noun = noun_of(printer->arena, list);
    if (noun.len == 0 || printer->guarded)
        return false;
    return list->kind == NODE_NAME ? name_is_plain(printer, list->name) : words_are_free(printer->patterns, noun);
}

static bool is_name(const Node *node, Str name)
{
    return node->kind == NODE_NAME && str_eq(node->name, name);
}

/* A key whose plural reads back as it. */
static bool key_has_plural(EnglishPrinter *printer, Str key)
{
    Str plural = plural_of(printer->arena, key);
    return str_eq(singular_of(printer->arena, plural), key) && str_eq(singular_of(printer->arena, key), key) &&
           words_are_free(printer->patterns, key) && words_are_free(printer->patterns, plural);
}

/* the payable invoices' totals */
static bool is_possessive(EnglishPrinter *printer, const Node *node)
{
    const Node *element = node->kids[0], *target = node->kids[1], *list = node->kids[2];
    if (node->op != COLLECT_LIST || node->n_kids != 3 || element->kind != NODE_FIELD || !is_plain_noun(printer, list))
        return false;
    Str noun = noun_of(printer->arena, list);
    if (!str_ends(noun, S("s")) || !words_are_plural(printer->arena, noun))
        return false;
    Str variable = variable_of(printer->arena, list, true);
    while (element->kind == NODE_FIELD)
        element = element->kids[0];
    return is_name(target, variable) && is_name(element, variable);
}

/* the invoices whose decision is "pay" */
static bool is_whose(EnglishPrinter *printer, const Node *node)
{
    const Node *list = node->kids[2];
    if ((node->op != COLLECT_LIST && node->op != COLLECT_LAZY) || node->n_kids != 4 || !is_plain_noun(printer, list))
        return false;
    Str noun = noun_of(printer->arena, list);
    if (!words_are_plural(printer->arena, noun) && !str_eq(plural_of(printer->arena, noun), noun))
        return false;
    Str variable = variable_of(printer->arena, list, false);
    return is_name(node->kids[0], variable) && is_name(node->kids[1], variable);
}

CollectForm form_of_collect(EnglishPrinter *printer, const Node *node)
{
    if (printer->guarded)
        return COLLECT_IN_GENERAL;
    if (is_possessive(printer, node))
        return COLLECT_POSSESSIVE;
    return node->op == COLLECT_LIST && is_whose(printer, node) ? COLLECT_WHOSE : COLLECT_IN_GENERAL;
}

/* ---- ordinals ---- */

static const char *const ordinal_words[] = {"first", "second",  "third",  "fourth", "fifth",
                                            "sixth", "seventh", "eighth", "ninth"};

/* Which one of a list the node is: 0 the first, 1 … 8, -1 the last; -2 for no such thing. */
static int position_of(const Node *node)
{
    if (node->kind == NODE_CALL && node->n_kids == 1)
        return node->function == FN_FIRST ? 0 : node->function == FN_LAST ? -1 : -2;
    int64_t n;
    if (node->kind != NODE_INDEX || node->kids[1]->kind != NODE_LITERAL || node->kids[1]->value.kind != VALUE_NUMBER ||
        node->kids[1]->value.scale != 0 || !value_to_int(node->kids[1]->value, &n))
        return -2;
    return n >= 1 && n <= 8 ? (int)n : -2;
}

static const char *ordinal_word(int position)
{
    return position < 0 ? "last" : ordinal_words[position];
}

/* purchase orders → purchase order, where either gives the other back and the words are not taken for a name; else ""
 */
static Str counted_noun(EnglishPrinter *printer, const Node *list, int position)
{
    if (printer->guarded || list->kind != NODE_NAME || !name_is_regular(list->name))
        return S("");
    Str words = name_to_words(printer->arena, list->name), one = singular_of(printer->arena, words);
    if (str_eq(one, words) || !str_eq(plural_of(printer->arena, one), words) || words_are_plural(printer->arena, one) ||
        !words_are_free(printer->patterns, one))
        return S("");
    Str whole = str_printf(printer->arena, "%s %.*s", ordinal_word(position), STR_ARG(one));
    bool taken = map_find(&printer->facts, name_from_words(printer->arena, whole)) ||
                 !words_are_free(printer->patterns, whole) || str_eq(one, S("item"));
    return taken ? S("") : one;
}

bool is_ordinal(EnglishPrinter *printer, const Node *node)
{
    int position = position_of(node);
    return position != -2 && counted_noun(printer, node->kids[0], position).len > 0;
}

bool is_ordinal_whose(EnglishPrinter *printer, const Node *node)
{
    int position = position_of(node);
    const Node *collect = position == -2 ? NULL : node->kids[0];
    if (!collect || collect->kind != NODE_COLLECT || collect->n_kids != 4 ||
        collect->op != (position > 0 ? COLLECT_LIST : COLLECT_LAZY) || !is_whose(printer, collect))
        return false;
    return counted_noun(printer, collect->kids[2], position).len > 0;
}

static void show_whose_parts(EnglishPrinter *printer, Node *collect);

void show_ordinal(EnglishPrinter *printer, Node *node)
{
    int position = position_of(node);
    bool filtered = node->kids[0]->kind == NODE_COLLECT;
    Node *collect = node->kids[0], *list = filtered ? collect->kids[2] : collect;
    show_words(printer, "the ");
    uint32_t start = (uint32_t)printer->out.len;
    show_words(printer, ordinal_word(position));
    if (node->kind == NODE_INDEX && printer->spans)
        node->kids[1]->english = (Span){start, (uint32_t)printer->out.len};
    show_words(printer, " ");
    if (filtered)
        show_mark_start(printer, collect);
    show_mark_start(printer, list);
    buf_str(&printer->out, counted_noun(printer, list, position));
    show_mark_end(printer, list);
    if (filtered)
        show_whose_parts(printer, collect);
}

/* ---- whose ---- */

static void show_whose_part(EnglishPrinter *printer, Node *part)
{
    bool chain = part->kind == NODE_COMPARE && part->n_kids > 2;
    show_deciding(printer, part, chain ? LEVEL_PRIMARY : LEVEL_COMPARE);
}

static void show_whose_condition(EnglishPrinter *printer, Node *condition, Str element)
{
    Str outer = printer->element;
    bool several = condition->kind == NODE_AND || condition->kind == NODE_OR;
    printer->element = element;
    show_words(printer, " whose ");
    if (!several) {
        show_whose_part(printer, condition);
    } else {
        show_mark_start(printer, condition);
        for (uint32_t i = 0; i < condition->n_kids; i++) {
            if (i > 0)
                show_words(printer, condition->kind == NODE_AND ? " and whose " : " or whose ");
            show_whose_part(printer, condition->kids[i]);
        }
        show_mark_end(printer, condition);
    }
    printer->element = outer;
}

static void show_whose_parts(EnglishPrinter *printer, Node *collect)
{
    show_mark_like(printer, collect->kids[0], collect->kids[2]);
    show_mark_like(printer, collect->kids[1], collect->kids[2]);
    show_whose_condition(printer, collect->kids[3], collect->kids[1]->name);
    show_mark_end(printer, collect);
}

void show_whose(EnglishPrinter *printer, Node *collect)
{
    show_value(printer, collect->kids[2], LEVEL_PRIMARY);
    show_whose_parts(printer, collect);
}

/* ---- every, any, no ---- */

/* A comparison or condition that begins with a field of `element`, which reads back without an article. */
static bool is_about_element(EnglishPrinter *printer, const Node *condition, Str element)
{
    bool compares = condition->kind == NODE_COMPARE && condition->n_kids == 2;
    bool holds = condition->kind == NODE_CALL && level_of(printer, condition) == LEVEL_COMPARE;
    const Node *first = condition->n_kids > 0 ? condition->kids[0] : NULL;
    if ((!compares && !holds) || first->kind != NODE_FIELD)
        return false;
    printer->element = element;
    bool bare = is_bare_field(printer, first);
    printer->element = S("");
    return bare;
}

/* A comparison or condition of the element itself: every price is at least 1. */
static bool is_of_element(EnglishPrinter *printer, const Node *condition, Str element)
{
    bool compares = condition->kind == NODE_COMPARE && condition->n_kids == 2;
    bool holds = condition->kind == NODE_CALL && level_of(printer, condition) == LEVEL_COMPARE;
    return (compares || holds) && condition->n_kids > 0 && is_name(condition->kids[0], element);
}

/* Not within another filter, whose “and whose” it would take for its own. */
bool is_quantified(EnglishPrinter *printer, const Node *node)
{
    if (node->kind == NODE_NOT)
        return node->kids[0]->kind == NODE_CALL && node->kids[0]->function == FN_ANY &&
               is_quantified(printer, node->kids[0]);
    if (printer->guarded || printer->element.len > 0 || node->kind != NODE_CALL ||
        (node->function != FN_ANY && node->function != FN_ALL) || node->n_kids != 1)
        return false;
    const Node *collect = node->kids[0];
    if (collect->kind != NODE_COLLECT || collect->op != COLLECT_LAZY || collect->n_kids != 3 ||
        counted_noun(printer, collect->kids[2], 0).len == 0)
        return false;
    Str variable = variable_of(printer->arena, collect->kids[2], false);
    const Node *condition = collect->kids[0];
    bool several = condition->kind == NODE_AND || condition->kind == NODE_OR;
    if (!is_name(collect->kids[1], variable) || (several && node->function == FN_ALL))
        return false;
    bool about =
        several || is_of_element(printer, condition, variable) || is_about_element(printer, condition, variable);
    for (uint32_t i = 0; several && about && i < condition->n_kids; i++)
        about = is_about_element(printer, condition->kids[i], variable);
    return about;
}

bool ends_in_whose(EnglishPrinter *printer, const Node *quantified)
{
    const Node *call = quantified->kind == NODE_NOT ? quantified->kids[0] : quantified, *collect = call->kids[0];
    return call->function == FN_ANY && !is_of_element(printer, collect->kids[0], collect->kids[1]->name);
}

static void show_element_noun(EnglishPrinter *printer, Node *collect)
{
    Node *list = collect->kids[2];
    show_mark_start(printer, list);
    buf_str(&printer->out, counted_noun(printer, list, 0));
    show_mark_end(printer, list);
    show_mark_like(printer, collect->kids[1], list);
}

bool show_itself(EnglishPrinter *printer, const Node *name)
{
    Node *collect = printer->itself;
    if (!collect || name != collect->kids[0]->kids[0])
        return false;
    printer->itself = NULL;
    show_element_noun(printer, collect);
    return true;
}

void show_quantified(EnglishPrinter *printer, Node *node)
{
    bool none = node->kind == NODE_NOT;
    Node *call = none ? node->kids[0] : node, *collect = call->kids[0];
    bool every = call->function == FN_ALL;
    show_words(printer, none ? "no " : every ? "every " : "any ");
    if (none)
        show_mark_start(printer, call);
    show_mark_start(printer, collect);
    if (is_of_element(printer, collect->kids[0], collect->kids[1]->name)) {
        printer->itself = collect;
        show_value(printer, collect->kids[0], LEVEL_COMPARE);
    } else if (every) {
        show_element_noun(printer, collect);
        show_words(printer, "'s ");
        printer->element = collect->kids[1]->name;
        show_whose_part(printer, collect->kids[0]);
        printer->element = S("");
    } else {
        show_element_noun(printer, collect);
        show_whose_condition(printer, collect->kids[0], collect->kids[1]->name);
    }
    show_mark_end(printer, collect);
    if (none)
        show_mark_end(printer, call);
}

/* ---- comprehensions ---- */

/* The fields from the outermost in: the invoices' customers' names. */
static void show_plural_keys(EnglishPrinter *printer, Node *element, uint32_t keys_start, bool outermost)
{
    if (element->kind != NODE_FIELD)
        return;
    show_plural_keys(printer, element->kids[0], keys_start, false);
    if (element->kids[0]->kind == NODE_FIELD) {
        const Node *inner = element->kids[0];
        bool plural = key_has_plural(printer, inner->text) && str_ends(plural_of(printer->arena, inner->text), S("s"));
        show_words(printer, plural ? "' " : "'s ");
    }
    bool plural = key_has_plural(printer, element->text) &&
                  (outermost || str_ends(plural_of(printer->arena, element->text), S("s")));
    if (plural)
        buf_str(&printer->out, plural_of(printer->arena, element->text));
    else
        show_text(printer, element->text);
    if (printer->spans)
        element->english = (Span){keys_start, (uint32_t)printer->out.len};
}

static void show_plural_possessive(EnglishPrinter *printer, Node *node)
{
    Node *element = node->kids[0], *list = node->kids[2];
    show_value(printer, list, LEVEL_PRIMARY);
    show_words(printer, "' ");
    show_plural_keys(printer, element, (uint32_t)printer->out.len, true);
    while (element->kind == NODE_FIELD)
        element = element->kids[0];
    show_mark_like(printer, element, list);
    show_mark_like(printer, node->kids[1], list);
}

void show_targets(EnglishPrinter *printer, Node *target)
{
    if (target->kind == NODE_NAME) {
        show_target_name(printer, target, false);
        return;
    }
    show_mark_start(printer, target);
    for (uint32_t i = 0; i < target->n_kids; i++) {
        if (i > 0)
            show_words(printer, i + 1 == target->n_kids ? " and " : ", ");
        show_target_name(printer, target->kids[i], false);
    }
    show_mark_end(printer, target);
}

/* for each region in "north" and "south" */
static bool is_list_of_literals(const Node *list)
{
    for (uint32_t i = 0; i < list->n_kids; i++) {
        uint8_t kind = list->kids[i]->kind == NODE_LITERAL ? list->kids[i]->value.kind : VALUE_UNSET;
        if (kind != VALUE_TEXT && kind != VALUE_NUMBER && kind != VALUE_DATE && kind != VALUE_TIME)
            return false;
    }
    return list->kind == NODE_LIST && list->n_kids > 1;
}

void show_gone_through(EnglishPrinter *printer, Node *list, Level level)
{
    if (!printer->guarded && is_list_of_literals(list)) {
        show_mark_start(printer, list);
        show_items(printer, list->kids, list->n_kids);
        show_mark_end(printer, list);
        return;
    }
    bool joined = list->kind == NODE_AND || list->kind == NODE_OR;
    show_deciding(printer, list, joined ? LEVEL_PRIMARY : level);
}

static void show_each(EnglishPrinter *printer, Node *node)
{
    show_targets(printer, node->kids[1]);
    show_words(printer, " in ");
    show_gone_through(printer, node->kids[2], LEVEL_OR);
    if (node->n_kids == 4) {
        show_words(printer, " where ");
        show_deciding(printer, node->kids[3], LEVEL_OR);
    }
}

/* Of several lists, the outermost first, as in SPy: the element for each invoice in … and for each line in … */
void show_collect(EnglishPrinter *printer, Node *node)
{
    CollectForm form = form_of_collect(printer, node);
    if (form == COLLECT_POSSESSIVE) {
        show_plural_possessive(printer, node);
        return;
    }
    if (form == COLLECT_WHOSE) {
        show_whose(printer, node);
        return;
    }
    Node *element = node_last_for(node)->kids[0];
    if (node->op == COLLECT_RECORD) {
        show_words(printer, "a record with ");
        show_pair(printer, element);
    } else {
        show_words(printer, node->op == COLLECT_SET ? "the set of " : "");
        show_value(printer, element, node->op == COLLECT_SET ? LEVEL_SUM : LEVEL_OR);
    }
    const char *each = node->op == COLLECT_LAZY ? " for every " : " for each ";
    show_words(printer, each);
    show_each(printer, node);
    for (Node *more = node; node_goes_on(more);) {
        more = more->kids[0];
        show_words(printer, " and");
        show_words(printer, each);
        show_each(printer, more);
    }
    for (Node *more = node; printer->spans && node_goes_on(more);) {
        more = more->kids[0];
        more->english = (Span){element->english.start, (uint32_t)printer->out.len};
    }
}

/* ---- records ---- */

void show_pair(EnglishPrinter *printer, Node *pair)
{
    Node *key = pair->kids[0], *value = pair->kids[1];
    show_mark_start(printer, pair);
    show_value(printer, value, LEVEL_SUM);
    show_words(printer, " as ");
    if (!node_is_text(key)) {
        show_words(printer, "(");
        show_value(printer, key, LEVEL_OPEN);
        show_words(printer, ")");
    } else {
        Str text = value_str(key->value);
        bool plain = !printer->guarded && words_are_free(printer->patterns, text);
        show_words(printer, plain ? "the " : "");
        show_mark_start(printer, key);
        show_key(printer, text);
        show_mark_end(printer, key);
    }
    show_mark_end(printer, pair);
}

void show_record(EnglishPrinter *printer, Node *node)
{
    show_words(printer, node->n_kids == 0 ? "an empty record" : "a record with ");
    for (uint32_t i = 0; i < node->n_kids; i++) {
        if (i > 0)
            show_words(printer, i + 1 == node->n_kids ? " and " : ", ");
        show_pair(printer, node->kids[i]);
    }
}
