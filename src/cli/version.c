/* cli/version.c: which program this is. */
#include "cli/version.h"

#include <stdio.h>

#include "base/arena.h"
#include "cli/command.h"

static int run_version(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char **operands = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    bool json = false;
    int n;
    const CliOption options[] = {{.name = "json", .flag = &json}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n > 0)
        return command_usage("version", "there is nothing to say about \"%s\"", operands[0]);
    printf(json ? "{\"version\":\"%s\"}\n" : "clerkwork %s\n", CLERKWORK_VERSION);
    return EXIT_DONE;
}

const CliCommand command_version = {
    .name = "version",
    .summary = "print the version",
    .help = "usage: clerkwork version [--json]\n\nPrints the program's version.\n",
    .run = run_version,
};
