/* engine/worker.c: carries runs from boundary to boundary.
 *
 * A worker never sleeps on a commit: a run whose next step must wait for one is put aside and comes back when it is on
 * disk.
 *
 * What a crash leaves, and what claiming does then:
 *
 *   before the first commit        the run is pending and starts afresh
 *   between boundaries             pure steps are computed again from the last snapshot; recorded effects give their
 *                                  recorded results
 *   between an effect's records    the effect is in doubt: repeatable and keyed procedures are called again, for
 *                                  others a person is asked
 *   after a park                   the snapshot holds everything */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/internal.h"
#include "value/wire.h"
#include "value/zone.h"

#define SLICE_FUEL 50000
#define FLUSH_EVERY_US 100000
#define LATER_US 1000000
#define STORE_PAUSE_NS 100000000

struct Worker {
    Engine *engine;
    StoreReader *reader;
    /* The parent whose children it begins, as it stands while it waits for them: it does not change, and there may be
     * many children. Let go when there is nothing to do. */
    struct {
        int64_t run, first_effect; /* 0: none */
        const Program *program;
        Evaluation *evaluation;
        Arena arena;
        Locale locale;
    } parent;
};

/* Lets go of a run that has no commit in flight; `later` takes it up again in a second. */
static void let_go(ActiveRun *active, bool later)
{
    Engine *engine = active->engine;
    int64_t key = active->key;
    active_forget(active);
    pthread_mutex_lock(&engine->lock);
    bool again = active->again;
    active_remove_locked(active);
    engine_unlock(engine);
    if (later)
        engine_wake_later(engine, key, engine->world->now_us(engine->world->self) + LATER_US);
    else if (again)
        engine_wake(engine, key);
}

/* True when a commit is in flight: the run comes back once it is done. */
bool active_put_aside(ActiveRun *active)
{
    pthread_mutex_lock(&active->engine->lock);
    bool aside = active->commit_in_flight;
    if (aside)
        active->wants_worker = true;
    engine_unlock(active->engine);
    return aside;
}

void active_park(ActiveRun *active, RunCommit *commit)
{
    active_forget(active);
    commit_submit(commit); /* the run is gone from here on */
}

Str active_save(ActiveRun *active, Arena *arena)
{
    Buf snapshot = buf_in(arena);
    evaluation_save(active->evaluation, &snapshot);
    active->has_no_snapshot = false;
    active->saved_effects = active->next_effect;
    active->saved_fuel = evaluation_fuel_used(active->evaluation);
    return buf_view(&snapshot);
}

/* What a child that has ended tells its parent. */
static void set_child_result(RunCommit *commit, ActiveRun *active)
{
    if (!active->evaluation || !evaluation_is_child(active->evaluation))
        return;
    Buf given = buf_in(&commit->arena);
    if (evaluation_status(active->evaluation) == EVAL_COMPLETED)
        evaluation_give_back(active->evaluation, &given);
    commit->child_result = (ChildResult){buf_view(&given), evaluation_child_site(active->evaluation)};
}

void active_fail(ActiveRun *active, Str failure, uint32_t node_id)
{
    RunCommit *commit = commit_new(active, COMMIT_FAILED);
    set_child_result(commit, active);
    commit->failure = str_copy(&commit->arena, failure);
    commit->told = active->evaluation && evaluation_status(active->evaluation) == EVAL_FAILED;
    if (active->program && node_id > 0) {
        Span span = question_location(active->program, node_id);
        commit->location_start = span.start;
        commit->location_end = span.end;
    }
    active_park(active, commit);
}

/* ---- claiming ---- */

bool inputs_read(Arena *arena, Str text, Argument **out, uint32_t *out_n, Error *err)
{
    const Json *json;
    if (!json_parse(arena, text, 64, &json, err))
        return false;
    Argument *inputs = NEW_ARRAY(arena, Argument, json->count + 1);
    for (uint32_t i = 0; i < json->count; i++) {
        inputs[i].name = json->items[i].key;
        if (!value_from_json(arena, &json->items[i], "inputs", &inputs[i].value, err))
            return false;
    }
    *out = inputs;
    *out_n = json->count;
    return true;
}

