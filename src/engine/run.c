/* engine/run.c: what a run may become, and who may say so. */
#include "engine/run.h"

#include "base/id.h"
#include "engine/internal.h"

/*               ┌──────────── pending ───────────┐
 *               │              │                 │
 *               │              v                 v
 *   stopping <──┴────────  executing  ───────> failed <── (cancelled, stopped by an answer)
 *    │   │  └───────────>   │  │  ^               ^
 *    │   └──> stopped ──────│──│──┤ (continue)    │
 *    │          ^ │         │  v  │ (answered)    │
 *    │ (archived) └─> awaiting_guidance ───────────┤
 *    v                      v                     │
 *   completed <─────────────┘        (stopped) ───┘
 */
static const unsigned run_next[RUN_N_STATES] = {
    [RUN_PENDING] = BIT(RUN_EXECUTING) | BIT(RUN_STOPPING) | BIT(RUN_FAILED),
    [RUN_EXECUTING] = BIT(RUN_STOPPING) | BIT(RUN_AWAITING_GUIDANCE) | BIT(RUN_COMPLETED) | BIT(RUN_FAILED),
    [RUN_STOPPING] = BIT(RUN_STOPPED) | BIT(RUN_AWAITING_GUIDANCE) | BIT(RUN_COMPLETED) | BIT(RUN_FAILED),
    [RUN_AWAITING_GUIDANCE] = BIT(RUN_EXECUTING) | BIT(RUN_STOPPED) | BIT(RUN_FAILED),
    [RUN_STOPPED] = BIT(RUN_EXECUTING) | BIT(RUN_AWAITING_GUIDANCE) | BIT(RUN_FAILED),
    [RUN_COMPLETED] = 0,
    [RUN_FAILED] = 0,
};

const char *const run_state_names[RUN_N_STATES] = {
    [RUN_PENDING] = "pending",   [RUN_EXECUTING] = "executing", [RUN_AWAITING_GUIDANCE] = "awaiting_guidance",
    [RUN_STOPPING] = "stopping", [RUN_STOPPED] = "stopped",     [RUN_COMPLETED] = "completed",
    [RUN_FAILED] = "failed",
};

bool run_may_become(RunState from, RunState to)
{
    return (run_next[from] & BIT(to)) != 0;
}

bool run_is_at_rest(RunState state)
{
    return run_is_final(state) || state == RUN_AWAITING_GUIDANCE || state == RUN_STOPPED;
}

bool run_is_final(RunState state)
{
    return run_next[state] == 0;
}

/* What holds of every run that is written: assert(run_check(run)). */
static bool run_check(const RunRow *run)
{
    assert(run->state < RUN_N_STATES);
    assert(run->exception_id.len == 0 || run->stage == STAGE_PUBLISHED);
    assert(run->exception_id.len == 0 || run->state == RUN_AWAITING_GUIDANCE || run->state == RUN_STOPPED);
    assert(!run->timer_parked || run->state == RUN_EXECUTING);
    assert(run->outputs.len == 0 || run->state == RUN_COMPLETED);
    return true;
}

void journal_draft_add(JournalDraft *draft, const TraceEntry *entry)
{
    trace_add(&draft->bytes, entry);
    draft->n_entries++;
}

void journal_draft_batch(JournalDraft *draft, Str packed)
{
    buf_str(&draft->bytes, packed);
    draft->n_entries += (int32_t)trace_count(packed);
}

/* The journal keeps the state without its outputs: they stand in the run's row, once. */
static void journal_update(JournalDraft *draft, const RunRow *run, int64_t time_us)
{
    AUTO(buf_done)
    Buf text = {0};
    JsonOut json = json_out(&text);
    RunRow shown = *run;
    shown.outputs = (Str){0};
    shown.state_us = time_us;
    run_state_to_json(&json, &shown);
    journal_draft_add(draft, &(TraceEntry){.kind = TRACE_RUN_UPDATE, .time_us = time_us, .text = buf_view(&text)});
}

