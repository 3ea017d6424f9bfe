/* lang/eval_operate.c: what instructions do beyond moving values.
 *
 * Where Python has the operation, it means what Python means, with exact decimals for numbers. Beyond Python:
 * - Nothing (null, and in arithmetic and comparisons of order also blank text) where a value is needed is a question.
 * - A figure in a text ("1,250.00") counts as its number beside a number. Two texts that both come from fields of a
 * record or row, as amounts in a file do, count as numbers when both are figures; other texts are joined by + and
 * ordered by their letters. */
#include <string.h>

#include "lang/eval_state.h"
#include "lang/functions.h"
#include "value/calendar.h"
#include "value/decimal.h"

enum { FIELDS_SHOWN = 4 };

bool value_is_blank(Value value)
{
    return value.kind == VALUE_NULL || (value.kind == VALUE_TEXT && str_trim(value_str(value)).len == 0);
}

bool operand_is_field(const Evaluation *evaluation, int hole)
{
    const Node *node = operand_node(evaluation, hole);
    return node && (node->kind == NODE_FIELD || node->kind == NODE_INDEX);
}

/* ---- needing a kind ---- */

bool need_number(Evaluation *evaluation, int hole, Value value, Value *out)
{
    if (value.kind == VALUE_NUMBER) {
        *out = value;
        return true;
    }
    if (value.kind == VALUE_BOOL) {
        *out = value_int((int64_t)value.low);
        return true;
    }
    if (value_is_blank(value))
        return problem_missing(evaluation, hole, &type_number, value);
    Error err = {0};
    if (value.kind == VALUE_TEXT &&
        decimal_parse_figure(value_str(value), evaluation->options.reading.decimal_comma, out, &err))
        return true;
    return problem_set(evaluation, "not-a-number", hole, &type_number, value, "%s",
                       err.message[0]             ? err.message
                       : value.kind == VALUE_TIME ? "A time of day is no figure: say … as a duration where a length of "
                                                    "time is meant"
                                                  : "A number is needed here");
}

bool problem_several_currencies(Evaluation *evaluation, Value first, Value second)
{
    return problem_set(evaluation, "several-currencies", HOLE_RESULT, &type_number, second,
                       "“%.*s” and “%.*s” are in different currencies: convert them first, or take each currency by "
                       "itself",
                       STR_ARG(str_clip(value_str(first), 40)), STR_ARG(str_clip(value_str(second), 40)));
}

bool names_currency(Value value)
{
    char currency[FIGURE_CURRENCY];
    return value.kind == VALUE_TEXT && figure_currency(value_str(value), currency);
}

bool need_int(Evaluation *evaluation, int hole, Value value, int64_t *out)
{
    Value number;
    if (!need_number(evaluation, hole, value, &number))
        return false;
    if (value_to_int(number, out))
        return true;
    return problem_set(evaluation, "not-a-whole-number", hole, &type_number, value, "A whole number is needed here");
}

bool need_text(Evaluation *evaluation, int hole, Value value, Str *out)
{
    if (value.kind == VALUE_TEXT) {
        *out = value_str(value);
        return true;
    }
    if (value.kind == VALUE_NULL)
        return problem_missing(evaluation, hole, &type_text, value);
    return problem_set(evaluation, "not-a-text", hole, &type_text, value, "A text is needed here");
}

bool need_hashable(Evaluation *evaluation, int hole, Value value)
{
    return value_is_hashable(value) ||
           problem_set(evaluation, "not-a-key", hole, &type_text, value,
                       "A set or the keys of a record hold texts, numbers and dates, not %s",
                       value_kind_name((ValueKind)value.kind));
}

bool need_list(Evaluation *evaluation, int hole, Value value, List **out)
{
    if (value.kind == VALUE_LIST) {
        *out = value.list;
        return true;
    }
    Value iterator[3], item;
    if (value.kind == VALUE_NULL)
        return problem_missing(evaluation, hole, &type_list, value);
    if (!operate_iterate(evaluation, &value, 0, iterator)) {
        evaluation->problem.hole = hole;
        return false;
    }
    Value list = value_list_new(&evaluation->heap, 0);
    while (operate_next(evaluation, iterator, &item))
        list_add(&evaluation->heap, list.list, item);
    *out = list.list;
    return true;
}

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

