/* auth/authorize.c: the one place that decides whether a principal may. */
#include <string.h>

#include "auth/grant.h"
#include "auth/memory.h"
#include "auth/permission.h"
#include "base/buf.h"

/* ---- where ---- */

/* A tenant that is not the user's looks exactly like one that does not exist. */
static bool hide_organization(Str id, Error *err)
{
    return error_set(err, NOT_FOUND, "", "organization \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
}

static bool hide_deleted_organization(Str id, Error *err)
{
    return error_set(err, NOT_FOUND, "", "organization \"%.*s\" was deleted; one of its admins can undelete it",
                     STR_ARG(str_clip(id, 64)));
}

static bool hide_workspace(Str id, Error *err)
{
    return error_set(err, NOT_FOUND, "", "workspace \"%.*s\" was deleted; an admin of the organization can undelete it",
                     STR_ARG(str_clip(id, 64)));
}

static bool load_scope(Tx *tx, Arena *arena, const Principal *principal, Str organization_id, Str workspace_id,
                       KnownScope *out, Error *err)
{
    Organization organization;
    Workspace workspace;
    KnownScope found = {0};
    if (!store_organization_get(tx, arena, organization_id, &organization, err))
        return err->code == NOT_FOUND ? hide_organization(organization_id, err) : false;
    if (!store_membership(tx, arena, organization.key, 0, principal->user, &found.membership, err))
        return false;
    if (membership_is_none(&found.membership))
        return hide_organization(organization_id, err);
    found.scope = (Scope){.organization = organization.key, .organization_id = organization.id};
    found.organization_deleted = organization.delete_us != 0;
    if (workspace_id.len > 0) {
        if (!store_workspace_get(tx, arena, organization.key, workspace_id, &workspace, err) ||
            !store_membership(tx, arena, organization.key, workspace.key, principal->user, &found.membership, err))
            return false;
        found.deleted = workspace.delete_us != 0;
        found.scope.workspace = workspace.key;
        found.scope.workspace_id = workspace.id;
    }
    *out = found;
    return true;
}

static Str scope_key(Arena *arena, const Principal *principal, Str organization_id, Str workspace_id)
{
    Buf key = buf_in(arena);
    buf_u64(&key, (uint64_t)principal->user);
    buf_u64(&key, organization_id.len);
    buf_str(&key, organization_id);
    buf_str(&key, workspace_id);
    return buf_view(&key);
}

static bool find_scope(Tx *tx, Arena *arena, const Principal *principal, Str organization_id, Str workspace_id,
                       KnownScope *out, Error *err)
{
    AuthMemory *memory = auth_memory(tx);
    Str key = scope_key(arena, principal, organization_id, workspace_id);
    const KnownScope *known = memory ? map_get(&memory->scopes, key) : NULL;
    if (!known) {
        Arena *kept = memory ? &memory->arena : arena;
        KnownScope *fresh = NEW(kept, KnownScope);
        if (!load_scope(tx, kept, principal, organization_id, workspace_id, fresh, err))
            return false;
        if (memory)
            map_put(&memory->scopes, str_copy(kept, key), fresh);
        known = fresh;
    }
    *out = *known;
    out->scope.organization_id = str_copy(arena, known->scope.organization_id);
    out->scope.workspace_id = str_copy(arena, known->scope.workspace_id);
    return true;
}

/* ---- whether ---- */

static bool token_allows(const Principal *principal, Str permission, Error *err)
{
    return permission.len == 0 || grant_includes(principal, permission) ||
           error_set(err, PERMISSION_DENIED, "",
                     "this token may not do that: it lacks the permission %.*s; make one that has it",
                     STR_ARG(permission));
}

/* A token bound to workspaces sees its organization, the list of workspaces and sums over those that it may enter, and
 * otherwise stays inside them. */
static bool token_enters(const Principal *principal, Str permission, Str organization_id, Str workspace_id, Error *err)
{
    if (workspace_id.len > 0)
        return grant_enters(principal, organization_id, workspace_id) ||
               error_set(err, PERMISSION_DENIED, "", "this token may not enter workspace \"%.*s\" (%.*s)",
                         STR_ARG(str_clip(workspace_id, 64)), STR_ARG(permission));
    bool looks = str_eq(permission, S("read:Organization")) || str_eq(permission, S("read:Workspace")) ||
                 str_eq(permission, S("read:Insight"));
    return principal->n_workspaces == 0 || looks || permission.len == 0 ||
           error_set(err, PERMISSION_DENIED, "",
                     "this token is bound to workspaces, so it has no %.*s in the organization", STR_ARG(permission));
}

/* "the role operator lacks", "your roles lack": the first of the common ones, unless there are more. */
static bool refuse_role(const Membership *membership, Str permission, Error *err)
{
    unsigned roles = membership->roles;
    bool one = roles != 0 && (roles & (roles - 1)) == 0 && membership->permissions.len == 0;
    if (!one)
        return error_set(err, PERMISSION_DENIED, "",
                         "your roles lack the permission %.*s; ask an admin for one that has it", STR_ARG(permission));
    return error_set(err, PERMISSION_DENIED, "",
                     "the role %s lacks the permission %.*s; ask an admin for one that has it",
                     role_name((Role)__builtin_ctz(roles)), STR_ARG(permission));
}

static bool role_allows(const Membership *membership, Str permission, Str workspace_id, Error *err)
{
    if (membership_is_none(membership))
        return error_set(err, PERMISSION_DENIED, "",
                         "you have no role in workspace \"%.*s\" (%.*s); ask one of its admins",
                         STR_ARG(str_clip(workspace_id, 64)), STR_ARG(permission));
    return permission.len == 0 || membership_may(membership, permission) || refuse_role(membership, permission, err);
}

bool principal_authorize(Tx *tx, Arena *arena, const Principal *principal, Str permission, Str organization_id,
                         Str workspace_id, Scope *out_scope, Error *err)
{
    if (organization_id.len == 0) {
        *out_scope = (Scope){0};
        return token_allows(principal, permission, err);
    }
    KnownScope known;
    /* What was deleted is there for those alone who may bring it back. */
    if (!find_scope(tx, arena, principal, organization_id, workspace_id, &known, err) ||
        (known.organization_deleted && !str_eq(permission, S("delete:Organization")) &&
         !hide_deleted_organization(organization_id, err)) ||
        (known.deleted && !str_eq(permission, S("delete:Workspace")) && !hide_workspace(workspace_id, err)) ||
        !token_allows(principal, permission, err) ||
        !token_enters(principal, permission, organization_id, workspace_id, err) ||
        !role_allows(&known.membership, permission, workspace_id, err))
        return false;
    *out_scope = known.scope;
    return true;
}
