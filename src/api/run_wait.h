/* api/run_wait.h: calls that are answered when a run is at rest, or when they have waited long enough. */
#ifndef CLERKWORK_API_RUN_WAIT_H
#define CLERKWORK_API_RUN_WAIT_H

#include "api/request.h"
#include "store/run.h"

typedef struct WaitedRun {
    void *self;
    int64_t key; /* the run's */
    /* On the loop, with a view of its reader, perhaps more than once. */
    bool (*find)(void *self, ApiRequest *request, RunRow *out, Error *err);
    /* The answer, when it is over: the run as it is then. */
    bool (*write)(void *self, ApiRequest *request, const RunRow *run, Error *err);
} WaitedRun;

/* On the loop: takes the call over, answers it, and uses request->state meanwhile. */
void run_wait_begin(ApiRequest *request, const WaitedRun *waited, int64_t timeout_ms);

#endif
