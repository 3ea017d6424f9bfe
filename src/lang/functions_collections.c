/* lang/functions_collections.c: lists, sets and records. */
#include <stdio.h>

#include "lang/functions.h"
#include "value/decimal.h"

static Value list_value(List *list)
{
    return (Value){.list = list, .kind = VALUE_LIST};
}

/* A field of one item of a collection that a sentence goes through: the question names the item. */
bool item_field(Evaluation *evaluation, Value item, Str key, uint32_t index, Value *out)
{
    FieldResult result = value_field_get(item, key, out);
    if (result == FIELD_FOUND)
        return true;
    if (result == FIELD_NOT_A_RECORD)
        return problem_set(evaluation, "not-a-record", 0, &type_list, item, "Item %u is no record and has no \"%.*s\"",
                           index + 1, STR_ARG(key));
    problem_note(evaluation, "missing-field", HOLE_NONE, &type_any, item, "Item %u has no \"%.*s\"", index + 1,
                 STR_ARG(key));
    evaluation->problem.missing = key;
    evaluation->problem.group = "missing_values";
    return false;
}

/* ---- totals ---- */

bool need_figure(Evaluation *evaluation, int hole, Value value, Value *out)
{
    if (value.kind != VALUE_DURATION)
        return need_number(evaluation, hole, value, out);
    *out = value;
    return true;
}

/* Amounts that are still texts, as those of a column of several currencies are, must not be thrown together. */
static bool need_one_currency(Evaluation *evaluation, const List *items)
{
    char first[FIGURE_CURRENCY] = {0}, other[FIGURE_CURRENCY];
    Value shown = {0};
    for (uint32_t i = 0; i < items->count; i++) {
        Value item = items->items[i];
        if (item.kind != VALUE_TEXT || !figure_currency(value_str(item), other))
            continue;
        if (shown.kind == VALUE_UNSET) {
            shown = item;
            memcpy(first, other, sizeof first);
        } else if (memcmp(first, other, sizeof first) != 0) {
            return problem_several_currencies(evaluation, shown, item);
        }
    }
    return true;
}

/* Which item it is that cannot be added, and what it is: an answer stands for the whole result. */
static bool problem_of_item(Evaluation *evaluation, Value item, uint32_t index)
{
    char why[sizeof evaluation->problem.text];
    const char *group = evaluation->problem.group;
    if (value_is_blank(item))
        (void)snprintf(why, sizeof why, "nothing stands there");
    else if (item.kind != VALUE_TEXT)
        (void)snprintf(why, sizeof why, "it is %s", value_kind_name((ValueKind)item.kind));
    else
        memcpy(why, evaluation->problem.text, sizeof why);
    problem_note(evaluation, "not-a-number", HOLE_RESULT, &type_number, (Value){0}, "Item %u cannot be added up: %s",
                 index + 1, why);
    evaluation->problem.group = group;
    return false;
}

static bool sum_of(Evaluation *evaluation, const List *items, Value *out)
{
    Value sum = value_int(0);
    if (!need_one_currency(evaluation, items))
        return false;
    for (uint32_t i = 0; i < items->count; i++) {
        Value item;
        if (!need_figure(evaluation, 0, items->items[i], &item))
            return problem_of_item(evaluation, items->items[i], i);
        if (i == 0 && item.kind == VALUE_DURATION)
            sum = item;
        else if (!operate_arithmetic(evaluation, OP_ADD, sum, item, &sum))
            return false;
    }
    *out = sum;
    return true;
}

FUNCTION(SUM)
{
    List *items;
    return need_list(evaluation, 0, arguments[0], &items) && sum_of(evaluation, items, out);
}

static bool no_items(Evaluation *evaluation, const char *what)
{
    return problem_set(evaluation, "no-items", HOLE_RESULT, &type_any, (Value){0}, "There are no items to take %s of",
                       what);
}

