/* store/run.c: runs. */
#include "store/run.h"

#include "store/internal.h"
#include "store/list.h"
#include "store/rollup.h"

#define RUN_COLUMNS                                                                                                    \
    "r.key, r.organization, r.workspace, r.automation, r.revision, r.state, r.stage, r.version_major, "                \
    "r.version_minor, r.source, r.create_us, r.update_us, r.state_us, r.timer_us, r.timer_parked, r.deadline_us, "     \
    "r.location_start, r.location_end, r.node, r.parent, r.top, r.parent_effect, r.parent_item, r.in_pool, "           \
    "r.children_open, r.parent_run, r.id, r.execution_id, r.automation_id, r.user_id, r.trigger_id, "                  \
    "r.previous_run, r.reason, r.error_id, r.exception_id, r.description, r.outputs, i.inputs, i.code, i.locale"
#define RUN_FROM " FROM run r JOIN run_input i ON i.run = r.key"
/* Where the caller brings no scope, the tenants' ids are looked up. */
#define RUN_WITH_SCOPE_COLUMNS RUN_COLUMNS ", o.id, w.id"
#define RUN_WITH_SCOPE_FROM                                                                                            \
    RUN_FROM " JOIN organization o ON o.key = r.organization JOIN workspace w ON w.key = r.workspace"

static void run_read(Query *query, Arena *arena, void *row)
{
    RunRow *run = row;
    *run = (RunRow){.key = next_i64(query)};
    run->scope.organization = next_i64(query);
    run->scope.workspace = next_i64(query);
    run->automation = next_i64(query);
    run->revision = next_i64(query);
    run->state = (RunState)next_i64(query);
    run->stage = (Stage)next_i64(query);
    run->version.major = (int32_t)next_i64(query);
    run->version.minor = (int32_t)next_i64(query);
    run->source = (InvocationSource)next_i64(query);
    run->create_us = next_i64(query);
    run->update_us = next_i64(query);
    run->state_us = next_i64(query);
    run->timer_us = next_i64(query);
    run->timer_parked = next_i64(query) != 0;
    run->deadline_us = next_i64(query);
    run->location_start = next_i64(query);
    run->location_end = next_i64(query);
    run->node = next_i64(query);
    run->parent = next_i64(query);
    run->top = next_i64(query);
    run->parent_effect = next_i64(query);
    run->parent_item = next_i64(query);
    run->in_pool = next_i64(query) != 0;
    run->children_open = next_i64(query) != 0;
    run->parent_run = next_text(query, arena);
    run->id = next_text(query, arena);
    run->execution_id = next_text(query, arena);
    run->automation_id = next_text(query, arena);
    run->user_id = next_text(query, arena);
    run->trigger_id = next_text(query, arena);
    run->previous_run = next_text(query, arena);
    run->reason = next_text(query, arena);
    run->error_id = next_text(query, arena);
    run->exception_id = next_text(query, arena);
    run->description = next_text(query, arena);
    run->outputs = next_text(query, arena);
    run->inputs = next_text(query, arena);
    run->code = next_text(query, arena);
    run->locale = next_text(query, arena);
}

static void run_read_with_scope(Query *query, Arena *arena, void *row)
{
    RunRow *run = row;
    run_read(query, arena, run);
    run->scope.organization_id = next_text(query, arena);
    run->scope.workspace_id = next_text(query, arena);
}

static bool state_is_known(const RunRow *run, Error *err)
{
    return (unsigned)run->state < RUN_N_STATES ||
           error_set(err, DATA_LOSS, "", "run %.*s is in a state that does not exist; the database is damaged",
                     STR_ARG(run->id));
}

/* ---- writing ---- */

