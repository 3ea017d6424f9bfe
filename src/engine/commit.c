/* engine/commit.c: what a worker writes down at a boundary, in one transaction. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/internal.h"

#define RETRY_AFTER_US 1000000

/* Entries of the evaluator that are not in the journal yet. After a crash the first ones come a second time and are
 * left out. */
static Str fresh_trace(ActiveRun *active, Arena *arena)
{
    Str packed = evaluation_trace(active->evaluation);
    Reader reader = reader_of(packed);
    while (active->trace_to_skip > 0 && reader.next < reader.end) {
        TraceEntry entry;
        Error err;
        if (!trace_next(arena, &reader, &entry, &err))
            break;
        active->trace_to_skip--;
    }
    Str fresh = str_copy(arena, str_of((const char *)reader.next, (size_t)(reader.end - reader.next)));
    evaluation_trace_clear(active->evaluation);
    return fresh;
}

static bool commit_apply(Tx *tx, Command *command, Error *err);
static void commit_done(Command *command, bool ok, const Error *err);

RunCommit *commit_new(ActiveRun *active, CommitKind kind)
{
    RunCommit *commit = calloc(1, sizeof *commit);
    if (!commit)
        abort();
    commit->command.apply = commit_apply;
    commit->command.done = commit_done;
    commit->kind = kind;
    commit->active = active;
    commit->engine = active->engine;
    commit->run = active->key;
    commit->node = active->node;
    commit->stage = active->row.stage;
    commit->location_start = commit->location_end = -1;
    if (active->evaluation) {
        commit->trace = fresh_trace(active, &commit->arena);
        commit->n_trace = (int32_t)trace_count(commit->trace);
    }
    EffectDone **end = &commit->effects_done;
    for (EffectDone *done = active->effects_done; done; done = done->next) {
        EffectDone *copy = NEW(&commit->arena, EffectDone);
        *copy = (EffectDone){done->row, NULL};
        copy->row.result = str_copy(&commit->arena, done->row.result);
        *end = copy;
        end = &copy->next;
    }
    active->effects_done = NULL;
    active->effects_end = &active->effects_done;
    commit->effects = active->next_effect;
    commit->timer_over = active->timer_over;
    commit->has_no_snapshot = active->has_no_snapshot;
    active->timer_over = false;
    return commit;
}

void commit_submit(RunCommit *commit)
{
    Engine *engine = commit->engine;
    pthread_mutex_lock(&engine->lock);
    engine->n_commits++;
    commit->active->commit_in_flight = true;
    engine_unlock(engine);
    store_submit(engine->store, &commit->command);
}

/* ---- apply: on the writer's thread ---- */

static bool write_effects(Tx *tx, RunCommit *commit, Error *err)
{
    for (EffectDone *done = commit->effects_done; done; done = done->next)
        if (!store_effect_finish(tx, commit->run, &done->row, err))
            return false;
    const EffectRow *begun = &commit->begun;
    if (commit->kind == COMMIT_RETRY || commit->kind == COMMIT_OUTSIDE)
        return store_effect_retry(tx, commit->run, begun, err);
    return commit->kind != COMMIT_EFFECT ||
           store_effect_begin(tx, commit->run, begun->number, begun->site, begun->key, err);
}

static bool write_snapshot(Tx *tx, RunCommit *commit, int32_t entries_to_come, Error *err)
{
    Snapshot snapshot = {.bytes = commit->snapshot, .effects = commit->effects};
    if (!store_journal_end(tx, commit->run, &snapshot.journal_entries, err))
        return false;
    snapshot.journal_entries += entries_to_come;
    return snapshot_put(tx, commit->run, &snapshot, err);
}

static bool begin_executing(Tx *tx, const RunCommit *commit, RunRow *run, JournalDraft *journal, Error *err)
{
    run->timer_parked = false;
    if (commit->timer_over)
        run->timer_us = 0;
    return run->state != RUN_PENDING || run_move(run, RUN_EXECUTING, tx_now_us(tx), NULL, journal, err);
}

