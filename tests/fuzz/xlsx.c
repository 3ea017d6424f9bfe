/* tests/fuzz/xlsx.c: hostile workbooks: as an archive, or as the parts of one, so that what lies behind the packing is
 * reached too. Whatever can be read is written and read again, and must be the same. */
#include <stdlib.h>
#include <string.h>

#include "books/archive.h"
#include "books/xlsx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_be_equal(const Table *a, const Table *b)
{
    must(a->n_columns == b->n_columns && a->n_rows == b->n_rows);
    for (uint32_t i = 0; i < a->n_columns; i++) {
        must(str_eq(a->columns[i].name, b->columns[i].name));
        for (uint32_t row = 0; row < a->n_rows; row++)
            must(value_equals(a->columns[i].cells[row], b->columns[i].cells[row]));
    }
}

/* Parts stand one behind the other, with a byte that no UTF-8 has between them. */
static Str packed(Arena *arena, Str rest)
{
    static const char *const names[] = {"xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml",
                                        "xl/workbook.xml",          "_rels/.rels",   "xl/_rels/workbook.xml.rels",
                                        "docProps/app.xml"};
    static const Str usual[] = {
        S_INIT(""),
        S_INIT("<s/>"),
        S_INIT("<s/>"),
        S_INIT("<w><sheet name=\"a\" id=\"a\"/></w>"),
        S_INIT("<r><Relationship Type=\"/officeDocument\" Target=\"xl/workbook.xml\"/></r>"),
        S_INIT("<r><Relationship Type=\"/worksheet\" Id=\"a\" Target=\"worksheets/sheet1.xml\"/>"
               "<Relationship Type=\"/styles\" Target=\"styles.xml\"/>"
               "<Relationship Type=\"/sharedStrings\" Target=\"sharedStrings.xml\"/></r>"),
        S_INIT("<p/>"),
    };
    ArchivePart parts[COUNT_OF(names)];
    Error err;
    Buf out = buf_in(arena);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Str content = str_cut(&rest, '\xFF');
        parts[i] = (ArchivePart){str_from_c(names[i]), content.len > 0 ? content : usual[i]};
    }
    must(archive_write(&out, parts, COUNT_OF(parts), &err));
    return buf_view(&out);
}

/* The first byte chooses the options. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Arena arena = {0};
    Error err = {0};
    Value table, again;
    Str bytes = str_of((const char *)data + 1, size - 1);
    XlsxOptions options = {.header_row = (data[0] & 3) - 1, .merged = (XlsxMerged)((data[0] >> 2 & 3) % 3)};
    if (data[0] & 16)
        bytes = packed(&arena, bytes);
    if (xlsx_read(&arena, bytes, &options, S("fuzz.xlsx"), &table, &err)) {
        XlsxSheet sheet = {S("a"), table.table};
        XlsxOptions known = {.header_row = XLSX_FIRST_ROW};
        Buf out = buf_in(&arena);
        if (xlsx_write(&arena, &sheet, 1, &out, &err) && table.table->n_columns > 0) {
            must(xlsx_read(&arena, buf_view(&out), &known, S("fuzz.xlsx"), &again, &err));
            must_be_equal(table.table, again.table);
        }
    }
    arena_done(&arena);
    return 0;
}
