/* store/role.c */
#include "store/role.h"

#include "store/internal.h"
#include "store/list.h"

/* ---- roles ---- */

#define ROLE_COLUMNS                                                                                                   \
    "r.key, r.organization, r.workspace, r.id, r.level, r.title, r.description, r.permissions, r.create_us, "          \
    "r.update_us"
/* Those that may be given in the place $1, $2: common ones of its level, and its own. */
#define ROLE_FITS                                                                                                      \
    "r.organization IN (0, $1) AND r.workspace IN (0, $2) AND r.level = CASE WHEN $2 = 0 THEN 1 ELSE 2 END "           \
    "AND (r.organization = 0 OR r.workspace = $2)"

static RoleRow role_read(Query *query, Arena *arena)
{
    RoleRow role = {.key = next_i64(query)};
    role.organization = next_i64(query);
    role.workspace = next_i64(query);
    role.id = next_text(query, arena);
    role.in_organization = next_i64(query) == 1;
    role.title = next_text(query, arena);
    role.description = next_text(query, arena);
    role.permissions = next_text(query, arena);
    role.create_us = next_i64(query);
    role.update_us = next_i64(query);
    return role;
}

bool store_role_list(Tx *tx, Arena *arena, const Scope *scope, RoleRow **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    RoleRow *rows = NULL;
    int n = 0, cap = 0;
    if (!query_open(&query, tx->database,
                    "SELECT " ROLE_COLUMNS " FROM role r WHERE " ROLE_FITS " ORDER BY r.organization, r.key", err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(RoleRow));
        rows[n++] = role_read(&query, arena);
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}

static bool role_end(Query *query, Arena *arena, Str wanted, RoleRow *out, Error *err)
{
    bool found = query_next(query);
    RoleRow row = {0};
    if (found)
        row = role_read(query, arena);
    if (!query_end(query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "role \"%.*s\" was not found", STR_ARG(str_clip(wanted, 100)));
    *out = row;
    return true;
}

bool store_role_get(Tx *tx, Arena *arena, const Scope *scope, Str id, RoleRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " ROLE_COLUMNS " FROM role r WHERE " ROLE_FITS " AND r.id = $3", err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, id);
    return role_end(&query, arena, id, out, err);
}

bool store_role_get_by_key(Tx *tx, Arena *arena, int64_t organization, int64_t key, RoleRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " ROLE_COLUMNS " FROM role r WHERE r.organization IN (0, $1) AND r.key = $2", err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, key);
    return role_end(&query, arena, S("of this member"), out, err);
}

static bool role_has_room(Tx *tx, const Scope *scope, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t n = 0;
    if (!query_open(&query, tx->database, "SELECT count(*) FROM role WHERE organization = $1 AND workspace = $2", err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    return n < ROLES_OWN_MOST ||
           error_set(err, RESOURCE_EXHAUSTED, "",
                     "there are %d roles here, which is as many as there may be; delete one first", (int)n);
}

static bool title_in_use(Str title, Error *err)
{
    if (err->code == ALREADY_EXISTS)
        error_set(err, ALREADY_EXISTS, "title", "there is a role called \"%.*s\" already: choose another title",
                  STR_ARG(str_clip(title, 100)));
    return false;
}

bool store_role_create(Tx *tx, const Scope *scope, RoleRow *role, Error *err)
{
    if (!role_has_room(tx, scope, err))
        return false;
    role->organization = scope->organization;
    role->workspace = scope->workspace;
    role->in_organization = scope->workspace == 0;
    role->create_us = role->update_us = tx->now_us;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO role (organization, workspace, id, level, title, description, permissions, create_us, "
                    "update_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING key",
                    err))
        return false;
    bind_i64(&query, role->organization);
    bind_i64(&query, role->workspace);
    bind_text(&query, role->id);
    bind_i64(&query, role->in_organization ? 1 : 2);
    bind_text(&query, role->title);
    bind_text(&query, role->description);
    bind_text(&query, role->permissions);
    bind_i64(&query, role->create_us);
    bind_i64(&query, role->update_us);
    bool found = false;
    return query_one_i64(&query, &found, &role->key, err) || title_in_use(role->title, err);
}

bool store_role_update(Tx *tx, RoleRow *role, Error *err)
{
    assert(role_is_own(role));
    tx->tenancy_changed = true;
    role->update_us = tx->now_us;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE role SET title = $1, description = $2, permissions = $3, update_us = $4 "
                    "WHERE organization = $5 AND key = $6",
                    err))
        return false;
    bind_text(&query, role->title);
    bind_text(&query, role->description);
    bind_text(&query, role->permissions);
    bind_i64(&query, role->update_us);
    bind_i64(&query, role->organization);
    bind_i64(&query, role->key);
    return query_run(&query, err) || title_in_use(role->title, err);
}

static bool role_is_unused(Tx *tx, const RoleRow *role, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t n = 0;
    if (!query_open(&query, tx->database, "SELECT count(*) FROM member WHERE organization = $1 AND role = $2", err))
        return false;
    bind_i64(&query, role->organization);
    bind_i64(&query, role->key);
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    return n == 0 || error_set(err, FAILED_PRECONDITION, "", "%lld member%s the role \"%.*s\": give them another first",
                               (long long)n, n == 1 ? " has" : "s have", STR_ARG(str_clip(role->title, 100)));
}

static bool role_is_not_promised(Tx *tx, const RoleRow *role, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t n = 0;
    if (!query_open(&query, tx->database,
                    "SELECT count(*) FROM invitation WHERE organization = $1 AND role = $2 AND accept_us = 0 "
                    "AND revoke_us = 0 AND expire_us > $3",
                    err))
        return false;
    bind_i64(&query, role->organization);
    bind_i64(&query, role->key);
    bind_i64(&query, tx->now_us);
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    return n == 0 ||
           error_set(err, FAILED_PRECONDITION, "", "%lld invitation%s the role \"%.*s\": revoke %s first", (long long)n,
                     n == 1 ? " gives" : "s give", STR_ARG(str_clip(role->title, 100)), n == 1 ? "it" : "them");
}

/* A later role may get the same key; what is left of old invitations must not be taken for it. */
static bool invitations_forget(Tx *tx, const RoleRow *role, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "UPDATE invitation SET role = 0 WHERE organization = $1 AND role = $2", err))
        return false;
    bind_i64(&query, role->organization);
    bind_i64(&query, role->key);
    return query_run(&query, err);
}

