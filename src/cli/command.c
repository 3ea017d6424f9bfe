/* cli/command.c: what all commands share: refusing, and reading their options. */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int command_failed(const char *name, const Error *err)
{
    if (err->field[0])
        fprintf(stderr, "clerkwork %s: %s: %s\n", name, err->field, err->message);
    else
        fprintf(stderr, "clerkwork %s: %s\n", name, err->message);
    return EXIT_FAILED;
}

const char *command_database(void)
{
    const char *said = getenv("CLERKWORK_DATABASE");
    return said ? said : "";
}

int command_usage(const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "clerkwork %s: ", name);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\nSee `clerkwork %s --help`.\n", name);
    va_end(args);
    return EXIT_USAGE;
}

static const CliOption *find_option(const CliOption *options, size_t n, const char *name, size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0)
            return &options[i];
    return NULL;
}

static void take_value(const CliOption *option, const char *value)
{
    if (option->repeat)
        option->repeat[(*option->n_repeat)++] = value;
    else
        *option->value = value;
}

bool cli_options(int argc, char **argv, const CliOption *options, size_t n_options, const char **operands, int *out_n)
{
    int n = 0;
    bool only_operands = false;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            operands[n++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_operands = true;
            continue;
        }
        const char *name = word + (word[1] == '-' ? 2 : 1), *equals = strchr(name, '=');
        size_t len = equals ? (size_t)(equals - name) : strlen(name);
        const CliOption *option = find_option(options, n_options, name, len);
        if (!option) {
            command_usage(argv[0], "there is no option %.*s", (int)(len + (size_t)(name - word)), word);
            return false;
        }
        if (option->flag) {
            if (equals) {
                command_usage(argv[0], "--%s takes no value", option->name);
                return false;
            }
            *option->flag = true;
        } else if (equals) {
            take_value(option, equals + 1);
        } else if (i + 1 < argc) {
            take_value(option, argv[++i]);
        } else {
            command_usage(argv[0], "--%s needs a value", option->name);
            return false;
        }
    }
    operands[n] = NULL;
    *out_n = n;
    return true;
}
