/* auth/grant.h: a token's columns, read. Internal to auth/. */
#ifndef CLERKWORK_AUTH_GRANT_H
#define CLERKWORK_AUTH_GRANT_H

#include "auth/principal.h"

/* Fills grant, permissions and workspaces. DATA_LOSS for columns that cannot be read: then the token opens nothing. */
MUST_USE bool grant_read(Arena *arena, Str workspaces, Str permissions, Principal *out, Error *err);
bool grant_includes(const Principal *principal, Str permission);
/* True when the token is not bound to workspaces, or to this one among others. */
bool grant_enters(const Principal *principal, Str organization_id, Str workspace_id);

#endif