/* ---- arithmetic ---- */

static bool numbers_arithmetic(Evaluation *evaluation, ArithmeticOp op, Value left, Value right, Value *out)
{
    static bool (*const wide[])(Value, Value, Value *, Error *) = {
        [OP_DIVIDE] = decimal_divide,
        [OP_FLOOR_DIVIDE] = decimal_floor_divide,
        [OP_MODULO] = decimal_modulo,
        [OP_POWER] = decimal_power,
    };
    Error err;
    bool done = op == OP_ADD        ? decimal_add(left, right, out, &err)
                : op == OP_SUBTRACT ? decimal_subtract(left, right, out, &err)
                : op == OP_MULTIPLY ? decimal_multiply(left, right, out, &err)
                                    : wide[op](left, right, out, &err);
    return done || problem_error(evaluation, HOLE_RESULT, &err);
}

static bool join_texts(Evaluation *evaluation, Str left, Str right, Value *out)
{
    if (!heap_admits(evaluation, left.len + right.len))
        return false;
    Buf joined = buf_in(&evaluation->heap);
    buf_reserve(&joined, left.len + right.len);
    buf_str(&joined, left);
    buf_str(&joined, right);
    *out = value_text(buf_end(&joined));
    return true;
}

static bool join_lists(Evaluation *evaluation, const List *left, const List *right, Value *out)
{
    uint64_t count = (uint64_t)left->count + right->count;
    if (!heap_admits(evaluation, count * sizeof(Value)))
        return false;
    *out = value_list_new(&evaluation->heap, (uint32_t)count);
    for (uint32_t i = 0; i < left->count; i++)
        list_add(&evaluation->heap, out->list, left->items[i]);
    for (uint32_t i = 0; i < right->count; i++)
        list_add(&evaluation->heap, out->list, right->items[i]);
    return true;
}

static bool repeat_text(Evaluation *evaluation, Str text, int64_t times, Value *out)
{
    uint64_t n = times > 0 ? (uint64_t)times : 0;
    if (text.len > 0 && n > UINT32_MAX / text.len)
        return heap_admits(evaluation, UINT64_MAX);
    if (!heap_admits(evaluation, text.len * n))
        return false;
    Buf repeated = buf_in(&evaluation->heap);
    buf_reserve(&repeated, text.len * n);
    for (uint64_t i = 0; i < n && text.len > 0; i++)
        buf_str(&repeated, text);
    *out = value_text(buf_end(&repeated));
    return true;
}

static bool repeat_list(Evaluation *evaluation, const List *list, int64_t times, Value *out)
{
    uint64_t n = times > 0 ? (uint64_t)times : 0;
    if (list->count > 0 && n > UINT32_MAX / list->count)
        return heap_admits(evaluation, UINT64_MAX);
    if (!heap_admits(evaluation, n * list->count * sizeof(Value)))
        return false;
    *out = value_list_new(&evaluation->heap, (uint32_t)(n * list->count));
    for (uint64_t i = 0; i < n && list->count > 0; i++)
        for (uint32_t j = 0; j < list->count; j++)
            list_add(&evaluation->heap, out->list, list->items[j]);
    return true;
}

/* Amounts in different currencies make no sum, no difference and no order. */
static bool one_currency(Evaluation *evaluation, Value left, Value right)
{
    char first[FIGURE_CURRENCY], second[FIGURE_CURRENCY];
    if (left.kind != VALUE_TEXT || right.kind != VALUE_TEXT || !figure_currency(value_str(left), first) ||
        !figure_currency(value_str(right), second) || memcmp(first, second, sizeof first) == 0)
        return true;
    return problem_several_currencies(evaluation, left, right);
}

