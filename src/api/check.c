/* api/check.c: one walk over a schema's table and a JSON tree side by side, for both directions. */
#include "api/check.h"

#include "base/clock.h"
#include "base/codec.h"

typedef enum Direction { REQUEST, RESPONSE } Direction;

typedef struct Check {
    Arena *arena;
    Direction direction;
    Violations *wrong;
    Buf path; /* of the value in hand: "inputs.tolerance.number" */
} Check;

static bool check_value(Check *check, const ContractField *field, const Json *json, Json *out);
static bool check_members(Check *check, const ContractSchema *schema, const Json *json, bool partial, Json *out);

/* ---- where we are ---- */

static size_t path_push(Check *check, Str name)
{
    size_t before = check->path.len;
    if (before)
        buf_char(&check->path, '.');
    buf_str(&check->path, str_slice(name, 0, 100));
    return before;
}

static size_t path_push_index(Check *check, uint32_t index)
{
    size_t before = check->path.len;
    buf_printf(&check->path, "[%u]", index);
    return before;
}

static void path_pop(Check *check, size_t before)
{
    check->path.len = before;
}

static const char *const json_kind_names[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};

#define WRONG(check, ...) violation_add((check)->wrong, buf_view(&(check)->path), __VA_ARGS__)

static bool refuse_kind(Check *check, const Json *json, const char *expected)
{
    Str text = json->kind == JSON_STRING || json->kind == JSON_NUMBER ? str_slice(json->text, 0, 60) : (Str){0};
    const char *subject = check->path.len > 0 ? "" : "the body ";
    if (text.len)
        WRONG(check, "%sis %s (%.*s), but %s is expected", subject, json_kind_names[json->kind], STR_ARG(text),
              expected);
    else
        WRONG(check, "%sis %s, but %s is expected", subject, json_kind_names[json->kind], expected);
    return false;
}

/* ---- scalars ---- */

static bool check_text_length(Check *check, const ContractField *field, Str text)
{
    if (check->direction == RESPONSE)
        return true;
    if (str_find_char(text, '\0') >= 0) {
        WRONG(check, "contains the character U+0000, which no text may");
        return false;
    }
    if (text.len < field->min_length) {
        WRONG(check, "must not be empty");
        return false;
    }
    if (field->max_length && text.len > field->max_length && utf8_count(text) > field->max_length) {
        WRONG(check, "has %zu characters; at most %u are allowed", utf8_count(text), field->max_length);
        return false;
    }
    return true;
}

static bool check_string(Check *check, const ContractField *field, const Json *json)
{
    if (json->kind != JSON_STRING)
        return refuse_kind(check, json, "a string");
    return check_text_length(check, field, json->text);
}

static bool check_bytes(Check *check, const Json *json)
{
    Str bytes;
    if (json->kind != JSON_STRING)
        return refuse_kind(check, json, "a string of base64");
    if (base64_decode(check->arena, json->text, &bytes))
        return true;
    WRONG(check, "is not base64");
    return false;
}

static bool check_time(Check *check, const Json *json)
{
    int64_t us;
    if (json->kind == JSON_STRING && clock_parse(json->text, &us))
        return true;
    return refuse_kind(check, json, "an RFC 3339 time such as 2026-04-14T09:00:00Z");
}

static bool check_duration(Check *check, const Json *json)
{
    int64_t us;
    if (json->kind == JSON_STRING && duration_parse(json->text, &us))
        return true;
    return refuse_kind(check, json, "a duration such as 30s");
}

static bool check_integer(Check *check, const ContractField *field, const Json *json)
{
    int64_t number;
    bool is_text = json->kind == JSON_STRING;
    bool spelled = check->direction == REQUEST || is_text == (field->kind == KIND_INT64_TEXT);
    if (spelled && json_to_i64(json, &number)) {
        if (field->kind != KIND_INT32 || (number >= INT32_MIN && number <= INT32_MAX))
            return true;
    }
    return refuse_kind(check, json,
                       field->kind == KIND_INT32   ? "a whole number of 32 bits"
                       : field->kind == KIND_INT64 ? "a whole number of 64 bits"
                                                   : "a whole number as a string");
}

