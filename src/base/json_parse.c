/* base/json_parse.c: from the positions of tokens to a tree.
 *
 * The text is copied into the arena once; strings and numbers are views into the copy. A string with escapes is
 * unescaped in place, where it can only shrink. Finished children wait on a stack until their container ends, then
 * move into the arena together, so that items of one container lie side by side. */
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/json.h"
#include "base/json_scan.h"

/* Each level is a C stack frame. */
#define JSON_DEPTH_MOST 1000

typedef struct Parser {
    Arena *arena;
    char *text; /* the copy */
    size_t len;
    const uint32_t *starts; /* of tokens */
    size_t n_starts, at;
    int depth, max_depth;
    Buf waiting; /* Json: children of containers that are still open */
    Error *err;
} Parser;

static size_t offset_here(const Parser *p)
{
    return p->at < p->n_starts ? p->starts[p->at] : p->len;
}

static bool refuse(Parser *p, const char *expected)
{
    size_t offset = offset_here(p);
    if (offset == p->len)
        return error_set(p->err, INVALID_ARGUMENT, "", "the JSON ends at byte %zu where %s was expected", offset,
                         expected);
    int line = 1;
    for (size_t i = 0; i < offset; i++)
        line += p->text[i] == '\n';
    Str found = str_slice(str_of(p->text, p->len), offset, offset + 12);
    if (!utf8_is_valid(found))
        found.len = 0;
    return error_set(p->err, INVALID_ARGUMENT, "",
                     "the JSON is malformed at byte %zu (line %d): found `%.*s`, expected %s", offset, line,
                     STR_ARG(found), expected);
}

/* The first character of the next token; NUL at the end (a NUL in the text begins no token that JSON knows). */
static char peek(const Parser *p)
{
    return p->at < p->n_starts ? p->text[p->starts[p->at]] : '\0';
}

static bool is_json_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The next token with all its characters. */
static Str token(const Parser *p)
{
    size_t from = p->starts[p->at];
    size_t to = p->at + 1 < p->n_starts ? p->starts[p->at + 1] : p->len;
    while (to > from && is_json_space(p->text[to - 1]))
        to--;
    return str_of(p->text + from, to - from);
}

static size_t count_digits(Str s, size_t at)
{
    size_t from = at;
    while (at < s.len && s.data[at] >= '0' && s.data[at] <= '9')
        at++;
    return at - from;
}

/* RFC 8259, section 6. */
static bool is_number(Str s)
{
    size_t at = s.len > 0 && s.data[0] == '-';
    size_t digits = count_digits(s, at);
    if (digits == 0 || (digits > 1 && s.data[at] == '0'))
        return false;
    at += digits;
    if (at < s.len && s.data[at] == '.') {
        digits = count_digits(s, ++at);
        if (digits == 0)
            return false;
        at += digits;
    }
    if (at < s.len && (s.data[at] | 0x20) == 'e') {
        at++;
        at += at < s.len && (s.data[at] == '+' || s.data[at] == '-');
        digits = count_digits(s, at);
        if (digits == 0)
            return false;
        at += digits;
    }
    return at == s.len;
}

/* Four hex digits at `from`; -1 when they are not there. */
static int32_t hex_four(const char *from, const char *end)
{
    if (end - from < 4)
        return -1;
    int32_t n = 0;
    for (int i = 0; i < 4; i++) {
        char c = from[i], letter = (char)(c | 0x20);
        int digit = c >= '0' && c <= '9' ? c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
        if (digit < 0)
            return -1;
        n = n << 4 | digit;
    }
    return n;
}

/* The character of a \u escape whose digits begin at *from, moving *from behind it; -1 for bad digits and for half a
 * surrogate pair. */
