/* lang/check_repeated.c: lists whose items are meant: “times” would repeat the list, it has no fields, “append” would
 * make one item of it or change a copy, and “in order” would be about its last. */
#include "lang/check_internal.h"
#include "lang/english.h"

/* The items' name: the amounts → amount. */
static Str item_name(Checker *checker, const Node *list)
{
    if (list->kind != NODE_NAME || !name_is_regular(list->name))
        return S("item");
    Str words = name_to_words(checker->arena, list->name);
    return name_from_words(checker->arena, singular_of(checker->arena, words));
}

static bool maps(const Node *list)
{
    return list->kind == NODE_COLLECT && list->op == COLLECT_LIST;
}

Node *check_item_of(Checker *checker, Node *list)
{
    if (maps(list))
        return list->kids[0];
    Node *item = node_new(checker->arena, NODE_NAME);
    item->name = item_name(checker, list);
    return item;
}

Node *check_each_item(Checker *checker, Node *list, Node *element)
{
    Node *all = node_new(checker->arena, NODE_COLLECT);
    all->op = COLLECT_LIST;
    node_add(checker->arena, all, element);
    node_add(checker->arena, all, maps(list) ? list->kids[1] : check_item_of(checker, list));
    node_add(checker->arena, all, maps(list) ? list->kids[2] : list);
    if (maps(list) && list->n_kids > 3)
        node_add(checker->arena, all, list->kids[3]);
    return all;
}

void check_repeated(Checker *checker, Node *product, Node *list)
{
    const Node *times = product->kids[product->kids[0] == list];
    bool said = list->kind == NODE_LIST || (list->kind == NODE_CALL && list->function == FN_LIST);
    bool whole = times->kind != NODE_LITERAL || times->value.kind != VALUE_NUMBER || times->value.scale == 0;
    if (product->op != OP_MULTIPLY || (whole && said))
        return;
    Diagnostic *d =
        check_error(checker, "repeated-list", product, "%s repeats a list as a whole and changes none of its items",
                    check_in_english(checker) ? "“times”" : "*");
    Node *one = node_new(checker->arena, NODE_ARITHMETIC);
    one->op = product->op;
    for (uint32_t i = 0; i < 2; i++)
        node_add(checker->arena, one, product->kids[i] == list ? check_item_of(checker, list) : product->kids[i]);
    Node *each = check_each_item(checker, list, one);
    Str sentence = check_sentence_with(checker, product, *each);
    sentence = sentence.len > 0 ? sentence : check_printed(checker, each);
    if (check_in_english(checker) || !whole)
        check_hint(checker, d, "write: %.*s", STR_ARG(sentence));
    else
        check_hint(checker, d, "write: %.*s; to repeat it, put list(…) around it", STR_ARG(sentence));
}

/* ---- lists as items ---- */

bool check_in_parentheses(const Checker *checker, const Node *node)
{
    Str before = str_trim(str_slice(checker->all->source, 0, node->english.start));
    return str_ends(before, S("("));
}

/* A condition turned around: is not, is less than; of several joined by “and”, one of them. */
static Node *contrary(Checker *checker, Node *condition) // NOLINT(misc-no-recursion)
{
    static const uint8_t turned[] = {
        [CMP_EQUAL] = CMP_NOT_EQUAL,    [CMP_NOT_EQUAL] = CMP_EQUAL,    [CMP_LESS] = CMP_GREATER_EQUAL,
        [CMP_LESS_EQUAL] = CMP_GREATER, [CMP_GREATER] = CMP_LESS_EQUAL, [CMP_GREATER_EQUAL] = CMP_LESS,
        [CMP_IN] = CMP_NOT_IN,          [CMP_NOT_IN] = CMP_IN,
    };
    bool joins = condition->kind == NODE_AND || condition->kind == NODE_OR;
    Node *other = node_new(checker->arena, NODE_NOT);
    if (condition->kind == NODE_COMPARE && condition->n_kids == 2) {
        *other = *condition;
        other->ops[0] = turned[condition->ops[0]];
    } else if (joins) {
        other->kind = condition->kind == NODE_AND ? NODE_OR : NODE_AND;
        for (uint32_t i = 0; i < condition->n_kids; i++)
            node_add(checker->arena, other, contrary(checker, condition->kids[i]));
    } else {
        node_add(checker->arena, other, condition);
    }
    return other;
}

/* remove the orders whose status is "open" from the orders: the others stay. NULL where that is not what is meant. */
static const Node *others(Checker *checker, const Node *call, const Node *list)
{
    if (call->function != FN_REMOVE || list->kind != NODE_COLLECT || list->n_kids < 4 ||
        !ast_equal(list->kids[2], call->kids[0]) || !ast_equal(list->kids[0], list->kids[1]))
        return NULL;
    Node *kept = NEW(checker->arena, Node), *set = node_new(checker->arena, NODE_ASSIGN);
    *kept = *list;
    kept->kids = NULL;
    kept->n_kids = 0;
    for (uint32_t i = 0; i < 3; i++)
        node_add(checker->arena, kept, list->kids[i]);
    node_add(checker->arena, kept, contrary(checker, list->kids[3]));
    node_add(checker->arena, set, call->kids[0]);
    node_add(checker->arena, set, kept);
    return set;
}

