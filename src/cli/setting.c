/* cli/setting.c: the server's settings. */
#include "cli/setting.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/diagnostic.h"

const Setting settings[SETTING_N] = {
    [SETTING_DATA] = {"data", "./clerkwork-data",
                      .meaning = "directory of the database and the files; made when it is not there"},
    [SETTING_DATABASE] =
        {"database", "",
         .meaning =
             "postgresql://USER@HOST:PORT/DATABASE; empty: SQLite in the data directory, which always holds files"},
    [SETTING_PROCESSES] = {"processes", "one", .choices = "one many",
                           .meaning = "many: other server processes, all started so, may work on the same PostgreSQL "
                                      "database; one: they are refused"},
    [SETTING_LEASE_SECONDS] = {"lease-seconds", "10", true, 2, 3600,
                               .meaning = "with many processes: how long one that is not heard of keeps its runs; the "
                                          "same for all"},
    [SETTING_ADDRESS] = {"address", "127.0.0.1", .meaning = "address to listen on; 0.0.0.0 or :: for all"},
    [SETTING_PORT] = {"port", "8080", true, 0, 65535, .meaning = "port to listen on; 0 takes a free one"},
    [SETTING_TLS_CERTIFICATE] = {"tls-certificate", "",
                                 .meaning = "PEM file with the certificate chain; with tls-key it turns TLS on"},
    [SETTING_TLS_KEY] = {"tls-key", "", .meaning = "PEM file with the certificate's key"},
    [SETTING_SYNCHRONOUS] =
        {"synchronous", "full", .choices = "full normal",
         .meaning =
             "full: an answer leaves only after its bytes are on disk; normal: a power cut may lose the last moments"},
    [SETTING_WORKERS] = {"workers", "0", true, 0, 1024,
                         .meaning = "threads that evaluate runs; 0: one a processor, at least two"},
    [SETTING_READERS] = {"readers", "0", true, 0, 256, .meaning = "threads that answer lists; 0: two"},
    [SETTING_MAX_ACTIVE_RUNS] = {"max-active-runs", "512", true, 1, 1000000,
                                 .meaning = "runs in memory at once; the others wait their turn on disk"},
    [SETTING_MAX_OUTSIDE_CALLS] = {"max-outside-calls", "256", true, 1, 100000,
                                   .meaning = "calls of books under way at once, 64 of them over the network; runs "
                                              "that are to make the next ones wait on disk"},
    [SETTING_CHILDREN_AT_ONCE] =
        {"children-at-once", "8", true, 1, 1000,
         .meaning = "items of a loop at the same time that are worked on at a time; those that wait do not count"},
    [SETTING_MAX_CONNECTIONS] = {"max-connections", "16384", true, 1, 1000000,
                                 .meaning = "open connections; the next one is told to come back"},
    [SETTING_RATE_LIMIT] = {"rate-limit", "60000", true, 0, 1000000000,
                            .meaning = "calls that a token may make in a window; 0: no limit"},
    [SETTING_ADDRESS_LIMIT] = {"address-limit", "6000", true, 0, 1000000000,
                               .meaning = "calls of one operation that an address may make in a window without a "
                                          "token, and attempts with a wrong one; 0: no limit"},
    [SETTING_RATE_WINDOW] = {"rate-window", "60", true, 1, 86400, .meaning = "seconds of both windows"},
    [SETTING_RUN_FUEL] = {"run-fuel", "1000000000", true, 1, INT64_MAX, .meaning = "steps that a run may take"},
    [SETTING_RUN_MEMORY_MB] = {"run-memory-mb", "512", true, 1, 1 << 20, .meaning = "memory of one run, in MiB"},
    [SETTING_RUN_OUTPUT_MB] = {"run-output-mb", "64", true, 1, 1 << 20, .meaning = "outputs of one run, in MiB"},
    [SETTING_RUN_TRACE_EVENTS] =
        {"run-trace-events", "10000", true, 0, 100000000,
         .meaning = "steps of a run that its journal tells one by one; beyond, only effects, questions and the end"},
    [SETTING_KEEP_RUNS_DAYS] =
        {"keep-runs-days", "0", true, 0, 36500,
         .meaning = "days for which runs that have ended are kept, where their automation says nothing; 0: for ever"},
    [SETTING_PRIVATE_ADDRESSES] =
        {"private-addresses", "refuse", .choices = "refuse allow",
         .meaning = "whether webhooks, books and the model may reach addresses of private networks, this machine's own "
                    "included"},
    [SETTING_FOLDER_ROOT] = {"folder-root", "",
                             .meaning = "directory within which triggers may watch folders, each workspace in the one "
                                        "of its id; empty: none may"},
    [SETTING_FOLDER_QUIET_SECONDS] =
        {"folder-quiet-seconds", "2", true, 1, 3600,
         .meaning = "how long a file in a watched folder must have stood still before it is taken"},
    [SETTING_CA_FILE] = {"ca-file", "",
                         .meaning =
                             "PEM file with the authorities that calls to other servers trust; empty: the system's"},
    [SETTING_KEY_FILE] = {"key-file", "",
                          .meaning = "file with the key that seals connections' credentials; empty: credentials.key in "
                                     "the data directory"},
    [SETTING_MAIL_URL] = {"mail-url", "",
                          .meaning = "mail server that invitations are sent by: smtp://host:587, which must offer "
                                     "STARTTLS, smtps://host, or smtp+plain://host in the open; empty: none"},
    [SETTING_MAIL_SENDER] = {"mail-sender", "", .meaning = "who they are from: Clerkwork <clerkwork@acme.example>"},
    [SETTING_MAIL_USER] = {"mail-user", "", .meaning = "how the server signs in there; empty: it does not"},
    [SETTING_MAIL_PASSWORD] = {"mail-password", "",
                               .meaning = "its password; other users of the machine can see flags, so use the variable "
                                          "or the file. Never logged or shown"},
    [SETTING_PUBLIC_URL] = {"public-url", "",
                            .meaning =
                                "address at which people reach the server, such as "
                                "https://clerkwork.acme.example: links to files and of invitations begin with it; "
                                "empty: with the address that the caller used, and nothing is mailed"},
    [SETTING_MODEL_URL] = {"model-url", "",
                           .meaning = "endpoint of the OpenAI kind, such as https://host/v1, whose model turns "
                                      "descriptions into automations; empty: none"},
    [SETTING_MODEL_KEY] = {"model-key", "",
                           .meaning = "its key; other users of the machine can see flags, so use the variable or the "
                                      "file. Never logged or shown"},
    [SETTING_MODEL_NAME] = {"model-name", "", .meaning = "the model's name, as its endpoint knows it"},
    [SETTING_MODEL_TIMEOUT] = {"model-timeout", "60", true, 1, 600,
                               .meaning = "seconds that one answer of the model may take; it is asked at most four "
                                          "times in a turn"},
    [SETTING_ORGANIZATION_FILE_MB] =
        {"organization-file-mb", "0", true, 0, 1 << 30,
         .meaning = "how much the files of one organization may have together, in MiB; 0 sets no bound"},
    [SETTING_DRAIN_SECONDS] = {"drain-seconds", "20", true, 0, 86400,
                               .meaning = "how long SIGTERM waits for open requests"},
    [SETTING_LOG_LEVEL] = {"log-level", "info", .choices = "debug info warn error",
                           .meaning = "what is logged, as JSON lines on standard error"},
    [SETTING_CHECK_RESPONSES] =
        {"check-responses", "no", .choices = "yes no",
         .meaning = "hold every answer against the contract and stop at the first that does not fit (for tests)"},
};

