#include "api/pool.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct PoolThread {
    Pool *pool;
    StoreReader *reader; /* this thread's alone */
    pthread_t thread;
} PoolThread;

struct Pool {
    /* Constant once started. */
    void (*run)(ApiRequest *request, StoreReader *reader);
    PoolThread *threads;
    int most_threads, limit;
    bool has_readers;
    /* Under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ApiRequest *first, **last;
    int n_waiting, n_threads, n_idle;
    bool stopping;
};

static ApiRequest *take_locked(Pool *pool)
{
    while (!pool->first && !pool->stopping) {
        pool->n_idle++;
        pthread_cond_wait(&pool->changed, &pool->lock);
        pool->n_idle--;
    }
    ApiRequest *request = pool->first;
    if (!request)
        return NULL;
    pool->first = request->next;
    if (!pool->first)
        pool->last = &pool->first;
    pool->n_waiting--;
    request->next = NULL;
    return request;
}

static void *pool_thread(void *argument)
{
    PoolThread *self = argument;
    for (;;) {
        pthread_mutex_lock(&self->pool->lock);
        ApiRequest *request = take_locked(self->pool);
        pthread_mutex_unlock(&self->pool->lock);
        if (!request)
            return NULL;
        self->pool->run(request, self->reader);
    }
}

static bool begin_thread_locked(Pool *pool)
{
    PoolThread *member = &pool->threads[pool->n_threads];
    member->pool = pool;
    if (pthread_create(&member->thread, NULL, pool_thread, member) != 0)
        return false;
    pool->n_threads++;
    return true;
}

static bool begin_reading_threads(Pool *pool, Store *store, Error *err)
{
    for (int i = 0; i < pool->most_threads; i++) {
        if (!store_reader_open(store, &pool->threads[i].reader, err))
            return false;
        pthread_mutex_lock(&pool->lock);
        bool begun = begin_thread_locked(pool);
        pthread_mutex_unlock(&pool->lock);
        if (!begun)
            return error_set(err, UNAVAILABLE, "", "the system gives no more threads; %d of %d reader threads started",
                             i, pool->most_threads);
    }
    return true;
}

bool pool_start(Store *store, int threads, int limit, void (*run)(ApiRequest *request, StoreReader *reader), Pool **out,
                Error *err)
{
    Pool *pool = calloc(1, sizeof *pool);
    PoolThread *members = calloc((size_t)threads, sizeof *members);
    if (!pool || !members)
        abort();
    *pool =
        (Pool){.run = run, .threads = members, .most_threads = threads, .limit = limit, .has_readers = store != NULL};
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    if (store && !begin_reading_threads(pool, store, err)) {
        pool_stop(pool);
        return false;
    }
    *out = pool;
    return true;
}

/* Where it cannot begin, those that are there do the work later. */
static bool has_hands_locked(Pool *pool)
{
    if (!pool->has_readers && pool->n_waiting >= pool->n_idle && pool->n_threads < pool->most_threads)
        (void)begin_thread_locked(pool);
    return pool->n_threads > 0;
}

bool pool_send(Pool *pool, ApiRequest *request)
{
    pthread_mutex_lock(&pool->lock);
    bool room = pool->n_waiting < pool->limit && has_hands_locked(pool);
    if (room) {
        request->next = NULL;
        *pool->last = request;
        pool->last = &request->next;
        pool->n_waiting++;
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    return room;
}

int pool_waiting(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    int n = pool->n_waiting;
    pthread_mutex_unlock(&pool->lock);
    return n;
}

void pool_stop(Pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i].thread, NULL);
    for (int i = 0; i < pool->most_threads; i++)
        store_reader_close(pool->threads[i].reader);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}
