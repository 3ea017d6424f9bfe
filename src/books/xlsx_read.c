/* books/xlsx_read.c: one pass over a sheet's cells, row by row, straight into the columns. */
#include "books/csv.h"
#include "books/heading.h"
#include "books/xlsx.h"
#include "books/xlsx_workbook.h"
#include "value/calendar.h"
#include "value/decimal.h"

#define SHOWN_MAX 40
#define MERGED_MAX 1000000u
#define LISTED_SHEETS 12
#define FEW_COLUMNS 3 /* so many columns under a single name: that was a title, not the names */

typedef struct Area {
    uint32_t top, left, bottom, right; /* rows and columns from 1, both ends included */
} Area;

/* What the cell in hand says of itself. */
typedef struct SheetCell {
    uint32_t column; /* from 1 */
    char type;       /* n, s(hared), i(nline), (formula's) t(ext), b(oolean), e(rror), d(ate) */
    CellFormat format;
    bool formula, valued;
    enum { IN_NOTHING, IN_VALUE, IN_TEXT, IN_FORMULA } in;
} SheetCell;

typedef struct SheetReader {
    Workbook *workbook;
    Arena *arena;
    const XlsxOptions *options;
    Str file_name, sheet_name;
    uint32_t row; /* in hand, as the sheet counts */
    SheetCell cell;
    bool in_cell, in_reading;
    Buf text;                           /* of the cell */
    Value *cells;                       /* of the row: CSV_COLUMNS_MAX of them, UNSET where there is nothing */
    uint32_t n_cells;                   /* up to the last that has content */
    Table *table;                       /* NULL until the names are known */
    Str *names;                         /* as found; CSV_COLUMNS_MAX of them */
    bool *plain;                        /* columns with cells that are meant to be text */
    Map taken;                          /* names */
    uint32_t header_row, n_named;       /* where the names stood, and how many there are */
    uint32_t wide_row;                  /* the first below it with more than one cell */
    uint32_t *rows, cap_rows, last_row; /* where each row of the table stood */
    Area *merged;
    uint32_t n_merged, cap_merged;
} SheetReader;

static void sheet_reader_done(SheetReader *reader)
{
    buf_done(&reader->text);
}

/* ---- places ---- */
/* "AB12" → row 12, column 28. */
static bool place_parse(Str text, uint32_t *out_row, uint32_t *out_column)
{
    uint32_t row = 0, column = 0;
    size_t at = 0;
    for (; at < text.len && at < 4 && text.data[at] >= 'A' && text.data[at] <= 'Z'; at++)
        column = column * 26 + (uint32_t)(text.data[at] - 'A') + 1;
    if (at == 0 || at == text.len || text.len - at > 7)
        return false;
    for (; at < text.len; at++) {
        if (text.data[at] < '0' || text.data[at] > '9')
            return false;
        row = row * 10 + (uint32_t)(text.data[at] - '0');
    }
    *out_row = row;
    *out_column = column;
    return row >= 1 && row <= XLSX_ROWS_MAX && column <= 16384;
}

static Str place(const SheetReader *reader, uint32_t row, uint32_t column)
{
    char letters[4];
    size_t n = 0;
    for (uint32_t rest = column; rest > 0; rest = (rest - 1) / 26)
        letters[n++] = (char)('A' + (rest - 1) % 26);
    for (size_t i = 0; i < n / 2; i++) {
        char swap = letters[i];
        letters[i] = letters[n - 1 - i];
        letters[n - 1 - i] = swap;
    }
    return str_printf(reader->arena, "%.*s%u", (int)n, letters, row);
}

/* "sheet "March" of report.xlsx" */
static Str sheet_shown(const SheetReader *reader)
{
    return str_printf(reader->arena, "sheet \"%.*s\" of %.*s", STR_ARG(str_clip(reader->sheet_name, SHOWN_MAX)),
                      STR_ARG(reader->file_name));
}

static bool damaged_at(const SheetReader *reader, uint32_t row, Error *err)
{
    Str sheet = sheet_shown(reader);
    return error_set(err, INVALID_ARGUMENT, "file", "%.*s is damaged behind row %u: open it in Excel and save it again",
                     STR_ARG(sheet), row);
}

