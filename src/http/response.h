/* http/response.h: answering a request (http/request.h tells who owns it when).
 *
 * Exactly one of http_respond, http_respond_file, http_stream_begin or http_let_go per request, from its loop
 * thread. The server adds Date, X-Request-Id, the framing headers (Content-Length, Transfer-Encoding) and Connection;
 * callers must not. HEAD, 204 and 304 are told like their GET and leave without a body. Names and values
 * may come from users: control characters in them leave as '_', so nobody splits a response. */
#ifndef CLERKWORK_HTTP_RESPONSE_H
#define CLERKWORK_HTTP_RESPONSE_H

#include "base/error.h"
#include "http/request.h"

/* Headers are copied. `body` is sent from where it stands: it must live in request->arena or for ever. Before
 * the body of the request has arrived (from on_headers) this refuses the body: it is not read any further. */
void http_respond(HttpRequest *request, int status, const HttpHeader *headers, size_t n_headers, Str body);

/* The error as JSON: {"code","message","details","error":{"code","message","status"}}, with the HTTP status of its
 * code. For refusals of this layer and for edges that have no better words. */
void http_respond_error(HttpRequest *request, const Error *err);

/* `length` bytes of the file from `offset` (206 with its headers is the caller's choice: http/range.h). Takes the
 * descriptor and closes it. Reads as fast as the client does, one piece at a time. When the file turns out shorter,
 * the connection (HTTP/2: the stream) is broken, so that nobody takes half a file for a whole one. */
void http_respond_file(HttpRequest *request, int status, const HttpHeader *headers, size_t n_headers, int fd,
                       uint64_t offset, uint64_t length);

/* A response without a known end: NDJSON, server-sent events. No handler deadline from here on. */
typedef struct HttpStreamHooks {
    /* There is room again after http_stream_write said false. May be NULL. */
    void (*on_room)(HttpRequest *request);
    /* The server drains: end the stream soon, it will be cut at the drain's deadline. May be NULL: it is then
     * ended by the server, which calls request->on_gone. */
    void (*on_drain)(HttpRequest *request);
} HttpStreamHooks;

/* Sends the head at once. The request stays the caller's until http_stream_end. */
void http_stream_begin(HttpRequest *request, int status, const HttpHeader *headers, size_t n_headers,
                       HttpStreamHooks hooks);
/* Copies `piece` and sends it. False: enough is waiting (64 KiB); write no more until on_room. Who goes on
 * regardless is cut off at limits.stream_backlog. After the client went away it is dropped (request->gone). */
bool http_stream_write(HttpRequest *request, Str piece);
void http_stream_end(HttpRequest *request);

/* Gives the request back unanswered: nobody listens any more (after on_gone), or there is nothing sane to say; the
 * server then answers 500 if it still can, or breaks the stream that was begun. */
void http_let_go(HttpRequest *request);

#endif
