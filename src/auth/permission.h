/* auth/permission.h: what each role may do: "action:Resource", the words of the contract's x-permission. */
#ifndef CLERKWORK_AUTH_PERMISSION_H
#define CLERKWORK_AUTH_PERMISSION_H

#include "store/tenant.h"

/* False for a permission that does not exist. */
bool role_may(Role role, Str permission);
/* Whether any of the roles, common or own, has it. */
bool membership_may(const Membership *membership, Str permission);
/* Those that only an organization's admin has: no role of a workspace may list them. */
bool permission_of_organizations(Str permission);
bool permission_exists(Str permission);
/* What tokens that only read may use. */
bool permission_only_reads(Str permission);
/* The table's rows, for lists and tests; NULL behind the last. */
const Str *permission_at(size_t index);
const char *role_name(Role role);

#endif
