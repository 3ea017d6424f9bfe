/* api/run_wait.c: answers when a run ends or parks, or at the timeout with its present state: R:wait, and others. */
#include "api/run_wait.h"

#include "api/follow.h"
#include "api/handlers.h"
#include "api/run.h"
#include "engine/run.h"
#include "http/response.h"

/* Longer waits are cut: proxies between us and the client give up at about this. */
#define WAIT_MAX_US ((int64_t)10 * 60 * 1000000)
/* What the answer itself may take beyond the wait. */
#define ANSWER_MS 30000

typedef struct Wait {
    Follow follow;
    ApiRequest *request;
    WaitedRun waited;
    bool gone;
    Error err;
    bool failed;
} Wait;

/* Reads the run anew. True when the wait is over: the answer is written, or `wait->failed` says why not. */
static bool look(Wait *wait, bool whatever)
{
    ApiRequest *request = wait->request;
    StoreReader *reader = api_loop_reader(request->api);
    RunRow run;
    store_reader_deadline(reader, 0);
    wait->failed = !tx_begin_read(reader, &request->tx, &wait->err);
    if (wait->failed)
        return true;
    wait->failed = !wait->waited.find(wait->waited.self, request, &run, &wait->err);
    bool over = wait->failed || whatever || run_is_at_rest(run.state);
    if (over && !wait->failed)
        wait->failed = !wait->waited.write(wait->waited.self, request, &run, &wait->err);
    tx_end(request->tx);
    request->tx = NULL;
    return over;
}

static void on_news(Follow *follow)
{
    Wait *wait = (Wait *)follow;
    if (look(wait, false))
        follow_end(follow);
}

static void on_tick(Follow *follow)
{
    Wait *wait = (Wait *)follow;
    (void)look(wait, true);
    follow_end(follow);
}

static void on_ended(Follow *follow)
{
    Wait *wait = (Wait *)follow;
    if (wait->gone)
        http_let_go(wait->request->http);
    else if (wait->failed)
        api_refuse(wait->request, &wait->err);
    else
        api_answer(wait->request);
}

static void on_gone(HttpRequest *http)
{
    ApiRequest *request = http->context;
    Wait *wait = request->state;
    wait->gone = true;
    follow_end(&wait->follow);
}

/* What changes between the caller's look and the watch is seen by the first news, which come by themselves. */
void run_wait_begin(ApiRequest *request, const WaitedRun *waited, int64_t timeout_ms)
{
    Wait *wait = NEW(request->arena, Wait);
    *wait =
        (Wait){.request = request, .waited = *waited, .follow = {.news = on_news, .tick = on_tick, .ended = on_ended}};
    request->state = wait;
    request->http->on_gone = on_gone;
    http_extend(request->http, timeout_ms + ANSWER_MS);
    follow_begin(&wait->follow, api_engine(request->api), request->http->server, waited->key, true);
    follow_timer(&wait->follow, timeout_ms);
}

static bool find_run(void *self, ApiRequest *request, RunRow *out, Error *err)
{
    (void)self;
    return run_of_path(request, out, err);
}

static bool write_run(void *self, ApiRequest *request, const RunRow *run, Error *err)
{
    (void)self;
    return run_whole_to_json(request, run, (Str){0}, err);
}

static bool wait_run(ApiRequest *request, Error *err)
{
    RunRow run;
    if (!run_of_path(request, &run, err))
        return false;
    int64_t timeout_ms = MIN_OF(request->query[QUERY_TIMEOUT].number, WAIT_MAX_US) / 1000;
    if (run_is_at_rest(run.state) || timeout_ms == 0) {
        if (!run_whole_to_json(request, &run, (Str){0}, err))
            return false;
        api_answer(request);
        return true;
    }
    const WaitedRun waited = {.key = run.key, .find = find_run, .write = write_run};
    run_wait_begin(request, &waited, timeout_ms);
    return true;
}

const Handler run_wait_handlers[] = {
    {OP_WAIT_RUN, BY_ITSELF, wait_run},
    HANDLERS_END,
};