static bool both_figures(Evaluation *evaluation, Value left, Value right, Value numbers[2])
{
    Error err;
    return operand_is_field(evaluation, 0) && operand_is_field(evaluation, 1) &&
           decimal_parse_figure(value_str(left), evaluation->options.reading.decimal_comma, &numbers[0], &err) &&
           decimal_parse_figure(value_str(right), evaluation->options.reading.decimal_comma, &numbers[1], &err);
}

static bool is_moment(Value v)
{
    return v.kind == VALUE_DATE || v.kind == VALUE_TIME || v.kind == VALUE_DATETIME;
}

static bool subtract_sets(Evaluation *evaluation, const Set *left, const Set *right, Value *out)
{
    *out = value_set_new(&evaluation->heap);
    for (uint32_t i = 0; i < left->items.count; i++)
        if (!record_find(&right->items, left->items.entries[i].key))
            (void)set_add(&evaluation->heap, out->set, left->items.entries[i].key);
    return true;
}

/* Python's `//` of a length by a number: down to a whole microsecond. */
static bool floor_of_length(Evaluation *evaluation, Value seconds, Value number, Value *out)
{
    Value million = value_int(1000000), micros;
    return numbers_arithmetic(evaluation, OP_MULTIPLY, seconds, million, &micros) &&
           numbers_arithmetic(evaluation, OP_FLOOR_DIVIDE, micros, number, &micros) &&
           numbers_arithmetic(evaluation, OP_DIVIDE, micros, million, out);
}

static bool durations_arithmetic(Evaluation *evaluation, ArithmeticOp op, Value left, Value right, Value *out)
{
    bool both = left.kind == VALUE_DURATION && right.kind == VALUE_DURATION;
    Value a = left, b = right, number;
    if (left.kind == VALUE_DURATION)
        a = number_of_duration(left);
    else if (!need_number(evaluation, 0, left, &a))
        return false;
    if (right.kind == VALUE_DURATION)
        b = number_of_duration(right);
    else if (!need_number(evaluation, 1, right, &b))
        return false;
    bool adds = op == OP_ADD || op == OP_SUBTRACT || op == OP_MODULO;
    bool fits = adds ? both : op == OP_MULTIPLY ? !both : left.kind == VALUE_DURATION && op != OP_POWER;
    if (!fits)
        return problem_set(
            evaluation, "not-a-duration", left.kind == VALUE_DURATION ? 1 : 0, &type_duration,
            left.kind == VALUE_DURATION ? right : left,
            adds ? "A length of time is needed here, not a number: say of what, as in 30 minutes or 8 hours"
                 : "A length of time cannot be combined with this");
    bool floors = op == OP_FLOOR_DIVIDE && !both;
    if (!(floors ? floor_of_length(evaluation, a, b, &number) : numbers_arithmetic(evaluation, op, a, b, &number)))
        return false;
    if (both && (op == OP_DIVIDE || op == OP_FLOOR_DIVIDE)) {
        *out = number;
        return true;
    }
    return duration_of_number(number, out) || problem_set(evaluation, "too-large", HOLE_RESULT, &type_duration,
                                                          (Value){0}, "This length of time is too large");
}

static bool add_special(Evaluation *evaluation, Value left, Value right, Value *out, bool *out_done)
{
    Value numbers[2];
    *out_done = true;
    if (left.kind == VALUE_TEXT && right.kind == VALUE_TEXT) {
        if (both_figures(evaluation, left, right, numbers))
            return one_currency(evaluation, left, right) &&
                   numbers_arithmetic(evaluation, OP_ADD, numbers[0], numbers[1], out);
        return join_texts(evaluation, value_str(left), value_str(right), out);
    }
    if (left.kind == VALUE_LIST && right.kind == VALUE_LIST)
        return join_lists(evaluation, left.list, right.list, out);
    if (is_moment(left) && right.kind == VALUE_DURATION)
        return moment_add(evaluation, left, right, false, out);
    if (left.kind == VALUE_DURATION && is_moment(right))
        return moment_add(evaluation, right, left, false, out);
    *out_done = false;
    return true;
}

