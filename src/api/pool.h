/* api/pool.h: threads that take requests from one queue, each with a reader of the store of its own; or without, where
 * they only wait for others. */
#ifndef CLERKWORK_API_POOL_H
#define CLERKWORK_API_POOL_H

#include "api/request.h"

typedef struct Pool Pool;

/* `run` is called on a pool thread with that thread's reader. Never more than `limit` requests wait. Without a store
 * threads have no reader, and each begins when those before it are busy. */
MUST_USE bool pool_start(Store *store, int threads, int limit, void (*run)(ApiRequest *request, StoreReader *reader),
                         Pool **out, Error *err);
/* From any thread. False when too many wait already: the request stays the caller's. */
MUST_USE bool pool_send(Pool *pool, ApiRequest *request);
int pool_waiting(Pool *pool);
/* Runs what waits, then ends the threads. NULL is accepted. */
void pool_stop(Pool *pool);

#endif
