/* store/lease.c: the processes that share a database: numbers, leases, and what they tell each other. */
#include "store/lease.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/internal.h"
#include "store/run.h"

/* What is told of one transaction; what is more is told as NEWS_MISSED. PostgreSQL takes 8,000 bytes. */
enum { NEWS_MOST = 7000, AGAIN_AFTER_US = 200 * 1000 };

static const char news_letters[NEWS_N] = {
    [NEWS_RUN_CHANGED] = 'c', [NEWS_RUN_INTERRUPTED] = 'i', [NEWS_RUNS_FREE] = 'f',    [NEWS_SCHEDULE_DUE] = 's',
    [NEWS_PURGE_DUE] = 'p',   [NEWS_DEADLINE_DUE] = 'l',    [NEWS_DELIVERY_DUE] = 'd', [NEWS_MISSED] = '*',
};

bool store_is_shared(const Store *store)
{
    return store->use.shared;
}

int64_t store_node(Store *store)
{
    return atomic_load(&store->node);
}

bool store_lease_holds(Store *store, int64_t node)
{
    return !store->use.shared ||
           (node == atomic_load(&store->node) && clock_monotonic_us() < atomic_load(&store->lease_until_us));
}

bool store_leads(Store *store)
{
    return !store->use.shared || (atomic_load(&store->leads) && store_lease_holds(store, store_node(store)));
}

/* ---- the lease ---- */

static int64_t lease_us(const Store *store)
{
    return (int64_t)store->use.lease_s * 1000000;
}

/* Counted from before the question was asked: what the database holds lasts at least as long. */
static void note_renewed(Store *store, int64_t node, int64_t asked_us)
{
    atomic_store(&store->lease_until_us, asked_us + lease_us(store));
    atomic_store(&store->node, node);
}

bool lease_take(Store *store, Error *err)
{
    int64_t asked_us = clock_monotonic_us(), node = 0;
    bool found = false;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, store->lease,
            "INSERT INTO node (lease_us, start_us) VALUES (database_now_us() + $1, database_now_us()) RETURNING "
            "key",
            err))
        return false;
    bind_i64(&query, lease_us(store));
    if (!query_one_i64(&query, &found, &node, err))
        return false;
    note_renewed(store, node, asked_us);
    return true;
}

static bool renew(Store *store, bool *out_lost, Error *err)
{
    int64_t asked_us = clock_monotonic_us(), node = store_node(store);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, store->lease, "UPDATE node SET lease_us = database_now_us() + $1 WHERE key = $2", err))
        return false;
    bind_i64(&query, lease_us(store));
    bind_i64(&query, node);
    if (!query_run(&query, err))
        return false;
    *out_lost = query_changes(&query) == 0;
    if (!*out_lost)
        note_renewed(store, node, asked_us);
    return true;
}

static bool renew_or_take(Store *store, Error *err)
{
    bool lost = false;
    if (!renew(store, &lost, err))
        return false;
    if (!lost)
        return true;
    LOG(LOG_WARN, "this process was not heard of for longer than its lease: others have taken up its runs",
        LOG_NUM("lease_seconds", store->use.lease_s));
    atomic_store(&store->leads, false);
    return lease_take(store, err);
}

static bool look_around(Store *store, int64_t now_us, LeaseBeat *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, store->lease,
                    "SELECT coalesce((SELECT min(key) FROM node WHERE lease_us >= database_now_us()), 0), "
                    "(SELECT count(*) FROM node WHERE lease_us < database_now_us()), "
                    "(SELECT count(*) FROM (SELECT 1 FROM run WHERE " RUN_IS_GOING
                    " AND node = 0 AND timer_parked = 0 LIMIT 1) "
                    "AS going) + (SELECT count(*) FROM (SELECT 1 FROM run WHERE " RUN_IS_GOING " AND node = 0 AND "
                    "timer_parked = 1 AND timer_us <= $1 LIMIT 1) AS due)",
                    err))
        return false;
    bind_i64(&query, now_us);
    LeaseBeat beat = {0};
    if (query_next(&query)) {
        beat.leads = next_i64(&query) == store_node(store);
        beat.buries = next_i64(&query) > 0 && beat.leads;
        beat.claims = next_i64(&query) > 0;
    }
    if (!query_end(&query, err))
        return false;
    atomic_store(&store->leads, beat.leads);
    *out = beat;
    return true;
}

