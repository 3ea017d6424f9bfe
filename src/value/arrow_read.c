/* value/arrow_read.c: any Arrow IPC stream or file with flat columns, as a table.
 *
 * Nothing in the bytes is believed: every position, length and count is checked against what is there before it is
 * used, by the few functions of the first chapter. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/map.h"
#include "value/arrow.h"
#include "value/arrow_format.h"
#include "value/decimal.h"

enum { CELLS_MOST = 4 << 20, COLUMNS_MOST = 4096 };

/* ---- flatbuffers: positions are offsets into the metadata; 0 is "not there" ---- */

typedef struct Flat {
    const unsigned char *data;
    size_t len;
    bool failed; /* something pointed out of the metadata; everything read since is 0 */
} Flat;

static uint64_t flat_number(Flat *flat, size_t at, size_t width)
{
    if (at > flat->len || flat->len - at < width) {
        flat->failed = true;
        return 0;
    }
    uint64_t n = 0;
    for (size_t i = 0; i < width; i++)
        n |= (uint64_t)flat->data[at + i] << (8 * i);
    return n;
}

static size_t flat_follow(Flat *flat, size_t at)
{
    return at ? at + (size_t)flat_number(flat, at, 4) : 0;
}

/* Where the table's field stands; 0 when it is left out. */
static size_t flat_field(Flat *flat, size_t table, int field)
{
    if (!table)
        return 0;
    int64_t vtable = (int64_t)table - (int32_t)flat_number(flat, table, 4);
    if (vtable < 0) {
        flat->failed = true;
        return 0;
    }
    size_t in_vtable = 4 + 2 * (size_t)field;
    if (in_vtable + 2 > flat_number(flat, (size_t)vtable, 2))
        return 0;
    size_t offset = (size_t)flat_number(flat, (size_t)vtable + in_vtable, 2);
    return offset ? table + offset : 0;
}

static uint64_t flat_scalar(Flat *flat, size_t table, int field, size_t width, uint64_t otherwise)
{
    size_t at = flat_field(flat, table, field);
    return at ? flat_number(flat, at, width) : otherwise;
}

static size_t flat_child(Flat *flat, size_t table, int field)
{
    return flat_follow(flat, flat_field(flat, table, field));
}

/* The first element of a vector of `width` bytes each, all of them there; *out_count is 0 for an absent one. */
static size_t flat_vector(Flat *flat, size_t table, int field, size_t width, uint32_t *out_count)
{
    size_t vector = flat_child(flat, table, field);
    *out_count = 0;
    if (!vector)
        return 0;
    uint64_t count = flat_number(flat, vector, 4);
    if (flat->failed || count > (flat->len - vector - 4) / width) {
        flat->failed = true;
        return 0;
    }
    *out_count = (uint32_t)count;
    return vector + 4;
}

static Str flat_text(Flat *flat, size_t table, int field)
{
    uint32_t len;
    size_t at = flat_vector(flat, table, field, 1, &len);
    return at ? str_of((const char *)flat->data + at, len) : S("");
}

/* ---- columns ---- */

/* What stands in one cell of a column, or of a dictionary. */
typedef struct CellType {
    ArrowType type;
    int width;               /* of integers, floats and decimals, in bytes */
    bool is_signed;          /* integers */
    int64_t scale;           /* decimals */
    int unit;                /* dates, timestamps */
    bool has_zone;           /* timestamps */
    bool is_number, is_date; /* a text that ARROW_KIND_KEY calls so */
} CellType;

typedef struct Dictionary {
    int64_t id;
    Value *values;
    uint32_t count;
} Dictionary;

typedef struct ArrowColumn {
    Str name;
    CellType cell;
    bool is_encoded; /* cells are indexes into `dictionary` */
    CellType index;
    Dictionary *dictionary;
} ArrowColumn;

