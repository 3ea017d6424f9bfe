/* api/signed_url.c: the seal is that of page tokens, over a purpose and a target that no list has. */
#include "api/signed_url.h"

#include "aip/page.h"
#include "base/clock.h"
#include "http/url.h"

#define SECOND_US ((int64_t)1000000)
#define HOUR_US (3600 * SECOND_US)
#define LASTS_MOST_US (7 * 24 * HOUR_US)

static const struct {
    Str path, seal;
} purposes[] = {
    [SIGNED_DOWNLOAD] = {S_INIT("/api/v1/files:get"), S_INIT("signed download")},
    [SIGNED_UPLOAD] = {S_INIT("/api/v1/files:put"), S_INIT("signed upload")},
};

bool signed_url_lasts(const ApiRequest *request, int64_t *out_us, Error *err)
{
    const Json *json = json_get(request->body, S("expire_duration"));
    *out_us = HOUR_US;
    if (json && (!duration_parse(json->text, out_us) || *out_us < SECOND_US || *out_us > LASTS_MOST_US))
        return error_set(err, INVALID_ARGUMENT, "expire_duration", "give a time from 1s to 604800s, which is a week");
    return true;
}

static Str sealed(const ApiRequest *request, SignedPurpose purpose, Str target)
{
    return str_printf(request->arena, "%.*s\n%.*s", STR_ARG(purposes[purpose].seal), STR_ARG(target));
}

/* Ids need no escaping in a query. */
Str signed_url_make(const ApiRequest *request, SignedPurpose purpose, Str target, int64_t expire_us)
{
    PageCursor until = {.set = true, .position = expire_us};
    Str signature =
        page_token_make(request->arena, api_page_key(request->api), sealed(request, purpose, target), until);
    return str_printf(request->arena, "%.*s://%.*s%.*s?target=%.*s&signature=%.*s", STR_ARG(request->http->scheme),
                      STR_ARG(request->http->authority), STR_ARG(purposes[purpose].path), STR_ARG(target),
                      STR_ARG(signature));
}

static bool check_seal(const ApiRequest *request, SignedPurpose purpose, Str target, Error *err)
{
    PageCursor until;
    Str signature = request->query[QUERY_SIGNATURE].text;
    if (!page_token_read(api_page_key(request->api), sealed(request, purpose, target), signature, &until, err) ||
        !until.set)
        return error_set(
            err, PERMISSION_DENIED, "",
            "this URL was changed, or is not for this: use it exactly as it was given, or ask for another");
    return until.position > clock_now_us() ||
           error_set(err, PERMISSION_DENIED, "", "this URL has expired: ask for another");
}

bool signed_url_read(const ApiRequest *request, SignedPurpose purpose, Scope *out_scope, Str *out_file, Error *err)
{
    Str target = request->query[QUERY_TARGET].text, rest = target;
    Organization organization;
    Workspace workspace;
    if (!check_seal(request, purpose, target, err))
        return false;
    /* It is ours: pairs of a collection and an id. */
    *out_file = (Str){0};
    *out_scope = (Scope){0};
    while (rest.len > 0) {
        Str collection = str_cut(&rest, '/'), id = str_cut(&rest, '/');
        if (str_eq(collection, S("files"))) {
            *out_file = id;
        } else if (str_eq(collection, S("workspaces"))) {
            if (!store_workspace_get(request->tx, request->arena, out_scope->organization, id, &workspace, err))
                return false;
            if (workspace.delete_us)
                return error_set(err, NOT_FOUND, "", "the workspace of this URL was deleted");
            out_scope->workspace = workspace.key;
            out_scope->workspace_id = workspace.id;
        } else {
            if (!store_organization_get(request->tx, request->arena, id, &organization, err))
                return false;
            out_scope->organization = organization.key;
            out_scope->organization_id = organization.id;
        }
    }
    return true;
}
