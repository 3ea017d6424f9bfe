/* books/tables.c: what is done with whole tables: joined, totalled, pivoted, searched for duplicates, reshaped. */
#include <string.h>

#include "books/book.h"
#include "books/key_index.h"
#include "books/table_text.h"
#include "value/decimal.h"

#define ROWS_MAX 1000000u
#define CELLS_MAX 8000000u
#define PIVOT_COLUMNS_MAX 1000u
#define SHOWN_MAX 60

static const Type tables_type = {.kind = TYPE_LIST, .inner = &type_table};

/* ---- what they share ---- */
static Table *table_new(Arena *arena)
{
    return value_table_new(arena, 0).table;
}

static Value table_value(Table *table)
{
    return (Value){.table = table, .kind = VALUE_TABLE};
}

/* A column of `n_rows` cells, which the caller fills. */
static Column *table_append(Arena *arena, Table *table, Str name, uint32_t n_rows)
{
    table->n_rows = table->cap_rows = 0;
    Column *column = table_add_column(arena, table, name);
    column->cells = NEW_ARRAY(arena, Value, n_rows);
    return column;
}

static Table *table_finish(Table *table, uint32_t n_rows)
{
    table->n_rows = table->cap_rows = n_rows;
    return table;
}

static bool bound_check(uint64_t rows, uint64_t columns, Error *err)
{
    if (rows <= ROWS_MAX && rows * MAX_OF(columns, (uint64_t)1) <= CELLS_MAX)
        return true;
    return error_set(err, RESOURCE_EXHAUSTED, "",
                     "the result would have %llu rows of %llu columns: %u rows and %u cells are "
                     "the most; narrow the table down first",
                     (unsigned long long)rows, (unsigned long long)columns, ROWS_MAX, CELLS_MAX);
}

static bool key_argument(Arena *arena, const Table *table, Value argument, const char *field, Key *out, Error *err)
{
    const Str *names = NULL;
    uint32_t n_names = 0;
    return argument_names(arena, argument, field, &names, &n_names, err) &&
           key_of(table, names, n_names, field, out, err);
}

/* The cell as a number; null where it has none. */
static bool number_cell(const Column *column, uint32_t row, Value *out, Error *err)
{
    Value cell = column->cells[row];
    if (cell.kind == VALUE_NUMBER || cell.kind == VALUE_NULL) {
        *out = cell;
        return true;
    }
    Str shown = cell.kind == VALUE_TEXT ? str_slice(value_str(cell), 0, SHOWN_MAX) : S("");
    return error_set(err, INVALID_ARGUMENT, "table", "row %u: the %.*s is %s%.*s%s, not a number", row + 1,
                     STR_ARG(str_slice(column->name, 0, SHOWN_MAX)),
                     shown.len ? "\"" : value_kind_name((ValueKind)cell.kind), STR_ARG(shown), shown.len ? "\"" : "");
}

/* The name itself, or "other …" as often as it takes to be free. */
static Str other_name(Arena *arena, const Table *table, Str name)
{
    while (table_column(table, name))
        name = str_printf(arena, "other %.*s", STR_ARG(name));
    return name;
}

/* The rows `rows` of `table`, all columns. */
static Value table_of_rows(Arena *arena, const Table *table, const uint32_t *rows, uint32_t n_rows)
{
    Table *result = table_new(arena);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        Column *column = table_append(arena, result, table->columns[i].name, n_rows);
        for (uint32_t row = 0; row < n_rows; row++)
            column->cells[row] = table->columns[i].cells[rows[row]];
    }
    return table_value(table_finish(result, n_rows));
}

/* ---- join ---- */
enum { JOIN_TABLE, JOIN_OTHER, JOIN_KEY, JOIN_OTHER_KEY, JOIN_AMOUNT, JOIN_OTHER_AMOUNT, JOIN_TOLERANCE, JOIN_KEEP };
static const Parameter join_parameters[] = {
    [JOIN_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("the table whose rows are kept in order")},
    [JOIN_OTHER] = {S_INIT("other"), &type_table, true, S_INIT("the table that is looked into")},
    [JOIN_KEY] = {S_INIT("key"), &type_any, true, S_INIT("the column, or list of columns, that must be equal"),
                  S_INIT("table")},
    [JOIN_OTHER_KEY] = {S_INIT("other_key"), &type_any, false,
                        S_INIT("its name, or names, in the other table where they differ"), S_INIT("other")},
    [JOIN_AMOUNT] = {S_INIT("amount"), &type_text, false,
                     S_INIT("a column of numbers that must agree as well, within the tolerance"), S_INIT("table")},
    [JOIN_OTHER_AMOUNT] = {S_INIT("other_amount"), &type_text, false,
                           S_INIT("its name in the other table where it differs"), S_INIT("other")},
    [JOIN_TOLERANCE] = {S_INIT("tolerance"), &type_number, false,
                        S_INIT("how far both amounts may lie apart, usually 0")},
    [JOIN_KEEP] =
        {S_INIT("keep"), &type_text, false,
         S_INIT("\"matching\" (usual): rows with a partner; \"all\": also those without; \"unmatched\": only those "
                "without")},
};