FUNCTION(AVERAGE)
{
    List *items;
    Value sum;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    if (items->count == 0)
        return no_items(evaluation, "the average");
    return sum_of(evaluation, items, &sum) &&
           operate_arithmetic(evaluation, OP_DIVIDE, sum, value_int(items->count), out);
}

/* Fields of files are texts: where all of them are figures, they count as numbers, since "99.00" comes before
 * "1,250.00". */
static void figures_as_numbers(Evaluation *evaluation, Value *values, uint32_t n)
{
    Error err;
    Value number;
    for (uint32_t i = 0; i < n; i++)
        if (values[i].kind != VALUE_NUMBER &&
            (values[i].kind != VALUE_TEXT ||
             !decimal_parse_figure(value_str(values[i]), evaluation->options.reading.decimal_comma, &number, &err)))
            return;
    for (uint32_t i = 0; i < n; i++)
        if (values[i].kind == VALUE_TEXT &&
            decimal_parse_figure(value_str(values[i]), evaluation->options.reading.decimal_comma, &number, &err))
            values[i] = number;
}

static bool items_come_from_fields(const Evaluation *evaluation)
{
    const Node *node = operand_node(evaluation, 0);
    return node && node->kind == NODE_COLLECT && node_last_for(node)->kids[0]->kind == NODE_FIELD;
}

static bool order_of(Evaluation *evaluation, Value a, Value b, int *out)
{
    Error err;
    if (a.kind == VALUE_NULL || b.kind == VALUE_NULL)
        return problem_missing(evaluation, HOLE_NONE, &type_any, value_null());
    return value_compare(a, b, out, &err) ||
           problem_set(evaluation, "not-comparable", HOLE_NONE, &type_any, b, "%s", err.message);
}

static bool extreme(Evaluation *evaluation, const Value *arguments, uint32_t n, bool largest, Value *out)
{
    List *items;
    if (n == 1) {
        if (!need_list(evaluation, 0, arguments[0], &items))
            return false;
    } else {
        items = value_list_new(&evaluation->heap, n).list;
        for (uint32_t i = 0; i < n; i++)
            list_add(&evaluation->heap, items, arguments[i]);
    }
    if (items->count == 0)
        return no_items(evaluation, largest ? "the largest" : "the smallest");
    if (n == 1 && items_come_from_fields(evaluation)) {
        if (!need_one_currency(evaluation, items))
            return false;
        figures_as_numbers(evaluation, items->items, items->count);
    }
    Value best = items->items[0];
    for (uint32_t i = 1; i < items->count; i++) {
        int order;
        if (!order_of(evaluation, items->items[i], best, &order))
            return false;
        if (largest ? order > 0 : order < 0)
            best = items->items[i];
    }
    *out = best;
    return true;
}

FUNCTION(MIN)
{
    return extreme(evaluation, arguments, n, false, out);
}
FUNCTION(MAX)
{
    return extreme(evaluation, arguments, n, true, out);
}

FUNCTION(LEN)
{
    Value value = arguments[0];
    switch (value.kind) {
    case VALUE_TEXT: *out = value_int(text_length(value_str(value))); return true;
    case VALUE_LIST: *out = value_int(value.list->count); return true;
    case VALUE_SET: *out = value_int(value.set->items.count); return true;
    case VALUE_RECORD: *out = value_int(value.record->count); return true;
    case VALUE_ROW: *out = value_int(value.table->n_columns); return true;
    case VALUE_TABLE: *out = value_int(value.table->n_rows); return true;
    case VALUE_NULL: return problem_missing(evaluation, 0, &type_list, value);
    default:
        return problem_set(evaluation, "not-a-list", 0, &type_list, value, "%s has no length",
                           value_kind_name((ValueKind)value.kind));
    }
}

FUNCTION(FIRST)
{
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    if (items->count == 0)
        return problem_set(evaluation, "no-match", HOLE_RESULT, &type_any, (Value){0}, "There is no first item");
    *out = items->items[0];
    return true;
}

