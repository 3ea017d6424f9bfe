/* value/value.c: making scalars, and what can be asked of any value without looking at another. */
#include "value/value.h"

#include "value/decimal.h"

#define NANOS_A_SECOND INT64_C(1000000000)

Value value_date(int year, int month, int day)
{
    return (Value){.date = {.year = year, .month = (uint8_t)month, .day = (uint8_t)day}, .kind = VALUE_DATE};
}

Value value_time(int64_t nanos_since_midnight)
{
    return (Value){.nanos = nanos_since_midnight, .kind = VALUE_TIME};
}

Value value_duration(int64_t seconds, int32_t nanos)
{
    int64_t carry = nanos / NANOS_A_SECOND - (nanos % NANOS_A_SECOND < 0);
    return (Value){
        .seconds = seconds + carry,
        .high = (uint32_t)(nanos - carry * NANOS_A_SECOND),
        .kind = VALUE_DURATION,
    };
}

Value value_zone(Str id)
{
    Value v = value_text(id);
    v.kind = VALUE_ZONE;
    return v;
}

Value value_datetime(Arena *arena, DateTime datetime)
{
    DateTime *copy = NEW(arena, DateTime);
    *copy = datetime;
    return (Value){.datetime = copy, .kind = VALUE_DATETIME};
}

Value value_row(Table *table, uint32_t row)
{
    assert(row < table->n_rows);
    return (Value){.table = table, .high = row, .kind = VALUE_ROW};
}

Value value_file(Arena *arena, FileRef file)
{
    FileRef *copy = NEW(arena, FileRef);
    *copy = file;
    return (Value){.file = copy, .kind = VALUE_FILE};
}

const char *value_kind_name(ValueKind kind)
{
    static const char *const names[VALUE_N_KINDS] = {
        [VALUE_UNSET] = "no value",       [VALUE_NULL] = "nothing",
        [VALUE_BOOL] = "a yes or no",     [VALUE_NUMBER] = "a number",
        [VALUE_TEXT] = "a text",          [VALUE_DATE] = "a date",
        [VALUE_TIME] = "a time of day",   [VALUE_DATETIME] = "a date and time",
        [VALUE_ZONE] = "a time zone",     [VALUE_DURATION] = "a duration",
        [VALUE_LIST] = "a list",          [VALUE_SET] = "a set",
        [VALUE_RECORD] = "a record",      [VALUE_TABLE] = "a table",
        [VALUE_ROW] = "a row of a table", [VALUE_FILE] = "a file",
    };
    assert(kind < VALUE_N_KINDS);
    return names[kind];
}

bool value_truth(Value v)
{
    switch ((ValueKind)v.kind) {
    case VALUE_UNSET:
    case VALUE_NULL: return false;
    case VALUE_BOOL: return v.low != 0;
    case VALUE_NUMBER: return !decimal_is_zero(v);
    case VALUE_TEXT:
    case VALUE_ZONE: return v.high > 0;
    case VALUE_DURATION: return v.seconds != 0 || v.high != 0;
    case VALUE_LIST: return v.list->count > 0;
    case VALUE_SET: return v.set->items.count > 0;
    case VALUE_RECORD: return v.record->count > 0;
    case VALUE_TABLE: return v.table->n_rows > 0;
    case VALUE_ROW: return v.table->n_columns > 0;
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_FILE:
    case VALUE_N_KINDS: break;
    }
    return true;
}

bool value_to_int(Value v, int64_t *out)
{
    if (v.kind != VALUE_NUMBER)
        return false;
    if (v.scale > 0)
        v = decimal_strip_zeros(v);
    uint64_t most = (uint64_t)INT64_MAX + v.negative;
    if (v.scale > 0 || v.high > 0 || v.low > most)
        return false;
    *out = v.negative ? -(int64_t)(v.low - 1) - 1 : (int64_t)v.low;
    return true;
}