/* ---- children ---- */

static void let_parent_go(Worker *worker)
{
    evaluation_free(worker->parent.evaluation);
    program_cache_release(worker->engine->programs, worker->parent.program);
    arena_done(&worker->parent.arena);
    memset(&worker->parent, 0, sizeof worker->parent);
}

static bool gone(Error *err)
{
    return error_set(err, UNAVAILABLE, "", "the run that it belongs to has ended");
}

static bool take_parent(Worker *worker, Tx *tx, const RunRow *child, const ChildLoop *loop, Error *err)
{
    if (worker->parent.run == child->parent && worker->parent.first_effect == loop->first_effect)
        return true;
    let_parent_go(worker);
    Snapshot snapshot;
    worker->parent.program = engine_program(worker->engine, tx, child->revision, err);
    if (!worker->parent.program || !locale_unpack(&worker->parent.arena, child->locale, &worker->parent.locale, err) ||
        !snapshot_get(tx, &worker->parent.arena, child->parent, &snapshot, err))
        return false;
    EvalOptions options = engine_eval_options(worker->engine, &worker->parent.locale);
    if (snapshot.bytes.len == 0)
        return gone(err);
    if (!evaluation_restore(worker->parent.program, snapshot.bytes, options, &worker->parent.evaluation, err))
        return false;
    worker->parent.run = child->parent;
    worker->parent.first_effect = loop->first_effect;
    return true;
}

/* A child begins with what its parent knows of its item. */
static bool begin_child(Worker *worker, Tx *tx, ActiveRun *active, EvalOptions options, Error *err)
{
    bool found;
    ChildLoop loop;
    const RunRow *child = &active->row;
    if (!store_child_loop_get(tx, child->parent, &found, &loop, err))
        return false;
    if (!found)
        return gone(err);
    if (!take_parent(worker, tx, child, &loop, err))
        return false;
    int64_t number = child->parent_effect - loop.first_effect;
    if (number < 0 || number >= evaluation_children(worker->parent.evaluation) ||
        worker->parent.program != active->program)
        return error_set(err, DATA_LOSS, "", "the run that it belongs to does not stand at this item's loop");
    active->evaluation = evaluation_child(worker->parent.evaluation, (uint32_t)number, options);
    atomic_fetch_add(&active->engine->started, 1);
    return true;
}

static bool begin_evaluation(Worker *worker, Tx *tx, ActiveRun *active, Str snapshot, Error *err)
{
    if (!locale_unpack(&active->arena, active->row.locale, &active->locale, err))
        return false;
    EvalOptions options = engine_eval_options(active->engine, &active->locale);
    if (snapshot.len > 0)
        return evaluation_restore(active->program, snapshot, options, &active->evaluation, err);
    if (active->row.parent > 0)
        return begin_child(worker, tx, active, options, err);
    Argument *inputs;
    uint32_t n_inputs;
    if (!inputs_read(&active->arena, active->row.inputs, &inputs, &n_inputs, err))
        return false;
    active->evaluation = evaluation_new(active->program, inputs, n_inputs, options);
    atomic_fetch_add(&active->engine->started, 1);
    return true;
}

/* Entries of the evaluator that are in the journal since the snapshot: they will come again. Entries of the engine
 * carry a time of their own. */