FUNCTION(LAST)
{
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    if (items->count == 0)
        return problem_set(evaluation, "no-match", HOLE_RESULT, &type_any, (Value){0}, "There is no last item");
    *out = items->items[items->count - 1];
    return true;
}

/* ---- order ---- */

static bool merge(Evaluation *evaluation, const Value *keys, const uint32_t *from, uint32_t *to, uint32_t left,
                  uint32_t middle, uint32_t right, bool down)
{
    for (uint32_t i = left, j = middle, k = left; k < right; k++) {
        int order = 0;
        if (i < middle && j < right && !order_of(evaluation, keys[from[j]], keys[from[i]], &order))
            return false;
        bool takes_right = i >= middle || (j < right && (down ? order > 0 : order < 0));
        to[k] = takes_right ? from[j++] : from[i++];
    }
    return true;
}

/* Merge sort from the bottom: stable, no recursion, n log n whatever the values. */
bool sort_items(Evaluation *evaluation, Value *keys, Value *items, uint32_t n, bool down)
{
    uint32_t *order = NEW_ARRAY(&evaluation->heap, uint32_t, n), *other = NEW_ARRAY(&evaluation->heap, uint32_t, n);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    int only;
    if (n == 1 && keys[0].kind != VALUE_NULL && !order_of(evaluation, keys[0], keys[0], &only))
        return false;
    for (uint64_t width = 1; width < n; width *= 2) {
        evaluation->fuel_used += n / 16;
        for (uint64_t left = 0; left < n; left += 2 * width) {
            uint32_t middle = (uint32_t)MIN_OF(left + width, (uint64_t)n),
                     right = (uint32_t)MIN_OF(left + 2 * width, (uint64_t)n);
            if (!merge(evaluation, keys, order, other, (uint32_t)left, middle, right, down))
                return false;
        }
        uint32_t *swap = order;
        order = other;
        other = swap;
    }
    Value *sorted = NEW_ARRAY(&evaluation->heap, Value, n);
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = items[order[i]];
    if (n > 0)
        memcpy(items, sorted, n * sizeof(Value));
    return true;
}

static List *list_copy(Evaluation *evaluation, const List *list)
{
    List *copy = value_list_new(&evaluation->heap, list->count).list;
    if (list->count > 0)
        memcpy(copy->items, list->items, list->count * sizeof(Value));
    copy->count = list->count;
    return copy;
}

/* Nothing has no place in an order: the question names the item. `by` is the field that it lacks, or "". */
static bool all_are_there(Evaluation *evaluation, const Value *keys, const List *items, Str by)
{
    for (uint32_t i = 0; i < items->count && items->count > 1; i++) {
        if (keys[i].kind != VALUE_NULL)
            continue;
        problem_note_missing(evaluation, HOLE_NONE, &type_any, items->items[i]);
        Problem *problem = &evaluation->problem;
        problem->missing = by;
        if (by.len > 0)
            (void)snprintf(problem->text, sizeof problem->text, "Item %u has no %.*s to be sorted by", i + 1,
                           STR_ARG(by));
        else
            (void)snprintf(problem->text, sizeof problem->text, "Item %u is nothing and has no place in an order",
                           i + 1);
        return false;
    }
    return true;
}

FUNCTION(SORTED)
{
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items) || !heap_admits(evaluation, 64ull * items->count))
        return false;
    List *sorted = list_copy(evaluation, items), *keys = list_copy(evaluation, items);
    if (items_come_from_fields(evaluation))
        figures_as_numbers(evaluation, keys->items, keys->count);
    *out = list_value(sorted);
    return all_are_there(evaluation, keys->items, sorted, S("")) &&
           sort_items(evaluation, keys->items, sorted->items, sorted->count, false);
}

