/* base/json.h: JSON in and out (RFC 8259).
 *
 * In: simdjson checks and parses; the result is a tree in an arena that keeps number text as it was written.
 * Out: an appending writer that puts commas and escapes in the right places and nothing else. */
#ifndef CLERKWORK_BASE_JSON_H
#define CLERKWORK_BASE_JSON_H

#include "base/buf.h"
#include "base/error.h"

typedef enum JsonKind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;

typedef struct Json Json;
struct Json {
    JsonKind kind;
    bool boolean;
    uint32_t count; /* of an array's items or an object's members */
    Str text;       /* a string's content, unescaped; a number's text, exactly as written */
    Str key;        /* of a member of an object; unescaped */
    Json *items;    /* `count` of them, in order */
};

/* Refuses: over max_depth (INVALID_ARGUMENT naming the depth), bad UTF-8, lone surrogates, anything after the
 * value, doubled keys are kept (the last one is found). The tree and its text live in `arena`. */
MUST_USE bool json_parse(Arena *arena, Str text, int max_depth, const Json **out, Error *err);

const Json *json_get(const Json *object, Str key); /* NULL when absent or not an object; the last one wins */
/* snake_case or lowerCamelCase of it: proto JSON accepts both. `key` is the snake_case form. */
const Json *json_get_any_case(const Json *object, Str key);
bool json_is(const Json *json, JsonKind kind);             /* NULL is of no kind */
Str json_text(const Json *json);                           /* a string's text, "" for anything else */
MUST_USE bool json_to_i64(const Json *json, int64_t *out); /* a number or a string that is a whole number */

/* Writer. Keys and values must alternate in objects; the writer only places commas. */
typedef struct JsonOut {
    Buf *buf;
    bool comma; /* the next key or value needs one before it */
} JsonOut;

static inline JsonOut json_out(Buf *buf)
{
    return (JsonOut){.buf = buf};
}
void json_open_object(JsonOut *out);
void json_close_object(JsonOut *out);
void json_open_array(JsonOut *out);
void json_close_array(JsonOut *out);
void json_key(JsonOut *out, Str key);
void json_str(JsonOut *out, Str text);
void json_i64(JsonOut *out, int64_t n);
void json_i64_text(JsonOut *out, int64_t n); /* 64-bit integers leave as strings (proto JSON) */
void json_bool(JsonOut *out, bool b);
void json_null(JsonOut *out);
void json_raw(JsonOut *out, Str json);       /* one value, already JSON */
void json_time_us(JsonOut *out, int64_t us); /* RFC 3339, six fraction digits, Z */
void json_base64(JsonOut *out, Str bytes);
/* json_key + value in one. */
void json_member_str(JsonOut *out, Str key, Str text);
void json_member_time_us(JsonOut *out, Str key, int64_t us);
/* The same for trees that say the same: members may stand in any order; numbers count as they are written. 0 for NULL.
 * May be stored. */
uint64_t json_hash(const Json *json);
/* The text of a parsed tree, compact. */
void json_write(JsonOut *out, const Json *json);

#endif
