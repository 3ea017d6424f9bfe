/* books/xlsx_format.h: what a figure in a cell is, by the format that it is shown in. */
#ifndef CLERKWORK_BOOKS_XLSX_FORMAT_H
#define CLERKWORK_BOOKS_XLSX_FORMAT_H

#include "value/value.h"

typedef enum CellKind {
    CELL_GENERAL,
    CELL_NUMBER, /* with so many decimals */
    CELL_PADDED, /* with zeros in front, so many digits in all */
    CELL_TEXT,
    CELL_DATE,
    CELL_TIME,
    CELL_DATETIME,
    CELL_DURATION,
} CellKind;

typedef struct CellFormat {
    uint8_t kind; /* CellKind */
    uint8_t digits;
} CellFormat;

CellFormat cell_format_builtin(int64_t id); /* the formats that files name by number alone */
CellFormat cell_format_of(Str code);        /* "#,##0.00", "dd/mm/yyyy", "[h]:mm" */

typedef struct DateSystem {
    bool from_1904;
} DateSystem;

/* The figure that `text` writes: rounded to the 15 digits that Excel trusts unless `exact`. False for what is no figure
 * or lies outside of what numbers hold. */
bool cell_figure(Str text, bool exact, Value *out);
/* What the figure means in that format: itself where it is no day of the calendar. */
Value cell_of_figure(Arena *arena, Value figure, CellFormat format, DateSystem system);
/* The other way: the figure that stands for a date, a time, a moment without an offset or a duration, in the 1900
 * system, as text. False where Excel has none. */
bool cell_serial(Arena *arena, Value value, Str *out);

#endif
