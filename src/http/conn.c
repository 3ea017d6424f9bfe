/* http/conn.c: see the header. */
#include "http/conn.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "http/exchange.h"
#include "http/tls.h"

#define WRITE_SEGMENTS 64
#define WRITE_BYTES (256 * 1024)     /* offered to the system at once */
#define WRITE_WAIT_BYTES (64 * 1024) /* left with libuv when the socket is full */
#define TLS_WRITE_BYTES (64 * 1024)  /* encrypted at a time */
#define KEEPALIVE_S 60
#define LINGER_MS 2000
#define SETTLE_ROUNDS 8 /* a client as fast as we are must not keep the others waiting */

/* ---- Life ---- */

static Conn *conn_new(HttpServer *server)
{
    Conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        abort();
    conn->server = server;
    conn->next = server->conns;
    if (server->conns)
        server->conns->previous = conn;
    server->conns = conn;
    COUNT(server, connections);
    COUNT(server, open_connections);
    return conn;
}

static void name_peer(Conn *conn)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&address, &size) != 0)
        return;
    if (address.ss_family == AF_INET)
        uv_ip4_name((struct sockaddr_in *)&address, conn->peer, sizeof conn->peer);
    else
        uv_ip6_name((struct sockaddr_in6 *)&address, conn->peer, sizeof conn->peer);
}

static void conn_freed(uv_handle_t *handle)
{
    free(CONTAINER_OF(handle, Conn, tcp));
}

static void read_timed_out(HttpTimer *timer)
{
    Conn *conn = CONTAINER_OF(timer, Conn, read_timer);
    if (conn->protocol && !conn->lingering) {
        conn->protocol->timed_out(conn);
        return;
    }
    if (!conn->lingering)
        COUNT(conn->server, timeouts_head); /* TLS never shook hands */
    conn_drop(conn);
}

void conn_timer(Conn *conn, int64_t ms)
{
    if (ms < 0)
        loop_timer_clear(conn->server, &conn->read_timer);
    else
        loop_timer_set(conn->server, &conn->read_timer, ms, read_timed_out);
}

void conn_touch(Conn *conn)
{
    HttpServer *server = conn->server;
    if (conn->touched || conn->closed)
        return;
    conn->touched = true;
    conn->next_touched = NULL;
    *server->touched_end = conn;
    server->touched_end = &conn->next_touched;
}

void conn_drop(Conn *conn)
{
    conn->doomed = true;
    conn_touch(conn);
}

void conn_finish(Conn *conn)
{
    conn->finishing = true;
    conn_touch(conn);
}

static void unlink_conn(Conn *conn)
{
    if (conn->previous)
        conn->previous->next = conn->next;
    else
        conn->server->conns = conn->next;
    if (conn->next)
        conn->next->previous = conn->previous;
    UNCOUNT(conn->server, open_connections);
}

static void conn_close(Conn *conn)
{
    HttpServer *server = conn->server;
    conn->closed = true;
    loop_timer_clear(server, &conn->read_timer);
    loop_timer_clear(server, &conn->write_timer);
    outbox_drop(&conn->out, &server->pool);
    while (conn->exchanges)
        exchange_lose(conn->exchanges);
    if (conn->protocol)
        conn->protocol->lost(conn);
    buf_done(&conn->pending);
    if (conn->tls)
        tls_free(conn->tls);
    unlink_conn(conn);
    if (conn->memory)
        free(conn);
    else
        uv_close((uv_handle_t *)&conn->tcp, conn_freed);
}

/* ---- Input ---- */

void conn_input(Conn *conn, Str input)
{
    if (conn->lingering)
        return;
    if (conn->pending.len == 0) {
        size_t taken = conn->protocol->input(conn, input);
        if (taken < input.len && !conn->doomed)
            buf_str(&conn->pending, str_skip(input, taken));
        return;
    }
    buf_str(&conn->pending, input);
    conn->again = true;
    conn_touch(conn);
}

void conn_again(Conn *conn)
{
    conn->again = true;
    conn_touch(conn);
}

