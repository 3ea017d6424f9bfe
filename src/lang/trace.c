/* lang/trace.c: journal entries as bytes.
 *
 * An entry: its length as a varint, then its fields in the order of TraceEntry, texts and packed values with their
 * lengths before them. Every value is packed alone, so that an entry can be read without those before it. */
#include "lang/trace.h"

#include "lang/eval_state.h"
#include "value/pack.h"

enum { CLIP_TEXT = 1000, CLIP_ITEMS = 20, CLIP_LEAVES = 400, CLIP_DEPTH = 6 };

typedef struct Clipper {
    Arena *arena;
    uint32_t leaves; /* still allowed */
} Clipper;

static Value clip(Clipper *clipper, Value v, uint32_t depth);

static Str clip_text(Str text)
{
    if (text.len <= CLIP_TEXT)
        return text;
    size_t end = CLIP_TEXT;
    while (end > 0 && ((unsigned char)text.data[end] & 0xc0) == 0x80)
        end--;
    return str_slice(text, 0, end);
}

static uint32_t clip_count(const Clipper *clipper, uint32_t count)
{
    return MIN_OF(MIN_OF(count, (uint32_t)CLIP_ITEMS), clipper->leaves);
}

static Value clip_record(Clipper *clipper, const Record *record, uint32_t depth)
{
    Value clipped = value_record_new(clipper->arena);
    uint32_t count = MIN_OF(record->count, clipper->leaves);
    for (uint32_t i = 0; i < count && i < 10 * CLIP_ITEMS; i++)
        record_set(clipper->arena, clipped.record, clip(clipper, record->entries[i].key, CLIP_DEPTH),
                   clip(clipper, record->entries[i].value, depth + 1));
    return clipped;
}

static Value clip_row(Clipper *clipper, Value row, uint32_t depth)
{
    Value clipped = value_record_new(clipper->arena);
    uint32_t count = MIN_OF(row.table->n_columns, clipper->leaves);
    for (uint32_t i = 0; i < count && i < 10 * CLIP_ITEMS; i++)
        record_set(clipper->arena, clipped.record, value_text(clip_text(row.table->columns[i].name)),
                   clip(clipper, row.table->columns[i].cells[row.high], depth + 1));
    return clipped;
}

static Value clip_table(Clipper *clipper, const Table *table, uint32_t depth)
{
    uint32_t n_rows = clip_count(clipper, table->n_rows);
    Value clipped = value_table_new(clipper->arena, n_rows);
    for (uint32_t i = 0; i < table->n_columns && clipper->leaves > 0; i++) {
        Column *column = table_add_column(clipper->arena, clipped.table, clip_text(table->columns[i].name));
        for (uint32_t row = 0; row < n_rows; row++)
            column->cells[row] = clip(clipper, table->columns[i].cells[row], depth + 1);
    }
    return clipped;
}

/* What readers see of a value. Depth is bounded, so that recursing is; what lies deeper or beyond the number of leaves
 * shows as "…". */
static Value clip(Clipper *clipper, Value v, uint32_t depth)
{
    bool is_leaf = v.kind < VALUE_LIST;
    if (clipper->leaves > 0)
        clipper->leaves--;
    if (v.kind == VALUE_TEXT)
        return value_text(clip_text(value_str(v)));
    if (is_leaf)
        return v;
    if (v.kind == VALUE_FILE) {
        FileRef file = *v.file;
        file.content = S("");
        return value_file(clipper->arena, file);
    }
    if (depth >= CLIP_DEPTH || clipper->leaves == 0)
        return value_text(S("…"));
    Value clipped;
    switch (v.kind) {
    case VALUE_LIST:
        clipped = value_list_new(clipper->arena, 0);
        for (uint32_t i = 0, n = clip_count(clipper, v.list->count); i < n; i++)
            list_add(clipper->arena, clipped.list, clip(clipper, v.list->items[i], depth + 1));
        return clipped;
    case VALUE_SET:
        clipped = value_set_new(clipper->arena);
        for (uint32_t i = 0, n = clip_count(clipper, v.set->items.count); i < n; i++)
            (void)set_add(clipper->arena, clipped.set, clip(clipper, v.set->items.entries[i].key, CLIP_DEPTH));
        return clipped;
    case VALUE_RECORD: return clip_record(clipper, v.record, depth);
    case VALUE_ROW: return clip_row(clipper, v, depth);
    case VALUE_TABLE: return clip_table(clipper, v.table, depth);
    default: return value_null();
    }
}

/* ---- writing ---- */

static void add_str(Buf *out, Str s)
{
    buf_varint(out, s.len);
    buf_str(out, s);
}

