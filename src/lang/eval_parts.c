/* lang/eval_parts.c: the parts of a value, read and set: fields, items, slices. */
#include <string.h>

#include "lang/eval_state.h"
#include "lang/functions.h"

enum { FIELDS_SHOWN = 4 };

/* ---- fields ---- */

static bool same_text(Str a, Str b)
{
    return a.len == b.len && (a.data == b.data || memcmp(a.data, b.data, a.len) == 0);
}

static bool row_by_hint(const Table *table, uint32_t row, Str key, const FieldHint *hint, Value *out)
{
    if (hint->index >= table->n_columns)
        return false;
    const Column *column = &table->columns[hint->index];
    bool is_known = hint->shape == table->columns && hint->count == table->n_columns && hint->name == column->name.data;
    if (!is_known && !same_text(column->name, key))
        return false;
    *out = column->cells[row];
    return true;
}

static bool record_by_hint(const Record *record, Str key, const FieldHint *hint, Value *out)
{
    if (hint->index >= record->count)
        return false;
    const struct RecordEntry *entry = &record->entries[hint->index];
    if (entry->key.kind != VALUE_TEXT || !same_text(value_str(entry->key), key))
        return false;
    *out = entry->value;
    return true;
}

static void hint_table(const Table *table, Str key, FieldHint *hint)
{
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < table->n_columns; i++) {
            Str name = table->columns[i].name;
            if (pass == 0 ? str_eq(name, key) : name_alike(name, key)) {
                *hint = (FieldHint){table->columns, name.data, table->n_columns, i};
                return;
            }
        }
}

static void hint_record(const Record *record, Str key, FieldHint *hint)
{
    for (uint32_t i = 0; i < record->count && i < 64; i++)
        if (record->entries[i].key.kind == VALUE_TEXT && str_eq(value_str(record->entries[i].key), key)) {
            *hint = (FieldHint){.index = i};
            return;
        }
}

static const Column *column_alike(const Table *table, Str key)
{
    const Column *column = table_column(table, key);
    for (uint32_t i = 0; !column && i < table->n_columns; i++)
        if (name_alike(table->columns[i].name, key))
            column = &table->columns[i];
    return column;
}

static bool table_column_list(Evaluation *evaluation, const Table *table, Str key, Value *out)
{
    const Column *column = column_alike(table, key);
    if (!column)
        column = column_alike(table, plural_of(&evaluation->heap, key));
    if (!column) /* the report's amounts: of a table that has no plural, the column Amount */
        column = column_alike(table, singular_of(&evaluation->heap, key));
    if (!column) {
        problem_note(evaluation, "missing-field", HOLE_RESULT, &type_list, (Value){0}, "There is no such column");
        evaluation->problem.missing = key;
        evaluation->problem.group = "missing_values";
        return false;
    }
    *out = value_list_new(&evaluation->heap, table->n_rows);
    for (uint32_t i = 0; i < table->n_rows; i++)
        list_add(&evaluation->heap, out->list, column->cells[i]);
    return true;
}

/* "PO Number" and "po_number": the fields that a name may stand for. */
static Str fields_alike(Arena *arena, Value object, Str key)
{
    Buf names = buf_in(arena);
    uint32_t n = object.kind == VALUE_ROW ? object.table->n_columns : object.record->count, found = 0;
    for (uint32_t i = 0; i < n && found < FIELDS_SHOWN; i++) {
        Value name =
            object.kind == VALUE_ROW ? value_text(object.table->columns[i].name) : object.record->entries[i].key;
        if (name.kind == VALUE_TEXT && name_alike(value_str(name), key))
            buf_printf(&names, "%s\"%.*s\"", found++ ? " and " : "", STR_ARG(str_clip(value_str(name), 60)));
    }
    return buf_view(&names);
}

