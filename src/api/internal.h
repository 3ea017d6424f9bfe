/* api/internal.h: what the server is made of; for this folder's own files. */
#ifndef CLERKWORK_API_INTERNAL_H
#define CLERKWORK_API_INTERNAL_H

#include "aip/page.h"
#include "api/api.h"
#include "api/folder_watch.h"
#include "api/metrics.h"
#include "api/pool.h"
#include "api/rate.h"
#include "api/request.h"

struct Api {
    /* Constant once open. */
    ApiOptions options;
    const Handler *handlers[OP_COUNT];
    PageKey page_key;
    int64_t started_us;     /* monotonic */
    Pool *readers;          /* reads, and what changes have to prepare */
    Pool *blockers;         /* work that waits for the writer or the engine */
    Pool *evaluators;       /* what computes for long: what waits must not wait for it */
    Pool *callers;          /* what waits for other servers */
    FolderWatch *folders;   /* NULL without a root */
    RateLimiter *rate;      /* of tokens */
    RateLimiter *strangers; /* of addresses that show no valid token */
    /* The loop's thread alone. */
    StoreReader *loop_reader;
    Metrics metrics;
    /* Any thread. */
    _Atomic bool draining;
};

/* Ends the process when `body` is not what the schema says; only where responses are checked. For streams, whose pieces
 * do not pass through api_answer. */
void api_check_answer(Api *api, const ContractOperation *operation, SchemaId schema, Str body);

#endif