typedef enum Keep { KEEP_MATCHING, KEEP_ALL, KEEP_UNMATCHED } Keep;

typedef struct Join {
    const Table *table, *other;
    Key key, other_key;
    const Column *amount, *other_amount; /* NULL: amounts do not matter */
    Value tolerance;
    Keep keep;
    KeyIndex index;            /* of the other table */
    uint32_t *rows, *partners; /* of the result; KEY_NONE: no partner */
    uint32_t n_rows, cap_rows;
} Join;

static bool keep_of(Value argument, Keep *out, Error *err)
{
    static const Str words[] = {
        [KEEP_MATCHING] = S_INIT("matching"), [KEEP_ALL] = S_INIT("all"), [KEEP_UNMATCHED] = S_INIT("unmatched")};
    Str word = argument_given(argument) ? value_str(argument) : words[KEEP_MATCHING];
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq_fold(word, words[i])) {
            *out = (Keep)i;
            return true;
        }
    }
    return error_set(err, INVALID_ARGUMENT, "keep",
                     "\"%.*s\" cannot be kept: say \"matching\", \"all\" or \"unmatched\"",
                     STR_ARG(str_slice(word, 0, SHOWN_MAX)));
}

static bool join_amounts(Join *join, const Value *arguments, Error *err)
{
    Value amount = arguments[JOIN_AMOUNT], other = arguments[JOIN_OTHER_AMOUNT];
    join->tolerance = argument_given(arguments[JOIN_TOLERANCE]) ? arguments[JOIN_TOLERANCE] : value_int(0);
    if (join->tolerance.negative)
        return error_set(err, INVALID_ARGUMENT, "tolerance", "the tolerance is below zero");
    if (!argument_given(amount))
        return true;
    Str other_column = value_str(argument_given(other) ? other : amount);
    return table_column_named(join->table, value_str(amount), "amount", &join->amount, err) &&
           table_column_named(join->other, other_column, "other_amount", &join->other_amount, err);
}

static bool join_prepare(Arena *arena, const Value *arguments, Join *join, Error *err)
{
    Value other_key = argument_given(arguments[JOIN_OTHER_KEY]) ? arguments[JOIN_OTHER_KEY] : arguments[JOIN_KEY];
    join->table = arguments[JOIN_TABLE].table;
    join->other = arguments[JOIN_OTHER].table;
    if (!keep_of(arguments[JOIN_KEEP], &join->keep, err) || !join_amounts(join, arguments, err) ||
        !key_argument(arena, join->table, arguments[JOIN_KEY], "key", &join->key, err) ||
        !key_argument(arena, join->other, other_key, "other_key", &join->other_key, err))
        return false;
    if (join->key.n_columns != join->other_key.n_columns)
        return error_set(err, INVALID_ARGUMENT, "other_key", "the key has %u columns, the other key %u",
                         join->key.n_columns, join->other_key.n_columns);
    return key_index_new(arena, &join->other_key, join->other->n_rows, &join->index, err);
}

static bool amounts_agree(const Join *join, uint32_t row, uint32_t partner, bool *out, Error *err)
{
    Value a, b, difference;
    *out = true;
    if (!join->amount)
        return true;
    if (!number_cell(join->amount, row, &a, err) || !number_cell(join->other_amount, partner, &b, err))
        return false;
    if (a.kind == VALUE_NULL || b.kind == VALUE_NULL) {
        *out = false;
        return true;
    }
    if (!decimal_subtract(a, b, &difference, err))
        return false;
    *out = decimal_compare(decimal_abs(difference), join->tolerance) <= 0;
    return true;
}

