/* tests/api/fixture.h: the real server in this process: a store in a temporary directory, on PostgreSQL when the
 * program is run with one (store/postgres/schema.h); engine, api and HTTP server on a free port of the loopback, with
 * two organizations. Every answer that passes is held against the contract (api_open with check_responses), so a test
 * need not look at what it does not care about.
 *
 *     Fixture f;
 *     fixture_open(&f);
 *     Reply reply = fixture_call(&f, "POST", "{\"display_name\":\"X\"}", "%s/automations", f.workspace);
 *     assert_int_equal(reply.status, 200);
 *     assert_text(&f, reply.json, "display_name", "X");
 *     fixture_close(&f);
 */
#ifndef CLERKWORK_TESTS_API_FIXTURE_H
#define CLERKWORK_TESTS_API_FIXTURE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/api.h"
#include "base/json.h"
#include "http/server.h"
#include "store/postgres/schema.h"

typedef struct Fixture {
    char directory[64];
    char folders[80];               /* the root of watched folders; "" without one */
    char database[SCHEMA_URL_MOST]; /* PostgreSQL's URL; "" for SQLite */
    Store *store;
    Engine *engine;
    Api *api;
    HttpServer *server;
    pthread_t thread;
    Arena arena; /* everything that calls give; gone at fixture_close */
    World world;
    int64_t of_token, of_address;    /* calls a minute */
    int64_t organization_file_bytes; /* how much they may have, from the next restart on; 0: any */
    _Atomic int64_t ahead_us;        /* how far the engine's clock is ahead of the machine's */
    /* The user "Ada" is administrator of the first organization; "Eve" of another one. */
    const char *organization;      /* "/api/v1/organizations/…" */
    const char *workspace;         /* "/api/v1/organizations/…/workspaces/…" */
    const char *organization_name; /* "organizations/…" */
    const char *workspace_name;    /* "organizations/…/workspaces/…" */
    const char *user_id, *token;   /* Ada's */
    const char *other_workspace;   /* of Eve's organization, as a path */
    const char *other_token;       /* Eve's */
    const char *viewer_token;      /* of "Vic", who may only look at Ada's workspace */
    const char *as;                /* the token that calls use; Ada's at first; NULL sends none */
} Fixture;

typedef struct Reply {
    int status;
    Str head; /* status line and headers */
    Str body;
    const Json *json; /* NULL when the body is not JSON */
} Reply;

void fixture_open(Fixture *f);
void fixture_open_limited(Fixture *f, int64_t of_token, int64_t of_address); /* calls a minute; 0: no limit */
/* Folders are watched in f->folders, looked into each 20 ms; a file must have stood still for 300 ms. */
void fixture_open_watching(Fixture *f);
void fixture_restart(Fixture *f); /* the same store, as another process would open it */
void fixture_close(Fixture *f);

/* As printf would print it; lives until fixture_close. */
const char *fixture_print(Fixture *f, const char *format, ...) PRINTF_LIKE(2, 3);

/* Bytes of files that lie on the disk, whether a file has them or not. */
int fixture_count_blobs(const Fixture *f);

/* One request on a connection of its own. `body` NULL sends none; the path is printf's. */
Reply fixture_call(Fixture *f, const char *method, const char *body, const char *path, ...) PRINTF_LIKE(4, 5);
/* The same with the body's own content type and further header lines ("A: b\r\n"). */
Reply fixture_send(Fixture *f, const char *method, Str headers, Str body, Str path);
/* Sends these bytes as they are and leaves without waiting for an answer. */
void fixture_send_and_leave(Fixture *f, Str bytes);
/* A response that goes on: NDJSON, read line by line, or server-sent events. */
typedef struct Stream {
    int fd;
    Buf in; /* received and not yet given out */
    Str head;
} Stream;
Stream stream_open(Fixture *f, const char *path, ...) PRINTF_LIKE(2, 3);
/* The same, of a client that had `last` before it was cut off. */
Stream stream_open_behind(Fixture *f, Str last, const char *path, ...) PRINTF_LIKE(3, 4);
/* The next line as JSON; NULL when the stream has ended. Fails the test when nothing comes for 20 s. */
const Json *stream_line(Fixture *f, Stream *stream);
/* Server-sent events behind `last`, "" for all; then the next one's data, and its id, good until fixture_close. */
Stream stream_open_events(Fixture *f, Str last, const char *path, ...) PRINTF_LIKE(3, 4);
const Json *stream_event(Fixture *f, Stream *stream, Str *out_id);
void stream_close(Stream *stream);
/* The value of a header of the reply, NULL without one. */
const char *reply_header(Fixture *f, const Reply *reply, const char *name);

/* "state.completed.outputs" → the member; NULL when it is not there. Items of arrays by number: "runs.0.name". */
const Json *json_at(const Json *json, const char *path);
#define assert_text(f, json, path, expected) fixture_assert_text(f, json, path, expected, __FILE__, __LINE__)
void fixture_assert_text(Fixture *f, const Json *json, const char *path, const char *expected, const char *file,
                         int line);
const char *text_at(Fixture *f, const Json *json, const char *path); /* fails the test when it is not a string */
#define assert_status(reply, expected) fixture_assert_status(reply, expected, __FILE__, __LINE__)
void fixture_assert_status(Reply reply, int expected, const char *file, int line);
/* The call from every side: 401 without a token and with one that is not valid, 404 for the administrator of another
 * organization, `as_viewer` for one who may only look. Leaves f->as as it was. */
#define assert_access(f, method, body, path, as_viewer)                                                                \
    fixture_assert_access(f, method, body, path, as_viewer, __FILE__, __LINE__)
void fixture_assert_access(Fixture *f, const char *method, const char *body, const char *path, int as_viewer,
                           const char *file, int line);
/* The field of the first violation that the refusal tells. */
const char *first_violation(Fixture *f, const Reply *reply);

/* An automation with this English, published; gives its path. */
const char *fixture_automation(Fixture *f, const char *display_name, const char *english);
/* Invokes the published version and waits until the run is at rest; gives the run's path. */
const char *fixture_run(Fixture *f, const char *automation, const char *inputs);

#endif
