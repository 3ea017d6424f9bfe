/* store/thread.c: what people and the agent said about a run. */
#include "store/exception.h"
#include "store/internal.h"
#include "store/list.h"

#define EVENT_COLUMNS "t.key, t.run, t.kind, t.create_us, t.update_us, t.id, t.agent_id, t.exception_id, t.payload"

static void event_read(Query *query, Arena *arena, void *row)
{
    ThreadEvent *event = row;
    *event = (ThreadEvent){.key = next_i64(query)};
    event->run = next_i64(query);
    event->kind = (ThreadEventKind)next_i64(query);
    event->create_us = next_i64(query);
    event->update_us = next_i64(query);
    event->id = next_text(query, arena);
    event->agent_id = next_text(query, arena);
    event->exception_id = next_text(query, arena);
    event->payload = next_text(query, arena);
}

bool store_thread_add(Tx *tx, ThreadEvent *event, Error *err)
{
    event->create_us = time_or_now(tx, event->create_us);
    event->update_us = time_or_now(tx, event->update_us);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO thread_event (organization, run, kind, create_us, update_us, id, agent_id, "
                    "exception_id, payload) VALUES ((SELECT organization FROM run WHERE key = $1), $1, $2, $3, $4, $5, "
                    "$6, $7, $8) RETURNING key",
                    err))
        return false;
    bind_i64(&query, event->run);
    bind_i64(&query, event->kind);
    bind_i64(&query, event->create_us);
    bind_i64(&query, event->update_us);
    bind_text(&query, event->id);
    bind_text(&query, event->agent_id);
    bind_text(&query, event->exception_id);
    bind_text(&query, event->payload);
    bool found = false;
    return query_one_i64(&query, &found, &event->key, err);
}

bool store_thread_get(Tx *tx, Arena *arena, int64_t run, Str agent_id, Str id, ThreadEvent *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " EVENT_COLUMNS " FROM thread_event t WHERE t.run = $1 AND t.id = $2 AND t.agent_id = $3",
                    err))
        return false;
    bind_i64(&query, run);
    bind_text(&query, id);
    bind_text(&query, agent_id);
    bool found = query_next(&query);
    ThreadEvent row;
    if (found)
        event_read(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "event \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
    *out = row;
    return true;
}

bool store_thread_list(Tx *tx, Arena *arena, int64_t run, Str agent_id, ListQuery *query, ThreadEvent **out, int *out_n,
                       ListEnd *end, Error *err)
{
    static const FilterColumn filters[] = {{.name = S_INIT("exception"), .sql = "t.exception_id"}};
    static const ListPlan plan = {
        .columns = EVENT_COLUMNS,
        .from = "thread_event t",
        .where = "t.run = $1 AND t.agent_id = $2",
        .position = "t.key",
        .key = "t.key",
        .row_size = sizeof(ThreadEvent),
        .row_align = _Alignof(ThreadEvent),
        .read_row = event_read,
        .filters = filters,
        .n_filters = COUNT_OF(filters),
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(run), TEXT_PARAMETER(agent_id)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

bool store_thread_follow(Tx *tx, Arena *arena, int64_t run, Str agent_id, int64_t after_key, int limit,
                         ThreadEvent **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " EVENT_COLUMNS
                    " FROM thread_event t WHERE t.run = $1 AND t.agent_id = $2 AND t.key > $3 ORDER BY t.key LIMIT $4",
                    err))
        return false;
    bind_i64(&query, run);
    bind_text(&query, agent_id);
    bind_i64(&query, after_key);
    bind_i64(&query, limit);
    ThreadEvent *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(ThreadEvent));
        event_read(&query, arena, &rows[n++]);
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}
