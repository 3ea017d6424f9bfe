/* Calls that go out, against the fixture's own server and against ones that misbehave. */
#include "http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "http/fixture.h"
#include "http/private_address.h"

static Fixture server;
static HttpClient *client;
static Arena arena;
static Error err;

static int start(void **state)
{
    (void)state;
    fixture_start(&server, (HttpLimits){0}, false);
    if (!http_client_start(&client, &(HttpClientOptions){.most = 4, .reach_private = true}, &err))
        fail_msg("%s", err.message);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_client_stop(client);
    fixture_stop(&server);
    arena_done(&arena);
    return 0;
}

static Str url_of(const char *path)
{
    return str_printf(&arena, "http://127.0.0.1:%u%s", server.port, path);
}

static void test_answer__is_given_whole(void **state)
{
    (void)state;
    HttpCall call = {.url = url_of("/hello")};
    assert_true(http_client_wait(client, &call, &err));
    assert_int_equal(call.status, 200);
    assert_str_equal(buf_view(&call.answer), S("hello"));
    assert_str_equal(http_call_header(&call, S("content-LENGTH")), S("5"));
    assert_int_equal(http_call_header(&call, S("absent")).len, 0);
    http_call_done(&call);
}

static void test_body_method_and_headers__arrive(void **state)
{
    (void)state;
    HttpCall call = {.method = "POST", .url = url_of("/echo"), .body = S("a\0b")};
    assert_true(http_client_wait(client, &call, &err));
    assert_str_equal(buf_view(&call.answer), S("a\0b"));
    http_call_done(&call);
    HttpHeader host = {S("Host"), S("elsewhere")};
    call = (HttpCall){.method = "DELETE", .url = url_of("/about?x=1"), .headers = &host, .n_headers = 1};
    assert_true(http_client_wait(client, &call, &err));
    assert_str_equal(buf_view(&call.answer),
                     S("DELETE path=/about query=x=1 host=elsewhere scheme=http http=1 body=0"));
    http_call_done(&call);
    call = (HttpCall){.method = "POST", .url = url_of("/echo")};
    assert_true(http_client_wait(client, &call, &err));
    assert_int_equal(call.answer.len, 0);
    http_call_done(&call);
}

static void test_status__of_a_refusal_is_an_answer(void **state)
{
    (void)state;
    HttpCall call = {.url = url_of("/early")};
    assert_true(http_client_wait(client, &call, &err));
    assert_int_equal(call.status, 401);
    http_call_done(&call);
}

static const struct {
    const char *url;
    ErrorCode code;
    const char *says;
} bad_urls[] = {
    {"", INVALID_ARGUMENT, "must begin with"},
    {"ftp://example.com/", INVALID_ARGUMENT, "must begin with"},
    {"file:///etc/passwd", INVALID_ARGUMENT, "must begin with"},
    {"http://", INVALID_ARGUMENT, "names no host"},
    {"http:///path", INVALID_ARGUMENT, "names no host"},
    {"http://user:secret@127.0.0.1/", INVALID_ARGUMENT, "user or password"},
    {"http://127.0.0.1/a b", INVALID_ARGUMENT, "%20"},
    {"http://127.0.0.1/a\r\nHost: b", INVALID_ARGUMENT, "%20"},
    {"http://127.0.0.1:99999/", INVALID_ARGUMENT, "no address"},
    {"http://127.0.0.1:1/", UNAVAILABLE, "Nobody answers"},
    {"http://nowhere.invalid/", UNAVAILABLE, "No host of that name"},
};

static void test_bad_addresses__are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad_urls); i++) {
        HttpCall call = {.url = str_from_c(bad_urls[i].url)};
        assert_false(http_client_wait(client, &call, &err));
        if (err.code != bad_urls[i].code || !strstr(err.message, bad_urls[i].says))
            fail_msg("%s: %d %s", bad_urls[i].url, err.code, err.message);
        http_call_done(&call);
    }
}

static void test_headers__are_one_line_each(void **state)
{
    (void)state;
    HttpHeader headers[] = {{S("X-A"), S("a\r\nX-B: b")}, {S("X:A"), S("a")}, {S(""), S("a")}, {S("X-A"), S("a\0")}};
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        HttpCall call = {.url = url_of("/hello"), .headers = &headers[i], .n_headers = 1};
        assert_false(http_client_wait(client, &call, &err));
        assert_int_equal(err.code, INVALID_ARGUMENT);
    }
}

