/* cli/replay.c: stored runs, carried out once more and compared with what is stored of them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aip/name.h"
#include "books/book.h"
#include "cli/command.h"
#include "cli/world.h"
#include "engine/replay.h"
#include "store/store.h"

#define RUN_PATTERN "organizations/{o}/workspaces/{w}/automations/{a}/runs/{r}"

static bool scope_of(Tx *tx, Arena *arena, const NameParts *parts, Scope *out, Error *err)
{
    Organization organization;
    Workspace workspace;
    if (!store_organization_get(tx, arena, parts->values[0], &organization, err) ||
        !store_workspace_get(tx, arena, organization.key, parts->values[1], &workspace, err))
        return false;
    *out = (Scope){organization.key, workspace.key, parts->values[0], parts->values[1]};
    return true;
}

static bool find_scope(StoreReader *reader, Arena *arena, const NameParts *parts, Scope *out, Error *err)
{
    Tx *tx;
    if (!tx_begin_read(reader, &tx, err))
        return false;
    bool ok = scope_of(tx, arena, parts, out, err);
    tx_end(tx);
    return ok;
}

/* Gives an exit code, so that all runs that are named are looked at. */
static int replay_one(StoreReader *reader, const World *world, Budget budget, Str name)
{
    AUTO(arena_done)
    Arena arena = {0};
    NameParts parts;
    Scope scope;
    Replay replay;
    Error err = {0};
    if (!name_parse(name, S(RUN_PATTERN), "RUN", &parts, &err) || !find_scope(reader, &arena, &parts, &scope, &err) ||
        !run_replay(reader, world, books_catalog(), budget, &arena, &scope, parts.values[3], &replay, &err))
        return command_failed("replay", &err);
    if (!replay.same) {
        printf("different: %.*s: %.*s\n", STR_ARG(name), STR_ARG(replay.difference));
        return EXIT_PROBLEMS;
    }
    printf("the same: %.*s: %s, %lld journal entries, %lld results and answers\n", STR_ARG(name),
           run_state_names[replay.state], (long long)replay.entries, (long long)replay.heard);
    return EXIT_DONE;
}

static int replay_all(Store *store, Budget budget, const char **names, int n)
{
    StoreReader *reader;
    Error err = {0};
    if (!store_reader_open(store, &reader, &err))
        return command_failed("replay", &err);
    RealWorld *world = real_world_new(store, &(HttpClientOptions){0}, ""); /* nothing is called out */
    int code = EXIT_DONE;
    for (int i = 0; i < n; i++) {
        int one = replay_one(reader, real_world(world), budget, str_from_c(names[i]));
        if (one != EXIT_DONE && code != EXIT_FAILED)
            code = one;
    }
    real_world_stop(world);
    real_world_free(world);
    store_reader_close(reader);
    return code;
}

static int run_replay_command(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char *data = "./clerkwork-data", *trace_events = "0";
    const CliOption options[] = {{.name = "data", .value = &data},
                                 {.name = "run-trace-events", .value = &trace_events}};
    const char **names = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    int n;
    if (!cli_options(argc, argv, options, COUNT_OF(options), names, &n))
        return EXIT_USAGE;
    int64_t events;
    if (!str_to_i64(str_from_c(trace_events), &events) || events < 0 || events > UINT32_MAX)
        return command_usage("replay", "--run-trace-events %s is not a number", trace_events);
    Budget budget = {.trace_events = (uint32_t)events};
    if (n == 0)
        return command_usage("replay", "name a run: its full name, as the API gives it");
    const char *directory = strncmp(data, "sqlite:", 7) == 0 ? data + 7 : data;
    Error err = {0};
    if (access(directory, F_OK) != 0) { /* opening would make an empty store of a mistyped name */
        (void)error_set(&err, NOT_FOUND, "data", "there is no directory %s; say --data DIR", data);
        return command_failed("replay", &err);
    }
    Store *store;
    StoreOptions store_options = {.location = str_from_c(data)};
    if (!store_open(&store_options, &store, &err))
        return command_failed("replay", &err);
    int code = replay_all(store, budget, names, n);
    store_close(store);
    return code;
}

const CliCommand command_replay = {
    .name = "replay",
    .summary = "prove that what is stored of a run reproduces it",
    .help =
        "usage: clerkwork replay RUN ... [--data DIR] [--run-trace-events N]\n\n"
        "Carries runs out once more, from their inputs and from what they heard: results of calls, answers, waits.\n"
        "Nothing outside is called. The journal that comes of it, and the outputs, the failure or the open question,\n"
        "are compared with those that are stored, byte for byte.\n\n"
        "  clerkwork replay organizations/o/workspaces/w/automations/a/runs/r --data ./data\n\n"
        "Where the server's run-trace-events is not the default, say it here too.\n"
        "The server must not be running on that directory; a copy of it does as well.\n\n"
        "Exit code: 0 all are the same, 1 one could not be replayed, 3 one is different.\n",
    .run = run_replay_command,
};