static bool check_enum(Check *check, const ContractField *field, const Json *json, Json *out)
{
    const ContractEnum *names = &contract_enums[field->ref];
    if (json->kind != JSON_STRING)
        return refuse_kind(check, json, "the name of an enum value");
    int value = contract_enum_find(field->ref, json->text, false);
    bool spelled = check->direction == REQUEST || (value >= 0 && str_eq(names->values[value], json->text));
    if (value >= 0 && spelled) {
        out->text = names->values[value];
        return true;
    }
    Buf allowed = buf_in(check->arena);
    for (uint32_t i = 0; i < names->n_values; i++)
        buf_printf(&allowed, "%s%.*s", i ? ", " : "", STR_ARG(names->values[i]));
    WRONG(check, "\"%.*s\" is not one of %.*s", STR_ARG(str_slice(json->text, 0, 60)), STR_ARG(buf_view(&allowed)));
    return false;
}

int contract_enum_find(EnumId id, Str text, bool any_case)
{
    const ContractEnum *names = &contract_enums[id];
    for (uint32_t i = 0; i < names->n_values; i++) {
        Str full = names->values[i], cut = str_skip(full, names->prefix.len);
        if (any_case ? str_eq_fold(full, text) || str_eq_fold(cut, text) : str_eq(full, text) || str_eq(cut, text))
            return (int)i;
    }
    return -1;
}

static bool check_one(Check *check, const ContractField *field, const Json *json, Json *out)
{
    *out = *json;
    switch ((ContractKind)field->kind) {
    case KIND_STRING: return check_string(check, field, json);
    case KIND_BYTES: return check_bytes(check, json);
    case KIND_TIME: return check_time(check, json);
    case KIND_DURATION: return check_duration(check, json);
    case KIND_INT32:
    case KIND_INT64:
    case KIND_INT64_TEXT: return check_integer(check, field, json);
    case KIND_NUMBER: return json->kind == JSON_NUMBER || refuse_kind(check, json, "a number");
    case KIND_BOOL: return json->kind == JSON_BOOL || refuse_kind(check, json, "true or false");
    case KIND_ENUM: return check_enum(check, field, json, out);
    case KIND_OBJECT: return check_members(check, &contract_schemas[field->ref], json, false, out);
    case KIND_ANY: return true;
    }
    return true;
}

/* ---- arrays, maps, objects ---- */

static bool check_count(Check *check, const ContractField *field, const Json *json)
{
    if (check->direction == RESPONSE)
        return true;
    if (json->count < field->min_count) {
        WRONG(check, "has %u entries; at least %u are needed", json->count, field->min_count);
        return false;
    }
    if (field->max_count && json->count > field->max_count) {
        WRONG(check, "has %u entries; at most %u are allowed", json->count, field->max_count);
        return false;
    }
    return true;
}

static bool check_entries(Check *check, const ContractField *field, const Json *json, Json *out)
{
    *out = *json;
    if (!check_count(check, field, json))
        return false;
    out->items = NEW_ARRAY(check->arena, Json, json->count);
    bool right = true;
    for (uint32_t i = 0; i < json->count; i++) {
        const Json *item = &json->items[i];
        size_t before = json->kind == JSON_OBJECT ? path_push(check, item->key) : path_push_index(check, i);
        if (str_find_char(item->key, '\0') >= 0)
            WRONG(check, "has the character U+0000 in its name, which no name may");
        right = check_one(check, field, item, &out->items[i]) && right;
        out->items[i].key = item->key;
        path_pop(check, before);
    }
    return right;
}

/* A single item of a field that may leave its brackets out becomes an array of one, so handlers see one form. */
static bool check_one_or_many(Check *check, const ContractField *field, const Json *json, Json *out)
{
    if (json->kind == JSON_ARRAY)
        return check_entries(check, field, json, out);
    Json *item = NEW(check->arena, Json);
    *out = (Json){.kind = JSON_ARRAY, .count = 1, .items = item};
    return check_one(check, field, json, item);
}

