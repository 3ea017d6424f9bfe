/* cli/test.c: finds cases, carries them out, tells which do not give what they expect. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cli/case.h"
#include "cli/command.h"
#include "cli/junit.h"

#define CASES_MAX 10000u
#define FOLDERS_DEEP_MAX 16

typedef struct Suite {
    Arena arena;
    const char **paths; /* of cases, folder by folder, in the order of their names */
    uint32_t n_paths;
    JunitCase *results;
    uint32_t n_failed, n_broken; /* broken: could not be carried out */
    bool update, quiet;
} Suite;

static void suite_done(Suite *suite)
{
    arena_done(&suite->arena);
}

/* ---- finding ---- */
static bool add_path(Suite *suite, const char *path, Error *err)
{
    if (suite->n_paths == CASES_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "", "there are more than %u cases: name a smaller folder", CASES_MAX);
    suite->paths[suite->n_paths++] = path;
    return true;
}

static bool find_cases(Suite *suite, const char *path, int depth, Error *err);

static bool find_in_folder(Suite *suite, const char *path, int depth, Error *err)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0)
        return error_set_errno(err, path);
    bool found = true;
    for (int i = 0; i < n; i++) {
        struct stat status;
        const char *name = entries[i]->d_name;
        const char *inner = str_to_c(&suite->arena, str_printf(&suite->arena, "%s/%s", path, name));
        /* Links are not followed: they could lead around in a circle. */
        if (found && name[0] != '.' && lstat(inner, &status) == 0 &&
            (S_ISDIR(status.st_mode) || (S_ISREG(status.st_mode) && str_ends(str_from_c(name), S(".case")))))
            found = find_cases(suite, inner, depth + 1, err);
        free(entries[i]);
    }
    free(entries);
    return found;
}