typedef struct Import {
    Arena *arena;
    Error *err;
    Str rest; /* what has not been read of the bytes */
    ArrowColumn *columns;
    uint32_t n_columns;
    Dictionary *dictionaries;
    uint32_t n_dictionaries;
    uint64_t n_dictionary_values; /* of all dictionaries, those replaced as well */
    Table *table;                 /* NULL until the schema has come */
} Import;

static bool refuse(Import *import, const char *what)
{
    return error_set(import->err, INVALID_ARGUMENT, "",
                     "the Arrow data %s; send it as apache-arrow or pyarrow write it", what);
}

static bool damaged(Import *import)
{
    return refuse(import, "is cut off or damaged");
}

static bool refuse_column(Import *import, const ArrowColumn *column, const char *what)
{
    return error_set(import->err, INVALID_ARGUMENT, "", "the Arrow column `%.*s` %s",
                     (int)MIN_OF(column->name.len, (size_t)80), column->name.data, what);
}

/* ---- schema ---- */

static const char *const type_names[] = {
    [ARROW_BINARY] = "binary", [ARROW_TIME] = "time",     [ARROW_INTERVAL] = "interval",
    [ARROW_LIST] = "list",     [ARROW_STRUCT] = "struct",
};

static bool refuse_type(Import *import, const ArrowColumn *column, uint64_t type)
{
    char what[160];
    const char *name = type < COUNT_OF(type_names) && type_names[type] ? type_names[type] : "one we do not read";
    snprintf(what, sizeof what, "has the type %s (%llu); write it as text, numbers, booleans, dates or timestamps",
             name, (unsigned long long)type);
    return refuse_column(import, column, what);
}

static bool read_int_type(Flat *flat, size_t table, CellType *out)
{
    uint64_t bits = flat_scalar(flat, table, INT_BIT_WIDTH, 4, 0);
    out->type = ARROW_INT;
    out->width = (int)(bits / 8);
    out->is_signed = flat_scalar(flat, table, INT_IS_SIGNED, 1, 0) != 0;
    return bits == 8 || bits == 16 || bits == 32 || bits == 64;
}

static bool read_decimal_type(Flat *flat, size_t table, CellType *out)
{
    uint64_t bits = flat_scalar(flat, table, DECIMAL_BIT_WIDTH, 4, 128);
    out->width = (int)(bits / 8);
    out->scale = (int32_t)flat_scalar(flat, table, DECIMAL_SCALE, 4, 0);
    return (bits == 32 || bits == 64 || bits == 128 || bits == 256) && out->scale >= -100 && out->scale <= 100;
}

/* The parameters of the type whose table stands at `table`; false when it is none that we read. */
static bool read_cell_type(Flat *flat, uint64_t type, size_t table, CellType *out)
{
    static const uint64_t single = 1, date_milliseconds = 1;
    *out = (CellType){.type = (ArrowType)type};
    switch (type) {
    case ARROW_NULL:
    case ARROW_UTF8:
    case ARROW_LARGE_UTF8:
    case ARROW_BOOL: return true;
    case ARROW_INT: return read_int_type(flat, table, out);
    case ARROW_FLOAT: {
        uint64_t precision = flat_scalar(flat, table, FLOAT_PRECISION, 2, 0);
        out->width = precision == single ? 4 : 8;
        return precision == single || precision == 2;
    }
    case ARROW_DECIMAL: return read_decimal_type(flat, table, out);
    case ARROW_DATE: out->unit = (int)flat_scalar(flat, table, DATE_UNIT, 2, date_milliseconds); return out->unit <= 1;
    case ARROW_TIMESTAMP:
        out->unit = (int)flat_scalar(flat, table, TIMESTAMP_UNIT, 2, 0);
        out->has_zone = flat_text(flat, table, TIMESTAMP_ZONE).len > 0;
        return out->unit <= 3;
    default: return false;
    }
}

