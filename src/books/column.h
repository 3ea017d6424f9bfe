/* books/column.h: what the cells of a text column are: decided for the column as a whole, so that one file always reads
 * alike.
 *
 *   a column that names an identifier (… number, no, id, code, reference, account, iban, …)     stays text
 *   a column in which a figure begins with a needless zero (00123) or has over 15 digits       stays text
 *   every cell is a figure: 1250, -12.5, 1,250.00, $120.20, (17.50), 1.250,00 EUR              becomes numbers
 *   every cell is a date as ISO 8601 writes it: 2026-04-14                                     becomes dates
 *   every cell is true or false                                                                becomes yes or no
 *   times of day, dates with times, and lengths of time                                        books/clock_column.h
 *   a column that names an amount (total, price, quantity, …), where some cells are figures    these become numbers
 *   anything else                                                                              stays text
 *
 * The last but one keeps money from becoming text in silence: a calculation with the cell that is no figure asks a
 * person. Which of , and . is the decimal symbol the cells of the column tell together ("1.250,00" or "12,5" or
 * "1,250,000"); where they do not, the workspace's preference does; where they contradict each other the column stays
 * text. So does one with several currencies: adding them up would be wrong. */
#ifndef CLERKWORK_BOOKS_COLUMN_H
#define CLERKWORK_BOOKS_COLUMN_H

#include "value/value.h"

typedef struct ColumnRules {
    bool decimal_comma;      /* how "1,250" is read where the column itself does not tell */
    bool twelve_hours;       /* "5:30" may be in the afternoon where the column itself does not tell */
    const Str *text_columns; /* columns that stay text whatever they hold */
    uint32_t n_text_columns;
} ColumnRules;

/* Whether it is one that names an identifier. */
bool column_is_identifier(Str name);
/* Cells are TEXT (not empty, trimmed), NULL, or have their value already; changed in place. New objects live in
 * `arena`. */
void column_convert(Arena *arena, Column *column, uint32_t n_rows, const ColumnRules *rules);
/* All columns of a table but those that stay text. INVALID_ARGUMENT when a text column is not there. */
MUST_USE bool columns_convert(Arena *arena, Table *table, const ColumnRules *rules, Str file_name, Error *err);
/* INVALID_ARGUMENT when a column that is to stay text is not there. */
MUST_USE bool columns_are_there(const Table *table, const ColumnRules *rules, Str file_name, Error *err);
/* Whether a column of that name stays text by the rules. */
bool column_stays_text(const ColumnRules *rules, Str name);

#endif
