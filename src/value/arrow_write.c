/* value/arrow_write.c: a table as a schema, batches of rows, and an end.
 *
 * Flatbuffers are written forwards: a table first, what it refers to behind it, and each reference is filled in once
 * its target begins. */
#include "value/arrow.h"
#include "value/arrow_format.h"
#include "value/decimal.h"

enum { ROWS_A_BATCH = 16384 };

/* ---- flatbuffers ---- */

typedef struct Flat {
    Buf *out;
    size_t begin; /* where the flatbuffer starts in out */
} Flat;

static size_t flat_here(const Flat *flat)
{
    return flat->out->len - flat->begin;
}

static void flat_align(const Flat *flat, size_t align, size_t phase)
{
    while (flat_here(flat) % align != phase)
        buf_char(flat->out, '\0');
}

static void flat_put(const Flat *flat, size_t at, uint64_t n, size_t width)
{
    for (size_t i = 0; i < width; i++)
        flat->out->data[flat->begin + at + i] = (char)(n >> (8 * i));
}

/* The reference at `slot` is to what is written next. */
static void flat_refer(const Flat *flat, size_t slot)
{
    flat_align(flat, 4, 0);
    flat_put(flat, slot, flat_here(flat) - slot, 4);
}

static void add_u16(Buf *out, uint16_t n)
{
    buf_char(out, (char)n);
    buf_char(out, (char)(n >> 8));
}

/* What a table looks like: where each of its fields stands in it (0: left out), and its size with the 4 bytes that lead
 * to the vtable. Fields of 8 bytes stand at multiples of 8. */
typedef struct FlatShape {
    uint16_t n_fields, size;
    uint16_t at[FIELD_N_FIELDS];
} FlatShape;

/* Writes an empty table behind its vtable and points `slot` at it. Gives its position. */
static size_t flat_table(const Flat *flat, size_t slot, const FlatShape *shape)
{
    flat_align(flat, 4, 0);
    size_t vtable = flat_here(flat);
    add_u16(flat->out, (uint16_t)(4 + 2 * shape->n_fields));
    add_u16(flat->out, shape->size);
    for (int i = 0; i < shape->n_fields; i++)
        add_u16(flat->out, shape->at[i]);
    flat_align(flat, 8, 0);
    size_t table = flat_here(flat);
    flat_put(flat, slot, table - slot, 4);
    buf_u32(flat->out, (uint32_t)(table - vtable));
    for (int i = 4; i < shape->size; i++)
        buf_char(flat->out, '\0');
    return table;
}

static void flat_string(const Flat *flat, size_t slot, Str text)
{
    flat_refer(flat, slot);
    buf_u32(flat->out, (uint32_t)text.len);
    buf_str(flat->out, text);
    buf_char(flat->out, '\0');
}

/* A vector of `n` references, to be filled in. Gives the first one's position. */
static size_t flat_references(const Flat *flat, size_t slot, uint32_t n)
{
    flat_refer(flat, slot);
    buf_u32(flat->out, n);
    size_t first = flat_here(flat);
    for (uint32_t i = 0; i < n; i++)
        buf_u32(flat->out, 0);
    return first;
}

/* A vector of pairs of 64-bit numbers: nodes and buffers of a batch. */
static void flat_pairs(const Flat *flat, size_t slot, const uint64_t (*pairs)[2], size_t n)
{
    flat_align(flat, 8, 4);
    flat_refer(flat, slot);
    buf_u32(flat->out, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        buf_u64(flat->out, pairs[i][0]);
        buf_u64(flat->out, pairs[i][1]);
    }
}

/* ---- messages ---- */

static const FlatShape message_shape = {
    .n_fields = MESSAGE_N_FIELDS,
    .size = 24,
    .at = {[MESSAGE_HEADER] = 4, [MESSAGE_BODY_LENGTH] = 8, [MESSAGE_VERSION] = 16, [MESSAGE_HEADER_TYPE] = 18},
};

/* Begins a message; *out_header is the reference to its header, to be filled in. */
static Flat message_begin(Buf *out, uint8_t header_type, uint64_t body_length, size_t *out_header)
{
    buf_u32(out, ARROW_CONTINUATION);
    buf_u32(out, 0); /* the metadata's length, known at the end */
    Flat flat = {.out = out, .begin = out->len};
    buf_u32(out, 0); /* the root */
    size_t message = flat_table(&flat, 0, &message_shape);
    flat_put(&flat, message + message_shape.at[MESSAGE_VERSION], METADATA_V5, 2);
    flat_put(&flat, message + message_shape.at[MESSAGE_HEADER_TYPE], header_type, 1);
    flat_put(&flat, message + message_shape.at[MESSAGE_BODY_LENGTH], body_length, 8);
    *out_header = message + message_shape.at[MESSAGE_HEADER];
    return flat;
}