static bool keys_of(Evaluation *evaluation, const List *items, Value by, Value *keys)
{
    Str name;
    if (!need_text(evaluation, 1, by, &name))
        return false;
    for (uint32_t i = 0; i < items->count; i++)
        if (!item_field(evaluation, items->items[i], name, i, &keys[i]))
            return false;
    figures_as_numbers(evaluation, keys, items->count);
    return all_are_there(evaluation, keys, items, name);
}

/* Sorting by the last field first: each pass is stable, so earlier fields win. */
static bool sort_by(Evaluation *evaluation, const Value *arguments, bool down, Value *out)
{
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items) || !heap_admits(evaluation, 64ull * items->count))
        return false;
    List *sorted = list_copy(evaluation, items);
    Value *keys = NEW_ARRAY(&evaluation->heap, Value, items->count);
    uint32_t n_fields = arguments[1].kind == VALUE_LIST ? arguments[1].list->count : 1;
    for (uint32_t i = n_fields; i-- > 0;) {
        Value by = arguments[1].kind == VALUE_LIST ? arguments[1].list->items[i] : arguments[1];
        if (!keys_of(evaluation, sorted, by, keys) || !sort_items(evaluation, keys, sorted->items, sorted->count, down))
            return false;
    }
    *out = list_value(sorted);
    return true;
}

FUNCTION(SORT_BY)
{
    return sort_by(evaluation, arguments, false, out);
}
FUNCTION(SORT_DOWN_BY)
{
    return sort_by(evaluation, arguments, true, out);
}

FUNCTION(REVERSED)
{
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    List *reversed = list_copy(evaluation, items);
    for (uint32_t i = 0; i < items->count; i++)
        reversed->items[i] = items->items[items->count - 1 - i];
    *out = list_value(reversed);
    return true;
}

typedef struct Seen {
    Value hashable; /* a set */
    List *others;
} Seen;

static bool seen_before(Evaluation *evaluation, Seen *seen, Value key)
{
    if (value_is_hashable(key))
        return !set_add(&evaluation->heap, seen->hashable.set, key);
    evaluation->fuel_used += seen->others->count / 8;
    for (uint32_t i = 0; i < seen->others->count; i++)
        if (value_equals(seen->others->items[i], key))
            return true;
    list_add(&evaluation->heap, seen->others, key);
    return false;
}

static Seen seen_new(Evaluation *evaluation)
{
    return (Seen){value_set_new(&evaluation->heap), value_list_new(&evaluation->heap, 0).list};
}

FUNCTION(UNIQUE)
{
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    Seen seen = seen_new(evaluation);
    *out = value_list_new(&evaluation->heap, 0);
    for (uint32_t i = 0; i < items->count; i++)
        if (!seen_before(evaluation, &seen, items->items[i]))
            list_add(&evaluation->heap, out->list, items->items[i]);
    return true;
}

FUNCTION(UNIQUE_BY)
{
    List *items;
    Str name;
    if (!need_list(evaluation, 0, arguments[0], &items) || !need_text(evaluation, 1, arguments[1], &name))
        return false;
    Seen seen = seen_new(evaluation);
    *out = value_list_new(&evaluation->heap, 0);
    for (uint32_t i = 0; i < items->count; i++) {
        Value key;
        if (!item_field(evaluation, items->items[i], name, i, &key))
            return false;
        if (!seen_before(evaluation, &seen, key))
            list_add(&evaluation->heap, out->list, items->items[i]);
    }
    return true;
}

FUNCTION(ANY)
{
    List *items;
    bool yes = false;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    for (uint32_t i = 0; i < items->count && !yes; i++)
        yes = value_truth(items->items[i]);
    *out = value_bool(yes);
    return true;
}

FUNCTION(ALL)
{
    List *items;
    bool yes = true;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    for (uint32_t i = 0; i < items->count && yes; i++)
        yes = value_truth(items->items[i]);
    *out = value_bool(yes);
    return true;
}

/* ---- making lists ---- */

