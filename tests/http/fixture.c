/* tests/http/fixture.c: see the header. */
#include "http/fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define PATIENCE_MS 10000
#define SLOW_STEP (8u << 20)

/* ---- The handler ---- */

static const HttpHeader text_headers[] = {{S_INIT("Content-Type"), S_INIT("text/plain")}};

static void respond_text(HttpRequest *request, int status, Str text)
{
    http_respond(request, status, text_headers, COUNT_OF(text_headers), text);
}

/* What a request remembers between calls. */
typedef struct Note {
    Fixture *fixture;
    uint64_t bytes, sum, next_pause;
    bool slow;
    int64_t lines, lines_wanted;
} Note;

static void on_gone(HttpRequest *request)
{
    Note *note = request->context;
    atomic_fetch_add(&note->fixture->gone, 1);
}

static void on_gone_let_go(HttpRequest *request)
{
    on_gone(request);
    http_let_go(request);
}

static void resume_letter(HttpLetter *letter)
{
    HttpRequest *request = CONTAINER_OF_LETTER(letter);
    http_body_resume(request);
}

static void on_body(HttpRequest *request, Str piece)
{
    Note *note = request->context;
    note->bytes += piece.len;
    for (size_t i = 0; i < piece.len; i++)
        note->sum += (unsigned char)piece.data[i];
    if (!note->slow || note->bytes < note->next_pause)
        return;
    note->next_pause += SLOW_STEP;
    http_body_pause(request);
    request->letter.run = resume_letter;
    http_post(request, &request->letter);
}

static HttpBodyMode on_headers(void *self, HttpRequest *request)
{
    Note *note = NEW(request->arena, Note);
    note->fixture = self;
    request->context = note;
    if (str_eq(request->path, S("/early"))) {
        respond_text(request, 401, S("who are you?"));
        return HTTP_BODY_BUFFER;
    }
    note->slow = str_eq(request->path, S("/slow-count"));
    note->next_pause = SLOW_STEP;
    if (!note->slow && !str_eq(request->path, S("/count")))
        return HTTP_BODY_BUFFER;
    request->on_body = on_body;
    request->on_gone = on_gone_let_go;
    return HTTP_BODY_STREAM;
}

static void respond_bytes(HttpRequest *request)
{
    int64_t n;
    if (!str_to_i64(request->query, &n))
        n = 0;
    char *bytes = arena_alloc(request->arena, (size_t)n, 1);
    memset(bytes, 'b', (size_t)n);
    respond_text(request, 200, str_of(bytes, (size_t)n));
}

