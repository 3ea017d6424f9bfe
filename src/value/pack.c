/* value/pack.c: a value is its kind and what stands in it; a shared object is its number.
 *
 *     number    kind, scale (| 0x80 below zero), varint low, varint high
 *     text      kind, varint length, bytes            (zones, names and file contents alike, without the kind)
 *     list      kind, varint number of the object     (sets, records, tables and files; rows add their own number)
 *
 * After each packed value stand the bodies of the objects that were met in it for the first time, in the order of their
 * numbers, and of those met in the bodies. So neither side recurses, and cycles need no care. */
#include "value/pack.h"

#include "value/decimal.h"
#include "value/seen.h"

struct Packer {
    Buf *out;
    Seen seen;
    uint32_t n_bodies; /* already written */
};

Packer *packer_new(Arena *arena, Buf *out)
{
    Packer *packer = NEW(arena, Packer);
    packer->out = out;
    packer->seen.arena = arena;
    return packer;
}

/* ---- packing ---- */

/* Small numbers of either sign in few bytes. */
static uint64_t zigzag(int64_t n)
{
    return (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0);
}
static int64_t unzigzag(uint64_t n)
{
    return (int64_t)(n >> 1 ^ -(n & 1));
}

static void pack_str(Buf *out, Str s)
{
    buf_varint(out, s.len);
    buf_str(out, s);
}

static void pack_datetime(Buf *out, const DateTime *t)
{
    const uint8_t fields[] = {t->month, t->day, t->hour, t->minute, t->second, t->has_offset};
    buf_varint(out, (uint64_t)t->year);
    buf_add(out, fields, sizeof fields);
    buf_varint(out, (uint64_t)t->nanos);
    buf_varint(out, zigzag(t->has_offset ? t->offset_seconds : 0));
    pack_str(out, t->zone);
}

static void pack_reference(Packer *packer, const void *object, ValueKind kind)
{
    bool is_new;
    buf_varint(packer->out, seen_number(&packer->seen, object, (uint8_t)kind, &is_new));
}

static void pack_flat(Packer *packer, Value v)
{
    Buf *out = packer->out;
    buf_char(out, (char)v.kind);
    switch ((ValueKind)v.kind) {
    case VALUE_UNSET:
    case VALUE_NULL: return;
    case VALUE_BOOL: buf_char(out, (char)v.low); return;
    case VALUE_NUMBER:
        buf_char(out, (char)(v.scale | v.negative << 7));
        buf_varint(out, v.low);
        buf_varint(out, v.high);
        return;
    case VALUE_TEXT:
    case VALUE_ZONE: pack_str(out, value_str(v)); return;
    case VALUE_DATE:
        buf_varint(out, (uint64_t)v.date.year);
        buf_char(out, (char)v.date.month);
        buf_char(out, (char)v.date.day);
        return;
    case VALUE_TIME: buf_varint(out, (uint64_t)v.nanos); return;
    case VALUE_DATETIME: pack_datetime(out, v.datetime); return;
    case VALUE_DURATION:
        buf_varint(out, zigzag(v.seconds));
        buf_varint(out, v.high);
        return;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_RECORD:
    case VALUE_TABLE:
    case VALUE_FILE: pack_reference(packer, v.list, v.kind); return;
    case VALUE_ROW:
        pack_reference(packer, v.table, VALUE_TABLE);
        buf_varint(out, v.high);
        return;
    case VALUE_N_KINDS: break;
    }
    assert(false);
}

