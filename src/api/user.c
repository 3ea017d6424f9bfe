/* api/user.c: the people of an organization and of its workspaces, and their roles. */
#include "api/check.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/name.h"
#include "api/role.h"

/* ---- as JSON ---- */

static void user_to_json(ApiRequest *request, const User *user)
{
    JsonOut *out = &request->json;
    Str organization = name_organization(request->arena, request->scope.organization_id);
    json_open_object(out);
    json_member_str(out, S("name"),
                    str_printf(request->arena, "%.*s/users/%.*s", STR_ARG(organization), STR_ARG(user->id)));
    json_member_str(out, S("display_name"), user->display_name);
    json_member_str(out, S("email"), user->email);
    json_close_object(out);
}

/* A common role by its id, one's own by its full name. */
static Str held_name(const ApiRequest *request, const HeldRole *role)
{
    if (!role->own)
        return role->id;
    Scope place = {.organization_id = request->scope.organization_id,
                   .workspace = role->role_workspace,
                   .workspace_id = role->role_workspace_id};
    return role_full_name(request->arena, &place, role->id);
}

static bool user_with_roles_to_json(ApiRequest *request, const User *user, Error *err)
{
    JsonOut *out = &request->json;
    HeldRole *roles;
    int n;
    if (!store_role_held(request->tx, request->arena, &request->scope, user->key, &roles, &n, err))
        return false;
    json_open_object(out);
    json_key(out, S("user"));
    user_to_json(request, user);
    json_key(out, S("roles"));
    json_open_array(out);
    for (int i = 0; i < n; i++) {
        json_open_object(out);
        json_member_str(out, S("name"), held_name(request, &roles[i]));
        json_member_str(out, S("role_scope"),
                        contract_enum_text(ENUM_ROLE_SCOPE, roles[i].in_organization ? WIRE_ROLE_SCOPE_ORGANIZATION
                                                                                     : WIRE_ROLE_SCOPE_WORKSPACE));
        json_close_object(out);
    }
    json_close_array(out);
    json_close_object(out);
    return true;
}

/* ---- reading ---- */

static bool list_users(ApiRequest *request, Error *err)
{
    ApiList list;
    User *users;
    int n;
    if (!list_begin(request, &list, err) ||
        !store_member_list(request->tx, request->arena, &request->scope, &list.query, &users, &n, &list.end, err))
        return false;
    json_open_object(&request->json);
    json_key(&request->json, S("users"));
    json_open_array(&request->json);
    for (int i = 0; i < n; i++) {
        if (!user_with_roles_to_json(request, &users[i], err))
            return false;
    }
    json_close_array(&request->json);
    list_end(request, &list);
    json_close_object(&request->json);
    return true;
}

/* Somebody who does not belong to the organization looks like nobody. */
static bool user_of_path(ApiRequest *request, User *out, Error *err)
{
    bool belongs = false;
    Str id = request->path[PATH_USER];
    if (!store_user_get(request->tx, request->arena, id, out, err) ||
        !store_member_of_organization(request->tx, request->scope.organization, out->key, &belongs, err))
        return false;
    return belongs || error_set(err, NOT_FOUND, "", "user \"%.*s\" was not found", STR_ARG(str_clip(id, 200)));
}

static bool get_user(ApiRequest *request, Error *err)
{
    User user;
    if (!user_of_path(request, &user, err))
        return false;
    user_to_json(request, &user);
    return true;
}

static bool count_users(ApiRequest *request, Error *err)
{
    const Json *ids = json_get(request->body, S("workspace_ids"));
    JsonOut *out = &request->json;
    json_open_object(out);
    json_key(out, S("workspace_user_counts"));
    json_open_object(out);
    for (uint32_t i = 0; ids && i < ids->count; i++) {
        Scope scope;
        int64_t n = 0;
        if (!principal_authorize(request->tx, request->arena, request->principal, S("read:User"),
                                 request->path[PATH_ORGANIZATION], ids->items[i].text, &scope, err) ||
            !store_member_count(request->tx, &scope, &n, err))
            return false;
        json_key(out, ids->items[i].text);
        json_i64(out, n);
    }
    json_close_object(out);
    json_close_object(out);
    return true;
}

/* ---- giving and taking ---- */

typedef struct Assignment {
    User user;
    RoleRow role;
} Assignment;

/* Whoever takes a role away, or replaces it, must have at least what it holds. */
static bool may_take(ApiRequest *request, const Scope *scope, const User *user, Error *err)
{
    int64_t given;
    RoleRow role;
    if (!store_role_given(request->tx, scope, user->key, &given, err))
        return false;
    return given == 0 || (store_role_get_by_key(request->tx, request->arena, scope->organization, given, &role, err) &&
                          role_may_give(request, &role, err));
}

static bool prepare_assign(ApiRequest *request, Error *err)
{
    Assignment *assignment = NEW(request->arena, Assignment);
    request->state = assignment;
    return user_of_path(request, &assignment->user, err) &&
           role_of_text(request, json_text(json_get(request->body, S("role"))), "role", &assignment->role, err) &&
           role_may_give(request, &assignment->role, err) && may_take(request, &request->scope, &assignment->user, err);
}

static bool assign_role(ApiRequest *request, Error *err)
{
    const Assignment *assignment = request->state;
    User user;
    RoleRow role; /* it may have gone since */
    return user_of_path(request, &user, err) &&
           store_role_get(request->tx, request->arena, &request->scope, assignment->role.id, &role, err) &&
           store_role_give(request->tx, &request->scope, user.key, role.key, err) &&
           user_with_roles_to_json(request, &user, err);
}

static bool prepare_remove(ApiRequest *request, Error *err)
{
    User user;
    return user_of_path(request, &user, err) && may_take(request, &request->scope, &user, err);
}

static bool remove_from_workspace(ApiRequest *request, Error *err)
{
    User user;
    if (!user_of_path(request, &user, err) || !store_role_give(request->tx, &request->scope, user.key, ROLE_NONE, err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

static bool remove_from_organization(ApiRequest *request, Error *err)
{
    User user;
    if (!user_of_path(request, &user, err) ||
        !store_member_expel(request->tx, request->scope.organization, user.key, err))
        return false;
    json_raw(&request->json, S("{}"));
    return true;
}

const Handler user_handlers[] = {
    {OP_LIST_ORGANIZATION_USERS, ON_READER, list_users},
    {OP_LIST_WORKSPACE_USERS, ON_READER, list_users},
    {OP_COUNT_WORKSPACE_USERS, ON_READER, count_users},
    {OP_GET_USER_BASIC_INFO, ON_LOOP, get_user},
    {OP_ASSIGN_ORGANIZATION_ROLE, ON_WRITER, assign_role, prepare_assign},
    {OP_ASSIGN_WORKSPACE_ROLE, ON_WRITER, assign_role, prepare_assign},
    {OP_REMOVE_ORGANIZATION_USER, ON_WRITER, remove_from_organization, prepare_remove},
    {OP_REMOVE_WORKSPACE_USER, ON_WRITER, remove_from_workspace, prepare_remove},
    HANDLERS_END,
};
