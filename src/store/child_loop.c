/* store/child_loop.c: loops at the same time whose children have not all come to their end. */
#include "store/internal.h"
#include "store/run.h"

bool store_child_loop_get(Tx *tx, int64_t run, bool *out_found, ChildLoop *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "SELECT run, first_effect, first_item, total, started, running, ended FROM child_loop WHERE run = $1", err))
        return false;
    bind_i64(&query, run);
    ChildLoop loop = {0};
    bool found = query_next(&query);
    if (found) {
        loop.run = next_i64(&query);
        loop.first_effect = next_i64(&query);
        loop.first_item = next_i64(&query);
        loop.total = next_i64(&query);
        loop.started = next_i64(&query);
        loop.running = next_i64(&query);
        loop.ended = next_i64(&query);
    }
    if (!query_end(&query, err))
        return false;
    *out_found = found;
    *out = loop;
    return true;
}

bool store_child_loop_put(Tx *tx, const ChildLoop *loop, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO child_loop (run, organization, first_effect, first_item, total, started, running, "
                    "ended) VALUES ($1, (SELECT organization FROM run WHERE key = $1), $2, $3, $4, $5, $6, $7) ON "
                    "CONFLICT (run) DO UPDATE SET started = excluded.started, running = excluded.running, ended = "
                    "excluded.ended",
                    err))
        return false;
    bind_i64(&query, loop->run);
    bind_i64(&query, loop->first_effect);
    bind_i64(&query, loop->first_item);
    bind_i64(&query, loop->total);
    bind_i64(&query, loop->started);
    bind_i64(&query, loop->running);
    bind_i64(&query, loop->ended);
    return query_run(&query, err);
}

bool store_child_loop_delete(Tx *tx, int64_t run, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM child_loop WHERE run = $1", err))
        return false;
    bind_i64(&query, run);
    return query_run(&query, err);
}

bool store_child_loop_abandoned(Tx *tx, Arena *arena, int limit, int64_t **out_runs, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT l.run FROM child_loop l JOIN run r ON r.key = l.run WHERE r.state IN (5, 6) ORDER BY l.run "
                    "LIMIT $1",
                    err))
        return false;
    bind_i64(&query, limit);
    int64_t *runs = NEW_ARRAY(arena, int64_t, (size_t)limit);
    int n = 0;
    while (query_next(&query))
        runs[n++] = next_i64(&query);
    if (!query_end(&query, err))
        return false;
    *out_runs = runs;
    *out_n = n;
    return true;
}
