/* base/json.c: asking a parsed tree, and the writer. */
#include "base/json.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"

/* ---- asking ---- */

const Json *json_get(const Json *object, Str key)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    for (uint32_t i = object->count; i > 0; i--) {
        if (str_eq(object->items[i - 1].key, key))
            return &object->items[i - 1];
    }
    return NULL;
}

/* Whether `key` is lowerCamelCase of the snake_case `snake`. */
static bool is_camel_of(Str key, Str snake)
{
    size_t at = 0;
    for (size_t i = 0; i < snake.len; i++) {
        char c = snake.data[i];
        if (c == '_' && i + 1 < snake.len) {
            c = snake.data[++i];
            if (c >= 'a' && c <= 'z')
                c = (char)(c - ('a' - 'A'));
        }
        if (at == key.len || key.data[at++] != c)
            return false;
    }
    return at == key.len;
}

const Json *json_get_any_case(const Json *object, Str key)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    for (uint32_t i = object->count; i > 0; i--) {
        const Json *member = &object->items[i - 1];
        if (str_eq(member->key, key) || is_camel_of(member->key, key))
            return member;
    }
    return NULL;
}

bool json_is(const Json *json, JsonKind kind)
{
    return json && json->kind == kind;
}

Str json_text(const Json *json)
{
    return json_is(json, JSON_STRING) ? json->text : S("");
}

/* The exponent of "…e±digits" and what stands before it; exponents no 64-bit whole number needs are refused. */
static bool split_exponent(Str *mantissa, int64_t *out_exponent)
{
    ptrdiff_t at = str_find_char(*mantissa, 'e');
    if (at < 0)
        at = str_find_char(*mantissa, 'E');
    *out_exponent = 0;
    if (at < 0)
        return true;
    Str digits = str_skip(*mantissa, (size_t)at + 1);
    if (digits.len > 1 && digits.data[0] == '+' && digits.data[1] != '-')
        digits = str_skip(digits, 1);
    mantissa->len = (size_t)at;
    return str_to_i64(digits, out_exponent) && *out_exponent >= -1000 && *out_exponent <= 1000;
}

/* "12.50e1" and the like: moves the point out of the digits and asks whether anything but zeros stays behind it. */
static bool whole_from_mantissa(Str mantissa, int64_t exponent, int64_t *out)
{
    char digits[64];
    size_t len = 0;
    ptrdiff_t point = str_find_char(mantissa, '.');
    if (mantissa.len + 1 > sizeof digits)
        return false;
    for (size_t i = 0; i < mantissa.len; i++) {
        if ((ptrdiff_t)i != point)
            digits[len++] = mantissa.data[i];
    }
    if (point >= 0)
        exponent -= (ptrdiff_t)mantissa.len - point - 1;
    for (; exponent < 0 && len > 1 && digits[len - 1] == '0'; exponent++)
        len--;
    bool is_zero = len == 1 && digits[0] == '0';
    int64_t n;
    if ((exponent < 0 && !is_zero) || !str_to_i64(str_of(digits, len), &n))
        return false;
    for (; exponent > 0 && n != 0; exponent--) {
        if (__builtin_mul_overflow(n, (int64_t)10, &n))
            return false;
    }
    *out = n;
    return true;
}

bool json_to_i64(const Json *json, int64_t *out)
{
    if (!json_is(json, JSON_NUMBER) && !json_is(json, JSON_STRING))
        return false;
    if (str_to_i64(json->text, out))
        return true;
    Str mantissa = json->text;
    int64_t exponent;
    if (json->kind != JSON_NUMBER || !split_exponent(&mantissa, &exponent))
        return false;
    return whole_from_mantissa(mantissa, exponent, out);
}

/* ---- writing ---- */

static void before_value(JsonOut *out)
{
    if (out->comma)
        buf_char(out->buf, ',');
    out->comma = true;
}

void json_open_object(JsonOut *out)
{
    before_value(out);
    buf_char(out->buf, '{');
    out->comma = false;
}

void json_close_object(JsonOut *out)
{
    buf_char(out->buf, '}');
    out->comma = true;
}

void json_open_array(JsonOut *out)
{
    before_value(out);
    buf_char(out->buf, '[');
    out->comma = false;
}

void json_close_array(JsonOut *out)
{
    buf_char(out->buf, ']');
    out->comma = true;
}

/* How many bytes from the front need no escape. Eight at a time: a byte needs one when it is below 0x20, a quote or a
 * backslash; bytes of 0x80 and above never do. */