static bool check_value(Check *check, const ContractField *field, const Json *json, Json *out)
{
    switch ((ContractShape)field->shape) {
    case SHAPE_ONE: return check_one(check, field, json, out);
    case SHAPE_ONE_OR_MANY: return check_one_or_many(check, field, json, out);
    case SHAPE_ARRAY:
        return json->kind == JSON_ARRAY ? check_entries(check, field, json, out) : refuse_kind(check, json, "an array");
    case SHAPE_MAP:
        return json->kind == JSON_OBJECT ? check_entries(check, field, json, out)
                                         : refuse_kind(check, json, "an object");
    }
    return true;
}

static bool is_dropped(const Check *check, const ContractField *field, const Json *json)
{
    if (check->direction == REQUEST && field->flags & FIELD_READ_ONLY)
        return true;
    return json->kind == JSON_NULL && !(field->flags & FIELD_NULLABLE) && field->kind != KIND_ANY;
}

static bool is_required(const Check *check, const ContractField *field)
{
    unsigned waived = check->direction == REQUEST ? FIELD_READ_ONLY : FIELD_WRITE_ONLY;
    return field->flags & FIELD_REQUIRED && !(field->flags & waived);
}

/* proto's view of required enums: the value with which every enum begins says nothing. */
static bool says_nothing(const ContractField *field, const Json *value)
{
    return field->kind == KIND_ENUM && field->shape == SHAPE_ONE && str_ends(value->text, S("_UNSPECIFIED"));
}

static void check_choice(Check *check, const ContractSchema *schema, uint32_t n_choices)
{
    if (!schema->exactly_one || n_choices == 1)
        return;
    Buf names = buf_in(check->arena);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (schema->fields[i].flags & FIELD_CHOICE && !(schema->fields[i].flags & FIELD_WRITE_ONLY))
            buf_printf(&names, "%s%.*s", names.len ? ", " : "", STR_ARG(schema->fields[i].name));
    }
    WRONG(check, "exactly one of %.*s must be set, not %u of them", STR_ARG(buf_view(&names)), n_choices);
}

/* The last member of that name wins, in either spelling, as it does in proto JSON. */
static const Json *find_member(const Check *check, const ContractField *field, const Json *object)
{
    for (uint32_t i = object->count; i-- > 0;) {
        Str key = object->items[i].key;
        if (str_eq(key, field->name) || (check->direction == REQUEST && str_eq(key, field->camel)))
            return &object->items[i];
    }
    return NULL;
}

static void check_unknown(Check *check, const ContractSchema *schema, const Json *json)
{
    if (check->direction == REQUEST || schema->open)
        return;
    for (uint32_t i = 0; i < json->count; i++) {
        bool known = false;
        for (uint32_t f = 0; f < schema->n_fields && !known; f++)
            known = str_eq(schema->fields[f].name, json->items[i].key);
        size_t before = path_push(check, json->items[i].key);
        if (!known)
            WRONG(check, "is not a field of %.*s", STR_ARG(schema->name));
        path_pop(check, before);
    }
}

/* One field of an object; true when it is there and counts. */
static bool check_member(Check *check, const ContractField *field, const Json *json, bool partial, Json *out)
{
    const Json *member = find_member(check, field, json);
    size_t before = path_push(check, field->name);
    bool there = member && !is_dropped(check, field, member);
    if (there && check->direction == RESPONSE && field->flags & FIELD_WRITE_ONLY)
        WRONG(check, "is for requests alone");
    if (there) {
        uint32_t so_far = check->wrong->count;
        if (member->kind == JSON_NULL && field->flags & FIELD_NULLABLE)
            *out = *member;
        else
            (void)check_value(check, field, member, out);
        out->key = field->name;
        bool must_say = check->direction == REQUEST && is_required(check, field) && !partial;
        if (must_say && check->wrong->count == so_far && says_nothing(field, out))
            WRONG(check, "must say which one");
    } else if (is_required(check, field) && !partial) {
        WRONG(check, "is missing");
    }
    path_pop(check, before);
    return there;
}

