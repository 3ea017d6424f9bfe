/* value/wire_read.c: values in, from the API's form and from plain JSON.
 *
 * A value is an object with one member of the table below. The API has two unions for values (commonV1Value, and
 * bdkV1Value in the columns of tables); no member of one means something else in the other, so both are read
 * everywhere. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "value/arrow.h"
#include "value/decimal.h"
#include "value/duration.h"
#include "value/wire.h"

static bool read_value(Arena *arena, const Json *json, Value *out, Error *err);

static bool refuse(Error *err, const char *expected)
{
    return error_set(err, INVALID_ARGUMENT, "", "%s was expected here", expected);
}

/* A nested refusal gets the place in front: "list.items[3]". */
static bool refused_item(Error *err, const char *list, uint32_t at)
{
    char place[48];
    snprintf(place, sizeof place, "%s[%u]", list, at);
    return error_within(err, place);
}

/* ---- whole numbers within bounds; an absent member is zero, as in protobuf ---- */

static bool read_int(const Json *object, Str key, int64_t least, int64_t most, int64_t *out, Error *err)
{
    const Json *json = json_get_any_case(object, key);
    *out = 0;
    if ((!json || json->kind == JSON_NULL) && least <= 0)
        return true;
    if (json_to_i64(json, out) && *out >= least && *out <= most)
        return true;
    char field[32];
    snprintf(field, sizeof field, "%.*s", STR_ARG(key));
    Str found =
        json && (json->kind == JSON_NUMBER || json->kind == JSON_STRING) ? json->text : S("missing or no number");
    return error_set(err, INVALID_ARGUMENT, field, "%s is %.*s; a whole number from %lld to %lld was expected", field,
                     (int)MIN_OF(found.len, (size_t)40), found.data, (long long)least, (long long)most);
}

/* ---- scalars ---- */

static bool read_null(Arena *arena, const Json *json, Value *out, Error *err)
{
    (void)arena, (void)json, (void)err;
    *out = value_null();
    return true;
}

static bool read_bool(Arena *arena, const Json *json, Value *out, Error *err)
{
    (void)arena;
    if (json->kind != JSON_BOOL)
        return refuse(err, "true or false");
    *out = value_bool(json->boolean);
    return true;
}

static bool read_plain_number(Arena *arena, const Json *json, Value *out, Error *err)
{
    (void)arena;
    if (json->kind != JSON_NUMBER)
        return refuse(err, "a JSON number");
    return decimal_parse(json->text, out, err);
}

static bool read_number(Arena *arena, const Json *json, Value *out, Error *err)
{
    if (json->kind == JSON_NUMBER)
        return read_plain_number(arena, json, out, err);
    if (json->kind != JSON_OBJECT)
        return refuse(err, "an object with lo, mid, hi and flags");
    int64_t lo, mid, hi, flags;
    if (!read_int(json, S("lo"), 0, UINT32_MAX, &lo, err) || !read_int(json, S("mid"), 0, UINT32_MAX, &mid, err) ||
        !read_int(json, S("hi"), 0, UINT32_MAX, &hi, err) ||
        !read_int(json, S("flags"), INT32_MIN, UINT32_MAX, &flags, err))
        return false;
    DecimalWire wire = {.lo = (uint32_t)lo, .mid = (uint32_t)mid, .hi = (uint32_t)hi, .flags = (uint32_t)flags};
    return decimal_from_wire(wire, out, err);
}

static bool read_text(Arena *arena, const Json *json, Value *out, Error *err)
{
    (void)arena;
    if (json->kind != JSON_STRING)
        return refuse(err, "a JSON string");
    *out = value_text(json->text);
    return true;
}

static bool read_duration(Arena *arena, const Json *json, Value *out, Error *err)
{
    (void)arena;
    return duration_value_parse(json_text(json), out) || refuse(err, "a duration in seconds such as \"3.5s\"");
}

static bool read_zone(Arena *arena, const Json *json, Value *out, Error *err)
{
    (void)arena;
    const Json *id = json_get(json, S("id"));
    if (!json_is(id, JSON_STRING) || id->text.len == 0)
        return refuse(err, "an object with the time zone's IANA id, such as {\"id\": \"Europe/Berlin\"}");
    *out = value_zone(id->text);
    return true;
}

/* ---- dates and times ---- */

typedef struct Civil {
    int64_t year, month, day;
} Civil;