static void test_long_answers__are_cut_off(void **state)
{
    (void)state;
    HttpCall call = {.url = url_of("/bytes?100000"), .max_bytes = 99999};
    assert_false(http_client_wait(client, &call, &err));
    assert_int_equal(err.code, RESOURCE_EXHAUSTED);
    assert_true(call.answer.len <= 99999);
    http_call_done(&call);
    call = (HttpCall){.url = url_of("/bytes?100000"), .max_bytes = 100000};
    assert_true(http_client_wait(client, &call, &err));
    assert_int_equal(call.answer.len, 100000);
    http_call_done(&call);
}

static void test_slow_servers__meet_the_deadline(void **state)
{
    (void)state;
    HttpCall call = {.url = url_of("/never"), .timeout_ms = 100};
    assert_false(http_client_wait(client, &call, &err));
    assert_int_equal(err.code, DEADLINE_EXCEEDED);
    http_call_done(&call);
    call = (HttpCall){.url = url_of("/never"), .silence_ms = 100};
    assert_false(http_client_wait(client, &call, &err));
    assert_int_equal(err.code, DEADLINE_EXCEEDED);
    assert_non_null(strstr(err.message, "sent nothing"));
    http_call_done(&call);
}

static void test_silence__is_no_answer(void **state)
{
    (void)state;
    HttpCall call = {.url = url_of("/silent")};
    bool whole = http_client_wait(client, &call, &err);
    assert_true(whole ? call.status >= 500 : err.code == UNAVAILABLE);
    http_call_done(&call);
}

typedef struct Taken {
    size_t bytes;
    size_t most;
} Taken;

static bool take(HttpCall *call, Str piece)
{
    Taken *taken = call->context;
    taken->bytes += piece.len;
    return taken->bytes < taken->most;
}

static void test_pieces__go_to_who_wants_them(void **state)
{
    (void)state;
    Taken taken = {.most = SIZE_MAX};
    HttpCall call = {.url = url_of("/bytes?1000000"), .on_body = take, .context = &taken};
    assert_true(http_client_wait(client, &call, &err));
    assert_int_equal(taken.bytes, 1000000);
    assert_int_equal(call.answer.len, 0);
    http_call_done(&call);
    taken = (Taken){.most = 1000};
    call = (HttpCall){.url = url_of("/bytes?1000000"), .on_body = take, .context = &taken};
    assert_false(http_client_wait(client, &call, &err));
    assert_int_equal(err.code, CANCELLED);
    http_call_done(&call);
}

static _Atomic int ended, cancelled;

static void count_end(HttpCall *call)
{
    cancelled += call->err.code == CANCELLED;
    http_call_done(call);
    ended++;
}

/* More calls than may go at once: those under way and those that wait are cancelled alike. */
static void test_cancel__ends_calls_wherever_they_are(void **state)
{
    (void)state;
    HttpCall calls[10];
    uint64_t tickets[10];
    ended = cancelled = 0;
    for (int i = 0; i < 10; i++) {
        calls[i] = (HttpCall){.url = url_of("/never"), .done = count_end};
        tickets[i] = http_client_send(client, &calls[i]);
    }
    for (int i = 9; i >= 0; i--)
        http_client_cancel(client, tickets[i]);
    fixture_wait_atomic(&ended, 10);
    assert_int_equal(cancelled, 10);
    http_client_cancel(client, tickets[0]); /* has ended: nothing happens */
    HttpCall call = {.url = url_of("/hello")};
    assert_true(http_client_wait(client, &call, &err));
    http_call_done(&call);
}

static void test_stop__ends_what_is_under_way(void **state)
{
    (void)state;
    HttpClient *other;
    assert_true(http_client_start(&other, &(HttpClientOptions){.most = 2, .reach_private = true}, &err));
    HttpCall calls[5];
    ended = cancelled = 0;
    for (int i = 0; i < 5; i++) {
        calls[i] = (HttpCall){.url = url_of("/never"), .done = count_end};
        http_client_send(other, &calls[i]);
    }
    http_client_stop(other);
    assert_int_equal(ended, 5);
    assert_int_equal(cancelled, 5);
}

static void test_many__take_their_turn(void **state)
{
    (void)state;
    static HttpCall calls[200];
    ended = cancelled = 0;
    for (int i = 0; i < 200; i++) {
        calls[i] = (HttpCall){.url = url_of("/hello"), .done = count_end};
        http_client_send(client, &calls[i]);
    }
    fixture_wait_atomic(&ended, 200);
    assert_int_equal(cancelled, 0);
}

