/* value/wire.c: values out, as the API and as people's tools write them. */
#include "value/wire.h"

#include "value/arrow.h"
#include "value/decimal.h"
#include "value/duration.h"

enum { DEPTH_MOST = 100, VALUES_MOST = 4 << 20, BYTES_MOST = 256 << 20 };

/* ---- what may leave ---- */

typedef struct Census {
    size_t n_values, n_bytes; /* bytes of texts and files */
    bool too_deep;
} Census;

static bool is_within_limits(const Census *census)
{
    return !census->too_deep && census->n_values <= VALUES_MOST && census->n_bytes <= BYTES_MOST;
}

static void count_values(Census *census, Value v, int depth);

static void count_record(Census *census, const Record *record, int depth)
{
    for (uint32_t i = 0; i < record->count && is_within_limits(census); i++)
        count_values(census, record->entries[i].value, depth);
}

static void count_columns(Census *census, const Table *table, uint32_t from, uint32_t to, int depth)
{
    for (uint32_t i = 0; i < table->n_columns; i++) {
        for (uint32_t row = from; row < to && is_within_limits(census); row++)
            count_values(census, table->columns[i].cells[row], depth);
    }
}

static void count_list(Census *census, const List *list, int depth)
{
    for (uint32_t i = 0; i < list->count && is_within_limits(census); i++)
        count_values(census, list->items[i], depth);
}

static void count_values(Census *census, Value v, int depth)
{
    census->n_values++;
    census->too_deep |= depth > DEPTH_MOST;
    if (!is_within_limits(census))
        return;
    switch ((ValueKind)v.kind) {
    case VALUE_TEXT: census->n_bytes += v.high; return;
    case VALUE_FILE: census->n_bytes += v.file->content.len; return;
    case VALUE_LIST: count_list(census, v.list, depth + 1); return;
    case VALUE_SET: census->n_values += v.set->items.count; return;
    case VALUE_RECORD: count_record(census, v.record, depth + 1); return;
    case VALUE_TABLE: count_columns(census, v.table, 0, v.table->n_rows, depth + 1); return;
    case VALUE_ROW: count_columns(census, v.table, v.high, v.high + 1, depth + 1); return;
    default: return;
    }
}

bool value_may_leave(Value v, Error *err)
{
    Census census = {0};
    count_values(&census, v, 1);
    if (census.too_deep)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the value holds itself or is nested deeper than %d levels; give a flatter copy", DEPTH_MOST);
    if (!is_within_limits(&census))
        return error_set(err, FAILED_PRECONDITION, "",
                         "the value has more than %d parts or %d MB of text; give fewer, or put them into a file",
                         VALUES_MOST, BYTES_MOST >> 20);
    return true;
}

/* ---- the API's form ---- */

static void write_value(JsonOut *out, Value v);

static void member_i64(JsonOut *out, Str key, int64_t n)
{
    json_key(out, key);
    json_i64(out, n);
}

static void open_member(JsonOut *out, Str key)
{
    json_key(out, key);
    json_open_object(out);
}

static void write_number(JsonOut *out, Value v)
{
    DecimalWire wire = decimal_to_wire(v);
    open_member(out, S("number"));
    member_i64(out, S("lo"), wire.lo);
    member_i64(out, S("mid"), wire.mid);
    member_i64(out, S("hi"), wire.hi);
    member_i64(out, S("flags"), wire.flags);
    json_close_object(out);
}

static void write_date_members(JsonOut *out, int32_t year, int month, int day)
{
    member_i64(out, S("year"), year);
    member_i64(out, S("month"), month);
    member_i64(out, S("day"), day);
}

static void write_clock_members(JsonOut *out, int hours, int minutes, int seconds, int nanos)
{
    member_i64(out, S("hours"), hours);
    member_i64(out, S("minutes"), minutes);
    member_i64(out, S("seconds"), seconds);
    member_i64(out, S("nanos"), nanos);
}

static void write_time(JsonOut *out, int64_t nanos)
{
    int seconds = (int)(nanos / 1000000000);
    open_member(out, S("timeofday"));
    write_clock_members(out, seconds / 3600, seconds / 60 % 60, seconds % 60, (int)(nanos % 1000000000));
    json_close_object(out);
}

static void write_zone(JsonOut *out, Str id)
{
    open_member(out, S("time_zone"));
    json_member_str(out, S("id"), id);
    json_close_object(out);
}