static bool apply_question(Tx *tx, RunCommit *commit, Arena *arena, RunRow *run, JournalDraft *journal, Error *err)
{
    run->description = commit->question->description;
    run->location_start = commit->location_start;
    run->location_end = commit->location_end;
    if (run->stage == STAGE_PUBLISHED) {
        ExceptionRow exception;
        exception_from_question(arena, tx_now_us(tx), run, commit->question, commit->sentence_hash, commit->guide_story,
                                &exception);
        exception.location_start = commit->location_start;
        exception.location_end = commit->location_end;
        if (!exception_give(tx, arena, &exception, err) || !store_exception_insert(tx, &exception, err))
            return false;
        run->exception_id = exception.id;
    }
    Str reason = str_printf(arena, "program_stopped %.*s", STR_ARG(run->description));
    Str text = thread_question_text(arena, commit->question);
    if (commit->guide_story.len > 0)
        text = str_printf(arena, "%.*s\n\n%.*s", STR_ARG(text), STR_ARG(commit->guide_story));
    ThreadEvent said;
    return run_move(run, RUN_AWAITING_GUIDANCE, tx_now_us(tx),
                    &(TraceEntry){.kind = TRACE_STOPPED,
                                  .time_us = tx_now_us(tx),
                                  .node_id = commit->question->node_id,
                                  .text = reason},
                    journal, err) &&
           thread_say(tx, arena, run->key, S("astral"), run->exception_id, THREAD_AGENT_MESSAGE, text, (Str){0}, &said,
                      err);
}

static bool apply_guided(Tx *tx, RunCommit *commit, Arena *arena, RunRow *run, Error *err)
{
    ExceptionRow exception;
    exception_from_question(arena, tx_now_us(tx), run, commit->question, commit->sentence_hash, (Str){0}, &exception);
    exception.location_start = commit->location_start;
    exception.location_end = commit->location_end;
    exception.resolve_us = exception.create_us;
    exception.state = EXCEPTION_RESOLVED;
    exception.resolver = S("agents/astral");
    exception.guide_entry_id = commit->guide->id;
    Str told = str_printf(arena, "%.*s\n\nAnswered without asking, by the guide entry \"%.*s\": %.*s",
                          STR_ARG(commit->question->description), STR_ARG(commit->guide->title),
                          STR_ARG(commit->guide->answer));
    ThreadEvent said;
    return store_exception_insert(tx, &exception, err) && store_guide_hit(tx, commit->guide->key, err) &&
           thread_say(tx, arena, run->key, S("astral"), exception.id, THREAD_SYSTEM_MESSAGE, told, (Str){0}, &said,
                      err);
}

static bool apply_timer(Tx *tx, RunCommit *commit, Arena *arena, RunRow *run, JournalDraft *journal, Error *err)
{
    int64_t now = tx_now_us(tx);
    run->timer_us = commit->timer_us;
    Str reason = str_printf(arena, "waiting_on_timer %llds", (long long)commit->timer_seconds);
    journal_draft_add(journal, &(TraceEntry){.kind = TRACE_STOPPED, .time_us = now, .text = reason});
    if (run->state == RUN_STOPPING)
        return run_move(run, RUN_STOPPED, now, NULL, journal, err);
    run->timer_parked = true;
    run->update_us = now;
    return true;
}

static bool apply_outside(const Tx *tx, JournalDraft *journal)
{
    journal_draft_add(journal,
                      &(TraceEntry){.kind = TRACE_STOPPED, .time_us = tx_now_us(tx), .text = S("waiting_on_book")});
    return true;
}

static bool apply_children(Tx *tx, RunCommit *commit, Arena *arena, RunRow *run, JournalDraft *journal, Error *err)
{
    int64_t now = tx_now_us(tx);
    run->update_us = now;
    if (run->state == RUN_STOPPING &&
        !run_move(run, RUN_STOPPED, now,
                  &(TraceEntry){.kind = TRACE_STOPPED, .time_us = now, .text = S("user_stopped")}, journal, err))
        return false;
    ChildLoop loop = commit->children;
    return children_begin(tx, commit->engine, arena, run, &loop, err);
}

static bool apply_completed(Tx *tx, RunCommit *commit, RunRow *run, JournalDraft *journal, Error *err)
{
    run->outputs = commit->outputs;
    return run_move(run, RUN_COMPLETED, tx_now_us(tx), NULL, journal, err);
}