static void read_kind(Flat *flat, size_t field, CellType *cell)
{
    uint32_t n;
    size_t first = flat_vector(flat, field, FIELD_METADATA, 4, &n);
    for (uint32_t i = 0; i < n && cell->type == ARROW_UTF8; i++) {
        size_t entry = flat_follow(flat, first + 4 * (size_t)i);
        if (!str_eq(flat_text(flat, entry, KEY_VALUE_KEY), S(ARROW_KIND_KEY)))
            continue;
        Str kind = flat_text(flat, entry, KEY_VALUE_VALUE);
        cell->is_number = str_eq(kind, S("number"));
        cell->is_date = str_eq(kind, S("date"));
    }
}

/* Columns may share a dictionary; it is made when its number is first met. */
static Dictionary *dictionary_of(Import *import, int64_t id)
{
    for (uint32_t i = 0; i < import->n_dictionaries; i++) {
        if (import->dictionaries[i].id == id)
            return &import->dictionaries[i];
    }
    Dictionary *dictionary = &import->dictionaries[import->n_dictionaries++];
    dictionary->id = id;
    return dictionary;
}

static bool read_encoding(Import *import, Flat *flat, size_t encoding, ArrowColumn *column)
{
    column->is_encoded = true;
    column->dictionary = dictionary_of(import, (int64_t)flat_scalar(flat, encoding, ENCODING_ID, 8, 0));
    size_t index_type = flat_child(flat, encoding, ENCODING_INDEX_TYPE);
    column->index = (CellType){.type = ARROW_INT, .width = 4, .is_signed = true};
    return !index_type || read_int_type(flat, index_type, &column->index);
}

static bool read_field(Import *import, Flat *flat, size_t field, ArrowColumn *column)
{
    column->name = flat_text(flat, field, FIELD_NAME);
    uint64_t type = flat_scalar(flat, field, FIELD_TYPE_TYPE, 1, 0);
    if (!utf8_is_valid(column->name))
        return refuse(import, "has a column whose name is not UTF-8");
    if (!read_cell_type(flat, type, flat_child(flat, field, FIELD_TYPE), &column->cell))
        return flat->failed ? damaged(import) : refuse_type(import, column, type);
    read_kind(flat, field, &column->cell);
    size_t encoding = flat_child(flat, field, FIELD_DICTIONARY);
    if (encoding && !read_encoding(import, flat, encoding, column))
        return refuse_type(import, column, type);
    return !flat->failed || damaged(import);
}

static bool check_names(Import *import)
{
    Map names = {.arena = import->arena};
    for (uint32_t i = 0; i < import->n_columns; i++) {
        if (map_put(&names, import->columns[i].name, &import->columns[i]))
            return refuse_column(import, &import->columns[i], "is there twice; give its columns different names");
    }
    return true;
}

static bool read_schema(Import *import, Flat *flat, size_t schema)
{
    if (import->table)
        return refuse(import, "has a second schema");
    if (flat_scalar(flat, schema, SCHEMA_ENDIANNESS, 2, 0) != 0)
        return refuse(import, "is big-endian");
    uint32_t n;
    size_t first = flat_vector(flat, schema, SCHEMA_FIELDS, 4, &n);
    if (flat->failed)
        return damaged(import);
    if (n > COLUMNS_MOST)
        return error_set(import->err, INVALID_ARGUMENT, "", "the Arrow data has %u columns; a table has at most %d", n,
                         COLUMNS_MOST);
    import->columns = NEW_ARRAY(import->arena, ArrowColumn, n);
    import->dictionaries = NEW_ARRAY(import->arena, Dictionary, n);
    import->n_columns = n;
    for (uint32_t i = 0; i < n; i++) {
        if (!read_field(import, flat, flat_follow(flat, first + 4 * (size_t)i), &import->columns[i]))
            return false;
    }
    import->table = value_table_new(import->arena, 0).table;
    for (uint32_t i = 0; i < n; i++)
        table_add_column(import->arena, import->table, import->columns[i].name);
    return check_names(import);
}

/* ---- batches ---- */

/* The nodes and buffers of a batch are consumed in the order of the columns. */
typedef struct Batch {
    Flat *flat;
    Str body;
    uint64_t n_rows;
    size_t nodes, buffers;
    uint32_t n_nodes, n_buffers, next_node, next_buffer;
} Batch;

