/* store/exception_group.c */
#include "store/exception_group.h"

#include "store/internal.h"

bool store_exception_group_get(Tx *tx, Arena *arena, const Scope *scope, Str group, GroupDefaults *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    GroupDefaults defaults = {0};
    if (!query_open(
            &query, tx->database,
            "SELECT due_us, assignee FROM exception_group WHERE organization = $1 AND workspace = $2 AND id = $3", err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, group);
    if (query_next(&query)) {
        defaults.due_us = next_i64(&query);
        defaults.assignee = next_text(&query, arena);
    }
    *out = defaults;
    return query_end(&query, err);
}

bool store_exception_group_put(Tx *tx, const Scope *scope, Str group, const GroupDefaults *defaults, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO exception_group (organization, workspace, id, assignee, due_us, update_us) VALUES "
                    "($1, $2, $3, $4, $5, $6) ON CONFLICT (organization, workspace, id) DO UPDATE SET "
                    "assignee = excluded.assignee, due_us = excluded.due_us, update_us = excluded.update_us",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, group);
    bind_text(&query, defaults->assignee);
    bind_i64(&query, defaults->due_us);
    bind_i64(&query, tx->now_us);
    return query_run(&query, err);
}
