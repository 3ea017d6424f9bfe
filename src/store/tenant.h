/* store/tenant.h: organizations, workspaces, users and who belongs where. Tenancy is a Scope: every function that
 * touches a workspace's things takes one, and every statement names both keys, so a row of another tenant cannot be
 * reached by its id. */
#ifndef CLERKWORK_STORE_TENANT_H
#define CLERKWORK_STORE_TENANT_H

#include "store/store.h"

typedef struct Scope {
    int64_t organization, workspace; /* keys; workspace is 0 for things of an organization */
    Str organization_id, workspace_id;
} Scope;

/* For so long what was deleted can be brought back; then it is gone for good (purge.h, tenant_purge.h). */
#define PURGE_AFTER_US (INT64_C(30) * 86400 * 1000000)
/* delete_us of an organization or a workspace whose time has come: nobody finds it any more. Statements have these
 * numbers too. */
enum { TENANT_PURGING = -1, TENANT_PURGED = -2 };
/* When one that was deleted is purged; 0 for one that is there. */
static inline int64_t tenant_purge_us(int64_t delete_us)
{
    return delete_us > 0 ? delete_us + PURGE_AFTER_US : 0;
}

typedef struct Organization {
    int64_t key;
    Str id, title, logo_data_uri, owner_display_name, owner_email;
    int64_t create_us, update_us;
    int64_t delete_us; /* 0: it is there */
} Organization;
typedef struct Workspace {
    int64_t key, organization;
    Str id, title, description, icon, icon_color, creator_display_name, creator_email;
    int64_t create_us, update_us;
    int64_t delete_us;              /* 0: it is there */
    int64_t organization_delete_us; /* read only */
} Workspace;
/* It or its organization was deleted: nobody gets in, and nothing is started in it. */
static inline bool workspace_is_gone(const Workspace *workspace)
{
    return workspace->delete_us != 0 || workspace->organization_delete_us != 0;
}
typedef struct User {
    int64_t key;
    Str id, display_name, email;
    int64_t create_us;
} User;

MUST_USE bool store_organization_create(Tx *tx, Organization *organization,
                                        Error *err); /* fills key, times; id must be set */
/* Title, logo, delete_us (by key). */
MUST_USE bool store_organization_update(Tx *tx, Organization *organization, Error *err);
/* Deleted ones too, until their purge begins: callers look at delete_us. */
MUST_USE bool store_organization_get(Tx *tx, Arena *arena, Str id, Organization *out, Error *err);
/* Those that the user belongs to, newest first; deleted ones if the query shows them. */
MUST_USE bool store_organization_list(Tx *tx, Arena *arena, int64_t user, ListQuery *query, Organization **out,
                                      int *out_n, ListEnd *end, Error *err);
MUST_USE bool store_workspace_create(Tx *tx, Workspace *workspace, Error *err);
/* Title, icon, icon_color, delete_us (by key). */
MUST_USE bool store_workspace_update(Tx *tx, Workspace *workspace, Error *err);
/* Deleted ones too, until their purge begins: callers look at delete_us. */
MUST_USE bool store_workspace_get(Tx *tx, Arena *arena, int64_t organization, Str id, Workspace *out, Error *err);
/* `user` 0 lists all of the organization, else those that the user may enter. Fields of filters: title. */
MUST_USE bool store_workspace_list(Tx *tx, Arena *arena, int64_t organization, int64_t user, ListQuery *query,
                                   Workspace **out, int *out_n, ListEnd *end, Error *err);
MUST_USE bool store_user_create(Tx *tx, User *user, Error *err); /* ALREADY_EXISTS for an e-mail address in use */
MUST_USE bool store_user_get(Tx *tx, Arena *arena, Str id, User *out, Error *err);
MUST_USE bool store_user_get_by_key(Tx *tx, Arena *arena, int64_t key, User *out, Error *err);
MUST_USE bool store_user_get_by_email(Tx *tx, Arena *arena, Str email, User *out, Error *err);

/* Membership: a role in an organization (workspace 0) or in one workspace. */
typedef enum Role {
    ROLE_NONE,
    ROLE_ORGANIZATION_ADMIN,
    ROLE_WORKSPACE_ADMIN,
    ROLE_AUTHOR,
    ROLE_OPERATOR,
    ROLE_VIEWER,
    ROLE_INTEGRATOR,
    ROLE_MEMBER /* of an organization */
} Role;
/* Roles beyond these are an organization's own (store/role.h), by their numbers. */
#define ROLE_OWN_FIRST 1000
MUST_USE bool store_member_put(Tx *tx, int64_t organization, int64_t workspace, int64_t user, Role role, Error *err);
/* What a user's roles come to in one place. */
typedef struct Membership {
    unsigned roles;  /* bits of Role */
    Str permissions; /* of own roles, each between commas: ",read:Run,invoke:Automation," */
} Membership;
static inline bool membership_is_none(const Membership *membership)
{
    return membership->roles == 0 && membership->permissions.len == 0;
}
/* In a workspace: its own role, with the organization's when that is admin or one of the organization's own. With
 * `workspace` 0: all roles in the organization and its workspaces together. */
MUST_USE bool store_membership(Tx *tx, Arena *arena, int64_t organization, int64_t workspace, int64_t user,
                               Membership *out, Error *err);
/* All roles in all organizations that are not deleted, and their workspaces, together. */
MUST_USE bool store_membership_anywhere(Tx *tx, Arena *arena, int64_t user, Membership *out, Error *err);
MUST_USE bool store_member_of_organization(Tx *tx, int64_t organization, int64_t user, bool *out, Error *err);

#endif