static void feed_pending(Conn *conn)
{
    Buf *pending = &conn->pending;
    size_t taken = conn->protocol->input(conn, buf_view(pending));
    if (taken > 0)
        memmove(pending->data, pending->data + taken, pending->len - taken);
    pending->len -= taken;
    if (pending->len == 0)
        buf_done(pending); /* an idle connection holds no buffer */
}

void conn_input_end(Conn *conn)
{
    if (conn->ended)
        return;
    conn->ended = true;
    if (conn->lingering)
        conn_drop(conn);
    else if (conn->protocol)
        conn->protocol->input_end(conn);
    else
        conn_drop(conn);
}

static bool takes_input(const Conn *conn)
{
    return !conn->no_reading && conn->pending.len <= PENDING_MAX && !conn->doomed && !conn->ended;
}

static void choose_protocol(Conn *conn)
{
    if (!tls_speaks_h2(conn->tls))
        h1_start(conn);
    else if (!h2_start(conn))
        conn_drop(conn);
}

static void tls_pump(Conn *conn)
{
    HttpServer *server = conn->server;
    while (takes_input(conn)) {
        size_t len = 0;
        TlsRead result = tls_read(conn->tls, server->plain_buffer, sizeof server->plain_buffer, &len);
        if (tls_is_ready(conn->tls) && !conn->protocol)
            choose_protocol(conn);
        if (result == TLS_DATA && !conn->doomed) {
            conn_input(conn, str_of(server->plain_buffer, len));
            continue;
        }
        if (result == TLS_CLOSED)
            conn_input_end(conn);
        if (result == TLS_BROKEN) {
            if (!tls_is_ready(conn->tls))
                COUNT(server, tls_failures);
            conn_finish(conn); /* the alert may explain it */
            conn->ended = true;
        }
        break;
    }
    tls_keep(conn->tls);
    conn_touch(conn);
}

static void give_buffer(uv_handle_t *handle, size_t hint, uv_buf_t *out)
{
    (void)hint;
    HttpServer *server = CONTAINER_OF(handle, Conn, tcp)->server;
    *out = uv_buf_init(server->read_buffer, sizeof server->read_buffer);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    Conn *conn = CONTAINER_OF(stream, Conn, tcp);
    HttpServer *server = conn->server;
    if (n > 0) {
        COUNT_BY(server, bytes_in, n);
        Str input = str_of(buffer->base, (size_t)n);
        if (conn->tls) {
            tls_give(conn->tls, input);
            tls_pump(conn);
        } else {
            conn_input(conn, input);
        }
    } else if (n == UV_EOF) {
        conn->reading = false;
        uv_read_stop(stream);
        conn_input_end(conn);
    } else if (n < 0) {
        conn_drop(conn);
    }
    loop_settle(server);
}

static void update_reading(Conn *conn)
{
    bool wanted = takes_input(conn);
    if (wanted == conn->reading || conn->memory)
        return;
    conn->reading = wanted;
    if (!wanted)
        uv_read_stop((uv_stream_t *)&conn->tcp);
    else if (uv_read_start((uv_stream_t *)&conn->tcp, give_buffer, on_read) != 0)
        conn_drop(conn);
}

void conn_reading(Conn *conn, bool wanted)
{
    conn->no_reading = !wanted;
    if (wanted)
        conn->again = true;
    conn_touch(conn);
}

/* ---- Output ---- */

void conn_copy(Conn *conn, Str bytes)
{
    outbox_copy(&conn->out, &conn->server->pool, bytes);
    conn_touch(conn);
}

void conn_refer(Conn *conn, Str bytes, void (*left)(void *subject, bool sent), void *subject)
{
    outbox_refer(&conn->out, &conn->server->pool, bytes, left, subject);
    conn_touch(conn);
}

static void consume_output(Conn *conn, size_t n)
{
    HttpServer *server = conn->server;
    COUNT_BY(server, bytes_out, n);
    if (!conn->tls) {
        outbox_consume(&conn->out, &server->pool, n);
        return;
    }
    Buf *cipher = tls_output(conn->tls);
    memmove(cipher->data, cipher->data + n, cipher->len - n);
    cipher->len -= n;
    if (cipher->len == 0)
        buf_done(cipher);
}

