/* Hostile bytes on a connection, fed in memory. However they are cut, the server must answer the same. The first byte
 * chooses the cut; "PRI * HTTP/2.0" leads into HTTP/2, which is only fed. */
#include <stdlib.h>

#include "http/conn.h"
#include "http/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void echo(void *self, HttpRequest *request)
{
    (void)self;
    http_respond(request, 200, NULL, 0, request->body);
}

static void let_go(HttpRequest *request)
{
    http_let_go(request);
}

static HttpBodyMode choose(void *self, HttpRequest *request)
{
    (void)self;
    if (str_starts(request->path, S("/early")))
        http_respond(request, 401, NULL, 0, S("no"));
    if (!str_starts(request->path, S("/stream")))
        return HTTP_BODY_BUFFER;
    request->on_gone = let_go;
    return HTTP_BODY_STREAM;
}

static HttpServer *make_server(void)
{
    HttpServer *server;
    Error err;
    HttpServerOptions options = {.handler = {.on_headers = choose, .handle = echo},
                                 .limits = {.head_bytes = 2048, .target_bytes = 512, .body_bytes = 4096}};
    if (!loop_new(&options, &server, &err))
        abort();
    return server;
}

/* Date and id differ from run to run; whether 100 Continue is worth sending depends on the cut. */
static Str without_what_varies(Arena *arena, Str output)
{
    Buf kept = buf_in(arena);
    while (output.len > 0) {
        Str line = str_cut(&output, '\n');
        bool interim = str_eq(line, S("HTTP/1.1 100 Continue\r"));
        if (interim)
            str_cut(&output, '\n');
        if (interim || str_starts(line, S("Date: ")) || str_starts(line, S("X-Request-Id: ")))
            continue;
        buf_str(&kept, line);
        buf_char(&kept, '\n');
    }
    return buf_view(&kept);
}

static Str feed(HttpServer *server, Arena *arena, Str input, size_t step)
{
    AUTO(buf_done)
    Buf output = {0};
    Conn *conn = conn_new_in_memory(server, &output);
    loop_settle(server);
    for (size_t at = 0; at < input.len && server->conns; at += step) {
        conn_input(conn, str_slice(input, at, at + step));
        loop_settle(server);
    }
    if (server->conns)
        conn_input_end(conn);
    loop_settle(server);
    if (server->conns)
        conn_drop(conn);
    loop_settle(server);
    if (server->conns || server->n_exchanges > 0)
        abort();
    return without_what_varies(arena, buf_view(&output));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static HttpServer *server;
    if (!server)
        server = make_server();
    if (size == 0)
        return 0;
    Arena arena = {0};
    Str input = str_of((const char *)data + 1, size - 1);
    Str whole = feed(server, &arena, input, size);
    Str cut = feed(server, &arena, input, 1u + data[0]);
    if (!str_starts(input, S("PRI ")) && !str_eq(whole, cut))
        abort();
    arena_done(&arena);
    return 0;
}
