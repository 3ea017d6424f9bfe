/* store/store.c: opening and closing, readers, and what operators ask. */
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"

bool query_one_i64(Query *query, bool *out_found, int64_t *out, Error *err)
{
    bool found = query_next(query);
    int64_t value = found ? next_i64(query) : 0;
    if (!query_end(query, err))
        return false;
    *out_found = found;
    if (found)
        *out = value;
    return true;
}

bool tx_run_with_key(Tx *tx, const char *sql, int64_t key, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, sql, err))
        return false;
    bind_i64(&query, key);
    return query_run(&query, err);
}

void *rows_with_room(Arena *arena, void *rows, int n, int *cap, size_t size, size_t align)
{
    if (n < *cap)
        return rows;
    int grown = *cap ? 2 * *cap : 16;
    rows = arena_grow(arena, rows, (size_t)*cap * size, (size_t)grown * size, align);
    *cap = grown;
    return rows;
}

/* ---- opening ---- */

static char *join(const char *directory, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", directory, name) < 0) {
        perror("clerkwork: store");
        abort();
    }
    return path;
}

static bool find_directory(Store *store, Str location, Str database, Error *err)
{
    if (database_place_is_simulated(database)) {
        store->path = strndup(database.data, database.len);
        return true;
    }
    if (str_starts(location, S("sqlite:")))
        location = str_skip(location, S("sqlite:").len);
    if (location.len == 0 || memchr(location.data, '\0', location.len))
        return error_set(err, INVALID_ARGUMENT, "store", "the store's place must be a folder, as in sqlite:./data");
    if (database.len > 0 && (!database_place_is_postgres(database) || memchr(database.data, '\0', database.len)))
        return error_set(err, INVALID_ARGUMENT, "database",
                         "the database must be given as postgresql://USER@HOST:PORT/DATABASE; leave it out for SQLite");
    store->directory = strndup(location.data, location.len);
    store->path = database.len > 0 ? strndup(database.data, database.len) : join(store->directory, "clerkwork.db");
    if (mkdir(store->directory, 0700) == 0 || errno == EEXIST)
        return true;
    char what[512];
    snprintf(what, sizeof what, "cannot make the store's folder %s", store->directory);
    return error_set_errno(err, what);
}

