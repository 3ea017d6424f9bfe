/* value/order.c: equality, order and hashes, as Python has them. */
#include "value/value.h"

#include "base/clock.h"
#include "value/decimal.h"

enum { DEPTH_MOST = 1000 };

/* The containers being compared, from the innermost outward. Meeting a pair again means that the values are cyclic
 * there and that nothing told them apart on the way round. */
typedef struct Pair {
    const struct Pair *outer;
    const void *a, *b;
    uint32_t row_a, row_b;
    int depth;
} Pair;

static bool equal_within(Value a, Value b, const Pair *outer);

static bool is_numeric(Value v)
{
    return v.kind == VALUE_NUMBER || v.kind == VALUE_BOOL;
}

/* True and False are 1 and 0. */
static Value as_number(Value v)
{
    return v.kind == VALUE_BOOL ? value_int((int64_t)v.low) : v;
}

/* ---- points in time ---- */

static int64_t civil_seconds(const DateTime *t)
{
    return days_from_civil(t->year, t->month, t->day) * 86400 + t->hour * 3600 + t->minute * 60 + t->second;
}

/* Both in one clock: seconds of UTC where an offset is known, else of the wall. */
static int order_moments(const DateTime *a, const DateTime *b)
{
    int64_t seconds_a = civil_seconds(a) - (a->has_offset ? a->offset_seconds : 0);
    int64_t seconds_b = civil_seconds(b) - (b->has_offset ? b->offset_seconds : 0);
    if (seconds_a != seconds_b)
        return seconds_a < seconds_b ? -1 : 1;
    return (a->nanos > b->nanos) - (a->nanos < b->nanos);
}

/* A wall clock in a zone stands beside others in the same zone, not beside offsets: what it comes to in UTC is the
 * business of the books, which know the zones. */
static bool moments_comparable(const DateTime *a, const DateTime *b)
{
    return a->has_offset == b->has_offset && (a->has_offset || str_eq(a->zone, b->zone));
}

/* ---- equality ---- */

static bool equal_rows(const Table *table_a, uint32_t row_a, const Table *table_b, uint32_t row_b, const Pair *outer)
{
    if (table_a->n_columns != table_b->n_columns)
        return false;
    for (uint32_t i = 0; i < table_a->n_columns; i++) {
        const Column *other = table_column(table_b, table_a->columns[i].name);
        if (!other || !equal_within(table_a->columns[i].cells[row_a], other->cells[row_b], outer))
            return false;
    }
    return true;
}

static bool equal_row_record(Value row, const Record *record, const Pair *outer)
{
    if (row.table->n_columns != record->count)
        return false;
    for (uint32_t i = 0; i < record->count; i++) {
        Value key = record->entries[i].key;
        const Column *column = key.kind == VALUE_TEXT ? table_column(row.table, value_str(key)) : NULL;
        if (!column || !equal_within(column->cells[row.high], record->entries[i].value, outer))
            return false;
    }
    return true;
}

static bool equal_lists(const List *a, const List *b, const Pair *outer)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        if (!equal_within(a->items[i], b->items[i], outer))
            return false;
    }
    return true;
}

static bool equal_records(const Record *a, const Record *b, const Pair *outer)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const Value *other = record_find(b, a->entries[i].key);
        if (!other || !equal_within(a->entries[i].value, *other, outer))
            return false;
    }
    return true;
}

static bool equal_tables(const Table *a, const Table *b, const Pair *outer)
{
    if (a->n_rows != b->n_rows || a->n_columns != b->n_columns)
        return false;
    for (uint32_t i = 0; i < a->n_columns; i++) {
        if (!str_eq(a->columns[i].name, b->columns[i].name))
            return false;
        for (uint32_t row = 0; row < a->n_rows; row++) {
            if (!equal_within(a->columns[i].cells[row], b->columns[i].cells[row], outer))
                return false;
        }
    }
    return true;
}

static bool equal_files(const FileRef *a, const FileRef *b)
{
    return a->is_inline == b->is_inline && str_eq(a->name, b->name) && str_eq(a->filename, b->filename) &&
           (!a->is_inline || str_eq(a->content, b->content));
}

static bool is_open(const Pair *pair)
{
    for (const Pair *open = pair->outer; open; open = open->outer) {
        if (open->a == pair->a && open->b == pair->b && open->row_a == pair->row_a && open->row_b == pair->row_b)
            return true;
    }
    return false;
}

static bool equal_containers(Value a, Value b, const Pair *outer)
{
    const Pair pair = {
        .outer = outer,
        .a = a.list,
        .b = b.list,
        .row_a = a.kind == VALUE_ROW ? a.high + 1 : 0,
        .row_b = b.kind == VALUE_ROW ? b.high + 1 : 0,
        .depth = outer ? outer->depth + 1 : 1,
    };
    if (pair.depth > DEPTH_MOST)
        return false;
    if (is_open(&pair))
        return true;
    switch ((ValueKind)a.kind) {
    case VALUE_LIST: return equal_lists(a.list, b.list, &pair);
    case VALUE_SET: return equal_records(&a.set->items, &b.set->items, &pair);
    case VALUE_TABLE: return equal_tables(a.table, b.table, &pair);
    case VALUE_RECORD:
        return b.kind == VALUE_ROW ? equal_row_record(b, a.record, &pair) : equal_records(a.record, b.record, &pair);
    case VALUE_ROW:
        return b.kind == VALUE_ROW ? equal_rows(a.table, a.high, b.table, b.high, &pair)
                                   : equal_row_record(a, b.record, &pair);
    default: return false;
    }
}

static bool is_record_like(Value v)
{
    return v.kind == VALUE_RECORD || v.kind == VALUE_ROW;
}

