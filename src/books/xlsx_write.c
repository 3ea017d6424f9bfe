/* books/xlsx_write.c: workbooks, part by part. Written by hand: libraries take figures as binary fractions. */
#include "books/archive.h"
#include "books/xlsx.h"
#include "books/xlsx_format.h"
#include "value/decimal.h"
#include "value/wire.h"

#define SHEET_NAME_CHARACTERS_MAX 31
#define WIDTH_LEAST 8u
#define WIDTH_MOST 60u
#define WIDTH_ROWS 200u /* so many rows say how wide a column is */
#define DECIMALS_MOST 28

/* The styles of cells, in the order in which the file lists them; behind the last, one for each number of decimals. */
enum { STYLE_PLAIN, STYLE_NAME, STYLE_TEXT, STYLE_DATE, STYLE_TIME, STYLE_DATETIME, STYLE_DURATION, STYLE_DECIMALS };
#define FORMAT_TEXT 49
#define FORMAT_OWN 164 /* the first number that a file may give a format of its own */

static const struct Style {
    int number_format;
    const char *code; /* NULL: the format is known by its number */
    int font;
} styles[STYLE_DECIMALS] = {
    [STYLE_PLAIN] = {0, NULL, 0},
    [STYLE_NAME] = {FORMAT_TEXT, NULL, 1},
    [STYLE_TEXT] = {FORMAT_TEXT, NULL, 0},
    [STYLE_DATE] = {FORMAT_OWN, "yyyy\\-mm\\-dd", 0},
    [STYLE_TIME] = {FORMAT_OWN + 1, "hh:mm:ss", 0},
    [STYLE_DATETIME] = {FORMAT_OWN + 2, "yyyy\\-mm\\-dd\\ hh:mm:ss", 0},
    [STYLE_DURATION] = {FORMAT_OWN + 3, "[h]:mm:ss", 0},
};
#define FORMAT_DECIMALS (FORMAT_OWN + 4)

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN_SPACE "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define RELATION_SPACE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE_SPACE "http://schemas.openxmlformats.org/package/2006/"

/* ---- texts ---- */
static bool looks_escaped(Str text, size_t at)
{
    return at + 7 <= text.len && text.data[at] == '_' && text.data[at + 1] == 'x' && text.data[at + 6] == '_';
}

/* XML has no sign for most control characters, and reads CR as LF: cells write them as "_x000D_". */
static void put_text(Buf *out, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool noncharacter = c == 0xEF && i + 2 < text.len && (unsigned char)text.data[i + 1] == 0xBF &&
                            (unsigned char)text.data[i + 2] >= 0xBE;
        if (c == '&')
            buf_str(out, S("&amp;"));
        else if (c == '<')
            buf_str(out, S("&lt;"));
        else if (c == '>')
            buf_str(out, S("&gt;"));
        else if (c == '"')
            buf_str(out, S("&quot;"));
        else if (c == 0) /* no cell can hold it */
            buf_str(out, S("\xEF\xBF\xBD"));
        else if ((c < 0x20 && c != '\n' && c != '\t') || looks_escaped(text, i))
            buf_printf(out, "_x%04X_", c);
        else if (noncharacter)
            buf_printf(out, "_xFFF%c_", (unsigned char)text.data[i += 2] == 0xBE ? 'E' : 'F');
        else
            buf_char(out, (char)c);
    }
}

static size_t characters(Str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return n;
}

/* ---- cells ---- */
static void put_place(Buf *out, uint32_t row, uint32_t column)
{
    char letters[4];
    int n = 0;
    for (uint32_t rest = column; rest > 0; rest = (rest - 1) / 26)
        letters[n++] = (char)('A' + (rest - 1) % 26);
    while (n > 0)
        buf_char(out, letters[--n]);
    buf_printf(out, "%u", row);
}

static bool put_text_cell(Buf *out, uint32_t row, uint32_t column, int style, Str text, Error *err)
{
    if (characters(text) > XLSX_CELL_CHARACTERS_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "table",
                         "row %u has a text of %zu letters: a cell of a workbook holds %u at most; write a CSV file",
                         row - 1, characters(text), XLSX_CELL_CHARACTERS_MAX);
    buf_str(out, S("<c r=\""));
    put_place(out, row, column);
    buf_printf(out, "\" s=\"%d\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", style);
    put_text(out, text);
    buf_str(out, S("</t></is></c>"));
    return true;
}

