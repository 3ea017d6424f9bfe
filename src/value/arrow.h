/* value/arrow.h: tables as Arrow IPC streams (Arrow columnar format 1.0, metadata V5).
 *
 * Written for the clients that exist: they decode with apache-arrow for JavaScript, turn each cell into text and parse
 * amounts out of it. There a Decimal128 of 1250.00 prints as 125000 and a Date32 as milliseconds, so columns of numbers
 * and of dates leave as Utf8 ("1250.00", "2026-04-14"), exact to the digit. The field's metadata
 * "clerkwork.kind" = "number" or "date" tells what they are, and arrow_read makes them that again. Columns of booleans
 * (and nulls) are Bool; every other column is Utf8 with its cells printed as people read them. */
#ifndef CLERKWORK_VALUE_ARROW_H
#define CLERKWORK_VALUE_ARROW_H

#include "value/value.h"

void arrow_write(Buf *out, const Table *table);
/* Reads stream and file format; one schema, any number of batches and dictionaries, uncompressed; texts (also large
 * ones), booleans, integers, floats (by their shortest decimal text; NaN is null), decimals, dates, timestamps and
 * nulls. Texts are views into `bytes`. At most 4 million cells. Hostile bytes give INVALID_ARGUMENT, never a crash. */
MUST_USE bool arrow_read(Arena *arena, Str bytes, Table **out, Error *err);

#endif