/* ---- names ---- */
static void add_column(SheetReader *reader, Str name)
{
    uint32_t i = reader->table->n_columns;
    reader->names[i] = name;
    reader->n_named += name.len > 0;
    /* We may have written a column that has no name. */
    bool nameless = reader->workbook->ours && name.len == 0 && map_put(&reader->taken, name, reader) == NULL;
    if (nameless)
        (void)table_add_column(reader->arena, reader->table, name);
    else
        heading_add(&reader->taken, reader->table, name);
}

static Str cell_as_name(SheetReader *reader, Value cell)
{
    Buf text = buf_in(reader->arena);
    if (cell.kind != VALUE_UNSET)
        value_print(&text, cell.kind == VALUE_NUMBER ? decimal_strip_zeros(cell) : cell);
    return reader->workbook->ours ? buf_view(&text) : heading_clean(reader->arena, buf_view(&text));
}

static void take_names(SheetReader *reader, bool named)
{
    reader->table = value_table_new(reader->arena, 0).table;
    reader->header_row = reader->row;
    for (uint32_t i = 0; i < reader->n_cells; i++)
        add_column(reader, named ? cell_as_name(reader, reader->cells[i]) : S(""));
}

static bool refuse_missing_names(const SheetReader *reader, Error *err)
{
    Str sheet = sheet_shown(reader);
    if (reader->options->header_row > 0)
        return error_set(err, INVALID_ARGUMENT, "header_row", "row %d of the %.*s is empty: it should name the columns",
                         reader->options->header_row, STR_ARG(sheet));
    return error_set(err, INVALID_ARGUMENT, "file", "the %.*s is empty: its first row should name the columns",
                     STR_ARG(sheet));
}

/* ---- rows ---- */
static bool row_has_room(const SheetReader *reader, Error *err)
{
    uint32_t n = MAX_OF(reader->table->n_columns, reader->n_cells),
             most = MIN_OF(CSV_ROWS_MAX, CSV_CELLS_MAX / MAX_OF(n, 1u));
    if (reader->table->n_rows < most)
        return true;
    Str sheet = sheet_shown(reader);
    return error_set(err, RESOURCE_EXHAUSTED, "file",
                     "the %.*s has more than %u rows of %u columns, which is all that is read at once: split it",
                     STR_ARG(sheet), most, n);
}

static bool add_row(SheetReader *reader, Error *err)
{
    if (!row_has_room(reader, err))
        return false;
    while (reader->table->n_columns < reader->n_cells)
        add_column(reader, S(""));
    if (reader->table->n_rows == reader->cap_rows) {
        uint32_t cap = reader->cap_rows ? reader->cap_rows * 2 : 64;
        reader->rows = arena_grow(reader->arena, reader->rows, reader->cap_rows * sizeof(uint32_t),
                                  cap * sizeof(uint32_t), _Alignof(uint32_t));
        reader->cap_rows = cap;
    }
    uint32_t row = table_add_row(reader->arena, reader->table), filled = 0;
    reader->rows[row] = reader->last_row = reader->row;
    for (uint32_t i = 0; i < reader->n_cells; i++) {
        if (reader->cells[i].kind == VALUE_UNSET)
            continue;
        reader->table->columns[i].cells[row] = reader->cells[i];
        filled++;
    }
    if (filled > 1 && reader->wide_row == 0)
        reader->wide_row = reader->row;
    return true;
}

static bool row_end(SheetReader *reader, Error *err)
{
    int32_t header_row = reader->options->header_row;
    bool fine = true;
    if (!reader->table && header_row > 0 && (int64_t)reader->row > header_row)
        return refuse_missing_names(reader, err);
    bool above = !reader->table && header_row > 0 && (int64_t)reader->row < header_row;
    if (reader->n_cells > 0 && !above) {
        bool names = !reader->table && header_row != 0;
        if (!reader->table)
            take_names(reader, names);
        if (!names)
            fine = add_row(reader, err);
    }
    for (uint32_t i = 0; i < reader->n_cells; i++)
        reader->cells[i] = (Value){0};
    reader->n_cells = 0;
    return fine;
}

/* ---- cells ---- */
static bool cell_put(SheetReader *reader, Value value, Error *err)
{
    uint32_t i = reader->cell.column - 1;
    if (value.kind == VALUE_NULL)
        return true;
    if (i >= CSV_COLUMNS_MAX) {
        Str where = place(reader, reader->row, reader->cell.column), sheet = sheet_shown(reader);
        return error_set(err, RESOURCE_EXHAUSTED, "file",
                         "the cell %.*s of the %.*s is too far to the right: %u columns are the most that are read",
                         STR_ARG(where), STR_ARG(sheet), CSV_COLUMNS_MAX);
    }
    reader->cells[i] = value;
    reader->n_cells = MAX_OF(reader->n_cells, i + 1);
    return true;
}

