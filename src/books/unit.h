/* books/unit.h: units of measure: how people write them, of which system they are, what they are of each other. */
#ifndef CLERKWORK_BOOKS_UNIT_H
#define CLERKWORK_BOOKS_UNIT_H

#include "value/locale.h"

typedef enum UnitKind {
    UNIT_LENGTH,
    UNIT_AREA,
    UNIT_VOLUME,
    UNIT_MASS,
    UNIT_TEMPERATURE,
    UNIT_SPEED,
    UNIT_KINDS
} UnitKind;
extern const Str unit_kind_names[UNIT_KINDS]; /* "length", … */

typedef struct Unit Unit;

/* The longest way of writing a unit that `text` begins with and no letter follows; NULL when there is none. Capitals
 * do not matter. */
const Unit *unit_at(Str text, size_t *out_len);
/* All of `text` names it; else INVALID_ARGUMENT on `field` says which units there are (of `kind`; UNIT_KINDS: of all),
 * or, of a name that several have, how each is told. */
MUST_USE bool unit_find(Arena *arena, Str text, UnitKind kind, const char *field, const Unit **out, Error *err);
bool unit_refuse(Arena *arena, Str text, UnitKind kind, const char *field, Error *err); /* as unit_find does; false */

Str unit_symbol(const Unit *unit); /* as it is printed */
UnitKind unit_kind(const Unit *unit);
/* The unit itself where it is of the system, or of both; else the one that people there use instead. */
const Unit *unit_in_system(const Unit *unit, MeasurementSystem system);
/* Both of one kind. Exact where a decimal can be. */
MUST_USE bool unit_convert(const Unit *from, const Unit *to, Value amount, Value *out, Error *err);

#endif
