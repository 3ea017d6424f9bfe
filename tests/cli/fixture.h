/* What the tests of src/cli share: commands called as the program calls them, with streams of their own. */
#ifndef CLERKWORK_TESTS_CLI_FIXTURE_H
#define CLERKWORK_TESTS_CLI_FIXTURE_H

#include "base/check.h"
#include "cli/command.h"

#define OUTPUT_MAX (1 << 18)

typedef struct Fixture {
    char directory[64];
    char path[256]; /* of the file last written */
    char out[OUTPUT_MAX], err[OUTPUT_MAX];
    int saved[3];
} Fixture;

int setup(void **state);
int teardown(void **state); /* removes the directory with all that is in it */

/* Gives its path; folders in the name are made. */
const char *write_file(Fixture *f, const char *name, const char *text);
/* "" when there is none. */
void read_back(const char *directory, const char *name, char *out, size_t size);
/* Runs a command with its own standard streams; what it printed is in f->out and f->err. */
int command(Fixture *f, const CliCommand *what, const char *input, const char *const *arguments);
#define COMMAND(f, what, input, ...) command(f, &what, input, (const char *const[]){__VA_ARGS__, NULL})
void assert_says(const char *text, const char *part);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