static bool read_civil(const Json *json, Civil *out, Error *err)
{
    if (json->kind != JSON_OBJECT)
        return refuse(err, "an object with year, month and day");
    if (!read_int(json, S("year"), 0, 9999, &out->year, err) || !read_int(json, S("month"), 0, 12, &out->month, err) ||
        !read_int(json, S("day"), 0, 31, &out->day, err))
        return false;
    int64_t leap_year = 2000; /* without a year the 29th of February exists */
    if (out->month > 0 && out->day > days_in_month(out->year > 0 ? out->year : leap_year, (int)out->month))
        return error_set(err, INVALID_ARGUMENT, "day", "%04lld-%02lld has no day %lld", (long long)out->year,
                         (long long)out->month, (long long)out->day);
    return true;
}

static bool read_date(Arena *arena, const Json *json, Value *out, Error *err)
{
    (void)arena;
    Civil civil;
    if (!read_civil(json, &civil, err))
        return false;
    bool has_year = civil.year > 0, has_month = civil.month > 0, has_day = civil.day > 0;
    if ((has_day && !has_month) || !(has_year || has_day))
        return error_set(err, INVALID_ARGUMENT, "",
                         "a date is year, month and day, or only month and day, year and month, or year");
    *out = value_date((int)civil.year, (int)civil.month, (int)civil.day);
    return true;
}

typedef struct Clock {
    int64_t hours, minutes, seconds, nanos;
} Clock;

static bool read_clock(const Json *json, Clock *out, Error *err)
{
    if (json->kind != JSON_OBJECT)
        return refuse(err, "an object with hours, minutes, seconds and nanos");
    return read_int(json, S("hours"), 0, 23, &out->hours, err) &&
           read_int(json, S("minutes"), 0, 59, &out->minutes, err) &&
           read_int(json, S("seconds"), 0, 59, &out->seconds, err) &&
           read_int(json, S("nanos"), 0, 999999999, &out->nanos, err);
}

static bool read_time(Arena *arena, const Json *json, Value *out, Error *err)
{
    (void)arena;
    Clock clock;
    if (!read_clock(json, &clock, err))
        return false;
    *out = value_time(((clock.hours * 60 + clock.minutes) * 60 + clock.seconds) * 1000000000 + clock.nanos);
    return true;
}

static bool read_offset(const Json *json, DateTime *t, Error *err)
{
    Value offset;
    if (!duration_value_parse(json_text(json), &offset) || offset.high != 0 || offset.seconds < -18 * 3600 ||
        offset.seconds > 18 * 3600)
        return error_set(err, INVALID_ARGUMENT, "utc_offset",
                         "utc_offset is whole seconds from \"-64800s\" to \"64800s\"");
    t->has_offset = true;
    t->offset_seconds = (int32_t)offset.seconds;
    return true;
}

static bool is_set(const Json *json)
{
    return json && json->kind != JSON_NULL;
}

static bool read_place_in_time(const Json *json, DateTime *t, Error *err)
{
    const Json *offset = json_get_any_case(json, S("utc_offset"));
    const Json *zone = json_get_any_case(json, S("time_zone"));
    if (is_set(offset) && !read_offset(offset, t, err))
        return false;
    if (!is_set(zone))
        return true;
    Value id;
    if (!read_zone(NULL, zone, &id, err))
        return error_within(err, "time_zone");
    t->zone = value_str(id);
    return true;
}

/* bdkV1Value writes date-times as RFC 3339 texts. */
static bool read_datetime_text(Arena *arena, Str text, Value *out, Error *err)
{
    static const Str example = S_INIT("2026-04-14T09:30:00Z");
    int64_t us;
    if (!clock_parse(text, &us))
        return error_set(err, INVALID_ARGUMENT, "", "`%.*s` is not a date and time such as %s",
                         (int)MIN_OF(text.len, (size_t)60), text.data, example.data);
    int64_t seconds = us / 1000000 - (us % 1000000 < 0), days = seconds / 86400 - (seconds % 86400 < 0), year;
    int64_t of_day = seconds - days * 86400;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    *out = value_datetime(arena, (DateTime){
                                     .year = (int32_t)year,
                                     .month = (uint8_t)month,
                                     .day = (uint8_t)day,
                                     .hour = (uint8_t)(of_day / 3600),
                                     .minute = (uint8_t)(of_day / 60 % 60),
                                     .second = (uint8_t)(of_day % 60),
                                     .nanos = (int32_t)(us - seconds * 1000000) * 1000,
                                     .has_offset = true,
                                 });
    return true;
}