static bool apply_failed(Tx *tx, RunCommit *commit, Arena *arena, RunRow *run, JournalDraft *journal, Error *err)
{
    run->location_start = commit->location_start;
    run->location_end = commit->location_end;
    return run_fail(arena, run, commit->failure, commit->told, tx_now_us(tx), journal, err);
}

static bool apply_kind(Tx *tx, RunCommit *commit, Arena *arena, RunRow *run, JournalDraft *journal, Error *err)
{
    switch (commit->kind) {
    case COMMIT_PROGRESS:
    case COMMIT_EFFECT:
    case COMMIT_AT_DOOR: return true;
    case COMMIT_OUTSIDE: return apply_outside(tx, journal);
    case COMMIT_GUIDED: return apply_guided(tx, commit, arena, run, err);
    case COMMIT_QUESTION: return apply_question(tx, commit, arena, run, journal, err);
    case COMMIT_RETRY:
    case COMMIT_TIMER: return apply_timer(tx, commit, arena, run, journal, err);
    case COMMIT_STOPPED: {
        int64_t now = tx_now_us(tx);
        return run_move(run, RUN_STOPPED, now,
                        &(TraceEntry){.kind = TRACE_STOPPED, .time_us = now, .text = S("user_stopped")}, journal, err);
    }
    case COMMIT_CHILDREN: return apply_children(tx, commit, arena, run, journal, err);
    case COMMIT_COMPLETED: return apply_completed(tx, commit, run, journal, err);
    case COMMIT_FAILED: return apply_failed(tx, commit, arena, run, journal, err);
    case COMMIT_ENDING: break; /* the run itself is not written */
    }
    return false;
}

static bool apply_ends_run(const RunCommit *commit)
{
    return commit->kind == COMMIT_COMPLETED || commit->kind == COMMIT_FAILED;
}

/* run_clear_remains, without asking for what is known not to be there. */
static bool clear_remains(Tx *tx, const RunCommit *commit, Error *err)
{
    if (!commit->has_no_snapshot)
        return run_clear_remains(tx, commit->run, err);
    return commit->effects == 0 || store_effect_settle(tx, commit->run, commit->effects, err);
}

static bool apply_ending(Tx *tx, RunCommit *commit, Arena *arena, RunRow *run, Error *err)
{
    commit->children_try =
        set_aside_begin(&commit->engine->children_aside, commit->engine->world->now_us(commit->engine->world->self));
    return !run->children_open || children_end(tx, commit->engine, arena, run, &commit->children_try, err);
}

static bool commit_apply_in(Tx *tx, RunCommit *commit, Arena *arena, JournalDraft *journal, Error *err)
{
    RunRow run;
    commit->dropped = false;
    if (!store_run_get_by_key(tx, arena, commit->run, &run, err))
        return false;
    if (commit->kind == COMMIT_ENDING)
        return apply_ending(tx, commit, arena, &run, err);
    if (run.state != RUN_PENDING && run.state != RUN_EXECUTING && run.state != RUN_STOPPING) {
        commit->dropped = true; /* cancelled meanwhile: nothing of this is to be seen */
        return true;
    }
    if (run.node != commit->node)
        return error_set(err, ABORTED, "", "the run is not this process's any more: it was not heard of for too long");
    RunRow before = run;
    if (!begin_executing(tx, commit, &run, journal, err) || !write_effects(tx, commit, err))
        return false;
    journal_draft_batch(journal, commit->trace);
    journal->child_result = commit->child_result.site != 0 ? &commit->child_result : NULL;
    if (!apply_kind(tx, commit, arena, &run, journal, err))
        return false;
    if (apply_ends_run(commit) ? !clear_remains(tx, commit, err)
                               : commit->snapshot.len > 0 && !write_snapshot(tx, commit, journal->n_entries, err))
        return false;
    return run_write(tx, commit->engine, &before, &run, journal, err);
}

static bool commit_apply(Tx *tx, Command *command, Error *err)
{
    RunCommit *commit = (RunCommit *)command;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(journal_draft_done)
    JournalDraft journal = {0};
    return commit_apply_in(tx, commit, &arena, &journal, err);
}

