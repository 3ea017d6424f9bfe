/* store/tenant.c: organizations, workspaces, users, members. */
#include "store/tenant.h"

#include "store/internal.h"
#include "store/list.h"

/* Inserts that return the new row's key. */
static bool insert_key(Query *query, int64_t *out_key, Error *err)
{
    bool found = false;
    return query_one_i64(query, &found, out_key, err);
}

/* ---- organizations ---- */

#define ORGANIZATION_COLUMNS                                                                                           \
    "o.key, o.id, o.title, o.logo_data_uri, o.owner_display_name, o.owner_email, o.create_us, o.update_us, "           \
    "o.delete_us"

static void organization_read(Query *query, Arena *arena, void *row)
{
    *(Organization *)row = (Organization){
        .key = next_i64(query),
        .id = next_text(query, arena),
        .title = next_text(query, arena),
        .logo_data_uri = next_text(query, arena),
        .owner_display_name = next_text(query, arena),
        .owner_email = next_text(query, arena),
        .create_us = next_i64(query),
        .update_us = next_i64(query),
        .delete_us = next_i64(query),
    };
}

bool store_organization_create(Tx *tx, Organization *organization, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO organization (id, title, logo_data_uri, owner_display_name, owner_email, create_us, "
                    "update_us) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING key",
                    err))
        return false;
    bind_text(&query, organization->id);
    bind_text(&query, organization->title);
    bind_text(&query, organization->logo_data_uri);
    bind_text(&query, organization->owner_display_name);
    bind_text(&query, organization->owner_email);
    bind_i64(&query, tx->now_us);
    bind_i64(&query, tx->now_us);
    tx->tenancy_changed = true;
    if (!insert_key(&query, &organization->key, err))
        return false;
    organization->create_us = organization->update_us = tx->now_us;
    return true;
}

bool store_organization_update(Tx *tx, Organization *organization, Error *err)
{
    tx->tenancy_changed = true;
    organization->update_us = tx->now_us;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE organization SET title = $1, logo_data_uri = $2, delete_us = $3, update_us = $4 "
                    "WHERE key = $5",
                    err))
        return false;
    bind_text(&query, organization->title);
    bind_text(&query, organization->logo_data_uri);
    bind_i64(&query, organization->delete_us);
    bind_i64(&query, organization->update_us);
    bind_i64(&query, organization->key);
    return query_run(&query, err);
}

bool store_organization_get(Tx *tx, Arena *arena, Str id, Organization *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " ORGANIZATION_COLUMNS " FROM organization o WHERE o.id = $1 AND o.delete_us >= 0", err))
        return false;
    bind_text(&query, id);
    bool found = query_next(&query);
    Organization row;
    if (found)
        organization_read(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "organization \"%.*s\" was not found", STR_ARG(id));
    *out = row;
    return true;
}

bool store_organization_list(Tx *tx, Arena *arena, int64_t user, ListQuery *query, Organization **out, int *out_n,
                             ListEnd *end, Error *err)
{
    static const FilterColumn filters[] = {
        {.name = S_INIT("title"), .sql = "o.title"},
    };
    static const ListPlan plan = {
        .columns = ORGANIZATION_COLUMNS,
        .from = "organization o",
        .where = "o.key IN (SELECT m.organization FROM member m WHERE m.account = $1) AND (o.delete_us = 0 OR ($2 = 1 "
                 "AND o.delete_us > 0))",
        .position = "o.create_us",
        .key = "o.key",
        .row_size = sizeof(Organization),
        .row_align = _Alignof(Organization),
        .read_row = organization_read,
        .filters = filters,
        .n_filters = COUNT_OF(filters),
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(user), NUMBER_PARAMETER(query->show_deleted)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

/* ---- workspaces ---- */

#define WORKSPACE_COLUMNS                                                                                              \
    "w.key, w.organization, w.id, w.title, w.description, w.icon, w.icon_color, w.creator_display_name, "              \
    "w.creator_email, w.create_us, w.update_us, w.delete_us, "                                                         \
    "(SELECT o.delete_us FROM organization o WHERE o.key = w.organization)"

static void workspace_read(Query *query, Arena *arena, void *row)
{
    *(Workspace *)row = (Workspace){
        .key = next_i64(query),
        .organization = next_i64(query),
        .id = next_text(query, arena),
        .title = next_text(query, arena),
        .description = next_text(query, arena),
        .icon = next_text(query, arena),
        .icon_color = next_text(query, arena),
        .creator_display_name = next_text(query, arena),
        .creator_email = next_text(query, arena),
        .create_us = next_i64(query),
        .update_us = next_i64(query),
        .delete_us = next_i64(query),
        .organization_delete_us = next_i64(query),
    };
}

bool store_workspace_create(Tx *tx, Workspace *workspace, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO workspace (organization, id, title, description, icon, icon_color, "
                    "creator_display_name, creator_email, create_us, update_us) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING key",
                    err))
        return false;
    bind_i64(&query, workspace->organization);
    bind_text(&query, workspace->id);
    bind_text(&query, workspace->title);
    bind_text(&query, workspace->description);
    bind_text(&query, workspace->icon);
    bind_text(&query, workspace->icon_color);
    bind_text(&query, workspace->creator_display_name);
    bind_text(&query, workspace->creator_email);
    bind_i64(&query, tx->now_us);
    bind_i64(&query, tx->now_us);
    tx->tenancy_changed = true;
    if (!insert_key(&query, &workspace->key, err))
        return false;
    workspace->create_us = workspace->update_us = tx->now_us;
    return true;
}

bool store_workspace_update(Tx *tx, Workspace *workspace, Error *err)
{
    tx->tenancy_changed = true;
    workspace->update_us = tx->now_us;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE workspace SET title = $1, icon = $2, icon_color = $3, delete_us = $4, update_us = $5 "
                    "WHERE organization = $6 AND key = $7",
                    err))
        return false;
    bind_text(&query, workspace->title);
    bind_text(&query, workspace->icon);
    bind_text(&query, workspace->icon_color);
    bind_i64(&query, workspace->delete_us);
    bind_i64(&query, workspace->update_us);
    bind_i64(&query, workspace->organization);
    bind_i64(&query, workspace->key);
    return query_run(&query, err);
}

