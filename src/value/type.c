/* value/type.c: the words for types, the types of values, and the conversions between them that are always right. */
#include "value/type.h"

#include <stdio.h>

#include "value/calendar.h"
#include "value/decimal.h"
#include "value/wire.h"

/* Deeper values are `anything`: a list may contain itself. */
#define DEPTH_MAX 16
#define JSON_DEPTH_MAX 64
/* What an error shows of a long value. */
#define SHOWN_MAX 60

const Type type_any = {.kind = TYPE_ANY}, type_null = {.kind = TYPE_NULL}, type_boolean = {.kind = TYPE_BOOLEAN},
           type_number = {.kind = TYPE_NUMBER}, type_text = {.kind = TYPE_TEXT}, type_date = {.kind = TYPE_DATE},
           type_time = {.kind = TYPE_TIME}, type_datetime = {.kind = TYPE_DATETIME}, type_zone = {.kind = TYPE_ZONE},
           type_duration = {.kind = TYPE_DURATION}, type_file = {.kind = TYPE_FILE}, type_list = {.kind = TYPE_LIST},
           type_set = {.kind = TYPE_SET}, type_record = {.kind = TYPE_RECORD, .open = true},
           type_table = {.kind = TYPE_TABLE, .open = true};

/* ---- words ---- */
static const struct TypeWord {
    Str singular, plural; /* English */
    Str spy;
    Str scalar; /* v1ValueScalarType; "" where it is no scalar of the contract */
} type_words[TYPE_N_KINDS] = {
    [TYPE_ANY] = {S_INIT("anything"), S_INIT("anything"), S_INIT("any"), S_INIT("")},
    [TYPE_NULL] = {S_INIT("nothing"), S_INIT("nothing"), S_INIT("none"), S_INIT("")},
    [TYPE_BOOLEAN] = {S_INIT("yes or no"), S_INIT("yes or no"), S_INIT("boolean"), S_INIT("VALUE_SCALAR_TYPE_BOOLEAN")},
    [TYPE_NUMBER] = {S_INIT("number"), S_INIT("numbers"), S_INIT("number"), S_INIT("VALUE_SCALAR_TYPE_NUMBER")},
    [TYPE_TEXT] = {S_INIT("text"), S_INIT("texts"), S_INIT("text"), S_INIT("VALUE_SCALAR_TYPE_TEXT")},
    [TYPE_DATE] = {S_INIT("date"), S_INIT("dates"), S_INIT("date"), S_INIT("VALUE_SCALAR_TYPE_DATE")},
    [TYPE_TIME] = {S_INIT("time"), S_INIT("times"), S_INIT("time"), S_INIT("VALUE_SCALAR_TYPE_TIME")},
    [TYPE_DATETIME] = {S_INIT("date and time"), S_INIT("dates and times"), S_INIT("datetime"),
                       S_INIT("VALUE_SCALAR_TYPE_DATETIME")},
    [TYPE_ZONE] = {S_INIT("time zone"), S_INIT("time zones"), S_INIT("zone"), S_INIT("")},
    [TYPE_DURATION] = {S_INIT("duration"), S_INIT("durations"), S_INIT("duration"), S_INIT("")},
    [TYPE_FILE] = {S_INIT("file"), S_INIT("files"), S_INIT("file"), S_INIT("VALUE_SCALAR_TYPE_FILE")},
    [TYPE_LIST] = {S_INIT("list"), S_INIT("lists"), S_INIT("list"), S_INIT("")},
    [TYPE_SET] = {S_INIT("set"), S_INIT("sets"), S_INIT("set"), S_INIT("")},
    [TYPE_RECORD] = {S_INIT("record"), S_INIT("records"), S_INIT("record"), S_INIT("")},
    [TYPE_TABLE] = {S_INIT("table"), S_INIT("tables"), S_INIT("table"), S_INIT("")},
    [TYPE_OPTIONAL] = {S_INIT("optional"), S_INIT("optional"), S_INIT("optional"), S_INIT("")},
};

