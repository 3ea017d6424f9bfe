/* auth/permission.c: the table of roles and permissions. */
#include "auth/permission.h"

#define MEMBERS (BIT(ROLE_MEMBER) | EVERYBODY)
#define EVERYBODY (BIT(ROLE_VIEWER) | BIT(ROLE_INTEGRATOR) | OPERATORS)
#define INTEGRATORS (BIT(ROLE_INTEGRATOR) | ADMINS)
#define OPERATORS (BIT(ROLE_OPERATOR) | AUTHORS)
#define AUTHORS (BIT(ROLE_AUTHOR) | ADMINS)
#define ADMINS (BIT(ROLE_WORKSPACE_ADMIN) | OWNERS)
#define OWNERS BIT(ROLE_ORGANIZATION_ADMIN)

typedef struct Permission {
    Str name;
    unsigned roles;
} Permission;

static const Permission permissions[] = {
    {S_INIT("read:Organization"), MEMBERS},
    {S_INIT("read:Workspace"), MEMBERS},
    {S_INIT("read:User"), MEMBERS},
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
    {S_INIT("read:Webhook"), INTEGRATORS},
    /* One's own tokens belong to the user, not to a role. */
    {S_INIT("read:Token"), MEMBERS},
    {S_INIT("create:Token"), MEMBERS},
    {S_INIT("update:Token"), MEMBERS},
    {S_INIT("delete:Token"), MEMBERS},

    {S_INIT("invoke:Automation"), OPERATORS | BIT(ROLE_INTEGRATOR)},
    {S_INIT("control:Run"), OPERATORS},
    {S_INIT("resolve:Exception"), OPERATORS},
    {S_INIT("archive:Exception"), OPERATORS},
    {S_INIT("assign:Exception"), OPERATORS},
    {S_INIT("create:GuideEntry"), OPERATORS},
    {S_INIT("create:File"), OPERATORS | BIT(ROLE_INTEGRATOR)},

    {S_INIT("create:Automation"), AUTHORS},
    {S_INIT("update:Automation"), AUTHORS},
    {S_INIT("delete:Automation"), AUTHORS},
    {S_INIT("publish:Automation"), AUTHORS},
    {S_INIT("write:Thread"), AUTHORS},
    {S_INIT("update:GuideEntry"), AUTHORS},
    {S_INIT("approve:GuideEntry"), AUTHORS},
    {S_INIT("delete:GuideEntry"), AUTHORS},
    {S_INIT("delete:File"), AUTHORS},
    {S_INIT("update:Schedule"), AUTHORS | BIT(ROLE_INTEGRATOR)},
    {S_INIT("update:Trigger"), AUTHORS | BIT(ROLE_INTEGRATOR)},
    {S_INIT("configure:Insight"), AUTHORS},
    {S_INIT("update:Connection"), AUTHORS | BIT(ROLE_INTEGRATOR)},

    {S_INIT("update:Workspace"), ADMINS},
    {S_INIT("update:Webhook"), INTEGRATORS},
    {S_INIT("update:Member"), ADMINS},

    {S_INIT("create:Workspace"), OWNERS},
    {S_INIT("delete:Workspace"), OWNERS},
    {S_INIT("create:Organization"), OWNERS},
    {S_INIT("update:Organization"), OWNERS},
    {S_INIT("delete:Organization"), OWNERS},
};

static const char *const role_names[] = {
    [ROLE_NONE] = "none",
    [ROLE_ORGANIZATION_ADMIN] = "organization admin",
    [ROLE_WORKSPACE_ADMIN] = "workspace admin",
    [ROLE_AUTHOR] = "automation author",
    [ROLE_OPERATOR] = "operator",
    [ROLE_VIEWER] = "workspace viewer",
    [ROLE_INTEGRATOR] = "integrator",
    [ROLE_MEMBER] = "organization member",
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

bool membership_may(const Membership *membership, Str permission)
{
    const Permission *row = find(permission);
    if (!row)
        return false;
    Str rest = membership->permissions;
    while (rest.len > 0) {
        if (str_eq(str_cut(&rest, ','), permission))
            return true;
    }
    return (row->roles & membership->roles) != 0;
}

bool permission_of_organizations(Str permission)
{
    const Permission *row = find(permission);
    return row && row->roles == OWNERS;
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
