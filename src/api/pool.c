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
    int n_threads, limit;
    /* Under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ApiRequest *first, **last;
    int n_waiting;
    bool stopping;
};

static ApiRequest *take_locked(Pool *pool)
{
    while (!pool->first && !pool->stopping)
        pthread_cond_wait(&pool->changed, &pool->lock);
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

bool pool_start(Store *store, int threads, int limit, void (*run)(ApiRequest *request, StoreReader *reader), Pool **out,
                Error *err)
{
    Pool *pool = calloc(1, sizeof *pool);
    PoolThread *members = calloc((size_t)threads, sizeof *members);
    if (!pool || !members)
        abort();
    *pool = (Pool){.run = run, .threads = members, .limit = limit};
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    for (; pool->n_threads < threads; pool->n_threads++) {
        PoolThread *member = &members[pool->n_threads];
        member->pool = pool;
        if (!store_reader_open(store, &member->reader, err))
            break;
        if (pthread_create(&member->thread, NULL, pool_thread, member) != 0) {
            store_reader_close(member->reader);
            (void)error_set(err, UNAVAILABLE, "", "the system gives no more threads; %d of %d reader threads started",
                            pool->n_threads, threads);
            break;
        }
    }
    if (pool->n_threads < threads) {
        pool_stop(pool);
        return false;
    }
    *out = pool;
    return true;
}

bool pool_send(Pool *pool, ApiRequest *request)
{
    pthread_mutex_lock(&pool->lock);
    bool room = pool->n_waiting < pool->limit;
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
    for (int i = 0; i < pool->n_threads; i++) {
        pthread_join(pool->threads[i].thread, NULL);
        store_reader_close(pool->threads[i].reader);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}