static void message_end(const Flat *flat)
{
    flat_align(flat, 8, 0);
    size_t length = flat_here(flat);
    for (size_t i = 0; i < 4; i++)
        flat->out->data[flat->begin - 4 + i] = (char)(length >> (8 * i));
}

/* ---- columns ---- */

typedef enum ColumnForm { FORM_TEXT, FORM_BOOL, FORM_NUMBER, FORM_DATE } ColumnForm;

static bool is_full_date(Value v)
{
    return v.kind == VALUE_DATE && v.date.year > 0 && v.date.month > 0 && v.date.day > 0;
}

static ColumnForm form_of_cell(Value v)
{
    if (v.kind == VALUE_BOOL)
        return FORM_BOOL;
    if (v.kind == VALUE_NUMBER)
        return FORM_NUMBER;
    return is_full_date(v) ? FORM_DATE : FORM_TEXT;
}

static bool is_empty(Value v)
{
    return v.kind == VALUE_NULL || v.kind == VALUE_UNSET;
}

/* The form that all cells have which are not null. */
static ColumnForm form_of(const Column *column, uint32_t n_rows)
{
    bool any = false;
    ColumnForm form = FORM_TEXT;
    for (uint32_t row = 0; row < n_rows; row++) {
        Value cell = column->cells[row];
        if (is_empty(cell))
            continue;
        if (any && form_of_cell(cell) != form)
            return FORM_TEXT;
        form = form_of_cell(cell);
        any = true;
    }
    return form;
}

/* ---- schema ---- */

static const FlatShape schema_shape = {.n_fields = SCHEMA_N_FIELDS, .size = 8, .at = {[SCHEMA_FIELDS] = 4}};
static const FlatShape empty_shape = {.n_fields = 0, .size = 4};
static const FlatShape key_value_shape = {
    .n_fields = KEY_VALUE_N_FIELDS, .size = 12, .at = {[KEY_VALUE_KEY] = 4, [KEY_VALUE_VALUE] = 8}};
static const FlatShape field_shape = {
    .n_fields = FIELD_N_FIELDS,
    .size = 24,
    .at = {[FIELD_NAME] = 4,
           [FIELD_TYPE] = 8,
           [FIELD_CHILDREN] = 12,
           [FIELD_METADATA] = 16,
           [FIELD_TYPE_TYPE] = 20,
           [FIELD_NULLABLE] = 21},
};

/* An empty vector for texts: our readers and others expect none or one entry. */
static void write_field_metadata(const Flat *flat, size_t slot, ColumnForm form)
{
    bool tells = form == FORM_NUMBER || form == FORM_DATE;
    size_t first = flat_references(flat, slot, tells);
    if (!tells)
        return;
    size_t entry = flat_table(flat, first, &key_value_shape);
    flat_string(flat, entry + key_value_shape.at[KEY_VALUE_KEY], S(ARROW_KIND_KEY));
    flat_string(flat, entry + key_value_shape.at[KEY_VALUE_VALUE], form == FORM_NUMBER ? S("number") : S("date"));
}

static void write_field(const Flat *flat, size_t slot, const Column *column, ColumnForm form)
{
    size_t field = flat_table(flat, slot, &field_shape);
    flat_put(flat, field + field_shape.at[FIELD_NULLABLE], 1, 1);
    flat_put(flat, field + field_shape.at[FIELD_TYPE_TYPE], form == FORM_BOOL ? ARROW_BOOL : ARROW_UTF8, 1);
    flat_string(flat, field + field_shape.at[FIELD_NAME], column->name);
    flat_table(flat, field + field_shape.at[FIELD_TYPE], &empty_shape);
    flat_references(flat, field + field_shape.at[FIELD_CHILDREN], 0);
    write_field_metadata(flat, field + field_shape.at[FIELD_METADATA], form);
}

static void write_schema(Buf *out, const Table *table, const ColumnForm *forms)
{
    size_t header;
    Flat flat = message_begin(out, HEADER_SCHEMA, 0, &header);
    size_t schema = flat_table(&flat, header, &schema_shape);
    size_t fields = flat_references(&flat, schema + schema_shape.at[SCHEMA_FIELDS], table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++)
        write_field(&flat, fields + 4 * (size_t)i, &table->columns[i], forms[i]);
    message_end(&flat);
}

/* ---- batches ---- */

/* A batch's body, and the nodes and buffers that describe it: the first pair of a node is its length and its nulls, of
 * a buffer where it begins and its length. */