static bool numbers_list(Evaluation *evaluation, Value iterator[3], Value *out)
{
    Value item;
    *out = value_list_new(&evaluation->heap, 0);
    while (operate_next(evaluation, iterator, &item)) {
        list_add(&evaluation->heap, out->list, item);
        if (!heap_admits(evaluation, 0))
            return false;
    }
    evaluation->fuel_used += out->list->count / 16;
    return true;
}

FUNCTION(RANGE)
{
    Value iterator[3];
    return operate_iterate(evaluation, arguments, n, iterator) && numbers_list(evaluation, iterator, out);
}

FUNCTION(NUMBERS)
{
    Value iterator[3];
    if (!operate_iterate(evaluation, arguments, 2, iterator))
        return false;
    iterator[2].low += (int64_t)iterator[2].low < INT64_MAX; /* the last one belongs to them */
    return numbers_list(evaluation, iterator, out);
}

static Value pair_of(Evaluation *evaluation, Value first, Value second)
{
    Value pair = value_list_new(&evaluation->heap, 2);
    list_add(&evaluation->heap, pair.list, first);
    list_add(&evaluation->heap, pair.list, second);
    return pair;
}

FUNCTION(ENUMERATE)
{
    List *items;
    int64_t from = 0;
    if (!need_list(evaluation, 0, arguments[0], &items) || (n > 1 && !need_int(evaluation, 1, arguments[1], &from)) ||
        !heap_admits(evaluation, 80ull * items->count))
        return false;
    *out = value_list_new(&evaluation->heap, items->count);
    for (uint32_t i = 0; i < items->count; i++) {
        Value number;
        Error err;
        if (!decimal_add(value_int(from), value_int(i), &number, &err))
            return problem_error(evaluation, HOLE_RESULT, &err);
        list_add(&evaluation->heap, out->list, pair_of(evaluation, number, items->items[i]));
    }
    return true;
}

FUNCTION(ZIP)
{
    List *lists[9];
    uint32_t shortest = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        if (!need_list(evaluation, (int)i, arguments[i], &lists[i]))
            return false;
        shortest = MIN_OF(shortest, lists[i]->count);
    }
    if (!heap_admits(evaluation, (32ull + 16ull * n) * shortest))
        return false;
    *out = value_list_new(&evaluation->heap, shortest);
    for (uint32_t row = 0; row < shortest; row++) {
        Value together = value_list_new(&evaluation->heap, n);
        for (uint32_t i = 0; i < n; i++)
            list_add(&evaluation->heap, together.list, lists[i]->items[row]);
        list_add(&evaluation->heap, out->list, together);
    }
    return true;
}

FUNCTION(LIST)
{
    List *items;
    if (n == 0) {
        *out = value_list_new(&evaluation->heap, 0);
        return true;
    }
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    *out = list_value(list_copy(evaluation, items));
    return true;
}

FUNCTION(SET)
{
    List *items;
    *out = value_set_new(&evaluation->heap);
    if (n == 0)
        return true;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    for (uint32_t i = 0; i < items->count; i++) {
        if (!need_hashable(evaluation, 0, items->items[i]))
            return false;
        (void)set_add(&evaluation->heap, out->set, items->items[i]);
    }
    return true;
}

/* ---- records ---- */

static Value record_copy(Evaluation *evaluation, const Record *record)
{
    Value copy = value_record_new(&evaluation->heap);
    for (uint32_t i = 0; i < record->count; i++)
        record_set(&evaluation->heap, copy.record, record->entries[i].key, record->entries[i].value);
    return copy;
}

static bool need_record(Evaluation *evaluation, int hole, Value value, Record **out)
{
    if (value.kind == VALUE_ROW)
        value = row_as_record(evaluation, value);
    if (value.kind == VALUE_RECORD) {
        *out = value.record;
        return true;
    }
    if (value.kind == VALUE_NULL)
        return problem_missing(evaluation, hole, &type_record, value);
    return problem_set(evaluation, "not-a-record", hole, &type_record, value, "A record is needed here");
}