static bool join_add(Arena *arena, Join *join, uint32_t row, uint32_t partner, Error *err)
{
    if (join->n_rows == join->cap_rows) {
        uint32_t cap = join->cap_rows ? join->cap_rows * 2 : 256;
        if (!bound_check(join->n_rows + 1ull, join->table->n_columns + join->other->n_columns, err))
            return false;
        join->rows = arena_grow(arena, join->rows, join->cap_rows * sizeof(uint32_t), cap * sizeof(uint32_t),
                                _Alignof(uint32_t));
        join->partners = arena_grow(arena, join->partners, join->cap_rows * sizeof(uint32_t), cap * sizeof(uint32_t),
                                    _Alignof(uint32_t));
        join->cap_rows = cap;
    }
    join->rows[join->n_rows] = row;
    join->partners[join->n_rows++] = partner;
    return true;
}

/* A row without a key has no partner, whatever else has none. */
static bool join_row(Arena *arena, Join *join, uint32_t row, Error *err)
{
    bool found = false, agree = false;
    uint32_t partner = key_has_null(&join->key, row) ? KEY_NONE : key_index_find(&join->index, &join->key, row);
    for (; partner != KEY_NONE; partner = join->index.next[partner]) {
        if (!amounts_agree(join, row, partner, &agree, err))
            return false;
        if (agree && join->keep != KEEP_UNMATCHED && !join_add(arena, join, row, partner, err))
            return false;
        found = found || agree;
    }
    return found || join->keep == KEEP_MATCHING || join_add(arena, join, row, KEY_NONE, err);
}

static bool is_key_column(const Key *key, const Column *column)
{
    for (uint32_t i = 0; i < key->n_columns; i++) {
        if (key->columns[i] == column)
            return true;
    }
    return false;
}

static Value join_result(Arena *arena, const Join *join)
{
    Value result = table_of_rows(arena, join->table, join->rows, join->n_rows);
    for (uint32_t i = 0; join->keep != KEEP_UNMATCHED && i < join->other->n_columns; i++) {
        const Column *source = &join->other->columns[i];
        if (is_key_column(&join->other_key, source))
            continue;
        Column *column = table_append(arena, result.table, other_name(arena, result.table, source->name), join->n_rows);
        for (uint32_t row = 0; row < join->n_rows; row++)
            column->cells[row] = join->partners[row] == KEY_NONE ? value_null() : source->cells[join->partners[row]];
    }
    table_finish(result.table, join->n_rows);
    return result;
}

static bool join(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    Join work = {0};
    if (!join_prepare(arena, arguments, &work, err))
        return false;
    for (uint32_t row = 0; row < work.table->n_rows; row++) {
        if (!join_row(arena, &work, row, err))
            return false;
    }
    if (!bound_check(work.n_rows, work.table->n_columns + work.other->n_columns, err))
        return false;
    *out = join_result(arena, &work);
    return true;
}

