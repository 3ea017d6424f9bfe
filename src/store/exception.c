/* store/exception.c: questions of published runs. */
#include "store/exception.h"

#include "store/exception_sum.h"
#include "store/list.h"

#define EXCEPTION_COLUMNS                                                                                              \
    "e.key, e.organization, e.workspace, e.run, e.automation, e.state, e.stage, e.create_us, e.update_us, "            \
    "e.resolve_us, e.due_us, e.location_start, e.location_end, e.sentence_hash, e.id, e.run_id, e.automation_id, "     \
    "e.execution_id, e.group_name, e.assignee, e.resolver, e.guide_entry_id, e.kind, e.missing, e.message, "           \
    "e.description, e.extra"

static void exception_read(Query *query, Arena *arena, void *row)
{
    ExceptionRow *exception = row;
    *exception = (ExceptionRow){.key = next_i64(query)};
    exception->scope.organization = next_i64(query);
    exception->scope.workspace = next_i64(query);
    exception->run = next_i64(query);
    exception->automation = next_i64(query);
    exception->state = (ExceptionState)next_i64(query);
    exception->stage = (Stage)next_i64(query);
    exception->create_us = next_i64(query);
    exception->update_us = next_i64(query);
    exception->resolve_us = next_i64(query);
    exception->due_us = next_i64(query);
    exception->location_start = next_i64(query);
    exception->location_end = next_i64(query);
    exception->sentence_hash = (uint64_t)next_i64(query);
    exception->id = next_text(query, arena);
    exception->run_id = next_text(query, arena);
    exception->automation_id = next_text(query, arena);
    exception->execution_id = next_text(query, arena);
    exception->group = next_text(query, arena);
    exception->assignee = next_text(query, arena);
    exception->resolver = next_text(query, arena);
    exception->guide_entry_id = next_text(query, arena);
    exception->kind = next_text(query, arena);
    exception->missing = next_text(query, arena);
    exception->message = next_text(query, arena);
    exception->description = next_text(query, arena);
    exception->extra = next_text(query, arena);
}

static bool insert_row(Tx *tx, ExceptionRow *exception, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "INSERT INTO exception (organization, workspace, run, automation, state, stage, create_us, update_us, "
            "resolve_us, due_us, location_start, location_end, sentence_hash, id, run_id, automation_id, execution_id, "
            "group_name, assignee, resolver, guide_entry_id, kind, missing, message, description, extra) VALUES "
            "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, "
            "$22, $23, $24, $25, $26) RETURNING key",
            err))
        return false;
    bind_i64(&query, exception->scope.organization);
    bind_i64(&query, exception->scope.workspace);
    bind_i64(&query, exception->run);
    bind_i64(&query, exception->automation);
    bind_i64(&query, exception->state);
    bind_i64(&query, exception->stage);
    bind_i64(&query, exception->create_us);
    bind_i64(&query, exception->update_us);
    bind_i64(&query, exception->resolve_us);
    bind_i64(&query, exception->due_us);
    bind_i64(&query, exception->location_start);
    bind_i64(&query, exception->location_end);
    bind_i64(&query, (int64_t)exception->sentence_hash);
    bind_text(&query, exception->id);
    bind_text(&query, exception->run_id);
    bind_text(&query, exception->automation_id);
    bind_text(&query, exception->execution_id);
    bind_text(&query, exception->group);
    bind_text(&query, exception->assignee);
    bind_text(&query, exception->resolver);
    bind_text(&query, exception->guide_entry_id);
    bind_text(&query, exception->kind);
    bind_text(&query, exception->missing);
    bind_text(&query, exception->message);
    bind_text(&query, exception->description);
    bind_text(&query, exception->extra);
    bool found = false;
    return query_one_i64(&query, &found, &exception->key, err);
}

bool store_exception_insert(Tx *tx, ExceptionRow *exception, Error *err)
{
    exception->create_us = time_or_now(tx, exception->create_us);
    exception->update_us = time_or_now(tx, exception->update_us);
    if (!insert_row(tx, exception, err))
        return false;
    const ExceptionPlace place = {exception->scope.organization, exception->scope.workspace,
                                  exception->automation,         exception->state,
                                  exception->automation_id,      exception->group};
    exception_sum_add(tx, &place, 1);
    return true;
}

