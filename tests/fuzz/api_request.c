/* Fuzz target of src/api/route.c, parameters.c and check.c: a method, a path with a query, and a body. Whatever comes,
 * the answer is a route and a checked body, or what is wrong with them; what was checked once is right for good. */
#include <stdlib.h>

#include "api/check.h"
#include "api/parameters.h"
#include "api/route.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Str printed(Arena *arena, const Json *json)
{
    Buf out = buf_in(arena);
    JsonOut writer = json_out(&out);
    json_write(&writer, json);
    return buf_view(&out);
}

/* Aliases, defaults and wrappers act once; the schema itself must hold for ever. */
static void check_again(Arena *arena, const ContractOperation *operation, const Json *checked)
{
    Violations wrong = {.arena = arena};
    const Json *again = check_object(arena, (SchemaId)operation->body, checked, operation->body_partial, &wrong);
    if (wrong.count > 0 || !str_eq(printed(arena, checked), printed(arena, again)))
        abort();
}

static void check_body_text(Arena *arena, const ContractOperation *operation, Str body)
{
    Violations wrong = {.arena = arena};
    const Json *json = NULL;
    Error err;
    if (body.len > 0 && !json_parse(arena, body, CONTRACT_BODY_DEPTH, &json, &err))
        return;
    const Json *checked = check_body(arena, operation, json, &wrong);
    if (wrong.count == 0 && checked)
        check_again(arena, operation, checked);
    else if (wrong.count > 0 && violations_none(&wrong, &err))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0};
    Str rest = str_of((const char *)data, size), head = str_cut(&rest, '\n'), query = head;
    HttpMethod method = size > 0 ? (HttpMethod)(data[0] % HTTP_N_METHODS) : HTTP_GET;
    Str path = str_cut(&query, '?');
    Route route;
    Error err;
    bool found = route_match(&arena, method, str_skip(path, 1), &route, &err);
    /* Bodies are tried on every operation, whether or not the path was guessed. */
    const ContractOperation *operation = found ? route.operation : &contract_operations[size % OP_COUNT];
    ApiParameter parameters[QUERY_COUNT] = {0};
    Violations wrong = {.arena = &arena};
    parameters_read(&arena, operation, query, parameters, &wrong);
    check_body_text(&arena, operation, rest);
    arena_done(&arena);
    return 0;
}