static bool begin_batch(Import *import, Flat *flat, size_t table, Str body, Batch *out)
{
    *out = (Batch){.flat = flat, .body = body, .n_rows = flat_scalar(flat, table, BATCH_LENGTH, 8, 0)};
    out->nodes = flat_vector(flat, table, BATCH_NODES, 16, &out->n_nodes);
    out->buffers = flat_vector(flat, table, BATCH_BUFFERS, 16, &out->n_buffers);
    if (flat_field(flat, table, BATCH_COMPRESSION))
        return refuse(import, "is compressed; write it with compression off");
    return !flat->failed || damaged(import);
}

static bool next_buffer(Import *import, Batch *batch, Str *out)
{
    if (batch->next_buffer == batch->n_buffers)
        return damaged(import);
    size_t at = batch->buffers + 16 * (size_t)batch->next_buffer++;
    uint64_t offset = flat_number(batch->flat, at, 8), length = flat_number(batch->flat, at + 8, 8);
    if (offset > batch->body.len || length > batch->body.len - offset)
        return damaged(import);
    *out = str_slice(batch->body, (size_t)offset, (size_t)(offset + length));
    return true;
}

/* The column's cells of a batch, before they become values. */
typedef struct Cells {
    uint64_t n;
    Str validity; /* one bit a cell; empty when all are there */
    Str fixed;    /* cells of fixed width, or the ends of texts */
    Str texts;
} Cells;

static bool next_node(Import *import, Batch *batch, Cells *out)
{
    if (batch->next_node == batch->n_nodes)
        return damaged(import);
    size_t at = batch->nodes + 16 * (size_t)batch->next_node++;
    out->n = flat_number(batch->flat, at, 8);
    uint64_t n_empty = flat_number(batch->flat, at + 8, 8);
    return (out->n == batch->n_rows && n_empty <= out->n) || damaged(import);
}

/* Whether the fixed part has room for all cells. The number of cells was bounded before. */
static bool has_room(const CellType *type, const Cells *cells)
{
    switch (type->type) {
    case ARROW_BOOL: return cells->fixed.len >= (cells->n + 7) / 8;
    case ARROW_UTF8: return cells->n == 0 || cells->fixed.len >= 4 * (cells->n + 1);
    case ARROW_LARGE_UTF8: return cells->n == 0 || cells->fixed.len >= 8 * (cells->n + 1);
    case ARROW_DATE: return cells->fixed.len >= (type->unit == 0 ? 4 : 8) * cells->n;
    case ARROW_TIMESTAMP: return cells->fixed.len >= 8 * cells->n;
    default: return cells->fixed.len >= (size_t)type->width * cells->n;
    }
}

static bool next_cells(Import *import, Batch *batch, const CellType *type, Cells *out)
{
    *out = (Cells){0};
    if (!next_node(import, batch, out))
        return false;
    if (type->type == ARROW_NULL)
        return true;
    bool is_text = type->type == ARROW_UTF8 || type->type == ARROW_LARGE_UTF8;
    if (!next_buffer(import, batch, &out->validity) || !next_buffer(import, batch, &out->fixed) ||
        (is_text && !next_buffer(import, batch, &out->texts)))
        return false;
    bool all_validity = out->validity.len == 0 || out->validity.len >= (out->n + 7) / 8;
    return (all_validity && has_room(type, out)) || damaged(import);
}

/* ---- cells ---- */

static bool bit_at(Str bits, uint64_t at)
{
    return (unsigned char)bits.data[at / 8] >> (at % 8) & 1;
}

static uint64_t word_at(Str fixed, uint64_t at, size_t width)
{
    uint64_t n = 0;
    for (size_t i = 0; i < width; i++)
        n |= (uint64_t)(unsigned char)fixed.data[at * width + i] << (8 * i);
    return n;
}

