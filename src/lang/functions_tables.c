/* lang/functions_tables.c: tables made of other values and taken apart. */
#include "lang/functions.h"

static bool is_list_of_rows(const List *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].kind != VALUE_ROW && list->items[i].kind != VALUE_RECORD)
            return false;
    return list->count > 0;
}

/* A list of rows or records, as sorting and filtering give it, is the table that it would make. */
static bool need_table(Evaluation *evaluation, int hole, Value value, Table **out)
{
    if (value.kind == VALUE_LIST && is_list_of_rows(value.list) &&
        !function_TABLE_FROM_RECORDS(evaluation, &value, 1, &value))
        return false;
    if (value.kind == VALUE_TABLE) {
        *out = value.table;
        return true;
    }
    if (value.kind == VALUE_NULL)
        return problem_missing(evaluation, hole, &type_table, value);
    return problem_set(evaluation, "not-a-table", hole, &type_table, value, "A table is needed here");
}

static Column *column_called(const Table *table, Str name)
{
    Column *column = table_column(table, name);
    for (uint32_t i = 0; !column && i < table->n_columns; i++)
        if (name_alike(table->columns[i].name, name))
            column = &table->columns[i];
    return column;
}

static bool no_such_column(Evaluation *evaluation, Str name)
{
    problem_note(evaluation, "missing-field", HOLE_RESULT, &type_any, (Value){0}, "There is no column \"%.*s\"",
                 STR_ARG(name));
    evaluation->problem.missing = name;
    evaluation->problem.group = "missing_values";
    return false;
}

static void table_put(Evaluation *evaluation, Table *table, uint32_t row, Value key, Value value)
{
    Str name = value_str(key);
    if (key.kind != VALUE_TEXT) {
        Buf printed = buf_in(&evaluation->heap);
        value_print(&printed, key);
        name = buf_view(&printed);
    }
    Column *column = table_column(table, name);
    if (!column)
        column = table_add_column(&evaluation->heap, table, name);
    column->cells[row] = value;
}

FUNCTION(TABLE_FROM_RECORDS)
{
    List *items;
    if (arguments[0].kind == VALUE_TABLE) {
        *out = arguments[0];
        return true;
    }
    if (!need_list(evaluation, 0, arguments[0], &items) || !heap_admits(evaluation, 64ull * items->count))
        return false;
    Value table = value_table_new(&evaluation->heap, items->count);
    for (uint32_t row = 0; row < items->count; row++) {
        Value item = items->items[row];
        if (item.kind == VALUE_ROW)
            item = row_as_record(evaluation, item);
        if (item.kind != VALUE_RECORD)
            return problem_set(evaluation, "not-a-record", 0, &type_list, item, "Item %u is no record", row + 1);
        for (uint32_t i = 0; i < item.record->count; i++)
            table_put(evaluation, table.table, row, item.record->entries[i].key, item.record->entries[i].value);
    }
    *out = table;
    return true;
}

FUNCTION(TABLE_FROM_DICT)
{
    if (arguments[0].kind != VALUE_RECORD)
        return problem_set(evaluation, "not-a-record", 0, &type_record, arguments[0],
                           "A table of columns is made of a record with a list for each column");
    const Record *record = arguments[0].record;
    uint32_t n_rows = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        Value cells = record->entries[i].value;
        if (cells.kind != VALUE_LIST || (i > 0 && cells.list->count != n_rows))
            return problem_set(evaluation, "wrong-length", 0, &type_record, arguments[0],
                               "The columns of a table are lists of equal length");
        n_rows = cells.list->count;
    }
    Value table = value_table_new(&evaluation->heap, n_rows);
    for (uint32_t i = 0; i < record->count; i++)
        for (uint32_t row = 0; row < n_rows; row++)
            table_put(evaluation, table.table, row, record->entries[i].key, record->entries[i].value.list->items[row]);
    *out = table;
    return true;
}