static void respond_file(Fixture *fixture, HttpRequest *request, Str name, uint64_t add)
{
    Str path = str_printf(request->arena, "%s/%.*s", fixture->directory, STR_ARG(name));
    int fd = open(str_to_c(request->arena, path), O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    if (size < 0)
        respond_text(request, 404, S("no such file"));
    else
        http_respond_file(request, 200, NULL, 0, fd, 0, (uint64_t)size + add);
}

static void write_lines(HttpRequest *request)
{
    Note *note = request->context;
    while (note->lines < note->lines_wanted) {
        char line[64];
        int len = snprintf(line, sizeof line, "{\"line\":%lld,\"padding\":\"%020d\"}\n", (long long)note->lines, 0);
        note->lines++;
        if (!http_stream_write(request, str_of(line, (size_t)len)))
            return;
    }
    http_stream_end(request);
}

static void on_gone_end(HttpRequest *request)
{
    on_gone(request);
    http_stream_end(request);
}

static void begin_stream(HttpRequest *request)
{
    Note *note = request->context;
    if (!str_to_i64(request->query, &note->lines_wanted))
        note->lines_wanted = 0;
    request->on_gone = on_gone_end;
    http_stream_begin(request, note->lines_wanted > 0 ? 200 : 204, text_headers, COUNT_OF(text_headers),
                      (HttpStreamHooks){.on_room = write_lines});
    write_lines(request);
}

static void begin_follow(HttpRequest *request)
{
    request->on_gone = on_gone_end;
    http_stream_begin(request, 200, text_headers, COUNT_OF(text_headers), (HttpStreamHooks){0});
    http_stream_write(request, S("first\n"));
}

static void answer_later(HttpLetter *letter)
{
    respond_text(CONTAINER_OF_LETTER(letter), 200, S("later"));
}

static void handle_about(HttpRequest *request)
{
    Buf text = buf_in(request->arena);
    buf_printf(&text, "%s path=%.*s query=%.*s host=%.*s scheme=%.*s http=%d body=%zu",
               http_method_names[request->method], STR_ARG(request->path), STR_ARG(request->query),
               STR_ARG(request->authority), STR_ARG(request->scheme), request->http_major, request->body.len);
    respond_text(request, 200, buf_view(&text));
}

static void handle(void *self, HttpRequest *request)
{
    Fixture *fixture = self;
    Note *note = request->context;
    Str path = request->path;
    request->on_gone = on_gone;
    if (str_eq(path, S("/hello"))) {
        respond_text(request, 200, S("hello"));
    } else if (str_eq(path, S("/echo"))) {
        respond_text(request, 200, request->body);
    } else if (str_eq(path, S("/about")) || str_eq(path, S("*"))) {
        handle_about(request);
    } else if (str_eq(path, S("/count")) || str_eq(path, S("/slow-count"))) {
        respond_text(
            request, 200,
            str_printf(request->arena, "%llu %llu", (unsigned long long)note->bytes, (unsigned long long)note->sum));
    } else if (str_eq(path, S("/bytes"))) {
        respond_bytes(request);
    } else if (str_eq(path, S("/file"))) {
        respond_file(fixture, request, request->query, 0);
    } else if (str_eq(path, S("/short"))) {
        respond_file(fixture, request, request->query, 1);
    } else if (str_eq(path, S("/stream"))) {
        begin_stream(request);
    } else if (str_eq(path, S("/follow"))) {
        begin_follow(request);
    } else if (str_eq(path, S("/later"))) {
        inbox_send(fixture->work, &request->letter.letter);
    } else if (str_eq(path, S("/never"))) {
        request->on_gone = on_gone_let_go;
    } else if (str_eq(path, S("/silent"))) {
        http_let_go(request);
    } else if (str_eq(path, S("/split"))) {
        http_respond(request, 200, &(HttpHeader){S("X-Evil"), S("a\r\nSet-Cookie: b=c\r\n\r\nbody")}, 1, S("safe"));
    } else {
        respond_text(request, 404, S("nothing here"));
    }
}

static void on_done(void *self, const HttpRequest *request, const HttpOutcome *outcome)
{
    (void)request;
    Fixture *fixture = self;
    atomic_store(&fixture->last_status, outcome->status);
    if (!outcome->complete)
        atomic_fetch_add(&fixture->incomplete, 1);
    atomic_fetch_add(&fixture->done, 1);
}

/* The other thread of /later: builds nothing, only sends back. */
static void *help(void *self)
{
    Fixture *fixture = self;
    for (;;) {
        Letter *letter = inbox_take_wait(fixture->work, -1);
        if (!letter)
            return NULL;
        while (letter) {
            Letter *next = letter->next;
            HttpRequest *request = CONTAINER_OF_LETTER(letter);
            request->letter.run = answer_later;
            http_post(request, &request->letter);
            letter = next;
        }
    }
}

/* ---- Life ---- */

static void *run_loop(void *self)
{
    http_server_run(((Fixture *)self)->server);
    return NULL;
}

static void make_certificate(Fixture *fixture)
{
    Arena arena = {0};
    assert_int_equal(
        run_command(
            &arena, NULL,
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
            "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout %s/key.pem -out %s/cert.pem 2>/dev/null",
            fixture->directory, fixture->directory),
        0);
    arena_done(&arena);
    assert_true(asprintf(&fixture->certificate, "%s/cert.pem", fixture->directory) > 0);
    assert_true(asprintf(&fixture->key, "%s/key.pem", fixture->directory) > 0);
}

void fixture_start(Fixture *fixture, HttpLimits limits, bool tls)
{
    *fixture = (Fixture){0};
    signal(SIGPIPE, SIG_IGN);
    const char *tmp = getenv("TMPDIR");
    snprintf(fixture->directory, sizeof fixture->directory, "%s/http-test-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(fixture->directory));
    if (tls)
        make_certificate(fixture);
    HttpServerOptions options = {
        .address = "127.0.0.1",
        .limits = limits,
        .certificate = fixture->certificate,
        .key = fixture->key,
        .handler = {.self = fixture, .on_headers = on_headers, .handle = handle, .on_done = on_done},
    };
    Error err;
    assert_fine(http_server_open(&options, &fixture->server, &err), &err);
    fixture->port = http_server_port(fixture->server);
    fixture->work = inbox_new();
    assert_int_equal(pthread_create(&fixture->loop, NULL, run_loop, fixture), 0);
    assert_int_equal(pthread_create(&fixture->helper, NULL, help, fixture), 0);
}

void fixture_stop(Fixture *fixture)
{
    http_server_drain(fixture->server, 3000);
    pthread_join(fixture->loop, NULL);
    inbox_wake(fixture->work);
    pthread_join(fixture->helper, NULL);
    HttpCounters counters = fixture_counters(fixture);
    assert_int_equal(counters.open_connections, 0);
    assert_int_equal(counters.open_requests, 0);
    assert_int_equal(counters.open_streams, 0);
    assert_int_equal(counters.buffered_bytes, 0);
    http_server_free(fixture->server);
    inbox_free(fixture->work);
    free(fixture->certificate);
    free(fixture->key);
    Arena arena = {0};
    assert_int_equal(run_command(&arena, NULL, "rm -r %s", fixture->directory), 0);
    arena_done(&arena);
}

HttpCounters fixture_counters(const Fixture *fixture)
{
    HttpCounters counters;
    http_server_counters(fixture->server, &counters);
    return counters;
}

void fixture_wait(const Fixture *fixture, size_t counter, uint64_t n)
{
    int64_t deadline = clock_monotonic_us() + PATIENCE_MS * 1000;
    for (;;) {
        HttpCounters counters = fixture_counters(fixture);
        uint64_t value;
        memcpy(&value, (char *)&counters + counter, sizeof value);
        if (value == n)
            return;
        if (clock_monotonic_us() > deadline)
            fail_msg("the counter at %zu is %llu, not %llu", counter, (unsigned long long)value, (unsigned long long)n);
        usleep(2000);
    }
}

void fixture_wait_atomic(_Atomic int *value, int n)
{
    int64_t deadline = clock_monotonic_us() + PATIENCE_MS * 1000;
    while (atomic_load(value) < n) {
        if (clock_monotonic_us() > deadline)
            fail_msg("waited in vain: %d, not %d", atomic_load(value), n);
        usleep(2000);
    }
}

void fixture_file(const Fixture *fixture, const char *name, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", fixture->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        putc_unlocked((int)((i * 31 >> 3) & 0xff), file);
    assert_int_equal(fclose(file), 0);
}

/* ---- The client ---- */

int client_open(const Fixture *fixture)
{
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client >= 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(fixture->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(client, (struct sockaddr *)&address, sizeof address) != 0)
        fail_msg("connect: %s", strerror(errno));
    return client;
}

void client_send(int client, Str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(client, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (n < 0)
            return; /* the server may close early; the answer tells */
        bytes = str_skip(bytes, (size_t)n);
    }
}

/* -1 after a reset, -2 when nothing comes. */
static ssize_t read_some(int client, char *into, size_t size, int timeout_ms)
{
    struct pollfd wait = {.fd = client, .events = POLLIN};
    int ready = poll(&wait, 1, timeout_ms);
    return ready > 0 ? recv(client, into, size, 0) : -2;
}

static Str read_to(int client, Arena *arena, Str text)
{
    Buf all = buf_in(arena);
    for (;;) {
        char piece[16384];
        ssize_t n = read_some(client, piece, sizeof piece, PATIENCE_MS);
        if (n == -2)
            fail_msg("the server is silent after: %.*s", STR_ARG(buf_view(&all)));
        if (n <= 0)
            return buf_view(&all);
        buf_add(&all, piece, (size_t)n);
        if (text.len > 0 && str_contains(buf_view(&all), text))
            return buf_view(&all);
    }
}

Str client_read_all(int client, Arena *arena)
{
    return read_to(client, arena, (Str){0});
}

Str client_read_until(int client, Arena *arena, Str text)
{
    Str all = read_to(client, arena, text);
    if (!str_contains(all, text))
        fail_msg("the server closed before \"%.*s\"", STR_ARG(text));
    return all;
}

bool client_is_closed(int client, int timeout_ms)
{
    int64_t deadline = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    while (clock_monotonic_us() < deadline) {
        char piece[16384];
        ssize_t n = read_some(client, piece, sizeof piece, timeout_ms);
        if (n == 0 || n == -1)
            return true;
    }
    return false;
}

void client_close(int client)
{
    close(client);
}

Str exchange_bytes(const Fixture *fixture, Arena *arena, Str request)
{
    int client = client_open(fixture);
    client_send(client, request);
    Str response = client_read_all(client, arena);
    client_close(client);
    return response;
}

int response_status(Str response)
{
    int64_t status = 0;
    if (!str_starts(response, S("HTTP/1.1 ")) || !str_to_i64(str_slice(response, 9, 12), &status))
        return 0;
    return (int)status;
}

Str response_body(Str response)
{
    ptrdiff_t end = str_find(response, S("\r\n\r\n"));
    return end < 0 ? (Str){0} : str_skip(response, (size_t)end + 4);
}

Str response_header(Str response, Str name)
{
    Str head = str_slice(response, 0, (size_t)MAX_OF(str_find(response, S("\r\n\r\n")), 0));
    for (Str line = str_cut(&head, '\n'); line.data; line = str_cut(&head, '\n')) {
        Str key = str_cut(&line, ':');
        if (str_eq_fold(key, name))
            return str_trim(line);
        if (!head.data)
            break;
    }
    return (Str){0};
}

int run_command(Arena *arena, Str *out, const char *format, ...)
{
    char command[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    Buf all = buf_in(arena);
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, pipe)) > 0;)
        buf_add(&all, piece, n);
    if (out)
        *out = buf_view(&all);
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

size_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    unsigned long size, resident;
    assert_int_equal(fscanf(file, "%lu %lu", &size, &resident), 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}
