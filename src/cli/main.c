/* cli/main.c: finds the command and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const CliCommand *const commands[] = {
    &command_serve,   &command_setup,   &command_token,  &command_connection, &command_backup,
    &command_restore, &command_move,    &command_verify, &command_replay,     &command_check,
    &command_format,  &command_show,    &command_run,    &command_test,       &command_simulate,
    &command_books,   &command_explain, &command_lsp,    &command_version,
};

static int print_overview(FILE *out)
{
    fputs("Clerkwork runs automations that are written in plain English.\n\n"
          "usage: clerkwork COMMAND [ARGUMENT ...]\n\n",
          out);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nBegin here:\n"
          "  clerkwork check invoices.english                 does it make sense?\n"
          "  clerkwork run invoices.english --input \"invoice file=@invoices.csv\"\n"
          "  clerkwork test cases                             does it still do what it did?\n"
          "  clerkwork simulate cases                         does it do so while the power goes?\n"
          "  clerkwork setup --data ./data                    makes an organization, a workspace, a user and a token\n"
          "  clerkwork serve --data ./data                    the server, on http://127.0.0.1:8080\n\n"
          "`clerkwork COMMAND --help` tells more about each.\n",
          out);
    return out == stdout ? EXIT_DONE : EXIT_USAGE;
}

static int print_help(const CliCommand *command)
{
    AUTO(buf_done)
    Buf text = {0};
    buf_str(&text, str_from_c(command->help));
    if (command->help_table)
        command->help_table(&text);
    (void)fwrite(text.data, 1, text.len, stdout);
    return EXIT_DONE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static const CliCommand *find_command(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int run_command(const CliCommand *command, int argc, char **argv)
{
    if (!asks_for_help(argc, argv))
        return command->run(argc, argv);
    return print_help(command);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return print_overview(stderr);
    const char *name = argv[1];
    bool help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0;
    if (help && argc == 2)
        return print_overview(stdout);
    if (help)
        name = argv[2];
    if (strcmp(name, "--version") == 0)
        name = "version";
    const CliCommand *command = find_command(name);
    if (!command) {
        fprintf(stderr, "clerkwork: there is no command \"%s\"\n\n", name);
        return print_overview(stderr);
    }
    if (!help)
        return run_command(command, argc - 1, argv + 1);
    return print_help(command);
}
