/* http/h1.c: HTTP/1.0 and 1.1 on a connection.
 *
 * One request at a time, in order: the next head is read when the response before it lies wholly in the outbox.
 * Pipelined requests wait in conn->pending. */
#include "http/exchange.h"

#define BODY_WINDOW_BYTES 1024  /* fewer in a window of limits.body_idle_ms is a client that drips */
#define DISCARD_MAX (64 * 1024) /* an unwanted body up to this is read over to keep the connection */
#define BODY_PIECE_BYTES (64 * 1024)

static const Str h2_preface = S_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

void h1_start(Conn *conn)
{
    conn->protocol = &h1_protocol;
    conn->h1 = (H1){.head_begun = true}; /* the deadline that conn.c set runs for the first head */
}

/* ---- Responses ---- */

/* The response is in the outbox: on to the next request. `wired`: the outbox refers to the exchange's memory
 * and will unwire it. */
static void response_queued(Exchange *exchange, bool wired)
{
    Conn *conn = exchange->conn;
    H1 *h1 = &conn->h1;
    assert(h1->exchange == exchange);
    h1->exchange = NULL;
    if (!wired)
        exchange_unwire(exchange, true);
    if (h1->last || conn->server->draining) {
        conn_finish(conn);
        return;
    }
    if (h1->in_body)
        return;
    h1->head_begun = false;
    conn_timer(conn, conn->server->limits.idle_ms);
    conn_again(conn);
}

static void body_left_outbox(void *subject, bool sent)
{
    exchange_unwire(subject, sent);
}

static void piece_left_outbox(void *subject, bool sent)
{
    Exchange *exchange = subject;
    exchange->response.piece_busy = false;
    if (sent)
        conn_touch(exchange->conn);
}

static void send_body(Exchange *exchange)
{
    Conn *conn = exchange->conn;
    Str body = exchange->response.body;
    exchange->response.body_out = body.len;
    if (body.len <= OUT_COPY_MAX) {
        conn_copy(conn, body);
        response_queued(exchange, false);
    } else {
        conn_refer(conn, body, body_left_outbox, exchange);
        response_queued(exchange, true);
    }
}

static void send_piece(Exchange *exchange)
{
    Response *response = &exchange->response;
    response->piece_busy = true;
    response->file_at += response->piece_len;
    response->file_left -= response->piece_len;
    response->body_out += response->piece_len;
    conn_refer(exchange->conn, str_of(response->piece, response->piece_len), piece_left_outbox, exchange);
}

/* One piece is in the outbox at a time. */
static void send_file(Exchange *exchange)
{
    Response *response = &exchange->response;
    if (response->piece_busy || response->reading)
        return;
    if (response->file_left == 0)
        response_queued(exchange, false);
    else if (exchange_read_file(exchange))
        send_piece(exchange);
}

/* Whether the connection can serve another request after this one. */
static bool is_last(const Exchange *exchange)
{
    const Conn *conn = exchange->conn;
    const H1 *h1 = &conn->h1;
    if (h1->last || !h1->framing.keep_alive || conn->server->draining)
        return true;
    if (h1->n_requests >= conn->server->limits.requests_per_connection)
        return true;
    if (exchange->response.kind == RESPONSE_STREAM && h1->framing.http10)
        return true; /* its end is the connection's */
    /* An answer before the end of the body: what is left must be read over, if that is little and sure to come. */
    bool little = !h1->framing.chunked && !h1->framing.expects_continue && h1->body_left <= DISCARD_MAX;
    return h1->in_body && !little;
}

static void add_framing(Buf *head, const Exchange *exchange)
{
    const Response *response = &exchange->response;
    const H1 *h1 = &exchange->conn->h1;
    bool no_content = response->status == 204 || response->status == 304;
    if (response->kind == RESPONSE_BODY && !no_content)
        buf_printf(head, "Content-Length: %zu\r\n", response->body.len);
    else if (response->kind == RESPONSE_FILE)
        buf_printf(head, "Content-Length: %llu\r\n", (unsigned long long)response->file_left);
    else if (response->kind == RESPONSE_STREAM && !h1->framing.http10 && !no_content)
        buf_str(head, S("Transfer-Encoding: chunked\r\n"));
    if (h1->last)
        buf_str(head, S("Connection: close\r\n"));
    else if (h1->framing.http10)
        buf_str(head, S("Connection: keep-alive\r\n"));
}

