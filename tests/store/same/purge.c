/* tests/store/same/purge.c: what is to be removed. */
#include "store/same/side.h"

#include "store/purge.h"

/* What a look would take; it stays, since the keys of runs are counted here. */
static bool sweeps(Tx *tx, Side *s, Error *err)
{
    Sweep sweep = {.keep_us = below(s, 3) * 1000000, .executions = coin(s)};
    Purge purge, *due;
    PurgeRun *runs;
    int64_t keep_us, soonest;
    int n;
    bool found = true;
    for (int steps = 0; found && steps < 20; steps++) {
        if (!store_sweep_next(tx, &sweep, &purge, &keep_us, &found, err))
            return false;
        if (!found)
            break;
        say(s, "keep_us", keep_us);
        if (!store_sweep_runs(tx, &s->f.arena, s->now_us - below(s, 9) * 5000000, LIMIT, &sweep, &purge, &runs, &n,
                              err))
            return false;
        for (int i = 0; i < n; i++) {
            say_text(s, runs[i].id);
            say(s, "at", runs[i].create_us);
        }
    }
    if (!store_purge_due(tx, &s->f.arena, s->now_us, LIMIT, &due, &n, err) ||
        !store_purge_soonest(tx, s->now_us, &soonest, err))
        return false;
    say(s, "due", n);
    say(s, "soonest", soonest);
    return true;
}

const Operation same_purges[] = {
    {"sweeps", sweeps},
    {0},
};
