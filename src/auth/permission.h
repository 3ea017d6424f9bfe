/* auth/permission.h: what each role may do: "action:Resource", the words of the contract's x-permission. */
#ifndef CLERKWORK_AUTH_PERMISSION_H
#define CLERKWORK_AUTH_PERMISSION_H

#include "store/tenant.h"

/* False for a permission that does not exist. */
bool role_may(Role role, Str permission);
bool permission_exists(Str permission);
/* What tokens that only read may use. */
bool permission_only_reads(Str permission);
/* The table's rows, for lists and tests; NULL behind the last. */
const Str *permission_at(size_t index);
const char *role_name(Role role);

#endif
