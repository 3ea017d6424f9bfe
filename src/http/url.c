/* http/url.c: see the header. */
#include "http/url.h"

#include "base/arena.h"
#include "base/codec.h"

static bool has_control(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return true;
    }
    return false;
}

bool url_decode(Arena *arena, Str text, bool plus_is_space, Str *out, Error *err)
{
    Str decoded;
    if (!percent_decode(arena, text, plus_is_space, &decoded))
        return error_set(err, INVALID_ARGUMENT, "",
                         "\"%.*s\" holds a broken percent escape: expected %% and two hexadecimal digits",
                         STR_ARG(str_slice(text, 0, 100)));
    if (!utf8_is_valid(decoded))
        return error_set(err, INVALID_ARGUMENT, "", "\"%.*s\" is not UTF-8 once its escapes are taken apart",
                         STR_ARG(str_slice(text, 0, 100)));
    if (has_control(decoded))
        return error_set(err, INVALID_ARGUMENT, "", "\"%.*s\" hides a control character",
                         STR_ARG(str_slice(text, 0, 100)));
    if (!decoded.data)
        decoded.data = "";
    *out = decoded;
    return true;
}

static bool add_segment(Arena *arena, UrlPath *path, Str raw, Error *err)
{
    if (path->n == URL_MAX_SEGMENTS)
        return error_set(err, INVALID_ARGUMENT, "", "the path has more than %d segments", URL_MAX_SEGMENTS);
    Str segment;
    if (!url_decode(arena, raw, false, &segment, err))
        return false;
    if (segment.len == 0 || str_eq(segment, S(".")) || str_eq(segment, S("..")))
        return error_set(err, INVALID_ARGUMENT, "",
                         "the path holds an empty, \".\" or \"..\" segment: give the resource's name as it is");
    path->segments[path->n++] = segment;
    return true;
}

bool url_path_split(Arena *arena, Str path, UrlPath *out, Error *err)
{
    if (!str_starts(path, S("/")))
        return error_set(err, INVALID_ARGUMENT, "", "the path must begin with '/'");
    UrlPath split = {.segments = NEW_ARRAY(arena, Str, URL_MAX_SEGMENTS)};
    Str rest = str_skip(path, 1);
    while (rest.len > 0)
        if (!add_segment(arena, &split, str_cut(&rest, '/'), err))
            return false;
    *out = split;
    return true;
}

/* How many parts there may be, so that one allocation holds them. */
static size_t count_parts(Str query)
{
    size_t n = 1;
    for (size_t i = 0; i < query.len; i++)
        n += query.data[i] == '&';
    return n;
}

bool url_query_parse(Arena *arena, Str query, UrlQuery *out, Error *err)
{
    size_t parts = count_parts(query);
    if (parts > URL_MAX_PARAMETERS)
        return error_set(err, INVALID_ARGUMENT, "", "the query has more than %d parameters", URL_MAX_PARAMETERS);
    UrlQuery parsed = {.parameters = NEW_ARRAY(arena, UrlParameter, parts)};
    while (query.len > 0) {
        Str value = str_cut(&query, '&');
        if (value.len == 0)
            continue;
        Str name = str_cut(&value, '=');
        UrlParameter *parameter = &parsed.parameters[parsed.n++];
        if (!url_decode(arena, name, true, &parameter->name, err) ||
            !url_decode(arena, value, true, &parameter->value, err))
            return false;
    }
    *out = parsed;
    return true;
}

Str url_query_get(const UrlQuery *query, Str name)
{
    for (size_t i = query->n; i > 0; i--)
        if (str_eq(query->parameters[i - 1].name, name))
            return query->parameters[i - 1].value;
    return (Str){0};
}
