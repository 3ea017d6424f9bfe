#include "fixture.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "auth/token.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "books/book.h"
#include "store/token.h"

/* ---- what the engine sees of the world ---- */

static int64_t world_now_us(void *self)
{
    return clock_now_us() + atomic_load(&((Fixture *)self)->ahead_us);
}

static bool world_call(void *self, const WorldCall *call, Arena *arena, Value *out, Error *err)
{
    const BookContext context = {.self = self, .now_us = world_now_us, .locale = *call->locale};
    return books_call(&context, call->call->procedure, call->call->arguments, call->call->n_arguments, arena, out, err);
}

/* ---- people and places ---- */

typedef struct Seed {
    Command command;
    Fixture *f;
} Seed;

static Str new_id(Fixture *f)
{
    Id id = id_new();
    return str_copy(&f->arena, id_str(&id));
}

static bool seed_tenant(Tx *tx, Fixture *f, const char *title, Organization *organization, Workspace *workspace,
                        Error *err)
{
    *organization = (Organization){.id = new_id(f), .title = str_from_c(title)};
    if (!store_organization_create(tx, organization, err))
        return false;
    *workspace = (Workspace){.organization = organization->key, .id = new_id(f), .title = S("Accounts payable")};
    return store_workspace_create(tx, workspace, err);
}

static bool seed_user(Tx *tx, Fixture *f, const char *name, const char *email, User *out, const char **out_token,
                      Error *err)
{
    *out = (User){.id = new_id(f), .display_name = str_from_c(name), .email = str_from_c(email)};
    if (!store_user_create(tx, out, err))
        return false;
    TokenSecret secret = token_secret_new();
    Str text = str_copy(&f->arena, token_secret_str(&secret));
    Token token = {
        .user = out->key,
        .id = new_id(f),
        .display_name = S("test"),
        .prefix = token_secret_shown(text),
        .permissions = S("all"),
    };
    token_secret_hash(text, token.hash);
    if (!store_token_create(tx, &token, 10, err))
        return false;
    *out_token = str_to_c(&f->arena, text);
    return true;
}

static const char *path_of(Fixture *f, const Organization *organization, const Workspace *workspace)
{
    return str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/organizations/%.*s/workspaces/%.*s",
                                          STR_ARG(organization->id), STR_ARG(workspace->id)));
}

static bool seed(Tx *tx, Command *command, Error *err)
{
    Fixture *f = ((Seed *)command)->f;
    Organization acme, other;
    Workspace payable, elsewhere;
    User ada, eve, vic;
    if (!seed_tenant(tx, f, "Acme", &acme, &payable, err) || !seed_tenant(tx, f, "Other", &other, &elsewhere, err) ||
        !seed_user(tx, f, "Ada", "ada@acme.example", &ada, &f->token, err) ||
        !seed_user(tx, f, "Eve", "eve@other.example", &eve, &f->other_token, err) ||
        !seed_user(tx, f, "Vic", "vic@acme.example", &vic, &f->viewer_token, err) ||
        !store_member_put(tx, acme.key, 0, ada.key, ROLE_ORGANIZATION_ADMIN, err) ||
        !store_member_put(tx, other.key, 0, eve.key, ROLE_ORGANIZATION_ADMIN, err) ||
        !store_member_put(tx, acme.key, payable.key, vic.key, ROLE_VIEWER, err))
        return false;
    f->workspace = path_of(f, &acme, &payable);
    f->workspace_name = f->workspace + strlen("/api/v1/");
    f->organization = str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/organizations/%.*s", STR_ARG(acme.id)));
    f->organization_name = f->organization + strlen("/api/v1/");
    f->other_workspace = path_of(f, &other, &elsewhere);
    f->user_id = str_to_c(&f->arena, ada.id);
    return true;
}

/* ---- life ---- */

static void *serve(void *server)
{
    http_server_run(server);
    return NULL;
}

#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        Error err_ = {0};                                                                                              \
        Error *err = &err_;                                                                                            \
        if (!(call))                                                                                                   \
            fail_msg("%s: %s", #call, err_.message);                                                                   \
    } while (0)

static void open_store(Fixture *f)
{
    StoreOptions options = {.location = str_copy(&f->arena, str_from_c(f->directory)),
                            .database = str_from_c(f->database),
                            .organization_file_bytes = f->organization_file_bytes,
                            .synchronous_normal = true};
    MUST(store_open(&options, &f->store, err));
}