static bool subtract_special(Evaluation *evaluation, Value left, Value right, Value *out, bool *out_done)
{
    *out_done = true;
    if (is_moment(left) && right.kind == VALUE_DURATION)
        return moment_add(evaluation, left, right, true, out);
    if (is_moment(left) && is_moment(right))
        return moment_between(evaluation, left, right, out);
    if (left.kind == VALUE_SET && right.kind == VALUE_SET)
        return subtract_sets(evaluation, left.set, right.set, out);
    *out_done = false;
    return true;
}

static bool is_figure(Evaluation *evaluation, Value text)
{
    Value number;
    Error err;
    return decimal_parse_figure(value_str(text), evaluation->options.reading.decimal_comma, &number, &err);
}

static bool multiply_special(Evaluation *evaluation, Value left, Value right, Value *out, bool *out_done)
{
    Value many = right.kind == VALUE_NUMBER ? left : right, times = right.kind == VALUE_NUMBER ? right : left;
    int64_t n;
    *out_done = true;
    if (times.kind == VALUE_NUMBER && value_to_int(times, &n)) {
        bool is_amount = operand_is_field(evaluation, right.kind == VALUE_NUMBER ? 0 : 1);
        if (many.kind == VALUE_TEXT && !is_amount && !value_is_blank(many) && !is_figure(evaluation, many))
            return repeat_text(evaluation, value_str(many), n, out);
        if (many.kind == VALUE_LIST)
            return repeat_list(evaluation, many.list, n, out);
    }
    *out_done = false;
    return true;
}

bool operate_arithmetic(Evaluation *evaluation, ArithmeticOp op, Value left, Value right, Value *out)
{
    bool done = false, worked = true;
    if ((op == OP_ADD || op == OP_SUBTRACT) && !(left.kind == VALUE_NUMBER && right.kind == VALUE_NUMBER) &&
        !written_operands(evaluation, op, &left, &right))
        return false;
    if (op == OP_ADD)
        worked = add_special(evaluation, left, right, out, &done);
    else if (op == OP_SUBTRACT)
        worked = subtract_special(evaluation, left, right, out, &done);
    else if (op == OP_MULTIPLY)
        worked = multiply_special(evaluation, left, right, out, &done);
    if (done || !worked)
        return worked;
    if (left.kind == VALUE_DURATION || right.kind == VALUE_DURATION)
        return durations_arithmetic(evaluation, op, left, right, out);
    Value a, b;
    return need_number(evaluation, 0, left, &a) && need_number(evaluation, 1, right, &b) &&
           one_currency(evaluation, left, right) && numbers_arithmetic(evaluation, op, a, b, out);
}

bool operate_negate(Evaluation *evaluation, Value value, Value *out)
{
    if (value.kind == VALUE_DURATION)
        return duration_of_number(decimal_negate(number_of_duration(value)), out) ||
               problem_set(evaluation, "too-large", HOLE_RESULT, &type_duration, value,
                           "This length of time is too large");
    if (!need_number(evaluation, 0, value, out))
        return false;
    *out = decimal_negate(*out);
    return true;
}

/* ---- comparing ---- */

static bool holds(CompareOp op, int order)
{
    return op == CMP_LESS ? order < 0 : op == CMP_LESS_EQUAL ? order <= 0 : op == CMP_GREATER ? order > 0 : order >= 0;
}

static bool contains(Evaluation *evaluation, Value item, Value container, bool *out)
{
    Str part;
    *out = false;
    switch (container.kind) {
    case VALUE_TEXT:
        if (!need_text(evaluation, 0, item, &part))
            return false;
        *out = str_contains(value_str(container), part);
        return true;
    case VALUE_LIST: *out = lookup_has(evaluation, container, item); return true;
    case VALUE_SET: *out = value_is_hashable(item) && record_find(&container.set->items, item); return true;
    case VALUE_RECORD: *out = value_is_hashable(item) && record_find(container.record, item); return true;
    case VALUE_ROW: *out = item.kind == VALUE_TEXT && table_column(container.table, value_str(item)); return true;
    case VALUE_TABLE:
        for (uint32_t i = 0; i < container.table->n_rows && !*out; i++)
            *out = value_equals(value_row(container.table, i), item);
        return true;
    case VALUE_NULL: return problem_missing(evaluation, 1, &type_list, container);
    default:
        return problem_set(evaluation, "not-a-list", 1, &type_list, container,
                           "Only a list, set, record, table or text contains things");
    }
}

