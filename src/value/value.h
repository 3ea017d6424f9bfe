/* value/value.h: what automations compute with.
 *
 * A Value is sixteen bytes, passed by value. Scalars stand in it; the rest points into the arena of the run (or of
 * the request). Lists, sets, records and tables are shared by reference, as in Python: two facts may name one list.
 * Nothing here is a float. Nothing here asks for the time or touches the outside. */
#ifndef CLERKWORK_VALUE_VALUE_H
#define CLERKWORK_VALUE_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

typedef enum ValueKind {
    VALUE_UNSET, /* no value at all: a fact never set or skipped. Never leaves the evaluator. */
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_NUMBER, /* exact decimal: 96-bit magnitude, scale 0-28, sign */
    VALUE_TEXT,
    VALUE_DATE,
    VALUE_TIME, /* of day */
    VALUE_DATETIME,
    VALUE_ZONE, /* IANA time zone id */
    VALUE_DURATION,
    VALUE_LIST,
    VALUE_SET,
    VALUE_RECORD, /* the API's dictionary: ordered, keys hashable, mostly text */
    VALUE_TABLE,
    VALUE_ROW, /* a reference to one row of a table; reads and writes like a record */
    VALUE_FILE,
    VALUE_N_KINDS
} ValueKind;

typedef struct List List;
typedef struct Set Set;
typedef struct Record Record;
typedef struct Table Table;
typedef struct DateTime DateTime;
typedef struct FileRef FileRef;

typedef struct Value {
    union {
        uint64_t low;     /* NUMBER: magnitude bits 0-63; BOOL: 0 or 1 */
        const char *text; /* TEXT, ZONE: not NUL-terminated; length in `high` */
        int64_t nanos;    /* TIME: since midnight */
        int64_t seconds;  /* DURATION, rounded down; `high` is the rest in nanoseconds, 0-999999999: -1.5 s is -2,
                             500000000 */
        struct {
            int32_t year; /* DATE: 1-9999, 0 = none (google.type.Date) */
            uint8_t month, day;
        } date;
        List *list;
        Set *set;
        Record *record;
        Table *table; /* TABLE, and ROW with the row's number in `high` */
        DateTime *datetime;
        FileRef *file;
    };
    uint32_t high;    /* NUMBER: magnitude bits 64-95 */
    uint8_t kind;     /* ValueKind */
    uint8_t scale;    /* NUMBER: 0-28 */
    uint8_t negative; /* NUMBER: 1 for below zero; zero is never negative */
    uint8_t unused;
} Value;

_Static_assert(sizeof(Value) == 16, "a Value is two words");

struct List {
    Value *items;
    uint32_t count, cap;
};
struct Record {
    struct RecordEntry {
        Value key; /* hashable; nearly always text */
        Value value;
    } * entries; /* in order of insertion */
    uint32_t count, cap;
    uint32_t *slots; /* hash index once there are more than 8; NULL before */
    uint32_t n_slots;
};
struct Set {
    Record items; /* keys only */
};
typedef struct Column {
    Str name;
    Value *cells; /* table->n_rows of them */
} Column;
struct Table {
    Column *columns;
    uint32_t n_columns, cap_columns;
    uint32_t n_rows, cap_rows;
};
struct DateTime {
    int32_t year;
    uint8_t month, day, hour, minute, second;
    int32_t nanos;
    bool has_offset;
    int32_t offset_seconds; /* when has_offset */
    Str zone;               /* IANA id, or "" */
};
/* Content is fetched by the World when a book asks for it; the language only passes files on. */
struct FileRef {
    Str name; /* "organizations/o/files/F" or what the client sent; "" when inline */
    Str filename;
    Str content; /* when inline */
    bool is_inline;
};

/* ---- making ---- */
static inline Value value_null(void)
{
    return (Value){.kind = VALUE_NULL};
}
static inline Value value_bool(bool b)
{
    return (Value){.low = b, .kind = VALUE_BOOL};
}
static inline Value value_text(Str s)
{
    return (Value){.text = s.data ? s.data : "", .high = (uint32_t)s.len, .kind = VALUE_TEXT};
}
static inline Str value_str(Value v)
{
    return (Str){v.text, v.high};
} /* of TEXT and ZONE */
static inline Value value_int(int64_t n)
{
    uint64_t magnitude = n < 0 ? -(uint64_t)n : (uint64_t)n;
    return (Value){.low = magnitude, .kind = VALUE_NUMBER, .negative = n < 0};
}
/* Writes a number in one store, because the next instruction mostly reads it whole: a processor hands a store on to a
 * load at once only where one store covers the load. */
