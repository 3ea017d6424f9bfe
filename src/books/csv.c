/* books/csv.c: one pass over the text, cell by cell, straight into the columns. */
#include "books/csv.h"

#include <string.h>

#include "books/heading.h"
#include "value/duration.h"
#include "value/wire.h"

static const char separators[] = {',', ';', '\t', '|'};
#define N_SEPARATORS 4
#define SAMPLE_RECORDS 50
#define SAMPLE_BYTES (1u << 17)
#define SHOWN_MAX 40

/* ---- which separator ---- */
typedef struct Tally {
    uint32_t counts[N_SEPARATORS]; /* in the record in hand */
    uint32_t header[N_SEPARATORS]; /* in the record of names */
    uint32_t even[N_SEPARATORS];   /* records with as many as the names have */
    int32_t record;                /* from 1 */
} Tally;

static void tally_record(Tally *tally, int32_t header_row)
{
    tally->record++;
    bool header = tally->record == MAX_OF(header_row, 1);
    for (int i = 0; i < N_SEPARATORS; i++) {
        if (header)
            tally->header[i] = tally->counts[i];
        else if (tally->record > header_row && tally->counts[i] == tally->header[i])
            tally->even[i]++;
    }
    memset(tally->counts, 0, sizeof tally->counts);
}

/* The evenest wins; among equals the one that makes more columns; then the order of the list. */
static char tally_winner(const Tally *tally)
{
    int best = -1;
    for (int i = 0; i < N_SEPARATORS; i++) {
        if (tally->header[i] == 0)
            continue;
        if (best < 0 || tally->even[i] > tally->even[best] ||
            (tally->even[i] == tally->even[best] && tally->header[i] > tally->header[best]))
            best = i;
    }
    return best < 0 ? ',' : separators[best];
}

/* "sep=;" in the first line is what spreadsheets write to name the separator; '\0' without it. */
static char separator_line(Str text, Str *out_rest)
{
    Str rest = text, line = str_cut(&rest, '\n');
    if (line.len < 5 || !str_starts(line, S("sep=")) || str_trim(str_skip(line, 5)).len > 0)
        return '\0';
    *out_rest = rest.data ? rest : str_skip(text, text.len);
    return line.data[4];
}

static char evenest_separator(Str text, int32_t header_row)
{
    Tally tally = {0};
    bool quoted = false, content = false;
    size_t end = MIN_OF(text.len, (size_t)SAMPLE_BYTES);
    for (size_t i = 0; i < end && tally.record < header_row + SAMPLE_RECORDS; i++) {
        char c = text.data[i];
        if (c == '"')
            quoted = !quoted;
        bool line_end = !quoted && (c == '\n' || c == '\r');
        if (line_end && content)
            tally_record(&tally, header_row);
        content = !line_end && (content || c != ' ');
        for (int k = 0; !quoted && k < N_SEPARATORS; k++)
            tally.counts[k] += c == separators[k];
    }
    if (content)
        tally_record(&tally, header_row);
    return tally_winner(&tally);
}

char csv_detect_separator(Str text, int32_t header_row)
{
    Str rest;
    char named = separator_line(text, &rest);
    return named ? named : evenest_separator(text, header_row);
}

/* ---- cells ---- */
typedef struct CsvReader {
    Arena *arena; /* for as long as is read */
    Arena *into;  /* the table's */
    Str text;
    const char *at, *end;
    char separator;
    Str file_name;
    uint32_t record; /* from 1, counted as spreadsheets count: rows without content too */
    uint32_t cell;   /* in the record, from 1 */
    Table *table;    /* NULL while the names are read */
} CsvReader;

typedef struct Cell {
    Str text;
    bool last; /* of its record */
} Cell;

static uint32_t line_of(const CsvReader *reader, const char *at)
{
    uint32_t line = 1;
    for (const char *p = reader->text.data; p < at; p++)
        line += *p == '\n' || (*p == '\r' && (p + 1 == reader->end || p[1] != '\n'));
    return line;
}

