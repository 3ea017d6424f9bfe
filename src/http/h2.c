/* http/h2.c: HTTP/2 on a connection, by nghttp2.
 *
 * nghttp2 keeps the protocol's state; here are the requests, the limits that it does not know, and the flow of bodies.
 * Its output is fetched only while little waits in the outbox, so that a slow reader slows its own streams. */
#include <nghttp2/nghttp2.h>

#include <stdlib.h>

#include "http/exchange.h"

#define STREAM_WINDOW (1024 * 1024) /* of a body that may be unread in a stream that is paused */
#define CONNECTION_WINDOW (16 * 1024 * 1024)
#define BODY_WINDOW_BYTES 1024 /* fewer in a window of limits.body_idle_ms is a client that drips */
#define GOAWAY_GRACE_MS 500    /* for requests that cross our notice of shutdown on the way */
#define MAX_CONTINUATIONS 8
#define RESET_WINDOW_MS 1000

typedef struct H2 {
    nghttp2_session *session;
    int64_t resets_since_ms;
    uint32_t resets; /* by the client or provoked by it, since then */
    uint32_t n_requests;
    bool shutting_down; /* GOAWAY is on its way */
    HttpTimer goaway_timer;
    Conn *conn;
} H2;

static Exchange *find(H2 *h2, int32_t stream_id)
{
    return nghttp2_session_get_stream_user_data(h2->session, stream_id);
}

/* ---- Deadlines of a stream: its body's arrival, then its handler's (exchange.c), then its response's leaving ---- */

static void stream_timed_out(HttpTimer *timer)
{
    Exchange *exchange = CONTAINER_OF(timer, Exchange, timer);
    exchange->conn->protocol->exchange_timed_out(exchange);
}

static void watch_stream(Exchange *exchange, int64_t ms)
{
    exchange->progress = exchange->body_in + exchange->response.body_out;
    loop_timer_set(exchange->request.server, &exchange->timer, ms, stream_timed_out);
}

static bool has_unsent(const Exchange *exchange)
{
    const Response *response = &exchange->response;
    return response->kind != RESPONSE_STREAM || response->ended || response->backlog_at < response->backlog.len;
}

static void reset_stream(Exchange *exchange, uint32_t code)
{
    Conn *conn = exchange->conn;
    nghttp2_submit_rst_stream(conn->h2->session, NGHTTP2_FLAG_NONE, exchange->stream_id, code);
    conn_touch(conn);
}

static void h2_exchange_timed_out(Exchange *exchange)
{
    HttpServer *server = exchange->request.server;
    uint64_t progress = exchange->body_in + exchange->response.body_out;
    if (exchange->response.kind == RESPONSE_NONE) {
        if (progress - exchange->progress >= BODY_WINDOW_BYTES) {
            watch_stream(exchange, server->limits.body_idle_ms);
            return;
        }
        COUNT(server, timeouts_body);
        exchange_refuse(exchange, REFUSE_BODY_TIMEOUT);
    } else if (progress > exchange->progress || !has_unsent(exchange)) {
        watch_stream(exchange, server->limits.write_stall_ms);
    } else {
        COUNT(server, timeouts_write);
        reset_stream(exchange, NGHTTP2_CANCEL);
    }
}

static void watch_connection(Conn *conn)
{
    conn_timer(conn, conn->exchanges ? -1 : conn->server->limits.idle_ms);
}

/* ---- Responses ---- */