/* Outside of Excel a formula may be saved without its result. To take the cell for empty would be wrong in silence. */
static bool refuse_unknown_result(const SheetReader *reader, Error *err)
{
    Str where = place(reader, reader->row, reader->cell.column), sheet = sheet_shown(reader);
    return error_set(err, INVALID_ARGUMENT, "file",
                     "the cell %.*s of the %.*s has a formula whose result was not saved: open it in Excel and save it "
                     "again",
                     STR_ARG(where), STR_ARG(sheet));
}

static Value text_value(SheetReader *reader, Str text)
{
    Error ignored;
    Value value;
    if (reader->workbook->ours) {
        /* What Excel has no figure for was written as a text in the format of its kind. */
        if ((reader->cell.format.kind == CELL_DATE && date_parse_written(text, DATE_ORDER_UNKNOWN, &value, &ignored)) ||
            (reader->cell.format.kind == CELL_DATETIME &&
             datetime_parse_written(reader->arena, text, DATE_ORDER_UNKNOWN, false, &value, &ignored)) ||
            (reader->cell.format.kind == CELL_TIME && time_parse_written(text, false, &value, &ignored)))
            return value;
        return value_text(text);
    }
    text = cell_trim(text);
    if (reader->cell.format.kind == CELL_TEXT && reader->cell.column <= CSV_COLUMNS_MAX)
        reader->plain[reader->cell.column - 1] = true;
    return text.len > 0 ? value_text(text) : value_null();
}

static Value iso_value(SheetReader *reader, Str text)
{
    Error ignored;
    Value value;
    if (date_parse_written(text, DATE_ORDER_UNKNOWN, &value, &ignored) ||
        datetime_parse_written(reader->arena, text, DATE_ORDER_UNKNOWN, false, &value, &ignored) ||
        time_parse_written(text, false, &value, &ignored))
        return value;
    return text_value(reader, text);
}

static Value figure_value(SheetReader *reader, Str text)
{
    Value figure;
    if (!cell_figure(text, reader->workbook->ours, &figure))
        return value_text(str_copy(reader->arena, text));
    return cell_of_figure(reader->arena, figure, reader->cell.format, reader->workbook->dates);
}

static bool cell_end(SheetReader *reader, Error *err)
{
    const Workbook *workbook = reader->workbook;
    Str text = buf_view(&reader->text); /* until the next cell */
    int64_t index = 0;
    switch (reader->cell.type) {
    case 's':
        if (!reader->cell.valued)
            return true;
        if (!str_to_i64(str_trim(text), &index) || index < 0 || index >= workbook->n_texts)
            return damaged_at(reader, reader->row, err);
        return cell_put(reader, text_value(reader, workbook->texts[index]), err);
    case 'b': return !reader->cell.valued || cell_put(reader, value_bool(str_eq(str_trim(text), S("1"))), err);
    case 'e': return cell_put(reader, text.len ? value_text(str_copy(reader->arena, text)) : value_null(), err);
    case 'd': return text.len == 0 || cell_put(reader, iso_value(reader, str_copy(reader->arena, text)), err);
    case 'i':
    case 't':
        return (!reader->cell.valued && reader->cell.type == 'i') ||
               cell_put(reader, text_value(reader, xlsx_unescape(reader->arena, str_copy(reader->arena, text))), err);
    default:
        text = str_trim(text);
        if (text.len == 0)
            return reader->cell.formula ? refuse_unknown_result(reader, err) : true;
        return cell_put(reader, figure_value(reader, text), err);
    }
}

static bool cell_begin(SheetReader *reader, XmlAttributes attributes, Error *err)
{
    static const struct {
        Str name;
        char type;
    } types[] = {{S_INIT("s"), 's'}, {S_INIT("inlineStr"), 'i'}, {S_INIT("str"), 't'},
                 {S_INIT("b"), 'b'}, {S_INIT("e"), 'e'},         {S_INIT("d"), 'd'}};
    const Workbook *workbook = reader->workbook;
    uint32_t row = reader->row, column = reader->cell.column + 1;
    int64_t style;
    Str at = xml_attribute(attributes, S("r")), type = xml_attribute(attributes, S("t"));
    if ((at.len > 0 && !place_parse(at, &row, &column)) || row != reader->row)
        return damaged_at(reader, reader->row, err);
    if (!str_to_i64(xml_attribute(attributes, S("s")), &style))
        style = 0;
    reader->cell = (SheetCell){.column = column, .type = 'n'};
    if (style >= 0 && style < workbook->n_formats)
        reader->cell.format = workbook->formats[style];
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_eq(type, types[i].name))
            reader->cell.type = types[i].type;
    }
    reader->text.len = 0;
    reader->in_cell = true;
    return true;
}