bool store_lock_folder(const char *folder, bool shared, int *out_fd, Error *err)
{
    char *path = join(folder, "clerkwork.lock");
    *out_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool opened = *out_fd >= 0;
    bool locked = opened && flock(*out_fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0;
    char what[512];
    snprintf(what, sizeof what, "cannot lock %s", path);
    free(path);
    if (locked)
        return true;
    if (opened && errno == EWOULDBLOCK)
        return error_set(err, FAILED_PRECONDITION, "store",
                         "another clerkwork has the database in %s open; stop it first, or choose another folder",
                         folder);
    return error_set_errno(err, what);
}

static bool take_lock(Store *store, Error *err)
{
    if (!store->directory) /* a simulated disk is whoever's made it */
        return true;
    return store_lock_folder(store->directory, store->use.shared, &store->lock_fd, err);
}

static bool secret_apply(Tx *tx, Command *command, Error *err)
{
    (void)command;
    AUTO(query_done)
    Query query = {0};
    const char *sql = "INSERT INTO setting (name, value) VALUES ('secret', $1) ON CONFLICT (name) DO NOTHING";
    if (!query_open(&query, tx->database, sql, err))
        return false;
    char fresh[32];
    random_bytes(fresh, sizeof fresh);
    bind_bytes(&query, str_of(fresh, sizeof fresh));
    return query_run(&query, err);
}

static bool read_secret(Store *store, bool *out_found, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    Arena arena = {0};
    Str secret = {0};
    if (!query_open(&query, store->writer, "SELECT value FROM setting WHERE name = 'secret'", err))
        return false;
    *out_found = query_next(&query);
    if (*out_found)
        secret = next_text(&query, &arena);
    bool ok = query_end(&query, err);
    if (ok && *out_found && secret.len != sizeof store->secret)
        ok = error_set(err, DATA_LOSS, "", "the database's secret is damaged; restore a backup");
    if (ok && *out_found)
        memcpy(store->secret, secret.data, sizeof store->secret);
    arena_done(&arena);
    return ok;
}

/* Runs before the writer's thread does, so it may use the writer's connection. */
static bool load_secret(Store *store, Error *err)
{
    bool found = false;
    if (!read_secret(store, &found, err))
        return false;
    if (found)
        return true;
    Tx tx = {.store = store, .database = store->writer};
    if (!database_begin_write(store->writer, err))
        return false;
    if (!secret_apply(&tx, NULL, err) || !database_commit(store->writer, err)) {
        database_rollback(store->writer);
        return false;
    }
    return read_secret(store, &found, err);
}

enum { LEASE_DEFAULT_S = 10 };

static bool open_lease(Store *store, Error *err)
{
    return !store->use.shared ||
           (database_share(store->writer, err) && database_open(store->path, DATABASE_LEASE, &store->lease, err) &&
            lease_take(store, err));
}

static bool open_all(Store *store, const StoreOptions *options, Error *err)
{
    bool alone = false;
    store->use = (DatabaseUse){options->synchronous_normal, options->shared,
                               options->lease_s ? options->lease_s : LEASE_DEFAULT_S};
    store->organization_file_bytes = options->organization_file_bytes;
    store->stepped = options->stepped;
    store->now_us = options->now_us;
    store->clock = options->clock;
    return find_directory(store, options->location, options->database, err) && take_lock(store, err) &&
           database_open(store->path, DATABASE_WRITER, &store->writer, err) &&
           migrate(store->writer, &store->use, &store->schema_version, &alone, err) && load_secret(store, err) &&
           (store->stepped || database_open(store->path, DATABASE_CHECKPOINTER, &store->checkpointer, err)) &&
           blob_prepare(store, err) && (!alone || (blob_sweep(store, err) && lease_forget_all(store, err))) &&
           open_lease(store, err) && writer_start(store, err);
}

bool store_open(const StoreOptions *options, Store **out, Error *err)
{
    Store *store = calloc(1, sizeof *store);
    if (!store)
        return error_set(err, RESOURCE_EXHAUSTED, "", "no memory for the store");
    store->lock_fd = store->files_fd = -1;
    store->writable = true;
    atomic_store(&store->tenancy_generation, 1);
    store->inbox = inbox_new();
    store->checkpoint_bell = inbox_new();
    pthread_mutex_init(&store->health_lock, NULL);
    pthread_mutex_init(&store->files_lock, NULL);
    pthread_mutex_init(&store->intact_lock, NULL);
    pthread_mutex_init(&store->checkpoint_lock, NULL);
    if (!open_all(store, options, err)) {
        store_close(store);
        return false;
    }
    *out = store;
    return true;
}

void store_close(Store *store)
{
    if (!store)
        return;
    store_lease_stop(store);
    writer_stop(store);
    database_close(store->lease);
    database_close(store->checkpointer);
    database_close(store->writer);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    if (store->files_fd >= 0)
        close(store->files_fd);
    inbox_free(store->inbox);
    inbox_free(store->checkpoint_bell);
    arena_done(&store->batch);
    buf_done(&store->news);
    pthread_mutex_destroy(&store->health_lock);
    pthread_mutex_destroy(&store->files_lock);
    pthread_mutex_destroy(&store->intact_lock);
    pthread_mutex_destroy(&store->checkpoint_lock);
    free(store->directory);
    free(store->path);
    free(store);
}

/* ---- reading ---- */

bool store_reader_open(Store *store, StoreReader **out, Error *err)
{
    StoreReader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return error_set(err, RESOURCE_EXHAUSTED, "", "no memory for a reader");
    if (!database_open(store->path, DATABASE_READER, &reader->database, err)) {
        free(reader);
        return false;
    }
    reader->store = store;
    *out = reader;
    return true;
}

void store_reader_close(StoreReader *reader)
{
    if (!reader)
        return;
    assert(!reader->reading);
    if (reader->memory.free)
        reader->memory.free(reader->memory.data);
    database_close(reader->database);
    free(reader);
}

void store_reader_hurry(StoreReader *reader)
{
    database_hurry(reader->database);
}

bool tx_begin_read(StoreReader *reader, Tx **out, Error *err)
{
    assert(!reader->reading);
    /* Before the view is taken: it may be newer than the count, never older. */
    uint64_t generation = atomic_load(&reader->store->tenancy_generation);
    if (!database_begin_read(reader->database, err))
        return false;
    reader->tx = (Tx){.store = reader->store, .database = reader->database, .tenancy_generation = generation};
    reader->reading = true;
    *out = &reader->tx;
    return true;
}

void tx_end(Tx *tx)
{
    if (!tx)
        return;
    StoreReader *reader = (StoreReader *)((char *)tx - offsetof(StoreReader, tx));
    Error err;
    if (!database_commit(reader->database, &err))
        database_rollback(reader->database);
    reader->reading = false;
}

void store_reader_deadline(StoreReader *reader, int64_t monotonic_us)
{
    database_deadline(reader->database, monotonic_us);
}

/* In the transaction's own view, so that it is as old as what is read in it. */
static bool ask_generation(Tx *tx, uint64_t *out)
{
    AUTO(query_done)
    Query query = {0};
    Error err = {0};
    bool found = false;
    int64_t generation = 0;
    if (!query_open(&query, tx->database, "SELECT coalesce(max(generation), 0) FROM tenancy", &err) ||
        !query_one_i64(&query, &found, &generation, &err))
        return false;
    *out = (uint64_t)generation + 1; /* 0 is nobody's */
    return true;
}

uint64_t tx_tenancy_generation(Tx *tx)
{
    bool is_reader = tx->database != tx->store->writer;
    if (tx->store->use.shared && is_reader && !tx->tenancy_is_known) {
        if (!ask_generation(tx, &tx->tenancy_generation))
            tx->tenancy_generation = UINT64_MAX - atomic_fetch_add(&tx->store->tenancy_unknown, 1);
        tx->tenancy_is_known = true;
    }
    return tx->tenancy_generation;
}

TxMemory *tx_memory(Tx *tx)
{
    if (tx->database == tx->store->writer)
        return NULL;
    return &((StoreReader *)((char *)tx - offsetof(StoreReader, tx)))->memory;
}

Store *tx_store(const Tx *tx)
{
    return tx->store;
}

int64_t tx_now_us(const Tx *tx)
{
    return tx->now_us;
}

/* ---- operators ---- */

void store_health(Store *store, StoreHealth *out)
{
    *out = (StoreHealth){.synchronous = store->use.synchronous_normal ? "normal" : "full",
                         .schema_version = store->schema_version,
                         .node = store_node(store),
                         .leads = store_leads(store)};
    pthread_mutex_lock(&store->health_lock);
    out->writable = store->writable;
    memcpy(out->problem, store->problem, sizeof out->problem);
    pthread_mutex_unlock(&store->health_lock);
}

void store_counters(Store *store, StoreCounters *out)
{
    *out = (StoreCounters){
        .commits = atomic_load_explicit(&store->commits, memory_order_relaxed),
        .commands = atomic_load_explicit(&store->commands, memory_order_relaxed),
        .refused = atomic_load_explicit(&store->refused, memory_order_relaxed),
        .commit_micros = atomic_load_explicit(&store->commit_micros, memory_order_relaxed),
    };
}

bool store_secret(Tx *tx, unsigned char out[32], Error *err)
{
    (void)err; /* read when the store was opened */
    memcpy(out, tx->store->secret, sizeof tx->store->secret);
    return true;
}

void store_fail_after(Store *store, int calls)
{
    database_fail_after(store->writer, calls);
}