static bool count_known_trace(Tx *tx, ActiveRun *active, int64_t from, Error *err)
{
    int64_t end;
    if (!store_journal_end(tx, active->key, &end, err))
        return false;
    AUTO(arena_done)
    Arena scratch = {0};
    while (from < end) {
        JournalBatch *batches;
        int n;
        if (!store_journal_read(tx, &scratch, active->key, from, 1 << 20, &batches, &n, err))
            return false;
        for (int i = 0; i < n; i++) {
            Reader reader = reader_of(batches[i].bytes);
            int64_t number = batches[i].first_entry;
            TraceEntry entry;
            while (reader.next < reader.end) {
                if (!trace_next(&scratch, &reader, &entry, err))
                    return false;
                if (number++ >= from && entry.time_us == 0)
                    active->trace_to_skip++;
            }
            from = MAX_OF(from, number);
        }
        if (n == 0)
            return error_set(err, DATA_LOSS, "", "the run's journal ends before its own count says so");
        arena_reset(&scratch);
    }
    return true;
}

static bool load(Worker *worker, Tx *tx, ActiveRun *active, Error *err)
{
    Snapshot snapshot = {0};
    active->program = engine_program(active->engine, tx, active->row.revision, err);
    if (!active->program)
        return false;
    if (active->program->diagnostics.n_errors > 0)
        return error_set(err, FAILED_PRECONDITION, "", "this version of the automation has problems and cannot run");
    /* A fresh run has nothing yet, unless it repeats an earlier one. */
    if ((active->row.state != RUN_PENDING || active->row.previous_run.len > 0) &&
        (!snapshot_get(tx, &active->arena, active->key, &snapshot, err) ||
         !store_effect_list(tx, &active->arena, active->key, snapshot.effects, &active->known, &active->n_known, err) ||
         !count_known_trace(tx, active, snapshot.journal_entries, err)))
        return false;
    active->next_effect = active->saved_effects = snapshot.effects;
    active->has_no_snapshot = snapshot.bytes.len == 0;
    if (!begin_evaluation(worker, tx, active, snapshot.bytes, err))
        return false;
    active->saved_fuel = evaluation_fuel_used(active->evaluation);
    return true;
}

typedef enum Claim { CLAIM_TAKEN, CLAIM_NOTHING_TO_DO, CLAIM_LATER, CLAIM_HOPELESS, CLAIM_ENDING } Claim;

static Claim claim_in(Worker *worker, Tx *tx, ActiveRun *active, Error *err)
{
    Engine *engine = active->engine;
    int64_t now = engine->world->now_us(engine->world->self);
    if (!store_run_get_by_key(tx, &active->arena, active->key, &active->row, err))
        return err->code == NOT_FOUND ? CLAIM_NOTHING_TO_DO : CLAIM_LATER;
    RunState state = active->row.state;
    if (run_is_final(state) && active->row.children_open)
        return CLAIM_ENDING;
    if ((state != RUN_PENDING && state != RUN_EXECUTING && state != RUN_STOPPING) || active->row.children_open)
        return CLAIM_NOTHING_TO_DO;
    if (active->row.timer_parked && active->row.timer_us > now)
        return CLAIM_NOTHING_TO_DO; /* its timer wakes it */
    active->node = store_node(engine->store);
    if (active->row.node != active->node) {
        if (active->row.node == 0) /* whoever gets it carries it out */
            claim_free_runs(engine);
        return CLAIM_NOTHING_TO_DO;
    }
    if (!load(worker, tx, active, err))
        return err->code == UNAVAILABLE || err->code == DEADLINE_EXCEEDED ? CLAIM_LATER : CLAIM_HOPELESS;
    if (evaluation_status(active->evaluation) == EVAL_CALL && active->row.timer_us > 0) {
        active->row.timer_us = 0; /* a call is tried again, early when somebody continues a paused run */
        active->timer_over = true;
    }
    /* A snapshot at a wait is made as the row is given its hour: where that is gone, the run had got beyond. */
    if (evaluation_status(active->evaluation) == EVAL_TIMER && active->row.timer_us <= now) {
        evaluation_timer_fired(active->evaluation);
        active->timer_over = active->row.timer_us > 0;
        active->row.timer_us = 0; /* the next wait has an hour of its own */
    }
    active->flushed_us = now;
    pthread_mutex_lock(&engine->lock);
    if (state == RUN_STOPPING ||
        engine->stopping) /* only ever set here: who interrupts since the row was read is heard */
        atomic_store(&active->interrupted, true);
    engine_unlock(engine);
    active->phase = PHASE_EVALUATE;
    return CLAIM_TAKEN;
}