static bool row_begin(SheetReader *reader, XmlAttributes attributes, Error *err)
{
    int64_t row = reader->row + 1;
    Str at = xml_attribute(attributes, S("r"));
    if (at.len > 0 && (!str_to_i64(at, &row) || row <= reader->row))
        return damaged_at(reader, reader->row, err);
    if (row > XLSX_ROWS_MAX)
        return damaged_at(reader, reader->row, err);
    reader->row = (uint32_t)row;
    reader->cell.column = 0;
    return true;
}

static bool merged_add(SheetReader *reader, Str area, Error *err)
{
    Str rest = area, from = str_cut(&rest, ':');
    Area found = {0};
    if (!place_parse(from, &found.top, &found.left) || !place_parse(rest, &found.bottom, &found.right) ||
        reader->n_merged == MERGED_MAX)
        return damaged_at(reader, reader->row, err);
    if (reader->n_merged == reader->cap_merged) {
        uint32_t cap = reader->cap_merged ? reader->cap_merged * 2 : 16;
        reader->merged = arena_grow(reader->arena, reader->merged, reader->cap_merged * sizeof(Area),
                                    cap * sizeof(Area), _Alignof(Area));
        reader->cap_merged = cap;
    }
    reader->merged[reader->n_merged++] = found;
    return true;
}

/* ---- the sheet's XML ---- */
static bool sheet_begin(void *self, Str name, XmlAttributes attributes, Error *err)
{
    SheetReader *reader = self;
    if (str_eq(name, S("c")))
        return cell_begin(reader, attributes, err);
    if (str_eq(name, S("row")))
        return row_begin(reader, attributes, err);
    if (str_eq(name, S("mergeCell")))
        return merged_add(reader, xml_attribute(attributes, S("ref")), err);
    if (!reader->in_cell)
        return true;
    if (str_eq(name, S("v")) || (str_eq(name, S("t")) && !reader->in_reading)) {
        reader->cell.in = IN_VALUE;
        reader->cell.valued = true;
    } else if (str_eq(name, S("f"))) {
        reader->cell.in = IN_FORMULA;
        reader->cell.formula = true;
    } else if (str_eq(name, S("rPh"))) {
        reader->in_reading = true;
    }
    return true;
}

static bool sheet_text(void *self, Str text, Error *err)
{
    SheetReader *reader = self;
    if (!reader->in_cell || reader->cell.in != IN_VALUE)
        return true;
    if (reader->text.len + text.len > CSV_CELL_BYTES_MAX) {
        Str where = place(reader, reader->row, reader->cell.column), sheet = sheet_shown(reader);
        return error_set(err, RESOURCE_EXHAUSTED, "file", "the cell %.*s of the %.*s has more than %u bytes",
                         STR_ARG(where), STR_ARG(sheet), CSV_CELL_BYTES_MAX);
    }
    buf_str(&reader->text, text);
    return true;
}

static bool sheet_end(void *self, Str name, Error *err)
{
    SheetReader *reader = self;
    reader->cell.in = IN_NOTHING;
    if (str_eq(name, S("rPh")))
        reader->in_reading = false;
    if (str_eq(name, S("row")))
        return row_end(reader, err);
    if (!str_eq(name, S("c")))
        return true;
    reader->in_cell = false;
    return cell_end(reader, err);
}

static const XmlHandlers sheet_handlers = {.begin = sheet_begin, .text = sheet_text, .end = sheet_end};

/* ---- merged cells ---- */
static bool refuse_merged(const SheetReader *reader, const Area *area, Error *err)
{
    Str first = place(reader, area->top, area->left), last = place(reader, area->bottom, area->right),
        sheet = sheet_shown(reader);
    return error_set(
        err, INVALID_ARGUMENT, "merged_cells",
        "the cells %.*s to %.*s of the %.*s are merged, so one value stands in several cells: say on a line "
        "below whether all of them have it (the merged cells are \"all\") or the first alone (the merged "
        "cells are \"first\")",
        STR_ARG(first), STR_ARG(last), STR_ARG(sheet));
}