/* Makes two operands comparable: a figure beside a number, a written date beside a date. */
static bool comparable(Evaluation *evaluation, Value *left, Value *right)
{
    Value numbers[2];
    for (int i = 0; i < 2; i++) {
        Value *text = i == 0 ? left : right, *other = i == 0 ? right : left;
        if (text->kind != VALUE_TEXT || other->kind == VALUE_TEXT)
            continue;
        if (other->kind == VALUE_NUMBER && !need_number(evaluation, i, *text, text))
            return false;
        if (is_moment(*other) && !need_moment_beside(evaluation, i, *text, *other, text))
            return false;
        if (other->kind == VALUE_DURATION && !need_duration(evaluation, i, *text, text))
            return false;
    }
    if (left->kind == VALUE_TEXT && right->kind == VALUE_TEXT && both_figures(evaluation, *left, *right, numbers)) {
        if (!one_currency(evaluation, *left, *right))
            return false;
        *left = numbers[0];
        *right = numbers[1];
    }
    return written_pair(evaluation, left, right);
}

/* What can be put in order with a value. */
static const Type *type_beside(Value value)
{
    switch (value.kind) {
    case VALUE_NUMBER: return &type_number;
    case VALUE_DATE: return &type_date;
    case VALUE_TIME: return &type_time;
    case VALUE_DATETIME: return &type_datetime;
    case VALUE_DURATION: return &type_duration;
    default: return &type_any;
    }
}

bool operate_compare(Evaluation *evaluation, CompareOp op, Value left, Value right, bool *out)
{
    switch (op) {
    case CMP_EQUAL: *out = value_equals(left, right); return true;
    case CMP_NOT_EQUAL: *out = !value_equals(left, right); return true;
    case CMP_IN: return contains(evaluation, left, right, out);
    case CMP_NOT_IN:
        if (!contains(evaluation, left, right, out))
            return false;
        *out = !*out;
        return true;
    default: break;
    }
    bool is_text = left.kind == VALUE_TEXT && right.kind == VALUE_TEXT;
    if (!is_text && value_is_blank(left))
        return problem_missing(evaluation, 0, type_beside(right), left);
    if (!is_text && value_is_blank(right))
        return problem_missing(evaluation, 1, type_beside(left), right);
    if (!comparable(evaluation, &left, &right))
        return false;
    int order;
    Error err;
    if (!value_compare(left, right, &order, &err))
        return problem_set(evaluation, "not-comparable", 1, type_beside(left), right, "%s", err.message);
    *out = holds(op, order);
    return true;
}

/* ---- iterating ---- */

static Value word(int kind, uint64_t low)
{
    return (Value){.low = low, .kind = (uint8_t)kind};
}

static bool iterate_range(Evaluation *evaluation, const Value *operands, uint32_t n, Value out[3])
{
    int64_t numbers[3] = {0, 0, 1};
    for (uint32_t i = 0; i < n; i++)
        if (!need_int(evaluation, (int)i, operands[i], &numbers[n == 1 ? 1 : i]))
            return false;
    if (numbers[2] == 0)
        return problem_set(evaluation, "bad-step", 2, &type_number, operands[2], "A step of 0 leads nowhere");
    out[0] = word(KIND_RANGE, (uint64_t)numbers[2]);
    out[1] = word(KIND_POSITION, (uint64_t)numbers[0]);
    out[2] = word(KIND_CURSOR, (uint64_t)numbers[1]);
    return true;
}

