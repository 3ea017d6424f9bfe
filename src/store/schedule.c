/* store/schedule.c: schedules, and what became of the times that were due. */
#include "store/schedule.h"

#include "store/internal.h"

#define SCHEDULE_COLUMNS                                                                                               \
    "s.automation, s.organization, s.workspace, s.enabled, s.next_us, s.fired, s.last_run, s.create_us, "              \
    "s.update_us, s.automation_id, s.config"

static void schedule_read_row(Query *query, Arena *arena, ScheduleRow *out)
{
    *out = (ScheduleRow){.automation = next_i64(query)};
    out->scope.organization = next_i64(query);
    out->scope.workspace = next_i64(query);
    out->enabled = next_i64(query) != 0;
    out->next_us = next_i64(query);
    out->fired = next_i64(query);
    out->last_run = next_i64(query);
    out->create_us = next_i64(query);
    out->update_us = next_i64(query);
    out->automation_id = next_text(query, arena);
    out->config = next_text(query, arena);
}

static bool has_schedule(Tx *tx, int64_t automation, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    int64_t key;
    if (!query_open(&query, tx->database, "SELECT automation FROM schedule WHERE automation = $1", err))
        return false;
    bind_i64(&query, automation);
    return query_one_i64(&query, out, &key, err);
}

bool store_schedule_insert(Tx *tx, ScheduleRow *schedule, Error *err)
{
    bool taken = false;
    if (!has_schedule(tx, schedule->automation, &taken, err))
        return false;
    if (taken)
        return error_set(err, ALREADY_EXISTS, "",
                         "the automation has a schedule already: change that one, or delete it first");
    schedule->create_us = time_or_now(tx, schedule->create_us);
    schedule->update_us = time_or_now(tx, schedule->update_us);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "INSERT INTO schedule (automation, organization, workspace, enabled, next_us, fired, last_run, "
            "create_us, update_us, automation_id, config) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            err))
        return false;
    bind_i64(&query, schedule->automation);
    bind_i64(&query, schedule->scope.organization);
    bind_i64(&query, schedule->scope.workspace);
    bind_i64(&query, schedule->enabled);
    bind_i64(&query, schedule->next_us);
    bind_i64(&query, schedule->fired);
    bind_i64(&query, schedule->last_run);
    bind_i64(&query, schedule->create_us);
    bind_i64(&query, schedule->update_us);
    bind_text(&query, schedule->automation_id);
    bind_text(&query, schedule->config);
    return query_run(&query, err);
}

static bool refuse_absent(Error *err)
{
    return error_set(err, NOT_FOUND, "", "the automation has no schedule");
}

bool store_schedule_get(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ScheduleRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " SCHEDULE_COLUMNS " FROM schedule s WHERE s.automation = $1 AND s.organization = $2 "
                    "AND s.workspace = $3",
                    err))
        return false;
    bind_i64(&query, automation);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    ScheduleRow row;
    bool found = query_next(&query);
    if (found)
        schedule_read_row(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return refuse_absent(err);
    row.scope = *scope;
    *out = row;
    return true;
}

bool store_schedule_update(Tx *tx, const ScheduleRow *schedule, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE schedule SET enabled = $1, next_us = $2, fired = $3, last_run = $4, update_us = $5, "
                    "config = $6 WHERE automation = $7 AND organization = $8 AND workspace = $9",
                    err))
        return false;
    bind_i64(&query, schedule->enabled);
    bind_i64(&query, schedule->next_us);
    bind_i64(&query, schedule->fired);
    bind_i64(&query, schedule->last_run);
    bind_i64(&query, schedule->update_us);
    bind_text(&query, schedule->config);
    bind_i64(&query, schedule->automation);
    bind_i64(&query, schedule->scope.organization);
    bind_i64(&query, schedule->scope.workspace);
    if (!query_run(&query, err))
        return false;
    return query_changed_one(&query) || refuse_absent(err);
}

