/* store/role.h: roles as data. Some every organization has (Role in store/tenant.h); others are an organization's own,
 * or a workspace's: a title and a list of permissions. A member has one role in an organization and one in each
 * workspace. */
#ifndef CLERKWORK_STORE_ROLE_H
#define CLERKWORK_STORE_ROLE_H

#include "store/tenant.h"

/* As many as an organization, or one of its workspaces, may have of its own. */
#define ROLES_OWN_MOST 100

typedef struct RoleRow {
    int64_t key; /* up to ROLE_MEMBER: a Role */
    int64_t organization, workspace;
    Str id, title, description;
    Str permissions; /* of an own role: ",read:Run,invoke:Automation," */
    bool in_organization;
    int64_t create_us, update_us;
} RoleRow;
static inline bool role_is_own(const RoleRow *role)
{
    return role->organization != 0;
}

/* Those that may be given there, the common ones first, then the own ones in the order they were made. */
MUST_USE bool store_role_list(Tx *tx, Arena *arena, const Scope *scope, RoleRow **out, int *out_n, Error *err);
MUST_USE bool store_role_get(Tx *tx, Arena *arena, const Scope *scope, Str id, RoleRow *out, Error *err);
/* By its number, of the organization or common. */
MUST_USE bool store_role_get_by_key(Tx *tx, Arena *arena, int64_t organization, int64_t key, RoleRow *out, Error *err);
/* Fills key and times. ALREADY_EXISTS for a title in use there, RESOURCE_EXHAUSTED beyond ROLES_OWN_MOST. */
MUST_USE bool store_role_create(Tx *tx, const Scope *scope, RoleRow *role, Error *err);
/* Title, description, permissions of an own role. */
MUST_USE bool store_role_update(Tx *tx, RoleRow *role, Error *err);
/* FAILED_PRECONDITION while anybody has it, or is invited to it. */
MUST_USE bool store_role_delete(Tx *tx, const RoleRow *role, Error *err);

/* ---- who has which ---- */
typedef struct HeldRole {
    Str id, title;
    bool own; /* of the organization or a workspace */
    int64_t role_workspace;
    Str role_workspace_id;
    bool in_organization; /* held there, else in a workspace */
} HeldRole;
/* In a workspace those that hold there; in an organization all that the user has in it, each once. */
MUST_USE bool store_role_held(Tx *tx, Arena *arena, const Scope *scope, int64_t user, HeldRole **out, int *out_n,
                              Error *err);
/* The number of the role that was given exactly there; 0 for none. */
MUST_USE bool store_role_given(Tx *tx, const Scope *scope, int64_t user, int64_t *out_role, Error *err);
/* Everybody who belongs to the organization, or may enter the workspace; newest first. Fields of filters: role,
 * role_scope, search. */
MUST_USE bool store_member_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, User **out, int *out_n,
                                ListEnd *end, Error *err);
MUST_USE bool store_member_count(Tx *tx, const Scope *scope, int64_t *out, Error *err);
/* FAILED_PRECONDITION when nobody would be left to administrate the organization. `role` 0 takes the role away. */
MUST_USE bool store_role_give(Tx *tx, const Scope *scope, int64_t user, int64_t role, Error *err);
/* Takes every role in the organization and its workspaces away. FAILED_PRECONDITION as store_role_give. */
MUST_USE bool store_member_expel(Tx *tx, int64_t organization, int64_t user, Error *err);

#endif
