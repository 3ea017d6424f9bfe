#include "api/admit.h"

#include "api/internal.h"
#include "base/clock.h"

bool admit_count(ApiRequest *request, RateLimiter *limiter, int64_t bucket, const char *who, Error *err)
{
    RateAnswer rate = rate_ask(limiter, bucket, clock_monotonic_us());
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
    return error_set(err, RESOURCE_EXHAUSTED, "", "this %s may make %lld calls in %lld s; try again in %lld s", who,
                     (long long)rate.limit, (long long)rate.window_s, (long long)rate.retry_s);
}

static bool count_stranger(ApiRequest *request, const char *who, uint32_t about, Error *err)
{
    return admit_count(request, request->api->strangers, rate_key_of_address(request->http->peer, about), who, err);
}

/* A bucket an operation: who floods one must not silence the health checks of the same address. */
static bool admit_stranger(ApiRequest *request, Error *err)
{
    request->admitted = count_stranger(request, "address, without a token,", request->operation->canonical, err);
    return request->admitted;
}

/* Only failures are counted, so that one bad client does not shut out the good ones behind the same address. */
static bool authenticate(ApiRequest *request, Error *err)
{
    Error too_many;
    if (principal_authenticate(request->tx, request->arena, http_header(request->http, S("Authorization")),
                               &request->principal, err))
        return true;
    if (err->code == UNAUTHENTICATED &&
        !count_stranger(request, "address, without a valid token,", OP_COUNT, &too_many))
        *err = too_many;
    return false;
}

bool admit(ApiRequest *request, Error *err)
{
    const ContractOperation *operation = request->operation;
    if (request->admitted)
        return true;
    if (operation->open_to_all)
        return admit_stranger(request, err);
    if (!authenticate(request, err) ||
        !admit_count(request, request->api->rate, request->principal->token, "token", err) ||
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