/* Moves plain text into cipher text, not more than the socket may take soon. */
static void encrypt_some(Conn *conn)
{
    if (!tls_is_ready(conn->tls) || tls_output(conn->tls)->len > 0)
        return;
    while (conn->out.bytes > 0 && tls_output(conn->tls)->len < TLS_WRITE_BYTES) {
        struct iovec segment;
        outbox_look(&conn->out, &segment, 1, TLS_WRITE_BYTES);
        if (!tls_write(conn->tls, str_of(segment.iov_base, segment.iov_len))) {
            conn_drop(conn);
            return;
        }
        outbox_consume(&conn->out, &conn->server->pool, segment.iov_len);
    }
}

/* What the socket shall get next; 0 segments when there is nothing. */
static size_t next_output(Conn *conn, struct iovec *segments, size_t max_bytes)
{
    if (!conn->tls)
        return outbox_look(&conn->out, segments, WRITE_SEGMENTS, max_bytes);
    encrypt_some(conn);
    Buf *cipher = tls_output(conn->tls);
    *segments = (struct iovec){cipher->data, MIN_OF(cipher->len, max_bytes)};
    return cipher->len > 0;
}

static void on_written(uv_write_t *write, int status)
{
    Conn *conn = write->data;
    HttpServer *server = conn->server;
    free(write);
    conn->write = NULL;
    if (conn->closed)
        return;
    loop_timer_clear(server, &conn->write_timer);
    if (status < 0) {
        conn_drop(conn);
    } else {
        consume_output(conn, conn->write_bytes);
        conn_touch(conn);
    }
    loop_settle(server);
}

static void write_stalled(HttpTimer *timer)
{
    Conn *conn = CONTAINER_OF(timer, Conn, write_timer);
    HttpServer *server = conn->server;
    size_t queue = uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp);
    if (queue < conn->write_queue) {
        conn->write_queue = queue;
        loop_timer_set(server, &conn->write_timer, server->limits.write_stall_ms, write_stalled);
        return;
    }
    COUNT(server, timeouts_write);
    conn_drop(conn);
}

/* The socket is full: libuv goes on when there is room. A small part only, so that progress shows. */
static void write_later(Conn *conn)
{
    struct iovec segments[WRITE_SEGMENTS];
    size_t n = next_output(conn, segments, WRITE_WAIT_BYTES);
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += segments[i].iov_len;
    uv_write_t *write = malloc(sizeof *write);
    if (!write)
        abort();
    write->data = conn;
    static_assert(sizeof(uv_buf_t) == sizeof(struct iovec), "libuv's buffers are iovecs on Unix");
    if (uv_write(write, (uv_stream_t *)&conn->tcp, (uv_buf_t *)(void *)segments, (unsigned)n, on_written) != 0) {
        free(write);
        conn_drop(conn);
        return;
    }
    conn->write = write;
    conn->write_bytes = bytes;
    conn->write_queue = bytes;
    loop_timer_set(conn->server, &conn->write_timer, conn->server->limits.write_stall_ms, write_stalled);
}

static int try_write(Conn *conn, struct iovec *segments, size_t n)
{
    if (!conn->memory)
        return uv_try_write((uv_stream_t *)&conn->tcp, (uv_buf_t *)(void *)segments, (unsigned)n);
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        buf_add(conn->memory, segments[i].iov_base, segments[i].iov_len);
        bytes += segments[i].iov_len;
    }
    return (int)bytes;
}

/* Sends until nothing is left, the socket is full or it broke. `yield`: the rest is for the loop's next round. */
static void flush_output(Conn *conn, bool yield)
{
    while (!conn->write && !conn->doomed) {
        struct iovec segments[WRITE_SEGMENTS];
        size_t n = next_output(conn, segments, WRITE_BYTES);
        if (n == 0)
            return;
        int written = yield && !conn->memory ? UV_EAGAIN : try_write(conn, segments, n);
        if (written >= 0)
            consume_output(conn, (size_t)written);
        else if (written == UV_EAGAIN)
            write_later(conn);
        else
            conn_drop(conn);
    }
}