bool run_move(RunRow *run, RunState state, int64_t now_us, const TraceEntry *entering, JournalDraft *journal,
              Error *err)
{
    if (!run_may_become(run->state, state))
        return error_set(err, FAILED_PRECONDITION, "", "the run is %s and cannot become %s",
                         run_state_names[run->state], run_state_names[state]);
    if (run->state == RUN_PENDING) /* its first entry: that it was asked for */
        journal_update(journal, run, run->create_us);
    if (entering)
        journal_draft_add(journal, entering);
    journal->moved |= BIT(state);
    journal->continued |= state == RUN_EXECUTING && run->state != RUN_PENDING;
    run->state = state;
    run->state_us = run->update_us = now_us;
    run->timer_parked = false;
    if (state != RUN_STOPPING && state != RUN_STOPPED && state != RUN_EXECUTING)
        run->timer_us = 0; /* a timer that was paused keeps its hour */
    if (state != RUN_AWAITING_GUIDANCE && state != RUN_STOPPED)
        run->exception_id = (Str){0};
    if (state == RUN_EXECUTING) {
        run->description = run->reason = (Str){0};
        run->location_start = run->location_end = -1;
    }
    journal_update(journal, run, now_us);
    return true;
}

/* One message a transaction: of where the run is at its end. Of child runs only that they ask: the rest is their
 * parent's to tell. */
static bool tell(Tx *tx, Engine *engine, const RunRow *run, const JournalDraft *journal, Error *err)
{
    static const WebhookEvent events[RUN_N_STATES] = {
        [RUN_EXECUTING] = EVENT_RUN_CONTINUED, [RUN_AWAITING_GUIDANCE] = EVENT_RUN_AWAITING_GUIDANCE,
        [RUN_STOPPED] = EVENT_RUN_STOPPED,     [RUN_COMPLETED] = EVENT_RUN_COMPLETED,
        [RUN_FAILED] = EVENT_RUN_FAILED,
    };
    bool is_told =
        (journal->moved & BIT(run->state)) &&
        (run->state == RUN_EXECUTING ? journal->continued : run->state > RUN_EXECUTING && events[run->state]) &&
        (run->parent == 0 || run->state == RUN_AWAITING_GUIDANCE);
    return !is_told || outbox_tell(tx, engine, run, events[run->state], err);
}

static bool journal_write(Tx *tx, int64_t run, const JournalDraft *journal, bool has_ended, Error *err)
{
    Str bytes = buf_view(&journal->bytes);
    return has_ended ? store_journal_close(tx, run, bytes, journal->n_entries, err)
                     : store_journal_append(tx, run, bytes, journal->n_entries, err);
}

bool run_write(Tx *tx, Engine *engine, const RunRow *before, RunRow *run, const JournalDraft *journal, Error *err)
{
    assert(run_check(run));
    bool has_ended = run_is_final(run->state) && (journal->moved & BIT(run->state));
    if (!child_written(tx, engine, run, has_ended, journal->child_result, err) || !claim_settle(tx, run, err))
        return false;
    bool differs = !before || store_run_differs(before, run); /* most steps leave the row as it is, and its indexes */
    if (differs && !store_run_update(tx, run, err))
        return false;
    if (has_ended && run->children_open) /* a worker ends its children */
        tx_after_commit(tx, engine_wake, engine, run->key);
    if (journal->n_entries > 0 && !journal_write(tx, run->key, journal, has_ended, err))
        return false;
    if (run_is_at_rest(run->state))
        engine_tell_changed(tx, engine, run->key);
    else
        engine_tell_progress(tx, engine, run->key);
    return tell(tx, engine, run, journal, err);
}

void journal_draft_done(JournalDraft *draft)
{
    buf_done(&draft->bytes);
}

bool run_fail(Arena *arena, RunRow *run, Str description, bool told, int64_t now_us, JournalDraft *journal, Error *err)
{
    Id id = id_new();
    run->error_id = str_copy(arena, id_str(&id));
    run->description = description;
    TraceEntry failed = {.kind = TRACE_FAILED, .time_us = now_us, .text = description, .error_id = run->error_id};
    return run_move(run, RUN_FAILED, now_us, told ? NULL : &failed, journal, err);
}

bool run_clear_remains(Tx *tx, int64_t run, Error *err)
{
    return store_snapshot_put(tx, run, (Str){0}, 0, err) && store_effect_settle(tx, run, INT64_MAX, err);
}