static int64_t signed_at(Str fixed, uint64_t at, size_t width)
{
    unsigned shift = 64 - 8 * (unsigned)width;
    return (int64_t)(word_at(fixed, at, width) << shift) >> shift;
}

static bool integer_cell(const CellType *type, Str fixed, uint64_t at, Value *out)
{
    if (type->is_signed)
        *out = value_int(signed_at(fixed, at, (size_t)type->width));
    else
        *out = (Value){.low = word_at(fixed, at, (size_t)type->width), .kind = VALUE_NUMBER};
    return true;
}

/* The shortest text that reads back as the same float. */
static void print_float(double d, bool is_single, char out[64])
{
    for (int digits = is_single ? 6 : 15; digits <= 17; digits++) {
        snprintf(out, 64, "%.*g", digits, d);
        if (is_single ? strtof(out, NULL) == (float)d : strtod(out, NULL) == d)
            return;
    }
}

/* A float is an approximation: what lies beyond 28 places is rounded, not refused. */
static bool float_cell(const CellType *type, Str fixed, uint64_t at, Value *out)
{
    double d;
    uint64_t bits = word_at(fixed, at, (size_t)type->width);
    if (type->width == 4) {
        uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, sizeof f);
        d = f;
    } else {
        memcpy(&d, &bits, sizeof d);
    }
    if (isnan(d)) {
        *out = value_null();
        return true;
    }
    if (isinf(d))
        return false;
    char text[64];
    Error ignored;
    print_float(d, type->width == 4, text);
    if (decimal_parse(str_from_c(text), out, &ignored))
        return true;
    if (fabs(d) >= 1)
        return false;
    snprintf(text, sizeof text, "%.28f", d);
    return decimal_parse(str_from_c(text), out, &ignored);
}

/* Two's complement of any width to magnitude and sign; false when the magnitude has more than 128 bits. */
static bool read_magnitude(const unsigned char *from, size_t width, Uint128 *out, bool *out_negative)
{
    bool negative = from[width - 1] >> 7;
    unsigned char fill = negative ? 0xff : 0;
    Uint128 n = negative ? ~(Uint128)0 : 0;
    for (size_t i = width; i-- > 0;) {
        if (i >= 16 && from[i] != fill)
            return false;
        if (i < 16)
            n = n << 8 | from[i];
    }
    if (negative != (bool)(n >> 127))
        return false;
    *out = negative ? -n : n;
    *out_negative = negative;
    return true;
}

static bool decimal_cell(const CellType *type, Str fixed, uint64_t at, Value *out)
{
    Uint128 magnitude;
    bool negative;
    const unsigned char *from = (const unsigned char *)fixed.data + at * (size_t)type->width;
    if (!read_magnitude(from, (size_t)type->width, &magnitude, &negative))
        return false;
    char digits[64];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + (int)(magnitude % 10));
        magnitude /= 10;
    } while (magnitude > 0);
    char text[96];
    int len = snprintf(text, sizeof text, "%s%.*se%lld", negative ? "-" : "", (int)(sizeof digits - first),
                       digits + first, (long long)-type->scale);
    Error ignored;
    return decimal_parse(str_of(text, (size_t)len), out, &ignored);
}

