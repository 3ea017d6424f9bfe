#include "api/name.h"

Str name_organization(Arena *arena, Str organization_id)
{
    return str_printf(arena, "organizations/%.*s", STR_ARG(organization_id));
}

Str name_workspace(Arena *arena, const Scope *scope)
{
    return str_printf(arena, "organizations/%.*s/workspaces/%.*s", STR_ARG(scope->organization_id),
                      STR_ARG(scope->workspace_id));
}

Str name_in_workspace(Arena *arena, const Scope *scope, Str collection, Str id)
{
    return str_printf(arena, "organizations/%.*s/workspaces/%.*s/%.*s/%.*s", STR_ARG(scope->organization_id),
                      STR_ARG(scope->workspace_id), STR_ARG(collection), STR_ARG(id));
}

Str name_automation(Arena *arena, const Scope *scope, Str automation_id)
{
    return name_in_workspace(arena, scope, S("automations"), automation_id);
}

Str name_in_automation(Arena *arena, const Scope *scope, Str automation_id, Str collection, Str id)
{
    return str_printf(arena, "organizations/%.*s/workspaces/%.*s/automations/%.*s/%.*s/%.*s",
                      STR_ARG(scope->organization_id), STR_ARG(scope->workspace_id), STR_ARG(automation_id),
                      STR_ARG(collection), STR_ARG(id));
}

Str name_run(Arena *arena, const Scope *scope, Str automation_id, Str run_id)
{
    return name_in_automation(arena, scope, automation_id, S("runs"), run_id);
}
