/* cli/move.c: everything that is stored, to another database. */
#include "store/move.h"

#include <stdio.h>

#include "base/codec.h"
#include "cli/command.h"

typedef struct Told {
    int64_t tables, rows;
} Told;

static void print_table(void *self, const MovedTable *table)
{
    Told *told = self;
    told->tables++;
    told->rows += table->rows;
    if (table->rows == 0)
        return;
    printf("  %-20.*s %12lld rows   ", STR_ARG(table->name), (long long)table->rows);
    for (size_t i = 0; i < sizeof table->checksum; i++)
        printf("%02x", table->checksum[i]);
    putchar('\n');
}

static int run_move(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char *from = NULL, *to = NULL, **operands = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    const CliOption options[] = {{.name = "from", .value = &from}, {.name = "to", .value = &to}};
    int n;
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n > 0)
        return command_usage("move", "\"%s\" is not expected here; say --from and --to", operands[0]);
    if (!from || !to)
        return command_usage("move", "say --%s: sqlite:DIR or postgresql://USER@HOST/DATABASE", from ? "to" : "from");
    Error err = {0};
    Told told = {0};
    if (!store_move(str_from_c(from), str_from_c(to), &(Moving){print_table, &told}, &err))
        return command_failed("move", &err);
    printf("moved %lld rows of %lld tables; both sides hold the same\n", (long long)told.rows, (long long)told.tables);
    printf("The old database stays as it was; no server may work on it any more. The content of files lies in files/ "
           "of the\n"
           "data directory, as before: the server that you start now needs that folder.\n");
    return EXIT_DONE;
}

const CliCommand command_move = {
    .name = "move",
    .summary = "move everything that is stored between SQLite and PostgreSQL",
    .help =
        "usage: clerkwork move --from PLACE --to PLACE\n"
        "\n"
        "Copies every row of a database to another one, in one transaction, reads it back, and tells how many rows "
        "each\n"
        "table has and their checksum, which is the same on both sides. The server must be stopped meanwhile. A PLACE\n"
        "is\n"
        "\n"
        "  sqlite:DIR                          the database in a data directory\n"
        "  postgresql://USER@HOST/DATABASE     as the setting database says it\n"
        "\n"
        "  clerkwork move --from sqlite:/var/lib/clerkwork --to postgresql://clerkwork@db.example/clerkwork\n"
        "  clerkwork serve --data /var/lib/clerkwork --database postgresql://clerkwork@db.example/clerkwork\n"
        "\n"
        "Runs that wait, for people or for their hour, wait on. The target must be new: a database without tables, or\n"
        "a folder without clerkwork.db. The content of uploaded files is in no database; it stays in files/ of the\n"
        "data directory (on the way back to another folder, copy files/ and credentials.key there). The version must "
        "be\n"
        "this program's: a server that is started once brings it there.\n"
        "\n"
        "Exit code: 0 moved; 1 not, and the target holds nothing; 2 the command line makes no sense.\n",
    .run = run_move,
};
