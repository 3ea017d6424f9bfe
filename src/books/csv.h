/* books/csv.h: tables from and to comma separated text: RFC 4180, and what offices really save.
 *
 * Reading. The separator is the one of , ; tab | that cuts the first records most evenly, unless it is named; a first
 * line "sep=;" names it. Cells may be quoted; a quoted cell may hold separators, line ends and doubled quotes. Lines
 * end in LF, CRLF or CR. Spaces around cells and column names are cut off. Rows without any content are skipped. A cell
 * without content is null.
 *
 * Columns. An empty name becomes "column 3"; without a single cell such a column is left out. A name that stands twice
 * becomes "total 2". Every row has as many cells as there are names; more are accepted only where they are empty.
 *
 * Types (books/column.h) are decided for a column as a whole: figures become numbers, ISO dates become dates, all else
 * stays text.
 *
 * Bounds: CSV_*_MAX below; passing one is RESOURCE_EXHAUSTED. Errors name row, line, column, what was found and what to
 * do. */
#ifndef CLERKWORK_BOOKS_CSV_H
#define CLERKWORK_BOOKS_CSV_H

#include "books/column.h"

#define CSV_ROWS_MAX 1000000u
#define CSV_COLUMNS_MAX 1000u
#define CSV_CELLS_MAX 8000000u
#define CSV_CELL_BYTES_MAX (1u << 20)

typedef struct CsvOptions {
    char separator;     /* '\0': found out */
    int32_t header_row; /* the record that holds the names, from 1; 0: there is none, names are "column 1", … */
    bool plain;         /* all cells stay text */
    ColumnRules columns;
} CsvOptions;

/* `text` is UTF-8; the table holds no view of it. `file_name` is for messages. */
MUST_USE bool csv_read(Arena *arena, Str text, const CsvOptions *options, Str file_name, Value *out_table, Error *err);
/* What csv_read would take: that of a first line "sep=;", else the evenest; ',' when nothing cuts the text evenly. */
char csv_detect_separator(Str text, int32_t header_row);
/* Header and rows, CRLF, quotes only where needed. Null is an empty cell. Lists and records in cells are written as
 * JSON. */
void csv_write(Buf *out, const Table *table, char separator, bool decimal_comma);

#endif