static bool insert_row(Tx *tx, RunRow *run, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO run (organization, workspace, automation, revision, state, stage, version_major, "
                    "version_minor, source, create_us, update_us, state_us, timer_us, timer_parked, deadline_us, "
                    "location_start, location_end, node, id, execution_id, automation_id, user_id, trigger_id, "
                    "previous_run, reason, error_id, exception_id, description, outputs, parent, top, parent_effect, "
                    "parent_item, in_pool, children_open, parent_run) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                    "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, "
                    "$29, $30, $31, $32, $33, $34, $35, $36) "
                    "RETURNING key",
                    err))
        return false;
    bind_i64(&query, run->scope.organization);
    bind_i64(&query, run->scope.workspace);
    bind_i64(&query, run->automation);
    bind_i64(&query, run->revision);
    bind_i64(&query, run->state);
    bind_i64(&query, run->stage);
    bind_i64(&query, run->version.major);
    bind_i64(&query, run->version.minor);
    bind_i64(&query, run->source);
    bind_i64(&query, run->create_us);
    bind_i64(&query, run->update_us);
    bind_i64(&query, run->state_us);
    bind_i64(&query, run->timer_us);
    bind_i64(&query, run->timer_parked);
    bind_i64(&query, run->deadline_us);
    bind_i64(&query, run->location_start);
    bind_i64(&query, run->location_end);
    bind_i64(&query, run->node);
    bind_text(&query, run->id);
    bind_text(&query, run->execution_id);
    bind_text(&query, run->automation_id);
    bind_text(&query, run->user_id);
    bind_text(&query, run->trigger_id);
    bind_text(&query, run->previous_run);
    bind_text(&query, run->reason);
    bind_text(&query, run->error_id);
    bind_text(&query, run->exception_id);
    bind_text(&query, run->description);
    bind_text(&query, run->outputs);
    bind_i64(&query, run->parent);
    bind_i64(&query, run->top);
    bind_i64(&query, run->parent_effect);
    bind_i64(&query, run->parent_item);
    bind_i64(&query, run->in_pool);
    bind_i64(&query, run->children_open);
    bind_text(&query, run->parent_run);
    bool found = false;
    return query_one_i64(&query, &found, &run->key, err);
}

static bool insert_input(Tx *tx, const RunRow *run, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO run_input (run, organization, inputs, code, locale) VALUES ($1, $2, $3, $4, $5)", err))
        return false;
    bind_i64(&query, run->key);
    bind_i64(&query, run->scope.organization);
    bind_text(&query, run->inputs);
    bind_text(&query, run->code);
    bind_text(&query, run->locale);
    return query_run(&query, err);
}

bool store_run_insert(Tx *tx, RunRow *run, Error *err)
{
    run->create_us = time_or_now(tx, run->create_us);
    run->update_us = time_or_now(tx, run->update_us);
    run->state_us = time_or_now(tx, run->state_us);
    return insert_row(tx, run, err) && insert_input(tx, run, err) && rollup_run_began(tx, run, err);
}

bool store_run_differs(const RunRow *one, const RunRow *other)
{
    return one->state != other->state || one->update_us != other->update_us || one->state_us != other->state_us ||
           one->timer_us != other->timer_us || one->timer_parked != other->timer_parked ||
           one->deadline_us != other->deadline_us || one->location_start != other->location_start ||
           one->location_end != other->location_end || one->in_pool != other->in_pool ||
           one->children_open != other->children_open || one->node != other->node ||
           !str_eq(one->reason, other->reason) || !str_eq(one->error_id, other->error_id) ||
           !str_eq(one->exception_id, other->exception_id) || !str_eq(one->description, other->description) ||
           !str_eq(one->outputs, other->outputs);
}

