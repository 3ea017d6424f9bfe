/* http/response.c: a handler's answer, and the server's own. */
#include "http/response.h"

#include <sys/uio.h>
#include <unistd.h>

#include "http/exchange.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

const char *status_reason(int status)
{
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}

void header_add_clean(Buf *out, Str text)
{
    size_t from = out->len;
    buf_str(out, text);
    for (size_t i = from; i < out->len; i++) {
        unsigned char c = (unsigned char)out->data[i];
        if (c < 0x20 || c == 0x7f)
            out->data[i] = '_';
    }
}

/* False when nobody waits for an answer any more: the client left, or the server has answered. */
static bool may_answer(const Exchange *exchange)
{
    return exchange->wired && exchange->response.kind == RESPONSE_NONE && !exchange->conn->doomed;
}

static void begin(Exchange *exchange, ResponseKind kind, int status, const HttpHeader *headers, size_t n_headers)
{
    HttpServer *server = exchange->request.server;
    assert(status >= 200 && status <= 599);
    exchange->response.kind = kind;
    exchange->response.status = status;
    exchange->response.bodiless = exchange->request.method == HTTP_HEAD || status == 204 || status == 304;
    count_add(server, offsetof(HttpCounters, responses) + sizeof(uint64_t) * (size_t)(status / 100 - 1), 1);
    loop_timer_clear(server, &exchange->timer);
    exchange->conn->protocol->begin(exchange, headers, n_headers);
}

void http_respond(HttpRequest *request, int status, const HttpHeader *headers, size_t n_headers, Str body)
{
    Exchange *exchange = exchange_of(request);
    assert(exchange->held);
    exchange->held = false;
    if (!may_answer(exchange)) {
        exchange_check_over(exchange);
        return;
    }
    exchange->response.body = body;
    begin(exchange, RESPONSE_BODY, status, headers, n_headers);
}

static const HttpHeader json_headers[] = {{S_INIT("Content-Type"), S_INIT("application/json")},
                                          {S_INIT("Cache-Control"), S_INIT("no-store")}};

void http_respond_error(HttpRequest *request, const Error *err)
{
    Buf body = buf_in(request->arena);
    int status = error_code_http(err->code);
    error_body(&body, status, err->code, str_from_c(err->message));
    http_respond(request, status, json_headers, COUNT_OF(json_headers), buf_view(&body));
}

void exchange_refuse(Exchange *exchange, Refusal refusal)
{
    const RefusalFact *fact = &refusals[refusal];
    if (!may_answer(exchange))
        return;
    COUNT(exchange->request.server, refused_requests);
    if (exchange->request.id.len == 0)
        exchange->request.id = loop_request_id(exchange->request.server, &exchange->arena);
    /* Not in the arena: another thread may be using it. */
    error_body(&exchange->response.backlog, fact->status, fact->code, str_from_c(fact->message));
    exchange->response.body = buf_view(&exchange->response.backlog);
    exchange->response.by_server = true;
    exchange->pins++;
    begin(exchange, RESPONSE_BODY, fact->status, json_headers, COUNT_OF(json_headers));
    if (exchange->held)
        exchange_gone(exchange);
    exchange->pins--;
    exchange_check_over(exchange);
}

void http_respond_file(HttpRequest *request, int status, const HttpHeader *headers, size_t n_headers, int fd,
                       uint64_t offset, uint64_t length)
{
    Exchange *exchange = exchange_of(request);
    assert(exchange->held);
    exchange->held = false;
    if (!may_answer(exchange)) {
        close(fd);
        exchange_check_over(exchange);
        return;
    }
    exchange->response.fd = fd;
    exchange->response.file_at = offset;
    exchange->response.file_left = length;
    begin(exchange, RESPONSE_FILE, status, headers, n_headers);
}

static void piece_read(uv_fs_t *read)
{
    Exchange *exchange = CONTAINER_OF(read, Exchange, response.read);
    HttpServer *server = exchange->request.server;
    ssize_t n = read->result;
    uv_fs_req_cleanup(read);
    exchange->response.reading = false;
    if (!exchange->wired) {
        exchange_check_over(exchange);
    } else if (n <= 0) {
        exchange->conn->protocol->abort(exchange);
    } else {
        exchange->response.piece_len = (size_t)n;
        exchange->conn->protocol->file_ready(exchange);
    }
    loop_settle(server);
}

/* What the page cache holds is read at once; only what must come from the disk takes the way through a thread. */
bool exchange_read_file(Exchange *exchange)
{
    Response *response = &exchange->response;
    if (response->reading)
        return false;
    if (!response->piece)
        response->piece = loop_piece_take(exchange->request.server);
    size_t want = (size_t)MIN_OF(response->file_left, (uint64_t)FILE_PIECE_BYTES);
    struct iovec into = {response->piece, want};
    response->piece_at = 0;
    ssize_t n = preadv2(response->fd, &into, 1, (off_t)response->file_at, RWF_NOWAIT);
    if (n > 0) {
        response->piece_len = (size_t)n;
        return true;
    }
    response->piece_len = 0;
    uv_buf_t slice = uv_buf_init(response->piece, (unsigned)want);
    response->reading = n < 0 && uv_fs_read(&exchange->request.server->loop, &response->read, response->fd, &slice, 1,
                                            (int64_t)response->file_at, piece_read) == 0;
    if (!response->reading)
        exchange->conn->protocol->abort(exchange);
    return false;
}

void http_stream_begin(HttpRequest *request, int status, const HttpHeader *headers, size_t n_headers,
                       HttpStreamHooks hooks)
{
    Exchange *exchange = exchange_of(request);
    assert(exchange->held);
    if (!may_answer(exchange))
        return;
    exchange->response.hooks = hooks;
    COUNT(request->server, open_streams);
    begin(exchange, RESPONSE_STREAM, status, headers, n_headers);
    if (request->server->draining)
        exchange_drain(exchange);
}

bool http_stream_write(HttpRequest *request, Str piece)
{
    Exchange *exchange = exchange_of(request);
    Response *response = &exchange->response;
    bool open = exchange->wired && response->kind == RESPONSE_STREAM && !response->ended && !exchange->conn->doomed;
    if (!open)
        return false;
    if (response->bodiless || piece.len == 0)
        return true;
    response->body_out += piece.len;
    size_t waiting = exchange->conn->protocol->stream_data(exchange, piece);
    if (waiting > request->server->limits.stream_backlog) {
        exchange->conn->protocol->abort(exchange);
        return false;
    }
    response->wants_room = waiting >= OUT_HIGH_WATER;
    return !response->wants_room;
}

void http_stream_end(HttpRequest *request)
{
    Exchange *exchange = exchange_of(request);
    assert(exchange->held);
    exchange->held = false;
    if (exchange->wired && exchange->response.kind == RESPONSE_STREAM && !exchange->response.ended) {
        exchange->response.ended = true;
        exchange->conn->protocol->stream_end(exchange);
        return;
    }
    exchange_check_over(exchange);
}

void http_let_go(HttpRequest *request)
{
    Exchange *exchange = exchange_of(request);
    assert(exchange->held);
    exchange->held = false;
    if (may_answer(exchange)) {
        exchange_refuse(exchange, REFUSE_HANDLER_SILENT);
        return;
    }
    if (exchange->wired && exchange->response.kind == RESPONSE_STREAM && !exchange->response.ended)
        exchange->conn->protocol->abort(exchange);
    else
        exchange_check_over(exchange);
}