/* The store cannot be read just now, by any worker: what the call has brought is not let go for that. */
static void keep_errand(ActiveRun *active)
{
    active_forget(active);
    nanosleep(&(struct timespec){.tv_nsec = STORE_PAUSE_NS}, NULL);
    pthread_mutex_lock(&active->engine->lock);
    active_ready_locked(active);
    engine_unlock(active->engine);
}

static bool claim(Worker *worker, ActiveRun *active)
{
    Tx *tx;
    Error err = {0};
    Claim result = CLAIM_LATER;
    if (tx_begin_read(worker->reader, &tx, &err)) {
        result = claim_in(worker, tx, active, &err);
        tx_end(tx);
    }
    if (result == CLAIM_TAKEN)
        return true;
    if (result == CLAIM_LATER && active->errand) {
        keep_errand(active);
        return false;
    }
    if (result == CLAIM_HOPELESS) {
        LOG(LOG_ERROR, "a run cannot be taken up", LOG_NUM("run", active->key),
            LOG_STR("reason", str_from_c(err.message)));
        active_fail(active, str_from_c(err.message), 0);
    } else if (result == CLAIM_ENDING) {
        active_park(active, commit_new(active, COMMIT_ENDING));
    } else {
        let_go(active, result == CLAIM_LATER);
    }
    return false;
}

/* ---- boundaries ---- */

static void flush_progress(ActiveRun *active)
{
    int64_t now = active->engine->world->now_us(active->engine->world->self);
    if (now - active->flushed_us < FLUSH_EVERY_US)
        return;
    pthread_mutex_lock(&active->engine->lock);
    bool busy = active->commit_in_flight;
    engine_unlock(active->engine);
    if (busy)
        return;
    active->flushed_us = now;
    commit_submit(commit_new(active, COMMIT_PROGRESS));
}

static void set_question(RunCommit *commit, ActiveRun *active, const Question *question, uint64_t hash)
{
    Span span = question_location(active->program, question->node_id);
    commit->question = question_copy(&commit->arena, question);
    commit->sentence_hash = hash;
    commit->location_start = span.start;
    commit->location_end = span.end;
}

static void remember_answer(ActiveRun *active, const Question *question, const Answer *answer)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Buf packed = buf_in(&scratch);
    heard_pack_answer(&scratch, &packed, answer);
    call_remember(active, HEARD_ANSWER, heard_question_site(active->program, question), buf_view(&packed));
}

/* True when a guide entry answered and the run goes on; else `out_story`, in `arena`, tells of one that did not help.
 */
static bool answer_from_guide(Worker *worker, ActiveRun *active, const Question *question, uint64_t hash, Arena *arena,
                              Str *out_story)
{
    Tx *tx;
    Error err = {0};
    if (active->row.stage != STAGE_PUBLISHED || !tx_begin_read(worker->reader, &tx, &err))
        return false;
    AUTO(arena_done)
    Arena scratch = {0};
    const Question *asked = question_copy(&scratch, question);
    Answer answer;
    const GuideEntry *guide = guide_apply(active, tx, &scratch, question, hash, &answer, out_story);
    tx_end(tx);
    *out_story = str_copy(arena, *out_story);
    if (!guide)
        return false;
    remember_answer(active, asked, &answer);
    RunCommit *commit = commit_new(active, COMMIT_GUIDED);
    set_question(commit, active, asked, hash);
    GuideEntry *kept = NEW(&commit->arena, GuideEntry);
    *kept = *guide;
    kept->id = str_copy(&commit->arena, guide->id);
    kept->title = str_copy(&commit->arena, guide->title);
    kept->answer = str_copy(&commit->arena, guide->answer);
    commit->guide = kept;
    commit->snapshot = active_save(active, &commit->arena);
    commit_submit(commit);
    return true;
}