FUNCTION(DICT)
{
    Record *record;
    List *pairs;
    *out = value_record_new(&evaluation->heap);
    if (n == 0)
        return true;
    if (arguments[0].kind != VALUE_LIST) {
        if (!need_record(evaluation, 0, arguments[0], &record))
            return false;
        *out = record_copy(evaluation, record);
        return true;
    }
    for (uint32_t i = 0; i < arguments[0].list->count; i++) {
        if (!need_list(evaluation, 0, arguments[0].list->items[i], &pairs))
            return false;
        if (pairs->count != 2)
            return problem_set(evaluation, "wrong-length", 0, &type_list, arguments[0],
                               "A record is made of pairs; item %u has %u", i + 1, pairs->count);
        if (!need_hashable(evaluation, 0, pairs->items[0]))
            return false;
        record_set(&evaluation->heap, out->record, pairs->items[0], pairs->items[1]);
    }
    return true;
}

FUNCTION(KEYS)
{
    Record *record;
    if (!need_record(evaluation, 0, arguments[0], &record))
        return false;
    *out = value_list_new(&evaluation->heap, record->count);
    for (uint32_t i = 0; i < record->count; i++)
        list_add(&evaluation->heap, out->list, record->entries[i].key);
    return true;
}

FUNCTION(VALUES)
{
    Record *record;
    if (!need_record(evaluation, 0, arguments[0], &record))
        return false;
    *out = value_list_new(&evaluation->heap, record->count);
    for (uint32_t i = 0; i < record->count; i++)
        list_add(&evaluation->heap, out->list, record->entries[i].value);
    return true;
}

FUNCTION(ITEMS)
{
    Record *record;
    if (!need_record(evaluation, 0, arguments[0], &record) || !heap_admits(evaluation, 80ull * record->count))
        return false;
    *out = value_list_new(&evaluation->heap, record->count);
    for (uint32_t i = 0; i < record->count; i++)
        list_add(&evaluation->heap, out->list, pair_of(evaluation, record->entries[i].key, record->entries[i].value));
    return true;
}

static bool get_or(Value object, Value key, Value otherwise, Value *out)
{
    *out = otherwise;
    if (key.kind == VALUE_TEXT) {
        if (value_field_get(object, value_str(key), out) != FIELD_FOUND)
            *out = otherwise;
    } else if (object.kind == VALUE_RECORD && value_is_hashable(key)) {
        const Value *found = record_find(object.record, key);
        *out = found ? *found : otherwise;
    }
    return true;
}

FUNCTION(GET)
{
    if (arguments[0].kind != VALUE_RECORD && arguments[0].kind != VALUE_ROW)
        return problem_set(evaluation, "not-a-record", 0, &type_record, arguments[0], "A record is needed here");
    return get_or(arguments[0], arguments[1], n > 2 ? arguments[2] : value_null(), out);
}

/* Nothing where there is no such field, nor anything to have it. */
FUNCTION(FIND)
{
    return get_or(arguments[0], arguments[1], value_null(), out);
}

FUNCTION(INDEX_OF)
{
    List *items;
    if (arguments[0].kind == VALUE_TEXT && arguments[1].kind == VALUE_TEXT) {
        ptrdiff_t at = str_find(value_str(arguments[0]), value_str(arguments[1]));
        if (at >= 0)
            *out = value_int(text_length(str_slice(value_str(arguments[0]), 0, (size_t)at)));
        return at >= 0 || problem_set(evaluation, "no-match", HOLE_RESULT, &type_number, arguments[1],
                                      "The text does not contain it");
    }
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    evaluation->fuel_used += items->count / 16;
    for (uint32_t i = 0; i < items->count; i++)
        if (value_equals(items->items[i], arguments[1])) {
            *out = value_int(i);
            return true;
        }
    return problem_set(evaluation, "no-match", HOLE_RESULT, &type_number, arguments[1], "The list does not contain it");
}