static const Setting *find_setting(const char *name, size_t len)
{
    for (size_t i = 0; i < SETTING_N; i++)
        if (strlen(settings[i].name) == len && memcmp(settings[i].name, name, len) == 0)
            return &settings[i];
    return NULL;
}

static bool unknown_setting(Str name, const char *where, Error *err)
{
    Str names[SETTING_N];
    for (size_t i = 0; i < SETTING_N; i++)
        names[i] = str_from_c(settings[i].name);
    name = str_slice(name, 0, 60);
    Str near = nearest_spelling(name, names, SETTING_N);
    if (near.len > 0)
        return error_set(err, INVALID_ARGUMENT, "", "there is no setting \"%.*s\" (from %s); did you mean %.*s?",
                         STR_ARG(name), where, STR_ARG(near));
    return error_set(err, INVALID_ARGUMENT, "",
                     "there is no setting \"%.*s\" (from %s); `clerkwork serve --help` lists them", STR_ARG(name),
                     where);
}

static bool is_choice(const char *choices, Str text)
{
    Str rest = str_from_c(choices);
    while (rest.len > 0)
        if (str_eq(str_cut(&rest, ' '), text))
            return true;
    return false;
}

static bool put(Settings *all, const Setting *setting, Str text, const char *where, Error *err)
{
    size_t id = (size_t)(setting - settings);
    if (setting->number &&
        (!str_to_i64(text, &all->number[id]) || all->number[id] < setting->least || all->number[id] > setting->most))
        return error_set(err, INVALID_ARGUMENT, setting->name,
                         "\"%.*s\" (from %s) is not accepted; expected a whole number from %lld to %lld", STR_ARG(text),
                         where, (long long)setting->least, (long long)setting->most);
    if (setting->choices && !is_choice(setting->choices, text))
        return error_set(err, INVALID_ARGUMENT, setting->name,
                         "\"%.*s\" (from %s) is not accepted; expected one of: %s", STR_ARG(text), where,
                         setting->choices);
    all->text[id] = str_copy(&all->arena, text);
    return true;
}