/* ---- news ---- */

void tx_tell(Tx *tx, News news, int64_t key)
{
    Store *store = tx->store;
    if (!store->use.shared)
        return;
    if (store->news.len < NEWS_MOST)
        buf_printf(&store->news, " %c%lld", news_letters[news], (long long)key);
    else
        store->too_much_news = true;
}

bool lease_tell(Tx *tx, Error *err)
{
    Store *store = tx->store;
    if (store->news.len == 0)
        return true;
    char from[32];
    (void)snprintf(from, sizeof from, "%lld", (long long)store_node(store));
    Buf text = buf_in(&store->batch);
    buf_str(&text, str_from_c(from));
    buf_str(&text, store->too_much_news ? S(" *0") : buf_view(&store->news));
    buf_char(&text, '\0');
    return database_tell(store->writer, text.data, err);
}

void lease_forget_news(Store *store)
{
    store->news.len = 0;
    store->too_much_news = false;
}

static void heard(void *self, const char *text)
{
    Store *store = self;
    char *at = NULL;
    if (strtoll(text, &at, 10) == store_node(store))
        return;
    while (at[0] == ' ' && at[1]) {
        const char *letter = memchr(news_letters, at[1], NEWS_N);
        int64_t key = strtoll(at + 2, &at, 10);
        if (letter)
            store->listener.news(store->listener.self, (News)(letter - news_letters), key);
    }
}

/* ---- the thread ---- */

static bool beat(Store *store, Error *err)
{
    LeaseBeat now;
    if (!renew_or_take(store, err) || !look_around(store, store->listener.now_us(store->listener.self), &now, err))
        return false;
    store->listener.beat(store->listener.self, &now);
    return true;
}

static bool listen_until(Store *store, int64_t until_us, Error *err)
{
    bool missed = false;
    if (!database_hear(store->lease, store->lease_bell, until_us, heard, store, &missed, err))
        return false;
    if (missed)
        store->listener.news(store->listener.self, NEWS_MISSED, 0);
    return !missed || database_hear(store->lease, store->lease_bell, until_us, heard, store, &missed, err);
}

static void sleep_until(Store *store, int64_t until_us)
{
    struct pollfd bell = {.fd = store->lease_bell, .events = POLLIN};
    int64_t left_us = until_us - clock_monotonic_us();
    if (left_us > 0)
        (void)poll(&bell, 1, (int)(left_us / 1000 + 1));
}

static void *lease_main(void *argument)
{
    Store *store = argument;
    int64_t every_us = MIN_OF(lease_us(store) / 3, LEASE_BEAT_US);
    bool well = true;
    while (!atomic_load(&store->lease_stopping)) {
        Error err = {0};
        int64_t until_us = clock_monotonic_us() + every_us;
        /* First of all it makes a connection that was cut anew. */
        bool ok = listen_until(store, 0, &err) && beat(store, &err) && listen_until(store, until_us, &err);
        if (!ok && well)
            LOG(LOG_WARN, "the lease of this process could not be renewed; it is tried again",
                LOG_STR("reason", str_from_c(err.message)));
        well = ok;
        if (!ok)
            sleep_until(store, clock_monotonic_us() + AGAIN_AFTER_US);
    }
    return NULL;
}

bool store_lease_start(Store *store, const LeaseListener *listener, Error *err)
{
    if (!store->use.shared)
        return true;
    store->listener = *listener;
    store->lease_bell = eventfd(0, EFD_CLOEXEC);
    if (store->lease_bell < 0)
        return error_set_errno(err, "cannot make a bell for the lease");
    if (pthread_create(&store->lease_thread, NULL, lease_main, store) != 0) {
        close(store->lease_bell);
        return error_set(err, RESOURCE_EXHAUSTED, "", "the system gave no thread for the lease");
    }
    store->lease_started = true;
    return true;
}

