/* lang/check_order.c: comprehensions whose `for`s stand in another order than they need. */
#include "lang/check_internal.h"

typedef struct Order { /* one `for` that reads what a later one sets */
    Node *collect;     /* the first `for` */
    Node *reads, *sets;
} Order;

/* As deep as the readers let an expression be. */
static bool stands_in(const Node *tree, const Node *node) // NOLINT(misc-no-recursion)
{
    for (uint32_t i = 0; tree != node && i < tree->n_kids; i++)
        if (stands_in(tree->kids[i], node))
            return true;
    return tree == node;
}

bool check_names(const Node *tree, Str name) // NOLINT(misc-no-recursion)
{
    for (uint32_t i = 0; i < tree->n_kids; i++)
        if (check_names(tree->kids[i], name))
            return true;
    return tree->kind == NODE_NAME && str_eq(tree->name, name);
}

/* Of one `for`: what it goes through, and where. */
static bool reads(const Node *each, const Node *use)
{
    return stands_in(each->kids[2], use) || (each->n_kids > 3 && stands_in(each->kids[3], use));
}

static Node *next_for(const Node *each)
{
    return node_goes_on(each) ? each->kids[0] : NULL;
}

static bool find_order(Node *tree, const Node *use, Order *out) // NOLINT(misc-no-recursion)
{
    bool begins = tree->kind == NODE_COLLECT && tree->op != COLLECT_MORE;
    for (Node *each = begins ? tree : NULL; each; each = next_for(each))
        for (Node *later = reads(each, use) ? next_for(each) : NULL; later; later = next_for(later))
            if (check_names(later->kids[1], use->name)) {
                *out = (Order){tree, each, later};
                return true;
            }
    for (uint32_t i = 0; i < tree->n_kids; i++)
        if (find_order(tree->kids[i], use, out))
            return true;
    return false;
}

/* What stands between them, and what sets it, reads nothing of the one that is to stand behind. */
static bool can_come_later(const Order *order)
{
    const Node *target = order->reads->kids[1];
    for (const Node *each = order->reads; each != order->sets;) {
        each = next_for(each);
        for (uint32_t i = 0; i < (target->kind == NODE_TUPLE ? target->n_kids : 1); i++) {
            Str name = target->kind == NODE_TUPLE ? target->kids[i]->name : target->name;
            for (uint32_t k = 2; k < each->n_kids; k++)
                if (check_names(each->kids[k], name))
                    return false;
        }
    }
    return true;
}

static void add_for(Arena *arena, Node *first, Node **last, const Node *each)
{
    Node *copy = *last ? node_new(arena, NODE_COLLECT) : first;
    copy->op = *last ? COLLECT_MORE : first->op;
    for (uint32_t i = 0; i < each->n_kids; i++)
        node_add(arena, copy, each->kids[i]);
    if (*last)
        (*last)->kids[0] = copy;
    *last = copy;
}

/* The comprehension with the `for` behind the one that sets what it reads. */
static Node *reordered(Arena *arena, const Order *order)
{
    Node *first = node_new(arena, NODE_COLLECT), *last = NULL;
    first->op = order->collect->op;
    for (const Node *each = order->collect; each; each = next_for(each)) {
        if (each != order->reads)
            add_for(arena, first, &last, each);
        if (each == order->sets)
            add_for(arena, first, &last, order->reads);
    }
    last->kids[0] = node_last_for(order->collect)->kids[0];
    return first;
}

bool check_hint_order(Checker *checker, Diagnostic *about, const Node *use)
{
    Order order;
    if (!checker->statement || !find_order(checker->statement, use, &order) || !can_come_later(&order))
        return false;
    Str sentence = check_sentence_with(checker, order.collect, *reordered(checker->arena, &order));
    if (sentence.len > 0)
        check_hint(checker, about, "what sets it stands behind it. Write: %.*s", STR_ARG(sentence));
    else
        check_hint(checker, about, "what sets it stands behind it: change the order of the two");
    return true;
}
