/* api/request.h: a call of an operation, from its route to its answer.
 *
 * The framework (api/server.c) has routed, authenticated, authorised and checked the call before a handler sees it:
 * path segments are decoded, parameters typed and defaulted, the body holds only what the contract knows in the
 * contract's own spelling. A handler writes its answer's JSON to `json` and returns true, or says with `err` why not.
 * All memory is the request's arena.
 *
 * Threads: whoever runs the handler owns the request meanwhile: the loop, a reader thread or the writer. */
#ifndef CLERKWORK_API_REQUEST_H
#define CLERKWORK_API_REQUEST_H

#include "api/contract.h"
#include "api/violation.h"
#include "auth/principal.h"
#include "base/json.h"
#include "engine/engine.h"
#include "http/request.h"
#include "store/store.h"

/* How deep answers and what the store keeps of them may nest: values are bounded by value/wire.h. */
#define API_ANSWER_DEPTH 1000

typedef struct Api Api;
typedef struct ApiRequest ApiRequest;
typedef struct Handler Handler;

/* A query parameter that was given, or that has a default. */
typedef struct ApiParameter {
    bool present;   /* given by the caller */
    Str text;       /* decoded; of an enum its full name */
    int64_t number; /* integers; booleans as 0 and 1; durations in microseconds; times since 1970 in microseconds; of an
                       enum its number */
    Str *texts;     /* n of them, in order: all that were given, of one that may repeat; `text` is the last */
    uint32_t n;
} ApiParameter;

struct ApiRequest {
    Api *api;
    HttpRequest *http;
    Arena *arena;
    const ContractOperation *operation; /* as asked for; handlers are found by operation->canonical */
    const Handler *handler;
    Str path[PATH_COUNT];
    ApiParameter query[QUERY_COUNT];
    const Json *body; /* checked and in snake_case; NULL when the operation takes none */
    Violations wrong;

    const Principal *principal; /* NULL where the operation is open to all */
    Scope scope;                /* organization and workspace of the path; zeros where it has none */
    Tx *tx;                     /* a view to read from, or the writer's transaction */
    StoreReader *reader;        /* of the thread that runs the handler; NULL on the writer's */

    int status; /* 200 unless the handler says otherwise */
    Buf out;
    JsonOut json;           /* writes to `out` */
    HttpHeader headers[10]; /* beside those that the HTTP server adds */
    size_t n_headers;
    size_t n_kept_headers; /* the first of them, which stay when an answer is begun anew */
    int64_t retry_after_s;
    bool admitted;
    bool validated; /* validate_only: the answer holds though nothing was kept, and nobody may be told */
    void *state;    /* what `prepare` leaves for `work` */

    Command command; /* the writer's */
    Error failure;
    bool failed;
    void (*job)(struct ApiRequest *request);
    void (*job_back)(struct ApiRequest *request);
    struct ApiRequest *next; /* the pool's */
};

typedef bool (*HandlerFunction)(ApiRequest *request, Error *err);

typedef enum HandlerPlace {
    ON_LOOP,   /* a point read of microseconds: `work` has a view of the loop's own reader */
    ON_READER, /* `work` has a view of a reader thread and may take its time */
    ON_WRITER, /* `prepare` (may be NULL) as ON_READER; then `work` within the writer's transaction, perhaps more than
                  once */
    ON_POOL,   /* `prepare` (may be NULL) as ON_READER; then `work` without a view: it may block on the store or the
                  engine */
    ON_EVALUATOR, /* as ON_POOL, for work that computes for long */
    BY_ITSELF, /* `work` on the loop with a view of the loop's reader; it answers by itself, then or later (api_answer)
                */
} HandlerPlace;

struct Handler {
    OperationId operation;
    HandlerPlace place;
    HandlerFunction work;
    HandlerFunction prepare;
    /* For bodies that may be streamed: on the loop, at header time, authenticated and authorised. When it sets
     * request->http->on_body the body comes piece by piece, else it is gathered. False refuses the body unread. */
    HandlerFunction begin;
    /* On the loop, once the work is done, instead of api_answer: for answers that are not JSON in memory (files,
     * streams), or that need what is the loop's. It answers by itself. */
    void (*finish)(ApiRequest *request);
    bool queries_are_long;   /* of ON_LOOP: with a query it may be more than a point read, and is done ON_READER */
    int precondition_status; /* HTTP's, where clients expect another one than 400 for FAILED_PRECONDITION; 0: 400 */
};
#define HANDLERS_END                                                                                                   \
    {                                                                                                                  \
        .operation = OP_COUNT                                                                                          \
    }

/* Ends a call that a handler took over (BY_ITSELF), or that fails: on the loop's thread, once; the request is gone
 * afterwards. */
void api_answer(ApiRequest *request);
void api_refuse(ApiRequest *request, const Error *err);
void api_refuse_as(ApiRequest *request, const Error *err, int status); /* where the code has a better HTTP status */

/* For calls that a handler took over: `job` runs on a thread that may block, with request->reader; then `back` on the
 * loop. When too many wait, `back` is called at once with request->failed and the reason. One job at a time. */
void api_run_job(ApiRequest *request, void (*job)(ApiRequest *request), void (*back)(ApiRequest *request));
/* The same for a job that waits for another server: without request->reader. */
void api_call_out(ApiRequest *request, void (*job)(ApiRequest *request), void (*back)(ApiRequest *request));

void api_header(ApiRequest *request, Str name, Str value); /* both must outlive the request or live in its arena */
bool api_may(const ApiRequest *request,
             Str permission); /* whether the caller also has this permission in the path's workspace */
/* Whether nothing of this call is kept (validate_only). Its answer shows no secret, which would hold nowhere. */
bool api_only_validates(const ApiRequest *request);

/* ---- what handlers need of the server ---- */
Store *api_store(const Api *api);
Engine *api_engine(const Api *api);
struct Scribe *api_scribe(const Api *api);         /* NULL without a model */
const struct Postman *api_postman(const Api *api); /* NULL without a mail server */
/* "https://host", what a link to this server begins with. */
Str api_own_url(const ApiRequest *request);
StoreReader *api_loop_reader(const Api *api); /* the loop's thread alone */
const struct PageKey *api_page_key(const Api *api);

#endif