static void put_figure_cell(Buf *out, uint32_t row, uint32_t column, int style, Str type, Str figure)
{
    buf_str(out, S("<c r=\""));
    put_place(out, row, column);
    buf_printf(out, "\" s=\"%d\"%.*s><v>%.*s</v></c>", style, STR_ARG(type), STR_ARG(figure));
}

static int style_of(Value value)
{
    switch ((ValueKind)value.kind) {
    case VALUE_DATE: return STYLE_DATE;
    case VALUE_TIME: return STYLE_TIME;
    case VALUE_DATETIME: return STYLE_DATETIME;
    case VALUE_DURATION: return STYLE_DURATION;
    default: return STYLE_TEXT;
    }
}

/* What Excel has no kind for. */
static bool put_printed_cell(Arena *arena, Buf *out, uint32_t row, uint32_t column, Value value, Error *err)
{
    Buf text = buf_in(arena);
    if (value.kind == VALUE_LIST || value.kind == VALUE_SET || value.kind == VALUE_RECORD ||
        value.kind == VALUE_TABLE || value.kind == VALUE_ROW) {
        JsonOut json = json_out(&text);
        value_to_plain_json(&json, value);
    } else {
        value_print(&text, value);
    }
    return put_text_cell(out, row, column, style_of(value), buf_view(&text), err);
}

static bool put_cell(Arena *arena, Buf *out, uint32_t row, uint32_t column, Value value, Error *err)
{
    char figure[32];
    Str serial;
    switch ((ValueKind)value.kind) {
    case VALUE_UNSET:
    case VALUE_NULL: return true;
    case VALUE_BOOL:
        put_figure_cell(out, row, column, STYLE_PLAIN, S(" t=\"b\""), value.low ? S("1") : S("0"));
        return true;
    case VALUE_NUMBER:
        put_figure_cell(out, row, column, value.scale ? STYLE_DECIMALS + value.scale - 1 : STYLE_PLAIN, S(""),
                        str_of(figure, decimal_format(value, figure)));
        return true;
    case VALUE_TEXT: return put_text_cell(out, row, column, STYLE_TEXT, value_str(value), err);
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        if (!cell_serial(arena, value, &serial))
            break;
        put_figure_cell(out, row, column, style_of(value), S(""), serial);
        return true;
    default: break;
    }
    return put_printed_cell(arena, out, row, column, value, err);
}

/* ---- a sheet ---- */
static uint32_t cell_width(Arena *arena, Value value)
{
    ArenaMark mark = arena_mark(arena);
    Buf text = buf_in(arena);
    if (value.kind == VALUE_TEXT)
        return (uint32_t)MIN_OF(characters(str_clip(value_str(value), 4 * WIDTH_MOST)), (size_t)WIDTH_MOST);
    if (value.kind == VALUE_NUMBER || value.kind == VALUE_DATE || value.kind == VALUE_TIME ||
        value.kind == VALUE_DATETIME)
        value_print(&text, value);
    uint32_t width = (uint32_t)text.len;
    arena_release(arena, mark);
    return width;
}

static void put_widths(Arena *arena, Buf *out, const Table *table)
{
    buf_str(out, table->n_columns ? S("<cols>") : S(""));
    for (uint32_t i = 0; i < table->n_columns; i++) {
        uint32_t width = MAX_OF(WIDTH_LEAST, cell_width(arena, value_text(table->columns[i].name)));
        for (uint32_t row = 0; row < table->n_rows && row < WIDTH_ROWS; row++)
            width = MAX_OF(width, cell_width(arena, table->columns[i].cells[row]));
        buf_printf(out, "<col min=\"%u\" max=\"%u\" width=\"%u\" customWidth=\"1\"/>", i + 1, i + 1,
                   MIN_OF(width, WIDTH_MOST) + 2);
    }
    buf_str(out, table->n_columns ? S("</cols>") : S(""));
}

static bool put_rows(Arena *arena, Buf *out, const Table *table, Error *err)
{
    buf_str(out, S("<row r=\"1\">"));
    for (uint32_t i = 0; i < table->n_columns; i++) {
        if (!put_text_cell(out, 1, i + 1, STYLE_NAME, table->columns[i].name, err))
            return false;
    }
    buf_str(out, S("</row>"));
    for (uint32_t row = 0; row < table->n_rows; row++) {
        ArenaMark mark = arena_mark(arena);
        buf_printf(out, "<row r=\"%u\">", row + 2);
        for (uint32_t i = 0; i < table->n_columns; i++) {
            if (!put_cell(arena, out, row + 2, i + 1, table->columns[i].cells[row], err))
                return false;
        }
        buf_str(out, S("</row>"));
        arena_release(arena, mark);
    }
    return true;
}

