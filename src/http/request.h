/* http/request.h: one request as a handler sees it, and its body.
 *
 * Life. The server makes a request when its head has arrived whole and passed every check. It shows it to
 * HttpHandler.on_headers, which says what to do with the body, then, the body being complete, to
 * HttpHandler.handle. From `handle` on (for a streamed body: from on_headers on) the request belongs to the handler
 * until it has answered (http/response.h) or called http_let_go; it stays valid for that long even when the client
 * went away or the server itself answered for a handler that was too slow: a late answer is then dropped in silence.
 * Answering is giving away: do not touch the request afterwards (http_stream_begin keeps it until
 * http_stream_end). Its arena lives until the handler let go and the last byte has been sent.
 *
 * Threads. Every function here and in response.h belongs to the loop thread that called the handler. A handler may
 * hand the request to another thread, which may then read its fields and use its arena, until it sends it back with
 * http_post (http/server.h). Only `gone` may be looked at from anywhere at any time. */
#ifndef CLERKWORK_HTTP_REQUEST_H
#define CLERKWORK_HTTP_REQUEST_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/inbox.h"
#include "http/header.h"

typedef struct HttpServer HttpServer;
typedef struct HttpRequest HttpRequest;

/* A function to be called on a loop thread; embedded in whatever it is about. Sending it gives it away. */
typedef struct HttpLetter {
    Letter letter;
    void (*run)(struct HttpLetter *self);
} HttpLetter;

/* Everything else is refused by the server itself with 501. */
typedef enum HttpMethod {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_N_METHODS
} HttpMethod;
extern const char *const http_method_names[HTTP_N_METHODS];

struct HttpRequest {
    /* The head. All text lives in `arena` and is checked: no control characters, valid percent escapes. */
    HttpMethod method;
    int http_major; /* 1 or 2 */
    Str target;     /* as it came, in origin form: "/api/v1/x%20y?page_size=5" */
    Str path;       /* before the '?', still encoded; begins with '/' ("*" only for OPTIONS): see http/url.h */
    Str query;      /* after the '?', still encoded, without it; empty when there is none */
    Str authority;  /* Host, or :authority */
    Str scheme;     /* "http" or "https" */
    Str peer;       /* "203.0.113.9" or "2001:db8::1" */
    Str id;         /* X-Request-Id of the client when it is sane, else made here; echoed by every answer */
    const HttpHeader *headers;
    size_t n_headers;
    int64_t content_length; /* -1 when the client did not say */
    int64_t received_us;    /* clock_monotonic_us when the head was complete */
    int64_t deadline_us;    /* the same clock: after this the server answers 504 for the handler */

    /* The body: whole and contiguous when `handle` is called; empty when it was streamed. */
    Str body;
    /* What the body may measure. on_headers may change it; 413 beyond it. */
    uint64_t body_limit;

    /* For the handler. All memory of the answer goes here; http_respond sends it from here without copying. */
    Arena *arena;
    HttpServer *server;
    void *context;     /* the handler's own */
    HttpLetter letter; /* the handler's own: to travel to another thread and back without allocating */

    /* Set by on_headers when it chooses HTTP_BODY_STREAM. Called for each piece as it arrives, at most 64 KiB each;
     * the piece is gone afterwards. `handle` follows the last one. */
    void (*on_body)(HttpRequest *request, Str piece);
    /* Set by the handler when it wants to know that nobody listens any more: the client closed or reset, the
     * connection failed or stalled, the server answered 504 or ran out of time while draining. Called at most
     * once, never after the answer was given. The request still belongs to the handler: answer or let go. */
    void (*on_gone)(HttpRequest *request);
    _Atomic bool gone; /* the same, for other threads to poll */
};

/* The value of the first header of that name, ASCII case ignored; empty with data == NULL when absent. */
Str http_header(const HttpRequest *request, Str name);
/* How many headers carry that name. */
size_t http_header_count(const HttpRequest *request, Str name);

/* Backpressure of a streamed body: after a pause no piece comes, and the client is not read, until the resume.
 * The body's deadline stands still meanwhile; the handler's runs. */
void http_body_pause(HttpRequest *request);
void http_body_resume(HttpRequest *request);

/* The handler's deadline, counted from now (a long poll asks for more, a point read may ask for less). */
void http_extend(HttpRequest *request, int64_t ms);

#endif
