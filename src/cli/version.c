/* cli/version.c: which program this is. */
#include "cli/version.h"

#include <stdio.h>

#include "cli/command.h"

static int run_version(int argc, char **argv)
{
    (void)argc, (void)argv;
    printf("clerkwork %s\n", CLERKWORK_VERSION);
    return EXIT_DONE;
}

const CliCommand command_version = {
    .name = "version",
    .summary = "print the version",
    .help = "usage: clerkwork version\n\nPrints the program's version.\n",
    .run = run_version,
};
