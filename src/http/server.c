/* http/server.c: the loop: listening, letters, timers, draining. */
#include "http/server.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "http/conn.h"
#include "http/exchange.h"
#include "http/tls.h"

#define BACKLOG 4096
#define SPARE_PIECES 16

static const HttpLimits default_limits = {
    .connections = 16384,
    .head_bytes = 16 * 1024,
    .headers = 64,
    .target_bytes = 8 * 1024,
    .body_bytes = 8ull << 20,
    .streamed_bytes = 64ull << 30,
    .buffered_bytes = 256ull << 20,
    .stream_backlog = 4u << 20,
    .requests_per_connection = 1000 * 1000,
    .h2_streams = 128,
    .h2_resets = 200,
    .head_ms = 10 * 1000,
    .body_idle_ms = 30 * 1000,
    .handler_ms = 120 * 1000,
    .idle_ms = 75 * 1000,
    .write_stall_ms = 30 * 1000,
};

#define TAKE_DEFAULT(limits, field) ((limits)->field = (limits)->field ? (limits)->field : default_limits.field)

static HttpLimits with_defaults(HttpLimits limits)
{
    TAKE_DEFAULT(&limits, connections);
    TAKE_DEFAULT(&limits, head_bytes);
    TAKE_DEFAULT(&limits, headers);
    TAKE_DEFAULT(&limits, target_bytes);
    TAKE_DEFAULT(&limits, body_bytes);
    TAKE_DEFAULT(&limits, streamed_bytes);
    TAKE_DEFAULT(&limits, buffered_bytes);
    TAKE_DEFAULT(&limits, stream_backlog);
    TAKE_DEFAULT(&limits, requests_per_connection);
    TAKE_DEFAULT(&limits, h2_streams);
    TAKE_DEFAULT(&limits, h2_resets);
    TAKE_DEFAULT(&limits, head_ms);
    TAKE_DEFAULT(&limits, body_idle_ms);
    TAKE_DEFAULT(&limits, handler_ms);
    TAKE_DEFAULT(&limits, idle_ms);
    TAKE_DEFAULT(&limits, write_stall_ms);
    limits.headers = MIN_OF(limits.headers, HTTP_MAX_HEADERS);
    return limits;
}

/* ---- Timers ---- */

static void on_tick(uv_timer_t *ticker)
{
    HttpServer *server = CONTAINER_OF(ticker, HttpServer, ticker);
    wheel_run(&server->wheel, loop_now_ms(server));
    if (server->wheel.count == 0)
        uv_timer_stop(ticker); /* an idle server sleeps */
    loop_settle(server);
}

void loop_timer_set(HttpServer *server, HttpTimer *timer, int64_t ms, void (*run)(HttpTimer *self))
{
    if (!uv_is_active((uv_handle_t *)&server->ticker)) {
        wheel_skip(&server->wheel, loop_now_ms(server));
        uv_timer_start(&server->ticker, on_tick, WHEEL_TICK_MS, WHEEL_TICK_MS);
    }
    wheel_set(&server->wheel, timer, loop_now_ms(server) + ms, run);
}

void http_timer_set(HttpServer *server, HttpTimer *timer, int64_t ms, void (*run)(HttpTimer *self))
{
    loop_timer_set(server, timer, ms, run);
}

void http_timer_clear(HttpServer *server, HttpTimer *timer)
{
    loop_timer_clear(server, timer);
}

/* ---- What responses need ---- */

Str loop_date(HttpServer *server)
{
    int64_t second = clock_now_us() / 1000000;
    if (second != server->date_s) {
        time_t when = (time_t)second;
        struct tm utc;
        gmtime_r(&when, &utc);
        strftime(server->date, sizeof server->date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        server->date_s = second;
    }
    return str_from_c(server->date);
}

/* xoroshiro128+, seeded by the system: ids tell requests apart, they protect nothing. */
static uint64_t next_random(HttpServer *server)
{
    uint64_t a = server->random[0], b = server->random[1];
    uint64_t result = a + b;
    b ^= a;
    server->random[0] = ((a << 24) | (a >> 40)) ^ b ^ (b << 16);
    server->random[1] = (b << 37) | (b >> 27);
    return result;
}

Str loop_request_id(HttpServer *server, Arena *arena)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *text = arena_alloc(arena, ID_LEN, 1);
    uint64_t bits = 0;
    for (int i = 0; i < ID_LEN; i++) {
        if (i % 10 == 0)
            bits = next_random(server);
        text[i] = alphabet[bits & 63];
        bits >>= 6;
    }
    return str_of(text, ID_LEN);
}