FUNCTION(COUNT_OF)
{
    List *items;
    uint32_t count = 0;
    if (arguments[0].kind == VALUE_TEXT && arguments[1].kind == VALUE_TEXT) {
        Str text = value_str(arguments[0]), part = value_str(arguments[1]);
        for (ptrdiff_t at; part.len > 0 && (at = str_find(text, part)) >= 0;
             text = str_skip(text, (size_t)at + part.len))
            count++;
        *out = value_int(part.len > 0 ? count : text_length(text) + 1);
        return true;
    }
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    evaluation->fuel_used += items->count / 16;
    for (uint32_t i = 0; i < items->count; i++)
        count += value_equals(items->items[i], arguments[1]);
    *out = value_int(count);
    return true;
}

static Value table_copy(Evaluation *evaluation, const Table *table)
{
    Value copy = value_table_new(&evaluation->heap, table->n_rows);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        Column *column = table_add_column(&evaluation->heap, copy.table, table->columns[i].name);
        if (table->n_rows > 0)
            memcpy(column->cells, table->columns[i].cells, table->n_rows * sizeof(Value));
    }
    return copy;
}

/* One level deep, as in Python. */
FUNCTION(COPY)
{
    Value value = arguments[0];
    switch (value.kind) {
    case VALUE_LIST: *out = list_value(list_copy(evaluation, value.list)); return true;
    case VALUE_RECORD: *out = record_copy(evaluation, value.record); return true;
    case VALUE_ROW: *out = row_as_record(evaluation, value); return true;
    case VALUE_TABLE: *out = table_copy(evaluation, value.table); return true;
    case VALUE_SET:
        *out = value_set_new(&evaluation->heap);
        for (uint32_t i = 0; i < value.set->items.count; i++)
            (void)set_add(&evaluation->heap, out->set, value.set->items.entries[i].key);
        return true;
    default: *out = value; return true;
    }
}

static bool is_empty(Value value)
{
    switch (value.kind) {
    case VALUE_LIST: return value.list->count == 0;
    case VALUE_SET: return value.set->items.count == 0;
    case VALUE_RECORD: return value.record->count == 0;
    case VALUE_TABLE: return value.table->n_rows == 0;
    default: return value_is_blank(value);
    }
}

FUNCTION(IS_EMPTY)
{
    *out = value_bool(is_empty(arguments[0]));
    return true;
}

FUNCTION(IS_NOT_EMPTY)
{
    *out = value_bool(!is_empty(arguments[0]));
    return true;
}

FUNCTION(IS_MISSING)
{
    *out = value_bool(value_is_blank(arguments[0]));
    return true;
}

FUNCTION(IS_NOT_MISSING)
{
    *out = value_bool(!value_is_blank(arguments[0]));
    return true;
}

/* ---- actions ---- */

static bool not_a_collection(Evaluation *evaluation, Value value, const char *what)
{
    if (value.kind == VALUE_NULL)
        return problem_missing(evaluation, 0, &type_list, value);
    return problem_set(evaluation, "not-a-list", 0, &type_list, value, "%s %s", what,
                       value_kind_name((ValueKind)value.kind));
}

static bool append_row(Evaluation *evaluation, Table *table, Value item)
{
    Record *record;
    if (!need_record(evaluation, 1, item, &record))
        return false;
    uint32_t row = table_add_row(&evaluation->heap, table);
    for (uint32_t i = 0; i < record->count; i++)
        if (record->entries[i].key.kind == VALUE_TEXT)
            (void)value_field_set(&evaluation->heap, value_row(table, row), value_str(record->entries[i].key),
                                  record->entries[i].value);
    return true;
}

