/* store/automation.c: automations. Their revisions: revision.c. */
#include "store/automation.h"

#include "store/internal.h"
#include "store/list.h"

#define AUTOMATION_COLUMNS                                                                                             \
    "a.key, a.id, a.draft_revision, a.published_revision, a.version_major, a.version_minor, a.published_major, "       \
    "a.published_minor, a.display_name, a.activation, a.create_us, a.update_us, a.delete_us, a.purge_us, "             \
    "a.publish_us, a.keep_runs_us, a.run_deadline_us, a.author_id, a.update_user_id, a.publish_user_id, a.etag"

static void automation_read(Query *query, Arena *arena, void *row)
{
    Automation *automation = row;
    *automation = (Automation){.key = next_i64(query), .id = next_text(query, arena)};
    automation->draft_revision = next_i64(query);
    automation->published_revision = next_i64(query);
    automation->version.major = (int32_t)next_i64(query);
    automation->version.minor = (int32_t)next_i64(query);
    automation->published_version.major = (int32_t)next_i64(query);
    automation->published_version.minor = (int32_t)next_i64(query);
    automation->display_name = next_text(query, arena);
    automation->activation = (ActivationState)next_i64(query);
    automation->create_us = next_i64(query);
    automation->update_us = next_i64(query);
    automation->delete_us = next_i64(query);
    automation->purge_us = next_i64(query);
    automation->publish_us = next_i64(query);
    automation->keep_runs_us = next_i64(query);
    automation->run_deadline_us = next_i64(query);
    automation->author_id = next_text(query, arena);
    automation->update_user_id = next_text(query, arena);
    automation->publish_user_id = next_text(query, arena);
    automation->etag = next_text(query, arena);
}

/* The columns that change, in the order of both statements below. */
static void bind_changeable(Query *query, const Automation *automation)
{
    bind_i64(query, automation->draft_revision);
    bind_i64(query, automation->published_revision);
    bind_i64(query, automation->version.major);
    bind_i64(query, automation->version.minor);
    bind_i64(query, automation->published_version.major);
    bind_i64(query, automation->published_version.minor);
    bind_text(query, automation->display_name);
    bind_i64(query, automation->activation);
    bind_i64(query, automation->update_us);
    bind_i64(query, automation->delete_us);
    bind_i64(query, automation->purge_us);
    bind_i64(query, automation->publish_us);
    bind_i64(query, automation->keep_runs_us);
    bind_i64(query, automation->run_deadline_us);
    bind_text(query, automation->author_id);
    bind_text(query, automation->update_user_id);
    bind_text(query, automation->publish_user_id);
    bind_text(query, automation->etag);
}

static bool automation_insert(Tx *tx, const Scope *scope, Automation *automation, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO automation (organization, workspace, id, create_us, draft_revision, "
                    "published_revision, version_major, version_minor, published_major, published_minor, display_name, "
                    "activation, update_us, delete_us, purge_us, publish_us, keep_runs_us, run_deadline_us, author_id, "
                    "update_user_id, publish_user_id, etag) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
                    "$13, $14, $15, $16, $17, $18, $19, $20, $21, $22) RETURNING key",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, automation->id);
    bind_i64(&query, automation->create_us);
    bind_changeable(&query, automation);
    bool found = false;
    return query_one_i64(&query, &found, &automation->key, err);
}

bool store_automation_create(Tx *tx, const Scope *scope, Automation *automation, Revision *first, Error *err)
{
    automation->key = 0;
    automation->create_us = time_or_now(tx, automation->create_us);
    automation->update_us = time_or_now(tx, automation->update_us);
    if (!automation_insert(tx, scope, automation, err))
        return false;
    first->automation = automation->key;
    if (!store_revision_add(tx, scope, first, err))
        return false;
    automation->draft_revision = first->key;
    return store_automation_update(tx, scope, automation, err);
}

