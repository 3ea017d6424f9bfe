/* store/effect.c: all that a run heard from outside: what it heard of late in a table of its own, the rest settled,
 * many as one. */
#include "store/bundle.h"
#include "store/internal.h"
#include "store/run.h"

bool store_effect_begin(Tx *tx, int64_t run, int64_t number, uint64_t site, Str key, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO effect_tail (organization, run, number, finished, kind, site, effect_key, result) "
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
    if (!query_open(
            &query, tx->database,
            "INSERT INTO effect_tail (organization, run, number, finished, kind, site, effect_key, tries, result) "
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
                    "INSERT INTO effect_tail (organization, run, number, finished, kind, site, effect_key, result) "
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

static bool kind_is_known(const EffectRow *effect, Error *err)
{
    return (unsigned)effect->kind < HEARD_N_KINDS ||
           error_set(err, DATA_LOSS, "", "an effect is of a kind that does not exist; the database is damaged");
}

/* ---- rows ---- */

/* An effect, or, once they are settled, several of them in a bundle: then `effect` has the number of the first, and the
 * bundle as its result.
 */
typedef struct EffectHeld {
    EffectRow effect;
    int64_t bundled; /* how many; 0: one, as it is */
} EffectHeld;

#define SETTLED_COLUMNS "number, finished, kind, site, effect_key, tries, bundled, result"
#define TAIL_COLUMNS "number, finished, kind, site, effect_key, tries, 0, result"

static EffectHeld held_read(Query *query, Arena *arena)
{
    EffectHeld held = {.effect.number = next_i64(query)};
    held.effect.finished = next_i64(query) != 0;
    held.effect.kind = (EffectKind)next_i64(query);
    held.effect.site = (uint64_t)next_i64(query);
    held.effect.key = next_text(query, arena);
    held.effect.tries = (int)next_i64(query);
    held.bundled = next_i64(query);
    held.effect.result = next_text(query, arena);
    return held;
}

static bool settled_insert(Tx *tx, int64_t run, const EffectHeld *held, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "INSERT INTO effect (organization, run, number, finished, kind, site, effect_key, tries, bundled, result) "
            "VALUES ((SELECT organization FROM run WHERE key = $1), $1, $2, $3, $4, $5, $6, $7, $8, $9)",
            err))
        return false;
    const EffectRow *effect = &held->effect;
    bind_i64(&query, run);
    bind_i64(&query, effect->number);
    bind_i64(&query, effect->finished);
    bind_i64(&query, effect->kind);
    bind_i64(&query, (int64_t)effect->site);
    bind_text(&query, effect->key);
    bind_i64(&query, effect->tries);
    bind_i64(&query, held->bundled);
    bind_bytes(&query, effect->result);
    return query_run(&query, err);
}

/* ---- effects of a bundle ---- */

static void effect_fold(Buf *rows, const EffectRow *effect, int64_t first)
{
    buf_varint(rows, (uint64_t)(effect->number - first));
    buf_char(rows, (char)((unsigned)effect->kind << 1 | effect->finished));
    buf_u64(rows, effect->site);
    buf_varint(rows, (uint64_t)effect->tries);
    buf_varint(rows, effect->key.len);
    buf_str(rows, effect->key);
    buf_varint(rows, effect->result.len);
    buf_str(rows, effect->result);
}

static EffectRow effect_unfold(Reader *rows, int64_t first)
{
    EffectRow effect = {.number = first + (int64_t)read_varint(rows)};
    uint8_t kind = read_u8(rows);
    effect.finished = kind & 1;
    effect.kind = (EffectKind)(kind >> 1);
    effect.site = read_u64(rows);
    effect.tries = (int)read_varint(rows);
    effect.key = read_bytes(rows, (size_t)read_varint(rows));
    effect.result = read_bytes(rows, (size_t)read_varint(rows));
    return effect;
}

static EffectHeld bundle_of(Arena *arena, const EffectRow *effects, int n)
{
    Buf folded = buf_in(arena), kept = buf_in(arena);
    for (int i = 0; i < n; i++)
        effect_fold(&folded, &effects[i], effects[0].number);
    bundle_close(&kept, buf_view(&folded));
    return (EffectHeld){.effect = {.number = effects[0].number, .finished = true, .result = buf_view(&kept)},
                        .bundled = n};
}

/* What is read, in order. */
typedef struct Effects {
    Arena *arena;
    EffectRow *items;
    int n, cap;
} Effects;

static bool effects_add(Effects *effects, const EffectRow *effect, Error *err)
{
    if (effects->n > 0 && effect->number <= effects->items[effects->n - 1].number)
        return error_set(err, DATA_LOSS, "", "what a run heard from outside is there twice; restore a backup");
    effects->items = rows_with_room(effects->arena, effects->items, effects->n, &effects->cap, sizeof *effects->items,
                                    _Alignof(EffectRow));
    effects->items[effects->n++] = *effect;
    return kind_is_known(effect, err);
}

static bool held_add(Effects *effects, const EffectHeld *held, int64_t from, Error *err)
{
    if (held->bundled == 0)
        return effects_add(effects, &held->effect, err);
    Reader rows;
    if (!bundle_open(effects->arena, held->effect.result, &rows, err))
        return false;
    for (int64_t i = 0; i < held->bundled; i++) {
        EffectRow effect = effect_unfold(&rows, held->effect.number);
        if (effect.number >= from && !effects_add(effects, &effect, err))
            return false;
    }
    return (!rows.failed && rows.next == rows.end) ||
           error_set(err, DATA_LOSS, "", "what a run heard from outside is damaged; restore a backup");
}

bool store_effect_list(Tx *tx, Arena *arena, int64_t run, int64_t from, EffectRow **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " SETTLED_COLUMNS " FROM effect WHERE run = $1 AND number >= "
                    "(SELECT COALESCE(max(number), 0) FROM effect WHERE run = $1 AND number <= $2) UNION ALL "
                    "SELECT " TAIL_COLUMNS " FROM effect_tail WHERE run = $1 AND number >= $2 ORDER BY number",
                    err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, from);
    Effects effects = {.arena = arena};
    while (query_next(&query)) {
        EffectHeld held = held_read(&query, arena);
        if ((held.bundled || held.effect.number >= from) && !held_add(&effects, &held, from, err))
            return false;
    }
    if (!query_end(&query, err))
        return false;
    *out = effects.items;
    *out_n = effects.n;
    return true;
}

