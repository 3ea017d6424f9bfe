/* api/role.h: what roles and users share: a role's name and permissions, and that nobody gives more than they have. */
#ifndef CLERKWORK_API_ROLE_H
#define CLERKWORK_API_ROLE_H

#include "api/request.h"
#include "store/role.h"

/* "organizations/o/roles/R", with the workspace before the collection for those of workspaces. */
Str role_full_name(Arena *arena, const Scope *scope, Str id);
bool role_grants(const RoleRow *role, Str permission);
/* Of the path's place, by its full name, its id or a common one's title; INVALID_ARGUMENT on `field` names what it
 * would take. */
MUST_USE bool role_of_text(ApiRequest *request, Str text, const char *field, RoleRow *out, Error *err);
/* PERMISSION_DENIED when the role holds a permission that the caller lacks there. With a reader's view. */
MUST_USE bool role_may_give(const ApiRequest *request, const RoleRow *role, Error *err);

#endif
