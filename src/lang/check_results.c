/* lang/check_results.c: what functions and books' procedures give for what they are given. */
#include "lang/check_internal.h"

/* ---- functions ---- */

/* A list of the same items, which it shares with the one that it is made of. */
static const Type *same_items(Checker *checker, const Node *call, const Type *type)
{
    if (type->kind == TYPE_LIST && shape_of(type))
        return type;
    if (type->kind == TYPE_ANY)
        return type;
    const Type *item = type->kind == TYPE_RECORD ? &type_any : check_item_type(type);
    return shape_list_of(checker, shape_at(checker, call), item);
}

static const Type *copy_of(Checker *checker, const Node *call, const Type *type)
{
    Shape *from = shape_of(type);
    if (!from || type->kind == TYPE_LIST)
        return type;
    Shape *copy = shape_at(checker, call);
    shape_copy(checker, copy, from);
    return type->kind == TYPE_TABLE ? &copy->table : &copy->record;
}

/* A record of another record's fields, or of pairs whose keys nobody knows. */
static const Type *record_of(Checker *checker, const Node *call, const Type *type)
{
    if (call->n_kids > 0 && type->kind == TYPE_RECORD)
        return copy_of(checker, call, type);
    Shape *shape = shape_at(checker, call);
    if (call->n_kids > 0) {
        check_release(checker, type);
        shape_set_others(checker, shape, &type_any);
    }
    return &shape->record;
}

static const Type *table_of(Checker *checker, const Node *call, const Type *type)
{
    if (type->kind == TYPE_TABLE)
        return type;
    Shape *from = shape_of_rows(type), *table = shape_at(checker, call);
    const Shape *list = type->kind == TYPE_LIST ? shape_of(type) : NULL;
    bool is_empty = list && !list->item;
    if (from)
        shape_copy(checker, table, from);
    else if (!is_empty && type != &type_unknown)
        shape_set_others(checker, table, &type_any);
    return &table->table;
}

static const Type *table_of_columns(Checker *checker, const Node *call, const Type *type)
{
    Shape *from = type->kind == TYPE_RECORD ? shape_of(type) : NULL, *table = shape_at(checker, call);
    for (uint32_t i = 0; from && i < from->n_fields; i++) {
        if (from->fields[i].type)
            shape_set(checker, table, from->fields[i].name, check_item_type(from->fields[i].type), true);
    }
    if (!from || from->others)
        shape_set_others(checker, table, &type_any);
    return &table->table;
}

/* The i-th name that a text or a list of texts gives; NULL behind the last. */
static const Node *name_at(const Node *names, uint32_t i)
{
    if (!names || names->kind != NODE_LIST)
        return i == 0 ? names : NULL;
    return node_kid(names, i);
}

/* Adds these columns of `rows`; false where a name is not known before the run. */
static bool add_named(Checker *checker, Shape *table, Shape *rows, const Node *names)
{
    const Node *name;
    bool all = true;
    for (uint32_t i = 0; (name = name_at(names, i)); i++) {
        if (!node_is_text(name)) {
            all = false;
            continue;
        }
        Str key = value_str(name->value);
        const Type *type = rows ? shape_get(checker, rows, key) : &type_any;
        shape_set(checker, table, key, type ? type : &type_unknown, true);
    }
    return all;
}

static const Type *selected(Checker *checker, const Node *call, const Type *type)
{
    Shape *table = shape_at(checker, call);
    if (!add_named(checker, table, shape_of_rows(type), call->kids[1]))
        shape_set_others(checker, table, &type_any);
    return &table->table;
}

static const Type *column_type(Checker *checker, const Node *call, const Type *type)
{
    Shape *rows = shape_of_rows(type);
    const Type *cell = &type_any;
    if (rows && node_is_text(call->kids[1]))
        cell = shape_get(checker, rows, value_str(call->kids[1]->value));
    return shape_list_of(checker, shape_at(checker, call), cell ? cell : &type_unknown);
}

/* A record of lists, whatever its keys are. */
static const Type *groups_of(Checker *checker, const Node *call, const Type *type)
{
    Shape *groups = shape_at(checker, call), *list = shape_second(checker, groups);
    const Type *group = type;
    if (type->kind != TYPE_LIST || !shape_of(type))
        group = shape_list_of(checker, list, check_item_type(type));
    shape_set_others(checker, groups, group);
    return &groups->record;
}