/* Words that are read besides those that are printed. */
static const struct TypeAlias {
    Str word;
    const Type *type;
} type_aliases[] = {
    {S_INIT("any"), &type_any},           {S_INIT("none"), &type_null},       {S_INIT("str"), &type_text},
    {S_INIT("int"), &type_number},        {S_INIT("float"), &type_number},    {S_INIT("decimal"), &type_number},
    {S_INIT("bool"), &type_boolean},      {S_INIT("boolean"), &type_boolean}, {S_INIT("time of day"), &type_time},
    {S_INIT("datetime"), &type_datetime}, {S_INIT("zone"), &type_zone},       {S_INIT("dict"), &type_record},
    {S_INIT("dictionary"), &type_record},
};

static const Type *const plain_types[] = {
    &type_any,  &type_null,     &type_boolean, &type_number, &type_text, &type_date,   &type_time,  &type_datetime,
    &type_zone, &type_duration, &type_file,    &type_list,   &type_set,  &type_record, &type_table,
};

const Type *type_optional(Arena *arena, const Type *inner)
{
    if (inner->kind == TYPE_OPTIONAL || inner->kind == TYPE_ANY)
        return inner;
    Type *type = NEW(arena, Type);
    *type = (Type){.kind = TYPE_OPTIONAL, .inner = inner};
    return type;
}

const Type *type_list_of(Arena *arena, const Type *inner)
{
    Type *type = NEW(arena, Type);
    *type = (Type){.kind = TYPE_LIST, .inner = inner};
    return type;
}

Str type_english(Arena *arena, const Type *type)
{
    if (type->kind == TYPE_OPTIONAL)
        return str_printf(arena, "optional %.*s", STR_ARG(type_english(arena, type->inner)));
    const Type *inner = type->inner;
    if ((type->kind == TYPE_LIST || type->kind == TYPE_SET) && inner && inner->kind != TYPE_ANY)
        return str_printf(arena, "%.*s of %.*s", STR_ARG(type_words[type->kind].singular),
                          STR_ARG(type_words[inner->kind].plural));
    return type_words[type->kind].singular;
}

Str type_with_article(Arena *arena, const Type *type)
{
    Str english = type_english(arena, type);
    if (type->kind == TYPE_BOOLEAN || type->kind == TYPE_ANY || type->kind == TYPE_NULL)
        return english;
    return str_printf(arena, "%s %.*s", strchr("aeio", english.data[0]) ? "an" : "a", STR_ARG(english));
}

Str type_spy(const Type *type)
{
    return type_words[type->kind == TYPE_OPTIONAL ? type->inner->kind : type->kind].spy;
}

