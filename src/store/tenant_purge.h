/* store/tenant_purge.h: workspaces and organizations past their purge time, for the timekeeper.
 *
 * A workspace is begun, and then nobody finds it. It empties a piece at a time, so that no command is long: its
 * automations as any of those that were deleted (purge.h), then runs without one, as purge.h removes them, files with
 * their bytes, and the rest. An organization is begun together with all of its workspaces, and ends after them. Left
 * are their keys and ids; of a workspace also the sums of analytics, which go with its organization. People and their
 * tokens are nobody's, and stay. */
#ifndef CLERKWORK_STORE_TENANT_PURGE_H
#define CLERKWORK_STORE_TENANT_PURGE_H

#include "store/tenant.h"

typedef struct TenantPurge {
    int64_t organization, workspace; /* keys; workspace 0: the organization itself */
} TenantPurge;

/* As store_purge_soonest, with the same STORE_PURGE_ANY. */
MUST_USE bool store_tenant_purge_soonest(Tx *tx, int64_t after_us, int64_t *out_us, Error *err);
/* Those that were begun and are not finished, or are due by `now_us`: workspaces, then organizations, at most `limit`
 * of each. */
MUST_USE bool store_tenant_purge_due(Tx *tx, Arena *arena, int64_t now_us, int limit, TenantPurge **out, int *out_n,
                                     Error *err);
/* It is gone for everybody; automations of a workspace are due, workspaces of an organization begun. Begun again, it
 * changes nothing. */
MUST_USE bool store_tenant_purge_begin(Tx *tx, const TenantPurge *purge, bool *out_changed, Error *err);
/* Whether automations, or workspaces, of it are there yet: they come first. */
MUST_USE bool store_tenant_purge_waits(Tx *tx, const TenantPurge *purge, bool *out, Error *err);
/* Removes some of what there may be much of, at most `limit`; 0 of them: nothing of that is left. */
MUST_USE bool store_tenant_purge_rows(Tx *tx, const TenantPurge *purge, int limit, int *out_n, Error *err);
/* Once no run and none of those rows is left. */
MUST_USE bool store_tenant_purge_finish(Tx *tx, const TenantPurge *purge, Error *err);

#endif