static bool date_from_days(int64_t days, Value *out)
{
    int64_t year;
    int month, day;
    if (days < -719162 || days > 2932896) /* years 1 to 9999 */
        return false;
    civil_from_days(days, &year, &month, &day);
    *out = value_date((int)year, month, day);
    return true;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool date_cell(const CellType *type, Str fixed, uint64_t at, Value *out)
{
    if (type->unit == 0)
        return date_from_days(signed_at(fixed, at, 4), out);
    return date_from_days(floor_divide(signed_at(fixed, at, 8), 86400000), out);
}

/* A wall clock when the column names no zone, else UTC. */
static bool timestamp_cell(Import *import, const CellType *type, Str fixed, uint64_t at, Value *out)
{
    static const int64_t units_a_second[] = {1, 1000, 1000000, 1000000000};
    int64_t unit = units_a_second[type->unit], ticks = signed_at(fixed, at, 8);
    int64_t seconds = floor_divide(ticks, unit), days = floor_divide(seconds, 86400), of_day = seconds - days * 86400;
    Value date;
    if (!date_from_days(days, &date))
        return false;
    *out = value_datetime(import->arena, (DateTime){
                                             .year = date.date.year,
                                             .month = date.date.month,
                                             .day = date.date.day,
                                             .hour = (uint8_t)(of_day / 3600),
                                             .minute = (uint8_t)(of_day / 60 % 60),
                                             .second = (uint8_t)(of_day % 60),
                                             .nanos = (int32_t)((ticks - seconds * unit) * (1000000000 / unit)),
                                             .has_offset = type->has_zone,
                                         });
    return true;
}

static bool date_from_text(Str text, Value *out)
{
    int64_t year, month, day;
    if (text.len != 10 || text.data[4] != '-' || text.data[7] != '-' || !str_to_i64(str_slice(text, 0, 4), &year) ||
        !str_to_i64(str_slice(text, 5, 7), &month) || !str_to_i64(str_slice(text, 8, 10), &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, (int)month))
        return false;
    *out = value_date((int)year, (int)month, (int)day);
    return true;
}

static bool text_cell(const CellType *type, const Cells *cells, uint64_t at, Value *out)
{
    size_t width = type->type == ARROW_UTF8 ? 4 : 8;
    uint64_t from = word_at(cells->fixed, at, width), to = word_at(cells->fixed, at + 1, width);
    if (from > to || to > cells->texts.len)
        return false;
    Str text = str_slice(cells->texts, (size_t)from, (size_t)to);
    Error ignored;
    if (type->is_number)
        return decimal_parse(text, out, &ignored);
    if (type->is_date)
        return date_from_text(text, out);
    *out = value_text(text);
    return utf8_is_valid(text);
}

static bool cell_value(Import *import, const CellType *type, const Cells *cells, uint64_t at, Value *out)
{
    *out = value_null();
    if (type->type == ARROW_NULL || (cells->validity.len > 0 && !bit_at(cells->validity, at)))
        return true;
    switch (type->type) {
    case ARROW_BOOL: *out = value_bool(bit_at(cells->fixed, at)); return true;
    case ARROW_INT: return integer_cell(type, cells->fixed, at, out);
    case ARROW_FLOAT: return float_cell(type, cells->fixed, at, out);
    case ARROW_DECIMAL: return decimal_cell(type, cells->fixed, at, out);
    case ARROW_DATE: return date_cell(type, cells->fixed, at, out);
    case ARROW_TIMESTAMP: return timestamp_cell(import, type, cells->fixed, at, out);
    default: return text_cell(type, cells, at, out);
    }
}

/* ---- filling the table ---- */

static bool encoded_cell(const ArrowColumn *column, const Cells *cells, uint64_t at, Value *out)
{
    *out = value_null();
    if (cells->validity.len > 0 && !bit_at(cells->validity, at))
        return true;
    uint64_t index = word_at(cells->fixed, at, (size_t)column->index.width);
    if (index >= column->dictionary->count)
        return false;
    *out = column->dictionary->values[index];
    return true;
}

static bool refuse_cell(Import *import, const ArrowColumn *column, uint64_t row)
{
    char what[120];
    snprintf(what, sizeof what, "has in row %llu a value that is damaged, or that we cannot hold exactly",
             (unsigned long long)row + 1);
    return refuse_column(import, column, what);
}

static bool fill_column(Import *import, Batch *batch, uint32_t number, uint32_t first_row)
{
    ArrowColumn *column = &import->columns[number];
    Value *to = import->table->columns[number].cells + first_row;
    Cells cells;
    if (!next_cells(import, batch, column->is_encoded ? &column->index : &column->cell, &cells))
        return false;
    for (uint64_t i = 0; i < cells.n; i++) {
        if (!(column->is_encoded ? encoded_cell(column, &cells, i, &to[i])
                                 : cell_value(import, &column->cell, &cells, i, &to[i])))
            return refuse_cell(import, column, first_row + i);
    }
    return true;
}

static bool fits(const Import *import, uint64_t n_rows)
{
    uint64_t columns = MAX_OF(import->n_columns, 1u);
    return n_rows <= CELLS_MOST / columns && import->table->n_rows + n_rows <= CELLS_MOST / columns;
}

static bool read_record_batch(Import *import, Flat *flat, size_t table, Str body)
{
    Batch batch;
    if (!begin_batch(import, flat, table, body, &batch))
        return false;
    if (!fits(import, batch.n_rows))
        return error_set(import->err, INVALID_ARGUMENT, "",
                         "the Arrow data has more than %d cells; send it in parts, or as a file", CELLS_MOST);
    uint32_t first_row = import->table->n_rows;
    for (uint64_t i = 0; i < batch.n_rows; i++)
        table_add_row(import->arena, import->table);
    for (uint32_t i = 0; i < import->n_columns; i++) {
        if (!fill_column(import, &batch, i, first_row))
            return false;
    }
    return !flat->failed || damaged(import);
}

/* The column that says what the dictionary's values are. */
static const ArrowColumn *column_with(const Import *import, int64_t id)
{
    for (uint32_t i = 0; i < import->n_columns; i++) {
        if (import->columns[i].is_encoded && import->columns[i].dictionary->id == id)
            return &import->columns[i];
    }
    return NULL;
}

/* A delta goes behind the values that are there; any other batch takes their place. */
static bool fill_dictionary(Import *import, Batch *batch, const ArrowColumn *column, bool is_delta)
{
    Dictionary *dictionary = column->dictionary;
    Cells cells;
    uint32_t kept = is_delta ? dictionary->count : 0;
    import->n_dictionary_values += kept;
    if (batch->n_rows > CELLS_MOST || import->n_dictionary_values + batch->n_rows > CELLS_MOST)
        return refuse(import, "has dictionaries of too many values");
    import->n_dictionary_values += batch->n_rows;
    if (!next_cells(import, batch, &column->cell, &cells))
        return false;
    Value *values = NEW_ARRAY(import->arena, Value, kept + cells.n);
    if (kept > 0)
        memcpy(values, dictionary->values, kept * sizeof *values);
    for (uint64_t i = 0; i < cells.n; i++) {
        if (!cell_value(import, &column->cell, &cells, i, &values[kept + i]))
            return refuse_cell(import, column, i);
    }
    dictionary->values = values;
    dictionary->count = kept + (uint32_t)cells.n;
    return true;
}

static bool read_dictionary_batch(Import *import, Flat *flat, size_t table, Str body)
{
    const ArrowColumn *column = column_with(import, (int64_t)flat_scalar(flat, table, DICTIONARY_ID, 8, 0));
    bool is_delta = flat_scalar(flat, table, DICTIONARY_IS_DELTA, 1, 0) != 0;
    Batch batch;
    if (!column)
        return refuse(import, "has a dictionary that no column uses");
    return begin_batch(import, flat, flat_child(flat, table, DICTIONARY_DATA), body, &batch) &&
           fill_dictionary(import, &batch, column, is_delta);
}

/* ---- messages ---- */

static bool read_message(Import *import, Flat *flat, Str body)
{
    size_t message = (size_t)flat_number(flat, 0, 4);
    uint64_t type = flat_scalar(flat, message, MESSAGE_HEADER_TYPE, 1, 0);
    uint64_t version = flat_scalar(flat, message, MESSAGE_VERSION, 2, 0);
    size_t header = flat_child(flat, message, MESSAGE_HEADER);
    if (flat->failed || !message || !header)
        return damaged(import);
    if (version != METADATA_V4 && version != METADATA_V5)
        return refuse(import, "has a metadata version other than 4 and 5");
    if (type == HEADER_SCHEMA)
        return read_schema(import, flat, header);
    if (!import->table)
        return refuse(import, "does not begin with a schema");
    if (type == HEADER_RECORD_BATCH)
        return read_record_batch(import, flat, header, body);
    if (type == HEADER_DICTIONARY_BATCH)
        return read_dictionary_batch(import, flat, header, body);
    return refuse(import, "has a message that is neither schema nor batch");
}

static uint32_t take_u32(Str *rest)
{
    uint32_t n = (uint32_t)word_at(*rest, 0, 4);
    *rest = str_skip(*rest, 4);
    return n;
}

/* Takes one message off the front; *out_more is false at the end of the stream, marked or not. */
static bool next_message(Import *import, bool *out_more)
{
    *out_more = import->rest.len >= 4;
    if (!*out_more)
        return import->rest.len == 0 || damaged(import);
    uint32_t length = take_u32(&import->rest);
    if (length == ARROW_CONTINUATION) {
        if (import->rest.len < 4)
            return damaged(import);
        length = take_u32(&import->rest);
    }
    *out_more = length > 0;
    if (length == 0)
        return true;
    if (length > import->rest.len)
        return damaged(import);
    Flat flat = {.data = (const unsigned char *)import->rest.data, .len = length};
    import->rest = str_skip(import->rest, length);
    uint64_t body_length = flat_scalar(&flat, (size_t)flat_number(&flat, 0, 4), MESSAGE_BODY_LENGTH, 8, 0);
    if (body_length > import->rest.len)
        return damaged(import);
    Str body = str_slice(import->rest, 0, (size_t)body_length);
    import->rest = str_skip(import->rest, (size_t)body_length);
    return read_message(import, &flat, body);
}

static bool read_stream(Import *import)
{
    bool more = true;
    while (more) {
        if (!next_message(import, &more))
            return false;
    }
    return import->table || refuse(import, "has no schema");
}

/* ---- the file format: messages in any order, and a footer that says where they are ---- */

#define MAGIC "ARROW1"
enum { MAGIC_LEN = sizeof MAGIC - 1, BLOCK_SIZE = 24 };

static bool read_blocks(Import *import, Flat *flat, size_t footer, int field, Str bytes)
{
    uint32_t n;
    size_t first = flat_vector(flat, footer, field, BLOCK_SIZE, &n);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t offset = flat_number(flat, first + BLOCK_SIZE * (size_t)i, 8);
        bool is_there;
        if (offset >= bytes.len)
            return damaged(import);
        import->rest = str_skip(bytes, (size_t)offset);
        if (!next_message(import, &is_there))
            return false;
        if (!is_there)
            return damaged(import);
    }
    return !flat->failed || damaged(import);
}

static bool read_footer(Import *import, Str bytes)
{
    size_t end = bytes.len - MAGIC_LEN;
    if (end < 4 || !str_ends(bytes, S(MAGIC)))
        return damaged(import);
    Str length_bytes = str_slice(bytes, end - 4, end);
    uint32_t length = take_u32(&length_bytes);
    if (length > end - 4)
        return damaged(import);
    Flat flat = {.data = (const unsigned char *)bytes.data + (end - 4 - length), .len = length};
    size_t footer = (size_t)flat_number(&flat, 0, 4), schema = flat_child(&flat, footer, FOOTER_SCHEMA);
    if (flat.failed || !footer || !schema)
        return damaged(import);
    return read_schema(import, &flat, schema) && read_blocks(import, &flat, footer, FOOTER_DICTIONARIES, bytes) &&
           read_blocks(import, &flat, footer, FOOTER_BATCHES, bytes);
}

bool arrow_read(Arena *arena, Str bytes, Table **out, Error *err)
{
    Import import = {.arena = arena, .err = err, .rest = bytes};
    bool is_file = str_starts(bytes, S(MAGIC));
    if (!(is_file ? read_footer(&import, bytes) : read_stream(&import)))
        return false;
    *out = import.table;
    return true;
}
