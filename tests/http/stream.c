/* Bodies without end, both ways, by both protocols: memory does not grow with them. */
#include "http/fixture.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLOSE "Host: a\r\nConnection: close\r\n\r\n"
#define MANY_BYTES (256u << 20)
#define GROWTH_ALLOWED (48u << 20) /* socket buffers do not count, sanitizers' bookkeeping does */

static Fixture fixture;
static Arena arena;

static int start(void **state)
{
    (void)state;
    fixture_start(&fixture, (HttpLimits){0}, false);
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

/* Sends `n` bytes of 'x', in chunks when asked. */
static void send_many(int client, size_t n, bool chunked)
{
    static char piece[65536];
    memset(piece, 'x', sizeof piece);
    for (size_t at = 0; at < n; at += sizeof piece) {
        if (chunked)
            client_send(client, S("10000\r\n"));
        client_send(client, str_of(piece, sizeof piece));
        if (chunked)
            client_send(client, S("\r\n"));
    }
    if (chunked)
        client_send(client, S("0\r\n\r\n"));
}

static void check_upload(const char *path, bool chunked)
{
    int client = client_open(&fixture);
    size_t before = resident_bytes();
    client_send(client, str_printf(&arena, "POST %s HTTP/1.1\r\n%s" CLOSE, path,
                                   chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: 268435456\r\n"));
    send_many(client, MANY_BYTES, chunked);
    Str response = client_read_all(client, &arena);
    assert_str_equal(response_body(response),
                     str_printf(&arena, "%u %llu", MANY_BYTES, (unsigned long long)MANY_BYTES * 'x'));
    assert_true(resident_bytes() < before + GROWTH_ALLOWED);
    client_close(client);
}

static void test_upload__of_256_megabytes(void **state)
{
    (void)state;
    check_upload("/count", false);
    check_upload("/count", true);
}

static void test_upload__with_pauses(void **state)
{
    (void)state;
    check_upload("/slow-count", false);
    check_upload("/slow-count", true);
}

/* What the fixture's file holds at `i`. */
static unsigned char file_byte(size_t i)
{
    return (unsigned char)(i * 31 >> 3);
}

static void test_download__of_256_megabytes(void **state)
{
    (void)state;
    fixture_file(&fixture, "large", MANY_BYTES);
    int client = client_open(&fixture);
    size_t before = resident_bytes();
    client_send(client, S("GET /file?large HTTP/1.1\r\n" CLOSE));
    static char piece[1 << 16];
    size_t head = 0, total = 0;
    ssize_t n;
    while ((n = recv(client, piece, sizeof piece, 0)) > 0) {
        size_t from = 0;
        if (total == 0 && head == 0) {
            Str first = str_of(piece, (size_t)n);
            assert_str_equal(response_header(first, S("content-length")), S("268435456"));
            head = from = (size_t)n - response_body(first).len;
        }
        for (size_t i = from; i < (size_t)n; i++, total++)
            if ((unsigned char)piece[i] != file_byte(total))
                fail_msg("byte %zu is wrong", total);
    }
    assert_int_equal(total, MANY_BYTES);
    assert_true(resident_bytes() < before + GROWTH_ALLOWED);
    client_close(client);
}

static void test_download__keeps_the_connection(void **state)
{
    (void)state;
    fixture_file(&fixture, "empty", 0);
    fixture_file(&fixture, "some", 300000);
    int client = client_open(&fixture);
    client_send(client, S("GET /file?empty HTTP/1.1\r\nHost: a\r\n\r\nGET /file?some HTTP/1.1\r\nHost: a\r\n\r\n"
                          "GET /hello HTTP/1.1\r\n" CLOSE));
    Str all = client_read_all(client, &arena);
    assert_str_equal(response_header(all, S("content-length")), S("0"));
    Str some = response_body(all);
    assert_str_equal(response_header(some, S("content-length")), S("300000"));
    assert_str_equal(response_body(str_skip(response_body(some), 300000)), S("hello"));
    client_close(client);
}

/* Half a file must not pass for a whole one. */
static void test_download__of_a_file_that_shrank_breaks_off(void **state)
{
    (void)state;
    fixture_file(&fixture, "some", 1000);
    Str response = exchange_bytes(&fixture, &arena, S("GET /short?some HTTP/1.1\r\n" CLOSE));
    assert_str_equal(response_header(response, S("content-length")), S("1001"));
    assert_true(response_body(response).len < 1001);
    fixture_wait_atomic(&fixture.incomplete, 1);
}

static Str unchunk(Str chunked)
{
    Buf all = buf_in(&arena);
    while (chunked.len > 0) {
        Str size = str_trim(str_cut(&chunked, '\n'));
        size_t n = strtoul(str_to_c(&arena, size), NULL, 16);
        buf_str(&all, str_slice(chunked, 0, n));
        chunked = str_skip(chunked, n + 2);
    }
    return buf_view(&all);
}

static void test_stream__arrives_whole(void **state)
{
    (void)state;
    Str response = exchange_bytes(&fixture, &arena, S("GET /stream?100000 HTTP/1.1\r\n" CLOSE));
    assert_str_equal(response_header(response, S("transfer-encoding")), S("chunked"));
    Str lines = unchunk(response_body(response));
    for (int i = 0; i < 100000; i++) {
        char expected[32];
        int len = snprintf(expected, sizeof expected, "{\"line\":%d,", i);
        Str line = str_cut(&lines, '\n');
        if (!str_starts(line, str_of(expected, (size_t)len)))
            fail_msg("line %d is %.*s", i, STR_ARG(line));
    }
    assert_int_equal(lines.len, 0);
}

/* RFC 9112, 6.1: no framing of a body that cannot be; the connection goes on. */
static void test_stream__of_nothing_has_no_body(void **state)
{
    (void)state;
    Str responses =
        exchange_bytes(&fixture, &arena, S("GET /stream?0 HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\n" CLOSE));
    assert_int_equal(response_status(responses), 204);
    ptrdiff_t end = str_find(responses, S("\r\n\r\n"));
    Str head = str_slice(responses, 0, (size_t)end), rest = str_skip(responses, (size_t)end + 4);
    assert_false(str_contains(head, S("Transfer-Encoding")) || str_contains(head, S("Content-Length")));
    assert_int_equal(response_status(rest), 200);
    assert_str_equal(response_body(rest), S("hello"));
}

static void test_stream__http10_ends_with_the_connection(void **state)
{
    (void)state;
    Str response = exchange_bytes(&fixture, &arena, S("GET /stream?2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    assert_null(response_header(response, S("transfer-encoding")).data);
    assert_str_equal(response_header(response, S("connection")), S("close"));
    assert_true(str_starts(response_body(response), S("{\"line\":0,")));
}

static void test_stream__waits_for_its_reader(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    size_t before = resident_bytes();
    client_send(client, S("GET /stream?10000000 HTTP/1.1\r\n" CLOSE));
    usleep(500 * 1000);
    assert_true(resident_bytes() < before + GROWTH_ALLOWED);
    client_close(client);
    fixture_wait_atomic(&fixture.gone, 1);
    fixture_wait_for(&fixture, open_streams, 0);
}

static void test_stream__stays_open_and_sees_the_client_leave(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S("GET /follow HTTP/1.1\r\n" CLOSE));
    client_read_until(client, &arena, S("first\n"));
    assert_int_equal(fixture_counters(&fixture).open_streams, 1);
    assert_false(client_is_closed(client, 200));
    client_close(client);
    fixture_wait_atomic(&fixture.gone, 1);
    fixture_wait_for(&fixture, open_streams, 0);
}

static void test_disconnects__in_the_middle_of_everything(void **state)
{
    (void)state;
    fixture_file(&fixture, "some", 10 << 20);
    static const char *const requests[] = {
        "GET /bytes?5000000 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /file?some HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /stream?1000000 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /follow HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /later HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /never HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /slow-count HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "GET /hello HT",
    };
    for (int round = 0; round < 200; round++) {
        int client = client_open(&fixture);
        client_send(client, str_from_c(requests[(size_t)round % COUNT_OF(requests)]));
        if (round % 3 == 0)
            usleep((unsigned)(round * 37 % 2000));
        if (round % 2 == 0)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
        client_close(client);
    }
    fixture_wait_for(&fixture, open_connections, 0);
    fixture_wait_for(&fixture, open_requests, 0);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_upload__of_256_megabytes),
        ON(test_upload__with_pauses),
        ON(test_download__of_256_megabytes),
        ON(test_download__keeps_the_connection),
        ON(test_download__of_a_file_that_shrank_breaks_off),
        ON(test_stream__arrives_whole),
        ON(test_stream__of_nothing_has_no_body),
        ON(test_stream__http10_ends_with_the_connection),
        ON(test_stream__waits_for_its_reader),
        ON(test_stream__stays_open_and_sees_the_client_leave),
        ON(test_disconnects__in_the_middle_of_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
