/* store/effect.c: all that a run heard from outside. */
#include "store/internal.h"
#include "store/run.h"

bool store_effect_begin(Tx *tx, int64_t run, int64_t number, uint64_t site, Str key, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO effect (organization, run, number, finished, kind, site, effect_key, result) "
                    "VALUES ((SELECT organization FROM run WHERE key = $1), $1, $2, 0, 0, $3, $4, $5)",
                    err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, number);
    bind_i64(&query, (int64_t)site);
    bind_text(&query, key);
    bind_bytes(&query, S(""));
    return query_run(&query, err);
}

bool store_effect_retry(Tx *tx, int64_t run, const EffectRow *effect, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO effect (organization, run, number, finished, kind, site, effect_key, tries, result) "
                    "VALUES ((SELECT organization FROM run WHERE key = $1), $1, $2, 0, 0, $3, $4, $5, $6) "
                    "ON CONFLICT (run, number) DO UPDATE SET site = excluded.site, tries = excluded.tries",
                    err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, effect->number);
    bind_i64(&query, (int64_t)effect->site);
    bind_text(&query, effect->key);
    bind_i64(&query, effect->tries);
    bind_bytes(&query, S(""));
    return query_run(&query, err);
}

bool store_effect_finish(Tx *tx, int64_t run, const EffectRow *effect, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO effect (organization, run, number, finished, kind, site, effect_key, result) "
                    "VALUES ((SELECT organization FROM run WHERE key = $1), $1, $2, 1, $3, $4, '', $5) "
                    "ON CONFLICT (run, number) DO UPDATE SET finished = 1, kind = excluded.kind, "
                    "site = excluded.site, result = excluded.result",
                    err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, effect->number);
    bind_i64(&query, effect->kind);
    bind_i64(&query, (int64_t)effect->site);
    bind_bytes(&query, effect->result);
    return query_run(&query, err);
}

static bool effect_read(Query *query, Arena *arena, EffectRow *out, Error *err)
{
    out->number = next_i64(query);
    out->finished = next_i64(query) != 0;
    int64_t kind = next_i64(query);
    out->kind = (EffectKind)kind;
    out->site = (uint64_t)next_i64(query);
    out->key = next_text(query, arena);
    out->tries = (int)next_i64(query);
    out->result = next_text(query, arena);
    return (kind >= 0 && kind < HEARD_N_KINDS) ||
           error_set(err, DATA_LOSS, "", "an effect is of a kind that does not exist; the database is damaged");
}

bool store_effect_list(Tx *tx, Arena *arena, int64_t run, int64_t from, EffectRow **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT number, finished, kind, site, effect_key, tries, result FROM effect "
                    "WHERE run = $1 AND number >= $2 ORDER BY number",
                    err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, from);
    EffectRow *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(EffectRow));
        if (!effect_read(&query, arena, &rows[n++], err))
            return false;
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}

bool store_effect_copy(Tx *tx, const Scope *scope, int64_t from_run, int64_t to_run, int64_t n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO effect (organization, run, number, finished, kind, site, effect_key, result) "
                    "SELECT e.organization, t.key, e.number, e.finished, e.kind, e.site, e.effect_key, e.result "
                    "FROM run f JOIN effect e ON e.run = f.key JOIN run t ON t.key = $1 "
                    "WHERE f.key = $2 AND f.organization = $3 AND f.workspace = $4 "
                    "AND t.organization = $3 AND t.workspace = $4 AND e.number < $5",
                    err))
        return false;
    bind_i64(&query, to_run);
    bind_i64(&query, from_run);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, n);
    return query_run(&query, err);
}