static bool read_datetime(Arena *arena, const Json *json, Value *out, Error *err)
{
    if (json->kind == JSON_STRING)
        return read_datetime_text(arena, json->text, out, err);
    Civil civil;
    Clock clock;
    DateTime t = {0};
    if (!read_civil(json, &civil, err) || !read_clock(json, &clock, err) || !read_place_in_time(json, &t, err))
        return false;
    if (civil.month == 0 || civil.day == 0)
        return error_set(err, INVALID_ARGUMENT, "", "a date and time needs a month and a day");
    t.year = (int32_t)civil.year;
    t.month = (uint8_t)civil.month;
    t.day = (uint8_t)civil.day;
    t.hour = (uint8_t)clock.hours;
    t.minute = (uint8_t)clock.minutes;
    t.second = (uint8_t)clock.seconds;
    t.nanos = (int32_t)clock.nanos;
    *out = value_datetime(arena, t);
    return true;
}

/* ---- files ---- */

/* An id may carry the file's name behind two hyphens: "F--invoice.pdf". */
static Str readable_tail(Str name)
{
    ptrdiff_t slash = str_find_last_char(name, '/');
    Str leaf = str_skip(name, (size_t)(slash + 1));
    ptrdiff_t hyphens = str_find(leaf, S("--"));
    return hyphens < 0 ? S("") : str_skip(leaf, (size_t)hyphens + 2);
}

static bool read_inline_file(Arena *arena, const Json *json, Value *out, Error *err)
{
    FileRef file = {.is_inline = true, .filename = json_text(json_get_any_case(json, S("file_name")))};
    const Json *content = json_get(json, S("content"));
    if (is_set(content) && !json_is(content, JSON_STRING))
        return error_set(err, INVALID_ARGUMENT, "inline.content", "the content is base64 text");
    if (!base64_decode(arena, json_text(content), &file.content))
        return error_set(err, INVALID_ARGUMENT, "inline.content", "the content is not base64");
    *out = value_file(arena, file);
    return true;
}

static bool read_file(Arena *arena, const Json *json, Value *out, Error *err)
{
    const Json *inlined = json_get(json, S("inline")), *remote = json_get(json, S("remote"));
    if (json_is(inlined, JSON_OBJECT))
        return read_inline_file(arena, inlined, out, err);
    Str name = json_text(remote ? remote : json_get(json, S("name")));
    if (name.len == 0)
        return refuse(
            err, "a file as {\"remote\": \"organizations/o/files/f\"} or {\"inline\": {\"file_name\", \"content\"}}");
    *out = value_file(arena, (FileRef){.name = name, .filename = readable_tail(name)});
    return true;
}

/* ---- containers ---- */

/* The array under `key`; absent is empty. */
static bool read_array(const Json *json, Str key, const Json **out, Error *err)
{
    static const Json empty = {.kind = JSON_ARRAY};
    if (json->kind != JSON_OBJECT)
        return refuse(err, "an object");
    const Json *items = json_get_any_case(json, key);
    *out = is_set(items) ? items : &empty;
    return (*out)->kind == JSON_ARRAY || refuse(err, "an array of values");
}

static bool read_list_under(Arena *arena, const Json *json, const char *key, Value *out, Error *err)
{
    const Json *items = NULL;
    if (!read_array(json, str_from_c(key), &items, err))
        return false;
    Value list = value_list_new(arena, items->count);
    for (uint32_t i = 0; i < items->count; i++) {
        Value item;
        if (!read_value(arena, &items->items[i], &item, err))
            return refused_item(err, key, i);
        list_add(arena, list.list, item);
    }
    *out = list;
    return true;
}

static bool read_list(Arena *arena, const Json *json, Value *out, Error *err)
{
    return read_list_under(arena, json, "items", out, err);
}

static bool read_bdk_list(Arena *arena, const Json *json, Value *out, Error *err)
{
    return read_list_under(arena, json, "values", out, err);
}

static bool read_hashable(Arena *arena, const Json *json, Value *out, Error *err)
{
    if (!read_value(arena, json, out, err))
        return false;
    return value_is_hashable(*out) ||
           error_set(err, INVALID_ARGUMENT, "", "%s cannot be a key or an item of a set; use a text or a number",
                     value_kind_name(out->kind));
}

static bool read_set(Arena *arena, const Json *json, Value *out, Error *err)
{
    const Json *items = NULL;
    if (!read_array(json, S("items"), &items, err))
        return false;
    Value set = value_set_new(arena);
    for (uint32_t i = 0; i < items->count; i++) {
        Value item;
        if (!read_hashable(arena, &items->items[i], &item, err))
            return refused_item(err, "items", i);
        set_add(arena, set.set, item);
    }
    *out = set;
    return true;
}

