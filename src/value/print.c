/* value/print.c: values as a person reads them. */
#include <stdlib.h>

#include "value/decimal.h"
#include "value/duration.h"
#include "value/value.h"

enum { DEPTH_MOST = 50, OUTPUT_MOST = 16 << 20 };

/* The containers being printed, from the innermost outward. */
typedef struct Open {
    const struct Open *outer;
    const void *object;
    int depth;
} Open;

typedef struct Printer {
    Buf *out;
    size_t begun; /* length of *out before */
    Str yes, no;
} Printer;

static void print_within(Printer *printer, Value v, const Open *outer);

static void print_number(Buf *out, Value v)
{
    char text[32];
    buf_add(out, text, decimal_format(v, text));
}

/* With noughts in front. By hand: dates are printed by the million. */
static void print_digits(Buf *out, uint32_t number, size_t n)
{
    char digits[4];
    for (size_t i = n; i-- > 0; number /= 10)
        digits[i] = (char)('0' + number % 10);
    buf_add(out, digits, n);
}

/* Partial dates (google.type.Date): a year, a year and month, a month and day. */
static void print_date(Buf *out, Value v)
{
    if (v.date.year > 0)
        print_digits(out, (uint32_t)v.date.year, 4);
    if (v.date.year > 0 && v.date.month > 0)
        buf_char(out, '-');
    if (v.date.month > 0)
        print_digits(out, (uint32_t)v.date.month, 2);
    if (v.date.month > 0 && v.date.day > 0) {
        buf_char(out, '-');
        print_digits(out, (uint32_t)v.date.day, 2);
    }
}

static void print_clock(Buf *out, int hour, int minute, int second, uint32_t nanos)
{
    buf_printf(out, "%02d:%02d", hour, minute);
    if (second == 0 && nanos == 0)
        return;
    buf_printf(out, ":%02d", second);
    nanos_print(out, nanos);
}

static void print_time(Buf *out, int64_t nanos)
{
    int seconds = (int)(nanos / 1000000000);
    print_clock(out, seconds / 3600, seconds / 60 % 60, seconds % 60, (uint32_t)(nanos % 1000000000));
}

static void print_datetime(Buf *out, const DateTime *t)
{
    buf_printf(out, "%04d-%02d-%02d ", t->year, t->month, t->day);
    print_clock(out, t->hour, t->minute, t->second, (uint32_t)t->nanos);
    if (t->zone.len > 0) {
        buf_char(out, ' ');
        buf_str(out, t->zone);
    } else if (t->has_offset) {
        int32_t offset = abs(t->offset_seconds);
        buf_printf(out, " %c%02d:%02d", t->offset_seconds < 0 ? '-' : '+', offset / 3600, offset / 60 % 60);
    }
}

static void print_unit(Buf *out, uint64_t n, const char *unit, bool *any)
{
    if (n == 0)
        return;
    buf_printf(out, "%s%llu %s%s", *any ? " " : "", (unsigned long long)n, unit, n == 1 ? "" : "s");
    *any = true;
}

static void print_duration(Buf *out, Value v)
{
    bool negative = v.seconds < 0, any = false;
    uint64_t seconds = negative ? -(uint64_t)v.seconds : (uint64_t)v.seconds;
    uint32_t nanos = v.high;
    if (negative && nanos > 0) {
        seconds--;
        nanos = 1000000000 - nanos;
    }
    if (negative)
        buf_str(out, S("minus "));
    print_unit(out, seconds / 86400, "day", &any);
    print_unit(out, seconds / 3600 % 24, "hour", &any);
    print_unit(out, seconds / 60 % 60, "minute", &any);
    if (nanos == 0 && (seconds % 60 > 0 || any)) {
        print_unit(out, seconds % 60, "second", &any);
        return;
    }
    buf_printf(out, "%s%llu", any ? " " : "", (unsigned long long)(seconds % 60));
    nanos_print(out, nanos);
    buf_str(out, S(" seconds"));
}

static void print_file(Buf *out, const FileRef *file)
{
    ptrdiff_t slash = str_find_last_char(file->name, '/');
    buf_str(out, file->filename.len > 0 ? file->filename : str_skip(file->name, (size_t)(slash + 1)));
}

static bool is_container(Value v)
{
    return v.kind >= VALUE_LIST && v.kind <= VALUE_ROW;
}

