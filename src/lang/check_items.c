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

/* The fact that a value is a part of: the members, of the first member whose …; NULL where it is a value of its own. */
static const Node *whole_of(const Node *value)
{
    for (int depth = 0; value && depth < 50; depth++) {
        switch (value->kind) {
        case NODE_NAME: return value;
        case NODE_FIELD:
        case NODE_INDEX: value = node_kid(value, 0); break;
        case NODE_COLLECT:
            if (value->kids[0]->kind != NODE_NAME || !is_target(value->kids[1], value->kids[0]->name))
                return NULL;
            value = value->kids[2];
            break;
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
