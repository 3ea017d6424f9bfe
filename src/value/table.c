/* value/table.c: columns of equally many cells. */
#include "value/value.h"

static Value *new_cells(Arena *arena, uint32_t n)
{
    Value *cells = NEW_ARRAY(arena, Value, n);
    for (uint32_t i = 0; i < n; i++)
        cells[i] = value_null();
    return cells;
}

Value value_table_new(Arena *arena, uint32_t n_rows)
{
    Table *table = NEW(arena, Table);
    table->n_rows = table->cap_rows = n_rows;
    return (Value){.table = table, .kind = VALUE_TABLE};
}

Column *table_column(const Table *table, Str name)
{
    for (uint32_t i = 0; i < table->n_columns; i++) {
        if (str_eq(table->columns[i].name, name))
            return &table->columns[i];
    }
    return NULL;
}

Column *table_add_column(Arena *arena, Table *table, Str name)
{
    if (table->n_columns == table->cap_columns) {
        uint32_t cap = table->cap_columns ? 2 * table->cap_columns : 8;
        assert(cap > table->cap_columns);
        table->columns = arena_grow(arena, table->columns, table->cap_columns * sizeof(Column), cap * sizeof(Column),
                                    _Alignof(Column));
        table->cap_columns = cap;
    }
    Column *column = &table->columns[table->n_columns++];
    *column = (Column){.name = name, .cells = new_cells(arena, table->cap_rows)};
    return column;
}

static void grow_rows(Arena *arena, Table *table)
{
    uint32_t cap = table->cap_rows ? 2 * table->cap_rows : 16;
    assert(cap > table->cap_rows);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        Column *column = &table->columns[i];
        column->cells =
            arena_grow(arena, column->cells, table->cap_rows * sizeof(Value), cap * sizeof(Value), _Alignof(Value));
    }
    table->cap_rows = cap;
}

uint32_t table_add_row(Arena *arena, Table *table)
{
    if (table->n_rows == table->cap_rows)
        grow_rows(arena, table);
    for (uint32_t i = 0; i < table->n_columns; i++)
        table->columns[i].cells[table->n_rows] = value_null();
    return table->n_rows++;
}
