/* api/role.c: roles: those that every organization has, and an organization's or a workspace's own. */
#include "api/role.h"

#include "api/handlers.h"
#include "api/idempotent.h"
#include "api/list.h"
#include "api/mask.h"
#include "api/name.h"
#include "auth/permission.h"
#include "base/id.h"

/* ---- what a role is ---- */

Str role_full_name(Arena *arena, const Scope *scope, Str id)
{
    if (scope->workspace)
        return name_in_workspace(arena, scope, S("roles"), id);
    return str_printf(arena, "%.*s/roles/%.*s", STR_ARG(name_organization(arena, scope->organization_id)), STR_ARG(id));
}

bool role_grants(const RoleRow *role, Str permission)
{
    Membership membership = {.permissions = role->permissions};
    if (!role_is_own(role))
        membership.roles = BIT(role->key);
    return membership_may(&membership, permission);
}

bool role_may_give(const ApiRequest *request, const RoleRow *role, Error *err)
{
    const Str *permission;
    for (size_t i = 0; (permission = permission_at(i)) != NULL; i++) {
        if (role_grants(role, *permission) && !api_may(request, *permission))
            return error_set(
                err, PERMISSION_DENIED, "",
                "the role \"%.*s\" holds %.*s, which you lack here; nobody gives or takes more than they have",
                STR_ARG(str_clip(role->title, 100)), STR_ARG(*permission));
    }
    return true;
}

static bool refuse_role(ApiRequest *request, Str text, const char *field, const RoleRow *roles, int n, Error *err)
{
    Buf known = buf_in(request->arena);
    for (int i = 0; i < MIN_OF(n, 12); i++)
        buf_printf(&known, "%s%.*s", i ? ", " : "", STR_ARG(roles[i].id));
    return error_set(err, INVALID_ARGUMENT, field, "there is no role \"%.*s\" here; roles are %.*s",
                     STR_ARG(str_clip(text, 100)), STR_ARG(buf_view(&known)));
}

