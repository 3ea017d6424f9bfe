/* bench/load.c: N connections, each invoking an automation and waiting for its run to end, over and over: how many runs
 * a second, and how long one takes. Also plain GETs of one path. One thread, epoll, HTTP/1.1 keep-alive; it reads no
 * more of an answer than it must.
 *
 *   load invoke PORT TOKEN AUTOMATION CONNECTIONS SECONDS
 *   load get    PORT TOKEN PATH       CONNECTIONS SECONDS
 *   load hook   PORT -     PATH       CONNECTIONS SECONDS     messages to a trigger that answers with the outputs
 *   load refused PORT TOKEN PATH      CONNECTIONS SECONDS     every answer is expected to be 429
 *   load post   PORT TOKEN PATH       CONNECTIONS SECONDS     posts BODY; with SECONDS written 1000x, a thousand times
 *
 * BODY is what the environment says, else one input, n. Prints one JSON object. Every answer is checked: anything but
 * the expected one ends the program. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 8 << 20, SAMPLES_MAX = 4 << 20 };

typedef struct Connection {
    int fd;
    bool waiting; /* for the run to end; else for the invoke's answer */
    char *answer;
    size_t len;
    double begun;
} Connection;

static const char *token, *target, *expected = "HTTP/1.1 200";
static const char *body_text = "{\"stage\":\"AUTOMATION_STAGE_PUBLISHED\",\"inputs\":{\"n\":{\"number\":{\"lo\":12}}}}";
static size_t body_len;
static bool invoking, posting, hooking;
static size_t n_begun, wanted = SIZE_MAX;
static double samples[SAMPLES_MAX];
static size_t n_samples;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what, const char *detail)
{
    fprintf(stderr, "load: %s: %.600s\n", what, detail);
    exit(1);
}

static void send_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EAGAIN)
            continue;
        if (n <= 0)
            die("write", strerror(errno));
        text += n;
        len -= (size_t)n;
    }
}

static void send_get(Connection *connection, const char *path)
{
    char request[2048];
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n",
                       path, token);
    send_all(connection->fd, request, (size_t)len);
}

static void send_post(Connection *connection)
{
    char head[2048];
    int len = snprintf(head, sizeof head,
                       "POST %s%s%s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
                       "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                       invoking ? "/api/v1/" : "", target, invoking ? ":invoke" : "", token, body_len);
    if (len >= (int)sizeof head)
        die("too long a request", target);
    struct iovec parts[] = {{head, (size_t)len}, {(char *)body_text, body_len}};
    ssize_t n = writev(connection->fd, parts, 2);
    if (n < 0)
        die("write", strerror(errno));
    if ((size_t)n < (size_t)len)
        die("write", "not even the head was taken");
    size_t sent = (size_t)n - (size_t)len;
    send_all(connection->fd, body_text + sent, body_len - sent);
}

static void begin(Connection *connection)
{
    if (n_begun == wanted)
        return;
    n_begun++;
    connection->begun = now();
    connection->waiting = false;
    if (invoking || posting)
        send_post(connection);
    else
        send_get(connection, target);
}

static void wait_for_run(Connection *connection, const char *body)
{
    const char *name = strstr(body, "\"run_id\":\"");
    const char *end = name ? strchr(name + 10, '"') : NULL;
    if (!end)
        die("no run_id", body);
    char path[1024];
    snprintf(path, sizeof path, "/api/v1/%.*s:wait?timeout=30s", (int)(end - name - 10), name + 10);
    connection->waiting = true;
    send_get(connection, path);
}

static void finished(Connection *connection, const char *body)
{
    if (invoking && !connection->waiting) {
        wait_for_run(connection, body);
        return;
    }
    if ((invoking || hooking) && !strstr(body, "\"completed\""))
        die("the run did not complete", body);
    if (n_samples < SAMPLES_MAX)
        samples[n_samples++] = now() - connection->begun;
    begin(connection);
}

/* The body of a whole answer, or NULL while some of it is missing. */
static const char *whole_answer(Connection *connection)
{
    connection->answer[connection->len] = '\0';
    char *body = strstr(connection->answer, "\r\n\r\n");
    if (!body)
        return NULL;
    char *length = strcasestr(connection->answer, "\r\ncontent-length:");
    if (!length || length > body)
        die("no content-length", connection->answer);
    body += 4;
    if ((size_t)(connection->answer + connection->len - body) < strtoul(length + 17, NULL, 10))
        return NULL;
    return body;
}

static void readable(Connection *connection)
{
    ssize_t n = read(connection->fd, connection->answer + connection->len, ANSWER_MAX - connection->len - 1);
    if (n <= 0)
        die("the server closed the connection", n < 0 ? strerror(errno) : connection->answer);
    connection->len += (size_t)n;
    const char *body = whole_answer(connection);
    if (!body)
        return;
    if (strncmp(connection->answer, expected, 12) != 0)
        die("not the expected answer", connection->answer);
    connection->len = 0;
    finished(connection, body);
}

static void open_connection(Connection *connection, int epoll, int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    connection->answer = malloc(ANSWER_MAX);
    int one = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!connection->answer || connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect", strerror(errno));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double q)
{
    return n_samples ? samples[(size_t)((double)(n_samples - 1) * q)] * 1000 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: load invoke|hook|get|refused|post PORT TOKEN AUTOMATION|PATH CONNECTIONS SECONDS\n");
        return 2;
    }
    invoking = strcmp(argv[1], "invoke") == 0;
    hooking = strcmp(argv[1], "hook") == 0;
    posting = hooking || strcmp(argv[1], "post") == 0;
    if (hooking)
        body_text = "{\"n\":12}";
    else if (getenv("BODY"))
        body_text = getenv("BODY");
    body_len = strlen(body_text);
    if (strcmp(argv[1], "refused") == 0)
        expected = "HTTP/1.1 429";
    token = argv[3];
    target = argv[4];
    int n = atoi(argv[5]), epoll = epoll_create1(0);
    Connection *connections = calloc((size_t)n, sizeof *connections);
    if (!connections)
        return 1;
    bool counted = strchr(argv[6], 'x') != NULL;
    if (counted)
        wanted = strtoul(argv[6], NULL, 10);
    double start = now(), end = counted ? start + 3600 : start + atof(argv[6]);
    for (int i = 0; i < n; i++)
        open_connection(&connections[i], epoll, atoi(argv[2]));
    for (int i = 0; i < n; i++)
        begin(&connections[i]);
    while (now() < end && n_samples < wanted) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < ready; i++)
            readable(events[i].data.ptr);
    }
    double seconds = now() - start;
    qsort(samples, n_samples, sizeof samples[0], by_size);
    printf("{\"connections\":%d,\"per_second\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"count\":%zu}\n",
           n, (double)n_samples / seconds, quantile(0.5), quantile(0.99), quantile(1), n_samples);
    return 0;
}
