/* api/token.c: the caller's own access tokens. A secret is shown once, by the answer that makes it. */
#include "store/token.h"

#include "aip/name.h"

#include "api/handlers.h"
#include "api/list.h"
#include "api/mask.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/id.h"

/* What a user may have at a time. */
#define TOKENS_MAX 10

/* ---- as JSON ---- */

/* "all" and "read_only" are words, anything else is a list. */
static void permissions_to_json(JsonOut *out, Str permissions)
{
    json_key(out, S("permissions"));
    if (str_starts(permissions, S("[")))
        json_raw(out, permissions);
    else
        json_str(out, permissions);
}

static void token_to_json(ApiRequest *request, const Token *token, Str secret)
{
    JsonOut *out = &request->json;
    json_open_object(out);
    json_member_str(out, S("name"), str_printf(request->arena, "me/tokens/%.*s", STR_ARG(token->id)));
    json_member_str(out, S("display_name"), token->display_name);
    json_key(out, S("workspaces"));
    json_raw(out, token->workspaces.len > 0 ? token->workspaces : S("[]"));
    permissions_to_json(out, token->permissions);
    json_member_str(out, S("secret_prefix"), token->prefix);
    if (secret.len > 0)
        json_member_str(out, S("secret"), secret);
    json_member_time_us(out, S("create_time"), token->create_us);
    json_member_time_us(out, S("update_time"), token->update_us);
    if (token->expire_us)
        json_member_time_us(out, S("expire_time"), token->expire_us);
    if (token->last_used_us)
        json_member_time_us(out, S("last_use_time"), token->last_used_us);
    json_close_object(out);
}

/* ---- reading ---- */

static bool get_token(ApiRequest *request, Error *err)
{
    Token token;
    if (!store_token_get(request->tx, request->arena, request->principal->user, request->path[PATH_TOKEN], &token, err))
        return false;
    token_to_json(request, &token, (Str){0});
    return true;
}