static bool delete_from(Tx *tx, const char *sql, const Scope *scope, int64_t automation, int64_t *out_rows, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, sql, err))
        return false;
    bind_i64(&query, automation);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    if (!query_run(&query, err))
        return false;
    *out_rows = query_changes(&query);
    return true;
}

bool store_schedule_delete(Tx *tx, const Scope *scope, int64_t automation, Error *err)
{
    int64_t fires, schedules;
    if (!delete_from(tx, "DELETE FROM schedule_fire WHERE automation = $1 AND organization = $2 AND workspace = $3",
                     scope, automation, &fires, err) ||
        !delete_from(tx, "DELETE FROM schedule WHERE automation = $1 AND organization = $2 AND workspace = $3", scope,
                     automation, &schedules, err))
        return false;
    return schedules == 1 || refuse_absent(err);
}

/* ---- for the timekeeper ---- */

bool store_schedule_due(Tx *tx, Arena *arena, int64_t now_us, bool *out_found, ScheduleRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " SCHEDULE_COLUMNS ", o.id, w.id FROM schedule s "
                    "JOIN organization o ON o.key = s.organization JOIN workspace w ON w.key = s.workspace "
                    "WHERE s.next_us > 0 AND s.next_us <= $1 ORDER BY s.next_us LIMIT 1",
                    err))
        return false;
    bind_i64(&query, now_us);
    *out_found = query_next(&query);
    if (*out_found) {
        schedule_read_row(&query, arena, out);
        out->scope.organization_id = next_text(&query, arena);
        out->scope.workspace_id = next_text(&query, arena);
    }
    return query_end(&query, err);
}

bool store_schedule_soonest(Tx *tx, int64_t *out_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    *out_us = 0;
    return query_open(&query, tx->database, "SELECT next_us FROM schedule WHERE next_us > 0 ORDER BY next_us LIMIT 1",
                      err) &&
           query_one_i64(&query, &found, out_us, err);
}

static bool forget_old(Tx *tx, int64_t automation, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "DELETE FROM schedule_fire WHERE automation = $1 AND due_us <= (SELECT due_us FROM schedule_fire "
                    "WHERE automation = $2 ORDER BY due_us DESC LIMIT 1 OFFSET $3)",
                    err))
        return false;
    bind_i64(&query, automation);
    bind_i64(&query, automation);
    bind_i64(&query, SCHEDULE_FIRES_KEPT);
    return query_run(&query, err);
}

bool store_schedule_is_noted(Tx *tx, const ScheduleRow *schedule, int64_t due_us, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    int64_t found_us;
    if (!query_open(&query, tx->database, "SELECT due_us FROM schedule_fire WHERE automation = $1 AND due_us = $2",
                    err))
        return false;
    bind_i64(&query, schedule->automation);
    bind_i64(&query, due_us);
    return query_one_i64(&query, out, &found_us, err);
}

bool store_schedule_note(Tx *tx, const ScheduleRow *schedule, const ScheduleFire *fire, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO schedule_fire (organization, workspace, automation, due_us, outcome, run_id, reason) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    err))
        return false;
    bind_i64(&query, schedule->scope.organization);
    bind_i64(&query, schedule->scope.workspace);
    bind_i64(&query, schedule->automation);
    bind_i64(&query, fire->due_us);
    bind_i64(&query, fire->outcome);
    bind_text(&query, fire->run_id);
    bind_text(&query, fire->reason);
    return query_run(&query, err) && forget_old(tx, schedule->automation, err);
}

bool store_schedule_fires(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, int limit, ScheduleFire **out,
                          int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT due_us, outcome, run_id, reason FROM schedule_fire WHERE automation = $1 "
                    "AND organization = $2 AND workspace = $3 ORDER BY due_us DESC LIMIT $4",
                    err))
        return false;
    bind_i64(&query, automation);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, limit);
    ScheduleFire *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(ScheduleFire));
        rows[n].due_us = next_i64(&query);
        rows[n].outcome = (FireOutcome)next_i64(&query);
        rows[n].run_id = next_text(&query, arena);
        rows[n++].reason = next_text(&query, arena);
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}
