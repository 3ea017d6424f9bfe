#include "api/admit.h"

#include "api/internal.h"
#include "base/clock.h"

static bool count_call(ApiRequest *request, Error *err)
{
    RateAnswer rate = rate_ask(request->api->rate, request->principal->token, clock_monotonic_us());
    if (rate.limit > 0) {
        Arena *arena = request->arena;
        api_header(request, S("RateLimit-Limit"), str_printf(arena, "%lld", (long long)rate.limit));
        api_header(request, S("RateLimit-Remaining"), str_printf(arena, "%lld", (long long)rate.remaining));
        api_header(request, S("RateLimit-Reset"), str_printf(arena, "%lld", (long long)rate.reset_s));
        request->n_kept_headers = request->n_headers;
    }
    if (rate.allowed)
        return true;
    request->retry_after_s = rate.retry_s;
    return error_set(err, RESOURCE_EXHAUSTED, "", "this token may make %lld calls in %lld s; try again in %lld s",
                     (long long)rate.limit, (long long)rate.window_s, (long long)rate.retry_s);
}

bool admit(ApiRequest *request, Error *err)
{
    const ContractOperation *operation = request->operation;
    if (request->admitted || operation->open_to_all)
        return true;
    if (!principal_authenticate(request->tx, request->arena, http_header(request->http, S("Authorization")),
                                &request->principal, err) ||
        !count_call(request, err) ||
        !principal_authorize(request->tx, request->arena, request->principal, operation->permission,
                             request->path[PATH_ORGANIZATION], request->path[PATH_WORKSPACE], &request->scope, err))
        return false;
    request->admitted = true;
    return true;
}

bool api_may(const ApiRequest *request, Str permission)
{
    Scope scope;
    Error err;
    return principal_authorize(request->tx, request->arena, request->principal, permission,
                               request->path[PATH_ORGANIZATION], request->path[PATH_WORKSPACE], &scope, &err);
}