static bool list_tokens(ApiRequest *request, Error *err)
{
    ApiList list;
    Token *tokens;
    int n;
    if (!list_begin(request, &list, err) || !store_token_list(request->tx, request->arena, request->principal->user,
                                                              &list.query, &tokens, &n, &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("tokens"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++)
        token_to_json(request, &tokens[i], (Str){0});
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* ---- what may be set ---- */

static Str json_as_text(Arena *arena, const Json *json)
{
    Buf text = buf_in(arena);
    JsonOut out = json_out(&text);
    json_write(&out, json);
    return buf_view(&text);
}

static bool read_permissions(ApiRequest *request, Str *out, Error *err)
{
    const Json *permissions = json_get(request->body, S("permissions"));
    *out = S("all");
    if (!permissions)
        return true;
    if (permissions->count == 0)
        return error_set(err, INVALID_ARGUMENT, "permissions",
                         "permissions: name at least one, or say \"all\" or \"read_only\"");
    Str first = permissions->items[0].text;
    bool word = str_eq(first, S("all")) || str_eq(first, S("read_only"));
    *out = word && permissions->count == 1 ? first : json_as_text(request->arena, permissions);
    return true;
}

/* Names of workspaces that the caller belongs to; "" for all. */
static bool read_workspaces(ApiRequest *request, Str *out, Error *err)
{
    const Json *workspaces = json_get(request->body, S("workspaces"));
    *out = (Str){0};
    if (!workspaces || workspaces->count == 0)
        return true;
    for (uint32_t i = 0; i < workspaces->count; i++) {
        Str name = workspaces->items[i].text;
        NameParts parts;
        Scope scope;
        if (!name_parse(name, S("organizations/{organization}/workspaces/{workspace}"), "workspaces", &parts, err) ||
            !principal_authorize(request->tx, request->arena, request->principal, S("read:Workspace"), parts.values[0],
                                 parts.values[1], &scope, err))
            return false;
    }
    *out = json_as_text(request->arena, workspaces);
    return true;
}

static bool read_expiry(const ApiRequest *request, int64_t *out_us, Error *err)
{
    const Json *expire = json_get(request->body, S("expire_time"));
    *out_us = 0;
    if (expire && (!clock_parse(expire->text, out_us) || *out_us <= clock_now_us()))
        return error_set(err, INVALID_ARGUMENT, "expire_time", "%.*s has passed already", STR_ARG(expire->text));
    return true;
}

/* ---- making, changing, revoking ---- */

static bool prepare_create(ApiRequest *request, Error *err)
{
    Token *token = NEW(request->arena, Token);
    request->state = token;
    token->user = request->principal->user;
    token->display_name = json_text(json_get(request->body, S("display_name")));
    return read_expiry(request, &token->expire_us, err) && read_permissions(request, &token->permissions, err) &&
           read_workspaces(request, &token->workspaces, err) &&
           principal_may_grant(request->arena, request->principal, token->workspaces, token->permissions, err);
}

static bool create_token(ApiRequest *request, Error *err)
{
    const Token *wanted = request->state;
    TokenSecret secret = token_secret_new();
    Str text = str_copy(request->arena, token_secret_str(&secret));
    Id id = id_new();
    Token token = *wanted;
    token.id = str_copy(request->arena, id_str(&id));
    token.prefix = token_secret_shown(text);
    token_secret_hash(text, token.hash);
    if (!store_token_create(request->tx, &token, TOKENS_MAX, err))
        return false;
    token_to_json(request, &token, api_only_validates(request) ? (Str){0} : text);
    return true;
}

typedef struct TokenEdit {
    Mask mask;
    Str display_name, workspaces, permissions;
} TokenEdit;

static bool prepare_update(ApiRequest *request, Error *err)
{
    TokenEdit *edit = NEW(request->arena, TokenEdit);
    Token token;
    request->state = edit;
    if (!mask_read(request, &edit->mask, err) ||
        !store_token_get(request->tx, request->arena, request->principal->user, request->path[PATH_TOKEN], &token,
                         err) ||
        !read_permissions(request, &edit->permissions, err) || !read_workspaces(request, &edit->workspaces, err))
        return false;
    edit->display_name = json_text(json_get(request->body, S("display_name")));
    if (mask_has(request, &edit->mask, S("display_name")) && edit->display_name.len == 0)
        return error_set(err, INVALID_ARGUMENT, "display_name", "must not be empty");
    bool widens = mask_has(request, &edit->mask, S("permissions")),
         moves = mask_has(request, &edit->mask, S("workspaces"));
    return principal_may_grant(request->arena, request->principal, moves ? edit->workspaces : token.workspaces,
                               widens ? edit->permissions : token.permissions, err);
}

static bool update_token(ApiRequest *request, Error *err)
{
    const TokenEdit *edit = request->state;
    Token token;
    if (!store_token_get(request->tx, request->arena, request->principal->user, request->path[PATH_TOKEN], &token, err))
        return false;
    if (mask_has(request, &edit->mask, S("display_name")))
        token.display_name = edit->display_name;
    if (mask_has(request, &edit->mask, S("workspaces")))
        token.workspaces = edit->workspaces;
    if (mask_has(request, &edit->mask, S("permissions")))
        token.permissions = edit->permissions;
    token.update_us = tx_now_us(request->tx);
    if (!store_token_update(request->tx, &token, err))
        return false;
    token_to_json(request, &token, (Str){0});
    return true;
}

static bool delete_token(ApiRequest *request, Error *err)
{
    if (!store_token_delete(request->tx, request->principal->user, request->path[PATH_TOKEN], err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

const Handler token_handlers[] = {
    {OP_GET_TOKEN, ON_LOOP, get_token},
    {OP_LIST_TOKENS, ON_READER, list_tokens},
    {OP_CREATE_TOKEN, ON_WRITER, create_token, prepare_create},
    {OP_UPDATE_TOKEN, ON_WRITER, update_token, prepare_update},
    {OP_DELETE_TOKEN, ON_WRITER, delete_token},
    HANDLERS_END,
};
