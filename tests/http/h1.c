/* HTTP/1 as it is spoken every day, and by clients that do not behave. */
#include "http/fixture.h"

#include <sys/socket.h>
#include <unistd.h>

#define CLOSE "Host: a\r\nConnection: close\r\n\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static Fixture fixture;
static Arena arena;

static int start(void **state)
{
    (void)state;
    fixture_start(&fixture, (HttpLimits){0}, false);
    arena = (Arena){0};
    return 0;
}

/* Deadlines of tests are short. */
static int start_hasty(void **state)
{
    (void)state;
    HttpLimits limits = {.head_ms = 400, .body_idle_ms = 400, .handler_ms = 400, .idle_ms = 400, .write_stall_ms = 600};
    fixture_start(&fixture, limits, false);
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

static void test_keep_alive__serves_one_request_after_the_other(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    for (int i = 0; i < 100; i++) {
        client_send(client, S(GET("/hello")));
        Str response = client_read_until(client, &arena, S("hello"));
        assert_int_equal(response_status(response), 200);
        assert_null(response_header(response, S("connection")).data);
    }
    client_close(client);
    assert_int_equal(fixture_counters(&fixture).connections, 1);
    assert_int_equal(fixture_counters(&fixture).requests, 100);
}

static void test_keep_alive__http10_asks_for_it(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    Str response = client_read_until(client, &arena, S("hello"));
    assert_str_equal(response_header(response, S("connection")), S("keep-alive"));
    client_send(client, S("GET /hello HTTP/1.0\r\n\r\n"));
    response = client_read_all(client, &arena);
    assert_str_equal(response_header(response, S("connection")), S("close"));
    client_close(client);
}

static void test_pipelining__answers_in_order(void **state)
{
    (void)state;
    Buf requests = buf_in(&arena);
    for (int i = 0; i < 1000; i++)
        buf_printf(&requests, "POST /%s HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n%04d",
                   i % 7 == 3 ? "later" : "echo", i);
    buf_str(&requests, S("GET /hello HTTP/1.1\r\n" CLOSE));
    int client = client_open(&fixture);
    client_send(client, buf_view(&requests));
    Str rest = client_read_all(client, &arena);
    for (int i = 0; i < 1000; i++) {
        char expected[8];
        snprintf(expected, sizeof expected, i % 7 == 3 ? "later" : "%04d", i);
        Str body = response_body(rest);
        assert_str_equal(str_slice(body, 0, strlen(expected)), str_from_c(expected));
        rest = str_skip(body, strlen(expected));
    }
    assert_str_equal(response_body(rest), S("hello"));
    client_close(client);
}

/* Who asks for much and reads nothing must not fill our memory. */
static void test_pipelining__waits_for_a_reader(void **state)
{
    (void)state;
    Buf requests = buf_in(&arena);
    for (int i = 0; i < 400; i++)
        buf_str(&requests, S(GET("/bytes?1000000")));
    int client = client_open(&fixture);
    size_t before = resident_bytes();
    client_send(client, buf_view(&requests));
    usleep(300 * 1000);
    assert_true(resident_bytes() < before + (64u << 20));
    assert_true(fixture_counters(&fixture).requests < 50);
    size_t total = 0;
    char piece[65536];
    while (total < 400u * 1000000)
        total += (size_t)recv(client, piece, sizeof piece, 0);
    client_close(client);
    assert_int_equal(fixture_counters(&fixture).requests, 400);
}

static void test_body__by_length_and_in_chunks(void **state)
{
    (void)state;
    Str response = exchange_bytes(&fixture, &arena, S("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n" CLOSE "hello"));
    assert_str_equal(response_body(response), S("hello"));
    response = exchange_bytes(&fixture, &arena,
                              S("POST /echo HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n" CLOSE
                                "5;a=b\r\nhello\r\n00001\r\n,\r\n6 \r\n world\r\n0\r\nX: trailer\r\n\r\n"));
    assert_int_equal(response_status(response), 400); /* "6 ": no blank may follow a size */
    response = exchange_bytes(&fixture, &arena,
                              S("POST /echo HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n" CLOSE
                                "5;a=b\r\nhello\r\n00001\r\n,\r\nA\r\n0123456789\r\n0\r\nX: trailer\r\n\r\n"));
    assert_str_equal(response_body(response), S("hello,0123456789"));
}

static void test_body__however_it_is_cut(void **state)
{
    (void)state;
    Str request = S("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
                    "5;a=b\r\nhello\r\n1\r\n,\r\nA\r\n0123456789\r\n0\r\nX: trailer\r\n\r\n");
    for (size_t step = 1; step < 16; step += 2) {
        int client = client_open(&fixture);
        for (size_t at = 0; at < request.len; at += step) {
            client_send(client, str_slice(request, at, at + step));
            usleep(300);
        }
        assert_str_equal(response_body(client_read_all(client, &arena)), S("hello,0123456789"));
        client_close(client);
    }
}

static void test_body__of_eight_megabytes(void **state)
{
    (void)state;
    size_t size = 8u << 20;
    char *body = arena_alloc(&arena, size, 1);
    for (size_t i = 0; i < size; i++)
        body[i] = (char)('a' + i % 23);
    int client = client_open(&fixture);
    client_send(client, str_printf(&arena, "POST /echo HTTP/1.1\r\nContent-Length: %zu\r\n" CLOSE, size));
    client_send(client, str_of(body, size));
    Str response = client_read_all(client, &arena);
    assert_true(str_eq(response_body(response), str_of(body, size)));
    client_close(client);
}

static void test_expect__continue_is_sent(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n" CLOSE));
    assert_str_equal(client_read_until(client, &arena, S("\r\n\r\n")), S("HTTP/1.1 100 Continue\r\n\r\n"));
    client_send(client, S("hello"));
    assert_str_equal(response_body(client_read_all(client, &arena)), S("hello"));
    client_close(client);
}

static void test_expect__refusal_comes_instead(void **state)
{
    (void)state;
    Str response = exchange_bytes(
        &fixture, &arena, S("POST /early HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
    assert_int_equal(response_status(response), 401);
    assert_str_equal(response_header(response, S("connection")), S("close"));
}

static void test_early_answer__small_body_is_read_over(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234"));
    Str response = client_read_until(client, &arena, S("who are you?"));
    assert_int_equal(response_status(response), 401);
    assert_null(response_header(response, S("connection")).data);
    client_send(client, S("56789" GET("/hello")));
    assert_int_equal(response_status(client_read_until(client, &arena, S("hello"))), 200);
    client_close(client);
}

/* The client is still sending when it is refused: it must see the answer, not a reset. */
static void test_early_answer__survives_a_client_that_sends_on(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n"));
    char *junk = arena_alloc(&arena, 1 << 20, 1);
    for (int i = 0; i < 20; i++)
        client_send(client, str_of(junk, 1 << 20));
    Str response = client_read_all(client, &arena);
    assert_int_equal(response_status(response), 401);
    assert_str_equal(response_header(response, S("connection")), S("close"));
    client_close(client);
}

static void test_head__tells_the_length_and_sends_no_body(void **state)
{
    (void)state;
    fixture_file(&fixture, "small", 1000);
    static const struct {
        const char *path;
        const char *length;
    } rows[] = {{"/hello", "5"}, {"/bytes?100000", "100000"}, {"/file?small", "1000"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Str response = exchange_bytes(&fixture, &arena, str_printf(&arena, "HEAD %s HTTP/1.1\r\n" CLOSE, rows[i].path));
        assert_str_equal(response_header(response, S("content-length")), str_from_c(rows[i].length));
        assert_int_equal(response_body(response).len, 0);
    }
    Str response = exchange_bytes(&fixture, &arena, S("HEAD /stream?10 HTTP/1.1\r\n" CLOSE));
    assert_int_equal(response_status(response), 200);
    assert_int_equal(response_body(response).len, 0);
}

static void test_request_id__is_taken_when_sane(void **state)
{
    (void)state;
    Str response = exchange_bytes(&fixture, &arena, S("GET /hello HTTP/1.1\r\nX-Request-Id: abc-123\r\n" CLOSE));
    assert_str_equal(response_header(response, S("x-request-id")), S("abc-123"));
    response = exchange_bytes(&fixture, &arena, S("GET /hello HTTP/1.1\r\nX-Request-Id: a b<script>\r\n" CLOSE));
    assert_int_equal(response_header(response, S("x-request-id")).len, 21);
    Str other = exchange_bytes(&fixture, &arena, S("GET /hello HTTP/1.1\r\n" CLOSE));
    assert_false(str_eq(response_header(response, S("x-request-id")), response_header(other, S("x-request-id"))));
}

static void test_header_values__cannot_split_a_response(void **state)
{
    (void)state;
    Str response = exchange_bytes(&fixture, &arena, S("GET /split HTTP/1.1\r\n" CLOSE));
    assert_null(response_header(response, S("set-cookie")).data);
    assert_str_equal(response_header(response, S("x-evil")), S("a__Set-Cookie: b=c____body"));
    assert_str_equal(response_body(response), S("safe"));
}

static void test_let_go__becomes_500(void **state)
{
    (void)state;
    Str response = exchange_bytes(&fixture, &arena, S("GET /silent HTTP/1.1\r\n" CLOSE));
    assert_int_equal(response_status(response), 500);
}

static void test_half_close__still_gets_its_answers(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S(GET("/later") GET("/hello") GET("/later")));
    shutdown(client, SHUT_WR);
    Str all = client_read_all(client, &arena);
    client_close(client);
    assert_str_equal(str_slice(response_body(all), 0, 5), S("later"));
    all = str_skip(response_body(all), 5);
    assert_str_equal(str_slice(response_body(all), 0, 5), S("hello"));
    assert_str_equal(str_skip(response_body(all), 5).len > 0 ? response_body(str_skip(response_body(all), 5)) : S(""),
                     S("later"));
}

static void test_gone__is_told_once(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S(GET("/never")));
    fixture_wait_for(&fixture, requests, 1);
    client_close(client);
    fixture_wait_atomic(&fixture.gone, 1);
    fixture_wait_for(&fixture, open_requests, 0);
    assert_int_equal(atomic_load(&fixture.gone), 1);
}

static void test_gone__in_the_middle_of_a_body(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf"));
    fixture_wait_for(&fixture, requests, 1);
    client_close(client);
    fixture_wait_atomic(&fixture.gone, 1);
    client = client_open(&fixture);
    client_send(client, S("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhalf"));
    fixture_wait_for(&fixture, requests, 2);
    client_close(client);
    fixture_wait_for(&fixture, open_requests, 0);
    fixture_wait_for(&fixture, aborted, 2);
}

static void test_deadline__head_that_drips(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    Str request = S(GET("/hello"));
    for (size_t at = 0; at < request.len - 1 && !client_is_closed(client, 50); at++)
        client_send(client, str_slice(request, at, at + 1));
    client_close(client);
    assert_int_equal(fixture_counters(&fixture).timeouts_head, 1);
    assert_int_equal(fixture_counters(&fixture).requests, 0);
}

static void test_deadline__half_a_head_is_answered_408(void **state)
{
    (void)state;
    Str response = exchange_bytes(&fixture, &arena, S("GET /hello HTTP/1.1\r\nHost"));
    assert_int_equal(response_status(response), 408);
}

static void test_deadline__silent_client(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    assert_true(client_is_closed(client, 3000));
    client_close(client);
    client = client_open(&fixture);
    client_send(client, S(GET("/hello")));
    client_read_until(client, &arena, S("hello"));
    assert_true(client_is_closed(client, 3000));
    client_close(client);
    assert_int_equal(fixture_counters(&fixture).timeouts_idle, 1);
}

static void test_deadline__body_that_drips(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"));
    for (int i = 0; i < 8; i++) {
        client_send(client, S("x"));
        usleep(50 * 1000);
    }
    assert_int_equal(response_status(client_read_all(client, &arena)), 408);
    client_close(client);
    assert_int_equal(fixture_counters(&fixture).timeouts_body, 1);
}

static void test_deadline__slow_handler_is_answered_for(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S(GET("/never") GET("/hello")));
    Str all = client_read_until(client, &arena, S("hello"));
    assert_int_equal(response_status(all), 504);
    client_close(client);
    assert_int_equal(atomic_load(&fixture.gone), 1);
    assert_int_equal(fixture_counters(&fixture).timeouts_handler, 1);
}

static void test_deadline__reader_that_stalls(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    int small = 4096;
    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client_send(client, S(GET("/bytes?8000000")));
    fixture_wait_for(&fixture, timeouts_write, 1);
    fixture_wait_for(&fixture, open_requests, 0);
    client_close(client);
    fixture_wait_atomic(&fixture.incomplete, 1);
}

static void test_connection_limit__the_next_hears_503(void **state)
{
    (void)state;
    Fixture small;
    fixture_start(&small, (HttpLimits){.connections = 3}, false);
    int clients[3];
    for (int i = 0; i < 3; i++) {
        clients[i] = client_open(&small);
        client_send(clients[i], S(GET("/hello")));
        client_read_until(clients[i], &arena, S("hello"));
    }
    int fourth = client_open(&small);
    Str response = client_read_all(fourth, &arena);
    assert_int_equal(response_status(response), 503);
    assert_str_equal(response_header(response, S("retry-after")), S("1"));
    client_close(fourth);
    client_close(clients[0]);
    fixture_wait_for(&small, open_connections, 2);
    assert_int_equal(response_status(exchange_bytes(&small, &arena, S("GET /hello HTTP/1.1\r\n" CLOSE))), 200);
    client_close(clients[1]);
    client_close(clients[2]);
    assert_int_equal(fixture_counters(&small).refused_connections, 1);
    fixture_stop(&small);
}

static void test_buffered_bodies__have_a_common_bound(void **state)
{
    (void)state;
    Fixture small;
    fixture_start(&small, (HttpLimits){.buffered_bytes = 1 << 20}, false);
    char *body = arena_alloc(&arena, 1 << 20, 1);
    int holder = client_open(&small);
    client_send(holder, S("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"));
    client_send(holder, str_of(body, 900000));
    fixture_wait_for(&small, buffered_bytes, 900000);
    int other = client_open(&small);
    client_send(other, S("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"));
    client_send(other, str_of(body, 1000000));
    assert_int_equal(response_status(client_read_all(other, &arena)), 503);
    client_close(other);
    client_send(holder, str_of(body, 100000));
    assert_int_equal(response_status(client_read_until(holder, &arena, S("\r\n\r\n"))), 200);
    client_close(holder);
    fixture_wait_for(&small, buffered_bytes, 0);
    fixture_stop(&small);
}

static void test_port__taken_is_said(void **state)
{
    (void)state;
    HttpServerOptions options = {.address = "127.0.0.1", .port = fixture.port};
    HttpServer *server = NULL;
    Error err;
    assert_false(http_server_open(&options, &server, &err));
    assert_int_equal(err.code, ALREADY_EXISTS);
    assert_true(str_contains(str_from_c(err.message), S("is taken by another program")));
    assert_null(server);
    options = (HttpServerOptions){.address = "not an address"};
    assert_false(http_server_open(&options, &server, &err));
    assert_int_equal(err.code, INVALID_ARGUMENT);
    options = (HttpServerOptions){.address = "192.0.2.1"};
    assert_false(http_server_open(&options, &server, &err));
    assert_int_equal(err.code, INVALID_ARGUMENT);
}

static void test_counters__add_up(void **state)
{
    (void)state;
    exchange_bytes(&fixture, &arena, S("GET /hello HTTP/1.1\r\n" CLOSE));
    exchange_bytes(&fixture, &arena, S("GET /none HTTP/1.1\r\n" CLOSE));
    exchange_bytes(&fixture, &arena, S("GET / HTTP/1.1\r\n\r\n"));
    exchange_bytes(&fixture, &arena, S("GET /silent HTTP/1.1\r\n" CLOSE));
    fixture_wait_for(&fixture, open_connections, 0);
    HttpCounters counters = fixture_counters(&fixture);
    assert_int_equal(counters.connections, 4);
    assert_int_equal(counters.requests, 3);
    assert_int_equal(counters.responses[1], 1);
    assert_int_equal(counters.responses[3], 2);
    assert_int_equal(counters.responses[4], 1);
    assert_int_equal(counters.refused_requests, 2);
    assert_true(counters.bytes_in > 100 && counters.bytes_out > 400);
    assert_int_equal(atomic_load(&fixture.done), 4);
    assert_int_equal(atomic_load(&fixture.last_status), 500);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start, stop)
#define HASTY(test) cmocka_unit_test_setup_teardown(test, start_hasty, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_keep_alive__serves_one_request_after_the_other),
        ON(test_keep_alive__http10_asks_for_it),
        ON(test_pipelining__answers_in_order),
        ON(test_pipelining__waits_for_a_reader),
        ON(test_body__by_length_and_in_chunks),
        ON(test_body__however_it_is_cut),
        ON(test_body__of_eight_megabytes),
        ON(test_expect__continue_is_sent),
        ON(test_expect__refusal_comes_instead),
        ON(test_early_answer__small_body_is_read_over),
        ON(test_early_answer__survives_a_client_that_sends_on),
        ON(test_head__tells_the_length_and_sends_no_body),
        ON(test_request_id__is_taken_when_sane),
        ON(test_header_values__cannot_split_a_response),
        ON(test_let_go__becomes_500),
        ON(test_half_close__still_gets_its_answers),
        ON(test_gone__is_told_once),
        ON(test_gone__in_the_middle_of_a_body),
        HASTY(test_deadline__head_that_drips),
        HASTY(test_deadline__half_a_head_is_answered_408),
        HASTY(test_deadline__silent_client),
        HASTY(test_deadline__body_that_drips),
        HASTY(test_deadline__slow_handler_is_answered_for),
        HASTY(test_deadline__reader_that_stalls),
        ON(test_connection_limit__the_next_hears_503),
        ON(test_buffered_bodies__have_a_common_bound),
        ON(test_port__taken_is_said),
        ON(test_counters__add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