static bool read_entry(Arena *arena, const Json *json, Record *record, Error *err)
{
    const Json *key_json = json_get(json, S("key")), *value_json = json_get(json, S("value"));
    Value key, value = value_null();
    if (!key_json)
        return refuse(err, "an object with key and value");
    if (key_json->kind == JSON_STRING) /* bdkV1Value's dictionaries have plain keys */
        key = value_text(key_json->text);
    else if (!read_hashable(arena, key_json, &key, err))
        return error_within(err, "key");
    if (is_set(value_json) && !read_value(arena, value_json, &value, err))
        return error_within(err, "value");
    record_set(arena, record, key, value);
    return true;
}

static bool read_dictionary_under(Arena *arena, const Json *json, const char *list, Value *out, Error *err)
{
    const Json *entries = NULL;
    if (!read_array(json, str_from_c(list), &entries, err))
        return false;
    Value record = value_record_new(arena);
    for (uint32_t i = 0; i < entries->count; i++) {
        if (!read_entry(arena, &entries->items[i], record.record, err))
            return refused_item(err, list, i);
    }
    *out = record;
    return true;
}

static bool read_dictionary(Arena *arena, const Json *json, Value *out, Error *err)
{
    return read_dictionary_under(arena, json, "entries", out, err);
}

static bool read_bdk_dictionary(Arena *arena, const Json *json, Value *out, Error *err)
{
    return read_dictionary_under(arena, json, "fields", out, err);
}

static bool read_sensitive(Arena *arena, const Json *json, Value *out, Error *err)
{
    const Json *value = json_get(json, S("value"));
    return value ? read_value(arena, value, out, err) : refuse(err, "an object with a value");
}

/* ---- tables ---- */

static bool read_column(Arena *arena, const Json *json, Table *table, Error *err)
{
    const Json *name = json_get(json, S("name"));
    Value cells;
    if (!json_is(name, JSON_STRING))
        return refuse(err, "a column as {\"name\": \"Total\", \"values\": [...]}");
    if (table_column(table, name->text))
        return error_set(err, INVALID_ARGUMENT, "name", "two columns are named `%.*s`",
                         (int)MIN_OF(name->text.len, 80u), name->text.data);
    if (!read_list_under(arena, json, "values", &cells, err))
        return false;
    if (table->n_columns == 0)
        table->n_rows = table->cap_rows = cells.list->count;
    if (cells.list->count != table->n_rows)
        return error_set(err, INVALID_ARGUMENT, "values", "the column has %u values, the first one %u; make them equal",
                         cells.list->count, table->n_rows);
    Column *column = table_add_column(arena, table, name->text);
    if (table->n_rows > 0)
        memcpy(column->cells, cells.list->items, table->n_rows * sizeof(Value));
    return true;
}

static bool read_columns(Arena *arena, const Json *columns, Value *out, Error *err)
{
    Value table = value_table_new(arena, 0);
    for (uint32_t i = 0; i < columns->count; i++) {
        if (!read_column(arena, &columns->items[i], table.table, err))
            return refused_item(err, "inline.columns", i);
    }
    *out = table;
    return true;
}

static bool read_arrow(Arena *arena, Str base64, Value *out, Error *err)
{
    Str bytes;
    Table *table;
    if (!base64_decode(arena, base64, &bytes))
        return error_set(err, INVALID_ARGUMENT, "inline.data", "the table's data is not base64");
    if (!arrow_read(arena, bytes, &table, err))
        return error_within(err, "inline.data");
    *out = (Value){.table = table, .kind = VALUE_TABLE};
    return true;
}

static bool read_table(Arena *arena, const Json *json, Value *out, Error *err)
{
    const Json *inlined = json_get(json, S("inline"));
    const Json *data = json_get(inlined, S("data")), *columns = json_get(inlined, S("columns"));
    if (json_is(data, JSON_STRING))
        return read_arrow(arena, data->text, out, err);
    if (json_is(columns, JSON_ARRAY))
        return read_columns(arena, columns, out, err);
    if (is_set(json_get(json, S("remote"))))
        return error_set(err, INVALID_ARGUMENT, "remote",
                         "tables are not fetched from addresses; send the data inline, or upload a file");
    return refuse(err, "a table as {\"inline\": {\"data\": \"<base64 Arrow>\"}} or {\"inline\": {\"columns\": [...]}}");
}

/* ---- the union ---- */