/* The row of the table that stood in that row of the sheet or is the next below it. */
static uint32_t table_row_from(const SheetReader *reader, uint32_t sheet_row)
{
    uint32_t low = 0, high = reader->table->n_rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (reader->rows[middle] < sheet_row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool merged_spread(SheetReader *reader, const Area *area, uint64_t *spent, Error *err)
{
    const Table *table = reader->table;
    uint32_t right = MIN_OF(area->right, table->n_columns), row = table_row_from(reader, area->top);
    if (row == table->n_rows || reader->rows[row] != area->top || area->left > right)
        return true;
    Value value = table->columns[area->left - 1].cells[row];
    for (; row < table->n_rows && reader->rows[row] <= area->bottom; row++) {
        *spent += right - area->left + 1;
        if (*spent > 2 * (uint64_t)CSV_CELLS_MAX)
            return damaged_at(reader, area->top, err); /* more than there are: areas lie over each other */
        for (uint32_t i = area->left - 1; i < right; i++) {
            Value *cell = &table->columns[i].cells[row];
            *cell = cell->kind == VALUE_NULL ? value : *cell;
        }
    }
    return true;
}

static bool merged_settle(SheetReader *reader, Error *err)
{
    uint64_t spent = 0;
    for (uint32_t i = 0; i < reader->n_merged; i++) {
        const Area *area = &reader->merged[i];
        bool several = area->top != area->bottom || area->left != area->right;
        bool among_rows = area->bottom > reader->header_row && area->top <= reader->last_row &&
                          area->left <= reader->table->n_columns;
        if (reader->options->header_row == 0)
            among_rows = area->top <= reader->last_row && area->left <= reader->table->n_columns;
        if (!several || !among_rows)
            continue;
        if (reader->options->merged == XLSX_MERGED_ASK)
            return refuse_merged(reader, area, err);
        if (reader->options->merged == XLSX_MERGED_ALL && !merged_spread(reader, area, &spent, err))
            return false;
    }
    return true;
}

/* ---- columns ---- */
static void figures_to_texts(SheetReader *reader, Column *column)
{
    char text[32];
    for (uint32_t row = 0; row < reader->table->n_rows; row++) {
        Value *cell = &column->cells[row];
        if (cell->kind == VALUE_NUMBER)
            *cell = value_text(str_copy(reader->arena, str_of(text, decimal_format(decimal_strip_zeros(*cell), text))));
    }
}

static void settle_column(SheetReader *reader, uint32_t i)
{
    Column *column = &reader->table->columns[i];
    const ColumnRules *rules = &reader->options->columns;
    bool ours = reader->workbook->ours;
    if (column_stays_text(rules, column->name) || (!ours && column_is_identifier(column->name)))
        figures_to_texts(reader, column);
    else if (!ours && !reader->plain[i])
        column_convert(reader->arena, column, reader->table->n_rows, rules);
}

static uint32_t columns_with_content(const Table *table)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        for (uint32_t row = 0; row < table->n_rows; row++) {
            if (table->columns[i].cells[row].kind != VALUE_NULL) {
                n++;
                break;
            }
        }
    }
    return n;
}

/* "Invoices of March" in the first row, and the names two rows below it. */
static bool refuse_title(const SheetReader *reader, Error *err)
{
    Str sheet = sheet_shown(reader);
    return error_set(err, INVALID_ARGUMENT, "header_row",
                     "row %u of the %.*s has a single cell, \"%.*s\", above %u columns: say on a line below which row "
                     "names the columns, like: the header row is %u",
                     reader->header_row, STR_ARG(sheet), STR_ARG(str_clip(reader->table->columns[0].name, SHOWN_MAX)),
                     columns_with_content(reader->table), reader->wide_row);
}

static bool table_settle(SheetReader *reader, Error *err)
{
    if (!reader->table)
        return refuse_missing_names(reader, err);
    if (reader->options->header_row == XLSX_FIRST_ROW && !reader->workbook->ours && reader->n_named == 1 &&
        columns_with_content(reader->table) >= FEW_COLUMNS)
        return refuse_title(reader, err);
    if (!merged_settle(reader, err))
        return false;
    for (uint32_t i = 0; i < reader->table->n_columns; i++)
        settle_column(reader, i);
    if (!reader->workbook->ours)
        drop_phantom_columns(reader->table, reader->names);
    return columns_are_there(reader->table, &reader->options->columns, reader->file_name, err);
}

