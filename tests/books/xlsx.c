/* Workbooks as Excel and others write them, made up part by part, and those that we write. */
#include "books/xlsx.h"

#include <string.h>

#include "base/check.h"
#include "books/archive.h"
#include "books/xlsx_format.h"
#include "value/decimal.h"
#include "value/wire.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n"
#define RELATION "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

typedef struct Fixture {
    Arena arena;
    Error err;
    Value out;
} Fixture;

static void fixture_done(Fixture *f)
{
    arena_done(&f->arena);
}

/* What differs from workbook to workbook; NULL for what Excel would write of an empty one. */
typedef struct Parts {
    const char *workbook, *relations, *texts, *styles, *rows, *second, *merged, *application;
} Parts;

static const char usual_workbook[] =
    "<workbook xmlns:r=\"" RELATION "\"><workbookPr defaultThemeVersion=\"124226\"/><sheets>"
    "<sheet name=\"March\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"Year &amp; all\" sheetId=\"7\" r:id=\"rId2\"/>"
    "</sheets></workbook>";
static const char usual_relations[] =
    "<Relationships><Relationship Id=\"rId1\" Type=\"" RELATION "/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
    "<Relationship Id=\"rId2\" Type=\"" RELATION "/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/>"
    "<Relationship Id=\"rId3\" Type=\"" RELATION "/styles\" Target=\"styles.xml\"/>"
    "<Relationship Id=\"rId4\" Type=\"" RELATION "/sharedStrings\" Target=\"sharedStrings.xml\"/>"
    "<Relationship Id=\"rId5\" Type=\"" RELATION "/hyperlink\" Target=\"http://x.example/\" TargetMode=\"External\"/>"
    "</Relationships>";

static Str part(Fixture *f, const char *head, const char *content, const char *tail)
{
    return str_printf(&f->arena, "%s%s%s", head, content ? content : "", tail);
}

static Str workbook(Fixture *f, Parts parts)
{
    const char *merged = parts.merged ? parts.merged : "";
    ArchivePart all[] = {
        {S("[Content_Types].xml"), S(HEAD "<Types/>")},
        {S("_rels/.rels"), S(HEAD "<Relationships><Relationship Id=\"rId1\" Type=\"" RELATION
                                  "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>")},
        {S("xl/workbook.xml"), part(f, HEAD, parts.workbook ? parts.workbook : usual_workbook, "")},
        {S("xl/_rels/workbook.xml.rels"), part(f, HEAD, parts.relations ? parts.relations : usual_relations, "")},
        {S("xl/styles.xml"), part(f, HEAD "<styleSheet>", parts.styles ? parts.styles : "<cellXfs/>", "</styleSheet>")},
        {S("xl/sharedStrings.xml"), part(f, HEAD "<sst>", parts.texts, "</sst>")},
        {S("xl/worksheets/sheet1.xml"),
         part(f, HEAD "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>", parts.rows,
              str_to_c(&f->arena, str_printf(&f->arena, "</sheetData>%s</worksheet>", merged)))},
        {S("xl/worksheets/sheet2.xml"),
         part(f, HEAD "<worksheet><sheetData>", parts.second, "</sheetData></worksheet>")},
        {S("docProps/app.xml"),
         part(f, HEAD "<Properties><Application>", parts.application ? parts.application : "Microsoft Excel",
              "</Application></Properties>")},
    };
    Buf out = buf_in(&f->arena);
    assert_fine(archive_write(&out, all, COUNT_OF(all), &f->err), &f->err);
    return buf_view(&out);
}

static const XlsxOptions usual = {.header_row = XLSX_FIRST_ROW};

static bool read_workbook(Fixture *f, Str bytes, XlsxOptions options)
{
    f->err = (Error){0};
    return xlsx_read(&f->arena, bytes, &options, S("report.xlsx"), &f->out, &f->err);
}

static bool read_parts(Fixture *f, Parts parts, XlsxOptions options)
{
    return read_workbook(f, workbook(f, parts), options);
}

static void assert_json(Fixture *f, const char *expected)
{
    Buf buf = buf_in(&f->arena);
    JsonOut out = json_out(&buf);
    value_to_plain_json(&out, f->out);
    assert_str_equal(buf_view(&buf), str_from_c(expected));
}