bool role_of_text(ApiRequest *request, Str text, const char *field, RoleRow *out, Error *err)
{
    RoleRow *roles;
    int n;
    if (!store_role_list(request->tx, request->arena, &request->scope, &roles, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        if (str_eq(text, roles[i].id) || str_eq_fold(text, roles[i].title) ||
            str_eq(text, role_full_name(request->arena, &request->scope, roles[i].id))) {
            *out = roles[i];
            return true;
        }
    }
    return refuse_role(request, text, field, roles, n, err);
}

static void role_to_json(ApiRequest *request, const RoleRow *role)
{
    JsonOut *out = &request->json;
    const Str *permission;
    json_open_object(out);
    json_member_str(out, S("name"), role_full_name(request->arena, &request->scope, role->id));
    json_member_str(out, S("title"), role->title);
    json_member_str(out, S("description"), role->description);
    json_key(out, S("permissions"));
    json_open_array(out);
    for (size_t i = 0; (permission = permission_at(i)) != NULL; i++) {
        if (role_grants(role, *permission))
            json_str(out, *permission);
    }
    json_close_array(out);
    json_close_object(out);
}

/* ---- reading ---- */

static bool list_roles(ApiRequest *request, Error *err)
{
    ApiList list;
    RoleRow *roles;
    int n, from, to;
    if (!list_begin(request, &list, err) ||
        !store_role_list(request->tx, request->arena, &request->scope, &roles, &n, err))
        return false;
    list_slice(&list, n, &from, &to);
    json_open_object(&request->json);
    json_key(&request->json, S("roles"));
    json_open_array(&request->json);
    for (int i = from; i < to; i++)
        role_to_json(request, &roles[i]);
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

static bool get_role(ApiRequest *request, Error *err)
{
    RoleRow role;
    if (!store_role_get(request->tx, request->arena, &request->scope, request->path[PATH_ROLE], &role, err))
        return false;
    role_to_json(request, &role);
    return true;
}

/* ---- own roles ---- */

static bool read_permissions(ApiRequest *request, Str *out, Error *err)
{
    const Json *given = json_get(request->body, S("permissions"));
    Buf all = buf_in(request->arena);
    for (uint32_t i = 0; given && i < given->count; i++) {
        Str permission = given->items[i].text;
        if (!permission_exists(permission))
            return error_set(err, INVALID_ARGUMENT, "permissions",
                             "there is no permission \"%.*s\"; they are written like read:Run",
                             STR_ARG(str_clip(permission, 60)));
        if (request->scope.workspace && permission_of_organizations(permission))
            return error_set(err, INVALID_ARGUMENT, "permissions",
                             "%.*s belongs to organizations, no workspace can give it", STR_ARG(permission));
        if (all.len == 0)
            buf_char(&all, ',');
        buf_str(&all, permission);
        buf_char(&all, ',');
    }
    if (all.len == 0)
        return error_set(err, INVALID_ARGUMENT, "permissions", "name at least one, like read:Run");
    *out = buf_view(&all);
    return true;
}

static bool prepare_create(ApiRequest *request, Error *err)
{
    RoleRow *role = NEW(request->arena, RoleRow);
    request->state = role;
    *role = (RoleRow){
        .organization = request->scope.organization,
        .title = json_text(json_get(request->body, S("title"))),
        .description = json_text(json_get(request->body, S("description"))),
    };
    return read_permissions(request, &role->permissions, err) && role_may_give(request, role, err);
}

static bool create_role(ApiRequest *request, Error *err)
{
    Id id = id_new();
    Repeat repeat = idempotent_begin(request, err);
    if (repeat != REPEAT_NO)
        return repeat == REPEAT_YES;
    RoleRow role = *(const RoleRow *)request->state;
    role.id = str_copy(request->arena, id_str(&id));
    if (!store_role_create(request->tx, &request->scope, &role, err))
        return false;
    role_to_json(request, &role);
    return idempotent_end(request, err);
}

static bool own_role(ApiRequest *request, RoleRow *out, Error *err)
{
    if (!store_role_get(request->tx, request->arena, &request->scope, request->path[PATH_ROLE], out, err))
        return false;
    return role_is_own(out) || error_set(err, FAILED_PRECONDITION, "",
                                         "the role \"%.*s\" is the same everywhere and cannot be changed; make one of "
                                         "your own",
                                         STR_ARG(out->title));
}

typedef struct RoleEdit {
    Mask mask;
    Str permissions;
} RoleEdit;

/* Neither what the role held nor what it is to hold may be more than the caller has. */
static bool prepare_update(ApiRequest *request, Error *err)
{
    RoleEdit *edit = NEW(request->arena, RoleEdit);
    RoleRow role;
    request->state = edit;
    if (!mask_read(request, &edit->mask, err) || !own_role(request, &role, err) || !role_may_give(request, &role, err))
        return false;
    if (mask_has(request, &edit->mask, S("title")) && json_text(json_get(request->body, S("title"))).len == 0)
        return error_set(err, INVALID_ARGUMENT, "title", "must not be empty");
    if (!mask_has(request, &edit->mask, S("permissions")))
        return true;
    if (!read_permissions(request, &edit->permissions, err))
        return false;
    role.permissions = edit->permissions;
    return role_may_give(request, &role, err);
}

static bool update_role(ApiRequest *request, Error *err)
{
    const RoleEdit *edit = request->state;
    RoleRow role;
    if (!own_role(request, &role, err))
        return false;
    if (mask_has(request, &edit->mask, S("title")))
        role.title = json_text(json_get(request->body, S("title")));
    if (mask_has(request, &edit->mask, S("description")))
        role.description = json_text(json_get(request->body, S("description")));
    if (mask_has(request, &edit->mask, S("permissions")))
        role.permissions = edit->permissions;
    if (!store_role_update(request->tx, &role, err))
        return false;
    role_to_json(request, &role);
    return true;
}

static bool prepare_delete(ApiRequest *request, Error *err)
{
    RoleRow role;
    return own_role(request, &role, err) && role_may_give(request, &role, err);
}

static bool delete_role(ApiRequest *request, Error *err)
{
    RoleRow role;
    if (!own_role(request, &role, err) || !store_role_delete(request->tx, &role, err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

const Handler role_handlers[] = {
    {OP_LIST_ORGANIZATION_ROLES, ON_READER, list_roles},
    {OP_LIST_WORKSPACE_ROLES, ON_READER, list_roles},
    {OP_GET_ORGANIZATION_ROLE, ON_LOOP, get_role},
    {OP_GET_WORKSPACE_ROLE, ON_LOOP, get_role},
    {OP_CREATE_ORGANIZATION_ROLE, ON_WRITER, create_role, prepare_create},
    {OP_CREATE_WORKSPACE_ROLE, ON_WRITER, create_role, prepare_create},
    {OP_UPDATE_ORGANIZATION_ROLE, ON_WRITER, update_role, prepare_update},
    {OP_UPDATE_WORKSPACE_ROLE, ON_WRITER, update_role, prepare_update},
    {OP_DELETE_ORGANIZATION_ROLE, ON_WRITER, delete_role, prepare_delete},
    {OP_DELETE_WORKSPACE_ROLE, ON_WRITER, delete_role, prepare_delete},
    HANDLERS_END,
};