bool type_from_word(Str word, const Type **out)
{
    for (size_t i = 0; i < COUNT_OF(plain_types); i++) {
        const struct TypeWord *words = &type_words[plain_types[i]->kind];
        if (str_eq_fold(word, words->singular) || str_eq_fold(word, words->spy)) {
            *out = plain_types[i];
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(type_aliases); i++) {
        if (str_eq_fold(word, type_aliases[i].word)) {
            *out = type_aliases[i].type;
            return true;
        }
    }
    return false;
}

/* ---- as the API writes them ---- */
static void fields_to_json(JsonOut *out, Str member, const Type *type)
{
    json_open_object(out);
    json_key(out, member);
    json_open_array(out);
    for (uint32_t i = 0; i < type->n_fields; i++) {
        json_open_object(out);
        json_member_str(out, S("key"), type->fields[i].name);
        json_key(out, S("value"));
        type_to_json(out, type->fields[i].type);
        json_close_object(out);
    }
    json_close_array(out);
    json_close_object(out);
}

static void inner_to_json(JsonOut *out, const Type *inner)
{
    json_open_object(out);
    json_key(out, S("inner"));
    type_to_json(out, inner ? inner : &type_any);
    json_close_object(out);
}

static void record_to_json(JsonOut *out, const Type *type)
{
    if (type->n_fields > 0 && !type->open) {
        json_key(out, S("dictionary_type"));
        fields_to_json(out, S("fields"), type);
        return;
    }
    json_key(out, S("generic_dictionary_type"));
    json_open_object(out);
    json_key(out, S("key_type"));
    type_to_json(out, &type_text);
    json_key(out, S("value_type"));
    type_to_json(out, type->inner ? type->inner : &type_any);
    json_close_object(out);
}

/* Kinds that the contract has no scalar for travel as opaque types that say what they are. */
static void scalar_to_json(JsonOut *out, const Type *type)
{
    const struct TypeWord *words = &type_words[type->kind];
    if (words->scalar.len > 0) {
        json_member_str(out, S("scalar_type"), words->scalar);
        return;
    }
    json_key(out, S("opaque_type"));
    json_open_object(out);
    json_member_str(out, S("is_a"), words->singular);
    json_close_object(out);
}

void type_to_json(JsonOut *out, const Type *type)
{
    json_open_object(out);
    switch (type->kind) {
    case TYPE_ANY:
        json_key(out, S("any_type"));
        json_open_object(out);
        json_close_object(out);
        break;
    case TYPE_OPTIONAL:
        json_key(out, S("optional_type"));
        inner_to_json(out, type->inner);
        break;
    case TYPE_NULL: /* something that is never there */
        json_key(out, S("optional_type"));
        inner_to_json(out, &type_any);
        break;
    case TYPE_LIST:
    case TYPE_SET: /* the contract knows no set type */
        json_key(out, S("list_type"));
        inner_to_json(out, type->inner);
        break;
    case TYPE_RECORD: record_to_json(out, type); break;
    case TYPE_TABLE:
        json_key(out, S("table_type"));
        fields_to_json(out, S("columns"), type);
        break;
    default: scalar_to_json(out, type); break;
    }
    json_close_object(out);
}

/* ---- of a value ---- */
static const Type *type_of_at(Arena *arena, Value value, int depth);

/* One type for both: equal scalars stay, null makes optional, all else is anything. */
static const Type *type_join(Arena *arena, const Type *a, const Type *b)
{
    if (!a || a == b)
        return b;
    if (a->kind == TYPE_ANY || b->kind == TYPE_ANY)
        return &type_any;
    if (a->kind == TYPE_NULL || a->kind == TYPE_OPTIONAL) {
        const Type *inner = a->kind == TYPE_NULL ? NULL : a->inner;
        if (b->kind == TYPE_NULL)
            return a;
        const Type *joined = type_join(arena, inner, b->kind == TYPE_OPTIONAL ? b->inner : b);
        return joined == inner ? a : type_optional(arena, joined);
    }
    if (b->kind == TYPE_NULL || b->kind == TYPE_OPTIONAL)
        return type_join(arena, b, a);
    if (a->kind != b->kind)
        return &type_any;
    for (size_t i = 0; i < COUNT_OF(plain_types); i++) {
        if (plain_types[i]->kind == a->kind)
            return plain_types[i];
    }
    return &type_any;
}

/* Nothing seen is known of an empty one: NULL. */
static const Type *type_of_cells(Arena *arena, const Value *cells, uint32_t count, int depth)
{
    const Type *joined = NULL;
    for (uint32_t i = 0; i < count && (!joined || joined->kind != TYPE_ANY); i++)
        joined = type_join(arena, joined, type_of_at(arena, cells[i], depth));
    return joined;
}

static const Type *type_of_list(Arena *arena, const List *list, int depth)
{
    const Type *inner = type_of_cells(arena, list->items, list->count, depth);
    return inner ? type_list_of(arena, inner) : &type_list;
}

static const Type *type_of_set(Arena *arena, const Set *set, int depth)
{
    const Type *inner = NULL;
    for (uint32_t i = 0; i < set->items.count; i++)
        inner = type_join(arena, inner, type_of_at(arena, set->items.entries[i].key, depth));
    if (!inner)
        return &type_set;
    Type *type = NEW(arena, Type);
    *type = (Type){.kind = TYPE_SET, .inner = inner};
    return type;
}

static const Type *type_with_fields(Arena *arena, TypeKind kind, const TypeField *fields, uint32_t n_fields)
{
    Type *type = NEW(arena, Type);
    *type = (Type){.kind = kind, .fields = fields, .n_fields = n_fields};
    return type;
}

static const Type *type_of_record(Arena *arena, const Record *record, int depth)
{
    TypeField *fields = NEW_ARRAY(arena, TypeField, record->count);
    for (uint32_t i = 0; i < record->count; i++) {
        if (record->entries[i].key.kind != VALUE_TEXT)
            return &type_record;
        fields[i] = (TypeField){value_str(record->entries[i].key), type_of_at(arena, record->entries[i].value, depth)};
    }
    return type_with_fields(arena, TYPE_RECORD, fields, record->count);
}

static const Type *type_of_table(Arena *arena, const Table *table, int depth)
{
    TypeField *fields = NEW_ARRAY(arena, TypeField, table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++) {
        const Type *type = type_of_cells(arena, table->columns[i].cells, table->n_rows, depth);
        fields[i] = (TypeField){table->columns[i].name, type ? type : &type_any};
    }
    return type_with_fields(arena, TYPE_TABLE, fields, table->n_columns);
}

static const Type *type_of_row(Arena *arena, Value row, int depth)
{
    const Table *table = row.table;
    TypeField *fields = NEW_ARRAY(arena, TypeField, table->n_columns);
    for (uint32_t i = 0; i < table->n_columns; i++)
        fields[i] = (TypeField){table->columns[i].name, type_of_at(arena, table->columns[i].cells[row.high], depth)};
    return type_with_fields(arena, TYPE_RECORD, fields, table->n_columns);
}

static const Type *type_of_at(Arena *arena, Value value, int depth)
{
    if (depth > DEPTH_MAX)
        return &type_any;
    switch ((ValueKind)value.kind) {
    case VALUE_NULL: return &type_null;
    case VALUE_BOOL: return &type_boolean;
    case VALUE_NUMBER: return &type_number;
    case VALUE_TEXT: return &type_text;
    case VALUE_DATE: return &type_date;
    case VALUE_TIME: return &type_time;
    case VALUE_DATETIME: return &type_datetime;
    case VALUE_ZONE: return &type_zone;
    case VALUE_DURATION: return &type_duration;
    case VALUE_FILE: return &type_file;
    case VALUE_LIST: return type_of_list(arena, value.list, depth + 1);
    case VALUE_SET: return type_of_set(arena, value.set, depth + 1);
    case VALUE_RECORD: return type_of_record(arena, value.record, depth + 1);
    case VALUE_TABLE: return type_of_table(arena, value.table, depth + 1);
    case VALUE_ROW: return type_of_row(arena, value, depth + 1);
    case VALUE_UNSET:
    case VALUE_N_KINDS: break;
    }
    return &type_any;
}

const Type *type_of(Arena *arena, Value value)
{
    return type_of_at(arena, value, 0);
}

/* ---- accepting ---- */
static bool cells_accepted(const Type *type, const Value *cells, uint32_t count)
{
    if (!type || type->kind == TYPE_ANY)
        return true;
    for (uint32_t i = 0; i < count; i++) {
        if (!type_accepts(type, cells[i]))
            return false;
    }
    return true;
}

static bool set_accepted(const Type *type, const Set *set)
{
    for (uint32_t i = 0; type->inner && i < set->items.count; i++) {
        if (!type_accepts(type->inner, set->items.entries[i].key))
            return false;
    }
    return true;
}

static bool record_accepted(const Type *type, Value value)
{
    for (uint32_t i = 0; i < type->n_fields; i++) {
        Value field = value_null();
        FieldResult result = value_field_get(value, type->fields[i].name, &field);
        if ((result != FIELD_FOUND && result != FIELD_MISSING) || !type_accepts(type->fields[i].type, field))
            return false;
    }
    return true;
}

static bool table_accepted(const Type *type, const Table *table)
{
    for (uint32_t i = 0; i < type->n_fields; i++) {
        const Column *column = table_column(table, type->fields[i].name);
        if (!column || !cells_accepted(type->fields[i].type, column->cells, table->n_rows))
            return false;
    }
    return true;
}

bool type_accepts(const Type *type, Value value)
{
    static const uint8_t scalar_kinds[TYPE_N_KINDS] = {
        [TYPE_NULL] = VALUE_NULL,         [TYPE_BOOLEAN] = VALUE_BOOL, [TYPE_NUMBER] = VALUE_NUMBER,
        [TYPE_TEXT] = VALUE_TEXT,         [TYPE_DATE] = VALUE_DATE,    [TYPE_TIME] = VALUE_TIME,
        [TYPE_DATETIME] = VALUE_DATETIME, [TYPE_ZONE] = VALUE_ZONE,    [TYPE_DURATION] = VALUE_DURATION,
        [TYPE_FILE] = VALUE_FILE,
    };
    switch (type->kind) {
    case TYPE_ANY: return value.kind != VALUE_UNSET;
    case TYPE_OPTIONAL: return value.kind == VALUE_NULL || type_accepts(type->inner, value);
    case TYPE_LIST:
        return value.kind == VALUE_LIST && cells_accepted(type->inner, value.list->items, value.list->count);
    case TYPE_SET: return value.kind == VALUE_SET && set_accepted(type, value.set);
    case TYPE_RECORD: return (value.kind == VALUE_RECORD || value.kind == VALUE_ROW) && record_accepted(type, value);
    case TYPE_TABLE: return value.kind == VALUE_TABLE && table_accepted(type, value.table);
    default: return value.kind == scalar_kinds[type->kind];
    }
}

/* ---- converting ---- */
typedef struct Conversion {
    Arena *arena;
    Reading reading;
    const char *field;
    Error *err;
} Conversion;

static bool convert(const Conversion *c, const Type *type, Value value, int depth, Value *out);

/* Short and in quotes where it is a text, else named by its kind: "a list". */
static Str shown(Arena *arena, Value value)
{
    if (value.kind == VALUE_LIST || value.kind == VALUE_SET || value.kind == VALUE_RECORD ||
        value.kind == VALUE_TABLE || value.kind == VALUE_ROW || value.kind == VALUE_FILE || value.kind == VALUE_UNSET)
        return str_from_c(value_kind_name((ValueKind)value.kind));
    Buf text = buf_in(arena);
    value_print(&text, value);
    bool cut = text.len > SHOWN_MAX;
    size_t end = cut ? SHOWN_MAX : text.len;
    while (cut && end > 0 && ((unsigned char)text.data[end] & 0xC0) == 0x80)
        end--;
    const char *quote = value.kind == VALUE_TEXT ? "\"" : "";
    return str_printf(arena, "%s%.*s%s%s", quote, (int)end, text.data ? text.data : "", cut ? "…" : "", quote);
}

static const char *example_of(TypeKind kind)
{
    switch (kind) {
    case TYPE_NUMBER: return ", like 1250.00";
    case TYPE_DATE: return ", like 2026-04-14";
    case TYPE_TIME: return ", like 09:30";
    case TYPE_DATETIME: return ", like 2026-04-14T09:30:00Z";
    case TYPE_ZONE: return ", like Europe/Berlin";
    case TYPE_DURATION: return ", like 3 days";
    case TYPE_BOOLEAN: return ": say yes or no";
    default: return "";
    }
}

static bool refuse(const Conversion *c, const Type *type, Value value)
{
    if (value.kind == VALUE_NULL)
        return error_set(c->err, INVALID_ARGUMENT, c->field, "nothing was given where %.*s is needed%s",
                         STR_ARG(type_with_article(c->arena, type)), example_of(type->kind));
    return error_set(c->err, INVALID_ARGUMENT, c->field, "%.*s is not %.*s%s", STR_ARG(shown(c->arena, value)),
                     STR_ARG(type_with_article(c->arena, type)), example_of(type->kind));
}

/* Whoever read the text knows why it was refused, but not where it stood. */
static bool refused_at(const Conversion *c, bool done)
{
    if (!done)
        (void)snprintf(c->err->field, sizeof c->err->field, "%s", c->field);
    return done;
}

static bool to_boolean(const Conversion *c, Value value, Value *out)
{
    static const struct {
        Str word;
        bool meaning;
    } words[] = {{S_INIT("yes"), true}, {S_INIT("no"), false}, {S_INIT("true"), true}, {S_INIT("false"), false}};
    Str text = value.kind == VALUE_TEXT ? str_trim(value_str(value)) : S("");
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq_fold(text, words[i].word)) {
            *out = value_bool(words[i].meaning);
            return true;
        }
    }
    return refuse(c, &type_boolean, value);
}

