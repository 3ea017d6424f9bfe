/* value/copy.c: a graph's copy. Objects are made empty when they are met and filled in turn, so that depth, sharing
 * and cycles make no difference. */
#include "value/seen.h"
#include "value/value.h"

static void *copy_of(Arena *arena, Seen *seen, const void *object, ValueKind kind)
{
    bool is_new;
    uint32_t number = seen_number(seen, object, (uint8_t)kind, &is_new);
    if (is_new)
        seen->objects[number].copy = seen_object_new(arena, kind);
    return seen->objects[number].copy;
}

static Value copy_value(Arena *arena, Seen *seen, Value v)
{
    switch ((ValueKind)v.kind) {
    case VALUE_TEXT:
    case VALUE_ZONE: v.text = str_copy(arena, value_str(v)).data; break;
    case VALUE_DATETIME: {
        DateTime copy = *v.datetime;
        copy.zone = str_copy(arena, copy.zone);
        v = value_datetime(arena, copy);
        break;
    }
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_RECORD:
    case VALUE_TABLE:
    case VALUE_FILE: v.list = copy_of(arena, seen, v.list, v.kind); break;
    case VALUE_ROW: v.table = copy_of(arena, seen, v.table, VALUE_TABLE); break;
    default: break; /* the rest stand in the value itself */
    }
    return v;
}

static void fill_list(Arena *arena, Seen *seen, const List *from, List *to)
{
    to->items = NEW_ARRAY(arena, Value, from->count);
    to->count = to->cap = from->count;
    for (uint32_t i = 0; i < from->count; i++)
        to->items[i] = copy_value(arena, seen, from->items[i]);
}

static void fill_record(Arena *arena, Seen *seen, const Record *from, Record *to)
{
    for (uint32_t i = 0; i < from->count; i++)
        record_set(arena, to, copy_value(arena, seen, from->entries[i].key),
                   copy_value(arena, seen, from->entries[i].value));
}

static void fill_table(Arena *arena, Seen *seen, const Table *from, Table *to)
{
    to->n_rows = to->cap_rows = from->n_rows;
    for (uint32_t i = 0; i < from->n_columns; i++) {
        const Column *column = &from->columns[i];
        Value *cells = table_add_column(arena, to, str_copy(arena, column->name))->cells;
        for (uint32_t row = 0; row < from->n_rows; row++)
            cells[row] = copy_value(arena, seen, column->cells[row]);
    }
}

static void fill_file(Arena *arena, const FileRef *from, FileRef *to)
{
    *to = (FileRef){
        .name = str_copy(arena, from->name),
        .filename = str_copy(arena, from->filename),
        .content = str_copy(arena, from->content),
        .is_inline = from->is_inline,
    };
}

static void fill(Arena *arena, Seen *seen, SeenObject object)
{
    switch ((ValueKind)object.kind) {
    case VALUE_LIST: fill_list(arena, seen, object.object, object.copy); return;
    case VALUE_SET:
        fill_record(arena, seen, &((const Set *)object.object)->items, &((Set *)object.copy)->items);
        return;
    case VALUE_RECORD: fill_record(arena, seen, object.object, object.copy); return;
    case VALUE_TABLE: fill_table(arena, seen, object.object, object.copy); return;
    default: fill_file(arena, object.object, object.copy); return;
    }
}

Value value_copy_deep(Arena *arena, Value v)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Seen seen = {.arena = &scratch};
    Value copy = copy_value(arena, &seen, v);
    for (uint32_t i = 0; i < seen.count; i++) /* grows meanwhile */
        fill(arena, &seen, seen.objects[i]);
    return copy;
}
