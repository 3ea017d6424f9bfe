/* tests/store/same/purge.c: what is to be removed. */
#include "store/same/side.h"

#include "store/purge.h"
#include "store/tenant_purge.h"

/* What a look would take. */
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

/* As the engine does it, a few at a time. */
static bool purge(Tx *tx, Side *s, Error *err)
{
    Purge *due;
    PurgeRun *runs;
    int n, n_runs;
    if (!store_purge_due(tx, &s->f.arena, s->now_us, 2, &due, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        if ((!due[i].begun && !store_purge_begin(tx, &due[i], err)) ||
            !store_purge_runs(tx, &s->f.arena, &due[i], LIMIT, &runs, &n_runs, err))
            return false;
        say(s, "purges", due[i].automation);
        say(s, "runs", n_runs);
        for (int j = 0; j < n_runs; j++) {
            if (!store_purge_run(tx, &due[i], &runs[j], err))
                return false;
        }
        if (n_runs == 0 && !store_purge_finish(tx, &due[i], err))
            return false;
    }
    return true;
}

/* A piece of a tenant, as the engine does it. The first workspace and its organization stay: most is in them. */
static bool tenant_piece(Tx *tx, Side *s, const TenantPurge *tenant, Error *err)
{
    const Purge executions = {.organization = tenant->organization, .workspace = tenant->workspace};
    PurgeRun *runs;
    int n_runs = 0, n;
    bool changed, waits;
    say(s, "organization", tenant->organization);
    say(s, "workspace", tenant->workspace);
    if (tenant->organization == 1 && tenant->workspace < 2)
        return true;
    if (!store_tenant_purge_begin(tx, tenant, &changed, err) || !store_tenant_purge_waits(tx, tenant, &waits, err))
        return false;
    say(s, "changed", changed);
    say(s, "waits", waits);
    if (waits)
        return true;
    if (!store_purge_runs(tx, &s->f.arena, &executions, LIMIT, &runs, &n_runs, err))
        return false;
    for (int i = 0; i < n_runs; i++) {
        if (!store_purge_run(tx, &executions, &runs[i], err))
            return false;
    }
    if (n_runs > 0)
        return true;
    if (!store_tenant_purge_rows(tx, tenant, LIMIT, &n, err))
        return false;
    say(s, "rows", n);
    return n > 0 || store_tenant_purge_finish(tx, tenant, err);
}

static bool tenant_purge(Tx *tx, Side *s, Error *err)
{
    TenantPurge *due;
    int n;
    int64_t soonest, now_us = s->now_us + PURGE_AFTER_US;
    if (!store_tenant_purge_soonest(tx, coin(s) ? STORE_PURGE_ANY : now_us, &soonest, err) ||
        !store_tenant_purge_due(tx, &s->f.arena, now_us, LIMIT, &due, &n, err))
        return false;
    say(s, "soonest", soonest);
    for (int i = 0; i < n; i++) {
        if (!tenant_piece(tx, s, &due[i], err))
            return false;
    }
    return true;
}

static bool remove_run(Tx *tx, Side *s, const Purge *purge, const PurgeRun *run, Error *err)
{
    int below_it;
    if (!store_purge_below(tx, &s->f.arena, purge, run->key, LIMIT, &below_it, err))
        return false;
    say_text(s, run->id);
    say(s, "below it", below_it);
    return below_it == LIMIT || store_purge_run(tx, purge, run, err);
}

/* Runs that were kept long enough, of one automation or workspace. */
static bool retention(Tx *tx, Side *s, Error *err)
{
    Sweep sweep = {.keep_us = 1, .executions = coin(s)};
    Purge holder;
    PurgeRun *runs;
    int64_t keep_us;
    int n;
    bool found = true;
    for (int64_t passed = below(s, s->automations + s->workspaces); found && passed > 0; passed--) {
        if (!store_sweep_next(tx, &sweep, &holder, &keep_us, &found, err))
            return false;
        store_sweep_pass(&sweep);
    }
    if (!store_sweep_next(tx, &sweep, &holder, &keep_us, &found, err))
        return false;
    if (!found)
        return true;
    if (!store_sweep_runs(tx, &s->f.arena, s->now_us - 50000000, 2, &sweep, &holder, &runs, &n, err))
        return false;
    for (int i = 0; i < n; i++) {
        if (!remove_run(tx, s, &holder, &runs[i], err))
            return false;
    }
    return true;
}

const Operation same_purges[] = {
    {"purge", purge}, {"tenant_purge", tenant_purge}, {"retention", retention}, {"sweeps", sweeps}, {0},
};
