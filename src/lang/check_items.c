/* lang/check_items.c: what items that are worked on at the same time may change: themselves, and what they set
 * themselves. Everything else belongs to all of them; each sees it as it was before the loop. */
#include "lang/check_internal.h"

static Fact *own_fact(const Checker *checker, Str name)
{
    return map_get(&checker->scope->facts, name);
}

static bool is_target(const Node *target, Str name)
{
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        if (is_target(target->kids[i], name))
            return true;
    return target->kind == NODE_NAME && str_eq(target->name, name);
}

/* It was there before the loop, so that all items share it. */
static bool is_shared(const Checker *checker, Str name)
{
    for (const Local *local = checker->locals; local; local = local->outer)
        if (str_eq(local->name, name))
            return false;
    if (is_target(checker->items->loop->kids[0], name))
        return false;
    const Fact *fact = own_fact(checker, name);
    return !fact || (checker->items->start->maybe[fact->index / 64] >> (fact->index % 64) & 1);
}

/* The last `for` before `end` (NULL: of all) that sets `name`, or NULL. */
static const Node *for_that_sets(const Node *collect, const Node *end, Str name)
{
    const Node *found = NULL;
    for (; collect && collect != end; collect = node_goes_on(collect) ? collect->kids[0] : NULL)
        if (is_target(collect->kids[1], name))
            found = collect;
    return found;
}

/* What the items of a comprehension are taken from, where they are its elements as they are; of several `for`s, back to
 * the list whose items the others go through. */
static const Node *gone_through(const Node *collect)
{
    const Node *item = node_last_for(collect)->kids[0];
    const Node *each = item->kind == NODE_NAME ? for_that_sets(collect, NULL, item->name) : NULL;
    const Node *list = NULL;
    while (each) {
        const Node *root = list = each->kids[2];
        while (root->kind == NODE_FIELD || root->kind == NODE_INDEX)
            root = root->kids[0];
        each = root->kind == NODE_NAME ? for_that_sets(collect, each, root->name) : NULL;
    }
    return list;
}

/* The fact that a value is a part of: the members, of the first member whose …; NULL where it is a value of its own. */
static const Node *whole_of(const Node *value)
{
    for (int depth = 0; value && depth < 50; depth++) {
        switch (value->kind) {
        case NODE_NAME: return value;
        case NODE_FIELD:
        case NODE_INDEX: value = node_kid(value, 0); break;
        case NODE_COLLECT: value = gone_through(value); break;
        case NODE_CALL:
            if (value->function != FN_FIRST && value->function != FN_LAST && value->function != FN_FIND)
                return NULL;
            value = node_kid(value, 0);
            break;
        default: return NULL;
        }
    }
    return NULL;
}

void check_item_part(Checker *checker, const Node *target, const Node *value)
{
    Fact *fact = target->kind == NODE_NAME ? own_fact(checker, target->name) : NULL;
    if (!fact || !checker->items || checker->quiet)
        return;
    const Node *whole = whole_of(value);
    const Fact *of = whole ? own_fact(checker, whole->name) : NULL;
    fact->part_of = S("");
    if (whole && is_shared(checker, whole->name))
        fact->part_of = whole->name;
    else if (of)
        fact->part_of = of->part_of;
}

static Str item_name(Checker *checker)
{
    const Node *target = checker->items->loop->kids[0];
    return target->kind == NODE_NAME   ? check_fact_name(checker, target->name)
           : check_in_english(checker) ? S("the item")
                                       : S("item");
}

static void hint_note_it(Checker *checker, Diagnostic *about)
{
    Str item = item_name(checker);
    if (check_in_english(checker))
        check_hint(checker, about, "set a field of %.*s, and work it out from all of them below the loop",
                   STR_ARG(item));
    else
        check_hint(checker, about, "set %.*s[\"…\"], and work it out from all of them below the loop", STR_ARG(item));
}

void check_item_change(Checker *checker, const Node *at, const Node *changed)
{
    const Node *root = changed;
    while ((root->kind == NODE_FIELD || root->kind == NODE_INDEX) && root->n_kids > 0)
        root = root->kids[0];
    if (!checker->items || checker->quiet || !checker->flow || root->kind != NODE_NAME)
        return;
    const Fact *fact = own_fact(checker, root->name);
    bool shared = is_shared(checker, root->name);
    if (!shared && (!fact || fact->part_of.len == 0))
        return;
    Str name = check_fact_name(checker, root->name);
    Diagnostic *d =
        shared ? check_error(checker, "outside-item", at,
                             "items that are worked on at the same time share %.*s, so none of them can change it",
                             STR_ARG(name))
               : check_error(checker, "outside-item", at,
                             "%.*s is part of %.*s, which items that are worked on at the same time share, so none of "
                             "them can change it",
                             STR_ARG(name), STR_ARG(check_fact_name(checker, fact->part_of)));
    hint_note_it(checker, d);
}
