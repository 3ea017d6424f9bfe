/* tests/store/same/run_parts.c: what belongs to a run. */
#include "store/same/side.h"

static bool loops(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, s->runs + 1), *abandoned;
    ChildLoop loop = {.run = run, .total = below(s, 9), .started = below(s, 9), .running = below(s, 3)};
    RunRow *rows;
    int n;
    bool found;
    if (coin(s) ? !store_child_loop_put(tx, &loop, err) : coin(s) && !store_child_loop_delete(tx, run, err))
        return false;
    if (!store_child_loop_get(tx, run, &found, &loop, err))
        return false;
    say(s, "found", found);
    if (found)
        say(s, "started", loop.started);
    if (!store_child_loop_open(tx, &s->f.arena, run, LIMIT, &rows, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say_run(s, &rows[i]);
    if (!store_child_loop_abandoned(tx, &s->f.arena, LIMIT, &abandoned, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        say(s, "abandoned", abandoned[i]);
    return true;
}

static bool snapshots(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, s->runs + 1), effects;
    Str kept;
    if (coin(s) && !store_snapshot_put(tx, run, bytes(s), below(s, 50), err))
        return false;
    if (!store_snapshot_get(tx, &s->f.arena, run, &kept, &effects, err))
        return false;
    say(s, "length", (int64_t)kept.len);
    say(s, "effects", effects);
    return true;
}

static bool journals(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, s->runs + 1), end;
    JournalBatch *batches;
    int n;
    Str packed = bytes(s);
    int32_t n_entries = 1 + (int32_t)below(s, 4);
    switch (packed.len > 0 ? below(s, 6) : 0) {
    case 0: break;
    case 1:
        if (!store_journal_close(tx, run, packed, n_entries, err))
            return false;
        break;
    default:
        if (!store_journal_append(tx, run, packed, n_entries, err))
            return false;
    }
    if (!store_journal_end(tx, run, &end, err) ||
        !store_journal_read(tx, &s->f.arena, run, below(s, end + 1), 100, &batches, &n, err))
        return false;
    say(s, "end", end);
    for (int i = 0; i < n; i++) {
        say(s, "first", batches[i].first_entry);
        say(s, "time", batches[i].time_us);
        say(s, "length", (int64_t)batches[i].bytes.len);
    }
    return true;
}

static bool copy_effects(Tx *tx, Side *s, int64_t from, int64_t to, Error *err)
{
    EffectRow *rows;
    int n;
    const Scope *scope = place(s);
    int64_t copied = below(s, s->effects_from + 6);
    return store_effect_list(tx, &s->f.arena, to, 0, &rows, &n, err) &&
           (n > 0 || store_effect_copy(tx, scope, from, to, copied, err));
}

/* Nobody writes to what is packed: whatever comes later has higher numbers. */
static bool pack_effects(Tx *tx, Side *s, int64_t run, Error *err)
{
    s->effects_from += 6;
    return store_effect_settle(tx, run, s->effects_from, err);
}

static bool effects(Tx *tx, Side *s, Error *err)
{
    int64_t run = 1 + below(s, s->runs + 1);
    EffectRow effect = {.number = s->effects_from + below(s, 6),
                        .kind = (EffectKind)below(s, HEARD_N_KINDS),
                        .site = random_next(&s->random),
                        .key = text(s),
                        .tries = (int)below(s, 4),
                        .result = bytes(s)};
    switch (s->runs == 0 ? 9 : below(s, 10)) {
    case 0: return store_effect_begin(tx, run, effect.number, effect.site, effect.key, err);
    case 1: return store_effect_retry(tx, run, &effect, err);
    case 2: return store_effect_finish(tx, run, &effect, err);
    case 3: return copy_effects(tx, s, 1 + below(s, s->runs), run, err);
    case 4: return below(s, 8) == 0 ? pack_effects(tx, s, run, err) : true;
    case 5: return store_effect_finish(tx, run, &effect, err);
    default: {
        EffectRow *rows;
        int n;
        if (!store_effect_list(tx, &s->f.arena, run, below(s, s->effects_from + 3), &rows, &n, err))
            return false;
        for (int i = 0; i < n; i++) {
            buf_printf(&s->said, "effect %lld %d %d %llx %d ", (long long)rows[i].number, rows[i].finished,
                       rows[i].kind, (unsigned long long)rows[i].site, rows[i].tries);
            say_text(s, rows[i].key);
        }
        return true;
    }
    }
}

static bool requests(Tx *tx, Side *s, Error *err)
{
    bool found;
    uint64_t hash;
    Str response;
    if (coin(s) &&
        !store_request_put(tx, &s->f.scope, name(s, 'q', ++s->requests), random_next(&s->random), text(s), err))
        return false;
    if (!store_request_get(tx, &s->f.arena, &s->f.scope, any(s, 'q', s->requests), &found, &hash, &response, err))
        return false;
    say(s, "found", found);
    if (found) {
        say(s, "hash", (int64_t)hash);
        say_text(s, response);
    }
    return true;
}

const Operation same_run_parts[] = {
    {"loops", loops},
    {"snapshots", snapshots},
    {"journals", journals},
    {"effects", effects},
    {"effects", effects},
    {"requests", requests},
    {0},
};
