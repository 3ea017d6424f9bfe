/* lang/question_match.c: a search that finds nothing: what was looked for, and what was certainly meant. */
#include <string.h>

#include "lang/question_internal.h"

/* What `first` searches: one list, or several within each other. */
static const Node *comprehension_of(const Node *call)
{
    bool has = call && call->n_kids > 0 && call->kids[0]->kind == NODE_COLLECT;
    return has ? call->kids[0] : NULL;
}

typedef struct Search { /* item's field = outside, for the items of one `for` */
    const Node *collect, *each;
    Str field;
    const Node *outside;
    bool gives_item; /* what is looked for is the item itself */
    bool has_more;   /* the condition says more than that */
} Search;

static bool is_named(const Node *node, Str name)
{
    return node->kind == NODE_NAME && str_eq(node->name, name);
}

/* Whether a value is that of something outside of the comprehension. */
static bool is_outside(const Node *collect, const Node *value)
{
    while (value->kind == NODE_FIELD)
        value = value->kids[0];
    const Node *each = collect;
    for (bool more = true; more; each = each->kids[0]) {
        if (value->kind == NODE_NAME && is_named(each->kids[1], value->name))
            return false;
        more = node_goes_on(each);
    }
    return true;
}

/* The comparison that the last condition begins with, if it looks for the items of `each`. */
static bool search_among(const Node *collect, const Node *each, Search *out)
{
    const Node *last = node_last_for(collect), *whole = node_kid(last, 3), *condition = whole;
    while (condition && condition->kind == NODE_AND)
        condition = condition->kids[0];
    if (!condition || condition->kind != NODE_COMPARE || condition->n_kids != 2 || condition->ops[0] != CMP_EQUAL ||
        each->kids[1]->kind != NODE_NAME)
        return false;
    Str item = each->kids[1]->name;
    for (uint32_t i = 0; i < 2; i++) {
        const Node *side = condition->kids[i], *other = condition->kids[1 - i];
        if (side->kind != NODE_FIELD || !is_named(side->kids[0], item) || !is_outside(collect, other))
            continue;
        *out = (Search){collect, each, side->text, other, is_named(last->kids[0], item), condition != whole};
        return true;
    }
    return false;
}

static bool search_of(const Node *collect, Search *out)
{
    const Node *each = collect;
    for (bool more = true; more; each = each->kids[0]) {
        if (search_among(collect, each, out))
            return true;
        more = node_goes_on(each);
    }
    return false;
}

/* The items of `each`, whatever the last condition says of them. */
static Node *all_items(Arena *arena, const Node *collect, const Node *each) // NOLINT(misc-no-recursion): for by for
{
    Node *all = node_new(arena, NODE_COLLECT);
    all->op = collect->op == COLLECT_MORE ? COLLECT_MORE : COLLECT_LIST;
    node_add(arena, all, collect == each ? each->kids[1] : all_items(arena, collect->kids[0], each));
    node_add(arena, all, collect->kids[1]);
    node_add(arena, all, collect->kids[2]);
    if (node_goes_on(collect) && collect->n_kids > 3)
        node_add(arena, all, collect->kids[3]);
    return all;
}

/* A list or a table; UNSET where it is not known. */
static Value searched(Evaluation *evaluation, const Search *search)
{
    bool is_first = search->collect == search->each;
    const Node *list = search->collect->kids[2];
    Value items = is_first ? node_value(evaluation, frame_top(evaluation), list, 0) : (Value){0};
    if (items.kind == VALUE_UNSET)
        items = evaluation_try(evaluation, all_items(&evaluation->question_arena, search->collect, search->each));
    return items.kind == VALUE_LIST || items.kind == VALUE_TABLE ? items : (Value){0};
}

enum { KEYS_COMPARED = 1000 };

