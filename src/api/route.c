/* api/route.c: one walk down the tree; backwards only where a literal turned out to be a dead end. */
#include "api/route.h"

#include "base/buf.h"
#include "base/codec.h"

/* Deeper than any path of the contract: what is longer cannot match. */
#define MAX_SEGMENTS 24

typedef struct Walk {
    Str segments[MAX_SEGMENTS];
    uint32_t n_segments;
    Str verb;
    HttpMethod method;
    uint32_t parameter_at[PATH_COUNT]; /* number of the segment that a parameter took, from 1 */
    unsigned allowed;
} Walk;

/* "grimoire://aop.md" is one segment, also where a client did not encode it. */
static bool walk_is_uri(const Walk *walk)
{
    return walk->n_segments > 0 && str_ends(walk->segments[walk->n_segments - 1], S(":"));
}

/* Splits "/a/b/c:verb"; false for a path that cannot be one of ours. */
static bool walk_split(Walk *walk, Str path)
{
    if (path.len < 2 || path.data[0] != '/')
        return false;
    Str rest = str_skip(path, 1);
    while (rest.data) {
        Str segment = str_cut(&rest, '/');
        if (segment.len == 0 && rest.data && walk_is_uri(walk)) {
            Str tail = str_cut(&rest, '/'), *uri = &walk->segments[walk->n_segments - 1];
            if (tail.len == 0)
                return false;
            uri->len = (size_t)(tail.data + tail.len - uri->data);
            continue;
        }
        if (segment.len == 0 || walk->n_segments == MAX_SEGMENTS)
            return false;
        walk->segments[walk->n_segments++] = segment;
    }
    Str *last = &walk->segments[walk->n_segments - 1];
    ptrdiff_t colon = str_find_last_char(*last, ':');
    if (colon >= 0 && !str_starts(str_skip(*last, (size_t)colon), S("://"))) {
        walk->verb = str_skip(*last, (size_t)colon + 1);
        *last = str_slice(*last, 0, (size_t)colon);
        return walk->verb.len > 0;
    }
    return true;
}

static const RouteNode *literal_child(const RouteNode *node, Str segment)
{
    for (uint32_t i = 0; i < node->n_edges; i++) {
        if (str_eq(node->edges[i].segment, segment))
            return &contract_routes[node->edges[i].node];
    }
    return NULL;
}

static const ContractOperation *node_end(Walk *walk, const RouteNode *node)
{
    HttpMethod method = walk->method == HTTP_HEAD ? HTTP_GET : walk->method;
    for (uint32_t i = 0; i < node->n_ends; i++) {
        const RouteEnd *end = &node->ends[i];
        if (!str_eq(end->verb, walk->verb))
            continue;
        if (end->method == method)
            return &contract_operations[end->operation];
        walk->allowed |= BIT(end->method) | (end->method == HTTP_GET ? BIT(HTTP_HEAD) : 0);
    }
    return NULL;
}

static const ContractOperation *walk_from(Walk *walk, const RouteNode *node, uint32_t at)
{
    if (at == walk->n_segments)
        return node_end(walk, node);
    const RouteNode *literal = literal_child(node, walk->segments[at]);
    const ContractOperation *found = literal ? walk_from(walk, literal, at + 1) : NULL;
    if (found || !node->child || walk->segments[at].len == 0)
        return found;
    walk->parameter_at[node->parameter] = at + 1;
    found = walk_from(walk, &contract_routes[node->child], at + 1);
    if (!found)
        walk->parameter_at[node->parameter] = 0;
    return found;
}

static bool decode_segments(Arena *arena, const Walk *walk, Route *route, Error *err)
{
    for (uint32_t i = 0; i < PATH_COUNT; i++) {
        if (!walk->parameter_at[i])
            continue;
        Str raw = walk->segments[walk->parameter_at[i] - 1];
        if (!percent_decode(arena, raw, false, &route->path[i]) || !utf8_is_valid(route->path[i]) ||
            str_find_char(route->path[i], '\0') >= 0)
            return error_set(err, INVALID_ARGUMENT, "", "the path's segment %.*s is not text; encode it as UTF-8",
                             STR_ARG(str_slice(raw, 0, 100)));
    }
    for (uint32_t i = 0; i < route->operation->n_fills; i++)
        route->path[route->operation->fills[i].parameter] = route->operation->fills[i].value;
    return true;
}

bool route_match(Arena *arena, HttpMethod method, Str raw_path, Route *out, Error *err)
{
    *out = (Route){0};
    Walk walk = {.method = method};
    if (walk_split(&walk, raw_path))
        out->operation = walk_from(&walk, &contract_routes[0], 0);
    if (out->operation)
        return decode_segments(arena, &walk, out, err);
    out->allowed = walk.allowed;
    Str shown = str_slice(raw_path, 0, 200);
    if (walk.allowed)
        return error_set(err, UNIMPLEMENTED, "", "%s is not a method of %.*s; it has %.*s", http_method_names[method],
                         STR_ARG(shown), STR_ARG(route_allow(arena, walk.allowed)));
    return error_set(err, NOT_FOUND, "", "there is no %.*s; /openapi.json lists every path", STR_ARG(shown));
}

Str route_allow(Arena *arena, unsigned allowed)
{
    Buf out = buf_in(arena);
    for (int method = 0; method < HTTP_N_METHODS; method++) {
        if (allowed & BIT(method))
            buf_printf(&out, "%s%s", out.len ? ", " : "", http_method_names[method]);
    }
    return buf_view(&out);
}