static void add_status_line(Buf *head, int status)
{
    if (status == 200)
        buf_str(head, S("HTTP/1.1 200 OK\r\nDate: "));
    else
        buf_printf(head, "HTTP/1.1 %d %s\r\nDate: ", status, status_reason(status));
}

static void send_head(Exchange *exchange, const HttpHeader *headers, size_t n_headers)
{
    HttpServer *server = exchange->request.server;
    Buf *head = &server->scratch;
    add_status_line(head, exchange->response.status);
    buf_str(head, loop_date(server));
    buf_str(head, S("\r\nX-Request-Id: "));
    buf_str(head, exchange->request.id);
    buf_str(head, S("\r\n"));
    for (size_t i = 0; i < n_headers; i++) {
        header_add_clean(head, headers[i].name);
        buf_str(head, S(": "));
        header_add_clean(head, headers[i].value);
        buf_str(head, S("\r\n"));
    }
    add_framing(head, exchange);
    buf_str(head, S("\r\n"));
    conn_copy(exchange->conn, buf_view(head));
    head->len = 0;
}

static void h1_begin(Exchange *exchange, const HttpHeader *headers, size_t n_headers)
{
    Conn *conn = exchange->conn;
    H1 *h1 = &conn->h1;
    Response *response = &exchange->response;
    h1->last = is_last(exchange);
    h1->discard = true; /* of the body, whatever is left */
    if (!h1->last)
        conn_reading(conn, true);
    send_head(exchange, headers, n_headers);
    if (response->kind == RESPONSE_STREAM)
        return;
    if (response->bodiless)
        response_queued(exchange, false);
    else if (response->kind == RESPONSE_FILE)
        send_file(exchange);
    else
        send_body(exchange);
}

static size_t h1_stream_data(Exchange *exchange, Str piece)
{
    Conn *conn = exchange->conn;
    if (conn->h1.framing.http10) {
        conn_copy(conn, piece);
        return conn->out.bytes;
    }
    Buf *size = &conn->server->scratch;
    buf_printf(size, "%zx\r\n", piece.len);
    conn_copy(conn, buf_view(size));
    size->len = 0;
    conn_copy(conn, piece);
    conn_copy(conn, S("\r\n"));
    return conn->out.bytes;
}

static void h1_stream_end(Exchange *exchange)
{
    Conn *conn = exchange->conn;
    if (!exchange->response.bodiless && !conn->h1.framing.http10)
        conn_copy(conn, S("0\r\n\r\n"));
    response_queued(exchange, false);
}

static void h1_file_ready(Exchange *exchange)
{
    send_piece(exchange);
}

static void h1_abort(Exchange *exchange)
{
    conn_drop(exchange->conn);
}

static void h1_writable(Conn *conn)
{
    Exchange *exchange = conn->h1.exchange;
    if (!exchange) {
        if (conn->h1.held_back)
            conn_again(conn);
        conn->h1.held_back = false;
        return;
    }
    if (exchange->response.kind == RESPONSE_FILE)
        send_file(exchange);
    else
        exchange_room(exchange);
}

/* ---- Requests ---- */

/* Nothing more can be understood of what this client sends: answer, then close. */
static void refuse_head(Conn *conn, Exchange *exchange, Refusal refusal)
{
    conn->h1.last = true;
    conn->h1.exchange = exchange;
    exchange_refuse(exchange, refusal);
}

static void body_over(Conn *conn)
{
    H1 *h1 = &conn->h1;
    h1->in_body = false;
    if (!h1->discard) {
        conn_timer(conn, -1);
        exchange_body_over(h1->exchange);
    } else if (!h1->exchange && !h1->last) {
        h1->head_begun = false;
        conn_timer(conn, conn->server->limits.idle_ms);
    }
}

