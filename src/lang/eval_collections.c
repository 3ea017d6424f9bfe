/* lang/eval_collections.c: going through items, and making collections of them. */
#include "lang/eval_state.h"
#include "lang/functions.h"

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

bool operate_record(Evaluation *evaluation, const Value *pairs, uint32_t n, Value *out)
{
    Value record = value_record_new(&evaluation->heap);
    for (uint32_t i = 0; i < n; i++) {
        if (!need_hashable(evaluation, (int)(2 * i), pairs[2 * i]))
            return false;
        record_set(&evaluation->heap, record.record, pairs[2 * i], pairs[2 * i + 1]);
    }
    *out = record;
    return true;
}

bool operate_set(Evaluation *evaluation, const Value *items, uint32_t n, Value *out)
{
    Value set = value_set_new(&evaluation->heap);
    for (uint32_t i = 0; i < n; i++) {
        if (!need_hashable(evaluation, (int)i, items[i]))
            return false;
        (void)set_add(&evaluation->heap, set.set, items[i]);
    }
    *out = set;
    return true;
}

Value operate_list(Evaluation *evaluation, const Value *items, uint32_t n)
{
    Value list = value_list_new(&evaluation->heap, n);
    if (n > 0)
        memcpy(list.list->items, items, n * sizeof(Value));
    list.list->count = n;
    return list;
}