/* Runs that name `node` are free. */
static bool free_runs(Database *database, int64_t node, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "UPDATE run SET node = 0 WHERE " RUN_IS_GOING " AND node = $1", err))
        return false;
    bind_i64(&query, node);
    return query_run(&query, err);
}

static bool forget_node(Database *database, int64_t node, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "DELETE FROM node WHERE key = $1", err))
        return false;
    bind_i64(&query, node);
    return query_run(&query, err);
}

typedef struct Farewell {
    Command command;
    int64_t node;
} Farewell;

static bool farewell_apply(Tx *tx, Command *command, Error *err)
{
    const Farewell *farewell = (Farewell *)command;
    tx_tell(tx, NEWS_RUNS_FREE, 0);
    return free_runs(tx->database, farewell->node, err) && forget_node(tx->database, farewell->node, err);
}

void store_lease_stop(Store *store)
{
    if (!store->lease_started)
        return;
    store->lease_started = false;
    atomic_store(&store->lease_stopping, true);
    uint64_t one = 1;
    if (write(store->lease_bell, &one, sizeof one) < 0)
        LOG(LOG_WARN, "the bell of the lease does not ring"); /* then the thread ends with its beat */
    pthread_join(store->lease_thread, NULL);
    close(store->lease_bell);
    Farewell farewell = {.command.apply = farewell_apply, .node = store_node(store)};
    Error err = {0};
    if (!store_execute(store, &farewell.command, &err))
        LOG(LOG_WARN, "the lease of this process could not be given up; its runs wait until it has run out",
            LOG_STR("reason", str_from_c(err.message)));
}

/* ---- inside apply ---- */

bool tx_node(Tx *tx, int64_t *out, Error *err)
{
    if (!tx->store->use.shared || tx->node_is_known) {
        *out = tx->node;
        return true;
    }
    int64_t node = store_node(tx->store);
    bool there = false;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT key FROM node WHERE key = $1", err))
        return false;
    bind_i64(&query, node);
    int64_t key;
    if (!query_one_i64(&query, &there, &key, err))
        return false;
    tx->node = there ? node : 0;
    tx->node_is_known = true;
    *out = tx->node;
    return true;
}

/* The numbers whose lease has run out. A renewal that comes at the same time either comes first, and the number is not
 * found, or finds it gone. */
static bool take_expired(Tx *tx, Arena *arena, int64_t **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM node WHERE lease_us < database_now_us() RETURNING key", err))
        return false;
    int64_t *keys = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        keys = rows_with_room(arena, keys, n, &cap, sizeof *keys, _Alignof(int64_t));
        keys[n++] = next_i64(&query);
    }
    *out = keys;
    *out_n = n;
    return query_end(&query, err);
}

bool store_node_bury(Tx *tx, int *out_n, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    int64_t *keys;
    int n;
    if (!take_expired(tx, &arena, &keys, &n, err))
        return false;
    for (int i = 0; i < n; i++)
        if (!free_runs(tx->database, keys[i], err))
            return false;
    if (n > 0)
        tx_tell(tx, NEWS_RUNS_FREE, 0);
    *out_n = n;
    return true;
}

/* ---- at the start, of a process that is alone ---- */

static bool forget_all(Tx *tx, Error *err)
{
    static const char *const sql[] = {"UPDATE run SET node = 0 WHERE " RUN_IS_GOING " AND node > 0",
                                      "DELETE FROM node"};
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        AUTO(query_done)
        Query query = {0};
        if (!query_open(&query, tx->database, sql[i], err) || !query_run(&query, err))
            return false;
    }
    return true;
}

bool lease_forget_all(Store *store, Error *err)
{
    bool any = false;
    int64_t node;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, store->writer, "SELECT key FROM node LIMIT 1", err) ||
        !query_one_i64(&query, &any, &node, err))
        return false;
    Tx tx = {.store = store, .database = store->writer};
    if (!any)
        return true;
    if (!database_begin_write(store->writer, err))
        return false;
    if (forget_all(&tx, err) && database_commit(store->writer, err))
        return true;
    database_rollback(store->writer);
    return false;
}
