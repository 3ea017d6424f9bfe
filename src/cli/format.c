/* cli/format.c: an automation as it is printed. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/source.h"

static int format_file(const char *path, bool spy, bool check, bool write)
{
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Source source;
    Program *program = NULL;
    if (!source_load(&arena, path, spy, &source, &program, &err))
        return command_failed("format", &err);
    if (!source_report(&source, program))
        return EXIT_PROBLEMS;
    Str formatted = source.spelling == SPELLING_SPY ? program->spy : program->english;
    bool same = str_eq(formatted, source.text);
    if (check && !same)
        fprintf(stderr, "%s is not formatted: run `clerkwork format --write %s`\n", path, path);
    if (check)
        return same ? EXIT_DONE : EXIT_PROBLEMS;
    if (!write)
        return formatted.len == 0 || fwrite(formatted.data, 1, formatted.len, stdout) == formatted.len ? EXIT_DONE
                                                                                                       : EXIT_FAILED;
    return same || replace_whole_file(&arena, path, formatted, &err) ? EXIT_DONE : command_failed("format", &err);
}

static int run_format(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char **files = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    bool check = false, write = false, spy = false;
    int n_files = 0, worst = EXIT_DONE;
    const CliOption options[] = {
        {.name = "check", .flag = &check}, {.name = "write", .flag = &write}, {.name = "spy", .flag = &spy}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), files, &n_files))
        return EXIT_USAGE;
    if (n_files == 0)
        return command_usage("format", "name the file to format");
    if (check && write)
        return command_usage("format", "--check and --write exclude each other");
    for (int i = 0; i < n_files; i++) {
        if (write && strcmp(files[i], "-") == 0)
            return command_usage("format", "standard input cannot be written to");
        int status = format_file(files[i], spy, check, write);
        worst = MAX_OF(worst, status);
    }
    return worst;
}

const CliCommand command_format = {
    .name = "format",
    .summary = "print an automation in its usual form",
    .help = "usage: clerkwork format [--check | --write] [--spy] FILE ...\n"
            "\n"
            "Prints automations as the server would: one sentence a line, two spaces for blocks, the usual wording.\n"
            "What an automation means never changes, and formatting twice changes nothing more.\n"
            "\n"
            "  clerkwork format invoices.english             to standard output\n"
            "  clerkwork format --write invoices.english     in place\n"
            "  clerkwork format --check *.english            for CI: exit code 3 when one is not formatted\n"
            "\n"
            "Exit code: 0 done, 1 a file cannot be read or written, 3 problems, or with --check: not formatted.\n",
    .run = run_format,
};
