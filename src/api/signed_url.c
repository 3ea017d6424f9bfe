/* api/signed_url.c: a signature is the moment until which the URL holds, in microseconds, a point, and the base64url of
 * the HMAC-SHA256 (RFC 2104) of purpose, target and that moment. */
#include "api/signed_url.h"

#include <sodium.h>

#include "aip/page.h"
#include "base/clock.h"
#include "base/codec.h"
#include "http/url.h"

#define SECOND_US ((int64_t)1000000)
#define HOUR_US (3600 * SECOND_US)
#define LASTS_MOST_US (7 * 24 * HOUR_US)

static const struct {
    Str path, use;
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

/* The server's secret has other uses: this one has a key of its own. */
static void derive_key(const ApiRequest *request, unsigned char out[crypto_auth_hmacsha256_KEYBYTES])
{
    static const unsigned char use[] = "signed urls";
    const PageKey *secret = api_page_key(request->api);
    crypto_generichash(out, crypto_auth_hmacsha256_KEYBYTES, use, sizeof use, secret->bytes, sizeof secret->bytes);
}

static Str signature_until(const ApiRequest *request, SignedPurpose purpose, Str target, int64_t expire_us)
{
    unsigned char key[crypto_auth_hmacsha256_KEYBYTES], mac[crypto_auth_hmacsha256_BYTES];
    Str text = str_printf(request->arena, "%.*s\n%.*s\n%lld", STR_ARG(purposes[purpose].use), STR_ARG(target),
                          (long long)expire_us);
    derive_key(request, key);
    crypto_auth_hmacsha256(mac, (const unsigned char *)text.data, text.len, key);
    sodium_memzero(key, sizeof key);
    Buf out = buf_in(request->arena);
    buf_printf(&out, "%lld.", (long long)expire_us);
    base64url_encode(&out, str_of((const char *)mac, sizeof mac));
    return buf_view(&out);
}

/* Ids need no escaping in a query. */
Str signed_url_make(const ApiRequest *request, SignedPurpose purpose, Str target, int64_t expire_us)
{
    Str signature = signature_until(request, purpose, target, expire_us);
    return str_printf(request->arena, "%.*s%.*s?target=%.*s&signature=%.*s", STR_ARG(api_own_url(request)),
                      STR_ARG(purposes[purpose].path), STR_ARG(target), STR_ARG(signature));
}

/* The whole signature is made again from what it says and must come out the same, so that it has one spelling. */
static bool check_signature(const ApiRequest *request, SignedPurpose purpose, Str target, Error *err)
{
    Str given = request->query[QUERY_SIGNATURE].text, rest = given, made;
    int64_t expire_us;
    bool fits = str_to_i64(str_cut(&rest, '.'), &expire_us);
    if (fits) {
        made = signature_until(request, purpose, target, expire_us);
        fits = made.len == given.len && sodium_memcmp(made.data, given.data, made.len) == 0;
    }
    if (!fits)
        return error_set(
            err, PERMISSION_DENIED, "",
            "this URL was changed, or is not for this: use it exactly as it was given, or ask for another");
    return expire_us > clock_now_us() || error_set(err, PERMISSION_DENIED, "", "this URL has expired: ask for another");
}

bool signed_url_read(const ApiRequest *request, SignedPurpose purpose, Scope *out_scope, Str *out_file, Error *err)
{
    Str target = request->query[QUERY_TARGET].text, rest = target;
    Organization organization;
    Workspace workspace;
    if (!check_signature(request, purpose, target, err))
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
            if (workspace_is_gone(&workspace))
                return error_set(err, NOT_FOUND, "", "the workspace of this URL was deleted");
            out_scope->workspace = workspace.key;
            out_scope->workspace_id = workspace.id;
        } else {
            if (!store_organization_get(request->tx, request->arena, id, &organization, err))
                return false;
            if (organization.delete_us)
                return error_set(err, NOT_FOUND, "", "the organization of this URL was deleted");
            out_scope->organization = organization.key;
            out_scope->organization_id = organization.id;
        }
    }
    return true;
}