static const Type *values_of(Checker *checker, const Node *call, const Type *type)
{
    Shape *record = type->kind == TYPE_RECORD ? shape_of(type) : NULL;
    return record ? shape_list_of(checker, shape_at(checker, call), shape_get_any(checker, record)) : &type_list;
}

/* A list of lists of two known parts: known to a loop that takes them apart. */
static const Type *pairs_of(Checker *checker, const Type *const *parts, uint32_t n)
{
    Type *type = NEW(checker->arena, Type);
    TypeField *fields = NEW_ARRAY(checker->arena, TypeField, n);
    for (uint32_t i = 0; i < n; i++)
        fields[i].type = parts[i];
    *type = (Type){.kind = TYPE_LIST, .fields = fields, .n_fields = n};
    return type;
}

static const Type *entries_of(Checker *checker, const Type *type)
{
    Shape *record = type->kind == TYPE_RECORD ? shape_of(type) : NULL;
    const Type *parts[] = {&type_any, record ? shape_get_any(checker, record) : &type_any};
    return pairs_of(checker, parts, COUNT_OF(parts));
}

static const Type *counted(Checker *checker, const Type *type)
{
    const Type *parts[] = {&type_number, check_item_type(type)};
    return pairs_of(checker, parts, COUNT_OF(parts));
}

static const Type *zipped(Checker *checker, const Node *call, const Type *const *types)
{
    const Type **parts = NEW_ARRAY(checker->arena, const Type *, call->n_kids);
    for (uint32_t i = 0; i < call->n_kids; i++)
        parts[i] = check_item_type(types[i]);
    return pairs_of(checker, parts, call->n_kids);
}

static const Type *field_or(Checker *checker, Node *call, const Type *const *types)
{
    const Type *found = check_find(checker, call, types[0]);
    if (call->n_kids < 3 || found->kind == TYPE_ANY)
        return found;
    return check_join(checker, found->kind == TYPE_OPTIONAL ? found->inner : found, types[2]);
}

static const Type *extreme_of(Checker *checker, const Node *call, const Type *const *types)
{
    if (call->n_kids == 1)
        return check_item_type(types[0]);
    const Type *type = types[0];
    for (uint32_t i = 1; i < call->n_kids; i++)
        type = check_join(checker, type, types[i]);
    return type;
}

static const Type *added_up(Checker *checker, const Type *type)
{
    const Type *item = check_item_type(type);
    if (item->kind == TYPE_NUMBER || item->kind == TYPE_DURATION || item == &type_unknown)
        return item;
    check_release(checker, item);
    return &type_any;
}

static void append_to(Checker *checker, const Type *list, const Type *item)
{
    if (list->kind == TYPE_OPTIONAL)
        list = list->inner;
    Shape *shape = shape_of(list), *row = shape_of(item);
    if (shape && list->kind == TYPE_LIST)
        shape_add_item(checker, shape, item);
    else if (shape && list->kind == TYPE_TABLE && item->kind == TYPE_RECORD && row)
        shape_copy(checker, shape, row);
    else if (shape && list->kind == TYPE_TABLE && item != &type_unknown)
        shape_set_others(checker, shape, &type_any);
    else
        check_release(checker, item);
}

/* The columns that a function's text names. */
static void check_named(Checker *checker, Node *call, const Type *type)
{
    switch (call->function) {
    case FN_SORT_BY:
    case FN_SORT_DOWN_BY:
    case FN_UNIQUE_BY:
    case FN_SELECT_COLUMNS:
    case FN_COLUMN:
    case FN_GROUP_BY: check_columns(checker, call->kids[1], shape_of_rows(type)); break;
    default: break;
    }
}

