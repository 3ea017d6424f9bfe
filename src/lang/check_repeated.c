/* lang/check_repeated.c: lists whose items are meant: “times” would repeat the list, and it has no fields. */
#include "lang/check_internal.h"

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
    if (product->op != OP_MULTIPLY || (whole && (said || !check_in_english(checker))))
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
    check_hint(checker, d, "write: %.*s", STR_ARG(sentence.len > 0 ? sentence : check_printed(checker, each)));
}