bool store_exception_get(Tx *tx, Arena *arena, const Scope *scope, Str id, ExceptionRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " EXCEPTION_COLUMNS
                    " FROM exception e WHERE e.organization = $1 AND e.id = $2 AND e.workspace = $3",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_text(&query, id);
    bind_i64(&query, scope->workspace);
    bool found = query_next(&query);
    ExceptionRow row;
    if (found)
        exception_read(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "exception \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
    row.scope = *scope;
    *out = row;
    return true;
}

/* Before the row is written. */
static bool move_in_sums(Tx *tx, const ExceptionRow *exception, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    ExceptionPlace place = {0};
    if (!query_open(&query, tx->database,
                    "SELECT organization, workspace, automation, state, automation_id, group_name FROM exception WHERE "
                    "key = $1 "
                    "AND state <> $2",
                    err))
        return false;
    bind_i64(&query, exception->key);
    bind_i64(&query, exception->state);
    bool moves = query_next(&query);
    if (moves) {
        place.organization = next_i64(&query);
        place.workspace = next_i64(&query);
        place.automation = next_i64(&query);
        place.state = next_i64(&query);
        place.automation_id = next_text(&query, tx->arena);
        place.group = next_text(&query, tx->arena);
    }
    if (!query_end(&query, err))
        return false;
    if (moves) {
        exception_sum_add(tx, &place, -1);
        place.state = exception->state;
        exception_sum_add(tx, &place, 1);
    }
    return true;
}

bool store_exception_update(Tx *tx, const ExceptionRow *exception, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!move_in_sums(tx, exception, err))
        return false;
    if (!query_open(&query, tx->database,
                    "UPDATE exception SET state = $1, update_us = $2, resolve_us = $3, assignee = $4, resolver = $5, "
                    "guide_entry_id = $6, due_us = $7 WHERE key = $8",
                    err))
        return false;
    bind_i64(&query, exception->state);
    bind_i64(&query, exception->update_us);
    bind_i64(&query, exception->resolve_us);
    bind_text(&query, exception->assignee);
    bind_text(&query, exception->resolver);
    bind_text(&query, exception->guide_entry_id);
    bind_i64(&query, exception->due_us);
    bind_i64(&query, exception->key);
    if (!query_run(&query, err))
        return false;
    return query_changed_one(&query) ||
           error_set(err, NOT_FOUND, "", "exception \"%.*s\" was not found", STR_ARG(exception->id));
}

static const Str state_names[] = {S_INIT("unspecified"), S_INIT("pending"), S_INIT("resolved"), S_INIT("archived")};
static const Str stage_names[] = {S_INIT("unspecified"), S_INIT("draft"), S_INIT("published")};
static const FilterColumn exception_filters[] = {
    {S_INIT("state"), "e.state", NULL, state_names, COUNT_OF(state_names)},
    {.name = S_INIT("automation"), .sql = "e.automation_id"},
    {.name = S_INIT("group"), .sql = "e.group_name"},
    /* Up to here sums have the columns, too. */
    {S_INIT("stage"), "e.stage", NULL, stage_names, COUNT_OF(stage_names)},
    {.name = S_INIT("run"), .sql = "e.run_id"},
    /* Stored with its collection, since agents can be assignees too; filters name the last segment. */
    {.name = S_INIT("assignee"), .sql = "e.assignee", .equal = "e.assignee IN (?, 'users/' || ?, 'agents/' || ?)"},
    {.name = S_INIT("create_time"), .sql = "e.create_us"},
    {.name = S_INIT("update_time"), .sql = "e.update_us"},
    {.name = S_INIT("due_time"), .sql = "NULLIF(e.due_us, 0)"},
};

#define N_SUMMED 3
#define EXCEPTION_PLAN                                                                                                 \
    .columns = EXCEPTION_COLUMNS, .from = "exception e", .key = "e.key", .row_size = sizeof(ExceptionRow),             \
    .row_align = _Alignof(ExceptionRow), .read_row = exception_read, .filters = exception_filters,                     \
    .n_filters = COUNT_OF(exception_filters), .sums = "exception_sum e", .summed = "e.exceptions",                     \
    .n_summed = N_SUMMED

static bool list_of(Tx *tx, Arena *arena, const Scope *scope, const ListPlan *plan, const Parameter *fixed, int n_fixed,
                    ListQuery *query, ExceptionRow **out, int *out_n, ListEnd *end, Error *err)
{
    ExceptionRow *rows = NULL;
    int n = 0;
    if (!list_read(tx, arena, plan, fixed, n_fixed, query, (void **)&rows, &n, end, err))
        return false;
    for (int i = 0; i < n; i++)
        rows[i].scope = *scope;
    *out = rows;
    *out_n = n;
    return true;
}

