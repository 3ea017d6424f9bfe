/* books/column.h: what the cells of a text column are: decided for the column as a whole, so that one file always reads
 * alike.
 *
 *   a column that names an identifier (… number, no, id, code, reference, account, iban, …)      stays text
 *   a column in which a figure begins with a needless zero (00123) or has over 15 digits       stays text
 *   every cell is a figure: 1250, -12.5, 1,250.00, $120.20, (17.50), 1.250,00 EUR            becomes numbers
 *   every cell is a date as ISO 8601 writes it: 2026-04-14                                  becomes dates
 *   a column that names an amount (total, price, quantity, …) in which some cells are figures    the figures become
 * numbers anything else                                                                                stays text
 *
 * The last but one keeps money from becoming text in silence: a calculation with the cell that is no figure asks a
 * person. Which of , and . is the decimal symbol the cells of the column tell together ("1.250,00" or "12,5" or
 * "1,250,000"); where they do not, the workspace's preference does; where they contradict each other the column stays
 * text. So does one with several currencies: adding them up would be wrong. */
#ifndef CLERKWORK_BOOKS_COLUMN_H
#define CLERKWORK_BOOKS_COLUMN_H

#include "value/value.h"

/* Cells are TEXT (not empty, trimmed) or NULL; changed in place. */
void column_convert(Column *column, uint32_t n_rows, bool decimal_comma);

#endif
