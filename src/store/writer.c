/* store/writer.c: the thread that alone begins and commits, and the one that copies the log into the database.
 *
 * Group commit: the writer takes all commands that wait into one transaction, each under a savepoint, commits once,
 * then tells each how it ended. No delay is added: while one batch is on its way to the disk the next one gathers.
 * When a batch as a whole fails (the disk is full, say), each of its commands is tried once more alone, so that a
 * large one cannot take small ones down with it.
 *
 * Where each answer of the database costs a round trip, statements run ahead of their answers. Refusals are rare; when
 * one comes, the transaction is done again at a walk, each answer awaited, so that it meets the command that it is
 * for. */
#include "store/internal.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    BATCH_MOST = 4096,
    CHECKPOINT_PAUSE_MS = 50,
    CHECKPOINT_PAGES = 16000, /* the log's size at which the writer copies it itself */
    PROBE_EVERY_US = 500 * 1000,
    IDLE_AFTER_US = 2 * 1000 * 1000,
    EXIT_AFTER_FAILED_SYNC = 74, /* sysexits.h: EX_IOERR */
};

typedef struct Batch {
    Command *commands[BATCH_MOST];
    Error *refusals[BATCH_MOST]; /* NULL: it went well */
    int n;
} Batch;

/* After a failed sync nobody can say what the disk holds. Nothing of it was acknowledged; the next start reads what is
 * there. */
static void stop_if_sync_failed(const Database *database, const Error *err)
{
    if (!database_sync_failed(database))
        return;
    LOG(LOG_ERROR, "the disk failed to sync: stopping, so that nothing is acknowledged that may be lost",
        LOG_STR("reason", str_from_c(err->message)));
    _exit(EXIT_AFTER_FAILED_SYNC);
}

/* ---- health ---- */

static void health_set(Store *store, bool writable, const char *problem)
{
    pthread_mutex_lock(&store->health_lock);
    store->writable = writable;
    snprintf(store->problem, sizeof store->problem, "%.*s", (int)sizeof store->problem - 1, problem);
    pthread_mutex_unlock(&store->health_lock);
}

static bool is_writable(Store *store)
{
    pthread_mutex_lock(&store->health_lock);
    bool writable = store->writable;
    pthread_mutex_unlock(&store->health_lock);
    return writable;
}

/* ---- one transaction ---- */

static int64_t next_now_us(Store *store)
{
    int64_t now = store->now_us ? store->now_us(store->clock) : clock_now_us();
    store->last_us = MAX_OF(now, store->last_us + 1);
    return store->last_us;
}

typedef enum Pace { PACE_AHEAD, PACE_WALK } Pace;

static bool begin(Store *store, Tx *tx, Pace pace, Error *err)
{
    *tx = (Tx){.store = store, .database = store->writer, .arena = &store->batch};
    lease_forget_news(store);
    if (!database_begin_write(store->writer, err))
        return false;
    if (pace == PACE_AHEAD)
        database_run_ahead(store->writer);
    return true;
}

void tx_after_commit(Tx *tx, void (*then)(void *self, int64_t key), void *self, int64_t key)
{
    AfterCommit *after = NEW(tx->arena, AfterCommit);
    *after = (AfterCommit){.next = tx->after, .then = then, .self = self, .key = key};
    tx->after = after;
}

