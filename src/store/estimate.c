/* store/estimate.c */
#include "store/estimate.h"

#include "store/internal.h"

bool store_estimate_put(Tx *tx, const Scope *scope, int64_t automation, const Estimate *estimate, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t key;
    if (!query_open(&query, tx->database,
                    "INSERT INTO estimate (organization, workspace, automation, cost_micros, time_saved_s) SELECT "
                    "organization, workspace, key, $1, $2 FROM automation WHERE organization = $3 AND workspace = $4 "
                    "AND key = $5 ON CONFLICT (organization, workspace, automation) DO UPDATE SET cost_micros = "
                    "excluded.cost_micros, time_saved_s = excluded.time_saved_s RETURNING automation",
                    err))
        return false;
    bind_i64(&query, estimate->cost_micros);
    bind_i64(&query, estimate->time_saved_s);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, automation);
    if (!query_one_i64(&query, &found, &key, err))
        return false;
    return found || error_set(err, NOT_FOUND, "", "the workspace has no such automation");
}

bool store_estimated_automations(Tx *tx, Arena *arena, const Scope *scope, EstimatedAutomation **out, int *out_n,
                                 Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT a.workspace, a.key, a.delete_us, e.automation IS NOT NULL, coalesce(e.cost_micros, 0), "
                    "coalesce(e.time_saved_s, 0), a.activation, a.create_us, w.id, a.id, a.display_name FROM "
                    "automation a JOIN workspace w ON "
                    "w.key = a.workspace LEFT JOIN estimate e ON e.organization = a.organization AND e.workspace = "
                    "a.workspace AND e.automation = a.key WHERE a.organization = $1 AND ($2 = 0 OR a.workspace = $2) "
                    "ORDER BY a.key",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    EstimatedAutomation *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(EstimatedAutomation));
        EstimatedAutomation *row = &rows[n++];
        row->workspace = next_i64(&query);
        row->automation = next_i64(&query);
        row->deleted = next_i64(&query) != 0;
        row->estimated = next_i64(&query) != 0;
        row->estimate.cost_micros = next_i64(&query);
        row->estimate.time_saved_s = next_i64(&query);
        row->activation = (ActivationState)next_i64(&query);
        row->create_us = next_i64(&query);
        row->workspace_id = next_text(&query, arena);
        row->automation_id = next_text(&query, arena);
        row->display_name = next_text(&query, arena);
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}