/* ---- which sheet ---- */
static Str sheets_listed(const Workbook *workbook)
{
    Buf out = buf_in(workbook->arena);
    for (uint32_t i = 0; i < workbook->n_sheets && i < LISTED_SHEETS; i++)
        buf_printf(&out, "%s\"%.*s\"", i ? ", " : "", STR_ARG(str_clip(workbook->sheets[i].name, SHOWN_MAX)));
    if (workbook->n_sheets > LISTED_SHEETS)
        buf_str(&out, S(", …"));
    return buf_view(&out);
}

static bool choose_sheet(const Workbook *workbook, const XlsxOptions *options, const WorkbookSheet **out, Error *err)
{
    const WorkbookSheet *chosen = NULL;
    for (uint32_t i = 0; i < workbook->n_sheets && !chosen; i++) {
        const WorkbookSheet *sheet = &workbook->sheets[i];
        bool fits = options->sheet.len          ? name_alike(sheet->name, options->sheet)
                    : options->sheet_number > 0 ? i + 1 == options->sheet_number
                                                : !sheet->hidden;
        chosen = fits ? sheet : NULL;
    }
    for (uint32_t i = 0; i < workbook->n_sheets && options->sheet.len; i++)
        chosen = str_eq(workbook->sheets[i].name, options->sheet) ? &workbook->sheets[i] : chosen;
    if (!chosen && options->sheet.len == 0 && options->sheet_number == 0)
        chosen = &workbook->sheets[0]; /* all are hidden */
    if (!chosen) {
        Str listed = sheets_listed(workbook);
        return options->sheet.len
                   ? error_set(err, INVALID_ARGUMENT, "sheet",
                               "%.*s has no sheet called \"%.*s\"; its sheets are: %.*s", STR_ARG(workbook->file_name),
                               STR_ARG(str_clip(options->sheet, SHOWN_MAX)), STR_ARG(listed))
                   : error_set(err, INVALID_ARGUMENT, "sheet", "%.*s has no sheet %u; its sheets are: %.*s",
                               STR_ARG(workbook->file_name), options->sheet_number, STR_ARG(listed));
    }
    *out = chosen;
    return true;
}

/* ---- the doors ---- */
bool xlsx_looks_like(Str bytes)
{
    return str_starts(bytes, S("PK\x03\x04"));
}

static bool sheet_read(Workbook *workbook, const WorkbookSheet *sheet, const XlsxOptions *options, Value *out_table,
                       Error *err)
{
    Arena *arena = workbook->arena;
    AUTO(sheet_reader_done)
    SheetReader reader = {.workbook = workbook,
                          .arena = arena,
                          .options = options,
                          .file_name = workbook->file_name,
                          .sheet_name = sheet->name,
                          .cells = NEW_ARRAY(arena, Value, CSV_COLUMNS_MAX),
                          .names = NEW_ARRAY(arena, Str, CSV_COLUMNS_MAX),
                          .plain = NEW_ARRAY(arena, bool, CSV_COLUMNS_MAX),
                          .taken = {.arena = arena}};
    if (!workbook_read_part(workbook, sheet->part, &sheet_handlers, &reader, err) || !table_settle(&reader, err))
        return false;
    *out_table = (Value){.table = reader.table, .kind = VALUE_TABLE};
    return true;
}

bool xlsx_read(Arena *arena, Str bytes, const XlsxOptions *options, Str file_name, Value *out_table, Error *err)
{
    AUTO(workbook_done)
    Workbook workbook = {0};
    const WorkbookSheet *sheet = NULL;
    return workbook_open(&workbook, arena, bytes, file_name, err) && workbook_load(&workbook, err) &&
           choose_sheet(&workbook, options, &sheet, err) && sheet_read(&workbook, sheet, options, out_table, err);
}

bool xlsx_sheets(Arena *arena, Str bytes, Str file_name, Value *out_list, Error *err)
{
    AUTO(workbook_done)
    Workbook workbook = {0};
    if (!workbook_open(&workbook, arena, bytes, file_name, err))
        return false;
    Value names = value_list_new(arena, workbook.n_sheets);
    for (uint32_t i = 0; i < workbook.n_sheets; i++)
        list_add(arena, names.list, value_text(workbook.sheets[i].name));
    *out_list = names;
    return true;
}