static bool to_number(const Conversion *c, Value value, Value *out)
{
    if (value.kind != VALUE_TEXT)
        return refuse(c, &type_number, value);
    return refused_at(c, decimal_parse_figure(value_str(value), c->reading.decimal_comma, out, c->err));
}

/* Every scalar has one text. What holds other values has none that could be read back. */
static bool to_text(const Conversion *c, Value value, Value *out)
{
    if (value.kind < VALUE_BOOL || value.kind > VALUE_DURATION)
        return refuse(c, &type_text, value);
    Buf text = buf_in(c->arena);
    value_print(&text, value);
    *out = value_text(buf_view(&text));
    return true;
}

static bool to_date(const Conversion *c, Value value, Value *out)
{
    Value moment = value;
    if (value.kind == VALUE_TEXT) {
        if (date_parse_written(value_str(value), c->reading.date_order, out, c->err))
            return true;
        /* A date-time at midnight is what spreadsheets and forms make of a date. */
        Error ignored;
        if (!datetime_parse_written(c->arena, value_str(value), c->reading.date_order, c->reading.twelve_hours, &moment,
                                    &ignored))
            return refused_at(c, false);
    }
    if (moment.kind != VALUE_DATETIME)
        return refuse(c, &type_date, value);
    const DateTime *at = moment.datetime;
    if (at->hour || at->minute || at->second || at->nanos)
        return error_set(c->err, INVALID_ARGUMENT, c->field, "%.*s has a time of day where only a date is expected",
                         STR_ARG(shown(c->arena, value)));
    *out = value_date(at->year, at->month, at->day);
    return true;
}