/* "row 17 (line 18) of invoices.csv" */
static Str place(const CsvReader *reader, const char *at)
{
    uint32_t line = line_of(reader, at);
    Str file = reader->file_name.len ? reader->file_name : S("the file");
    if (!reader->table)
        return str_printf(reader->arena, "line %u of %.*s", line, STR_ARG(file));
    return str_printf(reader->arena, "row %u (line %u) of %.*s", reader->table->n_rows + 1, line, STR_ARG(file));
}

static Str column_shown(const CsvReader *reader)
{
    if (reader->table && reader->cell <= reader->table->n_columns)
        return str_printf(reader->arena, "the %.*s",
                          STR_ARG(str_slice(reader->table->columns[reader->cell - 1].name, 0, SHOWN_MAX)));
    return str_printf(reader->arena, "cell %u", reader->cell);
}

static bool is_blank(const CsvReader *reader, char c)
{
    return c == ' ' || (c == '\t' && reader->separator != '\t');
}

static bool is_inner(char c)
{
    return c > ' ' && c < 0x7F;
}

/* Most cells have printable ASCII at both ends. */
static Str cell_text(Str cell)
{
    bool tight = cell.len == 0 || (is_inner(cell.data[0]) && is_inner(cell.data[cell.len - 1]));
    return tight ? cell : cell_trim(cell);
}

/* What stands between plain quotes needs no copy; doubled quotes need one. */
static Str unquote(Arena *arena, const char *from, const char *to)
{
    Str inside = str_of(from, (size_t)(to - from));
    if (!memchr(from, '"', inside.len))
        return inside;
    char *copy = arena_alloc_bytes(arena, inside.len);
    size_t len = 0;
    for (const char *p = from; p < to; p++) {
        copy[len++] = *p;
        p += *p == '"';
    }
    return str_of(copy, len);
}

/* Behind a cell: its separator, the record's end, or the text's. */
static void cell_end(CsvReader *reader, Cell *out)
{
    out->last = true;
    if (reader->at == reader->end)
        return;
    char c = *reader->at++;
    if (c == reader->separator)
        out->last = false;
    else if (c == '\r' && reader->at < reader->end && *reader->at == '\n')
        reader->at++;
}

static bool quoted_cell(CsvReader *reader, Cell *out, Error *err)
{
    const char *open = reader->at++, *from = reader->at;
    for (;;) {
        const char *quote = memchr(reader->at, '"', (size_t)(reader->end - reader->at));
        if (!quote) {
            reader->at = reader->end;
            Str where = place(reader, open), column = column_shown(reader);
            return error_set(err, INVALID_ARGUMENT, "file",
                             "in %.*s, %.*s begins with a quote that is never closed: close it, or double it if it "
                             "belongs to the text",
                             STR_ARG(where), STR_ARG(column));
        }
        reader->at = quote + 1;
        if (reader->at == reader->end || *reader->at != '"')
            break;
        reader->at++;
    }
    out->text = cell_text(unquote(reader->arena, from, reader->at - 1));
    while (reader->at < reader->end && is_blank(reader, *reader->at))
        reader->at++;
    if (reader->at < reader->end && *reader->at != reader->separator && *reader->at != '\n' && *reader->at != '\r') {
        Str where = place(reader, reader->at), column = column_shown(reader);
        return error_set(err, INVALID_ARGUMENT, "file",
                         "in %.*s, %.*s goes on after its closing quote: a quote inside a quoted cell is written "
                         "twice",
                         STR_ARG(where), STR_ARG(column));
    }
    cell_end(reader, out);
    return true;
}

static bool cell_read(CsvReader *reader, Cell *out, Error *err)
{
    const char *at = reader->at, *end = reader->end;
    const char separator = reader->separator;
    while (at < end && is_blank(reader, *at))
        at++;
    reader->at = at;
    reader->cell++;
    if (at < end && *at == '"')
        return quoted_cell(reader, out, err);
    while (at < end && *at != separator && *at != '\n' && *at != '\r')
        at++;
    out->text = cell_text(str_of(reader->at, (size_t)(at - reader->at)));
    reader->at = at;
    cell_end(reader, out);
    return true;
}

