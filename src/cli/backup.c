/* cli/backup.c: copies of a data directory, the way back, and the look whether one is sound. */
#include "store/backup.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/version.h"

static void print_finding(void *self, Str problem)
{
    fprintf(stderr, "clerkwork %s: %.*s\n", (const char *)self, STR_ARG(problem));
}

static int exit_with(const Findings *findings)
{
    return findings->n > 0 ? EXIT_PROBLEMS : EXIT_DONE;
}

static void print_backup(const char *done, const char *place, const Backup *backup)
{
    char when[CLOCK_TEXT_LEN + 1] = {0};
    clock_format(backup->create_us, when);
    printf("%s %s: as of %s, schema version %lld, a database of %lld bytes, files: %lld with %lld bytes\n", done, place,
           when, (long long)backup->schema_version, (long long)backup->database_bytes, (long long)backup->n_files,
           (long long)backup->file_bytes);
}

/* The one operand that both ways need. */
static bool one_place(int argc, char **argv, const CliOption *options, size_t n_options, const char *what,
                      const char **out, int *out_code)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char **operands = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    int n;
    *out_code = EXIT_USAGE;
    if (!cli_options(argc, argv, options, n_options, operands, &n))
        return false;
    if (n != 1) {
        *out_code = command_usage(argv[0], n == 0 ? "name %s" : "name one folder: %s", what);
        return false;
    }
    *out = operands[0];
    return true;
}

static int run_backup(int argc, char **argv)
{
    const char *data = "./clerkwork-data", *database = command_database(), *target;
    const CliOption options[] = {{.name = "data", .value = &data}, {.name = "database", .value = &database}};
    int code;
    if (!one_place(argc, argv, options, COUNT_OF(options), "the folder to write to", &target, &code))
        return code;
    Error err = {0};
    if (database[0] != '\0') {
        (void)error_set(&err, UNIMPLEMENTED, "database",
                        "a PostgreSQL database is backed up with pg_dump or pg_basebackup; copy %s/files after that",
                        data);
        return command_failed("backup", &err);
    }
    Findings findings = {.found = print_finding, .self = argv[0]};
    Backup backup;
    if (!store_backup(str_from_c(data), str_from_c(target), S(CLERKWORK_VERSION), &findings, &backup, &err))
        return command_failed("backup", &err);
    print_backup("backed up to", target, &backup);
    return exit_with(&findings);
}

static int run_restore(int argc, char **argv)
{
    const char *data = NULL, *source;
    bool go_on = false;
    const CliOption options[] = {{.name = "data", .value = &data}, {.name = "go-on", .flag = &go_on}};
    int code;
    if (!one_place(argc, argv, options, COUNT_OF(options), "the backup", &source, &code))
        return code;
    if (!data)
        return command_usage("restore", "say --data DIR: the data directory to make; it must not be there yet");
    Error err = {0};
    Findings findings = {.found = print_finding, .self = argv[0]};
    Backup backup;
    if (!store_restore(str_from_c(source), str_from_c(data), !go_on, &findings, &backup, &err))
        return command_failed("restore", &err);
    print_backup("restored to", data, &backup);
    printf(go_on ? "Runs go on where they were: be sure that the server which the backup was taken from has stopped.\n"
                 : "Runs that were under way stop at the first start, until somebody lets them go on.\n");
    return exit_with(&findings);
}

static int run_verify(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char *data = "./clerkwork-data", *database = command_database();
    const CliOption options[] = {{.name = "data", .value = &data}, {.name = "database", .value = &database}};
    const char **operands = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    int n;
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n > 0)
        return command_usage("verify", "\"%s\" is not expected here; say --data %s", operands[0], operands[0]);
    Error err = {0};
    Findings findings = {.found = print_finding, .self = argv[0]};
    Verified seen;
    if (!store_verify(str_from_c(data), str_from_c(database), &findings, &seen, &err))
        return command_failed("verify", &err);
    printf(
        "%s: %lld problems; schema version %lld, runs: %lld with %lld journal entries, files: %lld with %lld bytes\n",
        data, (long long)findings.n, (long long)seen.schema_version, (long long)seen.runs,
        (long long)seen.journal_entries, (long long)seen.files, (long long)seen.file_bytes);
    return exit_with(&findings);
}

const CliCommand command_backup = {
    .name = "backup",
    .summary = "copy the data directory, while the server runs",
    .help = "usage: clerkwork backup FOLDER [--data DIR]\n\n"
            "Writes a whole copy of a data directory, as of one moment, to a folder that is not there yet. A server "
            "may be\n"
            "running on the directory and goes on meanwhile. The folder gets its name when all is on disk, so a backup "
            "that\n"
            "was interrupted is never taken for one.\n\n"
            "  clerkwork backup /backup/clerkwork-2026-11-25 --data /var/lib/clerkwork\n\n"
            "The key of connections' credentials (credentials.key) is not copied: keep it elsewhere.\n\n"
            "Files whose bytes are damaged or gone are told, and the rest is copied. A PostgreSQL database is backed "
            "up with\n"
            "its own tools.\n\n"
            "Exit code: 0 done, 1 no backup was made, 3 it was made, and some files are not sound.\n",
    .run = run_backup,
};

const CliCommand command_restore = {
    .name = "restore",
    .summary = "make a data directory of a backup",
    .help = "usage: clerkwork restore BACKUP --data DIR [--go-on]\n\n"
            "Makes the data directory, which must not be there yet or be empty. The backup stays as it is.\n\n"
            "  clerkwork restore /backup/clerkwork-2026-11-25 --data /var/lib/clerkwork\n\n"
            "What happened after the backup is not known to it: runs that were under way then may have ended since, "
            "with all\n"
            "they do in the world. So they stop at the first start, with that reason, and times of schedules that have "
            "passed\n"
            "are noted as missed. Open questions stay open. With --go-on everything goes on by itself: for moving to "
            "another\n"
            "machine, when the server had stopped before the backup was taken.\n\n"
            "Exit code: 0 done, 1 nothing was restored, 3 it was, and some files are not sound.\n",
    .run = run_restore,
};

const CliCommand command_verify = {
    .name = "verify",
    .summary = "look whether all that is stored is sound",
    .help = "usage: clerkwork verify [--data DIR] [--database URL]\n\n"
            "Looks at everything in a data directory or a backup: the structure of the database, that what belongs "
            "together is\n"
            "there, the checksums of all journals, the bytes of all files. A server may be running on it.\n\n"
            "  clerkwork verify --data /var/lib/clerkwork\n\n"
            "Each problem is a line on standard error. Of a PostgreSQL database the structure is not looked at: "
            "pg_amcheck\n"
            "does that.\n\n"
            "Exit code: 0 all is sound, 1 it could not be looked at, 3 there are problems.\n",
    .run = run_verify,
};