bool store_exception_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, ExceptionRow **out, int *out_n,
                          ListEnd *end, Error *err)
{
    static const ListPlan plan = {EXCEPTION_PLAN, .where = "e.organization = $1 AND e.workspace = $2",
                                  .position = "e.create_us"};
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace)};
    return list_of(tx, arena, scope, &plan, fixed, COUNT_OF(fixed), query, out, out_n, end, err);
}

bool store_exception_find(Tx *tx, Arena *arena, const Scope *scope, ExceptionState state, const Filter *filter,
                          int limit, ExceptionRow **out, int *out_n, int64_t *out_total, Error *err)
{
    static const ListPlan plan = {EXCEPTION_PLAN, .where = "e.organization = $1 AND e.workspace = $2 AND e.state = $3",
                                  .position = "e.create_us", .oldest_first = true};
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace),
                               NUMBER_PARAMETER(state)};
    ListQuery query = {.filter = filter, .limit = limit, .want_total = true};
    ListEnd end;
    if (!list_of(tx, arena, scope, &plan, fixed, COUNT_OF(fixed), &query, out, out_n, &end, err))
        return false;
    *out_total = end.total;
    return true;
}

bool store_exception_count(Tx *tx, Arena *arena, const Scope *scope, ExceptionFacet facet, const Filter *filter,
                           ExceptionCount **out, int *out_n, Error *err)
{
    /* What is counted, and what grows from one value to the next; groups and assignees are few and come by name. */
    static const struct {
        const char *value, *position, *order;
    } facets[] = {
        [EXCEPTION_GROUPS] = {"e.group_name", "0", "e.group_name"},
        [EXCEPTION_AUTOMATIONS] = {"e.automation_id", "e.automation", "e.automation, e.automation_id"},
        [EXCEPTION_ASSIGNEES] = {"e.assignee", "0", "e.assignee"},
    };
    const char *value = facets[facet].value, *position = facets[facet].position, *order = facets[facet].order;
    bool summed = facet != EXCEPTION_ASSIGNEES && list_may_sum(tx, filter, exception_filters, N_SUMMED);
    SqlText text = sql_text_in(arena);
    buf_printf(&text.sql, "SELECT %s, %s, %s FROM %s WHERE e.organization =", position,
               summed ? "CAST(sum(e.exceptions) AS bigint)" : "count(*)", value,
               summed ? "exception_sum e" : "exception e");
    sql_number(&text, scope->organization);
    sql_add(&text, " AND e.workspace =");
    sql_number(&text, scope->workspace);
    buf_printf(&text.sql, " AND %s <> ''", value);
    if (filter) {
        sql_add(&text, " AND ");
        if (!filter_to_sql(&text, filter, exception_filters, COUNT_OF(exception_filters), err))
            return false;
    }
    buf_printf(&text.sql, " GROUP BY %s ORDER BY %s", order, order);
    AUTO(query_done)
    Query query = {0};
    ExceptionCount *counts = NULL;
    int n = 0, cap = 0;
    if (!sql_open(&text, &query, tx->database, err))
        return false;
    while (query_next(&query)) {
        counts = rows_with_room(arena, counts, n, &cap, sizeof *counts, _Alignof(ExceptionCount));
        ExceptionCount *count = &counts[n++];
        count->position = next_i64(&query);
        count->count = next_i64(&query);
        count->value = next_text(&query, arena);
        if (count->position == 0)
            count->position = n;
    }
    if (!query_end(&query, err))
        return false;
    *out = counts;
    *out_n = n;
    return true;
}

bool store_exception_times(Tx *tx, const Scope *scope, int64_t from_us, int64_t until_us, ExceptionTimes *out,
                           Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT state, count(*), CAST(sum(resolve_us - create_us) AS bigint) FROM exception WHERE "
                    "organization = $1 AND "
                    "workspace = $2 AND create_us >= $3 AND create_us < $4 GROUP BY state",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, from_us);
    bind_i64(&query, until_us);
    ExceptionTimes times = {0};
    while (query_next(&query)) {
        ExceptionState state = (ExceptionState)next_i64(&query);
        int64_t count = next_i64(&query), took_us = next_i64(&query);
        times.total += count;
        times.pending += state == EXCEPTION_PENDING ? count : 0;
        times.archived += state == EXCEPTION_ARCHIVED ? count : 0;
        if (state == EXCEPTION_RESOLVED) {
            times.resolved = count;
            times.resolved_us = took_us;
        }
    }
    if (!query_end(&query, err))
        return false;
    *out = times;
    return true;
}