bool store_run_update(Tx *tx, const RunRow *run, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!rollup_run_moves(tx, run, false, err))
        return false;
    if (!query_open(&query, tx->database,
                    "UPDATE run SET state = $1, update_us = $2, state_us = $3, timer_us = $4, timer_parked = $5, "
                    "deadline_us = $6, location_start = $7, location_end = $8, reason = $9, error_id = $10, "
                    "exception_id = $11, description = $12, outputs = $13, in_pool = $14, children_open = $15, "
                    "node = $16 WHERE key = $17",
                    err))
        return false;
    bind_i64(&query, run->state);
    bind_i64(&query, run->update_us);
    bind_i64(&query, run->state_us);
    bind_i64(&query, run->timer_us);
    bind_i64(&query, run->timer_parked);
    bind_i64(&query, run->deadline_us);
    bind_i64(&query, run->location_start);
    bind_i64(&query, run->location_end);
    bind_text(&query, run->reason);
    bind_text(&query, run->error_id);
    bind_text(&query, run->exception_id);
    bind_text(&query, run->description);
    bind_text(&query, run->outputs);
    bind_i64(&query, run->in_pool);
    bind_i64(&query, run->children_open);
    bind_i64(&query, run->node);
    bind_i64(&query, run->key);
    if (!query_run(&query, err))
        return false;
    return query_changed_one(&query) || error_set(err, NOT_FOUND, "", "run \"%.*s\" was not found", STR_ARG(run->id));
}

/* ---- one ---- */

static bool run_one(Query *query, Arena *arena, const Scope *scope, const char *noun, Str id, RunRow *out, Error *err)
{
    bool found = query_next(query);
    RunRow row;
    if (found && scope) {
        run_read(query, arena, &row);
        row.scope = *scope;
    } else if (found) {
        run_read_with_scope(query, arena, &row);
    }
    if (!query_end(query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "%s \"%.*s\" was not found", noun, STR_ARG(str_clip(id, 64)));
    if (!state_is_known(&row, err))
        return false;
    *out = row;
    return true;
}

bool store_run_get(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, Str id, RunRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " RUN_COLUMNS RUN_FROM " WHERE r.organization = $1 AND r.id = $2 AND r.workspace = $3 "
                    "AND (r.automation = $4 OR $4 = 0)",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_text(&query, id);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, automation);
    return run_one(&query, arena, scope, "run", id, out, err);
}

bool store_run_get_by_key(Tx *tx, Arena *arena, int64_t key, RunRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " RUN_WITH_SCOPE_COLUMNS RUN_WITH_SCOPE_FROM " WHERE r.key = $1",
                    err))
        return false;
    bind_i64(&query, key);
    return run_one(&query, arena, NULL, "run", S("of this key"), out, err);
}

bool store_run_get_by_execution(Tx *tx, Arena *arena, const Scope *scope, Str execution_id, RunRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " RUN_COLUMNS RUN_FROM
                    " WHERE r.organization = $1 AND r.execution_id = $2 AND r.execution_id <> '' AND r.workspace = $3",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_text(&query, execution_id);
    bind_i64(&query, scope->workspace);
    return run_one(&query, arena, scope, "execution", execution_id, out, err);
}

/* ---- many ---- */

static const Str state_names[] = {S_INIT("pending"),  S_INIT("executing"), S_INIT("awaiting_guidance"),
                                  S_INIT("stopping"), S_INIT("stopped"),   S_INIT("completed"),
                                  S_INIT("failed")};
static_assert(COUNT_OF(state_names) == RUN_N_STATES, "a name for each state");
static const Str stage_names[] = {S_INIT("unspecified"), S_INIT("draft"), S_INIT("published")};
static const Str source_names[] = {S_INIT("unspecified"), S_INIT("manual"), S_INIT("trigger"), S_INIT("schedule"),
                                   S_INIT("test")};

#define VERSION_SQL "(r.version_major || '.' || r.version_minor)"
#define SOURCE_COLUMN(field)                                                                                           \
    {                                                                                                                  \
        S_INIT(field), "r.source", NULL, source_names, COUNT_OF(source_names)                                          \
    }