static bool automation_one(Query *query, Arena *arena, Str id, bool show_deleted, Automation *out, Error *err)
{
    bool found = query_next(query);
    Automation row;
    if (found)
        automation_read(query, arena, &row);
    if (!query_end(query, err))
        return false;
    if (!found || row.purge_us < 0)
        return error_set(err, NOT_FOUND, "", "automation \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
    if (row.delete_us != 0 && !show_deleted)
        return error_set(err, NOT_FOUND, "", "automation \"%.*s\" is deleted; :undelete brings it back", STR_ARG(id));
    *out = row;
    return true;
}

bool store_automation_get(Tx *tx, Arena *arena, const Scope *scope, Str id, bool show_deleted, Automation *out,
                          Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " AUTOMATION_COLUMNS
                    " FROM automation a WHERE a.organization = $1 AND a.id = $2 AND a.workspace = $3",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_text(&query, id);
    bind_i64(&query, scope->workspace);
    return automation_one(&query, arena, id, show_deleted, out, err);
}

bool store_automation_get_by_key(Tx *tx, Arena *arena, int64_t key, Automation *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " AUTOMATION_COLUMNS " FROM automation a WHERE a.key = $1", err))
        return false;
    bind_i64(&query, key);
    return automation_one(&query, arena, S("of this key"), true, out, err);
}

static const Str stage_names[] = {S_INIT("unspecified"), S_INIT("draft"), S_INIT("published")};
static const Str activation_names[] = {S_INIT("unspecified"), S_INIT("active"), S_INIT("deactivated")};
#define STAGE_COLUMN(name)                                                                                             \
    {                                                                                                                  \
        S_INIT(name), "CASE WHEN a.published_revision > 0 THEN 2 ELSE 1 END", NULL, stage_names, COUNT_OF(stage_names) \
    }
static const FilterColumn automation_filters[] = {
    STAGE_COLUMN("state"),
    STAGE_COLUMN("stage"),
    {S_INIT("activation_state"), "a.activation", NULL, activation_names, COUNT_OF(activation_names)},
    {.name = S_INIT("display_name"), .sql = "a.display_name"},
    {.name = S_INIT("create_time"), .sql = "a.create_us"},
    {.name = S_INIT("update_time"), .sql = "a.update_us"},
};
static const OrderColumn automation_orders[] = {
    {S_INIT("update_time"), "a.update_us"},
    {S_INIT("create_time"), "a.create_us"},
    {S_INIT("display_name"), "a.display_name"},
};
#define AUTOMATION_PLAN                                                                                                \
    .columns = AUTOMATION_COLUMNS, .from = "automation a", .position = "a.update_us", .key = "a.key",                  \
    .row_size = sizeof(Automation), .row_align = _Alignof(Automation), .read_row = automation_read,                    \
    .filters = automation_filters, .n_filters = COUNT_OF(automation_filters), .orders = automation_orders,             \
    .n_orders = COUNT_OF(automation_orders)

bool store_automation_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, Automation **out, int *out_n,
                           ListEnd *end, Error *err)
{
    static const ListPlan all = {AUTOMATION_PLAN,
                                 .where = "a.organization = $1 AND a.workspace = $2 AND a.purge_us >= 0"};
    static const ListPlan living = {AUTOMATION_PLAN,
                                    .where = "a.organization = $1 AND a.workspace = $2 AND a.delete_us = 0"};
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace)};
    return list_read(tx, arena, query->show_deleted ? &all : &living, fixed, COUNT_OF(fixed), query, (void **)out,
                     out_n, end, err);
}

bool store_automation_update(Tx *tx, const Scope *scope, const Automation *automation, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "UPDATE automation SET draft_revision = $1, published_revision = $2, version_major = $3, "
            "version_minor = $4, published_major = $5, published_minor = $6, display_name = $7, activation = $8, "
            "update_us = $9, delete_us = $10, purge_us = $11, publish_us = $12, keep_runs_us = $13, "
            "run_deadline_us = $14, author_id = $15, update_user_id = $16, publish_user_id = $17, etag = $18 "
            "WHERE key = $19 AND organization = $20 AND workspace = $21",
            err))
        return false;
    bind_changeable(&query, automation);
    bind_i64(&query, automation->key);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    if (!query_run(&query, err))
        return false;
    return query_changed_one(&query) ||
           error_set(err, NOT_FOUND, "", "automation \"%.*s\" was not found", STR_ARG(automation->id));
}