static bool put_sheet(Arena *arena, Buf *out, const Table *table, Error *err)
{
    if (table->n_rows >= XLSX_ROWS_MAX || table->n_columns > 16384)
        return error_set(err, RESOURCE_EXHAUSTED, "table",
                         "a sheet holds %u rows of 16384 columns at most, and the table has %u of %u: write a CSV file",
                         XLSX_ROWS_MAX - 1, table->n_rows, table->n_columns);
    buf_str(out, S(XML_HEAD "<worksheet xmlns=\"" MAIN_SPACE "\"><sheetViews><sheetView workbookViewId=\"0\">"
                            "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"
                            "</sheetView></sheetViews>"));
    put_widths(arena, out, table);
    buf_str(out, S("<sheetData>"));
    if (!put_rows(arena, out, table, err))
        return false;
    buf_str(out, S("</sheetData></worksheet>"));
    return true;
}

/* ---- the other parts ---- */
static void put_types(Buf *out, uint32_t n_sheets)
{
    static const char sheet_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    buf_str(out, S(XML_HEAD "<Types xmlns=\"" PACKAGE_SPACE "content-types\"><Default Extension=\"rels\" ContentType=\""
                            "application/vnd.openxmlformats-package.relationships+xml\"/>"
                            "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"));
    buf_printf(out, "<Override PartName=\"/xl/workbook.xml\" ContentType=\"%s.sheet.main+xml\"/>", sheet_type);
    buf_printf(out, "<Override PartName=\"/xl/styles.xml\" ContentType=\"%s.styles+xml\"/>", sheet_type);
    for (uint32_t i = 1; i <= n_sheets; i++)
        buf_printf(out, "<Override PartName=\"/xl/worksheets/sheet%u.xml\" ContentType=\"%s.worksheet+xml\"/>", i,
                   sheet_type);
    buf_str(out, S("<Override PartName=\"/docProps/app.xml\" ContentType=\"application/"
                   "vnd.openxmlformats-officedocument.extended-properties+xml\"/></Types>"));
}

static void put_styles(Buf *out)
{
    buf_str(out, S(XML_HEAD "<styleSheet xmlns=\"" MAIN_SPACE "\">"));
    buf_printf(out, "<numFmts count=\"%d\">", FORMAT_DECIMALS - FORMAT_OWN + DECIMALS_MOST);
    for (int i = 0; i < STYLE_DECIMALS; i++) {
        if (styles[i].code)
            buf_printf(out, "<numFmt numFmtId=\"%d\" formatCode=\"%s\"/>", styles[i].number_format, styles[i].code);
    }
    for (int i = 1; i <= DECIMALS_MOST; i++)
        buf_printf(out, "<numFmt numFmtId=\"%d\" formatCode=\"0.%0*d\"/>", FORMAT_DECIMALS + i - 1, i, 0);
    buf_str(out, S("</numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
                   "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
                   "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
                   "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
                   "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
                   "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"
                   "</cellStyleXfs>"));
    buf_printf(out, "<cellXfs count=\"%d\">", STYLE_DECIMALS + DECIMALS_MOST);
    for (int i = 0; i < STYLE_DECIMALS + DECIMALS_MOST; i++) {
        bool decimals = i >= STYLE_DECIMALS;
        buf_printf(
            out, "<xf numFmtId=\"%d\" fontId=\"%d\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>",
            decimals ? FORMAT_DECIMALS + i - STYLE_DECIMALS : styles[i].number_format, decimals ? 0 : styles[i].font);
    }
    buf_str(out, S("</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/>"
                   "</cellStyles></styleSheet>"));
}

static void put_workbook(Buf *out, const XlsxSheet *sheets, uint32_t n)
{
    buf_str(out, S(XML_HEAD "<workbook xmlns=\"" MAIN_SPACE "\" xmlns:r=\"" RELATION_SPACE "\"><sheets>"));
    for (uint32_t i = 0; i < n; i++) {
        buf_str(out, S("<sheet name=\""));
        put_text(out, sheets[i].name);
        buf_printf(out, "\" sheetId=\"%u\" r:id=\"rId%u\"/>", i + 1, i + 1);
    }
    buf_str(out, S("</sheets></workbook>"));
}