typedef struct Batch {
    const Table *table;
    uint32_t from, n_rows;
    Buf body, nodes, buffers;
} Batch;

static void add_pair(Buf *pairs, uint64_t a, uint64_t b)
{
    const uint64_t pair[2] = {a, b};
    buf_add(pairs, pair, sizeof pair);
}

static void end_buffer(Batch *batch, size_t from)
{
    add_pair(&batch->buffers, from, batch->body.len - from);
    while (batch->body.len % 8 != 0)
        buf_char(&batch->body, '\0');
}

/* One bit a row, the lowest first. */
static void add_bits(Batch *batch, const Value *cells, bool (*is_one)(Value cell))
{
    size_t from = batch->body.len;
    for (uint32_t row = 0; row < batch->n_rows; row += 8) {
        unsigned char byte = 0;
        for (uint32_t bit = 0; bit < 8 && row + bit < batch->n_rows; bit++)
            byte |= (unsigned char)(is_one(cells[row + bit]) << bit);
        buf_char(&batch->body, (char)byte);
    }
    end_buffer(batch, from);
}

static bool is_present(Value cell)
{
    return !is_empty(cell);
}
static bool is_true(Value cell)
{
    return cell.kind == VALUE_BOOL && cell.low != 0;
}

static void add_texts(Batch *batch, const Value *cells)
{
    Buf texts = {0};
    size_t from = batch->body.len;
    buf_u32(&batch->body, 0);
    for (uint32_t row = 0; row < batch->n_rows; row++) {
        if (is_present(cells[row]))
            value_print_data(&texts, cells[row]);
        assert(texts.len <= INT32_MAX); /* value_may_leave bounds what leaves */
        buf_u32(&batch->body, (uint32_t)texts.len);
    }
    end_buffer(batch, from);
    from = batch->body.len;
    buf_str(&batch->body, buf_view(&texts));
    end_buffer(batch, from);
    buf_done(&texts);
}

static void add_column(Batch *batch, const Column *column, ColumnForm form)
{
    const Value *cells = column->cells + batch->from;
    uint64_t n_empty = 0;
    for (uint32_t row = 0; row < batch->n_rows; row++)
        n_empty += is_empty(cells[row]);
    add_pair(&batch->nodes, batch->n_rows, n_empty);
    add_bits(batch, cells, is_present);
    if (form == FORM_BOOL)
        add_bits(batch, cells, is_true);
    else
        add_texts(batch, cells);
}

static const FlatShape batch_shape = {
    .n_fields = BATCH_N_FIELDS, .size = 20, .at = {[BATCH_NODES] = 4, [BATCH_LENGTH] = 8, [BATCH_BUFFERS] = 16}};

static const uint64_t (*pairs_of(const Buf *pairs))[2]
{
    return (const uint64_t(*)[2])(const void *)pairs->data;
}

static void write_batch(Buf *out, const Batch *batch)
{
    size_t header;
    Flat flat = message_begin(out, HEADER_RECORD_BATCH, batch->body.len, &header);
    size_t table = flat_table(&flat, header, &batch_shape);
    flat_put(&flat, table + batch_shape.at[BATCH_LENGTH], batch->n_rows, 8);
    flat_pairs(&flat, table + batch_shape.at[BATCH_NODES], pairs_of(&batch->nodes), batch->nodes.len / 16);
    flat_pairs(&flat, table + batch_shape.at[BATCH_BUFFERS], pairs_of(&batch->buffers), batch->buffers.len / 16);
    message_end(&flat);
    buf_str(out, buf_view(&batch->body));
}

static void write_rows(Buf *out, const Table *table, const ColumnForm *forms, uint32_t from)
{
    Batch batch = {.table = table, .from = from, .n_rows = MIN_OF(table->n_rows - from, (uint32_t)ROWS_A_BATCH)};
    for (uint32_t i = 0; i < table->n_columns; i++)
        add_column(&batch, &table->columns[i], forms[i]);
    write_batch(out, &batch);
    buf_done(&batch.body);
    buf_done(&batch.nodes);
    buf_done(&batch.buffers);
}

void arrow_write(Buf *out, const Table *table)
{
    AUTO(arena_done)
    Arena scratch = {0};
    ColumnForm *forms = NEW_ARRAY(&scratch, ColumnForm, table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++)
        forms[i] = form_of(&table->columns[i], table->n_rows);
    write_schema(out, table, forms);
    for (uint32_t from = 0; from < table->n_rows; from += ROWS_A_BATCH)
        write_rows(out, table, forms, from);
    buf_u32(out, ARROW_CONTINUATION);
    buf_u32(out, 0);
}
