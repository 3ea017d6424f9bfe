/* books/clock_column.h: columns of times of day, of dates with times, and of lengths of time.
 *
 *   every cell is a date and a time as ISO 8601 writes them: 2026-04-14 09:30               becomes dates and times
 *   a column that names a length of time (break, lunch, duration, hours, overtime, …)      its lengths become lengths
 * of time: 0:45, 38:30, 45 min, 1h 30m; the rest stays text every cell is a time of day: 08:00, 5:30 PM, 17:30:15
 * becomes times of day a column that names a time of day (start, end, in, out, arrival, …)                     its
 * times become times of day; the rest stays text
 *
 * The second and the last keep a mistaken cell ("25:10") from making a text of the whole column: whoever reckons with
 * that cell is asked about it. Where the workspace counts to twelve, 5:30 alone says neither morning nor afternoon and
 * stays text, unless another cell of the column shows that it counts to 24 (17:00, 08:15, 0:30). */
#ifndef CLERKWORK_BOOKS_CLOCK_COLUMN_H
#define CLERKWORK_BOOKS_CLOCK_COLUMN_H

#include "value/value.h"

/* Of a workbook, cells that are times of day already become lengths in a column that names one.
 * `word` is the last word of the column's name. Cells are as in books/column.h; date-times live in `arena`. */
void clock_column_convert(Arena *arena, Column *column, uint32_t n_rows, Str word, bool twelve_hours);

#endif