/* "INV-12" is not meant where "INV-13" stands: of what has figures, only the letters may be misspelt. */
static bool same_digits(Str a, Str b)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.len && (a.data[i] < '0' || a.data[i] > '9'))
            i++;
        while (j < b.len && (b.data[j] < '0' || b.data[j] > '9'))
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (a.data[i++] != b.data[j++])
            return false;
    }
}

typedef struct Keys { /* the different keys of a searched list that could be meant */
    Str alike;        /* the one that differs only in case, blanks and signs */
    bool several_alike, too_many;
    Str spelled[KEYS_COMPARED];
    uint32_t n;
} Keys;

static void keys_add(Keys *keys, Str key, Str wanted)
{
    if (name_alike(key, wanted)) {
        keys->several_alike |= keys->alike.len > 0 && !str_eq(keys->alike, key);
        keys->alike = key;
    }
    if (!same_digits(key, wanted))
        return;
    for (uint32_t i = 0; i < keys->n; i++)
        if (str_eq(keys->spelled[i], key))
            return;
    keys->too_many |= keys->n == KEYS_COMPARED;
    if (keys->n < KEYS_COMPARED)
        keys->spelled[keys->n++] = key;
}

/* The key that is certainly meant: the only one that is alike, else the only one within a letter or a few of it. */
static Str key_meant(Evaluation *evaluation, const Search *search, Value wanted)
{
    Value container = wanted.kind == VALUE_TEXT ? searched(evaluation, search) : (Value){0};
    Value iterator[3], item, field;
    if (container.kind == VALUE_UNSET || !operate_iterate(evaluation, &container, 0, iterator))
        return S("");
    Keys *keys = NEW(&evaluation->question_arena, Keys);
    while (operate_next(evaluation, iterator, &item) && !keys->too_many)
        if (value_field_get(item, search->field, &field) == FIELD_FOUND && field.kind == VALUE_TEXT)
            keys_add(keys, value_str(field), value_str(wanted));
    if (keys->alike.len > 0 || keys->too_many)
        return keys->several_alike || keys->too_many ? S("") : keys->alike;
    Str nearest = nearest_spelling(value_str(wanted), keys->spelled, keys->n);
    for (uint32_t i = 0; i < keys->n; i++) /* another one that is near as well: nothing is certain */
        if (nearest.len > 0 && str_eq(keys->spelled[i], nearest))
            keys->spelled[i] = keys->spelled[--keys->n];
    return nearest_spelling(value_str(wanted), keys->spelled, keys->n).len > 0 ? S("") : nearest;
}

static void suggest_key(Evaluation *evaluation, const Search *search, Str key)
{
    Arena *arena = &evaluation->question_arena;
    const Node *outside = search->outside, *owner = outside->kind == NODE_FIELD ? outside->kids[0] : NULL;
    if (owner && owner->kind == NODE_NAME)
        question_add_suggestion(&evaluation->question, str_printf(arena, "set the %.*s's %.*s to \"%.*s\"",
                                                                  STR_ARG(words_of(arena, owner->name)),
                                                                  STR_ARG(search->outside->text), STR_ARG(key)));
    else if (search->gives_item)
        question_add_suggestion(&evaluation->question, str_printf(arena, "use \"%.*s\"", STR_ARG(key)));
    else if (outside->kind == NODE_NAME && !loop_over(frame_top(evaluation), outside->name))
        question_add_suggestion(
            &evaluation->question,
            str_printf(arena, "the %.*s is \"%.*s\"", STR_ARG(words_of(arena, outside->name)), STR_ARG(key)));
}

static RowMeant item_with(Evaluation *evaluation, const Search *search, Value key, Value *out_item)
{
    Value container = searched(evaluation, search), iterator[3], item, field;
    if (container.kind == VALUE_UNSET || !operate_iterate(evaluation, &container, 0, iterator))
        return ROW_NOT_ASKED;
    while (operate_next(evaluation, iterator, &item)) {
        if (value_field_get(item, search->field, &field) == FIELD_FOUND && value_equals(field, key)) {
            *out_item = item;
            return ROW_FOUND;
        }
    }
    return ROW_NOT_THERE;
}