static bool ask(Worker *worker, ActiveRun *active)
{
    if (active_put_aside(active))
        return false;
    const Question *question = evaluation_question(active->evaluation);
    const EffectRow *known = call_known(active);
    if (known)
        return call_tell_known(active, known, question->node_id);
    uint64_t hash = program_sentence_hash(active->program, question->sentence_id);
    AUTO(arena_done)
    Arena scratch = {0};
    Str guide_story = {0};
    if (answer_from_guide(worker, active, question, hash, &scratch, &guide_story))
        return true;
    question = evaluation_question(active->evaluation);
    RunCommit *commit = commit_new(active, COMMIT_QUESTION);
    set_question(commit, active, question, hash);
    commit->guide_story = str_copy(&commit->arena, guide_story);
    commit->snapshot = active_save(active, &commit->arena);
    active_park(active, commit);
    return false;
}

/* A moment that cannot be told (a zone that the system no longer has) is now: the run goes on rather than never. */
static int64_t moment_us(const ActiveRun *active, Value moment, int64_t now_us)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Error err = {0};
    int64_t us = now_us;
    if (!zone_moment(&scratch, moment, active->locale.time_zone, now_us, &us, &err))
        LOG(LOG_ERROR, "a run cannot tell until when to wait", LOG_NUM("run", active->key),
            LOG_STR("reason", str_from_c(err.message)));
    return us;
}

static void park_on_timer(ActiveRun *active)
{
    const EvalTimer *timer = evaluation_timer(active->evaluation);
    int64_t now = active->engine->world->now_us(active->engine->world->self);
    int64_t due = timer->until ? moment_us(active, timer->moment, now) : now + timer->seconds * 1000000;
    if (active->row.timer_us > 0) /* it was paused while it waited */
        due = active->row.timer_us;
    else
        call_remember(active, HEARD_TIMER, HEARD_ANYWHERE, (Str){0});
    RunCommit *commit = commit_new(active, COMMIT_TIMER);
    commit->timer_us = MAX_OF(due, 1);
    commit->timer_seconds = MAX_OF((due - now + 999999) / 1000000, 0);
    commit->snapshot = active_save(active, &commit->arena);
    active_park(active, commit);
}

/* False when the run is out of this worker's hand. */
static bool wait_on_timer(ActiveRun *active)
{
    const EffectRow *known = call_known(active);
    if (known)
        return call_tell_known(active, known, 0);
    if (!active_put_aside(active))
        park_on_timer(active);
    return false;
}

/* False when the run is out of this worker's hand. */
static bool wait_for_children(ActiveRun *active)
{
    Evaluation *evaluation = active->evaluation;
    const EffectRow *known = call_known(active);
    if (known)
        return call_tell_known(active, known, 0);
    if (active_put_aside(active))
        return false;
    RunCommit *commit = commit_new(active, COMMIT_CHILDREN);
    int64_t told = evaluation_children_told(evaluation);
    commit->children = (ChildLoop){.run = active->key,
                                   .first_effect = active->next_effect - told,
                                   .first_item = evaluation_children_first(evaluation),
                                   .total = evaluation_children(evaluation),
                                   .started = told,
                                   .ended = told};
    commit->snapshot = active_save(active, &commit->arena);
    active_park(active, commit);
    return false;
}

static void park_stopped(ActiveRun *active)
{
    RunCommit *commit = commit_new(active, COMMIT_STOPPED);
    commit->snapshot = active_save(active, &commit->arena);
    active_park(active, commit);
}

Str outputs_text(Arena *arena, const Evaluation *evaluation)
{
    uint32_t n;
    const Argument *outputs = evaluation_outputs(evaluation, &n);
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    json_open_object(&json);
    for (uint32_t i = 0; i < n; i++) {
        json_key(&json, outputs[i].name);
        value_to_json(&json, outputs[i].value);
    }
    json_close_object(&json);
    return buf_view(&text);
}

