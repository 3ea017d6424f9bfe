/* books/table_text.h: tables as text for people: Markdown and HTML.
 *
 * Cells are printed as people read them, nothing as an empty cell; what the language of the result would take for its
 * own signs is escaped, so that no cell can break out of its place. Columns of numbers are aligned to the right. */
#ifndef CLERKWORK_BOOKS_TABLE_TEXT_H
#define CLERKWORK_BOOKS_TABLE_TEXT_H

#include "base/buf.h"
#include "value/value.h"

/* RESOURCE_EXHAUSTED when the text would be longer than 16 MiB. */
MUST_USE bool table_print_markdown(Buf *out, const Table *table, Error *err);
MUST_USE bool table_print_html(Buf *out, const Table *table, Error *err);

#endif