static ssize_t give_body(Exchange *exchange, uint8_t *into, size_t size, uint32_t *flags)
{
    Response *response = &exchange->response;
    size_t n = MIN_OF(size, response->body.len);
    if (n > 0)
        memcpy(into, response->body.data, n);
    response->body = str_skip(response->body, n);
    if (response->body.len == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static ssize_t give_file(Exchange *exchange, uint8_t *into, size_t size, uint32_t *flags)
{
    Response *response = &exchange->response;
    bool empty = response->piece_at == response->piece_len;
    if (response->file_left == 0 && empty) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        return 0;
    }
    if (empty && !exchange_read_file(exchange))
        return NGHTTP2_ERR_DEFERRED;
    if (empty) {
        response->file_at += response->piece_len;
        response->file_left -= response->piece_len;
    }
    size_t n = MIN_OF(size, response->piece_len - response->piece_at);
    memcpy(into, response->piece + response->piece_at, n);
    response->piece_at += n;
    if (response->file_left == 0 && response->piece_at == response->piece_len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static ssize_t give_stream(Exchange *exchange, uint8_t *into, size_t size, uint32_t *flags)
{
    Response *response = &exchange->response;
    Buf *backlog = &response->backlog;
    size_t n = MIN_OF(size, backlog->len - response->backlog_at);
    if (n == 0 && !response->ended)
        return NGHTTP2_ERR_DEFERRED;
    if (n > 0)
        memcpy(into, backlog->data + response->backlog_at, n);
    response->backlog_at += n;
    if (response->backlog_at == backlog->len) {
        buf_done(backlog);
        *backlog = (Buf){0};
        response->backlog_at = 0;
        if (response->ended)
            *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return (ssize_t)n;
}

static ssize_t give_data(nghttp2_session *session, int32_t stream_id, uint8_t *into, size_t size, uint32_t *flags,
                         nghttp2_data_source *source, void *self)
{
    (void)session, (void)stream_id, (void)self;
    Exchange *exchange = source->ptr;
    ssize_t n;
    switch (exchange->response.kind) {
    case RESPONSE_BODY: n = give_body(exchange, into, size, flags); break;
    case RESPONSE_FILE: n = give_file(exchange, into, size, flags); break;
    default: return give_stream(exchange, into, size, flags); /* counted when it was written */
    }
    if (n > 0)
        exchange->response.body_out += (uint64_t)n;
    return n;
}

/* HTTP/2 wants names in lower case. */
static void add_lower(Buf *out, Str name)
{
    size_t from = out->len;
    header_add_clean(out, name);
    for (size_t i = from; i < out->len; i++)
        if (out->data[i] >= 'A' && out->data[i] <= 'Z')
            out->data[i] |= 0x20;
}

/* Names and values one behind the other in a scratch buffer; the array points into it once it has stopped moving. */
typedef struct Block {
    Buf *text;
    struct {
        size_t name_len, value_len;
    } spans[HTTP_MAX_HEADERS + 4];
    size_t n;
} Block;

static void block_add(Block *block, Str name, Str value)
{
    if (block->n == COUNT_OF(block->spans))
        return;
    size_t from = block->text->len;
    add_lower(block->text, name);
    block->spans[block->n].name_len = block->text->len - from;
    from = block->text->len;
    header_add_clean(block->text, value);
    block->spans[block->n].value_len = block->text->len - from;
    block->n++;
}

static void block_add_number(Block *block, Str name, uint64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    block_add(block, name, str_of(text, (size_t)len));
}

static void add_own_headers(Block *block, const Exchange *exchange)
{
    const Response *response = &exchange->response;
    block_add_number(block, S(":status"), (uint64_t)response->status);
    block_add(block, S("date"), loop_date(exchange->request.server));
    block_add(block, S("x-request-id"), exchange->request.id);
    if (response->kind == RESPONSE_BODY && response->status != 204 && response->status != 304)
        block_add_number(block, S("content-length"), response->body.len);
    else if (response->kind == RESPONSE_FILE)
        block_add_number(block, S("content-length"), response->file_left);
}

static int submit(Exchange *exchange, const Block *block)
{
    nghttp2_nv fields[COUNT_OF(block->spans)];
    uint8_t *at = (uint8_t *)block->text->data;
    for (size_t i = 0; i < block->n; i++) {
        uint8_t *value = at + block->spans[i].name_len;
        fields[i] = (nghttp2_nv){at, value, block->spans[i].name_len, block->spans[i].value_len, NGHTTP2_NV_FLAG_NONE};
        at = value + block->spans[i].value_len;
    }
    nghttp2_data_provider provider = {.source.ptr = exchange, .read_callback = give_data};
    const Response *response = &exchange->response;
    bool empty = response->bodiless || (response->kind == RESPONSE_BODY && response->body.len == 0);
    /* A HEAD of a stream ends with its head, whatever is written to it later. */
    return nghttp2_submit_response(exchange->conn->h2->session, exchange->stream_id, fields, block->n,
                                   empty ? NULL : &provider);
}

static void h2_begin(Exchange *exchange, const HttpHeader *headers, size_t n_headers)
{
    Conn *conn = exchange->conn;
    Block block = {.text = &conn->server->scratch};
    add_own_headers(&block, exchange);
    for (size_t i = 0; i < n_headers; i++)
        block_add(&block, headers[i].name, headers[i].value);
    int fault = submit(exchange, &block);
    block.text->len = 0;
    if (fault != 0)
        reset_stream(exchange, NGHTTP2_INTERNAL_ERROR);
    watch_stream(exchange, conn->server->limits.write_stall_ms);
    conn_touch(conn);
}

static void resume(Exchange *exchange)
{
    nghttp2_session_resume_data(exchange->conn->h2->session, exchange->stream_id);
    conn_touch(exchange->conn);
}

static size_t h2_stream_data(Exchange *exchange, Str piece)
{
    Buf *backlog = &exchange->response.backlog;
    buf_str(backlog, piece);
    resume(exchange);
    return backlog->len - exchange->response.backlog_at;
}

static void h2_stream_end(Exchange *exchange)
{
    resume(exchange);
}

static void h2_file_ready(Exchange *exchange)
{
    /* give_file finds the piece at its next call. */
    exchange->response.file_at += exchange->response.piece_len;
    exchange->response.file_left -= exchange->response.piece_len;
    resume(exchange);
}

static void h2_abort(Exchange *exchange)
{
    reset_stream(exchange, NGHTTP2_INTERNAL_ERROR);
}

/* ---- Requests ---- */

/* Bytes of the body that were dealt with: the client may send as many again. */
static void consume(Exchange *exchange, size_t n)
{
    if (n > 0 && exchange->conn)
        nghttp2_session_consume_stream(exchange->conn->h2->session, exchange->stream_id, n);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    Conn *conn = self;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    Exchange *exchange = exchange_new(conn);
    exchange->stream_id = frame->hd.stream_id;
    exchange->request.http_major = 2;
    exchange->request.content_length = -1;
    nghttp2_session_set_stream_user_data(session, exchange->stream_id, exchange);
    conn_timer(conn, conn->server->limits.head_ms);
    return 0;
}

static void take_pseudo_header(Exchange *exchange, Str name, Str value)
{
    HttpRequest *request = &exchange->request;
    if (str_eq(name, S(":method"))) {
        if (!head_method(value, &request->method))
            exchange->refusal = REFUSE_METHOD;
    } else if (str_eq(name, S(":path"))) {
        request->target = str_copy(&exchange->arena, value);
    } else if (str_eq(name, S(":authority"))) {
        request->authority = str_copy(&exchange->arena, value);
    }
}

static void take_header(Exchange *exchange, Str name, Str value)
{
    HttpRequest *request = &exchange->request;
    if (request->n_headers == request->server->limits.headers) {
        exchange->refusal = REFUSE_HEADERS_TOO_MANY;
        return;
    }
    exchange->headers[request->n_headers++] =
        (HttpHeader){str_copy(&exchange->arena, name), str_copy(&exchange->arena, value)};
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                     const uint8_t *value, size_t value_len, uint8_t flags, void *self)
{
    (void)session, (void)flags;
    Conn *conn = self;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0; /* trailers are read over */
    Exchange *exchange = find(conn->h2, frame->hd.stream_id);
    if (!exchange || exchange->refusal != REFUSE_NOT)
        return 0;
    Str key = str_of((const char *)name, name_len), text = str_of((const char *)value, value_len);
    exchange->head_bytes += name_len + value_len + 4;
    if (str_eq(key, S(":path")) && value_len > conn->server->limits.target_bytes)
        exchange->refusal = REFUSE_TARGET_LENGTH;
    else if (exchange->head_bytes > conn->server->limits.head_bytes)
        exchange->refusal = REFUSE_HEADERS_TOO_LARGE;
    else if (name[0] == ':')
        take_pseudo_header(exchange, key, text);
    else
        take_header(exchange, key, text);
    return 0;
}

static Refusal check_host(HttpRequest *request)
{
    size_t hosts = http_header_count(request, S("host"));
    Str host = http_header(request, S("host"));
    if (hosts > 1)
        return REFUSE_HOST_DOUBLED;
    if (hosts == 1 && request->authority.data && !str_eq_fold(host, request->authority))
        return REFUSE_HOST_DIFFERS;
    if (!request->authority.data)
        request->authority = host;
    if (!request->authority.data)
        return REFUSE_HOST_MISSING;
    return head_host_is_sane(request->authority) ? REFUSE_NOT : REFUSE_HOST_BAD;
}

static Refusal check_head(Exchange *exchange)
{
    HttpRequest *request = &exchange->request;
    Refusal refusal = exchange->refusal;
    if (refusal == REFUSE_NOT && !request->target.data)
        refusal = REFUSE_TARGET_FORM;
    if (refusal == REFUSE_NOT)
        refusal = head_target(request->target, request);
    if (refusal == REFUSE_NOT)
        refusal = check_host(request);
    Str expect = http_header(request, S("expect"));
    if (refusal == REFUSE_NOT && expect.data && !str_eq_fold(expect, S("100-continue")))
        refusal = REFUSE_EXPECTATION;
    return refusal;
}

/* nghttp2 has seen that Content-Length is one number. */
static void take_length(HttpRequest *request, bool has_body)
{
    int64_t length;
    if (!has_body)
        request->content_length = 0;
    else if (str_to_i64(http_header(request, S("content-length")), &length) && length >= 0)
        request->content_length = length;
}

static void send_continue(Exchange *exchange)
{
    nghttp2_nv status = {(uint8_t *)(uintptr_t) ":status", (uint8_t *)(uintptr_t) "100", 7, 3, NGHTTP2_NV_FLAG_NONE};
    nghttp2_submit_headers(exchange->conn->h2->session, NGHTTP2_FLAG_NONE, exchange->stream_id, NULL, &status, 1, NULL);
}

static void open_request(Exchange *exchange, bool has_body)
{
    Conn *conn = exchange->conn;
    HttpRequest *request = &exchange->request;
    conn->h2->n_requests++;
    take_length(request, has_body);
    Refusal refusal = check_head(exchange);
    if (refusal != REFUSE_NOT) {
        exchange_refuse(exchange, refusal);
        return;
    }
    COUNT(conn->server, requests_h2);
    if (!exchange_open(exchange))
        return;
    if (!has_body) {
        exchange_body_over(exchange);
        return;
    }
    if (!exchange->body_paused)
        watch_stream(exchange, conn->server->limits.body_idle_ms);
    if (http_header(request, S("expect")).data)
        send_continue(exchange);
}

static bool wants_body(const Exchange *exchange)
{
    return exchange->response.kind == RESPONSE_NONE && !exchange->body_over;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *data, size_t len,
                   void *self)
{
    (void)flags;
    Conn *conn = self;
    Exchange *exchange = find(conn->h2, stream_id);
    /* The connection's window moves on at once: a stream that is paused holds up only itself. */
    nghttp2_session_consume_connection(session, len);
    if (!exchange || !wants_body(exchange)) {
        nghttp2_session_consume_stream(session, stream_id, len);
    } else if (exchange->body_paused) {
        buf_add(&exchange->unread, data, len);
    } else if (exchange_body(exchange, str_of((const char *)data, len))) {
        consume(exchange, len);
    }
    return 0;
}

/* The end of the body waits for pieces that wait for the handler. */
static void end_body(Exchange *exchange)
{
    if (wants_body(exchange) && !exchange->body_paused && exchange->unread.len == 0)
        exchange_body_over(exchange);
}

static void h2_body_flow(Exchange *exchange)
{
    Conn *conn = exchange->conn;
    if (exchange->body_paused)
        return;
    Buf unread = exchange->unread;
    exchange->unread = (Buf){0};
    bool goes_on = unread.len == 0 || exchange_body(exchange, buf_view(&unread));
    if (goes_on) {
        consume(exchange, unread.len);
        if (!exchange->body_paused)
            watch_stream(exchange, conn->server->limits.body_idle_ms);
        if (nghttp2_session_get_stream_remote_close(conn->h2->session, exchange->stream_id) == 1)
            end_body(exchange);
    }
    buf_done(&unread);
    conn_touch(conn);
}

/* Rapid reset (CVE-2023-44487): streams opened and reset at once cost us more than the client. */
static void count_reset(Conn *conn)
{
    H2 *h2 = conn->h2;
    int64_t now = loop_now_ms(conn->server);
    if (now - h2->resets_since_ms >= RESET_WINDOW_MS) {
        h2->resets_since_ms = now;
        h2->resets = 0;
    }
    if (++h2->resets <= conn->server->limits.h2_resets || h2->shutting_down)
        return;
    h2->shutting_down = true;
    COUNT(conn->server, h2_floods);
    nghttp2_session_terminate_session(h2->session, NGHTTP2_ENHANCE_YOUR_CALM);
    conn_finish(conn);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    (void)session;
    Conn *conn = self;
    bool over = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (frame->hd.type == NGHTTP2_RST_STREAM)
        count_reset(conn);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    Exchange *exchange = find(conn->h2, frame->hd.stream_id);
    if (!exchange)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        watch_connection(conn);
        open_request(exchange, !over);
    } else if (over) {
        end_body(exchange);
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t code, void *self)
{
    Conn *conn = self;
    Exchange *exchange = nghttp2_session_get_stream_user_data(session, stream_id);
    if (!exchange)
        return 0;
    nghttp2_session_set_stream_user_data(session, stream_id, NULL);
    if (code == NGHTTP2_NO_ERROR && exchange->response.kind != RESPONSE_NONE)
        exchange_unwire(exchange, true);
    else
        exchange_lose(exchange);
    watch_connection(conn);
    conn_touch(conn);
    return 0;
}

/* A response that is complete before the body of its request: the rest of that is not wanted. */
static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    bool over = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    /* Resets that a client provokes by breaking the protocol count like its own. */
    if (frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
        count_reset(self);
    if (!over || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    if (nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0)
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
}

/* ---- The connection ---- */

static size_t h2_input(Conn *conn, Str input)
{
    if (conn->finishing)
        return input.len;
    ssize_t n = nghttp2_session_mem_recv(conn->h2->session, (const uint8_t *)input.data, input.len);
    if (n < 0) {
        /* Not HTTP/2 at all, or a flood that nghttp2 knows: it has said so if that was possible. */
        conn_finish(conn);
        return input.len;
    }
    conn_touch(conn);
    return (size_t)n;
}

static void h2_input_end(Conn *conn)
{
    conn_drop(conn);
}

static void offer_room(Conn *conn)
{
    for (Exchange *exchange = conn->exchanges, *next; exchange; exchange = next) {
        next = exchange->next;
        const Response *response = &exchange->response;
        if (response->wants_room && response->backlog.len - response->backlog_at < OUT_HIGH_WATER)
            exchange_room(exchange);
    }
}

static void h2_writable(Conn *conn)
{
    nghttp2_session *session = conn->h2->session;
    while (conn->out.bytes < OUT_HIGH_WATER && !conn->doomed) {
        const uint8_t *data;
        ssize_t n = nghttp2_session_mem_send(session, &data);
        if (n < 0)
            conn_drop(conn);
        if (n <= 0)
            break;
        conn_copy(conn, str_of((const char *)data, (size_t)n));
    }
    offer_room(conn);
    if (!nghttp2_session_want_read(session) && !nghttp2_session_want_write(session) && !conn->finishing)
        conn_finish(conn);
}

static void last_goaway(HttpTimer *timer)
{
    H2 *h2 = CONTAINER_OF(timer, H2, goaway_timer);
    nghttp2_submit_goaway(h2->session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(h2->session),
                          NGHTTP2_NO_ERROR, NULL, 0);
    if (!h2->conn->exchanges)
        conn_finish(h2->conn);
    conn_touch(h2->conn);
}

/* RFC 9113, 6.8: first a notice that takes nothing back, then, when requests under way have arrived, the last word. */
static void shut_down(Conn *conn)
{
    H2 *h2 = conn->h2;
    if (h2->shutting_down)
        return;
    h2->shutting_down = true;
    nghttp2_submit_shutdown_notice(h2->session);
    loop_timer_set(conn->server, &h2->goaway_timer, GOAWAY_GRACE_MS, last_goaway);
    conn_touch(conn);
}

static void h2_timed_out(Conn *conn)
{
    if (conn->h2->n_requests == 0)
        COUNT(conn->server, timeouts_head);
    else
        COUNT(conn->server, timeouts_idle);
    nghttp2_session_terminate_session(conn->h2->session, NGHTTP2_NO_ERROR);
    conn_finish(conn);
}

static void h2_drain(Conn *conn)
{
    for (Exchange *exchange = conn->exchanges, *next; exchange; exchange = next) {
        next = exchange->next;
        exchange_drain(exchange);
    }
    shut_down(conn);
}

static void h2_lost(Conn *conn)
{
    H2 *h2 = conn->h2;
    loop_timer_clear(conn->server, &h2->goaway_timer);
    nghttp2_session_del(h2->session);
    free(h2);
}

static nghttp2_session *new_session(Conn *conn)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    nghttp2_session *session;
    if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&option) != 0)
        abort();
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_max_continuations(option, MAX_CONTINUATIONS);
    nghttp2_option_set_no_closed_streams(option, 1);
    if (nghttp2_session_server_new2(&session, callbacks, conn, option) != 0)
        abort();
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    return session;
}

bool h2_start(Conn *conn)
{
    const HttpLimits *limits = &conn->server->limits;
    H2 *h2 = calloc(1, sizeof *h2);
    if (!h2)
        abort();
    h2->session = new_session(conn);
    h2->conn = conn;
    conn->h2 = h2;
    conn->protocol = &h2_protocol;
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->h2_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits->head_bytes},
    };
    bool good = nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, settings, COUNT_OF(settings)) == 0 &&
                nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW) == 0;
    conn_touch(conn);
    return good;
}

const Protocol h2_protocol = {
    .input = h2_input,
    .input_end = h2_input_end,
    .begin = h2_begin,
    .stream_data = h2_stream_data,
    .stream_end = h2_stream_end,
    .file_ready = h2_file_ready,
    .body_flow = h2_body_flow,
    .abort = h2_abort,
    .writable = h2_writable,
    .timed_out = h2_timed_out,
    .exchange_timed_out = h2_exchange_timed_out,
    .drain = h2_drain,
    .lost = h2_lost,
};