static bool cell_bounded(const CsvReader *reader, const Cell *cell, Error *err)
{
    if (cell->text.len <= CSV_CELL_BYTES_MAX)
        return true;
    Str where = place(reader, cell->text.data), column = column_shown(reader);
    return error_set(err, RESOURCE_EXHAUSTED, "file", "in %.*s, %.*s has %zu bytes: a cell may have %u at most",
                     STR_ARG(where), STR_ARG(column), cell->text.len, CSV_CELL_BYTES_MAX);
}

/* ---- names ---- */
typedef struct Names {
    Str *items;
    uint32_t count, cap;
} Names;

static bool names_add(CsvReader *reader, Names *names, Str name, Error *err)
{
    if (names->count == CSV_COLUMNS_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "file",
                         "%.*s has more than %u columns: split it, or name the separator that it uses",
                         STR_ARG(reader->file_name), CSV_COLUMNS_MAX);
    if (names->count == names->cap) {
        uint32_t cap = names->cap ? names->cap * 2 : 16;
        names->items =
            arena_grow(reader->arena, names->items, names->cap * sizeof(Str), cap * sizeof(Str), _Alignof(Str));
        names->cap = cap;
    }
    names->items[names->count++] = name;
    return true;
}

/* One record as it stands; false also at the end of the text, with `out->count` 0 and no error. */
static bool names_read(CsvReader *reader, Names *out, Error *err)
{
    Cell cell = {0};
    reader->record++;
    reader->cell = 0;
    out->count = 0;
    do {
        if (!cell_read(reader, &cell, err) || !cell_bounded(reader, &cell, err) ||
            !names_add(reader, out, heading_clean(reader->arena, cell.text), err))
            return false;
    } while (!cell.last);
    return true;
}

static bool names_are_blank(const Names *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->items[i].len > 0)
            return false;
    }
    return true;
}

/* Skips blank records and those above the names. Without a record of names, the first one tells how many columns there
 * are and is read again as data. */
static bool header_read(CsvReader *reader, int32_t header_row, Names *out, Error *err)
{
    const char *begin = reader->at;
    int32_t found = 0, wanted = MAX_OF(header_row, 1);
    while (reader->at < reader->end) {
        begin = reader->at;
        if (!names_read(reader, out, err))
            return false;
        if (!names_are_blank(out) && ++found == wanted)
            break;
    }
    if (found == 0)
        return error_set(err, INVALID_ARGUMENT, "file", "%.*s is empty: the first row should name the columns",
                         STR_ARG(reader->file_name.len ? reader->file_name : S("the file")));
    if (found < wanted)
        return error_set(err, INVALID_ARGUMENT, "file", "%.*s has no row %d to take the column names from: it has %d",
                         STR_ARG(reader->file_name.len ? reader->file_name : S("the file")), wanted, found);
    if (header_row > 0)
        return true;
    reader->at = begin;
    for (uint32_t i = 0; i < out->count; i++)
        out->items[i] = S("");
    return true;
}

/* ---- rows ---- */
static bool refuse_short_row(const CsvReader *reader, const char *begin, Error *err)
{
    Str where = place(reader, begin);
    return error_set(err, INVALID_ARGUMENT, "file",
                     "%.*s has %u cell%s, but there are %u columns: the first cell missing is the %.*s", STR_ARG(where),
                     reader->cell, reader->cell == 1 ? "" : "s", reader->table->n_columns,
                     STR_ARG(str_slice(reader->table->columns[reader->cell].name, 0, SHOWN_MAX)));
}

static bool refuse_long_row(const CsvReader *reader, const char *begin, Str extra, Error *err)
{
    Str where = place(reader, begin);
    return error_set(err, INVALID_ARGUMENT, "file",
                     "%.*s has more cells than the %u column%s: \"%.*s\" is one too many; put a cell that contains "
                     "\"%c\" in quotes",
                     STR_ARG(where), reader->table->n_columns, reader->table->n_columns == 1 ? "" : "s",
                     STR_ARG(str_slice(extra, 0, SHOWN_MAX)), reader->separator);
}

static bool refuse_many_rows(const CsvReader *reader, uint32_t max, Error *err)
{
    return error_set(err, RESOURCE_EXHAUSTED, "file",
                     "%.*s has more than %u rows of %u columns, which is all that is read at once: split the file",
                     STR_ARG(reader->file_name.len ? reader->file_name : S("the file")), max, reader->table->n_columns);
}