bool run_end(Tx *tx, Engine *engine, Arena *arena, RunRow *run, Str description, Error *err)
{
    AUTO(journal_draft_done)
    JournalDraft journal = {0};
    if (!exception_give_up(tx, arena, run, err) ||
        !run_fail(arena, run, description, false, tx_now_us(tx), &journal, err) ||
        !run_write(tx, engine, NULL, run, &journal, err) || !run_clear_remains(tx, run->key, err))
        return false;
    claim_tell_interrupt(tx, engine, run->key);
    return true;
}

bool run_become(Tx *tx, Engine *engine, RunRow *run, RunState state, Str before, Error *err)
{
    AUTO(journal_draft_done)
    JournalDraft journal = {0};
    journal_draft_batch(&journal, before);
    return run_move(run, state, tx_now_us(tx), NULL, &journal, err) && run_write(tx, engine, NULL, run, &journal, err);
}

/* ---- pause, continue, cancel ---- */

/* No worker has the run in hand: it stands still already. The journal says why, as it does where one had. */
static bool stop_parked(Tx *tx, Engine *engine, RunRow *run, Error *err)
{
    AUTO(journal_draft_done)
    JournalDraft journal = {0};
    int64_t now = tx_now_us(tx);
    const TraceEntry why = {.kind = TRACE_STOPPED, .time_us = now, .text = S("user_stopped")};
    return run_move(run, RUN_STOPPED, now, &why, &journal, err) && run_write(tx, engine, NULL, run, &journal, err);
}

bool run_pause(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id, Str reason,
               RunRow *out, Error *err)
{
    if (!store_run_get(tx, arena, scope, automation, id, out, err))
        return false;
    if (out->state == RUN_STOPPING || out->state == RUN_STOPPED)
        return true;
    if (!run_may_become(out->state, RUN_STOPPING))
        return error_set(err, FAILED_PRECONDITION, "",
                         "the run is %s and cannot be paused; one that is pending or executing can",
                         run_state_names[out->state]);
    bool parked = out->timer_parked || out->children_open;
    out->reason = reason.len > 0 ? reason : S("Paused from run page");
    if (!run_become(tx, engine, out, RUN_STOPPING, (Str){0}, err))
        return false;
    if (parked)
        return stop_parked(tx, engine, out, err);
    claim_tell_interrupt(tx, engine, out->key);
    return true;
}

bool run_continue(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id, RunRow *out,
                  Error *err)
{
    if (!store_run_get(tx, arena, scope, automation, id, out, err))
        return false;
    switch (out->state) {
    case RUN_PENDING:
    case RUN_EXECUTING:
    case RUN_COMPLETED: return true; /* it goes on, or went on, by itself: clients ask after an answer, to be sure */
    case RUN_AWAITING_GUIDANCE:
        return error_set(err, FAILED_PRECONDITION, "",
                         "the run waits for an answer; resolve its exception and it goes on by itself");
    case RUN_STOPPING:
        return error_set(err, FAILED_PRECONDITION, "",
                         "the run is still stopping; continue it once its state is stopped");
    case RUN_FAILED:
        return error_set(err, FAILED_PRECONDITION, "", "the run has failed and cannot be continued; start a new one");
    case RUN_STOPPED: break;
    case RUN_N_STATES: assert(false);
    }
    if (out->exception_id.len > 0)
        return error_set(err, FAILED_PRECONDITION, "",
                         "the run stopped because its exception %.*s was archived; unarchive that, and answer it",
                         STR_ARG(out->exception_id));
    if (!run_become(tx, engine, out, RUN_EXECUTING, (Str){0}, err))
        return false;
    tx_after_commit(tx, engine_wake, engine, out->key);
    return !out->children_open || children_continue(tx, engine, arena, out, err);
}

bool run_cancel(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, int64_t automation, Str id, Str reason,
                RunRow *out, Error *err)
{
    if (!store_run_get(tx, arena, scope, automation, id, out, err))
        return false;
    if (run_is_final(out->state))
        return error_set(err, FAILED_PRECONDITION, "", "the run has %s and cannot be cancelled any more",
                         run_state_names[out->state]);
    Str description = reason.len > 0 ? str_printf(arena, "Cancelled: %.*s", STR_ARG(reason)) : S("Cancelled");
    return run_end(tx, engine, arena, out, description, err);
}
