/* Hostile paths, queries, ranges and header parameters: what comes out keeps what their headers promise. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/codec.h"
#include "http/multipart.h"
#include "http/range.h"
#include "http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_path(Arena *arena, Str text)
{
    UrlPath path;
    Error err;
    if (!url_path_split(arena, text, &path, &err))
        return;
    must(path.n <= URL_MAX_SEGMENTS);
    for (size_t i = 0; i < path.n; i++) {
        Str segment = path.segments[i];
        must(segment.len > 0 && utf8_is_valid(segment) && !str_eq(segment, S("..")) && !str_eq(segment, S(".")));
        must(str_find_char(segment, '\0') < 0);
    }
}

static void check_query(Arena *arena, Str text)
{
    UrlQuery query;
    Error err;
    if (!url_query_parse(arena, text, &query, &err))
        return;
    for (size_t i = 0; i < query.n; i++) {
        must(utf8_is_valid(query.parameters[i].name) && utf8_is_valid(query.parameters[i].value));
        must(url_query_get(&query, query.parameters[i].name).data != NULL);
    }
}

static void check_range(Str text, uint64_t size)
{
    ByteRange range;
    if (range_parse(text, size, &range) == RANGE_PART)
        must(range.length > 0 && range.offset < size && range.length <= size - range.offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0};
    Str text = str_of((const char *)data, size);
    check_path(&arena, text);
    check_query(&arena, text);
    check_range(text, size);
    check_range(text, UINT64_MAX);
    header_parameter(&arena, text, S("name"));
    arena_done(&arena);
    return 0;
}
