#include "api/idempotent.h"

#include "store/run.h"

Str idempotent_id(const ApiRequest *request, Str request_id)
{
    if (request_id.len == 0)
        return request_id;
    return str_printf(request->arena, "%.*s/%.*s/%.*s", STR_ARG(request->principal->user_id),
                      STR_ARG(contract_operations[request->operation->canonical].id), STR_ARG(request_id));
}

uint64_t idempotent_hash_of(const ApiRequest *request, const Json *body)
{
    uint64_t hash = 0;
    for (int i = 0; i < PATH_COUNT; i++)
        hash = hash * 31 + str_hash(request->path[i]);
    Json known = {.kind = JSON_OBJECT};
    if (body) {
        known = *body;
        known.items = NEW_ARRAY(request->arena, Json, body->count + 1);
        known.count = 0;
        for (uint32_t i = 0; i < body->count; i++)
            if (!str_eq(body->items[i].key, S("request_id")))
                known.items[known.count++] = body->items[i];
    }
    return hash ^ json_hash(&known);
}

uint64_t idempotent_hash(const ApiRequest *request)
{
    return idempotent_hash_of(request, request->body);
}

static Str scoped_id(const ApiRequest *request)
{
    return idempotent_id(request, request->query[QUERY_REQUEST_ID].text);
}

Repeat idempotent_begin(ApiRequest *request, Error *err)
{
    bool found;
    uint64_t hash;
    Str response;
    if (request->query[QUERY_REQUEST_ID].text.len == 0)
        return REPEAT_NO;
    if (!store_request_get(request->tx, request->arena, &request->scope, scoped_id(request), &found, &hash, &response,
                           err))
        return REPEAT_REFUSED;
    if (!found)
        return REPEAT_NO;
    if (hash != idempotent_hash(request)) {
        (void)error_set(err, ALREADY_EXISTS, "request_id",
                        "it was used before with another request; use a new one, or repeat the same request");
        return REPEAT_REFUSED;
    }
    json_raw(&request->json, response);
    return REPEAT_YES;
}

bool idempotent_end(ApiRequest *request, Error *err)
{
    if (request->query[QUERY_REQUEST_ID].text.len == 0)
        return true;
    return store_request_put(request->tx, &request->scope, scoped_id(request), idempotent_hash(request),
                             buf_view(&request->out), err);
}