/* How a piece that nobody uses is kept: the link stands where file bytes stood. */
typedef struct SparePiece {
    struct SparePiece *next;
} SparePiece;

char *loop_piece_take(HttpServer *server)
{
    SparePiece *piece = server->spare_pieces;
    if (piece) {
        server->spare_pieces = piece->next;
        server->n_spare_pieces--;
    } else if (!(piece = malloc(FILE_PIECE_BYTES))) {
        abort();
    }
    return (char *)piece;
}

void loop_piece_give(HttpServer *server, char *bytes)
{
    SparePiece *piece = (SparePiece *)(void *)bytes;
    if (server->n_spare_pieces >= SPARE_PIECES) {
        free(piece);
        return;
    }
    piece->next = server->spare_pieces;
    server->spare_pieces = piece;
    server->n_spare_pieces++;
}

/* ---- The end of every entry from libuv ---- */

static void close_loop(HttpServer *server)
{
    if (server->closed)
        return;
    server->closed = true;
    loop_timer_clear(server, &server->drain_timer);
    uv_close((uv_handle_t *)&server->wake, NULL);
    uv_close((uv_handle_t *)&server->ticker, NULL);
    if (!uv_is_closing((uv_handle_t *)&server->listener))
        uv_close((uv_handle_t *)&server->listener, NULL);
}

void loop_settle(HttpServer *server)
{
    while (server->touched) {
        Conn *conn = server->touched;
        server->touched = conn->next_touched;
        if (!server->touched)
            server->touched_end = &server->touched;
        conn->touched = false;
        conn_settle(conn);
    }
    if (server->draining && !server->conns && server->n_exchanges == 0)
        close_loop(server);
}

/* ---- Letters ---- */

static void on_wake(uv_async_t *wake)
{
    HttpServer *server = CONTAINER_OF(wake, HttpServer, wake);
    Letter *letter = inbox_take(server->inbox);
    while (letter) {
        Letter *next = letter->next;
        HttpLetter *mine = CONTAINER_OF(letter, HttpLetter, letter);
        mine->run(mine);
        letter = next;
    }
    loop_settle(server);
}

void http_server_post(HttpServer *server, HttpLetter *letter)
{
    if (inbox_send(server->inbox, &letter->letter))
        uv_async_send(&server->wake);
}

void http_post(HttpRequest *request, HttpLetter *letter)
{
    http_server_post(request->server, letter);
}

/* ---- Draining ---- */

static void cut_off(HttpTimer *timer)
{
    HttpServer *server = CONTAINER_OF(timer, HttpServer, drain_timer);
    for (Conn *conn = server->conns; conn; conn = conn->next)
        conn_drop(conn);
}

static void begin_drain(HttpLetter *letter)
{
    HttpServer *server = CONTAINER_OF(letter, HttpServer, drain);
    server->draining = true;
    uv_close((uv_handle_t *)&server->listener, NULL);
    for (Conn *conn = server->conns; conn; conn = conn->next) {
        if (conn->protocol && !conn->lingering)
            conn->protocol->drain(conn);
        else
            conn_drop(conn);
    }
    loop_timer_set(server, &server->drain_timer, server->drain_ms, cut_off);
}

void http_server_drain(HttpServer *server, int64_t deadline_ms)
{
    if (atomic_exchange(&server->drain_asked, true))
        return;
    server->drain_ms = deadline_ms;
    server->drain.run = begin_drain;
    http_server_post(server, &server->drain);
}

void http_server_counters(const HttpServer *server, HttpCounters *out)
{
    uint64_t counts[COUNT_OF(server->counts)];
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        counts[i] = atomic_load_explicit(&server->counts[i], memory_order_relaxed);
    memcpy(out, counts, sizeof *out);
}

/* ---- Opening ---- */