/* Takes the next part of the body. False when nothing can be taken now. */
static bool take_body(Conn *conn, Str input, size_t *at)
{
    H1 *h1 = &conn->h1;
    if (!h1->discard && h1->exchange->body_paused)
        return false;
    size_t from = *at;
    Refusal refusal = REFUSE_NOT;
    Str piece;
    if (h1->framing.chunked) {
        piece = chunked_next(&h1->chunked, str_slice(input, 0, from + BODY_PIECE_BYTES), at, &refusal);
    } else {
        size_t want = (size_t)MIN_OF(h1->body_left, (uint64_t)BODY_PIECE_BYTES);
        piece = str_slice(input, from, from + want);
        h1->body_left -= piece.len;
        *at += piece.len;
    }
    h1->body_window += *at - from;
    if (refusal != REFUSE_NOT && !h1->discard) {
        refuse_head(conn, h1->exchange, refusal);
        return false;
    }
    if (refusal != REFUSE_NOT) {
        conn_finish(conn);
        return false;
    }
    bool over = h1->framing.chunked ? chunked_is_over(&h1->chunked) : h1->body_left == 0;
    if (piece.len > 0 && !h1->discard)
        exchange_body(h1->exchange, piece);
    if (!h1->discard && h1->exchange->body_paused)
        return false;
    if (over)
        body_over(conn);
    return *at > from || over;
}

static void begin_body(Conn *conn, Exchange *exchange)
{
    H1 *h1 = &conn->h1;
    h1->body_left = exchange->request.content_length > 0 ? (uint64_t)exchange->request.content_length : 0;
    h1->chunked = (Chunked){0};
    h1->body_window = 0;
    h1->in_body = h1->framing.chunked || h1->body_left > 0;
    h1->discard = false;
    conn_timer(conn, h1->in_body ? conn->server->limits.body_idle_ms : -1);
}

