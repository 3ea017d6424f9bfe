/* aip/payload.c */
#include "aip/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* ---- paths ---- */

static const Json *item_at(const Json *array, Str number)
{
    int64_t n;
    if (!str_to_i64(number, &n) || n < 0 || n >= array->count)
        return NULL;
    return &array->items[n];
}

static const Json *step(const Json *from, Str name)
{
    return json_is(from, JSON_ARRAY) ? item_at(from, name) : json_get(from, name);
}

/* Where the name's next dot is behind `at`; the end without one. */
static size_t next_dot(Str path, size_t at)
{
    ptrdiff_t dot = str_find_char(str_skip(path, at), '.');
    return dot < 0 ? path.len : at + (size_t)dot;
}

/* Depth is bounded by the payload's own. */
static const Json *follow(const Json *from, Str path)
{
    if (path.len == 0)
        return from;
    for (size_t end = next_dot(path, 0);; end = next_dot(path, end + 1)) {
        const Json *member = step(from, str_slice(path, 0, end));
        const Json *found = member ? follow(member, str_skip(path, end + 1)) : NULL;
        if (found || end >= path.len)
            return found;
    }
}

const Json *payload_at(const Json *payload, Str path)
{
    return str_eq(path, S("$")) ? payload : follow(payload, path);
}

/* ---- one value against one literal ---- */

static bool order_holds(FilterOp op, int order)
{
    switch (op) {
    case FILTER_EQ: return order == 0;
    case FILTER_NE: return order != 0;
    case FILTER_LT: return order < 0;
    case FILTER_LE: return order <= 0;
    case FILTER_GT: return order > 0;
    case FILTER_GE: return order >= 0;
    case FILTER_HAS: return order == 0;
    }
    return false;
}

/* NUL-terminated, for the C library; numbers that long are compared by nobody. */
static bool to_double(Str text, double *out)
{
    char copy[400];
    char *end;
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.data, 'x', text.len) ||
        memchr(text.data, 'n', text.len))
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    *out = strtod(copy, &end);
    return end == copy + text.len;
}

/* Whole numbers exactly, others as doubles. */
static bool number_holds(FilterOp op, Str value, Str literal)
{
    int64_t a, b;
    double x, y;
    if (str_to_i64(value, &a) && str_to_i64(literal, &b))
        return order_holds(op, (a > b) - (a < b));
    return to_double(value, &x) && to_double(literal, &y) && order_holds(op, (x > y) - (x < y));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool contains_fold(Str text, Str part)
{
    for (size_t at = 0; at + part.len <= text.len; at++) {
        size_t same = 0;
        while (same < part.len && lower(text.data[at + same]) == lower(part.data[same]))
            same++;
        if (same == part.len)
            return true;
    }
    return false;
}

static bool text_fits(const Filter *term, Str value)
{
    if (term->prefix_match && term->suffix_match)
        return str_contains(value, term->text);
    return term->prefix_match ? str_starts(value, term->text) : str_ends(value, term->text);
}

static bool text_holds(const Filter *term, Str value)
{
    int64_t a, b;
    if (term->op == FILTER_HAS)
        return contains_fold(value, term->text);
    if (term->prefix_match || term->suffix_match)
        return text_fits(term, value) == (term->op == FILTER_EQ);
    if (clock_parse(value, &a) && clock_parse(term->text, &b))
        return order_holds(term->op, (a > b) - (a < b));
    return order_holds(term->op, str_compare(value, term->text));
}

static bool word_holds(const Filter *term, Str word)
{
    bool is = str_eq_fold(word, term->text);
    return term->op == FILTER_NE ? !is : (term->op == FILTER_EQ || term->op == FILTER_HAS) && is;
}

static bool value_holds(const Filter *term, const Json *value)
{
    if (term->present)
        return value->kind != JSON_NULL;
    switch (value->kind) {
    case JSON_NULL: return word_holds(term, S("null"));
    case JSON_BOOL: return word_holds(term, value->boolean ? S("true") : S("false"));
    case JSON_NUMBER: return number_holds(term->op, value->text, term->text);
    case JSON_STRING: return text_holds(term, value->text);
    case JSON_OBJECT: return term->op == FILTER_HAS && json_get(value, term->text) != NULL;
    case JSON_ARRAY: break;
    }
    for (uint32_t i = 0; i < value->count; i++) {
        const Json *item = &value->items[i];
        /* An item is had when it is equal; a part of it is not enough. */
        Filter equal = *term;
        equal.op = term->op == FILTER_HAS && item->kind == JSON_STRING ? FILTER_EQ : term->op;
        if (value_holds(&equal, item))
            return true;
    }
    return false;
}

/* ---- a term, and what joins terms ---- */

static bool term_holds(const Filter *term, const Json *from, Str path)
{
    if (path.len == 0)
        return value_holds(term, from);
    if (from->kind == JSON_ARRAY) {
        for (uint32_t i = 0; i < from->count; i++)
            if (term_holds(term, &from->items[i], path))
                return true;
    }
    for (size_t end = next_dot(path, 0);; end = next_dot(path, end + 1)) {
        const Json *member = step(from, str_slice(path, 0, end));
        if (member && term_holds(term, member, str_skip(path, end + 1)))
            return true;
        if (end >= path.len)
            return false;
    }
}

bool payload_matches(const Filter *filter, const Json *payload)
{
    if (!filter)
        return true;
    switch (filter->kind) {
    case FILTER_TERM: return term_holds(filter, payload, filter->spec->name);
    case FILTER_NOT: return !payload_matches(filter->kids[0], payload);
    case FILTER_AND:
        for (uint32_t i = 0; i < filter->n_kids; i++)
            if (!payload_matches(filter->kids[i], payload))
                return false;
        return true;
    case FILTER_OR:
        for (uint32_t i = 0; i < filter->n_kids; i++)
            if (payload_matches(filter->kids[i], payload))
                return true;
        return false;
    }
    return false;
}