static const FilterColumn run_filters[] = {
    {S_INIT("state"), "r.state", NULL, state_names, COUNT_OF(state_names)},
    {S_INIT("stage"), "r.stage", NULL, stage_names, COUNT_OF(stage_names)},
    {.name = S_INIT("version"), .sql = VERSION_SQL},
    {.name = S_INIT("stage_version"), .sql = VERSION_SQL},
    SOURCE_COLUMN("source"),
    SOURCE_COLUMN("invocation_source"),
    SOURCE_COLUMN("invocation_details.invocation_source"),
    {.name = S_INIT("create_time"), .sql = "r.create_us"},
    {.name = S_INIT("update_time"), .sql = "r.update_us"},
    {.name = S_INIT("automation"),
     .sql = "r.automation_id",
     .equal = "r.automation = coalesce((SELECT key FROM automation WHERE organization = $1 AND id = ?), -1)"},
};
#define RUN_PLAN                                                                                                       \
    .columns = RUN_COLUMNS, .from = "run r JOIN run_input i ON i.run = r.key", .position = "r.create_us",              \
    .key = "r.key", .row_size = sizeof(RunRow), .row_align = _Alignof(RunRow), .read_row = run_read,                   \
    .filters = run_filters, .n_filters = COUNT_OF(run_filters)

static bool list_runs(Tx *tx, Arena *arena, const Scope *scope, const ListPlan *plan, int64_t key, int n_fixed,
                      ListQuery *query, RunRow **out, int *out_n, ListEnd *end, Error *err)
{
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace),
                               NUMBER_PARAMETER(key)};
    RunRow *rows = NULL;
    int n = 0;
    if (!list_read(tx, arena, plan, fixed, n_fixed, query, (void **)&rows, &n, end, err))
        return false;
    for (int i = 0; i < n; i++) {
        rows[i].scope = *scope;
        if (!state_is_known(&rows[i], err))
            return false;
    }
    *out = rows;
    *out_n = n;
    return true;
}

bool store_run_list(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ListQuery *query, RunRow **out,
                    int *out_n, ListEnd *end, Error *err)
{
    static const ListPlan of_workspace = {RUN_PLAN,
                                          .where = "r.organization = $1 AND r.workspace = $2 AND r.parent = 0"};
    static const ListPlan of_automation = {
        RUN_PLAN, .where = "r.organization = $1 AND r.workspace = $2 AND r.automation = $3 AND r.parent = 0"};
    return list_runs(tx, arena, scope, automation ? &of_automation : &of_workspace, automation, automation ? 3 : 2,
                     query, out, out_n, end, err);
}

bool store_run_list_children(Tx *tx, Arena *arena, const Scope *scope, int64_t parent, ListQuery *query, RunRow **out,
                             int *out_n, ListEnd *end, Error *err)
{
    static const ListPlan of_parent = {
        RUN_PLAN, .oldest_first = true,
        .where = "r.organization = $1 AND r.workspace = $2 AND r.parent = $3 AND r.parent > 0"};
    return list_runs(tx, arena, scope, &of_parent, parent, 3, query, out, out_n, end, err);
}

static bool runs_read(Query *query, Arena *arena, RunRow **out, int *out_n, Error *err)
{
    RunRow *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(RunRow));
        run_read_with_scope(query, arena, &rows[n++]);
    }
    if (!query_end(query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}

bool store_run_list_unfinished(Tx *tx, Arena *arena, int64_t after_key, int limit, RunRow **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " RUN_WITH_SCOPE_COLUMNS RUN_WITH_SCOPE_FROM
                    " WHERE r.state IN (0, 1, 3) AND r.children_open = 0 AND r.node = 0 AND r.timer_us <= $1 AND "
                    "r.key > $2 ORDER BY +r.key LIMIT $3",
                    err))
        return false;
    bind_i64(&query, tx->now_us != 0 ? tx->now_us : INT64_MAX);
    bind_i64(&query, after_key);
    bind_i64(&query, limit);
    return runs_read(&query, arena, out, out_n, err);
}

bool store_child_loop_open(Tx *tx, Arena *arena, int64_t run, int limit, RunRow **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " RUN_WITH_SCOPE_COLUMNS RUN_WITH_SCOPE_FROM
                    " WHERE r.parent = $1 AND r.parent > 0 AND r.state IN (0, 1, 2, 3, 4) LIMIT $2",
                    err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, limit);
    return runs_read(&query, arena, out, out_n, err);
}