FUNCTION(SELECT_COLUMNS)
{
    Table *table;
    List *names;
    if (!need_table(evaluation, 0, arguments[0], &table))
        return false;
    Value only = value_list_new(&evaluation->heap, 1);
    if (arguments[1].kind == VALUE_TEXT)
        list_add(&evaluation->heap, only.list, arguments[1]);
    if (!need_list(evaluation, 1, arguments[1].kind == VALUE_TEXT ? only : arguments[1], &names))
        return false;
    Value selected = value_table_new(&evaluation->heap, table->n_rows);
    for (uint32_t i = 0; i < names->count; i++) {
        Str name;
        if (!need_text(evaluation, 1, names->items[i], &name))
            return false;
        const Column *from = column_called(table, name);
        if (!from)
            return no_such_column(evaluation, name);
        Column *to = table_add_column(&evaluation->heap, selected.table, from->name);
        if (table->n_rows > 0)
            memcpy(to->cells, from->cells, table->n_rows * sizeof(Value));
    }
    *out = selected;
    return true;
}

FUNCTION(COLUMN)
{
    Str name;
    if (!need_text(evaluation, 1, arguments[1], &name))
        return false;
    if (arguments[0].kind == VALUE_TABLE) {
        const Column *column = column_called(arguments[0].table, name);
        if (!column)
            return no_such_column(evaluation, name);
        *out = value_list_new(&evaluation->heap, arguments[0].table->n_rows);
        for (uint32_t i = 0; i < arguments[0].table->n_rows; i++)
            list_add(&evaluation->heap, out->list, column->cells[i]);
        return true;
    }
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    *out = value_list_new(&evaluation->heap, items->count);
    for (uint32_t i = 0; i < items->count; i++) {
        Value cell;
        if (!item_field(evaluation, items->items[i], name, i, &cell))
            return false;
        list_add(&evaluation->heap, out->list, cell);
    }
    return true;
}

FUNCTION(COLUMNS)
{
    Table *table;
    if (!need_table(evaluation, 0, arguments[0], &table))
        return false;
    *out = value_list_new(&evaluation->heap, table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++)
        list_add(&evaluation->heap, out->list, value_text(table->columns[i].name));
    return true;
}

FUNCTION(ROWS)
{
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    *out = (Value){.list = items, .kind = VALUE_LIST};
    return true;
}

/* A record from each value of the field to the list of its rows, in the order of their first one. Several fields make a
 * list of values, printed as people read it, the key. */
static bool group_key(Evaluation *evaluation, Value by, Value item, uint32_t index, Value *out)
{
    Str name;
    if (by.kind != VALUE_LIST)
        return need_text(evaluation, 1, by, &name) && item_field(evaluation, item, name, index, out) &&
               need_hashable(evaluation, 0, *out);
    Buf printed = buf_in(&evaluation->heap);
    for (uint32_t i = 0; i < by.list->count; i++) {
        Value part;
        if (!need_text(evaluation, 1, by.list->items[i], &name) || !item_field(evaluation, item, name, index, &part))
            return false;
        if (i > 0)
            buf_str(&printed, S(", "));
        value_print(&printed, part);
    }
    *out = value_text(buf_end(&printed));
    return true;
}

FUNCTION(GROUP_BY)
{
    List *items;
    if (!need_list(evaluation, 0, arguments[0], &items))
        return false;
    Value groups = value_record_new(&evaluation->heap);
    for (uint32_t i = 0; i < items->count; i++) {
        Value key;
        if (!group_key(evaluation, arguments[1], items->items[i], i, &key))
            return false;
        Value *group = record_find(groups.record, key);
        if (!group) {
            record_set(&evaluation->heap, groups.record, key, value_list_new(&evaluation->heap, 0));
            group = record_find(groups.record, key);
        }
        list_add(&evaluation->heap, group->list, items->items[i]);
    }
    *out = groups;
    return true;
}
