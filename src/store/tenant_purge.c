/* store/tenant_purge.c */
#include "store/tenant_purge.h"

#include "store/internal.h"
#include "store/purge.h"

/* delete_us, as tenant.h numbers it: 0, when it was deleted, -1 (TENANT_PURGING), -2 (TENANT_PURGED). */

#define IS_TO_PURGE "delete_us <> 0 AND delete_us > -2" /* as the indexes have it */
#define IS_DUE "WHERE " IS_TO_PURGE " AND delete_us <= $1 ORDER BY delete_us, key LIMIT $2"

const char tenant_purge_soonest_sql[] =
    "SELECT delete_us FROM (SELECT delete_us FROM workspace WHERE " IS_TO_PURGE " AND delete_us > $1 UNION ALL "
    "SELECT delete_us FROM organization WHERE " IS_TO_PURGE " AND delete_us > $1) deleted ORDER BY delete_us LIMIT 1";
const char tenant_purge_workspaces_sql[] = "SELECT organization, key FROM workspace " IS_DUE;
const char tenant_purge_organizations_sql[] = "SELECT key, 0 FROM organization " IS_DUE;

bool store_tenant_purge_soonest(Tx *tx, int64_t after_us, int64_t *out_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    int64_t delete_us = 0;
    if (!query_open(&query, tx->database, tenant_purge_soonest_sql, err))
        return false;
    bind_i64(&query, after_us == STORE_PURGE_ANY ? TENANT_PURGED : MAX_OF(after_us - PURGE_AFTER_US, 0));
    if (!query_one_i64(&query, &found, &delete_us, err))
        return false;
    *out_us = delete_us == TENANT_PURGING ? 1 : tenant_purge_us(found ? delete_us : 0);
    return true;
}

static bool add_due(Tx *tx, const char *sql, int64_t now_us, int limit, TenantPurge *due, int *n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, sql, err))
        return false;
    bind_i64(&query, MAX_OF(now_us - PURGE_AFTER_US, TENANT_PURGING));
    bind_i64(&query, limit);
    for (int i = 0; i < limit && query_next(&query); i++) {
        due[*n].organization = next_i64(&query);
        due[(*n)++].workspace = next_i64(&query);
    }
    return query_end(&query, err);
}

bool store_tenant_purge_due(Tx *tx, Arena *arena, int64_t now_us, int limit, TenantPurge **out, int *out_n, Error *err)
{
    TenantPurge *due = NEW_ARRAY(arena, TenantPurge, 2 * (size_t)limit);
    int n = 0;
    if (!add_due(tx, tenant_purge_workspaces_sql, now_us, limit, due, &n, err) ||
        !add_due(tx, tenant_purge_organizations_sql, now_us, limit, due, &n, err))
        return false;
    *out = due;
    *out_n = n;
    return true;
}

/* ---- a statement about all of it: $1 is the organization, $2 the workspace ---- */

static bool run_for(Tx *tx, const char *sql, const TenantPurge *purge, int64_t *out_changes, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, sql, err))
        return false;
    bind_i64(&query, purge->organization);
    bind_i64(&query, purge->workspace);
    if (!query_run(&query, err))
        return false;
    *out_changes += query_changes(&query);
    return true;
}

static bool run_each(Tx *tx, const char *const *statements, size_t n, const TenantPurge *purge, Error *err)
{
    int64_t ignored = 0;
    for (size_t i = 0; i < n; i++) {
        if (!run_for(tx, statements[i], purge, &ignored, err))
            return false;
    }
    return true;
}

/* ---- the beginning ---- */

static bool automations_are_due(Tx *tx, const TenantPurge *purge, int64_t *out_changes, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE automation SET delete_us = CASE WHEN delete_us = 0 THEN $1 ELSE delete_us END, "
                    "purge_us = $1 WHERE organization = $2 AND workspace = $3 AND (purge_us = 0 OR purge_us > $1)",
                    err))
        return false;
    bind_i64(&query, tx->now_us);
    bind_i64(&query, purge->organization);
    bind_i64(&query, purge->workspace);
    if (!query_run(&query, err))
        return false;
    *out_changes += query_changes(&query);
    return true;
}

bool store_tenant_purge_begin(Tx *tx, const TenantPurge *purge, bool *out_changed, Error *err)
{
    int64_t changes = 0;
    bool ok = purge->workspace
                  ? run_for(tx,
                            "UPDATE workspace SET delete_us = -1 WHERE organization = $1 AND key = $2 AND "
                            "delete_us >= 0",
                            purge, &changes, err) &&
                        automations_are_due(tx, purge, &changes, err)
                  : run_for(tx, "UPDATE organization SET delete_us = -1 WHERE key = $1 AND $2 = 0 AND delete_us >= 0",
                            purge, &changes, err) &&
                        run_for(tx,
                                "UPDATE workspace SET delete_us = -1 WHERE organization = $1 AND $2 = 0 AND "
                                "delete_us >= 0",
                                purge, &changes, err);
    tx->tenancy_changed = tx->tenancy_changed || changes > 0;
    *out_changed = changes > 0;
    return ok;
}

