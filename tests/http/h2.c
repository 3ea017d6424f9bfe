/* HTTP/2, in clear text and under TLS: by curl, and by an nghttp2 client that misbehaves. */
#include "http/fixture.h"

#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static Fixture fixture;
static Arena arena;

static int start(void **state)
{
    (void)state;
    HttpLimits limits = {.h2_resets = 50, .body_idle_ms = 2000, .handler_ms = 1500};
    fixture_start(&fixture, limits, false);
    arena = (Arena){0};
    return 0;
}

static int start_tls(void **state)
{
    (void)state;
    fixture_start(&fixture, (HttpLimits){.head_ms = 600}, true);
    arena = (Arena){0};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    arena_done(&arena);
    return 0;
}

/* curl's output for `options` of a request for `path`; "@" in the options is the fixture's directory. */
static Str curl(const char *options, const char *path)
{
    Str out;
    const char *scheme = fixture.certificate ? "https" : "http";
    const char *trust = fixture.certificate ? "--cacert " : "--http2-prior-knowledge";
    int status = run_command(&arena, &out, "cd %s && curl -sS --max-time 60 %s%s %s '%s://localhost:%u%s' 2>&1",
                             fixture.directory, trust, fixture.certificate ? fixture.certificate : "", options, scheme,
                             fixture.port, path);
    if (status != 0)
        print_error("curl: %d: %.*s\n", status, STR_ARG(out));
    return status == 0 ? out : (Str){0};
}

static void check_everyday(const char *options)
{
    char about[160];
    const char *scheme = fixture.certificate ? "https" : "http";
    int version = strstr(options, "--http1.1") ? 1 : 2;
    snprintf(about, sizeof about, "GET path=/about query=a=b host=localhost:%u scheme=%s http=%d body=0", fixture.port,
             scheme, version);
    assert_str_equal(curl(options, "/hello"), S("hello"));
    assert_str_equal(curl(options, "/about?a=b"), str_from_c(about));
    assert_str_equal(curl(options, "/later"), S("later"));
    assert_int_equal(curl(options, "/bytes?3000000").len, 3000000);
    assert_str_equal(curl(str_to_c(&arena, str_printf(&arena, "%s -d hello", options)), "/echo"), S("hello"));
    assert_true(str_contains(curl(str_to_c(&arena, str_printf(&arena, "%s -I", options)), "/bytes?1234"), S("1234")));
    fixture_file(&fixture, "some", 5 << 20);
    const char *compare = str_to_c(&arena, str_printf(&arena, "%s -o got", options));
    curl(compare, "/file?some");
    assert_int_equal(run_command(&arena, NULL, "cd %s && cmp some got", fixture.directory), 0);
    const char *upload = str_to_c(&arena, str_printf(&arena, "%s --data-binary @some", options));
    assert_true(str_starts(curl(upload, "/count"), S("5242880 ")));
    assert_str_equal(curl(upload, "/slow-count"), curl(upload, "/count"));
    curl(str_to_c(&arena, str_printf(&arena, "%s --data-binary @some -o got", options)), "/echo");
    assert_int_equal(run_command(&arena, NULL, "cd %s && cmp some got", fixture.directory), 0);
    Str lines = curl(options, "/stream?50000");
    assert_true(str_contains(lines, S("{\"line\":49999,")));
}

static void test_h2__everyday(void **state)
{
    (void)state;
    check_everyday("");
    assert_true(fixture_counters(&fixture).requests_h2 > 0);
    assert_int_equal(fixture_counters(&fixture).requests, fixture_counters(&fixture).requests_h2);
}

static void test_tls__everyday(void **state)
{
    (void)state;
    check_everyday("--http1.1");
    assert_int_equal(fixture_counters(&fixture).requests_h2, 0);
    check_everyday("--http2");
    assert_true(fixture_counters(&fixture).requests_h2 > 0);
    check_everyday("--http1.1 --tls-max 1.2");
    check_everyday("--http2 --tls-max 1.2");
}