static bool check_members(Check *check, const ContractSchema *schema, const Json *json, bool partial, Json *out)
{
    if (json->kind != JSON_OBJECT)
        return refuse_kind(check, json, "an object");
    uint32_t so_far = check->wrong->count, n_choices = 0;
    *out = (Json){.kind = JSON_OBJECT, .key = json->key};
    out->items = NEW_ARRAY(check->arena, Json, MIN_OF(schema->n_fields, json->count));
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const ContractField *field = &schema->fields[i];
        Json member = {0};
        if (!check_member(check, field, json, partial, &member))
            continue;
        out->items[out->count++] = member;
        n_choices += field->flags & FIELD_CHOICE ? 1 : 0;
    }
    check_choice(check, schema, n_choices);
    check_unknown(check, schema, json);
    return check->wrong->count == so_far;
}

/* ---- bodies of requests ---- */

static const Json empty_object = {.kind = JSON_OBJECT};

static Str alias_of(const ContractOperation *operation, Str key)
{
    for (uint32_t i = 0; i + 1 < operation->n_body_aliases; i += 2) {
        if (str_eq(operation->body_aliases[i], key))
            return operation->body_aliases[i + 1];
    }
    return key;
}

/* {"automation": {…}} is taken for its content when it has none of the schema's required fields itself. */
static const Json *unwrap(const ContractOperation *operation, const Json *body)
{
    const Json *inner = operation->body_wrapper.len ? json_get(body, operation->body_wrapper) : NULL;
    if (!json_is(inner, JSON_OBJECT))
        return body;
    const ContractSchema *schema = &contract_schemas[operation->body];
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (schema->fields[i].flags & FIELD_REQUIRED && json_get_any_case(body, schema->fields[i].name))
            return body;
    }
    return inner;
}

/* The body with other names replaced and defaults added, where the contract has such. */
static const Json *complete(Arena *arena, const ContractOperation *operation, const Json *body)
{
    if (operation->n_body_aliases == 0 && operation->n_body_defaults == 0)
        return body;
    Json *whole = NEW(arena, Json);
    *whole = *body;
    whole->items = NEW_ARRAY(arena, Json, body->count + operation->n_body_defaults / 2);
    for (uint32_t i = 0; i < body->count; i++) {
        whole->items[i] = body->items[i];
        whole->items[i].key = alias_of(operation, body->items[i].key);
    }
    for (uint32_t i = 0; i + 1 < operation->n_body_defaults; i += 2) {
        Str name = operation->body_defaults[i];
        if (!json_get_any_case(whole, name))
            whole->items[whole->count++] =
                (Json){.kind = JSON_STRING, .key = name, .text = operation->body_defaults[i + 1]};
    }
    return whole;
}

const Json *check_object(Arena *arena, SchemaId schema, const Json *body, bool partial, Violations *wrong)
{
    Check check = {.arena = arena, .direction = REQUEST, .wrong = wrong, .path = buf_in(arena)};
    Json *out = NEW(arena, Json);
    (void)check_members(&check, &contract_schemas[schema], body, partial, out);
    return out;
}

const Json *check_body(Arena *arena, const ContractOperation *operation, const Json *body, Violations *wrong)
{
    if (operation->body == CONTRACT_NO_SCHEMA)
        return NULL;
    if (!body || body->kind == JSON_NULL) {
        if (operation->body_required) {
            violation_add(wrong, S(""), "a JSON object is needed in the body");
            return NULL;
        }
        body = &empty_object;
    }
    if (body->kind == JSON_OBJECT)
        body = complete(arena, operation, unwrap(operation, body));
    return check_object(arena, (SchemaId)operation->body, body, operation->body_partial, wrong);
}

void check_response(SchemaId schema, const Json *body, Violations *wrong)
{
    Check check = {.arena = wrong->arena, .direction = RESPONSE, .wrong = wrong, .path = buf_in(wrong->arena)};
    Json out;
    (void)check_members(&check, &contract_schemas[schema], body, false, &out);
}
