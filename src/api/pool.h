/* api/pool.h: the reader threads: each with its own view of the store, all taking from one queue. */
#ifndef CLERKWORK_API_POOL_H
#define CLERKWORK_API_POOL_H

#include "api/request.h"

typedef struct Pool Pool;

/* `run` is called on a pool thread with that thread's reader. Never more than `limit` requests wait. */
MUST_USE bool pool_start(Store *store, int threads, int limit, void (*run)(ApiRequest *request, StoreReader *reader),
                         Pool **out, Error *err);
/* From any thread. False when too many wait already: the request stays the caller's. */
MUST_USE bool pool_send(Pool *pool, ApiRequest *request);
int pool_waiting(Pool *pool);
/* Runs what waits, then ends the threads. NULL is accepted. */
void pool_stop(Pool *pool);

#endif
