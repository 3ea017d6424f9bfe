/* cli/serve.c: the server: opens store, engine, API and listener in this order, and closes them the other way round. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/api.h"
#include "base/log.h"
#include "books/book.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/model.h"
#include "cli/postman.h"
#include "cli/setting.h"
#include "cli/version.h"
#include "cli/world.h"
#include "store/lease.h"

typedef struct Server {
    const Settings *settings;
    Store *store;
    RealWorld *world;
    Engine *engine;
    RealModel *model; /* with its scribe; NULL when none is configured */
    Scribe *scribe;
    RealPostman *postman; /* NULL: no mail server is configured */
    Api *api;
    HttpServer *http;
    pthread_t signals;
    sigset_t awaited;
} Server;

/* A connection is a descriptor: take as many as the system gives. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The first SIGTERM or SIGINT drains: no new connections, open requests finish, runs are parked. The second ends the
 * process; the journal brings its runs back. */
static void *signals_main(void *self)
{
    Server *server = self;
    int number;
    if (sigwait(&server->awaited, &number) != 0 || number == SIGUSR1)
        return NULL;
    LOG(LOG_INFO, "stopping: open requests are finished, runs are parked",
        LOG_STR("signal", str_from_c(strsignal(number))));
    api_drain(server->api);
    http_server_drain(server->http, server->settings->number[SETTING_DRAIN_SECONDS] * 1000);
    if (sigwait(&server->awaited, &number) == 0 && number != SIGUSR1)
        _exit(EXIT_FAILED);
    return NULL;
}

static bool open_store(Server *server, Error *err)
{
    const Settings *all = server->settings;
    StoreOptions options = {.location = all->text[SETTING_DATA],
                            .database = all->text[SETTING_DATABASE],
                            .shared = str_eq(all->text[SETTING_PROCESSES], S("many")),
                            .lease_s = (int)all->number[SETTING_LEASE_SECONDS],
                            .synchronous_normal = str_eq(all->text[SETTING_SYNCHRONOUS], S("normal")),
                            .organization_file_bytes = all->number[SETTING_ORGANIZATION_FILE_MB] << 20};
    return store_open(&options, &server->store, err);
}

static const char *path_or_null(Settings *all, SettingId id)
{
    return all->text[id].len > 0 ? str_to_c(&all->arena, all->text[id]) : NULL;
}

static HttpClientOptions calls_out(Settings *all)
{
    return (HttpClientOptions){
        .reach_private = str_eq(all->text[SETTING_PRIVATE_ADDRESSES], S("allow")),
        .ca_file = path_or_null(all, SETTING_CA_FILE),
    };
}

static bool open_engine(Server *server, Settings *all, Error *err)
{
    const int64_t *number = all->number;
    EngineOptions options = {
        .workers = (int)number[SETTING_WORKERS],
        .max_active = (int)number[SETTING_MAX_ACTIVE_RUNS],
        .max_outside = (int)number[SETTING_MAX_OUTSIDE_CALLS],
        .children_at_once = (int)number[SETTING_CHILDREN_AT_ONCE],
        .keep_runs_us = number[SETTING_KEEP_RUNS_DAYS] * 86400 * 1000000,
        .budget = {.fuel = (uint64_t)number[SETTING_RUN_FUEL],
                   .memory_bytes = (uint64_t)number[SETTING_RUN_MEMORY_MB] << 20,
                   .output_bytes = (uint64_t)number[SETTING_RUN_OUTPUT_MB] << 20,
                   .trace_events = (uint32_t)number[SETTING_RUN_TRACE_EVENTS]},
    };
    HttpClientOptions out = calls_out(all);
    server->world = real_world_new(server->store, &out,
                                   key_file_path(&all->arena, all->text[SETTING_KEY_FILE], all->text[SETTING_DATA]));
    return engine_start(server->store, real_world(server->world), books_catalog(), &options, &server->engine, err);
}

