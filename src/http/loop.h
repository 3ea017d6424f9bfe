/* http/loop.h: what the parts of one server share: the state of its loop. Loop thread only, except where said.
 *
 * The parts never write to a socket or close one in the middle of things: they mark the connection (conn_touch), and
 * loop_settle, which ends every entry from libuv, flushes and closes what was marked. So nothing disappears under
 * the feet of whoever is at work, and answers that are born together leave together. */
#ifndef CLERKWORK_HTTP_LOOP_H
#define CLERKWORK_HTTP_LOOP_H

#include <uv.h>

#include "http/outbox.h"
#include "http/wheel.h"

#define CONTAINER_OF(pointer, Type, member) ((Type *)(void *)((char *)(pointer)-offsetof(Type, member)))

typedef struct Conn Conn;
typedef struct Exchange Exchange;
typedef struct TlsContext TlsContext;

#define READ_BUFFER_BYTES (64 * 1024)
#define FILE_PIECE_BYTES (128 * 1024)

struct HttpServer {
    /* Set before the loop runs, constant afterwards. */
    HttpLimits limits;
    HttpHandler handler;
    TlsContext *tls; /* NULL in clear text */
    uint16_t port;
    /* Any thread. */
    Inbox *inbox;
    uv_async_t wake;
    _Atomic uint64_t counts[sizeof(HttpCounters) / sizeof(uint64_t)]; /* written by the loop alone */
    /* The loop's thread alone. */
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_timer_t ticker;
    Wheel wheel;
    Conn *conns;
    Conn *touched, **touched_end;
    Exchange *spare_exchanges;
    size_t n_spare_exchanges, n_exchanges; /* n_exchanges: in being, spare ones not counted */
    struct SparePiece *spare_pieces;       /* file pieces for another use */
    size_t n_spare_pieces;
    OutPool pool;
    Buf scratch;        /* of whoever is at work; empty between uses */
    uint64_t random[2]; /* of request ids */
    int64_t date_s;     /* the second that `date` tells */
    char date[32];      /* "Sun, 06 Nov 1994 08:49:37 GMT" */
    HttpLetter drain;   /* the letter that http_server_drain sends */
    int64_t drain_ms;   /* its deadline */
    HttpTimer drain_timer;
    _Atomic bool drain_asked;
    bool draining, drain_cut, closed;
    char read_buffer[READ_BUFFER_BYTES];
    char plain_buffer[READ_BUFFER_BYTES]; /* what TLS made of it */
};

static inline void count_add(HttpServer *server, size_t offset, uint64_t n)
{
    _Atomic uint64_t *count = &server->counts[offset / sizeof(uint64_t)];
    /* One writer: no locked instruction needed, only that readers never see half a number. */
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + n, memory_order_relaxed);
}
#define COUNT(server, field) count_add(server, offsetof(HttpCounters, field), 1)
#define COUNT_BY(server, field, n) count_add(server, offsetof(HttpCounters, field), (uint64_t)(n))
#define UNCOUNT(server, field) count_add(server, offsetof(HttpCounters, field), UINT64_MAX)

static inline int64_t loop_now_ms(HttpServer *server)
{
    return (int64_t)uv_now(&server->loop);
}
void loop_timer_set(HttpServer *server, HttpTimer *timer, int64_t ms, void (*run)(HttpTimer *self));
static inline void loop_timer_clear(HttpServer *server, HttpTimer *timer)
{
    wheel_clear(&server->wheel, timer);
}

void loop_settle(HttpServer *server);
Str loop_date(HttpServer *server);
/* 21 characters that are unlikely to meet again; not a secret. */
Str loop_request_id(HttpServer *server, Arena *arena);
char *loop_piece_take(HttpServer *server); /* FILE_PIECE_BYTES */
void loop_piece_give(HttpServer *server, char *piece);

/* A server without a socket, for tests and fuzzers that feed connections by hand (conn_new_in_memory). */
MUST_USE bool loop_new(const HttpServerOptions *options, HttpServer **out, Error *err);

#endif