const Type *check_function_result(Checker *checker, Node *call, const Type *const *types)
{
    const Type *first = call->n_kids > 0 ? types[0] : &type_any;
    check_named(checker, call, first);
    switch (call->function) {
    case FN_FIRST:
    case FN_LAST: return check_item_type(first);
    case FN_SORTED:
    case FN_SORT_BY:
    case FN_SORT_DOWN_BY:
    case FN_REVERSED:
    case FN_UNIQUE:
    case FN_UNIQUE_BY:
    case FN_ROWS: return same_items(checker, call, first);
    case FN_LIST: return call->n_kids ? same_items(checker, call, first) : &shape_at(checker, call)->list;
    case FN_COPY: return copy_of(checker, call, first);
    case FN_DICT: return record_of(checker, call, first);
    case FN_SUM: return added_up(checker, first);
    case FN_AVERAGE: return added_up(checker, first)->kind == TYPE_NUMBER ? &type_number : &type_any;
    case FN_ABS: return first->kind == TYPE_NUMBER || first->kind == TYPE_BOOLEAN ? &type_number : first;
    case FN_DAYS: return first->kind == TYPE_NUMBER || first->kind == TYPE_BOOLEAN ? &type_duration : &type_any;
    case FN_MIN:
    case FN_MAX: return extreme_of(checker, call, types);
    case FN_TABLE_FROM_RECORDS: return table_of(checker, call, first);
    case FN_TABLE_FROM_DICT: return table_of_columns(checker, call, first);
    case FN_SELECT_COLUMNS: return selected(checker, call, first);
    case FN_COLUMN: return column_type(checker, call, first);
    case FN_COLUMNS:
    case FN_SPLIT: return shape_list_of(checker, shape_at(checker, call), &type_text);
    case FN_RANGE:
    case FN_NUMBERS: return shape_list_of(checker, shape_at(checker, call), &type_number);
    case FN_GROUP_BY: return groups_of(checker, call, first);
    case FN_VALUES: return values_of(checker, call, first);
    case FN_ITEMS: return entries_of(checker, first);
    case FN_ENUMERATE: return counted(checker, first);
    case FN_ZIP: return zipped(checker, call, types);
    case FN_FIND:
    case FN_GET: return field_or(checker, call, types);
    case FN_SET: check_release(checker, check_item_type(first)); return &type_set;
    case FN_APPEND:
    case FN_INSERT_FIRST: append_to(checker, first, types[1]); return &type_null;
    default: return &type_any;
    }
}

/* ---- books ---- */

/* A call of a book, with the types of its arguments. */
typedef struct Given {
    Checker *checker;
    Node *call;
    const Type *const *types;
} Given;

static Node *argument(const Given *given, Str name, const Type **out_type)
{
    for (uint32_t i = 0; i < given->call->n_kids; i++) {
        if (str_eq(given->call->kids[i]->name, name)) {
            *out_type = given->types[i];
            return given->call->kids[i]->kids[0];
        }
    }
    *out_type = &type_any;
    return NULL;
}

static Shape *rows_of(const Given *given, Str name)
{
    const Type *type;
    (void)argument(given, name, &type);
    return shape_of_rows(type);
}

/* The one text that a parameter is given; "" where it is not known before the run. */
static Str text_given(const Given *given, Str name)
{
    const Type *type;
    const Node *node = argument(given, name, &type);
    return node && node_is_text(node) ? value_str(node->value) : S("");
}

static bool is_named(const Node *names, Str name, bool *out_all_known)
{
    const Node *node;
    *out_all_known = true;
    for (uint32_t i = 0; (node = name_at(names, i)); i++) {
        if (!node_is_text(node))
            *out_all_known = false;
        else if (name_alike(value_str(node->value), name))
            return true;
    }
    return false;
}

static void add_field(Checker *checker, Shape *into, Str name, const ShapeField *field, bool sometimes)
{
    shape_set(checker, into, name, field->type ? field->type : &type_unknown, true);
    ShapeField *copy = shape_find(into, name);
    if (copy)
        copy->sometimes |= sometimes || field->sometimes;
}

static void without_columns(const Given *given, Shape *table, Shape *rows)
{
    const Type *type;
    const Node *names = argument(given, S("columns"), &type);
    bool all = true;
    for (uint32_t i = 0; i < rows->n_fields; i++) {
        const ShapeField *field = &rows->fields[i];
        if (!field->told && !is_named(names, field->name, &all))
            add_field(given->checker, table, field->name, field, !all);
    }
}