bool store_tenant_purge_waits(Tx *tx, const TenantPurge *purge, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    int64_t one;
    if (!query_open(
            &query, tx->database,
            purge->workspace
                ? "SELECT 1 FROM automation WHERE organization = $1 AND workspace = $2 AND purge_us > -2 LIMIT 1"
                : "SELECT 1 FROM workspace WHERE organization = $1 AND $2 = 0 AND delete_us > -2 LIMIT 1",
            err))
        return false;
    bind_i64(&query, purge->organization);
    bind_i64(&query, purge->workspace);
    return query_one_i64(&query, out, &one, err);
}

/* ---- what there may be much of ---- */

static bool remove_some(Tx *tx, const char *sql, const TenantPurge *purge, int limit, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, sql, err))
        return false;
    bind_i64(&query, purge->organization);
    bind_i64(&query, purge->workspace);
    bind_i64(&query, limit);
    if (!query_run(&query, err))
        return false;
    *out_n = (int)query_changes(&query);
    return true;
}

bool store_tenant_purge_rows(Tx *tx, const TenantPurge *purge, int limit, int *out_n, Error *err)
{
    static const char *const of_both[] = {
        "DELETE FROM webhook_delivery WHERE key IN (SELECT d.key FROM webhook w JOIN webhook_delivery d ON "
        "d.webhook = w.key WHERE w.organization = $1 AND w.workspace = $2 LIMIT $3)",
        "DELETE FROM request WHERE key IN (SELECT key FROM request WHERE organization = $1 AND workspace = $2 LIMIT "
        "$3)",
    };
    /* All sums of some moments: as many rows as there are automations. */
    static const char of_organization[] =
        "DELETE FROM run_rollup WHERE organization = $1 AND $2 = 0 AND start_us IN (SELECT start_us FROM run_rollup "
        "WHERE organization = $1 ORDER BY start_us LIMIT $3)";
    if (!store_file_purge(tx, purge->organization, purge->workspace, limit, out_n, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(of_both) && *out_n == 0; i++) {
        if (!remove_some(tx, of_both[i], purge, limit, out_n, err))
            return false;
    }
    return *out_n > 0 || purge->workspace || remove_some(tx, of_organization, purge, limit, out_n, err);
}

/* ---- the end ---- */

static const char workspace_leaves_a_key[] =
    "UPDATE workspace SET delete_us = -2, title = '', description = '', icon = '', icon_color = '', "
    "creator_display_name = '', creator_email = '' WHERE organization = $1 AND key = $2";
static const char organization_leaves_a_key[] =
    "UPDATE organization SET delete_us = -2, title = '', logo_data_uri = '', owner_display_name = '', owner_email = '' "
    "WHERE key = $1 AND $2 = 0";

bool store_tenant_purge_finish(Tx *tx, const TenantPurge *purge, Error *err)
{
    static const char *const of_workspace[] = {
        "DELETE FROM webhook WHERE organization = $1 AND workspace = $2",
        "DELETE FROM connection WHERE organization = $1 AND workspace = $2",
        "DELETE FROM exception_group WHERE organization = $1 AND workspace = $2",
        "DELETE FROM preferences WHERE organization = $1 AND workspace = $2",
        "DELETE FROM invitation WHERE organization = $1 AND workspace = $2",
        "DELETE FROM member WHERE organization = $1 AND workspace = $2",
        "DELETE FROM role WHERE organization = $1 AND workspace = $2",
        workspace_leaves_a_key,
    };
    static const char *const of_organization[] = {
        "DELETE FROM estimate WHERE organization = $1 AND $2 = 0",
        "DELETE FROM preferences WHERE organization = $1 AND workspace = $2",
        "DELETE FROM invitation WHERE organization = $1 AND workspace = $2",
        "DELETE FROM member WHERE organization = $1 AND workspace = $2",
        "DELETE FROM role WHERE organization = $1 AND workspace = $2",
        "DELETE FROM file_usage WHERE organization = $1 AND $2 = 0",
        "UPDATE token SET organization = 0, organization_id = '' WHERE organization = $1 AND $2 = 0",
        organization_leaves_a_key,
    };
    tx->tenancy_changed = true;
    return purge->workspace ? run_each(tx, of_workspace, COUNT_OF(of_workspace), purge, err)
                            : run_each(tx, of_organization, COUNT_OF(of_organization), purge, err);
}