static int32_t unicode_escape(const char **from, const char *end)
{
    int32_t c = hex_four(*from, end);
    if (c < 0 || (c >= 0xdc00 && c <= 0xdfff))
        return -1;
    *from += 4;
    if (c < 0xd800 || c > 0xdbff)
        return c;
    if (end - *from < 6 || (*from)[0] != '\\' || (*from)[1] != 'u')
        return -1;
    int32_t low = hex_four(*from + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    *from += 6;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static char *put_utf8(char *to, uint32_t c)
{
    char bytes[4];
    Buf fixed = {.data = bytes, .cap = sizeof bytes};
    utf8_add(&fixed, c);
    memcpy(to, bytes, fixed.len);
    return to + fixed.len;
}

static char simple_escape(char c)
{
    switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '/': return '/';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return '\0';
    }
}

/* In place: the result is never longer than what was written. */
static bool unescape(char *data, size_t len, Str *out)
{
    const char *from = data, *end = data + len;
    char *to = data;
    while (from < end) {
        char c = *from++;
        if (c != '\\') {
            *to++ = c;
            continue;
        }
        if (from == end)
            return false;
        c = *from++;
        if (c == 'u') {
            int32_t code_point = unicode_escape(&from, end);
            if (code_point < 0)
                return false;
            to = put_utf8(to, (uint32_t)code_point);
            continue;
        }
        char plain = simple_escape(c);
        if (plain == '\0')
            return false;
        *to++ = plain;
    }
    *out = str_of(data, (size_t)(to - data));
    return true;
}

static bool parse_string(Parser *p, Str *out)
{
    Str quoted = token(p);
    if (quoted.len < 2 || quoted.data[0] != '"' || quoted.data[quoted.len - 1] != '"')
        return refuse(p, "a string");
    Str inner = str_slice(quoted, 1, quoted.len - 1);
    if (str_find_char(inner, '\\') < 0)
        *out = inner;
    else if (!unescape(p->text + (inner.data - p->text), inner.len, out))
        return refuse(p, "a string with escapes that stand for characters (no half surrogates)");
    p->at++;
    return true;
}

static bool parse_value(Parser *p, Json *out);

static void move_children(Parser *p, size_t from, Json *out)
{
    size_t bytes = p->waiting.len - from;
    if (bytes == 0)
        return;
    out->count = (uint32_t)(bytes / sizeof(Json));
    out->items = NEW_ARRAY(p->arena, Json, out->count);
    memcpy(out->items, p->waiting.data + from, bytes);
    p->waiting.len = from;
}

static bool parse_member(Parser *p, Json *out)
{
    if (peek(p) != '"')
        return refuse(p, "a member's name in quotes");
    Str key;
    if (!parse_string(p, &key))
        return false;
    if (peek(p) != ':')
        return refuse(p, "`:` after the member's name");
    p->at++;
    if (!parse_value(p, out))
        return false;
    out->key = key;
    return true;
}

static bool parse_children(Parser *p, char close, Json *out)
{
    size_t from = p->waiting.len;
    p->at++;
    for (bool first = true; first || peek(p) != close; first = false) {
        if (first && peek(p) == close)
            break;
        if (!first) {
            if (peek(p) != ',')
                return refuse(p, close == ']' ? "`,` or `]`" : "`,` or `}`");
            p->at++;
        }
        Json child = {0};
        if (!(close == ']' ? parse_value(p, &child) : parse_member(p, &child)))
            return false;
        buf_add(&p->waiting, &child, sizeof child);
    }
    p->at++;
    move_children(p, from, out);
    return true;
}

static bool parse_container(Parser *p, JsonKind kind, Json *out)
{
    if (p->depth == p->max_depth)
        return error_set(p->err, INVALID_ARGUMENT, "", "the JSON nests deeper than %d levels; flatten it",
                         p->max_depth);
    p->depth++;
    out->kind = kind;
    bool fine = parse_children(p, kind == JSON_ARRAY ? ']' : '}', out);
    p->depth--;
    return fine;
}

static bool parse_word(Parser *p, Json *out)
{
    Str word = token(p);
    if (str_eq(word, S("true")) || str_eq(word, S("false"))) {
        out->kind = JSON_BOOL;
        out->boolean = word.len == 4;
    } else if (!str_eq(word, S("null"))) {
        return refuse(p, "a value");
    }
    p->at++;
    return true;
}

static bool parse_number(Parser *p, Json *out)
{
    out->kind = JSON_NUMBER;
    out->text = token(p);
    if (!is_number(out->text))
        return refuse(p, "a number such as -12.5e3");
    p->at++;
    return true;
}

static bool parse_value(Parser *p, Json *out)
{
    switch (peek(p)) {
    case '{': return parse_container(p, JSON_OBJECT, out);
    case '[': return parse_container(p, JSON_ARRAY, out);
    case '"': out->kind = JSON_STRING; return parse_string(p, &out->text);
    case 't':
    case 'f':
    case 'n': return parse_word(p, out);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return parse_number(p, out);
    default: return refuse(p, "a value");
    }
}

static bool scan(Parser *p)
{
    switch (json_scan(p->text, p->len, &p->starts, &p->n_starts)) {
    case SCAN_OK: return true;
    case SCAN_OPEN_STRING:
        return error_set(p->err, INVALID_ARGUMENT, "", "the JSON ends within a string; its closing quote is missing");
    case SCAN_CONTROL_CHARACTER:
        return error_set(p->err, INVALID_ARGUMENT, "",
                         "a string of the JSON holds a bare control character; write it as an escape such as \\n");
    case SCAN_BAD_UTF8: break;
    }
    return error_set(p->err, INVALID_ARGUMENT, "", "the JSON is not UTF-8; send it in that encoding");
}

static bool parse_document(Parser *p, Json *out)
{
    if (!scan(p) || !parse_value(p, out))
        return false;
    return p->at == p->n_starts || refuse(p, "nothing after the value");
}

bool json_parse(Arena *arena, Str text, int max_depth, const Json **out, Error *err)
{
    if (text.len > UINT32_MAX / 2)
        return error_set(err, INVALID_ARGUMENT, "", "the JSON has %zu bytes; at most %u can be read", text.len,
                         UINT32_MAX / 2);
    Parser parser = {
        .arena = arena,
        .text = arena_alloc_bytes(arena, text.len),
        .len = text.len,
        .max_depth = MIN_OF(max_depth, JSON_DEPTH_MOST),
        .err = err,
    };
    if (text.len > 0)
        memcpy(parser.text, text.data, text.len);
    Json *root = NEW(arena, Json);
    bool fine = parse_document(&parser, root);
    buf_done(&parser.waiting);
    json_scan_shrink();
    if (fine)
        *out = root;
    return fine;
}