static bool to_time(const Conversion *c, Value value, Value *out)
{
    if (value.kind != VALUE_TEXT)
        return refuse(c, &type_time, value);
    return refused_at(c, time_parse_written(value_str(value), c->reading.twelve_hours, out, c->err));
}

static bool to_datetime(const Conversion *c, Value value, Value *out)
{
    if (value.kind == VALUE_DATE) {
        *out = value_datetime(c->arena,
                              (DateTime){.year = value.date.year, .month = value.date.month, .day = value.date.day});
        return true;
    }
    if (value.kind != VALUE_TEXT)
        return refuse(c, &type_datetime, value);
    return refused_at(c, datetime_parse_written(c->arena, value_str(value), c->reading.date_order,
                                                c->reading.twelve_hours, out, c->err));
}

/* Only the shape of an IANA id: whether the zone exists is known to those who use it. */
static bool to_zone(const Conversion *c, Value value, Value *out)
{
    Str id = value.kind == VALUE_TEXT ? str_trim(value_str(value)) : S("");
    bool good = id.len > 0 && id.len <= 64 && id.data[0] != '/' && !str_contains(id, S(".."));
    for (size_t i = 0; good && i < id.len; i++) {
        char ch = id.data[i];
        good = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || strchr("_+-/", ch);
    }
    if (!good)
        return refuse(c, &type_zone, value);
    *out = value_zone(id);
    return true;
}