bool store_workspace_get(Tx *tx, Arena *arena, int64_t organization, Str id, Workspace *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " WORKSPACE_COLUMNS
                    " FROM workspace w WHERE w.organization = $1 AND w.id = $2 AND w.delete_us >= 0",
                    err))
        return false;
    bind_i64(&query, organization);
    bind_text(&query, id);
    bool found = query_next(&query);
    Workspace row;
    if (found)
        workspace_read(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "workspace \"%.*s\" was not found", STR_ARG(id));
    *out = row;
    return true;
}

static const FilterColumn workspace_filters[] = {
    {.name = S_INIT("title"), .sql = "w.title"},
};
static const OrderColumn workspace_orders[] = {
    {S_INIT("title"), "w.title"},
    {S_INIT("create_time"), "w.create_us"},
    {S_INIT("update_time"), "w.update_us"},
};
#define WORKSPACE_PLAN                                                                                                 \
    .columns = WORKSPACE_COLUMNS, .from = "workspace w", .position = "w.create_us", .key = "w.key",                    \
    .row_size = sizeof(Workspace), .row_align = _Alignof(Workspace), .read_row = workspace_read,                       \
    .filters = workspace_filters, .n_filters = COUNT_OF(workspace_filters), .orders = workspace_orders,                \
    .n_orders = COUNT_OF(workspace_orders)

bool store_workspace_list(Tx *tx, Arena *arena, int64_t organization, int64_t user, ListQuery *query, Workspace **out,
                          int *out_n, ListEnd *end, Error *err)
{
    static const ListPlan all = {WORKSPACE_PLAN,
                                 .where = "w.organization = $1 AND (w.delete_us = 0 OR ($2 = 1 AND w.delete_us > 0))"};
    /* Roles: 1 is the organization's admin, 1000 and above are the organization's own; both enter all of its
     * workspaces, others enter where they have a role. */
    static const ListPlan of_user = {
        WORKSPACE_PLAN,
        .where = "w.organization = $1 AND (w.delete_us = 0 OR ($2 = 1 AND w.delete_us > 0)) AND EXISTS (SELECT 1 FROM "
                 "member m WHERE "
                 "m.organization = $1 AND m.account = $3 "
                 "AND m.role > 0 AND (m.workspace = w.key OR (m.workspace = 0 AND (m.role = 1 OR m.role >= 1000))))",
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(organization), NUMBER_PARAMETER(query->show_deleted),
                               NUMBER_PARAMETER(user)};
    return list_read(tx, arena, user ? &of_user : &all, fixed, user ? 3 : 2, query, (void **)out, out_n, end, err);
}

/* ---- users ---- */

#define USER_COLUMNS "key, id, display_name, email, create_us"

bool store_user_create(Tx *tx, User *user, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO account (id, display_name, email, email_folded, create_us) "
                    "VALUES ($1, $2, $3, lower($3), $4) RETURNING key",
                    err))
        return false;
    bind_text(&query, user->id);
    bind_text(&query, user->display_name);
    bind_text(&query, user->email);
    bind_i64(&query, tx->now_us);
    tx->tenancy_changed = true;
    if (!insert_key(&query, &user->key, err)) {
        if (err->code == ALREADY_EXISTS)
            error_set(err, ALREADY_EXISTS, "email", "a user with the address %.*s is there already",
                      STR_ARG(str_clip(user->email, 200)));
        return false;
    }
    user->create_us = tx->now_us;
    return true;
}

