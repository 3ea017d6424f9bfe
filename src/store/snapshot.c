/* store/snapshot.c: the evaluator's state of a run, as it was at its last snapshot. */
#include "store/internal.h"
#include "store/run.h"

static bool snapshot_remove(Tx *tx, int64_t run, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM snapshot WHERE run = $1", err))
        return false;
    bind_i64(&query, run);
    return query_run(&query, err);
}

bool store_snapshot_put(Tx *tx, int64_t run, Str bytes, int64_t effects, Error *err)
{
    if (bytes.len == 0)
        return snapshot_remove(tx, run, err);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO snapshot (run, organization, bytes, effects) VALUES ($1, (SELECT organization FROM "
                    "run WHERE key = $1), $2, $3) ON CONFLICT (run) DO UPDATE SET bytes = excluded.bytes, "
                    "effects = excluded.effects",
                    err))
        return false;
    bind_i64(&query, run);
    bind_bytes(&query, bytes);
    bind_i64(&query, effects);
    return query_run(&query, err) && effects_before_snapshot(tx, run, effects, err);
}

bool store_snapshot_get(Tx *tx, Arena *arena, int64_t run, Str *out, int64_t *out_effects, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT bytes, effects FROM snapshot WHERE run = $1", err))
        return false;
    bind_i64(&query, run);
    Str bytes = {0};
    int64_t effects = 0;
    if (query_next(&query)) {
        bytes = next_text(&query, arena);
        effects = next_i64(&query);
    }
    if (!query_end(&query, err))
        return false;
    *out = bytes;
    *out_effects = effects;
    return true;
}
