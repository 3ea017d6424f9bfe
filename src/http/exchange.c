/* http/exchange.c: the life of an exchange up to the answer; http/response.c answers. */
#include "http/exchange.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

#define SPARE_EXCHANGES 256
#define SPARE_ARENA_BYTES (64 * 1024) /* a larger arena is given back, not kept for the next request */
#define ARENA_BODY_BYTES (16 * 1024)  /* a body up to this lies in the arena */

Exchange *exchange_new(Conn *conn)
{
    HttpServer *server = conn->server;
    Exchange *exchange = server->spare_exchanges;
    if (exchange) {
        server->spare_exchanges = exchange->next;
        server->n_spare_exchanges--;
    } else if (!(exchange = calloc(1, sizeof *exchange))) {
        abort();
    }
    Arena arena = exchange->arena;
    memset(exchange, 0, offsetof(Exchange, headers));
    exchange->arena = arena;
    exchange->conn = conn;
    exchange->wired = true;
    exchange->response.fd = -1;
    exchange->request.arena = &exchange->arena;
    exchange->request.server = server;
    exchange->request.scheme = server->tls ? S("https") : S("http");
    exchange->request.peer = str_from_c(conn->peer);
    exchange->request.headers = exchange->headers;
    exchange->request.http_major = 1;
    exchange->request.received_us = clock_monotonic_us();
    exchange->next = conn->exchanges;
    if (conn->exchanges)
        conn->exchanges->previous = exchange;
    conn->exchanges = exchange;
    server->n_exchanges++;
    COUNT(server, open_requests);
    return exchange;
}

static void recycle(Exchange *exchange)
{
    HttpServer *server = exchange->request.server;
    if (exchange->response.fd >= 0)
        close(exchange->response.fd);
    if (exchange->response.piece)
        loop_piece_give(server, exchange->response.piece);
    loop_timer_clear(server, &exchange->timer);
    if (!exchange->body.arena)
        buf_done(&exchange->body);
    buf_done(&exchange->response.backlog);
    buf_done(&exchange->unread);
    COUNT_BY(server, buffered_bytes, -(int64_t)exchange->counted);
    if (exchange->arena.used > SPARE_ARENA_BYTES)
        arena_done(&exchange->arena);
    else
        arena_reset(&exchange->arena);
    server->n_exchanges--;
    if (server->n_spare_exchanges >= SPARE_EXCHANGES) {
        arena_done(&exchange->arena);
        free(exchange);
        return;
    }
    exchange->next = server->spare_exchanges;
    server->spare_exchanges = exchange;
    server->n_spare_exchanges++;
}

void exchange_check_over(Exchange *exchange)
{
    if (!exchange->held && !exchange->wired && !exchange->pins && !exchange->response.reading)
        recycle(exchange);
}

/* Calls into the handler stand between pin and unpin: whatever it does, the exchange is there afterwards. */
static void pin(Exchange *exchange)
{
    exchange->pins++;
}

static void unpin(Exchange *exchange)
{
    exchange->pins--;
    exchange_check_over(exchange);
}

static bool is_sane_id(Str id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && !(c && strchr("-_.~:+/=", c)))
            return false;
    }
    return id.len > 0 && id.len <= 128;
}

static void name_request(Exchange *exchange)
{
    HttpRequest *request = &exchange->request;
    if (request->id.len > 0)
        return;
    Str id = http_header(request, S("x-request-id"));
    request->id = is_sane_id(id) ? id : loop_request_id(request->server, &exchange->arena);
}

static bool is_unanswered(const Exchange *exchange)
{
    return exchange->wired && exchange->response.kind == RESPONSE_NONE;
}

static void ask_about_body(Exchange *exchange)
{
    HttpServer *server = exchange->request.server;
    if (!server->handler.on_headers)
        return;
    exchange->held = true;
    HttpBodyMode mode = server->handler.on_headers(server->handler.self, &exchange->request);
    if (!is_unanswered(exchange))
        return;
    exchange->body_streamed = mode == HTTP_BODY_STREAM;
    exchange->held = exchange->body_streamed;
    if (exchange->body_streamed && exchange->request.body_limit == server->limits.body_bytes)
        exchange->request.body_limit = server->limits.streamed_bytes;
}

bool exchange_open(Exchange *exchange)
{
    HttpRequest *request = &exchange->request;
    HttpServer *server = request->server;
    COUNT(server, requests);
    exchange->opened = true;
    exchange->handler_ms = server->limits.handler_ms;
    request->deadline_us = request->received_us + exchange->handler_ms * 1000;
    request->body_limit = server->limits.body_bytes;
    name_request(exchange);
    pin(exchange);
    ask_about_body(exchange);
    if (is_unanswered(exchange) && request->content_length > 0 &&
        (uint64_t)request->content_length > request->body_limit)
        exchange_refuse(exchange, REFUSE_BODY_TOO_LARGE);
    bool unanswered = is_unanswered(exchange);
    unpin(exchange);
    return unanswered;
}

static Refusal gather(Exchange *exchange, Str piece)
{
    HttpRequest *request = &exchange->request;
    HttpServer *server = request->server;
    bool small = request->content_length >= 0 && request->content_length <= ARENA_BODY_BYTES;
    if (small && !exchange->body.arena) {
        exchange->body = buf_in(&exchange->arena);
        buf_reserve(&exchange->body, (size_t)request->content_length);
    }
    if (!small) {
        uint64_t all =
            atomic_load_explicit(&server->counts[offsetof(HttpCounters, buffered_bytes) / 8], memory_order_relaxed);
        if (all + piece.len > server->limits.buffered_bytes)
            return REFUSE_BODIES_TOO_LARGE;
        exchange->counted += piece.len;
        COUNT_BY(server, buffered_bytes, piece.len);
    }
    buf_str(&exchange->body, piece);
    return REFUSE_NOT;
}

