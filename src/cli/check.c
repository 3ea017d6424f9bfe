/* cli/check.c: what is wrong with an automation, all of it at once. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/source.h"

static void print_json(const Source *source, const Program *program)
{
    AUTO(buf_done)
    Buf text = {0};
    JsonOut out = json_out(&text);
    json_open_object(&out);
    json_member_str(&out, S("file"), source->name);
    json_key(&out, S("valid"));
    json_bool(&out, program->diagnostics.n_errors == 0);
    json_key(&out, S("diagnostics"));
    json_open_array(&out);
    for (uint32_t i = 0; i < program->diagnostics.count; i++)
        diagnostic_to_json(&out, &program->diagnostics.items[i]);
    json_close_array(&out);
    json_close_object(&out);
    buf_char(&text, '\n');
    (void)fwrite(text.data, 1, text.len, stdout);
}

static int check_file(const char *path, bool spy, bool json)
{
    AUTO(arena_done)
    Arena arena = {0};
    Error err = {0};
    Source source;
    Program *program = NULL;
    if (!source_load(&arena, path, spy, &source, &program, &err))
        return command_failed("check", &err);
    if (json)
        print_json(&source, program);
    else
        (void)source_report(&source, program);
    return program->diagnostics.n_errors ? EXIT_PROBLEMS : EXIT_DONE;
}

static int run_check(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char **files = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    bool json = false, spy = false;
    int n_files = 0, worst = EXIT_DONE;
    const CliOption options[] = {{.name = "json", .flag = &json}, {.name = "spy", .flag = &spy}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), files, &n_files))
        return EXIT_USAGE;
    if (n_files == 0)
        return command_usage("check", "name the file to check");
    for (int i = 0; i < n_files; i++) {
        int status = check_file(files[i], spy, json);
        /* A file that cannot be read weighs more than one with problems. */
        if (worst == EXIT_DONE || status == EXIT_FAILED)
            worst = status;
    }
    return worst;
}

const CliCommand command_check = {
    .name = "check",
    .summary = "say what is wrong with an automation, with place and hint",
    .help =
        "usage: clerkwork check [--json] [--spy] FILE ...\n"
        "\n"
        "Reads automations and reports every problem at once: file, line, column, what was found, what would be "
        "right.\n"
        "Files that end in .spy or .py are read as SPy, all others as English; - is standard input.\n"
        "\n"
        "  clerkwork check invoices.english\n"
        "  clerkwork check --json invoices.english     one JSON object a file: {file, valid, diagnostics}\n"
        "  clerkwork check --spy - < invoices          SPy from standard input\n"
        "\n"
        "Exit code: 0 nothing wrong (warnings are printed), 1 a file cannot be read, 3 an automation has problems.\n",
    .run = run_check,
};