static void park_completed(ActiveRun *active)
{
    RunCommit *commit = commit_new(active, COMMIT_COMPLETED);
    commit->outputs = outputs_text(&commit->arena, active->evaluation);
    set_child_result(commit, active);
    active_park(active, commit);
}

/* As it stands in the store now; false when that cannot be read. */
static bool read_row(Worker *worker, const ActiveRun *active, Arena *arena, RunRow *out)
{
    Tx *tx;
    Error err = {0};
    if (!tx_begin_read(worker->reader, &tx, &err))
        return false;
    bool ok = store_run_get_by_key(tx, arena, active->key, out, &err);
    tx_end(tx);
    return ok;
}

/* It stayed in memory while its call was under way, and was cancelled: nobody asks about the call any more. */
static bool ended_meanwhile(Worker *worker, const ActiveRun *active)
{
    AUTO(arena_done)
    Arena scratch = {0};
    RunRow row;
    return active->stays && atomic_load(&active->interrupted) && read_row(worker, active, &scratch, &row) &&
           run_is_final(row.state);
}

/* Somebody paused or cancelled the run, or the engine stops. False when the run is out of this worker's hand. */
static bool heed_interrupt(Worker *worker, ActiveRun *active)
{
    pthread_mutex_lock(&worker->engine->lock);
    bool stopping = worker->engine->stopping;
    engine_unlock(worker->engine);
    if (active_put_aside(active))
        return false;
    if (stopping) {
        /* Results of effects must not get lost; the rest is computed again by the next start. */
        if (active->effects_done) {
            commit_submit(commit_new(active, COMMIT_PROGRESS));
            return false;
        }
        let_go(active, false);
        return false;
    }
    atomic_store(&active->interrupted, false);
    AUTO(arena_done)
    Arena scratch = {0};
    RunRow row;
    if (!read_row(worker, active, &scratch, &row)) {
        /* It may hold results that are not on disk: it goes on, and looks again. */
        atomic_store(&active->interrupted, true);
        return true;
    }
    if (row.state == RUN_STOPPING) {
        park_stopped(active);
        return false;
    }
    if (row.state == RUN_PENDING || row.state == RUN_EXECUTING)
        return true;
    let_go(active, false);
    return false;
}

static bool others_wait(Engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    bool waiting = engine->ready_first || engine->waiting.count > 0;
    engine_unlock(engine);
    return waiting;
}

/* Its slice is over. False when it went to the end of the queue. */
static bool slice_over(ActiveRun *active)
{
    Engine *engine = active->engine;
    flush_progress(active);
    if (!others_wait(engine))
        return true;
    pthread_mutex_lock(&engine->lock);
    active_ready_locked(active);
    engine_unlock(engine);
    return false;
}

static bool step(Worker *worker, ActiveRun *active)
{
    if (atomic_load(&active->interrupted) && !heed_interrupt(worker, active))
        return false;
    if (atomic_load(&active->broken)) {
        if (!active_put_aside(active))
            let_go(active, true);
        return false;
    }
    EvalStatus status = evaluation_status(active->evaluation);
    if (status == EVAL_READY)
        status = evaluation_run(active->evaluation, SLICE_FUEL);
    switch (status) {
    case EVAL_READY: return slice_over(active);
    case EVAL_CALL: return call_answer(active);
    case EVAL_QUESTION: return ask(worker, active);
    case EVAL_TIMER: return wait_on_timer(active);
    case EVAL_CHILDREN: return wait_for_children(active);
    case EVAL_COMPLETED:
        if (!active_put_aside(active))
            park_completed(active);
        return false;
    case EVAL_FAILED:
        if (!active_put_aside(active))
            active_fail(active, evaluation_failure(active->evaluation), evaluation_failure_node(active->evaluation));
        return false;
    }
    return false;
}