/* ---- done: on the writer's thread ---- */

static void count(Engine *engine, CommitKind kind)
{
    switch (kind) {
    case COMMIT_QUESTION: atomic_fetch_add(&engine->questions, 1); break;
    case COMMIT_GUIDED: atomic_fetch_add(&engine->guided, 1); break;
    case COMMIT_COMPLETED: atomic_fetch_add(&engine->completed, 1); break;
    case COMMIT_FAILED: atomic_fetch_add(&engine->failed, 1); break;
    case COMMIT_PROGRESS:
    case COMMIT_EFFECT:
    case COMMIT_AT_DOOR:
    case COMMIT_OUTSIDE:
    case COMMIT_TIMER:
    case COMMIT_RETRY:
    case COMMIT_CHILDREN:
    case COMMIT_ENDING:
    case COMMIT_STOPPED: break;
    }
}

/* The run stays in memory: its worker has it in hand or gets it back. */
static void done_goes_on(RunCommit *commit, bool ok)
{
    ActiveRun *active = commit->active;
    if (!ok)
        atomic_store(&active->broken, true);
    pthread_mutex_lock(&commit->engine->lock);
    active->commit_in_flight = false;
    bool wanted = active->wants_worker || commit->kind == COMMIT_EFFECT;
    active->wants_worker = false;
    if (wanted)
        active_ready_locked(active);
    engine_unlock(commit->engine);
}

/* When the parent is to be looked at again, for the children that have not ended with it; 0 for never. */
static int64_t settle_children_aside(RunCommit *commit, bool ok, const Error *err)
{
    SetAside *aside = &commit->engine->children_aside;
    int64_t now_us = commit->engine->world->now_us(commit->engine->world->self);
    if (!ok)
        return set_aside_refused(aside, &commit->children_try, now_us, err) ? now_us : now_us + RETRY_AFTER_US;
    int64_t until_us = set_aside_until_us(&commit->children_try);
    set_aside_kept(aside, &commit->children_try);
    return until_us;
}

/* The run is parked or at its end: it leaves memory. */
static void done_lets_go(RunCommit *commit, bool ok, const Error *err)
{
    Engine *engine = commit->engine;
    pthread_mutex_lock(&engine->lock);
    bool is_at_door = commit->kind == COMMIT_AT_DOOR && ok && !commit->dropped;
    /* Whoever wants something of a run at the door does not wait for its turn there. */
    bool again = commit->active->again || (is_at_door && atomic_load(&commit->active->interrupted));
    active_remove_locked(commit->active);
    if (is_at_door && !again)
        door_wait_locked(engine, commit->run);
    engine_unlock(engine);
    int64_t later_us = ok ? 0 : engine->world->now_us(engine->world->self) + RETRY_AFTER_US;
    if (commit->kind == COMMIT_ENDING)
        later_us = settle_children_aside(commit, ok, err);
    if (later_us)
        engine_wake_later(engine, commit->run, later_us);
    else if (again)
        engine_wake(engine, commit->run);
    if (ok && (commit->kind == COMMIT_TIMER || commit->kind == COMMIT_RETRY))
        engine_timer(engine, commit->run, commit->timer_us);
}

static void commit_done(Command *command, bool ok, const Error *err)
{
    RunCommit *commit = (RunCommit *)command;
    Engine *engine = commit->engine;
    if (!ok)
        LOG(LOG_WARN, "a run's progress could not be stored; it is taken up again from its last boundary",
            LOG_NUM("run", commit->run), LOG_STR("reason", str_from_c(err->message)));
    else if (!commit->dropped)
        count(engine, commit->kind);
    switch (commit->kind) {
    case COMMIT_PROGRESS:
    case COMMIT_GUIDED:
    case COMMIT_EFFECT: done_goes_on(commit, ok && !commit->dropped); break;
    case COMMIT_OUTSIDE: /* its call is sent: unless another process may be at it already */
        call_send_outside(commit->active, ok && !commit->dropped && store_lease_holds(engine->store, commit->node));
        break;
    default: done_lets_go(commit, ok, err); break;
    }
    arena_done(&commit->arena);
    free(commit);
    engine_commit_ended(engine);
}