/* One of zone and offset may stand; the zone says more. */
static void write_datetime(JsonOut *out, const DateTime *t)
{
    open_member(out, S("datetime"));
    write_date_members(out, t->year, t->month, t->day);
    write_clock_members(out, t->hour, t->minute, t->second, t->nanos);
    if (t->zone.len > 0) {
        write_zone(out, t->zone);
    } else if (t->has_offset) {
        char text[16];
        Buf offset = {.data = text, .cap = sizeof text};
        duration_value_print(&offset, value_duration(t->offset_seconds, 0));
        json_member_str(out, S("utc_offset"), buf_view(&offset));
    }
    json_close_object(out);
}

static void write_file(JsonOut *out, const FileRef *file)
{
    open_member(out, S("file"));
    if (file->is_inline) {
        open_member(out, S("inline"));
        json_member_str(out, S("file_name"), file->filename);
        json_key(out, S("content"));
        json_base64(out, file->content);
        json_close_object(out);
    } else {
        json_member_str(out, S("remote"), file->name);
    }
    json_close_object(out);
}

static void write_table(JsonOut *out, const Table *table)
{
    Buf arrow = {0};
    arrow_write(&arrow, table);
    open_member(out, S("table"));
    open_member(out, S("inline"));
    json_key(out, S("data"));
    json_base64(out, buf_view(&arrow));
    json_close_object(out);
    json_close_object(out);
    buf_done(&arrow);
}

static void open_items(JsonOut *out, Str kind, Str items)
{
    open_member(out, kind);
    json_key(out, items);
    json_open_array(out);
}

static void close_items(JsonOut *out)
{
    json_close_array(out);
    json_close_object(out);
}

static void write_list(JsonOut *out, const List *list)
{
    open_items(out, S("list"), S("items"));
    for (uint32_t i = 0; i < list->count; i++)
        write_value(out, list->items[i]);
    close_items(out);
}

static void write_set(JsonOut *out, const Set *set)
{
    open_items(out, S("set"), S("items"));
    for (uint32_t i = 0; i < set->items.count; i++)
        write_value(out, set->items.entries[i].key);
    close_items(out);
}

static void write_entry(JsonOut *out, Value key, Value value)
{
    json_open_object(out);
    json_key(out, S("key"));
    write_value(out, key);
    json_key(out, S("value"));
    write_value(out, value);
    json_close_object(out);
}

static void write_record(JsonOut *out, const Record *record)
{
    open_items(out, S("dictionary"), S("entries"));
    for (uint32_t i = 0; i < record->count; i++)
        write_entry(out, record->entries[i].key, record->entries[i].value);
    close_items(out);
}

static void write_row(JsonOut *out, Value row)
{
    open_items(out, S("dictionary"), S("entries"));
    for (uint32_t i = 0; i < row.table->n_columns; i++) {
        const Column *column = &row.table->columns[i];
        write_entry(out, value_text(column->name), column->cells[row.high]);
    }
    close_items(out);
}

static void write_content(JsonOut *out, Value v)
{
    switch ((ValueKind)v.kind) {
    case VALUE_BOOL:
        json_key(out, S("bool_value"));
        json_bool(out, v.low != 0);
        return;
    case VALUE_NUMBER: write_number(out, v); return;
    case VALUE_TEXT: json_member_str(out, S("text"), value_str(v)); return;
    case VALUE_DATE:
        open_member(out, S("date"));
        write_date_members(out, v.date.year, v.date.month, v.date.day);
        json_close_object(out);
        return;
    case VALUE_TIME: write_time(out, v.nanos); return;
    case VALUE_DATETIME: write_datetime(out, v.datetime); return;
    case VALUE_ZONE: write_zone(out, value_str(v)); return;
    case VALUE_DURATION: {
        char text[48];
        Buf duration = {.data = text, .cap = sizeof text};
        duration_value_print(&duration, v);
        json_member_str(out, S("duration"), buf_view(&duration));
        return;
    }
    case VALUE_LIST: write_list(out, v.list); return;
    case VALUE_SET: write_set(out, v.set); return;
    case VALUE_RECORD: write_record(out, v.record); return;
    case VALUE_TABLE: write_table(out, v.table); return;
    case VALUE_ROW: write_row(out, v); return;
    case VALUE_FILE: write_file(out, v.file); return;
    case VALUE_UNSET:
    case VALUE_NULL:
    case VALUE_N_KINDS: break;
    }
    json_member_str(out, S("null_value"), S("NULL_VALUE"));
}