static bool all_is_sent(const Conn *conn)
{
    return conn->out.bytes == 0 && !conn->write && (!conn->tls || tls_output(conn->tls)->len == 0);
}

/* Everything is sent: says goodbye, and waits for the client to do so, lest a reset eat the last answer. */
static void say_goodbye(Conn *conn)
{
    conn->finishing = false;
    if (conn->tls && !conn->doomed) {
        tls_close(conn->tls);
        flush_output(conn, false);
    }
    if (conn->ended || conn->memory || conn->exchanges) {
        conn_drop(conn);
        return;
    }
    uv_os_fd_t socket;
    if (uv_fileno((uv_handle_t *)&conn->tcp, &socket) == 0)
        shutdown(socket, SHUT_WR);
    conn->lingering = true;
    buf_done(&conn->pending);
    conn_timer(conn, LINGER_MS);
    conn_reading(conn, true);
}

void conn_settle(Conn *conn)
{
    if (conn->again && !conn->doomed) {
        conn->again = false;
        if (conn->protocol && !conn->lingering)
            feed_pending(conn);
        if (conn->tls)
            tls_pump(conn);
    }
    for (int round = 0; !conn->doomed; round++) {
        flush_output(conn, round >= SETTLE_ROUNDS);
        if (conn->write || conn->doomed || conn->lingering || !conn->protocol)
            break;
        size_t before = conn->out.bytes;
        conn->protocol->writable(conn);
        if (conn->out.bytes == before)
            break;
    }
    if (conn->finishing && !conn->doomed && all_is_sent(conn))
        say_goodbye(conn);
    if (!conn->doomed)
        update_reading(conn);
    else if (!conn->touched) /* else it comes round once more: nothing may close under the list */
        conn_close(conn);
}

/* ---- Beginning ---- */

static void start(Conn *conn)
{
    conn_timer(conn, conn->server->limits.head_ms);
    if (!conn->tls)
        h1_start(conn);
    conn_touch(conn);
}

/* Over the limit a client hears why, if the socket takes it at once; TLS is not worth a handshake. */
static void turn_away(Conn *conn)
{
    HttpServer *server = conn->server;
    COUNT(server, refused_connections);
    if (!server->tls) {
        const RefusalFact *fact = &refusals[REFUSE_CONNECTIONS];
        AUTO(buf_done)
        Buf body = {0};
        AUTO(buf_done)
        Buf text = {0};
        error_body(&body, fact->status, fact->code, str_from_c(fact->message));
        buf_printf(&text,
                   "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nRetry-After: 1\r\n"
                   "Connection: close\r\n\r\n",
                   fact->status, status_reason(fact->status), body.len);
        buf_str(&text, buf_view(&body));
        uv_buf_t whole = uv_buf_init(text.data, (unsigned)text.len);
        uv_try_write((uv_stream_t *)&conn->tcp, &whole, 1);
    }
    conn_drop(conn);
}

void conn_accept(HttpServer *server)
{
    uint64_t open = atomic_load_explicit(&server->counts[offsetof(HttpCounters, open_connections) / sizeof(uint64_t)],
                                         memory_order_relaxed);
    Conn *conn = conn_new(server);
    uv_tcp_init(&server->loop, &conn->tcp);
    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&conn->tcp) != 0) {
        conn_drop(conn);
    } else if (open >= server->limits.connections) {
        turn_away(conn);
    } else {
        uv_tcp_nodelay(&conn->tcp, 1);
        uv_tcp_keepalive(&conn->tcp, 1, KEEPALIVE_S);
        name_peer(conn);
        if (server->tls)
            conn->tls = tls_new(server->tls);
        start(conn);
    }
    loop_settle(server);
}

Conn *conn_new_in_memory(HttpServer *server, Buf *memory)
{
    Conn *conn = conn_new(server);
    conn->memory = memory;
    start(conn);
    return conn;
}
