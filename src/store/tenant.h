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

typedef struct Organization {
    int64_t key;
    Str id, title, logo_data_uri, owner_display_name, owner_email;
    int64_t create_us, update_us;
} Organization;
typedef struct Workspace {
    int64_t key, organization;
    Str id, title, description, icon, icon_color, creator_display_name, creator_email;
    int64_t create_us, update_us;
} Workspace;
typedef struct User {
    int64_t key;
    Str id, display_name, email;
    int64_t create_us;
} User;

MUST_USE bool store_organization_create(Tx *tx, Organization *organization,
                                        Error *err); /* fills key, times; id must be set */
MUST_USE bool store_organization_get(Tx *tx, Arena *arena, Str id, Organization *out, Error *err);
/* Those that the user belongs to, newest first. */
MUST_USE bool store_organization_list(Tx *tx, Arena *arena, int64_t user, ListQuery *query, Organization **out,
                                      int *out_n, ListEnd *end, Error *err);
MUST_USE bool store_workspace_create(Tx *tx, Workspace *workspace, Error *err);
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
    ROLE_VIEWER
} Role;
MUST_USE bool store_member_put(Tx *tx, int64_t organization, int64_t workspace, int64_t user, Role role, Error *err);
/* The role that holds in the workspace: its own, else the organization's when that is admin. ROLE_NONE when not a
 * member. */
MUST_USE bool store_member_role(Tx *tx, int64_t organization, int64_t workspace, int64_t user, Role *out, Error *err);
/* The strongest role in the organization or any of its workspaces; ROLE_NONE for those who do not belong to it. */
MUST_USE bool store_member_role_anywhere(Tx *tx, int64_t organization, int64_t user, Role *out, Error *err);
MUST_USE bool store_member_of_organization(Tx *tx, int64_t organization, int64_t user, bool *out, Error *err);

#endif
