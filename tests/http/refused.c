/* Everything that HTTP/1 must refuse, by table: what is sent, what is answered; and its neighbours that are fine. */
#include "http/fixture.h"

#include <unistd.h>

#include "http/refusal.h"

#define HOST "Host: a\r\n"

static const struct {
    const char *why;
    const char *request;
    int status;
} refused[] = {
    {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"bare LF in headers", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n", 400},
    {"bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"folded header", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", 400},
    {"folded by a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n", 400},
    {"blank before the first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"tab before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX\t: b\r\n\r\n", 400},
    {"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
    {"no name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400},
    {"control in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\x01: b\r\n\r\n", 400},
    {"control in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\x01\r\n\r\n", 400},
    {"bracket in a name", "GET / HTTP/1.1\r\nHost: a\r\nX[0]: b\r\n\r\n", 400},
    {"two empty lines before the request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"the preface of HTTP/2 behind an empty line", "\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"missing Host", "GET / HTTP/1.1\r\nX: b\r\n\r\n", 400},
    {"no headers", "GET / HTTP/1.1\r\n\r\n", 400},
    {"doubled Host", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"two hosts in one", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
    {"user in Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"length and coding", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {"coding and length", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
     400},
    {"doubled length", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
    {"two lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
    {"lengths as a list", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\nhello", 400},
    {"signed length", "POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nhello", 400},
    {"negative length", "POST / HTTP/1.1\r\n" HOST "Content-Length: -5\r\n\r\nhello", 400},
    {"hexadecimal length", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\nhello", 400},
    {"huge length", "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\nhello", 400},
    {"length over 2^63", "POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775808\r\n\r\nhello", 400},
    {"unknown coding", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 501},
    {"coding after chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 501},
    {"coding before chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"chunked twice", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     501},
    {"chunked almost", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
    {"chunked quoted", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501},
    {"coding in 1.0", "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"no length in 1.0", "POST / HTTP/1.0\r\n" HOST "\r\n", 411},
    {"chunk size with blank",
     "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n", 400},
    {"chunk size signed", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
     400},
    {"chunk size 0x", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
     400},
    {"chunk size empty", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
     400},
    {"chunk size huge", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", 400},
    {"chunk with bare LF", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
     400},
    {"chunk end missing", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n", 400},
    {"chunk end LF", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n", 400},
    {"chunk extension control", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5;a\nhello", 400},
    {"folded trailer", "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n X: b\r\n\r\n", 400},
    {"CONNECT", "CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n", 501},
    {"TRACE", "TRACE / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"PROPFIND", "PROPFIND / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"a method of its own", "BREW /coffee HTTP/1.1\r\n" HOST "\r\n", 501},
    {"lower case method", "get / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"method with a bracket", "G{T / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"HTTP/0.9", "GET /\r\n\r\n", 400},
    {"HTTP/2.0 in words", "GET / HTTP/2.0\r\n" HOST "\r\n", 505},
    {"HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", 505},
    {"HTTP/3.0", "GET / HTTP/3.0\r\n" HOST "\r\n", 505},
    {"version malformed", "GET / HTTP/11\r\n" HOST "\r\n", 400},
    {"another protocol", "GET / ICE/1.0\r\n" HOST "\r\n", 400},
    {"two blanks", "GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"tab as blank", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400},
    {"blank in the target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"blank at the end", "GET / HTTP/1.1 \r\n" HOST "\r\n", 400},
    {"no slash", "GET hello HTTP/1.1\r\n" HOST "\r\n", 400},
    {"asterisk for GET", "GET * HTTP/1.1\r\n" HOST "\r\n", 400},
    {"authority for GET", "GET a:80 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"control in the target", "GET /a\x01 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"DEL in the target", "GET /a\x7f HTTP/1.1\r\n" HOST "\r\n", 400},
    {"raw UTF-8 in the target", "GET /\xC3\xA9 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"cut escape", "GET /a% HTTP/1.1\r\n" HOST "\r\n", 400},
    {"short escape", "GET /a%4 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"bad escape", "GET /a%zz HTTP/1.1\r\n" HOST "\r\n", 400},
    {"escaped NUL", "GET /a%00b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"bad escape in the query", "GET /?a=%g0 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"absolute form of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"absolute form without host", "GET http:///x HTTP/1.1\r\n" HOST "\r\n", 400},
    {"absolute form with user", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"absolute form without path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"another scheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"unknown expectation", "POST /echo HTTP/1.1\r\n" HOST "Expect: 200-ok\r\nContent-Length: 1\r\n\r\nx", 417},
    {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"garbage", "\x16\x03\x01\x02\x01\x01\r\n\r\n", 400},
};

static void check_refusal(const char *why, Str response, int status)
{
    if (response_status(response) != status)
        fail_msg("%s: expected %d, found: %.*s", why, status, STR_ARG(response));
    assert_str_equal(response_header(response, S("content-type")), S("application/json"));
    assert_str_equal(response_header(response, S("connection")), S("close"));
    assert_true(response_header(response, S("x-request-id")).len > 0);
    assert_true(response_header(response, S("date")).len == 29);
    Str body = response_body(response);
    char expected[64];
    snprintf(expected, sizeof expected, "\"error\":{\"code\":%d,\"message\":\"", status);
    assert_true(str_starts(body, S("{\"code\":")));
    assert_true(str_contains(body, S("\"details\":[]")));
    assert_true(str_contains(body, str_from_c(expected)));
}

static void test_refused__by_table(void **state)
{
    (void)state;
    Fixture fixture;
    fixture_start(&fixture, (HttpLimits){0}, false);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        Arena arena = {0};
        Str response = exchange_bytes(&fixture, &arena, str_from_c(refused[i].request));
        check_refusal(refused[i].why, response, refused[i].status);
        arena_done(&arena);
    }
    assert_int_equal(fixture_counters(&fixture).refused_requests, COUNT_OF(refused));
    fixture_stop(&fixture);
}

static const struct {
    const char *request; /* "Connection: close" is added */
    const char *body;
} fine[] = {
    {"GET /hello HTTP/1.1\r\n" HOST, "hello"},
    {"\r\nGET /hello HTTP/1.1\r\n" HOST, "hello"},
    {"GET /hello HTTP/1.0\r\n", "hello"},
    {"GET /hello HTTP/1.1\r\nhOsT:a\r\nX:\r\nY: \t z \t\r\n", "hello"},
    {"GET /hello HTTP/1.1\r\nHost: [::1]:8080\r\n", "hello"},
    {"GET /about?a=%20b&c={\"d\"} HTTP/1.1\r\nHost: example.com:80\r\n",
     "GET path=/about query=a=%20b&c={\"d\"} host=example.com:80 scheme=http http=1 body=0"},
    {"GET http://a:1/about?x HTTP/1.1\r\nHost: A:1\r\n", "GET path=/about query=x host=A:1 scheme=http http=1 body=0"},
    {"OPTIONS * HTTP/1.1\r\n" HOST, "OPTIONS path=* query= host=a scheme=http http=1 body=0"},
    {"DELETE /about HTTP/1.1\r\n" HOST, "DELETE path=/about query= host=a scheme=http http=1 body=0"},
    {"POST /about HTTP/1.1\r\n" HOST, "POST path=/about query= host=a scheme=http http=1 body=0"},
    {"PUT /about HTTP/1.1\r\n" HOST "Content-Length: 0\r\n", "PUT path=/about query= host=a scheme=http http=1 body=0"},
    {"PATCH /about? HTTP/1.1\r\n" HOST, "PATCH path=/about query= host=a scheme=http http=1 body=0"},
    {"GET /hello HTTP/1.1\r\n" HOST "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n", "hello"},
};

static void test_served__by_table(void **state)
{
    (void)state;
    Fixture fixture;
    fixture_start(&fixture, (HttpLimits){0}, false);
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        Arena arena = {0};
        Str response =
            exchange_bytes(&fixture, &arena, str_printf(&arena, "%sConnection: close\r\n\r\n", fine[i].request));
        if (response_status(response) != 200)
            fail_msg("%s: %.*s", fine[i].request, STR_ARG(response));
        assert_str_equal(response_body(response), str_from_c(fine[i].body));
        arena_done(&arena);
    }
    fixture_stop(&fixture);
}

/* A NUL cannot stand in the table. */
static void test_refused__nul_bytes(void **state)
{
    (void)state;
    Fixture fixture;
    fixture_start(&fixture, (HttpLimits){0}, false);
    Arena arena = {0};
    check_refusal("NUL in a value", exchange_bytes(&fixture, &arena, S("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n")),
                  400);
    check_refusal("NUL in a target", exchange_bytes(&fixture, &arena, S("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n")), 400);
    check_refusal("NUL in Host", exchange_bytes(&fixture, &arena, S("GET / HTTP/1.1\r\nHost: a\0\r\n\r\n")), 400);
    arena_done(&arena);
    fixture_stop(&fixture);
}

static Str repeat(Arena *arena, const char *before, size_t n, char c, const char *after)
{
    Buf text = buf_in(arena);
    buf_str(&text, str_from_c(before));
    for (size_t i = 0; i < n; i++)
        buf_char(&text, c);
    buf_str(&text, str_from_c(after));
    return buf_view(&text);
}

static void test_refused__oversized(void **state)
{
    (void)state;
    Fixture fixture;
    fixture_start(&fixture, (HttpLimits){0}, false);
    Arena arena = {0};
    struct {
        const char *why;
        Str request;
        int status;
    } rows[] = {
        {"long target", repeat(&arena, "GET /", 8 * 1024, 'a', " HTTP/1.1\r\n" HOST "\r\n"), 414},
        {"endless request line", repeat(&arena, "GET /", 100 * 1024, 'a', ""), 414},
        {"long header", repeat(&arena, "GET / HTTP/1.1\r\n" HOST "X: ", 16 * 1024, 'a', "\r\n\r\n"), 431},
        {"endless header", repeat(&arena, "GET / HTTP/1.1\r\n" HOST "X: ", 100 * 1024, 'a', ""), 431},
        {"long extension",
         repeat(&arena, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5;", 300, 'a',
                "\r\nhello\r\n"),
         400},
        {"long trailer",
         repeat(&arena, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", 5000, 'a',
                "\r\n\r\n"),
         431},
        {"declared body", S("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 8388609\r\n\r\n"), 413},
        {"declared body, waiting",
         S("POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 8388609\r\n\r\n"), 413},
        {"chunked body",
         repeat(&arena, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nF00000\r\n", 9 << 20, 'a',
                ""),
         413},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_refusal(rows[i].why, exchange_bytes(&fixture, &arena, rows[i].request), rows[i].status);
    Buf many = buf_in(&arena);
    buf_str(&many, S("GET / HTTP/1.1\r\n" HOST));
    for (int i = 0; i < 64; i++)
        buf_str(&many, S("A: b\r\n"));
    buf_str(&many, S("\r\n"));
    check_refusal("65 headers", exchange_bytes(&fixture, &arena, buf_view(&many)), 431);
    arena_done(&arena);
    fixture_stop(&fixture);
}

/* However the bytes are cut, the answer is the same. */
static void test_refused__byte_by_byte(void **state)
{
    (void)state;
    Fixture fixture;
    fixture_start(&fixture, (HttpLimits){0}, false);
    for (size_t i = 0; i < COUNT_OF(refused); i += 5) {
        Arena arena = {0};
        int client = client_open(&fixture);
        Str request = str_from_c(refused[i].request);
        for (size_t at = 0; at < request.len; at++) {
            client_send(client, str_slice(request, at, at + 1));
            usleep(200);
        }
        check_refusal(refused[i].why, client_read_all(client, &arena), refused[i].status);
        client_close(client);
        arena_done(&arena);
    }
    fixture_stop(&fixture);
}

static void test_refusal_table__is_complete(void **state)
{
    (void)state;
    for (int i = REFUSE_NOT + 1; i < REFUSE_N; i++) {
        assert_true(refusals[i].status >= 400 && refusals[i].status < 600);
        assert_true(refusals[i].code != OK);
        assert_non_null(refusals[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusal_table__is_complete), cmocka_unit_test(test_refused__by_table),
        cmocka_unit_test(test_served__by_table),           cmocka_unit_test(test_refused__nul_bytes),
        cmocka_unit_test(test_refused__oversized),         cmocka_unit_test(test_refused__byte_by_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