static bool field_problem(Evaluation *evaluation, FieldResult result, Value object, Str key)
{
    if (result == FIELD_MISSING)
        problem_note(evaluation, "missing-field", HOLE_RESULT, &type_any, (Value){0}, "The field is missing");
    else if (result == FIELD_AMBIGUOUS)
        problem_note(evaluation, "ambiguous-field", HOLE_RESULT, &type_any, (Value){0},
                     "Several fields are called \"%.*s\": %.*s", STR_ARG(key),
                     STR_ARG(fields_alike(&evaluation->heap, object, key)));
    else if (object.kind == VALUE_NULL)
        problem_note_missing(evaluation, 0, &type_record, object);
    else
        problem_note(evaluation, "not-a-record", 0, &type_record, object, "Only a record or a row has a field \"%.*s\"",
                     STR_ARG(key));
    if (result != FIELD_NOT_A_RECORD)
        evaluation->problem.missing = key;
    if (result == FIELD_MISSING)
        evaluation->problem.group = "missing_values";
    return false;
}

/* By its name or, failing that, in the plural: "the shifts' hours" are each shift's hour, and the column is called
 * Hours. */
FieldResult field_read(Arena *arena, Value object, Str *key, Value *out)
{
    FieldResult result = value_field_get(object, *key, out);
    if (result != FIELD_MISSING)
        return result;
    Str many = plural_of(arena, *key);
    if (value_field_get(object, many, out) != FIELD_FOUND)
        return FIELD_MISSING;
    *key = many;
    return FIELD_FOUND;
}

bool operate_field(Evaluation *evaluation, Value object, Str key, FieldHint *hint, Value *out)
{
    if (hint && object.kind == VALUE_ROW && row_by_hint(object.table, object.high, key, hint, out))
        return true;
    if (hint && object.kind == VALUE_RECORD && record_by_hint(object.record, key, hint, out))
        return true;
    if (object.kind == VALUE_TABLE)
        return table_column_list(evaluation, object.table, key, out);
    FieldResult result = field_read(&evaluation->heap, object, &key, out);
    if (result != FIELD_FOUND)
        return field_problem(evaluation, result, object, key);
    if (hint && object.kind == VALUE_ROW)
        hint_table(object.table, key, hint);
    else if (hint)
        hint_record(object.record, key, hint);
    return true;
}

static bool set_column(Evaluation *evaluation, Value value, Table *table, Str key)
{
    if (value.kind != VALUE_LIST || value.list->count != table->n_rows)
        return problem_set(evaluation, "wrong-length", 0, &type_list, value,
                           "A column of this table is a list of %u values", table->n_rows);
    Column *column = table_column(table, key);
    for (uint32_t i = 0; !column && i < table->n_columns; i++)
        if (name_alike(table->columns[i].name, key))
            column = &table->columns[i];
    if (!column)
        column = table_add_column(&evaluation->heap, table, key);
    memcpy(column->cells, value.list->items, table->n_rows * sizeof(Value));
    return true;
}

bool operate_set_field(Evaluation *evaluation, Value value, Value object, Str key)
{
    if (object.kind == VALUE_TABLE) {
        if (!set_column(evaluation, value, object.table, key))
            return false;
    } else {
        FieldResult result = value_field_set(&evaluation->heap, object, key, value);
        if (result == FIELD_NOT_A_RECORD) {
            (void)field_problem(evaluation, result, object, key);
            evaluation->problem.hole = 1;
            return false;
        }
        if (result == FIELD_AMBIGUOUS) {
            (void)field_problem(evaluation, result, object, key);
            evaluation->problem.hole = HOLE_NONE;
            return false;
        }
    }
    lookups_field_changed(evaluation, object, key);
    return true;
}

Value row_as_record(Evaluation *evaluation, Value row)
{
    Value record = value_record_new(&evaluation->heap);
    for (uint32_t i = 0; i < row.table->n_columns; i++)
        record_set(&evaluation->heap, record.record, value_text(row.table->columns[i].name),
                   row.table->columns[i].cells[row.high]);
    return record;
}

/* ---- index and slice ---- */