static void test_tls__old_versions_and_garbage_are_refused(void **state)
{
    (void)state;
    assert_null(curl("--tls-max 1.1", "/hello").data);
    int client = client_open(&fixture);
    client_send(client, S("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(client_is_closed(client, 3000));
    client_close(client);
    client = client_open(&fixture); /* says nothing */
    assert_true(client_is_closed(client, 3000));
    client_close(client);
    assert_int_equal(fixture_counters(&fixture).tls_failures, 2);
    assert_int_equal(fixture_counters(&fixture).timeouts_head, 1);
    assert_str_equal(curl("", "/hello"), S("hello"));
}

static void test_tls__bad_files_are_said(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/none.pem", fixture.directory);
    const struct {
        const char *certificate, *key;
    } rows[] = {{path, fixture.key},
                {fixture.certificate, path},
                {fixture.key, fixture.key},
                {fixture.certificate, NULL},
                {NULL, fixture.key}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        HttpServerOptions options = {.address = "127.0.0.1", .certificate = rows[i].certificate, .key = rows[i].key};
        HttpServer *server = NULL;
        Error err;
        assert_false(http_server_open(&options, &server, &err));
        assert_true(err.field[0] != 0 && err.message[0] != 0);
    }
}

static void test_h2load__many_streams(void **state)
{
    (void)state;
    Str out;
    int status = run_command(&arena, &out, "h2load -n 20000 -c 10 -m 100 http://127.0.0.1:%u/hello 2>&1", fixture.port);
    if (status == 127)
        skip();
    assert_true(str_contains(out, S("20000 succeeded, 0 failed")));
    run_command(&arena, &out, "h2load -n 300 -c 3 -m 100 http://127.0.0.1:%u/bytes?200000 2>&1", fixture.port);
    assert_true(str_contains(out, S("300 succeeded, 0 failed")));
}

/* ---- A client of our own ---- */

typedef struct Client {
    nghttp2_session *session;
    int socket;
    int statuses[4]; /* of the last four responses */
    int n_responses, n_closed;
    uint32_t goaway; /* its code, plus one */
    uint32_t closed_with;
} Client;

static ssize_t client_wants_to_send(nghttp2_session *session, const uint8_t *data, size_t len, int flags, void *self)
{
    (void)session, (void)flags;
    ssize_t n = send(((Client *)self)->socket, data, len, MSG_NOSIGNAL);
    return n < 0 ? NGHTTP2_ERR_CALLBACK_FAILURE : n;
}

static int client_got_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
                             const uint8_t *value, size_t value_len, uint8_t flags, void *self)
{
    (void)session, (void)frame, (void)flags, (void)value_len;
    Client *client = self;
    if (str_eq(str_of((const char *)name, name_len), S(":status")))
        client->statuses[client->n_responses++ % 4] = atoi((const char *)value);
    return 0;
}

static int client_got_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY)
        ((Client *)self)->goaway = frame->goaway.error_code + 1;
    return 0;
}

static int client_stream_closed(nghttp2_session *session, int32_t id, uint32_t code, void *self)
{
    (void)session, (void)id;
    ((Client *)self)->n_closed++;
    ((Client *)self)->closed_with = code;
    return 0;
}

static void client_begin(Client *client, uint32_t window)
{
    *client = (Client){.socket = client_open(&fixture)};
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_send_callback(callbacks, client_wants_to_send);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, client_got_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, client_got_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, client_stream_closed);
    /* What a server must refuse has to leave the client first. */
    nghttp2_option *option;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_http_messaging(option, 1);
    nghttp2_option_set_no_auto_window_update(option, window > 0);
    nghttp2_session_client_new2(&client->session, callbacks, client, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry entry = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window};
    nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, &entry, window > 0);
}

static void client_end(Client *client)
{
    nghttp2_session_del(client->session);
    client_close(client->socket);
}

#define FIELD(name, value)                                                                                             \
    {                                                                                                                  \
        (uint8_t *)(uintptr_t)(name), (uint8_t *)(uintptr_t)(value), strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE \
    }