static const struct {
    Str member;
    bool (*read)(Arena *arena, const Json *json, Value *out, Error *err);
} readers[] = {
    {S_INIT("null_value"), read_null},
    {S_INIT("bool_value"), read_bool},
    {S_INIT("number"), read_number},
    {S_INIT("text"), read_text},
    {S_INIT("date"), read_date},
    {S_INIT("timeofday"), read_time},
    {S_INIT("datetime"), read_datetime},
    {S_INIT("time_zone"), read_zone},
    {S_INIT("duration"), read_duration},
    {S_INIT("list"), read_list},
    {S_INIT("set"), read_set},
    {S_INIT("dictionary"), read_dictionary},
    {S_INIT("file"), read_file},
    {S_INIT("table"), read_table},
    /* bdkV1Value */
    {S_INIT("text_value"), read_text},
    {S_INIT("number_value"), read_plain_number},
    {S_INIT("boolean_value"), read_bool},
    {S_INIT("datetime_value"), read_datetime},
    {S_INIT("date_value"), read_date},
    {S_INIT("time_value"), read_time},
    {S_INIT("file_value"), read_file},
    {S_INIT("dictionary_value"), read_bdk_dictionary},
    {S_INIT("list_value"), read_bdk_list},
    {S_INIT("table_value"), read_table},
    {S_INIT("sensitive_value"), read_sensitive},
};

typedef const Json *Lookup(const Json *object, Str key);

/* The members that are set. null_value may hold a JSON null; any other member that does is not set, as in protobuf. */
static int find_members(const Json *json, Lookup *lookup, size_t out[2])
{
    int found = 0;
    for (size_t i = 0; i < COUNT_OF(readers) && found < 2; i++) {
        const Json *member = lookup(json, readers[i].member);
        if (member && (member->kind != JSON_NULL || readers[i].read == read_null))
            out[found++] = i;
    }
    return found;
}

static bool read_value(Arena *arena, const Json *json, Value *out, Error *err)
{
    if (json->kind == JSON_NULL)
        return read_null(arena, json, out, err);
    size_t at[2];
    int found = find_members(json, json_get, at);
    if (found == 0)
        found = find_members(json, json_get_any_case, at);
    if (found == 0)
        return error_set(err, INVALID_ARGUMENT, "",
                         "a value is an object with its kind, such as {\"text\": \"a\"}, {\"number\": {\"lo\": 5}}, "
                         "{\"bool_value\": true}, {\"list\": {\"items\": []}} or {\"file\": {\"remote\": \"...\"}}");
    if (found == 2)
        return error_set(err, INVALID_ARGUMENT, "", "a value has one kind, but both `%s` and `%s` are given",
                         readers[at[0]].member.data, readers[at[1]].member.data);
    const Json *content = json_get_any_case(json, readers[at[0]].member);
    return readers[at[0]].read(arena, content, out, err) || error_within(err, readers[at[0]].member.data);
}

bool value_from_json(Arena *arena, const Json *json, const char *field, Value *out, Error *err)
{
    Value v;
    if (!read_value(arena, json, &v, err))
        return field[0] ? error_within(err, field) : false;
    *out = v;
    return true;
}

/* ---- plain JSON ---- */

static bool read_plain_members(Arena *arena, const Json *json, Value *out, Error *err)
{
    Value record = value_record_new(arena);
    for (uint32_t i = 0; i < json->count; i++) {
        Value value;
        if (!value_from_plain_json(arena, &json->items[i], &value, err)) {
            char key[64];
            snprintf(key, sizeof key, "%.*s", (int)MIN_OF(json->items[i].key.len, (size_t)60), json->items[i].key.data);
            return error_within(err, key);
        }
        record_set(arena, record.record, value_text(json->items[i].key), value);
    }
    *out = record;
    return true;
}

static bool read_plain_items(Arena *arena, const Json *json, Value *out, Error *err)
{
    Value list = value_list_new(arena, json->count);
    for (uint32_t i = 0; i < json->count; i++) {
        Value item;
        if (!value_from_plain_json(arena, &json->items[i], &item, err))
            return refused_item(err, "", i);
        list_add(arena, list.list, item);
    }
    *out = list;
    return true;
}

bool value_from_plain_json(Arena *arena, const Json *json, Value *out, Error *err)
{
    switch (json->kind) {
    case JSON_NULL: return read_null(arena, json, out, err);
    case JSON_BOOL: return read_bool(arena, json, out, err);
    case JSON_NUMBER: return read_plain_number(arena, json, out, err);
    case JSON_STRING: return read_text(arena, json, out, err);
    case JSON_ARRAY: return read_plain_items(arena, json, out, err);
    case JSON_OBJECT: return read_plain_members(arena, json, out, err);
    }
    return refuse(err, "JSON");
}
