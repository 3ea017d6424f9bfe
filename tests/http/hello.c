/* tests/http/hello.c: the smallest server, to be measured by hand: hello [port] [certificate key]. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/response.h"
#include "http/server.h"

static void hello(void *self, HttpRequest *request)
{
    (void)self;
    static const HttpHeader headers[] = {{S_INIT("Content-Type"), S_INIT("text/plain")}};
    http_respond(request, 200, headers, COUNT_OF(headers), S("hello, world\n"));
}

static HttpServer *running;

static void stop(int number)
{
    (void)number;
    http_server_drain(running, 1000);
}

int main(int argc, char **argv)
{
    HttpServerOptions options = {
        .address = "127.0.0.1",
        .port = (uint16_t)(argc > 1 ? atoi(argv[1]) : 8080),
        .certificate = argc > 3 ? argv[2] : NULL,
        .key = argc > 3 ? argv[3] : NULL,
        .handler = {.handle = hello},
    };
    Error err;
    if (!http_server_open(&options, &running, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop); /* good enough for a program that is only measured */
    printf("listening on port %u\n", http_server_port(running));
    http_server_run(running);
    http_server_free(running);
    return 0;
}
