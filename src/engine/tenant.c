/* engine/tenant.c */
#include "engine/tenant.h"

#include "engine/internal.h"

/* `what` is "workspace" or "organization". */
static bool set_deleted(Tx *tx, Engine *engine, const char *what, Str id, int64_t *delete_us, Error *err)
{
    if (*delete_us)
        return error_set(err, NOT_FOUND, "", "%s \"%.*s\" was deleted already", what, STR_ARG(id));
    *delete_us = tx_now_us(tx);
    claim_tell_purge(tx, engine, tenant_purge_us(*delete_us));
    return true;
}

static bool set_undeleted(const char *what, Str id, int64_t *delete_us, Error *err)
{
    if (!*delete_us)
        return error_set(err, ALREADY_EXISTS, "", "%s \"%.*s\" is not deleted: there is nothing to undelete", what,
                         STR_ARG(id));
    *delete_us = 0;
    return true;
}

bool workspace_delete(Tx *tx, Engine *engine, Workspace *workspace, Error *err)
{
    return set_deleted(tx, engine, "workspace", workspace->id, &workspace->delete_us, err) &&
           store_workspace_update(tx, workspace, err);
}

bool workspace_undelete(Tx *tx, Workspace *workspace, Error *err)
{
    return set_undeleted("workspace", workspace->id, &workspace->delete_us, err) &&
           store_workspace_update(tx, workspace, err);
}

bool organization_delete(Tx *tx, Engine *engine, Organization *organization, Error *err)
{
    return set_deleted(tx, engine, "organization", organization->id, &organization->delete_us, err) &&
           store_organization_update(tx, organization, err);
}

bool organization_undelete(Tx *tx, Organization *organization, Error *err)
{
    return set_undeleted("organization", organization->id, &organization->delete_us, err) &&
           store_organization_update(tx, organization, err);
}