static bool user_read(Query *query, Arena *arena, Str wanted, User *out, Error *err)
{
    bool found = query_next(query);
    User row = {0};
    if (found)
        row = (User){
            .key = next_i64(query),
            .id = next_text(query, arena),
            .display_name = next_text(query, arena),
            .email = next_text(query, arena),
            .create_us = next_i64(query),
        };
    if (!query_end(query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "user \"%.*s\" was not found", STR_ARG(str_clip(wanted, 200)));
    *out = row;
    return true;
}

bool store_user_get(Tx *tx, Arena *arena, Str id, User *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " USER_COLUMNS " FROM account WHERE id = $1", err))
        return false;
    bind_text(&query, id);
    return user_read(&query, arena, id, out, err);
}

bool store_user_get_by_key(Tx *tx, Arena *arena, int64_t key, User *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " USER_COLUMNS " FROM account WHERE key = $1", err))
        return false;
    bind_i64(&query, key);
    return user_read(&query, arena, S("of this token"), out, err);
}

bool store_user_get_by_email(Tx *tx, Arena *arena, Str email, User *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " USER_COLUMNS " FROM account WHERE email_folded = lower($1)", err))
        return false;
    bind_text(&query, email);
    return user_read(&query, arena, email, out, err);
}

/* ---- members ---- */

static bool member_remove(Tx *tx, int64_t organization, int64_t workspace, int64_t user, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "DELETE FROM member WHERE organization = $1 AND account = $2 AND workspace = $3", err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, user);
    bind_i64(&query, workspace);
    return query_run(&query, err);
}

bool store_member_put(Tx *tx, int64_t organization, int64_t workspace, int64_t user, Role role, Error *err)
{
    tx->tenancy_changed = true;
    if (role == ROLE_NONE)
        return member_remove(tx, organization, workspace, user, err);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO member (organization, account, workspace, role) VALUES ($1, $2, $3, $4) "
                    "ON CONFLICT (organization, account, workspace) DO UPDATE SET role = excluded.role",
                    err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, user);
    bind_i64(&query, workspace);
    bind_i64(&query, role);
    return query_run(&query, err);
}

bool store_membership(Tx *tx, Arena *arena, int64_t organization, int64_t workspace, int64_t user, Membership *out,
                      Error *err)
{
    AUTO(query_done)
    Query query = {0};
    Membership all = {0};
    Buf permissions = buf_in(arena);
    if (!query_open(
            &query, tx->database,
            "SELECT m.workspace, m.role, coalesce(r.permissions, '') FROM member m "
            "LEFT JOIN role r ON r.key = m.role AND r.organization = m.organization "
            "WHERE m.organization = $1 AND m.account = $2 AND ($3 = 0 OR m.workspace IN ($3, 0)) AND m.role > 0",
            err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, user);
    bind_i64(&query, workspace);
    while (query_next(&query)) {
        bool own = next_i64(&query) == workspace;
        int64_t role = next_i64(&query);
        Str listed = next_text(&query, arena);
        if (role >= ROLE_OWN_FIRST)
            buf_str(&permissions, listed);
        else if ((own || workspace == 0 || role == ROLE_ORGANIZATION_ADMIN) && role <= ROLE_MEMBER)
            all.roles |= BIT(role);
    }
    if (!query_end(&query, err))
        return false;
    all.permissions = buf_view(&permissions);
    *out = all;
    return true;
}

bool store_membership_anywhere(Tx *tx, Arena *arena, int64_t user, Membership *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    Membership all = {0};
    Buf permissions = buf_in(arena);
    if (!query_open(&query, tx->database,
                    "SELECT m.role, coalesce(r.permissions, '') FROM member m "
                    "JOIN organization o ON o.key = m.organization AND o.delete_us = 0 "
                    "LEFT JOIN role r ON r.key = m.role AND r.organization = m.organization "
                    "WHERE m.account = $1 AND m.role > 0",
                    err))
        return false;
    bind_i64(&query, user);
    while (query_next(&query)) {
        int64_t role = next_i64(&query);
        Str listed = next_text(&query, arena);
        if (role >= ROLE_OWN_FIRST)
            buf_str(&permissions, listed);
        else if (role <= ROLE_MEMBER)
            all.roles |= BIT(role);
    }
    if (!query_end(&query, err))
        return false;
    all.permissions = buf_view(&permissions);
    *out = all;
    return true;
}

bool store_member_of_organization(Tx *tx, int64_t organization, int64_t user, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT 1 FROM member WHERE organization = $1 AND account = $2 LIMIT 1", err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, user);
    bool found = query_next(&query);
    if (!query_end(&query, err))
        return false;
    *out = found;
    return true;
}