static bool no_such_item(Evaluation *evaluation, int64_t index, uint32_t count)
{
    return problem_set(evaluation, "no-such-item", HOLE_RESULT, &type_any, value_int(index),
                       "There %s %u item%s, and no item %lld%s", count == 1 ? "is" : "are", count,
                       count == 1 ? "" : "s", index < 0 ? -(long long)index : (long long)index + 1,
                       index < 0 ? " from the end" : "");
}

static bool item_index(Evaluation *evaluation, Value index, uint32_t count, uint32_t *out)
{
    int64_t at;
    if (!need_int(evaluation, 1, index, &at))
        return false;
    int64_t from_start = at < 0 ? at + count : at;
    if (from_start < 0 || from_start >= count)
        return no_such_item(evaluation, at, count);
    *out = (uint32_t)from_start;
    return true;
}

static bool record_index(Evaluation *evaluation, Value object, Value index, Value *out)
{
    if (index.kind == VALUE_TEXT)
        return operate_field(evaluation, object, value_str(index), NULL, out);
    if (!need_hashable(evaluation, 1, index))
        return false;
    const Value *found = object.kind == VALUE_RECORD ? record_find(object.record, index) : NULL;
    if (!found)
        return problem_set(evaluation, "missing-field", HOLE_RESULT, &type_any, index, "The record has no such key");
    *out = *found;
    return true;
}

bool operate_index(Evaluation *evaluation, Value object, Value index, Value *out)
{
    uint32_t at;
    switch (object.kind) {
    case VALUE_LIST:
        if (!item_index(evaluation, index, object.list->count, &at))
            return false;
        *out = object.list->items[at];
        return true;
    case VALUE_RECORD:
    case VALUE_ROW: return record_index(evaluation, object, index, out);
    case VALUE_TABLE:
        if (index.kind == VALUE_TEXT)
            return table_column_list(evaluation, object.table, value_str(index), out);
        if (!item_index(evaluation, index, object.table->n_rows, &at))
            return false;
        *out = value_row(object.table, at);
        return true;
    case VALUE_TEXT: {
        Str text = value_str(object);
        if (!item_index(evaluation, index, text_length(text), &at))
            return false;
        size_t from = text_offset(text, at);
        *out = value_text(str_slice(text, from, from + text_offset(str_skip(text, from), 1)));
        return true;
    }
    case VALUE_NULL: return problem_missing(evaluation, 0, &type_list, object);
    default:
        return problem_set(evaluation, "not-a-list", 0, &type_list, object,
                           "Only a list, record, table or text has items");
    }
}

bool operate_set_index(Evaluation *evaluation, Value value, Value object, Value index)
{
    if (object.kind == VALUE_LIST) {
        uint32_t at;
        int64_t wanted;
        if (!need_int(evaluation, 2, index, &wanted))
            return false;
        if (wanted < 0)
            wanted += object.list->count;
        if (wanted < 0 || wanted >= object.list->count)
            return problem_set(evaluation, "no-such-item", 2, &type_number, index, "The list has %u items",
                               object.list->count);
        at = (uint32_t)wanted;
        object.list->items[at] = value;
        lookups_items_changed(evaluation, object);
        return true;
    }
    if (index.kind == VALUE_TEXT)
        return operate_set_field(evaluation, value, object, value_str(index));
    if (object.kind == VALUE_RECORD) {
        if (!need_hashable(evaluation, 2, index))
            return false;
        record_set(&evaluation->heap, object.record, index, value);
        return true;
    }
    if (object.kind == VALUE_NULL)
        return problem_missing(evaluation, 1, &type_list, object);
    return problem_set(evaluation, "not-a-list", 1, &type_list, object, "Only items of a list or record can be set");
}

typedef struct Range {
    int64_t from, step;
    uint64_t n;
} Range;