static bool open_model(Server *server, Settings *all, Error *err)
{
    RealModelOptions options = {.url = all->text[SETTING_MODEL_URL],
                                .key = all->text[SETTING_MODEL_KEY],
                                .name = all->text[SETTING_MODEL_NAME],
                                .timeout_ms = all->number[SETTING_MODEL_TIMEOUT] * 1000,
                                .calls_out = calls_out(all)};
    return options.url.len == 0 || (real_model_new(&options, &server->model, err) &&
                                    scribe_start(server->engine, real_model(server->model), &server->scribe, err));
}

/* Without an address of its own the links in letters would lead wherever a caller's Host header says. */
static bool check_public_url(const Settings *all, Error *err)
{
    Str url = all->text[SETTING_PUBLIC_URL];
    if (url.len == 0)
        return all->text[SETTING_MAIL_URL].len == 0 ||
               error_set(err, INVALID_ARGUMENT, "public-url",
                         "mail-url is set: say at which address people reach the server, such as https://%s",
                         "clerkwork.acme.example");
    HttpCall call = {.url = url};
    return http_call_check(&call, err) ||
           error_set(err, INVALID_ARGUMENT, "public-url", "\"%.*s\" is no address; expected one like https://%s",
                     STR_ARG(str_clip(url, 100)), "clerkwork.acme.example");
}

static bool open_postman(Server *server, Settings *all, Error *err)
{
    RealPostmanOptions options = {.url = all->text[SETTING_MAIL_URL],
                                  .sender = all->text[SETTING_MAIL_SENDER],
                                  .user = all->text[SETTING_MAIL_USER],
                                  .password = all->text[SETTING_MAIL_PASSWORD],
                                  .calls_out = calls_out(all)};
    return check_public_url(all, err) && (options.url.len == 0 || real_postman_new(&options, &server->postman, err));
}

static bool open_api(Server *server, Settings *all, Error *err)
{
    ApiOptions options = {
        .store = server->store,
        .engine = server->engine,
        .scribe = server->scribe,
        .postman = server->postman ? real_postman(server->postman) : NULL,
        .public_url = all->text[SETTING_PUBLIC_URL],
        .version = S(CLERKWORK_VERSION),
        .readers = (int)all->number[SETTING_READERS],
        .rate_limit = all->number[SETTING_RATE_LIMIT],
        .address_limit = all->number[SETTING_ADDRESS_LIMIT],
        .rate_window_s = all->number[SETTING_RATE_WINDOW],
        .folder_root = path_or_null(all, SETTING_FOLDER_ROOT),
        .folder_quiet_us = all->number[SETTING_FOLDER_QUIET_SECONDS] * 1000000,
        .check_responses = str_eq(all->text[SETTING_CHECK_RESPONSES], S("yes")),
    };
    return api_open(&options, &server->api, err);
}

static bool open_http(Server *server, Settings *all, Error *err)
{
    HttpServerOptions options = {
        .address = str_to_c(&all->arena, all->text[SETTING_ADDRESS]),
        .port = (uint16_t)all->number[SETTING_PORT],
        .certificate = path_or_null(all, SETTING_TLS_CERTIFICATE),
        .key = path_or_null(all, SETTING_TLS_KEY),
        .limits.connections = (uint32_t)all->number[SETTING_MAX_CONNECTIONS],
        .handler = api_handler(server->api),
    };
    return http_server_open(&options, &server->http, err);
}

static void say_ready(const Server *server)
{
    const Settings *all = server->settings;
    bool tls = all->text[SETTING_TLS_CERTIFICATE].len > 0;
    LOG(LOG_INFO, "ready", LOG_STR("version", S(CLERKWORK_VERSION)), LOG_STR("scheme", tls ? S("https") : S("http")),
        LOG_STR("address", all->text[SETTING_ADDRESS]), LOG_NUM("port", http_server_port(server->http)),
        LOG_STR("data", all->text[SETTING_DATA]),
        LOG_STR("database", all->text[SETTING_DATABASE].len > 0 ? S("postgresql") : S("sqlite")),
        LOG_STR("synchronous", all->text[SETTING_SYNCHRONOUS]), LOG_NUM("node", store_node(server->store)),
        LOG_STR("model", server->model ? all->text[SETTING_MODEL_NAME] : S("none")));
}

