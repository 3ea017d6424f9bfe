/* store/invitation.h: invitations into an organization or a workspace, accepted with the secret of a link. */
#ifndef CLERKWORK_STORE_INVITATION_H
#define CLERKWORK_STORE_INVITATION_H

#include "store/tenant.h"

/* As many may be pending in an organization. */
#define INVITATIONS_MOST 1000

typedef struct Invitation {
    int64_t key;
    Scope scope; /* where to; keys and ids */
    Str id, email;
    int64_t role; /* 0: it is gone; then nobody can accept any more */
    unsigned char hash[32];
    int64_t create_us, expire_us;
    int64_t accept_us, revoke_us; /* 0: not yet */
} Invitation;

/* Fills key and create_us. ALREADY_EXISTS while the same address has a pending one for the same place,
 * RESOURCE_EXHAUSTED beyond INVITATIONS_MOST. */
MUST_USE bool store_invitation_create(Tx *tx, Invitation *invitation, Error *err);
/* Whatever has become of it. */
MUST_USE bool store_invitation_get(Tx *tx, Arena *arena, int64_t organization, Str id, Invitation *out, Error *err);
MUST_USE bool store_invitation_get_by_hash(Tx *tx, Arena *arena, const unsigned char hash[32], Invitation *out,
                                           Error *err);
/* Those of exactly this place that are pending at `now_us`, newest first. */
MUST_USE bool store_invitation_list(Tx *tx, Arena *arena, const Scope *scope, int64_t now_us, ListQuery *query,
                                    Invitation **out, int *out_n, ListEnd *end, Error *err);
/* accept_us and revoke_us. */
MUST_USE bool store_invitation_update(Tx *tx, const Invitation *invitation, Error *err);

#endif