static void pack_list(Packer *packer, const List *list)
{
    buf_varint(packer->out, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        pack_flat(packer, list->items[i]);
}

static void pack_record(Packer *packer, const Record *record, bool with_values)
{
    buf_varint(packer->out, record->count);
    for (uint32_t i = 0; i < record->count; i++) {
        pack_flat(packer, record->entries[i].key);
        if (with_values)
            pack_flat(packer, record->entries[i].value);
    }
}

static void pack_table(Packer *packer, const Table *table)
{
    buf_varint(packer->out, table->n_rows);
    buf_varint(packer->out, table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        pack_str(packer->out, table->columns[i].name);
        for (uint32_t row = 0; row < table->n_rows; row++)
            pack_flat(packer, table->columns[i].cells[row]);
    }
}

static void pack_file(Buf *out, const FileRef *file)
{
    pack_str(out, file->name);
    pack_str(out, file->filename);
    buf_char(out, file->is_inline);
    pack_str(out, file->is_inline ? file->content : (Str){0});
}

static void pack_body(Packer *packer, SeenObject object)
{
    switch ((ValueKind)object.kind) {
    case VALUE_LIST: pack_list(packer, object.object); return;
    case VALUE_SET: pack_record(packer, &((const Set *)object.object)->items, false); return;
    case VALUE_RECORD: pack_record(packer, object.object, true); return;
    case VALUE_TABLE: pack_table(packer, object.object); return;
    default: pack_file(packer->out, object.object); return;
    }
}

void pack_value(Packer *packer, Value v)
{
    pack_flat(packer, v);
    for (; packer->n_bodies < packer->seen.count; packer->n_bodies++)
        pack_body(packer, packer->seen.objects[packer->n_bodies]);
}

/* ---- unpacking ---- */

typedef struct Unpacked {
    void *object;
    ValueKind kind;
} Unpacked;

struct Unpacker {
    Arena *arena;
    Reader *source;
    Unpacked *objects;
    uint32_t count, cap, n_filled;
    Buf rows; /* Value: rows whose number is checked once their tables are filled */
};

Unpacker *unpacker_new(Arena *arena, Reader *source)
{
    Unpacker *unpacker = NEW(arena, Unpacker);
    *unpacker = (Unpacker){.arena = arena, .source = source, .rows = buf_in(arena)};
    return unpacker;
}

/* Every kind of damage ends here; what is left of the source is then skipped by all further reads. */
static bool damaged(Unpacker *unpacker)
{
    unpacker->source->failed = true;
    unpacker->source->next = unpacker->source->end;
    return false;
}

static size_t bytes_left(const Unpacker *unpacker)
{
    return (size_t)(unpacker->source->end - unpacker->source->next);
}

/* A count of things that take a byte at least: more than there are bytes cannot be true. */
static bool read_count(Unpacker *unpacker, uint32_t *out)
{
    uint64_t count = read_varint(unpacker->source);
    if (unpacker->source->failed || count > bytes_left(unpacker) || count > UINT32_MAX / 2)
        return damaged(unpacker);
    *out = (uint32_t)count;
    return true;
}

static bool read_str(Unpacker *unpacker, Str *out)
{
    uint32_t len;
    if (!read_count(unpacker, &len))
        return false;
    *out = read_bytes(unpacker->source, len);
    if (len == 0)
        *out = S("");
    return true;
}

/* A number seen before, of the same kind, or the next new one. */
static bool read_reference(Unpacker *unpacker, ValueKind kind, void **out)
{
    uint64_t number = read_varint(unpacker->source);
    if (unpacker->source->failed || number > unpacker->count || number > UINT32_MAX / 2)
        return damaged(unpacker);
    if (number == unpacker->count) {
        if (unpacker->count == unpacker->cap) {
            uint32_t cap = unpacker->cap ? 2 * unpacker->cap : 16;
            unpacker->objects = arena_grow(unpacker->arena, unpacker->objects, unpacker->cap * sizeof(Unpacked),
                                           cap * sizeof(Unpacked), _Alignof(Unpacked));
            unpacker->cap = cap;
        }
        unpacker->objects[unpacker->count++] = (Unpacked){seen_object_new(unpacker->arena, kind), kind};
    }
    if (unpacker->objects[number].kind != kind)
        return damaged(unpacker);
    *out = unpacker->objects[number].object;
    return true;
}

static bool read_number(Unpacker *unpacker, Value *v)
{
    uint8_t shape = read_u8(unpacker->source);
    v->scale = shape & 0x7f;
    v->negative = shape >> 7;
    v->low = read_varint(unpacker->source);
    uint64_t high = read_varint(unpacker->source);
    v->high = (uint32_t)high;
    if (v->scale > 28 || high > UINT32_MAX || (v->negative && decimal_is_zero(*v)))
        return damaged(unpacker);
    return true;
}

static bool read_date(Unpacker *unpacker, Value *v)
{
    uint64_t year = read_varint(unpacker->source);
    uint8_t month = read_u8(unpacker->source), day = read_u8(unpacker->source);
    if (year > 9999 || month > 12 || day > 31)
        return damaged(unpacker);
    *v = value_date((int)year, month, day);
    return true;
}

static bool read_datetime(Unpacker *unpacker, Value *v)
{
    DateTime t = {.year = 0};
    uint64_t year = read_varint(unpacker->source);
    t.month = read_u8(unpacker->source);
    t.day = read_u8(unpacker->source);
    t.hour = read_u8(unpacker->source);
    t.minute = read_u8(unpacker->source);
    t.second = read_u8(unpacker->source);
    uint8_t has_offset = read_u8(unpacker->source);
    uint64_t nanos = read_varint(unpacker->source);
    int64_t offset = unzigzag(read_varint(unpacker->source));
    if (year > 9999 || t.month < 1 || t.month > 12 || t.day < 1 || t.day > 31 || t.hour > 23 || t.minute > 59 ||
        t.second > 59 || has_offset > 1 || nanos > 999999999 || offset < -86400 || offset > 86400 ||
        !read_str(unpacker, &t.zone))
        return damaged(unpacker);
    t.year = (int32_t)year;
    t.has_offset = has_offset;
    t.nanos = (int32_t)nanos;
    t.offset_seconds = (int32_t)offset;
    *v = value_datetime(unpacker->arena, t);
    return true;
}

static bool read_row(Unpacker *unpacker, Value *v)
{
    void *table;
    if (!read_reference(unpacker, VALUE_TABLE, &table))
        return false;
    uint64_t row = read_varint(unpacker->source);
    if (row > UINT32_MAX)
        return damaged(unpacker);
    v->table = table;
    v->high = (uint32_t)row;
    buf_add(&unpacker->rows, v, sizeof *v);
    return true;
}

static bool read_text(Unpacker *unpacker, ValueKind kind, Value *v)
{
    Str s;
    if (!read_str(unpacker, &s))
        return false;
    *v = kind == VALUE_ZONE ? value_zone(s) : value_text(s);
    return true;
}

static bool read_object(Unpacker *unpacker, ValueKind kind, Value *v)
{
    void *object;
    if (!read_reference(unpacker, kind, &object))
        return false;
    v->list = object;
    return true;
}

static bool read_flat(Unpacker *unpacker, Value *out)
{
    Reader *source = unpacker->source;
    Value v = {.kind = read_u8(source)};
    switch ((ValueKind)v.kind) {
    case VALUE_UNSET:
    case VALUE_NULL: break;
    case VALUE_BOOL:
        v.low = read_u8(source);
        if (v.low > 1)
            return damaged(unpacker);
        break;
    case VALUE_NUMBER:
        if (!read_number(unpacker, &v))
            return false;
        break;
    case VALUE_TEXT:
    case VALUE_ZONE:
        if (!read_text(unpacker, v.kind, &v))
            return false;
        break;
    case VALUE_DATE:
        if (!read_date(unpacker, &v))
            return false;
        break;
    case VALUE_TIME:
        v.nanos = (int64_t)read_varint(source);
        if (v.nanos < 0 || v.nanos >= INT64_C(86400000000000))
            return damaged(unpacker);
        break;
    case VALUE_DATETIME:
        if (!read_datetime(unpacker, &v))
            return false;
        break;
    case VALUE_DURATION: {
        v.seconds = unzigzag(read_varint(source));
        uint64_t nanos = read_varint(source);
        v.high = (uint32_t)nanos;
        if (nanos > 999999999)
            return damaged(unpacker);
        break;
    }
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_RECORD:
    case VALUE_TABLE:
    case VALUE_FILE:
        if (!read_object(unpacker, v.kind, &v))
            return false;
        break;
    case VALUE_ROW:
        if (!read_row(unpacker, &v))
            return false;
        break;
    default: return damaged(unpacker);
    }
    *out = v;
    return !source->failed;
}

static bool fill_list(Unpacker *unpacker, List *list)
{
    uint32_t count;
    if (!read_count(unpacker, &count))
        return false;
    list->items = NEW_ARRAY(unpacker->arena, Value, count);
    list->count = list->cap = count;
    for (uint32_t i = 0; i < count; i++) {
        if (!read_flat(unpacker, &list->items[i]))
            return false;
    }
    return true;
}

static bool fill_record(Unpacker *unpacker, Record *record, bool with_values)
{
    uint32_t count;
    if (!read_count(unpacker, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        Value key, value = value_null();
        if (!read_flat(unpacker, &key) || (with_values && !read_flat(unpacker, &value)))
            return false;
        if (!value_is_hashable(key) || record_find(record, key))
            return damaged(unpacker);
        record_set(unpacker->arena, record, key, value);
    }
    return true;
}

enum { ROWS_WITHOUT_CELLS_MOST = 1 << 24 };

static bool fill_table(Unpacker *unpacker, Table *table)
{
    uint64_t n_rows = read_varint(unpacker->source);
    uint32_t n_columns;
    if (!read_count(unpacker, &n_columns))
        return false;
    uint64_t most = n_columns > 0 ? bytes_left(unpacker) / n_columns : ROWS_WITHOUT_CELLS_MOST;
    if (n_rows > most || n_rows > UINT32_MAX / 2)
        return damaged(unpacker);
    table->n_rows = table->cap_rows = (uint32_t)n_rows;
    for (uint32_t i = 0; i < n_columns; i++) {
        Str name;
        if (!read_str(unpacker, &name))
            return false;
        Value *cells = table_add_column(unpacker->arena, table, name)->cells;
        for (uint32_t row = 0; row < table->n_rows; row++) {
            if (!read_flat(unpacker, &cells[row]))
                return false;
        }
    }
    return true;
}

static bool fill_file(Unpacker *unpacker, FileRef *file)
{
    if (!read_str(unpacker, &file->name) || !read_str(unpacker, &file->filename))
        return false;
    uint8_t is_inline = read_u8(unpacker->source);
    file->is_inline = is_inline == 1;
    return is_inline <= 1 ? read_str(unpacker, &file->content) : damaged(unpacker);
}

static bool fill_body(Unpacker *unpacker, Unpacked object)
{
    switch (object.kind) {
    case VALUE_LIST: return fill_list(unpacker, object.object);
    case VALUE_SET: return fill_record(unpacker, &((Set *)object.object)->items, false);
    case VALUE_RECORD: return fill_record(unpacker, object.object, true);
    case VALUE_TABLE: return fill_table(unpacker, object.object);
    default: return fill_file(unpacker, object.object);
    }
}

static bool rows_exist(Unpacker *unpacker)
{
    const Value *rows = (const Value *)(const void *)unpacker->rows.data;
    for (size_t i = 0; i < unpacker->rows.len / sizeof *rows; i++) {
        if (rows[i].high >= rows[i].table->n_rows)
            return damaged(unpacker);
    }
    unpacker->rows.len = 0;
    return true;
}

static bool unpack(Unpacker *unpacker, Value *out)
{
    if (!read_flat(unpacker, out))
        return false;
    for (; unpacker->n_filled < unpacker->count; unpacker->n_filled++) {
        if (!fill_body(unpacker, unpacker->objects[unpacker->n_filled]))
            return false;
    }
    return rows_exist(unpacker);
}

bool unpack_value(Unpacker *unpacker, Value *out, Error *err)
{
    Value v;
    if (unpacker->source->failed || !unpack(unpacker, &v))
        return error_set(err, DATA_LOSS, "", "packed values are damaged; restore the record from a backup");
    *out = v;
    return true;
}
