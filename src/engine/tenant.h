/* engine/tenant.h: workspaces and organizations are deleted softly, and brought back until their purge time. */
#ifndef CLERKWORK_ENGINE_TENANT_H
#define CLERKWORK_ENGINE_TENANT_H

#include "engine/engine.h"
#include "store/tenant.h"

/* From then on nobody enters it, and nothing starts in it; runs under way come to their end. PURGE_AFTER_US later it is
 * gone for good (purge.c). Each writes the row that was read. */
MUST_USE bool workspace_delete(Tx *tx, Engine *engine, Workspace *workspace, Error *err);
MUST_USE bool workspace_undelete(Tx *tx, Workspace *workspace, Error *err);
MUST_USE bool organization_delete(Tx *tx, Engine *engine, Organization *organization, Error *err);
MUST_USE bool organization_undelete(Tx *tx, Organization *organization, Error *err);

#endif