bool exchange_body(Exchange *exchange, Str piece)
{
    HttpRequest *request = &exchange->request;
    exchange->body_in += piece.len;
    pin(exchange);
    Refusal refusal = exchange->body_in > request->body_limit ? REFUSE_BODY_TOO_LARGE : REFUSE_NOT;
    if (refusal == REFUSE_NOT && !exchange->body_streamed)
        refusal = gather(exchange, piece);
    else if (refusal == REFUSE_NOT && request->on_body)
        request->on_body(request, piece);
    if (refusal != REFUSE_NOT)
        exchange_refuse(exchange, refusal);
    bool unanswered = is_unanswered(exchange);
    unpin(exchange);
    return unanswered;
}

/* The handler was too slow: the client learns that now, and the handler's answer will be dropped. */
static void handler_timed_out(HttpTimer *timer)
{
    Exchange *exchange = CONTAINER_OF(timer, Exchange, timer);
    COUNT(exchange->request.server, timeouts_handler);
    exchange_refuse(exchange, REFUSE_HANDLER_TIMEOUT);
}

static void watch_handler(Exchange *exchange)
{
    exchange->request.deadline_us = clock_monotonic_us() + exchange->handler_ms * 1000;
    loop_timer_set(exchange->request.server, &exchange->timer, exchange->handler_ms, handler_timed_out);
}

void exchange_body_over(Exchange *exchange)
{
    HttpServer *server = exchange->request.server;
    exchange->body_over = true;
    exchange->request.body = buf_view(&exchange->body);
    watch_handler(exchange);
    pin(exchange);
    exchange->held = true;
    server->handler.handle(server->handler.self, &exchange->request);
    unpin(exchange);
}

void http_extend(HttpRequest *request, int64_t ms)
{
    Exchange *exchange = exchange_of(request);
    exchange->handler_ms = ms;
    if (exchange->body_over && is_unanswered(exchange))
        watch_handler(exchange);
}

void http_body_pause(HttpRequest *request)
{
    Exchange *exchange = exchange_of(request);
    if (exchange->body_paused || exchange->body_over || !is_unanswered(exchange))
        return;
    exchange->body_paused = true;
    watch_handler(exchange);
    exchange->conn->protocol->body_flow(exchange);
}

void http_body_resume(HttpRequest *request)
{
    Exchange *exchange = exchange_of(request);
    if (!exchange->body_paused)
        return;
    exchange->body_paused = false;
    if (!is_unanswered(exchange))
        return;
    loop_timer_clear(request->server, &exchange->timer);
    exchange->conn->protocol->body_flow(exchange);
}

void exchange_gone(Exchange *exchange)
{
    atomic_store(&exchange->request.gone, true);
    if (exchange->told_gone || !exchange->held || !exchange->request.on_gone)
        return;
    exchange->told_gone = true;
    pin(exchange);
    exchange->request.on_gone(&exchange->request);
    unpin(exchange);
}

static void tell_done(Exchange *exchange, bool complete)
{
    HttpServer *server = exchange->request.server;
    const Response *response = &exchange->response;
    if (!complete)
        COUNT(server, aborted);
    if (!server->handler.on_done)
        return;
    name_request(exchange);
    HttpOutcome outcome = {
        .status = response->status,
        .body_in = exchange->body_in,
        .body_out = response->body_out,
        .duration_us = clock_monotonic_us() - exchange->request.received_us,
        .complete = complete,
        .by_server = response->by_server,
    };
    server->handler.on_done(server->handler.self, &exchange->request, &outcome);
}

void exchange_unwire(Exchange *exchange, bool complete)
{
    assert(exchange->wired);
    HttpServer *server = exchange->request.server;
    pin(exchange);
    exchange->wired = false;
    loop_timer_clear(server, &exchange->timer);
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        exchange->conn->exchanges = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    exchange->next = exchange->previous = NULL;
    exchange->conn = NULL;
    UNCOUNT(server, open_requests);
    if (exchange->response.kind == RESPONSE_STREAM)
        UNCOUNT(server, open_streams);
    tell_done(exchange, complete);
    unpin(exchange);
}

void exchange_lose(Exchange *exchange)
{
    pin(exchange);
    exchange_unwire(exchange, false);
    exchange_gone(exchange);
    unpin(exchange);
}

void exchange_drain(Exchange *exchange)
{
    const Response *response = &exchange->response;
    if (response->kind != RESPONSE_STREAM || response->ended || !exchange->held)
        return;
    pin(exchange);
    if (response->hooks.on_drain) {
        response->hooks.on_drain(&exchange->request);
    } else {
        exchange->response.ended = true;
        exchange->conn->protocol->stream_end(exchange);
        exchange_gone(exchange);
    }
    unpin(exchange);
}

void exchange_room(Exchange *exchange)
{
    Response *response = &exchange->response;
    if (response->kind != RESPONSE_STREAM || !response->wants_room || response->ended)
        return;
    response->wants_room = false;
    if (!response->hooks.on_room)
        return;
    pin(exchange);
    response->hooks.on_room(&exchange->request);
    unpin(exchange);
}