/* In the order in which they were asked for. */
static void call_after(AfterCommit *newest)
{
    AfterCommit *oldest = NULL;
    while (newest) {
        AfterCommit *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    for (AfterCommit *after = oldest; after; after = after->next)
        after->then(after->self, after->key);
}

/* For other processes; this one counts by itself. */
static bool count_tenancy_change(Tx *tx, Error *err)
{
    if (!tx->tenancy_changed || !tx->store->use.shared)
        return true;
    AUTO(query_done)
    Query query = {0};
    return query_open(
               &query, tx->database,
               "INSERT INTO tenancy (key, generation) VALUES (1, 1) ON CONFLICT (key) DO UPDATE SET generation = "
               "tenancy.generation + 1",
               err) &&
           query_run(&query, err);
}

static bool commit(Store *store, Tx *tx, Error *err)
{
    int64_t start = clock_monotonic_us();
    if (!rollup_write_changes(tx, err) || !exception_sum_write_changes(tx, err) || !count_tenancy_change(tx, err) ||
        !lease_tell(tx, err) || !database_commit(store->writer, err)) {
        if (database_outcome_unknown(store->writer)) /* who is woken looks; who is not would sleep for ever */
            call_after(tx->after);
        return false;
    }
    atomic_fetch_add_explicit(&store->commits, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&store->commit_micros, (uint64_t)(clock_monotonic_us() - start), memory_order_relaxed);
    if (tx->tenancy_changed)
        atomic_fetch_add(&store->tenancy_generation, 1);
    blob_apply_changes(store, tx->file_changes);
    call_after(tx->after);
    return true;
}

/* A transaction failed as a whole: undoes it and remembers why, when it was the disk. */
static void abandon(Store *store, const Error *err)
{
    stop_if_sync_failed(store->writer, err);
    database_rollback(store->writer);
    if (err->code == UNAVAILABLE && database_disk_failed(store->writer)) {
        if (is_writable(store))
            LOG(LOG_ERROR, "writing failed", LOG_STR("reason", str_from_c(err->message)));
        health_set(store, false, err->message);
    }
}

static void note_success(Store *store)
{
    if (is_writable(store))
        return;
    LOG(LOG_INFO, "writing works again");
    health_set(store, true, "");
}

static bool try_alone(Store *store, Command *command, Pace pace, Error *err)
{
    Tx tx;
    if (begin(store, &tx, pace, err)) {
        tx.now_us = next_now_us(store);
        if (command->apply(&tx, command, err)) {
            /* The database may have given the transaction up behind a command that did not look. */
            if (!database_in_transaction(store->writer))
                error_set(err, UNAVAILABLE, "", "the database gave up the transaction; try again");
            else if (commit(store, &tx, err))
                return true;
        } else { /* what it refuses, or only validates, may rest on a statement that went wrong ahead of it */
            database_settle(store->writer);
        }
    }
    abandon(store, err);
    return false;
}

static bool apply_alone(Store *store, Command *command, Error *err)
{
    return try_alone(store, command, PACE_AHEAD, err) ||
           (database_stumbled(store->writer) && try_alone(store, command, PACE_WALK, err));
}

/* Leaves the transaction as it was before when the command is refused. False: the transaction as a whole is lost. */
static bool apply_in_batch(Store *store, Tx *tx, Command *command, Error **out_refusal, Error *err)
{
    FileChange *changes_before = tx->file_changes;
    AfterCommit *after_before = tx->after;
    RollupChange *rollups_before = tx->rollup_changes;
    ExceptionChange *exceptions_before = tx->exception_changes;
    if (!database_savepoint(store->writer, err))
        return false;
    tx->now_us = next_now_us(store);
    bool ok = command->apply(tx, command, err);
    if (!database_in_transaction(store->writer))
        return false;
    if (ok)
        return database_savepoint_keep(store->writer, err);
    if (err->code == UNAVAILABLE && database_disk_failed(store->writer))
        return false;
    *out_refusal = NEW(&store->batch, Error);
    **out_refusal = *err;
    tx->file_changes = changes_before;
    tx->after = after_before;
    tx->rollup_changes = rollups_before;
    tx->exception_changes = exceptions_before;
    return database_savepoint_drop(store->writer, err);
}

static bool try_together(Store *store, Batch *batch, Pace pace, Error *err)
{
    Tx tx;
    bool ok = begin(store, &tx, pace, err);
    for (int i = 0; ok && i < batch->n; i++) {
        batch->refusals[i] = NULL;
        ok = apply_in_batch(store, &tx, batch->commands[i], &batch->refusals[i], err);
    }
    if (ok && commit(store, &tx, err))
        return true;
    abandon(store, err);
    return false;
}

static bool apply_together(Store *store, Batch *batch, Error *err)
{
    return try_together(store, batch, PACE_AHEAD, err) ||
           (database_stumbled(store->writer) && try_together(store, batch, PACE_WALK, err));
}

/* It may have happened and may not: doing it again could do it twice. */
static void refuse_each(Store *store, Batch *batch, const Error *err)
{
    for (int i = 0; i < batch->n; i++) {
        batch->refusals[i] = NEW(&store->batch, Error);
        *batch->refusals[i] = *err;
    }
}

static void apply_each(Store *store, Batch *batch)
{
    for (int i = 0; i < batch->n; i++) {
        Error err = {0};
        batch->refusals[i] = NULL;
        if (apply_alone(store, batch->commands[i], &err)) {
            note_success(store);
            continue;
        }
        batch->refusals[i] = NEW(&store->batch, Error);
        *batch->refusals[i] = err;
    }
}

static void tell_all(Store *store, const Batch *batch)
{
    uint64_t refused = 0;
    for (int i = 0; i < batch->n; i++) {
        Command *command = batch->commands[i]; /* its owner's again once done was called */
        const Error *refusal = batch->refusals[i];
        refused += refusal != NULL;
        if (command->done)
            command->done(command, !refusal, refusal);
    }
    atomic_fetch_add_explicit(&store->commands, (uint64_t)batch->n, memory_order_relaxed);
    atomic_fetch_add_explicit(&store->refused, refused, memory_order_relaxed);
}

/* ---- the log ---- */

static bool checkpoint(Store *store, Database *database)
{
    Error err = {0};
    bool all = false;
    pthread_mutex_lock(&store->checkpoint_lock);
    if (!database_checkpoint(database, &all, &err))
        stop_if_sync_failed(database, &err);
    pthread_mutex_unlock(&store->checkpoint_lock);
    return all;
}

/* While the writer copies nobody adds to the log, so it is copied whole and begins anew with the next commit.
 * Readers that look at an old state keep the log from being copied whole; then the next attempt waits for as much
 * again. */
static void checkpoint_when_large(Store *store)
{
    int pages = database_log_pages(store->writer);
    if (pages < CHECKPOINT_PAGES)
        store->checkpoint_at_pages = CHECKPOINT_PAGES;
    if (pages < store->checkpoint_at_pages)
        return;
    bool all = checkpoint(store, store->writer);
    store->checkpoint_at_pages = all ? CHECKPOINT_PAGES : pages + CHECKPOINT_PAGES / 4;
}

static void wake_checkpointer(Store *store)
{
    if (!atomic_exchange(&store->log_waits, true))
        inbox_wake(store->checkpoint_bell);
}

/* Copies the log every 50 ms while there is something to copy; sleeps for ever otherwise. */
static void *checkpoint_main(void *argument)
{
    Store *store = argument;
    while (!atomic_load(&store->checkpoint_stopping)) {
        if (!atomic_load(&store->log_waits)) {
            inbox_take_wait(store->checkpoint_bell, -1);
            continue;
        }
        usleep(CHECKPOINT_PAUSE_MS * 1000);
        atomic_store(&store->log_waits, false);
        if (!checkpoint(store, store->checkpointer))
            atomic_store(&store->log_waits, true);
    }
    return NULL;
}

/* ---- the thread ---- */

static Letter *take_some(Batch *batch, Letter *letters)
{
    batch->n = 0;
    while (letters && batch->n < BATCH_MOST) {
        batch->commands[batch->n++] = (Command *)letters;
        letters = letters->next;
    }
    return letters;
}

static void write_batch(Store *store, Batch *batch)
{
    Error err = {0};
    if (batch->n > 1 && apply_together(store, batch, &err))
        note_success(store);
    else if (batch->n > 1 && database_outcome_unknown(store->writer))
        refuse_each(store, batch, &err);
    else
        apply_each(store, batch);
    wake_checkpointer(store);
    tell_all(store, batch);
    checkpoint_when_large(store);
    arena_reset(&store->batch);
}

static bool probe_apply(Tx *tx, Command *command, Error *err)
{
    (void)command;
    AUTO(query_done)
    Query query = {0};
    const char *sql = "INSERT INTO setting (name, value) VALUES ('probe', $1) ON CONFLICT (name) DO UPDATE SET value = "
                      "excluded.value";
    if (!query_open(&query, tx->database, sql, err))
        return false;
    int64_t now = tx->now_us;
    bind_bytes(&query, str_of((const char *)&now, sizeof now));
    return query_run(&query, err);
}

/* Asks the disk whether there is space again. */
static void probe(Store *store)
{
    Command command = {.apply = probe_apply};
    Error err = {0};
    if (apply_alone(store, &command, &err))
        note_success(store);
    arena_reset(&store->batch);
}

/* How long to sleep when nothing waits: for ever once the caches have been given back. */
static int64_t sleep_us(Store *store, bool shrunk)
{
    if (!is_writable(store))
        return PROBE_EVERY_US;
    return shrunk ? -1 : IDLE_AFTER_US;
}

bool store_step(Store *store)
{
    Batch batch;
    Letter *letters = inbox_take(store->inbox);
    bool any = letters;
    while (letters) {
        letters = take_some(&batch, letters);
        write_batch(store, &batch);
    }
    return any;
}

void store_step_checkpoint(Store *store)
{
    if (atomic_exchange(&store->log_waits, false) && !checkpoint(store, store->writer))
        atomic_store(&store->log_waits, true);
}

static void *writer_main(void *argument)
{
    Store *store = argument;
    Batch batch;
    bool shrunk = false;
    for (;;) {
        Letter *letters = inbox_take_wait(store->inbox, sleep_us(store, shrunk));
        if (!letters && atomic_load(&store->stopping))
            return NULL;
        if (!letters && !is_writable(store)) {
            probe(store);
        } else if (!letters) {
            database_shrink(store->writer);
            shrunk = true;
        }
        while (letters) {
            letters = take_some(&batch, letters);
            write_batch(store, &batch);
            shrunk = false;
        }
    }
}

bool writer_start(Store *store, Error *err)
{
    store->checkpoint_at_pages = CHECKPOINT_PAGES;
    if (store->stepped)
        return true;
    if (pthread_create(&store->writer_thread, NULL, writer_main, store) != 0)
        return error_set(err, RESOURCE_EXHAUSTED, "", "the system gave no thread for the writer");
    if (pthread_create(&store->checkpoint_thread, NULL, checkpoint_main, store) == 0) {
        store->threads_started = true;
        return true;
    }
    atomic_store(&store->stopping, true);
    inbox_wake(store->inbox);
    pthread_join(store->writer_thread, NULL);
    return error_set(err, RESOURCE_EXHAUSTED, "", "the system gave no thread for checkpoints");
}

void writer_stop(Store *store)
{
    if (!store->threads_started)
        return;
    atomic_store(&store->stopping, true);
    inbox_wake(store->inbox);
    pthread_join(store->writer_thread, NULL);
    atomic_store(&store->checkpoint_stopping, true);
    inbox_wake(store->checkpoint_bell);
    pthread_join(store->checkpoint_thread, NULL);
    store->threads_started = false;
}

/* ---- submitting ---- */

void store_submit(Store *store, Command *command)
{
    inbox_send(store->inbox, &command->letter);
}

typedef struct Execution {
    Command command;
    Command *inner;
    Error *err;
    bool ok;
    sem_t ended;
} Execution;

static bool execution_apply(Tx *tx, Command *command, Error *err)
{
    Command *inner = ((Execution *)command)->inner;
    return inner->apply(tx, inner, err);
}

static void execution_done(Command *command, bool ok, const Error *err)
{
    Execution *execution = (Execution *)command;
    execution->ok = ok;
    if (!ok)
        *execution->err = *err;
    sem_post(&execution->ended);
}

bool store_execute(Store *store, Command *command, Error *err)
{
    assert(!command->done);
    Execution execution = {.command = {.apply = execution_apply, .done = execution_done}, .inner = command, .err = err};
    sem_init(&execution.ended, 0, 0);
    store_submit(store, &execution.command);
    if (store->stepped)
        store_step(store);
    while (sem_wait(&execution.ended) != 0) { /* a signal came */
    }
    sem_destroy(&execution.ended);
    return execution.ok;
}