static void put_relation(Buf *out, uint32_t id, const char *type, const char *target, uint32_t number)
{
    buf_printf(out, "<Relationship Id=\"rId%u\" Type=\"" RELATION_SPACE "/%s\" Target=\"%s", id, type, target);
    if (number > 0)
        buf_printf(out, "%u.xml", number);
    buf_str(out, S("\"/>"));
}

static void put_relations(Buf *out, uint32_t n_sheets)
{
    buf_str(out, S(XML_HEAD "<Relationships xmlns=\"" PACKAGE_SPACE "relationships\">"));
    for (uint32_t i = 1; i <= n_sheets; i++)
        put_relation(out, i, "worksheet", "worksheets/sheet", i);
    put_relation(out, n_sheets + 1, "styles", "styles.xml", 0);
    buf_str(out, S("</Relationships>"));
}

static void put_top_relations(Buf *out)
{
    buf_str(out, S(XML_HEAD "<Relationships xmlns=\"" PACKAGE_SPACE "relationships\">"));
    put_relation(out, 1, "officeDocument", "xl/workbook.xml", 0);
    put_relation(out, 2, "extended-properties", "docProps/app.xml", 0);
    buf_str(out, S("</Relationships>"));
}

static const Str application_part =
    S_INIT(XML_HEAD "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">"
                    "<Application>Clerkwork</Application></Properties>");

/* ---- the whole ---- */
static bool check_names(const XlsxSheet *sheets, uint32_t n, Error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        Str name = sheets[i].name;
        bool fits = name.len > 0 && characters(name) <= SHEET_NAME_CHARACTERS_MAX && name.data[0] != '\'' &&
                    name.data[name.len - 1] != '\'';
        for (size_t k = 0; k < name.len && fits; k++)
            fits = (unsigned char)name.data[k] >= 0x20 && !strchr("[]:*?/\\", name.data[k]);
        if (!fits)
            return error_set(err, INVALID_ARGUMENT, "sheet",
                             "\"%.*s\" cannot be a sheet's name: use 1 to %d letters, without []:*?/\\",
                             STR_ARG(str_clip(name, 60)), SHEET_NAME_CHARACTERS_MAX);
        for (uint32_t k = 0; k < i; k++) {
            if (str_eq_fold(sheets[k].name, name))
                return error_set(err, INVALID_ARGUMENT, "sheet", "two sheets are called \"%.*s\"", STR_ARG(name));
        }
    }
    return true;
}

bool xlsx_write(Arena *arena, const XlsxSheet *sheets, uint32_t n, Buf *out, Error *err)
{
    enum { TYPES, TOP, APPLICATION, WORKBOOK, RELATIONS, STYLES, PARTS };
    static const char *const names[PARTS] = {"[Content_Types].xml",        "_rels/.rels",
                                             "docProps/app.xml",           "xl/workbook.xml",
                                             "xl/_rels/workbook.xml.rels", "xl/styles.xml"};
    if (n == 0 || n > XLSX_SHEETS_MAX)
        return error_set(err, INVALID_ARGUMENT, "sheets", "a workbook has 1 to %u sheets", XLSX_SHEETS_MAX);
    if (!check_names(sheets, n, err))
        return false;
    Buf fixed[PARTS];
    for (int i = 0; i < PARTS; i++)
        fixed[i] = buf_in(arena);
    put_types(&fixed[TYPES], n);
    put_top_relations(&fixed[TOP]);
    buf_str(&fixed[APPLICATION], application_part);
    put_workbook(&fixed[WORKBOOK], sheets, n);
    put_relations(&fixed[RELATIONS], n);
    put_styles(&fixed[STYLES]);
    ArchivePart *parts = NEW_ARRAY(arena, ArchivePart, PARTS + n);
    for (int i = 0; i < PARTS; i++)
        parts[i] = (ArchivePart){str_from_c(names[i]), buf_view(&fixed[i])};
    AUTO(arena_done)
    Arena scratch = {0}; /* what a row needs, so that the sheet's buffer grows in place */
    for (uint32_t i = 0; i < n; i++) {
        Buf sheet = buf_in(arena);
        if (!put_sheet(&scratch, &sheet, sheets[i].table, err))
            return false;
        parts[PARTS + i] = (ArchivePart){str_printf(arena, "xl/worksheets/sheet%u.xml", i + 1), buf_view(&sheet)};
    }
    return archive_write(out, parts, PARTS + n, err);
}
