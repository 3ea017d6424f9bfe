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

/* What the elements of a comprehension are taken from, where they are items as they are; of several `for`s, back to the
 * list whose items the others go through. */
static const Node *gone_through(const Node *collect)
{
    const Node *element = node_last_for(collect)->kids[0];
    const Node *item = element->kind == NODE_PAIR ? element->kids[1] : element;
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

/* A part of something that is called by a fact; or a collection of its own that only holds such parts. */
typedef struct Part {
    const Node *whole; /* NAME; NULL for a value of its own */
    bool holds;
} Part;

static bool lists_anew(FunctionId function)
{
    static const FunctionId listing[] = {FN_SORTED, FN_SORT_BY, FN_SORT_DOWN_BY, FN_REVERSED, FN_UNIQUE, FN_UNIQUE_BY,
                                         FN_LIST,   FN_ROWS,    FN_ENUMERATE,    FN_VALUES,   FN_ITEMS};
    for (size_t i = 0; i < COUNT_OF(listing); i++)
        if (listing[i] == function)
            return true;
    return false;
}

/* The members; of the first member whose …, too. */
static Part part_in(const Node *value)
{
    bool holds = false, taken = false; /* an item out of it: what it was taken from is no matter */
    for (int depth = 0; value && depth < 50; depth++) {
        FunctionId function = value->kind == NODE_CALL ? (FunctionId)value->function : FN_N_FUNCTIONS;
        bool item = value->kind == NODE_FIELD || value->kind == NODE_INDEX || function == FN_FIRST ||
                    function == FN_LAST || function == FN_FIND;
        if (value->kind == NODE_NAME)
            return (Part){value, holds};
        if (!item && value->kind != NODE_COLLECT && value->kind != NODE_SLICE && !lists_anew(function))
            break;
        holds |= !item && !taken;
        taken |= item;
        value = value->kind == NODE_COLLECT ? gone_through(value) : node_kid(value, 0);
    }
    return (Part){NULL, false};
}

static void keep_part(Checker *checker, const Node *target, Part part)
{
    Fact *fact = target->kind == NODE_NAME ? own_fact(checker, target->name) : NULL;
    if (!fact)
        return;
    const Fact *of = part.whole ? own_fact(checker, part.whole->name) : NULL;
    bool shared = part.whole && is_shared(checker, part.whole->name);
    fact->part_of = shared ? part.whole->name : of ? of->part_of : S("");
    fact->holds_parts = part.holds;
}

void check_item_part(Checker *checker, const Node *target, const Node *value)
{
    if (!checker->items || checker->quiet)
        return;
    Part part = part_in(value);
    const Fact *of = part.whole && part.whole == value ? own_fact(checker, value->name) : NULL;
    part.holds |= of && of->part_of.len > 0 && of->holds_parts;
    keep_part(checker, target, part);
}

void check_item_round(Checker *checker, const Node *target, const Node *list)
{
    if (!checker->items || checker->quiet)
        return;
    Part part = {part_in(list).whole, false};
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        keep_part(checker, target->kids[i], part);
    keep_part(checker, target, part);
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

static void refuse_change(Checker *checker, const Node *at, Str name, Str part_of)
{
    Str shown = check_fact_name(checker, name);
    Diagnostic *d =
        part_of.len == 0
            ? check_error(checker, "outside-item", at,
                          "items that are worked on at the same time share %.*s, so none of them can change it",
                          STR_ARG(shown))
            : check_error(checker, "outside-item", at,
                          "%.*s is part of %.*s, which items that are worked on at the same time share, so none of "
                          "them can change it",
                          STR_ARG(shown), STR_ARG(check_fact_name(checker, part_of)));
    hint_note_it(checker, d);
}

void check_item_change(Checker *checker, const Node *at, const Node *changed)
{
    const Node *root = changed;
    while ((root->kind == NODE_FIELD || root->kind == NODE_INDEX) && root->n_kids > 0)
        root = root->kids[0];
    if (!checker->items || checker->quiet || !checker->flow || root->kind != NODE_NAME)
        return;
    const Fact *fact = own_fact(checker, root->name);
    if (is_shared(checker, root->name))
        refuse_change(checker, at, root->name, S(""));
    else if (fact && fact->part_of.len > 0 && (root != changed || !fact->holds_parts))
        refuse_change(checker, at, root->name, fact->part_of);
}

void check_item_set(Checker *checker, const Node *at, const Node *target)
{
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->n_kids; i++)
        check_item_set(checker, at, target->kids[i]);
    if (target->kind == NODE_FIELD || target->kind == NODE_INDEX)
        check_item_change(checker, at, target->kids[0]);
    else if (target->kind == NODE_NAME && checker->items && !checker->quiet && checker->flow &&
             is_shared(checker, target->name))
        refuse_change(checker, at, target->name, S(""));
}