static void test_private_addresses__are_not_reached(void **state)
{
    (void)state;
    HttpClient *careful;
    assert_true(http_client_start(&careful, &(HttpClientOptions){0}, &err));
    const char *hosts[] = {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        HttpCall call = {.url = str_printf(&arena, "http://%s:%u/hello", hosts[i], server.port)};
        assert_false(http_client_wait(careful, &call, &err));
        if (err.code != PERMISSION_DENIED)
            fail_msg("%s: %d %s", hosts[i], err.code, err.message);
        http_call_done(&call);
    }
    http_client_stop(careful);
}

static const struct {
    const char *address;
    bool is_private;
} addresses[] = {
    {"8.8.8.8", false},
    {"9.255.255.255", false},
    {"10.0.0.0", true},
    {"10.255.255.255", true},
    {"11.0.0.0", false},
    {"100.63.255.255", false},
    {"100.64.0.1", true},
    {"100.128.0.0", false},
    {"127.1.2.3", true},
    {"0.0.0.0", true},
    {"169.254.169.254", true},
    {"169.253.0.1", false},
    {"172.15.255.255", false},
    {"172.16.0.1", true},
    {"172.31.255.255", true},
    {"172.32.0.0", false},
    {"192.168.1.1", true},
    {"192.169.0.0", false},
    {"198.19.255.255", true},
    {"223.255.255.255", false},
    {"224.0.0.1", true},
    {"255.255.255.255", true},
    {"::", true},
    {"::1", true},
    {"fe80::1", true},
    {"fc00::1", true},
    {"fdff::1", true},
    {"ff02::1", true},
    {"2606:4700::1111", false},
    {"2001:db8::1", true},
    {"2001:4860::8888", false},
    {"2001::1", true},
    {"::ffff:10.0.0.1", true},
    {"::ffff:8.8.8.8", false},
    {"2002:0a00:0001::", true},
    {"2002:0808:0808::", false},
    {"64:ff9b::7f00:1", true},
    {"64:ff9b::808:808", false},
    {"3fff::1", true},
};

static void test_addresses__of_private_networks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        bool is_v4 = inet_pton(AF_INET, addresses[i].address, &v4.sin_addr) == 1;
        if (!is_v4)
            assert_int_equal(inet_pton(AF_INET6, addresses[i].address, &v6.sin6_addr), 1);
        bool found = address_is_private(is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6);
        if (found != addresses[i].is_private)
            fail_msg("%s", addresses[i].address);
    }
}

static void test_certificates__are_checked(void **state)
{
    (void)state;
    Fixture tls;
    fixture_start(&tls, (HttpLimits){0}, true);
    Str url = str_printf(&arena, "https://localhost:%u/hello", tls.port);
    HttpCall call = {.url = url};
    assert_false(http_client_wait(client, &call, &err));
    assert_int_equal(err.code, UNAVAILABLE);
    assert_non_null(strstr(err.message, "certificate"));
    http_call_done(&call);
    HttpClient *trusting;
    assert_true(
        http_client_start(&trusting, &(HttpClientOptions){.reach_private = true, .ca_file = tls.certificate}, &err));
    call = (HttpCall){.url = url};
    if (!http_client_wait(trusting, &call, &err))
        fail_msg("%s", err.message);
    assert_str_equal(buf_view(&call.answer), S("hello"));
    http_call_done(&call);
    http_client_stop(trusting);
    fixture_stop(&tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer__is_given_whole),
        cmocka_unit_test(test_body_method_and_headers__arrive),
        cmocka_unit_test(test_status__of_a_refusal_is_an_answer),
        cmocka_unit_test(test_bad_addresses__are_refused),
        cmocka_unit_test(test_headers__are_one_line_each),
        cmocka_unit_test(test_long_answers__are_cut_off),
        cmocka_unit_test(test_slow_servers__meet_the_deadline),
        cmocka_unit_test(test_silence__is_no_answer),
        cmocka_unit_test(test_pieces__go_to_who_wants_them),
        cmocka_unit_test(test_cancel__ends_calls_wherever_they_are),
        cmocka_unit_test(test_stop__ends_what_is_under_way),
        cmocka_unit_test(test_many__take_their_turn),
        cmocka_unit_test(test_private_addresses__are_not_reached),
        cmocka_unit_test(test_addresses__of_private_networks),
        cmocka_unit_test(test_certificates__are_checked),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