static int32_t client_request(Client *client, const char *method, const char *path, const char *name, const char *value)
{
    nghttp2_nv fields[] = {FIELD(":method", method), FIELD(":scheme", "http"), FIELD(":path", path),
                           FIELD(":authority", "a"), FIELD(name ? name : "x", value ? value : "y")};
    return nghttp2_submit_request(client->session, NULL, fields, COUNT_OF(fields), NULL, NULL);
}

/* Sends what waits, reads for as long as something comes. False when the server has closed. */
static bool client_turn(Client *client, int timeout_ms)
{
    if (nghttp2_session_send(client->session) != 0)
        return false;
    for (;;) {
        struct pollfd wait = {.fd = client->socket, .events = POLLIN};
        if (poll(&wait, 1, timeout_ms) <= 0)
            return true;
        static uint8_t piece[65536];
        ssize_t n = recv(client->socket, piece, sizeof piece, 0);
        if (n <= 0 || nghttp2_session_mem_recv(client->session, piece, (size_t)n) < 0)
            return false;
        nghttp2_session_send(client->session);
    }
}

static void test_h2__refused_by_table(void **state)
{
    (void)state;
    static char long_path[9000] = "/", long_value[17000];
    memset(long_path + 1, 'a', sizeof long_path - 2);
    memset(long_value, 'a', sizeof long_value - 1);
    static const struct {
        const char *method, *path, *name, *value;
        int status; /* 0: the stream is reset by nghttp2 */
    } rows[] = {
        {"GET", "/hello", NULL, NULL, 200},
        {"GET", "/a%zz", NULL, NULL, 400},
        {"GET", "/a%00", NULL, NULL, 400},
        {"GET", "/a#b", NULL, NULL, 400},
        {"GET", "*", NULL, NULL, 0},
        {"OPTIONS", "*", NULL, NULL, 200},
        {"TRACE", "/hello", NULL, NULL, 501},
        {"BREW", "/hello", NULL, NULL, 501},
        {"GET", long_path, NULL, NULL, 414},
        {"GET", "/hello", "x", long_value, 431},
        {"GET", "/hello", "host", "b", 400},
        {"GET", "/hello", "host", "a", 200},
        {"POST", "/echo", "expect", "tea", 417},
        {"GET", "/hello", "connection", "close", 0},
        {"GET", "/hello", "transfer-encoding", "chunked", 0},
        {"GET", "/hello", "x", "a\nb", 0},
        {"GET", "/hello", "content-length", "5", 0},
        {"GET", "hello", NULL, NULL, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Client client;
        client_begin(&client, 0);
        client_request(&client, rows[i].method, rows[i].path, rows[i].name, rows[i].value);
        for (int turn = 0; turn < 50 && client.n_closed == 0; turn++)
            client_turn(&client, 50);
        if (client.statuses[0] != rows[i].status)
            fail_msg("row %zu: %d, expected %d", i, client.statuses[0], rows[i].status);
        client_end(&client);
    }
}

static void test_h2__rapid_reset_ends_the_connection(void **state)
{
    (void)state;
    Client client;
    client_begin(&client, 0);
    bool open = true;
    for (int i = 0; i < 500 && open; i++) {
        int32_t id = client_request(&client, "GET", "/never", NULL, NULL);
        nghttp2_session_send(client.session);
        nghttp2_submit_rst_stream(client.session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        open = client_turn(&client, 0);
    }
    for (int turn = 0; turn < 100 && open; turn++)
        open = client_turn(&client, 50);
    assert_false(open);
    assert_int_equal(client.goaway, NGHTTP2_ENHANCE_YOUR_CALM + 1);
    client_end(&client);
    assert_int_equal(fixture_counters(&fixture).h2_floods, 1);
    assert_true(fixture_counters(&fixture).requests <= 60);
    fixture_wait_for(&fixture, open_requests, 0);
    assert_str_equal(curl("", "/hello"), S("hello"));
}

static void test_h2__streams_are_bounded(void **state)
{
    (void)state;
    Client client;
    client_begin(&client, 0);
    client_turn(&client, 50);
    for (int i = 0; i < 300; i++)
        client_request(&client, "GET", "/never", NULL, NULL);
    client_turn(&client, 200);
    assert_true(fixture_counters(&fixture).open_requests <= 128);
    client_end(&client);
    fixture_wait_for(&fixture, open_requests, 0);
}

static void test_h2__reset_tells_the_handler(void **state)
{
    (void)state;
    Client client;
    client_begin(&client, 0);
    int32_t id = client_request(&client, "GET", "/never", NULL, NULL);
    client_request(&client, "GET", "/follow", NULL, NULL);
    client_turn(&client, 100);
    fixture_wait_for(&fixture, requests, 2);
    nghttp2_submit_rst_stream(client.session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    client_turn(&client, 100);
    fixture_wait_atomic(&fixture.gone, 1);
    assert_int_equal(fixture_counters(&fixture).open_streams, 1);
    client_end(&client);
    fixture_wait_atomic(&fixture.gone, 2);
    fixture_wait_for(&fixture, open_requests, 0);
}

static void test_h2__slow_handler_is_answered_for(void **state)
{
    (void)state;
    Client client;
    client_begin(&client, 0);
    client_request(&client, "GET", "/never", NULL, NULL);
    client_request(&client, "GET", "/hello", NULL, NULL);
    for (int turn = 0; turn < 60 && client.n_closed < 2; turn++)
        client_turn(&client, 50);
    assert_int_equal(client.statuses[0], 200);
    assert_int_equal(client.statuses[1], 504);
    client_end(&client);
}

/* A client that opens no window holds up its own streams and nothing else. */
static void test_h2__shut_window_costs_little(void **state)
{
    (void)state;
    Client client;
    client_begin(&client, 1000);
    size_t before = resident_bytes();
    for (int i = 0; i < 20; i++)
        client_request(&client, "GET", i % 2 ? "/stream?1000000" : "/bytes?100000", NULL, NULL);
    client_turn(&client, 300);
    assert_int_equal(fixture_counters(&fixture).open_requests, 20);
    assert_true(resident_bytes() < before + (32u << 20));
    assert_str_equal(curl("", "/hello"), S("hello"));
    client_end(&client);
    fixture_wait_for(&fixture, open_requests, 0);
}

static void test_h2__drain_says_goaway_and_finishes(void **state)
{
    (void)state;
    Client client;
    client_begin(&client, 0);
    client_request(&client, "GET", "/never", NULL, NULL);
    client_request(&client, "GET", "/follow", NULL, NULL);
    client_turn(&client, 100);
    http_server_drain(fixture.server, 5000);
    for (int turn = 0; turn < 100 && client_turn(&client, 50); turn++)
        ;
    assert_int_equal(client.goaway, NGHTTP2_NO_ERROR + 1);
    assert_int_equal(client.n_closed, 2);
    assert_int_equal(client.statuses[0], 200);
    assert_int_equal(client.statuses[1], 504);
    client_end(&client);
}

static void test_h2__garbage_after_the_preface(void **state)
{
    (void)state;
    static const Str rows[] = {
        S_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is not a frame at all, not in the least"),
        S_INIT(
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00\xff\xff\xff\x01\x04\x00\x00\x00\x01"),
        S_INIT("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"),
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int client = client_open(&fixture);
        client_send(client, rows[i]);
        assert_true(client_is_closed(client, 5000));
        client_close(client);
    }
    assert_str_equal(curl("", "/hello"), S("hello"));
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start, stop)
#define TLS(test) cmocka_unit_test_setup_teardown(test, start_tls, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_h2__everyday),
        TLS(test_tls__everyday),
        TLS(test_tls__old_versions_and_garbage_are_refused),
        TLS(test_tls__bad_files_are_said),
        ON(test_h2load__many_streams),
        ON(test_h2__refused_by_table),
        ON(test_h2__rapid_reset_ends_the_connection),
        ON(test_h2__streams_are_bounded),
        ON(test_h2__reset_tells_the_handler),
        ON(test_h2__slow_handler_is_answered_for),
        ON(test_h2__shut_window_costs_little),
        ON(test_h2__drain_says_goaway_and_finishes),
        ON(test_h2__garbage_after_the_preface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