/* Whoever answers 0:45 has written a time of day: the time since midnight is meant. */
static bool to_duration(const Conversion *c, Value value, Value *out)
{
    if (value.kind == VALUE_TIME) {
        *out = value_duration(value.nanos / 1000000000, (int32_t)(value.nanos % 1000000000));
        return true;
    }
    if (value.kind != VALUE_TEXT)
        return refuse(c, &type_duration, value);
    return refused_at(c, duration_parse_written(value_str(value), out, c->err));
}

/* Forms send the one file that was chosen as a list. */
static bool to_file(const Conversion *c, Value value, Value *out)
{
    if (value.kind != VALUE_LIST || value.list->count == 0)
        return refuse(c, &type_file, value);
    if (value.list->count > 1)
        return error_set(c->err, INVALID_ARGUMENT, c->field, "%u files were given where one file is expected",
                         value.list->count);
    if (value.list->items[0].kind != VALUE_FILE)
        return refuse(c, &type_file, value.list->items[0]);
    *out = value.list->items[0];
    return true;
}

/* A text that holds JSON becomes what the JSON says. */
static bool from_json_text(const Conversion *c, const Type *type, Value value, Value *out)
{
    Str text = str_trim(value_str(value));
    const Json *json = NULL;
    Error why;
    if (text.len == 0 || (text.data[0] != '[' && text.data[0] != '{') ||
        !json_parse(c->arena, text, JSON_DEPTH_MAX, &json, &why))
        return refuse(c, type, value);
    return refused_at(c, value_from_plain_json(c->arena, json, out, c->err));
}

