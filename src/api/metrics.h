/* api/metrics.h: what the server has done, in the Prometheus text format. Belongs to the loop's thread. */
#ifndef CLERKWORK_API_METRICS_H
#define CLERKWORK_API_METRICS_H

#include "api/contract.h"
#include "base/buf.h"
#include "engine/engine.h"
#include "http/server.h"

#define METRICS_N_BUCKETS 10

typedef struct OperationMetrics {
    uint64_t answers[6]; /* by class of status; [0]: the client left before */
    uint64_t duration_us;
    uint64_t buckets[METRICS_N_BUCKETS + 1]; /* the last: slower than all bounds */
} OperationMetrics;

typedef struct Metrics {
    OperationMetrics operations[OP_COUNT];
    OperationMetrics unknown; /* no operation was found */
} Metrics;

/* `operation` may be NULL. */
void metrics_count(Metrics *metrics, const ContractOperation *operation, const HttpOutcome *outcome);

typedef struct MetricsSources {
    const HttpCounters *http;
    const StoreCounters *store;
    const StoreHealth *health;
    const EngineCounters *engine;
    const int64_t *runs; /* by RunState */
    int waiting;         /* requests in the readers' queue */
    int64_t uptime_s;
    Str version;
} MetricsSources;
void metrics_print(Buf *out, const Metrics *metrics, const MetricsSources *sources);

#endif