static bool equal_within(Value a, Value b, const Pair *outer)
{
    if (is_numeric(a) && is_numeric(b))
        return decimal_compare(as_number(a), as_number(b)) == 0;
    if (a.kind != b.kind && !(is_record_like(a) && is_record_like(b)))
        return false;
    switch ((ValueKind)a.kind) {
    case VALUE_TEXT:
    case VALUE_ZONE: return str_eq(value_str(a), value_str(b));
    case VALUE_DATE: return a.date.year == b.date.year && a.date.month == b.date.month && a.date.day == b.date.day;
    case VALUE_TIME: return a.nanos == b.nanos;
    case VALUE_DATETIME:
        return moments_comparable(a.datetime, b.datetime) && order_moments(a.datetime, b.datetime) == 0;
    case VALUE_DURATION: return a.seconds == b.seconds && a.high == b.high;
    case VALUE_FILE: return equal_files(a.file, b.file);
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_RECORD:
    case VALUE_TABLE: return (a.list == b.list && a.kind == b.kind) || equal_containers(a, b, outer);
    case VALUE_ROW:
        return (a.table == b.table && a.kind == b.kind && a.high == b.high) || equal_containers(a, b, outer);
    default: return true; /* unset and null: of one value each */
    }
}

bool value_equals(Value a, Value b)
{
    return equal_within(a, b, NULL);
}

/* ---- order ---- */

static bool compare_within(Value a, Value b, int depth, int *out, Error *err);

static bool no_order(Value a, Value b, Error *err)
{
    const char *name_a = value_kind_name(a.kind), *name_b = value_kind_name(b.kind);
    if (a.kind == b.kind)
        return error_set(err, INVALID_ARGUMENT, "",
                         "%s and %s cannot be put in order: compare something that they hold", name_a,
                         a.kind == VALUE_DATETIME ? "another with a different kind of time zone" : "another");
    return error_set(err, INVALID_ARGUMENT, "",
                     "%s and %s cannot be put in order: convert one to the kind of the other", name_a, name_b);
}

static int sign_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int64_t date_rank(Value v)
{
    return (int64_t)v.date.year * 10000 + v.date.month * 100 + v.date.day;
}

static bool compare_lists(const List *a, const List *b, int depth, int *out, Error *err)
{
    uint32_t common = MIN_OF(a->count, b->count);
    for (uint32_t i = 0; i < common; i++) {
        if (!value_equals(a->items[i], b->items[i]))
            return compare_within(a->items[i], b->items[i], depth + 1, out, err);
    }
    *out = sign_of(a->count, b->count);
    return true;
}

static bool compare_within(Value a, Value b, int depth, int *out, Error *err)
{
    if (is_numeric(a) && is_numeric(b)) {
        *out = decimal_compare(as_number(a), as_number(b));
        return true;
    }
    if (a.kind != b.kind)
        return no_order(a, b, err);
    switch ((ValueKind)a.kind) {
    case VALUE_TEXT: *out = str_compare(value_str(a), value_str(b)); return true;
    case VALUE_DATE: *out = sign_of(date_rank(a), date_rank(b)); return true;
    case VALUE_TIME: *out = sign_of(a.nanos, b.nanos); return true;
    case VALUE_DURATION:
        *out = a.seconds != b.seconds ? sign_of(a.seconds, b.seconds) : sign_of(a.high, b.high);
        return true;
    case VALUE_DATETIME:
        if (!moments_comparable(a.datetime, b.datetime))
            return no_order(a, b, err);
        *out = order_moments(a.datetime, b.datetime);
        return true;
    case VALUE_LIST:
        if (depth == DEPTH_MOST)
            return error_set(err, INVALID_ARGUMENT, "", "lists nested deeper than %d levels cannot be put in order",
                             DEPTH_MOST);
        return compare_lists(a.list, b.list, depth, out, err);
    default: return no_order(a, b, err);
    }
}

bool value_compare(Value a, Value b, int *out, Error *err)
{
    return compare_within(a, b, 0, out, err);
}

/* ---- hashes ---- */

bool value_is_hashable(Value v)
{
    switch ((ValueKind)v.kind) {
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_NUMBER:
    case VALUE_TEXT:
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_ZONE:
    case VALUE_DURATION: return true;
    default: return false;
    }
}

static uint64_t hash_words(uint64_t kind, uint64_t a, uint64_t b)
{
    const uint64_t words[] = {kind, a, b};
    return str_hash(str_of((const char *)words, sizeof words));
}

static uint64_t hash_number(Value v)
{
    if (v.scale > 0)
        v = decimal_strip_zeros(v);
    return hash_words(VALUE_NUMBER, v.low, (uint64_t)v.high | (uint64_t)v.scale << 32 | (uint64_t)v.negative << 40);
}

uint64_t value_hash(Value v)
{
    switch ((ValueKind)v.kind) {
    case VALUE_BOOL:
    case VALUE_NUMBER: return hash_number(as_number(v));
    case VALUE_TEXT:
    case VALUE_ZONE: return str_hash(value_str(v));
    case VALUE_DATE: return hash_words(VALUE_DATE, (uint64_t)date_rank(v), 0);
    case VALUE_TIME: return hash_words(VALUE_TIME, (uint64_t)v.nanos, 0);
    case VALUE_DURATION: return hash_words(VALUE_DURATION, (uint64_t)v.seconds, v.high);
    case VALUE_DATETIME: {
        const DateTime *t = v.datetime;
        int64_t seconds = civil_seconds(t) - (t->has_offset ? t->offset_seconds : 0);
        return hash_words(VALUE_DATETIME, (uint64_t)seconds, (uint64_t)t->nanos);
    }
    default: return hash_words(v.kind, 0, 0);
    }
}