static Conversion within(const Conversion *c, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same conversion one step further inside: "lines[3].amount". */
static Conversion within(const Conversion *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Buf path = buf_in(c->arena);
    buf_str(&path, str_from_c(c->field));
    buf_vprintf(&path, format, args);
    buf_char(&path, '\0');
    va_end(args);
    Conversion inner = *c;
    inner.field = path.data;
    return inner;
}

static bool convert_item(const Conversion *c, const Type *inner, uint32_t index, Value item, int depth, Value *out)
{
    if (!inner || type_accepts(inner, item)) {
        *out = item;
        return true;
    }
    Conversion at = within(c, "[%u]", index);
    return convert(&at, inner, item, depth, out);
}

static bool to_list(const Conversion *c, const Type *type, Value value, int depth, Value *out)
{
    if (value.kind == VALUE_FILE && type->inner && type->inner->kind == TYPE_FILE) {
        *out = value_list_new(c->arena, 1);
        list_add(c->arena, out->list, value);
        return true;
    }
    if (value.kind != VALUE_LIST && value.kind != VALUE_SET && value.kind != VALUE_TABLE)
        return refuse(c, type, value);
    uint32_t count = value.kind == VALUE_LIST  ? value.list->count
                     : value.kind == VALUE_SET ? value.set->items.count
                                               : value.table->n_rows;
    Value list = value_list_new(c->arena, count);
    for (uint32_t i = 0; i < count; i++) {
        Value item = value.kind == VALUE_LIST  ? value.list->items[i]
                     : value.kind == VALUE_SET ? value.set->items.entries[i].key
                                               : value_row(value.table, i);
        if (!convert_item(c, type->inner, i, item, depth, &item))
            return false;
        list_add(c->arena, list.list, item);
    }
    *out = list;
    return true;
}

static bool to_set(const Conversion *c, const Type *type, Value value, int depth, Value *out)
{
    if (value.kind != VALUE_LIST && value.kind != VALUE_SET)
        return refuse(c, type, value);
    Value list, set = value_set_new(c->arena);
    if (!to_list(c, type, value, depth, &list))
        return false;
    for (uint32_t i = 0; i < list.list->count; i++) {
        Value item = list.list->items[i];
        if (!value_is_hashable(item))
            return error_set(c->err, INVALID_ARGUMENT, c->field, "%s cannot be an item of a set",
                             value_kind_name((ValueKind)item.kind));
        set_add(c->arena, set.set, item);
    }
    *out = set;
    return true;
}

static Value record_of(Arena *arena, Value value)
{
    Value record = value_record_new(arena);
    if (value.kind == VALUE_ROW) {
        for (uint32_t i = 0; i < value.table->n_columns; i++)
            record_set(arena, record.record, value_text(value.table->columns[i].name),
                       value.table->columns[i].cells[value.high]);
        return record;
    }
    for (uint32_t i = 0; i < value.record->count; i++)
        record_set(arena, record.record, value.record->entries[i].key, value.record->entries[i].value);
    return record;
}

static bool to_record(const Conversion *c, const Type *type, Value value, int depth, Value *out)
{
    if (value.kind != VALUE_RECORD && value.kind != VALUE_ROW)
        return refuse(c, type, value);
    Value record = record_of(c->arena, value);
    for (uint32_t i = 0; i < type->n_fields; i++) {
        const TypeField *field = &type->fields[i];
        Conversion at = within(c, ".%.*s", STR_ARG(field->name));
        Value found = value_null();
        if (value_field_get(record, field->name, &found) == FIELD_AMBIGUOUS)
            return error_set(c->err, INVALID_ARGUMENT, at.field, "the record has more than one field called %.*s",
                             STR_ARG(field->name));
        if (type_accepts(field->type, found))
            continue;
        if (!convert(&at, field->type, found, depth, &found))
            return false;
        (void)value_field_set(c->arena, record, field->name, found);
    }
    *out = record;
    return true;
}

/* A list of records is a table: a column for every key, in the order in which they first appear. */
static bool table_from_list(const Conversion *c, const Type *type, const List *list, Value *out)
{
    Value table = value_table_new(c->arena, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].kind != VALUE_RECORD && list->items[i].kind != VALUE_ROW) {
            Conversion at = within(c, "[%u]", i);
            return refuse(&at, &type_record, list->items[i]);
        }
        Value record = record_of(c->arena, list->items[i]);
        for (uint32_t k = 0; k < record.record->count; k++) {
            const struct RecordEntry *entry = &record.record->entries[k];
            if (entry->key.kind != VALUE_TEXT)
                return refuse(c, type, list->items[i]);
            Column *column = table_column(table.table, value_str(entry->key));
            if (!column)
                column = table_add_column(c->arena, table.table, value_str(entry->key));
            column->cells[i] = entry->value;
        }
    }
    *out = table;
    return true;
}