static void start(Fixture *f)
{
    EngineOptions engine = {.workers = 2};
    ApiOptions api = {.store = f->store,
                      .version = S("test"),
                      .rate_limit = f->of_token,
                      .address_limit = f->of_address,
                      .folder_root = f->folders[0] ? f->folders : NULL,
                      .folder_quiet_us = 300000,
                      .folder_look_us = 20000,
                      .check_responses = true};
    f->world = (World){.self = f, .now_us = world_now_us, .call = world_call};
    MUST(engine_start(f->store, &f->world, books_catalog(), &engine, &f->engine, err));
    api.engine = f->engine;
    MUST(api_open(&api, &f->api, err));
    HttpServerOptions http = {.address = "127.0.0.1", .handler = api_handler(f->api)};
    MUST(http_server_open(&http, &f->server, err));
    assert_int_equal(pthread_create(&f->thread, NULL, serve, f->server), 0);
}

static void stop(Fixture *f)
{
    api_drain(f->api);
    http_server_drain(f->server, 1000);
    pthread_join(f->thread, NULL);
    api_close(f->api);
    http_server_free(f->server);
    engine_stop(f->engine, 1000000);
    engine_free(f->engine);
    store_close(f->store);
}

static void begin(Fixture *f)
{
    Seed first = {.command.apply = seed, .f = f};
    memset(f, 0, sizeof *f);
    log_set_level(LOG_WARN);
    snprintf(f->directory, sizeof f->directory, "/tmp/clerkwork-api-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    if (schema_wanted())
        schema_make(f->database);
    open_store(f);
    MUST(store_execute(f->store, &first.command, err));
    f->as = f->token;
}

void fixture_open_limited(Fixture *f, int64_t of_token, int64_t of_address)
{
    begin(f);
    f->of_token = of_token;
    f->of_address = of_address;
    start(f);
}

void fixture_open_watching(Fixture *f)
{
    begin(f);
    snprintf(f->folders, sizeof f->folders, "%s/folders", f->directory);
    assert_int_equal(mkdir(f->folders, 0700), 0);
    start(f);
}

void fixture_restart(Fixture *f)
{
    stop(f);
    open_store(f);
    start(f);
}

void fixture_open(Fixture *f)
{
    fixture_open_limited(f, 0, 0);
}

static void remove_directory(const char *path)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    if (system(command) != 0)
        fail_msg("cannot remove %s", path);
}

void fixture_close(Fixture *f)
{
    stop(f);
    if (f->database[0])
        schema_give_back(f->database);
    remove_directory(f->directory);
    arena_done(&f->arena);
}

const char *fixture_print(Fixture *f, const char *format, ...)
{
    Buf text = buf_in(&f->arena);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    return str_to_c(&f->arena, buf_view(&text));
}

int fixture_count_blobs(const Fixture *f)
{
    char command[128];
    int n = -1;
    snprintf(command, sizeof command, "find '%s/files' -mindepth 2 -type f | wc -l", f->directory);
    FILE *found = popen(command, "r");
    if (!found || fscanf(found, "%d", &n) != 1)
        fail_msg("cannot look into %s/files", f->directory);
    pclose(found);
    return n;
}

/* ---- a client ---- */

static int connect_to(const Fixture *f)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(http_server_port(f->server))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 60};
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail_msg("cannot connect to the server under test");
    return fd;
}

static void write_all(int fd, Str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* refused before the end of the body: the answer says why */
        bytes = str_skip(bytes, (size_t)n);
    }
}

static Str read_all(Fixture *f, int fd)
{
    Buf in = buf_in(&f->arena);
    for (;;) {
        buf_reserve(&in, 16384);
        ssize_t n = recv(fd, in.data + in.len, 16384, 0);
        if (n <= 0)
            return buf_view(&in);
        in.len += (size_t)n;
    }
}

static Reply reply_of(Fixture *f, Str bytes)
{
    ptrdiff_t end = str_find(bytes, S("\r\n\r\n"));
    if (end < 0)
        fail_msg("no whole answer: %.*s", STR_ARG(bytes));
    Error err;
    Reply reply = {.head = str_slice(bytes, 0, (size_t)end), .body = str_skip(bytes, (size_t)end + 4)};
    reply.status = atoi(str_to_c(&f->arena, str_slice(bytes, 9, 12)));
    if (!json_parse(&f->arena, reply.body, 1000, &reply.json, &err))
        reply.json = NULL;
    return reply;
}