/* Fills row table->n_rows; `*out_filled` tells whether any of its cells has content. */
static bool row_read(CsvReader *reader, bool *out_filled, Error *err)
{
    Table *table = reader->table;
    const char *begin = reader->at;
    Cell cell = {0};
    bool filled = false;
    uint32_t n = 0;
    reader->record++;
    reader->cell = 0;
    do {
        if (!cell_read(reader, &cell, err) || !cell_bounded(reader, &cell, err))
            return false;
        if (n >= table->n_columns && cell.text.len > 0)
            return refuse_long_row(reader, begin, cell.text, err);
        filled = filled || cell.text.len > 0;
        if (n < table->n_columns)
            table->columns[n++].cells[table->n_rows] = cell.text.len ? value_text(cell.text) : value_null();
    } while (!cell.last);
    if (filled && n < table->n_columns)
        return refuse_short_row(reader, begin, err);
    *out_filled = filled;
    return true;
}

/* No more rows than line ends, and no more than bytes for their cells: what a hostile file can make us reserve is a
 * multiple of its size. */
static uint32_t rows_expected(const CsvReader *reader, uint32_t n_columns)
{
    size_t left = (size_t)(reader->end - reader->at), ends = 1;
    for (const char *p = reader->at; p < reader->end; p++)
        ends += *p == '\n' || *p == '\r';
    size_t rows = MIN_OF(ends, left / n_columns + 1);
    return (uint32_t)MIN_OF(rows, (size_t)MIN_OF(CSV_ROWS_MAX, CSV_CELLS_MAX / n_columns));
}

static Table *table_for(CsvReader *reader, const Names *names)
{
    Value value = value_table_new(reader->into, 0);
    Table *table = value.table;
    Map taken = {.arena = reader->into};
    for (uint32_t i = 0; i < names->count; i++)
        heading_add(&taken, table, names->items[i]);
    table->cap_rows = rows_expected(reader, table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++)
        table->columns[i].cells = NEW_ARRAY(reader->into, Value, table->cap_rows);
    return table;
}

static bool rows_read(CsvReader *reader, Error *err)
{
    Table *table = reader->table;
    while (reader->at < reader->end) {
        bool filled = false;
        if (table->n_rows == table->cap_rows)
            return refuse_many_rows(reader, table->cap_rows, err);
        if (!row_read(reader, &filled, err))
            return false;
        table->n_rows += filled;
    }
    return true;
}

/* ---- texts of their own ---- */
enum { RECENT_TEXTS = 256, RECENT_TRIED = 4096 };

/* Columns of vendors, countries and states say the same few texts again and again: these are kept once. A column that
 * has not done so by its first rows is not looked at any more. */
static void column_own(Arena *arena, Column *column, uint32_t n_rows)
{
    Str recent[RECENT_TEXTS] = {{0}};
    uint32_t tried = 0, found = 0;
    column->name = str_copy(arena, column->name);
    for (uint32_t row = 0; row < n_rows; row++) {
        Value *cell = &column->cells[row];
        if (cell->kind != VALUE_TEXT)
            continue;
        Str text = value_str(*cell);
        if (tried == RECENT_TRIED && found < RECENT_TRIED / 16) {
            *cell = value_text(str_copy(arena, text));
            continue;
        }
        Str *slot = &recent[str_hash(text) % RECENT_TEXTS];
        bool again = str_eq(*slot, text);
        if (!again)
            *slot = str_copy(arena, text);
        *cell = value_text(*slot);
        tried += tried < RECENT_TRIED;
        found += again && found < RECENT_TRIED;
    }
}

static void table_own(Arena *arena, Table *table)
{
    for (uint32_t i = 0; i < table->n_columns; i++)
        column_own(arena, &table->columns[i], table->n_rows);
}

static bool refuse_binary(Str text, Str file_name, Error *err)
{
    const char *zero = memchr(text.data, '\0', text.len);
    return error_set(err, INVALID_ARGUMENT, "file",
                     "%.*s is not a text file: byte %zu is zero; save the table as CSV and send that",
                     STR_ARG(file_name.len ? file_name : S("the file")), (size_t)(zero - text.data));
}

