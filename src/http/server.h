/* http/server.h: HTTP/1.1 and HTTP/2, clear or TLS, on one loop.
 *
 * The server owns a loop (libuv); http_server_run lends it the calling thread, and handlers run there: they must
 * not block. Slow work goes to other threads and comes back as a letter (http_post). Everything a client does is
 * bounded by HttpLimits; what breaks a bound or the protocol is answered by the server itself, as JSON of the
 * shape of http_respond_error, before any handler sees it.
 *
 * Clear text: HTTP/1.0, HTTP/1.1, HTTP/2 with prior knowledge. TLS 1.2 and 1.3: HTTP/1.1 and h2 by ALPN. */
#ifndef CLERKWORK_HTTP_SERVER_H
#define CLERKWORK_HTTP_SERVER_H

#include "base/error.h"
#include "http/request.h"

/* What on_headers wants done with the body. */
typedef enum HttpBodyMode {
    HTTP_BODY_BUFFER, /* gathered whole in request->body, bounded by request->body_limit */
    HTTP_BODY_STREAM, /* handed piece by piece to request->on_body */
} HttpBodyMode;

/* What became of a request, for the access log and the metrics: told once, after its last byte. */
typedef struct HttpOutcome {
    int status;          /* as sent; 0 when the client left before any answer */
    uint64_t body_in;    /* bytes of the request's body that arrived */
    uint64_t body_out;   /* bytes of the response's body that were handed to the system */
    int64_t duration_us; /* from the head's arrival to the last byte */
    bool complete;       /* all of the response was handed to the system */
    bool by_server;      /* the server answered, no handler: a refusal, a timeout, an overload */
} HttpOutcome;

typedef struct HttpHandler {
    void *self;
    /* At header time. May set request->body_limit, on_body, on_gone and context; may answer at once (from then on the
     * request is given away and the result is ignored). NULL: everything is buffered. */
    HttpBodyMode (*on_headers)(void *self, HttpRequest *request);
    void (*handle)(void *self, HttpRequest *request);
    /* May be NULL. Refused requests are told as well: then method and texts may be empty. The request is only lent. */
    void (*on_done)(void *self, const HttpRequest *request, const HttpOutcome *outcome);
} HttpHandler;

/* Zero takes the default. */
typedef struct HttpLimits {
    uint32_t connections;             /* 16,384; the next one gets 503 and is closed */
    uint32_t head_bytes;              /* 16 KiB: request line and headers (HTTP/2: names and values); 431, 414 */
    uint32_t headers;                 /* 64 (at most HTTP_MAX_HEADERS); 431 */
    uint32_t target_bytes;            /* 8 KiB; 414 */
    uint64_t body_bytes;              /* 8 MiB: start value of request->body_limit, buffered */
    uint64_t streamed_bytes;          /* 64 GiB: the same, streamed */
    uint64_t buffered_bytes;          /* 256 MiB: all buffered bodies of all connections together; 503 */
    uint32_t stream_backlog;          /* 4 MiB: unsent bytes of one stream that end it */
    uint32_t requests_per_connection; /* 1,000,000; then the connection is closed in good order */
    uint32_t h2_streams;              /* 128 at a time on a connection */
    uint32_t h2_resets;               /* 200 streams reset by the client within a second end the connection */
    int64_t head_ms;                  /* 10 s from a connection's or request's first byte to the end of its head; 408 */
    int64_t body_idle_ms;             /* 30 s without a byte of an unfinished body; 408 */
    int64_t handler_ms;               /* 120 s for the handler to begin its answer; 504 */
    int64_t idle_ms;                  /* 75 s between requests; closed in silence (HTTP/2: GOAWAY) */
    int64_t write_stall_ms;           /* 30 s in which the client takes nothing; closed */
} HttpLimits;
#define HTTP_MAX_HEADERS 100

typedef struct HttpServerOptions {
    const char *address;     /* "127.0.0.1", "::", "localhost" */
    uint16_t port;           /* 0 takes a free one: http_server_port */
    const char *certificate; /* PEM files; both or neither. A chain is sent whole. */
    const char *key;
    HttpLimits limits;
    HttpHandler handler;
} HttpServerOptions;

/* Every number since start, except those named open_. */
typedef struct HttpCounters {
    uint64_t connections; /* accepted */
    uint64_t open_connections;
    uint64_t open_requests;       /* begun and not yet over */
    uint64_t open_streams;        /* http_stream_begin without end */
    uint64_t requests;            /* heads that were complete and sound */
    uint64_t requests_h2;         /* of those, by HTTP/2 */
    uint64_t responses[5];        /* by class: 1xx … 5xx */
    uint64_t bytes_in, bytes_out; /* on the wire */
    uint64_t refused_connections; /* over the limit */
    uint64_t refused_requests;    /* answered by the server: malformed or over a limit */
    uint64_t timeouts_head, timeouts_body, timeouts_handler, timeouts_idle, timeouts_write;
    uint64_t aborted;        /* the client left before its answer was complete */
    uint64_t h2_floods;      /* connections ended for too many resets */
    uint64_t tls_failures;   /* handshakes that came to nothing */
    uint64_t buffered_bytes; /* of request bodies, now */
} HttpCounters;

/* Binds and listens; nothing is answered before http_server_run. Fails with the reason and the way out: port
 * taken, address not here, no permission, certificate or key unreadable or not a pair. */
MUST_USE bool http_server_open(const HttpServerOptions *options, HttpServer **out, Error *err);
uint16_t http_server_port(const HttpServer *server);

/* Serves on the calling thread until the drain is over. */
void http_server_run(HttpServer *server);

/* From any thread: `letter->run` is called on the loop's thread, in the order of sending. Letters that wait together
 * cost one wake. Must not be called once http_server_run has returned. */
void http_server_post(HttpServer *server, HttpLetter *letter);
/* The same, to the loop that owns the request. */
void http_post(HttpRequest *request, HttpLetter *letter);

/* A timer on the loop's thread, a quarter of a second coarse: heartbeats of streams, ends of long polls. Zeroed it is
 * unset; setting again moves it; it fires once. Embedded; must be cleared before its memory goes. */
typedef struct HttpTimer {
    struct HttpTimer *next, *previous;
    int64_t due_ms;
    void (*run)(struct HttpTimer *self);
} HttpTimer;
void http_timer_set(HttpServer *server, HttpTimer *timer, int64_t ms, void (*run)(HttpTimer *self));
void http_timer_clear(HttpServer *server, HttpTimer *timer);

/* From any thread, once: stops accepting, closes idle connections, lets requests in flight finish (Connection: close,
 * GOAWAY), tells open streams, cuts what is left after `deadline_ms`. http_server_run returns when all connections are
 * closed and every request has been given back: whoever still holds one may, and must, go on as always. */
void http_server_drain(HttpServer *server, int64_t deadline_ms);

/* From any thread; each number is exact, together they are a moment apart. */
void http_server_counters(const HttpServer *server, HttpCounters *out);

/* After http_server_run has returned, or instead of it. NULL is accepted. */
void http_server_free(HttpServer *server);

#endif
