/* api/name.h: full resource names (AIP-122), written straight into an answer or made as text. */
#ifndef CLERKWORK_API_NAME_H
#define CLERKWORK_API_NAME_H

#include "base/buf.h"
#include "store/tenant.h"

Str name_organization(Arena *arena, Str organization_id);
Str name_workspace(Arena *arena, const Scope *scope);
/* "organizations/o/workspaces/w/<collection>/<id>" */
Str name_in_workspace(Arena *arena, const Scope *scope, Str collection, Str id);
Str name_automation(Arena *arena, const Scope *scope, Str automation_id);
/* "…/automations/a/<collection>/<id>" */
Str name_in_automation(Arena *arena, const Scope *scope, Str automation_id, Str collection, Str id);
Str name_run(Arena *arena, const Scope *scope, Str automation_id, Str run_id);

#endif
