/* http/conn.h: one connection: its socket, TLS, bytes waiting either way, and deadlines. What the bytes mean is its
 * protocol's affair. */
#ifndef CLERKWORK_HTTP_CONN_H
#define CLERKWORK_HTTP_CONN_H

#include "http/chunked.h"
#include "http/head.h"
#include "http/loop.h"

/* Above this many unsent bytes a connection makes no more; below it asks its protocol for some. */
#define OUT_HIGH_WATER (64 * 1024)
/* Unread input that is kept while the protocol takes none; then the socket is left alone. */
#define PENDING_MAX (64 * 1024)

typedef struct Tls Tls;

typedef struct Protocol {
    /* Takes what it can of the input and gives how much; the rest is shown again with more behind it. */
    size_t (*input)(Conn *conn, Str input);
    void (*input_end)(Conn *conn); /* the client will send no more */
    /* response.kind and its kin are set: sends the head and what there is of the body. */
    void (*begin)(Exchange *exchange, const HttpHeader *headers, size_t n_headers);
    size_t (*stream_data)(Exchange *exchange, Str piece); /* gives the bytes that wait now */
    void (*stream_end)(Exchange *exchange);
    void (*file_ready)(Exchange *exchange);
    void (*body_flow)(Exchange *exchange); /* body_paused has changed */
    void (*abort)(Exchange *exchange);     /* the response cannot be completed: let the client see that */
    void (*writable)(Conn *conn);          /* fewer than OUT_HIGH_WATER bytes wait */
    void (*timed_out)(Conn *conn);         /* read_timer */
    void (*exchange_timed_out)(Exchange *exchange);
    void (*drain)(Conn *conn);
    void (*lost)(Conn *conn); /* frees the protocol's state; its exchanges are unwired by the connection */
} Protocol;
extern const Protocol h1_protocol, h2_protocol;

/* The state of HTTP/1 (http/h1.c). */
typedef struct H1 {
    Exchange *exchange; /* whose response is not wholly in the outbox yet */
    HeadScan scan;
    Framing framing;
    Chunked chunked;
    uint64_t body_left;   /* of a body with Content-Length */
    uint64_t body_window; /* bytes that came since the body's timer was set */
    uint32_t n_requests;
    bool heard;     /* something was read: what follows is not the beginning of the connection */
    bool read_over; /* the empty line that may stand before a request */
    bool in_body;
    bool held_back;  /* the next request waits for room in the outbox */
    bool head_begun; /* its deadline runs */
    bool discard;    /* nobody wants the rest of the body */
    bool last;       /* no request after this one */
} H1;

struct Conn {
    uv_tcp_t tcp;
    HttpServer *server;
    const Protocol *protocol;
    Conn *next, *previous;
    Conn *next_touched;
    Exchange *exchanges;
    Tls *tls;
    Buf *memory; /* instead of a socket: where output goes */
    Buf pending; /* input that the protocol has not taken */
    Outbox out;
    uv_write_t *write; /* under way, or NULL */
    size_t write_bytes, write_queue;
    HttpTimer read_timer, write_timer;
    bool touched;
    bool again;      /* show the protocol its pending input again */
    bool no_reading; /* the protocol wants no input for now */
    bool reading;    /* the socket is being read */
    bool ended;      /* the client has closed its side */
    bool finishing;  /* close when the outbox is empty */
    bool lingering;  /* all is sent; waits for the client to close, so that no reset eats the last answer */
    bool doomed;     /* close now */
    bool closed;
    char peer[46];
    union {
        H1 h1;
        struct H2 *h2;
    };
};

void conn_accept(HttpServer *server);
/* Feeding by hand: output gathers in `memory`. Closed by conn_drop and loop_settle. */
Conn *conn_new_in_memory(HttpServer *server, Buf *memory);
void conn_input(Conn *conn, Str input);
void conn_input_end(Conn *conn);

void conn_touch(Conn *conn);  /* loop_settle shall look after it */
void conn_settle(Conn *conn); /* loop_settle's look */
void conn_again(Conn *conn);  /* the protocol can take input again */
void conn_reading(Conn *conn, bool wanted);
void conn_copy(Conn *conn, Str bytes); /* into the outbox */
void conn_refer(Conn *conn, Str bytes, void (*left)(void *subject, bool sent), void *subject);
void conn_finish(Conn *conn);            /* closes once everything is sent */
void conn_drop(Conn *conn);              /* closes at once */
void conn_timer(Conn *conn, int64_t ms); /* protocol->timed_out; ms < 0 clears */

/* http/h2.c: takes the connection over, from its preface on. */
MUST_USE bool h2_start(Conn *conn);
/* http/h1.c */
void h1_start(Conn *conn);

#endif