static inline void value_put_number(Value *out, uint64_t low, uint32_t high, uint8_t scale, bool negative)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    typedef uint64_t Words __attribute__((vector_size(16)));
    Words words = {low, high | (uint64_t)VALUE_NUMBER << 32 | (uint64_t)scale << 40 | (uint64_t)negative << 48};
    memcpy(out, &words, sizeof words);
#else
    *out = (Value){.low = low, .high = high, .kind = VALUE_NUMBER, .scale = scale, .negative = negative};
#endif
}
Value value_date(int year, int month, int day);
Value value_time(int64_t nanos_since_midnight);
Value value_duration(int64_t seconds, int32_t nanos);
Value value_zone(Str id);
Value value_datetime(Arena *arena, DateTime datetime);
Value value_list_new(Arena *arena, uint32_t cap);
Value value_record_new(Arena *arena);
Value value_set_new(Arena *arena);
Value value_table_new(Arena *arena, uint32_t n_rows);
Value value_row(Table *table, uint32_t row);
Value value_file(Arena *arena, FileRef file);

/* ---- asking ---- */
const char *value_kind_name(ValueKind kind); /* as people say it: "a number", "a list", "a table" */
/* As Python's ==: 1 == 1.0, True == 1, lists by items, a row as its record; never fails; other kinds differ. Cyclic
 * values are equal when no finite path tells them apart; past 1000 levels only the same object is equal. */
bool value_equals(Value a, Value b);
/* <0, 0, >0 as Python orders; false with INVALID_ARGUMENT for kinds that have no order between them (sets among them).
 */
MUST_USE bool value_compare(Value a, Value b, int *out, Error *err);
bool value_is_hashable(Value v);
uint64_t value_hash(Value v);             /* of a hashable one; equal values hash equal, in every process */
bool value_truth(Value v);                /* Python's truth: empty, zero, null are false */
bool value_to_int(Value v, int64_t *out); /* a whole number that fits (5, 5.00); false for anything else */

/* ---- changing ---- */
void list_add(Arena *arena, List *list, Value item);
Value *record_find(const Record *record, Value key);                   /* exact key; NULL when absent */
void record_set(Arena *arena, Record *record, Value key, Value value); /* keeps the place of an old key */
bool record_remove(Record *record, Value key);
bool set_add(Arena *arena, Set *set, Value item);               /* false when it was there */
Column *table_column(const Table *table, Str name);             /* exact name; NULL when absent */
Column *table_add_column(Arena *arena, Table *table, Str name); /* cells are NULL values */
uint32_t table_add_row(Arena *arena, Table *table);             /* its cells are NULL values; gives its number */

/* Field access by the language's rule: the exact key first, else the one key that normalises alike ("PO Number" =
 * "po_number" = "po number": letters and digits fold case, every run of other characters is one space).
 * FIELD_AMBIGUOUS when two keys normalise alike and none is exact. Works on RECORD and ROW. */
typedef enum FieldResult { FIELD_FOUND, FIELD_MISSING, FIELD_AMBIGUOUS, FIELD_NOT_A_RECORD } FieldResult;
FieldResult value_field_get(Value object, Str name, Value *out);
FieldResult value_field_set(Arena *arena, Value object, Str name,
                            Value value); /* adds the key as spelled when absent */
Str name_normalise(Arena *arena, Str name);
bool name_alike(Str a, Str b); /* whether two names normalise alike; allocates nothing */

/* ---- copying and printing ---- */
Value value_copy_deep(Arena *arena, Value v); /* a graph of its own; sharing inside is kept */
/* As a person reads it: 1250.00, yes, 2026-04-14, north, south and west → for `say`, questions, and text with {…}.
 * Numbers print all digits of their scale. A value within itself, one nested deeper than 50 levels, and what follows
 * after 16 MB print as "…". */
void value_print(Buf *out, Value v);
/* The same as programs read it, in files and keys: true and false for yes and no. */
void value_print_data(Buf *out, Value v);

#endif