static bool read_file_line(Settings *all, Str line, const char *path, int number, Error *err)
{
    line = str_trim(line);
    if (line.len == 0 || line.data[0] == '#')
        return true;
    Str rest = line;
    Str name = str_trim(str_cut(&rest, '='));
    const Setting *setting = find_setting(name.data, name.len);
    if (!rest.data)
        return error_set(err, INVALID_ARGUMENT, "config", "%s, line %d: expected `name = value`, found \"%.*s\"", path,
                         number, STR_ARG(str_slice(line, 0, 100)));
    if (!setting)
        return unknown_setting(name, path, err);
    return put(all, setting, str_trim(rest), path, err);
}

static bool read_file(Settings *all, const char *path, Error *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set_errno(err, path);
    char *line = NULL;
    size_t cap = 0;
    bool ok = true;
    for (int number = 1; ok; number++) {
        ssize_t len = getline(&line, &cap, file);
        if (len < 0)
            break;
        ok = read_file_line(all, str_of(line, (size_t)len), path, number, err);
    }
    free(line);
    fclose(file);
    return ok;
}

static bool read_environment(Settings *all, Error *err)
{
    for (size_t i = 0; i < SETTING_N; i++) {
        char name[64] = "CLERKWORK_";
        size_t n = strlen(name);
        for (const char *c = settings[i].name; *c; c++)
            name[n++] = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
        name[n] = '\0';
        const char *value = getenv(name);
        if (value && !put(all, &settings[i], str_from_c(value), name, err))
            return false;
    }
    return true;
}

static const char *config_path(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            return argv[i + 1];
        if (strncmp(argv[i], "--config=", 9) == 0)
            return argv[i] + 9;
    }
    return getenv("CLERKWORK_CONFIG");
}

static bool read_flags(Settings *all, int argc, char **argv, Error *err)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strncmp(name, "--", 2) != 0)
            return error_set(err, INVALID_ARGUMENT, "", "\"%s\" is no setting; expected --name value", name);
        name += 2;
        const char *equals = strchr(name, '=');
        size_t len = equals ? (size_t)(equals - name) : strlen(name);
        bool is_config = len == 6 && memcmp(name, "config", 6) == 0;
        const Setting *setting = find_setting(name, len);
        if (!setting && !is_config)
            return unknown_setting(str_of(name, len), "the command line", err);
        const char *value = equals ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
        if (!value)
            return error_set(err, INVALID_ARGUMENT, setting ? setting->name : "config", "--%.*s needs a value",
                             (int)len, name);
        if (setting && !put(all, setting, str_from_c(value), "the command line", err))
            return false;
    }
    return true;
}

bool settings_read(Settings *out, int argc, char **argv, Error *err)
{
    *out = (Settings){0};
    for (size_t i = 0; i < SETTING_N; i++)
        if (!put(out, &settings[i], str_from_c(settings[i].fallback), "the default", err))
            return false;
    const char *path = config_path(argc, argv);
    return (!path || read_file(out, path, err)) && read_environment(out, err) && read_flags(out, argc, argv, err);
}

void settings_done(Settings *all)
{
    arena_done(&all->arena);
}

void settings_print(Buf *out)
{
    for (size_t i = 0; i < SETTING_N; i++)
        buf_printf(out, "  --%-18s %s (default: %s)\n", settings[i].name, settings[i].meaning,
                   settings[i].fallback[0] ? settings[i].fallback : "none");
}
