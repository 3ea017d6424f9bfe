#include "api/idempotent.h"

#include "store/run.h"

Str idempotent_id(const ApiRequest *request, Str request_id)
{
    if (request_id.len == 0)
        return request_id;
    return str_printf(request->arena, "%.*s/%.*s/%.*s", STR_ARG(request->principal->user_id),
                      STR_ARG(contract_operations[request->operation->canonical].id), STR_ARG(request_id));
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
    if (hash != request->body_hash) {
        (void)error_set(err, ALREADY_EXISTS, "request_id",
                        "request_id was used with another body; take a new id for another call");
        return REPEAT_REFUSED;
    }
    json_raw(&request->json, response);
    return REPEAT_YES;
}

bool idempotent_end(ApiRequest *request, Error *err)
{
    if (request->query[QUERY_REQUEST_ID].text.len == 0)
        return true;
    return store_request_put(request->tx, &request->scope, scoped_id(request), request->body_hash,
                             buf_view(&request->out), err);
}
