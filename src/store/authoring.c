/* store/authoring.c: threads in which automations are written. */
#include "store/authoring.h"

#include "store/internal.h"
#include "store/list.h"

#define THREAD_COLUMNS                                                                                                 \
    "h.key, h.organization, h.workspace, h.automation, h.generating_until_us, h.create_us, h.update_us, h.id, "        \
    "h.automation_id, h.agent_id, h.title, h.user_id, h.pending"

static void thread_read(Query *query, Arena *arena, void *row)
{
    AuthoringThread *thread = row;
    *thread = (AuthoringThread){.key = next_i64(query)};
    thread->scope.organization = next_i64(query);
    thread->scope.workspace = next_i64(query);
    thread->automation = next_i64(query);
    thread->generating_until_us = next_i64(query);
    thread->create_us = next_i64(query);
    thread->update_us = next_i64(query);
    thread->id = next_text(query, arena);
    thread->automation_id = next_text(query, arena);
    thread->agent_id = next_text(query, arena);
    thread->title = next_text(query, arena);
    thread->user_id = next_text(query, arena);
    thread->pending = next_text(query, arena);
}

bool store_authoring_insert(Tx *tx, AuthoringThread *thread, Error *err)
{
    thread->create_us = time_or_now(tx, thread->create_us);
    thread->update_us = time_or_now(tx, thread->update_us);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO authoring_thread (organization, workspace, automation, generating_until_us, "
                    "create_us, update_us, id, automation_id, agent_id, title, user_id, pending) VALUES ($1, $2, $3, "
                    "$4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING key",
                    err))
        return false;
    bind_i64(&query, thread->scope.organization);
    bind_i64(&query, thread->scope.workspace);
    bind_i64(&query, thread->automation);
    bind_i64(&query, thread->generating_until_us);
    bind_i64(&query, thread->create_us);
    bind_i64(&query, thread->update_us);
    bind_text(&query, thread->id);
    bind_text(&query, thread->automation_id);
    bind_text(&query, thread->agent_id);
    bind_text(&query, thread->title);
    bind_text(&query, thread->user_id);
    bind_text(&query, thread->pending);
    bool found = false;
    return query_one_i64(&query, &found, &thread->key, err);
}

bool store_authoring_get(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, Str agent_id, Str id,
                         AuthoringThread *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " THREAD_COLUMNS " FROM authoring_thread h JOIN automation a ON a.key = h.automation "
                    "WHERE h.organization = $1 AND h.workspace = $2 AND h.id = $3 AND h.agent_id = $4 "
                    "AND (CAST($5 AS bigint) = 0 OR h.automation = $5) AND a.delete_us = 0",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, id);
    bind_text(&query, agent_id);
    bind_i64(&query, automation);
    bool found = query_next(&query);
    AuthoringThread row;
    if (found)
        thread_read(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "thread \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
    row.scope = *scope;
    *out = row;
    return true;
}

bool store_authoring_update(Tx *tx, const AuthoringThread *thread, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE authoring_thread SET title = $1, pending = $2, generating_until_us = $3, update_us = $4 "
                    "WHERE key = $5 AND organization = $6 AND workspace = $7",
                    err))
        return false;
    bind_text(&query, thread->title);
    bind_text(&query, thread->pending);
    bind_i64(&query, thread->generating_until_us);
    bind_i64(&query, time_or_now(tx, thread->update_us));
    bind_i64(&query, thread->key);
    bind_i64(&query, thread->scope.organization);
    bind_i64(&query, thread->scope.workspace);
    if (!query_run(&query, err))
        return false;
    return query_changed_one(&query) ||
           error_set(err, NOT_FOUND, "", "thread \"%.*s\" was not found", STR_ARG(thread->id));
}

bool store_authoring_list(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, Str agent_id, ListQuery *query,
                          AuthoringThread **out, int *out_n, ListEnd *end, Error *err)
{
    static const FilterColumn filters[] = {
        {.name = S_INIT("automation"), .sql = "h.automation_id"},
        {.name = S_INIT("create_time"), .sql = "h.create_us"},
    };
#define THREAD_PLAN                                                                                                    \
    .columns = THREAD_COLUMNS, .from = "authoring_thread h JOIN automation a ON a.key = h.automation",                 \
    .position = "h.key", .key = "h.key", .row_size = sizeof(AuthoringThread), .row_align = _Alignof(AuthoringThread),  \
    .read_row = thread_read, .filters = filters, .n_filters = COUNT_OF(filters)
    static const ListPlan all = {
        THREAD_PLAN, .where = "h.organization = $1 AND h.workspace = $2 AND h.agent_id = $3 AND a.delete_us = 0"};
    static const ListPlan one = {THREAD_PLAN, .where =
                                                  "h.organization = $1 AND h.workspace = $2 AND h.agent_id = $3 AND "
                                                  "h.automation = $4 AND a.delete_us = 0"};
#undef THREAD_PLAN
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace),
                               TEXT_PARAMETER(agent_id), NUMBER_PARAMETER(automation)};
    return list_read(tx, arena, automation ? &one : &all, fixed, automation ? 4 : 3, query, (void **)out, out_n, end,
                     err);
}

bool store_authoring_generating(Tx *tx, Arena *arena, int limit, AuthoringThread **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " THREAD_COLUMNS " FROM authoring_thread h WHERE h.generating_until_us > 0 "
                    "ORDER BY h.generating_until_us LIMIT $1",
                    err))
        return false;
    bind_i64(&query, limit);
    AuthoringThread *rows = NEW_ARRAY(arena, AuthoringThread, (size_t)limit);
    int n = 0;
    while (n < limit && query_next(&query))
        thread_read(&query, arena, &rows[n++]);
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}