Reply fixture_send(Fixture *f, const char *method, Str headers, Str body, Str path)
{
    Buf out = buf_in(&f->arena);
    buf_printf(&out, "%s %.*s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method, STR_ARG(path));
    if (f->as)
        buf_printf(&out, "Authorization: Bearer %s\r\n", f->as);
    buf_str(&out, headers);
    if (body.data)
        buf_printf(&out, "Content-Length: %zu\r\n", body.len);
    buf_str(&out, S("\r\n"));
    buf_str(&out, body);
    int fd = connect_to(f);
    write_all(fd, buf_view(&out));
    Str answer = read_all(f, fd);
    close(fd);
    return reply_of(f, answer);
}

Reply fixture_call(Fixture *f, const char *method, const char *body, const char *path, ...)
{
    Buf target = buf_in(&f->arena);
    va_list args;
    va_start(args, path);
    buf_vprintf(&target, path, args);
    va_end(args);
    return fixture_send(f, method, S("Content-Type: application/json\r\n"), str_from_c(body), buf_view(&target));
}

void fixture_send_and_leave(Fixture *f, Str bytes)
{
    int fd = connect_to(f);
    write_all(fd, bytes);
    close(fd);
}

/* HTTP/1.0, so that the body comes without chunks. */
static Stream stream_begin(Fixture *f, const char *accept, Str last, const char *path, va_list args)
{
    Buf out = buf_in(&f->arena);
    buf_str(&out, S("GET "));
    buf_vprintf(&out, path, args);
    buf_printf(&out, " HTTP/1.0\r\nHost: localhost\r\nAccept: %s\r\nAuthorization: Bearer %s\r\n", accept, f->as);
    if (last.len > 0)
        buf_printf(&out, "Last-Event-ID: %.*s\r\n", STR_ARG(last));
    buf_str(&out, S("\r\n"));
    Stream stream = {.fd = connect_to(f), .in = buf_in(&f->arena)};
    struct timeval patience = {.tv_sec = 20};
    setsockopt(stream.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    write_all(stream.fd, buf_view(&out));
    return stream;
}

Stream stream_open(Fixture *f, const char *path, ...)
{
    va_list args;
    va_start(args, path);
    Stream stream = stream_begin(f, "application/x-ndjson", (Str){0}, path, args);
    va_end(args);
    return stream;
}

Stream stream_open_behind(Fixture *f, Str last, const char *path, ...)
{
    va_list args;
    va_start(args, path);
    Stream stream = stream_begin(f, "application/x-ndjson", last, path, args);
    va_end(args);
    return stream;
}

Stream stream_open_events(Fixture *f, Str last, const char *path, ...)
{
    va_list args;
    va_start(args, path);
    Stream stream = stream_begin(f, "text/event-stream", last, path, args);
    va_end(args);
    return stream;
}

static bool stream_more(Stream *stream)
{
    buf_reserve(&stream->in, 4096);
    ssize_t n = recv(stream->fd, stream->in.data + stream->in.len, 4096, 0);
    if (n < 0)
        fail_msg("nothing came over the stream for 20 s");
    stream->in.len += (size_t)n;
    return n > 0;
}

static Str stream_cut(Stream *stream, Str mark)
{
    for (;;) {
        ptrdiff_t at = str_find(buf_view(&stream->in), mark);
        if (at >= 0) {
            Str part = str_copy(stream->in.arena, str_slice(buf_view(&stream->in), 0, (size_t)at));
            size_t used = (size_t)at + mark.len;
            memmove(stream->in.data, stream->in.data + used, stream->in.len - used);
            stream->in.len -= used;
            return part;
        }
        if (!stream_more(stream))
            return (Str){0};
    }
}

const Json *stream_line(Fixture *f, Stream *stream)
{
    const Json *json;
    Error err;
    if (!stream->head.data)
        stream->head = stream_cut(stream, S("\r\n\r\n"));
    Str line = stream_cut(stream, S("\n"));
    if (!line.data)
        return NULL;
    if (!json_parse(&f->arena, line, 100, &json, &err))
        fail_msg("%s: %.*s", err.message, STR_ARG(line));
    return json;
}

const Json *stream_event(Fixture *f, Stream *stream, Str *out_id)
{
    const Json *json;
    Error err;
    if (!stream->head.data)
        stream->head = stream_cut(stream, S("\r\n\r\n"));
    Str id = stream_cut(stream, S("\n")), data = stream_cut(stream, S("\n\n"));
    assert_true(str_starts(id, S("id: ")) && str_starts(data, S("data: ")));
    assert_true(json_parse(&f->arena, str_skip(data, 6), 100, &json, &err));
    *out_id = str_skip(id, 4);
    return json;
}

void stream_close(Stream *stream)
{
    close(stream->fd);
}

const char *reply_header(Fixture *f, const Reply *reply, const char *name)
{
    Str rest = reply->head;
    while (rest.len > 0) {
        Str line = str_trim(str_cut(&rest, '\n')), value = line, key = str_cut(&value, ':');
        if (str_eq_fold(key, str_from_c(name)))
            return str_to_c(&f->arena, str_trim(value));
    }
    return NULL;
}

/* ---- looking at answers ---- */

const Json *json_at(const Json *json, const char *path)
{
    Str rest = str_from_c(path);
    while (json && rest.len > 0) {
        Str part = str_cut(&rest, '.');
        int64_t index;
        if (json->kind == JSON_ARRAY)
            json = str_to_i64(part, &index) && index >= 0 && index < json->count ? &json->items[index] : NULL;
        else
            json = json_get(json, part);
    }
    return json;
}

const char *text_at(Fixture *f, const Json *json, const char *path)
{
    const Json *found = json_at(json, path);
    if (!json_is(found, JSON_STRING))
        fail_msg("there is no text at %s", path);
    return str_to_c(&f->arena, found->text);
}

void fixture_assert_text(Fixture *f, const Json *json, const char *path, const char *expected, const char *file,
                         int line)
{
    const Json *found = json_at(json, path);
    const char *text = json_is(found, JSON_STRING) ? str_to_c(&f->arena, found->text) : NULL;
    if (text && strcmp(text, expected) == 0)
        return;
    print_error("%s is %s, expected %s\n", path, text ? text : "not there", expected);
    _fail(file, line);
}

void fixture_assert_status(Reply reply, int expected, const char *file, int line)
{
    if (reply.status == expected)
        return;
    print_error("status %d, expected %d: %.*s\n", reply.status, expected, STR_ARG(str_slice(reply.body, 0, 2000)));
    _fail(file, line);
}

void fixture_assert_access(Fixture *f, const char *method, const char *body, const char *path, int as_viewer,
                           const char *file, int line)
{
    const struct {
        const char *token;
        int status;
    } rows[] = {
        {NULL, 401},
        {"kgn_pat_nonsense", 401},
        {f->other_token, 404},
        {f->viewer_token, as_viewer},
    };
    const char *before = f->as;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        f->as = rows[i].token;
        fixture_assert_status(fixture_call(f, method, body, "%s", path), rows[i].status, file, line);
    }
    f->as = before;
}

const char *first_violation(Fixture *f, const Reply *reply)
{
    return text_at(f, reply->json, "details.0.field_violations.0.field");
}

/* ---- automations and runs ---- */

static Str json_text_of(Fixture *f, const char *text)
{
    Buf out = buf_in(&f->arena);
    JsonOut json = json_out(&out);
    json_str(&json, str_from_c(text));
    return buf_view(&out);
}

const char *fixture_automation(Fixture *f, const char *display_name, const char *english)
{
    Str body = str_printf(&f->arena, "{\"display_name\":%.*s,\"english_code\":%.*s}",
                          STR_ARG(json_text_of(f, display_name)), STR_ARG(json_text_of(f, english)));
    Reply made = fixture_call(f, "POST", str_to_c(&f->arena, body), "%s/automations", f->workspace);
    assert_status(made, 200);
    const char *name = text_at(f, made.json, "name");
    Reply checked = fixture_call(f, "POST", "{}", "/api/v1/%s:validatePublish", name);
    if (json_at(checked.json, "diagnostics")->count > 0)
        fail_msg("%s: %.*s", display_name, STR_ARG(checked.body));
    assert_status(fixture_call(f, "POST", "{}", "/api/v1/%s:publish", name), 200);
    return str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/%s", name));
}

const char *fixture_run(Fixture *f, const char *automation, const char *inputs)
{
    Str body = str_printf(&f->arena, "{\"stage\":\"AUTOMATION_STAGE_PUBLISHED\",\"inputs\":%s}", inputs);
    Reply invoked = fixture_call(f, "POST", str_to_c(&f->arena, body), "%s:invoke", automation);
    assert_status(invoked, 200);
    const char *run = str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/%s", text_at(f, invoked.json, "run_id")));
    Reply rested = fixture_call(f, "GET", NULL, "%s:wait?timeout=20s", run);
    assert_status(rested, 200);
    return run;
}
