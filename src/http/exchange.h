/* http/exchange.h: a request and its response as the server sees them, whatever the protocol.
 *
 * Two parties keep an exchange alive: the handler (`held`) and the connection (`wired`: its bytes are still needed,
 * or its stream is open), besides a read from disk that is under way. Whoever lets go last recycles it. */
#ifndef CLERKWORK_HTTP_EXCHANGE_H
#define CLERKWORK_HTTP_EXCHANGE_H

#include "http/conn.h"
#include "http/refusal.h"
#include "http/response.h"

typedef enum ResponseKind { RESPONSE_NONE, RESPONSE_BODY, RESPONSE_FILE, RESPONSE_STREAM } ResponseKind;

typedef struct Response {
    ResponseKind kind;
    int status;
    bool bodiless; /* HEAD, 204, 304: the head alone leaves */
    bool by_server;
    uint64_t body_out; /* bytes handed to the connection */
    Str body;          /* RESPONSE_BODY: what was not handed over yet */
    /* RESPONSE_FILE */
    int fd; /* -1 without one */
    uint64_t file_at, file_left;
    char *piece;
    size_t piece_len, piece_at; /* bytes of the piece that wait for the connection */
    bool piece_busy;            /* the outbox refers to it */
    bool reading;               /* libuv's pool reads into it */
    uv_fs_t read;
    /* RESPONSE_STREAM */
    HttpStreamHooks hooks;
    bool ended;
    bool wants_room;
    Buf backlog; /* HTTP/2: bytes that wait for the client's window */
    size_t backlog_at;
} Response;

struct Exchange {
    HttpRequest request;       /* first: a request is its exchange */
    Conn *conn;                /* NULL when the connection is gone or has nothing to do with it any more */
    Exchange *next, *previous; /* of the same connection; `next` also chains the spare ones */
    Arena arena;
    HttpTimer timer;
    int64_t handler_ms;
    bool held, wired;
    uint8_t pins;       /* calls into the handler under way, that may end it */
    bool opened;        /* its head was sound: it counts as a request */
    bool body_streamed; /* pieces go to on_body */
    bool body_over;     /* all of it has arrived */
    bool body_paused;
    bool told_gone;
    uint64_t body_in;
    Buf body;       /* a buffered body too large for the arena's beginning */
    size_t counted; /* of server->counts.buffered_bytes */
    Response response;
    /* HTTP/2 */
    int32_t stream_id;
    Refusal refusal; /* found while the head was arriving */
    size_t head_bytes;
    uint64_t progress; /* body_in + body_out when the timer was last set */
    Buf unread;        /* pieces of the body that came while it was paused */
    HttpHeader headers[HTTP_MAX_HEADERS];
};

static inline Exchange *exchange_of(HttpRequest *request)
{
    return (Exchange *)(void *)request;
}

Exchange *exchange_new(Conn *conn);
/* The head is complete and sound: asks the handler about the body. False when the request was answered already. */
bool exchange_open(Exchange *exchange);
/* A piece of the body. False when the request was answered (refused, most likely) meanwhile. */
bool exchange_body(Exchange *exchange, Str piece);
/* The body is complete: the handler's turn. */
void exchange_body_over(Exchange *exchange);
/* The server answers. Not after a response was begun. */
void exchange_refuse(Exchange *exchange, Refusal refusal);
/* Nobody listens any more; tells the handler if it has not answered. */
void exchange_gone(Exchange *exchange);
/* The connection is done with it; `complete`: all of the response was handed over. The caller must forget it. */
void exchange_unwire(Exchange *exchange, bool complete);
/* The same for one that was cut short, and nobody listens any more. */
void exchange_lose(Exchange *exchange);

/* Recycles it if nobody needs it any more. */
void exchange_check_over(Exchange *exchange);

/* The next bytes of the file into response.piece. False when they come later (protocol->file_ready is called) or never
 * (the file is shorter than promised: protocol->abort was called). */
bool exchange_read_file(Exchange *exchange);
/* There is room in the connection again. */
void exchange_room(Exchange *exchange);
/* The server drains: streams are asked to end. */
void exchange_drain(Exchange *exchange);

/* Appends the name and value without the control characters that could split a response. */
void header_add_clean(Buf *out, Str text);
const char *status_reason(int status);

#endif