static size_t plain_prefix(Str text)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    size_t at = 0;
    for (; at + 8 <= text.len; at += 8) {
        uint64_t word;
        memcpy(&word, text.data + at, 8);
        uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
        uint64_t hit = (word - ones * 0x20) | (quote - ones) | (backslash - ones);
        if (hit & ~word & tops)
            break;
    }
    for (; at < text.len; at++) {
        unsigned char c = (unsigned char)text.data[at];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
    }
    return at;
}

static void write_escape(Buf *buf, unsigned char c)
{
    static const char short_forms[] = {
        ['"'] = '"', ['\\'] = '\\', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['\b'] = 'b', ['\f'] = 'f'};
    if (c < sizeof short_forms && short_forms[c]) {
        buf_char(buf, '\\');
        buf_char(buf, short_forms[c]);
        return;
    }
    static const char hex[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    buf_add(buf, escape, sizeof escape);
}

static void write_quoted(Buf *buf, Str text)
{
    buf_reserve(buf, text.len + 2);
    buf_char(buf, '"');
    for (;;) {
        size_t plain = plain_prefix(text);
        buf_add(buf, text.data, plain);
        if (plain == text.len)
            break;
        write_escape(buf, (unsigned char)text.data[plain]);
        text = str_skip(text, plain + 1);
    }
    buf_char(buf, '"');
}

void json_key(JsonOut *out, Str key)
{
    before_value(out);
    write_quoted(out->buf, key);
    buf_char(out->buf, ':');
    out->comma = false;
}

void json_str(JsonOut *out, Str text)
{
    before_value(out);
    write_quoted(out->buf, text);
}

static void write_i64(Buf *buf, int64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0)
        digits[--at] = '-';
    buf_add(buf, digits + at, sizeof digits - at);
}

void json_i64(JsonOut *out, int64_t n)
{
    before_value(out);
    write_i64(out->buf, n);
}

void json_i64_text(JsonOut *out, int64_t n)
{
    before_value(out);
    buf_char(out->buf, '"');
    write_i64(out->buf, n);
    buf_char(out->buf, '"');
}

void json_bool(JsonOut *out, bool b)
{
    json_raw(out, b ? S("true") : S("false"));
}

void json_null(JsonOut *out)
{
    json_raw(out, S("null"));
}

void json_raw(JsonOut *out, Str json)
{
    before_value(out);
    buf_str(out->buf, json);
}

void json_time_us(JsonOut *out, int64_t us)
{
    char text[CLOCK_TEXT_LEN];
    clock_format(us, text);
    json_str(out, str_of(text, sizeof text));
}

void json_base64(JsonOut *out, Str bytes)
{
    before_value(out);
    buf_char(out->buf, '"');
    base64_encode(out->buf, bytes);
    buf_char(out->buf, '"');
}

void json_member_str(JsonOut *out, Str key, Str text)
{
    json_key(out, key);
    json_str(out, text);
}

void json_member_time_us(JsonOut *out, Str key, int64_t us)
{
    json_key(out, key);
    json_time_us(out, us);
}

static void write_children(JsonOut *out, const Json *json)
{
    for (uint32_t i = 0; i < json->count; i++) {
        if (json->kind == JSON_OBJECT)
            json_key(out, json->items[i].key);
        json_write(out, &json->items[i]);
    }
}

void json_write(JsonOut *out, const Json *json)
{
    switch (json->kind) {
    case JSON_NULL: json_null(out); return;
    case JSON_BOOL: json_bool(out, json->boolean); return;
    case JSON_NUMBER: json_raw(out, json->text); return;
    case JSON_STRING: json_str(out, json->text); return;
    case JSON_ARRAY:
        json_open_array(out);
        write_children(out, json);
        json_close_array(out);
        return;
    case JSON_OBJECT:
        json_open_object(out);
        write_children(out, json);
        json_close_object(out);
        return;
    }
}

static uint64_t mixed(uint64_t hash, uint64_t next)
{
    return (hash ^ next) * 0x9E3779B97F4A7C15u + (hash >> 29);
}

uint64_t json_hash(const Json *json)
{
    if (!json)
        return 0;
    uint64_t hash = mixed((uint64_t)json->kind + 1, json->boolean);
    if (json->kind == JSON_NUMBER || json->kind == JSON_STRING)
        return mixed(hash, str_hash(json->text));
    uint64_t members = 0; /* a sum: their order is no part of it */
    for (uint32_t i = 0; i < json->count; i++) {
        if (json->kind == JSON_OBJECT)
            members += mixed(str_hash(json->items[i].key), json_hash(&json->items[i]));
        else
            hash = mixed(hash, json_hash(&json->items[i]));
    }
    return mixed(hash, members);
}
