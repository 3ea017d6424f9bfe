/* http/head.h: the head of a request, checked.
 *
 * HTTP/1.1: the bytes are gathered until the head is whole (head_scan), checked byte by byte for what llhttp lets
 * pass, then parsed by llhttp, then checked as a whole. HTTP/2 delivers fields; they pass the same checks of target,
 * host and method. Nothing here knows sockets. */
#ifndef CLERKWORK_HTTP_HEAD_H
#define CLERKWORK_HTTP_HEAD_H

#include "http/refusal.h"
#include "http/server.h"

/* How the body is delimited and what shall happen around it (HTTP/1.x). */
typedef struct Framing {
    bool http10;
    bool chunked;
    bool keep_alive;
    bool expects_continue;
} Framing;

/* Where the search for the end of a head stands; zeroed at the beginning. */
typedef struct HeadScan {
    uint32_t line;   /* offset of the present line */
    uint32_t looked; /* offset up to which no LF was found */
    bool in_headers; /* the request line is complete */
} HeadScan;

/* Looks for the end of the head in `input`, which begins where it did last time and has grown. Gives the
 * length of the head with its empty line; 0 when more is needed, or when it is refused (*out_refusal). */
size_t head_scan(HeadScan *scan, Str input, const HttpLimits *limits, Refusal *out_refusal);

/* Parses a whole head, which must stay where it is: the request's texts point into it. `headers` has room for
 * limits->headers. Fills method, target, path, query, authority, headers, content_length. */
Refusal head_parse(Str head, const HttpLimits *limits, HttpRequest *request, HttpHeader *headers, Framing *out_framing);

/* The parts that both protocols share. */
bool head_method(Str text, HttpMethod *out);
Refusal head_target(Str target, HttpRequest *request); /* origin or asterisk form: sets target, path, query */
bool head_host_is_sane(Str host);

#endif