RowMeant question_row_meant(Evaluation *evaluation, Value named, Value *out_row, Str *out_field)
{
    const Frame *frame = frame_top(evaluation);
    const Node *collect =
        strcmp(evaluation->question.kind, "no-match") == 0 ? comprehension_of(frame->code->nodes[frame->pc]) : NULL;
    Search search;
    if (!collect || !search_of(collect, &search) || !search.gives_item)
        return ROW_NOT_ASKED;
    *out_field = search.field;
    return item_with(evaluation, &search, named, out_row);
}

/* No order has the number "PO-9", which row 2 of the invoices names. Or one has it, and the condition asks for more. */
static void word_no_key(Evaluation *evaluation, const Search *search, Value wanted)
{
    Arena *arena = &evaluation->question_arena;
    Str item = words_of(arena, search->each->kids[1]->name), value = value_shown(arena, wanted);
    const Node *outside = search->outside;
    const Node *field = outside->kind == NODE_FIELD ? outside : question_origin(evaluation, outside, wanted);
    Subject subject = field ? subject_of(evaluation, field->kids[0]) : (Subject){0};
    Str from =
        subject.row > 0 ? str_printf(arena, ", which %.*s names", STR_ARG(str_lower(arena, subject.text))) : S("");
    question_add_extra(&evaluation->question, "value", wanted.kind == VALUE_TEXT ? value_str(wanted) : value);
    if (field)
        question_add_subject(evaluation, &subject, field->text);
    Value ignored;
    if (search->has_more && item_with(evaluation, search, wanted, &ignored) == ROW_FOUND) {
        question_describe(
            evaluation, "No %.*s with the %.*s %.*s%.*s%s fits the rest of the condition. Which one is meant?",
            STR_ARG(item), STR_ARG(search->field), STR_ARG(value), STR_ARG(from), from.len > 0 ? "," : "");
        return;
    }
    Str meant = key_meant(evaluation, search, wanted);
    Str ending = meant.len > 0 ? str_printf(arena, "Did you mean the %.*s \"%.*s\"?", STR_ARG(item), STR_ARG(meant))
                               : S("Which one is meant?");
    question_describe(evaluation, "No %.*s has the %.*s %.*s%.*s. %.*s", STR_ARG(item), STR_ARG(search->field),
                      STR_ARG(value), STR_ARG(from), STR_ARG(ending));
    if (meant.len > 0)
        suggest_key(evaluation, search, meant);
}

void word_no_match(Evaluation *evaluation)
{
    Arena *arena = &evaluation->question_arena;
    const Frame *frame = frame_top(evaluation);
    const Node *collect = comprehension_of(frame->code->nodes[frame->pc]);
    const Node *target = collect ? node_last_for(collect)->kids[1] : NULL;
    Search search;
    if (!target || target->kind != NODE_NAME) {
        word_result(evaluation);
        return;
    }
    Str element = words_of(arena, target->name);
    evaluation->question.missing = element;
    if (!search_of(collect, &search)) {
        question_describe(evaluation, "In \"%.*s\" no %.*s matches. Which one is meant?",
                          STR_ARG(sentence_text(evaluation)), STR_ARG(element));
        return;
    }
    Value wanted = node_value(evaluation, frame, search.outside, 0);
    /* A value that an answer stood in for is not in the row: there it is still missing. */
    if (wanted.kind != VALUE_UNSET && !value_is_blank(wanted)) {
        word_no_key(evaluation, &search, wanted);
        return;
    }
    Subject subject =
        search.outside->kind == NODE_FIELD ? subject_of(evaluation, search.outside->kids[0]) : (Subject){0};
    question_describe(evaluation, "No %.*s has the %.*s that is looked for. Which one is meant?", STR_ARG(element),
                      STR_ARG(search.field));
    if (search.outside->kind == NODE_FIELD)
        question_add_subject(evaluation, &subject, search.outside->text);
}