static void renamed_columns(const Given *given, Shape *table, Shape *rows)
{
    Str old = text_given(given, S("column")), name = text_given(given, S("name"));
    if (old.len == 0 || name.len == 0) {
        shape_set_others(given->checker, table, &type_any);
        return;
    }
    for (uint32_t i = 0; i < rows->n_fields; i++) {
        const ShapeField *field = &rows->fields[i];
        if (!field->told)
            add_field(given->checker, table, name_alike(field->name, old) ? name : field->name, field, false);
    }
}

/* Numbers add up to a number and lengths of time to one; of what a column holds that is not known, nothing is. */
static const Type *sum_of_column(Shape *rows, Str name)
{
    const ShapeField *field = rows ? shape_find(rows, name) : NULL;
    TypeKind kind = field && field->type ? field->type->kind : TYPE_ANY;
    return kind == TYPE_NUMBER || kind == TYPE_BOOLEAN ? &type_number
           : kind == TYPE_DURATION                     ? &type_duration
                                                       : &type_any;
}

static void running_column(const Given *given, Shape *table, Shape *rows)
{
    const Type *type;
    Str column = text_given(given, S("column")), name = text_given(given, S("name"));
    shape_copy(given->checker, table, rows);
    if (!argument(given, S("name"), &type) && column.len > 0)
        name = str_printf(given->checker->arena, "running %.*s", STR_ARG(column));
    if (name.len > 0)
        shape_set(given->checker, table, name, sum_of_column(rows, column), true);
    else
        shape_set_others(given->checker, table, &type_any);
}

static bool has_exactly(const Shape *shape, Str name)
{
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        if (str_eq(shape->fields[i].name, name))
            return true;
    }
    return false;
}

/* The other table's columns may lack partners where more is kept than pairs. */
static void joined_columns(const Given *given, Shape *table, Shape *rows)
{
    Checker *checker = given->checker;
    const Type *type;
    Shape *other = rows_of(given, S("other"));
    const Node *key = argument(given, S("other_key"), &type), *keep = argument(given, S("keep"), &type);
    if (!key)
        key = argument(given, S("key"), &type);
    shape_copy(checker, table, rows);
    if (!other || other->others) {
        shape_set_others(checker, table, &type_any);
        return;
    }
    bool all = true;
    for (uint32_t i = 0; i < other->n_fields; i++) {
        const ShapeField *field = &other->fields[i];
        Str name = field->name;
        if (field->told || is_named(key, name, &all))
            continue;
        for (uint32_t tries = 0; tries < 4 && has_exactly(rows, name); tries++)
            name = str_printf(checker->arena, "other %.*s", STR_ARG(name));
        add_field(checker, table, name, field, keep != NULL || !all);
    }
}

static void totalled_columns(const Given *given, Shape *table, Shape *rows)
{
    Checker *checker = given->checker;
    const Type *type;
    const Node *columns = argument(given, S("columns"), &type), *name;
    bool all = add_named(checker, table, rows, argument(given, S("key"), &type));
    for (uint32_t i = 0; (name = name_at(columns, i)); i++) {
        all &= node_is_text(name);
        if (node_is_text(name))
            shape_set(checker, table, value_str(name->value), sum_of_column(rows, value_str(name->value)), true);
    }
    for (uint32_t i = 0; rows && !columns && i < rows->n_fields; i++) {
        const ShapeField *field = &rows->fields[i];
        bool adds = field->type && (field->type->kind == TYPE_NUMBER || field->type->kind == TYPE_DURATION ||
                                    field->type->kind == TYPE_ANY || field->type->kind == TYPE_OPTIONAL);
        if (adds && !field->told && !shape_find(table, field->name))
            add_field(checker, table, field->name, field,
                      field->type->kind != TYPE_NUMBER && field->type->kind != TYPE_DURATION);
    }
    shape_set(checker, table, S("count"), &type_number, true);
    if (!all || (!columns && (!rows || rows->others)))
        shape_set_others(checker, table, &type_any);
}

static const Type *stacked(const Given *given, Shape *table)
{
    const Type *type;
    (void)argument(given, S("tables"), &type);
    const Type *item = check_item_type(type);
    Shape *rows = item->kind == TYPE_TABLE ? shape_of(item) : shape_of_rows(item);
    if (rows)
        shape_copy(given->checker, table, rows);
    else
        shape_set_others(given->checker, table, &type_any);
    return &table->table;
}

