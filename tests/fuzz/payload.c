/* Fuzz target of src/aip/payload.c: no filter and no message crash, and what does not pass a filter passes its
 * opposite.
 *
 * The input is the filter, a newline, and the message's JSON; the filter is also tried as a path into it. */
#include <stdlib.h>
#include <string.h>

#include "aip/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH = 64 };

static void check_opposite(Arena *arena, Str text, const Filter *filter, const Json *payload)
{
    const Filter *opposite;
    Error err = {0};
    bool passes = payload_matches(filter, payload);
    /* Around a filter at its bounds there is no room for more. */
    if (filter && filter_parse_open(arena, str_printf(arena, "NOT (%.*s)", STR_ARG(text)), &opposite, &err) &&
        payload_matches(opposite, payload) == passes)
        abort();
    if (!filter && !passes)
        abort();
}

static void check(Arena *arena, Str text, Str message)
{
    const Json *payload;
    const Filter *filter;
    Error err = {0};
    if (!json_parse(arena, message, DEPTH, &payload, &err))
        return;
    (void)payload_at(payload, text);
    if (payload_at(payload, S("$")) != payload)
        abort();
    if (filter_parse_open(arena, text, &filter, &err))
        check_opposite(arena, text, filter, payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0};
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    if (newline) {
        size_t len = (size_t)(newline - data);
        check(&arena, str_of((const char *)data, len), str_of((const char *)newline + 1, size - len - 1));
    }
    arena_done(&arena);
    return 0;
}