#define TEXT(place, text) "<c r=\"" place "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define FIGURE(place, style, figure) "<c r=\"" place "\" s=\"" style "\"><v>" figure "</v></c>"

static const char styles[] =
    "<numFmts count=\"4\"><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yyyy;@\"/>"
    "<numFmt numFmtId=\"165\" formatCode=\"_-* #,##0.00\\ &quot;EUR&quot;_-;\\-* #,##0.00\"/>"
    "<numFmt numFmtId=\"166\" formatCode=\"[h]:mm\"/><numFmt numFmtId=\"167\" formatCode=\"00000\"/></numFmts>"
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf numFmtId=\"22\"/>"
    "<xf numFmtId=\"20\"/><xf numFmtId=\"166\"/><xf numFmtId=\"167\"/><xf numFmtId=\"49\"/><xf numFmtId=\"9\"/>"
    "</cellXfs>";

static void test_xlsx_read__what_excel_writes(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    /* Shared texts with runs and a reading; figures with the noise of binary fractions; a formula's result; a cell
     * that is yes or no; an error; an empty row with a style; a column of blanks. */
    Parts parts = {
        .styles = styles,
        .texts = "<si><t>Order No</t></si><si><t>Vendor</t></si><si><r><t>Ac</t></r><r><rPr><b/></rPr>"
                 "<t xml:space=\"preserve\">me </t></r><rPh sb=\"0\" eb=\"1\"><t>akume</t></rPh></si><si><t/></si>",
        .rows = "<row r=\"1\" spans=\"1:8\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>" TEXT(
            "C1", "Net&#10;total") TEXT("D1", "Booked") TEXT("E1", "Paid")
            TEXT("F1",
                 "Note") "<c r=\"G1\"/>"
                         "</row><row r=\"2\">" FIGURE("A2", "0", "4711") "<c r=\"B2\" t=\"s\"><v>2</v></c>" FIGURE(
                             "C2", "2", "19.989999999999998")
                             FIGURE(
                                 "D2", "1",
                                 "46126") "<c r=\"E2\" t=\"b\"><v>1</v></c><c r=\"F2\" t=\"e\"><v>#DIV/0!</v></c><c "
                                          "r=\"G2\" s=\"3\"/></row>"
                                          "<row r=\"3\"><c r=\"A3\" s=\"1\"/></row>"
                                          "<row r=\"5\">" FIGURE(
                                              "A5", "0",
                                              "4712") "<c r=\"B5\" t=\"s\"><v>3</v></c>"
                                                      "<c r=\"C5\" s=\"2\"><f>SUM(C2:C3)</f><v>1.25E3</v></c>" FIGURE(
                                                          "D5", "1",
                                                          "46127.5") "<c r=\"E5\" t=\"b\"><v>0</v></c><c r=\"F5\" "
                                                                     "t=\"str\"><f>\"a\"&amp;1</f><v>a1</v></c></row>",
    };
    assert_fine(read_parts(&f, parts, usual), &f.err);
    assert_json(&f, "[{\"Order No\":\"4711\",\"Vendor\":\"Acme\",\"Net total\":19.99,\"Booked\":\"2026-04-14\","
                    "\"Paid\":true,\"Note\":\"#DIV/0!\"},"
                    "{\"Order No\":\"4712\",\"Vendor\":null,\"Net total\":1250.00,\"Booked\":\"2026-04-15\","
                    "\"Paid\":false,\"Note\":\"a1\"}]");
}

static void test_xlsx_read__other_programs_leave_things_out(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    /* Neither places nor row numbers, and a prefix to every name. */
    Parts parts = {.rows = "<x:row xmlns:x=\"m\"><x:c t=\"inlineStr\"><x:is><x:t>name</x:t></x:is></x:c><x:c t=\"str\">"
                           "<x:v>sum</x:v></x:c></x:row><x:row xmlns:x=\"m\"><x:c t=\"str\"><x:v> a_x0041_&lt;</x:v>"
                           "</x:c><x:c><x:v>1</x:v></x:c></x:row>"};
    assert_fine(read_parts(&f, parts, usual), &f.err);
    assert_json(&f, "[{\"name\":\"aA<\",\"sum\":1}]");
}

typedef struct FigureCase {
    const char *format, *text, *expected; /* as JSON */
    bool from_1904;
} FigureCase;