static const Type *table_given(const Given *given, ResultColumns columns)
{
    static void (*const makers[])(const Given *, Shape *, Shape *) = {
        [COLUMNS_WITHOUT] = without_columns, [COLUMNS_RENAMED] = renamed_columns,   [COLUMNS_RUNNING] = running_column,
        [COLUMNS_JOINED] = joined_columns,   [COLUMNS_TOTALLED] = totalled_columns,
    };
    Checker *checker = given->checker;
    Shape *table = shape_at(checker, given->call), *rows = rows_of(given, S("table"));
    if (columns == COLUMNS_STACKED)
        return stacked(given, table);
    if (columns == COLUMNS_TOTALLED)
        totalled_columns(given, table, rows);
    else if (!rows || columns == COLUMNS_OPEN)
        shape_set_others(checker, table, &type_any);
    else if (columns == COLUMNS_SAME)
        shape_copy(checker, table, rows);
    else
        makers[columns](given, table, rows);
    if (rows && rows->others && columns != COLUMNS_TOTALLED)
        shape_set_others(checker, table, rows->others);
    return &table->table;
}

static const Type *record_given(const Given *given, const Type *type)
{
    Shape *record = shape_at(given->checker, given->call);
    for (uint32_t i = 0; i < type->n_fields; i++)
        shape_set(given->checker, record, type->fields[i].name, type->fields[i].type, true);
    if (type->open)
        shape_set_others(given->checker, record, &type_any);
    return &record->record;
}

/* What a value holds gets out of sight, not the value itself: a book copies tables, but not what stands in their cells.
 */
static void release_inside(Checker *checker, const Type *type)
{
    const Shape *shape = shape_of(type);
    if (shape && type->kind == TYPE_LIST && shape->item) {
        const Shape *rows = shape_of(shape->item);
        if (!rows || shape->item->kind == TYPE_LIST)
            check_release(checker, shape->item);
        shape = rows;
    }
    for (uint32_t i = 0; shape && i < shape->n_fields; i++) {
        if (shape->fields[i].type)
            check_release(checker, shape->fields[i].type);
    }
}

static void release_arguments(const Given *given, bool whole)
{
    for (uint32_t i = 0; i < given->call->n_kids; i++) {
        if (whole)
            check_release(given->checker, given->types[i]);
        else
            release_inside(given->checker, given->types[i]);
    }
}

static void check_columns_given(const Given *given)
{
    const Procedure *procedure = given->call->procedure;
    const Type *type;
    for (uint32_t i = 0; i < given->call->n_kids; i++) {
        const Parameter *parameter = procedure_parameter(procedure, given->call->kids[i]->name);
        if (parameter && parameter->columns_of.len > 0)
            check_columns(given->checker, given->call->kids[i]->kids[0], rows_of(given, parameter->columns_of));
    }
    /* Where the other table calls them alike, they are named once. */
    Node *key = argument(given, S("key"), &type), *amount = argument(given, S("amount"), &type);
    if (procedure->columns == COLUMNS_JOINED && key && !argument(given, S("other_key"), &type))
        check_columns(given->checker, key, rows_of(given, S("other")));
    if (procedure->columns == COLUMNS_JOINED && amount && !argument(given, S("other_amount"), &type))
        check_columns(given->checker, amount, rows_of(given, S("other")));
}

const Type *check_book_result(Checker *checker, Node *call, const Type *const *types)
{
    const Given given = {checker, call, types};
    const Type *result = call->procedure->result;
    check_columns_given(&given);
    if (!result)
        return &type_null;
    switch (result->kind) {
    case TYPE_TABLE: release_arguments(&given, false); return table_given(&given, call->procedure->columns);
    case TYPE_RECORD: release_arguments(&given, false); return record_given(&given, result);
    case TYPE_LIST:
        release_arguments(&given, false);
        return shape_list_of(checker, shape_at(checker, call),
                             result->inner && !result->inner->n_fields ? result->inner : &type_any);
    case TYPE_ANY: release_arguments(&given, true); return result;
    default: return result;
    }
}
