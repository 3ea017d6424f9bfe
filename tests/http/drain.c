/* Draining: what is in flight finishes, nothing new begins, and the deadline holds. And ten thousand
 * connections, most of them idle. */
#include "http/fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define CONNECTIONS 10000

static Fixture fixture;
static Arena arena;

static int start(void **state)
{
    (void)state;
    fixture_start(&fixture, (HttpLimits){.handler_ms = 1500}, false);
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

static void test_drain__closes_idle_connections_and_finishes_requests(void **state)
{
    (void)state;
    int idle = client_open(&fixture), busy = client_open(&fixture);
    client_send(idle, S(GET("/hello")));
    client_read_until(idle, &arena, S("hello"));
    client_send(busy, S(GET("/never")));
    fixture_wait_for(&fixture, requests, 2);
    http_server_drain(fixture.server, 5000);
    assert_true(client_is_closed(idle, 1000));
    Str response = client_read_all(busy, &arena); /* the handler's deadline answers it */
    assert_int_equal(response_status(response), 504);
    assert_str_equal(response_header(response, S("connection")), S("close"));
    client_close(idle);
    client_close(busy);
}

static void test_drain__ends_streams_that_say_nothing_about_it(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S(GET("/follow")));
    client_read_until(client, &arena, S("first\n"));
    int64_t before = clock_monotonic_us();
    http_server_drain(fixture.server, 5000);
    assert_true(str_ends(client_read_all(client, &arena), S("0\r\n\r\n")));
    assert_true(clock_monotonic_us() - before < 2000000);
    client_close(client);
    fixture_wait_atomic(&fixture.gone, 1);
}

static void test_drain__cuts_what_is_left_at_the_deadline(void **state)
{
    (void)state;
    int client = client_open(&fixture);
    client_send(client, S(GET("/bytes?50000000")));
    fixture_wait_for(&fixture, requests, 1);
    http_server_drain(fixture.server, 300);
    fixture_wait_for(&fixture, open_connections, 0);
    client_close(client);
}

static void test_drain__is_safe_under_load(void **state)
{
    (void)state;
    int clients[50];
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        clients[i] = client_open(&fixture);
        client_send(clients[i], i % 2 ? S(GET("/later") GET("/later") GET("/hello")) : S(GET("/stream?20000")));
    }
    http_server_drain(fixture.server, 3000);
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        client_is_closed(clients[i], 5000);
        client_close(clients[i]);
    }
}

/* ---- Ten thousand connections: the clients are a process of their own, as each end takes a descriptor ---- */

static void raise_files(void)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static bool ask(int client, Str request, Str answer)
{
    Arena once = {0};
    client_send(client, request);
    bool fine = str_contains(client_read_until(client, &once, answer), S(" 200 "));
    arena_done(&once);
    return fine;
}

/* "ready" when all connections have been served and stay open; then, after a line on stdin, "done". */
static int be_clients(const char *port)
{
    raise_files();
    Fixture there = {.port = (uint16_t)atoi(port)};
    int *clients = malloc(CONNECTIONS * sizeof *clients);
    bool fine = clients;
    for (int i = 0; fine && i < CONNECTIONS; i++) {
        clients[i] = client_open(&there);
        fine = ask(clients[i], S(GET("/hello")), S("hello"));
    }
    puts(fine ? "ready" : "failed");
    fflush(stdout);
    getchar();
    for (int i = 0; fine && i < CONNECTIONS; i += 10)
        fine = ask(clients[i], S(GET("/later")), S("later"));
    puts(fine ? "done" : "failed");
    free(clients);
    return !fine;
}

static void expect_line(FILE *from, const char *line)
{
    char found[32] = "";
    assert_non_null(fgets(found, sizeof found, from));
    assert_str_equal(str_trim(str_from_c(found)), str_from_c(line));
}

static void test_ten_thousand_connections(void **state)
{
    (void)state;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < CONNECTIONS + 100) {
        print_message("# skipped: the hard limit of open files is %llu\n", (unsigned long long)files.rlim_max);
        skip();
    }
    raise_files();
    int to[2], from[2];
    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    size_t before = resident_bytes();
    char port[8];
    snprintf(port, sizeof port, "%u", fixture.port);
    pid_t child = vfork();
    if (child == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        execl("/proc/self/exe", "clients", "clients", port, (char *)NULL);
        _exit(127);
    }
    FILE *answers = fdopen(from[0], "r");
    close(from[1]);
    expect_line(answers, "ready");
    assert_int_equal(fixture_counters(&fixture).open_connections, CONNECTIONS);
    size_t each = (resident_bytes() - before) / CONNECTIONS;
    print_message("# an idle connection takes %zu bytes\n", each);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true(each < 1536);
#endif
    assert_int_equal(write(to[1], "\n", 1), 1);
    expect_line(answers, "done");
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fclose(answers);
    close(to[0]);
    close(to[1]);
    fixture_wait_for(&fixture, open_connections, 0);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(int argc, char **argv)
{
    if (argc == 3)
        return be_clients(argv[2]);
    const struct CMUnitTest tests[] = {
        ON(test_drain__closes_idle_connections_and_finishes_requests),
        ON(test_drain__ends_streams_that_say_nothing_about_it),
        ON(test_drain__cuts_what_is_left_at_the_deadline),
        ON(test_drain__is_safe_under_load),
        ON(test_ten_thousand_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