static void test_cell_of_figure__by_its_format(void **state)
{
    (void)state;
    static const FigureCase cases[] = {
        {"General", "0.1", "0.1", false},
        {"General", "0.30000000000000004", "0.3", false},
        {"General", "1.0000000000000001E-2", "0.01", false},
        {"General", "123456789012345678", "123456789012346000", false},
        {"General", "1E+20", "100000000000000000000", false},
        {"General", "1.5E-30", "0", false},
        {"General", "1.2345678901234567E-20", "0.0000000000000000000123456789", false},
        {"0.00", "1250", "1250.00", false},
        {"#,##0.00 \"EUR per day\"", "1250.125", "1250.125", false},
        {"0%", "0.19", "0.19", false},
        {"0.00E+00", "5", "5", false},
        {"# ?/?", "0.5", "0.5", false},
        {"[Red]-0", "-5", "-5", false},
        {"[$kr-41D] #,##0.0", "5", "5.0", false},
        {"00000", "123", "\"00123\"", false},
        {"yyyy-mm-dd", "46126", "\"2026-04-14\"", false},
        {"d-mmm-yy", "1", "\"1900-01-01\"", false},
        {"d-mmm-yy", "59", "\"1900-02-28\"", false},
        {"d-mmm-yy", "60", "60", false}, /* a day that never was */
        {"d-mmm-yy", "61", "\"1900-03-01\"", false},
        {"d-mmm-yy", "0", "0", false},
        {"d-mmm-yy", "-5", "-5", false},
        {"d-mmm-yy", "2958465", "\"9999-12-31\"", false},
        {"d-mmm-yy", "2958466", "2958466", false},
        {"d-mmm-yy", "1e300", NULL, false},
        {"[$-409]mmmm d, yyyy;@", "44664", "\"2026-04-14\"", true},
        {"mmm", "46126", "\"2026-04-14\"", false},
        {"h:mm AM/PM", "0.604166666666667", "\"14:30:00\"", false},
        {"mm:ss", "0.25", "\"06:00:00\"", false},
        {"dd.mm.yyyy hh:mm", "46126.4375", "\"2026-04-14T10:30:00\"", false},
        {"dd.mm.yyyy hh:mm", "46126.99999999999", "\"2026-04-15T00:00:00\"", false},
        {"[h]:mm:ss", "1.5", "\"129600s\"", false},
        {"[hh]:mm", "0.041666666666666664", "\"3600s\"", false},
        {"\"day\" 0", "5", "5", false},
        {"@", "5", "5", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(fixture_done)
        Fixture f = {0};
        Value figure;
        bool is_figure = cell_figure(str_from_c(cases[i].text), false, &figure);
        assert_int_equal(is_figure, cases[i].expected != NULL);
        if (!is_figure)
            continue;
        f.out = cell_of_figure(&f.arena, figure, cell_format_of(str_from_c(cases[i].format)),
                               (DateSystem){cases[i].from_1904});
        assert_json(&f, cases[i].expected);
    }
}

static void test_xlsx_read__counts_days_from_1904_where_the_workbook_does(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Parts parts = {.workbook =
                       "<workbook xmlns:r=\"" RELATION "\"><workbookPr date1904=\"1\"/><sheets><sheet name=\"a\" "
                       "r:id=\"rId1\"/></sheets></workbook>",
                   .styles = styles,
                   .rows = "<row r=\"1\">" TEXT("A1", "day") "</row><row r=\"2\">" FIGURE("A2", "1", "44664") "</row>"};
    assert_fine(read_parts(&f, parts, usual), &f.err);
    assert_json(&f, "[{\"day\":\"2026-04-14\"}]");
}

static void test_xlsx_read__what_shows_as_0_45_is_a_length_where_the_column_says_so(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Parts parts = {
        .styles = styles,
        .rows = "<row r=\"1\">" TEXT("A1", "Start") TEXT("B1", "Break")
            TEXT("C1", "Hours") "</row>"
                                "<row r=\"2\">" FIGURE("A2", "4", "0.33333333333333331") FIGURE("B2", "4", "0.03125")
                                    FIGURE("C2", "5", "1.604166666666667") "</row>"
                                                                           "<row r=\"3\">" TEXT("A3", "8:30 AM")
                                                                               TEXT("B3", "45 min")
                                                                                   TEXT("C3", "38:30") "</row>"};
    assert_fine(read_parts(&f, parts, usual), &f.err);
    assert_json(&f, "[{\"Start\":\"08:00:00\",\"Break\":\"2700s\",\"Hours\":\"138600s\"},"
                    "{\"Start\":\"08:30:00\",\"Break\":\"2700s\",\"Hours\":\"138600s\"}]");
}

static void test_xlsx_read__a_sheet_by_name_or_number(void **state)
{
    (void)state;
    static const struct {
        XlsxOptions options;
        const char *expected, *refusal;
    } cases[] = {
        {{.header_row = XLSX_FIRST_ROW}, "[{\"a\":1}]", NULL},
        {{.header_row = XLSX_FIRST_ROW, .sheet = S_INIT("year & ALL")}, "[{\"b\":2}]", NULL},
        {{.header_row = XLSX_FIRST_ROW, .sheet_number = 2}, "[{\"b\":2}]", NULL},
        {{.header_row = XLSX_FIRST_ROW, .sheet = S_INIT("April")},
         NULL,
         "report.xlsx has no sheet called \"April\"; its sheets are: \"March\", \"Year & all\""},
        {{.header_row = XLSX_FIRST_ROW, .sheet_number = 3}, NULL, "report.xlsx has no sheet 3; its sheets are"},
    };
    Parts parts = {.rows = "<row>" TEXT("A1", "a") "</row><row><c r=\"A2\"><v>1</v></c></row>",
                   .second = "<row>" TEXT("A1", "b") "</row><row><c r=\"A2\"><v>2</v></c></row>"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(fixture_done)
        Fixture f = {0};
        bool done = read_parts(&f, parts, cases[i].options);
        assert_int_equal(done, cases[i].expected != NULL);
        if (done)
            assert_json(&f, cases[i].expected);
        else
            assert_non_null(strstr(f.err.message, cases[i].refusal));
    }
    AUTO(fixture_done)
    Fixture f = {0};
    parts.workbook = "<workbook xmlns:r=\"" RELATION "\"><sheets><sheet name=\"a\" state=\"hidden\" r:id=\"rId1\"/>"
                     "<sheet name=\"chart\" r:id=\"rId9\"/><sheet name=\"b\" r:id=\"rId2\"/></sheets></workbook>";
    assert_fine(read_parts(&f, parts, usual), &f.err);
    assert_json(&f, "[{\"b\":2}]");
    assert_fine(xlsx_sheets(&f.arena, workbook(&f, parts), S("r.xlsx"), &f.out, &f.err), &f.err);
    assert_json(&f, "[\"a\",\"b\"]");
}

/* A title, a blank row, the names, the rows, and a sum beside the table. */
#define TITLED                                                                                                         \
    "<row r=\"1\">" TEXT("A1", "Invoices of March") "</row><row r=\"3\">" TEXT("A3", "No") TEXT("B3", "Total")         \
        TEXT("C3", "Date") "</row><row r=\"4\">" TEXT("A4", "I-1") FIGURE("B4", "0", "5") TEXT("C4", "2026-04-14")     \
            FIGURE("E4", "0", "7") "</row>"

static void test_xlsx_read__the_names_stand_where_they_are_said_to(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Parts parts = {.rows = TITLED};
    assert_false(read_parts(&f, parts, usual));
    assert_string_equal(f.err.message,
                        "row 1 of the sheet \"March\" of report.xlsx has a single cell, \"Invoices of March\", above 4 "
                        "columns: say on a line below which row names the columns, like: the header row is 3");
    assert_fine(read_parts(&f, parts, (XlsxOptions){.header_row = 3}), &f.err);
    assert_json(&f, "[{\"No\":\"I-1\",\"Total\":5,\"Date\":\"2026-04-14\",\"column 5\":7}]");
    assert_false(read_parts(&f, parts, (XlsxOptions){.header_row = 2}));
    assert_non_null(strstr(f.err.message, "row 2 of the sheet \"March\" of report.xlsx is empty"));
    parts.rows = "<row r=\"4\">" TEXT("B4", "x") FIGURE("C4", "0", "5") "</row>";
    assert_fine(read_parts(&f, parts, (XlsxOptions){.header_row = 0}), &f.err);
    assert_json(&f, "[{\"column 2\":\"x\",\"column 3\":5}]");
    parts.rows = "";
    assert_false(read_parts(&f, parts, usual));
    assert_string_equal(f.err.message,
                        "the sheet \"March\" of report.xlsx is empty: its first row should name the columns");
}

static void test_xlsx_read__asks_what_merged_cells_mean(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Parts parts = {
        .merged = "<mergeCells count=\"2\"><mergeCell ref=\"A1:B1\"/><mergeCell ref=\"A2:A3\"/></mergeCells>",
        .rows = "<row r=\"1\">" TEXT("A1", "vendor") TEXT("B1", "total") "</row><row r=\"2\">" TEXT("A2", "Acme")
            FIGURE("B2", "0", "5") "</row><row r=\"3\"><c r=\"A3\"/>" FIGURE("B3", "0", "6") "</row>"};
    assert_false(read_parts(&f, parts, usual));
    assert_string_equal(f.err.field, "merged_cells");
    assert_non_null(strstr(f.err.message, "the cells A2 to A3 of the sheet \"March\" of report.xlsx are merged"));
    XlsxOptions options = usual;
    options.merged = XLSX_MERGED_ALL;
    assert_fine(read_parts(&f, parts, options), &f.err);
    assert_json(&f, "[{\"vendor\":\"Acme\",\"total\":5},{\"vendor\":\"Acme\",\"total\":6}]");
    options.merged = XLSX_MERGED_FIRST;
    assert_fine(read_parts(&f, parts, options), &f.err);
    assert_json(&f, "[{\"vendor\":\"Acme\",\"total\":5},{\"vendor\":null,\"total\":6}]");
    parts.merged =
        "<mergeCells><mergeCell ref=\"A1:B1\"/><mergeCell ref=\"A9:B9\"/></mergeCells>"; /* outside of the rows */
    assert_fine(read_parts(&f, parts, usual), &f.err);
}

static void test_xlsx_read__texts_become_what_they_say_unless_they_are_meant_as_text(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Parts parts = {
        .styles = styles,
        .rows = "<row>" TEXT("A1", "total") TEXT("B1", "remark")
            TEXT("C1", "kept") "</row><row>" TEXT("A2", "1,250.00 EUR") TEXT(
                "B2", "7") "<c r=\"C2\" s=\"7\" t=\"inlineStr\"><is><t>7</t></is></c>"
                           "</row><row><c r=\"A3\"><v>3</v></c><c r=\"B3\"><v>8</v></c><c r=\"C3\"><v>9</v></c></row>"};
    assert_fine(read_parts(&f, parts, usual), &f.err);
    assert_json(&f, "[{\"total\":1250.00,\"remark\":7,\"kept\":\"7\"},{\"total\":3,\"remark\":8,\"kept\":9}]");
    static const Str text_columns[] = {S_INIT("Remark")};
    XlsxOptions options = usual;
    options.columns = (ColumnRules){.text_columns = text_columns, .n_text_columns = 1};
    assert_fine(read_parts(&f, parts, options), &f.err);
    assert_json(&f, "[{\"total\":1250.00,\"remark\":\"7\",\"kept\":\"7\"},{\"total\":3,\"remark\":\"8\",\"kept\":9}]");
}

static void test_xlsx_read__refuses_what_would_be_wrong_in_silence(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *refusal;
    } cases[] = {
        {"<row><c r=\"A1\"><f>B1</f></c></row>",
         "the cell A1 of the sheet \"March\" of report.xlsx has a formula whose result was not saved"},
        {"<row><c r=\"A1\"><f>B1</f><v/></c></row>", "a formula whose result was not saved"},
        {"<row><c r=\"A1\" t=\"s\"><v>99</v></c></row>", "is damaged behind row 1"},
        {"<row><c r=\"A2\"><v>1</v></c></row>", "is damaged behind row 1"},
        {"<row><c r=\"1A\"><v>1</v></c></row>", "is damaged behind row 1"},
        {"<row r=\"9\"/><row r=\"9\"/>", "is damaged behind row 9"},
        {"<row r=\"99999999\"/>", "is damaged behind row 0"},
        {"<row><c r=\"XFD1\"><v>1</v></c></row>",
         "the cell XFD1 of the sheet \"March\" of report.xlsx is too far to the right: 1000 columns"},
        {"<row><c>", "report.xlsx is damaged: line 2 of its content breaks off or is wrong (mismatched tag)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(fixture_done)
        Fixture f = {0};
        bool done = read_parts(&f, (Parts){.rows = cases[i].rows}, usual);
        if (done || !strstr(f.err.message, cases[i].refusal))
            print_error("%s: %s\n", cases[i].rows, done ? "was read" : f.err.message);
        assert_false(done);
        assert_non_null(strstr(f.err.message, cases[i].refusal));
    }
}

static void test_xlsx_read__refuses_entities(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    /* A billion laughs, which would fill the memory. */
    Parts parts = {.workbook = "<!DOCTYPE w [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><w>&b;</w>"};
    assert_false(read_parts(&f, parts, usual));
    assert_non_null(strstr(f.err.message, "report.xlsx declares a document type inside"));
}

static void test_xlsx_read__refuses_what_nests_too_deep(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Buf rows = buf_in(&f.arena);
    for (int i = 0; i < 100; i++)
        buf_str(&rows, S("<x>"));
    buf_char(&rows, '\0');
    assert_false(read_parts(&f, (Parts){.rows = rows.data}, usual));
    assert_non_null(strstr(f.err.message, "report.xlsx is damaged: its parts nest too deep"));
}

static bool take_nothing(void *self, Str piece, Error *err)
{
    (void)self, (void)piece, (void)err;
    return true;
}

static void test_xlsx_read__refuses_a_bomb(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    /* Eight parts of 96 MB of blanks pack into less than a megabyte. */
    Buf blanks = buf_in(&f.arena);
    buf_str(&blanks, S("<sst>"));
    buf_reserve(&blanks, 96u << 20);
    memset(blanks.data + blanks.len, ' ', 96u << 20);
    blanks.len += 96u << 20;
    ArchivePart parts[] = {{S("a"), buf_view(&blanks)}, {S("b"), buf_view(&blanks)}, {S("c"), buf_view(&blanks)},
                           {S("d"), buf_view(&blanks)}, {S("e"), buf_view(&blanks)}, {S("f"), buf_view(&blanks)}};
    Buf out = buf_in(&f.arena);
    assert_fine(archive_write(&out, parts, COUNT_OF(parts), &f.err), &f.err);
    assert_true(out.len < 1u << 20);
    Archive *archive = archive_open(buf_view(&out), &f.err);
    assert_non_null(archive);
    bool done = true;
    for (size_t i = 0; i < COUNT_OF(parts) && done; i++)
        done = archive_read(archive, parts[i].name, take_nothing, NULL, &f.err);
    archive_done(&archive);
    assert_false(done);
    assert_int_equal(f.err.code, RESOURCE_EXHAUSTED);
    assert_string_equal(f.err.message, "unpacks to more than 512 MB, which is all that is read at once: split it");
}

static void test_xlsx_read__says_what_other_archives_are(void **state)
{
    (void)state;
    static const struct {
        const char *part, *refusal;
    } cases[] = {
        {"content.xml", "report.xlsx is an OpenDocument file: save it as an Excel workbook"},
        {"word/document.xml", "report.xlsx is a Word document"},
        {"xl/workbook.bin", "report.xlsx is a binary workbook (.xlsb)"},
        {"orders.csv", "report.xlsx is a ZIP archive, but no Excel workbook: unpack it"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(fixture_done)
        Fixture f = {0};
        ArchivePart only = {str_from_c(cases[i].part), S("x")};
        Buf out = buf_in(&f.arena);
        assert_fine(archive_write(&out, &only, 1, &f.err), &f.err);
        assert_false(read_workbook(&f, buf_view(&out), usual));
        assert_non_null(strstr(f.err.message, cases[i].refusal));
    }
    AUTO(fixture_done)
    Fixture f = {0};
    assert_false(read_workbook(&f, S("PK\x03\x04 and nothing else"), usual));
    assert_non_null(strstr(f.err.message, "report.xlsx is damaged ("));
}

static void test_xlsx_read__survives_a_file_that_breaks_off_anywhere(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Str whole = str_copy(&f.arena, workbook(&f, (Parts){.styles = styles, .rows = TITLED}));
    for (size_t len = 0; len < whole.len; len += 7) {
        AUTO(fixture_done)
        Fixture part_of_it = {0};
        assert_false(read_workbook(&part_of_it, str_slice(whole, 0, len), usual));
        assert_true(part_of_it.err.message[0] != '\0');
    }
    for (size_t at = 0; at < whole.len; at += 3) { /* one byte turned over; whatever comes of it, no crash */
        AUTO(fixture_done)
        Fixture turned = {0};
        char *bytes = arena_alloc_bytes(&turned.arena, whole.len);
        memcpy(bytes, whole.data, whole.len);
        bytes[at] = (char)(bytes[at] ^ 0x55);
        (void)!read_workbook(&turned, str_of(bytes, whole.len), usual);
    }
}

static void test_xlsx_read__bounds_the_parts_of_an_archive(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    /* The end of an archive that promises 65,000 parts, and one of the 64-bit kind. */
    assert_false(
        read_workbook(&f, str_of("PK\x03\x04PK\x05\x06\0\0\0\0\xE8\xFD\xE8\xFD\0\0\0\0\0\0\0\0\0\0", 26), usual));
    assert_int_equal(f.err.code, RESOURCE_EXHAUSTED);
    assert_string_equal(f.err.message, "report.xlsx has 65000 parts inside: 5000 are the most that are read");
    assert_false(
        read_workbook(&f, str_of("PK\x03\x04PK\x06\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32), usual));
    assert_non_null(strstr(f.err.message, "report.xlsx is a ZIP64 archive"));
}

/* ---- there and back ---- */
static Value table_of_everything(Arena *arena)
{
    static const char *const figures[] = {"0",
                                          "-0.05",
                                          "1250.00",
                                          "79228162514264337593543950335",
                                          "0.1",
                                          "7922816251426433759354.3950335",
                                          "0.0000000000000000000000000001",
                                          "12345678901234567.89"};
    static const Str texts[] = {
        S_INIT(""),     S_INIT(" a "),    S_INIT("007"),          S_INIT("1,250.00"),
        S_INIT("=1+1"), S_INIT("a\r\nb"), S_INIT("_x000D_ \x01"), S_INIT("<&\"'> \xEF\xBF\xBF é😀")};
    Error ignored;
    Value table = value_table_new(arena, COUNT_OF(figures));
    Column *number = table_add_column(arena, table.table, S("Order No"));
    for (uint32_t i = 0; i < COUNT_OF(figures); i++)
        assert_true(decimal_parse(str_from_c(figures[i]), &number->cells[i], &ignored));
    Column *text = table_add_column(arena, table.table, S(" text\n& \"more\" "));
    for (uint32_t i = 0; i < COUNT_OF(texts); i++)
        text->cells[i] = value_text(texts[i]);
    Column *other = table_add_column(arena, table.table, S(""));
    other->cells[0] = value_bool(true);
    other->cells[1] = value_date(2026, 4, 14);
    other->cells[2] = value_date(1899, 12, 31);
    other->cells[3] = value_time(((int64_t)14 * 3600 + 30 * 60 + 7) * 1000000000 + 5000000);
    other->cells[4] = value_datetime(
        arena,
        (DateTime){.year = 2026, .month = 4, .day = 14, .hour = 23, .minute = 59, .second = 59, .nanos = 999000000});
    other->cells[5] = value_duration(123456, 7000000);
    other->cells[6] = value_null();
    other->cells[7] = value_datetime(
        arena, (DateTime){.year = 2026, .month = 4, .day = 14, .hour = 9, .has_offset = true, .offset_seconds = 7200});
    return table;
}

static void assert_same_table(const Table *a, const Table *b)
{
    assert_int_equal(a->n_columns, b->n_columns);
    assert_int_equal(a->n_rows, b->n_rows);
    for (uint32_t i = 0; i < a->n_columns; i++) {
        assert_str_equal(a->columns[i].name, b->columns[i].name);
        for (uint32_t row = 0; row < a->n_rows; row++) {
            Value one = a->columns[i].cells[row], two = b->columns[i].cells[row];
            assert_int_equal(one.kind, two.kind);
            assert_true(value_equals(one, two));
            if (one.kind == VALUE_NUMBER)
                assert_int_equal(one.scale, two.scale);
        }
    }
}

static void test_xlsx_write__is_read_again_as_it_was(void **state)
{
    (void)state;
    AUTO(fixture_done)
    Fixture f = {0};
    Value table = table_of_everything(&f.arena), empty = value_table_new(&f.arena, 0);
    (void)table_add_column(&f.arena, empty.table, S("nothing"));
    XlsxSheet sheets[] = {{S("All & more"), table.table}, {S("Empty"), empty.table}};
    Buf out = buf_in(&f.arena), again = buf_in(&f.arena);
    assert_fine(xlsx_write(&f.arena, sheets, 2, &out, &f.err), &f.err);
    assert_fine(xlsx_write(&f.arena, sheets, 2, &again, &f.err), &f.err);
    assert_str_equal(buf_view(&out), buf_view(&again));
    assert_fine(read_workbook(&f, buf_view(&out), usual), &f.err);
    assert_same_table(table.table, f.out.table);
    XlsxOptions second = usual;
    second.sheet = S("Empty");
    assert_fine(read_workbook(&f, buf_view(&out), second), &f.err);
    assert_same_table(empty.table, f.out.table);
}

static void test_xlsx_write__refuses_what_no_sheet_can_hold(void **state)
{
    (void)state;
    static const char *const names[] = {"", "a/b", "what?", "'a", "a name of more than thirty-one letters", "[1]"};
    AUTO(fixture_done)
    Fixture f = {0};
    Value table = value_table_new(&f.arena, 1);
    Buf out = buf_in(&f.arena);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        XlsxSheet sheet = {str_from_c(names[i]), table.table};
        assert_false(xlsx_write(&f.arena, &sheet, 1, &out, &f.err));
        assert_string_equal(f.err.field, "sheet");
    }
    XlsxSheet twice[] = {{S("a"), table.table}, {S("A"), table.table}};
    assert_false(xlsx_write(&f.arena, twice, 2, &out, &f.err));
    assert_string_equal(f.err.message, "two sheets are called \"A\"");
    char *text = arena_alloc(&f.arena, 40000, 1);
    memset(text, 'x', 40000);
    table_add_column(&f.arena, table.table, S("a"))->cells[0] = value_text(str_of(text, 40000));
    XlsxSheet sheet = {S("a"), table.table};
    assert_false(xlsx_write(&f.arena, &sheet, 1, &out, &f.err));
    assert_non_null(strstr(f.err.message, "row 1 has a text of 40000 letters: a cell of a workbook holds 32767"));
    assert_false(xlsx_write(&f.arena, &sheet, 0, &out, &f.err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xlsx_read__what_excel_writes),
        cmocka_unit_test(test_xlsx_read__other_programs_leave_things_out),
        cmocka_unit_test(test_cell_of_figure__by_its_format),
        cmocka_unit_test(test_xlsx_read__counts_days_from_1904_where_the_workbook_does),
        cmocka_unit_test(test_xlsx_read__what_shows_as_0_45_is_a_length_where_the_column_says_so),
        cmocka_unit_test(test_xlsx_read__a_sheet_by_name_or_number),
        cmocka_unit_test(test_xlsx_read__the_names_stand_where_they_are_said_to),
        cmocka_unit_test(test_xlsx_read__asks_what_merged_cells_mean),
        cmocka_unit_test(test_xlsx_read__texts_become_what_they_say_unless_they_are_meant_as_text),
        cmocka_unit_test(test_xlsx_read__refuses_what_would_be_wrong_in_silence),
        cmocka_unit_test(test_xlsx_read__refuses_entities),
        cmocka_unit_test(test_xlsx_read__refuses_what_nests_too_deep),
        cmocka_unit_test(test_xlsx_read__refuses_a_bomb),
        cmocka_unit_test(test_xlsx_read__says_what_other_archives_are),
        cmocka_unit_test(test_xlsx_read__survives_a_file_that_breaks_off_anywhere),
        cmocka_unit_test(test_xlsx_read__bounds_the_parts_of_an_archive),
        cmocka_unit_test(test_xlsx_write__is_read_again_as_it_was),
        cmocka_unit_test(test_xlsx_write__refuses_what_no_sheet_can_hold),
    };
    return cmocka_run_group_tests_name("books/xlsx", tests, NULL, NULL);
}
