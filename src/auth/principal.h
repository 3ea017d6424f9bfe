/* auth/principal.h: who calls, and whether they may.
 *
 * A token stands for a user. What was looked up is remembered along the reader that the transaction belongs to, until a
 * commit changes tokens, members or tenants (tx_tenancy_generation): revoking works at once, and the usual call asks
 * the database nothing. */
#ifndef CLERKWORK_AUTH_PRINCIPAL_H
#define CLERKWORK_AUTH_PRINCIPAL_H

#include "store/tenant.h"

typedef enum Grant { GRANT_ALL, GRANT_READ_ONLY, GRANT_LISTED } Grant;

typedef struct Principal {
    int64_t user, token; /* keys */
    Str user_id, display_name, email;
    Str token_id;
    int64_t expire_us; /* 0: never */
    Grant grant;
    const Str *permissions; /* GRANT_LISTED */
    uint32_t n_permissions;
    const Str *workspaces; /* full names; those that the token may enter, when some are given */
    uint32_t n_workspaces;
} Principal;

/* `authorization` is the header's value: "Bearer kgn_pat_…". UNAUTHENTICATED for none, a bad, an unknown, a revoked or
 * an expired one; the message says which of none, bad or expired. The principal lives in `arena`. That the token was
 * used is noted to the minute. */
MUST_USE bool principal_authenticate(Tx *tx, Arena *arena, Str authorization, const Principal **out, Error *err);

/* Whether `principal` may do `permission` ("read:Run") in the organization and workspace of these ids; "" where the
 * call names none. NOT_FOUND for tenants that do not exist or are not the user's: both look the same.
 * PERMISSION_DENIED, naming the permission, when a role or the token does not reach. An empty permission asks for
 * membership alone. The scope's ids live in `arena`. */
MUST_USE bool principal_authorize(Tx *tx, Arena *arena, const Principal *principal, Str permission, Str organization_id,
                                  Str workspace_id, Scope *out_scope, Error *err);

/* Whether the caller's token is bound to workspaces of which none is this one; with an empty workspace id, none of this
 * organization. What lists leave out: a token finds by listing what it may enter. */
bool principal_is_kept_out(const Principal *principal, Str organization_id, Str workspace_id);

/* Whether a token with these columns (store/token.h) may be made or changed by `principal`: nobody gives more than they
 * have. INVALID_ARGUMENT for a permission that does not exist; PERMISSION_DENIED for one that the caller's token lacks.
 */
MUST_USE bool principal_may_grant(Arena *arena, const Principal *principal, Str workspaces, Str permissions,
                                  Error *err);

#endif
