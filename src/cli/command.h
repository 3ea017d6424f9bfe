/* cli/command.h: the commands of the program, as one table.
 *
 * Exit codes: 0 done; 1 it did not work, the reason is on standard error; 2 the command line makes no sense; 3 (check,
 * run, test) the automation has problems, the run failed, or a case did. */
#ifndef CLERKWORK_CLI_COMMAND_H
#define CLERKWORK_CLI_COMMAND_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_PROBLEMS = 3 };

typedef struct CliCommand {
    const char *name;
    const char *summary;               /* one line for `clerkwork --help` */
    const char *help;                  /* the page of `clerkwork NAME --help`; teaches by example */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
    void (*help_table)(Buf *out);      /* what the page ends with and a table holds, or NULL */
} CliCommand;

extern const CliCommand command_backup, command_books, command_check, command_connection, command_explain, command_lsp,
    command_move, command_format, command_replay, command_restore, command_run, command_serve, command_setup,
    command_show, command_simulate, command_test, command_token, command_verify, command_version;

/* Says "clerkwork NAME: message" on standard error, with the field where there is one. Gives EXIT_FAILED. */
int command_failed(const char *name, const Error *err);
/* CLERKWORK_DATABASE, or "": where --database is not given. */
const char *command_database(void);
/* Says what is wrong with the command line and how to get help. Gives EXIT_USAGE. */
int command_usage(const char *name, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- arguments ---- */
/* One option of a command: `--name VALUE` or `--name=VALUE`; a flag without value when `value` is NULL. May repeat when
 * `repeat` is set. */
typedef struct CliOption {
    const char *name;
    const char **value;
    bool *flag;
    const char **repeat; /* an array of at least argc + 1 pointers */
    int *n_repeat;
} CliOption;
/* Fills in the options, collects the rest in `operands` (at least argc + 1 pointers). False after having said what is
 * wrong. */
MUST_USE bool cli_options(int argc, char **argv, const CliOption *options, size_t n_options, const char **operands,
                          int *out_n);

#endif