static void close_all(Server *server)
{
    http_server_free(server->http);
    real_postman_stop(server->postman);
    api_close(server->api);
    real_postman_free(server->postman);
    scribe_stop(server->scribe);
    real_model_stop(server->model);
    real_model_free(server->model);
    if (server->engine)
        engine_stop(server->engine, 5000000);
    real_world_stop(server->world);
    engine_free(server->engine);
    real_world_free(server->world);
    store_close(server->store);
}

static bool open_all(Server *server, Settings *all, Error *err)
{
    /* The listener comes last but its port is what is most often taken: say so before anything is started. */
    return open_store(server, err) && open_engine(server, all, err) && open_model(server, all, err) &&
           open_postman(server, all, err) && open_api(server, all, err) && open_http(server, all, err);
}

static LogLevel log_level(Str name)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq(name, str_from_c(names[i])))
            return (LogLevel)i;
    return LOG_INFO;
}

/* Errors of inner parts name their own words; a person knows the settings. */
static void name_setting(Error *err)
{
    static const struct {
        const char *inner;
        SettingId setting;
    } names[] = {{"certificate", SETTING_TLS_CERTIFICATE},
                 {"key", SETTING_TLS_KEY},
                 {"folder root", SETTING_FOLDER_ROOT},
                 {"store", SETTING_DATA},
                 {"database", SETTING_DATABASE}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(err->field, names[i].inner) == 0)
            (void)snprintf(err->field, sizeof err->field, "%s", settings[names[i].setting].name);
}

static bool serve(Settings *all, Error *err)
{
    Server server = {.settings = all};
    log_set_level(log_level(all->text[SETTING_LOG_LEVEL]));
    raise_descriptor_limit();
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&server.awaited);
    sigaddset(&server.awaited, SIGTERM);
    sigaddset(&server.awaited, SIGINT);
    sigaddset(&server.awaited, SIGUSR1); /* ends the thread that waits for signals */
    pthread_sigmask(SIG_BLOCK, &server.awaited, NULL);
    bool ok = open_all(&server, all, err);
    if (ok && pthread_create(&server.signals, NULL, signals_main, &server) != 0)
        ok = error_set(err, RESOURCE_EXHAUSTED, "", "the system refused a thread");
    if (ok) {
        say_ready(&server);
        http_server_run(server.http);
        pthread_kill(server.signals, SIGUSR1);
        pthread_join(server.signals, NULL);
    }
    close_all(&server);
    return ok;
}

static int run_serve(int argc, char **argv)
{
    Settings all;
    Error err = {0};
    bool read = settings_read(&all, argc, argv, &err);
    bool ok = read && serve(&all, &err);
    settings_done(&all);
    if (!read) {
        command_failed("serve", &err);
        return EXIT_USAGE;
    }
    if (!ok) {
        name_setting(&err);
        return command_failed("serve", &err);
    }
    LOG(LOG_INFO, "stopped", LOG_NUM("code", 0));
    return EXIT_DONE;
}

const CliCommand command_serve = {
    .name = "serve",
    .summary = "run the server",
    .help = "usage: clerkwork serve [--NAME VALUE ...]\n\n"
            "Runs the server until SIGTERM or Ctrl-C; then open requests are finished and runs are parked where they "
            "are.\n\n"
            "  clerkwork serve                                        http://127.0.0.1:8080, data in ./clerkwork-data\n"
            "  clerkwork serve --data /var/lib/clerkwork --port 9000\n"
            "  clerkwork serve --address 0.0.0.0 --tls-certificate chain.pem --tls-key key.pem\n"
            "  CLERKWORK_PORT=9000 clerkwork serve --config /etc/clerkwork.conf\n\n"
            "Each setting is a flag, a CLERKWORK_… variable (CLERKWORK_LOG_LEVEL) or a line `name = value` of the "
            "config file; flags\n"
            "win over variables, variables over the file.\n\n"
            "A new data directory holds nobody who may call: `clerkwork setup --data DIR` makes the first "
            "organization, workspace,\n"
            "user and token.\n\n",
    .run = run_serve,
    .help_table = settings_print,
};
