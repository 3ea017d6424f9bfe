/* engine/purge.c: automations, workspaces and organizations whose purge time has come, a piece a command: others'
 * commands come in between. Automations come first, those of workspaces whose time has come among them.
 *
 * A run that cannot be removed is set aside, and with it the end of its automation, its workspace and its organization;
 * those behind them are not held up. */
#include "engine/alarm.h"
#include "store/purge.h"
#include "store/tenant_purge.h"

/* The largest journals have some thousand batches: a command stays within tens of milliseconds. */
#define RUNS_AT_ONCE 32
#define ROWS_AT_ONCE 128
#define LOOK_AGAIN_US 1000000

/* A worker that has it in hand would write it down again: it is told to let go. */
static bool end_run(Tx *tx, AlarmCommand *command, const PurgeRun *run, Error *err)
{
    RunRow row;
    if (!store_run_get_by_key(tx, &command->arena, run->key, &row, err))
        return false;
    return run_is_final(row.state) || run_cancel(tx, command->engine, &command->arena, &row.scope, row.automation,
                                                 row.id, S("the automation was purged"), &row, err);
}

/* What was done to one automation. */
typedef struct Piece {
    int n;     /* runs that were removed or told to end */
    int kept;  /* of them: told to end */
    bool left; /* runs are there yet */
} Piece;

static bool purge_run(Tx *tx, AlarmCommand *command, const Purge *purge, const PurgeRun *run, Piece *piece, Error *err)
{
    bool in_memory = active_has(command->engine, run->key);
    command->try.at = (Aside){ASIDE_RUN, run->key};
    if (in_memory ? !end_run(tx, command, run, err) : !store_purge_run(tx, purge, run, err))
        return false;
    if (!in_memory)
        engine_tell_changed(tx, command->engine, run->key);
    piece->n++;
    piece->kept += in_memory;
    return true;
}

static bool purge_runs(Tx *tx, AlarmCommand *command, const Purge *purge, Piece *piece, Error *err)
{
    PurgeRun *runs;
    int n;
    if (!store_purge_runs(tx, &command->arena, purge, RUNS_AT_ONCE + set_aside_count(&command->try), &runs, &n, err))
        return false;
    piece->left = n > 0;
    for (int i = 0; i < n; i++) {
        if (!set_aside_has(&command->try, ASIDE_RUN, runs[i].key) &&
            !purge_run(tx, command, purge, &runs[i], piece, err))
            return false;
    }
    return true;
}

/* *out_done: there was something to do. */
static bool purge_piece(Tx *tx, AlarmCommand *command, const Purge *purge, bool *out_done, Piece *piece, Error *err)
{
    *piece = (Piece){0};
    command->try.at = (Aside){ASIDE_AUTOMATION, purge->automation};
    if ((!purge->begun && !store_purge_begin(tx, purge, err)) || !purge_runs(tx, command, purge, piece, err))
        return false;
    command->try.at = (Aside){ASIDE_AUTOMATION, purge->automation};
    *out_done = piece->n > 0 || !piece->left || !purge->begun;
    return piece->left || store_purge_finish(tx, purge, err);
}

/* The first automation that something can be done to: each of those before it has something that was set aside.
 * *out_due: how many there are, up to that one. */
static bool purge_automations(Tx *tx, AlarmCommand *command, int *out_due, bool *out_done, Piece *piece, Error *err)
{
    Purge *due;
    if (!store_purge_due(tx, &command->arena, command->now_us, 1 + set_aside_count(&command->try), &due, out_due, err))
        return false;
    for (int i = 0; i < *out_due && !*out_done; i++) {
        if (!set_aside_has(&command->try, ASIDE_AUTOMATION, due[i].automation) &&
            !purge_piece(tx, command, &due[i], out_done, piece, err))
            return false;
    }
    return true;
}

static Aside aside_of(const TenantPurge *tenant)
{
    return tenant->workspace ? (Aside){ASIDE_WORKSPACE, tenant->workspace}
                             : (Aside){ASIDE_ORGANIZATION, tenant->organization};
}

/* Runs first, then all else that is left. */
static bool empty_tenant(Tx *tx, AlarmCommand *command, const TenantPurge *tenant, bool *out_done, Piece *piece,
                         Error *err)
{
    const Purge executions = {.organization = tenant->organization, .workspace = tenant->workspace};
    int n;
    if (tenant->workspace && !purge_runs(tx, command, &executions, piece, err))
        return false;
    command->try.at = aside_of(tenant);
    *out_done = piece->n > 0 || !piece->left;
    if (piece->left)
        return true;
    return store_tenant_purge_rows(tx, tenant, ROWS_AT_ONCE, &n, err) &&
           (n > 0 || store_tenant_purge_finish(tx, tenant, err));
}

static bool tenant_piece(Tx *tx, AlarmCommand *command, const TenantPurge *tenant, bool *out_done, Piece *piece,
                         Error *err)
{
    bool waits;
    *piece = (Piece){0};
    command->try.at = aside_of(tenant);
    if (!store_tenant_purge_begin(tx, tenant, out_done, err) || !store_tenant_purge_waits(tx, tenant, &waits, err))
        return false;
    return *out_done || waits || empty_tenant(tx, command, tenant, out_done, piece, err);
}

/* Likewise. Whatever was set aside may hold up a workspace and its organization. */
static bool purge_tenants(Tx *tx, AlarmCommand *command, int *out_due, bool *out_done, Piece *piece, Error *err)
{
    TenantPurge *due;
    int most = 1 + set_aside_count(&command->try);
    if (!store_tenant_purge_due(tx, &command->arena, command->now_us, most, &due, out_due, err))
        return false;
    for (int i = 0; i < *out_due && !*out_done; i++) {
        Aside at = aside_of(&due[i]);
        if (!set_aside_has(&command->try, at.kind, at.key) && !tenant_piece(tx, command, &due[i], out_done, piece, err))
            return false;
    }
    return true;
}

bool purge_soonest(Tx *tx, int64_t automations_after_us, int64_t tenants_after_us, int64_t *out_us, Error *err)
{
    int64_t automation_us, tenant_us;
    if (!store_purge_soonest(tx, automations_after_us, &automation_us, err) ||
        !store_tenant_purge_soonest(tx, tenants_after_us, &tenant_us, err))
        return false;
    *out_us = automation_us == 0 || (tenant_us != 0 && tenant_us < automation_us) ? tenant_us : automation_us;
    return true;
}

/* What is due and could not be seen to is passed over. */
static int64_t next_after(const AlarmCommand *command, int n_due)
{
    return n_due > 0 ? command->now_us : STORE_PURGE_ANY;
}

static bool apply_purge(Tx *tx, AlarmCommand *command, Error *err)
{
    Piece piece = {0};
    int automations_due, tenants_due = 0;
    int64_t next_us = 0;
    bool done = false;
    if (!purge_automations(tx, command, &automations_due, &done, &piece, err) ||
        (!done && !purge_tenants(tx, command, &tenants_due, &done, &piece, err)))
        return false;
    command->try.at = (Aside){0};
    if (piece.kept > 0)
        next_us = command->now_us + LOOK_AGAIN_US;
    else if (done)
        next_us = command->now_us;
    else if (!purge_soonest(tx, next_after(command, automations_due), next_after(command, tenants_due), &next_us, err))
        return false;
    alarm_come_back(command, next_us);
    return true;
}

const AlarmAnswer purge_answer = {
    .size = sizeof(AlarmCommand),
    .apply = apply_purge,
    .trouble = "what was to be purged could not be removed; it is tried again",
};