bool store_role_delete(Tx *tx, const RoleRow *role, Error *err)
{
    assert(role_is_own(role));
    AUTO(query_done)
    Query query = {0};
    if (!role_is_unused(tx, role, err) || !role_is_not_promised(tx, role, err) || !invitations_forget(tx, role, err) ||
        !query_open(&query, tx->database, "DELETE FROM role WHERE organization = $1 AND key = $2", err))
        return false;
    bind_i64(&query, role->organization);
    bind_i64(&query, role->key);
    return query_run(&query, err);
}

/* ---- who has which ---- */

/* Of the member rows m, those that count in the place $1, $2: in a workspace its own, the organization's admins, and
 * the organization's own roles; in an organization all. */
#define MEMBER_COUNTS                                                                                                  \
    "m.organization = $1 AND m.role > 0 AND ($2 = 0 OR m.workspace = $2 OR (m.workspace = 0 AND (m.role = 1 OR "       \
    "m.role >= 1000)))"

bool store_role_held(Tx *tx, Arena *arena, const Scope *scope, int64_t user, HeldRole **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    HeldRole *rows = NULL;
    int n = 0, cap = 0;
    if (!query_open(&query, tx->database,
                    "SELECT DISTINCT r.key, r.id, r.title, r.organization, r.workspace, coalesce(w.id, ''), "
                    "CASE WHEN m.workspace = 0 THEN 1 ELSE 0 END AS in_organization FROM member m "
                    "JOIN role r ON r.key = m.role AND r.organization IN (0, $1) "
                    "LEFT JOIN workspace w ON w.key = r.workspace "
                    "WHERE " MEMBER_COUNTS " AND m.account = $3 ORDER BY r.key, in_organization",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, user);
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(HeldRole));
        (void)next_i64(&query);
        HeldRole *row = &rows[n++];
        *row = (HeldRole){.id = next_text(&query, arena)};
        row->title = next_text(&query, arena);
        row->own = next_i64(&query) != 0;
        row->role_workspace = next_i64(&query);
        row->role_workspace_id = next_text(&query, arena);
        row->in_organization = next_i64(&query) == 1;
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}