bool loop_new(const HttpServerOptions *options, HttpServer **out, Error *err)
{
    HttpServer *server = calloc(1, sizeof *server);
    if (!server)
        abort();
    if (uv_loop_init(&server->loop) != 0) {
        free(server);
        return error_set_errno(err, "making the event loop");
    }
    server->limits = with_defaults(options->limits);
    server->handler = options->handler;
    server->inbox = inbox_new();
    server->touched_end = &server->touched;
    random_bytes(server->random, sizeof server->random);
    uv_async_init(&server->loop, &server->wake, on_wake);
    uv_timer_init(&server->loop, &server->ticker);
    uv_tcp_init(&server->loop, &server->listener);
    wheel_init(&server->wheel, loop_now_ms(server));
    *out = server;
    return true;
}

static bool find_address(const char *name, uint16_t port, struct sockaddr_storage *out, Error *err)
{
    if (uv_ip4_addr(name, port, (struct sockaddr_in *)out) == 0)
        return true;
    if (uv_ip6_addr(name, port, (struct sockaddr_in6 *)out) == 0)
        return true;
    if (strcmp(name, "localhost") == 0)
        return uv_ip4_addr("127.0.0.1", port, (struct sockaddr_in *)out) == 0;
    return error_set(err, INVALID_ARGUMENT, "address",
                     "\"%s\" is not an address to listen on: give an IPv4 or IPv6 address of this machine, such as "
                     "127.0.0.1, or 0.0.0.0 for all",
                     name);
}

static bool refuse_listen(Error *err, const char *address, uint16_t port, int fault)
{
    switch (fault) {
    case UV_EADDRINUSE:
        return error_set(err, ALREADY_EXISTS, "port",
                         "port %u of %s is taken by another program: stop that, or choose another port", port, address);
    case UV_EACCES:
        return error_set(err, PERMISSION_DENIED, "port",
                         "port %u may only be used with special rights: choose one above 1023", port);
    case UV_EADDRNOTAVAIL:
        return error_set(err, INVALID_ARGUMENT, "address", "%s is not an address of this machine", address);
    default:
        return error_set(err, UNAVAILABLE, "address", "cannot listen on %s port %u: %s", address, port,
                         uv_strerror(fault));
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    if (status == 0)
        conn_accept(CONTAINER_OF(listener, HttpServer, listener));
}

static bool listen_on(HttpServer *server, const HttpServerOptions *options, Error *err)
{
    struct sockaddr_storage address = {0};
    if (!find_address(options->address, options->port, &address, err))
        return false;
    int fault = uv_tcp_bind(&server->listener, (struct sockaddr *)&address, 0);
    if (fault == 0)
        fault = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    if (fault != 0)
        return refuse_listen(err, options->address, options->port, fault);
    int size = sizeof address;
    uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &size);
    server->port = ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                                      : ((struct sockaddr_in6 *)&address)->sin6_port);
    return true;
}

static bool open_tls(HttpServer *server, const HttpServerOptions *options, Error *err)
{
    if (!options->certificate && !options->key)
        return true;
    if (!options->certificate || !options->key)
        return error_set(err, INVALID_ARGUMENT, options->key ? "certificate" : "key",
                         "TLS needs both a certificate and its key: give both files, or neither");
    return tls_context_new(options->certificate, options->key, &server->tls, err);
}

bool http_server_open(const HttpServerOptions *options, HttpServer **out, Error *err)
{
    HttpServer *server;
    if (!loop_new(options, &server, err))
        return false;
    if (!open_tls(server, options, err) || !listen_on(server, options, err)) {
        http_server_free(server);
        return false;
    }
    *out = server;
    return true;
}

uint16_t http_server_port(const HttpServer *server)
{
    return server->port;
}

void http_server_run(HttpServer *server)
{
    uv_run(&server->loop, UV_RUN_DEFAULT);
}

void http_server_free(HttpServer *server)
{
    if (!server)
        return;
    for (Conn *conn = server->conns; conn; conn = conn->next)
        conn_drop(conn);
    loop_settle(server);
    close_loop(server);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    assert(server->n_exchanges == 0);
    if (uv_loop_close(&server->loop) != 0)
        abort();
    while (server->spare_exchanges) {
        Exchange *exchange = server->spare_exchanges;
        server->spare_exchanges = exchange->next;
        arena_done(&exchange->arena);
        free(exchange);
    }
    while (server->n_spare_pieces > 0)
        free(loop_piece_take(server));
    out_pool_done(&server->pool);
    buf_done(&server->scratch);
    tls_context_free(server->tls);
    while (inbox_take(server->inbox)) /* letters that came too late belong to nobody */
        ;
    inbox_free(server->inbox);
    free(server);
}
