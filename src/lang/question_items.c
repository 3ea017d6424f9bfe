/* lang/question_items.c: which items break a check of all of them, and what was found there. */
#include "lang/question_internal.h"

typedef struct Every {   /* every lease's rent is at least 0; no lease whose rent is 0 */
    const Node *collect; /* its element: what is said of each */
    bool none;           /* … and should not hold */
} Every;

static bool is_about_all(const Node *condition, Every *out)
{
    bool none = condition->kind == NODE_NOT;
    const Node *call = none ? condition->kids[0] : condition;
    if (call->kind != NODE_CALL || call->function != (none ? FN_ANY : FN_ALL) || call->n_kids != 1)
        return false;
    const Node *collect = call->kids[0];
    if (collect->kind != NODE_COLLECT || node_goes_on(collect) || collect->kids[1]->kind != NODE_NAME)
        return false;
    *out = (Every){collect, none};
    return true;
}

/* The items that break the check, as a comprehension. */
static Node *breaking(Arena *arena, const Every *every, CollectOp op)
{
    const Node *collect = every->collect;
    Node *said = collect->kids[0], *both = node_new(arena, NODE_AND), *items = node_new(arena, NODE_COLLECT);
    if (!every->none) {
        Node *contrary = node_new(arena, NODE_NOT);
        node_add(arena, contrary, said);
        said = contrary;
    }
    if (collect->n_kids > 3)
        node_add(arena, both, collect->kids[3]);
    node_add(arena, both, said);
    items->op = (uint8_t)op;
    node_add(arena, items, collect->kids[1]);
    node_add(arena, items, collect->kids[1]);
    node_add(arena, items, collect->kids[2]);
    node_add(arena, items, both->n_kids > 1 ? both : said);
    return items;
}

/* All of them; where not all can be told without a question, the first, up to which the check itself has gone. */
static Value items_breaking(Evaluation *evaluation, const Every *every)
{
    Arena *arena = &evaluation->question_arena;
    Value items = evaluation_try(evaluation, breaking(arena, every, COLLECT_LIST));
    if (items.kind == VALUE_LIST)
        return items;
    Node *first = node_new(arena, NODE_CALL);
    first->function = FN_FIRST;
    node_add(arena, first, breaking(arena, every, COLLECT_LAZY));
    Value item = evaluation_try(evaluation, first);
    items = value_list_new(arena, 1);
    if (item.kind != VALUE_UNSET)
        list_add(arena, items.list, item);
    return items;
}

enum { FIELDS_SHOWN = 3, ITEMS_SHOWN = 3 };

typedef struct Fields { /* of the item, that the check reads */
    Str keys[FIELDS_SHOWN];
    uint32_t n;
    bool itself; /* it is about the item as it stands */
} Fields;

static void fields_of(const Node *node, Str item, Fields *out) // NOLINT(misc-no-recursion): as deep as the tree
{
    const Node *object = node->kind == NODE_FIELD ? node->kids[0] : NULL;
    if (object && object->kind == NODE_NAME && str_eq(object->name, item)) {
        for (uint32_t i = 0; i < out->n; i++)
            if (str_eq(out->keys[i], node->text))
                return;
        if (out->n < FIELDS_SHOWN)
            out->keys[out->n++] = node->text;
        return;
    }
    out->itself |= node->kind == NODE_NAME && str_eq(node->name, item);
    for (uint32_t i = 0; i < node->n_kids; i++)
        fields_of(node->kids[i], item, out);
}

/* " has the rent -5 and no tenant"; " is -5" */
static void add_found(Evaluation *evaluation, Buf *text, const Fields *fields, Value item)
{
    Arena *arena = &evaluation->question_arena;
    if (fields->itself && item.kind != VALUE_ROW && item.kind != VALUE_RECORD)
        buf_printf(text, " is %.*s", STR_ARG(value_shown(arena, item)));
    for (uint32_t i = 0; i < fields->n; i++) {
        Str key = fields->keys[i];
        Value field;
        bool has = field_read(arena, item, &key, &field) == FIELD_FOUND && !value_is_blank(field);
        buf_str(text, i == 0 ? S(" has") : i + 1 == fields->n ? S(" and") : S(","));
        if (has)
            buf_printf(text, " the %.*s %.*s", STR_ARG(key), STR_ARG(value_shown(arena, field)));
        else
            buf_printf(text, " no %.*s", STR_ARG(key));
    }
}

/* The number of an item, from 1, searched from behind the one before; 0 where the list is not at hand. */
static uint32_t number_of(Value list, Value item, uint32_t before)
{
    if (item.kind == VALUE_ROW)
        return item.high + 1;
    for (uint32_t i = before; list.kind == VALUE_LIST && i < list.list->count; i++) {
        Value other = list.list->items[i];
        bool is_same = item.kind == VALUE_RECORD ? other.kind == VALUE_RECORD && other.record == item.record
                                                 : other.kind == item.kind && value_equals(other, item);
        if (is_same)
            return i + 1;
    }
    return 0;
}

Str question_breaking_items(Evaluation *evaluation, const Node *condition, Subject *out_first)
{
    Every every;
    *out_first = (Subject){0};
    if (!is_about_all(condition, &every))
        return S("");
    Arena *arena = &evaluation->question_arena;
    Value items = items_breaking(evaluation, &every);
    Value list = node_value(evaluation, frame_top(evaluation), every.collect->kids[2], 0);
    Fields fields = {0};
    fields_of(every.collect->kids[0], every.collect->kids[1]->name, &fields);
    Buf text = buf_in(arena);
    for (uint32_t i = 0, number = 0; i < items.list->count && i < ITEMS_SHOWN; i++) {
        Value item = items.list->items[i];
        number = number_of(list, item, number);
        if (number == 0)
            return S("");
        Subject subject = subject_of_number(evaluation, every.collect->kids[2], item, number);
        if (i == 0)
            *out_first = subject;
        buf_printf(&text, "%s%.*s", i > 0 ? ", " : "", STR_ARG(str_lower(arena, subject.text)));
        add_found(evaluation, &text, &fields, item);
    }
    if (items.list->count > ITEMS_SHOWN)
        buf_printf(&text, ", and %u more", items.list->count - ITEMS_SHOWN);
    return buf_view(&text);
}