bool store_role_given(Tx *tx, const Scope *scope, int64_t user, int64_t *out_role, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t role = 0;
    if (!query_open(&query, tx->database,
                    "SELECT role FROM member WHERE organization = $1 AND account = $2 AND workspace = $3", err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, user);
    bind_i64(&query, scope->workspace);
    if (!query_one_i64(&query, &found, &role, err))
        return false;
    *out_role = found ? role : 0;
    return true;
}

static void member_read(Query *query, Arena *arena, void *row)
{
    *(User *)row = (User){
        .key = next_i64(query),
        .id = next_text(query, arena),
        .display_name = next_text(query, arena),
        .email = next_text(query, arena),
        .create_us = next_i64(query),
    };
}

static const Str role_scopes[] = {S_INIT("UNSPECIFIED"), S_INIT("ORGANIZATION"), S_INIT("WORKSPACE")};
static const FilterColumn member_filters[] = {
    {.name = S_INIT("role"),
     .sql = "''",
     .equal = "EXISTS (SELECT 1 FROM member m JOIN role r ON r.key = m.role AND r.organization IN (0, $1) "
              "WHERE m.account = a.key AND " MEMBER_COUNTS " AND (lower(?) IN (lower(r.title), lower(r.id)) OR ? = "
              "(SELECT 'organizations/' || o.id || coalesce('/workspaces/' || w.id, '') || '/roles/' || r.id "
              "FROM organization o LEFT JOIN workspace w ON w.key = r.workspace WHERE o.key = r.organization)))"},
    {.name = S_INIT("role_scope"),
     .sql = "0",
     .equal = "EXISTS (SELECT 1 FROM member m WHERE m.account = a.key AND " MEMBER_COUNTS
              " AND CASE WHEN m.workspace = 0 THEN 1 ELSE 2 END = ?)",
     .names = role_scopes,
     .n_names = COUNT_OF(role_scopes)},
    {.name = S_INIT("search"), .sql = "(a.display_name || ' ' || a.email)"},
};
/* Accounts are not changed once they are made. */
static const OrderColumn member_orders[] = {
    {S_INIT("display_name"), "a.display_name"},
    {S_INIT("email"), "a.email_folded"},
    {S_INIT("created_time"), "a.create_us"},
    {S_INIT("updated_time"), "a.create_us"},
};

bool store_member_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, User **out, int *out_n, ListEnd *end,
                       Error *err)
{
    static const ListPlan plan = {
        .columns = "a.key, a.id, a.display_name, a.email, a.create_us",
        .from = "account a",
        .where = "a.key IN (SELECT m.account FROM member m WHERE " MEMBER_COUNTS ")",
        .position = "a.create_us",
        .key = "a.key",
        .row_size = sizeof(User),
        .row_align = _Alignof(User),
        .read_row = member_read,
        .filters = member_filters,
        .n_filters = COUNT_OF(member_filters),
        .orders = member_orders,
        .n_orders = COUNT_OF(member_orders),
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

bool store_member_count(Tx *tx, const Scope *scope, int64_t *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    if (!query_open(&query, tx->database, "SELECT count(DISTINCT m.account) FROM member m WHERE " MEMBER_COUNTS, err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    return query_one_i64(&query, &found, out, err);
}

static bool somebody_else_administrates(Tx *tx, int64_t organization, int64_t user, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT 1 FROM member WHERE organization = $1 AND workspace = 0 AND role = 1 AND account <> $2 "
                    "LIMIT 1",
                    err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, user);
    bool found = query_next(&query);
    if (!query_end(&query, err))
        return false;
    return found || error_set(err, FAILED_PRECONDITION, "",
                              "this is the organization's last admin: make somebody else one first");
}

/* Whether this change leaves an administrator: `user` loses a role of the organization. */
static bool may_lose(Tx *tx, int64_t organization, int64_t user, Error *err)
{
    const Scope place = {.organization = organization};
    int64_t role;
    return store_role_given(tx, &place, user, &role, err) &&
           (role != ROLE_ORGANIZATION_ADMIN || somebody_else_administrates(tx, organization, user, err));
}

bool store_role_give(Tx *tx, const Scope *scope, int64_t user, int64_t role, Error *err)
{
    bool loses = scope->workspace == 0 && role != ROLE_ORGANIZATION_ADMIN;
    return (!loses || may_lose(tx, scope->organization, user, err)) &&
           store_member_put(tx, scope->organization, scope->workspace, user, (Role)role, err);
}

bool store_member_expel(Tx *tx, int64_t organization, int64_t user, Error *err)
{
    if (!may_lose(tx, organization, user, err))
        return false;
    tx->tenancy_changed = true;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM member WHERE organization = $1 AND account = $2", err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, user);
    return query_run(&query, err);
}
