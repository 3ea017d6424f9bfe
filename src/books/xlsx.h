/* books/xlsx.h: tables from and to Excel workbooks (.xlsx, .xlsm): ECMA-376, as Excel and its imitators write it.
 *
 * Reading. One sheet is read, by name, by number, or the first that is not hidden. The names of the columns stand in
 * its first row with content, or in the row that is named by the number that Excel shows beside it. Rows without
 * content are skipped; hidden ones are not. A formula is what Excel last worked out for it.
 *
 *   figures       exactly as the file writes them. Excel counts in binary fractions and trusts 15 digits of them, so a
 *                 figure with more digits is rounded to 15, which is what Excel shows; zeros up to the decimals of the
 *                 cell's format are added (1250 shown as 1,250.00 is 1250.00)
 *   dates, times  figures whose format shows a date, a time of day, both, or hours past 24, in either date system
 *   yes or no     as such
 *   errors        the text that Excel shows (#DIV/0!): it becomes no number in silence
 *   texts         without spaces at both ends; in a column where all of them are figures or ISO dates they become such,
 *                 unless their format is Text (books/column.h). In columns that name an identifier figures become texts
 *   merged cells  over several rows or columns of the table leave it open what is meant; who reads must say it
 *
 * Writing. One sheet for each table, with its names in a first row that stays in view. Every cell is read back as it
 * was: a workbook that says that we wrote it is taken at its word, with all digits and without a second look at texts.
 * (Excel itself keeps 15 digits when it saves.) What Excel has no kind for is text: dates before March 1900, moments
 * with an offset, negative durations, lists, records. Times are kept to the millisecond.
 *
 * Bounds: those of csv.h and archive.h. Errors name the cell as Excel does. */
#ifndef CLERKWORK_BOOKS_XLSX_H
#define CLERKWORK_BOOKS_XLSX_H

#include "books/column.h"

#define XLSX_ROWS_MAX 1048576u
#define XLSX_CELL_CHARACTERS_MAX 32767u
#define XLSX_SHEETS_MAX 1000u
#define XLSX_FIRST_ROW (-1)

typedef enum XlsxMerged { XLSX_MERGED_ASK, XLSX_MERGED_FIRST, XLSX_MERGED_ALL } XlsxMerged;

typedef struct XlsxOptions {
    Str sheet;             /* by its name; "" by its number */
    uint32_t sheet_number; /* from 1; 0: the first that is not hidden */
    int32_t header_row;    /* as Excel counts; 0: there is none, names are "column 1", …; XLSX_FIRST_ROW */
    XlsxMerged merged;     /* which cells of merged ones have the value */
    ColumnRules columns;
} XlsxOptions;

/* Whether the bytes begin like a ZIP archive, which every workbook is. */
bool xlsx_looks_like(Str bytes);
/* `file_name` is for messages. Cells live in `arena`. */
MUST_USE bool xlsx_read(Arena *arena, Str bytes, const XlsxOptions *options, Str file_name, Value *out_table,
                        Error *err);
/* The names of the sheets that hold cells, in the order of their tabs. */
MUST_USE bool xlsx_sheets(Arena *arena, Str bytes, Str file_name, Value *out_list, Error *err);

typedef struct XlsxSheet {
    Str name;
    const Table *table;
} XlsxSheet;
/* INVALID_ARGUMENT for a name that a sheet cannot have (in the field "sheet"), RESOURCE_EXHAUSTED for more than a sheet
 * can hold. The same tables give the same bytes. */
MUST_USE bool xlsx_write(Arena *arena, const XlsxSheet *sheets, uint32_t n, Buf *out, Error *err);

#endif