static void add_value(Buf *out, Arena *scratch, Value v)
{
    Clipper clipper = {scratch, CLIP_LEAVES};
    Buf packed = buf_in(scratch);
    pack_value(packer_new(scratch, &packed), clip(&clipper, v, 0));
    add_str(out, buf_view(&packed));
}

static void add_arguments(Buf *out, Arena *scratch, const Argument *arguments, uint32_t n)
{
    buf_varint(out, n);
    for (uint32_t i = 0; i < n; i++) {
        add_str(out, arguments[i].name);
        add_value(out, scratch, arguments[i].value);
    }
}

void trace_pack_arguments(Buf *out, const Argument *arguments, uint32_t n)
{
    AUTO(arena_done)
    Arena scratch = {0};
    add_arguments(out, &scratch, arguments, n);
}

void trace_add_packed(Buf *out, const TraceEntry *entry, Str packed_inputs)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Buf body = buf_in(&scratch);
    buf_char(&body, (char)entry->kind);
    buf_u64(&body, (uint64_t)entry->time_us);
    buf_varint(&body, entry->node_id);
    if (packed_inputs.len > 0)
        buf_str(&body, packed_inputs);
    else
        add_arguments(&body, &scratch, entry->inputs, entry->n_inputs);
    add_arguments(&body, &scratch, entry->outputs, entry->n_outputs);
    add_str(&body, entry->book);
    add_str(&body, entry->procedure);
    add_str(&body, entry->alias);
    add_value(&body, &scratch, entry->result);
    add_str(&body, entry->text);
    add_str(&body, entry->error_id);
    buf_varint(&body, entry->repeated);
    add_str(out, buf_view(&body));
}

void trace_add(Buf *out, const TraceEntry *entry)
{
    trace_add_packed(out, entry, S(""));
}

/* ---- reading ---- */

static Str take_str(Reader *reader)
{
    uint64_t len = read_varint(reader);
    if (len > (uint64_t)(reader->end - reader->next)) {
        reader->failed = true;
        return S("");
    }
    return read_bytes(reader, (size_t)len);
}

static bool take_value(Arena *arena, Reader *reader, Value *out, Error *err)
{
    Reader *packed = NEW(arena, Reader);
    *packed = reader_of(take_str(reader));
    return unpack_value(unpacker_new(arena, packed), out, err);
}

static bool take_arguments(Arena *arena, Reader *reader, Argument **out, uint32_t *out_n, Error *err)
{
    uint64_t n = read_varint(reader);
    if (reader->failed || n > (uint64_t)(reader->end - reader->next))
        return error_set(err, DATA_LOSS, "trace", "a journal entry names %llu facts but ends before them",
                         (unsigned long long)n);
    *out = NEW_ARRAY(arena, Argument, n);
    *out_n = (uint32_t)n;
    for (uint32_t i = 0; i < n; i++) {
        (*out)[i].name = take_str(reader);
        if (!take_value(arena, reader, &(*out)[i].value, err))
            return false;
    }
    return true;
}

bool trace_next(Arena *arena, Reader *batch, TraceEntry *out, Error *err)
{
    error_clear(err);
    if (batch->next == batch->end && !batch->failed)
        return false;
    Reader body = reader_of(take_str(batch));
    TraceEntry entry = {0};
    entry.kind = (TraceKind)read_u8(&body);
    entry.time_us = (int64_t)read_u64(&body);
    entry.node_id = (uint32_t)read_varint(&body);
    if (batch->failed || body.failed || entry.kind > TRACE_RUN_UPDATE)
        return error_set(err, DATA_LOSS, "trace", "a journal entry is damaged");
    if (!take_arguments(arena, &body, &entry.inputs, &entry.n_inputs, err) ||
        !take_arguments(arena, &body, &entry.outputs, &entry.n_outputs, err))
        return false;
    entry.book = take_str(&body);
    entry.procedure = take_str(&body);
    entry.alias = take_str(&body);
    if (!take_value(arena, &body, &entry.result, err))
        return false;
    entry.text = take_str(&body);
    entry.error_id = take_str(&body);
    entry.repeated = (uint32_t)read_varint(&body);
    if (body.failed || body.next != body.end)
        return error_set(err, DATA_LOSS, "trace", "a journal entry is damaged");
    *out = entry;
    return true;
}

uint32_t trace_count(Str batch)
{
    Reader reader = reader_of(batch);
    uint32_t count = 0;
    while (reader.next < reader.end && !reader.failed) {
        (void)take_str(&reader);
        count += !reader.failed;
    }
    return count;
}
