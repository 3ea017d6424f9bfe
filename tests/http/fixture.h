/* tests/http/fixture.h: a server on a thread of its own, with a handler for every way to answer, and a client that
 * writes bytes and reads responses. */
#ifndef CLERKWORK_TESTS_HTTP_FIXTURE_H
#define CLERKWORK_TESTS_HTTP_FIXTURE_H

#include <pthread.h>

#include "base/buf.h"
#include "base/check.h"
#include "http/response.h"
#include "http/server.h"

/* The request whose letter this is. */
#define CONTAINER_OF_LETTER(pointer) ((HttpRequest *)(void *)((char *)(pointer)-offsetof(HttpRequest, letter)))

/* What the handler serves:
 *   /hello             "hello"
 *   /echo              the body, buffered
 *   /about             method, path, query, host, scheme and body length as one line
 *   /count             takes the body streamed; answers "<bytes> <sum of bytes>"
 *   /slow-count        the same, pausing at every 8 MB until a letter resumes it
 *   /early             answers 401 at header time
 *   /bytes?N           N bytes from the arena
 *   /file?NAME         a file of the fixture's directory
 *   /short             a file response that promises more than the file has
 *   /stream?N          N lines, as fast as the client takes them; 204 where N is 0
 *   /follow            a stream that stays open
 *   /later             answered by another thread
 *   /never             answered only when the client has gone
 *   /silent            let go without an answer
 *   /split             tries to split its response with a header value */
typedef struct Fixture {
    HttpServer *server;
    pthread_t loop, helper;
    uint16_t port;
    char directory[64];
    char *certificate, *key;
    Inbox *work;             /* of the helper thread */
    _Atomic int gone;        /* calls of on_gone */
    _Atomic int done;        /* calls of on_done */
    _Atomic int incomplete;  /* of those, not complete */
    _Atomic int last_status; /* of the last on_done */
} Fixture;

void fixture_start(Fixture *fixture, HttpLimits limits, bool tls);
/* Drains, and checks that nothing is left over. */
void fixture_stop(Fixture *fixture);
HttpCounters fixture_counters(const Fixture *fixture);
/* Waits until `counter` (an offset in HttpCounters) has reached `n`; fails after ten seconds. */
void fixture_wait(const Fixture *fixture, size_t counter, uint64_t n);
#define fixture_wait_for(fixture, field, n) fixture_wait(fixture, offsetof(HttpCounters, field), n)
void fixture_wait_atomic(_Atomic int *value, int n);
/* A file of `size` bytes in the fixture's directory: byte i is i * 31 >> 3. */
void fixture_file(const Fixture *fixture, const char *name, size_t size);

int client_open(const Fixture *fixture);
void client_send(int client, Str bytes);
/* What the server sends until it closes; fails after ten seconds of silence. */
Str client_read_all(int client, Arena *arena);
/* Reads until `text` has arrived. */
Str client_read_until(int client, Arena *arena, Str text);
bool client_is_closed(int client, int timeout_ms); /* reads and forgets until the end or the timeout */
void client_close(int client);
/* Sends the request on a connection of its own, reads to the end. */
Str exchange_bytes(const Fixture *fixture, Arena *arena, Str request);

int response_status(Str response);
Str response_body(Str response);
Str response_header(Str response, Str name);

/* curl and its kind: the exit status; what it printed goes to *out when that is not NULL. */
int run_command(Arena *arena, Str *out, const char *format, ...) PRINTF_LIKE(3, 4);

size_t resident_bytes(void); /* of this process */

#endif