static bool is_full(const Printer *printer)
{
    return printer->out->len - printer->begun > OUTPUT_MOST;
}

/* A list within another stands in brackets, so that one sees where it ends. */
static void print_item(Printer *printer, Value v, const Open *open)
{
    bool bracket = is_container(v) && v.kind != VALUE_TABLE;
    if (bracket)
        buf_char(printer->out, '[');
    print_within(printer, v, open);
    if (bracket)
        buf_char(printer->out, ']');
}

/* "a", "a and b", "a, b and c". */
static void print_separator(Buf *out, uint32_t at, uint32_t count)
{
    if (at > 0)
        buf_str(out, at + 1 == count ? S(" and ") : S(", "));
}

static void print_list(Printer *printer, const List *list, const Open *open)
{
    for (uint32_t i = 0; i < list->count && !is_full(printer); i++) {
        print_separator(printer->out, i, list->count);
        print_item(printer, list->items[i], open);
    }
}

static void print_set(Printer *printer, const Set *set, const Open *open)
{
    for (uint32_t i = 0; i < set->items.count && !is_full(printer); i++) {
        print_separator(printer->out, i, set->items.count);
        print_item(printer, set->items.entries[i].key, open);
    }
}

static void print_field(Printer *printer, uint32_t at, Value key, Value value, const Open *open)
{
    if (at > 0)
        buf_str(printer->out, S(", "));
    print_within(printer, key, open);
    buf_str(printer->out, S(": "));
    print_item(printer, value, open);
}

static void print_record(Printer *printer, const Record *record, const Open *open)
{
    for (uint32_t i = 0; i < record->count && !is_full(printer); i++)
        print_field(printer, i, record->entries[i].key, record->entries[i].value, open);
}

static void print_row(Printer *printer, Value row, const Open *open)
{
    for (uint32_t i = 0; i < row.table->n_columns && !is_full(printer); i++) {
        const Column *column = &row.table->columns[i];
        print_field(printer, i, value_text(column->name), column->cells[row.high], open);
    }
}

static void print_table(Buf *out, const Table *table)
{
    buf_printf(out, "a table of %u row%s and %u column%s", table->n_rows, table->n_rows == 1 ? "" : "s",
               table->n_columns, table->n_columns == 1 ? "" : "s");
}

static void print_container(Printer *printer, Value v, const Open *outer)
{
    const Open open = {.outer = outer, .object = v.list, .depth = outer ? outer->depth + 1 : 1};
    bool within_itself = false;
    for (const Open *o = outer; o; o = o->outer)
        within_itself |= o->object == open.object;
    if (within_itself || open.depth > DEPTH_MOST || is_full(printer)) {
        buf_str(printer->out, S("…"));
        return;
    }
    switch ((ValueKind)v.kind) {
    case VALUE_LIST: print_list(printer, v.list, &open); return;
    case VALUE_SET: print_set(printer, v.set, &open); return;
    case VALUE_RECORD: print_record(printer, v.record, &open); return;
    case VALUE_TABLE: print_table(printer->out, v.table); return;
    default: print_row(printer, v, &open); return;
    }
}

static void print_within(Printer *printer, Value v, const Open *outer)
{
    Buf *out = printer->out;
    switch ((ValueKind)v.kind) {
    case VALUE_UNSET:
    case VALUE_NULL: buf_str(out, S("nothing")); return;
    case VALUE_BOOL: buf_str(out, v.low ? printer->yes : printer->no); return;
    case VALUE_NUMBER: print_number(out, v); return;
    case VALUE_TEXT:
    case VALUE_ZONE: buf_str(out, value_str(v)); return;
    case VALUE_DATE: print_date(out, v); return;
    case VALUE_TIME: print_time(out, v.nanos); return;
    case VALUE_DATETIME: print_datetime(out, v.datetime); return;
    case VALUE_DURATION: print_duration(out, v); return;
    case VALUE_FILE: print_file(out, v.file); return;
    default: print_container(printer, v, outer); return;
    }
}

void value_print(Buf *out, Value v)
{
    Printer printer = {.out = out, .begun = out->len, .yes = S("yes"), .no = S("no")};
    print_within(&printer, v, NULL);
}

void value_print_data(Buf *out, Value v)
{
    Printer printer = {.out = out, .begun = out->len, .yes = S("true"), .no = S("false")};
    print_within(&printer, v, NULL);
}
