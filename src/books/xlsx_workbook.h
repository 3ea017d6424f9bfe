/* books/xlsx_workbook.h: what all sheets of a workbook share: their names, the texts, the formats of cells. */
#ifndef CLERKWORK_BOOKS_XLSX_WORKBOOK_H
#define CLERKWORK_BOOKS_XLSX_WORKBOOK_H

#include "books/archive.h"
#include "books/xlsx_format.h"
#include "books/xml.h"

typedef struct WorkbookSheet {
    Str name;
    Str part; /* where its cells stand */
    bool hidden;
} WorkbookSheet;

typedef struct Workbook {
    Arena *arena;
    Archive *archive;
    Str file_name;         /* for messages */
    WorkbookSheet *sheets; /* those with cells, in the order of their tabs */
    uint32_t n_sheets, cap_sheets;
    Str *texts; /* shared by the cells */
    uint32_t n_texts, cap_texts;
    CellFormat *formats; /* by the style of a cell */
    uint32_t n_formats, cap_formats;
    Str texts_part, styles_part; /* where both stand */
    DateSystem dates;
    bool ours; /* written by xlsx_write: every cell is meant as it stands */
} Workbook;

/* Opens the archive and finds the sheets. workbook_done is due in any case. */
MUST_USE bool workbook_open(Workbook *workbook, Arena *arena, Str bytes, Str file_name, Error *err);
/* Texts and formats: before cells are read. */
MUST_USE bool workbook_load(Workbook *workbook, Error *err);
void workbook_done(Workbook *workbook);

/* One part of it, as XML. */
MUST_USE bool workbook_read_part(Workbook *workbook, Str part, const XmlHandlers *handlers, void *self, Error *err);
/* "_x000D_" is how cells write what XML has no sign for. A view of `text` where there is none. */
Str xlsx_unescape(Arena *arena, Str text);

#endif