bool csv_read(Arena *arena, Str text, const CsvOptions *options, Str file_name, Value *out_table, Error *err)
{
    text = text.len ? text : S("");
    if (text.len > 0 && memchr(text.data, '\0', text.len))
        return refuse_binary(text, file_name, err);
    AUTO(arena_done)
    Arena scratch = {0};
    CsvReader reader = {.arena = &scratch,
                        .into = arena,
                        .text = text,
                        .at = text.data,
                        .end = text.data + text.len,
                        .separator = options->separator,
                        .file_name = str_slice(file_name, 0, 100)};
    Names names = {0};
    Str rest;
    char named = separator_line(text, &rest);
    if (named)
        reader.at = rest.data;
    if (!reader.separator)
        reader.separator = named ? named : evenest_separator(text, options->header_row);
    if (!header_read(&reader, options->header_row, &names, err))
        return false;
    reader.table = table_for(&reader, &names);
    if (!rows_read(&reader, err))
        return false;
    /* A separator at the end of every line makes a column that has neither name nor content. */
    drop_phantom_columns(reader.table, names.items);
    if (!options->plain && !columns_convert(arena, reader.table, &options->columns, reader.file_name, err))
        return false;
    table_own(arena, reader.table);
    *out_table = (Value){.table = reader.table, .kind = VALUE_TABLE};
    return true;
}

/* ---- writing ---- */
static bool needs_quotes(Str cell, char separator)
{
    if (cell.len == 0)
        return false;
    char first = cell.data[0], last = cell.data[cell.len - 1];
    return memchr(cell.data, separator, cell.len) || memchr(cell.data, '"', cell.len) ||
           memchr(cell.data, '\n', cell.len) || memchr(cell.data, '\r', cell.len) || first == ' ' || last == ' ';
}

static void write_text(Buf *out, Str cell, char separator, bool quoted)
{
    if (!quoted && !needs_quotes(cell, separator)) {
        buf_str(out, cell);
        return;
    }
    buf_char(out, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.data[i] == '"')
            buf_char(out, '"');
        buf_char(out, cell.data[i]);
    }
    buf_char(out, '"');
}

static void print_cell(Buf *scratch, Value cell, bool decimal_comma)
{
    scratch->len = 0;
    if (cell.kind == VALUE_LIST || cell.kind == VALUE_SET || cell.kind == VALUE_RECORD || cell.kind == VALUE_TABLE ||
        cell.kind == VALUE_ROW) {
        JsonOut json = json_out(scratch);
        value_to_plain_json(&json, cell);
        return;
    }
    if (cell.kind == VALUE_DURATION) { /* as spreadsheets read it */
        duration_clock_print(scratch, cell);
        return;
    }
    value_print_data(scratch, cell);
    char *point = cell.kind == VALUE_NUMBER && decimal_comma ? memchr(scratch->data, '.', scratch->len) : NULL;
    if (point)
        *point = ',';
}

void csv_write(Buf *out, const Table *table, char separator, bool decimal_comma)
{
    AUTO(buf_done)
    Buf scratch = {0};
    for (uint32_t i = 0; i < table->n_columns; i++) {
        if (i > 0)
            buf_char(out, separator);
        /* A name like "sep=;" in the first place would be taken for the line that names the separator. */
        bool misleading = i == 0 && str_starts(table->columns[i].name, S("sep="));
        write_text(out, table->columns[i].name, separator, misleading);
    }
    buf_str(out, S("\r\n"));
    for (uint32_t row = 0; row < table->n_rows; row++) {
        for (uint32_t i = 0; i < table->n_columns; i++) {
            Value cell = table->columns[i].cells[row];
            if (i > 0)
                buf_char(out, separator);
            if (cell.kind == VALUE_TEXT) {
                write_text(out, value_str(cell), separator, false);
            } else if (cell.kind != VALUE_NULL) {
                print_cell(&scratch, cell, decimal_comma);
                write_text(out, buf_view(&scratch), separator, false);
            }
        }
        buf_str(out, S("\r\n"));
    }
}