static void open_request(Conn *conn, Exchange *exchange, bool body_is_here)
{
    H1 *h1 = &conn->h1;
    begin_body(conn, exchange);
    h1->exchange = exchange;
    if (!exchange_open(exchange)) /* answered: it may be gone already */
        return;
    if (!h1->in_body)
        exchange_body_over(exchange);
    else if (h1->framing.expects_continue && !body_is_here)
        conn_copy(conn, S("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* Takes a head when it is whole. False when it is not. */
static bool take_head(Conn *conn, Str input, size_t *at)
{
    H1 *h1 = &conn->h1;
    const HttpLimits *limits = &conn->server->limits;
    /* RFC 9112, 2.2: an empty line before the request is read over. One, however the bytes are cut. */
    if (!h1->read_over && h1->scan.looked == 0 && str_starts(str_skip(input, *at), S("\r\n"))) {
        *at += 2;
        h1->read_over = true;
    }
    Str rest = str_skip(input, *at);
    if (rest.len == 0 || (h1->scan.looked == 0 && str_eq(rest, S("\r"))))
        return false;
    Refusal refusal = REFUSE_NOT;
    size_t len = head_scan(&h1->scan, rest, limits, &refusal);
    if (len == 0 && refusal == REFUSE_NOT) {
        if (!h1->head_begun)
            conn_timer(conn, limits->head_ms);
        h1->head_begun = true;
        return false;
    }
    h1->scan = (HeadScan){0};
    h1->framing = (Framing){0};
    Exchange *exchange = exchange_new(conn);
    if (refusal == REFUSE_NOT) {
        Str head = str_copy(&exchange->arena, str_slice(rest, 0, len));
        refusal = head_parse(head, limits, &exchange->request, exchange->headers, &h1->framing);
    }
    if (refusal != REFUSE_NOT) {
        *at = input.len;
        refuse_head(conn, exchange, refusal);
        return false;
    }
    *at += len;
    h1->read_over = false;
    h1->n_requests++;
    open_request(conn, exchange, *at < input.len);
    return true;
}

/* Prior knowledge of HTTP/2 shows in the connection's very first bytes (RFC 9113, 3.4): not behind empty lines. True
 * while they may still become its preface. */
static bool may_be_h2(const Conn *conn, Str input)
{
    return !conn->h1.heard && conn->h1.scan.looked == 0 && !conn->tls && input.len > 0 &&
           str_starts(input.len < h2_preface.len ? h2_preface : input, input.len < h2_preface.len ? input : h2_preface);
}

static size_t h1_input(Conn *conn, Str input)
{
    H1 *h1 = &conn->h1;
    if (may_be_h2(conn, input)) {
        if (input.len < h2_preface.len)
            return 0;
        if (h2_start(conn))
            return conn->protocol->input(conn, input);
        conn_drop(conn);
        return input.len;
    }
    size_t at = 0;
    while (!conn->doomed) {
        if (conn->finishing)
            return input.len;
        if (h1->in_body) {
            if (!take_body(conn, input, &at))
                break;
        } else {
            h1->held_back = conn->out.bytes > OUT_HIGH_WATER;
            if (h1->exchange || h1->last || h1->held_back || !take_head(conn, input, &at))
                break;
        }
    }
    h1->heard |= at > 0;
    if (conn->ended && !h1->exchange && !h1->held_back)
        conn_finish(conn); /* what is left of the input will never be a request */
    return at;
}

static void h1_body_flow(Exchange *exchange)
{
    Conn *conn = exchange->conn;
    conn_reading(conn, !exchange->body_paused);
    conn->h1.body_window = 0;
    conn_timer(conn, exchange->body_paused ? -1 : conn->server->limits.body_idle_ms);
}

/* Half of the connection is closed. A client that still waits for its answer gets it; a stream has lost its reader,
 * and a request that is not complete never will be. */
static void h1_input_end(Conn *conn)
{
    H1 *h1 = &conn->h1;
    Exchange *exchange = h1->exchange;
    bool cut_short = h1->in_body && !h1->last;
    bool reader_lost = exchange && exchange->response.kind == RESPONSE_STREAM;
    if (cut_short || reader_lost) {
        conn_drop(conn);
        return;
    }
    conn_again(conn);
    if (exchange)
        exchange_gone(exchange);
}

static void body_timed_out(Conn *conn)
{
    H1 *h1 = &conn->h1;
    if (h1->body_window >= BODY_WINDOW_BYTES) {
        h1->body_window = 0;
        conn_timer(conn, conn->server->limits.body_idle_ms);
        return;
    }
    COUNT(conn->server, timeouts_body);
    h1->last = true;
    if (h1->exchange && h1->exchange->response.kind == RESPONSE_NONE) {
        exchange_refuse(h1->exchange, REFUSE_BODY_TIMEOUT);
    } else if (!h1->exchange) {
        conn_finish(conn);
    } else {
        conn_drop(conn);
    }
}

static void h1_timed_out(Conn *conn)
{
    H1 *h1 = &conn->h1;
    if (h1->in_body) {
        body_timed_out(conn);
    } else if (conn->pending.len > 0 && !h1->exchange && !h1->last) {
        COUNT(conn->server, timeouts_head);
        conn->pending.len = 0;
        h1->framing = (Framing){0};
        refuse_head(conn, exchange_new(conn), REFUSE_HEAD_TIMEOUT);
    } else if (h1->n_requests == 0) {
        COUNT(conn->server, timeouts_head);
        conn_drop(conn);
    } else if (conn->out.bytes > 0 || conn->write) {
        conn_timer(conn, conn->server->limits.idle_ms); /* still taking its last answer */
    } else {
        COUNT(conn->server, timeouts_idle);
        conn_finish(conn);
    }
}

static void h1_drain(Conn *conn)
{
    if (conn->h1.exchange)
        exchange_drain(conn->h1.exchange);
    else if (!conn->h1.in_body && conn->pending.len == 0)
        conn_finish(conn);
}

static void h1_exchange_timed_out(Exchange *exchange)
{
    (void)exchange;
    assert(!"the connection's own timers do this in HTTP/1");
}

static void h1_lost(Conn *conn)
{
    conn->h1.exchange = NULL;
}

const Protocol h1_protocol = {
    .input = h1_input,
    .input_end = h1_input_end,
    .begin = h1_begin,
    .stream_data = h1_stream_data,
    .stream_end = h1_stream_end,
    .file_ready = h1_file_ready,
    .body_flow = h1_body_flow,
    .abort = h1_abort,
    .writable = h1_writable,
    .timed_out = h1_timed_out,
    .exchange_timed_out = h1_exchange_timed_out,
    .drain = h1_drain,
    .lost = h1_lost,
};