bool operate_iterate(Evaluation *evaluation, const Value *operands, uint32_t n_range, Value out[3])
{
    if (n_range > 0)
        return iterate_range(evaluation, operands, n_range, out);
    switch (operands[0].kind) {
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_RECORD:
    case VALUE_ROW:
    case VALUE_TABLE:
    case VALUE_TEXT:
        out[0] = operands[0];
        out[1] = word(KIND_POSITION, 0);
        out[2] = word(KIND_CURSOR, 0);
        return true;
    case VALUE_NULL: return problem_missing(evaluation, 0, &type_list, operands[0]);
    default:
        return problem_set(evaluation, "not-a-list", 0, &type_list, operands[0], "%s has no items to go through",
                           value_kind_name((ValueKind)operands[0].kind));
    }
}

static bool next_of_range(Value *iterator, Value *out)
{
    int64_t step = (int64_t)iterator[0].low, at = (int64_t)iterator[1].low, end = (int64_t)iterator[2].low;
    if (step > 0 ? at >= end : at <= end)
        return false;
    value_put_number(out, at < 0 ? -(uint64_t)at : (uint64_t)at, 0, 0, at < 0);
    if (__builtin_add_overflow(at, step, &at))
        at = end;
    iterator[1].low = (uint64_t)at;
    return true;
}

static bool next_of_text(Value *iterator, Value *out)
{
    Str rest = str_skip(value_str(iterator[0]), iterator[1].low);
    if (rest.len == 0)
        return false;
    size_t len = text_offset(rest, 1);
    *out = value_text(str_slice(rest, 0, len));
    iterator[1].low += len;
    return true;
}

bool operate_next(Evaluation *evaluation, Value *iterator, Value *out_item)
{
    (void)evaluation;
    uint64_t at = iterator[1].low;
    switch (iterator[0].kind) {
    case KIND_RANGE:
        if (!next_of_range(iterator, out_item))
            return false;
        break;
    case VALUE_TEXT:
        if (!next_of_text(iterator, out_item))
            return false;
        break;
    case VALUE_LIST:
        if (at >= iterator[0].list->count)
            return false;
        *out_item = iterator[0].list->items[at];
        iterator[1].low++;
        break;
    case VALUE_TABLE:
        if (at >= iterator[0].table->n_rows)
            return false;
        *out_item = value_row(iterator[0].table, (uint32_t)at);
        iterator[1].low++;
        break;
    case VALUE_ROW:
        if (at >= iterator[0].table->n_columns)
            return false;
        *out_item = value_text(iterator[0].table->columns[at].name);
        iterator[1].low++;
        break;
    default: {
        const Record *record = iterator[0].kind == VALUE_SET ? &iterator[0].set->items : iterator[0].record;
        if (at >= record->count)
            return false;
        *out_item = record->entries[at].key;
        iterator[1].low++;
    }
    }
    iterator[1].high++;
    return true;
}

bool operate_unpack(Evaluation *evaluation, Value value, uint32_t n, Value *out)
{
    List *list;
    if (!need_list(evaluation, 0, value, &list))
        return false;
    if (list->count != n)
        return problem_set(evaluation, "wrong-length", 0, &type_list, value, "%u names stand for %u values", n,
                           list->count);
    for (uint32_t i = 0; i < n; i++)
        out[i] = list->items[n - 1 - i];
    return true;
}

void operate_template(Evaluation *evaluation, const Value *pieces, uint32_t n, Value *out)
{
    Buf text = buf_in(&evaluation->heap);
    for (uint32_t i = 0; i < n; i++)
        value_print(&text, pieces[i]);
    *out = value_text(buf_end(&text));
}

bool operate_collect(Evaluation *evaluation, CollectOp op, Value collection, Value key, Value item)
{
    switch (op) {
    case COLLECT_SET:
        if (!need_hashable(evaluation, 0, item))
            return false;
        (void)set_add(&evaluation->heap, collection.set, item);
        return true;
    case COLLECT_RECORD:
        if (!need_hashable(evaluation, 0, key))
            return false;
        record_set(&evaluation->heap, collection.record, key, item);
        return true;
    default: list_add(&evaluation->heap, collection.list, item); return true;
    }
}