FUNCTION(APPEND)
{
    *out = value_null();
    switch (arguments[0].kind) {
    case VALUE_LIST:
        if (arguments[0].list->count == UINT32_MAX / 2)
            return heap_admits(evaluation, UINT64_MAX);
        list_add(&evaluation->heap, arguments[0].list, arguments[1]);
        return true;
    case VALUE_SET:
        if (!need_hashable(evaluation, 1, arguments[1]))
            return false;
        (void)set_add(&evaluation->heap, arguments[0].set, arguments[1]);
        return true;
    case VALUE_TABLE: return append_row(evaluation, arguments[0].table, arguments[1]);
    default: return not_a_collection(evaluation, arguments[0], "Nothing can be appended to");
    }
}

static void list_remove_at(List *list, uint32_t at)
{
    memmove(&list->items[at], &list->items[at + 1], (list->count - at - 1) * sizeof(Value));
    list->count--;
}

FUNCTION(REMOVE)
{
    *out = value_null();
    if (arguments[0].kind == VALUE_SET) {
        if (value_is_hashable(arguments[1]) && record_remove(&arguments[0].set->items, arguments[1]))
            return true;
        return problem_set(evaluation, "no-match", HOLE_RESULT, &type_any, arguments[1], "The set does not contain it");
    }
    if (arguments[0].kind != VALUE_LIST)
        return not_a_collection(evaluation, arguments[0], "Nothing can be removed from");
    List *list = arguments[0].list;
    evaluation->fuel_used += list->count / 16;
    for (uint32_t i = 0; i < list->count; i++)
        if (value_equals(list->items[i], arguments[1])) {
            list_remove_at(list, i);
            lookups_items_changed(evaluation, arguments[0]);
            return true;
        }
    return problem_set(evaluation, "no-match", HOLE_RESULT, &type_any, arguments[1], "The list does not contain it");
}

FUNCTION(INSERT_FIRST)
{
    *out = value_null();
    if (arguments[0].kind != VALUE_LIST)
        return not_a_collection(evaluation, arguments[0], "Nothing can be put at the front of");
    List *list = arguments[0].list;
    evaluation->fuel_used += list->count / 64;
    list_add(&evaluation->heap, list, arguments[1]);
    memmove(&list->items[1], &list->items[0], (list->count - 1) * sizeof(Value));
    list->items[0] = arguments[1];
    lookups_items_changed(evaluation, arguments[0]);
    return true;
}

static bool delete_column(Evaluation *evaluation, Table *table, Str name)
{
    for (uint32_t i = 0; i < table->n_columns; i++)
        if (str_eq(table->columns[i].name, name) ||
            (!table_column(table, name) && name_alike(table->columns[i].name, name))) {
            memmove(&table->columns[i], &table->columns[i + 1], (table->n_columns - i - 1) * sizeof(Column));
            table->n_columns--;
            memset(evaluation->hints, 0, evaluation->code->n_instructions * sizeof *evaluation->hints);
            return true;
        }
    return problem_set(evaluation, "missing-field", HOLE_RESULT, &type_any, (Value){0}, "There is no such column");
}

/* Of a row or table it takes the whole column: rows of a table have the same fields. */
FUNCTION(DELETE_FIELD)
{
    Str name;
    *out = value_null();
    if (!need_text(evaluation, 1, arguments[1], &name))
        return false;
    if (arguments[0].kind == VALUE_ROW || arguments[0].kind == VALUE_TABLE) {
        if (!delete_column(evaluation, arguments[0].table, name))
            return false;
    } else {
        Record *record;
        if (!need_record(evaluation, 0, arguments[0], &record))
            return false;
        bool removed = record_remove(record, value_text(name));
        for (uint32_t i = 0; !removed && i < record->count; i++)
            if (record->entries[i].key.kind == VALUE_TEXT && name_alike(value_str(record->entries[i].key), name))
                removed = record_remove(record, record->entries[i].key);
        if (!removed)
            return problem_set(evaluation, "missing-field", HOLE_RESULT, &type_any, (Value){0},
                               "There is no such field");
    }
    lookups_field_changed(evaluation, arguments[0], name);
    return true;
}
