/* auth/grant.c: what a token was given, and what may be given on. */
#include "auth/grant.h"

#include <stdio.h>

#include "auth/permission.h"
#include "base/json.h"

static bool read_list(Arena *arena, Str text, const char *what, const Str **out, uint32_t *out_n, Error *err)
{
    const Json *list;
    if (!json_parse(arena, text, 4, &list, err) || !json_is(list, JSON_ARRAY))
        return error_set(err, DATA_LOSS, "", "the token's %s cannot be read; delete the token and make a new one",
                         what);
    Str *items = NEW_ARRAY(arena, Str, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        items[i] = json_text(&list->items[i]);
    *out = items;
    *out_n = list->count;
    return true;
}

bool grant_read(Arena *arena, Str workspaces, Str permissions, Principal *out, Error *err)
{
    if (workspaces.len > 0 && !read_list(arena, workspaces, "workspaces", &out->workspaces, &out->n_workspaces, err))
        return false;
    if (str_eq(permissions, S("all")) || str_eq(permissions, S("read_only"))) {
        out->grant = str_eq(permissions, S("all")) ? GRANT_ALL : GRANT_READ_ONLY;
        return true;
    }
    out->grant = GRANT_LISTED;
    return read_list(arena, permissions, "permissions", &out->permissions, &out->n_permissions, err);
}

static bool is_listed(const Str *list, uint32_t n, Str item)
{
    for (uint32_t i = 0; i < n; i++) {
        if (str_eq(list[i], item))
            return true;
    }
    return false;
}

bool grant_includes(const Principal *principal, Str permission)
{
    switch (principal->grant) {
    case GRANT_ALL: return true;
    case GRANT_READ_ONLY: return permission_only_reads(permission);
    case GRANT_LISTED: break;
    }
    return is_listed(principal->permissions, principal->n_permissions, permission);
}

bool grant_enters(const Principal *principal, Str organization_id, Str workspace_id)
{
    if (principal->n_workspaces == 0)
        return true;
    char name[512];
    int len = snprintf(name, sizeof name, "organizations/%.*s/workspaces/%.*s", STR_ARG(organization_id),
                       STR_ARG(workspace_id));
    return len > 0 && (size_t)len < sizeof name &&
           is_listed(principal->workspaces, principal->n_workspaces, str_of(name, (size_t)len));
}

/* ---- giving on ---- */

static bool may_grant_workspaces(const Principal *principal, const Principal *wanted, Error *err)
{
    if (principal->n_workspaces == 0)
        return true;
    if (wanted->n_workspaces == 0)
        return error_set(err, PERMISSION_DENIED, "workspaces",
                         "your token is bound to %u workspaces: name those of them that the new one may enter",
                         principal->n_workspaces);
    for (uint32_t i = 0; i < wanted->n_workspaces; i++) {
        if (!is_listed(principal->workspaces, principal->n_workspaces, wanted->workspaces[i]))
            return error_set(err, PERMISSION_DENIED, "workspaces", "your own token may not enter %.*s",
                             STR_ARG(str_clip(wanted->workspaces[i], 200)));
    }
    return true;
}

static bool may_grant_all_of(const Principal *principal, Grant grant, Error *err)
{
    for (size_t i = 0; permission_at(i); i++) {
        Str permission = *permission_at(i);
        bool wanted = grant == GRANT_ALL || permission_only_reads(permission);
        if (wanted && !grant_includes(principal, permission))
            return error_set(err, PERMISSION_DENIED, "permissions", "your own token lacks %.*s; leave it out",
                             STR_ARG(permission));
    }
    return true;
}

static bool may_grant_listed(const Principal *principal, const Principal *wanted, Error *err)
{
    for (uint32_t i = 0; i < wanted->n_permissions; i++) {
        Str permission = wanted->permissions[i];
        if (!permission_exists(permission))
            return error_set(
                err, INVALID_ARGUMENT, "permissions",
                "there is no permission \"%.*s\"; they look like read:Run or publish:Automation, or all, or "
                "read_only",
                STR_ARG(str_clip(permission, 64)));
        if (!grant_includes(principal, permission))
            return error_set(err, PERMISSION_DENIED, "permissions", "your own token lacks %.*s", STR_ARG(permission));
    }
    return true;
}

bool principal_may_grant(Arena *arena, const Principal *principal, Str workspaces, Str permissions, Error *err)
{
    Principal wanted = {0};
    if (!grant_read(arena, workspaces, permissions, &wanted, err))
        return error_set(err, INVALID_ARGUMENT, "permissions", "expected all, read_only or a list of permissions");
    if (!may_grant_workspaces(principal, &wanted, err))
        return false;
    if (wanted.grant == GRANT_LISTED)
        return may_grant_listed(principal, &wanted, err);
    return may_grant_all_of(principal, wanted.grant, err);
}

bool principal_is_kept_out(const Principal *principal, Str organization_id, Str workspace_id)
{
    if (workspace_id.len > 0)
        return !grant_enters(principal, organization_id, workspace_id);
    for (uint32_t i = 0; i < principal->n_workspaces; i++) {
        Str rest = principal->workspaces[i];
        (void)str_cut(&rest, '/');
        if (str_eq(str_cut(&rest, '/'), organization_id))
            return false;
    }
    return principal->n_workspaces > 0;
}