static void write_value(JsonOut *out, Value v)
{
    json_open_object(out);
    write_content(out, v);
    json_close_object(out);
}

void value_to_json(JsonOut *out, Value v)
{
    Error ignored;
    write_value(out, value_may_leave(v, &ignored) ? v : value_null());
}

/* ---- plain JSON ---- */

static void write_plain(JsonOut *out, Value v);

static void write_plain_key(JsonOut *out, Value key)
{
    if (key.kind == VALUE_TEXT) {
        json_key(out, value_str(key));
        return;
    }
    Buf text = {0};
    value_print_data(&text, key);
    json_key(out, buf_view(&text));
    buf_done(&text);
}

static void write_plain_row(JsonOut *out, const Table *table, uint32_t row)
{
    json_open_object(out);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        json_key(out, table->columns[i].name);
        write_plain(out, table->columns[i].cells[row]);
    }
    json_close_object(out);
}

static void write_plain_items(JsonOut *out, Value v)
{
    json_open_array(out);
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.list->count; i++)
        write_plain(out, v.list->items[i]);
    for (uint32_t i = 0; v.kind == VALUE_SET && i < v.set->items.count; i++)
        write_plain(out, v.set->items.entries[i].key);
    for (uint32_t i = 0; v.kind == VALUE_TABLE && i < v.table->n_rows; i++)
        write_plain_row(out, v.table, i);
    json_close_array(out);
}

static void write_plain_record(JsonOut *out, const Record *record)
{
    json_open_object(out);
    for (uint32_t i = 0; i < record->count; i++) {
        write_plain_key(out, record->entries[i].key);
        write_plain(out, record->entries[i].value);
    }
    json_close_object(out);
}

/* RFC 3339 where an offset is known, else without one; the zone in brackets behind it (RFC 9557). */
static void print_iso_datetime(Buf *out, const DateTime *t)
{
    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", t->year, t->month, t->day, t->hour, t->minute, t->second);
    if (t->nanos > 0) {
        int digits = 9;
        int32_t nanos = t->nanos;
        for (; nanos % 10 == 0; nanos /= 10)
            digits--;
        buf_printf(out, ".%0*d", digits, nanos);
    }
    int32_t offset = t->offset_seconds;
    if (t->has_offset && offset == 0)
        buf_char(out, 'Z');
    else if (t->has_offset)
        buf_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', (offset < 0 ? -offset : offset) / 3600,
                   (offset < 0 ? -offset : offset) / 60 % 60);
    if (t->zone.len > 0)
        buf_printf(out, "[%.*s]", STR_ARG(t->zone));
}

static void print_plain_text(Buf *out, Value v)
{
    if (v.kind == VALUE_DATETIME)
        print_iso_datetime(out, v.datetime);
    else if (v.kind == VALUE_DURATION)
        duration_value_print(out, v);
    else if (v.kind == VALUE_FILE && v.file->name.len > 0)
        buf_str(out, v.file->name);
    else if (v.kind == VALUE_TIME)
        buf_printf(out, "%02d:%02d:%02d", (int)(v.nanos / 3600000000000), (int)(v.nanos / 60000000000 % 60),
                   (int)(v.nanos / 1000000000 % 60));
    else
        value_print(out, v);
    if (v.kind == VALUE_TIME && v.nanos % 1000000000 != 0)
        buf_printf(out, ".%09d", (int)(v.nanos % 1000000000));
}

static void write_plain_text(JsonOut *out, Value v)
{
    Buf text = {0};
    print_plain_text(&text, v);
    json_str(out, buf_view(&text));
    buf_done(&text);
}

static void write_plain(JsonOut *out, Value v)
{
    switch ((ValueKind)v.kind) {
    case VALUE_UNSET:
    case VALUE_NULL: json_null(out); return;
    case VALUE_BOOL: json_bool(out, v.low != 0); return;
    case VALUE_NUMBER: {
        char text[32];
        json_raw(out, str_of(text, decimal_format(v, text)));
        return;
    }
    case VALUE_TEXT: json_str(out, value_str(v)); return;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_TABLE: write_plain_items(out, v); return;
    case VALUE_RECORD: write_plain_record(out, v.record); return;
    case VALUE_ROW: write_plain_row(out, v.table, v.high); return;
    default: write_plain_text(out, v); return;
    }
}

void value_to_plain_json(JsonOut *out, Value v)
{
    Error ignored;
    write_plain(out, value_may_leave(v, &ignored) ? v : value_null());
}
