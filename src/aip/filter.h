/* aip/filter.h: filters of list operations: AIP-160's whole grammar and the contract's dialect.
 *
 * OR binds tighter than AND, blanks between terms are a looser AND, `-` and NOT negate, `:` is "has", traversal with
 * `.` (parts may be quoted), quoted strings with escapes, a `*` at the beginning or the end of a text as a wildcard,
 * times and durations. Functions are read and refused by name: no list has any. Dialect: `and`/`or` in lower case,
 * single quotes, `contains`, `IN [...]`, and an OR inside one quoted value (run = "a OR b"). A literal alone is looked
 * for in all text fields and among the names of all enums; `field:*` asks whether the field is set; `:` on anything but
 * text is `=`. A filter is first parsed, then bound against the fields of the operation (from the contract): after that
 * every literal has its field's type. Text over 64 KiB, more than 1,000 terms or nesting over 50 are refused. */
#ifndef CLERKWORK_AIP_FILTER_H
#define CLERKWORK_AIP_FILTER_H

#include "base/arena.h"
#include "base/error.h"

typedef enum FilterType {
    FILTER_TEXT,
    FILTER_ENUM, /* names in `values`, with or without the prefix, any case as the contract says */
    FILTER_TIME, /* RFC 3339 → microseconds */
    FILTER_INTEGER,
    FILTER_BOOLEAN,
    FILTER_DURATION, /* "1.5s" → microseconds */
    FILTER_RESOURCE  /* an id or a full name: bound to its last segment */
} FilterType;

typedef enum FilterOp {
    FILTER_EQ = 1,
    FILTER_NE = 2,
    FILTER_LT = 4,
    FILTER_LE = 8,
    FILTER_GT = 16,
    FILTER_GE = 32,
    FILTER_HAS = 64 /* `:` and `contains`: substring, without case; bound on text alone */
} FilterOp;

typedef struct FilterField { /* one row of the contract's table */
    Str name;
    FilterType type;
    unsigned operators; /* FilterOp bits that may be used */
    const Str *values;  /* ENUM: full names, n_values of them; the n-th is bound as number n */
    uint32_t n_values;
    Str prefix;         /* ENUM: what may be left out ("EXCEPTION_STATE_") */
    const Str *aliases; /* ENUM: pairs (other name, full name), n_aliases pairs */
    uint32_t n_aliases;
} FilterField;

typedef enum FilterKind { FILTER_AND, FILTER_OR, FILTER_NOT, FILTER_TERM } FilterKind;
typedef struct Filter Filter;
struct Filter {
    FilterKind kind;
    Filter **kids; /* AND, OR: 2 or more; NOT: 1 */
    uint32_t n_kids;
    /* TERM, once bound */
    uint32_t field;          /* index in the operation's fields */
    const FilterField *spec; /* that row */
    FilterOp op;
    Str text;          /* TEXT (after unescaping), RESOURCE (last segment) */
    int64_t number;    /* ENUM (index), TIME and DURATION (µs), INTEGER, BOOLEAN */
    bool prefix_match; /* a trailing * was there: text is a prefix */
    bool suffix_match; /* a leading * was there: text is a suffix; with both it may stand anywhere */
    bool present;      /* `field:*`: whether it is set at all; op, text and number say nothing then */
};

/* "" gives NULL: everything matches. INVALID_ARGUMENT on field "filter": position, what was found, what was expected;
 * an unknown field is refused naming the allowed ones, a wrong operator naming the field's. */
MUST_USE bool filter_parse(Arena *arena, Str text, const FilterField *fields, uint32_t n_fields, const Filter **out,
                           Error *err);
/* Over any fields: a name is a path into JSON (payload.h), and literals stay text. */
MUST_USE bool filter_parse_open(Arena *arena, Str text, const Filter **out, Error *err);
/* Its one canonical text, e.g. for binding page tokens. */
Str filter_print(Arena *arena, const Filter *filter, const FilterField *fields);

#endif