static bool convert_column(const Conversion *c, const TypeField *field, Table *table, int depth)
{
    Column *column = NULL;
    for (uint32_t i = 0; i < table->n_columns && !column; i++)
        column = str_eq(table->columns[i].name, field->name) ? &table->columns[i] : NULL;
    for (uint32_t i = 0; i < table->n_columns && !column; i++)
        column = name_alike(table->columns[i].name, field->name) ? &table->columns[i] : NULL;
    if (!column)
        return error_set(c->err, INVALID_ARGUMENT, c->field, "the table has no column called %.*s",
                         STR_ARG(field->name));
    Value *cells = NEW_ARRAY(c->arena, Value, table->n_rows);
    for (uint32_t i = 0; i < table->n_rows; i++) {
        cells[i] = column->cells[i];
        Conversion at = *c;
        if (type_accepts(field->type, cells[i]))
            continue;
        at = within(c, "[%u].%.*s", i, STR_ARG(field->name));
        if (!convert(&at, field->type, cells[i], depth, &cells[i]))
            return false;
    }
    *column = (Column){field->name, cells};
    return true;
}

static bool to_table(const Conversion *c, const Type *type, Value value, int depth, Value *out)
{
    Value table = value;
    if (value.kind == VALUE_LIST && !table_from_list(c, type, value.list, &table))
        return false;
    if (table.kind != VALUE_TABLE)
        return refuse(c, type, value);
    Table *copy = NEW(c->arena, Table);
    *copy = *table.table;
    copy->columns = NEW_ARRAY(c->arena, Column, copy->n_columns);
    copy->cap_columns = copy->n_columns;
    copy->cap_rows = copy->n_rows;
    for (uint32_t i = 0; i < copy->n_columns; i++)
        copy->columns[i] = table.table->columns[i];
    for (uint32_t i = 0; i < type->n_fields; i++) {
        if (!convert_column(c, &type->fields[i], copy, depth))
            return false;
    }
    table.table = copy;
    *out = table;
    return true;
}

static bool convert_optional(const Conversion *c, const Type *inner, Value value, int depth, Value *out)
{
    bool blank = value.kind == VALUE_TEXT && str_trim(value_str(value)).len == 0;
    if (value.kind == VALUE_NULL || (blank && inner->kind != TYPE_TEXT)) {
        *out = value_null();
        return true;
    }
    return convert(c, inner, value, depth, out);
}

static bool convert(const Conversion *c, const Type *type, Value value, int depth, Value *out)
{
    if (type_accepts(type, value)) {
        *out = value;
        return true;
    }
    if (depth > DEPTH_MAX)
        return error_set(c->err, INVALID_ARGUMENT, c->field, "the value is nested more than %d deep", DEPTH_MAX);
    bool holds_others = type->kind >= TYPE_LIST && type->kind <= TYPE_TABLE;
    if (holds_others && value.kind == VALUE_TEXT && !from_json_text(c, type, value, &value))
        return false;
    switch (type->kind) {
    case TYPE_BOOLEAN: return to_boolean(c, value, out);
    case TYPE_NUMBER: return to_number(c, value, out);
    case TYPE_TEXT: return to_text(c, value, out);
    case TYPE_DATE: return to_date(c, value, out);
    case TYPE_TIME: return to_time(c, value, out);
    case TYPE_DATETIME: return to_datetime(c, value, out);
    case TYPE_ZONE: return to_zone(c, value, out);
    case TYPE_DURATION: return to_duration(c, value, out);
    case TYPE_FILE: return to_file(c, value, out);
    case TYPE_LIST: return to_list(c, type, value, depth + 1, out);
    case TYPE_SET: return to_set(c, type, value, depth + 1, out);
    case TYPE_RECORD: return to_record(c, type, value, depth + 1, out);
    case TYPE_TABLE: return to_table(c, type, value, depth + 1, out);
    case TYPE_OPTIONAL: return convert_optional(c, type->inner, value, depth, out);
    case TYPE_ANY:
    case TYPE_NULL:
    case TYPE_N_KINDS: break;
    }
    return refuse(c, type, value);
}

bool type_convert(Arena *arena, const Type *type, Value value, Reading reading, const char *field, Value *out,
                  Error *err)
{
    Conversion conversion = {arena, reading, field, err};
    Value converted;
    if (!convert(&conversion, type, value, 0, &converted))
        return false;
    *out = converted;
    return true;
}
