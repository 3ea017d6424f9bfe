/* auth/permission.c: the table of roles and permissions. */
#include "auth/permission.h"

#define EVERYBODY (BIT(ROLE_VIEWER) | OPERATORS)
#define OPERATORS (BIT(ROLE_OPERATOR) | AUTHORS)
#define AUTHORS (BIT(ROLE_AUTHOR) | ADMINS)
#define ADMINS (BIT(ROLE_WORKSPACE_ADMIN) | OWNERS)
#define OWNERS BIT(ROLE_ORGANIZATION_ADMIN)

typedef struct Permission {
    Str name;
    unsigned roles;
} Permission;

static const Permission permissions[] = {
    {S_INIT("read:Organization"), EVERYBODY},
    {S_INIT("read:Workspace"), EVERYBODY},
    {S_INIT("read:User"), EVERYBODY},
    {S_INIT("read:Automation"), EVERYBODY},
    {S_INIT("read:Run"), EVERYBODY},
    {S_INIT("read:Exception"), EVERYBODY},
    {S_INIT("read:GuideEntry"), EVERYBODY},
    {S_INIT("read:File"), EVERYBODY},
    {S_INIT("read:Book"), EVERYBODY},
    {S_INIT("read:Connection"), EVERYBODY},
    {S_INIT("read:Schedule"), EVERYBODY},
    {S_INIT("read:Trigger"), EVERYBODY},
    {S_INIT("read:Thread"), EVERYBODY},
    {S_INIT("read:Insight"), EVERYBODY},
    {S_INIT("read:Webhook"), ADMINS},
    /* One's own tokens belong to the user, not to a role. */
    {S_INIT("read:Token"), EVERYBODY},
    {S_INIT("create:Token"), EVERYBODY},
    {S_INIT("update:Token"), EVERYBODY},
    {S_INIT("delete:Token"), EVERYBODY},

    {S_INIT("invoke:Automation"), OPERATORS},
    {S_INIT("control:Run"), OPERATORS},
    {S_INIT("resolve:Exception"), OPERATORS},
    {S_INIT("archive:Exception"), OPERATORS},
    {S_INIT("assign:Exception"), OPERATORS},
    {S_INIT("create:GuideEntry"), OPERATORS},
    {S_INIT("create:File"), OPERATORS},

    {S_INIT("create:Automation"), AUTHORS},
    {S_INIT("update:Automation"), AUTHORS},
    {S_INIT("delete:Automation"), AUTHORS},
    {S_INIT("publish:Automation"), AUTHORS},
    {S_INIT("write:Thread"), AUTHORS},
    {S_INIT("update:GuideEntry"), AUTHORS},
    {S_INIT("approve:GuideEntry"), AUTHORS},
    {S_INIT("delete:GuideEntry"), AUTHORS},
    {S_INIT("delete:File"), AUTHORS},
    {S_INIT("update:Schedule"), AUTHORS},
    {S_INIT("update:Trigger"), AUTHORS},
    {S_INIT("update:Connection"), AUTHORS},

    {S_INIT("update:Workspace"), ADMINS},
    {S_INIT("update:Webhook"), ADMINS},
    {S_INIT("update:Member"), ADMINS},

    {S_INIT("create:Workspace"), OWNERS},
    {S_INIT("update:Organization"), OWNERS},
};

static const char *const role_names[] = {
    [ROLE_NONE] = "none",
    [ROLE_ORGANIZATION_ADMIN] = "organization admin",
    [ROLE_WORKSPACE_ADMIN] = "workspace admin",
    [ROLE_AUTHOR] = "author",
    [ROLE_OPERATOR] = "operator",
    [ROLE_VIEWER] = "viewer",
};

static const Permission *find(Str name)
{
    for (size_t i = 0; i < COUNT_OF(permissions); i++) {
        if (str_eq(permissions[i].name, name))
            return &permissions[i];
    }
    return NULL;
}

bool role_may(Role role, Str permission)
{
    const Permission *row = find(permission);
    return row && role > ROLE_NONE && (unsigned)role < COUNT_OF(role_names) && (row->roles & BIT(role));
}

bool permission_exists(Str permission)
{
    return find(permission) != NULL;
}

bool permission_only_reads(Str permission)
{
    return str_starts(permission, S("read:"));
}

const Str *permission_at(size_t index)
{
    return index < COUNT_OF(permissions) ? &permissions[index].name : NULL;
}

const char *role_name(Role role)
{
    return (unsigned)role < COUNT_OF(role_names) ? role_names[role] : "unknown";
}