/* The same sentence for each of them, on two lines. */
static void hint_each(Checker *checker, Diagnostic *d, const Node *call, Node *list)
{
    bool fields = maps(list) && list->kids[0]->kind != NODE_NAME && list->n_kids == 3;
    Node *over = fields ? list->kids[2] : list, *one = NEW(checker->arena, Node);
    Node *item = fields || list->kind != NODE_COLLECT ? check_item_of(checker, list) : list->kids[0];
    const Node *named = list->kind == NODE_COLLECT ? list->kids[1] : item;
    *one = *call;
    one->kids = NULL;
    one->n_kids = 0;
    node_add(checker->arena, one, call->kids[0]);
    node_add(checker->arena, one, item);
    Node *each = node_new(checker->arena, NODE_EXPRESSION);
    node_add(checker->arena, each, one);
    const Node *sentence = others(checker, call, list);
    if (sentence)
        check_hint(checker, d, "to keep the others, write: %.*s", STR_ARG(check_printed(checker, sentence)));
    else
        check_hint(checker, d, "for each of them: for each %.*s in %.*s; on the next line, indented: %.*s",
                   STR_ARG(name_to_words(checker->arena, named->name)), STR_ARG(check_printed(checker, over)),
                   STR_ARG(str_trim(check_printed(checker, each))));
}

void check_list_as_item(Checker *checker, const Node *call, Node *value, const Type *type)
{
    bool list = type->kind == TYPE_LIST || type->kind == TYPE_TABLE || type->kind == TYPE_SET;
    if (!list || checker->quiet || !check_in_english(checker) || !english_names_several(checker->arena, value) ||
        check_in_parentheses(checker, value))
        return;
    Diagnostic *d = check_error(checker, "list-as-item", value, "this is %.*s, and would be one item as a whole",
                                STR_ARG(check_type_shown(checker, type)));
    hint_each(checker, d, call, value);
}

void check_last_item(Checker *checker, Node *list)
{
    Node *last = list->n_kids > 1 ? list->kids[list->n_kids - 1] : NULL;
    const Node *one = last ? english_one_in_order(checker->arena, last) : NULL;
    if (!one || checker->quiet || !check_in_english(checker) || check_in_parentheses(checker, last))
        return;
    Diagnostic *d = check_error(checker, "last-item", last, "this is about the last item alone, %.*s",
                                STR_ARG(str_trim(check_printed(checker, one))));
    Node *items = NEW(checker->arena, Node), whole = *last;
    *items = *list;
    items->kids = whole.kids = NULL;
    items->n_kids = whole.n_kids = 0;
    for (uint32_t i = 0; i < list->n_kids; i++)
        node_add(checker->arena, items, list->kids[i] == last ? (Node *)(uintptr_t)one : list->kids[i]);
    for (uint32_t i = 0; i < last->n_kids; i++)
        node_add(checker->arena, &whole, last->kids[i] == one ? items : last->kids[i]);
    Str sentence = check_sentence_with(checker, list, whole);
    check_hint(checker, d, "for the whole list, write: %.*s; for that item alone, put parentheses around it",
               STR_ARG(sentence.len > 0 ? sentence : check_printed(checker, &whole)));
}

/* ---- changes of what nobody has ---- */

/* Whether this makes a new list or record each time: whoever changes that changes nothing else. */
static bool is_made_here(const Node *value)
{
    static const FunctionId makers[] = {FN_SORTED, FN_SORT_BY, FN_SORT_DOWN_BY, FN_REVERSED, FN_UNIQUE, FN_UNIQUE_BY,
                                        FN_LIST,   FN_SET,     FN_DICT,         FN_KEYS,     FN_VALUES, FN_ITEMS,
                                        FN_COPY,   FN_COLUMN,  FN_COLUMNS,      FN_ROWS,     FN_SPLIT};
    for (size_t i = 0; i < COUNT_OF(makers) && value->kind == NODE_CALL; i++) {
        if (value->function == makers[i])
            return true;
    }
    return value->kind == NODE_COLLECT || value->kind == NODE_LIST || value->kind == NODE_SLICE;
}

void check_lost_change(Checker *checker, const Node *call)
{
    const Node *changed = call->kids[0];
    if (checker->quiet || !is_made_here(changed))
        return;
    Diagnostic *d =
        check_error(checker, "lost-change", changed, "this is made anew here, and the change would be lost");
    Str made = str_trim(check_printed(checker, changed));
    if (check_in_english(checker))
        check_hint(checker, d, "name it on a line before: the items are %.*s; then change the items", STR_ARG(made));
    else
        check_hint(checker, d, "name it on a line before: items = %.*s; then change items", STR_ARG(made));
}
