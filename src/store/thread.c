/* store/thread.c: what people and the agent said about a run, or while an automation was written. */
#include "store/authoring.h"
#include "store/exception.h"
#include "store/internal.h"
#include "store/list.h"

#define EVENT_COLUMNS                                                                                                  \
    "t.key, t.run, t.thread, t.kind, t.create_us, t.update_us, t.id, t.agent_id, t.exception_id, t.payload"

static void event_read(Query *query, Arena *arena, void *row)
{
    ThreadEvent *event = row;
    *event = (ThreadEvent){.key = next_i64(query)};
    event->run = next_i64(query);
    event->thread = next_i64(query);
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
                    "INSERT INTO thread_event (organization, run, thread, kind, create_us, update_us, id, agent_id, "
                    "exception_id, payload) VALUES (COALESCE((SELECT organization FROM run WHERE key = $1), "
                    "(SELECT organization FROM authoring_thread WHERE key = $2)), $1, $2, $3, $4, $5, $6, $7, $8, $9) "
                    "RETURNING key",
                    err))
        return false;
    bind_i64(&query, event->run);
    bind_i64(&query, event->thread);
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

/* The rest of what `query` gives. */
static bool read_events(Query *query, Arena *arena, ThreadEvent **out, int *out_n, Error *err)
{
    ThreadEvent *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(ThreadEvent));
        event_read(query, arena, &rows[n++]);
    }
    if (!query_end(query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
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
    return read_events(&query, arena, out, out_n, err);
}

/* ---- of authoring threads ---- */

bool store_authoring_event(Tx *tx, Arena *arena, int64_t thread, Str id, ThreadEvent *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    ThreadEvent *rows;
    int n = 0;
    if (!query_open(&query, tx->database,
                    "SELECT " EVENT_COLUMNS " FROM thread_event t WHERE t.run = 0 AND t.thread = $1 AND t.id = $2",
                    err))
        return false;
    bind_i64(&query, thread);
    bind_text(&query, id);
    if (!read_events(&query, arena, &rows, &n, err))
        return false;
    if (n == 0)
        return error_set(err, NOT_FOUND, "", "message \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
    *out = rows[0];
    return true;
}

bool store_authoring_events(Tx *tx, Arena *arena, int64_t thread, ListQuery *query, ThreadEvent **out, int *out_n,
                            ListEnd *end, Error *err)
{
    static const ListPlan plan = {
        .columns = EVENT_COLUMNS,
        .from = "thread_event t",
        .where = "t.thread = $1 AND t.thread > 0",
        .position = "t.key",
        .key = "t.key",
        .row_size = sizeof(ThreadEvent),
        .row_align = _Alignof(ThreadEvent),
        .read_row = event_read,
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(thread)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

bool store_authoring_follow(Tx *tx, Arena *arena, int64_t thread, int64_t after_key, int limit, ThreadEvent **out,
                            int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " EVENT_COLUMNS " FROM thread_event t WHERE t.thread = $1 AND t.thread > 0 AND t.key > $2 "
                    "ORDER BY t.key LIMIT $3",
                    err))
        return false;
    bind_i64(&query, thread);
    bind_i64(&query, after_key);
    bind_i64(&query, limit);
    return read_events(&query, arena, out, out_n, err);
}

bool store_authoring_uploads(Tx *tx, Arena *arena, int64_t thread, int limit, ThreadEvent **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " EVENT_COLUMNS " FROM thread_event t WHERE t.thread = $1 AND t.thread > 0 AND t.kind = $2 "
                    "ORDER BY t.key LIMIT $3",
                    err))
        return false;
    bind_i64(&query, thread);
    bind_i64(&query, THREAD_UPLOAD);
    bind_i64(&query, limit);
    return read_events(&query, arena, out, out_n, err);
}

bool store_authoring_turn(Tx *tx, int64_t thread, int64_t *out_before, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    if (!query_open(&query, tx->database,
                    "SELECT COALESCE(MAX(key), 1) - 1 FROM thread_event WHERE thread = $1 AND thread > 0 AND kind = $2",
                    err))
        return false;
    bind_i64(&query, thread);
    bind_i64(&query, THREAD_USER_MESSAGE);
    return query_one_i64(&query, &found, out_before, err);
}