static bool find_cases(Suite *suite, const char *path, int depth, Error *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set(err, NOT_FOUND, "", "%s cannot be read: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return add_path(suite, path, err);
    if (depth == FOLDERS_DEEP_MAX)
        return error_set(err, RESOURCE_EXHAUSTED, "", "%s lies more than %d folders deep", path, FOLDERS_DEEP_MAX);
    return find_in_folder(suite, path, depth, err);
}

/* ---- carrying out ---- */
/* Gives what is wrong with it, to be read; "" when nothing is. */
static Str judge(Suite *suite, Arena *arena, const char *path, bool *out_broken)
{
    Error err = {0};
    Case given;
    CaseOutcome outcome;
    *out_broken = true;
    if (!case_read(arena, path, &given, &err) || !case_run(arena, &given, &outcome, &err))
        return str_printf(arena, "  %s\n", err.message);
    *out_broken = false;
    Str difference = case_difference(arena, &given, &outcome);
    if (difference.len == 0 || !suite->update)
        return difference;
    if (case_update(arena, &given, &outcome, &err)) {
        printf("updated %s\n", path);
        return S("");
    }
    *out_broken = true;
    return str_printf(arena, "  %s\n", err.message);
}

static void test_case(Suite *suite, uint32_t i)
{
    AUTO(arena_done)
    Arena arena = {0};
    bool broken = false;
    int64_t begun = clock_monotonic_us();
    Str wrong = judge(suite, &arena, suite->paths[i], &broken);
    suite->results[i] = (JunitCase){.path = str_from_c(suite->paths[i]),
                                    .wrong = str_copy(&suite->arena, str_clip(wrong, JUNIT_TEXT_MAX)),
                                    .broken = broken,
                                    .duration_us = clock_monotonic_us() - begun};
    suite->n_broken += broken;
    suite->n_failed += !broken && wrong.len > 0;
    if (wrong.len > 0)
        printf("FAIL    %s\n%.*s", suite->paths[i], STR_ARG(wrong));
    else if (!suite->quiet)
        printf("ok      %s\n", suite->paths[i]);
}

static int conclude(const Suite *suite, const char *junit)
{
    Error err = {0};
    uint32_t n_passed = suite->n_paths - suite->n_failed - suite->n_broken;
    printf("%u of %u cases passed\n", n_passed, suite->n_paths);
    if (suite->n_failed > 0)
        fputs("If what happens now is right, `clerkwork test --update` makes it what is expected.\n", stderr);
    if (junit && !junit_write(junit, suite->results, suite->n_paths, &err))
        return command_failed("test", &err);
    if (suite->n_broken > 0)
        return EXIT_FAILED;
    return suite->n_failed > 0 ? EXIT_PROBLEMS : EXIT_DONE;
}

static int run_test(int argc, char **argv)
{
    AUTO(suite_done)
    Suite suite = {0};
    Error err = {0};
    const char **operands = NEW_ARRAY(&suite.arena, const char *, (size_t)argc + 1), *junit = NULL;
    int n = 0;
    const CliOption options[] = {{.name = "update", .flag = &suite.update},
                                 {.name = "quiet", .flag = &suite.quiet},
                                 {.name = "junit", .value = &junit}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n == 0)
        return command_usage("test", "name a folder of cases, or a case");
    suite.paths = NEW_ARRAY(&suite.arena, const char *, CASES_MAX);
    for (int i = 0; i < n; i++) {
        if (!find_cases(&suite, operands[i], 0, &err))
            return command_failed("test", &err);
    }
    if (suite.n_paths == 0) {
        (void)error_set(&err, NOT_FOUND, "", "there is no case in %s: a case is a file whose name ends in .case",
                        operands[0]);
        return command_failed("test", &err);
    }
    suite.results = NEW_ARRAY(&suite.arena, JunitCase, suite.n_paths);
    for (uint32_t i = 0; i < suite.n_paths; i++)
        test_case(&suite, i);
    return conclude(&suite, junit);
}

const CliCommand command_test = {
    .name = "test",
    .summary = "carry out cases of automations and compare what comes of them",
    .help =
        "usage: clerkwork test [--update] [--quiet] [--junit FILE] FOLDER|CASE ...\n"
        "\n"
        "Carries out every case of a folder, and of the folders in it. A case is a file whose name ends in .case: "
        "above\n"
        "a line --- stands what is given, below it everything that must happen.\n"
        "\n"
        "  # An invoice without an order number is asked for.\n"
        "  run ../automation.english\n"
        "  with invoice file = @../invoices.csv\n"
        "  with tolerance = 0.05\n"
        "  ---\n"
        "  ask     Row 17 of the invoices has no purchase order number. What is it?\n"
        "  answer  use \"PO-4711\"\n"
        "  output  total to pay = 447605.35\n"
        "  end     completed\n"
        "\n"
        "Write the upper half and let --update write the lower one; where it ends with a question, add a line\n"
        "`answer  SENTENCE` below it and update again. Then read it: it is what you promise from now on. Tables and "
        "saved\n"
        "files stand in a folder beside the case, a.expected/ for a.case. Above --- may also stand\n"
        "\n"
        "  at 2026-04-14T09:00:00Z      what the clock says (otherwise 2026-01-05T09:00:00Z); waiting moves it\n"
        "  time-zone Europe/Berlin\n"
        "  read decimal comma           1.250,00 where a figure leaves it open\n"
        "  read day first               03/04/2026 is the 3rd of April\n"
        "  read twelve hours            5:30 is asked about: morning or afternoon?\n"
        "  outside GET https://shop/orders/7 = 200 @order.json    what another server answers\n"
        "\n"
        "  --update       make what happens what is expected: read the difference before you keep it\n"
        "  --quiet        tell only what fails\n"
        "  --junit FILE   also write the results as JUnit XML, for CI\n"
        "\n"
        "Nothing is written, nothing is waited for, and every run of a case gives the same.\n"
        "\n"
        "Exit code: 0 all cases passed (or are updated), 1 a case cannot be read or carried out, or there is none,\n"
        "2 the command line makes no sense, 3 a case failed.\n",
    .run = run_test,
};
