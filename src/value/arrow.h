/* value/arrow.h: tables as Arrow IPC streams (Arrow columnar format 1.0, metadata V5).
 *
 * A column whose cells are all texts, booleans, dates or numbers (or null) gets the Arrow type of that kind: Utf8,
 * Bool, Date32, Decimal128(38, widest scale); every other column is Utf8 with the cells printed as people read them. */
#ifndef CLERKWORK_VALUE_ARROW_H
#define CLERKWORK_VALUE_ARROW_H

#include "value/value.h"

void arrow_write(Buf *out, const Table *table);
/* Reads stream and file format; one schema, any number of batches; the types above plus ints, floats (by their shortest
 * decimal text) and large utf8. Hostile bytes give INVALID_ARGUMENT, never a crash. */
MUST_USE bool arrow_read(Arena *arena, Str bytes, Table **out, Error *err);

#endif