static bool claim_some(Tx *tx, int64_t node, bool parked, int64_t due_us, int limit, int64_t *out_keys, int *out_n,
                       Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE run SET node = $1 WHERE key IN (SELECT key FROM run WHERE " RUN_IS_GOING " AND node = 0 "
                    "AND timer_parked = $2 AND timer_us <= $3 ORDER BY timer_us LIMIT $4) RETURNING key",
                    err))
        return false;
    bind_i64(&query, node);
    bind_i64(&query, parked);
    bind_i64(&query, due_us);
    bind_i64(&query, limit);
    while (query_next(&query))
        out_keys[(*out_n)++] = next_i64(&query);
    return query_end(&query, err);
}

bool store_run_claim(Tx *tx, int64_t now_us, int limit, int64_t *out_keys, int *out_n, Error *err)
{
    int64_t node;
    *out_n = 0;
    if (!tx_node(tx, &node, err))
        return false;
    return node == 0 ||
           (claim_some(tx, node, true, now_us, limit, out_keys, out_n, err) &&
            (*out_n == limit || claim_some(tx, node, false, INT64_MAX, limit - *out_n, out_keys, out_n, err)));
}

bool store_run_list_timers(Tx *tx, Arena *arena, RunTimer after, int limit, RunTimer **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "SELECT timer_us, key FROM run WHERE timer_us > 0 AND timer_us >= $1 AND (timer_us > $1 OR key > $2) "
            "ORDER BY timer_us, key LIMIT $3",
            err))
        return false;
    bind_i64(&query, after.due_us);
    bind_i64(&query, after.run);
    bind_i64(&query, limit);
    RunTimer *timers = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        timers = rows_with_room(arena, timers, n, &cap, sizeof *timers, _Alignof(RunTimer));
        timers[n].due_us = next_i64(&query);
        timers[n++].run = next_i64(&query);
    }
    if (!query_end(&query, err))
        return false;
    *out = timers;
    *out_n = n;
    return true;
}

/* As the index run_deadline has it: SQLite uses that for exactly these words. */
#define HAS_DEADLINE "r.deadline_us > 0 AND r.state IN (0, 1, 2, 3, 4)"

bool store_run_deadline_soonest(Tx *tx, int64_t after_us, int64_t *out_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t soonest_us = 0;
    if (!query_open(&query, tx->database,
                    "SELECT r.deadline_us FROM run r WHERE " HAS_DEADLINE
                    " AND r.deadline_us > $1 ORDER BY r.deadline_us LIMIT 1",
                    err))
        return false;
    bind_i64(&query, after_us);
    if (!query_one_i64(&query, &found, &soonest_us, err))
        return false;
    *out_us = found ? soonest_us : 0;
    return true;
}

bool store_run_list_overdue(Tx *tx, Arena *arena, int64_t now_us, int limit, RunRow **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " RUN_WITH_SCOPE_COLUMNS RUN_WITH_SCOPE_FROM " WHERE " HAS_DEADLINE
                    " AND r.deadline_us <= $1 ORDER BY r.deadline_us LIMIT $2",
                    err))
        return false;
    bind_i64(&query, now_us);
    bind_i64(&query, limit);
    return runs_read(&query, arena, out, out_n, err);
}

bool store_run_deadlines_drop(Tx *tx, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    return query_open(&query, tx->database, "UPDATE run AS r SET deadline_us = 0 WHERE " HAS_DEADLINE, err) &&
           query_run(&query, err);
}

bool store_run_count_by_state(Tx *tx, int64_t out[RUN_N_STATES], Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT state, count(*) FROM run GROUP BY state", err))
        return false;
    int64_t counts[RUN_N_STATES] = {0};
    while (query_next(&query)) {
        int64_t state = next_i64(&query);
        if (state >= 0 && state < RUN_N_STATES)
            counts[state] = next_i64(&query);
    }
    if (!query_end(&query, err))
        return false;
    for (int i = 0; i < RUN_N_STATES; i++)
        out[i] = counts[i];
    return true;
}