/* ---- settling ---- */

/* In ascending order. */
static bool effects_settle(Tx *tx, Arena *arena, int64_t run, const EffectRow *effects, int n, Error *err)
{
    size_t *sizes = NEW_ARRAY(arena, size_t, (size_t)n);
    for (int i = 0; i < n; i++)
        sizes[i] = effects[i].result.len;
    for (int i = 0, taken; i < n; i += taken) {
        taken = bundle_take(sizes + i, n - i);
        EffectHeld held = taken == 1 ? (EffectHeld){.effect = effects[i]} : bundle_of(arena, effects + i, taken);
        if (!settled_insert(tx, run, &held, err))
            return false;
    }
    return true;
}

static bool tail_read(Tx *tx, Effects *out, int64_t run, int64_t below, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " TAIL_COLUMNS " FROM effect_tail WHERE run = $1 AND number < $2 ORDER BY number", err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, below);
    while (query_next(&query)) {
        EffectHeld held = held_read(&query, out->arena);
        if (!effects_add(out, &held.effect, err))
            return false;
    }
    return query_end(&query, err);
}

static bool tail_remove(Tx *tx, int64_t run, int64_t below, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM effect_tail WHERE run = $1 AND number < $2", err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, below);
    return query_run(&query, err);
}

bool store_effect_settle(Tx *tx, int64_t run, int64_t below, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Effects tail = {.arena = &arena};
    return tail_read(tx, &tail, run, below, err) &&
           (tail.n == 0 ||
            (tail_remove(tx, run, below, err) && effects_settle(tx, &arena, run, tail.items, tail.n, err)));
}

bool effects_before_snapshot(Tx *tx, int64_t run, int64_t below, Error *err)
{
    if (below < BUNDLE_ROWS)
        return true;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT number FROM effect_tail WHERE run = $1 AND number < $2 ORDER BY number LIMIT 1 OFFSET $3",
                    err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, below);
    bind_i64(&query, BUNDLE_ROWS - 1);
    bool are_many = false;
    int64_t number;
    return query_one_i64(&query, &are_many, &number, err) && (!are_many || store_effect_settle(tx, run, below, err));
}

/* ---- copying ---- */

static bool both_lie_in(Tx *tx, const Scope *scope, int64_t one, int64_t other, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT count(*) FROM run WHERE key IN ($1, $2) AND organization = $3 AND workspace = $4", err))
        return false;
    bind_i64(&query, one);
    bind_i64(&query, other);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bool found = false;
    int64_t n = 0;
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    *out = n == 2;
    return true;
}

bool store_effect_copy(Tx *tx, const Scope *scope, int64_t from_run, int64_t to_run, int64_t n, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    EffectRow *effects;
    int n_effects, n_copied = 0;
    bool lie;
    if (!both_lie_in(tx, scope, from_run, to_run, &lie, err))
        return false;
    if (!lie)
        return true;
    if (!store_effect_list(tx, &arena, from_run, 0, &effects, &n_effects, err))
        return false;
    while (n_copied < n_effects && effects[n_copied].number < n)
        n_copied++;
    return effects_settle(tx, &arena, to_run, effects, n_copied, err);
}