/* ---- totals ---- */
enum { TOTAL_TABLE, TOTAL_KEY, TOTAL_COLUMNS };
static const Parameter total_parameters[] = {
    [TOTAL_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
    [TOTAL_KEY] = {S_INIT("key"), &type_any, true,
                   S_INIT("the column, or list of columns, whose equal rows make one row"), S_INIT("table")},
    [TOTAL_COLUMNS] = {S_INIT("columns"), &type_any, false,
                       S_INIT("the column, or list of columns, that are added up; all columns of numbers or lengths of "
                              "time when not given"),
                       S_INIT("table")},
};

/* Numbers throughout, or lengths of time throughout. */
static bool column_adds_up(const Column *column, uint32_t n_rows)
{
    uint8_t kind = VALUE_NULL;
    for (uint32_t row = 0; row < n_rows; row++) {
        uint8_t cell = column->cells[row].kind;
        if (cell == VALUE_NULL)
            continue;
        if ((cell != VALUE_NUMBER && cell != VALUE_DURATION) || (kind != VALUE_NULL && cell != kind))
            return false;
        kind = cell;
    }
    return kind != VALUE_NULL;
}

/* What the sum of none of its cells is: of lengths of time no time at all. */
static Value sum_of_none(const Column *column, uint32_t n_rows)
{
    for (uint32_t row = 0; row < n_rows; row++) {
        if (column->cells[row].kind != VALUE_NULL)
            return column->cells[row].kind == VALUE_DURATION ? value_duration(0, 0) : value_int(0);
    }
    return value_int(0);
}

/* The named columns, or all of numbers and lengths of time that are not part of the key. */
static bool summed_columns(Arena *arena, const Table *table, const Key *key, Value argument, const Column ***out,
                           uint32_t *out_n, Error *err)
{
    const Str *names = NULL;
    uint32_t n_names = 0, n = 0;
    bool named = argument_given(argument);
    if (named && !argument_names(arena, argument, "columns", &names, &n_names, err))
        return false;
    const Column **columns = NEW_ARRAY(arena, const Column *, MAX_OF(table->n_columns, n_names));
    for (uint32_t i = 0; i < n_names; i++) {
        if (!table_column_named(table, names[i], "columns", &columns[n++], err))
            return false;
    }
    for (uint32_t i = 0; !named && i < table->n_columns; i++) {
        if (!is_key_column(key, &table->columns[i]) && column_adds_up(&table->columns[i], table->n_rows))
            columns[n++] = &table->columns[i];
    }
    *out = columns;
    *out_n = n;
    return true;
}

/* The number of each row's key, by the order in which keys appear, and the first row of each. */
typedef struct Groups {
    uint32_t *of_row, *first_row;
    uint32_t count;
} Groups;

static bool groups_make(Arena *arena, const Key *key, uint32_t n_rows, Groups *out, Error *err)
{
    KeyIndex index;
    if (!key_index_new(arena, key, n_rows, &index, err))
        return false;
    Groups groups = {.of_row = NEW_ARRAY(arena, uint32_t, n_rows),
                     .first_row = NEW_ARRAY(arena, uint32_t, index.n_keys)};
    for (uint32_t row = 0; row < n_rows; row++) {
        bool first = index.first[row] == row;
        if (first)
            groups.first_row[groups.count] = row;
        groups.of_row[row] = first ? groups.count++ : groups.of_row[index.first[row]];
    }
    *out = groups;
    return true;
}

static bool add_length(Value length, Value *sum, Error *err)
{
    int64_t seconds = 0, nanos = (int64_t)sum->high + length.high;
    if (__builtin_add_overflow(sum->seconds, length.seconds, &seconds) || seconds == INT64_MAX)
        return error_set(err, OUT_OF_RANGE, "table", "the lengths of time are too large to be added up");
    *sum = value_duration(seconds + nanos / 1000000000, (int32_t)(nanos % 1000000000));
    return true;
}

static bool sum_into(const Column *column, uint32_t row, Value *sum, Error *err)
{
    Value cell;
    if (column->cells[row].kind == VALUE_DURATION && sum->kind == VALUE_DURATION)
        return add_length(column->cells[row], sum, err);
    if (sum->kind == VALUE_DURATION && column->cells[row].kind != VALUE_NULL)
        return error_set(err, INVALID_ARGUMENT, "table", "row %u: the %.*s is no length of time, and others are",
                         row + 1, STR_ARG(str_slice(column->name, 0, SHOWN_MAX)));
    if (!number_cell(column, row, &cell, err))
        return false;
    return cell.kind == VALUE_NULL || decimal_add(*sum, cell, sum, err);
}

static void append_key(Arena *arena, Table *result, const Key *key, const Groups *groups)
{
    for (uint32_t i = 0; i < key->n_columns; i++) {
        Column *column = table_append(arena, result, key->columns[i]->name, groups->count);
        for (uint32_t group = 0; group < groups->count; group++)
            column->cells[group] = key->columns[i]->cells[groups->first_row[group]];
    }
}

static bool total(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Table *table = arguments[TOTAL_TABLE].table;
    const Column **columns = NULL;
    uint32_t n_columns = 0;
    Key key;
    Groups groups;
    if (!key_argument(arena, table, arguments[TOTAL_KEY], "key", &key, err) ||
        !summed_columns(arena, table, &key, arguments[TOTAL_COLUMNS], &columns, &n_columns, err) ||
        !groups_make(arena, &key, table->n_rows, &groups, err))
        return false;
    Table *result = table_new(arena);
    append_key(arena, result, &key, &groups);
    for (uint32_t i = 0; i < n_columns; i++) {
        Column *sums = table_append(arena, result, other_name(arena, result, columns[i]->name), groups.count);
        Value none = sum_of_none(columns[i], table->n_rows);
        for (uint32_t group = 0; group < groups.count; group++)
            sums->cells[group] = none;
        for (uint32_t row = 0; row < table->n_rows; row++) {
            if (!sum_into(columns[i], row, &sums->cells[groups.of_row[row]], err))
                return false;
        }
    }
    Column *counts = table_append(arena, result, other_name(arena, result, S("count")), groups.count);
    for (uint32_t group = 0; group < groups.count; group++)
        counts->cells[group] = value_int(0);
    for (uint32_t row = 0; row < table->n_rows; row++)
        counts->cells[groups.of_row[row]].low++;
    *out = table_value(table_finish(result, groups.count));
    return true;
}

/* ---- pivot ---- */
enum { PIVOT_TABLE, PIVOT_ROWS, PIVOT_COLUMNS, PIVOT_VALUES };
static const Parameter pivot_parameters[] = {
    [PIVOT_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
    [PIVOT_ROWS] = {S_INIT("rows"), &type_any, true, S_INIT("the column, or list of columns, that make the rows"),
                    S_INIT("table")},
    [PIVOT_COLUMNS] = {S_INIT("columns"), &type_text, true, S_INIT("the column whose values become columns"),
                       S_INIT("table")},
    [PIVOT_VALUES] = {S_INIT("values"), &type_text, true,
                      S_INIT("the column whose numbers or lengths of time are added up in the cells"), S_INIT("table")},
};

static Str heading(Arena *arena, Value value)
{
    Buf text = buf_in(arena);
    if (value.kind == VALUE_NULL)
        return S("none");
    value_print(&text, value);
    return buf_view(&text);
}

static bool pivot(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Table *table = arguments[PIVOT_TABLE].table;
    const Column *values = NULL;
    Str across_name = value_str(arguments[PIVOT_COLUMNS]);
    Key key, across;
    Groups rows, columns;
    if (!key_argument(arena, table, arguments[PIVOT_ROWS], "rows", &key, err) ||
        !key_of(table, &across_name, 1, "columns", &across, err) ||
        !table_column_named(table, value_str(arguments[PIVOT_VALUES]), "values", &values, err) ||
        !groups_make(arena, &key, table->n_rows, &rows, err) ||
        !groups_make(arena, &across, table->n_rows, &columns, err))
        return false;
    if (columns.count > PIVOT_COLUMNS_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "columns",
                         "the %.*s has %u different values: %u columns are the most", STR_ARG(across.columns[0]->name),
                         columns.count, PIVOT_COLUMNS_MAX);
    if (!bound_check(rows.count, columns.count + key.n_columns, err))
        return false;
    Table *result = table_new(arena);
    append_key(arena, result, &key, &rows);
    uint32_t first = result->n_columns;
    Value none = sum_of_none(values, table->n_rows);
    for (uint32_t i = 0; i < columns.count; i++) {
        Str name = heading(arena, across.columns[0]->cells[columns.first_row[i]]);
        Column *column = table_append(arena, result, other_name(arena, result, name), rows.count);
        for (uint32_t row = 0; row < rows.count; row++)
            column->cells[row] = none;
    }
    for (uint32_t row = 0; row < table->n_rows; row++) {
        Column *column = &result->columns[first + columns.of_row[row]];
        if (!sum_into(values, row, &column->cells[rows.of_row[row]], err))
            return false;
    }
    *out = table_value(table_finish(result, rows.count));
    return true;
}

/* ---- duplicates ---- */
enum { DUPLICATES_TABLE, DUPLICATES_KEY };
static const Parameter duplicates_parameters[] = {
    [DUPLICATES_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
    [DUPLICATES_KEY] = {S_INIT("key"), &type_any, true,
                        S_INIT("the column, or list of columns, in which two rows are duplicates when they are equal"),
                        S_INIT("table")},
};

static bool duplicates(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Table *table = arguments[DUPLICATES_TABLE].table;
    KeyIndex index;
    Key key;
    if (!key_argument(arena, table, arguments[DUPLICATES_KEY], "key", &key, err) ||
        !key_index_new(arena, &key, table->n_rows, &index, err))
        return false;
    uint32_t *rows = NEW_ARRAY(arena, uint32_t, table->n_rows), n_rows = 0;
    for (uint32_t row = 0; row < table->n_rows; row++) {
        bool alone = index.first[row] == row && index.next[row] == KEY_NONE;
        if (!alone && !key_has_null(&key, row))
            rows[n_rows++] = row;
    }
    *out = table_of_rows(arena, table, rows, n_rows);
    return true;
}

/* ---- shape ---- */
enum { RENAME_TABLE, RENAME_COLUMN, RENAME_NAME };
static const Parameter rename_parameters[] = {
    [RENAME_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
    [RENAME_COLUMN] = {S_INIT("column"), &type_text, true, S_INIT("its present name"), S_INIT("table")},
    [RENAME_NAME] = {S_INIT("name"), &type_text, true, S_INIT("its new name")},
};

static Table *table_with_columns_of(Arena *arena, const Table *table)
{
    Table *result = table_new(arena);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        Column *column = table_append(arena, result, table->columns[i].name, 0);
        column->cells = table->columns[i].cells;
    }
    return table_finish(result, table->n_rows);
}

static bool rename_column(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Table *table = arguments[RENAME_TABLE].table;
    const Column *column = NULL;
    Str name = str_trim(value_str(arguments[RENAME_NAME]));
    if (!table_column_named(table, value_str(arguments[RENAME_COLUMN]), "column", &column, err))
        return false;
    if (name.len == 0)
        return error_set(err, INVALID_ARGUMENT, "name", "a column needs a name");
    const Column *taken = table_column(table, name);
    if (taken && taken != column)
        return error_set(err, INVALID_ARGUMENT, "name", "the table has a column called \"%.*s\" already",
                         STR_ARG(str_slice(name, 0, SHOWN_MAX)));
    Table *result = table_with_columns_of(arena, table);
    result->columns[column - table->columns].name = name;
    *out = table_value(result);
    return true;
}

enum { DROP_COLUMNS, DROP_TABLE };
static const Parameter drop_parameters[] = {
    [DROP_COLUMNS] = {S_INIT("columns"), &type_any, true, S_INIT("the name of a column, or a list of names"),
                      S_INIT("table")},
    [DROP_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
};

static bool drop_columns(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Table *table = arguments[DROP_TABLE].table;
    const Str *names = NULL;
    uint32_t n_names = 0;
    if (!argument_names(arena, arguments[DROP_COLUMNS], "columns", &names, &n_names, err))
        return false;
    bool *dropped = NEW_ARRAY(arena, bool, table->n_columns);
    for (uint32_t i = 0; i < n_names; i++) {
        const Column *column = NULL;
        if (!table_column_named(table, names[i], "columns", &column, err))
            return false;
        dropped[column - table->columns] = true;
    }
    Table *result = table_with_columns_of(arena, table);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        if (!dropped[i])
            result->columns[kept++] = result->columns[i];
    }
    result->n_columns = kept;
    *out = table_value(result);
    return true;
}

enum { STACK_TABLES };
static const Parameter stack_parameters[] = {
    [STACK_TABLES] = {S_INIT("tables"), &tables_type, true, S_INIT("a list of tables")},
};

static bool stack(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const List *tables = arguments[STACK_TABLES].list;
    uint64_t n_rows = 0;
    Table *result = table_new(arena);
    for (uint32_t i = 0; i < tables->count; i++) {
        const Table *table = tables->items[i].table;
        n_rows += table->n_rows;
        for (uint32_t k = 0; k < table->n_columns; k++) {
            if (!table_column(result, table->columns[k].name))
                (void)table_append(arena, result, table->columns[k].name, 0);
        }
    }
    if (!bound_check(n_rows, result->n_columns, err))
        return false;
    for (uint32_t k = 0; k < result->n_columns; k++) {
        Value *cell = result->columns[k].cells = NEW_ARRAY(arena, Value, n_rows);
        for (uint32_t i = 0; i < tables->count; i++) {
            const Table *table = tables->items[i].table;
            const Column *source = table_column(table, result->columns[k].name);
            for (uint32_t row = 0; row < table->n_rows; row++)
                *cell++ = source ? source->cells[row] : value_null();
        }
    }
    *out = table_value(table_finish(result, (uint32_t)n_rows));
    return true;
}

/* ---- running totals ---- */
enum { RUNNING_COLUMN, RUNNING_TABLE, RUNNING_NAME };
static const Parameter running_parameters[] = {
    [RUNNING_COLUMN] = {S_INIT("column"), &type_text, true, S_INIT("the column of numbers or lengths of time"),
                        S_INIT("table")},
    [RUNNING_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
    [RUNNING_NAME] = {S_INIT("name"), &type_text, false,
                      S_INIT("what the new column is called, usually \"running\" and its name")},
};

static bool running_total(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Table *table = arguments[RUNNING_TABLE].table;
    const Column *column = NULL;
    if (!table_column_named(table, value_str(arguments[RUNNING_COLUMN]), "column", &column, err))
        return false;
    Str name = argument_given(arguments[RUNNING_NAME]) ? value_str(arguments[RUNNING_NAME])
                                                       : str_printf(arena, "running %.*s", STR_ARG(column->name));
    if (table_column(table, name))
        return error_set(err, INVALID_ARGUMENT, "name", "the table has a column called \"%.*s\" already",
                         STR_ARG(str_slice(name, 0, SHOWN_MAX)));
    Table *result = table_with_columns_of(arena, table);
    Column *totals = table_append(arena, result, name, table->n_rows);
    Value sum = sum_of_none(column, table->n_rows);
    for (uint32_t row = 0; row < table->n_rows; row++) {
        if (!sum_into(column, row, &sum, err))
            return false;
        totals->cells[row] = sum;
    }
    *out = table_value(table_finish(result, table->n_rows));
    return true;
}

/* ---- as text ---- */
enum { LAYOUT_TABLE };
static const Parameter layout_parameters[] = {
    [LAYOUT_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
};

static bool markdown(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    Buf text = buf_in(arena);
    if (!table_print_markdown(&text, arguments[LAYOUT_TABLE].table, err))
        return false;
    *out = value_text(buf_view(&text));
    return true;
}

static bool html(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    Buf text = buf_in(arena);
    if (!table_print_html(&text, arguments[LAYOUT_TABLE].table, err))
        return false;
    *out = value_text(buf_view(&text));
    return true;
}

/* ---- transpose ---- */
enum { TRANSPOSE_TABLE, TRANSPOSE_KEY };
static const Parameter transpose_parameters[] = {
    [TRANSPOSE_TABLE] = {S_INIT("table"), &type_table, true, S_INIT("a table or a list of records")},
    [TRANSPOSE_KEY] = {S_INIT("key"), &type_text, true, S_INIT("the column whose cells become the names of columns"),
                       S_INIT("table")},
};

/* One new column for each row, named by its key. */
static bool columns_of_rows(Arena *arena, const Column *key, uint32_t n_rows, uint32_t n_cells, Table *result,
                            Error *err)
{
    for (uint32_t row = 0; row < n_rows; row++) {
        Buf name = buf_in(arena);
        if (key->cells[row].kind != VALUE_NULL)
            value_print(&name, key->cells[row]);
        Str shown = str_slice(buf_view(&name), 0, SHOWN_MAX);
        if (str_trim(shown).len == 0)
            return error_set(err, INVALID_ARGUMENT, "key", "row %u has no %.*s to name a column by", row + 1,
                             STR_ARG(key->name));
        if (table_column(result, buf_view(&name)))
            return error_set(err, INVALID_ARGUMENT, "key", "row %u: there is a column called \"%.*s\" already", row + 1,
                             STR_ARG(shown));
        (void)table_append(arena, result, buf_view(&name), n_cells);
    }
    return true;
}

static bool transpose(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Table *table = arguments[TRANSPOSE_TABLE].table;
    const Column *key = NULL;
    if (!table_column_named(table, value_str(arguments[TRANSPOSE_KEY]), "key", &key, err))
        return false;
    if (table->n_rows >= PIVOT_COLUMNS_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "table", "the table has %u rows; fewer than %u can become columns",
                         table->n_rows, PIVOT_COLUMNS_MAX);
    uint32_t n_cells = table->n_columns - 1, at = 0;
    Table *result = table_new(arena);
    (void)table_append(arena, result, S("column"), n_cells);
    if (!columns_of_rows(arena, key, table->n_rows, n_cells, result, err))
        return false;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        if (&table->columns[i] == key)
            continue;
        result->columns[0].cells[at] = value_text(table->columns[i].name);
        for (uint32_t row = 0; row < table->n_rows; row++)
            result->columns[1 + row].cells[at] = table->columns[i].cells[row];
        at++;
    }
    *out = table_value(table_finish(result, n_cells));
    return true;
}

#define TABLES(name, parameters, ...) BOOK_PROCEDURE("tables", name, parameters, .effect = EFFECT_PURE, __VA_ARGS__)

static const BookEntry entries[] = {
    {TABLES("drop_columns", drop_parameters, .english = S_INIT("drop the columns {columns} from {table} as {result}"),
            .description = S_INIT("The table without these columns."),
            .example = S_INIT("drop the columns \"remark\" from the invoices as the plain invoices"),
            .result = &type_table, .columns = COLUMNS_WITHOUT),
     drop_columns},
    {TABLES("duplicates", duplicates_parameters,
            .english = S_INIT("list the duplicates in {table} by {key} as {result}"),
            .description =
                S_INIT("All rows whose key stands in more than one row, in the order of the table. Rows without a key "
                       "are no duplicates."),
            .example = S_INIT("list the duplicates in the invoices by \"invoice number\" as the doubles"),
            .result = &type_table, .columns = COLUMNS_SAME),
     duplicates},
    {TABLES("html", layout_parameters, .english = S_INIT("lay out {table} in html as {result}"),
            .description = S_INIT("The table as HTML, for an e-mail or a page."),
            .example = S_INIT("lay out the invoices in html as the report"), .result = &type_text),
     html},
    {TABLES("join", join_parameters,
            .english = S_INIT("join {table} to {other} by {key} as {result}|{table} joined with {other} on {key}|"
                              "{table} joined with {other} on {key} and {amount} within {tolerance}"),
            .description =
                S_INIT("Puts beside each row the columns of the rows of another table that have the same key; several "
                       "partners make several rows. A name that both tables have becomes \"other …\". Rows without a "
                       "key have no partner."),
            .example = S_INIT("join the payments to the invoices by \"reference\" as the matched payments\n"
                              "  the amount is \"amount\"\n  the other amount is \"total\"\n  the tolerance is 0.05\n"
                              "  the keep is \"all\""),
            .result = &type_table, .columns = COLUMNS_JOINED),
     join},
    {TABLES("markdown", layout_parameters, .english = S_INIT("lay out {table} in markdown as {result}"),
            .description = S_INIT("The table as Markdown, for a message or a page."),
            .example = S_INIT("lay out the invoices in markdown as the report"), .result = &type_text),
     markdown},
    {TABLES("pivot", pivot_parameters, .english = S_INIT("pivot {table} by {rows} as {result}"),
            .description =
                S_INIT("One row for each value of some columns, one column for each value of another, and in the cells "
                       "the sum of a third; 0 where there is nothing to add."),
            .example = S_INIT("pivot the invoices by \"vendor\" as the overview\n  the columns are \"month\"\n"
                              "  the values are \"total\""),
            .result = &type_table),
     pivot},
    {TABLES("rename_column", rename_parameters,
            .english = S_INIT("rename the column {column} of {table} to {name} as {result}"),
            .description = S_INIT("The table with one column called otherwise."),
            .example = S_INIT("rename the column \"Betrag\" of the bookings to \"amount\" as the renamed bookings"),
            .result = &type_table, .columns = COLUMNS_RENAMED),
     rename_column},
    {TABLES(
         "running_total", running_parameters, .english = S_INIT("add up the column {column} of {table} as {result}"),
         .description = S_INIT("The table with one more column: in each row the sum of the column down to that row."),
         .example = S_INIT("add up the column \"amount\" of the bookings as the balances\n  the name is \"balance\""),
         .result = &type_table, .columns = COLUMNS_RUNNING),
     running_total},
    {TABLES("stack", stack_parameters, .english = S_INIT("stack {tables} as {result}"),
            .description =
                S_INIT("All rows of several tables below each other. Columns are put together by their names; a cell "
                       "that a table does not have is nothing."),
            .example = S_INIT("stack the monthly tables as the yearly table"), .result = &type_table,
            .columns = COLUMNS_STACKED),
     stack},
    {TABLES("total", total_parameters,
            .english = S_INIT("total {table} by {key} as {result}|the total of each {key} in {table}"),
            .description = S_INIT("One row for each value of some columns, with the sums of the columns of numbers or "
                                  "lengths of time and a column "
                                  "\"count\" of how many rows there were. Cells without content add nothing."),
            .example = S_INIT("total the invoices by \"vendor\" as the vendor totals\n  the columns are \"total\""),
            .result = &type_table, .columns = COLUMNS_TOTALLED),
     total},
    {TABLES("transpose", transpose_parameters, .english = S_INIT("transpose {table} by {key} as {result}"),
            .description =
                S_INIT("Rows become columns, named by the cells of one column, and columns become rows, whose "
                       "names stand in a first column called \"column\"."),
            .example = S_INIT("transpose the overview by \"month\" as the turned overview"), .result = &type_table),
     transpose},
};

const Book tables_book = {
    .name = S_INIT("tables"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("Tables"),
    .summary = S_INIT("Join, total, pivot, reshape and lay out tables"),
    .description =
        S_INIT("Filtering, sorting and single columns belong to the language itself. This book has what takes whole "
               "tables: they are never changed, every result is a table of its own. Names of columns are found "
               "exactly or, failing that, without regard to case, spaces and signs."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};