static bool slice_bound(Evaluation *evaluation, int hole, Value bound, int64_t fallback, int64_t low, int64_t high,
                        uint32_t count, int64_t *out)
{
    *out = fallback;
    if (bound.kind == VALUE_NULL)
        return true;
    if (!need_int(evaluation, hole, bound, out))
        return false;
    if (*out < 0)
        *out = *out < -(int64_t)count ? low : *out + count;
    *out = MIN_OF(MAX_OF(*out, low), high);
    return true;
}

/* Python's slice.indices. */
static bool slice_range(Evaluation *evaluation, const Value *operands, uint32_t count, Range *out)
{
    int64_t step = 1, from, to;
    if (operands[3].kind != VALUE_NULL && !need_int(evaluation, 3, operands[3], &step))
        return false;
    if (step == 0)
        return problem_set(evaluation, "bad-step", 3, &type_number, operands[3], "A step of 0 leads nowhere");
    step = MAX_OF(MIN_OF(step, (int64_t)UINT32_MAX), -(int64_t)UINT32_MAX);
    int64_t low = step < 0 ? -1 : 0, high = step < 0 ? (int64_t)count - 1 : count;
    if (!slice_bound(evaluation, 1, operands[1], step < 0 ? high : low, low, high, count, &from) ||
        !slice_bound(evaluation, 2, operands[2], step < 0 ? low : high, low, high, count, &to))
        return false;
    int64_t distance = step > 0 ? to - from : from - to, stride = step > 0 ? step : -step;
    *out = (Range){from, step, distance > 0 ? (uint64_t)((distance + stride - 1) / stride) : 0};
    return true;
}

static bool slice_text(Evaluation *evaluation, const Value *operands, Value *out)
{
    Str text = value_str(operands[0]);
    uint32_t length = text_length(text);
    Range range;
    if (!slice_range(evaluation, operands, length, &range))
        return false;
    if (range.step == 1 || range.n <= 1) {
        size_t from = text_offset(text, range.n ? (uint32_t)range.from : 0);
        Str rest = str_skip(text, from);
        *out = value_text(str_slice(rest, 0, text_offset(rest, (uint32_t)range.n)));
        return true;
    }
    if (!heap_admits(evaluation, text.len + 4ull * length))
        return false;
    uint32_t *offsets = NEW_ARRAY(&evaluation->heap, uint32_t, (size_t)length + 1);
    for (size_t at = 0, i = 0; i < length; i++) {
        offsets[i] = (uint32_t)at;
        at += text_offset(str_skip(text, at), 1);
        offsets[i + 1] = (uint32_t)at;
    }
    Buf picked = buf_in(&evaluation->heap);
    for (uint64_t i = 0; i < range.n; i++) {
        int64_t at = range.from + (int64_t)i * range.step;
        buf_add(&picked, text.data + offsets[at], offsets[at + 1] - offsets[at]);
    }
    *out = value_text(buf_end(&picked));
    return true;
}

bool operate_slice(Evaluation *evaluation, const Value *operands, Value *out)
{
    Value object = operands[0];
    Range range;
    if (object.kind == VALUE_TEXT)
        return slice_text(evaluation, operands, out);
    if (object.kind == VALUE_NULL)
        return problem_missing(evaluation, 0, &type_list, object);
    if (object.kind != VALUE_LIST && object.kind != VALUE_TABLE)
        return problem_set(evaluation, "not-a-list", 0, &type_list, object,
                           "Only a list, table or text can be cut into parts");
    uint32_t count = object.kind == VALUE_LIST ? object.list->count : object.table->n_rows;
    if (!slice_range(evaluation, operands, count, &range) || !heap_admits(evaluation, range.n * sizeof(Value)))
        return false;
    *out = value_list_new(&evaluation->heap, (uint32_t)range.n);
    for (uint64_t i = 0; i < range.n; i++) {
        uint32_t at = (uint32_t)(range.from + (int64_t)i * range.step);
        list_add(&evaluation->heap, out->list,
                 object.kind == VALUE_LIST ? object.list->items[at] : value_row(object.table, at));
    }
    return true;
}
