/* Fuzz target of src/aip/filter*.c: no text crashes the parser, takes long, or reads differently after printing. */
#include <stdlib.h>
#include <string.h>

#include "aip/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const Str states[] = {S_INIT("STATE_PENDING"), S_INIT("STATE_RESOLVED"), S_INIT("STATE_ARCHIVED")};
static const Str other_names[] = {S_INIT("open"), S_INIT("STATE_PENDING"), S_INIT("open"), S_INIT("STATE_ARCHIVED")};
static const FilterField fields[] = {
    {S_INIT("state"), FILTER_ENUM, FILTER_EQ | FILTER_NE, states, COUNT_OF(states), S_INIT("STATE_"), other_names, 2},
    {.name = S_INIT("title"), .type = FILTER_TEXT, .operators = FILTER_EQ | FILTER_NE | FILTER_HAS},
    {.name = S_INIT("create_time"), .type = FILTER_TIME, .operators = 63},
    {.name = S_INIT("count"), .type = FILTER_INTEGER, .operators = 63},
    {.name = S_INIT("valid"), .type = FILTER_BOOLEAN, .operators = FILTER_EQ | FILTER_NE},
    {.name = S_INIT("run"), .type = FILTER_RESOURCE, .operators = FILTER_EQ | FILTER_NE},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0};
    Error err = {0};
    const Filter *filter, *again;
    if (filter_parse(&arena, str_of((const char *)data, size), fields, COUNT_OF(fields), &filter, &err)) {
        Str canonical = filter_print(&arena, filter, fields);
        if (!filter_parse(&arena, canonical, fields, COUNT_OF(fields), &again, &err)) {
            /* Printing spells out what the text said in short, and may step over a bound with it. */
            if (canonical.len <= 64 * 1024 && !strstr(err.message, "nested"))
                abort();
        } else if (!str_eq(canonical, filter_print(&arena, again, fields))) {
            abort();
        }
    }
    arena_done(&arena);
    return 0;
}