static void carry(Worker *worker, ActiveRun *active)
{
    if (active->phase == PHASE_DROP) {
        let_go(active, true);
        return;
    }
    if (active->phase == PHASE_CLAIM && !claim(worker, active))
        return;
    if (active->errand && ended_meanwhile(worker, active)) {
        let_go(active, false);
        return;
    }
    if (active->errand && !call_take_errand(active))
        return;
    if (active->phase == PHASE_EFFECT && !store_lease_holds(worker->engine->store, active->node))
        atomic_store(&active->broken, true); /* another process may be at it already */
    if (active->phase == PHASE_EFFECT) {
        active->phase = PHASE_EVALUATE;
        if (!atomic_load(&active->broken) && !call_carry_out(active, id_str(&active->effect_key), 0))
            return;
    }
    while (step(worker, active))
        ;
}

static ActiveRun *next_run_locked(Engine *engine)
{
    ActiveRun *active = engine->ready_first;
    if (active) {
        engine->ready_first = active->next_ready;
        if (!engine->ready_first)
            engine->ready_last = NULL;
        return active;
    }
    while (!engine->stopping && engine->waiting.count > 0 &&
           engine->n_active - engine->n_outside < engine->options.max_active) {
        int64_t key = key_ring_pop(&engine->waiting);
        active = active_find_locked(engine, key);
        if (!active)
            return active_add_locked(engine, key);
        active->again = true;
    }
    return NULL;
}

static bool has_ended_locked(const Engine *engine)
{
    return engine->stopping && engine->n_commits == 0 && (engine->n_outside == 0 || engine->outside_given_up);
}

static ActiveRun *next_run(Worker *worker)
{
    Engine *engine = worker->engine;
    pthread_mutex_lock(&engine->lock);
    ActiveRun *active;
    while (!(active = next_run_locked(engine)) && !has_ended_locked(engine)) {
        if (worker->parent.program) {
            engine_unlock(engine);
            let_parent_go(worker);
            pthread_mutex_lock(&engine->lock);
            continue;
        }
        pthread_cond_wait(&engine->ready_or_stopping, &engine->lock);
    }
    engine_unlock(engine);
    return active;
}

bool worker_new(Engine *engine, Worker **out, Error *err)
{
    Worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        abort();
    worker->engine = engine;
    if (store_reader_open(engine->store, &worker->reader, err)) {
        *out = worker;
        return true;
    }
    free(worker);
    return false;
}

void worker_free(Worker *worker)
{
    if (!worker)
        return;
    let_parent_go(worker);
    store_reader_close(worker->reader);
    free(worker);
}

void *worker_main(void *engine)
{
    Worker *worker;
    Error err = {0};
    if (!worker_new(engine, &worker, &err)) {
        LOG(LOG_ERROR, "a worker cannot read the store", LOG_STR("reason", str_from_c(err.message)));
        return NULL;
    }
    for (ActiveRun *active; (active = next_run(worker)) != NULL;)
        carry(worker, active);
    worker_free(worker);
    return NULL;
}

/* Runs that are in memory come first, as for the threads. */
static void turn_locked(Engine *engine, uint64_t turn)
{
    uint64_t n = 0;
    for (const ActiveRun *active = engine->ready_first; active; active = active->next_ready)
        n++;
    for (uint64_t i = n > 1 ? turn % n : 0; i > 0; i--) {
        ActiveRun *first = engine->ready_first;
        engine->ready_first = first->next_ready;
        active_ready_locked(first);
    }
    if (n == 0 && engine->waiting.count > 1)
        key_ring_to_front(&engine->waiting, turn % engine->waiting.count);
}

StoreReader *engine_step_reader(Engine *engine)
{
    return engine->stepper->reader;
}

bool engine_step_run(Engine *engine, uint64_t turn)
{
    pthread_mutex_lock(&engine->lock);
    turn_locked(engine, turn);
    ActiveRun *active = next_run_locked(engine);
    engine_unlock(engine);
    if (active)
        carry(engine->stepper, active);
    else
        let_parent_go(engine->stepper);
    return active;
}
